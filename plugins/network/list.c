/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list.c - the list of networks, in four round trips at most for any length. */
#include "network.h"
#include "members.h"

struct list_args { unsigned int filter; bool uuid, name, table; };

static const struct hvsh_field list_args[] = {
    HVSH_BIT(struct list_args, filter, "inactive", INACTIVE, "only inactive networks"),
    HVSH_BIT(struct list_args, filter, "all", ACTIVE | INACTIVE, "inactive and active networks"),
    HVSH_BIT(struct list_args, filter, "persistent", PERSISTENT, "only persistent networks"),
    HVSH_BIT(struct list_args, filter, "transient", VIR_CONNECT_LIST_NETWORKS_TRANSIENT, "only transient networks"),
    HVSH_BIT(struct list_args, filter, "autostart", VIR_CONNECT_LIST_NETWORKS_AUTOSTART, "only networks that start with the host"),
    HVSH_BIT(struct list_args, filter, "no-autostart", VIR_CONNECT_LIST_NETWORKS_NO_AUTOSTART, "only networks that do not start with the host"),
    HVSH_FLAG(struct list_args, uuid, "uuids only"),
    HVSH_FLAG(struct list_args, name, "names only"),
    HVSH_FLAG(struct list_args, table, "a table (the default)"),
#define ONLY_ONE .help = "Only one argument from --table, --name and --uuid may be specified."
    HVSH_EXCLUDES("table", "name uuid", ONLY_ONE),
    HVSH_EXCLUDES("name", "uuid", ONLY_ONE),
    HVSH_END
};

struct list_row { const char *name; bool active, autostart, persistent; const char *uuid; };

static const struct hvsh_field list_row[] = {
    HVSH_TEXT(struct list_row, name, "name", .label = "Name"),
    HVSH_FLAG(struct list_row, active, "is it up?", .label = "State", .choices = active_words),
    HVSH_FLAG(struct list_row, autostart, "does it start with the host?", .label = "Autostart"),
    HVSH_FLAG(struct list_row, persistent, "is it defined?", .label = "Persistent"),
    HVSH_TEXT(struct list_row, uuid, "uuid"),
    HVSH_END
};

static const struct hvsh_shape table = { .name = "networks", .kind = HVSH_TABLE, HVSH_ROW(list_row) };
static const struct hvsh_shape names = { .name = "networks", .kind = HVSH_LINES, HVSH_ROW(list_row), .text = "{name}" };
static const struct hvsh_shape uuids = { .name = "networks", .kind = HVSH_LINES, HVSH_ROW(list_row), .text = "{uuid}" };

MEMBERS(networks, virNetworkPtr, virConnectListAllNetworks, virNetworkGetName, hvsh_own_network, "Failed to list networks")

static int list_run(hvsh_call *call, const void *p)
{
    const struct list_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    const struct hvsh_shape *shape = args->name ? &names : args->uuid ? &uuids : &table;
    unsigned int filter = args->filter & (ACTIVE | INACTIVE) ? args->filter : args->filter | ACTIVE;
    struct members active = { .yes = ACTIVE, .no = INACTIVE };
    struct members autostart = { .yes = VIR_CONNECT_LIST_NETWORKS_AUTOSTART, .no = VIR_CONNECT_LIST_NETWORKS_NO_AUTOSTART };
    struct members persistent = { .yes = PERSISTENT, .no = VIR_CONNECT_LIST_NETWORKS_TRANSIENT };
    virNetworkPtr *networks;
    int count;

    if (!connection || (count = networks_list(call, connection, filter, &networks)) < 0)
        return -1;
    if ((hvsh_wants(call, shape, "active") && networks_members(call, connection, filter, count, &active) < 0) ||
        (hvsh_wants(call, shape, "autostart") && networks_members(call, connection, filter, count, &autostart) < 0) ||
        (hvsh_wants(call, shape, "persistent") && networks_members(call, connection, filter, count, &persistent) < 0))
        return -1;
    hvsh_begin(call, shape);
    for (int i = 0; i < count; i++) {
        struct list_row row = { .name = virNetworkGetName(networks[i]), .uuid = network_uuid(call, networks[i]) };

        row.active = is_member(&active, row.name);
        row.autostart = is_member(&autostart, row.name);
        row.persistent = is_member(&persistent, row.name);
        if (hvsh_emit(call, shape, &row) < 0)
            return -1;
    }
    return 0;
}

const struct hvsh_command COMMAND(list) = {
    .name = "net-list",
    .group = "network",
    .help = "list networks",
    .description = "Active networks, sorted by their names; with the options others too.",
    HVSH_ARGS(list_args),
    .shapes = HVSH_SHAPES(&table, &names, &uuids),
    .examples = HVSH_EXAMPLES({ "net-list --all", "all networks" }, { "net-list --all --name", "their names" },
                              { "net-list --inactive --autostart", "those that should be up and are not" }),
    .run = list_run,
};
