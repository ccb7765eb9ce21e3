#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Devices of a running guest: disk, network interface, memory and processor come and go; virsh and hvsh see the same.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
command -v virsh >/dev/null || skip "virsh is missing: ./autogen.sh check-live installs it"
hosts a
images=/var/lib/libvirt/images
on_host a truncate -s 32M $images/data.img $images/other.img
# memory to be plugged needs room and a NUMA node, media a drive
guest_xml web1 vcpus=1 |
	sed "s#<vcpu #<maxMemory slots='4' unit='MiB'>1024</maxMemory>&#
	s#<model fallback='allow'>qemu64</model>#&<numa><cell id='0' cpus='0-1' memory='192' unit='MiB'/></numa>#
	s#<controller type='usb' model='none'/>#&<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><target dev='hda' bus='ide'/><readonly/></disk>#" \
		>"$lab/web1.xml"
same() { # the words of a command, by virsh and by hvsh
	printf '$ %s\n' "$*"
	on_host a virsh -c qemu:///system "$@" >"$lab/theirs" 2>&1
	hv "$@" >"$lab/ours" 2>&1
	diff "$lab/theirs" "$lab/ours" || fail "virsh says something else: $*"
}
live_xml() { hv -q dumpxml web1 | grep -q -- "$1"; }
config_xml() { hv -q dumpxml web1 --inactive | grep -q -- "$1"; }
gone() { ! live_xml "$1"; }

expect '' hv define "$lab/web1.xml"
expect '' hv start web1
await_console web1 60 'GUEST-READY name=web1'

step 'a disk'
expect 'Disk attached successfully' hv attach-disk web1 $images/data.img vdb --serial one --persistent
live_xml "dev='vdb'" && config_xml "dev='vdb'" || fail 'the disk is not there'
refuse 'Failed to attach disk' hv attach-disk web1 $images/other.img vdb
same detach-disk web1 vdb --print-xml
same detach-disk web1 vdb --config --print-xml
expect 'Disk detached successfully' hv detach-disk web1 vdb --persistent
within 30 gone "dev='vdb'" || fail 'the guest does not give the disk up'
config_xml "dev='vdb'" && fail 'the disk comes back'

step 'media'
expect 'Successfully inserted media.' hv change-media web1 hda $images/data.img --insert --live
live_xml "$images/data.img" || fail 'no medium'
config_xml "$images/data.img" && fail 'the medium is in the definition'
refuse "already has media" hv change-media web1 hda $images/other.img --insert
same change-media web1 hda $images/other.img --print-xml
expect 'Successfully updated media.' hv change-media web1 hda $images/other.img --live --force
live_xml "$images/other.img" || fail 'the old medium'
expect 'Successfully ejected media.' hv change-media web1 hda --eject --live --force
gone "$images/other.img" || fail 'the medium is still there'

step 'a network interface'
mac=52:54:00:aa:bb:01
expect 'Interface attached successfully' hv attach-interface web1 network default --mac $mac --model virtio --persistent
live_xml $mac && config_xml $mac || fail 'the interface is not there'
expect 'Device updated successfully' hv domif-setlink web1 $mac down
expect "^$mac down" hv domif-getlink web1 $mac
same detach-interface web1 network --mac $mac --print-xml
expect 'Interface detached successfully' hv detach-interface web1 network --mac $mac --persistent
within 30 gone $mac || fail 'the guest does not give the interface up'
config_xml $mac && fail 'the interface comes back'

step 'memory'
cat >"$lab/dimm.xml" <<-X
	<memory model='dimm'><alias name='ua-dimm'/><target><size unit='MiB'>128</size><node>0</node></target></memory>
X
expect 'Device attached successfully' hv attach-device web1 "$lab/dimm.xml" --live
live_xml "ua-dimm" || fail 'no memory'
same update-memory-device web1 --print-xml --alias ua-dimm
refuse 'virtio-mem device is missing' hv update-memory-device web1 --alias ua-dimm --requested-size 64M

step 'a processor'
expect '' hv setvcpu web1 1 --enable --live
expect '^2$' hv vcpucount web1 --live --current
expect 'VCPU: +1' hv vcpuinfo web1
expect 'cpu_time' hv cpu-stats web1 --total

step 'memory to files, with a bar'
expect '^Dump: \[100 %\]' hv dump web1 /var/tmp/web1.core --memory-only --verbose
on_host a rm -f /var/tmp/web1.core
expect '"what": ?"Dump' hv dump web1 /var/tmp/web1.core --memory-only --verbose --jsonl
on_host a rm -f /var/tmp/web1.core
terminal "$live/host" exec "$lab" a "$HVSH" -c qemu:///system save web1 /var/tmp/web1.save --verbose
await_end 60 || fail 'it is not saved'
screen | grep -aq '100' || { screen; fail 'no bar'; }
expect '' hv restore /var/tmp/web1.save
expect '^running$' hv domstate web1

step 'the rest'
same domdisplay web1
same domxml-to-native qemu-argv --domain web1
expect '' hv set-lifecycle-action web1 poweroff restart --config
config_xml '<on_poweroff>restart' || fail 'the action is not set'
expect "Start to calculate domain's memory dirty rate successfully" hv domdirtyrate-calc web1 --seconds 1
expect '' hv destroy web1
echo done
