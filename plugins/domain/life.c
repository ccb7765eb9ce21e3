/* SPDX-License-Identifier: GPL-3.0-or-later */
/* life.c - the life of a guest: start, create, suspend, resume, reboot, reset, shutdown, destroy, set-lifecycle-action. */
#include "domain.h"
#include "files.h"
#include "job.h"
#include <string.h>

/* Flags of newer libvirt; an older daemon refuses them by name. */
#if !LIBVIR_CHECK_VERSION(8, 1, 0)
enum { VIR_DOMAIN_START_RESET_NVRAM = 1 << 5 };
#endif
#if !LIBVIR_CHECK_VERSION(8, 3, 0)
enum { VIR_DOMAIN_DESTROY_REMOVE_LOGS = 1 << 1 };
#endif

/* The terminal goes to the guest's console once it runs; not before: while it starts, Ctrl-C is this command's. */
static int attach_console(hvsh_call *call, virDomainPtr domain)
{
    return hvsh_runv(call, (const char *const[]){ "console", domain_uuid(call, domain), NULL });
}

/* ---- start ---- */

struct start_args {
    virDomainPtr domain;
    bool console;
    unsigned int flags;
    const char *pass_fds;
};

static const struct hvsh_field start_args[] = {
    DOMAIN(struct start_args, INACTIVE),
    HVSH_FLAG(struct start_args, console, "attach to its console"),
    HVSH_BIT(struct start_args, flags, "paused", VIR_DOMAIN_START_PAUSED, "leave the guest paused"),
    HVSH_BIT(struct start_args, flags, "autodestroy", VIR_DOMAIN_START_AUTODESTROY, "destroy the guest when this shell disconnects"),
    HVSH_BIT(struct start_args, flags, "bypass-cache", VIR_DOMAIN_START_BYPASS_CACHE, "avoid the file system's cache when loading"),
    HVSH_BIT(struct start_args, flags, "force-boot", VIR_DOMAIN_START_FORCE_BOOT, "discard a managed saved state and boot"),
    HVSH_TEXT(struct start_args, pass_fds, "pass these open files to the guest: N,M,...", .flags = HVSH_EMPTY_OK),
    HVSH_BIT(struct start_args, flags, "reset-nvram", VIR_DOMAIN_START_RESET_NVRAM, "start with the firmware's variables as new"),
    HVSH_END
};

OBJECT_MESSAGE(started, "Domain '{name}' started");

struct start_job { const struct start_args *args; unsigned int count; int *fds; };

static int start_job(const void *p)
{
    const struct start_job *job = p;
    virDomainPtr domain = job->args->domain;

    if (job->count)
        return virDomainCreateWithFiles(domain, job->count, job->fds, job->args->flags);
    return job->args->flags ? virDomainCreateWithFlags(domain, job->args->flags) : virDomainCreate(domain);
}

static virDomainPtr started_domain(const void *p)
{
    const struct start_job *job = p;

    virDomainRef(job->args->domain);
    return job->args->domain;
}

static int start_run(hvsh_call *call, const void *p)
{
    const struct start_args *args = p;
    virDomainPtr domain = args->domain;
    const char *name = virDomainGetName(domain);
    struct start_job job = { args, 0, NULL };

    if (virDomainGetID(domain) != (unsigned int)-1)
        return hvsh_fail(call, "Domain is already active");
    if (args->pass_fds && open_files(call, args->pass_fds, &job.fds, &job.count) < 0)
        return -1;
    if (domain_job(call, domain, &(struct job_watch){ .progress = "Start", .starts = started_domain }, start_job, &job) < 0)
        return hvsh_fail_virt(call, "Failed to start domain '%s'", name), domain_job_left(call, domain, NULL);
    domain_say(call, &started, domain);
    return args->console ? attach_console(call, domain) : 0;
}

const struct hvsh_command COMMAND(start) = {
    .name = "start",
    .group = "domain",
    .help = "start a (previously defined) inactive domain",
    .description = "Start a defined domain, from its managed saved state when it has one and from its boot device otherwise. "
                   "Ctrl-C gives up, also while a saved state is being read, which stays.",
    HVSH_ARGS(start_args),
    .shapes = HVSH_SHAPES(&started),
    .examples = HVSH_EXAMPLES({ "start web1 --console", "start and see it boot", HVSH_MATCH_ONLY }),
    .run = start_run,
};

/* ---- create ---- */

struct create_args {
    const char *file;
    bool console;
    unsigned int flags;
    const char *pass_fds;
};

static const struct hvsh_field create_args[] = {
    HVSH_XML(struct create_args, file, "file with the XML of the domain", .flags = HVSH_REQUIRED),
    HVSH_FLAG(struct create_args, console, "attach to its console"),
    HVSH_BIT(struct create_args, flags, "paused", VIR_DOMAIN_START_PAUSED, "leave the guest paused"),
    HVSH_BIT(struct create_args, flags, "autodestroy", VIR_DOMAIN_START_AUTODESTROY, "destroy the guest when this shell disconnects"),
    HVSH_TEXT(struct create_args, pass_fds, "pass these open files to the guest: N,M,...", .flags = HVSH_EMPTY_OK),
    HVSH_BIT(struct create_args, flags, "validate", VIR_DOMAIN_START_VALIDATE, "check the XML against the schema"),
    HVSH_BIT(struct create_args, flags, "reset-nvram", VIR_DOMAIN_START_RESET_NVRAM, "start with the firmware's variables as new"),
    HVSH_END
};

OBJECT_MESSAGE(created, "Domain '{name}' created from {file}");

struct create_job { virConnectPtr connection; const struct create_args *args; unsigned int count; int *fds; virDomainPtr *domain; };

static int create_job(const void *p)
{
    const struct create_job *job = p;
    const struct create_args *args = job->args;

    *job->domain = job->count ? virDomainCreateXMLWithFiles(job->connection, args->file, job->count, job->fds, args->flags)
                              : virDomainCreateXML(job->connection, args->file, args->flags);
    return *job->domain ? 0 : -1;
}

static virDomainPtr created_domain(const void *p)
{
    const struct create_job *job = p;

    return domain_of_document(job->connection, job->args->file);
}

static int create_run(hvsh_call *call, const void *p)
{
    const struct create_args *args = p;
    virDomainPtr domain = NULL;
    struct create_job job = { hvsh_connection(call), args, 0, NULL, &domain };
    const char *file = hvsh_text(call, "file");

    if (!job.connection || (args->pass_fds && open_files(call, args->pass_fds, &job.fds, &job.count) < 0))
        return -1;
    if (domain_job(call, NULL, &(struct job_watch){ .progress = "Create", .starts = created_domain }, create_job, &job) < 0)
        return hvsh_fail_virt(call, "Failed to create domain from %s", file);
    hvsh_own_domain(call, domain);
    object_say(call, &created, virDomainGetName(domain), domain_uuid(call, domain), file);
    return args->console ? attach_console(call, domain) : 0;
}

const struct hvsh_command COMMAND(create) = {
    .name = "create",
    .group = "domain",
    .help = "create a domain from an XML file",
    .description = "Create and start a transient domain: it is gone when it is shut off.",
    HVSH_ARGS(create_args),
    .shapes = HVSH_SHAPES(&created),
    .examples = HVSH_EXAMPLES({ "create web1.xml --paused", "create it, not running yet", HVSH_MATCH_ONLY }),
    .run = create_run,
};

/* ---- suspend, resume, reset: a domain, a call, a sentence ---- */

OBJECT_MESSAGE(suspended, "Domain '{name}' suspended");

static const struct hvsh_field suspend_args[] = {
    DOMAIN(struct only_domain, VIR_CONNECT_LIST_DOMAINS_RUNNING),
    HVSH_END
};

static int suspend_run(hvsh_call *call, const void *p)
{
    const struct only_domain *args = p;

    if (virDomainSuspend(args->domain) < 0)
        return hvsh_fail_virt(call, "Failed to suspend domain '%s'", virDomainGetName(args->domain));
    return domain_say(call, &suspended, args->domain);
}

const struct hvsh_command COMMAND(suspend) = {
    .name = "suspend",
    .group = "domain",
    .help = "suspend a domain",
    .description = "Pause a running domain: it keeps its memory and gets no processor time.",
    .args = suspend_args,
    .args_size = sizeof(struct only_domain),
    .shapes = HVSH_SHAPES(&suspended),
    .examples = HVSH_EXAMPLES({ "suspend test", "pause it" }),
    .run = suspend_run,
};

static const struct hvsh_field resume_args[] = {
    DOMAIN(struct only_domain, VIR_CONNECT_LIST_DOMAINS_PAUSED | VIR_CONNECT_LIST_DOMAINS_OTHER),
    HVSH_END
};

OBJECT_MESSAGE(resumed, "Domain '{name}' resumed");

static int resume_run(hvsh_call *call, const void *p)
{
    const struct only_domain *args = p;

    if (virDomainResume(args->domain) < 0)
        return hvsh_fail_virt(call, "Failed to resume domain '%s'", virDomainGetName(args->domain));
    return domain_say(call, &resumed, args->domain);
}

const struct hvsh_command COMMAND(resume) = {
    .name = "resume",
    .group = "domain",
    .help = "resume a domain",
    .description = "Let a paused domain run again.",
    .args = resume_args,
    .args_size = sizeof(struct only_domain),
    .shapes = HVSH_SHAPES(&resumed),
    .examples = HVSH_EXAMPLES({ "resume web1", "run on", HVSH_MATCH_ONLY }),
    .run = resume_run,
};

OBJECT_MESSAGE(was_reset, "Domain '{name}' was reset");

static int reset_run(hvsh_call *call, const void *p)
{
    const struct only_domain *args = p;

    if (virDomainReset(args->domain, 0) < 0)
        return hvsh_fail_virt(call, "Failed to reset domain '%s'", virDomainGetName(args->domain));
    return domain_say(call, &was_reset, args->domain);
}

const struct hvsh_command COMMAND(reset) = {
    .name = "reset",
    .group = "domain",
    .help = "reset a domain",
    .description = "Reset the domain as a reset button does: the guest is not asked.",
    ONLY_ACTIVE,
    .shapes = HVSH_SHAPES(&was_reset),
    .examples = HVSH_EXAMPLES({ "reset test", "press the button" }),
    .run = reset_run,
};

/* ---- reboot, shutdown ---- */

/* The ways to ask a guest. libvirt has the same values for both calls. */
static const struct hvsh_choice power_modes[] = {
    { "acpi", VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN, "the power button" },
    { "agent", VIR_DOMAIN_SHUTDOWN_GUEST_AGENT, "the guest agent" },
    { "initctl", VIR_DOMAIN_SHUTDOWN_INITCTL, "the init of a container" },
    { "signal", VIR_DOMAIN_SHUTDOWN_SIGNAL, "a signal to the init of a container" },
    { "paravirt", VIR_DOMAIN_SHUTDOWN_PARAVIRT, "the hypervisor's own way" },
    { NULL }
};

struct power_args {
    virDomainPtr domain;
    HVSH_LIST_OF(const char *) mode;
    uint64_t wait;
    bool destroy;
};

#define POWER_MODE \
    HVSH_TEXTS(struct power_args, mode, HVSH_COMMA, "how the guest is asked, several in order of preference", .choices = power_modes)

/* The words of --mode as flags; `last` is how virsh joins the last of them. */
static int power_flags(hvsh_call *call, const struct power_args *args, const char *last, unsigned int *flags)
{
    for (size_t i = 0; i < args->mode.count; i++) {
        const struct hvsh_choice *choice = power_modes;

        while (choice->name && strcmp(choice->name, args->mode.items[i]) != 0)
            choice++;
        if (!choice->name)
            return hvsh_fail(call, "Unknown mode %s value, expecting 'acpi', 'agent', 'initctl', 'signal'%sor 'paravirt'",
                             args->mode.items[i], last);
        *flags |= (unsigned int)choice->value;
    }
    return 0;
}

static const struct hvsh_field reboot_args[] = {
    DOMAIN(struct power_args, ACTIVE),
    POWER_MODE,
    HVSH_END
};

OBJECT_MESSAGE(rebooting, "Domain '{name}' is being rebooted");

static int reboot_run(hvsh_call *call, const void *p)
{
    const struct power_args *args = p;
    unsigned int flags = 0;

    if (power_flags(call, args, " ", &flags) < 0)
        return -1;
    if (virDomainReboot(args->domain, flags) < 0)
        return hvsh_fail_virt(call, "Failed to reboot domain '%s'", virDomainGetName(args->domain));
    return domain_say(call, &rebooting, args->domain);
}

const struct hvsh_command COMMAND(reboot) = {
    .name = "reboot",
    .group = "domain",
    .help = "reboot a domain",
    .description = "Ask the guest to reboot; it may take its time or refuse.",
    .args = reboot_args,
    .args_size = sizeof(struct power_args),
    .shapes = HVSH_SHAPES(&rebooting),
    .examples = HVSH_EXAMPLES({ "reboot test", "ask it to reboot" }, { "reboot test --mode acpi,agent", "in these ways" }),
    .run = reboot_run,
};

static const struct hvsh_field shutdown_args[] = {
    DOMAIN(struct power_args, ACTIVE),
    POWER_MODE,
    HVSH_DURATION(struct power_args, wait, "wait until it is off, so long at most", .unit = "s", .flags = HVSH_NAMED),
    HVSH_FLAG(struct power_args, destroy, "when the time is over, destroy it", .name = "or-destroy"),
    HVSH_REQUIRES("or-destroy", "wait"),
    HVSH_END
};

OBJECT_MESSAGE(shutting_down, "Domain '{name}' is being shutdown");
OBJECT_MESSAGE(is_off, "Domain '{name}' is shut down");
OBJECT_MESSAGE(destroyed, "Domain '{name}' destroyed");

/* Is it off? A transient domain that is gone is off. 1, 0, or -1 after a failure. */
static int off(hvsh_call *call, virDomainPtr domain)
{
    int active = virDomainIsActive(domain);

    if (active < 0 && virGetLastErrorCode() == VIR_ERR_NO_DOMAIN)
        return 1;
    return active < 0 ? hvsh_fail_libvirt(call) : !active;
}

/* Wait until it is off. 1: it is, 0: time over, -1: cancelled or failed. */
static int wait_off(hvsh_call *call, virDomainPtr domain, uint64_t nanoseconds)
{
    gint64 deadline = g_get_monotonic_time() + (gint64)MIN(nanoseconds / 1000, (uint64_t)G_MAXINT64 / 2);
    int state;

    while ((state = off(call, domain)) == 0) {
        if (g_get_monotonic_time() >= deadline)
            return 0;
        if (hvsh_wait(call, NULL, 0, 250) < 0)
            return -1;
    }
    return state;
}

static int shutdown_run(hvsh_call *call, const void *p)
{
    const struct power_args *args = p;
    const char *name = virDomainGetName(args->domain);
    unsigned int flags = 0;

    if (power_flags(call, args, ", ", &flags) < 0)
        return -1;
    if ((flags ? virDomainShutdownFlags(args->domain, flags) : virDomainShutdown(args->domain)) < 0)
        return hvsh_fail_virt(call, "Failed to shutdown domain '%s'", name);
    domain_say(call, &shutting_down, args->domain);
    if (!hvsh_given(call, "wait"))
        return 0;
    switch (wait_off(call, args->domain, args->wait)) {
    case 1:
        return domain_say(call, &is_off, args->domain);
    case 0:
        break;
    default:
        return -1;
    }
    if (!args->destroy)
        return hvsh_fail(call, "Domain '%s' is still running: the guest has not shut down in time", name);
    if (virDomainDestroy(args->domain) < 0)
        return hvsh_fail_virt(call, "Failed to destroy domain '%s'", name);
    return domain_say(call, &destroyed, args->domain);
}

const struct hvsh_command COMMAND(shutdown) = {
    .name = "shutdown",
    .group = "domain",
    .help = "gracefully shutdown a domain",
    .description = "Ask the guest to shut down. The command returns at once, before the guest has obeyed; with --wait it returns when the "
                   "domain is off, and fails when that takes too long; with --or-destroy it then pulls the plug.",
    .args = shutdown_args,
    .args_size = sizeof(struct power_args),
    .shapes = HVSH_SHAPES(&shutting_down, &is_off, &destroyed),
    .examples = HVSH_EXAMPLES({ "shutdown test --wait 90s", "wait until it is off" },
                              { "shutdown test --wait 2m --or-destroy", "wait two minutes, then destroy it" }),
    .run = shutdown_run,
};

/* ---- destroy ---- */

struct destroy_args { virDomainPtr domain; unsigned int flags; };

static const struct hvsh_field destroy_args[] = {
    DOMAIN(struct destroy_args, ACTIVE),
    HVSH_BIT(struct destroy_args, flags, "graceful", VIR_DOMAIN_DESTROY_GRACEFUL, "end the emulator by SIGTERM only, never by SIGKILL"),
    HVSH_BIT(struct destroy_args, flags, "remove-logs", VIR_DOMAIN_DESTROY_REMOVE_LOGS, "remove its log files"),
    HVSH_END
};

static int destroy_run(hvsh_call *call, const void *p)
{
    const struct destroy_args *args = p;

    if ((args->flags ? virDomainDestroyFlags(args->domain, args->flags) : virDomainDestroy(args->domain)) < 0)
        return hvsh_fail_virt(call, "Failed to destroy domain '%s'", virDomainGetName(args->domain));
    return domain_say(call, &destroyed, args->domain);
}

const struct hvsh_command COMMAND(destroy) = {
    .name = "destroy",
    .group = "domain",
    .help = "destroy (stop) a domain",
    .description = "Stop the domain at once, as pulling the plug does. Its definition and its disks stay.",
    HVSH_ARGS(destroy_args),
    .shapes = HVSH_SHAPES(&destroyed),
    .examples = HVSH_EXAMPLES({ "destroy test", "pull the plug" }),
    .run = destroy_run,
};

/* ---- set-lifecycle-action ---- */

static const struct hvsh_choice lifecycle_types[] = {
    { "poweroff", VIR_DOMAIN_LIFECYCLE_POWEROFF, "the guest shuts down" },
    { "reboot", VIR_DOMAIN_LIFECYCLE_REBOOT, "the guest reboots" },
    { "crash", VIR_DOMAIN_LIFECYCLE_CRASH, "the guest crashes" },
    { NULL }
};
static const struct hvsh_choice lifecycle_actions[] = {
    { "destroy", VIR_DOMAIN_LIFECYCLE_ACTION_DESTROY, "it is off" },
    { "restart", VIR_DOMAIN_LIFECYCLE_ACTION_RESTART, "it starts again" },
    { "rename-restart", VIR_DOMAIN_LIFECYCLE_ACTION_RESTART_RENAME, "it starts again under another name" },
    { "preserve", VIR_DOMAIN_LIFECYCLE_ACTION_PRESERVE, "it stays as it is, to be looked at" },
    { "coredump-destroy", VIR_DOMAIN_LIFECYCLE_ACTION_COREDUMP_DESTROY, "a dump is taken, then it is off" },
    { "coredump-restart", VIR_DOMAIN_LIFECYCLE_ACTION_COREDUMP_RESTART, "a dump is taken, then it starts again" },
    { NULL }
};

struct action_args { virDomainPtr domain; const char *type, *action; unsigned int flags; };

static const struct hvsh_field action_args[] = {
    LATE_DOMAIN(struct action_args, 0),
    HVSH_TEXT(struct action_args, type, "when the guest does this", .flags = HVSH_REQUIRED, .choices = lifecycle_types),
    HVSH_TEXT(struct action_args, action, "this is done", .flags = HVSH_REQUIRED, .choices = lifecycle_actions),
    HVSH_AFFECT(struct action_args, flags),
    HVSH_END
};

static int action_run(hvsh_call *call, const void *p)
{
    const struct action_args *args = p;
    const struct hvsh_choice *type = object_choice(lifecycle_types, args->type), *action = object_choice(lifecycle_actions, args->action);
    virDomainPtr domain;

    if (!type)
        return hvsh_fail(call, "Invalid lifecycle type '%s'.", args->type);
    if (!action)
        return hvsh_fail(call, "Invalid lifecycle action '%s'.", args->action);
    if (!(domain = domain_late(call)))
        return -1;
    if (virDomainSetLifecycleAction(domain, (unsigned int)type->value, (unsigned int)action->value, args->flags) < 0)
        return hvsh_fail_virt(call, "Unable to change lifecycle action.");
    return 0;
}

const struct hvsh_command COMMAND(set_lifecycle_action) = {
    .name = "set-lifecycle-action",
    .group = "domain",
    .help = "change lifecycle actions",
    .description = "What becomes of the domain when its guest shuts down, reboots or crashes.",
    HVSH_ARGS(action_args),
    .examples = HVSH_EXAMPLES({ "set-lifecycle-action test reboot destroy", "a reboot turns it off" }),
    .run = action_run,
};
