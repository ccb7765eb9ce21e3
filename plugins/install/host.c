/* SPDX-License-Identifier: GPL-3.0-or-later */
/* host.c - what the hypervisor offers: its capabilities, and those of its domains; one call each. */
#include "install.h"
#include <stdlib.h>
#include <string.h>

/* What is asked for, by options of their own or by --boot. */
struct wanted { const char *arch, *type, *machine, *os_type; };

static int ask_options(struct install *install, struct wanted *wanted)
{
    const struct install_args *args = install->args;
    const struct { const char *name, **value; } all[] = {
        { "arch", &wanted->arch }, { "domain_type", &wanted->type }, { "machine", &wanted->machine }, { "os_type", &wanted->os_type },
    };

    *wanted = (struct wanted){ args->arch, args->virt_type, args->machine, NULL };
    for (size_t i = 0; i < args->boot.count; i++) {
        struct option *boot = option_parse(install->call, "boot", args->boot.items[i]);

        if (!boot)
            return -1;
        for (size_t j = 0; j < G_N_ELEMENTS(all); j++)
            *all[j].value = option_look(boot, all[j].name) ? option_look(boot, all[j].name) : *all[j].value;
    }
    return 0;
}

/* The guest of the capabilities that fits what is asked for, or the host's own architecture, or the first. */
static xmlNode *choose_guest(struct install *install, struct xml *xml, const struct wanted *asked)
{
    const char *arch = asked->arch, *type = asked->type;
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

static void free_names(void *p)
{
    g_ptr_array_unref(p);
}

static void ask_domain(struct install *install)
{
    struct host *host = &install->host;
    const char *machine = host->want_machine;
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
    host->bochs = xml_first(xml, NULL, "/domainCapabilities/devices/video/enum[@name='modelType']/value[.='bochs']") != NULL;
    host->efi = xml_first(xml, NULL, "/domainCapabilities/os/enum[@name='firmware']/value[.='efi']") != NULL;
    host->tpm = xml_first(xml, NULL, "/domainCapabilities/devices/tpm/enum[@name='backendModel']/value[.='emulator']") != NULL;
}

/* Machines and kinds of guests that are asked for, and are not to be had. */
static int check_kinds(struct install *install, struct xml *xml, xmlNode *guest, const struct wanted *wanted)
{
    const char *arch = xml_text(xml, guest, "arch/@name");
    struct xml_nodes machines = xml_find(xml, guest, "arch/machine|arch/domain/machine");
    bool found = !wanted->machine || !machines.count;

    if (wanted->os_type && g_strcmp0(wanted->os_type, xml_text(xml, guest, "os_type")) != 0)
        return hvsh_fail(install->call, "this host runs no guests of the kind '%s'", wanted->os_type);
    for (size_t i = 0; i < machines.count && !found; i++) {
        const char *name = xml_text(xml, machines.items[i], "."), *canonical = xml_text(xml, machines.items[i], "@canonical");

        found = g_strcmp0(name, wanted->machine) == 0 || g_strcmp0(canonical, wanted->machine) == 0;
    }
    if (found)
        return 0;
    hvsh_fail(install->call, "this host has no machine '%s' for guests of the architecture %s", wanted->machine, arch);
    return hvsh_hint(install->call, "`capabilities` lists the machines; without --machine the best for the system is taken");
}

/* The short names have the long ones beside them, all of a kind with the same beginning: pc-q35-7.2 is a q35. */
const char *host_canonical(struct install *install, const char *machine)
{
    struct xml *xml = xml_take(install->call, virConnectGetCapabilities(install->connection), "the host's capabilities");
    struct xml_nodes machines;

    if (!xml)
        return NULL;
    machines = xml_find(xml, NULL, "/capabilities/guest/arch/machine[@canonical]|/capabilities/guest/arch/domain/machine[@canonical]");
    for (int whole = 0; whole < 2; whole++)
        for (size_t i = 0; i < machines.count; i++) {
            const char *name = xml_text(xml, machines.items[i], ".");

            if (strcmp(name, machine) == 0 || (whole ? g_str_has_prefix(machine, hvsh_printf(install->call, "%s-", name))
                                                     : strstr(machine, hvsh_printf(install->call, "-%s-", name)) != NULL))
                return name;
        }
    return NULL;
}

const char *const *host_mitigations(struct install *install)
{
    static const char *const known[] = { "spec-ctrl", "ssbd", "ibpb", "virt-ssbd", "md-clear", NULL };
    const struct host *host = &install->host;
    char *text = virConnectGetDomainCapabilities(install->connection, host->emulator, host->arch, host->want_machine, host->type, 0);
    struct xml *xml = text ? xml_take(install->call, text, "the capabilities of domains") : NULL;
    xmlNode *mode = xml ? xml_first(xml, NULL, "/domainCapabilities/cpu/mode[@name='host-model' and @supported='yes']") : NULL;
    GPtrArray *names = hvsh_defer(install->call, g_ptr_array_new(), free_names);
    struct xml_nodes features;
    xmlNode *cpu;
    const char *one;
    char *whole;

    if (!mode) {
        virResetLastError();
        return NULL;
    }
    /* as a CPU of its own, with all that its model has */
    cpu = xmlDocCopyNode(mode, mode->doc, 1);
    xmlNodeSetName(cpu, BAD_CAST "cpu");
    one = model_text(install->call, cpu);
    xmlFreeNode(cpu);
    whole = virConnectBaselineHypervisorCPU(install->connection, host->emulator, host->arch, host->want_machine, host->type, &one, 1,
                                            VIR_CONNECT_BASELINE_CPU_EXPAND_FEATURES);
    xml = whole ? xml_take(install->call, whole, "the host's CPU") : NULL;
    virResetLastError();
    if (!xml)
        return NULL;
    features = xml_find(xml, NULL, "/cpu/feature[@policy='require']/@name");
    for (size_t i = 0; i < features.count; i++)
        if (g_strv_contains(known, xml_text(xml, features.items[i], ".")))
            g_ptr_array_add(names, (void *)xml_text(xml, features.items[i], "."));
    g_ptr_array_add(names, NULL);
    return (const char *const *)names->pdata;
}

/* A socket that is named may lead to another host (ssh forwards them): so it does when that host is called otherwise. */
static bool leads_elsewhere(hvsh_call *call, virConnectPtr connection, const char *uri)
{
    const char *own = g_get_host_name(), *its = uri && strstr(uri, "socket=") ? hvsh_own_text(call, virConnectGetHostname(connection)) : NULL;

    return its && (strcspn(its, ".") != strcspn(own, ".") || strncmp(its, own, strcspn(own, ".")) != 0);
}

int host_ask(struct install *install)
{
    struct host *host = &install->host;
    hvsh_call *call = install->call;
    const char *uri = hvsh_own_text(call, virConnectGetURI(install->connection)), *path;
    struct xml *xml = xml_take(call, virConnectGetCapabilities(install->connection), "the host's capabilities");
    struct wanted wanted;
    xmlNode *guest;

    if (!xml || ask_options(install, &wanted) < 0)
        return -1;
    host->driver = virConnectGetType(install->connection);
    host->qemu = host->driver && strcmp(host->driver, "QEMU") == 0;
    path = uri && strstr(uri, "://") ? strstr(uri, "://") + 3 : "";
    host->remote = *path != '/' && host->qemu;
    host->remote = host->remote || (host->qemu && leads_elsewhere(call, install->connection, uri));
    path = strchr(path, '/') ? strchr(path, '/') : "";
    host->session = g_str_has_prefix(path, "/session");
    host->embedded = g_str_has_prefix(path, "/embed");
    guest = choose_guest(install, xml, &wanted);
    if (!guest || check_kinds(install, xml, guest, &wanted) < 0)
        return -1;
    host->want_machine = wanted.machine;
    host->foreign = g_strcmp0(xml_text(xml, guest, "arch/@name"), xml_text(xml, NULL, "/capabilities/host/cpu/arch")) != 0;
    host->cpu_model = xml_text(xml, NULL, "/capabilities/host/cpu/model");
    host->qemu_label = xml_text(xml, NULL, "/capabilities/host/secmodel[model='dac']/baselabel[@type='kvm' or @type='qemu']");
    host->security = xml_text(xml, NULL, "/capabilities/host/secmodel[1]/model");
    host->os_type = xml_text(xml, guest, "os_type");
    host->arch = xml_text(xml, guest, "arch/@name");
    host->type = wanted.type;
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
