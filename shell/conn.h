/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conn.h - connections: open, authenticate, keep alive, reopen after a drop, the embedded driver, guests' events, names for completion.
 *
 * A `struct conn` is a named connection: URI, read-only mark, and a virConnectPtr once it was needed. conn_get() may block (ssh, a host
 * that hangs) and so runs on a command thread or worker, never on main while the prompt is live. All functions are thread-safe.
 */
#ifndef CONN_H
#define CONN_H

#include "hvsh.h"
#include "loop.h"

struct conn;

/* Questions that opening may ask (authentication). The answer is malloc'ed; NULL: cannot be asked or cancelled. */
struct conn_asker {
    char *(*ask)(void *arg, const char *question, bool secret);
    void *arg;
};

/* Settings from the command line; set once before the first conn_get. */
struct conn_settings {
    int keepalive_interval, keepalive_count;        /* -k, -K; default 5, 6 */
    bool keepalive_given, keepalive_count_given;    /* then a connection without keepalive is an error */
};
extern struct conn_settings conn_settings;

/* Make a connection known under a name; uri NULL: libvirt's own rules (VIRSH_DEFAULT_CONNECT_URI, LIBVIRT_DEFAULT_URI, libvirt.conf, probe).
 * "embed" is expanded to the embedded driver's URI. Nothing is opened. A name in use is replaced when it is not the current one. */
struct conn *conn_add(const char *name, const char *uri, bool readonly);
struct conn *conn_find(const char *name);
/* The one that commands use. conn_use(NULL) is not allowed. */
struct conn *conn_current(void);
void conn_use(struct conn *conn);
/* All, in order of addition; NULL-terminated, g_free the array. */
struct conn **conn_all(void);
/* Close and forget a connection that is not the current one. */
void conn_remove(struct conn *conn);

const char *conn_name(struct conn *conn);
/* The URI as given, or NULL for the default; conn_real_uri: as libvirt says when it is open, else as given or by the environment; g_free. */
const char *conn_uri(struct conn *conn);
char *conn_real_uri(struct conn *conn);
bool conn_readonly(struct conn *conn);
bool conn_is_open(struct conn *conn);
bool conn_is_embedded(struct conn *conn);

/*
 * The virConnectPtr with a new reference (virConnectClose() it), opened or, after a drop, reopened when necessary. NULL: libvirt's error
 * of this thread says why, and *hint (may be NULL) gets what to do about it (g_free): a daemon that is not running, the embedded root that
 * another process holds, ... *reopened is set when a dropped connection was opened anew (virsh: "error: Reconnected to the hypervisor").
 */
virConnectPtr conn_get(struct conn *conn, const struct conn_asker *asker, bool *reopened, char **hint);
/* What virsh says before "failed to connect to the hypervisor" when opening failed with this error, or NULL: a sentence for the caller to print. */
const char *conn_preface(const virError *error);
/* Drop the virConnectPtr (a call on it hangs, or the user said `connect`): the next conn_get opens a new one. Does not block. */
void conn_forget(struct conn *conn);
/* Change uri or mode, as the command `connect` does: forget the old one and set the new. uri NULL: keep,
 * "": the default one. */
void conn_change(struct conn *conn, const char *uri, bool readonly);

/* Close everything; at exit. Blocks 1 s at most. */
void conn_close_all(void);
/* Asked after conn_close_all(): are threads left that would run into the libraries' destructors (the embedded driver's own, calls that hang)?
 * Then the process ends by fflush() and _exit(), never by exit(). */
bool conn_threads_left(void);
/* Guests still running on embedded connections (they stay running); for the line at exit. */
unsigned int conn_embedded_guests(void);
/* What -c takes to find them again, quoted for a shell: "embed", or the URI of another folder; g_free. */
char *conn_embedded_name(void);
/* Is a libvirt daemon installed here (socket, unit or binary), and is QEMU? For the choice at an interactive start. */
bool conn_daemon_installed(void);
bool conn_qemu_installed(void);

/* ---- guests' events for the prompt ---- */
/* "domain 'web1' started": pushed to the queue (limit 100, "N events dropped" is the reader's to say) for each open connection after
 * conn_watch(true). Items are for g_free(). */
struct told_event {
    int64_t when;               /* g_get_monotonic_time() */
    char text[];
};
struct queue *conn_events(void);
void conn_watch(bool on);

/* ---- guests' events as data, for scripts ---- */
/* One event; texts are NULL where the kind of event has none. */
struct conn_event {
    const char *event;          /* "lifecycle", "io-error", "watchdog", "block-job", "device-removed", "device-removal-failed" */
    char *connection, *domain, *uuid;
    char *what;                 /* lifecycle: "started", "stopped" ...; block-job: its status; io-error: the reason */
    char *device;               /* disk, path or alias */
    char *text;                 /* as the prompt tells it */
};
void conn_event_free(void *event);
/* Of struct conn_event, limit 1000; filled once it was asked for and conn_watch(true) was called. */
struct queue *conn_event_queue(void);
/* What a struct conn_event's `event` and `what` can be; a reason of newer libvirts for io-error is none of them. */
extern const char *const conn_event_names[];
/* Register for events on an open connection now, not soon. Calls the other side: on a command thread or worker. */
void conn_watch_now(struct conn *conn);

/* ---- names for completion ---- */
/* Call each(name, note, arg) for the objects of `kind` that `select` allows (libvirt's list flags; 0: all), from one bulk call; `peer` is the
 * domain or pool that snapshots, checkpoints, volumes belong to (else NULL). May block: runs on a worker. Never asks. 0, or -1 when not open
 * and it cannot be opened silently. Notes: state of a domain ("running"), of a network or pool ("active"), capacity of a volume. */
#define CONN_BY_UUID (UINT64_C(1) << 63)       /* in `select`: what has a UUID is called by it, its name is the note */
int conn_names(struct conn *conn, enum hvsh_kind kind, uint64_t select, const void *peer,
               void (*each)(const char *name, const char *note, void *arg), void *arg);
/* URIs as they usually are, or begin. */
extern const struct hvsh_choice conn_usual[];

/* A command has changed things: what was kept for completion (a second long) is asked for anew. */
void conn_names_stale(void);

#endif
