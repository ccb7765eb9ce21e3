#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the commands of the host's network say without changing anything; tests/live has the rest.
hvsh=${HVSH:-./hvsh-here}
[ -e "${builddir:-.}/plugins/.libs/hostnet.so" ] || { echo 'SKIPPED: built without libmnl'; exit 77; }
status=0
says() { # STATUS TEXT URI LINE
	local output
	output=$("$hvsh" -c "$3" "$4" 2>&1 </dev/null)
	[ "$((!! $?))" = "$1" ] && grep -q -- "$2" <<<"$output" || { printf 'FAILED: %s\n%s\n' "$4" "$output"; status=1; }
}
says 0 'loopback' test:///default 'link-list'
says 0 'MTU.*Addresses' test:///default 'link-list --details'
says 0 '"mac":"' test:///default 'link-list --jsonl'
! "$hvsh" -c test:///default link-list | grep -q MTU || { echo 'FAILED: details are told that nobody asked for'; status=1; }
says 0 'Configured by' test:///default 'bridge-list'
says 0 '^ IPv4' test:///default 'forwarding status'
says 1 "no network card 'eth99'" test:///default 'bridge-create br0 --port eth99 --dry-run'
says 1 'talking to itself' test:///default 'bridge-create br0 --port lo --dry-run'
says 1 'name of a bridge' test:///default 'bridge-create a-name-that-is-too-long --dry-run'
says 1 "no bridge 'br99'" test:///default 'bridge-show br99'
says 1 "no bridge 'br99'" test:///default 'bridge-delete br99 --dry-run'
says 1 'forward delay is 2 s' test:///default 'bridge-create br99 --stp --delay 1 --dry-run'
says 0 'make the bridge br99 without a card' test:///default 'bridge-create br99 --dry-run'
says 1 "no bridge 'br99'" test:///default 'firewall-check br99'
says 1 "no bridge 'br99'" test:///default 'firewall-allow br99 --dry-run'
says 0 'put back: 0' test:///default 'bridge-reattach'
says 1 'outside the network' test:///default 'bridge-create br99 --address 192.0.2.10/24 --gateway 198.51.100.1 --dry-run'
says 1 'it is the network itself' test:///default 'bridge-create br99 --address 192.0.2.0/24 --dry-run'
says 1 "takes addresses or 'dhcp', not both" test:///default 'bridge-create br99 --address 192.0.2.10/24,dhcp --dry-run'
says 1 'the gateway comes by DHCP' test:///default 'bridge-create br99 --port lo --address dhcp --gateway 192.0.2.1 --dry-run'
says 1 'neither gateway nor DNS servers' test:///default 'bridge-create br99 --address none --dns 192.0.2.1 --dry-run'
says 1 'out of range' test:///default 'bridge-create br99 --timeout 0 --dry-run'
says 0 '  then br99 has the address 192.0.2.10/24' test:///default 'bridge-create br99 --address 192.0.2.10/24 --dry-run'
# remarks are rows of the plan
says 0 '"kind":"remark","step":null,"what":"no network manager configures br99' test:///default 'bridge-create br99 --runtime --dry-run --jsonl'
says 1 'no change' test:///default 'network-undo nosuch'
# a change is named by its beginning, when no other one begins so
HVSH_NET_STATE=$(mktemp -d) || exit 99
export HVSH_NET_STATE
trap 'rm -rf "$HVSH_NET_STATE"' EXIT
for id in 20260101-000000-br7 20260102-000000-br8; do
	mkdir "$HVSH_NET_STATE/$id"
	printf 'hvsh network plan 1\nwhat make it\nbridge %s\nhow somehow\n' "${id##*-}" >"$HVSH_NET_STATE/$id/plan"
	echo confirmed >"$HVSH_NET_STATE/$id/state"
done
says 0 '20260102-000000-br8' test:///default 'network-changes'
! "$hvsh" -c test:///default link-list 2>&1 | grep -q 'was begun' || { echo 'FAILED: a settled change is told'; status=1; }
says 1 'the change 20260102-000000-br8 is confirmed' test:///default 'network-undo 20260102'
says 1 'the change 20260101-000000-br7 is confirmed' test:///default 'network-undo 20260101-000000-br7'
says 1 "no change '2026', or more than one that begins so" test:///default 'network-undo 2026'
# one that was left in the middle is told by the first command
echo applying >"$HVSH_NET_STATE/20260102-000000-br8/state"
says 0 'change 20260102-000000-br8 of the network was begun (applying), and whoever carried it out is gone: network-undo' test:///default link-list
# the network of this machine is not that of the one which is connected to
for line in 'bridge-create br99' 'bridge-delete br99' 'firewall-allow br99' 'forwarding on' bridge-reattach 'service-start libvirtd'; do
	LIBVIRT_DEFAULT_URI=qemu+ssh://root@elsewhere:22/system "$hvsh" "$line --dry-run" 2>&1 </dev/null | grep -q 'the connection is to elsewhere' ||
		{ echo "FAILED: $line with a connection to another machine"; status=1; }
done
exit $status
