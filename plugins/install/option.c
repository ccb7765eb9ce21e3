/* SPDX-License-Identifier: GPL-3.0-or-later */
/* option.c - splitting options into their sub-options, and setting these in the document. */
#include "option.h"
#include <stdlib.h>
#include <string.h>
#include <glib.h>
#include "model.h"

/* ---- words ----------------------------------------------------------------------------------------------------------------- */

/* The words between commas; quotes and backslashes as in a shell. NULL: a quote is open. */
static GPtrArray *split(const char *text)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GString) word = g_string_new(NULL);
    bool quoted = false;
    char quote = 0;

    for (; *text; text++) {
        if (quote && *text == quote) {
            quote = 0;
        } else if (!quote && (*text == '"' || *text == '\'')) {
            quote = *text;
            quoted = true;
        } else if (*text == '\\' && quote != '\'' && text[1]) {
            g_string_append_c(word, *++text);
        } else if (*text == ',' && !quote) {
            if (word->len || quoted)
                g_ptr_array_add(words, g_strdup(word->str));
            g_string_truncate(word, 0);
            quoted = false;
        } else {
            g_string_append_c(word, *text);
        }
    }
    if (word->len || quoted)
        g_ptr_array_add(words, g_strdup(word->str));
    return quote ? NULL : g_steal_pointer(&words);
}

static int fail_unknown(hvsh_call *call, const struct family *family, const char *key)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    const char *nearest;

    for (unsigned int i = 0; i < FAMILY_ROWS && family->rows[i]; i++)
        for (const struct suboption *row = family->rows[i]; row->name; row++)
            g_ptr_array_add(names, (void *)row->name);
    g_ptr_array_add(names, NULL);
    nearest = hvsh_nearest(key, (const char *const *)names->pdata);
    hvsh_fail(call, nearest ? "--%s has no sub-option '%s'; did you mean '%s'?" : "--%s has no sub-option '%s'", family->option, key, nearest);
    return hvsh_hint(call, "`install --%s help` lists them", family->option);
}

/* ---- values ------------------------------------------------------------------------------------------------------------------ */

int option_truth(const char *text)
{
    static const char *const yes[] = { "yes", "on", "1", "true", "y", NULL }, *const no[] = { "no", "off", "0", "false", "n", NULL };
    g_autofree char *lower = g_ascii_strdown(text, -1);

    return g_strv_contains(yes, lower) ? 1 : g_strv_contains(no, lower) ? 0 : -1;
}

int option_size(hvsh_call *call, const char *what, const char *text, uint64_t unit, uint64_t *bytes)
{
    static const char letters[] = "BKMGTPE";
    char *end;
    double number = g_ascii_strtod(text, &end);
    const char *letter;

    if (end == text || !(number >= 0))
        return hvsh_fail(call, "%s is no size: '%s'", what, text);
    while (*end == ' ')
        end++;
    if (*end) {
        letter = strchr(letters, g_ascii_toupper(*end));
        if (!letter)
            return hvsh_fail(call, "%s has a unit that is not known: '%s' (KiB, MiB, GiB, TiB, or KB, MB, GB, TB)", what, text);
        unit = 1;
        for (const char *p = letters; p < letter; p++)
            unit *= strcasecmp(end + 1, "b") == 0 ? 1000 : 1024;
        if (end[1] && strcasecmp(end + 1, "b") != 0 && strcasecmp(end + 1, "ib") != 0)
            return hvsh_fail(call, "%s has a unit that is not known: '%s' (KiB, MiB, GiB, TiB, or KB, MB, GB, TB)", what, text);
    }
    if (number * (double)unit >= 9.2e18)
        return hvsh_fail(call, "%s is too large: '%s'", what, text);
    *bytes = (uint64_t)(number * (double)unit + 0.5);
    return 0;
}

const char *option_size_words(hvsh_call *call, uint64_t bytes)
{
    g_autofree char *text = g_format_size_full(bytes, G_FORMAT_SIZE_IEC_UNITS);
    /* GLib keeps number and unit together by a no-break space */
    g_auto(GStrv) parts = g_strsplit(text, "\302\240", 2);

    return hvsh_defer(call, g_strjoinv(" ", parts), g_free);
}

static int check_value(hvsh_call *call, const struct family *family, const struct suboption *row, const char *value)
{
    switch (row->kind) {
    case SUB_INT: {
        char *end;

        g_ascii_strtoll(value, &end, g_str_has_prefix(value, "0x") ? 16 : 10);
        return *value && *end == '\0' ? 0 : hvsh_fail(call, "--%s: %s must be a whole number, not '%s'", family->option, row->name, value);
    }
    case SUB_YESNO:
    case SUB_ONOFF:
    case SUB_BOOL:
        return option_truth(value) >= 0 ? 0 : hvsh_fail(call, "--%s: %s must be yes or no, not '%s'", family->option, row->name, value);
    case SUB_TEXT:
    case SUB_PATH:
        break;
    }
    return 0;
}

/* ---- parsing ------------------------------------------------------------------------------------------------------------------- */

static bool names_row(const struct family *family, const char *word)
{
    unsigned int index[FAMILY_INDEXES];
    g_autofree char *key = g_strndup(word, strcspn(word, "="));

    return family_row(family, key, index) != NULL;
}

/* The names of first words: "pty,path=/a" is "type=pty,path=/a". */
static void name_first(const struct family *family, GPtrArray *words)
{
    for (unsigned int i = 0; i < FAMILY_FIRST && family->first[i] && i < words->len; i++) {
        char *word = words->pdata[i];

        if (strchr(word, '='))
            return;
        words->pdata[i] = g_strdup_printf("%s=%s", family->first[i], word);
        g_free(word);
    }
}

struct option *option_parse(hvsh_call *call, const char *name, const char *text)
{
    const struct family *family = family_of(name);
    g_autoptr(GPtrArray) words = split(text);
    struct option *option = hvsh_defer(call, g_new0(struct option, 1), g_free);

    option->call = call;
    option->family = family;
    option->text = text;
    if (!words) {
        hvsh_fail(call, "--%s: a quote is not closed: %s", name, text);
        return NULL;
    }
    name_first(family, words);
    option->pairs = hvsh_defer(call, g_new0(struct pair, words->len + 1), g_free);
    for (guint i = 0; i < words->len; i++) {
        struct pair *pair = &option->pairs[option->count];
        const char *word = words->pdata[i], *equal = strchr(word, '=');
        g_autofree char *key = g_strndup(word, strcspn(word, "="));
        g_autoptr(GString) value = g_string_new(equal ? equal + 1 : "");

        pair->row = family_row(family, key, pair->index);
        if (!pair->row) {
            fail_unknown(call, family, key);
            return NULL;
        }
        while (pair->row->comma && i + 1 < words->len && !names_row(family, words->pdata[i + 1]))
            g_string_append_printf(value, ",%s", (const char *)words->pdata[++i]);
        if (!equal && !pair->row->bare) {
            hvsh_fail(call, "--%s: %s needs a value: %s=...", name, key, key);
            return NULL;
        }
        if (value->len && check_value(call, family, pair->row, value->str) < 0)
            return NULL;
        pair->value = equal ? hvsh_printf(call, "%s", value->str) : "yes";
        option->count++;
    }
    return option;
}

const char *option_take(struct option *option, const char *name)
{
    const char *value = NULL, *next;

    while ((next = option_take_next(option, name)))
        value = next;
    return value && *value ? value : NULL;
}

const char *option_take_next(struct option *option, const char *name)
{
    for (size_t i = 0; i < option->count; i++)
        if (!option->pairs[i].taken && strcmp(option->pairs[i].row->name, name) == 0) {
            option->pairs[i].taken = true;
            return option->pairs[i].value;
        }
    return NULL;
}

int option_take_bool(struct option *option, const char *name, int missing)
{
    const char *value = option_take(option, name);

    return value ? option_truth(value) : missing;
}

const char *option_look(const struct option *option, const char *name)
{
    for (size_t i = 0; i < option->count; i++)
        if (!option->pairs[i].taken && strcmp(option->pairs[i].row->name, name) == 0)
            return *option->pairs[i].value ? option->pairs[i].value : NULL;
    return NULL;
}

/* ---- into the document ------------------------------------------------------------------------------------------------------------ */

/* "default" in these is as if nothing had been said. */
static bool is_default(const struct pair *pair)
{
    static const char *const names[] = { "type", "model", "model.type", "bus", "mode", "action", NULL };

    return strcmp(pair->value, "default") == 0 && g_strv_contains(names, pair->row->name);
}

/* xpath0.set=./a/@b,xpath0.value=c, xpath0.set=./a/@b=c and their like: changes of the element itself. */
static int change(struct option *option, const struct pair *pair, xmlNode *element)
{
    const char *what = strrchr(pair->row->name, '.') + 1, *path = pair->value, *value = NULL, *equal = strrchr(path, '=');

    if (strcmp(what, "value") == 0)
        return 0;
    if (g_str_has_prefix(path, "./"))
        path += 2;
    for (size_t i = 0; strcmp(what, "set") == 0 && i < option->count; i++)
        if (strcmp(option->pairs[i].row->name, "xpath[].value") == 0 && option->pairs[i].index[0] == pair->index[0])
            value = option->pairs[i].value;
    if (strcmp(what, "set") == 0 && !value && equal && equal > path) {
        path = hvsh_printf(option->call, "%.*s", (int)(equal - path), path);
        value = equal + 1;
    }
    if (!model_is_path(path))
        return hvsh_fail(option->call, "--%s: %s takes a plain path such as ./driver/@name, not '%s'", option->family->option, pair->row->name, path);
    if (strcmp(what, "set") == 0 && !value)
        return hvsh_fail(option->call, "--%s: %s needs its value: xpath%u.value=...", option->family->option, pair->row->name, pair->index[0]);
    if (strcmp(what, "create") == 0)
        model_make(element, path);
    else
        model_set(element, path, strcmp(what, "delete") == 0 ? NULL : value);
    return 0;
}

static bool is_change(const struct pair *pair)
{
    return g_str_has_prefix(pair->row->name, "xpath");
}

static bool is_clear(const struct pair *pair)
{
    return strcmp(pair->row->name, "clearxml") == 0;
}

bool option_has_changes(const struct option *option)
{
    for (size_t i = 0; i < option->count; i++)
        if (is_change(&option->pairs[i]))
            return true;
    return false;
}

int option_change(struct option *option, xmlNode *element)
{
    if (option->earlier && option_change(option->earlier, element) < 0)
        return -1;
    for (size_t i = 0; i < option->count; i++)
        if (is_change(&option->pairs[i]) && change(option, &option->pairs[i], element) < 0)
            return -1;
    return 0;
}

/* Nothing of what the family describes; several share the domain itself. */
static void clear(const struct family *family, xmlNode *element)
{
    while (*family->path && element->children)
        model_remove(element->children);
    while (*family->path && element->properties)
        xmlRemoveProp(element->properties);
    for (unsigned int i = 0; !*family->path && i < FAMILY_ROWS && family->rows[i]; i++)
        for (const struct suboption *row = family->rows[i]; row->name; row++) {
            g_autofree char *first = g_strndup(row->path ? row->path : row->name, strcspn(row->path ? row->path : row->name, "/[@."));

            if (*first)
                model_set(element, first, NULL);
        }
}

/* The pairs in the order of the tables, which is that of the elements they make. */
static void sort_pairs(struct option *option)
{
    size_t sorted = 0;

    for (unsigned int i = 0; i < FAMILY_ROWS && option->family->rows[i]; i++)
        for (const struct suboption *row = option->family->rows[i]; row->name; row++)
            for (size_t j = sorted; j < option->count; j++)
                if (option->pairs[j].row == row) {
                    struct pair pair = option->pairs[j];

                    memmove(&option->pairs[sorted + 1], &option->pairs[sorted], (j - sorted) * sizeof(pair));
                    option->pairs[sorted++] = pair;
                }
}

int option_apply(struct option *option, xmlNode *element)
{
    static const char *const words[][2] = { { "no", "yes" }, { "off", "on" } };

    sort_pairs(option);
    /* what the defaults add can be changed too: option_change() comes last */
    option->earlier = element->_private;
    element->_private = option;
    for (size_t i = 0; i < option->count; i++)
        if (is_clear(&option->pairs[i]) && *option->pairs[i].value && option_truth(option->pairs[i].value))
            clear(option->family, element);
    for (size_t i = 0; i < option->count; i++) {
        const struct pair *pair = &option->pairs[i];
        const char *value = *pair->value ? pair->value : NULL;

        if (pair->taken || (value && is_default(pair)) || is_change(pair) || is_clear(pair))
            continue;
        if (!pair->row->path)
            return hvsh_fail(option->call, "--%s: %s cannot be used here: %s", option->family->option, pair->row->name, option->text);
        if (value && (pair->row->kind == SUB_YESNO || pair->row->kind == SUB_ONOFF))
            value = words[pair->row->kind == SUB_ONOFF][option_truth(value)];
        else if (value && pair->row->kind == SUB_BOOL)
            value = option_truth(value) ? "" : NULL;
        else if (value && pair->row->kind == SUB_INT && g_ascii_strncasecmp(value, "0x", 2) == 0)
            value = hvsh_printf(option->call, "%llu", (unsigned long long)g_ascii_strtoull(value, NULL, 16));
        else if (value && pair->row->kind == SUB_PATH && *value != '/')
            value = hvsh_defer(option->call, g_canonicalize_filename(value, NULL), g_free);
        model_set_at(element, pair->row->path, pair->index, value);
    }
    return 0;
}
