/* SPDX-License-Identifier: GPL-3.0-or-later */
/* numbers.c - the host's counters: nodecpustats, nodememstats, nodecpumap */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "node.h"

/* ---- nodememstats ---- */

struct nodememstats_args { int cell; };

static const struct hvsh_field nodememstats_args[] = {
    HVSH_INT(struct nodememstats_args, cell, "this NUMA cell only", .fallback = "-1", .min = INT32_MIN, .offer = offer_cells),
    HVSH_END
};

struct memory_row { const char *name; uint64_t bytes, kib; };

static const struct hvsh_field memory_row[] = {
    HVSH_TEXT(struct memory_row, name, "what kind of memory"),
    HVSH_SIZE(struct memory_row, bytes, "how much"),
    HVSH_UINT64(struct memory_row, kib, "how much, in KiB", .flags = HVSH_HIDE),
    HVSH_END
};

static const struct hvsh_shape memory_shape = { .name = "memory", .kind = HVSH_PAIRS, HVSH_ROW(memory_row), .text = "{name:-7}: {kib:20} KiB" };

static int nodememstats_run(hvsh_call *call, const void *p)
{
    const struct nodememstats_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    g_autofree virNodeMemoryStats *stats = NULL;
    int count = 0, status = 0;

    if (!connection)
        return -1;
    if (virNodeGetMemoryStats(connection, args->cell, NULL, &count, 0) < 0)
        return hvsh_fail_virt(call, "Unable to get number of memory stats");
    if (!count)
        return 0;
    stats = g_new0(virNodeMemoryStats, (size_t)count);
    if (virNodeGetMemoryStats(connection, args->cell, stats, &count, 0) < 0)
        return hvsh_fail_virt(call, "Unable to get memory stats");
    for (int i = 0; i < count && !status; i++)
        status = hvsh_emit(call, &memory_shape, &(struct memory_row){ stats[i].field, stats[i].value * 1024, stats[i].value });
    return status;
}

const struct hvsh_command nodememstats_command = {
    .name = "nodememstats", .group = "host", .help = "the host's memory: total, free, buffers, cached",
    HVSH_ARGS(nodememstats_args),
    .shapes = HVSH_SHAPES(&memory_shape),
    .examples = HVSH_EXAMPLES({ "nodememstats", "memory of the whole host", HVSH_ON_LIVE },
                              { "nodememstats --cell 0", "of one NUMA cell", HVSH_ON_LIVE }),
    .run = nodememstats_run,
};

/* ---- nodecpustats ---- */

struct nodecpustats_args { int cpu; bool percent; };

static const struct hvsh_field nodecpustats_args[] = {
    HVSH_INT(struct nodecpustats_args, cpu, "this processor only", .fallback = "-1", .min = INT32_MIN, .offer = offer_cpus),
    HVSH_FLAG(struct nodecpustats_args, percent, "shares of one second from now"),
    HVSH_END
};

/* libvirt's names in virsh's order; USAGE is what some hypervisors give in place of the times. */
enum { USER = 0, SYSTEM, IDLE, IOWAIT, INTR, TIMES, USAGE = TIMES, KINDS };
static const char *const kinds[KINDS] = {
    VIR_NODE_CPU_STATS_USER, VIR_NODE_CPU_STATS_KERNEL, VIR_NODE_CPU_STATS_IDLE, VIR_NODE_CPU_STATS_IOWAIT, VIR_NODE_CPU_STATS_INTR,
    VIR_NODE_CPU_STATS_UTILIZATION,
};
static const char *const labels[KINDS] = { "user:", "system:", "idle:", "iowait:", "intr:", "usage:" };

struct cpu_row { const char *name; uint64_t time; double percent; const char *label, *text; };

static const struct hvsh_field cpu_row[] = {
    HVSH_TEXT(struct cpu_row, name, "what the processors did"),
    HVSH_DURATION(struct cpu_row, time, "how long, in nanoseconds"),
    HVSH_TEXT(struct cpu_row, label, "its label", .flags = HVSH_HIDE),
    HVSH_TEXT(struct cpu_row, text, "its number", .flags = HVSH_HIDE),
    HVSH_END
};

static const struct hvsh_field cpu_percent_row[] = {
    HVSH_TEXT(struct cpu_row, name, "what the processors did"),
    HVSH_PERCENT(struct cpu_row, percent, "its share of the time"),
    HVSH_TEXT(struct cpu_row, label, "its label", .flags = HVSH_HIDE),
    HVSH_TEXT(struct cpu_row, text, "its number", .flags = HVSH_HIDE),
    HVSH_END
};

static const struct hvsh_shape cpu_shape = { .name = "cpu", .kind = HVSH_PAIRS, HVSH_ROW(cpu_row), .text = "{label:-15} {text:20}" };
static const struct hvsh_shape cpu_percent_shape = {
    .name = "cpu", .kind = HVSH_PAIRS, .fields = cpu_percent_row, .size = sizeof(struct cpu_row), .text = "{label:-15} {text:5}%",
};

/* 0, or -1 after hvsh_fail(); UINT64_MAX: the hypervisor does not tell. */
static int read_cpu(hvsh_call *call, virConnectPtr connection, int cpu, uint64_t values[KINDS])
{
    g_autofree virNodeCPUStats *stats = NULL;
    int count = 0;

    for (int k = 0; k < KINDS; k++)
        values[k] = UINT64_MAX;
    if (virNodeGetCPUStats(connection, cpu, NULL, &count, 0) < 0)
        return hvsh_fail_virt(call, "Unable to get number of cpu stats");
    if (!count)
        return 0;
    stats = g_new0(virNodeCPUStats, (size_t)count);
    if (virNodeGetCPUStats(connection, cpu, stats, &count, 0) < 0)
        return hvsh_fail_virt(call, "Unable to get node cpu stats");
    for (int i = 0; i < count; i++)
        for (int k = 0; k < KINDS; k++)
            if (!strcmp(stats[i].field, kinds[k]))
                values[k] = stats[i].value;
    return 0;
}

static int emit_percent(hvsh_call *call, const char *label, double percent)
{
    /* a hypervisor whose times stand still gives no shares */
    return hvsh_emit(call, &cpu_percent_shape, &(struct cpu_row){
        .name = hvsh_printf(call, "%.*s", (int)strlen(label) - 1, label), .percent = percent, .label = label,
        .text = isnan(percent) ? "-" : hvsh_printf(call, "%5.1f", percent),
    });
}

static int nodecpustats_run(hvsh_call *call, const void *p)
{
    const struct nodecpustats_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    uint64_t before[KINDS], values[KINDS];
    double total = 0, share[TIMES];
    int status = 0;

    if (!connection || read_cpu(call, connection, args->cpu, before) < 0)
        return -1;
    if (!args->percent) {
        for (int k = 0; k < TIMES && !status; k++)
            if (before[k] != UINT64_MAX)
                status = hvsh_emit(call, &cpu_shape, &(struct cpu_row){
                    .name = kinds[k] == kinds[SYSTEM] ? "system" : kinds[k], .time = before[k], .label = labels[k],
                    .text = hvsh_printf(call, "%llu", (unsigned long long)before[k]),
                });
        return status;
    }
    if (before[USAGE] != UINT64_MAX) {
        if (emit_percent(call, labels[USAGE], (double)before[USAGE]) < 0)
            return -1;
        return emit_percent(call, labels[IDLE], 100.0 - (double)before[USAGE]);
    }
    if (hvsh_wait(call, NULL, 0, 1000) < 0 || read_cpu(call, connection, args->cpu, values) < 0)
        return -1;
    for (int k = 0; k < TIMES; k++) {
        share[k] = values[k] == UINT64_MAX || before[k] == UINT64_MAX ? 0 : (double)values[k] - (double)before[k];
        total += share[k];
    }
    for (int k = 0; k < TIMES; k++)
        share[k] = total > 0 ? share[k] / total * 100 : NAN;
    status = emit_percent(call, labels[USAGE], share[USER] + share[SYSTEM]);
    for (int k = 0; k < TIMES && !status; k++)
        if (before[k] != UINT64_MAX)
            status = emit_percent(call, labels[k], share[k]);
    return status;
}

const struct hvsh_command nodecpustats_command = {
    .name = "nodecpustats", .group = "host", .help = "what the host's processors did, in nanoseconds or percent",
    HVSH_ARGS(nodecpustats_args),
    .shapes = HVSH_SHAPES(&cpu_shape, &cpu_percent_shape),
    .examples = HVSH_EXAMPLES({ "nodecpustats", "times since the host started" }, { "nodecpustats --percent", "shares of one second", HVSH_MATCH_ONLY }),
    .run = nodecpustats_run,
};

/* ---- nodecpumap ---- */

struct nodecpumap_args { bool pretty; };

static const struct hvsh_field nodecpumap_args[] = {
    HVSH_FLAG(struct nodecpumap_args, pretty, "numbers and ranges in place of a letter for each"),
    HVSH_END
};

struct nodecpumap_row { int present; unsigned int online; struct hvsh_cpuset map; const char *text; };

static const struct hvsh_field nodecpumap_row[] = {
    HVSH_INT(struct nodecpumap_row, present, "processors", .label = "CPUs present:"),
    HVSH_UINT(struct nodecpumap_row, online, "processors in use", .label = "CPUs online:"),
    HVSH_CPUSET(struct nodecpumap_row, map, "which are in use"),
    HVSH_TEXT(struct nodecpumap_row, text, "which are in use", .label = "CPU map:", .flags = HVSH_HIDE),
    HVSH_END
};

static const struct hvsh_shape nodecpumap_shape = { .name = "cpumap", .kind = HVSH_RECORD, HVSH_ROW(nodecpumap_row) };

static void free_map(void *map)
{
    free(map);
}

/* "0-2,5" */
static const char *ranges(hvsh_call *call, const unsigned char *map, int count)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (int i = 0; i < count; i++) {
        int last = i;
        if (!VIR_CPU_USED(map, i))
            continue;
        while (last + 1 < count && VIR_CPU_USED(map, last + 1))
            last++;
        g_string_append_printf(text, "%s%d", text->len ? "," : "", i);
        if (last > i)
            g_string_append_printf(text, "-%d", last);
        i = last;
    }
    return hvsh_printf(call, "%s", text->str);
}

static int nodecpumap_run(hvsh_call *call, const void *p)
{
    const struct nodecpumap_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    struct nodecpumap_row row = { 0 };
    unsigned char *map = NULL;

    if (!connection)
        return -1;
    if ((row.present = virNodeGetCPUMap(connection, &map, &row.online, 0)) < 0)
        return hvsh_fail_virt(call, "Unable to get cpu map");
    hvsh_defer(call, map, free_map);
    row.map = (struct hvsh_cpuset){ map, VIR_CPU_MAPLEN(row.present) };
    if (args->pretty) {
        row.text = ranges(call, map, row.present);
    } else {
        char *letters = hvsh_printf(call, "%*s", row.present, "");
        for (int i = 0; i < row.present; i++)
            letters[i] = VIR_CPU_USED(map, i) ? 'y' : '-';
        row.text = letters;
    }
    return hvsh_emit(call, &nodecpumap_shape, &row);
}

const struct hvsh_command nodecpumap_command = {
    .name = "nodecpumap", .group = "host", .help = "which of the host's processors are in use",
    HVSH_ARGS(nodecpumap_args),
    .shapes = HVSH_SHAPES(&nodecpumap_shape),
    .examples = HVSH_EXAMPLES({ "nodecpumap --pretty", "as ranges" }),
    .run = nodecpumap_run,
};
