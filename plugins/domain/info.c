/* SPDX-License-Identifier: GPL-3.0-or-later */
/* info.c - facts of one guest: dominfo, domid, domname, domuuid, domtime. */
#include "domain.h"
#include <stdlib.h>
#include <string.h>
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

/*
 * What is asked about a guest. None of the questions needs the answer of another: on a slow link hvsh_each() asks them all at once.
 * Each may run on a thread of its own; as libvirt's errors are the thread's, what failed is asked again by the one that tells it.
 */
struct dominfo_answers {
    virDomainPtr domain;
    virDomainInfo info;
    char *os_type, **messages;
    int persistent, autostart, managed_save, message_count;
    virSecurityModel model;
    virSecurityLabelPtr label;
    bool info_failed, security_failed;
};

static void ask_info(struct dominfo_answers *answers)
{
    answers->info_failed = virDomainGetInfo(answers->domain, &answers->info) < 0;
}

static void ask_os_type(struct dominfo_answers *answers)
{
    answers->os_type = virDomainGetOSType(answers->domain);
}

/* A transient guest is gone when it is not active: no need to ask. */
static void ask_persistent(struct dominfo_answers *answers)
{
    answers->persistent = virDomainGetID(answers->domain) == (unsigned int)-1 ? 1 : virDomainIsPersistent(answers->domain);
}

static void ask_autostart(struct dominfo_answers *answers)
{
    if (virDomainGetAutostart(answers->domain, &answers->autostart) < 0)
        answers->autostart = -1;
}

static void ask_managed_save(struct dominfo_answers *answers)
{
    answers->managed_save = virDomainHasManagedSaveImage(answers->domain, 0);
}

static void ask_messages(struct dominfo_answers *answers)
{
    answers->message_count = virDomainGetMessages(answers->domain, &answers->messages, 0);
}

/* The security driver of a host, which does not change while its daemon runs: it is asked once, and again after a while, for the daemon may
 * be another. 0 or -1; a host without one has an empty model. */
static int host_security_model(virConnectPtr connection, virSecurityModel *model)
{
    static GMutex lock;
    static struct { virConnectPtr connection; gint64 until; virSecurityModel model; } known;
    bool is_known;

    g_mutex_lock(&lock);
    is_known = known.connection == connection && g_get_monotonic_time() < known.until;
    if (is_known)
        *model = known.model;
    g_mutex_unlock(&lock);
    if (is_known)
        return 0;
    memset(model, 0, sizeof(*model));
    if (virNodeGetSecurityModel(connection, model) < 0 && virGetLastErrorCode() != VIR_ERR_NO_SUPPORT)
        return -1;
    g_mutex_lock(&lock);
    known.connection = connection;
    known.until = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;
    known.model = *model;
    g_mutex_unlock(&lock);
    return 0;
}

/* A guest has a label while it is active. */
static void ask_security(struct dominfo_answers *answers)
{
    answers->security_failed = host_security_model(virDomainGetConnect(answers->domain), &answers->model) < 0 ||
                               (answers->model.model[0] && virDomainGetID(answers->domain) != (unsigned int)-1 &&
                                virDomainGetSecurityLabel(answers->domain, answers->label) < 0);
}

struct question { void (*ask)(struct dominfo_answers *answers); struct dominfo_answers *answers; };

static void ask(void *p)
{
    const struct question *question = p;

    question->ask(question->answers);
}

static void free_answers(void *p)
{
    struct dominfo_answers *answers = p;

    for (int i = 0; i < answers->message_count; i++)
        free(answers->messages[i]);
    free(answers->messages);
    free(answers->os_type);
    g_free(answers->label);
    g_free(answers);
}
static void add_security(hvsh_call *call, const struct dominfo_answers *answers, struct dominfo_row *row)
{
    if (!answers->model.model[0])
        return;
    row->security_model = answers->model.model;
    row->security_doi = answers->model.doi;
    if (answers->label->label[0]) {
        row->security_label = answers->label->label;
        row->enforcing = answers->label->enforcing;
        row->security = hvsh_printf(call, "%s (%s)", answers->label->label, answers->label->enforcing ? "enforcing" : "permissive");
    }
}

static int dominfo_run(hvsh_call *call, const void *p)
{
    static void (*const asks[])(struct dominfo_answers *answers) = { ask_info, ask_os_type, ask_persistent, ask_autostart, ask_managed_save,
                                                                     ask_security, ask_messages };
    struct dominfo_answers *answers = hvsh_defer(call, g_new0(struct dominfo_answers, 1), free_answers);
    struct question questions[G_N_ELEMENTS(asks)];
    void *items[G_N_ELEMENTS(asks)];
    struct dominfo_row row = { .cpu_time = UINT64_MAX, .max_memory = UINT64_MAX };

    answers->domain = ((const struct only_domain *)p)->domain;
    answers->label = g_new0(virSecurityLabel, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(asks); i++) {
        questions[i] = (struct question){ asks[i], answers };
        items[i] = &questions[i];
    }
    if (hvsh_each(call, ask, items, G_N_ELEMENTS(asks), G_N_ELEMENTS(asks)) < 0)
        return -1;
    if (answers->info_failed && (ask_info(answers), answers->info_failed))
        return hvsh_fail_libvirt(call);
    if (answers->security_failed && (ask_security(answers), answers->security_failed))
        return hvsh_fail_libvirt(call);
    row.id = virDomainGetID(answers->domain);
    row.name = virDomainGetName(answers->domain);
    row.uuid = domain_uuid(call, answers->domain);
    row.os_type = answers->os_type;
    row.state = answers->info.state;
    row.vcpus = answers->info.nrVirtCpu;
    if (answers->info.cpuTime)
        row.cpu_time = answers->info.cpuTime;
    if (answers->info.maxMem == UINT_MAX)
        row.no_limit = "no limit";
    else
        row.max_memory = (uint64_t)answers->info.maxMem * 1024;
    row.used_memory = (uint64_t)answers->info.memory * 1024;
    row.persistent = answers->persistent > 0;
    row.persistent_word = yes_or_no(answers->persistent, "yes", "no");
    row.autostart = answers->autostart > 0;
    row.autostart_word = answers->autostart < 0 ? NULL : yes_or_no(answers->autostart, "enable", "disable");
    row.managed_save = answers->managed_save > 0;
    row.managed_save_word = yes_or_no(answers->managed_save, "yes", "no");
    add_security(call, answers, &row);
    /* an array comes even when there is nothing to say */
    row.messages.items = (const char **)answers->messages;
    row.messages.count = answers->message_count > 0 ? (size_t)answers->message_count : 0;
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

struct domid_row { unsigned int id; };
static const struct hvsh_field domid_row[] = { HVSH_UINT(struct domid_row, id, "the number"), HVSH_END };
static const struct hvsh_shape domid_shape = { .name = "id", .kind = HVSH_RAW, HVSH_ROW(domid_row) };

/* libvirt's "no number" is the shell's "missing" too. */
static int domid_run(hvsh_call *call, const void *p)
{
    return hvsh_emit(call, &domid_shape, &(struct domid_row){ virDomainGetID(((const struct only_domain *)p)->domain) });
}

const struct hvsh_command COMMAND(domid) = {
    .name = "domid",
    .group = "domain",
    .help = "convert a domain name or UUID to domain id",
    .args = by_name_or_uuid,
    .args_size = sizeof(struct only_domain),
    .shapes = HVSH_SHAPES(&domid_shape),
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
