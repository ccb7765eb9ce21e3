/* SPDX-License-Identifier: GPL-3.0-or-later */
/* repl-private.h - between the files of the prompt: reading (repl.c), history (repl-history.c), TAB and ? (repl-complete.c), the dimmed hint
 * (repl-hint.c). */
#ifndef REPL_PRIVATE_H
#define REPL_PRIVATE_H

#include <glib.h>
#include <stdbool.h>
#include "repl.h"

#define DIM "\033[2m"
#define BOLD "\033[1m"
#define RED "\033[31m"
#define RESET "\033[0m"

/* What the prompt is in the middle of. */
struct repl {
    GString *text;              /* what was typed: more than one line while a quote is open */
    char *line;                 /* a finished line, from readline's call-back */
    bool ended;                 /* end of file, or a signal to quit */
    bool lua;                   /* lines are Lua */
    bool colour;
    size_t prompt_width;
};
extern struct repl repl;

/* ---- history ---- */
void history_load(void);
/* One more line, unless it is empty, a repetition, begins with a blank, or may hold a secret. */
void history_remember(const char *text);
/* At the end. */
void history_save(void);

/* ---- TAB and ? ---- */
/* Set readline's hooks; question_mark() is for a key. */
void complete_install(void);
int question_mark(int count, int key);
void complete_free(void);

/* ---- the hint ---- */
/* readline's redisplay function: the line, and the hint behind it. */
void hint_redisplay(void);
/* Take it off the screen, before anything else is written there. */
void hint_erase(void);
/* For the keys Right and Enter. */
int hint_forward_or_accept(int count, int key);
int hint_accept_line(int count, int key);

#endif
