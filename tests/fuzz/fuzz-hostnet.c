/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz-hostnet.c - any text as a file of a network manager's: a bridge is planned on it, and refused or shown.
 *
 * The first byte says whose file it is, the second what is wished; a NUL byte ends the file and begins the next of the same manager.
 */
#include "../unit/hostnet-host.h"

#include <fcntl.h>
#include <unistd.h>
#include "fuzz.h"

/* The file by which a manager is known, and the files it reads. */
static const struct manager {
    const char *mark[2];        /* path and text */
    const char *files[3];
} managers[] = {
    {{"/run/network/ifstate", "lo=lo\nnic0=nic0\n"}, {"/etc/network/interfaces", "/etc/network/interfaces.d/more"}},
    {{"/sbin/ifreload", ""}, {"/etc/network/interfaces", "/etc/network/interfaces.d/more"}},
    {{"/run/systemd/netif/links/2", "NETWORK_FILE=/etc/systemd/network/10-all.network\n"},
     {"/etc/systemd/network/10-all.network", "/etc/systemd/network/10-all.network.d/more.conf", "/run/systemd/netif/leases/2"}},
    {{"/run/systemd/netif/links/2", "NETWORK_FILE=/run/systemd/network/10-netplan-nic0.network\n"},
     {"/etc/netplan/01-net.yaml", "/etc/netplan/90-more.yaml"}},
    {{"/run/lock/subsys/network", ""},
     {"/etc/sysconfig/network-scripts/ifcfg-nic0", "/etc/sysconfig/network-scripts/route-nic0", "/etc/sysconfig/network-scripts/rule-nic0"}},
    {{"/run/NetworkManager/devices/3", ""}, {"/run/NetworkManager/devices/2", "/run/systemd/netif/links/2"}},
    {{"/proc/sys/net/ipv4/ip_forward", "0\n"}, {"/etc/sysctl.d/50-some.conf", "/etc/sysctl.conf"}},
    {{"/run/libvirt/qemu/one.pid", ""}, {"/run/libvirt/qemu/web.xml", "/run/libvirt/qemu/other.xml"}},
    {{"/damaged/state", "open\n"}, {"/damaged/plan"}},
};

static void write_file(const char *path, const char *text, size_t size)
{
    g_autofree char *full = g_strconcat(root, path, NULL);
    int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0) {
        g_autofree char *folder = g_path_get_dirname(full);

        REQUIRE(g_mkdir_with_parents(folder, 0700) == 0);
        fd = open(full, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    }
    REQUIRE(fd >= 0 && write(fd, text, size) == (ssize_t)size);
    close(fd);
}

static void remove_file(const char *path)
{
    g_autofree char *full = path ? g_strconcat(root, path, NULL) : NULL;

    if (full)
        unlink(full);
}

static void remove_root(void)
{
    drop_root(NULL);
}

/* A plan can be shown, a refusal has a sentence: never neither. */
static void look_at(struct plan *plan, struct refusal *refusal)
{
    g_autofree char *text = plan ? plan_text(plan) : NULL;

    REQUIRE(plan ? text && *text && !refusal->sentence : refusal->done || (refusal->sentence && *refusal->sentence));
    plan_free(plan);
    refusal_clear(refusal);
}

static void plan_all(unsigned int manager, unsigned int wished)
{
    static const char *const addresses[] = {"192.0.2.20/24", "2001:db8::20/64", NULL}, *const gateways[] = {"192.0.2.1", NULL},
                      *const dns[] = {"192.0.2.53", NULL};
    struct host_state *state = new_host(wished & 1);
    struct bridge_wish wish = plain;
    struct refusal refusal = {NULL, NULL, false};

    wish.mode = (enum address_mode)(wished >> 1 & 3);
    wish.stp = wished & 8;
    if (wish.mode == ADDRESS_STATIC) {
        wish.addresses = addresses;
        wish.gateways = gateways;
        wish.dns = dns;
    }
    if (manager == G_N_ELEMENTS(managers) - 1) {
        g_autofree char *folder = g_strconcat(root, "/damaged", NULL), *error = NULL;
        struct journal *journal = journal_read(folder, &error);

        REQUIRE(journal ? !error : error && *error);
        if (journal)
            look_at(plan_backwards(state, journal->plan, &refusal), &refusal);
        journal_free(journal);
    }
    add_link(state, 6, "vnet0", "tun");
    add_link(state, 7, "br7", "bridge");
    probe_owners(state);
    look_at(plan_bridge_create(state, &wish, &refusal), &refusal);
    look_at(plan_forwarding(state, wished & 16, true, wished & 32, false, &refusal), &refusal);
    look_at(plan_reattach(state, NULL, &refusal), &refusal);
    host_state_free(state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct manager *manager;
    const char *text, *end;

    if (size < 2)
        return 0;
    if (!root) {
        new_root(NULL);
        atexit(remove_root);
    }
    manager = &managers[data[0] % G_N_ELEMENTS(managers)];
    text = (const char *)data + 2;
    end = (const char *)data + size;
    write_file(manager->mark[0], manager->mark[1], strlen(manager->mark[1]));
    for (unsigned int i = 0; i < G_N_ELEMENTS(manager->files) && manager->files[i] && text <= end; i++) {
        const char *stop = memchr(text, 0, (size_t)(end - text));

        stop = stop ? stop : end;
        write_file(manager->files[i], text, (size_t)(stop - text));
        text = stop + 1;
    }
    plan_all(data[0] % G_N_ELEMENTS(managers), data[1]);
    remove_file(manager->mark[0]);
    for (unsigned int i = 0; i < G_N_ELEMENTS(manager->files); i++)
        remove_file(manager->files[i]);
    return 0;
}
