/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hello.c - a plugin to begin with: one command with three arguments and one kind of row. */
#include <hvsh.h>

/* What the command is given. Each row of the table below fills one member. */
struct hello_args {
    virDomainPtr domain;
    unsigned int times;
    bool upper;
};
static const struct hvsh_field hello_args[] = {
    HVSH_DOMAIN(struct hello_args, domain, "domain name, id or uuid", .flags = HVSH_REQUIRED),
    HVSH_UINT(struct hello_args, times, "how often", .fallback = "1", .max = 100),
    HVSH_FLAG(struct hello_args, upper, "with an exclamation mark"),
    HVSH_END
};

/* What it emits. The label is the heading of the column; JSON and Lua call the field by its name. */
struct hello_row {
    unsigned int number;
    const char *greeting;
};
static const struct hvsh_field hello_row[] = {
    HVSH_UINT(struct hello_row, number, "which greeting", .label = "No"),
    HVSH_TEXT(struct hello_row, greeting, "the greeting", .label = "Greeting"),
    HVSH_END
};
static const struct hvsh_shape greetings = { .name = "greetings", .kind = HVSH_TABLE, HVSH_ROW(hello_row) };

static int hello_run(hvsh_call *call, const void *p)
{
    const struct hello_args *args = p;
    const char *name = virDomainGetName(args->domain);

    if (name == NULL)
        return hvsh_fail_virt(call, "cannot read the name of the domain");
    for (unsigned int i = 1; i <= args->times; i++) {
        struct hello_row row = { i, hvsh_printf(call, "hello %s%s", name, args->upper ? "!" : "") };

        if (hvsh_emit(call, &greetings, &row) < 0)
            return -1;
    }
    return 0;
}

static const struct hvsh_command hello = {
    .name = "hello", .group = "hello", .help = "greet a guest",
    .description = "Greets a guest as often as asked. Copy this file and make it your own.",
    HVSH_ARGS(hello_args), .shapes = HVSH_SHAPES(&greetings),
    .examples = HVSH_EXAMPLES({ "hello test --times 2", "greet the guest 'test' twice", HVSH_ON_TEST }),
    .run = hello_run,
};

static const struct hvsh_command *const commands[] = { &hello, NULL };
static const struct hvsh_group groups[] = { { "hello", "Greetings", 2000 }, { NULL, NULL, 0 } };

HVSH_PLUGIN(.name = "hello", .version = "0.1", .summary = "greetings: a plugin to begin with", .commands = commands, .groups = groups);
