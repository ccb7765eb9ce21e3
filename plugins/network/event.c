/* SPDX-License-Identifier: GPL-3.0-or-later */
/* event.c - net-event. */
#include "network.h"
#include "events.h"

static const struct hvsh_choice kinds[] = {
    { "lifecycle", VIR_NETWORK_EVENT_ID_LIFECYCLE, "defined, undefined, started, stopped" }, { NULL }
};

static const struct hvsh_choice changes[] = {
    { "Defined", VIR_NETWORK_EVENT_DEFINED }, { "Undefined", VIR_NETWORK_EVENT_UNDEFINED }, { "Started", VIR_NETWORK_EVENT_STARTED },
    { "Stopped", VIR_NETWORK_EVENT_STOPPED }, { NULL }
};

static void lifecycle(virConnectPtr connection, virNetworkPtr network, int change, int detail, void *to)
{
    struct event *event = event_new(to, virNetworkGetName(network));
    const char *word = event_word(changes, change);

    (void)connection;
    (void)detail;
    event_detail(event, "change", word);
    event_tell(event, ": %s", word);
}

static int subscribe(virConnectPtr connection, void *network, int kind, void *to)
{
    return virConnectNetworkEventRegisterAny(connection, network, kind, VIR_NETWORK_EVENT_CALLBACK(lifecycle), to, event_done);
}

static const struct event_source source = { "network ", "", kinds, subscribe, virConnectNetworkEventDeregisterAny };

struct event_args { virNetworkPtr network; struct event_choice events; };

static const struct hvsh_field event_args[] = {
    HVSH_NETWORK(struct event_args, network, "only of this network"),
    EVENT_ROWS(struct event_args, kinds),
    HVSH_END
};

static int run(hvsh_call *call, const void *p)
{
    const struct event_args *args = p;

    return event_run(call, &source, args->network, &args->events);
}

const struct hvsh_command COMMAND(event) = {
    .name = "net-event",
    .group = "network",
    .help = "wait for events of networks",
    .description = "Show the first event that comes, or with --loop all of them. The exit status is 1 when none has come.",
    HVSH_ARGS(event_args),
    .shapes = EVENT_SHAPES,
    .examples = HVSH_EXAMPLES({ "net-event --list", "which events there are" },
                              { "net-event --event lifecycle --loop --timeout 60", "what happens in the next minute", HVSH_MATCH_ONLY }),
    .run = run,
};
