#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Events of a real guest: virsh and hvsh listen at the same time and must write the same; JSON lines have typed details.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
command -v virsh >/dev/null || skip "virsh is missing: ./autogen.sh check-live installs it"
hosts a
on_host a truncate -s 64M /var/lib/libvirt/images/web1.img
guest_xml web1 disk=/var/lib/libvirt/images/web1.img >"$lab/web1.xml"

step 'two listeners'
listen() { # listen NAME CMD...: in the background, until the host ends or an interrupt; what it writes goes to $lab/NAME
	local name=$1
	shift
	on_host a "$@" >"$lab/$name" 2>"$lab/$name.err" &
}
listen theirs virsh -c qemu:///system event --all --loop --timeout 40
listen ours "$HVSH" -c qemu:///system event --all --loop --timeout 40
listen json "$HVSH" -c qemu:///system event --all --loop --timeout 40 --jsonl
# each of them has its call-backs when it has told of this one
probe() {
	hv -q metadata web1 http://hvsh.example/probe --key probe --set "<probe/>" --config || hv -q desc web1 probe --config
	grep -q metadata-change "$lab/theirs" && grep -q metadata-change "$lab/ours" && grep -q metadata-change "$lab/json"
}
expect '' hv define "$lab/web1.xml"
within 20 probe || fail 'the listeners do not hear'

step 'a life'
expect '' hv start web1
await_console web1 60 'GUEST-READY name=web1'
expect '' hv suspend web1
expect '' hv resume web1
expect '' on_host a virsh -q -c qemu:///system schedinfo web1 --live --set vcpu_quota=50000
expect '' hv setmem web1 128MiB --live
expect '' hv reset web1
expect '' hv managedsave web1
expect '' hv start web1
expect '' hv destroy web1
expect '' hv undefine web1
wait

step 'the same'
# the listeners began at different moments: from the start on
tail_of() { sed -n "/Started Booted/,\$p" "$lab/$1"; }
diff <(tail_of theirs | grep -v '^events received') <(tail_of ours | grep -v '^events received') || fail 'virsh heard something else'
cat "$lab/ours"
for kind in 'Defined Added' 'Suspended Paused' 'Resumed Unpaused' 'tunable' 'job-completed' 'Stopped Saved' 'Stopped Destroyed' 'Undefined Removed'; do
	grep -q -- "$kind" "$lab/ours" || fail "no '$kind'"
done
grep -q '"event":"tunable","name":"web1".*"details":{"cputune.vcpu_quota":50000' "$lab/json" || { cat "$lab/json"; fail 'no typed details'; }
grep -q '"event":"lifecycle".*"details":{"change":"Started","detail":"Booted"}' "$lab/json" || { cat "$lab/json"; fail 'no typed details'; }

step 'one event, and the time of it'
expect '' hv define "$lab/web1.xml"
listen one "$HVSH" -c qemu:///system event --event lifecycle --domain web1 --timestamp --timeout 30
sleep 2
expect '' hv start web1 --paused
wait
cat "$lab/one"
grep -Eq "^$(date -u +%Y)-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}\+0000: event 'lifecycle' for domain 'web1': " "$lab/one" || fail 'no time'
grep -q '^events received: 1$' "$lab/one" || fail 'not one event'
expect '' hv destroy web1
echo done
