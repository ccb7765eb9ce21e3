#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A guest's memory in files: saved and brought back, by the user and by libvirt; what Ctrl-C in the middle leaves; what is forbidden.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
hosts a
guest_xml web1 memory=128 >"$lab/web1.xml"
expect '' hv define "$lab/web1.xml"
expect '' hv start web1
await_console web1 60 GUEST-READY

step 'saved, looked at, changed, brought back'
expect "Domain 'web1' saved to /var/tmp/web1.save" hv save web1 /var/tmp/web1.save
expect '<name>web1</name>' hv save-image-dumpxml /var/tmp/web1.save
hv -q save-image-dumpxml /var/tmp/web1.save | sed 's,<name>,<title>saved once</title><name>,' >"$lab/saved.xml"
expect 'State file /var/tmp/web1.save updated' hv save-image-define /var/tmp/web1.save "$lab/saved.xml"
refuse 'Failed to restore domain from /var/tmp/nothing' hv restore /var/tmp/nothing
expect 'Domain restored from /var/tmp/web1.save' hv restore /var/tmp/web1.save --paused
expect '^paused' hv domstate web1
expect 'saved once' hv desc web1 --title
expect '' hv resume web1
refuse "domain '?web1'? is already active" hv restore /var/tmp/web1.save
refuse "Failed to save domain 'web1' to /nowhere/x" hv save web1 /nowhere/x
expect '^running' hv domstate web1

step 'kept by libvirt'
expect '"what": ?"Managedsave"' hv managedsave web1 --verbose --jsonl
expect 'web1 +saved' hv list --all --managed-save
expect '^Managed save: +yes' hv dominfo web1
expect '<name>web1</name>' hv managedsave-dumpxml web1
refuse 'Domain .*is not running|domain is not running' hv managedsave web1
expect "Domain 'web1' started" hv start web1
expect '^running' hv domstate web1
expect "Domain 'web1' state saved by libvirt" hv managedsave web1 --paused
expect "Removed managedsave image for domain 'web1'" hv managedsave-remove web1
expect '^shut off' hv domstate web1
expect "Domain 'web1' has no manage save image; removal skipped" hv managedsave-remove web1

step 'Ctrl-C in the middle'
expect "Domain 'web1' started" hv start web1
# whoever reads the pipe is slow: the job would take minutes
on_host a mkfifo -m 666 /var/tmp/slow
on_host a sh -c 'exec 3<>/var/tmp/slow; while dd bs=1M count=1 iflag=fullblock <&3 >/dev/null; do sleep 0.1; done' 2>/dev/null &
reader=$!
given_up() { # given_up WHAT COMMAND
	terminal "$HVSH" -c "$(uri a)" "$2"
	await_screen 30 '[0-9]%'
	type_keys '\003'
	await_end 60 && fail 'a job that was given up is no success'
	await_screen 10 "domain 'web1' is running as before; there is no $1 of it"
	expect '^running' hv domstate web1
}
given_up 'saved state' 'save web1 /var/tmp/slow'
given_up 'whole dump' 'dump web1 /var/tmp/slow --live'
kill $reader 2>/dev/null

step 'Ctrl-C while it is brought back'
# what unpacks the image (which says now that it is packed) is slow: it would take minutes
cat >"$lab/slow" <<'X'
#!/bin/bash
for ((i = 0; i < 900; i++)); do dd bs=64k count=1 iflag=fullblock 2>/dev/null || exit; sleep 0.2; done
X
chmod 755 "$lab/slow"
on_host a mount --bind "$lab/slow" "$(on_host a sh -c 'command -v gzip')" || fail 'gzip cannot be made slow'
packed() { on_host a sh -c "printf '\\001' | dd of=$1 bs=1 seek=28 conv=notrunc status=none" || fail "the image $1 cannot be changed"; }
starting() { hv domstate "$1" --reason | grep -q 'paused (starting up)'; }
given_up() { # given_up HINT BAR COMMAND
	terminal "$HVSH" -c "$(uri a)" "$3"
	within 60 starting web1 || fail 'the domain does not start'
	await_screen 30 "$2: 0:0[1-9]"
	type_keys '\003'
	await_end 60 && fail 'a start that was given up is no success'
	await_screen 10 "$1"
	expect '^shut off' hv domstate web1
}
expect '' hv save web1 /var/tmp/web1.save
packed /var/tmp/web1.save
given_up 'the domain is not started; its saved state is still in /var/tmp/web1.save' Restore 'restore /var/tmp/web1.save'
expect '' hv start web1
await_console web1 60 GUEST-READY
expect '' hv managedsave web1
packed /var/lib/libvirt/qemu/save/web1.save
given_up "domain 'web1' is shut off as before" Start 'start web1'
expect 'web1 +saved' hv list --all --managed-save
expect '' hv start web1 --force-boot

step 'Ctrl-C while a disk of a new guest does not answer'
on_host a iptables -A OUTPUT -d 198.51.100.99 -j DROP
guest_xml far memory=64 boot=disk disk=/none | sed "s,<disk type='file' device='disk'>.*,<disk type='network' device='disk'>\
	<source protocol='nbd' name='x'><host name='198.51.100.99' port='10809'/></source>," >"$lab/far.xml"
terminal "$HVSH" -c "$(uri a)" "create $lab/far.xml"
within 60 starting far || fail 'the domain does not start'
type_keys '\003'
await_end 60 && fail 'a guest that was given up is no success'
await_screen 10 'Failed to create domain'
refuse "failed to get domain 'far'" hv domstate far
echo "require('hvsh').create('$lab/far.xml')" >"$lab/far.lua"
terminal "$HVSH" -c "$(uri a)" "$lab/far.lua"
within 60 starting far || fail 'the domain does not start'
type_keys '\003'
await_end 60
[ $? = 130 ] || fail 'a script that Ctrl-C ends has another status than 130'
await_screen 10 'Failed to create domain'

step 'a connection that only reads'
for command in 'save web1 /var/tmp/x' 'managedsave web1' 'destroy web1' 'suspend web1' 'setmem web1 64M' 'qemu-agent-command web1 {}' 'screenshot web1 /tmp/x'; do
	# shellcheck disable=SC2086
	refuse 'operation forbidden: read only access' hv -r $command
done
expect '^running' hv -r domstate web1

step 'an agent that does not answer'
guest_xml mute memory=64 boot=disk disk=/var/lib/libvirt/images/none.img >"$lab/mute.xml"
on_host a truncate -s 1M /var/lib/libvirt/images/none.img
expect '' hv define "$lab/mute.xml"
expect '' hv start mute
LIMIT=60
for command in 'qemu-agent-command mute {"execute":"guest-ping"} --timeout 2' 'domfsinfo mute' 'domfsfreeze mute' 'domhostname mute --source agent' \
	'guestinfo mute' 'domtime mute' 'setvcpus mute 1 --guest' 'shutdown mute --mode agent' 'dompmsuspend mute mem' 'domifaddr mute --source agent'; do
	# shellcheck disable=SC2086
	refuse '[Gg]uest agent is not (responding|connected|available)|QEMU guest agent is not' hv $command
done
expect '^running' hv domstate mute
refuse 'not come to .guest-agent-available. in time' hv await mute guest-agent-available --timeout 2
expect '' hv destroy mute

step 'a daemon that hangs: the console is left, and none is begun, without it'
daemon() { on_host a sh -c "kill -$1 \$(cat /run/libvirtd.pid 2>/dev/null || pidof libvirtd)" || fail "there is no libvirtd for $1"; }
LIMIT=120
terminal "$HVSH" -k 0 -c "$(uri a)"
await_screen 30 'hvsh system # $'
: >"$lab/screen"
type_keys 'console web1\r'
await_screen 30 'Escape character'
daemon STOP
type_keys '\035'
await_screen 60 'the console may stay taken'
: >"$lab/screen"
type_keys 'console web1\r'
await_screen 60 'does not answer; press Ctrl-C'
type_keys '\003'
await_screen 60 'gave up waiting for the host'
daemon CONT
type_keys 'quit\r'
await_end 60
daemon STOP
for line in 'console web1' 'edit web1' 'watch 1s list'; do
	terminal "$HVSH" -k 0 -c "$(uri a)" "$line"
	sleep 1
	type_keys '\003'
	await_screen 20 'gave up connecting to'
	await_end 20 && fail "$line: what was given up is no success"
done
# at the prompt it is the first one that opens; what is watched fails by itself, and the watching ends with it
terminal "$HVSH" -k 0
await_screen 30 'hvsh # $'
for line in "connect $(uri a)" 'console web1' 'watch 1s list'; do
	: >"$lab/screen"
	type_keys "$line\r"
	sleep 1
	type_keys '\003'
	await_screen 20 'gave up'
	await_screen 20 '# $'
done
type_keys 'quit\r'
await_end 60
daemon CONT
cat >"$lab/editor" <<-X
	#!/bin/sh
	sed -i 's,</name>,</name><title>an hour of work</title>,' "\$1"
	"$live/host" exec "$lab" a sh -c 'kill -STOP \$(cat /run/libvirtd.pid 2>/dev/null || pidof libvirtd)'
X
chmod 755 "$lab/editor"
terminal env EDITOR="$lab/editor" VISUAL= TMPDIR="$lab" "$HVSH" -k 0 -c "$(uri a)" 'edit web1'
await_screen 60 'does not answer; press Ctrl-C'
type_keys '\003'
await_screen 60 "what you wrote is kept in $lab/hvsh"
daemon CONT
await_end 60 && fail 'an edit that was given up is no success'
grep -q 'an hour of work' "$lab"/hvsh*.xml || fail 'what was written is gone'
rm -f "$lab"/hvsh*.xml

step 'a daemon that ends in the middle'
on_host a sh -c 'exec 3<>/var/tmp/slow; while dd bs=1M count=1 iflag=fullblock <&3 >/dev/null; do sleep 0.1; done' 2>/dev/null &
reader=$!
for line in 'await web1 domain-inactive' 'console web1' 'dump web1 /var/tmp/slow --live'; do
	terminal "$HVSH" -c "$(uri a)" "$line"
	case $line in
	await*) sleep 1 ;;
	console*)
		await_screen 20 'Escape character'
		type_keys '\r'
		await_screen 20 'guest#' ;;
	dump*) await_screen 30 '[0-9]%' ;;
	esac
	daemon KILL
	await_screen 30 'error: '
	await_end 30 && fail 'a lost connection is no success'
	[[ $line != console* ]] || on_screen '^error: ' || fail "it is said behind the guest's prompt"
	[[ $line != dump* ]] || on_screen "the job may go on: see 'domstate web1'" || fail 'it does not say what is left'
	on_host a libvirtd -d -l || fail 'libvirtd does not start again'
	within 60 hv domstate web1 || fail 'libvirtd does not answer again'
done
kill $reader 2>/dev/null
cat >"$lab/editor" <<-X
	#!/bin/sh
	sed -i 's,</name>,</name><title>written by hand</title>,' "\$1"
	"$live/host" exec "$lab" a sh -c 'kill -9 \$(cat /run/libvirtd.pid 2>/dev/null || pidof libvirtd)'
X
chmod 755 "$lab/editor"
terminal env EDITOR="$lab/editor" VISUAL= TMPDIR="$lab" "$HVSH" -c "$(uri a)" 'edit web1'
await_screen 60 "what you wrote is kept in $lab/hvsh"
await_end 30 && fail 'a lost connection is no success'
grep -q 'written by hand' "$lab"/hvsh*.xml || fail 'what was written is gone'
exit 0
