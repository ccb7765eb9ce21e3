/* SPDX-License-Identifier: GPL-3.0-or-later */
/* port.c - ports of a network: net-port-list, net-port-create, net-port-dumpxml, net-port-delete. */
#include "network.h"

static void free_port(void *port)
{
    virNetworkPortFree(port);
}

static const char *port_uuid(hvsh_call *call, virNetworkPortPtr port)
{
    char uuid[VIR_UUID_STRING_BUFLEN];

    return virNetworkPortGetUUIDString(port, uuid) < 0 ? NULL : hvsh_printf(call, "%s", uuid);
}

/* The ports of a network, the call's; their number or -1. */
static int all_ports(hvsh_call *call, virNetworkPtr network, virNetworkPortPtr **ports)
{
    int count;

    *ports = NULL;
    count = virNetworkListAllPorts(network, ports, 0);
    hvsh_own_text(call, (char *)*ports);
    for (int i = 0; i < count; i++)
        hvsh_defer(call, (*ports)[i], free_port);
    return count;
}

static int offer_ports(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    virNetworkPtr const *network = hvsh_peer(call, "network");
    virNetworkPortPtr *ports;
    int count = network && *network ? all_ports(call, *network, &ports) : 0;

    (void)field;
    for (int i = 0; i < count; i++) {
        const char *uuid = port_uuid(call, ports[i]);

        if (uuid && g_str_has_prefix(uuid, start))
            hvsh_offer(call, uuid, NULL);
    }
    return 0;
}

/* ---- list ---- */

struct list_args { virNetworkPtr network; bool uuid, table; };

static const struct hvsh_field list_args[] = {
    NETWORK(struct list_args, ACTIVE),
    HVSH_FLAG(struct list_args, uuid, "uuids only"),
    HVSH_FLAG(struct list_args, table, "a table (the default)"),
    HVSH_EXCLUDES("table", "uuid", .help = "Only one argument from --table and --uuid may be specified."),
    HVSH_END
};

struct list_row { const char *uuid; };

static const struct hvsh_field list_row[] = {
    HVSH_TEXT(struct list_row, uuid, "uuid", .label = "UUID"),
    HVSH_END
};

static const struct hvsh_shape table = { .name = "ports", .kind = HVSH_TABLE, HVSH_ROW(list_row) };
static const struct hvsh_shape uuids = { .name = "ports", .kind = HVSH_LINES, HVSH_ROW(list_row), .text = "{uuid}" };

static int by_uuid(const void *a, const void *b)
{
    return strcmp(((const struct list_row *)a)->uuid, ((const struct list_row *)b)->uuid);
}

static int list_run(hvsh_call *call, const void *p)
{
    const struct list_args *args = p;
    const struct hvsh_shape *shape = args->uuid ? &uuids : &table;
    virNetworkPortPtr *ports;
    struct list_row *rows;
    int count = all_ports(call, args->network, &ports);

    if (count < 0)
        return hvsh_fail_libvirt(call);
    rows = hvsh_defer(call, g_new0(struct list_row, count + 1), g_free);
    for (int i = 0; i < count; i++)
        if (!(rows[i].uuid = port_uuid(call, ports[i])))
            return hvsh_fail_libvirt(call);
    qsort(rows, (size_t)count, sizeof(*rows), by_uuid);
    hvsh_begin(call, shape);
    for (int i = 0; i < count; i++)
        if (hvsh_emit(call, shape, &rows[i]) < 0)
            return -1;
    return 0;
}

const struct hvsh_command COMMAND(port_list) = {
    .name = "net-port-list",
    .group = "network",
    .help = "list the ports of a network",
    .description = "Every guest's interface that is on the network has a port.",
    HVSH_ARGS(list_args),
    .shapes = HVSH_SHAPES(&table, &uuids),
    .examples = HVSH_EXAMPLES({ "net-port-list default", "the ports in use", HVSH_ON_LIVE }),
    .run = list_run,
};

/* ---- create ---- */

struct create_args { virNetworkPtr network; const char *file; unsigned int flags; };

static const struct hvsh_field create_args[] = {
    NETWORK(struct create_args, ACTIVE),
    HVSH_XML(struct create_args, file, "file with the XML of the port", .flags = HVSH_REQUIRED),
    HVSH_BIT(struct create_args, flags, "validate", VIR_NETWORK_PORT_CREATE_VALIDATE, "check the XML against the schema"),
    HVSH_END
};

OBJECT_MESSAGE(created, "Network port {uuid} created from {file}");

static int create_run(hvsh_call *call, const void *p)
{
    const struct create_args *args = p;
    const char *file = hvsh_text(call, "file");
    virNetworkPortPtr port = hvsh_defer(call, virNetworkPortCreateXML(args->network, args->file, args->flags), free_port);

    if (!port)
        return hvsh_fail_virt(call, "Failed to create network from %s", file);
    return object_say(call, &created, NULL, port_uuid(call, port), file);
}

const struct hvsh_command COMMAND(port_create) = {
    .name = "net-port-create",
    .group = "network",
    .help = "create a port of a network from an XML file",
    .description = "libvirt makes the ports of its guests itself; this is for others that use its networks.",
    HVSH_ARGS(create_args),
    .shapes = HVSH_SHAPES(&created),
    .examples = HVSH_EXAMPLES({ "net-port-create default port.xml", "a port", HVSH_MATCH_ONLY }),
    .run = create_run,
};

/* ---- dumpxml, delete ---- */

struct port_args { virNetworkPtr network; const char *port; struct xml_choice xml; };

#define PORT_ROWS \
    NETWORK(struct port_args, ACTIVE), \
    HVSH_TEXT(struct port_args, port, "the port's uuid", .flags = HVSH_REQUIRED, .offer = offer_ports)

static const struct hvsh_field dumpxml_args[] = { PORT_ROWS, OBJECT_XML_ROWS(struct port_args), HVSH_END };
static const struct hvsh_field delete_args[] = { PORT_ROWS, HVSH_END };

static virNetworkPortPtr find_port(hvsh_call *call, const struct port_args *args)
{
    virNetworkPortPtr port = virNetworkPortLookupByUUIDString(args->network, args->port);

    if (!port)
        hvsh_fail_virt(call, "failed to get network port '%s'", args->port);
    return hvsh_defer(call, port, free_port);
}

static int dumpxml_run(hvsh_call *call, const void *p)
{
    const struct port_args *args = p;
    virNetworkPortPtr port = find_port(call, args);

    return port ? object_xml(call, virNetworkPortGetXMLDesc(port, 0), &args->xml) : -1;
}

const struct hvsh_command COMMAND(port_dumpxml) = {
    .name = "net-port-dumpxml",
    .group = "network",
    .help = "network port information in XML",
    .args = dumpxml_args,
    .args_size = sizeof(struct port_args),
    .shapes = HVSH_SHAPES(&xml_shape),
    .examples = HVSH_EXAMPLES({ "net-port-dumpxml default 2d87aa80-1eb1-4d24-a2a9-a6fb9ae5f4c1", "what is known of the port", HVSH_MATCH_ONLY }),
    .run = dumpxml_run,
};

OBJECT_MESSAGE(deleted, "Network port {uuid} deleted");

static int delete_run(hvsh_call *call, const void *p)
{
    const struct port_args *args = p;
    virNetworkPortPtr port = find_port(call, args);

    if (!port)
        return -1;
    if (virNetworkPortDelete(port, 0) < 0)
        return hvsh_fail_virt(call, "Failed to delete network port %s", args->port);
    return object_say(call, &deleted, NULL, port_uuid(call, port), NULL);
}

const struct hvsh_command COMMAND(port_delete) = {
    .name = "net-port-delete",
    .group = "network",
    .help = "delete a port of a network",
    .description = "The interface that used the port loses its place on the network.",
    .args = delete_args,
    .args_size = sizeof(struct port_args),
    .shapes = HVSH_SHAPES(&deleted),
    .examples = HVSH_EXAMPLES({ "net-port-delete default 2d87aa80-1eb1-4d24-a2a9-a6fb9ae5f4c1", "it is gone", HVSH_MATCH_ONLY }),
    .run = delete_run,
};
