/* SPDX-License-Identifier: GPL-3.0-or-later */
/* managedsave.c - the saved state that libvirt keeps for a guest: its next start goes on from there. */
#include "domain.h"
#include "job.h"

struct managed_args { virDomainPtr domain; const char *xml; unsigned int flags; bool verbose; struct xml_choice choice; };

#define MANAGED_STATE \
    HVSH_BIT(struct managed_args, flags, "running", VIR_DOMAIN_SAVE_RUNNING, "its next start lets it run"), \
    HVSH_BIT(struct managed_args, flags, "paused", VIR_DOMAIN_SAVE_PAUSED, "its next start leaves it paused")
#define SAVED_DOMAIN DOMAIN(struct managed_args, VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE)

static const struct hvsh_field managedsave_args[] = {
    DOMAIN(struct managed_args, ACTIVE),
    HVSH_BIT(struct managed_args, flags, "bypass-cache", VIR_DOMAIN_SAVE_BYPASS_CACHE, "avoid the file system's cache"),
    MANAGED_STATE,
    HVSH_FLAG(struct managed_args, verbose, "show how far it is, which a terminal shows anyway"),
    HVSH_END
};

OBJECT_MESSAGE(managed_saved, "\nDomain '{name}' state saved by libvirt");

static int managedsave_job(const void *p)
{
    const struct managed_args *args = p;

    return virDomainManagedSave(args->domain, args->flags);
}

static int managedsave_run(hvsh_call *call, const void *p)
{
    const struct managed_args *args = p;

    if (domain_job(call, args->domain, &(struct job_watch){ .progress = "Managedsave" }, managedsave_job, args) < 0)
        return hvsh_fail_virt(call, "Failed to save domain '%s' state", virDomainGetName(args->domain)),
               domain_job_left(call, args->domain, "saved state");
    return domain_say(call, &managed_saved, args->domain);
}

const struct hvsh_command COMMAND(managedsave) = {
    .name = "managedsave",
    .group = "domain",
    .help = "managed save of a domain state",
    .description = "Save the guest's memory and stop it; libvirt keeps the file, and the next start goes on from there.",
    .args = managedsave_args,
    .args_size = sizeof(struct managed_args),
    .shapes = HVSH_SHAPES(&managed_saved),
    .examples = HVSH_EXAMPLES({ "managedsave test", "until its next start" }),
    .run = managedsave_run,
};

static const struct hvsh_field remove_args[] = { SAVED_DOMAIN, HVSH_END };

OBJECT_MESSAGE(removed, "Removed managedsave image for domain '{name}'", .flags = HVSH_NO_NEWLINE);
OBJECT_MESSAGE(skipped, "Domain '{name}' has no manage save image; removal skipped", .flags = HVSH_NO_NEWLINE);

static int remove_run(hvsh_call *call, const void *p)
{
    const struct managed_args *args = p;
    int there = virDomainHasManagedSaveImage(args->domain, 0);

    if (there < 0)
        return hvsh_fail_virt(call, "Failed to check for domain managed save image");
    if (!there)
        return domain_say(call, &skipped, args->domain);
    if (virDomainManagedSaveRemove(args->domain, 0) < 0)
        return hvsh_fail_virt(call, "Failed to remove managed save image for domain '%s'", virDomainGetName(args->domain));
    return domain_say(call, &removed, args->domain);
}

const struct hvsh_command COMMAND(managedsave_remove) = {
    .name = "managedsave-remove",
    .group = "domain",
    .help = "Remove managed save of a domain",
    .args = remove_args,
    .args_size = sizeof(struct managed_args),
    .shapes = HVSH_SHAPES(&removed, &skipped),
    .examples = HVSH_EXAMPLES({ "managedsave-remove test", "its next start boots" }),
    .run = remove_run,
};

static const struct hvsh_field managed_dumpxml_args[] = {
    SAVED_DOMAIN,
    HVSH_BIT(struct managed_args, flags, "security-info", VIR_DOMAIN_SAVE_IMAGE_XML_SECURE, "passwords too"),
    OBJECT_XML_ROWS_OF(struct managed_args, choice),
    HVSH_END
};

static int managed_dumpxml_run(hvsh_call *call, const void *p)
{
    const struct managed_args *args = p;

    return object_xml(call, virDomainManagedSaveGetXMLDesc(args->domain, args->flags), &args->choice);
}

const struct hvsh_command COMMAND(managedsave_dumpxml) = {
    .name = "managedsave-dumpxml",
    .group = "domain",
    .help = "Domain information of managed save state file in XML",
    .args = managed_dumpxml_args,
    .args_size = sizeof(struct managed_args),
    .shapes = HVSH_SHAPES(&xml_shape),
    .examples = HVSH_EXAMPLES({ "managedsave-dumpxml web1", "as what it will go on", HVSH_MATCH_ONLY }),
    .run = managed_dumpxml_run,
};

static const struct hvsh_field managed_define_args[] = {
    LATE_DOMAIN(struct managed_args, VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE),
    HVSH_XML(struct managed_args, xml, "file with the new XML of the domain", .flags = HVSH_REQUIRED),
    MANAGED_STATE,
    HVSH_EXCLUDES("running", "paused"),
    HVSH_END
};

OBJECT_MESSAGE(managed_defined, "Managed save state file of domain '{name}' updated.");

static int managed_define_run(hvsh_call *call, const void *p)
{
    const struct managed_args *args = p;
    virDomainPtr domain = domain_late(call);

    if (!domain)
        return -1;
    if (virDomainManagedSaveDefineXML(domain, args->xml, args->flags) < 0)
        return hvsh_fail_virt(call, "Failed to update %s XML configuration", virDomainGetName(domain));
    return domain_say(call, &managed_defined, domain);
}

const struct hvsh_command COMMAND(managedsave_define) = {
    .name = "managedsave-define",
    .group = "domain",
    .help = "redefine the XML for a domain's managed save state file",
    .args = managed_define_args,
    .args_size = sizeof(struct managed_args),
    .shapes = HVSH_SHAPES(&managed_defined),
    .examples = HVSH_EXAMPLES({ "managedsave-define web1 new.xml", "with other disks, say", HVSH_MATCH_ONLY }),
    .run = managed_define_run,
};

static const struct hvsh_field managed_edit_args[] = { SAVED_DOMAIN, MANAGED_STATE, HVSH_EXCLUDES("running", "paused"), HVSH_END };

static char *managed_get(hvsh_call *call, void *arg)
{
    char *text = virDomainManagedSaveGetXMLDesc(((const struct managed_args *)arg)->domain, VIR_DOMAIN_SAVE_IMAGE_XML_SECURE);

    if (!text)
        hvsh_fail_libvirt(call);
    return text;
}

static int managed_apply(hvsh_call *call, const char *text, bool validate, void *arg)
{
    const struct managed_args *args = arg;

    (void)validate;
    return virDomainManagedSaveDefineXML(args->domain, text, args->flags) < 0 ? hvsh_fail_libvirt(call) : 0;
}

static int managed_edit_run(hvsh_call *call, const void *p)
{
    struct managed_args copy = *(const struct managed_args *)p;
    const char *name = virDomainGetName(copy.domain);
    const struct hvsh_edit edit = {
        .what = hvsh_printf(call, "Managed save image of domain '%s' XML configuration", name),
        .get = managed_get,
        .apply = managed_apply,
        .arg = &copy,
        .changed = hvsh_printf(call, "Managed save image of Domain '%s' XML configuration edited.", name),
    };

    return hvsh_edit(call, &edit);
}

const struct hvsh_command COMMAND(managedsave_edit) = {
    .name = "managedsave-edit",
    .group = "domain",
    .help = "edit XML for a domain's managed save state file",
    .args = managed_edit_args,
    .args_size = sizeof(struct managed_args),
    .examples = HVSH_EXAMPLES({ "managedsave-edit web1", "change as what it goes on", HVSH_MATCH_ONLY }),
    .run = managed_edit_run,
    .flags = HVSH_TERMINAL,
};
