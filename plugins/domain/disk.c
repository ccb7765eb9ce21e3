/* SPDX-License-Identifier: GPL-3.0-or-later */
/* disk.c - disks by options instead of XML: attach-disk, detach-disk, change-media. */
#include "device.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- attach-disk ---- */

struct attach_args {
    virDomainPtr domain;
    const char *source, *target, *targetbus, *driver, *subdriver, *iothread, *cache, *io, *type, *mode, *sourcetype, *serial, *wwn, *alias;
    const char *address, *source_protocol, *source_host_name, *source_host_transport, *source_host_socket, *throttle_groups;
    bool rawio, multifunction, print_xml;
    unsigned int flags;
};

#define WORD(name, ...) { name, 0, __VA_ARGS__ }
static const struct hvsh_choice buses[] = {
    WORD("virtio", "the usual one"), WORD("scsi", NULL), WORD("sata", NULL), WORD("usb", NULL), WORD("ide", NULL), WORD("fdc", "floppy drives"),
    WORD("xen", NULL), { NULL }
};
static const struct hvsh_choice formats[] = {
    WORD("qcow2", "QEMU's own"), WORD("raw", "bytes as they are"), WORD("qcow", NULL), WORD("qed", NULL), WORD("vmdk", NULL), WORD("vdi", NULL),
    WORD("vhd", NULL), WORD("vpc", NULL), { NULL }
};
static const struct hvsh_choice caches[] = {
    WORD("none", "past the host's cache"), WORD("writeback", NULL), WORD("writethrough", NULL), WORD("directsync", NULL), WORD("unsafe", NULL),
    WORD("default", NULL), { NULL }
};
static const struct hvsh_choice ios[] = { WORD("native", NULL), WORD("threads", NULL), WORD("io_uring", NULL), { NULL } };
static const struct hvsh_choice devices[] = {
    WORD("disk", NULL), WORD("cdrom", NULL), WORD("floppy", NULL), WORD("lun", "a SCSI disk passed through"), { NULL }
};
static const struct hvsh_choice modes[] = { WORD("readonly", NULL), WORD("shareable", "by several guests"), { NULL } };
static const struct hvsh_choice sources[] = { WORD("block", "a device"), WORD("file", NULL), WORD("network", NULL), { NULL } };
static const struct hvsh_choice transports[] = { WORD("tcp", NULL), WORD("unix", NULL), WORD("rdma", NULL), { NULL } };

#define TEXT(m, ...) HVSH_TEXT(struct attach_args, m, __VA_ARGS__)
static const struct hvsh_field attach_args[] = {
    LATE_DOMAIN(struct attach_args, 0),
    TEXT(source, "file or device, or the name of a network disk", .flags = HVSH_REQUIRED | HVSH_EMPTY_OK, .offer = offer_files),
    TEXT(target, "what the guest calls it: vdb, sda", .flags = HVSH_REQUIRED),
    TEXT(targetbus, "bus it is plugged into", .choices = buses),
    TEXT(driver, "name of the driver"),
    TEXT(subdriver, "format of the image", .choices = formats),
    TEXT(iothread, "the I/O thread that serves it", .scope = "domain", .offer = offer_iothreads),
    TEXT(cache, "use of the host's cache", .choices = caches),
    TEXT(io, "how the host reads and writes", .choices = ios),
    TEXT(type, "kind of device", .choices = devices),
    HVSH_ALIAS("shareable", "mode=shareable"),
    TEXT(mode, "readonly, or shareable with others", .choices = modes),
    TEXT(sourcetype, "what the source is; found out when it is not said", .choices = sources),
    TEXT(serial, "serial number"),
    TEXT(wwn, "world wide name, 16 hexadecimal digits"),
    TEXT(alias, "name for libvirt's users, ua-..."),
    HVSH_FLAG(struct attach_args, rawio, "the guest may send raw commands to it"),
    TEXT(address, "where the guest finds it: pci:0000.00.05.0, ccw:fe.0.0000, scsi:0.0.1, sata:0.0.1, ide:0.0.1, usb:1.2"),
    HVSH_FLAG(struct attach_args, multifunction, "its PCI slot has several functions"),
    DEVICE_PRINT(struct attach_args, print_xml),
    TEXT(source_protocol, "network disks: nbd, rbd, iscsi, https, ..."),
    TEXT(source_host_name, "network disks: the server, HOST or HOST:PORT"),
    TEXT(source_host_transport, "network disks: how the server is reached", .choices = transports),
    TEXT(source_host_socket, "network disks: socket of the server on this host", .offer = offer_files),
    TEXT(throttle_groups, "groups of throttles that it belongs to, separated by commas (libvirt 11.2)", .flags = HVSH_NAMED | LATER_ARG(11, 2)),
    DEVICE_AFFECT(struct attach_args, flags),
    HVSH_EXCLUDES("source-host-name", "source-host-socket"),
    HVSH_REQUIRES("source-host-name", "source-protocol"),
    HVSH_REQUIRES("source-host-transport", "source-protocol"),
    HVSH_REQUIRES("source-host-socket", "source-protocol"),
    HVSH_REQUIRES("source-host-socket", "source-host-transport"),
    HVSH_END
};
#undef TEXT

/* What --address may be, and which targets it is for; numbers are parted by one character each. */
enum { VD = 1, SD = 2, HD = 4, ANY = VD | SD | HD };
static const struct address {
    const char *prefix, *type;
    int targets, base;
    struct { const char *name, *format; } parts[5];
} addresses[] = {
    { "pci:", "pci", VD, 16, { { "domain", "0x%04lx" }, { "bus", "0x%02lx" }, { "slot", "0x%02lx" }, { "function", "0x%lx" } } },
    { "ccw:", "ccw", VD, 16, { { "cssid", "0x%02lx" }, { "ssid", "0x%lx" }, { "devno", "0x%04lx" } } },
    { "scsi:", "drive", SD, 10, { { "controller", "%lu" }, { "bus", "%lu" }, { "unit", "%lu" } } },
    { "sata:", "drive", SD, 10, { { "controller", "%lu" }, { "bus", "%lu" }, { "unit", "%lu" } } },
    { "usb:", "usb", SD, 10, { { "bus", "%lu" }, { "port", "%lu" } } },
    { "ide:", "drive", HD, 10, { { "controller", "%lu" }, { "bus", "%lu" }, { "unit", "%lu" } } },
};
static const struct { const char *prefix; int target; const char *sentence; } targets[] = {
    { "vd", VD, "expecting a pci:0000.00.00.00 or ccw:00.0.0000 address." },
    { "sd", SD, "expecting a scsi:00.00.00 or usb:00.00 or sata:00.00.00 address." },
    { "hd", HD, "expecting an ide:00.00.00 address." },
};

/* Format one number of an address with the format of its table. */
G_GNUC_PRINTF(2, 0)
static const char *number_text(hvsh_call *call, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list list;

    va_start(list, format);
    text = g_strdup_vprintf(format, list);
    va_end(list);
    return hvsh_printf(call, "%s", text);
}

static int add_address(hvsh_call *call, const struct attach_args *args, struct device_xml *xml)
{
    const struct address *address = NULL;
    const char *at, *values[5] = { NULL };
    const char *names[5] = { "bus", "bus", "bus", "bus", "bus" };

    if (!args->address)
        return 0;
    for (size_t i = 0; i < G_N_ELEMENTS(addresses) && !address; i++)
        if (g_str_has_prefix(args->address, addresses[i].prefix))
            address = &addresses[i];
    if (!address)
        return hvsh_fail(call, "Invalid address.");
    at = args->address + strlen(address->prefix);
    for (int i = 0; address->parts[i].name; i++) {
        unsigned long value;
        char *end;

        errno = 0;
        value = strtoul(at, &end, address->base);
        if (errno || end == at || value > UINT32_MAX || memchr(at, '-', (size_t)(end - at)) || (address->parts[i + 1].name && !*end))
            return hvsh_fail(call, "Invalid address.");
        names[i] = address->parts[i].name;
        values[i] = number_text(call, address->parts[i].format, value);
        at = end + 1;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(targets); i++)
        if (g_str_has_prefix(args->target, targets[i].prefix) && !(address->targets & targets[i].target))
            return hvsh_fail(call, "%s", targets[i].sentence);
    device_element(xml, "address", "type", address->type, names[0], values[0], names[1], values[1], names[2], values[2], names[3], values[3],
                   "multifunction", args->multifunction && g_str_equal(address->type, "pci") ? "on" : NULL, NULL);
    return 0;
}

/* Where the data are: --sourcetype, or what the other options and the file itself say. NULL after a failure. */
static const char *source_type(hvsh_call *call, const struct attach_args *args)
{
    struct stat status;
    const char *type;

    if (!args->sourcetype) {
        if (args->source_protocol)
            return "network";
        return stat(args->source, &status) == 0 && S_ISBLK(status.st_mode) ? "block" : "file";
    }
    if (!object_choice(sources, args->sourcetype)) {
        hvsh_fail(call, "Unknown source type: '%s'", args->sourcetype);
        return NULL;
    }
    type = args->sourcetype;
    if (g_str_equal(type, "network") != (args->source_protocol != NULL)) {
        hvsh_fail(call, "--source-protocol option requires --sourcetype network");
        return NULL;
    }
    return type;
}

static void add_source(hvsh_call *call, const struct attach_args *args, const char *type, struct device_xml *xml)
{
    const char *host = args->source_host_name, *port = host ? strchr(host, ':') : NULL;

    if (!g_str_equal(type, "network")) {
        device_element(xml, "source", g_str_equal(type, "block") ? "dev" : "file", args->source, NULL);
    } else if (!host && !args->source_host_transport && !args->source_host_socket) {
        device_element(xml, "source", "protocol", args->source_protocol, "name", args->source, NULL);
    } else {
        device_open(xml, "source", "protocol", args->source_protocol, "name", args->source, NULL);
        if (port)
            host = hvsh_printf(call, "%.*s", (int)(port++ - host), host);
        device_element(xml, "host", "transport", args->source_host_transport, "name", host, "port", port,
                       "socket", args->source_host_socket, NULL);
        device_close(xml, "source");
    }
}

static bool is_wwn(const char *text)
{
    return strlen(text) == 16 && strspn(text, "0123456789abcdefABCDEF") == 16;
}

static void add_throttles(const struct attach_args *args, struct device_xml *xml)
{
    g_auto(GStrv) groups = args->throttle_groups ? g_strsplit(args->throttle_groups, ",", -1) : NULL;

    if (!groups)
        return;
    device_open(xml, "throttlefilters", NULL);
    for (char **group = groups; *group; group++)
        device_element(xml, "throttlefilter", "group", *group, NULL);
    device_close(xml, "throttlefilters");
}

OBJECT_MESSAGE(disk_attached, "Disk attached successfully");

static int attach_run(hvsh_call *call, const void *p)
{
    const struct attach_args *args = p;
    const char *type = source_type(call, args);
    struct device_change change = {
        .deed = DEVICE_ATTACH, .flags = args->flags, .done = &disk_attached, .failure = "Failed to attach disk",
    };
    struct device_xml xml;

    if (!type)
        return -1;
    if (args->mode && !object_choice(modes, args->mode))
        return hvsh_fail(call, "No support for %s in command 'attach-disk'", args->mode);
    if (args->wwn && !is_wwn(args->wwn))
        return hvsh_fail(call, "internal error: Malformed wwn: %s", args->wwn);
    xml = device_document(call);
    device_open(&xml, "disk", "type", type, "device", args->type, "rawio", args->rawio ? "yes" : NULL, NULL);
    device_element(&xml, "driver", "name", args->driver, "type", args->subdriver, "iothread", args->iothread, "cache", args->cache,
                   "io", args->io, NULL);
    add_source(call, args, type, &xml);
    device_element(&xml, "target", "dev", args->target, "bus", args->targetbus, NULL);
    if (args->mode)
        device_text(&xml, args->mode, "");
    device_text(&xml, "serial", args->serial);
    device_element(&xml, "alias", "name", args->alias, NULL);
    device_text(&xml, "wwn", args->wwn);
    add_throttles(args, &xml);
    if (add_address(call, args, &xml) < 0)
        return -1;
    device_close(&xml, "disk");
    if (!args->print_xml && later_option(call, "throttle-groups", 11, 2) < 0)
        return -1;
    if (!args->print_xml && (!(change.domain = domain_late(call)) || device_flags(call, change.domain, &change.flags) < 0))
        return -1;
    return device_change(call, &change, xml.text->str);
}

const struct hvsh_command COMMAND(attach_disk) = {
    .name = "attach-disk",
    .group = "domain",
    .help = "attach disk device",
    .description = "Give the guest another disk, drive or network disk. --print-xml shows the device's XML, which attach-device takes too.",
    .args = attach_args,
    .args_size = sizeof(struct attach_args),
    .shapes = HVSH_SHAPES(&disk_attached, &xml_shape),
    .examples = HVSH_EXAMPLES({ "attach-disk web1 /var/lib/libvirt/images/data.qcow2 vdb --subdriver qcow2 --persistent",
                                "now and from the next start on", HVSH_MATCH_ONLY },
                              { "attach-disk test data.img vdb --print-xml", "only show how" }),
    .run = attach_run,
};

/* ---- detach-disk ---- */

/* What the source stands on is libvirt's own finding: it is not given back. */
static void forget_backing(struct xml *xml, xmlNode *disk)
{
    xmlNode *backing = xml_first(xml, disk, "backingStore");

    if (backing) {
        xmlUnlinkNode(backing);
        xmlFreeNode(backing);
    }
}

/* The disk with this target or source, of any kind or of those that take media; NULL after a failure. */
static xmlNode *find_disk(hvsh_call *call, struct xml *xml, const char *name, bool removable)
{
    struct xml_nodes disks = xml_find(xml, NULL, "/domain/devices/disk");

    for (size_t i = 0; i < disks.count; i++) {
        const char *kind = xml_text(xml, disks.items[i], "@device");
        struct xml_nodes names = xml_find(xml, disks.items[i], "target/@dev | source/@file | source/@dev | source/@dir | source/@name");

        if (removable && g_strcmp0(kind, "cdrom") != 0 && g_strcmp0(kind, "floppy") != 0)
            continue;
        for (size_t n = 0; n < names.count; n++)
            if (g_strcmp0(xml_text(xml, names.items[n], "."), name) == 0) {
                forget_backing(xml, disks.items[i]);
                return disks.items[i];
            }
    }
    hvsh_fail(call, "No disk found whose source path or target is %s", name);
    return NULL;
}

struct detach_args { virDomainPtr domain; const char *target; bool print_xml; unsigned int flags; };

static const struct hvsh_field detach_args[] = {
    DOMAIN(struct detach_args, 0),
    HVSH_TEXT(struct detach_args, target, "the disk: what the guest calls it, or its source", .flags = HVSH_REQUIRED, .scope = "domain",
              .offer = offer_disks),
    DEVICE_AFFECT(struct detach_args, flags),
    DEVICE_PRINT(struct detach_args, print_xml),
    HVSH_END
};

OBJECT_MESSAGE(disk_detached, "Disk detached successfully");

static int detach_run(hvsh_call *call, const void *p)
{
    const struct detach_args *args = p;
    struct device_change change = {
        .domain = args->domain, .deed = DEVICE_DETACH, .flags = args->flags, .done = &disk_detached, .failure = "Failed to detach disk",
    };
    struct xml *xml;
    xmlNode *disk;

    if (device_flags(call, args->domain, &change.flags) < 0)
        return -1;
    xml = device_source(call, args->domain, change.flags & VIR_DOMAIN_AFFECT_CONFIG ? VIR_DOMAIN_XML_INACTIVE : 0);
    disk = xml ? find_disk(call, xml, args->target, false) : NULL;
    return disk ? device_change(call, &change, xml_write(xml, disk)) : -1;
}

const struct hvsh_command COMMAND(detach_disk) = {
    .name = "detach-disk",
    .group = "domain",
    .help = "detach disk device",
    .args = detach_args,
    .args_size = sizeof(struct detach_args),
    .shapes = HVSH_SHAPES(&disk_detached, &xml_shape),
    .examples = HVSH_EXAMPLES({ "detach-disk web1 vdb --persistent", "now and from the next start on", HVSH_MATCH_ONLY }),
    .run = detach_run,
};

/* ---- change-media ---- */

struct media_args { virDomainPtr domain; const char *path, *source; bool eject, insert, update, block, print_xml; unsigned int flags; };

static const struct hvsh_field media_args[] = {
    DOMAIN(struct media_args, 0),
    HVSH_TEXT(struct media_args, path, "the drive: what the guest calls it, or its source", .flags = HVSH_REQUIRED, .scope = "domain",
              .offer = offer_drives),
    HVSH_TEXT(struct media_args, source, "file or device with the new medium", .offer = offer_files),
    HVSH_FLAG(struct media_args, eject, "take the medium out"),
    HVSH_FLAG(struct media_args, insert, "put a medium into the empty drive"),
    HVSH_FLAG(struct media_args, update, "change the medium (the default)"),
    HVSH_AFFECT(struct media_args, flags),
    HVSH_BIT(struct media_args, flags, "force", VIR_DOMAIN_DEVICE_MODIFY_FORCE, "even when the guest has locked the tray"),
    DEVICE_PRINT(struct media_args, print_xml),
    HVSH_FLAG(struct media_args, block, "the new medium is a device"),
    HVSH_EXCLUDES("eject", "insert update block"),
    HVSH_EXCLUDES("insert", "update"),
    HVSH_END
};

/* Put the new source before the target, on a line of its own. */
static void set_source(xmlNode *disk, xmlNode *target, const struct media_args *args, const char *policy)
{
    xmlNode *source = xmlNewDocNode(disk->doc, NULL, BAD_CAST "source", NULL);

    xmlNewProp(source, BAD_CAST(args->block ? "dev" : "file"), BAD_CAST args->source);
    if (policy)
        xmlNewProp(source, BAD_CAST "startupPolicy", BAD_CAST policy);
    xmlAddPrevSibling(target, source);
    xmlAddPrevSibling(target, xmlNewDocText(disk->doc, BAD_CAST "\n      "));
}

OBJECT_MESSAGE(ejected, "Successfully ejected media.");
OBJECT_MESSAGE(inserted, "Successfully inserted media.");
OBJECT_MESSAGE(media_updated, "Successfully updated media.");

static int media_run(hvsh_call *call, const void *p)
{
    const struct media_args *args = p;
    const char *verb = args->eject ? "eject" : args->insert ? "insert" : "update", *policy;
    const struct device_change change = {
        .domain = args->domain, .deed = DEVICE_UPDATE, .flags = args->flags,
        .done = args->eject ? &ejected : args->insert ? &inserted : &media_updated,
        .failure = hvsh_printf(call, "Failed to complete action %s on media", verb),
    };
    struct xml *xml;
    xmlNode *disk, *source, *target;
    bool full;

    xml = device_source(call, args->domain, args->flags & VIR_DOMAIN_AFFECT_CONFIG ? VIR_DOMAIN_XML_INACTIVE : 0);
    disk = xml ? find_disk(call, xml, args->path, true) : NULL;
    target = disk ? xml_first(xml, disk, "target") : NULL;
    if (!target)
        return -1;
    if (!args->eject && !args->update && !args->source)
        return hvsh_fail(call, "New disk media source was not specified");
    source = xml_first(xml, disk, "source");
    /* newer versions of libvirt number the source of an empty drive, too */
    full = source && xml_first(xml, source, "@*[name() != 'index']");
    if (args->insert && full)
        return hvsh_fail(call, "The disk device '%s' already has media", args->path);
    if (!full && (args->eject || !args->source))
        return hvsh_fail(call, "The disk device '%s' doesn't have media", args->path);
    policy = xml_text(xml, disk, "source/@startupPolicy");
    if (source) {
        xmlUnlinkNode(source);
        xmlFreeNode(source);
    }
    /* an empty drive of whatever kind is one of files */
    xmlSetProp(disk, BAD_CAST "type", BAD_CAST(args->block && !args->eject ? "block" : "file"));
    if (args->source && !args->eject)
        set_source(disk, target, args, policy);
    return device_change(call, &change, xml_write(xml, disk));
}

const struct hvsh_command COMMAND(change_media) = {
    .name = "change-media",
    .group = "domain",
    .help = "Change media of CD or floppy drive",
    .args = media_args,
    .args_size = sizeof(struct media_args),
    .shapes = HVSH_SHAPES(&media_updated, &inserted, &ejected, &xml_shape),
    .examples = HVSH_EXAMPLES({ "change-media web1 sda --eject", "take it out", HVSH_MATCH_ONLY },
                              { "change-media web1 sda /var/lib/libvirt/images/debian.iso --insert", "put it in", HVSH_MATCH_ONLY }),
    .run = media_run,
};
