/* SPDX-License-Identifier: GPL-3.0-or-later */
/* defaults.c - what the command line left open, by the system, the host and what virt-install would choose. */
#include "install.h"
#include <stdlib.h>
#include <string.h>

static bool has_device(struct install *install, const char *name)
{
    return *model_all(install->call, install->domain, "devices", name) != NULL;
}

/* Was the option given as "none": not even the default? */
static bool refused(const texts *given)
{
    return given->count && strcmp(given->items[0], "none") == 0;
}

static bool system_has(const struct install *install, unsigned int device)
{
    return (install->os.devices & device) != 0;
}

static xmlNode *add(struct install *install, const char *device)
{
    return model_add(install->domain, hvsh_printf(install->call, "devices/%s", device));
}

static bool is_q35(struct install *install)
{
    const char *machine = model_get(install->call, install->domain, "os/type/@machine");

    return machine && strstr(machine, "q35");
}

bool starts_by_uefi(struct install *install)
{
    return g_strcmp0(model_get(install->call, install->domain, "os/@firmware"), "efi") == 0 ||
           g_strcmp0(model_get(install->call, install->domain, "os/loader/@type"), "pflash") == 0;
}

static bool has_display(struct install *install, const char *type)
{
    for (xmlNode **all = model_all(install->call, install->domain, "devices", "graphics"); *all; all++) {
        const char *its = model_get(install->call, *all, "@type");

        if (its && strcmp(its, type) == 0)
            return true;
    }
    return false;
}

/* ---- the guest -------------------------------------------------------------------------------------------------------------------- */

static bool is_free(struct install *install, const char *name)
{
    virDomainPtr domain = hvsh_own_domain(install->call, virDomainLookupByName(install->connection, name));

    virResetLastError();
    return !domain;
}

static void name_guest(struct install *install)
{
    const char *stem = install->os.short_id;

    if (install->name)
        return;
    for (unsigned int i = 1; !install->name; i++) {
        const char *name = stem ? i == 1 ? stem : hvsh_printf(install->call, "%s-%u", stem, i) : hvsh_printf(install->call, "vm%u", i);

        if (is_free(install, name))
            install->name = name;
    }
    model_set(install->domain, "name", install->name);
    explain(install, "name: %s, the first that is free", install->name);
}

static int size_guest(struct install *install)
{
    const char *memory = model_get(install->call, install->domain, "memory");

    if (!memory) {
        if (!install->os.ram)
            return hvsh_fail(install->call, "how much memory does the guest get? --memory 1024 (MiB), --memory 2GiB");
        model_setf(install->domain, "memory", "%lu", hvsh_in_kib(install->os.ram));
        explain(install, "memory: %llu MiB, as %s recommends", (unsigned long long)(install->os.ram >> 20), install->os.name);
        memory = model_get(install->call, install->domain, "memory");
    }
    if (!model_has(install->domain, "currentMemory"))
        model_set(install->domain, "currentMemory", memory);
    if (!model_get(install->call, install->domain, "vcpu")) {
        model_setf(install->domain, "vcpu", "%u", install->os.cpus ? install->os.cpus : 1);
        if (install->os.cpus)
            explain(install, "vcpus: %u, as %s recommends", install->os.cpus, install->os.name);
    }
    return 0;
}

static void describe(struct install *install)
{
    static const char space[] = "http://libosinfo.org/xmlns/libvirt/domain/1.0";
    xmlNode *metadata, *outer, *inner;
    xmlNs *ns;

    if (!model_get(install->call, install->domain, "uuid")) {
        g_autofree char *uuid = g_uuid_string_random();

        model_set(install->domain, "uuid", uuid);
    }
    if (!install->os.id)
        return;
    metadata = model_make(install->domain, "metadata");
    outer = xmlNewChild(metadata, NULL, BAD_CAST "libosinfo", NULL);
    ns = xmlNewNs(outer, BAD_CAST space, BAD_CAST "libosinfo");
    xmlSetNs(outer, ns);
    inner = xmlNewChild(outer, ns, BAD_CAST "os", NULL);
    xmlSetProp(inner, BAD_CAST "id", BAD_CAST install->os.id);
}

static void machine(struct install *install)
{
    const struct host *host = &install->host;
    xmlNode *os = model_make(install->domain, "os");

    model_set(install->domain, "@type", host->type);
    model_set(os, "type", host->os_type);
    if (!model_has(os, "type/@arch"))
        model_set(os, "type/@arch", host->arch);
    if (!model_has(os, "type/@machine")) {
        bool q35 = host->x86 && host->qemu && host->q35 && system_has(install, OS_Q35);

        model_set(os, "type/@machine", q35 ? "q35" : host->machine);
        if (q35)
            explain(install, "machine: q35, which the system knows");
    }
    if (install->os.needs_efi && host->efi && !model_has(os, "@firmware") && !model_has(os, "loader") && !model_has(os, "kernel")) {
        model_set(os, "@firmware", "efi");
        explain(install, "firmware: UEFI, for %s does not start from a BIOS", install->os.name);
    }
}

static void features(struct install *install)
{
    static const char *const hyperv[][2] = {
        { "hyperv/relaxed/@state", "on" }, { "hyperv/vapic/@state", "on" }, { "hyperv/spinlocks/@state", "on" }, { "hyperv/spinlocks/@retries", "8191" }
    };
    const struct host *host = &install->host;
    xmlNode *node = model_make(install->domain, "features");

    if (host->acpi)
        model_set(node, "acpi", "");
    if (host->apic)
        model_set(node, "apic", "");
    if (host->pae && strcmp(host->arch, "x86_64") != 0)
        model_set(node, "pae", "");
    for (size_t i = 0; install->os.windows && host->qemu && host->x86 && i < G_N_ELEMENTS(hyperv); i++)
        if (!model_has(node, hyperv[i][0]))
            model_set(node, hyperv[i][0], hyperv[i][1]);
    if (host->x86 && has_display(install, "spice") && !model_has(node, "vmport"))
        model_set(node, "vmport/@state", "off");
    if (!node->children && !node->properties)
        model_remove(node);
}

static void time_and_power(struct install *install)
{
    const struct host *host = &install->host;
    xmlNode *clock = model_make(install->domain, "clock");
    bool local = install->os.windows || (install->os.family && strcmp(install->os.family, "solaris") == 0);

    if (!model_has(clock, "@offset"))
        model_set(clock, "@offset", local ? "localtime" : "utc");
    if (!model_has(clock, "timer") && host->x86 && host->qemu) {
        model_set(clock, "timer[@name='rtc']/@tickpolicy", "catchup");
        model_set(clock, "timer[@name='pit']/@tickpolicy", "delay");
        model_set(clock, "timer[@name='hpet']/@present", "no");
        if (install->os.windows)
            model_set(clock, "timer[@name='hypervclock']/@present", "yes");
    }
    if (!host->x86)
        return;
    if (!model_has(install->domain, "pm/suspend-to-mem"))
        model_set(install->domain, "pm/suspend-to-mem/@enabled", "no");
    if (!model_has(install->domain, "pm/suspend-to-disk"))
        model_set(install->domain, "pm/suspend-to-disk/@enabled", "no");
}

static void processor(struct install *install)
{
    const struct host *host = &install->host;
    xmlNode *node = model_find(install->domain, "cpu");
    bool said = install->cpu_of_hypervisor || (node && (node->children || node->properties));

    if (!said && strcmp(host->type, "kvm") == 0 && !host->foreign && (host->x86 || strcmp(host->arch, "aarch64") == 0))
        model_set(install->domain, "cpu/@mode", "host-passthrough");
    else if (node && !node->children && !node->properties)
        model_remove(node);
}

/* Has a device a place of its own in the order of the start? Then <os> has none. */
static bool has_orders(struct install *install)
{
    xmlNode *devices = model_make(install->domain, "devices");

    for (xmlNode *node = devices->children; node; node = node->next)
        if (node->type == XML_ELEMENT_NODE && model_has(node, "boot/@order"))
            return true;
    return false;
}

/* From this first; a disk is named always, so that it can be started from later. */
static void boot_from(struct install *install, xmlNode *domain, const char *first)
{
    while (model_has(domain, "os/boot"))
        model_set(domain, "os/boot", NULL);
    if (!first || model_has(domain, "os/kernel") || has_orders(install))
        return;
    model_set(model_add(domain, "os/boot"), "@dev", first);
    for (guint i = 0; i < install->disks->len; i++)
        if (g_strcmp0(model_get(install->call, ((struct disk *)install->disks->pdata[i])->node, "@device"), "disk") == 0) {
            if (strcmp(first, "hd") != 0)
                model_set(model_add(domain, "os/boot"), "@dev", "hd");
            break;
        }
}

/* What the installation starts from; NULL: a kernel, or nothing. */
static const char *boot_device(struct install *install)
{
    return install->medium == MEDIUM_CDROM && !install->args->livecd ? "cdrom" : install->medium == MEDIUM_DEVICE ? install->device : NULL;
}

static void boot_order(struct install *install)
{
    const char *from = install->args->livecd ? "cdrom" : boot_device(install), *first = NULL;
    bool has_disk = false;

    if (model_has(install->domain, "os/boot"))
        return;
    for (guint i = 0; i < install->disks->len; i++) {
        const char *device = model_get(install->call, ((struct disk *)install->disks->pdata[i])->node, "@device");

        first = first ? first : device;
        has_disk = has_disk || g_strcmp0(device, "disk") == 0;
    }
    if (from && has_disk && !install->args->livecd)
        from = "hd";
    else if (!from)
        from = g_strcmp0(first, "cdrom") == 0 ? "cdrom" : g_strcmp0(first, "floppy") == 0 ? "fd" : "hd";
    boot_from(install, install->domain, from);
}

/* ---- devices ------------------------------------------------------------------------------------------------------------------------------ */

static void cards(struct install *install)
{
    for (xmlNode **all = model_all(install->call, install->domain, "devices", "interface"); *all; all++) {
        if (!model_has(*all, "mac/@address")) {
            bool kvm = install->host.qemu;
            guint32 number = g_random_int();

            model_setf(*all, "mac/@address", "%s:%02x:%02x:%02x", kvm ? "52:54:00" : "00:16:3e", number & (kvm ? 0xff : 0x7f), number >> 8 & 0xff, number >> 16 & 0xff);
        }
        if (!model_has(*all, "model/@type"))
            model_set(*all, "model/@type", system_has(install, OS_VIRTIO_NET) ? "virtio" : is_q35(install) ? "e1000e"
                                          : install->os.card && install->host.x86 ? install->os.card : "e1000");
    }
}

static bool no_usb(struct install *install)
{
    for (xmlNode **all = model_all(install->call, install->domain, "devices", "controller"); *all; all++)
        if (g_strcmp0(model_get(install->call, *all, "@type"), "usb") == 0 && g_strcmp0(model_get(install->call, *all, "@model"), "none") == 0)
            return true;
    return false;
}

static void usb(struct install *install)
{
    static const struct { const char *model, *port; } usb2[] = { { "ich9-ehci1", NULL }, { "ich9-uhci1", "0" }, { "ich9-uhci2", "2" }, { "ich9-uhci3", "4" } };
    xmlNode *node;

    for (xmlNode **all = model_all(install->call, install->domain, "devices", "controller"); *all; all++) {
        const char *type = model_get(install->call, *all, "@type");

        if (type && strcmp(type, "usb") == 0)
            return;
    }
    if (!install->host.x86)
        return;
    if (system_has(install, OS_XHCI)) {
        node = add(install, "controller");
        model_set(node, "@type", "usb");
        model_set(node, "@model", "qemu-xhci");
        model_set(node, "@ports", "15");
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(usb2); i++) {
        node = add(install, "controller");
        model_set(node, "@type", "usb");
        model_set(node, "@model", usb2[i].model);
        model_set(node, "master/@startport", usb2[i].port);
    }
}

/* Room to plug devices in while the guest runs. */
static void ports(struct install *install)
{
    enum { ROOT_PORTS = 14 };
    xmlNode *node;

    if (!is_q35(install))
        return;
    for (xmlNode **all = model_all(install->call, install->domain, "devices", "controller"); *all; all++) {
        const char *type = model_get(install->call, *all, "@type");

        if (type && strcmp(type, "pci") == 0)
            return;
    }
    for (unsigned int i = 0; i <= (install->root_ports < 0 ? ROOT_PORTS : (unsigned int)install->root_ports); i++) {
        /* none at all: not even where they would be plugged in */
        if (install->root_ports == 0)
            return;
        node = add(install, "controller");
        model_set(node, "@type", "pci");
        model_set(node, "@model", i ? "pcie-root-port" : "pcie-root");
    }
}

static void scsi(struct install *install)
{
    bool needed = false;
    xmlNode *node;

    for (guint i = 0; i < install->disks->len; i++) {
        const char *bus = model_get(install->call, ((struct disk *)install->disks->pdata[i])->node, "target/@bus");

        needed = needed || (bus && strcmp(bus, "scsi") == 0);
    }
    for (xmlNode **all = model_all(install->call, install->domain, "devices", "controller"); *all; all++) {
        const char *type = model_get(install->call, *all, "@type");

        needed = needed && !(type && strcmp(type, "scsi") == 0);
    }
    if (!needed || !system_has(install, OS_VIRTIO_SCSI))
        return;
    node = add(install, "controller");
    model_set(node, "@type", "scsi");
    model_set(node, "@model", "virtio-scsi");
    for (xmlNode **all = model_all(install->call, install->domain, "devices", "controller"); *all; all++)
        if (g_strcmp0(model_get(install->call, *all, "@model"), "pcie-root") == 0) {
            xmlUnlinkNode(node);
            xmlAddPrevSibling(*all, node);
            break;
        }
}

static void channels(struct install *install)
{
    xmlNode *node;

    if (!has_device(install, "channel") && !refused(&install->args->channel) && install->host.qemu && system_has(install, OS_VIRTIO_SERIAL)) {
        node = add(install, "channel");
        model_set(node, "@type", "unix");
        model_set(node, "source/@mode", "bind");
        model_set(node, "target/@type", "virtio");
        model_set(node, "target/@name", "org.qemu.guest_agent.0");
    }
}

/* Is there a display that draws by the host's GPU? */
static bool draws_by_gpu(struct install *install)
{
    for (xmlNode **all = model_all(install->call, install->domain, "devices", "graphics"); *all; all++)
        if (g_strcmp0(model_get(install->call, *all, "gl/@enable"), "yes") == 0)
            return true;
    return false;
}

static void display(struct install *install)
{
    const struct host *host = &install->host;
    xmlNode *node;

    if (!has_device(install, "graphics") && !install->args->graphics.count && host->x86) {
        node = add(install, "graphics");
        model_set(node, "@type", host->no_spice ? "vnc" : "spice");
        model_set(node, "@port", "-1");
        if (!host->no_spice) {
            model_set(node, "@tlsPort", "-1");
            model_set(node, "@autoport", "yes");
        }
    }
    for (xmlNode **all = model_all(install->call, install->domain, "devices", "graphics"); *all; all++) {
        const char *type = model_get(install->call, *all, "@type");

        /* on this machine and the next pictures need no pressing */
        if (g_strcmp0(type, "spice") == 0 && !model_has(*all, "image/@compression"))
            model_set(*all, "image/@compression", "off");
    }
    if (!has_device(install, "video") && has_device(install, "graphics"))
        add(install, "video");
    for (xmlNode **all = model_all(install->call, install->domain, "devices", "video"); *all; all++) {
        bool gpu = draws_by_gpu(install);

        if (!model_has(*all, "model/@type"))
            model_set(*all, "model/@type", gpu || (!host->no_virtio_video && system_has(install, OS_VIRTIO_GPU)) ? "virtio"
                                           : has_display(install, "spice") && !host->no_qxl && host->x86       ? "qxl"
                                           : starts_by_uefi(install) && host->bochs                            ? "bochs"
                                                                                                               : "vga");
        /* what draws by the host's GPU needs a card that can */
        if (gpu && g_strcmp0(model_get(install->call, *all, "model/@type"), "virtio") == 0)
            model_set(*all, "model/acceleration/@accel3d", "yes");
    }
    if (!has_device(install, "input") && has_device(install, "graphics") && host->x86 && !no_usb(install)) {
        node = add(install, "input");
        model_set(node, "@type", "tablet");
        model_set(node, "@bus", "usb");
    }
}

/* What a spice viewer makes use of. */
static void spice(struct install *install)
{
    bool channel = false;
    xmlNode *node;

    for (xmlNode **all = model_all(install->call, install->domain, "devices", "channel"); *all; all++) {
        const char *type = model_get(install->call, *all, "@type");

        channel = channel || (type && strcmp(type, "spicevmc") == 0);
    }
    if (has_display(install, "spice") && !channel && !refused(&install->args->channel)) {
        node = add(install, "channel");
        model_set(node, "@type", "spicevmc");
        model_set(node, "target/@type", "virtio");
        model_set(node, "target/@name", "com.redhat.spice.0");
    }
    for (xmlNode **all = model_all(install->call, install->domain, "devices", "sound"); *all; all++)
        if (!model_has(*all, "@model"))
            model_set(*all, "@model", is_q35(install) ? "ich9" : "ich6");
    if (has_display(install, "spice") && !has_device(install, "sound") && !refused(&install->args->sound))
        model_set(add(install, "sound"), "@model", is_q35(install) ? "ich9" : "ich6");
    for (unsigned int i = 0; i < 2 && has_display(install, "spice") && !refused(&install->args->redirdev) && install->host.x86 && !no_usb(install); i++) {
        if (i == 0 && has_device(install, "redirdev"))
            break;
        node = add(install, "redirdev");
        model_set(node, "@bus", "usb");
        model_set(node, "@type", "spicevmc");
    }
}

static void others(struct install *install)
{
    const struct install_args *args = install->args;
    xmlNode *node;

    if (!has_device(install, "console") && !has_device(install, "serial") && !refused(&args->console) && !refused(&args->serial))
        model_set(add(install, "console"), "@type", "pty");
    if (!install->host.qemu)
        return;
    if (!has_device(install, "memballoon") && system_has(install, OS_VIRTIO_BALLOON))
        model_set(add(install, "memballoon"), "@model", "virtio");
    if (!has_device(install, "rng") && !refused(&args->rng) && system_has(install, OS_VIRTIO_RNG)) {
        node = add(install, "rng");
        model_set(node, "@model", "virtio");
        model_set(node, "backend", "/dev/urandom");
        model_set(node, "backend/@model", "random");
    }
    if (!has_device(install, "tpm") && !refused(&args->tpm) && install->host.tpm && starts_by_uefi(install)) {
        node = add(install, "tpm");
        model_set(node, "@model", "tpm-crb");
        model_set(node, "backend/@type", "emulator");
        explain(install, "tpm: an emulated one, which systems started by UEFI expect");
    }
}

int defaults_fill(struct install *install)
{
    /* only QEMU has what the facts of systems are about */
    if (!install->host.qemu)
        install->os.devices = 0;
    name_guest(install);
    if (size_guest(install) < 0)
        return -1;
    describe(install);
    machine(install);
    processor(install);
    time_and_power(install);
    boot_order(install);
    if (install->host.emulator && !model_has(install->domain, "devices/emulator"))
        model_set(install->domain, "devices/emulator", install->host.emulator);
    cards(install);
    usb(install);
    ports(install);
    channels(install);
    display(install);
    spice(install);
    others(install);
    features(install);
    return 0;
}

/* ---- the two documents ----------------------------------------------------------------------------------------------------------------------- */

/* An installer that fetches its packages needs more memory than the system later. */
static void raise_memory(struct install *install)
{
    const char *now = model_get(install->call, install->boot, "currentMemory");
    unsigned long need = hvsh_in_kib(install->os.network_ram);

    if (install->medium != MEDIUM_TREE || !install->tree.from_network || !now || strtoul(now, NULL, 10) >= need)
        return;
    hvsh_note(install->call, "the installation of %s over the network gets %lu MiB of memory", install->os.name, need / 1024);
    model_setf(install->boot, "currentMemory", "%lu", need);
    if (strtoul(model_get(install->call, install->boot, "memory"), NULL, 10) < need)
        model_setf(install->boot, "memory", "%lu", need);
}

/* The medium is out when the system is in; Windows goes on reading it after its first start. */
static void eject(struct install *install)
{
    if (!install->cdrom || install->os.windows)
        return;
    model_set(install->cdrom->node, "@type", "file");
    model_set(install->cdrom->node, "source", NULL);
    model_set(install->cdrom->node, "driver", NULL);
}

/* The installer is told where its tree is. */
static void name_tree(struct install *install)
{
    const struct tree *tree = &install->tree;
    const char *address = tree->source ? source_address(tree->source) : NULL;

    if (install->unattended || !address)
        return;
    if (source_kind(tree->source) == SOURCE_SERVER && install->os.url_argument)
        install->extra = hvsh_printf(install->call, "%s%s%s=%s", install->extra ? install->extra : "", install->extra ? " " : "", install->os.url_argument, address);
    else if (source_kind(tree->source) == SOURCE_FOLDER && !install->extra)
        hvsh_note(install->call, "the guest does not see the folder %s: --extra-args tell its installer from where to fetch the packages", address);
}

int documents_make(struct install *install)
{
    scsi(install);
    if (install->medium == MEDIUM_NONE || install->medium == MEDIUM_IMPORT || install->args->livecd)
        return 0;
    name_tree(install);
    install->boot = model_copy(install->call, install->domain);
    model_set(install->boot, "on_reboot", "destroy");
    switch (install->medium) {
    case MEDIUM_CDROM:
        boot_from(install, install->boot, boot_device(install));
        eject(install);
        break;
    case MEDIUM_DEVICE:
        boot_from(install, install->boot, boot_device(install));
        break;
    case MEDIUM_TREE:
    case MEDIUM_KERNEL:
        boot_from(install, install->boot, NULL);
        raise_memory(install);
        if (scratch_plan(install) < 0)
            return -1;
        if (install->extra)
            model_set(install->boot, "os/cmdline", install->extra);
        eject(install);
        break;
    case MEDIUM_NONE:
    case MEDIUM_IMPORT:
        break;
    }
    return 0;
}
