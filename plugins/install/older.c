/* SPDX-License-Identifier: GPL-3.0-or-later */
/* older.c - options of early releases of virt-install, said by those of today. */
#include "install.h"

static void add_text(GPtrArray *list, const char *text)
{
    g_ptr_array_add(list, (void *)text);
}

static void free_list(void *p)
{
    g_ptr_array_unref(p);
}

static GPtrArray *new_list(struct install *install)
{
    return hvsh_defer(install->call, g_ptr_array_new(), free_list);
}

static texts as_texts(const GPtrArray *list)
{
    return (texts){ .count = list->len, .items = (const char **)list->pdata };
}

/* As if the option had been given once more, at the end. */
static void append(struct install *install, texts *given, const char *text)
{
    GPtrArray *list = new_list(install);

    for (size_t i = 0; i < given->count; i++)
        add_text(list, given->items[i]);
    add_text(list, text);
    *given = as_texts(list);
}

/* -f FILE -s SIZE, as often as there are disks; --nonsparse is for all of them. */
static int disks(struct install *install, struct install_args *args)
{
    size_t count = MAX(args->file.count, args->file_size.count);
    GPtrArray *list = new_list(install);

    if (!count && !args->nonsparse)
        return 0;
    if (args->disk.count)
        return hvsh_fail(install->call, "--file, --file-size and --nonsparse are older forms of --disk FILE,size=GIB,sparse=no, and cannot be mixed with it");
    for (size_t i = 0; i < count; i++) {
        const char *file = i < args->file.count ? args->file.items[i] : NULL, *size = i < args->file_size.count ? args->file_size.items[i] : NULL;

        add_text(list, hvsh_printf(install->call, "%s%s%s%s%s%s", file ? "path=" : "", file ? file : "", file && size ? "," : "", size ? "size=" : "",
                                   size ? size : "", args->nonsparse ? ",sparse=no" : ""));
    }
    args->disk = as_texts(list);
    return 0;
}

/* --bridge NAME and --mac ADDRESS, in the same order; addresses alone go to the networks that there are, or to default ones. */
static int networks(struct install *install, struct install_args *args)
{
    GPtrArray *list = new_list(install);
    size_t count = MAX(MAX(args->bridge.count, args->network.count), args->mac.count);

    if (!args->bridge.count && !args->mac.count)
        return 0;
    if (args->bridge.count && args->network.count)
        return hvsh_fail(install->call, "--bridge is the older form of --network bridge=NAME, and cannot be mixed with it");
    for (size_t i = 0; i < count; i++) {
        const char *text = i < args->bridge.count ? hvsh_printf(install->call, "bridge=%s", args->bridge.items[i])
                           : i < args->network.count ? args->network.items[i] : "default";

        add_text(list, i < args->mac.count ? hvsh_printf(install->call, "%s,mac=%s", text, args->mac.items[i]) : text);
    }
    args->network = as_texts(list);
    return 0;
}

static int displays(struct install *install, struct install_args *args)
{
    GPtrArray *list = new_list(install);
    const char *type;

    if (!args->sdl && !args->vncport && !args->vnclisten && !args->keymap)
        return 0;
    /* --vnc has become --graphics vnc by itself */
    type = args->sdl ? "sdl" : args->graphics.count == 1 ? args->graphics.items[0] : NULL;
    if (args->sdl ? args->graphics.count > 0 : !type || strchr(type, ','))
        return hvsh_fail(install->call, "--sdl, --vncport, --vnclisten and --keymap are older forms of one --graphics TYPE,port=,listen=,keymap=");
    add_text(list, hvsh_printf(install->call, "%s%s%s%s%s%s%s", type, args->vnclisten ? ",listen=" : "", args->vnclisten ? args->vnclisten : "",
                               args->vncport ? ",port=" : "", args->vncport ? args->vncport : "", args->keymap ? ",keymap=" : "",
                               args->keymap ? args->keymap : ""));
    args->graphics = as_texts(list);
    return 0;
}

int older_options(struct install *install, struct install_args *args)
{
    if (disks(install, args) < 0 || networks(install, args) < 0 || displays(install, args) < 0)
        return -1;
    if (args->cpuset)
        append(install, &args->vcpus, hvsh_printf(install->call, "cpuset=%s", args->cpuset));
    if ((args->noacpi || args->noapic) && !args->features.count)
        append(install, &args->features, args->noacpi && args->noapic ? "acpi=off,apic=off" : args->noacpi ? "acpi=off" : "apic=off");
    if (args->init)
        append(install, &args->boot, hvsh_printf(install->call, "init=%s", args->init));
    if (args->os_type)
        hvsh_note(install->call, "--os-type does nothing any more: --osinfo tells the system");
    return 0;
}
