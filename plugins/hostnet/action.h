/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * action.h - what a plan's words do. The first word is the verb:
 *
 *   bridge-add NAME STP DELAY          link-delete NAME        link-up NAME       link-down NAME
 *   link-mac NAME MAC                  link-mtu NAME MTU       link-master NAME BRIDGE   link-nomaster NAME
 *   address-add LINK CIDR [VALID PREFERRED]                    address-delete LINK CIDR
 *   route-add LINK TO GATEWAY|- METRIC SOURCE|-                route-delete LINK TO GATEWAY|- METRIC SOURCE|-
 *   sysctl PATH VALUE                  file PATH MODE:UID:GID BLOB               remove PATH
 *   run PROGRAM WORDS...               run-always PROGRAM WORDS...   the second also at boot, when nothing runs yet
 *   nm-...                             NetworkManager over D-Bus, see nm_action.c
 *   firewalld-...                      firewalld over D-Bus, see firewalld.c
 *
 * and what must hold, asked again and again until it does or the time is over:
 *
 *   check-up LINK   check-mac LINK MAC   check-port LINK BRIDGE   check-address LINK CIDR|any   check-route LINK TO GATEWAY
 *   check-gateway LINK ADDRESS         check-passes BRIDGE     check-zone LINK ZONE
 *   check-neighbour LINK ADDRESS       of the administrator's session
 *   check-resolver LINK ADDRESS [in-use]   a DNS server, see resolver.c
 */
#ifndef HVSH_HOSTNET_ACTION_H
#define HVSH_HOSTNET_ACTION_H

#include <glib.h>
#include <stdbool.h>

struct action_context {
    const char *journal;       /* folder with the blobs; programs' output goes to its file "output" */
    bool undoing;              /* what is gone already need not be taken away */
    bool boot;                 /* nothing runs yet: files only */
};

/* Do it. 0, or -1 with the sentence. */
int action_run(const struct action_context *context, char *const *words, char **error);
/* Does it hold? true, or false with the sentence that says what does not. */
bool action_holds(char *const *words, char **error);

/* Write a file whole or not at all: beside it, synced, renamed. owner "MODE:UID:GID" (octal mode). 0, or -1 with errno. */
int write_whole(const char *path, const char *data, size_t size, const char *owner);

/* nm_action.c */
int nm_action(const struct action_context *context, char *const *words, char **error);

/* resolver.c */
bool resolver_holds(char *const *words, char **error);

/* firewalld.c */
int firewalld_action(const struct action_context *context, char *const *words, char **error);
bool firewall_holds(char *const *words, char **error);

#endif
