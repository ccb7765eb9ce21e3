#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# connect, disconnect, connections: to another hypervisor and back.
. "${srcdir:?}/tests/cli/lib.sh"
test=test:///default

check 0 -q connect $test </dev/null
check 0 -q -c $test 'connect; connections' <<<' *   default   test:///default   read-write   open'
check 0 -q "connect $test --readonly; connect; connections" <<<' *   default   test:///default   read-only   open'
# a connection that cannot be made leaves the old one in use
error='error: failed to connect to the hypervisor' \
	check 0 -q -c $test 'connect nosuch:///; connect; connections' <<<' *   default   test:///default   read-write   open'
error='error: failed to connect to the hypervisor' check 1 -q connect nosuch:/// </dev/null
check 0 -q -c $test "connect $test --as two --readonly; connections; connect --as default; disconnect two; connections" <<'E'
     default   test:///default   read-write   open
 *   two       test:///default   read-only    open
 *   default   test:///default   read-write   open
E
# -c: the line is read before anything is opened, and nothing of it runs when that fails
error="error: unknown command: 'frobnicate'" check 1 -q -c nosuch:/// 'echo x; frobnicate' </dev/null
error='error: failed to connect to the hypervisor' check 1 -q -c nosuch:/// 'echo x; list' </dev/null
error='error: failed to connect to the hypervisor' check 1 -c nosuch:/// 'list; echo x' </dev/null
error='error: failed to connect to the hypervisor' check 1 -c nosuch:/// list </dev/null
error='error: failed to connect to the hypervisor' check 1 -t -c nosuch:/// list </dev/null
# -t measures the command, not the host that takes two seconds to open
mkfifo slow.xml
(sleep 2; cat "$srcdir/tests/cli/fixtures/node.xml" >slow.xml) &
"$HVSH" -t -c "test://$PWD/slow.xml" list >out 2>&1 || failed=1
grep -Eq '^\(Time: [0-9]{1,3}\.[0-9]{3} ms\)$' out || { echo 'FAILED: -t measures the opening too'; cat out; failed=1; }
wait
# the environment's choice is shown before it is used, too
LIBVIRT_DEFAULT_URI=$test check 0 -q connections <<<' *   default   test:///default   read-write   closed'
check 0 -q connections <<<' *   default   -   read-write   closed'
error="error: connection 'default' is in use" check 1 -q -c $test disconnect default </dev/null
error="error: there is no connection 'nosuch'" check 1 -q disconnect nosuch </dev/null
check 0 -q -c $test --json connections <<'E'
[
{"current":true,"name":"default","uri":"test:///default","readonly":false,"open":true}
]
E

# A host that takes the call and then says nothing: Ctrl-C ends the waiting, and the other commands go on.
python3 -c '
import socket, time
mute = socket.create_server(("127.0.0.1", 0))
print(mute.getsockname()[1], flush=True)
time.sleep(600)' >port &
mute=$!
until [ -s port ]; do kill -0 $mute 2>/dev/null || { echo 'FAILED: there is no port to listen on'; exit 1; }; sleep 0.05; done
mute_uri=qemu+tcp://127.0.0.1:$(cat port)/system
gives_up() { # gives_up ARGUMENT...: an interrupt each second, until it ends; one is enough
	env --default-signal=INT "$HVSH" -q "$@" >out 2>err </dev/null &
	local shell=$! sent=0
	sleep 1
	while kill -INT $shell 2>/dev/null && [ $((++sent)) -lt 10 ]; do sleep 1; done
	wait $shell
	[ $? = 130 ] && [ "$(head -n 1 err)" = "error: gave up connecting to $mute_uri" ] ||
		{ failed=1; printf 'FAILED: hvsh %s: interrupted %s times: %s\n' "$*" $sent "$(cat err)"; }
}
gives_up -c "$mute_uri" list
gives_up -c $test connect "$mute_uri"
gives_up -c $test migrate test "$mute_uri"
kill $mute
exit $failed
