/* SPDX-License-Identifier: GPL-3.0-or-later */
/* saved.h - the options of a guest in a file: --save, --from. */
#ifndef INSTALL_SAVED_H
#define INSTALL_SAVED_H

#include "hvsh.h"

/* Has the text, of a sub-option or a whole line, what no file and no history may have? */
bool saved_is_secret(const char *text);

/* Can the file be written? Before anything is made. */
int saved_check(hvsh_call *call, const char *file);
/* Write the options that were given, without secrets. */
int saved_write(hvsh_call *call, const struct hvsh_field *fields, const void *args, const char *file);
/* Run install with the options of the file and those of this line. */
int saved_run(hvsh_call *call, const struct hvsh_field *fields, const void *args, const char *file);

#endif
