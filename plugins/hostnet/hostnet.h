/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hostnet.h - what the commands of this plugin share. */
#ifndef HVSH_HOSTNET_H
#define HVSH_HOSTNET_H

#include "hvsh.h"
#include "journal.h"
#include "model.h"

extern const struct hvsh_command bridge_create, bridge_delete, bridge_list, bridge_show, link_list, forwarding, network_changes,
    network_confirm, network_undo, service_status, service_enable, service_start, firewall_check, firewall_allow,
    bridge_reattach;

/* The host as it is now, owned by the call; NULL after hvsh_fail(). */
struct host_state *look(hvsh_call *call);
/* Completers: cards that can be ports, and bridges. */
int offer_cards(hvsh_call *call, const struct hvsh_field *field, const char *start);
int offer_bridges(hvsh_call *call, const struct hvsh_field *field, const char *start);

/* The shape in which plans are previewed, and the preview. */
extern const struct hvsh_shape plan_shape, network_defined;
int show_plan(hvsh_call *call, const struct plan *plan);
/* -1 after hvsh_fail() to whoever is not root: to them no change would seem to be one. */
int may_read_journals(hvsh_call *call);
/* The plan's remarks, before it is carried out. */
void tell_notes(hvsh_call *call, const struct plan *plan);

/* ---- guests.c: a bridge and the guests on it ---- */

/* Ports beside the card that the bridge was made with: guests, mostly. 0, or -1 after hvsh_fail(). */
int refuse_guests(hvsh_call *call, const struct host_state *state, const char *bridge, const char *port);
/* May the libvirt network of that name be defined for the bridge? 0 or -1. */
int network_is_free(hvsh_call *call, const char *name, const char *bridge);
/* Define, start and keep it; its name goes into the journal that made the bridge. */
int network_for_bridge(hvsh_call *call, const char *name, const char *bridge);
/* Take it away again when it is still the bridge's. 0, or -1 after hvsh_fail(). */
int network_away(hvsh_call *call, const char *name, const char *bridge);

struct change {
    unsigned int timeout;      /* seconds */
    enum { CONFIRM_AUTO, CONFIRM_PERSON, CONFIRM_CHECKS } confirm;   /* AUTO: a person when one is at the terminal */
    const char *replaces;      /* id of the journal that this takes back */
};
/* Why there is no plan, as an error of the command. Returns -1. */
int fail_refused(hvsh_call *call, struct refusal *refusal);
/* Is the connection to this very machine, whose network is meant? 0 or -1. */
int is_this_machine(hvsh_call *call);
/* May this be done now? Root, no other change open, here or in NetworkManager. 0 or -1. */
int may_change(hvsh_call *call, const struct plan *plan);
/* A change that its checks confirm, previewed or carried out; takes the plan. NULL: the refusal is told, unless all is so already.
 * 1: all is so now, 0: it was previewed, -1 after hvsh_fail(). */
int make_change(hvsh_call *call, struct plan *plan, struct refusal *refusal, const char *replaces);
/* Carry the plan out by the guard, watch, ask, and report: 0 when it is confirmed, -1 after hvsh_fail(). Takes the plan. */
int carry_out(hvsh_call *call, struct plan *plan, const struct change *change);

#endif
