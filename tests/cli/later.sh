#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# later: what came with a newer libvirt than this one is understood, and what it needs is said in one sentence.
. "${srcdir:?}/tests/cli/lib.sh"

built=$("$HVSH" -q -c test:///default version | sed -n 's/^Compiled against library: libvirt //p')
# needs VERSION WHAT LINE: with an older libvirt it is refused; with a newer one by something else, if at all
needs() {
	local version=$1 what=$2
	"$HVSH" -q -c test:///default "$3" >out 2>err </dev/null
	if [ "$(printf '%s\n' "$version" "$built" | sort -V | tail -n 1)" = "$built" ]; then
		! grep -q 'needs libvirt' err || { failed=1; echo "FAILED: $3: $(head -n 1 err)"; }
	else
		[ "$(head -n 1 err)" = "error: $what needs libvirt $version or newer; this hvsh was built with $built" ] ||
			{ failed=1; echo "FAILED: $3: $(head -n 1 err)"; }
	fi
}
needs 11.2 --once 'autostart test --once'
needs 10.0 --capacity 'blockresize test vda 1 --capacity'
needs 12.3 --extend 'blockresize test vda 1 --extend'
needs 11.2 --image-format 'save test /nowhere/x --image-format zstd'
needs 11.2 --parallel-channels 'restore /nowhere/x --parallel-channels 2'
needs 11.2 --throttle-groups 'attach-disk test a vdb --throttle-groups a,b'
needs 11.2 domthrottlegroupset 'domthrottlegroupset test slow --total-iops-sec 5'
needs 11.2 domthrottlegroupdel 'domthrottlegroupdel test slow'
needs 11.2 domthrottlegroupinfo 'domthrottlegroupinfo test slow'
needs 11.2 domthrottlegrouplist 'domthrottlegrouplist test'
needs 11.2 --load 'guestinfo test --load'
needs 10.2 domdisplay-reload 'domdisplay-reload test'
needs 11.0 --disable-deprecated-features 'domcapabilities --disable-deprecated-features'
needs 12.2 --expand-cpu-features 'domcapabilities --expand-cpu-features'
needs 12.5 --supported-cpu-features 'domcapabilities --supported-cpu-features'
needs 11.6 --ignore-host 'hypervisor-cpu-baseline --model x --ignore-host'

# what needs no newer libvirt
check 0 -q -c test:///default 'await test domain-active' </dev/null
check 0 -q -c test:///default 'destroy test; await test domain-inactive' </dev/null
error="error: domain 'test' has not come to 'domain-inactive' in time" check 1 -q -c test:///default 'await test domain-inactive --timeout 0' </dev/null
error="error: domain 'test' is not running: it cannot come to 'address'" check 1 -q -c test:///default 'destroy test; await test address' </dev/null
check 0 -q -c test:///default 'attach-disk test a vdb --throttle-groups a,b --print-xml' <<'E'
<disk type='file'>
  <source file='a'/>
  <target dev='vdb'/>
  <throttlefilters>
    <throttlefilter group='a'/>
    <throttlefilter group='b'/>
  </throttlefilters>
</disk>
E
exit $failed
