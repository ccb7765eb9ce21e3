/* SPDX-License-Identifier: GPL-3.0-or-later */
/* job.c - the job of a domain (migration, save, dump, backup): domjobinfo, domjobabort. */
#include "migrate.h"
#include <glib.h>
#include <limits.h>
#include <string.h>

/* ---- what a job has done so far ---- */

/* As virsh aligns them: the text of a word, of a number with its unit, of an amount of data. */
static void print_word(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    (void)field;
    hvsh_buffer_printf(out, style == HVSH_PLAIN ? "%-12s" : "%s", *(const char *const *)value);
}

static void print_number(const struct hvsh_field *field, enum hvsh_style style, int width, uint64_t number, hvsh_buffer *out)
{
    hvsh_buffer_printf(out, "%-*llu", style == HVSH_PLAIN ? width : 0, (unsigned long long)number);
    if (style != HVSH_DATA && field->unit)
        hvsh_buffer_printf(out, " %s", field->unit);
}

static void print_count(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    print_number(field, style, 12, *(const uint64_t *)value, out);
}

static void print_wide_count(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    print_number(field, style, 13, *(const uint64_t *)value, out);
}

static void print_time(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    if (style == HVSH_PLAIN)
        print_number(field, style, 12, *(const uint64_t *)value / 1000000, out);
    else
        hvsh_type_duration.print(field, value, style, out);
}

static void print_data(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double amount = (double)*(const uint64_t *)value;
    unsigned int unit = 0;

    if (style == HVSH_DATA) {
        print_number(field, style, 0, *(const uint64_t *)value, out);
        return;
    }
    for (; amount >= 1024 && unit < sizeof units / sizeof *units - 1; unit++)
        amount /= 1024;
    hvsh_buffer_printf(out, "%.*f %s", style == HVSH_PLAIN ? 3 : 1, amount, units[unit]);
}

static void print_rate(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    print_data(field, value, style, out);
    if (style != HVSH_DATA)
        hvsh_buffer_add(out, "/s");
}

static const struct hvsh_type word_type = {.name = "word", .kind = HVSH_KIND_TEXT, .size = sizeof(const char *), .print = print_word};
static const struct hvsh_type count_type = {.name = "count", .kind = HVSH_KIND_UINT64, .size = sizeof(uint64_t), .print = print_count};
static const struct hvsh_type wide_count_type = {
    .name = "count", .kind = HVSH_KIND_UINT64, .size = sizeof(uint64_t), .print = print_wide_count};
static const struct hvsh_type time_type = {.name = "duration", .kind = HVSH_KIND_DURATION, .size = sizeof(uint64_t), .print = print_time};
const struct hvsh_type data_type = {.name = "size", .kind = HVSH_KIND_SIZE, .size = sizeof(uint64_t), .print = print_data};
static const struct hvsh_type rate_type = {.name = "size", .kind = HVSH_KIND_SIZE, .size = sizeof(uint64_t), .print = print_rate};

struct job_row {
    const char *job, *operation;
    uint64_t time_elapsed, time_elapsed_net, time_remaining;
    uint64_t data_processed, data_remaining, data_total;
    uint64_t memory_processed, memory_remaining, memory_total, memory_bps, dirty_rate, page_size, iteration, postcopy_requests;
    uint64_t disk_processed, disk_remaining, disk_total, disk_bps;
    uint64_t constant_pages, normal_pages, normal_bytes;
    uint64_t total_downtime, expected_downtime, downtime_net, setup_time;
    uint64_t compression_cache, compressed_bytes, compressed_pages, cache_misses, compression_overflows, throttle;
    uint64_t temporary_used, temporary_total;
    const char *error;
    struct hvsh_params statistics;
};

/* A row that is filled from libvirt's statistic .param. */
#define STATISTIC(type, mem, key, heading, ...)                                                                                            \
    HVSH_BIND(struct job_row, mem, uint64_t, type, __VA_ARGS__, .label = (heading), .param = (key))

static const struct hvsh_field job_row[] = {
    HVSH_BIND(struct job_row, job, const char *, word_type, "whether there is a job, or how it ended", .label = "Job type:"),
    HVSH_BIND(struct job_row, operation, const char *, word_type, "what is done", .label = "Operation:"),
    STATISTIC(time_type, time_elapsed, VIR_DOMAIN_JOB_TIME_ELAPSED, "Time elapsed:", "how long it has run", .unit = "ms"),
    STATISTIC(time_type, time_elapsed_net, VIR_DOMAIN_JOB_TIME_ELAPSED_NET,
              "Time elapsed w/o network:", "how long, without what the network between the hosts took", .unit = "ms"),
    STATISTIC(time_type, time_remaining, VIR_DOMAIN_JOB_TIME_REMAINING, "Time remaining:", "how long it will still run", .unit = "ms"),
    STATISTIC(data_type, data_processed, VIR_DOMAIN_JOB_DATA_PROCESSED, "Data processed:", "what was sent or written"),
    STATISTIC(data_type, data_remaining, VIR_DOMAIN_JOB_DATA_REMAINING, "Data remaining:", "what is left"),
    STATISTIC(data_type, data_total, VIR_DOMAIN_JOB_DATA_TOTAL, "Data total:", "all of it"),
    STATISTIC(data_type, memory_processed, VIR_DOMAIN_JOB_MEMORY_PROCESSED, "Memory processed:", "memory that was sent or written"),
    STATISTIC(data_type, memory_remaining, VIR_DOMAIN_JOB_MEMORY_REMAINING, "Memory remaining:", "memory that is left"),
    STATISTIC(data_type, memory_total, VIR_DOMAIN_JOB_MEMORY_TOTAL, "Memory total:", "memory in all"),
    STATISTIC(rate_type, memory_bps, VIR_DOMAIN_JOB_MEMORY_BPS, "Memory bandwidth:", "bytes of memory each second"),
    STATISTIC(count_type, dirty_rate, VIR_DOMAIN_JOB_MEMORY_DIRTY_RATE, "Dirty rate:", "pages that the guest writes to each second",
              .unit = "pages/s"),
    STATISTIC(count_type, page_size, VIR_DOMAIN_JOB_MEMORY_PAGE_SIZE, "Page size:", "bytes of a page", .unit = "bytes"),
    STATISTIC(count_type, iteration, VIR_DOMAIN_JOB_MEMORY_ITERATION, "Iteration:", "which pass over the memory this is"),
    STATISTIC(count_type, postcopy_requests, VIR_DOMAIN_JOB_MEMORY_POSTCOPY_REQS,
              "Postcopy requests:", "pages that the destination had to ask for"),
    STATISTIC(data_type, disk_processed, VIR_DOMAIN_JOB_DISK_PROCESSED, "File processed:", "data of disks that were copied"),
    STATISTIC(data_type, disk_remaining, VIR_DOMAIN_JOB_DISK_REMAINING, "File remaining:", "data of disks that are left"),
    STATISTIC(data_type, disk_total, VIR_DOMAIN_JOB_DISK_TOTAL, "File total:", "data of disks in all"),
    STATISTIC(rate_type, disk_bps, VIR_DOMAIN_JOB_DISK_BPS, "File bandwidth:", "bytes of disks each second"),
    STATISTIC(count_type, constant_pages, VIR_DOMAIN_JOB_MEMORY_CONSTANT, "Constant pages:", "pages that hold one byte only"),
    STATISTIC(count_type, normal_pages, VIR_DOMAIN_JOB_MEMORY_NORMAL, "Normal pages:", "pages that were sent in full"),
    STATISTIC(data_type, normal_bytes, VIR_DOMAIN_JOB_MEMORY_NORMAL_BYTES, "Normal data:", "bytes of these pages"),
    HVSH_BIND(struct job_row, total_downtime, uint64_t, time_type, "how long the guest stood still",
              .label = "Total downtime:", .unit = "ms"),
    HVSH_BIND(struct job_row, expected_downtime, uint64_t, time_type, "how long it will stand still",
              .label = "Expected downtime:", .unit = "ms"),
    STATISTIC(time_type, downtime_net, VIR_DOMAIN_JOB_DOWNTIME_NET,
              "Downtime w/o network:", "how long it stood still, without what the network between the hosts took", .unit = "ms"),
    STATISTIC(time_type, setup_time, VIR_DOMAIN_JOB_SETUP_TIME, "Setup time:", "how long the beginning took", .unit = "ms"),
    STATISTIC(data_type, compression_cache, VIR_DOMAIN_JOB_COMPRESSION_CACHE, "Compression cache:", "cache of the compression"),
    STATISTIC(data_type, compressed_bytes, VIR_DOMAIN_JOB_COMPRESSION_BYTES, "Compressed data:", "bytes that were sent compressed"),
    STATISTIC(wide_count_type, compressed_pages, VIR_DOMAIN_JOB_COMPRESSION_PAGES, "Compressed pages:", "pages that were sent compressed"),
    STATISTIC(wide_count_type, cache_misses, VIR_DOMAIN_JOB_COMPRESSION_CACHE_MISSES,
              "Compression cache misses:", "pages that were not in the cache"),
    STATISTIC(wide_count_type, compression_overflows, VIR_DOMAIN_JOB_COMPRESSION_OVERFLOW,
              "Compression overflows:", "pages that grew by compression"),
    STATISTIC(wide_count_type, throttle, VIR_DOMAIN_JOB_AUTO_CONVERGE_THROTTLE,
              "Auto converge throttle:", "percent by which the guest's CPUs are slowed down"),
    STATISTIC(data_type, temporary_used, VIR_DOMAIN_JOB_DISK_TEMP_USED,
              "Temporary disk space use:", "space on disk that is in use meanwhile"),
    STATISTIC(data_type, temporary_total, VIR_DOMAIN_JOB_DISK_TEMP_TOTAL, "Temporary disk space total:", "space on disk that may be used"),
    HVSH_TEXT(struct job_row, error, "why it failed", .label = "Error message:"),
    HVSH_PARAMS(struct job_row, statistics, "all that libvirt tells, in its own words and units"),
    HVSH_END};
static const struct hvsh_shape job_shape = {.name = "job", .kind = HVSH_RECORD, HVSH_ROW(job_row), .width = 17};

static const struct hvsh_choice job_types[] = {{"None", VIR_DOMAIN_JOB_NONE},
                                               {"Bounded", VIR_DOMAIN_JOB_BOUNDED},
                                               {"Unbounded", VIR_DOMAIN_JOB_UNBOUNDED},
                                               {"Completed", VIR_DOMAIN_JOB_COMPLETED},
                                               {"Failed", VIR_DOMAIN_JOB_FAILED},
                                               {"Cancelled", VIR_DOMAIN_JOB_CANCELLED},
                                               {NULL}};
#if !LIBVIR_CHECK_VERSION(9, 0, 0)
enum { VIR_DOMAIN_JOB_OPERATION_SNAPSHOT_DELETE = 10 };
#endif
static const struct hvsh_choice operations[] = {{"Unknown", VIR_DOMAIN_JOB_OPERATION_UNKNOWN},
                                                {"Start", VIR_DOMAIN_JOB_OPERATION_START},
                                                {"Save", VIR_DOMAIN_JOB_OPERATION_SAVE},
                                                {"Restore", VIR_DOMAIN_JOB_OPERATION_RESTORE},
                                                {"Incoming migration", VIR_DOMAIN_JOB_OPERATION_MIGRATION_IN},
                                                {"Outgoing migration", VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT},
                                                {"Snapshot", VIR_DOMAIN_JOB_OPERATION_SNAPSHOT},
                                                {"Snapshot revert", VIR_DOMAIN_JOB_OPERATION_SNAPSHOT_REVERT},
                                                {"Dump", VIR_DOMAIN_JOB_OPERATION_DUMP},
                                                {"Backup", VIR_DOMAIN_JOB_OPERATION_BACKUP},
                                                {"Snapshot delete", VIR_DOMAIN_JOB_OPERATION_SNAPSHOT_DELETE},
                                                {NULL}};

static const char *word(const struct hvsh_choice *words, int value)
{
    for (; words->name; words++)
        if (words->value == value)
            return words->name;
    return "Unknown";
}

/* A statistic; UINT64_MAX: libvirt does not tell. */
static uint64_t statistic(const struct hvsh_params *statistics, const char *key)
{
    for (int i = 0; i < statistics->count; i++) {
        const virTypedParameter *item = &statistics->items[i];

        if (strcmp(item->field, key) != 0)
            continue;
        switch (item->type) {
        case VIR_TYPED_PARAM_INT:
            return item->value.i < 0 ? UINT64_MAX : (uint64_t)item->value.i;
        case VIR_TYPED_PARAM_UINT:
            return item->value.ui;
        case VIR_TYPED_PARAM_LLONG:
            return item->value.l < 0 ? UINT64_MAX : (uint64_t)item->value.l;
        case VIR_TYPED_PARAM_ULLONG:
            return item->value.ul;
        default:
            return UINT64_MAX;
        }
    }
    return UINT64_MAX;
}

static uint64_t milliseconds(uint64_t value)
{
    return value > UINT64_MAX / 1000000 ? UINT64_MAX : value * 1000000;
}

static const char *error_of(const struct hvsh_params *statistics)
{
    for (int i = 0; i < statistics->count; i++)
        if (strcmp(statistics->items[i].field, VIR_DOMAIN_JOB_ERRMSG) == 0 && statistics->items[i].type == VIR_TYPED_PARAM_STRING)
            return statistics->items[i].value.s;
    return NULL;
}

/* Without statistics all is missing. */
static void fill(struct job_row *row, const struct hvsh_params *statistics)
{
    for (const struct hvsh_field *field = job_row; field->member; field++) {
        uint64_t *value = (uint64_t *)((char *)row + field->offset);

        if (field->param) {
            *value = statistic(statistics, field->param);
            if (field->type == &time_type)
                *value = milliseconds(*value);
        }
    }
    row->total_downtime = row->expected_downtime = UINT64_MAX;
    row->error = error_of(statistics);
}

/* virsh shows amounts where one of the three is not zero. Is it so? */
static bool amounts(uint64_t *processed, uint64_t *remaining, uint64_t *total)
{
    uint64_t *const all[] = {processed, remaining, total};
    bool any = false;

    for (unsigned int i = 0; i < 3; i++) {
        any = any || (*all[i] && *all[i] != UINT64_MAX);
        if (*all[i] == UINT64_MAX)
            *all[i] = 0;
    }
    if (!any)
        *processed = *remaining = *total = UINT64_MAX;
    return any;
}

static void zero_is_none(uint64_t *value)
{
    if (!*value)
        *value = UINT64_MAX;
}

/* What virsh shows of a job of this type. */
static void arrange(struct job_row *row, int type)
{
    uint64_t downtime = milliseconds(statistic(&row->statistics, VIR_DOMAIN_JOB_DOWNTIME));

    if (row->time_elapsed == UINT64_MAX)
        row->time_elapsed = 0;
    if (type != VIR_DOMAIN_JOB_BOUNDED)
        row->time_remaining = UINT64_MAX;
    else if (row->time_remaining == UINT64_MAX)
        row->time_remaining = 0;
    amounts(&row->data_processed, &row->data_remaining, &row->data_total);
    if (!amounts(&row->memory_processed, &row->memory_remaining, &row->memory_total))
        row->memory_bps = row->dirty_rate = row->page_size = row->iteration = row->postcopy_requests = UINT64_MAX;
    if (!amounts(&row->disk_processed, &row->disk_remaining, &row->disk_total))
        row->disk_bps = UINT64_MAX;
    zero_is_none(&row->memory_bps);
    zero_is_none(&row->disk_bps);
    *(type == VIR_DOMAIN_JOB_COMPLETED ? &row->total_downtime : &row->expected_downtime) = downtime;
}

/* Older daemons tell the job in a struct. */
static void from_info(struct job_row *row, const virDomainJobInfo *info)
{
    row->time_elapsed = milliseconds(info->timeElapsed);
    row->time_remaining = milliseconds(info->timeRemaining);
    row->data_processed = info->dataProcessed, row->data_remaining = info->dataRemaining, row->data_total = info->dataTotal;
    row->memory_processed = info->memProcessed, row->memory_remaining = info->memRemaining, row->memory_total = info->memTotal;
    row->disk_processed = info->fileProcessed, row->disk_remaining = info->fileRemaining, row->disk_total = info->fileTotal;
}

/* ---- domjobinfo ---- */

struct domjobinfo_args {
    virDomainPtr domain;
    unsigned int flags;
    bool anystats, rawstats;
};

static const struct hvsh_field domjobinfo_args[] = {
    DOMAIN_ROW(struct domjobinfo_args, ACTIVE),
    HVSH_BIT(struct domjobinfo_args, flags, "completed", VIR_DOMAIN_JOB_STATS_COMPLETED, "of the job that has ended last"),
    HVSH_BIT(struct domjobinfo_args, flags, "keep-completed", VIR_DOMAIN_JOB_STATS_KEEP_COMPLETED, "and let it be asked for again"),
    HVSH_FLAG(struct domjobinfo_args, anystats, "statistics of a job that failed, too"),
    HVSH_FLAG(struct domjobinfo_args, rawstats, "in libvirt's words and units"),
    HVSH_REQUIRES("keep-completed", "completed"),
    HVSH_END};

/* A line for each. */
static void print_lines(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    const struct hvsh_params *statistics = value;

    for (int i = 0; i < statistics->count; i++) {
        hvsh_buffer_printf(out, "%s: ", statistics->items[i].field);
        hvsh_type_params.print(field, &(struct hvsh_params){&statistics->items[i], 1}, style, out);
        hvsh_buffer_add(out, "\n");
    }
}

static const struct hvsh_type lines_type = {
    .name = "parameters", .kind = HVSH_KIND_PARAMS, .size = sizeof(struct hvsh_params), .print = print_lines};

struct raw_row {
    int type;
    const char *job;
    struct hvsh_params statistics;
};
static const struct hvsh_field raw_row[] = {
    HVSH_INT(struct raw_row, type, "libvirt's number of the type"), HVSH_TEXT(struct raw_row, job, "its word"),
    HVSH_BIND(struct raw_row, statistics, struct hvsh_params, lines_type, "all that libvirt tells", .missing = ""), HVSH_END};
static const struct hvsh_shape raw_shape = {
    .name = "job", .kind = HVSH_RECORD, .flags = HVSH_NO_NEWLINE, HVSH_ROW(raw_row), .text = "Job type: {type}\n\n{statistics}"};

struct statistics {
    virTypedParameterPtr items;
    int count;
};

static void statistics_free(void *p)
{
    struct statistics *statistics = p;

    virTypedParamsFree(statistics->items, statistics->count);
    g_free(statistics);
}

/* Nothing but its type and what was done is shown of a job that has ended, unless it was asked for. */
static bool shows_statistics(const struct domjobinfo_args *args, int type)
{
    return type == VIR_DOMAIN_JOB_BOUNDED || type == VIR_DOMAIN_JOB_UNBOUNDED || (type != VIR_DOMAIN_JOB_NONE && args->anystats) ||
           (type == VIR_DOMAIN_JOB_COMPLETED && args->flags & VIR_DOMAIN_JOB_STATS_COMPLETED);
}

static int domjobinfo_run(hvsh_call *call, const void *p)
{
    static const struct hvsh_params none = {NULL, 0};
    const struct domjobinfo_args *args = p;
    struct statistics *statistics = hvsh_defer(call, g_new0(struct statistics, 1), statistics_free);
    struct job_row row = {.operation = NULL};
    virDomainJobInfo info;
    bool old = false;
    int type;

    if (virDomainGetJobStats(args->domain, &type, &statistics->items, &statistics->count, args->flags) < 0) {
        if (virGetLastErrorCode() != VIR_ERR_NO_SUPPORT)
            return hvsh_fail_libvirt(call);
        if (args->flags || args->rawstats)
            return hvsh_fail_virt(call, "Optional flags or --rawstats are not supported by the daemon");
        if (virDomainGetJobInfo(args->domain, &info) < 0)
            return hvsh_fail_libvirt(call);
        type = info.type;
        old = true;
    }
    row.job = word(job_types, type);
    row.statistics = (struct hvsh_params){statistics->items, statistics->count};
    if (args->rawstats)
        return hvsh_emit(call, &raw_shape, &(struct raw_row){type, row.job, row.statistics});
    if (type != VIR_DOMAIN_JOB_NONE) {
        uint64_t operation = statistic(&row.statistics, VIR_DOMAIN_JOB_OPERATION);

        row.operation = word(operations, operation > INT_MAX ? VIR_DOMAIN_JOB_OPERATION_UNKNOWN : (int)operation);
    }
    if (shows_statistics(args, type)) {
        fill(&row, &row.statistics);
        if (old)
            from_info(&row, &info);
        arrange(&row, type);
    } else {
        fill(&row, &none);
    }
    return hvsh_emit(call, &job_shape, &row);
}

const struct hvsh_command command_domjobinfo = {
    .name = "domjobinfo",
    .group = "domain",
    .help = "how far the job of a domain is",
    .description =
        "What the migration, save, dump or backup of a guest has done and has still to do; with --completed how the last one went. "
        "That is told once, unless --keep-completed is given. An outgoing migration is told of by the host that the guest has left only "
        "if its definition is still there.",
    HVSH_ARGS(domjobinfo_args),
    .shapes = HVSH_SHAPES(&job_shape, &raw_shape),
    .examples = HVSH_EXAMPLES({"domjobinfo web1", "what it is doing now", HVSH_MATCH_ONLY},
                              {"domjobinfo web1 --completed --keep-completed --json", "how the last migration went", HVSH_MATCH_ONLY}),
    .run = domjobinfo_run,
};

/* ---- domjobabort ---- */

#if !LIBVIR_CHECK_VERSION(8, 5, 0)
enum { VIR_DOMAIN_ABORT_JOB_POSTCOPY = 1 << 0 };
#endif

struct domjobabort_args {
    virDomainPtr domain;
    unsigned int flags;
};

static const struct hvsh_field domjobabort_args[] = {
    DOMAIN_ROW(struct domjobabort_args, ACTIVE),
    HVSH_BIT(struct domjobabort_args, flags, "postcopy", VIR_DOMAIN_ABORT_JOB_POSTCOPY, "interrupt a migration in its post-copy phase"),
    HVSH_END};

static int domjobabort_run(hvsh_call *call, const void *p)
{
    const struct domjobabort_args *args = p;

#if LIBVIR_CHECK_VERSION(8, 5, 0)
    if (args->flags)
        return virDomainAbortJobFlags(args->domain, args->flags) < 0 ? hvsh_fail_libvirt(call) : 0;
#else
    if (args->flags)
        return hvsh_fail(call, "--postcopy needs libvirt 8.5, and this shell was built with an older one");
#endif
    return virDomainAbortJob(args->domain) < 0 ? hvsh_fail_libvirt(call) : 0;
}

const struct hvsh_command command_domjobabort = {
    .name = "domjobabort",
    .group = "domain",
    .help = "abort the job of a domain",
    .description = "End the migration, save, dump or backup that is going on; the guest runs on. A migration that is in its post-copy phase "
                   "cannot be taken back: --postcopy interrupts it, the guest stands still, and 'migrate --postcopy --postcopy-resume' "
                   "goes on with it. Wait until the guest runs at the destination: an interruption before that is its end.",
    HVSH_ARGS(domjobabort_args),
    .examples = HVSH_EXAMPLES({"domjobabort web1", "it stays where it is", HVSH_MATCH_ONLY}),
    .run = domjobabort_run,
};
