#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Bridges on a host that systemd started: the guard is a unit of systemd's, what is confirmed is there after a boot, and what is not confirmed is
# taken back after a logout, a killed guard, and a power failure.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
managers=${MANAGERS:-nm-dhcp networkd-static ifupdown-static netplan-dhcp netplannm-static}
own_network
# shellcheck disable=SC2016
state() { nh exec sh -c 'cd /var/lib/hvsh/net && cat "$(ls | sort | tail -n 1)/state"'; }
is_state() { [ "$(state)" = "$1" ]; }
open_bridge() { # open_bridge SECONDS: it waits to be confirmed
	# shellcheck disable=SC2016
	nh exec sh -c 'echo $$ >/run/shell; exec "$@"' sh "$HVSH" -c test:///default "bridge-create br0 --port nic0 --yes --confirm person --timeout $1" \
		</dev/null >"$net/out" 2>&1 &
	within 90 is_state waiting || fail "the change does not come to wait: $(cat "$net/out")"
}
# What `make install` does for the boot.
install_unit() {
	sed "s,@guard@,${HVSH%/*}/plugins/hostnet," "$top/plugins/hostnet/hvsh-net-recover.service.in" >"$net/unit" || fail 'no unit'
	nh exec sh -c 'cd /etc/systemd/system && mkdir -p sysinit.target.wants && cat >hvsh-net-recover.service &&
		ln -s ../hvsh-net-recover.service sysinit.target.wants/ && systemctl daemon-reload' <"$net/unit" || fail 'no unit'
	"$live/nethost" mark "$net"
}

for manager in $managers; do
	step "$manager"
	IFS=- read -r name address <<<"$manager"
	"$live/nethost" up "$net" "$name" "$address" boot || exit $?
	install_unit
	expect 'Bridge .br0. created' hvn 'bridge-create br0 --port nic0 --yes'
	expect 'Started hvsh-net-.*put nic0 into the new bridge br0' nh exec journalctl --no-pager -o cat -u 'hvsh-net-*'
	settled br0
	nh restart || fail 'the host does not come up again'
	settled br0
	expect 'Bridge .br0. deleted' hvn 'bridge-delete br0 --yes'
	as_before

	step "$manager: the session ends before it is confirmed"
	open_bridge 20
	nh exec sh -c 'kill -HUP $(cat /run/shell)'
	within 90 is_state undone || fail "it is not taken back: $(state)"
	as_before

	step "$manager: the guard is killed, all of it"
	open_bridge 120
	nh exec systemctl kill --signal=KILL 'hvsh-net-*.service'
	within 90 is_state undone || fail "it is not taken back: $(state)"
	as_before

	step "$manager: the power fails before it is confirmed"
	open_bridge 120
	nh restart hard || fail 'the host does not come up again'
	expect 'the host was started anew before it was confirmed' hvn network-changes
	as_before
	"$live/nethost" down "$net"
done
echo done
