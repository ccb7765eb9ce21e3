/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pool-find.c - what pools there could be: find-storage-pool-sources, find-storage-pool-sources-as, pool-capabilities. */
#include "storage.h"

static int find(hvsh_call *call, const char *type, const char *source)
{
    virConnectPtr connection = hvsh_connection(call);
    char *found;

    if (!connection)
        return -1;
    found = hvsh_own_text(call, virConnectFindStoragePoolSources(connection, type, source, 0));
    return found ? object_text(call, &bare_shape, found) : hvsh_fail_virt(call, "Failed to find any %s pool sources", type);
}

/* ---- find-storage-pool-sources ---- */

struct find_args { const char *type, *srcSpec; };

static const struct hvsh_field find_args[] = {
    HVSH_TEXT(struct find_args, type, "type of pool to look for", .flags = HVSH_REQUIRED, .choices = pool_types),
    HVSH_XML(struct find_args, srcSpec, "file with a source document that says where to look"),
    HVSH_END
};

static int find_run(hvsh_call *call, const void *p)
{
    const struct find_args *args = p;

    return find(call, args->type, args->srcSpec);
}

const struct hvsh_command COMMAND(find_storage_pool_sources) = {
    .name = "find-storage-pool-sources",
    .group = "pool",
    .help = "discover potential storage pool sources",
    .description = "Show, as a document, what pools of this type could lie on: volume groups, exports of a server, iSCSI targets.",
    HVSH_ARGS(find_args),
    .shapes = HVSH_SHAPES(&bare_shape),
    .examples = HVSH_EXAMPLES({ "find-storage-pool-sources logical", "the volume groups of the host" }),
    .run = find_run,
};

/* ---- find-storage-pool-sources-as ---- */

struct find_as_args { const char *type, *host, *port, *initiator; };

static const struct hvsh_field find_as_args[] = {
    HVSH_TEXT(struct find_as_args, type, "type of pool to look for", .flags = HVSH_REQUIRED, .choices = pool_types),
    HVSH_TEXT(struct find_as_args, host, "the server to ask"),
    HVSH_TEXT(struct find_as_args, port, "its port"),
    HVSH_TEXT(struct find_as_args, initiator, "the IQN to ask as"),
    HVSH_END
};

static int find_as_run(hvsh_call *call, const void *p)
{
    const struct find_as_args *args = p;
    g_autoptr(GString) source = g_string_new(NULL);

    if (!args->host)
        return find(call, args->type, NULL);
    add_xml(source, "<source>\n  <host name='%s'", args->host);
    if (args->port)
        add_xml(source, " port='%s'", args->port);
    g_string_append(source, "/>\n");
    if (args->initiator)
        add_xml(source, "  <initiator>\n    <iqn name='%s'/>\n  </initiator>\n", args->initiator);
    g_string_append(source, "</source>\n");
    return find(call, args->type, source->str);
}

const struct hvsh_command COMMAND(find_storage_pool_sources_as) = {
    .name = "find-storage-pool-sources-as",
    .group = "pool",
    .help = "find potential storage pool sources",
    .description = "Show, as a document, what pools of this type could lie on. Where to look is said by options; --port and --initiator "
                   "belong to a --host.",
    HVSH_ARGS(find_as_args),
    .shapes = HVSH_SHAPES(&bare_shape),
    .examples = HVSH_EXAMPLES({ "find-storage-pool-sources-as netfs --host nas", "what this server exports" }),
    .run = find_as_run,
};

/* ---- pool-capabilities ---- */

static int capabilities_run(hvsh_call *call, const void *p)
{
    virConnectPtr connection = hvsh_connection(call);
    char *text;

    (void)p;
    if (!connection)
        return -1;
    text = hvsh_own_text(call, virConnectGetStoragePoolCapabilities(connection, 0));
    return text ? object_text(call, &bare_shape, hvsh_printf(call, "%s\n", text))
                : hvsh_fail_virt(call, "failed to get storage pool capabilities");
}

const struct hvsh_command COMMAND(pool_capabilities) = {
    .name = "pool-capabilities",
    .group = "pool",
    .help = "storage pool capabilities",
    .description = "Show, as a document, which types of pools the host can have and their options.",
    .shapes = HVSH_SHAPES(&bare_shape),
    .examples = HVSH_EXAMPLES({ "pool-capabilities", "what the host can do", HVSH_ON_LIVE }),
    .run = capabilities_run,
};
