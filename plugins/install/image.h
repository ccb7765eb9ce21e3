/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * image.h - --image: a guest whose disk begins as an image that others have made.
 *
 * image.c finds out which image is meant, image-file.c what a file really is, image-store.c brings it to where the guest's host can use it.
 */
#ifndef INSTALL_IMAGE_H
#define INSTALL_IMAGE_H

#include "install.h"

struct image {
    const char *given;     /* as it was asked for */
    const char *name;      /* of the file */
    const char *url;       /* NULL: a file of this machine */
    const char *file;      /* that file, or where the download lies */
    const char *sum;       /* what its checksum must be; NULL: whatever its server's list says */
    const char *sums;      /* the list of checksums; NULL: looked for beside the image; "none" */
    const char *system;    /* what it has inside: the short name; NULL: not known */
    const char *user;      /* who logs in, when the administrator's table says so */
    const char *format;    /* "qcow2" or "raw"; NULL until the file is there */
    bool raw;              /* the user says that it is a plain disk */
    bool copy;             /* a copy, not a layer over it */
    unsigned int patience; /* seconds without a byte from a server */
    bool sized;            /* the user says how large the disk shall be */
    uint64_t size;         /* of the disk in it */
    uint64_t length;       /* of the file */
    const char *id;        /* the beginning of its checksum */
    struct disk *disk;
};

/* --image into install->image and a disk. */
int image_options(struct install *install);
/* Which system it is, once the host is known. 1: found, 0. */
int image_system(struct install *install);
/* What can be found wrong before anything is made. */
int image_check(struct install *install);
int image_offer(hvsh_call *call, const struct hvsh_field *field, const char *start);

/* What the file is: format, size; and that it refers to no other file. */
int image_probe(struct install *install);
/* Its checksum by the kind of `like` (NULL: SHA-256) in hexadecimal digits, the call's. NULL after hvsh_fail(). */
const char *image_sum(hvsh_call *call, const char *file, const char *like);
/* Is this a checksum: how many digits? */
bool image_is_sum(const char *text);
/* The checksum of a file in a list of them, as sha256sum or BSD's tools write it; NULL: it has none. */
const char *image_sum_in(hvsh_call *call, const char *list, const char *name);

/* Is there room for it where it will lie? */
int image_room(struct install *install);

/* The steps. */
void image_plan(struct install *install, void (*add)(void *plan, const char *deed, int (*run)(struct install *install, struct disk *disk)),
                void *plan);

#endif
