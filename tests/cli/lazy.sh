#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Lua, readline and json-c are loaded by what needs them, and only then; one that is damaged is named.
. "${srcdir:?}/tests/cli/lib.sh"
soname() { sed -n "s/^#define $1_SONAME \"\(.*\)\"/\1/p" "${builddir:?}/config.h"; }
loaded() { # those that the arguments load, in the order of the alphabet
	LD_DEBUG=files LD_DEBUG_OUTPUT="$work/ld" "$HVSH" -q -c test:///default "$@" </dev/null >/dev/null
	for library in JSON LUA READLINE; do
		! grep -q "file=$(soname $library) .*dynamically loaded by" "$work"/ld.* || echo $library
	done | xargs
	rm -f "$work"/ld.*
}
loads() {
	local expected=$1 is
	shift
	is=$(loaded "$@")
	[ "$is" = "$expected" ] || { failed=1; echo "FAILED: hvsh $* loads '$is', not '$expected'"; }
}
# newer versions of libvirt bring json-c along
json=JSON
! ldd "$builddir/shell/hvsh" | grep -qF "$(soname JSON) " || json=
for library in JSON LUA READLINE; do [ -n "$(soname $library)" ] || { failed=1; echo "FAILED: no name of $library's library"; }; done
echo 'print(1)' >one.lua
echo 'hostname' >lines
loads '' hostname
loads '' list --all
loads '' -f lines
loads "$json" list --json
loads LUA one.lua

mkdir damaged
echo 'no library' >"damaged/$(soname LUA)"
LD_LIBRARY_PATH=$work/damaged "$HVSH" -c test:///default one.lua >out 2>err </dev/null
[ $? = 127 ] && grep -q "^error: a library that hvsh needs cannot be loaded: .*$(soname LUA)" err || {
	failed=1
	echo "FAILED: a damaged library: $(cat err)"
}
LD_LIBRARY_PATH=$work/damaged check 0 -q -c test:///default domstate test <<<running
exit $failed
