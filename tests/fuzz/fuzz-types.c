/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-types.c - any text as a value: the first byte chooses the type, the rest is parsed, printed in both styles, and read back where it can be. */
#include <string.h>
#include "call.h"
#include "fuzz.h"
#include "out.h"
#include "plugin.h"
#include "types.h"
#include "util.h"

struct values {
    int integer;
    unsigned int natural;
    int64_t integer64, when;
    uint64_t natural64, size, bandwidth, duration;
    double real, percent;
    const char *uuid, *mac, *text;
    struct hvsh_cpuset cpus;
    int choice;
};
static const struct hvsh_choice choices[] = {{"one", 1, NULL}, {"two", 2, NULL}, {NULL, 0, NULL}};
static const struct hvsh_field table[] = {
    HVSH_INT(struct values, integer, "a value", .min = INT32_MIN),
    HVSH_UINT(struct values, natural, "a value"),
    HVSH_INT64(struct values, integer64, "a value", .min = INT64_MIN),
    HVSH_UINT64(struct values, natural64, "a value"),
    HVSH_CPUSET(struct values, cpus, "a value"),
    HVSH_SIZE(struct values, size, "a value", .unit = "KiB"),
    HVSH_BANDWIDTH(struct values, bandwidth, "a value", .unit = "MiB"),
    HVSH_DURATION(struct values, duration, "a value", .unit = "s"),
    HVSH_TIME(struct values, when, "a value"),
    HVSH_REAL(struct values, real, "a value", .min = INT64_MIN),
    HVSH_PERCENT(struct values, percent, "a value"),
    HVSH_UUID(struct values, uuid, "a value"),
    HVSH_MAC(struct values, mac, "a value"),
    HVSH_ENUM(struct values, choice, "a value", .choices = choices),
    HVSH_END
};
enum { READ_BACK = 5 };         /* the plain text of these first ones is what they are parsed from */

static int run(hvsh_call *call, const void *args)
{
    (void)call;
    (void)args;
    return 0;
}

static const struct hvsh_command def = {
    .name = "values", .group = "test", .help = "take values", .args = table, .args_size = sizeof(struct values), .run = run,
    .flags = HVSH_NO_CONNECTION,
};

static const struct command *command(void)
{
    static const struct command *found;

    if (!found) {
        g_autofree char *problem = plugin_add_command(&def, "test");

        REQUIRE(!problem);
        found = plugin_command("values");
    }
    return found;
}

static char *print(const struct hvsh_field *field, const void *value, enum hvsh_style style)
{
    hvsh_buffer out = {.text = g_string_new(NULL)};

    value_print(field, value, style, &out);
    return g_string_free(out.text, FALSE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct command *values = command();
    struct match match = {.command = values, .given = g_array_new(FALSE, TRUE, sizeof(struct given))};
    hvsh_call *call = call_new(values, &match, NULL);
    const struct hvsh_field *field = size ? values->args[data[0] % values->nargs] : NULL;
    g_autofree char *text = size ? g_strndup((const char *)data + 1, size - 1) : NULL;
    uint64_t number;
    int64_t integer;

    if (field) {
        _Alignas(max_align_t) char value[64] = {0}, again[64] = {0}, untouched[64] = {0};

        parse_uint64(text, &number);
        parse_int64(text, &integer);
        parse_size(text, 1024, UINT64_MAX, &number);
        parse_duration(text, 1000000000, &number);
        if (field->type->parse(call, field, text, value) == 0) {
            g_autofree char *plain = print(field, value, HVSH_PLAIN), *human = print(field, value, HVSH_HUMAN);
            REQUIRE(plain && human);

            /* "^1" is a set of no processors, which no text but such a one says */
            if ((data[0] % values->nargs) < READ_BACK && !value_missing(field, value) && *plain) {
                g_autofree char *second = NULL;

                REQUIRE(field->type->parse(call, field, plain, again) == 0);
                second = print(field, again, HVSH_PLAIN);
                REQUIRE(strcmp(plain, second) == 0);
                field_clear(field, again);
            }
            field_clear(field, value);
        } else {
            REQUIRE(memcmp(value, untouched, sizeof(value)) == 0);
            REQUIRE(call->failure.message && call->failure.message->len);
        }
    }
    call_finish(call);
    call_unref(call);
    g_array_unref(match.given);
    return 0;
}
