/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stats.c - statistics of many guests in one call: domstats. */
#include "domain.h"
#include <string.h>

struct domstats_args {
    unsigned int stats, flags;
    bool raw;
    HVSH_LIST_OF(virDomainPtr) domain;
};

#if !LIBVIR_CHECK_VERSION(7, 2, 0)
enum { VIR_DOMAIN_STATS_DIRTYRATE = 1 << 9 };
#endif
#if !LIBVIR_CHECK_VERSION(8, 9, 0)
enum { VIR_DOMAIN_STATS_VM = 1 << 10 };
#endif

#define STATS(name, bits, help) HVSH_BIT(struct domstats_args, stats, name, bits, help)
#define FILTER(name, bits, help) HVSH_BIT(struct domstats_args, flags, name, VIR_CONNECT_GET_ALL_DOMAINS_STATS_##bits, help)
static const struct hvsh_field domstats_args[] = {
    STATS("state", VIR_DOMAIN_STATS_STATE, "state and its reason"),
    STATS("cpu-total", VIR_DOMAIN_STATS_CPU_TOTAL, "processor time"),
    STATS("balloon", VIR_DOMAIN_STATS_BALLOON, "memory"),
    STATS("vcpu", VIR_DOMAIN_STATS_VCPU, "virtual processors"),
    STATS("interface", VIR_DOMAIN_STATS_INTERFACE, "network interfaces"),
    STATS("block", VIR_DOMAIN_STATS_BLOCK, "disks"),
    STATS("perf", VIR_DOMAIN_STATS_PERF, "performance events"),
    STATS("iothread", VIR_DOMAIN_STATS_IOTHREAD, "I/O threads"),
    STATS("memory", VIR_DOMAIN_STATS_MEMORY, "memory bandwidth"),
    STATS("dirtyrate", VIR_DOMAIN_STATS_DIRTYRATE, "rate of memory writes"),
    STATS("vm", VIR_DOMAIN_STATS_VM, "what the hypervisor itself counts"),
    FILTER("list-active", ACTIVE, "only active domains"),
    FILTER("list-inactive", INACTIVE, "only inactive domains"),
    FILTER("list-persistent", PERSISTENT, "only persistent domains"),
    FILTER("list-transient", TRANSIENT, "only transient domains"),
    FILTER("list-running", RUNNING, "only running domains"),
    FILTER("list-paused", PAUSED, "only paused domains"),
    FILTER("list-shutoff", SHUTOFF, "only domains that are shut off"),
    FILTER("list-other", OTHER, "only domains in other states"),
    HVSH_FLAG(struct domstats_args, raw, "the fields as libvirt names them (they always are)"),
    FILTER("enforce", ENFORCE_STATS, "fail when a group of statistics is not there"),
    FILTER("backing", BACKING, "the files behind disk images too"),
    FILTER("nowait", NOWAIT, "leave out what would have to be waited for"),
    HVSH_DOMAINS(struct domstats_args, domain, HVSH_REST, "these domains only"),
    HVSH_END
};

struct domstats_row { const char *name; const char *uuid; struct hvsh_params stats; };

static const struct hvsh_field domstats_row[] = {
    HVSH_TEXT(struct domstats_row, name, "name of the domain"),
    HVSH_TEXT(struct domstats_row, uuid, "its uuid"),
    HVSH_PARAMS(struct domstats_row, stats, "its statistics"),
    HVSH_END
};

static const struct hvsh_shape domstats_shape = {
    .name = "domains", .kind = HVSH_STANZAS, HVSH_ROW(domstats_row), .text = "Domain: '{name}'"
};

static void free_stats(void *stats)
{
    virDomainStatsRecordListFree(stats);
}

static int domstats_run(hvsh_call *call, const void *p)
{
    const struct domstats_args *args = p;
    virDomainStatsRecordPtr *stats = NULL;
    virConnectPtr connection = hvsh_connection(call);
    int count;

    if (!connection)
        return -1;
    if (args->domain.count) {
        virDomainPtr *domains = hvsh_defer(call, g_new0(virDomainPtr, args->domain.count + 1), g_free);

        memcpy(domains, args->domain.items, args->domain.count * sizeof(*domains));
        count = virDomainListGetStats(domains, args->stats, &stats, args->flags);
    } else {
        count = virConnectGetAllDomainStats(connection, args->stats, &stats, args->flags);
    }
    if (count < 0)
        return hvsh_fail_libvirt(call);
    hvsh_defer(call, stats, free_stats);
    for (int i = 0; i < count; i++) {
        struct domstats_row row = { virDomainGetName(stats[i]->dom), domain_uuid(call, stats[i]->dom), { stats[i]->params, stats[i]->nparams } };

        if (hvsh_emit(call, &domstats_shape, &row) < 0)
            return -1;
    }
    return 0;
}

const struct hvsh_command COMMAND(domstats) = {
    .name = "domstats",
    .group = "monitor",
    .help = "get statistics about one or multiple domains",
    .description = "One round trip for all domains, or for those that are named. Without a group of statistics all that the hypervisor "
                   "has are shown.",
    HVSH_ARGS(domstats_args),
    .shapes = HVSH_SHAPES(&domstats_shape),
    .examples = HVSH_EXAMPLES({ "domstats --state test", "one domain's state" }, { "domstats --list-running --balloon", "memory of all that run",
                              HVSH_ON_LIVE }),
    .run = domstats_run,
};
