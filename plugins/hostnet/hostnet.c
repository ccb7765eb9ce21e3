/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hostnet.c - the plugin "hostnet": bridges and forwarding of the machine that the shell runs on. */
#include "hostnet.h"

#include <string.h>
#include <net/if_arp.h>

#include "probe.h"

static void free_state(void *state)
{
    host_state_free(state);
}

struct host_state *look(hvsh_call *call)
{
    g_autofree char *error = NULL;
    struct host_state *state = probe_host(NULL, &error);

    if (!state)
        hvsh_fail(call, "%s", error);
    return hvsh_defer(call, state, free_state);
}

static int offer_links(hvsh_call *call, const char *start, bool bridges)
{
    g_autofree char *error = NULL;
    struct host_state *state = probe_host(NULL, &error);

    for (guint i = 0; state && i < state->links->len; i++) {
        const struct netlink_link *link = g_ptr_array_index(state->links, i);
        bool is_bridge = g_strcmp0(link->kind, "bridge") == 0;
        bool is_card = link->type == ARPHRD_ETHER && !link->master && !is_bridge && g_strcmp0(link->kind, "tun") != 0 &&
                       !g_hash_table_contains(state->wireless, link->name);

        if (g_str_has_prefix(link->name, start) && (bridges ? is_bridge : is_card))
            hvsh_offer(call, link->name, link->carrier ? "connected" : link->up ? "no cable" : "down");
    }
    host_state_free(state);
    return 0;
}

int offer_cards(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    (void)field;
    return offer_links(call, start, false);
}

int offer_bridges(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    (void)field;
    return offer_links(call, start, true);
}

/* A change that was begun, and that nobody works on any more, is told before anything else is done. */
static int tell_forsaken(hvsh_call *call)
{
    g_autoptr(GPtrArray) list = journal_list();

    for (guint i = 0; i < list->len; i++) {
        const char *folder = g_ptr_array_index(list, i);
        g_autofree char *state = journal_state(folder), *id = g_path_get_basename(folder);

        if (journal_is_open(state) && !journal_is_locked(folder))
            hvsh_note(call, "the change %s of the network was begun (%s), and whoever carried it out is gone: network-undo takes it back%s", id, state,
                      strcmp(state, "waiting") == 0 ? ", network-confirm keeps it" : "");
    }
    return 0;
}

static const struct hvsh_command *const commands[] = {
    &bridge_create, &bridge_delete, &bridge_list, &bridge_show, &link_list, &forwarding, &network_changes, &network_confirm, &network_undo,
    &service_status, &service_enable, &service_start, &firewall_check, &firewall_allow, &bridge_reattach, NULL,
};

static const struct hvsh_group groups[] = {
    {.keyword = "hostnet", .title = "Network of this machine", .order = 210},
    {.keyword = NULL},
};

HVSH_PLUGIN(.name = "hostnet", .version = "1", .summary = "bridges, forwarding and firewall of this machine, without locking anyone out",
            .commands = commands, .groups = groups, .start = tell_forsaken,
            .manual = "These commands act on the machine that the shell runs on, whatever hypervisor it is connected to; with a connection to another "
                      "one (qemu+ssh) they refuse.\n\n"
                      "Every change is planned first (--dry-run shows the plan and writes nothing), written to a journal below /var/lib/hvsh/net, "
                      "carried out by a program of its own, checked, and confirmed: by a key when someone is at the terminal, by the checks "
                      "otherwise. What is not confirmed comes back by itself, also when the shell is killed, the session is lost or the machine "
                      "starts anew. When the session itself does not come back, log in again: a change that works is kept by network-confirm from "
                      "any session while its time lasts, and when that is over all is as it was; network-changes tells which.\n\n"
                      "The network manager that configures a card is found and used: NetworkManager, systemd-networkd, netplan, ifupdown, "
                      "ifupdown2, and the network scripts of RHEL 7. Two at once are refused. Without one a bridge lasts until the next boot.\n\n"
                      "What was confirmed is taken back too: a bridge by bridge-delete, forwarding and the firewall by network-undo and the name that "
                      "network-changes shows.");
