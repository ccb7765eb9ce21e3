/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cpu.c - how many virtual processors a guest has: setvcpus, vcpucount. */
#include "domain.h"

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
        return args->flags & VIR_DOMAIN_VCPU_GUEST ? hvsh_fail_virt(call, "Failed to retrieve vCPU count from the guest")
                                                  : hvsh_fail_libvirt(call);
    return object_text(call, &text_shape, hvsh_printf(call, "%d", count));
}

const struct hvsh_command COMMAND(vcpucount) = {
    .name = "vcpucount",
    .group = "domain",
    .help = "domain vcpu counts",
    .description = "How many virtual processors the domain has and can have, now and from its next start on; with options one number.",
    HVSH_ARGS(vcpucount_args),
    .shapes = HVSH_SHAPES(&vcpucount_shape, &text_shape),
    .examples = HVSH_EXAMPLES({ "vcpucount test", "all counts" }, { "vcpucount test --maximum --config", "one of them" }),
    .run = vcpucount_run,
};
