/* SPDX-License-Identifier: GPL-3.0-or-later */
/* network.c - checks of the host's network as guests need it: forwarding, firewalls in the way, libvirt's default network */
#include <errno.h>
#include <string.h>
#include "check.h"

static void run_forward(struct host *host, const struct check *check, struct result *result)
{
    uint64_t on = 0;

    (void)check;
    if (!host_number(host, &on, "proc/sys/net/ipv4/ip_forward"))
        unsure(result, "/proc/sys/net/ipv4/ip_forward: %s", g_strerror(errno));
    else if (on)
        found(result, PASS, "net.ipv4.ip_forward is 1");
    else
        found(result, NOTE, "net.ipv4.ip_forward is 0 (libvirt switches it on with its own networks)");
}

static void fix_forward(struct host *host, const struct check *check, GPtrArray *steps)
{
    (void)host, (void)check;
    step_write(steps, "/proc/sys/net/ipv4/ip_forward", "1\n");
    step_write(steps, "/etc/sysctl.d/60-hvsh-forward.conf", "net.ipv4.ip_forward = 1\n");
}

/* Packets of guests on a bridge go through iptables' FORWARD chain when br_netfilter is loaded and on; docker sets that chain to drop. */
static void run_bridge_filter(struct host *host, const struct check *check, struct result *result)
{
    uint64_t on = 0;
    bool docker = host_exists(host, "var/run/docker.sock") || host_exists(host, "run/docker.sock") ||
                  host_exists(host, "sys/class/net/docker0");

    (void)check;
    if (!host_exists(host, "proc/sys/net")) {
        unsure(result, "/proc/sys/net: %s", g_strerror(errno));
    } else if (!host_number(host, &on, "proc/sys/net/bridge/bridge-nf-call-iptables")) {
        found(result, PASS, "bridged packets go past the firewall (br_netfilter is not loaded)");
    } else if (!on) {
        found(result, PASS, "bridged packets go past the firewall (bridge-nf-call-iptables is 0)");
    } else if (docker) {
        found(result, WARN, "bridge-nf-call-iptables is 1 and docker is here: its firewall drops packets of guests on a bridge");
    } else {
        found(result, NOTE, "bridge-nf-call-iptables is 1: packets of guests on a bridge go through the host's firewall");
    }
}

static void fix_bridge_filter(struct host *host, const struct check *check, GPtrArray *steps)
{
    (void)host, (void)check;
    step_write(steps, "/proc/sys/net/bridge/bridge-nf-call-iptables", "0\n");
    step_write(steps, "/proc/sys/net/bridge/bridge-nf-call-ip6tables", "0\n");
    step_write(steps, "/etc/sysctl.d/60-hvsh-bridge.conf", "net.bridge.bridge-nf-call-iptables = 0\nnet.bridge.bridge-nf-call-ip6tables = 0\n");
}

static void run_default(struct host *host, const struct check *check, struct result *result)
{
    g_autofree char *xml = NULL;
    bool running, autostart;

    (void)check;
    xml = host_read(host, "etc/libvirt/qemu/networks/default.xml");
    if (!xml && errno == EACCES) {
        unsure(result, "/etc/libvirt/qemu/networks: %s (root may look)", g_strerror(errno));
        return;
    }
    if (!xml) {
        found(result, NOTE, "there is no network 'default'");
        cure(result, "net-define /usr/share/libvirt/networks/default.xml");
        return;
    }
    running = host_exists(host, "run/libvirt/network/default.xml") || host_exists(host, "var/run/libvirt/network/default.xml");
    autostart = host_exists(host, "etc/libvirt/qemu/networks/autostart/default.xml");
    if (running && autostart) {
        found(result, PASS, "'default' is running, and starts with libvirt");
    } else {
        found(result, NOTE, "'default' is %s%s", running ? "running" : "not running", autostart ? "" : ", and does not start with libvirt");
        cure(result, "net-start default; net-autostart default");
    }
}

const struct check network_checks[] = {
    { "net-forward", "network", PROFILE_ALL, 0, "forwarding", "Guests on routed networks reach others only when the host forwards.",
      run_forward, "sysctl -w net.ipv4.ip_forward=1, and a line in /etc/sysctl.d", fix_forward, NULL },
    { "net-bridge-filter", "network", PROFILE_ALL, 0, "firewall on bridges", "Guests on a bridge may be cut off by a firewall meant for the host.",
      run_bridge_filter, "sysctl -w net.bridge.bridge-nf-call-iptables=0, or accept them in the chain DOCKER-USER", fix_bridge_filter, NULL },
    { "net-default", "network", PROFILE_KVM | PROFILE_DESKTOP, 0, "libvirt's default network", "New guests are put on it unless told otherwise.",
      run_default, NULL, NULL, NULL },
    { .id = NULL },
};
