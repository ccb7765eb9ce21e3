/* SPDX-License-Identifier: GPL-3.0-or-later */
/* network.c - checks of the host's network as guests need it: forwarding, firewalls in the way, libvirt's default network */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "check.h"
#include "dbus.h"
#include "netfilter.h"

static void run_forward(struct host *host, const struct check *check, struct result *result)
{
    uint64_t on = 0, six = 0;

    (void)check;
    if (!host_number(host, &on, "proc/sys/net/ipv4/ip_forward"))
        unsure(result, "/proc/sys/net/ipv4/ip_forward: %s", g_strerror(errno));
    else if (on)
        found(result, PASS, "net.ipv4.ip_forward is 1%s",
              host_number(host, &six, "proc/sys/net/ipv6/conf/all/forwarding") && !six ? "; IPv6 is not forwarded" : "");
    else
        found(result, NOTE, "net.ipv4.ip_forward is 0 (libvirt switches it on with its own networks)");
}

static void fix_forward(struct host *host, const struct check *check, GPtrArray *steps)
{
    (void)host, (void)check;
    step_write(steps, "/proc/sys/net/ipv4/ip_forward", "1\n");
    step_write(steps, "/etc/sysctl.d/60-hvsh-forward.conf", "net.ipv4.ip_forward = 1\n");
}

/* ---- what a bridge hands from one guest to another ---- */

/* No link has such a name: rules that pick links by name do not mean it, as they do not mean a bridge that is yet to be made. */
#define NEW_BRIDGE " "

/* docker keeps its own bridges, and what may pass them, itself. */
static bool is_dockers(const char *bridge)
{
    return g_str_equal(bridge, "docker0") ||
           (g_str_has_prefix(bridge, "br-") && strlen(bridge) == 15 && strspn(bridge + 3, "0123456789abcdef") == 12);
}

/* The bridges here on which packets are dropped, and by what: "br0 by ip filter FORWARD (policy)". */
static GPtrArray *dropped_bridges(struct host *host, const struct firewall *firewall, GString *told)
{
    GPtrArray *bridges = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) links = host_list(host, "sys/class/net");

    for (char **link = links; link && *link; link++) {
        g_autofree char *by = NULL;
        if (!host_exists(host, "sys/class/net/%s/bridge", *link) || is_dockers(*link) || !(by = firewall_dropped_by(firewall, *link)))
            continue;
        g_string_append_printf(told, "%s%s by %s", told->len ? ", " : "", *link, by);
        g_ptr_array_add(bridges, g_strdup(*link));
    }
    return bridges;
}

static void run_bridge_filter(struct host *host, const struct check *check, struct result *result)
{
    struct firewall *firewall = firewall_read(host->root);
    g_autoptr(GString) told = g_string_new(NULL);
    g_autoptr(GPtrArray) bridges = dropped_bridges(host, firewall, told);
    g_autofree char *by = firewall_dropped_by(firewall, NEW_BRIDGE);
    bool shown = firewall->filter4 > 0 || firewall->filter6 > 0;

    (void)check;
    if (firewall->unread) {
        unsure(result, "the firewall's rules: %s%s; bridged packets go %s", firewall->unread, host_is_here(host) && geteuid() != 0 ? " (root may look)" : "",
               shown ? "through them (bridge-nf-call-iptables is 1)" : "past those for IP");
    } else if (!host_exists(host, "sys/class/net")) {
        unsure(result, "/sys/class/net: %s", g_strerror(errno));
    } else if (bridges->len) {
        found(result, WARN, "packets of guests are dropped on %s", told->str);
        cure(result, "firewall-allow %s", (const char *)bridges->pdata[0]);
    } else if (by) {
        found(result, NOTE, "packets of guests on a new bridge will be dropped by %s", by);
        cure(result, "firewall-allow BRIDGE, once it is there");
    } else {
        found(result, PASS, shown ? "bridged packets go through the firewall (bridge-nf-call-iptables is 1), which lets them pass"
                                  : "bridged packets go past the firewall for IP (br_netfilter is off), and no table for bridges drops them");
    }
    firewall_free(firewall);
}

static void fix_bridge_filter(struct host *host, const struct check *check, GPtrArray *steps)
{
    struct firewall *firewall = firewall_read(host->root);
    g_autoptr(GString) told = g_string_new(NULL);
    g_autoptr(GPtrArray) bridges = dropped_bridges(host, firewall, told);

    (void)check;
    for (guint i = 0; i < bridges->len; i++)
        step_words(steps, STEP_COMMAND, (const char *const[]){"firewall-allow", bridges->pdata[i], NULL});
    firewall_free(firewall);
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
    } else if (autostart && !host_exists(host, "run/libvirt/network/driver.pid")) {
        found(result, PASS, "'default' starts with libvirt, whose daemon does not run now");
    } else {
        found(result, NOTE, "'default' is %s%s", running ? "running" : "not running", autostart ? "" : ", and does not start with libvirt");
        cure(result, "net-start default; net-autostart default");
    }
}

/* The file that libvirt's package brings for it; NULL. */
static const char *default_xml(struct host *host)
{
    static const char *const files[] = { "usr/share/libvirt/networks/default.xml", "etc/libvirt/qemu/networks/default.xml", NULL };

    for (int i = 0; files[i]; i++)
        if (host_exists(host, "%s", files[i]))
            return files[i];
    return NULL;
}

static void fix_default(struct host *host, const struct check *check, GPtrArray *steps)
{
    const char *file = default_xml(host);

    (void)check;
    if (!host_exists(host, "etc/libvirt/qemu/networks/default.xml")) {
        if (!file)
            return;
        g_autofree char *path = g_strconcat("/", file, NULL);
        step_command(steps, "net-define", path, NULL);
        step_back(steps, "net-undefine", "default", NULL);
    }
    if (!host_exists(host, "run/libvirt/network/default.xml")) {
        step_command(steps, "net-start", "default", NULL);
        step_back(steps, "net-destroy", "default", NULL);
    }
    if (!host_exists(host, "etc/libvirt/qemu/networks/autostart/default.xml"))
        step_command(steps, "net-autostart", "default", NULL);
}

/* An IPv4 address as a number; false: it is none. */
static bool ipv4(const char *text, uint32_t *address)
{
    struct in_addr in;

    if (!text || inet_pton(AF_INET, text, &in) != 1)
        return false;
    *address = ntohl(in.s_addr);
    return true;
}

static bool default_subnet(const struct host *host, uint32_t *address, uint32_t *mask, char **bridge)
{
    xmlDoc *document = host_xml(host, "etc/libvirt/qemu/networks/default.xml");
    g_autofree char *ip = NULL, *netmask = NULL, *prefix = NULL;
    bool known;

    if (!document)
        return false;
    ip = node_text(document, "/network/ip[not(@family) or @family='ipv4']/@address");
    netmask = node_text(document, "/network/ip[not(@family) or @family='ipv4']/@netmask");
    prefix = node_text(document, "/network/ip[not(@family) or @family='ipv4']/@prefix");
    *bridge = node_text(document, "/network/bridge/@name");
    xmlFreeDoc(document);
    known = ipv4(ip, address);
    if (!ipv4(netmask, mask)) {
        uint64_t bits = prefix ? g_ascii_strtoull(prefix, NULL, 10) : 24;
        *mask = bits ? ~UINT32_C(0) << (32 - MIN(bits, 32)) : 0;
    }
    return known;
}

/* In a guest of libvirt's the outer host's default network is there already: the inner one of the same numbers cannot start, or cuts it off. */
static void run_clash(struct host *host, const struct check *check, struct result *result)
{
    g_autofree char *bridge = NULL, *routes = host_read(host, "proc/net/route");
    g_auto(GStrv) lines = g_strsplit(routes ? routes : "", "\n", -1);
    int error = errno;
    uint32_t address, mask;

    (void)check;
    if (!routes) {
        unsure(result, "/proc/net/route: %s", g_strerror(error));
        return;
    }
    if (!default_subnet(host, &address, &mask, &bridge)) {
        if (errno == EACCES)
            unsure(result, "/etc/libvirt/qemu/networks: %s (root may look)", g_strerror(EACCES));
        else
            found(result, PASS, "there is no network 'default' with an IPv4 address");
        return;
    }
    for (char **line = lines; *line; line++) {
        char link[32];
        unsigned int target, gateway, flags, route_mask;
        /* numbers of the network's byte order, printed as if they were the host's */
        if (sscanf(*line, "%31s %x %x %x %*d %*d %*d %x", link, &target, &gateway, &flags, &route_mask) != 5 || !g_strcmp0(link, bridge))
            continue;
        uint32_t subnet = ntohl(target), their_mask = ntohl(route_mask), both = their_mask & mask;
        if (their_mask && (subnet & both) == (address & both)) {
            found(result, WARN, "its subnet %u.%u.%u.0 is already that of %s", address >> 24, address >> 16 & 255, address >> 8 & 255, link);
            return;
        }
    }
    found(result, PASS, "its subnet is nobody else's here");
}

/* ---- firewalld ---- */

static const struct dbus_object zones = {
    "org.fedoraproject.FirewallD1", "/org/fedoraproject/FirewallD1", "org.fedoraproject.FirewallD1.zone", 2000, NULL,
};
#define ZONE_FILE "usr/lib/firewalld/zones/libvirt.xml"

/* Does the firewalld that runs know libvirt's zone? false with `error`: it cannot be asked. */
static bool knows_zone(GDBusConnection *bus, GError **error)
{
    g_autoptr(GVariant) answer = dbus_call(bus, &zones, "getZones", "(as)", error, NULL);
    g_autofree const char **names = NULL;

    if (!answer)
        return false;
    g_variant_get(answer, "(^a&s)", &names);
    return g_strv_contains(names, "libvirt");
}

/* The zone of libvirt's bridge, "" for none; NULL with `error`. */
static char *zone_of_bridge(GDBusConnection *bus, GError **error)
{
    g_autoptr(GVariant) answer = dbus_call(bus, &zones, "getZoneOfInterface", "(s)", error, "(s)", "virbr0");
    char *zone = NULL;

    if (answer)
        g_variant_get(answer, "(s)", &zone);
    return zone;
}

/* firewalld lets guests reach others only when libvirt's bridges are in its zone "libvirt", which it must have read first. */
static void run_firewalld(struct host *host, const struct check *check, struct result *result)
{
    g_autofree char *reason = NULL, *zone = NULL;
    g_autoptr(GError) error = NULL;
    GDBusConnection *bus;
    bool known;

    (void)check;
    if (!host_exists(host, "usr/sbin/firewalld") && !host_exists(host, "usr/bin/firewalld")) {
        found(result, PASS, "firewalld is not installed");
        return;
    }
    if (!(bus = host_bus(host, &reason))) {
        unsure(result, "firewalld cannot be asked: %s", reason);
        return;
    }
    known = knows_zone(bus, &error);
    if (error) {
        if (g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
            g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER))
            found(result, PASS, "firewalld does not run");
        else
            unsure(result, "firewalld: %s", dbus_reason(error));
    } else if (!known && host_exists(host, ZONE_FILE)) {
        found(result, WARN, "firewalld has not read libvirt's zone yet: libvirt's networks will not start");
        cure(result, "firewall-cmd --reload");
    } else if (!known) {
        found(result, WARN, "firewalld has no zone 'libvirt': libvirt's networks will not start");
        cure(result, "install the package that brings /" ZONE_FILE ", or set FirewallBackend=iptables in /etc/firewalld/firewalld.conf");
    } else if (!host_exists(host, "sys/class/net/virbr0")) {
        found(result, PASS, "firewalld has the zone libvirt; the bridge virbr0 is not there yet");
    } else if (!(zone = zone_of_bridge(bus, &error))) {
        unsure(result, "firewalld: %s", dbus_reason(error));
    } else if (g_str_equal(zone, "libvirt")) {
        found(result, PASS, "virbr0 is in firewalld's zone libvirt");
    } else {
        found(result, WARN, "virbr0 is in firewalld's zone '%s', not in libvirt", *zone ? zone : "(default)");
    }
}

static void fix_firewalld(struct host *host, const struct check *check, GPtrArray *steps)
{
    g_autofree char *reason = NULL;
    g_autoptr(GError) error = NULL;
    GDBusConnection *bus = host_bus(host, &reason);

    (void)check;
    if (!bus)
        return;
    if (knows_zone(bus, &error))
        step_run(steps, "firewall-cmd", "--zone=libvirt", "--change-interface=virbr0", NULL);
    else if (!error && host_exists(host, ZONE_FILE))
        step_run(steps, "firewall-cmd", "--reload", NULL);
}

const struct check network_checks[] = {
    { "net-forward", "network", PROFILE_ALL, 0, "forwarding", "Guests on routed networks reach others only when the host forwards.",
      run_forward, "sysctl -w net.ipv4.ip_forward=1, and a line in /etc/sysctl.d", fix_forward, NULL },
    { "net-bridge-filter", "network", PROFILE_ALL, 0, "firewall on bridges", "Guests on a bridge may be cut off by a firewall meant for the host.",
      run_bridge_filter, NULL, fix_bridge_filter, NULL },
    { "net-default", "network", PROFILE_KVM | PROFILE_DESKTOP, 0, "libvirt's default network", "New guests are put on it unless told otherwise.",
      run_default, NULL, fix_default, NULL },
    { "net-clash", "network", PROFILE_KVM | PROFILE_DESKTOP, 0, "addresses of the default network",
      "libvirt's network does not start on a subnet that the host is on already, or cuts the host off.", run_clash,
      "give it another subnet (net-edit default: 192.168.123.1 and its range), then net-destroy default and net-start default", NULL, NULL },
    { "net-firewalld", "network", PROFILE_MACHINES, 0, "firewalld's zone of libvirt's bridges",
      "In another zone guests get no address and reach nobody.", run_firewalld,
      "firewall-cmd --zone=libvirt --change-interface=virbr0", fix_firewalld, NULL },
    { .id = NULL },
};
