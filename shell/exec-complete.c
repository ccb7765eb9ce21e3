/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * exec-complete.c - candidates for the word at the end of a half-typed line. What needs a hypervisor is asked by a worker; the prompt waits
 * a moment only, and what comes late is kept for the next TAB.
 */
#include "exec.h"

#include <errno.h>
#include <string.h>
#include "plugin.h"
#include "tty.h"
#include "util.h"

static void candidate_clear(void *p)
{
    struct candidate *candidate = p;

    g_free(candidate->word);
    g_free(candidate->note);
}

GArray *candidates_new(void)
{
    GArray *candidates = g_array_new(FALSE, TRUE, sizeof(struct candidate));

    g_array_set_clear_func(candidates, candidate_clear);
    return candidates;
}

void candidates_free(GArray *candidates)
{
    if (candidates)
        g_array_unref(candidates);
}

void candidates_add(GArray *candidates, const char *word, const char *note)
{
    struct candidate candidate = {.word = g_strdup(word), .note = g_strdup(note)};

    g_array_append_val(candidates, candidate);
}

static int by_word(const void *a, const void *b)
{
    return strcmp(((const struct candidate *)a)->word, ((const struct candidate *)b)->word);
}

/* Each word once; sorted, but for options, whose table has the order that makes sense. */
static GArray *tidy(GArray *candidates, bool sort)
{
    if (sort)
        g_array_sort(candidates, by_word);
    for (unsigned int i = 1; i < candidates->len;) {
        if (strcmp(g_array_index(candidates, struct candidate, i).word, g_array_index(candidates, struct candidate, i - 1).word) == 0)
            g_array_remove_index(candidates, i);
        else
            i++;
    }
    return candidates;
}

/* ---- without a hypervisor ------------------------------------------------------------------------------------------------- */

static void offer_commands(const char *start, GArray *out)
{
    g_auto(GStrv) aliases = plugin_alias_names();

    for (const char *const *name = plugin_command_names(); *name; name++) {
        const struct hvsh_command *def = plugin_command_def(*name);

        if (!(def->flags & HVSH_HIDDEN) && g_str_has_prefix(*name, start))
            candidates_add(out, *name, def->help);
    }
    for (char **alias = aliases; alias && *alias; alias++)
        if (g_str_has_prefix(*alias, start))
            candidates_add(out, *alias, plugin_alias(*alias));
}

/* Would a rule be broken by this option beside what was given? */
static bool excluded(const struct expected *expected, const char *name)
{
    const struct command *command = expected->command;

    for (unsigned int r = 0; command->rules[r]; r++) {
        const struct hvsh_field *rule = command->rules[r];
        g_auto(GStrv) others = NULL;
        bool first = strcmp(rule->name, name) == 0;

        if (rule->type->kind != HVSH_KIND_EXCLUDES)
            continue;
        others = g_strsplit(rule->other, " ", -1);
        if (!first && !g_strv_contains((const char *const *)others, name))
            continue;
        for (unsigned int i = 0; i < expected->given->len; i++) {
            const char *given = command->args[g_array_index(expected->given, struct given, i).field]->name;

            if (first ? g_strv_contains((const char *const *)others, given) : strcmp(rule->name, given) == 0)
                return true;
        }
    }
    return false;
}

static void offer_options(const struct expected *expected, const char *start, GArray *out)
{
    const struct command *command = expected->command;
    static const struct candidate common[] = {{(char *)"--json", (char *)"the result as JSON"}, {(char *)"--help", (char *)"help for this command"}};

    for (unsigned int i = 0; i < command->nargs; i++) {
        const struct hvsh_field *field = command->args[i];
        g_autofree char *option = g_strconcat("--", field->name, NULL);

        if (!(field->flags & HVSH_HIDE) && g_str_has_prefix(option, start) && !line_taken(expected, i) && !excluded(expected, field->name))
            candidates_add(out, option, field->help);
    }
    /* what every command takes is offered only to who asks for it: virsh's lists stay virsh's */
    for (size_t i = 0; i < G_N_ELEMENTS(common); i++)
        if (strlen(start) > 2 && g_str_has_prefix(common[i].word, start))
            candidates_add(out, common[i].word, common[i].note);
}

static void add_file(const char *path, void *out)
{
    candidates_add(out, path, NULL);
}

/* ---- with one: asked on a worker ---------------------------------------------------------------------------------------------- */

/* One question to a completer, shared by the worker and who waits. */
struct inquiry {
    atomic_int refs;
    GMutex lock;
    GCond ended;
    bool done;
    hvsh_call *call;
    const struct hvsh_field *field;
    char *start;
    GArray *candidates;
};

static void inquiry_unref(struct inquiry *inquiry)
{
    if (atomic_fetch_sub(&inquiry->refs, 1) != 1)
        return;
    g_mutex_clear(&inquiry->lock);
    g_cond_clear(&inquiry->ended);
    call_unref(inquiry->call);
    g_free(inquiry->start);
    candidates_free(inquiry->candidates);
    g_free(inquiry);
}

static void take_offer(hvsh_call *call, const char *word, const char *note)
{
    struct inquiry *inquiry = call->hooks_data;

    /* not every completer looks at what was typed */
    if (g_str_has_prefix(word, inquiry->start))
        candidates_add(inquiry->candidates, word, note);
}

static const struct call_hooks offer_hooks = {.offer = take_offer};

static void inquire(void *p)
{
    struct inquiry *inquiry = p;

    call_offer(inquiry->call, inquiry->field, inquiry->start);
    call_finish(inquiry->call);
    g_mutex_lock(&inquiry->lock);
    inquiry->done = true;
    g_cond_signal(&inquiry->ended);
    g_mutex_unlock(&inquiry->lock);
    inquiry_unref(inquiry);
}

/* Does asking take a hypervisor, or may it block? Words of an enumeration are just there. */
static bool is_quick(const struct hvsh_field *field)
{
    return !field->offer && (field->type->kind < HVSH_KIND_DOMAIN || field->type->kind > HVSH_KIND_CONNECTION);
}

/* Whatever could not be answered in time goes on alone: it fills the connection's cache of names. False: that was so. */
static bool offer_values(const struct expected *expected, const char *start, int timeout, GArray *out)
{
    struct match match = {.command = expected->command, .given = expected->given};
    struct inquiry *inquiry = g_new0(struct inquiry, 1);
    bool done;

    atomic_init(&inquiry->refs, 2);
    g_mutex_init(&inquiry->lock);
    g_cond_init(&inquiry->ended);
    inquiry->call = call_new(expected->command, &match, conn_current());
    inquiry->call->match = NULL;
    inquiry->call->hooks = &offer_hooks;
    inquiry->call->hooks_data = inquiry;
    inquiry->call->quiet_lookup = true;
    inquiry->field = expected->field;
    inquiry->start = g_strdup(start);
    inquiry->candidates = candidates_new();
    if (is_quick(expected->field) || loop_start() < 0 || worker_run("complete", inquire, NULL, inquiry) < 0)
        inquire(inquiry);
    g_mutex_lock(&inquiry->lock);
    if (timeout < 0) {
        while (!inquiry->done)
            g_cond_wait(&inquiry->ended, &inquiry->lock);
    } else {
        int64_t end = g_get_monotonic_time() + (int64_t)timeout * 1000;

        while (!inquiry->done && g_cond_wait_until(&inquiry->ended, &inquiry->lock, end))
            ;
    }
    for (unsigned int i = 0; inquiry->done && i < inquiry->candidates->len; i++) {
        const struct candidate *candidate = &g_array_index(inquiry->candidates, struct candidate, i);

        candidates_add(out, candidate->word, candidate->note);
    }
    done = inquiry->done;
    g_mutex_unlock(&inquiry->lock);
    inquiry_unref(inquiry);
    return done;
}

/* ---- both ---------------------------------------------------------------------------------------------------------------------------- */

/* Words of the line that come before the value proper ("--opt=", earlier members of a comma list) go before each candidate. */
static void put_before(GArray *candidates, const char *word, size_t length)
{
    for (unsigned int i = 0; length && i < candidates->len; i++) {
        struct candidate *candidate = &g_array_index(candidates, struct candidate, i);
        char *whole = g_strdup_printf("%.*s%s", (int)length, word, candidate->word);

        g_free(candidate->word);
        candidate->word = whole;
    }
}

/* What the comma list has already is not offered for it again; "name=" is there with any value. */
static void drop_members(GArray *candidates, const struct expected *expected)
{
    g_autofree char *before = g_strndup(expected->word + expected->list_start, expected->value_start - expected->list_start);
    g_auto(GStrv) members = g_strsplit(before, ",", -1);

    for (unsigned int i = candidates->len; i-- > 0;) {
        const char *word = g_array_index(candidates, struct candidate, i).word;
        bool there = false;

        for (char **member = members; *member && !there; member++)
            there = strcmp(*member, word) == 0 || (g_str_has_suffix(word, "=") && g_str_has_prefix(*member, word));
        if (there)
            g_array_remove_index(candidates, i);
    }
}

static GArray *candidates_for(const struct expected *expected, int timeout, bool *late)
{
    GArray *out = candidates_new();

    *late = false;
    switch (expected->kind) {
    case EXPECT_COMMAND:
        offer_commands(expected->word, out);
        break;
    case EXPECT_OPTION:
        offer_options(expected, expected->word, out);
        break;
    case EXPECT_FILE:
        util_each_file(expected->word, add_file, out);
        break;
    case EXPECT_VALUE:
        *late = !offer_values(expected, expected->word + expected->value_start, timeout, out);
        if (expected->value_start > expected->list_start)
            drop_members(out, expected);
        put_before(out, expected->word, expected->value_start);
        /* nobody knows what may stand here: then at least the options are offered, where one may stand too */
        if (!out->len && !*expected->word && !expected->named && expected->command && is_quick(expected->field))
            offer_options(expected, "", out);
        break;
    case EXPECT_NOTHING:
        break;
    }
    return tidy(out, expected->kind != EXPECT_OPTION);
}

GArray *exec_complete(const char *text, enum line_syntax syntax, int timeout, struct expected *expected, bool *late)
{
    line_expect(text, syntax, plugin_lookup(), expected);
    return candidates_for(expected, timeout, late);
}

GArray *exec_complete_argv(const char *const words[])
{
    struct expected expected;
    GArray *candidates;
    bool late;

    line_expect_argv(words, plugin_lookup(), &expected);
    candidates = candidates_for(&expected, -1, &late);
    /* the system's shells know files better */
    expected_clear(&expected);
    return candidates;
}
