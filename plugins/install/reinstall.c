/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reinstall.c - --reinstall: the installation of a guest that there is; its definition stays as it is. */
#include "seed.h"
#include <string.h>

/* The guest's document and disks, as if they had been made by options. */
int reinstall_load(struct install *install)
{
    hvsh_call *call = install->call;
    const char *name = install->args->reinstall;
    virDomainPtr domain = virDomainLookupByName(install->connection, name);
    struct xml *xml;

    if (!domain && g_uuid_string_is_valid(name))
        domain = virDomainLookupByUUIDString(install->connection, name);
    if (!hvsh_own_domain(call, domain))
        return hvsh_fail_virt(call, "there is no guest '%s' to install anew", name);
    if (virDomainIsActive(domain) == 1) {
        hvsh_fail(call, "guest '%s' is running; its installation begins from a guest that is off", name);
        return hvsh_hint(call, "shutdown %s", name);
    }
    xml = xml_take(call, virDomainGetXMLDesc(domain, VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE), "the guest's document");
    if (!xml)
        return -1;
    install->domain = model_copy(call, xml_first(xml, NULL, "/domain"));
    install->kept = model_copy(call, install->domain);
    install->name = virDomainGetName(domain);
    for (xmlNode **node = model_all(call, install->domain, "devices", "disk"); *node; node++) {
        struct disk *disk = hvsh_defer(call, g_new0(struct disk, 1), g_free);

        disk->node = *node;
        disk->path = model_get(call, *node, "source/@file");
        g_ptr_array_add(install->disks, disk);
    }
    return 0;
}

/* The medium goes into the drive that there is, or into a new one. */
static void place_medium(struct install *install)
{
    xmlNode *source;

    if (!install->cdrom)
        return;
    if (install->cdrom->path)
        model_set(install->cdrom->node, "source/@file", install->cdrom->path);
    for (guint i = 0; i < install->disks->len; i++) {
        struct disk *disk = install->disks->pdata[i];

        if (disk == install->cdrom || g_strcmp0(model_get(install->call, disk->node, "@device"), "cdrom") != 0)
            continue;
        model_set(disk->node, "source", NULL);
        model_set(disk->node, "@type", model_get(install->call, install->cdrom->node, "@type"));
        source = model_find(install->cdrom->node, "source");
        xmlUnlinkNode(source);
        xmlAddChild(disk->node, source);
        model_remove(install->cdrom->node);
        g_ptr_array_remove(install->disks, install->cdrom);
        install->cdrom = disk;
        return;
    }
    disk_dress(install, install->cdrom);
}

/* The document of the installation; the guest's own is not touched. */
int reinstall_documents(struct install *install)
{
    if (install->medium == MEDIUM_NONE || install->medium == MEDIUM_IMPORT) {
        hvsh_fail(install->call, "what is guest '%s' installed from? --cdrom FILE, --location PLACE or --pxe", install->name);
        return -1;
    }
    place_medium(install);
    if (install->seed && seed_drive(install) == 0)
        disk_dress(install, install->seed->disk);
    if (documents_make(install) < 0 || seed_documents(install) < 0)
        return -1;
    install->domain = install->kept;
    return 0;
}
