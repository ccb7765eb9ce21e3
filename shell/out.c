/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out.c - sinks by their classes, where their text goes, errors and notes, the pager. */
#include "out-private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct sink *out_sink_new(const struct out_options *options)
{
    static struct sink *(*const make[])(void) = {
        [OUT_TEXT] = text_sink_new, [OUT_JSON] = json_sink_new, [OUT_JSONL] = jsonl_sink_new, [OUT_CSV] = csv_sink_new};
    struct sink *sink = make[options->format]();

    ((struct file_sink *)sink)->options = *options;
    return sink;
}

int sink_begin(struct sink *sink, const struct shape *shape)
{
    return sink->class->begin ? sink->class->begin(sink, shape) : 0;
}

int sink_row(struct sink *sink, const struct shape *shape, const void *row)
{
    return sink->class->row(sink, shape, row);
}

int sink_end(struct sink *sink, const struct shape *primary, bool failed)
{
    return sink->class->end ? sink->class->end(sink, primary, failed) : 0;
}

void sink_progress(struct sink *sink, const char *what, uint64_t done, uint64_t total)
{
    if (sink->class->progress)
        sink->class->progress(sink, what, done, total);
}

bool sink_wants(struct sink *sink, const struct shape *shape, const struct hvsh_field *field)
{
    return sink->class->wants ? sink->class->wants(sink, shape, field) : true;
}

void sink_free(struct sink *sink)
{
    if (sink)
        sink->class->free(sink);
}

bool field_shown(const struct sink *sink, const struct hvsh_field *field)
{
    g_auto(GStrv) words = NULL;

    if (!field->when || !sink->given)
        return true;
    words = g_strsplit(field->when, " ", -1);
    for (char **word = words; *word; word++) {
        bool without = **word == '!';

        if (sink->given(sink->given_arg, *word + without) != without)
            return true;
    }
    return false;
}

/* ---- where the text goes ---- */

static int failed(struct file_sink *file)
{
    if (!file->sink.error)
        file->sink.error = errno ? errno : EIO;
    return -1;
}

/* Has the terminal's line no end yet? Some of virsh's sentences have none before the command's own empty line. */
static bool open_line;

static int write_out(struct file_sink *file, GString *text, bool flush)
{
    FILE *to = file->pager ? file->pager : file->options.file;
    bool ok = fwrite(text->str, 1, text->len, to) == text->len;

    if (text->len)
        open_line = to == stdout && text->str[text->len - 1] != '\n';
    g_string_truncate(text, 0);
    if (flush && fflush(to) != 0)
        ok = false;
    return ok ? 0 : failed(file);
}

static size_t count_lines(const GString *text)
{
    size_t lines = 0;

    for (const char *at = text->str; (at = strchr(at, '\n')); at++)
        lines++;
    return lines;
}

int sink_write(struct file_sink *file, GString *text, bool now)
{
    int columns, lines;

    out_bar_clear();
    if (!text->len && !now)
        return 0;
    if (!file->options.pager || file->pager)
        return write_out(file, text, now);
    if (!file->held)
        file->held = g_string_new(NULL);
    g_string_append_len(file->held, text->str, (gssize)text->len);
    g_string_truncate(text, 0);
    if (now) {
        /* Rows that come over time never go to a pager, nor does what follows them. */
        file->options.pager = false;
        return write_out(file, file->held, true);
    }
    tty_size(&columns, &lines);
    if (count_lines(file->held) < (size_t)lines)
        return 0;
    file->pager = out_pager_start();
    if (!file->pager)
        file->options.pager = false;
    return write_out(file, file->held, false);
}

int sink_finish(struct file_sink *file)
{
    int result = 0;

    out_bar_clear();
    if (file->held) {
        if (file->held->len)
            result = write_out(file, file->held, true);
        g_string_free(file->held, TRUE);
        file->held = NULL;
    }
    if (file->pager) {
        /* Who leaves the pager early has seen enough: no failure. */
        out_pager_stop(file->pager);
        file->pager = NULL;
        return 0;
    }
    if (fflush(file->options.file) != 0)
        result = failed(file);
    return result;
}

void sink_bar(struct sink *sink, const char *what, uint64_t done, uint64_t total)
{
    struct file_sink *file = (struct file_sink *)sink;
    bool asked = sink->given && sink->given(sink->given_arg, "verbose");
    int tenth;

    /* what the command itself asks for, -q does not take away: so does virsh */
    if ((file->options.quiet && !asked) || file->pager)
        return;
    if (tty_stderr()) {
        out_bar(what, done, total);
        return;
    }
    if (!total || !asked)
        return;
    tenth = (int)((double)MIN(done, total) * 10 / (double)total) + 1;
    if (tenth == file->told)
        return;
    file->told = tenth;
    fprintf(stderr, "%s: [%3d %%]\n", what, (tenth - 1) * 10);
}

/* ---- errors and notes ---- */

enum { MAX_TOLD = 4000 };       /* of one line: it may quote megabytes that were typed */

/* One "prefix: line" for each line, whole lines at once so that threads and children do not mix. What could play with the terminal is shown
 * as \xNN. */
static void tell(const char *prefix, const char *colour, const char *message)
{
    bool coloured = tty_colour(STDERR_FILENO), terminal = tty_stderr();
    g_auto(GStrv) lines = g_strsplit(message, "\n", -1);
    g_autoptr(GString) text = g_string_new(NULL);

    for (char **line = lines; *line; line++) {
        if (!**line && (line != lines || line[1]))
            continue;
        if (coloured)
            g_string_append_printf(text, "\033[%sm%s\033[0m", colour, prefix);
        else
            g_string_append(text, prefix);
        if (strlen(*line) > MAX_TOLD)
            strcpy(*line + MAX_TOLD - strlen("..."), "...");
        if (terminal)
            util_add_visible(text, *line);
        else
            g_string_append(text, *line);
        g_string_append_c(text, '\n');
    }
    out_bar_clear();
    fflush(stdout);
    if (open_line && terminal && tty_stdout())
        fputc('\n', stderr);
    open_line = false;
    fputs(text->str, stderr);
    fflush(stderr);
}

void out_error(const char *message)
{
    tell("error: ", "31", message);
    util_log(LOG_ERRORS, "%s", message);
}

void out_note(const char *message)
{
    tell("", "2", message);
}

void out_line_ended(void)
{
    open_line = false;
}

/* ---- what has been seen ---- */

enum { SEEN_LINES = 16, SEEN_SECONDS = 3 };

static struct {
    char *text;
    int64_t when;
} seen[SEEN_LINES];
static size_t seen_next;

void out_seen(const char *message)
{
    g_free(seen[seen_next].text);
    seen[seen_next].text = g_utf8_casefold(message, -1);
    seen[seen_next].when = g_get_monotonic_time();
    seen_next = (seen_next + 1) % SEEN_LINES;
}

/* An event's word for what a command's sentence calls by another. */
static bool is_word(const char *found, const char *word)
{
    return strcmp(found, word) == 0 || (strcmp(word, "changed") == 0 && (strcmp(found, "edited.") == 0 || strcmp(found, "defined") == 0));
}

static bool has_words(const char *text, char *const *words)
{
    g_auto(GStrv) found = g_strsplit_set(text, " \n", -1);

    for (char **word = found; *word && *words; word++)
        words += is_word(*word, *words);
    return !*words;
}

bool out_was_seen(const char *text, int64_t when)
{
    g_autofree char *folded = g_utf8_casefold(text, -1);
    g_auto(GStrv) words = g_strsplit(folded, " ", -1);

    for (size_t i = 0; i < SEEN_LINES; i++)
        if (seen[i].text && ABS(seen[i].when - when) <= SEEN_SECONDS * G_USEC_PER_SEC && has_words(seen[i].text, words))
            return true;
    return false;
}

/* ---- the pager ---- */

/* Only one at a time: it owns the terminal. */
static GPid pager_pid;

static void pager_setup(gpointer unused)
{
    (void)unused;
    /* The shell ignores SIGPIPE, which a child would inherit. */
    signal(SIGPIPE, SIG_DFL);
    signal(SIGINT, SIG_DFL);
}

FILE *out_pager_start(void)
{
    const char *command = g_getenv("PAGER");
    g_auto(GStrv) argv = NULL, environment = g_get_environ();
    FILE *pager;
    int fd;

    if (pager_pid || !tty_stdout())
        return NULL;
    if (command && (!*command || strcmp(command, "cat") == 0))
        return NULL;
    if (!g_shell_parse_argv(command ? command : "less", NULL, &argv, NULL))
        return NULL;
    /* F: leave when it fits on the screen, R: colours, X: leave the text on the screen. */
    environment = g_environ_setenv(environment, "LESS", "FRX", FALSE);
    environment = g_environ_setenv(environment, "LV", "-c", FALSE);
    fflush(stdout);
    if (!g_spawn_async_with_pipes(NULL, argv, environment, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, pager_setup, NULL, &pager_pid,
                                  &fd, NULL, NULL, NULL)) {
        pager_pid = 0;
        return NULL;
    }
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    pager = fdopen(fd, "w");
    if (!pager)
        close(fd);
    return pager;
}

void out_pager_stop(FILE *pager)
{
    if (!pager)
        return;
    fclose(pager);
    while (waitpid(pager_pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    g_spawn_close_pid(pager_pid);
    pager_pid = 0;
}
