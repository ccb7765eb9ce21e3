/* SPDX-License-Identifier: GPL-3.0-or-later */
/* repl.h - the prompt: history, TAB, ?, hints, events above the line. The only file that knows readline. */
#ifndef REPL_H
#define REPL_H

/* Read and run lines until quit or end of file. The exit status of the shell. */
int repl_run(void);

#endif
