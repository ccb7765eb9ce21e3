/* SPDX-License-Identifier: GPL-3.0-or-later */
/* event.c - event: wait for what happens to guests. */
#include "event.h"

struct event_args { virDomainPtr domain; struct event_choice events; };

static const struct hvsh_field event_args[] = {
    HVSH_DOMAIN(struct event_args, domain, "only of this domain: name, id or uuid"),
    EVENT_NAME_ROW(struct event_args, domain_events),
    EVENT_ALL_ROW(struct event_args),
    EVENT_WAIT_ROWS(struct event_args),
    EVENT_LIST_ROW(struct event_args),
    EVENT_TIMESTAMP_ROW(struct event_args),
    HVSH_EXCLUDES("all", "event"),
    HVSH_EXCLUDES("list", "all"),
    HVSH_EXCLUDES("list", "event"),
    HVSH_ONE_OF("list", "all event", .help = "one of --list, --all, or --event <type> is required"),
    HVSH_END
};

static int subscribe(virConnectPtr connection, void *domain, int kind, void *to)
{
    return virConnectDomainEventRegisterAny(connection, domain, kind, domain_event_callback(kind), to, event_done);
}

static const struct event_source source = { "domain '", "'", domain_events, subscribe, virConnectDomainEventDeregisterAny, NULL };

static int run(hvsh_call *call, const void *p)
{
    const struct event_args *args = p;

    return event_run(call, &source, args->domain, &args->events);
}

static const struct hvsh_command event = {
    .name = "event",
    .group = "events",
    .help = "wait for domain events, or list the kinds there are",
    .description = "Show what happens to guests: the first event, or with --loop each one until the time is over or Ctrl-C. JSON lines "
                   "(--jsonl) give each event as an object with typed details. The exit status is 1 when there was no event.",
    HVSH_ARGS(event_args),
    .shapes = EVENT_SHAPES,
    .examples = HVSH_EXAMPLES({ "event --list", "the kinds of events" },
                              { "event --event lifecycle --domain web1 --timeout 5m", "wait until something happens to web1", HVSH_MATCH_ONLY },
                              { "event --all --loop --timestamp", "show everything", HVSH_MATCH_ONLY }),
    .run = run,
};

HVSH_PLUGIN(
    .name = "event",
    .version = "1",
    .summary = "events of guests",
    .commands = (const struct hvsh_command *const[]){ &event, NULL });
