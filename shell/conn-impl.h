/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conn-impl.h - what the files of conn.c share; nobody else includes it.
 *
 * A `struct link` is one virConnectPtr with the call-backs registered on it. A connection owns one link at a time; forgotten, changed or dropped
 * it hands the link to a thread that deregisters and closes, because both are calls to the other side and may hang.
 */
#ifndef CONN_IMPL_H
#define CONN_IMPL_H

#include "conn.h"

#include <pthread.h>

enum { EVENTS_MAX = 8 };        /* kinds of events watched for */

struct link {
    virConnectPtr virt;
    struct conn *conn;
    char *uri;                  /* libvirt's own, asked once */
    unsigned int refs;          /* the connection's or the closing thread's, and one for each call-back; under conn_lock */
    bool dropped;               /* the other side went away; under conn_lock */
    bool close_watched;         /* the close call-back holds a reference; under conn_lock */
    pthread_mutex_t serial;     /* one registers, watches or closes at a time */
    bool registered, closed;    /* registering for events was tried; it is being closed; under serial */
    int events[EVENTS_MAX];     /* ids of the call-backs; under serial */
    unsigned int n_events;
    char *held;                 /* conn-events.c: the domain whose "resumed" waits; the loop thread's */
};

/* All that is mutable in struct conn and struct link, but no call to the other side is made while it is held. */
extern pthread_mutex_t conn_lock;

struct link *link_ref(struct link *link);
/* The freecb of every call-back too. */
void link_unref(void *link);
/* Register for events, each on a worker, on all links that are open. */
void links_watch(void);

/* The URI of an open embedded connection, or NULL. g_free. */
char *embedded_open_uri(void);

/* conn-events.c */
/* Is anybody watching? */
bool events_wanted(void);
/* Register for events unless that has been done; calls the other side: on a worker. */
void events_register(struct link *link);
/* With link->serial held. */
void events_deregister(struct link *link);
/* A text for the prompt, named after the connection when it is not the current one. */
void events_say(struct conn *conn, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* conn-names.c */
void names_clear(void);

/* conn-hints.c */
/* The URI that counts when this one, or NULL, was given; NULL: libvirt's configuration and probing decide. */
const char *uri_effective(const char *uri);
/* What to do about libvirt's last error after opening `uri` (as given, or NULL for the default) failed; NULL: no idea. g_free. */
char *conn_hint(const char *uri, bool readonly);
/* The embedded driver's usual folder and its URI; neither makes it. g_free. */
char *embedded_root(void);
char *embedded_uri(void);
/* Before it is opened: the folder that the URI names, the usual one or the user's, is made when it is missing, and configured. */
void embedded_prepare(const char *uri);
/* Opening returns while the driver's threads still take up the guests that run; a guest destroyed meanwhile is gone and yet an error. Wait,
 * for a while: a guest that hangs must not hold up the others. */
void embedded_settle(virConnectPtr virt);
bool uri_is_embedded(const char *uri);

#endif
