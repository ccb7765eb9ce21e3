/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scratch.c - files that are of use while the guest starts: the installer's kernel and initrd, and where such files lie.
 *
 * On this machine that is libvirt's own folder for them. Where the guest's host is another, or this user may not write there, they are sent to
 * a pool over the connection.
 */
#include "inject.h"
#include "install.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYSTEM_FOLDER "/var/lib/libvirt/boot"

/* ---- where ------------------------------------------------------------------------------------------------------------------------- */

/* Libvirt's own folder, which its packages may have left out, may this user write there? QEMU's user does not get into root's home. */
static bool owns_system_folder(struct install *install)
{
    return !install->host.session && !install->host.embedded &&
           access(access(SYSTEM_FOLDER, F_OK) == 0 ? SYSTEM_FOLDER : "/var/lib/libvirt", W_OK) == 0;
}

const char *scratch_folder(struct install *install)
{
    if (owns_system_folder(install))
        return SYSTEM_FOLDER;
    return hvsh_defer(install->call, g_build_filename(g_get_user_cache_dir(), "hvsh", "boot", NULL), g_free);
}

/* Its folder, when the pool holds files and is running. NULL: it does not. */
static const char *folder_of(struct install *install, virStoragePoolPtr pool)
{
    struct xml *xml = pool && virStoragePoolIsActive(pool) == 1 ? xml_take(install->call, virStoragePoolGetXMLDesc(pool, 0), "the XML of a pool") : NULL;

    return xml && xml_first(xml, NULL, "/pool[@type='dir' or @type='fs' or @type='netfs']") ? xml_text(xml, NULL, "/pool/target/path") : NULL;
}

/* The pool on libvirt's folder for such files, one that gets a disk of the guest, or the usual one. */
static void find_pool(struct install *install)
{
    virStoragePoolPtr pool = hvsh_own_pool(install->call, virStoragePoolLookupByTargetPath(install->connection, SYSTEM_FOLDER));

    install->scratch_place = folder_of(install, pool);
    for (guint i = 0; i < install->disks->len && !install->scratch_place; i++) {
        const struct disk *disk = install->disks->pdata[i];

        pool = disk->pool ? hvsh_own_pool(install->call, virStoragePoolLookupByName(install->connection, disk->pool)) : NULL;
        install->scratch_place = folder_of(install, pool);
    }
    if (!install->scratch_place)
        install->scratch_place = folder_of(install, pool = default_pool(install));
    install->scratch_pool = install->scratch_place ? pool : NULL;
    virResetLastError();
}

virStoragePoolPtr scratch_pool(struct install *install, const char **folder)
{
    const struct host *host = &install->host;

    if (!install->scratch_asked && host->qemu && (host->remote || (!host->session && !host->embedded && !owns_system_folder(install))))
        find_pool(install);
    install->scratch_asked = true;
    if (folder)
        *folder = install->scratch_place;
    return install->scratch_pool;
}

/* ---- kernel and initrd ------------------------------------------------------------------------------------------------------------- */

static int remove_file(hvsh_call *call, void *path)
{
    return unlink(path) < 0 && errno != ENOENT ? hvsh_fail(call, "%s: %s", (char *)path, g_strerror(errno)) : 0;
}

static const char *volume_name(struct install *install, const char *what)
{
    return hvsh_printf(install->call, "hvsh-%s-%s", model_get(install->call, install->domain, "uuid"), what);
}

int scratch_plan(struct install *install)
{
    const char *folder = NULL;
    virStoragePoolPtr pool = scratch_pool(install, &folder);

    if (install->host.remote && !pool && !install->args->print_xml) {
        hvsh_fail(install->call, "the installer's kernel cannot be brought to the host of the guest: it has no pool for files that is running");
        return hvsh_hint(install->call, "pool-define-as boot dir --target " SYSTEM_FOLDER "; pool-build boot; pool-start boot");
    }
    /* copies of this machine get their names when they are made */
    model_setf(install->boot, "os/kernel", pool ? "%s/%s" : "%s/hvsh-XXXXXX-kernel", pool ? folder : scratch_folder(install), volume_name(install, "kernel"));
    if (install->tree.initrd)
        model_setf(install->boot, "os/initrd", pool ? "%s/%s" : "%s/hvsh-XXXXXX-initrd", pool ? folder : scratch_folder(install), volume_name(install, "initrd"));
    return 0;
}

const char *scratch_words(struct install *install, const char *what, const char *path)
{
    virStoragePoolPtr pool = scratch_pool(install, NULL);

    return pool ? hvsh_printf(install->call, "send the %s %s to pool '%s' while the guest starts", what, path, virStoragePoolGetName(pool))
                : hvsh_printf(install->call, "copy the %s %s to %s while the guest starts", what, path, scratch_folder(install));
}

static int fill(struct install *install, int fd, const char *path, const char *what, const GPtrArray *injections)
{
    struct source *source = install->tree.source ? install->tree.source : source_open(install->call, SOURCE_FOLDER, "/");

    return source_copy(source, path, fd, what) < 0 || (injections && inject(install->call, fd, injections) < 0) ? -1 : 0;
}

static int send_volume(struct install *install, const char *path, const char *what, const GPtrArray *injections)
{
    int fd = memfd_create(what, MFD_CLOEXEC);
    virStorageVolPtr volume = NULL;

    if (fd < 0)
        return hvsh_fail(install->call, "there is no memory for the installer's %s: %s", what, g_strerror(errno));
    if (fill(install, fd, path, what, injections) == 0 && lseek(fd, 0, SEEK_SET) == 0)
        volume = store_send(install, scratch_pool(install, NULL), volume_name(install, what), fd);
    close(fd);
    if (volume)
        install->scratch_volumes[strcmp(what, "initrd") == 0] = volume;
    return volume ? 0 : -1;
}

static int copy_file(struct install *install, const char *path, const char *what, const GPtrArray *injections)
{
    hvsh_call *call = install->call;
    const char *folder = scratch_folder(install);
    char *copy = hvsh_printf(call, "%s/hvsh-XXXXXX-%s", folder, what);
    bool good;
    int to;

    if (g_mkdir_with_parents(folder, strcmp(folder, SYSTEM_FOLDER) == 0 ? 0711 : 0755) < 0 || (to = mkostemps(copy, (int)strlen(what) + 1, O_CLOEXEC)) < 0)
        return hvsh_fail(call, "cannot make a file in %s: %s", folder, g_strerror(errno));
    hvsh_undo(call, remove_file, copy, hvsh_printf(call, "removing the copy of the installer's %s", what));
    good = fchmod(to, 0644) == 0 && fill(install, to, path, what, injections) == 0;
    if (close(to) < 0 && good) {
        good = false;
        hvsh_fail(call, "cannot copy the installer's %s to %s: %s", what, copy, g_strerror(errno));
    }
    if (good)
        model_set(install->boot, hvsh_printf(call, "os/%s", what), copy);
    install->scratch_files[strcmp(what, "initrd") == 0] = copy;
    return good ? 0 : -1;
}

static int fetch(struct install *install, const char *path, const char *what, const GPtrArray *injections)
{
    return scratch_pool(install, NULL) ? send_volume(install, path, what, injections) : copy_file(install, path, what, injections);
}

int scratch_kernel(struct install *install, struct disk *disk)
{
    (void)disk;
    return fetch(install, install->tree.kernel, "kernel", NULL);
}

int scratch_initrd(struct install *install, struct disk *disk)
{
    (void)disk;
    return fetch(install, install->tree.initrd, "initrd", install->injections);
}

void scratch_remove(struct install *install)
{
    for (unsigned int i = 0; i < 2; i++) {
        if (install->scratch_files[i])
            unlink(install->scratch_files[i]);
        if (!install->scratch_volumes[i])
            continue;
        if (virStorageVolDelete(install->scratch_volumes[i], 0) < 0)
            hvsh_note(install->call, "volume '%s' was of use only while the guest started, and could not be removed: vol-delete does that",
                      virStorageVolGetName(install->scratch_volumes[i]));
        virResetLastError();
    }
}
