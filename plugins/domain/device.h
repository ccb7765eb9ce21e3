/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * device.h - the one way of all commands that change a guest's devices: a document, made from options (device_open() and its like) or
 * found in the guest's own, is printed for --print-xml, or attached, detached, updated.
 */
#ifndef DEVICE_H
#define DEVICE_H

#include "domain.h"

/* Which of the domain's two lives a device command is for. --persistent: the next start, and this one if there is one. */
#define DEVICE_AFFECT(s, m) \
    HVSH_BIT(s, m, "persistent", 0, "make the change last, and live if the domain runs"), \
    HVSH_EXCLUDES("persistent", "current"), \
    HVSH_AFFECT(s, m)
#define DEVICE_PRINT(s, m) HVSH_FLAG(s, m, "show the XML that would be used, and change nothing")

enum device_deed { DEVICE_ATTACH, DEVICE_DETACH, DEVICE_UPDATE };
struct device_change {
    virDomainPtr domain;             /* NULL: for --print-xml */
    enum device_deed deed;
    unsigned int flags;
    const struct hvsh_shape *done;   /* the message; NULL: none */
    const char *failure;             /* the sentence before libvirt's; NULL: libvirt's alone */
};

/* Add to the flags what --persistent means for this domain. 0 or -1. */
int device_flags(hvsh_call *call, virDomainPtr domain, unsigned int *flags);
/* Do it, or print the document when the command was given --print-xml. 0 or -1. */
int device_change(hvsh_call *call, const struct device_change *change, const char *xml);

/* ---- documents from options ---- */

struct device_xml { GString *text; unsigned int depth; };
/* An empty document of the call. */
struct device_xml device_document(hvsh_call *call);
/* The attributes are pairs of name and value, ended by NULL; one whose value is NULL is left out. */
void device_open(struct device_xml *xml, const char *tag, ...) G_GNUC_NULL_TERMINATED;
void device_close(struct device_xml *xml, const char *tag);
/* An element with nothing in it; left out when no attribute has a value. */
void device_element(struct device_xml *xml, const char *tag, ...) G_GNUC_NULL_TERMINATED;
/* <tag>text</tag>, left out when text is NULL; "" gives <tag/>. */
void device_text(struct device_xml *xml, const char *tag, const char *text);

/* ---- documents of the guest itself ---- */

/* The guest's document as libvirt wrote it, blanks and all. */
struct xml *device_source(hvsh_call *call, virDomainPtr domain, unsigned int flags);

#endif
