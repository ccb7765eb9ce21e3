/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * exec-run.c - running calls. A call that talks to a hypervisor runs on a thread of its own; its rows, notes and questions come to main as
 * messages of one bounded queue, and main sits in one poll: signals, messages. The first Ctrl-C cancels, a second one two seconds later
 * gives a call that hangs up: it keeps its own references, and the connection is opened anew. A call that still waits for its connection is
 * given up at the first one.
 */
#include "exec-run.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include "plugin.h"
#include "tty.h"
#include "util.h"

bool run_given_up;

enum { QUEUE_LIMIT = 1024, GRACE_MS = 2000, OPENING_MS = 200, COLLECT_MS = 50, MAX_NESTED = 32 };

/* ---- messages ------------------------------------------------------------------------------------------------------------ */

/* A question and its answer, shared by main and the thread that waits. */
struct question {
    atomic_int refs;
    GMutex lock;
    GCond answered;
    bool done;
    char *text;
    bool secret;
    char *answer;
};

static void question_unref(struct question *question)
{
    if (!question || atomic_fetch_sub(&question->refs, 1) != 1)
        return;
    g_mutex_clear(&question->lock);
    g_cond_clear(&question->answered);
    g_free(question->text);
    g_free(question->answer);
    g_free(question);
}

static void question_answer(struct question *question, char *answer)
{
    g_mutex_lock(&question->lock);
    question->answer = answer;
    question->done = true;
    g_cond_signal(&question->answered);
    g_mutex_unlock(&question->lock);
}

/* A command within another one that must run on main, for it owns the terminal; shared as a question is. */
struct errand {
    atomic_int refs;
    GMutex lock;
    GCond ended;
    bool done;
    hvsh_call *call;
    int status;
};

static void errand_unref(struct errand *errand)
{
    if (!errand || atomic_fetch_sub(&errand->refs, 1) != 1)
        return;
    g_mutex_clear(&errand->lock);
    g_cond_clear(&errand->ended);
    call_unref(errand->call);
    g_free(errand);
}

static void errand_end(struct errand *errand, int status)
{
    g_mutex_lock(&errand->lock);
    errand->status = status;
    errand->done = true;
    g_cond_signal(&errand->ended);
    g_mutex_unlock(&errand->lock);
}

enum message_kind { MESSAGE_BEGIN, MESSAGE_ROW, MESSAGE_NOTE, MESSAGE_PROGRESS, MESSAGE_ASK, MESSAGE_RUN, MESSAGE_DONE };

struct message {
    enum message_kind kind;
    unsigned int run;           /* index */
    const struct shape *shape;
    void *row;
    char *text;
    uint64_t done, total;
    struct question *question;
    struct errand *errand;
    int status;
};

static void message_free(void *p)
{
    struct message *message = p;

    if (message->row)
        row_free(message->shape->fields, message->row);
    if (message->question) {
        question_answer(message->question, NULL);
        question_unref(message->question);
    }
    if (message->errand) {
        errand_end(message->errand, 1);
        errand_unref(message->errand);
    }
    g_free(message->text);
    g_free(message);
}

/* Where a call's messages go; belongs to the call's thread. */
struct channel {
    struct queue *queue;
    unsigned int run;
    struct sink *sink;          /* asked for wanted columns only */
    int status;                 /* what the call ended with */
};

static void channel_free(void *p)
{
    struct channel *channel = p;

    queue_unref(channel->queue);
    g_free(channel);
}

static int send_as(const struct channel *channel, struct message message, enum queue_manner manner)
{
    struct message *copy = g_new(struct message, 1);

    *copy = message;
    copy->run = channel->run;
    return queue_push(channel->queue, copy, manner) ? 0 : -1;
}

static int send(hvsh_call *call, struct message message)
{
    return send_as(call->hooks_data, message, QUEUE_WAIT);
}

/* Rows come in crowds. */
static int send_later(hvsh_call *call, struct message message)
{
    return send_as(call->hooks_data, message, QUEUE_WAIT_LATER);
}

/* ---- hooks of a call on a command thread ------------------------------------------------------------------------------------- */

static int thread_begin(hvsh_call *call, const struct shape *shape)
{
    return send_later(call, (struct message){.kind = MESSAGE_BEGIN, .shape = shape});
}

static int thread_emit(hvsh_call *call, const struct shape *shape, const void *row)
{
    void *copy = row_copy(shape->fields, shape->def->size, row);

    return send_later(call, (struct message){.kind = MESSAGE_ROW, .shape = shape, .row = copy});
}

static void thread_note(hvsh_call *call, const char *text)
{
    send(call, (struct message){.kind = MESSAGE_NOTE, .text = g_strdup(text)});
}

static void thread_progress(hvsh_call *call, const char *what, uint64_t done, uint64_t total)
{
    send(call, (struct message){.kind = MESSAGE_PROGRESS, .text = g_strdup(what), .done = done, .total = total});
}

static char *thread_ask(hvsh_call *call, const char *text, bool secret)
{
    struct question *question = g_new0(struct question, 1);
    char *answer;

    atomic_init(&question->refs, 2);
    g_mutex_init(&question->lock);
    g_cond_init(&question->answered);
    question->text = g_strdup(text);
    question->secret = secret;
    /* when it cannot be sent, message_free() answers with NULL */
    send(call, (struct message){.kind = MESSAGE_ASK, .question = question});
    g_mutex_lock(&question->lock);
    while (!question->done)
        g_cond_wait(&question->answered, &question->lock);
    answer = g_steal_pointer(&question->answer);
    g_mutex_unlock(&question->lock);
    question_unref(question);
    return answer;
}

static bool thread_wants(hvsh_call *call, const struct shape *shape, const struct hvsh_field *field)
{
    struct channel *channel = call->hooks_data;

    return sink_wants(channel->sink, shape, field);
}

static int start_plugin(hvsh_call *call)
{
    return call->command->plugin ? plugin_start(call->command, call) : 0;
}

/* Main runs it, and this thread waits: console within install. */
static int run_on_main(hvsh_call *call, hvsh_call *nested)
{
    struct errand *errand = g_new0(struct errand, 1);
    int status;

    atomic_init(&errand->refs, 2);
    g_mutex_init(&errand->lock);
    g_cond_init(&errand->ended);
    errand->call = call_ref(nested);
    nested->parent = call;
    /* when it cannot be sent, message_free() ends it */
    send(call, (struct message){.kind = MESSAGE_RUN, .errand = errand});
    g_mutex_lock(&errand->lock);
    while (!errand->done)
        g_cond_wait(&errand->ended, &errand->lock);
    status = errand->status;
    g_mutex_unlock(&errand->lock);
    errand_unref(errand);
    return status;
}

/* Another command within this one, its rows going the same way; on the same thread, unless it owns the terminal. */
static int nested_runv(hvsh_call *call, const char *const words[])
{
    g_autofree char *error = NULL;
    GArray *matches;
    int status = 0, depth = 0;

    for (const hvsh_call *outer = call; outer; outer = outer->parent)
        depth++;
    if (depth > MAX_NESTED)
        return hvsh_fail(call, "%s: commands run each other more than %d deep", words[0], MAX_NESTED);
    matches = line_match_argv(words, plugin_lookup(), &error);
    if (!matches)
        return hvsh_fail(call, "%s", error);
    for (unsigned int i = 0; i < matches->len && status == 0; i++) {
        const struct match *match = &g_array_index(matches, struct match, i);
        hvsh_call *nested = call_new(match->command, match, call->conn);

        if (call_owns_terminal(nested)) {
            status = run_on_main(call, nested);
        } else {
            nested->hooks = call->hooks;
            nested->hooks_data = call->hooks_data;
            nested->on_main = call->on_main;
            nested->parent = call;
            nested->yes |= call->yes;
            nested->dry_run |= call->dry_run;
            g_mutex_lock(&call->lock);
            call->child = nested;
            g_mutex_unlock(&call->lock);
            status = call_run(nested);
            g_mutex_lock(&call->lock);
            call->child = NULL;
            g_mutex_unlock(&call->lock);
        }
        if (status && nested->failure.message) {
            failure_clear(&call->failure);
            call->failure = nested->failure;
            memset(&nested->failure, 0, sizeof(nested->failure));
        }
        /* and so is what it ends with, where that says more than that it failed */
        if (status && nested->status_set && !call->status_set)
            hvsh_exit(call, status);
        call_unref(nested);
    }
    line_free(matches);
    return status ? -1 : 0;
}

static const struct call_hooks thread_hooks = {
    .start = start_plugin,
    .begin = thread_begin,
    .emit = thread_emit,
    .note = thread_note,
    .progress = thread_progress,
    .ask = thread_ask,
    .wants = thread_wants,
    .runv = nested_runv,
};

/* ---- hooks of a call on main: the same without messages -------------------------------------------------------------------------- */

static char *main_question(const char *text, bool secret)
{
    out_bar_clear();
    return tty_ask(text, secret);
}

static int direct_begin(hvsh_call *call, const struct shape *shape)
{
    return sink_begin(call->hooks_data, shape);
}

static int direct_emit(hvsh_call *call, const struct shape *shape, const void *row)
{
    return sink_row(call->hooks_data, shape, row);
}

static void direct_note(hvsh_call *call, const char *text)
{
    (void)call;
    out_note(text);
}

static void direct_progress(hvsh_call *call, const char *what, uint64_t done, uint64_t total)
{
    sink_progress(call->hooks_data, what, done, total);
}

static char *direct_ask(hvsh_call *call, const char *text, bool secret)
{
    (void)call;
    return main_question(text, secret);
}

static bool direct_wants(hvsh_call *call, const struct shape *shape, const struct hvsh_field *field)
{
    return sink_wants(call->hooks_data, shape, field);
}

/* A command of main may run one that hangs: give it its own thread, and this sink. */
static int direct_runv(hvsh_call *call, const char *const words[])
{
    g_autofree char *error = NULL;
    GArray *matches = line_match_argv(words, plugin_lookup(), &error);
    int status = 0;

    if (!matches)
        return hvsh_fail(call, "%s", error);
    for (unsigned int i = 0; i < matches->len && status == 0; i++) {
        struct run run;

        run_prepare(&run, matches, i, call->hooks_data, call->conn);
        run.call->yes |= call->yes;
        run.call->dry_run |= call->dry_run;
        run_all(&run, 1);
        status = run.status;
        failure_clear(&call->failure);
        run_finish(&run, &call->failure);
    }
    line_free(matches);
    return status ? -1 : 0;
}

static const struct call_hooks direct_hooks = {
    .start = start_plugin,
    .begin = direct_begin,
    .emit = direct_emit,
    .note = direct_note,
    .progress = direct_progress,
    .ask = direct_ask,
    .wants = direct_wants,
    .runv = direct_runv,
};

bool run_silence(hvsh_call *call)
{
    if (call->hooks != &direct_hooks)
        return false;
    ((struct sink *)call->hooks_data)->silent = true;
    return true;
}

/* ---- start ---------------------------------------------------------------------------------------------------------------------------- */

static bool given_by_call(void *arg, const char *name)
{
    return hvsh_given(arg, name);
}

void run_prepare(struct run *run, GArray *matches, unsigned int index, struct sink *sink, struct conn *conn)
{
    const struct match *match = &g_array_index(matches, struct match, index);

    memset(run, 0, sizeof(*run));
    run->call = call_new(match->command, match, conn ? conn : conn_current());
    run->call->matches = g_array_ref(matches);
    run->call->yes |= exec_settings.yes;
    run->sink = sink;
}

const struct shape *run_primary(const struct run *run)
{
    const struct shape *const *shapes = run->call->command->shapes;

    return shapes[0];
}

/* What the shell itself brings and what owns the terminal runs on main; whatever may wait for others does not. */
static bool belongs_on_main(const hvsh_call *call)
{
    const struct hvsh_command *def = call->command->def;

    return call_owns_terminal(call) || (def->flags & HVSH_NO_CONNECTION && (!call->command->plugin || !call->command->plugin->path));
}

static void thread_main(void *p)
{
    hvsh_call *call = p;
    struct channel *channel = call->hooks_data;

    channel->status = call_run(call);
    call_finish(call);
}

/* The last message. Main does not wait for the thread behind it: nothing that may take a while is left to do. */
static void thread_ended(void *p)
{
    hvsh_call *call = p;
    struct channel *channel = call->hooks_data;

    call_unref(call);
    send_as(channel, (struct message){.kind = MESSAGE_DONE, .status = channel->status}, QUEUE_EVEN_FULL);
    channel_free(channel);
}

/* What is written next does not stand behind the terminal's ^C. */
static void end_interrupted_line(unsigned int came)
{
    if (came & SIGNALS_INTERRUPT && exec_settings.interactive && tty_stderr() && !tty_plain)
        fputc('\n', stderr);
}

static void note_signals(unsigned int came)
{
    if (came & SIGNALS_QUIT)
        exec_quit = true, exec_quit_status = signals_quit_status();
    if (came & (SIGNALS_INTERRUPT | SIGNALS_QUIT))
        exec_interrupted = true;
}

void run_note_signals(void)
{
    note_signals(signals_take());
}

static void start(struct run *run, unsigned int index, struct queue *queue)
{
    hvsh_call *call = run->call;
    unsigned int came;

    run->sink->given = given_by_call;
    run->sink->given_arg = call;
    if (belongs_on_main(call)) {
        call->hooks = &direct_hooks;
        call->hooks_data = run->sink;
        call->on_main = true;
        note_signals(signals_take());
        run->status = call_run(call);
        tty_restore();
        /* hvsh_cancelled() only looks: a Ctrl-C that this command has had is not the prompt's too */
        came = signals_take() | call->signals;
        note_signals(came);
        if (call->failure.message)
            end_interrupted_line(came);
        run->done = true;
        return;
    }
    call->hooks = &thread_hooks;
    /* libvirt before the first other thread; not before it is needed, for `echo` and `help` need it not */
    if (queue && loop_start() == 0) {
        struct channel *channel = g_new0(struct channel, 1);

        channel->queue = queue_ref(queue);
        channel->run = index;
        channel->sink = run->sink;
        call->hooks_data = channel;
        if (worker_run(call->command->name, thread_main, thread_ended, call_ref(call)) == 0)
            return;
        channel_free(channel);
        call_unref(call);
    }
    run->done = true;
    run->status = 1;
    hvsh_fail(call, "cannot start a thread for %s: %s", call->command->name, g_strerror(errno));
}

/* ---- serve ------------------------------------------------------------------------------------------------------------------------------- */

struct serving {
    struct run *runs;
    size_t n, open;             /* open: not done yet */
    struct queue *queue;
    int64_t cancelled;          /* when the first Ctrl-C came; 0: not */
    bool told, insisted;        /* that it can be pressed again; that it has been */
};

static void cancel_main(void *p)
{
    call_cancel(p);
    call_unref(p);
}

/* Cancel hooks may call libvirt: not on main. */
static void cancel_all(struct serving *serving)
{
    serving->cancelled = g_get_monotonic_time();
    for (size_t i = 0; i < serving->n; i++) {
        if (serving->runs[i].done)
            continue;
        atomic_store(&serving->runs[i].call->cancelled, true);
        if (worker_run("cancel", cancel_main, NULL, call_ref(serving->runs[i].call)) < 0)
            call_unref(serving->runs[i].call);
    }
}

static void give_up(struct serving *serving)
{
    for (size_t i = 0; i < serving->n; i++) {
        struct run *run = &serving->runs[i];

        if (run->done)
            continue;
        run->opening = call_opening(run->call);
        if (run->opening)
            conn_forget(run->opening);
        call_give_up(run->call);
        run->given_up = run->done = true;
        run->status = 130;
        serving->open--;
        if (run->call->conn)
            conn_forget(run->call->conn);
    }
    queue_close(serving->queue);
    run_given_up = true;
}

/* Do all that are not done wait for a connection? Then nothing has begun, and there is no need to wait with them. */
static bool all_opening(const struct serving *serving)
{
    for (size_t i = 0; i < serving->n; i++)
        if (!serving->runs[i].done && (atomic_load(&serving->runs[i].call->must_undo) || !call_opening(serving->runs[i].call)))
            return false;
    return true;
}

static bool cancelled_since(const struct serving *serving, int milliseconds)
{
    return serving->cancelled && g_get_monotonic_time() - serving->cancelled >= milliseconds * 1000;
}

static void take_signals(struct serving *serving)
{
    unsigned int came = signals_take();
    bool grace_over = cancelled_since(serving, GRACE_MS);

    note_signals(came);
    if (!(came & (SIGNALS_INTERRUPT | SIGNALS_QUIT)))
        return;
    end_interrupted_line(came);
    if (!serving->cancelled)
        cancel_all(serving);
    else if (grace_over)
        give_up(serving);
    else
        serving->insisted = true;
}

/* A person's session; a batch on standard input, which virsh takes for one, has nobody to press a key again. */
static bool at_prompt(void)
{
    return exec_settings.interactive && exec_settings.prompt_syntax;
}

/* Two seconds after Ctrl-C: at the prompt say how to go on, but to who has pressed it again already; in a script end it. */
static void grace_is_over(struct serving *serving)
{
    bool must_undo = false;

    for (size_t i = 0; i < serving->n; i++)
        must_undo = must_undo || (!serving->runs[i].done && atomic_load(&serving->runs[i].call->must_undo));
    if (must_undo) {
        /* what was made is being taken back: only a person may cut that short */
        if (!serving->told)
            out_note("Taking back what was done; press Ctrl-C again to leave it as it is.");
        serving->told = true;
    } else if (!at_prompt() || exec_quit || serving->insisted) {
        give_up(serving);
    } else if (!serving->told) {
        serving->told = true;
        out_note("It has not ended yet; press Ctrl-C again to wait no longer.");
    }
}

static void handle(struct serving *serving, struct message *message)
{
    struct run *run = &serving->runs[message->run];

    if (run->done)
        return;
    switch (message->kind) {
    case MESSAGE_BEGIN:
        sink_begin(run->sink, message->shape);
        break;
    case MESSAGE_ROW:
        /* nobody reads any more (a closed pipe): no need to go on */
        if (sink_row(run->sink, message->shape, message->row) < 0 && !serving->cancelled)
            cancel_all(serving);
        break;
    case MESSAGE_NOTE:
        out_note(message->text);
        break;
    case MESSAGE_PROGRESS:
        sink_progress(run->sink, message->text, message->done, message->total);
        break;
    case MESSAGE_ASK: {
        char *answer;

        errno = 0;
        answer = main_question(message->question->text, message->question->secret);
        if (!answer && errno == EINTR && !serving->cancelled)
            cancel_all(serving);
        question_answer(message->question, answer);
        question_unref(g_steal_pointer(&message->question));
        break;
    }
    case MESSAGE_RUN: {
        hvsh_call *nested = message->errand->call;
        int status;

        out_bar_clear();
        nested->hooks = &direct_hooks;
        nested->hooks_data = run->sink;
        nested->on_main = true;
        nested->yes |= run->call->yes;
        nested->dry_run |= run->call->dry_run;
        signals_take();
        status = call_run(nested);
        tty_restore();
        errand_end(message->errand, status);
        errand_unref(g_steal_pointer(&message->errand));
        if ((signals_take() | nested->signals) & SIGNALS_QUIT) {
            note_signals(SIGNALS_QUIT);
            cancel_all(serving);
        }
        break;
    }
    case MESSAGE_DONE:
        run->status = message->status;
        run->done = true;
        serving->open--;
        break;
    }
}

static void serve(struct serving *serving)
{
    while (serving->open) {
        struct pollfd fds[2] = {{.fd = signals_fd(), .events = POLLIN}, {.fd = queue_fd(serving->queue), .events = POLLIN}};
        struct message *message;

        poll(fds, 2, COLLECT_MS);
        if (!serving->told && cancelled_since(serving, GRACE_MS))
            grace_is_over(serving);
        else if (cancelled_since(serving, OPENING_MS) && all_opening(serving))
            give_up(serving);
        if (fds[0].revents)
            take_signals(serving);
        while (serving->open && (message = queue_pop(serving->queue))) {
            handle(serving, message);
            message_free(message);
        }
    }
}

void run_all(struct run *runs, size_t n)
{
    static int depth;
    struct serving serving = {.runs = runs, .n = n};

    /* an alias that runs itself by `time` or `watch` has no end of its own */
    if (depth == MAX_NESTED) {
        for (size_t i = 0; i < n; i++)
            runs[i].status = hvsh_fail(runs[i].call, "%s: commands run each other more than %d deep", runs[i].call->command->name, MAX_NESTED) ? 1 : 0;
        return;
    }
    depth++;
    for (size_t i = 0; i < n; i++)
        if (!belongs_on_main(runs[i].call) && !serving.queue)
            serving.queue = queue_new(QUEUE_LIMIT, message_free);
    for (size_t i = 0; i < n; i++) {
        start(&runs[i], (unsigned int)i, serving.queue);
        serving.open += !runs[i].done;
    }
    serve(&serving);
    if (serving.queue) {
        queue_close(serving.queue);
        queue_unref(serving.queue);
    }
    depth--;
}

void run_finish(struct run *run, struct failure *failure)
{
    if (failure)
        memset(failure, 0, sizeof(*failure));
    if (failure && run->given_up && run->opening) {
        g_autofree char *uri = conn_real_uri(run->opening);

        failure->message = g_string_new(NULL);
        g_string_printf(failure->message, "gave up connecting to %s", uri ? uri : "the hypervisor");
    } else if (failure && run->given_up) {
        failure->message = g_string_new(NULL);
        g_string_printf(failure->message, "gave up waiting for %s", run->call->command->name);
        failure->hint = g_strdup_printf("what it had begun may still go on at the host%s",
                                        at_prompt() ? "; the connection will be opened anew" : "");
    } else if (failure && run->status) {
        *failure = run->call->failure;
        memset(&run->call->failure, 0, sizeof(run->call->failure));
    }
    exec_heeded = !run->status && atomic_load(&run->call->heeded);
    if (!run->given_up && run->call->on_main)
        call_finish(run->call);
    call_unref(run->call);
    run->call = NULL;
}
