#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Migration on the test driver, which has none: what is wrong is told before. The expectations are what virsh 9.0 says when it does not hang.
. "${srcdir:?}/tests/cli/lib.sh"
uri=test:///default

# fails SENTENCE WORD...: migrate test WORD...
fails() {
	error="error: $1" check 1 -q -c "$uri" migrate test "${@:2}" </dev/null
}
no_migration='this function is not supported by the connection driver: virDomainMigrate3'
no_params='argument unsupported: Migration APIs with extensible parameters are not supported but extended parameters were passed'

fails "$no_migration" $uri
fails "$no_migration" $uri --suspend --unsafe --persistent
fails "$no_migration" $uri --live --verbose --timeout 5 --timeout-suspend
fails 'argument unsupported: p2p migration is not supported by the source host' $uri --live --p2p
fails 'argument unsupported: p2p migration is not supported by the source host' $uri --live --p2p --tunneled
fails 'argument unsupported: direct migration is not supported by the source host' $uri --direct
fails "$no_params" $uri --migrate-disks vda,vdb --bandwidth 5
fails "$no_params" $uri --comp-methods mt --comp-mt-level 9
fails "$no_params" $uri --parallel --parallel-connections 4
fails "Failed to get option 'dname': Option argument is empty" $uri --dname ''
fails "Failed to get option 'migrate-disks': Option argument is empty" $uri --migrate-disks ''
fails "Numeric value '-1' for <bandwidth> option is malformed or out of range" $uri --bandwidth -1
fails "Numeric value '5MiB' for <bandwidth> option is malformed or out of range" $uri --bandwidth 5MiB
fails "Numeric value 'x' for <comp-mt-level> option is malformed or out of range" $uri --comp-mt-level x
fails "Numeric value 'x' for <comp-xbzrle-cache> option is malformed or out of range" $uri --comp-xbzrle-cache x
fails "Failed to open file '/nosuch': No such file or directory" $uri --xml /nosuch
fails "Failed to open file '/nosuch': No such file or directory" $uri --persistent --persistent-xml /nosuch
fails "'--copy-storage-synchronous-writes' requires one of '--copy-storage-all', 'copy-storage-inc'" $uri --copy-storage-synchronous-writes
error='error: operation forbidden: read only access prevents virDomainMigrate3' check 1 -q -r -c "$uri" migrate test $uri </dev/null

# what contradicts itself is told before any host is asked
fails 'Options --copy-storage-all and --copy-storage-inc are mutually exclusive' nosuch: --copy-storage-all --copy-storage-inc
fails 'Option --p2p is required by option --tunnelled' nosuch: --tunnelled
fails 'Option --parallel is required by option --parallel-connections' nosuch: --parallel-connections 2
fails 'Option --postcopy is required by option --postcopy-resume' nosuch: --postcopy-resume
fails '--offline moves the definition of the guest: it must be given with --persistent' nosuch: --offline
fails "Numeric value '70000' for <disks-port> option is malformed or out of range" $uri --disks-port 70000
fails "failed to connect to 'nosuch://there'" nosuch://there

# a connection by its name, and its URI for the source host
error="error: $no_migration" check 1 -q -c "$uri" "connect --as other test:///default; connect --as here $uri; migrate test other" </dev/null
error='error: argument unsupported: p2p migration is not supported by the source host' \
	check 1 -q -c "$uri" "connect --as other test:///default; migrate test other --p2p" </dev/null
check 0 -q -c "$uri" complete -- migrate test --copy-storage-a <<<--copy-storage-all
check 0 -q -c "$uri" complete -- migrate test x --comp-methods x <<<xbzrle
exit $failed
