/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * saved.c - --save and --from: the options of a guest in a file that a person reads and edits, a plain Lua table.
 *
 * Both are walks over the table of the command's options. What comes from the file is run as words of this command, so that it is read as a
 * line is, and what stands on the line wins.
 */
#include "saved.h"
#include "install.h"
#include "table.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* ---- options by name
 * ----------------------------------------------------------------------------------------------------------------------- */

/* As it is typed; to be freed. */
static char *option_name(const struct hvsh_field *field)
{
    return g_strdelimit(g_strdup(field->name ? field->name : field->member), "_", '-');
}

/* What a file does not hold: where the guest is, and what is to be done this time. */
static bool is_saved(const char *name)
{
    static const char *const others[] = {"save", "from", "connect", "print-xml", "debug", "quiet", NULL};

    return !g_strv_contains(others, name);
}

static const struct hvsh_field *find(const struct hvsh_field *fields, const char *wanted)
{
    for (const struct hvsh_field *field = fields; field->name || field->member; field++) {
        g_autofree char *name = option_name(field);

        if (strcmp(name, wanted) == 0 && field->type->kind <= HVSH_KIND_ALIAS)
            return field;
    }
    return NULL;
}

static const char *nearest(hvsh_call *call, const struct hvsh_field *fields, const char *wrong)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *found;

    for (const struct hvsh_field *field = fields; field->name || field->member; field++)
        if (field->type->kind < HVSH_KIND_ALIAS)
            g_ptr_array_add(names, option_name(field));
    g_ptr_array_add(names, NULL);
    found = hvsh_nearest(wrong, (const char *const *)names->pdata);
    return found ? hvsh_printf(call, "%s", found) : NULL;
}

/* ---- saving
 * --------------------------------------------------------------------------------------------------------------------------------- */

/* What nobody else shall know: passwords and their hashes, and what a licence is bought by. */
#define SECRET "(?:password|passwd|password-hash|product-key)=(?!ask(?![^,\\s\"']))"

bool saved_is_secret(const char *text)
{
    return g_regex_match_simple("(?:^|[^\\w-])" SECRET "[^,\\s]", text, 0, 0);
}

static char *without_secrets(const char *text, bool *had)
{
    g_autoptr(GRegex) secret = g_regex_new("(^|,)" SECRET "(\"[^\"]*\"|'[^']*'|[^,]*)", 0, 0, NULL);
    char *clean;

    *had = *had || g_regex_match(secret, text, 0, NULL);
    clean = g_regex_replace_literal(secret, text, -1, 0, "", 0, NULL);
    if (*clean == ',')
        memmove(clean, clean + 1, strlen(clean));
    return clean;
}

static void write_text(GString *out, const char *text, bool *secrets)
{
    g_autofree char *clean = without_secrets(text, secrets);

    g_string_append_c(out, '"');
    for (const char *letter = clean; *letter; letter++)
        if (*letter == '\n')
            g_string_append(out, "\\n");
        else
            g_string_append_printf(out, strchr("\\\"", *letter) ? "\\%c" : "%c", *letter);
    g_string_append_c(out, '"');
}

static void write_option(hvsh_call *call, GString *out, const struct hvsh_field *field, const char *name, const void *args, bool *secrets)
{
    const char *member = (const char *)args + field->offset;
    g_autofree char *key = g_strdelimit(g_strdup(name), "-", '_');

    g_string_append_printf(out, "    %s = ", key);
    if (field->type->kind == HVSH_KIND_FLAG) {
        g_string_append(out, "true");
    } else if (field->flags & HVSH_LIST) {
        const texts *list = (const void *)member;

        g_string_append(out, list->count > 1 ? "{\n" : "");
        for (size_t i = 0; i < list->count; i++) {
            g_string_append(out, list->count > 1 ? "        " : "");
            write_text(out, list->items[i], secrets);
            g_string_append(out, list->count > 1 ? ",\n" : "");
        }
        g_string_append(out, list->count > 1 ? "    }" : "");
    } else {
        /* a file by its whole name: the table is read elsewhere */
        write_text(out, field->type->kind == HVSH_KIND_PATH && !strstr(hvsh_text(call, name), "://") ? *(const char *const *)(const void *)member : hvsh_text(call, name), secrets);
    }
    g_string_append(out, ",\n");
}

static int remove_saved(hvsh_call *call, void *file)
{
    return unlink(file) == 0 || errno == ENOENT ? 0 : hvsh_fail(call, "%s: %s", (const char *)file, g_strerror(errno));
}

int saved_write(hvsh_call *call, const struct hvsh_field *fields, const void *args, const char *file)
{
    g_autoptr(GString) out =
        g_string_new("-- A guest: install --from this file makes it. What is given on the line too is taken from there.\nreturn {\n");
    g_autoptr(GError) error = NULL;
    bool secrets = false;

    for (const struct hvsh_field *field = fields; field->name || field->member; field++) {
        g_autofree char *name = option_name(field);

        if (field->type->kind < HVSH_KIND_ALIAS && is_saved(name) && hvsh_given(call, name))
            write_option(call, out, field, name, args, &secrets);
    }
    g_string_append(out, "}\n");
    if (!g_file_set_contents(file, out->str, -1, &error))
        return hvsh_fail(call, "the options cannot be saved: %s", error->message);
    hvsh_undo(call, remove_saved, (void *)file, hvsh_printf(call, "removing %s", file));
    if (secrets)
        hvsh_note(call, "passwords have been left out of %s", file);
    return 0;
}

int saved_check(hvsh_call *call, const char *file)
{
    g_autofree char *folder = g_path_get_dirname(file);

    if (access(file, F_OK) == 0) {
        hvsh_fail(call, "--save: %s exists already", file);
        return hvsh_hint(call, "another name; or remove that file");
    }
    return access(folder, W_OK | X_OK) < 0 ? hvsh_fail(call, "--save: nothing can be written in %s: %s", folder, g_strerror(errno)) : 0;
}

/* ---- reading
 * -------------------------------------------------------------------------------------------------------------------------------- */

struct reading {
    hvsh_call *call;
    const char *file;
    GPtrArray *words;
};

/* For the inside of double quotes, as option.c reads them. */
static char *escape(const char *text)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (; *text; text++)
        g_string_append_printf(out, strchr("\\\"", *text) ? "\\%c" : "%c", *text);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* One value as it would be typed: a text, or sub-options as a table of their own. NULL after hvsh_fail(). */
static const char *value_text(struct reading *reading, const char *name, json_object *value)
{
    struct json_object_iterator at, end;
    g_autoptr(GString) text = g_string_new(NULL);

    if (json_object_is_type(value, json_type_string))
        return json_object_get_string(value);
    if (json_object_is_type(value, json_type_boolean))
        return json_object_get_boolean(value) ? "yes" : "no";
    if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++) {
            const char *one = value_text(reading, name, json_object_array_get_idx(value, i));

            if (!one)
                return NULL;
            g_string_append_printf(text, "%s%s", i ? "," : "", one);
        }
        return hvsh_printf(reading->call, "%s", text->str);
    }
    at = json_object_iter_begin(value);
    end = json_object_iter_end(value);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        const char *key = json_object_iter_peek_name(&at);
        json_object *part = json_object_iter_peek_value(&at);
        const char *one = json_object_is_type(part, json_type_object) ? NULL : value_text(reading, name, part);
        g_autofree char *escaped = one ? escape(one) : NULL;

        if (!one) {
            hvsh_fail(reading->call, "%s: %s: %s is a text, a number, true or false", reading->file, name, key);
            return NULL;
        }
        g_string_append_printf(text, "%s%s=\"%s\"", text->len ? "," : "", key, escaped);
    }
    return hvsh_printf(reading->call, "%s", text->str);
}

static int add_word(struct reading *reading, const struct hvsh_field *field, const char *name, json_object *value)
{
    bool bare = field->type->kind == HVSH_KIND_FLAG || (field->type->kind == HVSH_KIND_ALIAS && strchr(field->other, '='));
    const char *text;

    if (json_object_is_type(value, json_type_boolean)) {
        if (!bare && !(field->flags & HVSH_OPTIONAL_VALUE))
            return hvsh_fail(reading->call, "%s: %s takes a value, not true or false", reading->file, name);
        if (json_object_get_boolean(value))
            g_ptr_array_add(reading->words, hvsh_printf(reading->call, "--%s", name));
        return 0;
    }
    if (bare)
        return hvsh_fail(reading->call, "%s: %s is true or false", reading->file, name);
    text = value_text(reading, name, value);
    if (!text)
        return -1;
    g_ptr_array_add(reading->words, hvsh_printf(reading->call, "--%s=%s", name, text));
    return 0;
}

static int add_option(struct reading *reading, const struct hvsh_field *fields, const char *key, json_object *value)
{
    g_autofree char *name = g_strdelimit(g_strdup(key), "_", '-');
    const struct hvsh_field *field = find(fields, name), *meant = field;
    g_autofree char *other = field && field->type->kind == HVSH_KIND_ALIAS ? g_strndup(field->other, strcspn(field->other, "=")) : NULL;

    if (other)
        meant = find(fields, other);
    if (!meant || !is_saved(name)) {
        const char *near = nearest(reading->call, fields, name);

        return hvsh_fail(reading->call,
                         near ? "%s: install has no option '%s' for a file; did you mean '%s'?"
                              : "%s: install has no option '%s' for a file",
                         reading->file, key, near);
    }
    if (hvsh_given(reading->call, other ? other : name))
        return 0;
    if (!json_object_is_type(value, json_type_array))
        return add_word(reading, field, name, value);
    if (!(meant->flags & HVSH_LIST))
        return hvsh_fail(reading->call, "%s: %s is given once", reading->file, key);
    for (size_t i = 0; i < json_object_array_length(value); i++)
        if (add_word(reading, field, name, json_object_array_get_idx(value, i)) < 0)
            return -1;
    return 0;
}

/* What stands on the line, once more as words. */
static void add_given(struct reading *reading, const struct hvsh_field *fields, const void *args)
{
    hvsh_call *call = reading->call;

    for (const struct hvsh_field *field = fields; field->name || field->member; field++) {
        g_autofree char *name = option_name(field);
        const texts *list = (const void *)((const char *)args + field->offset);

        if (field->type->kind >= HVSH_KIND_ALIAS || strcmp(name, "from") == 0 || !hvsh_given(call, name))
            continue;
        if (field->type->kind == HVSH_KIND_FLAG)
            g_ptr_array_add(reading->words, hvsh_printf(call, "--%s", name));
        else if (!(field->flags & HVSH_LIST))
            g_ptr_array_add(reading->words, hvsh_printf(call, "--%s=%s", name, hvsh_text(call, name)));
        for (size_t i = 0; field->flags & HVSH_LIST && i < list->count; i++)
            g_ptr_array_add(reading->words, hvsh_printf(call, "--%s=%s", name, list->items[i]));
    }
    if (hvsh_dry_run(call))
        g_ptr_array_add(reading->words, (char *)"--dry-run");
}

static void free_words(void *p)
{
    g_ptr_array_unref(p);
}

int saved_run(hvsh_call *call, const struct hvsh_field *fields, const void *args, const char *file)
{
    struct reading reading = {call, file, hvsh_defer(call, g_ptr_array_new(), free_words)};
    json_object *table = table_read(call, file);

    if (!table)
        return -1;
    if (!json_object_is_type(table, json_type_object) && json_object_array_length(table))
        return hvsh_fail(call, "%s: each option has its name: memory = \"2GiB\"", file);
    g_ptr_array_add(reading.words, (char *)"install");
    if (json_object_is_type(table, json_type_object)) {
        struct json_object_iterator at = json_object_iter_begin(table), end = json_object_iter_end(table);

        for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
            if (add_option(&reading, fields, json_object_iter_peek_name(&at), json_object_iter_peek_value(&at)) < 0)
                return -1;
    }
    add_given(&reading, fields, args);
    g_ptr_array_add(reading.words, NULL);
    return hvsh_runv(call, (const char *const *)reading.words->pdata);
}
