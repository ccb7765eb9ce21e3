/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loop.c - threads: libvirt's event loop thread, workers, bounded queues, signals.
 *
 * Locks are pthread's, not GLib's, so that valgrind's and the compiler's race checkers see them.
 */
#include "loop.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <libxml/parser.h>

enum { STOP_TIMEOUT = 1000 };   /* milliseconds in which freecbs must be done at exit */

/* ---- time and threads ---- */

void deadline_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attr);
    pthread_condattr_destroy(&attr);
}

struct timespec deadline_after(int milliseconds)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += milliseconds / 1000;
    at.tv_nsec += (long)(milliseconds % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

static bool deadline_passed(const struct timespec *at)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec > at->tv_sec || (now.tv_sec == at->tv_sec && now.tv_nsec >= at->tv_nsec);
}

/* Start a thread that no signal reaches: they are main's. */
static int thread_start(pthread_t *thread, void *(*fn)(void *arg), void *arg)
{
    sigset_t all, before;
    int error;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(thread, NULL, fn, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error) {
        errno = error;
        return -1;
    }
    return 0;
}

/* ---- wake-up ---- */

int waker_init(struct waker *waker)
{
    waker->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return waker->fd < 0 ? -1 : 0;
}

/* Async-signal-safe. A counter that is full is as good as one that is one higher. */
void waker_wake(struct waker *waker)
{
    const uint64_t one = 1;

    while (write(waker->fd, &one, sizeof(one)) < 0 && errno == EINTR)
        ;
}

void waker_drain(struct waker *waker)
{
    uint64_t count;

    while (read(waker->fd, &count, sizeof(count)) < 0 && errno == EINTR)
        ;
}

void waker_clear(struct waker *waker)
{
    if (waker->fd >= 0)
        close(waker->fd);
    waker->fd = -1;
}

/* ---- libvirt's event loop ---- */

static struct {
    pthread_mutex_t lock;
    pthread_t thread;
    bool registered, running;
    bool own_context;           /* the starter got a context of its own from us ... */
    pthread_t starter;          /* ... and only it can give it back */
    atomic_bool stopping;
} loop = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void *loop_run(void *unused)
{
    struct timespec deadline;

    (void)unused;
    pthread_setname_np(pthread_self(), "events");
    while (!atomic_load(&loop.stopping))
        if (virEventRunDefaultImpl() < 0)
            g_usleep(10000);

    /* freecbs are run from idle sources of the default context */
    deadline = deadline_after(STOP_TIMEOUT);
    while (g_main_context_pending(NULL) && !deadline_passed(&deadline))
        virEventRunDefaultImpl();
    return NULL;
}

static void ignore_error(void *unused, virErrorPtr error)
{
    (void)unused;
    (void)error;
}

/*
 * Initialise libvirt quietly. It would print each error by itself, and a driver that runs within the process (embedded) its log. The log's place can be set by the
 * environment alone, which is read once; it is put back for our children. Whoever asks for a log gets it.
 */
static int initialise(void)
{
    static const char name[] = "LIBVIRT_LOG_OUTPUTS";
    int result;
    bool wanted = getenv(name) || getenv("LIBVIRT_DEBUG") || getenv("LIBVIRT_LOG_FILTERS");

    LIBXML_TEST_VERSION;        /* it too wants to be ready before the first other thread */
    virSetErrorFunc(NULL, ignore_error);
    if (!wanted)
        setenv(name, "4:file:/dev/null", 1);
    result = virInitialize();
    if (!wanted)
        unsetenv(name);
    return result;
}

int loop_start(void)
{
    int result = 0;

    pthread_mutex_lock(&loop.lock);
    if (loop.running)
        goto done;
    if (!loop.registered) {
        if (initialise() < 0 || loop_events_register() < 0) {
            result = -1;
            goto done;
        }
        loop.registered = true;
    }
    atomic_store(&loop.stopping, false);
    if (thread_start(&loop.thread, loop_run, NULL) < 0) {
        result = -1;
        goto done;
    }
    loop.running = true;
    if (!g_main_context_get_thread_default()) {
        g_autoptr(GMainContext) context = g_main_context_new();

        g_main_context_push_thread_default(context);
        loop.own_context = true;
        loop.starter = pthread_self();
    }
done:
    pthread_mutex_unlock(&loop.lock);
    return result;
}

void loop_stop(void)
{
    pthread_mutex_lock(&loop.lock);
    if (loop.running) {
        atomic_store(&loop.stopping, true);
        g_main_context_wakeup(NULL);    /* remembered when the loop is not in its poll just now */
        pthread_join(loop.thread, NULL);
        loop.running = false;
        if (loop.own_context && pthread_equal(loop.starter, pthread_self())) {
            g_main_context_pop_thread_default(g_main_context_get_thread_default());
            loop.own_context = false;
        }
    }
    pthread_mutex_unlock(&loop.lock);
}

/* ---- signals ---- */

static struct waker signal_waker = { -1 };
static atomic_uint signal_bits;
static atomic_int quit_number;          /* the signal behind SIGNALS_QUIT */

static const struct {
    int number;
    unsigned int bit;
} handled_signals[] = {
    { SIGINT, SIGNALS_INTERRUPT }, { SIGWINCH, SIGNALS_RESIZE }, { SIGTERM, SIGNALS_QUIT }, { SIGHUP, SIGNALS_QUIT },
    { SIGTSTP, SIGNALS_STOP },
};

static void signal_handler(int number)
{
    int saved = errno;

    for (size_t i = 0; i < G_N_ELEMENTS(handled_signals); i++)
        if (handled_signals[i].number == number) {
            if (handled_signals[i].bit == SIGNALS_QUIT)
                atomic_store(&quit_number, number);
            atomic_fetch_or(&signal_bits, handled_signals[i].bit);
        }
    waker_wake(&signal_waker);
    errno = saved;
}

void signals_start(void)
{
    struct sigaction action = { .sa_handler = signal_handler, .sa_flags = SA_RESTART }, before;

    if (signal_waker.fd >= 0)
        return;
    if (waker_init(&signal_waker) < 0)
        g_error("cannot make a descriptor for signals: %s", g_strerror(errno));
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < G_N_ELEMENTS(handled_signals); i++) {
        int number = handled_signals[i].number;

        if (number == SIGTSTP)          /* only where signals_catch_stop() says so */
            continue;
        /* what nohup or a background job ignores stays ignored */
        if (sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_IGN && number != SIGWINCH)
            continue;
        sigaction(number, &action, NULL);
    }
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

void signals_catch_stop(bool caught)
{
    struct sigaction action = { .sa_handler = caught ? signal_handler : SIG_DFL, .sa_flags = SA_RESTART }, before;

    sigemptyset(&action.sa_mask);
    if (sigaction(SIGTSTP, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(SIGTSTP, &action, NULL);
}

void signals_end_reads(bool end)
{
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction action;

    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        if (sigaction(numbers[i], NULL, &action) < 0 || action.sa_handler != signal_handler)
            continue;
        action.sa_flags = end ? 0 : SA_RESTART;
        sigaction(numbers[i], &action, NULL);
    }
}

int signals_fd(void)
{
    return signal_waker.fd;
}

unsigned int signals_take(void)
{
    if (signal_waker.fd >= 0)
        waker_drain(&signal_waker);     /* first: what comes between the two is only seen once too often */
    return atomic_exchange(&signal_bits, 0);
}

int signals_quit_status(void)
{
    return 128 + atomic_load(&quit_number);
}

bool signals_interrupted(void)
{
    return atomic_load_explicit(&signal_bits, memory_order_relaxed) & (SIGNALS_INTERRUPT | SIGNALS_QUIT);
}

void signals_child(void *unused)
{
    struct sigaction standard = { .sa_handler = SIG_DFL }, now;
    sigset_t none;

    (void)unused;
    sigemptyset(&standard.sa_mask);
    for (size_t i = 0; i < G_N_ELEMENTS(handled_signals); i++)
        if (sigaction(handled_signals[i].number, NULL, &now) == 0 && now.sa_handler != SIG_IGN)
            sigaction(handled_signals[i].number, &standard, NULL);
    sigaction(SIGPIPE, &standard, NULL);
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
}

/* ---- queues ---- */

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t space;
    GQueue items;
    size_t limit, dropped;
    unsigned int refs;
    bool closed;
    bool woken;                 /* the waker is readable, or about to be */
    struct waker waker;
    void (*free_item)(void *item);
};

struct queue *queue_new(size_t limit, void (*free_item)(void *item))
{
    struct queue *queue = g_new0(struct queue, 1);

    if (waker_init(&queue->waker) < 0) {
        g_free(queue);
        return NULL;
    }
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->space, NULL);
    g_queue_init(&queue->items);
    queue->limit = limit ? limit : 1;
    queue->free_item = free_item;
    queue->refs = 1;
    return queue;
}

bool queue_push(struct queue *queue, void *item, enum queue_manner manner)
{
    bool taken = false, wake = false;

    pthread_mutex_lock(&queue->lock);
    while (manner <= QUEUE_WAIT && !queue->closed && queue->items.length >= queue->limit)
        pthread_cond_wait(&queue->space, &queue->lock);
    if (!queue->closed && (manner == QUEUE_EVEN_FULL || queue->items.length < queue->limit)) {
        g_queue_push_tail(&queue->items, item);
        wake = !queue->woken && (manner != QUEUE_WAIT_LATER || queue->items.length > queue->limit / 2);
        queue->woken |= wake;
        taken = true;
    } else if (!queue->closed) {
        queue->dropped++;
    }
    pthread_mutex_unlock(&queue->lock);
    /* not before: the reader would be awake only to wait for the lock */
    if (wake)
        waker_wake(&queue->waker);
    if (!taken && queue->free_item)
        queue->free_item(item);
    return taken;
}

void *queue_pop(struct queue *queue)
{
    void *item;

    pthread_mutex_lock(&queue->lock);
    item = g_queue_pop_head(&queue->items);
    /* woken without an item: a pusher came late with its wake-up, the item was taken before */
    if (queue->items.length == 0 && (queue->woken || !item)) {
        waker_drain(&queue->waker);
        queue->woken = false;
    }
    pthread_cond_signal(&queue->space);
    pthread_mutex_unlock(&queue->lock);
    return item;
}

int queue_fd(struct queue *queue)
{
    return queue->waker.fd;
}

size_t queue_dropped(struct queue *queue)
{
    size_t dropped;

    pthread_mutex_lock(&queue->lock);
    dropped = queue->dropped;
    queue->dropped = 0;
    pthread_mutex_unlock(&queue->lock);
    return dropped;
}

void queue_close(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    pthread_cond_broadcast(&queue->space);
    pthread_mutex_unlock(&queue->lock);
}

struct queue *queue_ref(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->refs++;
    pthread_mutex_unlock(&queue->lock);
    return queue;
}

void queue_unref(struct queue *queue)
{
    unsigned int left;
    void *item;

    if (!queue)
        return;
    pthread_mutex_lock(&queue->lock);
    left = --queue->refs;
    pthread_mutex_unlock(&queue->lock);
    if (left)
        return;
    while ((item = g_queue_pop_head(&queue->items)))
        if (queue->free_item)
            queue->free_item(item);
    waker_clear(&queue->waker);
    pthread_cond_destroy(&queue->space);
    pthread_mutex_destroy(&queue->lock);
    g_free(queue);
}

/* ---- workers ---- */

/*
 * Threads are not started for each worker: one that has nothing to do any more waits a while for the next (a batch of a thousand commands
 * needs one). A worker is only the job; all of the threads are detached.
 */
struct worker {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool ended, abandoned;      /* whichever comes last frees */
    void (*fn)(void *arg);
    void (*last)(void *arg);    /* once the thread is free for another, or NULL */
    void *arg;
    char name[16];
};

/* A thread: it runs its job, then stands in the list of the idle ones until the next. */
struct hand {
    pthread_cond_t wanted;
    struct worker *job;
    struct hand *next;          /* of the idle ones */
    char name[16];              /* what the thread is called */
    void (*last)(void *arg);    /* what is still to be called for its last job, or NULL */
    void *arg;
};

enum { MOST_IDLE = 4 };

static struct {
    pthread_mutex_t lock;
    struct hand *idle;
    unsigned int count;         /* of the idle ones */
} crew = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void worker_free(struct worker *worker)
{
    pthread_cond_destroy(&worker->changed);
    pthread_mutex_destroy(&worker->lock);
    g_free(worker);
}

static void run_job(struct hand *hand)
{
    struct worker *worker = hand->job;
    bool abandoned;

    hand->last = worker->last;
    hand->arg = worker->arg;
    if (strcmp(hand->name, worker->name) != 0)
        pthread_setname_np(pthread_self(), strcpy(hand->name, worker->name));
    worker->fn(worker->arg);
    virResetLastError();
    pthread_mutex_lock(&worker->lock);
    worker->ended = true;
    abandoned = worker->abandoned;
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
    if (abandoned)
        worker_free(worker);
}

/* Wait for another job. False: there are enough that wait. Those that wait still when the process ends touch nothing then. */
static bool next_job(struct hand *hand)
{
    bool more;

    pthread_mutex_lock(&crew.lock);
    more = crew.count < MOST_IDLE;
    if (more) {
        hand->job = NULL;
        hand->next = crew.idle;
        crew.idle = hand;
        crew.count++;
    }
    pthread_mutex_unlock(&crew.lock);
    if (hand->last)
        hand->last(hand->arg);
    if (!more)
        return false;
    pthread_mutex_lock(&crew.lock);
    while (!hand->job)
        pthread_cond_wait(&hand->wanted, &crew.lock);
    pthread_mutex_unlock(&crew.lock);
    return true;
}

static void *hand_run(void *arg)
{
    struct hand *hand = arg;
    GMainContext *context = g_main_context_new();

    g_main_context_push_thread_default(context);
    do
        run_job(hand);
    while (next_job(hand));
    g_main_context_pop_thread_default(context);
    g_main_context_unref(context);
    pthread_cond_destroy(&hand->wanted);
    g_free(hand);
    return NULL;
}

/* Give the job to one that waits. False: nobody does. */
static bool give_job(struct worker *worker)
{
    struct hand *hand;

    pthread_mutex_lock(&crew.lock);
    hand = crew.idle;
    if (hand) {
        crew.idle = hand->next;
        crew.count--;
        hand->job = worker;
        pthread_cond_signal(&hand->wanted);
    }
    pthread_mutex_unlock(&crew.lock);
    return hand != NULL;
}

static struct worker *start(const char *name, void (*fn)(void *arg), void (*last)(void *arg), void *arg, bool abandoned)
{
    struct worker *worker = g_new0(struct worker, 1);
    struct hand *hand;
    pthread_t thread;
    int error;

    pthread_mutex_init(&worker->lock, NULL);
    deadline_cond_init(&worker->changed);
    worker->fn = fn;
    worker->last = last;
    worker->arg = arg;
    worker->abandoned = abandoned;
    g_strlcpy(worker->name, name, sizeof(worker->name));
    if (give_job(worker))
        return worker;
    hand = g_new0(struct hand, 1);
    pthread_cond_init(&hand->wanted, NULL);
    hand->job = worker;
    if (thread_start(&thread, hand_run, hand) < 0) {
        error = errno;
        pthread_cond_destroy(&hand->wanted);
        g_free(hand);
        worker_free(worker);
        errno = error;
        return NULL;
    }
    pthread_detach(thread);
    return worker;
}

struct worker *worker_start(const char *name, void (*fn)(void *arg), void *arg)
{
    return start(name, fn, NULL, arg, false);
}

int worker_run(const char *name, void (*fn)(void *arg), void (*last)(void *arg), void *arg)
{
    return start(name, fn, last, arg, true) ? 0 : -1;
}

bool worker_join(struct worker *worker, int timeout)
{
    struct timespec deadline = deadline_after(timeout < 0 ? 0 : timeout);
    int error = 0;
    bool ended;

    pthread_mutex_lock(&worker->lock);
    while (!worker->ended && !error)
        error = timeout < 0 ? pthread_cond_wait(&worker->changed, &worker->lock)
                            : pthread_cond_timedwait(&worker->changed, &worker->lock, &deadline);
    ended = worker->ended;
    pthread_mutex_unlock(&worker->lock);
    if (ended)
        worker_free(worker);
    return ended;
}

void worker_abandon(struct worker *worker)
{
    bool ended;

    pthread_mutex_lock(&worker->lock);
    worker->abandoned = true;
    ended = worker->ended;
    pthread_mutex_unlock(&worker->lock);
    if (ended)
        worker_free(worker);
}
