/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * call.c - one command in progress: its arguments (check, resolve), its way through `run`, what it owns. How it waits and asks is in
 * call-services.c, how it fails in call-failure.c.
 */
#include "call.h"

#include <stdlib.h>
#include <string.h>
#include "types.h"
#include "util.h"

enum { STATE_GIVEN = 1, STATE_RESOLVED = 2, STATE_RESOLVING = 4 };

struct deferred {
    void *p;
    void (*free_it)(void *p);
};

struct undo_step {
    int (*undo)(hvsh_call *call, void *arg);
    void *arg;
    char *what;
};

static void undo_step_free(void *p)
{
    struct undo_step *step = p;

    g_free(step->what);
    g_free(step);
}

/* ---- life ------------------------------------------------------------------------------------------------------------ */

hvsh_call *call_new(const struct command *command, const struct match *match, struct conn *conn)
{
    hvsh_call *call = g_new0(hvsh_call, 1);

    atomic_init(&call->refs, 1);
    call->command = command->real;
    call->match = match;
    call->conn = conn;
    call->args = g_malloc0(command->real->def->args_size ? command->real->def->args_size : 1);
    call->deferred = g_ptr_array_new_with_free_func(g_free);
    call->undo = g_ptr_array_new_with_free_func(undo_step_free);
    g_mutex_init(&call->lock);
    g_rec_mutex_init(&call->cancelling);
    if (match) {
        call->given_words = g_array_ref(match->given);
        call->yes = match->yes;
        call->dry_run = match->dry_run;
    } else {
        call->given_words = g_array_new(FALSE, TRUE, sizeof(struct given));
    }
    for (unsigned int i = 0; i < call->given_words->len; i++)
        call->state[g_array_index(call->given_words, struct given, i).field] |= STATE_GIVEN;
    return call;
}

hvsh_call *call_ref(hvsh_call *call)
{
    atomic_fetch_add(&call->refs, 1);
    return call;
}

void call_unref(hvsh_call *call)
{
    if (!call || atomic_fetch_sub(&call->refs, 1) != 1)
        return;
    call_finish(call);
    failure_clear(&call->failure);
    g_array_unref(call->given_words);
    line_free(call->matches);
    g_ptr_array_unref(call->deferred);
    g_ptr_array_unref(call->undo);
    if (call->waker_made)
        waker_clear(&call->waker);
    g_mutex_clear(&call->lock);
    g_rec_mutex_clear(&call->cancelling);
    g_free(call->args);
    g_free(call);
}

/* Frees what `run` was given and what it deferred; the failure stays to be told. */
void call_finish(hvsh_call *call)
{
    while (call->deferred->len) {
        struct deferred *deferred = g_ptr_array_steal_index(call->deferred, call->deferred->len - 1);

        deferred->free_it(deferred->p);
        g_free(deferred);
    }
    /* not twice: a command that is made for one call may be gone when the last reference to that goes */
    for (unsigned int i = 0; call->resolved && i < call->command->nargs; i++) {
        const struct hvsh_field *field = call->command->args[i];

        if (call->state[i] & STATE_RESOLVED)
            field_clear(field, (char *)call->args + field->offset);
        call->state[i] &= STATE_GIVEN;
    }
    call->resolved = false;
    g_clear_pointer(&call->kept_error, virFreeError);
    if (call->connect)
        virConnectClose(call->connect);
    call->connect = NULL;
}

/* ---- arguments ---------------------------------------------------------------------------------------------------------- */

int call_field(hvsh_call *call, const char *name)
{
    for (unsigned int i = 0; i < call->command->nargs; i++)
        if (strcmp(call->command->args[i]->name, name) == 0)
            return (int)i;
    return -1;
}

bool call_owns_terminal(const hvsh_call *call)
{
    bool owns = call->command->def->flags & HVSH_TERMINAL;

    for (unsigned int i = 0; i < call->command->nargs; i++)
        owns = owns || (call->state[i] & STATE_GIVEN && call->command->args[i]->flags & HVSH_AT_TERMINAL);
    return owns;
}

bool hvsh_given(hvsh_call *call, const char *name)
{
    int index = call_field(call, name);

    return index >= 0 && call->state[index] & STATE_GIVEN;
}

/* The next text given for an argument, from word *at on, which moves behind it; NULL: no more. */
static const char *next_text(hvsh_call *call, unsigned int index, unsigned int *at)
{
    while (*at < call->given_words->len) {
        const struct given *given = &g_array_index(call->given_words, struct given, (*at)++);

        if (given->field == index)
            return given->text ? given->text : "";
    }
    return NULL;
}

const char *hvsh_text(hvsh_call *call, const char *name)
{
    int index = call_field(call, name);
    const char *first, *text;
    unsigned int at = 0;
    GString *joined;

    if (index < 0)
        return NULL;
    if (!(call->state[index] & STATE_GIVEN))
        return call->command->args[index]->fallback;
    first = next_text(call, (unsigned int)index, &at);
    text = next_text(call, (unsigned int)index, &at);
    if (!text)
        return first;
    joined = g_string_new(first);
    for (; text; text = next_text(call, (unsigned int)index, &at))
        g_string_append_printf(joined, " %s", text);
    return hvsh_defer(call, g_string_free(joined, FALSE), g_free);
}

/* The first of the names (separated by blanks) that was given; NULL: none. */
static const char *first_given(hvsh_call *call, const char *names)
{
    g_auto(GStrv) list = g_strsplit(names, " ", -1);

    for (char **name = list; *name; name++)
        if (hvsh_given(call, *name))
            return call->command->args[call_field(call, *name)]->name;
    return NULL;
}

/* Is the rule broken? Then the sentence that virsh has for it, or the rule's own. */
static bool rule_broken(hvsh_call *call, const struct hvsh_field *rule)
{
    const char *a = rule->name, *b = first_given(call, rule->other);
    bool given = hvsh_given(call, a);
    const char *format;

    switch (rule->type->kind) {
    case HVSH_KIND_EXCLUDES:
        if (!given || !b)
            return false;
        format = "Options --%s and --%s are mutually exclusive";
        break;
    case HVSH_KIND_REQUIRES:
        if (!given || b)
            return false;
        format = "Option --%s is required by option --%s";
        a = rule->other;
        b = rule->name;
        break;
    default:
        if (given || b)
            return false;
        format = "Either --%s or --%s must be provided";
        b = rule->other;
        break;
    }
    if (rule->help)
        hvsh_fail(call, "%s", rule->help);
    else
        hvsh_fail(call, format, a, b);
    return true;
}

int call_check(hvsh_call *call)
{
    for (unsigned int i = 0; call->command->rules[i]; i++)
        if (rule_broken(call, call->command->rules[i]))
            return -1;
    return 0;
}

/* Was another row of the same flags word given? */
static bool sibling_given(hvsh_call *call, const struct hvsh_field *field)
{
    for (unsigned int i = 0; i < call->command->nargs; i++)
        if (call->command->args[i]->type->kind == HVSH_KIND_BIT && call->command->args[i]->offset == field->offset &&
            call->state[i] & STATE_GIVEN)
            return true;
    return false;
}

int call_parse(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    if (!*text && !(field->flags & (HVSH_EMPTY_OK | HVSH_LIST)) && !type_is_number(field))
        return hvsh_fail(call, "Failed to get option '%s': Option argument is empty", field->name);
    if (field->type->kind == HVSH_KIND_XML && *text == '<' && call->match && call->match->inline_xml) {
        *(char **)value = g_strdup(text);
        return 0;
    }
    return field->type->parse(call, field, text, value);
}

/* Texts into the array of a list; what was parsed before a failure is in the list, to be freed with it. */
static int parse_list(hvsh_call *call, const struct hvsh_field *field, unsigned int index, void *value)
{
    HVSH_LIST_OF(char) *list = value;
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    const char *text;
    unsigned int at = 0;

    while ((text = next_text(call, index, &at))) {
        if (field->flags & HVSH_COMMA && !*text && !(field->flags & HVSH_EMPTY_OK))
            return hvsh_fail(call, "Failed to get option '%s': Option argument is empty", field->name);
        if (field->flags & HVSH_COMMA) {
            char **parts = g_strsplit(text, ",", -1);

            for (char **part = parts; *part; part++)
                g_ptr_array_add(texts, *part);
            g_free(parts);
        } else {
            g_ptr_array_add(texts, g_strdup(text));
        }
    }
    list->items = g_malloc0_n(texts->len ? texts->len : 1, field->type->size);
    for (unsigned int i = 0; i < texts->len; i++) {
        list->count = i + 1;
        if (call_parse(call, field, texts->pdata[i], list->items + i * field->type->size) < 0)
            return -1;
    }
    return 0;
}

static int resolve_value(hvsh_call *call, unsigned int index)
{
    const struct hvsh_field *field = call->command->args[index];
    void *value = (char *)call->args + field->offset;
    bool given = call->state[index] & STATE_GIVEN;
    const char *text;

    switch (field->type->kind) {
    case HVSH_KIND_BIT:
        if (given || (field->fallback && !sibling_given(call, field)))
            *(unsigned int *)value |= (unsigned int)field->value;
        return 0;
    case HVSH_KIND_FLAG:
        *(bool *)value = given;
        return 0;
    default:
        break;
    }
    if (field->flags & HVSH_LIST)
        return given ? parse_list(call, field, index, value) : 0;
    text = given ? next_text(call, index, &(unsigned int){0}) : field->fallback;
    if (!text && field->flags & HVSH_REQUIRED && field->flags & HVSH_SECRET) {
        text = hvsh_ask(call, hvsh_printf(call, "Enter %s: ", field->name), true);
        if (!text)
            return -1;
    }
    return text ? call_parse(call, field, text, value) : 0;
}

int call_resolve_field(hvsh_call *call, unsigned int index)
{
    int result;

    if (call->state[index] & STATE_RESOLVED)
        return 0;
    if (call->state[index] & STATE_RESOLVING)
        return hvsh_fail(call, "the tables of %s are wrong: --%s depends on itself", call->command->name, call->command->args[index]->name);
    call->state[index] |= STATE_RESOLVING;
    call->resolved = true;
    result = resolve_value(call, index);
    call->state[index] &= (unsigned char)~STATE_RESOLVING;
    /* a list may hold values even when a later one failed: clear it all the same */
    call->state[index] |= STATE_RESOLVED;
    return result;
}

int call_resolve(hvsh_call *call)
{
    for (unsigned int i = 0; i < call->command->nargs; i++)
        if (call_resolve_field(call, i) < 0)
            return -1;
    return 0;
}

const void *hvsh_peer(hvsh_call *call, const char *name)
{
    int index = call_field(call, name);
    const struct hvsh_field *field;

    if (index < 0)
        return NULL;
    field = call->command->args[index];
    if (!(call->state[index] & STATE_GIVEN) && !field->fallback)
        return NULL;
    if (call_resolve_field(call, (unsigned int)index) < 0)
        return NULL;
    return (char *)call->args + field->offset;
}

/* One given argument as a typed parameter, in libvirt's unit (a size in .unit). */
static int add_param(const struct hvsh_field *field, const void *value, virTypedParameterPtr *params, int *count, int *max)
{
    const char *name = field->param;
    uint64_t unit;

    switch (field->type->kind) {
    case HVSH_KIND_FLAG:
    case HVSH_KIND_BIT:
        return virTypedParamsAddBoolean(params, count, max, name, 1);
    case HVSH_KIND_INT:
    case HVSH_KIND_ENUM:
        return virTypedParamsAddInt(params, count, max, name, *(const int *)value);
    case HVSH_KIND_UINT:
        return virTypedParamsAddUInt(params, count, max, name, *(const unsigned int *)value);
    case HVSH_KIND_INT64:
    case HVSH_KIND_TIME:
        return virTypedParamsAddLLong(params, count, max, name, *(const int64_t *)value);
    case HVSH_KIND_SIZE:
        unit = field->unit ? unit_bytes(field->unit) : 1;
        return virTypedParamsAddULLong(params, count, max, name, *(const uint64_t *)value / (unit ? unit : 1));
    case HVSH_KIND_UINT64:
    case HVSH_KIND_BANDWIDTH:
    case HVSH_KIND_DURATION:
        return virTypedParamsAddULLong(params, count, max, name, *(const uint64_t *)value);
    case HVSH_KIND_REAL:
    case HVSH_KIND_PERCENT:
        return virTypedParamsAddDouble(params, count, max, name, *(const double *)value);
    default:
        return virTypedParamsAddString(params, count, max, name, *(const char *const *)value);
    }
}

struct owned_params {
    virTypedParameterPtr items;
    int count;
};

static void owned_params_free(void *p)
{
    struct owned_params *owned = p;

    virTypedParamsFree(owned->items, owned->count);
    g_free(owned);
}

int hvsh_params(hvsh_call *call, virTypedParameterPtr *params, int *count)
{
    struct owned_params *owned = hvsh_defer(call, g_new0(struct owned_params, 1), owned_params_free);
    int max = 0;

    for (unsigned int i = 0; i < call->command->nargs; i++) {
        const struct hvsh_field *field = call->command->args[i];
        const char *value = (const char *)call->args + field->offset;

        if (!field->param || !(call->state[i] & STATE_GIVEN))
            continue;
        if (field->flags & HVSH_LIST) {
            const HVSH_LIST_OF(char) *list = (const void *)value;

            for (size_t n = 0; n < list->count; n++)
                if (add_param(field, list->items + n * field->type->size, &owned->items, &owned->count, &max) < 0)
                    return hvsh_fail_libvirt(call);
        } else if (add_param(field, value, &owned->items, &owned->count, &max) < 0) {
            return hvsh_fail_libvirt(call);
        }
    }
    *params = owned->items;
    *count = owned->count;
    return 0;
}

bool hvsh_dry_run(hvsh_call *call)
{
    return call->dry_run;
}

/* ---- connection -------------------------------------------------------------------------------------------------------------- */

static char *ask_for_connection(void *arg, const char *question, bool secret)
{
    hvsh_call *call = arg;
    g_autofree char *answer = call->hooks->ask ? call->hooks->ask(call, question, secret) : NULL;

    return answer ? strdup(answer) : NULL;    /* libvirt's side frees it with free() */
}

static virConnectPtr open_conn(hvsh_call *call, struct conn *conn, bool *reopened, char **hint)
{
    const struct conn_asker asker = {.ask = ask_for_connection, .arg = call};
    virConnectPtr connect;

    atomic_store(&call->opening, conn);
    connect = conn_get(conn, call->quiet_lookup ? NULL : &asker, reopened, hint);
    atomic_store(&call->opening, NULL);
    return connect;
}

struct conn *call_opening(hvsh_call *call)
{
    struct conn *conn;

    g_mutex_lock(&call->lock);
    conn = call->child ? call_opening(call->child) : atomic_load(&call->opening);
    g_mutex_unlock(&call->lock);
    return conn;
}

static void ask_anything(void *connect)
{
    unsigned long version;

    virConnectGetLibVersion(connect, &version);
}

static void let_go(void *connect)
{
    virConnectClose(connect);
}

int call_host_answers(hvsh_call *call)
{
    enum { PATIENCE = 2000 };
    int result;

    virConnectRef(call->connect);
    result = hvsh_work_within(call, ask_anything, call->connect, let_go, PATIENCE);
    if (result == 1) {
        call->hooks->note(call, "The host does not answer; press Ctrl-C to wait no longer.");
        virConnectRef(call->connect);
        result = hvsh_work(call, ask_anything, call->connect, let_go);
    }
    /* whatever it answered: what was to be asked gets the same */
    g_clear_pointer(&call->kept_error, virFreeError);
    if (result == 0)
        return 0;
    conn_forget(call->conn);
    return hvsh_fail(call, "gave up waiting for the host");
}

int call_connect(hvsh_call *call)
{
    g_autofree char *hint = NULL;
    bool reopened = false;

    if (call->connect)
        return 0;
    if (!call->conn)
        return hvsh_fail(call, "no valid connection");
    call->connect = open_conn(call, call->conn, &reopened, &hint);
    if (!call->connect) {
        const char *preface = conn_preface(virGetLastError());

        hvsh_fail_virt(call, "failed to connect to the hypervisor");
        if (preface && call->hooks->note) {
            g_autofree char *line = g_strdup_printf("error: %s", preface);

            call->hooks->note(call, line);
        }
        /* the embedded driver has nobody else to say it, a daemon's administrator has its log */
        if (hint && conn_is_embedded(call->conn))
            hvsh_fail(call, "%s", hint);
        else if (hint)
            hvsh_hint(call, "%s", hint);
        return -1;
    }
    call->connected = g_get_monotonic_time();
    if (reopened && call->hooks->note)
        call->hooks->note(call, "error: Reconnected to the hypervisor");
    return call->on_main && call_owns_terminal(call) ? call_host_answers(call) : 0;
}

virConnectPtr hvsh_connection(hvsh_call *call)
{
    return call_connect(call) < 0 ? NULL : call->connect;
}

const char *hvsh_uri(hvsh_call *call)
{
    char *uri = call->conn ? conn_real_uri(call->conn) : NULL;

    return hvsh_defer(call, uri, g_free);
}

/* A URI is given to conn.c under itself as its name, so that authentication, hints and `embed` are the same everywhere. */
int types_parse_connection(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    struct conn *conn = conn_find(text);
    g_autofree char *hint = NULL;
    virConnectPtr connect;

    if (!conn && call->quiet_lookup)
        return -1;
    if (!conn)
        conn = conn_add(text, text, false);
    connect = open_conn(call, conn, NULL, &hint);
    if (!connect) {
        hvsh_fail_virt(call, "failed to connect to '%s'", text);
        if (hint)
            hvsh_hint(call, "%s", hint);
        return -1;
    }
    *(virConnectPtr *)value = connect;
    if (field->flags & HVSH_OWN_CONNECTION)
        call->conn = conn;
    return 0;
}

/* ---- running -------------------------------------------------------------------------------------------------------------------- */

void hvsh_undo(hvsh_call *call, int (*undo)(hvsh_call *call, void *arg), void *arg, const char *what)
{
    struct undo_step *step = g_new0(struct undo_step, 1);

    step->undo = undo;
    step->arg = arg;
    step->what = g_strdup(what);
    g_ptr_array_add(call->undo, step);
    atomic_store(&call->must_undo, true);
}

void hvsh_keep(hvsh_call *call)
{
    g_ptr_array_set_size(call->undo, 0);
    atomic_store(&call->must_undo, false);
}

void call_undo(hvsh_call *call)
{
    struct failure first = call->failure;
    bool cancelled = atomic_exchange(&call->cancelled, false);

    memset(&call->failure, 0, sizeof(call->failure));
    while (call->undo->len) {
        struct undo_step *step = g_ptr_array_steal_index(call->undo, call->undo->len - 1);

        if (step->what)
            hvsh_note(call, "%s", step->what);
        if (step->undo(call, step->arg) < 0)
            hvsh_note(call, "could not be undone: %s: %s", step->what ? step->what : "the step before", call->failure.message ? call->failure.message->str : "no reason given");
        failure_clear(&call->failure);
        undo_step_free(step);
    }
    call->failure = first;
    atomic_store(&call->cancelled, cancelled);
    atomic_store(&call->must_undo, false);
}

enum { STATUS_INTERRUPTED = 130 };

int call_run(hvsh_call *call)
{
    const struct hvsh_command *def = call->command->def;
    int result = -1;

    if (!(def->flags & (HVSH_NO_CONNECTION | HVSH_OPENS)) && call_connect(call) < 0)
        goto out;
    if ((call->hooks->start && call->hooks->start(call) < 0) || call_check(call) < 0 || call_resolve(call) < 0)
        goto out;
    result = def->run(call, call->args);
    if (result < 0 && !call->failure.message && !call->status_set && !call->cut && !atomic_load(&call->cancelled) && !call_given_up(call))
        hvsh_fail(call, "'%s' failed and did not say why", call->command->name);
out:
    if (result < 0 && !atomic_load(&call->cancelled))
        call_hint(call);
    if (result < 0 && call->undo->len)
        call_undo(call);
    hvsh_on_cancel(call, NULL, NULL);
    if (call->status_set)
        return call->status;
    if (result < 0 && atomic_load(&call->cancelled))
        return STATUS_INTERRUPTED;
    return result < 0 ? 1 : 0;
}

void call_cancel(hvsh_call *call)
{
    hvsh_call *child;

    atomic_store(&call->cancelled, true);
    g_rec_mutex_lock(&call->cancelling);
    if (call->on_cancel && !call->on_cancel_told) {
        call->on_cancel_told = true;
        call->on_cancel(call->on_cancel_arg);
    }
    g_rec_mutex_unlock(&call->cancelling);
    g_mutex_lock(&call->lock);
    if (call->waker_made)
        waker_wake(&call->waker);
    child = call->child ? call_ref(call->child) : NULL;
    g_mutex_unlock(&call->lock);
    if (child)
        call_cancel(child);
    call_unref(child);
}

void call_give_up(hvsh_call *call)
{
    g_mutex_lock(&call->lock);
    atomic_store(&call->orphan, true);
    g_mutex_unlock(&call->lock);
}

bool call_given_up(const hvsh_call *call)
{
    for (; call; call = call->parent)
        if (atomic_load(&call->orphan))
            return true;
    return false;
}

/* ---- memory ------------------------------------------------------------------------------------------------------------------------ */

void *hvsh_defer(hvsh_call *call, void *p, void (*free_it)(void *))
{
    struct deferred *deferred;

    if (!p)
        return NULL;
    deferred = g_new(struct deferred, 1);
    deferred->p = p;
    deferred->free_it = free_it;
    g_ptr_array_add(call->deferred, deferred);
    return p;
}

char *hvsh_printf(hvsh_call *call, const char *format, ...)
{
    va_list list;
    char *text;

    va_start(list, format);
    text = g_strdup_vprintf(format, list);
    va_end(list);
    return hvsh_defer(call, text, g_free);
}

char *hvsh_own_text(hvsh_call *call, char *text)
{
    return hvsh_defer(call, text, free);
}

#define OWN(id, ptr, release) \
    static void release_##id(void *p) \
    { \
        release(p); \
    } \
    ptr hvsh_own_##id(hvsh_call *call, ptr object) \
    { \
        return hvsh_defer(call, object, release_##id); \
    }

OWN(domain, virDomainPtr, virDomainFree)
OWN(network, virNetworkPtr, virNetworkFree)
OWN(pool, virStoragePoolPtr, virStoragePoolFree)
OWN(volume, virStorageVolPtr, virStorageVolFree)
