#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --unattended with a medium of Windows: the second medium, with the answers and the drivers that the installer needs, has the same files as
# virt-install's, and goes when the guest has started. The drivers' server is one of this test.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
command -v virt-install >/dev/null || skip 'virt-install is missing: ./autogen.sh check-live installs it'
command -v xorriso >/dev/null || skip 'xorriso is missing: ./autogen.sh check-live installs it'
[ -e /usr/share/osinfo/os/microsoft.com/win-10.xml ] || skip 'the database of systems is missing (osinfo-db)'
hosts a
work=/var/windows
on_host a mkdir -p $work/web $work/boot $work/bin /var/lib/libvirt/images /var/lib/libvirt/boot
on_host a cp -r /usr/share/osinfo $work/db
on_host a sh -c "grep -rl https://fedorapeople.org $work/db | xargs sed -i 's#https://fedorapeople.org/#http://127.0.0.1:8080/#'"
# each driver's file has its own name in it
on_host a python3 - $work <<'X'
import os, re, sys
from xml.etree import ElementTree
work = sys.argv[1]
places = [os.path.join(folder, name) for folder, _, names in os.walk(work + '/db/os/microsoft.com') for name in names]
for driver in [driver for place in places for driver in ElementTree.parse(place).iter('driver')]:
    place = driver.get('location', '').replace('http://127.0.0.1:8080/', work + '/web/')
    if not place.startswith(work):
        continue
    os.makedirs(place, exist_ok=True)
    for name in driver.findall('file'):
        open(os.path.join(place, name.text), 'w').write(place + name.text)
X
on_host a sh -c "echo boot >$work/boot/boot.bin && echo topsecret >$work/password && chmod 600 $work/password &&
	xorriso -as mkisofs -quiet -V CENA_X64FREV_EN-US_DV5 -publisher 'MICROSOFT CORPORATION' -b boot.bin -no-emul-boot -o $work/windows.iso $work/boot" >/dev/null 2>&1 ||
	fail 'the medium cannot be made'
# virt-install's files, before they are a medium
on_host a sh -c "printf '#!/bin/sh\nfor last; do :; done\ncp -r \"\$last\" $work/theirs\nexec /usr/bin/xorrisofs \"\$@\"\n' >$work/bin/xorrisofs && chmod 755 $work/bin/xorrisofs"
words=(--name box1 --memory 512 --vcpus 1 --virt-type qemu --osinfo win10 --graphics none --network none --disk size=1 --cdrom $work/windows.iso)
answers=(--unattended "profile=desktop,user-login=anna,user-password-file=$work/password,admin-password-file=$work/password,product-key=AAAAA-BBBBB-CCCCC-DDDDD-EEEEE")
own() { on_host a env OSINFO_SYSTEM_DIR=$work/db "$HVSH" -c qemu:///system install "${words[@]}" "$@"; }

step 'a server that does not answer: all is taken back'
refuse 'balloon.cat cannot be fetched' own "${answers[@]}" --noautoconsole
expect '^$' hv -q list --all --name
expect '^$' on_host a find /var/lib/libvirt/images /var/lib/libvirt/boot -type f
refuse "has no profile 'none', but jeos, desktop$" own --unattended profile=none --dry-run

step 'the second medium'
on_host a sh -c "cd $work/web && exec python3 -m http.server 8080 --bind 127.0.0.1" >"$lab/server" 2>&1 &
served() { on_host a python3 -c 'import urllib.request as u; u.urlopen("http://127.0.0.1:8080/")'; }
within 60 served || fail 'the server does not answer'
expect 'unattended.iso; it goes when the guest has started' own "${answers[@]}" --dry-run
expect "Domain 'box1' has been started" own "${answers[@]}" --noautoconsole
expect '^ sda +/var/windows/windows.iso$' hv -q domblklist box1 --inactive
expect '^ sdb +-$' hv -q domblklist box1 --inactive
expect '^ sdb +/var/lib/libvirt/boot/hvsh-.*-unattended.iso$' hv -q domblklist box1
expect '^$' on_host a find /var/lib/libvirt/boot -type f
# the guest has it open still
on_host a sh -c 'for fd in /proc/$(pidof qemu-system-x86_64)/fd/*; do case $(readlink $fd) in *-unattended.iso*) cat $fd >'$work'/ours.iso ;; esac; done'
on_host a xorriso -osirrox on -indev $work/ours.iso -extract / $work/ours >/dev/null 2>&1 || fail 'the medium cannot be read'
expect destroyed hv destroy box1

step 'the same guest installed anew'
before=$(hv -q dumpxml box1)
expect "Domain 'box1' has been started" on_host a env OSINFO_SYSTEM_DIR=$work/db "$HVSH" -c qemu:///system install --reinstall box1 --osinfo win10 \
	--cdrom $work/windows.iso "${answers[@]}" --noautoconsole
expect 'unattended.iso$' hv -q domblklist box1
expect destroyed hv destroy box1
[ "$(hv -q dumpxml box1)" = "$before" ] || fail 'its definition is another now'
expect '^$' on_host a find /var/lib/libvirt/boot -type f
expect undefined hv undefine box1 --remove-all-storage

step "virt-install's"
on_host a env PATH="$work/bin:$PATH" OSINFO_SYSTEM_DIR=$work/db virt-install --connect qemu:///system "${words[@]/box1/box2}" "${answers[@]}" --print-xml 1 --dry-run \
	>"$lab/theirs.xml" 2>"$lab/theirs.said" || { cat "$lab/theirs.said"; fail 'virt-install does not'; }
# the name of the guest is the machine's
on_host a sed -i s/box2/box1/ $work/theirs/autounattend.xml $work/theirs/windows.cmd
expect '^$' on_host a diff -r $work/ours $work/theirs
[ "$(on_host a sh -c "ls $work/ours | wc -l")" -gt 20 ] || fail 'there are few files'
# the installer's drivers let the guest have the same devices
own "${answers[@]}" --print-xml 1 >"$lab/ours.xml" 2>/dev/null || fail 'no document'
devices() { python3 - "$1" <<'X'
import sys, xml.etree.ElementTree as tree
document = open(sys.argv[1]).read()
document = document[document.index('<domain'):document.index('</domain>') + 9]
for device in sorted(tree.fromstring(document).find('devices'), key=lambda device: device.tag):
    parts = [(part.tag, sorted(part.attrib.items())) for part in device if part.tag not in ('source', 'address')]
    print(device.tag, sorted(device.attrib.items()), parts)
X
}
[ "$(devices "$lab/theirs.xml" | grep -c virtio)" -gt 3 ] || fail "virt-install's guest has no devices of virtio"
diff <(devices "$lab/ours.xml") <(devices "$lab/theirs.xml") || fail 'other devices'
expect topsecret on_host a cat $work/ours/autounattend.xml
echo done
