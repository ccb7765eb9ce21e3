/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * events.h - waiting for libvirt's events: net-event, pool-event, secret-event, nodedev-event, event.
 *
 * A plugin says which events there are, how to register for one, and in its call-backs (which run on libvirt's event loop) what has
 * happened; options, time limit, lines, JSON and clean-up are the same for all.
 *
 *     struct event_args { virNetworkPtr network; struct event_choice events; };
 *     static const struct hvsh_field event_args[] = { HVSH_NETWORK(...), EVENT_ROWS(struct event_args, kinds), HVSH_END };
 *
 *     static void lifecycle(virConnectPtr connection, virNetworkPtr network, int event, int detail, void *to)
 *     {
 *         const char *what = event_word(network_changes, event);
 *         struct event *told = event_new(to, virNetworkGetName(network));
 *         event_detail(told, "change", what);
 *         event_tell(told, ": %s", what);
 *     }
 */
#ifndef COMMON_EVENTS_H
#define COMMON_EVENTS_H

#include "hvsh.h"

struct event_choice {
    const char *event;
    bool all, loop, list, timestamp;
    uint64_t timeout;
};

/* The options, bound to a member `struct event_choice events`; `kinds` is a table of words, the value libvirt's number of the event. */
#define EVENT_NAME_ROW(s, kinds) HVSH_TEXT(s, events.event, "the event to wait for", .name = "event", .choices = (kinds))
#define EVENT_ALL_ROW(s) HVSH_FLAG(s, events.all, "wait for every event", .name = "all")
#define EVENT_WAIT_ROWS(s) \
    HVSH_FLAG(s, events.loop, "until the time is over or Ctrl-C, not only the first", .name = "loop"), \
    HVSH_DURATION(s, events.timeout, "how long at most", .name = "timeout", .unit = "s", .min = 1, .max = 2147483ULL * 1000000000)
#define EVENT_LIST_ROW(s) HVSH_FLAG(s, events.list, "show which events there are", .name = "list")
#define EVENT_TIMESTAMP_ROW(s) HVSH_FLAG(s, events.timestamp, "the time before each event", .name = "timestamp")
#define EVENT_ROWS(s, kinds) \
    EVENT_NAME_ROW(s, kinds), EVENT_WAIT_ROWS(s), EVENT_LIST_ROW(s), EVENT_TIMESTAMP_ROW(s), \
    HVSH_ONE_OF("list", "event", .help = "either --list or --event <type> is required")

extern const struct hvsh_shape event_lines, event_summary, event_ended, event_names;
#define EVENT_SHAPES HVSH_SHAPES(&event_lines, &event_summary, &event_ended, &event_names)

struct event;

/* A kind of objects that have events. */
struct event_source {
    const char *object;                  /* the sentence up to the name: "network ", "domain '" */
    const char *after;                   /* what follows the name: "" or "'" */
    const struct hvsh_choice *kinds;
    /* Register for one kind of events, of one object or (NULL) of all; `to` is the call-back's opaque, and event_done() its free function. */
    int (*subscribe)(virConnectPtr connection, void *object, int kind, void *to);
    int (*unsubscribe)(virConnectPtr connection, int id);
    /* Optional: the whole line of an event, time included when it is wanted, in place of the usual one. On the command's thread. */
    const char *(*line)(hvsh_call *call, const struct event *event, const struct event_choice *choice);
};
void event_done(void *to);

/* Run the command. */
int event_run(hvsh_call *call, const struct event_source *source, void *object, const struct event_choice *choice);

/* For call-backs: an event of the object `name`; facts for JSON and Lua; then the rest of the sentence, which frees it. */
struct event *event_new(void *to, const char *name);
void event_detail(struct event *event, const char *key, const char *value);      /* NULL: left out */
void event_number(struct event *event, const char *key, long long value);
void event_flag(struct event *event, const char *key, bool value);
void event_params(struct event *event, virTypedParameterPtr params, int count);
void event_called(struct event *event, const char *kind);                        /* its kind, where the other side names it */
void event_happened(struct event *event, int64_t microseconds);                  /* when, since 1970, where the other side tells */
void event_tell(struct event *event, const char *format, ...) HVSH_FORMAT(2, 3);
/* The word for a number, "unknown" when there is none. */
const char *event_word(const struct hvsh_choice *words, int value);

/*
 * For commands that wait for something of their own, the end of a job say: the queue alone. It is closed when the call ends, if not before.
 * event_open(): of one kind, or (NULL) of all; NULL after hvsh_fail().
 * event_next(): 1: *event is the next, to be freed; 0: the time (milliseconds; -1: no limit) is over; -1: cancelled, or the connection is
 * lost, after hvsh_fail().
 */
struct event_feed;
struct event_feed *event_open(hvsh_call *call, const struct event_source *source, void *object, const char *kind);
int event_next(struct event_feed *feed, int timeout, struct event **event);
void event_close(struct event_feed *feed);
void event_free(void *event);
/* What event_detail() was told, or NULL; what event_tell() was; the kind of event, the name of the object; when, in microseconds since 1970. */
const char *event_get(const struct event *event, const char *key);
const char *event_rest(const struct event *event);
const char *event_kind(const struct event *event);
const char *event_object(const struct event *event);
int64_t event_when(const struct event *event);
/* "2026-01-31 12:00:00.123+0000", as the lines have it. */
const char *event_timestamp(hvsh_call *call, int64_t microseconds);

#endif
