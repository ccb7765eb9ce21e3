/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * terminal.h - a person at a terminal, for tests: a program on a pseudo-terminal, the keys that are typed, and the screen as it would be seen.
 * Nothing waits without an end; what is awaited in vain ends the test with the screen as its message.
 */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdbool.h>
#include <sys/types.h>

struct terminal;

/* Start a program on a terminal of this size. environment: NULL-terminated NAME=VALUE beside the test's own; may be NULL. */
struct terminal *terminal_start(int columns, int lines, const char *const argv[], const char *const environment[]);
/* End it if it lives, and free. */
void terminal_free(struct terminal *terminal);
/* Wait for its end: the exit status, 128+n for a signal. What it still writes is seen. */
int terminal_end(struct terminal *terminal);
pid_t terminal_pid(const struct terminal *terminal);

void terminal_type(struct terminal *terminal, const char *keys);
void terminal_resize(struct terminal *terminal, int columns, int lines);
/* Are lines, echo and signals on, as a terminal has them when no program has changed it? */
bool terminal_is_cooked(const struct terminal *terminal);

/* What stands on the screen, lines without blanks at their ends; and from the first column of the cursor's line to the cursor. Valid until
 * the next call. */
const char *terminal_screen(struct terminal *terminal);
const char *terminal_typed(struct terminal *terminal);
/* Does the screen show the text; dimmed, all of it? */
bool terminal_shows(struct terminal *terminal, const char *text);
bool terminal_shows_dim(struct terminal *terminal, const char *text);

/* Wait until the screen shows the text. */
void await_text(struct terminal *terminal, const char *text);
void await_dim(struct terminal *terminal, const char *text);
/* Wait until what stands before the cursor, on its line, is exactly this. */
void await_typed(struct terminal *terminal, const char *text);
/* ... is anything but this. */
void await_left(struct terminal *terminal, const char *text);

#define KEY_RIGHT "\033[C"
#define KEY_UP "\033[A"
#define KEY_CTRL_A "\001"
#define KEY_CTRL_C "\003"
#define KEY_CTRL_D "\004"
#define KEY_CTRL_E "\005"
#define KEY_CTRL_R "\022"
#define KEY_CTRL_U "\025"

#endif
