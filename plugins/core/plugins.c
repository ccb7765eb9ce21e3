/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plugins.c - plugin-list, plugin-info, plugin-load: what is loaded, what is not and why. */
#include <glib.h>
#include <string.h>
#include "core.h"
#include "plugin.h"

static int offer_plugins(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    (void)field;
    for (const struct plugin *const *plugins = plugin_all(); *plugins != NULL; plugins++)
        if (g_str_has_prefix((*plugins)->name, start))
            hvsh_offer(call, (*plugins)->name, (*plugins)->def != NULL ? (*plugins)->def->summary : "not loaded");
    return 0;
}

/* ---- plugin-list ---- */

struct list_args { bool broken; };
static const struct hvsh_field list_args[] = {
    HVSH_FLAG(struct list_args, broken, "only those of which something is not in use, and why"),
    HVSH_END
};

struct plugin_row { const char *name, *version, *state, *summary, *path, *problem, *built_for; unsigned int commands; };
static const struct hvsh_field plugin_row[] = {
    HVSH_TEXT(struct plugin_row, name, "name of the plugin", .label = "Name"),
    HVSH_TEXT(struct plugin_row, version, "its version", .label = "Version"),
    HVSH_TEXT(struct plugin_row, state, "loaded, partly (some commands are not in use), or refused", .label = "State"),
    HVSH_UINT(struct plugin_row, commands, "number of its commands", .label = "Commands"),
    HVSH_TEXT(struct plugin_row, summary, "what it is for", .label = "Summary", .when = "!broken"),
    HVSH_TEXT(struct plugin_row, problem, "what is wrong, and the cure", .label = "Problem", .when = "broken"),
    HVSH_TEXT(struct plugin_row, path, "file it was loaded from"),
    HVSH_END
};
static const struct hvsh_shape plugin_table = { .name = "plugins", .kind = HVSH_TABLE, HVSH_ROW(plugin_row) };

static void fill_row(struct plugin_row *row, const struct plugin *plugin)
{
    const struct hvsh_plugin *def = plugin->def;

    *row = (struct plugin_row){ .name = plugin->name, .path = plugin->path, .problem = plugin->problem, .commands = plugin->ncommands };
    row->state = def == NULL ? "refused" : plugin->problem != NULL ? "partly" : "loaded";
    row->version = def != NULL ? def->version : NULL;
    row->summary = def != NULL ? def->summary : NULL;
}

static int list_run(hvsh_call *call, const void *p)
{
    const struct list_args *args = p;
    struct plugin_row row;

    for (const struct plugin *const *plugins = plugin_all(); *plugins != NULL; plugins++) {
        if (args->broken && (*plugins)->problem == NULL)
            continue;
        fill_row(&row, *plugins);
        if (hvsh_emit(call, &plugin_table, &row) < 0)
            return -1;
    }
    return 0;
}

const struct hvsh_command core_plugin_list = {
    .name = "plugin-list", .group = "shell", .help = "list the plugins",
    .description = "Lists the plugins that were found: those that are loaded, and those that were refused. --broken tells why, and what to do.",
    HVSH_ARGS(list_args), .shapes = HVSH_SHAPES(&plugin_table),
    .examples = HVSH_EXAMPLES({ "plugin-list", "every plugin", HVSH_ON_TEST }, { "plugin-list --broken", "what is not in use, and why", HVSH_ON_TEST }),
    .run = list_run, .flags = HVSH_NO_CONNECTION,
};

/* ---- plugin-info ---- */

struct info_args { const char *plugin; };
static const struct hvsh_field info_args[] = {
    HVSH_TEXT(struct info_args, plugin, "name of a plugin", .flags = HVSH_REQUIRED, .offer = offer_plugins),
    HVSH_END
};

struct info_row { struct plugin_row plugin; HVSH_LIST_OF(const char *) commands, checks; };
#define INFO(member, ...) HVSH_TEXT(struct info_row, plugin.member, __VA_ARGS__)
static const struct hvsh_field info_row[] = {
    INFO(name, "name of the plugin", .name = "name", .label = "Name:"),
    INFO(summary, "what it is for", .name = "summary", .label = "Summary:"),
    INFO(version, "its version", .name = "version", .label = "Version:"),
    INFO(state, "loaded, partly (some commands are not in use), or refused", .name = "state", .label = "State:"),
    INFO(problem, "what is wrong, and the cure", .name = "problem", .label = "Problem:"),
    INFO(path, "file it was loaded from", .name = "path", .label = "File:"),
    INFO(built_for, "version of the plugin contract it was built for", .name = "abi", .label = "Built for:"),
    HVSH_TEXTS(struct info_row, commands, HVSH_COMMA, "its commands", .label = "Commands:"),
    HVSH_TEXTS(struct info_row, checks, HVSH_COMMA, "what it adds to host-check", .label = "Checks:"),
    HVSH_END
};
static const struct hvsh_shape info_record = { .name = "plugin", .kind = HVSH_RECORD, HVSH_ROW(info_row) };

/* The names of the plugin's commands that are in use. */
static GPtrArray *commands_of(const struct plugin *plugin)
{
    GPtrArray *names = g_ptr_array_new();

    for (const char *const *name = plugin_command_names(); *name != NULL; name++)
        if (plugin_of(*name) == plugin)
            g_ptr_array_add(names, (void *)*name);
    return names;
}

/* The ids of the host's checks that the plugin adds. */
static GPtrArray *checks_of(const struct plugin *plugin)
{
    GPtrArray *ids = g_ptr_array_new();

    for (const struct hvsh_check *const *check = plugin->def != NULL ? plugin->def->checks : NULL; check != NULL && *check != NULL; check++)
        g_ptr_array_add(ids, (void *)(*check)->id);
    return ids;
}

static int info_run(hvsh_call *call, const void *p)
{
    const struct info_args *args = p;

    for (const struct plugin *const *plugins = plugin_all(); *plugins != NULL; plugins++) {
        g_autoptr(GPtrArray) names = NULL, ids = NULL;
        struct info_row row = { 0 };

        if (strcmp((*plugins)->name, args->plugin) != 0)
            continue;
        names = commands_of(*plugins);
        fill_row(&row.plugin, *plugins);
        if ((*plugins)->def != NULL)
            row.plugin.built_for = hvsh_printf(call, "ABI %u.%u", (*plugins)->def->abi, (*plugins)->def->abi_minor);
        row.commands.count = names->len;
        row.commands.items = (const char **)names->pdata;
        ids = checks_of(*plugins);
        row.checks.count = ids->len;
        row.checks.items = (const char **)ids->pdata;
        return hvsh_emit(call, &info_record, &row);
    }
    hvsh_fail(call, "no plugin is named '%s'", args->plugin);
    return hvsh_hint(call, "plugin-list shows which there are");
}

const struct hvsh_command core_plugin_info = {
    .name = "plugin-info", .group = "shell", .help = "show what a plugin is and brings",
    HVSH_ARGS(info_args), .shapes = HVSH_SHAPES(&info_record),
    .examples = HVSH_EXAMPLES({ "plugin-info core", "the plugin that is linked in", HVSH_ON_TEST }),
    .run = info_run, .flags = HVSH_NO_CONNECTION,
};

/* ---- plugin-load ---- */

struct load_args { const char *file; };
static const struct hvsh_field load_args[] = {
    HVSH_PATH(struct load_args, file, "the plugin's shared object", .flags = HVSH_REQUIRED),
    HVSH_END
};

struct loaded_row { const char *name; unsigned int commands; };
static const struct hvsh_field loaded_row[] = {
    HVSH_TEXT(struct loaded_row, name, "name of the plugin"),
    HVSH_UINT(struct loaded_row, commands, "number of its commands"),
    HVSH_END
};
static const struct hvsh_shape loaded_message = {
    .name = "loaded", .kind = HVSH_MESSAGE, HVSH_ROW(loaded_row), .text = "Plugin '{name}' loaded, commands: {commands}",
};

/* What is wrong with its tables is told, line by line, but does not keep it out. */
static void note_problems(hvsh_call *call, const struct plugin *plugin)
{
    g_autofree char *problems = plugin_check(plugin->def);
    g_auto(GStrv) lines = g_strsplit(problems != NULL ? problems : "", "\n", -1);

    if (plugin->problem != NULL)
        hvsh_note(call, "%s", plugin->problem);
    for (char **line = lines; *line != NULL; line++)
        if (**line != '\0')
            hvsh_note(call, "its tables: %s", *line);
}

static int load_run(hvsh_call *call, const void *p)
{
    const struct load_args *args = p;
    g_autofree char *error = NULL;
    const struct plugin *plugin = plugin_load(args->file, &error);
    struct loaded_row row;

    if (plugin == NULL)
        return hvsh_fail(call, "%s", error);
    note_problems(call, plugin);
    row = (struct loaded_row){ plugin->name, plugin->ncommands };
    return hvsh_emit(call, &loaded_message, &row);
}

const struct hvsh_command core_plugin_load = {
    .name = "plugin-load", .group = "shell", .help = "load a plugin for the rest of the session",
    .description = "Loads a shared object as a plugin. It and every folder on the way to it must belong to root or to the user and be writable by "
                   "nobody else, but for those like /tmp, where nobody can replace another's files. Its tables are checked, and what is "
                   "wrong with them is told.",
    HVSH_ARGS(load_args), .shapes = HVSH_SHAPES(&loaded_message),
    .examples = HVSH_EXAMPLES({ "plugin-load ./hello.so", "one that was just built", HVSH_MATCH_ONLY }),
    .run = load_run, .flags = HVSH_NO_CONNECTION,
};
