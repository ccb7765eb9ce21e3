#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# service-status, service-enable and service-start on a host that systemd started: units of the test's own, under libvirt's names.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
own_network
user() { nh exec setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/nonexistent "$HVSH" -c test:///default "$@"; }
unit() { printf '%b' "$2" | nh exec sh -c "cat >/etc/systemd/system/$1" || fail 'no unit'; }

"$live/nethost" up "$net" none static boot || exit $?
# in /etc, where they go before those of the machine
unit libvirtd.service '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\nAlso=libvirtd.socket\n'
unit libvirtd.socket '[Socket]\nListenStream=/run/test-libvirt.sock\n[Install]\nWantedBy=sockets.target\n'
unit virtlogd.service '[Service]\nType=oneshot\nExecStart=/bin/true\n'
unit virtqemud.service '[Service]\nType=oneshot\nExecStart=/bin/false\n[Install]\nWantedBy=multi-user.target\n'
unit virtnetworkd.service '[Service]\nType=oneshot\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n'
nh exec systemctl daemon-reload

step 'what is installed is told'
expect '^ libvirtd.service +inactive +disabled' hvn service-status
! hvn service-status | grep -q 'not-found' || fail 'what is not installed is told'
refuse "there is no service 'nosuch.service'" hvn 'service-status nosuch'
refuse "there is no service 'nosuch.socket'" hvn 'service-start nosuch.socket'

step 'enable and start'
expect 'would enable libvirtd.service .it is inactive, disabled.' hvn 'service-enable libvirtd --dry-run'
expect 'would start libvirtd.service' hvn 'service-start libvirtd --dry-run'
expect '^ libvirtd.service +inactive +disabled' hvn service-status
expect "Service 'libvirtd.service' enabled" hvn 'service-enable libvirtd'
expect "Service 'libvirtd.service' started" hvn 'service-start libvirtd'
expect "Service 'libvirtd.service' started" hvn 'service-start libvirtd'
expect '^ libvirtd.service +active +enabled' hvn service-status
expect '"name":"libvirtd.socket","active":"[a-z]*","file":"enabled"' hvn 'service-status libvirtd.socket --jsonl'
nh restart || fail 'the host does not come up again'
expect '^ libvirtd.service +active +enabled' hvn service-status

step 'what systemd calls done, and is not'
refuse "the service 'virtlogd.service' cannot be enabled: its unit does not say what it is started with .it is static." \
	hvn 'service-enable virtlogd'
refuse "cannot start the service 'virtqemud.service'" hvn 'service-start virtqemud'
expect '^ virtqemud.service +failed' hvn 'service-status virtqemud'
nh exec systemctl mask --runtime virtproxyd.socket
refuse 'virtproxyd.socket is masked' hvn 'service-start virtproxyd.socket'

step 'whoever is not root'
expect '^ libvirtd.service +active +enabled' user service-status
refuse "cannot enable the service 'libvirtd.service': " user 'service-enable libvirtd'
echo done
