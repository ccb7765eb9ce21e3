/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-line.c - match: virsh's quoting, options and positionals, the prompt's operators, words from Lua, and what is expected at point. Each
 * case is a line and what it becomes, written as "command name=value name ..." or the sentence of the error.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "line.h"
#include "plugin.h"

struct args {
    const char *domain, *path, *password;
    unsigned int count, flags;
    bool all;
    HVSH_LIST_OF(const char *) words;
    HVSH_LIST_OF(const char *) disks;
    HVSH_LIST_OF(const char *) names;
    const char *mode, *wait;
};

static const struct hvsh_field set_table[] = {
    HVSH_TEXT(struct args, domain, "a domain", .flags = HVSH_REQUIRED),
    HVSH_UINT(struct args, count, "a number", .flags = HVSH_REQUIRED),
    HVSH_BIT(struct args, flags, "live", 1, "now"),
    HVSH_FLAG(struct args, all, "all"),
    HVSH_ALIAS("shareable", "mode=shareable"),
    HVSH_ALIAS("old_mode", "mode"),
    HVSH_TEXT(struct args, mode, "a mode"),
    HVSH_TEXT(struct args, path, "by name only", .flags = HVSH_NAMED),
    HVSH_TEXTS(struct args, names, HVSH_COMMA, "names"),
    HVSH_EXCLUDES("live", "all"),
    HVSH_END
};
static const struct hvsh_field echo_table[] = {
    HVSH_FLAG(struct args, all, "all"),
    HVSH_TEXTS(struct args, words, HVSH_REST, "words"),
    HVSH_END
};
static const struct hvsh_field secret_table[] = {
    HVSH_TEXT(struct args, password, "a password", .flags = HVSH_REQUIRED | HVSH_SECRET),
    HVSH_END
};
static const struct hvsh_field install_table[] = {
    HVSH_TEXT(struct args, domain, "its name", .name = "name", .letter = 'n'),
    HVSH_TEXTS(struct args, disks, HVSH_REPEAT, "disks", .name = "disk"),
    HVSH_TEXT(struct args, wait, "wait", .flags = HVSH_OPTIONAL_VALUE, .bare = "forever"),
    HVSH_FLAG(struct args, all, "nothing", .name = "noreboot"),
    HVSH_FLAG(struct args, all, "nothing", .name = "noautoconsole"),
    HVSH_END
};
static const struct hvsh_field help_table[] = {HVSH_TEXT(struct args, domain, "a command", .name = "command"), HVSH_END};

static int run(hvsh_call *call, const void *args)
{
    (void)call;
    (void)args;
    return 0;
}

#define COMMAND(n, table, f) {.name = n, .group = "test", .help = "a command", .args = table, .args_size = sizeof(struct args), .run = run, .flags = f}
static const struct hvsh_command defs[] = {
    COMMAND("set", set_table, 0), COMMAND("echo", echo_table, 0), COMMAND("secret", secret_table, 0), COMMAND("install", install_table, HVSH_GETOPT),
    COMMAND("help", help_table, 0), COMMAND("erase", help_table, HVSH_DESTRUCTIVE),
};

static const struct command *find(void *arg, const char *name)
{
    (void)arg;
    return plugin_command(name);
}

static const char *find_alias(void *arg, const char *name)
{
    (void)arg;
    return strcmp(name, "say") == 0 ? "echo --all 'two words'" : NULL;
}

static struct line_lookup lookup = {.command = find, .alias = find_alias};

/* The matches in one line of text. */
static char *describe(GArray *matches, char *error)
{
    static const char *const redirects[] = {"", "|", ">", ">>"};
    GString *out = g_string_new(NULL);

    if (!matches) {
        g_string_assign(out, error);
        g_free(error);
        return g_string_free(out, FALSE);
    }
    for (unsigned int i = 0; i < matches->len; i++) {
        const struct match *match = &g_array_index(matches, struct match, i);

        g_string_append_printf(out, "%s%s", i ? "; " : "", match->shell ? "!" : match->command->real->name);
        if (match->shell)
            g_string_append(out, match->shell);
        for (unsigned int n = 0; match->given && n < match->given->len; n++) {
            const struct given *given = &g_array_index(match->given, struct given, n);

            g_string_append_printf(out, " %s", match->command->real->args[given->field]->name);
            if (given->text)
                g_string_append_printf(out, "=<%s>", given->text);
        }
        if (match->help)
            g_string_append(out, " HELP");
        if (match->format >= 0)
            g_string_append_printf(out, " format=%d", match->format);
        if (match->yes)
            g_string_append(out, " YES");
        if (match->redirect != REDIRECT_NONE)
            g_string_append_printf(out, " %s<%s>", redirects[match->redirect], match->target);
    }
    line_free(matches);
    return g_string_free(out, FALSE);
}

static void check(enum line_syntax syntax, const char *text, const char *expected)
{
    char *error;
    GArray *matches = line_match(text, syntax, &lookup, &error);
    g_autofree char *got = describe(matches, error);

    if (strcmp(got, expected) != 0)
        print_error("line: %s\n", text);
    assert_string_equal(got, expected);
}

static void quoting(void **state)
{
    (void)state;
    check(LINE_VIRSH, "echo a  b", "echo words=<a> words=<b>");
    check(LINE_VIRSH, "echo \"a\\\"b\" 'c\\d' e\\ f", "echo words=<a\"b> words=<c\\d> words=<e f>");
    check(LINE_VIRSH, "echo 'a'\"b\"c", "echo words=<abc>");
    check(LINE_VIRSH, "ec\"ho\" x", "echo words=<x>");
    check(LINE_VIRSH, "echo 'unterminated", "echo words=<unterminated>");
    check(LINE_VIRSH, "echo \"unterminated", "missing \"");
    check(LINE_VIRSH, "echo a\\", "dangling \\");
    check(LINE_VIRSH, "echo a\\\nb", "echo words=<ab>");
    check(LINE_VIRSH, "echo a;echo b;;echo c;", "echo words=<a>; echo words=<b>; echo words=<c>");
    check(LINE_VIRSH, "echo a#b # comment ; echo no", "echo words=<a#b>");
    check(LINE_VIRSH, "#\necho a", "echo words=<a>");
    check(LINE_VIRSH, "echo \"\" ''", "echo words=<> words=<>");
    check(LINE_VIRSH, " ; \n ", "");
    check(LINE_VIRSH, "echo a | b > c", "echo words=<a> words=<|> words=<b> words=<>> words=<c>");
}

static void options(void **state)
{
    (void)state;
    check(LINE_VIRSH, "set web1 2", "set domain=<web1> count=<2>");
    check(LINE_VIRSH, "set --count 2 web1 --live", "set count=<2> domain=<web1> live");
    check(LINE_VIRSH, "set --domain=web1 --count=2 fast", "set domain=<web1> count=<2> mode=<fast>");
    check(LINE_VIRSH, "set 1 --domain web1", "option --domain already seen");
    check(LINE_VIRSH, "set a 1 --all --all", "option --all already seen");
    check(LINE_VIRSH, "set a 1 --all=1", "invalid '=' after option --all");
    check(LINE_VIRSH, "set a 1 --shareable", "set domain=<a> count=<1> mode=<shareable>");
    check(LINE_VIRSH, "set a 1 --shareable=x", "invalid '=' after option --shareable");
    check(LINE_VIRSH, "set a 1 --old_mode x", "set domain=<a> count=<1> mode=<x>");
    check(LINE_VIRSH, "set a 1 m --mode x", "option --mode already seen");
    check(LINE_VIRSH, "set a 1 m n o", "unexpected data 'o'");
    check(LINE_VIRSH, "set a 1 m n --path p", "set domain=<a> count=<1> mode=<m> names=<n> path=<p>");
    check(LINE_VIRSH, "set a -1", "set domain=<a> count=<-1>");
    check(LINE_VIRSH, "set --domain", "expected syntax: --domain <string>");
    check(LINE_VIRSH, "set --count", "expected syntax: --count <number>");
    check(LINE_VIRSH, "set --domain --live 1", "set domain=<--live> count=<1>");
    check(LINE_VIRSH, "set", "command 'set' requires <domain> option\ncommand 'set' requires --count option");
    check(LINE_VIRSH, "set a 1 --nosuch", "command 'set' doesn't support option --nosuch");
    check(LINE_VIRSH, "set a 1 -- --live", "set domain=<a> count=<1> mode=<--live>");
    check(LINE_VIRSH, "set --help", "set HELP");
    check(LINE_VIRSH, "set --help --nosuch", "command 'set' doesn't support option --nosuch");
    check(LINE_VIRSH, "help --nosuch set b c", "help command=<set>");
    check(LINE_VIRSH, "nosuch a", "unknown command: 'nosuch'");
    check(LINE_VIRSH, "echo a; nosuch", "unknown command: 'nosuch'");
    check(LINE_VIRSH, "SET a 1", "unknown command: 'SET'");
    check(LINE_VIRSH, "set a 1 --json", "set domain=<a> count=<1> format=1");
    check(LINE_VIRSH, "echo a --yes", "command 'echo' doesn't support option --yes");
    check(LINE_VIRSH, "erase x --yes", "erase command=<x> YES");
    check(LINE_VIRSH, "say hello", "echo all words=<two words> words=<hello>");
    check(LINE_VIRSH, "secret", "command 'secret' requires <password> option");
    lookup.may_ask = true;
    check(LINE_VIRSH, "secret", "secret");
    lookup.may_ask = false;
}

static void getopt_way(void **state)
{
    (void)state;
    check(LINE_VIRSH, "install --name=a --disk size=1 --disk size=2", "install name=<a> disk=<size=1> disk=<size=2>");
    check(LINE_VIRSH, "install -n a --noa", "install name=<a> noautoconsole");
    check(LINE_VIRSH, "install -na --no", "ambiguous option: --no could match --noreboot, --noautoconsole");
    check(LINE_VIRSH, "install --wait --name a", "install wait=<forever> name=<a>");
    check(LINE_VIRSH, "install --wait 5 --name a", "install wait=<5> name=<a>");
    check(LINE_VIRSH, "install --wait -1 --name a", "install wait=<-1> name=<a>");
    check(LINE_VIRSH, "install --wait -n a", "install wait=<forever> name=<a>");
    check(LINE_VIRSH, "install --wait", "install wait=<forever>");
    /* what is not a list has the last of its values */
    check(LINE_VIRSH, "install -n a --disk size=1 --name=b --disk size=2 --nam c", "install disk=<size=1> disk=<size=2> name=<c>");
    check(LINE_VIRSH, "install --wait 5 --wait", "install wait=<forever>");
    check(LINE_VIRSH, "install --noreboot -n a --noreboot", "install name=<a> noreboot");
    check(LINE_VIRSH, "install word", "unexpected data 'word'");
    check(LINE_VIRSH, "install -x", "command 'install' doesn't support option -x");
}

static void operators(void **state)
{
    (void)state;
    check(LINE_PROMPT, "echo a | grep 'x;y' | wc; echo b", "echo words=<a> |<grep 'x;y' | wc>; echo words=<b>");
    check(LINE_PROMPT, "echo a > file", "echo words=<a> ><file>");
    check(LINE_PROMPT, "echo a >> 'my file'; echo b", "echo words=<a> >><my file>; echo words=<b>");
    check(LINE_PROMPT, "echo a '>' b", "echo words=<a> words=<>> words=<b>");
    check(LINE_PROMPT, "echo a>b", "echo words=<a>b>");
    check(LINE_PROMPT, "echo a >", "expected a file name behind >");
    check(LINE_PROMPT, "echo a |", "expected a command behind |");
    check(LINE_PROMPT, "echo a > b c", "unexpected data 'c' behind the redirection");
    check(LINE_PROMPT, "!ls -l \"a;b\"; ls c", "!ls -l \"a;b\"; ls c");
    check(LINE_PROMPT, "echo a; !for i in 1 2; do ls; done\necho b", "echo words=<a>; !for i in 1 2; do ls; done; echo words=<b>");
}

static void argv(void **state)
{
    const char *const plain[] = {"set", "a b", "1", NULL}, *const comment[] = {"#x", "set", NULL}, *const semicolon[] = {"echo", ";", "#y", NULL};
    GArray *matches;
    char *error, *got;

    (void)state;
    matches = line_match_argv(plain, &lookup, &error);
    got = describe(matches, error);
    assert_string_equal(got, "set domain=<a b> count=<1>");
    g_free(got);
    matches = line_match_argv(comment, &lookup, &error);
    got = describe(matches, error);
    assert_string_equal(got, "");
    g_free(got);
    matches = line_match_argv(semicolon, &lookup, &error);
    got = describe(matches, error);
    assert_string_equal(got, "echo words=<;> words=<#y>");
    g_free(got);
}

static void words(void **state)
{
    const struct line_word given[] = {{NULL, "web1"}, {"count", "2"}, {"live", NULL}, {"old_mode", "x"}};
    const struct line_word wrong[] = {{NULL, "web1"}, {"count", NULL}};
    GArray *matches;
    char *error, *got;

    (void)state;
    matches = line_match_words(plugin_command("set"), given, 4, &error);
    got = describe(matches, error);
    assert_string_equal(got, "set domain=<web1> count=<2> live mode=<x>");
    g_free(got);
    matches = line_match_words(plugin_command("set"), wrong, 2, &error);
    got = describe(matches, error);
    assert_string_equal(got, "option --count needs a value");
    g_free(got);
}

static void expect(const char *text, enum expected_kind kind, const char *field, const char *word, size_t start, size_t value_start)
{
    struct expected expected;

    line_expect(text, LINE_PROMPT, &lookup, &expected);
    if (expected.kind != kind || (field && strcmp(field, expected.field ? expected.field->name : "") != 0))
        print_error("line: %s\n", text);
    assert_int_equal(expected.kind, kind);
    if (field)
        assert_string_equal(expected.field->name, field);
    assert_string_equal(expected.word, word);
    assert_int_equal(expected.start, start);
    assert_int_equal(expected.value_start, value_start);
    expected_clear(&expected);
}

static void point(void **state)
{
    (void)state;
    expect("", EXPECT_COMMAND, NULL, "", 0, 0);
    expect("ec", EXPECT_COMMAND, NULL, "ec", 0, 0);
    expect("echo a; se", EXPECT_COMMAND, NULL, "se", 8, 0);
    expect("set ", EXPECT_VALUE, "domain", "", 4, 0);
    expect("set we", EXPECT_VALUE, "domain", "we", 4, 0);
    expect("set web1 ", EXPECT_VALUE, "count", "", 9, 0);
    expect("set web1 1 --", EXPECT_OPTION, NULL, "--", 11, 0);
    expect("set --count ", EXPECT_VALUE, "count", "", 12, 0);
    expect("set --count=", EXPECT_VALUE, "count", "--count=", 4, 8);
    expect("set a 1 m x,y,z", EXPECT_VALUE, "names", "x,y,z", 10, 4);
    expect("set 'my g", EXPECT_VALUE, "domain", "my g", 4, 0);
    expect("nosuch a", EXPECT_NOTHING, NULL, "a", 7, 0);
    expect("echo a > fi", EXPECT_FILE, NULL, "fi", 9, 0);
    expect("echo # comm", EXPECT_NOTHING, NULL, "", 5, 0);
    assert_true(line_is_open("echo 'a"));
    assert_true(line_is_open("echo \"a"));
    assert_true(line_is_open("echo a\\"));
    assert_false(line_is_open("echo 'a' \"b\" # 'c"));
}

/* Whatever a word is, its quoted form is read back as that word. */
static void quote_round_trip(void **state)
{
    static const char *const samples[] = {"", "a", "a b", "it's", "\"", "a\\b", "#c", "a|b", ">", "!x", "x;y", "'\"\\", "new\nline", "é"};

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(samples); i++) {
        g_autofree char *quoted = line_quote(samples[i]);
        g_autofree char *text = g_strdup_printf("echo %s", quoted);
        g_autofree char *expected = g_strdup_printf("echo words=<%s>", samples[i]);

        check(LINE_PROMPT, text, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quoting), cmocka_unit_test(options), cmocka_unit_test(getopt_way), cmocka_unit_test(operators), cmocka_unit_test(argv),
        cmocka_unit_test(words), cmocka_unit_test(point), cmocka_unit_test(quote_round_trip),
    };

    for (size_t i = 0; i < G_N_ELEMENTS(defs); i++) {
        char *problem = plugin_add_command(&defs[i], "test");

        if (problem) {
            fprintf(stderr, "%s\n", problem);
            return 1;
        }
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
