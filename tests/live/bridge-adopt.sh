#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A bridge that is there already: an empty one of the same manager takes the card, and is left as it was; all others are refused.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
managers=${MANAGERS:-none-static networkd-static networkd-dhcp nm-static nm-dhcp ifupdown-static netplan-static}
own_network
empty_bridge() { # as an administrator makes one for guests among themselves
	case $name in
	none) nh exec ip link add br0 type bridge ;;
	networkd) nh exec sh -c 'cd /etc/systemd/network && printf "[NetDev]\nName=br0\nKind=bridge\n" >20-br0.netdev &&
		printf "[Match]\nName=br0\n[Network]\nLinkLocalAddressing=no\nConfigureWithoutCarrier=yes\n" >20-br0.network && networkctl reload' ;;
	nm) nh exec nmcli connection add type bridge ifname br0 con-name guests bridge.stp no ipv4.method disabled ipv6.method disabled ;;
	ifupdown) nh exec sh -c 'printf "\nauto br0\niface br0 inet manual\n\tbridge_ports none\n" >>/etc/network/interfaces && ifup br0' ;;
	netplan) nh exec sh -c 'cd /etc/netplan && printf "network:\n  bridges:\n    br0:\n      link-local: []\n" >02-br0.yaml &&
		chmod 600 02-br0.yaml && netplan generate && networkctl reload' ;;
	esac || fail 'no bridge can be made'
	within 20 ready || fail "$name does not configure the bridge"
	nh mark
}
ready() {
	case $name in
	nm) nh exec nmcli -t -f GENERAL.STATE device show br0 | grep -q '(connected)' ;;
	networkd | netplan) nh exec networkctl --no-legend list br0 | grep -q configured ;;
	*) nh exec test -e /sys/class/net/br0 ;;
	esac
}

for manager in $managers; do
	step "$manager"
	IFS=- read -r name address <<<"$manager"
	"$live/nethost" up "$net" "$name" "$address" || exit $?
	settled nic0
	empty_bridge
	case $name in
	ifupdown | netplan)
		refuse "the bridge br0 is there already, and this command cannot put a card into a bridge of $name" hvn 'bridge-create br0 nic0 --yes'
		as_before
		"$live/nethost" down "$net"
		continue ;;
	esac
	expect 'put nic0 into the existing bridge br0' hvn 'bridge-create br0 nic0 --dry-run'
	expect '^$' nh changed
	nh probe start
	expect "Card 'nic0' put into bridge 'br0'" hvn 'bridge-create br0 nic0 --yes'
	expect 'session alive' nh probe stop
	settled br0
	expect "Bridge 'br0' is there already" hvn 'bridge-create br0 nic0 --yes'
	refuse 'there already with nic0, but it has not the address 198.51.100.99/24' hvn 'bridge-create br0 nic0 --address 198.51.100.99/24 --yes'
	refuse 'the bridge br0 is there already, with nic0 in it' hvn 'bridge-create br0 nic1 --yes'
	if [ "$name" != none ]; then
		nh restart || fail 'the host does not come up again'
		settled br0
	fi
	nh probe start
	expect "Card 'nic0' taken out of bridge 'br0', which was there before" hvn 'bridge-delete br0 --yes'
	expect 'session alive' nh probe stop
	as_before

	step "$manager: what goes wrong is taken back"
	refuse 'the gateway 198.51.100.9 does not answer.*as it was before' \
		hvn 'bridge-create br0 --port nic0 --address 198.51.100.77/24 --gateway 198.51.100.9 --yes'
	as_before

	step "$manager: a card that has nothing joins the bridge as it is"
	expect "Card 'nic1' put into bridge 'br0'" hvn 'bridge-create br0 nic1 --yes'
	nh exec test -e /sys/class/net/br0/brif/nic1 || fail 'nic1 is no port'
	expect "Card 'nic1' taken out of bridge 'br0'" hvn 'bridge-delete br0 --yes'
	as_before

	step "$manager: guests on it stay"
	# what libvirt leaves of a guest's interface
	nh exec sh -c 'mkdir -p /run/libvirt/qemu && cat >/run/libvirt/qemu/web.xml &&
		ip tuntap add vnet7 mode tap && ip link set vnet7 master br0 up' <<-'X' || fail 'no interface can be made'
		<domstatus><domain><name>web</name><devices><interface type='bridge'><source bridge='br0'/><target dev='vnet7'/></interface></devices></domain></domstatus>
	X
	expect "Card 'nic0' put into bridge 'br0'" hvn 'bridge-create br0 nic0 --yes'
	nh exec test -e /sys/class/net/br0/brif/vnet7 || fail 'the guest has left the bridge'
	refuse 'in use by vnet7 of web' hvn 'bridge-delete br0 --yes'
	nh exec sh -c 'ip link del vnet7; rm /run/libvirt/qemu/web.xml'
	expect "Card 'nic0' taken out of bridge 'br0'" hvn 'bridge-delete br0 --yes'
	as_before

	step "$manager: bridges of others"
	if [ "$name" = none ]; then
		nh exec ip addr add 192.0.2.1/24 dev br0
		refuse 'the bridge br0 is there already, and has the address 192.0.2.1/24' hvn 'bridge-create br0 nic0 --yes'
	else
		nh exec ip link add br1 type bridge
		refuse 'the bridge br1 is there already, and .*, which has nic0, does not know it' hvn 'bridge-create br1 nic0 --yes'
		expect deleted hvn 'bridge-delete br1 --yes'
		refuse 'the bridge br0 was not made by this command, but is configured by' hvn 'bridge-delete br0 --yes'
	fi
	as_before
	"$live/nethost" down "$net"
done
echo done
