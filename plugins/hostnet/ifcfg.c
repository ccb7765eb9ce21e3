/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ifcfg.c - the network scripts of RHEL 7 and its like, where NetworkManager is off: /etc/sysconfig/network-scripts/ifcfg-CARD is split, what
 * makes the card stays with it, all else goes to ifcfg-BRIDGE, and the card's routes and rules with it.
 */
#include "model.h"

#include <string.h>

#define SCRIPTS "/etc/sysconfig/network-scripts"

/* "KEY=..." of a line; a comment has none. */
static char *key_of(const char *line)
{
    size_t blank = strspn(line, " \t"), length = strcspn(line + blank, "= \t");

    return line[blank] == '#' || line[blank + length] != '=' ? NULL : g_strndup(line + blank, length);
}

static bool stays_with_card(const char *key)
{
    static const char *const keys[] = {"DEVICE",       "NAME",   "UUID",  "HWADDR",      "MACADDR",     "TYPE",    "NM_CONTROLLED", "MTU",    "ETHTOOL_OPTS",
                                       "ETHTOOL_DELAY", "USERCTL", "VLAN", "VLAN_ID",     "PHYSDEV",     "MASTER",  "SLAVE",         "ONBOOT", "REORDER_HDR",
                                       "SUBCHANNELS",  "NETTYPE", "OPTIONS", "HOTPLUG",   "LINKDELAY",   NULL};

    return g_strv_contains(keys, key) || g_str_has_prefix(key, "BONDING_") || g_str_has_prefix(key, "TEAM_");
}

static void split(const char *text, GString *card, GString *bridge)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++) {
        g_autofree char *key = key_of(*line);

        if (!**line && !line[1])
            break;
        if (key && strcmp(key, "ONBOOT") == 0)
            g_string_append_printf(bridge, "%s\n", *line);
        g_string_append_printf(!key || stays_with_card(key) ? card : bridge, "%s\n", *line);
    }
}

static void wished(GString *text, const struct bridge_wish *wish)
{
    unsigned int four = 0, server = 0;
    g_autoptr(GString) six = g_string_new(NULL);

    g_string_append_printf(text, "BOOTPROTO=%s\nONBOOT=yes\n", wish->mode == ADDRESS_DHCP ? "dhcp" : "none");
    for (const char *const *cidr = wish->addresses; cidr && *cidr; cidr++) {
        const char *slash = strchr(*cidr, '/');

        if (strchr(*cidr, ':')) {
            g_string_append_printf(six, "%s%s", six->len ? " " : "", *cidr);
            continue;
        }
        g_string_append_printf(text, "IPADDR%u=%.*s\nPREFIX%u=%s\n", four, (int)(slash - *cidr), *cidr, four, slash + 1);
        four++;
    }
    for (const char *const *gateway = wish->gateways; gateway && *gateway; gateway++)
        g_string_append_printf(text, "%s=%s\n", strchr(*gateway, ':') ? "IPV6_DEFAULTGW" : "GATEWAY", *gateway);
    for (const char *const *dns = wish->dns; dns && *dns; dns++)
        g_string_append_printf(text, "DNS%u=%s\n", ++server, *dns);
    if (wish->search && *wish->search) {
        g_autofree char *search = g_strjoinv(" ", (char **)(uintptr_t)wish->search);

        g_string_append_printf(text, "DOMAIN=\"%s\"\n", search);
    }
    if (wish->mode == ADDRESS_NONE) {
        g_string_append(text, "IPV6INIT=no\n");
        return;
    }
    g_string_append_printf(text, "IPV6INIT=yes\nIPV6_AUTOCONF=yes\n");
    if (six->len)
        g_string_append_printf(text, "IPV6ADDR_SECONDARIES=\"%s\"\n", six->str);
}

/* route-CARD and the like: the same for the bridge, the card's name in them replaced. */
static void move_file(const struct host_state *state, const char *kind, const char *port, const char *bridge, bool keep, struct plan *plan)
{
    g_autofree char *from = g_strdup_printf(SCRIPTS "/%s-%s", kind, port), *to = g_strdup_printf(SCRIPTS "/%s-%s", kind, bridge);
    g_autofree char *text = host_file(state, from), *name = NULL, *pattern = NULL, *moved = NULL;
    g_autoptr(GRegex) named = NULL;

    if (!text)
        return;
    name = g_regex_escape_string(port, -1);
    pattern = g_strdup_printf("(?<=dev )%s(?=\\s|$)", name);
    named = g_regex_new(pattern, 0, 0, NULL);
    moved = g_regex_replace_literal(named, text, -1, 0, bridge, 0, NULL);
    if (keep)
        plan_file(plan, state, to, moved, 0644);
    plan_file(plan, state, from, NULL, 0644);
}

static bool create(const struct host_state *state, const struct bridge_wish *wish, const struct netlink_link *port, const char *mac,
                   struct plan *plan, struct refusal *refusal)
{
    g_autofree char *port_path = NULL, *bridge_path = g_strdup_printf(SCRIPTS "/ifcfg-%s", wish->bridge), *old = NULL;
    g_autoptr(GString) card = g_string_new(NULL), layer3 = g_string_new(NULL), bridge = g_string_new(NULL);
    bool take = wish->mode == ADDRESS_TAKE;
    struct step *step;

    if (port) {
        port_path = g_strdup_printf(SCRIPTS "/ifcfg-%s", port->name);
        old = host_file(state, port_path);
        if (!old) {
            refuse(refusal, "write one there", "there is no %s, and the network scripts would not know of %s after a boot", port_path, port->name);
            return false;
        }
        split(old, card, layer3);
        if (strstr(card->str, "SLAVE=yes") || strstr(layer3->str, "BRIDGE=")) {
            refuse(refusal, NULL, "%s makes %s a port of something already", port_path, port->name);
            return false;
        }
        g_string_append_printf(card, "BRIDGE=%s\n", wish->bridge);
    }
    g_string_append_printf(bridge, "# made by hvsh: bridge-delete %s takes it away\nDEVICE=%s\nTYPE=Bridge\nNM_CONTROLLED=no\nSTP=%s\nDELAY=%u\n",
                           wish->bridge, wish->bridge, wish->stp ? "on" : "off", wish->forward_delay);
    if (mac)
        g_string_append_printf(bridge, "MACADDR=%s\n", mac);
    if (take && port)
        g_string_append(bridge, layer3->str);
    else
        wished(bridge, wish);
    if (port) {
        step = plan_step(plan, "take %s down (ifdown %s)", port->name, port->name);
        step_do(step, "run", "ifdown", port->name, NULL);
        step_undo(step, "run", "ifup", port->name, NULL);
        plan_file(plan, state, port_path, card->str, 0644);
        plan_tell_cloud_init(plan, state, port_path);
    }
    plan_file(plan, state, bridge_path, bridge->str, 0644);
    for (guint i = 0; port && i < 4; i++)
        move_file(state, ((const char *const[]){"route", "route6", "rule", "rule6"})[i], port->name, wish->bridge, take, plan);
    step_undo(plan_step(plan, "the bridge away"), "link-delete", wish->bridge, NULL);
    step = plan_step(plan, "bring %s up (ifup %s)", wish->bridge, wish->bridge);
    step_do(step, "run", "ifup", wish->bridge, NULL);
    step_undo(step, "run", "ifdown", wish->bridge, NULL);
    if (port) {
        step = plan_step(plan, "bring %s up (ifup %s)", port->name, port->name);
        step_do(step, "run", "ifup", port->name, NULL);
        step_undo(step, "run", "ifdown", port->name, NULL);
    }
    return true;
}

const struct backend backend_ifcfg = {
    .owner = OWNER_IFCFG,
    .name = "ifcfg",
    .title = "the network scripts",
    .persistent = true,
    .outage = 5000,
    .create = create,
};
