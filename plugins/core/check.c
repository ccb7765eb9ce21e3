/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check.c - the hidden commands: complete, which other shells' completion asks, and self-test. */
#include <glib.h>
#include <string.h>
#include "core.h"
#include "exec.h"
#include "plugin.h"

/* ---- complete ---- */

struct complete_args { HVSH_LIST_OF(const char *) string; };

static const struct hvsh_field complete_args[] = {
    HVSH_TEXTS(struct complete_args, string, HVSH_REST | HVSH_EMPTY_OK, "the words of a line, the last one to be completed"),
    HVSH_END
};

struct complete_row { const char *word, *note, *line; };

static const struct hvsh_field complete_row[] = {
    HVSH_TEXT(struct complete_row, word, "what the last word could be"),
    HVSH_TEXT(struct complete_row, note, "a remark on it"),
    HVSH_TEXT(struct complete_row, line, "the word as a shell reads it", .flags = HVSH_HIDE),
    HVSH_END
};
static const struct hvsh_shape complete_lines = { .name = "candidates", .kind = HVSH_LINES, HVSH_ROW(complete_row), .text = "{line}" };

/* The word as a shell reads it: virsh puts a backslash before blanks, and before what else ends or changes a word there must be one, too. */
static const char *escaped(hvsh_call *call, const char *word)
{
    g_autoptr(GString) text = g_string_sized_new(strlen(word) + 8);

    for (; *word; word++) {
        if (strchr(" \t\\'\"$&|;<>()`*?!#~", *word) && !(*word == '~' && text->len))
            g_string_append_c(text, '\\');
        g_string_append_c(text, *word);
    }
    return hvsh_printf(call, "%s", text->str);
}

static int complete_run(hvsh_call *call, const void *p)
{
    const struct complete_args *args = p;
    g_autofree const char **words = g_new0(const char *, args->string.count + 1);
    GArray *candidates;
    int result = 0;

    if (args->string.count == 0)
        return hvsh_exit(call, 1);
    for (size_t i = 0; i < args->string.count; i++)
        words[i] = args->string.items[i];
    candidates = exec_complete_argv(words);
    for (guint i = 0; candidates != NULL && i < candidates->len && result == 0; i++) {
        const struct candidate *candidate = &g_array_index(candidates, struct candidate, i);
        struct complete_row row = { candidate->word, candidate->note, escaped(call, candidate->word) };

        result = hvsh_emit(call, &complete_lines, &row);
    }
    if (candidates == NULL || candidates->len == 0)
        result = hvsh_exit(call, 1);
    if (candidates != NULL)
        candidates_free(candidates);
    return result;
}

const struct hvsh_command core_complete = {
    .name = "complete", .group = "virsh", .help = "list what the last word of a line could be",
    .description = "For the completion of other shells: prints what the last of the words could become, one a line. Never asks a question.",
    HVSH_ARGS(complete_args), .shapes = HVSH_SHAPES(&complete_lines),
    .examples = HVSH_EXAMPLES({ "complete -- ec", "the commands that begin with ec", HVSH_ON_TEST }),
    .exit_status = "1 when there is no candidate.",
    .run = complete_run, .flags = HVSH_NO_CONNECTION | HVSH_HIDDEN,
};

/* ---- self-test ---- */

struct self_test_args { bool completers_missing, dump_help; };

static const struct hvsh_field self_test_args[] = {
    HVSH_FLAG(struct self_test_args, completers_missing, "list the options that offer nothing to TAB"),
    HVSH_FLAG(struct self_test_args, dump_help, "the help of every command, one after the other"),
    HVSH_END
};

struct missing_row { const char *command, *options; };

static const struct hvsh_field missing_row[] = {
    HVSH_TEXT(struct missing_row, command, "the command"),
    HVSH_TEXT(struct missing_row, options, "its options that take a text and offer nothing"),
    HVSH_END
};
static const struct hvsh_shape missing_lines = { .name = "missing", .kind = HVSH_LINES, HVSH_ROW(missing_row), .text = "{command}: {options}" };

/* A free text that neither its field, its type nor a list of words has candidates for. */
static bool offers_nothing(const struct hvsh_field *field)
{
    return field->type->kind == HVSH_KIND_TEXT && field->offer == NULL && field->type->offer == NULL && field->choices == NULL &&
           (field->flags & (HVSH_HIDE | HVSH_SECRET)) == 0;
}

static int list_missing(hvsh_call *call)
{
    for (const char *const *name = plugin_command_names(); *name != NULL; name++) {
        const struct command *command = plugin_command(*name);
        g_autoptr(GString) options = g_string_new(NULL);
        struct missing_row row = { *name, NULL };

        if (command == NULL || command->real != command)
            continue;
        for (unsigned int i = 0; i < command->nargs; i++)
            if (offers_nothing(command->args[i]))
                g_string_append_printf(options, "%s%s", options->len > 0 ? ", " : "", command->args[i]->name);
        row.options = options->str;
        if (options->len > 0 && hvsh_emit(call, &missing_lines, &row) < 0)
            return -1;
    }
    return 0;
}

static int dump_help(hvsh_call *call)
{
    int result = 0;

    for (const char *const *name = plugin_command_names(); *name != NULL && result == 0; name++)
        result = hvsh_runv(call, (const char *const[]){ "help", *name, NULL });
    return result;
}

static int self_test_run(hvsh_call *call, const void *p)
{
    const struct self_test_args *args = p;
    int result = 0;

    for (const struct plugin *const *plugins = plugin_all(); *plugins != NULL; plugins++) {
        g_autofree char *problems = (*plugins)->def != NULL ? plugin_check((*plugins)->def) : NULL;

        if (problems != NULL)
            result = hvsh_fail(call, "plugin %s: %s", (*plugins)->name, g_strchomp(problems));
    }
    if (result == 0 && args->dump_help)
        result = dump_help(call);
    return result == 0 && args->completers_missing ? list_missing(call) : result;
}

const struct hvsh_command core_self_test = {
    .name = "self-test", .group = "virsh", .help = "check the tables of all commands",
    .description = "Checks the tables of every loaded plugin: names, helps, defaults, examples, sizes. For those who write plugins.",
    HVSH_ARGS(self_test_args), .shapes = HVSH_SHAPES(&missing_lines),
    .examples = HVSH_EXAMPLES({ "self-test", "says nothing when all is well", HVSH_ON_TEST }),
    .run = self_test_run, .flags = HVSH_NO_CONNECTION | HVSH_HIDDEN,
};
