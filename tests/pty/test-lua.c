/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-lua.c - Lua at the prompt: values, statements, unfinished lines, TAB, Ctrl-C, events, init.lua. */
#include "session.h"

#include <glib.h>
#include <sys/stat.h>

static void expressions(void **state)
{
    struct terminal *terminal = session(NULL, NULL);

    (void)state;
    terminal_type(terminal, "=6 * 7\r");
    await_text(terminal, "42");
    terminal_type(terminal, "=hv.list()\r");
    await_text(terminal, "name = \"test\"");
    terminal_type(terminal, "lua kept = 'over ' .. 'lines'\r");
    terminal_type(terminal, "=kept\r");
    await_text(terminal, "over lines");
    terminal_type(terminal, "=nosuch\r");
    await_text(terminal, "global 'nosuch' is not declared");
    terminal_type(terminal, "=hv.dominfo('none')\r");
    await_text(terminal, "failed to get domain 'none'");
    terminal_type(terminal, "=1 +\r");
    await_text(terminal, "unexpected symbol near <eof>");
    session_quit(terminal, 0);
}

static void mode(void **state)
{
    struct terminal *terminal = session(NULL, NULL);

    (void)state;
    terminal_type(terminal, "lua\r");
    await_text(terminal, "goes back");
    terminal_type(terminal, "for i = 1, 3 do\r");
    terminal_type(terminal, "print('line ' .. i * 11)\r");
    terminal_type(terminal, "end\r");
    await_text(terminal, "line 33");
    terminal_type(terminal, "2^10\r");
    await_text(terminal, "1024.0");
    terminal_type(terminal, "while true do end\r");
    g_usleep(300000);
    terminal_type(terminal, "\003");
    terminal_type(terminal, "'still ' .. 'here'\r");
    await_text(terminal, "still here");
    terminal_type(terminal, "exit\r");
    terminal_type(terminal, "domstate test\r");
    await_text(terminal, "running");
    session_quit(terminal, 0);
}

static void completion(void **state)
{
    struct terminal *terminal = session(NULL, NULL);

    (void)state;
    terminal_type(terminal, "=hv.dominf\t");
    await_text(terminal, "=hv.dominfo(");
    terminal_type(terminal, "'test').vcpus + string.le\t");
    await_text(terminal, "string.len(");
    terminal_type(terminal, "'12345678901')\r");
    await_text(terminal, "13");
    terminal_type(terminal, "=hv.json.\t");
    await_text(terminal, "decode(");
    assert_false(terminal_shows(terminal, "json.decode("));
    terminal_type(terminal, "nu\t\r");
    await_text(terminal, "=hv.json.null\n");
    session_quit(terminal, 0);
}

/* init.lua of the user, with a command, an alias, a setting and an event. */
static void initialisation(void **state)
{
    g_autofree char *folder = g_build_filename(home, "XDG_CONFIG_HOME", "hvsh", NULL);
    struct terminal *terminal;

    (void)state;
    assert_int_equal(g_mkdir_with_parents(folder, 0700), 0);
    home_write("XDG_CONFIG_HOME/hvsh/init.lua",
               "hv.alias('dd', 'domstate test')\n"
               "hv.set{ timing = true }\n"
               "hv.on('suspended', function(event) print('Lua heard of ' .. event.domain) end)\n"
               "hv.command{ name = 'greet', help = 'say hello', args = { { 'who', 'domain', 'whom' } },\n"
               "  run = function(a) return 'hello ' .. a.who end }\n"
               "local x = nosuch\n");
    terminal = session(NULL, NULL);
    assert_true(terminal_shows(terminal, "init.lua:6: global 'nosuch' is not declared"));
    terminal_type(terminal, "dd\r");
    await_text(terminal, "running");
    await_text(terminal, "(Time: ");
    terminal_type(terminal, "greet te\t\r");
    await_text(terminal, "hello test");
    terminal_type(terminal, "suspend test\r");
    await_text(terminal, "Lua heard of test");
    session_quit(terminal, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {test(expressions), test(mode), test(completion), test(initialisation)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
