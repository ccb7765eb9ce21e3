/* SPDX-License-Identifier: GPL-3.0-or-later */
/* throttle.c - limits of one device: blkdeviotune of a disk, domiftune of an interface. */
#include "tune.h"

#include <stdlib.h>
#include <string.h>

/* ---- blkdeviotune ---- */

struct blkdeviotune_args {
    virDomainPtr domain;
    const char *device, *group_name;
    uint64_t total_bytes_sec, read_bytes_sec, write_bytes_sec, total_iops_sec, read_iops_sec, write_iops_sec;
    uint64_t total_bytes_sec_max, read_bytes_sec_max, write_bytes_sec_max, total_iops_sec_max, read_iops_sec_max, write_iops_sec_max;
    uint64_t size_iops_sec;
    uint64_t total_bytes_sec_max_length, read_bytes_sec_max_length, write_bytes_sec_max_length;
    uint64_t total_iops_sec_max_length, read_iops_sec_max_length, write_iops_sec_max_length;
    unsigned int flags;
};

/* Each has virsh's older spelling, with underscores, as an alias before it. */
#define LIMIT(kind, m, option, key, help, ...) \
    HVSH_ALIAS(#m, option), kind(struct blkdeviotune_args, m, help, .param = key, __VA_ARGS__)
#define BYTES(m, option, key, help) LIMIT(HVSH_SIZE, m, option, key, help, .unit = "B")
#define COUNT(m, option, key, help) LIMIT(HVSH_UINT64, m, option, key, help, .min = 0)

static const struct hvsh_field blkdeviotune_args[] = {
    DOMAIN(struct blkdeviotune_args),
    HVSH_TEXT(struct blkdeviotune_args, device, "target of the disk, or its source", .flags = HVSH_REQUIRED, .scope = "domain", .offer = offer_disks),
    BYTES(total_bytes_sec, "total-bytes-sec", VIR_DOMAIN_BLOCK_IOTUNE_TOTAL_BYTES_SEC, "bytes a second"),
    BYTES(read_bytes_sec, "read-bytes-sec", VIR_DOMAIN_BLOCK_IOTUNE_READ_BYTES_SEC, "bytes read a second"),
    BYTES(write_bytes_sec, "write-bytes-sec", VIR_DOMAIN_BLOCK_IOTUNE_WRITE_BYTES_SEC, "bytes written a second"),
    COUNT(total_iops_sec, "total-iops-sec", VIR_DOMAIN_BLOCK_IOTUNE_TOTAL_IOPS_SEC, "operations a second"),
    COUNT(read_iops_sec, "read-iops-sec", VIR_DOMAIN_BLOCK_IOTUNE_READ_IOPS_SEC, "reads a second"),
    COUNT(write_iops_sec, "write-iops-sec", VIR_DOMAIN_BLOCK_IOTUNE_WRITE_IOPS_SEC, "writes a second"),
    BYTES(total_bytes_sec_max, "total-bytes-sec-max", VIR_DOMAIN_BLOCK_IOTUNE_TOTAL_BYTES_SEC_MAX, "bytes a second in a burst"),
    BYTES(read_bytes_sec_max, "read-bytes-sec-max", VIR_DOMAIN_BLOCK_IOTUNE_READ_BYTES_SEC_MAX, "bytes read a second in a burst"),
    BYTES(write_bytes_sec_max, "write-bytes-sec-max", VIR_DOMAIN_BLOCK_IOTUNE_WRITE_BYTES_SEC_MAX, "bytes written a second in a burst"),
    COUNT(total_iops_sec_max, "total-iops-sec-max", VIR_DOMAIN_BLOCK_IOTUNE_TOTAL_IOPS_SEC_MAX, "operations a second in a burst"),
    COUNT(read_iops_sec_max, "read-iops-sec-max", VIR_DOMAIN_BLOCK_IOTUNE_READ_IOPS_SEC_MAX, "reads a second in a burst"),
    COUNT(write_iops_sec_max, "write-iops-sec-max", VIR_DOMAIN_BLOCK_IOTUNE_WRITE_IOPS_SEC_MAX, "writes a second in a burst"),
    BYTES(size_iops_sec, "size-iops-sec", VIR_DOMAIN_BLOCK_IOTUNE_SIZE_IOPS_SEC, "size up to which an operation counts as one"),
    HVSH_ALIAS("group_name", "group-name"),
    HVSH_TEXT(struct blkdeviotune_args, group_name, "disks of one group share the limits", .param = VIR_DOMAIN_BLOCK_IOTUNE_GROUP_NAME),
    COUNT(total_bytes_sec_max_length, "total-bytes-sec-max-length", VIR_DOMAIN_BLOCK_IOTUNE_TOTAL_BYTES_SEC_MAX_LENGTH,
          "seconds that a burst of bytes may last"),
    COUNT(read_bytes_sec_max_length, "read-bytes-sec-max-length", VIR_DOMAIN_BLOCK_IOTUNE_READ_BYTES_SEC_MAX_LENGTH,
          "seconds that a burst of bytes read may last"),
    COUNT(write_bytes_sec_max_length, "write-bytes-sec-max-length", VIR_DOMAIN_BLOCK_IOTUNE_WRITE_BYTES_SEC_MAX_LENGTH,
          "seconds that a burst of bytes written may last"),
    COUNT(total_iops_sec_max_length, "total-iops-sec-max-length", VIR_DOMAIN_BLOCK_IOTUNE_TOTAL_IOPS_SEC_MAX_LENGTH,
          "seconds that a burst of operations may last"),
    COUNT(read_iops_sec_max_length, "read-iops-sec-max-length", VIR_DOMAIN_BLOCK_IOTUNE_READ_IOPS_SEC_MAX_LENGTH,
          "seconds that a burst of reads may last"),
    COUNT(write_iops_sec_max_length, "write-iops-sec-max-length", VIR_DOMAIN_BLOCK_IOTUNE_WRITE_IOPS_SEC_MAX_LENGTH,
          "seconds that a burst of writes may last"),
    HVSH_AFFECT(struct blkdeviotune_args, flags),
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
    const struct blkdeviotune_args *args = p;

    return family_run(call, &disk_family, args->domain, args->device, args->flags, NULL, 0);
}

const struct hvsh_command COMMAND(blkdeviotune) = {
    .name = "blkdeviotune", .group = "domain", .help = "Set or query a block device I/O tuning parameters.",
    .description = "How much a disk may read and write in a second, and in a burst.",
    HVSH_ARGS(blkdeviotune_args), .shapes = TUNE_SHAPES,
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

/* "1000,2000,500" to numbers; what is not given stays 0. */
static int parse_rates(hvsh_call *call, const char *text, unsigned int rates[RATES])
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);

    if (g_strv_length(parts) > RATES)
        return hvsh_fail(call, "Rate string '%s' has too many fields", text);
    for (int i = 0; parts[i]; i++) {
        guint64 number;

        if (!*parts[i] && i)
            continue;
        if (!g_ascii_string_to_unsigned(parts[i], 10, 0, UINT_MAX, &number, NULL))
            return hvsh_fail(call, "field '%s' is malformed", rate_names[i]);
        rates[i] = (unsigned int)number;
    }
    return 0;
}

/* The average always, what else is not 0. */
static int add_rates(hvsh_call *call, virTypedParameterPtr params, int *count, const char *text, const char *const keys[RATES])
{
    unsigned int rates[RATES] = {0};

    if (parse_rates(call, text, rates) < 0)
        return -1;
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

    if (args->inbound && add_rates(call, params, &count, args->inbound, in) < 0)
        return -1;
    if (args->outbound && add_rates(call, params, &count, args->outbound, out) < 0)
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
