/* SPDX-License-Identifier: GPL-3.0-or-later */
/* forwarding.c - the command forwarding on|off|status. */
#include "hostnet.h"

#include "sysctl.h"

enum { FORWARDING_STATUS, FORWARDING_ON, FORWARDING_OFF };

struct forwarding_args {
    int action;
    bool ipv4, ipv6, runtime;
};
static const struct hvsh_choice actions[] = {
    {"status", FORWARDING_STATUS, "tell what is and what will be after a boot"},
    {"on", FORWARDING_ON, "forward, now and after a boot"},
    {"off", FORWARDING_OFF, "do not forward, now and after a boot"},
    {NULL, 0, NULL},
};
static const struct hvsh_field forwarding_args[] = {
    HVSH_ENUM(struct forwarding_args, action, "what to do", .choices = actions, .fallback = "status"),
    HVSH_FLAG(struct forwarding_args, ipv4, "IPv4 only"),
    HVSH_FLAG(struct forwarding_args, ipv6, "IPv6 too; with no --ipv4 IPv6 only"),
    HVSH_FLAG(struct forwarding_args, runtime, "only now, nothing is written to disk"),
    HVSH_END,
};

struct forwarding_row {
    const char *family, *now, *boot, *file;
};
static const struct hvsh_field forwarding_row[] = {
    HVSH_TEXT(struct forwarding_row, family, "IPv4 or IPv6", .label = "Family"),
    HVSH_TEXT(struct forwarding_row, now, "on or off", .label = "Now"),
    HVSH_TEXT(struct forwarding_row, boot, "on, off, or unset when no file speaks of it", .label = "At boot"),
    HVSH_TEXT(struct forwarding_row, file, "the file and line with the last word", .label = "Set by"),
    HVSH_END,
};
static const struct hvsh_shape status_table = {.name = "forwarding", .kind = HVSH_TABLE, HVSH_ROW(forwarding_row)};

struct forwarded_row {
    const char *state, *family;
};
static const struct hvsh_field forwarded_row[] = {
    HVSH_TEXT(struct forwarded_row, state, "on or off"),
    HVSH_TEXT(struct forwarded_row, family, "IPv4, IPv6, or both of them"),
    HVSH_END,
};
static const struct hvsh_shape forwarded = {.name = "state", .kind = HVSH_MESSAGE, .text = "Forwarding is {state} ({family})", HVSH_ROW(forwarded_row)};

static const char *word(int value, const char *missing)
{
    return value < 0 ? missing : value ? "on" : "off";
}

static int status(hvsh_call *call, const struct host_state *state)
{
    static const char *const keys[][2] = {{"IPv4", "net/ipv4/ip_forward"}, {"IPv6", "net/ipv6/conf/all/forwarding"}};

    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        struct sysctl_setting setting = sysctl_at_boot(state, keys[i][1]);
        struct forwarding_row row = {
            .family = keys[i][0],
            .now = word(sysctl_now(state, keys[i][1]), NULL),
            .boot = word(setting.value, "unset"),
            .file = setting.file ? hvsh_printf(call, "%s:%u", setting.file, setting.line) : NULL,
        };

        g_free(setting.file);
        if (hvsh_emit(call, &status_table, &row) < 0)
            return -1;
    }
    return 0;
}

static int forwarding_run(hvsh_call *call, const void *p)
{
    const struct forwarding_args *args = p;
    bool four = args->ipv4 || !args->ipv6;
    struct forwarded_row row = {.state = args->action == FORWARDING_ON ? "on" : "off",
                                .family = four && args->ipv6 ? "IPv4 and IPv6" : four ? "IPv4" : "IPv6"};
    struct refusal refusal = {NULL, NULL, false};
    struct host_state *state = look(call);
    struct plan *plan;
    int result;

    if (!state)
        return -1;
    if (args->action == FORWARDING_STATUS)
        return status(call, state);
    if (is_this_machine(call) < 0)
        return -1;
    plan = plan_forwarding(state, args->action == FORWARDING_ON, four, args->ipv6, args->runtime, &refusal);
    result = make_change(call, plan, &refusal, NULL);
    return result > 0 ? hvsh_emit(call, &forwarded, &row) : result;
}

const struct hvsh_command forwarding = {
    .name = "forwarding",
    .group = "hostnet",
    .help = "tell whether this machine forwards packets between networks, or have it do so",
    .description = "on and off change the kernel's switch now and write " FORWARDING_FILE " for the next boot; a file that is read later and says "
                   "otherwise is named. IPv4 alone unless --ipv6 is given. With IPv6, links that have their default route from a router keep it "
                   "(accept_ra = 2).",
    HVSH_ARGS(forwarding_args),
    .shapes = HVSH_SHAPES(&status_table, &forwarded, &plan_shape),
    .examples = HVSH_EXAMPLES({"forwarding", "now and after a boot", HVSH_ON_TEST}, {"forwarding on --dry-run", "what would be done", HVSH_MATCH_ONLY}),
    .run = forwarding_run,
    .flags = HVSH_NO_CONNECTION | HVSH_UNDO,
};
