/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * events.c - waiting for libvirt's events.
 *
 * The feed is shared by the command and the call-backs on the loop thread: these push to a bounded queue and wake the command, which may
 * have ended or have been given up. libvirt frees a subscription when no call-back of it runs any more.
 */
#include "events.h"
#include "object.h"
#include <glib.h>

enum { FEED_LIMIT = 4096, LIVENESS_MS = 1000 };

struct feed {
    gint refs;
    GMutex lock;
    hvsh_call *call;            /* NULL: nobody waits any more */
    const struct event_source *source;
    GQueue queue;               /* struct event */
    uint64_t dropped;
};

/* The opaque of one registered call-back. */
struct subscription { struct feed *feed; const char *kind; };

struct event {
    struct subscription *subscription;
    char *name, *text;
    gint64 time;                /* microseconds */
    virTypedParameterPtr details;
    int count, capacity;
};

static void event_free(void *p)
{
    struct event *event = p;

    virTypedParamsFree(event->details, event->count);
    g_free(event->name);
    g_free(event->text);
    g_free(event);
}

static void feed_unref(struct feed *feed)
{
    if (!g_atomic_int_dec_and_test(&feed->refs))
        return;
    g_queue_clear_full(&feed->queue, event_free);
    g_mutex_clear(&feed->lock);
    g_free(feed);
}

void event_done(void *to)
{
    struct subscription *subscription = to;

    feed_unref(subscription->feed);
    g_free(subscription);
}

/* ---- the loop thread's side ---- */

struct event *event_new(void *to, const char *name)
{
    struct event *event = g_new0(struct event, 1);

    event->subscription = to;
    event->name = g_strdup(name);
    event->time = g_get_real_time();
    return event;
}

void event_detail(struct event *event, const char *key, const char *value)
{
    if (value)
        virTypedParamsAddString(&event->details, &event->count, &event->capacity, key, value);
}

void event_number(struct event *event, const char *key, long long value)
{
    virTypedParamsAddLLong(&event->details, &event->count, &event->capacity, key, value);
}

const char *event_word(const struct hvsh_choice *words, int value)
{
    for (; words->name; words++)
        if (words->value == value)
            return words->name;
    return "unknown";
}

void event_tell(struct event *event, const char *format, ...)
{
    struct feed *feed = event->subscription->feed;
    const struct event_source *source = feed->source;
    g_autofree char *rest = NULL;
    va_list list;

    va_start(list, format);
    rest = g_strdup_vprintf(format, list);
    va_end(list);
    event->text = g_strdup_printf("event '%s' for %s%s%s%s", event->subscription->kind, source->object, event->name, source->after, rest);
    g_mutex_lock(&feed->lock);
    if (feed->call && feed->queue.length < FEED_LIMIT) {
        g_queue_push_tail(&feed->queue, g_steal_pointer(&event));
        hvsh_wake(feed->call);
    } else {
        feed->dropped++;
    }
    g_mutex_unlock(&feed->lock);
    if (event)
        event_free(event);
}

/* ---- what is shown ---- */

struct event_row { int64_t time; const char *event, *name; struct hvsh_params details; const char *line; };

static const struct hvsh_field event_row[] = {
    HVSH_TIME(struct event_row, time, "when"),
    HVSH_TEXT(struct event_row, event, "which event"),
    HVSH_TEXT(struct event_row, name, "of which object"),
    HVSH_PARAMS(struct event_row, details, "what libvirt said of it"),
    HVSH_TEXT(struct event_row, line, "the sentence", .flags = HVSH_HIDE),
    HVSH_END
};

const struct hvsh_shape event_lines = { .name = "events", .kind = HVSH_LINES, .flags = HVSH_STREAM, HVSH_ROW(event_row), .text = "{line}" };

struct summary_row { const char *reason; uint64_t received; };

static const struct hvsh_field summary_row[] = {
    HVSH_TEXT(struct summary_row, reason, "why the waiting has ended before an event came, or with --loop"),
    HVSH_UINT64(struct summary_row, received, "how many events came"),
    HVSH_END
};

const struct hvsh_shape event_summary = {
    .name = "summary", .kind = HVSH_RECORD, HVSH_ROW(summary_row), .text = "events received: {received}"
};
const struct hvsh_shape event_ended = {
    .name = "summary", .kind = HVSH_RECORD, HVSH_ROW(summary_row), .text = "event loop {reason}\nevents received: {received}"
};
const struct hvsh_shape event_names = { .name = "names", .kind = HVSH_LINES, HVSH_ROW(text_row), .text = "{text}" };

/* ---- the command's side ---- */

static struct event *next(struct feed *feed)
{
    struct event *event;

    g_mutex_lock(&feed->lock);
    event = g_queue_pop_head(&feed->queue);
    g_mutex_unlock(&feed->lock);
    return event;
}

/* Show an event and free it. */
static int show(hvsh_call *call, struct event *event, const struct event_choice *choice)
{
    struct event_row row = { event->time / G_USEC_PER_SEC, event->subscription->kind, event->name, { event->details, event->count }, event->text };
    int result;

    if (choice->timestamp) {
        g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(row.time);
        g_autofree char *text = g_date_time_format(time, "%Y-%m-%d %H:%M:%S");

        row.line = hvsh_printf(call, "%s.%03d+0000: %s", text, (int)(event->time / 1000 % 1000), event->text);
    }
    result = hvsh_emit(call, &event_lines, &row);
    event_free(event);
    return result;
}

/* Show what comes until enough has come; *reason is why it ended otherwise. 0, or -1 when the connection is lost. */
static int wait_for_events(hvsh_call *call, struct feed *feed, const struct event_choice *choice, uint64_t *received, const char **reason)
{
    virConnectPtr connection = hvsh_connection(call);
    gint64 deadline = hvsh_given(call, "timeout") ? g_get_monotonic_time() + (gint64)(choice->timeout / 1000) : G_MAXINT64;

    for (;;) {
        gint64 left = deadline - g_get_monotonic_time();
        struct event *event;

        while ((event = next(feed))) {
            ++*received;
            if (show(call, event, choice) == 0 && !choice->loop)
                return 0;
        }
        if (left <= 0) {
            *reason = "timed out";
            return 0;
        }
        if (hvsh_wait(call, NULL, 0, (int)MIN(left / 1000 + 1, LIVENESS_MS)) < 0) {
            *reason = "interrupted";
            return 0;
        }
        if (virConnectIsAlive(connection) == 0)
            return hvsh_fail(call, "the connection to the hypervisor was lost while waiting for events");
    }
}

/* Register for the events; their ids are added. 0 or -1. */
static int subscribe(hvsh_call *call, struct feed *feed, void *object, const struct event_choice *choice, GArray *ids)
{
    virConnectPtr connection = hvsh_connection(call);

    for (const struct hvsh_choice *kind = feed->source->kinds; kind->name; kind++) {
        struct subscription *subscription;
        int id;

        if (!choice->all && strcmp(kind->name, choice->event) != 0)
            continue;
        subscription = g_new0(struct subscription, 1);
        g_atomic_int_inc(&feed->refs);
        *subscription = (struct subscription){ feed, kind->name };
        id = feed->source->subscribe(connection, object, (int)kind->value, subscription);
        if (id < 0) {
            event_done(subscription);
            /* of all events those count that this driver and this daemon know */
            if (choice->all)
                continue;
            return hvsh_fail_libvirt(call);
        }
        g_array_append_val(ids, id);
    }
    return ids->len ? 0 : hvsh_fail_libvirt(call);
}

static int list_kinds(hvsh_call *call, const struct event_source *source)
{
    for (const struct hvsh_choice *kind = source->kinds; kind->name; kind++)
        if (object_text(call, &event_names, kind->name) < 0)
            return -1;
    return 0;
}

int event_run(hvsh_call *call, const struct event_source *source, void *object, const struct event_choice *choice)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int));
    struct summary_row row = { NULL, 0 };
    virConnectPtr connection;
    struct feed *feed;
    int result;

    if (choice->list)
        return list_kinds(call, source);
    if (!choice->all && !object_choice(source->kinds, choice->event))
        return hvsh_fail(call, "unknown event type %s", choice->event);
    if (!(connection = hvsh_connection(call)))
        return -1;
    feed = g_new0(struct feed, 1);
    *feed = (struct feed){ .refs = 1, .call = call, .source = source, .queue = G_QUEUE_INIT };
    g_mutex_init(&feed->lock);
    hvsh_begin(call, &event_lines);
    result = subscribe(call, feed, object, choice, ids);
    if (result == 0)
        result = wait_for_events(call, feed, choice, &row.received, &row.reason);
    g_mutex_lock(&feed->lock);
    feed->call = NULL;
    g_mutex_unlock(&feed->lock);
    for (guint i = 0; i < ids->len; i++)
        source->unsubscribe(connection, g_array_index(ids, int, i));
    if (feed->dropped)
        hvsh_note(call, "%" G_GUINT64_FORMAT " events were dropped: they came faster than they could be shown", feed->dropped);
    feed_unref(feed);
    if (result < 0)
        return -1;
    hvsh_emit(call, row.reason ? &event_ended : &event_summary, &row);
    return row.received ? 0 : hvsh_exit(call, 1);
}
