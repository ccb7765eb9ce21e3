/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hard-commands.h - the fifteen commands that a table can describe least easily, declared in full, to try the public header and every walk
 * over tables on: matching, help, completion, Lua. They do nothing when they are run.
 */
#ifndef HARD_COMMANDS_H
#define HARD_COMMANDS_H

#include "hvsh.h"

extern const struct hvsh_plugin hard_plugin;
extern const struct hvsh_command hard_install;

/* What virsh 9.0 takes, in its order: "!" required, "@" also by position, "..." the rest of the line, then what it is; an alias is
 * "spelling=meant". NULL-terminated. `install` has no virsh to be compared with. */
struct hard_signature { const char *command, *options; };
extern const struct hard_signature hard_signatures[];

int hard_run(hvsh_call *call, const void *args);

#endif
