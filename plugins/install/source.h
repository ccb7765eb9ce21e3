/* SPDX-License-Identifier: GPL-3.0-or-later */
/* source.h - where the files of an installer are: in a folder, on a server or on a medium. */
#ifndef INSTALL_SOURCE_H
#define INSTALL_SOURCE_H

#include <stddef.h>
#include "hvsh.h"

enum source_kind { SOURCE_FOLDER, SOURCE_SERVER, SOURCE_MEDIUM };

struct source;

/* A folder, an address or the file of a medium. NULL after hvsh_fail(); it belongs to the call. */
struct source *source_open(hvsh_call *call, enum source_kind kind, const char *address);
enum source_kind source_kind(const struct source *source);
const char *source_address(const struct source *source);

/* Is there this file? 1: yes; 0: no; -1 after hvsh_fail(): it cannot be asked. */
int source_has(struct source *source, const char *path);
/* A small text file, which belongs to the call; *text is NULL when there is none. -1 after hvsh_fail(). */
int source_text(struct source *source, const char *path, const char **text);
/* Copy a file to an open descriptor, with progress. */
int source_copy(struct source *source, const char *path, int fd, const char *what);

/* Look for a kernel and its initrd in the same folder of a medium, at whatever place. false: there are none, or more than one can tell apart. */
bool source_scan(struct source *source, const char **kernel, const char **initrd);

#endif
