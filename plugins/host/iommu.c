/* SPDX-License-Identifier: GPL-3.0-or-later */
/* iommu.c - checks of what giving a PCI device to a guest needs, and of guests whose memory the host cannot read */
#include <errno.h>
#include <string.h>
#include "check.h"

/* Is it an AMD processor? (Where the flag is missing its maker still tells.) */
static bool is_amd(struct host *host)
{
    const struct cpu *cpu = host_cpu(host);

    return cpu_has(cpu, "svm") || (cpu->vendor && (g_str_equal(cpu->vendor, "AuthenticAMD") || g_str_equal(cpu->vendor, "HygonGenuine")));
}

static unsigned int count_groups(struct host *host)
{
    char **groups = host_list(host, "sys/kernel/iommu_groups");
    unsigned int count = groups ? g_strv_length(groups) : 0;

    g_strfreev(groups);
    return count;
}

static void run_table(struct host *host, const struct check *check, struct result *result)
{
    const char *table = is_amd(host) ? "IVRS" : "DMAR";

    (void)check;
    if (host_exists(host, "sys/firmware/acpi/tables/%s", table))
        found(result, PASS, "the firmware has the ACPI table %s", table);
    else if (host_exists(host, "sys/firmware/acpi/tables/VIOT") || count_groups(host))
        found(result, PASS, "an IOMMU is there without the ACPI table %s", table);
    else if (errno == EACCES)
        unsure(result, "/sys/firmware/acpi/tables: %s", g_strerror(errno));
    else if (!host_exists(host, "sys/firmware/acpi/tables"))
        unsure(result, "the firmware has no ACPI tables");
    else
        found(result, host->profile & PROFILE_PASSTHROUGH ? WARN : NOTE, "the firmware has no ACPI table %s", table);
}

static void run_groups(struct host *host, const struct check *check, struct result *result)
{
    g_autofree char *line = host_read(host, "proc/cmdline");
    unsigned int count = count_groups(host);

    (void)check;
    if (count) {
        found(result, PASS, "on, %u IOMMU group%s", count, count == 1 ? "" : "s");
        return;
    }
    if (!host_exists(host, "sys/kernel")) {
        unsure(result, "/sys/kernel: %s", g_strerror(errno));
        return;
    }
    found(result, host->profile & PROFILE_PASSTHROUGH ? WARN : NOTE, "off: no IOMMU groups%s",
          line && (strstr(line, "intel_iommu=off") || strstr(line, "amd_iommu=off")) ? " (switched off on the kernel's command line)" : "");
    cure(result, is_amd(host) ? "switch on the IOMMU in the firmware; kernel command line: amd_iommu=on iommu=pt"
                              : "switch on VT-d in the firmware; kernel command line: intel_iommu=on iommu=pt");
}

static void run_vfio(struct host *host, const struct check *check, struct result *result)
{
    (void)check;
    if (host_exists(host, "sys/module/vfio_pci") || host_exists(host, "sys/bus/pci/drivers/vfio-pci"))
        found(result, PASS, "vfio-pci is loaded");
    else
        found(result, NOTE, "vfio-pci is not loaded (libvirt loads it when a device is given to a guest)");
}

const struct check iommu_checks[] = {
    { "iommu-table", "iommu", PROFILE_KVM | PROFILE_PASSTHROUGH, PROFILE_PASSTHROUGH, "IOMMU in the firmware",
      "Giving a PCI device to a guest needs an IOMMU.", run_table, "switch on VT-d or the AMD IOMMU in the firmware's set-up", NULL, NULL },
    { "iommu-on", "iommu", PROFILE_KVM | PROFILE_PASSTHROUGH, PROFILE_PASSTHROUGH, "IOMMU in use",
      "Giving a PCI device to a guest needs an IOMMU that is switched on.", run_groups, NULL, NULL, NULL },
    { "iommu-vfio", "iommu", PROFILE_PASSTHROUGH, 0, "vfio-pci", "It is the driver of devices that are given to guests.", run_vfio,
      "modprobe vfio-pci", NULL, NULL },
    { .id = NULL },
};

/* ---- guests whose memory is encrypted ---- */

/* kvm_amd's parameter: 'Y', '1' is on. */
static bool parameter_on(struct host *host, const char *module, const char *name)
{
    g_autofree char *value = host_read(host, "sys/module/%s/parameters/%s", module, name);

    return value && (*value == 'Y' || *value == '1');
}

static void run_sev(struct host *host, const struct check *check, struct result *result)
{
    const struct cpu *cpu = host_cpu(host);

    (void)check;
    if (!cpu->readable) {
        unsure(result, "/proc/cpuinfo cannot be read");
    } else if (!cpu_has(cpu, "sev")) {
        found(result, NOTE, "the processor has no SEV");
    } else if (!parameter_on(host, "kvm_amd", "sev")) {
        found(result, WARN, "the processor has SEV, kvm_amd has it switched off");
        cure(result, "switch on SMEE and SEV in the firmware, write 'options kvm_amd sev=1' into /etc/modprobe.d/kvm.conf, and restart");
    } else if (!host_exists(host, "dev/sev")) {
        found(result, WARN, "SEV is on, /dev/sev is not there");
        cure(result, "modprobe ccp, and look at the kernel's log for the platform security processor");
    } else {
        found(result, PASS, "SEV%s%s", parameter_on(host, "kvm_amd", "sev_es") ? ", SEV-ES" : "",
              parameter_on(host, "kvm_amd", "sev_snp") ? ", SEV-SNP" : "");
    }
}

static void run_tdx(struct host *host, const struct check *check, struct result *result)
{
    const struct cpu *cpu = host_cpu(host);

    (void)check;
    if (!cpu->readable)
        unsure(result, "/proc/cpuinfo cannot be read");
    else if (parameter_on(host, "kvm_intel", "tdx"))
        found(result, PASS, "TDX is on");
    else if (cpu_has(cpu, "tdx_host_platform"))
        found(result, WARN, "the platform has TDX, kvm_intel has it switched off");
    else
        found(result, NOTE, "the platform has no TDX");
}

/* virt-host-validate's one check: any kind will do. */
const struct check secure_checks[] = {
    { "secure-sev", "secure", PROFILE_KVM, 0, "AMD SEV guests", "A guest's memory is encrypted, the host cannot read it.", run_sev,
      "none: it is a feature of the processor", NULL, NULL },
    { "secure-tdx", "secure", PROFILE_KVM, 0, "Intel TDX guests", "A guest's memory is encrypted, the host cannot read it.", run_tdx,
      "switch on TDX in the firmware, kernel command line: kvm_intel.tdx=1", NULL, NULL },
    { .id = NULL },
};
