/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cpu.c - how many virtual processors a guest has: setvcpus, setvcpu, guestvcpus, vcpucount. */
#include "domain.h"
#include "params.h"
#include <string.h>

/* ---- setvcpus ---- */

struct setvcpus_args { virDomainPtr domain; unsigned int count; unsigned int flags; };

static const struct hvsh_field setvcpus_args[] = {
    DOMAIN(struct setvcpus_args, 0),
    HVSH_UINT(struct setvcpus_args, count, "number of virtual processors", .flags = HVSH_REQUIRED),
    HVSH_BIT(struct setvcpus_args, flags, "maximum", VIR_DOMAIN_VCPU_MAXIMUM, "the most it can have, from its next start on"),
    HVSH_AFFECT_LIVE(struct setvcpus_args, flags),
    HVSH_BIT(struct setvcpus_args, flags, "guest", VIR_DOMAIN_VCPU_GUEST, "let the guest agent switch them on and off"),
    HVSH_BIT(struct setvcpus_args, flags, "hotpluggable", VIR_DOMAIN_VCPU_HOTPLUGGABLE, "those that are added can be taken away again"),
    HVSH_EXCLUDES("guest", "config"),
    HVSH_REQUIRES("maximum", "config"),
    HVSH_END
};

static int setvcpus_run(hvsh_call *call, const void *p)
{
    const struct setvcpus_args *args = p;

    if (args->count == 0)
        return hvsh_fail(call, "Can't set 0 processors for a VM");
    if (virDomainSetVcpusFlags(args->domain, args->count, args->flags) < 0)
        return hvsh_fail_libvirt(call);
    return 0;
}

const struct hvsh_command COMMAND(setvcpus) = {
    .name = "setvcpus",
    .group = "domain",
    .help = "change number of virtual CPUs",
    .description = "Change the number of virtual processors, up to the maximum of the definition.",
    HVSH_ARGS(setvcpus_args),
    .examples = HVSH_EXAMPLES({ "setvcpus test 2 --config", "from its next start on" },
                              { "setvcpus test 8 --maximum --config", "the most it can ever have" }),
    .run = setvcpus_run,
};

/* ---- vcpucount ---- */

struct vcpucount_args { virDomainPtr domain; unsigned int flags; bool active, current; };

static const struct hvsh_field vcpucount_args[] = {
    DOMAIN(struct vcpucount_args, 0),
    HVSH_BIT(struct vcpucount_args, flags, "maximum", VIR_DOMAIN_VCPU_MAXIMUM, "the most it can have"),
    HVSH_FLAG(struct vcpucount_args, active, "how many it has"),
    HVSH_BIT(struct vcpucount_args, flags, "live", VIR_DOMAIN_AFFECT_LIVE, "of the running guest"),
    HVSH_BIT(struct vcpucount_args, flags, "config", VIR_DOMAIN_AFFECT_CONFIG, "of its next start"),
    HVSH_FLAG(struct vcpucount_args, current, "of the state it is in now"),
    HVSH_BIT(struct vcpucount_args, flags, "guest", VIR_DOMAIN_VCPU_GUEST, "as the guest agent sees it"),
    HVSH_EXCLUDES("live", "config"),
    HVSH_EXCLUDES("active", "maximum"),
    HVSH_EXCLUDES("guest", "config"),
    HVSH_END
};

struct vcpucount_row { const char *set; const char *state; int count; };

static const struct hvsh_field vcpucount_row[] = {
    HVSH_TEXT(struct vcpucount_row, set, "maximum or current"),
    HVSH_TEXT(struct vcpucount_row, state, "config or live"),
    HVSH_INT(struct vcpucount_row, count, "how many"),
    HVSH_END
};

static const struct hvsh_shape vcpucount_shape = {
    .name = "counts", .kind = HVSH_LINES, HVSH_ROW(vcpucount_row), .text = "{set:-12} {state:-12} {count:3}"
};

static const struct hvsh_field count_row[] = { HVSH_INT(struct vcpucount_row, count, "how many"), HVSH_END };
static const struct hvsh_shape count_shape = {
    .name = "count", .kind = HVSH_RAW, .fields = count_row, .size = sizeof(struct vcpucount_row)
};

/* All that can be known: four questions, of which those that have no answer in the domain's state are left out. */
static int count_all(hvsh_call *call, virDomainPtr domain)
{
    static const struct { const char *set, *state; unsigned int flags; } questions[] = {
        { "maximum", "config", VIR_DOMAIN_VCPU_MAXIMUM | VIR_DOMAIN_AFFECT_CONFIG },
        { "maximum", "live", VIR_DOMAIN_VCPU_MAXIMUM | VIR_DOMAIN_AFFECT_LIVE },
        { "current", "config", VIR_DOMAIN_AFFECT_CONFIG },
        { "current", "live", VIR_DOMAIN_AFFECT_LIVE },
    };
    int active = virDomainIsActive(domain), persistent = virDomainIsPersistent(domain);

    if (active < 0 || persistent < 0)
        return hvsh_fail_libvirt(call);
    for (size_t i = 0; i < G_N_ELEMENTS(questions); i++) {
        struct vcpucount_row row = { questions[i].set, questions[i].state, 0 };

        if (!(questions[i].flags & VIR_DOMAIN_AFFECT_LIVE ? active : persistent))
            continue;
        row.count = virDomainGetVcpusFlags(domain, questions[i].flags);
        if (row.count < 0)
            return hvsh_fail_libvirt(call);
        if (hvsh_emit(call, &vcpucount_shape, &row) < 0)
            return -1;
    }
    return 0;
}

static int vcpucount_run(hvsh_call *call, const void *p)
{
    const struct vcpucount_args *args = p;
    int count;

    if (!args->flags && !args->active && !args->current)
        return count_all(call, args->domain);
    count = virDomainGetVcpusFlags(args->domain, args->flags);
    if (count < 0)
        return args->flags & VIR_DOMAIN_VCPU_GUEST && (virGetLastErrorCode() == VIR_ERR_NO_SUPPORT || virGetLastErrorCode() == VIR_ERR_INVALID_ARG)
                   ? hvsh_fail_virt(call, "Failed to retrieve vCPU count from the guest") : hvsh_fail_libvirt(call);
    return hvsh_emit(call, &count_shape, &(struct vcpucount_row){ .count = count });
}

const struct hvsh_command COMMAND(vcpucount) = {
    .name = "vcpucount",
    .group = "domain",
    .help = "domain vcpu counts",
    .description = "How many virtual processors the domain has and can have, now and from its next start on; with options one number.",
    HVSH_ARGS(vcpucount_args),
    .shapes = HVSH_SHAPES(&vcpucount_shape, &count_shape),
    .examples = HVSH_EXAMPLES({ "vcpucount test", "all counts" }, { "vcpucount test --maximum --config", "one of them" }),
    .run = vcpucount_run,
};

/* ---- setvcpu, guestvcpus ---- */

struct setvcpu_args { virDomainPtr domain; const char *vcpulist; bool enable, disable; unsigned int flags; };

static const struct hvsh_field setvcpu_args[] = {
    DOMAIN(struct setvcpu_args, 0),
    HVSH_TEXT(struct setvcpu_args, vcpulist, "the processors: 1-3,5", .flags = HVSH_REQUIRED, .scope = "domain", .offer = offer_vcpu_list),
    HVSH_FLAG(struct setvcpu_args, enable, "plug them in"),
    HVSH_FLAG(struct setvcpu_args, disable, "unplug them"),
    HVSH_AFFECT(struct setvcpu_args, flags),
    HVSH_EXCLUDES("enable", "disable"),
    HVSH_ONE_OF("enable", "disable", .help = "one of --enable, --disable is required"),
    HVSH_END
};

static int setvcpu_run(hvsh_call *call, const void *p)
{
    const struct setvcpu_args *args = p;

    return virDomainSetVcpu(args->domain, args->vcpulist, args->enable, args->flags) < 0 ? hvsh_fail_libvirt(call) : 0;
}

const struct hvsh_command COMMAND(setvcpu) = {
    .name = "setvcpu",
    .group = "domain",
    .help = "attach/detach vcpu or groups of threads",
    .description = "Plug single virtual processors in, or unplug them; setvcpus does it by their number.",
    HVSH_ARGS(setvcpu_args),
    .examples = HVSH_EXAMPLES({ "setvcpu web1 3 --enable --live", "plug the fourth one in", HVSH_MATCH_ONLY }),
    .run = setvcpu_run,
};

struct guestvcpus_args { virDomainPtr domain; const char *cpulist; bool enable, disable; };

static const struct hvsh_field guestvcpus_args[] = {
    DOMAIN(struct guestvcpus_args, ACTIVE),
    HVSH_TEXT(struct guestvcpus_args, cpulist, "the processors: 1-3,5", .scope = "domain", .offer = offer_vcpu_list),
    HVSH_FLAG(struct guestvcpus_args, enable, "let the guest use them"),
    HVSH_FLAG(struct guestvcpus_args, disable, "let the guest leave them alone"),
    HVSH_EXCLUDES("enable", "disable"),
    HVSH_REQUIRES("enable", "cpulist"),
    HVSH_REQUIRES("disable", "cpulist"),
    HVSH_REQUIRES("cpulist", "enable disable", .help = "One of options --enable or --disable is required by option --cpulist"),
    HVSH_END
};

static int guestvcpus_run(hvsh_call *call, const void *p)
{
    const struct guestvcpus_args *args = p;
    virTypedParameterPtr params = NULL;
    unsigned int count = 0;

    if (args->cpulist)
        return virDomainSetGuestVcpus(args->domain, args->cpulist, args->enable, 0) < 0 ? hvsh_fail_libvirt(call) : 0;
    if (virDomainGetGuestVcpus(args->domain, &params, &count, 0) < 0)
        return hvsh_fail_libvirt(call);
    return params_show(call, &params_narrow, params, (int)count);
}

const struct hvsh_command COMMAND(guestvcpus) = {
    .name = "guestvcpus",
    .group = "domain",
    .help = "query or modify state of vcpu in the guest (via agent)",
    .description = "Which processors the guest uses, by its agent; with a list switches them on or off there.",
    HVSH_ARGS(guestvcpus_args),
    .shapes = HVSH_SHAPES(&params_narrow),
    .examples = HVSH_EXAMPLES({ "guestvcpus web1", "what it uses", HVSH_MATCH_ONLY },
                              { "guestvcpus web1 --cpulist 1 --disable", "do without the second", HVSH_MATCH_ONLY }),
    .run = guestvcpus_run,
};
