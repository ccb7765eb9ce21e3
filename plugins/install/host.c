/* SPDX-License-Identifier: GPL-3.0-or-later */
/* host.c - what the hypervisor offers: its capabilities, and those of its domains; one call each. */
#include "install.h"
#include <stdlib.h>
#include <string.h>

/* The guest of the capabilities that fits what is asked for, or the host's own architecture, or the first. */
static xmlNode *choose_guest(struct install *install, struct xml *xml)
{
    const char *arch = install->args->arch, *type = install->args->virt_type;
    g_autofree char *domain = type ? g_strdup_printf("[arch/domain/@type='%s']", type) : g_strdup("");
    g_autofree char *wanted = NULL;
    const char *own = xml_text(xml, NULL, "/capabilities/host/cpu/arch");
    xmlNode *guest;

    if ((arch && strpbrk(arch, "'\"")) || (type && strpbrk(type, "'\""))) {
        hvsh_fail(install->call, "there is no such architecture or hypervisor");
        return NULL;
    }
    wanted = g_strdup_printf("/capabilities/guest[os_type='hvm'][arch/@name='%s']%s", arch ? arch : own ? own : "", domain);
    guest = xml_first(xml, NULL, wanted);
    if (!guest && !arch) {
        g_free(wanted);
        wanted = g_strdup_printf("/capabilities/guest%s", domain);
        guest = xml_first(xml, NULL, wanted);
    }
    if (!guest && type && !xml_first(xml, NULL, hvsh_printf(install->call, "/capabilities/guest%s", domain)))
        hvsh_fail(install->call, "this host runs no guests of the type '%s'", type);
    else if (!guest)
        hvsh_fail(install->call, arch ? "this host runs no guests of the architecture '%s'" : "this host runs no guests", arch);
    return guest;
}

static void ask_domain(struct install *install)
{
    struct host *host = &install->host;
    const char *machine = install->args->machine;
    char *text = virConnectGetDomainCapabilities(install->connection, host->emulator, host->arch, machine, host->type, 0);
    struct xml *xml;

    /* not every driver tells */
    if (!text) {
        virResetLastError();
        return;
    }
    xml = xml_take(install->call, text, "the capabilities of domains");
    if (!xml)
        return;
    host->no_spice = xml_first(xml, NULL, "/domainCapabilities/devices/graphics") &&
                     !xml_first(xml, NULL, "/domainCapabilities/devices/graphics/enum[@name='type']/value[.='spice']");
    host->no_virtio_video = xml_first(xml, NULL, "/domainCapabilities/devices/video") &&
                            !xml_first(xml, NULL, "/domainCapabilities/devices/video/enum[@name='modelType']/value[.='virtio']");
    host->no_qxl = xml_first(xml, NULL, "/domainCapabilities/devices/video") &&
                   !xml_first(xml, NULL, "/domainCapabilities/devices/video/enum[@name='modelType']/value[.='qxl']");
    host->efi = xml_first(xml, NULL, "/domainCapabilities/os/enum[@name='firmware']/value[.='efi']") != NULL;
    host->tpm = xml_first(xml, NULL, "/domainCapabilities/devices/tpm/enum[@name='backendModel']/value[.='emulator']") != NULL;
}

int host_ask(struct install *install)
{
    struct host *host = &install->host;
    hvsh_call *call = install->call;
    const char *uri = hvsh_own_text(call, virConnectGetURI(install->connection)), *path;
    struct xml *xml = xml_take(call, virConnectGetCapabilities(install->connection), "the host's capabilities");
    xmlNode *guest;

    if (!xml)
        return -1;
    host->driver = virConnectGetType(install->connection);
    host->qemu = host->driver && strcmp(host->driver, "QEMU") == 0;
    path = uri && strstr(uri, "://") ? strstr(uri, "://") + 3 : "";
    host->remote = *path != '/' && host->qemu;
    path = strchr(path, '/') ? strchr(path, '/') : "";
    host->session = g_str_has_prefix(path, "/session");
    host->embedded = g_str_has_prefix(path, "/embed");
    guest = choose_guest(install, xml);
    if (!guest)
        return -1;
    host->os_type = xml_text(xml, guest, "os_type");
    host->arch = xml_text(xml, guest, "arch/@name");
    host->type = install->args->virt_type;
    if (!host->type)
        host->type = xml_first(xml, guest, "arch/domain[@type='kvm']") ? "kvm" : xml_text(xml, guest, "arch/domain/@type");
    host->emulator = xml_text(xml, guest, hvsh_printf(call, "arch/domain[@type='%s']/emulator", host->type));
    if (!host->emulator)
        host->emulator = xml_text(xml, guest, "arch/emulator");
    host->machine = xml_text(xml, guest, hvsh_printf(call, "arch/domain[@type='%s']/machine", host->type));
    if (!host->machine)
        host->machine = xml_text(xml, guest, "arch/machine");
    host->q35 = xml_first(xml, guest, "arch/machine[.='q35']|arch/domain/machine[.='q35']") != NULL;
    host->acpi = xml_first(xml, guest, "features/acpi") != NULL;
    host->apic = xml_first(xml, guest, "features/apic") != NULL;
    host->pae = xml_first(xml, guest, "features/pae") != NULL;
    host->x86 = strcmp(host->arch, "x86_64") == 0 || strcmp(host->arch, "i686") == 0;
    if (host->qemu)
        ask_domain(install);
    if (strcmp(host->type, "qemu") == 0)
        explain(install, "guests are emulated without KVM: the capabilities offer nothing faster");
    return 0;
}
