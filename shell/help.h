/* SPDX-License-Identifier: GPL-3.0-or-later */
/* help.h - usage, help, manual page, one-line hints: all from the tables. */
#ifndef HELP_H
#define HELP_H

#include "line.h"

/* `help CMD`: NAME, SYNOPSIS, DESCRIPTION, OPTIONS as virsh lays them out, then columns and examples. */
void help_command(const struct command *command, GString *out);
/* `help GROUP`. False: no such group. */
bool help_group(const char *keyword_or_title, GString *out);
/* `help`: all groups with their commands. */
void help_all(GString *out);
/* Commands whose name or help has the text: what `help TEXT` shows when it is neither. False: none. */
bool help_search(const char *text, GString *out);
/* "[--domain] <string> [--live]": the synopsis behind the name. */
void help_synopsis(const struct command *command, GString *out);
/* What is still expected after the half-typed line, for the dimmed hint: "<size> [--config] [--live]". */
void help_hint(const struct expected *expected, GString *out);
/* What `?` shows at this point. */
void help_here(const struct expected *expected, GString *out);
/* A manual page in roff for a plugin. */
void help_manual(const struct plugin *plugin, GString *out);

#endif
