/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model.c - the guest's document: making, setting and asking by short paths. */
#include "model.h"
#include <stdlib.h>
#include <string.h>
#include <glib.h>

/* ---- order -------------------------------------------------------------------------------------------------------------- */

static const char *const domain_order[] = {
    "name", "uuid", "genid", "title", "description", "metadata", "maxMemory", "memory", "currentMemory", "blkiotune", "memtune", "memoryBacking",
    "vcpu", "vcpus", "iothreads", "iothreadids", "defaultiothread", "cputune", "numatune", "resource", "sysinfo", "bootloader", "bootloader_args",
    "os", "idmap", "features", "cpu", "clock", "on_poweroff", "on_reboot", "on_crash", "on_lockfailure", "pm", "perf", "keywrap", "devices",
    "launchSecurity", "seclabel", NULL
};
static const char *const device_order[] = {
    "emulator", "disk", "controller", "filesystem", "interface", "smartcard", "serial", "parallel", "console", "channel", "input", "tpm", "graphics",
    "sound", "audio", "video", "hostdev", "redirdev", "watchdog", "memballoon", "rng", "panic", "shmem", "memory", "iommu", "vsock", NULL
};
static const char *const os_order[] = { "type", "firmware", "loader", "nvram", "kernel", "initrd", "cmdline", "dtb", "acpi", "boot", "bootmenu", "smbios", "bios", NULL };
static const char *const disk_order[] = { "driver", "source", "backingStore", "target", "readonly", "shareable", NULL };
static const char *const interface_order[] = { "source", "mac", "target", "model", NULL };
static const struct { const char *parent; const char *const *order; } orders[] = {
    { "domain", domain_order }, { "devices", device_order }, { "os", os_order }, { "disk", disk_order }, { "interface", interface_order },
};

static unsigned int rank(const char *const *order, const xmlNode *node)
{
    unsigned int i = 0;

    while (order[i] && strcmp(order[i], (const char *)node->name) != 0)
        i++;
    return i;
}

/* Put a new element among its siblings, behind those of its own rank. */
static void insert(xmlNode *parent, xmlNode *node)
{
    const char *const *order = NULL;
    xmlNode *last;

    for (size_t i = 0; i < G_N_ELEMENTS(orders); i++)
        if (strcmp(orders[i].parent, (const char *)parent->name) == 0)
            order = orders[i].order;
    last = xmlGetLastChild(parent);
    while (order && last && (last->type != XML_ELEMENT_NODE || rank(order, last) > rank(order, node)))
        last = last->prev;
    if (last)
        xmlAddNextSibling(last, node);
    else if (parent->children)
        xmlAddPrevSibling(parent->children, node);
    else
        xmlAddChild(parent, node);
}

/* ---- documents ------------------------------------------------------------------------------------------------------------ */

static void free_document(void *p)
{
    xmlFreeDoc(p);
}

xmlNode *model_new(hvsh_call *call)
{
    xmlDoc *document = hvsh_defer(call, xmlNewDoc(BAD_CAST "1.0"), free_document);
    xmlNode *domain = xmlNewNode(NULL, BAD_CAST "domain");

    xmlDocSetRootElement(document, domain);
    return domain;
}

xmlNode *model_copy(hvsh_call *call, xmlNode *domain)
{
    return xmlDocGetRootElement(hvsh_defer(call, xmlCopyDoc(domain->doc, 1), free_document));
}

/* ---- paths ------------------------------------------------------------------------------------------------------------------ */

/* One step of a path: name, its number among its like (1: the first), or an attribute that it must have. */
struct step {
    char *name;
    unsigned int number;
    char *key, *value;
};

static void step_clear(struct step *step)
{
    g_free(step->name);
    g_free(step->key);
    g_free(step->value);
}

/* Take the next step off a path; "[]" takes a number off `index`. */
static struct step take_step(const char **path, const unsigned int **index)
{
    const char *end = *path + strcspn(*path, "/[");
    struct step step = { .name = g_strndup(*path, (gsize)(end - *path)), .number = 1 };

    if (*end == '[' && end[1] == '@') {
        const char *equal = strchr(end, '='), *close = strchr(end, ']');

        step.key = g_strndup(end + 2, (gsize)(equal - end - 2));
        step.value = g_strndup(equal + 2, (gsize)(close - equal - 3));
        end = close + 1;
    } else if (*end == '[') {
        if (end[1] != ']')
            step.number = (unsigned int)strtoul(end + 1, NULL, 10);
        else if (*index)
            step.number = *(*index)++ + 1;
        end = strchr(end, ']') + 1;
    }
    *path = *end == '/' ? end + 1 : end;
    return step;
}

static xmlNode *make_child(xmlNode *parent, const struct step *step)
{
    xmlNode *node = xmlNewDocNode(parent->doc, NULL, BAD_CAST step->name, NULL);

    if (step->key)
        xmlSetProp(node, BAD_CAST step->key, BAD_CAST step->value);
    insert(parent, node);
    return node;
}

static xmlNode *go(xmlNode *parent, const struct step *step, bool make)
{
    unsigned int seen = 0;
    xmlNode *node;

    if (strcmp(step->name, ".") == 0)
        return parent;
    for (node = parent->children; node; node = node->next) {
        if (node->type != XML_ELEMENT_NODE || strcmp((const char *)node->name, step->name) != 0)
            continue;
        if (step->key) {
            xmlChar *value = xmlGetProp(node, BAD_CAST step->key);
            bool same = value && strcmp((const char *)value, step->value) == 0;

            xmlFree(value);
            if (same)
                return node;
        } else if (++seen == step->number) {
            return node;
        }
    }
    while (make && (step->key || seen < step->number)) {
        node = make_child(parent, step);
        if (step->key)
            break;
        seen++;
    }
    return node;
}

/* Walk the elements of a path; *attribute is the attribute at its end, or NULL. */
static xmlNode *walk(xmlNode *base, const char *path, const unsigned int *index, bool make, const char **attribute)
{
    *attribute = NULL;
    if (g_str_has_prefix(path, "/domain")) {
        base = xmlDocGetRootElement(base->doc);
        path += strlen("/domain");
        path += *path == '/';
    }
    while (base && *path && *path != '@') {
        struct step step = take_step(&path, &index);

        base = go(base, &step, make);
        step_clear(&step);
    }
    if (*path == '@')
        *attribute = path + 1;
    return base;
}

bool model_is_path(const char *path)
{
    static const char start[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_", inside[] = "0123456789-.:";
    const char *first = path;

    if (strcmp(path, ".") == 0)
        return true;
    path += *path == '/';
    for (;;) {
        bool attribute = *path == '@' && (path == first || path[-1] == '/');

        path += attribute;
        if (!*path || !strchr(start, *path))
            return false;
        while (*path && (strchr(start, *path) || strchr(inside, *path)))
            path++;
        if (attribute)
            return !*path;
        if (*path == '[') {
            const char *close = strchr(path, ']');
            size_t digits = strspn(path + 1, "0123456789");

            /* [2], or [@name='rtc'] */
            if (!close || !(path + 1 + digits == close ? digits > 0 && digits < 4 && path[1] != '0' : path[1] == '@' && close - path > 6 && close[-1] == '\'' &&
                            strchr(path, '=') && strchr(path, '=') < close && strchr(path, '=')[1] == '\''))
                return false;
            path = close + 1;
        }
        if (!*path)
            return true;
        if (*path++ != '/')
            return false;
    }
}

xmlNode *model_find(xmlNode *base, const char *path)
{
    const char *attribute;

    return walk(base, path, NULL, false, &attribute);
}

xmlNode *model_make(xmlNode *base, const char *path)
{
    const char *attribute;

    return walk(base, path, NULL, true, &attribute);
}

xmlNode *model_add(xmlNode *base, const char *path)
{
    const char *slash = strrchr(path, '/');
    g_autofree char *parent = slash ? g_strndup(path, (gsize)(slash - path)) : g_strdup("");
    struct step step = { .name = g_strdup(slash ? slash + 1 : path) };
    xmlNode *node = make_child(model_make(base, parent), &step);

    step_clear(&step);
    return node;
}

void model_set_at(xmlNode *base, const char *path, const unsigned int *index, const char *value)
{
    const char *attribute;
    xmlNode *node = walk(base, path, index, value != NULL, &attribute);

    if (!node)
        return;
    if (attribute && value) {
        xmlSetProp(node, BAD_CAST attribute, BAD_CAST value);
    } else if (attribute) {
        xmlUnsetProp(node, BAD_CAST attribute);
    } else if (value) {
        xmlNode *text = *value ? xmlNewDocText(node->doc, BAD_CAST value) : NULL, *old = node->children;

        /* the text alone: the element may have others below it */
        while (old) {
            xmlNode *next = old->next;

            if (old->type == XML_TEXT_NODE)
                model_remove(old);
            old = next;
        }
        if (text && node->children)
            xmlAddPrevSibling(node->children, text);
        else if (text)
            xmlAddChild(node, text);
    } else {
        model_remove(node);
    }
}

void model_set(xmlNode *base, const char *path, const char *value)
{
    model_set_at(base, path, NULL, value);
}

void model_setf(xmlNode *base, const char *path, const char *format, ...)
{
    g_autofree char *value = NULL;
    va_list list;

    va_start(list, format);
    value = g_strdup_vprintf(format, list);
    va_end(list);
    model_set(base, path, value);
}

const char *model_get(hvsh_call *call, xmlNode *base, const char *path)
{
    const char *attribute, *result = NULL;
    xmlNode *node = walk(base, path, NULL, false, &attribute);
    xmlChar *text = NULL;

    if (node)
        text = attribute ? xmlGetProp(node, BAD_CAST attribute) : xmlNodeGetContent(node);
    if (text && *text)
        result = hvsh_printf(call, "%s", (const char *)text);
    xmlFree(text);
    return result;
}

bool model_has(xmlNode *base, const char *path)
{
    const char *attribute;
    xmlNode *node = walk(base, path, NULL, false, &attribute);

    return node && (!attribute || xmlHasProp(node, BAD_CAST attribute));
}

xmlNode **model_all(hvsh_call *call, xmlNode *base, const char *parent, const char *name)
{
    GPtrArray *found = g_ptr_array_new();
    xmlNode *node = model_find(base, parent);

    for (node = node ? node->children : NULL; node; node = node->next)
        if (node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0)
            g_ptr_array_add(found, node);
    g_ptr_array_add(found, NULL);
    return hvsh_defer(call, g_ptr_array_free(found, FALSE), g_free);
}

void model_remove(xmlNode *node)
{
    if (!node)
        return;
    xmlUnlinkNode(node);
    xmlFreeNode(node);
}

const char *model_text(hvsh_call *call, xmlNode *domain)
{
    xmlBuffer *buffer = xmlBufferCreate();
    const char *text;

    xmlNodeDump(buffer, domain->doc, domain, 0, 1);
    text = hvsh_printf(call, "%s", (const char *)xmlBufferContent(buffer));
    xmlBufferFree(buffer);
    return text;
}
