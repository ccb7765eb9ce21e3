/* SPDX-License-Identifier: GPL-3.0-or-later */
/* disk.c - a guest's disks by name. */
#include "disk.h"
#include "xml.h"
#include <glib.h>
#include <string.h>

#define SOURCE "source/@file | source/@dev | source/@dir | source/@volume | source/@name"

static struct xml *document(hvsh_call *call, virDomainPtr domain)
{
    char *text = virDomainGetXMLDesc(domain, 0);

    return text ? xml_take(call, text, "the domain's XML") : NULL;
}

/* The disk by target or source, or NULL. */
static xmlNode *find_disk(struct xml *xml, const char *path)
{
    struct xml_nodes disks = xml_find(xml, NULL, "/domain/devices/disk");

    for (size_t i = 0; i < disks.count; i++)
        if (g_strcmp0(xml_text(xml, disks.items[i], "target/@dev"), path) == 0 || g_strcmp0(xml_text(xml, disks.items[i], SOURCE), path) == 0)
            return disks.items[i];
    return NULL;
}

const char *disk_target(hvsh_call *call, virDomainPtr domain, const char *path)
{
    struct xml *xml = document(call, domain);
    xmlNode *disk = xml ? find_disk(xml, path) : NULL;

    return disk ? xml_text(xml, disk, "target/@dev") : NULL;
}

int disk_offer(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    const virDomainPtr *domain = hvsh_peer(call, "domain");
    struct xml *xml = domain && *domain ? document(call, *domain) : NULL;
    struct xml_nodes disks;

    (void)field;
    if (!xml)
        return -1;
    disks = xml_find(xml, NULL, "/domain/devices/disk");
    for (size_t i = 0; i < disks.count; i++) {
        const char *target = xml_text(xml, disks.items[i], "target/@dev");

        if (target && g_str_has_prefix(target, start))
            hvsh_offer(call, target, xml_text(xml, disks.items[i], SOURCE));
    }
    return 0;
}

int disk_offer_images(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    const virDomainPtr *domain = hvsh_peer(call, "domain");
    const char *path = hvsh_text(call, "path");
    struct xml *xml = path && domain && *domain ? document(call, *domain) : NULL;
    xmlNode *disk = xml ? find_disk(xml, path) : NULL;
    struct xml_nodes images;
    const char *target;

    (void)field;
    if (!disk)
        return -1;
    target = xml_text(xml, disk, "target/@dev");
    images = xml_find(xml, disk, "descendant-or-self::*[self::disk or self::backingStore][source]");
    for (size_t i = 0; i < images.count; i++) {
        const char *index = xml_text(xml, images.items[i], "source/@index | @index");
        const char *word = index ? hvsh_printf(call, "%s[%s]", target, index) : NULL;

        if (word && g_str_has_prefix(word, start))
            hvsh_offer(call, word, xml_text(xml, images.items[i], SOURCE));
    }
    return 0;
}
