/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * image-store.c - from the image to the guest's disk.
 *
 * A download is kept in the user's cache. What guests are layers over lies with their disks, as a volume of the same pool (or a file of the
 * same folder), named after its contents: so the next guest finds it there, and no guest depends on somebody's cache. On a remote
 * connection the volume is sent over it.
 */
#include "image.h"
#include "cache.h"
#include "download.h"
#include "stream.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ID_LENGTH = 12 };

/* ---- having it
 * --------------------------------------------------------------------------------------------------------------------------- */

/* The checksum that the image's server tells; *sum stays NULL when it tells none. */
static int look_up_sum(struct install *install, const char **sum)
{
    static const char *const beside[] = {"%s.sha256", "%s.SHA256SUM", "%s.CHECKSUM"}, *const in_folder[] = {"SHA512SUMS", "SHA256SUMS",
                                                                                                            "CHECKSUM"};
    struct image *image = install->image;
    hvsh_call *call = install->call;
    const char *folder = hvsh_printf(call, "%.*s", (int)(strrchr(image->url, '/') - image->url), image->url);

    for (size_t i = 0; i < (image->sums ? 1 : G_N_ELEMENTS(beside) + G_N_ELEMENTS(in_folder)) && !*sum; i++) {
        const char *list, *url = image->sums;

        if (!url && i < G_N_ELEMENTS(beside)) {
            g_autofree char *name = g_strdup_printf(beside[i], image->name);

            url = hvsh_printf(call, "%s/%s", folder, name);
        } else if (!url) {
            url = hvsh_printf(call, "%s/%s", folder, in_folder[i - G_N_ELEMENTS(beside)]);
        }
        if (download_text(call, url, 4 << 20, &list) < 0)
            return -1;
        if (!list && image->sums)
            return hvsh_fail(call, "there is no list of checksums at %s", url);
        *sum = list ? image_sum_in(call, list, image->name) : NULL;
        if (*sum)
            explain(install, "checksum: of %s", url);
        else if (image->sums)
            return hvsh_fail(call, "the list of checksums %s has none for %s", url, image->name);
    }
    return 0;
}

/* What is known of the checksum: given, noted when the same file was verified before, or told by the server. */
static int expected_sum(struct install *install, const char *noted, int result, const char **sum)
{
    struct image *image = install->image;
    g_autofree char *text = NULL;

    *sum = image->sum;
    if (*sum || (image->sums && strcmp(image->sums, "none") == 0))
        return 0;
    if ((result == CACHE_UNCHANGED || result == CACHE_UNREACHABLE) && g_file_get_contents(noted, &text, NULL, NULL) &&
        image_is_sum(g_strchomp(text)))
        *sum = hvsh_printf(install->call, "%s", text);
    else if (result != CACHE_UNREACHABLE && look_up_sum(install, sum) < 0)
        return -1;
    if (!*sum)
        hvsh_note(install->call,
                  "no checksum of %s has been found: that it is what its makers made is not verified (sha256=DIGITS says what it must be)",
                  image->url);
    return 0;
}

static int fetch(struct install *install)
{
    struct image *image = install->image;
    hvsh_call *call = install->call;
    struct cached cached = {image->url, image->file, hvsh_printf(call, "downloading %s", image->name), image->patience};
    const char *noted = hvsh_printf(call, "%s.sum", image->file), *expected, *sum;

    /* what must have this checksum and has it needs no server */
    if (image->sum && access(image->file, R_OK) == 0) {
        sum = image_sum(call, image->file, image->sum);
        if (!sum)
            return -1;
        if (g_ascii_strcasecmp(sum, image->sum) == 0)
            goto good;
    }
    for (bool again = false;; again = true) {
        int result = cache_fetch(call, &cached);

        if (result < 0 || expected_sum(install, noted, again ? CACHE_WHOLE : result, &expected) < 0)
            return -1;
        sum = image_sum(call, image->file, expected);
        if (!sum)
            return -1;
        if (!expected || g_ascii_strcasecmp(sum, expected) == 0)
            break;
        cache_drop(image->file);
        unlink(noted);
        /* a part of one file and the rest of another, or a file that was damaged here */
        if (result == CACHE_WHOLE || again) {
            hvsh_fail(call, "the image %s has the wrong checksum: it is %s and should be %s; it has been removed", image->url, sum,
                      expected);
            return hvsh_hint(call, "has the server a newer image, or is this not the one that was asked for?");
        }
        hvsh_note(call, "what has been downloaded earlier is not what it should be: once more from the beginning");
    }
    if (expected && !g_file_set_contents(noted, sum, -1, NULL))
        hvsh_note(call, "%s cannot be written: the image will be verified anew", noted);
good:
    image->id = hvsh_printf(call, "%.*s", ID_LENGTH, sum);
    return 0;
}

/* The step: the image is there, is what it should be, and the disk is large enough for it. */
static int have(struct install *install, struct disk *step)
{
    struct image *image = install->image;
    struct disk *disk = image->disk;

    (void)step;

    if (image->url && (fetch(install) < 0 || image_probe(install) < 0))
        return -1;
    if (!image->url && image->sum) {
        const char *sum = image_sum(install->call, image->file, image->sum);

        if (sum && g_ascii_strcasecmp(sum, image->sum) != 0)
            return hvsh_fail(install->call, "the image %s has the wrong checksum: it is %s and should be %s", image->file, sum, image->sum);
        if (!sum)
            return -1;
    }
    if (image->sized && disk->size < image->size)
        return hvsh_fail(install->call, "a disk of %s is too small for the image, which is one of %s",
                         option_size_words(install->call, disk->size), option_size_words(install->call, image->size));
    disk->size = MAX(disk->size, image->size);
    if (image->copy) {
        disk->format = image->format;
        for (unsigned int i = 0; i < 2 && install->host.qemu; i++) {
            xmlNode *document = i ? install->boot : install->domain;

            for (xmlNode **all = document ? model_all(install->call, document, "devices", "disk") : (xmlNode *[]){NULL}; *all; all++)
                if (g_strcmp0(model_get(install->call, *all, "source/@file"), disk->path) == 0)
                    model_set(*all, "driver/@type", image->format);
        }
    }
    return 0;
}

/* ---- volumes
 * --------------------------------------------------------------------------------------------------------------------------------- */

static int delete_volume(hvsh_call *call, void *volume)
{
    /* what was of use only while the guest started may have gone already */
    return virStorageVolDelete(volume, 0) < 0 && virGetLastErrorCode() != VIR_ERR_NO_STORAGE_VOL ? hvsh_fail_virt(call, "the volume") : 0;
}

virStorageVolPtr store_send(struct install *install, virStoragePoolPtr pool, const char *name, int fd)
{
    hvsh_call *call = install->call;
    virStoragePoolInfo info;
    virStorageVolPtr volume;
    struct stat status;
    xmlNode *node = model_new(call);
    uint64_t needed;

    if (fstat(fd, &status) < 0) {
        hvsh_fail(call, "what is sent to '%s' cannot be read: %s", name, g_strerror(errno));
        return NULL;
    }
    needed = (uint64_t)status.st_blocks * 512;
    if (!install->skip_size && virStoragePoolGetInfo(pool, &info) == 0 && needed > info.available) {
        hvsh_fail(call, "the image of %s does not fit into pool '%s': there are %s free", option_size_words(call, needed),
                  virStoragePoolGetName(pool), option_size_words(call, info.available));
        hvsh_hint(call, "--check disk_size=off tries all the same");
        return NULL;
    }
    xmlNodeSetName(node, BAD_CAST "volume");
    model_set(node, "name", name);
    /* it grows as the data come: a volume that is shorter than the image is one whose sending was cut off */
    model_set(node, "capacity", "512");
    model_set(node, "allocation", "0");
    model_set(node, "target/format/@type", "raw");
    volume = virStorageVolCreateXML(pool, model_text(call, node), 0);
    if (!volume) {
        hvsh_fail_virt(call, "cannot make the volume '%s' in pool '%s'", name, virStoragePoolGetName(pool));
        return NULL;
    }
    hvsh_own_volume(call, volume);
    hvsh_undo(call, delete_volume, volume, hvsh_printf(call, "removing volume '%s' of pool '%s'", name, virStoragePoolGetName(pool)));
    if (stream_send(call, volume, &(struct stream_data){name, fd, 0, 0, (uint64_t)status.st_size, VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM}) <
        0)
        return NULL;
    return volume;
}

static virStorageVolPtr send_image(struct install *install, virStoragePoolPtr pool, const char *name)
{
    int fd = open(install->image->file, O_RDONLY | O_CLOEXEC);
    virStorageVolPtr volume;

    if (fd < 0) {
        hvsh_fail(install->call, "the image '%s' cannot be read: %s", install->image->file, g_strerror(errno));
        return NULL;
    }
    volume = store_send(install, pool, name, fd);
    close(fd);
    return volume;
}

/* The volume of that name that has all of the image. NULL: there is none (a cut-off one has been removed), or *failed. */
static virStorageVolPtr find_volume(struct install *install, virStoragePoolPtr pool, const char *name, bool *failed)
{
    virStorageVolPtr volume = hvsh_own_volume(install->call, virStorageVolLookupByName(pool, name));
    virStorageVolInfo info;

    *failed = false;
    if (volume &&
        (virStorageVolGetInfoFlags(volume, &info, VIR_STORAGE_VOL_GET_PHYSICAL) < 0 || info.allocation != install->image->length)) {
        hvsh_note(install->call, "volume '%s' is a part of the image only, left by an interruption: it is made anew", name);
        *failed = virStorageVolDelete(volume, 0) < 0 && hvsh_fail_virt(install->call, "cannot remove the volume '%s'", name) < 0;
        volume = NULL;
    }
    virResetLastError();
    return volume;
}

static int keep_volume(struct install *install, struct disk *disk, const char *name)
{
    hvsh_call *call = install->call;
    virStoragePoolPtr pool = hvsh_own_pool(call, virStoragePoolLookupByName(install->connection, disk->pool));
    virStorageVolPtr volume;
    bool failed;

    if (!pool)
        return hvsh_fail_virt(call, "pool '%s' has gone", disk->pool);
    /* what others have put there since the pool was last looked at; a busy pool is looked at another time */
    if (virStoragePoolRefresh(pool, 0) < 0)
        virResetLastError();
    volume = find_volume(install, pool, name, &failed);
    if (!volume && !failed)
        volume = send_image(install, pool, name);
    else if (volume)
        explain(install, "image: volume '%s' of pool '%s' has it already", name, disk->pool);
    if (!volume)
        return -1;
    disk->backing = hvsh_own_text(call, virStorageVolGetPath(volume));
    return disk->backing ? 0 : hvsh_fail_virt(call, "where is the volume '%s'?", name);
}

/* ---- room
 * -------------------------------------------------------------------------------------------------------------------------------------- */

/* Is the image kept beside the disk already, for another guest? What it is called ends with a part of its checksum, which is not known yet. */
static bool is_kept(struct install *install, const struct disk *disk)
{
    const char *dot = strrchr(install->image->name, '.');
    size_t length = dot ? (size_t)(dot - install->image->name) : strlen(install->image->name);
    g_autofree char *folder = g_path_get_dirname(disk->path), *begin = g_strdup_printf("%.*s-", (int)length, install->image->name);
    virStoragePoolPtr pool = disk->pool ? hvsh_own_pool(install->call, virStoragePoolLookupByName(install->connection, disk->pool)) : NULL;
    g_autoptr(GDir) files = pool ? NULL : g_dir_open(folder, 0, NULL);
    virStorageVolPtr *volumes = NULL;
    int count = pool ? virStoragePoolListAllVolumes(pool, &volumes, 0) : 0;
    bool found = false;

    for (const char *name; files && (name = g_dir_read_name(files));)
        found = found || g_str_has_prefix(name, begin);
    for (int i = 0; i < count; i++) {
        found = found || g_str_has_prefix(virStorageVolGetName(volumes[i]), begin);
        virStorageVolFree(volumes[i]);
    }
    free(volumes);
    virResetLastError();
    return found;
}

int image_room(struct install *install)
{
    const struct image *image = install->image;
    const struct disk *disk = image->disk;
    hvsh_call *call = install->call;
    uint64_t needed = 0, available;
    struct stat status;

    if (!install->host.qemu || install->skip_size || install->args->print_xml || disk->backing)
        return 0;
    if (stat(image->file, &status) == 0)
        needed = (uint64_t)status.st_blocks * 512;
    else if (image->url && !install->dry)
        needed = download_size(call, image->url);
    available = free_space(install, disk);
    if (needed <= available || (!image->copy && is_kept(install, disk)))
        return 0;
    hvsh_fail(call, "the image %s of %s does not fit into %s: there are %s free", image->given, option_size_words(call, needed),
              disk->pool ? hvsh_printf(call, "pool '%s'", disk->pool) : (const char *)hvsh_defer(call, g_path_get_dirname(disk->path), g_free),
              option_size_words(call, available));
    return hvsh_hint(call, "--image %s,pool=NAME takes another pool; --check disk_size=off tries all the same", image->given);
}

/* ---- files
 * ------------------------------------------------------------------------------------------------------------------------------------- */

static int remove_file(hvsh_call *call, void *path)
{
    return unlink(path) < 0 && errno != ENOENT ? hvsh_fail(call, "%s: %s", (char *)path, g_strerror(errno)) : 0;
}

/* The next piece, within the kernel where it can do that between these file systems. */
static ssize_t copy_some(int from, int to, off_t at, size_t size)
{
    off_t in = at, out = at;
    ssize_t count = copy_file_range(from, &in, to, &out, size, 0);
    g_autofree char *buffer = NULL;

    if (count >= 0 || (errno != EXDEV && errno != EINVAL && errno != EOPNOTSUPP && errno != ENOSYS))
        return count;
    size = MIN(size, 1 << 20);
    buffer = g_malloc(size);
    count = pread(from, buffer, size, at);
    return count <= 0 ? count : pwrite(to, buffer, (size_t)count, at);
}

/* Without the holes; on file systems that can, without a copy. */
static int copy_data(hvsh_call *call, int from, int to, uint64_t size)
{
    off_t in = 0, end;

    if (ftruncate(to, (off_t)size) < 0)
        return -1;
    while ((in = lseek(from, in, SEEK_DATA)) >= 0) {
        end = lseek(from, in, SEEK_HOLE);
        while (end >= 0 && in < end) {
            ssize_t count = copy_some(from, to, in, (size_t)MIN(end - in, 16 << 20));

            if (count <= 0) {
                errno = count == 0 ? EIO : errno;
                return -1;
            }
            in += count;
            hvsh_progress(call, "copying the image", (uint64_t)in, size);
            if (hvsh_cancelled(call)) {
                errno = EINTR;
                return -1;
            }
        }
        if (end < 0)
            return -1;
    }
    return errno == ENXIO ? 0 : -1;
}

/* A copy at `path`, written beside it. */
static int copy_file(struct install *install, const char *path)
{
    hvsh_call *call = install->call;
    g_autofree char *folder = g_path_get_dirname(path);
    char *temporary = hvsh_printf(call, "%s.XXXXXX", path);
    int from = open(install->image->file, O_RDONLY | O_CLOEXEC), to = -1, result = -1;

    if (from < 0)
        return hvsh_fail(call, "the image '%s' cannot be read: %s", install->image->file, g_strerror(errno));
    if (g_mkdir_with_parents(folder, 0755) == 0)
        to = mkostemp(temporary, O_CLOEXEC);
    if (to >= 0) {
        result = fchmod(to, 0644) < 0 ? -1 : copy_data(call, from, to, install->image->length);
        if (close(to) < 0)
            result = -1;
    }
    if (result == 0 && rename(temporary, path) < 0)
        result = -1;
    if (result < 0) {
        hvsh_fail(call, "the image cannot be copied to %s: %s", path, g_strerror(errno));
        if (to >= 0)
            unlink(temporary);
    } else {
        hvsh_undo(call, remove_file, (void *)path, hvsh_printf(call, "removing %s", path));
    }
    close(from);
    return result;
}

static int keep_file(struct install *install, struct disk *disk, const char *name)
{
    g_autofree char *folder = g_path_get_dirname(disk->path);
    const char *path = hvsh_defer(install->call, g_build_filename(folder, name, NULL), g_free);

    disk->backing = path;
    if (access(path, R_OK) == 0) {
        explain(install, "image: %s has it already", path);
        return 0;
    }
    return copy_file(install, path);
}

/* ---- the steps
 * ------------------------------------------------------------------------------------------------------------------------------- */

/* One at a time: the next finds what this one has made. The descriptor is the lock; -1 after hvsh_fail(). */
static int lock(struct install *install)
{
    int fd = open(install->image->file, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return hvsh_fail(install->call, "the image '%s' cannot be read: %s", install->image->file, g_strerror(errno));
    while (flock(fd, LOCK_EX | LOCK_NB) < 0)
        if (hvsh_wait(install->call, NULL, 0, 200) < 0) {
            close(fd);
            return hvsh_fail(install->call, "interrupted while another guest is made from the same image");
        }
    return fd;
}

/* The image where the guest's host has it, to be layered over. */
static int keep(struct install *install, struct disk *step)
{
    struct image *image = install->image;
    struct disk *disk = image->disk;
    const char *dot = strrchr(image->name, '.');
    const char *name;
    int result, locked;

    (void)step;
    if (!install->host.qemu)
        return 0;
    if (!image->id) {
        const char *sum = image_sum(install->call, image->file, NULL);

        if (!sum)
            return -1;
        image->id = hvsh_printf(install->call, "%.*s", ID_LENGTH, sum);
    }
    name = hvsh_printf(install->call, "%.*s-%s.%s", (int)(dot ? (size_t)(dot - image->name) : strlen(image->name)), image->name, image->id,
                       strcmp(image->format, "raw") == 0 ? "img" : image->format);
    disk->backing_format = image->format;
    locked = lock(install);
    if (locked < 0)
        return -1;
    result = disk->pool ? keep_volume(install, disk, name) : keep_file(install, disk, name);
    close(locked);
    return result;
}

/* A disk of its own: the image's contents, grown to the asked size. */
static int copy(struct install *install, struct disk *step)
{
    struct disk *disk = install->image->disk;
    hvsh_call *call = install->call;
    char *argv[] = {(char *)"qemu-img",
                    (char *)"resize",
                    (char *)"-q",
                    (char *)"-f",
                    (char *)disk->format,
                    (char *)disk->path,
                    hvsh_printf(call, "%llu", (unsigned long long)disk->size),
                    NULL};
    virStoragePoolPtr pool;
    virStorageVolPtr volume;

    (void)step;
    if (!install->host.qemu)
        return 0;
    if (!disk->pool) {
        if (access(disk->path, F_OK) == 0)
            return hvsh_fail(call, "the disk %s has come into being meanwhile; nothing has been done to it", disk->path);
        return copy_file(install, disk->path) < 0 || (disk->size > install->image->size && run_qemu_img(install, argv, NULL) < 0) ? -1 : 0;
    }
    pool = hvsh_own_pool(call, virStoragePoolLookupByName(install->connection, disk->pool));
    if (!pool)
        return hvsh_fail_virt(call, "pool '%s' has gone", disk->pool);
    volume = send_image(install, pool, disk->volume);
    if (!volume)
        return -1;
    /* the pool has to see what has been sent before it can make that larger */
    for (unsigned int i = 0; disk->size > install->image->size && i < 50; i++) {
        virStorageVolInfo info;

        if (virStorageVolGetInfo(volume, &info) == 0 && info.capacity == install->image->size)
            break;
        if (virStoragePoolRefresh(pool, 0) < 0)
            virResetLastError();
        if (hvsh_wait(call, NULL, 0, 100) < 0)
            return -1;
    }
    if (disk->size > install->image->size && virStorageVolResize(volume, disk->size, 0) < 0)
        return hvsh_fail_virt(call, "cannot make the volume '%s' as large as %s", disk->volume, option_size_words(call, disk->size));
    return 0;
}

void image_plan(struct install *install, void (*add)(void *plan, const char *deed, int (*run)(struct install *install, struct disk *disk)),
                void *plan)
{
    const struct image *image = install->image;
    const struct disk *disk = image->disk;
    hvsh_call *call = install->call;

    if (image->url)
        add(plan, hvsh_printf(call, "have the image %s in %s, verified", image->url, image->file), have);
    else
        add(plan, hvsh_printf(call, "use the image %s", image->file), have);
    if (image->copy)
        add(plan,
            hvsh_printf(call, "make the disk %s, a copy of the image%s%s", disk->path, disk->size ? " grown to " : "",
                        disk->size ? option_size_words(call, disk->size) : ""),
            copy);
    else if (!disk->backing)
        add(plan,
            disk->pool ? hvsh_printf(call, "keep the image as a volume of pool '%s', for this guest and others", disk->pool)
                       : "keep the image with the guests' disks",
            keep);
}
