/* SPDX-License-Identifier: GPL-3.0-or-later */
/* info.c - facts of one guest: dominfo, domid, domname, domuuid, domtime. */
#include "domain.h"
#include <time.h>

/* ---- dominfo ---- */

struct dominfo_row {
    unsigned int id;
    const char *name;
    const char *uuid;
    const char *os_type;
    int state;
    unsigned int vcpus;
    uint64_t cpu_time;
    uint64_t max_memory;
    const char *no_limit;
    uint64_t used_memory;
    bool persistent, autostart, managed_save;
    const char *persistent_word, *autostart_word, *managed_save_word;   /* virsh has a third one, "unknown" */
    const char *security_model;
    const char *security_doi;
    const char *security_label;
    const char *security;
    bool enforcing;
    HVSH_LIST_OF(const char *) messages;
};

static const struct hvsh_field dominfo_row[] = {
    HVSH_UINT(struct dominfo_row, id, "number while it is active", .label = "Id:", .missing = "-"),
    HVSH_TEXT(struct dominfo_row, name, "name", .label = "Name:"),
    HVSH_TEXT(struct dominfo_row, uuid, "uuid", .label = "UUID:"),
    HVSH_TEXT(struct dominfo_row, os_type, "kind of guest system", .label = "OS Type:"),
    HVSH_ENUM(struct dominfo_row, state, "state", .label = "State:", .choices = domain_states),
    HVSH_UINT(struct dominfo_row, vcpus, "virtual processors", .label = "CPU(s):"),
    HVSH_DURATION(struct dominfo_row, cpu_time, "processor time used", .label = "CPU time:", .unit = "s"),
    HVSH_SIZE(struct dominfo_row, max_memory, "most memory it can have", .label = "Max memory:", .unit = "KiB"),
    HVSH_TEXT(struct dominfo_row, no_limit, "most memory it can have", .label = "Max memory:", .flags = HVSH_HIDE),
    HVSH_SIZE(struct dominfo_row, used_memory, "memory it has", .label = "Used memory:", .unit = "KiB"),
    HVSH_FLAG(struct dominfo_row, persistent, "is it defined?"),
    HVSH_FLAG(struct dominfo_row, autostart, "does it start with the host?"),
    HVSH_FLAG(struct dominfo_row, managed_save, "has it a managed saved state?"),
    HVSH_TEXT(struct dominfo_row, persistent_word, "in a word", .label = "Persistent:", .flags = HVSH_HIDE),
    HVSH_TEXT(struct dominfo_row, autostart_word, "in a word", .label = "Autostart:", .flags = HVSH_HIDE),
    HVSH_TEXT(struct dominfo_row, managed_save_word, "in a word", .label = "Managed save:", .flags = HVSH_HIDE),
    HVSH_TEXT(struct dominfo_row, security_model, "security model", .label = "Security model:"),
    HVSH_TEXT(struct dominfo_row, security_doi, "domain of interpretation", .label = "Security DOI:"),
    HVSH_TEXT(struct dominfo_row, security, "label and mode", .label = "Security label:", .flags = HVSH_HIDE),
    HVSH_TEXT(struct dominfo_row, security_label, "security label"),
    HVSH_FLAG(struct dominfo_row, enforcing, "is the security model enforced?"),
    HVSH_TEXTS(struct dominfo_row, messages, 0, "what libvirt warns of", .label = "Messages:"),
    HVSH_END
};

static const struct hvsh_shape dominfo_shape = { .name = "info", .kind = HVSH_RECORD, HVSH_ROW(dominfo_row) };

static const char *yes_or_no(int value, const char *yes, const char *no)
{
    return value < 0 ? "unknown" : value ? yes : no;
}

/* What the security driver says of the guest; hosts without one say nothing. A guest has a label while it is active. */
static int add_security(hvsh_call *call, virDomainPtr domain, struct dominfo_row *row)
{
    virSecurityModel model = { .model = "" };
    virSecurityLabelPtr label;

    if (virNodeGetSecurityModel(virDomainGetConnect(domain), &model) < 0)
        return virGetLastErrorCode() == VIR_ERR_NO_SUPPORT ? 0 : hvsh_fail_libvirt(call);
    if (!model.model[0])
        return 0;
    row->security_model = hvsh_printf(call, "%s", model.model);
    row->security_doi = hvsh_printf(call, "%s", model.doi);
    if (row->id == (unsigned int)-1)
        return 0;
    label = hvsh_defer(call, g_new0(virSecurityLabel, 1), g_free);
    if (virDomainGetSecurityLabel(domain, label) < 0)
        return hvsh_fail_libvirt(call);
    if (label->label[0]) {
        row->security_label = label->label;
        row->enforcing = label->enforcing;
        row->security = hvsh_printf(call, "%s (%s)", label->label, label->enforcing ? "enforcing" : "permissive");
    }
    return 0;
}

static void add_messages(hvsh_call *call, virDomainPtr domain, struct dominfo_row *row)
{
#if LIBVIR_CHECK_VERSION(7, 1, 0)
    char **messages = NULL;
    int count = virDomainGetMessages(domain, &messages, 0);

    for (int i = 0; i < count; i++)
        hvsh_own_text(call, messages[i]);
    /* an array comes even when there is nothing to say */
    row->messages.items = (const char **)hvsh_own_text(call, (char *)messages);
    row->messages.count = count > 0 ? (size_t)count : 0;
#else
    (void)call, (void)domain, (void)row;
#endif
}

static int dominfo_run(hvsh_call *call, const void *p)
{
    virDomainPtr domain = ((const struct only_domain *)p)->domain;
    struct dominfo_row row = { .cpu_time = UINT64_MAX, .max_memory = UINT64_MAX };
    virDomainInfo info;
    int autostart = 0, persistent, managed_save;

    row.os_type = hvsh_own_text(call, virDomainGetOSType(domain));
    if (virDomainGetInfo(domain, &info) < 0)
        return hvsh_fail_libvirt(call);
    row.id = virDomainGetID(domain);
    row.name = virDomainGetName(domain);
    row.uuid = domain_uuid(call, domain);
    row.state = info.state;
    row.vcpus = info.nrVirtCpu;
    if (info.cpuTime)
        row.cpu_time = info.cpuTime;
    if (info.maxMem == UINT_MAX)
        row.no_limit = "no limit";
    else
        row.max_memory = (uint64_t)info.maxMem * 1024;
    row.used_memory = (uint64_t)info.memory * 1024;
    /* a transient guest is gone when it is not active: no need to ask */
    persistent = row.id == (unsigned int)-1 ? 1 : virDomainIsPersistent(domain);
    row.persistent = persistent > 0;
    row.persistent_word = yes_or_no(persistent, "yes", "no");
    if (virDomainGetAutostart(domain, &autostart) == 0)
        row.autostart_word = yes_or_no(autostart, "enable", "disable");
    row.autostart = autostart > 0;
    managed_save = virDomainHasManagedSaveImage(domain, 0);
    row.managed_save = managed_save > 0;
    row.managed_save_word = yes_or_no(managed_save, "yes", "no");
    if (add_security(call, domain, &row) < 0)
        return -1;
    add_messages(call, domain, &row);
    return hvsh_emit(call, &dominfo_shape, &row);
}

const struct hvsh_command COMMAND(dominfo) = {
    .name = "dominfo",
    .group = "monitor",
    .help = "domain information",
    HVSH_ARGS(only_domain),
    .shapes = HVSH_SHAPES(&dominfo_shape),
    .examples = HVSH_EXAMPLES({ "dominfo test", "what is known of it" }),
    .run = dominfo_run,
};

/* ---- domid, domname, domuuid: each takes the two names that it does not give ---- */

static const struct hvsh_field by_name_or_uuid[] = {
    HVSH_DOMAIN(struct only_domain, domain, "domain name or uuid", .flags = HVSH_REQUIRED, .select = ACTIVE,
                .value = HVSH_BY_NAME | HVSH_BY_UUID),
    HVSH_END
};
static const struct hvsh_field by_id_or_uuid[] = {
    HVSH_DOMAIN(struct only_domain, domain, "domain id or uuid", .flags = HVSH_REQUIRED, .value = HVSH_BY_ID | HVSH_BY_UUID),
    HVSH_END
};
static const struct hvsh_field by_id_or_name[] = {
    HVSH_DOMAIN(struct only_domain, domain, "domain id or name", .flags = HVSH_REQUIRED, .value = HVSH_BY_ID | HVSH_BY_NAME),
    HVSH_END
};

static int domid_run(hvsh_call *call, const void *p)
{
    unsigned int id = virDomainGetID(((const struct only_domain *)p)->domain);

    return object_text(call, &text_shape, id == (unsigned int)-1 ? "-" : hvsh_printf(call, "%u", id));
}

const struct hvsh_command COMMAND(domid) = {
    .name = "domid",
    .group = "domain",
    .help = "convert a domain name or UUID to domain id",
    .args = by_name_or_uuid,
    .args_size = sizeof(struct only_domain),
    .shapes = HVSH_SHAPES(&text_shape),
    .examples = HVSH_EXAMPLES({ "domid test", "its number, - while it is not active" }),
    .run = domid_run,
};

static int domname_run(hvsh_call *call, const void *p)
{
    return object_text(call, &text_shape, virDomainGetName(((const struct only_domain *)p)->domain));
}

const struct hvsh_command COMMAND(domname) = {
    .name = "domname",
    .group = "domain",
    .help = "convert a domain id or UUID to domain name",
    .args = by_id_or_uuid,
    .args_size = sizeof(struct only_domain),
    .shapes = HVSH_SHAPES(&text_shape),
    .examples = HVSH_EXAMPLES({ "domname 1", "the name of the domain with this id" }),
    .run = domname_run,
};

static int domuuid_run(hvsh_call *call, const void *p)
{
    const char *uuid = domain_uuid(call, ((const struct only_domain *)p)->domain);

    return uuid ? object_text(call, &text_shape, uuid) : hvsh_fail_virt(call, "failed to get domain UUID");
}

const struct hvsh_command COMMAND(domuuid) = {
    .name = "domuuid",
    .group = "domain",
    .help = "convert a domain name or id to domain UUID",
    .args = by_id_or_name,
    .args_size = sizeof(struct only_domain),
    .shapes = HVSH_SHAPES(&text_shape),
    .examples = HVSH_EXAMPLES({ "domuuid test", "its uuid" }),
    .run = domuuid_run,
};

/* ---- domtime ---- */

struct domtime_args { virDomainPtr domain; bool now, pretty, sync; int64_t time; };

static const struct hvsh_field domtime_args[] = {
    DOMAIN(struct domtime_args, ACTIVE),
    HVSH_FLAG(struct domtime_args, now, "set to the time of this machine"),
    HVSH_FLAG(struct domtime_args, pretty, "as date and time"),
    HVSH_FLAG(struct domtime_args, sync, "set to the time of the guest's own clock chip instead"),
    HVSH_INT64(struct domtime_args, time, "set to this time: seconds since 1970", .min = INT64_MIN),
    HVSH_EXCLUDES("time", "now"),
    HVSH_EXCLUDES("time", "sync"),
    HVSH_EXCLUDES("now", "sync"),
    HVSH_END
};

struct domtime_row { int64_t time; unsigned int nanoseconds; const char *line; };

static const struct hvsh_field domtime_row[] = {
    HVSH_TIME(struct domtime_row, time, "the guest's time"),
    HVSH_UINT(struct domtime_row, nanoseconds, "and its fraction of a second"),
    HVSH_TEXT(struct domtime_row, line, "the text", .flags = HVSH_HIDE),
    HVSH_END
};

static const struct hvsh_shape domtime_shape = {
    .name = "time", .kind = HVSH_RECORD, .flags = HVSH_NO_NEWLINE, HVSH_ROW(domtime_row), .text = "Time: {line}"
};

static int domtime_run(hvsh_call *call, const void *p)
{
    const struct domtime_args *args = p;
    struct domtime_row row;
    long long seconds = 0;

    if (args->now || args->sync || hvsh_given(call, "time")) {
        seconds = args->now ? (long long)time(NULL) : args->time;
        if (virDomainSetTime(args->domain, seconds, 0, args->sync ? VIR_DOMAIN_TIME_SYNC : 0) < 0)
            return hvsh_fail_libvirt(call);
        return 0;
    }
    if (virDomainGetTime(args->domain, &seconds, &row.nanoseconds, 0) < 0)
        return hvsh_fail_libvirt(call);
    row.time = seconds;
    row.line = hvsh_printf(call, "%lld", seconds);
    if (args->pretty) {
        g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(seconds);
        g_autofree char *text = time ? g_date_time_format(time, "%Y-%m-%d %H:%M:%S") : NULL;

        if (!text)
            return hvsh_fail(call, "the guest's time, %lld seconds since 1970, is no date", seconds);
        row.line = hvsh_printf(call, "%s", text);
    }
    return hvsh_emit(call, &domtime_shape, &row);
}

const struct hvsh_command COMMAND(domtime) = {
    .name = "domtime",
    .group = "monitor",
    .help = "domain time",
    .description = "Get the guest's system time, or set it. Both ask the guest agent.",
    HVSH_ARGS(domtime_args),
    .shapes = HVSH_SHAPES(&domtime_shape),
    .examples = HVSH_EXAMPLES({ "domtime test --pretty", "its clock" }, { "domtime test --now", "set it to the host's" }),
    .run = domtime_run,
};
