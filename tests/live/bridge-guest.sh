#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A guest on a bridge that was made together with its libvirt network, with no network manager and under two of them: it gets a lease from the
# LAN, stays when the manager starts anew, is put back on the bridge after that was made anew, and keeps the bridge from being deleted; the
# network goes with the bridge.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
managers=${MANAGERS:-none networkd nm}
link_of_guest() { hv 'domiflist web1' | awk '$2 == "network" || $2 == "bridge" { print $1; exit }'; }
on_bridge() { on_host a test -e "/sys/class/net/br0/brif/$1"; }
reaches_lan() { on_host a ping -c 1 -W 1 198.51.100.1; }
# The manager as a daemon; the host has neither systemd nor udev.
start_daemon() {
	case $1 in
	networkd) on_host a /lib/systemd/systemd-networkd </dev/null >/dev/null 2>&1 & ;;
	nm) on_host a NetworkManager --no-daemon </dev/null >/dev/null 2>&1 & ;;
	esac
}
has_nic0() {
	case $1 in
	networkd) on_host a networkctl --no-legend list nic0 | grep -q routable ;;
	nm) on_host a nmcli -t -f GENERAL.STATE device show nic0 | grep -q '(connected)' ;;
	esac
}
stop_daemon() {
	case $1 in networkd) on_host a pkill -x systemd-network ;; nm) on_host a pkill -x NetworkManager ;; esac
	within 20 sh -c "! '$live/host' exec '$lab' a pgrep -x 'systemd-network|NetworkManager'" || fail "$1 does not end"
}
# nic0 gets the address that the host gave it from a manager.
hand_over() {
	case $1 in
	none) return ;;
	networkd) needed=/lib/systemd/systemd-networkd ;;
	nm) needed=NetworkManager ;;
	esac
	[ -x "$(command -v dbus-daemon)" ] && [ -x "$(command -v "$needed")" ] || skip "$needed is missing"
	on_host a sh -c 'mkdir -p /run/dbus /run/systemd/network /run/systemd/netif/links /run/systemd/netif/leases /run/systemd/netif/lldp
		chown -R systemd-network: /run/systemd/netif 2>/dev/null
		cat >/run/bus.conf && dbus-daemon --config-file=/run/bus.conf --nopidfile --fork
		rm -rf /etc/systemd/network /etc/NetworkManager/system-connections
		mkdir -p /etc/systemd/network /etc/NetworkManager/system-connections' <"$live/bus.conf" || fail 'no bus'
	# nobody waits for a udev that is not there
	on_host a mount -o remount,bind,ro /sys || fail '/sys stays as it is'
	case $1 in
	networkd) on_host a sh -c 'printf "[Match]\nName=nic0\n\n[Network]\nIPv6AcceptRA=no\nAddress=198.51.100.11/24\nGateway=198.51.100.1\n" >/etc/systemd/network/10-nic0.network' ;;
	nm)
		on_host a sh -c 'printf "[main]\nplugins=keyfile\nno-auto-default=*\nauth-polkit=false\nhostname-mode=none\ndns=none\n" \
				>/etc/NetworkManager/NetworkManager.conf
			cd /etc/NetworkManager/system-connections && umask 077
			printf "[connection]\nid=nic0\ntype=ethernet\ninterface-name=nic0\n\n[ipv4]\nmethod=manual\naddress1=198.51.100.11/24,198.51.100.1\n" >nic0.nmconnection' ;;
	esac
	on_host a ip addr flush dev nic0
	start_daemon "$1"
	within 60 has_nic0 "$1" || fail "$1 does not take nic0"
}

for manager in $managers; do
	step "$manager: the bridge and its network"
	hosts a
	hand_over "$manager"
	refuse 'there is a network .default. already, which does not lead to br0' hv 'bridge-create br0 --port nic0 --network default --yes'
	expect "then the network 'lan'" hv 'bridge-create br0 --port nic0 --network lan --dry-run'
	refuse "Network not found" hv net-info lan
	expect "Network 'lan' leads to bridge 'br0'" hv 'bridge-create br0 --port nic0 --network lan --yes'
	expect 'lan +active +yes +yes' hv net-list
	expect "<bridge name='br0'/>" hv net-dumpxml lan

	step "$manager: a guest on it"
	guest_xml web1 network=lan >"$lab/web1.xml"
	expect "defined" hv define "$lab/web1.xml"
	expect "started" hv start web1
	await_console web1 90 'GUEST-ADDRESS eth0 198\.51\.100\.1[0-9][0-9]/'
	address=$(console web1 | sed -n 's,.*GUEST-ADDRESS eth0 \([0-9.]*\)/.*,\1,p' | tail -n 1)
	"$live/host" lan "$lab" grep -q "$address" "$lab/lan/leases" || fail "the lease of $address is not the LAN's"
	within 30 "$live/host" lan "$lab" ping -c 1 -W 1 "$address" || fail 'the LAN does not reach the guest'
	tap=$(link_of_guest)
	refuse "in use by $tap of web1" hv 'bridge-delete br0 --yes'

	if [ "$manager" != none ]; then
		step "$manager: it starts anew, and the guest stays"
		stop_daemon "$manager"
		start_daemon "$manager"
		within 60 reaches_lan || fail 'the host has no network'
		on_bridge "$tap" || fail 'the guest has left the bridge'
		within 30 "$live/host" lan "$lab" ping -c 1 -W 1 "$address" || fail 'the LAN does not reach the guest'
	fi
	if [ "$manager" = nm ]; then
		step "$manager: an activation of the bridge throws it out"
		expect 'successfully activated' on_host a nmcli connection up br0
		expect "Missing +$tap of web1" hv 'bridge-show br0'
		expect 'Interfaces put back: 1' hv bridge-reattach
		on_bridge "$tap" || fail 'it is not back'
	fi

	step "$manager: its interface is lost and found"
	on_host a ip link set "$tap" nomaster
	expect "Missing +$tap of web1" hv 'bridge-show br0'
	expect "$tap of web1 is not on it any more: bridge-reattach br0" hv 'bridge-create br0 --port nic0 --yes'
	expect "put $tap of web1 back on br0" hv 'bridge-reattach --dry-run'
	! on_bridge "$tap" || fail 'a preview put it back'
	expect 'Interfaces put back: 1' hv bridge-reattach
	on_bridge "$tap" || fail 'it is not back'
	expect 'Interfaces put back: 0' hv bridge-reattach

	step "$manager: the bridge is lost, and made anew"
	on_host a ip link set "$tap" nomaster
	expect 'deleted' hv 'bridge-delete br0 --yes'
	refuse "Network not found" hv net-info lan
	expect "created" hv 'bridge-create br0 --port nic0 --yes'
	on_bridge "$tap" || fail 'the guest is not on the new bridge'
	within 30 on_host a ping -c 1 -W 1 "$address" || fail 'the guest is not reached'
	expect "destroyed" hv destroy web1
	expect 'deleted' hv 'bridge-delete br0 --yes'
	within 20 reaches_lan || fail 'nic0 has not its network back'
	"$live/host" down "$lab"
done
echo done
