/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text.c - what the commands of the shell share: one text as the result, words joined. */
#include <glib.h>
#include "core.h"

const struct hvsh_field core_text_fields[] = {
    HVSH_TEXT(struct core_text, text, "the text"),
    HVSH_END
};
const struct hvsh_shape core_text_shape = {
    .name = "text", .kind = HVSH_RAW, .flags = HVSH_NO_NEWLINE, .fields = core_text_fields, .size = sizeof(struct core_text)
};
const struct hvsh_shape *const core_text_shapes[] = { &core_text_shape, NULL };

int core_emit_text(hvsh_call *call, const char *text)
{
    struct core_text row = { text };

    return hvsh_emit(call, &core_text_shape, &row);
}

char *core_joined(hvsh_call *call, const char *const *words, size_t count)
{
    g_autoptr(GString) line = g_string_new(NULL);

    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            g_string_append_c(line, ' ');
        g_string_append(line, words[i]);
    }
    return hvsh_printf(call, "%s", line->str);
}
