/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * seed.c - the medium that cloud-init or an installer reads at the first start: a small ISO.
 *
 * libarchive writes it. It has passwords or their hashes, so only its owner may read it (libvirt gives it to QEMU's user), and it goes when
 * the guest has started.
 */
#include "config.h"
#include "download.h"
#include "library.h"
#include "seed.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#if HAVE_ARCHIVE

/* One file. The archive's own failures are told by it. */
static int add_file(struct install *install, const struct archive_library *lib, struct archive *archive, const struct injection *file)
{
    g_autofree char *content = NULL;
    g_autoptr(GError) error = NULL;
    struct archive_entry *entry;
    const char *text = file->text;
    gsize size = text ? strlen(text) : 0;
    int result;

    if (!text && !g_file_get_contents(file->path, &content, &size, &error))
        return hvsh_fail(install->call, "the file for %s: %s", install->seed->what, error->message);
    entry = lib->archive_entry_new();
    lib->archive_entry_set_pathname(entry, file->name);
    lib->archive_entry_set_size(entry, (la_int64_t)size);
    lib->archive_entry_set_filetype(entry, AE_IFREG);
    lib->archive_entry_set_perm(entry, 0644);
    lib->archive_entry_set_mtime(entry, g_get_real_time() / G_USEC_PER_SEC, 0);
    result = lib->archive_write_header(archive, entry);
    if (result == ARCHIVE_OK && lib->archive_write_data(archive, text ? text : content, size) != (la_ssize_t)size)
        result = ARCHIVE_FATAL;
    lib->archive_entry_free(entry);
    return result == ARCHIVE_OK ? 0 : hvsh_fail(install->call, "the medium for %s cannot be written: %s", install->seed->what, lib->archive_error_string(archive));
}

/* What comes from a server, by way of memory. */
static int add_download(struct install *install, const struct archive_library *lib, struct archive *archive, const struct injection *file)
{
    int fd = memfd_create(file->name, MFD_CLOEXEC), result;
    struct injection here = { .name = file->name, .path = hvsh_printf(install->call, "/proc/self/fd/%d", fd) };

    if (fd < 0)
        return hvsh_fail(install->call, "there is no memory for %s: %s", file->path, g_strerror(errno));
    result = download_file(install->call, file->path, 0, fd, hvsh_printf(install->call, "downloading %s", file->name));
    if (result == 0)
        result = add_file(install, lib, archive, &here);
    close(fd);
    return result;
}

static int write_medium(struct install *install, int fd)
{
    const struct seed *seed = install->seed;
    const struct archive_library *lib = archive_library(install->call, seed->option);
    const char *options = seed->label ? hvsh_printf(install->call, "volume-id=%s,joliet,rockridge=useful,!pad", seed->label) : "joliet,rockridge=useful,!pad";
    struct archive *archive;
    int result = -1;

    if (!lib)
        return -1;
    archive = lib->archive_write_new();
    if (lib->archive_write_set_format_iso9660(archive) != ARCHIVE_OK || lib->archive_write_set_options(archive, options) != ARCHIVE_OK ||
        lib->archive_write_open_fd(archive, fd) != ARCHIVE_OK) {
        hvsh_fail(install->call, "the medium for %s cannot be written: %s", seed->what, lib->archive_error_string(archive));
        goto cleanup;
    }
    for (guint i = 0; i < seed->files->len; i++) {
        const struct injection *file = seed->files->pdata[i];

        if ((file->path && download_is_url(file->path) ? add_download : add_file)(install, lib, archive, file) < 0)
            goto cleanup;
    }
    if (lib->archive_write_close(archive) != ARCHIVE_OK)
        hvsh_fail(install->call, "the medium for %s cannot be written: %s", seed->what, lib->archive_error_string(archive));
    else
        result = 0;
cleanup:
    lib->archive_write_free(archive);
    return result;
}

#else

static int write_medium(struct install *install, int fd)
{
    (void)fd;
    archive_library(install->call, install->seed->option);
    return -1;
}

#endif

/* ---- what is in it
 * ----------------------------------------------------------------------------------------------------------------------------- */

static void free_files(void *p)
{
    g_ptr_array_unref(p);
}

struct seed *seed_new(struct install *install, const char *option, const char *what, const char *suffix)
{
    struct seed *seed = hvsh_defer(install->call, g_new0(struct seed, 1), g_free);

    seed->option = option;
    seed->what = what;
    seed->suffix = suffix;
    seed->files = hvsh_defer(install->call, g_ptr_array_new(), free_files);
    return install->seed = seed;
}

void seed_add(struct install *install, const char *name, const char *path, const char *text)
{
    struct injection *file = hvsh_defer(install->call, g_new0(struct injection, 1), g_free);

    *file = (struct injection){ name, path, text };
    g_ptr_array_add(install->seed->files, file);
}

/* ---- where it is
 * ------------------------------------------------------------------------------------------------------------------------------- */

static int remove_seed(hvsh_call *call, void *path)
{
    return unlink(path) < 0 && errno != ENOENT ? hvsh_fail(call, "%s: %s", (char *)path, g_strerror(errno)) : 0;
}

static const char *volume_name(struct install *install)
{
    return hvsh_printf(install->call, "%s-%s.iso", install->name, install->seed->suffix);
}

const char *seed_place(struct install *install)
{
    struct seed *seed = install->seed;
    const char *folder = NULL;

    if (!seed->path && seed->place) {
        seed->path = seed->place;
    } else if (!seed->path && scratch_pool(install, &folder)) {
        seed->path = hvsh_printf(install->call, "%s/%s", folder, volume_name(install));
        seed->sent = true;
    } else if (!seed->path && install->host.remote) {
        hvsh_fail(install->call, "%s: the host of the guest has no pool for the medium that it reads", seed->option);
    } else if (!seed->path && seed->keep) {
        seed->path = hvsh_printf(install->call, "%s/%s", images_folder(install), volume_name(install));
    } else if (!seed->path) {
        seed->path = hvsh_printf(install->call, "%s/hvsh-%s-%s.iso", scratch_folder(install), model_get(install->call, install->domain, "uuid"), seed->suffix);
    }
    return seed->path;
}

/* ---- the guest's drive
 * ------------------------------------------------------------------------------------------------------------------------- */

int seed_drive(struct install *install)
{
    struct seed *seed = install->seed;

    if (!seed)
        return 0;
    /* behind what the guest has of its own, and nothing to start from */
    seed->disk = disk_drive(install);
    if (seed->is_disk)
        model_set(seed->disk->node, "target/@bus", "virtio");
    return 0;
}

static void put_in(struct install *install, xmlNode *drive)
{
    model_set(drive, "source/@file", seed_place(install));
    if (install->host.qemu) {
        model_set(drive, "driver/@name", "qemu");
        model_set(drive, "driver/@type", "raw");
    }
    if (install->seed->is_disk)
        model_set(drive, "@device", "disk");
}

int seed_documents(struct install *install)
{
    struct seed *seed = install->seed;

    if (!seed)
        return 0;
    if (!seed_place(install))
        return -1;
    put_in(install, seed->disk->node);
    if (seed->keep)
        return 0;
    if (!install->boot) {
        install->boot = model_copy(install->call, install->domain);
    } else {
        const char *name = model_get(install->call, seed->disk->node, "target/@dev");

        for (xmlNode **disks = model_all(install->call, install->boot, "devices", "disk"); *disks; disks++)
            if (strcmp(name, model_get(install->call, *disks, "target/@dev")) == 0)
                put_in(install, *disks);
    }
    if (seed->is_disk) {
        model_remove(seed->disk->node);
    } else {
        model_set(seed->disk->node, "source", NULL);
        model_set(seed->disk->node, "driver", NULL);
    }
    return 0;
}

/* ---- the step
 * ---------------------------------------------------------------------------------------------------------------------------------- */

static int send_volume(struct install *install)
{
    struct seed *seed = install->seed;
    int fd = memfd_create("seed", MFD_CLOEXEC), result;

    if (fd < 0)
        return hvsh_fail(install->call, "there is no memory for the medium for %s: %s", seed->what, g_strerror(errno));
    result = write_medium(install, fd);
    if (result == 0 && lseek(fd, 0, SEEK_SET) == 0) {
        seed->volume = store_send(install, scratch_pool(install, NULL), volume_name(install), fd);
        result = seed->volume ? 0 : -1;
    }
    close(fd);
    return result;
}

static int write_file(struct install *install, const char *path)
{
    hvsh_call *call = install->call;
    const char *what = install->seed->what;
    g_autofree char *folder = g_path_get_dirname(path);
    int fd, result;

    if (g_mkdir_with_parents(folder, 0755) < 0)
        return hvsh_fail(call, "cannot make the folder %s: %s", folder, g_strerror(errno));
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return hvsh_fail(call, "the medium for %s cannot be written to %s: %s", what, path, g_strerror(errno));
    hvsh_undo(call, remove_seed, (void *)path, hvsh_printf(call, "removing the medium for %s %s", what, path));
    result = write_medium(install, fd);
    if (close(fd) < 0 && result == 0)
        result = hvsh_fail(call, "the medium for %s cannot be written to %s: %s", what, path, g_strerror(errno));
    return result;
}

const char *seed_words(struct install *install)
{
    return hvsh_printf(install->call, "write the medium for %s, %s%s", install->seed->what, seed_place(install),
                       install->seed->keep ? "" : "; it goes when the guest has started");
}

int seed_make(struct install *install, struct disk *disk)
{
    (void)disk;
    if (install->seed->sent)
        return send_volume(install);
    /* the guests of the test driver need none */
    return install->host.qemu || install->seed->place ? write_file(install, seed_place(install)) : 0;
}

void seed_remove(struct install *install)
{
    const struct seed *seed = install->seed;

    if (!seed || !seed->path || seed->keep)
        return;
    if (!seed->sent)
        unlink(seed->path);
    else if (seed->volume && virStorageVolDelete(seed->volume, 0) < 0) {
        hvsh_note(install->call, "the medium for %s, volume '%s', could not be removed: vol-delete does that", seed->what,
                  virStorageVolGetName(seed->volume));
        virResetLastError();
    }
}
