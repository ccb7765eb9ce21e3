#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# help: all groups, one group, one command, what is neither, and the search.
. "${srcdir:?}/tests/cli/lib.sh"

check 0 -q help pwd <<'E'
  NAME
    pwd - print the current directory

  SYNOPSIS
    pwd

  DESCRIPTION
    Prints the folder that relative file names start from.

  EXAMPLES
    pwd
        print the folder that relative file names start from
E
"$HVSH" -q help pwd >by-help
check 0 -q pwd --help <by-help

"$HVSH" help >all || failed=1
for keyword in domain monitor events host filter network nodedev secret pool volume virsh; do
	grep -q "(help keyword '$keyword'):\$" all || { echo "FAILED: help has no group $keyword"; failed=1; }
done
# a heading with nothing below it says nothing
awk '/help keyword/ { heading = NR; next } /^ *$/ && heading == NR - 1 { exit 1 } END { if (heading == NR) exit 1 }' all ||
	{ echo 'FAILED: help has an empty group'; failed=1; }
has '    connect                        (re)connect to hypervisor' help virsh
has '    connect                        (re)connect to hypervisor' help 'Virsh itself'
has '    echo  ' help --search QUOTED
grep -q 'self-test' all && { echo 'FAILED: help lists a hidden command'; failed=1; }
has 'self-test [--completers-missing]' help self-test
has 'NAME' help pwd --nosuch surplus
has '.TH "HVSH\-CORE" 1' help --manual core
error="error: command or command group 'nosuch' doesn't exist" check 1 -q help nosuch </dev/null
error="error: no command has 'no such thing' in its name or description" check 1 -q help --search 'no such thing' </dev/null
error="error: Options --command and --search are mutually exclusive" check 1 -q help pwd --search x </dev/null
exit $failed
