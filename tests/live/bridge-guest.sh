#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A guest on a bridge that was made together with its libvirt network: it gets a lease from the LAN, is put back on the bridge after that was
# made anew, and keeps the bridge from being deleted; the network goes with the bridge.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
hosts a
link_of_guest() { hv 'domiflist web1' | awk '$2 == "network" || $2 == "bridge" { print $1; exit }'; }
on_bridge() { on_host a test -e "/sys/class/net/br0/brif/$1"; }

step 'the bridge and its network'
refuse 'there is a network .default. already, which does not lead to br0' hv 'bridge-create br0 --port nic0 --network default --yes'
expect "then the network 'lan'" hv 'bridge-create br0 --port nic0 --network lan --dry-run'
refuse "Network not found" hv net-info lan
expect "Network 'lan' leads to bridge 'br0'" hv 'bridge-create br0 --port nic0 --network lan --yes'
expect 'lan +active +yes +yes' hv net-list
expect "<bridge name='br0'/>" hv net-dumpxml lan

step 'a guest on it'
guest_xml web1 network=lan >"$lab/web1.xml"
expect "defined" hv define "$lab/web1.xml"
expect "started" hv start web1
await_console web1 90 'GUEST-ADDRESS eth0 198\.51\.100\.1[0-9][0-9]/'
tap=$(link_of_guest)
refuse "in use by $tap of web1" hv 'bridge-delete br0 --yes'

step 'its interface is lost and found'
on_host a ip link set "$tap" nomaster
expect "Missing +$tap of web1" hv 'bridge-show br0'
expect "$tap of web1 is not on it any more: bridge-reattach br0" hv 'bridge-create br0 --port nic0 --yes'
expect "put $tap of web1 back on br0" hv 'bridge-reattach --dry-run'
! on_bridge "$tap" || fail 'a preview put it back'
expect 'Interfaces put back: 1' hv bridge-reattach
on_bridge "$tap" || fail 'it is not back'
expect 'Interfaces put back: 0' hv bridge-reattach

step 'the bridge is lost, and made anew'
on_host a ip link set "$tap" nomaster
expect 'deleted' hv 'bridge-delete br0 --yes'
refuse "Network not found" hv net-info lan
expect "created" hv 'bridge-create br0 --port nic0 --yes'
on_bridge "$tap" || fail 'the guest is not on the new bridge'
address=$(console web1 | sed -n 's,.*GUEST-ADDRESS eth0 \([0-9.]*\)/.*,\1,p' | tail -n 1)
within 30 on_host a ping -c 1 -W 1 "$address" || fail 'the guest is not reached'
expect "destroyed" hv destroy web1
expect 'deleted' hv 'bridge-delete br0 --yes'
within 20 on_host a ping -c 1 -W 1 198.51.100.1 || fail 'nic0 has not its network back'
echo done
