#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A bridge under each network manager: previewed without a trace, made without losing the session or the lease, there after a boot, and
# deleted so that every file has its old bytes.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
managers=${MANAGERS:-none-static networkd-static networkd-dhcp ifupdown-static ifupdown-dhcp nm-static nm-dhcp netplan-static netplan-dhcp
	netplannm-static netplannm-dhcp networkd-dhcp-udev ifupdown-dhcp-udev nm-dhcp-udev netplannm-dhcp-udev}
own_network
machine=$(ip -o addr | sed 's/_lft [0-9a-z]*//g'; ip route)
all_well() { nh check "$@" || fail "$1 is not as it should be ($manager)"; }

for manager in $managers; do
	step "$manager"
	IFS=- read -r name address udev <<<"$manager"
	"$live/nethost" up "$net" "$name" "$address" $udev || exit $?
	all_well nic0
	expect 'put nic0 into the new bridge br0' hvn 'bridge-create br0 --port nic0 --dry-run'
	expect 'then the DNS server 198\.51\.100\.1 is asked as before, and answers' hvn 'bridge-create br0 --port nic0 --dry-run'
	expect '^$' nh changed
	nh exec test ! -e /var/lib/hvsh || fail 'a preview wrote a journal'

	nh probe start
	expect "Bridge 'br0' created" hvn 'bridge-create br0 --port nic0 --yes'
	expect 'session alive' nh probe stop
	all_well br0
	expect "Bridge 'br0' is there already" hvn 'bridge-create br0 --port nic0 --yes'
	expect '"ports":"nic0"' hvn 'bridge-list --json'
	if [ "$name" != none ]; then
		nh restart || fail 'the host does not come up again'
		settled br0
	fi

	nh probe start
	expect "Bridge 'br0' deleted" hvn 'bridge-delete br0 --yes'
	expect 'session alive' nh probe stop
	as_before
	if [[ $manager = *-static ]]; then
		step "$manager: addresses and DNS servers of its own"
		noted='does not run|not installed|no manager keeps'
		[[ $name != nm && $name != netplannm ]] || noted='198.51.100.53 does not answer this host now'
		expect "$noted" hvn "bridge-create br0 --port nic0 --address 198.51.100.77/24,2001:db8:7::7/64 --gateway 198.51.100.1 \
--dns 198.51.100.1,198.51.100.53 --search lan.test --yes"
		within 30 nh check br0 198.51.100.77
		nh check br0 198.51.100.77 || fail "br0 is not as it was wished ($manager)"
		expect '2001:db8:7::7/64' nh exec ip -6 addr show br0
		[ "$noted" = "${noted#198}" ] || expect 'nameserver 198.51.100.53' nh exec cat /etc/resolv.conf
		expect "Bridge 'br0' deleted" hvn 'bridge-delete br0 --yes'
		as_before

		step "$manager: no address at all, for guests only"
		expect "Bridge 'br0' created" hvn 'bridge-create br0 --port nic0 --address none --yes'
		# the LAN's router advertises every four seconds
		sleep 5
		[ "$name" = netplannm ] || expect '^$' nh exec ip -6 addr show br0 scope global
		expect '^$' nh exec ip -4 addr show br0
		nh lan ping -c 1 -W 1 198.51.100.10 && fail 'the host has its address still'
		expect "Bridge 'br0' deleted" hvn 'bridge-delete br0 --yes'
		as_before
	fi

	case $manager in
	none-static | networkd-static | ifupdown-static)
		step "$manager: a second IPv6 gateway, which the kernel makes one route of with the first"
		wish='br0 nic0 --address 198.51.100.10/24,fd00:c633:64::77/64 --gateway 198.51.100.1,fd00:c633:64::1 --yes'
		expect "Bridge 'br0' created" hvn "bridge-create $wish"
		nh exec ip -6 route append default via fd00:c633:64::2 dev br0 metric 1024 || fail 'no second gateway'
		expect 'Gateway .* fd00:c633:64::2' hvn 'bridge-show br0'
		expect "Bridge 'br0' is there already" hvn "bridge-create $wish"
		expect "Bridge 'br0' deleted" hvn 'bridge-delete br0 --yes'
		as_before

		step "$manager: an advertised route that is quicker than the gateway that was asked for"
		nh exec bash -c 'end=$((SECONDS + 6)); until ip -6 route add default via fe80::77 dev br0 proto ra metric 1024 2>/dev/null; do
			[ $SECONDS -lt $end ] || exit 0; done' &
		expect "Bridge 'br0' created" hvn "bridge-create $wish"
		wait $!
		expect 'via fd00:c633:64::1 dev br0' nh exec ip -6 route show default
		expect "Bridge 'br0' deleted" hvn 'bridge-delete br0 --yes'
		as_before

		step "$manager: a bridge without a card"
		expect "Bridge 'br5' created" hvn 'bridge-create br5 --address 192.0.2.1/24 --yes'
		expect 'inet 192.0.2.1/24' nh exec ip addr show br5
		expect "Bridge 'br5' is there already" hvn 'bridge-create br5 --address 192.0.2.1/24 --yes'
		refuse 'the bridge br5 is there already, but it has not the address 192.0.2.2/24' hvn 'bridge-create br5 --address 192.0.2.2/24 --yes'
		expect "Bridge 'br5' deleted" hvn 'bridge-delete br5 --yes'
		expect '^$' nh changed ;;
	esac
	"$live/nethost" down "$net"
done
[ "$machine" = "$(ip -o addr | sed 's/_lft [0-9a-z]*//g'; ip route)" ] || fail 'the machine is not as it was'
echo done
