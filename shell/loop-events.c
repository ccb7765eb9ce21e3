/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loop-events.c - what libvirt's event loop waits for: one epoll set, which is one source of GLib's default main context.
 *
 * Each call over a socket takes the socket out of the loop and puts it back, and moves the keepalive's timer. With a GLib source for each, that
 * wakes the loop's thread some six times a call, which takes a third of the call's time. In an epoll set a change is one system call and wakes nobody;
 * timers are descriptors in the same set.
 */
#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <libvirt/libvirt.h>

/* A descriptor or a timer. Its call-backs run on the loop's thread only. */
struct watch {
    int id;
    int fd;                     /* as libvirt knows it; -1: a timer */
    int polled;                 /* what is in the set: the same, a duplicate when it is there twice, or the timer's own */
    int events;                 /* VIR_EVENT_HANDLE_*; of a timer: is it set? */
    int frequency;              /* of a timer, milliseconds; 0: whenever the loop comes round, -1: not at all */
    bool in_set;
    union {
        virEventHandleCallback handle;
        virEventTimeoutCallback timeout;
    } call;
    void *opaque;
    virFreeCallback free_opaque;
};

static struct {
    pthread_mutex_t lock;
    int set;
    int last_id;
    GHashTable *watches;        /* id to struct watch */
} events = { .lock = PTHREAD_MUTEX_INITIALIZER, .set = -1 };

static void watch_free(void *p)
{
    struct watch *watch = p;

    if (watch->polled >= 0 && watch->polled != watch->fd)
        close(watch->polled);
    g_free(watch);
}

/* With the lock held: make the set what the watch says. A descriptor without events must be out of it: a hang-up would be told all the same. */
static int watch_place(struct watch *watch)
{
    struct epoll_event event = { .data.u64 = (uint64_t)watch->id };

    if (watch->events & VIR_EVENT_HANDLE_READABLE)
        event.events |= EPOLLIN;
    if (watch->events & VIR_EVENT_HANDLE_WRITABLE)
        event.events |= EPOLLOUT;
    if (!watch->events) {
        if (watch->in_set)
            epoll_ctl(events.set, EPOLL_CTL_DEL, watch->polled, &event);
        watch->in_set = false;
        return 0;
    }
    if (watch->in_set)
        return epoll_ctl(events.set, EPOLL_CTL_MOD, watch->polled, &event);
    if (epoll_ctl(events.set, EPOLL_CTL_ADD, watch->polled, &event) < 0) {
        int copy;

        if (errno != EEXIST || watch->polled != watch->fd || (copy = fcntl(watch->fd, F_DUPFD_CLOEXEC, 0)) < 0)
            return -1;
        watch->polled = copy;
        if (epoll_ctl(events.set, EPOLL_CTL_ADD, copy, &event) < 0)
            return -1;
    }
    watch->in_set = true;
    return 0;
}

static void timer_arm(const struct watch *watch)
{
    struct itimerspec when = { .it_value.tv_nsec = watch->frequency == 0 };

    if (watch->frequency > 0) {
        when.it_value.tv_sec = watch->frequency / 1000;
        when.it_value.tv_nsec = (long)(watch->frequency % 1000) * 1000000;
        when.it_interval = when.it_value;
    }
    timerfd_settime(watch->polled, 0, &when, NULL);
}

static int add(struct watch *watch)
{
    int id = -1;

    pthread_mutex_lock(&events.lock);
    watch->id = ++events.last_id;
    if (watch_place(watch) == 0) {
        id = watch->id;
        g_hash_table_insert(events.watches, GINT_TO_POINTER(id), watch);
    }
    pthread_mutex_unlock(&events.lock);
    if (id < 0)
        watch_free(watch);
    return id;
}

struct release { virFreeCallback free_opaque; void *opaque; };

static gboolean release_now(void *p)
{
    struct release *release = p;

    release->free_opaque(release->opaque);
    return G_SOURCE_REMOVE;
}

/* Take it out. What it points to is freed by the loop: whoever removes may hold locks that freeing takes, and the call-back may be running. */
static int take_out(int id)
{
    struct watch *watch;

    pthread_mutex_lock(&events.lock);
    watch = g_hash_table_lookup(events.watches, GINT_TO_POINTER(id));
    if (watch) {
        g_hash_table_remove(events.watches, GINT_TO_POINTER(id));
        watch->events = 0;
        watch_place(watch);
    }
    pthread_mutex_unlock(&events.lock);
    if (!watch)
        return -1;
    if (watch->free_opaque) {
        g_autoptr(GSource) idle = g_idle_source_new();
        struct release *release = g_new(struct release, 1);

        release->free_opaque = watch->free_opaque;
        release->opaque = watch->opaque;
        g_source_set_priority(idle, G_PRIORITY_DEFAULT);
        g_source_set_callback(idle, release_now, release, g_free);
        g_source_attach(idle, NULL);
    }
    watch_free(watch);
    return 0;
}

/* ---- what libvirt calls ---- */

static int add_handle(int fd, int wanted, virEventHandleCallback call, void *opaque, virFreeCallback free_opaque)
{
    struct watch *watch = g_new0(struct watch, 1);

    watch->fd = watch->polled = fd;
    watch->events = wanted;
    watch->call.handle = call;
    watch->opaque = opaque;
    watch->free_opaque = free_opaque;
    return add(watch);
}

static void update_handle(int id, int wanted)
{
    struct watch *watch;

    pthread_mutex_lock(&events.lock);
    watch = g_hash_table_lookup(events.watches, GINT_TO_POINTER(id));
    if (watch && watch->events != wanted) {
        watch->events = wanted;
        watch_place(watch);
    }
    pthread_mutex_unlock(&events.lock);
}

static int add_timeout(int frequency, virEventTimeoutCallback call, void *opaque, virFreeCallback free_opaque)
{
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    struct watch *watch;

    if (timer < 0)
        return -1;
    watch = g_new0(struct watch, 1);
    watch->fd = -1;
    watch->polled = timer;
    watch->events = VIR_EVENT_HANDLE_READABLE;
    watch->frequency = frequency;
    watch->call.timeout = call;
    watch->opaque = opaque;
    watch->free_opaque = free_opaque;
    timer_arm(watch);
    return add(watch);
}

static void update_timeout(int id, int frequency)
{
    struct watch *watch;

    pthread_mutex_lock(&events.lock);
    watch = g_hash_table_lookup(events.watches, GINT_TO_POINTER(id));
    if (watch) {
        watch->frequency = frequency;
        timer_arm(watch);
    }
    pthread_mutex_unlock(&events.lock);
}

/* ---- what the loop does ---- */

static int happened(uint32_t bits)
{
    return (bits & EPOLLIN ? VIR_EVENT_HANDLE_READABLE : 0) | (bits & EPOLLOUT ? VIR_EVENT_HANDLE_WRITABLE : 0) |
           (bits & EPOLLERR ? VIR_EVENT_HANDLE_ERROR : 0) | (bits & EPOLLHUP ? VIR_EVENT_HANDLE_HANGUP : 0);
}

/* One event. Between the set's answer and now another thread may have changed or removed the watch. */
static void tell(int id, uint32_t bits)
{
    struct watch copy = { .events = 0 };
    const struct watch *watch;
    uint64_t expired;

    pthread_mutex_lock(&events.lock);
    watch = g_hash_table_lookup(events.watches, GINT_TO_POINTER(id));
    if (watch)
        copy = *watch;
    if (watch && watch->fd < 0) {
        /* nothing to read: it was set anew meanwhile */
        if (watch->frequency < 0 || read(watch->polled, &expired, sizeof(expired)) < 0)
            copy.events = 0;
        else if (watch->frequency == 0)
            timer_arm(watch);
    }
    pthread_mutex_unlock(&events.lock);
    if (!copy.events)
        return;
    if (copy.fd < 0)
        copy.call.timeout(id, copy.opaque);
    else
        copy.call.handle(id, copy.fd, happened(bits), copy.opaque);
}

static gboolean dispatch(int fd, GIOCondition condition, void *unused)
{
    struct epoll_event came[16];
    int n = epoll_wait(fd, came, G_N_ELEMENTS(came), 0);

    (void)condition;
    (void)unused;
    for (int i = 0; i < n; i++)
        tell((int)came[i].data.u64, came[i].events);
    return G_SOURCE_CONTINUE;
}

int loop_events_register(void)
{
    g_autoptr(GSource) source = NULL;

    events.set = epoll_create1(EPOLL_CLOEXEC);
    if (events.set < 0)
        return -1;
    events.watches = g_hash_table_new(g_direct_hash, g_direct_equal);
    source = g_unix_fd_source_new(events.set, G_IO_IN);
    g_source_set_callback(source, G_SOURCE_FUNC(dispatch), NULL, NULL);
    g_source_attach(source, NULL);
    virEventRegisterImpl(add_handle, update_handle, take_out, add_timeout, update_timeout, take_out);
    return 0;
}
