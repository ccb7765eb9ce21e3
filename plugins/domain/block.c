/* SPDX-License-Identifier: GPL-3.0-or-later */
/* block.c - what is known of a guest's disks: domblklist, domblkinfo, domblkstat, domblkerror. */
#include "domain.h"
#include <stdlib.h>
#include <string.h>

/* An NVMe drive has no path: its PCI address and namespace name it. */
static const char *nvme_source(struct xml *xml, xmlNode *disk)
{
    static const char *const parts[] = { "source/address/@domain", "source/address/@bus", "source/address/@slot", "source/address/@function" };
    const char *space = xml_text(xml, disk, "source/@namespace");
    unsigned int address[4];

    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        const char *text = xml_text(xml, disk, parts[i]);

        address[i] = text ? (unsigned int)strtoul(text, NULL, 0) : 0;
    }
    return hvsh_printf(xml->call, "nvme://%04x:%02x:%02x.%u/%s", address[0], address[1], address[2], address[3], space ? space : "");
}

const char *domain_disk_source(struct xml *xml, xmlNode *disk)
{
    if (g_strcmp0(xml_text(xml, disk, "@type"), "nvme") == 0)
        return nvme_source(xml, disk);
    return xml_text(xml, disk, "source/@file|source/@dev|source/@dir|source/@name|source/@volume|source/@path");
}

/* ---- domblklist ---- */

struct domblklist_args { virDomainPtr domain; unsigned int flags; bool details; };

static const struct hvsh_field domblklist_args[] = {
    DOMAIN(struct domblklist_args, 0),
    HVSH_BIT(struct domblklist_args, flags, "inactive", VIR_DOMAIN_XML_INACTIVE, "those of its next start"),
    HVSH_FLAG(struct domblklist_args, details, "types and kinds of devices too"),
    HVSH_END
};

struct domblklist_row { const char *type; const char *device; const char *target; const char *source; const char *bus; bool readonly; };

static const struct hvsh_field domblklist_row[] = {
    HVSH_TEXT(struct domblklist_row, type, "what the source is", .label = "Type", .when = "details"),
    HVSH_TEXT(struct domblklist_row, device, "disk, cdrom, floppy or lun", .label = "Device", .when = "details"),
    HVSH_TEXT(struct domblklist_row, target, "its name in the guest", .label = "Target"),
    HVSH_TEXT(struct domblklist_row, source, "where its data are", .label = "Source"),
    HVSH_TEXT(struct domblklist_row, bus, "the bus it is on"),
    HVSH_FLAG(struct domblklist_row, readonly, "can it only be read?"),
    HVSH_END
};

static const struct hvsh_shape domblklist_shape = { .name = "disks", .kind = HVSH_TABLE, HVSH_ROW(domblklist_row) };

static int domblklist_run(hvsh_call *call, const void *p)
{
    const struct domblklist_args *args = p;
    struct xml *xml = domain_xml(call, args->domain, args->flags);
    struct xml_nodes disks;

    if (!xml)
        return -1;
    disks = xml_find(xml, NULL, "/domain/devices/disk");
    for (size_t i = 0; i < disks.count; i++) {
        xmlNode *disk = disks.items[i];
        struct domblklist_row row = {
            .type = xml_text(xml, disk, "@type"),
            .device = xml_text(xml, disk, "@device"),
            .target = xml_text(xml, disk, "target/@dev"),
            .source = domain_disk_source(xml, disk),
            .bus = xml_text(xml, disk, "target/@bus"),
            .readonly = xml_first(xml, disk, "readonly") != NULL,
        };

        if (hvsh_emit(call, &domblklist_shape, &row) < 0)
            return -1;
    }
    return 0;
}

const struct hvsh_command COMMAND(domblklist) = {
    .name = "domblklist",
    .group = "monitor",
    .help = "list all domain blocks",
    HVSH_ARGS(domblklist_args),
    .shapes = HVSH_SHAPES(&domblklist_shape),
    .examples = HVSH_EXAMPLES({ "domblklist test --details", "its disks" }),
    .run = domblklist_run,
};

/* ---- domblkinfo ---- */

struct domblkinfo_args { virDomainPtr domain; const char *device; bool human, all; };

static const struct hvsh_field domblkinfo_args[] = {
    DOMAIN(struct domblkinfo_args, 0),
    HVSH_TEXT(struct domblkinfo_args, device, "a disk: its name in the guest or its source", .scope = "domain", .offer = offer_disks),
    HVSH_FLAG(struct domblkinfo_args, human, "sizes for people"),
    HVSH_FLAG(struct domblkinfo_args, all, "all disks"),
    HVSH_EXCLUDES("all", "device"),
    HVSH_ONE_OF("all", "device", .help = "command 'domblkinfo' requires <device> option"),
    HVSH_END
};

struct domblkinfo_row {
    const char *target;
    uint64_t capacity, allocation, physical;
    const char *human[3];
};

/* The same sizes for one disk (labels) and for all (headings): each as a number, or as a text for people under --human. */
#define BLOCK_SIZE(member, text, title, help) \
    HVSH_SIZE(struct domblkinfo_row, member, help, .label = title, .when = "!human"), \
    HVSH_TEXT(struct domblkinfo_row, text, help, .name = #member "-text", .label = title, .when = "human", .flags = HVSH_HIDE)
#define BLOCK_SIZES(colon) \
    BLOCK_SIZE(capacity, human[0], "Capacity" colon, "size the guest sees"), \
    BLOCK_SIZE(allocation, human[1], "Allocation" colon, "space in use on the host"), \
    BLOCK_SIZE(physical, human[2], "Physical" colon, "size of the file or device")

static const struct hvsh_field domblkinfo_row[] = {
    HVSH_TEXT(struct domblkinfo_row, target, "its name in the guest", .label = "Target"),
    BLOCK_SIZES(""),
    HVSH_END
};
static const struct hvsh_field one_block_row[] = { HVSH_TEXT(struct domblkinfo_row, target, "its name in the guest"), BLOCK_SIZES(":"), HVSH_END };

static const struct hvsh_shape blocks_shape = { .name = "disks", .kind = HVSH_TABLE, HVSH_ROW(domblkinfo_row) };
static const struct hvsh_shape block_shape = {
    .name = "disks", .kind = HVSH_RECORD, .fields = one_block_row, .size = sizeof(struct domblkinfo_row)
};

static void block_sizes(hvsh_call *call, const struct domblkinfo_args *args, const virDomainBlockInfo *info, struct domblkinfo_row *row)
{
    row->capacity = info->capacity;
    row->allocation = info->allocation;
    row->physical = info->physical;
    if (args->human) {
        row->human[0] = human_size(call, row->capacity);
        row->human[1] = human_size(call, row->allocation);
        row->human[2] = human_size(call, row->physical);
    }
}

static int all_blocks(hvsh_call *call, const struct domblkinfo_args *args)
{
    struct xml *xml = domain_xml(call, args->domain, 0);
    struct xml_nodes disks;
    int active = domain_is_active(call, args->domain);

    if (!xml || active < 0)
        return -1;
    hvsh_begin(call, &blocks_shape);
    disks = xml_find(xml, NULL, "/domain/devices/disk");
    for (size_t i = 0; i < disks.count; i++) {
        struct domblkinfo_row row = { .capacity = UINT64_MAX, .allocation = UINT64_MAX, .physical = UINT64_MAX };
        virDomainBlockInfo info;

        row.target = xml_text(xml, disks.items[i], "target/@dev");
        /* an empty drive has no size, nor has a network disk that nobody has opened */
        if (row.target && xml_first(xml, disks.items[i], "source")) {
            if (virDomainGetBlockInfo(args->domain, row.target, &info, 0) == 0)
                block_sizes(call, args, &info, &row);
            else if (active || !xml_first(xml, disks.items[i], "source/@protocol"))
                return hvsh_fail_libvirt(call);
        }
        if (hvsh_emit(call, &blocks_shape, &row) < 0)
            return -1;
    }
    return 0;
}

static int domblkinfo_run(hvsh_call *call, const void *p)
{
    const struct domblkinfo_args *args = p;
    struct domblkinfo_row row = { .target = args->device };
    virDomainBlockInfo info;

    if (args->all)
        return all_blocks(call, args);
    if (virDomainGetBlockInfo(args->domain, args->device, &info, 0) < 0)
        return hvsh_fail_libvirt(call);
    block_sizes(call, args, &info, &row);
    return hvsh_emit(call, &block_shape, &row);
}

const struct hvsh_command COMMAND(domblkinfo) = {
    .name = "domblkinfo",
    .group = "monitor",
    .help = "domain block device size information",
    HVSH_ARGS(domblkinfo_args),
    .shapes = HVSH_SHAPES(&block_shape, &blocks_shape),
    .examples = HVSH_EXAMPLES({ "domblkinfo web1 vda --human", "one disk", HVSH_MATCH_ONLY }, { "domblkinfo test --all", "all disks" }),
    .run = domblkinfo_run,
};

/* ---- domblkstat ---- */

struct domblkstat_args { virDomainPtr domain; const char *device; bool human; };

static const struct hvsh_field domblkstat_args[] = {
    DOMAIN(struct domblkstat_args, ACTIVE),
    HVSH_TEXT(struct domblkstat_args, device, "a disk; without it the sum of all", .scope = "domain", .offer = offer_disks,
              .flags = HVSH_EMPTY_OK),
    HVSH_FLAG(struct domblkstat_args, human, "in words"),
    HVSH_END
};

struct domblkstat_row { const char *name; int64_t value; const char *line; };

static const struct hvsh_field domblkstat_row[] = {
    HVSH_TEXT(struct domblkstat_row, name, "what is counted"),
    HVSH_INT64(struct domblkstat_row, value, "times in nanoseconds"),
    HVSH_TEXT(struct domblkstat_row, line, "the text", .flags = HVSH_HIDE),
    HVSH_END
};

static const struct hvsh_shape domblkstat_shape = { .name = "statistics", .kind = HVSH_PAIRS, HVSH_ROW(domblkstat_row), .text = "{line}" };

/* libvirt's names of the counters, in the order they are shown, with virsh's for scripts and for people. */
static const struct { const char *field, *name, *words; } block_counters[] = {
    { VIR_DOMAIN_BLOCK_STATS_READ_REQ, "rd_req", "number of read operations:" },
    { VIR_DOMAIN_BLOCK_STATS_READ_BYTES, "rd_bytes", "number of bytes read:" },
    { VIR_DOMAIN_BLOCK_STATS_WRITE_REQ, "wr_req", "number of write operations:" },
    { VIR_DOMAIN_BLOCK_STATS_WRITE_BYTES, "wr_bytes", "number of bytes written:" },
    { VIR_DOMAIN_BLOCK_STATS_ERRS, "errs", "error count:" },
    { VIR_DOMAIN_BLOCK_STATS_FLUSH_REQ, "flush_operations", "number of flush operations:" },
    { VIR_DOMAIN_BLOCK_STATS_READ_TOTAL_TIMES, "rd_total_times", "total duration of reads (ns):" },
    { VIR_DOMAIN_BLOCK_STATS_WRITE_TOTAL_TIMES, "wr_total_times", "total duration of writes (ns):" },
    { VIR_DOMAIN_BLOCK_STATS_FLUSH_TOTAL_TIMES, "flush_total_times", "total duration of flushes (ns):" },
};

static int emit_counter(hvsh_call *call, const struct domblkstat_args *args, const char *name, const char *words, long long value)
{
    struct domblkstat_row row = { .name = name, .value = value };

    if (args->human)
        row.line = hvsh_printf(call, " %-31s %lld", words ? words : name, value);
    else
        row.line = hvsh_printf(call, "%s %s %lld", args->device ? args->device : "", name, value);
    return hvsh_emit(call, &domblkstat_shape, &row);
}

/* Of which disk they are: none of the counters that JSON and Lua have. */
static int emit_heading(hvsh_call *call, const struct domblkstat_args *args, const char *device)
{
    if (!args->human || !hvsh_wants(call, &domblkstat_shape, "line"))
        return 0;
    return hvsh_emit(call, &domblkstat_shape, &(struct domblkstat_row){ .value = INT64_MIN, .line = hvsh_printf(call, "Device: %s", device) });
}

/* The counters of drivers without the newer call: in the table's first five rows. */
static int old_counters(hvsh_call *call, const struct domblkstat_args *args, const char *device)
{
    virDomainBlockStatsStruct stats;

    if (virDomainBlockStats(args->domain, device, &stats, sizeof(stats)) < 0)
        return hvsh_fail_virt(call, "Failed to get block stats %s %s", virDomainGetName(args->domain), device);
    if (emit_heading(call, args, device) < 0)
        return -1;
    const long long values[] = { stats.rd_req, stats.rd_bytes, stats.wr_req, stats.wr_bytes, stats.errs };
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
        if (values[i] >= 0 && emit_counter(call, args, block_counters[i].name, block_counters[i].words, values[i]) < 0)
            return -1;
    return 0;
}

static int new_counters(hvsh_call *call, const struct domblkstat_args *args, const virTypedParameter *params, int count)
{
    bool *shown = hvsh_defer(call, g_new0(bool, (size_t)count + 1), g_free);

    for (size_t i = 0; i < G_N_ELEMENTS(block_counters); i++)
        for (int j = 0; j < count; j++)
            if (strcmp(params[j].field, block_counters[i].field) == 0 && params[j].type == VIR_TYPED_PARAM_LLONG) {
                shown[j] = true;
                if (emit_counter(call, args, block_counters[i].name, block_counters[i].words, params[j].value.l) < 0)
                    return -1;
            }
    for (int j = 0; j < count; j++)
        if (!shown[j] && params[j].type == VIR_TYPED_PARAM_LLONG && emit_counter(call, args, params[j].field, NULL, params[j].value.l) < 0)
            return -1;
    return 0;
}

static int domblkstat_run(hvsh_call *call, const void *p)
{
    const struct domblkstat_args *args = p;
    const char *device = args->device ? args->device : "";
    virTypedParameterPtr params = NULL;
    int count = 0;

    if (virDomainBlockStatsFlags(args->domain, device, NULL, &count, 0) < 0) {
        if (virGetLastErrorCode() == VIR_ERR_NO_SUPPORT)
            return old_counters(call, args, device);
        return hvsh_fail_libvirt(call);
    }
    params = hvsh_defer(call, g_new0(virTypedParameter, (size_t)count + 1), g_free);
    if (virDomainBlockStatsFlags(args->domain, device, params, &count, 0) < 0)
        return hvsh_fail_virt(call, "Failed to get block stats for domain '%s' device '%s'", virDomainGetName(args->domain), device);
    return emit_heading(call, args, device) < 0 ? -1 : new_counters(call, args, params, count);
}

const struct hvsh_command COMMAND(domblkstat) = {
    .name = "domblkstat",
    .group = "monitor",
    .help = "get device block stats for a domain",
    HVSH_ARGS(domblkstat_args),
    .shapes = HVSH_SHAPES(&domblkstat_shape),
    .examples = HVSH_EXAMPLES({ "domblkstat web1 vda --human", "one disk, in words", HVSH_MATCH_ONLY }),
    .run = domblkstat_run,
};

/* ---- domblkerror ---- */

struct domblkerror_row { const char *disk; const char *error; };

static const struct hvsh_field domblkerror_row[] = {
    HVSH_TEXT(struct domblkerror_row, disk, "its name in the guest"),
    HVSH_TEXT(struct domblkerror_row, error, "what went wrong"),
    HVSH_END
};

static const struct hvsh_shape domblkerror_shape = {
    .name = "errors", .kind = HVSH_LINES, HVSH_ROW(domblkerror_row), .text = "{disk}: {error}"
};
OBJECT_MESSAGE(no_errors, "No errors found");

static int domblkerror_run(hvsh_call *call, const void *p)
{
    static const char *const words[] = { "no error", "unspecified error", "no space" };
    virDomainPtr domain = ((const struct only_domain *)p)->domain;
    int count = virDomainGetDiskErrors(domain, NULL, 0, 0);
    virDomainDiskErrorPtr errors;

    if (count < 0)
        return hvsh_fail_libvirt(call);
    errors = hvsh_defer(call, g_new0(virDomainDiskError, (size_t)count + 1), g_free);
    if (count && (count = virDomainGetDiskErrors(domain, errors, (unsigned int)count, 0)) < 0)
        return hvsh_fail_libvirt(call);
    if (!count && object_says_none(call, &no_errors))
        return domain_say(call, &no_errors, domain);
    for (int i = 0; i < count; i++) {
        size_t error = (size_t)errors[i].error;
        struct domblkerror_row row = { hvsh_own_text(call, errors[i].disk), error < G_N_ELEMENTS(words) ? words[error] : "unknown" };

        if (hvsh_emit(call, &domblkerror_shape, &row) < 0)
            return -1;
    }
    return 0;
}

const struct hvsh_command COMMAND(domblkerror) = {
    .name = "domblkerror",
    .group = "monitor",
    .help = "Show errors on block devices",
    ONLY_ACTIVE,
    .shapes = HVSH_SHAPES(&domblkerror_shape, &no_errors),
    .examples = HVSH_EXAMPLES({ "domblkerror test", "disks in trouble" }),
    .run = domblkerror_run,
};
