/* SPDX-License-Identifier: GPL-3.0-or-later */
/* batch.c - commands that run others: source (a file of them), time, watch. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "core.h"
#include "exec.h"
#include "plugin.h"
#include "tty.h"

enum { DEEPEST_SOURCE = 16 };

/* ---- source ---- */

struct source_args { const char *file; };

static const struct hvsh_field source_args[] = {
    HVSH_PATH(struct source_args, file, "file of commands", .flags = HVSH_REQUIRED),
    HVSH_END
};

static int source_run(hvsh_call *call, const void *p)
{
    static int depth;
    const struct source_args *args = p;
    int fd, status;

    if (depth >= DEEPEST_SOURCE)
        return hvsh_fail(call, "%s: files of commands run each other more than %d deep", args->file, DEEPEST_SOURCE);
    fd = open(args->file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return hvsh_fail(call, "cannot read '%s': %s", args->file, g_strerror(errno));
    depth++;
    exec_own_output(call);
    status = exec_stream(fd, args->file, LINE_PROMPT);
    depth--;
    close(fd);
    return hvsh_exit(call, status);
}

const struct hvsh_command core_source = {
    .name = "source", .group = "shell", .help = "run a file of commands",
    .description = "Runs the commands of a file as if they were typed at the prompt: a line may go to a pipe or into a file, and # begins a comment. "
                   "set fail-fast on makes it stop at the first failure.",
    HVSH_ARGS(source_args), .examples = HVSH_EXAMPLES({ "source /etc/hvsh/morning.txt", "run what stands in the file", HVSH_MATCH_ONLY }),
    .exit_status = "That of the last command of the file.",
    .run = source_run, .flags = HVSH_NO_CONNECTION,
};

/* ---- time ---- */

struct time_args { HVSH_LIST_OF(const char *) command; };

static const struct hvsh_field time_args[] = {
    HVSH_TEXTS(struct time_args, command, HVSH_REQUIRED | HVSH_REST | HVSH_COMMAND | HVSH_EMPTY_OK, "the command and its arguments"),
    HVSH_END
};

static const char **words_of(const char *const *items, size_t count)
{
    const char **words = g_new0(const char *, count + 1);

    for (size_t i = 0; i < count; i++)
        words[i] = items[i];
    return words;
}

static int time_run(hvsh_call *call, const void *p)
{
    const struct time_args *args = p;
    g_autofree const char **words = words_of(args->command.items, args->command.count);
    gint64 start = g_get_monotonic_time();
    int result = hvsh_runv(call, words);

    hvsh_note(call, "%s took %.3f ms", words[0], (double)(g_get_monotonic_time() - start) / 1000.0);
    return result;
}

const struct hvsh_command core_time = {
    .name = "time", .group = "shell", .help = "tell how long a command takes",
    .description = "Runs a command and says on standard error how long it took. set timing on does so for every command.",
    HVSH_ARGS(time_args), .examples = HVSH_EXAMPLES({ "time echo hello", "how long does echo take?", HVSH_ON_TEST }),
    .exit_status = "That of the command.",
    .run = time_run, .flags = HVSH_NO_CONNECTION,
};

/* ---- watch ---- */

struct watch_args {
    uint64_t interval;
    unsigned int count;
    HVSH_LIST_OF(const char *) command;
};

static const struct hvsh_field watch_args[] = {
    HVSH_DURATION(struct watch_args, interval, "time between two runs", .flags = HVSH_REQUIRED, .unit = "s"),
    HVSH_UINT(struct watch_args, count, "stop after so many runs", .flags = HVSH_NAMED),
    HVSH_TEXTS(struct watch_args, command, HVSH_REQUIRED | HVSH_REST | HVSH_COMMAND | HVSH_EMPTY_OK,
               "the command and its arguments, or one quoted line"),
    HVSH_END
};

/* On a terminal each run begins on an empty screen, where it can be emptied, under a line that says what is seen and when. */
static void begin_screen(const char *const *words)
{
    g_autofree char *line = g_strjoinv(" ", (char **)words);
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *clock = g_date_time_format(now, "%H:%M:%S");

    printf("%s%s  %s\n\n", tty_dumb() ? "\n" : "\033[H\033[2J", clock, line);
}

/* How many commands the line has; none is an error. */
static int count_commands(hvsh_call *call, const char *const *words)
{
    g_autofree char *error = NULL;
    GArray *matches = exec_match_words(words, &error);
    int count = matches != NULL ? (int)matches->len : 0;

    line_free(matches);
    if (count == 0)
        return hvsh_fail(call, "%s", error != NULL ? error : "there is no command to watch");
    return count;
}

/* The line's command `index`, once. -1: the line cannot be understood, or nothing can be written. */
static int watch_one(hvsh_call *call, const char *const *words, int index, const struct out_options *options)
{
    g_autofree char *error = NULL;
    GArray *matches = exec_match_words(words, &error);
    struct failure failure = { 0 };
    struct sink *sink;
    int problem;

    if (matches == NULL)
        return hvsh_fail(call, "%s", error);
    if (index >= (int)matches->len) {
        line_free(matches);
        return 0;
    }
    g_array_remove_range(matches, 0, (guint)index);
    sink = out_sink_new(options);
    exec_match(matches, sink, conn_current(), &failure);
    problem = sink->error;
    sink_free(sink);
    if (failure.message != NULL)
        exec_report(words[0], &failure, options->format);
    failure_clear(&failure);
    if (fflush(stdout) != 0 && problem == 0)
        problem = errno;
    if (problem == EPIPE)
        exec_reader_left();
    else if (problem != 0)
        return hvsh_fail(call, "cannot write the result: %s", g_strerror(problem));
    return 0;
}

static int watch_run(hvsh_call *call, const void *p)
{
    const struct watch_args *args = p;
    g_autofree const char **words = words_of(args->command.items, args->command.count);
    struct out_options options = { .format = call->match ? exec_format(call->match) : exec_settings.format, .quiet = exec_settings.quiet, .file = stdout };
    bool screen = tty_stdout() && options.format == OUT_TEXT;
    int commands, timeout = (int)MIN(args->interval / 1000000, 24ULL * 3600 * 1000);

    exec_own_output(call);
    options.style = screen && exec_settings.human ? HVSH_HUMAN : HVSH_PLAIN;
    options.colour = screen && tty_colour(1);
    if (timeout < 100)
        return hvsh_fail(call, "an interval below 100ms would only keep the host busy");
    commands = count_commands(call, words);
    if (commands < 0)
        return -1;
    for (unsigned int run = 0; !hvsh_given(call, "count") || run < args->count; run++) {
        if (run > 0 && hvsh_wait(call, NULL, 0, timeout) < 0)
            return 0;       /* Ctrl-C is how watching ends */
        if (screen)
            begin_screen(words);
        else if (run > 0 && options.format == OUT_TEXT && !options.quiet)
            putchar('\n');
        for (int index = 0; index < commands; index++) {
            if (index > 0 && options.format == OUT_TEXT && !options.quiet)
                putchar('\n');
            if (watch_one(call, words, index, &options) < 0)
                return -1;
            /* the Ctrl-C that the watched command had is meant for the watching too: a host that hangs would have it every time */
            if (exec_quit || exec_interrupted || hvsh_cancelled(call))
                return 0;
        }
    }
    return 0;
}

const struct hvsh_command core_watch = {
    .name = "watch", .group = "shell", .help = "run a command again and again",
    .description = "Runs a command, waits, runs it again, until Ctrl-C or as often as --count says. On a terminal each run starts on an empty screen; "
                   "elsewhere the results follow each other. A run that fails is told and does not end it.",
    HVSH_ARGS(watch_args),
    .examples = HVSH_EXAMPLES({ "watch 2s list --all", "the guests, every two seconds", HVSH_MATCH_ONLY },
                              { "watch --count 2 1s echo tick", "twice, a second apart", HVSH_ON_TEST }),
    .exit_status = "0, also after Ctrl-C; 1 when the command is unknown or wrong.",
    .run = watch_run, .flags = HVSH_NO_CONNECTION,
};
