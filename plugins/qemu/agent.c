/* SPDX-License-Identifier: GPL-3.0-or-later */
/* agent.c - qemu-agent-command. */
#include "qemu.h"
#include <libvirt/libvirt-qemu.h>

struct agent_args { virDomainPtr domain; int timeout; bool async, block, pretty; HVSH_LIST_OF(const char *) cmd; };

static const struct hvsh_field agent_args[] = {
    DOMAIN_ROW(struct agent_args),
    HVSH_INT(struct agent_args, timeout, "seconds to wait for the answer", .flags = HVSH_NAMED, .min = INT_MIN),
    HVSH_FLAG(struct agent_args, async, "do not wait for an answer"),
    HVSH_FLAG(struct agent_args, block, "wait for the answer without end"),
    HVSH_FLAG(struct agent_args, pretty, "lay the answer out in lines"),
    WORDS_ROW(struct agent_args, "the command, {\"execute\":\"guest-ping\"}"),
    HVSH_END
};

static int agent_run(hvsh_call *call, const void *p)
{
    const struct agent_args *args = p;
    bool limited = hvsh_given(call, "timeout");
    int timeout = limited ? args->timeout : args->async ? VIR_DOMAIN_QEMU_AGENT_COMMAND_NOWAIT
                                        : args->block   ? VIR_DOMAIN_QEMU_AGENT_COMMAND_BLOCK
                                                        : VIR_DOMAIN_QEMU_AGENT_COMMAND_DEFAULT;
    const char *answer;
    char *result;

    if (limited && timeout < 1)
        return hvsh_fail(call, "timeout must be positive");
    if (limited + args->async + args->block > 1)
        return hvsh_fail(call, "timeout, async and block options are exclusive");
    result = virDomainQemuAgentCommand(args->domain, joined(call, args->cmd.count, args->cmd.items, " "), timeout, 0);
    if (!result) {
        /* nothing was asked for: no failure */
        return virGetLastErrorCode() == VIR_ERR_OK ? 0 : hvsh_fail_libvirt(call);
    }
    hvsh_own_text(call, result);
    answer = args->pretty ? json_again(call, result, true, false) : result;
    return answer ? object_text(call, &bare_shape, hvsh_printf(call, "%s\n%s", answer, args->pretty ? "\n" : "")) : -1;
}

const struct hvsh_command qemu_agent_command = {
    .name = "qemu-agent-command",
    .group = "domain",
    .help = "give the guest agent a command",
    .description = "Send a command to the agent inside of the guest and print its answer. The agent must be installed and its channel defined.",
    HVSH_ARGS(agent_args),
    .shapes = HVSH_SHAPES(&bare_shape),
    .examples = HVSH_EXAMPLES({ "qemu-agent-command web1 --pretty '{\"execute\":\"guest-get-osinfo\"}'", "which system runs there",
                                HVSH_MATCH_ONLY }),
    .run = agent_run,
};
