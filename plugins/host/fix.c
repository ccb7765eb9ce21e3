/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fix.c - the steps that put something right: told first, then done */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "check.h"
#include "child.h"
#include "systemd.h"

void step_free(void *p)
{
    struct step *step = p;

    if (!step)
        return;
    g_strfreev(step->words);
    g_strfreev(step->back);
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
    add_words(steps, STEP_LIBVIRT, command, list);
    va_end(list);
}

void step_back(GPtrArray *steps, const char *word, ...)
{
    g_autoptr(GPtrArray) way = g_ptr_array_new_with_free_func(step_free);
    va_list list;

    va_start(list, word);
    add_words(way, STEP_RUN, word, list);
    va_end(list);
    ((struct step *)steps->pdata[steps->len - 1])->back = g_steal_pointer(&((struct step *)way->pdata[0])->words);
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
    case STEP_LIBVIRT:
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

/* ---- the way back ---- */

struct way_back {
    int (*run)(hvsh_call *call, void *arg);
    void *arg;                         /* the call's */
    const char *what;
};

static int run_ways(hvsh_call *call, void *ways)
{
    return ways_back(call, ways);
}

GPtrArray *ways_new(hvsh_call *call)
{
    GPtrArray *ways = g_ptr_array_new_with_free_func(g_free);

    hvsh_defer(call, ways, (void (*)(void *))g_ptr_array_unref);
    hvsh_undo(call, run_ways, ways, NULL);
    return ways;
}

int ways_back(hvsh_call *call, GPtrArray *ways)
{
    int status = 0;

    while (ways->len) {
        g_autofree struct way_back *way = g_ptr_array_steal_index(ways, ways->len - 1);
        hvsh_note(call, "taking it back: %s", way->what);
        if (way->run(call, way->arg) < 0)
            status = -1;
    }
    return status;
}

static void add_way(GPtrArray *ways, int (*run)(hvsh_call *call, void *arg), void *arg, const char *what)
{
    struct way_back *way = g_new(struct way_back, 1);

    *way = (struct way_back){ run, arg, what };
    g_ptr_array_add(ways, way);
}

/* ---- programs ---- */

static int run_words(hvsh_call *call, char **words)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *output = NULL, *complaint = NULL, *line = g_strjoinv(" ", words);
    g_auto(GStrv) environment = g_environ_setenv(g_get_environ(), "DEBIAN_FRONTEND", "noninteractive", TRUE);
    int status;
    char *last;

    if (!g_spawn_sync("/", words, environment, G_SPAWN_SEARCH_PATH, child_signals, NULL, &output, &complaint, &status, &error))
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

/* ---- files ---- */

static int set_switch(hvsh_call *call, const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    size_t length = strlen(text);
    bool fine;

    if (fd < 0)
        return hvsh_fail(call, "cannot write %s: %s", path, g_strerror(errno));
    fine = write(fd, text, length) == (ssize_t)length;
    fine = close(fd) == 0 && fine;
    return fine ? 0 : hvsh_fail(call, "cannot write %s: %s", path, g_strerror(errno));
}

/* GLib names the file beside, which nobody knows. */
static const char *reason_of(const GError *error)
{
    const char *colon = strrchr(error->message, ':');

    return colon && colon[1] == ' ' ? colon + 2 : error->message;
}

struct old_file { const char *path, *text; };      /* text NULL: there was none */

static int put_back(hvsh_call *call, void *p)
{
    const struct old_file *old = p;
    g_autoptr(GError) error = NULL;

    if (!old->text)
        return unlink(old->path) == 0 || errno == ENOENT ? 0 : hvsh_fail(call, "%s: %s", old->path, g_strerror(errno));
    if (g_str_has_prefix(old->path, "/proc/") || g_str_has_prefix(old->path, "/sys/"))
        return set_switch(call, old->path, old->text);
    return g_file_set_contents(old->path, old->text, -1, &error) ? 0 : hvsh_fail(call, "cannot write %s: %s", old->path, reason_of(error));
}

/* One of the kernel's switches is written as it is; a file is written beside and renamed. */
static int write_file(hvsh_call *call, GPtrArray *ways, const char *path, const char *text)
{
    bool is_switch = g_str_has_prefix(path, "/proc/") || g_str_has_prefix(path, "/sys/");
    g_autofree char *folder = g_path_get_dirname(path), *before = NULL;
    g_autoptr(GError) error = NULL;
    struct old_file *old = hvsh_defer(call, g_new0(struct old_file, 1), g_free);

    g_file_get_contents(path, &before, NULL, NULL);
    old->path = hvsh_printf(call, "%s", path);
    old->text = before ? hvsh_printf(call, "%s", before) : NULL;
    if (is_switch) {
        if (set_switch(call, path, text) < 0)
            return -1;
    } else {
        g_mkdir_with_parents(folder, 0755);
        if (!g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0644, &error))
            return hvsh_fail(call, "cannot write %s: %s", path, reason_of(error));
    }
    add_way(ways, put_back, old, hvsh_printf(call, "%s%s", before ? "" : "removing ", path));
    return 0;
}

/* ---- units ---- */

struct old_unit { const char *verb, *unit; };

static int change_unit(hvsh_call *call, const char *verb, const char *unit)
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

static int change_unit_back(hvsh_call *call, void *p)
{
    const struct old_unit *old = p;

    return change_unit(call, old->verb, old->unit);
}

/* What is so already is left alone, and is not taken back either. */
static int do_unit(hvsh_call *call, GPtrArray *ways, const char *verb, const char *unit)
{
    const char *names[] = { unit, NULL };
    GDBusConnection *bus = dbus_of_call(call);
    g_autoptr(GPtrArray) units = bus ? systemd_units(bus, names, NULL) : NULL;
    const struct systemd_unit *state = units ? units->pdata[0] : NULL;
    bool enabling = g_str_equal(verb, "enable");
    struct old_unit *old;

    if (!bus)
        return -1;
    if (state && (enabling ? systemd_enabled(state) : g_str_equal(verb, "start") && systemd_active(state)))
        return 0;
    if (change_unit(call, verb, unit) < 0)
        return -1;
    old = hvsh_defer(call, g_new0(struct old_unit, 1), g_free);
    old->verb = enabling ? "disable" : "stop";
    old->unit = hvsh_printf(call, "%s", unit);
    if (enabling || g_str_equal(verb, "start"))
        add_way(ways, change_unit_back, old, hvsh_printf(call, "%s %s", old->verb, unit));
    return 0;
}

/* ---- commands of the shell ---- */

/* They act on the shell's connection, which must be to the libvirt of the machine that was checked. */
static int do_libvirt(hvsh_call *call, char **words)
{
    virConnectPtr conn = hvsh_connection(call);
    g_autofree char *line = g_strjoinv(" ", words);
    char *uri;

    if (!conn)
        return -1;
    uri = hvsh_own_text(call, virConnectGetURI(conn));
    if (!uri)
        return hvsh_fail_virt(call, "cannot tell what the shell is connected to");
    if (!g_str_has_prefix(uri, "qemu:///system") && !g_str_has_prefix(uri, "qemu+unix:///system") && !g_str_has_prefix(uri, "lxc:///")) {
        hvsh_fail(call, "'%s' would act on %s, not on this machine's libvirt", line, uri);
        return hvsh_hint(call, "connect qemu:///system, then do it again");
    }
    return hvsh_runv(call, (const char *const *)words);
}

/* ---- a step ---- */

struct back { char **words; int (*run)(hvsh_call *call, char **words); };

static void back_free(void *p)
{
    g_strfreev(((struct back *)p)->words);
    g_free(p);
}

static int go_back(hvsh_call *call, void *p)
{
    const struct back *back = p;

    return back->run(call, back->words);
}

static int do_words(hvsh_call *call, GPtrArray *ways, const struct step *step, int (*run)(hvsh_call *call, char **words))
{
    g_autofree char *line = step->back ? g_strjoinv(" ", step->back) : NULL;
    struct back *back;

    if (run(call, step->words) < 0)
        return -1;
    if (!step->back)
        return 0;
    back = hvsh_defer(call, g_new0(struct back, 1), back_free);
    back->words = g_strdupv(step->back);
    back->run = run;
    add_way(ways, go_back, back, hvsh_printf(call, "%s", line));
    return 0;
}

int step_do(hvsh_call *call, const struct step *step, GPtrArray *ways)
{
    g_autofree char *text = step_text(step);

    hvsh_note(call, "%s", text);
    switch (step->kind) {
    case STEP_COMMAND: return hvsh_runv(call, (const char *const *)step->words);
    case STEP_LIBVIRT: return do_words(call, ways, step, do_libvirt);
    case STEP_RUN:     return do_words(call, ways, step, run_words);
    case STEP_WRITE:   return write_file(call, ways, step->path, step->text);
    case STEP_UNIT:    return do_unit(call, ways, step->words[0], step->words[1]);
    }
    return -1;
}
