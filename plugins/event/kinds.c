/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kinds.c - every kind of event that a guest has: how it is copied, virsh's line, its details. All of it runs on the loop thread. */
#include "event.h"
#include <glib.h>

static struct event *begin(void *to, virDomainPtr domain)
{
    return event_new(to, virDomainGetName(domain));
}

/* The word of a number, "unknown" for one of a newer libvirt. */
#define WORD(words, number) word_of(words, G_N_ELEMENTS(words), number)
static const char *word_of(const char *const *words, size_t count, int number)
{
    return number >= 0 && (size_t)number < count && words[number] ? words[number] : "unknown";
}

static const char *or_null(const char *text)
{
    return text ? text : "<null>";
}

/* ---- life ---- */

static const char *const life_words[] = {
    [VIR_DOMAIN_EVENT_DEFINED] = "Defined", [VIR_DOMAIN_EVENT_UNDEFINED] = "Undefined", [VIR_DOMAIN_EVENT_STARTED] = "Started",
    [VIR_DOMAIN_EVENT_SUSPENDED] = "Suspended", [VIR_DOMAIN_EVENT_RESUMED] = "Resumed", [VIR_DOMAIN_EVENT_STOPPED] = "Stopped",
    [VIR_DOMAIN_EVENT_SHUTDOWN] = "Shutdown", [VIR_DOMAIN_EVENT_PMSUSPENDED] = "PMSuspended", [VIR_DOMAIN_EVENT_CRASHED] = "Crashed",
};

#define DETAILS 9
static const char *const life_details[G_N_ELEMENTS(life_words)][DETAILS] = {
    [VIR_DOMAIN_EVENT_DEFINED] = { "Added", "Updated", "Renamed", "Snapshot" },
    [VIR_DOMAIN_EVENT_UNDEFINED] = { "Removed", "Renamed" },
    [VIR_DOMAIN_EVENT_STARTED] = { "Booted", "Migrated", "Restored", "Snapshot", "Event wakeup" },
    [VIR_DOMAIN_EVENT_SUSPENDED] = { "Paused", "Migrated", "I/O Error", "Watchdog", "Restored", "Snapshot", "API error", "Post-copy",
                                     "Post-copy Error" },
    [VIR_DOMAIN_EVENT_RESUMED] = { "Unpaused", "Migrated", "Snapshot", "Post-copy", "Post-copy Error" },
    [VIR_DOMAIN_EVENT_STOPPED] = { "Shutdown", "Destroyed", "Crashed", "Migrated", "Saved", "Failed", "Snapshot" },
    [VIR_DOMAIN_EVENT_SHUTDOWN] = { "Finished", "Finished after guest request", "Finished after host request" },
    [VIR_DOMAIN_EVENT_PMSUSPENDED] = { "Memory", "Disk" },
    [VIR_DOMAIN_EVENT_CRASHED] = { "Panicked", "Crashloaded" },
};

static int on_life(virConnectPtr connection, virDomainPtr domain, int what, int detail, void *to)
{
    struct event *event = begin(to, domain);
    const char *word = WORD(life_words, what);
    const char *why = what >= 0 && (size_t)what < G_N_ELEMENTS(life_details) ? WORD(life_details[what], detail) : "unknown";

    (void)connection;
    event_detail(event, "change", word);
    event_detail(event, "detail", why);
    event_tell(event, ": %s %s", word, why);
    return 0;
}

static void on_simple(virConnectPtr connection, virDomainPtr domain, void *to)
{
    struct event *event = begin(to, domain);

    (void)connection;
    event_tell(event, "%s", "");
}

static void on_power(virConnectPtr connection, virDomainPtr domain, int reason, void *to)
{
    (void)reason;       /* libvirt knows none yet */
    on_simple(connection, domain, to);
}

static void on_clock(virConnectPtr connection, virDomainPtr domain, long long offset, void *to)
{
    struct event *event = begin(to, domain);

    (void)connection;
    event_number(event, "offset", offset);
    event_tell(event, ": %lld", offset);
}

static void on_watchdog(virConnectPtr connection, virDomainPtr domain, int action, void *to)
{
    static const char *const actions[] = { "none", "pause", "reset", "poweroff", "shutdown", "debug", "inject-nmi" };
    struct event *event = begin(to, domain);

    (void)connection;
    event_detail(event, "action", WORD(actions, action));
    event_tell(event, ": %s", WORD(actions, action));
}

static const char *const channel_states[] = { "unknown", "connected", "disconnected" };
static const char *const channel_reasons[] = { "unknown", "domain started", "channel event" };

static void on_agent(virConnectPtr connection, virDomainPtr domain, int state, int reason, void *to)
{
    struct event *event = begin(to, domain);

    (void)connection;
    event_detail(event, "state", WORD(channel_states, state));
    event_detail(event, "reason", WORD(channel_reasons, reason));
    event_tell(event, ": state: '%s' reason: '%s'", WORD(channel_states, state), WORD(channel_reasons, reason));
}

#if LIBVIR_CHECK_VERSION(12, 4, 0)
static void on_channel(virConnectPtr connection, virDomainPtr domain, const char *channel, int state, int reason, void *to)
{
    struct event *event = begin(to, domain);

    (void)connection;
    event_detail(event, "channel", channel);
    event_detail(event, "state", WORD(channel_states, state));
    event_detail(event, "reason", WORD(channel_reasons, reason));
    event_tell(event, ": channel name: '%s' state: '%s' reason: '%s'", channel, WORD(channel_states, state), WORD(channel_reasons, reason));
}

static void on_vcpu(virConnectPtr connection, virDomainPtr domain, unsigned int vcpu, void *to)
{
    struct event *event = begin(to, domain);

    (void)connection;
    event_number(event, "vcpu", vcpu);
    event_tell(event, ": vcpu %u", vcpu);
}
#endif

static void on_metadata(virConnectPtr connection, virDomainPtr domain, int type, const char *uri, void *to)
{
    static const char *const types[] = { "description", "title", "element" };
    struct event *event = begin(to, domain);

    (void)connection;
    event_detail(event, "type", WORD(types, type));
    event_detail(event, "uri", uri);
    event_tell(event, ": type %s, uri %s", WORD(types, type), or_null(uri));
}

/* ---- disks ---- */

static void io_error(struct event *event, const char *path, const char *alias, int action, const char *reason)
{
    static const char *const actions[] = { "none", "pause", "report" };
    const char *word = WORD(actions, action);

    event_detail(event, "path", path);
    event_detail(event, "device", alias);
    event_detail(event, "action", word);
    event_detail(event, "reason", reason);
    if (reason)
        event_tell(event, ": %s (%s) %s due to %s", path, alias, word, reason);
    else
        event_tell(event, ": %s (%s) %s", path, alias, word);
}

static void on_io_error(virConnectPtr connection, virDomainPtr domain, const char *path, const char *alias, int action, void *to)
{
    (void)connection;
    io_error(begin(to, domain), path, alias, action, NULL);
}

static void on_io_reason(virConnectPtr connection, virDomainPtr domain, const char *path, const char *alias, int action, const char *reason,
                         void *to)
{
    (void)connection;
    io_error(begin(to, domain), path, alias, action, reason ? reason : "");
}

static void on_block_job(virConnectPtr connection, virDomainPtr domain, const char *disk, int type, int status, void *to)
{
    static const char *const types[] = { "Unknown job", "Block Pull", "Block Copy", "Block Commit", "Active Block Commit", "Backup" };
    static const char *const statuses[] = { "completed", "failed", "canceled", "ready" };
    struct event *event = begin(to, domain);

    (void)connection;
    event_detail(event, "disk", disk);
    event_detail(event, "type", WORD(types, type));
    event_detail(event, "status", WORD(statuses, status));
    event_tell(event, ": %s for %s %s", WORD(types, type), disk, WORD(statuses, status));
}

static void on_disk(virConnectPtr connection, virDomainPtr domain, const char *before, const char *after, const char *alias, int reason,
                    void *to)
{
    static const char *const reasons[] = { "changed", "dropped" };
    struct event *event = begin(to, domain);

    (void)connection;
    event_detail(event, "device", alias);
    event_detail(event, "before", before);
    event_detail(event, "after", after);
    event_detail(event, "reason", WORD(reasons, reason));
    event_tell(event, " disk %s: %s -> %s: %s", alias, or_null(before), or_null(after), WORD(reasons, reason));
}

static void on_tray(virConnectPtr connection, virDomainPtr domain, const char *alias, int reason, void *to)
{
    static const char *const reasons[] = { "opened", "closed" };
    struct event *event = begin(to, domain);

    (void)connection;
    event_detail(event, "device", alias);
    event_detail(event, "reason", WORD(reasons, reason));
    event_tell(event, " disk %s: %s", alias, WORD(reasons, reason));
}

static void on_threshold(virConnectPtr connection, virDomainPtr domain, const char *device, const char *path, unsigned long long threshold,
                         unsigned long long excess, void *to)
{
    struct event *event = begin(to, domain);

    (void)connection;
    event_detail(event, "device", device);
    event_detail(event, "path", path);
    event_number(event, "threshold", (long long)threshold);
    event_number(event, "excess", (long long)excess);
    event_tell(event, ": dev: %s(%s) %llu %llu", device, or_null(path), threshold, excess);
}

/* ---- devices and memory ---- */

/* device-added, device-removed, device-removal-failed */
static void on_device(virConnectPtr connection, virDomainPtr domain, const char *alias, void *to)
{
    struct event *event = begin(to, domain);

    (void)connection;
    event_detail(event, "device", alias);
    event_tell(event, ": %s", alias);
}

static void on_balloon(virConnectPtr connection, virDomainPtr domain, unsigned long long actual, void *to)
{
    struct event *event = begin(to, domain);

    (void)connection;
    event_number(event, "actual", (long long)actual);
    event_tell(event, ": %lluKiB", actual);
}

static void on_memory_failure(virConnectPtr connection, virDomainPtr domain, int recipient, int action, unsigned int flags, void *to)
{
    static const char *const recipients[] = { "hypervisor", "guest" };
    static const char *const actions[] = { "ignore", "inject", "fatal", "reset" };
    struct event *event = begin(to, domain);
    bool required = flags & VIR_DOMAIN_MEMORY_FAILURE_ACTION_REQUIRED, recursive = flags & VIR_DOMAIN_MEMORY_FAILURE_RECURSIVE;

    (void)connection;
    event_detail(event, "recipient", WORD(recipients, recipient));
    event_detail(event, "action", WORD(actions, action));
    event_flag(event, "action-required", required);
    event_flag(event, "recursive", recursive);
    event_tell(event, ":\nrecipient: %s\naction: %s\nflags:\n\taction required: %d\n\trecursive: %d",
               WORD(recipients, recipient), WORD(actions, action), required, recursive);
}

static void on_memory_device(virConnectPtr connection, virDomainPtr domain, const char *alias, unsigned long long size, void *to)
{
    struct event *event = begin(to, domain);

    (void)connection;
    event_detail(event, "device", alias);
    event_number(event, "size", (long long)size);
    event_tell(event, ":\nalias: %s\nsize: %llu", alias, size);
}

#if LIBVIR_CHECK_VERSION(11, 2, 0)
static void on_mac(virConnectPtr connection, virDomainPtr domain, const char *alias, const char *before, const char *now, void *to)
{
    struct event *event = begin(to, domain);

    (void)connection;
    event_detail(event, "device", alias);
    event_detail(event, "old-mac", before);
    event_detail(event, "new-mac", now);
    event_tell(event, ":\nalias: %s\noldMAC: %s\nnewMAC: %s", alias, before, now);
}
#endif

/* ---- graphics, jobs, tuning ---- */

static void on_graphics(virConnectPtr connection, virDomainPtr domain, int phase, const virDomainEventGraphicsAddress *local,
                        const virDomainEventGraphicsAddress *remote, const char *scheme, const virDomainEventGraphicsSubject *subject,
                        void *to)
{
    static const char *const phases[] = { "connect", "initialize", "disconnect" };
    static const char *const families[] = { "IPv4", "IPv6", "unix" };
    struct event *event = begin(to, domain);
    g_autoptr(GString) identities = g_string_new(NULL);

    (void)connection;
    event_detail(event, "phase", WORD(phases, phase));
    event_detail(event, "local-family", WORD(families, local->family));
    event_detail(event, "local-node", local->node);
    event_detail(event, "local-service", local->service);
    event_detail(event, "remote-family", WORD(families, remote->family));
    event_detail(event, "remote-node", remote->node);
    event_detail(event, "remote-service", remote->service);
    event_detail(event, "scheme", scheme);
    for (int i = 0; subject && i < subject->nidentity; i++) {
        event_detail(event, subject->identities[i].type, subject->identities[i].name);
        g_string_append_printf(identities, "\n\t%s=%s", subject->identities[i].type, subject->identities[i].name);
    }
    event_tell(event, ": %s local[%s %s %s] remote[%s %s %s] %s%s", WORD(phases, phase),
               WORD(families, local->family), local->node, local->service, WORD(families, remote->family), remote->node, remote->service,
               scheme, identities->str);
}

static void add_value(GString *out, const virTypedParameter *param)
{
    switch (param->type) {
    case VIR_TYPED_PARAM_INT: g_string_append_printf(out, "%d", param->value.i); break;
    case VIR_TYPED_PARAM_UINT: g_string_append_printf(out, "%u", param->value.ui); break;
    case VIR_TYPED_PARAM_LLONG: g_string_append_printf(out, "%lld", param->value.l); break;
    case VIR_TYPED_PARAM_ULLONG: g_string_append_printf(out, "%llu", param->value.ul); break;
    case VIR_TYPED_PARAM_DOUBLE: g_string_append_printf(out, "%g", param->value.d); break;
    case VIR_TYPED_PARAM_BOOLEAN: g_string_append_printf(out, "%d", param->value.b); break;
    case VIR_TYPED_PARAM_STRING: g_string_append(out, param->value.s); break;
    default: break;
    }
}

/* tunable, job-completed: a heading and the parameters */
static void on_params(virConnectPtr connection, virDomainPtr domain, virTypedParameterPtr params, int n, void *to)
{
    struct event *event = begin(to, domain);
    g_autoptr(GString) lines = g_string_new(NULL);

    (void)connection;
    event_params(event, params, n);
    for (int i = 0; i < n; i++) {
        g_string_append_printf(lines, "\n\t%s: ", params[i].field);
        add_value(lines, &params[i]);
    }
    event_tell(event, ":%s", lines->str);
}

static void on_iteration(virConnectPtr connection, virDomainPtr domain, int iteration, void *to)
{
    struct event *event = begin(to, domain);

    (void)connection;
    event_number(event, "iteration", iteration);
    event_tell(event, ": iteration: '%d'", iteration);
}

/* ---- all of them ---- */

/* X(libvirt's constant, name, call-back, what it tells), in the order of the constants */
#define KINDS_OF_8_0(X) \
    X(LIFECYCLE, "lifecycle", on_life, "started, stopped, defined ...") \
    X(REBOOT, "reboot", on_simple, "the guest restarted") \
    X(RTC_CHANGE, "rtc-change", on_clock, "the guest set its clock") \
    X(WATCHDOG, "watchdog", on_watchdog, "the guest's watchdog fired") \
    X(IO_ERROR, "io-error", on_io_error, "a disk failed") \
    X(GRAPHICS, "graphics", on_graphics, "somebody looks at its screen") \
    X(IO_ERROR_REASON, "io-error-reason", on_io_reason, "a disk failed, and why") \
    X(CONTROL_ERROR, "control-error", on_simple, "libvirt lost control of it") \
    X(BLOCK_JOB, "block-job", on_block_job, "a block job ended; the disk by its file") \
    X(DISK_CHANGE, "disk-change", on_disk, "a disk's source changed or went") \
    X(TRAY_CHANGE, "tray-change", on_tray, "a drive's tray was opened or closed") \
    X(PMWAKEUP, "pm-wakeup", on_power, "the guest woke up") \
    X(PMSUSPEND, "pm-suspend", on_power, "the guest sleeps, in memory") \
    X(BALLOON_CHANGE, "balloon-change", on_balloon, "its memory changed") \
    X(PMSUSPEND_DISK, "pm-suspend-disk", on_power, "the guest sleeps, on disk") \
    X(DEVICE_REMOVED, "device-removed", on_device, "a device is gone") \
    X(BLOCK_JOB_2, "block-job-2", on_block_job, "a block job ended; the disk by its target") \
    X(TUNABLE, "tunable", on_params, "limits changed") \
    X(AGENT_LIFECYCLE, "agent-lifecycle", on_agent, "the guest agent came or went") \
    X(DEVICE_ADDED, "device-added", on_device, "a device was added") \
    X(MIGRATION_ITERATION, "migration-iteration", on_iteration, "a new pass over the memory") \
    X(JOB_COMPLETED, "job-completed", on_params, "a save, dump or migration ended") \
    X(DEVICE_REMOVAL_FAILED, "device-removal-failed", on_device, "the guest did not give a device back") \
    X(METADATA_CHANGE, "metadata-change", on_metadata, "title, description or other metadata changed") \
    X(BLOCK_THRESHOLD, "block-threshold", on_threshold, "a disk's file reached its threshold") \
    X(MEMORY_FAILURE, "memory-failure", on_memory_failure, "the host's memory failed") \
    X(MEMORY_DEVICE_SIZE_CHANGE, "memory-device-size-change", on_memory_device, "a memory device grew or shrank")
#if LIBVIR_CHECK_VERSION(11, 2, 0)
# define KINDS_OF_11_2(X) X(NIC_MAC_CHANGE, "nic-mac-change", on_mac, "the guest gave an interface another MAC address")
#else
# define KINDS_OF_11_2(X)
#endif
#if LIBVIR_CHECK_VERSION(12, 4, 0)
# define KINDS_OF_12_4(X) \
    X(VCPU_REMOVED, "vcpu-removed", on_vcpu, "a vCPU is gone") \
    X(CHANNEL_LIFECYCLE, "channel-lifecycle", on_channel, "a channel was opened or closed in the guest")
#else
# define KINDS_OF_12_4(X)
#endif
#define KINDS(X) KINDS_OF_8_0(X) KINDS_OF_11_2(X) KINDS_OF_12_4(X)

#define NAME(id, name, callback, help) { name, VIR_DOMAIN_EVENT_ID_##id, help },
const struct hvsh_choice domain_events[] = { KINDS(NAME) { NULL, 0, NULL } };

#define CALLBACK(id, name, callback, help) [VIR_DOMAIN_EVENT_ID_##id] = VIR_DOMAIN_EVENT_CALLBACK(callback),
virConnectDomainEventGenericCallback domain_event_callback(int id)
{
    static const virConnectDomainEventGenericCallback callbacks[] = { KINDS(CALLBACK) };

    return callbacks[id];
}
