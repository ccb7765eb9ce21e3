/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memory.c - checks of the host's memory: huge pages, NUMA, policy */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "check.h"

static void run_huge(struct host *host, const struct check *check, struct result *result)
{
    g_auto(GStrv) sizes = host_list(host, "sys/kernel/mm/hugepages");
    g_autoptr(GString) text = g_string_new(NULL);

    (void)check;
    if (!sizes) {
        unsure(result, "/sys/kernel/mm/hugepages: %s", g_strerror(errno));
        return;
    }
    for (char **size = sizes; *size; size++) {
        uint64_t total = 0, left = 0;
        if (!host_number(host, &total, "sys/kernel/mm/hugepages/%s/nr_hugepages", *size) || !total)
            continue;
        host_number(host, &left, "sys/kernel/mm/hugepages/%s/free_hugepages", *size);
        g_string_append_printf(text, "%s%" G_GUINT64_FORMAT " of %s, %" G_GUINT64_FORMAT " free", text->len ? "; " : "", total,
                               g_str_has_prefix(*size, "hugepages-") ? *size + 10 : *size, left);
    }
    if (text->len)
        found(result, PASS, "%s", text->str);
    else
        found(result, NOTE, "none are set aside");
}

static void run_numa(struct host *host, const struct check *check, struct result *result)
{
    g_auto(GStrv) names = host_list(host, "sys/devices/system/node");
    uint64_t balancing = 0;
    unsigned int nodes = 0;

    (void)check;
    for (char **name = names; name && *name; name++)
        nodes += g_str_has_prefix(*name, "node") && g_ascii_isdigit((*name)[4]);
    if (!nodes)
        unsure(result, "the kernel tells of no NUMA nodes");
    else if (nodes == 1)
        found(result, PASS, "one node: all memory is equally near");
    else if (host_number(host, &balancing, "proc/sys/kernel/numa_balancing") && !balancing)
        found(result, NOTE, "%u nodes, automatic balancing is off: pin large guests to a node", nodes);
    else
        found(result, PASS, "%u nodes, balanced by the kernel", nodes);
}

static uint64_t meminfo(const char *text, const char *key)
{
    const char *at = text ? strstr(text, key) : NULL;

    return at ? strtoull(at + strlen(key), NULL, 10) * 1024 : UINT64_MAX;
}

static void run_free(struct host *host, const struct check *check, struct result *result)
{
    g_autofree char *text = host_read(host, "proc/meminfo"), *a = NULL, *b = NULL;
    uint64_t total = meminfo(text, "MemTotal:"), available = meminfo(text, "MemAvailable:"), swap = meminfo(text, "SwapTotal:");
    int error = errno;
    g_autofree char *pressure = host_read(host, "proc/pressure/memory");
    const char *average = pressure && g_str_has_prefix(pressure, "some ") ? strstr(pressure, "avg60=") : NULL;
    double waiting = average ? g_ascii_strtod(average + strlen("avg60="), NULL) : 0;

    (void)check;
    if (total == UINT64_MAX || available == UINT64_MAX) {
        unsure(result, "/proc/meminfo: %s", text ? "no MemTotal or MemAvailable" : g_strerror(error));
        return;
    }
    a = size_text(available);
    b = size_text(total);
    if (available < ((uint64_t)512 << 20))
        found(result, WARN, "%s of %s are available", a, b);
    else if (waiting >= 10)
        found(result, WARN, "%s of %s are available, and programs waited for memory %.0f %% of the last minute", a, b, waiting);
    else
        found(result, PASS, "%s of %s are available%s", a, b, swap ? "" : ", no swap");
}

static void run_policy(struct host *host, const struct check *check, struct result *result)
{
    uint64_t overcommit = 0, ksm = 0;
    g_autofree char *huge = host_read(host, "sys/kernel/mm/transparent_hugepage/enabled");

    (void)check;
    if (!host_number(host, &overcommit, "proc/sys/vm/overcommit_memory")) {
        unsure(result, "/proc/sys/vm/overcommit_memory: %s", g_strerror(errno));
        return;
    }
    host_number(host, &ksm, "sys/kernel/mm/ksm/run");
    if (overcommit == 2)
        found(result, NOTE, "overcommit is off (vm.overcommit_memory=2): guests may be refused memory that is free");
    else
        found(result, PASS, "overcommit %s, same pages are %smerged%s", overcommit ? "always" : "by rule of thumb", ksm == 1 ? "" : "not ",
              huge && strstr(huge, "[never]") ? ", transparent huge pages are off" : "");
}

/* What guests may come to take, were all of them to run. */
static void run_promised(struct host *host, const struct check *check, struct result *result)
{
    g_autofree char *reason = NULL, *text = host_read(host, "proc/meminfo"), *a = NULL, *b = NULL;
    g_autoptr(GPtrArray) guests = host_guests(host, &reason);
    uint64_t total = meminfo(text, "MemTotal:"), promised = 0;

    (void)check;
    if (!guests || total == UINT64_MAX) {
        unsure(result, "%s", guests ? "/proc/meminfo cannot be read" : reason);
        return;
    }
    for (guint i = 0; i < guests->len; i++)
        promised += ((const struct guest *)guests->pdata[i])->memory;
    a = size_text(promised);
    b = size_text(total);
    if (!guests->len)
        found(result, PASS, "no guest is defined");
    else
        found(result, promised > total ? NOTE : PASS, "%u guest%s may take %s in all, this host has %s", guests->len, guests->len == 1 ? "" : "s",
              a, b);
}

const struct check memory_checks[] = {
    { "mem-free", "memory", PROFILE_ALL, 0, "memory for guests", "A host without memory kills a guest.", run_free,
      "stop what is not needed, or give guests less", NULL, NULL },
    { "mem-guests", "memory", PROFILE_MACHINES, 0, "memory that guests may take", "Were all of them to run, the host would run out of it.",
      run_promised, "do not run all of them at once, or give them less (setmaxmem)", NULL, NULL },
    { "mem-huge", "memory", PROFILE_MACHINES, 0, "huge pages", "Large guests run faster on pages that are set aside for them.", run_huge,
      "sysctl vm.nr_hugepages=N, if guests are to use them", NULL, NULL },
    { "mem-numa", "memory", PROFILE_MACHINES, 0, "NUMA nodes", "Memory of another node is slower.", run_numa,
      "see numatune and vcpupin", NULL, NULL },
    { "mem-policy", "memory", PROFILE_ALL, 0, "memory policy", "It decides how much guests may be promised.", run_policy,
      "sysctl vm.overcommit_memory=0", NULL, NULL },
    { .id = NULL },
};
