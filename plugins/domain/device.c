/* SPDX-License-Identifier: GPL-3.0-or-later */
/* device.c - devices as XML: attach-device, detach-device, detach-device-alias, update-device. */
#include "domain.h"

struct device_args { virDomainPtr domain; const char *file; unsigned int flags; };

/* Which of the domain's two lives a device command is for. --persistent: the next start, and this one if there is one. */
#define DEVICE_AFFECT(s) \
    HVSH_BIT(s, flags, "persistent", VIR_DOMAIN_AFFECT_CONFIG, "make the change last, and live if the domain runs"), \
    HVSH_EXCLUDES("persistent", "current"), \
    HVSH_AFFECT(s, flags)

static const struct hvsh_field device_args[] = {
    DOMAIN(struct device_args, 0),
    HVSH_XML(struct device_args, file, "file with the XML of the device", .flags = HVSH_REQUIRED),
    DEVICE_AFFECT(struct device_args),
    HVSH_END
};

/* The flags for libvirt; *old: nothing was said of where it matters, the older call decides. 0 or -1. */
static int device_flags(hvsh_call *call, const struct device_args *args, unsigned int *flags, bool *old)
{
    *flags = args->flags;
    if (hvsh_given(call, "persistent")) {
        int active = domain_is_active(call, args->domain);

        if (active < 0)
            return -1;
        if (active)
            *flags |= VIR_DOMAIN_AFFECT_LIVE;
    }
    *old = !*flags && !hvsh_given(call, "current");
    return 0;
}

OBJECT_MESSAGE(attached, "Device attached successfully");

static int attach_run(hvsh_call *call, const void *p)
{
    const struct device_args *args = p;
    unsigned int flags;
    bool old;

    if (device_flags(call, args, &flags, &old) < 0)
        return -1;
    if ((old ? virDomainAttachDevice(args->domain, args->file) : virDomainAttachDeviceFlags(args->domain, args->file, flags)) < 0)
        return hvsh_fail_virt(call, "Failed to attach device from %s", hvsh_text(call, "file"));
    return domain_say(call, &attached, args->domain);
}

const struct hvsh_command COMMAND(attach_device) = {
    .name = "attach-device",
    .group = "domain",
    .help = "attach device from an XML file",
    HVSH_ARGS(device_args),
    .shapes = HVSH_SHAPES(&attached),
    .examples = HVSH_EXAMPLES({ "attach-device web1 nic.xml --persistent", "now and from the next start on", HVSH_MATCH_ONLY }),
    .run = attach_run,
};

OBJECT_MESSAGE(detached, "Device detached successfully");

static int detach_run(hvsh_call *call, const void *p)
{
    const struct device_args *args = p;
    unsigned int flags;
    bool old;

    if (device_flags(call, args, &flags, &old) < 0)
        return -1;
    if ((old ? virDomainDetachDevice(args->domain, args->file) : virDomainDetachDeviceFlags(args->domain, args->file, flags)) < 0)
        return hvsh_fail_virt(call, "Failed to detach device from %s", hvsh_text(call, "file"));
    return domain_say(call, &detached, args->domain);
}

const struct hvsh_command COMMAND(detach_device) = {
    .name = "detach-device",
    .group = "domain",
    .help = "detach device from an XML file",
    HVSH_ARGS(device_args),
    .shapes = HVSH_SHAPES(&detached),
    .examples = HVSH_EXAMPLES({ "detach-device web1 nic.xml --config", "from the next start on", HVSH_MATCH_ONLY }),
    .run = detach_run,
};

static const struct hvsh_field update_device_args[] = {
    DOMAIN(struct device_args, 0),
    HVSH_XML(struct device_args, file, "file with the XML of the device", .flags = HVSH_REQUIRED),
    DEVICE_AFFECT(struct device_args),
    HVSH_BIT(struct device_args, flags, "force", VIR_DOMAIN_DEVICE_MODIFY_FORCE, "even when the guest does not agree (a locked tray)"),
    HVSH_END
};

OBJECT_MESSAGE(updated, "Device updated successfully");

static int update_run(hvsh_call *call, const void *p)
{
    const struct device_args *args = p;
    unsigned int flags;
    bool old;

    if (device_flags(call, args, &flags, &old) < 0)
        return -1;
    if (virDomainUpdateDeviceFlags(args->domain, args->file, flags) < 0)
        return hvsh_fail_virt(call, "Failed to update device from %s", hvsh_text(call, "file"));
    return domain_say(call, &updated, args->domain);
}

const struct hvsh_command COMMAND(update_device) = {
    .name = "update-device",
    .group = "domain",
    .help = "update device from an XML file",
    .args = update_device_args,
    .args_size = sizeof(struct device_args),
    .shapes = HVSH_SHAPES(&updated),
    .examples = HVSH_EXAMPLES({ "update-device web1 nic.xml --live", "the interface with this MAC, as the file says", HVSH_MATCH_ONLY }),
    .run = update_run,
};

/* ---- detach-device-alias ---- */

struct alias_args { virDomainPtr domain; const char *alias; unsigned int flags; };

static int offer_aliases(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    const virDomainPtr *domain = hvsh_peer(call, "domain");
    struct xml *xml = domain ? domain_xml(call, *domain, 0) : NULL;
    struct xml_nodes devices;

    (void)field;
    if (!xml)
        return -1;
    devices = xml_find(xml, NULL, "/domain/devices/*[alias]");
    for (size_t i = 0; i < devices.count; i++) {
        const char *alias = xml_text(xml, devices.items[i], "alias/@name");

        if (alias && g_str_has_prefix(alias, start))
            hvsh_offer(call, alias, (const char *)devices.items[i]->name);
    }
    return 0;
}

static const struct hvsh_field alias_args[] = {
    DOMAIN(struct alias_args, 0),
    HVSH_TEXT(struct alias_args, alias, "alias of the device", .flags = HVSH_REQUIRED, .scope = "domain", .offer = offer_aliases),
    HVSH_AFFECT(struct alias_args, flags),
    HVSH_END
};

OBJECT_MESSAGE(asked_for, "Device detach request sent successfully");

static int detach_alias_run(hvsh_call *call, const void *p)
{
    const struct alias_args *args = p;

    if (virDomainDetachDeviceAlias(args->domain, args->alias, args->flags) < 0)
        return hvsh_fail_virt(call, "Failed to detach device with alias %s", args->alias);
    return domain_say(call, &asked_for, args->domain);
}

const struct hvsh_command COMMAND(detach_device_alias) = {
    .name = "detach-device-alias",
    .group = "domain",
    .help = "detach device from an alias",
    .description = "Ask the guest to give up a device. The command does not wait until it has: the event device-removed tells.",
    HVSH_ARGS(alias_args),
    .shapes = HVSH_SHAPES(&asked_for),
    .examples = HVSH_EXAMPLES({ "detach-device-alias web1 net1 --live", "unplug it", HVSH_MATCH_ONLY }),
    .run = detach_alias_run,
};
