/* SPDX-License-Identifier: GPL-3.0-or-later */
/* native.c - a domain's XML from and to the configuration of its hypervisor: domxml-from-native, domxml-to-native. */
#include "domain.h"

static const struct hvsh_choice native_formats[] = {
    { "qemu-argv", 0, "QEMU's command line" }, { "bhyve-argv", 0, NULL }, { "lxc-tools", 0, NULL }, { "xen-xl", 0, NULL }, { "xen-xm", 0, NULL },
    { "vmware-vmx", 0, NULL }, { NULL }
};

struct from_args { const char *format, *config; };

static const struct hvsh_field from_args[] = {
    HVSH_TEXT(struct from_args, format, "format of the configuration", .flags = HVSH_REQUIRED, .choices = native_formats),
    HVSH_XML(struct from_args, config, "file with the configuration", .flags = HVSH_REQUIRED),
    HVSH_END
};

static int from_run(hvsh_call *call, const void *p)
{
    const struct from_args *args = p;
    virConnectPtr connection = hvsh_connection(call);

    return connection ? object_xml(call, virConnectDomainXMLFromNative(connection, args->format, args->config, 0), NULL) : -1;
}

const struct hvsh_command COMMAND(domxml_from_native) = {
    .name = "domxml-from-native",
    .group = "domain",
    .help = "Convert native config to domain XML",
    HVSH_ARGS(from_args),
    .shapes = HVSH_SHAPES(&xml_shape),
    .examples = HVSH_EXAMPLES({ "domxml-from-native xen-xl web1.cfg", "its XML", HVSH_MATCH_ONLY }),
    .run = from_run,
};

struct to_args { const char *format; virDomainPtr domain; const char *xml; };

static const struct hvsh_field to_args[] = {
    HVSH_TEXT(struct to_args, format, "format of the configuration", .flags = HVSH_REQUIRED, .choices = native_formats),
    HVSH_DOMAIN(struct to_args, domain, "domain name, id or uuid", .flags = HVSH_NAMED),
    HVSH_XML(struct to_args, xml, "file with the XML of a domain"),
    HVSH_EXCLUDES("domain", "xml"),
    HVSH_ONE_OF("domain", "xml", .help = "need either domain or domain XML"),
    HVSH_END
};

static int to_run(hvsh_call *call, const void *p)
{
    const struct to_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    char *xml = args->domain ? hvsh_own_text(call, virDomainGetXMLDesc(args->domain, VIR_DOMAIN_XML_SECURE)) : (char *)args->xml;

    if (!connection)
        return -1;
    if (!xml)
        return hvsh_fail_libvirt(call);
    return object_xml(call, virConnectDomainXMLToNative(connection, args->format, xml, 0), NULL);
}

const struct hvsh_command COMMAND(domxml_to_native) = {
    .name = "domxml-to-native",
    .group = "domain",
    .help = "Convert domain XML to native config",
    .description = "What the hypervisor would be given for this domain: for QEMU its command line.",
    HVSH_ARGS(to_args),
    .shapes = HVSH_SHAPES(&xml_shape),
    .examples = HVSH_EXAMPLES({ "domxml-to-native qemu-argv --domain web1", "QEMU's command line", HVSH_MATCH_ONLY }),
    .run = to_run,
};
