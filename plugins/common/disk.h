/* SPDX-License-Identifier: GPL-3.0-or-later */
/* disk.h - a guest's disks by name: completion, and the target of a disk that was named by its source. */
#ifndef COMMON_DISK_H
#define COMMON_DISK_H

#include "hvsh.h"

/* Completer: targets of the disks of the argument "domain", their sources beside them. */
int disk_offer(hvsh_call *call, const struct hvsh_field *field, const char *start);
/* Completer: the images of the disk in the argument "path", "vda[1]" and so on. */
int disk_offer_images(hvsh_call *call, const struct hvsh_field *field, const char *start);
/* The target of the disk with this target or source; NULL: there is none, or it cannot be told. Owned by the call. */
const char *disk_target(hvsh_call *call, virDomainPtr domain, const char *path);

#endif
