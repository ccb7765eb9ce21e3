/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-util.c - widths, visible text, nearest names, files replaced whole, places. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <string.h>
#include "util.h"

static void check_visible(const char *text, const char *shown, size_t width)
{
    g_autoptr(GString) out = g_string_new(NULL);

    util_add_visible(out, text);
    assert_string_equal(out->str, shown);
    assert_int_equal(util_width(text), width);
}

static void visible(void **state)
{
    (void)state;
    check_visible("", "", 0);
    check_visible("web1", "web1", 4);
    check_visible("a\tb\n", "a\\x09b\\x0a", 10);
    check_visible("\x7f", "\\x7f", 4);
    check_visible("back\\slash", "back\\slash", 10);
    check_visible("back\\x41", "back\\x5cx41", 11);
    if (!setlocale(LC_CTYPE, "C.UTF-8") && !setlocale(LC_CTYPE, "en_US.UTF-8"))
        skip();
    check_visible("t\xc3\xa4st", "t\xc3\xa4st", 4);
    check_visible("\xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac", 4);
    check_visible("f\xcc\x81g", "f\xcc\x81g", 2);
    check_visible("bad \xff\xc3", "bad \\xff\\xc3", 12);
    check_visible("c1 \xc2\x85", "c1 \\xc2\\x85", 11);
}

static void plain_locale(void **state)
{
    (void)state;
    setlocale(LC_CTYPE, "C");
    check_visible("t\xc3\xa4", "t\\xc3\\xa4", 9);
}

static void cut(void **state)
{
    g_autoptr(GString) text = g_string_new("\xe6\x97\xa5\xe6\x9c\xac");

    (void)state;
    if (!setlocale(LC_CTYPE, "C.UTF-8") && !setlocale(LC_CTYPE, "en_US.UTF-8"))
        skip();
    assert_int_equal(util_cut(text, 3), 2);
    assert_string_equal(text->str, "\xe6\x97\xa5");
    assert_int_equal(util_cut(text, 1), 0);
    assert_string_equal(text->str, "");
}

static void nearest(void **state)
{
    static const char *const words[] = {"list", "start", "shutdown", "dominfo", "domif-setlink", "cd", NULL};

    (void)state;
    assert_string_equal(hvsh_nearest("lsit", words), "list");
    assert_string_equal(hvsh_nearest("shutdwon", words), "shutdown");
    assert_string_equal(hvsh_nearest("domnfi", words), "dominfo");
    assert_string_equal(hvsh_nearest("start", words), "start");
    assert_string_equal(hvsh_nearest("cd", words), "cd");
    assert_null(hvsh_nearest("", words));
    assert_null(hvsh_nearest("xy", words));
    assert_null(hvsh_nearest("quux", words));
}

static void replace_file(void **state)
{
    g_autofree char *folder = g_dir_make_tmp("hvsh-util-XXXXXX", NULL);
    g_autofree char *deep = g_build_filename(folder, "a", "b", NULL), *path = g_build_filename(deep, "file", NULL);
    g_autofree char *a = g_build_filename(folder, "a", NULL);
    g_autofree char *text = NULL;
    GStatBuf info;

    (void)state;
    assert_int_equal(util_replace_file(path, "x", 1, 0600), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(util_make_parent(path), 0);
    assert_int_equal(g_stat(deep, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    assert_int_equal(util_replace_file(path, "one", 3, 0600), 0);
    assert_int_equal(util_replace_file(path, "second", 6, 0640), 0);
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_string_equal(text, "second");
    assert_int_equal(g_stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
    /* A folder can't be replaced; nothing is left beside it. */
    assert_int_equal(util_replace_file(deep, "x", 1, 0600), -1);
    assert_int_equal(g_unlink(path), 0);
    assert_int_equal(g_rmdir(deep), 0);
    assert_int_equal(g_rmdir(a), 0);
    assert_int_equal(g_rmdir(folder), 0);
}

static void places(void **state)
{
    g_autofree char *given = NULL, *relative = NULL;

    (void)state;
    g_setenv("XDG_STATE_HOME", "/somewhere/state", TRUE);
    given = util_state_path("history");
    assert_string_equal(given, "/somewhere/state/hvsh/history");
    g_setenv("XDG_STATE_HOME", "not/absolute", TRUE);
    relative = util_state_path("history");
    assert_true(g_str_has_suffix(relative, "/.local/state/hvsh/history"));
}

static void log_file(void **state)
{
    g_autofree char *folder = g_dir_make_tmp("hvsh-util-XXXXXX", NULL), *path = g_build_filename(folder, "log", NULL);
    g_autofree char *text = NULL;

    (void)state;
    assert_int_equal(util_log_open("/nonexistent/log", LOG_ERRORS), -1);
    assert_int_equal(util_log_open(path, LOG_ERRORS), 0);
    util_log(LOG_ERRORS, "failed: %d\n", 7);
    util_log(LOG_WARNING, "not asked for");
    assert_int_equal(util_log_open(path, LOG_WARNING), 0);
    util_log(LOG_WARNING, "a warning");
    util_log(LOG_ACTION, "not asked for");
    util_log_close();
    util_log(LOG_ERRORS, "nobody hears");
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_non_null(strstr(text, "] ERROR failed: 7\n"));
    assert_non_null(strstr(text, "] NOTICE a warning\n"));
    assert_null(strstr(text, "not asked for"));
    assert_null(strstr(text, "nobody"));
    g_unlink(path);
    g_rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(visible),      cmocka_unit_test(plain_locale), cmocka_unit_test(cut),      cmocka_unit_test(nearest),
        cmocka_unit_test(replace_file), cmocka_unit_test(places),       cmocka_unit_test(log_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
