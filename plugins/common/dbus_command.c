/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dbus_command.c - what commands add to dbus.c: a bus of the call's own, failure in a sentence, Ctrl-C. */
#include "dbus.h"

static void close_bus(void *bus)
{
    dbus_close(bus);
}

GDBusConnection *dbus_of_call(hvsh_call *call)
{
    GError *error = NULL;
    GDBusConnection *bus = dbus_open(NULL, &error);

    if (!bus)
        dbus_fail(call, error, "cannot reach the system's D-Bus");
    return hvsh_defer(call, bus, close_bus);
}

int dbus_fail(hvsh_call *call, GError *error, const char *format, ...)
{
    g_autofree char *what = NULL;
    va_list list;
    const char *hint = dbus_hint(error);

    va_start(list, format);
    what = g_strdup_vprintf(format, list);
    va_end(list);
    hvsh_fail(call, "%s: %s", what, dbus_reason(error));
    if (hint)
        hvsh_hint(call, "%s", hint);
    g_error_free(error);
    return -1;
}

static void cancel(void *cancellable)
{
    g_cancellable_cancel(cancellable);
}

GCancellable *dbus_cancellable(hvsh_call *call)
{
    GCancellable *cancellable = hvsh_defer(call, g_cancellable_new(), g_object_unref);

    hvsh_on_cancel(call, cancel, cancellable);
    return cancellable;
}
