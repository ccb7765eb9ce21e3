/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * child.h - a program that a command starts gets its signals as from any shell. Commands run on threads that no signal reaches, and what such
 * a thread starts would keep them blocked: a daemon that SIGTERM does not end, a program that Ctrl-C does not.
 */
#ifndef HVSH_COMMON_CHILD_H
#define HVSH_COMMON_CHILD_H

#include <glib.h>
#include <signal.h>

/* For g_spawn_*(), as the function that runs in the child. */
static inline void child_signals(gpointer unused)
{
    sigset_t none;

    (void)unused;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
}

#endif
