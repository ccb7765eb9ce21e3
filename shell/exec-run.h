/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exec-run.h - calls being run: on the main thread or on command threads, served by main until they end. Used by exec*.c only. */
#ifndef EXEC_RUN_H
#define EXEC_RUN_H

#include "exec.h"

/* One call of several that run at once. */
struct run {
    hvsh_call *call;            /* our reference */
    struct sink *sink;          /* borrowed */
    int status;
    bool given_up;              /* it hangs: its thread lives on, its failure must not be read */
    struct conn *opening;       /* it was given up while it waited for this connection; NULL: it had one */
    bool done;                  /* the runner's own */
};

/* A call of matches[index] for a sink, ready to run. `conn` is the current one when NULL. */
void run_prepare(struct run *run, GArray *matches, unsigned int index, struct sink *sink, struct conn *conn);
/* Start all, serve them until each ended or was given up. */
void run_all(struct run *runs, size_t n);
/* Take what signals came while something else than a call was waited for: they were meant for that, and end a script. */
void run_note_signals(void);
/* The sink of a command on main shows nothing of its own, not even that there is nothing. False: it is none. */
bool run_silence(hvsh_call *call);
/* Hand the failure out (or, of a call that was given up, say so) and drop the call. */
void run_finish(struct run *run, struct failure *failure);
/* The shape of a command that emitted nothing: its first; NULL when it has none. */
const struct shape *run_primary(const struct run *run);

#endif
