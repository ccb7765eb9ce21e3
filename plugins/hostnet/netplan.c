/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * netplan.c - netplan: the card's entry in /etc/netplan gives its addresses, routes and DNS servers to a new bridge in the same file.
 * netplan writes from it what systemd-networkd or NetworkManager, whichever has the card, reads.
 *
 * The file is changed as text, where libyaml says that the keys stand: comments, order and all else stay. A later file could not take
 * back what an earlier one says, so it must be the one that defines the card.
 */
#include "config.h"
#include "model.h"

#include <errno.h>
#include <string.h>

#if HAVE_YAML
#include <yaml.h>

#define FOLDER "/etc/netplan"

/* What a card gives to its bridge. */
static const char *const layer3[] = {
    "addresses",       "dhcp4",          "dhcp6",        "dhcp4-overrides",         "dhcp6-overrides",    "dhcp-identifier", "routes",
    "routing-policy",  "nameservers",    "gateway4",     "gateway6",                "accept-ra",          "ipv6-privacy",    "ipv6-mtu",
    "link-local",      "optional",       "critical",     "ipv6-address-generation", "ipv6-address-token", "optional-addresses", NULL,
};

/* A mapping's pair by its key; NULL: none. */
static const yaml_node_pair_t *pair_of(yaml_document_t *document, const yaml_node_t *mapping, const char *key)
{
    if (!mapping || mapping->type != YAML_MAPPING_NODE)
        return NULL;
    for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start; pair < mapping->data.mapping.pairs.top; pair++) {
        const yaml_node_t *node = yaml_document_get_node(document, pair->key);

        if (node->type == YAML_SCALAR_NODE && strcmp((const char *)node->data.scalar.value, key) == 0)
            return pair;
    }
    return NULL;
}

static const yaml_node_t *value_of(yaml_document_t *document, const yaml_node_t *mapping, const char *key)
{
    const yaml_node_pair_t *pair = pair_of(document, mapping, key);

    return pair ? yaml_document_get_node(document, pair->value) : NULL;
}

static bool is_text(const yaml_node_t *node, const char *text)
{
    return node && node->type == YAML_SCALAR_NODE && strcmp((const char *)node->data.scalar.value, text) == 0;
}

/* The entry that is this card's: by its own name, or by set-name. */
static const yaml_node_pair_t *entry_of(yaml_document_t *document, const yaml_node_t *ethernets, const char *port)
{
    const yaml_node_pair_t *named = pair_of(document, ethernets, port);

    if (named || !ethernets || ethernets->type != YAML_MAPPING_NODE)
        return named;
    for (const yaml_node_pair_t *pair = ethernets->data.mapping.pairs.start; pair < ethernets->data.mapping.pairs.top; pair++)
        if (is_text(value_of(document, yaml_document_get_node(document, pair->value), "set-name"), port))
            return pair;
    return NULL;
}

/* The section with the card's entry: a card's own, a bond's or a VLAN's. NULL: none. */
static const yaml_node_pair_t *section_of(yaml_document_t *document, const char *port)
{
    static const char *const names[] = {"ethernets", "bonds", "vlans"};
    const yaml_node_t *root = yaml_document_get_root_node(document), *network = root ? value_of(document, root, "network") : NULL;

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        const yaml_node_pair_t *section = pair_of(document, network, names[i]);

        if (section && entry_of(document, yaml_document_get_node(document, section->value), port))
            return section;
    }
    return NULL;
}

static void add_line(GString *text, size_t column, const char *format, ...) G_GNUC_PRINTF(3, 4);
static void add_line(GString *text, size_t column, const char *format, ...)
{
    va_list list;

    g_string_append_printf(text, "%*s", (int)column, "");
    va_start(list, format);
    g_string_append_vprintf(text, format, list);
    va_end(list);
    g_string_append_c(text, '\n');
}

static char *quoted_list(const char *const *items)
{
    GString *text = g_string_new("[");

    for (; items && *items; items++)
        g_string_append_printf(text, "%s\"%s\"", text->len > 1 ? ", " : "", *items);
    g_string_append_c(text, ']');
    return g_string_free(text, FALSE);
}

/* The bridge's layer 3 from the wish alone. */
static void wished_lines(GString *text, size_t column, const struct bridge_wish *wish)
{
    g_autofree char *addresses = quoted_list(wish->addresses), *dns = quoted_list(wish->dns), *search = quoted_list(wish->search);

    if (wish->mode == ADDRESS_DHCP)
        add_line(text, column, "dhcp4: true");
    if (wish->mode == ADDRESS_STATIC)
        add_line(text, column, "addresses: %s", addresses);
    if (wish->mode == ADDRESS_NONE)
        add_line(text, column, "link-local: []");
    if (wish->gateways && *wish->gateways)
        add_line(text, column, "routes:");
    for (const char *const *gateway = wish->gateways; gateway && *gateway; gateway++)
        add_line(text, column, "- {to: \"%s\", via: \"%s\"}", strchr(*gateway, ':') ? "::/0" : "0.0.0.0/0", *gateway);
    if (wish->dns && *wish->dns)
        add_line(text, column, "nameservers: {addresses: %s, search: %s}", dns, search);
}

struct edit {
    const struct bridge_wish *wish;
    const char *port, *mac, *path;
    struct refusal *refusal;
};

/* The lines [from, to) that a pair of a block mapping takes. */
static void lines_of(yaml_document_t *document, const yaml_node_pair_t *pair, size_t *from, size_t *to)
{
    const yaml_node_t *value = yaml_document_get_node(document, pair->value);
    yaml_mark_t end = value->end_mark;

    *from = yaml_document_get_node(document, pair->key)->start_mark.line;
    /* a block ends where the next token begins: at the first column of its line, or further in; a flow or scalar on its own line */
    *to = value->type != YAML_SCALAR_NODE && value->start_mark.line != *from && end.column <= value->start_mark.column &&
                  end.line > value->start_mark.line
              ? end.line
              : end.line + 1;
}

/* The file with the bridge in it, or NULL after refuse(). */
static char *edited(yaml_document_t *document, const char *text, const struct edit *edit)
{
    const yaml_node_t *network = value_of(document, yaml_document_get_root_node(document), "network");
    const yaml_node_pair_t *ethernets = section_of(document, edit->port), *bridges = pair_of(document, network, "bridges");
    const yaml_node_pair_t *entry = entry_of(document, yaml_document_get_node(document, ethernets->value), edit->port);
    const yaml_node_t *id = yaml_document_get_node(document, entry->key), *body = yaml_document_get_node(document, entry->value), *first;
    const yaml_node_t *renderer = value_of(document, body, "renderer");
    size_t top = yaml_document_get_node(document, ethernets->key)->start_mark.column, name = id->start_mark.column, keys, into;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    guint count = g_strv_length(lines);
    g_autofree bool *gone = g_new0(bool, count + 1);
    g_autoptr(GString) moved = g_string_new(NULL), bridge = g_string_new(NULL), all = g_string_new(NULL);

    if (body->type != YAML_MAPPING_NODE || body->data.mapping.style == YAML_FLOW_MAPPING_STYLE || network->data.mapping.style == YAML_FLOW_MAPPING_STYLE ||
        yaml_document_get_node(document, ethernets->value)->data.mapping.style == YAML_FLOW_MAPPING_STYLE ||
        body->data.mapping.pairs.start == body->data.mapping.pairs.top) {
        refuse(edit->refusal, "write its keys on lines of their own", "%s writes the entry of %s in braces, or empty", edit->path, edit->port);
        return NULL;
    }
    first = yaml_document_get_node(document, body->data.mapping.pairs.start->key);
    keys = first->start_mark.column;
    for (const yaml_node_pair_t *pair = body->data.mapping.pairs.start; pair < body->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = yaml_document_get_node(document, pair->key);
        size_t from, to;

        if (!g_strv_contains(layer3, (const char *)key->data.scalar.value))
            continue;
        lines_of(document, pair, &from, &to);
        for (size_t i = from; i < to && i < count; i++) {
            if (edit->wish->mode == ADDRESS_TAKE)
                g_string_append_printf(moved, "%s\n", lines[i]);
            gone[i] = true;
        }
    }
    into = yaml_document_get_node(document, ethernets->key)->start_mark.line;
    if (bridges) {
        const yaml_node_t *others = yaml_document_get_node(document, bridges->value);

        if (others->type != YAML_MAPPING_NODE || others->data.mapping.style == YAML_FLOW_MAPPING_STYLE ||
            others->data.mapping.pairs.start == others->data.mapping.pairs.top ||
            yaml_document_get_node(document, others->data.mapping.pairs.start->key)->start_mark.column != name) {
            refuse(edit->refusal, "indent both alike", "%s has bridges that are not indented as its ethernets are", edit->path);
            return NULL;
        }
        into = yaml_document_get_node(document, bridges->key)->start_mark.line + 1;
    } else {
        add_line(bridge, top, "bridges:");
    }
    add_line(bridge, name, "%s:", edit->wish->bridge);
    add_line(bridge, keys, "interfaces: [%s]", (const char *)id->data.scalar.value);
    /* the bridge's is the card's, where that is not everybody's */
    if (renderer && renderer->type == YAML_SCALAR_NODE)
        add_line(bridge, keys, "renderer: %s", (const char *)renderer->data.scalar.value);
    add_line(bridge, keys, "macaddress: \"%s\"", edit->mac);
    add_line(bridge, keys, "parameters: {stp: %s, forward-delay: %u}", edit->wish->stp ? "true" : "false", edit->wish->forward_delay);
    if (edit->wish->mode == ADDRESS_TAKE)
        g_string_append(bridge, moved->str);
    else
        wished_lines(bridge, keys, edit->wish);

    for (guint i = 0; i < count && (lines[i + 1] || *lines[i]); i++) {
        if (i == into)
            g_string_append(all, bridge->str);
        if (!gone[i])
            g_string_append_printf(all, "%s\n", lines[i]);
        if (i == id->start_mark.line) {
            add_line(all, keys, "dhcp4: false");
            add_line(all, keys, "dhcp6: false");
            add_line(all, keys, "accept-ra: false");
            add_line(all, keys, "link-local: []");
        }
    }
    return g_string_free(g_steal_pointer(&all), FALSE);
}

/* 1: this file defines the card, and *new is what it becomes (NULL after refuse()); 0: it does not; -1: it is no YAML. */
static int try_file(const char *text, const struct edit *edit, char **new)
{
    yaml_parser_t parser;
    yaml_document_t document;
    int result = -1;

    if (!yaml_parser_initialize(&parser))
        return -1;
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, strlen(text));
    if (yaml_parser_load(&parser, &document)) {
        result = section_of(&document, edit->port) ? 1 : 0;
        if (result && new)
            *new = edited(&document, text, edit);
        yaml_document_delete(&document);
    }
    yaml_parser_delete(&parser);
    return result;
}

/* The one that has the card reads what netplan wrote. */
static void add_reload(struct plan *plan, const char *profile, bool forward)
{
    struct step *step = profile ? plan_step(plan, "let NetworkManager read them") : plan_step(plan, "let systemd-networkd read them (networkctl reload)");
    char **words = profile ? g_strsplit("nm-reload", " ", -1) : g_strsplit("run networkctl reload", " ", -1);

    *(forward ? &step->action : &step->undo) = words;
}

static bool create(const struct host_state *state, const struct bridge_wish *wish, const struct netlink_link *port, const char *mac,
                   struct plan *plan, struct refusal *refusal)
{
    g_autofree char *folder = g_strconcat(state->root, FOLDER, NULL), *path = NULL, *new = NULL;
    g_autofree char *profile = port ? nm_active_uuid(state, port) : NULL;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *reader = profile ? "NetworkManager" : "systemd-networkd";
    struct edit edit = {.wish = wish, .port = port ? port->name : NULL, .mac = mac, .refusal = refusal};
    const char *entry;

    if (!port) {
        refuse(refusal, "say --manager none", "a bridge without a card is none of netplan's in this version");
        return false;
    }
    while (dir && (entry = g_dir_read_name(dir))) {
        g_autofree char *file = g_strdup_printf(FOLDER "/%s", entry), *text = host_file(state, file);

        if (!g_str_has_suffix(entry, ".yaml"))
            continue;
        if (!text) {
            refuse(refusal, "sudo hvsh ...", "%s cannot be read: %s; only root may change this machine's network", file, g_strerror(errno));
            return false;
        }
        if (try_file(text, &edit, NULL) != 1)
            continue;
        if (path) {
            refuse(refusal, "bring its entries together in one file", "both %s and %s say something of %s", path, file, port->name);
            return false;
        }
        path = g_steal_pointer(&file);
    }
    if (!path) {
        refuse(refusal, "give it an entry there, under its own name", "no file in " FOLDER " has an entry for %s", port->name);
        return false;
    }
    edit.path = path;
    {
        g_autofree char *text = host_file(state, path);

        if (try_file(text, &edit, &new) != 1 || !new)
            return false;
    }
    /* the way back: the file, generate, reload, and the bridge last (see networkd.c) */
    step_undo(plan_step(plan, "the bridge %s", wish->bridge), "link-delete", wish->bridge, NULL);
    if (profile)
        step_undo(plan_step(plan, "the profile of %s", port->name), "nm-activate", profile, port->name, NULL);
    add_reload(plan, profile, false);
    /* at boot too: what its generator wrote there, it wrote from the file that is put back after it */
    step_undo(plan_step(plan, "let netplan write %s's files", reader), "run-always", "netplan", "generate", NULL);
    plan_file(plan, state, path, new, 0600);
    plan_tell_cloud_init(plan, state, path);
    step_do(plan_step(plan, "let netplan write %s's files (netplan generate)", reader), "run", "netplan", "generate", NULL);
    add_reload(plan, profile, true);
    if (profile) {
        /* netplan names its profiles, and NetworkManager their uuids, by the card: it is the same one with other contents */
        step_do(plan_step(plan, "activate what is written: %s joins %s", port->name, wish->bridge), "nm-activate", profile, port->name, NULL);
        g_free(plan->how);
        plan->how = g_strdup("netplan with NetworkManager");
        plan->outage = backend_nm.outage;
        if (wish->mode == ADDRESS_NONE)
            plan_note(plan, "netplan has no word for NetworkManager to keep IPv6 away: %s takes addresses from the LAN's routers", wish->bridge);
    } else {
        plan_rescue(plan, "run", "networkctl", "reconfigure", port->name, NULL);
    }
    return true;
}
#endif

const struct backend backend_netplan = {
    .owner = OWNER_NETPLAN,
    .name = "netplan",
    .title = "netplan",
    .persistent = true,
    .outage = 300,
#if HAVE_YAML
    .create = create,
#endif
};
