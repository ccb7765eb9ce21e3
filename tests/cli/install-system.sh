#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# install --install SYSTEM: by a system's name alone, from where a small database of this test says that its trees are: a local server.
. "${srcdir:?}/tests/cli/lib.sh"
built_with OSINFO libosinfo
built_with CURL libcurl
"$HVSH" -q -c test:///default help install >/dev/null 2>&1 || { echo 'SKIPPED: the plugin install is not built'; exit 77; }
command -v python3 >/dev/null || { echo 'SKIPPED: python3 is missing'; exit 77; }
mkdir -p db/os/test.org everything/images desktop/images
for kind in everything desktop; do
	printf '[general]\nfamily = Testing\nversion = 1\n[images-i686]\nkernel = images/vmlinuz\ninitrd = images/initrd.img\n' >$kind/.treeinfo
	echo kernel >$kind/images/vmlinuz
	echo initrd >$kind/images/initrd.img
done
python3 -u -m http.server 0 --bind 127.0.0.1 >port 2>/dev/null &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$work"' EXIT
end=$((SECONDS + 60))
until grep -qs ' port ' port; do [ $SECONDS -lt $end ] || { echo 'FAILED: no server'; exit 1; }; sleep 0.1; done
at=http://127.0.0.1:$(sed -n '1s/.* port \([0-9]*\).*/\1/p' port)
# entry NAME ELEMENTS...: a system of the database
entry() {
	local name=$1
	shift
	cat >"db/os/test.org/$name.xml" <<-X
		<libosinfo version="0.0.1"><os id="http://test.org/$name"><short-id>$name</short-id><name>System $name</name><version>1</version>
		<vendor>Test</vendor><family>linux</family><distro>test</distro>$*</os></libosinfo>
	X
}
other='<tree arch="x86_64"><url>http://127.0.0.1:1/other</url></tree>'
entry one '<variant id="everything"><name>One Everything</name></variant><variant id="desktop"><name>One Workstation</name></variant>' "$other" \
	"<tree arch='i686'><url>$at/everything</url><variant id='everything'/></tree><tree arch='i686'><url>$at/desktop</url><variant id='desktop'/></tree>"
entry two "$other"
entry three "<tree arch='i686'><url>$at/nowhere</url></tree>"
export OSINFO_SYSTEM_DIR=$work/db OSINFO_LOCAL_DIR=$work/none OSINFO_USER_DIR=$work/none
guest=(-c test:///default install --name d --memory 512 --disk none --network user)
"$HVSH" "${guest[@]}" --osinfo one --import --dry-run >out 2>err </dev/null || { cat err; grep -q Unknown err && { echo 'SKIPPED: libosinfo is missing'; exit 77; }; exit 1; }

# system STATUS TEXT ARGUMENT...: what is said
system() {
	local status=$1 text=$2 is
	shift 2
	"$HVSH" "${guest[@]}" "$@" >out 2>err </dev/null
	is=$?
	[ $is = "$status" ] && grep -qF -- "$text" out err && return
	failed=1
	printf "FAILED: %s: status %s, not %s, or without '%s'\n" "$*" "$is" "$status" "$text"
	sed 's/^/  /' out err
}
# the general tree before the others, and the one that suits the profile of an unattended installation
system 0 "installing one from $at/everything" --install one --dry-run
system 0 'copy the kernel images/vmlinuz' --install os=one --dry-run
# the guest is made for that system
system 0 '<libosinfo:os id="http://test.org/one"/>' --install os=one --print-xml 2
system 0 '<libosinfo:os id="http://test.org/two"/>' --install os=one --osinfo two --print-xml 2
system 0 '<cmdline>quiet</cmdline>' --install os=one -x quiet --print-xml 1
system 1 "$at/desktop" --install one --unattended profile=desktop --dry-run
system 1 "the database has no address of a tree for i686" --install two --dry-run
system 1 "$at/nowhere is no installation tree" --install three --dry-run
system 1 "Unknown OS name 'four'" --install four --dry-run
system 1 "contradict each other" --install one --pxe
system 1 "contradict each other" --install one --location /etc

# ---- a medium that fetches its packages: its installer gets the memory for that ----
command -v xorriso >/dev/null || { [ $failed = 0 ] && { echo 'SKIPPED: xorriso is missing'; exit 77; }; exit 1; }
for kind in netinst whole; do
	entry $kind "<variant id='$kind'><name>$kind</name></variant><media arch='i686'><variant id='$kind'/><iso><volume-id>test-$kind</volume-id></iso>" \
		"<kernel>images/vmlinuz</kernel><initrd>images/initrd.img</initrd></media><resources arch='all'><minimum><ram>134217728</ram></minimum>" \
		"<network-install><ram>1610612736</ram></network-install></resources>"
	xorriso -as mkisofs -quiet -V test-$kind -b images/vmlinuz -no-emul-boot -o $kind.iso everything 2>/dev/null || { echo 'FAILED: no medium'; exit 1; }
done
system 0 '<currentMemory>1572864</currentMemory>' --location ./netinst.iso --print-xml 1
grep -qF 'the installation of System netinst over the network gets 1536 MiB' err || { failed=1; echo 'FAILED: it is not said'; }
system 0 '<currentMemory>524288</currentMemory>' --location ./netinst.iso --print-xml 2
system 0 '<currentMemory>524288</currentMemory>' --location ./whole.iso --print-xml 1
system 0 'osinfo:os id="http://test.org/whole"' --location ./whole.iso --print-xml 1
exit $failed
