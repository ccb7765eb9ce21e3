/* SPDX-License-Identifier: GPL-3.0-or-later */
/* schedule.c - schedinfo: the scheduler of a guest's processors and its parameters, whose names and types only the hypervisor knows. */
#include "tune.h"

#include <stdlib.h>
#include <string.h>

struct schedinfo_args { virDomainPtr domain; const char *weight, *cap; unsigned int flags; HVSH_LIST_OF(const char *) set; };

static const struct hvsh_field schedinfo_args[] = {
    DOMAIN(struct schedinfo_args),
    HVSH_BIND(struct schedinfo_args, weight, const char *, hvsh_type_text, "weight, where the scheduler has one", .flags = HVSH_NAMED),
    HVSH_BIND(struct schedinfo_args, cap, const char *, hvsh_type_text, "cap, where the scheduler has one", .flags = HVSH_NAMED),
    HVSH_BIT(struct schedinfo_args, flags, "current", 0, "affect current domain"),
    HVSH_BIT(struct schedinfo_args, flags, "config", VIR_DOMAIN_AFFECT_CONFIG, "affect next boot"),
    HVSH_BIT(struct schedinfo_args, flags, "live", VIR_DOMAIN_AFFECT_LIVE, "affect running domain"),
    HVSH_TEXTS(struct schedinfo_args, set, HVSH_REST, "parameter=value", .scope = "domain", .offer = offer_scheduler),
    HVSH_EXCLUDES("current", "live"),
    HVSH_EXCLUDES("current", "config"),
    HVSH_END
};

static int sched_get(virDomainPtr domain, const char *device, virTypedParameterPtr params, int *count, unsigned int flags)
{
    (void)device;
    if (!params) {
        char *type = virDomainGetSchedulerType(domain, count);

        free(type);
        return type ? 0 : -1;
    }
    /* older drivers do not know the call with flags */
    return flags ? virDomainGetSchedulerParametersFlags(domain, params, count, flags) : virDomainGetSchedulerParameters(domain, params, count);
}

static const struct family sched_family = {
    .get = sched_get,
    .cannot_count = "Unable to get number of scheduler parameters",
};

/* The text in the type that the parameter has; an unknown name is refused. */
static int want(hvsh_call *call, struct params_list *wanted, const struct _virTypedParameter *params, int count, const char *name, const char *text)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(params[i].field, name) != 0)
            continue;
        if (virTypedParamsAddFromString(&wanted->items, &wanted->count, &wanted->room, name, params[i].type, text) < 0)
            return hvsh_fail_libvirt(call);
        return 0;
    }
    return hvsh_fail(call, "invalid scheduler option: %s", name);
}

static int schedinfo_run(hvsh_call *call, const void *p)
{
    const struct schedinfo_args *args = p;
    struct params_list *wanted = params_list(call);
    struct _virTypedParameter kind = {.type = VIR_TYPED_PARAM_STRING};
    const unsigned int both = VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG;
    /* what is set for now and for the next start is asked of now: libvirt shows one of them */
    unsigned int shown = (args->flags & both) == both ? 0 : args->flags;
    virTypedParameterPtr params;
    int count;

    kind.value.s = hvsh_own_text(call, virDomainGetSchedulerType(args->domain, NULL));
    if (!kind.value.s)
        return hvsh_fail_libvirt(call);
    if (param_emit(call, "Scheduler", &kind) < 0 || family_get(call, &sched_family, args->domain, NULL, shown, &params, &count) < 0)
        return -1;
    if (args->weight && want(call, wanted, params, count, "weight", args->weight) < 0)
        return -1;
    if (args->cap && want(call, wanted, params, count, "cap", args->cap) < 0)
        return -1;
    for (size_t i = 0; i < args->set.count; i++) {
        const char *equals = strchr(args->set.items[i], '=');

        if (!equals)
            return hvsh_fail(call, "Invalid syntax for --set, expecting name=value");
        if (want(call, wanted, params, count, hvsh_printf(call, "%.*s", (int)(equals - args->set.items[i]), args->set.items[i]), equals + 1) < 0)
            return -1;
    }
    if (wanted->count) {
        int result = args->flags ? virDomainSetSchedulerParametersFlags(args->domain, wanted->items, wanted->count, args->flags)
                                 : virDomainSetSchedulerParameters(args->domain, wanted->items, wanted->count);

        if (result < 0)
            return hvsh_fail_libvirt(call);
        if (family_get(call, &sched_family, args->domain, NULL, shown, &params, &count) < 0)
            return -1;
    } else if ((args->flags & both) == both) {
        return hvsh_fail(call, "cannot query both live and config at once");
    }
    for (int i = 0; i < count; i++)
        if (param_emit(call, params[i].field, &params[i]) < 0)
            return -1;
    return 0;
}

const struct hvsh_command COMMAND(schedinfo) = {
    .name = "schedinfo", .group = "domain", .help = "show/set scheduler parameters",
    .description = "The scheduler of the guest's processors and its parameters (QEMU: cpu_shares, vcpu_period, vcpu_quota, ...), shown after they are set.",
    HVSH_ARGS(schedinfo_args), .shapes = TUNE_SHAPES,
    .examples = HVSH_EXAMPLES({"schedinfo test", "what is set"}, {"schedinfo web1 --set cpu_shares=512", "half of the usual share", HVSH_MATCH_ONLY}),
    .run = schedinfo_run,
};
