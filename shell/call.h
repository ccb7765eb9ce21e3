/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * call.h - one command in progress: its words, values, what it owns, how it fails, whether it was cancelled; the services of hvsh.h that need
 * nothing but the call. Reference counted: main holds one, the thread that runs it holds one, so that a hung call can be given up.
 */
#ifndef CALL_H
#define CALL_H

#include <stdatomic.h>
#include "conn.h"
#include "line.h"

enum { CALL_MAX_ARGS = 128 };

/* Why a call failed, in a form that JSON and Lua can use. */
struct failure {
    GString *message;           /* lines as virsh prints them, first the command's own; NULL: none */
    char *hint;
    int code, domain;           /* libvirt's, 0 when it is our own */
};

/* How a call reaches the rest of the shell; filled in by exec (or a test). All called on the thread that runs the command. */
struct call_hooks {
    int  (*start)(hvsh_call *call);                                            /* the command's plugin, before its first command */
    int  (*begin)(hvsh_call *call, const struct shape *shape);
    int  (*emit)(hvsh_call *call, const struct shape *shape, const void *row);
    void (*note)(hvsh_call *call, const char *text);
    void (*progress)(hvsh_call *call, const char *what, uint64_t done, uint64_t total);
    char *(*ask)(hvsh_call *call, const char *question, bool secret);          /* g_malloc'ed or NULL */
    bool (*wants)(hvsh_call *call, const struct shape *shape, const struct hvsh_field *field);
    int  (*runv)(hvsh_call *call, const char *const words[]);
    void (*offer)(hvsh_call *call, const char *word, const char *note);
};

struct hvsh_call {
    atomic_int refs;
    atomic_bool cancelled;      /* first Ctrl-C */
    atomic_bool orphan;         /* given up: every service returns -1 */
    const struct command *command;
    const struct match *match;  /* borrowed from `matches` */
    GArray *matches;            /* kept alive by the call when it is not NULL (line_free) */
    GArray *given_words;        /* struct given: match->given, or a completion's */
    void *args;                 /* the argument struct */
    unsigned char state[CALL_MAX_ARGS];   /* per argument: given, resolved, resolving */
    bool resolved;              /* there is some to be cleared */
    struct conn *conn;
    virConnectPtr connect;      /* our reference, or NULL */
    int64_t connected;          /* since when it has one; 0: it never had */
    _Atomic(struct conn *) opening;   /* the connection that is being opened, or NULL: nothing has begun at its host */
    struct failure failure;
    int status;                 /* hvsh_exit */
    bool status_set;
    bool cut;                   /* its rows could not be shown any more: it was told to end */
    hvsh_call *parent;          /* the call whose hvsh_runv() this is, or NULL: cancelled with it */
    hvsh_call *child;           /* the other way; under `lock` */
    atomic_bool heeded;         /* it was told that it is cancelled */
    bool on_main;               /* runs on the main thread: takes signals itself */
    unsigned int signals;       /* those that it took */
    bool quiet_lookup;          /* completion: never ask, never open */
    const struct call_hooks *hooks;
    void *hooks_data;
    GPtrArray *collected;       /* where hvsh_offer() puts its words while the shell itself looks for one, or NULL */
    GPtrArray *deferred;        /* struct deferred */
    GPtrArray *undo;            /* struct undo_step */
    atomic_bool must_undo;      /* there are such steps, or they are being run: leaving now would leave things half done */
    GMutex lock;                /* of child, waker, orphan: never held where something may hang */
    GRecMutex cancelling;       /* of the cancel hook, also while it runs, and so for as long as a host that hangs likes: never taken on main for a call of
                                 * another thread */
    void (*on_cancel)(void *arg);
    void *on_cancel_arg;
    bool on_cancel_told;        /* once is enough */
    struct waker waker;
    bool waker_made;
    bool yes, dry_run;
    virErrorPtr kept_error;   /* libvirt's error of the last hvsh_work(), which another thread cannot set for us, or of hvsh_keep_error() */
};

hvsh_call *call_new(const struct command *command, const struct match *match, struct conn *conn);
/* After a failure that has no hint: what a word may have been meant to be that is none of its argument's .choices, or of what the guest has. */
void call_hint(hvsh_call *call);
/* Is it worth a question to the host to find the name that was meant? */
bool call_hints_nearest(const hvsh_call *call);
/* The connection that the call, or the one that it runs, is waiting for; NULL: none. */
struct conn *call_opening(hvsh_call *call);
hvsh_call *call_ref(hvsh_call *call);
void call_unref(hvsh_call *call);

/* Are required arguments there and the rules kept? Pure. 0, or -1 with the sentence(s) as failure. */
int call_check(hvsh_call *call);
/* Text to values, fallbacks too; asks the connection for objects. 0 or -1. */
int call_resolve(hvsh_call *call);
/* One text of an argument as its value; what a list has are such ones. 0 or -1. */
int call_parse(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value);
/* Resolve one argument (for peers). 0 or -1; 0 also when it was not given. */
int call_resolve_field(hvsh_call *call, unsigned int field);
/* Does it own the terminal: by its command's flag, or by an argument that was given? */
bool call_owns_terminal(const hvsh_call *call);
/* Index of an argument by name; -1: none. */
int call_field(hvsh_call *call, const char *name);
/* The normalised shape of a plugin's; NULL: not declared. */
const struct shape *call_shape(hvsh_call *call, const struct hvsh_shape *shape);
/* The connection as it must be before a command that needs one runs. 0, or -1 with virsh's sentence. */
int call_connect(hvsh_call *call);
/* On the main thread, which nobody can be taken off: wait until the host answers, or Ctrl-C, which is -1 with the failure set. */
int call_host_answers(hvsh_call *call);
/* Check, resolve, run, undo: everything between words and the end of `run`, on whatever thread. The exit status. */
int call_run(hvsh_call *call);
/* Offer the candidates for the value of a field: its own completer, its type's, or the names of objects. On a worker. */
int call_offer(hvsh_call *call, const struct hvsh_field *field, const char *start);
/* Emit a shape of the shell's own (not one that the command declares). */
int call_emit(hvsh_call *call, const struct shape *shape, const void *row);
/* Set cancelled, call the hook, wake; the one that it runs too. From any thread; may hang where the hook does. */
void call_cancel(hvsh_call *call);
/* It hangs, and is left to itself: from here on it touches nothing of who started it. Does not wait. */
void call_give_up(hvsh_call *call);
/* Was it, or one that runs it, left to itself? */
bool call_given_up(const hvsh_call *call);
/* Undo steps backwards (after a failure). */
void call_undo(hvsh_call *call);
/* Free what the command owned. */
void call_finish(hvsh_call *call);
void failure_clear(struct failure *failure);

#endif
