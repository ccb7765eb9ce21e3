#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The scripts that are shipped, on the test driver.
. "${srcdir:?}/tests/cli/lib.sh" || exit 99
scripts=$srcdir/scripts

cat >node.xml <<'E'
<node>
<domain type='test'><name>one</name><memory>8192</memory><os><type>hvm</type></os></domain>
<domain type='test'><name>two</name><memory>8192</memory><os><type>hvm</type></os></domain>
<domain type='test'><name>three</name><memory>8192</memory><os><type>hvm</type></os></domain>
</node>
E
check 0 -c "test://$PWD/node.xml" "$scripts/shutdown-all.lua" <<'E'
3 to shut down
all are off
E
check 0 -c "test://$PWD/node.xml" "$scripts/shutdown-all.lua" --except two --timeout 5 <<'E'
2 to shut down
all are off
E
error="error: '--nosuch' is no option of this script, or lacks its value: --help lists them" \
	check 1 -c "test://$PWD/node.xml" "$scripts/shutdown-all.lua" --nosuch </dev/null

check 0 -c test:///default "$scripts/wait-for-address.lua" test 2 lease <<<192.168.122.3
check 0 -c test:///default "$scripts/wait-for-address.lua" test <<<192.168.122.3
error="error: failed to get domain 'nosuch'" check 1 -c test:///default "$scripts/wait-for-address.lua" nosuch </dev/null
error='error: which guest? wait-for-address.lua GUEST [SECONDS] [lease|agent|arp]' check 1 "$scripts/wait-for-address.lua" </dev/null
for script in "$scripts"/*.lua; do
	[ "${script##*/}" = usage.lua ] || has "  hvsh [-c URI] ${script##*/}" "$script" --help
done
# by its name alone, from the folders of scripts; what is here comes first
has 'shut every running guest down' --script-dir "$scripts" shutdown-all.lua --help
echo 'print "mine"' >shutdown-all.lua
check 0 --script-dir "$scripts" shutdown-all.lua <<<mine
error='error: cannot open nosuch.lua: No such file or directory' check 1 --script-dir "$scripts" nosuch.lua </dev/null
mkdir -m 777 open && echo 'print "open"' >open/any.lua
error="error: any.lua is not run: '$PWD/open' is writable by everybody: chmod o-w '$PWD/open'" check 1 --script-dir open any.lua </dev/null
exit $failed
