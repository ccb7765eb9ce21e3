/* SPDX-License-Identifier: GPL-3.0-or-later */
/* help.h - usage, help, manual page, one-line hints: all from the tables. help.c writes for the screen, help-manual.c in roff. */
#ifndef HELP_H
#define HELP_H

#include "line.h"

struct plugin;

/* `help CMD`: NAME, SYNOPSIS, DESCRIPTION, OPTIONS as virsh lays them out, then results and examples. */
void help_command(const struct command *command, GString *out);
/* `help GROUP`. False: no such group. */
bool help_group(const char *keyword_or_title, GString *out);
/* `help`: all groups with their commands. */
void help_all(GString *out);
/* Commands whose name or help has the text, whatever its case: `help --search TEXT`. False: none. */
bool help_search(const char *text, GString *out);
/* "[--domain] <string> [--live]": the synopsis behind the name. */
void help_synopsis(const struct command *command, GString *out);
/* What is still expected after the half-typed line, for the dimmed hint: "<size> [--config] [--live]". */
void help_hint(const struct expected *expected, GString *out);
/* What `?` shows at this point. */
void help_here(const struct expected *expected, GString *out);
/* A manual page in roff for a plugin. */
void help_manual(const struct plugin *plugin, GString *out);

/* ---- parts that both kinds of output share ---- */
/* One argument as the synopsis shows it: "<domain>", "[--config]", "[--timeout <number>]". */
void help_piece(const struct command *command, const struct hvsh_field *field, GString *out);
/* The same as the list of options shows it: "[--domain] <string>", "--config". */
void help_option(const struct command *command, const struct hvsh_field *field, GString *out);
/* What is said about an option: its help, the words it takes, its default. */
void help_option_text(const struct hvsh_field *field, GString *out);
/* What JSON and Lua have for a column: "text", "bytes", "list of objects". */
const char *help_column_kind(const struct hvsh_field *field);
/* What is said about a column: its help, and when it is there. */
void help_column_text(const struct hvsh_field *field, GString *out);
/* What JSON and Lua get of a shape: "a list of objects", "one object"; `several`: preceded by its key. */
void help_shape_text(const struct shape *shape, bool several, GString *out);
/* The shapes that JSON and Lua can get: messages and further layouts of the same data are left out. NULL-terminated, g_free. NULL: there is
 * nothing to say but "one text". */
const struct shape **help_results(const struct command *command);
/* The options that the shell itself adds to the command: --yes, --dry-run. Ends with a NULL name. */
struct help_common { const char *name, *help; };
const struct help_common *help_common_options(const struct command *command);
/* Call `each` for the paragraphs of a text, which are separated by empty lines; one that begins with a blank is to be kept as it is. */
void help_paragraphs(const char *text, void (*each)(const char *paragraph, bool as_it_is, void *arg), void *arg);

#endif
