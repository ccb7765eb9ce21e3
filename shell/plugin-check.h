/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plugin-check.h - between plugin-check.c, which tells everything that is wrong with a plugin's tables, and plugin-fit.c, which has the part of
 * it that memory depends on and that a command must pass before it is used.
 */
#ifndef PLUGIN_CHECK_H
#define PLUGIN_CHECK_H

#include <link.h>
#include "plugin.h"

/* A program or shared object in memory. */
struct object {
    ElfW(Addr) base;
    const ElfW(Phdr) *headers;          /* NULL: none */
    size_t count;
};

struct check {
    const struct hvsh_plugin *plugin;
    const struct command *command;      /* at hand; NULL: the plugin itself */
    GString *out;
    GHashTable *rows_seen;              /* nested tables may contain themselves */
    bool lenient;                       /* only what would not work, not what would look otherwise than the rest */
    struct object own, shell;           /* what the tables lie in, and the types of the shell */
};

/* One line, with the command's or the plugin's name before it. */
void fit_problem(struct check *check, const char *format, ...) G_GNUC_PRINTF(2, 3);
const struct hvsh_field *fit_find(const struct hvsh_field *const *fields, const char *name, size_t length);
/* Is the type one of the shell's own? */
bool fit_is_shells(const struct check *check, const struct hvsh_type *type);
/* Walk the raw tables of a command: has every row a type and a name, and have they an end? Only then may they be normalised. */
bool fit_walk(struct check *check, const struct hvsh_command *def);
/* The normalised ones of the command at hand: does every value lie within its struct, and can it be parsed, scoped and shown? */
void fit_command(struct check *check);

#endif
