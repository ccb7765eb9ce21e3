/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nm.c - NetworkManager: two profiles of our own, the bridge and its port. The card's own profile is not touched: the port's has the higher
 * priority, so it wins at every boot, and deleting it is the exact way back. The port is what is activated; it pulls the bridge up.
 */
#include "model.h"

#include <arpa/inet.h>
#include <string.h>

#define PRIORITY_ABOVE 100
#define PRIORITY_MAX 999

static GVariant *section(GVariant *profile, const char *name)
{
    return profile ? g_variant_lookup_value(profile, name, G_VARIANT_TYPE("a{sv}")) : NULL;
}

static char *text_of(GVariant *profile, const char *name, const char *key)
{
    g_autoptr(GVariant) values = section(profile, name);
    char *text = NULL;

    return values && g_variant_lookup(values, key, "s", &text) ? text : NULL;
}

/* A profile that grows: sections of keys. */
struct profile {
    GVariantBuilder all, keys;
};

static void open_section(struct profile *profile, const char *name)
{
    g_variant_builder_open(&profile->all, G_VARIANT_TYPE("{sa{sv}}"));
    g_variant_builder_add(&profile->all, "s", name);
    g_variant_builder_open(&profile->all, G_VARIANT_TYPE("a{sv}"));
}

static void close_section(struct profile *profile)
{
    g_variant_builder_close(&profile->all);
    g_variant_builder_close(&profile->all);
}

static void add_key(struct profile *profile, const char *key, GVariant *value)
{
    g_variant_builder_add(&profile->all, "{sv}", key, value);
}

/* As it is in another profile, without some keys. */
static void copy_section(struct profile *profile, const char *name, GVariant *from, const char *without)
{
    g_autoptr(GVariant) values = section(from, name);
    GVariantIter iter;
    const char *key;
    GVariant *value;

    open_section(profile, name);
    if (values) {
        g_variant_iter_init(&iter, values);
        while (g_variant_iter_loop(&iter, "{&sv}", &key, &value))
            if (g_strcmp0(key, without) != 0)
                g_variant_builder_add(&profile->all, "{sv}", key, value);
    }
    close_section(profile);
}

/* The uuid of the profile that is active on a link, in NetworkManager's own state file of it. */
char *nm_active_uuid(const struct host_state *state, const struct netlink_link *link)
{
    g_autofree char *path = g_strdup_printf("/run/NetworkManager/devices/%d", link->index), *text = host_file(state, path);
    const char *at = text ? strstr(text, "\nconnection-uuid=") : NULL;

    return at ? g_strndup(at + 17, strcspn(at + 17, "\n")) : NULL;
}

static int priority_of(GVariant *profile)
{
    g_autoptr(GVariant) connection = section(profile, "connection");
    int priority = 0;

    if (connection)
        g_variant_lookup(connection, "autoconnect-priority", "i", &priority);
    return priority;
}

/* What wins over the link's profile of now at every boot. 0 after refuse(). */
static int priority_above(GVariant *profile, const char *link, struct refusal *refusal)
{
    int priority = priority_of(profile);

    if (priority < PRIORITY_MAX)
        return MIN(PRIORITY_MAX, MAX(priority, 0) + PRIORITY_ABOVE);
    refuse(refusal, "lower its autoconnect-priority", "the profile of %s has the highest priority there is, and would win at the next boot", link);
    return 0;
}

static void add_connection(struct profile *profile, const char *id, const char *uuid, const char *type, const char *link)
{
    add_key(profile, "id", g_variant_new_string(id));
    add_key(profile, "uuid", g_variant_new_string(uuid));
    add_key(profile, "type", g_variant_new_string(type));
    add_key(profile, "interface-name", g_variant_new_string(link));
    add_key(profile, "autoconnect", g_variant_new_boolean(TRUE));
}

/* Addresses, gateway and DNS servers of one family from the wish. */
static void wished_family(struct profile *profile, const struct bridge_wish *wish, bool six)
{
    GVariantBuilder addresses, dns;
    unsigned int count = 0;
    const char *method;

    g_variant_builder_init(&addresses, G_VARIANT_TYPE("aa{sv}"));
    for (const char *const *cidr = wish->addresses; cidr && *cidr; cidr++) {
        unsigned char bytes[16];
        unsigned int prefix;
        int family;
        g_autofree char *address = g_strndup(*cidr, strcspn(*cidr, "/"));

        if (!netlink_parse_cidr(*cidr, &family, bytes, &prefix) || (family == AF_INET6) != six)
            continue;
        g_variant_builder_open(&addresses, G_VARIANT_TYPE("a{sv}"));
        g_variant_builder_add(&addresses, "{sv}", "address", g_variant_new_string(address));
        g_variant_builder_add(&addresses, "{sv}", "prefix", g_variant_new_uint32(prefix));
        g_variant_builder_close(&addresses);
        count++;
    }
    if (count)
        method = "manual";
    else if (wish->mode == ADDRESS_NONE)
        method = "disabled"; /* "ignore" would leave IPv6 to the kernel, which takes addresses from the LAN's routers */
    else
        method = six || wish->mode == ADDRESS_DHCP ? "auto" : "disabled";
    open_section(profile, six ? "ipv6" : "ipv4");
    add_key(profile, "method", g_variant_new_string(method));
    if (count)
        add_key(profile, "address-data", g_variant_builder_end(&addresses));
    else
        g_variant_builder_clear(&addresses);
    for (const char *const *gateway = wish->gateways; count && gateway && *gateway; gateway++)
        if ((strchr(*gateway, ':') != NULL) == six)
            add_key(profile, "gateway", g_variant_new_string(*gateway));
    g_variant_builder_init(&dns, six ? G_VARIANT_TYPE("aay") : G_VARIANT_TYPE("au"));
    for (const char *const *server = wish->dns; server && *server; server++) {
        unsigned char bytes[16];
        unsigned int prefix;
        int family;
        uint32_t number;

        if (!netlink_parse_cidr(*server, &family, bytes, &prefix) || (family == AF_INET6) != six)
            continue;
        memcpy(&number, bytes, sizeof(number));
        if (six)
            g_variant_builder_add_value(&dns, g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, bytes, 16, 1));
        else
            g_variant_builder_add(&dns, "u", number);
    }
    add_key(profile, "dns", g_variant_builder_end(&dns));
    if (wish->search && *wish->search && wish->mode != ADDRESS_NONE && !six)
        add_key(profile, "dns-search", g_variant_new_strv(wish->search, -1));
    if (six && g_str_equal(method, "auto"))
        add_key(profile, "addr-gen-mode", g_variant_new_int32(0)); /* by the MAC address, as the kernel does */
    close_section(profile);
}

static char *bridge_profile(const struct host_state *state, const struct bridge_wish *wish, const char *mac, const char *uuid, int priority)
{
    struct profile profile;
    g_autofree char *zone = text_of(state->nm_profile, "connection", "zone");
    g_autoptr(GVariant) whole = NULL;

    g_variant_builder_init(&profile.all, G_VARIANT_TYPE("a{sa{sv}}"));
    open_section(&profile, "connection");
    add_connection(&profile, wish->bridge, uuid, "bridge", wish->bridge);
    if (priority)
        add_key(&profile, "autoconnect-priority", g_variant_new_int32(priority));
    if (zone)
        add_key(&profile, "zone", g_variant_new_string(zone));
    close_section(&profile);
    open_section(&profile, "bridge");
    add_key(&profile, "interface-name", g_variant_new_string(wish->bridge));
    add_key(&profile, "stp", g_variant_new_boolean(wish->stp));
    add_key(&profile, "forward-delay", g_variant_new_uint32(wish->stp ? wish->forward_delay : 0));
    close_section(&profile);
    if (mac) {
        open_section(&profile, "802-3-ethernet");
        add_key(&profile, "assigned-mac-address", g_variant_new_string(mac));
        close_section(&profile);
    }
    if (wish->mode == ADDRESS_TAKE && state->nm_profile) {
        copy_section(&profile, "ipv4", state->nm_profile, NULL);
        copy_section(&profile, "ipv6", state->nm_profile, NULL);
    } else {
        wished_family(&profile, wish, false);
        wished_family(&profile, wish, true);
    }
    whole = g_variant_ref_sink(g_variant_builder_end(&profile.all));
    return g_variant_print(whole, TRUE);
}

static char *port_profile(const struct host_state *state, const struct bridge_wish *wish, const char *port, const char *uuid, const char *bridge,
                          int priority)
{
    struct profile profile;
    /* a VLAN or bond is made by its profile, and must be by this one too */
    static const char *const own[] = {"802-3-ethernet", "vlan", "bond", "team", "vxlan"};
    g_autofree char *id = g_strdup_printf("%s-port-%s", wish->bridge, port), *type = text_of(state->nm_profile, "connection", "type");
    g_autoptr(GVariant) whole = NULL;

    g_variant_builder_init(&profile.all, G_VARIANT_TYPE("a{sa{sv}}"));
    open_section(&profile, "connection");
    add_connection(&profile, id, uuid, type ? type : "802-3-ethernet", port);
    add_key(&profile, "master", g_variant_new_string(bridge));
    add_key(&profile, "slave-type", g_variant_new_string("bridge"));
    add_key(&profile, "autoconnect-priority", g_variant_new_int32(priority));
    close_section(&profile);
    for (guint i = 0; i < G_N_ELEMENTS(own); i++) {
        g_autoptr(GVariant) there = section(state->nm_profile, own[i]);

        if (there || i == 0)
            copy_section(&profile, own[i], state->nm_profile, NULL);
    }
    whole = g_variant_ref_sink(g_variant_builder_end(&profile.all));
    return g_variant_print(whole, TRUE);
}

/* "+ ipv4.method = 'auto'": a profile as a person reads it; what is left at its default is left out. */
static char *profile_lines(const char *text)
{
    g_autoptr(GVariant) profile = g_variant_parse(G_VARIANT_TYPE("a{sa{sv}}"), text, NULL, NULL, NULL);
    GString *lines = g_string_new(NULL);
    GVariantIter iter, inner;
    const char *name, *key;
    GVariant *values, *value;

    g_variant_iter_init(&iter, profile);
    while (g_variant_iter_next(&iter, "{&s@a{sv}}", &name, &values)) {
        g_variant_iter_init(&inner, values);
        while (g_variant_iter_next(&inner, "{&sv}", &key, &value)) {
            g_autofree char *print = g_variant_print(value, FALSE);

            if (strcmp(print, "[]") != 0 && strcmp(print, "{}") != 0)
                g_string_append_printf(lines, "+ %s.%s = %s\n", name, key, print);
            g_variant_unref(value);
        }
        g_variant_unref(values);
    }
    return g_string_free(lines, FALSE);
}

static void add_profile(struct plan *plan, const char *what, const char *uuid, const char *text)
{
    struct step *step = plan_step(plan, "add a profile for %s", what);

    step->change = profile_lines(text);
    step_do(step, "nm-add", text, NULL);
    step_undo(step, "nm-delete", uuid, NULL);
}

static bool create(const struct host_state *state, const struct bridge_wish *wish, const struct netlink_link *port, const char *mac,
                   struct plan *plan, struct refusal *refusal)
{
    const struct netlink_link *there = host_link(state, wish->bridge);
    g_autofree char *bridge_uuid = g_uuid_string_random(), *port_uuid = g_uuid_string_random(), *text = NULL, *old = NULL, *old_bridge = NULL;
    g_autoptr(GVariant) six = section(state->nm_profile, "ipv6");
    int priority, bridge_priority = 0, mode = 0;
    struct step *step;

    if (!port) {
        refuse(refusal, "name a card with --port, or say --manager none", "NetworkManager brings a bridge up by its port, and there is none");
        return false;
    }
    if ((host_owners(state, port->name) & OWNER_NM) && !state->nm_profile) {
        if (state->nm_runs)
            refuse(refusal, "do it as root", "NetworkManager does not show the profile of %s", port->name);
        else
            refuse(refusal, "systemctl start NetworkManager", "NetworkManager, which configures %s, does not run", port->name);
        return false;
    }
    priority = priority_above(state->nm_profile, port->name, refusal);
    if (there && priority)
        bridge_priority = priority_above(state->nm_bridge, there->name, refusal);
    if (!priority || (there && !bridge_priority))
        return false;
    old = text_of(state->nm_profile, "connection", "uuid");
    old_bridge = there ? nm_active_uuid(state, there) : NULL;
    if (!there)
        step_undo(plan_step(plan, "the bridge %s", wish->bridge), "link-delete", wish->bridge, NULL);
    if (wish->mode == ADDRESS_KEEP) {
        g_free(bridge_uuid);
        bridge_uuid = g_strdup(old_bridge);
    } else {
        text = bridge_profile(state, wish, mac, bridge_uuid, bridge_priority);
        add_profile(plan, wish->bridge, bridge_uuid, text);
        g_free(text);
        if (there) {
            /* a port does not pull up another profile than the one that its bridge has; and the old one must be back before ours is
             * deleted, or the bridge would go with it. Neither is up before it has a port: nobody waits for that. */
            step = plan_step(plan, "activate it on %s", there->name);
            step_do(step, "nm-begin", bridge_uuid, there->name, NULL);
            step_undo(step, "nm-begin", old_bridge, there->name, NULL);
        }
    }
    text = port_profile(state, wish, port->name, port_uuid, bridge_uuid, priority);
    add_profile(plan, port->name, port_uuid, text);
    step = plan_step(plan, "activate it: %s joins %s", port->name, wish->bridge);
    step_do(step, "nm-activate", port_uuid, port->name, NULL);
    if (old)
        step_undo(step, "nm-activate", old, port->name, NULL);
    if (wish->mode == ADDRESS_TAKE && six && (!g_variant_lookup(six, "addr-gen-mode", "i", &mode) || mode != 0))
        plan_note(plan, "an IPv6 address that NetworkManager made up for %s (stable-privacy) is another one on %s", port->name, wish->bridge);
    return true;
}

const struct backend backend_nm = {
    .owner = OWNER_NM,
    .name = "nm",
    .title = "NetworkManager",
    .persistent = true,
    .adopts = true,
    /* a tenth of a second mostly; the kernel may keep the news that the bridge has a carrier back for a second */
    .outage = 300,
    .create = create,
};
