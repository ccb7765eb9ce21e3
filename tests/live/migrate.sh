#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A guest goes from one host to another and back, in all the ways there are; it stays where it is when that fails or is given up.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
command -v openssl >/dev/null || skip "openssl is missing: ./autogen.sh check-live installs it"
export HOST_QEMU_ROOT=1
hosts a b
hv_at() { local host=$1; shift; on_host "$host" "$HVSH" -c qemu:///system "$@"; }
other() { [ "$1" = a ] && echo b || echo a; }
# at HOST NAME: NAME runs there, and not on the other host
at() {
	within 20 running "$1" "$2" || fail "$2 does not run on $1"
	! running "$(other "$1")" "$2" || fail "$2 runs on both hosts"
}
running() { [ "$(hv_at "$1" -q domstate "$2" 2>&1)" = running ]; }
# go FROM NAME OPTION...: a migration that this host leads; and then NAME runs at the other
go() {
	local from=$1 name=$2
	shift 2
	expect '' hv_at "$from" migrate "$name" "qemu+tcp://$(other "$from")/system" "$@"
	at "$(other "$from")" "$name"
}
# steady STEP: a step (a function), begun again with a new guest where QEMU has broken the guest's kernel: its emulator may lose a page of a
# guest that writes while it is sent, which no hvsh can help. The step finds web1 running on a and leaves it there.
steady() {
	local try side
	for try in 1 2 3; do
		("$1") && return
		broken || exit 1
		echo "the kernel of web1 does not live any more, since QEMU's emulator sent it: a new guest, and the step again (try $try)"
		for side in a b; do on_host $side sh -c 'pkill -KILL qemu-system; rm -f /var/log/libvirt/qemu/web1.serial'; done
		for side in a b; do within 60 gone $side || fail "web1 does not go from $side"; done
		begin
		write_fast
	done
	exit 1
}
broken() {
	local side
	for side in a b; do
		on_host $side grep -aE 'Oops|general protection|kernel BUG|Kernel panic' /var/log/libvirt/qemu/web1.serial && return
	done
	return 1
}
gone() { [ -z "$(hv_at "$1" -q list --name)" ] && { ! hv_at "$1" -q list --all --name | grep -qx web1 || hv_at "$1" undefine web1; }; }
begin() {
	expect '' hv define "$lab/web1.xml"
	expect '' hv start web1
	await_console web1 60 GUEST-READY
}
working() { hv -q domjobinfo web1 | grep -q 'Memory bandwidth'; }
# web1 writes faster than is sent
write_fast() {
	within 60 hv qemu-agent-command web1 '{"execute":"guest-ping"}' || fail 'no agent in web1'
	expect '' hv qemu-agent-command web1 \
		'{"execute":"guest-exec","arguments":{"path":"/bin/sh","arg":["-c","while :; do yes | head -c 20000000 >/run/busy; done"]}}'
}
for name in web1 data1; do
	disk=
	[ $name = web1 ] || disk=/var/lib/libvirt/images/data1.img
	guest_xml $name memory=96 disk=$disk >"$lab/$name.xml"
done
on_host a sh -c 'yes data | head -c 20971520 >/var/lib/libvirt/images/data1.img'
expect '' hv define "$lab/data1.xml"
expect '' hv start data1
begin

step 'a live migration, led by this shell, by the source host, through its connection, over several connections'
expect '^\{"domain":"web1","uuid":"[0-9a-f-]*","destination":"qemu\+tcp://b/system","time":[0-9]*,"downtime":[0-9]*,"data":[0-9]*\}$' \
	hv --json migrate web1 qemu+tcp://b/system --live
at b web1
expect 'Incoming migration' hv_at b domjobinfo web1 --completed --keep-completed
if command -v virsh >/dev/null; then
	for words in '' --rawstats --anystats; do
		on_host b virsh -c qemu:///system domjobinfo web1 --completed --keep-completed $words >"$lab/theirs"
		hv_at b domjobinfo web1 --completed --keep-completed $words >"$lab/ours"
		diff "$lab/theirs" "$lab/ours" || fail "not as virsh: domjobinfo $words"
	done
fi
expect '"memory-total":[0-9]+' hv_at b domjobinfo web1 --completed --json
expect 'Job type: +None' hv_at b domjobinfo web1 --completed
go b web1 --live --p2p --persistent --undefinesource
[ -z "$(hv_at b -q list --all --name)" ] || fail 'b still has its definition'
go a web1 --live --p2p --tunnelled
go b web1 --live --parallel --parallel-connections 2 --auto-converge --abort-on-error
go a web1 --live --p2p --compressed --migrateuri "unix://$lab/migrate.sock"
go b web1 --migrateuri tcp://198.51.100.11 --bandwidth 500 --dname web1 --change-protection
expect '"progress"' hv migrate web1 qemu+tcp://b/system --live --bandwidth 40 --jsonl
at b web1
cat >"$lab/move.lua" <<-'L'
	local hv = require "hvsh"
	local seen, row = 0
	row = hv.migrate("web1", "qemu+tcp://a/system", { live = true, bandwidth = 40, progress = function() seen = seen + 1 end })
	print(row.domain, row.data > 1000000, seen > 1)
L
expect '^web1\s+true\s+true$' hv_at b "$lab/move.lua"
# what to do when it fails, as a script is told: NAME URI OPTION...
cat >"$lab/hint.lua" <<-'L'
	local hv = require "hvsh"
	local options = {}
	for i = 3, #arg do options[arg[i]] = true end
	local ok, why = pcall(hv.migrate, arg[1], arg[2], options)
	print(ok, why.message, why.hint)
L
at a web1
expect '' hv migrate web1 qemu+tcp://b/system --suspend --live
[ "$(hv_at b -q domstate web1)" = paused ] || fail 'it should be paused'
expect '' hv_at b resume web1
go b web1 --live

step 'a guest that is off'
sed 's/web1/off1/' "$lab/web1.xml" >"$lab/off1.xml"
expect '' hv define "$lab/off1.xml"
refuse 'domain is not running' hv migrate off1 qemu+tcp://b/system
refuse 'must be given with --persistent' hv migrate off1 qemu+tcp://b/system --offline
expect '' hv migrate off1 qemu+tcp://b/system --offline --persistent --undefinesource
expect '^off1$' hv_at b -q list --all --name
refuse "failed to get domain 'off1'" hv dominfo off1

step 'encrypted'
refuse 'TLS|x509|[Cc]ert' hv_at a migrate web1 qemu+tcp://b/system --live --tls
certificate() { # NAME FILE
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" -keyout "$2-key.pem" -out "$2.request" &&
		openssl x509 -req -in "$2.request" -CA "$lab/pki/ca-cert.pem" -CAkey "$lab/pki/ca-key.pem" -CAcreateserial -days 9 \
			-extfile <(echo "subjectAltName=DNS:$1") -out "$2-cert.pem"
}
(
	mkdir "$lab/pki" && cd "$lab/pki" || exit
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=tests -days 9 -keyout ca-key.pem -out ca-cert.pem
	for host in a b; do
		mkdir $host && certificate $host $host/server && certificate $host $host/client && cp ca-cert.pem $host
		on_host $host sh -c "mkdir -p /etc/pki && cp -r $lab/pki/$host /etc/pki/qemu"
	done
) >"$lab/openssl.log" 2>&1 || fail "no certificates: $(cat "$lab/openssl.log")"
go a web1 --live --tls
go b web1 --live --p2p --tls --tls-destination a
refuse 'TLS|x509|[Cc]ert' hv_at a migrate web1 qemu+tcp://b/system --live --tls --tls-destination nosuch
at a web1

step 'storage: copied, shared'
sum() { on_host "$1" sha256sum /var/lib/libvirt/images/data1.img | cut -d ' ' -f 1; }
before=$(sum a)
refuse 'Unsafe migration|without shared storage' hv migrate data1 qemu+tcp://b/system --live
expect 'copy-storage-all' hv "$lab/hint.lua" data1 qemu+tcp://b/system live
refuse 'copies of its disks that were begun stay at the destination' \
	hv --json migrate data1 qemu+tcp://b/system --live --copy-storage-all --tls --tls-destination nosuch
at a data1
go a data1 --live --copy-storage-all --copy-storage-synchronous-writes --migrate-disks vda --persistent
[ "$(sum b)" = "$before" ] || fail 'b has other data on its disk'
mkdir "$lab/shared"
cp "$live/functions.sh" "$lab/shared/disk.img"
truncate -s 1M "$lab/shared/disk.img"
sed "s#/var/lib/libvirt/images/data1.img#$lab/shared/disk.img#; s/data1/share1/" "$lab/data1.xml" >"$lab/share1.xml"
expect '' hv_at b destroy data1
expect '' hv create "$lab/share1.xml"
refuse 'Unsafe migration|without shared storage' hv migrate share1 qemu+tcp://b/system --live
go a share1 --live --unsafe
expect '' hv_at b destroy share1

write_fast
for side in a b; do
	hv_at $side event --event lifecycle --loop --timeout 600 >"$lab/$side.events" &
done
post_copy() {
	step 'post-copy'
	# postcopied HOST: so that it is seen there
	postcopied() {
		within 20 grep -q Post-copy "$lab/$1.events" || { cat "$lab/$1.events"; fail "there was no switch to post-copy on $1"; }
		: >"$lab/$1.events"
	}
	: >"$lab/a.events"
	: >"$lab/b.events"
	# memory is sent only when the disks are copied: the switch waits for that
	expect '' hv_at b start data1
	go b data1 --live --copy-storage-all --postcopy --timeout 1 --timeout-postcopy --bandwidth 5
	postcopied b
	expect '' hv migrate-setmaxdowntime web1 1
	go a web1 --live --postcopy --postcopy-after-precopy --bandwidth 20
	postcopied a
	go b web1 --live --postcopy --timeout 1 --timeout-postcopy --bandwidth 5
	postcopied b
	expect '' hv migrate-setspeed web1 3
	hv migrate web1 qemu+tcp://b/system --live --postcopy &
	within 30 sh -c "'$live/host' exec '$lab' a '$HVSH' -q -c qemu:///system domjobinfo web1 | grep -q 'Memory bandwidth'" || fail 'no job'
	expect 'Job type: +Unbounded' hv domjobinfo web1
	expect '' hv migrate-postcopy web1
	wait $! || fail 'the migration should have succeeded'
	at b web1
	postcopied a
	go b web1 --live --postcopy --postcopy-after-precopy
	# interrupted: the guest stands still until it goes on
	hv 'migrate-setspeed web1 3; migrate-setspeed web1 1 --postcopy'
	hv migrate web1 qemu+tcp://b/system --live --postcopy 2>"$lab/err" &
	migration=$!
	within 30 working || fail 'no job'
	expect '' hv migrate-postcopy web1
	# (before it runs there an interruption would be its end)
	arrived() { hv_at b -q domstate web1 --reason | grep -q 'running (post-copy)'; }
	within 30 arrived || fail 'it does not run at the destination'
	# (QEMU's own thread fetches what the devices need first of all; a page that it lacks stops its monitor too)
	sleep 4
	refuse 'cannot abort migration in post-copy mode' hv domjobabort web1
	expect '' hv domjobabort web1 --postcopy
	interrupted() { hv -q domstate web1 --reason | grep -q 'post-copy failed'; }
	within 30 interrupted || fail 'the source does not know that it was interrupted'
	ended() { ! kill -0 $migration; }
	if within 30 ended; then
		wait $migration && fail 'an interrupted migration is no success'
		cat "$lab/err"
		expect '' hv migrate web1 qemu+tcp://b/system --live --postcopy --postcopy-resume --postcopy-bandwidth 1000
		at b web1
		go b web1 --live
	else
		# QEMU's monitor may itself need one of the pages that have not come: then no libvirt can tell it to go on
		echo 'the QEMU of the destination does not answer any more: going on is NOT tried this time, the guest is started anew'
		on_host b pkill -KILL qemu-system
		within 60 ended || fail 'the migration does not end with the guest'
		hv destroy web1
		hv define "$lab/web1.xml" 2>/dev/null
		expect started hv start web1
	fi
	at a web1
}
steady post_copy

takes_too_long() {
	step 'what takes too long'
	expect '^250$' hv -q 'migrate-setmaxdowntime web1 250; migrate-getmaxdowntime web1'
	expect '^Compression cache: 128.000 MiB' hv migrate-compcache web1 --size 134217728
	expect '^3$' hv -q 'migrate-setspeed web1 3; migrate-getspeed web1'
	hv migrate web1 qemu+tcp://b/system --live --timeout 1 &
	paused() { [ "$(hv -q domstate web1)" = paused ]; }
	within 30 paused || fail 'the guest is not suspended when the time is over'
	expect '' hv migrate-setspeed web1 1000
	wait $! || fail 'the migration should have succeeded'
	at b web1
	go b web1 --live --timeout 1
}
steady takes_too_long

given_up() {
	step 'given up'
	expect '' hv migrate-setspeed web1 2
	hv migrate web1 qemu+tcp://b/system --live 2>"$lab/err" &
	within 30 working || fail 'no job'
	expect '' hv domjobabort web1
	wait $! && fail 'an aborted migration is no success'
	grep 'canceled by client' "$lab/err" || fail "it says: $(cat "$lab/err")"
	at a web1
	refuse 'no job is active' hv domjobabort web1
	# (from outside of the hosts: nsenter would die of it)
	terminal "$HVSH" -c "$(uri a)" migrate web1 "$(uri b)" --live
	await_screen 30 'Migration.*%'
	type_keys '\003'
	await_screen 30 'canceled by client'
	await_screen 10 "'web1' runs here, as before"
	await_end 30 && fail 'an aborted migration is no success'
	at a web1
	expect '' hv list --all
}
steady given_up

step 'bad input'
refuse 'same host' hv migrate web1 qemu+tcp://a/system --live
expect 'must be another host' hv "$lab/hint.lua" web1 qemu+tcp://a/system
refuse "failed to connect to 'qemu\+tcp://b:1/system'" hv migrate web1 qemu+tcp://b:1/system --live
refuse 'unable to connect to server' hv migrate web1 qemu+tcp://b:1/system --live --p2p
refuse "failed to get domain 'nosuch'" hv migrate nosuch qemu+tcp://b/system
refuse 'read only access' hv -r migrate web1 qemu+tcp://b/system
refuse 'direct migration is not supported' hv migrate web1 qemu+tcp://b/system --direct
refuse 'mutually exclusive' hv migrate web1 qemu+tcp://b/system --live --offline
refuse 'Unable to resolve|resolve address' hv migrate web1 qemu+tcp://b/system --live --migrateuri tcp://nohost
expect '' hv_at b start off1 --paused
sed 's/web1/off1/; /<uuid>/d' "$lab/web1.xml" >"$lab/clash.xml"
refuse "domain 'off1'" hv migrate web1 qemu+tcp://b/system --live --dname off1
at a web1

step 'the destination libvirt dies'
hv migrate web1 qemu+tcp://b/system --live 2>"$lab/err" &
within 30 working || fail 'no job'
on_host b sh -c 'kill -9 $(pidof libvirtd virtqemud)'
expect '' hv migrate-setspeed web1 1000
within 60 sh -c "! kill -0 $!" || fail 'it does not end'
wait $! && fail 'this is no success'
cat "$lab/err"
at_a() { running a web1; }
within 30 at_a || fail 'the guest does not run any more'
expect 'GUEST-READY|ok|return' hv qemu-agent-command web1 '{"execute":"guest-ping"}'
echo done
