/* SPDX-License-Identifier: GPL-3.0-or-later */
/* call-failure.c - how a call fails: its sentences, libvirt's behind them, the hint, the exit status. */
#include "call.h"

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

/* libvirt's last error: the one that was kept (a worker's, or before the sentence was made) first. */
static void add_libvirt(hvsh_call *call)
{
    virErrorPtr error = call->kept_error ? call->kept_error : virGetLastError();

    if (!error || error->code == VIR_ERR_OK)
        return;
    add_line(call, error->message ? error->message : "unknown error");
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

int hvsh_exit(hvsh_call *call, int status)
{
    call->status = status;
    call->status_set = true;
    return status ? -1 : 0;
}
