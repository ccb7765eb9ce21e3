/* SPDX-License-Identifier: GPL-3.0-or-later */
/* allow.c - firewall-check and firewall-allow: do packets of guests on a bridge pass this machine's firewalls, and the way through. */
#include "hostnet.h"

#include <string.h>

#include "firewall.h"

static void free_firewall(void *firewall)
{
    firewall_free(firewall);
}

static struct firewall *look_at_firewall(hvsh_call *call, const struct host_state *state, const char *bridge)
{
    return hvsh_defer(call, firewall_probe(state, bridge), free_firewall);
}

/* ---- firewall-check ---- */

struct check_args {
    const char *bridge;
};
static const struct hvsh_field check_args[] = {
    HVSH_TEXT(struct check_args, bridge, "the bridge (default: all)", .offer = offer_bridges),
    HVSH_END,
};

struct check_row {
    const char *bridge, *guests, *by, *zone, *cure, *filter;
    bool firewalld;
};
static const struct hvsh_field check_row[] = {
    HVSH_TEXT(struct check_row, bridge, "the bridge", .label = "Bridge"),
    HVSH_TEXT(struct check_row, guests, "what becomes of packets from one port to another: pass, dropped, or unknown", .label = "Packets"),
    HVSH_TEXT(struct check_row, by, "the chain that drops them", .label = "By"),
    HVSH_TEXT(struct check_row, zone, "firewalld's zone", .label = "Zone"),
    HVSH_TEXT(struct check_row, filter, "br_netfilter, which shows bridged packets to the IP firewall: on, off, or not loaded",
              .label = "br_netfilter"),
    HVSH_TEXT(struct check_row, cure, "what lets them pass", .label = "What to do"),
    HVSH_FLAG(struct check_row, firewalld, "firewalld runs"),
    HVSH_END,
};
static const struct hvsh_shape check_table = {.name = "firewall", .kind = HVSH_TABLE, HVSH_ROW(check_row)};

static int check_one(hvsh_call *call, const struct host_state *state, const char *bridge)
{
    const struct firewall *firewall = look_at_firewall(call, state, bridge);
    char *where = hvsh_defer(call, firewall_dropped_by(firewall, bridge), g_free);
    struct check_row row = {
        .bridge = bridge,
        .guests = where ? "dropped" : firewall->unread && (firewall->filter4 > 0 || firewall->filter6 > 0) ? "unknown" : "pass",
        .by = where,
        .zone = firewall->zone,
        .filter = firewall->filter4 < 0 && firewall->filter6 < 0 ? "not loaded" : firewall->filter4 > 0 || firewall->filter6 > 0 ? "on" : "off",
        .cure = hvsh_defer(call, firewall_cure(firewall, bridge), g_free),
        .firewalld = firewall->firewalld,
    };

    if (firewall->unread)
        hvsh_note(call, "the firewall's rules cannot be read (%s): do it as root", firewall->unread);
    return hvsh_emit(call, &check_table, &row);
}

static int check_run(hvsh_call *call, const void *p)
{
    const struct check_args *args = p;
    const struct host_state *state = look(call);
    const struct netlink_link *link = state && args->bridge ? host_link(state, args->bridge) : NULL;

    if (!state)
        return -1;
    if (args->bridge && (!link || g_strcmp0(link->kind, "bridge") != 0)) {
        hvsh_fail(call, "this host has no bridge '%s'", args->bridge);
        return hvsh_hint(call, "bridge-list shows the bridges");
    }
    for (guint i = 0; i < state->links->len; i++) {
        const struct netlink_link *each = g_ptr_array_index(state->links, i);

        if (g_strcmp0(each->kind, "bridge") == 0 && (!args->bridge || each == link) && check_one(call, state, each->name) < 0)
            return -1;
    }
    return 0;
}

const struct hvsh_command firewall_check = {
    .name = "firewall-check",
    .group = "hostnet",
    .help = "tell whether packets of guests on a bridge pass this machine's firewalls",
    .description = "The rules of nftables, iptables, firewalld and docker are read from the kernel and followed for a packet that a bridge hands from "
                   "one port to another. Rules that pick some packets only (a port, a connection's state) are left out of it.\n\n"
                   "Such packets meet the IP firewall when br_netfilter is loaded and its switch is on, as docker and Kubernetes have it; tables of "
                   "the family bridge see them always.",
    HVSH_ARGS(check_args),
    .shapes = HVSH_SHAPES(&check_table),
    .examples = HVSH_EXAMPLES({"firewall-check", "all bridges", HVSH_ON_TEST}, {"firewall-check br0", "one", HVSH_MATCH_ONLY}),
    .run = check_run,
    .flags = HVSH_NO_CONNECTION,
};

/* ---- firewall-allow ---- */

struct allow_args {
    const char *bridge, *zone;
    bool runtime;
};
static int offer_zones(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    const struct firewall *firewall = look_at_firewall(call, NULL, "");

    (void)field;
    for (guint i = 0; i < firewall->zones->len; i++)
        if (g_str_has_prefix(g_ptr_array_index(firewall->zones, i), start))
            hvsh_offer(call, g_ptr_array_index(firewall->zones, i), NULL);
    return 0;
}
static const struct hvsh_field allow_args[] = {
    HVSH_TEXT(struct allow_args, bridge, "the bridge", .flags = HVSH_REQUIRED, .offer = offer_bridges),
    HVSH_TEXT(struct allow_args, zone, "put the bridge into this zone of firewalld's", .flags = HVSH_NAMED, .offer = offer_zones),
    HVSH_FLAG(struct allow_args, runtime, "only now, nothing is written to disk"),
    HVSH_END,
};

struct allowed_row {
    const char *bridge;
};
static const struct hvsh_field allowed_row[] = {
    HVSH_TEXT(struct allowed_row, bridge, "the bridge"),
    HVSH_END,
};
static const struct hvsh_shape allowed = {
    .name = "allowed", .kind = HVSH_MESSAGE, .text = "Packets of guests on '{bridge}' pass", HVSH_ROW(allowed_row)};

static int allow_run(hvsh_call *call, const void *p)
{
    const struct allow_args *args = p;
    const struct allow_wish wish = {args->bridge, args->zone, args->runtime};
    struct allowed_row row = {args->bridge};
    struct refusal refusal = {NULL, NULL, false};
    const struct host_state *state = look(call);
    int result;

    if (!state || is_this_machine(call) < 0)
        return -1;
    result = make_change(call, plan_firewall_allow(state, look_at_firewall(call, state, args->bridge), &wish, &refusal), &refusal, NULL);
    return result > 0 ? hvsh_emit(call, &allowed, &row) : result;
}

const struct hvsh_command firewall_allow = {
    .name = "firewall-allow",
    .group = "hostnet",
    .help = "let packets of guests on a bridge through this machine's firewalls",
    .description = "The one repair that firewall-check's finding asks for: br_netfilter's switch is turned off where nobody needs it; where docker or "
                   "Kubernetes do, the bridge is let through docker's own chain for such rules (DOCKER-USER), and through firewalld's zone. Each is "
                   "kept where that firewall keeps it.\n\n"
                   "--zone puts the bridge into a zone of firewalld's, in NetworkManager's profile where there is one. --dry-run shows the plan; "
                   "network-undo takes it back, also later.",
    HVSH_ARGS(allow_args),
    .shapes = HVSH_SHAPES(&allowed, &plan_shape),
    .examples = HVSH_EXAMPLES({"firewall-allow br0 --dry-run", "show what would be done", HVSH_MATCH_ONLY},
                              {"firewall-allow br0 --zone trusted", "and what reaches this machine by br0 is trusted", HVSH_MATCH_ONLY}),
    .run = allow_run,
    .flags = HVSH_NO_CONNECTION | HVSH_UNDO,
};
