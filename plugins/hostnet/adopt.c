/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * adopt.c - a bridge of the wished name is there already. It may be as wished; it may be empty but for guests, kept by the manager that has the
 * card too, and then the card is put into it; in all other cases it is someone's, and is refused with what it is.
 *
 * What is adopted is given back: bridge-delete takes the card out, and the bridge stays as it was.
 */
#include "model.h"

#include <linux/rtnetlink.h>
#include <string.h>

static const struct netlink_address *address_on(const struct host_state *state, const struct netlink_link *link, const char *cidr)
{
    for (guint i = 0; i < state->addresses->len; i++) {
        const struct netlink_address *address = g_ptr_array_index(state->addresses, i);

        if (address->index == link->index && address->scope == RT_SCOPE_UNIVERSE && (!cidr || strcmp(address->cidr, cidr) == 0))
            return address;
    }
    return NULL;
}

static bool has_default_route(const struct host_state *state, const struct netlink_link *link, const char *gateway)
{
    for (guint i = 0; i < state->routes->len; i++) {
        const struct netlink_route *route = g_ptr_array_index(state->routes, i);

        if (route->index == link->index && strcmp(route->destination, "default") == 0 && g_strcmp0(route->gateway, gateway) == 0)
            return true;
    }
    return false;
}

/* What is not as wished of a bridge that has its card; NULL: all is. */
static char *differs(const struct host_state *state, const struct bridge_wish *wish, const struct netlink_link *bridge)
{
    for (const char *const *cidr = wish->addresses; cidr && *cidr; cidr++)
        if (!address_on(state, bridge, *cidr))
            return g_strdup_printf("it has not the address %s", *cidr);
    for (const char *const *gateway = wish->gateways; gateway && *gateway; gateway++)
        if (!has_default_route(state, bridge, *gateway))
            return g_strdup_printf("no default route via %s goes by it", *gateway);
    if (wish->mac && bridge->mac && g_ascii_strcasecmp(wish->mac, bridge->mac) != 0)
        return g_strdup_printf("its MAC address is %s", bridge->mac);
    if (wish->stp && bridge->stp <= 0)
        return g_strdup("it does not take part in the spanning tree protocol");
    return NULL;
}

static bool is_guests(const GPtrArray *taps, const char *link, const char *bridge)
{
    for (guint i = 0; i < taps->len; i++) {
        const struct guest_tap *tap = g_ptr_array_index(taps, i);

        if (strcmp(tap->name, link) == 0 && strcmp(tap->bridge, bridge) == 0)
            return true;
    }
    return false;
}

/* "nic7, tap3": what makes the bridge someone's. Guests of libvirt's do not: they get a way out, and are put back when need be. */
static char *ports_of(const struct host_state *state, const struct netlink_link *bridge)
{
    g_autoptr(GPtrArray) taps = guest_taps(state->root);
    GString *names = g_string_new(NULL);

    for (guint i = 0; i < state->links->len; i++) {
        const struct netlink_link *port = g_ptr_array_index(state->links, i);

        if (port->master == bridge->index && !is_guests(taps, port->name, bridge->name))
            g_string_append_printf(names, "%s%s", names->len ? ", " : "", port->name);
    }
    return g_string_free(names, names->len == 0);
}

/* The network of libvirt's that made the bridge, by libvirt's own state files; one that only leads to it (forward mode='bridge') did not. */
static char *network_of(const struct host_state *state, const char *bridge)
{
    g_autofree char *folder = g_strconcat(state->root, "/run/libvirt/network", NULL);
    g_autofree char *wanted = g_strdup_printf("<bridge name='%s'", bridge);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *entry;

    while (dir && (entry = g_dir_read_name(dir))) {
        g_autofree char *path = g_strdup_printf("/run/libvirt/network/%s", entry), *xml = host_file(state, path);

        if (g_str_has_suffix(entry, ".xml") && xml && strstr(xml, wanted) && !strstr(xml, "<forward mode='bridge'"))
            return g_strndup(entry, strlen(entry) - strlen(".xml"));
    }
    return NULL;
}

bool bridge_can_be_adopted(const struct host_state *state, const struct bridge_wish *wish, const struct netlink_link *port,
                           const struct netlink_link *bridge, struct refusal *refusal)
{
    g_autofree char *network = network_of(state, bridge->name), *ports = ports_of(state, bridge), *difference = NULL;
    const struct netlink_address *address = address_on(state, bridge, NULL);

    if (g_strcmp0(bridge->kind, "bridge") != 0) {
        refuse(refusal, "take another name; link-list shows the links", "there is a link %s already, which is no bridge", bridge->name);
    } else if (network) {
        refuse(refusal, "take another name; guests reach that one by the network", "the bridge %s is there already: it belongs to libvirt's network '%s'",
               bridge->name, network);
    } else if (!port || port->master == bridge->index) {
        difference = differs(state, wish, bridge);
        refuse(refusal, "to have it otherwise, take it away first: bridge-delete", "the bridge %s is there already%s%s%s%s", bridge->name,
               port ? " with " : "", port ? port->name : "", difference ? ", but " : "", difference ? difference : "");
        refusal->done = !difference;
    } else if (ports) {
        refuse(refusal, "take another name: a second card would make two networks one; or take out what is in it",
               "the bridge %s is there already, with %s in it", bridge->name, ports);
    } else if (address) {
        refuse(refusal, "take another name, or take the address off it where it is configured",
               "the bridge %s is there already, and has the address %s", bridge->name, address->cidr);
    } else if (wish->stp && bridge->stp <= 0) {
        refuse(refusal, "leave out --stp, or take another name",
               "the bridge %s is there already, and does not take part in the spanning tree protocol", bridge->name);
    } else {
        return true;
    }
    return false;
}

bool backend_adopts(const struct host_state *state, const struct bridge_wish *wish, const struct backend *backend, struct refusal *refusal)
{
    enum owner owners = host_owners(state, wish->bridge);

    if (owners == backend->owner && backend->adopts)
        return true;
    if (owners == backend->owner)
        refuse(refusal, "name the card in the bridge's own configuration; or take the bridge out of it, and this command makes it anew",
               "the bridge %s is there already, and this command cannot put a card into a bridge of %s", wish->bridge, backend->title);
    else if (owners == OWNER_NONE)
        refuse(refusal, "bridge-delete it, and this command makes it anew", "the bridge %s is there already, and %s, which has %s, does not know it",
               wish->bridge, backend->title, wish->port);
    else
        refuse(refusal, "take another name, or leave both to one of them", "the bridge %s is there already, configured by %s, and %s is not",
               wish->bridge, owner_name(owners), wish->port);
    return false;
}

struct bridge_wish wish_for_adopted(const struct host_state *state, const struct bridge_wish *wish, const struct netlink_link *port,
                                    const struct netlink_link *bridge)
{
    struct bridge_wish own = *wish;

    /* a card that has nothing gives nothing */
    if (wish->mode == ADDRESS_TAKE && host_owners(state, port->name) == OWNER_NONE && !address_on(state, port, NULL))
        own.mode = ADDRESS_KEEP;
    if (!wish->stp) {
        own.stp = bridge->stp > 0;
        own.forward_delay = bridge->forward_delay / 100;
    }
    return own;
}
