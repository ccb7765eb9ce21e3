/* SPDX-License-Identifier: GPL-3.0-or-later */
/* job.h - long calls of libvirt's: how far the domain's job is, and its end by Ctrl-C. */
#ifndef COMMON_JOB_H
#define COMMON_JOB_H

#include "hvsh.h"

struct job_watch {
    const char *progress; /* "Save": what the bar says; of a call that starts a domain: once it takes long, and how long, for libvirt tells no more */
    /* On another thread, some times a second and whenever the call is woken: nanoseconds since the job was first seen at work; 0: it is not
     * at work now. */
    void (*look)(void *arg, uint64_t age);
    void *arg;
    /* Of a call that starts a domain: the one that it starts, a reference; NULL: there is none yet. On another thread. */
    virDomainPtr (*starts)(const void *args);
};

/*
 * Run a long call of libvirt's, job(args), that Ctrl-C ends by aborting the domain's job; once the job lets nobody abort it any more, that
 * is said, and waited for. A domain that is still being started is destroyed again: its job can neither be looked at nor aborted. Returns
 * what the call returned; libvirt's error is kept.
 */
int domain_job(hvsh_call *call, virDomainPtr domain, const struct job_watch *watch, int (*job)(const void *args), const void *args);

/* After its failure: what state a job leaves that Ctrl-C has ended, or that nobody sees the end of. `what` is what there is not ("saved
 * state"); NULL: it left nothing. Returns -1. */
int domain_job_left(hvsh_call *call, virDomainPtr domain, const char *what);

#endif
