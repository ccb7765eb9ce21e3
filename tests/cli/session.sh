#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# set, alias, source, time, watch, quit.
. "${srcdir:?}/tests/cli/lib.sh"

check 0 'set quiet on; pwd; set quiet off; echo b' <<E
Setting 'quiet' is on
$PWD

b
E
check 0 -q 'set yes; set yes 1; set yes' <<'E'
 yes   off   go on without asking before something is destroyed
 yes   on   go on without asking before something is destroyed
E
error="error: there is no setting 'nosuch'" check 1 -q set nosuch </dev/null
error="error: 'maybe' is no value of timing: it takes off, on" check 1 -q set timing maybe </dev/null

printf '%s\n' "alias hi echo 'two words' --shell" hi "alias say 'echo said:'" 'say x' alias 'unalias hi' hi >file
error="error: unexpected data 'hi' behind -f file" check 1 -q -f file hi </dev/null
error="error: option -f can be given once only" check 1 -f file -f file </dev/null
error="error: -f and --lua: one of them" check 1 -f file --lua x.lua </dev/null
error="error: Invalid string '^' for escape sequence" check 1 -e ^ list </dev/null
# lines of other systems
printf 'domid test\r\ndomstate test\r\n' >lines
check 0 -q -c test:///default -f lines <<<$'1\nrunning'
printf 'domid test\r\n\r\n' | "$HVSH" -q -c test:///default 2>&1 | grep -qx 1 || { echo 'FAILED: CR in a batch'; failed=1; }
error="error: unknown command: 'hi'" check 1 -q -f file <<'E'
'two words'said: x hi    echo 'two words' --shell
 say   echo said:
E
error="error: 'a b' cannot be an alias: it has blanks, quotes or characters with a meaning of their own" check 1 -q alias 'a b' echo </dev/null

printf 'pwd\necho --nosuch\n# a remark\npwd > written\n' >file
error="error: command 'echo' doesn't support option --nosuch" check 0 -q source file <<<"$PWD"
[ "$(cat written)" = "$PWD" ] || { echo 'FAILED: source does not redirect'; failed=1; }
# a program behind | that fails is a failure; the command's own counts more
printf 'pwd | cat && exit 3\necho --split never\n' >pipe
check 3 -q --fail-fast -f pipe <<<"$PWD"
echo 'source nosuch | exit 3' >pipe
error="error: cannot read '$PWD/nosuch': No such file or directory" check 1 -q -f pipe </dev/null
cat >lua <<'E'
= "it's"
= hv.domstate("test").state
= 1 +
= "after"
E
error='error: line:1: unexpected symbol near <eof>' check 0 -q -c test:///default -f lua <<'E'
it's
running
after
E
error='error: line:1: unexpected symbol near <eof>' check 1 -q -c test:///default --fail-fast -f lua <<'E'
it's
running
E
echo '= hv.source("lua")' >nested
echo 'local hv = require "hvsh"; coroutine.wrap(function() hv.source("nested") end)()' >nested.lua
error='error: line:1: unexpected symbol near <eof>' check 0 -q -c test:///default nested.lua <<'E'
it's
running
after
true
E
printf 'a\0b\n="after"\n' >zero
error='error: a line with a NUL byte was refused' check 0 -q -f zero <<<after
error='error: a line with a NUL byte was refused' check 1 -q --fail-fast -f zero </dev/null
echo 'source self' >self
error="error: $PWD/self: files of commands run each other more than 16 deep" check 1 -q source self </dev/null
error="error: cannot read '$PWD/nosuch': No such file or directory" check 1 -q source nosuch </dev/null

check 0 -q watch --count 2 100ms echo --split 'a b' <<'E'
a b
a b
E
check 0 watch --count 1 1s 'echo one; echo two' <<'E'
one
two
E
check 0 -q watch --count 1 1s echo one --jsonl <<<'"one"'
check 0 -q --json watch --count 1 1s echo one <<<'"one"'
check 0 -q --jsonl watch --count 1 1s echo one <<<'"one"'
"$HVSH" -q time echo one --json 2>err | grep -qx '"one"' || { echo 'FAILED: time and the format of its command'; failed=1; }
error='error: there is no command to watch' check 1 -q watch 1s '' </dev/null
error="error: unknown command: 'nosuch'" check 1 -q watch 1s nosuch </dev/null
error='error: an interval below 100ms would only keep the host busy' check 1 -q watch 1ms pwd </dev/null
"$HVSH" -q time echo --split a,b >out 2>err
[ "$(cat out)" = "$(printf 'a\nb')" ] && grep -q '^echo took [0-9.]* ms$' err || { echo 'FAILED: time'; cat out err; failed=1; }
error="error: command 'time' requires <command> option" check 1 -q time </dev/null

check 0 -q 'quit; echo never' </dev/null
check 0 'echo before; exit' <<<before
error="error: command 'quit' doesn't support option --foo" check 1 -q quit --foo </dev/null
exit $failed
