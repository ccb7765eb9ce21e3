/* SPDX-License-Identifier: GPL-3.0-or-later */
/* probe.h - look at this host: the kernel's links, addresses and routes, Wi-Fi, and who configures what. Changes nothing. */
#ifndef HVSH_HOSTNET_PROBE_H
#define HVSH_HOSTNET_PROBE_H

#include "model.h"

/* NULL with the sentence. root: in front of the files that are read, NULL on a real host. */
struct host_state *probe_host(const char *root, char **error);
/* Who configures each link, by what the managers leave below /run. */
void probe_owners(struct host_state *state);
/* Ask the port's default gateways, up to a second, and the other end of the session, when it is in the same LAN; remember those that answer. */
void probe_neighbours(struct host_state *state, const char *port);
/* The DNS servers that the host asks; those that only another link reaches are left out. In resolver.c. */
void read_resolvers(struct host_state *state, const char *link);
/* And which of them answer now, of `more` (may be NULL) too: a second each at most. */
void probe_resolvers(struct host_state *state, const char *link, const char *const *more);
/* What NetworkManager has for the port, and for a bridge that is there: their active profiles. In nm_action.c. */
void probe_nm_profiles(struct host_state *state, const char *port, const char *bridge);
/* Is someone else changing what NetworkManager has? A sentence and a hint, or false. In nm_action.c. */
bool probe_nm_checkpoint(char **sentence, char **hint);
/* Does another host in the LAN of this card have the address? Asked by ARP, up to a second; its MAC address (to be freed) or NULL. */
char *probe_address_in_use(const struct host_state *state, const char *port, const char *cidr);

#endif
