#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Debian's own installer: to its first screen on the serial line; and with answers in its initrd, as far as one comes without a mirror.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
hosts a
command -v dpkg-deb >/dev/null || skip 'dpkg-deb is missing: the installer comes as a package of Debian'
cache=$(dirname "$GUEST")
package=debian-installer-12-netboot-amd64
tree=$cache/$package/dists/bookworm/main/installer-amd64
exec 9>"$cache/lock.installer"
flock -w 300 9 || skip 'another download of the installer does not end'
if [ ! -e "$cache/$package/done" ]; then
	work=$(mktemp -d "$cache/installer.XXXXXX")
	(cd "$work" && apt-get download -qq $package 2>log) || { cat "$work/log"; rm -rf "$work"; skip "$package cannot be downloaded"; }
	dpkg-deb --fsys-tarfile "$work"/*.deb | tar -x -C "$work" ./usr/lib/debian-installer/images/12/amd64/text/debian-installer ||
		fail "$package has no text installer"
	mkdir -p "$work/out/${tree#"$cache/$package/"}/current/images/netboot"
	mv "$work/usr/lib/debian-installer/images/12/amd64/text/debian-installer" "$work/out/${tree#"$cache/$package/"}/current/images/netboot/"
	chmod -R a+rX "$work/out"
	touch "$work/out/done"
	rm -rf "${cache:?}/$package"
	mv "$work/out" "$cache/$package"
	rm -rf "$work"
fi
exec 9>&-
on_host a mkdir -p /var/lib/libvirt/images /var/lib/libvirt/boot

step 'what it is'
# a release that the database may not know: the nearest of its family
install() {
	local name=$1
	shift
	hv install --name "$name" --memory 1024 --vcpus 1 --virt-type qemu --graphics none --disk none --location "$tree" --noautoconsole \
		--serial "pty,log.file=/var/log/libvirt/qemu/$name.serial,log.append=on" "$@"
}
expect 'copy the kernel current/images/netboot/debian-installer/amd64/linux' install first --network none --dry-run
expect 'debian.org/debian/1' install first --network none --print-xml

step 'its first screen'
# on a busy host an emulated clock is no measure
words='console=ttyS0 no_timer_check tsc=reliable quiet DEBIAN_FRONTEND=text'
cat >"$lab/preseed.cfg" <<'X'
d-i debian-installer/locale string en_US.UTF-8
d-i keyboard-configuration/xkb-keymap select us
d-i netcfg/choose_interface select auto
d-i netcfg/get_hostname string answered
d-i netcfg/get_domain string test
d-i mirror/country string manual
d-i mirror/http/hostname string mirror.invalid
d-i mirror/http/directory string /debian
d-i mirror/http/proxy string
X
expect 'has been started, its installation goes on' install first --network none --extra-args "$words"
expect '^$' on_host a find /var/lib/libvirt/boot -type f
await_console first 400 'Select a language|Choose the language|Language:'
expect destroyed hv destroy first

step 'answers in its initrd, as far as one comes without a mirror'
expect 'has been started, its installation goes on' install second --network network=default --initrd-inject "$lab/preseed.cfg" \
	--extra-args "$words priority=critical auto=true file=/preseed.cfg"
# language, keyboard and network have been answered: what is missing is the mirror
await_console second 400 'archive mirror|mirror.invalid'
expect destroyed hv destroy second
echo done
