/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text.c - what the commands of the shell share: one text as the result. */
#include "core.h"

struct core_text { const char *text; };

static const struct hvsh_field core_text[] = {
    HVSH_TEXT(struct core_text, text, "the text"),
    HVSH_END
};
static const struct hvsh_shape text_shape = {
    .name = "text", .kind = HVSH_RAW, .flags = HVSH_NO_NEWLINE, HVSH_ROW(core_text)
};
const struct hvsh_shape *const core_text_shapes[] = { &text_shape, NULL };

int core_emit_text(hvsh_call *call, const char *text)
{
    struct core_text row = { text };

    return hvsh_emit(call, &text_shape, &row);
}
