/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pool-life.c - the life of a pool: define, create, build, start, refresh, destroy, delete, undefine, autostart, edit. */
#include "storage.h"

static const struct hvsh_field active_args[] = { POOL(struct only_pool, ACTIVE), HVSH_END };
static const struct hvsh_field inactive_args[] = { POOL(struct only_pool, INACTIVE), HVSH_END };
static const struct hvsh_field persistent_args[] = { POOL(struct only_pool, PERSISTENT), HVSH_END };
#define ONLY(table) .args = (table), .args_size = sizeof(struct only_pool)

struct flags_args { virStoragePoolPtr pool; unsigned int flags; };

/* The end of a deed: a sentence, or why it failed. */
static int end(hvsh_call *call, virStoragePoolPtr pool, int result, const char *verb, const struct hvsh_shape *done)
{
    if (result < 0)
        return hvsh_fail_virt(call, "Failed to %s pool %s", verb, hvsh_text(call, "pool"));
    return pool_say(call, done, pool);
}

/* ---- build, start ---- */

static const struct hvsh_field build_args[] = {
    POOL(struct flags_args, INACTIVE),
    HVSH_BIT(struct flags_args, flags, "no-overwrite", VIR_STORAGE_POOL_BUILD_NO_OVERWRITE, "not if there are data already"),
    HVSH_BIT(struct flags_args, flags, "overwrite", VIR_STORAGE_POOL_BUILD_OVERWRITE, "even if there are data already"),
    HVSH_END
};

OBJECT_MESSAGE(built, "Pool {given} built");

static int build_run(hvsh_call *call, const void *p)
{
    const struct flags_args *args = p;

    return end(call, args->pool, virStoragePoolBuild(args->pool, args->flags), "build", &built);
}

const struct hvsh_command COMMAND(pool_build) = {
    .name = "pool-build",
    .group = "pool",
    .help = "build a pool",
    .description = "Make what the pool lies on: the folder of a dir pool, the file system of a fs pool, the volume group of a logical one.",
    .args = build_args,
    .args_size = sizeof(struct flags_args),
    .shapes = HVSH_SHAPES(&built),
    .examples = HVSH_EXAMPLES({ "pool-build images", "make its folder", HVSH_MATCH_ONLY }),
    .run = build_run,
};

static const struct hvsh_field start_args[] = {
    POOL(struct flags_args, INACTIVE),
    POOL_BUILD_ROWS(struct flags_args),
    HVSH_END
};

OBJECT_MESSAGE(started, "Pool {given} started");

static int start_run(hvsh_call *call, const void *p)
{
    const struct flags_args *args = p;

    return end(call, args->pool, virStoragePoolCreate(args->pool, args->flags), "start", &started);
}

const struct hvsh_command COMMAND(pool_start) = {
    .name = "pool-start",
    .group = "pool",
    .help = "start a (previously defined) inactive pool",
    .description = "Mount or open the pool and look which volumes it has.",
    .args = start_args,
    .args_size = sizeof(struct flags_args),
    .shapes = HVSH_SHAPES(&started),
    .examples = HVSH_EXAMPLES({ "pool-start images --build", "make its folder first", HVSH_MATCH_ONLY }),
    .run = start_run,
};

/* ---- refresh, destroy, delete, undefine ---- */

OBJECT_MESSAGE(refreshed, "Pool {given} refreshed");

static int refresh_run(hvsh_call *call, const void *p)
{
    virStoragePoolPtr pool = ((const struct only_pool *)p)->pool;

    return end(call, pool, virStoragePoolRefresh(pool, 0), "refresh", &refreshed);
}

const struct hvsh_command COMMAND(pool_refresh) = {
    .name = "pool-refresh",
    .group = "pool",
    .help = "refresh a pool",
    .description = "Look again which volumes the pool has: libvirt does not notice what others put there.",
    ONLY(active_args),
    .shapes = HVSH_SHAPES(&refreshed),
    .examples = HVSH_EXAMPLES({ "pool-refresh default-pool", "see what is new" }),
    .run = refresh_run,
};

OBJECT_MESSAGE(destroyed, "Pool {given} destroyed");

static int destroy_run(hvsh_call *call, const void *p)
{
    virStoragePoolPtr pool = ((const struct only_pool *)p)->pool;

    return end(call, pool, virStoragePoolDestroy(pool), "destroy", &destroyed);
}

const struct hvsh_command COMMAND(pool_destroy) = {
    .name = "pool-destroy",
    .group = "pool",
    .help = "destroy (stop) a pool",
    .description = "Close the pool at once. Its volumes and their data stay where they are.",
    ONLY(active_args),
    .shapes = HVSH_SHAPES(&destroyed),
    .examples = HVSH_EXAMPLES({ "pool-destroy default-pool", "close it" }),
    .run = destroy_run,
};

OBJECT_MESSAGE(deleted, "Pool {given} deleted");

static int delete_run(hvsh_call *call, const void *p)
{
    virStoragePoolPtr pool = ((const struct only_pool *)p)->pool;

    return end(call, pool, virStoragePoolDelete(pool, 0), "delete", &deleted);
}

const struct hvsh_command COMMAND(pool_delete) = {
    .name = "pool-delete",
    .group = "pool",
    .help = "delete a pool",
    .description = "Delete what an inactive pool lies on, its folder or volume group. The data are gone; the definition stays.",
    ONLY(inactive_args),
    .shapes = HVSH_SHAPES(&deleted),
    .examples = HVSH_EXAMPLES({ "pool-delete images", "its folder is gone", HVSH_MATCH_ONLY }),
    .run = delete_run,
};

OBJECT_MESSAGE(undefined, "Pool {given} has been undefined");

static int undefine_run(hvsh_call *call, const void *p)
{
    virStoragePoolPtr pool = ((const struct only_pool *)p)->pool;

    return end(call, pool, virStoragePoolUndefine(pool), "undefine", &undefined);
}

const struct hvsh_command COMMAND(pool_undefine) = {
    .name = "pool-undefine",
    .group = "pool",
    .help = "undefine an inactive pool",
    .description = "Forget the definition. The data stay.",
    .args = persistent_args,
    .args_size = sizeof(struct only_pool),
    .shapes = HVSH_SHAPES(&undefined),
    .examples = HVSH_EXAMPLES({ "pool-undefine images", "forget it", HVSH_MATCH_ONLY }),
    .run = undefine_run,
};

/* ---- autostart ---- */

struct autostart_args { virStoragePoolPtr pool; bool disable; };

static const struct hvsh_field autostart_args[] = {
    POOL(struct autostart_args, PERSISTENT),
    HVSH_FLAG(struct autostart_args, disable, "no longer start it"),
    HVSH_END
};

OBJECT_MESSAGE(marked, "Pool {given} marked as autostarted");
OBJECT_MESSAGE(unmarked, "Pool {given} unmarked as autostarted");

static int autostart_run(hvsh_call *call, const void *p)
{
    const struct autostart_args *args = p;

    if (virStoragePoolSetAutostart(args->pool, !args->disable) < 0)
        return hvsh_fail_virt(call, "failed to %s pool %s as autostarted", args->disable ? "unmark" : "mark",
                              hvsh_text(call, "pool"));
    return pool_say(call, args->disable ? &unmarked : &marked, args->pool);
}

const struct hvsh_command COMMAND(pool_autostart) = {
    .name = "pool-autostart",
    .group = "pool",
    .help = "autostart a pool",
    .description = "Start the pool whenever the host starts.",
    HVSH_ARGS(autostart_args),
    .shapes = HVSH_SHAPES(&marked, &unmarked),
    .examples = HVSH_EXAMPLES({ "pool-autostart default-pool", "with the host" }, { "pool-autostart default-pool --disable", "no longer" }),
    .run = autostart_run,
};

/* ---- define, create ---- */

struct file_args { const char *file; unsigned int flags; };

static const struct hvsh_field define_args[] = {
    HVSH_XML(struct file_args, file, "file with the XML of the pool", .flags = HVSH_REQUIRED),
    HVSH_BIT(struct file_args, flags, "validate", VIR_STORAGE_POOL_DEFINE_VALIDATE, "check the XML against the schema"),
    HVSH_END
};

OBJECT_MESSAGE(defined, "Pool {name} defined from {file}");
OBJECT_MESSAGE(created, "Pool {name} created from {file}");

static int from_file(hvsh_call *call, const struct file_args *args, const char *verb, const struct hvsh_shape *done,
                     virStoragePoolPtr (*make)(virConnectPtr connection, const char *xml, unsigned int flags))
{
    virConnectPtr connection = hvsh_connection(call);
    const char *file = hvsh_text(call, "file");
    virStoragePoolPtr pool;

    if (!connection)
        return -1;
    pool = hvsh_own_pool(call, make(connection, args->file, args->flags));
    if (!pool)
        return hvsh_fail_virt(call, "Failed to %s pool from %s", verb, file);
    return object_say(call, done, virStoragePoolGetName(pool), pool_uuid(call, pool), file);
}

static int define_run(hvsh_call *call, const void *p)
{
    return from_file(call, p, "define", &defined, virStoragePoolDefineXML);
}

const struct hvsh_command COMMAND(pool_define) = {
    .name = "pool-define",
    .group = "pool",
    .help = "define an inactive persistent storage pool, or change one, from an XML file",
    .description = "Make a pool known, or change what is known of it. It is not started.",
    .args = define_args,
    .args_size = sizeof(struct file_args),
    .shapes = HVSH_SHAPES(&defined),
    .examples = HVSH_EXAMPLES({ "pool-define images.xml --validate", "only if the document is valid", HVSH_MATCH_ONLY }),
    .run = define_run,
};

static const struct hvsh_field create_args[] = {
    HVSH_XML(struct file_args, file, "file with the XML of the pool", .flags = HVSH_REQUIRED),
    POOL_BUILD_ROWS(struct file_args),
    HVSH_END
};

static int create_run(hvsh_call *call, const void *p)
{
    return from_file(call, p, "create", &created, virStoragePoolCreateXML);
}

const struct hvsh_command COMMAND(pool_create) = {
    .name = "pool-create",
    .group = "pool",
    .help = "create a pool from an XML file",
    .description = "Create and start a transient pool: it is forgotten when it is stopped. Its data stay.",
    .args = create_args,
    .args_size = sizeof(struct file_args),
    .shapes = HVSH_SHAPES(&created),
    .examples = HVSH_EXAMPLES({ "pool-create images.xml --build", "make its folder first", HVSH_MATCH_ONLY }),
    .run = create_run,
};

/* ---- edit ---- */

static char *edit_get(hvsh_call *call, void *arg)
{
    char *text = virStoragePoolGetXMLDesc(arg, VIR_STORAGE_XML_INACTIVE);

    /* a driver that knows of one definition only */
    if (!text && virGetLastErrorCode() == VIR_ERR_INVALID_ARG)
        text = virStoragePoolGetXMLDesc(arg, 0);
    if (!text)
        hvsh_fail_libvirt(call);
    return text;
}

static int edit_apply(hvsh_call *call, const char *text, bool validate, void *arg)
{
    virStoragePoolPtr pool = virStoragePoolDefineXML(virStoragePoolGetConnect(arg), text, 0);

    (void)validate;
    if (!pool)
        return hvsh_fail_libvirt(call);
    hvsh_own_pool(call, pool);
    return 0;
}

static int edit_run(hvsh_call *call, const void *p)
{
    virStoragePoolPtr pool = ((const struct only_pool *)p)->pool;
    const struct hvsh_edit edit = {
        .what = hvsh_printf(call, "Pool %s XML configuration", virStoragePoolGetName(pool)),
        .get = edit_get,
        .apply = edit_apply,
        .arg = pool,
    };

    return hvsh_edit(call, &edit);
}

const struct hvsh_command COMMAND(pool_edit) = {
    .name = "pool-edit",
    .group = "pool",
    .help = "edit XML configuration for a storage pool",
    .description = "Open the definition in $VISUAL, $EDITOR or vi, and define what was saved. A pool that is active gets it at its next start.",
    ONLY(persistent_args),
    .examples = HVSH_EXAMPLES({ "pool-edit images", "change its definition", HVSH_MATCH_ONLY }),
    .run = edit_run,
    .flags = HVSH_TERMINAL,
};
