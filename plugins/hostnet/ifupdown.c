/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ifupdown.c - /etc/network/interfaces: the card's stanzas become the bridge's, in their place and with their comments; the card keeps a
 * "manual" one.
 */
#include "model.h"

#include <string.h>

#include "sysctl.h"

#define INTERFACES "/etc/network/interfaces"

/* A line's words; a comment has none. */
static char **words_of(const char *line)
{
    g_autofree char *copy = g_strdup(line);

    g_strstrip(g_strdelimit(copy, "\t", ' '));
    if (!*copy || *copy == '#')
        return g_new0(char *, 1);
    return g_strsplit_set(copy, " ", -1);
}

static bool is_iface_of(char **words, const char *name)
{
    return words[0] && strcmp(words[0], "iface") == 0 && words[1] && strcmp(words[1], name) == 0;
}

static bool mentions(const char *text, const char *name)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++) {
        g_auto(GStrv) words = words_of(*line);

        if (is_iface_of(words, name))
            return true;
    }
    return false;
}

/* The file with the card's stanza: the main one, or one that it includes. NULL: none. */
static char *find_file(const struct host_state *state, const char *name, char **text)
{
    g_autofree char *main_text = host_file(state, INTERFACES), *folder = NULL;
    g_autoptr(GDir) dir = NULL;
    const char *entry;

    if (main_text && mentions(main_text, name)) {
        *text = g_steal_pointer(&main_text);
        return g_strdup(INTERFACES);
    }
    if (!main_text || !strstr(main_text, "source"))
        return NULL;
    folder = g_strdup_printf("%s" INTERFACES ".d", state->root);
    dir = g_dir_open(folder, 0, NULL);
    while (dir && (entry = g_dir_read_name(dir))) {
        g_autofree char *path = g_strdup_printf(INTERFACES ".d/%s", entry), *found = host_file(state, path);

        if (found && entry[0] != '.' && !g_str_has_suffix(entry, "~") && mentions(found, name)) {
            *text = g_steal_pointer(&found);
            return g_steal_pointer(&path);
        }
    }
    return NULL;
}

bool interfaces_mention(const struct host_state *state, const char *name)
{
    g_autofree char *text = NULL, *path = find_file(state, name, &text);

    return path != NULL;
}

/* What a stanza of the bridge is made of. */
struct stanza {
    const struct bridge_wish *wish;
    const char *port, *mac;    /* may be NULL */
    bool two;                  /* ifupdown2, which has words of its own for the same */
    bool hears_routers;        /* also while this host forwards, as the card does */
};

static void bridge_options(GString *text, const struct stanza *stanza)
{
    const struct bridge_wish *wish = stanza->wish;
    const char *port = stanza->port, *mac = stanza->mac;

    if (stanza->two) {
        g_string_append_printf(text, "    bridge-ports %s\n    bridge-stp %s\n    bridge-fd %u\n", port ? port : "none", wish->stp ? "on" : "off",
                               wish->forward_delay);
        if (mac)
            g_string_append_printf(text, "    hwaddress %s\n", mac);
        return;
    }
    g_string_append_printf(text, "    bridge_ports %s\n    bridge_stp %s\n    bridge_fd %u\n    bridge_maxwait %u\n", port ? port : "none",
                           wish->stp ? "on" : "off", wish->forward_delay, wish->stp ? 2 * wish->forward_delay : 0);
    if (mac)
        g_string_append_printf(text, "    bridge_hw %s\n", mac);
    /* bridge-utils makes the bridge and switches it on, which asks for routers, in one go; of one that is there it sets no MAC address */
    if (stanza->hears_routers && wish->mode != ADDRESS_NONE)
        g_string_append_printf(text, "    pre-up [ -e /sys/class/net/$IFACE ] || ip link add $IFACE%s%s type bridge\n"
                                     "    pre-up echo 2 >/proc/sys/net/ipv6/conf/$IFACE/accept_ra\n", mac ? " address " : "", mac ? mac : "");
}

/* A stanza from the wish alone. */
static void wished_stanza(GString *text, const struct stanza *stanza)
{
    const struct bridge_wish *wish = stanza->wish;
    bool six = false;
    const char *method = wish->mode == ADDRESS_DHCP ? "dhcp" : wish->mode == ADDRESS_STATIC ? "static" : "manual", *four = NULL;

    for (const char *const *cidr = wish->addresses; cidr && *cidr; cidr++) {
        if (strchr(*cidr, ':'))
            six = true;
        else if (!four)
            four = *cidr;
    }
    if (wish->mode == ADDRESS_STATIC && !four)
        method = "manual";
    g_string_append_printf(text, "iface %s inet %s\n", wish->bridge, method);
    if (four)
        g_string_append_printf(text, "    address %s\n", four);
    for (const char *const *gateway = wish->gateways; gateway && *gateway; gateway++)
        if (!strchr(*gateway, ':'))
            g_string_append_printf(text, "    gateway %s\n", *gateway);
    if (wish->dns && *wish->dns) {
        g_autofree char *servers = g_strjoinv(" ", (char **)(uintptr_t)wish->dns);

        g_string_append_printf(text, "    dns-nameservers %s\n", servers);
    }
    if (wish->search && *wish->search) {
        g_autofree char *search = g_strjoinv(" ", (char **)(uintptr_t)wish->search);

        g_string_append_printf(text, "    dns-search %s\n", search);
    }
    bridge_options(text, stanza);
    if (wish->mode == ADDRESS_NONE)
        g_string_append(text, "    up echo 1 >/proc/sys/net/ipv6/conf/$IFACE/disable_ipv6\n");
    for (const char *const *cidr = wish->addresses; cidr && *cidr; cidr++)
        if (!strchr(*cidr, ':') && *cidr != four)
            g_string_append_printf(text, "iface %s inet static\n    address %s\n", wish->bridge, *cidr);
    if (!six)
        return;
    for (const char *const *cidr = wish->addresses; cidr && *cidr; cidr++)
        if (strchr(*cidr, ':'))
            g_string_append_printf(text, "iface %s inet6 static\n    address %s\n", wish->bridge, *cidr);
    for (const char *const *gateway = wish->gateways; gateway && *gateway; gateway++)
        if (strchr(*gateway, ':'))
            g_string_append_printf(text, "    gateway %s\n", *gateway);
}

/* "auto nic0 nic1" with the card's name replaced; hot-plugged cards become "auto": a bridge is never plugged. */
static void rename_in_list(GString *text, char **words, const char *port, const char *bridge)
{
    g_autoptr(GString) rest = g_string_new(NULL);
    bool named = false, automatic = strcmp(words[0], "auto") == 0 || strcmp(words[0], "allow-auto") == 0;

    for (char **word = words + 1; *word; word++) {
        if (!**word)
            continue;
        if (strcmp(*word, port) == 0) {
            named = true;
            if (automatic)
                g_string_append_printf(rest, " %s", bridge);
        } else {
            g_string_append_printf(rest, " %s", *word);
        }
    }
    if (rest->len)
        g_string_append_printf(text, "%s%s\n", words[0], rest->str);
    if (named && !automatic)
        g_string_append_printf(text, "auto %s\n", bridge);
}

static bool is_keyword(const char *word)
{
    return strcmp(word, "iface") == 0 || strcmp(word, "auto") == 0 || strcmp(word, "mapping") == 0 || strcmp(word, "rename") == 0 ||
           g_str_has_prefix(word, "allow-") || g_str_has_prefix(word, "source") || g_str_has_prefix(word, "no-") || strcmp(word, "template") == 0;
}

/* What makes the card what it is: a VLAN, a bond, its speed. */
static bool stays_with_card(const char *word)
{
    return g_str_has_prefix(word, "vlan-") || g_str_has_prefix(word, "vlan_") || g_str_has_prefix(word, "bond-") ||
           g_str_has_prefix(word, "bond_") || strcmp(word, "slaves") == 0 || strcmp(word, "hwaddress") == 0 || strcmp(word, "mtu") == 0 ||
           g_str_has_prefix(word, "ethernet-") || g_str_has_prefix(word, "link-speed") || g_str_has_prefix(word, "link-duplex") ||
           strcmp(word, "link-type") == 0;
}

/* Those lines of all stanzas of the card. */
static char *card_lines(char **lines, const char *port)
{
    GString *text = g_string_new(NULL);
    bool mine = false;

    for (char **line = lines; *line; line++) {
        g_auto(GStrv) words = words_of(*line);

        if (*words && is_keyword(words[0]))
            mine = is_iface_of(words, port);
        else if (mine && *words && stays_with_card(words[0]))
            g_string_append_printf(text, "%s\n", *line);
    }
    return g_string_free(text, FALSE);
}

/* The file with the card's stanzas handed to the bridge. */
static char *rewrite(const char *text, const struct stanza *stanza, const struct netlink_link *port, struct refusal *refusal)
{
    const struct bridge_wish *wish = stanza->wish;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GString) new = g_string_new(NULL);
    g_autofree char *card = card_lines(lines, port->name);
    bool first = true, mine = false, started = false;

    for (char **line = lines; *line; line++) {
        g_auto(GStrv) words = words_of(*line);

        if (!*words || !is_keyword(words[0])) {
            if (mine && *words && g_str_has_prefix(words[0], "wpa-")) {
                refuse(refusal, NULL, "%s is configured for Wi-Fi, which cannot be the port of a bridge", port->name);
                return NULL;
            }
            if (mine && *words && stays_with_card(words[0]))
                continue;
            /* what the wish replaces is left out, comments stay */
            if (!(mine && wish->mode != ADDRESS_TAKE && *words) && (line[1] || **line))
                g_string_append_printf(new, "%s\n", *line);
            continue;
        }
        mine = false;
        if (strcmp(words[0], "mapping") == 0 && words[1] && g_pattern_match_simple(words[1], port->name)) {
            refuse(refusal, "write a plain stanza for it first", "%s is chosen by a mapping in " INTERFACES, port->name);
            return NULL;
        }
        if (strcmp(words[0], "auto") == 0 || g_str_has_prefix(words[0], "allow-")) {
            if (g_strv_contains((const char *const *)words + 1, port->name)) {
                rename_in_list(new, words, port->name, wish->bridge);
                started = true;
            } else {
                g_string_append_printf(new, "%s\n", *line);
            }
            continue;
        }
        if (!is_iface_of(words, port->name)) {
            g_string_append_printf(new, "%s\n", *line);
            continue;
        }
        mine = true;
        if (first)
            g_string_append_printf(new, "iface %s inet manual\n%s\n", port->name, card);
        if (wish->mode != ADDRESS_TAKE) {
            if (first)
                wished_stanza(new, stanza);
        } else {
            g_autofree char *rest = g_strjoinv(" ", words + 2);

            g_string_append_printf(new, "iface %s %s\n", wish->bridge, rest);
            if (first)
                bridge_options(new, stanza);
        }
        first = false;
    }
    if (!started)
        g_string_append_printf(new, "auto %s\n", wish->bridge);
    return g_string_free(g_steal_pointer(&new), FALSE);
}

/* Its IPv4 address has an end, as leases have. */
static bool asks_dhcp(const struct host_state *state, const struct netlink_link *port)
{
    for (guint i = 0; i < state->addresses->len; i++) {
        const struct netlink_address *address = g_ptr_array_index(state->addresses, i);

        if (address->index == port->index && !strchr(address->cidr, ':') && !host_address_is_static(address))
            return true;
    }
    return false;
}

static bool create(const struct host_state *state, const struct bridge_wish *wish, const struct netlink_link *port, const char *mac,
                   struct plan *plan, struct refusal *refusal)
{
    g_autofree char *old = NULL, *path = port ? find_file(state, port->name, &old) : NULL, *new = NULL;
    const struct stanza stanza = {wish, port ? port->name : NULL, mac, state->ifupdown2, sysctl_keeps_advertisements(state, port)};
    bool owned = port && (host_owners(state, port->name) & OWNER_IFUPDOWN);
    struct step *step;

    if (path) {
        new = rewrite(old, &stanza, port, refusal);
        if (!new)
            return false;
    } else {
        g_autofree char *all = host_file(state, INTERFACES);
        GString *text = g_string_new(all);

        if (owned) {
            refuse(refusal, "write its stanza there, without templates or mappings", "ifupdown has %s up, but " INTERFACES " has no stanza for it",
                   port->name);
            g_string_free(text, TRUE);
            return false;
        }
        if (text->len && text->str[text->len - 1] != '\n')
            g_string_append_c(text, '\n');
        g_string_append_printf(text, "\nauto %s\n", wish->bridge);
        wished_stanza(text, &stanza);
        new = g_string_free(text, FALSE);
        path = g_strdup(INTERFACES);
    }
    if (state->ifupdown2) {
        g_free(plan->how);
        plan->how = g_strdup("ifupdown2");
        plan->outage = 200;
        /* what differs from the file is changed, there and back */
        step_undo(plan_step(plan, "let ifupdown2 do what its file says"), "run", "ifreload", "-a", NULL);
        plan_file(plan, state, path, new, 0644);
        plan_tell_cloud_init(plan, state, path);
        step_do(plan_step(plan, "let ifupdown2 do what its file says (ifreload -a)"), "run", "ifreload", "-a", NULL);
        return true;
    }
    if (owned) {
        step = plan_step(plan, "take %s down (ifdown %s)", port->name, port->name);
        step_do(step, "run", "ifdown", port->name, NULL);
        step_undo(step, "run", "ifup", "--force", port->name, NULL);
        plan->outage = wish->mode == ADDRESS_DHCP || (wish->mode == ADDRESS_TAKE && asks_dhcp(state, port)) ? 8000 : 3000;
    }
    plan_file(plan, state, path, new, 0644);
    plan_tell_cloud_init(plan, state, path);
    /* what a failed ifup leaves behind */
    if (port)
        step_undo(plan_step(plan, "%s out of the bridge", port->name), "link-nomaster", port->name, NULL);
    step_undo(plan_step(plan, "the bridge away"), "link-delete", wish->bridge, NULL);
    step = plan_step(plan, "bring %s up (ifup %s)", wish->bridge, wish->bridge);
    step_do(step, "run", "ifup", wish->bridge, NULL);
    step_undo(step, "run", "ifdown", "--force", wish->bridge, NULL);
    return true;
}

const struct backend backend_ifupdown = {
    .owner = OWNER_IFUPDOWN,
    .name = "ifupdown",
    .title = "ifupdown",
    .persistent = true,
    .outage = 3000,
    .create = create,
};
