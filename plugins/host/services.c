/* SPDX-License-Identifier: GPL-3.0-or-later */
/* services.c - checks of libvirt's daemons: by systemd's D-Bus, and by their sockets where there is no systemd */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "check.h"
#include "systemd.h"

/* The units that are asked for, in one call. PARTS to LAST_PART are what stands beside virtqemud. */
enum {
    LIBVIRTD_SOCKET = 0, LIBVIRTD, QEMU_SOCKET, QEMU, GUESTS,
    PARTS, LAST_PART = PARTS + 6, LOG_SOCKET = LAST_PART, UNITS,
};
static const char *const unit_names[UNITS + 1] = {
    "libvirtd.socket", "libvirtd.service", "virtqemud.socket", "virtqemud.service", "libvirt-guests.service",
    "virtnetworkd.socket", "virtstoraged.socket", "virtnodedevd.socket", "virtsecretd.socket", "virtnwfilterd.socket", "virtproxyd.socket",
    "virtlogd.socket", NULL,
};

/* The units of a host that runs systemd; NULL: none, or it could not be asked (*reason says why). */
static const struct systemd_unit *const *host_units(struct host *host, char **reason)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *no_bus = NULL;
    GDBusConnection *bus;

    if (host->units)
        return (const struct systemd_unit *const *)host->units->pdata;
    if (!systemd_booted(*host->root ? host->root : NULL)) {
        *reason = g_strdup("systemd does not run here");
        return NULL;
    }
    if ((bus = host_bus(host, &no_bus)))
        host->units = systemd_units(bus, unit_names, &error);
    if (!host->units) {
        *reason = g_strdup_printf("systemd cannot be asked: %s", no_bus ? no_bus : dbus_reason(error));
        return NULL;
    }
    return (const struct systemd_unit *const *)host->units->pdata;
}

/* Does somebody answer at the socket? 0, or errno. */
static int try_socket(struct host *host, const char *name)
{
    g_autofree char *path = host_path(host, "run/libvirt/%s", name);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd, error;

    if (strlen(path) >= sizeof address.sun_path)
        return ENAMETOOLONG;
    strcpy(address.sun_path, path);
    if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) < 0)
        return errno;
    error = connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ? errno : 0;
    close(fd);
    return error;
}

/* virtlogd's, who writes guests' logs for any of the daemons. It goes on when they end, and does not start twice. */
#define LOG "virtlogd-sock"

/* What is installed: the modular daemon counts when there is no libvirtd. */
static bool is_whole(struct host *host)
{
    return host_exists(host, "usr/sbin/libvirtd") || host_exists(host, "usr/bin/libvirtd");
}

static bool is_modular(struct host *host)
{
    return !is_whole(host) && (host_exists(host, "usr/sbin/virtqemud") || host_exists(host, "usr/bin/virtqemud"));
}

/* The unit that starts what is installed; NULL: systemd knows none. */
static const struct systemd_unit *main_unit(struct host *host, const struct systemd_unit *const *units)
{
    const struct systemd_unit *unit = units[is_modular(host) ? QEMU_SOCKET : LIBVIRTD_SOCKET];

    return g_str_equal(unit->load, "not-found") ? NULL : unit;
}

/* The package that brings the units, where it is not the one of the daemon. */
static const char *units_package(const struct host *host)
{
    switch (host_family(host, NULL)) {
    case FAMILY_DEBIAN: return "libvirt-daemon-system";
    case FAMILY_SUSE:   return "libvirt-daemon-qemu";
    case FAMILY_UNKNOWN: return NULL;
    default:            return "libvirt";
    }
}

static void run_daemon(struct host *host, const struct check *check, struct result *result)
{
    static const char *const sockets[] = { "libvirt-sock", "virtqemud-sock" };
    g_autofree char *reason = NULL, *install = NULL;
    const struct systemd_unit *const *units = host_units(host, &reason), *unit;
    const char *daemon = is_modular(host) ? "virtqemud" : "libvirtd";
    int error = ENOENT;
    bool hidden = false;

    (void)check;
    for (size_t i = 0; units && i < 4; i++)
        if (systemd_active(units[i])) {
            found(result, PASS, "%s is %s (%s)", units[i]->name, units[i]->active, units[i]->sub);
            return;
        }
    for (size_t i = 0; i < G_N_ELEMENTS(sockets); i++) {
        int one = try_socket(host, sockets[i]);
        if (one == EACCES && !host_exists(host, "run/libvirt/%s", sockets[i])) {
            hidden = true;
            continue;
        }
        if (!one || one == EACCES) {
            found(result, PASS, one ? "/run/libvirt/%s is there (not open to you)" : "it answers at /run/libvirt/%s", sockets[i]);
            return;
        }
        if (one != ENOENT)
            error = one;
    }
    if (!is_whole(host) && !is_modular(host)) {
        found(result, FAIL, "no libvirt daemon is installed");
        cure(result, "see pkg-libvirt first");
    } else if (hidden && !units) {
        unsure(result, "/run/libvirt: %s (root may look)", g_strerror(EACCES));
    } else if (!units && systemd_booted(*host->root ? host->root : NULL)) {
        unsure(result, "%s, and nobody answers at its socket", reason);
    } else if (!units) {
        found(result, FAIL, "%s does not run%s (no systemd here to start it)", daemon,
              error == ECONNREFUSED ? ": nobody answers at its socket" : "");
        cure(result, "%s%s -d", try_socket(host, LOG) ? "virtlogd -d && " : "", daemon);
    } else if (!(unit = main_unit(host, units))) {
        found(result, FAIL, "%s is installed, but systemd has no unit that starts it", daemon);
        if (units_package(host) && (install = install_command(host, units_package(host))))
            cure(result, "%s", install);
        else
            cure(result, "install the package of libvirt that brings %s.socket", daemon);
    } else if (g_str_equal(unit->load, "masked")) {
        found(result, FAIL, "%s is masked: somebody forbade it to start", unit->name);
        cure(result, "systemctl unmask %s, then enable it", unit->name);
    } else {
        found(result, FAIL, "%s does not run (%s is %s)", daemon, unit->name, unit->active);
        cure(result, "systemctl enable --now %s", unit->name);
    }
}

/* The parts of the modular daemons that are installed and do not listen. */
static GPtrArray *missing_parts(const struct systemd_unit *const *units)
{
    GPtrArray *names = g_ptr_array_new();

    for (int i = PARTS; i <= LAST_PART; i++)
        if (systemd_exists(units[i]) && !systemd_active(units[i]))
            g_ptr_array_add(names, units[i]->name);
    g_ptr_array_add(names, NULL);
    return names;
}

static void fix_daemon(struct host *host, const struct check *check, GPtrArray *steps)
{
    g_autofree char *reason = NULL, *install = NULL;
    const struct systemd_unit *const *units = host_units(host, &reason), *unit = units ? main_unit(host, units) : NULL;
    const char *name = is_modular(host) ? unit_names[QEMU_SOCKET] : unit_names[LIBVIRTD_SOCKET];
    bool installed = is_modular(host) || is_whole(host);

    (void)check;
    if (!installed || (unit && g_str_equal(unit->load, "masked")))
        return;
    if (!units && systemd_booted(*host->root ? host->root : NULL))
        return;
    if (!units) {
        if (try_socket(host, LOG))
            step_run(steps, "virtlogd", "-d", NULL);
        step_run(steps, is_modular(host) ? "virtqemud" : "libvirtd", "-d", NULL);
        return;
    }
    if (!unit) {
        g_auto(GStrv) words = NULL;
        if (!units_package(host) || !(install = install_command(host, units_package(host))))
            return;
        words = g_strsplit(install, " ", -1);
        step_words(steps, STEP_RUN, (const char *const *)words);
    }
    step_unit(steps, "enable", name);
    step_unit(steps, "start", name);
}

static void run_parts(struct host *host, const struct check *check, struct result *result)
{
    g_autofree char *reason = NULL, *names = NULL;
    const struct systemd_unit *const *units = host_units(host, &reason);
    g_autoptr(GPtrArray) missing = NULL;

    (void)check;
    if (!units) {
        unsure(result, "%s", reason);
        return;
    }
    if (!is_modular(host)) {
        found(result, PASS, is_whole(host) ? "libvirtd has all of it in one" : "no libvirt daemon is installed, see pkg-libvirt");
        return;
    }
    missing = missing_parts(units);
    if (!missing->pdata[0]) {
        found(result, PASS, "every part that is installed listens");
        return;
    }
    names = g_strjoinv(" ", (char **)missing->pdata);
    found(result, WARN, "installed, and not listening: %s", names);
    cure(result, "systemctl enable --now %s", names);
}

static void fix_parts(struct host *host, const struct check *check, GPtrArray *steps)
{
    g_autofree char *reason = NULL;
    const struct systemd_unit *const *units = host_units(host, &reason);
    g_autoptr(GPtrArray) missing = units ? missing_parts(units) : g_ptr_array_new();

    (void)check;
    for (guint i = 0; i + 1 < missing->len; i++) {
        step_unit(steps, "enable", missing->pdata[i]);
        step_unit(steps, "start", missing->pdata[i]);
    }
}

static void run_boot(struct host *host, const struct check *check, struct result *result)
{
    g_autofree char *reason = NULL;
    const struct systemd_unit *const *units = host_units(host, &reason), *unit;

    (void)check;
    if (!units) {
        unsure(result, "%s", reason);
        return;
    }
    for (size_t i = 0; i < 4; i++)
        if (systemd_enabled(units[i])) {
            found(result, PASS, "%s is %s", units[i]->name, units[i]->file);
            return;
        }
    if ((unit = main_unit(host, units))) {
        found(result, WARN, "%s is %s", unit->name, *unit->file ? unit->file : "not enabled");
        cure(result, "systemctl enable %s", unit->name);
    } else {
        found(result, WARN, "systemd has no unit of libvirt");
        cure(result, "see svc-daemon first");
    }
}

static void fix_boot(struct host *host, const struct check *check, GPtrArray *steps)
{
    g_autofree char *reason = NULL;
    const struct systemd_unit *const *units = host_units(host, &reason), *unit = units ? main_unit(host, units) : NULL;

    (void)check;
    if (unit && !g_str_equal(unit->load, "masked"))
        step_unit(steps, "enable", unit->name);
}

static void run_both(struct host *host, const struct check *check, struct result *result)
{
    g_autofree char *reason = NULL;
    const struct systemd_unit *const *units = host_units(host, &reason);
    bool whole, modular;

    (void)check;
    if (!units) {
        unsure(result, "%s", reason);
        return;
    }
    whole = systemd_enabled(units[LIBVIRTD_SOCKET]) || systemd_enabled(units[LIBVIRTD]);
    modular = systemd_enabled(units[QEMU_SOCKET]) || systemd_enabled(units[QEMU]);
    if (whole && modular)
        found(result, WARN, "libvirtd and virtqemud are both enabled");
    else
        found(result, PASS, whole ? "libvirtd alone is enabled" : modular ? "the modular daemons alone are enabled" : "neither is enabled");
}

/* libvirt 11.2 and later can do what libvirt-guests does: the setting that says so; to be freed, NULL: none. */
static char *auto_shutdown(const struct host *host)
{
    static const char *const keys[] = { "auto_shutdown_try_save", "auto_shutdown_try_shutdown", "auto_shutdown_poweroff" };
    g_autofree char *conf = host_read(host, "etc/libvirt/qemu.conf");

    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_autofree char *value = value_of(conf, keys[i]);
        if (value && !g_str_equal(value, "none"))
            return g_strdup_printf("%s = \"%s\"", keys[i], value);
    }
    return NULL;
}

static void run_guests(struct host *host, const struct check *check, struct result *result)
{
    g_autofree char *reason = NULL, *conf = NULL, *action = NULL, *own = auto_shutdown(host);
    const struct systemd_unit *const *units = host_units(host, &reason);

    (void)check;
    if (!units) {
        unsure(result, "%s", reason);
        return;
    }
    conf = host_read(host, "etc/default/libvirt-guests");
    if (!conf)
        conf = host_read(host, "etc/sysconfig/libvirt-guests");
    action = value_of(conf, "ON_SHUTDOWN");
    if (own && systemd_enabled(units[GUESTS])) {
        found(result, WARN, "libvirt-guests is enabled, and qemu.conf has %s: both would act", own);
        cure(result, "systemctl disable libvirt-guests, or take it from /etc/libvirt/qemu.conf");
    } else if (own) {
        found(result, PASS, "libvirt sees to it: %s in qemu.conf", own);
    } else if (!systemd_exists(units[GUESTS])) {
        found(result, NOTE, "libvirt-guests is not installed: guests are killed when the host goes down");
        cure(result, "install the package that brings libvirt-guests.service (Debian: libvirt-daemon-system, Fedora: libvirt-client)");
    } else if (systemd_enabled(units[GUESTS]))
        found(result, PASS, "libvirt-guests is enabled; guests are %s",
              action && g_str_equal(action, "shutdown") ? "shut down" : "suspended to disk");
    else
        found(result, NOTE, "libvirt-guests is not enabled: guests are killed when the host goes down");
}

static void fix_guests(struct host *host, const struct check *check, GPtrArray *steps)
{
    g_autofree char *reason = NULL;
    const struct systemd_unit *const *units = host_units(host, &reason);

    (void)check;
    if (!units || !systemd_exists(units[GUESTS]) || systemd_enabled(units[GUESTS]))
        return;
    step_unit(steps, "enable", "libvirt-guests.service");
    step_unit(steps, "start", "libvirt-guests.service");
}

const struct check service_checks[] = {
    { "svc-daemon", "service", PROFILE_ALL, 0, "libvirt's daemon runs", "Nothing can be managed without it (but the embedded driver).",
      run_daemon, NULL, fix_daemon, NULL },
    { "svc-boot", "service", PROFILE_ALL, 0, "libvirt starts with the host", "Else guests with autostart stay down after a restart of the host.",
      run_boot, NULL, fix_boot, NULL },
    { "svc-parts", "service", PROFILE_ALL, 0, "the modular daemons' parts",
      "Networks, storage, devices and secrets are each managed by a daemon of its own.", run_parts, NULL, fix_parts, NULL },
    { "svc-both", "service", PROFILE_ALL, 0, "one set of daemons", "libvirtd and the modular daemons would both manage the same guests.",
      run_both, "systemctl disable --now libvirtd.socket libvirtd.service (or the modular ones)", NULL, NULL },
    { "svc-guests", "service", PROFILE_MACHINES, 0, "guests when the host goes down", "Killed guests may lose what they had not written.",
      run_guests, "systemctl enable --now libvirt-guests", fix_guests, NULL },
    { .id = NULL },
};
