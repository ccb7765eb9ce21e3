/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nm_action.c - NetworkManager over D-Bus:
 *
 *   nm-add PROFILE          a{sa{sv}} as text; on disk at once
 *   nm-delete UUID          without NetworkManager its file is removed
 *   nm-activate UUID LINK   and wait until it is up
 *   nm-begin UUID LINK      the same without waiting
 *   nm-reload               read files that others wrote, netplan mostly
 *   nm-zone LINK ZONE|-     firewalld's zone, in the profile that the link has now
 */
#include "action.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "dbus.h"
#include "probe.h"

#define PROFILES "/etc/NetworkManager/system-connections"
#define ACTIVATION_SECONDS 60
#define NO_OBJECT "/"
#define RELOAD_CONFIGURATION 0x1
#define ADD_TO_DISK 0x1
#define ADD_BLOCK_AUTOCONNECT 0x20

static const struct dbus_object manager = {
    .name = "org.freedesktop.NetworkManager",
    .path = "/org/freedesktop/NetworkManager",
    .interface = "org.freedesktop.NetworkManager",
    .timeout = 30000,
};
static const struct dbus_object settings = {
    .name = "org.freedesktop.NetworkManager",
    .path = "/org/freedesktop/NetworkManager/Settings",
    .interface = "org.freedesktop.NetworkManager.Settings",
    .timeout = 30000,
};

/* The object of a profile, or NULL. */
static char *profile_path(GDBusConnection *bus, const char *uuid, GError **error)
{
    g_autoptr(GVariant) answer = dbus_call(bus, &settings, "GetConnectionByUuid", "(o)", error, "(s)", uuid);
    char *path = NULL;

    if (answer)
        g_variant_get(answer, "(o)", &path);
    return path;
}

static struct dbus_object profile_object(const char *path)
{
    return (struct dbus_object){manager.name, path, "org.freedesktop.NetworkManager.Settings.Connection", 30000, NULL};
}

static bool add_profile(GDBusConnection *bus, const char *text, GError **error)
{
    g_autoptr(GVariant) profile = g_variant_parse(G_VARIANT_TYPE("a{sa{sv}}"), text, NULL, NULL, error), answer = NULL;

    if (!profile)
        return false;
    /* to disk, and not activated for itself: a bridge without its port would answer for the card's addresses */
    answer = dbus_call(bus, &settings, "AddConnection2", "(oa{sv})", error, "(@a{sa{sv}}ua{sv})", profile, ADD_TO_DISK | ADD_BLOCK_AUTOCONNECT,
                       NULL);
    if (!answer && g_error_matches(*error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD)) {
        /* before 1.20 */
        g_clear_error(error);
        answer = dbus_call(bus, &settings, "AddConnection", "(o)", error, "(@a{sa{sv}})", profile);
    }
    return answer != NULL;
}

static bool delete_profile(GDBusConnection *bus, const char *uuid, bool gone_is_fine, GError **error)
{
    g_autofree char *path = profile_path(bus, uuid, error);
    g_autoptr(GVariant) answer = NULL;
    struct dbus_object object;

    if (!path) {
        if (gone_is_fine && g_dbus_error_is_remote_error(*error)) {
            g_autofree char *name = g_dbus_error_get_remote_error(*error);

            if (strstr(name, "InvalidConnection")) {
                g_clear_error(error);
                return true;
            }
        }
        return false;
    }
    object = profile_object(path);
    answer = dbus_call(bus, &object, "Delete", NULL, error, NULL);
    return answer != NULL;
}

/* NetworkManager is not there to ask: the file of the profile goes, so that it does not come back with it. */
static void delete_profile_file(const char *uuid)
{
    g_autofree char *line = g_strdup_printf("uuid=%s\n", uuid);
    g_autoptr(GDir) dir = g_dir_open(PROFILES, 0, NULL);
    const char *entry;

    while (dir && (entry = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(PROFILES, entry, NULL), *text = NULL;

        if (g_file_get_contents(path, &text, NULL, NULL) && strstr(text, line))
            unlink(path);
    }
}

static bool await_activation(GDBusConnection *bus, const char *active, GError **error)
{
    struct dbus_object object = {manager.name, active, "org.freedesktop.NetworkManager.Connection.Active", 5000, NULL};

    for (int tenths = 0; tenths < ACTIVATION_SECONDS * 20; tenths++) {
        g_autoptr(GVariant) state = dbus_property(bus, &object, "State", "u", error);

        if (!state)
            return false;
        if (g_variant_get_uint32(state) == 2)
            return true;
        if (g_variant_get_uint32(state) > 2) {
            g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "the profile was activated, and went down again");
            return false;
        }
        g_usleep(50000);
    }
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "the profile is not up after %d s", ACTIVATION_SECONDS);
    return false;
}

static bool activate(GDBusConnection *bus, const char *uuid, const char *link, bool wait, GError **error)
{
    g_autofree char *path = profile_path(bus, uuid, error), *device = NULL, *active = NULL;
    g_autoptr(GVariant) found = NULL, answer = NULL;

    if (!path)
        return false;
    found = dbus_call(bus, &manager, "GetDeviceByIpIface", "(o)", error, "(s)", link);
    if (!found)
        return false;
    g_variant_get(found, "(o)", &device);
    answer = dbus_call(bus, &manager, "ActivateConnection", "(o)", error, "(ooo)", path, device, NO_OBJECT);
    if (!answer)
        return false;
    g_variant_get(answer, "(o)", &active);
    return !wait || await_activation(bus, active, error);
}

/* The profile of the link gets another zone; NetworkManager tells firewalld at once. */
static bool set_zone(GDBusConnection *bus, const char *link, const char *zone, GError **error)
{
    g_autofree char *device = NULL, *active = NULL, *path = NULL;
    g_autoptr(GVariant) found = NULL, connection = NULL, settings_now = NULL, sections = NULL, profile = NULL, answer = NULL;
    struct dbus_object object;
    GVariantDict keys;
    GVariantIter iter;
    GVariantBuilder all;
    const char *name;
    GVariant *section;

    found = dbus_call(bus, &manager, "GetDeviceByIpIface", "(o)", error, "(s)", link);
    if (!found)
        return false;
    g_variant_get(found, "(o)", &device);
    object = (struct dbus_object){manager.name, device, "org.freedesktop.NetworkManager.Device", 5000, NULL};
    connection = dbus_property(bus, &object, "ActiveConnection", "o", error);
    if (!connection)
        return false;
    active = g_variant_dup_string(connection, NULL);
    object = (struct dbus_object){manager.name, active, "org.freedesktop.NetworkManager.Connection.Active", 5000, NULL};
    profile = dbus_property(bus, &object, "Connection", "o", error);
    if (!profile)
        return false;
    path = g_variant_dup_string(profile, NULL);
    object = profile_object(path);
    settings_now = dbus_call(bus, &object, "GetSettings", "(a{sa{sv}})", error, NULL);
    if (!settings_now)
        return false;
    g_variant_builder_init(&all, G_VARIANT_TYPE("a{sa{sv}}"));
    sections = g_variant_get_child_value(settings_now, 0);
    g_variant_iter_init(&iter, sections);
    while (g_variant_iter_loop(&iter, "{&s@a{sv}}", &name, &section)) {
        if (strcmp(name, "connection") != 0) {
            g_variant_builder_add(&all, "{s@a{sv}}", name, section);
            continue;
        }
        g_variant_dict_init(&keys, section);
        g_variant_dict_remove(&keys, "zone");
        if (strcmp(zone, "-") != 0)
            g_variant_dict_insert(&keys, "zone", "s", zone);
        g_variant_builder_add(&all, "{s@a{sv}}", name, g_variant_dict_end(&keys));
    }
    answer = dbus_call(bus, &object, "Update", NULL, error, "(@a{sa{sv}})", g_variant_builder_end(&all));
    return answer != NULL;
}

/* Settings first: they say which links are its own. */
static bool reload(GDBusConnection *bus, GError **error)
{
    g_autoptr(GVariant) configured = dbus_call(bus, &manager, "Reload", NULL, NULL, "(u)", RELOAD_CONFIGURATION);
    g_autoptr(GVariant) answer = dbus_call(bus, &settings, "ReloadConnections", "(b)", error, NULL);

    return answer != NULL;
}

static bool is_complete(char *const *words)
{
    bool alone = strcmp(words[0], "nm-reload") == 0, one = strcmp(words[0], "nm-add") == 0 || strcmp(words[0], "nm-delete") == 0;

    return alone || (words[1] && (one || words[2]));
}

int nm_action(const struct action_context *context, char *const *words, char **error)
{
    g_autoptr(GError) problem = NULL;
    GDBusConnection *bus;
    bool done = false, runs;

    if (!is_complete(words)) {
        *error = g_strdup_printf("the journal has an incomplete action '%s'", words[0]);
        return -1;
    }
    bus = context->boot ? NULL : dbus_open(NULL, &problem);
    runs = bus && dbus_has_service(bus, manager.name);
    if (!runs && strcmp(words[0], "nm-delete") == 0) {
        delete_profile_file(words[1]);
        dbus_close(bus);
        return 0;
    }
    if (context->boot)
        return 0;
    if (!runs) {
        *error = g_strdup("NetworkManager does not run");
        dbus_close(bus);
        return -1;
    }
    if (strcmp(words[0], "nm-add") == 0)
        done = add_profile(bus, words[1], &problem);
    else if (strcmp(words[0], "nm-delete") == 0)
        done = delete_profile(bus, words[1], context->undoing, &problem);
    else if (strcmp(words[0], "nm-activate") == 0)
        done = activate(bus, words[1], words[2], true, &problem);
    else if (strcmp(words[0], "nm-begin") == 0)
        done = activate(bus, words[1], words[2], false, &problem);
    else if (strcmp(words[0], "nm-reload") == 0)
        done = reload(bus, &problem);
    else if (strcmp(words[0], "nm-zone") == 0)
        done = set_zone(bus, words[1], words[2], &problem);
    else
        g_set_error(&problem, G_IO_ERROR, G_IO_ERROR_FAILED, "an action that this version does not know");
    dbus_close(bus);
    if (done)
        return 0;
    *error = g_strdup_printf("NetworkManager, %s: %s", words[0] + strlen("nm-"), dbus_reason(problem));
    return -1;
}

/* ---- Looking ---- */

/* The active profile of a link; NULL: none, or it is not shown. */
static GVariant *active_profile(GDBusConnection *bus, const struct host_state *state, const char *name)
{
    const struct netlink_link *link = host_link(state, name);
    g_autofree char *uuid = link && (host_owners(state, name) & OWNER_NM) ? nm_active_uuid(state, link) : NULL;
    g_autofree char *path = uuid ? profile_path(bus, uuid, NULL) : NULL;
    g_autoptr(GVariant) answer = NULL;
    struct dbus_object object;

    if (!path)
        return NULL;
    object = profile_object(path);
    answer = dbus_call(bus, &object, "GetSettings", "(a{sa{sv}})", NULL, NULL);
    return answer ? g_variant_get_child_value(answer, 0) : NULL;
}

void probe_nm_profiles(struct host_state *state, const char *port, const char *bridge)
{
    GDBusConnection *bus = (host_owners(state, port) | host_owners(state, bridge)) & OWNER_NM ? dbus_open(NULL, NULL) : NULL;

    if (!bus)
        return;
    state->nm_runs = dbus_runs(bus, manager.name);
    state->nm_profile = active_profile(bus, state, port);
    state->nm_bridge = active_profile(bus, state, bridge);
    dbus_close(bus);
}

/* "nic0, nic1": the links of a checkpoint. */
static char *names_of(GDBusConnection *bus, GVariant *devices)
{
    GString *names = g_string_new(NULL);
    GVariantIter iter;
    const char *path;

    g_variant_iter_init(&iter, devices);
    while (g_variant_iter_next(&iter, "&o", &path)) {
        const struct dbus_object device = {manager.name, path, "org.freedesktop.NetworkManager.Device", 5000, NULL};
        g_autoptr(GVariant) name = dbus_property(bus, &device, "Interface", "s", NULL);

        if (name)
            g_string_append_printf(names, "%s%s", names->len ? ", " : "", g_variant_get_string(name, NULL));
    }
    return g_string_free(names, FALSE);
}

/* Who made it, NetworkManager tells only in its log. */
static bool describe_checkpoint(GDBusConnection *bus, const char *path, char **sentence, char **hint)
{
    const struct dbus_object checkpoint = {manager.name, path, "org.freedesktop.NetworkManager.Checkpoint", 5000, NULL};
    g_autoptr(GVariant) created = dbus_property(bus, &checkpoint, "Created", "x", NULL);
    g_autoptr(GVariant) timeout = dbus_property(bus, &checkpoint, "RollbackTimeout", "u", NULL);
    g_autoptr(GVariant) devices = dbus_property(bus, &checkpoint, "Devices", "ao", NULL);
    g_autofree char *names = NULL, *end = NULL;
    struct timespec now;
    gint64 age;

    if (!created || !timeout || !devices)
        return false; /* it is over by now */
    clock_gettime(CLOCK_BOOTTIME, &now);
    age = MAX(0, now.tv_sec - g_variant_get_int64(created) / 1000);
    names = names_of(bus, devices);
    end = g_variant_get_uint32(timeout)
              ? g_strdup_printf(" in %" G_GINT64_FORMAT " s", MAX(0, (gint64)g_variant_get_uint32(timeout) - age))
              : g_strdup("");
    *sentence = g_strdup_printf("another program is changing the network: its checkpoint of NetworkManager (%s, made %" G_GINT64_FORMAT
                                " s ago) takes back every change%s unless that program keeps it", names, age, end);
    *hint = g_strdup_printf("wait until it is done; cockpit and nmstate make checkpoints, and NetworkManager's log tells the process that made "
                            "this one (journalctl -u NetworkManager -g checkpoint-create): %s", path);
    return true;
}

bool probe_nm_checkpoint(char **sentence, char **hint)
{
    GDBusConnection *bus = dbus_open(NULL, NULL);
    g_autoptr(GVariant) checkpoints = bus ? dbus_property(bus, &manager, "Checkpoints", "ao", NULL) : NULL;
    bool found = false;

    for (gsize i = 0; checkpoints && !found && i < g_variant_n_children(checkpoints); i++) {
        const char *path;

        g_variant_get_child(checkpoints, i, "&o", &path);
        found = describe_checkpoint(bus, path, sentence, hint);
    }
    dbus_close(bus);
    return found;
}
