#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Scripts as programs: arguments, exit status, what is said about errors, Ctrl-C, undo on Ctrl-C.
. "${srcdir:?}/tests/cli/lib.sh" || exit 99

# lua NAME: what is read becomes NAME.lua
lua() { { echo 'local hv = require "hvsh"'; cat; } >"$1.lua"; }

lua args <<'E'
print(arg[0], #arg, ...)
E
check 0 args.lua one 'two words' <<<'args.lua	2	one	two words'
check 0 --lua args.lua -x --yes <<<'args.lua	2	-x	--yes'
printf 'print("from a pipe", #arg)' | "$HVSH" --lua - >out 2>err
[ "$(cat out err)" = 'from a pipe	0' ] || { echo 'FAILED: --lua -'; cat out err; failed=1; }
printf '#!/usr/bin/hvsh\nprint(1)\n' >hash.lua
check 0 hash.lua <<<1
error="error: cannot open nosuch.lua: No such file or directory" check 1 --lua nosuch.lua </dev/null
printf 'local = 5\n' >syntax.lua
error="error: syntax.lua:1: <name> expected near '='" check 1 syntax.lua </dev/null

# errors: the sentence, then the trace; the status is the command's
lua fails <<'E'
local function inner() hv.dominfo("nosuch") end
inner()
E
error="error: failed to get domain 'nosuch'" check 1 -c test:///default fails.lua </dev/null
grep -q '^	fails.lua:2: in ' err && grep -q '^stack traceback:' err || { echo 'FAILED: no trace'; cat err; failed=1; }
"$HVSH" -c test:///default --json fails.lua >out 2>err
grep -q '^{"error":{"command":"dominfo".*"message":"failed to get domain .nosuch.' err || { echo 'FAILED: no JSON error'; cat err; failed=1; }
lua status <<'E'
hv.command{ name = "odd", help = "an odd status", run = function() return nil, 7 end }
local result, status = hv.odd()
assert(status == 7)
os.exit(status)
E
check 7 status.lua </dev/null
lua quit <<'E'
local closed <close> = setmetatable({}, { __close = function() print("closed") end })
pcall(hv.quit)
print("never")
E
check 0 quit.lua <<<closed

# a preview of what a script destroys runs nothing of it
lua preview <<'E'
hv.command{ name = "kill", help = "kill some", destructive = "kill {who}", args = { { "who", "text", "whom" } }, run = function() print("killed") end }
hv.kill("web1", { dry_run = true })
E
"$HVSH" preview.lua >out 2>err && [ "$(cat out err)" = 'would kill web1' ] || { echo 'FAILED: preview'; cat out err; failed=1; }

# of the functions that an event makes fail the first is raised, the others are told
lua events <<'E'
for _, what in ipairs{ "first", "second" } do hv.on("suspended", function() error(what, 0) end) end
hv.suspend("test")
print(pcall(hv.wait, { event = "suspended", timeout = 10 }))
E
error="error: second" check 0 -c test:///default events.lua <<<'false	first'

# what cannot be undone is told, the rest goes on
lua undo <<'E'
local tx <close> = hv.undo()
tx:add(function() print("first") end, "undoing the first")
tx:add(function() error("no way", 0) end, "undoing the second")
error("stop", 0)
E
error="undoing the second" check 1 undo.lua <<<first
printf '%s\n' 'undoing the second' 'could not be undone: undoing the second' 'error: no way' 'undoing the first' 'error: stop' >expected
grep -v -e traceback -e '^	' err | cmp -s - expected || { echo 'FAILED: undo'; cat err; failed=1; }

# interrupted NAME EXPECTED: a script that sends itself a SIGINT in a moment ends with 130 and says no more than EXPECTED.
interrupted() {
	timeout -s KILL 100 env --default-signal=INT "$HVSH" -c test:///default "$1.lua" >out 2>err </dev/null
	local is=$?
	[ "$is" = 130 ] && [ "$(cat out)" = "$2" ] || { echo "FAILED: $1: status $is"; cat out err; failed=1; }
}
soon='os.execute("(sleep 0.3; kill -INT $PPID) &")'
lua loop <<E
$soon
while true do pcall(function() while true do end end) end
E
interrupted loop ''
lua handlers <<E
$soon
while true do
  xpcall(function() while true do end end, function() return "swallowed" end)
end
E
interrupted handlers ''
lua coroutines <<E
$soon
while true do
  coroutine.resume(coroutine.create(function() pcall(function() while true do end end) end))
end
E
interrupted coroutines ''
lua rewrite <<E
$soon
while true do
  pcall(function()
    local x <close> = setmetatable({}, { __close = function() error("another error") end })
    while true do end
  end)
end
E
interrupted rewrite ''
lua undone <<E
local tx <close> = hv.undo()
tx:add(function() for i = 1, 1e6 do end print("undone", hv.domstate("test").state, pcall(error, "caught")) end)
local x <close> = setmetatable({}, { __close = function() for i = 1, 1e6 do end print("closed") end })
$soon
while true do pcall(hv.domstate, "test") end
E
interrupted undone 'closed
undone	running	false	caught'
lua execute <<'E'
os.execute("kill -INT $$")
print("never")
E
interrupted execute ''
lua load <<E
$soon
load(function() while true do end end)
while true do end
E
interrupted load ''
lua read <<E
$soon
print(pcall(io.read))
print("never")
E
mkfifo silence
sleep 100 >silence &
timeout -s KILL 60 env --default-signal=INT "$HVSH" read.lua >out 2>err <silence
is=$?
[ $is = 130 ] && [ ! -s out ] || { echo "FAILED: a read is not ended: status $is"; cat out err; failed=1; }
kill $!
for last in 'load(function() os.exit(4) end) print("never")' 'setmetatable({}, { __gc = function() os.exit(4) end })  collectgarbage()'; do
	lua exit <<<"$last"
	check 4 exit.lua </dev/null
done
lua twice <<'E'
local tx <close> = hv.undo()
tx:add(function() print("undone") end)
tx:add(function() os.execute("(sleep 0.3; kill -INT $PPID) &") hv.wait(60) print("never") end, "waiting")
os.execute("(sleep 0.3; kill -INT $PPID) &")
hv.wait(60)
E
interrupted twice undone
printf '%s\n' waiting 'could not be undone: waiting' 'error: interrupted' | cmp -s - err || { echo 'FAILED: twice'; cat err; failed=1; }
lua waiting <<E
$soon
pcall(hv.wait, 60)
print("never")
E
interrupted waiting ''
lua command <<E
hv.command{ name = "forever", help = "never ends", run = function() $soon while true do end end }
pcall(hv.forever)
print("never")
E
interrupted command ''

exit $failed
