/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-json.c - any bytes as a row's text: JSON, JSON lines and CSV stay well-formed, and JSON that was UTF-8 is read back as it was. */
#include <glib.h>
#include <json-c/json.h>
#include <string.h>
#include "fuzz.h"
#include "out.h"

struct row {
    const char *text;
    int64_t number;
    double real;
    HVSH_LIST_OF(const char *) words;
};
static const struct hvsh_field fields[] = {
    HVSH_TEXT(struct row, text, "a text", .label = "Text"),
    HVSH_INT64(struct row, number, "a number", .label = "Number"),
    HVSH_REAL(struct row, real, "a real number", .label = "Real"),
    HVSH_TEXTS(struct row, words, HVSH_REPEAT, "words", .label = "Words"),
    HVSH_END
};

/* The fields as the shell keeps them. */
static const struct hvsh_field *const *table(void)
{
    static struct hvsh_field copies[G_N_ELEMENTS(fields)];
    static const struct hvsh_field *pointers[G_N_ELEMENTS(fields) + 1];

    for (size_t i = 0; fields[i].member && !pointers[i]; i++) {
        copies[i] = fields[i];
        copies[i].name = fields[i].member;
        pointers[i] = &copies[i];
    }
    return pointers;
}

static void check_text(struct json_object *object, const char *text)
{
    const char *read = json_object_get_string(object);

    REQUIRE(read && g_utf8_validate(read, -1, NULL));
    REQUIRE(!g_utf8_validate(text, -1, NULL) || strcmp(read, text) == 0);
}

/* What a sink writes for a row. */
static char *written(enum out_format format, const struct row *row)
{
    const struct hvsh_shape def = {.name = "rows", .kind = HVSH_TABLE, .size = sizeof(struct row)};
    const struct shape shape = {.def = &def, .key = &def, .fields = table()};
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    struct out_options options = {.format = format, .file = file};
    struct sink *sink = out_sink_new(&options);

    REQUIRE(sink_begin(sink, &shape) == 0);
    REQUIRE(sink_row(sink, &shape, row) == 0);
    REQUIRE(sink_end(sink, &shape, false) == 0);
    sink_free(sink);
    fclose(file);
    REQUIRE(strlen(text) == size);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    const char *words[] = {text, "", text};
    struct row row = {.text = text, .number = INT64_MAX, .words = {G_N_ELEMENTS(words), words}};
    struct json_object *first, *list, *value;
    char *json, *lines, *csv, *plain;

    memcpy(&row.number, data, MIN(size, sizeof(row.number)));
    memcpy(&row.real, data, MIN(size, sizeof(row.real)));
    json = written(OUT_JSON, &row);
    list = json_tokener_parse(json);
    REQUIRE(json_object_is_type(list, json_type_array) && json_object_array_length(list) == 1);
    first = json_object_array_get_idx(list, 0);
    REQUIRE(json_object_object_get_ex(first, "text", &value));
    check_text(value, text);
    REQUIRE(json_object_object_get_ex(first, "number", &value));
    REQUIRE(row.number == INT64_MIN ? value == NULL : json_object_get_int64(value) == row.number);
    REQUIRE(json_object_object_get_ex(first, "words", &value) && json_object_array_length(value) == G_N_ELEMENTS(words));
    check_text(json_object_array_get_idx(value, 2), text);
    json_object_put(list);

    lines = written(OUT_JSONL, &row);
    REQUIRE(strchr(lines, '\n') == lines + strlen(lines) - 1);
    list = json_tokener_parse(lines);
    REQUIRE(json_object_is_type(list, json_type_object));
    json_object_put(list);
    csv = written(OUT_CSV, &row);
    REQUIRE(*csv);
    plain = written(OUT_TEXT, &row);
    REQUIRE(*plain);
    free(json);
    free(lines);
    free(csv);
    free(plain);
    return 0;
}
