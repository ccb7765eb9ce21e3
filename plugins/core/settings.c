/* SPDX-License-Identifier: GPL-3.0-or-later */
/* settings.c - set: the session's settings, a table of names and where they live. */
#include <glib.h>
#include <string.h>
#include "core.h"
#include "exec.h"

/* A setting is a switch, or one of some words, or a text with a check of its own. */
struct setting {
    const char *name, *help;
    bool *flag;
    const char *const *words;      /* NULL-terminated; the value is the index of one */
    int (*get)(void);
    void (*put)(int value);
};

static int get_format(void)
{
    return (int)exec_settings.format;
}

static void put_format(int value)
{
    exec_settings.format = (enum out_format)value;
}

static const char *const formats[] = { "text", "json", "jsonl", "csv", NULL };    /* in the order of enum out_format */

static const struct setting settings[] = {
    { .name = "fail-fast", .help = "a batch stops at the first command that fails", .flag = &exec_settings.fail_fast },
    { .name = "format", .help = "how results are written", .words = formats, .get = get_format, .put = put_format },
    { .name = "human", .help = "colour and units for a person, at a terminal", .flag = &exec_settings.human },
    { .name = "pager", .help = "long results go through the pager, at a terminal", .flag = &exec_settings.pager },
    { .name = "quiet", .help = "no messages, no table headings, no empty lines after commands", .flag = &exec_settings.quiet },
    { .name = "timing", .help = "the time that each command took", .flag = &exec_settings.timing },
    { .name = "yes", .help = "go on without asking before something is destroyed", .flag = &exec_settings.yes },
    { .name = NULL }
};

static const char *const switch_words[] = { "off", "on", NULL };

static const struct setting *find(const char *name)
{
    for (const struct setting *setting = settings; setting->name != NULL; setting++)
        if (strcmp(setting->name, name) == 0)
            return setting;
    return NULL;
}

static const char *const *words_of(const struct setting *setting)
{
    return setting->flag != NULL ? switch_words : setting->words;
}

static const char *value_of(const struct setting *setting)
{
    return words_of(setting)[setting->flag != NULL ? *setting->flag : setting->get()];
}

/* ---- completion ---- */

static int offer_names(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    (void)field;
    for (const struct setting *setting = settings; setting->name != NULL; setting++)
        if (g_str_has_prefix(setting->name, start))
            hvsh_offer(call, setting->name, setting->help);
    return 0;
}

static int offer_values(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    const char *name = hvsh_text(call, "name");
    const struct setting *setting = name != NULL ? find(name) : NULL;

    (void)field;
    for (const char *const *word = setting != NULL ? words_of(setting) : NULL; word != NULL && *word != NULL; word++)
        if (g_str_has_prefix(*word, start))
            hvsh_offer(call, *word, strcmp(*word, value_of(setting)) == 0 ? "now" : NULL);
    return 0;
}

/* ---- set ---- */

struct set_args { const char *name, *value; };

static const struct hvsh_field set_args[] = {
    HVSH_TEXT(struct set_args, name, "the setting; none: list all", .offer = offer_names),
    HVSH_TEXT(struct set_args, value, "its new value; none: show the setting", .offer = offer_values),
    HVSH_END
};

struct set_row { const char *name, *value, *help; };

static const struct hvsh_field set_row[] = {
    HVSH_TEXT(struct set_row, name, "the setting", .label = "Name"),
    HVSH_TEXT(struct set_row, value, "its value", .label = "Value"),
    HVSH_TEXT(struct set_row, help, "what it does", .label = "Meaning"),
    HVSH_END
};
static const struct hvsh_shape set_done = { .name = "set", .kind = HVSH_MESSAGE, HVSH_ROW(set_row), .text = "Setting '{name}' is {value}" };
static const struct hvsh_shape set_table = { .name = "settings", .kind = HVSH_TABLE, HVSH_ROW(set_row) };

static int emit_setting(hvsh_call *call, const struct hvsh_shape *shape, const struct setting *setting)
{
    struct set_row row = { setting->name, value_of(setting), setting->help };

    return hvsh_emit(call, shape, &row);
}

static int find_word(const struct setting *setting, const char *value)
{
    static const char *const off[] = { "off", "no", "false", "0", NULL }, *const on[] = { "on", "yes", "true", "1", NULL };

    if (setting->flag != NULL)
        return g_strv_contains(on, value) ? 1 : g_strv_contains(off, value) ? 0 : -1;
    for (int i = 0; setting->words[i] != NULL; i++)
        if (strcmp(setting->words[i], value) == 0)
            return i;
    return -1;
}

static int set_run(hvsh_call *call, const void *p)
{
    const struct set_args *args = p;
    const struct setting *setting;
    g_autofree char *words = NULL;
    int value;

    if (args->name == NULL) {
        for (setting = settings; setting->name != NULL; setting++)
            if (emit_setting(call, &set_table, setting) < 0)
                return -1;
        return 0;
    }
    setting = find(args->name);
    if (setting == NULL) {
        hvsh_fail(call, "there is no setting '%s'", args->name);
        return hvsh_hint(call, "set lists them all");
    }
    if (args->value == NULL)
        return emit_setting(call, &set_table, setting);
    value = find_word(setting, args->value);
    if (value < 0) {
        words = g_strjoinv(", ", (char **)words_of(setting));
        return hvsh_fail(call, "'%s' is no value of %s: it takes %s", args->value, setting->name, words);
    }
    if (setting->flag != NULL)
        *setting->flag = value != 0;
    else
        setting->put(value);
    return emit_setting(call, &set_done, setting);
}

const struct hvsh_command core_set = {
    .name = "set", .group = "shell", .help = "show or change the settings of the session",
    .description = "Without arguments lists all settings. They last until the shell ends: those for every day belong into init.lua.",
    HVSH_ARGS(set_args), .shapes = HVSH_SHAPES(&set_table, &set_done),
    .examples = HVSH_EXAMPLES({ "set", "all settings", HVSH_ON_TEST },
                              { "set format json", "results as JSON from now on", HVSH_MATCH_ONLY },
                              { "set timing on", "tell how long each command took", HVSH_MATCH_ONLY }),
    .run = set_run, .flags = HVSH_NO_CONNECTION,
};
