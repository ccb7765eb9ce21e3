/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sysctl.h - forwarding between networks as a plan: the kernel's switches now, and a file for the next boot. */
#ifndef HVSH_HOSTNET_SYSCTL_H
#define HVSH_HOSTNET_SYSCTL_H

#include "model.h"

#define FORWARDING_FILE "/etc/sysctl.d/99-zz-hvsh-forwarding.conf"

/* A switch of the kernel ("net/ipv4/ip_forward") as it is now; -1: there is none. */
int sysctl_now(const struct host_state *state, const char *key);

/* Does the link take routers' advertisements even while this machine forwards (accept_ra = 2)? A bridge in its place must do the same. */
bool sysctl_keeps_advertisements(const struct host_state *state, const struct netlink_link *link);

/* What the files say for the next boot, in the order in which they are read. */
struct sysctl_setting {
    int value;                 /* -1: no file says anything */
    char *file;                /* the file that has the last word */
    unsigned int line;
};
struct sysctl_setting sysctl_at_boot(const struct host_state *state, const char *key);

/* NULL after refuse(); refusal->done when all is so already, with a remark as its hint when a file says otherwise. */
struct plan *plan_forwarding(const struct host_state *state, bool on, bool four, bool six, bool runtime, struct refusal *refusal);

#endif
