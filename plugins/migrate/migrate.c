/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * migrate.c - migrate: a guest goes to another host.
 *
 * Without --p2p and --direct this shell talks to both hosts and leads the migration; with them the source host does. Libvirt's call returns
 * when all is over; what happens meanwhile (the bar, the time limit, the switch to post-copy) is done on the thread that watches the job.
 */
#include "migrate.h"
#include "offer.h"
#include "events.h"
#include "job.h"
#include <glib.h>
#include <limits.h>
#include <string.h>

#if !LIBVIR_CHECK_VERSION(8, 5, 0)
enum { VIR_MIGRATE_POSTCOPY_RESUME = 1 << 19, VIR_MIGRATE_ZEROCOPY = 1 << 20 };
#endif

struct migrate_args {
    virDomainPtr domain;
    virConnectPtr destination;
    const char *migrateuri, *graphicsuri, *listen_address, *dname, *xml, *disks_uri, *persistent_xml, *tls_destination;
    HVSH_LIST_OF(const char *) migrate_disks;
    HVSH_LIST_OF(const char *) comp_methods;
    unsigned int flags;
    bool direct, verbose, postcopy_after_precopy, timeout_suspend, timeout_postcopy;
    uint64_t timeout, comp_xbzrle_cache, postcopy_bandwidth, bandwidth;
    int disks_port, comp_mt_level, comp_mt_threads, comp_mt_dthreads, auto_converge_initial, auto_converge_increment, parallel_connections;
#ifdef VIR_MIGRATE_PARAM_COMPRESSION_ZLIB_LEVEL
    int comp_zlib_level, comp_zstd_level;
#endif
#ifdef VIR_MIGRATE_PARAM_BANDWIDTH_AVAIL_SWITCHOVER
    uint64_t available_switchover_bandwidth;
#endif
#ifdef VIR_MIGRATE_PARAM_MIGRATE_DISKS_DETECT_ZEROES
    HVSH_LIST_OF(const char *) migrate_disks_detect_zeroes;
#endif
};

/* The destination is opened by the command, when it is the one to talk to it. */
static int parse_later(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    (void)call;
    (void)field;
    (void)text;
    (void)value;
    return 0;
}

static const struct hvsh_type late_connection_type = {
    .name = "connection", .kind = HVSH_KIND_CONNECTION, .size = sizeof(virConnectPtr), .parse = parse_later};

static const struct hvsh_choice compressions[] = {{"xbzrle", 0, "what changed in a page since it was last sent"},
                                                  {"mt", 0, "pages compressed by several threads"},
#ifdef VIR_MIGRATE_PARAM_COMPRESSION_ZLIB_LEVEL
                                                  {"zlib", 0, "each of --parallel's connections"},
                                                  {"zstd", 0, "each of --parallel's connections"},
#endif
                                                  {NULL}};

#define BIT(name, bits, help) HVSH_BIT(struct migrate_args, flags, name, bits, help)
static const struct hvsh_field migrate_args[] = {
    DOMAIN_ROW(struct migrate_args, 0),
    HVSH_BIND(struct migrate_args, destination, virConnectPtr, late_connection_type,
              "the other host: its URI as seen from here, or with --p2p and --direct from the source host; or the name of a connection",
              .name = "desturi", .flags = HVSH_REQUIRED),
    BIT("live", VIR_MIGRATE_LIVE, "while the guest runs"), BIT("offline", VIR_MIGRATE_OFFLINE, "the definition of a guest that is off"),
    BIT("p2p", VIR_MIGRATE_PEER2PEER, "the source host talks to the destination, this shell only to the source"),
    HVSH_FLAG(struct migrate_args, direct, "the hypervisors talk to each other, without libvirt at the destination"),
    HVSH_ALIAS("tunneled", "tunnelled"),
    BIT("tunnelled", VIR_MIGRATE_TUNNELLED, "all data through the connection between the two libvirts"),
    BIT("persistent", VIR_MIGRATE_PERSIST_DEST, "define the guest at the destination"),
    BIT("undefinesource", VIR_MIGRATE_UNDEFINE_SOURCE, "undefine the guest at the source"),
    BIT("suspend", VIR_MIGRATE_PAUSED, "leave the guest paused at the destination"),
    BIT("copy-storage-all", VIR_MIGRATE_NON_SHARED_DISK, "copy the disks in full"),
    BIT("copy-storage-inc", VIR_MIGRATE_NON_SHARED_INC, "copy what the disks have beyond the backing images, which both hosts have"),
    BIT("copy-storage-synchronous-writes", VIR_MIGRATE_NON_SHARED_SYNCHRONOUS_WRITES,
        "let the guest's writes wait for the copy, so that copying comes to its end"),
    BIT("change-protection", VIR_MIGRATE_CHANGE_PROTECTION, "nobody changes the guest's configuration meanwhile"),
    BIT("unsafe", VIR_MIGRATE_UNSAFE, "even where the guest's data may be damaged"),
    HVSH_FLAG(struct migrate_args, verbose, "show how far it is, which a terminal shows anyway"),
    BIT("compressed", VIR_MIGRATE_COMPRESSED, "compress pages that are sent again"),
    BIT("auto-converge", VIR_MIGRATE_AUTO_CONVERGE, "slow the guest down until its changes can be sent in time"),
    BIT("rdma-pin-all", VIR_MIGRATE_RDMA_PIN_ALL, "pin all memory before the migration by RDMA begins"),
    BIT("abort-on-error", VIR_MIGRATE_ABORT_ON_ERROR, "give up at input/output errors of the guest's disks"),
    BIT("postcopy", VIR_MIGRATE_POSTCOPY, "allow the switch to post-copy, by migrate-postcopy say"),
    HVSH_FLAG(struct migrate_args, postcopy_after_precopy, "switch to post-copy when all memory was sent once"),
    BIT("postcopy-resume", VIR_MIGRATE_POSTCOPY_RESUME, "go on with a post-copy that was interrupted"),
    BIT("zerocopy", VIR_MIGRATE_ZEROCOPY, "send pages without copying them first"),
    HVSH_TEXT(struct migrate_args, migrateuri, "where the memory is sent to, when the destination's own name will not do: tcp://ADDRESS",
              .param = VIR_MIGRATE_PARAM_URI),
    HVSH_TEXT(struct migrate_args, graphicsuri, "where clients of the graphical display go on: spice://HOST:PORT",
              .param = VIR_MIGRATE_PARAM_GRAPHICS_URI),
    HVSH_TEXT(struct migrate_args, listen_address, "address on which the destination waits for the memory",
              .param = VIR_MIGRATE_PARAM_LISTEN_ADDRESS),
    HVSH_TEXT(struct migrate_args, dname, "another name for the guest at the destination", .param = VIR_MIGRATE_PARAM_DEST_NAME),
    HVSH_DURATION(struct migrate_args, timeout,
                  "what --timeout-* says (suspend, without them) when it takes longer", .unit = "s",
                  .max = (uint64_t)UINT_MAX * 1000000000),
    HVSH_FLAG(struct migrate_args, timeout_suspend, "suspend the guest then, until it is at the destination"),
    HVSH_FLAG(struct migrate_args, timeout_postcopy, "switch to post-copy then"),
    HVSH_XML(struct migrate_args, xml, "file with the guest's XML for the destination", .param = VIR_MIGRATE_PARAM_DEST_XML),
    HVSH_TEXTS(struct migrate_args, migrate_disks, HVSH_COMMA, "targets of the disks to copy", .scope = "domain", .offer = offer_disks,
               .param = VIR_MIGRATE_PARAM_MIGRATE_DISKS),
    HVSH_INT(struct migrate_args, disks_port, "port of the destination for the disks", .param = VIR_MIGRATE_PARAM_DISKS_PORT, .max = 65535),
    HVSH_TEXT(struct migrate_args, disks_uri, "where the disks are sent to: tcp://ADDRESS:PORT or unix:///PATH",
              .param = VIR_MIGRATE_PARAM_DISKS_URI),
    HVSH_TEXTS(struct migrate_args, comp_methods, HVSH_COMMA, "ways of compression", .param = VIR_MIGRATE_PARAM_COMPRESSION,
               .choices = compressions),
    HVSH_INT(struct migrate_args, comp_mt_level, "level of the compression by threads, 0 to 9",
             .param = VIR_MIGRATE_PARAM_COMPRESSION_MT_LEVEL),
    HVSH_INT(struct migrate_args, comp_mt_threads, "threads that compress", .param = VIR_MIGRATE_PARAM_COMPRESSION_MT_THREADS),
    HVSH_INT(struct migrate_args, comp_mt_dthreads, "threads that unpack", .param = VIR_MIGRATE_PARAM_COMPRESSION_MT_DTHREADS),
    HVSH_UINT64(struct migrate_args, comp_xbzrle_cache, "bytes of the cache of xbzrle",
                .param = VIR_MIGRATE_PARAM_COMPRESSION_XBZRLE_CACHE),
    HVSH_INT(struct migrate_args, auto_converge_initial, "percent by which the guest is slowed down first",
             .param = VIR_MIGRATE_PARAM_AUTO_CONVERGE_INITIAL),
    HVSH_INT(struct migrate_args, auto_converge_increment, "percent by which it is slowed down further",
             .param = VIR_MIGRATE_PARAM_AUTO_CONVERGE_INCREMENT),
    HVSH_XML(struct migrate_args, persistent_xml, "file with the XML that --persistent defines", .param = VIR_MIGRATE_PARAM_PERSIST_XML),
    BIT("tls", VIR_MIGRATE_TLS, "encrypt the memory and the disks"),
    HVSH_UINT64(struct migrate_args, postcopy_bandwidth, "most MiB that are sent in a second of post-copy",
                .param = VIR_MIGRATE_PARAM_BANDWIDTH_POSTCOPY),
    BIT("parallel", VIR_MIGRATE_PARALLEL, "over several connections"),
    HVSH_INT(struct migrate_args, parallel_connections, "how many connections", .param = VIR_MIGRATE_PARAM_PARALLEL_CONNECTIONS),
    HVSH_UINT64(struct migrate_args, bandwidth, "most MiB that are sent in a second", .param = VIR_MIGRATE_PARAM_BANDWIDTH),
    HVSH_TEXT(struct migrate_args, tls_destination, "the destination's name in its certificate",
              .param = VIR_MIGRATE_PARAM_TLS_DESTINATION),
#ifdef VIR_MIGRATE_PARAM_COMPRESSION_ZLIB_LEVEL
    HVSH_INT(struct migrate_args, comp_zlib_level, "level of zlib, 0 to 9", .param = VIR_MIGRATE_PARAM_COMPRESSION_ZLIB_LEVEL),
    HVSH_INT(struct migrate_args, comp_zstd_level, "level of zstd, 0 to 20", .param = VIR_MIGRATE_PARAM_COMPRESSION_ZSTD_LEVEL),
#endif
#ifdef VIR_MIGRATE_PARAM_BANDWIDTH_AVAIL_SWITCHOVER
    HVSH_UINT64(struct migrate_args, available_switchover_bandwidth, "MiB that can be sent in a second while the guest stands still",
                .param = VIR_MIGRATE_PARAM_BANDWIDTH_AVAIL_SWITCHOVER),
#endif
#ifdef VIR_MIGRATE_PARAM_MIGRATE_DISKS_DETECT_ZEROES
    HVSH_TEXTS(struct migrate_args, migrate_disks_detect_zeroes, HVSH_COMMA, "targets of disks whose blocks of zeroes need not be sent",
               .scope = "domain", .offer = offer_disks, .param = VIR_MIGRATE_PARAM_MIGRATE_DISKS_DETECT_ZEROES),
#endif
    HVSH_EXCLUDES("live", "offline"), HVSH_EXCLUDES("timeout-suspend", "timeout-postcopy"),
    HVSH_REQUIRES("postcopy-after-precopy", "postcopy"), HVSH_REQUIRES("timeout-postcopy", "postcopy"),
    HVSH_REQUIRES("persistent-xml", "persistent"), HVSH_REQUIRES("tls-destination", "tls"),
    HVSH_REQUIRES("copy-storage-synchronous-writes", "copy-storage-all copy-storage-inc",
                  .help = "'--copy-storage-synchronous-writes' requires one of '--copy-storage-all', 'copy-storage-inc'"),
    HVSH_REQUIRES("timeout", "live", .help = "migrate: Unexpected timeout for offline migration"),
    HVSH_REQUIRES("timeout-suspend", "timeout", .help = "migrate: Unexpected --timeout-* option without --timeout"),
    HVSH_REQUIRES("timeout-postcopy", "timeout", .help = "migrate: Unexpected --timeout-* option without --timeout"),
    /* what virsh leaves to the hypervisor, which says it later and less clearly */
    HVSH_REQUIRES("tunnelled", "p2p"), HVSH_EXCLUDES("copy-storage-all", "copy-storage-inc"), HVSH_REQUIRES("postcopy-resume", "postcopy"),
    HVSH_REQUIRES("parallel-connections", "parallel"),
    HVSH_REQUIRES("offline", "persistent", .help = "--offline moves the definition of the guest: it must be given with --persistent"),
    HVSH_END};

/* ---- the destination ---- */

static void close_connection(void *connection)
{
    virConnectClose(connection);
}

static virConnectPtr open_destination(hvsh_call *call, const char *name)
{
    static const struct hvsh_field field = {.member = "desturi", .name = "desturi", .type = &hvsh_type_connection};
    virConnectPtr connection = NULL;

    return hvsh_type_connection.parse(call, &field, name, &connection) < 0 ? NULL : hvsh_defer(call, connection, close_connection);
}

/* What the source host is told of the destination: the URI that was given, or that of the connection whose name was. NULL after a failure.
 */
static const char *destination_uri(hvsh_call *call, const char *name)
{
    virConnectPtr connection;
    char *uri;

    if (strchr(name, ':'))
        return name;
    if (!(connection = open_destination(call, name)))
        return NULL;
    if (!(uri = virConnectGetURI(connection)))
        hvsh_fail_libvirt(call);
    return hvsh_own_text(call, uri);
}

/* ---- what happens meanwhile ---- */

struct migration {
    hvsh_call *call;
    const struct migrate_args *args;
    virConnectPtr destination; /* NULL: the source host leads, and is given `uri` */
    const char *uri;
    virTypedParameterPtr params;
    int count;
    virDomainPtr *arrived;
    struct event_feed *passes; /* NULL: nobody waits for the first pass to end */
    bool timed_out, wants_postcopy;
    unsigned int refused; /* how many times the switch to post-copy was */
};

enum { PATIENCE = 25 }; /* looks at the job, a fifth of a second each */

static void on_iteration(virConnectPtr connection, virDomainPtr domain, int iteration, void *to)
{
    struct event *event = event_new(to, virDomainGetName(domain));

    (void)connection;
    event_detail(event, "ended", iteration > 1 ? "yes" : NULL);
    event_tell(event, ": %d", iteration);
}

static int subscribe(virConnectPtr connection, void *domain, int kind, void *to)
{
    return virConnectDomainEventRegisterAny(connection, domain, kind, VIR_DOMAIN_EVENT_CALLBACK(on_iteration), to, event_done);
}

static const struct hvsh_choice event_kinds[] = {{"migration-iteration", VIR_DOMAIN_EVENT_ID_MIGRATION_ITERATION}, {NULL}};
static const struct event_source iterations = {"domain '", "'", event_kinds, subscribe, virConnectDomainEventDeregisterAny, NULL};

/* What was to be done meanwhile has failed, with libvirt's last error; one that came too late, when all was over, is no matter. */
static void tell_failure(const struct migration *migration, const char *what)
{
    int code = virGetLastErrorCode();

    if (code != VIR_ERR_OPERATION_INVALID && code != VIR_ERR_NO_DOMAIN)
        hvsh_note(migration->call, "%s: %s", what, virGetLastErrorMessage());
}

/* Only memory that is being sent can be switched; a host that is busy, and copies of disks, take their time until then. */
static void switch_to_postcopy(struct migration *migration)
{
    if (virDomainMigrateStartPostCopy(migration->args->domain, 0) == 0)
        migration->wants_postcopy = false;
    else if (++migration->refused == PATIENCE)
        tell_failure(migration, "There is no switch to post-copy yet");
}

static void time_is_over(struct migration *migration)
{
    if (migration->args->timeout_postcopy)
        migration->wants_postcopy = true;
    else if (virDomainSuspend(migration->args->domain) < 0)
        tell_failure(migration, "It takes longer than it should, and the guest cannot be suspended");
}

static void look(void *p, uint64_t age)
{
    struct migration *migration = p;
    struct event *event;

    while (migration->passes && event_next(migration->passes, 0, &event) == 1) {
        if (event_get(event, "ended")) {
            migration->wants_postcopy = true;
            migration->passes = NULL;
        }
        event_free(event);
    }
    if (migration->args->timeout && age > migration->args->timeout && !migration->timed_out) {
        migration->timed_out = true;
        time_is_over(migration);
    }
    if (migration->wants_postcopy)
        switch_to_postcopy(migration);
}

/* ---- the migration ---- */

static int migrate_job(const void *p)
{
    const struct migration *migration = p;
    const struct migrate_args *args = migration->args;

    if (!migration->destination)
        return virDomainMigrateToURI3(args->domain, migration->uri, migration->params, (unsigned int)migration->count, args->flags);
    *migration->arrived =
        virDomainMigrate3(args->domain, migration->destination, migration->params, (unsigned int)migration->count, args->flags);
    return *migration->arrived ? 0 : -1;
}

struct migrate_row {
    const char *domain, *uuid, *destination;
    uint64_t time, downtime, data;
};
static const struct hvsh_field migrate_row[] = {
    HVSH_TEXT(struct migrate_row, domain, "the guest's name at the destination"),
    HVSH_TEXT(struct migrate_row, uuid, "its uuid"),
    HVSH_TEXT(struct migrate_row, destination, "the destination's URI"),
    HVSH_DURATION(struct migrate_row, time, "how long it took; missing where the source host leads"),
    HVSH_DURATION(struct migrate_row, downtime, "how long the guest stood still"),
    HVSH_SIZE(struct migrate_row, data, "what was sent"),
    HVSH_END};
/* virsh says nothing: none of it is shown as text. */
static const struct hvsh_shape migrate_shape = {
    .name = "migration", .kind = HVSH_RECORD, .flags = HVSH_NO_NEWLINE, HVSH_ROW(migrate_row), .text = ""};

static uint64_t statistic(virTypedParameterPtr params, int count, const char *name)
{
    unsigned long long value;

    return virTypedParamsGetULLong(params, count, name, &value) == 1 ? value : UINT64_MAX;
}

/* What it took, as the destination tells. */
static void measure(virDomainPtr arrived, struct migrate_row *row)
{
    virTypedParameterPtr params = NULL;
    int type, count = 0;

    if (virDomainGetJobStats(arrived, &type, &params, &count, VIR_DOMAIN_JOB_STATS_COMPLETED | VIR_DOMAIN_JOB_STATS_KEEP_COMPLETED) < 0)
        return;
    row->time = statistic(params, count, VIR_DOMAIN_JOB_TIME_ELAPSED);
    row->downtime = statistic(params, count, VIR_DOMAIN_JOB_DOWNTIME);
    row->data = statistic(params, count, VIR_DOMAIN_JOB_DATA_PROCESSED);
    virTypedParamsFree(params, count);
    if (row->time != UINT64_MAX)
        row->time *= 1000000;
    if (row->downtime != UINT64_MAX)
        row->downtime *= 1000000;
}

static int migrate_run(hvsh_call *call, const void *p)
{
    const struct migrate_args *args = p;
    const char *name = hvsh_text(call, "desturi");
    virDomainPtr arrived = NULL;
    struct migration migration = {.call = call, .args = args, .arrived = &arrived};
    const struct job_watch watch = {"Migration", look, &migration};
    struct migrate_row row = {.destination = name, .time = UINT64_MAX, .downtime = UINT64_MAX, .data = UINT64_MAX};
    char uuid[VIR_UUID_STRING_BUFLEN];

    if (hvsh_params(call, &migration.params, &migration.count) < 0)
        return -1;
    if (args->flags & VIR_MIGRATE_PEER2PEER || args->direct)
        migration.uri = destination_uri(call, name);
    else
        migration.destination = open_destination(call, name);
    if (!migration.uri && !migration.destination)
        return -1;
    if (args->postcopy_after_precopy && !(migration.passes = event_open(call, &iterations, args->domain, event_kinds->name)))
        return -1;
    if (domain_job(call, args->domain, &watch, migrate_job, &migration) < 0)
        return migrate_failed(call, args->domain, args->flags);
    if (hvsh_cancelled(call))
        hvsh_note(call, "It was too late to give it up: '%s' is at the destination", virDomainGetName(args->domain));
    row.domain = args->dname ? args->dname : virDomainGetName(args->domain);
    if (virDomainGetUUIDString(args->domain, uuid) == 0)
        row.uuid = uuid;
    if (arrived)
        measure(hvsh_own_domain(call, arrived), &row);
    return hvsh_emit(call, &migrate_shape, &row);
}

const struct hvsh_command command_migrate = {
    .name = "migrate",
    .group = "domain",
    .help = "move a guest to another host",
    .description =
        "With --live the guest runs on meanwhile, and stands still for a part of a second at the end. Both hosts must have what the guest "
        "uses: its "
        "networks, its CPU, and its disks under the same path, on storage that both reach or copied by --copy-storage-all to images that "
        "lie "
        "there already. 'host-check --peer URI' tells whether two hosts fit.\n\n"
        "This shell leads the migration, and needs a connection to both hosts; with --p2p the source host does, and desturi is as it sees "
        "the "
        "destination. The memory goes from hypervisor to hypervisor; --tunnelled sends it through libvirt's connection, --tls encrypts "
        "it.\n\n"
        "A guest that writes faster than can be sent never comes to the end: --timeout suspends it after a while, --auto-converge slows it "
        "down, "
        "--postcopy lets it run at the destination before all its memory is there. Ctrl-C takes the migration back, up to the switch to "
        "post-copy; the guest runs on here.",
    HVSH_ARGS(migrate_args),
    .shapes = HVSH_SHAPES(&migrate_shape),
    .examples = HVSH_EXAMPLES(
        {"migrate web1 qemu+ssh://host2/system --live --verbose", "its disks on shared storage", HVSH_MATCH_ONLY},
        {"migrate web1 host2 --live --persistent --undefinesource", "for good; host2 is the name of a connection", HVSH_MATCH_ONLY},
        {"migrate web1 qemu+ssh://host2/system --live --copy-storage-all --migrate-disks vda,vdb", "and copy two of its disks",
         HVSH_MATCH_ONLY},
        {"migrate web1 qemu+ssh://host2/system --live --postcopy --postcopy-after-precopy", "a busy guest with much memory",
         HVSH_MATCH_ONLY},
        {"migrate web1 qemu+ssh://host2/system --offline --persistent", "a guest that is off", HVSH_MATCH_ONLY}),
    .run = migrate_run,
};

HVSH_PLUGIN(.name = "migrate", .version = "1", .summary = "guests go to another host; the jobs of domains",
            .commands = (const struct hvsh_command *const[]){&command_migrate, &command_migrate_setmaxdowntime,
                                                             &command_migrate_getmaxdowntime, &command_migrate_compcache,
                                                             &command_migrate_setspeed, &command_migrate_getspeed,
                                                             &command_migrate_postcopy, &command_domjobinfo, &command_domjobabort, NULL});
