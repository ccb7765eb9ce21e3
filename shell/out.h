/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * out.h - sinks: what becomes of the rows of one call. Tables, records, templates (virsh's layout to the byte in plain style), JSON, JSON
 * lines, CSV; colour, pager, progress.
 *
 * A sink is fed on the main thread only. Rows come as (shape, row struct) and are walked by the shape's fields.
 */
#ifndef OUT_H
#define OUT_H

#include <stdio.h>
#include "hvsh.h"

/* Tables as the shell keeps them: NULL-terminated arrays of pointers, so that elements of plugins of another age have their own stride. */
struct shape {
    const struct hvsh_shape *def;              /* name, kind, flags, text, width: normalised copy */
    const struct hvsh_shape *key;              /* the plugin's own pointer: how hvsh_emit() finds it */
    const struct hvsh_field *const *fields;    /* NULL-terminated; each has ->name filled; ROWS fields: see field_rows() */
};
/* The normalised table of a ROWS field's nested rows, NULL-terminated (kept by the loader in field->shell). */
const struct hvsh_field *const *field_rows(const struct hvsh_field *field);

enum out_format { OUT_TEXT = 0, OUT_JSON, OUT_JSONL, OUT_CSV };

struct out_options {
    enum out_format format;
    bool quiet;                 /* -q: no messages, no table headings, no blank line after a command */
    enum hvsh_style style;      /* text: PLAIN or HUMAN */
    bool colour;
    bool pager;                 /* text longer than the terminal goes through it, unless the shape is a STREAM */
    int columns;                /* HUMAN: cut tables to this width; 0: the terminal's */
    FILE *file;                 /* where to: stdout, a pipe, a file */
};

/* Asks whether an argument was given, for `.when`; call-back into the call. */
typedef bool (*out_given)(void *arg, const char *name);

/* What a sink does; a Lua state, a test or a file can be one too. */
struct sink;
struct sink_class {
    /* A shape is going to be used though no row may come (an empty table's heading, `[]`). */
    int (*begin)(struct sink *sink, const struct shape *shape);
    int (*row)(struct sink *sink, const struct shape *shape, const void *row);
    /* The command ended: lay out what was kept back (tables), close brackets. primary: the shape of a command that emitted nothing (may be NULL). */
    int (*end)(struct sink *sink, const struct shape *primary, bool failed);
    void (*progress)(struct sink *sink, const char *what, uint64_t done, uint64_t total);
    void (*free)(struct sink *sink);
    /* Will this column be seen? */
    bool (*wants)(struct sink *sink, const struct shape *shape, const struct hvsh_field *field);
};
struct sink {
    const struct sink_class *class;
    out_given given;            /* set by exec before the first row */
    void *given_arg;
    int error;                  /* errno of the first write that failed; 0: none did */
    bool several;               /* the command's shapes, messages left out, have several names: JSON keys by name */
    bool silent;                /* no rows are no result: JSON says nothing of them */
};
/* A sink for text, JSON, JSON lines or CSV as the options say. `file` is not closed. */
struct sink *out_sink_new(const struct out_options *options);
int  sink_begin(struct sink *sink, const struct shape *shape);
int  sink_row(struct sink *sink, const struct shape *shape, const void *row);
int  sink_end(struct sink *sink, const struct shape *primary, bool failed);
void sink_progress(struct sink *sink, const char *what, uint64_t done, uint64_t total);
bool sink_wants(struct sink *sink, const struct shape *shape, const struct hvsh_field *field);
void sink_free(struct sink *sink);

/* ---- values and rows, used by sinks, by the queue and by Lua ---- */
/* Is the value at `value` the field's "missing"? */
bool value_missing(const struct hvsh_field *field, const void *value);
/* Append its text; lists are joined by ",". */
void value_print(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out);
/* Where the field's value lies in the row. */
static inline const void *field_at(const struct hvsh_field *field, const void *row)
{
    return (const char *)row + field->offset;
}
/* One text, as it is in C. */
static inline bool field_is_text(const struct hvsh_field *field)
{
    return (field->type->kind == HVSH_KIND_TEXT || field->type->kind == HVSH_KIND_XML) && !(field->flags & HVSH_LIST);
}
/* A deep copy of a row by its table, one block to be freed by row_free(). */
void *row_copy(const struct hvsh_field *const *fields, size_t size, const void *row);
void row_free(const struct hvsh_field *const *fields, void *copy);
/* As a JSON object; NULL on out of memory only. (struct json_object is json-c's.) */
/* PAIRS: the one field behind the key that is data, whose value is then the pair's (of a PARAMS with one parameter: that one's); NULL: there
 * are several, and the pair's value has them all. */
const struct hvsh_field *pair_field(const struct hvsh_field *const *fields);
struct json_object *row_json(const struct hvsh_field *const *fields, const void *row);
struct json_object *value_json(const struct hvsh_field *field, const void *value);
/* Expand a template over a row ("Domain '{name}' started"). */
void template_expand(const char *text, const struct hvsh_field *const *fields, const void *row, enum hvsh_style style, hvsh_buffer *out);

/* ---- the process's output ---- */
/* "error: MESSAGE" lines on stderr after flushing stdout; colour on a terminal; into the log too. */
void out_error(const char *message);
/* A note for the person on stderr. */
void out_note(const char *message);
/* A command's message is seen on the terminal; and was one seen, seconds before or after `when` (g_get_monotonic_time()), that has all words of this
 * text, in their order? "domain 'a' undefined" is no news beside "Domain 'a' has been undefined". */
void out_seen(const char *message);
bool out_was_seen(const char *text, int64_t when);
/* Draw the progress bar on a terminal's standard error, if it is time. */
void out_bar(const char *what, uint64_t done, uint64_t total);
/* Take the progress bar off the screen; it comes back by itself. Sinks, errors and notes do it; a question should. */
void out_bar_clear(void);
/* The command has ended, and its last line with it. */
void out_line_ended(void);
/* Start the pager for stdout when it is a terminal and $PAGER or less is there; returns the stream, NULL when there is none. */
FILE *out_pager_start(void);
void out_pager_stop(FILE *pager);

#endif
