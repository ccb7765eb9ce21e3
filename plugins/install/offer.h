/* SPDX-License-Identifier: GPL-3.0-or-later */
/* offer.h - completers of the options of install. */
#ifndef INSTALL_OFFER_H
#define INSTALL_OFFER_H

#include "hvsh.h"

/* Of an option with sub-options: their names, and their values. */
int offer_suboptions(hvsh_call *call, const struct hvsh_field *field, const char *start);
/* Guests that are off. */
int offer_guests(hvsh_call *call, const struct hvsh_field *field, const char *start);

#endif
