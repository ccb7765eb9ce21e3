/* SPDX-License-Identifier: GPL-3.0-or-later */
/* state.c - in which state is a guest, and why: domstate, domcontrol, and the words for it. */
#include "domain.h"

const struct hvsh_choice domain_states[] = {
    { "no state", VIR_DOMAIN_NOSTATE }, { "running", VIR_DOMAIN_RUNNING }, { "idle", VIR_DOMAIN_BLOCKED },
    { "paused", VIR_DOMAIN_PAUSED }, { "in shutdown", VIR_DOMAIN_SHUTDOWN }, { "shut off", VIR_DOMAIN_SHUTOFF },
    { "crashed", VIR_DOMAIN_CRASHED }, { "pmsuspended", VIR_DOMAIN_PMSUSPENDED }, { NULL }
};

/* One list of reasons for each state, by libvirt's numbers; 0 is "unknown" in all. */
static const char *const running_reasons[] = {
    "unknown", "booted", "migrated", "restored", "from snapshot", "unpaused", "migration canceled", "save canceled", "event wakeup",
    "crashed", "post-copy", "post-copy failed"
};
static const char *const paused_reasons[] = {
    "unknown", "user", "migrating", "saving", "dumping", "I/O error", "watchdog", "from snapshot", "shutting down", "creating snapshot",
    "crashed", "starting up", "post-copy", "post-copy failed", "api error"
};
static const char *const shutdown_reasons[] = { "unknown", "user" };
static const char *const shutoff_reasons[] = {
    "unknown", "shutdown", "destroyed", "crashed", "migrated", "saved", "failed", "from snapshot", "daemon"
};
static const char *const crashed_reasons[] = { "unknown", "panicked" };
static const char *const unknown_reasons[] = { "unknown" };

const char *domain_reason(int state, int reason)
{
#define REASONS(list) { (list), G_N_ELEMENTS(list) }
    static const struct { const char *const *words; size_t count; } reasons[] = {
        [VIR_DOMAIN_NOSTATE] = REASONS(unknown_reasons),     [VIR_DOMAIN_RUNNING] = REASONS(running_reasons),
        [VIR_DOMAIN_BLOCKED] = REASONS(unknown_reasons),     [VIR_DOMAIN_PAUSED] = REASONS(paused_reasons),
        [VIR_DOMAIN_SHUTDOWN] = REASONS(shutdown_reasons),   [VIR_DOMAIN_SHUTOFF] = REASONS(shutoff_reasons),
        [VIR_DOMAIN_CRASHED] = REASONS(crashed_reasons),     [VIR_DOMAIN_PMSUSPENDED] = REASONS(unknown_reasons),
    };
#undef REASONS

    if (state < 0 || (size_t)state >= G_N_ELEMENTS(reasons) || reason < 0 || (size_t)reason >= reasons[state].count)
        return "unknown";
    return reasons[state].words[reason];
}

/* ---- domstate ---- */

struct domstate_args { virDomainPtr domain; bool reason; };

static const struct hvsh_field domstate_args[] = {
    DOMAIN(struct domstate_args, 0),
    HVSH_FLAG(struct domstate_args, reason, "the reason too"),
    HVSH_END
};

struct domstate_row { int state; const char *reason; const char *line; };

static const struct hvsh_field domstate_row[] = {
    HVSH_ENUM(struct domstate_row, state, "state", .choices = domain_states),
    HVSH_TEXT(struct domstate_row, reason, "why it is in this state"),
    HVSH_TEXT(struct domstate_row, line, "the text", .flags = HVSH_HIDE),
    HVSH_END
};

static const struct hvsh_shape domstate_shape = { .name = "state", .kind = HVSH_RECORD, HVSH_ROW(domstate_row), .text = "{line}" };

static const char *state_word(int state)
{
    for (const struct hvsh_choice *choice = domain_states; choice->name; choice++)
        if (choice->value == state)
            return choice->name;
    return "no state";
}

static int domstate_run(hvsh_call *call, const void *p)
{
    const struct domstate_args *args = p;
    struct domstate_row row = { 0 };
    int reason = 0;

    if (virDomainGetState(args->domain, &row.state, &reason, 0) < 0)
        return hvsh_fail_libvirt(call);
    row.reason = domain_reason(row.state, reason);
    row.line = args->reason ? hvsh_printf(call, "%s (%s)", state_word(row.state), row.reason) : state_word(row.state);
    return hvsh_emit(call, &domstate_shape, &row);
}

const struct hvsh_command COMMAND(domstate) = {
    .name = "domstate",
    .group = "monitor",
    .help = "domain state",
    HVSH_ARGS(domstate_args),
    .shapes = HVSH_SHAPES(&domstate_shape),
    .examples = HVSH_EXAMPLES({ "domstate test --reason", "state and reason" }),
    .run = domstate_run,
};

/* ---- domcontrol: the state of the way to the guest's emulator ---- */

struct domcontrol_row { const char *state; const char *details; int64_t seconds; const char *line; };

static const struct hvsh_field domcontrol_row[] = {
    HVSH_TEXT(struct domcontrol_row, state, "ok, background job, occupied or error"),
    HVSH_TEXT(struct domcontrol_row, details, "of an error"),
    HVSH_INT64(struct domcontrol_row, seconds, "for how long", .unit = "s"),
    HVSH_TEXT(struct domcontrol_row, line, "the text", .flags = HVSH_HIDE),
    HVSH_END
};

static const struct hvsh_shape domcontrol_shape = { .name = "control", .kind = HVSH_RECORD, HVSH_ROW(domcontrol_row), .text = "{line}" };

static int domcontrol_run(hvsh_call *call, const void *p)
{
    static const char *const states[] = { "ok", "background job", "occupied", "error" };
    static const char *const errors[] = { "", "unknown", "monitor failure", "internal (locking) error" };
    const struct only_domain *args = p;
    struct domcontrol_row row = { .seconds = INT64_MIN };
    virDomainControlInfo info;

    if (virDomainGetControlInfo(args->domain, &info, 0) < 0)
        return hvsh_fail_libvirt(call);
    row.state = info.state < G_N_ELEMENTS(states) ? states[info.state] : "unknown";
    if (info.state == VIR_DOMAIN_CONTROL_OK) {
        row.line = row.state;
    } else {
        row.seconds = (int64_t)(info.stateTime / 1000);
        row.line = hvsh_printf(call, "%s (%0.3fs)", row.state, (double)info.stateTime / 1000);
        if (info.state == VIR_DOMAIN_CONTROL_ERROR) {
            row.details = info.details < G_N_ELEMENTS(errors) ? errors[info.details] : "unknown";
            row.line = hvsh_printf(call, "%s: %s (%0.3fs)", row.state, row.details, (double)info.stateTime / 1000);
        }
    }
    return hvsh_emit(call, &domcontrol_shape, &row);
}

const struct hvsh_command COMMAND(domcontrol) = {
    .name = "domcontrol",
    .group = "monitor",
    .help = "domain control interface state",
    ONLY_ACTIVE,
    .shapes = HVSH_SHAPES(&domcontrol_shape),
    .examples = HVSH_EXAMPLES({ "domcontrol test", "can it be talked to?" }),
    .run = domcontrol_run,
};
