/* SPDX-License-Identifier: GPL-3.0-or-later */
/* systemd.h - units of systemd over its D-Bus: state, enable, start. */
#ifndef SYSTEMD_H
#define SYSTEMD_H

#include "dbus.h"

/* A unit as systemd knows it. Texts are systemd's own words. */
struct systemd_unit {
    char *name;                    /* "libvirtd.socket" */
    char *load;                    /* "loaded", "not-found", "masked" */
    char *active;                  /* "active", "inactive", "failed", "activating" */
    char *sub;                     /* "running", "listening", "dead" */
    char *file;                    /* "enabled", "disabled", "static", "masked", ...; "" when there is no unit file */
};
void systemd_unit_free(void *unit);

/* Was the machine (or the tree under `root`) booted with systemd? */
bool systemd_booted(const char *root);

/* The state of each unit of the NULL-terminated list, in its order: struct systemd_unit; NULL with `error` set. */
GPtrArray *systemd_units(GDBusConnection *bus, const char *const *names, GError **error);

static inline bool systemd_exists(const struct systemd_unit *unit)
{
    return g_str_equal(unit->load, "loaded");
}
static inline bool systemd_active(const struct systemd_unit *unit)
{
    return g_str_equal(unit->active, "active");
}
static inline bool systemd_enabled(const struct systemd_unit *unit)
{
    return g_str_has_prefix(unit->file, "enabled");
}

/* Do what systemctl's start, stop, restart, reload do, and wait until it is done. `verb` is one of these words. */
bool systemd_job(GDBusConnection *bus, const char *verb, const char *unit, GError **error);

/* Have the unit started at boot, or not; systemd reads its files again. */
bool systemd_enable(GDBusConnection *bus, const char *unit, bool on, GError **error);

#endif
