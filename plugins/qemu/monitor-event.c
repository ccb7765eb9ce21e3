/* SPDX-License-Identifier: GPL-3.0-or-later */
/* monitor-event.c - qemu-monitor-event: what QEMU tells libvirt, as it comes. */
#include "qemu.h"
#include "events.h"
#include <json-c/json.h>
#include <libvirt/libvirt-qemu.h>

struct monitor_event_args { virDomainPtr domain; struct event_choice events; bool pretty; unsigned int flags; };

static const struct hvsh_field monitor_event_args[] = {
    HVSH_DOMAIN(struct monitor_event_args, domain, "only of this domain: name, id or uuid"),
    HVSH_TEXT(struct monitor_event_args, events.event, "only events of this name, \"RESUME\"", .name = "event"),
    HVSH_FLAG(struct monitor_event_args, pretty, "lay JSON out in lines"),
    EVENT_WAIT_ROWS(struct monitor_event_args),
    HVSH_BIT(struct monitor_event_args, flags, "regex", VIR_CONNECT_DOMAIN_QEMU_MONITOR_EVENT_REGISTER_REGEX, "the name is a regular expression"),
    HVSH_BIT(struct monitor_event_args, flags, "no-case", VIR_CONNECT_DOMAIN_QEMU_MONITOR_EVENT_REGISTER_NOCASE,
             "upper and lower case are the same"),
    EVENT_TIMESTAMP_ROW(struct monitor_event_args),
    HVSH_END
};

static const struct hvsh_choice kinds[] = { { "monitor", 0, "an event of QEMU's monitor" }, { NULL } };

/* The members of the event's data, typed; what is nested stays JSON. */
static void add_details(struct event *event, const char *text)
{
    struct json_object *data = text ? json_tokener_parse(text) : NULL;

    if (json_object_is_type(data, json_type_object)) {
        struct json_object_iterator at = json_object_iter_begin(data), end = json_object_iter_end(data);

        for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
            const char *key = json_object_iter_peek_name(&at);
            struct json_object *value = json_object_iter_peek_value(&at);

            if (json_object_is_type(value, json_type_int))
                event_number(event, key, json_object_get_int64(value));
            else if (json_object_is_type(value, json_type_boolean))
                event_flag(event, key, json_object_get_boolean(value));
            else
                event_detail(event, key, json_object_get_string(value));
        }
    }
    json_object_put(data);
}

static void on_event(virConnectPtr connection, virDomainPtr domain, const char *name, long long seconds, unsigned int microseconds,
                     const char *details, void *to)
{
    struct event *event = event_new(to, virDomainGetName(domain));

    (void)connection;
    event_called(event, name);
    event_happened(event, seconds * G_USEC_PER_SEC + microseconds);
    add_details(event, details);
    event_tell(event, "%s", details ? details : "<null>");
}

static int subscribe(virConnectPtr connection, void *object, int kind, void *to)
{
    const struct monitor_event_args *args = object;

    (void)kind;
    return virConnectDomainQemuMonitorEventRegister(connection, args->domain, args->events.event, on_event, to, event_done, args->flags);
}

static const char *line(hvsh_call *call, const struct event *event, const struct event_choice *choice)
{
    const bool *pretty = hvsh_peer(call, "pretty");
    const char *details = event_rest(event);
    int64_t when = event_when(event);

    if (pretty && *pretty && *details == '{') {
        const char *text = json_again(call, details, true, false);

        details = text ? hvsh_printf(call, "%s\n", text) : details;
    }
    if (choice->timestamp)
        return hvsh_printf(call, "%s: event %s for domain '%s': %s", event_timestamp(call, g_get_real_time()), event_kind(event),
                           event_object(event), details);
    return hvsh_printf(call, "event %s at %lld.%06u for domain '%s': %s", event_kind(event), (long long)(when / G_USEC_PER_SEC),
                       (unsigned int)(when % G_USEC_PER_SEC), event_object(event), details);
}

static const struct event_source source = { "domain '", "'", kinds, subscribe, virConnectDomainQemuMonitorEventDeregister, line };

static int run(hvsh_call *call, const void *p)
{
    struct monitor_event_args args = *(const struct monitor_event_args *)p;
    struct event_choice choice = args.events;

    choice.all = true;      /* the name is a filter on the other side */
    return event_run(call, &source, &args, &choice);
}

const struct hvsh_command qemu_monitor_event = {
    .name = "qemu-monitor-event",
    .group = "domain",
    .help = "wait for events of QEMU's monitor",
    .description = "Show what QEMU tells libvirt, the first event or with --loop all of them. The exit status is 1 when none has come.",
    HVSH_ARGS(monitor_event_args),
    .shapes = EVENT_SHAPES,
    .examples = HVSH_EXAMPLES({ "qemu-monitor-event --loop --timeout 60", "everything of the next minute", HVSH_MATCH_ONLY },
                              { "qemu-monitor-event --event '^block.*' --regex --no-case --pretty", "what happens to disks", HVSH_MATCH_ONLY }),
    .run = run,
};
