/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * guard.c - hvsh-net-guard, the program that carries out a change of the host's network and takes it back when nobody confirms it.
 *
 *   hvsh-net-guard run FOLDER       carry out the journal; one that was begun already is taken back
 *   hvsh-net-guard undo FOLDER      take back what was begun
 *   hvsh-net-guard keep FOLDER      keep what waits to be confirmed, and no guard works on; take back what had not come so far
 *   hvsh-net-guard recover [boot]   take back every journal that was begun and that no guard works on; "boot": before the network is up,
 *                                   so that only files are put back
 *
 * Exit status: 0 confirmed (recover: nothing is open any more), 1 taken back, 2 not everything could be taken back, 3 usage or no journal.
 *
 * It is two processes: the worker, and its parent, which takes over when the worker is killed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <errno.h>

#include "transaction.h"

static int usage(void)
{
    fprintf(stderr, "usage: hvsh-net-guard run FOLDER | undo FOLDER | keep FOLDER | recover [boot]\n");
    return 3;
}

/* Two that were begun at the same moment both saw no other one open: the second is not carried out. */
static int run_alone(struct journal *journal)
{
    int lock = journal_lock_all(), status;

    if (lock < 0) {
        journal_note(journal->folder, "reason", "another change of the network is being made");
        journal_set_state(journal->folder, "undone");
        return 1;
    }
    status = transaction_run(journal);
    close(lock);
    return status;
}

enum deed { RUN, UNDO, KEEP };
static const char *const deeds[] = {"run", "undo", "keep"};

static int carry_out(const char *folder, enum deed deed)
{
    g_autofree char *error = NULL, *state = NULL;
    struct journal *journal = journal_read(folder, &error);
    int status;

    if (!journal) {
        fprintf(stderr, "hvsh-net-guard: %s\n", error);
        return 3;
    }
    state = journal_state(folder);
    if (deed == RUN && strcmp(state, "ready") == 0)
        status = run_alone(journal);
    else if (deed == KEEP && strcmp(state, "waiting") == 0)
        status = transaction_keep(journal);
    else if (journal_is_open(state))
        status = transaction_take_back(journal, deed == UNDO ? NULL : "the program that carried it out was stopped", false);
    else
        status = 0;
    journal_free(journal);
    return status;
}

/* Work in a child; when it does not come to an end of its own, take everything back. */
static int supervise(const char *folder, enum deed deed)
{
    int lock = journal_lock(folder), status = 0;
    pid_t worker;

    if (lock < 0) {
        fprintf(stderr, "hvsh-net-guard: another guard works on %s\n", folder);
        return 3;
    }
    worker = fork();
    if (worker == 0)
        _exit(carry_out(folder, deed));
    if (worker < 0)
        status = carry_out(folder, deed);
    else
        while (waitpid(worker, &status, 0) < 0 && errno == EINTR)
            ;
    if (worker > 0 && WIFSIGNALED(status))
        status = carry_out(folder, RUN);
    else if (worker > 0)
        status = WEXITSTATUS(status);
    close(lock);
    return status;
}

static int recover(bool boot)
{
    g_autoptr(GPtrArray) list = journal_list();
    int worst = 0;

    for (guint i = 0; i < list->len; i++) {
        const char *folder = g_ptr_array_index(list, i);
        g_autofree char *state = journal_state(folder);
        struct journal *journal;
        int lock, status = 2;

        if (!journal_is_open(state) || (lock = journal_lock(folder)) < 0)
            continue;
        journal = journal_read(folder, NULL);
        if (journal)
            status = transaction_take_back(journal, boot ? "the host was started anew before it was confirmed" : "its guard was stopped", boot);
        journal_free(journal);
        close(lock);
        printf("%s: %s\n", folder, status == 1 ? "taken back" : "could not be taken back completely");
        if (status != 1)
            worst = status;
    }
    return worst;
}

int main(int argc, char **argv)
{
    static const int deaf_to[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE};

    /* managers' programs live in the administrator's folders, and their words are read in one language */
    setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
    setenv("LC_ALL", "C", 1);
    /* a terminal that goes, and a kind word to all that is called hvsh, must not leave a change that nobody takes back */
    for (size_t i = 0; i < G_N_ELEMENTS(deaf_to); i++)
        signal(deaf_to[i], SIG_IGN);
    umask(022);
    for (size_t i = 0; argc == 3 && i < G_N_ELEMENTS(deeds); i++)
        if (strcmp(argv[1], deeds[i]) == 0)
            return supervise(argv[2], (enum deed)i);
    if (argc >= 2 && argc <= 3 && strcmp(argv[1], "recover") == 0 && (argc == 2 || strcmp(argv[2], "boot") == 0))
        return recover(argc == 3);
    return usage();
}
