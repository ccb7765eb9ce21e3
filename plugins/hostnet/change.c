/* SPDX-License-Identifier: GPL-3.0-or-later */
/* change.c - the shell's side of a change: preview, start the guard, watch its journal, confirm; and the commands about journals. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "folders.h"
#include "hostnet.h"
#include "probe.h"
#include "systemd.h"

/* ---- Preview ---- */

struct plan_row {
    unsigned int step;
    const char *kind;
    const char *line;
    const char *what;
    const char *change;
    const char *undo;
};
static const struct hvsh_field plan_row[] = {
    HVSH_TEXT(struct plan_row, line, "the row as a line of text", .flags = HVSH_HIDE),
    HVSH_TEXT(struct plan_row, kind, "plan (the whole), step, check (what must hold then) or remark (also how long the network will be away)"),
    HVSH_UINT(struct plan_row, step, "number of the step; missing for all else"),
    HVSH_TEXT(struct plan_row, what, "what is done, holds, or should be known"),
    HVSH_TEXT(struct plan_row, change, "the lines of a file that differ", .missing = ""),
    HVSH_TEXT(struct plan_row, undo, "how it is taken back", .missing = ""),
    HVSH_END,
};
const struct hvsh_shape plan_shape = {
    .name = "plan",
    .kind = HVSH_LINES,
    .text = "{line}",
    HVSH_ROW(plan_row),
};

static char *in_words(hvsh_call *call, char *const *words)
{
    return words ? hvsh_defer(call, words_text(words), g_free) : NULL;
}

/* Does any step, or the way back, begin with that verb (and that word)? */
static bool uses(const struct plan *plan, const char *verb, const char *word)
{
    for (guint i = 0; i < plan->steps->len; i++) {
        const struct step *step = g_ptr_array_index(plan->steps, i);
        char *const *const both[] = {step->action, step->undo};

        for (guint n = 0; n < G_N_ELEMENTS(both); n++)
            if (both[n] && g_str_has_prefix(both[n][0], verb) && (!word || g_strcmp0(both[n][1], word) == 0))
                return true;
    }
    return false;
}

/* A row that is no step; the remarks are rows and no notes, so that they stand below the plan, and in its data. */
static int show_words(hvsh_call *call, const char *kind, const char *before, const char *what)
{
    struct plan_row row = {.step = UINT_MAX, .kind = kind, .what = what, .line = hvsh_printf(call, "%s%s", before, what)};

    return hvsh_emit(call, &plan_shape, &row);
}

int show_plan(hvsh_call *call, const struct plan *plan)
{
    struct plan_row row;
    g_autofree char *busy = NULL, *hint = NULL;

    if (show_words(call, "plan", "", hvsh_printf(call, "%s (%s%s)", plan->what, plan->how, plan->persistent ? "" : ", until the next boot")) < 0)
        return -1;
    for (guint i = 0, number = 0; i < plan->steps->len; i++) {
        const struct step *step = g_ptr_array_index(plan->steps, i);
        g_auto(GStrv) lines = NULL;
        GString *line;

        if (!step->action)
            continue;
        row = (struct plan_row){.step = ++number, .kind = "step", .what = step->text, .change = step->change, .undo = in_words(call, step->undo)};
        line = g_string_new(NULL);
        g_string_append_printf(line, "%3u. %s", number, step->text);
        lines = g_strsplit(step->change ? step->change : "", "\n", -1);
        for (char **each = lines; *each && **each; each++)
            g_string_append_printf(line, "\n       %s", *each);
        row.line = hvsh_defer(call, g_string_free(line, FALSE), g_free);
        if (hvsh_emit(call, &plan_shape, &row) < 0)
            return -1;
    }
    for (guint i = 0; i < plan->checks->len; i++)
        if (show_words(call, "check", "  then ", in_words(call, g_ptr_array_index(plan->checks, i))) < 0)
            return -1;
    for (guint i = 0; i < plan->notes->len; i++)
        if (show_words(call, "remark", "", g_ptr_array_index(plan->notes, i)) < 0)
            return -1;
    if (plan->outage &&
        show_words(call, "remark", "", hvsh_printf(call, "the network is expected to be away for about %.1f s", plan->outage / 1000.0)) < 0)
        return -1;
    if (uses(plan, "nm-", NULL) && probe_nm_checkpoint(&busy, &hint))
        return show_words(call, "remark", "", hvsh_printf(call, "not now: %s", busy));
    return 0;
}

void tell_notes(hvsh_call *call, const struct plan *plan)
{
    for (guint i = 0; i < plan->notes->len; i++)
        hvsh_note(call, "%s", (char *)g_ptr_array_index(plan->notes, i));
}

int fail_refused(hvsh_call *call, struct refusal *refusal)
{
    hvsh_fail(call, "%s", refusal->sentence);
    if (refusal->hint)
        hvsh_hint(call, "%s", refusal->hint);
    refusal_clear(refusal);
    return -1;
}

/* ---- Starting the guard ---- */

static char *guard_program(void)
{
    const char *folder = getenv("HVSH_LIBEXECDIR");

    return g_build_filename(folder && *folder ? folder : LIBEXECDIR, "hvsh-net-guard", NULL);
}

/* As a unit of systemd's: a logout does not end it, and when it is killed systemd starts it again, to take back what was begun. */
static bool start_as_unit(const char *program, const struct journal *journal)
{
    static const struct dbus_object manager = {"org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", 0, NULL};
    g_autofree char *unit = g_strdup_printf("hvsh-net-%s.service", journal->id), *what = g_strdup_printf("hvsh: %s", journal->plan->what);
    const char *const words[] = {program, "run", journal->folder, NULL};
    GVariantBuilder properties, command;
    GDBusConnection *bus;
    GVariant *answer = NULL;

    if (!systemd_booted(NULL) || !(bus = dbus_open(NULL, NULL)))
        return false;
    g_variant_builder_init(&command, G_VARIANT_TYPE("a(sasb)"));
    g_variant_builder_add(&command, "(s^asb)", program, words, FALSE);
    g_variant_builder_init(&properties, G_VARIANT_TYPE("a(sv)"));
    g_variant_builder_add(&properties, "(sv)", "Description", g_variant_new_string(what));
    g_variant_builder_add(&properties, "(sv)", "ExecStart", g_variant_builder_end(&command));
    g_variant_builder_add(&properties, "(sv)", "Restart", g_variant_new_string("on-abnormal"));
    g_variant_builder_add(&properties, "(sv)", "CollectMode", g_variant_new_string("inactive-or-failed"));
    /* stopped, it would take nothing back: network-undo does. When the system goes down it is not waited for: the next boot takes it back. */
    g_variant_builder_add(&properties, "(sv)", "RefuseManualStop", g_variant_new_boolean(TRUE));
    g_variant_builder_add(&properties, "(sv)", "KillSignal", g_variant_new_int32(SIGKILL));
    answer = dbus_call(bus, &manager, "StartTransientUnit", "(o)", NULL, "(ssa(sv)a(sa(sv)))", unit, "fail", &properties, NULL);
    dbus_close(bus);
    if (!answer)
        return false;
    g_variant_unref(answer);
    return true;
}

/* A process with no parent and no terminal. */
static int start_detached(const char *program, const char *verb, const char *folder)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        struct sigaction fresh = {.sa_handler = SIG_DFL};
        sigset_t none;
        int null = open("/dev/null", O_RDWR);

        for (int signal_number = 1; signal_number < NSIG; signal_number++)
            sigaction(signal_number, &fresh, NULL);
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        setsid();
        dup2(null, 0);
        dup2(null, 1);
        dup2(null, 2);
        if (fork() == 0) {
            if (chdir("/") == 0)
                execl(program, program, verb, folder, (char *)NULL);
            _exit(127);
        }
        _exit(0);
    }
    if (pid < 0)
        return -1;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return 0;
}

/* ---- Watching ---- */

/* So many looks, a twentieth of a second apart, find no guard at work before it is taken for gone. */
#define FORSAKEN_LOOKS 40

static bool a_person_is_there(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

static int report(hvsh_call *call, const struct journal *journal, const char *state)
{
    g_autofree char *reason = journal_noted(journal->folder, "reason"), *noted = journal_noted(journal->folder, "trouble");
    g_auto(GStrv) lines = g_strsplit(noted ? noted : "", "\n", -1);
    g_autofree char *trouble = noted ? g_strjoinv("; ", lines) : NULL;

    if (strcmp(state, "confirmed") == 0 || strcmp(state, "deleted") == 0)
        return 0;
    if (strcmp(state, "undone") == 0) {
        hvsh_fail(call, "could not %s: %s; everything is as it was before", journal->plan->what, reason ? reason : "unknown reason");
        if (trouble)
            hvsh_note(call, "on the way back: %s", trouble);
        return -1;
    }
    hvsh_fail(call, "could not %s: %s; and not everything could be taken back: %s", journal->plan->what, reason ? reason : "unknown reason",
              trouble ? trouble : "unknown reason");
    return hvsh_hint(call, "the files as they were are in %s (plan tells which is which)", journal->folder);
}

/* One line typed at the terminal, if there is one yet: 1 yes, 0 nothing yet, -1 no. */
static int typed_answer(void)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    char line[256];
    ssize_t got;

    if (poll(&input, 1, 0) <= 0)
        return 0;
    got = read(STDIN_FILENO, line, sizeof(line) - 1);
    if (got <= 0)
        return -1;
    line[got] = '\0';
    g_strstrip(line);
    return *line == '\0' || g_ascii_strcasecmp(line, "y") == 0 || g_ascii_strcasecmp(line, "yes") == 0 ? 1 : -1;
}

static int watch(hvsh_call *call, const char *program, const struct journal *journal)
{
    bool asked = false, stopped = false;
    unsigned int forsaken = 0;

    for (;;) {
        g_autofree char *state = journal_state(journal->folder);

        if (!journal_is_open(state) && strcmp(state, "ready") != 0)
            return report(call, journal, state);
        /* a guard that was just started may not have its lock yet */
        forsaken = journal_is_locked(journal->folder) ? 0 : forsaken + 1;
        if (forsaken == FORSAKEN_LOOKS) {
            if (strcmp(state, "ready") == 0) {
                journal_set_state(journal->folder, "undone");
                return hvsh_fail(call, "%s did not start; nothing was changed", program);
            }
            start_detached(program, "undo", journal->folder);
            journal_note(journal->folder, "reason", "the program that carried it out was stopped");
        }
        if (strcmp(state, "waiting") == 0 && !journal->confirm_by_checks && !stopped) {
            bool person = a_person_is_there();
            int answer = asked && person ? typed_answer() : 0;

            if (!asked && person) {
                tcflush(STDIN_FILENO, TCIFLUSH);
                hvsh_note(call, "it is done, and the network answers.\nPress ENTER within %u s to keep it; anything else, or nothing, takes it back",
                          journal->timeout);
            } else if (!asked) {
                hvsh_note(call, "it is done, and the network answers.\nIt is taken back in %u s unless network-confirm keeps it", journal->timeout);
            }
            asked = true;
            if (answer)
                journal_note(journal->folder, answer > 0 ? "confirm" : "undo", "");
        }
        if (stopped) {
            g_usleep(50000);
        } else if (hvsh_wait(call, NULL, 0, 50) < 0) {
            hvsh_note(call, "taking everything back");
            journal_note(journal->folder, "undo", "");
            stopped = true;
        }
    }
}

static void no_guard(void *program)
{
    g_free(program);
}

int carry_out(hvsh_call *call, struct plan *plan, const struct change *change)
{
    g_autofree char *error = NULL;
    char *program = hvsh_defer(call, guard_program(), no_guard);
    bool by_checks = change->confirm == CONFIRM_CHECKS || (change->confirm == CONFIRM_AUTO && !a_person_is_there() && !plan->loses_session);
    struct journal *journal;
    int result;

    if (access(program, X_OK) < 0) {
        plan_free(plan);
        return hvsh_fail(call, "%s, which carries changes out and takes them back, cannot be run: %s", program, strerror(errno));
    }
    journal = journal_create(plan, change->timeout, by_checks, change->replaces, &error);
    if (!journal) {
        plan_free(plan);
        return hvsh_fail(call, "%s; nothing was changed", error);
    }
    if (!start_as_unit(program, journal) && start_detached(program, "run", journal->folder) < 0) {
        journal_set_state(journal->folder, "undone");
        result = hvsh_fail(call, "cannot start %s: %s; nothing was changed", program, strerror(errno));
    } else {
        result = watch(call, program, journal);
    }
    journal_free(journal);
    return result;
}

/* ---- May it be? ---- */

/* The host in the URI: "qemu+ssh://user@HOST:22/system"; "" for this machine. */
static char *uri_host(const char *uri)
{
    const char *start = strstr(uri, "://"), *at;
    size_t length;

    if (!start)
        return g_strdup("");
    start += 3;
    length = strcspn(start, "/?");
    at = memchr(start, '@', length);
    if (at) {
        length -= (size_t)(at + 1 - start);
        start = at + 1;
    }
    if (*start == '[')
        return g_strndup(start + 1, MIN(length, strcspn(start, "]")) - 1);
    return g_strndup(start, MIN(length, strcspn(start, ":")));
}

int is_this_machine(hvsh_call *call)
{
    const char *uri = hvsh_uri(call), *usual = getenv("LIBVIRT_DEFAULT_URI");
    g_autofree char *host = uri_host(uri ? uri : usual ? usual : "");

    if (!*host || strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 || strcmp(host, "::1") == 0 ||
        g_ascii_strcasecmp(host, g_get_host_name()) == 0)
        return 0;
    hvsh_fail(call, "this command changes the network of the machine that the shell runs on (%s), but the connection is to %s", g_get_host_name(), host);
    return hvsh_hint(call, "to change %s, run hvsh there (ssh); to change this machine: connect qemu:///system", host);
}

static bool service_runs(const char *name)
{
    GDBusConnection *bus = dbus_open(NULL, NULL);
    bool runs = bus && dbus_has_service(bus, name);

    dbus_close(bus);
    return runs;
}

int may_change(hvsh_call *call, const struct plan *plan)
{
    g_autoptr(GPtrArray) list = journal_list();
    g_autofree char *sentence = NULL, *hint = NULL;

    if (geteuid() != 0) {
        hvsh_fail(call, "only root may change this machine's network");
        return hvsh_hint(call, "sudo hvsh ...; --dry-run shows the plan to anyone");
    }
    for (guint i = 0; i < list->len; i++) {
        const char *folder = g_ptr_array_index(list, i);
        g_autofree char *state = journal_state(folder), *id = g_path_get_basename(folder);

        if (!journal_is_open(state))
            continue;
        hvsh_fail(call, "an earlier change of the network is still open: %s (%s)", id, state);
        return hvsh_hint(call, "network-confirm keeps it, network-undo takes it back, network-changes shows all");
    }
    if (uses(plan, "run", "networkctl") && !service_runs("org.freedesktop.network1")) {
        hvsh_fail(call, "systemd-networkd, which is to %s, does not run", plan->what);
        return hvsh_hint(call, "systemctl start systemd-networkd");
    }
    if (uses(plan, "nm-", NULL) && probe_nm_checkpoint(&sentence, &hint)) {
        hvsh_fail(call, "%s", sentence);
        return hvsh_hint(call, "%s", hint);
    }
    return 0;
}

static void free_plan(void *plan)
{
    plan_free(plan);
}

int make_change(hvsh_call *call, struct plan *plan, struct refusal *refusal, const char *replaces)
{
    struct change change = {.timeout = 60, .confirm = CONFIRM_CHECKS, .replaces = replaces};

    if (!plan && refusal->done) {
        if (refusal->hint)
            hvsh_note(call, "%s", refusal->hint);
        refusal_clear(refusal);
        return 1;
    }
    if (!plan)
        return fail_refused(call, refusal);
    if (hvsh_dry_run(call))
        return show_plan(call, hvsh_defer(call, plan, free_plan));
    if (may_change(call, plan) < 0) {
        plan_free(plan);
        return -1;
    }
    tell_notes(call, plan);
    return carry_out(call, plan, &change) < 0 ? -1 : 1;
}

/* ---- network-changes, network-confirm, network-undo ---- */

int may_read_journals(hvsh_call *call)
{
    if (access(journal_home(), R_OK | X_OK) == 0 || errno == ENOENT)
        return 0;
    hvsh_fail(call, "the changes of this machine's network cannot be read: %s", strerror(errno));
    return hvsh_hint(call, "sudo hvsh ...");
}

struct change_row {
    const char *id, *state, *what, *how, *reason;
};
static const struct hvsh_field change_row[] = {
    HVSH_TEXT(struct change_row, id, "name of the change", .label = "Change"),
    HVSH_TEXT(struct change_row, state, "ready, applying, waiting, confirmed, undoing, undone, broken or deleted", .label = "State"),
    HVSH_TEXT(struct change_row, what, "what it does", .label = "What"),
    HVSH_TEXT(struct change_row, how, "the network manager", .label = "By"),
    HVSH_TEXT(struct change_row, reason, "why it was taken back", .label = "Reason"),
    HVSH_END,
};
static const struct hvsh_shape change_table = {.name = "changes", .kind = HVSH_TABLE, HVSH_ROW(change_row)};

static int changes_run(hvsh_call *call, const void *unused)
{
    g_autoptr(GPtrArray) list = journal_list();

    (void)unused;
    if (may_read_journals(call) < 0)
        return -1;
    for (guint i = 0; i < list->len; i++) {
        const char *folder = g_ptr_array_index(list, i);
        g_autofree char *state = journal_state(folder), *reason = journal_noted(folder, "reason");
        struct journal *journal = journal_read(folder, NULL);
        struct change_row row = {.state = state, .reason = reason};
        int result;

        if (!journal)
            continue;
        row.id = journal->id;
        row.what = journal->plan->what;
        row.how = journal->plan->how;
        result = hvsh_emit(call, &change_table, &row);
        journal_free(journal);
        if (result < 0)
            return -1;
    }
    return 0;
}

const struct hvsh_command network_changes = {
    .name = "network-changes",
    .group = "hostnet",
    .help = "list the changes of this machine's network",
    .description = "Every change is written to a journal before it is begun. The journal of a bridge is its way back, and is kept as long as the "
                   "bridge; of those that were taken back or deleted the last " G_STRINGIFY(JOURNALS_KEPT) " are.",
    .shapes = HVSH_SHAPES(&change_table),
    .run = changes_run,
    .flags = HVSH_NO_CONNECTION,
};

struct pick_args {
    const char *change;
};

static int offer_changes(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    g_autoptr(GPtrArray) list = journal_list();

    (void)field;
    for (guint i = 0; i < list->len; i++) {
        g_autofree char *id = g_path_get_basename(g_ptr_array_index(list, i)), *state = journal_state(g_ptr_array_index(list, i));

        if (g_str_has_prefix(id, start) && (journal_is_open(state) || strcmp(state, "confirmed") == 0))
            hvsh_offer(call, id, state);
    }
    return 0;
}

static const struct hvsh_field pick_args[] = {
    HVSH_TEXT(struct pick_args, change, "name of the change, or how it begins (default: the open one)", .offer = offer_changes),
    HVSH_END,
};

/* The change of that name, or the only one that begins so: a narrow terminal shows no more of it. NULL: none, or several. */
static const char *folder_of(const GPtrArray *list, const char *name)
{
    const char *found = NULL;
    bool several = false;

    for (guint i = 0; i < list->len; i++) {
        const char *folder = g_ptr_array_index(list, i);
        g_autofree char *id = g_path_get_basename(folder);

        if (strcmp(id, name) == 0)
            return folder;
        if (*name && g_str_has_prefix(id, name)) {
            several = several || found;
            found = folder;
        }
    }
    return several ? NULL : found;
}

/* The open journal that is meant; for undo also one that was confirmed. */
static struct journal *pick(hvsh_call *call, const struct pick_args *args, bool undo)
{
    g_autoptr(GPtrArray) list = journal_list();
    const char *named = args->change ? folder_of(list, args->change) : NULL;
    struct journal *journal;
    g_autofree char *error = NULL;

    if (may_read_journals(call) < 0)
        return NULL;
    for (guint i = 0; i < list->len; i++) {
        const char *folder = g_ptr_array_index(list, i);
        g_autofree char *id = g_path_get_basename(folder), *state = journal_state(folder);

        if (args->change ? folder != named : !journal_is_open(state))
            continue;
        if (!journal_is_open(state) && !(undo && strcmp(state, "confirmed") == 0)) {
            hvsh_fail(call, "the change %s is not open, but %s", id, state);
            return NULL;
        }
        journal = journal_read(folder, &error);
        if (!journal)
            hvsh_fail(call, "%s", error);
        return journal;
    }
    if (args->change)
        hvsh_fail(call, "there is no change '%s', or more than one that begins so", args->change);
    else
        hvsh_fail(call, "no change of the network is open");
    hvsh_hint(call, "network-changes lists them");
    return NULL;
}

/* What was confirmed is taken back as a change of its own. Takes the journal. */
static int undo_confirmed(hvsh_call *call, struct journal *journal)
{
    const char *id = hvsh_printf(call, "%s", journal->id);
    const char *bridge = journal->plan->bridge ? hvsh_printf(call, "%s", journal->plan->bridge) : NULL;
    struct refusal refusal = {NULL, NULL, false};
    const struct host_state *state = look(call);
    struct plan *plan = state && !bridge && !journal->replaces ? plan_backwards(state, journal->plan, &refusal) : NULL;
    bool again = journal->replaces != NULL;

    journal_free(journal);
    if (!state)
        return -1;
    if (bridge || again) {
        hvsh_fail(call, "the change %s is confirmed", id);
        return bridge && !again ? hvsh_hint(call, "bridge-delete %s takes it back", bridge) : -1;
    }
    if (is_this_machine(call) < 0) {
        plan_free(plan);
        return -1;
    }
    return make_change(call, plan, &refusal, id) < 0 ? -1 : 0;
}

static int settle(hvsh_call *call, const struct pick_args *args, const char *file, const char *wanted)
{
    struct journal *journal = pick(call, args, strcmp(wanted, "undone") == 0);
    g_autofree char *state = NULL, *program = guard_program();
    unsigned int forsaken = 0;

    if (!journal)
        return -1;
    state = journal_state(journal->folder);
    if (strcmp(state, "confirmed") == 0)
        return undo_confirmed(call, journal);
    if (journal_note(journal->folder, file, "") < 0) {
        journal_free(journal);
        return hvsh_fail(call, "cannot write to the journal: %s", strerror(errno));
    }
    if (!journal_is_locked(journal->folder))
        start_detached(program, strcmp(file, "confirm") == 0 ? "keep" : "undo", journal->folder);
    /* a guard that was just started may not have its lock yet; one that is gone for long ends nothing any more */
    do {
        g_free(state);
        state = journal_state(journal->folder);
        forsaken = journal_is_locked(journal->folder) ? 0 : forsaken + 1;
    } while (journal_is_open(state) && forsaken < FORSAKEN_LOOKS && hvsh_wait(call, NULL, 0, 50) >= 0);
    if (g_str_equal(state, wanted) || (g_str_equal(wanted, "confirmed") && g_str_equal(state, "deleted"))) {
        journal_free(journal);
        return 0;
    }
    hvsh_fail(call, "the change %s is %s", journal->id, state);
    journal_free(journal);
    return -1;
}

static int confirm_run(hvsh_call *call, const void *args)
{
    return settle(call, args, "confirm", "confirmed");
}

static int undo_run(hvsh_call *call, const void *args)
{
    return settle(call, args, "undo", "undone");
}

const struct hvsh_command network_confirm = {
    .name = "network-confirm",
    .group = "hostnet",
    .help = "keep a change of this machine's network that waits to be confirmed",
    HVSH_ARGS(pick_args),
    .run = confirm_run,
    .flags = HVSH_NO_CONNECTION,
};
const struct hvsh_command network_undo = {
    .name = "network-undo",
    .group = "hostnet",
    .help = "take back a change of this machine's network",
    .description = "Without a name the one that is not confirmed, also when its guard was killed. A confirmed change of forwarding or of the firewall is "
                   "taken back by its name; a confirmed bridge by bridge-delete.",
    HVSH_ARGS(pick_args),
    .shapes = HVSH_SHAPES(&plan_shape),
    .run = undo_run,
    .flags = HVSH_NO_CONNECTION | HVSH_UNDO,
};
