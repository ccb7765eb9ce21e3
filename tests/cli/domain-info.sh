#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Guests: facts whose numbers change, and the data behind the text.
. "${srcdir:?}/tests/cli/lib.sh"
uri=test://${srcdir:?}/tests/cli/fixtures/node.xml

# masked ARGUMENT...: the output with the processor time and counters as N
masked() { "$HVSH" -q -c "$uri" "$@" 2>&1 </dev/null | sed -E 's/^(CPU time: +)[0-9.]+s$/\1N/; s/^(vda [a-z_]+) [0-9]+$/\1 N/'; }
same() { diff -u - <(masked "$@") || { failed=1; printf 'FAILED: %s\n' "$*"; }; }
# data PYTHON ARGUMENT...: the JSON of the command, as x, must make the expression true
data() {
	local test=$1
	shift
	"$HVSH" -c "$uri" --json "$@" </dev/null >out 2>err || { failed=1; printf 'FAILED: %s: %s\n' "$*" "$(cat err)"; return; }
	python3 -c "import json,sys; x=json.load(open('out')); sys.exit(0 if ($test) else 1)" || { failed=1; printf 'FAILED: %s: not %s: %s\n' "$*" "$test" "$(cat out)"; }
}

same dominfo web <<'E2'
Id:             1
Name:           web
UUID:           7a1d5a80-6f3e-4d1c-9b1e-000000000001
OS Type:        linux
State:          running
CPU(s):         2
CPU time:       N
Max memory:     2097152 KiB
Used memory:    1048576 KiB
Persistent:     yes
Autostart:      disable
Managed save:   no
Security model: testSecurity
Security DOI:   
Security label: libvirt-test (enforcing)
E2
# one number alone
data 'x == 1' domid web
data 'x is None' domid Alpha
data 'x == {"count": 2}' vcpucount web --current
data 'x["hard_limit"] == "unlimited"' memtune web
"$HVSH" -c "$uri" "memtune web --hard-limit 1G; memtune web --hard-limit unlimited; memtune web --csv" >out 2>&1
[ "$(tail -n 4 out)" = $'name,value\nhard_limit,unlimited\nsoft_limit,unlimited\nswap_hard_limit,unlimited' ] || { failed=1; echo 'FAILED: memtune --csv'; cat out; }
data 'x["numa_mode"] == "strict"' numatune web
[ "$("$HVSH" -c "$uri" vcpucount web --current --csv)" = $'count\n2' ] || { failed=1; echo 'FAILED: vcpucount web --current --csv'; }
same 'dominfo Alpha; domid Alpha' <<'E2'
Id:             -
Name:           Alpha
UUID:           7a1d5a80-6f3e-4d1c-9b1e-000000000006
OS Type:        linux
State:          shut off
CPU(s):         1
CPU time:       N
Max memory:     131072 KiB
Used memory:    131072 KiB
Persistent:     yes
Autostart:      disable
Managed save:   yes
Security model: testSecurity
Security DOI:   
-
E2
same domblkstat web vda <<'E2'
vda rd_req N
vda rd_bytes N
vda wr_req N
vda wr_bytes N
vda errs N
E2
command -v python3 >/dev/null || { echo 'python3 is not here to read the JSON'; exit $((failed ? 1 : 77)); }
data 'x["id"] == 1 and x["max-memory"] == 2 << 30 and x["state"] == "running" and x["enforcing"] is True' dominfo web
data 'x["id"] is None' dominfo zoo
data '[g["name"] for g in x] == ["web", "Database 2", "visitor", "broken", "stage", "Alpha", "zoo"] and x[-1]["id"] is None' list --all
data 'x[0]["title"] == "Shop front"' list --title
data '[g["name"] for g in x] == ["web", "Database 2", "visitor", "broken", "stage"] and "line" not in x[0]' list --name
data 'x == {"state": "paused", "reason": "unknown"}' domstate 'Database 2'
data 'x[3] == {"type": "file", "device": "cdrom", "target": "sda", "source": "/iso/tools.iso", "bus": "sata", "readonly": True}' domblklist web
data 'x[4]["source"] is None' domblklist web
data 'x["target"] == "vda" and x["capacity"] > 1 << 30' domblkinfo web vda --human
data 'x[1]["source"] == "br7"' domiflist web
data 'x[0]["prefix"] == 24 and x[0]["protocol"] == "ipv4"' domifaddr web
data 'x[0]["stats"]["state.state"] == 1' domstats web
# nothing is an empty list or text, whatever sentence stands for it
data 'x == []' domblkerror stage
data 'x == []' iothreadinfo zoo
data 'x == ""' desc zoo
exit $failed
