/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * model.h - what a host's network is, what is wished, and the plan that leads from one to the other.
 *
 * A plan is data: ordered steps, each an action (a list of words, the first is the verb, see action.h), the action that takes it back, and
 * a text for people. The same words are the preview, the journal on disk and what the guard runs. Nothing here changes anything: the
 * planners read the recorded state and, below state->root, the files of the network managers.
 */
#ifndef HVSH_HOSTNET_MODEL_H
#define HVSH_HOSTNET_MODEL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "netlink.h"

/* Who configures a link. More than one at once is refused. */
enum owner {
    OWNER_NONE = 0,
    OWNER_IFUPDOWN = 1 << 0,
    OWNER_NETWORKD = 1 << 1,
    OWNER_NETPLAN = 1 << 2,
    OWNER_NM = 1 << 3,
    OWNER_IFCFG = 1 << 4,
};

const char *owner_name(enum owner owner);

struct host_state {
    char *root;                /* in front of every file that is read; "" on a real host */
    GPtrArray *links;          /* struct netlink_link */
    GPtrArray *addresses;      /* struct netlink_address */
    GPtrArray *routes;         /* struct netlink_route, both families */
    GHashTable *wireless;      /* names of links that are Wi-Fi */
    GHashTable *owners;        /* name -> GUINT_TO_POINTER(bits of enum owner) */
    unsigned int managers;     /* bits: managers that run here, whatever they own */
    GHashTable *answering;     /* gateways, and the other end of the session, that answer now */
    GPtrArray *resolvers;      /* char *: DNS servers that are asked now */
    GHashTable *resolving;     /* DNS servers that answer now */
    bool ifupdown2;            /* who reads /etc/network/interfaces here is ifupdown2 */
    GVariant *nm_profile;      /* a{sa{sv}}: the active profile of the port under NetworkManager; NULL: none */
    bool nm_runs;              /* NetworkManager answers */
    GVariant *nm_bridge;       /* and of a bridge that is there already */
    char *session_peer;        /* the other end of the administrator's ssh session, and this end; NULL: not by ssh */
    char *session_local;
};

struct host_state *host_state_new(const char *root);
void host_state_free(struct host_state *state);

struct netlink_link *host_link(const struct host_state *state, const char *name);
struct netlink_link *host_link_at(const struct host_state *state, int index);
enum owner host_owners(const struct host_state *state, const char *name);
/* Is there something of that name below the root? */
bool host_has(const struct host_state *state, const char *path);
/* The text of a file below the root; NULL when it cannot be read. */
char *host_file(const struct host_state *state, const char *path);
/* The address was given for ever by a person or a manager: not by DHCP or router advertisement, not link-local. */
bool host_address_is_static(const struct netlink_address *address);
/* Is the address in a network that the link has an address in? */
bool host_is_near(const struct host_state *state, const struct netlink_link *link, const char *address);
/* A route that someone set: unicast, main table, not made by the kernel, not learnt from a router. */
bool host_route_is_set(const struct netlink_route *route);

/* ---- What is wished ---- */

enum address_mode {
    ADDRESS_TAKE,              /* the bridge takes over what the port has */
    ADDRESS_STATIC,
    ADDRESS_DHCP,
    ADDRESS_NONE,
    ADDRESS_KEEP,              /* a bridge that was there has its own, and the port has none */
};

struct bridge_wish {
    const char *bridge;
    const char *port;          /* NULL: a bridge without a card (guests among themselves) */
    enum address_mode mode;
    const char *const *addresses;  /* STATIC: CIDRs, NULL-terminated */
    const char *const *gateways;   /* one of each family at most */
    const char *const *dns;
    const char *const *search;
    const char *mac;           /* NULL: the port's */
    bool stp;
    unsigned int forward_delay;
    bool runtime;              /* only now, nothing on disk */
    enum owner manager;        /* asked for by name; OWNER_NONE with manager_given: none */
    bool manager_given;
};

/* ---- The plan ---- */

struct step {
    char *text;                /* "create bridge br0" */
    char **action;             /* NULL: nothing to do, something to undo */
    char **undo;               /* NULL: nothing to undo */
    char *change;              /* the difference in a file, line by line; NULL: none */
};

struct plan {
    char *what;                /* "put nic0 into the new bridge br0" */
    char *bridge;
    char *port;                /* NULL: none */
    bool adopted;              /* the bridge was there before, and stays */
    bool loses_session;        /* the administrator's, so that checks alone cannot know that all is well */
    char *serves;              /* no bridge is made or deleted, but this one is served by it; NULL: none */
    char *how;                 /* "systemd-networkd", "ifupdown", ... */
    bool persistent;
    GPtrArray *steps;          /* struct step */
    GPtrArray *checks;         /* char **: what must hold afterwards */
    GPtrArray *was;            /* char **: what holds now, and again after everything was taken back */
    GPtrArray *rescue;         /* char **: the last resort when it does not */
    GPtrArray *blobs;          /* GBytes: texts of files, named by their index in actions */
    GPtrArray *notes;          /* char *: what the person should know */
    unsigned int outage;       /* milliseconds without network that are expected */
    unsigned int patience;     /* seconds for the checks to hold */
};

struct plan *plan_new(const char *bridge, const char *port);
void plan_free(struct plan *plan);

struct step *plan_step(struct plan *plan, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Words end with NULL. */
void step_do(struct step *step, ...) G_GNUC_NULL_TERMINATED;
void step_undo(struct step *step, ...) G_GNUC_NULL_TERMINATED;
void plan_check(struct plan *plan, ...) G_GNUC_NULL_TERMINATED;
void plan_was(struct plan *plan, ...) G_GNUC_NULL_TERMINATED;
void plan_rescue(struct plan *plan, ...) G_GNUC_NULL_TERMINATED;
void plan_note(struct plan *plan, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* A step that gives a file new contents (NULL: removes it), and its old ones back. Reads the old ones below the root. */
void plan_file(struct plan *plan, const struct host_state *state, const char *path, const char *text, unsigned int mode);

/* When that file was written by cloud-init: a step that has it let the network alone from now on. */
void plan_tell_cloud_init(struct plan *plan, const struct host_state *state, const char *path);

/* The lines that differ, "-" and "+" in front, with up to one line of context between. */
char *text_difference(const char *before, const char *after);

/* Why there is no plan. */
struct refusal {
    char *sentence;
    char *hint;                /* what to do instead (done: a remark); may be NULL */
    bool done;                 /* no error: everything is as wished already */
};
void refusal_clear(struct refusal *refusal);
/* Sets the sentence; always NULL, so that planners return it. */
struct plan *refuse(struct refusal *refusal, const char *hint, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* The plan to make a bridge; NULL when it is refused. */
struct plan *plan_bridge_create(const struct host_state *state, const struct bridge_wish *wish, struct refusal *refusal);
/* The plan that takes a confirmed one back: its steps backwards. The files it wrote must still be as it wrote them. */
struct plan *plan_backwards(const struct host_state *state, const struct plan *made, struct refusal *refusal);
/* A bridge that nothing but the kernel knows. */
struct plan *plan_bridge_delete_runtime(const struct host_state *state, const char *bridge, struct refusal *refusal);

/* ---- A bridge that is there already, in adopt.c ---- */

/* May the port be put into it, as far as the bridge itself goes? false after refuse(), which is `done` when all is as wished. */
bool bridge_can_be_adopted(const struct host_state *state, const struct bridge_wish *wish, const struct netlink_link *port,
                           const struct netlink_link *bridge, struct refusal *refusal);
struct backend;
/* Does this manager have it, and know the way? */
bool backend_adopts(const struct host_state *state, const struct bridge_wish *wish, const struct backend *backend, struct refusal *refusal);
/* The wish as it is for that bridge. */
struct bridge_wish wish_for_adopted(const struct host_state *state, const struct bridge_wish *wish, const struct netlink_link *port,
                                    const struct netlink_link *bridge);

/* ---- Guests' interfaces, in taps.c ---- */

struct guest_tap {
    char *guest;
    char *name;                /* "vnet0" */
    char *bridge;              /* where libvirt put it */
};
/* Those of all running guests. */
GPtrArray *guest_taps(const char *root);
/* "vnet0 of web, vnet1 of mail": those that belong to the bridge and are a port of nothing. NULL: none. */
char *lost_taps(const struct host_state *state, const char *bridge);
/* bridge NULL: all of them. NULL after refuse(). */
struct plan *plan_reattach(const struct host_state *state, const char *bridge, struct refusal *refusal);
/* At once, on this machine, without a word: what a plan that remakes a bridge owes them. */
void put_taps_back(void);

/* What an action does, or a check asks, as a person reads it. In words.c. */
char *words_text(char *const *words);
/* The whole plan with its checks as they are written down. */
char *plan_text(const struct plan *plan);

/* ---- Backends: a manager's way to a bridge; each file of this folder that bears its name ---- */

struct backend {
    enum owner owner;
    const char *name;          /* as --manager takes it */
    const char *title;         /* as people call it */
    bool persistent;
    bool adopts;               /* create() takes a bridge that is there: host_link(state, wish->bridge) */
    unsigned int outage;       /* milliseconds, see plan */
    /* Add the steps. `port` and `mac` are checked and set. false after refuse(). */
    bool (*create)(const struct host_state *state, const struct bridge_wish *wish, const struct netlink_link *port, const char *mac,
                   struct plan *plan, struct refusal *refusal);
};

/* In ifupdown.c: has /etc/network/interfaces, or what it includes, a stanza of this link? */
bool interfaces_mention(const struct host_state *state, const char *name);

/* In nm.c: the uuid of the profile that is active on a link; NULL: none. */
char *nm_active_uuid(const struct host_state *state, const struct netlink_link *link);

extern const struct backend backend_none, backend_networkd, backend_ifupdown, backend_nm, backend_netplan, backend_ifcfg;
const struct backend *backend_of(enum owner owner);

#endif
