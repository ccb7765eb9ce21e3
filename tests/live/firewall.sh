#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Firewalls in the way of a guest on a bridge: firewall-check says what the packets themselves say, firewall-allow lets them pass, and is taken
# back.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
own_network
leave_network() {
	[ ! -s "$net/guest.pid" ] || kill "$(cat "$net/guest.pid")" 2>/dev/null
	"$live/nethost" down "$net"
}

# A guest as the network sees it: a namespace with one end of a cable whose other end is a port of br0.
guest() { nsenter -t "$(cat "$net/guest.pid")" -n "$@"; }
add_guest() {
	nsenter -t "$(cat "$net/holder.pid")" -m -n -u unshare -n sleep 300 </dev/null >/dev/null 2>&1 &
	echo $! >"$net/guest.pid"
	within 20 sh -c "[ \"\$(readlink /proc/$!/ns/net)\" != \"\$(readlink /proc/$(cat "$net/holder.pid")/ns/net)\" ] && grep -q sleep /proc/$!/comm" ||
		fail 'no guest'
	nh exec ip link add vnet0 master br0 type veth peer name eth0
	nh exec ip link set vnet0 up
	nh exec ip link set eth0 netns "$(cat "$net/guest.pid")"
	guest ip link set eth0 up
	guest ip addr add 198.51.100.50/24 dev eth0
	within 20 guest ping -c 1 -W 1 198.51.100.1 || fail 'the guest does not reach the LAN without a firewall'
}
# packets pass|dropped [BY]: so say the packets, the command, and host-check
packets() {
	if [ "$1" = pass ]; then
		within 20 guest ping -c 1 -W 1 198.51.100.1 || fail 'the guest does not reach the LAN'
	else
		! guest ping -c 2 -i 0.3 -W 1 198.51.100.1 >"$net/ping.guest" 2>&1 || fail 'the guest reaches the LAN'
	fi
	expect "\"guests\":\"$1\"${2:+,\"by\":\"$2}" hvn 'firewall-check br0 --jsonl'
	case $1 in
	pass) expect '^pass|^note .* a new bridge will be dropped' hvn 'host-check --check net-bridge-filter' ;;
	*) expect "^warn .* dropped on br0 by ${2:-}" hvn 'host-check --check net-bridge-filter' ;;
	esac
}
last_change() { hvn 'network-changes --jsonl' | tail -n 1 | sed 's/.*"id":"\([^"]*\)".*/\1/'; }
take_back() { expect '' hvn "network-undo $(last_change)"; }

step 'no firewall'
"$live/nethost" up "$net" nm static firewalld || exit $?
nh exec test -e /proc/sys/net/bridge/bridge-nf-call-iptables || skip 'this kernel has no br_netfilter'
nh exec sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0
expect created hvn 'bridge-create br0 --port nic0 --yes'
nh exec sysctl -qw net.bridge.bridge-nf-call-iptables=1
nh exec iptables -P FORWARD DROP
expect deleted hvn 'bridge-delete br0 --yes'
expect 'dropped by ip filter FORWARD .policy.: firewall-allow br0' hvn 'bridge-create br0 --port nic0 --yes'
nh exec iptables -P FORWARD ACCEPT
nh exec sysctl -qw net.bridge.bridge-nf-call-iptables=0
"$live/nethost" mark "$net"
add_guest
packets pass
expect 'Packets of guests on .br0. pass' hvn 'firewall-allow br0'
expect '^$' nh changed

step 'a policy of drop, and nobody who needs br_netfilter'
nh exec sysctl -qw net.bridge.bridge-nf-call-iptables=1
nh exec iptables -P FORWARD DROP
packets dropped 'ip filter FORWARD .policy.'
expect 'bridge-nf-call-iptables = 0 .is 1' hvn 'firewall-allow br0 --dry-run'
expect '^$' nh changed
expect pass hvn 'firewall-allow br0'
packets pass
expect 'sysctl.d/90-hvsh-bridge.conf' nh changed
take_back
packets dropped
expect '^$' nh changed

step 'docker'
nh exec iptables -N DOCKER-USER
nh exec iptables -A FORWARD -j DOCKER-USER
expect pass hvn 'firewall-allow br0'
packets pass
expect '-A DOCKER-USER -i br0 -o br0 -j ACCEPT' nh exec iptables -S
expect 'docker.service.d/hvsh-br0-iptables.conf' nh changed
take_back
packets dropped
expect '^$' nh changed
expect 'would net-bridge-filter: firewall-allow br0' hvn 'host-check --fix net-bridge-filter --dry-run'
expect '^$' nh changed
expect '^note +net-bridge-filter .* a new bridge will be dropped' hvn 'host-check --fix net-bridge-filter --yes'
packets pass
take_back
nh exec iptables -F
nh exec iptables -P FORWARD ACCEPT
packets pass

if nh exec sh -c 'command -v iptables-legacy' >/dev/null; then
	step 'iptables as it was before nftables'
	nh exec iptables-legacy -P FORWARD DROP
	nh exec iptables-legacy -A FORWARD ! -i br0 -j ACCEPT
	packets dropped 'legacy ip filter FORWARD .policy.'
	nh exec iptables-legacy -N OWN
	nh exec iptables-legacy -A FORWARD -m comment --comment 'of ours' -m physdev --physdev-is-bridged -g OWN
	nh exec iptables-legacy -A OWN -d 192.0.2.1 -j DROP
	nh exec iptables-legacy -A OWN -i br+ -j LOG
	packets dropped 'legacy ip filter FORWARD .policy.'
	nh exec iptables-legacy -A OWN -i br+ -o br0 -j ACCEPT
	packets pass
	nh exec iptables-legacy -I OWN -j REJECT
	packets dropped 'legacy ip filter OWN .a rule.'
	nh exec iptables-legacy -F
	nh exec iptables-legacy -X OWN
	nh exec iptables-legacy -P FORWARD ACCEPT
	packets pass
else
	echo 'iptables-legacy is not installed: its tables are not tried'
fi

step "a zone of firewalld's that does not forward"
expect success nh exec firewall-cmd --zone=public --remove-forward
packets dropped 'inet firewalld'
expect 'zone public forward within itself' hvn 'firewall-allow br0 --dry-run'
expect pass hvn 'firewall-allow br0'
packets pass
take_back
packets dropped
expect '^$' nh changed
refuse "no zone 'nosuch'" hvn 'firewall-allow br0 --zone nosuch'
expect pass hvn 'firewall-allow br0 --zone trusted'
expect 'trusted' nh exec firewall-cmd --get-zone-of-interface=br0
nh exec grep -qx zone=trusted /etc/NetworkManager/system-connections/br0.nmconnection || fail 'the profile has no zone'
packets pass
take_back
expect '^public' nh exec firewall-cmd --get-zone-of-interface=br0
packets dropped
expect success nh exec firewall-cmd --zone=public --add-forward

step 'tables of its own'
nh exec iptables -X DOCKER-USER
nh exec nft -f - <<'X'
table inet own {
	chain relay {
		type filter hook forward priority 5; policy drop;
		ct state established,related accept
		iifname "br1" accept
	}
}
X
packets dropped 'inet own relay .policy.'
nh exec nft 'add rule inet own relay iifname "br0" oifname "br*" accept'
packets pass
nh exec nft flush chain inet own relay
nh exec iptables -N KUBE-FORWARD
refuse 'dropped by inet own relay .policy., which this command does not keep' hvn 'firewall-allow br0'
nh exec nft delete table inet own
nh exec nft -f - <<'X'
table bridge own {
	chain relay { type filter hook forward priority 0; policy drop; }
}
X
packets dropped 'bridge own relay .policy.'
refuse 'a table for bridges that someone made on purpose' hvn 'firewall-allow br0'
refuse "no bridge 'nosuch'" hvn 'firewall-check nosuch'
echo done
