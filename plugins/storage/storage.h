/* SPDX-License-Identifier: GPL-3.0-or-later */
/* storage.h - what the files of the storage plugin share: the list of commands, the pool and volume arguments. */
#ifndef STORAGE_H
#define STORAGE_H

#include <glib.h>
#include "object.h"
#include "xml.h"

/* Every command of the plugin: X(name of the C object), which is the command's with '_' for '-'. */
#define STORAGE_COMMANDS(X) \
    X(pool_list) X(pool_info) X(pool_name) X(pool_uuid) X(pool_dumpxml) X(pool_start) X(pool_destroy) X(pool_build) X(pool_refresh) \
    X(pool_delete) X(pool_undefine) X(pool_autostart) X(pool_edit) X(pool_define) X(pool_create) X(pool_define_as) X(pool_create_as) \
    X(find_storage_pool_sources) X(find_storage_pool_sources_as) X(pool_capabilities) X(pool_event) \
    X(vol_list) X(vol_info) X(vol_dumpxml) X(vol_key) X(vol_name) X(vol_path) X(vol_pool) \
    X(vol_create) X(vol_create_as) X(vol_create_from) X(vol_clone) X(vol_delete) X(vol_resize) X(vol_wipe) \
    X(vol_upload) X(vol_download)

#define STORAGE_DECLARE(name) extern const struct hvsh_command storage_command_##name;
STORAGE_COMMANDS(STORAGE_DECLARE)
#undef STORAGE_DECLARE
/* const struct hvsh_command COMMAND(pool_list) = { .name = "pool-list", ... }; */
#define COMMAND(name) storage_command_##name

/* The pool; `offered` are libvirt's list flags of the pools that TAB offers (0: all). */
#define POOL(s, offered) \
    HVSH_POOL(s, pool, "pool name or uuid", .flags = HVSH_REQUIRED, .select = (offered))
#define ACTIVE VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE
#define INACTIVE VIR_CONNECT_LIST_STORAGE_POOLS_INACTIVE
#define PERSISTENT VIR_CONNECT_LIST_STORAGE_POOLS_PERSISTENT

/* The volume, and the pool that a name needs. */
#define VOLUME(s) HVSH_VOLUME(s, vol, "volume name, key or path", .flags = HVSH_REQUIRED, .scope = "pool")
#define VOLUME_POOL(s) HVSH_POOL(s, pool, "its pool's name or uuid", .select = ACTIVE)

/* The commands whose only argument is the pool. */
struct only_pool { virStoragePoolPtr pool; };
/* ... and those about a volume and nothing else. */
struct only_volume { virStorageVolPtr vol; virStoragePoolPtr pool; };
extern const struct hvsh_field only_volume[];

/* --build, --no-overwrite and --overwrite of a pool that is started. */
#define POOL_BUILD_ROWS(s) \
    HVSH_BIT(s, flags, "build", VIR_STORAGE_POOL_CREATE_WITH_BUILD, "build the pool first"), \
    HVSH_BIT(s, flags, "no-overwrite", VIR_STORAGE_POOL_CREATE_WITH_BUILD_NO_OVERWRITE, "not if there are data already"), \
    HVSH_BIT(s, flags, "overwrite", VIR_STORAGE_POOL_CREATE_WITH_BUILD_OVERWRITE, "even if there are data already"), \
    HVSH_EXCLUDES("overwrite", "no-overwrite")

/* Kinds of pools, and the list flag of each. */
extern const struct hvsh_choice pool_types[];
/* Words of virStoragePoolState and of virStorageVolType. */
extern const struct hvsh_choice pool_states[], volume_types[];

/* Emit a message ("Pool {given} started") about the pool, which is called as the user called it. */
int pool_say(hvsh_call *call, const struct hvsh_shape *message, virStoragePoolPtr pool);
/* Canonical uuid, owned by the call; NULL when libvirt does not know. */
const char *pool_uuid(hvsh_call *call, virStoragePoolPtr pool);

/* The same of a volume. */
int volume_say_given(hvsh_call *call, const struct hvsh_shape *message, virStorageVolPtr volume);
/* Emit a message about a new volume; `from` is the file or the volume it was made from, or NULL. */
int volume_say(hvsh_call *call, const struct hvsh_shape *message, virStorageVolPtr volume, const char *from);

/* Append to a document: the values are escaped. */
void add_xml(GString *xml, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif
