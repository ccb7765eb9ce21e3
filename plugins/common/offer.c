/* SPDX-License-Identifier: GPL-3.0-or-later */
/* offer.c - completers of what a guest has. */
#include "offer.h"
#include "xml.h"
#include <glib.h>
#include <stdlib.h>
#include <string.h>

/* The guest of the argument "domain"; commands that look it up late (or not at all) have only its name there. NULL: there is none. */
static virDomainPtr guest(hvsh_call *call)
{
    static const struct hvsh_field field = { .member = "domain", .name = "domain", .type = &hvsh_type_domain };
    const virDomainPtr *known = hvsh_peer(call, "domain");
    const char *name = hvsh_text(call, "domain");
    virDomainPtr domain = NULL;

    if (known && *known)
        return *known;
    return name && hvsh_type_domain.parse(call, &field, name, &domain) == 0 ? hvsh_own_domain(call, domain) : NULL;
}

static struct xml *document(hvsh_call *call)
{
    virDomainPtr domain = guest(call);
    char *text = domain ? virDomainGetXMLDesc(domain, 0) : NULL;

    return text ? xml_take(call, text, "the domain's XML") : NULL;
}

static void offer_if(hvsh_call *call, const char *word, const char *start, const char *note)
{
    if (word && g_str_has_prefix(word, start))
        hvsh_offer(call, word, note);
}

/* ---- what the guest's document tells ---- */

#define SOURCE "source/@file | source/@dev | source/@dir | source/@volume | source/@name | source/@path"

/* Each node that `nodes` finds has a word to offer and a note beside it, by expressions of its own. */
static int offer_nodes(hvsh_call *call, const char *start, struct xml *xml, const char *nodes, const char *word, const char *note)
{
    struct xml_nodes found = { NULL, 0 };

    if (xml)
        found = xml_find(xml, NULL, nodes);
    for (size_t i = 0; i < found.count; i++)
        offer_if(call, xml_text(xml, found.items[i], word), start, xml_text(xml, found.items[i], note));
    return xml ? 0 : -1;
}

#define OFFER_NODES(id, nodes, word, note) \
    int id(hvsh_call *call, const struct hvsh_field *field, const char *start) \
    { \
        (void)field; \
        return offer_nodes(call, start, document(call), nodes, word, note); \
    }

OFFER_NODES(offer_disks, "/domain/devices/disk", "target/@dev", SOURCE)
OFFER_NODES(offer_drives, "/domain/devices/disk[@device = 'cdrom' or @device = 'floppy']", "target/@dev", SOURCE)
OFFER_NODES(offer_aliases, "/domain/devices/*[alias]", "alias/@name", "target/@dev | @type | @model")
OFFER_NODES(offer_memory, "/domain/devices/memory[alias]", "alias/@name", "@model")
OFFER_NODES(offer_consoles, "/domain/devices/console | /domain/devices/serial", "alias/@name", "@type")

int offer_interfaces(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    struct xml *xml = document(call);

    (void)field;
    offer_nodes(call, start, xml, "/domain/devices/interface", "target/@dev", "mac/@address");
    return offer_nodes(call, start, xml, "/domain/devices/interface", "mac/@address", "source/@*");
}

int offer_macs(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    const char *type = hvsh_text(call, "type");
    const char *nodes = type && !strchr(type, '\'') ? hvsh_printf(call, "/domain/devices/interface[@type = '%s']", type) : "/domain/devices/interface";

    (void)field;
    return offer_nodes(call, start, document(call), nodes, "mac/@address", "source/@*");
}

int offer_images(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    const char *path = hvsh_text(call, "path");
    struct xml *xml = document(call);
    struct xml_nodes disks = { NULL, 0 };

    (void)field;
    if (xml)
        disks = xml_find(xml, NULL, "/domain/devices/disk");
    for (size_t i = 0; i < disks.count; i++) {
        const char *target = xml_text(xml, disks.items[i], "target/@dev");
        struct xml_nodes images;

        if (path && g_strcmp0(target, path) != 0 && g_strcmp0(xml_text(xml, disks.items[i], SOURCE), path) != 0)
            continue;
        offer_if(call, target, start, xml_text(xml, disks.items[i], SOURCE));
        images = xml_find(xml, disks.items[i], "descendant-or-self::*[self::disk or self::backingStore][source]");
        for (size_t j = 0; target && j < images.count; j++) {
            const char *index = xml_text(xml, images.items[j], "source/@index | @index");

            offer_if(call, index ? hvsh_printf(call, "%s[%s]", target, index) : NULL, start, xml_text(xml, images.items[j], SOURCE));
        }
    }
    return xml ? 0 : -1;
}

/* ---- numbers ---- */

static void offer_number(hvsh_call *call, unsigned int number, const char *start)
{
    offer_if(call, hvsh_printf(call, "%u", number), start, NULL);
}

/* As the last of a list, which begins with what was typed before it. */
static void offer_listed(hvsh_call *call, unsigned int number, const char *start)
{
    const char *comma = strrchr(start, ',');

    offer_if(call, hvsh_printf(call, "%.*s%u", comma ? (int)(comma - start + 1) : 0, start, number), start, NULL);
}

int offer_screens(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    struct xml *xml = document(call);
    struct xml_nodes cards = { NULL, 0 };
    unsigned int screens = 0;

    (void)field;
    if (xml)
        cards = xml_find(xml, NULL, "/domain/devices/video/model");
    for (size_t i = 0; i < cards.count; i++) {
        const char *heads = xml_text(xml, cards.items[i], "@heads");

        screens += heads ? (unsigned int)MIN(strtoul(heads, NULL, 10), 16) : 1;
    }
    for (unsigned int i = 0; i < screens; i++)
        offer_number(call, i, start);
    return xml ? 0 : -1;
}

int offer_iothreads(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    virDomainPtr domain = guest(call);
    virDomainIOThreadInfoPtr *threads = NULL;
    int count = domain ? virDomainGetIOThreadInfo(domain, &threads, 0) : -1;

    (void)field;
    for (int i = 0; i < count; i++) {
        offer_number(call, threads[i]->iothread_id, start);
        virDomainIOThreadInfoFree(threads[i]);
    }
    free(threads);
    return count < 0 ? -1 : 0;
}

int offer_scheduler(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    virDomainPtr domain = guest(call);
    int count = 0;
    g_autofree char *type = domain ? virDomainGetSchedulerType(domain, &count) : NULL;
    virTypedParameterPtr params = g_new0(virTypedParameter, (size_t)MAX(count, 1));
    int result = type ? virDomainGetSchedulerParameters(domain, params, &count) : -1;

    (void)field;
    for (int i = 0; result == 0 && i < count; i++)
        offer_if(call, hvsh_printf(call, "%s=", params[i].field), start, "a parameter of the scheduler");
    virTypedParamsFree(params, result == 0 ? count : 0);
    return result;
}

static int offer_processors(hvsh_call *call, const char *start, void (*offer)(hvsh_call *call, unsigned int number, const char *start))
{
    virDomainPtr domain = guest(call);
    int count = domain ? virDomainGetVcpusFlags(domain, VIR_DOMAIN_VCPU_MAXIMUM) : -1;

    for (int i = 0; i < count; i++)
        offer(call, (unsigned int)i, start);
    return count < 0 ? -1 : 0;
}

int offer_vcpus(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    (void)field;
    return offer_processors(call, start, offer_number);
}

int offer_vcpu_list(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    (void)field;
    return offer_processors(call, start, offer_listed);
}

int offer_host_cpu_list(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    virConnectPtr connection = hvsh_connection(call);
    unsigned char *map = NULL;
    int count = connection ? virNodeGetCPUMap(connection, &map, NULL, 0) : -1;

    (void)field;
    for (int i = 0; i < count; i++)
        if (VIR_CPU_USED(map, i))
            offer_listed(call, (unsigned int)i, start);
    free(map);
    return count < 0 ? -1 : 0;
}

/* ---- what the guest agent tells ---- */

int offer_mounts(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    virDomainPtr domain = guest(call);
    virDomainFSInfoPtr *mounts = NULL;
    int count = domain ? virDomainGetFSInfo(domain, &mounts, 0) : -1;

    (void)field;
    for (int i = 0; i < count; i++) {
        offer_if(call, mounts[i]->mountpoint, start, mounts[i]->fstype);
        virDomainFSInfoFree(mounts[i]);
    }
    free(mounts);
    return count < 0 ? -1 : 0;
}

int offer_files(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    return hvsh_type_path.offer(call, field, start);
}
