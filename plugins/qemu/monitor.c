/* SPDX-License-Identifier: GPL-3.0-or-later */
/* monitor.c - qemu-monitor-command and qemu-attach. */
#include "qemu.h"
#include "files.h"
#include <libvirt/libvirt-qemu.h>
#include <stdlib.h>

#if !LIBVIR_CHECK_VERSION(8, 2, 0)
static int virDomainQemuMonitorCommandWithFiles(virDomainPtr domain, const char *command, unsigned int count, int *fds, unsigned int *count_back,
                                                int **fds_back, char **result, unsigned int flags)
{
    (void)count_back;
    (void)fds_back;
    (void)fds;
    return count ? -1 : virDomainQemuMonitorCommand(domain, command, result, flags);
}
#endif

struct monitor_args { virDomainPtr domain; unsigned int flags; bool pretty, return_value; const char *pass_fds; HVSH_LIST_OF(const char *) cmd; };

static const struct hvsh_field monitor_args[] = {
    DOMAIN_ROW(struct monitor_args),
    HVSH_BIT(struct monitor_args, flags, "hmp", VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP, "a command for people: info block"),
    HVSH_FLAG(struct monitor_args, pretty, "lay the answer out in lines"),
    HVSH_FLAG(struct monitor_args, return_value, "only what is returned, not all of the answer"),
    HVSH_TEXT(struct monitor_args, pass_fds, "numbers of open files that go with the command, \"3,5\"", .flags = HVSH_NAMED | HVSH_EMPTY_OK),
    WORDS_ROW(struct monitor_args, "the command: {\"execute\":\"query-status\"}, or its name and arguments"),
    HVSH_EXCLUDES("hmp", "pretty return-value"),
    HVSH_END
};

static int monitor_run(hvsh_call *call, const void *p)
{
    const struct monitor_args *args = p;
    bool plain = args->flags & VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP;
    const char *command, *answer;
    char *result = NULL;
    unsigned int count = 0;
    int *files, status;

    command = plain ? joined(call, args->cmd.count, args->cmd.items, " ") : json_command(call, args->cmd.count, args->cmd.items);
    if (!command || (args->pass_fds && open_files(call, args->pass_fds, &files, &count) < 0))
        return -1;
    if (count)
        status = virDomainQemuMonitorCommandWithFiles(args->domain, command, count, files, NULL, NULL, &result, args->flags);
    else
        status = virDomainQemuMonitorCommand(args->domain, command, &result, args->flags);
    if (status < 0)
        return hvsh_fail_libvirt(call);
    hvsh_own_text(call, result);
    if (!args->pretty && !args->return_value)
        return object_text(call, &bare_shape, hvsh_printf(call, "%s\n", result));
    answer = json_again(call, result, args->pretty, args->return_value);
    return answer ? object_text(call, &bare_shape, answer) : -1;
}

const struct hvsh_command qemu_monitor_command = {
    .name = "qemu-monitor-command",
    .group = "domain",
    .help = "give QEMU a command",
    .description = "Send a command to the monitor of the guest's QEMU, behind libvirt's back: what changes the guest confuses libvirt.",
    HVSH_ARGS(monitor_args),
    .shapes = HVSH_SHAPES(&bare_shape),
    .examples = HVSH_EXAMPLES({ "qemu-monitor-command web1 --hmp info block", "as a person asks", HVSH_MATCH_ONLY },
                              { "qemu-monitor-command web1 --pretty query-block", "as a program asks", HVSH_MATCH_ONLY }),
    .run = monitor_run,
};

/* ---- qemu-attach ---- */

struct attach_args { unsigned int pid; };

static const struct hvsh_field attach_args[] = {
    HVSH_UINT(struct attach_args, pid, "the process of a QEMU", .flags = HVSH_REQUIRED | HVSH_EMPTY_OK | HVSH_WORD),
    HVSH_END
};

struct attached_row { const char *name; unsigned int pid; };

static const struct hvsh_field attached_row[] = {
    HVSH_TEXT(struct attached_row, name, "the domain that it became"),
    HVSH_UINT(struct attached_row, pid, "its process"),
    HVSH_END
};

static const struct hvsh_shape attached = {
    .name = "object", .kind = HVSH_MESSAGE, HVSH_ROW(attached_row), .text = "Domain '{name}' attached to pid {pid}"
};

static int attach_run(hvsh_call *call, const void *p)
{
    const struct attach_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    virDomainPtr domain;

    if (!connection)
        return -1;
    domain = virDomainQemuAttach(connection, args->pid, 0);
    if (!domain)
        return hvsh_fail_virt(call, "Failed to attach to pid %u", args->pid);
    hvsh_own_domain(call, domain);
    return hvsh_emit(call, &attached, &(struct attached_row){ virDomainGetName(domain), args->pid });
}

const struct hvsh_command qemu_attach = {
    .name = "qemu-attach",
    .group = "domain",
    .help = "take over a QEMU that runs without libvirt",
    .description = "Make a domain of a running QEMU process. Newer versions of libvirt cannot do it any more and say so.",
    HVSH_ARGS(attach_args),
    .shapes = HVSH_SHAPES(&attached),
    .examples = HVSH_EXAMPLES({ "qemu-attach 4711", "by the number of its process", HVSH_MATCH_ONLY }),
    .run = attach_run,
};
