/* SPDX-License-Identifier: GPL-3.0-or-later */
/* systemd.c - units of systemd over its D-Bus: see systemd.h */
#include <unistd.h>
#include "systemd.h"

/* A unit may take a while to start; systemd's own limit for it is 90 s. */
#define JOB_TIMEOUT 100

static const struct dbus_object manager = {
    .name = "org.freedesktop.systemd1",
    .path = "/org/freedesktop/systemd1",
    .interface = "org.freedesktop.systemd1.Manager",
};

void systemd_unit_free(void *p)
{
    struct systemd_unit *unit = p;

    if (!unit)
        return;
    g_free(unit->name);
    g_free(unit->load);
    g_free(unit->active);
    g_free(unit->sub);
    g_free(unit->file);
    g_free(unit);
}

bool systemd_booted(const char *root)
{
    g_autofree char *path = g_build_filename(root ? root : "/", "run/systemd/system", NULL);

    return g_file_test(path, G_FILE_TEST_IS_DIR);
}

/* "enabled" and so on; "" for a unit that has no file. */
static char *file_state(GDBusConnection *bus, const char *name)
{
    g_autoptr(GVariant) answer = dbus_call(bus, &manager, "GetUnitFileState", "(s)", NULL, "(s)", name);
    char *state = NULL;

    if (answer)
        g_variant_get(answer, "(s)", &state);
    return state ? state : g_strdup("");
}

GPtrArray *systemd_units(GDBusConnection *bus, const char *const *names, GError **error)
{
    g_autoptr(GVariant) answer = dbus_call(bus, &manager, "ListUnitsByNames", "(a(ssssssouso))", error, "(^as)", names);
    g_autoptr(GHashTable) found = NULL;
    g_autoptr(GVariantIter) list = NULL;
    GPtrArray *units;
    const char *name, *load, *active, *sub;

    if (!answer)
        return NULL;
    found = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, systemd_unit_free);
    g_variant_get(answer, "(a(ssssssouso))", &list);
    while (g_variant_iter_next(list, "(&ss&s&s&ssouso)", &name, NULL, &load, &active, &sub, NULL, NULL, NULL, NULL, NULL)) {
        struct systemd_unit *unit = g_new0(struct systemd_unit, 1);

        unit->name = g_strdup(name);
        unit->load = g_strdup(load);
        unit->active = g_strdup(active);
        unit->sub = g_strdup(sub);
        unit->file = g_str_equal(load, "not-found") ? g_strdup("") : file_state(bus, name);
        g_hash_table_replace(found, unit->name, unit);
    }
    units = g_ptr_array_new_with_free_func(systemd_unit_free);
    for (; *names; names++) {
        struct systemd_unit *unit = g_hash_table_lookup(found, *names);

        if (unit) {
            g_hash_table_steal(found, *names);
        } else {
            unit = g_new0(struct systemd_unit, 1);
            unit->name = g_strdup(*names);
            unit->load = g_strdup("not-found");
            unit->active = g_strdup("inactive");
            unit->sub = g_strdup("dead");
            unit->file = g_strdup("");
        }
        g_ptr_array_add(units, unit);
    }
    return units;
}

/* A job that is waited for: the signal may come before the answer that names the job, so all results are kept. */
struct wait {
    GHashTable *results;           /* job path: result */
};

static void job_removed(GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *signal,
                        GVariant *args, void *p)
{
    struct wait *wait = p;
    char *job, *result;

    (void)bus, (void)sender, (void)path, (void)interface, (void)signal;
    if (!g_variant_is_of_type(args, G_VARIANT_TYPE("(uoss)")))
        return;
    g_variant_get(args, "(uo&ss)", NULL, &job, NULL, &result);
    g_hash_table_replace(wait->results, job, result);
}

static gboolean time_over(void *over)
{
    *(bool *)over = true;
    return G_SOURCE_REMOVE;
}

bool systemd_job(GDBusConnection *bus, const char *verb, const char *unit, GError **error)
{
    static const struct { const char *verb, *method; } verbs[] = {
        { "start", "StartUnit" }, { "stop", "StopUnit" }, { "restart", "RestartUnit" }, { "reload", "ReloadUnit" },
    };
    GMainContext *context = g_main_context_new();
    struct wait wait = { g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free) };
    g_autoptr(GVariant) answer = NULL, subscribed = NULL;
    g_autoptr(GSource) timer = g_timeout_source_new_seconds(JOB_TIMEOUT);
    const char *method = "StartUnit", *job, *result = NULL;
    unsigned int subscription;
    bool over = false;

    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++)
        if (g_str_equal(verb, verbs[i].verb))
            method = verbs[i].method;
    g_main_context_push_thread_default(context);
    subscription = g_dbus_connection_signal_subscribe(bus, manager.name, manager.interface, "JobRemoved", manager.path, NULL,
                                                      G_DBUS_SIGNAL_FLAGS_NONE, job_removed, &wait, NULL);
    subscribed = dbus_call(bus, &manager, "Subscribe", NULL, NULL, NULL);
    answer = dbus_call(bus, &manager, method, "(o)", error, "(ss)", unit, "replace");
    if (answer) {
        g_variant_get(answer, "(&o)", &job);
        g_source_set_callback(timer, time_over, &over, NULL);
        g_source_attach(timer, context);
        while (!over && !(result = g_hash_table_lookup(wait.results, job)))
            g_main_context_iteration(context, TRUE);
        g_source_destroy(timer);
        if (!result)
            g_set_error(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "%s of %s did not end within %d s", verb, unit, JOB_TIMEOUT);
        else if (!g_str_equal(result, "done") && !g_str_equal(result, "skipped"))
            g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s of %s ended as '%s' (journalctl -u %s says why)", verb, unit, result, unit);
    }
    g_dbus_connection_signal_unsubscribe(bus, subscription);
    while (g_main_context_iteration(context, FALSE))
        ;
    g_main_context_pop_thread_default(context);
    g_main_context_unref(context);
    over = answer && result && (g_str_equal(result, "done") || g_str_equal(result, "skipped"));
    g_hash_table_destroy(wait.results);
    return over;
}

bool systemd_enable(GDBusConnection *bus, const char *unit, bool on, GError **error)
{
    const char *units[] = { unit, NULL };
    g_autoptr(GVariant) changed = NULL, reloaded = NULL;

    changed = on ? dbus_call(bus, &manager, "EnableUnitFiles", "(ba(sss))", error, "(^asbb)", units, FALSE, FALSE)
                 : dbus_call(bus, &manager, "DisableUnitFiles", "(a(sss))", error, "(^asb)", units, FALSE);
    if (!changed)
        return false;
    reloaded = dbus_call(bus, &manager, "Reload", NULL, error, NULL);
    return reloaded != NULL;
}
