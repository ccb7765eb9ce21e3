#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# host-check's answer to "may I manage the system's guests" is polkit's own: a real polkitd on a bus of its own, asked by root for the one who
# called sudo and by people for themselves, with libvirt's policy, with its rule for the group, without, and with a rule that forbids.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
polkitd=
for place in /usr/lib/polkit-1/polkitd /usr/libexec/polkitd; do [ ! -x $place ] || polkitd=$place; done
[ -n "$polkitd" ] || skip 'polkitd is not installed (Debian: polkitd, Fedora and RHEL: polkit)'
command -v dbus-daemon >/dev/null || skip 'dbus-daemon is not installed'
[ "$(id -u)" = 0 ] || skip 'a host of its own takes root'
if [ "${1:-}" != inside ]; then
	exec unshare --mount --pid --fork --kill-child --mount-proc "$0" inside
fi

# the host: its own /etc, /run and policies; all of it goes with the namespace
lab=$(mktemp -d /tmp/hvsh-user.XXXXXX) || exit 99
trap 'kill $(cat "$lab/pids") 2>/dev/null; cd /; umount -l /etc /usr/share/polkit-1; rm -rf "$lab"' EXIT
: >"$lab/pids"
mkdir "$lab"/{etc,policy}.{upper,work} "$lab/home"
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$lab/etc.upper,workdir=$lab/etc.work" /etc || skip 'no overlay can be mounted'
mount -t overlay overlay -o "lowerdir=/usr/share/polkit-1,upperdir=$lab/policy.upper,workdir=$lab/policy.work" /usr/share/polkit-1 ||
	skip 'no overlay can be mounted'
mount -t tmpfs -o mode=755 tmpfs /run && mkdir /run/dbus
chmod 755 "$lab"
actions=/usr/share/polkit-1/actions rules=/usr/share/polkit-1/rules.d
rm -f $actions/org.libvirt.* $rules/*libvirt* /etc/polkit-1/rules.d/*
getent group libvirt >/dev/null || groupadd -r libvirt
useradd -M sam && useradd -M -G libvirt tom || fail 'no users can be made'
mkdir -p /etc/libvirt
printf '#auth_unix_rw = "polkit"\n' >/etc/libvirt/libvirtd.conf
cp /etc/libvirt/libvirtd.conf /etc/libvirt/virtqemud.conf
check() { local user=$1; shift; env SUDO_USER="$user" "$HVSH" host-check --check user-libvirt "$@"; }
self() { local user=$1; shift; setpriv --reuid="$user" --regid="$user" --init-groups env HOME="$lab/home" "$HVSH" host-check --check user-libvirt "$@"; }
# By root for them, and by themselves where they can run what was built.
says() { # USER TEXT
	expect "$2" check "$1"
	if setpriv --reuid="$1" --regid="$1" --init-groups env HOME="$lab/home" "$HVSH" echo >/dev/null 2>&1; then
		expect "$2" self "$1"
	else
		echo "$1 cannot run $HVSH: not asked by themselves"
	fi
}
policy() {
	cat >$actions/org.libvirt.unix.policy <<-X
		<!DOCTYPE policyconfig PUBLIC "-//freedesktop//DTD PolicyKit Policy Configuration 1.0//EN"
		 "http://www.freedesktop.org/standards/PolicyKit/1.0/policyconfig.dtd">
		<policyconfig><action id="org.libvirt.unix.manage"><description>manage</description><message>manage</message>
		<defaults><allow_any>auth_admin_keep</allow_any><allow_inactive>auth_admin_keep</allow_inactive><allow_active>auth_admin_keep</allow_active></defaults>
		</action></policyconfig>
	X
}
rule() { # RESULT CONDITION
	printf 'polkit.addRule(function(action, subject) {\n  if (action.id == "org.libvirt.unix.manage" && %s) return polkit.Result.%s;\n});\n' "$2" "$1" \
		>$rules/60-libvirt.rules
}
start_polkit() {
	[ ! -s "$lab/polkit" ] || kill "$(cat "$lab/polkit")"
	within 20 sh -c "! dbus-send --system --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.GetNameOwner string:org.freedesktop.PolicyKit1"
	$polkitd --no-debug </dev/null >>"$lab/polkit.log" 2>&1 &
	echo $! >"$lab/polkit"
	echo $! >>"$lab/pids"
	within 20 dbus-send --system --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.GetNameOwner string:org.freedesktop.PolicyKit1 ||
		fail "polkitd does not come up: $(cat "$lab/polkit.log")"
}

step 'no bus: the groups where libvirt does not ask polkit, and nothing is guessed where it does'
says sam '^warn .*: sam is not in the group libvirt$'
policy
says tom '^note .*: cannot tell: polkit decides: no D-Bus daemon listens; tom is in the group libvirt$'

step 'a bus without polkit'
cat >"$lab/bus.conf" <<X
<busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy></busconfig>
X
dbus-daemon --config-file="$lab/bus.conf" --fork --print-pid=3 3>>"$lab/pids" || fail 'no bus'
says tom '^note .*: cannot tell: polkit decides: polkit is not installed; tom is in the group libvirt$'

step "libvirt's policy, and no rule"
start_polkit
says sam '^warn .*: polkit asks for a password before it lets sam; sam is not in the group libvirt$'
expect 'cure: usermod -aG libvirt sam' check sam
says tom '^warn .*: polkit asks for a password before it lets tom; tom is in the group libvirt$'
expect "cure: .*polkit's rule for the group libvirt" check tom
expect '^pass .*: root needs no group$' check root

step 'its rule for the group'
rule YES 'subject.isInGroup("libvirt")'
start_polkit
says tom '^pass .*: polkit lets tom, without a password$'
says sam '^warn .*: polkit asks for a password before it lets sam; sam is not in the group libvirt$'
expect 'would user-libvirt: run usermod -aG libvirt sam' check sam --fix user-libvirt --dry-run
says sam '^warn '
expect '^pass .*: polkit lets sam' env SUDO_USER=sam "$HVSH" host-check --fix user-libvirt --yes
says sam '^pass .*: polkit lets sam, without a password$'

step 'a rule that forbids, one for somebody by name, and no policy'
rule NO 'subject.user == "tom"'
start_polkit
says tom '^warn .*: polkit does not let tom; tom is in the group libvirt$'
expect 'cure: look for the rule that forbids it' check tom
gpasswd -d sam libvirt >/dev/null
rule YES 'subject.user == "sam"'
start_polkit
says sam '^pass .*: polkit lets sam, without a password$'
rm $actions/org.libvirt.unix.policy
start_polkit
says sam '^note .*: cannot tell: polkit decides: .*org.libvirt.unix.manage.*; sam is not in the group libvirt$'

step 'where libvirt asks nobody, or somebody else'
printf 'auth_unix_rw = "none"\n' | tee /etc/libvirt/libvirtd.conf >/etc/libvirt/virtqemud.conf
says tom '^pass .*: tom is in the group libvirt$'
says sam '^warn .*: sam is not in the group libvirt$'
printf 'auth_unix_rw = "sasl"\n' | tee /etc/libvirt/libvirtd.conf >/etc/libvirt/virtqemud.conf
says sam '^note .*: cannot tell: libvirt asks its clients by sasl'
echo done
