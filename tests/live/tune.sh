#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a guest may use of its host: limits of a disk and an interface, I/O threads, processors of the host. What was asked for is looked for
# in QEMU, in the kernel and in libvirt's documents, not in what the same commands show.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
hosts a
images=/var/lib/libvirt/images
on_host a truncate -s 32M $images/data.img
guest_xml web1 memory=96 disk=$images/data.img >"$lab/web1.xml"
not_tried() { printf 'NOT TRIED: %s\n' "$*"; }
in_qemu() { expect "$1" hv -q qemu-monitor-command web1 "$2"; }
xml_has() { hv -q dumpxml web1 "${@:2}" | grep -Eq -- "$1"; }
in_xml() { xml_has "$@" || fail "nothing like '$1' in the XML"; }
not_in_xml() { ! xml_has "$@" || fail "'$1' is in the XML"; }
# The processors of the host that may run a thread.
may_run() { # may_run CPUS THREAD
	local cpus
	cpus=$(on_host a sh -c "sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/$2/status")
	[ "$cpus" = "$1" ] || fail "thread $2 may run on '$cpus', not on '$1'"
}
main=
thread() { on_host a sh -c "grep -l '^$1' /proc/$main/task/*/comm" | cut -d / -f 5; } # QEMU's thread of this name

expect '' hv define "$lab/web1.xml"
expect '' hv start web1

step 'a disk'
expect '' hv blkdeviotune web1 vda --total-iops-sec 500 --total_bytes_sec 2M --total-bytes-sec-max 4M --total-bytes-sec-max-length 3
for value in '"iops": ?500' '"bps": ?2097152' '"bps_max": ?4194304' '"bps_max_length": ?3'; do
	in_qemu "$value" '{"execute":"query-block"}'
done
not_in_xml '<iotune>' --inactive
expect '"total_iops_sec": ?500' hv blkdeviotune web1 vda --json
expect '' hv blkdeviotune web1 vda --read-bytes-sec 1M --write-bytes-sec 3M --config
in_xml '<read_bytes_sec>1048576<' --inactive
in_xml '<write_bytes_sec>3145728<' --inactive
refuse 'total and read/write of bytes_sec cannot be set at the same time' hv blkdeviotune web1 vda --total-bytes-sec 1M --read-bytes-sec 1M
refuse "vdz" hv blkdeviotune web1 vdz --total-iops-sec 1
expect '' hv blkdeviotune web1 vda --total-iops-sec 0
in_qemu '"iops": ?0' '{"execute":"query-block"}'

hv -q domblkstat web1 vda --human | grep -q '^Device: vda$' || fail 'the statistics do not say of which disk they are'
expect '^\{"rd_req":' hv domblkstat web1 vda --human --json

step 'I/O threads'
expect '' hv iothreadadd web1 3
in_qemu '"id": ?"iothread3"' '{"execute":"query-iothreads"}'
not_in_xml '<iothreads>' --inactive
refuse 'already using' hv iothreadadd web1 3
expect '^ 3 ' hv -q iothreadinfo web1
expect '' hv iothreadset web1 3 --poll-max-ns 12345 --poll-grow 2 --thread-pool-max 4
in_qemu '"poll-max-ns": ?12345' '{"execute":"query-iothreads"}'
in_qemu '"poll-grow": ?2' '{"execute":"query-iothreads"}'
in_qemu '"return": ?4' '{"execute":"qom-get","arguments":{"path":"/objects/iothread3","property":"thread-pool-max"}}'
refuse 'nothing to set' hv iothreadset web1 3
refuse 'iothread 9 not found|IOThread .?9' hv iothreadpin web1 9 0
expect '' hv iothreadadd web1 7 --config
in_xml '<iothread id=.7.' --inactive

step 'processors of the host'
if [ "$(on_host a nproc)" -gt 1 ]; then
	main=$(on_host a cat /run/libvirt/qemu/web1.pid)
	io=$(thread 'IO iothread3') vcpu=$(thread 'CPU 0/')
	[ -n "$io" ] && [ -n "$vcpu" ] || fail 'QEMU has no threads of these names'
	expect '' hv iothreadpin web1 3 1
	may_run 1 "$io"
	expect '' hv vcpupin web1 0 0
	may_run 0 "$vcpu"
	expect '' hv emulatorpin web1 1
	may_run 1 "$main"
	for what in "<iothreadpin iothread='3' cpuset='1'/>" "<vcpupin vcpu='0' cpuset='0'/>" "<emulatorpin cpuset='1'/>"; do in_xml "$what"; done
	not_in_xml '<cputune>' --inactive
	expect '"cpus": ?\[1\]' hv emulatorpin web1 --json
	expect '' hv vcpupin web1 0 r
	may_run "0-$(($(on_host a nproc) - 1))" "$vcpu"
	expect '' hv vcpupin web1 1 0-1,^0 --config
	in_xml "<vcpupin vcpu='1' cpuset='1'/>" --inactive
	sed 's/web1/off1/' "$lab/web1.xml" >"$lab/off1.xml"
	expect '' hv define "$lab/off1.xml"
	refuse 'domain is not running' hv emulatorpin off1 0
	expect '' hv emulatorpin off1 0 --config
	refuse 'vcpu 9 is out of range' hv vcpupin web1 9 0
	refuse "CPU 200 in cpulist '0,200' exceed the maxcpu" hv emulatorpin web1 0,200
	refuse "CPU 200 in cpulist '200' exceed the maxcpu" hv emulatorpin web1 200 --config
else
	not_tried 'pinning: this machine has one processor'
fi
expect '' hv iothreaddel web1 3
hv -q qemu-monitor-command web1 '{"execute":"query-iothreads"}' | grep -q iothread3 && fail 'QEMU has the I/O thread still'
refuse "cannot find IOThread '3'" hv iothreaddel web1 3

step 'shares and memory'
refuse 'cannot query both live and config at once' hv schedinfo web1 --live --config
group() { on_host a sh -c "find /sys/fs/cgroup -path '*web1.libvirt-qemu/$1' -exec cat {} +" | head -n 1; }
if [ -n "$(group cpu.shares)" ]; then
	expect 'cpu_shares +: 512' hv schedinfo web1 --set cpu_shares=512
	[ "$(group cpu.shares)" = 512 ] || fail 'its cgroup has other shares'
	expect 'cpu_shares +: 256' hv schedinfo web1 --live --config --set cpu_shares=256
	in_xml '<shares>256<' --inactive
	[ "$(group cpu.shares)" = 256 ] || fail 'its cgroup has other shares'
	expect '' hv memtune web1 --hard-limit 1G
	[ "$(group memory.limit_in_bytes)" = 1073741824 ] || fail 'its cgroup has another limit of memory'
elif [ -n "$(group cpu.weight)" ]; then
	expect 'cpu_shares +: 512' hv schedinfo web1 --set cpu_shares=512
	[ "$(group cpu.weight)" = 512 ] || fail 'its cgroup has another weight'
	expect 'cpu_shares +: 256' hv schedinfo web1 --live --config --set cpu_shares=256
	in_xml '<shares>256<' --inactive
	[ "$(group cpu.weight)" = 256 ] || fail 'its cgroup has other shares'
	expect '' hv memtune web1 --hard-limit 1G
	[ "$(group memory.max)" = 1073741824 ] || fail 'its cgroup has another limit of memory'
else
	not_tried 'schedinfo and memtune: this machine gives the test no cgroup of its own'
fi

step 'a network interface'
mac=$(hv -q domiflist web1 | awk '{print $5}') device=$(hv -q domiflist web1 | awk '{print $1}')
output=$(hv domiftune web1 "$device" --inbound 1000,2000,500 --outbound 300,600,100 2>&1)
status=$?
printf '%s\n' "\$ hv domiftune web1 $device --inbound ... --outbound ..." "$output"
if [ $status = 0 ]; then
	expect 'rate 8Mbit ceil 16Mbit' on_host a tc class show dev "$device"
	expect 'rate 2400Kbit' on_host a tc filter show dev "$device" parent ffff:
	in_xml "<outbound average='300' peak='600' burst='100'/>"
	not_in_xml '<bandwidth>' --inactive
elif grep -Eq 'qdisc kind is unknown|TC action module' <<<"$output"; then
	not_tried "domiftune of a running guest: this machine's kernel has no sfq or no police"
else
	fail 'domiftune'
fi
expect '' hv domiftune web1 "$mac" --inbound 100,200,300 --outbound 50 --config
in_xml "<inbound average='100' peak='200' burst='300'/>" --inactive
in_xml "<outbound average='50'/>" --inactive
expect '"inbound.peak": ?200' hv domiftune web1 "$mac" --config --json
refuse "'nothing0' is not a known interface|Unable to (set|get|find) .*interface" hv domiftune web1 nothing0 --inbound 1
exit 0
