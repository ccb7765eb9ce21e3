/* SPDX-License-Identifier: GPL-3.0-or-later */
/* iothread.c - the threads that do a guest's input and output: iothreadinfo, iothreadadd, iothreadset, iothreaddel. */
#include "tune.h"

#include <stdlib.h>

struct iothread_args { virDomainPtr domain; int id; unsigned int flags; };

static const struct hvsh_field iothreadadd_args[] = {
    DOMAIN(struct iothread_args),
    HVSH_INT(struct iothread_args, id, "number of the new I/O thread", .flags = HVSH_REQUIRED),
    HVSH_AFFECT(struct iothread_args, flags),
    HVSH_END
};
static const struct hvsh_field iothreaddel_args[] = {
    DOMAIN(struct iothread_args),
    HVSH_INT(struct iothread_args, id, "number of the I/O thread", .flags = HVSH_REQUIRED, .scope = "domain", .offer = offer_iothreads),
    HVSH_AFFECT(struct iothread_args, flags),
    HVSH_END
};
static const struct hvsh_field iothreadinfo_args[] = {
    DOMAIN(struct iothread_args),
    HVSH_AFFECT(struct iothread_args, flags),
    HVSH_END
};

/* ---- iothreadinfo ---- */

struct iothread_row { unsigned int id; struct hvsh_cpuset cpus; };
static const struct hvsh_field iothread_row[] = {
    HVSH_UINT(struct iothread_row, id, "number of the I/O thread", .label = "IOThread ID"),
    HVSH_CPUSET(struct iothread_row, cpus, "CPUs of the host that may run it", .label = "CPU Affinity"),
    HVSH_END
};
static const struct hvsh_shape iothreads = {.name = "iothreads", .kind = HVSH_TABLE, HVSH_ROW(iothread_row)};
OBJECT_MESSAGE(no_iothreads, "No IOThreads found for the domain", .flags = HVSH_NO_NEWLINE);

struct found { virDomainIOThreadInfoPtr *threads; int count; };

static void found_free(void *p)
{
    struct found *found = p;

    for (int i = 0; i < found->count; i++)
        virDomainIOThreadInfoFree(found->threads[i]);
    free(found->threads);
    g_free(found);
}

static int iothreadinfo_run(hvsh_call *call, const void *p)
{
    const struct iothread_args *args = p;
    struct found *found = hvsh_defer(call, g_new0(struct found, 1), found_free);

    found->count = virDomainGetIOThreadInfo(args->domain, &found->threads, args->flags);
    if (found->count < 0) {
        found->count = 0;
        return hvsh_fail_virt(call, "Unable to get domain IOThreads information");
    }
    if (!found->count && object_says_none(call, &no_iothreads))
        return object_say(call, &no_iothreads, virDomainGetName(args->domain), NULL, NULL);
    for (int i = 0; i < found->count; i++) {
        const virDomainIOThreadInfo *thread = found->threads[i];
        struct iothread_row row = {.id = thread->iothread_id, .cpus = {thread->cpumap, thread->cpumaplen}};

        if (hvsh_emit(call, &iothreads, &row) < 0)
            return -1;
    }
    return 0;
}

const struct hvsh_command COMMAND(iothreadinfo) = {
    .name = "iothreadinfo", .group = "domain", .help = "view domain IOThreads",
    .description = "The guest's I/O threads and the CPUs that may run them.",
    .args = iothreadinfo_args, .args_size = sizeof(struct iothread_args), .shapes = HVSH_SHAPES(&iothreads, &no_iothreads),
    .examples = HVSH_EXAMPLES({"iothreadinfo test", "its I/O threads"}),
    .run = iothreadinfo_run,
};

/* ---- iothreadadd, iothreaddel ---- */

static int check_id(hvsh_call *call, int id)
{
    return id > 0 ? 0 : hvsh_fail(call, "Invalid IOThread id value: '%d'", id);
}

static int iothreadadd_run(hvsh_call *call, const void *p)
{
    const struct iothread_args *args = p;

    if (check_id(call, args->id) < 0)
        return -1;
    return virDomainAddIOThread(args->domain, (unsigned int)args->id, args->flags) < 0 ? hvsh_fail_libvirt(call) : 0;
}

const struct hvsh_command COMMAND(iothreadadd) = {
    .name = "iothreadadd", .group = "domain", .help = "add an IOThread to the guest domain",
    .description = "Adds an I/O thread of this number; disks can then be given to it.",
    .args = iothreadadd_args, .args_size = sizeof(struct iothread_args),
    .examples = HVSH_EXAMPLES({"iothreadadd test 1", "an I/O thread of number 1"}),
    .run = iothreadadd_run,
};

static int iothreaddel_run(hvsh_call *call, const void *p)
{
    const struct iothread_args *args = p;

    if (check_id(call, args->id) < 0)
        return -1;
    return virDomainDelIOThread(args->domain, (unsigned int)args->id, args->flags) < 0 ? hvsh_fail_libvirt(call) : 0;
}

const struct hvsh_command COMMAND(iothreaddel) = {
    .name = "iothreaddel", .group = "domain", .help = "delete an IOThread from the guest domain",
    .description = "Removes the I/O thread of this number; no disk may use it.",
    .args = iothreaddel_args, .args_size = sizeof(struct iothread_args),
    .examples = HVSH_EXAMPLES({"iothreaddel web1 1", "its I/O thread of number 1", HVSH_MATCH_ONLY}),
    .run = iothreaddel_run,
};

/* ---- iothreadset ---- */

/* libvirt's names of these are newer than the oldest libvirt that is supported */
#ifndef VIR_DOMAIN_IOTHREAD_THREAD_POOL_MIN
# define VIR_DOMAIN_IOTHREAD_THREAD_POOL_MIN "thread_pool_min"
# define VIR_DOMAIN_IOTHREAD_THREAD_POOL_MAX "thread_pool_max"
#endif

struct iothreadset_args {
    virDomainPtr domain;
    int id, thread_pool_min, thread_pool_max;
    uint64_t poll_max_ns;
    unsigned int poll_grow, poll_shrink, flags;
};

static const struct hvsh_field iothreadset_args[] = {
    DOMAIN(struct iothreadset_args),
    HVSH_INT(struct iothreadset_args, id, "number of the I/O thread", .flags = HVSH_REQUIRED, .scope = "domain", .offer = offer_iothreads),
    HVSH_UINT64(struct iothreadset_args, poll_max_ns, "longest time to poll, in nanoseconds", .param = VIR_DOMAIN_IOTHREAD_POLL_MAX_NS),
    HVSH_UINT(struct iothreadset_args, poll_grow, "factor by which the time to poll grows", .param = VIR_DOMAIN_IOTHREAD_POLL_GROW),
    HVSH_UINT(struct iothreadset_args, poll_shrink, "divisor by which the time to poll shrinks", .param = VIR_DOMAIN_IOTHREAD_POLL_SHRINK),
    HVSH_INT(struct iothreadset_args, thread_pool_min, "fewest worker threads", .param = VIR_DOMAIN_IOTHREAD_THREAD_POOL_MIN),
    HVSH_INT(struct iothreadset_args, thread_pool_max, "most worker threads", .param = VIR_DOMAIN_IOTHREAD_THREAD_POOL_MAX),
    HVSH_AFFECT(struct iothreadset_args, flags),
    HVSH_END
};

static int iothreadset_run(hvsh_call *call, const void *p)
{
    const struct iothreadset_args *args = p;
    virTypedParameterPtr params;
    int count;

    if (check_id(call, args->id) < 0 || hvsh_params(call, &params, &count) < 0)
        return -1;
    if (!count)
        return hvsh_fail(call, "Not enough arguments passed, nothing to set");
    return virDomainSetIOThreadParams(args->domain, (unsigned int)args->id, params, count, args->flags) < 0 ? hvsh_fail_libvirt(call) : 0;
}

const struct hvsh_command COMMAND(iothreadset) = {
    .name = "iothreadset", .group = "domain", .help = "modifies an existing IOThread of the guest domain",
    .description = "How an I/O thread of a running guest waits for work.",
    HVSH_ARGS(iothreadset_args),
    .examples = HVSH_EXAMPLES({"iothreadset web1 1 --poll-max-ns 32768", "poll for 33 microseconds", HVSH_MATCH_ONLY}),
    .run = iothreadset_run,
};
