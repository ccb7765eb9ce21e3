/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * exec.h - one command from words to result: check, run (on main or on a command thread), rows to a sink, questions to main, Ctrl-C, time,
 * report. Pipes, redirects, `!cmd`. The only place where calls are started.
 */
#ifndef EXEC_H
#define EXEC_H

#include "call.h"
#include "out.h"

/* The session's settings: from the command line, changed by `set`. */
struct exec_settings {
    bool quiet, timing, readonly, interactive, fail_fast, yes;
    enum out_format format;
    int debug;
    const char *escape;         /* -e: "^]" */
    bool prompt_syntax;         /* LINE_PROMPT */
    bool human;                 /* terminal: colour and human units */
    bool pager;
    bool connect_first;         /* -c: what cannot be opened ends it all, whatever the commands */
};
extern struct exec_settings exec_settings;

/* Run a whole text: match all, then run one after the other. The status of the last command (virsh's rule), first failure with fail_fast. */
int exec_line(const char *text);
/* Literal words (argv). */
int exec_argv(const char *const words[]);
/* A stream of lines (batch on standard input, -f): virsh's rules; the status of the last. `name` is what it is called when it cannot be read. */
int exec_stream(int fd, const char *name, enum line_syntax syntax);
/* What a line that begins with `=` is given to in a file of commands, without that; set by main, Lua is above this. */
extern int (*exec_lua)(const char *text, bool print);
/* Open the current connection now; a failure is reported. 0, or the exit status. */
int exec_connect(void);
/* `quit` has been run: leave the loop with this status. */
extern bool exec_quit;
extern int exec_quit_status;
/* A call was given up and its thread may still live: leave by _exit(), whose destructors cannot pull the ground from under it. */
extern bool run_given_up;
/* Ctrl-C came while the last command ran, even when that ended well: who runs one after the other (a batch, a script) stops there. */
extern bool exec_interrupted;
/* That command was told of it and ended well all the same: that is how it ends (event --loop), and in a session the next one may follow, as in
 * virsh. */
extern bool exec_heeded;
/* Nobody reads standard output any more: the program ends, with the status that other programs have by SIGPIPE. */
void exec_reader_left(void);
/* The status of the last command; the prompt shows it. */
extern int exec_last_status;

/* Words as on the program's command line: one is a line, several are one command. As line_match(). */
GArray *exec_match_words(const char *const words[], char **error);
/* How the match's result is wanted. */
enum out_format exec_format(const struct match *match);
/* The command on main writes its results itself, by commands of its own: standard output goes where its text would, and an empty result is none of
 * it. */
void exec_own_output(hvsh_call *call);
/* Run one match into a given sink, blocking; the failure is handed out instead of printed (Lua, watch). `failure` may be NULL. Takes the
 * matches over. Status: 0, or the exit status. */
int exec_match(GArray *matches, struct sink *sink, struct conn *conn, struct failure *failure);
/* Several at once (hv.parallel): all started, then served until all ended. statuses and failures: arrays of n. */
int exec_parallel(GArray **matches, struct sink **sinks, struct conn **conns, size_t n, int *statuses, struct failure *failures);

/* ---- completion ---- */
/* Ask for the candidates at the end of a half-typed line; the answer is awaited `timeout` ms at most (one that is *late goes to the cache and
 * is found by the next call). Candidates: struct candidate, sorted. Free with candidates_free. */
struct candidate { char *word; char *note; };
GArray *exec_complete(const char *text, enum line_syntax syntax, int timeout, struct expected *expected, bool *late);
/* `complete -- WORD... LAST`: no time limit but the connection's, never asks. */
GArray *exec_complete_argv(const char *const words[]);
GArray *candidates_new(void);
void candidates_add(GArray *candidates, const char *word, const char *note);    /* both copied; note may be NULL */
void candidates_free(GArray *candidates);

/* One `struct failure` as virsh prints it to stderr, or as a JSON object when the format is JSON. */
void exec_report(const char *command, const struct failure *failure, enum out_format format);
/* The same for what is no command's own failure: what could not be read, written or run at all. `command` may be NULL. */
void exec_refuse(const char *command, enum out_format format, const char *message, ...) G_GNUC_PRINTF(3, 4);

#endif
