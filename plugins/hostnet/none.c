/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * none.c - no manager: the kernel is told directly, and forgets at the next boot.
 *
 * The order keeps the gap short: the bridge stands with the card's MAC before the card joins it, and each address is on the bridge before
 * it leaves the card.
 */
#include "model.h"

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "sysctl.h"

static void move_addresses(const struct host_state *state, const struct bridge_wish *wish, const struct netlink_link *port, struct plan *plan)
{
    for (guint i = 0; i < state->addresses->len; i++) {
        const struct netlink_address *address = g_ptr_array_index(state->addresses, i);
        struct step *step;

        /* router advertisements give the bridge IPv6 addresses of its own */
        if (address->index != port->index || address->scope != RT_SCOPE_UNIVERSE ||
            (address->family == AF_INET6 && !host_address_is_static(address)))
            continue;
        if (wish->mode == ADDRESS_TAKE) {
            g_autofree char *valid = g_strdup_printf("%u", address->valid), *preferred = g_strdup_printf("%u", address->preferred);

            step = plan_step(plan, "give %s the address %s", wish->bridge, address->cidr);
            step_do(step, "address-add", wish->bridge, address->cidr, valid, preferred, NULL);
            step_undo(step, "address-delete", wish->bridge, address->cidr, NULL);
            if (address->valid != UINT32_MAX)
                plan_note(plan, "%s came by DHCP, and whatever asked for it still asks on %s: the lease (%u s left) will not be renewed", address->cidr,
                          port->name, address->valid);
        }
    }
}

/* Take what the port has off it; the routes first, they would go with their addresses and not come back with them. */
static void strip_port(const struct host_state *state, const struct netlink_link *port, struct plan *plan)
{
    struct step *step;

    for (guint i = 0; i < state->routes->len; i++) {
        const struct netlink_route *route = g_ptr_array_index(state->routes, i);
        const char *gateway = route->gateway ? route->gateway : "-", *source = route->source ? route->source : "-";
        g_autofree char *metric = g_strdup_printf("%u", route->metric);

        if (route->index != port->index || !host_route_is_set(route))
            continue;
        step = plan_step(plan, "take the route %s%s%s off %s", route->destination, route->gateway ? " via " : "",
                         route->gateway ? route->gateway : "", port->name);
        step_do(step, "route-delete", port->name, route->destination, gateway, metric, source, NULL);
        step_undo(step, "route-add", port->name, route->destination, gateway, metric, source, NULL);
    }
    for (guint i = 0; i < state->addresses->len; i++) {
        const struct netlink_address *address = g_ptr_array_index(state->addresses, i);
        g_autofree char *valid = g_strdup_printf("%u", address->valid), *preferred = g_strdup_printf("%u", address->preferred);

        if (address->index != port->index || address->scope != RT_SCOPE_UNIVERSE ||
            (address->family == AF_INET6 && !host_address_is_static(address)))
            continue;
        step = plan_step(plan, "take %s off %s", address->cidr, port->name);
        step_do(step, "address-delete", port->name, address->cidr, NULL);
        step_undo(step, "address-add", port->name, address->cidr, valid, preferred, NULL);
    }
}

static void add_route(struct plan *plan, const char *bridge, const char *destination, const char *gateway, const char *metric, const char *source)
{
    struct step *step = plan_step(plan, "route %s%s%s by %s", destination, strcmp(gateway, "-") ? " via " : "", strcmp(gateway, "-") ? gateway : "",
                                  bridge);

    step_do(step, "route-add", bridge, destination, gateway, metric, source, NULL);
    step_undo(step, "route-delete", bridge, destination, gateway, metric, source, NULL);
}

static void no_ipv6(const struct host_state *state, struct plan *plan, const char *link)
{
    g_autofree char *key = g_strdup_printf("net/ipv6/conf/%s/disable_ipv6", link);
    struct step *step;

    if (sysctl_now(state, key) == 1)
        return;
    step = plan_step(plan, "no IPv6 on %s itself (net.ipv6.conf.%s.disable_ipv6 = 1)", link, link);
    step_do(step, "sysctl", key, "1", NULL);
    step_undo(step, "sysctl", key, "0", NULL);
}

/* As the card does while this machine forwards; before the bridge is up, when it asks for routers. */
static void hear_routers(struct plan *plan, const char *bridge)
{
    g_autofree char *key = g_strdup_printf("net/ipv6/conf/%s/accept_ra", bridge);

    step_do(plan_step(plan, "let %s hear routers while this host forwards (net.ipv6.conf.%s.accept_ra = 2)", bridge, bridge), "sysctl", key, "2",
            NULL);
}

/* The kernel makes one route of several gateways in one go only, and this file hands it one after the other. */
static bool routes_are_fit(const struct host_state *state, const struct bridge_wish *wish, const struct netlink_link *port, struct refusal *refusal)
{
    for (guint i = 0; port && wish->mode == ADDRESS_TAKE && i < state->routes->len; i++) {
        const struct netlink_route *route = g_ptr_array_index(state->routes, i);

        if (route->index != port->index || route->family != AF_INET || route->paths < 2 || !host_route_is_set(route))
            continue;
        refuse(refusal, "leave it one gateway first, or give the bridge an address and a gateway with --address and --gateway",
               "the route %s of %s has %u gateways, which this command cannot move without a network manager", route->destination, port->name,
               route->paths);
        return false;
    }
    return true;
}

static bool create(const struct host_state *state, const struct bridge_wish *wish, const struct netlink_link *port, const char *mac,
                   struct plan *plan, struct refusal *refusal)
{
    const struct netlink_link *there = host_link(state, wish->bridge);
    const char *bridge = wish->bridge;
    g_autofree char *delay = g_strdup_printf("%u", wish->forward_delay);
    struct step *step;

    if (wish->mode == ADDRESS_DHCP) {
        refuse(refusal, "give the address with --address, or let a manager (systemd-networkd, NetworkManager) configure the card",
               "no network manager runs here that could ask for an address by DHCP");
        return false;
    }
    if (!routes_are_fit(state, wish, port, refusal))
        return false;
    if (!there) {
        step = plan_step(plan, "create the bridge %s", bridge);
        step_do(step, "bridge-add", bridge, wish->stp ? "1" : "0", delay, NULL);
        step_undo(step, "link-delete", bridge, NULL);
    }
    if (mac) {
        step = plan_step(plan, "give %s the MAC address %s", there ? bridge : "it", mac);
        step_do(step, "link-mac", bridge, mac, NULL);
        if (there)
            step_undo(step, "link-mac", bridge, there->mac, NULL);
    }
    if (port && port->mtu != 1500) {
        g_autofree char *mtu = g_strdup_printf("%u", port->mtu);

        step_do(plan_step(plan, "set its MTU to %s", mtu), "link-mtu", bridge, mtu, NULL);
    }
    if (wish->mode == ADDRESS_NONE)
        no_ipv6(state, plan, bridge);
    else if (!there && sysctl_keeps_advertisements(state, port))
        hear_routers(plan, bridge);
    if (!there || !there->up) {
        step = plan_step(plan, "switch %s on", bridge);
        step_do(step, "link-up", bridge, NULL);
        if (there)
            step_undo(step, "link-down", bridge, NULL);
    }
    if (port) {
        if (!port->up) {
            step = plan_step(plan, "switch %s on", port->name);
            step_do(step, "link-up", port->name, NULL);
            step_undo(step, "link-down", port->name, NULL);
        }
        step = plan_step(plan, "make %s a port of %s", port->name, bridge);
        step_do(step, "link-master", port->name, bridge, NULL);
        step_undo(step, "link-nomaster", port->name, NULL);
        move_addresses(state, wish, port, plan);
        strip_port(state, port, plan);
    }
    for (const char *const *cidr = wish->addresses; cidr && *cidr; cidr++) {
        step = plan_step(plan, "give %s the address %s", bridge, *cidr);
        step_do(step, "address-add", bridge, *cidr, NULL);
        step_undo(step, "address-delete", bridge, *cidr, NULL);
    }
    for (guint i = 0; port && wish->mode == ADDRESS_TAKE && i < state->routes->len; i++) {
        const struct netlink_route *route = g_ptr_array_index(state->routes, i);
        g_autofree char *metric = g_strdup_printf("%u", route->metric);

        if (route->index == port->index && host_route_is_set(route))
            add_route(plan, bridge, route->destination, route->gateway ? route->gateway : "-", metric, route->source ? route->source : "-");
    }
    for (const char *const *gateway = wish->gateways; gateway && *gateway; gateway++)
        add_route(plan, bridge, "default", *gateway, "0", "-");
    if (port) {
        /* a port with IPv6 of its own keeps a second, dead default route */
        no_ipv6(state, plan, port->name);
    }
    if (wish->dns && *wish->dns)
        plan_note(plan, "no manager keeps DNS servers here: write them into /etc/resolv.conf");
    plan_note(plan, "no network manager configures %s: THE BRIDGE IS GONE AFTER THE NEXT BOOT", port ? port->name : bridge);
    return true;
}

const struct backend backend_none = {
    .owner = OWNER_NONE,
    .name = "none",
    .title = "the kernel alone",
    .adopts = true,
    .outage = 100,
    .create = create,
};
