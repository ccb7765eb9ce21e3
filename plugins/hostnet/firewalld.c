/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * firewalld.c - firewalld over D-Bus, now and in what it keeps on disk:
 *
 *   firewalld-zone LINK ZONE|- runtime|permanent        now, or on disk too; "-": in none, so in the default one
 *   firewalld-forward ZONE yes|no runtime|permanent     packets from one link of the zone to another: now, or on disk
 *   check-zone LINK ZONE
 *
 * and the look at this machine's firewalls as a whole.
 */
#include "action.h"

#include <string.h>
#include <unistd.h>

#include "dbus.h"
#include "firewall.h"

#define SERVICE "org.fedoraproject.FirewallD1"

static const struct dbus_object main_object = {SERVICE, "/org/fedoraproject/FirewallD1", SERVICE, 0, NULL};
static const struct dbus_object zone_object = {SERVICE, "/org/fedoraproject/FirewallD1", SERVICE ".zone", 0, NULL};
static const struct dbus_object config_object = {SERVICE, "/org/fedoraproject/FirewallD1/config", SERVICE ".config", 0, NULL};

static char *zone_of(GDBusConnection *bus, const struct dbus_object *object, const char *link)
{
    g_autoptr(GVariant) answer = dbus_call(bus, object, "getZoneOfInterface", "(s)", NULL, "(s)", link);
    char *zone = NULL;

    if (answer)
        g_variant_get(answer, "(s)", &zone);
    if (zone && !*zone)
        g_clear_pointer(&zone, g_free);
    return zone;
}

/* A call on a zone as it is kept on disk. */
static bool call_kept(GDBusConnection *bus, const char *zone, const char *method, GVariant *argument, GError **error)
{
    g_autoptr(GVariant) found = NULL, answer = NULL, kept = g_variant_ref_sink(argument);
    struct dbus_object object = {SERVICE, NULL, SERVICE ".config.zone", 0, NULL};
    g_autofree char *path = NULL;

    found = dbus_call(bus, &config_object, "getZoneByName", "(o)", error, "(s)", zone);
    if (!found)
        return false;
    g_variant_get(found, "(o)", &path);
    object.path = path;
    answer = dbus_call(bus, &object, method, NULL, error, g_variant_is_of_type(kept, G_VARIANT_TYPE_STRING) ? "(@s)" : "(@a{sv})", kept);
    return answer != NULL;
}

static bool set_zone(GDBusConnection *bus, const char *link, const char *zone, bool permanent, GError **error)
{
    bool none = strcmp(zone, "-") == 0;
    g_autofree char *now = zone_of(bus, &zone_object, link), *kept = zone_of(bus, &config_object, link);
    g_autoptr(GVariant) answer = NULL;

    if (permanent && g_strcmp0(kept, zone) != 0) {
        if (kept && !call_kept(bus, kept, "removeInterface", g_variant_new_string(link), error))
            return false;
        if (!none && !call_kept(bus, zone, "addInterface", g_variant_new_string(link), error))
            return false;
    }
    if (none ? !now : g_strcmp0(now, zone) == 0)
        return true;
    answer = none ? dbus_call(bus, &zone_object, "removeInterface", NULL, error, "(ss)", "", link)
                  : dbus_call(bus, &zone_object, "changeZoneOfInterface", NULL, error, "(ss)", zone, link);
    return answer != NULL;
}

static GVariant *forward_setting(bool on)
{
    GVariantBuilder settings;

    g_variant_builder_init(&settings, G_VARIANT_TYPE("a{sv}"));
    g_variant_builder_add(&settings, "{sv}", "forward", g_variant_new_boolean(on));
    return g_variant_builder_end(&settings);
}

static bool set_forward(GDBusConnection *bus, const char *zone, bool on, bool permanent, GError **error)
{
    g_autoptr(GVariant) answer = NULL;

    if (permanent)
        return call_kept(bus, zone, "update2", forward_setting(on), error);
    answer = dbus_call(bus, &zone_object, "setZoneSettings2", NULL, error, "(s@a{sv})", zone, forward_setting(on));
    return answer != NULL;
}

int firewalld_action(const struct action_context *context, char *const *words, char **error)
{
    g_autoptr(GError) problem = NULL;
    bool done = false, permanent;
    GDBusConnection *bus;

    if (g_strv_length((char **)(uintptr_t)words) < 4) {
        *error = g_strdup_printf("the journal has an incomplete action '%s'", words[0]);
        return -1;
    }
    if (context->boot)
        return 0;
    permanent = strcmp(words[3], "permanent") == 0;
    bus = dbus_open(NULL, &problem);
    if (bus && !dbus_runs(bus, SERVICE)) {
        dbus_close(bus);
        /* its settings of now went with it */
        if (context->undoing && !permanent)
            return 0;
        *error = g_strdup("firewalld does not run");
        return -1;
    }
    if (bus && strcmp(words[0], "firewalld-zone") == 0)
        done = set_zone(bus, words[1], words[2], permanent, &problem);
    else if (bus && strcmp(words[0], "firewalld-forward") == 0)
        done = set_forward(bus, words[1], strcmp(words[2], "yes") == 0, permanent, &problem);
    else if (bus)
        g_set_error(&problem, G_IO_ERROR, G_IO_ERROR_FAILED, "an action that this version does not know");
    dbus_close(bus);
    if (done)
        return 0;
    *error = g_strdup_printf("firewalld, %s: %s", words[0] + strlen("firewalld-"), dbus_reason(problem));
    return -1;
}

bool firewall_holds(char *const *words, char **error)
{
    if (strcmp(words[0], "check-passes") == 0) {
        struct firewall *firewall = firewall_probe(NULL, words[1]);
        g_autofree char *where = firewall->unread ? g_strdup(firewall->unread) : firewall_dropped_by(firewall, words[1]);

        firewall_free(firewall);
        if (!where)
            return true;
        *error = g_strdup_printf("packets on %s are still dropped by %s", words[1], where);
        return false;
    }
    if (strcmp(words[0], "check-zone") == 0 && words[2]) {
        GDBusConnection *bus = dbus_open(NULL, NULL);
        g_autofree char *zone = bus ? zone_of(bus, &zone_object, words[1]) : NULL;

        dbus_close(bus);
        if (g_strcmp0(zone, words[2]) == 0)
            return true;
        *error = g_strdup_printf("%s is in firewalld's zone %s, not %s", words[1], zone ? zone : "(none)", words[2]);
        return false;
    }
    *error = g_strdup_printf("the journal has a check '%s' that this version does not know", words[0]);
    return false;
}

/* ---- Looking ---- */

/* Does the zone forward within itself, as it is on disk? */
static bool forwards_kept(GDBusConnection *bus, const char *zone)
{
    g_autoptr(GVariant) found = dbus_call(bus, &config_object, "getZoneByName", "(o)", NULL, "(s)", zone), answer = NULL, settings = NULL;
    struct dbus_object object = {SERVICE, NULL, SERVICE ".config.zone", 0, NULL};
    gboolean on = FALSE;

    if (!found)
        return false;
    g_variant_get(found, "(&o)", &object.path);
    answer = dbus_call(bus, &object, "getSettings2", "(a{sv})", NULL, NULL);
    settings = answer ? g_variant_get_child_value(answer, 0) : NULL;
    return settings && g_variant_lookup(settings, "forward", "b", &on) && on;
}

static void probe_firewalld(struct firewall *firewall, const char *bridge)
{
    GDBusConnection *bus = dbus_open(NULL, NULL);
    g_autoptr(GVariant) answer = NULL, zones = NULL;
    GVariantIter *iter;
    const char *zone;

    if (!bus)
        return;
    /* asked, not started: a firewall that is off stays off */
    answer = dbus_runs(bus, SERVICE) ? dbus_property(bus, &main_object, "state", "s", NULL) : NULL;
    if (answer && strcmp(g_variant_get_string(answer, NULL), "RUNNING") == 0) {
        firewall->firewalld = true;
        firewall->zone = zone_of(bus, &zone_object, bridge);
        if (!firewall->zone) {
            g_autoptr(GVariant) usual = dbus_call(bus, &main_object, "getDefaultZone", "(s)", NULL, NULL);

            firewall->zone_by_default = true;
            if (usual)
                g_variant_get(usual, "(s)", &firewall->zone);
        }
        firewall->forwards_kept = firewall->zone && forwards_kept(bus, firewall->zone);
        zones = dbus_call(bus, &zone_object, "getZones", "(as)", NULL, NULL);
    }
    if (zones) {
        g_variant_get(zones, "(as)", &iter);
        while (g_variant_iter_loop(iter, "&s", &zone))
            g_ptr_array_add(firewall->zones, g_strdup(zone));
        g_variant_iter_free(iter);
    }
    dbus_close(bus);
}

struct firewall *firewall_probe(const struct host_state *state, const char *bridge)
{
    struct firewall *firewall = firewall_read(state ? state->root : NULL);

    probe_firewalld(firewall, bridge);
    return firewall;
}
