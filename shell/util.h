/* SPDX-License-Identifier: GPL-3.0-or-later */
/* util.h - what GLib lacks: XDG places, nearest names, display width, the growing text, the log. Bottom layer: includes no other shell header. */
#ifndef UTIL_H
#define UTIL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "hvsh.h"

/* The public growing text is a GString. */
struct hvsh_buffer { GString *text; };

/* $XDG_STATE_HOME/hvsh/LEAF and so on; to be freed with g_free. The folder is not made. */
char *util_state_path(const char *leaf);
char *util_config_path(const char *leaf);
char *util_data_path(const char *leaf);
char *util_cache_path(const char *leaf);
/* Make the folder that FILE lies in, 0700. 0 or -1 with errno. */
int util_make_parent(const char *file);
/* Write a file beside and rename it; mode as given. 0 or -1 with errno; nothing is changed on failure. */
int util_replace_file(const char *path, const void *data, size_t length, unsigned int mode);

/* Call each(path, arg) for the files and folders that begin with `start`, whose ~ is the home; folders end with a slash. */
void util_each_file(const char *start, void (*each)(const char *path, void *arg), void *arg);

/* Columns that text takes on a terminal; control and undecodable bytes count as their \xNN form. */
size_t util_width(const char *text);
/* Append text with control and undecodable bytes as \xNN (as virsh's tables do). */
void util_add_visible(GString *out, const char *text);
/* Shorten text to at most `width` columns, whole characters; the columns that are left. */
size_t util_cut(GString *text, size_t width);

/* virsh's -d levels. */
enum { LOG_TRACE_ALL = 0, LOG_NOTE = 1, LOG_ACTION = 2, LOG_WARNING = 3, LOG_ERRORS = 4 };
/* What is at least of `level` goes to `file`, when not NULL, and to stderr, where errors are told by whoever reports them. */
int util_log_open(const char *file, int level);
void util_log(int level, const char *format, ...) G_GNUC_PRINTF(2, 3);
void util_log_close(void);
/* --trace: one line on stderr for each libvirt call and XML sent. */
extern bool util_trace_on;
void util_trace(const char *format, ...) G_GNUC_PRINTF(1, 2);

#endif
