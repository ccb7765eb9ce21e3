#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Guests are installed: from a tree, from a CD, from a disk that has a system already; and what goes wrong leaves nothing behind.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
hosts a
images=/var/lib/libvirt/images
# what a guest of this test is: small, emulated, its serial line noted
install() {
	local name=$1
	shift
	hv install --name "$name" --memory 256 --vcpus 1 --virt-type qemu --osinfo linux2022 --graphics none --network none \
		--serial "pty,log.file=/var/log/libvirt/qemu/$name.serial,log.append=on" "$@"
}
images() { on_host a find $images /var/lib/libvirt/boot -type f; }
nothing() { expect '^$' hv -q list --all; expect '^$' images; }
on_host a mkdir -p $images /var/lib/libvirt/boot

step 'refused: nothing is done'
nothing
tree=(--location "$GUEST/tree" --extra-args 'console=ttyS0 quiet')
refuse 'does not fit' install web1 --disk $images/web1.img,size=100000000 "${tree[@]}"
refuse "no sub-option 'sise'; did you mean 'size'" install web1 --disk $images/web1.img,sise=1 "${tree[@]}"
refuse "'/nowhere' cannot be used" install web1 --disk $images/web1.img,size=1 --location /nowhere
refuse "'/nowhere.iso' cannot be used" install web1 --disk $images/web1.img,size=1 --cdrom /nowhere.iso
refuse 'contradict each other' install web1 --disk $images/web1.img,size=1 --cdrom "$GUEST/install.iso" --import
refuse "there is no network 'nowhere'" hv install --name web1 --memory 128 --osinfo generic --network network=nowhere --disk none --import
refuse "has no bridge 'nowhere0'" hv install --name web1 --memory 128 --osinfo generic --network bridge=nowhere0 --disk none --import
# what libvirt or QEMU would refuse, while nothing has been made
refuse "Invalid value for attribute 'type' in element 'graphics': 'foo'" hv install --name web1 --memory 128 --osinfo generic --graphics foo --disk size=1 --pxe --dry-run
refuse "unknown video model 'foo'" install web1 --disk size=1 --pxe --video foo --dry-run
refuse "Invalid value for attribute 'bus'" install web1 --disk size=1,bus=foo --pxe --noautoconsole
refuse "knows no model 'haswel'; did you mean 'Haswell'" install web1 --disk size=1 --pxe --cpu haswel --dry-run
refuse "format=foo is none in which a disk can be made" install web1 --disk size=1,format=foo --pxe --dry-run
refuse "Missing source path" install web2 --disk size=1 --pxe --parallel file --dry-run
refuse "malformed uuid" install web1 --disk size=1 --pxe --uuid 123 --noautoconsole
refuse "the kernel '/nowhere/vmlinuz' does not exist" install web1 --disk size=1 --boot kernel=/nowhere/vmlinuz --noautoconsole
refuse "the folder '/nowhere' does not exist" install web1 --disk size=1 --pxe --filesystem /nowhere,tag --dry-run
refuse 'is no installation tree' install web1 --disk $images/web1.img,size=1 --location /etc
expect 'define the guest' install web1 --disk $images/web1.img,size=1 "${tree[@]}" --dry-run
expect '<kernel>' install web1 --disk $images/web1.img,size=1 "${tree[@]}" --print-xml
nothing

step 'a folder that does not let QEMU through'
on_host a sh -c "mkdir -p '/var/for me/disks' /var/tree && chmod 700 '/var/for me' && cp '$GUEST/install.iso' '/var/for me/disks'" || fail 'no folder'
refuse 'QEMU runs as libvirt-qemu, whom /var/for me \(mode 0700\) does not let through to /var/for me/disks/install.iso' \
	install web1 --disk $images/web1.img,size=0.1 --cdrom '/var/for me/disks/install.iso' --noautoconsole
refuse "setfacl -m u:libvirt-qemu:x '/var/for me'\$" install web1 --disk '/var/for me/disks/web1.img,size=0.1' --pxe --noautoconsole
on_host a chmod 700 /var/tree
refuse "setfacl -m u:libvirt-qemu:x '/var/for me' /var/tree\$" install web1 --disk '/var/for me/disks/web1.img,size=0.1' --disk /var/tree/b.img,size=0.1 --pxe --dry-run
refuse "Permission denied" install web1 --disk '/var/for me/disks/web1.img,size=0.1' --pxe --check path_search=off --noautoconsole
expect '^install.iso$' on_host a ls '/var/for me/disks'
nothing
if on_host a setfacl -m u:libvirt-qemu:x '/var/for me'; then
	expect "Domain 'web1' has been started" install web1 --disk $images/web1.img,size=0.1 --cdrom '/var/for me/disks/install.iso' --noautoconsole
	expect destroyed hv destroy web1
	expect undefined hv undefine web1
	on_host a rm $images/web1.img
fi
on_host a rm -r '/var/for me' /var/tree

step 'a layer, and what lies below it'
on_host a sh -c "mkdir -m 700 '/var/for me' && mkdir /var/layers && cd /var/layers && qemu-img create -q -f qcow2 base.qcow2 8M &&
	qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 middle.qcow2 && qemu-img create -q -f qcow2 -b /nowhere/base.qcow2 -F qcow2 -u lost.qcow2 8M &&
	qemu-img create -q -f qcow2 -b lost.qcow2 -F qcow2 -u over-lost.qcow2 8M && qemu-img create -q -f qcow2 -b lost.qcow2 -F raw -u plain.qcow2 8M &&
	qemu-img create -q -f qcow2 '/var/for me/base.qcow2' 8M && qemu-img create -q -f qcow2 -b '/var/for me/base.qcow2' -F qcow2 far.qcow2 &&
	qemu-img create -q -f qcow2 -o data_file='/var/for me/data' apart.qcow2 8M" || fail 'no layers'
refuse 'the disk /var/layers/over-lost.qcow2 is a layer over /nowhere/base.qcow2, which does not exist' install web1 --disk /var/layers/over-lost.qcow2 --import --noautoconsole
refuse 'is a layer over /nowhere/base.qcow2' install web1 --disk size=1,backing_store=/var/layers/lost.qcow2 --import --noautoconsole
refuse "backing image '/nowhere/base.qcow2' cannot be used: No such file" install web1 --disk size=1,backing_store=/nowhere/base.qcow2 --import --noautoconsole
refuse "to /var/for me/base.qcow2: setfacl -m u:libvirt-qemu:x '/var/for me'\$" install web1 --disk /var/layers/far.qcow2 --import --noautoconsole
refuse "to /var/for me/data: setfacl" install web1 --disk /var/layers/apart.qcow2 --import --noautoconsole
# what is raw is the guest's own, whatever it looks like
expect 'define the guest' install web1 --disk /var/layers/plain.qcow2 --import --dry-run
nothing
expect "Domain 'web1' has been made" install web1 --disk size=1,backing_store=/var/layers/middle.qcow2 --import --noautoconsole
expect 'backing file format: qcow2' on_host a qemu-img info -U $images/web1.qcow2
refuse "disk $images/web1.qcow2 of guest 'web1' is a layer over /var/layers/base.qcow2, which must not change" install web2 --disk /var/layers/base.qcow2 --import --dry-run
refuse "is a layer over $images/web1.qcow2, which guest 'web1' is writing to" install web2 --disk size=1,backing_store=$images/web1.qcow2 --import --dry-run
expect 'define the guest' install web2 --disk size=1,backing_store=/var/layers/base.qcow2 --import --dry-run
expect destroyed hv destroy web1
expect 'define the guest' install web2 --disk size=1,backing_store=$images/web1.qcow2 --import --dry-run
expect undefined hv undefine web1
on_host a rm -r $images/web1.qcow2 '/var/for me' /var/layers

step 'from a tree'
expect "Domain 'web1' has been made" install web1 --disk $images/web1.img,size=0.1 "${tree[@]}" --wait 3 --noautoconsole
logs+=(web1)
await_console web1 10 'GUEST-INSTALL done'
expect 'running' hv domstate web1
await_console web1 90 'GUEST-READY'
expect '^/var/lib/libvirt/images/web1.img$' images
expect 'qcow2' on_host a qemu-img info -U $images/web1.img
refuse "'web1' is already in use" install web1 --disk none --import
refuse "already in use by guest 'web1'" install web2 --disk $images/web1.img --import
expect destroyed hv destroy web1

step 'that disk in another guest'
expect undefined hv undefine web1
expect "Domain 'web2' has been made" install web2 --disk $images/web1.img --import --noautoconsole
await_console web2 90 'GUEST-READY'
expect destroyed hv destroy web2
expect undefined hv undefine web2
on_host a rm $images/web1.img

step 'from a CD, and the time is over'
LIMIT=60 refuse 'has not ended in time; the guest runs on' install web3 --disk $images/web3.img,size=0.1 --cdrom "$GUEST/install.iso" --wait 2s --noautoconsole
expect running hv domstate web3
await_console web3 120 'GUEST-INSTALL done'
off() { [ "$(hv -q domstate web3)" = 'shut off' ]; }
within 60 off || fail 'the installation does not end'
# the CD is out now
expect '^$' bash -c "\"$live/host\" exec $lab a $HVSH -q -c qemu:///system dumpxml web3 | grep install.iso || :"
expect started hv start web3
await_console web3 90 'GUEST-READY'
expect destroyed hv destroy web3
expect undefined hv undefine web3
on_host a rm $images/web3.img

step 'what goes wrong is taken back'
# libvirt's own look refuses this controller
refuse 'libvirt refuses the guest' install web4 --disk $images/web4.img,size=0.1 "${tree[@]}" --controller usb,model=nothing --noautoconsole
nothing
# QEMU itself refuses this when the guest is defined
refuse "does not start" install web4 --disk $images/web4.img,size=0.1 "${tree[@]}" --qemu-commandline -no-such-option --noautoconsole --save /var/web4.lua
refuse 'No such file' on_host a ls /var/web4.lua
nothing

step 'Ctrl-C in the middle'
# what a script starts in the background ignores SIGINT; a person's shell does not
terminal "$live/host" exec "$lab" a env --default-signal=INT "$HVSH" -c qemu:///system install --name web5 --memory 256 --virt-type qemu --osinfo linux2022 --graphics none \
	--network none --disk $images/web5.img,size=0.1 "${tree[@]}" --wait 5 --noautoconsole
running() { [ "$(hv -q domstate web5)" = running ]; }
within 30 running || fail 'the guest does not start'
type_keys '\003'
await_end 30 && fail 'an interrupted installation is no success'
# what carries the terminal's signal ends at once, hvsh when it has taken everything back
taken_back() { [ -z "$(hv -q list --all --name)$(images)" ]; }
within 30 taken_back || fail 'it is not taken back'
nothing

step 'its console on the terminal'
terminal "$live/host" exec "$lab" a "$HVSH" -c qemu:///system install --name web6 --memory 256 --virt-type qemu --osinfo linux2022 --graphics none \
	--network none --disk $images/web6.img,size=0.1 "${tree[@]}"
await_screen 30 'Escape character is'
await_screen 90 'GUEST-INSTALL done'
await_screen 120 'GUEST-READY'
type_keys '\r'
await_screen 20 'guest# '
type_keys '\035'
await_end 20 || fail 'the installation failed'
on_screen "Domain 'web6' has been made" || fail 'nothing is said at the end'
expect running hv domstate web6
expect destroyed hv destroy web6
expect undefined hv undefine web6
echo done
