/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * repl-hint.c - what stands dimmed behind the line that is being typed: the rest of the newest line of the history that begins so, which Right
 * takes, or what the command still expects.
 */
#include "repl-private.h"

#include <stdio.h>
#include <string.h>
#include "help.h"
#include "lazy-readline.h"
#include "plugin.h"
#include "tty.h"
#include "util.h"

enum { MAX_LINE = 2000 };       /* longer ones are pasted, and need no hint */

static char *hint;              /* what stands there now */
static bool from_history;

static bool has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ')
            return true;
    return false;
}

static void find_hint(void)
{
    struct expected expected;
    g_autoptr(GString) text = NULL;

    from_history = false;
    if (!repl.colour || rl_point != rl_end || rl_end < 2 || rl_end > MAX_LINE || repl.lua || *rl_line_buffer == '=' ||
        RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH | RL_STATE_DONE) || has_control(rl_line_buffer))
        return;
    for (int i = history_length - 1; i >= 0; i--) {
        HIST_ENTRY *entry = history_get(history_base + i);

        if (entry && g_str_has_prefix(entry->line, rl_line_buffer) && entry->line[rl_end] && !has_control(entry->line)) {
            hint = g_strdup(entry->line + rl_end);
            from_history = true;
            return;
        }
    }
    text = g_string_new(NULL);
    line_expect(rl_line_buffer, LINE_PROMPT, plugin_lookup(), &expected);
    help_hint(&expected, text);
    /* behind a blank, or behind a word that is complete; in the middle of a word it would be read as its end */
    if (text->len && !has_control(text->str) && (expected.word[0] == '\0' || expected.kind == EXPECT_NOTHING))
        hint = g_strdup(text->str);
    expected_clear(&expected);
}

/* The cursor stands at the hint's first column: it is shown only when the cursor is at the line's end. */
void hint_erase(void)
{
    if (!hint)
        return;
    g_clear_pointer(&hint, g_free);
    fputs("\033[K", rl_outstream);
    fflush(rl_outstream);
}

void hint_redisplay(void)
{
    g_autoptr(GString) shown = NULL;
    int columns, lines;
    size_t used;

    hint_erase();
    rl_redisplay();
    find_hint();
    if (!hint)
        return;
    tty_size(&columns, &lines);
    used = repl.prompt_width + util_width(rl_line_buffer) + 1;
    shown = g_string_new(hint);
    if (used + 4 > (size_t)columns) {
        g_clear_pointer(&hint, g_free);
        return;
    }
    util_cut(shown, (size_t)columns - used);
    fprintf(rl_outstream, DIM "%s" RESET "\033[%zuD", shown->str, util_width(shown->str));
    fflush(rl_outstream);
}

int hint_forward_or_accept(int count, int key)
{
    if (rl_point == rl_end && hint && from_history) {
        g_autofree char *rest = g_strdup(hint);

        return rl_insert_text(rest), 0;
    }
    return rl_forward_char(count, key);
}

/* What stands dimmed behind the line is not part of it and must not stay on the screen. */
int hint_accept_line(int count, int key)
{
    hint_erase();
    return rl_newline(count, key);
}
