/* SPDX-License-Identifier: GPL-3.0-or-later */
/* files.h - open files of this process that go along with a call: the --pass-fds of several commands. */
#ifndef COMMON_FILES_H
#define COMMON_FILES_H

#include "hvsh.h"

/* The numbers in list, "3,5"; "": none. *numbers is owned by the call. 0 or -1. */
int open_files(hvsh_call *call, const char *list, int **numbers, unsigned int *count);

#endif
