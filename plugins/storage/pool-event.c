/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pool-event.c - pool-event. */
#include "storage.h"
#include "events.h"

static const struct hvsh_choice kinds[] = {
    { "lifecycle", VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE, "defined, undefined, started, stopped, created, deleted" },
    { "refresh", VIR_STORAGE_POOL_EVENT_ID_REFRESH, "its volumes were looked for" },
    { NULL }
};

static const struct hvsh_choice changes[] = {
    { "Defined", VIR_STORAGE_POOL_EVENT_DEFINED }, { "Undefined", VIR_STORAGE_POOL_EVENT_UNDEFINED },
    { "Started", VIR_STORAGE_POOL_EVENT_STARTED }, { "Stopped", VIR_STORAGE_POOL_EVENT_STOPPED },
    { "Created", VIR_STORAGE_POOL_EVENT_CREATED }, { "Deleted", VIR_STORAGE_POOL_EVENT_DELETED }, { NULL }
};

static void lifecycle(virConnectPtr connection, virStoragePoolPtr pool, int change, int detail, void *to)
{
    struct event *event = event_new(to, virStoragePoolGetName(pool));
    const char *word = event_word(changes, change);

    (void)connection;
    (void)detail;
    event_detail(event, "change", word);
    event_tell(event, ": %s", word);
}

static void refresh(virConnectPtr connection, virStoragePoolPtr pool, void *to)
{
    (void)connection;
    event_tell(event_new(to, virStoragePoolGetName(pool)), "%s", "");
}

static int subscribe(virConnectPtr connection, void *pool, int kind, void *to)
{
    virConnectStoragePoolEventGenericCallback callback = kind == VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE
                                                             ? VIR_STORAGE_POOL_EVENT_CALLBACK(lifecycle)
                                                             : VIR_STORAGE_POOL_EVENT_CALLBACK(refresh);

    return virConnectStoragePoolEventRegisterAny(connection, pool, kind, callback, to, event_done);
}

static const struct event_source source = { "storage pool ", "", kinds, subscribe, virConnectStoragePoolEventDeregisterAny };

struct event_args { virStoragePoolPtr pool; struct event_choice events; };

static const struct hvsh_field event_args[] = {
    HVSH_POOL(struct event_args, pool, "only of this pool"),
    EVENT_ROWS(struct event_args, kinds),
    HVSH_END
};

static int run(hvsh_call *call, const void *p)
{
    const struct event_args *args = p;

    return event_run(call, &source, args->pool, &args->events);
}

const struct hvsh_command COMMAND(pool_event) = {
    .name = "pool-event",
    .group = "pool",
    .help = "wait for events of storage pools",
    .description = "Show the first event that comes, or with --loop all of them. The exit status is 1 when none has come.",
    HVSH_ARGS(event_args),
    .shapes = EVENT_SHAPES,
    .examples = HVSH_EXAMPLES({ "pool-event --list", "which events there are" },
                              { "pool-event --event refresh --loop --timeout 60", "what is looked for in the next minute", HVSH_MATCH_ONLY }),
    .run = run,
};
