/* SPDX-License-Identifier: GPL-3.0-or-later */
/* guests.c - what libvirt has written down about guests and pools, read from its files: the checks ask no daemon */
#include <errno.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <stdlib.h>
#include <string.h>
#include "check.h"

xmlDoc *xml_of(const char *text, const char *name)
{
    return xmlReadMemory(text, (int)strlen(text), name, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
}

xmlDoc *host_xml(const struct host *host, const char *path)
{
    g_autofree char *text = host_read(host, "%s", path);

    return text ? xml_of(text, path) : NULL;
}

GPtrArray *node_texts(xmlDoc *document, const char *xpath)
{
    GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
    xmlXPathContext *context = xmlXPathNewContext(document);
    xmlXPathObject *found = context ? xmlXPathEvalExpression((const xmlChar *)xpath, context) : NULL;

    for (int i = 0; found && found->nodesetval && i < found->nodesetval->nodeNr; i++) {
        xmlChar *text = xmlNodeGetContent(found->nodesetval->nodeTab[i]);
        g_ptr_array_add(texts, g_strdup((const char *)text));
        xmlFree(text);
    }
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    return texts;
}

char *node_text(xmlDoc *document, const char *xpath)
{
    g_autoptr(GPtrArray) texts = node_texts(document, xpath);

    return texts->len ? g_strdup(texts->pdata[0]) : NULL;
}

char *node_xml(xmlDoc *document, const char *xpath)
{
    xmlXPathContext *context = xmlXPathNewContext(document);
    xmlXPathObject *found = context ? xmlXPathEvalExpression((const xmlChar *)xpath, context) : NULL;
    xmlBuffer *buffer = xmlBufferCreate();
    char *text = NULL;

    if (found && found->nodesetval && found->nodesetval->nodeNr > 0 && xmlNodeDump(buffer, document, found->nodesetval->nodeTab[0], 0, 0) > 0)
        text = g_strdup((const char *)xmlBufferContent(buffer));
    xmlBufferFree(buffer);
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    return text;
}

static void guest_free(void *p)
{
    struct guest *guest = p;

    g_free(guest->name);
    g_ptr_array_unref(guest->disks);
    g_free(guest);
}

/* <memory unit='KiB'>: libvirt writes KiB, and nothing else. */
static struct guest *guest_of(xmlDoc *document)
{
    struct guest *guest = g_new0(struct guest, 1);
    g_autofree char *memory = node_text(document, "/domain/memory");

    guest->name = node_text(document, "/domain/name");
    guest->memory = memory ? g_ascii_strtoull(memory, NULL, 10) * 1024 : 0;
    guest->disks = node_texts(document, "/domain/devices/disk/source/@file");
    return guest;
}

GPtrArray *host_guests(const struct host *host, char **reason)
{
    g_auto(GStrv) names = host_list(host, "etc/libvirt/qemu");
    GPtrArray *guests = g_ptr_array_new_with_free_func(guest_free);

    if (!names && errno != ENOENT) {
        *reason = g_strdup_printf("/etc/libvirt/qemu: %s (root may look)", g_strerror(errno));
        g_ptr_array_unref(guests);
        return NULL;
    }
    for (char **name = names; name && *name; name++) {
        g_autofree char *path = g_strdup_printf("etc/libvirt/qemu/%s", *name);
        xmlDoc *document;

        if (!g_str_has_suffix(*name, ".xml"))
            continue;
        errno = 0;
        if (!(document = host_xml(host, path))) {
            *reason = g_strdup_printf("/%s: %s", path, errno ? g_strerror(errno) : "it is no XML");
            g_ptr_array_unref(guests);
            return NULL;
        }
        g_ptr_array_add(guests, guest_of(document));
        xmlFreeDoc(document);
    }
    return guests;
}
