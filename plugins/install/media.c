/* SPDX-License-Identifier: GPL-3.0-or-later */
/* media.c - what the guest is installed from, and which system that is. */
#include "install.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the medium -------------------------------------------------------------------------------------------------------------------- */

static int cdrom(struct install *install)
{
    const char *path = install->args->cdrom;
    struct stat status;

    install->medium = MEDIUM_CDROM;
    if (!install->host.remote && install->host.qemu) {
        if (stat(path, &status) < 0)
            return hvsh_fail(install->call, "the medium '%s' cannot be used: %s", path, g_strerror(errno));
        if (S_ISDIR(status.st_mode)) {
            hvsh_fail(install->call, "the medium '%s' is a folder", path);
            return hvsh_hint(install->call, "--location %s installs from a tree in a folder", path);
        }
        if (access(path, R_OK) < 0)
            return hvsh_fail(install->call, "the medium '%s' cannot be read: %s", path, g_strerror(errno));
        if (S_ISREG(status.st_mode) && status.st_size == 0)
            return hvsh_fail(install->call, "the medium '%s' is empty", path);
    }
    install->cdrom = disk_cdrom(install, path);
    return 0;
}

static int location(struct install *install)
{
    struct option *option = option_parse(install->call, "location", install->args->location);
    const char *folder, *kernel, *initrd;
    struct stat status;

    if (!option)
        return -1;
    folder = option_take(option, "location");
    kernel = option_take(option, "kernel");
    initrd = option_take(option, "initrd");
    install->medium = MEDIUM_TREE;
    install->tree.from_network = true;
    if (!folder)
        return hvsh_fail(install->call, "--location needs a folder");
    if (g_str_has_prefix(folder, "file://"))
        folder += strlen("file://");
    if (strstr(folder, "://")) {
        hvsh_fail(install->call, "--location: trees on the network are not supported yet: %s", folder);
        return hvsh_hint(install->call, "fetch the tree's kernel and initrd, and give them with --install kernel=FILE,initrd=FILE --extra-args inst.repo=%s", folder);
    }
    folder = hvsh_defer(install->call, g_canonicalize_filename(folder, NULL), g_free);
    if (install->host.remote)
        return hvsh_fail(install->call, "--location: a folder of this machine is of no use to the host of the guest");
    if (stat(folder, &status) < 0)
        return hvsh_fail(install->call, "the tree '%s' cannot be used: %s", folder, g_strerror(errno));
    if (!S_ISDIR(status.st_mode)) {
        hvsh_fail(install->call, "--location takes a folder, and %s is a file", folder);
        return hvsh_hint(install->call, "--cdrom %s boots from a medium", folder);
    }
    return tree_find(install, folder, kernel, initrd);
}

/* --install kernel=,initrd=,kernel_args=,bootdev=,os=,no_install= */
static int fine_points(struct install *install, bool *none)
{
    struct option *option;
    const char *kernel, *initrd, *words, *device, *os;

    *none = false;
    if (!install->args->install)
        return 0;
    option = option_parse(install->call, "install", install->args->install);
    if (!option)
        return -1;
    kernel = option_take(option, "kernel");
    initrd = option_take(option, "initrd");
    words = option_take(option, "kernel_args");
    device = option_take(option, "bootdev");
    os = option_take(option, "os");
    *none = option_take_bool(option, "no_install", false);
    option_take(option, "kernel_args_overwrite");
    if (os)
        return hvsh_fail(install->call, "--install: a system by its name alone is not supported yet: '%s'; give --location or --cdrom", os);
    if (kernel || initrd) {
        if (!kernel || access(kernel, R_OK) < 0 || (initrd && access(initrd, R_OK) < 0))
            return hvsh_fail(install->call, "--install: the kernel or initrd cannot be read: %s, %s", kernel ? kernel : "none", initrd ? initrd : "none");
        install->medium = install->medium ? install->medium : MEDIUM_KERNEL;
        install->tree.kernel = hvsh_defer(install->call, g_canonicalize_filename(kernel, NULL), g_free);
        install->tree.initrd = initrd ? hvsh_defer(install->call, g_canonicalize_filename(initrd, NULL), g_free) : NULL;
    }
    if (words)
        install->extra = words;
    if (device && strcmp(device, "network") == 0)
        install->medium = MEDIUM_NETWORK;
    return 0;
}

int media_find(struct install *install)
{
    const struct install_args *args = install->args;
    unsigned int ways = !!args->cdrom + !!args->location + args->pxe + args->import;
    bool none, has_boot = model_has(install->domain, "os/boot") || model_has(install->domain, "os/kernel") || model_has(install->domain, "os/firmware");
    g_autoptr(GString) words = g_string_new(NULL);

    if (ways > 1)
        return hvsh_fail(install->call, "--cdrom, --location, --pxe and --import contradict each other: a guest is installed from one of them");
    if (args->livecd && !args->cdrom)
        return hvsh_fail(install->call, "--livecd needs the medium: --cdrom FILE");
    for (size_t i = 0; i < args->extra_args.count; i++)
        g_string_append_printf(words, "%s%s", i ? " " : "", args->extra_args.items[i]);
    install->extra = words->len ? hvsh_printf(install->call, "%s", words->str) : NULL;
    if ((args->cdrom && cdrom(install) < 0) || (args->location && location(install) < 0) || fine_points(install, &none) < 0)
        return -1;
    if (args->pxe)
        install->medium = MEDIUM_NETWORK;
    if (args->import || none)
        install->medium = MEDIUM_IMPORT;
    if (!install->medium && !has_boot && !args->print_xml) {
        hvsh_fail(install->call, "what is the guest installed from? --cdrom FILE, --location FOLDER, --pxe, or --import when a disk has a system already");
        return -1;
    }
    if (!install->medium)
        install->medium = MEDIUM_IMPORT;
    if (install->extra && !install->tree.kernel)
        return hvsh_fail(install->call, "--extra-args are for the kernel of --location; a medium of --cdrom or --pxe starts its own");
    return 0;
}

/* ---- the system ---------------------------------------------------------------------------------------------------------------------- */

/* "Fedora" 36 is fedora36, "Red Hat Enterprise Linux" 9.1 is rhel9.1, Debian 12.5.0 is debian12. */
static const char *name_of_tree(struct install *install)
{
    static const struct { const char *family, *name; unsigned int parts; } names[] = {
        { "Debian", "debian", 1 }, { "Ubuntu", "ubuntu", 2 }, { "Fedora", "fedora", 1 }, { "Red Hat", "rhel", 2 }, { "CentOS Stream", "centos-stream", 1 },
        { "CentOS", "centos", 1 }, { "Rocky", "rocky", 1 }, { "AlmaLinux", "almalinux", 1 }, { "openSUSE", "opensuse", 2 }, { "Mageia", "mageia", 1 },
    };
    const char *family = install->tree.family, *version = install->tree.version, *end;

    if (!family || !version)
        return NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (!g_str_has_prefix(family, names[i].family))
            continue;
        end = version + strcspn(version, ".");
        if (names[i].parts == 2 && *end)
            end += 1 + strcspn(end + 1, ".");
        return hvsh_printf(install->call, "%s%.*s", names[i].name, (int)(end - version), version);
    }
    return NULL;
}

/* By name, or by the newest known before it. */
static int by_name_or_near(struct install *install, const char *name)
{
    const char *nearest;

    if (osinfo_by_name(install, name))
        return 1;
    nearest = osinfo_nearest(install, name);
    if (!nearest || !osinfo_by_name(install, nearest))
        return 0;
    hvsh_note(install->call, "%s is newer than this host's database of systems: the guest is made as for %s", name, nearest);
    return 1;
}

static int detect(struct install *install)
{
    const char *name;

    if (install->cdrom && !install->host.remote)
        return osinfo_by_medium(install, install->args->cdrom);
    if (install->tree.folder) {
        name = name_of_tree(install);
        return osinfo_by_tree(install, install->tree.folder) || (name && by_name_or_near(install, name));
    }
    return 0;
}

static int not_found(struct install *install)
{
    if (!osinfo_available(install))
        hvsh_fail(install->call, "the system cannot be found out: libosinfo or its database (osinfo-db) is not installed");
    else
        hvsh_fail(install->call, "--osinfo is required: which system the guest gets could not be found out");
    return hvsh_hint(install->call, "--osinfo NAME (debian11, fedora37, linux2022 ...), or --osinfo generic for devices that everything knows");
}

int os_find(struct install *install)
{
    const char *given = install->args->osinfo, *name = NULL;
    bool detecting = true, required = true;

    if (given && strcmp(given, "none") == 0)
        given = "generic";
    if (given && strchr(given, '=')) {
        struct option *option = option_parse(install->call, "osinfo", given);
        const char *short_id, *id;

        if (!option)
            return -1;
        name = option_take(option, "name");
        short_id = option_take(option, "short-id");
        id = option_take(option, "id");
        name = name ? name : short_id ? short_id : id;
        detecting = option_take_bool(option, "detect", false);
        required = option_take_bool(option, "require", false);
    } else if (given && strcmp(given, "auto") != 0 && strcmp(given, "detect") != 0) {
        name = given;
        detecting = required = false;
    }
    if (name && strcmp(name, "generic") == 0) {
        explain(install, "system: generic, as --osinfo says: devices that every system knows");
        return 0;
    }
    if (name && !osinfo_by_name(install, name)) {
        const char *nearest;

        if (!osinfo_available(install))
            return not_found(install);
        nearest = osinfo_nearest(install, name);
        hvsh_fail(install->call, "Unknown OS name '%s'. See `osinfo-query os` for valid values.", name);
        return nearest ? hvsh_hint(install->call, "the nearest this host's database knows is %s", nearest) : -1;
    }
    if (!name && detecting)
        detect(install);
    if (install->os_found) {
        explain(install, "system: %s (%s)", install->os.name, name ? "as --osinfo says" : "found by what it is installed from");
        return 0;
    }
    if (!name && required)
        return not_found(install);
    if (!name && !required)
        hvsh_note(install->call, "the system could not be found out: the guest is made for any");
    return 0;
}
