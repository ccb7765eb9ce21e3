#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# echo: words as they are, quoted for a shell or XML, split at commas.
. "${srcdir:?}/tests/cli/lib.sh"

# virsh's echo ends no line: the empty line after every command does
said() { printf %s "$1"; }
check 0 echo a 'b  c' <<<'a b  c'
check 0 -q echo a 'b  c' < <(said 'a b  c')
check 0 -q echo </dev/null
check 0 echo --hi <<<hello
check 0 echo --str one --str two <<<'one two'
check 0 echo --shell 'two words' plain '' "it's" 'a,b=c%' <<<"'two words' plain '' 'it'\\''s' a,b=c%"
check 0 echo --xml '<a b="c">' "&'" <<<'&lt;a b=&quot;c&quot;&gt; &amp;&apos;'
check 0 -q echo --split a,b,,c d <<'E'
a
b,c
 d
E
check 0 echo -- --shell <<<--shell
error='error: x y' check 0 -q echo --err x y </dev/null
error='error: Options --shell and --xml are mutually exclusive' check 1 -q echo --shell --xml a </dev/null
error='error: Options --xml and --split are mutually exclusive' check 1 -q echo --xml --split a </dev/null
check 0 'echo "a;b" ; echo c # no' <<'E'
a;b
c
E
check 0 -q echo --json a <<<'"a"'
exit $failed
