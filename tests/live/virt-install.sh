#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The guests of `install` beside those of Debian's virt-install, from the same command lines.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
command -v virt-install >/dev/null || skip 'virt-install is missing: ./autogen.sh check-live installs it'
hosts a
# what the lines name: images, a medium, a tree
on_host a sh -c "mkdir -p /var/lib/libvirt/boot /var/lib/libvirt/images && cd /var/lib/libvirt/images &&
	qemu-img create -q -f qcow2 cmp.qcow2 1G && truncate -s 100M cmp.raw && cp '$GUEST/install.iso' cmp.iso &&
	mkdir -p /var/lib/libvirt/tree && cp -r '$GUEST/tree/.' /var/lib/libvirt/tree" || fail 'the images cannot be made'
expect . hv pool-refresh default
on_host a /usr/bin/python3 "$live/virt-install.py" "$HVSH" qemu:///system "$live/virt-install.txt" "$@"
status=$?
[ $status = 0 ] || [ $status = 77 ] || fail 'not the guests of virt-install'
exit $status
