/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * allocate.c - making disks, which takes long when all of their room is taken at once: how far it is, and Ctrl-C.
 *
 * libvirt's call cannot be interrupted: the command's own thread is in it, another one looks at the volume meanwhile. qemu-img is a process,
 * which can be ended.
 */
#include "install.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_EVERY = 200 /* milliseconds */ };

/* ---- volumes --------------------------------------------------------------------------------------------------------------------- */

struct making {
    hvsh_call *call;
    virStoragePoolPtr pool;
    const char *name;
    uint64_t size;
    gint done;
};

static const char *words(hvsh_call *call, const char *name)
{
    return hvsh_printf(call, "allocating %s", name);
}

static void *watch(void *p)
{
    struct making *making = p;
    g_autofree char *what = g_strdup_printf("allocating %s", making->name);

    while (hvsh_wait(making->call, NULL, 0, LOOK_EVERY) >= 0) {
        virStorageVolPtr volume;
        virStorageVolInfo info;

        if (g_atomic_int_get(&making->done))
            return NULL;
        volume = virStorageVolLookupByName(making->pool, making->name);
        if (volume && virStorageVolGetInfo(volume, &info) == 0)
            hvsh_progress(making->call, what, MIN(info.allocation, making->size), making->size);
        if (volume)
            virStorageVolFree(volume);
    }
    if (!g_atomic_int_get(&making->done))
        hvsh_note(making->call, "libvirt does not stop making the volume '%s': it goes when it is there", making->name);
    return NULL;
}

virStorageVolPtr allocate_volume(struct install *install, virStoragePoolPtr pool, const struct disk *disk, const char *xml, unsigned int flags)
{
    struct making making = { .call = install->call, .pool = pool, .name = disk->volume, .size = disk->size };
    virStorageVolPtr volume;
    GThread *thread;

    if (disk->sparse || disk->backing)
        return virStorageVolCreateXML(pool, xml, flags);
    thread = g_thread_new("allocate", watch, &making);
    volume = virStorageVolCreateXML(pool, xml, flags);
    hvsh_keep_error(install->call);
    g_atomic_int_set(&making.done, 1);
    hvsh_wake(install->call);
    g_thread_join(thread);
    if (volume)
        hvsh_progress(install->call, words(install->call, disk->volume), disk->size, disk->size);
    return volume;
}

/* ---- files -------------------------------------------------------------------------------------------------------------------------- */

/* What has come of the program's errors, until it closes them or ends. 0; -1: cancelled. */
static int wait_for_program(struct install *install, int errors, GString *text, const struct disk *disk)
{
    struct pollfd poll = { .fd = errors, .events = POLLIN };
    struct stat status;
    char some[512];
    ssize_t size;

    for (;;) {
        int ready = hvsh_wait(install->call, &poll, 1, disk ? LOOK_EVERY : -1);

        if (ready < 0)
            return -1;
        if (poll.revents) {
            size = read(errors, some, sizeof(some));
            if (size <= 0)
                return 0;
            g_string_append_len(text, some, size);
        }
        if (disk && !disk->sparse && stat(disk->path, &status) == 0)
            hvsh_progress(install->call, words(install->call, disk->path), MIN((uint64_t)status.st_blocks * 512, disk->size), disk->size);
    }
}

int run_qemu_img(struct install *install, char **argv, const struct disk *disk)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) problem = NULL;
    int status = 0, errors, result;
    pid_t child;

    if (!g_spawn_async_with_pipes(NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, &child, NULL, NULL,
                                  &errors, &problem))
        return hvsh_fail(install->call, "qemu-img cannot be run: %s (it comes with the package qemu-utils or qemu-img)", problem->message);
    result = wait_for_program(install, errors, text, disk);
    if (result < 0)
        kill(child, SIGKILL);
    close(errors);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (result < 0)
        return hvsh_fail(install->call, "interrupted while %s was made", disk ? disk->path : "the disk");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    g_strchomp(text->str);
    return hvsh_fail(install->call, "%s", *text->str ? text->str : "qemu-img failed");
}
