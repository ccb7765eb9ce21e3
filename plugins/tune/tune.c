/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tune.c - the plugin "tune", and its one mechanism: get and set of typed parameters. */
#include "tune.h"

#include <stdlib.h>
#include <string.h>

const struct hvsh_shape nothing_shape = {.name = "nothing", .kind = HVSH_MESSAGE, HVSH_ROW(params_row), .text = "{name}"};

int param_emit(hvsh_call *call, const char *name, const struct _virTypedParameter *param)
{
    return hvsh_emit(call, &params_narrow, &(struct params_row){.name = name, .value = {param, 1}});
}

int family_get(hvsh_call *call, const struct family *family, virDomainPtr domain, const char *device, unsigned int flags,
               virTypedParameterPtr *params, int *count)
{
    struct params_list *owned;

    *count = 0;
    *params = NULL;
    if (family->get(domain, device, NULL, count, flags) < 0)
        return hvsh_fail_virt(call, "%s", family->cannot_count);
    if (!*count)
        return 0;
    *params = calloc((size_t)*count, sizeof(**params));
    if (!*params || family->get(domain, device, *params, count, flags) < 0) {
        if (family->cannot_get)
            hvsh_fail_virt(call, "%s", family->cannot_get);
        else
            hvsh_fail_libvirt(call);
        free(*params);
        return -1;
    }
    owned = params_list(call);
    owned->items = *params;
    owned->count = *count;
    return 0;
}

int family_run(hvsh_call *call, const struct family *family, virDomainPtr domain, const char *device, unsigned int flags,
               virTypedParameterPtr more, int nmore)
{
    virTypedParameterPtr given, params;
    int ngiven, count;

    if (hvsh_params(call, &given, &ngiven) < 0)
        return -1;
    if (ngiven + nmore) {
        /* one array for libvirt, which copies nothing of it */
        g_autofree virTypedParameterPtr all = g_new0(virTypedParameter, (size_t)(ngiven + nmore));

        if (ngiven)
            memcpy(all, given, (size_t)ngiven * sizeof(*all));
        if (nmore)
            memcpy(all + ngiven, more, (size_t)nmore * sizeof(*all));
        if (family->set(domain, device, all, ngiven + nmore, flags) < 0)
            return hvsh_fail_virt(call, "%s", family->cannot_set);
        return 0;
    }
    if (family_get(call, family, domain, device, flags, &params, &count) < 0)
        return -1;
    for (int i = 0; i < count; i++) {
        const char *word = family->word ? family->word(&params[i]) : NULL;
        virTypedParameter shown = params[i];

        if (word) {
            shown.type = VIR_TYPED_PARAM_STRING;
            shown.value.s = (char *)word;
        }
        if (param_emit(call, shown.field, &shown) < 0)
            return -1;
    }
    return 0;
}

#define TUNE_LIST(name) &COMMAND(name),
static const struct hvsh_command *const commands[] = {TUNE_COMMANDS(TUNE_LIST) NULL};

HVSH_PLUGIN(.name = "tune", .version = "1", .summary = "what guests may use of their host: limits, weights, pinning, I/O threads",
            .commands = commands);
