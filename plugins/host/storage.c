/* SPDX-License-Identifier: GPL-3.0-or-later */
/* storage.c - checks of where guests' disks lie: room, and whether QEMU's user gets there */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include "check.h"

#define IMAGES "var/lib/libvirt/images"

static void run_space(struct host *host, const struct check *check, struct result *result)
{
    g_autofree char *path = host_path(host, IMAGES), *free_text = NULL;
    struct statvfs room;
    uint64_t available;

    (void)check;
    if (statvfs(path, &room) < 0) {
        if (errno == ENOENT)
            found(result, NOTE, "/" IMAGES " is not there (libvirt's package makes it)");
        else
            unsure(result, "/" IMAGES ": %s", g_strerror(errno));
        cure(result, "see pkg-libvirt first");
        return;
    }
    available = (uint64_t)room.f_bavail * room.f_frsize;
    free_text = size_text(available);
    if (room.f_blocks && room.f_bavail * 10 < room.f_blocks)
        found(result, WARN, "/" IMAGES " has %s free, less than a tenth", free_text);
    else
        found(result, PASS, "/" IMAGES " has %s free", free_text);
}

static void run_path(struct host *host, const struct check *check, struct result *result)
{
    static const char *const parts[] = { "var", "var/lib", "var/lib/libvirt", IMAGES, NULL };

    (void)check;
    for (int i = 0; parts[i]; i++) {
        g_autofree char *path = host_path(host, "%s", parts[i]);
        struct stat st;
        if (stat(path, &st) < 0) {
            if (errno == ENOENT)
                found(result, NOTE, "/%s is not there (libvirt's package makes it)", parts[i]);
            else
                unsure(result, "/%s: %s", parts[i], g_strerror(errno));
            cure(result, "see pkg-libvirt first");
            return;
        }
        if (!(st.st_mode & S_IXOTH)) {
            found(result, WARN, "/%s does not let QEMU's user through (mode %04o)", parts[i], st.st_mode & 07777);
            cure(result, "chmod o+x /%s", parts[i]);
            return;
        }
    }
    found(result, PASS, "every folder on the way to /" IMAGES " lets it through");
}

static void run_pool(struct host *host, const struct check *check, struct result *result)
{
    g_autofree char *xml = host_read(host, "etc/libvirt/storage/default.xml");
    bool running, autostart;

    (void)check;
    if (!xml && errno == EACCES) {
        unsure(result, "/etc/libvirt/storage: %s (root may look)", g_strerror(errno));
        return;
    }
    running = host_exists(host, "run/libvirt/storage/default.xml");
    autostart = host_exists(host, "etc/libvirt/storage/autostart/default.xml");
    if (!xml && !running) {
        found(result, NOTE, "there is no pool 'default'");
        cure(result, "pool-define-as default dir --target /" IMAGES "; pool-start default; pool-autostart default");
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
    (void)check;
    if (!host_exists(host, "etc/libvirt/storage/default.xml")) {
        step_command(steps, "pool-define-as", "default", "dir", "--target", "/" IMAGES, NULL);
        step_back(steps, "pool-undefine", "default", NULL);
    }
    if (!host_exists(host, "run/libvirt/storage/default.xml")) {
        step_command(steps, "pool-start", "default", NULL);
        step_back(steps, "pool-destroy", "default", NULL);
    }
    if (!host_exists(host, "etc/libvirt/storage/autostart/default.xml"))
        step_command(steps, "pool-autostart", "default", NULL);
}

const struct check storage_checks[] = {
    { "disk-space", "storage", PROFILE_ALL, 0, "room for disk images", "A full disk pauses every guest that writes.", run_space,
      "free some room, or make a pool on another disk", NULL, NULL },
    { "disk-path", "storage", PROFILE_MACHINES, 0, "QEMU's user gets to the images", "QEMU runs as a user of its own and needs the way there.",
      run_path, NULL, NULL, NULL },
    { "disk-pool", "storage", PROFILE_KVM | PROFILE_DESKTOP, 0, "libvirt's default pool", "New disks are made in it unless told otherwise.",
      run_pool, NULL, fix_pool, NULL },
    { .id = NULL },
};
