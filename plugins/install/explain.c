/* SPDX-License-Identifier: GPL-3.0-or-later */
/* explain.c - --explain: why each default is what it is, read from the finished document. What was asked for is not explained. */
#include "install.h"
#include <string.h>

void explain(struct install *install, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list list;

    if (!install->args->debug)
        return;
    va_start(list, format);
    text = g_strdup_vprintf(format, list);
    va_end(list);
    hvsh_note(install->call, "%s", text);
}

static const char *at(struct install *install, xmlNode *node, const char *path)
{
    return node ? model_get(install->call, node, path) : NULL;
}

static xmlNode *first(struct install *install, const char *device)
{
    return *model_all(install->call, install->domain, "devices", device);
}

static void machine(struct install *install)
{
    const char *type = at(install, install->domain, "os/type/@machine"), *mode = at(install, install->domain, "cpu/@mode");

    if (!install->args->virt_type)
        explain(install, "hypervisor: %s, the fastest that this host has for %s", install->host.type, install->host.arch);
    if (type && !install->args->machine && !strstr(type, "q35"))
        explain(install, "machine: %s, the host's first, for the system is not known to start on a newer one", type);
    if (mode && !install->args->cpu.count)
        explain(install, "cpu: %s, all that this host's CPU can; a guest that is to move to other hosts needs --cpu host-model or a model",
                mode);
    else if (!mode && !install->args->cpu.count)
        explain(install, "cpu: the hypervisor's own, for nothing better can be had without KVM");
    if (!install->os.cpus && !install->args->vcpus.count)
        explain(install, "vcpus: %s, for nothing is known of what the system needs", at(install, install->domain, "vcpu"));
    if (!install->args->boot.count && install->host.x86 && !starts_by_uefi(install))
        explain(install, "firmware: BIOS, from which the system starts; --boot uefi takes the other");
}

static const char *why_bus(const struct install *install, const char *bus)
{
    if (strcmp(bus, "virtio") == 0)
        return "for which the system has drivers, the fastest";
    return install->os_found ? "for the system is not known to have drivers for virtio" : "which every system knows";
}

static void disks(struct install *install)
{
    for (guint i = 0; i < install->disks->len; i++) {
        const struct disk *disk = install->disks->pdata[i];
        const char *bus = at(install, disk->node, "target/@bus"), *name = at(install, disk->node, "target/@dev");

        if (!disk->fresh)
            continue;
        if (disk->pool)
            explain(install, "disk %s: in pool '%s' as %s, %s", name, disk->pool, disk->path,
                    "libvirt's place for new disks unless another is named");
        else
            explain(install, "disk %s: %s, for no pool is in use for that folder", name, disk->path);
        explain(install, "disk %s: %s%s", name, disk->format,
                strcmp(disk->format, "qcow2") == 0 ? ", which grows with what is in it and can have snapshots"
                                                   : ", as asked for, or as the pool has it");
        explain(install, "disk %s: on %s, %s", name, bus, why_bus(install, bus));
    }
}

static void cards(struct install *install)
{
    for (size_t i = 0; i < install->args->network.count; i++)
        if (strstr(install->args->network.items[i], "model"))
            return;
    if (first(install, "interface"))
        explain(install, "network card: %s, %s", at(install, first(install, "interface"), "model/@type"),
                why_bus(install, at(install, first(install, "interface"), "model/@type")));
}

static void others(struct install *install)
{
    const struct install_args *args = install->args;
    const char *display = at(install, first(install, "graphics"), "@type"), *video = at(install, first(install, "video"), "model/@type");

    if (display && !args->graphics.count)
        explain(install, "graphics: %s, %s; --graphics none leaves it out", display,
                strcmp(display, "spice") == 0 ? "which this QEMU has" : "for this QEMU has no spice");
    if (video && !args->video.count)
        explain(install, "video: %s, %s", video,
                strcmp(video, "virtio") == 0 ? "for which the system has a driver" : "the best that system and display have in common");
    if (!args->console.count && !args->serial.count && first(install, "console"))
        explain(install, "console: a serial one, for `console %s`", install->name);
    for (xmlNode **all = model_all(install->call, install->domain, "devices", "channel"); !args->channel.count && *all; all++)
        if (g_strcmp0(at(install, *all, "target/@name"), "org.qemu.guest_agent.0") == 0)
            explain(install, "channel: for the agent, should the guest run one: shutdown, addresses and snapshots are better with it");
    if (!args->rng.count && first(install, "rng"))
        explain(install, "rng: random numbers of the host, for the system has a driver and starts faster with them");
    if (!args->memballoon.count && first(install, "memballoon"))
        explain(install, "memballoon: for the system has a driver: setmem can change its memory while it runs");
    if (!args->controller.count && g_strcmp0(at(install, first(install, "controller"), "@model"), "qemu-xhci") == 0)
        explain(install, "usb: qemu-xhci, for which the system has a driver: USB 3, and little work for the host");
}

int explain_choices(struct install *install)
{
    if (!install->args->debug)
        return 0;
    machine(install);
    disks(install);
    cards(install);
    others(install);
    return 0;
}
