/* SPDX-License-Identifier: GPL-3.0-or-later */
/* call-failure.c - how a call fails: its sentences, libvirt's behind them, the hint, the exit status. */
#include "call.h"
#include "util.h"
#include "types.h"

#include <string.h>

void failure_clear(struct failure *failure)
{
    if (failure->message)
        g_string_free(failure->message, TRUE);
    g_free(failure->hint);
    memset(failure, 0, sizeof(*failure));
}

static void add_line(hvsh_call *call, const char *text)
{
    struct failure *failure = &call->failure;

    if (!failure->message)
        failure->message = g_string_new(text);
    else
        g_string_append_printf(failure->message, "\n%s", text);
}

static void add_sentence(hvsh_call *call, const char *format, va_list list)
{
    g_autofree char *text = g_strdup_vprintf(format, list);

    add_line(call, text);
}

/* libvirt's last error: the one that was kept (a worker's, or before the sentence was made) first. NULL: there is none. */
static virErrorPtr libvirt_error(const hvsh_call *call)
{
    virErrorPtr error = call->kept_error ? call->kept_error : virGetLastError();

    return error && error->code != VIR_ERR_OK ? error : NULL;
}

static void add_libvirt(hvsh_call *call)
{
    virErrorPtr error = libvirt_error(call);

    if (error)
        add_line(call, error->message ? error->message : "unknown error");
    types_fail_code(call);
}

void types_fail_code(hvsh_call *call)
{
    virErrorPtr error = libvirt_error(call);

    if (!error)
        return;
    if (!call->failure.code) {
        call->failure.code = error->code;
        call->failure.domain = error->domain;
    }
    g_clear_pointer(&call->kept_error, virFreeError);
    virResetLastError();
}

void hvsh_keep_error(hvsh_call *call)
{
    if (!call->kept_error && virGetLastErrorCode() != VIR_ERR_OK)
        call->kept_error = virSaveLastError();
}

int hvsh_fail(hvsh_call *call, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    add_sentence(call, format, list);
    va_end(list);
    return -1;
}

int (hvsh_fail_virt)(hvsh_call *call, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    add_sentence(call, format, list);
    va_end(list);
    add_libvirt(call);
    return -1;
}

int hvsh_fail_libvirt(hvsh_call *call)
{
    add_libvirt(call);
    return -1;
}

int hvsh_hint(hvsh_call *call, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    g_free(call->failure.hint);
    call->failure.hint = g_strdup_vprintf(format, list);
    va_end(list);
    return -1;
}

/* ---- a word that is none of an argument's ---- */

enum { LISTED_CHOICES = 12 };

static bool is_choice(const struct hvsh_choice *choices, const char *word)
{
    for (; choices->name; choices++)
        if (strcmp(choices->name, word) == 0)
            return true;
    return false;
}

static void hint_choices(hvsh_call *call, const struct hvsh_field *field, const char *word)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autofree char *all = NULL;
    const char *nearest;

    for (const struct hvsh_choice *choice = field->choices; choice->name; choice++)
        g_ptr_array_add(names, (void *)choice->name);
    g_ptr_array_add(names, NULL);
    nearest = hvsh_nearest(word, (const char *const *)names->pdata);
    if (nearest) {
        hvsh_hint(call, "did you mean '%s'?", nearest);
    } else if (field->type != &hvsh_type_enum && names->len - 1 <= LISTED_CHOICES) {
        /* that type's own sentence has them */
        all = g_strjoinv(", ", (char **)names->pdata);
        hvsh_hint(call, "<%s> can be: %s", field->name, all);
    }
}

/* ---- a word that is none of what the guest has ---- */

static bool has_word(const GPtrArray *words, const char *word)
{
    for (unsigned int i = 0; i < words->len; i++)
        if (g_ascii_strcasecmp(words->pdata[i], word) == 0)
            return true;
    return false;
}

/* Only where the words of this argument are what may have been wrong. */
static bool may_be_wrong_word(const struct failure *failure)
{
    static const int codes[] = {VIR_ERR_OK, VIR_ERR_INVALID_ARG, VIR_ERR_INTERNAL_ERROR, VIR_ERR_OPERATION_FAILED, VIR_ERR_DEVICE_MISSING};

    for (size_t i = 0; i < G_N_ELEMENTS(codes); i++)
        if (failure->code == codes[i])
            return true;
    return false;
}

/* What TAB offers for the argument: a guest's disks, interfaces, devices. */
static void hint_offered(hvsh_call *call, const struct hvsh_field *field)
{
    const char *word = hvsh_text(call, field->name), *nearest;
    struct failure failure = call->failure;
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);

    memset(&call->failure, 0, sizeof(call->failure));
    call->collected = words;
    call_offer(call, field, "");
    call->collected = NULL;
    failure_clear(&call->failure);
    call->failure = failure;
    virResetLastError();
    if (!word || has_word(words, word))
        return;
    g_ptr_array_add(words, NULL);
    nearest = hvsh_nearest(word, (const char *const *)words->pdata);
    if (nearest)
        hvsh_hint(call, "did you mean '%s'?", nearest);
}

/* What only a daemon has, asked of the embedded driver. */
static void hint_embedded(hvsh_call *call)
{
    switch (call->failure.domain) {
    case VIR_FROM_NETWORK:
    case VIR_FROM_STORAGE:
    case VIR_FROM_INTERFACE:
    case VIR_FROM_NODEDEV:
    case VIR_FROM_NWFILTER:
        if (call->failure.code == VIR_ERR_NO_SUPPORT && call->conn && conn_is_embedded(call->conn))
            hvsh_hint(call, "without a daemon there are guests only: a guest's network is <interface type='user'/>, its disks are files");
        break;
    default:
        break;
    }
}

/* Half a minute was waited for a domain that something else is being done with; libvirt tells what. */
static void hint_busy(hvsh_call *call)
{
    const char *message = call->failure.message ? call->failure.message->str : "";

    if (call->failure.code != VIR_ERR_OPERATION_TIMEOUT || !strstr(message, "state change lock"))
        return;
    if (strstr(message, "held by agent="))
        hvsh_hint(call, "another command waits for the guest agent: `guest-agent-timeout` limits how long the next ones do");
    else
        hvsh_hint(call, "another command is busy with the guest: `domjobinfo` shows its job, `domcontrol` whether it hangs");
}

void call_hint(hvsh_call *call)
{
    for (unsigned int i = 0; i < call->command->nargs && !call->failure.hint; i++) {
        const struct hvsh_field *field = call->command->args[i];
        bool words_only = field->choices && (field->type->kind == HVSH_KIND_TEXT || field->type->kind == HVSH_KIND_ENUM);
        const char *text = words_only && hvsh_given(call, field->name) ? hvsh_text(call, field->name) : NULL;
        g_auto(GStrv) words = text ? g_strsplit(text, field->flags & HVSH_COMMA ? "," : "\n", -1) : NULL;

        for (char **word = words; word && *word && !call->failure.hint; word++)
            if (!is_choice(field->choices, *word))
                hint_choices(call, field, *word);
    }
    for (unsigned int i = 0; i < call->command->nargs && !call->failure.hint && call_hints_nearest(call); i++) {
        const struct hvsh_field *field = call->command->args[i];

        if (field->offer && field->scope && field->type->kind == HVSH_KIND_TEXT && !(field->flags & HVSH_LIST) && hvsh_given(call, field->name) &&
            may_be_wrong_word(&call->failure))
            hint_offered(call, field);
    }
    if (!call->failure.hint)
        hint_embedded(call);
    if (!call->failure.hint)
        hint_busy(call);
}

int hvsh_exit(hvsh_call *call, int status)
{
    call->status = status;
    call->status_set = true;
    return status ? -1 : 0;
}
