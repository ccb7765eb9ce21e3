/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tree.c - installation trees in folders: where kernel and initrd are, and whose they are. */
#include "install.h"
#include <string.h>
#include <unistd.h>

/* Where the families keep them, below the tree; the architecture is put in for the %s. */
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
    { "boot/%s/loader/linux", "boot/%s/loader/initrd", "SUSE" },
    { "isolinux/%s/vmlinuz", "isolinux/%s/all.rdz", "Mageia" },
};

/* A file below the folder, with the architecture as this family writes it; NULL: not there. */
static const char *file_at(hvsh_call *call, const char *folder, const char *pattern, const char *arch)
{
    g_auto(GStrv) parts = g_strsplit(pattern, "%s", 2);
    const char *path = hvsh_printf(call, "%s/%s%s%s", folder, parts[0], parts[1] ? arch : "", parts[1] ? parts[1] : "");

    return access(path, F_OK) == 0 ? path : NULL;
}

static const char *debian_arch(const char *arch)
{
    static const char *const names[][2] = { { "x86_64", "amd64" }, { "i686", "i386" }, { "aarch64", "arm64" }, { "ppc64le", "ppc64el" } };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(names[i][0], arch) == 0)
            return names[i][1];
    return arch;
}

/* .treeinfo names its kernel in a section of the architecture. */
static int read_treeinfo(struct install *install, struct tree *tree)
{
    static const char *const names[] = { ".treeinfo", "treeinfo" };
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autofree char *images = g_strdup_printf("images-%s", install->host.arch), *kernel = NULL, *initrd = NULL;
    bool loaded = false;

    for (size_t i = 0; i < G_N_ELEMENTS(names) && !loaded; i++) {
        g_autofree char *path = g_build_filename(tree->folder, names[i], NULL);

        loaded = g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, NULL);
    }
    if (!loaded)
        return 0;
    for (size_t i = 0; i < 2; i++) {
        const char *group = i ? "general" : "release", *key = i ? "family" : "name";

        if (!tree->family)
            tree->family = hvsh_defer(install->call, g_key_file_get_string(file, group, key, NULL), g_free);
        if (!tree->version)
            tree->version = hvsh_defer(install->call, g_key_file_get_string(file, group, "version", NULL), g_free);
    }
    kernel = g_key_file_get_string(file, images, "kernel", NULL);
    initrd = g_key_file_get_string(file, images, "initrd", NULL);
    if (!kernel || !initrd)
        return 0;
    if (!file_at(install->call, tree->folder, kernel, "") || !file_at(install->call, tree->folder, initrd, ""))
        return hvsh_fail(install->call, "the tree %s is not complete: its .treeinfo names %s and %s, which are not both there", tree->folder, kernel, initrd);
    tree->kernel = file_at(install->call, tree->folder, kernel, "");
    tree->initrd = file_at(install->call, tree->folder, initrd, "");
    return 1;
}

/* Debian GNU/Linux 12.5.0 "Bookworm" - Official amd64 NETINST */
static void read_disk_info(struct install *install, struct tree *tree)
{
    g_autofree char *path = g_build_filename(tree->folder, ".disk", "info", NULL), *text = NULL;
    const char *number;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return;
    number = strpbrk(text, "0123456789");
    tree->family = g_str_has_prefix(text, "Ubuntu") ? "Ubuntu" : g_str_has_prefix(text, "Debian") ? "Debian" : tree->family;
    if (number)
        tree->version = hvsh_printf(install->call, "%.*s", (int)strspn(number, "0123456789."), number);
}

int tree_find(struct install *install, const char *folder, const char *kernel, const char *initrd)
{
    struct tree *tree = &install->tree;
    int found;

    tree->folder = folder;
    if (kernel || initrd) {
        if (!kernel || !initrd)
            return hvsh_fail(install->call, "--location: kernel and initrd belong together");
        tree->kernel = file_at(install->call, folder, kernel, "");
        tree->initrd = file_at(install->call, folder, initrd, "");
        if (!tree->kernel || !tree->initrd)
            return hvsh_fail(install->call, "the tree %s has no file '%s'", folder, tree->kernel ? initrd : kernel);
        read_disk_info(install, tree);
        return 0;
    }
    found = read_treeinfo(install, tree);
    if (found)
        return found < 0 ? -1 : 0;
    for (size_t i = 0; i < G_N_ELEMENTS(places) && !tree->kernel; i++)
        for (int own = 0; own < 2 && !tree->kernel; own++) {
            const char *arch = own ? install->host.arch : debian_arch(install->host.arch);

            tree->kernel = file_at(install->call, folder, places[i].kernel, arch);
            tree->initrd = tree->kernel ? file_at(install->call, folder, places[i].initrd, arch) : NULL;
            if (!tree->initrd)
                tree->kernel = NULL;
            else if (places[i].family)
                tree->family = places[i].family;
        }
    if (!tree->kernel) {
        hvsh_fail(install->call, "%s is no installation tree for %s: neither a .treeinfo nor a kernel at any of the usual places", folder, install->host.arch);
        return hvsh_hint(install->call, "say where they are: --location %s,kernel=FILE,initrd=FILE (below that folder)", folder);
    }
    read_disk_info(install, tree);
    return 0;
}
