/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tune.c - what can be set on the host itself: shared memory pages, sleep */
#include <string.h>
#include "node.h"

/* ---- node-memory-tune ---- */

struct node_memory_tune_args { unsigned int scan, sleep, merge; };

static const struct hvsh_field node_memory_tune_args[] = {
    HVSH_UINT(struct node_memory_tune_args, scan, "pages looked at before the service sleeps", .name = "shm-pages-to-scan",
              .param = VIR_NODE_MEMORY_SHARED_PAGES_TO_SCAN),
    HVSH_UINT(struct node_memory_tune_args, sleep, "how long it sleeps, in milliseconds", .name = "shm-sleep-millisecs",
              .param = VIR_NODE_MEMORY_SHARED_SLEEP_MILLISECS),
    HVSH_UINT(struct node_memory_tune_args, merge, "may pages of different NUMA cells be one (0 or 1)", .name = "shm-merge-across-nodes",
              .param = VIR_NODE_MEMORY_SHARED_MERGE_ACROSS_NODES),
    HVSH_END
};

struct tune_row { const char *name; uint64_t value; };

static const struct hvsh_field tune_row[] = {
    HVSH_TEXT(struct tune_row, name, "the parameter"),
    HVSH_UINT64(struct tune_row, value, "its value"),
    HVSH_END
};

static const struct hvsh_shape tune_heading = { .name = "parameters", .kind = HVSH_MESSAGE, .text = "Shared memory:" };
static const struct hvsh_shape tune_shape = { .name = "parameters", .kind = HVSH_PAIRS, HVSH_ROW(tune_row), .text = "\t{name:-15} {value}" };

static int node_memory_tune_run(hvsh_call *call, const void *p)
{
    virConnectPtr connection = hvsh_connection(call);
    virTypedParameterPtr given = NULL;
    g_autofree virTypedParameter *params = NULL;
    int count = 0, status = 0;

    (void)p;
    if (!connection || hvsh_params(call, &given, &count) < 0)
        return -1;
    if (count) {
        if (virNodeSetMemoryParameters(connection, given, count, 0) < 0)
            return hvsh_fail_virt(call, "Unable to change memory parameters");
        return 0;
    }
    if (virNodeGetMemoryParameters(connection, NULL, &count, 0) < 0)
        return hvsh_fail_virt(call, "Unable to get number of memory parameters");
    if (!count)
        return 0;
    params = g_new0(virTypedParameter, (size_t)count);
    if (virNodeGetMemoryParameters(connection, params, &count, 0) < 0)
        return hvsh_fail_virt(call, "Unable to get memory parameters");
    status = hvsh_emit(call, &tune_heading, NULL);
    for (int i = 0; i < count && !status; i++) {
        uint64_t value = params[i].type == VIR_TYPED_PARAM_UINT     ? params[i].value.ui
                         : params[i].type == VIR_TYPED_PARAM_ULLONG ? params[i].value.ul
                                                                    : UINT64_MAX;
        status = hvsh_emit(call, &tune_shape, &(struct tune_row){ params[i].field, value });
    }
    virTypedParamsClear(params, count);
    return status;
}

const struct hvsh_command node_memory_tune_command = {
    .name = "node-memory-tune", .group = "host", .help = "merging of equal memory pages (KSM): show or set",
    HVSH_ARGS(node_memory_tune_args),
    .shapes = HVSH_SHAPES(&tune_shape, &tune_heading),
    .examples = HVSH_EXAMPLES({ "node-memory-tune", "show", HVSH_MATCH_ONLY }, { "node-memory-tune --shm-pages-to-scan 200", "set", HVSH_MATCH_ONLY }),
    .run = node_memory_tune_run,
};

/* ---- nodesuspend ---- */

struct nodesuspend_args { const char *target; int64_t duration; };

static const struct hvsh_choice targets[] = {
    { "mem", VIR_NODE_SUSPEND_TARGET_MEM, "suspend to RAM" },
    { "disk", VIR_NODE_SUSPEND_TARGET_DISK, "suspend to disk" },
    { "hybrid", VIR_NODE_SUSPEND_TARGET_HYBRID, "both" },
    { .name = NULL },
};

static const struct hvsh_field nodesuspend_args[] = {
    HVSH_TEXT(struct nodesuspend_args, target, "mem, disk or hybrid", .flags = HVSH_REQUIRED, .choices = targets),
    HVSH_INT64(struct nodesuspend_args, duration, "seconds until it wakes, at least 60", .flags = HVSH_REQUIRED, .min = INT64_MIN),
    HVSH_END
};

static int nodesuspend_run(hvsh_call *call, const void *p)
{
    const struct nodesuspend_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    const struct hvsh_choice *target = targets;

    if (!connection)
        return -1;
    while (target->name && !g_str_equal(target->name, args->target))
        target++;
    if (!target->name)
        return hvsh_fail(call, "Invalid target");
    if (args->duration < 0)
        return hvsh_fail(call, "Invalid duration");
    if (virNodeSuspendForDuration(connection, (unsigned int)target->value, (unsigned long long)args->duration, 0) < 0)
        return hvsh_fail_virt(call, "The host was not suspended");
    return 0;
}

const struct hvsh_command nodesuspend_command = {
    .name = "nodesuspend", .group = "host", .help = "let the host sleep for a while",
    HVSH_ARGS(nodesuspend_args),
    .examples = HVSH_EXAMPLES({ "nodesuspend mem 600", "ten minutes", HVSH_MATCH_ONLY }),
    .run = nodesuspend_run,
};
