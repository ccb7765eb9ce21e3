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

