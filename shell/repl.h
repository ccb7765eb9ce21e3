/* SPDX-License-Identifier: GPL-3.0-or-later */
/* repl.h - the prompt: history, TAB, ?, hints, events above the line. Only repl*.c know readline. */
#ifndef REPL_H
#define REPL_H

/* Read and run lines until quit or end of file. The exit status of the shell. */
int repl_run(void);

/* For the command `history`: the lines typed so far, oldest first, NULL-terminated; g_strfreev. */
char **repl_history(void);
/* Forget them all, the saved ones too. */
void repl_history_clear(void);

#endif
