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
error="error: connection 'default' is in use" check 1 -q -c $test disconnect default </dev/null
error="error: there is no connection 'nosuch'" check 1 -q disconnect nosuch </dev/null
check 0 -q -c $test --json connections <<'E'
[
{"current":true,"name":"default","uri":"test:///default","readonly":false,"open":true}
]
E
exit $failed
