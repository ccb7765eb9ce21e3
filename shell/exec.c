/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * exec.c - from a line to its end: match all, then each command in turn with a sink for its rows, the pager, pipe or file behind it, its
 * failure reported, virsh's blank line or time after it.
 */
#include "exec.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "exec-run.h"
#include "lazy-json.h"
#include "plugin.h"
#include "tty.h"
#include "util.h"

struct exec_settings exec_settings = {.debug = LOG_ERRORS, .escape = "^]"};
bool exec_quit;
int exec_quit_status;
int exec_last_status;
bool exec_interrupted;
bool exec_heeded;
int (*exec_lua)(const char *text, bool print);

enum { STATUS_INTERRUPTED = 130, STATUS_NO_READER = 141 };

/* Ctrl-C ends a line, a batch and a script; the prompt itself stays. */
static bool ended_by_interrupt(int status)
{
    return status == STATUS_INTERRUPTED || (exec_interrupted && !(exec_settings.interactive && exec_heeded));
}

/* ---- failures ------------------------------------------------------------------------------------------------------------- */

static void report_json(const char *command, const struct failure *failure)
{
    struct json_object *outer = json_object_new_object(), *error = json_object_new_object();

    json_object_object_add(error, "command", command ? json_object_new_string(command) : NULL);
    json_object_object_add(error, "code", json_object_new_int(failure->code));
    json_object_object_add(error, "domain", json_object_new_int(failure->domain));
    json_object_object_add(error, "message", json_object_new_string(failure->message ? failure->message->str : ""));
    json_object_object_add(error, "hint", failure->hint ? json_object_new_string(failure->hint) : NULL);
    json_object_object_add(outer, "error", error);
    fflush(stdout);
    fprintf(stderr, "%s\n", json_object_to_json_string_ext(outer, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(outer);
}

void exec_report(const char *command, const struct failure *failure, enum out_format format)
{
    if (!failure->message && !failure->hint)
        return;
    if (format == OUT_JSON || format == OUT_JSONL) {
        report_json(command, failure);
        return;
    }
    if (failure->message) {
        g_auto(GStrv) lines = g_strsplit(failure->message->str, "\n", -1);

        for (char **line = lines; *line; line++)
            out_error(*line);
    }
    if (failure->hint && tty_stderr() && !tty_plain)
        out_note(failure->hint);
}

void exec_refuse(const char *command, enum out_format format, const char *message, ...)
{
    struct failure failure = {.message = g_string_new(NULL)};
    va_list list;

    va_start(list, message);
    g_string_vprintf(failure.message, message, list);
    va_end(list);
    exec_report(command, &failure, format);
    failure_clear(&failure);
}

/* What the line should have said, for a person: the nearest command or option. */
static char *line_hint(const char *error)
{
    g_auto(GStrv) words = g_strsplit(error, "'", 3);
    const char *nearest = NULL;
    const char *option;

    if (g_strv_length(words) < 3)
        return NULL;
    if (g_str_has_prefix(error, "unknown command")) {
        nearest = hvsh_nearest(words[1], plugin_command_names());
        return nearest ? g_strdup_printf("did you mean '%s'? (`help` lists all commands)", nearest) : g_strdup("`help` lists all commands");
    }
    option = strstr(error, "doesn't support option --");
    if (option) {
        const struct command *command = plugin_command(words[1]);
        g_autoptr(GPtrArray) names = g_ptr_array_new();

        for (unsigned int i = 0; command && i < command->real->nargs; i++)
            if (!(command->real->args[i]->flags & HVSH_HIDE))
                g_ptr_array_add(names, (void *)command->real->args[i]->name);
        g_ptr_array_add(names, NULL);
        nearest = hvsh_nearest(option + strlen("doesn't support option --"), (const char *const *)names->pdata);
        return nearest ? g_strdup_printf("did you mean --%s? (`help %s` lists its options)", nearest, words[1])
                       : g_strdup_printf("`help %s` lists its options", words[1]);
    }
    if (strstr(error, "requires"))
        return g_strdup_printf("`help %s` says more", words[1]);
    return NULL;
}

/* `words` could not be understood; who asked for data in one of them gets the failure as data. */
static int report_line_error(char *error, const char *const words[])
{
    struct failure failure = {.message = g_string_new(error), .hint = line_hint(error)};
    bool json = g_strv_contains(words, "--json") || g_strv_contains(words, "--jsonl");

    exec_report(NULL, &failure, json ? OUT_JSON : exec_settings.format);
    failure_clear(&failure);
    g_free(error);
    return exec_last_status = 1;
}

/* ---- where a command's text goes --------------------------------------------------------------------------------------------------- */

struct destination {
    FILE *file;
    FILE *pipe;                 /* to `| cmd` */
    pid_t child;
    bool own;                   /* file was opened here */
    /* of a command that writes to standard output itself, while that goes to `file` */
    int standard;               /* where it went before; 0: it still does */
    bool human;                 /* exec_settings.human before */
    bool reader_left;
};

/* That of the command that runs; of nested ones the innermost. */
static struct destination *destination;

void exec_own_output(hvsh_call *call)
{
    int standard;

    if (!run_silence(call) || !destination || destination->file == stdout || destination->standard)
        return;
    fflush(stdout);
    standard = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (standard < 0)
        return;
    dup2(fileno(destination->file), STDOUT_FILENO);
    destination->standard = standard;
    destination->human = exec_settings.human;
    exec_settings.human = false;
}

static void give_back_output(struct destination *to)
{
    if (!to->standard)
        return;
    fflush(stdout);
    dup2(to->standard, STDOUT_FILENO);
    close(to->standard);
    exec_settings.human = to->human;
    if (to->reader_left)
        exec_quit = false;      /* it was the program behind | that left, not who reads what the shell says */
}

void exec_reader_left(void)
{
    if (exec_quit)
        return;
    exec_quit = true;
    exec_quit_status = STATUS_NO_READER;
    if (destination && destination->standard)
        destination->reader_left = true;
}

/* The user's own words behind `|` are for the system's shell, which is the interface that he means. */
static int open_pipe(struct destination *to, const char *words)
{
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) < 0)
        return -1;
    fflush(stdout);
    to->child = fork();
    if (to->child < 0) {
        close(fds[0]);
        close(fds[1]);
        return -1;
    }
    if (to->child == 0) {
        signals_child(NULL);
        dup2(fds[0], STDIN_FILENO);
        execl("/bin/sh", "sh", "-c", words, (char *)NULL);
        _exit(127);
    }
    close(fds[0]);
    to->pipe = to->file = fdopen(fds[1], "w");
    return 0;
}

static int open_destination(struct destination *to, const struct match *match)
{
    memset(to, 0, sizeof(*to));
    to->file = stdout;
    switch (match->redirect) {
    case REDIRECT_PIPE:
        if (open_pipe(to, match->target) == 0)
            return 0;
        break;
    case REDIRECT_FILE:
    case REDIRECT_APPEND:
        to->file = fopen(match->target, match->redirect == REDIRECT_FILE ? "we" : "ae");
        to->own = true;
        if (to->file)
            return 0;
        break;
    case REDIRECT_NONE:
        return 0;
    }
    return -1;
}

/* Everything out; what failed (a full disk) is said. 0 or -1 with errno. A program behind | that failed makes its status that of the line. */
static int close_destination(struct destination *to, int *status)
{
    int result = 0;

    give_back_output(to);
    if (to->pipe) {
        int ended;
        pid_t child;

        fclose(to->pipe);
        do
            child = waitpid(to->child, &ended, 0);
        while (child < 0 && errno == EINTR);
        run_note_signals();     /* a Ctrl-C meanwhile was the program's, not the next prompt's */
        if (child > 0 && *status == 0)
            *status = WIFSIGNALED(ended) ? 128 + WTERMSIG(ended) : WEXITSTATUS(ended);
    } else if (to->own) {
        result = fclose(to->file);
    } else if (fflush(stdout) != 0) {
        result = -1;
    } else {
        clearerr(stdout);       /* what failed is known from the sink; the next command tries anew */
    }
    return result;
}

/* ---- one command ------------------------------------------------------------------------------------------------------------------------ */

static bool several_names(const struct command *command)
{
    const char *first = NULL;

    for (const struct shape *const *shape = command->shapes; *shape; shape++) {
        const char *name = (*shape)->def->name;

        if ((*shape)->def->kind == HVSH_MESSAGE)
            continue;
        if (first && name && strcmp(first, name) != 0)
            return true;
        first = first ? first : name;
    }
    return false;
}

static int run_help(const char *name)
{
    const char *const words[] = {"help", name, NULL};

    return exec_argv(words);
}

static void end_command(const struct match *match, enum out_format format, int64_t began)
{
    if (format != OUT_TEXT || match->redirect == REDIRECT_FILE || match->redirect == REDIRECT_APPEND)
        return;
    /* virsh: the time, or a blank line unless quiet */
    if (exec_settings.timing)
        printf("\n(Time: %.3f ms)\n\n", (double)(g_get_monotonic_time() - began) / 1000.0);
    else if (!exec_settings.quiet)
        putchar('\n');
    out_line_ended();
    fflush(stdout);
}

enum { DEEPEST_FORMAT = 16 };

GArray *exec_match_words(const char *const words[], char **error)
{
    return words[0] && !words[1] ? line_match(words[0], LINE_VIRSH, plugin_lookup(), error) : line_match_argv(words, plugin_lookup(), error);
}

/* Of a command that runs another one (its words are required; an alias only keeps them) the other one's options count too: watch 2s list --json */
static enum out_format format_within(const struct match *match, int depth)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_autofree char *error = NULL;
    enum out_format format = exec_settings.format;
    GArray *inner = NULL;

    if (match->format >= 0)
        return (enum out_format)match->format;
    for (unsigned int i = 0; i < match->given->len; i++) {
        const struct given *given = &g_array_index(match->given, struct given, i);
        uint32_t flags = match->command->real->args[given->field]->flags;

        if (given->text && flags & HVSH_COMMAND && flags & HVSH_REQUIRED)
            g_ptr_array_add(words, given->text);
    }
    g_ptr_array_add(words, NULL);
    if (words->len > 1 && depth < DEEPEST_FORMAT)     /* an alias may run itself */
        inner = exec_match_words((const char *const *)words->pdata, &error);
    if (inner && inner->len && !g_array_index(inner, struct match, 0).shell)
        format = format_within(&g_array_index(inner, struct match, 0), depth + 1);
    line_free(inner);
    return format;
}

enum out_format exec_format(const struct match *match)
{
    return format_within(match, 0);
}

/* Does it own the terminal and need the connection, which is not open? */
static bool opens_on_main(const struct match *match)
{
    const struct command *command = match->command->real;
    bool owns = command->def->flags & HVSH_TERMINAL;

    for (unsigned int i = 0; i < match->given->len; i++)
        owns = owns || command->args[g_array_index(match->given, struct given, i).field]->flags & HVSH_AT_TERMINAL;
    return owns && !(command->def->flags & (HVSH_NO_CONNECTION | HVSH_OPENS)) && !conn_is_open(conn_current());
}

static int run_command(GArray *matches, unsigned int index)
{
    const struct match *match = &g_array_index(matches, struct match, index);
    enum out_format format = match->shell ? exec_settings.format : exec_format(match);
    int64_t began = g_get_monotonic_time();
    struct out_options options = {.format = format, .quiet = exec_settings.quiet};
    struct destination to, *outer;
    struct failure failure;
    struct sink *sink;
    struct run run;
    int status, problem;
    bool unopened;

    if (match->shell) {
        const char *const argv[] = {"/bin/sh", "-c", match->shell, NULL};

        exec_heeded = false;
        status = tty_run(argv);
        run_note_signals();
        if (status == STATUS_INTERRUPTED && exec_settings.interactive && tty_stdout())     /* behind the terminal's ^C */
            putchar('\n');
        if (status < 0)
            out_error("cannot start a shell");
        return status < 0 ? 127 : status;
    }
    if (match->help)
        return run_help(match->command->real->name);
    if (match->command->real->def->flags & HVSH_PROMPT_ONLY && !exec_settings.interactive) {
        exec_refuse(match->command->name, format, "%s: command valid only in interactive mode", match->command->name);
        end_command(match, format, began);
        return 1;
    }
    /* on main nobody could end the wait for a host that does not open: a thread opens it before */
    if (opens_on_main(match) && (status = exec_connect()) != 0) {
        if (!exec_settings.connect_first)
            end_command(match, format, began);
        return status;
    }
    if (open_destination(&to, match) < 0) {
        exec_refuse(match->command->name, format, "cannot write to %s: %s", match->target, g_strerror(errno));
        return 1;
    }
    options.style = exec_settings.human && match->redirect == REDIRECT_NONE ? HVSH_HUMAN : HVSH_PLAIN;
    options.colour = options.style == HVSH_HUMAN && tty_colour(STDOUT_FILENO);
    options.file = to.file;
    options.pager = exec_settings.pager && options.style == HVSH_HUMAN && tty_stdout() &&
                    !(match->command->real->def->flags & (HVSH_TERMINAL | HVSH_UNDO));
    sink = out_sink_new(&options);
    sink->several = several_names(match->command->real);
    run_prepare(&run, matches, index, sink, NULL);
    outer = destination;
    destination = &to;
    run_all(&run, 1);
    destination = outer;
    status = run.status;
    /* what -c names could not be opened: that ends the program, not a command */
    unopened = exec_settings.connect_first && (run.given_up || !run.call->connected);
    /* -t measures the command, not what had to be there before */
    if (exec_settings.connect_first && run.call->connected)
        began = run.call->connected;
    sink_end(sink, run_primary(&run), status != 0);
    run_finish(&run, &failure);
    problem = sink->error;
    sink_free(sink);
    conn_names_stale();         /* what it did may have changed them */
    if (close_destination(&to, &status) < 0 && !problem)
        problem = errno;
    if (problem == EPIPE && match->redirect == REDIRECT_NONE && !options.pager)
        exec_reader_left();
    if (problem && problem != EPIPE && !failure.message) {
        failure.message = g_string_new(NULL);
        g_string_printf(failure.message, "cannot write the result: %s", g_strerror(problem));
        status = 1;
    }
    exec_report(match->command->name, &failure, format);
    failure_clear(&failure);
    if (!exec_quit && !unopened)
        end_command(match, format, began);
    return status;
}

static int do_nothing(hvsh_call *call, const void *args)
{
    (void)call;
    (void)args;
    return 0;
}

/* A command that only needs its connection, run as every other one is: on a thread, with questions and Ctrl-C. */
int exec_connect(void)
{
    static const struct hvsh_field *const no_fields[] = {NULL};
    static const struct shape *const no_shapes[] = {NULL};
    static const struct hvsh_command def = {.name = "connect", .run = do_nothing};
    static struct command command = {.def = &def, .name = "connect", .args = no_fields, .aliases = no_fields, .rules = no_fields, .shapes = no_shapes};
    struct match match = {.command = &command, .format = -1};
    GArray *matches = g_array_new(FALSE, TRUE, sizeof(struct match));
    struct out_options options = {.quiet = true, .file = stdout};
    struct sink *sink = out_sink_new(&options);
    struct failure failure;
    int status;

    command.real = &command;
    match.given = g_array_new(FALSE, TRUE, sizeof(struct given));
    g_array_append_val(matches, match);
    status = exec_match(matches, sink, NULL, &failure);
    g_array_unref(match.given);
    exec_report(NULL, &failure, exec_settings.format);
    failure_clear(&failure);
    sink_free(sink);
    return status;
}

/* One command alone whose first act is to open the connection: no need for a thread to do that before it. */
static bool opens_by_itself(const GArray *matches)
{
    const struct match *match = &g_array_index(matches, struct match, 0);

    return matches->len == 1 && !match->shell && !match->help && match->redirect == REDIRECT_NONE &&
           !(match->command->real->def->flags & (HVSH_NO_CONNECTION | HVSH_OPENS | HVSH_PROMPT_ONLY));
}

/* All commands of a line, one after the other. */
static int run_matches(GArray *matches)
{
    int status = 0;

    if (exec_settings.connect_first && !opens_by_itself(matches)) {
        status = exec_connect();
        exec_settings.connect_first = false;
    }
    if (!matches->len && !status)
        status = exec_last_status;      /* a comment changes nothing */
    if (status) {
        line_free(matches);
        return status;
    }
    for (unsigned int i = 0; i < matches->len && !exec_quit; i++) {
        exec_interrupted = false;
        status = run_command(matches, i);
        exec_settings.connect_first = false;
        exec_last_status = status;
        if (status && exec_settings.fail_fast)
            break;
        if (ended_by_interrupt(status)) {
            if (i + 1 < matches->len)
                status = exec_last_status = STATUS_INTERRUPTED;
            break;
        }
    }
    line_free(matches);
    return exec_quit ? exec_quit_status : status;
}

int exec_line(const char *text)
{
    char *error;
    GArray *matches = line_match(text, exec_settings.prompt_syntax ? LINE_PROMPT : LINE_VIRSH, plugin_lookup(), &error);

    if (!matches) {
        g_auto(GStrv) words = g_strsplit_set(text, " \t\n;", -1);

        return report_line_error(error, (const char *const *)words);
    }
    return run_matches(matches);
}

int exec_argv(const char *const words[])
{
    char *error;
    GArray *matches = line_match_argv(words, plugin_lookup(), &error);

    if (!matches)
        return report_line_error(error, words);
    return run_matches(matches);
}

/* ---- streams of lines --------------------------------------------------------------------------------------------------------------------- */

static void echo_prompt(void)
{
    struct conn *conn = conn_current();

    printf("%s %c ", g_get_prgname(), conn && conn_readonly(conn) ? '>' : '#');
}

enum { LONGEST_LINE = 64 << 20 };

struct reader {
    int fd;
    GString *ahead;             /* read, and not yet a line that was given out */
    gsize at;                   /* where the next line begins */
    bool ended;
};

/* Wait for more, and for signals: 1, 0: there is no more, -1: errno; a signal that ends things is EINTR. */
static int read_more(struct reader *reader)
{
    struct pollfd fds[2] = {{.fd = reader->fd, .events = POLLIN}, {.fd = signals_fd(), .events = POLLIN}};
    char bytes[16384];
    ssize_t n;

    if (reader->ahead->len - reader->at > LONGEST_LINE) {
        errno = EMSGSIZE;
        return -1;
    }
    g_string_erase(reader->ahead, 0, (gssize)reader->at);
    reader->at = 0;
    fflush(stdout);
    do {
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return -1;
        exec_interrupted = false;
        run_note_signals();
        if (exec_interrupted) {
            errno = EINTR;
            return -1;
        }
        n = -1, errno = EINTR;
        if (fds[0].revents)
            n = read(reader->fd, bytes, sizeof(bytes));
    } while (n < 0 && errno == EINTR);
    if (n > 0)
        g_string_append_len(reader->ahead, bytes, n);
    return n > 0 ? 1 : (int)n;
}

/* The next line, without its end, good until the next call. 1, 0: there is none, -1: errno. */
static int read_line(struct reader *reader, char **line, gsize *length)
{
    gsize looked_at = 0;
    char *start, *end;

    while (!(end = memchr(reader->ahead->str + reader->at + looked_at, '\n', reader->ahead->len - reader->at - looked_at)) && !reader->ended) {
        int more;

        looked_at = reader->ahead->len - reader->at;
        more = read_more(reader);
        if (more < 0)
            return -1;
        reader->ended = more == 0;
    }
    start = reader->ahead->str + reader->at;
    if (!end && reader->at == reader->ahead->len)
        return 0;
    *length = end ? (gsize)(end - start) : reader->ahead->len - reader->at;
    start[*length] = '\0';
    reader->at += *length + (end != NULL);
    *line = start;
    return 1;
}

/* virsh, given a pipe as its standard input, greets and echoes as if it were a person's session; so does this. A file of commands (-f) runs silently. */
int exec_stream(int fd, const char *name, enum line_syntax syntax)
{
    bool echo = syntax == LINE_VIRSH, before = exec_settings.prompt_syntax, lua;
    g_autoptr(GString) text = g_string_new(NULL), ahead = g_string_new(NULL);
    struct reader reader = {.fd = fd, .ahead = ahead};
    int status = 0, got = 0;
    gsize length;
    char *line;

    exec_settings.prompt_syntax = syntax == LINE_PROMPT;
    if (echo && !exec_settings.quiet)
        printf("Welcome to %s, the virtualization interactive terminal.\n\nType:  'help' for help with commands\n       'quit' to quit\n\n",
               g_get_prgname());
    if (echo)
        echo_prompt();
    while (!exec_quit && (got = read_line(&reader, &line, &length)) > 0) {
        if (memchr(line, '\0', length)) {
            exec_refuse(NULL, exec_settings.format, "a line with a NUL byte was refused");
            status = exec_last_status = 1;
            if (exec_settings.fail_fast)
                break;
            continue;
        }
        if (length && line[length - 1] == '\r')      /* as virsh: another system's line */
            line[length - 1] = '\0';
        if (echo)
            printf("%s\n", line);
        g_string_append(text, line);
        lua = syntax == LINE_PROMPT && exec_lua && *text->str == '=';
        if (!echo && !lua && line_is_open(text->str)) {
            g_string_append_c(text, '\n');
            continue;
        }
        exec_interrupted = false;
        if (lua)
            status = exec_last_status = exec_lua(text->str + 1, true);
        else if (*text->str)
            status = exec_line(text->str);
        g_string_truncate(text, 0);
        if (status && exec_settings.fail_fast)
            break;
        if (ended_by_interrupt(status)) {
            got = -1;
            errno = EINTR;
            break;
        }
        if (echo && !exec_quit)
            echo_prompt();
    }
    if (got < 0 && errno == EINTR) {        /* Ctrl-C, also while a line was waited for: what follows is not done */
        run_note_signals();
        status = exec_last_status = STATUS_INTERRUPTED;
        if (echo && !exec_quit)
            exec_quit = true, exec_quit_status = status;
    } else if (got < 0) {                   /* a folder, a bad disk */
        if (errno == EMSGSIZE)
            exec_refuse(NULL, exec_settings.format, "%s is no file of commands: a line of it is longer than 64 MiB", name);
        else
            exec_refuse(NULL, exec_settings.format, "cannot read %s: %s", name, g_strerror(errno));
        status = 1;
    } else if (!echo && text->len && !exec_quit) {
        status = exec_line(text->str);
    }
    if (echo)
        putchar('\n');
    fflush(stdout);
    exec_settings.prompt_syntax = before;
    return exec_quit ? exec_quit_status : status;
}

/* ---- for Lua, watch ---------------------------------------------------------------------------------------------------------------------------- */

int exec_parallel(GArray **matches, struct sink **sinks, struct conn **conns, size_t n, int *statuses, struct failure *failures)
{
    struct run *runs = g_new0(struct run, n ? n : 1);
    int status = 0;

    exec_interrupted = false;
    for (size_t i = 0; i < n; i++) {
        run_prepare(&runs[i], matches[i], 0, sinks[i], conns ? conns[i] : NULL);
        sinks[i]->several = several_names(runs[i].call->command);
    }
    run_all(runs, n);
    for (size_t i = 0; i < n; i++) {
        statuses[i] = runs[i].status;
        sink_end(sinks[i], run_primary(&runs[i]), statuses[i] != 0);
        run_finish(&runs[i], failures ? &failures[i] : NULL);
        line_free(matches[i]);
        status = status ? status : statuses[i];
    }
    g_free(runs);
    return status;
}

int exec_match(GArray *matches, struct sink *sink, struct conn *conn, struct failure *failure)
{
    int status;

    exec_parallel(&matches, &sink, conn ? &conn : NULL, 1, &status, failure);
    return status;
}

unsigned char hvsh_escape(hvsh_call *call)
{
    const char *escape = exec_settings.escape;

    (void)call;
    return (unsigned char)(escape[0] == '^' && escape[1] ? g_ascii_toupper(escape[1]) ^ 0x40 : escape[0]);
}
