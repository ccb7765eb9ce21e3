/* SPDX-License-Identifier: GPL-3.0-or-later */
/* update.c - net-update: a part of a network changed while it runs. */
#include "network.h"

static const struct hvsh_choice commands[] = {
    { "add", VIR_NETWORK_UPDATE_COMMAND_ADD_LAST, "after the others" },
    { "add-first", VIR_NETWORK_UPDATE_COMMAND_ADD_FIRST, "before the others" },
    { "add-last", VIR_NETWORK_UPDATE_COMMAND_ADD_LAST, "after the others" },
    { "delete", VIR_NETWORK_UPDATE_COMMAND_DELETE, "the one that matches" },
    { "modify", VIR_NETWORK_UPDATE_COMMAND_MODIFY, "the one that matches" },
    { NULL }
};

static const struct hvsh_choice sections[] = {
    { "bridge", VIR_NETWORK_SECTION_BRIDGE },
    { "domain", VIR_NETWORK_SECTION_DOMAIN },
    { "ip", VIR_NETWORK_SECTION_IP },
    { "ip-dhcp-host", VIR_NETWORK_SECTION_IP_DHCP_HOST, "an address for a MAC address" },
    { "ip-dhcp-range", VIR_NETWORK_SECTION_IP_DHCP_RANGE, "a range of addresses" },
    { "forward", VIR_NETWORK_SECTION_FORWARD },
    { "forward-interface", VIR_NETWORK_SECTION_FORWARD_INTERFACE, "an interface that it goes out by" },
    { "forward-pf", VIR_NETWORK_SECTION_FORWARD_PF },
    { "portgroup", VIR_NETWORK_SECTION_PORTGROUP },
    { "dns-host", VIR_NETWORK_SECTION_DNS_HOST, "names of an address" },
    { "dns-txt", VIR_NETWORK_SECTION_DNS_TXT },
    { "dns-srv", VIR_NETWORK_SECTION_DNS_SRV },
    { NULL }
};

/* One of the field's words. */
static int parse_word(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    const struct hvsh_choice *choice = object_choice(field->choices, text);

    if (!choice)
        return hvsh_fail(call, "unrecognized %s name '%s'", field->name ? field->name : field->member, text);
    *(int *)value = (int)choice->value;
    return 0;
}

/* hvsh_type_enum's, whose address is no constant here. */
static int offer_words(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    return hvsh_type_enum.offer(call, field, start);
}

static const struct hvsh_type word_type = {
    .name = "word", .kind = HVSH_KIND_ENUM, .size = sizeof(int), .parse = parse_word, .offer = offer_words
};

/* The element itself, or a file with it. */
static int parse_element(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    if (*text != '<')
        return hvsh_type_xml.parse(call, field, text, value);
    *(char **)value = g_strdup(text);
    return 0;
}

static void clear_element(void *value)
{
    g_clear_pointer((char **)value, g_free);
}

static const struct hvsh_type element_type = {
    .name = "file", .kind = HVSH_KIND_XML, .size = sizeof(char *), .parse = parse_element, .clear = clear_element
};

struct update_args { virNetworkPtr network; int command, section; const char *xml; int parent_index; unsigned int affect; };

static const struct hvsh_field update_args[] = {
    NETWORK(struct update_args, 0),
    HVSH_BIND(struct update_args, command, int, word_type, "what to do: add-first, add-last, delete or modify", .flags = HVSH_REQUIRED,
              .choices = commands),
    HVSH_BIND(struct update_args, section, int, word_type, "which part of the network", .flags = HVSH_REQUIRED, .choices = sections),
    HVSH_BIND(struct update_args, xml, const char *, element_type, "file with the element, or the element itself when it begins with '<'",
              .flags = HVSH_REQUIRED),
    HVSH_INT(struct update_args, parent_index, "which of several ip elements it is in", .fallback = "-1", .min = INT_MIN),
    HVSH_BIT(struct update_args, affect, "config", VIR_NETWORK_UPDATE_AFFECT_CONFIG, "from its next start on"),
    HVSH_BIT(struct update_args, affect, "live", VIR_NETWORK_UPDATE_AFFECT_LIVE, "now"),
    HVSH_BIT(struct update_args, affect, "current", VIR_NETWORK_UPDATE_AFFECT_CURRENT, "now when it is active, else from its next start on"),
    HVSH_EXCLUDES("current", "live"),
    HVSH_EXCLUDES("current", "config"),
    HVSH_END
};

struct update_row { const char *name; bool live, config; const char *what; };

static const struct hvsh_field update_row[] = {
    HVSH_TEXT(struct update_row, name, "the network"),
    HVSH_FLAG(struct update_row, live, "was what runs changed?"),
    HVSH_FLAG(struct update_row, config, "was the definition changed?"),
    HVSH_TEXT(struct update_row, what, "both in words", .flags = HVSH_HIDE),
    HVSH_END
};

static const struct hvsh_shape updated = {
    .name = "network", .kind = HVSH_MESSAGE, .flags = HVSH_NO_NEWLINE, HVSH_ROW(update_row),
    .text = "Updated network {name} {what}"
};

static int update_run(hvsh_call *call, const void *p)
{
    const struct update_args *args = p;
    struct update_row row = { .name = virNetworkGetName(args->network) };

    if (virNetworkUpdate(args->network, (unsigned int)args->command, (unsigned int)args->section, args->parent_index, args->xml,
                         args->affect) < 0)
        return hvsh_fail_virt(call, "Failed to update network %s", row.name);
    row.config = args->affect & VIR_NETWORK_UPDATE_AFFECT_CONFIG;
    row.live = args->affect & VIR_NETWORK_UPDATE_AFFECT_LIVE || (!row.config && virNetworkIsActive(args->network) > 0);
    row.config |= !row.live;
    row.what = row.live && row.config ? "persistent config and live state" : row.live ? "live state" : "persistent config";
    return hvsh_emit(call, &updated, &row);
}

const struct hvsh_command COMMAND(update) = {
    .name = "net-update",
    .group = "network",
    .help = "update parts of an existing network's configuration",
    .description = "Add, change or delete one element of a network without stopping it: an address of its DHCP service, a name of its DNS.",
    HVSH_ARGS(update_args),
    .shapes = HVSH_SHAPES(&updated),
    .examples = HVSH_EXAMPLES({ "net-update default add ip-dhcp-host \"<host mac='52:54:00:00:00:01' ip='192.168.122.10'/>\" --live --config",
                                "an address for a guest" }),
    .run = update_run,
};
