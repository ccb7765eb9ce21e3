/* SPDX-License-Identifier: GPL-3.0-or-later */
/* life.c - the life of a network: define, create, start, destroy, autostart, undefine, edit. */
#include "network.h"

static const struct hvsh_field active_args[] = { NETWORK(struct only_network, ACTIVE), HVSH_END };
static const struct hvsh_field inactive_args[] = { NETWORK(struct only_network, INACTIVE), HVSH_END };
static const struct hvsh_field persistent_args[] = { NETWORK(struct only_network, PERSISTENT), HVSH_END };
#define ONLY(table) .args = (table), .args_size = sizeof(struct only_network)

/* A network, a call, a sentence. */
static int act(hvsh_call *call, const void *p, int (*deed)(virNetworkPtr), const char *verb, const struct hvsh_shape *done)
{
    virNetworkPtr network = ((const struct only_network *)p)->network;

    if (deed(network) < 0)
        return hvsh_fail_virt(call, "Failed to %s network %s", verb, hvsh_text(call, "network"));
    return network_say(call, done, network);
}

/* ---- start, destroy, undefine ---- */

OBJECT_MESSAGE(started, "Network {given} started");

static int start_run(hvsh_call *call, const void *p)
{
    return act(call, p, virNetworkCreate, "start", &started);
}

const struct hvsh_command COMMAND(start) = {
    .name = "net-start",
    .group = "network",
    .help = "start a (previously defined) inactive network",
    .description = "Bring the network up: its bridge, its address, its DHCP and DNS service.",
    ONLY(inactive_args),
    .shapes = HVSH_SHAPES(&started),
    .examples = HVSH_EXAMPLES({ "net-start default", "bring it up", HVSH_MATCH_ONLY }),
    .run = start_run,
};

OBJECT_MESSAGE(destroyed, "Network {given} destroyed");

static int destroy_run(hvsh_call *call, const void *p)
{
    return act(call, p, virNetworkDestroy, "destroy", &destroyed);
}

const struct hvsh_command COMMAND(destroy) = {
    .name = "net-destroy",
    .group = "network",
    .help = "destroy (stop) a network",
    .description = "Take the network down at once; guests on it lose it. A persistent network stays defined, a transient one is gone.",
    ONLY(active_args),
    .shapes = HVSH_SHAPES(&destroyed),
    .examples = HVSH_EXAMPLES({ "net-destroy default", "take it down" }),
    .run = destroy_run,
};

OBJECT_MESSAGE(undefined, "Network {given} has been undefined");

static int undefine_run(hvsh_call *call, const void *p)
{
    return act(call, p, virNetworkUndefine, "undefine", &undefined);
}

const struct hvsh_command COMMAND(undefine) = {
    .name = "net-undefine",
    .group = "network",
    .help = "undefine a persistent network",
    .description = "Forget the definition. A network that is active becomes a transient one, where the driver can do that.",
    ONLY(persistent_args),
    .shapes = HVSH_SHAPES(&undefined),
    .examples = HVSH_EXAMPLES({ "net-undefine old", "forget it", HVSH_MATCH_ONLY }),
    .run = undefine_run,
};

/* ---- autostart ---- */

struct autostart_args { virNetworkPtr network; bool disable; };

static const struct hvsh_field autostart_args[] = {
    NETWORK(struct autostart_args, PERSISTENT),
    HVSH_FLAG(struct autostart_args, disable, "no longer start it"),
    HVSH_END
};

OBJECT_MESSAGE(marked, "Network {given} marked as autostarted");
OBJECT_MESSAGE(unmarked, "Network {given} unmarked as autostarted");

static int autostart_run(hvsh_call *call, const void *p)
{
    const struct autostart_args *args = p;

    if (virNetworkSetAutostart(args->network, !args->disable) < 0)
        return hvsh_fail_virt(call, "failed to %s network %s as autostarted", args->disable ? "unmark" : "mark",
                              hvsh_text(call, "network"));
    return network_say(call, args->disable ? &unmarked : &marked, args->network);
}

const struct hvsh_command COMMAND(autostart) = {
    .name = "net-autostart",
    .group = "network",
    .help = "autostart a network",
    .description = "Start the network whenever the host starts.",
    HVSH_ARGS(autostart_args),
    .shapes = HVSH_SHAPES(&marked, &unmarked),
    .examples = HVSH_EXAMPLES({ "net-autostart default", "with the host" }, { "net-autostart default --disable", "no longer" }),
    .run = autostart_run,
};

/* ---- define, create ---- */

struct file_args { const char *file; unsigned int flags; };

static const struct hvsh_field define_args[] = {
    HVSH_XML(struct file_args, file, "file with the XML of the network", .flags = HVSH_REQUIRED),
    HVSH_BIT(struct file_args, flags, "validate", VIR_NETWORK_DEFINE_VALIDATE, "check the XML against the schema"),
    HVSH_END
};

OBJECT_MESSAGE(defined, "Network {name} defined from {file}");

static int define_run(hvsh_call *call, const void *p)
{
    const struct file_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    const char *file = hvsh_text(call, "file");
    virNetworkPtr network;

    if (!connection)
        return -1;
    network = hvsh_own_network(call, args->flags ? virNetworkDefineXMLFlags(connection, args->file, args->flags)
                                                 : virNetworkDefineXML(connection, args->file));
    if (!network)
        return hvsh_fail_virt(call, "Failed to define network from %s", file);
    return object_say(call, &defined, virNetworkGetName(network), network_uuid(call, network), file);
}

const struct hvsh_command COMMAND(define) = {
    .name = "net-define",
    .group = "network",
    .help = "define an inactive persistent network, or change one, from an XML file",
    .description = "Make a network known, or change what is known of it. It is not started.",
    .args = define_args,
    .args_size = sizeof(struct file_args),
    .shapes = HVSH_SHAPES(&defined),
    .examples = HVSH_EXAMPLES({ "net-define lan.xml --validate", "only if the document is valid", HVSH_MATCH_ONLY }),
    .run = define_run,
};

static const struct hvsh_field create_args[] = {
    HVSH_XML(struct file_args, file, "file with the XML of the network", .flags = HVSH_REQUIRED),
    HVSH_BIT(struct file_args, flags, "validate", VIR_NETWORK_CREATE_VALIDATE, "check the XML against the schema"),
    HVSH_END
};

OBJECT_MESSAGE(created, "Network {name} created from {file}");

static int create_run(hvsh_call *call, const void *p)
{
    const struct file_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    const char *file = hvsh_text(call, "file");
    virNetworkPtr network;

    if (!connection)
        return -1;
    network = hvsh_own_network(call, args->flags ? virNetworkCreateXMLFlags(connection, args->file, args->flags)
                                                 : virNetworkCreateXML(connection, args->file));
    if (!network)
        return hvsh_fail_virt(call, "Failed to create network from %s", file);
    return object_say(call, &created, virNetworkGetName(network), network_uuid(call, network), file);
}

const struct hvsh_command COMMAND(create) = {
    .name = "net-create",
    .group = "network",
    .help = "create a network from an XML file",
    .description = "Create and start a transient network: it is gone when it is stopped.",
    .args = create_args,
    .args_size = sizeof(struct file_args),
    .shapes = HVSH_SHAPES(&created),
    .examples = HVSH_EXAMPLES({ "net-create lan.xml", "until it is stopped", HVSH_MATCH_ONLY }),
    .run = create_run,
};

/* ---- edit ---- */

static char *edit_get(hvsh_call *call, void *arg)
{
    char *text = virNetworkGetXMLDesc(arg, VIR_NETWORK_XML_INACTIVE);

    /* a driver that knows of one definition only */
    if (!text && virGetLastErrorCode() == VIR_ERR_INVALID_ARG)
        text = virNetworkGetXMLDesc(arg, 0);
    if (!text)
        hvsh_fail_libvirt(call);
    return text;
}

static int edit_apply(hvsh_call *call, const char *text, bool validate, void *arg)
{
    virNetworkPtr network = virNetworkDefineXML(virNetworkGetConnect(arg), text);

    (void)validate;
    if (!network)
        return hvsh_fail_libvirt(call);
    hvsh_own_network(call, network);
    return 0;
}

static int edit_run(hvsh_call *call, const void *p)
{
    virNetworkPtr network = ((const struct only_network *)p)->network;
    const struct hvsh_edit edit = {
        .what = hvsh_printf(call, "Network %s XML configuration", virNetworkGetName(network)),
        .get = edit_get,
        .apply = edit_apply,
        .arg = network,
    };

    return hvsh_edit(call, &edit);
}

const struct hvsh_command COMMAND(edit) = {
    .name = "net-edit",
    .group = "network",
    .help = "edit XML configuration for a network",
    .description = "Open the definition in $VISUAL, $EDITOR or vi, and define what was saved. A network that is active gets it at its next start.",
    ONLY(persistent_args),
    .examples = HVSH_EXAMPLES({ "net-edit default", "change its definition", HVSH_MATCH_ONLY }),
    .run = edit_run,
    .flags = HVSH_TERMINAL,
};
