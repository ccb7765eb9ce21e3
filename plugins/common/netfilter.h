/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * netfilter.h - what this machine's firewalls do to packets of guests on a bridge.
 *
 * Frames that a bridge hands from one port to another pass a firewall in two ways: tables of the bridge family always see them; the IP
 * tables see them as forwarded packets when br_netfilter is loaded and its switch is on (docker and Kubernetes turn it on), and then
 * every chain at that hook must let them through, whoever made it.
 */
#ifndef HVSH_COMMON_NETFILTER_H
#define HVSH_COMMON_NETFILTER_H

#include <glib.h>
#include <stdbool.h>

enum verdict {
    VERDICT_NONE,              /* goes on with the next rule; a chain that ends so returns */
    VERDICT_ACCEPT,
    VERDICT_DROP,              /* or reject */
    VERDICT_RETURN,
    VERDICT_JUMP,
    VERDICT_GOTO,
};

/* A rule as far as a packet from the bridge to itself is concerned. What it says about other things makes it `selective`: it takes some
 * packets only, and nothing is concluded from it. */
struct firewall_rule {
    char *in, *out;            /* names of links; "br*" all that begin so; NULL: any */
    bool not_in, not_out;      /* all but those */
    bool bridged;              /* packets that are bridged */
    bool selective;
    enum verdict verdict;
    char *target;              /* JUMP and GOTO: the chain */
};

struct firewall_chain {
    char *table;               /* "ip filter", "inet firewalld", "bridge filter"; "legacy ip filter": of iptables before nftables */
    char *name;
    bool forwards;             /* a base chain at the hook of forwarded packets */
    enum verdict policy;
    GPtrArray *rules;          /* struct firewall_rule */
};

struct firewall {
    int filter4, filter6;      /* net.bridge.bridge-nf-call-iptables and -ip6tables; -1: br_netfilter is not loaded */
    GPtrArray *chains;         /* struct firewall_chain */
    GHashTable *by_name;       /* the same by table and name: Kubernetes makes thousands */
    char *unread;              /* why the rules could not be read; NULL: they were */
    bool firewalld;            /* it runs */
    char *zone;                /* firewalld: that of the bridge; NULL: unknown */
    bool zone_by_default;      /* because it is in none */
    bool forwards_kept;        /* on disk that zone forwards within itself, whatever it does now */
    GPtrArray *zones;          /* char *: all of them */
};

struct firewall *firewall_new(void);
void firewall_free(struct firewall *firewall);
struct firewall_chain *firewall_add_chain(struct firewall *firewall, const char *table, const char *name);
struct firewall_rule *firewall_add_rule(struct firewall_chain *chain);
struct firewall_chain *firewall_chain(const struct firewall *firewall, const char *table, const char *name);
/* What `iptables -S` prints, of one table. */
void firewall_read_iptables(struct firewall *firewall, const char *table, const char *text);

/* A match of iptables, with what it is told; a target that is neither a chain nor a verdict. */
void firewall_rule_match(struct firewall_rule *rule, const char *name, const void *data, size_t length);
void firewall_rule_target(struct firewall_rule *rule, const char *name);

/* The rules as the kernel has them, by netlink and, where iptables keeps its own as it did before nftables, from there. 0 or -errno. */
int firewall_read_nftables(struct firewall *firewall);
int firewall_read_legacy(struct firewall *firewall);
/* All of this machine's, and its switches; of a host that was recorded in the folder `root` (NULL, "": it is this one) what is there. Nothing
 * of firewalld's own. No program is started. */
struct firewall *firewall_read(const char *root);

/* The base chain that drops packets that the bridge hands on, and where; `from`: the first to look at, counted on. NULL: there is none. */
const struct firewall_chain *firewall_next_drop(const struct firewall *firewall, const char *bridge, guint *from, char **where);
/* Do packets that the bridge hands on pass? NULL: yes; else the first that drops them, "ip filter FORWARD (policy)". To be freed. */
char *firewall_dropped_by(const struct firewall *firewall, const char *bridge);

#endif
