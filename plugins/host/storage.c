/* SPDX-License-Identifier: GPL-3.0-or-later */
/* storage.c - checks of where guests' disks lie: room, whether QEMU's user gets there, libvirt's default pool */
#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>
#include "check.h"

#define IMAGES "var/lib/libvirt/images"
#define POOLS "etc/libvirt/storage"

/* The folder of a pool that is one; NULL: another kind, or it cannot be read. */
static char *pool_folder(const struct host *host, const char *name)
{
    g_autofree char *path = g_strdup_printf(POOLS "/%s", name), *folder = NULL;
    xmlDoc *document = host_xml(host, path);

    if (document)
        folder = node_text(document, "/pool[@type='dir' or @type='fs' or @type='netfs']/target/path");
    xmlFreeDoc(document);
    return folder && *folder == '/' ? g_steal_pointer(&folder) : NULL;
}

static char *images_folder(const struct host *host)
{
    char *folder = pool_folder(host, "default.xml");

    return folder ? folder : g_strdup("/" IMAGES);
}

static void run_space(struct host *host, const struct check *check, struct result *result)
{
    g_autofree char *folder = images_folder(host), *path = host_path(host, "%s", folder + 1), *free_text = NULL;
    struct statvfs room;
    uint64_t available;

    (void)check;
    if (statvfs(path, &room) < 0) {
        if (errno == ENOENT)
            found(result, NOTE, "%s is not there (libvirt's package makes it)", folder);
        else
            unsure(result, "%s: %s", folder, g_strerror(errno));
        cure(result, "see pkg-libvirt first");
        return;
    }
    available = (uint64_t)room.f_bavail * room.f_frsize;
    free_text = size_text(available);
    if (room.f_blocks && room.f_bavail * 10 < room.f_blocks)
        found(result, WARN, "%s has %s free, less than a tenth", folder, free_text);
    else
        found(result, PASS, "%s has %s free", folder, free_text);
}

/* ---- the way to the disks ---- */

/* Every folder that disks lie in: the default pool's, the other pools', the guests' own. NULL in *reason: nothing was hidden. */
static GPtrArray *disk_folders(const struct host *host, char **reason)
{
    g_auto(GStrv) pools = host_list(host, POOLS);
    g_autoptr(GPtrArray) guests = host_guests(host, reason);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    GPtrArray *folders = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(folders, images_folder(host));
    for (char **pool = pools; pool && *pool; pool++) {
        char *folder = g_str_has_suffix(*pool, ".xml") ? pool_folder(host, *pool) : NULL;
        if (folder)
            g_ptr_array_add(folders, folder);
    }
    for (guint i = 0; guests && i < guests->len; i++) {
        const struct guest *guest = guests->pdata[i];
        for (guint j = 0; j < guest->disks->len; j++)
            g_ptr_array_add(folders, g_path_get_dirname(guest->disks->pdata[j]));
    }
    for (guint i = 0; i < folders->len;) {
        if (g_hash_table_contains(seen, folders->pdata[i]))
            g_ptr_array_remove_index(folders, i);
        else
            g_hash_table_add(seen, folders->pdata[i++]);
    }
    return folders;
}

/* The first folder on the way to disks that does not let QEMU's user through; to be freed, NULL: none. */
static char *barrier(const struct host *host, const struct person *person, const GPtrArray *folders, unsigned int *mode, unsigned int *ways)
{
    for (guint i = 0; i < folders->len; i++) {
        g_autofree char *where = NULL;
        int error = 0;
        enum reach reach = person_reaches(host->root, person, folders->pdata[i], NULL, &where, &error);

        *ways += reach == REACH_YES;
        *mode = (unsigned int)error;
        if (reach == REACH_NO)
            return g_steal_pointer(&where);
    }
    return NULL;
}

static void run_path(struct host *host, const struct check *check, struct result *result)
{
    g_autofree char *reason = NULL, *hidden = NULL, *where = NULL;
    g_autoptr(GPtrArray) folders = disk_folders(host, &hidden);
    struct person person;
    unsigned int mode = 0, ways = 0;

    (void)check;
    if (!person_of_qemu(host, &person, &reason)) {
        unsure(result, "%s", reason);
    } else if ((where = barrier(host, &person, folders, &mode, &ways))) {
        found(result, WARN, "%s does not let QEMU's user %s through (mode %04o)", where, person.name, mode);
        cure(result, "setfacl -m u:%s:--x %s, or move the disks to a pool", person.name, where);
    } else if (!ways) {
        g_autofree char *first = NULL;
        int error = 0;
        person_reaches(host->root, &person, folders->pdata[0], NULL, &first, &error);
        if (error == ENOENT) {
            found(result, NOTE, "%s is not there (libvirt's package makes it)", (char *)folders->pdata[0]);
            cure(result, "see pkg-libvirt first");
        } else {
            unsure(result, "%s: %s", (char *)folders->pdata[0], g_strerror(error));
        }
    } else {
        found(result, PASS, "%s gets to %s%s%s%s", person.name, ways == 1 ? (char *)folders->pdata[0] : "every folder of pools and guests",
              hidden ? " (not looked at: " : "", hidden ? hidden : "", hidden ? ")" : "");
    }
    person_clear(&person);
}

static void fix_path(struct host *host, const struct check *check, GPtrArray *steps)
{
    g_autofree char *reason = NULL, *hidden = NULL, *where = NULL, *entry = NULL, *user = NULL;
    g_autoptr(GPtrArray) folders = disk_folders(host, &hidden);
    struct person person = { 0 };
    unsigned int mode, ways = 0;

    (void)check;
    if ((host_exists(host, "usr/bin/setfacl") || host_exists(host, "bin/setfacl")) && person_of_qemu(host, &person, &reason) &&
        (where = barrier(host, &person, folders, &mode, &ways))) {
        entry = g_strdup_printf("u:%s:--x", person.name);
        user = g_strdup_printf("u:%s", person.name);
        step_run(steps, "setfacl", "-m", entry, where, NULL);
        step_back(steps, "setfacl", "-x", user, where, NULL);
    }
    person_clear(&person);
}

static void run_disks(struct host *host, const struct check *check, struct result *result)
{
    g_autofree char *reason = NULL;
    g_autoptr(GPtrArray) guests = host_guests(host, &reason);
    g_autoptr(GString) gone = g_string_new(NULL);
    unsigned int count = 0, missing = 0;

    (void)check;
    if (!guests) {
        unsure(result, "%s", reason);
        return;
    }
    for (guint i = 0; i < guests->len; i++) {
        const struct guest *guest = guests->pdata[i];
        for (guint j = 0; j < guest->disks->len; j++) {
            const char *path = guest->disks->pdata[j];
            count++;
            if (host_exists(host, "%s", *path == '/' ? path + 1 : path) || errno != ENOENT)
                continue;
            if (missing++ < 3)
                g_string_append_printf(gone, "%s%s of %s", gone->len ? ", " : "", path, guest->name);
        }
    }
    if (missing)
        found(result, WARN, "%s%s", gone->str, missing > 3 ? " and others are not there" : missing > 1 ? " are not there" : " is not there");
    else if (!guests->len)
        found(result, PASS, "no guest is defined");
    else
        found(result, PASS, "%u guest%s, %u file%s, all of them there", guests->len, guests->len == 1 ? "" : "s", count, count == 1 ? "" : "s");
}

/* ---- libvirt's default pool ---- */

static void run_pool(struct host *host, const struct check *check, struct result *result)
{
    g_autofree char *xml = host_read(host, POOLS "/default.xml"), *folder = images_folder(host);
    int error = errno;
    bool running = host_exists(host, "run/libvirt/storage/default.xml");
    bool autostart = host_exists(host, POOLS "/autostart/default.xml");

    (void)check;
    if (!xml && error == EACCES) {
        unsure(result, "/" POOLS ": %s (root may look)", g_strerror(error));
    } else if (!xml && !running) {
        found(result, NOTE, "there is no pool 'default'");
        cure(result, "pool-define-as default dir --target /" IMAGES "; pool-start default; pool-autostart default");
    } else if (xml && !host_exists(host, "%s", folder + 1) && errno == ENOENT) {
        found(result, WARN, "'default' lies in %s, which is not there", folder);
        cure(result, "pool-build default; pool-start default");
    } else if (running && autostart) {
        found(result, PASS, "'default' is active, and starts with libvirt");
    } else if (autostart) {
        /* a folder that is there counts as started, and libvirt writes no state of it */
        found(result, PASS, "'default' starts with libvirt");
    } else {
        found(result, NOTE, "'default' does not start with libvirt%s", running ? ", it is active now" : "");
        cure(result, "pool-start default; pool-autostart default");
    }
}

static void fix_pool(struct host *host, const struct check *check, GPtrArray *steps)
{
    g_autofree char *folder = images_folder(host);

    (void)check;
    if (!host_exists(host, POOLS "/default.xml")) {
        step_command(steps, "pool-define-as", "default", "dir", "--target", "/" IMAGES, NULL);
        step_back(steps, "pool-undefine", "default", NULL);
    }
    if (!host_exists(host, "%s", folder + 1))
        step_command(steps, "pool-build", "default", NULL);
    if (!host_exists(host, "run/libvirt/storage/default.xml")) {
        step_command(steps, "pool-start", "default", NULL);
        step_back(steps, "pool-destroy", "default", NULL);
    }
    if (!host_exists(host, POOLS "/autostart/default.xml"))
        step_command(steps, "pool-autostart", "default", NULL);
}

const struct check storage_checks[] = {
    { "disk-space", "storage", PROFILE_ALL, 0, "room for disk images", "A full disk pauses every guest that writes.", run_space,
      "free some room, or make a pool on another disk", NULL, NULL },
    { "disk-path", "storage", PROFILE_MACHINES, 0, "QEMU's user gets to the disks", "QEMU runs as a user of its own and needs the way there.",
      run_path, NULL, fix_path, NULL },
    { "disk-guests", "storage", PROFILE_MACHINES, 0, "guests' disks", "A guest whose disk is gone does not start.", run_disks,
      "bring the file back, or detach the disk (detach-disk GUEST TARGET --config)", NULL, NULL },
    { "disk-pool", "storage", PROFILE_KVM | PROFILE_DESKTOP, 0, "libvirt's default pool", "New disks are made in it unless told otherwise.",
      run_pool, NULL, fix_pool, NULL },
    { .id = NULL },
};
