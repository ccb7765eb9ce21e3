/* SPDX-License-Identifier: GPL-3.0-or-later */
/* guest.c - the options of what is no device: name, memory, processors, boot and the rest by their tables. */
#include "install.h"
#include <stdlib.h>
#include <string.h>

enum { KIB = 1024, MIB = 1024 * 1024 };

/* Each text of a repeated option; a lone "none" means nothing. */
static bool is_none(const char *text)
{
    return strcmp(text, "none") == 0;
}

/* ---- memory --------------------------------------------------------------------------------------------------------------------- */

static int take_memory(struct option *option, const char *name, uint64_t *kib)
{
    const char *text = option_take(option, name);
    uint64_t bytes;

    if (!text)
        return 0;
    if (option_size(option->call, hvsh_printf(option->call, "--memory: %s", name), text, MIB, &bytes) < 0)
        return -1;
    *kib = hvsh_in_kib(bytes);
    return 0;
}

static int memory(struct install *install, struct option *option)
{
    uint64_t size = 0, current = 0, limit = 0, old = 0;

    if (take_memory(option, "memory", &size) < 0 || take_memory(option, "currentMemory", &current) < 0 ||
        take_memory(option, "maxMemory", &limit) < 0 || take_memory(option, "maxmemory", &old) < 0)
        return -1;
    /* the older form: what it has now, and what it may grow to */
    if (old) {
        current = current ? current : size;
        size = old;
    }
    if (size)
        model_setf(install->domain, "memory", "%llu", (unsigned long long)size);
    if (current)
        model_setf(install->domain, "currentMemory", "%llu", (unsigned long long)current);
    if (limit)
        model_setf(install->domain, "maxMemory", "%llu", (unsigned long long)limit);
    return option_apply(option, install->domain);
}

/* ---- processors -------------------------------------------------------------------------------------------------------------------- */

static int vcpus(struct install *install, struct option *option)
{
    const char *count = option_take(option, "vcpu"), *other = option_take(option, "vcpus"), *most = option_take(option, "maxvcpus");
    const char *set = option_take(option, "cpuset");

    count = count ? count : other;
    if (count && strtol(count, NULL, 10) < 1)
        return hvsh_fail(install->call, "a guest needs at least one virtual CPU, not %s", count);
    if (count && most && strtol(most, NULL, 10) < strtol(count, NULL, 10))
        return hvsh_fail(install->call, "--vcpus: %s virtual CPUs are more than maxvcpus=%s", count, most);
    if (count || most)
        model_set(install->domain, "vcpu", most ? most : count);
    if (count && most && strcmp(count, most) != 0)
        model_set(install->domain, "vcpu/@current", count);
    if (set && strcmp(set, "auto") != 0)
        model_set(install->domain, "vcpu/@cpuset", set);
    return option_apply(option, install->domain);
}

/* "core2duo,+x2apic,-vmx": the short forms of features as sub-options. */
static const char *spell_features(hvsh_call *call, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, ",", -1);

    for (char **word = words; *word; word++) {
        char *old = *word;

        if (*old == '+' || *old == '-') {
            *word = g_strdup_printf("%s=%s", *old == '+' ? "force" : "disable", old + 1);
            g_free(old);
        }
    }
    return hvsh_defer(call, g_strjoinv(",", words), g_free);
}

static int cpu(struct install *install, struct option *option)
{
    static const char *const modes[] = { "host-passthrough", "host-model", "maximum", NULL };
    static const char *const policies[] = { "force", "require", "optional", "disable", "forbid" };
    xmlNode *node = model_make(install->domain, "cpu");
    const char *model = option_take(option, "model");

    if (model && strcmp(model, "host") == 0)
        model = "host-passthrough";
    if (model && strcmp(model, "host-copy") == 0)
        model = "host-model";
    if (model && g_strv_contains(modes, model)) {
        model_set(node, "@mode", model);
    } else if (model && strcmp(model, "host-model-only") != 0 && strcmp(model, "hv-default") != 0 && strcmp(model, "hypervisor-default") != 0) {
        model_set(node, "@mode", "custom");
        model_set(node, "@match", "exact");
        model_set(node, "model", model);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(policies); i++)
        for (const char *name; (name = option_take_next(option, policies[i]));) {
            xmlNode *feature = model_add(node, "feature");

            model_set(feature, "@name", name);
            model_set(feature, "@policy", policies[i]);
        }
    option_take(option, "secure");
    return option_apply(option, node);
}

/* What the topology leaves open, and whether it fits: cores first, as real processors have them. */
static int fit_topology(struct install *install)
{
    static const char *const parts[] = { "cores", "sockets", "dies", "threads" };
    const char *count = model_get(install->call, install->domain, "vcpu");
    long sizes[4], product = 1, total = count ? strtol(count, NULL, 10) : 0;

    if (!model_has(install->domain, "cpu/topology"))
        return 0;
    for (size_t i = 0; i < 4; i++) {
        const char *text = model_get(install->call, install->domain, hvsh_printf(install->call, "cpu/topology/@%s", parts[i]));

        sizes[i] = text ? strtol(text, NULL, 10) : 0;
        product *= sizes[i] ? sizes[i] : 1;
    }
    if (!total)
        total = product;
    for (size_t i = 0; i < 4; i++)
        if (!sizes[i]) {
            sizes[i] = strcmp(parts[i], "dies") == 0 ? 1 : MAX(total / product, 1);
            product *= sizes[i];
        }
    if (product != total)
        return hvsh_fail(install->call, "the topology is of %ld virtual CPUs (%ld sockets, %ld dies, %ld cores, %ld threads), the guest has %ld", product,
                         sizes[1], sizes[2], sizes[0], sizes[3], total);
    model_setf(install->domain, "vcpu", "%ld", total);
    model_setf(install->domain, "cpu/topology/@sockets", "%ld", sizes[1]);
    model_setf(install->domain, "cpu/topology/@dies", "%ld", sizes[2]);
    model_setf(install->domain, "cpu/topology/@cores", "%ld", sizes[0]);
    model_setf(install->domain, "cpu/topology/@threads", "%ld", sizes[3]);
    return 0;
}

/* --qemu-commandline="-device foo": the words alone are its args. */
static const char *spell_arguments(hvsh_call *call, const char *text)
{
    return g_str_has_prefix(text, "args=") || g_str_has_prefix(text, "env=") || g_str_has_prefix(text, "clearxml=") ? text : hvsh_printf(call, "args=%s", text);
}

/* ---- boot -------------------------------------------------------------------------------------------------------------------------- */

static int boot(struct install *install, struct option *option)
{
    static const char *const devices[] = { "hd", "cdrom", "fd", "network", NULL };
    xmlNode *os = model_make(install->domain, "os");

    for (size_t i = 0; i < option->count; i++) {
        struct pair *pair = &option->pairs[i];

        if (!g_strv_contains(devices, pair->row->name) || pair->taken)
            continue;
        pair->taken = true;
        model_set(model_add(os, "boot"), "@dev", pair->row->name);
    }
    if (option_take(option, "uefi"))
        model_set(os, "@firmware", "efi");
    option_take(option, "refresh-machine-type");
    if (option_look(option, "initargs")) {
        g_auto(GStrv) words = NULL;

        if (!g_shell_parse_argv(option_take(option, "initargs"), NULL, &words, NULL))
            return hvsh_fail(install->call, "--boot: initargs has a quote that is not closed");
        for (char **word = words; *word; word++)
            model_set(model_add(os, "initarg"), ".", *word);
    }
    return option_apply(option, os);
}

/* ---- others with a rule of their own --------------------------------------------------------------------------------------------------- */

static int metadata(struct install *install, struct option *option)
{
    const char *os = option_take(option, "os_name"), *id = option_take(option, "os_full_id");

    if (os || id)
        return hvsh_fail(install->call, "--metadata: the system is told by --osinfo %s", os ? os : id);
    return option_apply(option, install->domain);
}

static int qemu_commandline(struct install *install, struct option *option)
{
    static const char *const space = "http://libvirt.org/schemas/domain/qemu/1.0";
    xmlNs *ns = xmlSearchNsByHref(install->domain->doc, install->domain, BAD_CAST space);
    xmlNode *line = NULL;
    const char *text;
    g_auto(GStrv) words = NULL;

    if (!ns)
        ns = xmlNewNs(install->domain, BAD_CAST space, BAD_CAST "qemu");
    for (line = install->domain->children; line && !(line->ns == ns && xmlStrEqual(line->name, BAD_CAST "commandline")); line = line->next)
        ;
    if (!line)
        line = xmlNewChild(install->domain, ns, BAD_CAST "commandline", NULL);
    text = option_take(option, "args");
    if (text && !g_shell_parse_argv(text, NULL, &words, NULL))
        return hvsh_fail(install->call, "--qemu-commandline: a quote is not closed: %s", text);
    for (char **word = words; word && *word; word++)
        xmlSetProp(xmlNewChild(line, ns, BAD_CAST "arg", NULL), BAD_CAST "value", BAD_CAST *word);
    while ((text = option_take_next(option, "env"))) {
        const char *equal = strchr(text, '=');
        xmlNode *env = xmlNewChild(line, ns, BAD_CAST "env", NULL);
        g_autofree char *name = g_strndup(text, strcspn(text, "="));

        xmlSetProp(env, BAD_CAST "name", BAD_CAST name);
        if (equal)
            xmlSetProp(env, BAD_CAST "value", BAD_CAST (equal + 1));
    }
    return option_apply(option, install->domain);
}

static int sysinfo(struct install *install, struct option *option)
{
    const char *type = option_look(option, "type");

    if (type && (strcmp(type, "host") == 0 || strcmp(type, "emulate") == 0)) {
        model_set(install->domain, "os/smbios/@mode", option_take(option, "type"));
        return 0;
    }
    if (option_look(option, "system.uuid")) {
        const char *uuid = option_take(option, "system.uuid");

        model_set(install->domain, "uuid", uuid);
        model_set(install->domain, "sysinfo/system/entry[@name='uuid']", uuid);
    }
    if (!type || strcmp(type, "smbios") == 0) {
        model_set(install->domain, "os/smbios/@mode", "sysinfo");
        model_set(install->domain, "sysinfo/@type", "smbios");
    }
    return option_apply(option, model_make(install->domain, "sysinfo"));
}

static int by_table(struct install *install, struct option *option)
{
    xmlNode *element = install->domain;

    if (option->family->many)
        element = model_add(install->domain, option->family->path);
    else if (*option->family->path)
        element = model_make(install->domain, option->family->path);
    return option_apply(option, element);
}

/* ---- all of them ------------------------------------------------------------------------------------------------------------------------ */

static int checks(struct install *install)
{
    struct option *option;
    int all;

    if (!install->args->check)
        return 0;
    option = option_parse(install->call, "check", install->args->check);
    if (!option)
        return -1;
    all = option_take_bool(option, "all", 1);
    install->skip_in_use = !option_take_bool(option, "path_in_use", all);
    install->skip_size = !option_take_bool(option, "disk_size", all);
    install->skip_exists = !option_take_bool(option, "path_exists", all);
    install->skip_mac = !option_take_bool(option, "mac_in_use", all);
    return 0;
}

int guest_options(struct install *install)
{
    const struct install_args *args = install->args;
    const struct {
        const char *option;
        const texts *many;
        const char *one;
        int (*set)(struct install *install, struct option *option);
    } all[] = {
        { "metadata", &args->metadata, NULL, metadata }, { "memory", &args->memory, NULL, memory }, { "vcpus", &args->vcpus, NULL, vcpus },
        { "cpu", NULL, args->cpu ? spell_features(install->call, args->cpu) : NULL, cpu }, { "boot", NULL, args->boot, boot },
        { "sysinfo", &args->sysinfo, NULL, sysinfo }, { "qemu-commandline", &args->qemu_commandline, NULL, qemu_commandline },
        { "seclabel", &args->seclabel, NULL, by_table }, { "iothreads", NULL, args->iothreads, by_table }, { "keywrap", NULL, args->keywrap, by_table },
        { "cputune", NULL, args->cputune, by_table }, { "numatune", NULL, args->numatune, by_table }, { "memtune", NULL, args->memtune, by_table },
        { "blkiotune", NULL, args->blkiotune, by_table }, { "memorybacking", NULL, args->memorybacking, by_table },
        { "features", NULL, args->features, by_table }, { "clock", NULL, args->clock, by_table }, { "pm", NULL, args->pm, by_table },
        { "events", NULL, args->events, by_table }, { "resource", NULL, args->resource, by_table }, { "idmap", NULL, args->idmap, by_table },
        { "launchsecurity", NULL, args->launchsecurity, by_table },
    };

    if (checks(install) < 0)
        return -1;
    if (args->name)
        model_set(install->domain, "name", args->name);
    if (args->uuid)
        model_set(install->domain, "uuid", args->uuid);
    if (args->description)
        model_set(install->domain, "description", args->description);
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        size_t count = all[i].many ? all[i].many->count : all[i].one != NULL;

        for (size_t j = 0; j < count; j++) {
            const char *text = all[i].many ? all[i].many->items[j] : all[i].one;
            struct option *option;

            if (all[i].set == qemu_commandline && !is_none(text))
                text = spell_arguments(install->call, text);
            option = is_none(text) ? NULL : option_parse(install->call, all[i].option, text);
            if (!is_none(text) && (!option || all[i].set(install, option) < 0))
                return -1;
        }
    }
    if (args->machine)
        model_set(install->domain, "os/type/@machine", args->machine);
    install->name = model_get(install->call, install->domain, "name");
    return fit_topology(install);
}

/* --xml ./path/@name=value: the last word on the final document. */
int change_options(struct install *install)
{
    for (size_t i = 0; i < install->args->xml.count; i++) {
        const char *text = install->args->xml.items[i];
        g_autofree char *short_form = NULL;
        struct option *option;
        const char *set, *value, *create, *remove, *path;

        /* ./a/@b=c is the short form of xpath.set=./a/@b,xpath.value=c */
        if (!g_str_has_prefix(text, "xpath.")) {
            const char *equal = strrchr(text, '=');

            if (equal)
                short_form = g_strdup_printf("xpath.set=%.*s,xpath.value=%s", (int)(equal - text), text, equal + 1);
        }
        option = option_parse(install->call, "xml", short_form ? short_form : text);
        if (!option)
            return -1;
        set = option_take(option, "xpath.set");
        value = option_take(option, "xpath.value");
        create = option_take(option, "xpath.create");
        remove = option_take(option, "xpath.delete");
        path = set ? set : create ? create : remove;
        if (!path || !(g_str_has_prefix(path, "./") || g_str_has_prefix(path, "/domain")) || strchr(path, '(') || strstr(path, "//"))
            return hvsh_fail(install->call, "--xml takes a plain path and a value, such as ./devices/memballoon/@model=none, not '%s'", text);
        path += g_str_has_prefix(path, "./") ? 2 : 0;
        if (create)
            model_make(install->domain, path);
        else
            model_set(install->domain, path, remove ? NULL : value);
    }
    return 0;
}
