#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Guests: what goes beyond virsh in their life, and editing them.
. "${srcdir:?}/tests/cli/lib.sh"
uri=test://${srcdir:?}/tests/cli/fixtures/node.xml

check 0 -q -c "$uri" 'shutdown web --wait 5s; domstate web' <<'E2'
shut off
E2
check 0 -c "$uri" shutdown web --wait 5s --or-destroy <<'E2'
Domain 'web' is being shutdown
Domain 'web' is shut down

E2
error='error: Option --wait is required by option --or-destroy' check 1 -c "$uri" shutdown web --or-destroy <<<''
error="error: domain 'zoo' has no console on a terminal of the host" check 1 -c "$uri" ttyconsole zoo <<<''
error='error: Cannot run interactive console without a controlling TTY' check 1 -c "$uri" start zoo --console <<'E2'
Domain 'zoo' started

E2
check 0 -q -c "$uri" dumpxml zoo --xpath //disk/source <<'E2'
<source file="/images/zoo.raw"/>
<source pool="images" volume="zoo-data"/>
E2
error="error: 'count(' is no XPath expression" check 1 -q -c "$uri" dumpxml zoo --xpath 'count(' </dev/null
# volumes of a pool go with the guest; a disk that is none stays, and is named
error="error: Storage volume 'vda'(/images/zoo.raw) is not managed by libvirt. Remove it manually." \
	check 0 -c "$uri" 'undefine zoo --remove-all-storage; list --inactive --name' <<'E2'
Domain 'zoo' has been undefined
Volume 'vdb'(zoo-data) removed.

Alpha

E2
# editors: nothing changed, something changed, one that fails
EDITOR=true check 0 -c "$uri" edit zoo <<'E2'
Domain 'zoo' XML configuration not changed.

E2
EDITOR='sed -i s/262144/131072/g' check 0 -q -c "$uri" 'edit zoo; dumpxml zoo --xpath //memory/text()' <<<131072
EDITOR= VISUAL= error='error: there is no terminal for vi; EDITOR may name an editor that needs none' check 1 -q -c "$uri" edit zoo </dev/null
EDITOR=false error='error: the editor ended with status 1; nothing was changed' check 1 -q -c "$uri" edit zoo </dev/null
EDITOR='sed -i s/Serves/Keeps/' check 0 -q -c "$uri" 'desc web --edit; desc web' < <(printf 'Keeps the shop.\nOwner: sales & support')
exit $failed
