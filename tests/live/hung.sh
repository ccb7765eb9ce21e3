#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A guest that hangs (its QEMU is stopped) holds up nobody else's rows, and not the prompt.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
hosts a
for name in web1 web2 web3; do
	guest_xml "$name" memory=96 | sed "s,<name>,<title>The guest $name</title>\n<name>," >"$lab/$name.xml"
	expect '' hv define "$lab/$name.xml"
	expect '' hv start "$name" --paused
done
qemu_of() { on_host a cat "/run/libvirt/qemu/$1.pid"; }
# Whoever asks web2 now waits: the question stays with QEMU.
hung=$(qemu_of web2)
on_host a kill -STOP "$hung" || fail 'cannot stop the QEMU of web2'

step 'lists do not ask a guest'
LIMIT=20
expect 'web1 +paused.*' hv list --all
expect 'The guest web2' hv list --all --title
expect '"name":"web2"' hv list --json
expect 'state.state=3' hv domstats --state
expect 'Name: +web1' hv dominfo web1

step 'statistics of all: the others come, the one that hangs is marked'
LIMIT=60
on_host a "$HVSH" -c qemu:///system domstats >"$lab/stats" 2>"$lab/stats.err" </dev/null || fail "$(cat "$lab/stats.err")"
grep -A400 "Domain: 'web3'" "$lab/stats" | grep -q 'balloon.current=' || fail 'web3 has no row'
grep -q "Domain: 'web2'" "$lab/stats" || fail 'web2 has no row'
expect '"name":"web1","uuid":"[^"]*","stale":false' hv domstats --jsonl --balloon --block
on_host a "$HVSH" -c qemu:///system domstats --balloon --block --jsonl >"$lab/stats" </dev/null
grep '"stale":true' "$lab/stats" | grep -q '"name":"web2"' || { cat "$lab/stats"; fail 'web2 is not marked'; }
[ "$(grep -c '"stale":false' "$lab/stats")" = 2 ] || { cat "$lab/stats"; fail 'the others are marked'; }

step 'who waits in vain is told where to look'
refuse '"hint": ?"another command is busy with the guest' hv --json setmem web2 64M

step 'Ctrl-C gives the prompt back'
terminal "$HVSH" -q -c "$(uri a)"
await_screen 30 'hvsh system # $'
: >"$lab/screen"
type_keys 'dommemstat web2\r'
await_screen 30 'dommemstat web2'
# twice, as it says: the first asks the hypervisor to end the call, which it cannot
more_interrupts() { type_keys '\x03'; sleep 1; on_screen '# $'; }
within 30 more_interrupts || { screen | tail; fail 'no prompt'; }
type_keys 'domstate web1\r'
await_screen 30 '^paused'
type_keys 'quit\r'
await_end 30

step 'Ctrl-C in a transfer whose daemon hangs: what would abort it hangs too'
expect '' hv vol-create-as default big 100M
mkfifo "$lab/fifo"
sleep 300 >"$lab/fifo" &
writer=$!
terminal "$HVSH" -q -c "$(uri a)"
await_screen 30 'hvsh system # $'
type_keys "vol-upload big $lab/fifo default\r"
await_screen 30 'vol-upload big'
sleep 1
daemons() { on_host a pkill "-$1" -x 'libvirtd|virtqemud|virtstoraged'; }
daemons STOP || fail 'cannot stop the daemon'
within 30 more_interrupts || { daemons CONT; fail 'no prompt'; }
on_screen 'gave up waiting for vol-upload' || fail 'it did not hang'
type_keys 'echo here\r'
await_screen 30 '^here'
daemons CONT
kill "$writer"
type_keys 'quit\r'
await_end 30

step 'Ctrl-C in a start with its console whose daemon hangs, and in one batch, once'
guest_xml web4 memory=96 >"$lab/web4.xml"
expect '' hv define "$lab/web4.xml"
# its standard input stays open until the test has ended, however
here() { while [ -d "$lab" ] && [ ! -e "$lab/$1" ]; do sleep 0.1; done; }
(echo uri; here frozen; echo list; here over) |
	env --default-signal=INT "$HVSH" -c "$(uri a)" >"$lab/batch" 2>&1 &
within 10 grep -q '^qemu' "$lab/batch" || fail 'no batch'
batch=$(pgrep -n -x hvsh)
terminal "$HVSH" -q -c "$(uri a)"
await_screen 30 'hvsh system # $'
type_keys 'start web4 --console\r'
await_screen 30 'start web4'
sleep 0.2
daemons STOP
within 30 more_interrupts || { daemons CONT; fail 'no prompt'; }
touch "$lab/frozen"
sleep 1
kill -INT "$batch"
within 30 test ! -d "/proc/$batch" || { kill -9 "$batch"; daemons CONT; fail 'the batch goes on'; }
daemons CONT
type_keys 'quit\r'
await_end 30

step 'Ctrl-C in a console whose guest does not go on'
terminal "$HVSH" -q -c "$(uri a)"
await_screen 30 'hvsh system # $'
type_keys 'console web2 --resume\r'
await_screen 30 'console web2'
within 30 more_interrupts || fail 'no prompt'
on_screen 'gave up waiting for the host' || fail 'it did not hang'
type_keys 'quit\r'
await_end 30

step 'it goes on'
on_host a kill -CONT "$hung"
within 30 hv domstats web2 --balloon || fail 'web2 does not answer'
await_answer() { hv domstats --balloon --block --jsonl </dev/null | grep '"name":"web2"' | grep -q '"stale":false'; }
within 60 await_answer || fail 'web2 is still marked'
exit 0
