#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What install --cloud-init writes, read by the real cloud-init (Debian's, only unpacked); and its documents beside virt-install's, where that
# is installed.
. "${srcdir:-$(dirname "$0")/../..}/tests/live/functions.sh"
command -v xorriso >/dev/null || skip 'xorriso is missing: ./autogen.sh check-live installs it'
command -v blkid >/dev/null || skip 'blkid is missing'
command -v apt-get >/dev/null || skip 'cloud-init is taken from the packages of Debian, which this system is not'
cache=${HVSH_TEST_CACHE:-/var/tmp/hvsh-tests}/packages
lab=$(mktemp -d /tmp/hvsh-live.XXXXXX) || exit 99
leave() { rm -rf "$lab"; }
trap leave EXIT
mkdir -p "$cache" "$lab/python"
for name in cloud-init python3-configobj python3-jinja2 python3-markupsafe python3-jsonschema python3-jsonpatch python3-json-pointer python3-oauthlib \
	python3-requests python3-netifaces python3-yaml python3-attr python3-pyrsistent python3-urllib3 python3-charset-normalizer python3-chardet \
	python3-idna python3-certifi python3-six; do
	ls "$cache/${name}"_*.deb >/dev/null 2>&1 || (cd "$cache" && apt-get download -qq $name >/dev/null 2>&1) ||
		skip "$name cannot be downloaded, and is not in $cache: apt-get update"
	dpkg-deb -x "$(find "$cache" -name "${name}_*.deb" | sort -V | tail -n 1)" "$lab/python"
done
python() { PYTHONPATH=$lab/python/usr/lib/python3/dist-packages /usr/bin/python3 "$@"; }
python -c 'import cloudinit.util' 2>/dev/null || skip 'this cloud-init does not run with the Python of this machine'
cd "$lab" || exit 99
export HOME=$lab XDG_CACHE_HOME=$lab/cache

guest=(--name web_1 --uuid 11111111-2222-3333-4444-555555555555 --osinfo generic --memory 512 --disk none --network user,mac=00:16:3e:00:00:01 --graphics none)
# told SUBOPTIONS: the seed by these, as cloud-init understands it, in `told`
told() {
	rm -rf seed.iso seed
	expect "has been made" "$HVSH" -c test:///default install "${guest[@]}" --noautoconsole --cloud-init "$1,seed=seed.iso"
	xorriso -osirrox on -indev seed.iso -extract / seed >/dev/null 2>&1 || fail 'the seed is no ISO'
	chmod -R u+w seed
	python "$live/cloud-init.py" seed "$(blkid -p -o value -s LABEL seed.iso)" "$(blkid -p -o value -s TYPE seed.iso)" >told 2>err ||
		fail "cloud-init: $(tail -n 3 err)"
}
# is EXPRESSION: holds of what it was told (d)
is() { /usr/bin/python3 -c "import json, sys; d = json.load(open('told')); sys.exit(not ($1))" || { cat told; fail "not so: $1"; }; }
echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtleQ anna@desk' >key.pub
echo 'ssh-rsa AAAAB3NzaC1yc2E= "# bert: {' >other.pub
echo 's3cret: #' >password

step 'a user, keys and what else is friendlier'
told "user=anna,clouduser-ssh-key=key.pub,clouduser-ssh-key=other.pub,password-file=password,ssh-password=on,packages=jq,vim,package-upgrade=on,timezone=Europe/Vienna,locale=de_AT.UTF-8,run='echo \"a: b\" >/tmp/x'"
is "d['id'] == '11111111-2222-3333-4444-555555555555' and d['hostname'] == 'web-1'"
is "[n for n, u in d['users'].items() if u.get('default')] == ['anna']"
is "d['config']['ssh_authorized_keys'] == [open('key.pub').read().strip(), open('other.pub').read().strip()]"
is "d['passwords'][0][0] is True and d['passwords'][0][1][0].startswith('anna:\$6\$')"
is "['ssh', True] in d['passwords'] and not any(p[0] == 'expire' for p in d['passwords'])"
is "d['config']['packages'] == ['jq', 'vim'] and d['config']['package_upgrade'] and d['config']['runcmd'] == ['echo \"a: b\" >/tmp/x']"
is "d['config']['timezone'] == 'Europe/Vienna' and d['config']['locale'] == 'de_AT.UTF-8'"
# the hash is of that password
is "__import__('crypt').crypt('s3cret: #', d['passwords'][0][1][0][5:]) == d['passwords'][0][1][0][5:]"

step "virt-install's"
told 'root-password-generate=on,disable=on,root-ssh-key=key.pub'
is "d['passwords'][0][0] is True and d['passwords'][0][1][0].startswith('root:\$6\$') and ['expire', 'root'] in d['passwords']"
is "d['users']['root']['ssh_authorized_keys'] == [open('key.pub').read().strip()] and 'debian' in d['users']"
is "'cloud-init.disabled' in d['config']['runcmd'][0]"
told 'root-password-file=password,password-file=password,user=anna'
is "d['users']['anna']['passwd'].startswith('\$6\$') and d['users']['anna']['lock_passwd'] is False and d['passwords'][0][1][0].startswith('root:')"
told 'root-password-file=password'
is "['expire', 'root'] not in d['passwords'] and d['passwords'][0][0] is True"
printf 'instance-id: mine\nlocal-hostname: other\n' >meta
printf 'version: 2\nethernets: {eth0: {dhcp4: true}}\n' >network
printf '#cloud-config\ntimezone: UTC\n' >user
told 'user-data=user,meta-data=meta,network-config=network'
is "d['id'] == 'mine' and d['hostname'] == 'other' and d['config'] == {'timezone': 'UTC'} and d['network']['ethernets'] == {'eth0': {'dhcp4': True}}"

command -v virt-install >/dev/null || skip 'virt-install is missing: ./autogen.sh check-live installs it'
step 'the documents, beside those of virt-install'
cat >compare.py <<'P'
import re
import sys
import xml.etree.ElementTree as tree


def plain(node):
    return (node.tag, sorted(node.attrib.items()), (node.text or '').strip(), sorted(plain(child) for child in node))


def read(name):
    text = re.sub(r'[^"]*(cloudinit|-seed)\.iso', 'SEED', open(name).read())
    documents = tree.fromstring('<all>' + text + '</all>')
    # what starts when nothing is said
    for boot in documents.findall("domain/os/boot[@dev='hd']/.."):
        boot.remove(boot.find('boot'))
    return [plain(one) for one in documents]


ours, theirs = read(sys.argv[1]), read(sys.argv[2])
if len(ours) != 2 or ours != theirs:
    sys.exit('%r\n%r' % (ours, theirs))
P
for words in '' =root-password-generate=on,disable=on "=clouduser-ssh-key=$lab/key.pub" "=user-data=$lab/user,meta-data=$lab/meta"; do
	"$HVSH" -c test:///default install "${guest[@]}" "--cloud-init$words" --print-xml >ours 2>err </dev/null || fail "$(cat err)"
	virt-install --connect test:///default "${guest[@]}" "--cloud-init$words" --print-xml >theirs 2>err </dev/null || fail "$(cat err)"
	expect '^$' /usr/bin/python3 compare.py ours theirs
done
echo done
