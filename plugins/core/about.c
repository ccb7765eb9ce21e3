/* SPDX-License-Identifier: GPL-3.0-or-later */
/* about.c - help. */
#include "core.h"
#include "help.h"
#include "plugin.h"

struct help_args {
    const char *command, *search, *manual;
};

static int offer_topics(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    const char *const *names = plugin_command_names();
    const struct hvsh_group *const *groups = plugin_groups();

    (void)field;
    for (; *names != NULL; names++) {
        const struct hvsh_command *def = plugin_command_def(*names);

        if (g_str_has_prefix(*names, start) && (def->flags & HVSH_HIDDEN) == 0 && def->alias_of == NULL)
            hvsh_offer(call, *names, def->help);
    }
    for (; *groups != NULL; groups++)
        if (g_str_has_prefix((*groups)->keyword, start))
            hvsh_offer(call, (*groups)->keyword, (*groups)->title);
    return 0;
}

static int offer_plugins(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    (void)field;
    for (const struct plugin *const *plugins = plugin_all(); *plugins != NULL; plugins++)
        if ((*plugins)->def != NULL && g_str_has_prefix((*plugins)->name, start))
            hvsh_offer(call, (*plugins)->name, (*plugins)->def->summary);
    return 0;
}

static const struct hvsh_field help_args[] = {
    HVSH_TEXT(struct help_args, command, "a command, the keyword of a group, or a group's title", .offer = offer_topics),
    HVSH_TEXT(struct help_args, search, "list the commands whose name or description has this word", .flags = HVSH_NAMED),
    HVSH_TEXT(struct help_args, manual, "write the manual page of a plugin, in roff", .flags = HVSH_NAMED | HVSH_HIDE,
              .offer = offer_plugins),
    HVSH_EXCLUDES("command", "search"),
    HVSH_EXCLUDES("command", "manual"),
    HVSH_EXCLUDES("search", "manual"),
    HVSH_END
};

static int emit_string(hvsh_call *call, GString *text)
{
    return core_emit_text(call, text->str);
}

static int show_manual(hvsh_call *call, const char *name)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (const struct plugin *const *plugins = plugin_all(); *plugins != NULL; plugins++) {
        if ((*plugins)->def == NULL || strcmp((*plugins)->name, name) != 0)
            continue;
        help_manual(*plugins, text);
        return emit_string(call, text);
    }
    return hvsh_fail(call, "no plugin '%s' is loaded", name);
}

static int help_run(hvsh_call *call, const void *p)
{
    const struct help_args *args = p;
    const struct command *command;
    g_autoptr(GString) text = g_string_new(NULL);

    if (args->manual != NULL)
        return show_manual(call, args->manual);
    if (args->search != NULL) {
        if (!help_search(args->search, text))
            return hvsh_fail(call, "no command has '%s' in its name or description", args->search);
        return emit_string(call, text);
    }
    if (args->command == NULL) {
        help_all(text);
        return emit_string(call, text);
    }
    command = plugin_command(args->command);
    if (command != NULL) {
        help_command(command, text);
        return emit_string(call, text);
    }
    if (help_group(args->command, text))
        return emit_string(call, text);

    hvsh_fail(call, "command or command group '%s' doesn't exist", args->command);
    if (help_search(args->command, text))
        hvsh_hint(call, "commands that have to do with it: help --search %s", args->command);
    return -1;
}

static const struct hvsh_example help_examples[] = {
    { "help", "all commands by group", HVSH_ON_TEST },
    { "help echo", "one command with its options, results and examples", HVSH_ON_TEST },
    { "help pool", "the commands of a group", HVSH_ON_TEST },
    { "help --search directory", "which commands have to do with it", HVSH_ON_TEST },
    { NULL }
};

const struct hvsh_command core_help = {
    .name = "help", .group = "virsh", .help = "print help",
    .description = "Without an argument lists all commands by group. With the name of a command shows what it does, its options, the columns of "
                   "its results and examples; with the keyword or title of a group, the commands of the group. Any command followed by --help "
                   "shows the same.",
    HVSH_ARGS(help_args), .shapes = core_text_shapes, .examples = help_examples,
    .run = help_run, .flags = HVSH_NO_CONNECTION,
};
