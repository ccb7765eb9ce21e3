/* SPDX-License-Identifier: GPL-3.0-or-later */
/* guests.c - a bridge and the guests on it: their interfaces, the libvirt network that leads to it, bridge-reattach. */
#include "hostnet.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <string.h>

int refuse_guests(hvsh_call *call, const struct host_state *state, const char *bridge, const char *port)
{
    const struct netlink_link *link = host_link(state, bridge);
    g_autoptr(GPtrArray) taps = guest_taps(state->root);
    g_autoptr(GString) names = g_string_new(NULL);

    for (guint i = 0; link && i < state->links->len; i++) {
        const struct netlink_link *other = g_ptr_array_index(state->links, i);

        if (other->master != link->index || g_strcmp0(other->name, port) == 0)
            continue;
        g_string_append_printf(names, "%s%s", names->len ? ", " : "", other->name);
        for (guint t = 0; t < taps->len; t++) {
            const struct guest_tap *tap = g_ptr_array_index(taps, t);

            if (strcmp(tap->name, other->name) == 0)
                g_string_append_printf(names, " of %s", tap->guest);
        }
    }
    if (!names->len)
        return 0;
    hvsh_fail(call, "the bridge %s is in use by %s", bridge, names->str);
    return hvsh_hint(call, "stop the guests on it first, or move them to another network");
}

/* ---- The libvirt network ---- */

static void free_network(void *network)
{
    virNetworkFree(network);
}

/* NULL: there is none, or it cannot be asked; then *connection is NULL after hvsh_fail(). */
static virNetworkPtr find_network(hvsh_call *call, const char *name, virConnectPtr *connection)
{
    virNetworkPtr network;

    *connection = hvsh_connection(call);
    network = *connection ? virNetworkLookupByName(*connection, name) : NULL;
    return hvsh_defer(call, network, network ? free_network : NULL);
}

static bool leads_to(virNetworkPtr network, const char *bridge)
{
    char *name = virNetworkGetBridgeName(network);
    bool same = g_strcmp0(name, bridge) == 0;

    free(name);
    return same;
}

int network_is_free(hvsh_call *call, const char *name, const char *bridge)
{
    virConnectPtr connection;
    virNetworkPtr network = find_network(call, name, &connection);

    if (!connection)
        return -1;
    if (!network || leads_to(network, bridge))
        return 0;
    hvsh_fail(call, "there is a network '%s' already, which does not lead to %s", name, bridge);
    return hvsh_hint(call, "take another name; net-list --all shows them");
}

struct network_row {
    const char *network, *bridge;
};
static const struct hvsh_field network_row[] = {
    HVSH_TEXT(struct network_row, network, "the libvirt network"),
    HVSH_TEXT(struct network_row, bridge, "the bridge"),
    HVSH_END,
};
const struct hvsh_shape network_defined = {
    .name = "network", .kind = HVSH_MESSAGE, .text = "Network '{network}' leads to bridge '{bridge}'", HVSH_ROW(network_row)};

int network_for_bridge(hvsh_call *call, const char *name, const char *bridge)
{
    g_autofree char *xml = g_markup_printf_escaped("<network><name>%s</name><forward mode='bridge'/><bridge name='%s'/></network>", name, bridge);
    struct network_row row = {name, bridge};
    struct journal *made = journal_of_bridge(bridge);
    virConnectPtr connection;
    virNetworkPtr network = find_network(call, name, &connection);

    if (!network && connection) {
        network = virNetworkDefineXML(connection, xml);
        hvsh_defer(call, network, network ? free_network : NULL);
        if (network && made)
            journal_note(made->folder, "network", name);
    }
    journal_free(made);
    if (!network)
        return connection ? hvsh_fail_virt(call, "the bridge %s is made, but the network '%s' could not be defined", bridge, name) : -1;
    if (virNetworkIsActive(network) != 1 && virNetworkCreate(network) < 0)
        return hvsh_fail_virt(call, "the bridge %s is made, but the network '%s' could not be started", bridge, name);
    if (virNetworkSetAutostart(network, 1) < 0)
        return hvsh_fail_virt(call, "the network '%s' is started, but will not be with libvirt", name);
    return hvsh_emit(call, &network_defined, &row);
}

int network_away(hvsh_call *call, const char *name, const char *bridge)
{
    virConnectPtr connection;
    virNetworkPtr network = find_network(call, name, &connection);

    if (!connection)
        return -1;
    if (!network || !leads_to(network, bridge))
        return 0;
    if ((virNetworkIsActive(network) == 1 && virNetworkDestroy(network) < 0) || virNetworkUndefine(network) < 0)
        return hvsh_fail_virt(call, "the bridge %s is deleted, but its network '%s' could not be", bridge, name);
    return 0;
}

/* ---- bridge-reattach ---- */

struct reattach_args {
    const char *bridge;
};
static const struct hvsh_field reattach_args[] = {
    HVSH_TEXT(struct reattach_args, bridge, "the bridge (default: all)", .offer = offer_bridges),
    HVSH_END,
};

struct reattached_row {
    unsigned int count;
};
static const struct hvsh_field reattached_row[] = {
    HVSH_UINT(struct reattached_row, count, "how many interfaces were put back"),
    HVSH_END,
};
static const struct hvsh_shape reattached = {
    .name = "reattached", .kind = HVSH_MESSAGE, .text = "Interfaces put back: {count}", HVSH_ROW(reattached_row)};

static int reattach_run(hvsh_call *call, const void *p)
{
    const struct reattach_args *args = p;
    struct refusal refusal = {NULL, NULL, false};
    const struct host_state *state = look(call);
    struct reattached_row row = {0};
    struct plan *plan;
    int result;

    if (!state || is_this_machine(call) < 0)
        return -1;
    plan = plan_reattach(state, args->bridge, &refusal);
    row.count = plan ? plan->steps->len : 0;
    result = make_change(call, plan, &refusal, NULL);
    return result > 0 ? hvsh_emit(call, &reattached, &row) : result;
}

const struct hvsh_command bridge_reattach = {
    .name = "bridge-reattach",
    .group = "hostnet",
    .help = "put interfaces of running guests back on their bridges",
    .description = "A bridge that is taken down and made anew (ifdown and ifup, a restart of the network) loses its guests, and nobody puts them back: "
                   "they run without network until they are started again. The commands that make and delete bridges here do it by themselves; this "
                   "one does it after others. bridge-show tells which ones are missing.",
    HVSH_ARGS(reattach_args),
    .shapes = HVSH_SHAPES(&reattached, &plan_shape),
    .examples = HVSH_EXAMPLES({"bridge-reattach --dry-run", "who is missing", HVSH_MATCH_ONLY}, {"bridge-reattach br0", "put them back", HVSH_MATCH_ONLY}),
    .run = reattach_run,
    .flags = HVSH_NO_CONNECTION | HVSH_UNDO,
};
