/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out-text.c - the sink of text: each kind of shape as virsh lays it out. */
#include "out-table.h"

#include <string.h>

/* The record's labels when the shape says nothing. */
#define LABEL_WIDTH 15

struct text_sink {
    struct file_sink file;
    GString *text;                /* not yet written */
    const struct shape *current;  /* whose rows are kept back, or came last */
    struct table *table;          /* TABLE: the current one */
    GPtrArray *nodes;             /* TREE: name, parent, name, parent ... */
    bool any;                     /* something was emitted or begun */
    bool follows;                 /* the current shape has had a row */
};

static bool is_stream(const struct shape *shape)
{
    return (shape->def->flags & HVSH_STREAM) != 0;
}

/* A column of a table or a line of a record. */
static bool has_label(const struct text_sink *text, const struct hvsh_field *field)
{
    return field->label && field_shown(&text->file.sink, field);
}

static enum hvsh_style style_of(const struct text_sink *text)
{
    return text->file.options.style;
}

/* ---- tables ---- */

static void table_start(struct text_sink *text, const struct shape *shape)
{
    text->table = table_new();
    for (const struct hvsh_field *const *field = shape->fields; field && *field; field++)
        if (has_label(text, *field))
            table_heading(text->table, (*field)->label);
}

static void table_row(struct text_sink *text, const struct shape *shape, const void *row)
{
    g_autoptr(GString) cell = g_string_new(NULL);

    for (const struct hvsh_field *const *field = shape->fields; field && *field; field++) {
        if (!has_label(text, *field))
            continue;
        g_string_truncate(cell, 0);
        value_text(*field, field_at(*field, row), style_of(text), &(hvsh_buffer){cell});
        table_cell(text->table, cell->str);
    }
}

static void table_lay_out(struct text_sink *text, bool heading)
{
    const struct out_options *options = &text->file.options;
    struct table_style style = {.heading = heading && !options->quiet, .colour = options->colour};
    int columns, lines;

    if (options->style == HVSH_HUMAN && !is_stream(text->current)) {
        tty_size(&columns, &lines);
        style.limit = (size_t)(options->columns ? options->columns : columns);
    }
    table_print(text->table, &style, text->text);
}

/* ---- trees ---- */

struct tree {
    GHashTable *children;         /* name -> array of names */
    GHashTable *seen;
    GString *prefix, *out;
};

static void add_node(struct tree *tree, const char *name, bool root, bool last)
{
    GPtrArray *children = g_hash_table_lookup(tree->children, name);
    size_t length = tree->prefix->len;

    g_hash_table_add(tree->seen, (char *)name);
    g_string_append_printf(tree->out, "%s%s%s\n", tree->prefix->str, root ? "" : "+- ", name);
    if (!children) {
        if (last)
            g_string_append_printf(tree->out, "%s%s\n", tree->prefix->str, root ? "" : "  ");
        return;
    }
    g_string_append(tree->prefix, root ? "  " : last ? "    " : "|   ");
    g_string_append_printf(tree->out, "%s|\n", tree->prefix->str);
    for (guint i = 0; i < children->len; i++)
        if (!g_hash_table_contains(tree->seen, children->pdata[i]))
            add_node(tree, children->pdata[i], false, i + 1 == children->len);
    g_string_truncate(tree->prefix, length);
}

/* A node whose parent is not among them is a root, and so is one that only a circle leads to: nothing is lost. */
static void tree_lay_out(struct text_sink *text)
{
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) children = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GString) prefix = g_string_new(NULL);
    struct tree tree = {children, seen, prefix, text->text};
    char **nodes = (char **)text->nodes->pdata;
    guint count = text->nodes->len;

    for (guint i = 0; i < count; i += 2)
        g_hash_table_add(names, nodes[i]);
    for (guint i = 0; i < count; i += 2) {
        GPtrArray *siblings;

        if (!nodes[i + 1] || !g_hash_table_contains(names, nodes[i + 1]))
            continue;
        siblings = g_hash_table_lookup(children, nodes[i + 1]);
        if (!siblings) {
            siblings = g_ptr_array_new();
            g_hash_table_insert(children, nodes[i + 1], siblings);
        }
        g_ptr_array_add(siblings, nodes[i]);
    }
    for (guint i = 0; i < count; i += 2)
        if (!nodes[i + 1] || !g_hash_table_contains(names, nodes[i + 1]))
            add_node(&tree, nodes[i], true, true);
    for (guint i = 0; i < count; i += 2)
        if (!g_hash_table_contains(seen, nodes[i]))
            add_node(&tree, nodes[i], true, true);
}

static void tree_row(struct text_sink *text, const struct shape *shape, const void *row)
{
    static const char *const keys[] = {"name", "parent"};

    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        const struct hvsh_field *field = field_find(shape->fields, keys[i], strlen(keys[i]));
        GString *value = NULL;

        if (field && !value_missing(field, field_at(field, row))) {
            value = g_string_new(NULL);
            value_print(field, field_at(field, row), style_of(text), &(hvsh_buffer){value});
        }
        if (!value && i == 0)
            value = g_string_new("-");
        g_ptr_array_add(text->nodes, value ? g_string_free(value, FALSE) : NULL);
    }
}

/* ---- records, stanzas, lines ---- */

static void record_line(struct text_sink *text, const struct shape *shape, const char *label, const char *value)
{
    text_pad(text->text, label, -(long)(shape->def->width ? shape->def->width : LABEL_WIDTH));
    g_string_append_c(text->text, ' ');
    add_coloured(text->text, value, text->file.options.colour ? word_colour(value) : NULL);
    g_string_append_c(text->text, '\n');
}

static void record_params(struct text_sink *text, const struct shape *shape, const struct hvsh_params *params)
{
    unsigned int width = shape->def->width ? shape->def->width : LABEL_WIDTH;

    for (int i = 0; i < params->count; i++) {
        text_pad(text->text, params->items[i].field, -(long)width);
        g_string_append(text->text, ": ");
        param_print(&params->items[i], &(hvsh_buffer){text->text});
        g_string_append_c(text->text, '\n');
    }
}

/* A list has a line for each value, the label before the first. */
static void record_list(struct text_sink *text, const struct shape *shape, const struct hvsh_field *field, const void *value)
{
    const HVSH_LIST_OF(char) *list = value;
    struct hvsh_field element = *field;
    g_autoptr(GString) line = g_string_new(NULL);

    element.flags &= ~(uint32_t)HVSH_LIST;
    for (size_t i = 0; i < list->count; i++) {
        g_string_truncate(line, 0);
        value_text(&element, list->items + i * field->type->size, style_of(text), &(hvsh_buffer){line});
        if (style_of(text) == HVSH_HUMAN)
            text_make_safe(line);
        record_line(text, shape, i ? "" : field->label, line->str);
    }
}

static void record_row(struct text_sink *text, const struct shape *shape, const void *row)
{
    g_autoptr(GString) line = g_string_new(NULL);

    for (const struct hvsh_field *const *fields = shape->fields; fields && *fields; fields++) {
        const struct hvsh_field *field = *fields;
        const void *value = field_at(field, row);
        bool missing = value_missing(field, value);

        if (!has_label(text, field) || (missing && !field->missing))
            continue;
        if (!missing && field->type->kind == HVSH_KIND_PARAMS && !field->type->print) {
            record_params(text, shape, value);
        } else if (!missing && field->flags & HVSH_LIST) {
            record_list(text, shape, field, value);
        } else {
            g_string_truncate(line, 0);
            value_text(field, value, style_of(text), &(hvsh_buffer){line});
            if (style_of(text) == HVSH_HUMAN)
                text_make_safe(line);
            record_line(text, shape, field->label, line->str);
        }
    }
}

static void stanza_row(struct text_sink *text, const struct shape *shape, const void *row)
{
    hvsh_buffer out = {text->text};

    if (text->follows)
        g_string_append_c(text->text, '\n');
    if (shape->def->text) {
        template_expand(shape->def->text, shape->fields, row, style_of(text), &out);
        g_string_append_c(text->text, '\n');
    }
    for (const struct hvsh_field *const *field = shape->fields; field && *field; field++) {
        const struct hvsh_params *params = field_at(*field, row);

        if ((*field)->type->kind != HVSH_KIND_PARAMS || !field_shown(&text->file.sink, *field))
            continue;
        for (int i = 0; i < params->count; i++) {
            g_string_append_printf(text->text, "  %s=", params->items[i].field);
            param_print(&params->items[i], &out);
            g_string_append_c(text->text, '\n');
        }
    }
}

/* The template, or without one the fields that are shown, a blank between them; of pairs the first is the label. */
static void line_row(struct text_sink *text, const struct shape *shape, const void *row)
{
    hvsh_buffer out = {text->text};
    bool first = true;

    if (shape->def->text) {
        template_expand(shape->def->text, shape->fields, row, style_of(text), &out);
    } else {
        for (const struct hvsh_field *const *field = shape->fields; field && *field; field++) {
            g_autoptr(GString) value = g_string_new(NULL);

            if (!field_shown(&text->file.sink, *field))
                continue;
            value_text(*field, field_at(*field, row), style_of(text), &(hvsh_buffer){value});
            if (style_of(text) == HVSH_HUMAN)
                text_make_safe(value);
            if (!first)
                g_string_append_c(text->text, ' ');
            text_pad(text->text, value->str, first && shape->def->kind == HVSH_PAIRS ? -LABEL_WIDTH : 0);
            first = false;
        }
    }
    if (!(shape->def->flags & HVSH_NO_NEWLINE))
        g_string_append_c(text->text, '\n');
}

static void raw_row(struct text_sink *text, const struct shape *shape, const void *row)
{
    const struct hvsh_field *field = shape->fields[0];
    const void *value = field_at(field, row);
    gsize start = text->text->len;

    if (!field_is_text(field))
        value_text(field, value, HVSH_PLAIN, &(hvsh_buffer){text->text});
    else if (*(const char *const *)value)
        g_string_append(text->text, *(const char *const *)value);
    else
        return;
    if (!(shape->def->flags & HVSH_NO_NEWLINE) && !(text->text->len > start && g_str_has_suffix(text->text->str, "\n")))
        g_string_append_c(text->text, '\n');
}

/* ---- the sink ---- */

/* Lay out what is kept back for its widths. */
static void leave_shape(struct text_sink *text)
{
    if (text->table) {
        if (!is_stream(text->current))
            table_lay_out(text, true);
        table_free(text->table);
        text->table = NULL;
    }
    if (text->nodes) {
        tree_lay_out(text);
        g_ptr_array_unref(text->nodes);
        text->nodes = NULL;
    }
    text->current = NULL;
}

static void enter_shape(struct text_sink *text, const struct shape *shape)
{
    const char *heading = shape->def->heading;

    text->any = true;
    if (text->current == shape)
        return;
    leave_shape(text);
    text->current = shape;
    text->follows = false;
    if (shape->def->kind == HVSH_TABLE) {
        table_start(text, shape);
        if (is_stream(shape))
            table_lay_out(text, true);
    } else if (shape->def->kind == HVSH_TREE) {
        text->nodes = g_ptr_array_new_with_free_func(g_free);
    } else if (shape->def->kind == HVSH_LINES && heading && !text->file.options.quiet) {
        g_string_append(text->text, heading);
        if (!g_str_has_suffix(heading, "\n"))
            g_string_append_c(text->text, '\n');
    }
}

static int text_begin(struct sink *sink, const struct shape *shape)
{
    struct text_sink *text = (struct text_sink *)sink;

    enter_shape(text, shape);
    return sink_write(&text->file, text->text, is_stream(shape));
}

static int text_row(struct sink *sink, const struct shape *shape, const void *row)
{
    struct text_sink *text = (struct text_sink *)sink;

    enter_shape(text, shape);
    switch (shape->def->kind) {
    case HVSH_TABLE:
        table_row(text, shape, row);
        if (is_stream(shape)) {
            table_lay_out(text, false);
            table_clear_rows(text->table);
        }
        break;
    case HVSH_TREE:
        tree_row(text, shape, row);
        break;
    case HVSH_RECORD:
        if (shape->def->heading && !text->file.options.quiet)
            g_string_append(text->text, shape->def->heading);
        if (shape->def->text)
            line_row(text, shape, row);
        else
            record_row(text, shape, row);
        break;
    case HVSH_STANZAS:
        stanza_row(text, shape, row);
        break;
    case HVSH_RAW:
        raw_row(text, shape, row);
        break;
    case HVSH_MESSAGE:
        if (text->file.options.quiet)
            break;
        line_row(text, shape, row);
        if (style_of(text) == HVSH_HUMAN)
            out_seen(text->text->str);
        break;
    case HVSH_PAIRS:
    case HVSH_LINES:
        line_row(text, shape, row);
        break;
    }
    text->follows = true;
    return sink_write(&text->file, text->text, is_stream(shape) || shape->def->kind == HVSH_MESSAGE);
}

static int text_end(struct sink *sink, const struct shape *primary, bool failed)
{
    struct text_sink *text = (struct text_sink *)sink;
    int result;

    if (!text->any && primary && !failed)
        enter_shape(text, primary);
    leave_shape(text);
    result = sink_write(&text->file, text->text, false);
    return sink_finish(&text->file) < 0 ? -1 : result;
}

static bool text_wants(struct sink *sink, const struct shape *shape, const struct hvsh_field *field)
{
    struct text_sink *text = (struct text_sink *)sink;

    switch (shape->def->kind) {
    case HVSH_TABLE:
        return has_label(text, field);
    case HVSH_RECORD:
        return shape->def->text ? template_names(shape->def->text, shape->fields, field) : has_label(text, field);
    case HVSH_TREE:
        return strcmp(field_key(field), "name") == 0 || strcmp(field_key(field), "parent") == 0;
    case HVSH_STANZAS:
        return field->type->kind == HVSH_KIND_PARAMS ? field_shown(sink, field)
                                                     : shape->def->text && template_names(shape->def->text, shape->fields, field);
    case HVSH_PAIRS:
    case HVSH_LINES:
    case HVSH_MESSAGE:
        return shape->def->text ? template_names(shape->def->text, shape->fields, field) : field_shown(sink, field);
    case HVSH_RAW:
        break;
    }
    return true;
}

static void text_free(struct sink *sink)
{
    struct text_sink *text = (struct text_sink *)sink;

    table_free(text->table);
    if (text->nodes)
        g_ptr_array_unref(text->nodes);
    g_string_free(text->text, TRUE);
    sink_finish(&text->file);
    g_free(text);
}

struct sink *text_sink_new(void)
{
    static const struct sink_class class = {
        .begin = text_begin, .row = text_row, .end = text_end, .progress = sink_bar, .free = text_free, .wants = text_wants};
    struct text_sink *text = g_new0(struct text_sink, 1);

    text->file.sink.class = &class;
    text->text = g_string_new(NULL);
    return &text->file.sink;
}
