#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The prompt beside a real daemon: guests' events above a half-typed line, a daemon that hangs, one that dies. The shell stays.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
hosts a
guest_xml web1 >"$lab/web1.xml"
daemon() { on_host a sh -c "kill -$1 \$(pidof libvirtd virtqemud)"; }
# not within the host: Ctrl-C would end what leads there
shell() { terminal "$HVSH" -q -c "$(uri a)"; await_screen 20 'hvsh system # $'; }
# the prompt that stands last, with what is typed behind it
prompt() { await_screen "$1" "hvsh system[^#]*# $2\$"; }
type_line() { : >"$lab/screen"; type_keys "$1\r"; }

step 'what others do is seen above the line that is being typed'
shell
type_keys 'list --a'
await_screen 10 'list --a'
expect "Domain 'web1' defined" hv define "$lab/web1.xml"
await_screen 10 "domain 'web1' .*defined"
prompt 10 'list --a.*'
: >"$lab/screen"
type_keys 'll\r'
await_screen 10 'web1 +shut off'

step 'what the shell has just done itself is told once'
type_line 'set quiet off'
guest_xml web2 >"$lab/web2.xml"
type_line "define $lab/web2.xml"
await_screen 10 "Domain 'web2' defined from"
guest_xml web3 >"$lab/web3.xml"
expect "Domain 'web3' defined" hv define "$lab/web3.xml"
await_screen 10 "domain 'web3' .*defined"
! screen | grep "domain 'web2'" || fail 'it is told twice'
type_line 'set quiet on'

step 'a daemon that hangs: TAB is given back, Ctrl-C gives the prompt back'
daemon STOP
type_keys 'start \t'
await_screen 10 'has not answered yet'
type_keys '\025'
type_line 'dominfo web1'
sleep 1
type_keys '\003'
await_screen 10 'press Ctrl-C again'
type_keys '\003'
await_screen 10 'hvsh system !130 # '
daemon CONT
type_line 'domstate web1'
await_screen 20 'shut off'

step 'it dies: the command fails, the next one connects anew'
daemon KILL
type_line 'domstate web1'
await_screen 20 'error: '
if on_host a sh -c 'command -v libvirtd' >/dev/null; then on_host a libvirtd -d -l; else on_host a virtqemud -d; fi
answers() { hv -q uri; }
within 20 answers || fail 'the daemon does not come back'
type_line 'domstate web1'
await_screen 20 'shut off'
type_line 'quit'
await_end 20 || fail "the shell ends with $? after quit"

step 'without a terminal: an interrupt ends what hangs, keepalive what is dead'
daemon STOP
timeout -s INT 2 "$HVSH" -c "$(uri a)" list 2>"$lab/err"
status=$?
cat "$lab/err"
[ $status = 124 ] && [ -s "$lab/err" ] || fail "exit status $status of an interrupted connection"
daemon CONT
rm -f "$lab/batch"
mkfifo "$lab/batch"
on_host a "$HVSH" -q -c qemu:///system -k 1 -K 2 <"$lab/batch" >"$lab/out" 2>"$lab/err" &
batch=$!
exec 8>"$lab/batch"
echo 'domstate web1' >&8
said() { grep -q "$1" "$lab/out"; }
within 20 said 'shut off' || fail 'the batch does not begin'
daemon STOP
echo 'dominfo web1' >&8
failed() { grep -q '^error: ' "$lab/err"; }
within 30 failed || fail 'a dead connection is not noticed'
daemon CONT
printf 'domid web1\necho the batch goes on\n' >&8
exec 8>&-
wait $batch || fail "the batch's exit status"
said 'the batch goes on' || fail 'the batch is lost'
cat "$lab/out" "$lab/err"

step 'a script does not wait for the events of a host that is gone'
echo 'local hv = require "hvsh"; hv.list(); print "waiting" hv.wait{ event = "started" }' >"$lab/wait.lua"
on_host a "$HVSH" -c qemu:///system -k 1 -K 2 "$lab/wait.lua" >"$lab/out" 2>"$lab/err" &
within 20 said waiting || fail 'the script does not begin'
sleep 1
daemon STOP
wait $! && fail 'the script waits for nothing'
daemon CONT
grep "the connection 'default' was lost while waiting for events" "$lab/err" || fail "it says: $(cat "$lab/err")"
expect "Domain 'web1' has been undefined" hv undefine web1
echo done
