/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out-data.c - the sinks for programs: JSON, JSON lines, CSV. */
#include "out-private.h"

#include <string.h>
#include "lazy-json.h"

static void add_json(GString *out, struct json_object *json, int flags)
{
    g_string_append(out, json_object_to_json_string_ext(json, flags));
    json_object_put(json);
}

static void add_json_text(GString *out, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);

    add_json(out, json_object_new_string(valid), JSON_STYLE);
}

/* One parameter beside its name: the value alone. */
static bool is_one_param(const struct shape *shape, const struct hvsh_field *field, const void *row)
{
    return shape->def->kind == HVSH_PAIRS && field->type->kind == HVSH_KIND_PARAMS &&
           ((const struct hvsh_params *)field_at(field, row))->count == 1;
}

static struct json_object *pair_json(const struct shape *shape, const void *row)
{
    const struct hvsh_field *field = pair_field(shape->fields);
    struct json_object *json, *inner;

    if (!field)
        return row_json(shape->fields + 1, row);
    json = value_json(field, field_at(field, row));
    if (!is_one_param(shape, field, row))
        return json;
    inner = NULL;
    json_object_object_foreach(json, name, member) {
        (void)name;
        inner = json_object_get(member);
    }
    json_object_put(json);
    return inner;
}

static void pair_add(struct json_object *object, const struct shape *shape, const void *row)
{
    g_autoptr(GString) key = g_string_new(NULL);
    g_autofree char *valid = NULL;

    if (!shape->fields || !shape->fields[0])
        return;
    value_print(shape->fields[0], field_at(shape->fields[0], row), HVSH_DATA, &(hvsh_buffer){key});
    valid = g_utf8_make_valid(key->str, -1);
    json_object_object_add(object, valid, pair_json(shape, row));
}

/* One row by itself. */
static struct json_object *single_json(const struct shape *shape, const void *row)
{
    struct json_object *object;

    if (shape->def->kind == HVSH_RAW) {
        return value_json(shape->fields[0], field_at(shape->fields[0], row));
    }
    if (shape->def->kind != HVSH_PAIRS)
        return row_json(shape->fields, row);
    object = json_object_new_object();
    pair_add(object, shape, row);
    return object;
}

static bool data_wants(struct sink *sink, const struct shape *shape, const struct hvsh_field *field)
{
    (void)sink;
    (void)shape;
    return !(field->flags & HVSH_HIDE);
}

/* ---- JSON ---- */

/* The rows of one name: all of a call's that has one, else one member of its object. */
struct part {
    char *name;
    enum hvsh_shape_kind kind;
    size_t rows;
    GString *text;                /* rows of JSON separated by commas; RAW: the text itself */
    bool value;                   /* RAW: it is no text, but a number */
    struct json_object *pairs;
};

struct json_sink {
    struct file_sink file;
    GPtrArray *parts;
    struct part *messages;        /* said only when there is nothing else to say */
    bool streaming;               /* the bracket of the only part is open */
};

static void part_free(void *p)
{
    struct part *part = p;

    if (!part)
        return;
    g_string_free(part->text, TRUE);
    json_object_put(part->pairs);
    g_free(part->name);
    g_free(part);
}

static struct part *part_new(const struct shape *shape)
{
    struct part *part = g_new0(struct part, 1);

    part->name = g_strdup(shape->def->name ? shape->def->name : "rows");
    part->kind = shape->def->kind;
    part->text = g_string_new(NULL);
    part->value = shape->def->kind == HVSH_RAW && !field_is_text(shape->fields[0]);
    return part;
}

static struct part *part_of(struct json_sink *json, const struct shape *shape)
{
    struct part *part;

    if (shape->def->kind == HVSH_MESSAGE) {
        if (!json->messages)
            json->messages = part_new(shape);
        return json->messages;
    }
    for (guint i = 0; i < json->parts->len; i++) {
        part = json->parts->pdata[i];
        if (!json->file.sink.several || g_strcmp0(part->name, shape->def->name ? shape->def->name : "rows") == 0)
            return part;
    }
    part = part_new(shape);
    g_ptr_array_add(json->parts, part);
    return part;
}

static bool is_array(enum hvsh_shape_kind kind)
{
    return kind == HVSH_TABLE || kind == HVSH_LINES || kind == HVSH_STANZAS || kind == HVSH_TREE;
}

static void part_row(struct part *part, const struct shape *shape, const void *row)
{
    if (part->kind == HVSH_RAW && shape->def->kind == HVSH_RAW && !part->value) {
        const char *text = *(const char *const *)field_at(shape->fields[0], row);

        g_string_append(part->text, text ? text : "");
    } else if (part->kind == HVSH_PAIRS && shape->def->kind == HVSH_PAIRS) {
        if (!part->pairs)
            part->pairs = json_object_new_object();
        pair_add(part->pairs, shape, row);
    } else {
        if (part->rows)
            g_string_append(part->text, ",\n");
        /* One row alone may turn out to be all: it is shown as an object of several lines. */
        add_json(part->text, single_json(shape, row), JSON_STYLE);
    }
    part->rows++;
}

static void part_write(const struct part *part, GString *out)
{
    if (part->kind == HVSH_RAW && !part->value)
        add_json_text(out, part->text->str);
    else if (part->kind == HVSH_PAIRS)
        g_string_append(out, part->pairs ? json_object_to_json_string_ext(part->pairs, JSON_STYLE) : "{}");
    else if (!is_array(part->kind) && part->rows < 2)
        g_string_append(out, part->rows ? part->text->str : "null");
    else if (!part->rows)
        g_string_append(out, "[]");
    else
        g_string_append_printf(out, "[\n%s\n]", part->text->str);
}

static int json_begin(struct sink *sink, const struct shape *shape)
{
    part_of((struct json_sink *)sink, shape);
    return 0;
}

static int json_row(struct sink *sink, const struct shape *shape, const void *row)
{
    struct json_sink *json = (struct json_sink *)sink;
    struct part *part = part_of(json, shape);
    g_autoptr(GString) text = NULL;

    if (sink->several || !is_array(part->kind)) {
        part_row(part, shape, row);
        return 0;
    }
    text = g_string_new(json->streaming ? ",\n" : "[\n");
    json->streaming = true;
    add_json(text, single_json(shape, row), JSON_STYLE);
    return sink_write(&json->file, text, (shape->def->flags & HVSH_STREAM) != 0);
}

static void several_write(const struct json_sink *json, GString *out)
{
    g_string_append(out, "{");
    for (guint i = 0; i < json->parts->len; i++) {
        const struct part *part = json->parts->pdata[i];

        g_string_append(out, i ? ",\n" : "\n");
        add_json_text(out, part->name);
        g_string_append(out, ": ");
        part_write(part, out);
    }
    g_string_append(out, json->parts->len ? "\n}" : "}");
}

static int json_end(struct sink *sink, const struct shape *primary, bool failed)
{
    struct json_sink *json = (struct json_sink *)sink;
    g_autoptr(GString) text = g_string_new(NULL);
    int result;

    if (json->streaming)
        g_string_append(text, "\n]");
    else if (sink->several && json->parts->len)
        several_write(json, text);
    else if (json->parts->len)
        part_write(json->parts->pdata[0], text);
    else if (json->messages)
        part_write(json->messages, text);
    else if (!failed && !sink->silent)
        g_string_append(text, sink->several ? "{}" : primary && is_array(primary->def->kind) ? "[]" : "null");
    if (text->len)
        g_string_append_c(text, '\n');
    result = sink_write(&json->file, text, false);
    return sink_finish(&json->file) < 0 ? -1 : result;
}

static void json_free(struct sink *sink)
{
    struct json_sink *json = (struct json_sink *)sink;

    g_ptr_array_unref(json->parts);
    part_free(json->messages);
    sink_finish(&json->file);
    g_free(json);
}

struct sink *json_sink_new(void)
{
    static const struct sink_class class = {
        .begin = json_begin, .row = json_row, .end = json_end, .progress = sink_bar, .free = json_free, .wants = data_wants};
    struct json_sink *json = g_new0(struct json_sink, 1);

    json->file.sink.class = &class;
    json->parts = g_ptr_array_new_with_free_func(part_free);
    return &json->file.sink;
}

/* ---- JSON lines ---- */

/* A row is an object on a line, under its shape's name where there are several; each is seen at once. */
static int jsonl_row(struct sink *sink, const struct shape *shape, const void *row)
{
    g_autoptr(GString) text = g_string_new(NULL);
    struct json_object *json = single_json(shape, row);

    if (sink->several && shape->def->kind != HVSH_MESSAGE) {
        struct json_object *object = json_object_new_object();

        json_object_object_add(object, shape->def->name ? shape->def->name : "rows", json);
        json = object;
    }
    add_json(text, json, JSON_STYLE);
    g_string_append_c(text, '\n');
    return sink_write((struct file_sink *)sink, text, (shape->def->flags & HVSH_STREAM) != 0);
}

static void jsonl_progress(struct sink *sink, const char *what, uint64_t done, uint64_t total)
{
    g_autoptr(GString) text = g_string_new("{\"progress\":{\"what\":");

    if (what)
        add_json_text(text, what);
    else
        g_string_append(text, "null");
    g_string_append_printf(text, ",\"done\":%" G_GUINT64_FORMAT ",\"total\":", done);
    if (total)
        g_string_append_printf(text, "%" G_GUINT64_FORMAT "}}\n", total);
    else
        g_string_append(text, "null}}\n");
    sink_write((struct file_sink *)sink, text, true);
}

static int file_end(struct sink *sink, const struct shape *primary, bool failed)
{
    (void)primary;
    (void)failed;
    return sink_finish((struct file_sink *)sink);
}

static void jsonl_free(struct sink *sink)
{
    sink_finish((struct file_sink *)sink);
    g_free(sink);
}

struct sink *jsonl_sink_new(void)
{
    static const struct sink_class class = {
        .row = jsonl_row, .end = file_end, .progress = jsonl_progress, .free = jsonl_free, .wants = data_wants};
    struct file_sink *file = g_new0(struct file_sink, 1);

    file->sink.class = &class;
    return &file->sink;
}

/* ---- CSV ---- */

struct csv_sink {
    struct file_sink file;
    const struct shape *current;
    bool any, data;               /* a header was written; one of rows that are no messages */
};

/* RFC 4180's quoting; lines end as this system's do. */
static void csv_cell(GString *out, const char *text)
{
    if (!text[strcspn(text, ",\"\r\n")]) {
        g_string_append(out, text);
        return;
    }
    g_string_append_c(out, '"');
    for (; *text; text++) {
        if (*text == '"')
            g_string_append_c(out, '"');
        g_string_append_c(out, *text);
    }
    g_string_append_c(out, '"');
}

/* The header, or with a row its values. */
static void csv_line(GString *out, const struct shape *shape, const void *row)
{
    g_autoptr(GString) cell = g_string_new(NULL);
    size_t start = out->len;
    bool first = true;

    for (const struct hvsh_field *const *field = shape->fields; field && *field; field++) {
        if ((*field)->flags & HVSH_HIDE)
            continue;
        if (!first)
            g_string_append_c(out, ',');
        first = false;
        g_string_assign(cell, row ? "" : field_key(*field));
        if (row && ((*field)->type->kind == HVSH_KIND_ROWS || (*field)->type->kind == HVSH_KIND_PARAMS) &&
            !is_one_param(shape, *field, row))
            add_json(cell, value_json(*field, field_at(*field, row)), JSON_STYLE);
        else if (row)
            value_print(*field, field_at(*field, row), HVSH_DATA, &(hvsh_buffer){cell});
        csv_cell(out, cell->str);
    }
    /* A line with nothing on it would be no row: one empty cell is written as one. */
    if (out->len == start)
        g_string_append(out, "\"\"");
    g_string_append_c(out, '\n');
}

static void csv_enter(struct csv_sink *csv, const struct shape *shape, GString *out)
{
    if (csv->current == shape)
        return;
    if (csv->any)
        g_string_append_c(out, '\n');
    csv_line(out, shape, NULL);
    csv->current = shape;
    csv->any = true;
}

static int csv_begin(struct sink *sink, const struct shape *shape)
{
    struct csv_sink *csv = (struct csv_sink *)sink;
    g_autoptr(GString) text = g_string_new(NULL);

    if (shape->def->kind == HVSH_MESSAGE)
        return 0;
    csv->data = true;
    csv_enter(csv, shape, text);
    return sink_write(&csv->file, text, (shape->def->flags & HVSH_STREAM) != 0);
}

static int csv_row(struct sink *sink, const struct shape *shape, const void *row)
{
    struct csv_sink *csv = (struct csv_sink *)sink;
    g_autoptr(GString) text = g_string_new(NULL);

    if (shape->def->kind == HVSH_MESSAGE && csv->data)
        return 0;
    csv->data |= shape->def->kind != HVSH_MESSAGE;
    csv_enter(csv, shape, text);
    csv_line(text, shape, row);
    return sink_write(&csv->file, text, (shape->def->flags & HVSH_STREAM) != 0);
}

static int csv_end(struct sink *sink, const struct shape *primary, bool failed)
{
    struct csv_sink *csv = (struct csv_sink *)sink;

    if (!csv->any && primary && !failed)
        csv_begin(sink, primary);
    return sink_finish(&csv->file);
}

struct sink *csv_sink_new(void)
{
    static const struct sink_class class = {
        .begin = csv_begin, .row = csv_row, .end = csv_end, .progress = sink_bar, .free = jsonl_free, .wants = data_wants};
    struct csv_sink *csv = g_new0(struct csv_sink, 1);

    csv->file.sink.class = &class;
    return &csv->file.sink;
}
