/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * job.c - long calls of libvirt's.
 *
 * The command's own thread is in libvirt's call, whose error must be that thread's; another one looks at the job meanwhile. A job can be
 * aborted only once the other side has begun it, so a Ctrl-C that comes early is tried again.
 */
#include "job.h"
#include <glib.h>

enum {
    LOOK_EVERY = 200, /* milliseconds */
    ABORT_EVERY = 50,
    LONG = 1000,      /* a start that takes longer is told of */
};

struct watched {
    hvsh_call *call;
    virDomainPtr domain;
    const struct job_watch *watch;
    const void *args;
    uint64_t total; /* as last seen: what "all of it" is at the end */
    int64_t called; /* when libvirt was called */
    int64_t begun;  /* when it was first seen at work; 0: not yet */
    gint done;
};

static bool at_work(const struct watched *watched, virDomainJobInfo *info)
{
    return virDomainGetJobInfo(watched->domain, info) == 0 &&
           (info->type == VIR_DOMAIN_JOB_BOUNDED || info->type == VIR_DOMAIN_JOB_UNBOUNDED);
}

static void look(struct watched *watched)
{
    const struct job_watch *watch = watched->watch;
    virDomainJobInfo info;
    bool working;

    if (watch->starts) {
        if (g_get_monotonic_time() - watched->called >= LONG * 1000)
            hvsh_progress(watched->call, watch->progress, 0, 0);
        return;
    }
    working = at_work(watched, &info);
    if (working) {
        if (!watched->begun)
            watched->begun = g_get_monotonic_time();
        if (watch->progress && info.dataTotal) {
            watched->total = info.dataTotal;
            hvsh_progress(watched->call, watch->progress, info.dataTotal - MIN(info.dataRemaining, info.dataTotal), info.dataTotal);
        }
    }
    if (watch->look)
        watch->look(watch->arg, working ? (uint64_t)(g_get_monotonic_time() - watched->begun) * 1000 + 1 : 0);
}

static void give_up(const struct watched *watched)
{
    virDomainJobInfo info;

    while (!g_atomic_int_get(&watched->done) && virDomainAbortJob(watched->domain) < 0) {
        g_autofree char *why = g_strdup(virGetLastErrorMessage());

        if (at_work(watched, &info)) {
            hvsh_note(watched->call, "The job goes on, it cannot be given up: %s", why);
            return;
        }
        g_usleep(ABORT_EVERY * 1000);
    }
}

static int nothing_to_undo(hvsh_call *call, void *arg)
{
    (void)call, (void)arg;
    return 0;
}

/* Only what still starts: one that runs already is no longer this call's, but the guest that was asked for. Until it is taken back the shell
 * waits: libvirt may hold the domain for some seconds before it lets anybody look at it or destroy it. */
static void give_up_start(const struct watched *watched)
{
    virDomainPtr domain = NULL;
    int state, reason;

    hvsh_undo(watched->call, nothing_to_undo, NULL, NULL);
    for (; !g_atomic_int_get(&watched->done); g_usleep(ABORT_EVERY * 1000)) {
        if (!domain && !(domain = watched->watch->starts(watched->args)))
            continue;
        if (virDomainGetState(domain, &state, &reason, 0) < 0 || state != VIR_DOMAIN_PAUSED || reason != VIR_DOMAIN_PAUSED_STARTING_UP)
            continue;
        virDomainDestroy(domain);
    }
    if (domain)
        virDomainFree(domain);
}

static void *watch_main(void *p)
{
    struct watched *watched = p;
    bool looks = watched->watch->progress || watched->watch->look;

    while (hvsh_wait(watched->call, NULL, 0, looks ? LOOK_EVERY : -1) >= 0) {
        if (g_atomic_int_get(&watched->done))
            return NULL;
        if (looks)
            look(watched);
    }
    if (!hvsh_cancelled(watched->call))
        return NULL;
    if (watched->watch->starts)
        give_up_start(watched);
    else
        give_up(watched);
    return NULL;
}

int domain_job(hvsh_call *call, virDomainPtr domain, const struct job_watch *watch, int (*job)(const void *args), const void *args)
{
    struct watched watched = {.call = call, .domain = domain, .watch = watch, .args = args, .total = 1, .called = g_get_monotonic_time()};
    GThread *thread = g_thread_new("job", watch_main, &watched);
    int result = job(args);

    hvsh_keep_error(call);
    g_atomic_int_set(&watched.done, 1);
    hvsh_wake(call);
    g_thread_join(thread);
    if (watch->starts)
        hvsh_keep(call);
    if (watch->progress && !watch->starts && result >= 0)
        hvsh_progress(call, watch->progress, watched.total, watched.total);
    return result;
}

int domain_job_left(hvsh_call *call, virDomainPtr domain, const char *what)
{
    const char *name = virDomainGetName(domain);
    int state;

    if (virConnectIsAlive(virDomainGetConnect(domain)) == 0)
        return hvsh_hint(call, "the connection was lost, and the job may go on: see 'domstate %s' and 'domjobinfo %s'", name, name);
    if (!hvsh_cancelled(call) || virDomainGetState(domain, &state, NULL, 0) < 0)
        return -1;
    return hvsh_hint(call, "domain '%s' is %s as before%s%s%s", name,
                     state == VIR_DOMAIN_PAUSED ? "paused" : state == VIR_DOMAIN_SHUTOFF ? "shut off" : "running",
                     what ? "; there is no " : "", what ? what : "", what ? " of it" : "");
}
