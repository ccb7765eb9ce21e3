/* SPDX-License-Identifier: GPL-3.0-or-later */
/* show.c - link-list, bridge-list, bridge-show: this machine's links as the kernel has them. */
#include "hostnet.h"

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/socket.h>

static const char *state_of(const struct netlink_link *link)
{
    return !link->up ? "down" : link->carrier ? "up" : "no carrier";
}

static const char *kind_of(const struct host_state *state, const struct netlink_link *link)
{
    if (link->flags & IFF_LOOPBACK)
        return "loopback";
    if (g_hash_table_contains(state->wireless, link->name))
        return "wifi";
    return link->kind ? link->kind : link->type == ARPHRD_ETHER ? "ethernet" : "other";
}

/* The addresses of a link, those of the link itself left out unless all. */
static char *addresses_of(hvsh_call *call, const struct host_state *state, int index)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < state->addresses->len; i++) {
        const struct netlink_address *address = g_ptr_array_index(state->addresses, i);

        if (address->index == index && address->scope != RT_SCOPE_LINK)
            g_string_append_printf(text, "%s%s", text->len ? " " : "", address->cidr);
    }
    if (!text->len) {
        g_string_free(text, TRUE);
        return NULL;
    }
    return hvsh_defer(call, g_string_free(text, FALSE), g_free);
}

static char *ports_of(hvsh_call *call, const struct host_state *state, int index)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < state->links->len; i++) {
        const struct netlink_link *link = g_ptr_array_index(state->links, i);

        if (link->master == index)
            g_string_append_printf(text, "%s%s", text->len ? " " : "", link->name);
    }
    if (!text->len) {
        g_string_free(text, TRUE);
        return NULL;
    }
    return hvsh_defer(call, g_string_free(text, FALSE), g_free);
}

static const char *owner_text(const struct host_state *state, const char *name)
{
    enum owner owner = host_owners(state, name);

    return owner == OWNER_NONE ? NULL : owner_name(owner);
}

/* ---- link-list ---- */

struct link_row {
    const char *name, *kind, *state, *mac, *master, *owner, *addresses;
    unsigned int mtu, index;
};
static const struct hvsh_field link_row[] = {
    HVSH_TEXT(struct link_row, name, "name", .label = "Name"),
    HVSH_TEXT(struct link_row, kind, "ethernet, wifi, bridge, bond, vlan, tun, ...", .label = "Kind"),
    HVSH_TEXT(struct link_row, state, "up, no carrier or down", .label = "State"),
    HVSH_TEXT(struct link_row, master, "the bridge or bond that it is a port of", .label = "Port of"),
    HVSH_TEXT(struct link_row, owner, "the network manager that configures it", .label = "Configured by"),
    HVSH_TEXT(struct link_row, mac, "MAC address", .label = "MAC", .when = "details"),
    HVSH_UINT(struct link_row, mtu, "largest packet", .label = "MTU", .when = "details"),
    HVSH_TEXT(struct link_row, addresses, "addresses", .label = "Addresses"),
    HVSH_UINT(struct link_row, index, "the kernel's number"),
    HVSH_END,
};
static const struct hvsh_shape links_table = {.name = "links", .kind = HVSH_TABLE, HVSH_ROW(link_row)};

struct link_list_args {
    bool details;
};
static const struct hvsh_field link_list_args[] = {
    HVSH_FLAG(struct link_list_args, details, "MAC address and MTU too"),
    HVSH_END,
};

static int link_list_run(hvsh_call *call, const void *unused)
{
    struct host_state *state = look(call);

    (void)unused;
    for (guint i = 0; state && i < state->links->len; i++) {
        const struct netlink_link *link = g_ptr_array_index(state->links, i), *master = host_link_at(state, link->master);
        struct link_row row = {
            .name = link->name,
            .kind = kind_of(state, link),
            .state = state_of(link),
            .mac = link->mac,
            .master = master ? master->name : NULL,
            .owner = owner_text(state, link->name),
            .addresses = addresses_of(call, state, link->index),
            .mtu = link->mtu,
            .index = (unsigned int)link->index,
        };

        if (hvsh_emit(call, &links_table, &row) < 0)
            return -1;
    }
    return state ? 0 : -1;
}

const struct hvsh_command link_list = {
    .name = "link-list",
    .group = "hostnet",
    .help = "list the network links of this machine and who configures them",
    HVSH_ARGS(link_list_args),
    .shapes = HVSH_SHAPES(&links_table),
    .examples = HVSH_EXAMPLES({"link-list", "cards, bridges and guests' interfaces", HVSH_ON_TEST}),
    .run = link_list_run,
    .flags = HVSH_NO_CONNECTION,
};

/* ---- bridge-list, bridge-show ---- */

struct bridge_row {
    const char *name, *state, *mac, *ports, *lost, *addresses, *owner, *made, *gateway;
    bool stp;
    double delay;
};
#define BRIDGE_FIELDS \
    HVSH_TEXT(struct bridge_row, name, "name", .label = "Name"), HVSH_TEXT(struct bridge_row, state, "up, no carrier or down", .label = "State"), \
    HVSH_TEXT(struct bridge_row, ports, "links in it", .label = "Ports"), HVSH_TEXT(struct bridge_row, addresses, "addresses", .label = "Addresses"), \
    HVSH_TEXT(struct bridge_row, owner, "the network manager that configures it", .label = "Configured by")
static const struct hvsh_field bridges_row[] = {BRIDGE_FIELDS, HVSH_END};
static const struct hvsh_field bridge_row[] = {
    BRIDGE_FIELDS,
    HVSH_TEXT(struct bridge_row, mac, "MAC address", .label = "MAC"),
    HVSH_TEXT(struct bridge_row, gateway, "default gateways by it", .label = "Gateway"),
    HVSH_FLAG(struct bridge_row, stp, "spanning tree protocol", .label = "STP"),
    HVSH_REAL(struct bridge_row, delay, "forward delay in seconds", .label = "Forward delay (s)"),
    HVSH_TEXT(struct bridge_row, lost, "interfaces of running guests that belong to it and are not in it", .label = "Missing"),
    HVSH_TEXT(struct bridge_row, made, "the change that made it", .label = "Change"),
    HVSH_END,
};
static const struct hvsh_shape bridges_table = {.name = "bridges", .kind = HVSH_TABLE, .fields = bridges_row, .size = sizeof(struct bridge_row)};
static const struct hvsh_shape bridge_record = {.name = "bridge", .kind = HVSH_RECORD, HVSH_ROW(bridge_row)};

static char *gateways_of(hvsh_call *call, const struct host_state *state, int index)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < state->routes->len; i++) {
        const struct netlink_route *route = g_ptr_array_index(state->routes, i);

        if (route->index == index && strcmp(route->destination, "default") == 0 && route->gateway)
            g_string_append_printf(text, "%s%s", text->len ? " " : "", route->gateway);
    }
    if (!text->len) {
        g_string_free(text, TRUE);
        return NULL;
    }
    return hvsh_defer(call, g_string_free(text, FALSE), g_free);
}

static struct bridge_row describe(hvsh_call *call, const struct host_state *state, const struct netlink_link *link)
{
    struct journal *made = journal_of_bridge(link->name);
    struct bridge_row row = {
        .name = link->name,
        .state = state_of(link),
        .mac = link->mac,
        .ports = ports_of(call, state, link->index),
        .lost = hvsh_defer(call, lost_taps(state, link->name), g_free),
        .addresses = addresses_of(call, state, link->index),
        .owner = owner_text(state, link->name),
        .gateway = gateways_of(call, state, link->index),
        .stp = link->stp > 0,
        .delay = link->forward_delay / 100.0,
    };

    if (made)
        row.made = hvsh_printf(call, "%s", made->id);
    journal_free(made);
    return row;
}

static int bridge_list_run(hvsh_call *call, const void *unused)
{
    struct host_state *state = look(call);

    (void)unused;
    for (guint i = 0; state && i < state->links->len; i++) {
        const struct netlink_link *link = g_ptr_array_index(state->links, i);
        struct bridge_row row;

        if (g_strcmp0(link->kind, "bridge") != 0)
            continue;
        row = describe(call, state, link);
        if (hvsh_emit(call, &bridges_table, &row) < 0)
            return -1;
    }
    return state ? 0 : -1;
}

const struct hvsh_command bridge_list = {
    .name = "bridge-list",
    .group = "hostnet",
    .help = "list the bridges of this machine",
    .shapes = HVSH_SHAPES(&bridges_table),
    .examples = HVSH_EXAMPLES({"bridge-list", "bridges, what is in them, who made them", HVSH_ON_TEST}),
    .run = bridge_list_run,
    .flags = HVSH_NO_CONNECTION,
};

struct bridge_show_args {
    const char *bridge;
};
static const struct hvsh_field bridge_show_args[] = {
    HVSH_TEXT(struct bridge_show_args, bridge, "the bridge", .flags = HVSH_REQUIRED, .offer = offer_bridges),
    HVSH_END,
};

static int bridge_show_run(hvsh_call *call, const void *p)
{
    const struct bridge_show_args *args = p;
    struct host_state *state = look(call);
    const struct netlink_link *link = state ? host_link(state, args->bridge) : NULL;
    struct bridge_row row;

    if (!state)
        return -1;
    if (!link || g_strcmp0(link->kind, "bridge") != 0) {
        if (link)
            hvsh_fail(call, "%s is no bridge", args->bridge);
        else
            hvsh_fail(call, "this machine has no bridge '%s'", args->bridge);
        return hvsh_hint(call, "bridge-list shows the bridges");
    }
    row = describe(call, state, link);
    return hvsh_emit(call, &bridge_record, &row);
}

const struct hvsh_command bridge_show = {
    .name = "bridge-show",
    .group = "hostnet",
    .help = "show a bridge of this machine",
    HVSH_ARGS(bridge_show_args),
    .shapes = HVSH_SHAPES(&bridge_record),
    .examples = HVSH_EXAMPLES({"bridge-show br0", "ports, addresses, gateway", HVSH_MATCH_ONLY}),
    .run = bridge_show_run,
    .flags = HVSH_NO_CONNECTION,
};
