/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kvm.c - checks of KVM: its module, its device, and whether it really runs code */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"

/* The modules that can stand behind /dev/kvm. */
static const char *const modules[] = { "kvm_intel", "kvm_amd", "kvm_pvm", "kvm_hv", "kvm_pr", NULL };

static const char *module_of(struct host *host)
{
    for (int i = 0; modules[i]; i++)
        if (host_exists(host, "sys/module/%s", modules[i]))
            return modules[i];
    return NULL;
}

/* The module that this processor takes; NULL: neither. */
static const char *module_for(struct host *host)
{
    const char *flag = cpu_virtualization(host);

    return !flag ? NULL : *flag == 'v' ? "kvm_intel" : "kvm_amd";
}

#if defined(__x86_64__) || defined(__i386__)
/* mov al, 42; out 16, al; hlt: the port's write and the halt must both come back to us. */
static const unsigned char guest_code[] = { 0xb0, 0x2a, 0xe6, 0x10, 0xf4 };
#define GUEST_AT 0x1000
#define GUEST_SIZE 0x1000

/* Run the code in the virtual CPU. NULL, or the step that failed with errno (0: it did something else). */
static const char *run_code(int kvm, int vm, int cpu)
{
    struct kvm_userspace_memory_region region = { .guest_phys_addr = GUEST_AT, .memory_size = GUEST_SIZE };
    struct kvm_sregs sregs;
    struct kvm_regs regs = { .rip = GUEST_AT, .rflags = 2 };
    struct kvm_run *run = MAP_FAILED;
    int size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
    void *memory = mmap(NULL, GUEST_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    const char *step = "give the virtual machine memory";
    bool written = false;

    if (memory == MAP_FAILED || size < (int)sizeof *run)
        goto out;
    memcpy(memory, guest_code, sizeof guest_code);
    region.userspace_addr = (uintptr_t)memory;
    ioctl(vm, KVM_SET_TSS_ADDR, 0xfffbd000);      /* older Intel processors need it for real mode; others refuse or ignore it */
    if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) < 0)
        goto out;
    step = "set up the virtual CPU";
    run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
    if (run == MAP_FAILED || ioctl(cpu, KVM_GET_SREGS, &sregs) < 0)
        goto out;
    sregs.cs.base = 0;
    sregs.cs.selector = 0;
    if (ioctl(cpu, KVM_SET_SREGS, &sregs) < 0 || ioctl(cpu, KVM_SET_REGS, &regs) < 0)
        goto out;
    step = "run code in the virtual CPU";
    for (int i = 0; i < 3; i++) {
        if (ioctl(cpu, KVM_RUN, 0) < 0)
            goto out;
        if (run->exit_reason == KVM_EXIT_IO && run->io.direction == KVM_EXIT_IO_OUT && run->io.port == 0x10 &&
            *((unsigned char *)run + run->io.data_offset) == 0x2a) {
            written = true;
        } else if (run->exit_reason == KVM_EXIT_HLT && written) {
            step = NULL;
            goto out;
        } else {
            break;
        }
    }
    errno = 0;
out:
    {
        int saved = errno;
        if (run != MAP_FAILED)
            munmap(run, (size_t)size);
        if (memory != MAP_FAILED)
            munmap(memory, GUEST_SIZE);
        errno = saved;
    }
    return step;
}
#else
static const char *run_code(int kvm, int vm, int cpu)
{
    (void)kvm, (void)vm, (void)cpu;
    return NULL;                                  /* a virtual CPU that can be made is what can be asked here */
}
#endif

/* Everything from the device to the halt: NULL, or the step that failed with errno. */
static const char *try_kvm(const char *path)
{
    int kvm = open(path, O_RDWR | O_CLOEXEC), vm = -1, cpu = -1, saved;
    const char *step = "open /dev/kvm";

    if (kvm < 0)
        return step;
    step = "ask for KVM's version";
    saved = ioctl(kvm, KVM_GET_API_VERSION, 0);
    if (saved != KVM_API_VERSION) {
        errno = saved < 0 ? errno : EPROTO;
        goto out;
    }
    step = "make a virtual machine";
    if ((vm = ioctl(kvm, KVM_CREATE_VM, 0)) < 0)
        goto out;
    step = "make a virtual CPU";
    if ((cpu = ioctl(vm, KVM_CREATE_VCPU, 0)) < 0)
        goto out;
    step = run_code(kvm, vm, cpu);
out:
    saved = errno;
    if (cpu >= 0)
        close(cpu);
    if (vm >= 0)
        close(vm);
    close(kvm);
    errno = saved;
    return step;
}

const struct kvm *host_kvm(struct host *host)
{
    struct kvm *kvm = &host->kvm;
    g_autofree char *path = NULL;

    if (kvm->tried || !host_is_here(host)) {
        if (!kvm->module)
            kvm->module = module_of(host);
        return kvm;
    }
    kvm->tried = true;
    kvm->module = module_of(host);
    path = host_path(host, "dev/kvm");
    kvm->step = try_kvm(path);
    kvm->error = kvm->step ? errno : 0;
    kvm->works = !kvm->step;
    return kvm;
}

static void run_module(struct host *host, const struct check *check, struct result *result)
{
    const char *module = module_of(host), *wanted = module_for(host);

    (void)check;
    if (module && (g_str_equal(module, "kvm_intel") || g_str_equal(module, "kvm_amd"))) {
        found(result, PASS, "%s is loaded", module);
    } else if (module) {
        found(result, WARN, "%s is loaded, not kvm_intel or kvm_amd", module);
        cure(result, "nothing need be done; nested guests, PCI passthrough and some CPU features may be missing");
    } else if (!host_exists(host, "sys/module")) {
        unsure(result, "/sys/module: %s", g_strerror(errno));
    } else if (wanted) {
        found(result, FAIL, "%s is not loaded", wanted);
        cure(result, "modprobe %s", wanted);
    } else if (host_exists(host, "sys/module/kvm") || host_exists(host, "dev/kvm")) {
        found(result, NOTE, "KVM is there, its processor's part is not a module");
    } else {
        found(result, FAIL, "no module of KVM is loaded, and the processor's flags name none");
        cure(result, "see cpu-virt first");
    }
}

static void fix_module(struct host *host, const struct check *check, GPtrArray *steps)
{
    const char *wanted = module_for(host);

    (void)check;
    if (!wanted || host_exists(host, "sys/module/%s", wanted))
        return;
    step_run(steps, "modprobe", wanted, NULL);
    step_back(steps, "modprobe", "-r", wanted, NULL);
    g_autofree char *line = g_strconcat(wanted, "\n", NULL);
    step_write(steps, "/etc/modules-load.d/hvsh-kvm.conf", line);
}

static void run_run(struct host *host, const struct check *check, struct result *result)
{
    const struct kvm *kvm = host_kvm(host);
    const char *wanted = module_for(host);

    (void)check;
    if (!host_is_here(host)) {
        unsure(result, "KVM can be tried on the machine itself only");
        return;
    }
    if (kvm->works) {
        found(result, PASS, "a virtual CPU ran our code%s%s", kvm->module ? ", by " : "", kvm->module ? kvm->module : "");
        return;
    }
    found(result, FAIL, "cannot %s: %s", kvm->step, kvm->error ? g_strerror(kvm->error) : "it did something else than it was told");
    switch (kvm->error) {
    case EACCES:
    case EPERM:
        cure(result, "usermod -aG kvm %s, then log in again", g_get_user_name());
        break;
    case ENOENT:
    case ENXIO:
    case ENODEV:
        if (kvm->error == ENOENT && module_of(host))
            cure(result, "see kvm-access first");
        else if (wanted)
            cure(result, "modprobe %s", wanted);
        else
            cure(result, "see cpu-virt first");
        break;
    case EBUSY:
        cure(result, "stop the other hypervisor that holds the processor's virtualisation (VirtualBox, VMware)");
        break;
    case EINTR:
        unsure(result, "the try was interrupted");
        break;
    default:
        cure(result, "look at the kernel's log (dmesg | grep kvm)");
    }
}

/* QEMU runs as a user of its own under the system's libvirt: the device must be open to it, not only to root. */
static void run_access(struct host *host, const struct check *check, struct result *result)
{
    g_autofree char *path = host_path(host, "dev/kvm");
    g_autofree char *groups = NULL, *line = NULL;
    struct stat st;
    const char *at;
    unsigned int mode;

    (void)check;
    if (stat(path, &st) < 0) {
        if (errno == ENOENT) {
            const char *module = module_of(host);

            found(result, FAIL, "/dev/kvm is not there%s%s%s", module ? ", and " : "", module ? module : "", module ? " is loaded" : "");
            cure(result, module ? "in a container: give it the machine's /dev/kvm; else: mknod -m 660 /dev/kvm c 10 232 && chgrp kvm /dev/kvm"
                                : "see kvm-module first");
        } else {
            unsure(result, "/dev/kvm: %s", g_strerror(errno));
        }
        return;
    }
    mode = st.st_mode & 0777;
    if ((mode & 06) == 06) {
        found(result, PASS, "/dev/kvm is open to everybody (mode %04o)", mode);
        return;
    }
    groups = host_read(host, "etc/group");
    for (at = groups; at && strncmp(at, "kvm:", 4); at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
        ;
    line = at ? g_strndup(at, strcspn(at, "\n")) : NULL;
    char **words = g_strsplit(line ? line : "", ":", 4);
    if ((mode & 060) == 060 && g_strv_length(words) == 4 && strtoul(words[2], NULL, 10) == st.st_gid)
        found(result, PASS, "/dev/kvm is open to the group kvm (mode %04o)", mode);
    else
        found(result, WARN, "/dev/kvm is open to %s only (mode %04o, group %u)", (mode & 060) == 060 ? "its group" : "root", mode,
              (unsigned int)st.st_gid);
    g_strfreev(words);
}

static void run_parameter(struct host *host, const struct check *check, struct result *result)
{
    const char *module = module_of(host);
    const char *const *names = check->arg;        /* Intel's name, AMD's */
    const char *name;
    g_autofree char *value = NULL;

    if (!module || (!g_str_equal(module, "kvm_intel") && !g_str_equal(module, "kvm_amd"))) {
        unsure(result, "neither kvm_intel nor kvm_amd is loaded");
        return;
    }
    name = names[g_str_equal(module, "kvm_amd")];
    value = host_read(host, "sys/module/%s/parameters/%s", module, name);
    if (!value)
        unsure(result, "/sys/module/%s/parameters/%s: %s", module, name, g_strerror(errno));
    else if (*value == 'Y' || *value == '1')
        found(result, PASS, "%s.%s is on", module, name);
    else {
        found(result, WARN, "%s.%s is off", module, name);
        cure(result, "write 'options %s %s=1' into /etc/modprobe.d/kvm.conf; stop all guests and load the module again", module, name);
    }
}

static void fix_parameter(struct host *host, const struct check *check, GPtrArray *steps)
{
    const char *module = module_of(host);
    const char *const *names = check->arg;

    if (!module || (!g_str_equal(module, "kvm_intel") && !g_str_equal(module, "kvm_amd")))
        return;
    const char *name = names[g_str_equal(module, "kvm_amd")];
    g_autofree char *line = g_strdup_printf("options %s %s=1\n", module, name);
    g_autofree char *path = g_strdup_printf("/etc/modprobe.d/hvsh-kvm-%s.conf", name);
    step_write(steps, path, line);
    step_run(steps, "modprobe", "-r", module, NULL);
    step_back(steps, "modprobe", module, NULL);
    step_run(steps, "modprobe", module, NULL);
}

static const char *const nested[] = { "nested", "nested" }, *const paging[] = { "ept", "npt" };

const struct check kvm_checks[] = {
    { "kvm-module", "kvm", PROFILE_MACHINES, 0, "KVM's module", "The kernel's part of KVM must be loaded.", run_module, NULL, fix_module, NULL },
    { "kvm-run", "kvm", PROFILE_MACHINES, 0, "KVM runs code",
      "A virtual CPU is made and runs a few bytes: no flag can lie about that.", run_run, NULL, fix_module, NULL },
    { "kvm-access", "kvm", PROFILE_MACHINES, 0, "who may use /dev/kvm", "QEMU runs as a user of its own, in the group kvm.", run_access,
      "chgrp kvm /dev/kvm and chmod 0660 /dev/kvm; udev does it when the QEMU package is installed", NULL, NULL },
    { "kvm-paging", "kvm", PROFILE_MACHINES, 0, "nested page tables", "Without EPT or NPT each memory access of guests costs more.",
      run_parameter, NULL, fix_parameter, paging },
    { "kvm-nested", "kvm", PROFILE_KVM, 0, "guests may have guests", "Hypervisors inside guests need it.", run_parameter, NULL,
      fix_parameter, nested },
    { .id = NULL },
};
