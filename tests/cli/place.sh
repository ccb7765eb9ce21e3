#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# cd and pwd: cd only where a person (or a batch on standard input, as in virsh) types.
. "${srcdir:?}/tests/cli/lib.sh"

here=$(pwd -P)
check 0 -q pwd <<<"$here"
error='error: cd: command valid only in interactive mode' check 1 -q cd / </dev/null
error="error: unexpected data 'b'" check 1 -q cd a b </dev/null

mkdir inner
printf 'cd inner\npwd\ncd\npwd\ncd /nosuch\n' | "$HVSH" -q >out 2>err
grep -qxF "$here/inner" out || { echo 'FAILED: cd inner'; failed=1; }
grep -qxF "$HOME" out || { echo 'FAILED: cd alone goes home'; failed=1; }
[ "$(cat err)" = 'error: cd: No such file or directory: /nosuch' ] || { echo "FAILED: cd /nosuch says: $(cat err)"; failed=1; }
exit $failed
