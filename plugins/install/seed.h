/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seed.h - a small medium of files for the guest's first start: for cloud-init, or with the answers to an installer's questions. */
#ifndef INSTALL_SEED_H
#define INSTALL_SEED_H

#include "inject.h"
#include "install.h"

struct seed {
    const char *option;      /* "--cloud-init" */
    const char *what;        /* whose it is: "cloud-init" */
    const char *suffix;      /* of its name: "seed" */
    const char *label;       /* by which it is found; NULL: by its files */
    GPtrArray *files;        /* struct injection; with an address as its path it is fetched */
    struct disk *disk;       /* its drive */
    bool is_disk;            /* a disk that is only read, not a CD: nothing is left of it */
    bool keep;               /* it stays with the guest */
    const char *place;       /* where the user wants it */
    const char *path;        /* where it is */
    bool sent;               /* over the connection, to a pool */
    virStorageVolPtr volume; /* the same there */
};

/* The guest's seed: there is one at most. */
struct seed *seed_new(struct install *install, const char *option, const char *what, const char *suffix);
/* A file, or a text when `path` is NULL. */
void seed_add(struct install *install, const char *name, const char *path, const char *text);
/* Where it will be; NULL after hvsh_fail(). */
const char *seed_place(struct install *install);
/* Its drive, now that the system is known; and the two documents: with the seed, and without. */
int seed_drive(struct install *install);
int seed_documents(struct install *install);
/* The step that writes it, its words, and what is left to do once the guest has started. */
int seed_make(struct install *install, struct disk *disk);
const char *seed_words(struct install *install);
void seed_remove(struct install *install);

#endif
