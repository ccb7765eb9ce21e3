#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Block jobs on two guests that are alike: what virsh does on one, hvsh does on the other, and both must say the same.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
command -v virsh >/dev/null || skip "virsh is missing: ./autogen.sh check-live installs it"
command -v qemu-io >/dev/null || skip "qemu-io is missing: ./autogen.sh check-live installs it"
hosts a
images=/var/lib/libvirt/images
for name in theirs ours; do
	on_host a qemu-img create -q -f qcow2 "$images/$name.base" 64M
	on_host a qemu-io -c 'write -P 7 0 32M' "$images/$name.base" >/dev/null || fail "no data in $name's disk"
	on_host a qemu-img create -q -f qcow2 -b "$name.base" -F qcow2 "$images/$name.qcow2"
	guest_xml "$name" memory=128 disk="$images/$name.qcow2" format=qcow2 >"$lab/$name.xml"
	expect '' hv define "$lab/$name.xml"
	expect '' hv start "$name"
done
await_console theirs 60 GUEST-READY >/dev/null
await_console ours 60 GUEST-READY

# both LINE: GUEST stands for the guest's name; standard output (but for the name) and exit status are equal
both() {
	local line status
	printf '$ %s\n' "$1"
	line=${1//GUEST/theirs}
	eval "run_limited on_host a virsh -c qemu:///system $line" >"$lab/theirs.out" 2>"$lab/theirs.err"
	echo $? >>"$lab/theirs.out"
	line=${1//GUEST/ours}
	eval "run_limited hv $line" >"$lab/ours.out" 2>"$lab/ours.err"
	status=$?
	echo $status >>"$lab/ours.out"
	sed -i s/theirs/ours/g "$lab/theirs.out"
	diff "$lab/theirs.out" "$lab/ours.out" || { cat "$lab/ours.err"; fail "not as virsh: $1"; }
	sed 1q "$lab/ours.out"
	return $status
}
copy="blockcopy GUEST vda $images/GUEST"

step 'copy'
both "$copy.1 --format qcow2" # a defined guest needs --transient-job
both "$copy.1 --format qcow2 --transient-job --bandwidth 1" || fail 'no copy'
both 'blockjob GUEST vda --bandwidth 2'
both 'blockjob GUEST vda --bytes --bandwidth 3MiB'
expect 'type=Block Copy' hv blockjob ours vda --raw
expect 'Bandwidth limit: 3145728 bytes/s \(3.000 MiB/s\)' hv blockjob ours vda
expect '"bandwidth": ?3145728' hv blockjob ours vda --json
both 'blockjob GUEST vda --pivot' # too early
both 'blockjob GUEST vda --abort'
both 'blockjob GUEST vda'
both 'blockjob GUEST vda --raw'
echo 'print(require "hvsh".blockjob("ours", "vda"))' >"$lab/job.lua"
expect '^nil$' hv "$lab/job.lua" # so that a script can wait for the end
expect '^null$' hv blockjob ours vda --json
both "$copy.2 --format qcow2 --transient-job --bandwidth 1 --wait --timeout 2" && fail 'the time was not over'
grep -q 'goes on with its disk' "$lab/ours.err" || fail 'it does not say what is left'
both 'blockjob GUEST vda'
both "-q $copy.3 --format qcow2 --transient-job --wait --verbose" || fail 'no copy'
grep -q '^Block Copy: \[100 %\]$' "$lab/ours.err" || fail '-q takes away what --verbose asks for: how far it is, as a log is told'
both 'blockjob GUEST vda --pivot'
both "$copy.4 --raw --finish --transient-job" || fail 'no copy'
both "$copy.5 --raw --pivot --async --transient-job" || fail 'no copy'
both "$copy.none/x --wait --transient-job"
expect "vda +$images/ours.5" hv domblklist ours

step 'Ctrl-C'
# (from outside of the host: nsenter would die of it)
terminal "$HVSH" -c "$(uri a)" blockcopy ours vda "$images/ours.6" --bandwidth 1 --wait --verbose --transient-job
await_screen 20 'Block Copy.*%'
type_keys '\003'
await_screen 20 '^Copy aborted$'
await_end 20 && fail 'an aborted copy is no success'
expect 'No current block job' hv blockjob ours vda

step 'a daemon that ends in the middle'
terminal "$HVSH" -c "$(uri a)" blockcopy ours vda "$images/ours.7" --bandwidth 1 --wait --verbose --transient-job
await_screen 20 'Block Copy.*%'
on_host a sh -c 'kill -9 $(cat /run/libvirtd.pid 2>/dev/null || pidof libvirtd)'
await_screen 30 "the job may go on: see 'blockjob ours vda'"
await_end 30 && fail 'a lost connection is no success'
on_host a libvirtd -d -l || fail 'libvirtd does not start again'
within 60 hv blockjob ours vda --abort || fail 'the copy cannot be given up'

step 'commit and pull'
for name in theirs ours; do
	expect '' on_host a virsh -q -c qemu:///system snapshot-create-as "$name" one --disk-only --no-metadata --diskspec "vda,file=$images/$name.one"
done
both 'blockcommit GUEST vda'
both 'blockcommit GUEST vda --active --wait --verbose' || fail 'no commit'
both 'blockjob GUEST vda --raw'
both 'blockcommit GUEST vda --keep-overlay' # there is one already
both 'blockjob GUEST vda --abort --async'
both 'blockcommit GUEST vda --keep-overlay' || fail 'no commit'
both 'blockcommit GUEST vda --pivot' || fail 'no commit'
both 'blockcommit GUEST vda --pivot' # nothing left
for name in theirs ours; do
	for snapshot in two three; do
		expect '' on_host a virsh -q -c qemu:///system snapshot-create-as "$name" $snapshot --disk-only --no-metadata \
			--diskspec "vda,file=$images/$name.$snapshot"
	done
done
expect '^vda\[[0-9]+\]$' hv complete -- blockcommit ours vda --top vda
both "blockcommit GUEST vda --top $images/GUEST.two --base $images/GUEST.5 --wait" || fail 'no commit'
both 'blockpull GUEST vda --wait --bandwidth 1 --timeout 2'
both 'blockpull GUEST vda --wait --verbose' || fail 'no pull'
both 'blockpull GUEST vda' || fail 'no pull'

step 'size and threshold'
both 'blockresize GUEST vda 65MiB' || fail 'no resize'
both 'blockresize GUEST vda 70000123b'
both 'blockresize GUEST vdz 1'
both 'domblkthreshold GUEST vda 1MiB' || fail 'no threshold'
both 'domblkthreshold GUEST vdz 1MiB'
both 'blockjob GUEST vdz'
expect '' hv destroy ours
both 'blockjob theirs vdz'
both "$copy.8 --wait"
refuse 'error: Requested operation is not valid: domain is not running' hv blockcopy ours vda "$images/ours.8" --wait
echo done
