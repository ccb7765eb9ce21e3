/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memory.c - how much memory a guest has: setmem, setmaxmem, dommemstat, domdirtyrate-calc. */
#include "domain.h"

struct memory_args { virDomainPtr domain; uint64_t size; unsigned int affect; };

/* libvirt's memory is in KiB and an unsigned long: larger sizes are refused when they are read. */
#define MEMORY_SIZE(help) \
    HVSH_ALIAS("kilobytes", "size"), \
    HVSH_SIZE(struct memory_args, size, help, .flags = HVSH_REQUIRED, .unit = "KiB")

static const struct hvsh_field setmem_args[] = {
    DOMAIN(struct memory_args, 0),
    MEMORY_SIZE("new memory size"),
    HVSH_AFFECT_LIVE(struct memory_args, affect),
    HVSH_END
};

static int setmem_run(hvsh_call *call, const void *p)
{
    const struct memory_args *args = p;

    if (virDomainSetMemoryFlags(args->domain, hvsh_in_kib(args->size), args->affect) < 0)
        return hvsh_fail_libvirt(call);
    return 0;
}

const struct hvsh_command COMMAND(setmem) = {
    .name = "setmem",
    .group = "domain",
    .help = "change memory allocation",
    .description = "Change the memory that the guest has now, up to its maximum. The guest must have a balloon driver.",
    .args = setmem_args,
    .args_size = sizeof(struct memory_args),
    .examples = HVSH_EXAMPLES({ "setmem test 1GiB", "now, until it is shut off" }, { "setmem test 1GiB --config", "from its next start on" }),
    .run = setmem_run,
};

static const struct hvsh_field setmaxmem_args[] = {
    DOMAIN(struct memory_args, 0),
    MEMORY_SIZE("new maximum memory size"),
    HVSH_AFFECT(struct memory_args, affect),
    HVSH_END
};

static int setmaxmem_run(hvsh_call *call, const void *p)
{
    const struct memory_args *args = p;

    if (virDomainSetMemoryFlags(args->domain, hvsh_in_kib(args->size), args->affect | VIR_DOMAIN_MEM_MAXIMUM) < 0)
        return hvsh_fail_virt(call, "Unable to change MaxMemorySize");
    return 0;
}

const struct hvsh_command COMMAND(setmaxmem) = {
    .name = "setmaxmem",
    .group = "domain",
    .help = "change maximum memory limit",
    .description = "Change the most memory that the guest can have. Most hypervisors can do that only while it is shut off.",
    .args = setmaxmem_args,
    .args_size = sizeof(struct memory_args),
    .examples = HVSH_EXAMPLES({ "setmaxmem test 8GiB --config", "from its next start on" }),
    .run = setmaxmem_run,
};

/* ---- dommemstat ---- */

struct dommemstat_args { virDomainPtr domain; int period; unsigned int affect; };

static const struct hvsh_field dommemstat_args[] = {
    DOMAIN(struct dommemstat_args, ACTIVE),
    HVSH_INT(struct dommemstat_args, period, "how often the guest reports, in seconds; 0: never", .flags = HVSH_NAMED, .min = INT_MIN),
    HVSH_AFFECT(struct dommemstat_args, affect),
    HVSH_END
};

struct number_row { const char *name; uint64_t value; };

static const struct hvsh_field number_row[] = {
    HVSH_TEXT(struct number_row, name, "what is counted"),
    HVSH_UINT64(struct number_row, value, "sizes in KiB"),
    HVSH_END
};

static const struct hvsh_shape dommemstat_shape = { .name = "memory", .kind = HVSH_PAIRS, HVSH_ROW(number_row), .text = "{name} {value}" };

static int dommemstat_run(hvsh_call *call, const void *p)
{
    static const char *const names[VIR_DOMAIN_MEMORY_STAT_NR] = {
        [VIR_DOMAIN_MEMORY_STAT_SWAP_IN] = "swap_in",
        [VIR_DOMAIN_MEMORY_STAT_SWAP_OUT] = "swap_out",
        [VIR_DOMAIN_MEMORY_STAT_MAJOR_FAULT] = "major_fault",
        [VIR_DOMAIN_MEMORY_STAT_MINOR_FAULT] = "minor_fault",
        [VIR_DOMAIN_MEMORY_STAT_UNUSED] = "unused",
        [VIR_DOMAIN_MEMORY_STAT_AVAILABLE] = "available",
        [VIR_DOMAIN_MEMORY_STAT_ACTUAL_BALLOON] = "actual",
        [VIR_DOMAIN_MEMORY_STAT_RSS] = "rss",
        [VIR_DOMAIN_MEMORY_STAT_USABLE] = "usable",
        [VIR_DOMAIN_MEMORY_STAT_LAST_UPDATE] = "last_update",
        [VIR_DOMAIN_MEMORY_STAT_DISK_CACHES] = "disk_caches",
        [VIR_DOMAIN_MEMORY_STAT_HUGETLB_PGALLOC] = "hugetlb_pgalloc",
        [VIR_DOMAIN_MEMORY_STAT_HUGETLB_PGFAIL] = "hugetlb_pgfail",
    };
    const struct dommemstat_args *args = p;
    virDomainMemoryStatStruct stats[VIR_DOMAIN_MEMORY_STAT_NR];
    int count;

    if (hvsh_given(call, "period")) {
        if (args->period < 0)
            return hvsh_fail(call, "Invalid collection period value '%d'", args->period);
        if (virDomainSetMemoryStatsPeriod(args->domain, args->period, args->affect) < 0)
            return hvsh_fail_virt(call, "Unable to change balloon collection period.");
        return 0;
    }
    count = virDomainMemoryStats(args->domain, stats, VIR_DOMAIN_MEMORY_STAT_NR, 0);
    if (count < 0)
        return hvsh_fail_virt(call, "Failed to get memory statistics for domain %s", virDomainGetName(args->domain));
    for (int i = 0; i < count; i++) {
        struct number_row row = { .value = stats[i].val };

        if (stats[i].tag < 0 || stats[i].tag >= VIR_DOMAIN_MEMORY_STAT_NR || !(row.name = names[stats[i].tag]))
            continue;
        if (hvsh_emit(call, &dommemstat_shape, &row) < 0)
            return -1;
    }
    return 0;
}

const struct hvsh_command COMMAND(dommemstat) = {
    .name = "dommemstat",
    .group = "monitor",
    .help = "get memory statistics for a domain",
    .description = "What the guest's balloon driver reports, sizes in KiB; or, with --period, how often it does.",
    HVSH_ARGS(dommemstat_args),
    .shapes = HVSH_SHAPES(&dommemstat_shape),
    .examples = HVSH_EXAMPLES({ "dommemstat test", "its memory, seen from inside" },
                              { "dommemstat test --period 5 --live", "let it report every 5 s" }),
    .run = dommemstat_run,
};

/* ---- domdirtyrate-calc ---- */

#if !LIBVIR_CHECK_VERSION(8, 1, 0)
enum { VIR_DOMAIN_DIRTYRATE_MODE_PAGE_SAMPLING = 0, VIR_DOMAIN_DIRTYRATE_MODE_DIRTY_BITMAP = 1 << 0, VIR_DOMAIN_DIRTYRATE_MODE_DIRTY_RING = 1 << 1 };
#endif

static const struct hvsh_choice dirty_modes[] = {
    { "page-sampling", VIR_DOMAIN_DIRTYRATE_MODE_PAGE_SAMPLING, "by looking at some pages" },
    { "dirty-bitmap", VIR_DOMAIN_DIRTYRATE_MODE_DIRTY_BITMAP, "by a bitmap of all pages" },
    { "dirty-ring", VIR_DOMAIN_DIRTYRATE_MODE_DIRTY_RING, "by KVM's ring, for each processor" },
    { NULL }
};

struct dirty_args { virDomainPtr domain; int seconds; const char *mode; };

static const struct hvsh_field dirty_args[] = {
    DOMAIN(struct dirty_args, ACTIVE),
    HVSH_INT(struct dirty_args, seconds, "how long to count, 1 to 60", .fallback = "1"),
    HVSH_TEXT(struct dirty_args, mode, "how to count, page-sampling by default", .choices = dirty_modes),
    HVSH_END
};

OBJECT_MESSAGE(calculating, "Start to calculate domain's memory dirty rate successfully.");

static int dirty_run(hvsh_call *call, const void *p)
{
    const struct dirty_args *args = p;
    const struct hvsh_choice *mode = args->mode ? object_choice(dirty_modes, args->mode) : dirty_modes;

    if (!mode)
        return hvsh_fail(call, "Unknown calculation mode '%s'", args->mode);
    if (virDomainStartDirtyRateCalc(args->domain, args->seconds, (unsigned int)mode->value) < 0)
        return hvsh_fail_libvirt(call);
    return domain_say(call, &calculating, args->domain);
}

const struct hvsh_command COMMAND(domdirtyrate_calc) = {
    .name = "domdirtyrate-calc",
    .group = "domain",
    .help = "Calculate a vm's memory dirty rate",
    .description = "Begin to count how fast the guest writes to its memory, which tells whether it can be migrated while it runs. "
                   "\"domstats --dirtyrate\" shows the rate when the time is over.",
    HVSH_ARGS(dirty_args),
    .shapes = HVSH_SHAPES(&calculating),
    .examples = HVSH_EXAMPLES({ "domdirtyrate-calc web1 --seconds 5", "over five seconds", HVSH_MATCH_ONLY }),
    .run = dirty_run,
};
