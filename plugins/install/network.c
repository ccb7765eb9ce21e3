/* SPDX-License-Identifier: GPL-3.0-or-later */
/* network.c - network cards: where they are connected, and their addresses. */
#include "install.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The bridge of this host that has the default route; NULL: none. */
static const char *host_bridge(struct install *install)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    if (install->host.remote || !g_file_get_contents("/proc/net/route", &text, NULL, NULL))
        return NULL;
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        char name[32], to[16], *folder;

        if (sscanf(*line, "%31s %15s", name, to) != 2 || strcmp(to, "00000000") != 0)
            continue;
        folder = hvsh_printf(install->call, "/sys/class/net/%s/bridge", name);
        if (access(folder, F_OK) == 0)
            return hvsh_printf(install->call, "%s", name);
    }
    return NULL;
}

/* Where a card goes that says nothing. */
static void connect_default(struct install *install, xmlNode *node)
{
    const struct host *host = &install->host;
    const char *bridge = host->session || host->embedded || !host->qemu ? NULL : host_bridge(install);

    if (host->session || host->embedded || !host->qemu) {
        model_set(node, "@type", "user");
        explain(install, "network: of the user, for guests of this connection can have no other by themselves");
    } else if (bridge) {
        model_set(node, "@type", "bridge");
        model_set(node, "source/@bridge", bridge);
        explain(install, "network: bridge %s, which has the host's default route", bridge);
    } else {
        model_set(node, "@type", "network");
        model_set(node, "source/@network", "default");
        explain(install, "network: libvirt's 'default', for no bridge has the host's default route");
    }
}

/* What the value of source= is called in the document. */
static const char *source_attribute(const char *type)
{
    static const struct { const char *type, *attribute; } names[] = {
        { "network", "source/@network" }, { "bridge", "source/@bridge" }, { "direct", "source/@dev" }, { "vdpa", "source/@dev" },
        { "ethernet", "source/@dev" }, { "vhostuser", "source/@path" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(names[i].type, type) == 0)
            return names[i].attribute;
    return NULL;
}

static int card(struct install *install, const char *text)
{
    hvsh_call *call = install->call;
    const char *colon = strchr(text, ':'), *type, *network, *bridge, *source, *link, *mac;
    g_autofree char *older = NULL;
    struct option *option;
    xmlNode *node;

    /* the older form: network:default, bridge:br0 */
    if (colon && (g_str_has_prefix(text, "network:") || g_str_has_prefix(text, "bridge:")))
        older = g_strdup_printf("%.*s=%s", (int)(colon - text), text, colon + 1);
    option = option_parse(call, "network", older ? older : text);
    if (!option)
        return -1;
    node = model_add(install->domain, "devices/interface");
    type = option_take(option, "type");
    network = option_take(option, "network");
    bridge = option_take(option, "bridge");
    source = option_take(option, "source");
    if (network && bridge && !type)
        return hvsh_fail(call, "--network: a card is on a network or on a bridge, not on both: %s", text);
    if (!type && (network || bridge)) {
        type = network ? "network" : "bridge";
        source = network ? network : bridge;
    }
    if (source && (!type || strcmp(type, "default") == 0))
        return hvsh_fail(call, "--network: the kind of source=%s is not told: type=direct,source=%s, or network=, bridge=", source, source);
    if (!type || strcmp(type, "default") == 0) {
        connect_default(install, node);
    } else {
        model_set(node, "@type", type);
        source = source ? source : strcmp(type, "network") == 0 ? network : strcmp(type, "bridge") == 0 ? bridge : NULL;
        if (source && source_attribute(type))
            model_set(node, source_attribute(type), source);
        else if (strcmp(type, "network") == 0)
            model_set(node, "source/@network", "default");
        else if (strcmp(type, "bridge") == 0 && host_bridge(install))
            model_set(node, "source/@bridge", host_bridge(install));
        else if (strcmp(type, "bridge") == 0)
            return hvsh_fail(call, "--network: which bridge? No bridge of this host has the default route: --network bridge=NAME");
    }
    link = option_take(option, "link.state");
    if (link)
        model_set(node, "link/@state", option_truth(link) == 1 ? "up" : option_truth(link) == 0 ? "down" : link);
    mac = option_look(option, "mac.address");
    if (!mac)
        mac = option_look(option, "mac");
    if (mac && (g_ascii_strcasecmp(mac, "RANDOM") == 0)) {
        option_take(option, "mac");
        option_take(option, "mac.address");
    }
    return option_apply(option, node);
}

int network_options(struct install *install)
{
    const texts *given = &install->args->network;

    for (size_t i = 0; i < given->count; i++)
        if (strcmp(given->items[i], "none") != 0 && card(install, given->items[i]) < 0)
            return -1;
        else if (strcmp(given->items[i], "none") == 0 && given->count > 1)
            return hvsh_fail(install->call, "--network none and other networks contradict each other");
    return given->count ? 0 : card(install, "default");
}
