/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plugin.c - commands that only the tests of the prompt have: one that takes a secret, one whose completer is slow, one that waits. */
#include <stdatomic.h>
#include <unistd.h>
#include <hvsh.h>

struct vault_args { const char *name, *password; };
static const struct hvsh_field vault_args[] = {
    HVSH_TEXT(struct vault_args, name, "whose", .flags = HVSH_REQUIRED),
    HVSH_TEXT(struct vault_args, password, "the password", .flags = HVSH_REQUIRED | HVSH_SECRET),
    HVSH_END
};
struct vault_row { const char *name; };
static const struct hvsh_field vault_row[] = { HVSH_TEXT(struct vault_row, name, "whose"), HVSH_END };
static const struct hvsh_shape kept = { .kind = HVSH_MESSAGE, HVSH_ROW(vault_row), .text = "kept for {name}" };

static int vault_run(hvsh_call *call, const void *p)
{
    const struct vault_args *args = p;

    return hvsh_emit(call, &kept, &(struct vault_row){ args->name });
}
static const struct hvsh_command vault = {
    .name = "vault", .group = "prompt", .help = "take a password", HVSH_ARGS(vault_args), .shapes = HVSH_SHAPES(&kept), .run = vault_run,
    .flags = HVSH_NO_CONNECTION,
};

struct paint_args { HVSH_LIST_OF(int) with; const char *slow, *name; };
static int offer_slowly(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    (void)field;
    (void)start;
    usleep(700 * 1000);
    hvsh_offer(call, "late", NULL);
    return 0;
}
static int offer_names(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    (void)field;
    (void)start;
    hvsh_offer(call, "two words", "with a blank");
    hvsh_offer(call, "two wonders", "with a blank too");
    return 0;
}
static const struct hvsh_choice colours[] = { { "red", 1, "as roses" }, { "green", 2, "as grass" }, { "grey", 3, NULL }, { NULL, 0, NULL } };
static const struct hvsh_field paint_args[] = {
    HVSH_ENUMS(struct paint_args, with, HVSH_COMMA, "colours", .choices = colours),
    HVSH_TEXT(struct paint_args, slow, "what takes its time", .flags = HVSH_NAMED, .offer = offer_slowly),
    HVSH_TEXT(struct paint_args, name, "whose", .flags = HVSH_NAMED, .offer = offer_names),
    HVSH_END
};
static int paint_run(hvsh_call *call, const void *p)
{
    const struct paint_args *args = p;

    return hvsh_emit(call, &kept, &(struct vault_row){ args->name ? args->name : "nobody" });
}
static const struct hvsh_command paint = {
    .name = "paint", .group = "prompt", .help = "take colours", HVSH_ARGS(paint_args), .shapes = HVSH_SHAPES(&kept), .run = paint_run,
    .flags = HVSH_NO_CONNECTION,
};

static int doze_run(hvsh_call *call, const void *p)
{
    (void)p;
    return hvsh_wait(call, NULL, 0, -1) < 0 ? hvsh_fail(call, "woken by Ctrl-C") : 0;
}
static const struct hvsh_command doze = { .name = "doze", .group = "prompt", .help = "wait for Ctrl-C", .run = doze_run };

/* As a call to a host that hangs: nothing wakes it, and what would abort it hangs too. When it comes back nobody is there any more. */
static void freeze_cancel(void *unused)
{
    (void)unused;
    sleep(600);
}
static int freeze_run(hvsh_call *call, const void *p)
{
    struct vault_row row = { "nobody" };

    (void)p;
    hvsh_on_cancel(call, freeze_cancel, NULL);
    for (int i = 0; i < 40; i++)
        usleep(100 * 1000);
    return hvsh_wants(call, &kept, "name") ? hvsh_emit(call, &kept, &row) : hvsh_fail(call, "thawed");
}
static const struct hvsh_command frozen = {
    .name = "freeze", .group = "prompt", .help = "hang", .shapes = HVSH_SHAPES(&kept), .run = freeze_run,
};

/* What Ctrl-C calls, which wakes the call by itself; and once more when it is set after the Ctrl-C. */
struct heed { hvsh_call *call; atomic_int told; };
static void heed_cancel(void *p)
{
    struct heed *heed = p;

    atomic_fetch_add(&heed->told, 1);
    hvsh_wake(heed->call);
}
static int heed_run(hvsh_call *call, const void *p)
{
    struct heed heed = { .call = call };

    (void)p;
    hvsh_on_cancel(call, heed_cancel, &heed);
    while (hvsh_wait(call, NULL, 0, 20000) > 0)
        ;
    hvsh_on_cancel(call, NULL, NULL);
    hvsh_fail(call, "told %d times", atomic_load(&heed.told));
    hvsh_on_cancel(call, heed_cancel, &heed);
    hvsh_on_cancel(call, NULL, NULL);
    return hvsh_fail(call, "and %d times in all", atomic_load(&heed.told));
}
static const struct hvsh_command heed = { .name = "heed", .group = "prompt", .help = "be told of Ctrl-C", .run = heed_run };
static const struct hvsh_command heed_here = {
    .name = "heed-here", .group = "prompt", .help = "be told of Ctrl-C, with the terminal", .run = heed_run, .flags = HVSH_TERMINAL,
};

static const struct hvsh_command *const commands[] = { &vault, &paint, &doze, &frozen, &heed, &heed_here, NULL };
static const struct hvsh_group groups[] = { { "prompt", "For the tests of the prompt", 3000 }, { NULL, NULL, 0 } };
HVSH_PLUGIN(.name = "prompt", .version = "0.1", .summary = "for the tests of the prompt", .commands = commands, .groups = groups);
