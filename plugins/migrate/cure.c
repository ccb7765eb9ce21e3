/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cure.c - a migration that failed: where the guest is now, and what helps. */
#include "migrate.h"
#include <string.h>

static const char weaker_cpu[] =
    "the destination's CPU lacks what the guest has ('host-check --peer URI' names it): give it a CPU that both have, and start it anew";
static const char lost[] =
    "a connection was lost: see whether libvirt runs on both hosts, and whether a guest of that name is left at the destination";

/* libvirt's error, by its number (0: any) and a part of its sentence (NULL: any), and what to do about it. The first that fits counts. */
static const struct cure {
    int code;
    const char *said, *cure;
} cures[] = {
    {VIR_ERR_MIGRATE_UNSAFE, "without shared storage",
     "copy the disks with --copy-storage-all; or, where both hosts do have the same disks, say --unsafe"},
    {VIR_ERR_MIGRATE_UNSAFE, NULL,
     "give the disks cache='none', copy them with --copy-storage-all; or, when both hosts see the same data, say --unsafe"},
    {0, "same host",
     "the destination must be another host; two hosts whose host_uuid in libvirtd.conf (or hardware) is the same need different ones"},
    {0, "domain is not running", "a guest that is off moves with --offline --persistent"},
    {0, "Unable to resolve address",
     "the source host does not know the destination's name: say --migrateuri tcp://ADDRESS, or set migration_host in "
     "the destination's qemu.conf"},
    {0, "unable to connect to server at", "is there a firewall between the hosts? QEMU of the destination listens on ports 49152 to 49215"},
    {VIR_ERR_CPU_INCOMPATIBLE, NULL, weaker_cpu},
    {0, "guest CPU doesn't match", weaker_cpu},
    {0, "Cannot access storage file",
     "the destination has no such disk: put it on storage that both hosts reach, or make an image of the same size there "
     "and say --copy-storage-all"},
    {0, "Cannot access backing file", "the destination lacks that image: copy it there, or put it on storage that both hosts reach"},
    {VIR_ERR_NO_NETWORK, NULL, "the destination needs a network of that name, and it must be active (net-define, net-start)"},
    {0, "Cannot get interface MTU", "the destination needs a bridge of that name, or give the guest another one with --xml"},
    {VIR_ERR_NO_STORAGE_POOL, NULL, "the destination needs a pool of that name, and it must be active (pool-define, pool-start)"},
    {VIR_ERR_NO_STORAGE_VOL, NULL, "the destination's pool lacks that volume: create it there with the same size (vol-create-as)"},
    {0, "already exists", "the destination has a guest of that name or uuid: remove it there, or rename this one with --dname"},
    {0, "is already active", "the destination has a guest of that name or uuid that runs"},
    {0, "transient", "a guest that has no definition cannot move --offline"},
    {0, "socket is closed", lost},
    {0, "End of file while reading", lost},
    {0, "Postcopy is not supported",
     "QEMU may not use userfaultfd there: 'sysctl vm.unprivileged_userfaultfd=1' on the destination allows it"},
    {0, "TLS", "both hosts need certificates for QEMU (migrate_tls_x509_cert_dir in qemu.conf)"},
};

static const char *cure_of(const virError *error)
{
    for (unsigned int i = 0; error && i < sizeof cures / sizeof *cures; i++)
        if ((!cures[i].code || cures[i].code == error->code) &&
            (!cures[i].said || (error->message && strstr(error->message, cures[i].said))))
            return cures[i].cure;
    return NULL;
}

/* Where the guest is now. */
static const char *left(hvsh_call *call, virDomainPtr domain)
{
    const char *name = virDomainGetName(domain);
    int state, reason;

    if (virDomainGetState(domain, &state, &reason, 0) < 0)
        return virGetLastErrorCode() == VIR_ERR_NO_DOMAIN
                   ? hvsh_printf(call, "'%s' is no longer here: see whether it is at the destination", name)
                   : hvsh_printf(call, "nobody can tell where '%s' is now: look at both hosts before it is started anywhere", name);
    switch (state) {
    case VIR_DOMAIN_RUNNING:
    case VIR_DOMAIN_BLOCKED:
        return hvsh_printf(call, "'%s' runs here, as before", name);
    case VIR_DOMAIN_PAUSED:
        if (reason == VIR_DOMAIN_PAUSED_POSTCOPY_FAILED)
            return hvsh_printf(call,
                               "'%s' stands still, its memory on two hosts: do not destroy either of them; see to the network, and "
                               "repeat the command with --postcopy-resume",
                               name);
        return hvsh_printf(call, "'%s' is here, paused", name);
    case VIR_DOMAIN_SHUTOFF:
        return hvsh_printf(call, "'%s' is here, off", name);
    default:
        return hvsh_printf(call, "'%s' is here", name);
    }
}

int migrate_failed(hvsh_call *call, virDomainPtr domain, unsigned int flags)
{
    const char *cure = cure_of(virGetLastError()), *where;

    hvsh_fail_libvirt(call);
    where = left(call, domain);
    if (flags & (VIR_MIGRATE_NON_SHARED_DISK | VIR_MIGRATE_NON_SHARED_INC))
        where = hvsh_printf(call, "%s; copies of its disks that were begun stay at the destination, unfinished", where);
    return cure ? hvsh_hint(call, "%s; %s", where, cure) : hvsh_hint(call, "%s", where);
}
