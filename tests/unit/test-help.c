/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-help.c - what the tables of a made-up command become: help, synopsis, hints, manual page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include "help.h"
#include "plugin.h"

struct grow_args {
    const char *tree;
    unsigned int height;
    int kind;
    unsigned int flags;
    bool fast, slow;
    const char *note, *secret_door;
    HVSH_LIST_OF(const char *) birds;
};

static const struct hvsh_choice kinds[] = { { "oak", 0, "slow and strong" }, { "ash", 1, NULL }, { NULL } };

static const struct hvsh_field grow_args[] = {
    HVSH_TEXT(struct grow_args, tree, "name of the tree", .flags = HVSH_REQUIRED),
    HVSH_UINT(struct grow_args, height, "how high", .fallback = "3"),
    HVSH_ENUM(struct grow_args, kind, "what it is", .choices = kinds),
    HVSH_BIT(struct grow_args, flags, "in-the-garden-behind-the-old-house", 1, "where nobody looks"),
    HVSH_FLAG(struct grow_args, fast, "with all the water there is, so that it is as high as a house before the year is over and gone"),
    HVSH_FLAG(struct grow_args, slow, "not --fast"),
    HVSH_TEXT(struct grow_args, note, "a remark", .flags = HVSH_NAMED | HVSH_REQUIRED),
    HVSH_TEXT(struct grow_args, secret_door, "not to be seen", .flags = HVSH_HIDE),
    HVSH_TEXTS(struct grow_args, birds, HVSH_REST, "who lives in it"),
    HVSH_ALIAS("quick", "fast"),
    HVSH_EXCLUDES("fast", "slow kind"),
    HVSH_END
};

struct leaf { const char *colour; };
struct grow_row {
    const char *name;
    uint64_t wood;
    const char *owner;
    const char *screen_only;
    struct hvsh_rows leaves;
};

static const struct hvsh_field leaf[] = {
    HVSH_TEXT(struct leaf, colour, "green as a rule"),
    HVSH_END
};
static const struct hvsh_field grow_row[] = {
    HVSH_TEXT(struct grow_row, name, "the tree", .label = "Name"),
    HVSH_SIZE(struct grow_row, wood, "how much", .label = "Wood"),
    HVSH_TEXT(struct grow_row, owner, "whose it is", .label = "Owner", .when = "fast"),
    HVSH_TEXT(struct grow_row, screen_only, "not for JSON", .flags = HVSH_HIDE),
    HVSH_ROWS(struct grow_row, leaves, struct leaf, leaf, "what the wind takes"),
    HVSH_END
};
static const struct hvsh_shape grow_table = { .name = "trees", .kind = HVSH_TABLE, HVSH_ROW(grow_row) };

static int grow_run(hvsh_call *call, const void *args)
{
    (void)call;
    (void)args;
    return 0;
}

static const struct hvsh_command grow = {
    .name = "grow", .group = "shell", .help = "grow a tree",
    .description = "Plants a tree and waits.\n\n  as it is:  kept\n\n.dots and \\slashes survive.",
    HVSH_ARGS(grow_args), .shapes = HVSH_SHAPES(&grow_table),
    .examples = HVSH_EXAMPLES({ "grow linden --note 'my own'", "a linden tree", HVSH_MATCH_ONLY }),
    .run = grow_run, .flags = HVSH_DESTRUCTIVE, .exit_status = "2 when it died.",
};

static const char grow_help[] =
    "  NAME\n"
    "    grow - grow a tree\n"
    "\n"
    "  SYNOPSIS\n"
    "    grow <tree> [--height <number>] [--kind <string>]\n"
    "        [--in-the-garden-behind-the-old-house] [--fast] [--slow]\n"
    "        --note <string> [<birds>]... [--yes] [--dry-run]\n"
    "\n"
    "  DESCRIPTION\n"
    "    Plants a tree and waits.\n"
    "\n"
    "      as it is:  kept\n"
    "\n"
    "    .dots and \\slashes survive.\n"
    "\n"
    "  OPTIONS\n"
    "    [--tree] <string>  name of the tree\n"
    "    --height <number>  how high (default: 3)\n"
    "    --kind <string>    what it is: oak, ash\n"
    "    --in-the-garden-behind-the-old-house  where nobody looks\n"
    "    --fast             with all the water there is, so that it is as high as a\n"
    "                       house before the year is over and gone\n"
    "    --slow             not --fast\n"
    "    --note <string>    a remark\n"
    "    <birds>            who lives in it\n"
    "    --yes              go on without asking\n"
    "    --dry-run          show what would be done, do nothing\n"
    "\n"
    "  RESULTS in JSON and Lua\n"
    "    a list of objects\n"
    "      name              the tree [text]\n"
    "      wood              how much [bytes]\n"
    "      owner             whose it is (on screen with --fast) [text]\n"
    "      leaves            what the wind takes [list of objects]\n"
    "        colour            green as a rule [text]\n"
    "\n"
    "  EXAMPLES\n"
    "    grow linden --note 'my own'\n"
    "        a linden tree\n"
    "\n"
    "  EXIT STATUS\n"
    "    2 when it died.\n";

static const struct command *command;

static int setup(void **state)
{
    g_autofree char *error = NULL;

    (void)state;
    error = plugin_add_command(&grow, "forest");
    assert_null(error);
    command = plugin_command("grow");
    assert_non_null(command);
    return 0;
}

static void command_help(void **state)
{
    g_autoptr(GString) out = g_string_new(NULL);

    (void)state;
    help_command(command, out);
    assert_string_equal(out->str, grow_help);
}

static void synopsis(void **state)
{
    g_autoptr(GString) out = g_string_new(NULL);

    (void)state;
    help_synopsis(command, out);
    assert_string_equal(out->str, "<tree> [--height <number>] [--kind <string>] [--in-the-garden-behind-the-old-house] [--fast] [--slow] "
                                  "--note <string> [<birds>]... [--yes] [--dry-run]");
}

static void search(void **state)
{
    g_autoptr(GString) out = g_string_new(NULL);

    (void)state;
    assert_true(help_search("A TREE", out));
    assert_string_equal(out->str, "    grow                           grow a tree\n");
    assert_false(help_search("no such words anywhere", out));
    assert_false(help_group("no such group", out));
}

static void check_hint(const char *line, const char *hint)
{
    struct expected expected = { 0 };
    g_autoptr(GString) out = g_string_new(NULL);

    line_expect(line, LINE_PROMPT, plugin_lookup(), &expected);
    help_hint(&expected, out);
    assert_string_equal(out->str, hint);
    expected_clear(&expected);
}

static void hints(void **state)
{
    (void)state;
    check_hint("gro", "");
    check_hint("grow linden --note x --fast ",
               "<height> [--in-the-garden-behind-the-old-house] [<birds>]...");
    check_hint("grow linden 3 --note x --slow ", "<kind> [--in-the-garden-behind-the-old-house] [<birds>]...");
}

static void here(void **state)
{
    struct expected expected = { 0 };
    g_autoptr(GString) out = g_string_new(NULL);

    (void)state;
    line_expect("grow linden --f", LINE_PROMPT, plugin_lookup(), &expected);
    help_here(&expected, out);
    assert_non_null(strstr(out->str, "  --fast "));
    assert_null(strstr(out->str, "--slow  "));
    expected_clear(&expected);

    g_string_truncate(out, 0);
    line_expect("grow linden --kind ", LINE_PROMPT, plugin_lookup(), &expected);
    help_here(&expected, out);
    assert_non_null(strstr(out->str, "slow and strong"));
    expected_clear(&expected);
}

/* What would be a request or an escape to roff is text; references and options are marked. */
static void manual(void **state)
{
    g_autoptr(GString) out = g_string_new(NULL);

    (void)state;
    help_manual(plugin_of("grow"), out);
    assert_non_null(strstr(out->str, ".TH \"HVSH\\-FOREST\" 1 "));
    assert_non_null(strstr(out->str, "\n\\&.dots and \\eslashes survive.\n"));
    assert_non_null(strstr(out->str, "\n[\\fB\\-\\-height\\fR\\ \\fInumber\\fR]\n"));
    assert_non_null(strstr(out->str, "\\fBgrow linden \\-\\-note \\(aqmy own\\(aq\\fR\n"));
    assert_null(strstr(out->str, "secret"));
    assert_null(strstr(out->str, "screen\\-only"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command_help), cmocka_unit_test(synopsis), cmocka_unit_test(search),
        cmocka_unit_test(hints),        cmocka_unit_test(here),     cmocka_unit_test(manual),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
