/* SPDX-License-Identifier: GPL-3.0-or-later */
/* disk.h - a guest's disks by name: the target of a disk that was named by its source. */
#ifndef COMMON_DISK_H
#define COMMON_DISK_H

#include "hvsh.h"

/* The target of the disk with this target or source; NULL: there is none, or it cannot be told. Owned by the call. */
const char *disk_target(hvsh_call *call, virDomainPtr domain, const char *path);

#endif
