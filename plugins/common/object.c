/* SPDX-License-Identifier: GPL-3.0-or-later */
/* object.c - messages about objects and their documents. */
#include "object.h"
#include "xml.h"
#include <string.h>

const struct hvsh_field object_row[] = {
    HVSH_TEXT(struct object_row, name, "the object's name"),
    HVSH_TEXT(struct object_row, uuid, "its uuid"),
    HVSH_TEXT(struct object_row, file, "the file it came from"),
    HVSH_TEXT(struct object_row, given, "what the user called it", .flags = HVSH_HIDE),
    HVSH_END
};

int object_say(hvsh_call *call, const struct hvsh_shape *message, const char *name, const char *uuid, const char *file)
{
    return hvsh_emit(call, message, &(struct object_row){ .name = name, .uuid = uuid, .file = file });
}

bool object_says_none(hvsh_call *call, const struct hvsh_shape *message)
{
    /* no such sentence names a file, data has all members */
    return !hvsh_wants(call, message, "file");
}

int object_say_given(hvsh_call *call, const struct hvsh_shape *message, const char *name, const char *uuid, const char *argument)
{
    return hvsh_emit(call, message, &(struct object_row){ .name = name, .uuid = uuid, .given = hvsh_text(call, argument) });
}

const struct hvsh_choice *object_choice(const struct hvsh_choice *choices, const char *word)
{
    while (choices->name && strcmp(choices->name, word) != 0)
        choices++;
    return choices->name ? choices : NULL;
}

const struct hvsh_field text_row[] = {
    HVSH_TEXT(struct text_row, text, "the text"),
    HVSH_END
};

const struct hvsh_shape text_shape = { .name = "text", .kind = HVSH_RAW, HVSH_ROW(text_row) };
const struct hvsh_shape bare_shape = { .name = "text", .kind = HVSH_RAW, .flags = HVSH_NO_NEWLINE, HVSH_ROW(text_row) };

int object_text(hvsh_call *call, const struct hvsh_shape *shape, const char *text)
{
    return hvsh_emit(call, shape, &(struct text_row){ .text = text });
}

const struct hvsh_shape xml_shape = { .name = "xml", .kind = HVSH_RAW, .flags = HVSH_NO_NEWLINE, HVSH_ROW(text_row) };

int object_xml(hvsh_call *call, char *text, const struct xml_choice *choice)
{
    if (!text)
        return hvsh_fail_libvirt(call);
    hvsh_own_text(call, text);
    if (choice && choice->xpath && !(text = xml_filter(call, text, choice->xpath, choice->wrap)))
        return -1;
    return object_text(call, &xml_shape, text);
}
