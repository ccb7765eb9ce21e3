/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fix.c - the steps that put something right: told first, then done */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "check.h"
#include "systemd.h"

void step_free(void *p)
{
    struct step *step = p;

    if (!step)
        return;
    g_strfreev(step->words);
    g_free(step->path);
    g_free(step->text);
    g_free(step);
}

void step_words(GPtrArray *steps, enum step_kind kind, const char *const *words)
{
    struct step *step = g_new0(struct step, 1);

    step->kind = kind;
    step->words = g_strdupv((char **)words);
    g_ptr_array_add(steps, step);
}

static void add_words(GPtrArray *steps, enum step_kind kind, const char *first, va_list list)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();

    for (const char *word = first; word; word = va_arg(list, const char *))
        g_ptr_array_add(words, (void *)word);
    g_ptr_array_add(words, NULL);
    step_words(steps, kind, (const char *const *)words->pdata);
}

void step_run(GPtrArray *steps, const char *program, ...)
{
    va_list list;

    va_start(list, program);
    add_words(steps, STEP_RUN, program, list);
    va_end(list);
}

void step_command(GPtrArray *steps, const char *command, ...)
{
    va_list list;

    va_start(list, command);
    add_words(steps, STEP_COMMAND, command, list);
    va_end(list);
}

void step_write(GPtrArray *steps, const char *path, const char *text)
{
    struct step *step = g_new0(struct step, 1);

    step->kind = STEP_WRITE;
    step->path = g_strdup(path);
    step->text = g_strdup(text);
    g_ptr_array_add(steps, step);
}

void step_unit(GPtrArray *steps, const char *verb, const char *unit)
{
    step_run(steps, verb, unit, NULL);
    ((struct step *)steps->pdata[steps->len - 1])->kind = STEP_UNIT;
}

char *step_text(const struct step *step)
{
    g_autofree char *words = step->words ? g_strjoinv(" ", step->words) : NULL;
    g_auto(GStrv) lines = NULL;
    g_autofree char *content = NULL;

    switch (step->kind) {
    case STEP_RUN:
        return g_strconcat("run ", words, NULL);
    case STEP_UNIT:
        return g_strconcat(words, " (systemd)", NULL);
    case STEP_COMMAND:
        return g_steal_pointer(&words);
    case STEP_WRITE:
        lines = g_strsplit(step->text, "\n", -1);
        if (*lines && g_strv_length(lines) > 1 && !*lines[g_strv_length(lines) - 1])
            g_clear_pointer(&lines[g_strv_length(lines) - 1], g_free);
        content = g_strjoinv("; ", lines);
        return g_strdup_printf("write '%s' into %s", content, step->path);
    }
    return NULL;
}

static int run_words(hvsh_call *call, char **words)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *output = NULL, *complaint = NULL, *line = g_strjoinv(" ", words);
    g_auto(GStrv) environment = g_environ_setenv(g_get_environ(), "DEBIAN_FRONTEND", "noninteractive", TRUE);
    int status;
    char *last;

    if (!g_spawn_sync("/", words, environment, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, &complaint, &status, &error))
        return hvsh_fail(call, "cannot run %s: %s", words[0], error->message);
    if (WIFEXITED(status) && !WEXITSTATUS(status))
        return 0;
    /* the last line says most */
    g_strchomp(complaint);
    last = strrchr(complaint, '\n');
    last = last ? last + 1 : complaint;
    if (WIFEXITED(status))
        return hvsh_fail(call, "%s ended with status %d%s%s", line, WEXITSTATUS(status), *last ? ": " : "", last);
    return hvsh_fail(call, "%s was ended by signal %d", line, WTERMSIG(status));
}

static int write_file(hvsh_call *call, const char *path, const char *text)
{
    g_autofree char *folder = g_path_get_dirname(path);
    size_t length = strlen(text);
    int fd;
    bool fine;

    if (g_str_has_prefix(path, "/etc/"))
        g_mkdir_with_parents(folder, 0755);
    fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | (g_str_has_prefix(path, "/etc/") ? O_CREAT : 0), 0644);
    if (fd < 0)
        return hvsh_fail(call, "cannot write %s: %s", path, g_strerror(errno));
    fine = write(fd, text, length) == (ssize_t)length;
    fine = close(fd) == 0 && fine;
    return fine ? 0 : hvsh_fail(call, "cannot write %s: %s", path, g_strerror(errno));
}

static int do_unit(hvsh_call *call, const char *verb, const char *unit)
{
    GDBusConnection *bus = dbus_of_call(call);
    GError *error = NULL;
    bool done;

    if (!bus)
        return -1;
    if (g_str_equal(verb, "enable") || g_str_equal(verb, "disable"))
        done = systemd_enable(bus, unit, *verb == 'e', &error);
    else
        done = systemd_job(bus, verb, unit, &error);
    return done ? 0 : dbus_fail(call, error, "cannot %s %s", verb, unit);
}

int step_do(hvsh_call *call, const struct step *step)
{
    g_autofree char *text = step_text(step);

    hvsh_note(call, "%s", text);
    switch (step->kind) {
    case STEP_COMMAND: return hvsh_runv(call, (const char *const *)step->words);
    case STEP_RUN:     return run_words(call, step->words);
    case STEP_WRITE:   return write_file(call, step->path, step->text);
    case STEP_UNIT:    return do_unit(call, step->words[0], step->words[1]);
    }
    return -1;
}
