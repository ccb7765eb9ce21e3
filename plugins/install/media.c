/* SPDX-License-Identifier: GPL-3.0-or-later */
/* media.c - what the guest is installed from, and which system that is. */
#include "image.h"
#include "download.h"
#include "inject.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the medium -------------------------------------------------------------------------------------------------------------------- */

/* Can this file be a medium? -1 after hvsh_fail(). */
static int check_medium(struct install *install, const char *path)
{
    struct stat status;

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
    return 0;
}

static int cdrom(struct install *install)
{
    const char *path = install->args->cdrom, *typed = hvsh_text(install->call, "cdrom");

    install->medium = MEDIUM_CDROM;
    /* QEMU reads it from the server itself */
    if (typed && download_is_url(typed))
        path = typed;
    else if (!install->host.remote && install->host.qemu && check_medium(install, path) < 0)
        return -1;
    install->cdrom = disk_cdrom(install, path);
    return install->cdrom ? 0 : -1;
}

/* A folder, an address, or a medium whose kernel is started. */
static int tree(struct install *install, const char *place, const char *kernel, const char *initrd)
{
    enum source_kind kind = SOURCE_SERVER;
    struct source *source;
    struct stat status;

    install->medium = MEDIUM_TREE;
    if (!place)
        return hvsh_fail(install->call, "--location needs a folder, an address or a medium");
    if (g_str_has_prefix(place, "file://"))
        place += strlen("file://");
    if (!download_is_url(place)) {
        if (g_str_has_prefix(place, "nfs:") || strstr(place, "://")) {
            hvsh_fail(install->call, "--location: trees are had by http, https and ftp, not by %.*s", (int)strcspn(place, ":"), place);
            return hvsh_hint(install->call, "mount it, and give the folder");
        }
        place = hvsh_defer(install->call, g_canonicalize_filename(place, NULL), g_free);
        if (install->host.remote)
            return hvsh_fail(install->call, "--location: a folder or medium of this machine is of no use to the host of the guest; an address is");
        if (stat(place, &status) < 0)
            return hvsh_fail(install->call, "the tree '%s' cannot be used: %s", place, g_strerror(errno));
        kind = S_ISDIR(status.st_mode) ? SOURCE_FOLDER : SOURCE_MEDIUM;
        if (kind == SOURCE_MEDIUM && check_medium(install, place) < 0)
            return -1;
    }
    install->tree.from_network = kind != SOURCE_MEDIUM;
    source = source_open(install->call, kind, place);
    if (!source || tree_find(install, source, kernel, initrd) < 0)
        return -1;
    /* its packages are on the medium */
    if (kind == SOURCE_MEDIUM)
        install->cdrom = disk_cdrom(install, place);
    return 0;
}

static int location(struct install *install)
{
    struct option *option = option_parse(install->call, "location", install->args->location);
    const char *place, *kernel, *initrd;

    if (!option)
        return -1;
    place = option_take(option, "location");
    kernel = option_take(option, "kernel");
    initrd = option_take(option, "initrd");
    return tree(install, place, kernel, initrd);
}

/* --install os=NAME: the tree that the database has for this system, of the kind that suits the profile of --unattended. */
static int by_system(struct install *install, const char *name)
{
    hvsh_call *call = install->call;
    struct option *unattended = install->args->unattended ? option_parse(call, "unattended", install->args->unattended) : NULL;
    const char *address = NULL, *nearest;

    if (install->args->unattended && !unattended)
        return -1;
    if (!osinfo_available(install))
        return hvsh_fail(call, "--install os=%s: libosinfo or its database (osinfo-db) is not installed", name);
    if (!osinfo_tree_address(install, name, unattended ? option_look(unattended, "profile") : NULL, &address)) {
        nearest = osinfo_nearest(install, name);
        hvsh_fail(call, "Unknown OS name '%s'. See `osinfo-query os` for valid values.", name);
        return nearest ? hvsh_hint(call, "the nearest this host's database knows is %s", nearest) : -1;
    }
    if (!address) {
        hvsh_fail(call, "--install os=%s: the database has no address of a tree for %s", name, install->host.arch);
        return hvsh_hint(call, "--location ADDRESS, or --cdrom FILE");
    }
    install->system = name;
    hvsh_note(call, "installing %s from %s", name, address);
    return tree(install, address, NULL, NULL);
}

static void free_list(void *p)
{
    g_ptr_array_unref(p);
}

void media_inject(struct install *install, const char *name, const char *path, const char *text)
{
    struct injection *injection = hvsh_defer(install->call, g_new0(struct injection, 1), g_free);

    if (!install->injections)
        install->injections = hvsh_defer(install->call, g_ptr_array_new(), free_list);
    *injection = (struct injection){ name, path, text };
    g_ptr_array_add(install->injections, injection);
}

static int injections(struct install *install)
{
    const texts *files = &install->args->initrd_inject;

    if (files->count && !install->tree.initrd)
        return hvsh_fail(install->call, "--initrd-inject adds files to the initrd of --location; this installation has none");
    for (size_t i = 0; i < files->count; i++) {
        const char *path = hvsh_defer(install->call, g_canonicalize_filename(files->items[i], NULL), g_free);
        struct stat status;

        if (stat(path, &status) < 0 || access(path, R_OK) < 0)
            return hvsh_fail(install->call, "--initrd-inject: '%s' cannot be read: %s", files->items[i], g_strerror(errno));
        if (!S_ISREG(status.st_mode))
            return hvsh_fail(install->call, "--initrd-inject: '%s' is no file", files->items[i]);
        media_inject(install, hvsh_defer(install->call, g_path_get_basename(path), g_free), path, NULL);
    }
    return 0;
}

/* --install kernel=,initrd=,kernel_args=,bootdev=,no_install= */
static int fine_points(struct install *install, struct option *option, bool *none)
{
    const char *kernel, *initrd, *words;

    *none = false;
    if (!option)
        return 0;
    kernel = option_take(option, "kernel");
    initrd = option_take(option, "initrd");
    words = option_take(option, "kernel_args");
    *none = option_take_bool(option, "no_install", false);
    option_take(option, "kernel_args_overwrite");
    if (kernel || initrd) {
        if (!kernel || access(kernel, R_OK) < 0 || (initrd && access(initrd, R_OK) < 0))
            return hvsh_fail(install->call, "--install: the kernel or initrd cannot be read: %s, %s", kernel ? kernel : "none", initrd ? initrd : "none");
        install->medium = install->medium ? install->medium : MEDIUM_KERNEL;
        install->tree.kernel = hvsh_defer(install->call, g_canonicalize_filename(kernel, NULL), g_free);
        install->tree.initrd = initrd ? hvsh_defer(install->call, g_canonicalize_filename(initrd, NULL), g_free) : NULL;
    }
    if (words)
        install->extra = words;
    return 0;
}

int media_find(struct install *install)
{
    static const char *const devices[] = { "hd", "cdrom", "fd", "network", NULL };
    const struct install_args *args = install->args;
    struct option *fine = args->install ? option_parse(install->call, "install", args->install) : NULL;
    const char *system = fine ? option_take(fine, "os") : NULL, *device = fine ? option_take(fine, "bootdev") : NULL;
    unsigned int ways = !!args->cdrom + !!args->location + args->pxe + args->import + !!system + !!device;
    bool none, has_boot = model_has(install->domain, "os/boot") || model_has(install->domain, "os/kernel") || model_has(install->domain, "os/firmware");
    g_autoptr(GString) words = g_string_new(NULL);

    if (args->install && !fine)
        return -1;
    if (device && !g_strv_contains(devices, device))
        return hvsh_fail(install->call, "--install: bootdev is hd, cdrom, fd or network, not '%s'", device);
    if (ways > 1)
        return hvsh_fail(install->call, "%s--cdrom, --location, --pxe and --import contradict each other: a guest is installed from one of them",
                         system ? "--install os=NAME, " : device ? "--install bootdev=DEVICE, " : "");
    if (args->livecd && !args->cdrom)
        return hvsh_fail(install->call, "--livecd needs the medium: --cdrom FILE");
    for (size_t i = 0; i < args->extra_args.count; i++)
        g_string_append_printf(words, "%s%s", i ? " " : "", args->extra_args.items[i]);
    install->extra = words->len ? hvsh_printf(install->call, "%s", words->str) : NULL;
    if ((args->cdrom && cdrom(install) < 0) || (args->location && location(install) < 0) || (system && by_system(install, system) < 0) || fine_points(install, fine, &none) < 0 || injections(install) < 0)
        return -1;
    if (args->pxe || device) {
        install->medium = MEDIUM_DEVICE;
        install->device = device ? device : "network";
    }
    if (args->import || none)
        install->medium = MEDIUM_IMPORT;
    if (!install->medium && !has_boot && !args->print_xml) {
        hvsh_fail(install->call, "what is the guest installed from? --cdrom FILE, --location PLACE, --install SYSTEM, --pxe, or --import when a disk has a system already");
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

/* Releases by their names, for the time when the database does not know them yet. */
static const char *release_in(const char *address)
{
    static const char *const names[][2] = {
        { "/bookworm/", "debian12" }, { "/trixie/", "debian13" }, { "/forky/", "debian14" }, { "/jammy/", "ubuntu22.04" }, { "/noble/", "ubuntu24.04" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strstr(address, names[i][0]))
            return names[i][1];
    return NULL;
}

/* Others (UDF of Windows, disk images) are not looked into. */
static bool is_iso9660(const char *path)
{
    char mark[6] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool is = fd >= 0 && pread(fd, mark, 5, 32769) == 5 && strcmp(mark, "CD001") == 0;

    if (fd >= 0)
        close(fd);
    return is;
}

/* A medium is known, or says in its .disk/info what it is. */
static int detect_medium(struct install *install)
{
    const char *path = install->cdrom->path, *name;
    struct source *source;

    if (osinfo_by_medium(install, path))
        return 1;
    if (!is_iso9660(path))
        return 0;
    source = source_open(install->call, SOURCE_MEDIUM, path);
    if (!source || tree_describe(install, source) < 0)
        return -1;
    name = name_of_tree(install);
    return name ? by_name_or_near(install, name) : 0;
}

static int detect_tree(struct install *install)
{
    const struct tree *tree = &install->tree;
    const char *address = source_address(tree->source), *name = name_of_tree(install), *release = release_in(address);
    g_autofree char *distro = tree->family ? g_ascii_strdown(tree->family, -1) : NULL;

    if (source_kind(tree->source) == SOURCE_MEDIUM && osinfo_by_medium(install, address))
        return 1;
    if (tree->has_info && source_kind(tree->source) != SOURCE_MEDIUM && osinfo_by_tree(install, address))
        return 1;
    return (name && by_name_or_near(install, name)) || (distro && osinfo_by_codename(install, distro, address)) || (release && by_name_or_near(install, release));
}

static int detect(struct install *install)
{
    if (install->image)
        return image_system(install);
    if (install->tree.source)
        return detect_tree(install);
    return install->cdrom && install->cdrom->path && !install->host.remote ? detect_medium(install) : 0;
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
    if (!given && install->system)
        name = install->system;
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
    if (!name && detecting && detect(install) < 0)
        return -1;
    if (install->os_found) {
        explain(install, "system: %s (%s)", install->os.name, name ? given ? "as --osinfo says" : "as --install says" : "found by what it is installed from");
        return 0;
    }
    /* the guest is made already */
    if (install->kept)
        return 0;
    if (!name && required)
        return not_found(install);
    if (!name && !required)
        hvsh_note(install->call, "the system could not be found out: the guest is made for any");
    return 0;
}
