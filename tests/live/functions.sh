# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# functions.sh - what the live tests share; to be sourced by them. It sees to the guest's files ($GUEST), makes throw-away hosts
# (`hosts a b`, at the end of the test they go with all that is in them) and has the words in which a test is told:
#
#   step TEXT              what comes now
#   hv WORD...             hvsh on host a, connected to its libvirt; on_host NAME WORD...: any command on a host
#   expect TEXT CMD...     CMD succeeds and prints TEXT (a regular expression, over all its lines)
#   refuse TEXT CMD...     CMD fails, with TEXT on standard error
#   within SECONDS CMD...  until CMD holds; no test waits without an end
#   terminal CMD...        CMD on a terminal of its own: type_keys TEXT, await_screen SECONDS TEXT, await_end SECONDS
#   own_network            hosts whose network can be changed, in $net (nethost tells how): nh WORD...: nethost's words; hvn WORD...: hvsh there;
#                          settled LINK: in a while it is as `nh check` says; as_before: nic0 is as it was, and so is every file
#   guest_xml NAME ...     a domain made of the guest's files
#   console NAME           what the guest has written on its serial line so far
#   await_console NAME SECONDS TEXT
set -u
export LC_ALL=C
unset LIBVIRT_DEFAULT_URI VIRSH_DEFAULT_CONNECT_URI LIBVIRT_AUTOSTART DISPLAY
live=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$live/../.." && pwd)
: "${HVSH:=$top/build/hvsh-here}"

fail() {
	printf 'FAILED: %s\n' "$*"
	[ ! -e "$lab/screen" ] || { printf -- '--- the terminal:\n'; screen | tail -n 20; }
	for name in $(printf "%s\n" "${logs[@]:-}" | sort -u); do
		[ -z "$name" ] || { printf -- '--- serial line of %s:\n' "$name"; console "$name" | tail -n 15; }
	done
	exit 1
}
skip() { printf 'SKIPPED: %s\n' "$*"; exit 77; }
step() { printf '\n== %s\n' "$*"; }
within() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

# ---- hosts ----
logs=()
lab=
leave() {
	[ -z "$lab" ] || "$live/host" down "$lab"
}
hosts() {
	GUEST=$("$live/guest") || exit $?
	lab=$(mktemp -d /tmp/hvsh-live.XXXXXX) || exit 99
	# neither the settings of who runs this, nor lines in their history
	export XDG_CONFIG_HOME=$lab/config XDG_STATE_HOME=$lab/state
	trap leave EXIT
	trap 'exit 130' INT TERM HUP
	HOST_OWNER=$$ "$live/host" up "$lab" "$@" || exit $?
}
on_host() { local name=$1; shift; "$live/host" exec "$lab" "$name" "$@"; }
hv() { on_host a "$HVSH" -c qemu:///system "$@"; }
uri() { "$live/host" uri "$lab" "$1"; }

# ---- what is expected ----
# A command that hangs is a failure: none of those that these tests run takes longer.
expect() {
	local text=$1 output status
	shift
	output=$(run_limited "$@" 2>&1)
	status=$?
	printf '%s\n' "\$ $*" "$output"
	[ $status = 0 ] || fail "exit status $status of: $*"
	grep -Eq -- "$text" <<<"$output" || fail "nothing like '$text' in what it prints: $*"
}
refuse() {
	local text=$1 output status
	shift
	output=$(run_limited "$@" 2>&1 >/dev/null)
	status=$?
	printf '%s\n' "\$ $*" "$output"
	[ $status != 0 ] || fail "this should have been refused: $*"
	[ $status -lt 124 ] || fail "exit status $status of: $*"
	grep -Eq -- "$text" <<<"$output" || fail "nothing like '$text' in why it was refused: $*"
}
run_limited() {
	"$@" </dev/null &
	local pid=$! end=$((SECONDS + ${LIMIT:-120}))
	while kill -0 $pid 2>/dev/null; do
		[ $SECONDS -lt $end ] || { kill -9 $pid; return 124; }
		sleep 0.02
	done
	wait $pid
}

# ---- a network of its own ----
own_network() {
	net=$(mktemp -d /tmp/hvsh-net.XXXXXX) || exit 99
	trap leave_network EXIT
	trap 'exit 130' INT TERM HUP
}
leave_network() { "$live/nethost" down "$net"; }
nh() { local word=$1; shift; "$live/nethost" "$word" "$net" "$@"; }
hvn() { nh exec "$HVSH" -c test:///default "$@"; }
settled() { within 90 nh check "$@"; nh check "$@" || fail "$1 is not as it should be (${manager:-})"; }
as_before() {
	settled nic0
	expect '^$' nh changed
}

# ---- a terminal ----
terminal() {
	rm -f "$lab/keys"
	mkfifo "$lab/keys"
	: >"$lab/screen"
	printf '$ %s (on a terminal)\n' "$*"
	# what is typed comes from the pipe: it stays open until the test ends
	# (a background job ignores Ctrl-C: not what runs there)
	env --default-signal=INT,QUIT SHELL=/bin/bash script -qefc "exec $(printf '%q ' "$@")" /dev/null <"$lab/keys" >"$lab/screen" 2>&1 &
	terminal_pid=$!
	exec 7>"$lab/keys"
}
type_keys() { printf '%b' "$1" >&7; }
screen() { tr -d '\r' <"$lab/screen" | sed 's/\x1b\[[0-9;?]*[A-Za-z]//g'; }
on_screen() { screen | grep -Eaq -- "$1"; }
await_screen() { within "$1" on_screen "$2" || fail "the terminal does not show '$2' after $1 s"; }
await_end() { # the exit status of what ran on the terminal
	within "$1" sh -c "! kill -0 $terminal_pid" || { kill -9 $terminal_pid; fail "it does not end on its terminal"; }
	exec 7>&-
	wait $terminal_pid
}

# ---- guests ----
# guest_xml NAME [key=value...]: boot=kernel|install|disk|cdrom disk=FILE format=raw|qcow2 network=NAME|bridge:NAME|user memory=MiB vcpus=N append=WORDS
guest_xml() {
	local name=$1 boot=kernel disk='' format=raw network=default memory=192 vcpus=1 append='' word start='' disks='' nic
	shift
	for word; do local "${word?}"; done
	case $boot in
	kernel) start="<kernel>$GUEST/vmlinux</kernel><initrd>$GUEST/initrd</initrd>
    <cmdline>$(cat "$GUEST/cmdline") guest.name=$name $append</cmdline>" ;;
	install) start="<kernel>$GUEST/tree/images/pxeboot/vmlinuz</kernel><initrd>$GUEST/tree/images/pxeboot/initrd.img</initrd>
    <cmdline>$(cat "$GUEST/cmdline") $append</cmdline>" ;;
	disk) start="<boot dev='hd'/>" ;;
	cdrom) start="<boot dev='cdrom'/>"
		disks="<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='$GUEST/disk.img'/>
      <target dev='hda' bus='ide'/><readonly/></disk>" ;;
	esac
	[ -z "$disk" ] || disks+="<disk type='file' device='disk'><driver name='qemu' type='$format'/><source file='$disk'/>
      <target dev='vda' bus='virtio'/></disk>"
	case $network in
	user) nic="<interface type='user'><model type='virtio'/></interface>" ;;
	bridge:*) nic="<interface type='bridge'><source bridge='${network#*:}'/><model type='virtio'/></interface>" ;;
	*) nic="<interface type='network'><source network='$network'/><model type='virtio'/></interface>" ;;
	esac
	cat <<-X
		<domain type='qemu'>
		  <name>$name</name>
		  <memory unit='MiB'>$memory</memory>
		  <vcpu current='$vcpus'>$((vcpus + 1))</vcpu>
		  <os><type arch='x86_64' machine='pc'>hvm</type>$start</os>
		  <features><acpi/><apic/></features>
		  <cpu mode='custom' match='exact' check='none'><model fallback='allow'>qemu64</model></cpu>
		  <clock offset='utc'/>
		  <devices>
		    <controller type='usb' model='none'/>
		    $disks
		    $nic
		    <serial type='pty'><log file='/var/log/libvirt/qemu/$name.serial' append='on'/><target port='0'/></serial>
		    <console type='pty'><target type='serial' port='0'/></console>
		    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
		    <video><model type='none'/></video>
		    <memballoon model='virtio'><stats period='2'/></memballoon>
		  </devices>
		</domain>
	X
}
console() { on_host "${host:-a}" cat "/var/log/libvirt/qemu/$1.serial" 2>/dev/null | tr -d '\r'; }
on_console() { console "$1" | grep -Eq -- "$2"; }
await_console() {
	logs+=("$1")
	within "$2" on_console "$1" "$3" || fail "$1 has not written '$3' on its serial line after $2 s"
	console "$1" | grep -E -m 1 -- "$3"
}
