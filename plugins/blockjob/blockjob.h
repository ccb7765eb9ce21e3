/* SPDX-License-Identifier: GPL-3.0-or-later */
/* blockjob.h - a block job from its start to its end, and the commands of the plugin. */
#ifndef BLOCKJOB_H
#define BLOCKJOB_H

#include <limits.h>
#include "disk.h"
#include "later.h"
#include "offer.h"
#include "object.h"

extern const struct hvsh_command command_blockcopy, command_blockcommit, command_blockpull, command_blockjob, command_blockresize,
    command_domblkthreshold;

#define DOMAIN_ROW(s) \
    HVSH_DOMAIN(s, domain, "domain name, id or uuid", .flags = HVSH_REQUIRED, .select = VIR_CONNECT_LIST_DOMAINS_ACTIVE)
#define DISK_ROW(s, mem) \
    HVSH_TEXT(s, mem, "the disk: its name in the guest or its source", .flags = HVSH_REQUIRED, .scope = "domain", .offer = offer_disks)

/* How long a command stays with its job, and what it does when both sides of a mirror are the same. */
struct job_wait { bool wait, verbose, async, pivot, finish; uint64_t timeout; };

#define WAIT_ROW(s) HVSH_FLAG(s, wait.wait, "until the job is done, or both sides of a mirror are the same", .name = "wait")
#define VERBOSE_ROW(s) HVSH_FLAG(s, wait.verbose, "show how far it is while waiting", .name = "verbose")
#define TIMEOUT_ROW(s) \
    HVSH_DURATION(s, wait.timeout, "give up a job that takes longer", .name = "timeout", .unit = "s", \
                  .min = 1, .max = (uint64_t)(INT_MAX / 1000) * 1000000000)
#define ASYNC_ROW(s) HVSH_FLAG(s, wait.async, "when it is given up, do not wait until it is gone", .name = "async")

struct job {
    const char *name;               /* "Block Copy", of the progress */
    const char *verb;               /* "Copy", of the sentences: "Copy aborted" */
    const char *started;            /* the sentence when nobody waits */
    const char *synced, *finished;  /* of a job that mirrors: both sides are the same; it ended with the old disk */
    bool waits;                     /* stay with it */
    bool pivot, finish;             /* a mirror ends */
    int (*begin)(hvsh_call *call, const void *args);    /* 0, or -1 after hvsh_fail*() */
    const char *cancelled;          /* what is left when it is given up */
};

extern const struct hvsh_shape job_shape;

/* Start the job, and stay with it when asked. 0 or -1, and the exit status. */
int job_run(hvsh_call *call, virDomainPtr domain, const char *path, const struct job *job, const struct job_wait *wait, const void *args);

/* Percent as virsh counts them: 100 only when nothing is left. */
int job_percent(uint64_t done, uint64_t total);

#endif
