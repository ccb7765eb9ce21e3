#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# complete: what other shells' completion asks for; exit status 1 when there is nothing.
. "${srcdir:?}/tests/cli/lib.sh"

check 0 -q complete -- ech <<<echo
check 0 -q complete -- echo --s <<'E'
--shell
--split
--string
E
# what is used up, or goes with nothing that is there, is not offered
check 0 -q complete -- echo --split --s <<<--string
check 1 -q complete -- nosuchcommand </dev/null
check 1 -q complete </dev/null
check 0 -q complete -- set format '' <<'E'
csv
json
jsonl
text
E
check 0 -q complete -- watch 2s echo --x <<<--xml
check 0 -q complete -- help unal <<<unalias
exit $failed
