/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pool-info.c - facts of one pool: pool-info, pool-dumpxml, pool-name, pool-uuid. */
#include "storage.h"

/* ---- info ---- */

struct info_args { virStoragePoolPtr pool; bool bytes; };

static const struct hvsh_field info_args[] = {
    POOL(struct info_args, 0),
    HVSH_FLAG(struct info_args, bytes, "sizes in bytes"),
    HVSH_END
};

struct info_row {
    const char *name, *uuid;
    int state;
    bool persistent, autostart;
    uint64_t capacity, allocation, available;
};

/* A size in units, and with --bytes as it is. */
#define SIZE_ROWS(member, help, heading) \
    HVSH_SIZE(struct info_row, member, help, .label = heading, .when = "!bytes", .unit = "auto"), \
    HVSH_UINT64(struct info_row, member, help, .name = #member "-bytes", .label = heading, .when = "bytes", .flags = HVSH_HIDE)

static const struct hvsh_field info_row[] = {
    HVSH_TEXT(struct info_row, name, "name", .label = "Name:"),
    HVSH_TEXT(struct info_row, uuid, "uuid", .label = "UUID:"),
    HVSH_ENUM(struct info_row, state, "state", .label = "State:", .choices = pool_states),
    HVSH_FLAG(struct info_row, persistent, "is it defined?", .label = "Persistent:"),
    HVSH_FLAG(struct info_row, autostart, "does it start with the host?", .label = "Autostart:"),
    SIZE_ROWS(capacity, "size of it all", "Capacity:"),
    SIZE_ROWS(allocation, "what is taken", "Allocation:"),
    SIZE_ROWS(available, "what is free", "Available:"),
    HVSH_END
};

static const struct hvsh_shape info_shape = { .name = "info", .kind = HVSH_RECORD, HVSH_ROW(info_row) };

static int info_run(hvsh_call *call, const void *p)
{
    virStoragePoolPtr pool = ((const struct info_args *)p)->pool;
    struct info_row row = { virStoragePoolGetName(pool), pool_uuid(call, pool), 0, false, false, UINT64_MAX, UINT64_MAX, UINT64_MAX };
    virStoragePoolInfo info;
    int persistent, autostart;

    if (virStoragePoolGetInfo(pool, &info) < 0 || (persistent = virStoragePoolIsPersistent(pool)) < 0 ||
        virStoragePoolGetAutostart(pool, &autostart) < 0)
        return hvsh_fail_libvirt(call);
    row.state = info.state;
    row.persistent = persistent;
    row.autostart = autostart;
    if (info.state == VIR_STORAGE_POOL_RUNNING || info.state == VIR_STORAGE_POOL_DEGRADED) {
        row.capacity = info.capacity;
        row.allocation = info.allocation;
        row.available = info.available;
    }
    return hvsh_emit(call, &info_shape, &row);
}

const struct hvsh_command COMMAND(pool_info) = {
    .name = "pool-info",
    .group = "pool",
    .help = "storage pool information",
    HVSH_ARGS(info_args),
    .shapes = HVSH_SHAPES(&info_shape),
    .examples = HVSH_EXAMPLES({ "pool-info default-pool", "what is known of it" }, { "pool-info default-pool --bytes", "with exact sizes" }),
    .run = info_run,
};

/* ---- dumpxml ---- */

struct dumpxml_args { virStoragePoolPtr pool; unsigned int flags; struct xml_choice xml; };

static const struct hvsh_field dumpxml_args[] = {
    POOL(struct dumpxml_args, 0),
    HVSH_BIT(struct dumpxml_args, flags, "inactive", VIR_STORAGE_XML_INACTIVE, "the definition of its next start"),
    OBJECT_XML_ROWS(struct dumpxml_args),
    HVSH_END
};

static int dumpxml_run(hvsh_call *call, const void *p)
{
    const struct dumpxml_args *args = p;

    return object_xml(call, virStoragePoolGetXMLDesc(args->pool, args->flags), &args->xml);
}

const struct hvsh_command COMMAND(pool_dumpxml) = {
    .name = "pool-dumpxml",
    .group = "pool",
    .help = "pool information in XML",
    HVSH_ARGS(dumpxml_args),
    .shapes = HVSH_SHAPES(&xml_shape),
    .examples = HVSH_EXAMPLES({ "pool-dumpxml default-pool", "the whole document" },
                              { "pool-dumpxml default-pool --xpath //target", "a part of it" }),
    .run = dumpxml_run,
};

/* ---- name, uuid ---- */

static const struct hvsh_field name_args[] = {
    HVSH_POOL(struct only_pool, pool, "pool uuid", .flags = HVSH_REQUIRED, .value = HVSH_BY_UUID),
    HVSH_END
};

static int name_run(hvsh_call *call, const void *p)
{
    return object_text(call, &text_shape, virStoragePoolGetName(((const struct only_pool *)p)->pool));
}

const struct hvsh_command COMMAND(pool_name) = {
    .name = "pool-name",
    .group = "pool",
    .help = "convert a pool UUID to pool name",
    .args = name_args,
    .args_size = sizeof(struct only_pool),
    .shapes = HVSH_SHAPES(&text_shape),
    .examples = HVSH_EXAMPLES({ "pool-name dfe224cb-28fb-8dd0-c4b2-64eb3f0f4566", "the name of the pool with this uuid" }),
    .run = name_run,
};

static const struct hvsh_field uuid_args[] = {
    HVSH_POOL(struct only_pool, pool, "pool name", .flags = HVSH_REQUIRED, .value = HVSH_BY_NAME),
    HVSH_END
};

static int uuid_run(hvsh_call *call, const void *p)
{
    const char *uuid = pool_uuid(call, ((const struct only_pool *)p)->pool);

    return uuid ? object_text(call, &text_shape, uuid) : hvsh_fail_virt(call, "failed to get pool UUID");
}

const struct hvsh_command COMMAND(pool_uuid) = {
    .name = "pool-uuid",
    .group = "pool",
    .help = "convert a pool name to pool UUID",
    .args = uuid_args,
    .args_size = sizeof(struct only_pool),
    .shapes = HVSH_SHAPES(&text_shape),
    .examples = HVSH_EXAMPLES({ "pool-uuid default-pool", "its uuid" }),
    .run = uuid_run,
};
