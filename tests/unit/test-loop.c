/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads: the loop starts and stops, queues are bounded, workers can be waited for with a limit, signals make a descriptor readable. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>
#include <libvirt/libvirt.h>
#include "loop.h"

static bool readable(int fd, int timeout)
{
    struct pollfd pollfd = { .fd = fd, .events = POLLIN };

    return poll(&pollfd, 1, timeout) == 1;
}

/* ---- loop ---- */

static atomic_int ticks;
static struct waker ticked;

static void tick(int timer, void *unused)
{
    (void)unused;
    virEventRemoveTimeout(timer);
    atomic_fetch_add(&ticks, 1);
    waker_wake(&ticked);
}

static void freed(void *opaque)
{
    atomic_fetch_add((atomic_int *)opaque, 1);
}

static void test_loop(void **state)
{
    static atomic_int freecbs;

    (void)state;
    assert_int_equal(waker_init(&ticked), 0);
    for (int round = 1; round <= 2; round++) {
        assert_int_equal(loop_start(), 0);
        assert_int_equal(loop_start(), 0);
        assert_non_null(g_main_context_get_thread_default());
        assert_true(virEventAddTimeout(0, tick, &freecbs, freed) >= 0);
        assert_true(readable(ticked.fd, 5000));
        waker_drain(&ticked);
        loop_stop();
        /* the freecb had been put off by libvirt and was run before the thread ended */
        assert_int_equal(atomic_load(&ticks), round);
        assert_int_equal(atomic_load(&freecbs), round);
        assert_null(g_main_context_get_thread_default());
        loop_stop();
    }
    waker_clear(&ticked);
}

/* ---- what libvirt waits for ---- */

static atomic_int told, told_other;

static atomic_int other_freed;

static void freed_other(void *opaque)
{
    (void)opaque;
    atomic_fetch_add(&other_freed, 1);
}

static void take_byte(int watch, int fd, int events, void *counter)
{
    char byte;

    (void)watch;
    if (events & VIR_EVENT_HANDLE_READABLE && read(fd, &byte, 1) == 1)
        atomic_fetch_add((atomic_int *)counter, 1);
    waker_wake(&ticked);
}

static void count_tick(int timer, void *unused)
{
    (void)timer;
    (void)unused;
    atomic_fetch_add(&ticks, 1);
    waker_wake(&ticked);
}

/* Wait until the counter, moved on the loop's thread, is at least that. */
static bool reaches(atomic_int *counter, int least)
{
    for (int i = 0; i < 500 && atomic_load(counter) < least; i++)
        readable(ticked.fd, 10), waker_drain(&ticked);
    return atomic_load(counter) >= least;
}

static void test_watches(void **state)
{
    static atomic_int freecbs;
    int pipe_fds[2], handle, twice, timer;

    (void)state;
    assert_int_equal(waker_init(&ticked), 0);
    assert_int_equal(pipe(pipe_fds), 0);
    assert_int_equal(loop_start(), 0);
    handle = virEventAddHandle(pipe_fds[0], VIR_EVENT_HANDLE_READABLE, take_byte, &told, NULL);
    assert_true(handle >= 0);
    assert_int_equal(write(pipe_fds[1], "1", 1), 1);
    assert_true(reaches(&told, 1));
    /* not asked for: not told, until it is again */
    virEventUpdateHandle(handle, 0);
    assert_int_equal(write(pipe_fds[1], "2", 1), 1);
    g_usleep(30000);
    assert_int_equal(atomic_load(&told), 1);
    virEventUpdateHandle(handle, VIR_EVENT_HANDLE_READABLE);
    assert_true(reaches(&told, 2));
    /* the same descriptor for two */
    twice = virEventAddHandle(pipe_fds[0], VIR_EVENT_HANDLE_READABLE, take_byte, &told_other, freed_other);
    assert_true(twice >= 0);
    assert_int_equal(virEventRemoveHandle(handle), 0);
    assert_int_equal(virEventRemoveHandle(handle), -1);
    assert_int_equal(write(pipe_fds[1], "3", 1), 1);
    assert_true(reaches(&told_other, 1));
    assert_int_equal(virEventRemoveHandle(twice), 0);
    assert_int_equal(virEventAddHandle(-1, VIR_EVENT_HANDLE_READABLE, take_byte, NULL, NULL), -1);
    /* a timer that is off, then comes again and again, then is off */
    atomic_store(&ticks, 0);
    timer = virEventAddTimeout(-1, count_tick, &freecbs, freed);
    assert_true(timer >= 0);
    g_usleep(30000);
    assert_int_equal(atomic_load(&ticks), 0);
    virEventUpdateTimeout(timer, 1);
    assert_true(reaches(&ticks, 3));
    virEventUpdateTimeout(timer, 0);
    assert_true(reaches(&ticks, 10));
    assert_int_equal(virEventRemoveTimeout(timer), 0);
    assert_int_equal(virEventRemoveTimeout(timer), -1);
    loop_stop();
    assert_int_equal(atomic_load(&freecbs), 1);
    assert_int_equal(atomic_load(&other_freed), 1);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    waker_clear(&ticked);
}

/* ---- queues ---- */

static int items_freed;

static void free_item(void *item)
{
    (void)item;
    items_freed++;
}

static void test_queue_drops(void **state)
{
    struct queue *queue = queue_new(3, free_item);
    int items[5];

    (void)state;
    items_freed = 0;
    assert_false(readable(queue_fd(queue), 0));
    for (int i = 0; i < 5; i++)
        assert_int_equal(queue_push(queue, &items[i], QUEUE_DROP), i < 3);
    assert_int_equal(items_freed, 2);
    assert_int_equal(queue_dropped(queue), 2);
    assert_int_equal(queue_dropped(queue), 0);
    for (int i = 0; i < 3; i++) {
        assert_true(readable(queue_fd(queue), 0));
        assert_ptr_equal(queue_pop(queue), &items[i]);
    }
    assert_false(readable(queue_fd(queue), 0));
    assert_null(queue_pop(queue));

    /* what comes later wakes nobody until there is much of it; what comes once is taken by a full queue too */
    assert_true(queue_push(queue, &items[0], QUEUE_WAIT_LATER));
    assert_false(readable(queue_fd(queue), 0));
    assert_true(queue_push(queue, &items[1], QUEUE_WAIT_LATER));
    assert_true(readable(queue_fd(queue), 0));
    assert_true(queue_push(queue, &items[2], QUEUE_WAIT_LATER));
    assert_true(queue_push(queue, &items[3], QUEUE_EVEN_FULL));
    assert_int_equal(queue_dropped(queue), 0);
    for (int i = 0; i < 4; i++)
        assert_ptr_equal(queue_pop(queue), &items[i]);
    assert_false(readable(queue_fd(queue), 0));
    assert_true(queue_push(queue, &items[4], QUEUE_EVEN_FULL));
    assert_true(readable(queue_fd(queue), 0));
    assert_ptr_equal(queue_pop(queue), &items[4]);

    /* closed: what is there stays, nothing comes in; the last reference frees what is left */
    assert_true(queue_push(queue, &items[0], QUEUE_WAIT));
    assert_true(queue_push(queue, &items[1], QUEUE_WAIT));
    queue_close(queue);
    assert_false(queue_push(queue, &items[2], QUEUE_WAIT));
    assert_int_equal(queue_dropped(queue), 0);
    assert_int_equal(items_freed, 3);
    assert_ptr_equal(queue_pop(queue), &items[0]);
    queue_ref(queue);
    queue_unref(queue);
    assert_int_equal(items_freed, 3);
    queue_unref(queue);
    assert_int_equal(items_freed, 4);
    queue_unref(NULL);
}

enum { MANY = 2000 };

static void push_many(void *arg)
{
    struct queue *queue = arg;

    for (uintptr_t i = 1; i <= MANY; i++)
        if (!queue_push(queue, (void *)i, QUEUE_WAIT))
            return;
}

static void test_queue_waits(void **state)
{
    struct queue *queue = queue_new(4, NULL);
    struct worker *worker = worker_start("push", push_many, queue);

    (void)state;
    for (uintptr_t i = 1; i <= MANY; i++) {
        void *item;

        /* it may be readable once too often */
        do
            assert_true(readable(queue_fd(queue), 5000));
        while (!(item = queue_pop(queue)));
        assert_int_equal((uintptr_t)item, i);
    }
    assert_true(worker_join(worker, -1));
    assert_null(queue_pop(queue));
    assert_int_equal(queue_dropped(queue), 0);

    /* a pusher that waits in vain is freed by closing */
    worker = worker_start("push", push_many, queue);
    assert_false(worker_join(worker, 50));
    queue_close(queue);
    assert_true(worker_join(worker, 5000));
    queue_unref(queue);
}

/* ---- workers ---- */

struct errand {
    pthread_mutex_t lock;       /* held by the test: the worker waits */
    bool blocked, own_context;
    atomic_bool done;
};

static void errand_run(void *arg)
{
    struct errand *errand = arg;
    sigset_t mask;

    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    errand->blocked = sigismember(&mask, SIGINT) && sigismember(&mask, SIGTERM) && sigismember(&mask, SIGWINCH) && sigismember(&mask, SIGCHLD);
    errand->own_context = g_main_context_get_thread_default() != NULL;
    pthread_mutex_lock(&errand->lock);
    pthread_mutex_unlock(&errand->lock);
    atomic_store(&errand->done, true);
}

static void test_worker(void **state)
{
    struct errand errand = { .lock = PTHREAD_MUTEX_INITIALIZER };
    struct worker *worker;
    sigset_t mask;

    (void)state;
    pthread_mutex_lock(&errand.lock);
    worker = worker_start("a name that is longer than fifteen", errand_run, &errand);
    assert_false(worker_join(worker, 0));
    assert_false(worker_join(worker, 50));
    pthread_mutex_unlock(&errand.lock);
    assert_true(worker_join(worker, -1));
    assert_true(errand.blocked && errand.own_context && atomic_load(&errand.done));
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    assert_false(sigismember(&mask, SIGINT));

    /* abandoned before and after it has ended */
    atomic_store(&errand.done, false);
    pthread_mutex_lock(&errand.lock);
    worker_abandon(worker_start("orphan", errand_run, &errand));
    pthread_mutex_unlock(&errand.lock);
    for (int i = 0; i < 500 && !atomic_load(&errand.done); i++)
        g_usleep(10000);
    assert_true(atomic_load(&errand.done));
    worker = worker_start("orphan", errand_run, &errand);
    g_usleep(50000);
    worker_abandon(worker);
    g_usleep(50000);
}

struct shift {
    pthread_t thread;
    bool done, behind;
    struct waker told;
};

static void shift_run(void *arg)
{
    struct shift *shift = arg;

    shift->thread = pthread_self();
    shift->done = true;
}

static void shift_tell(void *arg)
{
    struct shift *shift = arg;

    shift->behind = shift->done && pthread_equal(shift->thread, pthread_self());
    waker_wake(&shift->told);
}

/* Who is told of the end and has the next job at once gets the same thread. */
static void test_worker_again(void **state)
{
    struct shift shift = { .done = false };
    pthread_t first;

    (void)state;
    assert_int_equal(waker_init(&shift.told), 0);
    for (int i = 0; i < 500; i++) {
        shift.done = shift.behind = false;
        assert_int_equal(worker_run("shift", shift_run, shift_tell, &shift), 0);
        assert_true(readable(shift.told.fd, 5000));
        waker_drain(&shift.told);
        assert_true(shift.behind);
        if (i == 0)
            first = shift.thread;
        assert_true(pthread_equal(first, shift.thread));
    }
    waker_clear(&shift.told);
}

/* ---- signals ---- */

static void test_signals(void **state)
{
    int status;
    pid_t child;

    (void)state;
    assert_int_equal(signals_fd(), -1);
    assert_int_equal(signals_take(), 0);
    /* the tests may have been started in the background, where what is ignored stays ignored */
    signal(SIGINT, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    signals_start();
    signals_start();
    assert_false(readable(signals_fd(), 0));
    assert_false(signals_interrupted());
    raise(SIGINT);
    raise(SIGINT);
    raise(SIGWINCH);
    raise(SIGPIPE);
    assert_true(readable(signals_fd(), 0));
    assert_true(signals_interrupted());
    assert_int_equal(signals_take(), SIGNALS_INTERRUPT | SIGNALS_RESIZE);
    assert_false(signals_interrupted());
    assert_false(readable(signals_fd(), 0));
    raise(SIGTERM);
    assert_int_equal(signals_take(), SIGNALS_QUIT);
    raise(SIGHUP);
    assert_int_equal(signals_take(), SIGNALS_QUIT);
    /* however many come, nobody waits */
    for (int i = 0; i < 70000; i++)
        raise(SIGWINCH);
    assert_int_equal(signals_take(), SIGNALS_RESIZE);
    assert_false(readable(signals_fd(), 0));

    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signals_child(NULL);
        raise(SIGINT);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loop), cmocka_unit_test(test_watches), cmocka_unit_test(test_queue_drops), cmocka_unit_test(test_queue_waits),
        cmocka_unit_test(test_worker), cmocka_unit_test(test_worker_again), cmocka_unit_test(test_signals),
    };

    alarm(60);
    return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
