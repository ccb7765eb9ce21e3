# SPDX-License-Identifier: GPL-3.0-or-later
# What the tests of this folder share: a work folder, a compiler, the shell with one folder of plugins and none of the user's.
set -u
cc=${CC:-cc}
command -v "${cc%% *}" >/dev/null || { echo "a C compiler ($cc) is needed to build plugins"; exit 77; }
work=$(mktemp -d "${TMPDIR:-/tmp}/hvsh-abi.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
export XDG_DATA_HOME=$work/data XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state
umask 022
failed=0

# build NAME HEADER [FLAGS]: the plugin of this folder with that header, alone in $work/NAME
build() {
	name=$1 header=$2
	shift 2
	mkdir -p "$work/$name" "$work/$name.include" && cp "$header" "$work/$name.include/hvsh.h"
	# shellcheck disable=SC2086
	$cc -std=gnu17 -fPIC -shared -Wall ${LIBVIRT_CFLAGS-} -I"$work/$name.include" "$@" -o "$work/$name/ages.so" "$srcdir/tests/abi/plugin.c" ||
		{ echo "cannot build the plugin with $header"; exit 1; }
}
# hvsh NAME WORD...: the shell with the plugins of that folder; warnings at the start are left out
hvsh() {
	folder=$work/$1
	shift
	"$builddir/shell/hvsh" --plugin-dir "$folder" "$@" 2>&1 | grep -v '^warning: '
}
# expect WHAT WANTED GOT
expect() {
	[ "$2" = "$3" ] && return
	failed=1
	printf '%s:\n--- expected\n%s\n--- got\n%s\n' "$1" "$2" "$3"
}
# contains WHAT PIECE GOT
contains() {
	case $3 in *"$2"*) return ;; esac
	failed=1
	printf '%s: expected "%s" in:\n%s\n' "$1" "$2" "$3"
}
