/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stream.h - the data of a volume over the connection: with progress, ended by Ctrl-C, holes left out where it is asked. */
#ifndef COMMON_STREAM_H
#define COMMON_STREAM_H

#include "hvsh.h"

struct stream_data {
    const char *name;        /* of the volume, for the sentences */
    int fd;                  /* a file of this machine, at the place where it begins */
    uint64_t offset, length; /* in the volume; length 0: all there is */
    uint64_t total;          /* bytes that are expected; 0: nobody knows */
    unsigned int flags;      /* VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM, ..._DOWNLOAD_... */
};

/* 0, or -1 after hvsh_fail(). */
int stream_send(hvsh_call *call, virStorageVolPtr volume, const struct stream_data *data);
int stream_receive(hvsh_call *call, virStorageVolPtr volume, const struct stream_data *data);

#endif
