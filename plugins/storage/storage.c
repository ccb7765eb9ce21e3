/* SPDX-License-Identifier: GPL-3.0-or-later */
/* storage.c - the plugin's head, and what its files share. */
#include "storage.h"

const struct hvsh_choice pool_types[] = {
    { "dir", VIR_CONNECT_LIST_STORAGE_POOLS_DIR, "a folder" },
    { "fs", VIR_CONNECT_LIST_STORAGE_POOLS_FS, "a file system on a device" },
    { "netfs", VIR_CONNECT_LIST_STORAGE_POOLS_NETFS, "a file system of a server" },
    { "logical", VIR_CONNECT_LIST_STORAGE_POOLS_LOGICAL, "an LVM volume group" },
    { "disk", VIR_CONNECT_LIST_STORAGE_POOLS_DISK, "a disk and its partitions" },
    { "iscsi", VIR_CONNECT_LIST_STORAGE_POOLS_ISCSI, "an iSCSI target" },
    { "iscsi-direct", VIR_CONNECT_LIST_STORAGE_POOLS_ISCSI_DIRECT, "an iSCSI target without the host's kernel" },
    { "scsi", VIR_CONNECT_LIST_STORAGE_POOLS_SCSI, "a SCSI host adapter" },
    { "mpath", VIR_CONNECT_LIST_STORAGE_POOLS_MPATH, "the multipath devices" },
    { "rbd", VIR_CONNECT_LIST_STORAGE_POOLS_RBD, "a pool of Ceph" },
    { "sheepdog", VIR_CONNECT_LIST_STORAGE_POOLS_SHEEPDOG, "Sheepdog" },
    { "gluster", VIR_CONNECT_LIST_STORAGE_POOLS_GLUSTER, "a Gluster volume" },
    { "zfs", VIR_CONNECT_LIST_STORAGE_POOLS_ZFS, "a ZFS pool" },
    { "vstorage", VIR_CONNECT_LIST_STORAGE_POOLS_VSTORAGE, "Virtuozzo storage" },
    { NULL }
};

const struct hvsh_choice pool_states[] = {
    { "inactive", VIR_STORAGE_POOL_INACTIVE }, { "building", VIR_STORAGE_POOL_BUILDING }, { "running", VIR_STORAGE_POOL_RUNNING },
    { "degraded", VIR_STORAGE_POOL_DEGRADED }, { "inaccessible", VIR_STORAGE_POOL_INACCESSIBLE }, { NULL }
};

const struct hvsh_choice volume_types[] = {
    { "file", VIR_STORAGE_VOL_FILE }, { "block", VIR_STORAGE_VOL_BLOCK }, { "dir", VIR_STORAGE_VOL_DIR },
    { "net", VIR_STORAGE_VOL_NETWORK }, { "netdir", VIR_STORAGE_VOL_NETDIR }, { "ploop", VIR_STORAGE_VOL_PLOOP }, { NULL }
};

const struct hvsh_field only_volume[] = { VOLUME(struct only_volume), VOLUME_POOL(struct only_volume), HVSH_END };

const char *pool_uuid(hvsh_call *call, virStoragePoolPtr pool)
{
    char uuid[VIR_UUID_STRING_BUFLEN];

    return virStoragePoolGetUUIDString(pool, uuid) < 0 ? NULL : hvsh_printf(call, "%s", uuid);
}

int pool_say(hvsh_call *call, const struct hvsh_shape *message, virStoragePoolPtr pool)
{
    return object_say_given(call, message, virStoragePoolGetName(pool), pool_uuid(call, pool), "pool");
}

int volume_say_given(hvsh_call *call, const struct hvsh_shape *message, virStorageVolPtr volume)
{
    return object_say_given(call, message, virStorageVolGetName(volume), NULL, "vol");
}

int volume_say(hvsh_call *call, const struct hvsh_shape *message, virStorageVolPtr volume, const char *from)
{
    return object_say(call, message, virStorageVolGetName(volume), NULL, from);
}

void add_xml(GString *xml, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list list;

    va_start(list, format);
    text = g_markup_vprintf_escaped(format, list);
    va_end(list);
    g_string_append(xml, text);
}

#define STORAGE_ENTRY(name) &COMMAND(name),
static const struct hvsh_command *const commands[] = { STORAGE_COMMANDS(STORAGE_ENTRY) NULL };

HVSH_PLUGIN(
    .name = "storage",
    .version = "1",
    .summary = "storage pools and volumes: life cycle, definitions, contents",
    .commands = commands);
