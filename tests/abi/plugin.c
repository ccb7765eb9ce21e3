/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plugin.c - a plugin that uses a bit of everything that tables hold; the test builds it with headers of several ages. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "hvsh.h"

/* a type of its own */
static int parse_yards(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    unsigned int yards = 0;

    for (; *text >= '0' && *text <= '9'; text++)
        yards = yards * 10 + (unsigned int)(*text - '0');
    if (*text != '\0')
        return hvsh_fail(call, "--%s takes a number of yards", field->name);
    *(unsigned int *)value = yards;
    return 0;
}

static void print_yards(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    hvsh_buffer_printf(out, style == HVSH_DATA ? "%u" : "%u %s", *(const unsigned int *)value, field->unit);
}

static const struct hvsh_type yards = {
    .name = "yards", .kind = HVSH_KIND_UINT, .size = sizeof(unsigned int), .parse = parse_yards, .print = print_yards,
};

static const struct hvsh_choice colours[] = { { "red", 1, "as blood" }, { "green", 2, "as grass" }, { "blue", 3, "as the sky" }, { NULL, 0, NULL } };

struct age_args { const char *name; int colour; unsigned int distance; bool loud, quiet_voice; HVSH_LIST_OF(const char *) words; };
static const struct hvsh_field age_args[] = {
    HVSH_TEXT(struct age_args, name, "who", .flags = HVSH_REQUIRED),
    HVSH_ENUM(struct age_args, colour, "which colour", .choices = colours, .fallback = "green"),
    HVSH_BIND(struct age_args, distance, unsigned int, yards, "how far", .fallback = "7"),
    HVSH_FLAG(struct age_args, loud, "aloud"),
    HVSH_FLAG(struct age_args, quiet_voice, "in a low voice"),
    HVSH_TEXTS(struct age_args, words, HVSH_REST, "what is said"),
    HVSH_ALIAS("sky", "colour=blue"),
    HVSH_EXCLUDES("loud", "quiet-voice"),
    HVSH_END
};

struct word_row { const char *word; unsigned int place; };
static const struct hvsh_field word_row[] = {
    HVSH_TEXT(struct word_row, word, "one of the words"),
    HVSH_UINT(struct word_row, place, "its place"),
    HVSH_END
};
struct age_row { const char *name; int colour; unsigned int distance; struct hvsh_rows words; };
static const struct hvsh_field age_row[] = {
    HVSH_TEXT(struct age_row, name, "who", .label = "Name"),
    HVSH_ENUM(struct age_row, colour, "which colour", .label = "Colour", .choices = colours),
    HVSH_BIND(struct age_row, distance, unsigned int, yards, "how far", .label = "Distance", .unit = "yards"),
    HVSH_ROWS(struct age_row, words, struct word_row, word_row, "what is said"),
    HVSH_END
};
static const struct hvsh_shape age_table = { .name = "ages", .kind = HVSH_TABLE, HVSH_ROW(age_row) };

static int age_run(hvsh_call *call, const void *p)
{
    const struct age_args *args = p;
    struct word_row words[8];
    struct age_row row = { args->name, args->colour, args->distance, { words, 0 } };

    for (; row.words.count < args->words.count && row.words.count < 8; row.words.count++)
        words[row.words.count] = (struct word_row){ args->words.items[row.words.count], (unsigned int)row.words.count };
#ifdef USE_NEWER
    hvsh_shine(call);
#endif
    return hvsh_emit(call, &age_table, &row);
}

static const struct hvsh_command age = {
    .name = "age", .group = "ages", .help = "tell an age", HVSH_ARGS(age_args), .shapes = HVSH_SHAPES(&age_table), .run = age_run,
    .examples = HVSH_EXAMPLES({ "age tom --sky hello", "a first one" }, { "age ann red 5 --loud", "a second one" }),
    .flags = HVSH_NO_CONNECTION,
};
static const struct hvsh_command era = { .name = "era", .alias_of = "age" };
static const struct hvsh_command future = {
    .name = "future", .group = "ages", .help = "not for this shell", .run = age_run, .flags = HVSH_NO_CONNECTION, .since = 1000,
};
static const struct hvsh_command *const commands[] = {
    &age, &era,
#ifdef WITH_FUTURE
    &future,
#endif
    NULL
};
static const struct hvsh_group groups[] = { { "ages", "The ages", 2000 }, { "eras", "The eras", 2001 }, { NULL, NULL, 0 } };

#if HVSH_ABI_MINOR >= 1
static void look(hvsh_call *call, const char *root, struct hvsh_finding *found)
{
    FILE *file = fopen(hvsh_printf(call, "%s/etc/age", root), "re");
    char word[16] = "";

    if (file) {
        *found = (struct hvsh_finding){ fscanf(file, "%15s", word) == 1 ? HVSH_PASS : HVSH_FAIL, hvsh_printf(call, "the age is '%s'", word) };
        fclose(file);
    } else if (errno == ENOENT) {
        *found = (struct hvsh_finding){ .severity = HVSH_WARN, .evidence = "/etc/age is not there", .cure = "wait" };
    } else {
        found->evidence = hvsh_printf(call, "/etc/age: %s", strerror(errno));
    }
}
static void say_nothing(hvsh_call *call, const char *root, struct hvsh_finding *found)
{
    (void)call, (void)root, (void)found;
}
static const struct hvsh_check
    known = { .id = "age-known", .area = "age", .what = "the age", .why = "Everything has one.", .cure = "write it into /etc/age", .run = look,
              .fix = (const char *const[]){ "age", "tom", "red", NULL } },
    silent = { .id = "age-silent", .area = "age", .profiles = HVSH_FOR_LXC, .what = "the silent one", .why = "It says nothing.",
               .run = say_nothing };
static const struct hvsh_check *const checks[] = { &known, &silent, NULL };
# define WITH_CHECKS , .checks = checks
#else
# define WITH_CHECKS
#endif

HVSH_PLUGIN(.name = "ages", .version = "0.1", .summary = "a plugin of some age", .commands = commands, .groups = groups WITH_CHECKS);
const void *unused_future(void);
const void *unused_future(void) { return &future; }
