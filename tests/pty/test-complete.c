/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-complete.c - TAB, `?` and the dimmed hint, as a person sees them. */
#include "session.h"

#include <glib.h>
#include <string.h>
#include <sys/stat.h>

/* Type, press TAB, and this must stand before the cursor. */
static void tab(struct terminal *terminal, const char *keys, const char *typed)
{
    g_autofree char *line = g_strconcat(PROMPT, typed, NULL);

    terminal_type(terminal, KEY_CTRL_E KEY_CTRL_U);
    await_typed(terminal, PROMPT);
    terminal_type(terminal, keys);
    terminal_type(terminal, "\t");
    await_typed(terminal, line);
}

static void commands_and_options(void **state)
{
    struct terminal *terminal = session(NULL, NULL);

    (void)state;
    tab(terminal, "susp", "suspend ");
    tab(terminal, "plugin-", "plugin-");
    await_text(terminal, "plugin-info");
    await_text(terminal, "plugin-load");
    /* the note stands beside it */
    assert_true(terminal_shows(terminal, "plugin-list"));
    tab(terminal, "list --with-s", "list --with-snapshot ");
    /* what excludes what is there is gone; what is there, too */
    tab(terminal, "list --uuid --", "list --uuid --");
    await_text(terminal, "--autostart");
    assert_false(terminal_shows(terminal, "--uuid  "));
    assert_false(terminal_shows(terminal, "--table  "));
    /* another command's words within a command */
    tab(terminal, "time domi", "time domi");
    tab(terminal, "watch 2s list --with-s", "watch 2s list --with-snapshot ");
    tab(terminal, "pwd; susp", "pwd; suspend ");
    session_quit(terminal, 0);
}

static void values(void **state)
{
    struct terminal *terminal = session(NULL, NULL);

    (void)state;
    tab(terminal, "paint r", "paint red");
    tab(terminal, "paint red,gree", "paint red,green");
    tab(terminal, "paint --with=r", "paint --with=red");
    tab(terminal, "paint --with=red,gr", "paint --with=red,gre");
    await_text(terminal, "red,green  as grass");
    tab(terminal, "paint --name ", "paint --name 'two wo");
    await_dim(terminal, "with a blank too");
    tab(terminal, "paint --name 'two wor", "paint --name 'two words' ");
    terminal_type(terminal, "\r");
    await_text(terminal, "kept for two words");
    tab(terminal, "set form", "set format ");
    session_quit(terminal, 0);
}

/* Only what the command can use is offered. */
static void live_objects(void **state)
{
    struct terminal *terminal = session(NULL, NULL);

    (void)state;
    tab(terminal, "suspend ", "suspend test ");
    tab(terminal, "start ", "start ");
    await_text(terminal, "there is no domain that can be used here");
    tab(terminal, "start x", "start x");
    await_text(terminal, "no domain that begins so can be used here");
    terminal_type(terminal, KEY_CTRL_E KEY_CTRL_U "destroy test\r");
    await_text(terminal, "Domain 'test' destroyed");
    await_typed(terminal, PROMPT);
    tab(terminal, "start ", "start test ");
    tab(terminal, "suspend ", "suspend ");
    session_quit(terminal, 0);
}

static void files(void **state)
{
    struct terminal *terminal;

    (void)state;
    home_write("guest one.xml", "");
    home_write("other.xml", "");
    home_write("evil\033[2Jname", "");
    home_write("evil", "");
    assert_int_equal(mkdir("folder", 0700), 0);
    terminal = session(NULL, NULL);
    tab(terminal, "define oth", "define other.xml ");
    tab(terminal, "define fold", "define folder/");
    tab(terminal, "define guest", "define 'guest one.xml' ");
    tab(terminal, "echo x > oth", "echo x > other.xml ");
    /* names cannot play with the terminal */
    tab(terminal, "define ev", "define evil");
    await_text(terminal, "evil\\x1b[2Jname");
    session_quit(terminal, 0);
}

/* An answer that is late does not hold up the keys. */
static void late_answers(void **state)
{
    struct terminal *terminal = session(NULL, NULL);

    (void)state;
    tab(terminal, "paint --slow ", "paint --slow ");
    await_text(terminal, "has not answered yet");
    terminal_type(terminal, "x");
    await_typed(terminal, PROMPT "paint --slow x");
    session_quit(terminal, 0);
}

static void question(void **state)
{
    struct terminal *terminal = session(NULL, NULL);

    (void)state;
    terminal_type(terminal, "dominfo ?");
    await_text(terminal, "[--domain] <string>");
    await_text(terminal, "test  running");
    await_typed(terminal, PROMPT "dominfo ");
    /* within quotes it is a character */
    terminal_type(terminal, KEY_CTRL_U "echo 'a?");
    await_typed(terminal, PROMPT "echo 'a?");
    /* and in what may hold one, once it has begun */
    terminal_type(terminal, KEY_CTRL_U "connect qemu+unix:///system?socket=/x");
    await_typed(terminal, PROMPT "connect qemu+unix:///system?socket=/x");
    terminal_type(terminal, KEY_CTRL_U "define --file=a?");
    await_typed(terminal, PROMPT "define --file=a?");
    terminal_type(terminal, KEY_CTRL_U "connect ?");
    await_text(terminal, "hypervisor connection URI");
    await_typed(terminal, PROMPT "connect ");
    session_quit(terminal, 0);
}

static void hints(void **state)
{
    struct terminal *terminal = session(NULL, NULL);

    (void)state;
    terminal_type(terminal, "dominfo ");
    await_dim(terminal, "<domain>");
    await_typed(terminal, PROMPT "dominfo ");
    /* it goes when something comes in its place */
    terminal_type(terminal, "\t");
    await_typed(terminal, PROMPT "dominfo test ");
    assert_false(terminal_shows(terminal, "in>"));
    terminal_type(terminal, KEY_CTRL_U "echo first line\r");
    await_text(terminal, "\nfirst line");
    await_typed(terminal, PROMPT);
    terminal_type(terminal, "echo f");
    await_dim(terminal, "irst line");
    await_typed(terminal, PROMPT "echo f");
    terminal_type(terminal, KEY_RIGHT);
    await_typed(terminal, PROMPT "echo first line");
    /* and does not stay behind a line that is done */
    terminal_type(terminal, KEY_CTRL_U "echo fi");
    await_dim(terminal, "rst line");
    terminal_type(terminal, "\r");
    await_typed(terminal, PROMPT);
    assert_true(terminal_shows(terminal, PROMPT "echo fi\n"));
    session_quit(terminal, 0);
}

static void many_candidates(void **state)
{
    struct terminal *terminal;

    (void)state;
    assert_int_equal(mkdir("many", 0700), 0);
    for (int i = 0; i < 250; i++) {
        g_autofree char *name = g_strdup_printf("many/file%03d", i);

        home_write(name, "");
    }
    terminal = session(NULL, NULL);
    tab(terminal, "define many/", "define many/file");
    await_text(terminal, "... and 50 more");
    session_quit(terminal, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(commands_and_options), test(values), test(live_objects), test(files), test(late_answers), test(question), test(hints), test(many_candidates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
