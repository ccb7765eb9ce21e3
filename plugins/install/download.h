/* SPDX-License-Identifier: GPL-3.0-or-later */
/* download.h - files by http, https and ftp. */
#ifndef INSTALL_DOWNLOAD_H
#define INSTALL_DOWNLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "hvsh.h"

/* Is this an address from which files can be had? */
bool download_is_url(const char *text);

/* Is there such a file? 1: yes; 0: no; -1 after hvsh_fail(): the server cannot be asked. */
int download_has(hvsh_call *call, const char *url);

/* How large a file is, in bytes; 0: it is not known, or cannot be asked now. */
uint64_t download_size(hvsh_call *call, const char *url);

/* A small file as text, which belongs to the call; *text is NULL when there is none. -1 after hvsh_fail(), as when it is larger than `limit`. */
int download_text(hvsh_call *call, const char *url, size_t limit, const char **text);

/* A file into an open descriptor, with progress and Ctrl-C. What arrives begins at the descriptor's position, and at byte `from` of the file
   (0: its beginning). */
int download_file(hvsh_call *call, const char *url, uint64_t from, int fd, const char *what);

#endif
