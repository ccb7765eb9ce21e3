/* SPDX-License-Identifier: GPL-3.0-or-later */
/* undefine.c - forget a guest: its definition and, as asked, its saved state, snapshots, firmware variables and storage. */
#include "domain.h"
#include <string.h>

#if !LIBVIR_CHECK_VERSION(8, 9, 0)
enum { VIR_DOMAIN_UNDEFINE_TPM = 1 << 5, VIR_DOMAIN_UNDEFINE_KEEP_TPM = 1 << 6 };
#endif

struct undefine_args {
    virDomainPtr domain;
    unsigned int flags;
    HVSH_LIST_OF(const char *) storage;
    bool remove_all_storage, delete_storage_volume_snapshots, wipe_storage;
};

static const char nothing_to_wipe[] = "'--wipe-storage' requires '--storage <string>' or '--remove-all-storage'";

static const struct hvsh_field undefine_args[] = {
    DOMAIN(struct undefine_args, VIR_CONNECT_LIST_DOMAINS_PERSISTENT),
    HVSH_BIT(struct undefine_args, flags, "managed-save", VIR_DOMAIN_UNDEFINE_MANAGED_SAVE, "remove its managed saved state"),
    HVSH_TEXTS(struct undefine_args, storage, HVSH_COMMA | HVSH_EMPTY_OK, "delete the volumes of these disks: targets or paths", .scope = "domain",
               .offer = offer_disks),
    HVSH_FLAG(struct undefine_args, remove_all_storage, "delete the volumes of all its disks (take care)"),
    HVSH_ALIAS("delete-snapshots", "delete-storage-volume-snapshots"),
    HVSH_FLAG(struct undefine_args, delete_storage_volume_snapshots, "delete snapshots within the volumes too"),
    HVSH_FLAG(struct undefine_args, wipe_storage, "overwrite the volumes before they are deleted"),
    HVSH_BIT(struct undefine_args, flags, "snapshots-metadata", VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA,
             "forget its snapshots, if it is inactive"),
    HVSH_BIT(struct undefine_args, flags, "checkpoints-metadata", VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA,
             "forget its checkpoints, if it is inactive"),
    HVSH_BIT(struct undefine_args, flags, "nvram", VIR_DOMAIN_UNDEFINE_NVRAM, "remove the file of its firmware's variables"),
    HVSH_BIT(struct undefine_args, flags, "keep-nvram", VIR_DOMAIN_UNDEFINE_KEEP_NVRAM, "keep the file of its firmware's variables"),
    HVSH_BIT(struct undefine_args, flags, "tpm", VIR_DOMAIN_UNDEFINE_TPM, "remove its TPM's state"),
    HVSH_BIT(struct undefine_args, flags, "keep-tpm", VIR_DOMAIN_UNDEFINE_KEEP_TPM, "keep its TPM's state"),
    HVSH_REQUIRES("delete-storage-volume-snapshots", "remove-all-storage"),
    HVSH_EXCLUDES("nvram", "keep-nvram"),
    HVSH_EXCLUDES("tpm", "keep-tpm"),
    HVSH_REQUIRES("wipe-storage", "storage remove-all-storage", .help = nothing_to_wipe),
    HVSH_END
};

/* A disk's volume that is going to be deleted. */
struct disk_volume {
    const char *target, *source;
    virStorageVolPtr volume;
};

struct volume_row { const char *target; const char *source; };

static const struct hvsh_field volume_row[] = {
    HVSH_TEXT(struct volume_row, target, "the disk's name in the guest"),
    HVSH_TEXT(struct volume_row, source, "the volume"),
    HVSH_END
};

OBJECT_MESSAGE(undefined, "Domain '{name}' has been undefined");
static const struct hvsh_shape wiping = {
    .name = "wiped", .kind = HVSH_MESSAGE, .flags = HVSH_NO_NEWLINE, HVSH_ROW(volume_row), .text = "Wiping volume '{target}'({source}) ... "
};
static const struct hvsh_shape wiped = { .name = "done", .kind = HVSH_MESSAGE, HVSH_ROW(volume_row), .text = "Done." };
static const struct hvsh_shape removed = {
    .name = "removed", .kind = HVSH_MESSAGE, HVSH_ROW(volume_row), .text = "Volume '{target}'({source}) removed."
};

static void free_array(void *p)
{
    g_array_free(p, TRUE);
}

/* The word of --storage that names this disk by target or source; its index, or -1. */
static int named_disk(const struct undefine_args *args, const bool *used, const char *target, const char *source)
{
    for (size_t i = 0; i < args->storage.count; i++)
        if (!used[i] && (g_strcmp0(args->storage.items[i], target) == 0 || strcmp(args->storage.items[i], source) == 0))
            return (int)i;
    return -1;
}

/* The volume of a disk; NULL after a remark when libvirt does not manage it: that is no failure. */
static virStorageVolPtr disk_volume(hvsh_call *call, virConnectPtr connection, struct xml *xml, xmlNode *disk, const char *target,
                                    const char *source)
{
    const char *pool_name = xml_text(xml, disk, "source/@pool");
    virStorageVolPtr volume;

    if (pool_name) {
        virStoragePoolPtr pool = hvsh_own_pool(call, virStoragePoolLookupByName(connection, pool_name));

        if (!pool) {
            hvsh_note(call, "error: Storage pool '%s' for volume '%s' not found.", pool_name, target);
            return NULL;
        }
        volume = virStorageVolLookupByName(pool, source);
    } else {
        volume = virStorageVolLookupByPath(connection, source);
    }
    if (!volume)
        hvsh_note(call, "error: Storage volume '%s'(%s) is not managed by libvirt. Remove it manually.", target, source);
    return hvsh_own_volume(call, volume);
}

/* Find the volumes of --storage and --remove-all-storage, before anything is done. */
static int find_volumes(hvsh_call *call, const struct undefine_args *args, GArray *volumes)
{
    bool *used = hvsh_defer(call, g_new0(bool, args->storage.count + 1), g_free);
    struct xml *xml = domain_xml(call, args->domain, 0);
    struct xml_nodes disks;

    if (!xml)
        return -1;
    disks = xml_find(xml, NULL, "/domain/devices/disk");
    for (size_t i = 0; i < disks.count; i++) {
        struct disk_volume disk = {
            .target = xml_text(xml, disks.items[i], "target/@dev"),
            .source = xml_text(xml, disks.items[i], "source/@file|source/@dir|source/@name|source/@dev|source/@volume"),
        };
        int word = -1;

        if (!disk.source || (args->storage.count && (word = named_disk(args, used, disk.target, disk.source)) < 0))
            continue;
        if (word >= 0)
            used[word] = true;
        disk.volume = disk_volume(call, virDomainGetConnect(args->domain), xml, disks.items[i], disk.target, disk.source);
        if (disk.volume)
            g_array_append_val(volumes, disk);
    }
    for (size_t i = 0; i < args->storage.count; i++)
        if (!used[i])
            return hvsh_fail(call, "Volume '%s' was not found in domain's definition.", args->storage.items[i]);
    return 0;
}

/* Flags that only matter when there is something to remove are left out otherwise: a driver that does not know them is not asked. */
static int safe_flags(hvsh_call *call, virDomainPtr domain, bool active, unsigned int *flags)
{
    int saved = 0, snapshots = 0, metadata = 0;

    if (!active) {
        if ((saved = virDomainHasManagedSaveImage(domain, 0)) < 0 && virGetLastErrorCode() != VIR_ERR_NO_SUPPORT)
            return hvsh_fail_libvirt(call);
        if ((snapshots = virDomainSnapshotNum(domain, 0)) < 0 && virGetLastErrorCode() != VIR_ERR_NO_SUPPORT)
            return hvsh_fail_libvirt(call);
        metadata = snapshots > 0 ? virDomainSnapshotNum(domain, VIR_DOMAIN_SNAPSHOT_LIST_METADATA) : 0;
    }
    if (saved <= 0)
        *flags &= ~(unsigned int)VIR_DOMAIN_UNDEFINE_MANAGED_SAVE;
    if (metadata <= 0)
        *flags &= ~(unsigned int)VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA;
    return 0;
}

/* Wipe and delete one volume. 0 or -1; the others are tried all the same. */
static int delete_volume(hvsh_call *call, const struct undefine_args *args, const struct disk_volume *disk)
{
    struct volume_row row = { disk->target, disk->source };

    if (args->wipe_storage) {
        hvsh_emit(call, &wiping, &row);
        if (virStorageVolWipe(disk->volume, 0) < 0)
            return hvsh_fail_virt(call, "Failed! Volume not removed.");
        hvsh_emit(call, &wiped, &row);
    }
    if (virStorageVolDelete(disk->volume, args->delete_storage_volume_snapshots ? VIR_STORAGE_VOL_DELETE_WITH_SNAPSHOTS : 0) < 0)
        return hvsh_fail_virt(call, "Failed to remove storage volume '%s'(%s)", disk->target, disk->source);
    return hvsh_emit(call, &removed, &row);
}

static int undefine_run(hvsh_call *call, const void *p)
{
    const struct undefine_args *args = p;
    virDomainPtr domain = args->domain;
    const char *uuid = domain_uuid(call, domain), *name = hvsh_printf(call, "%s", virDomainGetName(domain));
    GArray *volumes = hvsh_defer(call, g_array_new(FALSE, FALSE, sizeof(struct disk_volume)), free_array);
    unsigned int flags = args->flags;
    int active = domain_is_active(call, domain);
    int result = 0;

    /* (--storage '' names none) */
    if (args->wipe_storage && !args->storage.count && !args->remove_all_storage)
        return hvsh_fail(call, "%s", nothing_to_wipe);
    if (active < 0 || safe_flags(call, domain, active, &flags) < 0)
        return -1;
    if (args->storage.count || args->remove_all_storage) {
        if (active)
            return hvsh_fail(call, "Storage volume deletion is supported only on stopped domains");
        if (args->storage.count && args->remove_all_storage)
            return hvsh_fail(call, "Specified both --storage and --remove-all-storage");
        if (find_volumes(call, args, volumes) < 0)
            return -1;
    }
    if (!active && !(flags & VIR_DOMAIN_UNDEFINE_MANAGED_SAVE) && virDomainHasManagedSaveImage(domain, 0) > 0)
        return hvsh_fail(call, "Refusing to undefine while domain managed save image exists");
    if (virDomainUndefineFlags(domain, flags) < 0 &&
        (flags || virGetLastErrorCode() != VIR_ERR_NO_SUPPORT || virDomainUndefine(domain) < 0))
        return hvsh_fail_virt(call, "Failed to undefine domain '%s'", name);
    object_say(call, &undefined, name, uuid, NULL);
    for (guint i = 0; i < volumes->len; i++)
        if (delete_volume(call, args, &g_array_index(volumes, struct disk_volume, i)) < 0)
            result = -1;
    return result;
}

const struct hvsh_command COMMAND(undefine) = {
    .name = "undefine",
    .group = "domain",
    .help = "undefine a domain",
    .description = "Forget the definition of an inactive domain; a running one becomes transient. Disks are kept unless they are asked for: "
                   "--storage and --remove-all-storage delete volumes that a storage pool of libvirt manages.",
    HVSH_ARGS(undefine_args),
    .shapes = HVSH_SHAPES(&undefined, &wiping, &wiped, &removed),
    .examples = HVSH_EXAMPLES({ "undefine web1 --storage vda,vdb --nvram", "with two of its disks", HVSH_MATCH_ONLY },
                              { "undefine web1 --remove-all-storage", "with all of its disks", HVSH_MATCH_ONLY }),
    .run = undefine_run,
};
