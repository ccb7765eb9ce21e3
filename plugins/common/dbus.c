/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dbus.c - calls on a D-Bus bus: see dbus.h. Nothing here needs a command: programs beside the shell link it too. */
#include <pthread.h>
#include <signal.h>
#include "dbus.h"

/* Where the system bus listens. */
static char *system_address(const char *root)
{
    const char *address = g_getenv("DBUS_SYSTEM_BUS_ADDRESS");
    g_autofree char *socket = NULL, *escaped = NULL;

    if (address && *address && (!root || g_str_equal(root, "/")))
        return g_strdup(address);
    socket = g_build_filename(root ? root : "/", "run/dbus/system_bus_socket", NULL);
    escaped = g_dbus_address_escape_value(socket);
    return g_strconcat("unix:path=", escaped, NULL);
}

GDBusConnection *dbus_open(const char *root, GError **error)
{
    g_autofree char *address = system_address(root);
    GDBusConnection *bus;
    sigset_t all, old;

    /* GIO starts a thread of its own here: the process's signals are not for it */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    bus = g_dbus_connection_new_for_address_sync(
        address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL, NULL, error);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return bus;
}

void dbus_close(GDBusConnection *bus)
{
    if (!bus)
        return;
    g_dbus_connection_close_sync(bus, NULL, NULL);
    g_object_unref(bus);
}

GVariant *dbus_call(GDBusConnection *bus, const struct dbus_object *object, const char *method, const char *reply, GError **error,
                    const char *format, ...)
{
    GVariant *args = NULL, *answer;
    va_list list;

    if (format) {
        va_start(list, format);
        args = g_variant_new_va(format, NULL, &list);
        va_end(list);
    }
    answer = g_dbus_connection_call_sync(bus, object->name, object->path, object->interface, method, args,
                                         reply ? G_VARIANT_TYPE(reply) : NULL, G_DBUS_CALL_FLAGS_NONE,
                                         object->timeout ? object->timeout : DBUS_TIMEOUT, object->cancellable, error);
    return answer;
}

GVariant *dbus_property(GDBusConnection *bus, const struct dbus_object *object, const char *property, const char *type, GError **error)
{
    struct dbus_object properties = *object;
    g_autoptr(GVariant) answer = NULL;
    GVariant *value;

    properties.interface = "org.freedesktop.DBus.Properties";
    answer = dbus_call(bus, &properties, "Get", "(v)", error, "(ss)", object->interface, property);
    if (!answer)
        return NULL;
    g_variant_get(answer, "(v)", &value);
    if (type && !g_variant_is_of_type(value, G_VARIANT_TYPE(type))) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "property %s has the type %s where %s was expected", property,
                    g_variant_get_type_string(value), type);
        g_variant_unref(value);
        return NULL;
    }
    return value;
}

static const struct dbus_object bus_daemon = { "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", 2000, NULL };

bool dbus_runs(GDBusConnection *bus, const char *name)
{
    g_autoptr(GVariant) owned = dbus_call(bus, &bus_daemon, "NameHasOwner", "(b)", NULL, "(s)", name);
    gboolean there = FALSE;

    if (owned)
        g_variant_get(owned, "(b)", &there);
    return there;
}

bool dbus_has_service(GDBusConnection *bus, const char *name)
{
    g_autoptr(GVariant) startable = NULL;
    g_autofree const char **names = NULL;

    if (dbus_runs(bus, name))
        return true;
    startable = dbus_call(bus, &bus_daemon, "ListActivatableNames", "(as)", NULL, NULL);
    if (startable)
        g_variant_get(startable, "(^a&s)", &names);
    return names && g_strv_contains(names, name);
}

/* What is said instead of the services' own words. The code stands in GLib's table of D-Bus errors or in the remote error's name. */
static const struct {
    const char *remote;
    const char *reason, *hint;
} known[] = {
    { "org.freedesktop.DBus.Error.AccessDenied", "permission denied", "do it as root (sudo hvsh ...)" },
    { "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", "permission denied", "do it as root (sudo hvsh ...)" },
    { "org.freedesktop.PolicyKit1.Error.NotAuthorized", "permission denied", "do it as root (sudo hvsh ...)" },
    { "org.freedesktop.DBus.Error.ServiceUnknown", "the service does not run", NULL },
    { "org.freedesktop.DBus.Error.NameHasNoOwner", "the service does not run", NULL },
    { "org.freedesktop.DBus.Error.NoReply", "the service gave no answer in time", NULL },
    { "org.freedesktop.DBus.Error.Timeout", "the service gave no answer in time", NULL },
    { "org.freedesktop.DBus.Error.Disconnected", "the bus closed the connection", NULL },
};

static int find_known(const GError *error)
{
    g_autofree char *name = g_dbus_error_get_remote_error(error);

    for (size_t i = 0; name && i < G_N_ELEMENTS(known); i++)
        if (g_str_equal(name, known[i].remote))
            return (int)i;
    return -1;
}

const char *dbus_reason(const GError *error)
{
    int i = find_known(error);
    const char *text = error->message, *end;

    if (i >= 0)
        return known[i].reason;
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
        return "the service gave no answer in time";
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) || g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
        return "no D-Bus daemon listens";
    /* GDBus puts "GDBus.Error:NAME: " before what the service said */
    if (g_str_has_prefix(text, "GDBus.Error:") && (end = strstr(text, ": ")))
        return end + 2;
    return text;
}

const char *dbus_hint(const GError *error)
{
    int i = find_known(error);

    return i >= 0 ? known[i].hint : NULL;
}
