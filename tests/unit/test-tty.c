/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-tty.c - the terminal's modes, questions, children, the pager and the bar, each in a process with a pseudo-terminal of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include "out-private.h"

#define PATIENCE 60000   /* milliseconds until a test is given up */

struct session {
    pid_t child;
    int master;
    GString *seen;
};

/* Run act() in a session of its own on a new terminal of 80 x 10; its result is the exit status. */
static void session_start(struct session *session, int (*act)(void))
{
    struct winsize size = {.ws_col = 80, .ws_row = 10};
    const char *name;

    session->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(session->master >= 0);
    assert_int_equal(grantpt(session->master), 0);
    assert_int_equal(unlockpt(session->master), 0);
    name = ptsname(session->master);
    assert_non_null(name);
    ioctl(session->master, TIOCSWINSZ, &size);
    session->child = fork();
    assert_true(session->child >= 0);
    if (session->child == 0) {
        int fd;

        /* the tests may have been started in the background, or by nohup, where these are ignored */
        signal(SIGINT, SIG_DFL);
        signal(SIGQUIT, SIG_DFL);
        signal(SIGHUP, SIG_DFL);
        setsid();
        fd = open(name, O_RDWR);
        if (fd < 0 || ioctl(fd, TIOCSCTTY, 0) < 0)
            _exit(99);
        for (int i = 0; i < 3; i++)
            dup2(fd, i);
        if (fd > 2)
            close(fd);
        exit(act());
    }
    session->seen = g_string_new(NULL);
}

/* Read until `text` has been seen; false: the other side is gone or too slow. */
static bool await(struct session *session, const char *text)
{
    struct pollfd poller = {.fd = session->master, .events = POLLIN};
    char buffer[512];

    while (!text || !strstr(session->seen->str, text)) {
        ssize_t n = poll(&poller, 1, PATIENCE) == 1 ? read(session->master, buffer, sizeof buffer) : 0;

        if (n <= 0)
            return false;
        g_string_append_len(session->seen, buffer, n);
    }
    return true;
}

static void type(struct session *session, const char *text)
{
    assert_int_equal(write(session->master, text, strlen(text)), (ssize_t)strlen(text));
}

/* Are lines and echo on, as at the start? */
static bool is_cooked(const struct session *session)
{
    struct termios mode;

    return tcgetattr(session->master, &mode) == 0 && (mode.c_lflag & (ICANON | ECHO | ISIG)) == (ICANON | ECHO | ISIG);
}

static int session_end(struct session *session)
{
    int status;

    await(session, NULL);
    assert_int_equal(waitpid(session->child, &status, 0), session->child);
    close(session->master);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void session_clear(struct session *session)
{
    g_string_free(session->seen, TRUE);
}

/* ---- what the processes do ---- */

static int ask_secret(void)
{
    g_autofree char *answer = NULL;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    /* Redirections are no hindrance. */
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    answer = tty_ask("Password: ", true);
    if (!answer)
        return errno == EINTR ? 3 : 4;
    return strcmp(answer, "pass word") == 0 ? 0 : 5;
}

static int ask_plain(void)
{
    g_autofree char *answer = tty_ask("Name: ", false);

    return answer && strcmp(answer, "web1") == 0 ? 0 : 1;
}

static int choose(void)
{
    return tty_choose("Failed. Try again? [Y,n,?]: ", "yn?", true);
}

static int raw_and_wait(void)
{
    if (tty_raw() < 0)
        return 9;
    dprintf(STDOUT_FILENO, "raw");
    for (;;)
        pause();
}

static int raw_and_exit(void)
{
    return tty_raw() < 0 ? 9 : 0;
}

static int run_children(void)
{
    if (tty_run((const char *const[]){"sh", "-c", "exit 3", NULL}) != 3)
        return 1;
    if (tty_run((const char *const[]){"sh", "-c", "kill -9 $$", NULL}) != 137)
        return 2;
    if (tty_run((const char *const[]){"no-such-program-anywhere", NULL}) != -1 || errno != ENOENT)
        return 3;
    /* A child has the terminal, and leaves it in order however it ends. */
    if (tty_run((const char *const[]){"sh", "-c", "stty raw -echo </dev/tty && kill -9 $$", NULL}) != 137)
        return 4;
    if (tcgetpgrp(STDIN_FILENO) != getpgrp())
        return 5;
    return 0;
}

static int edit(void)
{
    g_unsetenv("VISUAL");
    g_setenv("EDITOR", "true", TRUE);
    if (tty_edit_file("/some file") != 0)
        return 1;
    g_setenv("VISUAL", "printf '<%s>' \"it's\"", TRUE);
    return tty_edit_file("/some $HOME file");
}

static const struct hvsh_type text_type = {.name = "string", .kind = HVSH_KIND_TEXT, .size = sizeof(char *)};
struct line { const char *text; };
static const struct hvsh_field text_field = {.member = "text", .type = &text_type, .offset = offsetof(struct line, text)};
static const struct hvsh_field *const text_fields[] = {&text_field, NULL};
static const struct hvsh_shape lines_def = {.kind = HVSH_LINES};
static const struct shape lines_shape = {&lines_def, &lines_def, text_fields};

static int print_lines(int count)
{
    struct sink *sink;
    int result;

    g_setenv("PAGER", "sed s/^/paged:/", TRUE);
    sink = out_sink_new(&(struct out_options){.file = stdout, .pager = true});
    for (int i = 0; i < count; i++)
        sink_row(sink, &lines_shape, &(struct line){"row"});
    result = sink_end(sink, NULL, false);
    sink_free(sink);
    return result;
}

static int short_text(void)
{
    return print_lines(5);
}

static int long_text(void)
{
    return print_lines(50);
}

static int leave_pager(void)
{
    struct sink *sink;
    int result = 0;

    signal(SIGPIPE, SIG_IGN);
    g_setenv("PAGER", "true", TRUE);
    sink = out_sink_new(&(struct out_options){.file = stdout, .pager = true});
    for (int i = 0; i < 100000 && result == 0; i++)
        result = sink_row(sink, &lines_shape, &(struct line){"a row of some length"});
    sink_end(sink, NULL, false);
    sink_free(sink);
    /* The writer learns that nobody reads any more. */
    return result == -1 ? 0 : 1;
}

static int show_bar(void)
{
    struct sink *sink = out_sink_new(&(struct out_options){.file = stdout});

    sink_progress(sink, "copying", 1, 4);
    sink_progress(sink, "copying", 2, 4);
    sink_row(sink, &lines_shape, &(struct line){"done"});
    sink_end(sink, NULL, false);
    sink_free(sink);
    return 0;
}

/* ---- tests ---- */

static void questions(void **state)
{
    struct session session;

    (void)state;
    session_start(&session, ask_secret);
    assert_true(await(&session, "Password: "));
    type(&session, "pass word\n");
    assert_int_equal(session_end(&session), 0);
    assert_null(strstr(session.seen->str, "word\r"));
    assert_null(strstr(session.seen->str, "pass"));
    session_clear(&session);

    session_start(&session, ask_secret);
    assert_true(await(&session, "Password: "));
    type(&session, "pa\003");
    assert_int_equal(session_end(&session), 3);
    session_clear(&session);

    session_start(&session, ask_secret);
    assert_true(await(&session, "Password: "));
    type(&session, "\004");
    assert_int_equal(session_end(&session), 4);
    session_clear(&session);

    session_start(&session, ask_plain);
    assert_true(await(&session, "Name: "));
    type(&session, "wbe\177\177eb1\n");
    assert_int_equal(session_end(&session), 0);
    assert_non_null(strstr(session.seen->str, "w"));
    session_clear(&session);
}

static void keys(void **state)
{
    static const struct { const char *typed; int key; } cases[] = {{"y", 'y'}, {"N", 'n'}, {"x?", '?'}, {"\r", 'y'}, {"\003", 0}, {"\004", 0}};

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct session session;

        session_start(&session, choose);
        assert_true(await(&session, "Failed. Try again? [Y,n,?]: "));
        type(&session, cases[i].typed);
        assert_int_equal(session_end(&session), cases[i].key);
        session_clear(&session);
    }
}

static void restored(void **state)
{
    static const int signals[] = {SIGTERM, SIGHUP, SIGSEGV, SIGABRT, SIGINT};
    struct session session;
    int keeper;

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(signals); i++) {
        session_start(&session, raw_and_wait);
        /* Held open, the terminal keeps its mode when the process has gone. */
        keeper = open(ptsname(session.master), O_RDWR | O_NOCTTY | O_CLOEXEC);
        assert_true(await(&session, "raw"));
        assert_false(is_cooked(&session));
        kill(session.child, signals[i]);
        assert_int_equal(waitpid(session.child, NULL, 0), session.child);
        assert_true(is_cooked(&session));
        close(keeper);
        close(session.master);
        session_clear(&session);
    }
    session_start(&session, raw_and_exit);
    keeper = open(ptsname(session.master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_int_equal(waitpid(session.child, NULL, 0), session.child);
    assert_true(is_cooked(&session));
    close(keeper);
    close(session.master);
    session_clear(&session);
}

static void check_session(int (*act)(void), const char *there, const char *not_there)
{
    struct session session;

    session_start(&session, act);
    assert_int_equal(session_end(&session), 0);
    if (there && !strstr(session.seen->str, there))
        fail_msg("no %s in: %s", there, session.seen->str);
    if (not_there && strstr(session.seen->str, not_there))
        fail_msg("%s in: %s", not_there, session.seen->str);
    session_clear(&session);
}

static void children(void **state)
{
    (void)state;
    check_session(run_children, NULL, NULL);
    check_session(edit, "<it's></some $HOME file>", NULL);
}

static void pager(void **state)
{
    (void)state;
    check_session(short_text, "row", "paged:");
    check_session(long_text, "paged:row", "\nrow");
    check_session(leave_pager, NULL, NULL);
}

static void bar(void **state)
{
    (void)state;
    check_session(show_bar, "copying [#####...............]  25% 1 of 4\033[K\r\033[Kdone", "50%");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions), cmocka_unit_test(keys),  cmocka_unit_test(restored),
        cmocka_unit_test(children),  cmocka_unit_test(pager), cmocka_unit_test(bar),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
