/* SPDX-License-Identifier: GPL-3.0-or-later */
/* guest.c - inside the guest: its file systems, its name, its sleep, interrupts and signals. Most of it asks the guest agent. */
#include "domain.h"
#include "params.h"
#include <stdlib.h>
#include <string.h>

/* ---- file systems ---- */

struct mounts_args { virDomainPtr domain; HVSH_LIST_OF(const char *) mountpoint; };

static const struct hvsh_field mounts_args[] = {
    DOMAIN(struct mounts_args, ACTIVE),
    HVSH_TEXTS(struct mounts_args, mountpoint, HVSH_REST, "only these mount points", .scope = "domain", .offer = offer_mounts),
    HVSH_END
};

struct count_row { int count; };
static const struct hvsh_field count_row[] = { HVSH_INT(struct count_row, count, "how many file systems"), HVSH_END };
static const struct hvsh_shape frozen = { .name = "result", .kind = HVSH_MESSAGE, HVSH_ROW(count_row), .text = "Froze {count} filesystem(s)" };
static const struct hvsh_shape thawed = { .name = "result", .kind = HVSH_MESSAGE, HVSH_ROW(count_row), .text = "Thawed {count} filesystem(s)" };

typedef int (*mounts_call)(virDomainPtr domain, const char **mountpoints, unsigned int count, unsigned int flags);

static int on_mounts(hvsh_call *call, const struct mounts_args *args, mounts_call deed, const char *word, const struct hvsh_shape *message)
{
    const char **mounts = hvsh_defer(call, g_new0(const char *, args->mountpoint.count + 1), g_free);
    struct count_row row;

    for (size_t i = 0; i < args->mountpoint.count; i++)
        mounts[i] = args->mountpoint.items[i];
    row.count = deed(args->domain, args->mountpoint.count ? mounts : NULL, (unsigned int)args->mountpoint.count, 0);
    return row.count < 0 ? hvsh_fail_virt(call, "Unable to %s filesystems", word) : hvsh_emit(call, message, &row);
}

static int freeze_run(hvsh_call *call, const void *p)
{
    return on_mounts(call, p, virDomainFSFreeze, "freeze", &frozen);
}

const struct hvsh_command COMMAND(domfsfreeze) = {
    .name = "domfsfreeze",
    .group = "domain",
    .help = "Freeze domain's mounted filesystems.",
    .description = "Write out what the guest's file systems have in memory and hold all writes, for a consistent snapshot.",
    HVSH_ARGS(mounts_args),
    .shapes = HVSH_SHAPES(&frozen),
    .examples = HVSH_EXAMPLES({ "domfsfreeze test", "all of them" }),
    .run = freeze_run,
};

static int thaw_run(hvsh_call *call, const void *p)
{
    return on_mounts(call, p, virDomainFSThaw, "thaw", &thawed);
}

const struct hvsh_command COMMAND(domfsthaw) = {
    .name = "domfsthaw",
    .group = "domain",
    .help = "Thaw domain's mounted filesystems.",
    HVSH_ARGS(mounts_args),
    .shapes = HVSH_SHAPES(&thawed),
    .examples = HVSH_EXAMPLES({ "domfsthaw test", "all of them" }),
    .run = thaw_run,
};

struct mount_row { const char *mountpoint; const char *name; const char *type; HVSH_LIST_OF(const char *) targets; };

static const struct hvsh_field mount_row[] = {
    HVSH_TEXT(struct mount_row, mountpoint, "where it is mounted", .label = "Mountpoint"),
    HVSH_TEXT(struct mount_row, name, "device in the guest", .label = "Name"),
    HVSH_TEXT(struct mount_row, type, "kind of file system", .label = "Type"),
    HVSH_TEXTS(struct mount_row, targets, 0, "the domain's disks it is on", .label = "Target"),
    HVSH_END
};

static const struct hvsh_shape mounts_shape = { .name = "filesystems", .kind = HVSH_TABLE, HVSH_ROW(mount_row) };
OBJECT_MESSAGE(no_mounts, "No filesystems are mounted in the domain", .flags = HVSH_NO_NEWLINE);

static int fsinfo_run(hvsh_call *call, const void *p)
{
    virDomainPtr domain = ((const struct only_domain *)p)->domain;
    virDomainFSInfoPtr *mounts = NULL;
    int count = virDomainGetFSInfo(domain, &mounts, 0), result = 0;

    if (count < 0)
        return hvsh_fail_virt(call, "Unable to get filesystem information");
    if (count == 0 && object_says_none(call, &no_mounts))
        result = domain_say(call, &no_mounts, domain);
    for (int i = 0; i < count; i++) {
        struct mount_row row = { mounts[i]->mountpoint, mounts[i]->name, mounts[i]->fstype, { mounts[i]->ndevAlias, NULL } };

        row.targets.items = (const char **)mounts[i]->devAlias;
        if (result == 0)
            result = hvsh_emit(call, &mounts_shape, &row);
        virDomainFSInfoFree(mounts[i]);
    }
    free(mounts);
    return result;
}

const struct hvsh_command COMMAND(domfsinfo) = {
    .name = "domfsinfo",
    .group = "domain",
    .help = "Get information of domain's mounted filesystems.",
    ONLY_ACTIVE,
    .shapes = HVSH_SHAPES(&mounts_shape, &no_mounts),
    .examples = HVSH_EXAMPLES({ "domfsinfo test", "what is mounted in it" }),
    .run = fsinfo_run,
};

struct trim_args { virDomainPtr domain; uint64_t minimum; const char *mountpoint; };

static const struct hvsh_field trim_args[] = {
    DOMAIN(struct trim_args, ACTIVE),
    HVSH_UINT64(struct trim_args, minimum, "leave out pieces of free space with fewer bytes"),
    HVSH_TEXT(struct trim_args, mountpoint, "only this mount point", .scope = "domain", .offer = offer_mounts),
    HVSH_END
};

static int trim_run(hvsh_call *call, const void *p)
{
    const struct trim_args *args = p;

    return virDomainFSTrim(args->domain, args->mountpoint, args->minimum, 0) < 0 ? hvsh_fail_virt(call, "Unable to invoke fstrim") : 0;
}

const struct hvsh_command COMMAND(domfstrim) = {
    .name = "domfstrim",
    .group = "domain",
    .help = "Invoke fstrim on domain's mounted filesystems.",
    HVSH_ARGS(trim_args),
    .examples = HVSH_EXAMPLES({ "domfstrim test", "give free space back to the host" }),
    .run = trim_run,
};

/* ---- domhostname ---- */

struct hostname_args { virDomainPtr domain; const char *source; };

static const struct hvsh_choice hostname_sources[] = { { "agent", 1 << 1, "the guest agent" }, { "lease", 1 << 0, "leases of libvirt's networks" }, { NULL } };

static const struct hvsh_field hostname_args[] = {
    DOMAIN(struct hostname_args, ACTIVE),
    HVSH_TEXT(struct hostname_args, source, "who is asked: agent or lease", .choices = hostname_sources),
    HVSH_END
};

static int hostname_run(hvsh_call *call, const void *p)
{
    const struct hostname_args *args = p;
    const struct hvsh_choice *source = hostname_sources;
    char *name;

    while (args->source && source->name && strcmp(source->name, args->source) != 0)
        source++;
    if (!source->name)
        return hvsh_fail(call, "Unknown data source '%s'", args->source);
    name = hvsh_own_text(call, virDomainGetHostname(args->domain, args->source ? (unsigned int)source->value : 0));
    return name ? object_text(call, &text_shape, name) : hvsh_fail_virt(call, "failed to get hostname");
}

const struct hvsh_command COMMAND(domhostname) = {
    .name = "domhostname",
    .group = "domain",
    .help = "print the domain's hostname",
    HVSH_ARGS(hostname_args),
    .shapes = HVSH_SHAPES(&text_shape),
    .examples = HVSH_EXAMPLES({ "domhostname test", "its own name for itself" }),
    .run = hostname_run,
};

/* ---- dompmsuspend, dompmwakeup ---- */

struct sleep_args { virDomainPtr domain; const char *target; uint64_t duration; };

static const struct hvsh_choice sleep_targets[] = {
    { "mem", VIR_NODE_SUSPEND_TARGET_MEM, "to memory (S3)" },
    { "disk", VIR_NODE_SUSPEND_TARGET_DISK, "to disk (S4)" },
    { "hybrid", VIR_NODE_SUSPEND_TARGET_HYBRID, "to both" },
    { NULL }
};

static const struct hvsh_field sleep_args[] = {
    DOMAIN(struct sleep_args, VIR_CONNECT_LIST_DOMAINS_RUNNING),
    HVSH_TEXT(struct sleep_args, target, "mem, disk or hybrid", .flags = HVSH_REQUIRED, .choices = sleep_targets),
    HVSH_UINT64(struct sleep_args, duration, "wake up after so many seconds", .flags = HVSH_NAMED),
    HVSH_END
};

OBJECT_MESSAGE(asleep, "Domain '{name}' successfully suspended", .flags = HVSH_NO_NEWLINE);

static int sleep_run(hvsh_call *call, const void *p)
{
    const struct sleep_args *args = p;
    const struct hvsh_choice *target = sleep_targets;

    while (target->name && strcmp(target->name, args->target) != 0)
        target++;
    if (!target->name)
        return hvsh_fail(call, "Invalid target");
    if (virDomainPMSuspendForDuration(args->domain, (unsigned int)target->value, args->duration, 0) < 0)
        return hvsh_fail_virt(call, "Domain '%s' could not be suspended", virDomainGetName(args->domain));
    return domain_say(call, &asleep, args->domain);
}

const struct hvsh_command COMMAND(dompmsuspend) = {
    .name = "dompmsuspend",
    .group = "domain",
    .help = "suspend a domain gracefully using power management functions",
    HVSH_ARGS(sleep_args),
    .shapes = HVSH_SHAPES(&asleep),
    .examples = HVSH_EXAMPLES({ "dompmsuspend web1 mem", "let it sleep", HVSH_MATCH_ONLY }),
    .run = sleep_run,
};

OBJECT_MESSAGE(awake, "Domain '{name}' successfully woken up", .flags = HVSH_NO_NEWLINE);

static const struct hvsh_field wakeup_args[] = {
    DOMAIN(struct only_domain, VIR_CONNECT_LIST_DOMAINS_ACTIVE | VIR_CONNECT_LIST_DOMAINS_OTHER),
    HVSH_END
};

static int wakeup_run(hvsh_call *call, const void *p)
{
    virDomainPtr domain = ((const struct only_domain *)p)->domain;

    if (virDomainPMWakeup(domain, 0) < 0)
        return hvsh_fail_virt(call, "Domain '%s' could not be woken up", virDomainGetName(domain));
    return domain_say(call, &awake, domain);
}

const struct hvsh_command COMMAND(dompmwakeup) = {
    .name = "dompmwakeup",
    .group = "domain",
    .help = "wakeup a domain from pmsuspended state",
    .args = wakeup_args,
    .args_size = sizeof(struct only_domain),
    .shapes = HVSH_SHAPES(&awake),
    .examples = HVSH_EXAMPLES({ "dompmwakeup web1", "wake it", HVSH_MATCH_ONLY }),
    .run = wakeup_run,
};

/* ---- inject-nmi, guest-agent-timeout, domjobabort ---- */

static int nmi_run(hvsh_call *call, const void *p)
{
    return virDomainInjectNMI(((const struct only_domain *)p)->domain, 0) < 0 ? hvsh_fail_libvirt(call) : 0;
}

const struct hvsh_command COMMAND(inject_nmi) = {
    .name = "inject-nmi",
    .group = "domain",
    .help = "Inject NMI to the guest",
    ONLY_ACTIVE,
    .examples = HVSH_EXAMPLES({ "inject-nmi test", "make its kernel say where it is" }),
    .run = nmi_run,
};

struct agent_timeout_args { virDomainPtr domain; int timeout; };

static const struct hvsh_field agent_timeout_args[] = {
    DOMAIN(struct agent_timeout_args, 0),
    HVSH_INT(struct agent_timeout_args, timeout, "seconds; -2: for ever, -1: libvirt's default, 0: do not wait", .flags = HVSH_NAMED,
             .min = INT_MIN, .fallback = "-2"),
    HVSH_END
};

static int agent_timeout_run(hvsh_call *call, const void *p)
{
    const struct agent_timeout_args *args = p;

    return virDomainAgentSetResponseTimeout(args->domain, args->timeout, 0) < 0 ? hvsh_fail_libvirt(call) : 0;
}

const struct hvsh_command COMMAND(guest_agent_timeout) = {
    .name = "guest-agent-timeout",
    .group = "domain",
    .help = "Set the guest agent timeout",
    HVSH_ARGS(agent_timeout_args),
    .examples = HVSH_EXAMPLES({ "guest-agent-timeout web1 --timeout 5", "give it 5 s for an answer", HVSH_MATCH_ONLY }),
    .run = agent_timeout_run,
};

/* ---- guestinfo ---- */

struct guestinfo_args { virDomainPtr domain; unsigned int types; };

static const struct hvsh_field guestinfo_args[] = {
    DOMAIN(struct guestinfo_args, ACTIVE),
    HVSH_BIT(struct guestinfo_args, types, "user", VIR_DOMAIN_GUEST_INFO_USERS, "who is logged in"),
    HVSH_BIT(struct guestinfo_args, types, "os", VIR_DOMAIN_GUEST_INFO_OS, "its operating system"),
    HVSH_BIT(struct guestinfo_args, types, "timezone", VIR_DOMAIN_GUEST_INFO_TIMEZONE, "its time zone"),
    HVSH_BIT(struct guestinfo_args, types, "hostname", VIR_DOMAIN_GUEST_INFO_HOSTNAME, "its name"),
    HVSH_BIT(struct guestinfo_args, types, "filesystem", VIR_DOMAIN_GUEST_INFO_FILESYSTEM, "its file systems"),
    HVSH_BIT(struct guestinfo_args, types, "disk", VIR_DOMAIN_GUEST_INFO_DISKS, "its disks"),
    HVSH_BIT(struct guestinfo_args, types, "interface", VIR_DOMAIN_GUEST_INFO_INTERFACES, "its network interfaces"),
    HVSH_BIT(struct guestinfo_args, types, "load", 1 << 8 /* VIR_DOMAIN_GUEST_INFO_LOAD */, "its load (libvirt 11.2)", .flags = LATER_ARG(11, 2)),
    HVSH_END
};

static int guestinfo_run(hvsh_call *call, const void *p)
{
    const struct guestinfo_args *args = p;
    virTypedParameterPtr params = NULL;
    int count = 0;

    if (later_option(call, "load", 11, 2) < 0)
        return -1;
    if (virDomainGetGuestInfo(args->domain, args->types, &params, &count, 0) < 0)
        return hvsh_fail_libvirt(call);
    return params_show(call, &params_wide, params, count);
}

const struct hvsh_command COMMAND(guestinfo) = {
    .name = "guestinfo",
    .group = "domain",
    .help = "query information about the guest (via agent)",
    .description = "What the guest's agent tells of it; without an option all that it knows.",
    HVSH_ARGS(guestinfo_args),
    .shapes = HVSH_SHAPES(&params_wide),
    .examples = HVSH_EXAMPLES({ "guestinfo web1 --os --hostname", "what it is", HVSH_MATCH_ONLY }),
    .run = guestinfo_run,
};
