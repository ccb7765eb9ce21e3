/* SPDX-License-Identifier: GPL-3.0-or-later */
/* packages.c - checks of the programs that guests need: the programs themselves, and what the package database says of them */
#include <errno.h>
#include <json-c/json.h>
#include <string.h>
#include "check.h"

char *install_command(const struct host *host, const char *package)
{
    switch (host_family(host, NULL)) {
    case FAMILY_DEBIAN: return g_strdup_printf("apt-get install -y %s", package);
    case FAMILY_FEDORA: return g_strdup_printf("dnf install -y %s", package);
    case FAMILY_SUSE:   return g_strdup_printf("zypper --non-interactive install %s", package);
    case FAMILY_ARCH:   return g_strdup_printf("pacman -S --noconfirm %s", package);
    default:            return NULL;
    }
}

/* For a package that counts as installed while its files are gone; only where there is a database that can say so. */
static char *reinstall_command(const struct host *host, const char *package)
{
    switch (host_family(host, NULL)) {
    case FAMILY_FEDORA: return g_strdup_printf("dnf reinstall -y %s", package);
    case FAMILY_SUSE:   return g_strdup_printf("zypper --non-interactive install --force %s", package);
    default:            return g_strdup_printf("apt-get install -y --reinstall %s", package);
    }
}

/* dpkg began with it and did not end: "half-installed", "unpacked", "half-configured", "triggers-pending" and the like. */
static bool is_half(const char *state)
{
    return state && !g_str_equal(state, "installed") && !g_str_equal(state, "config-files") && !g_str_equal(state, "not-installed");
}

#if defined(__aarch64__) || defined(__arm__)
# define QEMU_PACKAGE "qemu-system-arm"
#elif defined(__x86_64__) || defined(__i386__)
# define QEMU_PACKAGE "qemu-system-x86"
#else
# define QEMU_PACKAGE "qemu-system"
#endif

/* What a host needs: where it lies, and what brings it, by family. Paths: one that exists is enough. */
struct need {
    enum severity missing;
    const char *paths;                            /* separated by blanks, without leading slash */
    const char *debian, *debian_any;              /* to install; dpkg's names that count as installed, "a|b" */
    const char *fedora, *suse, *rpm_any;          /* the same for rpm's */
    const char *arch;
};

static const char *package_of(const struct host *host, const struct need *need)
{
    switch (host_family(host, NULL)) {
    case FAMILY_DEBIAN: return need->debian;
    case FAMILY_FEDORA: return need->fedora;
    case FAMILY_SUSE:   return need->suse;
    case FAMILY_ARCH:   return need->arch;
    default:            return NULL;
    }
}

/* What the database says of it: NULL, or its state and the package's name in *which. */
static const char *state_of(struct host *host, const struct need *need, char **which)
{
    const struct packages *packages = host_packages(host);

    return package_state(packages, host_family(host, NULL) == FAMILY_DEBIAN ? need->debian_any : need->rpm_any, which);
}

static void run_need(struct host *host, const struct check *check, struct result *result)
{
    const struct need *need = check->arg;
    const struct packages *packages = host_packages(host);
    g_auto(GStrv) paths = g_strsplit(need->paths, " ", -1);
    g_autofree char *which = NULL, *command = NULL, *system = NULL, *program = NULL;
    const char *there = NULL, *hidden = NULL, *package = package_of(host, need), *state = state_of(host, need, &which);

    for (char **path = paths; *path && !there; path++)
        if (host_exists(host, "%s", *path))
            there = *path;
        else if (errno != ENOENT && errno != ENOTDIR)
            hidden = *path;
    if (is_half(state)) {
        found(result, FAIL, "the package %s is half installed (dpkg: %s)", which, state);
        cure(result, "dpkg --configure -a");
    } else if (there) {
        found(result, PASS, "/%s%s%s", there, state ? ", package " : "", state ? which : "");
    } else if (hidden) {
        unsure(result, "/%s: %s", hidden, g_strerror(EACCES));
    } else if (state && g_str_equal(state, "installed")) {
        command = reinstall_command(host, which);
        found(result, FAIL, "the package %s counts as installed, but /%s is missing", which, paths[0]);
        cure(result, "%s", command);
    } else if (host_family(host, &system) == FAMILY_UNKNOWN) {
        const char *name = strrchr(paths[0], '/') + 1;
        if (host_is_here(host) && (program = g_find_program_in_path(name)))
            found(result, PASS, "%s", program);
        else
            unsure(result, "/%s is not there, and where %s has it is not known to hvsh", paths[0], system ? system : "this system");
        cure(result, "install %s by this system's package manager", need->arch);
    } else {
        command = package ? install_command(host, package) : NULL;
        found(result, need->missing, "/%s is not there%s", paths[0], packages->known ? ", and no package of it is installed" : "");
        if (command)
            cure(result, "%s", command);
    }
}

/* Is the database whole? A package that stopped half way stops all others, too. */
static void run_database(struct host *host, const struct check *check, struct result *result)
{
    const struct packages *packages = host_packages(host);
    g_autoptr(GString) half = g_string_new(NULL);
    GHashTableIter iter;
    void *name, *state;
    unsigned int count = 0;

    (void)check;
    if (!packages->known) {
        unsure(result, "%s (the programs themselves are looked for)", packages->problem);
        return;
    }
    g_hash_table_iter_init(&iter, packages->states);
    while (g_hash_table_iter_next(&iter, &name, &state)) {
        count += g_str_equal(state, "installed");
        if (is_half(state) && half->len < 200)
            g_string_append_printf(half, "%s%s (%s)", half->len ? ", " : "", (char *)name, (char *)state);
    }
    if (half->len)
        found(result, WARN, "half installed: %s", half->str);
    else
        found(result, PASS, "%s has %u packages, all of them whole", packages->manager, count);
}

static void fix_database(struct host *host, const struct check *check, GPtrArray *steps)
{
    (void)host, (void)check;
    step_run(steps, "dpkg", "--configure", "-a", NULL);
}

/* The file that a firmware descriptor of QEMU's names as UEFI code; NULL: another kind, or none. Owned by `object`. */
static const char *uefi_code(struct json_object *object)
{
    struct json_object *types, *mapping, *code, *file;
    bool uefi = false;

    if (json_object_object_get_ex(object, "interface-types", &types) && json_object_is_type(types, json_type_array))
        for (size_t i = 0; i < json_object_array_length(types); i++)
            uefi |= !g_strcmp0(json_object_get_string(json_object_array_get_idx(types, i)), "uefi");
    if (!uefi || !json_object_object_get_ex(object, "mapping", &mapping) || !json_object_is_type(mapping, json_type_object))
        return NULL;
    if (json_object_object_get_ex(mapping, "executable", &code) && json_object_is_type(code, json_type_object) &&
        json_object_object_get_ex(code, "filename", &file))
        return json_object_get_string(file);
    return json_object_object_get_ex(mapping, "filename", &file) ? json_object_get_string(file) : NULL;
}

/* UEFI for guests is what QEMU's firmware descriptors name; where there are none, the usual files. */
static void run_firmware(struct host *host, const struct check *check, struct result *result)
{
    g_auto(GStrv) names = host_list(host, "usr/share/qemu/firmware");
    g_autofree char *missing = NULL;
    unsigned int count = 0;

    for (char **name = names; name && *name; name++) {
        g_autofree char *text = g_str_has_suffix(*name, ".json") ? host_read(host, "usr/share/qemu/firmware/%s", *name) : NULL;
        struct json_object *object = text ? json_tokener_parse(text) : NULL;
        const char *file = object ? uefi_code(object) : NULL;

        if (file && host_exists(host, "%s", *file == '/' ? file + 1 : file))
            count++;
        else if (file && !missing)
            missing = g_strdup_printf("%s names %s, which is not there", *name, file);
        json_object_put(object);
    }
    if (count)
        found(result, PASS, "%u UEFI build%s of those in /usr/share/qemu/firmware", count, count == 1 ? "" : "s");
    else
        run_need(host, check, result);
    if (missing && result->severity != FAIL)
        found(result, WARN, "%s", missing);
}

static void fix_need(struct host *host, const struct check *check, GPtrArray *steps)
{
    const struct need *need = check->arg;
    g_auto(GStrv) words = NULL;
    g_autofree char *command = NULL, *which = NULL;
    const char *package = package_of(host, need), *state = state_of(host, need, &which);

    if (is_half(state)) {
        fix_database(host, check, steps);
        return;
    }
    if (state && g_str_equal(state, "installed"))
        command = reinstall_command(host, which);
    else if (package)
        command = install_command(host, package);
    if (!command)
        return;
    words = g_strsplit(command, " ", -1);
    step_words(steps, STEP_RUN, (const char *const *)words);
}

static const struct need
    qemu = { FAIL,
             "usr/bin/qemu-system-x86_64 usr/libexec/qemu-kvm usr/bin/qemu-kvm usr/bin/qemu-system-aarch64 usr/bin/qemu-system-ppc64 "
             "usr/bin/qemu-system-s390x",
             QEMU_PACKAGE, "qemu-system-x86|qemu-system-arm|qemu-system-ppc|qemu-system-misc|qemu-kvm",
             "qemu-kvm", "qemu-kvm", "qemu-kvm-core|qemu-system-x86-core|qemu-system-aarch64-core|qemu-x86|qemu-arm|qemu-kvm", "qemu-base" },
    image = { FAIL, "usr/bin/qemu-img", "qemu-utils", "qemu-utils", "qemu-img", "qemu-img", "qemu-img|qemu-tools", "qemu-img" },
    libvirt_daemon = { FAIL, "usr/sbin/libvirtd usr/sbin/virtqemud usr/bin/libvirtd usr/bin/virtqemud",
               "libvirt-daemon-system", "libvirt-daemon|libvirt-daemon-system",
               "libvirt", "libvirt-daemon-qemu", "libvirt-daemon|libvirt-daemon-driver-qemu", "libvirt" },
    driver = { FAIL,
               "usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so "
               "usr/lib/aarch64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so "
               "usr/lib64/libvirt/connection-driver/libvirt_driver_qemu.so usr/lib/libvirt/connection-driver/libvirt_driver_qemu.so",
               "libvirt-daemon-driver-qemu", "libvirt-daemon-driver-qemu",
               "libvirt-daemon-driver-qemu", "libvirt-daemon-driver-qemu", "libvirt-daemon-driver-qemu", "libvirt" },
    dnsmasq = { WARN, "usr/sbin/dnsmasq usr/bin/dnsmasq", "dnsmasq-base", "dnsmasq-base|dnsmasq", "dnsmasq", "dnsmasq", "dnsmasq", "dnsmasq" },
    firmware = { WARN,
                 "usr/share/OVMF/OVMF_CODE_4M.fd usr/share/OVMF/OVMF_CODE.fd usr/share/edk2/ovmf/OVMF_CODE.fd "
                 "usr/share/AAVMF/AAVMF_CODE.fd usr/share/edk2/x64/OVMF_CODE.4m.fd usr/share/qemu/ovmf-x86_64-code.bin",
                 "ovmf", "ovmf|qemu-efi-aarch64", "edk2-ovmf", "qemu-ovmf-x86_64", "edk2-ovmf|edk2-aarch64|qemu-ovmf-x86_64|qemu-uefi-aarch64",
                 "edk2-ovmf" },
    tpm = { NOTE, "usr/bin/swtpm", "swtpm-tools", "swtpm", "swtpm swtpm-tools", "swtpm", "swtpm", "swtpm" },
    guestfs = { NOTE, "usr/bin/guestfish usr/bin/virt-customize", "guestfs-tools", "guestfs-tools|libguestfs-tools",
                "guestfs-tools", "guestfs-tools", "guestfs-tools|libguestfs-tools-c", "guestfs-tools" },
    viewer = { NOTE, "usr/bin/virt-viewer usr/bin/remote-viewer", "virt-viewer", "virt-viewer", "virt-viewer", "virt-viewer", "virt-viewer",
               "virt-viewer" },
    bridge = { NOTE, "usr/sbin/ip sbin/ip usr/bin/ip bin/ip", "iproute2", "iproute2", "iproute", "iproute2", "iproute|iproute2", "iproute2" };

const struct check package_checks[] = {
    { "pkg-database", "package", PROFILE_ALL, 0, "package database", "A package that stopped half way works badly, and lets no other be installed.",
      run_database, "dpkg --configure -a", fix_database, NULL },
    { "pkg-qemu", "package", PROFILE_MACHINES, 0, "QEMU", "It is the program that runs a guest.", run_need, NULL, fix_need, &qemu },
    { "pkg-qemu-img", "package", PROFILE_MACHINES, 0, "qemu-img", "Disk images are made with it.", run_need, NULL, fix_need, &image },
    { "pkg-libvirt", "package", PROFILE_ALL, 0, "libvirt's daemon", "It manages guests, networks and storage.", run_need, NULL, fix_need,
      &libvirt_daemon },
    { "pkg-driver-qemu", "package", PROFILE_MACHINES, 0, "libvirt's QEMU driver", "Without it libvirt knows no QEMU guests.", run_need,
      NULL, fix_need, &driver },
    { "pkg-dnsmasq", "package", PROFILE_ALL, 0, "dnsmasq", "It gives addresses and names to guests on libvirt's networks.", run_need, NULL,
      fix_need, &dnsmasq },
    { "pkg-iproute", "package", PROFILE_ALL, 0, "ip", "The host's network is looked at and changed with it.", run_need, NULL, fix_need,
      &bridge },
    { "pkg-ovmf", "package", PROFILE_MACHINES, 0, "UEFI for guests", "Guests that boot by UEFI (Windows 11, secure boot) need it.",
      run_firmware, NULL, fix_need, &firmware },
    { "pkg-swtpm", "package", PROFILE_KVM | PROFILE_DESKTOP, 0, "TPM for guests", "Windows 11 and measured boot need a TPM.", run_need, NULL,
      fix_need, &tpm },
    { "pkg-guestfs", "package", PROFILE_KVM, 0, "tools for guests' disks", "Looking into and preparing disk images needs them.", run_need,
      NULL, fix_need, &guestfs },
    { "pkg-viewer", "package", PROFILE_DESKTOP, 0, "viewer", "It shows a guest's screen.", run_need, NULL, fix_need, &viewer },
    { .id = NULL },
};
