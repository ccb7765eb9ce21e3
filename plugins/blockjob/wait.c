/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wait.c - staying with a block job.
 *
 * The end comes as an event, for which is registered before the job is started, so that none is missed. Between events the job is asked how
 * far it is; should it be gone without an event (libvirt's daemon was restarted), that is said too.
 */
#include "blockjob.h"
#include "events.h"
#include <glib.h>
#include <string.h>

enum {
    LOOK_EVERY = 500,           /* milliseconds */
    GONE_AFTER = 4,             /* looks without job and without event */
};

struct job_row { const char *domain, *disk, *job, *state, *line; };

static const struct hvsh_field job_row[] = {
    HVSH_TEXT(struct job_row, domain, "the domain"),
    HVSH_TEXT(struct job_row, disk, "its disk"),
    HVSH_TEXT(struct job_row, job, "which job"),
    HVSH_TEXT(struct job_row, state, "started, ready, complete, pivoted, finished or aborted"),
    HVSH_TEXT(struct job_row, line, "the sentence", .flags = HVSH_HIDE),
    HVSH_END
};
const struct hvsh_shape job_shape = { .name = "job", .kind = HVSH_MESSAGE, .flags = HVSH_NO_NEWLINE, HVSH_ROW(job_row), .text = "{line}" };

/* ---- events: the end of a job ---- */

static const struct hvsh_choice kinds[] = { { "block-job-2", VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2 }, { NULL } };

static const struct hvsh_choice ends[] = {
    { "completed", VIR_DOMAIN_BLOCK_JOB_COMPLETED }, { "failed", VIR_DOMAIN_BLOCK_JOB_FAILED },
    { "aborted", VIR_DOMAIN_BLOCK_JOB_CANCELED }, { "ready", VIR_DOMAIN_BLOCK_JOB_READY }, { NULL }
};

static void on_job(virConnectPtr connection, virDomainPtr domain, const char *disk, int type, int status, void *to)
{
    struct event *event = event_new(to, virDomainGetName(domain));

    (void)connection;
    (void)type;
    event_detail(event, "disk", disk);
    event_detail(event, "status", event_word(ends, status));
    event_tell(event, ": %s", disk);
}

static int subscribe(virConnectPtr connection, void *domain, int kind, void *to)
{
    return virConnectDomainEventRegisterAny(connection, domain, kind, VIR_DOMAIN_EVENT_CALLBACK(on_job), to, event_done);
}

static const struct event_source source = { "domain '", "'", kinds, subscribe, virConnectDomainEventDeregisterAny, NULL };

/* ---- the job ---- */

struct wait {
    hvsh_call *call;
    virDomainPtr domain;
    const char *path;           /* as the user named it */
    const char *target;
    const struct job *job;
    const struct job_wait *options;
};

int job_percent(uint64_t done, uint64_t total)
{
    int percent = total ? (int)((double)done * 100.0 / (double)total) : 0;

    return done >= total ? 100 : percent > 99 ? 99 : percent;
}

static int say(const struct wait *wait, const char *state, const char *line)
{
    return hvsh_emit(wait->call, &job_shape, &(struct job_row){ virDomainGetName(wait->domain), wait->target ? wait->target : wait->path,
                                                                wait->job->name, state, line });
}

/* virsh's line of progress has no newline: the sentence that follows begins with one. */
static int say_ended(const struct wait *wait, const char *state)
{
    return say(wait, state, hvsh_printf(wait->call, "\n%s %s", wait->job->verb, state));
}

/* The word of the event that ends the waiting, or NULL: not yet. *result -1: cancelled, or after hvsh_fail(). */
static const char *next_end(const struct wait *wait, struct event_feed *feed, int milliseconds, int *result)
{
    struct event *event;
    const char *word = NULL;

    while (!word && (*result = event_next(feed, milliseconds, &event)) == 1) {
        if (g_strcmp0(event_get(event, "disk"), wait->target) == 0)
            word = hvsh_printf(wait->call, "%s", event_get(event, "status"));
        event_free(event);
    }
    return word;
}

/* After a failure that need not be the job's. */
static int may_go_on(const struct wait *wait)
{
    return hvsh_hint(wait->call, "the job may go on: see 'blockjob %s %s'", virDomainGetName(wait->domain), wait->path);
}

/* Give the job up, by Ctrl-C or because its time is over. */
static int give_up(const struct wait *wait)
{
    if (virDomainBlockJobAbort(wait->domain, wait->path, wait->options->async ? VIR_DOMAIN_BLOCK_JOB_ABORT_ASYNC : 0) < 0) {
        hvsh_fail_virt(wait->call, "failed to abort job for disk '%s'", wait->path);
        return may_go_on(wait);
    }
    say_ended(wait, "aborted");
    if (wait->job->cancelled)
        hvsh_note(wait->call, "%s", wait->job->cancelled);
    return hvsh_exit(wait->call, 1);
}

/* How the job ended, by its word; NULL: it was given up, or cannot be told, and *result is the command's. */
static const char *stay(const struct wait *wait, struct event_feed *feed, int *result)
{
    int64_t end = wait->options->timeout ? g_get_monotonic_time() + (int64_t)(wait->options->timeout / 1000) : INT64_MAX;
    unsigned int gone = 0;

    for (;;) {
        virDomainBlockJobInfo info;
        const char *word = next_end(wait, feed, LOOK_EVERY, result);
        int there;

        if (word) {
            if (strcmp(word, "completed") == 0 || strcmp(word, "ready") == 0)
                hvsh_progress(wait->call, wait->job->name, 1, 1);
            return word;
        }
        if (*result < 0 && !hvsh_cancelled(wait->call)) {
            may_go_on(wait);
            return NULL;
        }
        if (*result < 0 || g_get_monotonic_time() >= end) {
            *result = give_up(wait);
            return NULL;
        }
        there = virDomainGetBlockJobInfo(wait->domain, wait->path, &info, 0);
        if (there < 0) {
            hvsh_fail_libvirt(wait->call);
            *result = may_go_on(wait);
            return NULL;
        }
        gone = there ? 0 : gone + 1;
        if (gone == GONE_AFTER) {
            *result = hvsh_fail(wait->call, "the job of disk '%s' is gone, and nobody has told how it ended", wait->path);
            return NULL;
        }
        if (there && info.end)
            hvsh_progress(wait->call, wait->job->name, info.cur, info.end);
    }
}

/* Both sides are the same. */
static int end_mirror(const struct wait *wait)
{
    const struct job *job = wait->job;

    if (!job->pivot && !job->finish)
        return say(wait, "ready", job->synced);
    if (virDomainBlockJobAbort(wait->domain, wait->path, job->pivot ? VIR_DOMAIN_BLOCK_JOB_ABORT_PIVOT : 0) < 0)
        return hvsh_fail_virt(wait->call, "failed to %s job for disk %s", job->pivot ? "pivot" : "finish", wait->path);
    return job->pivot ? say(wait, "pivoted", "\nSuccessfully pivoted") : say(wait, "finished", job->finished);
}

int job_run(hvsh_call *call, virDomainPtr domain, const char *path, const struct job *job, const struct job_wait *options, const void *args)
{
    struct wait wait = { call, domain, path, NULL, job, options };
    struct event_feed *feed = NULL;
    const char *word;
    int result = 0;

    if (job->waits) {
        wait.target = disk_target(call, domain, path);
        if (!(feed = event_open(call, &source, domain, NULL)))
            return -1;
    }
    if (job->begin(call, args) < 0)
        return -1;
    if (!job->waits)
        return say(&wait, "started", job->started);
    if (!wait.target)
        return hvsh_fail(call, "the job has begun, but the domain's XML has no disk '%s' to wait for", path);
    word = stay(&wait, feed, &result);
    event_close(feed);
    if (!word)
        return result;
    if (strcmp(word, "failed") == 0) {
        hvsh_fail(call, "%s failed", job->verb);
        return hvsh_hint(call, "the log of the guest on its host tells why");
    }
    if (strcmp(word, "aborted") == 0) {
        say_ended(&wait, "aborted");
        return hvsh_exit(call, 1);
    }
    return job->synced && strcmp(word, "ready") == 0 ? end_mirror(&wait) : say_ended(&wait, "complete");
}
