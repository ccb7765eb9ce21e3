#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# scripts/tutorial.lua does the whole walk on a host of its own, undoes what it began when a step fails, and asks before it touches the network.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
hosts a
walk() { on_host a "$HVSH" "$@" -c qemu:///system "$top/scripts/tutorial.lua" --virt-type qemu --osinfo linux2022 --size 0.1 --memory 256 "${how[@]}"; }
as_it_was() {
	expect '^$' hv -q list --all --name
	expect '^nic0.* 198\.51\.100\.11/24' on_host a ip -br addr show dev nic0
	expect '^$' on_host a sh -c 'ls /sys/class/net | grep -x br0; true'
	expect '^$' on_host a find /etc/sysctl.d -name '*hvsh*'
	expect '^$' on_host a sh -c 'find /var/lib/libvirt/images /var/lib/libvirt/boot -type f 2>/dev/null; true'
}

step 'wrong words'
how=(--nosuch)
refuse "'--nosuch' is no option of this script" walk
how=()
refuse 'say what to install from' walk

step 'nobody said yes: the network is not touched'
how=(--nic nic0 --location "$GUEST/tree")
refuse 'there is no terminal to ask on: Really give nic0' walk
as_it_was

step 'a failure in the middle is undone'
how=(--nic nic0 --location /etc)
refuse 'is no installation tree' walk --yes
as_it_was

step 'the whole walk'
how=(--nic nic0 --location "$GUEST/tree")
LIMIT=300 expect '^  it runs again' walk --yes
as_it_was

step 'without a daemon'
home=$lab/home
mkdir "$home"
embedded() {
	env HOME="$home" XDG_DATA_HOME="$home/data" XDG_STATE_HOME="$home/state" XDG_RUNTIME_DIR="$home" "$HVSH" -c embed "$top/scripts/tutorial.lua" \
		--virt-type qemu --osinfo linux2022 --size 0.1 --memory 256 --location "$GUEST/tree" "$@"
}
LIMIT=300 expect '^  it runs again' embedded
expect '^$' find "$home/data/libvirt/images" -type f

step 'a disk that was there stays'
truncate -s 100M "$home/mine.img"
LIMIT=300 expect '^  it runs again' embedded --disk "$home/mine.img"
[ -f "$home/mine.img" ] || fail 'the disk of the user was deleted'
echo done
