/* SPDX-License-Identifier: GPL-3.0-or-later */
/* service.c - service-status, service-enable, service-start: libvirt's daemons, the one that does all and the modular ones, by systemd. */
#include "hostnet.h"

#include <string.h>

#include "systemd.h"

/* What guests may need: sockets start their daemons. */
static const char *const known[] = {
    "libvirtd.service",     "libvirtd.socket",       "virtqemud.socket",    "virtnetworkd.socket", "virtstoraged.socket", "virtnodedevd.socket",
    "virtsecretd.socket",   "virtnwfilterd.socket",  "virtinterfaced.socket", "virtproxyd.socket", "virtlogd.socket",     "virtlockd.socket",
    "libvirt-guests.service", NULL,
};

struct service_row {
    const char *name, *active, *file;
};
static const struct hvsh_field service_row[] = {
    HVSH_TEXT(struct service_row, name, "the unit", .label = "Service"),
    HVSH_TEXT(struct service_row, active, "systemd's word: active, inactive, failed, ...", .label = "State"),
    HVSH_TEXT(struct service_row, file, "systemd's word: enabled, disabled, masked, ...", .label = "At boot"),
    HVSH_END,
};
static const struct hvsh_shape service_table = {.name = "services", .kind = HVSH_TABLE, HVSH_ROW(service_row)};
static const struct hvsh_shape enabled = {.name = "service", .kind = HVSH_MESSAGE, .text = "Service '{name}' enabled", HVSH_ROW(service_row)};
static const struct hvsh_shape started = {.name = "service", .kind = HVSH_MESSAGE, .text = "Service '{name}' started", HVSH_ROW(service_row)};

struct service_args {
    const char *service;
};

static int offer_services(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    (void)field;
    for (const char *const *name = known; *name; name++)
        if (g_str_has_prefix(*name, start))
            hvsh_offer(call, *name, NULL);
    return 0;
}

static const struct hvsh_field service_args[] = {
    HVSH_TEXT(struct service_args, service, "the unit, libvirtd or virtqemud.socket (default: all of libvirt's)", .offer = offer_services),
    HVSH_END,
};
static const struct hvsh_field service_needed[] = {
    HVSH_TEXT(struct service_args, service, "the unit, libvirtd or virtqemud.socket", .flags = HVSH_REQUIRED, .offer = offer_services),
    HVSH_END,
};

static GDBusConnection *systemd_bus(hvsh_call *call)
{
    if (systemd_booted(NULL))
        return dbus_of_call(call);
    hvsh_fail(call, "this machine was not started by systemd, and there are no services to ask for");
    return NULL;
}

/* "libvirtd" is libvirtd.service. */
static const char *unit_name(hvsh_call *call, const char *name)
{
    return strchr(name, '.') ? name : hvsh_printf(call, "%s.service", name);
}

static void free_units(void *units)
{
    g_ptr_array_unref(units);
}

/* The state of the units; NULL after hvsh_fail(). */
static GPtrArray *ask(hvsh_call *call, GDBusConnection *bus, const char *const *names)
{
    GError *error = NULL;
    GPtrArray *units = systemd_units(bus, names, &error);

    if (!units)
        dbus_fail(call, error, "cannot ask systemd for its services");
    return hvsh_defer(call, units, units ? free_units : NULL);
}

static int status_run(hvsh_call *call, const void *p)
{
    const struct service_args *args = p;
    const char *const one[] = {args->service ? unit_name(call, args->service) : NULL, NULL};
    GDBusConnection *bus = systemd_bus(call);
    GPtrArray *units = bus ? ask(call, bus, args->service ? one : known) : NULL;

    for (guint i = 0; units && i < units->len; i++) {
        const struct systemd_unit *unit = g_ptr_array_index(units, i);
        struct service_row row = {unit->name, unit->active, *unit->file ? unit->file : NULL};

        if (!systemd_exists(unit) && !args->service)
            continue;
        if (g_str_equal(unit->load, "not-found"))
            return hvsh_fail(call, "there is no service '%s'", unit->name);
        if (hvsh_emit(call, &service_table, &row) < 0)
            return -1;
    }
    return units ? 0 : -1;
}

/* Of a unit without [Install] nothing is written, and that is no error to systemd. */
static bool starts_at_boot(const struct systemd_unit *unit)
{
    return !g_str_equal(unit->file, "static") && !g_str_equal(unit->file, "disabled") && !g_str_equal(unit->file, "indirect");
}

static int change(hvsh_call *call, const struct service_args *args, bool start)
{
    const char *const names[] = {unit_name(call, args->service), NULL};
    GDBusConnection *bus = is_this_machine(call) == 0 ? systemd_bus(call) : NULL;
    GPtrArray *units = bus ? ask(call, bus, names) : NULL;
    struct service_row row = {names[0], NULL, NULL};
    const struct systemd_unit *unit;
    GError *error = NULL;
    bool done;

    if (!units || !units->len)
        return -1;
    unit = g_ptr_array_index(units, 0);
    if (g_str_equal(unit->load, "not-found"))
        return hvsh_fail(call, "there is no service '%s'", names[0]);
    if (hvsh_dry_run(call)) {
        hvsh_note(call, "would %s %s (it is %s, %s)", start ? "start" : "enable", names[0], unit->active, unit->file);
        return 0;
    }
    done = start ? systemd_job(bus, "start", names[0], &error) : systemd_enable(bus, names[0], true, &error);
    if (!done)
        return dbus_fail(call, error, "cannot %s the service '%s'", start ? "start" : "enable", names[0]);
    units = ask(call, bus, names);
    if (!units)
        return -1;
    unit = g_ptr_array_index(units, 0);
    /* systemd takes both for done */
    if (start && g_str_equal(unit->active, "failed")) {
        hvsh_fail(call, "the service '%s' was started and failed", names[0]);
        return hvsh_hint(call, "journalctl -u %s", names[0]);
    }
    if (!start && !starts_at_boot(unit)) {
        hvsh_fail(call, "the service '%s' cannot be enabled: its unit does not say what it is started with (it is %s)", names[0], unit->file);
        return hvsh_hint(call, "it is started by another one: enable that");
    }
    row.active = unit->active;
    row.file = unit->file;
    return hvsh_emit(call, start ? &started : &enabled, &row);
}

static int enable_run(hvsh_call *call, const void *args)
{
    return change(call, args, false);
}

static int start_run(hvsh_call *call, const void *args)
{
    return change(call, args, true);
}

const struct hvsh_command service_status = {
    .name = "service-status",
    .group = "hostnet",
    .help = "tell which of libvirt's services run on this machine, and which will after a boot",
    HVSH_ARGS(service_args),
    .shapes = HVSH_SHAPES(&service_table),
    .examples = HVSH_EXAMPLES({"service-status", "all that are installed", HVSH_ON_LIVE}),
    .run = status_run,
    .flags = HVSH_NO_CONNECTION,
};
const struct hvsh_command service_enable = {
    .name = "service-enable",
    .group = "hostnet",
    .help = "have a service of this machine started at every boot",
    .args = service_needed,
    .args_size = sizeof(struct service_args),
    .shapes = HVSH_SHAPES(&enabled),
    .examples = HVSH_EXAMPLES({"service-enable libvirtd", "libvirt at every boot", HVSH_MATCH_ONLY}),
    .run = enable_run,
    .flags = HVSH_NO_CONNECTION | HVSH_UNDO,
};
const struct hvsh_command service_start = {
    .name = "service-start",
    .group = "hostnet",
    .help = "start a service of this machine now",
    .args = service_needed,
    .args_size = sizeof(struct service_args),
    .shapes = HVSH_SHAPES(&started),
    .examples = HVSH_EXAMPLES({"service-start libvirtd", "libvirt now", HVSH_MATCH_ONLY}),
    .run = start_run,
    .flags = HVSH_NO_CONNECTION | HVSH_UNDO,
};
