/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volume-list.c - the list of a pool's volumes. libvirt has no bulk call for their facts: each is asked, several at once. */
#include "storage.h"
#include "members.h"

struct list_args { virStoragePoolPtr pool; bool details; };

static const struct hvsh_field list_args[] = {
    POOL(struct list_args, ACTIVE),
    HVSH_FLAG(struct list_args, details, "types and sizes too"),
    HVSH_END
};

struct list_row { const char *name, *path; int type; uint64_t capacity, allocation; const char *key; };

static const struct hvsh_field list_row[] = {
    HVSH_TEXT(struct list_row, name, "name", .label = "Name"),
    HVSH_TEXT(struct list_row, path, "path", .label = "Path"),
    HVSH_ENUM(struct list_row, type, "type", .label = "Type", .choices = volume_types, .when = "details", .missing = "unknown"),
    HVSH_SIZE(struct list_row, capacity, "size that a guest sees", .label = "Capacity", .when = "details", .unit = "auto",
              .missing = "unknown"),
    HVSH_SIZE(struct list_row, allocation, "what it takes in the pool", .label = "Allocation", .when = "details", .unit = "auto",
              .missing = "unknown"),
    HVSH_TEXT(struct list_row, key, "key"),
    HVSH_END
};

static const struct hvsh_shape table = { .name = "volumes", .kind = HVSH_TABLE, HVSH_ROW(list_row) };

/* One volume of the list; the volume itself is the call's. */
struct entry { virStorageVolPtr volume; bool want_info; char *path; struct list_row row; };

static int by_name(const void *a, const void *b)
{
    return strcasecmp(((const struct entry *)a)->row.name, ((const struct entry *)b)->row.name);
}

/* Path, type and sizes; runs on workers. */
static void ask_volume(void *p)
{
    struct entry *entry = p;
    virStorageVolInfo info;

    entry->path = virStorageVolGetPath(entry->volume);
    if (!entry->want_info || virStorageVolGetInfo(entry->volume, &info) < 0)
        return;
    entry->row.type = info.type;
    entry->row.capacity = info.capacity;
    entry->row.allocation = info.allocation;
}

static int list_run(hvsh_call *call, const void *p)
{
    const struct list_args *args = p;
    bool want_info = hvsh_wants(call, &table, "capacity");
    virStorageVolPtr *volumes = NULL;
    struct entry *entries;
    void **asked;
    int count = virStoragePoolListAllVolumes(args->pool, &volumes, 0);

    if (count < 0)
        return hvsh_fail_virt(call, "Failed to list volumes");
    hvsh_own_text(call, (char *)volumes);
    entries = hvsh_defer(call, g_new0(struct entry, count + 1), g_free);
    asked = hvsh_defer(call, g_new0(void *, count + 1), g_free);
    for (int i = 0; i < count; i++) {
        entries[i] = (struct entry){ hvsh_own_volume(call, volumes[i]), want_info, NULL,
                                     { virStorageVolGetName(volumes[i]), NULL, INT_MIN, UINT64_MAX, UINT64_MAX, virStorageVolGetKey(volumes[i]) } };
        asked[i] = &entries[i];
    }
    if (count && hvsh_each(call, ask_volume, asked, (size_t)count, 8) < 0)
        return -1;
    for (int i = 0; i < count; i++)
        entries[i].row.path = hvsh_own_text(call, entries[i].path);
    qsort(entries, (size_t)count, sizeof(*entries), by_name);
    hvsh_begin(call, &table);
    for (int i = 0; i < count; i++)
        if (hvsh_emit(call, &table, &entries[i].row) < 0)
            return -1;
    return 0;
}

const struct hvsh_command COMMAND(vol_list) = {
    .name = "vol-list",
    .group = "volume",
    .help = "list volumes",
    .description = "The volumes of a pool, sorted by their names.",
    HVSH_ARGS(list_args),
    .shapes = HVSH_SHAPES(&table),
    .examples = HVSH_EXAMPLES({ "vol-list default-pool --details", "with their sizes" }),
    .run = list_run,
};
