/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session.c - hvsh on a terminal, in a home of its own. */
#include "session.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <unistd.h>

char *home;

int session_setup(void **state)
{
    (void)state;
    home = g_dir_make_tmp("hvsh-pty-XXXXXX", NULL);
    return home && chdir(home) == 0 ? 0 : -1;
}

int session_teardown(void **state)
{
    const char *const argv[] = {"rm", "-rf", home, NULL};
    int result;

    (void)state;
    result = chdir("/") == 0 && g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL) ? 0 : -1;
    g_clear_pointer(&home, g_free);
    return result;
}

struct terminal *session_at(int columns, int lines, const char *const options[], const char *const environment[])
{
    static const char *const places[] = {"XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"};
    static const char *const foreign[] = {"NO_COLOR", "HVSH_PLAIN", "VIRSH_HISTSIZE", "VIRSH_DEFAULT_CONNECT_URI", "LIBVIRT_DEFAULT_URI", "INPUTRC",
                                          "PAGER", "COLUMNS", "LINES"};
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_autofree char *plugins = g_strconcat(TOP_BUILDDIR, "/tests/pty/.libs", NULL);
    const char *program = g_getenv("HVSH");

    g_setenv("HOME", home, TRUE);
    g_setenv("TERM", "xterm", TRUE);
    g_setenv("LC_ALL", "C.UTF-8", TRUE);
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autofree char *place = g_build_filename(home, places[i], NULL);

        g_setenv(places[i], place, TRUE);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(foreign); i++)
        g_unsetenv(foreign[i]);
    g_ptr_array_add(argv, (void *)(program ? program : TOP_BUILDDIR "/hvsh-here"));
    g_ptr_array_add(argv, (void *)"--plugin-dir");
    g_ptr_array_add(argv, plugins);
    g_ptr_array_add(argv, (void *)"-c");
    g_ptr_array_add(argv, (void *)"test:///default");
    for (const char *const *option = options; option && *option; option++)
        g_ptr_array_add(argv, (void *)*option);
    g_ptr_array_add(argv, NULL);
    return terminal_start(columns, lines, (const char *const *)argv->pdata, environment);
}

struct terminal *session(const char *const options[], const char *const environment[])
{
    struct terminal *terminal = session_at(100, 40, options, environment);

    await_typed(terminal, PROMPT);
    return terminal;
}

void session_quit(struct terminal *terminal, int status)
{
    terminal_type(terminal, KEY_CTRL_E KEY_CTRL_U "quit\r");
    assert_int_equal(terminal_end(terminal), status);
    assert_true(terminal_is_cooked(terminal));
    terminal_free(terminal);
}

char *home_file(const char *name)
{
    g_autofree char *path = g_build_filename(home, name, NULL);
    char *text = NULL;

    g_file_get_contents(path, &text, NULL, NULL);
    return text;
}

void home_write(const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(home, name, NULL);

    assert_true(g_file_set_contents(path, text, -1, NULL));
}
