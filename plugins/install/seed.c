/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * seed.c - the medium that cloud-init reads at the first start: a small ISO by the name "cidata".
 *
 * libarchive writes it. It has hashes of passwords, so only its owner may read it (libvirt gives it to QEMU's user), and it goes when the
 * guest has started.
 */
#include "config.h"
#include "cloud.h"
#include "library.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#if HAVE_ARCHIVE

static int add_file(const struct archive_library *lib, struct archive *archive, const char *name, const char *text)
{
    struct archive_entry *entry = lib->archive_entry_new();
    size_t size = strlen(text);
    int result;

    lib->archive_entry_set_pathname(entry, name);
    lib->archive_entry_set_size(entry, (la_int64_t)size);
    lib->archive_entry_set_filetype(entry, AE_IFREG);
    lib->archive_entry_set_perm(entry, 0644);
    lib->archive_entry_set_mtime(entry, g_get_real_time() / G_USEC_PER_SEC, 0);
    result = lib->archive_write_header(archive, entry);
    if (result == ARCHIVE_OK && lib->archive_write_data(archive, text, size) != (la_ssize_t)size)
        result = ARCHIVE_FATAL;
    lib->archive_entry_free(entry);
    return result;
}

static int write_medium(struct install *install, int fd, const char *path)
{
    const struct archive_library *lib = archive_library(install->call, "--cloud-init");
    struct archive *archive;
    int result;

    if (!lib)
        return -1;
    archive = lib->archive_write_new();
    result = lib->archive_write_set_format_iso9660(archive);
    if (result == ARCHIVE_OK)
        result = lib->archive_write_set_options(archive, "volume-id=cidata,joliet,rockridge=useful,!pad");
    if (result == ARCHIVE_OK)
        result = lib->archive_write_open_fd(archive, fd);
    if (result == ARCHIVE_OK)
        result = add_file(lib, archive, "meta-data", cloud_meta_data(install));
    if (result == ARCHIVE_OK)
        result = add_file(lib, archive, "user-data", cloud_user_data(install));
    if (result == ARCHIVE_OK && install->cloud->network_config)
        result = add_file(lib, archive, "network-config", install->cloud->network_config);
    if (result == ARCHIVE_OK)
        result = lib->archive_write_close(archive);
    if (result != ARCHIVE_OK)
        hvsh_fail(install->call, "the medium for cloud-init cannot be written to %s: %s", path, lib->archive_error_string(archive));
    lib->archive_write_free(archive);
    return result == ARCHIVE_OK ? 0 : -1;
}

#else

static int write_medium(struct install *install, int fd, const char *path)
{
    (void)fd;
    (void)path;
    archive_library(install->call, "--cloud-init");
    return -1;
}

#endif

/* ---- the file
 * ---------------------------------------------------------------------------------------------------------------------------------- */

static int remove_seed(hvsh_call *call, void *path)
{
    return unlink(path) < 0 && errno != ENOENT ? hvsh_fail(call, "%s: %s", (char *)path, g_strerror(errno)) : 0;
}

static const char *volume_name(struct install *install)
{
    return hvsh_printf(install->call, "%s-seed.iso", install->name);
}

const char *seed_place(struct install *install)
{
    struct cloud *cloud = install->cloud;
    const char *folder = NULL;

    if (!cloud->seed && scratch_pool(install, &folder)) {
        cloud->seed = hvsh_printf(install->call, "%s/%s", folder, volume_name(install));
        cloud->sent = true;
    } else if (!cloud->seed && install->host.remote) {
        hvsh_fail(install->call, "--cloud-init: the host of the guest has no pool for the medium that cloud-init reads");
    } else if (!cloud->seed && cloud->keep) {
        cloud->seed = hvsh_printf(install->call, "%s/%s-seed.iso", images_folder(install), install->name);
    } else if (!cloud->seed) {
        cloud->seed =
            hvsh_printf(install->call, "%s/hvsh-%s-seed.iso", scratch_folder(install), model_get(install->call, install->domain, "uuid"));
    }
    return cloud->seed;
}

static int send_volume(struct install *install)
{
    int fd = memfd_create("seed", MFD_CLOEXEC), result;

    if (fd < 0)
        return hvsh_fail(install->call, "there is no memory for the medium for cloud-init: %s", g_strerror(errno));
    result = write_medium(install, fd, seed_place(install));
    if (result == 0 && lseek(fd, 0, SEEK_SET) == 0) {
        install->cloud->volume = store_send(install, scratch_pool(install, NULL), volume_name(install), fd);
        result = install->cloud->volume ? 0 : -1;
    }
    close(fd);
    return result;
}

static int write_file(struct install *install, const char *path)
{
    hvsh_call *call = install->call;
    g_autofree char *folder = g_path_get_dirname(path);
    int fd, result;

    if (g_mkdir_with_parents(folder, 0755) < 0)
        return hvsh_fail(call, "cannot make the folder %s: %s", folder, g_strerror(errno));
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return hvsh_fail(call, "the medium for cloud-init cannot be written to %s: %s", path, g_strerror(errno));
    hvsh_undo(call, remove_seed, (void *)path, hvsh_printf(call, "removing the medium for cloud-init %s", path));
    result = write_medium(install, fd, path);
    if (close(fd) < 0 && result == 0)
        result = hvsh_fail(call, "the medium for cloud-init cannot be written to %s: %s", path, g_strerror(errno));
    return result;
}

const char *seed_words(struct install *install)
{
    return hvsh_printf(install->call, "write the medium for cloud-init, %s%s", seed_place(install),
                       install->cloud->keep ? "" : "; it goes when the guest has started");
}

int seed_make(struct install *install, struct disk *disk)
{
    (void)disk;
    if (install->cloud->sent)
        return send_volume(install);
    /* the guests of the test driver need none */
    return install->host.qemu || install->cloud->place ? write_file(install, seed_place(install)) : 0;
}

void seed_remove(struct install *install)
{
    const struct cloud *cloud = install->cloud;

    if (!cloud || !cloud->seed || cloud->keep)
        return;
    if (!cloud->sent)
        unlink(cloud->seed);
    else if (cloud->volume && virStorageVolDelete(cloud->volume, 0) < 0) {
        hvsh_note(install->call, "the medium for cloud-init, volume '%s', could not be removed: vol-delete does that",
                  virStorageVolGetName(cloud->volume));
        virResetLastError();
    }
}
