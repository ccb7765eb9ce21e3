/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loop.h - threads: libvirt's event loop thread, workers, bounded queues, signals.
 *
 * libvirt's loop runs GLib's default main context on a thread of its own for the process's life. Every other thread gets its own
 * thread-default context (worker threads here do it themselves). Signals arrive on the main thread only and make a descriptor readable.
 */
#ifndef LOOP_H
#define LOOP_H

#include <glib.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* Initialise libvirt, register an event implementation and start the loop thread; the caller (main) gets a thread-default context of its own. Safe
 * to call again. The first call comes before any other thread: it changes the environment for a moment. 0 or -1. */
int loop_start(void);
/* Run what is pending (freecbs), 1 s at most, stop the thread and join it. Nothing when it was not started. */
void loop_stop(void);
/* What loop_start() gives libvirt to wait with (loop-events.c). 0, or -1 with errno. */
int loop_events_register(void);

/* ---- --trace ---- */
/* Tell each call to libvirt on stderr from here on. Initialises libvirt; before any other thread, for the same reason. 0, or -1 with errno or libvirt's
 * error. trace_stop() tells what is still to be told. */
int trace_start(void);
void trace_stop(void);

/* ---- signals ---- */
/* Install handlers: SIGINT, SIGWINCH, SIGTERM, SIGHUP; SIGPIPE is ignored. Children are waited for by whoever starts them. */
void signals_start(void);
/* SIGTSTP is caught, for who has the terminal in a mode of its own, or stops the process as ever. */
void signals_catch_stop(bool caught);
/* SIGINT, SIGTERM and SIGHUP end a read that waits (EINTR), or let it wait on. */
void signals_end_reads(bool end);
/* Readable when a signal came. poll() it; then signals_take(). */
int signals_fd(void);
/* What came since: bits. The descriptor is quiet again. */
enum { SIGNALS_INTERRUPT = 1, SIGNALS_RESIZE = 2, SIGNALS_QUIT = 4, SIGNALS_STOP = 8 };
unsigned int signals_take(void);
/* The exit status after SIGNALS_QUIT, as other shells have it: 128 and the number of the signal. */
int signals_quit_status(void);
/* A SIGINT, or a signal to end, has come and has not been taken yet; reads an atomic, nothing else (Lua's hook). */
bool signals_interrupted(void);
/* Back to default dispositions and an empty mask: in a child between fork and exec (async-signal-safe). */
void signals_child(void *unused);

/* ---- queues ---- */
/* A bounded queue of pointers from any thread to one reader that polls a descriptor. */
struct queue;
/* NULL with errno: out of descriptors. */
struct queue *queue_new(size_t limit, void (*free_item)(void *item));
/* Add. False: dropped or closed; the item is freed. Who pushes holds a reference, or knows that the queue outlives it. */
enum queue_manner {
    QUEUE_WAIT_LATER,   /* wait while it is full; the reader's poll does not end unless it is half full: rows, which the reader comes for every few
                         * milliseconds, or with the next item of another manner */
    QUEUE_WAIT,         /* wait while it is full, until closed */
    QUEUE_DROP,         /* when it is full drop the item, and count it */
    QUEUE_EVEN_FULL,    /* neither wait nor drop: what comes once */
};
bool queue_push(struct queue *queue, void *item, enum queue_manner manner);
/* The oldest item or NULL. Only the reader. */
void *queue_pop(struct queue *queue);
/* Readable while items are there (level triggered), but for those of QUEUE_WAIT_LATER; now and then once too often. */
int queue_fd(struct queue *queue);
/* Items dropped since the last call. */
size_t queue_dropped(struct queue *queue);
/* No more items: pushers are woken and fail. Items that are there stay to be popped. */
void queue_close(struct queue *queue);
struct queue *queue_ref(struct queue *queue);
void queue_unref(struct queue *queue);

/* ---- workers ---- */
/* One function run on a thread (threads are used again). All signals blocked, own GMainContext as thread default. NULL with errno when there
 * is none to be had. */
struct worker;
struct worker *worker_start(const char *name, void (*fn)(void *arg), void *arg);
/* The same for who does not wait for it. `last`, unless NULL, is called with the same argument when the thread is free for another job, so that who
 * is told by it and starts the next gets the same thread; it must not wait. 0, or -1 with errno: neither will be called. */
int worker_run(const char *name, void (*fn)(void *arg), void (*last)(void *arg), void *arg);
/* Wait until it ended, `timeout` milliseconds at most (-1: for ever); true: ended and freed, false: still running. */
bool worker_join(struct worker *worker, int timeout);
/* Never join it: it frees itself when it ends. */
void worker_abandon(struct worker *worker);

/* ---- deadlines ---- */
/* Milliseconds from now on the monotonic clock (the wall clock may jump), and a condition that pthread_cond_timedwait() measures by it. */
struct timespec deadline_after(int milliseconds);
void deadline_cond_init(pthread_cond_t *cond);

/* ---- wake-up ---- */
/* Wake from any thread or signal handler, poll on fd. 0 or -1 with errno. */
struct waker { int fd; };
int waker_init(struct waker *waker);
void waker_wake(struct waker *waker);
void waker_drain(struct waker *waker);
void waker_clear(struct waker *waker);

#endif
