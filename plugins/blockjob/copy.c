/* SPDX-License-Identifier: GPL-3.0-or-later */
/* copy.c - blockcopy: a mirror of a running guest's disk, which may become its disk. */
#include "blockjob.h"
#include <glib.h>
#include <string.h>

struct copy_args {
    virDomainPtr domain;
    const char *path, *dest, *xml, *format;
    uint64_t bandwidth, buf_size;
    unsigned int granularity, flags;
    bool blockdev, bytes, print_xml;
    struct job_wait wait;
};

static const struct hvsh_choice formats[] = {
    { "raw", 0, NULL }, { "qcow2", 0, NULL }, { "qed", 0, NULL }, { "vmdk", 0, NULL }, { "vdi", 0, NULL }, { "vpc", 0, NULL }, { NULL }
};

static const struct hvsh_field copy_args[] = {
    DOMAIN_ROW(struct copy_args),
    DISK_ROW(struct copy_args, path),
    HVSH_TEXT(struct copy_args, dest, "path of the copy", .offer = offer_files),
    HVSH_BANDWIDTH(struct copy_args, bandwidth, "at most so many MiB/s", .scope = "bytes"),
    HVSH_BIT(struct copy_args, flags, "shallow", VIR_DOMAIN_BLOCK_COPY_SHALLOW, "copy the top image only, on the same backing chain"),
    HVSH_BIT(struct copy_args, flags, "reuse-external", VIR_DOMAIN_BLOCK_COPY_REUSE_EXT, "the destination is there already"),
    HVSH_ALIAS("raw", "format=raw"),
    HVSH_FLAG(struct copy_args, blockdev, "the destination is a block device, not a file"),
    WAIT_ROW(struct copy_args),
    VERBOSE_ROW(struct copy_args),
    TIMEOUT_ROW(struct copy_args),
    HVSH_FLAG(struct copy_args, wait.pivot, "wait, then let the guest go on with the copy", .name = "pivot"),
    HVSH_FLAG(struct copy_args, wait.finish, "wait, then let the guest go on with its disk", .name = "finish"),
    ASYNC_ROW(struct copy_args),
    HVSH_XML(struct copy_args, xml, "file with the XML of the destination"),
    HVSH_TEXT(struct copy_args, format, "format of the destination", .choices = formats),
    HVSH_UINT(struct copy_args, granularity, "bytes of one step, a power of two"),
    HVSH_UINT64(struct copy_args, buf_size, "at most so many bytes under way"),
    HVSH_FLAG(struct copy_args, bytes, "the bandwidth is in bytes/s"),
    HVSH_BIT(struct copy_args, flags, "transient-job", VIR_DOMAIN_BLOCK_COPY_TRANSIENT_JOB, "the job ends when the guest is shut off"),
    HVSH_BIT(struct copy_args, flags, "synchronous-writes", VIR_DOMAIN_BLOCK_COPY_SYNCHRONOUS_WRITES, "the guest's writes wait for the copy"),
    HVSH_FLAG(struct copy_args, print_xml, "print the XML of the destination, copy nothing"),
    HVSH_EXCLUDES("pivot", "finish"),
    HVSH_EXCLUDES("dest", "xml"),
    HVSH_EXCLUDES("format", "xml"),
    HVSH_EXCLUDES("blockdev", "xml"),
    HVSH_ONE_OF("dest", "xml", .help = "need either --dest or --xml"),
    HVSH_REQUIRES("verbose", "timeout wait pivot finish", .help = "--verbose requires at least one of --timeout, --wait, --pivot, or --finish"),
    HVSH_REQUIRES("async", "timeout wait pivot finish", .help = "--async requires at least one of --timeout, --wait, --pivot, or --finish"),
    HVSH_END
};

static const char *destination(hvsh_call *call, const struct copy_args *args)
{
    g_autofree char *path = args->dest ? g_markup_escape_text(args->dest, -1) : NULL;
    g_autofree char *format = args->format ? g_markup_escape_text(args->format, -1) : NULL;
    g_autofree char *driver = format ? g_strdup_printf("  <driver type='%s'/>\n", format) : NULL;

    if (args->xml)
        return args->xml;
    return hvsh_printf(call, "<disk type='%s'>\n  <source %s='%s'/>\n%s</disk>\n", args->blockdev ? "block" : "file",
                       args->blockdev ? "dev" : "file", path, driver ? driver : "");
}

static int failed(hvsh_call *call, const struct copy_args *args)
{
    bool invalid = virGetLastErrorCode() == VIR_ERR_OPERATION_INVALID;

    hvsh_fail_libvirt(call);
    if (invalid && !(args->flags & VIR_DOMAIN_BLOCK_COPY_TRANSIENT_JOB) && virDomainIsPersistent(args->domain) == 1)
        hvsh_hint(call, "a guest that is defined is copied with --transient-job: the job does not survive its shutdown");
    return -1;
}

static int copy_with_xml(hvsh_call *call, const struct copy_args *args)
{
    virTypedParameterPtr params = NULL;
    int count = 0, room = 0, result;
    uint64_t bandwidth = args->bandwidth;

    if (!args->bytes && bandwidth > UINT64_MAX >> 20)
        return hvsh_fail(call, "bandwidth must be less than %llu", (unsigned long long)(UINT64_MAX >> 20));
    if (!args->bytes)
        bandwidth <<= 20;
    if (bandwidth)
        virTypedParamsAddULLong(&params, &count, &room, VIR_DOMAIN_BLOCK_COPY_BANDWIDTH, bandwidth);
    if (args->granularity)
        virTypedParamsAddUInt(&params, &count, &room, VIR_DOMAIN_BLOCK_COPY_GRANULARITY, args->granularity);
    if (args->buf_size)
        virTypedParamsAddULLong(&params, &count, &room, VIR_DOMAIN_BLOCK_COPY_BUF_SIZE, args->buf_size);
    result = virDomainBlockCopy(args->domain, args->path, destination(call, args), params, count, args->flags);
    if (result < 0)
        failed(call, args);
    virTypedParamsFree(params, count);
    return result;
}

/* The older call takes the disk's own format when none is given; the newer one has all the options. */
static int copy_begin(hvsh_call *call, const void *p)
{
    const struct copy_args *args = p;
    const unsigned int both = VIR_DOMAIN_BLOCK_COPY_SHALLOW | VIR_DOMAIN_BLOCK_COPY_REUSE_EXT;
    unsigned int flags = VIR_DOMAIN_BLOCK_REBASE_COPY;

    G_STATIC_ASSERT(VIR_DOMAIN_BLOCK_COPY_SHALLOW == (int)VIR_DOMAIN_BLOCK_REBASE_SHALLOW);
    G_STATIC_ASSERT(VIR_DOMAIN_BLOCK_COPY_REUSE_EXT == (int)VIR_DOMAIN_BLOCK_REBASE_REUSE_EXT);
    if (args->xml || args->granularity || args->buf_size || args->flags & ~both || (args->format && strcmp(args->format, "raw") != 0))
        return copy_with_xml(call, args);
    flags |= args->flags | (args->blockdev ? VIR_DOMAIN_BLOCK_REBASE_COPY_DEV : 0) | (args->format ? VIR_DOMAIN_BLOCK_REBASE_COPY_RAW : 0) |
             (args->bytes ? VIR_DOMAIN_BLOCK_REBASE_BANDWIDTH_BYTES : 0);
    if (virDomainBlockRebase(args->domain, args->path, args->dest, (unsigned long)args->bandwidth, flags) < 0)
        return failed(call, args);
    return 0;
}

static int copy_run(hvsh_call *call, const void *p)
{
    const struct copy_args *args = p;
    const struct job_wait *wait = &args->wait;
    const struct job job = {
        .name = "Block Copy", .verb = "Copy", .started = "Block Copy started", .synced = "\nNow in mirroring phase",
        .finished = "\nSuccessfully copied", .waits = wait->wait || wait->timeout || wait->pivot || wait->finish, .pivot = wait->pivot,
        .finish = wait->finish, .begin = copy_begin, .cancelled = "the guest goes on with its disk; what was copied so far is left where it is",
    };

    if (args->print_xml)
        return object_text(call, &xml_shape, destination(call, args));
    return job_run(call, args->domain, args->path, &job, wait, args);
}

const struct hvsh_command command_blockcopy = {
    .name = "blockcopy",
    .group = "domain",
    .help = "copy a disk of a running guest",
    .description = "Mirror a disk of a running guest to another image. When both are the same the guest can go on with the copy (--pivot), or "
                   "with its disk, the copy being a consistent image of it (--finish). Ctrl-C gives the copy up.",
    HVSH_ARGS(copy_args),
    .shapes = HVSH_SHAPES(&job_shape, &xml_shape),
    .examples = HVSH_EXAMPLES({ "blockcopy web1 vda /ssd/web1.qcow2 --transient-job --verbose --pivot", "move a disk under a running guest",
                                HVSH_MATCH_ONLY },
                              { "blockcopy test vda /tmp/copy.img --format qcow2 --print-xml", "see the destination's XML" }),
    .run = copy_run,
};
