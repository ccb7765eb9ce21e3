/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-prompt.c - the prompt at a terminal: what it says, keys, history, lines of several lines, Ctrl-C, redirections, every way out. */
#include "session.h"

#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPTIONS(...) (const char *const[]){__VA_ARGS__, NULL}

/* Type a line at a prompt, run it and wait for the prompt behind it. */
static void run(struct terminal *terminal, const char *line, const char *prompt)
{
    g_autofree char *typed = g_strconcat(terminal_typed(terminal), line, NULL);

    terminal_type(terminal, line);
    await_typed(terminal, typed);
    terminal_type(terminal, "\r");
    await_left(terminal, typed);
    await_typed(terminal, prompt);
}

static void what_it_says(void **state)
{
    struct terminal *terminal = session(NULL, NULL);

    (void)state;
    assert_true(terminal_shows(terminal, "Welcome to hvsh"));
    run(terminal, "dominfo nosuch", "hvsh test !1 # ");
    assert_true(terminal_shows(terminal, "error: failed to get domain 'nosuch'"));
    run(terminal, "lsit", "hvsh test !1 # ");
    assert_true(terminal_shows(terminal, "error: unknown command: 'lsit'"));
    assert_true(terminal_shows(terminal, "did you mean 'list'?"));
    run(terminal, "domif-getlink test tesnet0", "hvsh test !1 # ");
    assert_true(terminal_shows(terminal, "did you mean 'testnet0'?"));
    run(terminal, "", PROMPT);
    session_quit(terminal, 0);

    terminal = session_at(100, 40, OPTIONS("-q", "-r"), NULL);
    await_typed(terminal, "hvsh test > ");
    assert_false(terminal_shows(terminal, "Welcome"));
    session_quit(terminal, 0);

    terminal = session_at(100, 40, OPTIONS("-q"), OPTIONS("HVSH_PLAIN=1"));
    await_typed(terminal, "hvsh # ");
    session_quit(terminal, 0);
}

static void editing(void **state)
{
    struct terminal *terminal = session(NULL, NULL);

    (void)state;
    run(terminal, "echo alpha", PROMPT);
    run(terminal, "echo beta", PROMPT);
    terminal_type(terminal, "echo a" KEY_UP);
    await_text(terminal, "beta\n" PROMPT "echo alpha");
    terminal_type(terminal, KEY_CTRL_E);
    await_typed(terminal, PROMPT "echo alpha");
    /* (given up: newer versions of readline would go on from the line that was found) */
    terminal_type(terminal, KEY_CTRL_C);
    await_typed(terminal, PROMPT);
    terminal_type(terminal, KEY_CTRL_R "bet");
    await_text(terminal, "(reverse-i-search)`bet': echo beta");
    terminal_type(terminal, "\r");
    await_typed(terminal, PROMPT);
    /* a line that is given up; the shell stays, and Up begins at the end again */
    terminal_type(terminal, KEY_UP KEY_UP KEY_UP "x");
    await_text(terminal, "echo alphax");
    terminal_type(terminal, KEY_CTRL_C);
    await_typed(terminal, PROMPT);
    terminal_type(terminal, KEY_UP);
    await_typed(terminal, PROMPT "echo beta");
    /* a search (^]) for a character that is not there changes nothing of what follows */
    terminal_type(terminal, KEY_CTRL_E KEY_CTRL_U "echo gamma\035z\r");
    await_text(terminal, PROMPT "echo gamma\ngamma\n");
    await_typed(terminal, PROMPT);
    terminal_type(terminal, KEY_CTRL_U KEY_CTRL_R "al");
    await_text(terminal, "`al'");
    terminal_type(terminal, KEY_CTRL_C);
    await_typed(terminal, PROMPT);
    terminal_type(terminal, KEY_CTRL_D);
    assert_int_equal(terminal_end(terminal), 0);
    assert_true(terminal_is_cooked(terminal));
    terminal_free(terminal);
}

static void inputrc(void **state)
{
    struct terminal *terminal;

    (void)state;
    home_write(".inputrc", "$if hvsh\n\"\\C-t\": \"echo of-inputrc\"\n\"?\": self-insert\n$endif\n$if other\n\"\\C-t\": \"echo not-this\"\n$endif\n");
    terminal = session(NULL, NULL);
    terminal_type(terminal, "\024");
    await_typed(terminal, PROMPT "echo of-inputrc");
    session_quit(terminal, 0);
}

static void several_lines(void **state)
{
    struct terminal *terminal = session(NULL, NULL);
    g_autofree char *saved = NULL;

    (void)state;
    run(terminal, "echo 'one", "  ... ");
    run(terminal, "two'", PROMPT);
    assert_true(terminal_shows(terminal, "\none\ntwo\n"));
    /* the end of file, or Ctrl-C, gives up an open quote and not the shell */
    run(terminal, "echo \"one", "  ... ");
    terminal_type(terminal, KEY_CTRL_D);
    await_text(terminal, "error: the quote is not closed");
    await_typed(terminal, PROMPT);
    run(terminal, "echo 'one", "  ... ");
    terminal_type(terminal, KEY_CTRL_C);
    await_typed(terminal, PROMPT);
    /* lines that are pasted run when Enter is pressed, not before */
    terminal_type(terminal, "\033[200~echo pasted1\necho pasted2\033[201~");
    await_text(terminal, "echo pasted2");
    assert_false(terminal_shows(terminal, "\npasted1"));
    terminal_type(terminal, "\r");
    await_text(terminal, "\npasted1");
    await_text(terminal, "\npasted2");
    await_typed(terminal, PROMPT);
    session_quit(terminal, 0);

    /* and come back as they were */
    saved = home_file("XDG_STATE_HOME/hvsh/history");
    assert_non_null(strstr(saved, "echo 'one\ntwo'\n"));
    terminal = session(NULL, NULL);
    run(terminal, "history --search two", PROMPT);
    assert_true(terminal_shows(terminal, "1  echo 'one\ntwo'\n"));
    session_quit(terminal, 0);
}

static void history(void **state)
{
    struct terminal *terminal = session(NULL, NULL);
    g_autofree char *saved = NULL;
    struct stat status;

    (void)state;
    run(terminal, "echo kept", PROMPT);
    run(terminal, " echo after a blank", PROMPT);
    run(terminal, "vault me s3cr3t", PROMPT);
    run(terminal, "vault me --password=s3cr3t --wrong", "hvsh test !1 # ");
    run(terminal, "pwd;vault me s3cr3t x y z", "hvsh test !1 # ");
    run(terminal, "time vault me s3cr3t", PROMPT);
    terminal_type(terminal, "=hv.vault('me', 's3cr3t')\rpwd\r");
    await_text(terminal, home);
    await_typed(terminal, PROMPT);
    run(terminal, "alias safe vault me", PROMPT);
    run(terminal, "safe s3cr3t", PROMPT);
    run(terminal, "time safe s3cr3t", PROMPT);
    run(terminal, "safe s3cr3t 'open", "  ... ");
    terminal_type(terminal, KEY_CTRL_C);
    await_typed(terminal, PROMPT);
    /* within a value, too */
    run(terminal, "install --import --cloud-init user=me,password=s3cr3t", "hvsh test !1 # ");
    run(terminal, "install --graphics vnc,passwd=s3cr3t --wrong", "hvsh test !1 # ");
    run(terminal, "time install --unattended 'product-key=s3cr3t'", "hvsh test !1 # ");
    terminal_type(terminal, "=hv.install{graphics='vnc,password=s3cr3t', name='/'}\rpwd\r");
    await_text(terminal, home);
    await_typed(terminal, PROMPT);
    run(terminal, "qemu-monitor-command test --hmp change vnc password s3cr3t", "hvsh test !1 # ");
    run(terminal, "qemu-agent-command test '{\"password\":\"s3cr3t\"}'", "hvsh test !1 # ");
    run(terminal, "qemu-monitor-command test --hmp info block", "hvsh test !1 # ");
    /* misspelt, too */
    run(terminal, "vualt me s3cr3t", "hvsh test !1 # ");
    run(terminal, "install --import --cloud-init password=ask,password-file=/x", "hvsh test !1 # ");
    run(terminal, "history", PROMPT);
    assert_true(terminal_shows(terminal, "1  echo kept"));
    session_quit(terminal, 0);
    saved = home_file("XDG_STATE_HOME/hvsh/history");
    assert_non_null(saved);
    assert_non_null(strstr(saved, "\necho kept\n"));
    assert_non_null(strstr(saved, "password=ask,password-file=/x\n"));
    assert_non_null(strstr(saved, "--hmp info block\n"));
    assert_null(strstr(saved, "s3cr3t"));
    assert_null(strstr(saved, "after a blank"));
    assert_int_equal(stat("XDG_STATE_HOME/hvsh/history", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void history_size(void **state)
{
    struct terminal *terminal = session(NULL, OPTIONS("VIRSH_HISTSIZE=3"));
    char *saved;

    (void)state;
    for (int i = 1; i < 6; i++) {
        g_autofree char *line = g_strdup_printf("echo %d", i);

        run(terminal, line, PROMPT);
    }
    session_quit(terminal, 0);
    saved = home_file("XDG_STATE_HOME/hvsh/history");
    assert_int_equal(saved[0], '#');
    assert_null(strstr(saved, "\necho 3\n"));
    assert_non_null(strstr(saved, "\necho 4\n"));
    assert_non_null(strstr(saved, "\nquit\n"));
    g_free(saved);

    terminal = session(NULL, OPTIONS("VIRSH_HISTSIZE=0"));
    run(terminal, "echo forgotten", PROMPT);
    session_quit(terminal, 0);
    saved = home_file("XDG_STATE_HOME/hvsh/history");
    assert_null(strstr(saved, "forgotten"));
    g_free(saved);

    terminal = session(NULL, OPTIONS("VIRSH_HISTSIZE=many"));
    assert_true(terminal_shows(terminal, "VIRSH_HISTSIZE"));
    session_quit(terminal, 0);
}

static void interrupted(void **state)
{
    struct terminal *terminal = session(NULL, NULL);

    (void)state;
    terminal_type(terminal, "doze\r");
    await_text(terminal, "doze\n");
    g_usleep(200 * 1000);
    terminal_type(terminal, KEY_CTRL_C);
    await_text(terminal, "\nerror: woken by Ctrl-C");
    await_typed(terminal, "hvsh test !130 # ");
    /* a command is told by a call-back too, which may wake it */
    for (int i = 0; i < 2; i++) {
        terminal_type(terminal, i ? "heed-here\r" : "heed\r");
        await_text(terminal, i ? "heed-here\n" : "heed\n");
        g_usleep(200 * 1000);
        terminal_type(terminal, KEY_CTRL_C);
        await_text(terminal, "\nerror: told 1 times\nerror: and 2 times in all");
        await_typed(terminal, "hvsh test !130 # ");
    }
    /* what follows on the line was to be done after it, not without it */
    terminal_type(terminal, "doze; echo went on\r");
    await_text(terminal, "went on\n");
    g_usleep(200 * 1000);
    terminal_type(terminal, KEY_CTRL_C);
    await_text(terminal, "\nerror: woken by Ctrl-C");
    await_typed(terminal, "hvsh test !130 # ");
    assert_false(terminal_shows(terminal, "\nwent on"));
    /* what cannot be woken is given up at the second one */
    terminal_type(terminal, "freeze\r");
    await_text(terminal, "freeze\n");
    g_usleep(300 * 1000);
    terminal_type(terminal, KEY_CTRL_C);
    g_usleep(2300 * 1000);
    terminal_type(terminal, KEY_CTRL_C);
    await_typed(terminal, "hvsh test !130 # ");
    /* who insists before that is asked has it as soon as the time is over */
    terminal_type(terminal, "freeze\r");
    await_text(terminal, "!130 # freeze\n");
    g_usleep(300 * 1000);
    terminal_type(terminal, KEY_CTRL_C);
    g_usleep(300 * 1000);
    terminal_type(terminal, KEY_CTRL_C);
    await_typed(terminal, "hvsh test !130 # ");
    run(terminal, "domstate test", PROMPT);
    assert_true(terminal_shows(terminal, "running"));
    /* a line that is given up leaves its hint with it */
    terminal_type(terminal, "destroy ");
    await_dim(terminal, "--graceful");
    terminal_type(terminal, KEY_CTRL_C);
    await_text(terminal, "destroy ^C\nhvsh test #\n");
    /* a stopped shell goes on with its line; here nobody could make it go on, so that it is not stopped */
    terminal_type(terminal, "domstate te");
    await_typed(terminal, PROMPT "domstate te");
    terminal_type(terminal, "\032");
    await_text(terminal, "domstate te\n" PROMPT "domstate te");
    terminal_type(terminal, "\t\r");
    await_text(terminal, "domstate test\nrunning");
    session_quit(terminal, 0);
}

/* What was written in the editor is thrown away by who says so only, not by Ctrl-C. */
static void edited(void **state)
{
    g_autofree char *folder = g_strconcat("TMPDIR=", home, NULL), *kept = g_strdup_printf("what you wrote is kept in %s/hvsh", home);
    GDir *files;
    const char *name;
    int left = 0;

    (void)state;
    home_write("broken", "#!/bin/sh\necho '<broken' >>\"$1\"\n");
    for (int i = 0; i < 2; i++) {
        struct terminal *terminal = session(NULL, OPTIONS(folder, "VISUAL=", "EDITOR=sh ./broken"));

        terminal_type(terminal, "edit test\r");
        await_text(terminal, "Failed. Try again? [y,n,i,f,?]:");
        terminal_type(terminal, i ? KEY_CTRL_C : "n");
        await_typed(terminal, "hvsh test !1 # ");
        assert_int_equal(terminal_shows(terminal, kept), i);
        session_quit(terminal, 0);
    }
    files = g_dir_open(home, 0, NULL);
    while ((name = g_dir_read_name(files)))
        left += g_str_has_prefix(name, "hvsh") && g_str_has_suffix(name, ".xml");
    g_dir_close(files);
    assert_int_equal(left, 1);
}

static void redirections(void **state)
{
    struct terminal *terminal = session(NULL, NULL);
    char *written;

    (void)state;
    run(terminal, "list --all > names", PROMPT);
    run(terminal, "list --all >> names", PROMPT);
    written = home_file("names");
    assert_string_equal(written, " Id   Name   State\n----------------------\n 1    test   running\n Id   Name   State\n----------------------\n"
                                 " 1    test   running\n");
    g_free(written);
    run(terminal, "list --all | tr a-z A-Z", PROMPT);
    assert_true(terminal_shows(terminal, "TEST   RUNNING"));
    run(terminal, "!echo from the shell && exit 3", "hvsh test !3 # ");
    assert_true(terminal_shows(terminal, "\nfrom the shell"));
    run(terminal, "list > /nosuch/file", "hvsh test !1 # ");
    assert_true(terminal_shows(terminal, "cannot write to /nosuch/file: No such file or directory"));
    run(terminal, "list > /dev/full", "hvsh test !1 # ");
    assert_true(terminal_shows(terminal, "No space left on device"));
    run(terminal, "list | false", "hvsh test !1 # ");
    run(terminal, "list | true", PROMPT);
    run(terminal, "list | no-such-program", "hvsh test !127 # ");
    run(terminal, "help >", "hvsh test !1 # ");
    /* Ctrl-C in a child is the child's */
    terminal_type(terminal, "!sleep 1000\r");
    await_text(terminal, "!sleep 1000\n");
    g_usleep(300 * 1000);
    terminal_type(terminal, KEY_CTRL_C);
    await_typed(terminal, "hvsh test !130 # ");
    /* and not the next prompt's, too */
    terminal_type(terminal, "list --all | sleep 1000\r");
    await_text(terminal, "| sleep 1000\n");
    g_usleep(300 * 1000);
    terminal_type(terminal, KEY_CTRL_C);
    g_usleep(500 * 1000);
    terminal_type(terminal, "domid test\r");
    await_text(terminal, "!130 # domid test\n1\n");
    assert_false(terminal_shows(terminal, "# ^C"));
    session_quit(terminal, 0);
}

static void lua(void **state)
{
    struct terminal *terminal = session(NULL, NULL);

    (void)state;
    run(terminal, "=6 * 7", PROMPT);
    assert_true(terminal_shows(terminal, "\n42\n"));
    run(terminal, "=nosuch.field", "hvsh test !1 # ");
    run(terminal, "lua", "lua test !1 # ");
    run(terminal, "for i = 1, 2 do", "  ... ");
    run(terminal, "print('turn ' .. i) end", "lua test # ");
    assert_true(terminal_shows(terminal, "\nturn 1\nturn 2\n"));
    terminal_type(terminal, "while true do end\r");
    await_text(terminal, "true do end\n");
    g_usleep(300 * 1000);
    terminal_type(terminal, KEY_CTRL_C);
    await_typed(terminal, "lua test !130 # ");
    terminal_type(terminal, "=hv.domst\t");
    await_typed(terminal, "lua test !130 # =hv.domstat");
    terminal_type(terminal, KEY_CTRL_U);
    await_typed(terminal, "lua test !130 # ");
    run(terminal, "exit", "hvsh test !130 # ");
    /* the end of input leaves Lua, not the shell; what is half typed is given up first */
    run(terminal, "lua", "lua test !130 # ");
    run(terminal, "for i = 1, 2 do", "  ... ");
    terminal_type(terminal, KEY_CTRL_D);
    await_text(terminal, "the statement is not finished");
    await_typed(terminal, "lua test !130 # ");
    terminal_type(terminal, KEY_CTRL_D);
    await_typed(terminal, "hvsh test !130 # ");
    session_quit(terminal, 0);
}

static void pager(void **state)
{
    struct terminal *terminal = session_at(80, 12, NULL, OPTIONS("PAGER=sed s/^/paged:/", "NO_COLOR=1"));

    (void)state;
    await_typed(terminal, PROMPT);
    terminal_type(terminal, "help\r");
    await_text(terminal, "\npaged:");
    await_typed(terminal, PROMPT);
    run(terminal, "pwd", PROMPT);
    assert_false(terminal_shows(terminal, "paged:/"));
    session_quit(terminal, 0);
}

static void sizes(void **state)
{
    struct terminal *terminal = session(NULL, NULL);

    (void)state;
    terminal_type(terminal, "echo resized");
    await_typed(terminal, PROMPT "echo resized");
    terminal_resize(terminal, 40, 10);
    await_typed(terminal, PROMPT "echo resized");
    terminal_type(terminal, "-twice");
    await_typed(terminal, PROMPT "echo resized-twice");
    terminal_resize(terminal, 70, 12);
    terminal_type(terminal, "!");
    await_typed(terminal, PROMPT "echo resized-twice!");
    terminal_type(terminal, "\r");
    await_text(terminal, "\nresized-twice!");
    session_quit(terminal, 0);

    /* while a command runs */
    terminal = session(NULL, NULL);
    terminal_type(terminal, "doze\r");
    await_text(terminal, "doze\n");
    g_usleep(200 * 1000);
    terminal_resize(terminal, 40, 10);
    g_usleep(200 * 1000);
    terminal_type(terminal, KEY_CTRL_C);
    await_typed(terminal, "hvsh test !130 # ");
    terminal_type(terminal, "echo a line that is wider than the window is now");
    await_text(terminal, "is now");
    terminal_type(terminal, KEY_CTRL_U);
    await_typed(terminal, "hvsh test !130 # ");
    assert_false(terminal_shows(terminal, "wider"));
    session_quit(terminal, 0);

    /* a window of one column is of no use, and does no harm */
    terminal = session_at(1, 5, NULL, NULL);
    terminal_type(terminal, "dominfo \t?" KEY_CTRL_U "quit\r");
    assert_int_equal(terminal_end(terminal), 0);
    terminal_free(terminal);
}

static void poor_terminals(void **state)
{
    static const char *const terms[] = {"TERM=dumb", "TERM=", "TERM=nosuchterminal"};

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(terms); i++) {
        struct terminal *terminal = session_at(100, 40, NULL, OPTIONS(terms[i]));

        await_text(terminal, "hvsh test #");
        terminal_type(terminal, "domstate te\t\r");
        await_text(terminal, "running");
        terminal_type(terminal, "quit\r");
        assert_int_equal(terminal_end(terminal), 0);
        terminal_free(terminal);
    }
}

static void ways_out(void **state)
{
    static const int signals[] = {SIGTERM, SIGHUP};

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(signals); i++) {
        struct terminal *terminal = session(NULL, NULL);

        terminal_type(terminal, "half a li");
        await_typed(terminal, PROMPT "half a li");
        assert_false(terminal_is_cooked(terminal));
        kill(terminal_pid(terminal), signals[i]);
        assert_int_equal(terminal_end(terminal), 128 + signals[i]);
        assert_true(terminal_is_cooked(terminal));
        terminal_free(terminal);

        /* in the middle of a command too */
        terminal = session(NULL, NULL);
        terminal_type(terminal, "doze\r");
        await_text(terminal, "doze\n");
        g_usleep(200 * 1000);
        kill(terminal_pid(terminal), signals[i]);
        assert_int_equal(terminal_end(terminal), 128 + signals[i]);
        assert_true(terminal_is_cooked(terminal));
        terminal_free(terminal);
    }
}

static void lost_folder(void **state)
{
    struct terminal *terminal;

    (void)state;
    assert_int_equal(mkdir("gone", 0700), 0);
    assert_int_equal(chdir("gone"), 0);
    terminal = session(NULL, NULL);
    assert_int_equal(rmdir("../gone"), 0);
    run(terminal, "domstate test", PROMPT);
    run(terminal, "pwd", "hvsh test !1 # ");
    terminal_type(terminal, "define \t");
    g_usleep(100 * 1000);
    terminal_type(terminal, KEY_CTRL_U);
    await_typed(terminal, "hvsh test !1 # ");
    session_quit(terminal, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(what_it_says), test(editing), test(inputrc), test(several_lines), test(history), test(history_size), test(interrupted),
        test(edited), test(redirections), test(lua), test(pager), test(sizes), test(poor_terminals), test(ways_out), test(lost_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
