#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# complete: what other shells' completion asks for; exit status 1 when there is nothing.
. "${srcdir:?}/tests/cli/lib.sh"

check 0 -q complete -- ech <<<echo
check 0 -q complete -- echo --s <<'E'
--shell
--split
--string
E
# what is used up, or goes with nothing that is there, is not offered
check 0 -q complete -- echo --split --s <<<--string
check 1 -q complete -- nosuchcommand </dev/null
check 1 -q complete </dev/null
check 0 -q complete -- set format '' <<'E'
csv
json
jsonl
text
E
# nor what a list has already; and where a value must follow, no option
check 0 -q -c test:///default complete -- reboot test --mode agent,a <<<agent,acpi
check 0 -q -c test:///default complete -- reboot test --mode=signal,agent,a <<<--mode=signal,agent,acpi
check 1 -q -c test:///default complete -- update-memory-device test --node '' </dev/null
check 0 -q -c test:///default complete -- domrename test '' <<<--new-name
check 0 -q complete -- watch 2s echo --x <<<--xml
check 0 -q complete -- help unal <<<unalias
# within an option with sub-options: names, words, libvirt's objects, files; the first word needs no name
if "$HVSH" -q -c test:///default help install >/dev/null 2>&1; then
	in=(-q -c test:///default complete -- install)
	check 0 "${in[@]}" --disk size=20,bu <<<size=20,bus=
	check 0 "${in[@]}" --disk size=20,bus=v <<<size=20,bus=virtio
	check 0 "${in[@]}" --disk size=20,sparse=n <<<size=20,sparse=no
	check 0 "${in[@]}" --disk=pool= <<<--disk=pool=default-pool
	check 0 "${in[@]}" --disk vol=default <<<vol=default-pool/
	check 0 "${in[@]}" --network network= <<<network=default
	check 0 "${in[@]}" --graphics spi <<<spice
	check 1 "${in[@]}" --graphics spice,spi </dev/null
	check 1 "${in[@]}" --disk size=20,nosuch= </dev/null
	mkdir -p folder/below && : >folder/file.img
	check 0 "${in[@]}" --disk path=folder/ <<'E'
path=folder/below/
path=folder/file.img
E
	check 0 "${in[@]}" --location folder/b <<<folder/below/
	check 1 "${in[@]}" --reinstall '' </dev/null
fi
exit $failed
