/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plan.c - the steps that change something, each with its way back. */
#include "cloud.h"
#include "image.h"
#include <glib/gstdio.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_FAILED = 2 };

/* ---- files ------------------------------------------------------------------------------------------------------------------------------ */

static int remove_file(hvsh_call *call, void *path)
{
    if (unlink(path) < 0 && errno != ENOENT)
        return hvsh_fail(call, "%s: %s", (char *)path, g_strerror(errno));
    return 0;
}

static int remove_folder(hvsh_call *call, void *path)
{
    (void)call;
    /* not when others have put something there meanwhile */
    rmdir(path);
    return 0;
}

static int make_file(struct install *install, struct disk *disk)
{
    hvsh_call *call = install->call;
    g_autofree char *folder = g_path_get_dirname(disk->path);
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    bool qcow2 = strcmp(disk->format, "qcow2") == 0;

    if (!install->host.qemu)
        return 0;
    if (access(folder, F_OK) < 0) {
        if (g_mkdir_with_parents(folder, 0755) < 0)
            return hvsh_fail(call, "cannot make the folder %s: %s", folder, g_strerror(errno));
        hvsh_undo(call, remove_folder, hvsh_printf(call, "%s", folder), hvsh_printf(call, "removing folder %s", folder));
    }
    g_ptr_array_add(argv, (char *)"qemu-img");
    g_ptr_array_add(argv, (char *)"create");
    g_ptr_array_add(argv, (char *)"-q");
    g_ptr_array_add(argv, (char *)"-f");
    g_ptr_array_add(argv, (char *)disk->format);
    if (disk->backing) {
        g_ptr_array_add(argv, (char *)"-b");
        g_ptr_array_add(argv, (char *)disk->backing);
        g_ptr_array_add(argv, (char *)"-F");
        g_ptr_array_add(argv, (char *)(disk->backing_format ? disk->backing_format : "raw"));
    } else {
        const char *before = !disk->sparse ? "preallocation=falloc" : qcow2 ? "preallocation=metadata,lazy_refcounts=on" : NULL;

        if (before && (qcow2 || strcmp(disk->format, "raw") == 0)) {
            g_ptr_array_add(argv, (char *)"-o");
            g_ptr_array_add(argv, (char *)before);
        }
    }
    g_ptr_array_add(argv, (char *)disk->path);
    if (disk->size)
        g_ptr_array_add(argv, hvsh_printf(call, "%llu", (unsigned long long)disk->size));
    g_ptr_array_add(argv, NULL);
    if (access(disk->path, F_OK) == 0)
        return hvsh_fail(call, "the disk %s has come into being meanwhile; nothing has been done to it", disk->path);
    hvsh_undo(call, remove_file, (void *)disk->path, hvsh_printf(call, "removing disk %s", disk->path));
    return run_qemu_img(install, (char **)argv->pdata, disk);
}

/* ---- volumes ---------------------------------------------------------------------------------------------------------------------------------- */

struct made {
    virStorageVolPtr volume;       /* NULL: it has not come to that */
    const char *name, *pool;
};

static int delete_volume(hvsh_call *call, void *p)
{
    const struct made *made = p;

    if (!made->volume)
        return 0;
    hvsh_note(call, "removing volume '%s' of pool '%s'", made->name, made->pool);
    return virStorageVolDelete(made->volume, 0) < 0 ? hvsh_fail_virt(call, "the volume") : 0;
}

static int make_volume(struct install *install, struct disk *disk)
{
    hvsh_call *call = install->call;
    virStoragePoolPtr pool = hvsh_own_pool(call, virStoragePoolLookupByName(install->connection, disk->pool));
    bool ahead = strcmp(disk->format, "qcow2") == 0 && !disk->backing && disk->sparse;
    struct made *made = hvsh_defer(call, g_new0(struct made, 1), g_free);
    xmlNode *node;
    const char *text;

    if (!pool)
        return hvsh_fail_virt(call, "pool '%s' has gone", disk->pool);
    *made = (struct made){ NULL, disk->volume, disk->pool };
    node = model_new(call);
    xmlNodeSetName(node, BAD_CAST "volume");
    model_set(node, "name", disk->volume);
    model_setf(node, "capacity", "%llu", (unsigned long long)disk->size);
    model_setf(node, "allocation", "%llu", disk->sparse ? 0ULL : (unsigned long long)disk->size);
    model_set(node, "target/format/@type", disk->format);
    if (ahead)
        model_set(node, "target/features/lazy_refcounts", "");
    if (disk->image)
        model_set(node, "target/compat", "1.1");
    if (disk->backing) {
        model_set(node, "backingStore/path", disk->backing);
        model_set(node, "backingStore/format/@type", disk->backing_format ? disk->backing_format : "raw");
    }
    text = model_text(call, node);
    hvsh_undo(call, delete_volume, made, NULL);
    made->volume = allocate_volume(install, pool, disk, text, ahead ? VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA : 0);
    /* not every kind of pool prepares the metadata */
    if (!made->volume && ahead && virGetLastErrorCode() == VIR_ERR_INVALID_ARG)
        made->volume = allocate_volume(install, pool, disk, text, 0);
    /* a file of that name has gone, and the pool does not know it yet; one that is being made by somebody else is there */
    if (!made->volume && virGetLastErrorCode() == VIR_ERR_STORAGE_VOL_EXIST) {
        if (virStoragePoolRefresh(pool, 0) < 0)
            return hvsh_fail(call, "cannot make the volume '%s' in pool '%s': one of that name has come into being meanwhile", disk->volume, disk->pool);
        made->volume = allocate_volume(install, pool, disk, text, ahead ? VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA : 0);
    }
    return hvsh_own_volume(call, made->volume) ? 0 : hvsh_fail_virt(call, "cannot make the volume '%s' in pool '%s'", disk->volume, disk->pool);
}

/* ---- the guest ------------------------------------------------------------------------------------------------------------------------------------ */

static int undefine(hvsh_call *call, void *domain)
{
    if (virDomainUndefineFlags(domain, VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | VIR_DOMAIN_UNDEFINE_NVRAM | VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA) < 0 &&
        virDomainUndefine(domain) < 0)
        return hvsh_fail_virt(call, "the guest's definition");
    return 0;
}

static int define(struct install *install, struct disk *disk)
{
    virDomainPtr domain = virDomainDefineXML(install->connection, model_text(install->call, install->domain));

    (void)disk;
    if (!domain)
        return hvsh_fail_virt(install->call, "libvirt refuses the guest '%s'", install->name);
    hvsh_own_domain(install->call, domain);
    hvsh_undo(install->call, undefine, domain, hvsh_printf(install->call, "undefining guest '%s'", install->name));
    if (install->args->autostart && virDomainSetAutostart(domain, 1) < 0)
        return hvsh_fail_virt(install->call, "cannot have guest '%s' started with the host", install->name);
    return 0;
}

static int stop(hvsh_call *call, void *domain)
{
    if (virDomainDestroy(domain) < 0 && virGetLastErrorCode() != VIR_ERR_OPERATION_INVALID && virGetLastErrorCode() != VIR_ERR_NO_DOMAIN)
        return hvsh_fail_virt(call, "the running guest");
    return 0;
}

static int start(struct install *install, struct disk *disk)
{
    hvsh_call *call = install->call;
    virDomainPtr domain;

    (void)disk;
    if (install->boot || install->args->transient)
        domain = virDomainCreateXML(install->connection, model_text(call, install->boot ? install->boot : install->domain), 0);
    else {
        domain = virDomainLookupByUUIDString(install->connection, model_get(call, install->domain, "uuid"));
        if (domain && virDomainCreate(domain) < 0) {
            hvsh_fail_virt(call, "guest '%s' does not start", install->name);
            virDomainFree(domain);
            return -1;
        }
    }
    if (!domain)
        return hvsh_fail_virt(call, "guest '%s' does not start", install->name);
    hvsh_own_domain(call, domain);
    hvsh_undo(call, stop, domain, hvsh_printf(call, "stopping guest '%s'", install->name));
    /* QEMU has read them */
    scratch_remove(install);
    seed_remove(install);
    if (cloud_tell(install) < 0)
        return -1;
    return run_installation(install, domain) < 0 ? -1 : reach_wait(install, domain);
}

/* ---- the plan ---------------------------------------------------------------------------------------------------------------------------------------- */

struct step {
    const char *deed;
    int (*run)(struct install *install, struct disk *disk);
    struct disk *disk;
};

static void add_step(GArray *steps, const char *deed, int (*run)(struct install *install, struct disk *disk), struct disk *disk)
{
    struct step step = { deed, run, disk };

    g_array_append_val(steps, step);
}

static void add_image_step(void *steps, const char *deed, int (*run)(struct install *install, struct disk *disk))
{
    add_step(steps, deed, run, NULL);
}

static void make_plan(struct install *install, GArray *steps)
{
    hvsh_call *call = install->call;

    for (guint i = 0; i < install->disks->len; i++) {
        struct disk *disk = install->disks->pdata[i];

        if (disk->image)
            image_plan(install, add_image_step, steps);
        if (disk->image && disk->image->copy)
            continue;
        if (disk->image)
            add_step(steps, hvsh_printf(call, "make the disk %s, a layer over the image%s%s", disk->path, disk->size ? ", of " : "",
                                        disk->size ? option_size_words(call, disk->size) : ""), disk->pool ? make_volume : make_file, disk);
        else if (disk->fresh && disk->pool)
            add_step(steps, hvsh_printf(call, "make the volume '%s' of %s (%s) in pool '%s'", disk->volume, option_size_words(call, disk->size), disk->format, disk->pool),
                     make_volume, disk);
        else if (disk->fresh)
            add_step(steps, hvsh_printf(call, "make the disk %s of %s (%s)", disk->path, option_size_words(call, disk->size), disk->format), make_file, disk);
    }
    if (install->boot && install->tree.kernel)
        add_step(steps, scratch_words(install, "kernel", install->tree.kernel), scratch_kernel, NULL);
    if (install->boot && install->tree.initrd)
        add_step(steps, scratch_words(install, "initrd", install->tree.initrd), scratch_initrd, NULL);
    if (install->seed)
        add_step(steps, seed_words(install), seed_make, NULL);
    if (!install->args->transient && !install->kept)
        add_step(steps, hvsh_printf(call, "define the guest '%s'%s", install->name, install->args->autostart ? ", started with the host" : ""), define, NULL);
    add_step(steps, install->boot && install->medium != MEDIUM_IMPORT ? hvsh_printf(call, "start the installation of '%s'", install->name) : hvsh_printf(call, "start the guest '%s'", install->name),
             start, NULL);
}

static void free_steps(void *p)
{
    g_array_unref(p);
}

int plan_run(struct install *install)
{
    GArray *steps = hvsh_defer(install->call, g_array_new(FALSE, TRUE, sizeof(struct step)), free_steps);

    make_plan(install, steps);
    for (guint i = 0; i < steps->len; i++) {
        const struct step *step = &g_array_index(steps, struct step, i);

        if (install->dry) {
            if (hvsh_emit(install->call, &install_deed, &(struct install_deed){ step->deed }) < 0)
                return -1;
            continue;
        }
        explain(install, "%s", step->deed);
        if (step->run(install, step->disk) < 0 || hvsh_cancelled(install->call)) {
            if (!hvsh_cancelled(install->call))
                hvsh_exit(install->call, install->status ? install->status : EXIT_FAILED);
            return -1;
        }
    }
    return 0;
}
