/* SPDX-License-Identifier: GPL-3.0-or-later */
/* disk.c - disks: what there is, what is to be made, and where. */
#include "install.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint64_t GIB = 1024 * 1024 * 1024;

/* ---- files that exist ------------------------------------------------------------------------------------------------------------ */

/* What a file is by its first bytes; NULL: it cannot be read. */
static const char *detect_format(const char *path)
{
    static const struct { unsigned int offset; const char *magic; unsigned int size; const char *format; } known[] = {
        { 0, "QFI\xfb", 4, "qcow2" }, { 0, "QED\0", 4, "qed" }, { 0, "KDMV", 4, "vmdk" }, { 0, "conectix", 8, "vpc" }, { 0, "vhdxfile", 8, "vhdx" },
        { 64, "\x7f\x10\xda\xbe", 4, "vdi" },
    };
    char head[128] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t size = fd < 0 ? -1 : read(fd, head, sizeof(head));

    if (fd >= 0)
        close(fd);
    for (size_t i = 0; size == sizeof(head) && i < G_N_ELEMENTS(known); i++)
        if (memcmp(head + known[i].offset, known[i].magic, known[i].size) == 0)
            return known[i].format;
    return size < 0 ? NULL : "raw";
}

/* What it is, whatever format= says of it: that is for a disk that is made. */
static void set_format(struct install *install, struct disk *disk, const char *format)
{
    if (format && disk->format && strcmp(format, disk->format) != 0)
        hvsh_note(install->call, "the disk %s is of the format %s, not %s: driver.type=%s has it taken for that all the same", disk->path, format, disk->format, disk->format);
    disk->format = format ? format : disk->format ? disk->format : "raw";
}

static void set_file(xmlNode *node, const char *path, bool block)
{
    model_set(node, "@type", block ? "block" : "file");
    model_set(node, block ? "source/@dev" : "source/@file", path);
}

/* A file or device of this machine, or of the other end. 1: there, 0: not. */
static int look_at(struct install *install, struct disk *disk)
{
    struct stat status;
    virStorageVolPtr volume;
    virStorageVolInfo info;

    if (!install->host.remote && stat(disk->path, &status) == 0) {
        if (S_ISDIR(status.st_mode)) {
            model_set(disk->node, "@type", "dir");
            model_set(disk->node, "source/@dir", disk->path);
            return 1;
        }
        set_file(disk->node, disk->path, S_ISBLK(status.st_mode));
        set_format(install, disk, S_ISBLK(status.st_mode) ? NULL : detect_format(disk->path));
        return 1;
    }
    if (install->host.embedded)
        return 0;
    volume = hvsh_own_volume(install->call, virStorageVolLookupByPath(install->connection, disk->path));
    if (!volume || virStorageVolGetInfo(volume, &info) < 0) {
        virResetLastError();
        return 0;
    }
    set_file(disk->node, disk->path, info.type == VIR_STORAGE_VOL_BLOCK);
    return 1;
}

/* ---- pools and volumes ------------------------------------------------------------------------------------------------------------- */

static struct xml *pool_xml(struct install *install, virStoragePoolPtr pool)
{
    return xml_take(install->call, virStoragePoolGetXMLDesc(pool, 0), "the XML of a pool");
}

static const char *volume_format(struct install *install, virStorageVolPtr volume)
{
    struct xml *xml = xml_take(install->call, virStorageVolGetXMLDesc(volume, 0), "the XML of a volume");
    const char *format = xml ? xml_text(xml, NULL, "/volume/target/format/@type") : NULL;
    virStorageVolInfo info = { .type = VIR_STORAGE_VOL_FILE };

    virStorageVolGetInfo(volume, &info);
    /* a medium, and what stands on a device, are no formats of QEMU's */
    return info.type == VIR_STORAGE_VOL_BLOCK || g_strcmp0(format, "iso") == 0 ? "raw" : format;
}

/* What the image at this path is, here or at the other end; NULL: nobody knows. */
static const char *format_of(struct install *install, const char *path)
{
    virStorageVolPtr volume;
    const char *format = install->host.remote ? NULL : detect_format(path);

    if (format || install->host.embedded)
        return format;
    volume = hvsh_own_volume(install->call, virStorageVolLookupByPath(install->connection, path));
    format = volume ? volume_format(install, volume) : NULL;
    virResetLastError();
    return format;
}

/* An existing volume, by the names of its pool and its own. */
static int use_volume(struct install *install, struct disk *disk)
{
    virStoragePoolPtr pool = hvsh_own_pool(install->call, virStoragePoolLookupByName(install->connection, disk->pool));
    virStorageVolPtr volume;
    virStorageVolInfo info;

    if (!pool)
        return hvsh_fail_virt(install->call, "there is no pool '%s' for a disk", disk->pool);
    volume = hvsh_own_volume(install->call, virStorageVolLookupByName(pool, disk->volume));
    if (!volume || virStorageVolGetInfo(volume, &info) < 0)
        return hvsh_fail_virt(install->call, "pool '%s' has no volume '%s'", disk->pool, disk->volume);
    disk->path = hvsh_own_text(install->call, virStorageVolGetPath(volume));
    if (!disk->path)
        return -1;
    set_format(install, disk, volume_format(install, volume));
    if (disk->as_volume) {
        model_set(disk->node, "@type", "volume");
        model_set(disk->node, "source/@pool", disk->pool);
        model_set(disk->node, "source/@volume", disk->volume);
        return 0;
    }
    set_file(disk->node, disk->path, info.type == VIR_STORAGE_VOL_BLOCK);
    return 0;
}

/* The folder for disks that say no more than their size, when there is no pool for them. */
const char *images_folder(struct install *install)
{
    if (install->host.session || install->host.embedded)
        return hvsh_defer(install->call, g_build_filename(g_get_user_data_dir(), "libvirt", "images", NULL), g_free);
    return "/var/lib/libvirt/images";
}

/* The pool for new disks: "default", the one of the images' folder, or the first that is a folder. NULL: none. */
virStoragePoolPtr default_pool(struct install *install)
{
    virStoragePoolPtr *pools = NULL, found;
    int count;

    if (install->host.embedded)
        return NULL;
    found = virStoragePoolLookupByName(install->connection, "default");
    if (!found)
        found = virStoragePoolLookupByTargetPath(install->connection, images_folder(install));
    if (!found && !install->host.qemu) {
        count = virConnectListAllStoragePools(install->connection, &pools, VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE | VIR_CONNECT_LIST_STORAGE_POOLS_DIR);
        for (int i = 0; i < count; i++)
            if (i == 0)
                found = pools[i];
            else
                virStoragePoolFree(pools[i]);
        free(pools);
    }
    virResetLastError();
    return hvsh_own_pool(install->call, found);
}

static bool is_taken(struct install *install, virStoragePoolPtr pool, const char *path, const char *name)
{
    virStorageVolPtr volume;

    for (guint i = 0; i < install->disks->len; i++) {
        const struct disk *disk = install->disks->pdata[i];

        if (disk->path && strcmp(disk->path, path) == 0)
            return true;
    }
    if (!install->host.remote && access(path, F_OK) == 0)
        return true;
    volume = pool ? hvsh_own_volume(install->call, virStorageVolLookupByName(pool, name)) : NULL;
    virResetLastError();
    return volume != NULL;
}

/* A free name for a new disk of the guest: web1.qcow2, web1-1.qcow2 ... */
static void name_disk(struct install *install, struct disk *disk, virStoragePoolPtr pool, const char *folder)
{
    const char *suffix = !disk->format || strcmp(disk->format, "qcow2") == 0 ? "qcow2" : strcmp(disk->format, "raw") == 0 ? "img" : disk->format;

    for (unsigned int i = 0;; i++) {
        disk->volume = i ? hvsh_printf(install->call, "%s-%u.%s", install->name, i, suffix) : hvsh_printf(install->call, "%s.%s", install->name, suffix);
        disk->path = NULL;
        if (!is_taken(install, pool, hvsh_printf(install->call, "%s/%s", folder, disk->volume), disk->volume))
            break;
    }
    disk->path = hvsh_printf(install->call, "%s/%s", folder, disk->volume);
}

static bool is_format(const char *name)
{
    static const char *const formats[] = { "qcow2", "raw", "qcow", "qed", "vdi", "vmdk", "vpc", "vhdx", "luks", NULL };

    return g_strv_contains(formats, name);
}

/* A new disk: in a pool when its folder is one (or no folder was named), else a file of this machine. */
static int place_new(struct install *install, struct disk *disk)
{
    hvsh_call *call = install->call;
    virStoragePoolPtr pool = NULL;
    const char *type = NULL, *folder = NULL;

    disk->fresh = true;
    if (disk->format && !is_format(disk->format)) {
        hvsh_fail(call, "--disk: format=%s is none in which a disk can be made", disk->format);
        return hvsh_hint(call, "qcow2 grows with what is in it and can have snapshots, raw is plain; others are qed, vdi, vmdk, vpc");
    }
    if (disk->pool) {
        pool = hvsh_own_pool(call, virStoragePoolLookupByName(install->connection, disk->pool));
        if (!pool)
            return hvsh_fail_virt(call, "there is no pool '%s' for a disk", disk->pool);
    } else if (!disk->path) {
        pool = default_pool(install);
    } else if (!install->host.embedded) {
        pool = hvsh_own_pool(call, virStoragePoolLookupByTargetPath(install->connection, hvsh_defer(call, g_path_get_dirname(disk->path), g_free)));
        virResetLastError();
    }
    if (pool && virStoragePoolIsActive(pool) == 0) {
        if (disk->pool)
            return hvsh_fail(call, "pool '%s' is not running: pool-start %s", disk->pool, disk->pool);
        pool = NULL;
    }
    if (pool) {
        struct xml *xml = pool_xml(install, pool);

        if (!xml)
            return -1;
        type = xml_text(xml, NULL, "/pool/@type");
        folder = xml_text(xml, NULL, "/pool/target/path");
        disk->pool = hvsh_printf(call, "%s", virStoragePoolGetName(pool));
    }
    if (!pool && install->host.remote) {
        hvsh_fail(call, "no pool of that host holds %s", disk->path ? disk->path : "new disks");
        return hvsh_hint(call, "pool-define-as makes a pool for the folder; then this disk is made in it");
    }
    if (!disk->format && (!type || strcmp(type, "dir") == 0 || strcmp(type, "fs") == 0 || strcmp(type, "netfs") == 0))
        disk->format = "qcow2";
    else if (!disk->format)
        disk->format = "raw";
    if (disk->volume)
        disk->path = hvsh_printf(call, "%s/%s", folder, disk->volume);
    else if (!disk->path)
        name_disk(install, disk, pool, folder ? folder : images_folder(install));
    else if (pool)
        disk->volume = hvsh_defer(call, g_path_get_basename(disk->path), g_free);
    if (disk->backing && !disk->backing_format)
        disk->backing_format = format_of(install, disk->backing);
    set_file(disk->node, disk->path, type && (strcmp(type, "logical") == 0 || strcmp(type, "disk") == 0));
    return 0;
}

/* ---- options ------------------------------------------------------------------------------------------------------------------------ */

/* https://example.org/a.iso, gluster://server/volume/image, nbd+unix:///run/socket: a disk that is on the network. */
static int set_address(struct install *install, xmlNode *node, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GUri) uri = g_uri_parse(text, G_URI_FLAGS_NON_DNS | G_URI_FLAGS_ENCODED, &error);
    const char *plus, *path;

    if (!uri)
        return hvsh_fail(install->call, "--disk: '%s' is no address: %s", text, error->message);
    plus = strchr(g_uri_get_scheme(uri), '+');
    path = g_uri_get_path(uri);
    model_set(node, "@type", "network");
    model_set(node, "source/@protocol", plus ? hvsh_printf(install->call, "%.*s", (int)(plus - g_uri_get_scheme(uri)), g_uri_get_scheme(uri)) : g_uri_get_scheme(uri));
    if (!plus && *path)
        model_set(node, "source/@name", path + (*path == '/'));
    model_set(node, "source/@query", g_uri_get_query(uri));
    if (g_uri_get_host(uri) && *g_uri_get_host(uri))
        model_set(node, "source/host/@name", g_uri_get_host(uri));
    if (g_uri_get_port(uri) > 0)
        model_setf(node, "source/host/@port", "%d", g_uri_get_port(uri));
    if (plus) {
        model_set(node, "source/host/@transport", plus + 1);
        model_set(node, "source/host/@socket", path);
    }
    return 0;
}

int disk_add(struct install *install, const char *text)
{
    hvsh_call *call = install->call;
    struct option *option = option_parse(call, "disk", text);
    struct disk *disk = hvsh_defer(call, g_new0(struct disk, 1), g_free);
    static const char *const sources[] = { "source.file", "source.dev", "source.dir" };
    const char *size, *volume, *perms;

    if (!option)
        return -1;
    disk->node = model_add(install->domain, "devices/disk");
    disk->path = option_take(option, "path");
    /* the source by its kind is a path too */
    for (size_t i = 0; i < G_N_ELEMENTS(sources); i++) {
        const char *source = option_take(option, sources[i]);

        disk->path = disk->path ? disk->path : source;
    }
    if (disk->path && *disk->path != '/' && !strstr(disk->path, "://"))
        disk->path = hvsh_defer(call, g_canonicalize_filename(disk->path, NULL), g_free);
    if (disk->path && strstr(disk->path, "://")) {
        if (set_address(install, disk->node, disk->path) < 0)
            return -1;
        disk->path = NULL;
    }
    perms = option_take(option, "perms");
    if (perms && strcmp(perms, "rw") != 0 && strcmp(perms, "ro") != 0 && strcmp(perms, "sh") != 0)
        return hvsh_fail(call, "--disk: perms is rw, ro or sh, not '%s'", perms);
    if (perms && strcmp(perms, "rw") != 0)
        model_set(disk->node, strcmp(perms, "ro") == 0 ? "readonly" : "shareable", "");
    disk->format = option_take(option, "format");
    disk->backing = option_take(option, "backing_store");
    if (disk->backing && *disk->backing != '/' && !strchr(disk->backing, ':'))
        disk->backing = hvsh_defer(call, g_canonicalize_filename(disk->backing, NULL), g_free);
    disk->backing_format = option_take(option, "backing_format");
    disk->sparse = option_take_bool(option, "sparse", true);
    disk->pool = option_take(option, "pool");
    volume = option_take(option, "vol");
    if (volume) {
        const char *slash = strchr(volume, '/');

        if (!slash)
            return hvsh_fail(call, "--disk: vol is POOL/VOLUME, not '%s'", volume);
        disk->pool = hvsh_printf(call, "%.*s", (int)(slash - volume), volume);
        disk->volume = slash + 1;
    } else if (option_look(option, "source.pool") || option_look(option, "source.volume")) {
        disk->pool = option_take(option, "source.pool");
        disk->volume = option_take(option, "source.volume");
        if (!disk->pool || !disk->volume)
            return hvsh_fail(call, "--disk: source.pool and source.volume belong together");
        disk->as_volume = true;
    }
    size = option_take(option, "size");
    if (size && option_size(call, "--disk: size", size, GIB, &disk->size) < 0)
        return -1;
    if (size && !disk->size)
        return hvsh_fail(call, "--disk: a disk of the size 0 cannot be made: %s", text);
    if (disk->path && (disk->volume || disk->pool))
        return hvsh_fail(call, "--disk: path and %s contradict each other: %s", disk->volume ? "vol" : "pool", text);
    if (disk->size && disk->backing && disk->pool)
        explain(install, "disk: a new layer over %s", disk->backing);
    if (option_apply(option, disk->node) < 0)
        return -1;
    if (!model_has(disk->node, "@device"))
        model_set(disk->node, "@device", "disk");
    g_ptr_array_add(install->disks, disk);
    return 0;
}

int disk_options(struct install *install)
{
    const texts *given = &install->args->disk;

    for (size_t i = 0; i < given->count; i++) {
        if (strcmp(given->items[i], "none") == 0 && given->count > 1)
            return hvsh_fail(install->call, "--disk none and other disks contradict each other");
        if (strcmp(given->items[i], "none") != 0 && disk_add(install, given->items[i]) < 0)
            return -1;
    }
    return 0;
}

/* The disk that the system recommends, when none is given. */
int disk_default(struct install *install)
{
    const struct install_args *args = install->args;
    unsigned long long size = install->os.storage / GIB;

    if (args->disk.count || args->filesystem.count || args->livecd || install->image)
        return 0;
    if (args->import)
        return hvsh_fail(install->call, "--import needs the disk that has the system: --disk FILE (or --disk none)");
    if (install->cloud && !args->print_xml)
        return hvsh_fail(install->call, "--cloud-init needs the disk that has the system: --disk FILE, or --image");
    if (!size)
        return hvsh_fail(install->call, "where is the guest installed to? --disk size=10 makes a disk of 10 GiB, --disk none leaves it out");
    explain(install, "disk: of %llu GiB, as %s recommends", size, install->os.name);
    return disk_add(install, hvsh_printf(install->call, "size=%llu", size));
}

struct disk *disk_drive(struct install *install)
{
    struct disk *disk = hvsh_defer(install->call, g_new0(struct disk, 1), g_free);

    disk->node = model_add(install->domain, "devices/disk");
    model_set(disk->node, "@type", "file");
    model_set(disk->node, "@device", "cdrom");
    g_ptr_array_add(install->disks, disk);
    return disk;
}

struct disk *disk_cdrom(struct install *install, const char *path)
{
    struct disk *disk = disk_drive(install);

    if (!strstr(path, "://"))
        disk->path = path;
    else if (set_address(install, disk->node, path) < 0)
        return NULL;
    /* before other drives, so that the guest starts from this one */
    for (guint i = 0; i < install->disks->len - 1; i++) {
        struct disk *other = install->disks->pdata[i];

        if (g_strcmp0(model_get(install->call, other->node, "@device"), "cdrom") == 0) {
            xmlUnlinkNode(disk->node);
            xmlAddPrevSibling(other->node, disk->node);
            g_ptr_array_remove_index(install->disks, install->disks->len - 1);
            g_ptr_array_insert(install->disks, (int)i, disk);
            break;
        }
    }
    return disk;
}

/* ---- places and defaults, once the guest and its system are known ------------------------------------------------------------------------- */

static bool is_removable(struct install *install, const struct disk *disk)
{
    const char *device = model_get(install->call, disk->node, "@device");

    return strcmp(device, "cdrom") == 0 || strcmp(device, "floppy") == 0;
}

static int place(struct install *install, struct disk *disk)
{
    const char *device = model_get(install->call, disk->node, "@device");
    bool removable = is_removable(install, disk);

    if (!disk->size && install->os.storage && !disk->path && !disk->volume && !removable && !model_has(disk->node, "source"))
        disk->size = install->os.storage;
    if (disk->volume && !disk->size)
        return use_volume(install, disk);
    if (disk->path && look_at(install, disk)) {
        if (disk->size)
            explain(install, "disk: %s exists, its size stays as it is", disk->path);
        if (removable && !disk->format && !model_has(disk->node, "@type"))
            model_set(disk->node, "@type", "file");
        return 0;
    }
    if (disk->path && !disk->size && !disk->backing && !disk->image) {
        if (install->host.qemu && !install->skip_exists)
            return hvsh_fail(install->call, errno == EACCES ? "cannot look at the %s '%s': no permission" : "the %s '%s' does not exist", strcmp(device, "cdrom") == 0 ? "medium" : "disk",
                             disk->path), removable ? -1 : hvsh_hint(install->call, "a new one is made with a size in GiB: --disk %s,size=10", disk->path);
        set_file(disk->node, disk->path, false);
        return 0;
    }
    if (!disk->path && !disk->size && !disk->backing && !disk->image) {
        if ((removable && !model_has(disk->node, "source")) || model_has(disk->node, "source/@protocol") || model_has(disk->node, "source/@type")) {
            if (!model_has(disk->node, "@type"))
                model_set(disk->node, "@type", model_has(disk->node, "source/@protocol") ? "network" : model_has(disk->node, "source/@type") ? "nvme" : "file");
            return 0;
        }
        return hvsh_fail(install->call, "a disk needs a path or a size: --disk size=10 (GiB)");
    }
    return place_new(install, disk);
}

static const char *prefix_of(const char *bus)
{
    static const struct { const char *bus, *prefix; } names[] = {
        { "virtio", "vd" }, { "ide", "hd" }, { "fdc", "fd" }, { "xen", "xvd" }, { "scsi", "sd" }, { "sata", "sd" }, { "usb", "sd" }, { "sd", "sd" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(names[i].bus, bus) == 0)
            return names[i].prefix;
    return "vd";
}

static void name_target(struct install *install, struct disk *disk, const char *bus)
{
    const char *prefix = prefix_of(bus);

    for (char letter = 'a'; letter <= 'z' && !model_has(disk->node, "target/@dev"); letter++) {
        char *name = hvsh_printf(install->call, "%s%c", prefix, letter);
        bool taken = false;

        for (guint i = 0; i < install->disks->len; i++) {
            const char *other = model_get(install->call, ((struct disk *)install->disks->pdata[i])->node, "target/@dev");

            taken = taken || (other && strcmp(other, name) == 0);
        }
        if (!taken)
            model_set(disk->node, "target/@dev", name);
    }
}

void disk_dress(struct install *install, struct disk *disk)
{
    const struct host *host = &install->host;
    const char *device = model_get(install->call, disk->node, "@device"), *bus = model_get(install->call, disk->node, "target/@bus");
    const char *machine = model_get(install->call, install->domain, "os/type/@machine"), *type = model_get(install->call, disk->node, "@type");
    bool q35 = machine && strstr(machine, "q35"), cdrom = strcmp(device, "cdrom") == 0, block = type && strcmp(type, "block") == 0;

    if (!bus) {
        if (strcmp(device, "floppy") == 0)
            bus = "fdc";
        else if (!cdrom && (install->os.devices & OS_VIRTIO_DISK))
            bus = "virtio";
        else if (!cdrom && (install->os.devices & OS_VIRTIO_SCSI))
            bus = "scsi";
        else
            bus = q35 ? "sata" : host->x86 ? "ide" : "scsi";
        model_set(disk->node, "target/@bus", bus);
    }
    if (host->qemu) {
        if (!model_has(disk->node, "driver/@name") && model_has(disk->node, "source"))
            model_set(disk->node, "driver/@name", "qemu");
        if (!model_has(disk->node, "driver/@type") && model_has(disk->node, "driver/@name") && !(type && strcmp(type, "network") == 0 && !disk->format))
            model_set(disk->node, "driver/@type", disk->format ? disk->format : "raw");
        if (block && !cdrom) {
            if (!model_has(disk->node, "driver/@cache"))
                model_set(disk->node, "driver/@cache", "none");
            if (!model_has(disk->node, "driver/@io"))
                model_set(disk->node, "driver/@io", "native");
        }
        if (((disk->fresh && disk->sparse) || block) && !is_removable(install, disk) && !model_has(disk->node, "driver/@discard"))
            model_set(disk->node, "driver/@discard", "unmap");
    }
    if (cdrom)
        model_set(disk->node, "readonly", "");
    name_target(install, disk, bus);
}

int disk_places(struct install *install)
{
    for (guint i = 0; i < install->disks->len; i++)
        if (place(install, install->disks->pdata[i]) < 0)
            return -1;
    for (guint i = 0; i < install->disks->len; i++)
        disk_dress(install, install->disks->pdata[i]);
    return 0;
}
