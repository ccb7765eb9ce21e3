/* SPDX-License-Identifier: GPL-3.0-or-later */
/* object.h - what the commands of all kinds of libvirt's objects share: messages about a named object, documents with --xpath and --wrap. */
#ifndef COMMON_OBJECT_H
#define COMMON_OBJECT_H

#include "hvsh.h"

/* What a message says to JSON and Lua about its object; unset members are null. */
struct object_row {
    const char *name;
    const char *uuid;
    const char *file;
    const char *given;   /* the word the user named it by, for the sentence alone */
};
extern const struct hvsh_field object_row[];

/* OBJECT_MESSAGE(started, "Domain '{name}' started"): a shape for object_say() */
#define OBJECT_MESSAGE(id, ...) \
    static const struct hvsh_shape id = { .name = "object", .kind = HVSH_MESSAGE, HVSH_ROW(object_row), .text = __VA_ARGS__ }

/* Emit a message about `name`; uuid and file may be NULL. SAY_GIVEN: {given} is what the user wrote for the argument, a name, a uuid, a path. */
int object_say(hvsh_call *call, const struct hvsh_shape *message, const char *name, const char *uuid, const char *file);
/* Of a sentence that is said where there is nothing to show: shall it be? JSON and Lua show the nothing: an empty list, an empty text. */
bool object_says_none(hvsh_call *call, const struct hvsh_shape *message);
int object_say_given(hvsh_call *call, const struct hvsh_shape *message, const char *name, const char *uuid, const char *argument);

/* One text that a command prints as it is, followed by a newline (text_shape) or by nothing (bare_shape). */
struct text_row { const char *text; };
extern const struct hvsh_field text_row[];
extern const struct hvsh_shape text_shape, bare_shape;
int object_text(hvsh_call *call, const struct hvsh_shape *shape, const char *text);

/* The row of a table of words, or NULL. */
const struct hvsh_choice *object_choice(const struct hvsh_choice *choices, const char *word);

/* --xpath and --wrap of the dumpxml family, bound to a member `struct xml_choice xml` (ROWS_OF: of another name). */
struct xml_choice { const char *xpath; bool wrap; };
#define OBJECT_XML_ROWS(s) OBJECT_XML_ROWS_OF(s, xml)
#define OBJECT_XML_ROWS_OF(s, choice) \
    HVSH_TEXT(s, choice.xpath, "XPath expression: only the nodes it finds", .name = "xpath", .flags = HVSH_NAMED), \
    HVSH_FLAG(s, choice.wrap, "the nodes found in one root element", .name = "wrap")

/* The shape of a document. */
extern const struct hvsh_shape xml_shape;
/* Emit what libvirt gave (malloc'ed, freed here; NULL: libvirt's error is the failure), filtered as asked. */
int object_xml(hvsh_call *call, char *text, const struct xml_choice *choice);

#endif
