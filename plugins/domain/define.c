/* SPDX-License-Identifier: GPL-3.0-or-later */
/* define.c - definitions of guests: define, dumpxml, edit, domrename, autostart. */
#include "domain.h"

/* ---- define ---- */

struct define_args { const char *file; unsigned int flags; };

static const struct hvsh_field define_args[] = {
    HVSH_XML(struct define_args, file, "file with the XML of the domain", .flags = HVSH_REQUIRED),
    HVSH_BIT(struct define_args, flags, "validate", VIR_DOMAIN_DEFINE_VALIDATE, "check the XML against the schema"),
    HVSH_END
};

OBJECT_MESSAGE(defined, "Domain '{name}' defined from {file}");

static int define_run(hvsh_call *call, const void *p)
{
    const struct define_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    const char *file = hvsh_text(call, "file");
    virDomainPtr domain;

    if (!connection)
        return -1;
    domain = hvsh_own_domain(call, args->flags ? virDomainDefineXMLFlags(connection, args->file, args->flags)
                                               : virDomainDefineXML(connection, args->file));
    if (!domain)
        return hvsh_fail_virt(call, "Failed to define domain from %s", file);
    return object_say(call, &defined, virDomainGetName(domain), domain_uuid(call, domain), file);
}

const struct hvsh_command COMMAND(define) = {
    .name = "define",
    .group = "domain",
    .help = "define (but don't start) a domain from an XML file",
    .description = "Make a domain known, or change what is known of it. It is not started.",
    HVSH_ARGS(define_args),
    .shapes = HVSH_SHAPES(&defined),
    .examples = HVSH_EXAMPLES({ "define web1.xml --validate", "only if the document is valid", HVSH_MATCH_ONLY }),
    .run = define_run,
};

/* ---- dumpxml ---- */

struct dumpxml_args { virDomainPtr domain; unsigned int flags; struct xml_choice xml; };

static const struct hvsh_field dumpxml_args[] = {
    DOMAIN(struct dumpxml_args, 0),
    HVSH_BIT(struct dumpxml_args, flags, "inactive", VIR_DOMAIN_XML_INACTIVE, "the definition of its next start"),
    HVSH_BIT(struct dumpxml_args, flags, "security-info", VIR_DOMAIN_XML_SECURE, "passwords too"),
    HVSH_BIT(struct dumpxml_args, flags, "update-cpu", VIR_DOMAIN_XML_UPDATE_CPU, "the processor as it is on this host"),
    HVSH_BIT(struct dumpxml_args, flags, "migratable", VIR_DOMAIN_XML_MIGRATABLE, "in a form for migration"),
    OBJECT_XML_ROWS(struct dumpxml_args),
    HVSH_END
};

static int dumpxml_run(hvsh_call *call, const void *p)
{
    const struct dumpxml_args *args = p;

    return object_xml(call, virDomainGetXMLDesc(args->domain, args->flags), &args->xml);
}

const struct hvsh_command COMMAND(dumpxml) = {
    .name = "dumpxml",
    .group = "domain",
    .help = "domain information in XML",
    HVSH_ARGS(dumpxml_args),
    .shapes = HVSH_SHAPES(&xml_shape),
    .examples = HVSH_EXAMPLES({ "dumpxml test --inactive", "the definition of its next start" },
                              { "dumpxml test --xpath //devices --wrap", "a part of it" }),
    .run = dumpxml_run,
};

/* ---- edit ---- */

struct edit_args { virDomainPtr domain; bool skip_validate; };

static const struct hvsh_field edit_args[] = {
    DOMAIN(struct edit_args, 0),
    HVSH_FLAG(struct edit_args, skip_validate, "do not check the XML against the schema"),
    HVSH_END
};

static char *edit_get(hvsh_call *call, void *arg)
{
    char *text = virDomainGetXMLDesc(arg, VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE);

    if (!text)
        hvsh_fail_libvirt(call);
    return text;
}

static int edit_apply(hvsh_call *call, const char *text, bool validate, void *arg)
{
    virConnectPtr connection = virDomainGetConnect(arg);
    virDomainPtr domain = validate ? virDomainDefineXMLFlags(connection, text, VIR_DOMAIN_DEFINE_VALIDATE) : virDomainDefineXML(connection, text);

    if (!domain)
        return hvsh_fail_libvirt(call);
    hvsh_own_domain(call, domain);
    return 0;
}

static int edit_run(hvsh_call *call, const void *p)
{
    const struct edit_args *args = p;
    const struct hvsh_edit edit = {
        .what = hvsh_printf(call, "Domain '%s' XML configuration", virDomainGetName(args->domain)),
        .can_skip_validation = true,
        .skip_validation = args->skip_validate,
        .get = edit_get,
        .apply = edit_apply,
        .arg = args->domain,
    };

    return hvsh_edit(call, &edit);
}

const struct hvsh_command COMMAND(edit) = {
    .name = "edit",
    .group = "domain",
    .help = "edit XML configuration for a domain",
    .description = "Open the definition in $VISUAL, $EDITOR or vi, and define what was saved. A running guest gets it at its next start.",
    HVSH_ARGS(edit_args),
    .examples = HVSH_EXAMPLES({ "edit web1", "change its definition", HVSH_MATCH_ONLY }),
    .run = edit_run,
    .flags = HVSH_TERMINAL,
};

/* ---- domrename ---- */

struct domrename_args { virDomainPtr domain; const char *new_name; };

static const struct hvsh_field domrename_args[] = {
    DOMAIN(struct domrename_args, INACTIVE),
    HVSH_TEXT(struct domrename_args, new_name, "its new name", .flags = HVSH_REQUIRED),
    HVSH_END
};

OBJECT_MESSAGE(renamed, "Domain successfully renamed");

static int domrename_run(hvsh_call *call, const void *p)
{
    const struct domrename_args *args = p;

    if (virDomainRename(args->domain, args->new_name, 0) < 0)
        return hvsh_fail_libvirt(call);
    return object_say(call, &renamed, args->new_name, domain_uuid(call, args->domain), NULL);
}

const struct hvsh_command COMMAND(domrename) = {
    .name = "domrename",
    .group = "domain",
    .help = "rename a domain",
    .description = "Give an inactive domain another name.",
    HVSH_ARGS(domrename_args),
    .shapes = HVSH_SHAPES(&renamed),
    .examples = HVSH_EXAMPLES({ "domrename web1 web2", "web1 is web2 now", HVSH_MATCH_ONLY }),
    .run = domrename_run,
};

/* ---- autostart ---- */

struct autostart_args { virDomainPtr domain; bool disable, once; };

static const struct hvsh_field autostart_args[] = {
    DOMAIN(struct autostart_args, VIR_CONNECT_LIST_DOMAINS_PERSISTENT),
    HVSH_FLAG(struct autostart_args, disable, "no longer start it"),
    HVSH_FLAG(struct autostart_args, once, "only at the host's next start (libvirt 11.2)", .flags = LATER_ARG(11, 2)),
    HVSH_END
};

OBJECT_MESSAGE(marked, "Domain '{name}' marked as autostarted");
OBJECT_MESSAGE(unmarked, "Domain '{name}' unmarked as autostarted");
OBJECT_MESSAGE(marked_once, "Domain '{name}' marked as autostarted on next boot");
OBJECT_MESSAGE(unmarked_once, "Domain '{name}' unmarked as autostarted on next boot");

static int set_autostart(const struct autostart_args *args)
{
#if LIBVIR_CHECK_VERSION(11, 2, 0)
    if (args->once)
        return virDomainSetAutostartOnce(args->domain, !args->disable);
#endif
    return virDomainSetAutostart(args->domain, !args->disable);
}

static int autostart_run(hvsh_call *call, const void *p)
{
    const struct autostart_args *args = p;

    if (later_option(call, "once", 11, 2) < 0)
        return -1;
    if (set_autostart(args) < 0)
        return hvsh_fail_virt(call, "Failed to %s domain '%s' as autostarted", args->disable ? "unmark" : "mark",
                              virDomainGetName(args->domain));
    if (args->once)
        return domain_say(call, args->disable ? &unmarked_once : &marked_once, args->domain);
    return domain_say(call, args->disable ? &unmarked : &marked, args->domain);
}

const struct hvsh_command COMMAND(autostart) = {
    .name = "autostart",
    .group = "domain",
    .help = "autostart a domain",
    .description = "Start the domain whenever the host starts.",
    HVSH_ARGS(autostart_args),
    .shapes = HVSH_SHAPES(&marked, &unmarked, &marked_once, &unmarked_once),
    .examples = HVSH_EXAMPLES({ "autostart test", "with the host" }, { "autostart test --disable", "no longer" }),
    .run = autostart_run,
};
