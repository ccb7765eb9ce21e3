#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The ground of the other live tests: a throw-away host with its libvirtd runs the guest, and the guest does what they ask of it. Told with
# virsh, so that a failure here is none of the shell's.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
command -v virsh >/dev/null || skip "virsh is missing: ./autogen.sh check-live installs it"
machine=$(ip -o link; ls /run/libvirt 2>/dev/null)
hosts a
virsh() { on_host a virsh -q -c qemu:///system "$@"; }

step 'the host is its own'
expect '^a$' virsh hostname
expect '^ *default +active' virsh net-list
expect '^ *default +active' virsh pool-list
expect '^$' "$live/host" changed "$lab" a
expect '1 received' on_host a ping -c 1 -W 5 198.51.100.1
expect '^a$' command virsh -q -c "$(uri a)" hostname

step 'the guest starts from its kernel'
guest_xml one >"$lab/one.xml"
expect '' virsh define "$lab/one.xml"
expect '' virsh start one
await_console one 60 'GUEST-READY name=one'
await_console one 30 'GUEST-ADDRESS eth0 192\.168\.122\.'
agent() { virsh qemu-agent-command one '{"execute":"guest-get-host-name"}' 2>/dev/null | grep -q '"host-name":"one"'; }
[ ! -x "$(command -v apt-get)" ] || within 30 agent || fail 'the guest agent does not answer'
expect '' virsh setmem one 128M --live
smaller() { [ "$(virsh dommemstat one | sed -n 's/^actual //p')" -le 131072 ]; }
within 20 smaller || fail 'the balloon does not grow'
expect '' virsh setvcpus one 2 --live
both() { [ "$(virsh vcpucount one --guest)" = 2 ]; }
[ ! -x "$(command -v apt-get)" ] || within 20 both || fail 'the second vcpu is not in use'
expect '' virsh shutdown one
await_console one 30 GUEST-STOP
off() { [ "$(virsh domstate "$1")" = 'shut off' ]; }
within 30 off one || fail 'the guest does not end'

step 'the tree installs it on a disk, which boots'
on_host a truncate -s 64M /var/lib/libvirt/images/two.img
guest_xml two disk=/var/lib/libvirt/images/two.img append=inst.poweroff |
	sed "s,$GUEST/initrd,$GUEST/tree/images/pxeboot/initrd.img,; s,$GUEST/vmlinux,$GUEST/tree/images/pxeboot/vmlinuz," >"$lab/two.xml"
expect '' virsh create "$lab/two.xml"
await_console two 60 'GUEST-INSTALL done'
ended() { ! virsh domstate two; }
within 30 ended || fail 'the installer does not end'
guest_xml two boot=disk disk=/var/lib/libvirt/images/two.img >"$lab/two.xml"
expect '' virsh create "$lab/two.xml"
await_console two 60 'GUEST-READY name=guest'

step 'and nothing is left'
leave
[ ! -e "$lab" ] || fail "$lab is left"
lab=
[ "$machine" = "$(ip -o link; ls /run/libvirt 2>/dev/null)" ] || fail 'the machine is not as it was'
echo done
