/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cache.h - large files from the network, kept.
 *
 * A file comes into FILE.part and is then called FILE. What was interrupted, by a cut line, Ctrl-C or a full disk, stays there and is gone
 * on with the next time, if the server still has the same file.
 */
#ifndef INSTALL_CACHE_H
#define INSTALL_CACHE_H

#include "hvsh.h"

struct cached {
    const char *url;       /* http, https or ftp */
    const char *file;      /* where it lies */
    const char *what;      /* "downloading debian12.qcow2", for the bar */
    unsigned int patience; /* seconds without a byte, then it is given up */
};

enum cache_result { CACHE_UNCHANGED, CACHE_UNREACHABLE, CACHE_WHOLE, CACHE_RESUMED };

/* Have the file as the server has it now; an older one that is there serves when the server cannot be reached
 * (CACHE_UNREACHABLE). One of enum cache_result, or
 * -1 after hvsh_fail(). */
int cache_fetch(hvsh_call *call, const struct cached *cached);
/* Take a file out of the cache: it is not what it should be. */
void cache_drop(const char *file);

#endif
