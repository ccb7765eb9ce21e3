/* SPDX-License-Identifier: GPL-3.0-or-later */
/* device.c - devices as XML: attach-device, detach-device, detach-device-alias, update-device; and the change that all device commands make. */
#include "device.h"

int device_flags(hvsh_call *call, virDomainPtr domain, unsigned int *flags)
{
    int active;

    if (!hvsh_given(call, "persistent"))
        return 0;
    *flags |= VIR_DOMAIN_AFFECT_CONFIG;
    active = domain_is_active(call, domain);
    if (active > 0)
        *flags |= VIR_DOMAIN_AFFECT_LIVE;
    return active < 0 ? -1 : 0;
}

static int apply(hvsh_call *call, const struct device_change *change, const char *xml)
{
    /* nothing was said of which life is meant: the older calls decide */
    bool old = !change->flags && !hvsh_given(call, "current");

    switch (change->deed) {
    case DEVICE_ATTACH:
        return old ? virDomainAttachDevice(change->domain, xml) : virDomainAttachDeviceFlags(change->domain, xml, change->flags);
    case DEVICE_DETACH:
        return old ? virDomainDetachDevice(change->domain, xml) : virDomainDetachDeviceFlags(change->domain, xml, change->flags);
    case DEVICE_UPDATE:
        break;
    }
    return virDomainUpdateDeviceFlags(change->domain, xml, change->flags);
}

int device_change(hvsh_call *call, const struct device_change *change, const char *xml)
{
    if (hvsh_given(call, "print-xml"))
        return object_text(call, &xml_shape, xml);
    if (apply(call, change, xml) < 0)
        return change->failure ? hvsh_fail_virt(call, "%s", change->failure) : hvsh_fail_libvirt(call);
    return change->done ? domain_say(call, change->done, change->domain) : 0;
}

/* ---- attach-device, detach-device, update-device ---- */

struct device_args { virDomainPtr domain; const char *file; unsigned int flags; };

static const struct hvsh_field device_args[] = {
    DOMAIN(struct device_args, 0),
    HVSH_XML(struct device_args, file, "file with the XML of the device", .flags = HVSH_REQUIRED),
    DEVICE_AFFECT(struct device_args, flags),
    HVSH_END
};

static int file_change(hvsh_call *call, const struct device_args *args, enum device_deed deed, const struct hvsh_shape *done, const char *verb)
{
    struct device_change change = {
        .domain = args->domain, .deed = deed, .flags = args->flags, .done = done,
        .failure = hvsh_printf(call, "Failed to %s device from %s", verb, hvsh_text(call, "file")),
    };

    return device_flags(call, args->domain, &change.flags) < 0 ? -1 : device_change(call, &change, args->file);
}

OBJECT_MESSAGE(attached, "Device attached successfully");

static int attach_run(hvsh_call *call, const void *args)
{
    return file_change(call, args, DEVICE_ATTACH, &attached, "attach");
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

static int detach_run(hvsh_call *call, const void *args)
{
    return file_change(call, args, DEVICE_DETACH, &detached, "detach");
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
    DEVICE_AFFECT(struct device_args, flags),
    HVSH_BIT(struct device_args, flags, "force", VIR_DOMAIN_DEVICE_MODIFY_FORCE, "even when the guest does not agree (a locked tray)"),
    HVSH_END
};

OBJECT_MESSAGE(updated, "Device updated successfully");

static int update_run(hvsh_call *call, const void *args)
{
    return file_change(call, args, DEVICE_UPDATE, &updated, "update");
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
