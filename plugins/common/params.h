/* SPDX-License-Identifier: GPL-3.0-or-later */
/* params.h - libvirt's typed parameters: as a result ("name : value" lines, typed in JSON and Lua), and to be set. */
#ifndef COMMON_PARAMS_H
#define COMMON_PARAMS_H

#include "hvsh.h"

struct params_row { const char *name; struct hvsh_params value; };
extern const struct hvsh_field params_row[];
/* Names 15 and 20 columns wide. */
extern const struct hvsh_shape params_narrow, params_wide;
/* Emit all of them, and free them. */
int params_show(hvsh_call *call, const struct hvsh_shape *shape, virTypedParameterPtr params, int count);

/* A list for virTypedParamsAdd...(&list->items, &list->count, &list->room, ...), empty at first; the call owns it. */
struct params_list { virTypedParameterPtr items; int count, room; };
struct params_list *params_list(hvsh_call *call);

#endif
