#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# install --save and --from: the options of a guest in a file.
. "${srcdir:?}/tests/cli/lib.sh"
"$HVSH" -q -c test:///default help install >/dev/null 2>&1 || { echo 'SKIPPED: the plugin install is not built'; exit 77; }
hv=(-q -c test:///default install)
guest=(--name d --uuid 11111111-2222-3333-4444-555555555555 --osinfo generic --memory 1GiB --network user,mac=00:16:3e:00:00:01 --nographics --import
	--disk size=2 --disk "path=/tmp/a b.img,size=3" --metadata 'description="a, \"b\""' --wait 90s)
document() { "$HVSH" "${hv[@]}" "$@" --print-xml >out 2>err </dev/null || { failed=1; echo "FAILED: $*: $(cat err)"; }; }
refused() { # SENTENCE LINE-OF-THE-FILE
	printf '%s\n' "$2" >wrong.lua
	error="error: $1" check 1 "${hv[@]}" --from wrong.lua --print-xml </dev/null
}

document "${guest[@]}"
mv out plain
document "${guest[@]}" --save web.lua
cmp -s out plain || { failed=1; echo 'FAILED: --save changes the guest'; }
diff - web.lua <<'X' || { failed=1; echo 'FAILED: what is saved'; }
-- A guest: install --from this file makes it. What is given on the line too is taken from there.
return {
    name = "d",
    memory = "1GiB",
    metadata = "description=\"a, \\\"b\\\"\"",
    uuid = "11111111-2222-3333-4444-555555555555",
    import = true,
    osinfo = "generic",
    disk = {
        "size=2",
        "path=/tmp/a b.img,size=3",
    },
    network = "user,mac=00:16:3e:00:00:01",
    graphics = "none",
    wait = "90s",
}
X
# the same guest again, and another one by the line
document --from web.lua
diff plain out || { failed=1; echo 'FAILED: --from makes another guest'; }
document --from web.lua --name e --disk none
grep -q '<name>e</name>' out && ! grep -q '<disk' out && grep -q '<memory>1048576</memory>' out || { failed=1; echo 'FAILED: the line does not win'; }
error="error: --save: $work/web.lua exists already" check 1 "${hv[@]}" "${guest[@]}" --save web.lua </dev/null
"$HVSH" "${hv[@]}" --from web.lua --dry-run >out 2>&1 </dev/null
grep -q "define the guest 'd'" out || { failed=1; echo 'FAILED: --dry-run'; cat out; }
"$HVSH" -c test:///default "install --from web.lua --wait 0 --noautoconsole; domstate d" >out 2>&1 </dev/null
grep -qx running out || { failed=1; echo 'FAILED: no guest by the file'; cat out; }

# passwords stay out
"$HVSH" "${hv[@]}" --name d --osinfo generic --memory 512 --disk none --import --network user --graphics 'vnc,password=s3cret,port=5901' --save secret.lua \
	--cloud-init "password-hash=\$6\$abcdefgh\$0123456789,user=anna" --print-xml >out 2>err </dev/null || { failed=1; cat err; }
grep -q 'passwords have been left out of' err || { failed=1; echo 'FAILED: it is not said'; cat err; }
grep -qe s3cret -e '\$6' secret.lua && { failed=1; echo 'FAILED: a password is saved'; }
grep -q '"vnc,port=5901"' secret.lua && grep -q '"user=anna"' secret.lua || { failed=1; cat secret.lua; }

# as a person writes it
cat >own.lua <<'X'
--[[ the web
     servers ]]
return {
    name = 'w1', memory = 512; vcpus = 2,       -- a number is as good
    osinfo = "generic", import = true, autostart = false, nographics = true,
    disk = { { size = 1, format = "raw" }, "size=2" },
    network = { type = "user", mac = "00:16:3e:00:00:02" },
    ["cloud-init"] = { packages = { "jq", "vim" }, ["run"] = [[echo "a, b"]] },
}
X
"$HVSH" "${hv[@]}" --from own.lua --dry-run --explain >out 2>&1 </dev/null
for text in "of 1.0 GiB (raw)" "of 2.0 GiB" "'w1'" '"jq",' 'echo \"a, b\"'; do
	grep -qF -e "$text" out || { failed=1; printf "FAILED: own.lua gives no '%s'\n" "$text"; cat out; }
done

refused "$work/wrong.lua: install has no option 'memry' for a file; did you mean 'memory'?" 'return { memry = 1 }'
refused "$work/wrong.lua, line 1: a comma or } is missing" 'return { name = "a" memory = 1 }'
refused "$work/wrong.lua, line 2: a table is not closed" 'return { name = "a"'
refused "$work/wrong.lua, line 1: a value is a text, a number, true, false or a table of these; nothing else is run or looked up" 'return { name = os.exit() }'
refused "$work/wrong.lua, line 1: the file is one table: return { ... }" 'os.exit(1)'
refused "$work/wrong.lua, line 1: something stands behind the table" 'return { } os.exit(1)'
refused "$work/wrong.lua, line 1: a table has either names or an order, not both" 'return { "a", name = "b" }'
refused "$work/wrong.lua, line 1: a text is not closed" 'return { name = "a }'
refused "$work/wrong.lua: import is true or false" 'return { import = "yes" }'
refused "$work/wrong.lua: name takes a value, not true or false" 'return { name = true }'
refused "$work/wrong.lua: name is given once" 'return { name = { "a", "b" } }'
refused "$work/wrong.lua: each option has its name: memory = \"2GiB\"" 'return { "name" }'
error="error: $work/nowhere.lua cannot be read: No such file or directory" check 1 "${hv[@]}" --from nowhere.lua </dev/null
deep=$(printf '{%.0s' {1..40})
printf 'return { disk = %s }\n' "$deep" >wrong.lua
"$HVSH" "${hv[@]}" --from wrong.lua >out 2>&1 </dev/null && { failed=1; echo 'FAILED: too deep'; }
exit $failed
