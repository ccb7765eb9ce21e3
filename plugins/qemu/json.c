/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json.c - JSON of QEMU and its agent, laid out as virsh does: two blanks a level, an empty line in what is empty. */
#include "qemu.h"
#include <json-c/json.h>
#include <string.h>

enum { MAX_DEPTH = 100 };

static void add_line(GString *out, bool pretty, int depth)
{
    if (pretty)
        g_string_append_printf(out, "\n%*s", depth * 2, "");
}

static void add(GString *out, struct json_object *value, bool pretty, int depth)
{
    bool first = true;

    switch (json_object_get_type(value)) {
    case json_type_object: {
        struct json_object_iterator at = json_object_iter_begin(value), end = json_object_iter_end(value);

        for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
            struct json_object *name = json_object_new_string(json_object_iter_peek_name(&at));

            g_string_append_c(out, first ? '{' : ',');
            add_line(out, pretty, depth + 1);
            g_string_append_printf(out, "%s:%s", json_object_to_json_string_ext(name, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
                                   pretty ? " " : "");
            json_object_put(name);
            add(out, json_object_iter_peek_value(&at), pretty, depth + 1);
            first = false;
        }
        g_string_append(out, first ? pretty ? "{\n" : "{" : "");
        add_line(out, pretty, depth);
        g_string_append_c(out, '}');
        return;
    }
    case json_type_array:
        for (size_t i = 0; i < json_object_array_length(value); i++) {
            g_string_append_c(out, first ? '[' : ',');
            add_line(out, pretty, depth + 1);
            add(out, json_object_array_get_idx(value, i), pretty, depth + 1);
            first = false;
        }
        g_string_append(out, first ? pretty ? "[\n" : "[" : "");
        add_line(out, pretty, depth);
        g_string_append_c(out, ']');
        return;
    default:
        g_string_append(out, json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
    }
}

static struct json_object *parse(const char *text, const char **why)
{
    struct json_tokener *tokener = json_tokener_new_ex(MAX_DEPTH);
    struct json_object *document = json_tokener_parse_ex(tokener, text, -1);

    if (document && text[strspn(text + json_tokener_get_parse_end(tokener), " \t\r\n") + json_tokener_get_parse_end(tokener)])
        json_object_put(g_steal_pointer(&document));
    *why = document ? NULL : json_tokener_error_desc(json_tokener_get_error(tokener));
    json_tokener_free(tokener);
    return document;
}

const char *json_command(hvsh_call *call, size_t count, const char *const *words)
{
    const char *all = joined(call, count, words, " "), *rest = joined(call, count - 1, words + 1, ","), *why, *text;
    struct json_object *command = parse(all, &why), *arguments = NULL;

    if (json_object_is_type(command, json_type_object)) {
        json_object_put(command);
        return all;
    }
    json_object_put(command);
    if (count > 1) {
        arguments = parse(rest, &why);
        if (!json_object_is_type(arguments, json_type_object)) {
            json_object_put(arguments);
            rest = hvsh_printf(call, "{%s}", rest);
            arguments = parse(rest, &why);
        }
        if (!arguments) {
            hvsh_fail(call, "failed to wrap arguments '%s' into a QMP command wrapper", joined(call, count - 1, words + 1, " "));
            hvsh_fail(call, "internal error: cannot parse json %s: %s", rest, why);
            return NULL;
        }
    }
    command = json_object_new_object();
    json_object_object_add(command, "execute", json_object_new_string(words[0]));
    if (arguments)
        json_object_object_add(command, "arguments", arguments);
    text = hvsh_printf(call, "%s", json_object_to_json_string_ext(command, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(command);
    return text;
}

const char *json_again(hvsh_call *call, const char *text, bool pretty, bool only_return)
{
    const char *why;
    struct json_object *document = parse(text, &why), *shown = document;
    char *result = NULL;

    if (!document) {
        hvsh_fail(call, "internal error: cannot parse json %s: %s", text, why);
    } else if (only_return && !json_object_object_get_ex(document, "return", &shown)) {
        hvsh_fail(call, "'return' member missing");
    } else {
        GString *out = g_string_new(NULL);

        add(out, shown, pretty, 0);
        result = hvsh_defer(call, g_string_free(out, FALSE), g_free);
    }
    json_object_put(document);
    return result;
}
