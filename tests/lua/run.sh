#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs each *.lua of this folder on a test driver of its own; a script asserts, and says nothing when all is well.
. "${srcdir:?}/tests/cli/lib.sh"

mkdir -p "$work/modules"
for script in "$srcdir"/tests/lua/*.lua; do
	"$HVSH" -c test:///default --script-dir "$work/modules" "$script" "$work" >out 2>err </dev/null
	is=$?
	if [ "$is" != 0 ] || [ -s err ]; then
		failed=1
		printf 'FAILED: %s: status %s\n' "${script##*/}" "$is"
		sed 's/^/  /' out err
	fi
done
exit $failed
