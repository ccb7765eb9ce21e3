#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What goes wrong with a bridge is taken back: a wrong address, nobody who confirms, a killed shell, a killed guard, a boot in between.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
managers=${MANAGERS:-none networkd ifupdown nm netplan netplannm}
own_network
# of the last change; a look that takes no time, so that none is missed
# shellcheck disable=SC2016
state() { nh exec sh -c 'cd /var/lib/hvsh/net 2>/dev/null && cat "$(ls | sort | tail -n 1)/state"'; }
open_bridge() { # in the background, waiting to be confirmed
	hvn "bridge-create br0 --port nic0 --yes --confirm person --timeout $1" </dev/null >"$net/out" 2>&1 &
	within 60 waiting || fail "the change does not come to wait: $(cat "$net/out")"
}
waiting() { [ "$(state)" = waiting ]; }
# shellcheck disable=SC2016
states() { nh exec sh -c 'cat /var/lib/hvsh/net/*/state'; }
waiting_or_more() { states | grep -q waiting; }
undone() { [ "$(state)" = undone ]; }
guards() { pgrep -f "^[^ ]*hvsh-net-guard [a-z]* /var/lib/hvsh/net/" --ns "$(cat "$net/holder.pid")" --nslist net; }

for manager in $managers; do
	step "$manager: a gateway that does not answer"
	"$live/nethost" up "$net" "$manager" static || exit $?
	nh probe start
	refuse 'the gateway 198.51.100.9 does not answer.*as it was before' \
		hvn 'bridge-create br0 --port nic0 --address 198.51.100.77/24 --gateway 198.51.100.9 --yes'
	expect 'session alive' nh probe stop
	as_before
	refuse 'in use already, by another host' hvn 'bridge-create br0 --port nic0 --address 198.51.100.1/24 --yes'

	step "$manager: a DNS server that answers the old address only"
	nh lan nft -f - <<-'X' || fail 'no rule'
		table ip dns { chain input { type filter hook input priority 0; udp dport 53 ip saddr 198.51.100.77 drop; }; }
	X
	refuse 'the DNS server 198.51.100.1, which answered before, does not answer any more.*as it was before' \
		hvn 'bridge-create br0 --port nic0 --address 198.51.100.77/24 --gateway 198.51.100.1 --dns 198.51.100.1 --yes'
	as_before
	nh lan nft add rule ip dns input udp dport 53 drop
	expect 'DNS server 198.51.100.1 does not answer this host now.*not looked at' \
		hvn 'bridge-create br0 --port nic0 --address 198.51.100.77/24 --dns 198.51.100.1 --dry-run'
	! hvn 'bridge-create br0 --port nic0 --dry-run' | grep -q 'DNS server 198.51.100.1 is asked' || fail 'a DNS server that is mute already is judged'
	nh lan nft delete table ip dns

	step "$manager: no room for the journal"
	nh exec sh -c 'mkdir -p /run/full && mount -t tmpfs -o size=16k tmpfs /run/full && ! dd if=/dev/zero of=/run/full/rest bs=4k 2>/dev/null'
	refuse 'No space left on device; nothing was changed' nh exec env HVSH_NET_STATE=/run/full/net "$HVSH" -c test:///default \
		'bridge-create br0 --port nic0 --yes'
	expect '^$' nh changed

	step "$manager: the disk fills while it waits to be confirmed"
	nh exec sh -c 'umount /run/full && mount -t tmpfs -o size=256k tmpfs /run/full'
	small() { nh exec env HVSH_NET_STATE=/run/full/net "$HVSH" -c test:///default "$@"; }
	small 'bridge-create br0 --port nic0 --yes --confirm person --timeout 120' </dev/null >"$net/out" 2>&1 &
	within 60 nh exec sh -c 'grep -q waiting /run/full/net/*/state' || fail "the change does not come to wait: $(cat "$net/out")"
	nh exec sh -c '! dd if=/dev/zero of=/run/full/rest bs=1k 2>/dev/null'
	expect '' small network-confirm
	nh check br0 || fail 'what was confirmed is not there'
	refuse 'No space left on device; nothing was changed' small 'bridge-delete br0 --yes'
	nh exec rm /run/full/rest
	expect deleted small 'bridge-delete br0 --yes'
	nh exec umount /run/full
	as_before

	step "$manager: whoever is not root"
	user() { nh exec setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/nonexistent "$HVSH" -c test:///default "$@"; }
	refuse "only root may change this machine's network" user 'bridge-create br0 --port nic0 --yes'
	for line in network-changes network-undo network-confirm 'bridge-delete br0 --dry-run'; do
		refuse "changes of this machine's network cannot be read: Permission denied" user "$line"
	done
	expect '^$' nh changed

	step "$manager: nobody confirms, the shell is killed, and the guard is asked to end"
	open_bridge 8
	pkill -KILL --ns "$(cat "$net/holder.pid")" --nslist net -f '^[^ ]*/hvsh .*bridge-create'
	guards | xargs kill -TERM
	guards | xargs kill -QUIT
	within 90 undone || fail "it is not taken back: $(state)"
	as_before

	step "$manager: confirmed from elsewhere, and undone from elsewhere"
	open_bridge 120
	nh check br0 || fail 'the bridge does not work while it waits'
	refuse 'still open' hvn 'bridge-create br1 --port nic1 --yes'
	expect '' hvn network-undo
	as_before
	open_bridge 120
	expect '' hvn network-confirm
	nh check br0 || fail 'what was confirmed is not there'
	expect deleted hvn 'bridge-delete br0 --yes'
	as_before

	step "$manager: confirmed when nobody works on it any more"
	open_bridge 120
	pkill -KILL --ns "$(cat "$net/holder.pid")" --nslist net -f '^[^ ]*/hvsh .*bridge-create'
	# the parent first: it would take over
	guards | sort -n | xargs kill -KILL
	expect 'whoever carried it out is gone: network-undo takes it back, network-confirm keeps it' hvn link-list
	expect '' hvn network-confirm
	nh check br0 || fail 'what was confirmed is not there'
	expect deleted hvn 'bridge-delete br0 --yes'
	as_before

	step "$manager: two at the same moment"
	for n in 0 1; do hvn "bridge-create br$n --port nic$n --yes --confirm person --timeout 91" </dev/null >"$net/out$n" 2>&1 & done
	within 60 waiting_or_more || fail 'neither comes to wait'
	within 60 sh -c "grep -Eq 'another change of the network is being made|an earlier change of the network is still open' '$net'/out?" ||
		fail "both are carried out: $(cat "$net"/out?)"
	[ "$(states | grep -c waiting)" = 1 ] || fail "not one is carried out: $(states)"
	expect '' hvn network-undo
	as_before

	step "$manager: a person at the prompt says no, then yes"
	lab=$net
	terminal "$live/nethost" exec "$net" env XDG_STATE_HOME="$net" "$HVSH" -c test:///default
	type_keys 'bridge-create br0 --port nic0 --yes --timeout 91\n'
	await_screen 60 'Press ENTER within 91 s'
	type_keys 'no\n'
	await_screen 60 'it was not confirmed; everything is as it was before'
	as_before
	type_keys 'bridge-create br0 --port nic0 --yes --timeout 92\n'
	await_screen 60 'Press ENTER within 92 s'
	type_keys '\n'
	await_screen 60 "Bridge 'br0' created"
	type_keys 'bridge-delete br0 --yes --confirm checks\n'
	await_screen 60 "Bridge 'br0' deleted"
	type_keys 'quit\n'
	await_end 60 || fail 'the shell does not end well'
	as_before

	step "$manager: the guard's worker is killed, then all of it"
	open_bridge 120
	guards | sort -n | tail -n 1 | xargs kill -KILL
	within 90 undone || fail "it is not taken back: $(state)"
	as_before
	open_bridge 120
	guards | xargs kill -KILL
	within 90 undone || fail "it is not taken back: $(state)"
	as_before

	if [ "$manager" = nm ]; then
		step "$manager: someone else is changing the network"
		expect created hvn 'bridge-create br0 --port nic0 --yes'
		checkpoint=$(nh exec busctl call org.freedesktop.NetworkManager /org/freedesktop/NetworkManager org.freedesktop.NetworkManager \
			CheckpointCreate aouu 0 60 0 | cut -d '"' -f 2)
		busy='another program is changing the network: its checkpoint of NetworkManager \(.*br0.*, made [0-9]+ s ago\).* in [1-6][0-9]? s unless'
		refuse "$busy" hvn 'bridge-delete br0 --yes'
		expect "not now: $busy" hvn 'bridge-delete br0 --dry-run'
		nh check br0 || fail 'the bridge is not as it was'
		expect '' nh exec busctl call org.freedesktop.NetworkManager /org/freedesktop/NetworkManager org.freedesktop.NetworkManager \
			CheckpointDestroy o "$checkpoint"
		expect deleted hvn 'bridge-delete br0 --yes'
		as_before

		step "$manager: NetworkManager dies, and nobody is there to bring it back"
		open_bridge 8
		pkill -KILL --ns "$(cat "$net/holder.pid")" --nslist net -x NetworkManager
		pkill -KILL --ns "$(cat "$net/holder.pid")" --nslist net -f '^[^ ]*/hvsh .*bridge-create'
		within 90 undone || fail "it is not taken back: $(state)"
		as_before
		refuse 'NetworkManager, which configures nic0, does not run' hvn 'bridge-create br0 --port nic0 --yes'
		nh restart || fail 'the host does not come up again'
		as_before
	fi

	if [ "$manager" = ifupdown ]; then
		step "$manager: the way up loses the DNS server"
		# shellcheck disable=SC2016
		nh exec sh -c 'cp /etc/network/interfaces /run/kept && cat >>/etc/network/interfaces' <<-'X'
				up sed -n 's/^SigIgn:[[:space:]]*//p' /proc/self/status >/run/deaf-to
				up test $IFACE = nic0 && echo nameserver 198.51.100.1 >/etc/resolv.conf || : >/etc/resolv.conf
		X
		"$live/nethost" mark "$net"
		refuse 'the DNS server 198.51.100.1, which answered before, is not asked any more' hvn 'bridge-create br0 --port nic0 --yes'
		as_before
		# a daemon that ifup leaves behind ends when it is asked to: neither HUP, INT, QUIT, PIPE nor TERM is ignored
		(( (0x$(nh exec cat /run/deaf-to) & 0x5007) == 0 )) || fail 'what the manager starts does not hear signals'
		nh exec cp /run/kept /etc/network/interfaces
		"$live/nethost" mark "$net"
	fi

	if [ "$manager" != none ]; then
		step "$manager: a boot in between"
		open_bridge 120
		nh exec true
		pkill -KILL --ns "$(cat "$net/holder.pid")" --nslist net -f '^[^ ]*/hvsh .*bridge-create'
		guards | xargs kill -KILL
		# what the unit does before the network comes up
		expect 'taken back' nh exec "${HVSH%/*}/plugins/hostnet/hvsh-net-guard" recover boot
		expect '^$' nh changed
		nh restart || fail 'the host does not come up again'
		as_before
	fi
	"$live/nethost" down "$net"
done
echo done
