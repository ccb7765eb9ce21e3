/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tty.h - the terminal: raw mode and its restoration on every way out, size, questions, passwords, the editor and pager as children. */
#ifndef TTY_H
#define TTY_H

#include <stdbool.h>
#include <stddef.h>

/* Is there a person: standard input and standard output (or error) are terminals. */
bool tty_is_interactive(void);
bool tty_stdout(void);
bool tty_stderr(void);
/* Columns and lines of the terminal; 80x24 when unknown. */
void tty_size(int *columns, int *lines);
/* TERM is not set, or `dumb`: nothing moves the cursor there. */
bool tty_dumb(void);
/* May colours be used on fd (terminal, no NO_COLOR, TERM not dumb, not plain mode)? */
bool tty_colour(int fd);
/* Never colours nor human units: argv[0] is virsh, HVSH_PLAIN=1. */
extern bool tty_plain;

/* Raw mode on standard input; remembered and put back by tty_restore(), by atexit and by fatal signals. 0 or -1 with errno. */
int tty_raw(void);
void tty_restore(void);

/* Ask on the terminal (/dev/tty): g_malloc'ed line without newline, or NULL (no terminal, end of file, interrupted: errno EINTR). Echo off when secret. */
char *tty_ask(const char *question, bool secret);
/* Show the question and wait for one key of `keys` (lower case; the first is the default for Enter when default_first), or 0. */
char tty_choose(const char *question, const char *keys, bool default_first);

/* Run a program by argv with the terminal handed over to it (editor, pager, `!cmd`); waits. Exit status, or -1 with errno; 128+n for a signal. */
int tty_run(const char *const argv[]);
/* The editor's command as virsh finds it (VISUAL, EDITOR, vi) run on a file; words with shell characters go through sh -c as in virsh.
 * The same status; ENOTTY: no editor is named, and vi would have no terminal. */
int tty_edit_file(const char *path);

#endif
