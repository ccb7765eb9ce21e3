/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session.h - hvsh on a terminal, in a home of its own, on the test driver. */
#ifndef SESSION_H
#define SESSION_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "terminal.h"

/* The folder that is home and current folder of the sessions of one test; session_setup() makes it, session_teardown() removes it. */
extern char *home;
int session_setup(void **state);
int session_teardown(void **state);

/* Start it and wait for its first prompt. options: words before the last, NULL-terminated or NULL; environment as terminal_start(). */
struct terminal *session(const char *const options[], const char *const environment[]);
/* As it is, nothing awaited. */
struct terminal *session_at(int columns, int lines, const char *const options[], const char *const environment[]);
/* `quit`; the exit status must be this. */
void session_quit(struct terminal *terminal, int status);
/* A file of the home; NULL when it is not there. */
char *home_file(const char *name);
void home_write(const char *name, const char *text);

#define PROMPT "hvsh test # "
#define test(name) cmocka_unit_test_setup_teardown(name, session_setup, session_teardown)

#endif
