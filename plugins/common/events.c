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

struct event_feed {
    gint refs;
    GMutex lock;
    hvsh_call *call;            /* NULL: nobody waits any more */
    GQueue queue;               /* struct event */
    unsigned int dropped;
    const struct event_source *source;
    /* for the command's thread alone */
    hvsh_call *owner;
    virConnectPtr connection;
    GArray *ids;
};

/* The opaque of one registered call-back. */
struct subscription { struct event_feed *feed; const char *kind; };

struct event {
    struct event_feed *feed;    /* for event_tell() */
    char *kind, *name, *rest, *text;
    int64_t time;               /* microseconds */
    virTypedParameterPtr details;
    int count, capacity;
};

void event_free(void *p)
{
    struct event *event = p;

    if (!event)
        return;
    virTypedParamsFree(event->details, event->count);
    g_free(event->kind);
    g_free(event->name);
    g_free(event->rest);
    g_free(event->text);
    g_free(event);
}

static void feed_unref(struct event_feed *feed)
{
    if (!g_atomic_int_dec_and_test(&feed->refs))
        return;
    g_queue_clear_full(&feed->queue, event_free);
    g_mutex_clear(&feed->lock);
    g_array_unref(feed->ids);
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
    const struct subscription *subscription = to;
    struct event *event = g_new0(struct event, 1);

    event->feed = subscription->feed;
    event->kind = g_strdup(subscription->kind);
    event->name = g_strdup(name);
    event->time = g_get_real_time();
    return event;
}

void event_called(struct event *event, const char *kind)
{
    g_free(event->kind);
    event->kind = g_strdup(kind);
}

void event_happened(struct event *event, int64_t microseconds)
{
    event->time = microseconds;
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

void event_flag(struct event *event, const char *key, bool value)
{
    virTypedParamsAddBoolean(&event->details, &event->count, &event->capacity, key, value);
}

void event_params(struct event *event, virTypedParameterPtr params, int count)
{
#define ADD(kind, ...) virTypedParamsAdd##kind(&event->details, &event->count, &event->capacity, params[i].field, params[i].value.__VA_ARGS__)
    for (int i = 0; i < count; i++) {
        switch (params[i].type) {
        case VIR_TYPED_PARAM_INT: ADD(Int, i); break;
        case VIR_TYPED_PARAM_UINT: ADD(UInt, ui); break;
        case VIR_TYPED_PARAM_LLONG: ADD(LLong, l); break;
        case VIR_TYPED_PARAM_ULLONG: ADD(ULLong, ul); break;
        case VIR_TYPED_PARAM_DOUBLE: ADD(Double, d); break;
        case VIR_TYPED_PARAM_BOOLEAN: ADD(Boolean, b); break;
        case VIR_TYPED_PARAM_STRING: ADD(String, s); break;
        default: break;
        }
    }
#undef ADD
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
    struct event_feed *feed = event->feed;
    const struct event_source *source = feed->source;
    va_list list;

    va_start(list, format);
    event->rest = g_strdup_vprintf(format, list);
    va_end(list);
    event->text = g_strdup_printf("event '%s' for %s%s%s%s", event->kind, source->object, event->name, source->after, event->rest);
    g_mutex_lock(&feed->lock);
    if (feed->call && feed->queue.length < FEED_LIMIT) {
        g_queue_push_tail(&feed->queue, g_steal_pointer(&event));
        hvsh_wake(feed->call);
    } else {
        feed->dropped++;
    }
    g_mutex_unlock(&feed->lock);
    event_free(event);
}

/* ---- the command's side: the feed ---- */

void event_close(struct event_feed *feed)
{
    unsigned int dropped;

    g_mutex_lock(&feed->lock);
    feed->call = NULL;
    dropped = feed->dropped;
    feed->dropped = 0;
    g_mutex_unlock(&feed->lock);
    for (; feed->ids->len; g_array_set_size(feed->ids, feed->ids->len - 1))
        feed->source->unsubscribe(feed->connection, g_array_index(feed->ids, int, feed->ids->len - 1));
    if (dropped)
        hvsh_note(feed->owner, "%u events were dropped: they came faster than they could be shown", dropped);
}

static void end_feed(void *p)
{
    struct event_feed *feed = p;

    event_close(feed);
    feed_unref(feed);
}

struct event_feed *event_open(hvsh_call *call, const struct event_source *source, void *object, const char *kind)
{
    virConnectPtr connection = hvsh_connection(call);
    struct event_feed *feed;

    if (!connection)
        return NULL;
    feed = g_new0(struct event_feed, 1);
    *feed = (struct event_feed){ .refs = 1, .call = call, .owner = call, .source = source, .connection = connection, .queue = G_QUEUE_INIT };
    feed->ids = g_array_new(FALSE, FALSE, sizeof(int));
    g_mutex_init(&feed->lock);
    hvsh_defer(call, feed, end_feed);
    for (const struct hvsh_choice *known = source->kinds; known->name; known++) {
        struct subscription *subscription;
        int id;

        if (kind && strcmp(known->name, kind) != 0)
            continue;
        subscription = g_new0(struct subscription, 1);
        g_atomic_int_inc(&feed->refs);
        *subscription = (struct subscription){ feed, known->name };
        id = source->subscribe(connection, object, (int)known->value, subscription);
        if (id >= 0) {
            g_array_append_val(feed->ids, id);
            continue;
        }
        hvsh_keep_error(call);
        event_done(subscription);
        /* of all events those count that this driver and this daemon know */
        if (kind)
            break;
    }
    if (!feed->ids->len) {
        hvsh_fail_libvirt(call);
        return NULL;
    }
    return feed;
}

int event_next(struct event_feed *feed, int timeout, struct event **event)
{
    int64_t end = timeout < 0 ? INT64_MAX : g_get_monotonic_time() + (int64_t)timeout * 1000;

    for (;;) {
        int64_t left = end - g_get_monotonic_time();
        struct event *next;

        g_mutex_lock(&feed->lock);
        next = g_queue_pop_head(&feed->queue);
        g_mutex_unlock(&feed->lock);
        if (next) {
            *event = next;
            return 1;
        }
        if (left <= 0)
            return 0;
        if (hvsh_wait(feed->owner, NULL, 0, (int)MIN(left / 1000 + 1, LIVENESS_MS)) < 0)
            return -1;
        if (virConnectIsAlive(feed->connection) == 0)
            return hvsh_fail(feed->owner, "the connection to the hypervisor was lost while waiting for events");
    }
}

const char *event_get(const struct event *event, const char *key)
{
    const virTypedParameter *detail = virTypedParamsGet(event->details, event->count, key);

    return detail && detail->type == VIR_TYPED_PARAM_STRING ? detail->value.s : NULL;
}

const char *event_rest(const struct event *event)
{
    return event->rest;
}

const char *event_kind(const struct event *event)
{
    return event->kind;
}

const char *event_object(const struct event *event)
{
    return event->name;
}

int64_t event_when(const struct event *event)
{
    return event->time;
}

/* ---- what is shown ---- */

const char *event_timestamp(hvsh_call *call, int64_t microseconds)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(microseconds / G_USEC_PER_SEC);
    g_autofree char *text = g_date_time_format(time, "%Y-%m-%d %H:%M:%S");

    return hvsh_printf(call, "%s.%03d+0000", text, (int)(microseconds / 1000 % 1000));
}

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

/* ---- the command ---- */

/* Show an event and free it. */
static int show(hvsh_call *call, const struct event_source *source, struct event *event, const struct event_choice *choice)
{
    struct event_row row = { event->time / G_USEC_PER_SEC, event->kind, event->name, { event->details, event->count }, event->text };
    int result;

    if (source->line) {
        row.line = source->line(call, event, choice);
    } else if (choice->timestamp) {
        row.line = hvsh_printf(call, "%s: %s", event_timestamp(call, event->time), event->text);
    }
    result = hvsh_emit(call, &event_lines, &row);
    event_free(event);
    return result;
}

static int list_kinds(hvsh_call *call, const struct event_source *source)
{
    for (const struct hvsh_choice *kind = source->kinds; kind->name; kind++)
        if (object_text(call, &event_names, kind->name) < 0)
            return -1;
    return 0;
}

/* Milliseconds until `end` (0: there is none), for event_next(). */
static int until(int64_t end)
{
    int64_t left = (end - g_get_monotonic_time() + 999) / 1000;

    return !end ? -1 : left < 0 ? 0 : (int)MIN(left, INT_MAX);
}

int event_run(hvsh_call *call, const struct event_source *source, void *object, const struct event_choice *choice)
{
    struct summary_row row = { NULL, 0 };
    struct event_feed *feed;
    int64_t end;
    int result;

    if (choice->list)
        return list_kinds(call, source);
    if (!choice->all && !object_choice(source->kinds, choice->event))
        return hvsh_fail(call, "unknown event type %s", choice->event);
    hvsh_begin(call, &event_lines);
    if (!(feed = event_open(call, source, object, choice->all ? NULL : choice->event)))
        return -1;
    end = choice->timeout ? g_get_monotonic_time() + (int64_t)(choice->timeout / 1000) : 0;
    do {
        struct event *event;

        result = event_next(feed, until(end), &event);
        if (result == 1) {
            row.received++;
            if (show(call, source, event, choice) < 0)
                result = -1;
        }
    } while (result == 1 && choice->loop);
    event_close(feed);
    if (result == 0)
        row.reason = "timed out";
    else if (result < 0 && hvsh_cancelled(call))
        row.reason = "interrupted";
    else if (result < 0)
        return -1;
    hvsh_emit(call, row.reason ? &event_ended : &event_summary, &row);
    return hvsh_exit(call, row.received ? 0 : 1);
}
