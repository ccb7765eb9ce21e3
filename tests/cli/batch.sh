#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How a batch ends: by signals, by a reader that leaves, by its last command; and that nothing is done behind that.
. "${srcdir:?}/tests/cli/lib.sh"
wrong() { echo "FAILED: $*"; failed=1; }
# shellcheck disable=SC2054
hv=(env --default-signal=INT,TERM,HUP,PIPE "$HVSH" -q -c test:///default)
# awaits COMMAND...: for ten seconds
awaits() {
	for ((i = 0; i < 100; i++)); do
		"$@" && return
		sleep 0.1
	done
	return 1
}
gone() { ! kill -0 "$1" 2>/dev/null; }
# ends SIGNAL STATUS PID WHAT
ends() {
	local status
	kill -"$1" "$3"
	awaits gone "$3" || { wrong "$4 lives on after $1"; kill -KILL "$3"; }
	wait "$3"
	status=$?
	[ "$status" = "$2" ] || wrong "$4 ends by $1 with $status, not $2"
}

# while it waits for a line that does not come, and while it waits for the end of one
mkfifo pipe
for signal in INT:130 TERM:143 HUP:129; do
	for words in '' '-f -' '--lua read.lua'; do
		echo 'io.read() io.read()' >read.lua
		exec 3<>pipe
		rm -f out
		# shellcheck disable=SC2086
		"${hv[@]}" $words <pipe >out 2>err &
		printf 'echo begun\n' >&3
		case $words in
		--lua*) sleep 1 ;;
		*) awaits grep -q begun out || wrong "'$words' does not begin" ;;
		esac
		printf 'echo half' >&3
		sleep 0.2
		ends "${signal%:*}" "${signal#*:}" $! "a batch ($words) that waits"
		exec 3>&-
	done
done 2>/dev/null
rm pipe

# what stands behind is not done
printf '%s\n' '!touch begun; sleep 2' 'destroy test' '!touch went-on' >file
"${hv[@]}" -f file >out 2>err &
awaits test -e begun
ends TERM 143 $! 'a file at a program of the user'
[ -e went-on ] && wrong 'a file goes on after TERM'
printf '%s\n' 'watch 100ms list' '!touch went-on' >file
for signal in INT:130 TERM:143; do
	rm out
	"${hv[@]}" -f file >out 2>err &
	awaits test -s out
	ends "${signal%:*}" "${signal#*:}" $! 'a file that watches'
done
[ -e went-on ] && wrong 'a file goes on after watch was ended'
for ((i = 0; i < 100000; i++)); do echo list; done >long
echo '!touch went-on' >>long
rm out
"${hv[@]}" -f long >out 2>err &
awaits test -s out
ends INT 130 $! 'a long file'
[ -e went-on ] && wrong 'a file goes on after Ctrl-C'
rm out
"${hv[@]}" >out 2>err <long &
awaits test -s out
ends INT 130 $! 'a long batch'

# nobody reads any more
yes list | "${hv[@]}" | head -n 1 >/dev/null
[ "${PIPESTATUS[1]}" = 141 ] || wrong 'a batch without a reader goes on'
printf '%s\n' 'while true do print(1) end' >print.lua
# more than what fits into a pipe
printf '%s\n' help help help help '!touch went-on' >file
for words in '-f file' 'watch 100ms list' print.lua; do
	# shellcheck disable=SC2086
	"${hv[@]}" $words 2>err | read -r _
	status=${PIPESTATUS[0]}
	[ "$status" = 141 ] || wrong "'$words' without a reader ends with $status"
	[ -s err ] && wrong "'$words' says: $(cat err)"
done
[ -e went-on ] && wrong 'a file goes on without a reader'
"$HVSH" -q -c test:///default watch 1s list >/dev/full 2>err && wrong 'watch goes on at a full disk'

# what a command runs goes where its text would
printf '%s\n' 'domid test' 'domstate test' >inner
printf '%s\n' 'watch --count 2 100ms domid test > seen' 'source inner | sed s/^/read:/' 'source inner >> seen' 'domstate test' >file
check 0 -q -c test:///default -f file <<'E'
read:1
read:running
running
E
printf '%s\n' 1 1 1 running | cmp -s - seen || wrong "redirected: $(cat seen)"
printf '%s\n' 'watch 100ms list | head -n 1' 'domstate test' >file
check 0 -q -c test:///default -f file <<'E'
 1   test   running
running
E

# a remark, a blank line changes nothing of how the last command ended
for behind in '# remark' '   ' ';' ''; do
	printf 'domid nosuch\n%s\n' "$behind" >file
	error="error: failed to get domain 'nosuch'" check 1 -q -c test:///default -f file </dev/null
done
check 0 -q '# remark' </dev/null
# a line without an end is no file of commands
error='error: /dev/zero is no file of commands: a line of it is longer than 64 MiB' check 1 -f /dev/zero </dev/null
# data asked for: failures before the command are data too
for words in 'cd /' 'echo x > /nosuch/file' '-f nosuch'; do
	# shellcheck disable=SC2086
	case $words in -f*) "$HVSH" --json $words ;; *) echo "$words" | "$HVSH" --json -f - ;; esac >out 2>err
	grep -q '^{"error":{"command":' err || wrong "--json '$words' says: $(cat err)"
done
# no home is made
HOME=$work/nohome XDG_CACHE_HOME='' "$HVSH" -q echo x >out && [ ! -e nohome ] || wrong 'a home was made'
HOME=nohome XDG_CACHE_HOME='' "$HVSH" -q echo x >out && [ ! -e nohome ] || wrong 'a home was made where we are'
exit $failed
