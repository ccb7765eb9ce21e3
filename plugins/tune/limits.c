/* SPDX-License-Identifier: GPL-3.0-or-later */
/* limits.c - limits and weights of a whole guest: memtune, blkiotune, numatune, perf. */
#include "tune.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- memtune ---- */

struct memtune_args { virDomainPtr domain; uint64_t hard_limit, soft_limit, swap_hard_limit, min_guarantee; unsigned int flags; };

/* KiB, with suffixes; a negative number takes the limit away, and so does the word by which that is shown. */
static int parse_limit(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    const struct hvsh_field size = {.name = field->name, .type = &hvsh_type_size, .unit = "KiB", .max = INT64_MAX};
    uint64_t bytes;
    long long number;
    char *end;

    if (strcmp(text, "unlimited") == 0)
        text = "-1";
    errno = 0;
    number = strtoll(text, &end, 10);
    if (!errno && end != text && number < 0) {
        *(uint64_t *)value = VIR_DOMAIN_MEMORY_PARAM_UNLIMITED;
        return 0;
    }
    if (errno || end == text || !g_regex_match_simple("^\\s*(b|bytes?|[kmgtpe](i?b)?)?$", end, G_REGEX_CASELESS, 0))
        return hvsh_fail(call, "Unable to parse integer parameter %s", field->name);
    /* (what was read, again: "-0" is no size) */
    if (hvsh_type_size.parse(call, &size, hvsh_printf(call, "%lld%s", number, end), &bytes) < 0)
        return -1;
    *(uint64_t *)value = hvsh_in_kib(bytes);
    return 0;
}

static const struct hvsh_type limit_type = {.name = "size", .kind = HVSH_KIND_UINT64, .size = sizeof(uint64_t), .parse = parse_limit};
#define LIMIT(m, key, help) HVSH_BIND(struct memtune_args, m, uint64_t, limit_type, help, .param = key)

static const struct hvsh_field memtune_args[] = {
    DOMAIN(struct memtune_args),
    LIMIT(hard_limit, VIR_DOMAIN_MEMORY_HARD_LIMIT, "most memory it may use (KiB, or with a unit; -1: no limit)"),
    LIMIT(soft_limit, VIR_DOMAIN_MEMORY_SOFT_LIMIT, "most memory while the host is short of it (KiB; -1: no limit)"),
    LIMIT(swap_hard_limit, VIR_DOMAIN_MEMORY_SWAP_HARD_LIMIT, "most memory and swap together (KiB; -1: no limit)"),
    LIMIT(min_guarantee, VIR_DOMAIN_MEMORY_MIN_GUARANTEE, "least memory that it is sure of (KiB)"),
    HVSH_AFFECT(struct memtune_args, flags),
    HVSH_END
};

static int memory_get(virDomainPtr domain, const char *device, virTypedParameterPtr params, int *count, unsigned int flags)
{
    (void)device;
    return virDomainGetMemoryParameters(domain, params, count, flags);
}

static int memory_set(virDomainPtr domain, const char *device, virTypedParameterPtr params, int count, unsigned int flags)
{
    (void)device;
    return virDomainSetMemoryParameters(domain, params, count, flags);
}

static const char *memory_word(const struct _virTypedParameter *param)
{
    return param->type == VIR_TYPED_PARAM_ULLONG && param->value.ul == VIR_DOMAIN_MEMORY_PARAM_UNLIMITED ? "unlimited" : NULL;
}

static const struct family memory_family = {
    .get = memory_get, .set = memory_set, .word = memory_word,
    .cannot_count = "Unable to get number of memory parameters", .cannot_get = "Unable to get memory parameters",
    .cannot_set = "Unable to change memory parameters",
};

static int memtune_run(hvsh_call *call, const void *p)
{
    const struct memtune_args *args = p;

    return family_run(call, &memory_family, args->domain, NULL, args->flags, NULL, 0);
}

const struct hvsh_command COMMAND(memtune) = {
    .name = "memtune", .group = "domain", .help = "Get or set memory parameters",
    .description = "Without a limit shows those of the guest; with some sets them.",
    HVSH_ARGS(memtune_args), .shapes = TUNE_SHAPES,
    .examples = HVSH_EXAMPLES({"memtune test", "what limits there are"}, {"memtune test --hard-limit 4G", "no more than 4 GiB of the host"}),
    .run = memtune_run,
};

/* ---- blkiotune ---- */

struct blkiotune_args {
    virDomainPtr domain;
    unsigned int weight, flags;
    const char *device_weights, *device_read_iops_sec, *device_write_iops_sec, *device_read_bytes_sec, *device_write_bytes_sec;
};

static int parse_weight(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    int number;

    if (hvsh_type_int.parse(call, field, text, &number) < 0)
        return -1;
    if (number <= 0)
        return hvsh_fail(call, "Invalid value of %d for I/O weight", number);
    *(unsigned int *)value = (unsigned int)number;
    return 0;
}

static const struct hvsh_type weight_type = {.name = "number", .kind = HVSH_KIND_UINT, .size = sizeof(unsigned int), .parse = parse_weight};
#define PER_DEVICE(m, key, help) HVSH_TEXT(struct blkiotune_args, m, help, .param = key)

static const struct hvsh_field blkiotune_args[] = {
    DOMAIN(struct blkiotune_args),
    HVSH_BIND(struct blkiotune_args, weight, unsigned int, weight_type, "weight of its input and output among the guests'",
              .param = VIR_DOMAIN_BLKIO_WEIGHT),
    PER_DEVICE(device_weights, VIR_DOMAIN_BLKIO_DEVICE_WEIGHT, "weights of the host's devices: /path,weight,..."),
    PER_DEVICE(device_read_iops_sec, VIR_DOMAIN_BLKIO_DEVICE_READ_IOPS, "reads a second of the host's devices: /path,number,..."),
    PER_DEVICE(device_write_iops_sec, VIR_DOMAIN_BLKIO_DEVICE_WRITE_IOPS, "writes a second of the host's devices: /path,number,..."),
    PER_DEVICE(device_read_bytes_sec, VIR_DOMAIN_BLKIO_DEVICE_READ_BPS, "bytes read a second of the host's devices: /path,number,..."),
    PER_DEVICE(device_write_bytes_sec, VIR_DOMAIN_BLKIO_DEVICE_WRITE_BPS, "bytes written a second of the host's devices: /path,number,..."),
    HVSH_AFFECT(struct blkiotune_args, flags),
    HVSH_END
};

static int blkio_get(virDomainPtr domain, const char *device, virTypedParameterPtr params, int *count, unsigned int flags)
{
    (void)device;
    return virDomainGetBlkioParameters(domain, params, count, flags);
}

static int blkio_set(virDomainPtr domain, const char *device, virTypedParameterPtr params, int count, unsigned int flags)
{
    (void)device;
    return virDomainSetBlkioParameters(domain, params, count, flags);
}

static const struct family blkio_family = {
    .get = blkio_get, .set = blkio_set,
    .cannot_count = "Unable to get number of blkio parameters", .cannot_get = "Unable to get blkio parameters",
    .cannot_set = "Unable to change blkio parameters",
};

static int blkiotune_run(hvsh_call *call, const void *p)
{
    const struct blkiotune_args *args = p;

    return family_run(call, &blkio_family, args->domain, NULL, args->flags, NULL, 0);
}

const struct hvsh_command COMMAND(blkiotune) = {
    .name = "blkiotune", .group = "domain", .help = "Get or set blkio parameters",
    .description = "Weights and limits of a guest's input and output, for all of it and for each device of the host.",
    HVSH_ARGS(blkiotune_args), .shapes = TUNE_SHAPES,
    .examples = HVSH_EXAMPLES({"blkiotune test", "what is set"}, {"blkiotune test --weight 500", "half of the usual weight"}),
    .run = blkiotune_run,
};

/* ---- numatune ---- */

struct numatune_args { virDomainPtr domain; int mode; const char *nodeset; unsigned int flags; };

static const struct hvsh_choice numa_modes[] = {
    {"strict", VIR_DOMAIN_NUMATUNE_MEM_STRICT, "from these nodes only"},
    {"preferred", VIR_DOMAIN_NUMATUNE_MEM_PREFERRED, "from others when these are full"},
    {"interleave", VIR_DOMAIN_NUMATUNE_MEM_INTERLEAVE, "from all of these in turn"},
    {"restrictive", VIR_DOMAIN_NUMATUNE_MEM_RESTRICTIVE, "as the host's kernel decides among these"},
    {NULL, 0, NULL},
};

/* A word, or libvirt's number for it: a newer libvirt may have more of them than are known here, and says which it has not. */
static int parse_mode(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    char *end;
    long number;

    for (const struct hvsh_choice *mode = field->choices; mode->name; mode++) {
        if (strcmp(mode->name, text) == 0) {
            *(int *)value = (int)mode->value;
            return 0;
        }
    }
    number = strtol(text, &end, 0);
    if (end == text || *end || number < INT_MIN || number > INT_MAX)
        return hvsh_fail(call, "Invalid mode: %s", text);
    *(int *)value = (int)number;
    return 0;
}

static int offer_mode(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    return hvsh_type_enum.offer(call, field, start);
}

static const struct hvsh_type mode_type = {.name = "word", .kind = HVSH_KIND_ENUM, .size = sizeof(int), .parse = parse_mode, .offer = offer_mode};

static const struct hvsh_field numatune_args[] = {
    DOMAIN(struct numatune_args),
    HVSH_BIND(struct numatune_args, mode, int, mode_type, "how memory is taken from the nodes", .choices = numa_modes,
              .param = VIR_DOMAIN_NUMA_MODE),
    HVSH_TEXT(struct numatune_args, nodeset, "the host's NUMA nodes: 0-1,3", .param = VIR_DOMAIN_NUMA_NODESET),
    HVSH_AFFECT(struct numatune_args, flags),
    HVSH_END
};

static int numa_get(virDomainPtr domain, const char *device, virTypedParameterPtr params, int *count, unsigned int flags)
{
    (void)device;
    return virDomainGetNumaParameters(domain, params, count, flags);
}

static int numa_set(virDomainPtr domain, const char *device, virTypedParameterPtr params, int count, unsigned int flags)
{
    (void)device;
    return virDomainSetNumaParameters(domain, params, count, flags);
}

static const char *numa_word(const struct _virTypedParameter *param)
{
    for (const struct hvsh_choice *mode = numa_modes; mode->name; mode++)
        if (param->type == VIR_TYPED_PARAM_INT && strcmp(param->field, VIR_DOMAIN_NUMA_MODE) == 0 && param->value.i == mode->value)
            return mode->name;
    return NULL;
}

static const struct family numa_family = {
    .get = numa_get, .set = numa_set, .word = numa_word,
    .cannot_count = "Unable to get number of memory parameters", .cannot_get = "Unable to get numa parameters",
    .cannot_set = "Unable to change numa parameters",
};

static int numatune_run(hvsh_call *call, const void *p)
{
    const struct numatune_args *args = p;

    return family_run(call, &numa_family, args->domain, NULL, args->flags, NULL, 0);
}

const struct hvsh_command COMMAND(numatune) = {
    .name = "numatune", .group = "domain", .help = "Get or set numa parameters",
    .description = "From which NUMA nodes of the host the guest's memory comes.",
    HVSH_ARGS(numatune_args), .shapes = TUNE_SHAPES,
    .examples = HVSH_EXAMPLES({"numatune test", "what is set"}, {"numatune web1 --nodeset 0 --config", "from node 0 at its next start", HVSH_MATCH_ONLY}),
    .run = numatune_run,
};

/* ---- perf ---- */

struct perf_args { virDomainPtr domain; HVSH_LIST_OF(const char *) enable, disable; unsigned int flags; };

static const struct hvsh_choice perf_events[] = {
    {VIR_PERF_PARAM_CMT, 0, "use of the cache"},
    {VIR_PERF_PARAM_MBMT, 0, "memory bandwidth, all"},
    {VIR_PERF_PARAM_MBML, 0, "memory bandwidth, local"},
    {VIR_PERF_PARAM_CACHE_MISSES, 0, NULL},
    {VIR_PERF_PARAM_CACHE_REFERENCES, 0, NULL},
    {VIR_PERF_PARAM_INSTRUCTIONS, 0, NULL},
    {VIR_PERF_PARAM_CPU_CYCLES, 0, NULL},
    {VIR_PERF_PARAM_BRANCH_INSTRUCTIONS, 0, NULL},
    {VIR_PERF_PARAM_BRANCH_MISSES, 0, NULL},
    {VIR_PERF_PARAM_BUS_CYCLES, 0, NULL},
    {VIR_PERF_PARAM_STALLED_CYCLES_FRONTEND, 0, NULL},
    {VIR_PERF_PARAM_STALLED_CYCLES_BACKEND, 0, NULL},
    {VIR_PERF_PARAM_REF_CPU_CYCLES, 0, NULL},
    {VIR_PERF_PARAM_CPU_CLOCK, 0, NULL},
    {VIR_PERF_PARAM_TASK_CLOCK, 0, NULL},
    {VIR_PERF_PARAM_PAGE_FAULTS, 0, NULL},
    {VIR_PERF_PARAM_CONTEXT_SWITCHES, 0, NULL},
    {VIR_PERF_PARAM_CPU_MIGRATIONS, 0, NULL},
    {VIR_PERF_PARAM_PAGE_FAULTS_MIN, 0, NULL},
    {VIR_PERF_PARAM_PAGE_FAULTS_MAJ, 0, NULL},
    {VIR_PERF_PARAM_ALIGNMENT_FAULTS, 0, NULL},
    {VIR_PERF_PARAM_EMULATION_FAULTS, 0, NULL},
    {NULL, 0, NULL},
};

static const struct hvsh_field perf_args[] = {
    DOMAIN(struct perf_args),
    HVSH_TEXTS(struct perf_args, enable, HVSH_COMMA, "events to count: cmt,instructions,...", .choices = perf_events),
    HVSH_TEXTS(struct perf_args, disable, HVSH_COMMA, "events no longer to count", .choices = perf_events),
    HVSH_AFFECT(struct perf_args, flags),
    HVSH_END
};
struct event_row { const char *name; bool enabled; const char *text; };
static const struct hvsh_field event_row[] = {
    HVSH_TEXT(struct event_row, name, "name of the event"),
    HVSH_FLAG(struct event_row, enabled, "is it counted?"),
    HVSH_TEXT(struct event_row, text, "the same in a word", .flags = HVSH_HIDE),
    HVSH_END
};
/* messages rather than data to virsh: nothing under -q */
static const struct hvsh_shape event_shape = {
    .name = "events", .kind = HVSH_MESSAGE, HVSH_ROW(event_row), .text = "{name:-15}: {text}"};

static int perf_show(hvsh_call *call, const struct _virTypedParameter *params, int count)
{
    for (int i = 0; i < count; i++) {
        bool on = params[i].type == VIR_TYPED_PARAM_BOOLEAN && params[i].value.b;
        struct event_row row = {.name = params[i].field, .enabled = on, .text = on ? "enabled" : "disabled"};

        if (hvsh_emit(call, &event_shape, &row) < 0)
            return -1;
    }
    return 0;
}

static int perf_run(hvsh_call *call, const void *p)
{
    const struct perf_args *args = p;
    struct params_list *params = params_list(call);

    for (size_t i = 0; i < args->enable.count; i++)
        if (*args->enable.items[i] &&
            virTypedParamsAddBoolean(&params->items, &params->count, &params->room, args->enable.items[i], 1) < 0)
            return hvsh_fail_libvirt(call);
    for (size_t i = 0; i < args->disable.count; i++)
        if (*args->disable.items[i] &&
            virTypedParamsAddBoolean(&params->items, &params->count, &params->room, args->disable.items[i], 0) < 0)
            return hvsh_fail_libvirt(call);
    if (params->count) {
        if (virDomainSetPerfEvents(args->domain, params->items, params->count, args->flags) < 0)
            return hvsh_fail_virt(call, "Unable to enable/disable perf events");
    } else if (virDomainGetPerfEvents(args->domain, &params->items, &params->count, args->flags) < 0) {
        return hvsh_fail_virt(call, "Unable to get perf events");
    }
    return perf_show(call, params->items, params->count);
}

const struct hvsh_command COMMAND(perf) = {
    .name = "perf", .group = "domain", .help = "Get or set perf event",
    .description = "Which events of the processor are counted for the guest; domstats --perf shows the counts.",
    HVSH_ARGS(perf_args), .shapes = HVSH_SHAPES(&event_shape),
    .examples = HVSH_EXAMPLES({"perf test", "what is counted"}, {"perf test --enable cmt,instructions", "count two events"}),
    .run = perf_run,
};
