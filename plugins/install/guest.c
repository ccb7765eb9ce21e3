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
    if (!bytes)
        return hvsh_fail(option->call, "--memory: a guest needs some memory: %s=%s", name, text);
    *kib = hvsh_in_kib(bytes);
    return 0;
}

static uint64_t memory_so_far(struct install *install)
{
    const char *text = model_get(install->call, install->domain, "memory");

    return text ? g_ascii_strtoull(text, NULL, 10) : 0;
}

static int memory(struct install *install, struct option *option)
{
    uint64_t size = 0, current = 0, limit = 0, old = 0;
    bool both;

    if (take_memory(option, "memory", &size) < 0 || take_memory(option, "currentMemory", &current) < 0 ||
        take_memory(option, "maxMemory", &limit) < 0 || take_memory(option, "maxmemory", &old) < 0)
        return -1;
    /* the older form: memory is what it has now, maxmemory what it may grow to */
    both = current != 0;
    if (!both)
        current = size;
    if (old)
        size = old;
    /* what another --memory has said */
    if (!current && old)
        current = memory_so_far(install);
    if (!size)
        size = memory_so_far(install);
    if (!size)
        size = current;
    if (!both && !old)
        current = 0;
    if (current > size)
        return hvsh_fail(install->call, "--memory: the guest would begin with %llu MiB, more than the %llu MiB that it may have",
                         (unsigned long long)current / KIB, (unsigned long long)size / KIB);
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
    /* the host's advice at each start, not what is free now */
    if (set)
        model_set(install->domain, strcmp(set, "auto") == 0 ? "vcpu/@placement" : "vcpu/@cpuset", set);
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

/* A model by its name, with the features against known holes of processors that this host has. */
static void set_model(struct install *install, xmlNode *node, const char *model, bool secure)
{
    model_set(node, "@mode", "custom");
    if (!model_has(node, "@match"))
        model_set(node, "@match", "exact");
    model_set(node, "model", model);
    for (const char *const *name = secure ? host_mitigations(install) : NULL; name && *name; name++) {
        xmlNode *feature = model_add(node, "feature");

        model_set(feature, "@name", *name);
        model_set(feature, "@policy", "require");
    }
}

/* The feature that was named before, or a new one: libvirt takes each once. */
static xmlNode *find_feature(hvsh_call *call, xmlNode *node, const char *name)
{
    for (xmlNode **all = model_all(call, node, "", "feature"); *all; all++)
        if (g_strcmp0(model_get(call, *all, "@name"), name) == 0)
            return *all;
    return model_add(node, "feature");
}

static int cpu(struct install *install, struct option *option)
{
    static const char *const modes[] = { "host-passthrough", "host-model", "maximum", NULL };
    static const char *const host_only[] = { "host-model-only", "host-copy", NULL }, *const hypervisors[] = { "hv-default", "clear", "none", NULL };
    static const char *const policies[] = { "force", "require", "optional", "disable", "forbid" };
    xmlNode *node = model_make(install->domain, "cpu");
    const char *model = option_take(option, "model");
    bool secure = option_take_bool(option, "secure", true);

    if (model && strcmp(model, "host") == 0)
        model = "host-model";
    if (model && g_strv_contains(modes, model)) {
        model_set(node, "@mode", model);
    } else if (model && g_strv_contains(hypervisors, model)) {
        install->cpu_of_hypervisor = true;
    } else if (model && g_strv_contains(host_only, model)) {
        if (install->host.cpu_model)
            set_model(install, node, install->host.cpu_model, secure);
        install->cpu_of_hypervisor = true;
    } else if (model && strcmp(model, "default") != 0) {
        set_model(install, node, model, secure);
    } else if (model && install->host.qemu && !install->host.foreign && strcmp(install->host.type, "kvm") != 0) {
        model_set(node, "@mode", "host-model");     /* asked for by name: the nearest that emulation has to the host's own */
    }
    for (size_t i = 0; i < G_N_ELEMENTS(policies); i++)
        for (const char *name; (name = option_take_next(option, policies[i]));) {
            xmlNode *feature = find_feature(install->call, node, name);

            model_set(feature, "@name", name);
            model_set(feature, "@policy", policies[i]);
        }
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

/* ---- boot -------------------------------------------------------------------------------------------------------------------------- */

static int boot(struct install *install, struct option *option)
{
    static const char *const devices[] = { "hd", "cdrom", "fd", "network", NULL };
    xmlNode *os = model_make(install->domain, "os");
    bool ordered = false;

    for (size_t i = 0; i < option->count; i++) {
        struct pair *pair = &option->pairs[i];

        if (!g_strv_contains(devices, pair->row->name) || pair->taken)
            continue;
        /* an order that is given once more is the one that counts */
        while (!ordered && model_has(os, "boot"))
            model_set(os, "boot", NULL);
        ordered = pair->taken = true;
        model_set(model_add(os, "boot"), "@dev", pair->row->name);
    }
    if (option_take(option, "uefi")) {
        if (install->host.qemu && !install->host.efi) {
            hvsh_fail(install->call, "--boot uefi: this host has no UEFI firmware for guests of the architecture %s", install->host.arch);
            return hvsh_hint(install->call, "the package ovmf (edk2-ovmf on Fedora) has it");
        }
        model_set(os, "@firmware", "efi");
    }
    if (option_take_bool(option, "refresh-machine-type", false)) {
        const char *machine = install->host.want_machine;

        if (!machine || !host_canonical(install, machine))
            return hvsh_fail(install->call, "--boot refresh-machine-type: no newer type is known for the machine '%s'", machine ? machine : "");
        model_set(os, "type/@machine", host_canonical(install, machine));
    }
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
    /* libvirt makes one up where nothing is said */
    if (option_look(option, "genid"))
        option_take(option, "genid_enable");
    return option_apply(option, install->domain);
}

/* --qemu-commandline="-device foo,bar": all of it is QEMU's, with its quotes and commas, behind args= or env= too. */
static int qemu_commandline(struct install *install, const char *given)
{
    static const char *const space = "http://libvirt.org/schemas/domain/qemu/1.0";
    xmlNs *ns = xmlSearchNsByHref(install->domain->doc, install->domain, BAD_CAST space);
    bool is_env = g_str_has_prefix(given, "env="), is_clear = g_str_has_prefix(given, "clearxml=");
    const char *text = is_env || is_clear || g_str_has_prefix(given, "args=") ? strchr(given, '=') + 1 : given, *equal = strchr(text, '=');
    xmlNode *line = NULL, *env;
    g_auto(GStrv) words = NULL;
    g_autofree char *name = NULL;

    if (!ns)
        ns = xmlNewNs(install->domain, BAD_CAST space, BAD_CAST "qemu");
    for (line = install->domain->children; line && !(line->ns == ns && xmlStrEqual(line->name, BAD_CAST "commandline")); line = line->next)
        ;
    if (!line)
        line = xmlNewChild(install->domain, ns, BAD_CAST "commandline", NULL);
    if (is_clear) {
        if (option_truth(text) < 0)
            return hvsh_fail(install->call, "--qemu-commandline: clearxml must be yes or no, not '%s'", text);
        while (option_truth(text) && line->children)
            model_remove(line->children);
        return 0;
    }
    if (is_env) {
        name = g_strndup(text, strcspn(text, "="));
        env = xmlNewChild(line, ns, BAD_CAST "env", NULL);
        xmlSetProp(env, BAD_CAST "name", BAD_CAST name);
        if (equal)
            xmlSetProp(env, BAD_CAST "value", BAD_CAST (equal + 1));
        return 0;
    }
    if (*text && !g_shell_parse_argv(text, NULL, &words, NULL))
        return hvsh_fail(install->call, "--qemu-commandline: a quote is not closed: %s", text);
    for (char **word = words; word && *word; word++)
        xmlSetProp(xmlNewChild(line, ns, BAD_CAST "arg", NULL), BAD_CAST "value", BAD_CAST *word);
    return 0;
}

static int sysinfo(struct install *install, struct option *option)
{
    const char *type = option_look(option, "type"), *uuid_entry = NULL;
    xmlNode *node;

    if (type && (strcmp(type, "host") == 0 || strcmp(type, "emulate") == 0)) {
        if (option->count > 1)
            return hvsh_fail(install->call, "--sysinfo: %s takes all of it from elsewhere, and no value of its own: %s", type, option->text);
        model_set(install->domain, "os/smbios/@mode", option_take(option, "type"));
        return 0;
    }
    if (option_look(option, "system.uuid")) {
        const char *uuid = option_take(option, "system.uuid");

        model_set(install->domain, "uuid", uuid);
        uuid_entry = uuid;
    }
    /* one of each type */
    node = model_make(install->domain, hvsh_printf(install->call, "sysinfo[@type='%s']", !type || strpbrk(type, "'\"[]/") ? "smbios" : type));
    model_set(node, "system/entry[@name='uuid']", uuid_entry);
    if (!type || strcmp(type, "smbios") == 0)
        model_set(install->domain, "os/smbios/@mode", "sysinfo");
    return option_apply(option, node);
}

static int by_table(struct install *install, struct option *option)
{
    xmlNode *element = install->domain;

    if (option->family->many)
        element = model_add(install->domain, option->family->path);
    else if (*option->family->path)
        element = model_make(install->domain, option->family->path);
    if (option_apply(option, element) < 0)
        return -1;
    if (element != install->domain && !element->children && !element->properties && !option_has_changes(option))
        model_remove(element);
    return 0;
}

/* A label is of the kind that its parts tell, or of the host's first. */
static int seclabel(struct install *install, struct option *option)
{
    xmlNode *node = model_add(install->domain, "seclabel");
    const char *label;
    unsigned int colons = 0;

    if (option_apply(option, node) < 0)
        return -1;
    if (!model_has(node, "@type") && !model_has(node, "@model"))
        return 0;
    label = model_get(install->call, node, "label");
    for (const char *p = label; p && (p = strchr(p, ':')); p++)
        colons++;
    if (!model_has(node, "@type"))
        model_set(node, "@type", "dynamic");
    if (!model_has(node, "@model"))
        model_set(node, "@model", !label ? install->host.security : colons >= 2 ? "selinux" : colons == 1 ? "dac" : NULL);
    return 0;
}

static int features(struct install *install, struct option *option)
{
    /* not even by the host's custom */
    install->host.acpi = option_take_bool(option, "acpi", install->host.acpi);
    install->host.apic = option_take_bool(option, "apic", install->host.apic);
    return by_table(install, option);
}

/* SEV encrypts what OVMF has prepared for it. */
static int launch_security(struct install *install, struct option *option)
{
    const char *type = option_look(option, "type"), *machine = install->host.want_machine;
    const texts *boot = &install->args->boot;
    bool efi = false;

    for (size_t i = 0; i < boot->count; i++)
        efi = efi || strstr(boot->items[i], "efi") || strstr(boot->items[i], "loader");
    if (type && strcmp(type, "sev") == 0 && install->host.qemu && (!efi || (machine && !strstr(machine, "q35"))))
        return hvsh_fail(install->call, "--launchSecurity sev needs a machine of the type q35 that starts by UEFI: --boot uefi");
    return by_table(install, option);
}

/* ---- all of them ------------------------------------------------------------------------------------------------------------------------ */

static int checks(struct install *install)
{
    const texts *given = &install->args->check;
    const struct { const char *name; bool *skip; } all[] = {
        { "path_in_use", &install->skip_in_use }, { "disk_size", &install->skip_size }, { "path_exists", &install->skip_exists },
        { "path_search", &install->skip_search }, { "mac_in_use", &install->skip_mac },
    };

    for (size_t i = 0; i < given->count; i++) {
        struct option *option = option_parse(install->call, "check", given->items[i]);
        int every;

        if (!option)
            return -1;
        every = option_take_bool(option, "all", -1);
        for (size_t j = 0; j < G_N_ELEMENTS(all); j++)
            *all[j].skip = !option_take_bool(option, all[j].name, every < 0 ? !*all[j].skip : every);
    }
    return 0;
}

int guest_options(struct install *install)
{
    const struct install_args *args = install->args;
    const struct {
        const char *option;
        const texts *given;
        int (*set)(struct install *install, struct option *option);
    } all[] = {
        { "metadata", &args->metadata, metadata }, { "memory", &args->memory, memory }, { "vcpus", &args->vcpus, vcpus },
        { "cpu", &args->cpu, cpu }, { "boot", &args->boot, boot },
        { "sysinfo", &args->sysinfo, sysinfo }, { "seclabel", &args->seclabel, seclabel }, { "iothreads", &args->iothreads, by_table },
        { "keywrap", &args->keywrap, by_table },
        { "cputune", &args->cputune, by_table }, { "numatune", &args->numatune, by_table }, { "memtune", &args->memtune, by_table },
        { "blkiotune", &args->blkiotune, by_table }, { "memorybacking", &args->memorybacking, by_table },
        { "features", &args->features, features }, { "clock", &args->clock, by_table }, { "pm", &args->pm, by_table },
        { "events", &args->events, by_table }, { "resource", &args->resource, by_table }, { "idmap", &args->idmap, by_table },
        { "launchsecurity", &args->launchsecurity, launch_security },
    };

    if (checks(install) < 0)
        return -1;
    if (args->name)
        model_set(install->domain, "name", args->name);
    if (args->uuid)
        model_set(install->domain, "uuid", args->uuid);
    if (args->description)
        model_set(install->domain, "description", args->description);
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        for (size_t j = 0; j < all[i].given->count; j++) {
            const char *text = all[i].given->items[j];
            struct option *option;

            if (all[i].set == cpu)
                text = spell_features(install->call, text);
            /* "none" is a kind of CPU too: what the hypervisor gives */
            option = is_none(text) && all[i].set != cpu ? NULL : option_parse(install->call, all[i].option, text);
            if ((!is_none(text) || all[i].set == cpu) && (!option || all[i].set(install, option) < 0))
                return -1;
        }
    for (size_t i = 0; i < args->qemu_commandline.count; i++)
        if (!is_none(args->qemu_commandline.items[i]) && qemu_commandline(install, args->qemu_commandline.items[i]) < 0)
            return -1;
    if (args->machine && !model_has(install->domain, "os/type/@machine"))
        model_set(install->domain, "os/type/@machine", args->machine);
    install->name = model_get(install->call, install->domain, "name");
    return fit_topology(install);
}

/* What the options change by paths, each in its own element. */
static int change_elements(xmlNode *element)
{
    for (xmlNode *node = element, *next; node; node = next) {
        next = node->next;
        if (node->type != XML_ELEMENT_NODE)
            continue;
        if ((node->children && change_elements(node->children) < 0) || (node->_private && option_change(node->_private, node) < 0))
            return -1;
    }
    return 0;
}

/* --xml ./path/@name=value: the last word on the final document. */
int change_options(struct install *install)
{
    if (change_elements(install->domain) < 0)
        return -1;
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
        if (!path || !(g_str_has_prefix(path, "./") || g_str_has_prefix(path, "/domain")) || !model_is_path(path + (*path == '.' ? 2 : 0)) || (set && !value))
            return hvsh_fail(install->call, "--xml takes a plain path and a value, such as ./devices/memballoon/@model=none, not '%s'", text);
        path += g_str_has_prefix(path, "./") ? 2 : 0;
        if (create)
            model_make(install->domain, path);
        else
            model_set(install->domain, path, remove ? NULL : value);
    }
    return 0;
}
