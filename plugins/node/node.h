/* SPDX-License-Identifier: GPL-3.0-or-later */
/* node.h - the commands about the host that libvirt itself answers: virsh's group "host" */
#ifndef NODE_H
#define NODE_H

#include <glib.h>
#include "hvsh.h"
#include "later.h"
#include "object.h"
#include "xml.h"

extern const struct hvsh_command
    /* about.c */
    uri_command, hostname_command, version_command, nodeinfo_command, maxvcpus_command, sysinfo_command, capabilities_command,
    domcapabilities_command, cpu_models_command, nodesevinfo_command,
    /* numbers.c */
    nodememstats_command, nodecpustats_command, nodecpumap_command,
    /* pages.c */
    freecell_command, freepages_command, allocpages_command,
    /* tune.c */
    node_memory_tune_command, nodesuspend_command,
    /* cpu.c */
    cpu_compare_command, cpu_baseline_command, hypervisor_cpu_compare_command, hypervisor_cpu_baseline_command,
    hypervisor_cpu_models_command;

/* Offers from the connection's capabilities: NUMA cells, page sizes in KiB, architectures, domain types, CPU models. */
int offer_cells(hvsh_call *call, const struct hvsh_field *field, const char *start);
int offer_page_sizes(hvsh_call *call, const struct hvsh_field *field, const char *start);
int offer_archs(hvsh_call *call, const struct hvsh_field *field, const char *start);
int offer_domain_types(hvsh_call *call, const struct hvsh_field *field, const char *start);
int offer_machines(hvsh_call *call, const struct hvsh_field *field, const char *start);
int offer_emulators(hvsh_call *call, const struct hvsh_field *field, const char *start);
int offer_cpu_models(hvsh_call *call, const struct hvsh_field *field, const char *start);
int offer_cpus(hvsh_call *call, const struct hvsh_field *field, const char *start);

/* The connection's capabilities; NULL after hvsh_fail(). */
struct xml *node_capabilities(hvsh_call *call, virConnectPtr connection);
/* An attribute or element as a number; false: it is none. */
bool node_number(struct xml *xml, xmlNode *node, const char *xpath, unsigned int *number);

#endif
