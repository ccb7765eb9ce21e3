/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plan.c - from a wish to a plan: what is refused, what is kept, what must hold afterwards; and plans backwards. */
#include "model.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

const struct backend *backend_of(enum owner owner)
{
    static const struct backend *const all[] = {&backend_none, &backend_networkd, &backend_ifupdown, &backend_nm, &backend_netplan, &backend_ifcfg};

    for (guint i = 0; i < G_N_ELEMENTS(all); i++)
        if (all[i]->owner == owner)
            return all[i];
    return NULL;
}

/* ---- What is refused ---- */

static bool good_link_name(const char *name)
{
    size_t length = strlen(name);

    if (!length || length >= IFNAMSIZ || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, "all") == 0 ||
        strcmp(name, "default") == 0)
        return false;
    for (const char *c = name; *c; c++)
        if (!g_ascii_isalnum(*c) && !strchr("-_.", *c))
            return false;
    return name[0] != '-';
}

/* "nic0, nic1": what could have been meant. */
static char *cards(const struct host_state *state)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < state->links->len; i++) {
        const struct netlink_link *link = g_ptr_array_index(state->links, i);

        if (link->type == ARPHRD_ETHER && !link->master && g_strcmp0(link->kind, "bridge") != 0 && g_strcmp0(link->kind, "tun") != 0)
            g_string_append_printf(text, "%s%s", text->len ? ", " : "", link->name);
    }
    return g_string_free(text, FALSE);
}

/* Is this link fit to be a port? */
static bool port_is_fit(const struct host_state *state, const struct netlink_link *port, struct refusal *refusal)
{
    const struct netlink_link *master = host_link_at(state, port->master);
    const char *name = port->name;

    if (port->flags & IFF_LOOPBACK) {
        refuse(refusal, "name a network card; link-list shows them", "%s is this host talking to itself, and cannot be the port of a bridge", name);
    } else if (g_hash_table_contains(state->wireless, name)) {
        refuse(refusal, "let the guests use a network with NAT (net-start default), or a cable",
               "%s is Wi-Fi: an access point takes frames of this card's own address only, so guests on a bridge would have no network", name);
    } else if (port->type != ARPHRD_ETHER || !port->mac || (port->flags & IFF_POINTOPOINT)) {
        refuse(refusal, "let the guests use a network with NAT or a routed one",
               "%s carries no Ethernet frames (a tunnel or point-to-point link), and cannot be the port of a bridge", name);
    } else if (g_strcmp0(port->kind, "tun") == 0) {
        refuse(refusal, "a guest's own interface is joined with attach-interface --type bridge",
               "%s is the software end of a guest or a tunnel, not a network card", name);
    } else if (g_strcmp0(port->kind, "bridge") == 0) {
        refuse(refusal, "a bridge cannot be the port of another", "%s is a bridge itself", name);
    } else if (g_strcmp0(port->kind, "macvlan") == 0 || g_strcmp0(port->kind, "macvtap") == 0 || g_strcmp0(port->kind, "ipvlan") == 0) {
        refuse(refusal, "name the card below it", "%s is a %s, which takes frames of its own address only", name, port->kind);
    } else if (master) {
        refuse(refusal, "bridge-show shows what is in a bridge", "%s is a port of %s already", name, master->name);
    } else if (port->master) {
        refuse(refusal, NULL, "%s is a port already", name);
    } else {
        for (guint i = 0; i < state->links->len; i++) {
            const struct netlink_link *upper = g_ptr_array_index(state->links, i);

            if (upper->lower != port->index || upper == port)
                continue;
            if (g_strcmp0(upper->kind, "macvlan") == 0 || g_strcmp0(upper->kind, "macvtap") == 0 || g_strcmp0(upper->kind, "ipvlan") == 0) {
                refuse(refusal, "stop the guests that use it (type='direct'), or take another card", "%s is in use by %s (%s)", name, upper->name,
                       upper->kind);
                return false;
            }
        }
        return true;
    }
    return false;
}

static bool same_network(const char *cidr, const char *address)
{
    unsigned char a[16], b[16];
    unsigned int prefix, whole;
    int family, other;

    if (!netlink_parse_cidr(cidr, &family, a, &prefix) || !netlink_parse_cidr(address, &other, b, &whole) || family != other)
        return false;
    for (unsigned int bit = 0; bit < prefix; bit++)
        if ((a[bit / 8] ^ b[bit / 8]) & (0x80 >> (bit % 8)))
            return false;
    return true;
}

static bool same_address(const char *cidr, const char *other)
{
    size_t a = strcspn(cidr, "/"), b = strcspn(other, "/");

    return a == b && strncmp(cidr, other, a) == 0;
}

static bool is_loopback(int family, const unsigned char *bytes)
{
    return family == AF_INET6 ? memcmp(bytes, &in6addr_loopback, 16) == 0 : bytes[0] == 127;
}

/* What keeps these bytes from being the address of a host; NULL: nothing. A prefix of the whole length: nothing is known of its network. */
static const char *no_host(int family, const unsigned char *bytes, unsigned int prefix)
{
    unsigned int bits = family == AF_INET ? 32 : 128, ones = 0, zeros = 0;
    bool six = family == AF_INET6;

    for (unsigned int bit = prefix; bit < bits; bit++) {
        bool set = bytes[bit / 8] & (0x80 >> (bit % 8));

        ones += set;
        zeros += !set;
    }
    if (six ? bytes[0] == 0xff : bytes[0] >= 224 && bytes[0] < 240)
        return "is the address of a group of hosts";
    if (is_loopback(family, bytes))
        return "is this host talking to itself";
    if (six ? memcmp(bytes, &in6addr_any, 16) == 0 : bytes[0] == 0)
        return "is no host's address";
    if (bits - prefix < 2)
        return NULL; /* two ends of a line need no more */
    if (!ones)
        return "is the network itself, not a host in it";
    if (!zeros && !six)
        return "is the broadcast address of its network, not a host in it";
    return NULL;
}

/* Is it the address of a host, or of this one (DNS servers may be)? A sentence with `what` it should be, when not. */
static bool is_host(const char *address, const char *what, bool or_this, struct refusal *refusal)
{
    unsigned char bytes[16];
    unsigned int prefix;
    const char *why;
    int family;

    if (strchr(address, '/') || !netlink_parse_cidr(address, &family, bytes, &prefix)) {
        refuse(refusal, NULL, "'%s' is no address of %s", address, what);
        return false;
    }
    why = or_this && is_loopback(family, bytes) ? NULL : no_host(family, bytes, prefix);
    if (why)
        refuse(refusal, NULL, "'%s' is no address of %s: it %s", address, what, why);
    return !why;
}

/* What a resolver's file can hold: anything else would be more than a domain there. */
static bool domains_are_fit(const char *const *domains, struct refusal *refusal)
{
    for (; domains && *domains; domains++) {
        const char *domain = **domains == '~' ? *domains + 1 : *domains;

        if (*domain && strlen(domain) <= 253 && strspn(domain, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == strlen(domain))
            continue;
        refuse(refusal, "domains are separated by commas", "'%s' is no domain to look names up in", *domains);
        return false;
    }
    return true;
}

static bool addresses_are_fit(const struct host_state *state, const struct bridge_wish *wish, struct refusal *refusal)
{
    unsigned char bytes[16];
    unsigned int prefix;
    int family, gateways = 0;
    const char *why;

    for (const char *const *cidr = wish->addresses; cidr && *cidr; cidr++) {
        if (!netlink_parse_cidr(*cidr, &family, bytes, &prefix)) {
            refuse(refusal, "write it as 192.0.2.10/24", "'%s' is no address with a network's length", *cidr);
            return false;
        }
        if (!strchr(*cidr, '/')) {
            refuse(refusal, "write the length of the network behind it: /24 is the mask 255.255.255.0", "'%s' has no network's length", *cidr);
            return false;
        }
        why = no_host(family, bytes, prefix);
        if (why) {
            refuse(refusal, NULL, "the address %s cannot be this host's: it %s", *cidr, why);
            return false;
        }
        for (const char *const *other = wish->addresses; other != cidr; other++)
            if (same_address(*cidr, *other)) {
                refuse(refusal, NULL, "the address %s is given twice", *cidr);
                return false;
            }
        for (guint i = 0; i < state->addresses->len; i++) {
            const struct netlink_address *address = g_ptr_array_index(state->addresses, i);
            const struct netlink_link *link = host_link_at(state, address->index);

            if (same_address(*cidr, address->cidr) && link && g_strcmp0(link->name, wish->port) != 0) {
                refuse(refusal, NULL, "the address %s is in use already, by %s of this host", *cidr, link->name);
                return false;
            }
        }
    }
    for (const char *const *gateway = wish->gateways; gateway && *gateway; gateway++) {
        bool inside = false;

        if (!is_host(*gateway, "a gateway", false, refusal) || !netlink_parse_cidr(*gateway, &family, bytes, &prefix))
            return false;
        if (gateways & (family == AF_INET ? 1 : 2)) {
            refuse(refusal, NULL, "there can be one gateway of each family, and %s is a second one", *gateway);
            return false;
        }
        gateways |= family == AF_INET ? 1 : 2;
        if (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80 && family == AF_INET6)
            inside = true; /* link-local: always on the link */
        for (const char *const *cidr = wish->addresses; cidr && *cidr && !inside; cidr++) {
            if (same_address(*cidr, *gateway)) {
                refuse(refusal, NULL, "the gateway %s would be this host itself", *gateway);
                return false;
            }
            inside = same_network(*cidr, *gateway);
        }
        if (!inside) {
            refuse(refusal, "check the gateway and the length behind the address", "the gateway %s is outside the network of %s", *gateway,
                   wish->addresses && *wish->addresses ? *wish->addresses : "the bridge");
            return false;
        }
    }
    for (const char *const *dns = wish->dns; dns && *dns; dns++)
        if (!is_host(*dns, "a DNS server", true, refusal))
            return false;
    return domains_are_fit(wish->search, refusal);
}

static bool mac_is_fit(const char *mac, struct refusal *refusal)
{
    unsigned int first;

    if (strcmp(mac, "00:00:00:00:00:00") == 0) {
        refuse(refusal, "leave out --mac: the bridge takes the card's", "%s is no MAC address that a link can have", mac);
        return false;
    }
    if (sscanf(mac, "%2x:", &first) == 1 && (first & 1)) {
        refuse(refusal, "the first byte of a MAC address must be even", "%s is a group address and cannot be a bridge's own", mac);
        return false;
    }
    return true;
}

/* The manager that will keep the bridge. NULL after refuse(). */
static const struct backend *choose_backend(const struct host_state *state, const struct bridge_wish *wish, struct refusal *refusal)
{
    unsigned int owners = wish->port ? host_owners(state, wish->port) : OWNER_NONE;
    const struct backend *backend;

    if (owners & (owners - 1)) {
        refuse(refusal, "leave it to one of them first", "%s is configured by more than one manager (%s%s%s%s%s), which would undo each other's work",
               wish->port, owners & OWNER_NM ? "NetworkManager " : "", owners & OWNER_NETWORKD ? "systemd-networkd " : "",
               owners & OWNER_NETPLAN ? "netplan " : "", owners & OWNER_IFUPDOWN ? "ifupdown " : "", owners & OWNER_IFCFG ? "the network scripts" : "");
        return NULL;
    }
    if (wish->manager_given && owners && wish->manager != owners) {
        refuse(refusal, "leave out --manager", "%s is configured by %s, which would undo what another one does", wish->port,
               owner_name((enum owner)owners));
        return NULL;
    }
    if (wish->runtime || (wish->manager_given && wish->manager == OWNER_NONE)) {
        if (owners && wish->port) {
            refuse(refusal, "leave out --runtime", "%s is configured by %s, which would undo a change made behind its back", wish->port,
                   owner_name((enum owner)owners));
            return NULL;
        }
        return &backend_none;
    }
    if (wish->manager_given) {
        owners = wish->manager;
    } else if (!owners && host_owners(state, wish->bridge)) {
        /* a free card goes to the manager of the bridge that is there */
        owners = host_owners(state, wish->bridge);
    } else if (!owners) {
        /* a card that nobody configures: the one manager that runs here takes it, NetworkManager only when asked (it lets cards alone
         * on purpose) */
        unsigned int running = state->managers & (OWNER_NETWORKD | OWNER_IFUPDOWN | OWNER_NM | OWNER_IFCFG);

        owners = running == OWNER_NETWORKD || running == OWNER_IFUPDOWN || running == OWNER_IFCFG ? running : OWNER_NONE;
    }
    backend = backend_of((enum owner)owners);
    if (!backend || !backend->create) {
        refuse(refusal, NULL, "%s is configured by %s, for which this command has no way yet", wish->port ? wish->port : wish->bridge,
               owner_name((enum owner)owners));
        return NULL;
    }
    return backend;
}

/* ---- What must hold ---- */

/* The default routes of the port, which the bridge takes over or not. */
static void check_routes(const struct host_state *state, const struct netlink_link *port, bool taken_over, struct plan *plan)
{
    for (guint i = 0; i < state->routes->len; i++) {
        const struct netlink_route *route = g_ptr_array_index(state->routes, i);

        if (route->index != port->index || strcmp(route->destination, "default") != 0 || !route->gateway || !host_route_is_set(route))
            continue;
        if (taken_over) {
            plan_check(plan, "check-route", plan->bridge, "default", route->gateway, NULL);
            /* a gateway that does not answer now need not answer then */
            if (g_hash_table_contains(state->answering, route->gateway))
                plan_check(plan, "check-gateway", plan->bridge, route->gateway, NULL);
        }
        plan_was(plan, "check-route", port->name, "default", route->gateway, NULL);
    }
}

/* What is asked now and answers must be asked then, and answer. */
static void check_resolvers(const struct host_state *state, struct plan *plan)
{
    for (guint i = 0; i < state->resolvers->len; i++) {
        const char *address = g_ptr_array_index(state->resolvers, i);

        if (!g_hash_table_contains(state->resolving, address))
            continue;
        /* it is learnt anew, maybe, from an advertisement */
        if (strchr(address, ':'))
            plan->patience = MAX(plan->patience, 30);
        plan_check(plan, "check-resolver", plan->bridge, address, "in-use", NULL);
    }
}

/* The program that would take DNS servers from the manager's own files to the host's; NULL: it is there, or none is needed. */
static const char *missing_keeper(const struct host_state *state, const struct plan *plan)
{
    if (strcmp(plan->how, backend_networkd.title) == 0 || strcmp(plan->how, backend_netplan.title) == 0)
        return host_has(state, "/run/systemd/resolve/resolv.conf") ? NULL : "systemd-resolved, which does not run";
    if (g_str_has_prefix(plan->how, backend_ifupdown.title))
        return host_has(state, "/sbin/resolvconf") || host_has(state, "/usr/sbin/resolvconf") ? NULL : "resolvconf, which is not installed";
    return NULL;
}

static void check_wished_resolvers(const struct host_state *state, const struct bridge_wish *wish, struct plan *plan)
{
    const char *missing = wish->dns && *wish->dns ? missing_keeper(state, plan) : NULL;

    if (missing)
        plan_note(plan, "%s hands DNS servers to %s here: write them into /etc/resolv.conf", plan->how, missing);
    for (const char *const *server = wish->dns; server && *server; server++) {
        if (g_hash_table_contains(state->resolving, *server))
            plan_check(plan, "check-resolver", wish->bridge, *server, NULL);
        else
            plan_note(plan, "the DNS server %s does not answer this host now, so whether it does afterwards is not looked at", *server);
    }
}

static void add_checks(const struct host_state *state, const struct bridge_wish *wish, const struct netlink_link *port, const char *mac,
                       struct plan *plan)
{
    bool dynamic = false;

    plan_check(plan, "check-up", wish->bridge, NULL);
    if (mac)
        plan_check(plan, "check-mac", wish->bridge, mac, NULL);
    if (port)
        plan_check(plan, "check-port", port->name, wish->bridge, NULL);
    for (guint i = 0; port && i < state->addresses->len; i++) {
        const struct netlink_address *address = g_ptr_array_index(state->addresses, i);

        if (address->index != port->index || address->scope != RT_SCOPE_UNIVERSE)
            continue;
        if (host_address_is_static(address)) {
            plan_was(plan, "check-address", port->name, address->cidr, NULL);
            if (wish->mode == ADDRESS_TAKE)
                plan_check(plan, "check-address", wish->bridge, address->cidr, NULL);
        } else if (address->family == AF_INET) {
            dynamic = true;
            plan_was(plan, "check-address", port->name, "any", NULL);
        }
    }
    plan->patience += wish->stp ? 2 * wish->forward_delay : 0;
    if (wish->mode == ADDRESS_DHCP || (wish->mode == ADDRESS_TAKE && dynamic))
        plan->patience += 30;
    if (wish->mode == ADDRESS_DHCP || (wish->mode == ADDRESS_TAKE && dynamic))
        plan_check(plan, "check-address", wish->bridge, "any", NULL);
    for (const char *const *cidr = wish->addresses; cidr && *cidr; cidr++)
        plan_check(plan, "check-address", wish->bridge, *cidr, NULL);
    if (port)
        check_routes(state, port, wish->mode == ADDRESS_TAKE, plan);
    for (const char *const *gateway = wish->gateways; gateway && *gateway; gateway++) {
        plan_check(plan, "check-route", wish->bridge, "default", *gateway, NULL);
        if (port)
            plan_check(plan, "check-gateway", wish->bridge, *gateway, NULL);
    }
    if (port && wish->mode == ADDRESS_TAKE)
        check_resolvers(state, plan);
    check_wished_resolvers(state, wish, plan);
}

/* The last resort when undoing did not bring the old state back: set it by hand. */
static void add_rescue(const struct host_state *state, const struct netlink_link *port, struct plan *plan)
{
    plan_rescue(plan, "link-nomaster", port->name, NULL);
    if (!plan->adopted)
        plan_rescue(plan, "link-delete", plan->bridge, NULL);
    plan_rescue(plan, "link-up", port->name, NULL);
    for (guint i = 0; i < state->addresses->len; i++) {
        const struct netlink_address *address = g_ptr_array_index(state->addresses, i);

        if (address->index == port->index && address->scope == RT_SCOPE_UNIVERSE &&
            (address->family == AF_INET || host_address_is_static(address)))
            plan_rescue(plan, "address-add", port->name, address->cidr, NULL);
    }
    for (guint i = 0; i < state->routes->len; i++) {
        const struct netlink_route *route = g_ptr_array_index(state->routes, i);
        g_autofree char *metric = g_strdup_printf("%u", route->metric);

        if (route->index == port->index && host_route_is_set(route))
            plan_rescue(plan, "route-add", port->name, route->destination, route->gateway ? route->gateway : "-", metric,
                        route->source ? route->source : "-", NULL);
    }
}

static bool address_is_wished(const struct bridge_wish *wish, const char *cidr)
{
    for (const char *const *other = wish->addresses; other && *other; other++)
        if (same_address(*other, cidr))
            return true;
    return false;
}

static bool gateway_is_wished(const struct bridge_wish *wish, int family)
{
    for (const char *const *gateway = wish->gateways; gateway && *gateway; gateway++)
        if ((strchr(*gateway, ':') != NULL) == (family == AF_INET6))
            return true;
    return false;
}

bool host_is_near(const struct host_state *state, const struct netlink_link *link, const char *address)
{
    for (guint i = 0; i < state->addresses->len; i++) {
        const struct netlink_address *own = g_ptr_array_index(state->addresses, i);

        if (own->index == link->index && same_network(own->cidr, address))
            return true;
    }
    return false;
}

/* The address of the link that the session came to; NULL: it came by another link, or none. */
static const struct netlink_address *session_address(const struct host_state *state, const struct netlink_link *link)
{
    for (guint i = 0; link && state->session_local && i < state->addresses->len; i++) {
        const struct netlink_address *address = g_ptr_array_index(state->addresses, i);

        if (address->index == link->index && same_address(address->cidr, state->session_local))
            return address;
    }
    return NULL;
}

static void lose_session(struct plan *plan, const char *cidr)
{
    plan_note(plan, "the address of your session, %s, goes: log in again by the new one, and network-confirm", cidr);
    plan->loses_session = true;
}

/* A neighbour answers by itself; one beyond the gateway is reached when that answers, which is checked. One that does not answer now (the shell
 * that the session began is still there, under tmux, and the person elsewhere) need not answer then. */
static void check_session_peer(const struct host_state *state, const struct netlink_address *address, const char *link, struct plan *plan)
{
    if (!state->session_peer || !same_network(address->cidr, state->session_peer) || same_address(state->session_local, state->session_peer))
        return;
    if (g_hash_table_contains(state->answering, state->session_peer))
        plan_check(plan, "check-neighbour", link, state->session_peer, NULL);
    else
        plan_note(plan, "%s, where your session comes from, does not answer now, so whether it does afterwards is not looked at",
                  state->session_peer);
}

static void note_session(const struct host_state *state, const struct bridge_wish *wish, const struct netlink_link *port, struct plan *plan)
{
    const struct netlink_address *address = session_address(state, port);

    if (!address)
        return;
    plan_note(plan, "%s carries your own session (from %s)", port->name, state->session_peer ? state->session_peer : "elsewhere");
    if (address->scope == RT_SCOPE_LINK) {
        /* the bridge may have the same address, but the session is tied to the card */
        plan_note(plan, "your session is to an address of %s alone, %s, and ends: log in again by %s, and network-confirm", port->name, address->cidr,
                  plan->bridge);
        plan->loses_session = true;
        return;
    }
    /* the session lives as long as its address does, and the way back to its other end; without them nobody could confirm */
    if (wish->mode == ADDRESS_TAKE || wish->mode == ADDRESS_DHCP) {
        plan_check(plan, "check-address", wish->bridge, address->cidr, NULL);
    } else if (!address_is_wished(wish, address->cidr)) {
        lose_session(plan, address->cidr);
    } else if (state->session_peer && !same_network(address->cidr, state->session_peer) && !gateway_is_wished(wish, address->family)) {
        plan_note(plan, "your session comes from %s, which is reached by a gateway, and none is given", state->session_peer);
        plan->loses_session = true;
    }
    check_session_peer(state, address, wish->bridge, plan);
}

/* Will the card have the address when it has its own network back? "any" is the lease that the bridge took over. */
static bool comes_back(const struct plan *made, const char *cidr)
{
    for (guint i = 0; i < made->was->len; i++) {
        char *const *was = g_ptr_array_index(made->was, i);

        if (strcmp(was[0], "check-address") == 0 && (same_address(was[2], cidr) || strcmp(was[2], "any") == 0))
            return true;
    }
    return false;
}

static void note_session_back(const struct host_state *state, const struct plan *made, struct plan *plan)
{
    const struct netlink_address *address = session_address(state, host_link(state, made->bridge));

    if (!address)
        return;
    plan_note(plan, "%s carries your own session (from %s)", made->bridge, state->session_peer ? state->session_peer : "elsewhere");
    if (!comes_back(made, address->cidr))
        lose_session(plan, address->cidr);
    else
        check_session_peer(state, address, made->port, plan);
}

/* What the card has, and the wish does not speak of: forgotten, maybe. */
static void note_left_out(const struct host_state *state, const struct bridge_wish *wish, const struct netlink_link *port, struct plan *plan)
{
    for (guint i = 0; i < state->routes->len; i++) {
        const struct netlink_route *route = g_ptr_array_index(state->routes, i);

        if (route->index == port->index && strcmp(route->destination, "default") == 0 && route->gateway && host_route_is_set(route) &&
            !gateway_is_wished(wish, route->family))
            plan_note(plan, "no --gateway is given: the default route via %s goes", route->gateway);
    }
    if (wish->dns && *wish->dns)
        return;
    for (guint i = 0; i < state->resolvers->len; i++) {
        const char *server = g_ptr_array_index(state->resolvers, i);

        if (g_hash_table_contains(state->resolving, server))
            plan_note(plan, "no --dns is given: the DNS server %s may not be asked any more", server);
    }
}

struct plan *plan_bridge_create(const struct host_state *state, const struct bridge_wish *wish, struct refusal *refusal)
{
    const struct netlink_link *port = NULL, *there;
    const struct backend *backend;
    const char *mac = wish->mac;
    struct bridge_wish adopted;
    struct plan *plan;

    if (!good_link_name(wish->bridge))
        return refuse(refusal, "take one like br0", "'%s' cannot be the name of a bridge: up to 15 letters, digits, '-', '_' and '.'", wish->bridge);
    if (wish->port) {
        port = host_link(state, wish->port);
        if (!port) {
            g_autofree char *known = cards(state);
            g_autofree char *hint = *known ? g_strdup_printf("this host has %s", known) : NULL;

            return refuse(refusal, hint, "this host has no network card '%s'", wish->port);
        }
    }
    there = host_link(state, wish->bridge);
    if (there) {
        if (!bridge_can_be_adopted(state, wish, port, there, refusal))
            return NULL;
        adopted = wish_for_adopted(state, wish, port, there);
        wish = &adopted;
    }
    if (port && !port_is_fit(state, port, refusal))
        return NULL;
    if (!port && wish->mode == ADDRESS_DHCP)
        return refuse(refusal, "name a card with --port", "a bridge without a port has nobody to ask for an address");
    if (!addresses_are_fit(state, wish, refusal))
        return NULL;
    if (!mac && port && wish->mode != ADDRESS_KEEP)
        mac = port->mac;
    if (mac && !mac_is_fit(mac, refusal))
        return NULL;
    backend = choose_backend(state, wish, refusal);
    if (!backend || (there && !backend_adopts(state, wish, backend, refusal)))
        return NULL;

    plan = plan_new(wish->bridge, wish->port);
    plan->adopted = there != NULL;
    plan->what = there  ? g_strdup_printf("put %s into the existing bridge %s", port->name, there->name)
                 : port ? g_strdup_printf("put %s into the new bridge %s", port->name, wish->bridge)
                      : g_strdup_printf("make the bridge %s without a card", wish->bridge);
    plan->how = g_strdup(backend->title);
    plan->persistent = backend->persistent;
    plan->outage = port ? backend->outage : 0;
    if (!backend->create(state, wish, port, mac, plan, refusal)) {
        plan_free(plan);
        return NULL;
    }
    add_checks(state, wish, port, mac, plan);
    if (port) {
        add_rescue(state, port, plan);
        if (wish->mode == ADDRESS_STATIC)
            note_left_out(state, wish, port, plan);
        note_session(state, wish, port, plan);
        if (wish->mac && g_ascii_strcasecmp(wish->mac, port->mac) != 0)
            plan_note(plan, "the bridge's MAC differs from the card's: a DHCP server may give another address");
        if (wish->stp) {
            plan->outage += 2000 * wish->forward_delay;
            plan_note(plan, "with STP every port waits %u s before it carries frames, and a switch with BPDU guard may shut its port",
                      2 * wish->forward_delay);
        }
    }
    return plan;
}

/* ---- The way back ---- */

static const GBytes *blob_of(const struct plan *plan, const char *word)
{
    guint64 index;

    return g_ascii_string_to_unsigned(word, 10, 0, UINT32_MAX, &index, NULL) && index < plan->blobs->len ? g_ptr_array_index(plan->blobs, index)
                                                                                                        : NULL;
}

/* What someone in the LAN answered when the plan was made: long ago, maybe. */
static bool is_of_the_lan(char *const *check)
{
    return strcmp(check[0], "check-gateway") == 0 || strcmp(check[0], "check-neighbour") == 0 || strcmp(check[0], "check-resolver") == 0;
}

/* Files must be as the plan left them: what someone wrote since is not thrown away. */
static bool files_are_ours(const struct host_state *state, const struct plan *made, struct refusal *refusal)
{
    for (guint i = 0; i < made->steps->len; i++) {
        const struct step *step = g_ptr_array_index(made->steps, i);
        const GBytes *blob;
        g_autofree char *text = NULL;
        gsize size;
        const char *ours;

        if (!step->action || strcmp(step->action[0], "file") != 0 || !(blob = blob_of(made, step->action[3])))
            continue;
        text = host_file(state, step->action[1]);
        ours = g_bytes_get_data((GBytes *)(uintptr_t)blob, &size);
        if (!text || strlen(text) != size || memcmp(text, ours, size) != 0) {
            refuse(refusal, "take what this command wrote out of it by hand, or put it back as it was", "%s was %s since", step->action[1],
                   text ? "changed" : "removed");
            return false;
        }
    }
    return true;
}

/* Gateways and DNS servers that the card had, the bridge took over, and that answer now. */
static void check_lan_again(const struct host_state *state, const struct plan *made, struct plan *plan)
{
    for (guint i = 0; i < made->was->len; i++) {
        char *const *was = g_ptr_array_index(made->was, i);

        if (strcmp(was[0], "check-route") == 0 && g_hash_table_contains(state->answering, was[3]))
            plan_check(plan, "check-gateway", made->port, was[3], NULL);
    }
    for (guint i = 0; i < made->checks->len; i++) {
        char *const *check = g_ptr_array_index(made->checks, i);

        if (strcmp(check[0], "check-resolver") == 0 && check[3] && g_hash_table_contains(state->resolving, check[2]))
            plan_check(plan, "check-resolver", made->port, check[2], check[3], NULL);
    }
}

struct plan *plan_backwards(const struct host_state *state, const struct plan *made, struct refusal *refusal)
{
    struct plan *plan;

    if (!files_are_ours(state, made, refusal))
        return NULL;
    plan = plan_new(made->bridge, made->port);
    plan->what = !made->bridge ? g_strdup_printf("take back: %s", made->what)
                 : made->adopted ? g_strdup_printf("take %s out of the bridge %s and give it back its own network", made->port, made->bridge)
                 : made->port  ? g_strdup_printf("delete the bridge %s and give %s back its own network", made->bridge, made->port)
                               : g_strdup_printf("delete the bridge %s", made->bridge);
    plan->how = g_strdup(made->how);
    plan->persistent = made->persistent;
    plan->adopted = made->adopted;
    plan->outage = made->outage;
    plan->patience = made->patience;
    for (guint i = 0; i < made->blobs->len; i++)
        g_ptr_array_add(plan->blobs, g_bytes_ref(g_ptr_array_index(made->blobs, i)));
    for (guint i = made->steps->len; i-- > 0;) {
        const struct step *step = g_ptr_array_index(made->steps, i);
        g_autofree char *text = step->undo ? words_text(step->undo) : g_strdup(step->text);
        struct step *back = plan_step(plan, "%s", text);

        back->action = g_strdupv(step->undo);
        back->undo = g_strdupv(step->action);
    }
    for (guint i = 0; i < made->was->len; i++)
        g_ptr_array_add(plan->checks, g_strdupv(g_ptr_array_index(made->was, i)));
    if (made->bridge && made->port) {
        check_lan_again(state, made, plan);
        note_session_back(state, made, plan);
    }
    for (guint i = 0; i < made->checks->len; i++)
        if (!is_of_the_lan(g_ptr_array_index(made->checks, i)))
            g_ptr_array_add(plan->was, g_strdupv(g_ptr_array_index(made->checks, i)));
    return plan;
}

struct plan *plan_bridge_delete_runtime(const struct host_state *state, const char *bridge, struct refusal *refusal)
{
    const struct netlink_link *link = host_link(state, bridge);
    struct plan *plan;

    if (!link)
        return refuse(refusal, "bridge-list shows the bridges", "this host has no bridge '%s'", bridge);
    if (g_strcmp0(link->kind, "bridge") != 0)
        return refuse(refusal, "bridge-list shows the bridges", "%s is no bridge", bridge);
    if (host_owners(state, bridge) != OWNER_NONE)
        return refuse(refusal, "delete it where it was made", "the bridge %s was not made by this command, but is configured by %s", bridge,
                      owner_name(host_owners(state, bridge)));
    for (guint i = 0; i < state->links->len; i++) {
        const struct netlink_link *port = g_ptr_array_index(state->links, i);

        if (port->master == link->index)
            return refuse(refusal, "take its ports out first", "the bridge %s was not made by this command, and %s is a port of it", bridge,
                          port->name);
    }
    for (guint i = 0; i < state->addresses->len; i++) {
        const struct netlink_address *address = g_ptr_array_index(state->addresses, i);

        if (address->index == link->index && address->scope == RT_SCOPE_UNIVERSE)
            return refuse(refusal, "libvirt's own bridges are deleted with their network: net-destroy",
                          "the bridge %s was not made by this command, and has the address %s", bridge, address->cidr);
    }
    plan = plan_new(bridge, NULL);
    plan->what = g_strdup_printf("delete the bridge %s", bridge);
    plan->how = g_strdup("the kernel alone");
    step_do(plan_step(plan, "delete the bridge %s", bridge), "link-delete", bridge, NULL);
    {
        struct step *step = g_ptr_array_index(plan->steps, 0);
        g_autofree char *delay = g_strdup_printf("%u", link->forward_delay / 100);

        step_undo(step, "bridge-add", bridge, link->stp > 0 ? "1" : "0", delay, NULL);
    }
    return plan;
}
