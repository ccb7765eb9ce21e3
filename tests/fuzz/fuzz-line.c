/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-line.c - any text as a line: matched in both syntaxes, at every point half typed, as words, and each word quoted and read back. */
#include <stdlib.h>
#include <string.h>
#include "fuzz.h"
#include "line.h"
#include "plugin.h"

static const char *alias(void *arg, const char *name)
{
    (void)arg;
    return strcmp(name, "all") == 0 ? "list --all 'x y'" : strcmp(name, "self") == 0 ? "time self" : NULL;
}

static const struct command *command(void *arg, const char *name)
{
    (void)arg;
    return plugin_command(name);
}

static const struct line_lookup lookup = {.command = command, .alias = alias};

/* What is matched refers to arguments that there are; what is not has a sentence. */
static void check_matches(GArray *matches, char *error)
{
    REQUIRE((matches != NULL) == (error == NULL));
    for (unsigned int i = 0; matches && i < matches->len; i++) {
        const struct match *match = &g_array_index(matches, struct match, i);

        REQUIRE((match->command != NULL) != (match->shell != NULL));
        for (unsigned int n = 0; match->command && n < match->given->len; n++)
            REQUIRE(g_array_index(match->given, struct given, n).field < match->command->real->nargs);
    }
    line_free(matches);
    g_free(error);
}

static void check_expected(const char *text)
{
    struct expected expected;

    line_expect(text, LINE_PROMPT, &lookup, &expected);
    REQUIRE(expected.start <= strlen(text));
    REQUIRE(expected.word && expected.value_start <= strlen(expected.word));
    REQUIRE(expected.kind != EXPECT_VALUE || (expected.field && expected.command));
    REQUIRE(expected.kind != EXPECT_OPTION || expected.command);
    for (unsigned int i = 0; expected.command && expected.kind != EXPECT_NOTHING && expected.given && i < expected.command->nargs; i++)
        line_taken(&expected, i);
    expected_clear(&expected);
}

/* A word that was quoted is read back as it was. */
static void check_quote(const char *word)
{
    g_autofree char *quoted = line_quote(word);
    g_autofree char *line = g_strconcat("echo -- ", quoted, NULL);
    char *error = NULL;
    GArray *matches = line_match(line, LINE_PROMPT, &lookup, &error);
    const struct match *match;

    REQUIRE(matches && matches->len == 1);
    match = &g_array_index(matches, struct match, 0);
    REQUIRE(match->given->len == 1 && match->redirect == REDIRECT_NONE);
    REQUIRE(strcmp(g_array_index(match->given, struct given, 0).text, word) == 0);
    REQUIRE(!line_is_open(line));
    line_free(matches);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(GStrv) words = g_strsplit(text, " ", 64);
    size_t length = strlen(text);
    static bool loaded;
    GArray *matches;
    char *error;

    if (!loaded)
        plugin_load_all();
    loaded = true;
    matches = line_match(text, LINE_VIRSH, &lookup, &error);
    check_matches(matches, error);
    matches = line_match(text, LINE_PROMPT, &lookup, &error);
    check_matches(matches, error);
    matches = line_match_argv((const char *const *)words, &lookup, &error);
    check_matches(matches, error);
    check_quote(text);
    for (size_t end = length > 200 ? length : 0; end <= length; end++) {
        g_autofree char *half = g_strndup(text, end);

        check_expected(half);
    }
    return 0;
}
