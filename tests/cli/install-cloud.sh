#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# install --cloud-init on the test driver: what the system inside is told, and what is refused. The driver makes no files, but for seed=FILE.
. "${srcdir:?}/tests/cli/lib.sh"
built_with ARCHIVE libarchive
"$HVSH" -q -c test:///default help install >/dev/null 2>&1 || { echo 'SKIPPED: the plugin install is not built'; exit 77; }
guest=(-q -c test:///default install --name d --uuid 11111111-2222-3333-4444-555555555555 --osinfo generic --memory 512 --disk none --network user)
cloud() { "$HVSH" "${guest[@]}" --cloud-init "$@" >out 2>err </dev/null; }
# refused SENTENCE SUBOPTIONS
refused() { error="error: --cloud-init: $1" check 1 "${guest[@]}" --cloud-init "$2" </dev/null; }
# the files of the medium lie in it as they are
seed_has() { grep -aqF -- "$1" seed.iso || { failed=1; printf "FAILED: the seed has no '%s'\n" "$1"; }; }
seed_lacks() { ! grep -aqF -- "$1" seed.iso || { failed=1; printf "FAILED: the seed has '%s'\n" "$1"; }; }

echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtleQ anna@desk' >key.pub
printf -- '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\n' >key
echo 'once upon' >password

cloud "user=anna,password-file=password,clouduser-ssh-key=key.pub,packages=jq,vim,timezone=Europe/Vienna,hostname=web-1,run='echo \"x: y\"',seed=seed.iso" ||
	{ failed=1; echo "FAILED: $(cat err)"; }
[ "$(stat -c %a seed.iso)" = 600 ] || { failed=1; echo 'FAILED: others can read the seed'; }
[ "$(tail -c +32769 seed.iso | head -c 6 | tail -c 5)" = CD001 ] || { failed=1; echo 'FAILED: the seed is no ISO'; }
seed_has CIDATA
seed_has '#cloud-config'
seed_has '"local-hostname": "web-1"'
seed_has '"instance-id": "11111111-2222-3333-4444-555555555555"'
seed_has 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtleQ anna@desk'
seed_has '"name": "anna"'
seed_has '"password": "$6$'
seed_has '"expire": false'
seed_has '"timezone": "Europe/Vienna"'
seed_lacks 'once upon'
# nothing is written over
cloud user=anna,seed=seed.iso && { failed=1; echo 'FAILED: a seed was written over'; }
rm seed.iso

# a made-up password is shown once, and only its hash is in the seed
cloud root-password-generate=on,seed=seed.iso || { failed=1; echo "FAILED: $(cat err)"; }
password=$(sed -n 's/^Password for first root login is: \([A-Za-z0-9]\{16\}\)$/\1/p' out)
[ -n "$password" ] || { failed=1; echo "FAILED: no password: $(cat out)"; }
seed_lacks "${password:-root:x}"
seed_has '"root:$6$'
seed_has '"expire": true'
rm seed.iso

# an image whose user has no key here: the password is made up beside what else is told
truncate -s 1M disk.raw
printf '\125\252' | dd of=disk.raw bs=1 seek=510 conv=notrunc status=none
mkdir -p home
HOME=$PWD/home cloud user=anna,hostname=web-1,timezone=Europe/Vienna,package-upgrade=yes,packages=jq,seed=seed.iso --image disk.raw || { failed=1; echo "FAILED: $(cat err)"; }
grep -qx 'Password for first anna login is: [A-Za-z0-9]\{16\}' out || { failed=1; echo "FAILED: no password for anna: $(cat out)"; }
seed_has '"name": "anna"'
seed_has '"local-hostname": "web-1"'
seed_has '"timezone": "Europe/Vienna"'
seed_has '"package_upgrade": true'
seed_has '"ssh_pwauth": true'
rm -f seed.iso

# files as they are
printf '#cloud-config\npower_state: {mode: poweroff}\n' >user
echo 'version: 2' >network
cloud user-data=user,network-config=network,seed=seed.iso || { failed=1; echo "FAILED: $(cat err)"; }
seed_has 'power_state: {mode: poweroff}'
seed_has 'version: 2'

# two documents: the seed is in the first
"$HVSH" "${guest[@]}" --cloud-init --print-xml >out 2>err </dev/null
[ "$(grep -c '<entry name="serial">ds=nocloud</entry>' out) $(grep -c -e '-seed.iso' out) $(grep -c '<domain ' out) $(grep -c 'device="cdrom"' out)" = '1 1 2 2' ] ||
	{ failed=1; echo 'FAILED: the documents'; cat out err; }

refused 'a password does not stand in a command line, where others can read it' password=secret
refused 'password-hash takes what crypt() makes, such as $6$..., not the password itself' password-hash=secret
refused 'one password in several ways: generate, file, hash or ask' password-file=password,password-generate=on
refused "one password can be made up, root's or the user's" password-generate=on,root-password-generate=on
refused 'key is a private key, which stays where it is; the public one ends with .pub' clouduser-ssh-key=key
: >empty
refused 'empty has no public ssh key' root-ssh-key=empty
refused "user-data: the file 'nowhere' cannot be read: No such file or directory" user-data=nowhere
refused "hostname takes letters, digits and hyphens, not 'a_b'" hostname=a_b
refused "'a b' is no name for a user" "user='a b'"
refused 'user-data is the whole configuration; what else is asked for has to stand in that file' user-data=user,user=anna
error="error: --cloud-init has no sub-option 'hostnam'; did you mean 'hostname'?" check 1 "${guest[@]}" --cloud-init hostnam=a </dev/null
exit $failed
