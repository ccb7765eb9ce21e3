/* SPDX-License-Identifier: GPL-3.0-or-later */
/* access.h - may somebody else go where a file lies? */
#ifndef COMMON_ACCESS_H
#define COMMON_ACCESS_H

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/* Somebody who wants to get at a file. */
struct person {
    char *name;
    uid_t uid;
    GArray *groups;                /* gid_t */
};
void person_clear(struct person *person);

enum reach { REACH_YES, REACH_NO, REACH_UNKNOWN };
/* May they go through every folder on the way to this file or folder, and it? Paths are below `root` ("": of this machine). NO: *where is the
 * first folder that keeps them out, *detail its mode, and every such folder is added to `closed`, which may be NULL; UNKNOWN: *detail is errno at
 * *where. *where is to be freed. */
enum reach person_reaches(const char *root, const struct person *person, const char *path, GPtrArray *closed, char **where, int *detail);

#endif
