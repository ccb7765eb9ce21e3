/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volume-life.c - changes of a volume: vol-delete, vol-resize, vol-wipe. */
#include "storage.h"

/* ---- delete ---- */

struct delete_args { virStorageVolPtr vol; virStoragePoolPtr pool; unsigned int flags; };

static const struct hvsh_field delete_args[] = {
    VOLUME(struct delete_args),
    VOLUME_POOL(struct delete_args),
    HVSH_BIT(struct delete_args, flags, "delete-snapshots", VIR_STORAGE_VOL_DELETE_WITH_SNAPSHOTS, "with its snapshots, where the pool has such"),
    HVSH_END
};

OBJECT_MESSAGE(deleted, "Vol {given} deleted");

static int delete_run(hvsh_call *call, const void *p)
{
    const struct delete_args *args = p;

    if (virStorageVolDelete(args->vol, args->flags) < 0)
        return hvsh_fail_virt(call, "Failed to delete vol %s", hvsh_text(call, "vol"));
    return volume_say_given(call, &deleted, args->vol);
}

const struct hvsh_command COMMAND(vol_delete) = {
    .name = "vol-delete",
    .group = "volume",
    .help = "delete a volume",
    .description = "Delete a volume and its data.",
    HVSH_ARGS(delete_args),
    .shapes = HVSH_SHAPES(&deleted),
    .examples = HVSH_EXAMPLES({ "vol-delete disk.qcow2 images", "it is gone", HVSH_MATCH_ONLY }),
    .run = delete_run,
};

/* ---- resize ---- */

struct resize_args { virStorageVolPtr vol; virStoragePoolPtr pool; uint64_t capacity; unsigned int flags; };

/* A size, or with a minus in front how much less: that takes --shrink. */
static int parse_change(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    if (*text == '-' && !hvsh_given(call, "shrink"))
        return hvsh_fail(call, "negative size requires --shrink");
    return hvsh_type_size.parse(call, field, *text == '-' ? text + 1 : text, value);
}

static const struct hvsh_type change_type = { .name = "size", .kind = HVSH_KIND_SIZE, .size = sizeof(uint64_t), .parse = parse_change };

static const struct hvsh_field resize_args[] = {
    VOLUME(struct resize_args),
    HVSH_BIND(struct resize_args, capacity, uint64_t, change_type, "the new size; -SIZE: so much less", .flags = HVSH_REQUIRED | HVSH_WORD),
    VOLUME_POOL(struct resize_args),
    HVSH_BIT(struct resize_args, flags, "allocate", VIR_STORAGE_VOL_RESIZE_ALLOCATE, "allocate what is new instead of leaving it sparse"),
    HVSH_BIT(struct resize_args, flags, "delta", VIR_STORAGE_VOL_RESIZE_DELTA, "the size is how much more"),
    HVSH_BIT(struct resize_args, flags, "shrink", VIR_STORAGE_VOL_RESIZE_SHRINK, "it may become smaller"),
    HVSH_END
};

struct resize_row { const char *name, *by, *text; uint64_t size; };

static const struct hvsh_field resize_row[] = {
    HVSH_TEXT(struct resize_row, name, "the volume"),
    HVSH_TEXT(struct resize_row, by, "\"to\" the size, or \"by\" it"),
    HVSH_SIZE(struct resize_row, size, "the size"),
    HVSH_TEXT(struct resize_row, text, "the size as it was given", .flags = HVSH_HIDE),
    HVSH_END
};

static const struct hvsh_shape resized = {
    .name = "volume", .kind = HVSH_MESSAGE, HVSH_ROW(resize_row), .text = "Size of volume '{name}' successfully changed {by} {text}"
};

static int resize_run(hvsh_call *call, const void *p)
{
    const struct resize_args *args = p;
    const char *text = hvsh_text(call, "capacity");
    unsigned int flags = args->flags | (*text == '-' ? VIR_STORAGE_VOL_RESIZE_DELTA : 0);
    struct resize_row row = { virStorageVolGetName(args->vol), flags & VIR_STORAGE_VOL_RESIZE_DELTA ? "by" : "to",
                              *text == '-' ? text + 1 : text, args->capacity };

    if (virStorageVolResize(args->vol, args->capacity, flags) < 0)
        return hvsh_fail_virt(call, "Failed to change size of volume '%s' %s %s", row.name, row.by, row.text);
    return hvsh_emit(call, &resized, &row);
}

const struct hvsh_command COMMAND(vol_resize) = {
    .name = "vol-resize",
    .group = "volume",
    .help = "resize a volume",
    .description = "Change the size of a volume that no running guest uses; for one in use there is blockresize.",
    HVSH_ARGS(resize_args),
    .shapes = HVSH_SHAPES(&resized),
    .examples = HVSH_EXAMPLES({ "vol-resize disk.qcow2 40G images", "to this size", HVSH_MATCH_ONLY },
                              { "vol-resize disk.qcow2 10G images --delta", "so much more", HVSH_MATCH_ONLY }),
    .run = resize_run,
};

/* ---- wipe ---- */

struct wipe_args { virStorageVolPtr vol; virStoragePoolPtr pool; const char *algorithm; };

static const struct hvsh_choice algorithms[] = {
    { "zero", VIR_STORAGE_VOL_WIPE_ALG_ZERO, "zeros, once" },
    { "nnsa", VIR_STORAGE_VOL_WIPE_ALG_NNSA, "4 passes, NNSA NAP-14.1-C" },
    { "dod", VIR_STORAGE_VOL_WIPE_ALG_DOD, "4 passes, DoD 5220.22-M" },
    { "bsi", VIR_STORAGE_VOL_WIPE_ALG_BSI, "9 passes, as the German BSI recommends" },
    { "gutmann", VIR_STORAGE_VOL_WIPE_ALG_GUTMANN, "35 passes" },
    { "schneier", VIR_STORAGE_VOL_WIPE_ALG_SCHNEIER, "7 passes" },
    { "pfitzner7", VIR_STORAGE_VOL_WIPE_ALG_PFITZNER7, "7 passes of noise" },
    { "pfitzner33", VIR_STORAGE_VOL_WIPE_ALG_PFITZNER33, "33 passes of noise" },
    { "random", VIR_STORAGE_VOL_WIPE_ALG_RANDOM, "noise, once" },
    { "trim", VIR_STORAGE_VOL_WIPE_ALG_TRIM, "the device forgets them by itself" },
    { NULL }
};

static const struct hvsh_field wipe_args[] = {
    VOLUME(struct wipe_args),
    VOLUME_POOL(struct wipe_args),
    HVSH_TEXT(struct wipe_args, algorithm, "what it is written over with", .choices = algorithms),
    HVSH_END
};

OBJECT_MESSAGE(wiped, "Vol {given} wiped");

static int wipe_run(hvsh_call *call, const void *p)
{
    const struct wipe_args *args = p;
    const struct hvsh_choice *algorithm = args->algorithm ? object_choice(algorithms, args->algorithm) : NULL;

    if (args->algorithm && !algorithm)
        return hvsh_fail(call, "Unsupported algorithm '%s'", args->algorithm);
    if ((algorithm ? virStorageVolWipePattern(args->vol, (unsigned int)algorithm->value, 0) : virStorageVolWipe(args->vol, 0)) < 0)
        return hvsh_fail_virt(call, "Failed to wipe vol %s", hvsh_text(call, "vol"));
    return volume_say_given(call, &wiped, args->vol);
}

const struct hvsh_command COMMAND(vol_wipe) = {
    .name = "vol-wipe",
    .group = "volume",
    .help = "wipe a volume",
    .description = "Write over the data, so that nobody reads them later. What a file system or a device keeps elsewhere, in snapshots or "
                   "by wear levelling, is not reached.",
    HVSH_ARGS(wipe_args),
    .shapes = HVSH_SHAPES(&wiped),
    .examples = HVSH_EXAMPLES({ "vol-wipe disk.raw images --algorithm random", "noise over it", HVSH_MATCH_ONLY }),
    .run = wipe_run,
};
