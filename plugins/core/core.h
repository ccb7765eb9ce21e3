/* SPDX-License-Identifier: GPL-3.0-or-later */
/* core.h - the commands of the shell itself, one line for each file of this folder. */
#ifndef CORE_H
#define CORE_H

#include "hvsh.h"

extern const struct hvsh_command core_help;                                          /* about.c */
extern const struct hvsh_command core_echo;                                          /* echo.c */
extern const struct hvsh_command core_cd, core_pwd;                                  /* folder.c */
extern const struct hvsh_command core_quit, core_exit;                               /* quit.c */

/* text.c */
/* The words of a list argument joined by one blank; owned by the call. */
char *core_joined(hvsh_call *call, const char *const *words, size_t count);

/* What most of these commands emit: one text. */
struct core_text { const char *text; };
extern const struct hvsh_field core_text_fields[];
extern const struct hvsh_shape core_text_shape;
extern const struct hvsh_shape *const core_text_shapes[];
int core_emit_text(hvsh_call *call, const char *text);

#endif
