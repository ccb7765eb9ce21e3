/* SPDX-License-Identifier: GPL-3.0-or-later */
/* terminal.c - a pseudo-terminal and the small part of an xterm that a line editor uses: printing, moving, erasing, inserting, dim text. */
#include "terminal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { PATIENCE_MS = 60000, MAX_PARAMETERS = 8 };

struct cell { gunichar c; bool dim; };

struct terminal {
    pid_t pid;
    int master, status;
    bool ended, closed;
    int columns, lines;
    struct cell *cells;
    int x, y;                   /* the cursor; x may be `columns`: the next character wraps */
    bool dim, insert;
    GString *waiting;           /* bytes of a sequence that is not complete */
    GString *text;              /* what terminal_screen() and terminal_typed() hand out */
};

/* ---- the screen ------------------------------------------------------------------------------------------------------------- */

static struct cell *cell(struct terminal *terminal, int x, int y)
{
    return &terminal->cells[y * terminal->columns + x];
}

static void erase(struct terminal *terminal, int y, int from, int to)
{
    for (int x = MAX(from, 0); x < to && x < terminal->columns; x++)
        *cell(terminal, x, y) = (struct cell){' ', false};
}

static void next_line(struct terminal *terminal)
{
    if (++terminal->y < terminal->lines)
        return;
    terminal->y = terminal->lines - 1;
    memmove(terminal->cells, cell(terminal, 0, 1), (size_t)(terminal->columns * (terminal->lines - 1)) * sizeof(struct cell));
    erase(terminal, terminal->y, 0, terminal->columns);
}

/* Move what stands from the cursor on to the right (count > 0) or to the left over `-count` cells. */
static void shift(struct terminal *terminal, int count)
{
    struct cell *line = cell(terminal, 0, terminal->y);
    int from = MIN(terminal->x, terminal->columns), room = terminal->columns - from;
    int by = MIN(ABS(count), room);

    if (count > 0) {
        memmove(line + from + by, line + from, (size_t)(room - by) * sizeof(*line));
        erase(terminal, terminal->y, from, from + by);
    } else {
        memmove(line + from, line + from + by, (size_t)(room - by) * sizeof(*line));
        erase(terminal, terminal->y, terminal->columns - by, terminal->columns);
    }
}

static void put(struct terminal *terminal, gunichar c)
{
    if (terminal->x >= terminal->columns) {
        terminal->x = 0;
        next_line(terminal);
    }
    if (terminal->insert)
        shift(terminal, 1);
    *cell(terminal, terminal->x++, terminal->y) = (struct cell){c, terminal->dim};
}

static void erase_display(struct terminal *terminal, int what)
{
    int first = what == 0 ? terminal->y + 1 : 0, end = what == 1 ? terminal->y : terminal->lines;

    for (int y = first; y < end; y++)
        erase(terminal, y, 0, terminal->columns);
    if (what == 0)
        erase(terminal, terminal->y, terminal->x, terminal->columns);
    if (what == 1)
        erase(terminal, terminal->y, 0, terminal->x + 1);
}

/* A sequence ESC [ PARAMETERS FINAL. */
static void control(struct terminal *terminal, const char *text, char final)
{
    int parameters[MAX_PARAMETERS] = {0}, count = 0, n;
    bool private = *text == '?';
    g_auto(GStrv) words = g_strsplit(private ? text + 1 : text, ";", MAX_PARAMETERS);

    for (char **word = words; *word && count < MAX_PARAMETERS; word++)
        parameters[count++] = atoi(*word);
    n = MAX(parameters[0], 1);
    if (private)
        return;
    switch (final) {
    case 'A': terminal->y = MAX(terminal->y - n, 0); break;
    case 'B': terminal->y = MIN(terminal->y + n, terminal->lines - 1); break;
    case 'C': terminal->x = MIN(terminal->x + n, terminal->columns - 1); break;
    case 'D': terminal->x = MAX(MIN(terminal->x, terminal->columns - 1) - n, 0); break;
    case 'G': terminal->x = MIN(n, terminal->columns) - 1; break;
    case 'H':
        terminal->y = MIN(n, terminal->lines) - 1;
        terminal->x = MIN(MAX(parameters[1], 1), terminal->columns) - 1;
        break;
    case 'J': erase_display(terminal, parameters[0]); break;
    case 'K':
        erase(terminal, terminal->y, parameters[0] == 0 ? terminal->x : 0, parameters[0] == 1 ? terminal->x + 1 : terminal->columns);
        break;
    case 'P': shift(terminal, -n); break;
    case '@': shift(terminal, n); break;
    case 'h': case 'l':
        if (parameters[0] == 4)
            terminal->insert = final == 'h';
        break;
    case 'm':
        for (int i = 0; i < MAX(count, 1); i++)
            terminal->dim = parameters[i] == 2 || (terminal->dim && parameters[i] != 0 && parameters[i] != 22);
        break;
    default: break;
    }
}

/* Take one thing from the front of the bytes that have come: its length, 0: it is not complete. */
static size_t interpret(struct terminal *terminal, const char *bytes, size_t length)
{
    if (*bytes == '\033') {
        size_t end = 2;
        g_autofree char *parameters = NULL;

        if (length < 2)
            return 0;
        if (bytes[1] != '[')
            return 2;
        while (end < length && (bytes[end] < '@' || bytes[end] > '~'))
            end++;
        if (end == length)
            return 0;
        parameters = g_strndup(bytes + 2, end - 2);
        control(terminal, parameters, bytes[end]);
        return end + 1;
    }
    switch (*bytes) {
    case '\r': terminal->x = 0; return 1;
    case '\n': next_line(terminal); return 1;
    case '\b': terminal->x = MAX(MIN(terminal->x, terminal->columns - 1) - 1, 0); return 1;
    case '\t': terminal->x = MIN((terminal->x / 8 + 1) * 8, terminal->columns - 1); return 1;
    default: break;
    }
    if ((unsigned char)*bytes >= ' ') {
        gunichar c = g_utf8_get_char_validated(bytes, (gssize)length);

        if (c == (gunichar)-2 && length < 6)
            return 0;
        put(terminal, c >= (gunichar)-2 ? 0xfffd : c);
        return c >= (gunichar)-2 ? 1 : (size_t)g_unichar_to_utf8(c, NULL);
    }
    return 1;
}

static void read_some(struct terminal *terminal, int timeout)
{
    struct pollfd poller = {.fd = terminal->master, .events = POLLIN};
    char buffer[4096];
    size_t done = 0;
    ssize_t n;

    if (terminal->closed || poll(&poller, 1, timeout) != 1)
        return;
    n = read(terminal->master, buffer, sizeof(buffer));
    if (n <= 0) {
        terminal->closed = n == 0 || errno != EINTR;
        return;
    }
    g_string_append_len(terminal->waiting, buffer, n);
    while (done < terminal->waiting->len) {
        size_t taken = interpret(terminal, terminal->waiting->str + done, terminal->waiting->len - done);

        if (!taken)
            break;
        done += taken;
    }
    g_string_erase(terminal->waiting, 0, (gssize)done);
}

/* ---- what is to be seen -------------------------------------------------------------------------------------------------------- */

static void add_cells(struct terminal *terminal, int y, int end)
{
    for (int x = 0; x < end && x < terminal->columns; x++)
        g_string_append_unichar(terminal->text, cell(terminal, x, y)->c);
}

const char *terminal_screen(struct terminal *terminal)
{
    g_string_truncate(terminal->text, 0);
    for (int y = 0; y < terminal->lines; y++) {
        int end = terminal->columns;

        while (end && cell(terminal, end - 1, y)->c == ' ')
            end--;
        add_cells(terminal, y, end);
        g_string_append_c(terminal->text, '\n');
    }
    return terminal->text->str;
}

const char *terminal_typed(struct terminal *terminal)
{
    g_string_truncate(terminal->text, 0);
    add_cells(terminal, terminal->y, terminal->x);
    return terminal->text->str;
}

bool terminal_shows(struct terminal *terminal, const char *text)
{
    return strstr(terminal_screen(terminal), text) != NULL;
}

bool terminal_shows_dim(struct terminal *terminal, const char *text)
{
    size_t length = strlen(text);

    for (int i = 0; i + (int)length <= terminal->columns * terminal->lines; i++) {
        size_t same = 0;

        while (same < length && terminal->cells[i + (int)same].c == (unsigned char)text[same] && terminal->cells[i + (int)same].dim)
            same++;
        if (same == length)
            return true;
    }
    return false;
}

static bool typed_is(struct terminal *terminal, const char *text)
{
    return strcmp(terminal_typed(terminal), text) == 0;
}

static void await(struct terminal *terminal, const char *text, bool (*seen)(struct terminal *terminal, const char *text), const char *what)
{
    gint64 end = g_get_monotonic_time() + (gint64)PATIENCE_MS * 1000;

    while (!seen(terminal, text)) {
        if (terminal->closed || g_get_monotonic_time() > end)
            fail_msg("%s '%s': %s; the screen is\n%s(before the cursor: '%s')", what, text, terminal->closed ? "the program has ended" : "in vain",
                     g_strdup(terminal_screen(terminal)), g_strdup(terminal_typed(terminal)));
        read_some(terminal, 100);
    }
}

void await_text(struct terminal *terminal, const char *text)
{
    await(terminal, text, terminal_shows, "awaited");
}

void await_dim(struct terminal *terminal, const char *text)
{
    await(terminal, text, terminal_shows_dim, "awaited dimmed");
}

void await_typed(struct terminal *terminal, const char *text)
{
    await(terminal, text, typed_is, "awaited before the cursor");
}

static bool has_left(struct terminal *terminal, const char *text)
{
    return !typed_is(terminal, text);
}

void await_left(struct terminal *terminal, const char *text)
{
    await(terminal, text, has_left, "awaited that the cursor leaves");
}

/* ---- the program ----------------------------------------------------------------------------------------------------------------- */

static void clear_cells(struct terminal *terminal, int columns, int lines)
{
    terminal->columns = columns;
    terminal->lines = lines;
    terminal->cells = g_renew(struct cell, terminal->cells, (size_t)(columns * lines));
    for (int y = 0; y < lines; y++)
        erase(terminal, y, 0, columns);
}

struct terminal *terminal_start(int columns, int lines, const char *const argv[], const char *const environment[])
{
    struct terminal *terminal = g_new0(struct terminal, 1);
    struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = (unsigned short)lines};

    clear_cells(terminal, columns, lines);
    terminal->waiting = g_string_new(NULL);
    terminal->text = g_string_new(NULL);
    terminal->pid = forkpty(&terminal->master, NULL, NULL, &size);
    assert_true(terminal->pid >= 0);
    if (terminal->pid == 0) {
        /* as a person's shell starts it, whatever the tests themselves were told to ignore; and it never outlives a test that failed */
        signal(SIGHUP, SIG_DFL);
        signal(SIGINT, SIG_DFL);
        signal(SIGQUIT, SIG_DFL);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (const char *const *variable = environment; variable && *variable; variable++)
            putenv((char *)*variable);
        execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
    fcntl(terminal->master, F_SETFD, FD_CLOEXEC);
    return terminal;
}

int terminal_end(struct terminal *terminal)
{
    gint64 end = g_get_monotonic_time() + (gint64)PATIENCE_MS * 1000;

    while (!terminal->ended) {
        read_some(terminal, 20);
        if (waitpid(terminal->pid, &terminal->status, WNOHANG) == terminal->pid)
            terminal->ended = true;
        else if (g_get_monotonic_time() > end)
            fail_msg("the program does not end; the screen is\n%s", terminal_screen(terminal));
        else if (terminal->closed)
            g_usleep(5000);
    }
    for (int before = -1; !terminal->closed && before != (int)terminal->waiting->len;) {
        before = (int)terminal->waiting->len;
        read_some(terminal, 0);
    }
    return WIFEXITED(terminal->status) ? WEXITSTATUS(terminal->status) : 128 + WTERMSIG(terminal->status);
}

void terminal_free(struct terminal *terminal)
{
    if (!terminal)
        return;
    if (!terminal->ended) {
        kill(terminal->pid, SIGKILL);
        waitpid(terminal->pid, NULL, 0);
    }
    close(terminal->master);
    g_string_free(terminal->waiting, TRUE);
    g_string_free(terminal->text, TRUE);
    g_free(terminal->cells);
    g_free(terminal);
}

pid_t terminal_pid(const struct terminal *terminal)
{
    return terminal->pid;
}

void terminal_type(struct terminal *terminal, const char *keys)
{
    for (size_t length = strlen(keys); length;) {
        ssize_t n = write(terminal->master, keys, length);

        if (n < 0 && errno != EINTR)
            fail_msg("cannot type: %s", g_strerror(errno));
        keys += MAX(n, 0);
        length -= (size_t)MAX(n, 0);
        read_some(terminal, 0);
    }
}

void terminal_resize(struct terminal *terminal, int columns, int lines)
{
    struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = (unsigned short)lines};

    clear_cells(terminal, columns, lines);
    terminal->x = terminal->y = 0;
    ioctl(terminal->master, TIOCSWINSZ, &size);
}

bool terminal_is_cooked(const struct terminal *terminal)
{
    struct termios mode;

    return tcgetattr(terminal->master, &mode) == 0 && (mode.c_lflag & (ICANON | ECHO | ISIG)) == (ICANON | ECHO | ISIG);
}
