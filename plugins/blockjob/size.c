/* SPDX-License-Identifier: GPL-3.0-or-later */
/* size.c - blockresize and domblkthreshold: how large a disk is, and when its image's growth is told. */
#include "blockjob.h"

#if !LIBVIR_CHECK_VERSION(10, 0, 0)
enum { VIR_DOMAIN_BLOCK_RESIZE_CAPACITY = 1 << 1 };
#endif
#if !LIBVIR_CHECK_VERSION(12, 3, 0)
enum { VIR_DOMAIN_BLOCK_RESIZE_EXTEND = 1 << 2 };
#endif

struct size_args { virDomainPtr domain; const char *path; uint64_t size; unsigned int flags; };

static const struct hvsh_field resize_args[] = {
    DOMAIN_ROW(struct size_args),
    DISK_ROW(struct size_args, path),
    HVSH_SIZE(struct size_args, size, "its new size", .unit = "KiB",
              .flags = LIBVIR_CHECK_VERSION(10, 0, 0) ? 0 : HVSH_REQUIRED),
    HVSH_BIT(struct size_args, flags, "capacity", VIR_DOMAIN_BLOCK_RESIZE_CAPACITY, "as large as the device that it lies on (libvirt 10.0)",
             .flags = LATER_ARG(10, 0)),
    HVSH_BIT(struct size_args, flags, "extend", VIR_DOMAIN_BLOCK_RESIZE_EXTEND, "only grow it, never shrink (libvirt 12.3)",
             .flags = LATER_ARG(12, 3)),
    HVSH_ONE_OF("size", "capacity", .help = "command 'blockresize' requires --size option"),
    HVSH_END
};

OBJECT_MESSAGE(resized, "Block device '{name}' is resized", .flags = HVSH_NO_NEWLINE);

static int resize_run(hvsh_call *call, const void *p)
{
    const struct size_args *args = p;
    bool whole = args->size % 1024 == 0;

    if (later_option(call, "capacity", 10, 0) < 0 || later_option(call, "extend", 12, 3) < 0)
        return -1;
    if (virDomainBlockResize(args->domain, args->path, whole ? args->size / 1024 : args->size,
                             args->flags | (whole ? 0 : VIR_DOMAIN_BLOCK_RESIZE_BYTES)) < 0)
        return hvsh_fail_virt(call, "Failed to resize block device '%s'", args->path);
    return object_say(call, &resized, args->path, NULL, NULL);
}

const struct hvsh_command command_blockresize = {
    .name = "blockresize",
    .group = "domain",
    .help = "change the size of a running guest's disk",
    .description = "Grow (or shrink: the end of the data is lost) the image of a disk, and tell the guest. What is on the disk, partitions and "
                   "file systems, is not changed.",
    .args = resize_args,
    .args_size = sizeof(struct size_args),
    .shapes = HVSH_SHAPES(&resized),
    .examples = HVSH_EXAMPLES({ "blockresize web1 vda 40GiB", "more room", HVSH_MATCH_ONLY }),
    .run = resize_run,
};

static const struct hvsh_field threshold_args[] = {
    DOMAIN_ROW(struct size_args),
    HVSH_TEXT(struct size_args, path, "the disk, or one of its images as vda[1]", .name = "dev", .flags = HVSH_REQUIRED, .scope = "domain",
              .offer = offer_disks),
    HVSH_SIZE(struct size_args, size, "when the image has grown so far", .name = "threshold",
              .flags = HVSH_REQUIRED, .unit = "B"),
    HVSH_END
};

static int threshold_run(hvsh_call *call, const void *p)
{
    const struct size_args *args = p;

    return virDomainSetBlockThreshold(args->domain, args->path, args->size, 0) < 0 ? hvsh_fail_libvirt(call) : 0;
}

const struct hvsh_command command_domblkthreshold = {
    .name = "domblkthreshold",
    .group = "domain",
    .help = "have an event sent when a disk's image grows beyond a size",
    .description = "One event block-threshold is sent when the guest writes beyond the threshold of the image: time to give its volume more room.",
    .args = threshold_args,
    .args_size = sizeof(struct size_args),
    .examples = HVSH_EXAMPLES({ "domblkthreshold web1 vda 10GiB", "then see: event --event block-threshold", HVSH_MATCH_ONLY }),
    .run = threshold_run,
};
