/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * families.h - the options of install that take sub-options (--disk path=/a,size=20), as tables.
 *
 * A family says where its element stands in the domain's document and which sub-option goes where below it.
 */
#ifndef INSTALL_FAMILIES_H
#define INSTALL_FAMILIES_H

#include <stdbool.h>
#include <stddef.h>

enum suboption_kind {
    SUB_TEXT,
    SUB_INT,
    SUB_YESNO,            /* yes or no in the document */
    SUB_ONOFF,            /* on or off in the document */
    SUB_BOOL,             /* yes: the element is there */
    SUB_PATH,             /* a file name; made absolute */
};

/* The table ends with a NULL name. */
struct suboption {
    const char *name;             /* "source.host[].name" */
    const char *path;             /* "source/host[]/@name"; NULL: the family's own code takes it */
    enum suboption_kind kind;
    bool bare;                    /* needs no value: --boot hd,cdrom */
    bool comma;                   /* the value goes on behind commas, up to the next sub-option */
    const char *alias;            /* an older name */
};

enum { FAMILY_FIRST = 3, FAMILY_ROWS = 3 };

struct family {
    const char *option;           /* "disk" */
    const char *path;             /* of the element, below the domain; "": the domain itself */
    bool many;                    /* each time the option is given, another element */
    const char *first[FAMILY_FIRST];             /* names of the first words that have none */
    const struct suboption *rows[FAMILY_ROWS];   /* looked through in this order */
};

extern const struct suboption address_rows[];
extern const struct family device_families[], char_families[], domain_families[], command_families[];

/* The family of an option, which must have one. */
const struct family *family_of(const char *option);

/* The row that `key` names, by name or alias; the numbers in the key in `index` (those not written: 0). NULL: none. */
enum { FAMILY_INDEXES = 4 };
const struct suboption *family_row(const struct family *family, const char *key, unsigned int index[FAMILY_INDEXES]);

#endif
