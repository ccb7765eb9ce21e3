/* SPDX-License-Identifier: GPL-3.0-or-later */
/* domain.c - the plugin's head, and what its files share. */
#include "domain.h"
#include <libxml/parser.h>
#include <stdlib.h>

const struct hvsh_field only_domain[] = { DOMAIN(struct only_domain, 0), HVSH_END };
const struct hvsh_field only_active_domain[] = { DOMAIN(struct only_domain, ACTIVE), HVSH_END };

int domain_say(hvsh_call *call, const struct hvsh_shape *message, virDomainPtr domain)
{
    return object_say(call, message, virDomainGetName(domain), domain_uuid(call, domain), NULL);
}

const char *domain_uuid(hvsh_call *call, virDomainPtr domain)
{
    char uuid[VIR_UUID_STRING_BUFLEN];

    return virDomainGetUUIDString(domain, uuid) < 0 ? NULL : hvsh_printf(call, "%s", uuid);
}

struct xml *domain_xml(hvsh_call *call, virDomainPtr domain, unsigned int flags)
{
    return xml_take(call, virDomainGetXMLDesc(domain, flags), hvsh_printf(call, "the XML of domain '%s'", virDomainGetName(domain)));
}

virDomainPtr domain_of_document(virConnectPtr connection, const char *xml)
{
    xmlDoc *document = xml ? xmlReadDoc(BAD_CAST xml, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOWARNING | XML_PARSE_NOERROR) : NULL;
    xmlNode *root = document ? xmlDocGetRootElement(document) : NULL;
    virDomainPtr domain = NULL;
    xmlChar *uuid = NULL, *name = NULL;

    for (xmlNode *node = root ? root->children : NULL; node; node = node->next) {
        if (!uuid && xmlStrEqual(node->name, BAD_CAST "uuid"))
            uuid = xmlNodeGetContent(node);
        else if (!name && xmlStrEqual(node->name, BAD_CAST "name"))
            name = xmlNodeGetContent(node);
    }
    if (uuid)
        domain = virDomainLookupByUUIDString(connection, g_strstrip((char *)uuid));
    else if (name)
        domain = virDomainLookupByName(connection, (char *)name);
    xmlFree(uuid);
    xmlFree(name);
    xmlFreeDoc(document);
    return domain;
}

int domain_is_active(hvsh_call *call, virDomainPtr domain)
{
    int active = virDomainIsActive(domain);

    return active < 0 ? hvsh_fail_libvirt(call) : active;
}

static int parse_nothing(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    (void)call, (void)field, (void)text, (void)value;
    return 0;
}

const struct hvsh_type late_domain_type = { .name = "domain", .kind = HVSH_KIND_DOMAIN, .size = sizeof(virDomainPtr), .parse = parse_nothing };

virDomainPtr domain_late(hvsh_call *call)
{
    const struct hvsh_field field = { .member = "domain", .name = "domain", .type = &hvsh_type_domain };
    virDomainPtr domain = NULL;

    return hvsh_type_domain.parse(call, &field, hvsh_text(call, "domain"), &domain) < 0 ? NULL : hvsh_own_domain(call, domain);
}

const char *human_size(hvsh_call *call, uint64_t bytes)
{
    static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
    double value = (double)bytes;
    unsigned int unit = 0;

    for (; value >= 1024 && unit < G_N_ELEMENTS(units) - 1; unit++)
        value /= 1024;
    return hvsh_printf(call, "%-.3lf %s", value, units[unit]);
}

#define DOMAIN_ENTRY(name) &COMMAND(name),
static const struct hvsh_command *const commands[] = { DOMAIN_COMMANDS(DOMAIN_ENTRY) NULL };

HVSH_PLUGIN(
    .name = "domain",
    .version = "1",
    .summary = "guests: life cycle, definitions, information, devices",
    .commands = commands);
