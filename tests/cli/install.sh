#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# install on the test driver: documents, plans, refusals, and a guest that is there afterwards.
. "${srcdir:?}/tests/cli/lib.sh"
"$HVSH" -q -c test:///default help install >/dev/null 2>&1 || { echo 'SKIPPED: the plugin install is not built'; exit 77; }
hv=(-q -c test:///default)
fixed=(--name d --uuid 11111111-2222-3333-4444-555555555555 --osinfo generic)
card='user,mac=00:16:3e:00:00:01'

# golden CASE ARGUMENT...: the document must be the one beside this script
golden() {
	local case=$1
	shift
	check 0 "${hv[@]}" install "${fixed[@]}" "$@" --print-xml <"$srcdir/tests/cli/install.d/$case.xml"
}
# refused SENTENCE ARGUMENT...
refused() {
	error="error: $1"
	shift
	check 1 "${hv[@]}" install "${fixed[@]}" "$@" </dev/null
}

golden plain --memory 512 --disk none --network "$card" --import
golden text --ram=1GiB --vcpus 2,maxvcpus=4,cores=2 --disk size=2 --network "$card" --nographics --pxe
golden many --memory 1024,maxmemory=2048 --cpu core2duo,+x2apic,disable=vmx --disk none --import --network network=default,mac=00:16:3e:00:00:01,model=virtio \
	--graphics vnc,port=5901,listen=0.0.0.0 --video vga --sound none --serial tcp,host=:2222,mode=bind,protocol.type=telnet --rng /dev/random --controller usb3 \
	--boot hd,cdrom,menu=on --clock offset=localtime,rtc_tickpolicy=merge --numatune 1,memory.mode=strict --cputune vcpupin0.vcpu=0,vcpupin0.cpuset=1,2 \
	--hostdev 00:19.0 --metadata 'title=a guest,description="b, c"' --xml ./devices/memballoon/@model=none --qemu-commandline='-foo "a b"'
# as virt-install has it: the last counts, unless an option makes one more
golden plain --name x --osinfo nosuch --memory 1 --memory 512 --disk none --network "$card" --import --import --os-variant win10 --uuid 11111111-2222-3333-4444-555555555556 \
	"${fixed[@]}"

refused "--disk has no sub-option 'sise'; did you mean 'size'?" --memory 512 --disk sise=3 --import
# swapped letters are one slip; what has nothing in common with any name is none
refused "--network has no sub-option 'amc'; did you mean 'mac'?" --memory 512 --disk none --import --network user,amc=1
refused "--network has no sub-option 'abc'" --memory 512 --disk none --import --network user,abc=1
refused "--disk: driver.ats must be yes or no, not 'maybe'" --memory 512 --disk size=1,driver.ats=maybe --import
refused "--disk none and other disks contradict each other" --memory 512 --disk none --disk size=1 --import
refused '--cdrom, --location, --pxe and --import contradict each other: a guest is installed from one of them' --memory 512 --disk none --import --pxe
refused '--disk: path and pool contradict each other: size=1,pool=default-pool,path=/x' --memory 512 --disk size=1,pool=default-pool,path=/x --import
refused 'the disk /default-pool/a.img is given twice' --memory 512 --disk /default-pool/a.img,size=1 --disk path=/default-pool/a.img,size=2 --import
refused '--memory: a guest needs some memory: memory=0' --memory 0 --disk none --import
refused '--cloud-init needs the disk that has the system: --disk FILE, or --image' --memory 512 --cloud-init
refused 'where is the guest installed to? --disk size=10 makes a disk of 10 GiB, --disk none leaves it out' --memory 512 --boot network
refused 'how much memory does the guest get? --memory 1024 (MiB), --memory 2GiB' --disk none --import
refused "there is no network 'nowhere'" --memory 512 --disk none --import --network network=nowhere
refused "--network: there is no kind 'net1'" --memory 512 --disk none --import --network net1
refused "'00:16:3e' is no MAC address, such as 52:54:00:12:34:56" --memory 512 --disk none --import --network user,mac=00:16:3e
refused "--memory: memory has a unit that is not known: '12 parrots' (KiB, MiB, GiB, TiB, or KB, MB, GB, TB)" --memory '12 parrots' --disk none --import
refused 'the topology is of 3 virtual CPUs (1 sockets, 1 dies, 3 cores, 1 threads), the guest has 4' --memory 512 --vcpus 4,cores=3,sockets=1,threads=1 --disk none --import
refused '--extra-args are for the kernel of --location; a medium of --cdrom or --pxe starts its own' --memory 512 --disk none --pxe -x a
error="error: Guest name 'test' is already in use." check 1 "${hv[@]}" install --name test --osinfo generic --memory 512 --disk none --import </dev/null

# a plan changes nothing
check 0 "${hv[@]}" install "${fixed[@]}" --memory 512 --disk size=1 --network "$card" --pxe --dry-run <<'X'
make the volume 'd.qcow2' of 1.0 GiB (qcow2) in pool 'default-pool'
define the guest 'd'
start the installation of 'd'
X
# and a guest is made; the driver lives as long as the process
"$HVSH" -c test:///default "install --name d --osinfo generic --memory 512 --disk size=1 --network $card --import --noautoconsole; domstate d" >out 2>err </dev/null
grep -qx "Domain 'd' has been made" out && grep -qx running out || { echo 'FAILED: no guest has been made'; cat out err; failed=1; }
# --connect: the shell's own connection need not be had, and the console that follows is that connection's
other=(install --connect test:///default --name e --osinfo generic --memory 512 --disk none --network "$card" --import)
LIBVIRT_DEFAULT_URI=nosuch:/// "$HVSH" "${other[@]}" --noautoconsole >out 2>err </dev/null
grep -qx "Domain 'e' has been made" out || { echo 'FAILED: --connect needs another connection too'; cat out err; failed=1; }
[ $failed = 0 ] || exit 1
command -v script >/dev/null || { echo 'SKIPPED: script is missing: ./autogen.sh check installs it'; exit 77; }
script -qec "$(printf '%q ' "$HVSH" -c "test://$srcdir/tests/cli/fixtures/node.xml" "${other[@]}" --autoconsole text)" /dev/null >out 2>err </dev/null
grep -q "Connected to domain 'e'" out || { echo 'FAILED: the console is looked for elsewhere'; cat out err; exit 1; }
