#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What autogen.sh would install, on distributions that this machine is not: their package tools are played.
set -u
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
failed=0
mkdir "$work/bin"
cp "${srcdir:?}/autogen.sh" "$work/"
unset NO_INSTALL
# the tools know of nothing but what $work/installed lists, and note how they are called
cat >"$work/bin/rpm" <<'X'
#!/bin/sh
for name; do :; done
grep -qx "$name" "$work/installed"
X
cat >"$work/bin/dpkg-query" <<'X'
#!/bin/sh
for name; do :; done
grep -qx "$name" "$work/installed" && printf installed
X
for tool in dnf apt-get useradd groupadd; do
	printf '#!/bin/sh\necho "%s $*" >>"$work/calls"\nexit ${tool_status:-0}\n' $tool >"$work/bin/$tool"
done
printf '#!/bin/sh\nexec "$@"\n' >"$work/bin/sudo"
# and dnf of the repositories of $work/repositories
sed -i '2i case $* in *repolist*) cat "$work/repositories"; exit ;; esac' "$work/bin/dnf"
chmod +x "$work"/bin/*
export work PATH=$work/bin:$PATH OS_RELEASE=$work/os-release
# autogen STATUS TEXT WORD...: the status and a text in what it says or calls
autogen() {
	local status=$1 text=$2 is
	shift 2
	: >"$work/calls"
	"$work/autogen.sh" "$@" >"$work/out" 2>&1
	is=$?
	if [ $is != "$status" ] || ! { cat "$work/out" "$work/calls"; echo; } | grep -qE -- "$text"; then
		failed=1
		printf 'FAILED: autogen.sh %s on %s: status %s, not %s, or no "%s" in:\n' "$*" "$(head -n 1 "$OS_RELEASE")" $is "$status" "$text"
		cat "$work/out" "$work/calls"
	fi
}
: >"$work/installed"
: >"$work/repositories"
printf 'ID=rocky\nID_LIKE="rhel centos fedora"\n' >"$OS_RELEASE"
autogen 0 '^libvirt-devel$' packages run
autogen 0 '^dnf install -y .*libvirt-devel .*qemu-kvm-core' install run
# the repository with the headers is enabled for the one command, under any of its names, and no other
for repository in crb codeready-builder-for-rhel-10-x86_64-rpms ol9_codeready_builder; do
	printf '%s\n' 'repo id   repo name   status' 'appstream Rocky 9 - AppStream enabled' 'crb-source Rocky 9 - CRB - Source disabled' \
		'codeready-builder-for-rhel-10-x86_64-debug-rpms Debug disabled' "$repository Headers disabled" >"$work/repositories"
	autogen 0 "^dnf install -y [^ ]* --enablerepo=$repository gcc " install run
done
tool_status=1 autogen 1 'CodeReady Builder' install run
printf 'ID=fedora\n' >"$OS_RELEASE"
printf '%s\n' 'repo id repo name status' 'fedora Fedora 45 - x86_64 enabled' 'updates Fedora 45 - Updates enabled' >"$work/repositories"
autogen 0 '^dnf install -y --setopt=install_weak_deps=False gcc ' install run
NO_INSTALL=1 autogen 0 'not installed, as NO_INSTALL says: gcc ' install run
printf 'ID=linuxmint\nID_LIKE="ubuntu debian"\n' >"$OS_RELEASE"
autogen 0 'apt-get install -y .*libvirt-dev .*qemu-utils' install run
tool_status=100 autogen 1 'Is this machine online' install run
# one of two names is enough; what is there is not asked for again
"$work/autogen.sh" packages check-live >"$work/installed" 2>&1
printf '%s\n' libcurl4-openssl-dev >>"$work/installed"
sed -i '/libcurl4-gnutls-dev/d' "$work/installed"
: >"$work/calls"
"$work/autogen.sh" install check-live >"$work/out" 2>&1 || { failed=1; cat "$work/out"; echo 'FAILED: nothing is missing, and yet it fails'; }
! grep -E '^(dnf|apt-get)' "$work/calls" || { failed=1; echo 'FAILED: it installs what is installed'; }
printf 'ID=plan9\n' >"$OS_RELEASE"
autogen 1 'this distribution \(plan9\) is none of' install run
NO_INSTALL=1 autogen 0 '^$' install run
autogen 1 "packages for 'lunch'" packages lunch
autogen 2 'autogen.sh check' dance
exit $failed
