/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chain.c - blockcommit and blockpull: a disk's images merged, downwards and upwards. */
#include "blockjob.h"

struct chain_args {
    virDomainPtr domain;
    const char *path, *base, *top;
    uint64_t bandwidth;
    unsigned int flags;
    bool bytes, active;
    struct job_wait wait;
};

#define IMAGE(mem, help) HVSH_TEXT(struct chain_args, mem, help, .scope = "domain path", .offer = offer_images)
#define BANDWIDTH HVSH_BANDWIDTH(struct chain_args, bandwidth, "at most so many MiB/s", .scope = "bytes")

/* ---- blockcommit ---- */

static const struct hvsh_field commit_args[] = {
    DOMAIN_ROW(struct chain_args),
    DISK_ROW(struct chain_args, path),
    BANDWIDTH,
    IMAGE(base, "the image that takes the changes (the lowest one unless given)"),
    HVSH_BIT(struct chain_args, flags, "shallow", VIR_DOMAIN_BLOCK_COMMIT_SHALLOW, "into the image below the top"),
    IMAGE(top, "the topmost image to be merged (the guest's own unless given)"),
    HVSH_FLAG(struct chain_args, active, "the image in use too, as a mirror"),
    HVSH_BIT(struct chain_args, flags, "delete", VIR_DOMAIN_BLOCK_COMMIT_DELETE, "delete the images that are not needed any more"),
    WAIT_ROW(struct chain_args),
    VERBOSE_ROW(struct chain_args),
    TIMEOUT_ROW(struct chain_args),
    HVSH_FLAG(struct chain_args, wait.pivot, "--active, wait, then let the guest go on with the lower image", .name = "pivot"),
    HVSH_FLAG(struct chain_args, wait.finish, "--active, wait, then let the guest go on with its image", .name = "keep-overlay"),
    ASYNC_ROW(struct chain_args),
    HVSH_BIT(struct chain_args, flags, "keep-relative", VIR_DOMAIN_BLOCK_COMMIT_RELATIVE, "keep relative names of images relative"),
    HVSH_FLAG(struct chain_args, bytes, "the bandwidth is in bytes/s"),
    HVSH_EXCLUDES("pivot", "keep-overlay"),
    HVSH_REQUIRES("verbose", "timeout wait pivot keep-overlay",
                  .help = "--verbose requires at least one of --timeout, --wait, --pivot, or --keep-overlay"),
    HVSH_REQUIRES("async", "timeout wait pivot keep-overlay",
                  .help = "--async requires at least one of --timeout, --wait, --pivot, or --keep-overlay"),
    HVSH_END
};

static bool is_active(const struct chain_args *args)
{
    return args->active || args->wait.pivot || args->wait.finish;
}

static int commit_begin(hvsh_call *call, const void *p)
{
    const struct chain_args *args = p;
    unsigned int flags = args->flags | (args->bytes ? VIR_DOMAIN_BLOCK_COMMIT_BANDWIDTH_BYTES : 0) |
                         (is_active(args) ? VIR_DOMAIN_BLOCK_COMMIT_ACTIVE : 0);

    if (virDomainBlockCommit(args->domain, args->path, args->base, args->top, (unsigned long)args->bandwidth, flags) < 0)
        return hvsh_fail_libvirt(call);
    return 0;
}

static int commit_run(hvsh_call *call, const void *p)
{
    const struct chain_args *args = p;
    const struct job_wait *wait = &args->wait;
    const struct job job = {
        .name = "Block commit", .verb = "Commit", .started = is_active(args) ? "Active Block Commit started" : "Block Commit started",
        .synced = is_active(args) ? "\nNow in synchronized phase" : NULL, .finished = "\nCommit complete, overlay image kept",
        .waits = wait->wait || wait->timeout || wait->pivot || wait->finish, .pivot = wait->pivot, .finish = wait->finish,
        .begin = commit_begin, .cancelled = "the guest goes on with all its images, none of them is lost",
    };

    return job_run(call, args->domain, args->path, &job, wait, args);
}

const struct hvsh_command command_blockcommit = {
    .name = "blockcommit",
    .group = "domain",
    .help = "merge images of a disk into a lower one",
    .description = "Write what upper images of a disk have into a lower one, so that the chain gets shorter while the guest runs. The image in "
                   "use is merged with --active or --pivot. Images are named by path or as vda[1]. Ctrl-C gives it up; nothing is lost.",
    .args = commit_args,
    .args_size = sizeof(struct chain_args),
    .shapes = HVSH_SHAPES(&job_shape),
    .examples = HVSH_EXAMPLES({ "blockcommit web1 vda --pivot --verbose", "end an external snapshot, keeping the changes", HVSH_MATCH_ONLY },
                              { "blockcommit web1 vda --top vda[1] --wait", "merge the images below the one in use", HVSH_MATCH_ONLY }),
    .run = commit_run,
};

/* ---- blockpull ---- */

static const struct hvsh_field pull_args[] = {
    DOMAIN_ROW(struct chain_args),
    DISK_ROW(struct chain_args, path),
    BANDWIDTH,
    IMAGE(base, "the image that stays below (none unless given)"),
    WAIT_ROW(struct chain_args),
    VERBOSE_ROW(struct chain_args),
    TIMEOUT_ROW(struct chain_args),
    ASYNC_ROW(struct chain_args),
    HVSH_BIT(struct chain_args, flags, "keep-relative", VIR_DOMAIN_BLOCK_REBASE_RELATIVE, "keep relative names of images relative"),
    HVSH_FLAG(struct chain_args, bytes, "the bandwidth is in bytes/s"),
    HVSH_REQUIRES("verbose", "wait"),
    HVSH_REQUIRES("async", "wait"),
    HVSH_END
};

static int pull_begin(hvsh_call *call, const void *p)
{
    const struct chain_args *args = p;
    unsigned long bandwidth = (unsigned long)args->bandwidth;
    int result;

    if (args->base || args->flags)
        result = virDomainBlockRebase(args->domain, args->path, args->base, bandwidth,
                                      args->flags | (args->bytes ? VIR_DOMAIN_BLOCK_REBASE_BANDWIDTH_BYTES : 0));
    else
        result = virDomainBlockPull(args->domain, args->path, bandwidth, args->bytes ? VIR_DOMAIN_BLOCK_PULL_BANDWIDTH_BYTES : 0);
    return result < 0 ? hvsh_fail_libvirt(call) : 0;
}

static int pull_run(hvsh_call *call, const void *p)
{
    const struct chain_args *args = p;
    const struct job job = {
        .name = "Block Pull", .verb = "Pull", .started = "Block Pull started", .waits = args->wait.wait, .begin = pull_begin,
        .cancelled = "the guest goes on with all its images; what was pulled so far stays in the upper one",
    };

    return job_run(call, args->domain, args->path, &job, &args->wait, args);
}

const struct hvsh_command command_blockpull = {
    .name = "blockpull",
    .group = "domain",
    .help = "fill a disk from the images below it",
    .description = "Copy what the images below have into the one in use, so that it needs them no more. Ctrl-C gives it up; nothing is lost.",
    .args = pull_args,
    .args_size = sizeof(struct chain_args),
    .shapes = HVSH_SHAPES(&job_shape),
    .examples = HVSH_EXAMPLES({ "blockpull web1 vda --wait --verbose", "make a clone independent of its base", HVSH_MATCH_ONLY }),
    .run = pull_run,
};
