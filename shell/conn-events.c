/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conn-events.c - guests' events as short texts for the prompt.
 *
 * The call-backs run on the loop thread: they make a text and push it to a queue that drops what nobody reads; no call goes to the other side.
 */
#include "conn-impl.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>

enum {
    QUEUE_LIMIT = 100,
    DATA_LIMIT = 1000,
    HOLD = 50,                  /* milliseconds that "resumed" waits for "started" */
};

static atomic_bool watching;
static struct queue *queue;
static pthread_once_t queue_once = PTHREAD_ONCE_INIT;

static void make_queue(void)
{
    queue = queue_new(QUEUE_LIMIT, g_free);
    if (!queue)
        g_error("cannot make a queue for events: no descriptors left");
}

struct queue *conn_events(void)
{
    pthread_once(&queue_once, make_queue);
    return queue;
}

bool events_wanted(void)
{
    return atomic_load(&watching);
}

void events_say(struct conn *conn, const char *format, ...)
{
    g_autoptr(GString) text = NULL;
    struct told_event *event;
    va_list list;

    if (!events_wanted())
        return;
    text = g_string_new(NULL);
    if (conn != conn_current())
        g_string_printf(text, "%s: ", conn_name(conn));
    va_start(list, format);
    g_string_append_vprintf(text, format, list);
    va_end(list);
    event = g_malloc(sizeof(*event) + text->len + 1);
    event->when = g_get_monotonic_time();
    memcpy(event->text, text->str, text->len + 1);
    queue_push(conn_events(), event, QUEUE_DROP);
}

static void say(struct link *link, virDomainPtr domain, const char *what)
{
    events_say(link->conn, "domain '%s' %s", virDomainGetName(domain), what);
}

/* ---- as data ---- */

static struct queue *data_queue;
static atomic_bool data_wanted;
static pthread_once_t data_once = PTHREAD_ONCE_INIT;

void conn_event_free(void *p)
{
    struct conn_event *event = p;

    if (!event)
        return;
    g_free(event->connection);
    g_free(event->domain);
    g_free(event->uuid);
    g_free(event->what);
    g_free(event->device);
    g_free(event->text);
    g_free(event);
}

static void make_data_queue(void)
{
    data_queue = queue_new(DATA_LIMIT, conn_event_free);
    if (!data_queue)
        g_error("cannot make a queue for events: no descriptors left");
    atomic_store(&data_wanted, true);
}

struct queue *conn_event_queue(void)
{
    pthread_once(&data_once, make_data_queue);
    return data_queue;
}

/* The event to the queue of scripts; takes `text` over. */
static void push(struct link *link, virDomainPtr domain, const char *name, const char *what, const char *device, char *text)
{
    char uuid[VIR_UUID_STRING_BUFLEN] = "";
    struct conn_event *event;

    if (!atomic_load(&data_wanted)) {
        g_free(text);
        return;
    }
    virDomainGetUUIDString(domain, uuid);
    event = g_new0(struct conn_event, 1);
    event->event = name;
    event->connection = g_strdup(conn_name(link->conn));
    event->domain = g_strdup(virDomainGetName(domain));
    event->uuid = g_strdup(uuid);
    event->what = g_strdup(what);
    event->device = g_strdup(device);
    event->text = text;
    queue_push(data_queue, event, QUEUE_DROP);
}

/* ---- texts ---- */

/* What happened, by event and detail; a hole, or a detail of a newer libvirt, is said by the event's first text. */
#define DETAILS 10
static const char *const lifecycle_texts[][DETAILS] = {
    [VIR_DOMAIN_EVENT_DEFINED] = { "defined", [VIR_DOMAIN_EVENT_DEFINED_UPDATED] = "changed", [VIR_DOMAIN_EVENT_DEFINED_RENAMED] = "renamed",
        [VIR_DOMAIN_EVENT_DEFINED_FROM_SNAPSHOT] = "changed by a snapshot" },
    [VIR_DOMAIN_EVENT_UNDEFINED] = { "undefined", [VIR_DOMAIN_EVENT_UNDEFINED_RENAMED] = "renamed" },
    [VIR_DOMAIN_EVENT_STARTED] = { "started", [VIR_DOMAIN_EVENT_STARTED_MIGRATED] = "arrived by migration",
        [VIR_DOMAIN_EVENT_STARTED_RESTORED] = "restored", [VIR_DOMAIN_EVENT_STARTED_FROM_SNAPSHOT] = "started from a snapshot",
        [VIR_DOMAIN_EVENT_STARTED_WAKEUP] = "woke up" },
    [VIR_DOMAIN_EVENT_SUSPENDED] = { "suspended", [VIR_DOMAIN_EVENT_SUSPENDED_MIGRATED] = "suspended for migration",
        [VIR_DOMAIN_EVENT_SUSPENDED_IOERROR] = "suspended by an I/O error", [VIR_DOMAIN_EVENT_SUSPENDED_WATCHDOG] = "suspended by its watchdog",
        [VIR_DOMAIN_EVENT_SUSPENDED_FROM_SNAPSHOT] = "suspended from a snapshot",
        [VIR_DOMAIN_EVENT_SUSPENDED_API_ERROR] = "suspended after a failed operation",
        [VIR_DOMAIN_EVENT_SUSPENDED_POSTCOPY] = "suspended for post-copy migration",
        [VIR_DOMAIN_EVENT_SUSPENDED_POSTCOPY_FAILED] = "suspended by a failed post-copy migration" },
    [VIR_DOMAIN_EVENT_RESUMED] = { "resumed", [VIR_DOMAIN_EVENT_RESUMED_MIGRATED] = "resumed after migration" },
    [VIR_DOMAIN_EVENT_STOPPED] = { "shut down", [VIR_DOMAIN_EVENT_STOPPED_DESTROYED] = "destroyed", [VIR_DOMAIN_EVENT_STOPPED_CRASHED] = "crashed",
        [VIR_DOMAIN_EVENT_STOPPED_MIGRATED] = "left by migration", [VIR_DOMAIN_EVENT_STOPPED_SAVED] = "saved",
        [VIR_DOMAIN_EVENT_STOPPED_FAILED] = "failed", [VIR_DOMAIN_EVENT_STOPPED_FROM_SNAPSHOT] = "stopped by a snapshot" },
    [VIR_DOMAIN_EVENT_SHUTDOWN] = { NULL },     /* STOPPED follows */
    [VIR_DOMAIN_EVENT_PMSUSPENDED] = { "sleeps", [VIR_DOMAIN_EVENT_PMSUSPENDED_DISK] = "sleeps on disk" },
    [VIR_DOMAIN_EVENT_CRASHED] = { "panicked" },
};

/*
 * QEMU's guests are started in a pause: "resumed" comes before "started" and is told only when no "started" follows at once. What is held belongs
 * to the loop thread alone.
 */
static void tell_held(int timer, void *opaque)
{
    struct link *link = opaque;

    virEventRemoveTimeout(timer);       /* gives the timer's reference back, later */
    if (link->held)
        events_say(link->conn, "domain '%s' resumed", link->held);
    g_clear_pointer(&link->held, g_free);
}

static bool hold(struct link *link, const char *name)
{
    if (link->held)
        return false;
    if (virEventAddTimeout(HOLD, tell_held, link_ref(link), link_unref) < 0) {
        link_unref(link);
        return false;
    }
    link->held = g_strdup(name);
    return true;
}

static const char *lifecycle_text(int event, int detail)
{
    const char *text = NULL;

    if (event < 0 || event >= (int)G_N_ELEMENTS(lifecycle_texts))
        return NULL;
    if (detail >= 0 && detail < DETAILS)
        text = lifecycle_texts[event][detail];
    return text ? text : lifecycle_texts[event][0];
}

static void push_lifecycle(struct link *link, virDomainPtr domain, int event, int detail)
{
    static const char *const names[] = {
        [VIR_DOMAIN_EVENT_DEFINED] = "defined", [VIR_DOMAIN_EVENT_UNDEFINED] = "undefined", [VIR_DOMAIN_EVENT_STARTED] = "started",
        [VIR_DOMAIN_EVENT_SUSPENDED] = "suspended", [VIR_DOMAIN_EVENT_RESUMED] = "resumed", [VIR_DOMAIN_EVENT_STOPPED] = "stopped",
        [VIR_DOMAIN_EVENT_SHUTDOWN] = "shutdown", [VIR_DOMAIN_EVENT_PMSUSPENDED] = "pmsuspended", [VIR_DOMAIN_EVENT_CRASHED] = "crashed",
    };
    const char *what = event >= 0 && event < (int)G_N_ELEMENTS(names) ? names[event] : "unknown", *text = lifecycle_text(event, detail);

    push(link, domain, "lifecycle", what, NULL, g_strdup_printf("domain '%s' %s", virDomainGetName(domain), text ? text : what));
}

static int lifecycle(virConnectPtr virt, virDomainPtr domain, int event, int detail, void *opaque)
{
    struct link *link = opaque;
    const char *text;

    (void)virt;
    conn_names_stale();
    push_lifecycle(link, domain, event, detail);
    if (link->held && strcmp(link->held, virDomainGetName(domain)) == 0) {
        if (event != VIR_DOMAIN_EVENT_STARTED)
            say(link, domain, "resumed");
        g_clear_pointer(&link->held, g_free);
    }
    if (event == VIR_DOMAIN_EVENT_RESUMED && detail == VIR_DOMAIN_EVENT_RESUMED_UNPAUSED && hold(link, virDomainGetName(domain)))
        return 0;
    text = lifecycle_text(event, detail);
    if (text)
        say(link, domain, text);
    return 0;
}

/* To the prompt and to scripts. */
G_GNUC_PRINTF(6, 7)
static void tell(struct link *link, virDomainPtr domain, const char *event, const char *what, const char *device, const char *format, ...)
{
    char *text;
    va_list list;

    va_start(list, format);
    text = g_strdup_vprintf(format, list);
    va_end(list);
    events_say(link->conn, "%s", text);
    push(link, domain, event, what, device, text);
}

static void io_error(virConnectPtr virt, virDomainPtr domain, const char *path, const char *alias, int action, const char *reason, void *opaque)
{
    struct link *link = opaque;

    (void)virt;
    (void)action;
    path = path && *path ? path : alias;
    tell(link, domain, "io-error", reason, path, "domain '%s': I/O error on %s%s%s", virDomainGetName(domain), path,
         reason && *reason ? ": " : "", reason ? reason : "");
}

static void watchdog(virConnectPtr virt, virDomainPtr domain, int action, void *opaque)
{
    (void)virt;
    (void)action;
    tell(opaque, domain, "watchdog", NULL, NULL, "domain '%s' hangs: its watchdog has fired", virDomainGetName(domain));
}

static void block_job(virConnectPtr virt, virDomainPtr domain, const char *disk, int type, int status, void *opaque)
{
    static const char *const types[] = {
        [VIR_DOMAIN_BLOCK_JOB_TYPE_PULL] = "block pull", [VIR_DOMAIN_BLOCK_JOB_TYPE_COPY] = "block copy",
        [VIR_DOMAIN_BLOCK_JOB_TYPE_COMMIT] = "block commit", [VIR_DOMAIN_BLOCK_JOB_TYPE_ACTIVE_COMMIT] = "block commit",
        [VIR_DOMAIN_BLOCK_JOB_TYPE_BACKUP] = "backup",
    };
    static const char *const statuses[] = {
        [VIR_DOMAIN_BLOCK_JOB_COMPLETED] = "completed", [VIR_DOMAIN_BLOCK_JOB_FAILED] = "failed",
        [VIR_DOMAIN_BLOCK_JOB_CANCELED] = "cancelled", [VIR_DOMAIN_BLOCK_JOB_READY] = "ready",
    };
    struct link *link = opaque;
    const char *name = type >= 0 && type < (int)G_N_ELEMENTS(types) ? types[type] : NULL;

    (void)virt;
    if (status < 0 || status >= (int)G_N_ELEMENTS(statuses))
        return;
    tell(link, domain, "block-job", statuses[status], disk, "domain '%s': %s of %s %s", virDomainGetName(domain), name ? name : "block job", disk,
         statuses[status]);
}

static void device_removed(virConnectPtr virt, virDomainPtr domain, const char *alias, void *opaque)
{
    (void)virt;
    tell(opaque, domain, "device-removed", NULL, alias, "domain '%s': device %s removed", virDomainGetName(domain), alias);
}

static void device_stays(virConnectPtr virt, virDomainPtr domain, const char *alias, void *opaque)
{
    (void)virt;
    tell(opaque, domain, "device-removal-failed", NULL, alias, "domain '%s': device %s was not given back by the guest",
         virDomainGetName(domain), alias);
}

const char *const conn_event_names[] = {
    "lifecycle", "defined", "undefined", "started", "suspended", "resumed", "stopped", "shutdown", "pmsuspended", "crashed", "io-error", "enospc",
    "watchdog", "block-job", "completed", "failed", "cancelled", "ready", "device-removed", "device-removal-failed", NULL,
};

/* ---- registration ---- */

static const struct {
    int id;
    virConnectDomainEventGenericCallback callback;
} watched[] = {
    { VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK(lifecycle) },
    { VIR_DOMAIN_EVENT_ID_IO_ERROR_REASON, VIR_DOMAIN_EVENT_CALLBACK(io_error) },
    { VIR_DOMAIN_EVENT_ID_WATCHDOG, VIR_DOMAIN_EVENT_CALLBACK(watchdog) },
    { VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2, VIR_DOMAIN_EVENT_CALLBACK(block_job) },
    { VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, VIR_DOMAIN_EVENT_CALLBACK(device_removed) },
    { VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED, VIR_DOMAIN_EVENT_CALLBACK(device_stays) },
};
G_STATIC_ASSERT(G_N_ELEMENTS(watched) <= EVENTS_MAX);

void events_register(struct link *link)
{
    if (link->registered)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(watched); i++) {
        /* the call-back's reference, given back by its freecb */
        int id = virConnectDomainEventRegisterAny(link->virt, NULL, watched[i].id, watched[i].callback, link_ref(link), link_unref);

        if (id >= 0)
            link->events[link->n_events++] = id;
        else
            link_unref(link);   /* this driver has no such event */
    }
    link->registered = true;
}

void events_deregister(struct link *link)
{
    while (link->n_events > 0)
        virConnectDomainEventDeregisterAny(link->virt, link->events[--link->n_events]);
}

void conn_watch(bool on)
{
    atomic_store(&watching, on);
    if (on)
        links_watch();
}
