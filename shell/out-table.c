/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out-table.c - rows as columns: virsh's layout to the byte, and the same with colours, cut to a terminal's width. */
#include "out-table.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>

struct table {
    GPtrArray *headings;
    GPtrArray *cells;          /* of all rows, one after the other, as they came */
    size_t columns;
};

struct table *table_new(void)
{
    struct table *table = g_new0(struct table, 1);

    table->headings = g_ptr_array_new_with_free_func(g_free);
    table->cells = g_ptr_array_new_with_free_func(g_free);
    return table;
}

void table_free(struct table *table)
{
    if (!table)
        return;
    g_ptr_array_unref(table->headings);
    g_ptr_array_unref(table->cells);
    g_free(table);
}

void table_heading(struct table *table, const char *text)
{
    g_ptr_array_add(table->headings, g_strdup(text));
    table->columns++;
}

void table_cell(struct table *table, const char *text)
{
    g_ptr_array_add(table->cells, g_strdup(text));
}

bool table_empty(const struct table *table)
{
    return table->cells->len == 0;
}

void table_clear_rows(struct table *table)
{
    g_ptr_array_set_size(table->cells, 0);
}

/* ---- colours ---- */

static const struct {
    const char *word, *colour;
} words[] = {
    {"running", "32"}, {"active", "32"},   {"online", "32"},  {"ok", "32"},     {"pass", "32"},   {"shut off", "2"},
    {"inactive", "2"}, {"offline", "2"},   {"-", "2"},        {"paused", "33"}, {"warn", "33"},   {"pmsuspended", "33"},
    {"crashed", "31"}, {"failed", "31"},   {"fail", "31"},    {"error", "31"},  {"dying", "31"},  {"in shutdown", "33"},
};

const char *word_colour(const char *word)
{
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (strcmp(words[i].word, word) == 0)
            return words[i].colour;
    return NULL;
}

void add_coloured(GString *out, const char *text, const char *colour)
{
    if (colour)
        g_string_append_printf(out, "\033[%sm%s\033[0m", colour, text);
    else
        g_string_append(out, text);
}

/* A cell as it may be seen, with its colour. */
static void add_cell(GString *out, const char *text, const char *colour)
{
    g_autoptr(GString) visible = g_string_new(NULL);

    util_add_visible(visible, text);
    add_coloured(out, visible->str, colour);
}

/* ---- layout ---- */

static void measure(const struct table *table, bool heading, size_t *widths)
{
    for (size_t i = 0; i < table->columns; i++)
        widths[i] = heading ? util_width(table->headings->pdata[i]) : 0;
    for (size_t i = 0; i < table->cells->len; i++) {
        size_t width = util_width(table->cells->pdata[i]);

        widths[i % table->columns] = MAX(widths[i % table->columns], width);
    }
}

/* Columns of a line: " a   b   c" */
static size_t line_width(const size_t *widths, size_t columns)
{
    size_t total = columns ? columns * 3 - 2 : 0;

    for (size_t i = 0; i < columns; i++)
        total += widths[i];
    return total;
}

/* What a cut text ends with. */
static const char *ellipsis(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? "\xe2\x80\xa6" : "~";
}

/* Take from the widest column until the line fits; false when no column can give any more. */
static bool squeeze(size_t *widths, size_t columns, size_t limit)
{
    const size_t enough = 12;

    while (line_width(widths, columns) > limit) {
        size_t widest = 0;

        for (size_t i = 1; i < columns; i++)
            if (widths[i] >= widths[widest])
                widest = i;
        if (widths[widest] <= enough)
            return false;
        widths[widest]--;
    }
    return true;
}

static void add_line(GString *out, char *const *cells, const size_t *widths, size_t columns, bool heading, bool colour)
{
    for (size_t i = 0; i < columns; i++) {
        g_autofree char *cut = NULL;
        const char *text = cells[i];
        size_t width = util_width(text);

        if (width > widths[i]) {
            g_autoptr(GString) shorter = g_string_new(text);

            width = util_cut(shorter, widths[i] - 1) + 1;
            text = cut = g_strconcat(shorter->str, ellipsis(), NULL);
        }
        g_string_append_c(out, ' ');
        add_cell(out, text, !colour ? NULL : heading ? "1" : word_colour(text));
        if (i + 1 < columns)
            g_string_append_printf(out, "%*s", (int)(widths[i] + 2 - width), "");
    }
    g_string_append_c(out, '\n');
}

/* A table too wide for the terminal: each row as lines of its own. */
static void add_records(const struct table *table, GString *out, bool colour)
{
    size_t widest = 0;

    for (size_t i = 0; i < table->columns; i++)
        widest = MAX(widest, util_width(table->headings->pdata[i]));
    for (size_t i = 0; i < table->cells->len; i++) {
        const char *heading = table->headings->pdata[i % table->columns], *cell = table->cells->pdata[i];

        if (i && i % table->columns == 0)
            g_string_append_c(out, '\n');
        g_string_append_c(out, ' ');
        add_cell(out, heading, colour ? "1" : NULL);
        g_string_append_printf(out, "%*s", (int)(widest - util_width(heading) + 2), "");
        add_cell(out, cell, colour ? word_colour(cell) : NULL);
        g_string_append_c(out, '\n');
    }
}

void table_print(const struct table *table, const struct table_style *style, GString *out)
{
    g_autofree size_t *widths = g_new0(size_t, table->columns + 1);
    size_t rule = 0;

    if (!table->columns)
        return;
    measure(table, style->heading, widths);
    if (style->limit && !squeeze(widths, table->columns, style->limit)) {
        if (!table_empty(table)) {
            add_records(table, out, style->colour);
            return;
        }
        measure(table, style->heading, widths);
    }
    if (style->heading) {
        add_line(out, (char *const *)table->headings->pdata, widths, table->columns, true, style->colour);
        for (size_t i = 0; i < table->columns; i++)
            rule += widths[i] + 3;
        if (style->limit)
            rule = MIN(rule, style->limit);
        for (size_t i = 0; i < rule; i++)
            g_string_append_c(out, '-');
        g_string_append_c(out, '\n');
    }
    for (size_t i = 0; i + table->columns <= table->cells->len; i += table->columns)
        add_line(out, (char *const *)table->cells->pdata + i, widths, table->columns, false, style->colour);
}
