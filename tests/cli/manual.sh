#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The manual pages, those written from the tables too, are clean roff and say what they are about.
. "${srcdir:?}/tests/cli/lib.sh"
command -v groff >/dev/null || { echo 'groff is not installed: it checks the manual pages'; exit 77; }

for page in "${builddir:?}"/man/*.[13]; do
	groff -ww -man -Kutf8 -Tutf8 "$page" >text 2>warnings || failed=1
	[ -s warnings ] && { echo "FAILED: ${page##*/}:"; head -n 5 warnings; failed=1; }
	grep -n '@[A-Z]*@' text && { echo "FAILED: ${page##*/}: a place of its template is left"; failed=1; }
	[ "$(wc -l <text)" -gt 20 ] || { echo "FAILED: ${page##*/} is empty"; failed=1; }
done
grep -q '^\.SS "watch"' "$builddir/man/hvsh-core.1" || { echo 'FAILED: hvsh-core(1) does not have watch'; failed=1; }
grep -q '^# define HVSH_PUBLIC __attribute__' "$builddir/man/hvsh-plugin.3" || { echo 'FAILED: hvsh-plugin(3) is not the header'; failed=1; }
# every variable of the shell's own is in hvsh(1)
for name in $(grep -ohE 'getenv\("HVSH_[A-Z_]+' "$srcdir"/shell/*.c | sed 's/.*"//'); do
	grep -q "^\.B.*$name" "$builddir/man/hvsh.1" || { echo "FAILED: hvsh(1) does not have $name"; failed=1; }
done
# every program option of the usage text is in hvsh(1)
"$HVSH" --help | grep -oE -- '--[a-z-]+' | sort -u | while read -r option; do
	grep -qF -- "$(printf %s "${option#--}" | sed 's/-/\\-/g')" "$builddir/man/hvsh.1" || echo "FAILED: hvsh(1) does not have $option"
done >missing
[ -s missing ] && { cat missing; failed=1; }
exit $failed
