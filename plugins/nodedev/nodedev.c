/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nodedev.c - devices of the host: virsh's group "nodedev". */
#include "events.h"
#include "object.h"
#include <glib.h>
#include <stdlib.h>
#include <strings.h>

#if !LIBVIR_CHECK_VERSION(9, 0, 0)
enum { VIR_NODE_DEVICE_CREATE_XML_VALIDATE = 1 << 0, VIR_NODE_DEVICE_DEFINE_XML_VALIDATE = 1 << 0 };
#endif

#define DEVICE(s) HVSH_NODEDEV(s, device, "device name or wwn pair in 'wwnn,wwpn' format", .flags = HVSH_REQUIRED)

struct only_device { virNodeDevicePtr device; };
static const struct hvsh_field only_device[] = { DEVICE(struct only_device), HVSH_END };

static void free_device(void *device)
{
    virNodeDeviceFree(device);
}

/* ---- nodedev-list ---- */

#define CAPABILITY(word, flag) { word, VIR_CONNECT_LIST_NODE_DEVICES_CAP_##flag }
static const struct hvsh_choice capabilities[] = {
    CAPABILITY("system", SYSTEM), CAPABILITY("pci", PCI_DEV), CAPABILITY("usb_device", USB_DEV), CAPABILITY("usb", USB_INTERFACE),
    CAPABILITY("net", NET), CAPABILITY("scsi_host", SCSI_HOST), CAPABILITY("scsi_target", SCSI_TARGET), CAPABILITY("scsi", SCSI),
    CAPABILITY("storage", STORAGE), CAPABILITY("fc_host", FC_HOST), CAPABILITY("vports", VPORTS),
    CAPABILITY("scsi_generic", SCSI_GENERIC), CAPABILITY("drm", DRM), CAPABILITY("mdev_types", MDEV_TYPES), CAPABILITY("mdev", MDEV),
    CAPABILITY("ccw", CCW_DEV), CAPABILITY("css", CSS_DEV), CAPABILITY("vdpa", VDPA), CAPABILITY("ap_card", AP_CARD),
    CAPABILITY("ap_queue", AP_QUEUE), CAPABILITY("ap_matrix", AP_MATRIX), CAPABILITY("vpd", VPD), { NULL }
};

struct list_args { bool tree; HVSH_LIST_OF(const char *) cap; bool inactive, all; };

static const struct hvsh_field list_args[] = {
    HVSH_FLAG(struct list_args, tree, "as a tree"),
    HVSH_TEXTS(struct list_args, cap, HVSH_COMMA | HVSH_EMPTY_OK, "only devices that have one of these capabilities", .choices = capabilities),
    HVSH_FLAG(struct list_args, inactive, "only inactive devices"),
    HVSH_FLAG(struct list_args, all, "inactive and active devices"),
    HVSH_EXCLUDES("tree", "cap inactive", .help = "Option --tree is incompatible with --cap and --inactive"),
    HVSH_EXCLUDES("all", "inactive", .help = "Option --all is incompatible with --inactive"),
    HVSH_END
};

struct list_row { const char *name, *parent; };

static const struct hvsh_field list_row[] = {
    HVSH_TEXT(struct list_row, name, "name"),
    HVSH_TEXT(struct list_row, parent, "the device it is part of"),
    HVSH_END
};

static const struct hvsh_shape lines = { .name = "devices", .kind = HVSH_LINES, HVSH_ROW(list_row), .text = "{name}" };
static const struct hvsh_shape tree = { .name = "devices", .kind = HVSH_TREE, HVSH_ROW(list_row) };

struct entry { virNodeDevicePtr device; struct list_row row; };

static int by_name(const void *a, const void *b)
{
    return strcasecmp(((const struct entry *)a)->row.name, ((const struct entry *)b)->row.name);
}

/* Runs on workers. */
static void ask_parent(void *p)
{
    struct entry *entry = p;

    entry->row.parent = virNodeDeviceGetParent(entry->device);
}

/* The words of --cap as list flags. */
static int cap_filter(hvsh_call *call, const struct list_args *args, unsigned int *filter)
{
    for (size_t i = 0; i < args->cap.count; i++) {
        const struct hvsh_choice *choice = object_choice(capabilities, args->cap.items[i]);

        if (!choice)
            return hvsh_fail(call, "Invalid capability type");
        *filter |= (unsigned int)choice->value;
    }
    return 0;
}

/* The devices; a driver that knows of active ones only does not know the words for it (virsh gives up there). */
static int list_devices(virConnectPtr connection, const struct list_args *args, unsigned int filter, virNodeDevicePtr **devices)
{
    unsigned int state = args->inactive ? VIR_CONNECT_LIST_NODE_DEVICES_INACTIVE : VIR_CONNECT_LIST_NODE_DEVICES_ACTIVE;
    int count;

    if (args->all)
        state |= VIR_CONNECT_LIST_NODE_DEVICES_INACTIVE;
    count = virConnectListAllNodeDevices(connection, devices, filter | state);
    if (count >= 0 || args->inactive || virGetLastErrorCode() != VIR_ERR_INVALID_ARG)
        return count;
    return virConnectListAllNodeDevices(connection, devices, filter);
}

static int list_run(hvsh_call *call, const void *p)
{
    const struct list_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    const struct hvsh_shape *shape = args->tree ? &tree : &lines;
    virNodeDevicePtr *devices = NULL;
    unsigned int filter = 0;
    struct entry *entries;
    void **asked;
    int count;

    if (!connection || cap_filter(call, args, &filter) < 0)
        return -1;
    count = list_devices(connection, args, filter, &devices);
    if (count < 0)
        return hvsh_fail_virt(call, "Failed to list node devices");
    hvsh_own_text(call, (char *)devices);
    entries = hvsh_defer(call, g_new0(struct entry, count + 1), g_free);
    asked = hvsh_defer(call, g_new0(void *, count + 1), g_free);
    for (int i = 0; i < count; i++) {
        entries[i].device = hvsh_defer(call, devices[i], free_device);
        entries[i].row.name = virNodeDeviceGetName(devices[i]);
        asked[i] = &entries[i];
    }
    qsort(entries, (size_t)count, sizeof(*entries), by_name);
    if (count && hvsh_wants(call, shape, "parent") && hvsh_each(call, ask_parent, asked, (size_t)count, 8) < 0)
        return -1;
    hvsh_begin(call, shape);
    for (int i = 0; i < count; i++)
        if (hvsh_emit(call, shape, &entries[i].row) < 0)
            return -1;
    return 0;
}

static const struct hvsh_command nodedev_list = {
    .name = "nodedev-list",
    .group = "nodedev",
    .help = "enumerate devices on this host",
    HVSH_ARGS(list_args),
    .shapes = HVSH_SHAPES(&lines, &tree),
    .examples = HVSH_EXAMPLES({ "nodedev-list --tree", "what is part of what" }, { "nodedev-list --cap pci,usb_device", "what could be passed to guests" }),
    .run = list_run,
};

/* ---- nodedev-info, nodedev-dumpxml ---- */

struct info_row { const char *name, *parent; bool active, persistent, autostart; const char *autostart_text; };

static const struct hvsh_field info_row[] = {
    HVSH_TEXT(struct info_row, name, "name", .label = "Name:"),
    HVSH_TEXT(struct info_row, parent, "the device it is part of", .label = "Parent:", .missing = ""),
    HVSH_FLAG(struct info_row, active, "is it there?", .label = "Active:"),
    HVSH_FLAG(struct info_row, persistent, "is it defined?", .label = "Persistent:"),
    HVSH_FLAG(struct info_row, autostart, "does it start with the host?"),
    HVSH_TEXT(struct info_row, autostart_text, "does it start with the host?", .label = "Autostart:", .flags = HVSH_HIDE),
    HVSH_END
};

static const struct hvsh_shape info_shape = { .name = "info", .kind = HVSH_RECORD, HVSH_ROW(info_row) };

static int info_run(hvsh_call *call, const void *p)
{
    virNodeDevicePtr device = ((const struct only_device *)p)->device;
    struct info_row row = { virNodeDeviceGetName(device), virNodeDeviceGetParent(device), true, true, false, "no autostart" };
    int autostart;

    row.active = virNodeDeviceIsActive(device) != 0;
    row.persistent = virNodeDeviceIsPersistent(device) != 0;
    if (virNodeDeviceGetAutostart(device, &autostart) == 0) {
        row.autostart = autostart;
        row.autostart_text = autostart ? "yes" : "no";
    }
    return hvsh_emit(call, &info_shape, &row);
}

static const struct hvsh_command nodedev_info = {
    .name = "nodedev-info",
    .group = "nodedev",
    .help = "node device information",
    HVSH_ARGS(only_device),
    .shapes = HVSH_SHAPES(&info_shape),
    .examples = HVSH_EXAMPLES({ "nodedev-info computer", "what is known of it" }),
    .run = info_run,
};

struct dumpxml_args { virNodeDevicePtr device; struct xml_choice xml; };

static const struct hvsh_field dumpxml_args[] = { DEVICE(struct dumpxml_args), OBJECT_XML_ROWS(struct dumpxml_args), HVSH_END };

static int dumpxml_run(hvsh_call *call, const void *p)
{
    const struct dumpxml_args *args = p;

    return object_xml(call, virNodeDeviceGetXMLDesc(args->device, 0), &args->xml);
}

static const struct hvsh_command nodedev_dumpxml = {
    .name = "nodedev-dumpxml",
    .group = "nodedev",
    .help = "node device details in XML",
    HVSH_ARGS(dumpxml_args),
    .shapes = HVSH_SHAPES(&xml_shape),
    .examples = HVSH_EXAMPLES({ "nodedev-dumpxml computer --xpath //hardware", "a part of it" }),
    .run = dumpxml_run,
};

/* ---- nodedev-create, nodedev-define ---- */

struct file_args { const char *file; unsigned int flags; };

static const struct hvsh_field create_args[] = {
    HVSH_XML(struct file_args, file, "file with the XML of the device", .flags = HVSH_REQUIRED),
    HVSH_BIT(struct file_args, flags, "validate", VIR_NODE_DEVICE_CREATE_XML_VALIDATE, "check the XML against the schema"),
    HVSH_END
};

OBJECT_MESSAGE(created, "Node device {name} created from {file}");

static int create_run(hvsh_call *call, const void *p)
{
    const struct file_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    const char *file = hvsh_text(call, "file");
    virNodeDevicePtr device;

    if (!connection)
        return -1;
    device = hvsh_defer(call, virNodeDeviceCreateXML(connection, args->file, args->flags), free_device);
    if (!device)
        return hvsh_fail_virt(call, "Failed to create node device from %s", file);
    return object_say(call, &created, virNodeDeviceGetName(device), NULL, file);
}

static const struct hvsh_command nodedev_create = {
    .name = "nodedev-create",
    .group = "nodedev",
    .help = "create a device of the host from an XML file",
    .description = "Make a device on the host: a virtual fibre channel port, a mediated device. It is gone when the host is restarted.",
    .args = create_args,
    .args_size = sizeof(struct file_args),
    .shapes = HVSH_SHAPES(&created),
    .examples = HVSH_EXAMPLES({ "nodedev-create vhba.xml", "a virtual port", HVSH_MATCH_ONLY }),
    .run = create_run,
};

static const struct hvsh_field define_args[] = {
    HVSH_XML(struct file_args, file, "file with the XML of the device", .flags = HVSH_REQUIRED),
    HVSH_BIT(struct file_args, flags, "validate", VIR_NODE_DEVICE_DEFINE_XML_VALIDATE, "check the XML against the schema"),
    HVSH_END
};

OBJECT_MESSAGE(defined, "Node device '{name}' defined from '{file}'");

static int define_run(hvsh_call *call, const void *p)
{
    const struct file_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    const char *file = hvsh_text(call, "file");
    virNodeDevicePtr device;

    if (!connection)
        return -1;
    device = hvsh_defer(call, virNodeDeviceDefineXML(connection, args->file, args->flags), free_device);
    if (!device)
        return hvsh_fail_virt(call, "Failed to define node device from '%s'", file);
    return object_say(call, &defined, virNodeDeviceGetName(device), NULL, file);
}

static const struct hvsh_command nodedev_define = {
    .name = "nodedev-define",
    .group = "nodedev",
    .help = "define a device of the host from an XML file",
    .description = "Make a device known that can be made and taken away at will: a mediated device. It is not started.",
    .args = define_args,
    .args_size = sizeof(struct file_args),
    .shapes = HVSH_SHAPES(&defined),
    .examples = HVSH_EXAMPLES({ "nodedev-define mdev.xml", "a mediated device", HVSH_MATCH_ONLY }),
    .run = define_run,
};

/* ---- the deeds: a device, a call, a sentence ---- */

#define GIVEN hvsh_text(call, "device")

static int say(hvsh_call *call, const struct hvsh_shape *done, virNodeDevicePtr device)
{
    return object_say_given(call, done, virNodeDeviceGetName(device), NULL, "device");
}

static const struct hvsh_field destroy_args[] = { DEVICE(struct only_device), HVSH_ALIAS("name", "device"), HVSH_END };

OBJECT_MESSAGE(destroyed, "Destroyed node device '{given}'");

static int destroy_run(hvsh_call *call, const void *p)
{
    virNodeDevicePtr device = ((const struct only_device *)p)->device;

    if (virNodeDeviceDestroy(device) < 0)
        return hvsh_fail_virt(call, "Failed to destroy node device '%s'", GIVEN);
    return say(call, &destroyed, device);
}

static const struct hvsh_command nodedev_destroy = {
    .name = "nodedev-destroy",
    .group = "nodedev",
    .help = "destroy (stop) a device of the host",
    .description = "Take a virtual device of the host away: a virtual fibre channel port, a mediated device.",
    .args = destroy_args,
    .args_size = sizeof(struct only_device),
    .shapes = HVSH_SHAPES(&destroyed),
    .examples = HVSH_EXAMPLES({ "nodedev-destroy scsi_host12", "it is gone", HVSH_MATCH_ONLY }),
    .run = destroy_run,
};

struct detach_args { virNodeDevicePtr device; const char *driver; };

static const struct hvsh_choice backends[] = { { "vfio", 0, "KVM" }, { "xen", 0, "Xen" }, { NULL } };

static const struct hvsh_field detach_args[] = {
    DEVICE(struct detach_args),
    HVSH_TEXT(struct detach_args, driver, "what takes it over", .choices = backends),
    HVSH_END
};

OBJECT_MESSAGE(detached, "Device {given} detached");

static int detach_run(hvsh_call *call, const void *p)
{
    const struct detach_args *args = p;

    if ((args->driver ? virNodeDeviceDetachFlags(args->device, args->driver, 0) : virNodeDeviceDettach(args->device)) < 0)
        return hvsh_fail_virt(call, "Failed to detach device %s", GIVEN);
    return say(call, &detached, args->device);
}

static const struct hvsh_command nodedev_detach = {
    .name = "nodedev-detach",
    .group = "nodedev",
    .help = "detach node device from its device driver",
    .description = "Take a device from the host, so that a guest can have it.",
    HVSH_ARGS(detach_args),
    .shapes = HVSH_SHAPES(&detached),
    .examples = HVSH_EXAMPLES({ "nodedev-detach pci_0000_03_00_0 --driver vfio", "the host lets it go", HVSH_MATCH_ONLY }),
    .run = detach_run,
};

static const struct hvsh_command nodedev_dettach = { .name = "nodedev-dettach", .alias_of = "nodedev-detach" };

OBJECT_MESSAGE(reattached, "Device {given} re-attached");

static int reattach_run(hvsh_call *call, const void *p)
{
    virNodeDevicePtr device = ((const struct only_device *)p)->device;

    if (virNodeDeviceReAttach(device) < 0)
        return hvsh_fail_virt(call, "Failed to re-attach device %s", GIVEN);
    return say(call, &reattached, device);
}

static const struct hvsh_command nodedev_reattach = {
    .name = "nodedev-reattach",
    .group = "nodedev",
    .help = "reattach node device to its device driver",
    .description = "Give a device back to the host, which no guest has any more.",
    HVSH_ARGS(only_device),
    .shapes = HVSH_SHAPES(&reattached),
    .examples = HVSH_EXAMPLES({ "nodedev-reattach pci_0000_03_00_0", "the host has it again", HVSH_MATCH_ONLY }),
    .run = reattach_run,
};

OBJECT_MESSAGE(was_reset, "Device {given} reset");

static int reset_run(hvsh_call *call, const void *p)
{
    virNodeDevicePtr device = ((const struct only_device *)p)->device;

    if (virNodeDeviceReset(device) < 0)
        return hvsh_fail_virt(call, "Failed to reset device %s", GIVEN);
    return say(call, &was_reset, device);
}

static const struct hvsh_command nodedev_reset = {
    .name = "nodedev-reset",
    .group = "nodedev",
    .help = "reset node device",
    .description = "Bring a PCI device that nobody uses into the state it has after power-on.",
    HVSH_ARGS(only_device),
    .shapes = HVSH_SHAPES(&was_reset),
    .examples = HVSH_EXAMPLES({ "nodedev-reset pci_0000_03_00_0", "before a guest gets it", HVSH_MATCH_ONLY }),
    .run = reset_run,
};

OBJECT_MESSAGE(undefined, "Undefined node device '{given}'");

static int undefine_run(hvsh_call *call, const void *p)
{
    virNodeDevicePtr device = ((const struct only_device *)p)->device;

    if (virNodeDeviceUndefine(device, 0) < 0)
        return hvsh_fail_virt(call, "Failed to undefine node device '%s'", GIVEN);
    return say(call, &undefined, device);
}

static const struct hvsh_command nodedev_undefine = {
    .name = "nodedev-undefine",
    .group = "nodedev",
    .help = "undefine an inactive node device",
    .description = "Forget the definition of a mediated device.",
    HVSH_ARGS(only_device),
    .shapes = HVSH_SHAPES(&undefined),
    .examples = HVSH_EXAMPLES({ "nodedev-undefine mdev_c60cc60c_c60c_c60c_c60c_c60cc60cc60c_0000_06_00_0", "forget it", HVSH_MATCH_ONLY }),
    .run = undefine_run,
};

OBJECT_MESSAGE(started, "Device {given} started");

static int start_run(hvsh_call *call, const void *p)
{
    virNodeDevicePtr device = ((const struct only_device *)p)->device;

    if (virNodeDeviceCreate(device, 0) < 0)
        return hvsh_fail_virt(call, "Failed to start device %s", GIVEN);
    return say(call, &started, device);
}

static const struct hvsh_command nodedev_start = {
    .name = "nodedev-start",
    .group = "nodedev",
    .help = "start an inactive node device",
    .description = "Make a mediated device that is defined.",
    HVSH_ARGS(only_device),
    .shapes = HVSH_SHAPES(&started),
    .examples = HVSH_EXAMPLES({ "nodedev-start mdev_c60cc60c_c60c_c60c_c60c_c60cc60cc60c_0000_06_00_0", "make it", HVSH_MATCH_ONLY }),
    .run = start_run,
};

struct autostart_args { virNodeDevicePtr device; bool disable; };

static const struct hvsh_field autostart_args[] = {
    DEVICE(struct autostart_args),
    HVSH_FLAG(struct autostart_args, disable, "no longer start it"),
    HVSH_END
};

OBJECT_MESSAGE(marked, "Device {given} marked as autostarted");
OBJECT_MESSAGE(unmarked, "Device {given} unmarked as autostarted");

static int autostart_run(hvsh_call *call, const void *p)
{
    const struct autostart_args *args = p;

    if (virNodeDeviceSetAutostart(args->device, !args->disable) < 0)
        return hvsh_fail_virt(call, "failed to %s device %s as autostarted", args->disable ? "unmark" : "mark", GIVEN);
    return say(call, args->disable ? &unmarked : &marked, args->device);
}

static const struct hvsh_command nodedev_autostart = {
    .name = "nodedev-autostart",
    .group = "nodedev",
    .help = "autostart a defined node device",
    .description = "Make the device whenever the host starts, or when what it is part of appears.",
    HVSH_ARGS(autostart_args),
    .shapes = HVSH_SHAPES(&marked, &unmarked),
    .examples = HVSH_EXAMPLES({ "nodedev-autostart mdev_c60cc60c_c60c_c60c_c60c_c60cc60cc60c_0000_06_00_0", "with the host", HVSH_MATCH_ONLY }),
    .run = autostart_run,
};

/* ---- nodedev-event ---- */

static const struct hvsh_choice kinds[] = {
    { "lifecycle", VIR_NODE_DEVICE_EVENT_ID_LIFECYCLE, "created, deleted, defined, undefined" },
    { "update", VIR_NODE_DEVICE_EVENT_ID_UPDATE, "something of it has changed" },
    { NULL }
};

static const struct hvsh_choice changes[] = {
    { "Created", VIR_NODE_DEVICE_EVENT_CREATED }, { "Deleted", VIR_NODE_DEVICE_EVENT_DELETED },
    { "Defined", VIR_NODE_DEVICE_EVENT_DEFINED }, { "Undefined", VIR_NODE_DEVICE_EVENT_UNDEFINED },
    { NULL }
};

static void lifecycle(virConnectPtr connection, virNodeDevicePtr device, int change, int detail, void *to)
{
    struct event *event = event_new(to, virNodeDeviceGetName(device));
    const char *word = event_word(changes, change);

    (void)connection;
    (void)detail;
    event_detail(event, "change", word);
    event_tell(event, ": %s", word);
}

static void update(virConnectPtr connection, virNodeDevicePtr device, void *to)
{
    (void)connection;
    event_tell(event_new(to, virNodeDeviceGetName(device)), "%s", "");
}

static int subscribe(virConnectPtr connection, void *device, int kind, void *to)
{
    virConnectNodeDeviceEventGenericCallback callback = kind == VIR_NODE_DEVICE_EVENT_ID_LIFECYCLE ? VIR_NODE_DEVICE_EVENT_CALLBACK(lifecycle)
                                                                                                   : VIR_NODE_DEVICE_EVENT_CALLBACK(update);

    return virConnectNodeDeviceEventRegisterAny(connection, device, kind, callback, to, event_done);
}

static const struct event_source source = { "node device ", "", kinds, subscribe, virConnectNodeDeviceEventDeregisterAny };

struct event_args { virNodeDevicePtr device; struct event_choice events; };

static const struct hvsh_field event_args[] = {
    HVSH_NODEDEV(struct event_args, device, "only of this device"),
    EVENT_ROWS(struct event_args, kinds),
    HVSH_END
};

static int event_command_run(hvsh_call *call, const void *p)
{
    const struct event_args *args = p;

    return event_run(call, &source, args->device, &args->events);
}

static const struct hvsh_command nodedev_event = {
    .name = "nodedev-event",
    .group = "nodedev",
    .help = "wait for events of devices of the host",
    .description = "Show the first event that comes, or with --loop all of them. The exit status is 1 when none has come.",
    HVSH_ARGS(event_args),
    .shapes = EVENT_SHAPES,
    .examples = HVSH_EXAMPLES({ "nodedev-event --list", "which events there are" },
                              { "nodedev-event --event lifecycle --loop", "what is plugged in and out", HVSH_MATCH_ONLY }),
    .run = event_command_run,
};

static const struct hvsh_command *const commands[] = {
    &nodedev_list, &nodedev_info, &nodedev_dumpxml, &nodedev_create, &nodedev_destroy, &nodedev_detach, &nodedev_dettach,
    &nodedev_reattach, &nodedev_reset, &nodedev_event, &nodedev_define, &nodedev_undefine, &nodedev_start, &nodedev_autostart, NULL
};

HVSH_PLUGIN(
    .name = "nodedev",
    .version = "1",
    .summary = "devices of the host, and giving them to guests",
    .commands = commands);
