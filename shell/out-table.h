/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out-table.h - rows as columns, kept until their widths are known. */
#ifndef OUT_TABLE_H
#define OUT_TABLE_H

#include "out-private.h"

struct table;
struct table *table_new(void);
void table_free(struct table *table);
/* All headings come before the first cell. */
void table_heading(struct table *table, const char *text);
void table_cell(struct table *table, const char *text);
bool table_empty(const struct table *table);
void table_clear_rows(struct table *table);

struct table_style {
    bool heading;              /* heading and rule; without them they do not count for the widths either */
    bool colour;
    size_t limit;              /* columns of the terminal; 0: as wide as it is */
};
void table_print(const struct table *table, const struct table_style *style, GString *out);

/* The colour (an SGR number) of a word of state; NULL: none. */
const char *word_colour(const char *word);
void add_coloured(GString *out, const char *text, const char *colour);

#endif
