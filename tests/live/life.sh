#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A real guest from its definition to its end, and its console.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
hosts a
guest_xml web1 vcpus=1 >"$lab/web1.xml"

step 'define and start'
expect "Domain 'web1' defined from $lab/web1.xml" hv define "$lab/web1.xml"
expect 'shut off' hv domstate web1
expect "Domain 'web1' started" hv start web1
refuse "error: Domain is already active" hv start web1
await_console web1 60 'GUEST-READY name=web1'
expect '^CPU\(s\): +1$' hv dominfo web1
expect '^ [0-9]+ +web1 +running' hv list
expect '"name": ?"web1"' hv list --json

step 'its console'
terminal "$live/host" exec "$lab" a "$HVSH" -c qemu:///system console web1
await_screen 20 'Escape character is \^\]'
type_keys '\r'
await_screen 20 'guest# '
type_keys 'echo six times seven is $((6 * 7))\r'
await_screen 20 'six times seven is 42'
again=$(printf '%q ' "$live/host" exec "$lab" a "$HVSH" -c qemu:///system console web1)
script -qec "$again" /dev/null </dev/null | grep 'console web1 --force' || fail 'whoever finds it taken is not told of --force'
type_keys '\035'
await_end 20 || fail 'the console command failed'
script -qec "$again --resume" /dev/null </dev/null >"$lab/resume" && fail 'a guest that runs is resumed'
grep -q 'already running' "$lab/resume" || fail 'why it is not resumed is not said'
grep -q -e --force "$lab/resume" && fail 'what --force would not cure is said to be cured by it'

step 'pause'
expect "Domain 'web1' suspended" hv suspend web1
expect '^paused$' hv domstate web1
expect "Domain 'web1' resumed" hv resume web1
expect '^running$' hv domstate web1

step 'memory and processors'
expect '^$' hv setmem web1 128MiB --live
smaller() { [ "$(hv -q dommemstat web1 | sed -n 's/^actual //p')" -le 131072 ]; }
within 30 smaller || fail 'the balloon does not grow'
expect '^$' hv setvcpus web1 2 --live
expect '^2$' hv vcpucount web1 --live --current
expect '^2$' hv vcpucount web1 --maximum --config
refuse 'error: ' hv setvcpus web1 99 --live

step 'again'
expect "Domain 'web1' is being rebooted" hv reboot web1 --mode acpi
started_again() { [ "$(console web1 | grep -c GUEST-READY)" = "$1" ]; }
within 60 started_again 2 || fail 'the guest does not start again'
expect "Domain 'web1' is being shutdown" hv shutdown web1
off() { [ "$(hv -q domstate web1)" = 'shut off' ]; }
within 60 off || fail 'the guest does not shut down'
expect "Domain 'web1' started" hv start web1
within 60 started_again 3 || fail 'the guest does not start again'

step 'the end'
expect "Domain 'web1' destroyed" hv destroy web1
refuse 'error: Requested operation is not valid: domain is not running' hv destroy web1
expect "Domain 'web1' has been undefined" hv undefine web1
refuse "error: failed to get domain 'web1'" hv domstate web1
expect '^$' hv -q list --all
echo done
