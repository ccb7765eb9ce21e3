/* SPDX-License-Identifier: GPL-3.0-or-later */
/* quit.c - the commands that end the session. */
#include "core.h"
#include "exec.h"

static int quit_run(hvsh_call *call, const void *p)
{
    (void)call;
    (void)p;
    exec_quit = true;
    exec_quit_status = 0;
    return 0;
}

static const struct hvsh_example quit_examples[] = {
    { "quit", "leave the shell; the rest of the line is not run", HVSH_MATCH_ONLY },
    { NULL }
};

const struct hvsh_command core_quit = {
    .name = "quit", .group = "virsh", .help = "quit this interactive terminal",
    .description = "Leaves the shell at once, with status 0 whatever happened before. In a batch the commands behind it are not run. Guests are "
                   "not touched.",
    .examples = quit_examples, .run = quit_run, .flags = HVSH_NO_CONNECTION,
};

const struct hvsh_command core_exit = {
    .name = "exit", .group = "virsh", .help = "quit this interactive terminal",
    .description = "The same as quit.",
    .examples = quit_examples, .run = quit_run, .flags = HVSH_NO_CONNECTION,
};
