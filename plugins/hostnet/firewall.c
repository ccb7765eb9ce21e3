/* SPDX-License-Identifier: GPL-3.0-or-later */
/* firewall.c - the plan that lets packets of guests on a bridge pass. */
#include "firewall.h"

#include <string.h>

#include "sysctl.h"

#define FILTER4 "net/bridge/bridge-nf-call-iptables"
#define FILTER6 "net/bridge/bridge-nf-call-ip6tables"
#define SWITCH_FILE "/etc/sysctl.d/90-hvsh-bridge.conf"
#define SWITCH_RULE "/etc/udev/rules.d/90-hvsh-bridge.rules"

/* Someone needs br_netfilter's switch on: turning it off would open their containers to each other, or cut them off. */
static const char *who_needs_switch(const struct firewall *firewall)
{
    for (guint i = 0; i < firewall->chains->len; i++) {
        const struct firewall_chain *chain = g_ptr_array_index(firewall->chains, i);

        if (g_str_has_prefix(chain->name, "DOCKER"))
            return "docker";
        if (g_str_has_prefix(chain->name, "KUBE-") || g_str_has_prefix(chain->name, "CNI-") || g_str_has_prefix(chain->name, "cali-"))
            return "Kubernetes";
    }
    return NULL;
}

/* "iptables" or "ip6tables" when the table is one that these programs keep. */
static const char *program_of(const char *table)
{
    if (g_str_has_prefix(table, "legacy "))
        table += strlen("legacy ");
    return strcmp(table, "ip filter") == 0 ? "iptables" : strcmp(table, "ip6 filter") == 0 ? "ip6tables" : NULL;
}

static bool is_dockers(const struct firewall *firewall, const struct firewall_chain *chain)
{
    return program_of(chain->table) && firewall_chain(firewall, chain->table, "DOCKER-USER");
}

static bool is_firewallds(const struct firewall *firewall, const struct firewall_chain *chain)
{
    return strcmp(chain->table, "inet firewalld") == 0 && firewall->zone;
}

static void turn_switch_off(const struct host_state *state, const struct firewall *firewall, bool runtime, struct plan *plan)
{
    static const char *const keys[] = {FILTER4, FILTER6};

    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_autofree char *name = g_strdelimit(g_strdup(keys[i]), "/", '.');
        struct step *step;

        if ((i ? firewall->filter6 : firewall->filter4) <= 0)
            continue;
        step = plan_step(plan, "%s = 0 (is 1)", name);
        step_do(step, "sysctl", keys[i], "0", NULL);
        step_undo(step, "sysctl", keys[i], "1", NULL);
    }
    if (runtime)
        return;
    plan_file(plan, state, SWITCH_FILE,
              "# made by hvsh: firewall-allow\n"
              "net.bridge.bridge-nf-call-iptables = 0\nnet.bridge.bridge-nf-call-ip6tables = 0\n",
              0644);
    /* the switches are there once the module is, which may be long after the files were read */
    plan_file(plan, state, SWITCH_RULE,
              "# made by hvsh: firewall-allow\n"
              "ACTION==\"add\", SUBSYSTEM==\"module\", KERNEL==\"br_netfilter\", RUN+=\"/lib/systemd/systemd-sysctl --prefix=/net/bridge\"\n",
              0644);
}

static void add_to_docker(const struct host_state *state, const char *program, const char *bridge, bool runtime, struct plan *plan)
{
    struct step *step = plan_step(plan, "%s -I DOCKER-USER -i %s -o %s -j ACCEPT", program, bridge, bridge);
    g_autofree char *path = g_strdup_printf("/etc/systemd/system/docker.service.d/hvsh-%s-%s.conf", bridge, program), *text = NULL;

    step_do(step, "run", program, "-w", "-I", "DOCKER-USER", "-i", bridge, "-o", bridge, "-j", "ACCEPT", NULL);
    step_undo(step, "run", program, "-w", "-D", "DOCKER-USER", "-i", bridge, "-o", bridge, "-j", "ACCEPT", NULL);
    if (runtime)
        return;
    text = g_strdup_printf("# made by hvsh: firewall-allow %s\n[Service]\nExecStartPost=-/bin/sh -c '"
                           "%s -w -C DOCKER-USER -i %s -o %s -j ACCEPT || %s -w -I DOCKER-USER -i %s -o %s -j ACCEPT'\n",
                           bridge, program, bridge, bridge, program, bridge, bridge);
    if (!host_has(state, "/run/systemd/system")) {
        plan_file(plan, state, path, text, 0644);
        return;
    }
    /* systemd reads its files after they changed, there and back */
    step_undo(plan_step(plan, "let systemd read its files"), "run", "systemctl", "daemon-reload", NULL);
    plan_file(plan, state, path, text, 0644);
    step_do(plan_step(plan, "let systemd read its files (systemctl daemon-reload)"), "run", "systemctl", "daemon-reload", NULL);
}

/* Repair what drops the packets one by one. false after refuse(). */
static bool repair_each(const struct host_state *state, const struct firewall *firewall, const struct allow_wish *wish, struct plan *plan,
                        struct refusal *refusal)
{
    const struct firewall_chain *chain;
    bool zone_done = false;
    char *found = NULL;
    guint from = 0;

    while ((chain = firewall_next_drop(firewall, wish->bridge, &from, &found))) {
        g_autofree char *where = g_steal_pointer(&found);

        if (is_dockers(firewall, chain)) {
            add_to_docker(state, program_of(chain->table), wish->bridge, wish->runtime, plan);
        } else if (is_firewallds(firewall, chain)) {
            const char *zone = wish->zone ? wish->zone : firewall->zone;
            struct step *step;
            bool keep = !wish->runtime && !firewall->forwards_kept;

            if (zone_done)
                continue;
            zone_done = true;
            step = plan_step(plan, "let firewalld's zone %s forward within itself", zone);
            step_do(step, "firewalld-forward", zone, "yes", "runtime", NULL);
            step_undo(step, "firewalld-forward", zone, "no", "runtime", NULL);
            if (!keep)
                continue;
            step = plan_step(plan, "the same on disk");
            step_do(step, "firewalld-forward", zone, "yes", "permanent", NULL);
            step_undo(step, "firewalld-forward", zone, "no", "permanent", NULL);
        } else {
            const char *program = program_of(chain->table);
            g_autofree char *hint = program ? g_strdup_printf("%s -I %s -i %s -o %s -j ACCEPT, where that firewall keeps its rules", program, chain->name,
                                                              wish->bridge, wish->bridge)
                                            : g_strdup_printf("add 'iifname %s oifname %s accept' to that chain where it is kept (/etc/nftables.conf)",
                                                              wish->bridge, wish->bridge);

            refuse(refusal, hint, "packets on %s are dropped by %s, which this command does not keep", wish->bridge, where);
            return false;
        }
    }
    return true;
}

/* The bridge's zone: kept by NetworkManager's profile where there is one, by firewalld itself elsewhere. */
static bool change_zone(const struct host_state *state, const struct firewall *firewall, const struct allow_wish *wish, struct plan *plan,
                        struct refusal *refusal)
{
    const char *old = firewall->zone && !firewall->zone_by_default ? firewall->zone : "-";
    struct step *step;

    if (!firewall->firewalld) {
        refuse(refusal, "leave --zone out, or start it: service-start firewalld", "firewalld does not run here, and zones are its own");
        return false;
    }
    for (guint i = 0; i <= firewall->zones->len; i++) {
        if (i == firewall->zones->len) {
            g_autoptr(GString) names = g_string_new("zones are");

            for (guint z = 0; z < firewall->zones->len; z++)
                g_string_append_printf(names, "%s %s", z ? "," : "", (const char *)g_ptr_array_index(firewall->zones, z));
            refuse(refusal, names->str, "firewalld has no zone '%s'", wish->zone);
            return false;
        }
        if (strcmp(g_ptr_array_index(firewall->zones, i), wish->zone) == 0)
            break;
    }
    if (strcmp(old, wish->zone) == 0)
        return true;
    step = plan_step(plan, "%s into firewalld's zone %s (is in %s)", wish->bridge, wish->zone, firewall->zone ? firewall->zone : "none");
    if ((host_owners(state, wish->bridge) & OWNER_NM) && !wish->runtime) {
        step_do(step, "nm-zone", wish->bridge, wish->zone, NULL);
        step_undo(step, "nm-zone", wish->bridge, old, NULL);
    } else {
        step_do(step, "firewalld-zone", wish->bridge, wish->zone, wish->runtime ? "runtime" : "permanent", NULL);
        step_undo(step, "firewalld-zone", wish->bridge, old, wish->runtime ? "runtime" : "permanent", NULL);
    }
    plan_check(plan, "check-zone", wish->bridge, wish->zone, NULL);
    return true;
}

struct plan *plan_firewall_allow(const struct host_state *state, const struct firewall *firewall, const struct allow_wish *wish,
                                 struct refusal *refusal)
{
    const struct netlink_link *link = host_link(state, wish->bridge);
    g_autofree char *where = firewall_dropped_by(firewall, wish->bridge);
    const char *needed_by = who_needs_switch(firewall);
    struct plan *plan;

    if (!link)
        return refuse(refusal, "bridge-list shows the bridges", "this host has no bridge '%s'", wish->bridge);
    if (g_strcmp0(link->kind, "bridge") != 0)
        return refuse(refusal, "bridge-list shows the bridges", "%s is no bridge", wish->bridge);
    if (firewall->unread)
        return refuse(refusal, "do it as root", "the firewall's rules cannot be read: %s", firewall->unread);
    plan = plan_new(NULL, NULL);
    plan->what = g_strdup_printf("let guests on %s through the firewall", wish->bridge);
    plan->how = g_strdup(firewall->firewalld ? "firewalld" : needed_by && where ? "iptables" : "the kernel's switches");
    plan->persistent = !wish->runtime;
    plan->serves = g_strdup(wish->bridge);
    if (wish->zone && !change_zone(state, firewall, wish, plan, refusal))
        goto refused;
    if (where && g_str_has_prefix(where, "bridge ")) {
        refuse(refusal, "add an accept to that chain where it is kept (/etc/nftables.conf)",
               "frames on %s are dropped by %s, a table for bridges that someone made on purpose", wish->bridge, where);
        goto refused;
    }
    if (where && !needed_by)
        turn_switch_off(state, firewall, wish->runtime, plan);
    else if (where && !repair_each(state, firewall, wish, plan, refusal))
        goto refused;
    if (!plan->steps->len) {
        refuse(refusal, NULL, "packets of guests on %s pass already", wish->bridge);
        refusal->done = true;
        goto refused;
    }
    if (where && needed_by)
        plan_note(plan, "%s needs br_netfilter's switch, so it stays on and %s is let through", needed_by, wish->bridge);
    plan_check(plan, "check-passes", wish->bridge, NULL);
    return plan;
refused:
    plan_free(plan);
    return NULL;
}

char *firewall_cure(const struct firewall *firewall, const char *bridge)
{
    bool needed = who_needs_switch(firewall), found = false;
    const struct firewall_chain *chain;
    char *where = NULL;
    guint from = 0;

    while ((chain = firewall_next_drop(firewall, bridge, &from, &where))) {
        g_clear_pointer(&where, g_free);
        found = true;
        if (g_str_has_prefix(chain->table, "bridge ") || (needed && !is_dockers(firewall, chain) && !is_firewallds(firewall, chain)))
            return g_strdup_printf("accept %s in %s %s", bridge, chain->table, chain->name);
    }
    return found ? g_strdup_printf("firewall-allow %s", bridge) : NULL;
}
