/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pin.c - which CPUs of the host run what: vcpupin, emulatorpin, iothreadpin. */
#include "tune.h"

#include <string.h>

/* ---- lists of CPUs: "r" stands for all ---- */

static int parse_cpulist(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    struct hvsh_cpuset *set = value;

    if (text[0] == 'r' && strspn(text + 1, " ") == strlen(text + 1)) {
        set->length = -1;
        return 0;
    }
    return hvsh_type_cpuset.parse(call, field, text, value);
}

static void clear_cpulist(void *value)
{
    hvsh_type_cpuset.clear(value);
}

static const struct hvsh_type cpulist_type = {
    .name = "cpus", .kind = HVSH_KIND_CPUSET, .size = sizeof(struct hvsh_cpuset), .parse = parse_cpulist, .clear = clear_cpulist};
#define CPULIST(s, ...) \
    HVSH_BIND(s, cpulist, struct hvsh_cpuset, cpulist_type, "CPUs of the host: 0-3,^2,7; r: all of them", .offer = offer_host_cpu_list, __VA_ARGS__)

/* A map as long as the host's CPUs want it, owned by the call. */
static int host_map(hvsh_call *call, struct hvsh_cpuset *map)
{
    virConnectPtr connection = hvsh_connection(call);
    int cpus = connection ? virNodeGetCPUMap(connection, NULL, NULL, 0) : -1;

    if (cpus < 0)
        return connection ? hvsh_fail_libvirt(call) : -1;
    map->length = VIR_CPU_MAPLEN(cpus);
    map->map = hvsh_defer(call, g_malloc0((size_t)map->length), g_free);
    return cpus;
}

/* What was given, as libvirt wants it. A CPU that the host has not would be kept in a definition, which does not start then. */
static int wanted_map(hvsh_call *call, const struct hvsh_cpuset *given, struct hvsh_cpuset *map)
{
    int cpus = host_map(call, map);

    if (cpus < 0)
        return -1;
    if (given->length < 0) {
        for (int cpu = 0; cpu < cpus; cpu++)
            VIR_USE_CPU(map->map, cpu);
        return 0;
    }
    for (int cpu = given->length * 8 - 1; cpu >= cpus; cpu--) {
        if (VIR_CPU_USED(given->map, cpu)) {
            hvsh_fail(call, "CPU %d in cpulist '%s' exceed the maxcpu %d", cpu, hvsh_text(call, "cpulist"), cpus);
            return hvsh_hint(call, "the host's CPUs are 0 to %d", cpus - 1);
        }
    }
    *map = *given;
    return 0;
}

static int pinned(hvsh_call *call, int result)
{
    return result < 0 ? hvsh_fail_libvirt(call) : 0;
}

/* ---- vcpupin ---- */

struct vcpupin_args { virDomainPtr domain; unsigned int vcpu; struct hvsh_cpuset cpulist; unsigned int flags; };

static const struct hvsh_field vcpupin_args[] = {
    DOMAIN(struct vcpupin_args),
    HVSH_UINT(struct vcpupin_args, vcpu, "the guest's processor", .fallback = "0", .scope = "domain", .offer = offer_vcpus),
    CPULIST(struct vcpupin_args, .fallback = NULL),
    HVSH_AFFECT(struct vcpupin_args, flags),
    HVSH_END
};

struct pin_row { unsigned int vcpu; struct hvsh_cpuset cpus; };
static const struct hvsh_field pin_row[] = {
    HVSH_UINT(struct pin_row, vcpu, "the guest's processor", .label = "VCPU"),
    HVSH_CPUSET(struct pin_row, cpus, "CPUs of the host that may run it", .label = "CPU Affinity"),
    HVSH_END
};
static const struct hvsh_shape pins = {.name = "pins", .kind = HVSH_TABLE, HVSH_ROW(pin_row)};

static bool any_affect(hvsh_call *call)
{
    return hvsh_given(call, "live") || hvsh_given(call, "config") || hvsh_given(call, "current");
}

/* How many processors: of the running guest, or of its definition. */
static int vcpu_count(hvsh_call *call, virDomainPtr domain, unsigned int flags)
{
    int count = virDomainGetVcpusFlags(domain, (flags & (VIR_DOMAIN_AFFECT_CONFIG | VIR_DOMAIN_AFFECT_LIVE)) | VIR_DOMAIN_VCPU_MAXIMUM);

    return count < 0 ? hvsh_fail_libvirt(call) : count;
}

static int show_pins(hvsh_call *call, const struct vcpupin_args *args)
{
    struct hvsh_cpuset map;
    int count = vcpu_count(call, args->domain, args->flags), shown;
    g_autofree unsigned char *maps = NULL;

    if (count < 0 || host_map(call, &map) < 0)
        return -1;
    if (args->vcpu >= (unsigned int)count && hvsh_given(call, "vcpu"))
        return hvsh_fail(call, "vcpu %u is out of range of %s cpu count %d", args->vcpu,
                         args->flags & VIR_DOMAIN_AFFECT_CONFIG || virDomainIsActive(args->domain) != 1 ? "persistent" : "live", count);
    maps = g_malloc0((size_t)(count * map.length + 1));
    shown = virDomainGetVcpuPinInfo(args->domain, count, maps, map.length, args->flags);
    if (shown < 0)
        return hvsh_fail_libvirt(call);
    for (int i = 0; i < shown; i++) {
        struct pin_row row = {.vcpu = (unsigned int)i, .cpus = {maps + i * map.length, map.length}};

        if (hvsh_given(call, "vcpu") && args->vcpu != (unsigned int)i)
            continue;
        if (hvsh_emit(call, &pins, &row) < 0)
            return -1;
    }
    return 0;
}

static int vcpupin_run(hvsh_call *call, const void *p)
{
    const struct vcpupin_args *args = p;
    struct hvsh_cpuset map;
    int result;

    if (!hvsh_given(call, "cpulist"))
        return show_pins(call, args);
    if (!hvsh_given(call, "vcpu"))
        return hvsh_fail(call, "vcpupin: Missing vCPU number in pin mode.");
    if (wanted_map(call, &args->cpulist, &map) < 0)
        return -1;
    result = any_affect(call) ? virDomainPinVcpuFlags(args->domain, args->vcpu, map.map, map.length, args->flags)
                              : virDomainPinVcpu(args->domain, args->vcpu, map.map, map.length);
    return pinned(call, result);
}

const struct hvsh_command COMMAND(vcpupin) = {
    .name = "vcpupin", .group = "domain", .help = "control or query domain vcpu affinity",
    .description = "Which CPUs of the host may run each processor of the guest.",
    HVSH_ARGS(vcpupin_args), .shapes = HVSH_SHAPES(&nothing_shape, &pins),
    .examples = HVSH_EXAMPLES({"vcpupin test", "where each processor may run"}, {"vcpupin test 0 0-1", "the first one on two CPUs"}),
    .run = vcpupin_run,
};

/* ---- emulatorpin ---- */

struct emulatorpin_args { virDomainPtr domain; struct hvsh_cpuset cpulist; unsigned int flags; };

static const struct hvsh_field emulatorpin_args[] = {
    DOMAIN(struct emulatorpin_args),
    CPULIST(struct emulatorpin_args, .fallback = NULL),
    HVSH_AFFECT(struct emulatorpin_args, flags),
    HVSH_END
};

struct emulator_row { struct hvsh_cpuset cpus; };
static const struct hvsh_field emulator_row[] = {HVSH_CPUSET(struct emulator_row, cpus, "CPUs of the host that may run the emulator"), HVSH_END};
static const struct hvsh_shape emulator = {
    .name = "emulator", .kind = HVSH_RECORD, HVSH_ROW(emulator_row), .text = "{cpus}",
    .heading = "emulator: CPU Affinity\n----------------------------------\n       *: "};

static int emulatorpin_run(hvsh_call *call, const void *p)
{
    const struct emulatorpin_args *args = p;
    struct hvsh_cpuset map;
    struct emulator_row row;

    if (hvsh_given(call, "cpulist")) {
        if (wanted_map(call, &args->cpulist, &map) < 0)
            return -1;
        /* as vcpupin: without --config the definition of a guest that is off stays as it is */
        return pinned(call, virDomainPinEmulator(args->domain, map.map, map.length, any_affect(call) ? args->flags : VIR_DOMAIN_AFFECT_LIVE));
    }
    if (host_map(call, &map) < 0)
        return -1;
    if (virDomainGetEmulatorPinInfo(args->domain, map.map, map.length, args->flags) < 0)
        return hvsh_fail_libvirt(call);
    row.cpus = map;
    return hvsh_emit(call, &emulator, &row);
}

const struct hvsh_command COMMAND(emulatorpin) = {
    .name = "emulatorpin", .group = "domain", .help = "control or query domain emulator affinity",
    .description = "Which CPUs of the host may run the emulator's own threads, which are none of the guest's processors.",
    HVSH_ARGS(emulatorpin_args), .shapes = HVSH_SHAPES(&emulator),
    .examples = HVSH_EXAMPLES({"emulatorpin test", "where the emulator may run"}, {"emulatorpin test 0-1", "on two CPUs only"}),
    .run = emulatorpin_run,
};

/* ---- iothreadpin ---- */

struct iothreadpin_args { virDomainPtr domain; unsigned int iothread; struct hvsh_cpuset cpulist; unsigned int flags; };

static const struct hvsh_field iothreadpin_args[] = {
    DOMAIN(struct iothreadpin_args),
    HVSH_UINT(struct iothreadpin_args, iothread, "number of the I/O thread", .flags = HVSH_REQUIRED, .scope = "domain", .offer = offer_iothreads),
    CPULIST(struct iothreadpin_args, .flags = HVSH_REQUIRED),
    HVSH_AFFECT(struct iothreadpin_args, flags),
    HVSH_END
};

static int iothreadpin_run(hvsh_call *call, const void *p)
{
    const struct iothreadpin_args *args = p;
    struct hvsh_cpuset map;

    if (wanted_map(call, &args->cpulist, &map) < 0)
        return -1;
    return pinned(call, virDomainPinIOThread(args->domain, args->iothread, map.map, map.length, args->flags));
}

const struct hvsh_command COMMAND(iothreadpin) = {
    .name = "iothreadpin", .group = "domain", .help = "control domain IOThread affinity",
    .description = "Which CPUs of the host may run an I/O thread of the guest.",
    HVSH_ARGS(iothreadpin_args),
    .examples = HVSH_EXAMPLES({"iothreadpin web1 1 0-1", "its first I/O thread on two CPUs", HVSH_MATCH_ONLY}),
    .run = iothreadpin_run,
};
