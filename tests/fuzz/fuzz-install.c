/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz-install.c - any text as a saved guest (a Lua table), and as the value of each of install's options.
 *
 * The first byte chooses: 0 is the table, the others an option. The option's text is split, checked, set in a document, changed by path.
 */
#include <string.h>
#include "call.h"
#include "fuzz.h"
#include "option.h"
#include "model.h"
#include "plugin.h"
#include "table.h"

static int run(hvsh_call *call, const void *args)
{
    (void)call;
    (void)args;
    return 0;
}

static const struct hvsh_command def = {.name = "guest", .group = "test", .help = "take a guest", .run = run, .flags = HVSH_NO_CONNECTION};

static const struct command *command(void)
{
    static const struct command *found;

    if (!found) {
        g_autofree char *problem = plugin_add_command(&def, "test");

        REQUIRE(!problem);
        found = plugin_command("guest");
    }
    return found;
}

/* The option of that number, of all that describe an element. */
static const struct family *family_at(unsigned int number)
{
    const struct family *const all[] = {device_families, char_families, domain_families};
    unsigned int count = 0;

    for (;;)
        for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
            for (const struct family *family = all[i]; family->option; family++)
                if (count++ == number)
                    return family;
}

static bool failed(hvsh_call *call)
{
    return call->failure.message && call->failure.message->len;
}

static void set(hvsh_call *call, const struct family *family, const char *text)
{
    struct option *option = option_parse(call, family->option, text);
    xmlNode *domain = model_new(call);
    xmlNode *element = *family->path ? model_make(domain, family->path) : domain;

    REQUIRE(option || failed(call));
    if (!option)
        return;
    if (option_apply(option, element) < 0 || option_change(option, element) < 0)
        REQUIRE(failed(call));
    REQUIRE(model_text(call, domain));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct match match = {.command = command(), .given = g_array_new(FALSE, TRUE, sizeof(struct given))};
    hvsh_call *call = call_new(match.command, &match, NULL);
    g_autofree char *text = size ? g_strndup((const char *)data + 1, size - 1) : NULL;

    if (size && data[0] == 0)
        REQUIRE(table_parse(call, "input", text) || failed(call));
    else if (size)
        set(call, family_at(data[0]), text);
    call_finish(call);
    call_unref(call);
    g_array_unref(match.given);
    return 0;
}
