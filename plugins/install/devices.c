/* SPDX-License-Identifier: GPL-3.0-or-later */
/* devices.c - the options of devices other than disks and networks: displays, lines, controllers, host devices. */
#include "install.h"
#include <stdlib.h>
#include <string.h>

/* ---- displays ------------------------------------------------------------------------------------------------------------------------ */

static bool has_port(const char *listen)
{
    return !listen || (strcmp(listen, "none") != 0 && strcmp(listen, "socket") != 0);
}

static int graphics(struct install *install, struct option *option, xmlNode *node)
{
    const char *type = option_take(option, "type"), *port = option_take(option, "port"), *tls = option_take(option, "tlsPort");
    const char *keymap = option_take(option, "keymap"), *listen = option_take(option, "listen");

    if (!type || strcmp(type, "default") == 0)
        type = install->host.no_spice || !install->host.x86 ? "vnc" : "spice";
    model_set(node, "@type", type);
    for (int i = 0; i < 2; i++) {
        const char *number = i ? tls : port;

        if (number && strcmp(number, "-1") != 0 && (number[strspn(number, "0123456789")] || strlen(number) > 5 || strtol(number, NULL, 10) < 5900 ||
                                                    strtol(number, NULL, 10) > 65535))
            return hvsh_fail(install->call, "--graphics: %s must be a port from 5900 to 65535, or -1 for any that is free, not '%s'", i ? "tlsPort" : "port", number);
    }
    if (strcmp(type, "sdl") == 0) {
        model_set(node, "@xauth", hvsh_defer(install->call, g_build_filename(g_get_home_dir(), ".Xauthority", NULL), g_free));
        model_set(node, "@display", g_getenv("DISPLAY"));
    }
    if (keymap && strcmp(keymap, "local") != 0 && strcmp(keymap, "none") != 0)
        model_set(node, "@keymap", keymap);
    /* a socket, or no way in at all, has no port */
    if ((strcmp(type, "vnc") == 0 || strcmp(type, "spice") == 0) && (port || tls || has_port(listen ? listen : option_look(option, "listens[].type")))) {
        model_set(node, "@port", port ? port : "-1");
        if (strcmp(type, "spice") == 0) {
            model_set(node, "@tlsPort", tls ? tls : "-1");
            if ((!port || strcmp(port, "-1") == 0) && (!tls || strcmp(tls, "-1") == 0))
                model_set(node, "@autoport", "yes");
        }
    } else if (port) {
        model_set(node, "@port", port);
    }
    if (listen && strcmp(listen, "none") == 0) {
        model_set(model_add(node, "listen"), "@type", "none");
    } else if (listen && strcmp(listen, "socket") == 0) {
        model_set(model_add(node, "listen"), "@type", "socket");
    } else if (listen) {
        model_set(node, "@listen", listen);
    }
    return option_apply(option, node);
}

/* ---- lines ----------------------------------------------------------------------------------------------------------------------------- */

/* host=name:port in its parts. */
static void set_host(hvsh_call *call, xmlNode *node, const char *mode, const char *text)
{
    const char *colon = strrchr(text, ':');
    xmlNode *source = NULL;

    for (xmlNode **all = model_all(call, node, "", "source"); *all; all++) {
        const char *has = model_get(call, *all, "@mode");

        if (has && strcmp(has, mode) == 0)
            source = *all;
    }
    if (!source)
        source = model_add(node, "source");
    model_set(source, "@mode", mode);
    model_set(source, "@host", colon == text ? "127.0.0.1" : colon ? hvsh_printf(call, "%.*s", (int)(colon - text), text) : text);
    if (colon)
        model_set(source, "@service", colon + 1);
}

/* The ends of a connection, each an element of its own. `prefix` is that of the sub-options, `place` that of the elements; `mode` NULL: not told. */
static void set_ends(struct option *option, xmlNode *node, const char *prefix, const char *place, const char *mode)
{
    static const struct { const char *name, *mode, *attribute; } ends[] = {
        { "bind_host", "bind", NULL }, { "source.bind_host", "bind", "@host" }, { "source.bind_service", "bind", "@service" },
        { "host", NULL, NULL }, { "source.host", NULL, "@host" }, { "source.service", NULL, "@service" },
        { "source.connect_host", "connect", "@host" }, { "source.connect_service", "connect", "@service" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        const char *end = ends[i].mode ? ends[i].mode : mode ? mode : "connect";
        const char *text = option_take(option, hvsh_printf(option->call, "%s%s", prefix, ends[i].name));

        if (text && ends[i].attribute && !ends[i].mode && !mode)
            model_set(node, hvsh_printf(option->call, "%ssource/%s", place, ends[i].attribute), text);
        else if (text && ends[i].attribute)
            model_set(node, hvsh_printf(option->call, "%ssource[@mode='%s']/%s", place, end, ends[i].attribute), text);
        else if (text)
            set_host(option->call, node, end, text);
    }
}

static int line(struct install *install, struct option *option, xmlNode *node)
{
    const char *type = option_look(option, "type"), *mode = option_look(option, "source.mode"), *text;

    if (!type)
        model_set(node, "@type", "pty");
    set_ends(option, node, "", "", mode ? mode : option_look(option, "mode"));
    text = option_take(option, "target.address");
    if (text) {
        const char *colon = strrchr(text, ':');

        model_set(node, "target/@address", colon ? hvsh_printf(install->call, "%.*s", (int)(colon - text), text) : text);
        if (colon)
            model_set(node, "target/@port", colon + 1);
    }
    if (option_apply(option, node) < 0)
        return -1;
    if (type && (strcmp(type, "unix") == 0 || strcmp(type, "tcp") == 0) && !model_has(node, "source/@mode"))
        model_set(node, "source/@mode", "bind");
    if (strcmp((const char *)node->name, "channel") == 0 && !model_has(node, "target/@type"))
        model_set(node, "target/@type", "virtio");
    /* a channel without a target has its usual one */
    if (strcmp((const char *)node->name, "channel") == 0 && type && (strcmp(type, "spicevmc") == 0 || strcmp(type, "qemu-vdagent") == 0)) {
        if (!model_has(node, "target/@name"))
            model_set(node, "target/@name", "com.redhat.spice.0");
    }
    return 0;
}

/* ---- devices of the host ---------------------------------------------------------------------------------------------------------------- */

/* Is this USB device there, by the numbers of its place or of its maker? */
static bool has_usb(struct install *install, const char *one, unsigned int first, const char *other, unsigned int second)
{
    virNodeDevicePtr *devices = NULL;
    int count = virConnectListAllNodeDevices(install->connection, &devices, VIR_CONNECT_LIST_NODE_DEVICES_CAP_USB_DEV);
    bool found = count < 0;        /* a host that tells nothing of its devices is not contradicted */

    for (int i = 0; i < count; i++) {
        struct xml *xml = found ? NULL : xml_take(install->call, virNodeDeviceGetXMLDesc(devices[i], 0), "the XML of a device");
        const char *a = xml ? xml_text(xml, NULL, hvsh_printf(install->call, "/device/capability/%s", one)) : NULL;
        const char *b = xml ? xml_text(xml, NULL, hvsh_printf(install->call, "/device/capability/%s", other)) : NULL;

        found = found || (a && b && strtoul(a, NULL, *a == '0' && a[1] == 'x' ? 16 : 10) == first && strtoul(b, NULL, *b == '0' && b[1] == 'x' ? 16 : 10) == second);
        virNodeDeviceFree(devices[i]);
    }
    free(devices);
    virResetLastError();
    return found;
}

static bool has_pci(struct install *install, unsigned int domain, unsigned int bus, unsigned int slot, unsigned int function)
{
    virNodeDevicePtr device = virNodeDeviceLookupByName(install->connection, hvsh_printf(install->call, "pci_%04x_%02x_%02x_%x", domain, bus, slot, function));
    bool missing = !device && virGetLastErrorCode() == VIR_ERR_NO_NODE_DEVICE;

    if (device)
        virNodeDeviceFree(device);
    virResetLastError();
    return !missing;
}

static int no_device(struct install *install, const char *name)
{
    hvsh_fail(install->call, "--hostdev: this host has no device '%s'", name);
    return hvsh_hint(install->call, "nodedev-list --cap pci and nodedev-list --cap usb_device show what there is");
}

/* "0000:00:19.0", "00:19.0", "001.003", "0x1234:0x5678", pci_0000_00_19_0 */
static int hostdev(struct install *install, struct option *option, xmlNode *node)
{
    static const struct { const char *type, *path; } capabilities[] = { { "net", "source/interface" }, { "misc", "source/char" }, { "storage", "source/block" } };
    const char *name = option_take(option, "name"), *type = option_look(option, "type");
    unsigned int a, b, c, d = 0;
    int end = 0;

    for (size_t i = 0; name && type && i < G_N_ELEMENTS(capabilities); i++)
        if (strcmp(capabilities[i].type, type) == 0) {
            model_set(node, "@mode", "capabilities");
            model_set(node, "@managed", "yes");
            model_set(node, capabilities[i].path, name);
            return option_apply(option, node);
        }
    model_set(node, "@mode", "subsystem");
    model_set(node, "@managed", "yes");
    if (!name)
        return option_apply(option, node);
    if ((sscanf(name, "%x:%x:%x.%x%n", &d, &a, &b, &c, &end) == 4 && !name[end]) || (sscanf(name, "pci_%x_%x_%x_%x%n", &d, &a, &b, &c, &end) == 4 && !name[end]) ||
        (d = 0, sscanf(name, "%x:%x.%x%n", &a, &b, &c, &end) == 3 && !name[end])) {
        if (install->host.qemu && !has_pci(install, d, a, b, c))
            return no_device(install, name);
        model_set(node, "@type", "pci");
        model_setf(node, "source/address/@domain", "%u", d);
        model_setf(node, "source/address/@bus", "%u", a);
        model_setf(node, "source/address/@slot", "%u", b);
        model_setf(node, "source/address/@function", "%u", c);
    } else if (sscanf(name, "%u.%u%n", &a, &b, &end) == 2 && !name[end]) {
        if (install->host.qemu && !has_usb(install, "bus", a, "device", b))
            return no_device(install, name);
        model_set(node, "@type", "usb");
        model_setf(node, "source/address/@bus", "%u", a);
        model_setf(node, "source/address/@device", "%u", b);
    } else if (sscanf(name, "%x:%x%n", &a, &b, &end) == 2 && !name[end]) {
        if (install->host.qemu && !has_usb(install, "vendor/@id", a, "product/@id", b))
            return no_device(install, name);
        model_set(node, "@type", "usb");
        model_setf(node, "source/vendor/@id", "0x%04x", a);
        model_setf(node, "source/product/@id", "0x%04x", b);
    } else {
        hvsh_fail(install->call, "--hostdev: '%s' names no device of the host", name);
        return hvsh_hint(install->call, "PCI devices are 0000:00:19.0 or pci_0000_00_19_0, USB devices 001.003 (bus and device) or 0x1234:0x5678");
    }
    return option_apply(option, node);
}

/* ---- small rules -------------------------------------------------------------------------------------------------------------------------- */

static int controller(struct install *install, struct option *option, xmlNode *node)
{
    const char *type = option_look(option, "type");

    /* usb2 and usb3 are short for what they need */
    if (type && strcmp(type, "usb2") == 0) {
        static const struct { const char *model, *port; } parts[] = { { "ich9-ehci1", NULL }, { "ich9-uhci1", "0" }, { "ich9-uhci2", "2" }, { "ich9-uhci3", "4" } };

        option_take(option, "type");
        for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
            xmlNode *part = i ? model_add(install->domain, "devices/controller") : node;

            model_set(part, "@type", "usb");
            model_set(part, "@model", parts[i].model);
            model_set(part, "master/@startport", parts[i].port);
        }
    } else if (type && strcmp(type, "usb3") == 0) {
        option_take(option, "type");
        model_set(node, "@type", "usb");
        model_set(node, "@model", "qemu-xhci");
        model_set(node, "@ports", "15");
    }
    if (option_look(option, "address")) {
        const char *text = option_take(option, "address");
        unsigned int a = 0, b = 0, c = 0, d = 0;

        if (sscanf(text, "%x:%x:%x.%x", &a, &b, &c, &d) != 4 && (a = 0, sscanf(text, "%x:%x.%x", &b, &c, &d)) != 3)
            return hvsh_fail(option->call, "--controller: address must be a PCI address such as 0:0:4.7, not '%s'", text);
        model_set(node, "address/@type", "pci");
        model_setf(node, "address/@domain", "%u", a);
        model_setf(node, "address/@bus", "%u", b);
        model_setf(node, "address/@slot", "%u", c);
        model_setf(node, "address/@function", "%u", d);
    }
    if (option_look(option, "num_pcie_root_ports")) {
        const char *text = option_take(option, "num_pcie_root_ports");

        if (strlen(text) > 3 || text[strspn(text, "0123456789")])
            return hvsh_fail(option->call, "--controller: num_pcie_root_ports must be a number, not '%s'", text);
        install->root_ports = (int)strtol(text, NULL, 10);
        /* the others of its kind are made with the ports */
        model_remove(node);
        return 0;
    }
    return option_apply(option, node);
}

static int filesystem(struct install *install, struct option *option, xmlNode *node)
{
    static const struct { const char *type, *attribute; } sources[] = {
        { "template", "source/@name" }, { "file", "source/@file" }, { "block", "source/@dev" }, { "ram", "source/@usage" }
    };
    const char *type = option_look(option, "type"), *source = option_take(option, "source"), *attribute = "source/@dir", *target;

    for (size_t i = 0; type && i < G_N_ELEMENTS(sources); i++)
        if (strcmp(sources[i].type, type) == 0)
            attribute = sources[i].attribute;
    if (source)
        model_set(node, attribute, source);
    if (option_apply(option, node) < 0)
        return -1;
    if (!model_has(node, "@type"))
        model_set(node, "@type", "mount");
    /* QEMU does not run as root: what it cannot chown it remembers */
    if (!model_has(node, "@accessmode") && install->host.qemu && g_strcmp0(model_get(option->call, node, "driver/@type"), "virtiofs") != 0)
        model_set(node, "@accessmode", "mapped");
    if (!model_has(node, "source") || !model_has(node, "target"))
        return hvsh_fail(option->call, "--filesystem needs a source and a target: --filesystem /srv/data,data");
    /* a name is enough only for what the guest itself mounts */
    target = model_get(option->call, node, "target/@dir");
    if (type && strcmp(type, "mount") != 0 && target && *target != '/')
        return hvsh_fail(option->call, "--filesystem: the target of the type %s is a folder of the guest, such as /mnt, not '%s'", type, target);
    return 0;
}

static int memdev(struct install *install, struct option *option, xmlNode *node)
{
    static const struct { const char *name, *path; } sizes[] = {
        { "target.size", "target/size" }, { "target.label_size", "target/label/size" }, { "source.alignsize", "source/alignsize" }
    };

    (void)install;
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        const char *text = option_take(option, sizes[i].name);
        uint64_t bytes;

        if (!text)
            continue;
        if (option_size(option->call, hvsh_printf(option->call, "--memdev: %s", sizes[i].name), text, 1024 * 1024, &bytes) < 0)
            return -1;
        model_setf(node, sizes[i].path, "%lu", hvsh_in_kib(bytes));
    }
    return option_apply(option, node);
}

static int rng(struct install *install, struct option *option, xmlNode *node)
{
    const char *first = option_look(option, "backend.model");

    (void)install;
    /* the short form: --rng /dev/random */
    if (first && *first == '/') {
        model_set(node, "backend", option_take(option, "backend.model"));
        model_set(node, "backend/@model", "random");
    }
    set_ends(option, node, "backend.", "backend/", option_look(option, "backend.source.mode"));
    if (option_apply(option, node) < 0)
        return -1;
    if (!model_has(node, "@model"))
        model_set(node, "@model", "virtio");
    if (!model_has(node, "backend/@model") && model_get(option->call, node, "backend"))
        model_set(node, "backend/@model", "random");
    return 0;
}

static int tpm(struct install *install, struct option *option, xmlNode *node)
{
    const char *first = option_look(option, "backend.type");

    /* --tpm /dev/tpm0, --tpm default; a passed-through one has the model that it has */
    if (first && *first == '/') {
        model_set(node, "backend/device/@path", option_take(option, "backend.type"));
        model_set(node, "backend/@type", "passthrough");
    } else if (first && strcmp(first, "default") == 0) {
        option_take(option, "backend.type");
    }
    if (option_apply(option, node) < 0)
        return -1;
    if (!model_has(node, "backend/@type"))
        model_set(node, "backend/@type", model_has(node, "backend/device") ? "passthrough" : "emulator");
    if (!model_has(node, "@model") && !model_has(node, "backend/@version") && g_strcmp0(model_get(option->call, node, "backend/@type"), "emulator") == 0)
        model_set(node, "@model", install->host.x86 ? "tpm-crb" : "tpm-tis");
    return 0;
}

static int by_table(struct install *install, struct option *option, xmlNode *node)
{
    /* what an element cannot be without */
    static const struct { const char *element, *path, *value; } needs[] = {
        { "sound", "@model", NULL }, { "watchdog", "@action", "reset" }, { "watchdog", "@model", "i6300esb" }, { "redirdev", "@type", "spicevmc" },
        { "redirdev", "@bus", "usb" }, { "memballoon", "@model", "virtio" }, { "panic", "@model", "isa" }, { "iommu", "@model", "intel" },
        { "vsock", "@model", "virtio" }, { "smartcard", "@mode", "passthrough" }, { "input", "@type", "mouse" },
    };

    const char *server = strcmp(option->family->option, "redirdev") == 0 ? option_take(option, "server") : NULL;

    (void)install;
    set_ends(option, node, "", "", option_look(option, "source.mode"));
    if (server) {
        const char *colon = strrchr(server, ':');

        model_set(node, "source/@host", colon ? hvsh_printf(option->call, "%.*s", (int)(colon - server), server) : server);
        model_set(node, "source/@service", colon ? colon + 1 : NULL);
    }
    if (option_apply(option, node) < 0)
        return -1;
    for (size_t i = 0; i < G_N_ELEMENTS(needs); i++)
        if (strcmp(needs[i].element, (const char *)node->name) == 0 && needs[i].value && !model_has(node, needs[i].path))
            model_set(node, needs[i].path, needs[i].value);
    if (strcmp((const char *)node->name, "input") == 0 && !model_has(node, "@bus")) {
        const char *type = model_get(option->call, node, "@type");

        /* events of the host's device come by no bus */
        model_set(node, "@bus", strcmp(type, "tablet") == 0 ? "usb" : strcmp(type, "evdev") == 0 ? NULL : "ps2");
    }
    if (strcmp((const char *)node->name, "vsock") == 0 && !model_has(node, "cid"))
        model_set(node, "cid/@auto", "yes");
    if (strcmp((const char *)node->name, "smartcard") == 0 && !model_has(node, "@type"))
        model_set(node, "@type", g_strcmp0(model_get(option->call, node, "@mode"), "passthrough") == 0 ? "spicevmc" : "tcp");
    if (strcmp((const char *)node->name, "panic") == 0 && model_has(node, "address/@iobase") && !model_has(node, "address/@type"))
        model_set(node, "address/@type", "isa");
    return 0;
}

/* ---- all of them ------------------------------------------------------------------------------------------------------------------------------ */

int device_options(struct install *install)
{
    const struct install_args *args = install->args;
    const struct {
        const char *option;
        const texts *given;
        int (*set)(struct install *install, struct option *option, xmlNode *node);
    } all[] = {
        { "controller", &args->controller, controller }, { "filesystem", &args->filesystem, filesystem },
        { "smartcard", &args->smartcard, by_table }, { "serial", &args->serial, line }, { "parallel", &args->parallel, line },
        { "console", &args->console, line }, { "channel", &args->channel, line }, { "input", &args->input, by_table },
        { "tpm", &args->tpm, tpm }, { "graphics", &args->graphics, graphics }, { "sound", &args->sound, by_table },
        { "audio", &args->audio, by_table }, { "video", &args->video, by_table }, { "hostdev", &args->hostdev, hostdev },
        { "redirdev", &args->redirdev, by_table }, { "watchdog", &args->watchdog, by_table },
        { "memballoon", &args->memballoon, by_table }, { "rng", &args->rng, rng }, { "panic", &args->panic, by_table },
        { "shmem", &args->shmem, by_table }, { "memdev", &args->memdev, memdev }, { "iommu", &args->iommu, by_table },
        { "vsock", &args->vsock, by_table },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        for (size_t j = 0; j < all[i].given->count; j++) {
            const char *text = all[i].given->items[j];
            struct option *option;

            /* "none": not even what would come by itself; the balloon must be told so */
            if (strcmp(text, "none") == 0 && strcmp(all[i].option, "memballoon") != 0)
                continue;
            option = option_parse(install->call, all[i].option, text);
            if (!option || all[i].set(install, option, model_add(install->domain, option->family->path)) < 0)
                return -1;
        }
    }
    return 0;
}
