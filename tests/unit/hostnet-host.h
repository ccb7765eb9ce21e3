/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hostnet-host.h - recorded hosts for the tests of plugins/hostnet: a root with files, links, addresses, and what a plan looks like. */
#ifndef HOSTNET_HOST_H
#define HOSTNET_HOST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../../plugins/hostnet/firewall.h"
#include "../../plugins/hostnet/journal.h"
#include "../../plugins/hostnet/model.h"
#include "../../plugins/hostnet/probe.h"
#include "../../plugins/hostnet/sysctl.h"

static char *root;

G_GNUC_UNUSED static void put(const char *path, const char *text)
{
    g_autofree char *full = g_strconcat(root, path, NULL), *folder = g_path_get_dirname(full);

    assert_int_equal(g_mkdir_with_parents(folder, 0700), 0);
    assert_true(g_file_set_contents(full, text, -1, NULL));
}

G_GNUC_UNUSED static void remove_tree(const char *path)
{
    GDir *dir = g_dir_open(path, 0, NULL);
    const char *entry;

    while (dir && (entry = g_dir_read_name(dir))) {
        g_autofree char *below = g_build_filename(path, entry, NULL);

        remove_tree(below);
    }
    if (dir)
        g_dir_close(dir);
    g_remove(path);
}

G_GNUC_UNUSED static int new_root(void **state)
{
    (void)state;
    root = g_dir_make_tmp("hvsh-hostnet-XXXXXX", NULL);
    g_setenv("HVSH_NET_STATE", root, TRUE);
    return root ? 0 : -1;
}

G_GNUC_UNUSED static int drop_root(void **state)
{
    (void)state;
    remove_tree(root);
    g_clear_pointer(&root, g_free);
    return 0;
}

G_GNUC_UNUSED static struct netlink_link *add_link(struct host_state *state, int index, const char *name, const char *kind)
{
    struct netlink_link *link = g_new0(struct netlink_link, 1);

    link->index = index;
    link->name = g_strdup(name);
    link->kind = g_strdup(kind);
    link->mac = g_strdup_printf("52:54:00:00:00:%02x", (unsigned int)index);
    link->type = ARPHRD_ETHER;
    link->mtu = 1500;
    link->up = link->carrier = true;
    link->stp = g_strcmp0(kind, "bridge") == 0 ? 0 : -1;
    link->port_state = -1;
    g_ptr_array_add(state->links, link);
    return link;
}

G_GNUC_UNUSED static void add_address(struct host_state *state, int index, const char *cidr, bool permanent)
{
    struct netlink_address *address = g_new0(struct netlink_address, 1);

    address->index = index;
    address->family = strchr(cidr, ':') ? AF_INET6 : AF_INET;
    address->cidr = g_strdup(cidr);
    address->flags = permanent ? IFA_F_PERMANENT : 0;
    address->valid = address->preferred = permanent ? UINT32_MAX : 600;
    g_ptr_array_add(state->addresses, address);
}

G_GNUC_UNUSED static void add_default(struct host_state *state, int index, const char *gateway)
{
    struct netlink_route *route = g_new0(struct netlink_route, 1);

    route->index = index;
    route->family = AF_INET;
    route->destination = g_strdup("default");
    route->gateway = g_strdup(gateway);
    route->protocol = RTPROT_STATIC;
    route->table = RT_TABLE_MAIN;
    route->type = RTN_UNICAST;
    g_ptr_array_add(state->routes, route);
    g_hash_table_add(state->answering, g_strdup(gateway));
}

/* lo, nic0 with an address and the default route, nic1 without */
G_GNUC_UNUSED static struct host_state *new_host(bool permanent)
{
    struct host_state *state = host_state_new(root);
    struct netlink_link *lo = add_link(state, 1, "lo", NULL);

    lo->type = ARPHRD_LOOPBACK;
    lo->flags = IFF_LOOPBACK;
    add_link(state, 2, "nic0", NULL);
    add_link(state, 3, "nic1", NULL);
    add_address(state, 1, "127.0.0.1/8", true);
    add_address(state, 2, "192.0.2.10/24", permanent);
    add_default(state, 2, "192.0.2.1");
    return state;
}

G_GNUC_UNUSED static const struct bridge_wish plain = {.bridge = "br0", .port = "nic0", .mode = ADDRESS_TAKE};

G_GNUC_UNUSED static void check_refused(const struct host_state *state, const struct bridge_wish *wish, const char *sentence)
{
    struct refusal refusal = {NULL, NULL, false};

    assert_null(plan_bridge_create(state, wish, &refusal));
    assert_non_null(refusal.sentence);
    if (!strstr(refusal.sentence, sentence))
        assert_string_equal(refusal.sentence, sentence);
    refusal_clear(&refusal);
}

G_GNUC_UNUSED static struct plan *planned(const struct host_state *state, const struct bridge_wish *wish)
{
    struct refusal refusal = {NULL, NULL, false};
    struct plan *plan = plan_bridge_create(state, wish, &refusal);

    if (!plan)
        fail_msg("refused: %s", refusal.sentence);
    return plan;
}

/* A blob is not terminated. */
G_GNUC_UNUSED static char *blob_text(const struct plan *plan, guint index)
{
    gsize size;
    const char *data = g_bytes_get_data(g_ptr_array_index(plan->blobs, index), &size);

    return g_strndup(data, size);
}

/* The plan's new text of a file. */
G_GNUC_UNUSED static char *new_text(const struct plan *plan, const char *path)
{
    for (guint i = 0; i < plan->steps->len; i++) {
        const struct step *step = g_ptr_array_index(plan->steps, i);

        if (step->action && strcmp(step->action[0], "file") == 0 && strcmp(step->action[1], path) == 0)
            return blob_text(plan, (guint)atoi(step->action[3]));
    }
    return NULL;
}

G_GNUC_UNUSED static void check_text(const struct plan *plan, const char *text)
{
    g_autofree char *is = plan_text(plan);

    assert_string_equal(is, text);
}

#endif
