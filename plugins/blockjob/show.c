/* SPDX-License-Identifier: GPL-3.0-or-later */
/* show.c - blockjob: ask how far a job is, change its speed, end it. */
#include "blockjob.h"

struct blockjob_args { virDomainPtr domain; const char *path; unsigned int flags; bool abort, async, pivot, info, bytes, raw; uint64_t bandwidth; };

static const struct hvsh_field blockjob_args[] = {
    DOMAIN_ROW(struct blockjob_args),
    DISK_ROW(struct blockjob_args, path),
    HVSH_FLAG(struct blockjob_args, abort, "end the job"),
    HVSH_FLAG(struct blockjob_args, async, "end the job, and do not wait until it is gone"),
    HVSH_FLAG(struct blockjob_args, pivot, "end the job, and let the guest go on with the other side of the mirror"),
    HVSH_FLAG(struct blockjob_args, info, "show the job (as when nothing is given)"),
    HVSH_FLAG(struct blockjob_args, bytes, "the bandwidth is in bytes/s"),
    HVSH_FLAG(struct blockjob_args, raw, "show the job as it is, in lines of key and value"),
    HVSH_BANDWIDTH(struct blockjob_args, bandwidth, "at most so many MiB/s", .scope = "bytes"),
    HVSH_EXCLUDES("bytes", "abort async pivot"),
    HVSH_EXCLUDES("raw", "abort async pivot bandwidth"),
    HVSH_EXCLUDES("info", "abort async pivot bandwidth"),
    HVSH_END
};

struct blockjob_row { const char *type; uint64_t bandwidth, cur, end; const char *line; };

static const struct hvsh_field blockjob_row[] = {
    HVSH_TEXT(struct blockjob_row, type, "kind of job"),
    HVSH_UINT64(struct blockjob_row, bandwidth, "its limit in bytes/s (--raw without --bytes: MiB/s), 0: none"),
    HVSH_UINT64(struct blockjob_row, cur, "what is done"),
    HVSH_UINT64(struct blockjob_row, end, "of what is to be done"),
    HVSH_TEXT(struct blockjob_row, line, "the limit in words", .flags = HVSH_HIDE),
    HVSH_END
};

static const struct hvsh_shape details_shape = { .name = "job", .kind = HVSH_RECORD, HVSH_ROW(blockjob_row), .text = "{line}" };
static const struct hvsh_shape raw_shape = {
    .name = "job", .kind = HVSH_RECORD, HVSH_ROW(blockjob_row), .text = " type={type}\n bandwidth={bandwidth}\n cur={cur}\n end={end}"
};
OBJECT_MESSAGE(no_job, "No current block job for {name}", .flags = HVSH_NO_NEWLINE);

static const char *speed(hvsh_call *call, uint64_t bytes)
{
    static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
    double value = (double)bytes;
    size_t unit = 0;

    for (; value >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0]); unit++)
        value /= 1024;
    return hvsh_printf(call, "    Bandwidth limit: %llu bytes/s (%-.3lf %s/s)", (unsigned long long)bytes, value, units[unit]);
}

static int show(hvsh_call *call, const struct blockjob_args *args)
{
    static const char *const types[] = { "Unknown job", "Block Pull", "Block Copy", "Block Commit", "Active Block Commit", "Backup" };
    bool bytes = args->bytes || !args->raw;
    virDomainBlockJobInfo info;
    struct blockjob_row row;
    int there = virDomainGetBlockJobInfo(args->domain, args->path, &info, bytes ? VIR_DOMAIN_BLOCK_JOB_INFO_BANDWIDTH_BYTES : 0);

    if (there < 0)
        return hvsh_fail_libvirt(call);
    hvsh_begin(call, args->raw ? &raw_shape : &details_shape);  /* no job is nil to Lua: true is what the deeds give */
    if (there == 0)
        return args->raw || !object_says_none(call, &no_job) ? 0 : object_say(call, &no_job, args->path, NULL, NULL);
    row = (struct blockjob_row){ types[0], info.bandwidth, info.cur, info.end, "" };
    if (info.type >= 0 && (size_t)info.type < sizeof(types) / sizeof(types[0]))
        row.type = types[info.type];
    if (args->raw)
        return hvsh_emit(call, &raw_shape, &row);
    if (info.bandwidth)
        row.line = speed(call, info.bandwidth);
    if (hvsh_wants(call, &details_shape, "line"))
        hvsh_note(call, "%s: [%3d %%]", row.type, job_percent(info.cur, info.end));
    return hvsh_emit(call, &details_shape, &row);
}

static int blockjob_run(hvsh_call *call, const void *p)
{
    const struct blockjob_args *args = p;
    int result;

    if (hvsh_given(call, "bandwidth"))
        result = virDomainBlockJobSetSpeed(args->domain, args->path, (unsigned long)args->bandwidth,
                                           args->bytes ? VIR_DOMAIN_BLOCK_JOB_SPEED_BANDWIDTH_BYTES : 0);
    else if (args->abort || args->async || args->pivot)
        result = virDomainBlockJobAbort(args->domain, args->path, (args->async ? VIR_DOMAIN_BLOCK_JOB_ABORT_ASYNC : 0) |
                                                                      (args->pivot ? VIR_DOMAIN_BLOCK_JOB_ABORT_PIVOT : 0));
    else
        return show(call, args);
    return result < 0 ? hvsh_fail_libvirt(call) : 0;
}

const struct hvsh_command command_blockjob = {
    .name = "blockjob",
    .group = "domain",
    .help = "show, speed up, slow down or end a job on a disk",
    HVSH_ARGS(blockjob_args),
    .shapes = HVSH_SHAPES(&details_shape, &raw_shape, &no_job),
    .examples = HVSH_EXAMPLES({ "blockjob web1 vda", "how far it is", HVSH_MATCH_ONLY },
                              { "blockjob web1 vda --pivot", "go on with the copy", HVSH_MATCH_ONLY },
                              { "blockjob web1 vda --bandwidth 50", "let it have 50 MiB/s", HVSH_MATCH_ONLY }),
    .run = blockjob_run,
};
