#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# autogen.sh - from a fresh checkout to a running shell.
#
#   ./autogen.sh                     make the build system: configure and what belongs to it
#   ./autogen.sh run [WORD...]       install what is missing, build in ./build, start the shell (WORDs are handed to it)
#   ./autogen.sh check [OPTION...]   install what is missing, build, run the tests (OPTIONs are configure's)
#   ./autogen.sh check-live [OPTION...]   the same for the tests that need root, a real libvirtd and small real guests
#   ./autogen.sh packages [WHAT]     only name the packages that WHAT (run, check, check-live) would still install
#   ./autogen.sh install [WHAT]      only install them
#
# Packages come from the system's package manager, by sudo when you are not root; the command is shown before it runs. No service is enabled
# or started. Everything is safe to repeat and does only what is not up to date. With NO_INSTALL=1 nothing is installed, only named.
set -eu
unset CDPATH
cd "$(dirname "$0")"

say() { printf 'autogen.sh: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# ---- packages -----------------------------------------------------------------------------------------------------------
# Two columns of names, as the two families of distributions call them; a|b: any of them will do, the first is installed.
# The groups build on each other: build, run, check, live.
qemu_system() {
	case $(uname -m) in
	x86_64 | i?86) echo x86 ;;
	aarch64 | arm*) echo arm ;;
	ppc*) echo ppc ;;
	*) echo misc ;;
	esac
}
packages_debian() {
	case $1 in
	build) echo 'gcc make autoconf automake libtool pkgconf|pkg-config libc6-dev libcrypt-dev libvirt-dev libglib2.0-dev libxml2-dev libjson-c-dev' \
		'liblua5.4-dev libreadline-dev libcmocka-dev libmnl-dev libosinfo-1.0-dev' \
		'libcurl4-gnutls-dev|libcurl4-openssl-dev libarchive-dev libyaml-dev' ;;
	run) echo "libvirt-daemon libvirt-daemon-driver-qemu qemu-system-$(qemu_system) qemu-utils"
		# from Debian 13 on packages of their own
		apt-cache show libvirt-daemon-log libvirt-daemon-driver-interface libvirt-daemon-driver-network libvirt-daemon-driver-nodedev \
			libvirt-daemon-driver-nwfilter libvirt-daemon-driver-secret libvirt-daemon-driver-storage 2>/dev/null |
			sed -n 's/^Package: //p' | sort -u ;;
	check) echo 'groff-base libvirt-clients python3 rpm xorriso bash-completion zsh dbus|dbus-broker' ;;
	live) echo 'busybox-static|busybox lz4 xz-utils isolinux syslinux-common dnsmasq-base iproute2 iptables iputils-ping kmod openssl procps' \
		'acl systemd-container virtinst swtpm-tools' ;;
	esac
}
packages_fedora() {
	case $1 in
	build) echo 'gcc make autoconf automake libtool pkgconf-pkg-config binutils diffutils findutils gawk' \
		'libvirt-devel glib2-devel libxml2-devel json-c-devel libxcrypt-devel lua-devel readline-devel libcmocka-devel' \
		'libmnl-devel libosinfo-devel libcurl-devel libarchive-devel libyaml-devel' ;;
	run) echo 'libvirt-daemon-driver-qemu qemu-kvm-core|qemu-system-x86-core qemu-img' ;;
	# `script` is in util-linux or in a package of its own; for libasan and libubsan see make check-sanitizers
	check) echo 'groff-base util-linux /usr/bin/script libvirt-client python3 rpm-build xorriso bash-completion zsh dbus-daemon libasan libubsan' ;;
	live) echo 'libvirt-daemon libvirt-daemon-driver-network libvirt-daemon-driver-storage-core libvirt-daemon-driver-interface' \
		'libvirt-daemon-driver-nodedev libvirt-daemon-driver-nwfilter libvirt-daemon-driver-secret kernel-core busybox lz4 xz' \
		'dnsmasq iproute iptables-nft|iptables iputils kmod openssl procps-ng hostname e2fsprogs acl systemd-container virt-install swtpm-tools'
		[ "$(uname -m)" != x86_64 ] || echo syslinux ;;
	esac
}
groups_of() {
	case $1 in
	run) echo build run ;;
	check) echo build run check ;;
	check-live) echo build run check live ;;
	*) die "packages for '$1'? Say run, check or check-live." ;;
	esac
}

# The family decides how packages are called and installed.
family() {
	ID='' ID_LIKE=''
	# shellcheck source=/dev/null
	[ ! -r "${OS_RELEASE:-/etc/os-release}" ] || . "${OS_RELEASE:-/etc/os-release}"
	for id in $ID $ID_LIKE; do
		case $id in
		debian | ubuntu) echo debian; return ;;
		fedora | rhel | centos) echo fedora; return ;;
		esac
	done
	die "this distribution (${ID:-unknown}) is none of Debian, Ubuntu, Fedora or RHEL: install by its own means what ./configure
  names as missing, and QEMU; then say NO_INSTALL=1 $0 ${command:-run}"
}

installed() {
	case $family in
	debian) [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ] ;;
	fedora) rpm -q --quiet --whatprovides "$1" 2>/dev/null ;;      # it complains of files that are not there
	esac
}

# RHEL and its kin keep the headers in a repository that is there but not enabled, under names of their own.
repository_of_headers() {
	dnf -q repolist --all 2>/dev/null </dev/null | while read -r id rest; do
		case $id in
		*-debug-* | *-source-* | *-eus-*) ;;
		crb | codeready-builder-for-rhel-*-rpms | ol*_codeready_builder) echo "$id" ;;
		esac
	done | head -n 1
}

# The names of what is missing for $1, one a line.
missing() {
	for group in $(groups_of "$1"); do
		for choice in $("packages_$family" "$group"); do
			found=
			for name in $(echo "$choice" | tr '|' ' '); do
				if installed "$name"; then found=1; break; fi
			done
			[ -n "$found" ] || echo "${choice%%|*}"
		done
	done
}

# as_root COMMAND...: shown, then run
as_root() {
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null || die "as root run: $*"
		set -- sudo "$@"
	fi
	say "$*"
	"$@"
}

# libvirt's QEMU driver of root wants the user that Debian's service packages would make, whether guests run as that user or not.
make_qemu_user() {
	if [ "$family" = debian ] && [ "$(id -u)" = 0 ] && [ -z "${NO_INSTALL:-}" ] && ! getent passwd libvirt-qemu >/dev/null; then
		getent group libvirt-qemu >/dev/null || as_root groupadd --system --gid 64055 libvirt-qemu
		as_root useradd --system --uid 64055 --gid libvirt-qemu --home-dir /var/lib/libvirt --no-create-home \
			--shell /usr/sbin/nologin libvirt-qemu
	fi
}

install_packages() {
	if [ -n "${NO_INSTALL:-}" ]; then family=$(family 2>/dev/null) || return 0
	else family=$(family); fi
	wanted=$(missing "$1" | tr '\n' ' ')
	# without its lists apt knows no names
	if [ -n "$wanted" ] && [ -z "${NO_INSTALL:-}" ] && [ "$family" = debian ] && ! apt-cache show make >/dev/null 2>&1; then
		as_root apt-get update -q && wanted=$(missing "$1" | tr '\n' ' ')
	fi
	if [ -z "$wanted" ]; then
		make_qemu_user
		return 0
	fi
	[ -z "${NO_INSTALL:-}" ] || { say "not installed, as NO_INSTALL says: $wanted"; return 0; }
	say "these packages are missing and will be installed: $wanted"
	# shellcheck disable=SC2086
	case $family in
	debian)
		# the lists of packages may be absent or stale: once more with new ones
		set -- env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $wanted
		as_root "$@" </dev/null || { as_root apt-get update -q && as_root "$@" </dev/null; } ||
			die "the packages could not be installed. Is this machine online, and has /etc/apt/sources.list a mirror?
  Install them by hand and say NO_INSTALL=1 $0 $1"
		make_qemu_user ;;
	fedora)
		headers=$(repository_of_headers)
		as_root dnf install -y --setopt=install_weak_deps=False ${headers:+"--enablerepo=$headers"} $wanted </dev/null ||
			die "the packages could not be installed. Is this machine online?
  RHEL has some of them in its CodeReady Builder repository, which a registered machine knows; busybox, which check-live
  wants, is in EPEL there.
  Or install them by hand and say NO_INSTALL=1 $0 $1" ;;
	esac
}

# ---- build ----------------------------------------------------------------------------------------------------------------
make_build_system() {
	autoreconf -fi || die "autoreconf failed; it needs autoconf, automake, libtool and pkg-config: ./autogen.sh run installs them"
}

# build [CONFIGURE OPTION...]: whatever is up to date is left as it is
build() {
	# make remakes configure when its parts change, once there is a configure that worked
	[ -x configure ] && [ -e build/config.status ] || make_build_system
	mkdir -p build
	if [ ! -e build/config.status ] || [ $# -gt 0 ]; then
		(cd build && ../configure -q "$@") || die "configure failed; the reason is above, all of it in build/config.log"
	fi
	make -C build -s -j"$jobs" || die "the build failed"
}

# Does a libvirt daemon answer on the connection that would be used? Then the shell starts on it, else on the embedded driver.
daemon_answers() {
	LIBVIRT_AUTOSTART=0 timeout 5 build/hvsh-here -q uri </dev/null >/dev/null 2>&1
}

jobs=$(nproc 2>/dev/null || echo 2)
command=${1:-}
[ $# = 0 ] || shift
case $command in
'') make_build_system ;;
run)
	install_packages run
	build
	daemon_answers || set -- -c embed "$@"
	exec build/hvsh-here "$@" ;;
check)
	install_packages check
	build "$@"
	exec make -C build -s -j"$jobs" check ;;
check-live)
	install_packages check-live
	build "$@"
	exec make -C build -s check-live ;;
packages)
	groups_of "${1:-run}" >/dev/null
	family=$(family)
	missing "${1:-run}" ;;
install)
	groups_of "${1:-run}" >/dev/null
	install_packages "${1:-run}" ;;
-h | --help | help)
	sed -n '4,/^set/s/^# \{0,1\}//p' "$0" ;;
*)
	sed -n '4,/^set/s/^# \{0,1\}//p' "$0" >&2
	exit 2 ;;
esac
