#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Guests: states and memory in files. The expectations are what virsh 9.0 says when it does not hang.
. "${srcdir:?}/tests/cli/lib.sh"
uri=test://${srcdir:?}/tests/cli/fixtures/node.xml

check 0 -c "$uri" 'save web state; restore state; domstate web' <<'E'

Domain 'web' saved to state

Domain restored from state

running

E
[ -s "$work/state" ] || { failed=1; echo 'FAILED: save wrote nothing where it was asked to'; }
check 0 -q -c "$uri" 'save web state; save-image-dumpxml state --xpath //name' <<<'<name>web</name>'
check 0 -c test:///default --json 'save test both; restore both' <<'E'
{"name":"test","uuid":"6695eb01-f6a4-8304-79aa-97f2502e193f","file":"both"}
{"name":"test","uuid":"6695eb01-f6a4-8304-79aa-97f2502e193f","file":"both"}
E
error="error: Failed to save domain 'zoo' to state" check 1 -c "$uri" save zoo state <<<''
error="error: Failed to save domain 'web' to state" check 1 -c "$uri" save web state --running --paused <<<''
check 0 -c "$uri" 'managedsave web; list --all --managed-save --with-managed-save' <<'E'

Domain 'web' state saved by libvirt

 Id   Name    State
---------------------
 -    Alpha   saved
 -    web     saved

E
check 0 -q -c "$uri" 'managedsave web; start web; domstate web --reason' <<<'running (booted)'
error="error: Failed to save domain 'zoo' state" check 1 -c "$uri" managedsave zoo <<<''
check 0 -c "$uri" dump web core <<'E'

Domain 'web' dumped to core

E
check 0 -q -c "$uri" 'dump web core --crash; domstate web --reason' <<<'shut off (crashed)'
error="error: Failed to core dump domain 'web' to core" check 1 -c "$uri" dump web core --crash --live <<<''
error="error: Failed to core dump domain 'zoo' to core" check 1 -c "$uri" dump zoo core <<<''
exit $failed
