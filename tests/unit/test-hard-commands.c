/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-hard-commands.c - can the public header say all that the hardest commands need? Their tables are checked, normalised and compared with what
 * virsh takes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "call.h"
#include "hard-commands.h"
#include "help.h"
#include "plugin.h"
#include "types.h"

static struct command prepared[32];

static const struct command *command_of(void *unused, const char *name)
{
    static size_t count;

    (void)unused;
    for (size_t i = 0; i < count; i++)
        if (strcmp(prepared[i].name, name) == 0)
            return &prepared[i];
    for (const struct hvsh_command *const *def = hard_plugin.commands; *def != NULL; def++)
        if (strcmp((*def)->name, name) == 0) {
            struct command *command = &prepared[count++];

            tables_command(command, *def, &hard_plugin);
            command->name = (*def)->name;
            command->real = command;
            return command;
        }
    return NULL;
}

static void check_finds_nothing(void **state)
{
    g_autofree char *problems = plugin_check(&hard_plugin);

    (void)state;
    if (problems != NULL)
        fail_msg("%s", problems);
}

/* Does the option stand in the raw table where an alias would? Aliases come back in the table's own order. */
static void add_option(GString *out, const struct hvsh_field *field)
{
    bool valued = field->type->kind != HVSH_KIND_FLAG && field->type->kind != HVSH_KIND_BIT;

    if (field->type->kind == HVSH_KIND_ALIAS) {
        g_string_append_printf(out, "%s=%s", field->name, field->other);
        return;
    }
    g_string_append_printf(out, "%s%s%s", (field->flags & HVSH_REQUIRED) != 0 ? "!" : "",
                           valued && (field->flags & HVSH_NAMED) == 0 ? "@" : "", field->name);
    if (valued)
        g_string_append_printf(out, ":%s%s", type_is_number(field) ? "number" : "string", (field->flags & HVSH_REST) != 0 ? "..." : "");
}

static void options_are_those_of_virsh(void **state)
{
    (void)state;
    for (const struct hard_signature *expected = hard_signatures; expected->command != NULL; expected++) {
        const struct command *command = command_of(NULL, expected->command);
        const struct hvsh_field *const *rows;
        g_autoptr(GString) options = g_string_new(NULL);

        assert_non_null(command);
        rows = plugin_normalise(command->def->args, sizeof(struct hvsh_field));
        for (; *rows != NULL; rows++) {
            if ((*rows)->type->kind > HVSH_KIND_ALIAS)
                continue;
            g_string_append(options, options->len > 0 ? " " : "");
            add_option(options, *rows);
        }
        if (strcmp(options->str, expected->options) != 0)
            fail_msg("%s:\n  has   %s\n  virsh %s", expected->command, options->str, expected->options);
    }
}

static void tables_are_split(void **state)
{
    const struct command *command = command_of(NULL, "attach-disk"), *event = command_of(NULL, "event");
    const struct hvsh_field *const *details;

    (void)state;
    assert_int_equal(command->nargs, 27);
    assert_string_equal(command->args[0]->name, "domain");
    assert_string_equal(command->args[18]->name, "print-xml");
    assert_string_equal(command->aliases[0]->name, "shareable");
    assert_null(command->aliases[1]);
    assert_string_equal(command->rules[0]->name, "current");
    assert_string_equal(command->rules[2]->name, "persistent");
    assert_null(command->rules[3]);
    /* shapes keep the plugin's pointer as their key, nested rows their own table */
    assert_ptr_equal(event->shapes[0]->key, event->def->shapes[0]);
    assert_string_equal(event->shapes[0]->fields[4]->name, "details");
    details = field_rows(event->shapes[0]->fields[4]);
    assert_string_equal(details[0]->name, "name");
    assert_string_equal(details[1]->name, "value");
    assert_null(details[2]);
    /* what two commands share is made once */
    assert_ptr_equal(command->shapes[1], command_of(NULL, "blockcopy")->shapes[0]);
}

/* ---- match: the pairs of field and text, or virsh's sentence ---- */

static const struct line_lookup lookup = { command_of, NULL, NULL };

static char *pairs(const struct match *match)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < match->given->len; i++) {
        const struct given *given = &g_array_index(match->given, struct given, i);

        g_string_append_printf(out, "%s%s%s%s", i > 0 ? " " : "", match->command->args[given->field]->name, given->text != NULL ? "=" : "",
                               given->text != NULL ? given->text : "");
    }
    return g_string_free(out, FALSE);
}

static void check_match(const char *line, const char *expected)
{
    g_autofree char *error = NULL, *got = NULL;
    GArray *matches = line_match(line, LINE_VIRSH, &lookup, &error);

    if (matches != NULL) {
        assert_int_equal(matches->len, 1);
        got = pairs(&g_array_index(matches, struct match, 0));
        line_free(matches);
    } else {
        got = g_strdup(error);
    }
    if (strcmp(got, expected) != 0)
        fail_msg("%s\n  gives    %s\n  expected %s", line, got, expected);
}

static void lines_match(void **state)
{
    static const struct { const char *line, *pairs; } cases[] = {
        { "list --all --title", "all title" },
        { "list", "" },
        { "setvcpus --domain test 4", "domain=test count=4" },
        { "setvcpus test --count 4 --config --maximum", "domain=test count=4 config maximum" },
        { "migrate a b c d --live", "domain=a desturi=b migrateuri=c graphicsuri=d live" },
        { "migrate a b --tunneled", "domain=a desturi=b tunnelled" },
        { "blkdeviotune d vda 5 6", "domain=d device=vda total-bytes-sec=5 read-bytes-sec=6" },
        { "blkdeviotune d vda --total_bytes_sec 5 --read-bytes-sec=6", "domain=d device=vda total-bytes-sec=5 read-bytes-sec=6" },
        { "vol-create-from p f v i --reflink", "pool=p file=f vol=v inputpool=i reflink" },
        { "snapshot-create-as d n text spec", "domain=d name=n description=text diskspec=spec" },
        { "snapshot-create-as d --diskspec a --diskspec b --memspec m", "domain=d diskspec=a diskspec=b memspec=m" },
        { "attach-disk d s t virtio --shareable", "domain=d source=s target=t targetbus=virtio mode=shareable" },
        { "attach-disk d '' t", "domain=d source= target=t" },
        { "blockcopy d p --raw --dest \"a b\"", "domain=d path=p format=raw dest=a b" },
        { "domstats a b --state", "domain=a domain=b state" },
        { "desc d --config the build machine", "domain=d config new-desc=the new-desc=build new-desc=machine" },
        { "desc d -- --live", "domain=d new-desc=--live" },
        { "desc d -1 - x", "domain=d new-desc=-1 new-desc=- new-desc=x" },
        { "event web lifecycle 5", "domain=web event=lifecycle timeout=5" },
        { "nodedev-list --cap net,pci", "cap=net,pci" },
        { "undefine d --delete-snapshots --remove-all-storage", "domain=d delete-storage-volume-snapshots remove-all-storage" },
        { "domblkinfo d --all # everything", "domain=d all" },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        check_match(cases[i].line, cases[i].pairs);
}

static void wrong_lines_are_refused(void **state)
{
    static const struct { const char *line, *sentence; } cases[] = {
        { "setvcpus 1 --domain test", "option --domain already seen" },
        { "list --all --all", "option --all already seen" },
        { "list --all=1", "invalid '=' after option --all" },
        { "list foo", "unexpected data 'foo'" },
        { "list --bogus", "command 'list' doesn't support option --bogus" },
        { "setvcpus --domain", "expected syntax: --domain <string>" },
        { "event --list --timeout", "expected syntax: --timeout <number>" },
        { "attach-disk d s t --mode a --shareable", "option --mode already seen" },
        { "setvcpus test", "command 'setvcpus' requires --count option" },
        { "migrate test", "command 'migrate' requires <desturi> option" },
        { "domstats --state=x", "invalid '=' after option --state" },
        { "list \"abc", "missing \"" },
        { "nosuch", "unknown command: 'nosuch'" },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        check_match(cases[i].line, cases[i].sentence);
}

static void install_is_read_by_names(void **state)
{
    static const struct { const char *line, *pairs; } cases[] = {
        { "install --name web1 --ram=1024 --disk size=20 --disk size=2", "name=web1 memory=1024 disk=size=20 disk=size=2" },
        { "install -n web1 --os-v debian11 --import", "name=web1 osinfo=debian11 import" },
        { "install -nweb1 -qd", "name=web1 quiet debug" },
        { "install --noautoconsole --nographics", "autoconsole=none graphics=none" },
        { "install --wait 5 --launchSecurity sev", "wait=5 launchsecurity=sev" },
        { "install --wait --import", "wait=forever import" },
        { "install --sound --sound ich9", "sound=default sound=ich9" },
    };
    g_autofree char *error = NULL;

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        check_match(cases[i].line, cases[i].pairs);
    check_match("install web1", "unexpected data 'web1'");
    assert_null(line_match("install --mem 5", LINE_VIRSH, &lookup, &error));
    assert_non_null(strstr(error, "ambiguous option: --mem"));
}

static void examples_match(void **state)
{
    (void)state;
    for (const struct hvsh_command *const *def = hard_plugin.commands; *def != NULL; def++)
        for (const struct hvsh_example *example = (*def)->examples; example != NULL && example->line != NULL; example++) {
            g_autofree char *error = NULL;
            GArray *matches = line_match(example->line, LINE_PROMPT, &lookup, &error);

            if (matches == NULL)
                fail_msg("%s: %s", example->line, error);
            line_free(matches);
        }
}

/* ---- rules: the first broken one of the table ---- */

static void broken_rules_are_told(void **state)
{
    static const struct { const char *line, *sentence; } cases[] = {
        { "list --table --id", "Options --table and --id are mutually exclusive" },
        { "setvcpus test 2 --guest --config", "Options --guest and --config are mutually exclusive" },
        { "setvcpus test 2 --maximum", "Option --config is required by option --maximum" },
        { "setvcpus test 2 --guest --current --live", "Options --current and --live are mutually exclusive" },
        { "migrate a b --timeout-suspend --timeout-postcopy", "Options --timeout-suspend and --timeout-postcopy are mutually exclusive" },
        { "migrate a b --timeout-suspend", "migrate: Unexpected --timeout-* option without --timeout" },
        { "migrate a b --timeout 5", "migrate: Unexpected timeout for offline migration" },
        { "blockcopy a b", "need either --dest or --xml" },
        { "blockcopy a b --xml x --raw", "Options --format and --xml are mutually exclusive" },
        { "blockcopy a b --dest x --verbose", "--verbose requires at least one of --timeout, --wait, --pivot, or --finish" },
        { "blockcopy a b --dest x --verbose --pivot", NULL },
        { "event", "one of --list, --all, or --event <type> is required" },
        { "event --all --list", "Options --list and --all are mutually exclusive" },
        { "event --event reboot", NULL },
        { "undefine a --wipe-storage", "'--wipe-storage' requires '--storage <string>' or '--remove-all-storage'" },
        { "undefine a --delete-snapshots", "Option --remove-all-storage is required by option --delete-storage-volume-snapshots" },
        { "undefine a --wipe-storage --storage vda", NULL },
        { "domblkinfo a", "command 'domblkinfo' requires <device> option" },
        { "nodedev-list pci --tree", "Option --tree is incompatible with --cap and --inactive" },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *error = NULL;
        GArray *matches = line_match(cases[i].line, LINE_VIRSH, &lookup, &error);
        const struct match *match;
        hvsh_call *call;

        assert_non_null(matches);
        match = &g_array_index(matches, struct match, 0);
        call = call_new(match->command, match, NULL);
        if (cases[i].sentence == NULL) {
            assert_int_equal(call_check(call), 0);
        } else {
            assert_int_equal(call_check(call), -1);
            assert_string_equal(g_strchomp(call->failure.message->str), cases[i].sentence);
        }
        call_unref(call);
        line_free(matches);
    }
}

/* ---- what is expected at point ---- */

static void the_point_is_understood(void **state)
{
    static const struct { const char *line; enum expected_kind kind; const char *field, *word; } cases[] = {
        { "setv", EXPECT_COMMAND, NULL, "setv" },
        { "setvcpus te", EXPECT_VALUE, "domain", "te" },
        { "setvcpus test ", EXPECT_VALUE, "count", "" },
        { "list --ta", EXPECT_OPTION, NULL, "--ta" },
        { "attach-disk d s t --type ", EXPECT_VALUE, "type", "" },
        { "attach-disk d s t --type=cd", EXPECT_VALUE, "type", "--type=cd" },
        { "migrate d --migrate-disks vda,v", EXPECT_VALUE, "migrate-disks", "vda,v" },
        { "vol-create-from p f ", EXPECT_VALUE, "vol", "" },
        { "desc d some words", EXPECT_VALUE, "new-desc", "words" },
        { "list | wc; domstats a ", EXPECT_VALUE, "domain", "" },
        { "install --disk size=1 --gra", EXPECT_OPTION, NULL, "--gra" },
        { "install --disk size=1 --graphics ", EXPECT_VALUE, "graphics", "" },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct expected expected;

        line_expect(cases[i].line, i == 9 ? LINE_VIRSH : LINE_PROMPT, &lookup, &expected);
        if (expected.kind != cases[i].kind || g_strcmp0(expected.word, cases[i].word) != 0 ||
            (cases[i].field != NULL && (expected.field == NULL || strcmp(expected.field->name, cases[i].field) != 0)))
            fail_msg("%s: kind %d, field %s, word '%s'", cases[i].line, (int)expected.kind,
                     expected.field != NULL ? expected.field->name : "-", expected.word);
        expected_clear(&expected);
    }
}

/* ---- Lua: named values ---- */

static void named_values_match(void **state)
{
    const struct line_word words[] = { { NULL, "test" }, { "count", "4" }, { "maximum", NULL }, { "config", NULL } };
    const struct line_word many[] = { { NULL, "d" }, { "new_desc", "two words" }, { "new_desc", "--live" } };
    g_autofree char *error = NULL, *first = NULL, *second = NULL;
    GArray *matches = line_match_words(command_of(NULL, "setvcpus"), words, G_N_ELEMENTS(words), &error);

    (void)state;
    if (matches == NULL)
        fail_msg("%s", error);
    first = pairs(&g_array_index(matches, struct match, 0));
    assert_string_equal(first, "domain=test count=4 maximum config");
    line_free(matches);
    matches = line_match_words(command_of(NULL, "desc"), many, G_N_ELEMENTS(many), &error);
    if (matches == NULL)
        fail_msg("%s", error);
    second = pairs(&g_array_index(matches, struct match, 0));
    assert_string_equal(second, "domain=d new-desc=two words new-desc=--live");
    line_free(matches);
}

/* ---- help ---- */

static void help_names_everything(void **state)
{
    g_autoptr(GString) synopsis = g_string_new(NULL);

    (void)state;
    for (const struct hvsh_command *const *def = hard_plugin.commands; *def != NULL; def++) {
        const struct command *command = command_of(NULL, (*def)->name);
        g_autoptr(GString) help = g_string_new(NULL);

        help_command(command, help);
        for (const struct hvsh_field *const *arg = command->args; *arg != NULL; arg++) {
            g_autofree char *begin = g_strndup((*arg)->help, strcspn((*arg)->help, " "));    /* long ones are wrapped */

            if (((*arg)->flags & HVSH_HIDE) == 0 && (strstr(help->str, (*arg)->name) == NULL || strstr(help->str, begin) == NULL))
                fail_msg("help %s says nothing of --%s", command->name, (*arg)->name);
        }
    }
    help_synopsis(command_of(NULL, "setvcpus"), synopsis);
    assert_non_null(strstr(synopsis->str, "<domain> <count> [--maximum] [--config] [--live] [--current] [--guest] [--hotpluggable]"));
    g_string_truncate(synopsis, 0);
    help_synopsis(command_of(NULL, "desc"), synopsis);
    assert_non_null(strstr(synopsis->str, "<domain> [--live] [--config] [--current] [--title] [--edit] [<new-desc>]..."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_match),
        cmocka_unit_test(wrong_lines_are_refused),
        cmocka_unit_test(install_is_read_by_names),
        cmocka_unit_test(examples_match),
        cmocka_unit_test(broken_rules_are_told),
        cmocka_unit_test(the_point_is_understood),
        cmocka_unit_test(named_values_match),
        cmocka_unit_test(help_names_everything),
        cmocka_unit_test(check_finds_nothing),
        cmocka_unit_test(options_are_those_of_virsh),
        cmocka_unit_test(tables_are_split),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
