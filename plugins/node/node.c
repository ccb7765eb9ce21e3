/* SPDX-License-Identifier: GPL-3.0-or-later */
/* node.c - the plugin "node", and what completion offers to its commands */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "node.h"

static void offer_if(hvsh_call *call, const char *word, const char *start, const char *note)
{
    if (word && !strncmp(word, start, strlen(start)))
        hvsh_offer(call, word, note);
}

struct xml *node_capabilities(hvsh_call *call, virConnectPtr connection)
{
    return xml_take(call, virConnectGetCapabilities(connection), "the capabilities of the host");
}

bool node_number(struct xml *xml, xmlNode *node, const char *xpath, unsigned int *number)
{
    const char *text = xml_text(xml, node, xpath);
    uint64_t value;

    if (!text || !g_ascii_string_to_unsigned(text, 10, 0, UINT32_MAX, &value, NULL))
        return false;
    *number = (unsigned int)value;
    return true;
}

/* Every different text that the expression finds; `word` makes a word of it (NULL: as it is). */
static int offer_found(hvsh_call *call, const char *xpath, const char *start, const char *(*word)(hvsh_call *call, const char *text))
{
    virConnectPtr connection = hvsh_connection(call);
    struct xml *xml = connection ? node_capabilities(call, connection) : NULL;
    struct xml_nodes nodes;
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    if (!xml)
        return -1;
    nodes = xml_find(xml, NULL, xpath);
    for (size_t i = 0; i < nodes.count; i++) {
        const char *text = xml_text(xml, nodes.items[i], ".");
        if (text && g_hash_table_add(seen, (void *)text))
            offer_if(call, word ? word(call, text) : text, start, NULL);
    }
    return 0;
}

int offer_cells(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    (void)field;
    return offer_found(call, "/capabilities/host/topology/cells/cell/@id", start, NULL);
}

/* "2MiB" of the 2048 (KiB) in the host's capabilities. */
static const char *page_size(hvsh_call *call, const char *kib)
{
    static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
    uint64_t size;
    unsigned int unit = 0;

    if (!g_ascii_string_to_unsigned(kib, 10, 1, UINT64_MAX, &size, NULL))
        return kib;
    for (; size % 1024 == 0 && unit < G_N_ELEMENTS(units) - 1; unit++)
        size /= 1024;
    return hvsh_printf(call, "%" PRIu64 "%s", size, units[unit]);
}

/* Of the cell in the argument "cellno", or of all. */
int offer_page_sizes(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    const char *cell = hvsh_text(call, "cellno");
    uint64_t number;

    (void)field;
    if (cell && g_ascii_string_to_unsigned(cell, 10, 0, UINT32_MAX, &number, NULL))
        return offer_found(call, hvsh_printf(call, "/capabilities/host/topology/cells/cell[@id = '%" PRIu64 "']/pages/@size", number), start, page_size);
    return offer_found(call, "/capabilities/host/cpu/pages/@size", start, page_size);
}

int offer_archs(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    (void)field;
    return offer_found(call, "/capabilities/guest/arch/@name", start, NULL);
}

int offer_domain_types(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    (void)field;
    return offer_found(call, "/capabilities/guest/arch/domain/@type", start, NULL);
}

/* Of the architecture in the argument "arch", or of all. */
static int offer_of_arch(hvsh_call *call, const char *below, const char *start)
{
    const char *arch = hvsh_text(call, "arch");
    bool known = arch && !strchr(arch, '\'');

    return offer_found(call, hvsh_printf(call, "/capabilities/guest/arch[not(%d) or @name = '%s']/%s", known, known ? arch : "", below), start, NULL);
}

int offer_machines(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    (void)field;
    return offer_of_arch(call, "/machine", start);
}

int offer_emulators(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    (void)field;
    return offer_of_arch(call, "/emulator", start);
}

int offer_cpu_models(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    const char *arch = hvsh_text(call, "arch");
    virConnectPtr connection = hvsh_connection(call);
    char **models = NULL;
    int count;

    (void)field;
    if (!connection)
        return -1;
    count = virConnectGetCPUModelNames(connection, arch ? arch : "x86_64", &models, 0);
    for (int i = 0; i < count; i++) {
        offer_if(call, models[i], start, NULL);
        free(models[i]);
    }
    free(models);
    return 0;
}

int offer_cpus(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    virConnectPtr connection = hvsh_connection(call);
    unsigned char *map = NULL;
    unsigned int online = 0;
    int count = connection ? virNodeGetCPUMap(connection, &map, &online, 0) : -1;

    (void)field;
    for (int i = 0; i < count; i++) {
        g_autofree char *word = g_strdup_printf("%d", i);
        if (VIR_CPU_USED(map, i))
            offer_if(call, word, start, NULL);
    }
    free(map);
    return count < 0 ? -1 : 0;
}

static const struct hvsh_command *const commands[] = {
    &allocpages_command,
    &capabilities_command,
    &cpu_baseline_command,
    &cpu_compare_command,
    &cpu_models_command,
    &domcapabilities_command,
    &freecell_command,
    &freepages_command,
    &hostname_command,
    &hypervisor_cpu_baseline_command,
    &hypervisor_cpu_compare_command,
    &hypervisor_cpu_models_command,
    &maxvcpus_command,
    &node_memory_tune_command,
    &nodecpumap_command,
    &nodecpustats_command,
    &nodeinfo_command,
    &nodememstats_command,
    &nodesevinfo_command,
    &nodesuspend_command,
    &sysinfo_command,
    &uri_command,
    &version_command,
    NULL
};

static const struct hvsh_group groups[] = {
    { "host", "Host and Hypervisor", 40 },
    { NULL, NULL, 0 }
};

HVSH_PLUGIN(.name = "node", .version = "1", .summary = "the host as libvirt tells of it: capabilities, processors, memory, NUMA",
            .commands = commands, .groups = groups);
