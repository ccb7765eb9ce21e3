/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pool-list.c - the list of pools: a fixed number of round trips, and with sizes one more for each active pool, several at once. */
#include "storage.h"
#include "members.h"

struct list_args {
    unsigned int filter;
    HVSH_LIST_OF(const char *) type;
    bool details, uuid, name;
};

static const struct hvsh_field list_args[] = {
    HVSH_BIT(struct list_args, filter, "inactive", INACTIVE, "only inactive pools"),
    HVSH_BIT(struct list_args, filter, "all", ACTIVE | INACTIVE, "inactive and active pools"),
    HVSH_BIT(struct list_args, filter, "transient", VIR_CONNECT_LIST_STORAGE_POOLS_TRANSIENT, "only transient pools"),
    HVSH_BIT(struct list_args, filter, "persistent", PERSISTENT, "only persistent pools"),
    HVSH_BIT(struct list_args, filter, "autostart", VIR_CONNECT_LIST_STORAGE_POOLS_AUTOSTART, "only pools that start with the host"),
    HVSH_BIT(struct list_args, filter, "no-autostart", VIR_CONNECT_LIST_STORAGE_POOLS_NO_AUTOSTART, "only pools that do not start with the host"),
    HVSH_TEXTS(struct list_args, type, HVSH_COMMA, "only pools of these types", .choices = pool_types),
    HVSH_FLAG(struct list_args, details, "persistence and sizes too"),
    HVSH_FLAG(struct list_args, uuid, "uuids only"),
    HVSH_FLAG(struct list_args, name, "names only"),
    HVSH_EXCLUDES("details", "uuid name"),
    HVSH_END
};

struct list_row {
    const char *name;
    bool active;
    int state;
    bool autostart, persistent;
    uint64_t capacity, allocation, available;
    const char *uuid;
};

static const struct hvsh_field list_row[] = {
    HVSH_TEXT(struct list_row, name, "name", .label = "Name"),
    HVSH_FLAG(struct list_row, active, "is it up?", .label = "State", .choices = active_words, .when = "!details"),
    HVSH_ENUM(struct list_row, state, "state", .label = "State", .choices = pool_states, .when = "details", .missing = "unknown"),
    HVSH_FLAG(struct list_row, autostart, "does it start with the host?", .label = "Autostart"),
    HVSH_FLAG(struct list_row, persistent, "is it defined?", .label = "Persistent", .when = "details"),
    HVSH_SIZE(struct list_row, capacity, "size of it all", .label = "Capacity", .when = "details", .unit = "auto"),
    HVSH_SIZE(struct list_row, allocation, "what is taken", .label = "Allocation", .when = "details", .unit = "auto"),
    HVSH_SIZE(struct list_row, available, "what is free", .label = "Available", .when = "details", .unit = "auto"),
    HVSH_TEXT(struct list_row, uuid, "uuid"),
    HVSH_END
};

static const struct hvsh_shape table = { .name = "pools", .kind = HVSH_TABLE, HVSH_ROW(list_row) };
static const struct hvsh_shape names = { .name = "pools", .kind = HVSH_LINES, HVSH_ROW(list_row), .text = "{name:-20}" };
static const struct hvsh_shape uuids = { .name = "pools", .kind = HVSH_LINES, HVSH_ROW(list_row), .text = "{uuid}" };
static const struct hvsh_shape uuids_names = { .name = "pools", .kind = HVSH_LINES, HVSH_ROW(list_row), .text = "{uuid} {name:-20}" };

MEMBERS(pools, virStoragePoolPtr, virConnectListAllStoragePools, virStoragePoolGetName, hvsh_own_pool, "Failed to list pools")

/* One pool of the list; the pool itself is the call's. */
struct entry { virStoragePoolPtr pool; struct list_row row; };

/* State and sizes of an active pool; runs on workers. */
static void ask_pool(void *p)
{
    struct entry *entry = p;
    virStoragePoolInfo info;

    if (virStoragePoolGetInfo(entry->pool, &info) < 0)
        return;
    entry->row.state = info.state;
    if (info.state == VIR_STORAGE_POOL_INACTIVE)
        return;
    entry->row.capacity = info.capacity;
    entry->row.allocation = info.allocation;
    entry->row.available = info.available;
}

static int ask_pools(hvsh_call *call, struct entry *entries, int count)
{
    g_autofree void **asked = g_new(void *, count + 1);
    size_t active = 0;

    for (int i = 0; i < count; i++) {
        if (entries[i].row.active)
            asked[active++] = &entries[i];
        else
            entries[i].row.state = VIR_STORAGE_POOL_INACTIVE;
    }
    return active ? hvsh_each(call, ask_pool, asked, active, 8) : 0;
}

/* The words of --type as list flags. */
static int type_filter(hvsh_call *call, const struct list_args *args, unsigned int *filter)
{
    for (size_t i = 0; i < args->type.count; i++) {
        const struct hvsh_choice *type = object_choice(pool_types, args->type.items[i]);

        if (!type)
            return hvsh_fail(call, "Invalid pool type '%s'", args->type.items[i]);
        *filter |= (unsigned int)type->value;
    }
    return 0;
}

static int list_run(hvsh_call *call, const void *p)
{
    const struct list_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    const struct hvsh_shape *shape = args->name ? (args->uuid ? &uuids_names : &names) : args->uuid ? &uuids : &table;
    unsigned int filter = args->filter & (ACTIVE | INACTIVE) ? args->filter : args->filter | ACTIVE;
    struct members active = { .yes = ACTIVE, .no = INACTIVE };
    struct members autostart = { .yes = VIR_CONNECT_LIST_STORAGE_POOLS_AUTOSTART, .no = VIR_CONNECT_LIST_STORAGE_POOLS_NO_AUTOSTART };
    struct members persistent = { .yes = PERSISTENT, .no = VIR_CONNECT_LIST_STORAGE_POOLS_TRANSIENT };
    bool sizes = hvsh_wants(call, shape, "capacity");
    virStoragePoolPtr *pools;
    struct entry *entries;
    int count;

    if (!connection || type_filter(call, args, &filter) < 0 || (count = pools_list(call, connection, filter, &pools)) < 0)
        return -1;
    entries = hvsh_defer(call, g_new0(struct entry, count + 1), g_free);
    if (((hvsh_wants(call, shape, "active") || sizes) && pools_members(call, connection, filter, count, &active) < 0) ||
        (hvsh_wants(call, shape, "autostart") && pools_members(call, connection, filter, count, &autostart) < 0) ||
        (hvsh_wants(call, shape, "persistent") && pools_members(call, connection, filter, count, &persistent) < 0))
        return -1;
    for (int i = 0; i < count; i++) {
        const char *name = virStoragePoolGetName(pools[i]);

        entries[i] = (struct entry){ pools[i], { .name = name, .active = is_member(&active, name), .state = INT_MIN,
                                                 .autostart = is_member(&autostart, name), .persistent = is_member(&persistent, name),
                                                 .capacity = UINT64_MAX, .allocation = UINT64_MAX, .available = UINT64_MAX,
                                                 .uuid = pool_uuid(call, pools[i]) } };
    }
    if (sizes && ask_pools(call, entries, count) < 0)
        return -1;
    hvsh_begin(call, shape);
    for (int i = 0; i < count; i++)
        if (hvsh_emit(call, shape, &entries[i].row) < 0)
            return -1;
    return 0;
}

const struct hvsh_command COMMAND(pool_list) = {
    .name = "pool-list",
    .group = "pool",
    .help = "list pools",
    .description = "Active pools, sorted by their names; with the options others too.",
    HVSH_ARGS(list_args),
    .shapes = HVSH_SHAPES(&table, &names, &uuids, &uuids_names),
    .examples = HVSH_EXAMPLES({ "pool-list --all --details", "all pools, with their sizes" }, { "pool-list --type dir,fs --name", "their names" }),
    .run = list_run,
};
