/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * run.c - from the guest's first start to the end: the console, the waiting, the start after the installation.
 *
 * libvirt's loop tells of the guest's states; its call-back only wakes the command, which then asks for the state itself.
 */
#include "child.h"
#include "install.h"
#include <string.h>
#include <unistd.h>

enum { EXIT_TIME_OVER = 3, STOP_SECONDS = 60 };

/* ---- waiting for the guest to stop --------------------------------------------------------------------------------------------------- */

/* What the loop thread may touch; it lives until both sides have let go of it. */
struct watch {
    GMutex lock;
    hvsh_call *call;              /* NULL once the command has ended */
};

static void watch_clear(void *p)
{
    g_mutex_clear(&((struct watch *)p)->lock);
}

static void watch_release(void *p)
{
    g_atomic_rc_box_release_full(p, watch_clear);
}

static int changed(virConnectPtr connection, virDomainPtr domain, int event, int detail, void *p)
{
    struct watch *watch = p;

    (void)connection;
    (void)domain;
    (void)event;
    (void)detail;
    g_mutex_lock(&watch->lock);
    if (watch->call)
        hvsh_wake(watch->call);
    g_mutex_unlock(&watch->lock);
    return 0;
}

/* 1: it has stopped; 0: the time is over; -1: cancelled or lost. `end` is of the monotonic clock; below zero: none. */
static int wait_for_stop(struct install *install, virDomainPtr domain, int64_t end)
{
    hvsh_call *call = install->call;
    struct watch *watch = g_atomic_rc_box_new0(struct watch);
    int id, active, result = -1;

    g_mutex_init(&watch->lock);
    watch->call = call;
    id = virConnectDomainEventRegisterAny(install->connection, domain, VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK(changed),
                                          g_atomic_rc_box_acquire(watch), watch_release);
    if (id < 0) {
        hvsh_fail_virt(call, "cannot watch guest '%s'", install->name);
        watch_release(watch);
        goto cleanup;
    }
    for (;;) {
        int64_t left = end < 0 ? -1 : MAX((end - g_get_monotonic_time()) / 1000, 0);

        active = virDomainIsActive(domain);
        if (active < 0 && virGetLastErrorCode() != VIR_ERR_NO_DOMAIN) {
            hvsh_fail_virt(call, "guest '%s' has been lost", install->name);
            break;
        }
        if (active <= 0) {
            result = 1;
            break;
        }
        if (left == 0) {
            result = 0;
            break;
        }
        /* a look now and then also helps where the host has lost an event */
        if (hvsh_wait(call, NULL, 0, left < 0 || left > 10000 ? 10000 : (int)left) < 0)
            break;
    }
    virConnectDomainEventDeregisterAny(install->connection, id);
cleanup:
    g_mutex_lock(&watch->lock);
    watch->call = NULL;
    g_mutex_unlock(&watch->lock);
    watch_release(watch);
    return result;
}

/* ---- consoles --------------------------------------------------------------------------------------------------------------------------- */

enum console { CONSOLE_NONE, CONSOLE_TEXT, CONSOLE_VIEWER };

static enum console choose_console(struct install *install)
{
    const char *given = install->args->autoconsole;
    bool display = model_has(install->domain, "devices/graphics");
    g_autofree char *viewer = NULL;

    /* who waits for ssh works by it, not by the console */
    if ((given && strcmp(given, "none") == 0) || (!given && reach_wanted(install)))
        return CONSOLE_NONE;
    if ((given && strcmp(given, "text") == 0) || ((!display || install->cloud) && (!given || strcmp(given, "default") == 0))) {
        if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
            return CONSOLE_TEXT;
        if (!install->args->wait)
            hvsh_note(install->call, "there is no terminal to attach the console to; `console %s` does that later", install->name);
        return CONSOLE_NONE;
    }
    viewer = g_find_program_in_path("virt-viewer");
    if (!viewer || (!g_getenv("DISPLAY") && !g_getenv("WAYLAND_DISPLAY"))) {
        if (!install->args->wait)
            hvsh_note(install->call, viewer ? "there is no display to show the guest on; `domdisplay %s` says where it can be seen"
                                            : "virt-viewer is not installed; `domdisplay %s` says where the guest can be seen", install->name);
        return CONSOLE_NONE;
    }
    return CONSOLE_VIEWER;
}

static int open_viewer(struct install *install, const char *uuid)
{
    g_autoptr(GError) error = NULL;
    char *uri = hvsh_own_text(install->call, virConnectGetURI(install->connection));
    char *argv[] = { (char *)"virt-viewer", (char *)"--connect", uri, (char *)"--uuid", (char *)uuid, (char *)"--wait", NULL };

    if (!uri || !g_spawn_async(NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, child_signals, NULL, NULL, &error))
        hvsh_note(install->call, "virt-viewer does not start: %s", error ? error->message : "the connection has no URI");
    return 0;
}

/* ---- the way --------------------------------------------------------------------------------------------------------------------------------- */

static int say(struct install *install, const struct hvsh_shape *shape, const char *uuid)
{
    return hvsh_emit(install->call, shape, &(struct install_done){ install->name, uuid });
}

/* Has the guest died instead of ending? */
static int check_end(struct install *install, virDomainPtr domain)
{
    int state, reason;

    if (virDomainGetState(domain, &state, &reason, 0) < 0) {
        virResetLastError();
        return 0;
    }
    if (state == VIR_DOMAIN_CRASHED || (state == VIR_DOMAIN_SHUTOFF && (reason == VIR_DOMAIN_SHUTOFF_CRASHED || reason == VIR_DOMAIN_SHUTOFF_FAILED)))
        return hvsh_fail(install->call, "guest '%s' has crashed during its installation", install->name);
    return 0;
}

static bool is_stopping(virDomainPtr domain)
{
    int state;

    return virDomainGetState(domain, &state, NULL, 0) == 0 && state == VIR_DOMAIN_SHUTDOWN;
}

/* Was it switched off by somebody, instead of having ended? Then it is not started again. */
static bool is_switched_off(virDomainPtr domain)
{
    int state, reason;

    return virDomainGetState(domain, &state, &reason, 0) == 0 && state == VIR_DOMAIN_SHUTOFF && reason == VIR_DOMAIN_SHUTOFF_DESTROYED;
}

int run_installation(struct install *install, virDomainPtr domain)
{
    hvsh_call *call = install->call;
    const struct install_args *args = install->args;
    enum console console = choose_console(install);
    char uuid[VIR_UUID_STRING_BUFLEN] = "";
    int64_t end = args->wait < 0 ? -1 : g_get_monotonic_time() + args->wait * G_USEC_PER_SEC;
    bool waits = hvsh_given(call, "wait"), installs = install->boot && install->medium != MEDIUM_IMPORT;
    int stopped;

    virDomainGetUUIDString(domain, uuid);
    if (console == CONSOLE_VIEWER)
        open_viewer(install, uuid);
    if (console == CONSOLE_TEXT && hvsh_runv(call, (const char *const[]){ "console", uuid, NULL }) < 0)
        return -1;
    if (console != CONSOLE_NONE && args->destroy_on_exit && virDomainIsActive(domain) == 1)
        virDomainDestroy(domain);
    if (console == CONSOLE_TEXT && !waits) {
        /* the console ends a moment before the guest does, which may still have to write its disks */
        stopped = wait_for_stop(install, domain, g_get_monotonic_time() + G_USEC_PER_SEC);
        if (stopped == 0 && is_stopping(domain))
            stopped = wait_for_stop(install, domain, g_get_monotonic_time() + STOP_SECONDS * G_USEC_PER_SEC);
    } else {
        if (console == CONSOLE_TEXT && args->wait != 0 && virDomainIsActive(domain) == 1)
            hvsh_note(call, "'%s' runs on; waiting for it to be off", install->name);
        stopped = waits && args->wait != 0 ? wait_for_stop(install, domain, end) : 0;
    }
    if (stopped < 0)
        return -1;
    if (!stopped) {
        hvsh_keep(call);
        if (waits && args->wait != 0) {
            hvsh_fail(call, "the installation of '%s' has not ended in time; the guest runs on", install->name);
            install->status = EXIT_TIME_OVER;
            return -1;
        }
        return say(install, installs ? &install_started : &install_done, uuid);
    }
    if (check_end(install, domain) < 0)
        return -1;
    hvsh_keep(call);
    if (is_switched_off(domain) && !args->transient && !args->destroy_on_exit) {
        hvsh_note(call, "the guest has been switched off; it is not started again");
    } else if (installs && args->transient) {
        hvsh_note(call, "the installation of '%s' has ended; a transient guest goes with its end, its disks stay", install->name);
    } else if (installs && !args->noreboot) {
        hvsh_note(call, "the installation of '%s' has ended; starting it again", install->name);
        if (virDomainCreate(domain) < 0)
            return hvsh_fail_virt(call, "guest '%s' is installed, and does not start", install->name);
        if (console == CONSOLE_TEXT && hvsh_runv(call, (const char *const[]){ "console", uuid, NULL }) < 0)
            return -1;
    }
    return say(install, &install_done, uuid);
}
