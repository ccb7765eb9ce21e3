#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# host-check --fix on a host that systemd started: packages, services, groups, the kernel's switches, libvirt's default network and pool. A
# preview leaves no trace, what fails half way is taken back, and what was put right is so after the next boot.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
own_network
there() { nh exec "$@"; }
check() { there "$HVSH" host-check "$@"; }
told() { check "$@" || true; }
mended() { check --fix "$@" --yes; }
finding() { check --check "$1" --json | sed -n 's/.*"severity":"\([a-z]*\)".*/\1/p' | head -n 1; }
is() { [ "$(finding "$1")" = "$2" ] || fail "$1 is $(finding "$1"), not $2: $(check --check "$1")"; }
says() { told --check "$1" | grep -q -- "$2"; }
becomes() { within 60 says "$1" "$2" || fail "$1 does not become '$2': $(told --check "$1")"; }
unit_is() { there systemctl "is-$2" "$1" || fail "$1 is not $2"; }
unit_is_not() { ! there systemctl "is-$2" "$1" || fail "$1 is $2"; }
settings() { there sh -c 'cat /proc/sys/net/ipv4/ip_forward; systemctl list-unit-files --no-pager; systemctl list-units --all --plain --no-legend --no-pager "*virt*"'; }

step 'a host whose libvirt was never started'
firewalld=
if command -v firewall-cmd >/dev/null; then firewalld=firewalld; else echo 'firewalld is not installed: its zone is not tried'; fi
# shellcheck disable=SC2086
"$live/nethost" up "$net" none static boot $firewalld || exit $?
daemon=libvirtd
there sh -c 'command -v libvirtd' >/dev/null || daemon=virtqemud
# a fresh host is told not to start services while this machine may have been told otherwise
there rm -f /usr/sbin/policy-rc.d
is svc-daemon fail
is svc-boot warn
nh mark
settings >"$net/before"

step 'a preview changes nothing'
expect 'would svc-daemon: ' check --profile all --fix-all --dry-run
expect 'would net-forward: write .1. into /proc/sys/net/ipv4/ip_forward, then write' check --fix net-forward --dry-run
expect '^$' nh changed
settings | diff "$net/before" - || fail 'a preview changed a setting'
refuse 'nobody said yes' check --fix net-forward
expect '^$' nh changed

if ! there systemctl cat $daemon.socket >/dev/null 2>&1; then
	step 'its units are in a package that is not installed'
	command -v apt-get >/dev/null || skip "systemd has no unit of $daemon: install libvirt's daemons"
	mkdir -p "$net/archives/partial"
	apt-get install -y -qq --download-only -o Debug::NoLocking=true -o "Dir::Cache::archives=$net/archives" libvirt-daemon-system >"$net/apt.log" 2>&1 ||
		skip "the package libvirt-daemon-system cannot be downloaded: $(tail -n 1 "$net/apt.log")"
	tar -C "$net/archives" -cf - --exclude=partial --exclude=lock . | there tar -C /var/cache/apt/archives -xf -
	expect 'systemd has no unit that starts it' told --check svc-daemon
	LIMIT=300 expect '^pass +svc-daemon .*is active' mended svc-daemon
	expect '^install ok installed' there dpkg-query -W -f '${Status}' libvirt-daemon-system
	is svc-guests pass

	step 'a package that was left half way'
	there sed -i '/^Package: logrotate$/,/^$/s/^Status: install ok installed/Status: install ok unpacked/' /var/lib/dpkg/status
	is pkg-database warn
	expect '^pass +pkg-database' mended pkg-database
	expect '^install ok installed' there dpkg-query -W -f '${Status}' logrotate
fi

step 'services: stopped and disabled'
off() { there sh -c "systemctl disable --now $daemon.socket $daemon-ro.socket $daemon-admin.socket $daemon.service libvirt-guests.service" >/dev/null 2>&1
	there systemctl stop $daemon.service >/dev/null 2>&1; }
off
is svc-daemon fail
is svc-boot warn
expect '^pass +svc-daemon .*is active' mended svc-daemon
unit_is $daemon.socket active
unit_is $daemon.socket enabled
is svc-boot pass
expect 'nothing to put right' mended svc-daemon
expect '^pass +svc-guests' mended svc-guests
unit_is libvirt-guests.service enabled
off
expect '^pass +svc-boot .*libvirtd.socket is enabled|^pass +svc-boot .*virtqemud.socket is enabled' check --fix-all --yes --check service
unit_is $daemon.socket active
unit_is $daemon.socket enabled
expect '^pass +svc-guests' mended svc-guests
expect 'QEMU' there "$HVSH" -c qemu:///system version

step 'services: what fails half way is taken back'
off
# its socket cannot be made: a folder is in the way
there sh -c "mkdir -p /etc/systemd/system/$daemon.socket.d && printf '[Socket]\nListenStream=/proc/none\n' >/etc/systemd/system/$daemon.socket.d/x.conf && systemctl daemon-reload"
unit_is_not $daemon.socket enabled
refuse "cannot start $daemon.socket" mended svc-daemon
unit_is_not $daemon.socket enabled
there sh -c "rm -r /etc/systemd/system/$daemon.socket.d && systemctl daemon-reload && systemctl reset-failed"

step 'services: masked'
there systemctl mask $daemon.socket
expect "$daemon.socket is masked" told --check svc-daemon
refuse 'nothing that a command can put right' mended svc-daemon
there systemctl unmask $daemon.socket
expect '^pass +svc-daemon' mended svc-daemon
expect '^pass +svc-guests' mended svc-guests

step 'groups'
there sh -c 'getent group libvirt || groupadd libvirt; useradd -m sam' >/dev/null
as_sam() { there env SUDO_USER=sam "$HVSH" host-check "$@"; }
expect 'sam is not in the group libvirt' as_sam --check user-libvirt
expect 'would user-libvirt: run usermod -aG libvirt sam' as_sam --fix user-libvirt --dry-run
# where libvirt's policy and polkit are there it is polkit's word, else the group's
let='sam is in the group libvirt'
if there sh -c 'test -e /usr/share/polkit-1/actions/org.libvirt.unix.policy && systemctl cat polkit.service' >/dev/null 2>&1; then
	let='polkit lets sam, without a password'
	expect 'polkit asks for a password before it lets sam' as_sam --check user-libvirt
fi
expect "^pass +user-libvirt .*$let" as_sam --fix user-libvirt --yes
expect '(^| )libvirt( |$)' there id -nG sam

step "the kernel's switches"
expect '^0$' there cat /proc/sys/net/ipv4/ip_forward
expect '^pass +net-forward' mended net-forward
expect '^1$' there cat /proc/sys/net/ipv4/ip_forward
expect '^net.ipv4.ip_forward = 1$' there cat /etc/sysctl.d/60-hvsh-forward.conf

step "the kernel's modules"
there rm -f /dev/vhost-net
is dev-vhost-net warn
# this host may load none
refuse 'modprobe vhost_net ended with status 1: modprobe: .*vhost_net' mended dev-vhost-net
there test ! -e /etc/modules-load.d/hvsh-vhost_net.conf || fail 'a fix that failed left its file'
# one that fails holds up no other, and takes none back
there sh -c 'echo 0 >/proc/sys/net/ipv4/ip_forward; rm /etc/sysctl.d/60-hvsh-forward.conf'
refuse 'not put right: dev-vhost-net$' mended dev-vhost-net --fix net-forward
expect '^1$' there cat /proc/sys/net/ipv4/ip_forward
expect '^net.ipv4.ip_forward = 1$' there cat /etc/sysctl.d/60-hvsh-forward.conf
# modprobe's own lines stand for what the kernel's driver does: the device comes and goes with the module
there sh -c 'printf "install vhost_net touch /dev/vhost-net\nremove vhost_net rm /dev/vhost-net\n" >/etc/modprobe.d/test.conf'
expect 'run modprobe vhost_net, then write .vhost_net. into /etc/modules-load.d/hvsh-vhost_net.conf' check --fix dev-vhost-net --dry-run
there test ! -e /dev/vhost-net || fail 'a preview loaded a module'
there sh -c 'mv /etc/modules-load.d /etc/modules-load.away && : >/etc/modules-load.d'
refuse 'cannot write /etc/modules-load.d/hvsh-vhost_net.conf: Not a directory' mended dev-vhost-net
there test ! -e /dev/vhost-net || fail 'the module stays although its file could not be written'
there sh -c 'rm /etc/modules-load.d && mv /etc/modules-load.away /etc/modules-load.d'
expect '^pass +dev-vhost-net' mended dev-vhost-net
expect '^vhost_net$' there cat /etc/modules-load.d/hvsh-vhost_net.conf

step 'the clock: the service that is installed'
if there sh -c 'systemctl cat chrony.service chronyd.service ntpsec.service' >/dev/null 2>&1; then
	echo 'this machine has a service of its own for the clock: not tried'
elif [ "$(finding time-sync)" = pass ]; then
	echo 'the clock of this machine is kept: not tried'
else
	there sh -c "printf '[Service]\nExecStart=sleep infinity\n[Install]\nWantedBy=multi-user.target\n' >/lib/systemd/system/chrony.service && systemctl daemon-reload"
	expect 'fail +time-sync .* not kept' told --check time-sync --profile migration
	expect '^note +time-sync .*chrony.service runs' mended time-sync --profile migration
	unit_is chrony.service enabled
	unit_is chrony.service active
	there sh -c "systemctl disable --now chrony.service; rm /lib/systemd/system/chrony.service; systemctl daemon-reload" >/dev/null 2>&1
fi

step 'the default network and pool'
refuse "not on this machine's libvirt" there "$HVSH" -c test:///default host-check --fix disk-pool --yes
if [ -n "$firewalld" ]; then
	# it ran before libvirt's package brought its zone, or that package brings none
	if there test -e /usr/lib/firewalld/zones/libvirt.xml; then
		there firewall-cmd --get-zones | grep -q libvirt || {
			expect "has not read libvirt's zone" told --check net-firewalld
			expect '^pass +net-firewalld' mended net-firewalld
		}
	else
		expect "has no zone 'libvirt'" told --check net-firewalld
		there systemctl disable --now firewalld
		firewalld=
		expect '^pass +net-firewalld .*does not run' told --check net-firewalld
	fi
fi
for name in destroy undefine; do there "$HVSH" -c qemu:///system "net-$name" default >/dev/null 2>&1; done
is net-default note
is disk-pool note
refuse 'nobody said yes' check --fix disk-pool
expect '^pass +net-default .*is running' mended net-default
expect 'default +active +yes' there "$HVSH" -c qemu:///system net-list --all
expect '^pass +disk-pool .*is active' mended disk-pool
expect 'default +active +yes' there "$HVSH" -c qemu:///system pool-list --all

step 'what fails half way is taken back here, too'
there "$HVSH" -c qemu:///system 'pool-destroy default; pool-undefine default' >/dev/null
there sh -c 'mv /var/lib/libvirt/images /var/lib/libvirt/images.away && : >/var/lib/libvirt/images'
refuse 'cannot|Cannot|Failed|failed' mended disk-pool
expect '^0$' there sh -c 'ls /etc/libvirt/storage/*.xml 2>/dev/null | wc -l'
there sh -c 'rm /var/lib/libvirt/images && mv /var/lib/libvirt/images.away /var/lib/libvirt/images'
expect '^pass +disk-pool' mended disk-pool
there "$HVSH" -c qemu:///system 'net-destroy default; net-autostart default --disable' >/dev/null
expect '^pass +net-default' mended net-default

if [ -n "$firewalld" ]; then
	step "firewalld's zone"
	expect '^pass +net-firewalld .*in firewalld.s zone libvirt' told --check net-firewalld
	there firewall-cmd --zone=public --change-interface=virbr0
	expect "warn +net-firewalld .*zone 'public', not in libvirt" told --check net-firewalld
	expect '^pass +net-firewalld' mended net-firewalld
	expect '^libvirt$' there firewall-cmd --get-zone-of-interface=virbr0
fi

step 'the way to the disks'
expect '^pass +disk-path .*gets to' told --check disk-path
there chmod 0700 /var/lib/libvirt
expect 'cure: setfacl -m u:.*:--x /var/lib/libvirt' told --check disk-path
if there sh -c 'command -v setfacl' >/dev/null; then
	expect '^pass +disk-path' mended disk-path
	expect '^user:.*qemu:--x' there getfacl -p /var/lib/libvirt
	expect '^yes$' there sh -c 'setpriv --reuid=$(id -u libvirt-qemu 2>/dev/null || id -u qemu) --clear-groups test -x /var/lib/libvirt/images && echo yes'
fi
there chmod 0755 /var/lib/libvirt

step 'after the next boot'
nh restart || fail 'the host does not come up again'
for id in svc-daemon svc-boot svc-guests net-forward; do is $id pass; done
for id in net-default disk-pool; do is $id pass; done
expect 'default' there "$HVSH" -c qemu:///system net-list --all
becomes net-default 'is running'
expect 'default +active +yes' there "$HVSH" -c qemu:///system pool-list --all
is disk-pool pass
expect '^[0-9]+ checked: .* 0 warn, 0 fail' check --check service --check pkg-database --check pkg-libvirt --check net-default --check disk-pool

step 'the modular daemons: their sockets as units of systemd (the daemons behind them are not needed for that)'
parts='virtqemud virtnetworkd virtstoraged virtnodedevd virtsecretd virtnwfilterd virtproxyd'
if [ $daemon = libvirtd ]; then
	there sh -c "systemctl disable --now libvirtd.socket libvirtd-ro.socket libvirtd-admin.socket libvirtd.service; systemctl stop libvirtd.service" >/dev/null 2>&1
	there sh -c 'mv /usr/sbin/libvirtd /usr/sbin/libvirtd.away && cp /bin/sleep /usr/sbin/virtqemud'
	there sh -c "for name in $parts; do
		printf '[Socket]\nListenStream=/run/libvirt/%s-sock\n[Install]\nWantedBy=sockets.target\n' \$name >/etc/systemd/system/\$name.socket
		printf '[Service]\nExecStart=/usr/sbin/virtqemud infinity\n' >/etc/systemd/system/\$name.service
		done; systemctl daemon-reload"
else
	there sh -c "for name in $parts; do systemctl disable --now \$name.socket \$name.service; done" >/dev/null 2>&1
fi
is svc-daemon fail
is svc-boot warn
expect 'installed, and not listening: virtnetworkd.socket virtstoraged.socket' told --check svc-parts
expect 'would svc-daemon: enable virtqemud.socket .systemd., then start virtqemud.socket' check --fix svc-daemon --dry-run
expect '^pass +svc-daemon .*virtqemud.socket is active' mended svc-daemon
unit_is virtqemud.socket enabled
is svc-boot pass
# a part that cannot start: those before it are as they were
there sh -c 'mkdir -p /etc/systemd/system/virtsecretd.socket.d && printf "[Socket]\nListenStream=/proc/none\n" >/etc/systemd/system/virtsecretd.socket.d/x.conf && systemctl daemon-reload'
refuse 'cannot start virtsecretd.socket' mended svc-parts
for name in virtnetworkd virtstoraged virtsecretd virtproxyd; do unit_is_not $name.socket enabled; unit_is_not $name.socket active; done
there sh -c 'rm -r /etc/systemd/system/virtsecretd.socket.d && systemctl daemon-reload && systemctl reset-failed'
expect '^pass +svc-parts .*every part that is installed listens' mended svc-parts
for name in $parts; do unit_is $name.socket enabled; unit_is $name.socket active; done
if [ $daemon = libvirtd ]; then
	is svc-both pass
	there systemctl enable libvirtd.socket >/dev/null 2>&1
	expect 'warn +svc-both .*libvirtd and virtqemud are both enabled' told --check svc-both
	there systemctl disable libvirtd.socket >/dev/null 2>&1
fi
is svc-both pass
echo done
