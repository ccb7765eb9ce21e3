/* SPDX-License-Identifier: GPL-3.0-or-later */
/* params.c - typed parameters as a result, and lists of them. */
#include "params.h"
#include <glib.h>

const struct hvsh_field params_row[] = {
    HVSH_TEXT(struct params_row, name, "name of the parameter"),
    HVSH_PARAMS(struct params_row, value, "its value, in libvirt's unit"),
    HVSH_END
};
const struct hvsh_shape params_narrow = { .name = "parameters", .kind = HVSH_PAIRS, HVSH_ROW(params_row), .text = "{name:-15}: {value}" };
const struct hvsh_shape params_wide = { .name = "parameters", .kind = HVSH_PAIRS, HVSH_ROW(params_row), .text = "{name:-20}: {value}" };

int params_show(hvsh_call *call, const struct hvsh_shape *shape, virTypedParameterPtr params, int count)
{
    int result = 0;

    for (int i = 0; i < count && result == 0; i++)
        result = hvsh_emit(call, shape, &(struct params_row){ .name = params[i].field, .value = { &params[i], 1 } });
    virTypedParamsFree(params, count);
    return result;
}

static void free_list(void *p)
{
    struct params_list *list = p;

    virTypedParamsFree(list->items, list->count);
    g_free(list);
}

struct params_list *params_list(hvsh_call *call)
{
    return hvsh_defer(call, g_new0(struct params_list, 1), free_list);
}
