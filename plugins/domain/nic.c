/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nic.c - network interfaces by options instead of XML: attach-interface, detach-interface, domif-setlink. */
#include "device.h"
#include <stdlib.h>
#include <string.h>

/* ---- attach-interface ---- */

struct attach_args {
    virDomainPtr domain;
    const char *type, *source, *target, *mac, *script, *model, *alias, *inbound, *outbound, *source_mode;
    bool managed, print_xml;
    unsigned int flags;
};

/* The kinds of interface, and the attribute of <source> that is given. */
enum { BY_NETWORK, BY_BRIDGE, BY_DEVICE, BY_PCI, BY_SOCKET };
static const struct hvsh_choice kinds[] = {
    { "network", BY_NETWORK, "one of libvirt's networks" },
    { "bridge", BY_BRIDGE, "a bridge of the host" },
    { "direct", BY_DEVICE, "a device of the host (macvtap)" },
    { "hostdev", BY_PCI, "a device of the host, passed through" },
    { "vhostuser", BY_SOCKET, "a socket of a switch in user space" },
    { NULL }
};
static const struct hvsh_choice socket_modes[] = { { "server", 0, NULL }, { "client", 0, NULL }, { NULL } };
static const struct hvsh_choice models[] = {
    { "virtio", 0, "the usual one" }, { "e1000e", 0, NULL }, { "e1000", 0, NULL }, { "rtl8139", 0, NULL }, { "igb", 0, NULL },
    { "vmxnet3", 0, NULL }, { NULL }
};

/* The sources that there are for the kind that was said. */
static int offer_sources(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    const char *kind = hvsh_text(call, "type");
    virConnectPtr connection = hvsh_connection(call);
    virNetworkPtr *networks = NULL;
    int count = 0;

    (void)field;
    if (!connection)
        return -1;
    if (g_strcmp0(kind, "network") == 0 || g_strcmp0(kind, "bridge") == 0)
        count = virConnectListAllNetworks(connection, &networks, 0);
    for (int i = 0; i < count; i++) {
        char *bridge = g_str_equal(kind, "bridge") ? virNetworkGetBridgeName(networks[i]) : NULL;
        const char *name = virNetworkGetName(networks[i]), *word = g_str_equal(kind, "bridge") ? bridge : name;

        if (word && g_str_has_prefix(word, start))
            hvsh_offer(call, word, bridge ? name : NULL);
        free(bridge);
        virNetworkFree(networks[i]);
    }
    free(networks);
    return 0;
}

#define TEXT(m, ...) HVSH_TEXT(struct attach_args, m, __VA_ARGS__)
static const struct hvsh_field attach_args[] = {
    LATE_DOMAIN(struct attach_args, 0),
    TEXT(type, "what it is connected to", .flags = HVSH_REQUIRED, .choices = kinds),
    TEXT(source, "the network, bridge, device, PCI address (0000:00:05.0) or socket", .flags = HVSH_REQUIRED, .scope = "type", .offer = offer_sources),
    TEXT(target, "its device on the host"),
    TEXT(mac, "hardware address"),
    TEXT(script, "program that connects it"),
    TEXT(model, "hardware that the guest sees", .choices = models),
    TEXT(alias, "name for libvirt's users, ua-..."),
    TEXT(inbound, "limits to the guest: AVERAGE,PEAK,BURST,FLOOR in KiB/s and KiB"),
    TEXT(outbound, "limits from the guest: AVERAGE,PEAK,BURST in KiB/s and KiB"),
    DEVICE_AFFECT(struct attach_args, flags),
    DEVICE_PRINT(struct attach_args, print_xml),
    HVSH_FLAG(struct attach_args, managed, "libvirt takes the device from the host, and gives it back"),
    TEXT(source_mode, "vhostuser: who listens on the socket", .choices = socket_modes),
    HVSH_END
};
#undef TEXT

/* "AVERAGE,PEAK,BURST,FLOOR", of which some may be empty: 0. */
struct rate { unsigned long long average, peak, burst, floor; };

static int parse_rate(hvsh_call *call, const char *text, struct rate *rate)
{
    static const char *const names[] = { "average", "peak", "burst", "floor" };
    unsigned long long numbers[4] = { 0 };
    g_auto(GStrv) words = g_strsplit(text, ",", -1);

    if (g_strv_length(words) > G_N_ELEMENTS(numbers))
        return hvsh_fail(call, "Rate string '%s' has too many fields", text);
    for (size_t i = 0; words[i]; i++) {
        guint64 number;
        const char *word = words[i] + strspn(words[i], " \t\n");

        if (!*words[i])
            continue;
        if (!g_ascii_string_to_unsigned(word, 10, 0, G_MAXUINT64, &number, NULL))
            return hvsh_fail(call, "field '%s' is malformed", names[i]);
        numbers[i] = number;
    }
    *rate = (struct rate){ numbers[0], numbers[1], numbers[2], numbers[3] };
    return 0;
}

static const char *count_text(hvsh_call *call, unsigned long long number)
{
    return number ? hvsh_printf(call, "%llu", number) : NULL;
}

static void add_rate(hvsh_call *call, struct device_xml *xml, const char *direction, const struct rate *rate)
{
    device_element(xml, direction, "average", count_text(call, rate->average), "peak", count_text(call, rate->peak),
                   "burst", count_text(call, rate->burst), "floor", count_text(call, rate->floor), NULL);
}

/* "0000:00:05.0" in its four numbers. */
static int add_pci_source(hvsh_call *call, struct device_xml *xml, const char *text)
{
    unsigned int domain, bus, slot, function;

    if (sscanf(text, "%x:%x:%x.%x", &domain, &bus, &slot, &function) != 4)
        return hvsh_fail(call, "cannot parse pci address '%s' for network interface", text);
    device_open(xml, "source", NULL);
    device_element(xml, "address", "type", "pci", "domain", hvsh_printf(call, "0x%04x", domain), "bus", hvsh_printf(call, "0x%02x", bus),
                   "slot", hvsh_printf(call, "0x%02x", slot), "function", hvsh_printf(call, "0x%x", function), NULL);
    device_close(xml, "source");
    return 0;
}

OBJECT_MESSAGE(attached, "Interface attached successfully");

static int attach_run(hvsh_call *call, const void *p)
{
    const struct attach_args *args = p;
    const struct hvsh_choice *kind = object_choice(kinds, args->type);
    struct device_change change = {
        .deed = DEVICE_ATTACH, .flags = args->flags, .done = &attached, .failure = "Failed to attach interface",
    };
    struct device_xml xml = device_document(call);
    struct rate inbound = { 0 }, outbound = { 0 };

    if (!kind)
        return hvsh_fail(call, "No support for %s in command 'attach-interface'", args->type);
    if (args->source_mode && !object_choice(socket_modes, args->source_mode))
        return hvsh_fail(call, "Invalid source mode: %s", args->source_mode);
    if (args->inbound && parse_rate(call, args->inbound, &inbound) < 0)
        return -1;
    if (args->inbound && !inbound.average && !inbound.floor)
        return hvsh_fail(call, "either inbound average or floor is mandatory");
    if (args->outbound && parse_rate(call, args->outbound, &outbound) < 0)
        return -1;
    if (args->outbound && !outbound.average)
        return hvsh_fail(call, "outbound average is mandatory");
    if (outbound.floor)
        return hvsh_fail(call, "outbound floor is unsupported yet");

    device_open(&xml, "interface", "type", args->type, "managed", args->managed ? "yes" : NULL, NULL);
    switch (kind->value) {
    case BY_SOCKET:
        if (!args->source_mode)
            return hvsh_fail(call, "source-mode is mandatory");
        device_element(&xml, "source", "type", "unix", "path", args->source, "mode", args->source_mode, NULL);
        break;
    case BY_PCI:
        if (add_pci_source(call, &xml, args->source) < 0)
            return -1;
        break;
    default:
        device_element(&xml, "source", kind->value == BY_DEVICE ? "dev" : args->type, args->source, NULL);
        break;
    }
    device_element(&xml, "target", "dev", args->target, NULL);
    device_element(&xml, "mac", "address", args->mac, NULL);
    device_element(&xml, "script", "path", args->script, NULL);
    device_element(&xml, "model", "type", args->model, NULL);
    device_element(&xml, "alias", "name", args->alias, NULL);
    if (args->inbound || args->outbound) {
        device_open(&xml, "bandwidth", NULL);
        add_rate(call, &xml, "inbound", &inbound);
        add_rate(call, &xml, "outbound", &outbound);
        device_close(&xml, "bandwidth");
    }
    device_close(&xml, "interface");
    if (!args->print_xml && (!(change.domain = domain_late(call)) || device_flags(call, change.domain, &change.flags) < 0))
        return -1;
    return device_change(call, &change, xml.text->str);
}

const struct hvsh_command COMMAND(attach_interface) = {
    .name = "attach-interface",
    .group = "domain",
    .help = "attach network interface",
    .description = "Give the guest another network interface. --print-xml shows the device's XML, which attach-device takes too.",
    .args = attach_args,
    .args_size = sizeof(struct attach_args),
    .shapes = HVSH_SHAPES(&attached, &xml_shape),
    .examples = HVSH_EXAMPLES({ "attach-interface web1 bridge br0 --model virtio --persistent", "now and from the next start on", HVSH_MATCH_ONLY },
                              { "attach-interface test network default --print-xml", "only show how" }),
    .run = attach_run,
};

/* ---- detach-interface ---- */

struct detach_args { virDomainPtr domain; const char *type, *mac; bool print_xml; unsigned int flags; };

static const struct hvsh_field detach_args[] = {
    DOMAIN(struct detach_args, 0),
    HVSH_TEXT(struct detach_args, type, "what it is connected to", .flags = HVSH_REQUIRED, .choices = kinds),
    HVSH_TEXT(struct detach_args, mac, "its hardware address, needed when there are several of this type", .scope = "domain", .offer = offer_macs),
    DEVICE_AFFECT(struct detach_args, flags),
    DEVICE_PRINT(struct detach_args, print_xml),
    HVSH_END
};

/* The one interface of the type, with the MAC when one was given; NULL after a failure. */
static xmlNode *find_interface(hvsh_call *call, struct xml *xml, const struct detach_args *args)
{
    struct xml_nodes nics = xml_find(xml, NULL, "/domain/devices/interface");
    xmlNode *found = NULL;
    size_t of_type = 0, matching = 0;

    for (size_t i = 0; i < nics.count; i++) {
        const char *mac = xml_text(xml, nics.items[i], "mac/@address");

        if (g_strcmp0(xml_text(xml, nics.items[i], "@type"), args->type) != 0)
            continue;
        of_type++;
        if (args->mac && (!mac || g_ascii_strcasecmp(mac, args->mac) != 0))
            continue;
        matching++;
        found = nics.items[i];
    }
    if (matching == 1)
        return found;
    if (!of_type)
        hvsh_fail(call, "No interface found whose type is %s", args->type);
    else if (!args->mac)
        hvsh_fail(call, "Domain has %zu interfaces. Please specify which one to detach using --mac", of_type);
    else if (!matching)
        hvsh_fail(call, "No interface with MAC address %s was found", args->mac);
    else
        hvsh_fail(call, "Domain has multiple interfaces matching MAC address %s. You must use detach-device and specify the device pci "
                        "address to remove it.", args->mac);
    return NULL;
}

OBJECT_MESSAGE(detached, "Interface detached successfully");

/* From one of the domain's lives; each knows the interface by a document of its own. */
static int detach_from(hvsh_call *call, const struct detach_args *args, unsigned int life, const struct hvsh_shape *done)
{
    struct xml *xml = device_source(call, args->domain, life & VIR_DOMAIN_AFFECT_CONFIG ? VIR_DOMAIN_XML_INACTIVE : 0);
    xmlNode *nic = xml ? find_interface(call, xml, args) : NULL;
    const struct device_change change = {
        .domain = args->domain, .deed = DEVICE_DETACH, .flags = life, .done = done, .failure = "Failed to detach interface",
    };

    return nic ? device_change(call, &change, xml_write(xml, nic)) : -1;
}

static int detach_run(hvsh_call *call, const void *p)
{
    const struct detach_args *args = p;
    unsigned int flags = args->flags, live, config;

    if (device_flags(call, args->domain, &flags) < 0)
        return -1;
    live = flags & VIR_DOMAIN_AFFECT_LIVE;
    config = flags & VIR_DOMAIN_AFFECT_CONFIG;
    if (config && live && detach_from(call, args, config, NULL) < 0)
        return -1;
    return detach_from(call, args, live ? live : config, &detached);
}

const struct hvsh_command COMMAND(detach_interface) = {
    .name = "detach-interface",
    .group = "domain",
    .help = "detach network interface",
    .args = detach_args,
    .args_size = sizeof(struct detach_args),
    .shapes = HVSH_SHAPES(&detached, &xml_shape),
    .examples = HVSH_EXAMPLES({ "detach-interface web1 bridge --mac 52:54:00:11:22:33 --live", "unplug it", HVSH_MATCH_ONLY }),
    .run = detach_run,
};

/* ---- domif-setlink ---- */

struct link_args { virDomainPtr domain; const char *interface, *state; bool print_xml; unsigned int flags; };

static const struct hvsh_choice states[] = { { "up", 0, "plugged in" }, { "down", 0, "unplugged" }, { NULL } };

static const struct hvsh_field link_args[] = {
    DOMAIN(struct link_args, 0),
    HVSH_TEXT(struct link_args, interface, "its device on the host, or its MAC address", .flags = HVSH_REQUIRED, .scope = "domain",
              .offer = offer_interfaces),
    HVSH_TEXT(struct link_args, state, "up or down", .flags = HVSH_REQUIRED, .choices = states),
    HVSH_ALIAS("persistent", "config"),
    HVSH_BIT(struct link_args, flags, "config", VIR_DOMAIN_AFFECT_CONFIG, "from the next start on"),
    DEVICE_PRINT(struct link_args, print_xml),
    HVSH_END
};

OBJECT_MESSAGE(link_set, "Device updated successfully");

static int link_run(hvsh_call *call, const void *p)
{
    const struct link_args *args = p;
    struct device_change change = {
        .domain = args->domain, .deed = DEVICE_UPDATE, .flags = args->flags, .done = &link_set,
        .failure = "Failed to update interface link state",
    };
    struct xml_nodes nics;
    xmlNode *found = NULL, *link;
    struct xml *xml;
    int active;

    if (!object_choice(states, args->state))
        return hvsh_fail(call, "invalid link state '%s'", args->state);
    if ((active = domain_is_active(call, args->domain)) < 0)
        return -1;
    if (!change.flags)
        change.flags = active ? VIR_DOMAIN_AFFECT_LIVE : VIR_DOMAIN_AFFECT_CONFIG;
    xml = device_source(call, args->domain, args->flags ? VIR_DOMAIN_XML_INACTIVE : 0);
    if (!xml)
        return -1;
    nics = xml_find(xml, NULL, "/domain/devices/interface");
    for (size_t i = 0; i < nics.count && !found; i++) {
        const char *mac = xml_text(xml, nics.items[i], "mac/@address");

        if ((mac && g_ascii_strcasecmp(mac, args->interface) == 0) ||
            g_strcmp0(xml_text(xml, nics.items[i], "target/@dev"), args->interface) == 0)
            found = nics.items[i];
    }
    if (!found)
        return hvsh_fail(call, "interface '%s' not found", args->interface);
    link = xml_first(xml, found, "link");
    if (!link)
        link = xmlNewChild(found, NULL, BAD_CAST "link", NULL);
    xmlSetProp(link, BAD_CAST "state", BAD_CAST args->state);
    return device_change(call, &change, xml_write(xml, found));
}

const struct hvsh_command COMMAND(domif_setlink) = {
    .name = "domif-setlink",
    .group = "domain",
    .help = "set link state of a virtual interface",
    .description = "Plug the cable of an interface in or pull it out.",
    .args = link_args,
    .args_size = sizeof(struct link_args),
    .shapes = HVSH_SHAPES(&link_set, &xml_shape),
    .examples = HVSH_EXAMPLES({ "domif-setlink web1 52:54:00:11:22:33 down", "pull it out", HVSH_MATCH_ONLY }),
    .run = link_run,
};
