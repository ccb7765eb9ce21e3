/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bridge.c - bridge-create and bridge-delete. */
#include "hostnet.h"

#include <string.h>

#include "firewall.h"
#include "probe.h"

struct bridge_create_args {
    const char *bridge, *port, *mac, *network;
    HVSH_LIST_OF(const char *) address, gateway, dns, search;
    bool stp, runtime, forwarding;
    unsigned int delay;
    uint64_t timeout;
    int manager, confirm;
};

static const struct hvsh_choice managers[] = {
    {"none", OWNER_NONE, "the kernel alone, until the next boot"},
    {"networkd", OWNER_NETWORKD, "systemd-networkd"},
    {"ifupdown", OWNER_IFUPDOWN, "/etc/network/interfaces"},
    {"nm", OWNER_NM, "NetworkManager"},
    {"netplan", OWNER_NETPLAN, "netplan"},
    {"ifcfg", OWNER_IFCFG, "/etc/sysconfig/network-scripts"},
    {NULL, 0, NULL},
};
static const struct hvsh_choice confirmations[] = {
    {"auto", CONFIRM_AUTO, "by a person when one is at the terminal, by the checks otherwise"},
    {"person", CONFIRM_PERSON, "ENTER, or network-confirm"},
    {"checks", CONFIRM_CHECKS, "links, addresses, routes and the gateway's answer are enough"},
    {NULL, 0, NULL},
};

/* "dhcp", "none", or what was there: words of --address beside addresses */
static const struct hvsh_choice address_words[] = {
    {"dhcp", 0, "ask a DHCP server"},
    {"none", 0, "no address for this machine, guests only"},
    {NULL, 0, NULL},
};

#define CHANGE_ROWS(s) \
    HVSH_DURATION(s, timeout, "take everything back when nobody confirms it in this time", .flags = HVSH_NAMED, .fallback = "60", .unit = "s", \
                  .min = 1000000000, .max = 3600000000000), \
    HVSH_ENUM(s, confirm, "who confirms", .flags = HVSH_NAMED, .choices = confirmations, .fallback = "auto")

static const struct hvsh_field bridge_create_args[] = {
    HVSH_TEXT(struct bridge_create_args, bridge, "name of the new bridge", .flags = HVSH_REQUIRED),
    HVSH_TEXT(struct bridge_create_args, port, "network card that becomes its port", .offer = offer_cards),
    HVSH_TEXTS(struct bridge_create_args, address, HVSH_COMMA | HVSH_NAMED, "addresses (192.0.2.10/24), or a word, instead of what the card has",
               .choices = address_words),
    HVSH_TEXTS(struct bridge_create_args, gateway, HVSH_COMMA | HVSH_NAMED, "default gateway, one of each family"),
    HVSH_TEXTS(struct bridge_create_args, dns, HVSH_COMMA | HVSH_NAMED, "DNS servers"),
    HVSH_TEXTS(struct bridge_create_args, search, HVSH_COMMA | HVSH_NAMED, "domains that names are looked up in"),
    HVSH_MAC(struct bridge_create_args, mac, "MAC address of the bridge; default: the card's", .flags = HVSH_NAMED),
    HVSH_FLAG(struct bridge_create_args, stp, "take part in the spanning tree protocol"),
    HVSH_UINT(struct bridge_create_args, delay, "forward delay in seconds; default 0, with --stp 15", .flags = HVSH_NAMED, .max = 30),
    HVSH_TEXT(struct bridge_create_args, network, "define a libvirt network of this name for guests on the bridge, too", .flags = HVSH_NAMED),
    HVSH_FLAG(struct bridge_create_args, forwarding, "forward packets between networks too, now and after a boot"),
    HVSH_FLAG(struct bridge_create_args, runtime, "only now, nothing is written to disk"),
    HVSH_ENUM(struct bridge_create_args, manager, "network manager that keeps it, instead of the card's", .flags = HVSH_NAMED, .choices = managers),
    CHANGE_ROWS(struct bridge_create_args),
    HVSH_REQUIRES("gateway", "address"),
    HVSH_REQUIRES("dns", "address"),
    HVSH_REQUIRES("search", "address"),
    HVSH_END,
};

struct bridge_row {
    const char *bridge, *port, *how;
    bool persistent;
};
static const struct hvsh_field bridge_row[] = {
    HVSH_TEXT(struct bridge_row, bridge, "the bridge"),
    HVSH_TEXT(struct bridge_row, port, "its card"),
    HVSH_TEXT(struct bridge_row, how, "the network manager"),
    HVSH_FLAG(struct bridge_row, persistent, "it is there after a boot"),
    HVSH_END,
};
static const struct hvsh_shape created = {.name = "created", .kind = HVSH_MESSAGE, .text = "Bridge '{bridge}' created", HVSH_ROW(bridge_row)};
static const struct hvsh_shape present = {.name = "created", .kind = HVSH_MESSAGE, .text = "Bridge '{bridge}' is there already", HVSH_ROW(bridge_row)};
static const struct hvsh_shape adopted = {
    .name = "adopted", .kind = HVSH_MESSAGE, .text = "Card '{port}' put into bridge '{bridge}'", HVSH_ROW(bridge_row)};
static const struct hvsh_shape released = {
    .name = "released", .kind = HVSH_MESSAGE, .text = "Card '{port}' taken out of bridge '{bridge}', which was there before", HVSH_ROW(bridge_row)};
static const struct hvsh_shape deleted = {.name = "deleted", .kind = HVSH_MESSAGE, .text = "Bridge '{bridge}' deleted", HVSH_ROW(bridge_row)};

static const char **with_end(hvsh_call *call, size_t count, const char *const *items)
{
    const char **list = hvsh_defer(call, g_new0(const char *, count + 1), g_free);

    for (size_t i = 0; i < count; i++)
        list[i] = items[i];
    return list;
}

static int fill_wish(hvsh_call *call, const struct bridge_create_args *args, struct bridge_wish *wish)
{
    *wish = (struct bridge_wish){
        .bridge = args->bridge,
        .port = args->port,
        .mode = args->port ? ADDRESS_TAKE : ADDRESS_NONE,
        .gateways = with_end(call, args->gateway.count, args->gateway.items),
        .dns = with_end(call, args->dns.count, args->dns.items),
        .search = with_end(call, args->search.count, args->search.items),
        .mac = args->mac,
        .stp = args->stp,
        .forward_delay = hvsh_given(call, "delay") ? args->delay : args->stp ? 15 : 0,
        .runtime = args->runtime,
        .manager = (enum owner)args->manager,
        .manager_given = hvsh_given(call, "manager"),
    };
    if (args->stp && wish->forward_delay < 2)
        return hvsh_fail(call, "with STP the forward delay is 2 s at least");
    if (!args->address.count)
        return 0;
    for (size_t i = 0; args->address.count > 1 && i < args->address.count; i++)
        if (strcmp(args->address.items[i], "dhcp") == 0 || strcmp(args->address.items[i], "none") == 0)
            return hvsh_fail(call, "--address takes addresses or '%s', not both", args->address.items[i]);
    if (args->address.count == 1 && strcmp(args->address.items[0], "dhcp") == 0) {
        wish->mode = ADDRESS_DHCP;
    } else if (args->address.count == 1 && strcmp(args->address.items[0], "none") == 0) {
        wish->mode = ADDRESS_NONE;
    } else {
        wish->mode = ADDRESS_STATIC;
        wish->addresses = with_end(call, args->address.count, args->address.items);
    }
    if (wish->mode == ADDRESS_DHCP && args->gateway.count)
        return hvsh_fail(call, "the gateway comes by DHCP: leave out --gateway, or give an address with --address");
    if (wish->mode == ADDRESS_NONE && (args->gateway.count || args->dns.count || args->search.count))
        return hvsh_fail(call, "without an address this machine needs neither gateway nor DNS servers there: leave them out, or give an address");
    return 0;
}

/* Addresses that another host of the LAN answers for. */
static int check_free(hvsh_call *call, const struct host_state *state, const struct bridge_wish *wish)
{
    for (const char *const *cidr = wish->addresses; cidr && *cidr && wish->port; cidr++) {
        g_autofree char *mac = probe_address_in_use(state, wish->port, *cidr);

        if (mac)
            return hvsh_fail(call, "the address %s is in use already, by another host of this network (%s)", *cidr, mac);
    }
    return 0;
}

static void free_plan(void *plan)
{
    plan_free(plan);
}

/* A bridge that works for this machine need not for its guests. */
static void note_firewall(hvsh_call *call, const struct host_state *state, const char *bridge)
{
    struct firewall *firewall = firewall_probe(state, bridge);
    g_autofree char *where = firewall_dropped_by(firewall, bridge), *cure = firewall_cure(firewall, bridge);

    if (where)
        hvsh_note(call, "packets of guests on %s are dropped by %s: %s", bridge, where, cure);
    firewall_free(firewall);
}

/* The remarks come first: whoever says yes has read them. */
static int ask(hvsh_call *call, const struct plan *plan)
{
    tell_notes(call, plan);
    if (!plan->outage)
        return hvsh_confirm(call, "%s by %s", plan->what, plan->how);
    return hvsh_confirm(call, "%s by %s (about %.1f s without network)", plan->what, plan->how, plan->outage / 1000.0);
}

static int bridge_create_run(hvsh_call *call, const void *p)
{
    const struct bridge_create_args *args = p;
    struct change change = {.timeout = (unsigned int)(args->timeout / 1000000000), .confirm = (unsigned int)args->confirm};
    struct bridge_row row = {.bridge = args->bridge, .port = args->port};
    struct refusal refusal = {NULL, NULL, false};
    struct host_state *state = look(call);
    g_autofree char *lost = NULL;
    const struct hvsh_shape *done;
    struct bridge_wish wish;
    struct plan *plan;

    if (!state || is_this_machine(call) < 0 || fill_wish(call, args, &wish) < 0)
        return -1;
    if (args->network && network_is_free(call, args->network, args->bridge) < 0)
        return -1;
    if (args->port) {
        probe_neighbours(state, args->port);
        probe_resolvers(state, args->port, wish.dns);
        probe_nm_profiles(state, args->port, args->bridge);
    }
    plan = plan_bridge_create(state, &wish, &refusal);
    if (!plan && refusal.done) {
        lost = lost_taps(state, args->bridge);
        refusal_clear(&refusal);
        row.how = "";
        if (lost)
            hvsh_note(call, "%s is not on it any more: bridge-reattach %s", lost, args->bridge);
        if (hvsh_emit(call, &present, &row) < 0)
            return -1;
        return args->network && !hvsh_dry_run(call) ? network_for_bridge(call, args->network, args->bridge) : 0;
    }
    if (!plan)
        return fail_refused(call, &refusal);
    row.how = hvsh_printf(call, "%s", plan->how);
    row.persistent = plan->persistent;
    done = plan->adopted ? &adopted : &created;
    if (check_free(call, state, &wish) < 0) {
        plan_free(plan);
        return -1;
    }
    if (hvsh_dry_run(call)) {
        if (args->network)
            plan_note(plan, "then the network '%s' for guests on %s is defined, started, and started with libvirt", args->network, args->bridge);
        if (show_plan(call, hvsh_defer(call, plan, free_plan)) < 0)
            return -1;
    } else {
        if (may_change(call, plan) < 0 || ask(call, plan) < 1) {
            plan_free(plan);
            return -1;
        }
        if (carry_out(call, plan, &change) < 0 || hvsh_emit(call, done, &row) < 0)
            return -1;
        note_firewall(call, state, args->bridge);
        if (args->network && network_for_bridge(call, args->network, args->bridge) < 0)
            return -1;
    }
    return args->forwarding ? hvsh_runv(call, (const char *const[]){"forwarding", "on", args->runtime ? "--runtime" : NULL, NULL}) : 0;
}

const struct hvsh_command bridge_create = {
    .name = "bridge-create",
    .group = "hostnet",
    .help = "make a bridge on this machine and put a network card into it",
    .description = "The bridge takes over what the card has: addresses, DHCP lease, routes, DNS servers and its MAC address, in the way of the "
                   "network manager that configures the card. With --address it gets those instead.\n\n"
                   "The change is checked (links, addresses, routes; do gateway and DNS servers answer that answered before) and must be "
                   "confirmed; otherwise everything comes back by itself. --dry-run shows the plan and writes nothing.\n\n"
                   "With --network guests reach the bridge by a libvirt network (install --network network=NAME), which starts with libvirt and "
                   "goes with the bridge.\n\n"
                   "A bridge of that name that is there already and empty (no address, no port but guests) is used as it is, when the manager that has the card, or "
                   "nobody, configures it: NetworkManager, systemd-networkd, or the kernel alone. bridge-delete takes the card out of it again.\n\n"
                   "A card must be a wired one: Wi-Fi, tunnels and interfaces of guests are refused, with what to do instead. Bonds and VLANs will do.",
    HVSH_ARGS(bridge_create_args),
    .shapes = HVSH_SHAPES(&created, &adopted, &present, &network_defined, &plan_shape),
    .examples = HVSH_EXAMPLES({"bridge-create br0 --port eth0 --dry-run", "show what would be done", HVSH_MATCH_ONLY},
                              {"bridge-create br0 --port eth0 --network lan", "let guests on the network 'lan' be hosts of eth0's network",
                               HVSH_MATCH_ONLY},
                              {"bridge-create br0 eth0 --address 192.0.2.10/24 --gateway 192.0.2.1 --dns 192.0.2.53,192.0.2.54",
                               "with an address of its own", HVSH_MATCH_ONLY}),
    .run = bridge_create_run,
    .flags = HVSH_NO_CONNECTION | HVSH_DESTRUCTIVE,
};

struct bridge_delete_args {
    const char *bridge;
    uint64_t timeout;
    int confirm;
};
static const struct hvsh_field bridge_delete_args[] = {
    HVSH_TEXT(struct bridge_delete_args, bridge, "the bridge", .flags = HVSH_REQUIRED, .offer = offer_bridges),
    CHANGE_ROWS(struct bridge_delete_args),
    HVSH_END,
};

/* What else was changed for this bridge, and stays. */
static void note_served(struct plan *plan, const char *bridge)
{
    g_autoptr(GPtrArray) list = journal_list();

    for (guint i = 0; i < list->len; i++) {
        g_autofree char *state = journal_state(g_ptr_array_index(list, i));
        struct journal *journal = strcmp(state, "confirmed") == 0 ? journal_read(g_ptr_array_index(list, i), NULL) : NULL;

        if (journal && !journal->replaces && g_strcmp0(journal->plan->serves, bridge) == 0)
            plan_note(plan, "network-undo %s takes back what was done to %s", journal->id, journal->plan->what);
        journal_free(journal);
    }
}

static int bridge_delete_run(hvsh_call *call, const void *p)
{
    const struct bridge_delete_args *args = p;
    struct change change = {.timeout = (unsigned int)(args->timeout / 1000000000), .confirm = (unsigned int)args->confirm};
    struct bridge_row row = {.bridge = args->bridge, .how = ""};
    struct refusal refusal = {NULL, NULL, false};
    struct host_state *state = look(call);
    const struct hvsh_shape *done;
    const char *network = NULL;
    struct journal *made;
    struct plan *plan;

    if (!state || is_this_machine(call) < 0 || may_read_journals(call) < 0)
        return -1;
    made = journal_of_bridge(args->bridge);
    if (made && !made->plan->persistent && !host_link(state, args->bridge)) {
        /* a bridge of the kernel alone, gone with a boot */
        journal_set_state(made->folder, "deleted");
        g_clear_pointer(&made, journal_free);
    }
    if (refuse_guests(call, state, args->bridge, made ? made->plan->port : NULL) < 0) {
        journal_free(made);
        return -1;
    }
    if (made && made->plan->port) {
        probe_neighbours(state, args->bridge);
        probe_resolvers(state, args->bridge, NULL);
    }
    plan = made ? plan_backwards(state, made->plan, &refusal) : plan_bridge_delete_runtime(state, args->bridge, &refusal);
    change.replaces = made ? hvsh_printf(call, "%s", made->id) : NULL;
    if (made)
        network = hvsh_defer(call, journal_noted(made->folder, "network"), g_free);
    journal_free(made);
    if (!plan)
        return fail_refused(call, &refusal);
    row.port = plan->port ? hvsh_printf(call, "%s", plan->port) : NULL;
    row.how = hvsh_printf(call, "%s", plan->how);
    row.persistent = plan->persistent;
    done = plan->adopted ? &released : &deleted;
    if (network && *network)
        plan_note(plan, "the network '%s', which was defined with it, goes too", network);
    note_served(plan, args->bridge);
    if (hvsh_dry_run(call))
        return show_plan(call, hvsh_defer(call, plan, free_plan));
    if (may_change(call, plan) < 0 || ask(call, plan) < 1) {
        plan_free(plan);
        return -1;
    }
    if (carry_out(call, plan, &change) < 0 || hvsh_emit(call, done, &row) < 0)
        return -1;
    return network && *network ? network_away(call, network, args->bridge) : 0;
}

const struct hvsh_command bridge_delete = {
    .name = "bridge-delete",
    .group = "hostnet",
    .help = "delete a bridge of this machine and give its card back its own network",
    .description = "A bridge that bridge-create made is taken back step by step: files get their old bytes. Any other one is deleted only when "
                   "nobody configures or uses it.",
    HVSH_ARGS(bridge_delete_args),
    .shapes = HVSH_SHAPES(&deleted, &released, &plan_shape),
    .examples = HVSH_EXAMPLES({"bridge-delete br0", "the way back", HVSH_MATCH_ONLY}),
    .run = bridge_delete_run,
    .flags = HVSH_NO_CONNECTION | HVSH_DESTRUCTIVE,
};
