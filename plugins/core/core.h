/* SPDX-License-Identifier: GPL-3.0-or-later */
/* core.h - the commands of the shell itself, one line for each file of this folder, and what they share. */
#ifndef CORE_H
#define CORE_H

#include "hvsh.h"

extern const struct hvsh_command core_help;                                             /* about.c */
extern const struct hvsh_command core_alias, core_unalias;                              /* alias.c */
extern const struct hvsh_command core_source, core_time, core_watch;                    /* batch.c */
extern const struct hvsh_command core_complete, core_self_test;                         /* check.c */
extern const struct hvsh_command core_connect, core_disconnect, core_connections;       /* connections.c */
extern const struct hvsh_command core_echo;                                             /* echo.c */
extern const struct hvsh_command core_cd, core_pwd;                                     /* folder.c */
extern const struct hvsh_command core_history;                                          /* history.c */
extern const struct hvsh_command core_plugin_list, core_plugin_info, core_plugin_load; /* plugins.c */
extern const struct hvsh_command core_quit, core_exit;                                  /* quit.c */
extern const struct hvsh_command core_set;                                              /* settings.c */

/* text.c: what most of these commands emit: one text, given with its newline. */
extern const struct hvsh_shape *const core_text_shapes[];
int core_emit_text(hvsh_call *call, const char *text);

#endif
