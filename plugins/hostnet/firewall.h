/* SPDX-License-Identifier: GPL-3.0-or-later */
/* firewall.h - this machine's firewalls and firewalld's zone of a bridge, and the plan that lets packets of guests on it pass. */
#ifndef HVSH_HOSTNET_FIREWALL_H
#define HVSH_HOSTNET_FIREWALL_H

#include "model.h"
#include "netfilter.h"

/* This machine as it is. */
struct firewall *firewall_probe(const struct host_state *state, const char *bridge);
struct allow_wish {
    const char *bridge;
    const char *zone;          /* firewalld's, for the bridge; NULL: as it is */
    bool runtime;
};
/* NULL after refuse(); refusal->done when all is so already. */
struct plan *plan_firewall_allow(const struct host_state *state, const struct firewall *firewall, const struct allow_wish *wish,
                                 struct refusal *refusal);
/* What firewall-allow would do, in a line; NULL: nothing is needed. To be freed. */
char *firewall_cure(const struct firewall *firewall, const char *bridge);

#endif
