#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a guest is installed from beside folders and CDs: a server, the kernel of a medium, files added to the initrd; again; two at once;
# and every step that can fail leaves nothing behind.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
command -v python3 >/dev/null || skip 'python3 is missing: ./autogen.sh check-live installs it'
hosts a b
images=/var/lib/libvirt/images
boot=/var/lib/libvirt/boot
on_host a mkdir -p $images $boot
install() {
	local name=$1
	shift
	hv install --name "$name" --memory 256 --vcpus 1 --virt-type qemu --osinfo linux2022 --graphics none --network none \
		--serial "pty,log.file=/var/log/libvirt/qemu/$name.serial,log.append=on" --noautoconsole "$@"
}
images() { on_host a find $images $boot -type f; }
nothing() { expect '^$' hv -q list --all; expect '^$' images; }
# ends STATUS CMD...: with this exit status
ends() {
	local want=$1
	shift
	run_limited "$@" >"$lab/said" 2>&1
	local is=$?
	printf '%s\n' "\$ $*" "$(cat "$lab/said")"
	[ $is = "$want" ] || fail "exit status $is, not $want, of: $*"
}
words=(--extra-args 'console=ttyS0 quiet')
kernel=images/pxeboot/vmlinuz

step 'a server'
on_host a sh -c "cd '$GUEST/tree' && exec python3 -m http.server 8080 --bind 127.0.0.1" >"$lab/server" 2>&1 &
served() { on_host a python3 -c 'import urllib.request as u; u.urlopen("http://127.0.0.1:8080/.treeinfo")'; }
within 60 served || fail 'the server does not answer'
refuse 'is no installation tree' install web1 --disk none --location http://127.0.0.1:8080/images
refuse 'cannot be fetched' install web1 --disk none --location http://127.0.0.1:8081/
refuse 'not by nfs' install web1 --disk none --location nfs:server:/tree
refuse 'has not both files' install web1 --disk none --location "http://127.0.0.1:8080,kernel=$kernel,initrd=nothing"
nothing
expect "Domain 'web1' has been made" install web1 --disk $images/web1.img,size=0.1 --location http://127.0.0.1:8080 "${words[@]}" --wait 5
await_console web1 10 'GUEST-INSTALL done'
await_console web1 90 'GUEST-READY'
expect '^/var/lib/libvirt/images/web1.img$' images

step 'a server that says nothing, and Ctrl-C'
on_host a python3 -u -c 'import socket, time; s = socket.create_server(("127.0.0.1", 8082)); print("up"); c = s.accept(); print("asked"); time.sleep(600)' >"$lab/silent" 2>&1 &
within 60 grep -q up "$lab/silent" || fail 'the silent server does not start'
on_host a sh -c 'echo $$ >/run/mine && exec env --default-signal=INT "$@"' sh "$HVSH" -c qemu:///system install --name web2 --memory 256 --virt-type qemu --osinfo linux2022 \
	--graphics none --network none --noautoconsole --disk size=0.1 --location http://127.0.0.1:8082 >"$lab/said" 2>&1 </dev/null &
mine=$!
within 60 grep -q asked "$lab/silent" || fail 'nothing is asked of it'
on_host a sh -c 'kill -INT $(cat /run/mine)'
wait $mine
[ $? = 130 ] && grep -q 'interrupted while http://127.0.0.1:8082/.treeinfo was fetched' "$lab/said" || fail "it is not stopped: $(cat "$lab/said")"

step 'a server, and the guest on another host, to which only libvirt leads'
far() { on_host a "$HVSH" -c "$(uri b)" "$@"; }
far_files() { on_host b find $images $boot -type f -printf '%f\n' || :; }
far_words=(--name far1 --memory 256 --vcpus 1 --virt-type qemu --osinfo linux2022 --graphics none --network none --noautoconsole "${words[@]}")
on_host b mkdir -p $images $boot
refuse 'is of no use to the host of the guest' far install "${far_words[@]}" --disk size=0.1 --location "$GUEST/tree"
expect "send the kernel $kernel to pool 'default'" far install "${far_words[@]}" --disk size=0.1 --location http://127.0.0.1:8080 --dry-run
refuse 'does not start' far install "${far_words[@]}" --disk size=0.1 --location http://127.0.0.1:8080 --qemu-commandline -no-such-option
expect '^$' far_files
echo added >"$lab/added"
expect "Domain 'far1' has been made" far install "${far_words[@]}" --disk size=0.1 --location http://127.0.0.1:8080 --initrd-inject "$lab/added" --wait 5 \
	--serial pty,log.file=/var/log/libvirt/qemu/far1.serial,log.append=on
host=b await_console far1 10 'GUEST-INSTALL done'
host=b await_console far1 90 'GUEST-READY'
# what was of use only while it started has gone, in the pool's list too
expect '^far1.qcow2$' far_files
expect '^ far1.qcow2 ' far -q vol-list default
! far -q vol-list default | grep -v far1 | grep . || fail 'something is left in the pool'
expect destroyed far destroy far1
expect undefined far undefine far1

step 'a user who may talk to libvirt, and write nowhere but at home'
on_host a sh -c 'mkdir /var/me && chown 65534 /var/me && chmod 700 /var/me'
me() { on_host a setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/var/me XDG_CACHE_HOME=/var/me/.cache "$HVSH" -c qemu:///system install --name mine \
	--memory 256 --vcpus 1 --virt-type qemu --osinfo linux2022 --graphics none --network none --noautoconsole "$@"; }
before=$(images)
refuse 'setfacl -m u:libvirt-qemu:x /var/me$' me --disk /var/me/mine.img,size=0.1 --location "$GUEST/tree" "${words[@]}"
expect "send the initrd images/pxeboot/initrd.img to pool 'default'" me --disk size=0.1 --location "$GUEST/tree" "${words[@]}" --dry-run
expect "Domain 'mine' has been made" me --disk size=0.1 --location "$GUEST/tree" "${words[@]}" --wait 5
expect destroyed hv destroy mine
expect undefined hv undefine mine
expect deleted hv vol-delete mine.qcow2 default
[ "$(images)" = "$before" ] || fail 'something is left of it'

step 'installed anew'
refuse 'is running' hv install --reinstall web1 --location "$GUEST/tree"
expect destroyed hv destroy web1
refuse 'what is guest .web1. installed from' hv install --reinstall web1
refuse "there is no guest 'nobody'" hv install --reinstall nobody --pxe
before=$(hv -q dumpxml --inactive web1)
on_host a truncate -s 0 /var/log/libvirt/qemu/web1.serial
expect "Domain 'web1' has been made" hv install --reinstall web1 --location "$GUEST/tree" "${words[@]}" --noautoconsole --wait 5
await_console web1 10 'GUEST-INSTALL done'
await_console web1 90 'GUEST-READY'
[ "$(hv -q dumpxml --inactive web1)" = "$before" ] || fail 'its definition is another now'
expect destroyed hv destroy web1
expect undefined hv undefine web1
on_host a rm $images/web1.img

step "a medium's own kernel, with a file added to its initrd"
printf '#!/bin/sh\necho "PROBE: $(cat /answers)"\nexec /init\n' >"$lab/probe"
chmod 755 "$lab/probe"
echo 'forty-two' >"$lab/answers"
refuse 'cannot be read' install web2 --disk none --location "$GUEST/install.iso" --initrd-inject "$lab/none"
refuse 'adds files to the initrd' install web2 --disk none --cdrom "$GUEST/install.iso" --initrd-inject "$lab/probe"
ends 3 install web2 --disk $images/web2.img,size=0.1 --location "$GUEST/install.iso" --initrd-inject "$lab/probe" --initrd-inject "$lab/answers" \
	--extra-args 'console=ttyS0 quiet rdinit=/probe' --wait 1s
# held still: once the guest is off its drive is emptied, which a quick one is before this has looked
expect suspended hv suspend web2
expect install.iso hv domblklist web2
expect '^$' on_host a find $boot -type f
expect resumed hv resume web2
await_console web2 90 'PROBE: forty-two'
await_console web2 90 'GUEST-INSTALL done'
off() { [ "$(hv -q domstate web2)" = 'shut off' ]; }
within 60 off || fail 'the installation does not end'
! hv -q domblklist web2 | grep install.iso || fail 'the medium is still in its drive'
expect undefined hv undefine web2
on_host a rm $images/web2.img

step 'two at once'
install web3 --disk $images/web3.img,size=0.1 --location "$GUEST/tree" "${words[@]}" --wait 5 >"$lab/web3" 2>&1 </dev/null &
first=$!
install web4 --disk $images/web4.img,size=0.1 --location http://127.0.0.1:8080 "${words[@]}" --wait 5 >"$lab/web4" 2>&1 </dev/null &
second=$!
wait $first || { cat "$lab/web3"; fail 'the first of two installations'; }
wait $second || { cat "$lab/web4"; fail 'the second of two installations'; }
for name in web3 web4; do
	await_console $name 90 'GUEST-READY'
	expect destroyed hv destroy $name
	expect undefined hv undefine $name
	on_host a rm $images/$name.img
done
nothing

step 'each step fails once'
ends 1 install web5 --disk $images/web5.img,size=0.1 --location /nowhere
nothing
# the disk: there is no room for all of it
on_host a mount -t tmpfs -o size=8M tmpfs $images
expect . hv pool-refresh default
refuse 'does not fit' install web5 --disk $images/web5.img,size=0.1 --location "$GUEST/tree"
ends 2 install web5 --disk $images/web5.img,size=0.1,format=raw,sparse=no --check disk_size=off --location "$GUEST/tree"
nothing
on_host a umount $images
expect . hv pool-refresh default
# the initrd: there is no room for it
on_host a mount -t tmpfs -o size=16M tmpfs $boot
ends 2 install web5 --disk $images/web5.img,size=0.1 --location "$GUEST/tree"
grep -q 'No space left' "$lab/said" || fail 'the reason is not told'
nothing
on_host a umount $boot
# what libvirt would refuse is seen before
ends 1 install web5 --disk $images/web5.img,size=0.1 --location "$GUEST/tree" --xml ./devices/controller/@model=nothing
nothing
# the definition, where libvirt cannot write any, and the start
on_host a mount -t tmpfs -o ro none /etc/libvirt/qemu
ends 2 install web5 --disk $images/web5.img,size=0.1 --location "$GUEST/tree"
grep -q "removing volume 'web5.img'" "$lab/said" || fail 'it did not come to that'
nothing
on_host a umount /etc/libvirt/qemu
ends 2 install web5 --disk $images/web5.img,size=0.1 --location "$GUEST/tree" --qemu-commandline -no-such-option
nothing
echo done
