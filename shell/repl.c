/* SPDX-License-Identifier: GPL-3.0-or-later */
/* repl.c - the prompt. */
#include <stdio.h>
#include <glib.h>
#include <readline/history.h>
#include "repl.h"

char **repl_history(void)
{
    HIST_ENTRY **entries = history_list();
    GPtrArray *lines = g_ptr_array_new();

    for (; entries != NULL && *entries != NULL; entries++)
        g_ptr_array_add(lines, g_strdup((*entries)->line));
    g_ptr_array_add(lines, NULL);
    return (char **)g_ptr_array_free(lines, FALSE);
}

void repl_history_clear(void)
{
    clear_history();
}

int repl_run(void)
{
    return 0;
}
