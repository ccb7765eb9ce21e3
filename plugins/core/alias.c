/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alias.c - names of one's own for lines that are typed often. */
#include <glib.h>
#include <string.h>
#include "core.h"
#include "plugin.h"

struct alias_row { const char *name, *line; };

static const struct hvsh_field alias_row[] = {
    HVSH_TEXT(struct alias_row, name, "the alias", .label = "Alias"),
    HVSH_TEXT(struct alias_row, line, "the line it stands for", .label = "Line"),
    HVSH_END
};
static const struct hvsh_shape alias_set = { .name = "set", .kind = HVSH_MESSAGE, HVSH_ROW(alias_row), .text = "Alias '{name}' set" };
static const struct hvsh_shape alias_table = { .name = "aliases", .kind = HVSH_TABLE, HVSH_ROW(alias_row) };

static int offer_aliases(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    g_auto(GStrv) names = plugin_alias_names();

    (void)field;
    for (char **name = names; *name != NULL; name++)
        if (g_str_has_prefix(*name, start))
            hvsh_offer(call, *name, plugin_alias(*name));
    return 0;
}

static int emit_alias(hvsh_call *call, const char *name)
{
    struct alias_row row = { name, plugin_alias(name) };

    if (row.line == NULL)
        return hvsh_fail(call, "no alias '%s' is set", name);
    return hvsh_emit(call, &alias_table, &row);
}

/* A word that could not be typed as a command would be an alias that nobody can use. */
static bool is_usable(const char *name)
{
    return *name != '\0' && *name != '#' && *name != '-' && strpbrk(name, " \t\n;'\"\\|>!=") == NULL;
}

/* One word is a line as it stands; several are quoted where they need it, so that they are read back as these words. */
static char *line_of(const char *const *words, size_t count)
{
    g_autoptr(GString) line = g_string_new(NULL);

    if (count == 1)
        return g_strdup(words[0]);
    for (size_t i = 0; i < count; i++) {
        g_autofree char *quoted = line_quote(words[i]);

        g_string_append_printf(line, "%s%s", i > 0 ? " " : "", quoted);
    }
    return g_string_free(g_steal_pointer(&line), FALSE);
}

struct alias_args {
    const char *name;
    HVSH_LIST_OF(const char *) line;
};

static const struct hvsh_field alias_args[] = {
    HVSH_TEXT(struct alias_args, name, "the new name; alone: show what it stands for", .offer = offer_aliases),
    HVSH_TEXTS(struct alias_args, line, HVSH_REST | HVSH_COMMAND, "the line it stands for, as words or as one quoted text"),
    HVSH_END
};

static int alias_run(hvsh_call *call, const void *p)
{
    const struct alias_args *args = p;
    g_autofree char *line = NULL;

    if (args->name == NULL) {
        g_auto(GStrv) names = plugin_alias_names();

        for (char **name = names; *name != NULL; name++)
            if (emit_alias(call, *name) < 0)
                return -1;
        return 0;
    }
    if (args->line.count == 0)
        return emit_alias(call, args->name);
    if (!is_usable(args->name))
        return hvsh_fail(call, "'%s' cannot be an alias: it has blanks, quotes or characters with a meaning of their own", args->name);
    line = line_of(args->line.items, args->line.count);
    plugin_set_alias(args->name, line);
    return hvsh_emit(call, &alias_set, &(struct alias_row){ args->name, line });
}

const struct hvsh_command core_alias = {
    .name = "alias", .group = "shell", .help = "set or show names for lines that are typed often",
    .description = "Makes a name stand for a line; words typed behind the name are added to the line. Without a line the one that the name stands "
                   "for is shown, without a name all aliases. An alias lasts until the shell ends: those for every day belong into init.lua.",
    HVSH_ARGS(alias_args), .shapes = HVSH_SHAPES(&alias_table, &alias_set),
    .examples = HVSH_EXAMPLES({ "alias ll list --all", "from now on ll lists every guest", HVSH_ON_TEST },
                              { "alias", "all aliases", HVSH_ON_TEST }),
    .run = alias_run, .flags = HVSH_NO_CONNECTION,
};

struct unalias_args { const char *name; };

static const struct hvsh_field unalias_args[] = {
    HVSH_TEXT(struct unalias_args, name, "the alias to forget", .flags = HVSH_REQUIRED, .offer = offer_aliases),
    HVSH_END
};

static int unalias_run(hvsh_call *call, const void *p)
{
    const struct unalias_args *args = p;

    if (plugin_alias(args->name) == NULL)
        return hvsh_fail(call, "no alias '%s' is set", args->name);
    plugin_set_alias(args->name, NULL);
    return 0;
}

const struct hvsh_command core_unalias = {
    .name = "unalias", .group = "shell", .help = "forget an alias",
    .description = "Forgets a name that was set by alias.",
    HVSH_ARGS(unalias_args), .examples = HVSH_EXAMPLES({ "unalias ll", "ll is no command any more", HVSH_MATCH_ONLY }),
    .run = unalias_run, .flags = HVSH_NO_CONNECTION,
};
