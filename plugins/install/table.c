/* SPDX-License-Identifier: GPL-3.0-or-later */
/* table.c - plain Lua tables, read without Lua. */
#include "table.h"
#include <glib.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_LIMIT = 1 << 20, DEPTH_LIMIT = 16 };

struct reader {
    hvsh_call *call;
    const char *name;
    const char *at;
    unsigned int line;
};

static void *wrong(struct reader *reader, const char *what)
{
    hvsh_fail(reader->call, "%s, line %u: %s", reader->name, reader->line, what);
    return NULL;
}

static void step(struct reader *reader, size_t count)
{
    for (; count && *reader->at; count--, reader->at++)
        reader->line += *reader->at == '\n';
}

/* [[text]], [==[text]==] at this place: the length of its opening, 0: none begins here. */
static size_t long_bracket(const char *at)
{
    size_t level = *at == '[' ? strspn(at + 1, "=") : 0;

    return *at == '[' && at[level + 1] == '[' ? level + 2 : 0;
}

/* What stands in long brackets; to be freed. NULL after wrong(). */
static char *long_text(struct reader *reader)
{
    size_t opening = long_bracket(reader->at);
    g_autofree char *level = g_strnfill(opening - 2, '='), *end = g_strconcat("]", level, "]", NULL);
    const char *begin, *found;

    step(reader, opening);
    begin = reader->at;
    found = strstr(begin, end);
    if (!found)
        return wrong(reader, "a long text is not closed");
    step(reader, (size_t)(found - begin) + strlen(end));
    begin += *begin == '\n';
    return g_strndup(begin, (size_t)(found - begin));
}

static int skip(struct reader *reader)
{
    for (;;) {
        step(reader, strspn(reader->at, " \t\r\n\f\v"));
        if (!g_str_has_prefix(reader->at, "--"))
            return 0;
        step(reader, 2);
        if (long_bracket(reader->at)) {
            g_autofree char *comment = long_text(reader);

            if (!comment)
                return -1;
        } else {
            step(reader, strcspn(reader->at, "\n"));
        }
    }
}

/* 'text' or "text"; to be freed. NULL after wrong(). */
static char *quoted(struct reader *reader)
{
    static const char letters[] = "nrtabfv\\\"'\n", values[] = "\n\r\t\a\b\f\v\\\"'\n";
    g_autoptr(GString) text = g_string_new(NULL);
    char quote = *reader->at;
    const char *known;

    for (step(reader, 1); *reader->at != quote; step(reader, 1)) {
        if (!*reader->at || *reader->at == '\n')
            return wrong(reader, "a text is not closed");
        if (*reader->at != '\\') {
            g_string_append_c(text, *reader->at);
            continue;
        }
        step(reader, 1);
        known = *reader->at ? strchr(letters, *reader->at) : NULL;
        if (!known)
            return wrong(reader, "a backslash stands before n, r, t, a backslash or a quote");
        g_string_append_c(text, values[known - letters]);
    }
    step(reader, 1);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static char *text(struct reader *reader)
{
    return long_bracket(reader->at) ? long_text(reader) : quoted(reader);
}

/* A word such as a key; to be freed, NULL: none stands here. */
static char *word(struct reader *reader)
{
    size_t length = strspn(reader->at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    char *found = length && !g_ascii_isdigit(*reader->at) ? g_strndup(reader->at, length) : NULL;

    step(reader, found ? length : 0);
    return found;
}

static json_object *value(struct reader *reader, unsigned int depth);

/* The key of the next field, with its "="; NULL and *failed false: it has none. */
static char *key(struct reader *reader, bool *failed)
{
    struct reader before = *reader;
    g_autofree char *found = NULL;

    *failed = true;
    if (*reader->at == '[' && !long_bracket(reader->at)) {
        step(reader, 1);
        if (skip(reader) < 0)
            return NULL;
        if (*reader->at != '"' && *reader->at != '\'')
            return wrong(reader, "a key in brackets is a text: [\"cloud-init\"]");
        found = text(reader);
        if (!found || skip(reader) < 0)
            return NULL;
        if (*reader->at != ']')
            return wrong(reader, "a bracket is not closed");
        step(reader, 1);
    } else {
        found = word(reader);
    }
    if (found && skip(reader) == 0 && *reader->at == '=' && reader->at[1] != '=') {
        step(reader, 1);
        *failed = skip(reader) < 0;
        return *failed ? NULL : g_steal_pointer(&found);
    }
    *reader = before;
    *failed = false;
    return NULL;
}

static json_object *table(struct reader *reader, unsigned int depth)
{
    json_object *object = json_object_new_object(), *array = json_object_new_array();
    bool failed = depth > DEPTH_LIMIT || (step(reader, 1), skip(reader) < 0);

    if (depth > DEPTH_LIMIT)
        wrong(reader, "tables in tables in tables ... are too deep");
    while (!failed && *reader->at != '}') {
        g_autofree char *name = key(reader, &failed);
        json_object *one = failed ? NULL : value(reader, depth + 1);

        failed = failed || !one || skip(reader) < 0;
        if (one && name)
            json_object_object_add(object, name, one);
        else if (one)
            json_object_array_add(array, one);
        if (!failed && *reader->at != '}') {
            failed = *reader->at != ',' && *reader->at != ';';
            if (failed)
                wrong(reader, *reader->at ? "a comma or } is missing" : "a table is not closed");
            step(reader, 1);
            failed = failed || skip(reader) < 0;
        }
    }
    if (!failed && json_object_object_length(object) && json_object_array_length(array)) {
        wrong(reader, "a table has either names or an order, not both");
        failed = true;
    }
    step(reader, !failed);
    if (failed || json_object_array_length(array)) {
        json_object_put(object);
        object = NULL;
    }
    if (failed || object) {
        json_object_put(array);
        array = NULL;
    }
    return object ? object : array;
}

static json_object *value(struct reader *reader, unsigned int depth)
{
    g_autofree char *found = NULL;
    json_object *result = NULL;

    if (*reader->at == '{')
        return table(reader, depth);
    if (*reader->at == '"' || *reader->at == '\'' || long_bracket(reader->at)) {
        found = text(reader);
        return found ? json_object_new_string(found) : NULL;
    }
    if (g_ascii_isdigit(*reader->at) || (*reader->at == '-' && g_ascii_isdigit(reader->at[1]))) {
        size_t length = strspn(reader->at, "-+.0123456789eExXabcdefABCDEF");

        /* as it is written there: options are texts */
        found = g_strndup(reader->at, length);
        step(reader, length);
        return json_object_new_string(found);
    }
    found = word(reader);
    if (found && (strcmp(found, "true") == 0 || strcmp(found, "false") == 0))
        result = json_object_new_boolean(*found == 't');
    return result ? result
                  : wrong(reader, "a value is a text, a number, true, false or a table of these; nothing else is run or looked up");
}

static void free_json(void *object)
{
    json_object_put(object);
}

json_object *table_parse(hvsh_call *call, const char *name, const char *content)
{
    struct reader reader = {call, name, content, 1};
    struct reader before;
    g_autofree char *first = NULL;
    json_object *result;

    if (skip(&reader) < 0)
        return NULL;
    before = reader;
    first = word(&reader);
    if (first && strcmp(first, "return") != 0)
        reader = before;
    if (skip(&reader) < 0)
        return NULL;
    if (*reader.at != '{')
        return wrong(&reader, "the file is one table: return { ... }");
    result = hvsh_defer(call, table(&reader, 0), free_json);
    if (!result || skip(&reader) < 0)
        return NULL;
    return *reader.at ? wrong(&reader, "something stands behind the table") : result;
}

json_object *table_read(hvsh_call *call, const char *file)
{
    g_autofree char *content = NULL;
    struct stat status;
    size_t length;

    if (stat(file, &status) < 0 || access(file, R_OK) < 0) {
        hvsh_fail(call, "%s cannot be read: %s", file, g_strerror(errno));
        return NULL;
    }
    if (!S_ISREG(status.st_mode) || status.st_size > FILE_LIMIT || !g_file_get_contents(file, &content, &length, NULL) ||
        !g_utf8_validate(content, (gssize)length, NULL)) {
        hvsh_fail(call, "%s is no text with a table", file);
        return NULL;
    }
    return table_parse(call, file, content);
}
