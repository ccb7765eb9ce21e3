/* SPDX-License-Identifier: GPL-3.0-or-later */
/* history.c - the lines typed so far. */
#include <glib.h>
#include <string.h>
#include "core.h"
#include "repl.h"

struct history_args {
    unsigned int count;
    const char *search;
    bool clear;
};

static const struct hvsh_field history_args[] = {
    HVSH_UINT(struct history_args, count, "only so many of the latest lines"),
    HVSH_TEXT(struct history_args, search, "only lines that have this text", .flags = HVSH_NAMED),
    HVSH_FLAG(struct history_args, clear, "forget all lines, those saved on disk too"),
    HVSH_EXCLUDES("clear", "count search"),
    HVSH_END
};

struct history_row {
    unsigned int number;
    const char *line;
};

static const struct hvsh_field history_row[] = {
    HVSH_UINT(struct history_row, number, "place of the line, the oldest is 1"),
    HVSH_TEXT(struct history_row, line, "the line"),
    HVSH_END
};
static const struct hvsh_shape history_lines = { .name = "lines", .kind = HVSH_LINES, HVSH_ROW(history_row), .text = "{number:5}  {line}" };

static int history_run(hvsh_call *call, const void *p)
{
    const struct history_args *args = p;
    g_auto(GStrv) lines = NULL;
    unsigned int total, first;

    if (args->clear) {
        repl_history_clear();
        return 0;
    }
    lines = repl_history();
    total = g_strv_length(lines);
    first = hvsh_given(call, "count") && args->count < total ? total - args->count : 0;
    for (unsigned int i = first; i < total; i++) {
        struct history_row row = { i + 1, lines[i] };

        if (args->search != NULL && strstr(lines[i], args->search) == NULL)
            continue;
        if (hvsh_emit(call, &history_lines, &row) < 0)
            return -1;
    }
    return 0;
}

const struct hvsh_command core_history = {
    .name = "history", .group = "shell", .help = "show the lines typed so far",
    .description = "Lists the lines typed at the prompt, of earlier sessions too, oldest first. Passwords are never among them.",
    HVSH_ARGS(history_args), .shapes = HVSH_SHAPES(&history_lines),
    .examples = HVSH_EXAMPLES({ "history 20", "the latest twenty lines", HVSH_ON_TEST },
                              { "history --search migrate", "lines that have to do with migration", HVSH_ON_TEST }),
    .run = history_run, .flags = HVSH_NO_CONNECTION,
};
