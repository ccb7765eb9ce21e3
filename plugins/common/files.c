/* SPDX-License-Identifier: GPL-3.0-or-later */
/* files.c - open files of this process that go along with a call. */
#include "files.h"

#include <glib.h>
#include <limits.h>
#include <stdlib.h>

int open_files(hvsh_call *call, const char *list, int **numbers, unsigned int *count)
{
    g_auto(GStrv) words = g_strsplit(list, ",", -1);
    unsigned int n = g_strv_length(words);
    int *files = hvsh_defer(call, g_new0(int, n + 1), g_free);

    for (unsigned int i = 0; i < n; i++) {
        char *end;
        long file = strtol(words[i], &end, 10);

        if (end == words[i] || *end || file < 0 || file > INT_MAX)
            return hvsh_fail(call, "Unable to parse FD number '%s'", words[i]);
        files[i] = (int)file;
    }
    *numbers = files;
    *count = n;
    return 0;
}
