#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What is wrong is told in one sentence with the right status, and nothing that comes after it is lost.
. "${srcdir:?}/tests/cli/lib.sh"
t=(-c test:///default)

# words
error="error: unknown command: 'lsit'" check 1 "${t[@]}" lsit </dev/null
error="error: command 'list' doesn't support option --foo" check 1 "${t[@]}" list --foo </dev/null
error="error: unexpected data 'x'" check 1 "${t[@]}" list x </dev/null
error="error: command 'dominfo' requires <domain> option" check 1 "${t[@]}" dominfo </dev/null
error="error: cannot read $work/nosuch: No such file or directory" check 1 "${t[@]}" -f "$work/nosuch" </dev/null
error='error: cannot read /: Is a directory' check 1 "${t[@]}" -f / </dev/null
error="error: cannot open $work/nosuch.lua: No such file or directory" check 1 "$work/nosuch.lua" </dev/null
check 0 -q 'echo --split a,nosuch.lua' <<E
a
nosuch.lua
E
printf 'alias loop time loop\nloop\necho after\n' >loop
"$HVSH" -q -f loop >out 2>err
grep -q 'error: .*run each other more than 32 deep' err && grep -q '^after$' out || { echo 'FAILED: a command that runs itself'; failed=1; }

# lines: too long, binary; what follows is run
for bytes in 'head -c 5000000 /dev/zero | tr "\0" a' 'printf "ec\0ho"' 'head -c 200 /dev/zero | tr "\0" "\377"' 'printf "echo \"open"'; do
	{ eval "$bytes"; printf '\necho after\n'; } >lines
	"$HVSH" -q <lines >out 2>err || { echo "FAILED: status after $bytes"; failed=1; }
	grep -q '^error: ' err && [ "$(wc -c <err)" -lt 5000 ] || { echo "FAILED: no word about $bytes"; failed=1; }
	grep -q '^after' out || { echo "FAILED: nothing after $bytes"; failed=1; }
done

# output that cannot be written
told() { # told STATUS TEXT, of what ran last
	[ "$1" = 1 ] && [ "$(wc -l <err)" = 1 ] && grep -q "cannot write the result: $2" err || { echo "FAILED: status $1: $(cat err)"; failed=1; }
}
for command in help list 'list --json' version; do
	# shellcheck disable=SC2086
	"$HVSH" "${t[@]}" $command >/dev/full 2>err
	told $? 'No space left on device'
	# shellcheck disable=SC2086
	"$HVSH" "${t[@]}" $command >&- 2>err
	told $? 'Bad file descriptor'
done
"$HVSH" "${t[@]}" help 2>err | true
[ ! -s err ] || { echo "FAILED: a reader that has seen enough: $(cat err)"; failed=1; }
if [ -z "${HVSH_UNDER-}" ]; then	# valgrind itself does not start without it
	"$HVSH" "${t[@]}" -q list 2>&- >out && [ "$(cat out)" = ' 1   test   running' ] || { echo 'FAILED: without standard error'; failed=1; }
fi
"$HVSH" "${t[@]}" -q echo hi <&- >out && [ "$(cat out)" = hi ] || { echo 'FAILED: without standard input'; failed=1; }

# a word that is none of an argument's: the nearest, or all
hints() { # hints HINT ARGUMENT...
	local hint=$1
	shift
	"$HVSH" "${t[@]}" --json "$@" >out 2>err && { echo "FAILED: $* succeeds"; failed=1; }
	python3 -c 'import json, sys; sys.exit(json.load(open("err"))["error"]["hint"] != sys.argv[1])' "$hint" ||
		{ echo "FAILED: $*: the hint is not '$hint': $(cat err)"; failed=1; }
}
hints '<type> can be: poweroff, reboot, crash' set-lifecycle-action test foo destroy
hints "did you mean 'lifecycle'?" event --event lifecycel
hints "did you mean 'acpi'?" reboot test --mode agent,acpy
hints '<mode> can be: strict, preferred, interleave, restrictive' numatune test --mode x

# who asks for data gets what is wrong with the line itself as data too
for line in 'dominfo --nope --json' 'list --jsonl; nosuch' 'dominfo --json'; do
	"$HVSH" "${t[@]}" "$line" >out 2>err && { echo "FAILED: $line succeeds"; failed=1; }
	python3 -c 'import json; assert json.load(open("err"))["error"]["message"]' || { echo "FAILED: $line: no JSON: $(cat err)"; failed=1; }
done
"$HVSH" "${t[@]}" dominfo --nope --json 2>err || python3 -c 'import json; json.load(open("err"))' || { echo "FAILED: words: no JSON: $(cat err)"; failed=1; }
"$HVSH" "${t[@]}" 'echo x--json; nosuch' 2>err || grep -q "^error: unknown command: 'nosuch'" err || { echo "FAILED: JSON unasked: $(cat err)"; failed=1; }

# plugins that cannot be loaded are told; the shell starts
mkdir plugins
echo junk >plugins/broken.so
"$HVSH" --plugin-dir plugins echo hi >out 2>err && [ "$(cat out)" = hi ] && grep -q "^warning: plugin 'broken': " err ||
	{ echo 'FAILED: a broken plugin'; failed=1; }
mkfifo plugins/pipe.so
timeout --signal=KILL 60 "$HVSH" --plugin-dir plugins echo hi >out 2>err && grep -q "^warning: plugin 'pipe': .* is no regular file" err ||
	{ echo 'FAILED: a plugin that is a pipe'; failed=1; }

# a folder that is gone
mkdir gone && cd gone && rmdir ../gone
"$HVSH" "${t[@]}" -q list >../out 2>/dev/null && [ "$(cat ../out)" = ' 1   test   running' ] || { echo 'FAILED: in a folder that is gone'; failed=1; }
exit $failed
