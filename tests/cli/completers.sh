#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# completers: what each option of the guests' commands offers, only what the command can use. One process answers all; `-` is for nothing.
. "${srcdir:?}/tests/cli/lib.sh"

uri=test://$(cd "$srcdir" && pwd)/tests/cli/completers.d/node.xml
questions=()
while read -r line; do
	case $line in '' | '#'*) continue ;; esac
	words+=("${line%% : *}")
	answers+=("${line#* : }")
	questions+=("complete -- ${line%% : *}; echo @@")
done <"$srcdir/tests/cli/completers.d/cases.txt"

"$HVSH" -q -c "$uri" "$(printf '%s\n' "${questions[@]}")" >out 2>err </dev/null
# what one question got is one line; newer versions of libvirt know a model's versions, too
sed 's/@@/\n@@\n/g; /^Opteron_G.-v[0-9]*$/d' out | awk 'NF' | awk '/^@@$/ { print answer == "" ? "-" : answer; answer = ""; next } { answer = answer (answer == "" ? "" : " ") $0 }' >got
[ "$(wc -l <got)" = "${#answers[@]}" ] || { echo "FAILED: $(wc -l <got) answers to ${#answers[@]} questions"; head -n 5 err; exit 1; }
number=0
while read -r is; do
	if [ "$is" != "${answers[number]}" ]; then
		failed=1
		printf 'FAILED: %s\n  offers  %s\n  not     %s\n' "${words[number]}" "$is" "${answers[number]}"
	fi
	number=$((number + 1))
done <got
exit $failed
