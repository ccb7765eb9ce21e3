/* SPDX-License-Identifier: GPL-3.0-or-later */
/* signal.c - send-process-signal: to a process inside of the guest. */
#include "qemu.h"
#include <errno.h>
#include <stdlib.h>

/* libvirt's numbers, which are Linux's. */
#define SIGNAL(name, constant, help) { name, VIR_DOMAIN_PROCESS_SIGNAL_##constant, help }
static const struct hvsh_choice signals[] = {
    SIGNAL("nop", NOP, "only see whether it is there"), SIGNAL("hup", HUP, "hang up"), SIGNAL("int", INT, "interrupt, as by Ctrl-C"),
    SIGNAL("quit", QUIT, NULL), SIGNAL("ill", ILL, NULL), SIGNAL("trap", TRAP, NULL), SIGNAL("abrt", ABRT, NULL), SIGNAL("bus", BUS, NULL),
    SIGNAL("fpe", FPE, NULL), SIGNAL("kill", KILL, "end it at once"), SIGNAL("usr1", USR1, NULL), SIGNAL("segv", SEGV, NULL),
    SIGNAL("usr2", USR2, NULL), SIGNAL("pipe", PIPE, NULL), SIGNAL("alrm", ALRM, NULL), SIGNAL("term", TERM, "ask it to end"),
    SIGNAL("stkflt", STKFLT, NULL), SIGNAL("chld", CHLD, NULL), SIGNAL("cont", CONT, "go on"), SIGNAL("stop", STOP, "stand still"),
    SIGNAL("tstp", TSTP, NULL), SIGNAL("ttin", TTIN, NULL), SIGNAL("ttou", TTOU, NULL), SIGNAL("urg", URG, NULL), SIGNAL("xcpu", XCPU, NULL),
    SIGNAL("xfsz", XFSZ, NULL), SIGNAL("vtalrm", VTALRM, NULL), SIGNAL("prof", PROF, NULL), SIGNAL("winch", WINCH, NULL),
    SIGNAL("poll", POLL, NULL), SIGNAL("pwr", PWR, NULL), SIGNAL("sys", SYS, NULL), { NULL }
};
enum { REAL_TIME = VIR_DOMAIN_PROCESS_SIGNAL_RT0, REAL_TIME_COUNT = 33 };

struct signal_args { virDomainPtr domain; int64_t pid; const char *signame; };

static const struct hvsh_field signal_args[] = {
    DOMAIN_ROW(struct signal_args),
    HVSH_INT64(struct signal_args, pid, "the process, negative: its group", .flags = HVSH_REQUIRED | HVSH_EMPTY_OK | HVSH_WORD, .min = INT64_MIN),
    HVSH_TEXT(struct signal_args, signame, "the signal: number, or name as term, sigterm, SIGRT3", .flags = HVSH_REQUIRED, .choices = signals),
    HVSH_END
};

/* The number of a signal, or -1. */
static int signal_number(const char *word)
{
    g_autofree char *lower = g_ascii_strdown(word, -1);
    const char *name = g_str_has_prefix(lower, "sig_") ? lower + 4 : g_str_has_prefix(lower, "sig") ? lower + 3 : lower;
    const struct hvsh_choice *known = object_choice(signals, name);
    guint64 number;

    if (known)
        return (int)known->value;
    if (g_ascii_string_to_unsigned(word, 10, 0, INT_MAX, &number, NULL))
        return (int)number;
    if (g_str_has_prefix(name, "rt") && g_ascii_string_to_unsigned(name + 2, 10, 0, REAL_TIME_COUNT - 1, &number, NULL))
        return REAL_TIME + (int)number;
    return -1;
}

static int signal_run(hvsh_call *call, const void *p)
{
    const struct signal_args *args = p;
    int number = signal_number(args->signame);

    if (number < 0)
        return hvsh_fail(call, "malformed signal name: %s", args->signame);
    return virDomainSendProcessSignal(args->domain, args->pid, (unsigned int)number, 0) < 0 ? hvsh_fail_libvirt(call) : 0;
}

const struct hvsh_command qemu_send_process_signal = {
    .name = "send-process-signal",
    .group = "domain",
    .help = "send a signal to a process in the guest",
    .description = "Containers (LXC) can do it, and only to process 1. Machines of QEMU cannot.",
    HVSH_ARGS(signal_args),
    .examples = HVSH_EXAMPLES({ "send-process-signal test 1 hup", "let init read its settings" }),
    .run = signal_run,
};
