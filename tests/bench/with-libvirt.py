#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""with-libvirt.py URI list|title|state|stats|dominfo|none COUNT - what the benchmark does with the shells, as one writes it with python3-libvirt."""
import sys
import time
import libvirt

uri, what, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
STATES = ['no state', 'running', 'idle', 'paused', 'in shutdown', 'shut off', 'crashed', 'pmsuspended']
connection = libvirt.open(uri) if uri != '-' else None
start = time.perf_counter()
if what == 'none':
    print(connection.getHostname() if connection else 'x')
elif what == 'list':
    for domain in connection.listAllDomains():
        print(domain.ID(), domain.name(), STATES[domain.state()[0]])
elif what == 'title':
    for domain in connection.listAllDomains():
        try:
            title = domain.metadata(libvirt.VIR_DOMAIN_METADATA_TITLE, None)
        except libvirt.libvirtError:
            title = ''
        print(domain.ID(), domain.name(), STATES[domain.state()[0]], title)
elif what in ('state', 'stats'):
    for domain, values in connection.getAllDomainStats(libvirt.VIR_DOMAIN_STATS_STATE if what == 'state' else 0):
        print(domain.name())
        for key, value in values.items():
            print('  %s=%s' % (key, value))
elif what == 'dominfo':
    for number in range(count):
        domain = connection.lookupByName('guest%04d' % number)
        state, most, used, vcpus, cpu_time = domain.info()
        model, doi = connection.getSecurityModel() if not uri.startswith('test:') else ('', '')
        print(domain.ID(), domain.name(), domain.UUIDString(), domain.OSType(), STATES[state], vcpus, cpu_time, most, used,
              domain.isPersistent(), domain.autostart(), domain.hasManagedSaveImage(), model, doi, domain.messages())
print('(Time: %.3f ms)' % ((time.perf_counter() - start) * 1000))
