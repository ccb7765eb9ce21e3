/* SPDX-License-Identifier: GPL-3.0-or-later */
/* interface.c - what is known of a guest's network interfaces: domiflist, domifaddr, domifstat, domif-getlink. */
#include "domain.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- domiflist ---- */

struct domiflist_args { virDomainPtr domain; unsigned int flags; };

static const struct hvsh_field domiflist_args[] = {
    DOMAIN(struct domiflist_args, 0),
    HVSH_BIT(struct domiflist_args, flags, "inactive", VIR_DOMAIN_XML_INACTIVE, "those of its next start"),
    HVSH_END
};

struct domiflist_row { const char *interface; const char *type; const char *source; const char *model; const char *mac; };

static const struct hvsh_field domiflist_row[] = {
    HVSH_TEXT(struct domiflist_row, interface, "its device on the host", .label = "Interface"),
    HVSH_TEXT(struct domiflist_row, type, "what it is connected to", .label = "Type"),
    HVSH_TEXT(struct domiflist_row, source, "the network, bridge or device", .label = "Source"),
    HVSH_TEXT(struct domiflist_row, model, "hardware that the guest sees", .label = "Model"),
    HVSH_TEXT(struct domiflist_row, mac, "hardware address", .label = "MAC"),
    HVSH_END
};

static const struct hvsh_shape domiflist_shape = { .name = "interfaces", .kind = HVSH_TABLE, HVSH_ROW(domiflist_row) };

static int domiflist_run(hvsh_call *call, const void *p)
{
    const struct domiflist_args *args = p;
    struct xml *xml = domain_xml(call, args->domain, args->flags);
    struct xml_nodes nics;

    if (!xml)
        return -1;
    nics = xml_find(xml, NULL, "/domain/devices/interface");
    for (size_t i = 0; i < nics.count; i++) {
        struct domiflist_row row = {
            .interface = xml_text(xml, nics.items[i], "target/@dev"),
            .type = xml_text(xml, nics.items[i], "@type"),
            .source = xml_text(xml, nics.items[i], "source/@bridge|source/@dev|source/@network|source/@name|source/@path"),
            .model = xml_text(xml, nics.items[i], "model/@type"),
            .mac = xml_text(xml, nics.items[i], "mac/@address"),
        };

        if (hvsh_emit(call, &domiflist_shape, &row) < 0)
            return -1;
    }
    return 0;
}

const struct hvsh_command COMMAND(domiflist) = {
    .name = "domiflist",
    .group = "monitor",
    .help = "list all domain virtual interfaces",
    HVSH_ARGS(domiflist_args),
    .shapes = HVSH_SHAPES(&domiflist_shape),
    .examples = HVSH_EXAMPLES({ "domiflist test", "its interfaces" }),
    .run = domiflist_run,
};

/* ---- domifaddr ---- */

enum { SOURCE_ANY = -1 };
static const struct hvsh_choice address_sources[] = {
    { "lease", VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE, "leases of libvirt's own networks" },
    { "agent", VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT, "the guest agent" },
    { "arp", VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP, "the host's table of neighbours" },
    { "any", SOURCE_ANY, "the first of these that knows an address" },
    { NULL }
};

struct domifaddr_args { virDomainPtr domain; const char *interface; bool full; const char *source; };

static const struct hvsh_field domifaddr_args[] = {
    DOMAIN(struct domifaddr_args, ACTIVE),
    HVSH_TEXT(struct domifaddr_args, interface, "only this interface", .scope = "domain", .offer = offer_interfaces),
    HVSH_FLAG(struct domifaddr_args, full, "name and MAC on every line"),
    HVSH_TEXT(struct domifaddr_args, source, "who is asked: lease (the default), agent, arp, any", .choices = address_sources),
    HVSH_END
};

struct domifaddr_row {
    const char *name, *mac, *protocol, *address;
    unsigned int prefix;
    const char *line;
};

static const struct hvsh_field domifaddr_row[] = {
    HVSH_TEXT(struct domifaddr_row, name, "the interface's name"),
    HVSH_TEXT(struct domifaddr_row, mac, "hardware address"),
    HVSH_TEXT(struct domifaddr_row, protocol, "ipv4 or ipv6"),
    HVSH_TEXT(struct domifaddr_row, address, "the address"),
    HVSH_UINT(struct domifaddr_row, prefix, "bits of its network"),
    HVSH_TEXT(struct domifaddr_row, line, "the text", .flags = HVSH_HIDE),
    HVSH_END
};

static const struct hvsh_shape domifaddr_shape = {
    .name = "addresses",
    .kind = HVSH_LINES,
    HVSH_ROW(domifaddr_row),
    .text = "{line}",
    .heading = " Name       MAC address          Protocol     Address\n"
               "-------------------------------------------------------------------------------",
};

static int emit_addresses(hvsh_call *call, const struct domifaddr_args *args, const virDomainInterface *nic)
{
    struct domifaddr_row row = { .name = nic->name, .mac = nic->hwaddr, .prefix = UINT_MAX };

    if (!nic->naddrs) {
        row.line = hvsh_printf(call, " %-10s %-17s    %-12s %s", nic->name, nic->hwaddr ? nic->hwaddr : "N/A", "N/A", "N/A");
        return hvsh_emit(call, &domifaddr_shape, &row);
    }
    for (unsigned int i = 0; i < nic->naddrs; i++) {
        bool again = i > 0 && !args->full;

        row.protocol = nic->addrs[i].type == VIR_IP_ADDR_TYPE_IPV6 ? "ipv6" : "ipv4";
        row.address = nic->addrs[i].addr;
        row.prefix = nic->addrs[i].prefix;
        row.line = hvsh_printf(call, " %-10s %-17s    %-12s %s/%u", again ? "-" : nic->name, again ? "-" : nic->hwaddr ? nic->hwaddr : "",
                               row.protocol, row.address, row.prefix);
        if (hvsh_emit(call, &domifaddr_shape, &row) < 0)
            return -1;
    }
    return 0;
}

static void free_nics(virDomainInterfacePtr *nics, int count)
{
    for (int i = 0; i < count; i++)
        virDomainInterfaceFree(nics[i]);
    free(nics);
}

/* Has any of them an address? */
static bool has_address(virDomainInterfacePtr *nics, int count)
{
    for (int i = 0; i < count; i++)
        if (nics[i]->naddrs)
            return true;
    return false;
}

/* The interfaces by one source, or by the first that knows an address. Their count, or -1. */
static int ask_source(virDomainPtr domain, int source, virDomainInterfacePtr **nics)
{
    int count = -1;

    if (source != SOURCE_ANY)
        return virDomainInterfaceAddresses(domain, nics, (unsigned int)source, 0);
    for (int i = 0; address_sources[i].value != SOURCE_ANY; i++) {
        virDomainInterfacePtr *found = NULL;
        int n = virDomainInterfaceAddresses(domain, &found, (unsigned int)address_sources[i].value, 0);

        if (n < 0)
            continue;
        if (count >= 0)
            free_nics(*nics, count);
        *nics = found;
        count = n;
        if (has_address(found, n))
            break;
    }
    return count;
}

static int domifaddr_run(hvsh_call *call, const void *p)
{
    const struct domifaddr_args *args = p;
    const struct hvsh_choice *source = address_sources;
    virDomainInterfacePtr *nics = NULL;
    int count, result = 0;

    while (args->source && source->name && strcmp(source->name, args->source) != 0)
        source++;
    if (!source->name)
        return hvsh_fail(call, "Unknown data source '%s'", args->source);
    count = ask_source(args->domain, (int)source->value, &nics);
    if (count < 0)
        return hvsh_fail_virt(call, "Failed to query for interfaces addresses");
    hvsh_begin(call, &domifaddr_shape);
    for (int i = 0; i < count && result == 0; i++)
        if (!args->interface || g_strcmp0(args->interface, nics[i]->name) == 0 || g_strcmp0(args->interface, nics[i]->hwaddr) == 0)
            result = emit_addresses(call, args, nics[i]);
    free_nics(nics, count);
    return result;
}

const struct hvsh_command COMMAND(domifaddr) = {
    .name = "domifaddr",
    .group = "monitor",
    .help = "Get network interfaces' addresses for a running domain",
    HVSH_ARGS(domifaddr_args),
    .shapes = HVSH_SHAPES(&domifaddr_shape),
    .examples = HVSH_EXAMPLES({ "domifaddr test", "by the leases" }, { "domifaddr test --source any", "from whoever knows" }),
    .run = domifaddr_run,
};

/* ---- domifstat ---- */

struct interface_args { virDomainPtr domain; const char *interface; unsigned int flags; };

#define INTERFACE(help) \
    HVSH_TEXT(struct interface_args, interface, help, .flags = HVSH_REQUIRED, .scope = "domain", .offer = offer_interfaces)

static const struct hvsh_field domifstat_args[] = {
    DOMAIN(struct interface_args, ACTIVE),
    INTERFACE("an interface: its device on the host, or its MAC address"),
    HVSH_END
};

struct domifstat_row { const char *name; int64_t value; const char *interface; };

static const struct hvsh_field domifstat_row[] = {
    HVSH_TEXT(struct domifstat_row, name, "what is counted"),
    HVSH_INT64(struct domifstat_row, value, "the counter"),
    HVSH_TEXT(struct domifstat_row, interface, "the interface", .flags = HVSH_HIDE),
    HVSH_END
};

static const struct hvsh_shape domifstat_shape = {
    .name = "statistics", .kind = HVSH_PAIRS, HVSH_ROW(domifstat_row), .text = "{interface} {name} {value}"
};

static int domifstat_run(hvsh_call *call, const void *p)
{
    const struct interface_args *args = p;
    virDomainInterfaceStatsStruct stats;

    if (virDomainInterfaceStats(args->domain, args->interface, &stats, sizeof(stats)) < 0)
        return hvsh_fail_virt(call, "Failed to get interface stats %s %s", virDomainGetName(args->domain), args->interface);
    const struct domifstat_row rows[] = {
        { "rx_bytes", stats.rx_bytes, args->interface }, { "rx_packets", stats.rx_packets, args->interface },
        { "rx_errs", stats.rx_errs, args->interface },   { "rx_drop", stats.rx_drop, args->interface },
        { "tx_bytes", stats.tx_bytes, args->interface }, { "tx_packets", stats.tx_packets, args->interface },
        { "tx_errs", stats.tx_errs, args->interface },   { "tx_drop", stats.tx_drop, args->interface },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (rows[i].value >= 0 && hvsh_emit(call, &domifstat_shape, &rows[i]) < 0)
            return -1;
    return 0;
}

const struct hvsh_command COMMAND(domifstat) = {
    .name = "domifstat",
    .group = "monitor",
    .help = "get network interface stats for a domain",
    .args = domifstat_args,
    .args_size = sizeof(struct interface_args),
    .shapes = HVSH_SHAPES(&domifstat_shape),
    .examples = HVSH_EXAMPLES({ "domifstat web1 vnet0", "its counters", HVSH_MATCH_ONLY }),
    .run = domifstat_run,
};

/* ---- domif-getlink ---- */

static const struct hvsh_field domif_getlink_args[] = {
    DOMAIN(struct interface_args, 0),
    INTERFACE("an interface: its device on the host, or its MAC address"),
    HVSH_ALIAS("persistent", "config"),
    HVSH_BIT(struct interface_args, flags, "config", VIR_DOMAIN_XML_INACTIVE, "as it is from the next start on"),
    HVSH_END
};

struct link_row { const char *interface; const char *state; };

static const struct hvsh_field link_row[] = {
    HVSH_TEXT(struct link_row, interface, "the interface, as it was named"),
    HVSH_TEXT(struct link_row, state, "up or down"),
    HVSH_END
};

static const struct hvsh_shape link_shape = {
    .name = "link", .kind = HVSH_RECORD, .flags = HVSH_NO_NEWLINE, HVSH_ROW(link_row), .text = "{interface} {state}"
};

/* The one interface with this MAC address or device; NULL after a failure. */
static xmlNode *find_interface(hvsh_call *call, struct xml *xml, const char *name)
{
    struct xml_nodes nics = xml_find(xml, NULL, "/domain/devices/interface");
    xmlNode *found = NULL;
    bool is_mac = strlen(name) == 17 && name[2] == ':';

    for (size_t i = 0; i < nics.count; i++) {
        const char *text = xml_text(xml, nics.items[i], is_mac ? "mac/@address" : "target/@dev");

        if (!text || strcasecmp(text, name) != 0)
            continue;
        if (found) {
            hvsh_fail(call, "multiple matching interfaces found");
            return NULL;
        }
        found = nics.items[i];
    }
    if (!found)
        hvsh_fail(call, "Interface (%s: %s) not found.", is_mac ? "mac" : "dev", name);
    return found;
}

static int domif_getlink_run(hvsh_call *call, const void *p)
{
    const struct interface_args *args = p;
    struct xml *xml = domain_xml(call, args->domain, args->flags);
    xmlNode *nic = xml ? find_interface(call, xml, args->interface) : NULL;
    struct link_row row = { .interface = args->interface };

    if (!nic)
        return -1;
    row.state = xml_text(xml, nic, "link/@state");
    if (!row.state)
        row.state = "up";
    return hvsh_emit(call, &link_shape, &row);
}

const struct hvsh_command COMMAND(domif_getlink) = {
    .name = "domif-getlink",
    .group = "monitor",
    .help = "get link state of a virtual interface",
    .args = domif_getlink_args,
    .args_size = sizeof(struct interface_args),
    .shapes = HVSH_SHAPES(&link_shape),
    .examples = HVSH_EXAMPLES({ "domif-getlink web1 52:54:00:11:22:33", "is its cable plugged in?", HVSH_MATCH_ONLY }),
    .run = domif_getlink_run,
};
