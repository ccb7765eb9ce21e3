/* SPDX-License-Identifier: GPL-3.0-or-later */
/* script.h - Lua: the state, the binding of every command, undo, events, init files. The only files that know Lua are script*.c. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <stdbool.h>

/* A folder to search for modules before the others (--script-dir). */
void script_add_folder(const char *folder);
/* Run a script file with arguments ("-" is standard input). The exit status. */
int script_run_file(const char *path, char *const args[]);
/* A line at the prompt that began with `=` (print the value) or is Lua in `lua` mode. 0, or 1: it failed. */
int script_run_line(const char *text, bool print);
/* Is the Lua text unfinished: would another line make it whole? */
bool script_is_open(const char *text);
/* $XDG_CONFIG_HOME/hvsh/init.lua after the system's; problems are told, never fatal. */
void script_run_init(void);
/* Completion of a Lua expression at the prompt: what its last name (letters, digits, '_') may become. NULL-terminated, g_strfreev. */
char **script_complete(const char *text);
/* Call-backs of hv.on() whose events have come; the prompt calls it when idle. */
void script_run_events(void);
void script_close(void);

#endif
