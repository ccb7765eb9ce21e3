# SPDX-License-Identifier: GPL-3.0-or-later
# lib.sh - what the scripts of this folder share. $HVSH is the program; each script has a folder and a home of its own.
set -u
: "${HVSH:?run by make check, or set HVSH to the program}"
export LC_ALL=C
unset VIRSH_DEFAULT_CONNECT_URI LIBVIRT_DEFAULT_URI VIRSH_DEBUG VIRSH_LOG_FILE
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
export HOME=$work XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state XDG_CACHE_HOME=$work/cache XDG_DATA_HOME=$work/data
cd "$work" || exit 99
failed=0

# built_with CURL libcurl: without it the test is skipped.
built_with() {
	[ -z "${builddir:-}" ] || grep -qx "#define HAVE_$1 1" "$builddir/config.h" || { echo "SKIPPED: built without $2"; exit 77; }
}

# check STATUS ARGUMENT...: runs the program; standard output must be what this function reads, the status STATUS, and the first line of
# standard error $error (empty: no word there).
error=
check() {
	local status=$1 is first
	shift
	cat >expected
	"$HVSH" "$@" >out 2>err </dev/null
	is=$?
	first=$(head -n 1 err)
	if [ "$is" != "$status" ] || [ "$first" != "$error" ] || ! cmp -s expected out; then
		failed=1
		printf 'FAILED: hvsh %s\n' "$*"
		[ "$is" = "$status" ] || printf '  status %s, not %s\n' "$is" "$status"
		[ "$first" = "$error" ] || printf '  error  %s\n  not    %s\n' "$first" "$error"
		diff -u expected out | sed 's/^/  /'
	fi
	error=
}

# has TEXT ARGUMENT...: runs the program, which must succeed; its output must have TEXT.
has() {
	local text=$1
	shift
	"$HVSH" "$@" >out 2>err </dev/null || { failed=1; printf 'FAILED: hvsh %s: %s\n' "$*" "$(head -n 1 err)"; }
	grep -qF -e "$text" out || { failed=1; printf "FAILED: hvsh %s has no '%s'\n" "$*" "$text"; }
}
