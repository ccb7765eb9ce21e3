/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plugin.h - search, safety checks, dlopen, normalised tables, the registry of commands and groups. */
#ifndef PLUGIN_H
#define PLUGIN_H

#include "line.h"

struct plugin {
    const struct hvsh_plugin *def;       /* normalised copy; NULL when it could not be loaded */
    char *name;                          /* of the plugin, or of its file */
    char *path;                          /* of the shared object; NULL: linked in */
    char *problem;                       /* def NULL: why it is not in use; else what of it is not in use; with the cure. NULL: fine */
    unsigned int ncommands;
    bool started;                        /* start() has run */
};

/* The commands of the shell itself, linked in (plugins/core/core.c). */
extern const struct hvsh_plugin hvsh_core_plugin;

/* A folder to search before the others; from --plugin-dir (an explicit option: allowed for root too). Before plugin_load_all(). */
void plugin_add_folder(const char *folder);
/* Register the linked-in core and load every *.so of the folders. Problems are kept in the list, never fatal. */
void plugin_load_all(void);
/* Load one file now (`plugin-load`). NULL: *error is the sentence (g_free). */
const struct plugin *plugin_load(const char *path, char **error);
/* A command by name, its tables normalised, aliases resolved (->real). NULL: unknown. */
const struct command *plugin_command(const char *name);
/* All commands' names, sorted, hidden ones and aliases too; NULL-terminated, owned by the registry. */
const char *const *plugin_command_names(void);
/* The entry without its tables normalised: for lists (name, group, help, flags, alias_of). NULL: unknown. */
const struct hvsh_command *plugin_command_def(const char *name);
const struct plugin *plugin_of(const char *command);
const struct plugin *const *plugin_all(void);
/* Groups in order; NULL-terminated, each keyword once. */
const struct hvsh_group *const *plugin_groups(void);
/* Call start() of the command's plugin, once. 0, or -1: it refused, and `call` has the sentence; the next command asks again. */
int plugin_start(const struct command *command, hvsh_call *call);
/* The lookup for line.c, over this registry and the user's aliases. */
const struct line_lookup *plugin_lookup(void);
/* User aliases (`alias`): value NULL removes. */
void plugin_set_alias(const char *name, const char *line);
const char *plugin_alias(const char *name);
/* Names of user aliases, NULL-terminated, g_strfreev. */
char **plugin_alias_names(void);
/* Add a command made at run time (Lua's hv.command); the tables must live for ever. NULL or the sentence (g_free). */
char *plugin_add_command(const struct hvsh_command *command, const char *owner);
/* The self-check of a plugin's tables: every problem as a line of text; NULL when all is well (g_free). Used by tests and plugin-load. */
char *plugin_check(const struct hvsh_plugin *plugin);
/* The same for one command made at run time, whose tables must live for ever; `deed`: what it asks a yes for, a template of its arguments, or NULL. */
char *plugin_check_command(const struct hvsh_command *command, const char *deed);
/* Normalise an END-terminated table whose elements have `stride` bytes (public for tests). g_free nothing: lives for ever. */
const struct hvsh_field *const *plugin_normalise(const struct hvsh_field *table, size_t stride);

/* Have all plugins been loaded, or only looked up in the index of an earlier start, in which nothing was wrong? */
bool plugin_loaded_all(void);

/* ---- between the files plugin*.c ---- */
/* What the folders hold, as a text that changes with them. g_free. */
char *index_fingerprint(const char *const folders[]);
/* Command -> file of its plugin, as index_write() left it for the same fingerprint; NULL: not known. Its words lie in *text. */
GHashTable *index_read(const char *fingerprint, char **text);
/* lines: "command\tfile\n". */
void index_write(const char *fingerprint, const GString *lines);
/* Fill `command` from its definition; what a command's tables become lives for ever. `plugin` tells the sizes. */
void tables_command(struct command *command, const struct hvsh_command *def, const struct hvsh_plugin *plugin);
/* The same after looking whether its tables may be used at all. NULL, or what is wrong with them (g_free); `command` has nothing new then. */
char *plugin_prepare(struct command *command, const struct hvsh_command *def, const struct hvsh_plugin *plugin);
/* Free what is the command's alone; the tables stay. For a command made for a moment, that nothing refers to. */
void tables_command_clear(struct command *command);
/* `struct hvsh_command` at `def` with every member that this shell knows: itself, or a longer zero-filled copy. */
const struct hvsh_command *tables_definition(const struct hvsh_command *def, const struct hvsh_plugin *plugin);
/* The same for the plugin's own struct, always a copy, with its groups in this shell's stride. */
const struct hvsh_plugin *tables_plugin(const struct hvsh_plugin *plugin);
/* An array whose elements begin with a pointer, the last one with NULL (groups, choices, examples), in this shell's stride. */
const void *tables_array(const void *array, size_t have, size_t want);
/* Is the file safe to load, its parents included? NULL, or the sentence with the cure (g_free). `path` is absolute and without links. */
char *load_safety(const char *path);
/* Open the file and check what it is. NULL: *error is the sentence (g_free). */
const struct hvsh_plugin *load_open(const char *path, char **error);

#endif
