/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "action.h"
int nm_action(const struct action_context *context, char *const *words, char **error)
{
    (void)context; (void)words;
    *error = g_strdup("no NM");
    return -1;
}
