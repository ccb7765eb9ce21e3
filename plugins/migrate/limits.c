/* SPDX-License-Identifier: GPL-3.0-or-later */
/* limits.c - what a migration may take while it goes on: downtime, bandwidth, cache; and the switch to post-copy. */
#include "migrate.h"

struct only_domain {
    virDomainPtr domain;
};
static const struct hvsh_field only_active_domain[] = {DOMAIN_ROW(struct only_domain, ACTIVE), HVSH_END};

/* ---- downtime ---- */

struct downtime_args {
    virDomainPtr domain;
    uint64_t downtime;
};

static const struct hvsh_field downtime_args[] = {DOMAIN_ROW(struct downtime_args, ACTIVE),
                                                  HVSH_DURATION(struct downtime_args, downtime,
                                                                "how long the guest may stand still",
                                                                .flags = HVSH_REQUIRED, .unit = "ms"),
                                                  HVSH_END};

static int setmaxdowntime_run(hvsh_call *call, const void *p)
{
    const struct downtime_args *args = p;
    uint64_t milliseconds = args->downtime / 1000000;

    if (!milliseconds)
        return hvsh_fail(call, "migrate: Invalid downtime");
    return virDomainMigrateSetMaxDowntime(args->domain, milliseconds, 0) < 0 ? hvsh_fail_libvirt(call) : 0;
}

const struct hvsh_command command_migrate_setmaxdowntime = {
    .name = "migrate-setmaxdowntime",
    .group = "domain",
    .help = "how long a guest may stand still for its migration",
    .description =
        "A migration ends when what is left can be sent in that time, during which the guest stands still. One that does not come to "
        "its end may do so with a longer one.",
    HVSH_ARGS(downtime_args),
    .examples = HVSH_EXAMPLES({"migrate-setmaxdowntime web1 500", "half a second", HVSH_MATCH_ONLY}),
    .run = setmaxdowntime_run,
};

/* What JSON and Lua get, and the number that virsh prints. */
struct number_row {
    uint64_t number;
    uint64_t shown;
};

static const struct hvsh_field downtime_row[] = {
    HVSH_DURATION(struct number_row, number, "how long it may stand still", .name = "downtime"),
    HVSH_UINT64(struct number_row, shown, "in milliseconds", .flags = HVSH_HIDE), HVSH_END};
static const struct hvsh_shape downtime_shape = {
    .name = "downtime", .kind = HVSH_RECORD, .fields = downtime_row, .size = sizeof(struct number_row), .text = "{shown}"};

static int getmaxdowntime_run(hvsh_call *call, const void *p)
{
    const struct only_domain *args = p;
    unsigned long long downtime;

    if (virDomainMigrateGetMaxDowntime(args->domain, &downtime, 0) < 0)
        return hvsh_fail_libvirt(call);
    return hvsh_emit(call, &downtime_shape, &(struct number_row){downtime * 1000000, downtime});
}

const struct hvsh_command command_migrate_getmaxdowntime = {
    .name = "migrate-getmaxdowntime",
    .group = "domain",
    .help = "how long a guest may stand still for its migration, now",
    .args = only_active_domain,
    .args_size = sizeof(struct only_domain),
    .shapes = HVSH_SHAPES(&downtime_shape),
    .examples = HVSH_EXAMPLES({"migrate-getmaxdowntime web1", "in milliseconds", HVSH_MATCH_ONLY}),
    .run = getmaxdowntime_run,
};

/* ---- the cache of the compression ---- */

struct compcache_args {
    virDomainPtr domain;
    uint64_t size;
};

static const struct hvsh_field compcache_args[] = {
    DOMAIN_ROW(struct compcache_args, ACTIVE),
    HVSH_UINT64(struct compcache_args, size, "bytes of the cache, a power of two", .flags = HVSH_NAMED), HVSH_END};

struct compcache_row {
    uint64_t size;
};
static const struct hvsh_field compcache_row[] = {HVSH_BIND(struct compcache_row, size, uint64_t, data_type, "bytes of the cache"),
                                                  HVSH_END};
static const struct hvsh_shape compcache_shape = {
    .name = "compcache", .kind = HVSH_RECORD, .flags = HVSH_NO_NEWLINE, HVSH_ROW(compcache_row), .text = "Compression cache: {size}"};

static int compcache_run(hvsh_call *call, const void *p)
{
    const struct compcache_args *args = p;
    unsigned long long size;

    if (hvsh_given(call, "size") && virDomainMigrateSetCompressionCache(args->domain, args->size, 0) < 0)
        return hvsh_fail_libvirt(call);
    if (virDomainMigrateGetCompressionCache(args->domain, &size, 0) < 0)
        return hvsh_fail_libvirt(call);
    return hvsh_emit(call, &compcache_shape, &(struct compcache_row){size});
}

const struct hvsh_command command_migrate_compcache = {
    .name = "migrate-compcache",
    .group = "domain",
    .help = "show or set the cache of a migration that compresses",
    .description =
        "Pages that are sent again are compared with what the cache has of them (migrate --compressed); a larger one finds more.",
    HVSH_ARGS(compcache_args),
    .shapes = HVSH_SHAPES(&compcache_shape),
    .examples = HVSH_EXAMPLES({"migrate-compcache web1", "how large it is", HVSH_MATCH_ONLY},
                              {"migrate-compcache web1 --size 134217728", "128 MiB", HVSH_MATCH_ONLY}),
    .run = compcache_run,
};

/* ---- bandwidth ---- */

struct speed_args {
    virDomainPtr domain;
    uint64_t bandwidth;
    unsigned int flags;
};

static const struct hvsh_field setspeed_args[] = {
    DOMAIN_ROW(struct speed_args, 0),
    HVSH_BANDWIDTH(struct speed_args, bandwidth, "most MiB that are sent in a second; 0: no limit", .flags = HVSH_REQUIRED),
    HVSH_BIT(struct speed_args, flags, "postcopy", VIR_DOMAIN_MIGRATE_MAX_SPEED_POSTCOPY, "in the post-copy phase"), HVSH_END};

static int setspeed_run(hvsh_call *call, const void *p)
{
    const struct speed_args *args = p;

    return virDomainMigrateSetMaxSpeed(args->domain, args->bandwidth, args->flags) < 0 ? hvsh_fail_libvirt(call) : 0;
}

const struct hvsh_command command_migrate_setspeed = {
    .name = "migrate-setspeed",
    .group = "domain",
    .help = "limit the bandwidth of a guest's migration",
    .description =
        "For the migration that goes on, and for those to come. The guest may be off, unless it is the limit of the post-copy phase.",
    .args = setspeed_args,
    .args_size = sizeof(struct speed_args),
    .examples = HVSH_EXAMPLES({"migrate-setspeed web1 100", "100 MiB/s", HVSH_MATCH_ONLY}),
    .run = setspeed_run,
};

static const struct hvsh_field getspeed_args[] = {
    DOMAIN_ROW(struct speed_args, 0),
    HVSH_BIT(struct speed_args, flags, "postcopy", VIR_DOMAIN_MIGRATE_MAX_SPEED_POSTCOPY, "in the post-copy phase"), HVSH_END};

static const struct hvsh_field speed_row[] = {HVSH_BIND(struct number_row, number, uint64_t, hvsh_type_uint64,
                                                        "most bytes that are sent in a second; 0: no limit", .name = "bytes-sec"),
                                              HVSH_UINT64(struct number_row, shown, "MiB/s", .flags = HVSH_HIDE), HVSH_END};
static const struct hvsh_shape speed_shape = {
    .name = "speed", .kind = HVSH_RECORD, .fields = speed_row, .size = sizeof(struct number_row), .text = "{shown}"};

static int getspeed_run(hvsh_call *call, const void *p)
{
    const struct speed_args *args = p;
    unsigned long bandwidth;

    if (virDomainMigrateGetMaxSpeed(args->domain, &bandwidth, args->flags) < 0)
        return hvsh_fail_libvirt(call);
    return hvsh_emit(call, &speed_shape, &(struct number_row){(uint64_t)bandwidth << 20, bandwidth});
}

const struct hvsh_command command_migrate_getspeed = {
    .name = "migrate-getspeed",
    .group = "domain",
    .help = "show the limit of a guest's migration, in MiB/s",
    .args = getspeed_args,
    .args_size = sizeof(struct speed_args),
    .shapes = HVSH_SHAPES(&speed_shape),
    .examples = HVSH_EXAMPLES({"migrate-getspeed web1", "in MiB/s", HVSH_MATCH_ONLY}),
    .run = getspeed_run,
};

/* ---- post-copy ---- */

static int postcopy_run(hvsh_call *call, const void *p)
{
    const struct only_domain *args = p;

    return virDomainMigrateStartPostCopy(args->domain, 0) < 0 ? hvsh_fail_libvirt(call) : 0;
}

const struct hvsh_command command_migrate_postcopy = {
    .name = "migrate-postcopy",
    .group = "domain",
    .help = "let a guest run at its destination before all of its memory is there",
    .description =
        "A migration that was begun with --postcopy goes over to its post-copy phase: the guest runs at the destination, which asks for "
        "the pages that are still missing. From then on it cannot be taken back, and neither host can have the guest alone.",
    .args = only_active_domain,
    .args_size = sizeof(struct only_domain),
    .examples = HVSH_EXAMPLES({"migrate-postcopy web1", "now", HVSH_MATCH_ONLY}),
    .run = postcopy_run,
};
