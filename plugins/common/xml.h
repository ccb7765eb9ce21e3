/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * xml.h - documents of libvirt: parsed without network and entities, asked by XPath, changed, written.
 *
 * A `struct xml` belongs to the call. Texts that these functions return are the call's too, unless said otherwise.
 */
#ifndef COMMON_XML_H
#define COMMON_XML_H

#include <libxml/tree.h>
#include <libxml/xpath.h>
#include "hvsh.h"

struct xml {
    hvsh_call *call;
    xmlDoc *document;
    xmlXPathContext *context;
};

/* Nodes in document order; `items` is NULL when there are none. */
struct xml_nodes { xmlNode **items; size_t count; };

/* Parse `text`; `what` names it in the sentence ("the XML of domain 'x'"). NULL after hvsh_fail(). */
struct xml *xml_parse(hvsh_call *call, const char *text, const char *what);
/* The same for a text that libvirt gave (malloc'ed, freed here); NULL text: libvirt's own error. */
struct xml *xml_take(hvsh_call *call, char *text, const char *what);

/* The same as xml_take(), with its blanks kept: for a part that is printed, or given back to libvirt, as it stands there. */
struct xml *xml_take_spaced(hvsh_call *call, char *text, const char *what);

/* The nodes an expression of ours finds below `node` (NULL: the document). A wrong expression finds nothing. */
struct xml_nodes xml_find(struct xml *xml, xmlNode *node, const char *xpath);
/* The first of them, or NULL. */
xmlNode *xml_first(struct xml *xml, xmlNode *node, const char *xpath);
/* The text of the first of them: attribute, element or text node. NULL: none, or empty. */
const char *xml_text(struct xml *xml, xmlNode *node, const char *xpath);

/* A node as libxml2 writes it, indented, without a newline at the end. */
char *xml_write(struct xml *xml, xmlNode *node);

/* What the user's expression (--xpath) leaves of a document: each node on lines of its own, or all in one <nodes> element (wrap), as
 * virsh prints them. NULL after hvsh_fail(): no XPath, or one that gives no nodes. */
char *xml_filter(hvsh_call *call, const char *text, const char *xpath, bool wrap);

#endif
