/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volume-info.c - facts of one volume: vol-info, vol-dumpxml, vol-key, vol-name, vol-path, vol-pool. */
#include "storage.h"

/* ---- info ---- */

struct info_args { virStorageVolPtr vol; virStoragePoolPtr pool; bool bytes; unsigned int flags; };

static const struct hvsh_field info_args[] = {
    VOLUME(struct info_args),
    VOLUME_POOL(struct info_args),
    HVSH_FLAG(struct info_args, bytes, "sizes in bytes"),
    HVSH_BIT(struct info_args, flags, "physical", VIR_STORAGE_VOL_GET_PHYSICAL, "the size of the file or device instead of the allocation"),
    HVSH_END
};

struct info_row { const char *name; int type; uint64_t capacity, allocation, physical; };

/* A size in units, and with --bytes as it is. */
#define SIZE_ROWS(member, help, heading) \
    HVSH_SIZE(struct info_row, member, help, .label = heading, .when = "!bytes", .unit = "auto"), \
    HVSH_UINT64(struct info_row, member, help, .name = #member "-bytes", .label = heading, .when = "bytes", .unit = "bytes", .flags = HVSH_HIDE)

static const struct hvsh_field info_row[] = {
    HVSH_TEXT(struct info_row, name, "name", .label = "Name:"),
    HVSH_ENUM(struct info_row, type, "type", .label = "Type:", .choices = volume_types),
    SIZE_ROWS(capacity, "size that a guest sees", "Capacity:"),
    SIZE_ROWS(allocation, "what it takes in the pool", "Allocation:"),
    SIZE_ROWS(physical, "size of the file or device", "Physical:"),
    HVSH_END
};

static const struct hvsh_shape info_shape = { .name = "info", .kind = HVSH_RECORD, HVSH_ROW(info_row) };

static int info_run(hvsh_call *call, const void *p)
{
    const struct info_args *args = p;
    struct info_row row = { virStorageVolGetName(args->vol), 0, 0, UINT64_MAX, UINT64_MAX };
    virStorageVolInfo info;

    if ((args->flags ? virStorageVolGetInfoFlags(args->vol, &info, args->flags) : virStorageVolGetInfo(args->vol, &info)) < 0)
        return hvsh_fail_libvirt(call);
    row.type = info.type;
    row.capacity = info.capacity;
    *(args->flags ? &row.physical : &row.allocation) = info.allocation;
    return hvsh_emit(call, &info_shape, &row);
}

const struct hvsh_command COMMAND(vol_info) = {
    .name = "vol-info",
    .group = "volume",
    .help = "storage volume information",
    HVSH_ARGS(info_args),
    .shapes = HVSH_SHAPES(&info_shape),
    .examples = HVSH_EXAMPLES({ "vol-info disk.qcow2 images --bytes", "its exact sizes", HVSH_MATCH_ONLY }),
    .run = info_run,
};

/* ---- dumpxml ---- */

struct dumpxml_args { virStorageVolPtr vol; virStoragePoolPtr pool; struct xml_choice xml; };

static const struct hvsh_field dumpxml_args[] = {
    VOLUME(struct dumpxml_args),
    VOLUME_POOL(struct dumpxml_args),
    OBJECT_XML_ROWS(struct dumpxml_args),
    HVSH_END
};

static int dumpxml_run(hvsh_call *call, const void *p)
{
    const struct dumpxml_args *args = p;

    return object_xml(call, virStorageVolGetXMLDesc(args->vol, 0), &args->xml);
}

const struct hvsh_command COMMAND(vol_dumpxml) = {
    .name = "vol-dumpxml",
    .group = "volume",
    .help = "volume information in XML",
    HVSH_ARGS(dumpxml_args),
    .shapes = HVSH_SHAPES(&xml_shape),
    .examples = HVSH_EXAMPLES({ "vol-dumpxml disk.qcow2 images --xpath //format", "a part of it", HVSH_MATCH_ONLY }),
    .run = dumpxml_run,
};

/* ---- key, name, path, pool ---- */

static const struct hvsh_field by_key_args[] = {
    HVSH_VOLUME(struct only_volume, vol, "volume key or path", .flags = HVSH_REQUIRED, .value = HVSH_BY_UUID),
    HVSH_END
};

static int key_run(hvsh_call *call, const void *p)
{
    return object_text(call, &text_shape, virStorageVolGetKey(((const struct only_volume *)p)->vol));
}

const struct hvsh_command COMMAND(vol_key) = {
    .name = "vol-key",
    .group = "volume",
    .help = "the key of a volume, by its name or path",
    HVSH_ARGS(only_volume),
    .shapes = HVSH_SHAPES(&text_shape),
    .examples = HVSH_EXAMPLES({ "vol-key disk.qcow2 images", "its key", HVSH_MATCH_ONLY }),
    .run = key_run,
};

static int name_run(hvsh_call *call, const void *p)
{
    return object_text(call, &text_shape, virStorageVolGetName(((const struct only_volume *)p)->vol));
}

const struct hvsh_command COMMAND(vol_name) = {
    .name = "vol-name",
    .group = "volume",
    .help = "the name of a volume, by its key or path",
    .args = by_key_args,
    .args_size = sizeof(struct only_volume),
    .shapes = HVSH_SHAPES(&text_shape),
    .examples = HVSH_EXAMPLES({ "vol-name /srv/images/disk.qcow2", "its name", HVSH_MATCH_ONLY }),
    .run = name_run,
};

static int path_run(hvsh_call *call, const void *p)
{
    char *path = hvsh_own_text(call, virStorageVolGetPath(((const struct only_volume *)p)->vol));

    return path ? object_text(call, &text_shape, path) : hvsh_fail_libvirt(call);
}

const struct hvsh_command COMMAND(vol_path) = {
    .name = "vol-path",
    .group = "volume",
    .help = "the path of a volume, by its name or key",
    HVSH_ARGS(only_volume),
    .shapes = HVSH_SHAPES(&text_shape),
    .examples = HVSH_EXAMPLES({ "vol-path disk.qcow2 images", "its path", HVSH_MATCH_ONLY }),
    .run = path_run,
};

struct pool_args { virStorageVolPtr vol; bool uuid; };

static const struct hvsh_field pool_args[] = {
    HVSH_VOLUME(struct pool_args, vol, "volume key or path", .flags = HVSH_REQUIRED, .value = HVSH_BY_UUID),
    HVSH_FLAG(struct pool_args, uuid, "the pool's uuid instead of its name"),
    HVSH_END
};

static int pool_run(hvsh_call *call, const void *p)
{
    const struct pool_args *args = p;
    virStoragePoolPtr pool = hvsh_own_pool(call, virStoragePoolLookupByVolume(args->vol));

    if (!pool)
        return hvsh_fail_virt(call, "failed to get parent pool");
    return object_text(call, &text_shape, args->uuid ? pool_uuid(call, pool) : virStoragePoolGetName(pool));
}

const struct hvsh_command COMMAND(vol_pool) = {
    .name = "vol-pool",
    .group = "volume",
    .help = "the pool of a volume, by its key or path",
    HVSH_ARGS(pool_args),
    .shapes = HVSH_SHAPES(&text_shape),
    .examples = HVSH_EXAMPLES({ "vol-pool /srv/images/disk.qcow2", "the pool it is in", HVSH_MATCH_ONLY }),
    .run = pool_run,
};
