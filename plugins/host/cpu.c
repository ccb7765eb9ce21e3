/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cpu.c - checks of the processor: virtualisation, switched off by the firmware, nesting, mitigations */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#if defined(__x86_64__) || defined(__i386__)
# include <cpuid.h>
#endif
#include "check.h"

/* The value of "key : value" of the first processor. */
static char *cpuinfo_value(const char *text, const char *key)
{
    size_t length = strlen(key);

    for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        if (!strncmp(line, key, length) && (line[length] == '\t' || line[length] == ' ' || line[length] == ':')) {
            const char *colon = line + strcspn(line, ":\n");
            if (*colon == ':')
                return g_strstrip(g_strndup(colon + 1, strcspn(colon + 1, "\n")));
        }
    }
    return NULL;
}

const struct cpu *host_cpu(struct host *host)
{
    g_autofree char *text = NULL, *flags = NULL;
    struct cpu *cpu = host->cpu;

    if (cpu)
        return cpu;
    host->cpu = cpu = g_new0(struct cpu, 1);
    cpu->flags = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    text = host_read(host, "proc/cpuinfo");
    if (!text)
        return cpu;
    cpu->readable = true;
    cpu->vendor = cpuinfo_value(text, "vendor_id");
    cpu->model = cpuinfo_value(text, "model name");
    for (const char *p = text; (p = strstr(p, "processor")); p++)
        if ((p == text || p[-1] == '\n') && (p[9] == '\t' || p[9] == ' ' || p[9] == ':'))
            cpu->count++;
    flags = cpuinfo_value(text, "flags");
    if (!flags)
        flags = cpuinfo_value(text, "Features");
    if (flags) {
        char **words = g_strsplit_set(flags, " \t", -1);
        for (char **word = words; *word; word++)
            g_hash_table_add(cpu->flags, *word);
        g_free(words);
    }
    return cpu;
}

bool cpu_has(const struct cpu *cpu, const char *flag)
{
    return g_hash_table_contains(cpu->flags, flag);
}

const char *cpu_virtualization(struct host *host)
{
    const struct cpu *cpu = host_cpu(host);

    return cpu_has(cpu, "vmx") ? "vmx" : cpu_has(cpu, "svm") ? "svm" : NULL;
}

/*
 * The processor's own words (CPUID), which the kernel's flags may leave out. A recorded host keeps them in a file "cpuid" at its root, lines
 * of "leaf eax ebx ecx edx", hexadecimal. false: not to be had.
 */
static bool read_cpuid(struct host *host, uint32_t leaf, uint32_t words[4])
{
    if (!host_is_here(host)) {
        g_autofree char *text = host_read(host, "cpuid");
        for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
            unsigned int at, w[4];
            if (sscanf(line, "%x %x %x %x %x", &at, &w[0], &w[1], &w[2], &w[3]) == 5 && at == leaf) {
                memcpy(words, w, sizeof w);
                return true;
            }
        }
        return false;
    }
#if defined(__x86_64__) || defined(__i386__)
    if ((leaf & 0x40000000) && !(leaf & 0x80000000)) {
        __cpuid(leaf, words[0], words[1], words[2], words[3]);    /* the hypervisor's leaves have no highest number to ask for */
        return true;
    }
    return __get_cpuid(leaf, &words[0], &words[1], &words[2], &words[3]);
#else
    (void)leaf, (void)words;
    return false;
#endif
}

/* Does the processor itself say that it can, whatever the kernel's flags say? */
static bool cpuid_virtualization(struct host *host)
{
    uint32_t w[4];

    if (read_cpuid(host, 1, w) && (w[2] & (1u << 5)))
        return true;
    return read_cpuid(host, 0x80000001, w) && (w[2] & (1u << 2));
}

/* The hypervisor that this machine is a guest of; NULL: it is none. */
static char *outer_hypervisor(struct host *host)
{
    static const struct { const char *signature, *name; } known[] = {
        { "KVMKVMKVM", "KVM" }, { "Microsoft Hv", "Hyper-V" }, { "VMwareVMware", "VMware" }, { "XenVMMXenVMM", "Xen" },
        { "VBoxVBoxVBox", "VirtualBox" }, { "TCGTCGTCGTCG", "QEMU without KVM" }, { "bhyve bhyve ", "bhyve" }, { " lrpepyh  vr", "Parallels" },
        { "ACRNACRNACRN", "ACRN" },
    };
    uint32_t w[4];
    char signature[13] = "";

    if (!cpu_has(host_cpu(host), "hypervisor"))
        return NULL;
    if (!read_cpuid(host, 0x40000000, w))
        return g_strdup("a hypervisor");
    memcpy(signature, &w[1], 12);
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        if (!strncmp(signature, known[i].signature, strlen(known[i].signature)))
            return g_strdup(known[i].name);
    for (char *p = signature; *p; p++)
        if (!g_ascii_isprint(*p))
            *p = '?';
    return *signature ? g_strdup_printf("a hypervisor that calls itself '%s'", signature) : g_strdup("a hypervisor");
}

/* The line of the kernel's log that says the firmware did it. */
static char *log_of_firmware(struct host *host)
{
    g_autofree char *log = host_read(host, "dev/kmsg");
    const char *at = NULL, *start, *text;

    if (log && !(at = strstr(log, "disabled by BIOS")))
        at = strstr(log, "disabled (by BIOS)");
    if (!at)
        return NULL;
    for (start = at; start > log && start[-1] != '\n'; start--)
        ;
    text = strchr(start, ';');
    text = text && text < at ? text + 1 : start;
    return g_strdup_printf("kernel: %.*s", (int)strcspn(text, "\n"), text);
}

/*
 * What the firmware wrote into the processor's own register: Intel's IA32_FEATURE_CONTROL (locked, with VMX outside of TXT or without), AMD's
 * VM_CR (SVM disabled). The device is root's, and there when the module msr is. `told`: the register and its value, to be freed.
 */
enum firmware { FIRMWARE_UNKNOWN, FIRMWARE_ON, FIRMWARE_OFF };
#define MSR_FEATURE_CONTROL 0x3aU
#define MSR_VM_CR 0xc0010114U
enum { FEATURE_CONTROL_LOCKED = 1 << 0, FEATURE_CONTROL_VMX = 1 << 2, VM_CR_SVM_DISABLED = 1 << 4 };

static enum firmware ask_register(struct host *host, char **told)
{
    static const struct { const char *vendor; uint32_t number; } registers[] = {
        { "GenuineIntel", MSR_FEATURE_CONTROL }, { "AuthenticAMD", MSR_VM_CR }, { "HygonGenuine", MSR_VM_CR },
    };
    const char *vendor = host_cpu(host)->vendor;
    g_autofree char *path = host_path(host, "dev/cpu/0/msr");
    uint32_t number = 0;
    uint64_t value;
    bool read, off;
    int fd;

    for (size_t i = 0; i < G_N_ELEMENTS(registers); i++)
        if (g_strcmp0(vendor, registers[i].vendor) == 0)
            number = registers[i].number;
    if (!number || (fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        return FIRMWARE_UNKNOWN;
    read = pread(fd, &value, sizeof value, number) == (ssize_t)sizeof value;
    close(fd);
    if (!read)
        return FIRMWARE_UNKNOWN;
    *told = g_strdup_printf("MSR 0x%x is 0x%" PRIx64, number, value);
    if (number == MSR_VM_CR)
        off = value & VM_CR_SVM_DISABLED;
    else
        off = (value & FEATURE_CONTROL_LOCKED) && !(value & FEATURE_CONTROL_VMX);      /* unlocked: the kernel switches it on itself */
    return off ? FIRMWARE_OFF : FIRMWARE_ON;
}

static void run_virtualization(struct host *host, const struct check *check, struct result *result)
{
    const struct cpu *cpu = host_cpu(host);
    const char *flag = cpu_virtualization(host);
    g_autofree char *outer = NULL, *told = NULL;
    const char *model = cpu->model ? cpu->model : "the processor";
    enum firmware firmware;

    (void)check;
    if (!cpu->readable) {
        unsure(result, "/proc/cpuinfo: %s", g_strerror(errno));
        return;
    }
#if defined(__x86_64__) || defined(__i386__)
    if (!g_hash_table_size(cpu->flags)) {
        unsure(result, "/proc/cpuinfo names no flags");
        return;
    }
#endif
    /* a kernel that left the flag where the firmware had it switched off was usual once; what runs code is right in any case */
    firmware = ask_register(host, &told);
    if (flag && (firmware != FIRMWARE_OFF || host_kvm(host)->works)) {
        found(result, PASS, "%s (%s), %u CPUs, %s", flag, *flag == 'v' ? "Intel VT-x" : "AMD-V", cpu->count, model);
        return;
    }
#if !(defined(__x86_64__) || defined(__i386__))
    if (host_is_here(host)) {
        found(result, PASS, "no flag tells on this architecture; see kvm-run");
        return;
    }
#endif
    outer = outer_hypervisor(host);
    /* a module that needs neither, whether we may use it or not: kvm-run tells of that */
    const struct kvm *kvm = host_kvm(host);
    if (kvm->works || (kvm->module && !g_str_equal(kvm->module, "kvm_intel") && !g_str_equal(kvm->module, "kvm_amd"))) {
        found(result, WARN, "%s has neither vmx nor svm, yet KVM %s through %s", model, kvm->works ? "works" : "is there",
              kvm->module ? kvm->module : "a module of its own");
        cure(result, "nothing need be done; guests may be slower, and some kinds may not start");
        return;
    }
    if (flag || cpuid_virtualization(host)) {
        if (!told)
            told = log_of_firmware(host);
        if (firmware == FIRMWARE_ON) {
            found(result, FAIL, "%s can do it and the firmware lets it (%s), but the kernel leaves it out", model, told);
            cure(result, "look for clearcpuid= on the kernel's command line (/proc/cmdline), and why in its log (dmesg | grep -iE 'vmx|svm|kvm')");
            return;
        }
        if (told)
            found(result, FAIL, "%s can do it, but it is switched off by the firmware (%s)", model, told);
        else
            found(result, FAIL, "%s can do it, but the kernel leaves it out, as where the firmware has it switched off", model);
        cure(result, "switch on %s in the firmware's set-up (BIOS, UEFI), then power the machine off and on",
             cpu->vendor && g_str_equal(cpu->vendor, "GenuineIntel") ? "VT-x (Intel Virtualization Technology)" : "SVM (AMD-V)");
        return;
    }
    if (outer) {
        found(result, FAIL, "%s has neither vmx nor svm: this machine is a guest of %s, which does not pass it on", model, outer);
        cure(result, "switch on nested virtualisation on the outer host (CPU mode host-passthrough), or use guests without KVM (slow)");
        return;
    }
    found(result, FAIL, "%s has neither vmx nor svm", model);
    cure(result, "look for VT-x or SVM in the firmware's set-up; without it guests run without KVM (slow)");
}

static void run_guest(struct host *host, const struct check *check, struct result *result)
{
    g_autofree char *outer = NULL;

    (void)check;
    if (!host_cpu(host)->readable) {
        unsure(result, "/proc/cpuinfo cannot be read");
        return;
    }
    outer = outer_hypervisor(host);
    if (outer)
        found(result, NOTE, "this machine is itself a guest of %s", outer);
    else
        found(result, PASS, "this is a real machine");
}

static void run_mitigations(struct host *host, const struct check *check, struct result *result)
{
    char **names = host_list(host, "sys/devices/system/cpu/vulnerabilities");
    g_autofree char *line = host_read(host, "proc/cmdline");
    g_autoptr(GString) open = g_string_new(NULL);
    unsigned int count = 0;

    (void)check;
    if (!names) {
        unsure(result, "/sys/devices/system/cpu/vulnerabilities: %s", g_strerror(errno));
        return;
    }
    for (char **name = names; *name; name++) {
        g_autofree char *state = host_read(host, "sys/devices/system/cpu/vulnerabilities/%s", *name);
        count++;
        if (state && g_str_has_prefix(state, "Vulnerable"))
            g_string_append_printf(open, "%s%s", open->len ? ", " : "", *name);
    }
    found(result, PASS, "%u known weaknesses, each absent or mitigated", count);
    if (line && has_word(line, "mitigations=off", " \t\n")) {
        found(result, WARN, "switched off on the kernel's command line (mitigations=off)");
        cure(result, "take mitigations=off from the kernel's command line, then restart");
    } else if (open->len) {
        found(result, WARN, "open: %s", open->str);
        cure(result, "update the kernel and the processor's microcode, then restart");
    }
    g_strfreev(names);
}

const struct check cpu_checks[] = {
    { "cpu-virt", "cpu", PROFILE_MACHINES, 0, "hardware virtualisation",
      "Without it guests run by emulation, ten to fifty times slower.", run_virtualization, NULL, NULL, NULL },
    { "cpu-guest", "cpu", PROFILE_MACHINES, 0, "real machine or guest",
      "Guests of a guest need nested virtualisation and are slower.", run_guest, "nothing need be done", NULL, NULL },
    { "cpu-mitigations", "cpu", PROFILE_ALL, 0, "weaknesses of the processor",
      "A guest may read other guests' memory through an open one.", run_mitigations,
      NULL, NULL, NULL },
    { .id = NULL },
};
