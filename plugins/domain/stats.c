/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stats.c - statistics of many guests in one call: domstats. */
#include "domain.h"
#include <stdatomic.h>
#include <stdlib.h>

struct domstats_args {
    unsigned int stats, flags;
    bool raw;
    HVSH_LIST_OF(virDomainPtr) domain;
};

#if !LIBVIR_CHECK_VERSION(8, 9, 0)
enum { VIR_DOMAIN_STATS_VM = 1 << 10 };
#endif

#define STATS(name, bits, help) HVSH_BIT(struct domstats_args, stats, name, bits, help)
#define FILTER(name, bits, help) HVSH_BIT(struct domstats_args, flags, name, VIR_CONNECT_GET_ALL_DOMAINS_STATS_##bits, help)
static const struct hvsh_field domstats_args[] = {
    STATS("state", VIR_DOMAIN_STATS_STATE, "state and its reason"),
    STATS("cpu-total", VIR_DOMAIN_STATS_CPU_TOTAL, "processor time"),
    STATS("balloon", VIR_DOMAIN_STATS_BALLOON, "memory"),
    STATS("vcpu", VIR_DOMAIN_STATS_VCPU, "virtual processors"),
    STATS("interface", VIR_DOMAIN_STATS_INTERFACE, "network interfaces"),
    STATS("block", VIR_DOMAIN_STATS_BLOCK, "disks"),
    STATS("perf", VIR_DOMAIN_STATS_PERF, "performance events"),
    STATS("iothread", VIR_DOMAIN_STATS_IOTHREAD, "I/O threads"),
    STATS("memory", VIR_DOMAIN_STATS_MEMORY, "memory bandwidth"),
    STATS("dirtyrate", VIR_DOMAIN_STATS_DIRTYRATE, "rate of memory writes"),
    STATS("vm", VIR_DOMAIN_STATS_VM, "what the hypervisor itself counts"),
    FILTER("list-active", ACTIVE, "only active domains"),
    FILTER("list-inactive", INACTIVE, "only inactive domains"),
    FILTER("list-persistent", PERSISTENT, "only persistent domains"),
    FILTER("list-transient", TRANSIENT, "only transient domains"),
    FILTER("list-running", RUNNING, "only running domains"),
    FILTER("list-paused", PAUSED, "only paused domains"),
    FILTER("list-shutoff", SHUTOFF, "only domains that are shut off"),
    FILTER("list-other", OTHER, "only domains in other states"),
    HVSH_FLAG(struct domstats_args, raw, "the fields as libvirt names them (they always are)"),
    FILTER("enforce", ENFORCE_STATS, "fail when a group of statistics is not there"),
    FILTER("backing", BACKING, "the files behind disk images too"),
    FILTER("nowait", NOWAIT, "leave out what would have to be waited for"),
    HVSH_DOMAINS(struct domstats_args, domain, HVSH_REST, "these domains only"),
    HVSH_END
};

struct domstats_row { const char *name; const char *uuid; bool stale; struct hvsh_params stats; };

static const struct hvsh_field domstats_row[] = {
    HVSH_TEXT(struct domstats_row, name, "name of the domain"),
    HVSH_TEXT(struct domstats_row, uuid, "its uuid"),
    HVSH_FLAG(struct domstats_row, stale, "does the guest not answer? Then only what is known without it is here"),
    HVSH_PARAMS(struct domstats_row, stats, "its statistics"),
    HVSH_END
};

static const struct hvsh_shape domstats_shape = {
    .name = "domains", .kind = HVSH_STANZAS, HVSH_ROW(domstats_row), .text = "Domain: '{name}'"
};

/* One question to libvirt, shared by who asks it and the worker that may never get the answer. */
struct question {
    virConnectPtr connection;
    virDomainPtr *domains;          /* NULL: all */
    unsigned int stats, flags;
    atomic_bool answered;
    bool late;                      /* libvirt's own error is gone when the answer comes */
    virDomainStatsRecordPtr *records;
    int count;
    char *error;
};

static void clear_question(void *p)
{
    struct question *question = p;

    if (question->records)
        virDomainStatsRecordListFree(question->records);
    for (virDomainPtr *domain = question->domains; domain && *domain; domain++)
        virDomainFree(*domain);
    g_free(question->domains);
    g_free(question->error);
    virConnectClose(question->connection);
}

static void release_question(void *question)
{
    g_atomic_rc_box_release_full(question, clear_question);
}

static struct question *new_question(virConnectPtr connection, const struct domstats_args *args)
{
    struct question *question = g_atomic_rc_box_new0(struct question);

    virConnectRef(connection);
    question->connection = connection;
    question->stats = args->stats;
    question->flags = args->flags;
    if (args->domain.count) {
        question->domains = g_new0(virDomainPtr, args->domain.count + 1);
        for (size_t i = 0; i < args->domain.count; i++) {
            virDomainRef(args->domain.items[i]);
            question->domains[i] = args->domain.items[i];
        }
    }
    return question;
}

static void ask(void *p)
{
    struct question *question = p;

    question->count = question->domains
                          ? virDomainListGetStats(question->domains, question->stats, &question->records, question->flags)
                          : virConnectGetAllDomainStats(question->connection, question->stats, &question->records, question->flags);
    question->error = question->count < 0 ? g_strdup(virGetLastErrorMessage()) : NULL;
    atomic_store(&question->answered, true);
}

/* A guest hangs whose QEMU has been asked something long ago and does not answer; libvirt tells without waiting for it. */
enum { LONG_AGO = 2000, PATIENCE = 3000, TRIES = 5, SETTLED_US = 1000 };

/*
 * While one question waits, libvirt 9.0 does not send another one that comes at the very moment of an answer: not before anything else happens
 * on the connection, seconds later. That moment is let go by.
 */
static void settle(void)
{
    g_usleep(SETTLED_US);
}

static bool is_stuck(virDomainPtr domain)
{
    virDomainControlInfo info;

    settle();
    return virDomainGetID(domain) != (unsigned int)-1 && virDomainGetControlInfo(domain, &info, 0) == 0 &&
           info.state == VIR_DOMAIN_CONTROL_OCCUPIED && info.stateTime >= LONG_AGO;
}

static bool any_is_stuck(hvsh_call *call, const struct question *question)
{
    virDomainPtr *domains = question->domains;
    int count = 0;
    bool stuck = false;

    if (!domains && (count = virConnectListAllDomains(question->connection, &domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE)) < 0)
        return false;
    for (virDomainPtr *domain = domains; *domain && !stuck && !hvsh_cancelled(call); domain++)
        stuck = is_stuck(*domain);
    for (int i = 0; i < count; i++)
        virDomainFree(domains[i]);
    if (!question->domains)
        free(domains);
    return stuck;
}

/* 0: answered; 1: a guest hangs; -1: a failure, or cancelled. Many guests may take long without a reason to give up. */
static int wait_for_answer(hvsh_call *call, struct question *question)
{
    int result = hvsh_work_within(call, ask, g_atomic_rc_box_acquire(question), release_question, PATIENCE);

    question->late = result == 1;
    while (result == 1 && !atomic_load(&question->answered)) {
        if (any_is_stuck(call, question))
            return atomic_load(&question->answered) ? 0 : 1;
        if (hvsh_wait(call, NULL, 0, PATIENCE / 2) < 0)
            return -1;
    }
    return result < 0 ? -1 : 0;
}

/*
 * A guest that hangs holds up libvirt's answer about all. Then the question is asked again without waiting: the guest that the one before
 * hangs on is busy with that, and comes with what is known without it. Another one may hang too, so that is done some times. NULL after a
 * failure; *impatient: it came to that.
 */
static struct question *ask_in_time(hvsh_call *call, virConnectPtr connection, const struct domstats_args *args, bool *impatient)
{
    for (unsigned int i = 0; i < TRIES; i++) {
        struct question *question = hvsh_defer(call, new_question(connection, args), release_question);
        int result;

        *impatient = i > 0;
        if (*impatient) {
            question->flags |= VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT;
            settle();
        }
        if ((result = wait_for_answer(call, question)) <= 0)
            return result < 0 ? NULL : question;
    }
    hvsh_fail(call, "more than %d guests do not answer", TRIES - 1);
    hvsh_hint(call, "domstats --state asks no guest; domcontrol NAME tells which one hangs, destroy NAME ends it");
    return NULL;
}

static int domstats_run(hvsh_call *call, const void *p)
{
    const struct domstats_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    struct question *question;
    bool impatient;

    if (!connection || !(question = ask_in_time(call, connection, args, &impatient)))
        return -1;
    if (question->count < 0)
        return question->late ? hvsh_fail(call, "%s", question->error) : hvsh_fail_libvirt(call);
    for (int i = 0; i < question->count; i++) {
        virDomainStatsRecordPtr record = question->records[i];
        struct domstats_row row = { virDomainGetName(record->dom), domain_uuid(call, record->dom), impatient && is_stuck(record->dom),
                                    { record->params, record->nparams } };

        if (row.stale)
            hvsh_note(call, "domain '%s' does not answer: what it would tell itself is missing", row.name);
        if (hvsh_emit(call, &domstats_shape, &row) < 0)
            return -1;
    }
    if (impatient)
        settle();
    return 0;
}

const struct hvsh_command COMMAND(domstats) = {
    .name = "domstats",
    .group = "monitor",
    .help = "get statistics about one or multiple domains",
    .description = "One round trip for all domains, or for those that are named. Without a group of statistics all that the hypervisor "
                   "has are shown. A guest that hangs does not hold up the others: after some seconds they are shown, and of it what is known "
                   "without asking it.",
    HVSH_ARGS(domstats_args),
    .shapes = HVSH_SHAPES(&domstats_shape),
    .examples = HVSH_EXAMPLES({ "domstats --state test", "one domain's state" }, { "domstats --list-running --balloon", "memory of all that run",
                              HVSH_ON_LIVE }),
    .run = domstats_run,
};
