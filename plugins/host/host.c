/* SPDX-License-Identifier: GPL-3.0-or-later */
/* host.c - the plugin "host": the command host-check */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"

/* ---- arguments ---- */

struct host_check_args {
    HVSH_LIST_OF(const char *) check;
    int profile;
    HVSH_LIST_OF(const char *) fix;
    bool fix_all, quiet, explain;
    const char *peer;
    const char *root;
};

static const struct hvsh_choice profiles[] = {
    { "kvm", PROFILE_KVM, "virtual machines" },
    { "lxc", PROFILE_LXC, "containers" },
    { "migration", PROFILE_MIGRATION, "virtual machines that move between hosts" },
    { "passthrough", PROFILE_PASSTHROUGH, "virtual machines with devices of the host" },
    { "desktop", PROFILE_DESKTOP, "virtual machines with a screen" },
    { "all", PROFILE_ALL, "everything" },
    { .name = NULL },
};

/* Each check's name, and each area's. */
static int offer_checks(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    bool fix = field->member && g_str_equal(field->member, "fix");

    g_autoptr(GPtrArray) checks = check_list(call);

    for (guint i = 0; i < checks->len; i++) {
        const struct check *check = checks->pdata[i], *before = i ? checks->pdata[i - 1] : NULL;
        if (!fix && (!before || !g_str_equal(before->area, check->area)) && g_str_has_prefix(check->area, start))
            hvsh_offer(call, check->area, "all of this area");
        if (g_str_has_prefix(check->id, start) && (!fix || check->fix))
            hvsh_offer(call, check->id, check->what);
    }
    return 0;
}

static const struct hvsh_field host_check_args[] = {
    HVSH_TEXTS(struct host_check_args, check, HVSH_REPEAT | HVSH_NAMED, "only this check or area", .offer = offer_checks),
    HVSH_ENUM(struct host_check_args, profile, "what the host is to be good for", .flags = HVSH_NAMED, .choices = profiles,
              .fallback = "kvm"),
    HVSH_TEXTS(struct host_check_args, fix, HVSH_REPEAT | HVSH_NAMED, "put right what this check found",
               .offer = offer_checks),
    HVSH_FLAG(struct host_check_args, fix_all, "put right every warning and failure that a command can put right"),
    HVSH_FLAG(struct host_check_args, quiet, "tell of what is not in order only", .letter = 'q'),
    HVSH_FLAG(struct host_check_args, explain, "say why each check matters"),
    HVSH_TEXT(struct host_check_args, peer, "compare with the host at this URI, where guests are to move to", .flags = HVSH_NAMED),
    HVSH_PATH(struct host_check_args, root, "look at the recorded host in this folder", .flags = HVSH_NAMED | HVSH_HIDE),
    HVSH_EXCLUDES("fix", "fix-all"),
    HVSH_EXCLUDES("peer", "root"),
    HVSH_END
};

/* ---- rows ---- */

struct check_row {
    const char *id, *area;
    int severity;
    const char *what, *evidence, *why, *cure;
    bool sure, fixable;
    const char *advice;
};

static const struct hvsh_choice severities[] = {
    { "pass", PASS, "in order" },
    { "note", NOTE, "worth knowing" },
    { "warn", WARN, "works, but badly or in part" },
    { "fail", FAIL, "does not work" },
    { .name = NULL },
};

static const struct hvsh_field check_row[] = {
    HVSH_TEXT(struct check_row, id, "the check's name, for --fix and --check"),
    HVSH_TEXT(struct check_row, area, "what it belongs to"),
    HVSH_ENUM(struct check_row, severity, "how bad it is", .choices = severities),
    HVSH_TEXT(struct check_row, what, "what was looked at"),
    HVSH_TEXT(struct check_row, evidence, "what was seen"),
    HVSH_TEXT(struct check_row, why, "why it matters"),
    HVSH_TEXT(struct check_row, cure, "what to do; missing when nothing is to be done"),
    HVSH_FLAG(struct check_row, sure, "false: the check could not tell"),
    HVSH_FLAG(struct check_row, fixable, "host-check --fix can do it"),
    HVSH_TEXT(struct check_row, advice, "cure and reason, as lines of their own", .flags = HVSH_HIDE, .missing = ""),
    HVSH_END
};

static const struct hvsh_shape check_shape = {
    .name = "checks",
    .kind = HVSH_LINES,
    .text = "{severity:-5} {id:-18} {what}: {evidence}{advice}",
    HVSH_ROW(check_row),
};

struct check_summary {
    unsigned int checks, pass, notes, warnings, failures;
    const char *wanting;
    GString *work;                 /* what `wanting` is made of */
};

static const struct hvsh_field check_summary[] = {
    HVSH_UINT(struct check_summary, checks, "how many checks ran"),
    HVSH_UINT(struct check_summary, pass, "in order"),
    HVSH_UINT(struct check_summary, notes, "worth knowing"),
    HVSH_UINT(struct check_summary, warnings, "works, but badly or in part"),
    HVSH_UINT(struct check_summary, failures, "does not work"),
    HVSH_TEXT(struct check_summary, wanting, "the checks that warn or fail", .missing = ""),
    HVSH_END
};

static const struct hvsh_shape summary_shape = {
    .name = "summary",
    .kind = HVSH_MESSAGE,
    .text = "\n{checks} checked: {pass} pass, {notes} note, {warnings} warn, {failures} fail{wanting}",
    HVSH_ROW(check_summary),
};

/* ---- the command ---- */

static void close_host(void *host)
{
    host_close(host);
}

/* The steps that put right what the check found; none when nothing can be done by a command, or needs to be. */
static GPtrArray *steps_of(struct host *host, const struct check *check, const struct result *result)
{
    GPtrArray *steps = g_ptr_array_new_with_free_func(step_free);

    if (check->fix && result->severity != PASS && !result->unsure)
        check->fix(host, check, steps);
    return steps;
}

/* Tell one result as a row, and count it. */
static int emit(hvsh_call *call, struct host *host, const struct check *check, const struct result *result, const struct host_check_args *args,
                struct check_summary *sum)
{
    g_autoptr(GPtrArray) steps = steps_of(host, check, result);
    bool fixable = steps->len > 0;
    struct check_row row = {
        .id = check->id,
        .area = check->area,
        .severity = (int)result->severity,
        .what = check->what,
        .evidence = result->evidence,
        .why = check->why,
        .cure = result->cure,
        .sure = !result->unsure,
        .fixable = fixable,
    };
    g_autoptr(GString) advice = g_string_new(NULL);

    sum->checks++;
    *(result->severity == PASS   ? &sum->pass
      : result->severity == NOTE ? &sum->notes
      : result->severity == WARN ? &sum->warnings
                                 : &sum->failures) += 1;
    if (args->quiet && result->severity <= NOTE)
        return 0;
    if (args->explain)
        g_string_append_printf(advice, "\n      why:  %s", check->why);
    if (row.cure && (result->severity > NOTE || args->explain)) {
        g_string_append_printf(advice, "\n      cure: %s", row.cure);
        if (fixable)
            g_string_append_printf(advice, " (or: %shost-check --fix %s)", geteuid() == 0 ? "" : "sudo hvsh ", check->id);
    }
    if (result->severity > NOTE)
        g_string_append_printf(sum->work, "%s%s", sum->work->len ? ", " : "", check->id);
    row.advice = advice->len ? advice->str : NULL;
    return hvsh_emit(call, &check_shape, &row);
}

enum fixed { FIXED, NOT_FIXED, GIVE_UP };          /* the others after hvsh_fail() */

/* Put right what the check found: tell the steps, ask, do them, look again; what was done of it is taken back when a step fails. *result is the
 * last finding. */
static enum fixed fix(hvsh_call *call, struct host *host, const struct check *check, struct result *result, GPtrArray *ways, bool asked_for)
{
    g_autoptr(GPtrArray) steps = steps_of(host, check, result);
    g_autoptr(GString) plan = g_string_new(NULL);
    int answer;

    /* a note is worth knowing, and put right only when it is asked for by name */
    if (result->severity == PASS || result->unsure || (result->severity == NOTE && !asked_for)) {
        if (asked_for)
            hvsh_note(call, "%s: nothing to put right: %s", check->id, result->evidence);
        return FIXED;
    }
    if (!steps->len) {
        if (!asked_for)
            return FIXED;
        hvsh_fail(call, "%s is nothing that a command can put right", check->id);
        if (result->cure)
            hvsh_hint(call, "%s", result->cure);
        return NOT_FIXED;
    }
    for (unsigned int i = 0; i < steps->len; i++) {
        g_autofree char *text = step_text(steps->pdata[i]);
        g_string_append_printf(plan, "%s%s", i ? ", then " : "", text);
    }
    answer = hvsh_confirm(call, "%s: %s", check->id, plan->str);
    if (answer <= 0)
        return answer == 0 ? FIXED : GIVE_UP;
    if (!host_is_here(host)) {
        hvsh_fail(call, "%s is a recorded host: nothing can be put right there", host->root);
        return GIVE_UP;
    }
    for (unsigned int i = 0; i < steps->len; i++) {
        const struct step *step = steps->pdata[i];
        if (step_do(call, step, ways) == 0)
            continue;
        if (geteuid() != 0 && (step->kind == STEP_RUN || step->kind == STEP_WRITE))
            hvsh_hint(call, "that takes root: sudo hvsh host-check --fix %s", check->id);
        ways_back(call, ways);
        host_forget(host);
        return NOT_FIXED;
    }
    /* all that was shown is done: it stays, whatever the check says of it now */
    g_ptr_array_set_size(ways, 0);
    result_clear(result);
    host_forget(host);
    check_run(host, check, result);
    if (result->severity < WARN)
        return FIXED;
    hvsh_fail(call, "%s is still not in order: %s", check->id, result->evidence);
    return NOT_FIXED;
}

static bool chosen(const struct host_check_args *args, const struct check *check)
{
    if (args->fix.count) {
        for (size_t i = 0; i < args->fix.count; i++)
            if (g_str_equal(args->fix.items[i], check->id))
                return true;
        return false;
    }
    for (size_t i = 0; i < args->check.count; i++)
        if (g_str_equal(args->check.items[i], check->id) || g_str_equal(args->check.items[i], check->area))
            return true;
    if (args->check.count || !(check->profiles & (unsigned int)(args->peer ? args->profile | PROFILE_MIGRATION : args->profile)))
        return false;
    /* of the pair one line will do while there is no other host; with it, what this host alone tells is as the profile has it */
    if (g_str_equal(check->area, "pair"))
        return args->peer || g_str_equal(check->id, "pair-peer");
    return check->profiles & (unsigned int)args->profile;
}

static int fail_unknown(hvsh_call *call, const char *what, const char *name, const GPtrArray *names)
{
    const char *nearest = hvsh_nearest(name, (const char *const *)names->pdata);

    hvsh_fail(call, "there is no %s '%s' (host-check --profile all shows them)", what, name);
    return nearest ? hvsh_hint(call, "did you mean '%s'?", nearest) : -1;
}

/* Every name given must be one of a check (or of an area). */
static int check_names(hvsh_call *call, const struct host_check_args *args, const GPtrArray *checks)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new(), all = g_ptr_array_new();

    for (guint i = 0; i < checks->len; i++) {
        const struct check *check = checks->pdata[i];

        g_ptr_array_add(ids, (void *)check->id);
        g_ptr_array_add(all, (void *)check->id);
        g_ptr_array_add(all, (void *)check->area);
    }
    g_ptr_array_add(ids, NULL);
    g_ptr_array_add(all, NULL);
    for (size_t i = 0; i < args->fix.count; i++)
        if (!g_strv_contains((const char *const *)ids->pdata, args->fix.items[i]))
            return fail_unknown(call, "check", args->fix.items[i], ids);
    for (size_t i = 0; i < args->check.count; i++)
        if (!g_strv_contains((const char *const *)all->pdata, args->check.items[i]))
            return fail_unknown(call, "check and no area", args->check.items[i], all);
    return 0;
}

static int host_check_run(hvsh_call *call, const void *p)
{
    const struct host_check_args *args = p;
    g_autoptr(GPtrArray) checks = check_list(call);
    g_autoptr(GString) work = g_string_new(NULL), undone = g_string_new(NULL);
    GPtrArray *ways;
    struct check_summary sum = { .work = work };
    struct host *host;
    struct stat st;
    bool fixing = args->fix.count || args->fix_all;
    int status = 0;

    if (check_names(call, args, checks) < 0)
        return -1;
    if (args->root && stat(args->root, &st) < 0)
        return hvsh_fail(call, "no recorded host in %s: %s", args->root, g_strerror(errno));
    if (args->root && !S_ISDIR(st.st_mode))
        return hvsh_fail(call, "no recorded host in %s: it is no folder", args->root);
    host = hvsh_defer(call, host_open(args->root, (unsigned int)args->profile), close_host);
    host->call = call;
    ways = fixing ? ways_new(call) : NULL;
    if (args->peer && pair_open(call, host, args->peer) < 0)
        return -1;
    for (guint i = 0; i < checks->len; i++) {
        const struct check *check = checks->pdata[i];
        enum fixed fixed = FIXED;
        struct result result;
        bool told;
        if (!chosen(args, check))
            continue;
        if (hvsh_cancelled(call))
            return -1;
        check_run(host, check, &result);
        if (fixing)
            fixed = fix(call, host, check, &result, ways, args->fix.count > 0);
        told = emit(call, host, check, &result, args, &sum) == 0;
        result_clear(&result);
        if (!told || fixed == GIVE_UP)
            return -1;
        if (fixed == NOT_FIXED)
            g_string_append_printf(undone, "%s%s", undone->len ? ", " : "", check->id);
    }
    if (sum.failures && !(fixing && hvsh_dry_run(call)))
        status = 1;
    if (work->len && sum.checks > 1)
        sum.wanting = hvsh_printf(call, "\nwanting: %s", work->str);
    if (!hvsh_wants(call, &check_shape, "why") && !args->quiet && hvsh_emit(call, &summary_shape, &sum) < 0)
        return -1;
    if (undone->len)
        return sum.checks > 1 ? hvsh_fail(call, "not put right: %s", undone->str) : -1;
    return hvsh_exit(call, status);
}

const struct hvsh_command host_check_command = {
    .name = "host-check",
    .group = "host",
    .help = "is this host fit for guests, and what cures it",
    .description =
        "Looks at the processor, KVM, devices, packages, services, users, network, storage and memory of this machine, tells what is in order "
        "and what is not, and how it is put right. KVM is tried by running a few bytes of code in a virtual CPU. Nothing is changed and no "
        "program is started, unless --fix or --fix-all is given: then the steps are shown, asked for, done, and the check runs again. "
        "It works without libvirt.\n\n"
        "pass is in order; note is worth knowing; warn works, but badly or in part; fail does not work. A check that could not find out says "
        "so and why, as a note: it never guesses. The last line names what is wanting; -q shows that alone, --explain says why it matters.\n\n"
        "Each check has a name that stays, and an area: cpu, kvm, device, iommu, secure, package, service, user, network, storage, memory, "
        "cgroup, lxc, security, system, pair; other plugins may add theirs. host-check --profile all --explain shows all of them. The checks "
        "of the area pair look at two hosts: the one that the shell is connected to and the one of --peer, both of which must run libvirt.\n\n"
        "The steps of a fix are taken back when a later one fails; the other fixes go on. Most fixes need root (sudo). Notes are put right only when "
        "they are named by --fix.",
    HVSH_ARGS(host_check_args),
    .shapes = HVSH_SHAPES(&check_shape, &summary_shape),
    .examples = HVSH_EXAMPLES({ "host-check", "everything that virtual machines need", HVSH_MATCH_ONLY },
                              { "host-check --check kvm", "KVM alone", HVSH_MATCH_ONLY },
                              { "host-check --fix pkg-qemu --dry-run", "what would be done to install QEMU", HVSH_MATCH_ONLY },
                              { "host-check --profile lxc", "what containers need", HVSH_MATCH_ONLY },
                              { "host-check --check pair --peer qemu+ssh://root@other/system", "may guests move there", HVSH_MATCH_ONLY }),
    .run = host_check_run,
    .flags = HVSH_NO_CONNECTION | HVSH_DESTRUCTIVE | HVSH_GETOPT,
    .exit_status = "0 when no check failed, warnings or not; 1 when one failed, or a fix did.",
};

static const struct hvsh_command *const commands[] = { &host_check_command, &host_info_command, NULL };

static const struct hvsh_group groups[] = {
    { "host", "Host and Hypervisor", 40 },
    { .keyword = NULL },
};

HVSH_PLUGIN(.name = "host", .version = "1", .summary = "is this host fit for guests, and what is in it", .commands = commands,
            .groups = groups,
            .manual = "host-check tells whether this machine is fit for guests and what cures it; host-info shows what is in it. Both read "
                      "files of /proc, /sys, /etc and of the package databases of dpkg and rpm, and ask systemd, firewalld and polkit by D-Bus; they "
                      "start no program (the bus may start polkit's), need no libvirt and change nothing. What host-check --fix does is shown before it is done: packages by "
                      "the system's package manager, services by systemd, modules, groups and kernel settings now and for the next start (in files named hvsh-* below "
                      "/etc/modules-load.d, /etc/modprobe.d and /etc/sysctl.d, which can be removed to undo it).");
