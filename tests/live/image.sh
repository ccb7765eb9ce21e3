#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Guests from images: a file, a download, over the network of another host; layers and copies of the asked size, the seed as the guest's
# kernel and cloud-init read it, waiting for the address and for ssh; and what goes wrong leaves nothing but a part in the cache.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
command -v python3 >/dev/null || skip 'python3 is missing'
hosts a b
images=/var/lib/libvirt/images
server=
cleanup() { [ -z "$server" ] || kill "$server" 2>/dev/null; leave; }
trap cleanup EXIT
# what a guest of this test is: small, emulated, its serial line noted
install() {
	local name=$1
	shift
	hv install --name "$name" --memory 256 --vcpus 1 --virt-type qemu --osinfo linux2022 --graphics none \
		--serial "pty,log.file=/var/log/libvirt/qemu/$name.serial,log.append=on" "$@"
}
# files HOST: the guests' disks and what else is made for them
files() { on_host "$1" find $images /var/lib/libvirt/boot -type f -printf '%f\n' 2>/dev/null | sort | tr '\n' ' '; }
nothing() { expect '^$' hv -q list --all --name; expect '^$' files a; }
info() { on_host "$1" qemu-img info -U --output=json "$2"; }
on_host a mkdir -p $images /var/lib/libvirt/boot
# gone NAME...: guests with their disks
gone() {
	local name
	for name; do
		expect destroyed hv destroy "$name"
		expect undefined hv undefine "$name"
		expect deleted hv vol-delete "$name.qcow2" default
	done
}

mkdir "$lab/web"
qemu-img convert -O qcow2 "$GUEST/disk.img" "$lab/web/guest.qcow2"
(cd "$lab/web" && sha256sum guest.qcow2 >SHA256SUMS)
sum=$(cut -d ' ' -f 1 "$lab/web/SHA256SUMS")
echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtleQ anna@desk' >"$lab/key.pub"
seed=user=anna,clouduser-ssh-key=$lab/key.pub

step 'a file: a layer of the asked size over it, an address, a seed that the guest can read'
expect 'ssh anna@192\.168\.122\.' install web1 --network default --image "$lab/web/guest.qcow2,size=3GiB" --cloud-init "$seed" --wait-ip 3
logs+=(web1)
expect '"virtual-size": 3221225472' info a $images/web1.qcow2
expect "\"backing-filename\": \"$lab/web/guest.qcow2\"" info a $images/web1.qcow2
expect '"backing-filename-format": "qcow2"' info a $images/web1.qcow2
# the seed went when the guest had started, and out of its definition; the guest that runs has it still
expect '^ vda +/var/lib/libvirt/images/web1.qcow2$' hv -q domblklist web1 --inactive
expect '^web1.qcow2 $' files a
await_console web1 90 'GUEST-READY'
terminal "$live/host" exec "$lab" a "$HVSH" -c qemu:///system console web1
await_screen 30 'Escape character is'
type_keys '\r'
await_screen 20 'guest# '
type_keys 'modprobe isofs; mkdir -p /m; mount -t iso9660 -o ro /dev/vdb /m; ls -l /m; cat /m/*-data\r'
await_screen 30 '"local-hostname": "web1"'
await_screen 10 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtleQ anna@desk'
type_keys '\035'
await_end 20 || fail 'the console does not end well'

step 'ssh that does not answer'
gone web1
LIMIT=60 refuse "runs on" install web1 --network default --image "$lab/web/guest.qcow2" --cloud-init "$seed" --wait-ssh 3s
expect running hv domstate web1
gone web1
# type_inside NAME COMMAND: on the guest's console, to its end
type_inside() {
	terminal "$live/host" exec "$lab" a "$HVSH" -c qemu:///system console "$1"
	await_screen 30 'Escape character is'
	type_keys "\\r$2 echo typ\"\"ed\\r"
	await_screen 60 'typed'
	type_keys '\035'
	await_end 20 || fail 'the console does not end well'
}
step 'ssh that answers: the guest is told to, on its console, while it is waited for'
install web7 --network default --image "$lab/web/guest.qcow2" --cloud-init "$seed" --wait-ssh 5 >"$lab/said" 2>&1 </dev/null &
waiting=$!
await_console web7 120 'GUEST-READY'
await_console web7 60 'GUEST-ADDRESS'
type_inside web7 'while :; do echo SSH-2.0-test | nc -l -p 22; done &'
said() { grep -q '^ssh anna@192\.168\.122\.' "$lab/said"; }
within 120 said || { cat "$lab/said"; fail 'ssh is not noticed'; }
wait $waiting || fail 'it ends badly'
cat "$lab/said"
gone web7
step 'an address that libvirt has leased to nobody: by the agent inside, by the table of this host'
# finds NAME HOW COMMAND BRIDGE [OPTION...]: the address of a guest on that bridge, when COMMAND has been typed on its console
finds() {
	local name=$1 how=$2 command=$3 bridge=$4
	shift 4
	install "$name" --network "bridge=$bridge" --image "$lab/web/guest.qcow2" --cloud-init "$seed" --wait-ip 5 --explain "$@" >"$lab/said" 2>&1 </dev/null &
	waiting=$!
	await_console "$name" 120 'GUEST-READY'
	[ "$bridge" != virbr0 ] || await_console "$name" 60 'GUEST-ADDRESS'
	type_inside "$name" "$command;"
	said() { grep -q '^ssh anna@192\.168\.' "$lab/said"; }
	within 120 said || { cat "$lab/said"; fail 'the address is not found'; }
	wait $waiting || fail 'it ends badly'
	grep -q "by $how" "$lab/said" || { cat "$lab/said"; fail "not by $how"; }
}
# nobody answers there: the host knows nothing of the guest
on_host a sh -c 'ip link add quiet type bridge && ip link set quiet up'
finds web8 'the agent inside' 'until killall -9 udhcpc; do sleep 1; done; ip addr add 192.168.77.8/24 dev eth0' quiet
# the host knows those who have spoken with it
finds web9 "this host's ARP table" 'ip addr add 192.168.122.9/24 dev eth0; ping -c 1 -I 192.168.122.9 192.168.122.1' virbr0 --channel none
gone web8 web9

refuse 'cannot be reached from outside' install web1 --network user --image "$lab/web/guest.qcow2" --wait-ssh
refuse 'has no network card' install web1 --network none --image "$lab/web/guest.qcow2" --wait-ip
nothing

step 'from a server: the image stays for the next guest'
HTTP_ADDRESS=127.0.0.1 "$live/host" exec "$lab" a "$top/tests/cli/http-server" "$lab/web" "$lab/port" 2>/dev/null &
server=$!
within 30 test -s "$lab/port" || fail 'no server'
at=http://127.0.0.1:$(cat "$lab/port")
export XDG_CACHE_HOME=$lab/cache
expect "Domain 'web2' has been made" install web2 --network none --image "$at/cut/guest.qcow2,size=2" --cloud-init "$seed" --noautoconsole
expect "^guest-${sum:0:12}.qcow2 web2.qcow2 \$" files a
expect "\"full-backing-filename\": \"$images/guest-${sum:0:12}.qcow2\"" info a $images/web2.qcow2
expect '"virtual-size": 2147483648' info a $images/web2.qcow2
cmp "$lab/web/guest.qcow2" <(on_host a cat "$images/guest-${sum:0:12}.qcow2") || fail 'the volume is not the image'
await_console web2 120 'GUEST-READY'
expect "has it already" install web3 --network none --image "$at/cut/guest.qcow2" --cloud-init "$seed" --noautoconsole --explain
expect "Domain 'web4' has been made" install web4 --network none --image "$at/cut/guest.qcow2,size=1,copy=yes" --cloud-init "$seed" --noautoconsole
expect '"virtual-size": 1073741824' info a $images/web4.qcow2
! info a $images/web4.qcow2 | grep backing || fail "a copy is a layer"
await_console web4 120 'GUEST-READY'
gone web2 web3 web4
expect deleted hv vol-delete "guest-${sum:0:12}.qcow2" default

step 'what goes wrong'
cache() { find "$lab/cache/hvsh/images" -type f -printf '%f\n' | sed 's/^[0-9a-f]*-//' | sort | tr '\n' ' '; }
rm -rf "$lab/cache"
refuse 'wrong checksum' install web5 --network none --image "$at/good/guest.qcow2,sha256=$(printf %064d 0)" --noautoconsole
nothing
expect '^$' cache
refuse '404' install web5 --network none --image "$at/good/none.qcow2" --noautoconsole
nothing
# QEMU refuses this when disk and seed have been made: they go, the download stays
refuse 'does not start' install web5 --network none --image "$at/good/guest.qcow2" --cloud-init "$seed" --qemu-commandline -no-such-option --noautoconsole
nothing
# a host's disk that is full
on_host a mkdir /var/small
on_host a mount -t tmpfs -o size=1M none /var/small
expect defined hv pool-define-as small dir --target /var/small
expect started hv pool-start small
rm -rf "$lab/cache"
refuse 'does not fit into pool' install web5 --network none --image "$at/good/guest.qcow2,pool=small" --noautoconsole
# it was seen before anything was fetched
[ ! -e "$lab/cache/hvsh/images" ] || fail 'it was downloaded first'
refuse 'does not fit into pool' install web5 --network none --image "$lab/web/guest.qcow2,pool=small,copy=yes" --dry-run
refuse 'does not fit beside the others' install web5 --network none --disk pool=default,size=1GiB --disk "pool=small,size=0.9MiB,format=raw" --disk "pool=small,size=0.9MiB,format=raw" --pxe --dry-run
expect '^$' on_host a find /var/small -type f
# who wants it tried all the same gets what libvirt says of it
for words in "$at/good/guest.qcow2,pool=small" "$lab/web/guest.qcow2,pool=small,copy=yes"; do
	refuse 'No space left' install web5 --network none --image "$words" --check disk_size=off --noautoconsole
	expect '^$' on_host a find /var/small -type f
done
nothing

step 'a chain that cannot be read is refused before anything is made'
(cd "$lab/web" && for name in self one two; do qemu-img create -q -f qcow2 $name.qcow2 16M; done
qemu-img rebase -u -F qcow2 -b self.qcow2 self.qcow2
qemu-img rebase -u -F qcow2 -b two.qcow2 one.qcow2
qemu-img rebase -u -F qcow2 -b one.qcow2 two.qcow2)
refuse "$lab/web/self.qcow2 is a layer over itself" install web5 --network none --image "$lab/web/self.qcow2" --noautoconsole
refuse "$lab/web/self.qcow2 is a layer over itself" install web5 --network none --import --disk "$lab/web/self.qcow2" --noautoconsole
refuse 'stands on a circle of layers: .*two.qcow2, below it' install web5 --network none --disk "size=1,backing_store=$lab/web/one.qcow2" --import --noautoconsole
nothing

step 'Ctrl-C in the middle of the download'
rm -rf "$lab/cache"
terminal "$live/host" exec "$lab" a env --default-signal=INT XDG_CACHE_HOME="$lab/cache" "$HVSH" -c qemu:///system install --name web6 --memory 256 --osinfo linux2022 \
	--network none --graphics none --image "$at/stall/guest.qcow2"
part() { [ -n "$(find "$lab/cache/hvsh/images" -name '*.part' -size +1000k)" ]; }
within 60 part || fail 'no download begins'
type_keys '\003'
await_end 30 && fail 'an interrupted installation is no success'
# what carries the terminal's signal ends at once, hvsh a moment later
unlocked() { flock -n "$(find "$lab/cache/hvsh/images" -name '*.part')" true; }
within 30 unlocked || fail 'the download goes on'
expect '^guest.qcow2.part guest.qcow2.part.tag $' cache
nothing
# and it goes on from there
expect "Domain 'web6' has been made" install web6 --network none --image "$at/good/guest.qcow2" --noautoconsole
gone web6

step 'on another host, whose storage is reached through libvirt only'
other=$(uri b)
far() { run_limited "$HVSH" -c "$other" "$@"; }
expect "Domain 'far1' has been made" far install --name far1 --memory 256 --vcpus 1 --virt-type qemu --osinfo linux2022 --graphics none --network none \
	--image "$lab/web/guest.qcow2,size=2" --cloud-init "$seed" --noautoconsole --serial pty,log.file=/var/log/libvirt/qemu/far1.serial
host=b await_console far1 120 'GUEST-READY'
expect "^far1.qcow2 guest-${sum:0:12}.qcow2 \$" files b
expect '"virtual-size": 2147483648' info b $images/far1.qcow2
cmp "$lab/web/guest.qcow2" <(on_host b cat "$images/guest-${sum:0:12}.qcow2") || fail 'the volume is not the image'
expect destroyed far destroy far1
refuse 'does not start' far install --name far2 --memory 256 --virt-type qemu --osinfo linux2022 --graphics none --network none \
	--image "$lab/web/guest.qcow2,size=2" --cloud-init "$seed" --qemu-commandline -no-such-option --noautoconsole
expect "^far1.qcow2 guest-${sum:0:12}.qcow2 \$" files b
echo done
