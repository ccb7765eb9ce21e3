#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Guests without a daemon: the embedded driver, as root and as an ordinary user.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
command -v qemu-system-x86_64 >/dev/null || [ -x /usr/libexec/qemu-kvm ] || skip 'QEMU is missing: ./autogen.sh run installs it'
files=$("$live/guest") || exit $?
lab=$(mktemp -d /tmp/hvsh-live.XXXXXX) || exit 99
chmod 755 "$lab"
# libvirt notes on the files themselves who uses them: copies, so that no other test's guests are concerned
GUEST=$lab/guest
mkdir "$GUEST"
cp "$files"/{vmlinux,initrd,cmdline} "$GUEST/"
leave() {
	[ -z "${as:-}" ] || { embed destroy solo; own destroy solo; } >/dev/null 2>&1
	rm -rf "$lab"
}
trap leave EXIT
embed() { "${as[@]}" timeout 60 "$HVSH" -c embed "$@"; }
console() { tr -d '\r' <"$home/serial" 2>/dev/null; }

# walk NAME COMMAND...: the guest's life under a user, whom the words of COMMAND make
walk() {
	home=$lab/$1
	mkdir -p "$home"
	[ "$1" = root ] || chown 65534:65534 "$home"
	shift
	as=(env HOME="$home" XDG_DATA_HOME="$home/data" XDG_RUNTIME_DIR="$home" XDG_CACHE_HOME="$home/cache" XDG_CONFIG_HOME="$home/config" "$@")
	guest_xml solo network=user | sed "s,/var/log/libvirt/qemu/solo.serial,$home/serial," >"$home/solo.xml"

	expect "Domain 'solo' defined" embed define "$home/solo.xml"
	expect "Domain 'solo' started" embed start solo
	# the process that started it has ended: the guest has not, and the next process finds it
	await_console solo 60 'GUEST-READY name=solo'
	expect '^ [0-9]+ +solo +running' embed list
	expect "Domain 'solo' is being shutdown" embed shutdown solo
	await_console solo 30 'GUEST-STOP'
	off() { [ "$(embed -q domstate solo 2>/dev/null)" = 'shut off' ]; }
	within 60 off || fail "the guest does not shut down: $(embed -q domstate solo --reason 2>&1)"

	# one process at a time
	terminal "${as[@]}" "$HVSH" -c embed
	type_keys 'list --all\r'
	await_screen 20 'solo +shut off'
	refuse "^error: held by process [0-9]+ \\(hvsh\\)" embed list
	type_keys 'quit\r'
	await_end 20
	expect "Domain 'solo' has been undefined" embed undefine solo
	refuse '^error: ' embed net-list
	refuse '"hint":"without a daemon there are guests only: ' embed pool-list --json

	# another folder is set up as the usual one is, and is named at the end
	own() { "${as[@]}" timeout 60 "$HVSH" -c "qemu:///embed?root=$home/own" "$@"; }
	expect "Domain 'solo' defined" own define "$home/solo.xml"
	expect "Domain 'solo' started" own start solo
	# and the usual one is not made for who never opens it
	terminal "${as[@]}" env XDG_DATA_HOME="$home/fresh" "$HVSH" -c "qemu:///embed?root=$home/own"
	type_keys 'list --all\r'
	await_screen 20 'solo +running'
	type_keys 'quit\r'
	await_screen 20 "stays running; hvsh -c 'qemu:///embed\\?root=$home/own' finds it again"
	await_end 20
	[ ! -e "$home/fresh/hvsh/embed" ] || fail "$home/fresh/hvsh/embed was made for nothing"
	expect "Domain 'solo' destroyed" own destroy solo
	expect "Domain 'solo' has been undefined" own undefine solo
}

step "as $(id -un)"
walk "$(id -un)"
if [ "$(id -u)" = 0 ]; then
	nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	if "${nobody[@]}" "$HVSH" --version >/dev/null 2>&1; then
		step 'as an ordinary user'
		walk nobody "${nobody[@]}"
	else
		step 'not tried as an ordinary user, who cannot reach this folder'
	fi
fi
echo done
