/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transaction.c - apply, check, wait, take back. Every state is on disk before the deed that it announces. */
#include "transaction.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "action.h"

/* Between two looks at what is awaited. */
#define LOOK_MICROSECONDS 50000
/* For the old state to be back after taking a plan back. */
#define BACK_SECONDS 20

static gint64 seconds_from_now(unsigned int seconds)
{
    return g_get_monotonic_time() + (gint64)seconds * G_USEC_PER_SEC;
}

/* Wait until all checks hold. false: the first that does not, as a sentence. */
static bool all_hold(const GPtrArray *checks, gint64 end, char **why)
{
    for (guint i = 0; i < checks->len;) {
        g_autofree char *error = NULL;

        if (action_holds(g_ptr_array_index(checks, i), &error)) {
            i++;
        } else if (g_get_monotonic_time() >= end) {
            *why = g_steal_pointer(&error);
            return false;
        } else {
            g_usleep(LOOK_MICROSECONDS);
        }
    }
    return true;
}

static guint begun(const struct journal *journal)
{
    g_autofree char *text = journal_noted(journal->folder, "progress");

    return text ? MIN((guint)strtoul(text, NULL, 10), journal->plan->steps->len) : 0;
}

static void rescue(const struct action_context *context, const struct plan *plan)
{
    for (guint i = 0; i < plan->rescue->len; i++) {
        g_autofree char *error = NULL;

        if (action_run(context, g_ptr_array_index(plan->rescue, i), &error) < 0)
            g_printerr("%s\n", error);
    }
}

int transaction_take_back(struct journal *journal, const char *reason, bool boot)
{
    const struct plan *plan = journal->plan;
    struct action_context context = {.journal = journal->folder, .undoing = true, .boot = boot};
    g_autoptr(GString) trouble = g_string_new(NULL);
    g_autofree char *why = NULL;
    bool back = true;

    /* a second go after this one was stopped keeps the first reason */
    if (reason)
        journal_note(journal->folder, "reason", reason);
    journal_set_state(journal->folder, "undoing");
    for (guint i = begun(journal); i-- > 0;) {
        const struct step *step = g_ptr_array_index(plan->steps, i);
        g_autofree char *error = NULL;

        if (step->undo && action_run(&context, step->undo, &error) < 0) {
            g_string_append_printf(trouble, "%s\n", error);
            back = false;
        }
    }
    if (!boot) {
        put_taps_back();
        back = all_hold(plan->was, seconds_from_now(BACK_SECONDS), &why);
        if (!back) {
            g_string_append_printf(trouble, "%s\n", why);
            rescue(&context, plan);
            g_clear_pointer(&why, g_free);
            back = all_hold(plan->was, seconds_from_now(2), &why);
            g_string_append(trouble, back ? "the addresses were set by hand\n" : "the addresses could not be set by hand\n");
        }
    }
    if (trouble->len)
        journal_note(journal->folder, "trouble", trouble->str);
    journal_set_state(journal->folder, back ? "undone" : "broken");
    return back ? 1 : 2;
}

static bool confirmed(const struct journal *journal)
{
    g_autofree char *path = g_strdup_printf("%s/confirm", journal->folder);

    return access(path, F_OK) == 0;
}

static bool refused(const struct journal *journal)
{
    g_autofree char *path = g_strdup_printf("%s/undo", journal->folder);

    return access(path, F_OK) == 0;
}

int transaction_keep(struct journal *journal)
{
    /* what nobody can read later would be taken back by the next boot, and be nobody's way back */
    if (journal_set_state(journal->folder, journal->replaces ? "deleted" : "confirmed") < 0)
        return transaction_take_back(journal, "the journal cannot be written (is the disk full?)", false);
    /* a confirmed deletion ends the journal that made the bridge */
    if (journal->replaces) {
        g_autofree char *made = g_build_filename(journal_home(), journal->replaces, NULL);

        journal_set_state(made, "deleted");
    }
    return 0;
}

int transaction_run(struct journal *journal)
{
    const struct plan *plan = journal->plan;
    /* on the way back what is gone already need not be taken away */
    struct action_context context = {.journal = journal->folder, .undoing = journal->replaces != NULL};
    g_autofree char *why = NULL;
    gint64 end;

    journal_set_state(journal->folder, "applying");
    for (guint i = 0; i < plan->steps->len; i++) {
        const struct step *step = g_ptr_array_index(plan->steps, i);
        g_autofree char *number = g_strdup_printf("%u\n", i + 1);

        if (journal_note(journal->folder, "progress", number) < 0)
            return transaction_take_back(journal, "the journal cannot be written (is the disk full?)", false);
        if (step->action && action_run(&context, step->action, &why) < 0)
            return transaction_take_back(journal, why, false);
        if (refused(journal))
            return transaction_take_back(journal, "you stopped it", false);
    }
    put_taps_back();
    if (!all_hold(plan->checks, seconds_from_now(plan->patience), &why))
        return transaction_take_back(journal, why, false);
    journal_set_state(journal->folder, "waiting");
    end = seconds_from_now(journal->timeout);
    while (!journal->confirm_by_checks && !confirmed(journal)) {
        if (refused(journal))
            return transaction_take_back(journal, "it was not confirmed", false);
        if (g_get_monotonic_time() >= end) {
            g_autofree char *late = g_strdup_printf("nobody confirmed it within %u s", journal->timeout);

            return transaction_take_back(journal, late, false);
        }
        g_usleep(LOOK_MICROSECONDS);
    }
    return transaction_keep(journal);
}
