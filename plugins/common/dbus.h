/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dbus.h - calls on a D-Bus bus for plugins: a connection of one's own, one call, one property, and what an error means to a person.
 *
 * All calls are synchronous with a deadline, on the calling thread, which needs no main loop. Every function that can fail takes a GError:
 * commands give it to dbus_fail(), checks read its message.
 */
#ifndef DBUS_H
#define DBUS_H

#include <gio/gio.h>
#include "hvsh.h"

/* Milliseconds that a service has for its answer, when nothing else is said. */
#define DBUS_TIMEOUT 10000

/* The thing that is called. A static initialiser will do: { .name = "org.freedesktop.systemd1", .path = "/org/...", .interface = "..." } */
struct dbus_object {
    const char *name;              /* the service on the bus */
    const char *path;
    const char *interface;
    int timeout;                   /* milliseconds; 0: DBUS_TIMEOUT */
    GCancellable *cancellable;     /* may be NULL */
};

/*
 * A private connection to the system bus ($DBUS_SYSTEM_BUS_ADDRESS, or the usual socket under `root`; NULL: "/"). It is not shared with
 * other users of GIO in the process, and its end ends nothing else. To be dropped with dbus_close(). NULL with `error` set: no bus there
 * is G_IO_ERROR_NOT_FOUND or G_IO_ERROR_CONNECTION_REFUSED.
 */
GDBusConnection *dbus_open(const char *root, GError **error);
void dbus_close(GDBusConnection *bus);

/* The same for a command: owned by the call; NULL after hvsh_fail(). */
GDBusConnection *dbus_of_call(hvsh_call *call);

/*
 * Call a method: `format` and what follows are its arguments as in g_variant_new() ("(ss)", name, mode; NULL: none; "(@as)" takes a
 * GVariant that exists); `reply` is the type that the answer must have ("(o)"; NULL: any). The answer, or NULL with `error` set, the
 * service's error name kept out of the message. No authentication question is ever asked.
 */
GVariant *dbus_call(GDBusConnection *bus, const struct dbus_object *object, const char *method, const char *reply, GError **error,
                    const char *format, ...);

/* A property, its variant opened; `type` is the type it must have ("s", "as"; NULL: any). */
GVariant *dbus_property(GDBusConnection *bus, const struct dbus_object *object, const char *property, const char *type, GError **error);

/* Is anyone there under that name now? */
bool dbus_runs(GDBusConnection *bus, const char *name);
/* Is anyone there under that name, or can the bus start one? false when the bus cannot be asked either. */
bool dbus_has_service(GDBusConnection *bus, const char *name);

/* What the error says to a person, the usual ones in our words ("permission denied", "NetworkManager does not run"). */
const char *dbus_reason(const GError *error);
/* The usual cure, or NULL. */
const char *dbus_hint(const GError *error);

/* hvsh_fail(): "WHAT: reason", with a hint where there is a usual cure. Frees the error. Returns -1. */
int dbus_fail(hvsh_call *call, GError *error, const char *format, ...) HVSH_FORMAT(3, 4);

/* Ctrl-C ends the calls that are given this: object.cancellable = dbus_cancellable(call). Owned by the call. */
GCancellable *dbus_cancellable(hvsh_call *call);

#endif
