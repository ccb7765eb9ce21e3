/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memory-device.c - memory that can be plugged, virtio-mem: update-memory-device. */
#include "device.h"

struct memory_args { virDomainPtr domain; const char *alias; unsigned int node; uint64_t requested_size; bool print_xml; unsigned int flags; };

static const struct hvsh_field memory_args[] = {
    DOMAIN(struct memory_args, 0),
    HVSH_AFFECT(struct memory_args, flags),
    DEVICE_PRINT(struct memory_args, print_xml),
    HVSH_TEXT(struct memory_args, alias, "alias of the memory device", .scope = "domain", .offer = offer_memory),
    HVSH_UINT(struct memory_args, node, "the guest's NUMA node that it belongs to"),
    HVSH_SIZE(struct memory_args, requested_size, "how much of it the guest is to use", .unit = "KiB"),
    HVSH_EXCLUDES("node", "alias"),
    HVSH_END
};

static int memory_run(hvsh_call *call, const void *p)
{
    const struct memory_args *args = p;
    const struct device_change change = { .domain = args->domain, .deed = DEVICE_UPDATE, .flags = args->flags };
    struct xml *xml = device_source(call, args->domain, args->flags & VIR_DOMAIN_AFFECT_CONFIG ? VIR_DOMAIN_XML_INACTIVE : 0);
    struct xml_nodes devices;
    xmlNode *found = NULL, *requested;

    if (!xml)
        return -1;
    devices = xml_find(xml, NULL, "/domain/devices/memory");
    for (size_t i = 0; i < devices.count; i++) {
        if (args->alias && g_strcmp0(xml_text(xml, devices.items[i], "alias/@name"), args->alias) != 0)
            continue;
        if (hvsh_given(call, "node") &&
            g_strcmp0(xml_text(xml, devices.items[i], "target/node"), hvsh_printf(call, "%u", args->node)) != 0)
            continue;
        if (found)
            return hvsh_fail(call, "multiple memory devices found, use --alias or --node to select one");
        found = devices.items[i];
    }
    if (!found)
        return hvsh_fail(call, "no memory device found");
    if (hvsh_given(call, "requested-size")) {
        requested = xml_first(xml, found, "target/requested");
        if (!requested)
            return hvsh_fail(call, "virtio-mem device is missing <requested/>");
        xmlSetProp(requested, BAD_CAST "unit", BAD_CAST "KiB");
        xmlNodeSetContent(requested, BAD_CAST hvsh_printf(call, "%lu", hvsh_in_kib(args->requested_size)));
    }
    return device_change(call, &change, xml_write(xml, found));
}

const struct hvsh_command COMMAND(update_memory_device) = {
    .name = "update-memory-device",
    .group = "domain",
    .help = "update memory device of a domain",
    .description = "Change how much of a virtio-mem device the guest is to use; the guest then plugs or unplugs that much by and by.",
    .args = memory_args,
    .args_size = sizeof(struct memory_args),
    .shapes = HVSH_SHAPES(&xml_shape),
    .examples = HVSH_EXAMPLES({ "update-memory-device web1 --alias ua-mem0 --requested-size 256MiB", "let it use that much", HVSH_MATCH_ONLY }),
    .run = memory_run,
};
