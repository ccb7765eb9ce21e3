/* SPDX-License-Identifier: GPL-3.0-or-later */
/* call-services.c - how a call shows, asks, waits and works: the services of hvsh.h that go through the call's hooks or to threads. */
#include "config.h"
#include "call.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include "tty.h"
#include "types.h"
#include "util.h"

/* ---- results ------------------------------------------------------------------------------------------------------------ */

const struct shape *call_shape(hvsh_call *call, const struct hvsh_shape *shape)
{
    for (const struct shape *const *s = call->command->shapes; *s; s++)
        if ((*s)->key == shape)
            return *s;
    return NULL;
}

static const struct shape *declared_shape(hvsh_call *call, const struct hvsh_shape *shape)
{
    const struct shape *found = call_shape(call, shape);

    if (!found)
        hvsh_fail(call, "the tables of %s are wrong: shape '%s' is not declared", call->command->name, shape->name ? shape->name : "?");
    return found;
}

int call_emit(hvsh_call *call, const struct shape *shape, const void *row)
{
    if (call_given_up(call) || !call->hooks->emit || call->hooks->emit(call, shape, row) < 0) {
        call->cut = true;
        return -1;
    }
    /* the last words of a cancelled command are shown too, but it is told to end */
    if (!atomic_load(&call->cancelled))
        return 0;
    atomic_store(&call->heeded, true);
    return -1;
}

int hvsh_emit(hvsh_call *call, const struct hvsh_shape *shape, const void *row)
{
    const struct shape *found = declared_shape(call, shape);

    return found ? call_emit(call, found, row) : -1;
}

int hvsh_begin(hvsh_call *call, const struct hvsh_shape *shape)
{
    const struct shape *found = declared_shape(call, shape);

    if (!found || call_given_up(call))
        return -1;
    return call->hooks->begin ? call->hooks->begin(call, found) : 0;
}

bool hvsh_wants(hvsh_call *call, const struct hvsh_shape *shape, const char *name)
{
    const struct shape *found = call_shape(call, shape);
    const struct hvsh_field *const *field = found ? found->fields : NULL;
    hvsh_call *outermost = call;
    bool wanted;

    while (field && *field && strcmp((*field)->name, name) != 0)
        field++;
    if (!field || !*field)
        return false;
    while (outermost->parent)
        outermost = outermost->parent;
    /* what shows the rows is there until the call is given up */
    g_mutex_lock(&outermost->lock);
    wanted = !call_given_up(call) && (!call->hooks->wants || call->hooks->wants(call, found, *field));
    g_mutex_unlock(&outermost->lock);
    return wanted;
}

void hvsh_note(hvsh_call *call, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list list;

    if (call_given_up(call) || !call->hooks->note)
        return;
    va_start(list, format);
    text = g_strdup_vprintf(format, list);
    va_end(list);
    call->hooks->note(call, text);
}

void hvsh_progress(hvsh_call *call, const char *what, uint64_t done, uint64_t total)
{
    if (!call_given_up(call) && call->hooks->progress)
        call->hooks->progress(call, what, done, total);
}

/* ---- questions ------------------------------------------------------------------------------------------------------------- */

static void wipe_free(void *p)
{
    explicit_bzero(p, strlen(p));
    g_free(p);
}

const char *hvsh_ask(hvsh_call *call, const char *question, bool secret)
{
    char *answer = NULL;

    if (!call_given_up(call) && call->hooks->ask)
        answer = call->hooks->ask(call, question, secret);
    if (!answer) {
        hvsh_fail(call, atomic_load(&call->cancelled) ? "cancelled" : "there is no terminal to ask on: %s", question);
        return NULL;
    }
    return hvsh_defer(call, answer, wipe_free);
}

int hvsh_confirm(hvsh_call *call, const char *format, ...)
{
    g_autofree char *deed = NULL, *question = NULL, *answer = NULL;
    va_list list;

    va_start(list, format);
    deed = g_strdup_vprintf(format, list);
    va_end(list);
    if (call->dry_run) {
        hvsh_note(call, "would %s", deed);
        return 0;
    }
    if (call->yes)
        return 1;
    question = g_strdup_printf("Really %s? [y/N] ", deed);
    if (!call_given_up(call) && call->hooks->ask)
        answer = call->hooks->ask(call, question, false);
    if (!answer) {
        hvsh_fail(call, "nobody said yes to: %s", deed);
        return hvsh_hint(call, "--yes says it beforehand, --dry-run shows what would be done");
    }
    if (g_ascii_strcasecmp(answer, "y") == 0 || g_ascii_strcasecmp(answer, "yes") == 0)
        return 1;
    return hvsh_fail(call, "refused: %s", deed);
}

/* ---- waiting ------------------------------------------------------------------------------------------------------------------ */

bool hvsh_cancelled(hvsh_call *call)
{
    /* on the main thread nobody else is there to take the signal */
    if (call->on_main && !atomic_load(&call->cancelled) && signals_interrupted())
        call_cancel(call);
    for (hvsh_call *outer = call; outer; outer = outer->parent)
        if (atomic_load(&outer->cancelled) || atomic_load(&outer->orphan)) {
            for (; call; call = call->parent)
                atomic_store(&call->heeded, true);
            return true;
        }
    return false;
}

void hvsh_on_cancel(hvsh_call *call, void (*cancel)(void *arg), void *arg)
{
    bool late = cancel && hvsh_cancelled(call);

    g_rec_mutex_lock(&call->cancelling);
    call->on_cancel = cancel;
    call->on_cancel_arg = arg;
    call->on_cancel_told = cancel && (late || atomic_load(&call->cancelled));
    if (call->on_cancel_told)
        cancel(arg);
    g_rec_mutex_unlock(&call->cancelling);
}

/* Made when first needed: most commands never wait. */
static int need_waker(hvsh_call *call)
{
    int result = 0;

    g_mutex_lock(&call->lock);
    if (!call->waker_made) {
        result = waker_init(&call->waker);
        call->waker_made = result == 0;
    }
    g_mutex_unlock(&call->lock);
    return result;
}

/* On the main thread. Who started the call wants to know of them too. */
static void take_signals(hvsh_call *call)
{
    unsigned int came = signals_take();

    for (hvsh_call *outer = call; outer; outer = outer->parent)
        outer->signals |= came;
    if (came & (SIGNALS_INTERRUPT | SIGNALS_QUIT))
        call_cancel(call);
}

enum { MAX_POLLED = 16 };

int hvsh_wait(hvsh_call *call, struct pollfd *fds, unsigned int nfds, int timeout)
{
    struct pollfd polled[MAX_POLLED + 2];
    unsigned int own = nfds, count = nfds + 1;
    int64_t end = timeout < 0 ? 0 : g_get_monotonic_time() + (int64_t)timeout * 1000;

    if (nfds > MAX_POLLED)
        return hvsh_fail(call, "too many descriptors to wait for");
    if (need_waker(call) < 0)
        return hvsh_fail(call, "cannot wait: %s", g_strerror(errno));
    for (;;) {
        int left = -1, ready;

        if (hvsh_cancelled(call))
            return -1;
        if (timeout >= 0) {
            int64_t now = g_get_monotonic_time();

            left = now >= end ? 0 : (int)((end - now + 999) / 1000);
        }
        if (nfds)
            memcpy(polled, fds, nfds * sizeof(*fds));
        polled[own] = (struct pollfd){.fd = call->waker.fd, .events = POLLIN};
        if (call->on_main)
            polled[own + 1] = (struct pollfd){.fd = signals_fd(), .events = POLLIN}, count = nfds + 2;
        ready = poll(polled, count, left);
        if (ready < 0 && errno == EINTR)
            continue;
        if (nfds)
            memcpy(fds, polled, nfds * sizeof(*fds));
        if (polled[own].revents)
            waker_drain(&call->waker);
        if (ready > 0 && call->on_main && polled[own + 1].revents) {
            take_signals(call);
            ready--;
        }
        if (hvsh_cancelled(call))
            return -1;
        if (!ready && left != 0)
            continue;       /* a signal of no interest, or a little too early */
        return ready > 0 ? 1 : ready;
    }
}

void hvsh_wake(hvsh_call *call)
{
    if (need_waker(call) == 0)
        waker_wake(&call->waker);
}

/* ---- workers -------------------------------------------------------------------------------------------------------------------- */

/* What a worker and the call that waits for it share; the last one frees it. */
struct work {
    atomic_int refs;
    atomic_bool done;
    void (*fn)(void *arg);
    void (*release)(void *arg);
    void *arg;
    virErrorPtr error;
    hvsh_call *call;            /* a reference, so that the wake-up has somebody to go to */
};

static void work_unref(struct work *work)
{
    if (atomic_fetch_sub(&work->refs, 1) != 1)
        return;
    if (work->release)
        work->release(work->arg);
    if (work->error)
        virFreeError(work->error);
    call_unref(work->call);
    g_free(work);
}

static void work_main(void *p)
{
    struct work *work = p;

    work->fn(work->arg);
    work->error = virSaveLastError();
    atomic_store(&work->done, true);
    hvsh_wake(work->call);
    work_unref(work);
}

int hvsh_work(hvsh_call *call, void (*fn)(void *arg), void *arg, void (*release)(void *arg))
{
    return hvsh_work_within(call, fn, arg, release, -1);
}

int hvsh_work_within(hvsh_call *call, void (*fn)(void *arg), void *arg, void (*release)(void *arg), int timeout)
{
    int64_t end = g_get_monotonic_time() + (int64_t)timeout * 1000;
    struct work *work;

    if (need_waker(call) < 0) {
        if (release)
            release(arg);
        return hvsh_fail(call, "cannot start a worker: %s", g_strerror(errno));
    }
    work = g_new0(struct work, 1);
    atomic_init(&work->refs, 2);
    work->fn = fn;
    work->arg = arg;
    work->release = release;
    work->call = call_ref(call);
    if (worker_run("work", work_main, NULL, work) < 0) {
        atomic_store(&work->refs, 1);
        work_unref(work);
        return hvsh_fail(call, "cannot start a worker: %s", g_strerror(errno));
    }
    while (!atomic_load(&work->done)) {
        int64_t left = timeout < 0 ? -1 : MAX(0, (end - g_get_monotonic_time() + 999) / 1000);
        int ready = hvsh_wait(call, NULL, 0, (int)left);

        if ((ready < 0 || left == 0) && !atomic_load(&work->done)) {
            work_unref(work);
            return ready < 0 ? -1 : 1;
        }
    }
    g_clear_pointer(&call->kept_error, virFreeError);
    if (work->error && work->error->code != VIR_ERR_OK)
        call->kept_error = g_steal_pointer(&work->error);
    work_unref(work);
    return 0;
}

/* Fan-out: `width` workers take the next item each. */
struct fan {
    hvsh_call *call;
    void (*fn)(void *item);
    void **items;
    size_t count;
    atomic_size_t next;
};

static void fan_main(void *p)
{
    struct fan *fan = p;
    size_t i;

    while (!hvsh_cancelled(fan->call) && (i = atomic_fetch_add(&fan->next, 1)) < fan->count)
        fan->fn(fan->items[i]);
}

enum { QUICK_US = 3000 };

int hvsh_each(hvsh_call *call, void (*fn)(void *item), void **items, size_t count, unsigned int width)
{
    struct fan fan = {.call = call, .fn = fn, .items = items, .count = count};
    g_autofree struct worker **workers = NULL;
    unsigned int started = 0;
    size_t done = 0;

    /* as long as each is answered at once, threads cost more than they save: a daemon of this machine takes a fraction of QUICK. One slow
     * answer is a busy machine's, two in a row are a long line's. */
    for (unsigned int slow = 0; done < count && slow < 2 && !hvsh_cancelled(call); done++) {
        int64_t begun = g_get_monotonic_time();

        fn(items[done]);
        slow = g_get_monotonic_time() - begun < QUICK_US ? 0 : slow + 1;
    }
    atomic_init(&fan.next, done);
    if (width > count - done)
        width = (unsigned int)(count - done);
    workers = g_new0(struct worker *, width + 1);
    while (started < width && (workers[started] = worker_start("each", fan_main, &fan)))
        started++;
    if (!started)
        fan_main(&fan);
    /* the items are the caller's: nobody may still use them when this returns, cancelled or not */
    for (unsigned int i = 0; i < started; i++)
        worker_join(workers[i], -1);
    return hvsh_cancelled(call) ? -1 : 0;
}

int hvsh_runv(hvsh_call *call, const char *const words[])
{
    if (call_given_up(call) || !call->hooks->runv)
        return -1;
    return call->hooks->runv(call, words);
}

/* ---- completion --------------------------------------------------------------------------------------------------------------------- */

void hvsh_offer(hvsh_call *call, const char *word, const char *note)
{
    if (call->collected)
        g_ptr_array_add(call->collected, g_strdup(word));
    else if (call->hooks->offer)
        call->hooks->offer(call, word, note);
}

struct offering {
    hvsh_call *call;
    const char *start;
};

static void collect_name(const char *name, const char *note, void *arg)
{
    (void)note;
    g_ptr_array_add(arg, g_strdup(name));
}

/* To look for it takes a question: only for a person. */
bool call_hints_nearest(const hvsh_call *call)
{
    return !call->quiet_lookup && call->conn && tty_stderr() && !tty_plain;
}

void types_hint_nearest(hvsh_call *call, const struct hvsh_field *field, const char *text, const void *peer)
{
    g_autoptr(GPtrArray) names = NULL;
    const char *nearest;

    if (!call_hints_nearest(call))
        return;
    names = g_ptr_array_new_with_free_func(g_free);
    if (conn_names(call->conn, field->type->kind, 0, peer, collect_name, names) < 0)
        return;
    g_ptr_array_add(names, NULL);
    nearest = hvsh_nearest(text, (const char *const *)names->pdata);
    if (nearest)
        hvsh_hint(call, "did you mean '%s'?", nearest);
}

static void offer_name(const char *name, const char *note, void *arg)
{
    struct offering *offering = arg;

    if (g_str_has_prefix(name, offering->start))
        hvsh_offer(offering->call, name, note);
}

int call_offer(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    struct offering offering = {.call = call, .start = start};
    g_auto(GStrv) scopes = field->scope ? g_strsplit(field->scope, " ", -1) : NULL;
    const void *peer = NULL;

    if (field->offer)
        return field->offer(call, field, start);
    if (field->type->offer)
        return field->type->offer(call, field, start);
    if (field->type->kind < HVSH_KIND_DOMAIN || field->type->kind > HVSH_KIND_CONNECTION || !call->conn)
        return 0;
    for (char **scope = scopes; scope && *scope && !peer; scope++) {
        peer = hvsh_peer(call, *scope);
        peer = peer ? *(void *const *)peer : NULL;
    }
    /* a command that tells the name takes none */
    return conn_names(call->conn, field->type->kind, field->select | (!field->value || (field->value & HVSH_BY_NAME) ? 0 : CONN_BY_UUID), peer,
                      offer_name, &offering);
}

/* ---- the terminal ---------------------------------------------------------------------------------------------------------------------- */

int hvsh_raw_terminal(hvsh_call *call)
{
    if (tty_raw() < 0)
        return hvsh_fail(call, "standard input is no terminal");
    return 0;
}

void hvsh_restore_terminal(hvsh_call *call)
{
    (void)call;
    tty_restore();
}

const char *hvsh_version(void)
{
    return PACKAGE_VERSION;
}
