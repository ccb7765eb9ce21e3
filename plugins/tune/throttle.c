/* SPDX-License-Identifier: GPL-3.0-or-later */
/* throttle.c - limits of one device: blkdeviotune of a disk, domiftune of an interface. */
#include "throttle.h"

#include <stdlib.h>
#include <string.h>

/* ---- blkdeviotune ---- */

static const struct hvsh_field blkdeviotune_args[] = {
    DOMAIN(struct throttle_args),
    HVSH_TEXT(struct throttle_args, device, "target of the disk, or its source", .flags = HVSH_REQUIRED, .scope = "domain", .offer = offer_disks),
    THROTTLE_LIMITS,
    HVSH_ALIAS("group_name", "group-name"),
    HVSH_TEXT(struct throttle_args, group_name, "disks of one group share the limits", .param = VIR_DOMAIN_BLOCK_IOTUNE_GROUP_NAME),
    THROTTLE_BURSTS,
    HVSH_AFFECT(struct throttle_args, flags),
    HVSH_END
};

static int disk_get(virDomainPtr domain, const char *device, virTypedParameterPtr params, int *count, unsigned int flags)
{
    /* how many there are is asked without a disk */
    return virDomainGetBlockIoTune(domain, params ? device : NULL, params, count, flags);
}

static int disk_set(virDomainPtr domain, const char *device, virTypedParameterPtr params, int count, unsigned int flags)
{
    return virDomainSetBlockIoTune(domain, device, params, count, flags);
}

static const struct family disk_family = {
    .get = disk_get, .set = disk_set,
    .cannot_count = "Unable to get number of block I/O throttle parameters", .cannot_get = "Unable to get block I/O throttle parameters",
    .cannot_set = "Unable to change block I/O throttle",
};

static int blkdeviotune_run(hvsh_call *call, const void *p)
{
    const struct throttle_args *args = p;

    return family_run(call, &disk_family, args->domain, args->device, args->flags, NULL, 0);
}

const struct hvsh_command COMMAND(blkdeviotune) = {
    .name = "blkdeviotune", .group = "domain", .help = "Set or query a block device I/O tuning parameters.",
    .description = "How much a disk may read and write in a second, and in a burst.",
    .args = blkdeviotune_args, .args_size = sizeof(struct throttle_args), .shapes = TUNE_SHAPES,
    .examples = HVSH_EXAMPLES({"blkdeviotune test vda", "the limits of a disk"},
                              {"blkdeviotune web1 vda --total-iops-sec 500", "no more than 500 operations a second", HVSH_MATCH_ONLY}),
    .run = blkdeviotune_run,
};

/* ---- domiftune ---- */

struct domiftune_args { virDomainPtr domain; const char *interface, *inbound, *outbound; unsigned int flags; };

static const struct hvsh_field domiftune_args[] = {
    DOMAIN(struct domiftune_args),
    HVSH_TEXT(struct domiftune_args, interface, "its device on the host, or its MAC address", .flags = HVSH_REQUIRED, .scope = "domain",
              .offer = offer_interfaces),
    HVSH_TEXT(struct domiftune_args, inbound, "what comes to the guest: average,peak,burst,floor (KiB/s, KiB/s, KiB, KiB/s; 0: no limit)"),
    HVSH_TEXT(struct domiftune_args, outbound, "what the guest sends: average,peak,burst"),
    HVSH_AFFECT(struct domiftune_args, flags),
    HVSH_END
};

enum { RATES = 4 };
static const char *const rate_names[RATES] = {"average", "peak", "burst", "floor"};

/* "1000,2000,500" to numbers, of which some may be empty; what is not given stays 0. */
static int parse_rates(hvsh_call *call, const char *direction, const char *text, unsigned int rates[RATES])
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);

    if (g_strv_length(parts) > RATES)
        return hvsh_fail(call, "Rate string '%s' has too many fields", text);
    for (int i = 0; parts[i]; i++) {
        const char *digits = parts[i] + strspn(parts[i], " \t\n");
        guint64 number;

        if (!*parts[i])
            continue;
        digits += *digits == '+';
        if (!g_ascii_string_to_unsigned(digits, 10, 0, G_MAXUINT64, &number, NULL))
            return hvsh_fail(call, "field '%s' is malformed", rate_names[i]);
        if (number > UINT_MAX)
            return hvsh_fail(call, "%s rate larger than maximum %u", direction, UINT_MAX);
        rates[i] = (unsigned int)number;
    }
    return 0;
}

/* The average always, what else is not 0. */
static int add_rates(hvsh_call *call, virTypedParameterPtr params, int *count, const char *direction, const char *text, const char *const keys[RATES])
{
    unsigned int rates[RATES] = {0};

    if (parse_rates(call, direction, text, rates) < 0)
        return -1;
    /* without an average libvirt takes the whole limit away */
    if (!rates[0] && (rates[1] || rates[2]) && !(keys[3] && rates[3]))
        return hvsh_fail(call, keys[3] ? "either inbound average or floor is mandatory" : "outbound average is mandatory");
    for (int i = 0; i < RATES; i++) {
        if (i && !rates[i])
            continue;
        if (!keys[i])
            return hvsh_fail(call, "outbound floor is unsupported yet");
        g_strlcpy(params[*count].field, keys[i], VIR_TYPED_PARAM_FIELD_LENGTH);
        params[*count].type = VIR_TYPED_PARAM_UINT;
        params[*count].value.ui = rates[i];
        (*count)++;
    }
    return 0;
}

static int interface_get(virDomainPtr domain, const char *device, virTypedParameterPtr params, int *count, unsigned int flags)
{
    return virDomainGetInterfaceParameters(domain, device, params, count, flags);
}

static int interface_set(virDomainPtr domain, const char *device, virTypedParameterPtr params, int count, unsigned int flags)
{
    return virDomainSetInterfaceParameters(domain, device, params, count, flags);
}

static const struct family interface_family = {
    .get = interface_get, .set = interface_set,
    .cannot_count = "Unable to get number of interface parameters", .cannot_get = "Unable to get interface parameters",
    .cannot_set = "Unable to set interface parameters",
};

static int domiftune_run(hvsh_call *call, const void *p)
{
    static const char *const in[RATES] = {VIR_DOMAIN_BANDWIDTH_IN_AVERAGE, VIR_DOMAIN_BANDWIDTH_IN_PEAK, VIR_DOMAIN_BANDWIDTH_IN_BURST,
                                          VIR_DOMAIN_BANDWIDTH_IN_FLOOR};
    static const char *const out[RATES] = {VIR_DOMAIN_BANDWIDTH_OUT_AVERAGE, VIR_DOMAIN_BANDWIDTH_OUT_PEAK, VIR_DOMAIN_BANDWIDTH_OUT_BURST};
    const struct domiftune_args *args = p;
    virTypedParameter params[2 * RATES] = {0};
    int count = 0;

    if (args->inbound && add_rates(call, params, &count, "inbound", args->inbound, in) < 0)
        return -1;
    if (args->outbound && add_rates(call, params, &count, "outbound", args->outbound, out) < 0)
        return -1;
    return family_run(call, &interface_family, args->domain, args->interface, args->flags, params, count);
}

const struct hvsh_command COMMAND(domiftune) = {
    .name = "domiftune", .group = "domain", .help = "get/set parameters of a virtual interface",
    .description = "How much an interface may receive and send.",
    HVSH_ARGS(domiftune_args), .shapes = TUNE_SHAPES,
    .examples = HVSH_EXAMPLES({"domiftune test testnet0", "what is set"},
                              {"domiftune web1 vnet0 --inbound 1000,2000,500", "an average of 1000 KiB/s", HVSH_MATCH_ONLY}),
    .run = domiftune_run,
};
