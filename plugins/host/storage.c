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

const struct check storage_checks[] = {
    { "disk-space", "storage", PROFILE_ALL, 0, "room for disk images", "A full disk pauses every guest that writes.", run_space,
      "free some room, or make a pool on another disk", NULL, NULL },
    { "disk-path", "storage", PROFILE_MACHINES, 0, "QEMU's user gets to the images", "QEMU runs as a user of its own and needs the way there.",
      run_path, NULL, NULL, NULL },
    { .id = NULL },
};
