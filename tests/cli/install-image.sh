#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# install --image on the test driver, which makes no files: which image is meant, what it is, and how it is downloaded, from a local server.
. "${srcdir:?}/tests/cli/lib.sh"
built_with CURL libcurl
"$HVSH" -q -c test:///default help install >/dev/null 2>&1 || { echo 'SKIPPED: the plugin install is not built'; exit 77; }
command -v python3 >/dev/null || { echo 'SKIPPED: python3 is missing'; exit 77; }
guest=(-c test:///default install --name d --osinfo generic --memory 512 --network user --noautoconsole --cloud-init none)
# image STATUS WORDS EXPECTED [ARGUMENT...]: what it ends with, and what it says
image() {
	local status=$1 words=$2 text=$3 is
	shift 3
	"$HVSH" "${guest[@]}" --image "$words" "$@" >out 2>err </dev/null
	is=$?
	[ $is = "$status" ] && grep -qF -- "$text" out err && return
	failed=1
	printf "FAILED: --image %s: status %s, not %s, or without '%s'\n" "$words" "$is" "$status" "$text"
	sed 's/^/  /' out err
}
# is TEXT COMMAND...: what it prints
is() {
	local text=$1 printed
	shift
	printed=$("$@" 2>&1)
	[ "$printed" = "$text" ] || { failed=1; printf "FAILED: %s: '%s', not '%s'\n" "$*" "$printed" "$text"; }
}

# a qcow2 is a header and a little more: what it has inside is of no interest here
zeros() { head -c "$1" /dev/zero; }
# qcow2 FILE BACKING_OFFSET FEATURES: of 1 GiB
qcow2() {
	{
		printf 'QFI\xfb\0\0\0\3'
		zeros 7
		printf "\\x$2\\0\\0\\0\\0\\0\\0\\0\\x10\\0\\0\\0\\0\\x40\\0\\0\\0"
		zeros 47
		printf "\\x$3"
		zeros 24
		seq 1 60000
	} >"$1"
}
mkdir web
qcow2 web/good.qcow2 0 0
qcow2 web/layer.qcow2 99 0
qcow2 web/outside.qcow2 0 4
sum=$(sha256sum web/good.qcow2)
(cd web && sha512sum good.qcow2 >SHA512SUMS && printf 'SHA256 (other.qcow2) = %064d\n' 0 >wrong && cp good.qcow2 other.qcow2)

# ---- files ----
image 0 web/good.qcow2,size=2GiB "use the image $work/web/good.qcow2" --dry-run
image 0 web/good.qcow2 'disk hda: qcow2, which grows with what is in it' --dry-run --explain
image 0 web/good.qcow2 'cpu: the hypervisor' --dry-run --explain
image 1 web/good.qcow2,size=0.5 'a disk of 512.0 MiB is too small for the image, which is one of 1.0 GiB' --dry-run
image 1 web/outside.qcow2 'has its data in another file: it is not used' --dry-run
image 1 web/layer.qcow2,copy=yes 'is a layer over another file, and is of no use alone' --dry-run
image 1 ./nowhere.qcow2 "nowhere.qcow2' cannot be read: No such file or directory" --dry-run
image 1 web/ 'Is a directory' --dry-run
image 1 web/SHA512SUMS 'is neither a qcow2 nor a disk that starts a machine' --dry-run
image 0 web/SHA512SUMS,format=raw 'a layer over the image' --dry-run
printf '\xfd7zXZ\0' >packed.xz
image 1 ./packed.xz 'is compressed (xz)' --dry-run
printf '<!DOCTYPE html>' >page.img
image 1 ./page.img 'is a web page' --dry-run
image 1 "web/good.qcow2,sha256=${sum%% *}0" 'a SHA-256 has 64 hexadecimal digits' --dry-run
image 2 "web/good.qcow2,sha256=$(printf %064d 0)" 'has the wrong checksum'
image 1 web/good.qcow2,sise=3 "did you mean 'size'?" --dry-run
image 1 web/good.qcow2 'contradict it' --cdrom x.iso
image 1 no-such-image "there is no image named 'no-such-image'" --dry-run
image 0 web/good.qcow2 "Domain 'd' has been made"

# ---- the administrator's own names ----
mkdir -p "$XDG_CONFIG_HOME/hvsh"
cat >"$XDG_CONFIG_HOME/hvsh/images.lua" <<X
-- images of this site
return {
    house = { file = "$work/web/good.qcow2", user = "anna" },
    ["img-8"] = "$work/web/good.qcow2", ["img-10"] = "$work/web/good.qcow2",
    ["old-one"] = "$work/web/good.qcow2",   -- the short form
}
X
image 0 house "use the image $work/web/good.qcow2" --dry-run
image 0 old-one "use the image $work/web/good.qcow2" --dry-run
image 1 huose "did you mean 'house'?" --dry-run
# of two that are as near the newer one
image 1 img-1 "did you mean 'img-10'?" --dry-run
echo 'return { house = os.execute("touch bad") }' >"$XDG_CONFIG_HOME/hvsh/images.lua"
image 1 house 'images.lua, line 1: a value is a text, a number, true, false or a table of these; nothing else is run' --dry-run
[ ! -e bad ] || { failed=1; echo 'FAILED: a table was run'; }
rm "$XDG_CONFIG_HOME/hvsh/images.lua"

# ---- a server ----
"$srcdir/tests/cli/http-server" web port 2>server-log &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$work"' EXIT
end=$((SECONDS + 60))
until [ -s port ]; do [ $SECONDS -lt $end ] || { echo 'FAILED: no server'; exit 1; }; sleep 0.1; done
at=http://127.0.0.1:$(cat port)
cached() { find "$XDG_CACHE_HOME/hvsh/images" -type f -printf '%f\n' 2>/dev/null | sed 's/^[0-9a-f]*-//' | sort | tr '\n' ' '; }
requests() { grep -c "/$1 range=$2" web/requests; }
fresh() { rm -rf "$XDG_CACHE_HOME" web/requests; }

image 0 "$at/good/good.qcow2" "have the image $at/good/good.qcow2" --dry-run
is '' cached
image 1 "$at/good/good.qcow2" 'contradict' --pxe
image 0 "$at/good/good.qcow2" "Domain 'd' has been made"
is 'good.qcow2 good.qcow2.sum good.qcow2.tag ' cached
# the second time nothing is sent
image 0 "$at/good/good.qcow2" "Domain 'd' has been made"
is 2 requests good/good.qcow2 -
is 1 requests good/SHA512SUMS -
# a damaged file in the cache is noticed
printf x | dd of="$(find "$XDG_CACHE_HOME/hvsh/images" -name '*good.qcow2')" bs=1 seek=3000 conv=notrunc status=none
image 0 "$at/good/good.qcow2" 'once more from the beginning'
fresh
image 0 "$at/good/good.qcow2,sha256=${sum%% *}" "Domain 'd' has been made"
fresh
image 2 "$at/good/good.qcow2,sha256=$(printf %064d 0)" 'has the wrong checksum'
is '' cached
image 2 "$at/good/other.qcow2,sums=$at/good/wrong" "should be $(printf %064d 0); it has been removed"
image 2 "$at/good/good.qcow2,sums=$at/good/wrong" "has none for good.qcow2"
image 2 "$at/good/good.qcow2,sums=$at/good/nowhere" "there is no list of checksums at"
fresh
image 2 "$at/good/nowhere.qcow2" "the server has no $at/good/nowhere.qcow2 (404)"
is '' cached
image 2 "$at/good/layer.qcow2" 'is a layer over another file'
image 2 "http://127.0.0.1:1/x.qcow2" 'cannot be downloaded'
# without a list of checksums it says so
rm web/SHA512SUMS
image 0 "$at/good/good.qcow2" 'is not verified'
# ---- interruptions ----
fresh
image 0 "$at/cut/good.qcow2,sha256=${sum%% *}" 'the connection was lost, going on from'
is 1 requests cut/good.qcow2 -
fresh
image 2 "$at/cutting/good.qcow2,sha256=${sum%% *}" 'and the same command goes on from there'
is 'good.qcow2.part good.qcow2.part.tag ' cached
image 0 "$at/cutting/good.qcow2,sha256=${sum%% *}" "Domain 'd' has been made"
is 'good.qcow2 good.qcow2.sum good.qcow2.tag ' cached
fresh
image 2 "$at/stall/good.qcow2,timeout=2" 'nothing has come for 2 seconds; what has come'
is 'good.qcow2.part good.qcow2.part.tag ' cached
# the file has changed meanwhile: not the rest of the new one behind the old one
fresh
new=$sum
image 2 "$at/cutting/good.qcow2,sha256=${new%% *}" 'goes on from there'
echo again >>web/good.qcow2
new=$(sha256sum web/good.qcow2)
image 2 "$at/cutting/good.qcow2,sha256=${new%% *}" 'goes on from there'
grep -q 'the file there has changed: once more from the beginning' err || { failed=1; echo 'FAILED: a changed file'; cat err; }
image 0 "$at/cutting/good.qcow2,sha256=${new%% *}" "Domain 'd' has been made"
# and it may be empty now
cp web/good.qcow2 web/empty.qcow2
image 2 "$at/stall/empty.qcow2,timeout=2,sums=none" 'what has come'
: >web/empty.qcow2
image 2 "$at/stall/empty.qcow2,timeout=2,sums=none" 'is neither a qcow2 nor a disk that starts a machine'
# a server that knows no ranges: what it begins anew is not said to go on
fresh
image 0 "$at/whole/good.qcow2,sha256=${new%% *}" 'the connection was lost, and the server cannot go on from'
grep -q 'going on\|goes on' err && { failed=1; echo 'FAILED: it does not go on'; cat err; }
fresh
image 2 "$at/halves/good.qcow2,sha256=${new%% *}" 'cannot be downloaded'
grep -q 'going on\|goes on\|is kept' err && { failed=1; echo 'FAILED: it does not go on'; cat err; }
is '' cached
# nor where an earlier command has left a part
image 2 "$at/stall/good.qcow2,timeout=2" 'goes on from there if the server can'
(cd "$XDG_CACHE_HOME/hvsh/images" && for part in *.part*; do mv "$part" "$(printf %s "$at/whole/good.qcow2" | sha256sum | head -c 8)-${part#*-}"; done)
image 0 "$at/whole/good.qcow2,sha256=${new%% *}" 'qcow2: the server cannot go on from'
# without tags nothing can be gone on with, and nothing is left
fresh
image 0 "$at/plain/good.qcow2" 'is not verified'
# no room, or none to write in
fresh
mkdir -p "$XDG_CACHE_HOME/hvsh/images"
if [ "$(id -u)" != 0 ]; then
	chmod 500 "$XDG_CACHE_HOME/hvsh/images"
	image 2 "$at/good/good.qcow2" 'cannot be written: Permission denied'
	chmod 700 "$XDG_CACHE_HOME/hvsh/images"
fi
fresh
(ulimit -f 100; image 2 "$at/good/good.qcow2" 'cannot be written: File too large'; exit $failed) || failed=1
# Ctrl-C: what has come is kept, and it is said
fresh
env --default-signal=INT "$HVSH" "${guest[@]}" --image "$at/stall/good.qcow2" >out 2>err </dev/null &
end=$((SECONDS + 60))
until [ -n "$(find "$XDG_CACHE_HOME/hvsh/images" -name '*.part' -size +100k 2>/dev/null)" ] || [ $SECONDS -ge $end ]; do sleep 0.1; done
kill -INT $!
wait $!
is 130 echo $?
grep -q 'was interrupted; what has come' err || { failed=1; echo 'FAILED: an interrupted download'; cat err; }
is 'good.qcow2.part good.qcow2.part.tag ' cached
# the server is gone: what is there serves
fresh
image 0 "$at/good/good.qcow2" "Domain 'd' has been made"
kill $server
wait $server 2>/dev/null
image 2 "$at/cut/other.qcow2" 'cannot be downloaded'
image 0 "$at/good/good.qcow2" 'what was downloaded earlier is used'
exit $failed
