#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The whole job on a host of its own, as the README tells it: check the host, give it a bridge, make storage, install a guest, look after it,
# take it away again.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
hosts a

step 'is the host fit?'
# a machine without KVM is a failed check, and no reason for this test to fail
hv host-check --profile all >"$lab/check"
[ $? -le 1 ] || fail 'host-check broke'
cat "$lab/check"
expect '^pass +pkg-qemu ' cat "$lab/check"
expect '^[0-9]+ checked: ' cat "$lab/check"
expect '"id": ?"pkg-qemu"' hv host-check --check pkg-qemu --json

step 'a bridge on the host'"'"'s network'
expect 'create the bridge br0' hv bridge-create br0 --port nic0 --dry-run
expect '^$' "$live/host" changed "$lab" a
expect '' hv bridge-create br0 --port nic0 --confirm checks --yes
expect '^br0 .*198\.51\.100\.11/24' on_host a ip -br addr show dev br0
expect 'default via 198\.51\.100\.1 dev br0' on_host a ip route
expect '1 received' on_host a ping -c 1 -W 5 198.51.100.1
expect '^ br0 +' hv bridge-list
expect '' hv forwarding on
expect '^1$' on_host a cat /proc/sys/net/ipv4/ip_forward
expect '^ IPv4 +on +on ' hv forwarding

step 'storage for the guest'
images=/var/lib/libvirt/images/shop
expect 'Pool shop defined' hv pool-define-as shop dir --target $images
expect 'Pool shop built' hv pool-build shop
expect 'Pool shop started' hv pool-start shop
expect 'Vol web1.img created' hv vol-create-as shop web1.img 64MiB --format raw
expect "^ web1.img +$images/web1.img" hv vol-list shop
refuse 'error: Failed to create vol web1.img' hv vol-create-as shop web1.img 64MiB --format raw
expect '^ shop +active' hv pool-list

step 'a network of its own for guests'
cat >"$lab/inner.xml" <<'X'
<network><name>inner</name><bridge name='virbr7'/>
  <ip address='192.168.77.1' netmask='255.255.255.0'><dhcp><range start='192.168.77.10' end='192.168.77.99'/></dhcp></ip></network>
X
expect 'Network inner defined' hv net-define "$lab/inner.xml"
expect 'Network inner started' hv net-start inner
expect '^ inner +active +no +yes' hv net-list
expect '^virbr7 ' on_host a ip -br link show dev virbr7
expect 'Network inner destroyed' hv net-destroy inner
expect 'Network inner has been undefined' hv net-undefine inner

step 'a guest, installed from the tree, on the bridge'
guest_xml web1 boot=install append=inst.poweroff disk=$images/web1.img network=bridge:br0 >"$lab/web1.xml"
expect "Domain 'web1' created" hv create "$lab/web1.xml"
await_console web1 90 'GUEST-INSTALL done'
gone() { ! hv -q domstate web1; }
within 60 gone || fail 'the installer does not end'
guest_xml web1 boot=disk disk=$images/web1.img network=bridge:br0 >"$lab/web1.xml"
expect "Domain 'web1' defined" hv define "$lab/web1.xml"
expect "Domain 'web1' marked as autostarted" hv autostart web1
expect "Domain 'web1' started" hv start web1
await_console web1 60 'GUEST-READY'
# the installer asked for an address too
asked() { [ "$(console web1 | grep -c 'GUEST-ADDRESS eth0 198\.51\.100\.1[0-9][0-9]/24')" = 2 ]; }
within 30 asked || fail 'the LAN gives the guest no address'
address=$(console web1 | sed -n 's/.*GUEST-ADDRESS eth0 \([0-9.]*\).*/\1/p' | tail -n 1)
step 'which the LAN reaches'
reached() { "$live/host" lan "$lab" ping -c 1 -W 1 "$address"; }
within 10 reached || fail "the LAN does not reach the guest at $address"

step 'look after it'
expect '^Max memory: +196608 KiB' hv dominfo web1
expect '^$' hv setmem web1 131072 --live --config
smaller() { [ "$(hv -q dommemstat web1 | sed -n 's/^actual //p')" -le 131072 ]; }
within 30 smaller || fail 'the balloon does not grow'
expect "Domain 'web1' is being shutdown" hv shutdown web1
off() { [ "$(hv -q domstate web1)" = 'shut off' ]; }
within 60 off || fail 'the guest does not shut down'
expect "Domain 'web1' started" hv start web1
again() { [ "$(console web1 | grep -c GUEST-READY)" = 2 ]; }
within 60 again || fail 'the guest does not start again'

step 'take it all away'
expect "Domain 'web1' destroyed" hv destroy web1
expect "Domain 'web1' has been undefined" hv undefine web1
expect 'Vol web1.img deleted' hv vol-delete web1.img --pool shop
expect 'Pool shop destroyed' hv pool-destroy shop
expect 'Pool shop has been undefined' hv pool-undefine shop
expect '' hv bridge-delete br0 --confirm checks --yes
expect '^nic0.* 198\.51\.100\.11/24' on_host a ip -br addr show dev nic0
expect 'default via 198\.51\.100\.1 dev nic0' on_host a ip route
expect '' hv forwarding off
expect '^0$' on_host a cat /proc/sys/net/ipv4/ip_forward
echo done
