/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out-private.h - what the files of out share. Nobody else includes it. */
#ifndef OUT_PRIVATE_H
#define OUT_PRIVATE_H

#include "out.h"
#include "tty.h"
#include "util.h"

/* json-c's flags of a row on one line. */
#define JSON_STYLE (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

/* The field's name in templates and data. */
const char *field_key(const struct hvsh_field *field);
const struct hvsh_field *field_find(const struct hvsh_field *const *fields, const char *name, size_t length);
/* The value, or what stands for a missing one ("-"). */
void value_text(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out);
/* The text of a RAW shape's row; NULL when it is missing. */
/* For a terminal: control characters but newline and tab as \xNN, so that nobody's title moves the cursor. */
void text_make_safe(GString *text);
/* One typed parameter as virsh prints it. */
void param_print(const virTypedParameter *param, hvsh_buffer *out);
/* Append text, filled up with blanks to |width| columns; a negative width fills on the right. */
void text_pad(GString *out, const char *text, long width);
/* Does the template name the field? */
bool template_names(const char *text, const struct hvsh_field *const *fields, const struct hvsh_field *wanted);

/* A sink that writes: the beginning of all of them. */
struct file_sink {
    struct sink sink;
    struct out_options options;
    FILE *pager;                 /* running, and instead of options.file */
    GString *held;               /* not yet worth a pager */
    int told;                    /* progress without a terminal: the last tenth, counted from one; 0: none */
};
struct sink *text_sink_new(void);
struct sink *json_sink_new(void);
struct sink *jsonl_sink_new(void);
struct sink *csv_sink_new(void);

/* Do `.when` and the call's arguments show this field? */
bool field_shown(const struct sink *sink, const struct hvsh_field *field);
/* Write the text and empty it; with `now` it is seen at once, without it may wait for the end and a pager. 0, or -1: the file takes no more. */
int sink_write(struct file_sink *file, GString *text, bool now);
/* Nothing more comes: what is held back is written, a pager is waited for. 0 or -1. */
int sink_finish(struct file_sink *file);
/* What sinks without rows of progress do: the bar on standard error, or where that is no terminal and --verbose was given, a line for a log
 * with each tenth that is done. */
void sink_bar(struct sink *sink, const char *what, uint64_t done, uint64_t total);

/* ---- progress of long work on standard error ---- */
/* What the bar shows after `seconds` in which `moved` was done, at most `columns` - 1 wide. */
void progress_line(GString *out, const char *what, uint64_t done, uint64_t total, double seconds, uint64_t moved, size_t columns);

#endif
