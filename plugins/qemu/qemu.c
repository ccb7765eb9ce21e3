/* SPDX-License-Identifier: GPL-3.0-or-later */
/* qemu.c - the plugin's head. */
#include "qemu.h"

bool words_are_secret(const char *text)
{
    return g_regex_match_simple("passw|secret", text, G_REGEX_CASELESS, 0);
}

const char *joined(hvsh_call *call, size_t count, const char *const *words, const char *between)
{
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < count; i++)
        g_string_append_printf(text, "%s%s", i ? between : "", words[i]);
    return hvsh_defer(call, g_string_free(text, FALSE), g_free);
}

#define QEMU_ENTRY(name) &qemu_##name,
static const struct hvsh_command *const commands[] = { QEMU_COMMANDS(QEMU_ENTRY) NULL };

HVSH_PLUGIN(
    .name = "qemu",
    .version = "1",
    .summary = "QEMU's monitor, the guest agent, keys, signals and pictures of guests",
    .commands = commands);
