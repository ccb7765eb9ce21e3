/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reachable.c - does QEMU get to the guest's files? The system's QEMU runs as a user of its own.
 *
 * libvirt hands that user the files themselves; the folders on the way stay as they are, and a home folder usually lets nobody through.
 */
#include "access.h"
#include "cloud.h"
#include "image.h"
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct ways {
    struct install *install;
    struct person person;
    GPtrArray *closed;             /* all folders that do not let QEMU through, each once */
    char *file, *folder;           /* the first file that QEMU does not get to, and the folder that is why */
    unsigned int mode;
};

/* "+64055:+64055", "libvirt-qemu:kvm": as libvirt writes who its guests run as. False: that is nobody who can be asked about. */
static bool find_person(const char *label, struct person *person)
{
    g_auto(GStrv) words = g_strsplit(label ? label : "", ":", 2);
    const char *user = words[0] ? words[0] : "", *group = words[0] && words[1] ? words[1] : "";
    const struct passwd *entry = *user == '+' ? getpwuid((uid_t)strtoul(user + 1, NULL, 10)) : getpwnam(user);
    const struct group *its = *group && *group != '+' ? getgrnam(group) : NULL;
    gid_t groups[64], own;
    int count = G_N_ELEMENTS(groups);

    if (!entry && *user != '+')
        return false;
    own = its ? its->gr_gid : *group == '+' ? (gid_t)strtoul(group + 1, NULL, 10) : entry ? entry->pw_gid : (gid_t)-1;
    person->uid = entry ? entry->pw_uid : (uid_t)strtoul(user + 1, NULL, 10);
    person->name = g_strdup(entry ? entry->pw_name : user + 1);
    person->groups = g_array_new(FALSE, FALSE, sizeof(gid_t));
    g_array_append_val(person->groups, own);
    if (entry && getgrouplist(entry->pw_name, own, groups, &count) > 0)
        g_array_append_vals(person->groups, groups, (guint)count);
    return true;
}

/* Whom libvirt has QEMU run as: the guest's own label, or the usual one. */
static const char *label_of(struct install *install)
{
    for (xmlNode **all = model_all(install->call, install->domain, ".", "seclabel"); *all; all++)
        if (g_strcmp0(model_get(install->call, *all, "@model"), "dac") == 0 && model_has(*all, "label"))
            return model_get(install->call, *all, "label");
    return install->host.qemu_label;
}

static bool knows(const GPtrArray *folders, const char *folder)
{
    return g_ptr_array_find_with_equal_func((GPtrArray *)folders, folder, g_str_equal, NULL);
}

/* The file need not be there yet: then the way to the nearest folder that is there is looked at. */
static void look(struct ways *ways, const char *file)
{
    g_autoptr(GPtrArray) closed = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *there = g_strdup(file), *where = NULL;
    int detail = 0;

    if (!file || *file != '/')
        return;
    while (access(there, F_OK) < 0 && strcmp(there, "/") != 0) {
        char *above = g_path_get_dirname(there);

        g_free(there);
        there = above;
    }
    if (person_reaches("", &ways->person, there, closed, &where, &detail) != REACH_NO)
        return;
    if (!ways->file) {
        ways->file = g_strdup(file);
        ways->folder = g_strdup(where);
        ways->mode = (unsigned int)detail;
    }
    for (guint i = 0; i < closed->len; i++)
        if (!knows(ways->closed, closed->pdata[i]))
            g_ptr_array_add(ways->closed, g_strdup(closed->pdata[i]));
}

/* What is there already of a disk; "": nothing. */
static const char *existing(const struct disk *disk)
{
    const char *image = disk->fresh ? disk->backing : disk->path;

    return image ? image : "";
}

/* What it stands on; nothing that is made here. */
static const char *const *below_disk(struct install *install, const struct disk *disk)
{
    return chain_below(install->call, existing(disk));
}

/* A layer over itself, or over a file that has gone. A chain that the document tells is read by nobody. */
static int check_below(struct install *install)
{
    for (guint i = 0; i < install->disks->len; i++) {
        const struct disk *disk = install->disks->pdata[i];

        if ((disk->fresh || !model_has(disk->node, "backingStore")) && chain_check(install->call, existing(disk)) < 0)
            return -1;
        for (const char *const *below = below_disk(install, disk); *below && !install->skip_exists; below++) {
            if (access(*below, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR))
                continue;
            hvsh_fail(install->call, "the disk %s is a layer over %s, which does not exist", existing(disk), *below);
            return hvsh_hint(install->call, "put it there; or, where it lies elsewhere now: qemu-img rebase -u -F FORMAT -b FILE LAYER");
        }
    }
    return 0;
}

static void look_at_all(struct ways *ways)
{
    static const char *const of_boot[] = { "os/kernel", "os/initrd", "os/dtb", "os/loader", "os/acpi/table" };
    struct install *install = ways->install;

    for (guint i = 0; i < install->disks->len; i++) {
        const struct disk *disk = install->disks->pdata[i];

        look(ways, disk->path);
        look(ways, disk->backing);
        for (const char *const *below = below_disk(install, disk); *below; below++)
            look(ways, *below);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(of_boot); i++) {
        look(ways, model_get(install->call, install->domain, of_boot[i]));
        /* copies that are still to be made, too */
        look(ways, install->boot ? model_get(install->call, install->boot, of_boot[i]) : NULL);
    }
    if (install->seed)
        look(ways, seed_place(install));
}

/* The command that opens them all. */
static const char *cure(const struct ways *ways)
{
    g_autoptr(GString) words = g_string_new("setfacl -m u:");

    g_string_append_printf(words, "%s:x", ways->person.name);
    for (guint i = 0; i < ways->closed->len; i++)
        g_string_append_printf(words, " %s", shell_word(ways->install->call, ways->closed->pdata[i]));
    return hvsh_printf(ways->install->call, "%s", words->str);
}

int reachable_check(struct install *install)
{
    struct ways ways = { .install = install };
    hvsh_call *call = install->call;
    int result = 0;

    if (!install->host.qemu || install->host.remote || install->args->print_xml)
        return 0;
    if (check_below(install) < 0)
        return -1;
    if (install->host.session || install->host.embedded)
        return 0;
    if (!find_person(label_of(install), &ways.person))
        return 0;
    ways.closed = g_ptr_array_new_with_free_func(g_free);
    look_at_all(&ways);
    if (ways.file && install->skip_search) {
        hvsh_note(call, "QEMU runs as %s and may not get to %s: %s", ways.person.name, ways.file, cure(&ways));
    } else if (ways.file) {
        result = hvsh_fail(call, "QEMU runs as %s, whom %s (mode %04o) does not let through to %s: %s", ways.person.name, ways.folder, ways.mode, ways.file, cure(&ways));
        hvsh_hint(call, "or keep the file in %s; --check path_search=off tries all the same", images_folder(install));
    }
    g_ptr_array_unref(ways.closed);
    g_free(ways.file);
    g_free(ways.folder);
    person_clear(&ways.person);
    return result;
}
