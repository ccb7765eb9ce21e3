/* SPDX-License-Identifier: GPL-3.0-or-later */
/* info.c - facts of one network: net-info, net-dumpxml, net-name, net-uuid. */
#include "network.h"

static const struct hvsh_field any_args[] = { NETWORK(struct only_network, 0), HVSH_END };

/* ---- info ---- */

struct info_row { const char *name, *uuid; bool active, persistent, autostart; const char *bridge; };

static const struct hvsh_field info_row[] = {
    HVSH_TEXT(struct info_row, name, "name", .label = "Name:"),
    HVSH_TEXT(struct info_row, uuid, "uuid", .label = "UUID:"),
    HVSH_FLAG(struct info_row, active, "is it up?", .label = "Active:"),
    HVSH_FLAG(struct info_row, persistent, "is it defined?", .label = "Persistent:"),
    HVSH_FLAG(struct info_row, autostart, "does it start with the host?", .label = "Autostart:"),
    HVSH_TEXT(struct info_row, bridge, "its bridge on the host", .label = "Bridge:"),
    HVSH_END
};

static const struct hvsh_shape info_shape = { .name = "info", .kind = HVSH_RECORD, HVSH_ROW(info_row) };

static int info_run(hvsh_call *call, const void *p)
{
    virNetworkPtr network = ((const struct only_network *)p)->network;
    int active = virNetworkIsActive(network), persistent = virNetworkIsPersistent(network), autostart = 0;
    struct info_row row = { .name = virNetworkGetName(network), .uuid = network_uuid(call, network) };

    if (active < 0 || persistent < 0 || virNetworkGetAutostart(network, &autostart) < 0)
        return hvsh_fail_virt(call, "cannot tell the state of network '%s'", row.name);
    row.active = active;
    row.persistent = persistent;
    row.autostart = autostart;
    row.bridge = hvsh_own_text(call, virNetworkGetBridgeName(network));
    return hvsh_emit(call, &info_shape, &row);
}

const struct hvsh_command COMMAND(info) = {
    .name = "net-info",
    .group = "network",
    .help = "network information",
    .args = any_args,
    .args_size = sizeof(struct only_network),
    .shapes = HVSH_SHAPES(&info_shape),
    .examples = HVSH_EXAMPLES({ "net-info default", "what is known of it" }),
    .run = info_run,
};

/* ---- dumpxml ---- */

struct dumpxml_args { virNetworkPtr network; unsigned int flags; struct xml_choice xml; };

static const struct hvsh_field dumpxml_args[] = {
    NETWORK(struct dumpxml_args, 0),
    HVSH_BIT(struct dumpxml_args, flags, "inactive", VIR_NETWORK_XML_INACTIVE, "the definition of its next start"),
    OBJECT_XML_ROWS(struct dumpxml_args),
    HVSH_END
};

static int dumpxml_run(hvsh_call *call, const void *p)
{
    const struct dumpxml_args *args = p;

    return object_xml(call, virNetworkGetXMLDesc(args->network, args->flags), &args->xml);
}

const struct hvsh_command COMMAND(dumpxml) = {
    .name = "net-dumpxml",
    .group = "network",
    .help = "network information in XML",
    HVSH_ARGS(dumpxml_args),
    .shapes = HVSH_SHAPES(&xml_shape),
    .examples = HVSH_EXAMPLES({ "net-dumpxml default", "the whole document" },
                              { "net-dumpxml default --xpath //dhcp", "a part of it" }),
    .run = dumpxml_run,
};

/* ---- name, uuid ---- */

static const struct hvsh_field name_args[] = {
    HVSH_NETWORK(struct only_network, network, "network uuid", .flags = HVSH_REQUIRED, .value = HVSH_BY_UUID),
    HVSH_END
};

static int name_run(hvsh_call *call, const void *p)
{
    return object_text(call, &text_shape, virNetworkGetName(((const struct only_network *)p)->network));
}

const struct hvsh_command COMMAND(name) = {
    .name = "net-name",
    .group = "network",
    .help = "convert a network UUID to network name",
    .args = name_args,
    .args_size = sizeof(struct only_network),
    .shapes = HVSH_SHAPES(&text_shape),
    .examples = HVSH_EXAMPLES({ "net-name dd8fe884-6c02-601e-7551-cca97df1c5df", "the name of the network with this uuid" }),
    .run = name_run,
};

static const struct hvsh_field uuid_args[] = {
    HVSH_NETWORK(struct only_network, network, "network name", .flags = HVSH_REQUIRED, .value = HVSH_BY_NAME),
    HVSH_END
};

static int uuid_run(hvsh_call *call, const void *p)
{
    const char *uuid = network_uuid(call, ((const struct only_network *)p)->network);

    return uuid ? object_text(call, &text_shape, uuid) : hvsh_fail_virt(call, "failed to get network UUID");
}

const struct hvsh_command COMMAND(uuid) = {
    .name = "net-uuid",
    .group = "network",
    .help = "convert a network name to network UUID",
    .args = uuid_args,
    .args_size = sizeof(struct only_network),
    .shapes = HVSH_SHAPES(&text_shape),
    .examples = HVSH_EXAMPLES({ "net-uuid default", "its uuid" }),
    .run = uuid_run,
};
