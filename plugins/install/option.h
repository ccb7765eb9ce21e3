/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * option.h - one option with sub-options, as it was given: "--disk path=/a,size=20" in pairs.
 *
 * The code of a family takes the pairs that it understands itself; option_apply() sets the others by their tables.
 */
#ifndef INSTALL_OPTION_H
#define INSTALL_OPTION_H

#include <libxml/tree.h>
#include "families.h"
#include "hvsh.h"

struct pair {
    const struct suboption *row;
    const char *value;
    unsigned int index[FAMILY_INDEXES];
    bool taken;
};

struct option {
    hvsh_call *call;
    const struct family *family;
    const char *text;
    struct pair *pairs;
    size_t count;
    struct option *earlier;       /* applied to the same element before */
};

/* Split and check the text. NULL after hvsh_fail(): a sub-option that does not exist, or a value that is none of its kind. */
struct option *option_parse(hvsh_call *call, const char *name, const char *text);

/* The value of a sub-option (the last, when it was given again); NULL: not given, or empty. It is not applied any more. */
const char *option_take(struct option *option, const char *name);
/* The next of the values of a sub-option that may be given again; NULL: no more. */
const char *option_take_next(struct option *option, const char *name);
/* 1, 0, or `missing` when it was not given. */
int option_take_bool(struct option *option, const char *name, int missing);
/* Was it given and not yet taken? */
const char *option_look(const struct option *option, const char *name);

/* Set in the document what nobody has taken. The element remembers its option for option_change(). */
int option_apply(struct option *option, xmlNode *element);
/* The changes by path (xpath0.set=...), once all of the element is there. */
bool option_has_changes(const struct option *option);
int option_change(struct option *option, xmlNode *element);

/* A yes or no: 1, 0, -1 when it is neither. */
int option_truth(const char *text);
/* A size: a number of `unit` bytes, or one with a unit of its own (8GiB, 512MiB, 1.5T). -1 after hvsh_fail(). */
int option_size(hvsh_call *call, const char *what, const char *text, uint64_t unit, uint64_t *bytes);

/* "20.0 GiB"; the call's. */
const char *option_size_words(hvsh_call *call, uint64_t bytes);

#endif
