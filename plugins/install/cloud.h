/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cloud.h - the configuration of a cloud image: --cloud-init, as documents and as the medium that cloud-init reads (NoCloud). */
#ifndef INSTALL_CLOUD_H
#define INSTALL_CLOUD_H

#include "seed.h"

struct cloud {
    const char *user;  /* the name of the user; NULL: the image's own */
    const char *hostname;
    GPtrArray *keys, *root_keys;  /* lines of public keys */
    const char *hash, *root_hash; /* of passwords */
    const char *generated;        /* the password that was made up, shown once */
    bool expire;                  /* it must be changed at the first login */
    bool disable;                 /* this once, not at later starts */
    bool ssh_password;
    bool update, upgrade;
    const char *timezone, *locale;
    GPtrArray *packages, *commands;
    const char *user_data, *meta_data, *network_config; /* contents of files */
};

/* --cloud-init into install->cloud. Files are read and passwords asked for here. */
int cloud_options(struct install *install);
/* Its drive, now that the system is known. */
int cloud_place(struct install *install);
/* The two documents: with the seed, and without. */
int cloud_documents(struct install *install);
/* The files of the seed; the call's. NULL: there is none of that name. */
const char *cloud_user_data(struct install *install);
const char *cloud_meta_data(struct install *install);

/* What to say at the end: the password that was made up. */
int cloud_tell(struct install *install);
/* Who logs in: a name, or NULL when nobody knows. */
const char *cloud_login(struct install *install);

extern const struct hvsh_shape cloud_password;

#endif
