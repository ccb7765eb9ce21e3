/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cpu-info.c - what a guest's processors do and have done: vcpuinfo, cpu-stats. */
#include "domain.h"
#include <stdlib.h>
#include <string.h>

/* ---- vcpuinfo ---- */

struct vcpuinfo_args { virDomainPtr domain; bool pretty; };

static const struct hvsh_field vcpuinfo_args[] = {
    DOMAIN(struct vcpuinfo_args, 0),
    HVSH_FLAG(struct vcpuinfo_args, pretty, "the CPUs of the host as a list"),
    HVSH_END
};

struct vcpu_row { unsigned int vcpu, cpu; const char *state; uint64_t time; struct hvsh_cpuset affinity; const char *text; };

static const struct hvsh_field vcpu_row[] = {
    HVSH_UINT(struct vcpu_row, vcpu, "number of the guest's processor"),
    HVSH_UINT(struct vcpu_row, cpu, "CPU of the host that runs it"),
    HVSH_TEXT(struct vcpu_row, state, "offline, running or blocked"),
    HVSH_DURATION(struct vcpu_row, time, "time that it has run"),
    HVSH_CPUSET(struct vcpu_row, affinity, "CPUs of the host that may run it"),
    HVSH_TEXT(struct vcpu_row, text, "all this in lines", .flags = HVSH_HIDE),
    HVSH_END
};

static const struct hvsh_shape vcpus = { .name = "vcpus", .kind = HVSH_LINES, .flags = HVSH_NO_NEWLINE, HVSH_ROW(vcpu_row), .text = "{text}" };

static const char *const vcpu_states[] = { "offline", "running", "blocked" };

static void append_affinity(GString *text, const struct vcpu_row *row, int cpus, bool pretty)
{
    g_string_append_printf(text, "%-15s ", "CPU Affinity:");
    if (pretty) {
        char *list = NULL;
        GString *ranges = g_string_new(NULL);

        for (int cpu = 0, end; cpu < cpus; cpu = end + 1) {
            for (end = cpu; end < cpus && VIR_CPU_USED(row->affinity.map, end); end++)
                ;
            if (end > cpu)
                g_string_append_printf(ranges, end - 1 > cpu ? "%s%d-%d" : "%s%d", ranges->len ? "," : "", cpu, end - 1);
        }
        list = g_string_free(ranges, FALSE);
        g_string_append_printf(text, "%s (out of %d)", list, cpus);
        g_free(list);
    } else {
        for (int cpu = 0; cpu < cpus; cpu++)
            g_string_append_c(text, VIR_CPU_USED(row->affinity.map, cpu) ? 'y' : '-');
    }
    g_string_append_c(text, '\n');
}

/* virsh's lines; `info` NULL: the domain does not run. */
static int emit_vcpu(hvsh_call *call, struct vcpu_row *row, const virVcpuInfo *info, int cpus, bool pretty)
{
    GString *text = g_string_new(row->vcpu ? "\n" : NULL);

    g_string_append_printf(text, "%-15s %u\n", "VCPU:", row->vcpu);
    if (info) {
        row->cpu = info->cpu < 0 ? UINT_MAX : (unsigned int)info->cpu;
        row->time = info->cpuTime;
        row->state = info->state >= 0 && (size_t)info->state < G_N_ELEMENTS(vcpu_states) ? vcpu_states[info->state] : "no state";
        g_string_append_printf(text, "%-15s %d\n%-15s %s\n", "CPU:", info->cpu, "State:", row->state);
        if (info->cpuTime)
            g_string_append_printf(text, "%-15s %.1lfs\n", "CPU time:", (double)info->cpuTime / 1e9);
    } else {
        g_string_append_printf(text, "%-15s N/A\n%-15s N/A\n%-15s N/A\n", "CPU:", "State:", "CPU time");
    }
    append_affinity(text, row, cpus, pretty);
    row->text = hvsh_printf(call, "%s", text->str);
    g_string_free(text, TRUE);
    return hvsh_emit(call, &vcpus, row);
}

static int vcpuinfo_run(hvsh_call *call, const void *p)
{
    const struct vcpuinfo_args *args = p;
    int cpus = virNodeGetCPUMap(virDomainGetConnect(args->domain), NULL, NULL, 0), length, count;
    g_autofree virVcpuInfo *infos = NULL;
    g_autofree unsigned char *maps = NULL;
    virDomainInfo info;

    if (cpus < 0 || virDomainGetInfo(args->domain, &info) < 0)
        return hvsh_fail_libvirt(call);
    length = VIR_CPU_MAPLEN(cpus);
    infos = g_new0(virVcpuInfo, info.nrVirtCpu);
    maps = g_malloc0_n(info.nrVirtCpu, (size_t)length);
    count = virDomainGetVcpus(args->domain, infos, info.nrVirtCpu, maps, length);
    if (count < 0) {
        if (info.state != VIR_DOMAIN_SHUTOFF)
            return hvsh_fail_libvirt(call);
        g_clear_pointer(&infos, g_free);
        count = virDomainGetVcpuPinInfo(args->domain, info.nrVirtCpu, maps, length, VIR_DOMAIN_AFFECT_CONFIG);
        if (count < 0)
            return hvsh_fail_libvirt(call);
    }
    for (int i = 0; i < count; i++) {
        struct vcpu_row row = {
            .vcpu = infos ? infos[i].number : (unsigned int)i, .cpu = UINT_MAX, .time = UINT64_MAX,
            .affinity = { maps + (size_t)i * (size_t)length, length },
        };

        if (emit_vcpu(call, &row, infos ? &infos[i] : NULL, cpus, args->pretty) < 0)
            return -1;
    }
    return 0;
}

const struct hvsh_command COMMAND(vcpuinfo) = {
    .name = "vcpuinfo",
    .group = "domain",
    .help = "detailed domain vcpu information",
    HVSH_ARGS(vcpuinfo_args),
    .shapes = HVSH_SHAPES(&vcpus),
    .examples = HVSH_EXAMPLES({ "vcpuinfo test --pretty", "what its processors do" }),
    .run = vcpuinfo_run,
};

/* ---- cpu-stats ---- */

struct cpu_stats_args { virDomainPtr domain; bool total; int start, count; };

static const struct hvsh_field cpu_stats_args[] = {
    DOMAIN(struct cpu_stats_args, ACTIVE),
    HVSH_FLAG(struct cpu_stats_args, total, "the sum of all CPUs"),
    HVSH_INT(struct cpu_stats_args, start, "the first CPU of the host"),
    HVSH_INT(struct cpu_stats_args, count, "how many CPUs at most"),
    HVSH_END
};

struct cpu_stats_row { unsigned int cpu; struct hvsh_params statistics; const char *text; };

static const struct hvsh_field cpu_stats_row[] = {
    HVSH_UINT(struct cpu_stats_row, cpu, "CPU of the host; missing: the sum of all"),
    HVSH_PARAMS(struct cpu_stats_row, statistics, "times in nanoseconds"),
    HVSH_TEXT(struct cpu_stats_row, text, "the same in lines", .flags = HVSH_HIDE),
    HVSH_END
};

static const struct hvsh_shape cpu_statistics = {
    .name = "cpus", .kind = HVSH_LINES, .flags = HVSH_NO_NEWLINE, HVSH_ROW(cpu_stats_row), .text = "{text}"
};

static int emit_cpu(hvsh_call *call, unsigned int cpu, const virTypedParameter *params, int count)
{
    struct cpu_stats_row row = { .cpu = cpu, .statistics = { params, count } };
    GString *text = g_string_new(NULL);

    if (cpu == UINT_MAX)
        g_string_append(text, "Total:\n");
    else
        g_string_append_printf(text, "CPU%u:\n", cpu);
    for (int i = 0; i < count; i++)
        if (params[i].type == VIR_TYPED_PARAM_ULLONG)
            g_string_append_printf(text, "\t%-12s %9llu.%09llu seconds\n", params[i].field, params[i].value.ul / 1000000000,
                                   params[i].value.ul % 1000000000);
    row.text = hvsh_printf(call, "%s", text->str);
    g_string_free(text, TRUE);
    return hvsh_emit(call, &cpu_statistics, &row);
}

static int fail_stats(hvsh_call *call, virDomainPtr domain)
{
    return hvsh_fail_virt(call, "Failed to retrieve CPU statistics for domain '%s'", virDomainGetName(domain));
}

static int show_cpus(hvsh_call *call, const struct cpu_stats_args *args)
{
    enum { AT_ONCE = 128 };
    int cpus = virDomainGetCPUStats(args->domain, NULL, 0, 0, 0, 0), end, nparams, result = 0;
    g_autofree virTypedParameterPtr params = NULL;

    if (cpus < 0)
        return fail_stats(call, args->domain);
    if (args->start >= cpus)
        return hvsh_fail(call, "Start CPU %d is out of range (min: 0, max: %d)", args->start, cpus - 1);
    end = cpus;
    if (hvsh_given(call, "count")) {
        /* as virsh has it: of all CPUs, even behind --start */
        if (args->count > cpus)
            object_text(call, &text_shape, hvsh_printf(call, "Only %d CPUs available to show", cpus));
        if (args->count < cpus - args->start)
            end = args->start + args->count;
    }
    nparams = virDomainGetCPUStats(args->domain, NULL, 0, 0, 1, 0);
    if (nparams < 0)
        return fail_stats(call, args->domain);
    params = g_new0(virTypedParameter, (size_t)nparams * AT_ONCE);
    for (int first = args->start; first < end && result == 0; first += AT_ONCE) {
        int width = MIN(AT_ONCE, end - first);
        int got = virDomainGetCPUStats(args->domain, params, (unsigned int)nparams, first, (unsigned int)width, 0);

        if (got < 0)
            return fail_stats(call, args->domain);
        for (int i = 0; i < width && result == 0; i++)
            /* a CPU that is off has none */
            if (params[i * nparams].type)
                result = emit_cpu(call, (unsigned int)(first + i), params + i * nparams, got);
        virTypedParamsClear(params, nparams * AT_ONCE);
    }
    return result;
}

static int show_total(hvsh_call *call, virDomainPtr domain)
{
    int nparams = virDomainGetCPUStats(domain, NULL, 0, -1, 1, 0), result;
    g_autofree virTypedParameterPtr params = NULL;

    if (nparams < 0)
        return fail_stats(call, domain);
    params = g_new0(virTypedParameter, (size_t)nparams);
    nparams = virDomainGetCPUStats(domain, params, (unsigned int)nparams, -1, 1, 0);
    if (nparams < 0)
        return fail_stats(call, domain);
    result = emit_cpu(call, UINT_MAX, params, nparams);
    virTypedParamsClear(params, nparams);
    return result;
}

static int cpu_stats_run(hvsh_call *call, const void *p)
{
    const struct cpu_stats_args *args = p;
    bool some = hvsh_given(call, "start") || hvsh_given(call, "count");

    if (args->start < 0)
        return hvsh_fail(call, "Invalid value for start CPU");
    if (args->count < 0)
        return hvsh_fail(call, "Invalid value for number of CPUs to show");
    /* which of the two was asked for; nothing: both */
    if ((some || !args->total) && show_cpus(call, args) < 0)
        return -1;
    return args->total || !some ? show_total(call, args->domain) : 0;
}

const struct hvsh_command COMMAND(cpu_stats) = {
    .name = "cpu-stats",
    .group = "domain",
    .help = "show domain cpu statistics",
    .description = "Time that the guest has used of each CPU of the host, and of all.",
    HVSH_ARGS(cpu_stats_args),
    .shapes = HVSH_SHAPES(&cpu_statistics, &text_shape),
    .examples = HVSH_EXAMPLES({ "cpu-stats test --total", "the sum" }),
    .run = cpu_stats_run,
};
