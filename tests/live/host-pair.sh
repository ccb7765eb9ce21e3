#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# host-check --peer: what two hosts must have in common before guests move between them, on two hosts of which one lacks it piece by piece.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
hosts a b
b=$(uri b)
pair() { "$HVSH" -c "$(uri a)" host-check --peer "$b" --check pair "$@" || true; }
on_b() { on_host b "$HVSH" -c qemu:///system "$@" >/dev/null || fail "on b: $*"; }
says() { expect "^$1 +$2 .*$3" pair; }

step 'two hosts that fit'
guest_xml web | on_host a sh -c 'cat >/tmp/web.xml'
expect 'defined' hv define /tmp/web.xml
says pass pair-peer 'a and b, hypervisor'
says pass pair-name 'a and b'
says pass pair-uuid 'they differ'
says pass pair-machine 'b knows every one'
says pass pair-network 'b has every one'
says pass pair-pool 'b has every active pool'
says pass pair-memory 'b has .* free; no guest runs here'
says pass pair-security 'b knows'
says pass pair-cpu 'b (can give|gives) guests'
says note pair-clock 'cannot tell: libvirt tells no host.s time; host-check --check time-sync on a and on b'
expect 'cure: let chrony keep both' pair --explain
expect ' 0 fail$' pair
expect '^note +pair-peer .*no other host is named' sh -c "'$HVSH' -c '$(uri a)' host-check --profile migration; true"

step 'a running guest'
expect 'started' hv start web
says pass pair-memory 'the largest running guest may take 192 MiB'
expect 'destroyed' hv destroy web

step 'what the other lacks'
on_b net-destroy default
says fail pair-network 'not active on b: default'
on_b net-undefine default
says fail pair-network 'b does not have: default'
on_b pool-destroy default
says warn pair-pool 'not so on b: default'
on_host b sh -c 'mkdir -p /var/lib/elsewhere'
on_b pool-undefine default
on_b pool-define-as default dir --target /var/lib/elsewhere
on_b pool-start default
says warn pair-pool 'default .at /var/lib/elsewhere there, /var/lib/libvirt/images here'
expect 'cure: ' pair

step 'the same host twice, and none'
b=$(uri a)
says fail pair-uuid 'libvirt takes them for one'
says fail pair-name "both hosts call themselves 'a'"
refuse 'the other host cannot be asked' "$HVSH" -c "$(uri a)" host-check --peer "qemu+unix:///system?socket=/tmp/none"
refuse 'mutually exclusive' "$HVSH" -c "$(uri a)" host-check --peer "$b" --root /tmp

step 'a host without systemd whose daemon is gone, and its log daemon, too'
on_a() { on_host a "$HVSH" "$@"; }
gone() {
	on_host a sh -c "pkill -x $1; i=0; while pgrep -x $1 >/dev/null; do [ \$i -lt 300 ] || exit 1; sleep 0.1; i=\$((i + 1)); done" ||
		fail "$1 does not end when it is told to"
}
daemon=libvirtd
on_host a sh -c 'command -v libvirtd' >/dev/null || daemon=virtqemud
gone $daemon
expect "fail +svc-daemon .*$daemon does not run" sh -c "'$live/host' exec '$lab' a '$HVSH' host-check --check svc-daemon; true"
expect "would svc-daemon: run $daemon -d$" on_a host-check --fix svc-daemon --dry-run
expect '^pass +svc-daemon .*it answers at /run/libvirt/' on_a host-check --fix svc-daemon --yes
expect 'web' on_a -c qemu:///system list --all
gone $daemon
gone virtlogd
expect "would svc-daemon: run virtlogd -d, then run $daemon -d$" on_a host-check --fix svc-daemon --dry-run
expect '^pass +svc-daemon .*it answers at /run/libvirt/' on_a host-check --fix svc-daemon --yes
expect 'started' on_a -c qemu:///system start web
expect 'destroyed' on_a -c qemu:///system destroy web
echo done
