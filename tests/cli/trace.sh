#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --trace: each call to libvirt on stderr, with the document that was sent and without its secrets; standard output stays as it is.
. "$(dirname "$0")/lib.sh"

cat >guest.xml <<'X'
<domain type='test'>
  <name>traced</name>
  <memory unit='KiB'>65536</memory>
  <os><type>hvm</type></os>
  <devices>
    <graphics type='vnc' passwd='not to be seen'/>
  </devices>
</domain>
X
wrong() { failed=1; printf 'FAILED: %s\n' "$*"; sed 's/^/  /' err; }

"$HVSH" --trace -c test:///default 'define guest.xml; start traced; domstate nosuch' >out 2>err </dev/null
[ $? = 1 ] || wrong 'the exit status is not 1'
printf "Domain 'traced' defined from guest.xml\n\nDomain 'traced' started\n\n\n" | cmp - out || wrong 'standard output has changed'
grep -Eq '^trace: +\+[0-9.]+ ms virConnectOpenAuth name=test:///default' err || wrong 'no virConnectOpenAuth'
grep -Eq '^trace: .* virDomainDefineXML conn=0x[0-9a-f]+, xml=<domain' err || wrong 'no virDomainDefineXML'
grep -q '^  <name>traced</name>' err || wrong 'the document is not there'
grep -q "passwd='\*\*\*'" err || wrong 'the password is not marked'
! grep -q 'not to be seen' err || wrong 'the password is there'
grep -Eq '^trace: .* virDomainCreate.* name=traced' err || wrong 'no virDomainCreate'
! grep '^trace:' err | grep -Eq 'Ref |Free |Internal |Dispose ' || wrong 'more than calls'
grep -q "^error: failed to get domain 'nosuch'" err || wrong 'the error is gone'

# what the administrator set for libvirt's log holds, too, and without --trace nothing is told
LIBVIRT_LOG_FILTERS=1:libvirt LIBVIRT_LOG_OUTPUTS=1:file:$work/own "$HVSH" --trace -c test:///default domname 1 >out 2>err </dev/null
grep -q virDomainLookupByID own || wrong "the administrator's log is empty"
grep -q 'virDomainLookupByID' err || wrong 'no trace beside it'
"$HVSH" -c test:///default domname 1 >out 2>err </dev/null
[ ! -s err ] || wrong 'something is told without --trace'
exit $failed
