/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inject.h - files that are added to the root of an installer's initrd. */
#ifndef INSTALL_INJECT_H
#define INSTALL_INJECT_H

#include <glib.h>
#include "hvsh.h"

struct injection {
    const char *name;            /* in the root of the initrd */
    const char *path;            /* the file; NULL: the text */
    const char *text;
};

/* Append them to an initrd: the kernel reads one archive after the other. */
int inject(hvsh_call *call, int initrd, const GPtrArray *injections);

#endif
