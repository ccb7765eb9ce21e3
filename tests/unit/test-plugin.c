/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-plugin.c - the registry, and the self-check: each mistake in a table gives its sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "plugin.h"

static int run(hvsh_call *call, const void *args)
{
    (void)call;
    (void)args;
    return 0;
}

/* ---- a plugin in which everything is wrong ---- */

struct bad_args { const char *text; unsigned int number, bits; int colour; bool flag; HVSH_LIST_OF(const char *) rest; uint64_t size; };
static const struct hvsh_choice colours[] = { { "red", 1, NULL }, { "red", 2, NULL }, { NULL, 0, NULL } };
static const struct hvsh_field bad_args[] = {
    HVSH_TEXT(struct bad_args, text, "A text with a full stop."),
    HVSH_TEXT(struct bad_args, text, "twice, and in the same member"),
    HVSH_UINT(struct bad_args, number, "required behind an optional one", .name = "Number", .flags = HVSH_REQUIRED, .max = 5),
    HVSH_UINT(struct bad_args, number, "", .name = "other-number", .fallback = "9", .max = 5, .letter = 'n'),
    HVSH_ENUM(struct bad_args, colour, "which", .choices = colours, .fallback = "green", .scope = "nobody"),
    HVSH_BIT(struct bad_args, bits, "json", 1, "a name of the shell's"),
    HVSH_TEXTS(struct bad_args, rest, HVSH_REST | HVSH_COMMA, "two ways at once"),
    HVSH_SIZE(struct bad_args, size, "behind the rest", .unit = "furlongs", .bare = "1"),
    HVSH_FLAG(struct bad_args, flag, "a flag that is required", .flags = HVSH_REQUIRED),
    HVSH_ALIAS("text", "number"),
    HVSH_ALIAS("hue", "colour=green"),
    HVSH_EXCLUDES("text", "flag nothing"),
    HVSH_END
};
struct bad_row { const char *name; int state; struct hvsh_rows more; };
static const struct hvsh_field bad_row[] = {
    HVSH_TEXT(struct bad_row, name, "a name", .when = "never"),
    HVSH_ENUM(struct bad_row, state, "without choices"),
    HVSH_ROWS(struct bad_row, more, struct bad_row, bad_row, "the table itself"),
    HVSH_END
};
static const struct hvsh_shape table = { .name = "table", .kind = HVSH_TABLE, .fields = bad_row, .size = 8 };
static const struct hvsh_shape lines = { .name = "lines", .kind = HVSH_LINES, HVSH_ROW(bad_row), .text = "{name} {{ {nobody:-5} {open" };
static const struct hvsh_shape tree = { .name = "tree", .kind = HVSH_TREE, HVSH_ROW(bad_row) };
static const struct hvsh_shape raw = { .name = "raw", .kind = HVSH_RAW };
static const struct hvsh_command bad = {
    .name = "bad", .group = "nowhere", .help = "two\nlines", HVSH_ARGS(bad_args), .shapes = HVSH_SHAPES(&table, &lines, &tree, &raw),
    .examples = HVSH_EXAMPLES({ "bad --bogus", "an option that is not there" }),
};
static const struct hvsh_command bad_name = { .name = "Bad_Name", .alias_of = "nothing" };

/* The end is missing; what stands behind the table in memory is no row. */
static const struct { struct hvsh_field rows[1]; uintptr_t behind[64]; } endless = {
    { HVSH_TEXT(struct bad_args, text, "the only row") }, { 1, 2, 0x1234, 4, 5 }
};
static const struct hvsh_command without_end = {
    .name = "without-end", .group = "shell", .help = "no HVSH_END", .args = endless.rows, .args_size = sizeof(struct bad_args), .run = run,
};
static const struct hvsh_command *const bad_commands[] = { &bad, &bad_name, &without_end, NULL };
static const struct hvsh_plugin bad_plugin = { HVSH_PLUGIN_HEAD, .name = "worst", .commands = bad_commands };

static void mistakes_are_found(void **state)
{
    static const char *const sentences[] = {
        "worst: a plugin has .version and .summary",
        "bad: it has no help, or one of several lines",
        "bad: its group 'nowhere' is declared nowhere",
        "bad: it has no .run",
        "bad: argument 'text': help ends without a full stop",
        "bad: argument 'text' stands there twice",
        "bad: arguments 'text' and 'text' share a member",
        "bad: argument 'Number': a name is small letters and digits joined by '-'",
        "bad: argument 'Number' is required and stands behind 'text', which is not",
        "bad: argument 'other-number' has no help",
        "bad: argument 'other-number': the fallback '9' is no value of it",
        "bad: argument 'other-number': letters are for commands flagged HVSH_GETOPT",
        "bad: argument 'colour': the choice 'red' stands there twice",
        "bad: argument 'colour': the fallback 'green' is no value of it",
        "bad: argument 'colour': .scope names 'nobody', which is no argument",
        "bad: argument 'json': the shell gives --json to the command itself",
        "bad: argument 'rest': a list, and nothing else, has one of HVSH_REST, HVSH_REPEAT, HVSH_COMMA",
        "bad: argument 'size': 'furlongs' is no unit of size",
        "bad: argument 'size': .bare and HVSH_OPTIONAL_VALUE go together",
        "bad: argument 'size' can never be given by position behind 'rest'",
        "bad: argument 'flag': only a value without a fallback can be required",
        "bad: the alias 'text' is the name of an option already",
        "bad: the alias 'text' stands for 'number', which is no argument",
        "bad: argument 'colour': an alias's value 'green' is no value of it",
        "bad: a rule (excludes) names 'nothing', which is no argument",
        "bad: column 'name': .when names 'never', which is no argument",
        "bad: column 'state': an enumeration needs .choices",
        "bad: column 'state' lies outside its struct (of 8 bytes)",
        "bad: shape 'table': no column has a .label",
        "bad: shape 'lines': its template names 'nobody', which is not there",
        "bad: shape 'lines': a brace of its template is not closed",
        "bad: shape 'tree': a tree needs the columns 'name' and 'parent'",
        "bad: shape 'raw': there is no column to be shown",
        "bad: the example 'bad --bogus' does not match: ",
        "Bad_Name: a command's name is small letters and digits joined by '-'",
        "Bad_Name: it is another name of 'nothing', which is no command",
        "without-end: arguments: row 2 ",
    };
    g_autofree char *problems = plugin_check(&bad_plugin);

    (void)state;
    assert_non_null(problems);
    for (size_t i = 0; i < G_N_ELEMENTS(sentences); i++)
        if (strstr(problems, sentences[i]) == NULL)
            fail_msg("not found: %s\nin:\n%s", sentences[i], problems);
}

/* ---- the registry ---- */

static void core_is_there(void **state)
{
    const char *const *names;

    (void)state;
    plugin_load_all();
    assert_non_null(plugin_command("echo"));
    assert_null(plugin_command("nosuch"));
    assert_ptr_equal(plugin_command("echo"), plugin_command("echo"));
    assert_string_equal(plugin_of("echo")->name, "core");
    names = plugin_command_names();
    for (; names[1] != NULL; names++)
        assert_true(strcmp(names[0], names[1]) < 0);
    assert_string_equal(plugin_groups()[0]->keyword, "domain");
}

static void commands_are_added(void **state)
{
    static const struct hvsh_command first = { .name = "made", .group = "virsh", .help = "first", .run = run },
                                     second = { .name = "made", .group = "made-up", .help = "second", .run = run },
                                     taken = { .name = "echo", .group = "virsh", .help = "not this", .run = run };
    const struct command *before;
    const struct hvsh_group *const *groups = NULL;
    g_autofree char *problem = NULL;

    (void)state;
    assert_null(plugin_add_command(&first, "script"));
    before = plugin_command("made");
    assert_string_equal(before->def->help, "first");
    /* its owner may define it anew; who holds the older one keeps it */
    assert_null(plugin_add_command(&second, "script"));
    assert_string_equal(plugin_command("made")->def->help, "second");
    assert_string_equal(before->def->help, "first");
    assert_int_equal(plugin_of("made")->ncommands, 1);
    problem = plugin_add_command(&taken, "script");
    assert_string_equal(problem, "command 'echo' is already provided by plugin 'core'");
    /* a group that nobody declared stands at the end */
    for (groups = plugin_groups(); groups[1] != NULL; groups++) {}
    assert_string_equal(groups[0]->keyword, "made-up");
}

static void aliases_are_kept(void **state)
{
    g_auto(GStrv) names = NULL;

    (void)state;
    plugin_set_alias("ls", "list --all");
    plugin_set_alias("la", "list");
    plugin_set_alias("ls", "list --inactive");
    assert_string_equal(plugin_lookup()->alias(plugin_lookup()->arg, "ls"), "list --inactive");
    names = plugin_alias_names();
    assert_string_equal(names[0], "la");
    assert_string_equal(names[1], "ls");
    assert_null(names[2]);
    plugin_set_alias("ls", NULL);
    assert_null(plugin_alias("ls"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_are_found),
        cmocka_unit_test(core_is_there),
        cmocka_unit_test(commands_are_added),
        cmocka_unit_test(aliases_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
