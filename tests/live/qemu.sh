#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# QEMU's monitor, the guest agent, keys and pictures of a real guest; virsh and hvsh ask the same.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
command -v virsh >/dev/null || skip "virsh is missing: ./autogen.sh check-live installs it"
hosts a
guest_xml web1 memory=128 | sed "s,<video><model type='none'/></video>,<graphics type='vnc'/><video><model type='vga'/></video>," >"$lab/web1.xml"
expect '' hv define "$lab/web1.xml"
expect '' hv start web1
await_console web1 60 GUEST-READY

# same WORD...: standard output and exit status are equal; libvirt counts its commands, which is seen in QEMU's answers
same() {
	printf '$ %s\n' "$*"
	on_host a virsh -c qemu:///system "$@" >"$lab/theirs" 2>"$lab/theirs.err"
	echo $? >>"$lab/theirs"
	hv "$@" >"$lab/ours" 2>"$lab/ours.err"
	echo $? >>"$lab/ours"
	sed -i 's/"libvirt-[0-9]*"/"libvirt-N"/' "$lab/theirs" "$lab/ours"
	diff "$lab/theirs" "$lab/ours" || fail 'not as virsh'
	diff <(sed 1q "$lab/theirs.err") <(sed 1q "$lab/ours.err") || fail 'not as virsh'
}

step 'the monitor'
same qemu-monitor-command web1 --hmp info version
same qemu-monitor-command web1 --hmp info status
same qemu-monitor-command web1 '{"execute":"query-version"}'
same qemu-monitor-command web1 --pretty '{"execute":"query-version"}'
same qemu-monitor-command web1 --return-value '{"execute":"query-version"}'
same qemu-monitor-command web1 --pretty --return-value '{"execute":"query-version"}'
same qemu-monitor-command web1 --pretty --return-value '{"execute":"query-iothreads"}'
same qemu-monitor-command web1 --pretty '{"execute":"query-migrate"}'
same qemu-monitor-command web1 --pretty '{"execute":"query-chardev"}'
same qemu-monitor-command web1 --pretty '{"execute":"query-vnc"}'
same qemu-monitor-command web1 --pretty '{"execute":"query-hotpluggable-cpus"}'
same qemu-monitor-command web1 --pretty '{"execute":"nope"}'
same qemu-monitor-command web1 --return-value '{"execute":"nope"}'
same qemu-monitor-command web1 nope
same qemu-monitor-command web1 query-status
same qemu-monitor-command web1 '"query-status"'
same qemu-monitor-command web1 'query-status' '{}'
same qemu-monitor-command web1 query-status x
same qemu-monitor-command web1 human-monitor-command '"command-line":"info status"'
same qemu-monitor-command web1 human-monitor-command '{"command-line":"info status"}'
same qemu-monitor-command web1 human-monitor-command '"command-line":"info status"' '"cpu-index":0'
same qemu-monitor-command web1 human-monitor-command command-line info
same qemu-attach 1

step 'its events'
listen() { # listen NAME CMD...: in the background
	local name=$1
	shift
	on_host a "$@" >"$lab/$name" 2>"$lab/$name.err" &
}
listen theirs virsh -c qemu:///system qemu-monitor-event web1 --event 're|stop' --regex --no-case --pretty --loop --timeout 8
listen ours "$HVSH" -c qemu:///system qemu-monitor-event web1 --event 're|stop' --regex --no-case --pretty --loop --timeout 8
listen json "$HVSH" -c qemu:///system qemu-monitor-event web1 --event RESET --loop --timeout 8 --jsonl
sleep 3
expect '' hv suspend web1
expect '' hv resume web1
expect '' hv reset web1
wait
diff "$lab/theirs" "$lab/ours" || fail 'virsh heard something else'
cat "$lab/ours"
grep -q "event RESET at [0-9]*\.[0-9]* for domain 'web1': {$" "$lab/ours" || fail 'no RESET'
grep -q '"event":"RESET","name":"web1","details":{"guest":false,"reason":"host-qmp-system-reset"}' "$lab/json" || { cat "$lab/json"; fail 'no typed details'; }

step 'the agent'
again() { [ "$(console web1 | grep -c GUEST-READY)" = 2 ]; }
within 60 again || fail 'the guest does not start again'
if within 30 hv -q qemu-agent-command web1 '{"execute":"guest-ping"}'; then
	same qemu-agent-command web1 '{"execute":"guest-ping"}'
	same qemu-agent-command web1 --timeout 5 --pretty '{"execute":"guest-get-osinfo"}'
	same qemu-agent-command web1 --block '{"execute":"guest-get-host-name"}'
	same qemu-agent-command web1 '{"execute":"nope"}'
	same get-user-sshkeys web1 nobody-there
	printf 'ssh-ed25519 AAAA one\n\nssh-ed25519 BBBB two\n' >"$lab/keys.pub"
	expect '' hv set-user-sshkeys web1 root "$lab/keys.pub"
	[ "$(hv -q get-user-sshkeys web1 root | sort)" = "$(sort "$lab/keys.pub" | sed '/^$/d')" ] || fail 'other keys'
	expect '"key": ?"ssh-ed25519 AAAA one"' hv get-user-sshkeys web1 root --json
	sed -i 1,2d "$lab/keys.pub"
	expect '' hv set-user-sshkeys web1 root "$lab/keys.pub" --remove
	same get-user-sshkeys web1 root
	expect '' hv set-user-sshkeys web1 root --reset
	same get-user-sshkeys web1 root
fi
same qemu-agent-command nosuch '{"execute":"guest-ping"}'

step 'keys and pictures'
same send-key web1 KEY_LEFTSHIFT KEY_A
same send-key web1 --codeset xt --holdtime 50 0x1c
same send-process-signal web1 1 hup
expect 'Screenshot saved to /tmp/web1.ppm, with type of image/(png|x-portable-pixmap)' hv screenshot web1 /tmp/web1.ppm
expect '' on_host a test -s /tmp/web1.ppm
refuse "error: could not take a screenshot of web1" hv screenshot web1 /tmp/web1.ppm 7
on_host a rm -f /tmp/web1.ppm

step 'a password that is asked for'
terminal "$HVSH" -c "$(uri a)" set-user-password web1 root
await_screen 20 'Enter password: '
type_keys 'hidden-word\n'
await_screen 20 'Enter password again: '
type_keys 'hidden-ward\n'
await_end 30
on_screen 'error: the two passwords are not the same' || fail 'a password that was mistyped was set'
! on_screen hidden-ward || fail 'the password is on the screen'
terminal "$HVSH" -c "$(uri a)" set-user-password web1 root
await_screen 20 'Enter password: '
type_keys 'hidden-word\n'
await_screen 20 'Enter password again: '
type_keys 'hidden-word\n'
await_end 30
! on_screen hidden-word || fail 'the password is on the screen'
echo done
