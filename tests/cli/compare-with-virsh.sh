#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The same lines given to virsh and to hvsh: standard output and exit status must be equal, and the first line on standard error.
#
#   compare-with-virsh.sh [FILE]...      all of tests/cli/compare/*.txt when none is named
#
# In a file each line is a case:
#   LINE            given as one argument, a line of commands
#   $ WORD...       read by the shell as arguments: program options, quoting, several words
#   < TEXT          given on standard input, \n and the like as in printf
#   @ URI           from here on the connection is this one; "-" for none (then no -c is given)
#   %here%          in any of these: the folder of this script
#   # remark        also the place to say why a line that differs on purpose is not here
#
# The cases are what virsh 9.0 does. VIRSH names another program than virsh; without one the test is skipped.
set -u
virsh=$(command -v "${VIRSH:-virsh}") || { echo 'virsh is not installed: nothing to compare with'; exit 77; }
version=$("$virsh" --version)
case $version in
9.0.*) ;;
*) echo "the cases are for virsh 9.0, here is $version"; exit 77 ;;
esac
here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || set -- "$here"/compare/*.txt
for file; do files+=("$(readlink -f "$file")"); done
. "$here/lib.sh"

# run NAME PROGRAM: the case in $case; NAME.out, NAME.err and NAME.status are the answer. Both have an empty folder of their own.
run() {
	local name=$1 program=$2 words=()
	rm -rf folder && mkdir folder && cd folder || exit 99
	[ "$uri" = - ] || words=(-c "$uri")
	case $case in
	'$ '*) eval "timeout 60 \"\$program\" \"\${words[@]}\" ${case#??}" >"../$name.out" 2>"../$name.err" </dev/null ;;
	'< '*) printf '%b' "${case#??}" | timeout 60 "$program" "${words[@]}" >"../$name.out" 2>"../$name.err" ;;
	*) timeout 60 "$program" "${words[@]}" "$case" >"../$name.out" 2>"../$name.err" </dev/null ;;
	esac
	echo $? >"../$name.status"
	cd ..
	# a session greets and prompts with the program's name
	case $case in '< '*) sed -i 's/^Welcome to hvsh/Welcome to virsh/; s/^hvsh \([#>]\)/virsh \1/' "$name.out" ;; esac
}

count=0 different=0
for file in "${files[@]}"; do
	uri=test:///default
	while IFS= read -r case || [ -n "$case" ]; do
		case=${case//%here%/$here}
		case $case in
		'' | '# '*) continue ;;
		'@ '*) uri=${case#??}; continue ;;
		esac
		count=$((count + 1))
		run theirs "$virsh"
		run ours "$HVSH"
		head -n 1 theirs.err >theirs.first
		head -n 1 ours.err >ours.first
		if cmp -s theirs.out ours.out && cmp -s theirs.status ours.status && cmp -s theirs.first ours.first; then continue; fi
		different=$((different + 1))
		printf 'DIFFERENT %s: %s\n' "${file##*/}" "$case"
		for part in status first out; do
			diff -u --label virsh --label hvsh "theirs.$part" "ours.$part" | tail -n +3 | sed 's/^/    /'
		done
	done <"$file"
done
echo "$count cases, $different different"
[ "$different" = 0 ]
