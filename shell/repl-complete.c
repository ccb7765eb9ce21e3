/* SPDX-License-Identifier: GPL-3.0-or-later */
/* repl-complete.c - TAB and `?` at the prompt: candidates from exec, laid out and handed to readline. */
#include "repl-private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "exec.h"
#include "help.h"
#include "lazy-readline.h"
#include "script.h"
#include "tty.h"
#include "util.h"

enum { COMPLETION_MS = 50, MAX_SHOWN = 200 };

static GArray *candidates;      /* of the last TAB, for their notes */

/* The name of a file may hold anything: on the screen what would move the cursor is shown as \xNN. */
static void print_word(const char *word, size_t widest)
{
    g_autoptr(GString) text = g_string_new(NULL);

    util_add_visible(text, word);
    fprintf(rl_outstream, "%s%*s", text->str, (int)(widest - MIN(widest, util_width(word))), "");
}

static void print_noted(const struct candidate *candidate, size_t widest, int columns)
{
    g_autoptr(GString) note = g_string_new(NULL);

    fputs("  ", rl_outstream);
    print_word(candidate->word, widest);
    util_add_visible(note, candidate->note ? candidate->note : "");
    util_cut(note, (size_t)MAX(columns - (int)widest - 5, 0));
    fprintf(rl_outstream, "%s%s%s%s\n", note->len ? "  " : "", repl.colour ? DIM : "", note->str, repl.colour ? RESET : "");
}

/* Words alone go in columns; words with notes one a line, cut to the terminal. */
static void print_candidates(void)
{
    unsigned int count = MIN(candidates->len, MAX_SHOWN);
    const struct candidate *all = (const struct candidate *)(void *)candidates->data;
    int columns, lines, across = 0, width;
    size_t widest = 0;
    bool notes = false;

    tty_size(&columns, &lines);
    for (unsigned int i = 0; i < count; i++) {
        widest = MAX(widest, util_width(all[i].word));
        notes = notes || all[i].note;
    }
    width = (int)widest + 2;
    for (unsigned int i = 0; i < count; i++) {
        if (notes) {
            print_noted(&all[i], widest, columns);
            continue;
        }
        print_word(all[i].word, (size_t)width);
        across += width;
        if (across + width > columns || i + 1 == count) {
            fputc('\n', rl_outstream);
            across = 0;
        }
    }
    if (count < candidates->len)
        fprintf(rl_outstream, "  ... and %u more\n", candidates->len - count);
}

static void display_matches(char **matches, int count, int longest)
{
    (void)matches;
    (void)count;
    (void)longest;
    hint_erase();
    fputc('\n', rl_outstream);
    print_candidates();
    rl_on_new_line();
}

/* Nothing can be offered: why, in a line below what is typed. */
static void say_why_nothing(const struct expected *expected, bool late)
{
    const struct hvsh_field *field = expected->kind == EXPECT_VALUE ? expected->field : NULL;
    g_autofree char *text = NULL;

    if (late)
        text = g_strdup("the host has not answered yet: TAB asks again");
    else if (field && field->type->kind >= HVSH_KIND_DOMAIN && field->type->kind <= HVSH_KIND_CONNECTION)
        text = expected->word[expected->value_start] ? g_strdup_printf("no %s that begins so can be used here", field->name)
                                                     : g_strdup_printf("there is no %s that can be used here", field->name);
    if (!text)
        return;
    hint_erase();
    fprintf(rl_outstream, "\n  %s%s%s\n", repl.colour ? DIM : "", text, repl.colour ? RESET : "");
    rl_on_new_line();
    rl_forced_update_display();
}

/* Readline is given whole lines: what was typed before the word, and each candidate quoted as match will read it. */
static char **matches_of(const char *before, bool quote)
{
    char **matches = calloc(candidates->len + 2, sizeof(*matches));
    size_t common;

    if (!matches)
        return NULL;
    for (unsigned int i = 0; i < candidates->len; i++) {
        const char *word = g_array_index(candidates, struct candidate, i).word;
        g_autofree char *quoted = quote ? line_quote(word) : g_strdup(word);
        g_autofree char *whole = NULL;

        if (quote && *quoted != '\'' && *quoted != '"') {
            g_free(quoted);
            quoted = g_strconcat("'", word, "'", NULL);
        }
        whole = g_strconcat(before, quoted, NULL);
        matches[i + 1] = strdup(whole);
    }
    common = strlen(matches[1]);
    for (unsigned int i = 1; i < candidates->len; i++) {
        size_t same = 0;

        while (same < common && matches[i + 1][same] == matches[1][same])
            same++;
        common = same;
    }
    matches[0] = strndup(matches[1], common);
    if (candidates->len == 1)
        g_clear_pointer(&matches[1], free);
    return matches;
}

static char **complete_lua(const char *typed)
{
    g_auto(GStrv) words = script_complete(typed);
    g_autofree char *before = g_strdup(typed);
    size_t length = strlen(typed);

    while (length && (g_ascii_isalnum(before[length - 1]) || before[length - 1] == '_'))
        before[--length] = '\0';
    candidates = candidates_new();
    for (char **word = words; word && *word; word++)
        candidates_add(candidates, *word, NULL);
    rl_completion_suppress_append = 1;
    return candidates->len ? matches_of(before, false) : NULL;
}

/* May the word go on behind this candidate: a folder, a name with its value, a list with commas? Then no blank is put behind it. */
static bool goes_on(const struct expected *expected, const char *word)
{
    return g_str_has_suffix(word, "/") || g_str_has_suffix(word, "=") || (expected->kind == EXPECT_VALUE && expected->field->flags & HVSH_COMMA);
}

static char **complete(const char *text, int start, int end)
{
    g_autofree char *typed = g_strndup(rl_line_buffer, (size_t)rl_point);
    g_autofree char *before = NULL;
    struct expected expected;
    char **matches = NULL;
    bool late, quote;

    (void)text;
    (void)start;
    (void)end;
    rl_attempted_completion_over = 1;
    rl_completion_suppress_append = 0;
    complete_free();
    if (repl.lua || *typed == '=')
        return complete_lua(typed);
    candidates = exec_complete(typed, LINE_PROMPT, COMPLETION_MS, &expected, &late);
    before = g_strndup(typed, expected.start);
    quote = expected.quote != 0;
    for (unsigned int i = 0; i < candidates->len; i++) {
        const char *word = g_array_index(candidates, struct candidate, i).word;
        g_autofree char *quoted = line_quote(word);

        quote = quote || strcmp(quoted, word) != 0;
        if (goes_on(&expected, word))
            rl_completion_suppress_append = 1;
    }
    if (candidates->len)
        matches = matches_of(before, quote);
    else
        say_why_nothing(&expected, late);
    expected_clear(&expected);
    return matches;
}

/* May the word at point hold a question mark: within quotes, in a file's name, in a text or a URI that has begun? */
static bool takes_question_mark(const struct expected *expected)
{
    if (expected->quote || expected->kind == EXPECT_NOTHING || expected->kind == EXPECT_FILE)
        return true;
    if (!expected->field || !expected->word[expected->value_start] || (expected->kind == EXPECT_OPTION && expected->word[0] == '-'))
        return false;
    switch (expected->field->type->kind) {
    case HVSH_KIND_TEXT:
    case HVSH_KIND_PATH:
    case HVSH_KIND_XML:
    case HVSH_KIND_CONNECTION:
        return true;
    default:
        return false;
    }
}

/* `?`: what is expected here; where a question mark may belong to the word, a question mark. */
int question_mark(int count, int key)
{
    g_autofree char *typed = g_strndup(rl_line_buffer, (size_t)rl_point);
    g_autoptr(GString) text = g_string_new(NULL);
    struct expected expected;
    bool late;

    if (repl.lua || *typed == '=')
        return rl_insert(count, key);
    complete_free();
    candidates = exec_complete(typed, LINE_PROMPT, COMPLETION_MS, &expected, &late);
    if (takes_question_mark(&expected)) {
        expected_clear(&expected);
        return rl_insert(count, key);
    }
    help_here(&expected, text);
    hint_erase();
    fprintf(rl_outstream, "\n%s", text->str);
    if (expected.kind == EXPECT_VALUE && candidates->len)
        print_candidates();
    expected_clear(&expected);
    rl_on_new_line();
    return 0;
}

void complete_free(void)
{
    g_clear_pointer(&candidates, candidates_free);
}

void complete_install(void)
{
    static char none[] = "";    /* readline before 8.2 wants it writable */

    rl_completion_query_items = -1;
    rl_attempted_completion_function = complete;
    rl_completion_display_matches_hook = display_matches;
    rl_completer_word_break_characters = none;
    rl_basic_word_break_characters = none;
    rl_completer_quote_characters = NULL;
    rl_sort_completion_matches = 0;
    rl_ignore_completion_duplicates = 0;
}
