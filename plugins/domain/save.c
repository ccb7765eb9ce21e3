/* SPDX-License-Identifier: GPL-3.0-or-later */
/* save.c - a guest's memory in a file: save, restore, dump, and the images of save. managedsave.c has those that libvirt keeps. */
#include "domain.h"
#include "job.h"
#include "params.h"
#include <string.h>

/* ---- save ---- */

/* How the image is written: typed parameters of libvirt 11.2. */
#if !LIBVIR_CHECK_VERSION(11, 2, 0)
# define VIR_DOMAIN_SAVE_PARAM_IMAGE_FORMAT "image_format"
# define VIR_DOMAIN_SAVE_PARAM_PARALLEL_CHANNELS "parallel.channels"
#endif
#if !LIBVIR_CHECK_VERSION(8, 4, 0)
# define VIR_DOMAIN_SAVE_PARAM_FILE "file"
# define VIR_DOMAIN_SAVE_PARAM_DXML "dxml"
#endif

static const struct hvsh_choice image_formats[] = {
    { "raw", 0, "as it is" }, { "gzip", 0, NULL }, { "bzip2", 0, NULL }, { "xz", 0, NULL }, { "lzop", 0, NULL }, { "zstd", 0, NULL },
    { "sparse", 0, "with holes, for several channels" }, { NULL }
};

struct save_args {
    virDomainPtr domain;
    const char *file, *xml, *image_format;
    int parallel_channels;
    unsigned int flags;
    bool verbose;
    const struct params_list *params;   /* of the options above, when one was given */
};

#define CHANNELS_ROW(s) \
    HVSH_INT(s, parallel_channels, "write or read with so many channels at once (libvirt 11.2)", .flags = HVSH_NAMED | LATER_ARG(11, 2), .min = 1, \
             .param = VIR_DOMAIN_SAVE_PARAM_PARALLEL_CHANNELS)

/* The typed parameters of save and restore, file and XML among them; none: no option needs them. NULL after a failure. */
static const struct params_list *image_params(hvsh_call *call, const char *file, const char *xml)
{
    struct params_list *all = params_list(call);
    virTypedParameterPtr given;
    int count;

    if (later_option(call, "parallel-channels", 11, 2) < 0 || hvsh_params(call, &given, &count) < 0)
        return NULL;
    if (!count)
        return all;
    virTypedParamsAddString(&all->items, &all->count, &all->room, VIR_DOMAIN_SAVE_PARAM_FILE, file);
    if (xml)
        virTypedParamsAddString(&all->items, &all->count, &all->room, VIR_DOMAIN_SAVE_PARAM_DXML, xml);
    for (int i = 0; i < count; i++) {
        if (given[i].type == VIR_TYPED_PARAM_STRING)
            virTypedParamsAddString(&all->items, &all->count, &all->room, given[i].field, given[i].value.s);
        else
            virTypedParamsAddInt(&all->items, &all->count, &all->room, given[i].field, given[i].value.i);
    }
    return all;
}

static const struct hvsh_field save_args[] = {
    DOMAIN(struct save_args, ACTIVE),
    HVSH_PATH(struct save_args, file, "where to", .flags = HVSH_REQUIRED),
    HVSH_BIT(struct save_args, flags, "bypass-cache", VIR_DOMAIN_SAVE_BYPASS_CACHE, "avoid the file system's cache"),
    HVSH_XML(struct save_args, xml, "file with the XML that the restored domain is to have"),
    HVSH_BIT(struct save_args, flags, "running", VIR_DOMAIN_SAVE_RUNNING, "it will run when it is restored"),
    HVSH_BIT(struct save_args, flags, "paused", VIR_DOMAIN_SAVE_PAUSED, "it will be paused when it is restored"),
    HVSH_FLAG(struct save_args, verbose, "show how far it is, which a terminal shows anyway"),
    HVSH_TEXT(struct save_args, image_format, "format of the file (libvirt 11.2)", .flags = HVSH_NAMED | LATER_ARG(11, 2), .choices = image_formats,
              .param = VIR_DOMAIN_SAVE_PARAM_IMAGE_FORMAT),
    CHANNELS_ROW(struct save_args),
    HVSH_END
};

/* virsh ends the line of progress even when it showed none. */
OBJECT_MESSAGE(saved, "\nDomain '{name}' saved to {file}");

static int save_job(const void *p)
{
    const struct save_args *args = p;

#if LIBVIR_CHECK_VERSION(8, 4, 0)
    if (args->params->count)
        return virDomainSaveParams(args->domain, args->params->items, args->params->count, args->flags);
#endif
    return args->flags || args->xml ? virDomainSaveFlags(args->domain, args->file, args->xml, args->flags)
                                    : virDomainSave(args->domain, args->file);
}

static int save_run(hvsh_call *call, const void *p)
{
    struct save_args job = *(const struct save_args *)p, *args = &job;
    const char *file = hvsh_text(call, "file");

    if (later_option(call, "image-format", 11, 2) < 0 || !(job.params = image_params(call, args->file, args->xml)))
        return -1;
    if (domain_job(call, args->domain, &(struct job_watch){ .progress = "Save" }, save_job, args) < 0)
        return hvsh_fail_virt(call, "Failed to save domain '%s' to %s", virDomainGetName(args->domain), file),
               domain_job_left(call, args->domain, "saved state");
    return object_say(call, &saved, virDomainGetName(args->domain), domain_uuid(call, args->domain), file);
}

const struct hvsh_command COMMAND(save) = {
    .name = "save",
    .group = "domain",
    .help = "save a domain state to a file",
    .description = "Write the guest's memory to a file and stop it; restore brings it back. Ctrl-C gives up, and the guest runs on.",
    HVSH_ARGS(save_args),
    .shapes = HVSH_SHAPES(&saved),
    .examples = HVSH_EXAMPLES({ "save web1 /var/tmp/web1.save", "and stop it", HVSH_MATCH_ONLY }),
    .run = save_run,
};

/* ---- restore ---- */

#if !LIBVIR_CHECK_VERSION(8, 1, 0)
enum { VIR_DOMAIN_SAVE_RESET_NVRAM = 1 << 3 };
#endif

struct image_args { const char *file; const char *xml; int parallel_channels; unsigned int flags; struct xml_choice choice; };

static const struct hvsh_field restore_args[] = {
    HVSH_PATH(struct image_args, file, "the file", .flags = HVSH_REQUIRED),
    HVSH_BIT(struct image_args, flags, "bypass-cache", VIR_DOMAIN_SAVE_BYPASS_CACHE, "avoid the file system's cache"),
    HVSH_XML(struct image_args, xml, "file with the XML that the domain is to have"),
    HVSH_BIT(struct image_args, flags, "running", VIR_DOMAIN_SAVE_RUNNING, "let it run"),
    HVSH_BIT(struct image_args, flags, "paused", VIR_DOMAIN_SAVE_PAUSED, "leave it paused"),
    HVSH_BIT(struct image_args, flags, "reset-nvram", VIR_DOMAIN_SAVE_RESET_NVRAM, "start with the firmware's variables as new"),
    CHANNELS_ROW(struct image_args),
    HVSH_END
};

OBJECT_MESSAGE(restored, "Domain restored from {file}");

struct restore_job { virConnectPtr connection; const struct image_args *args; const struct params_list *params; };

static int restore_job(const void *p)
{
    const struct restore_job *job = p;
    const struct image_args *args = job->args;

#if LIBVIR_CHECK_VERSION(8, 4, 0)
    if (job->params->count)
        return virDomainRestoreParams(job->connection, job->params->items, job->params->count, args->flags);
#endif
    return args->flags || args->xml ? virDomainRestoreFlags(job->connection, args->file, args->xml, args->flags)
                                    : virDomainRestore(job->connection, args->file);
}

/* The domain in the image; libvirt lets no other XML change its uuid. */
static virDomainPtr restored_domain(const void *p)
{
    const struct restore_job *job = p;
    g_autofree char *xml = virDomainSaveImageGetXMLDesc(job->connection, job->args->file, 0);

    return domain_of_document(job->connection, xml);
}

static int restore_run(hvsh_call *call, const void *p)
{
    const struct image_args *args = p;
    struct restore_job job = { hvsh_connection(call), args, NULL };
    const char *file = hvsh_text(call, "file");
    virDomainPtr domain = NULL;

    if (!job.connection || !(job.params = image_params(call, args->file, args->xml)))
        return -1;
    if (domain_job(call, NULL, &(struct job_watch){ .progress = "Restore", .starts = restored_domain }, restore_job, &job) < 0) {
        hvsh_fail_virt(call, "Failed to restore domain from %s", file);
        return hvsh_cancelled(call) ? hvsh_hint(call, "the domain is not started; its saved state is still in %s", file) : -1;
    }
    if (hvsh_wants(call, &restored, "name"))
        domain = hvsh_own_domain(call, restored_domain(&job));
    return domain ? object_say(call, &restored, virDomainGetName(domain), domain_uuid(call, domain), file)
                  : object_say(call, &restored, NULL, NULL, file);
}

const struct hvsh_command COMMAND(restore) = {
    .name = "restore",
    .group = "domain",
    .help = "restore a domain from a saved state in a file",
    .description = "Start the guest whose memory save has written, where it stood. libvirt does not tell how far it is: a terminal shows how long it "
                   "takes. Ctrl-C gives up: the guest is not started, and the file remains.",
    .args = restore_args,
    .args_size = sizeof(struct image_args),
    .shapes = HVSH_SHAPES(&restored),
    .examples = HVSH_EXAMPLES({ "restore /var/tmp/web1.save", "bring it back", HVSH_MATCH_ONLY }),
    .run = restore_run,
};

/* ---- save-image-dumpxml, -define, -edit ---- */

static const struct hvsh_field image_dumpxml_args[] = {
    HVSH_PATH(struct image_args, file, "the file of save", .flags = HVSH_REQUIRED),
    HVSH_BIT(struct image_args, flags, "security-info", VIR_DOMAIN_SAVE_IMAGE_XML_SECURE, "passwords too"),
    OBJECT_XML_ROWS_OF(struct image_args, choice),
    HVSH_END
};

static int image_dumpxml_run(hvsh_call *call, const void *p)
{
    const struct image_args *args = p;
    virConnectPtr connection = hvsh_connection(call);

    return connection ? object_xml(call, virDomainSaveImageGetXMLDesc(connection, args->file, args->flags), &args->choice) : -1;
}

const struct hvsh_command COMMAND(save_image_dumpxml) = {
    .name = "save-image-dumpxml",
    .group = "domain",
    .help = "saved state domain information in XML",
    .args = image_dumpxml_args,
    .args_size = sizeof(struct image_args),
    .shapes = HVSH_SHAPES(&xml_shape),
    .examples = HVSH_EXAMPLES({ "save-image-dumpxml /var/tmp/web1.save", "what it will be", HVSH_MATCH_ONLY }),
    .run = image_dumpxml_run,
};

#define IMAGE_STATE \
    HVSH_BIT(struct image_args, flags, "running", VIR_DOMAIN_SAVE_RUNNING, "it will run when it is restored"), \
    HVSH_BIT(struct image_args, flags, "paused", VIR_DOMAIN_SAVE_PAUSED, "it will be paused when it is restored")

static const struct hvsh_field image_define_args[] = {
    HVSH_PATH(struct image_args, file, "the file of save", .flags = HVSH_REQUIRED),
    HVSH_XML(struct image_args, xml, "file with the new XML of the domain", .flags = HVSH_REQUIRED),
    IMAGE_STATE,
    HVSH_END
};

OBJECT_MESSAGE(image_defined, "State file {file} updated.");

static int image_define_run(hvsh_call *call, const void *p)
{
    const struct image_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    const char *file = hvsh_text(call, "file");

    if (!connection)
        return -1;
    if (virDomainSaveImageDefineXML(connection, args->file, args->xml, args->flags) < 0)
        return hvsh_fail_virt(call, "Failed to update %s", file);
    return object_say(call, &image_defined, NULL, NULL, file);
}

const struct hvsh_command COMMAND(save_image_define) = {
    .name = "save-image-define",
    .group = "domain",
    .help = "redefine the XML for a domain's saved state file",
    .args = image_define_args,
    .args_size = sizeof(struct image_args),
    .shapes = HVSH_SHAPES(&image_defined),
    .examples = HVSH_EXAMPLES({ "save-image-define /var/tmp/web1.save new.xml", "with other disks, say", HVSH_MATCH_ONLY }),
    .run = image_define_run,
};

static const struct hvsh_field image_edit_args[] = {
    HVSH_PATH(struct image_args, file, "the file of save", .flags = HVSH_REQUIRED),
    IMAGE_STATE,
    HVSH_END
};

static char *image_get(hvsh_call *call, void *arg)
{
    const struct image_args *args = arg;
    virConnectPtr connection = hvsh_connection(call);
    char *text = connection ? virDomainSaveImageGetXMLDesc(connection, args->file, VIR_DOMAIN_SAVE_IMAGE_XML_SECURE) : NULL;

    if (connection && !text)
        hvsh_fail_libvirt(call);
    return text;
}

static int image_apply(hvsh_call *call, const char *text, bool validate, void *arg)
{
    const struct image_args *args = arg;

    (void)validate;
    return virDomainSaveImageDefineXML(hvsh_connection(call), args->file, text, args->flags) < 0 ? hvsh_fail_libvirt(call) : 0;
}

static int image_edit_run(hvsh_call *call, const void *p)
{
    const struct image_args *args = p;
    struct image_args copy = *args;
    const char *file = hvsh_text(call, "file");
    const struct hvsh_edit edit = {
        .what = hvsh_printf(call, "Saved image %s XML configuration", file),
        .get = image_get,
        .apply = image_apply,
        .arg = &copy,
        .changed = hvsh_printf(call, "State file %s edited.", file),
    };

    return hvsh_edit(call, &edit);
}

const struct hvsh_command COMMAND(save_image_edit) = {
    .name = "save-image-edit",
    .group = "domain",
    .help = "edit XML for a domain's saved state file",
    .args = image_edit_args,
    .args_size = sizeof(struct image_args),
    .examples = HVSH_EXAMPLES({ "save-image-edit /var/tmp/web1.save", "change what it will be", HVSH_MATCH_ONLY }),
    .run = image_edit_run,
    .flags = HVSH_TERMINAL,
};

/* ---- dump ---- */

struct dump_args { virDomainPtr domain; const char *file; unsigned int flags; bool verbose; const char *format; };

static const struct hvsh_choice dump_formats[] = {
    { "elf", VIR_DOMAIN_CORE_DUMP_FORMAT_RAW, "uncompressed ELF" },
    { "kdump-zlib", VIR_DOMAIN_CORE_DUMP_FORMAT_KDUMP_ZLIB, "kdump, compressed by zlib" },
    { "kdump-lzo", VIR_DOMAIN_CORE_DUMP_FORMAT_KDUMP_LZO, "kdump, compressed by lzo" },
    { "kdump-snappy", VIR_DOMAIN_CORE_DUMP_FORMAT_KDUMP_SNAPPY, "kdump, compressed by snappy" },
    { "win-dmp", VIR_DOMAIN_CORE_DUMP_FORMAT_WIN_DMP, "for Windows' debugger" },
    { NULL }
};

static const struct hvsh_field dump_args[] = {
    DOMAIN(struct dump_args, ACTIVE),
    HVSH_PATH(struct dump_args, file, "where to", .flags = HVSH_REQUIRED),
    HVSH_BIT(struct dump_args, flags, "live", VIR_DUMP_LIVE, "let the guest run meanwhile"),
    HVSH_BIT(struct dump_args, flags, "crash", VIR_DUMP_CRASH, "mark it as crashed afterwards"),
    HVSH_BIT(struct dump_args, flags, "bypass-cache", VIR_DUMP_BYPASS_CACHE, "avoid the file system's cache"),
    HVSH_BIT(struct dump_args, flags, "reset", VIR_DUMP_RESET, "reset it afterwards"),
    HVSH_FLAG(struct dump_args, verbose, "show how far it is, which a terminal shows anyway"),
    HVSH_BIT(struct dump_args, flags, "memory-only", VIR_DUMP_MEMORY_ONLY, "memory and registers only, for crash(8)"),
    HVSH_TEXT(struct dump_args, format, "format of a memory-only dump", .choices = dump_formats),
    HVSH_REQUIRES("format", "memory-only", .help = "--format only works with --memory-only"),
    HVSH_END
};

OBJECT_MESSAGE(dumped, "\nDomain '{name}' dumped to {file}");

/* The format of a dump by its word; NULL: there is none. */
static const struct hvsh_choice *dump_format(const struct dump_args *args)
{
    return args->format ? object_choice(dump_formats, args->format) : dump_formats;
}

static int dump_job(const void *p)
{
    const struct dump_args *args = p;

    if (args->flags & VIR_DUMP_MEMORY_ONLY)
        return virDomainCoreDumpWithFormat(args->domain, args->file, (unsigned int)dump_format(args)->value, args->flags);
    return virDomainCoreDump(args->domain, args->file, args->flags);
}

static int dump_run(hvsh_call *call, const void *p)
{
    const struct dump_args *args = p;
    const char *file = hvsh_text(call, "file");

    if (!dump_format(args))
        return hvsh_fail(call, "format '%s' is not supported, expecting 'kdump-zlib', 'kdump-lzo', 'kdump-snappy', 'win-dmp' or 'elf'",
                         args->format);
    if (domain_job(call, args->domain, &(struct job_watch){ .progress = "Dump" }, dump_job, args) < 0)
        return hvsh_fail_virt(call, "Failed to core dump domain '%s' to %s", virDomainGetName(args->domain), file),
               domain_job_left(call, args->domain, "whole dump");
    return object_say(call, &dumped, virDomainGetName(args->domain), domain_uuid(call, args->domain), file);
}

const struct hvsh_command COMMAND(dump) = {
    .name = "dump",
    .group = "domain",
    .help = "dump the core of a domain to a file for analysis",
    HVSH_ARGS(dump_args),
    .shapes = HVSH_SHAPES(&dumped),
    .examples = HVSH_EXAMPLES({ "dump web1 /var/tmp/web1.core --memory-only --live", "while it runs", HVSH_MATCH_ONLY }),
    .run = dump_run,
};
