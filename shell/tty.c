/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tty.c - the terminal: raw mode put back on every way out, size, questions, children that own it for a while. */
#include "tty.h"
#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

bool tty_plain;

bool tty_stdout(void)
{
    return isatty(STDOUT_FILENO) == 1;
}

bool tty_stderr(void)
{
    return isatty(STDERR_FILENO) == 1;
}

bool tty_is_interactive(void)
{
    return isatty(STDIN_FILENO) == 1 && (tty_stdout() || tty_stderr());
}

void tty_size(int *columns, int *lines)
{
    static const int fds[] = {STDOUT_FILENO, STDERR_FILENO, STDIN_FILENO};

    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
        struct winsize size;

        if (ioctl(fds[i], TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
            *columns = size.ws_col;
            *lines = size.ws_row;
            return;
        }
    }
    *columns = 80;
    *lines = 24;
}

bool tty_dumb(void)
{
    const char *term = g_getenv("TERM");

    return !term || !*term || strcmp(term, "dumb") == 0;
}

bool tty_colour(int fd)
{
    const char *none = g_getenv("NO_COLOR");

    return !tty_plain && !(none && *none) && !tty_dumb() && isatty(fd) == 1;
}

/* ---- modes, put back on every way out ---- */

/* The terminal whose mode is not its own now; -1: none. A handler reads them: they are set in this order, the descriptor last. */
static struct termios saved_mode;
static volatile sig_atomic_t saved_fd = -1;

static const int fatal_signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGTERM};
static struct sigaction fatal_before[G_N_ELEMENTS(fatal_signals)];

void tty_restore(void)
{
    int fd = saved_fd, error = errno;

    saved_fd = -1;
    if (fd >= 0)
        while (tcsetattr(fd, TCSADRAIN, &saved_mode) < 0 && errno == EINTR)
            continue;
    errno = error;
}

/* Async-signal-safe: the mode, then the end that the signal means. */
static void on_fatal(int number)
{
    int fd = saved_fd;

    if (fd >= 0)
        tcsetattr(fd, TCSANOW, &saved_mode);
    signal(number, SIG_DFL);
    raise(number);
}

/* Signals that the shell handles itself (Ctrl-C, hang-up) stay its own; it comes to tty_restore() by them. */
static void watch_signals(void)
{
    static bool done;
    struct sigaction action = {.sa_handler = on_fatal, .sa_flags = SA_NODEFER | SA_RESETHAND};

    if (done)
        return;
    done = true;
    atexit(tty_restore);
    for (size_t i = 0; i < G_N_ELEMENTS(fatal_signals); i++) {
        if (sigaction(fatal_signals[i], NULL, &fatal_before[i]) == 0 && fatal_before[i].sa_handler == SIG_DFL)
            sigaction(fatal_signals[i], &action, NULL);
    }
}

static int change_mode(int fd, const struct termios *mode)
{
    watch_signals();
    if (saved_fd < 0) {
        if (tcgetattr(fd, &saved_mode) < 0)
            return -1;
        saved_fd = fd;
    }
    if (tcsetattr(fd, TCSAFLUSH, mode) < 0) {
        tty_restore();
        return -1;
    }
    return 0;
}

int tty_raw(void)
{
    struct termios mode;

    if (tcgetattr(STDIN_FILENO, &mode) < 0)
        return -1;
    cfmakeraw(&mode);
    return change_mode(STDIN_FILENO, &mode);
}

/* ---- questions ---- */

/* The terminal itself, whatever standard input and output are. */
static int open_terminal(void)
{
    return open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
}

/*
 * Read until `done` says so. True: there is a text (an end of file ends one that has begun); false: none, errno EINTR after Ctrl-C. Ctrl-C is read as a
 * character (ISIG is off), so that no handler of anybody's is in the way.
 */
static bool read_until_newline(int fd, char interrupt, GString *line)
{
    for (;;) {
        char c;
        ssize_t n = read(fd, &c, 1);

        if (n < 0 && errno == EINTR && !signals_interrupted())
            continue;
        if (n < 0)
            return false;
        if (n == 0) {
            errno = 0;
            return line->len > 0;
        }
        if (c == '\n')
            return true;
        if (c && c == interrupt) {
            errno = EINTR;
            return false;
        }
        g_string_append_c(line, c);
    }
}

static int question_mode(int fd, bool secret, bool one_key, char *interrupt)
{
    struct termios mode;

    if (tcgetattr(fd, &mode) < 0)
        return -1;
    *interrupt = (char)mode.c_cc[VINTR];
    mode.c_lflag &= ~(tcflag_t)(ISIG | (secret || one_key ? ECHO | ECHONL : 0));
    mode.c_iflag |= ICRNL;
    if (one_key) {
        mode.c_lflag &= ~(tcflag_t)ICANON;
        mode.c_cc[VMIN] = 1;
        mode.c_cc[VTIME] = 0;
    } else {
        mode.c_lflag |= ICANON | (secret ? 0 : ECHO);
        /* Ctrl-C ends a line, to be seen at once. */
        mode.c_cc[VEOL] = mode.c_cc[VINTR];
    }
    return change_mode(fd, &mode);
}

static void say(int fd, const char *text)
{
    ssize_t n = write(fd, text, strlen(text));

    (void)n;
}

char *tty_ask(const char *question, bool secret)
{
    int fd = open_terminal(), error;
    char *answer = NULL, interrupt;
    GString *line;

    if (fd < 0)
        return NULL;
    fflush(stdout);
    if (question_mode(fd, secret, false, &interrupt) < 0) {
        close(fd);
        return NULL;
    }
    /* Roomy from the start, so that a secret is not left behind in blocks that it has outgrown. */
    line = g_string_sized_new(4096);
    say(fd, question);
    if (read_until_newline(fd, interrupt, line))
        answer = g_strdup(line->str);
    error = answer ? 0 : errno;
    tty_restore();
    if (secret || !answer)
        say(fd, "\n");
    explicit_bzero(line->str, line->len);
    g_string_free(line, TRUE);
    close(fd);
    errno = error;
    return answer;
}

char tty_choose(const char *question, const char *keys, bool default_first)
{
    int fd = open_terminal(), error = 0;
    char interrupt, c, answer = 0;

    if (fd < 0)
        return 0;
    fflush(stdout);
    if (question_mode(fd, false, true, &interrupt) < 0) {
        close(fd);
        return 0;
    }
    say(fd, question);
    while (!answer) {
        ssize_t n = read(fd, &c, 1);

        if (n < 0 && errno == EINTR && !signals_interrupted())
            continue;
        if (n < 0 || (n > 0 && c && c == interrupt))
            error = EINTR;
        if (n <= 0 || error || c == 4)
            break;
        if (c == '\n' && default_first)
            answer = *keys;
        else if (c && strchr(keys, g_ascii_tolower(c)))
            answer = g_ascii_tolower(c);
    }
    tty_restore();
    say(fd, answer ? (char[]){answer, '\n', 0} : "\n");
    close(fd);
    errno = error;
    return answer;
}

/* ---- children that own the terminal ---- */

/* Make `group` the terminal's foreground group; without its SIGTTOU, which would stop a background caller. Async-signal-safe. */
static void hand_over(int fd, pid_t group)
{
    sigset_t block, before;

    sigemptyset(&block);
    sigaddset(&block, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &block, &before);
    tcsetpgrp(fd, group);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void child_setup(gpointer terminal)
{
    const int *fd = terminal;

    if (*fd >= 0) {
        setpgid(0, 0);
        hand_over(*fd, getpid());
    }
    signals_child(NULL);
}

/* Wait for the child. When it is stopped (Ctrl-Z) so are we, and it goes on with us. */
static int wait_child(pid_t child, int terminal)
{
    int status;

    for (;;) {
        if (waitpid(child, &status, WUNTRACED) < 0) {
            if (errno == EINTR)
                continue;
            return -1;
        }
        if (WIFEXITED(status))
            return WEXITSTATUS(status);
        if (WIFSIGNALED(status))
            return 128 + WTERMSIG(status);
        if (terminal >= 0)
            hand_over(terminal, getpgrp());
        raise(SIGTSTP);
        if (terminal >= 0)
            hand_over(terminal, child);
        kill(terminal >= 0 ? -child : child, SIGCONT);
    }
}

int tty_run(const char *const argv[])
{
    GSpawnFlags flags = G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_CHILD_INHERITS_STDIN;
    g_autoptr(GError) error = NULL;
    int terminal = open_terminal(), status = -1, saved;
    struct termios mode;
    bool have_mode;
    GPid child;

    fflush(stdout);
    /* Only a foreground job has the terminal to give, and only who could take it back: our group has no number in a namespace of processes that
     * was entered from without. */
    if (terminal >= 0 && (getpgrp() == 0 || tcgetpgrp(terminal) != getpgrp())) {
        close(terminal);
        terminal = -1;
    }
    have_mode = terminal >= 0 && tcgetattr(terminal, &mode) == 0;
    if (g_spawn_async(NULL, (char **)argv, NULL, flags, child_setup, &terminal, &child, &error)) {
        if (terminal >= 0)
            setpgid(child, child);
        status = wait_child(child, terminal);
        saved = errno;
        g_spawn_close_pid(child);
    } else {
        saved = error->code == G_SPAWN_ERROR_NOENT ? ENOENT : error->code == G_SPAWN_ERROR_ACCES ? EACCES : EIO;
    }
    if (terminal >= 0) {
        hand_over(terminal, getpgrp());
        /* A child that was killed leaves its mode behind. */
        if (have_mode)
            tcsetattr(terminal, TCSADRAIN, &mode);
        close(terminal);
    }
    errno = saved;
    return status;
}

int tty_edit_file(const char *path)
{
    const char *editor = g_getenv("VISUAL");
    g_autofree char *command = NULL;

    if (!editor || !*editor)
        editor = g_getenv("EDITOR");
    if (!editor || !*editor) {
        editor = "vi";
        /* it would sit there, and nobody could end it */
        if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
            errno = ENOTTY;
            return -1;
        }
    }
    if (!editor[strspn(editor, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_.+:@%-")])
        return tty_run((const char *const[]){editor, path, NULL});
    command = g_strconcat(editor, " \"$1\"", NULL);
    return tty_run((const char *const[]){"sh", "-c", command, "sh", path, NULL});
}
