/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tree.c - installation trees: where kernel and initrd are, and whose they are. */
#include "install.h"
#include <string.h>

/* Where the families keep them; the architecture is put in for the %s. */
static const struct { const char *kernel, *initrd, *family; } places[] = {
    { "images/pxeboot/vmlinuz", "images/pxeboot/initrd.img", NULL },
    { "isolinux/vmlinuz", "isolinux/initrd.img", NULL },
    { "install.%s/vmlinuz", "install.%s/initrd.gz", "Debian" },
    { "current/images/netboot/debian-installer/%s/linux", "current/images/netboot/debian-installer/%s/initrd.gz", "Debian" },
    { "current/legacy-images/netboot/ubuntu-installer/%s/linux", "current/legacy-images/netboot/ubuntu-installer/%s/initrd.gz", "Ubuntu" },
    { "current/images/netboot/ubuntu-installer/%s/linux", "current/images/netboot/ubuntu-installer/%s/initrd.gz", "Ubuntu" },
    { "images/netboot/debian-installer/%s/linux", "images/netboot/debian-installer/%s/initrd.gz", "Debian" },
    { "netboot/debian-installer/%s/linux", "netboot/debian-installer/%s/initrd.gz", "Debian" },
    { "debian-installer/%s/linux", "debian-installer/%s/initrd.gz", "Debian" },
    { "daily/netboot/debian-installer/%s/linux", "daily/netboot/debian-installer/%s/initrd.gz", "Debian" },
    { "casper/vmlinuz", "casper/initrd", "Ubuntu" },
    { "casper/vmlinuz", "casper/initrd.lz", "Ubuntu" },
    { "install/netboot/ubuntu-installer/%s/linux", "install/netboot/ubuntu-installer/%s/initrd.gz", "Ubuntu" },
    { "boot/%s/loader/linux", "boot/%s/loader/initrd", NULL },
    { "boot/%s/linux", "boot/%s/initrd", NULL },
    { "isolinux/%s/vmlinuz", "isolinux/%s/all.rdz", "Mageia" },
};

/* A file of the source, with the architecture as this family writes it: 1: *path; 0: not there; -1 after hvsh_fail(). */
static int file_at(struct install *install, const char *pattern, const char *arch, const char **path)
{
    g_auto(GStrv) parts = g_strsplit(pattern, "%s", 2);
    const char *name = hvsh_printf(install->call, "%s%s%s", parts[0], parts[1] ? arch : "", parts[1] ? parts[1] : "");
    int found = source_has(install->tree.source, name);

    if (found > 0)
        *path = name;
    return found;
}

static const char *debian_arch(const char *arch)
{
    static const char *const names[][2] = { { "x86_64", "amd64" }, { "i686", "i386" }, { "aarch64", "arm64" }, { "ppc64le", "ppc64el" } };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(names[i][0], arch) == 0)
            return names[i][1];
    return arch;
}

/* Both files of a pair: 1: tree->kernel and ->initrd; 0: not both there; -1 after hvsh_fail(). */
static int take_pair(struct install *install, const char *kernel, const char *initrd, const char *arch)
{
    struct tree *tree = &install->tree;
    const char *one = NULL, *other = NULL;
    int found = file_at(install, kernel, arch, &one);

    if (found > 0)
        found = file_at(install, initrd, arch, &other);
    if (found <= 0)
        return found;
    tree->kernel = one;
    tree->initrd = other;
    return 1;
}

/* .treeinfo names its kernel in a section of the architecture. */
static int read_treeinfo(struct install *install)
{
    static const char *const names[] = { ".treeinfo", "treeinfo" };
    struct tree *tree = &install->tree;
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autofree char *images = g_strdup_printf("images-%s", install->host.arch), *kernel = NULL, *initrd = NULL;
    const char *text = NULL;
    int found;

    for (size_t i = 0; i < G_N_ELEMENTS(names) && !text; i++)
        if (source_text(tree->source, names[i], &text) < 0)
            return -1;
    if (!text || !g_key_file_load_from_data(file, text, strlen(text), G_KEY_FILE_NONE, NULL))
        return 0;
    tree->has_info = true;
    for (size_t i = 0; i < 2; i++) {
        const char *group = i ? "general" : "release", *key = i ? "family" : "name";

        if (!tree->family)
            tree->family = hvsh_defer(install->call, g_key_file_get_string(file, group, key, NULL), g_free);
        if (!tree->version)
            tree->version = hvsh_defer(install->call, g_key_file_get_string(file, group, "version", NULL), g_free);
    }
    kernel = g_key_file_get_string(file, images, "kernel", NULL);
    initrd = g_key_file_get_string(file, images, "initrd", NULL);
    if (!kernel || !initrd || tree->kernel)
        return 0;
    found = take_pair(install, kernel, initrd, "");
    return found ? found
                 : hvsh_fail(install->call, "the tree %s is not complete: its .treeinfo names %s and %s, which are not both there", source_address(tree->source),
                             kernel, initrd);
}

/* What other families write: "Debian GNU/Linux 12.5.0 "Bookworm" - Official amd64 NETINST", "Mageia 8 x86_64", a line of SUSE's content. */
static int read_info(struct install *install)
{
    static const char *const files[] = { ".disk/info", "VERSION", "content" };
    static const char *const families[] = { "Ubuntu", "Debian", "Mageia", "openSUSE" };
    struct tree *tree = &install->tree;
    const char *text = NULL, *number;

    for (size_t i = 0; i < G_N_ELEMENTS(files) && !text; i++) {
        if (source_text(tree->source, files[i], &text) < 0)
            return -1;
        for (size_t j = 0; text && j < G_N_ELEMENTS(families); j++) {
            const char *name = strstr(text, families[j]);

            if (!name || tree->version)
                continue;
            tree->family = families[j];
            number = strpbrk(name, "0123456789\n");
            if (number && *number != '\n')
                tree->version = hvsh_printf(install->call, "%.*s", (int)strspn(number, "0123456789."), number);
        }
    }
    return 0;
}

int tree_describe(struct install *install, struct source *source)
{
    struct tree *tree = &install->tree;
    int result;

    tree->source = source;
    result = read_treeinfo(install) < 0 || (!tree->has_info && read_info(install) < 0) ? -1 : 0;
    tree->source = NULL;
    tree->kernel = tree->initrd = NULL;
    return result;
}

static int no_tree(struct install *install)
{
    const char *address = source_address(install->tree.source);

    if (source_kind(install->tree.source) == SOURCE_MEDIUM) {
        hvsh_fail(install->call, "the medium %s has no installer's kernel for %s", address, install->host.arch);
        return hvsh_hint(install->call, "--cdrom %s boots from it; or say where they are: --location %s,kernel=FILE,initrd=FILE", address, address);
    }
    hvsh_fail(install->call, "%s is no installation tree for %s: neither a .treeinfo nor a kernel at any of the usual places", address, install->host.arch);
    return hvsh_hint(install->call, "say where they are: --location %s,kernel=FILE,initrd=FILE (below that %s)", address,
                     source_kind(install->tree.source) == SOURCE_FOLDER ? "folder" : "address");
}

int tree_find(struct install *install, struct source *source, const char *kernel, const char *initrd)
{
    struct tree *tree = &install->tree;
    int found = 0;

    tree->source = source;
    if (kernel || initrd) {
        if (!kernel || !initrd)
            return hvsh_fail(install->call, "--location: kernel and initrd belong together");
        found = take_pair(install, kernel, initrd, "");
        if (found < 0)
            return -1;
        if (!found)
            return hvsh_fail(install->call, "%s has not both files '%s' and '%s'", source_address(source), kernel, initrd);
        return read_treeinfo(install) < 0 || (!tree->has_info && read_info(install) < 0) ? -1 : 0;
    }
    found = read_treeinfo(install);
    if (found)
        return found < 0 ? -1 : 0;
    if (source_kind(source) == SOURCE_MEDIUM && osinfo_medium_kernel(install, source_address(source), &kernel, &initrd))
        found = take_pair(install, kernel, initrd, "");
    for (size_t i = 0; i < G_N_ELEMENTS(places) && !found; i++)
        for (int own = 0; own < (strstr(places[i].kernel, "%s") ? 2 : 1) && !found; own++) {
            found = take_pair(install, places[i].kernel, places[i].initrd, own ? install->host.arch : debian_arch(install->host.arch));
            if (found > 0 && places[i].family)
                tree->family = places[i].family;
        }
    if (!found && source_scan(source, &tree->kernel, &tree->initrd)) {
        hvsh_note(install->call, "the medium is none that is known; its kernel is taken to be %s with %s", tree->kernel, tree->initrd);
        found = 1;
    }
    if (!found)
        return no_tree(install);
    return found < 0 || read_info(install) < 0 ? -1 : 0;
}
