/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * networkd.c - systemd-networkd: three files of our own that sort before the one the card has now, which is never touched. Taking them
 * away is the exact way back.
 *
 * The card's file is read with its drop-ins; what belongs to the card stays with it ([Link], VLANs and the like that stand on it), all else
 * goes to the bridge.
 */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A value of one of networkd's own state files: KEY=VALUE lines. */
static char *state_value(const char *text, const char *key)
{
    g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);
    size_t length = strlen(key);

    for (char **line = lines; *line; line++)
        if (strncmp(*line, key, length) == 0 && (*line)[length] == '=')
            return g_strdup(*line + length + 1);
    return NULL;
}

/* The .network file in use for a link, or NULL. */
static char *network_file(const struct host_state *state, const struct netlink_link *link)
{
    g_autofree char *path = g_strdup_printf("/run/systemd/netif/links/%d", link->index);
    g_autofree char *text = host_file(state, path);

    return state_value(text, "NETWORK_FILE");
}

static gint by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The file and its drop-ins behind each other, which means the same. */
static char *with_drop_ins(const struct host_state *state, const char *path)
{
    static const char *const folders[] = {"/etc/systemd/network", "/run/systemd/network", "/usr/lib/systemd/network", "/lib/systemd/network"};
    g_autofree char *base = g_path_get_basename(path), *text = host_file(state, path);
    g_autoptr(GHashTable) found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free); /* name -> path, the first folder counts */
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    GString *all;
    GHashTableIter iter;
    gpointer name;

    if (!text)
        return NULL;
    for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *folder = g_strdup_printf("%s%s/%s.d", state->root, folders[i], base);
        g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
        const char *entry;

        while (dir && (entry = g_dir_read_name(dir)))
            if (g_str_has_suffix(entry, ".conf") && !g_hash_table_contains(found, entry))
                g_hash_table_insert(found, g_strdup(entry), g_strdup_printf("%s/%s.d/%s", folders[i], base, entry));
    }
    g_hash_table_iter_init(&iter, found);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        g_ptr_array_add(names, name);
    g_ptr_array_sort(names, by_name);
    all = g_string_new(text);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *more = host_file(state, g_hash_table_lookup(found, g_ptr_array_index(names, i)));

        g_string_append_printf(all, "\n%s", more ? more : "");
    }
    return g_string_free(all, FALSE);
}

/* Keys of [Network] that speak of what stands on the card, or of the card as a port. */
static bool stays_with_card(const char *line)
{
    static const char *const keys[] = {"VLAN", "MACVLAN", "MACVTAP", "IPVLAN", "IPVTAP", "VXLAN", "Tunnel", "LLDP", "EmitLLDP", "Xfrm"};
    size_t length = strcspn(line, "= \t");

    for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
        if (strlen(keys[i]) == length && strncmp(line, keys[i], length) == 0)
            return true;
    return false;
}

static void flush_section(GString *to, const char *section, GString *body)
{
    if (body->len)
        g_string_append_printf(to, "\n[%s]\n%s", section, body->str);
    g_string_truncate(body, 0);
}

/* Split the card's file into the card's part and the bridge's, comments left behind. */
static void split(const char *text, GString *card_link, GString *card_network, GString *bridge)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autofree char *section = g_strdup("");
    g_autoptr(GString) body = g_string_new(NULL);

    for (char **each = lines; *each; each++) {
        char *line = g_strstrip(*each);

        if (!*line || *line == '#' || *line == ';')
            continue;
        if (*line == '[') {
            flush_section(bridge, section, body);
            g_free(section);
            section = g_strndup(line + 1, strcspn(line + 1, "]"));
        } else if (strcmp(section, "Match") == 0) {
            continue;
        } else if (strcmp(section, "Link") == 0) {
            g_string_append_printf(card_link, "%s\n", line);
        } else if (strcmp(section, "Network") == 0 && stays_with_card(line)) {
            g_string_append_printf(card_network, "%s\n", line);
        } else {
            g_string_append_printf(body, "%s\n", line);
        }
    }
    flush_section(bridge, section, body);
}

/* The identity by which the card has its lease: "IAID=..." for [DHCPv4], or NULL. The client identifier is ff, IAID, DUID. */
static char *lease_identity(const struct host_state *state, const struct netlink_link *port)
{
    g_autofree char *path = g_strdup_printf("/run/systemd/netif/leases/%d", port->index);
    g_autofree char *text = host_file(state, path), *id = state_value(text, "CLIENTID");
    unsigned long iaid;
    char digits[9];

    if (!id || strncmp(id, "ff", 2) != 0 || strlen(id) < 10)
        return NULL;
    g_strlcpy(digits, id + 2, sizeof(digits));
    iaid = strtoul(digits, NULL, 16);
    return g_strdup_printf("IAID=%lu\n", iaid);
}

static char *wished_network(const struct bridge_wish *wish)
{
    GString *text = g_string_new("\n[Network]\n");

    /* no card, no carrier */
    if (!wish->port || wish->mode == ADDRESS_NONE)
        g_string_append(text, "ConfigureWithoutCarrier=yes\n");
    if (wish->mode == ADDRESS_DHCP)
        g_string_append(text, "DHCP=ipv4\n");
    for (const char *const *cidr = wish->addresses; cidr && *cidr; cidr++)
        g_string_append_printf(text, "Address=%s\n", *cidr);
    for (const char *const *gateway = wish->gateways; gateway && *gateway; gateway++)
        g_string_append_printf(text, "Gateway=%s\n", *gateway);
    for (const char *const *dns = wish->dns; dns && *dns; dns++)
        g_string_append_printf(text, "DNS=%s\n", *dns);
    for (const char *const *search = wish->search; search && *search; search++)
        g_string_append_printf(text, "Domains=%s\n", *search);
    if (wish->mode == ADDRESS_NONE)
        g_string_append(text, "LinkLocalAddressing=no\nIPv6AcceptRA=no\n");
    else
        g_string_append(text, "IPv6AcceptRA=yes\n");
    return g_string_free(text, FALSE);
}

/* Our files must come first: the first one by name that matches a link is the one that counts. */
static bool sorts_before(const char *file, const char **prefix, struct refusal *refusal)
{
    g_autofree char *base = g_path_get_basename(file);

    if (strcmp(base, "05-hvsh") <= 0)
        *prefix = "00-hvsh";
    if (strcmp(base, "00-hvsh") <= 0) {
        refuse(refusal, "rename that file to begin with 10-", "%s sorts before every name that this command could give its own files", file);
        return false;
    }
    return true;
}

static bool create(const struct host_state *state, const struct bridge_wish *wish, const struct netlink_link *port, const char *mac,
                   struct plan *plan, struct refusal *refusal)
{
    const struct netlink_link *there = host_link(state, wish->bridge);
    g_autofree char *file = port ? network_file(state, port) : NULL, *old = NULL, *identity = NULL, *bridge_file = there ? network_file(state, there) : NULL;
    g_autofree char *netdev_path = NULL, *bridge_path = NULL, *port_path = NULL, *part = NULL;
    g_autoptr(GString) netdev = g_string_new(NULL), network = g_string_new(NULL), card = g_string_new(NULL);
    g_autoptr(GString) card_link = g_string_new(NULL), card_network = g_string_new(NULL), layer3 = g_string_new(NULL);
    const char *prefix = "05-hvsh";
    struct step *step;

    if ((file && !sorts_before(file, &prefix, refusal)) || (bridge_file && !sorts_before(bridge_file, &prefix, refusal)))
        return false;
    if (file) {
        old = with_drop_ins(state, file);
        if (!old) {
            refuse(refusal, NULL, "%s, which configures %s, cannot be read", file, port->name);
            return false;
        }
        split(old, card_link, card_network, layer3);
    } else if (wish->mode == ADDRESS_TAKE && port) {
        g_string_append(layer3, "\n[Network]\nLinkLocalAddressing=ipv6\nIPv6AcceptRA=yes\nConfigureWithoutCarrier=yes\n");
    }
    g_string_append_printf(netdev, "# made by hvsh: bridge-delete %s takes it away\n[NetDev]\nName=%s\nKind=bridge\n", wish->bridge, wish->bridge);
    if (mac)
        g_string_append_printf(netdev, "MACAddress=%s\n", mac);
    g_string_append_printf(netdev, "\n[Bridge]\nSTP=%s\nForwardDelaySec=%u\n", wish->stp ? "yes" : "no", wish->forward_delay);

    if (wish->mode == ADDRESS_TAKE && port)
        part = g_strdup(layer3->str);
    else
        part = wished_network(wish);
    identity = port && wish->mode != ADDRESS_STATIC && wish->mode != ADDRESS_NONE ? lease_identity(state, port) : NULL;
    g_string_append_printf(network, "# made by hvsh: bridge-delete %s takes it away\n[Match]\nName=%s\n", wish->bridge, wish->bridge);
    /* a new bridge has it from its .netdev file */
    if (there && mac)
        g_string_append_printf(network, "\n[Link]\nMACAddress=%s\n", mac);
    g_string_append(network, part);
    if (identity && !strstr(part, "IAID="))
        g_string_append_printf(network, "\n[DHCPv4]\n%s", identity);

    /* The way back is files, reload, bridge: a card whose bridge goes first fails in networkd's eyes, and reload leaves failed links alone. */
    if (!there) {
        step_undo(plan_step(plan, "the bridge %s", wish->bridge), "link-delete", wish->bridge, NULL);
    } else {
        if (mac)
            step_undo(plan_step(plan, "the MAC address of %s", there->name), "link-mac", there->name, there->mac, NULL);
        step_undo(plan_step(plan, "%s in %s", port->name, there->name), "link-nomaster", port->name, NULL);
    }
    if (port && !port->up)
        step_undo(plan_step(plan, "%s on", port->name), "link-down", port->name, NULL);
    step_undo(plan_step(plan, "let systemd-networkd read its files"), "run", "networkctl", "reload", NULL);
    netdev_path = g_strdup_printf("/etc/systemd/network/%s-%s.netdev", prefix, wish->bridge);
    bridge_path = g_strdup_printf("/etc/systemd/network/%s-%s.network", prefix, wish->bridge);
    if (!there)
        plan_file(plan, state, netdev_path, netdev->str, 0644);
    if (wish->mode != ADDRESS_KEEP)
        plan_file(plan, state, bridge_path, network->str, 0644);
    if (port) {
        g_string_append_printf(card, "# made by hvsh: bridge-delete %s takes it away\n[Match]\nName=%s\n", wish->bridge, port->name);
        if (card_link->len)
            g_string_append_printf(card, "\n[Link]\n%s", card_link->str);
        g_string_append_printf(card, "\n[Network]\nBridge=%s\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n%s", wish->bridge, card_network->str);
        port_path = g_strdup_printf("/etc/systemd/network/%s-%s.network", prefix, port->name);
        plan_file(plan, state, port_path, card->str, 0644);
    }
    if (file)
        plan_tell_cloud_init(plan, state, file);
    step = plan_step(plan, "let systemd-networkd read its files (networkctl reload)");
    step_do(step, "run", "networkctl", "reload", NULL);
    if (port)
        plan_rescue(plan, "run", "networkctl", "reconfigure", port->name, NULL);
    return true;
}

const struct backend backend_networkd = {
    .owner = OWNER_NETWORKD,
    .name = "networkd",
    .title = "systemd-networkd",
    .persistent = true,
    .adopts = true,
    .outage = 200,
    .create = create,
};
