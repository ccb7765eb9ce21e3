/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * model.h - the guest that is being made: one document in memory.
 *
 * Paths are those of the tables: elements by '/', "[2]" the second one, "[]" one whose number comes apart, "[@name='rtc']" the one with that
 * attribute, "@attribute" at the end, "." the element itself. What is missing on the way is made, in the order that libvirt writes its documents.
 */
#ifndef INSTALL_MODEL_H
#define INSTALL_MODEL_H

#include <libxml/tree.h>
#include "hvsh.h"

/* A new domain; it belongs to the call. */
xmlNode *model_new(hvsh_call *call);
/* A copy that belongs to the call: the document of the installation is one of the final one. */
xmlNode *model_copy(hvsh_call *call, xmlNode *domain);

/* Is this a path as above? What people write is asked first. */
bool model_is_path(const char *path);

/* The node at a path below `base`; NULL when it is missing (find) or the path is none (make). `index` are the numbers of "[]", from 0. */
xmlNode *model_find(xmlNode *base, const char *path);
xmlNode *model_make(xmlNode *base, const char *path);
/* Another element of that name behind the last one: "devices/disk". */
xmlNode *model_add(xmlNode *base, const char *path);

/* Set what is at a path; NULL removes it. */
void model_set(xmlNode *base, const char *path, const char *value);
void model_set_at(xmlNode *base, const char *path, const unsigned int *index, const char *value);
void model_setf(xmlNode *base, const char *path, const char *format, ...) HVSH_FORMAT(3, 4);
/* What is at a path; the call's, NULL: nothing there or empty. */
const char *model_get(hvsh_call *call, xmlNode *base, const char *path);
bool model_has(xmlNode *base, const char *path);

/* The elements of one name below the node at `parent` ("devices"), in order; ends with NULL, belongs to the call. */
xmlNode **model_all(hvsh_call *call, xmlNode *base, const char *parent, const char *name);
void model_remove(xmlNode *node);

/* The document as text; belongs to the call. */
const char *model_text(hvsh_call *call, xmlNode *domain);

#endif
