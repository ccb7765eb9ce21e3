/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-hostnet-more.c - firewalls, guests' interfaces, and hosts that no live test has: VLANs and bonds as ports, ifupdown2, network scripts,
 * cloud-init's files.
 */
#include "hostnet-host.h"

/* ---- Firewalls ---- */

static void assert_dropped(const struct firewall *firewall, const char *where)
{
    g_autofree char *found = firewall_dropped_by(firewall, "br0");

    if (where)
        assert_string_equal(found, where);
    else
        assert_null(found);
}

static void firewall_rules(void **state)
{
    static const struct {
        const char *rules, *where;
    } cases[] = {
        {"-P FORWARD ACCEPT\n", NULL},
        {"-P FORWARD DROP\n", "ip filter FORWARD (policy)"},
        {"-P FORWARD DROP\n-A FORWARD -i br0 -o br0 -j ACCEPT\n", NULL},
        {"-P FORWARD DROP\n-A FORWARD -i br1 -o br1 -j ACCEPT\n", "ip filter FORWARD (policy)"},
        {"-P FORWARD DROP\n-A FORWARD -i br+ -j ACCEPT\n", NULL},
        {"-P FORWARD DROP\n-A FORWARD ! -i eth0 -j ACCEPT\n", NULL},
        {"-P FORWARD DROP\n-A FORWARD ! -i br0 -j ACCEPT\n", "ip filter FORWARD (policy)"},
        {"-P FORWARD DROP\n-A FORWARD -m physdev --physdev-is-bridged -j ACCEPT\n", NULL},
        {"-P FORWARD DROP\n-A FORWARD -m comment --comment \"-j DROP\" -j ACCEPT\n", NULL},
        /* what takes some packets only decides nothing */
        {"-P FORWARD DROP\n-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n", "ip filter FORWARD (policy)"},
        {"-P FORWARD ACCEPT\n-A FORWARD -p tcp --dport 25 -j DROP\n", NULL},
        {"-P FORWARD ACCEPT\n-A FORWARD -j REJECT --reject-with icmp-host-prohibited\n", "ip filter FORWARD (a rule)"},
        {"-P FORWARD ACCEPT\n-N GATE\n-A FORWARD -j GATE\n-A GATE -i br0 -j RETURN\n-A GATE -j DROP\n", NULL},
        {"-P FORWARD ACCEPT\n-N GATE\n-A FORWARD -j GATE\n-A GATE -i br1 -j RETURN\n-A GATE -j DROP\n", "ip filter GATE (a rule)"},
        {"-P FORWARD DROP\n-N DOCKER-USER\n-A FORWARD -j DOCKER-USER\n-A DOCKER-USER -i br0 -o br0 -j ACCEPT\n", NULL},
        {"-P FORWARD DROP\n-N GATE\n-A FORWARD -g GATE\n-A FORWARD -j ACCEPT\n", "ip filter FORWARD (policy)"},
        {"-P FORWARD ACCEPT\n-N A\n-N B\n-A FORWARD -j A\n-A A -j B\n-A B -j A\n", NULL},
    };

    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct firewall *firewall = firewall_new();

        firewall_read_iptables(firewall, "ip filter", cases[i].rules);
        assert_dropped(firewall, NULL); /* br_netfilter is not loaded */
        firewall->filter4 = 0;
        assert_dropped(firewall, NULL);
        firewall->filter4 = 1;
        assert_dropped(firewall, cases[i].where);
        firewall_free(firewall);
    }
}

/* firewall-allow br0 on the host of these rules, as it is previewed. */
static void assert_allowed(const struct host_state *host, struct firewall *firewall, const char *zone, const char *expected)
{
    struct refusal refusal = {NULL, NULL, false};
    const struct allow_wish wish = {"br0", zone, false};
    struct plan *plan = plan_firewall_allow(host, firewall, &wish, &refusal);
    g_autofree char *text = plan ? plan_text(plan) : g_strdup_printf("%s%s (%s)\n", refusal.done ? "done: " : "", refusal.sentence, refusal.hint);

    assert_string_equal(text, expected);
    refusal_clear(&refusal);
    plan_free(plan);
    firewall_free(firewall);
}

static struct firewall *dropping(const char *table, const char *rules)
{
    struct firewall *firewall = firewall_new();

    firewall->filter4 = 1;
    firewall_read_iptables(firewall, table, rules);
    return firewall;
}

static void firewall_plans(void **state)
{
    struct host_state *host = host_state_new(root);
    struct firewall *firewall;

    (void)state;
    add_link(host, 3, "br0", "bridge");
    assert_allowed(host, dropping("ip filter", "-P FORWARD ACCEPT\n"), NULL, "done: packets of guests on br0 pass already ((null))\n");
    assert_allowed(host, dropping("ip filter", "-P FORWARD DROP\n"), NULL,
                   "let guests on br0 through the firewall (the kernel's switches)\n"
                   "  1. net.bridge.bridge-nf-call-iptables = 0 (is 1)\n"
                   "  2. write /etc/sysctl.d/90-hvsh-bridge.conf\n"
                   "       + # made by hvsh: firewall-allow\n"
                   "       + net.bridge.bridge-nf-call-iptables = 0\n"
                   "       + net.bridge.bridge-nf-call-ip6tables = 0\n"
                   "  3. write /etc/udev/rules.d/90-hvsh-bridge.rules\n"
                   "       + # made by hvsh: firewall-allow\n"
                   "       + ACTION==\"add\", SUBSYSTEM==\"module\", KERNEL==\"br_netfilter\", "
                   "RUN+=\"/lib/systemd/systemd-sysctl --prefix=/net/bridge\"\n"
                   "check: check-passes br0\n");
    assert_allowed(host, dropping("ip filter", "-P FORWARD DROP\n-N DOCKER-USER\n-A FORWARD -j DOCKER-USER\n"), NULL,
                   "let guests on br0 through the firewall (iptables)\n"
                   "  1. iptables -I DOCKER-USER -i br0 -o br0 -j ACCEPT\n"
                   "  2. write /etc/systemd/system/docker.service.d/hvsh-br0-iptables.conf\n"
                   "       + # made by hvsh: firewall-allow br0\n"
                   "       + [Service]\n"
                   "       + ExecStartPost=-/bin/sh -c 'iptables -w -C DOCKER-USER -i br0 -o br0 -j ACCEPT || "
                   "iptables -w -I DOCKER-USER -i br0 -o br0 -j ACCEPT'\n"
                   "check: check-passes br0\n"
                   "note: docker needs br_netfilter's switch, so it stays on and br0 is let through\n");
    assert_allowed(host, dropping("ip filter", "-P FORWARD DROP\n-N KUBE-FORWARD\n"), NULL,
                   "packets on br0 are dropped by ip filter FORWARD (policy), which this command does not keep "
                   "(iptables -I FORWARD -i br0 -o br0 -j ACCEPT, where that firewall keeps its rules)\n");
    assert_allowed(host, dropping("bridge filter", "-P FORWARD DROP\n"), NULL,
                   "frames on br0 are dropped by bridge filter FORWARD (policy), a table for bridges that someone made on purpose "
                   "(add an accept to that chain where it is kept (/etc/nftables.conf))\n");
    assert_allowed(host, dropping("ip filter", "-P FORWARD ACCEPT\n"), "home",
                   "firewalld does not run here, and zones are its own (leave --zone out, or start it: service-start firewalld)\n");
    /* firewalld beside docker: its zone must forward */
    firewall = dropping("ip filter", "-P FORWARD ACCEPT\n-N DOCKER-USER\n");
    firewall_read_iptables(firewall, "inet firewalld", "-P FORWARD ACCEPT\n-A FORWARD -j REJECT\n");
    firewall->firewalld = true;
    firewall->zone = g_strdup("public");
    assert_allowed(host, firewall, NULL,
                   "let guests on br0 through the firewall (firewalld)\n"
                   "  1. let firewalld's zone public forward within itself\n"
                   "  2. the same on disk\n"
                   "check: check-passes br0\n"
                   "note: docker needs br_netfilter's switch, so it stays on and br0 is let through\n");
    firewall = dropping("ip filter", "-P FORWARD ACCEPT\n");
    firewall->firewalld = true;
    firewall->zone = g_strdup("public");
    g_ptr_array_add(firewall->zones, g_strdup("public"));
    assert_allowed(host, firewall, "homw", "firewalld has no zone 'homw' (zones are public)\n");
    firewall = dropping("ip filter", "-P FORWARD ACCEPT\n");
    firewall->firewalld = true;
    firewall->zone_by_default = true;
    firewall->zone = g_strdup("public");
    g_ptr_array_add(firewall->zones, g_strdup("home"));
    assert_allowed(host, firewall, "home",
                   "let guests on br0 through the firewall (firewalld)\n"
                   "  1. br0 into firewalld's zone home (is in public)\n"
                   "check: check-zone br0 home\n"
                   "check: check-passes br0\n");
    host_state_free(host);
}

/* ---- VLANs and bonds ---- */

/* As NetworkManager 1.42 answers GetSettings of a VLAN's and a bond's profile. */
static void ports_of_network_manager(void **unused)
{
    static const char vlan[] = "{'connection': {'id': <'v'>, 'uuid': <'u-1'>, 'type': <'vlan'>, 'interface-name': <'nic0.7'>},"
                               " 'vlan': {'flags': <uint32 1>, 'id': <uint32 7>, 'parent': <'nic0'>, 'egress-priority-map': <@as []>},"
                               " 'ipv4': {'method': <'auto'>}, 'ipv6': {'method': <'auto'>, 'addr-gen-mode': <0>}}";
    static const char bond[] = "{'connection': {'id': <'b'>, 'uuid': <'u-2'>, 'type': <'bond'>, 'interface-name': <'bond0'>},"
                               " 'bond': {'interface-name': <'bond0'>, 'options': <{'mode': 'active-backup', 'miimon': '100'}>},"
                               " 'ipv4': {'method': <'auto'>}, 'ipv6': {'method': <'auto'>, 'addr-gen-mode': <0>}}";
    static const struct {
        const char *port, *kind, *profile, *lines[3];
    } cases[] = {
        {"nic0.7", "vlan", vlan, {"+ connection.type = 'vlan'\n", "+ vlan.id = 7\n", "+ vlan.parent = 'nic0'\n"}},
        {"bond0", "bond", bond, {"+ connection.type = 'bond'\n", "+ bond.options = {'mode': 'active-backup', 'miimon': '100'}\n",
                                 "+ connection.slave-type = 'bridge'\n"}},
    };

    (void)unused;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct host_state *state = new_host(true);
        struct bridge_wish wish = plain;
        struct plan *plan;
        g_autofree char *text = NULL;

        add_link(state, 8, cases[i].port, cases[i].kind);
        add_address(state, 8, "203.0.113.9/24", false);
        g_hash_table_insert(state->owners, g_strdup(cases[i].port), GUINT_TO_POINTER(OWNER_NM));
        state->nm_profile = g_variant_parse(G_VARIANT_TYPE("a{sa{sv}}"), cases[i].profile, NULL, NULL, NULL);
        assert_non_null(state->nm_profile);
        wish.port = cases[i].port;
        plan = planned(state, &wish);
        text = plan_text(plan);
        for (guint n = 0; n < G_N_ELEMENTS(cases[i].lines); n++)
            if (!strstr(text, cases[i].lines[n]))
                assert_string_equal(text, cases[i].lines[n]);
        plan_free(plan);
        host_state_free(state);
    }
}

static void ports_of_ifupdown(void **unused)
{
    struct host_state *state = new_host(true);
    struct bridge_wish wish = plain;
    struct plan *plan;
    g_autofree char *text = NULL;

    (void)unused;
    add_link(state, 8, "bond0", "bond");
    put("/run/network/ifstate", "lo=lo\nbond0=bond0\n");
    put("/etc/network/interfaces", "auto bond0\niface bond0 inet static\n    address 203.0.113.9/24\n    bond-slaves nic0 nic1\n"
                                   "    bond-mode active-backup\n    mtu 9000\n    dns-nameservers 192.0.2.53\n");
    probe_owners(state);
    wish.port = "bond0";
    plan = planned(state, &wish);
    text = new_text(plan, "/etc/network/interfaces");
    assert_string_equal(text, "auto br0\niface bond0 inet manual\n    bond-slaves nic0 nic1\n    bond-mode active-backup\n    mtu 9000\n\n"
                              "iface br0 inet static\n    bridge_ports bond0\n    bridge_stp off\n    bridge_fd 0\n    bridge_maxwait 0\n"
                              "    bridge_hw 52:54:00:00:00:08\n    address 203.0.113.9/24\n    dns-nameservers 192.0.2.53\n");
    plan_free(plan);
    host_state_free(state);
}

static void ports_of_netplan(void **unused)
{
    struct host_state *state = new_host(true);
    struct bridge_wish wish = plain;
    struct plan *plan;
    g_autofree char *text = NULL;

    (void)unused;
    if (!backend_netplan.create) {
        host_state_free(state);
        skip();
    }
    add_link(state, 8, "nic0.7", "vlan");
    put("/run/systemd/netif/links/8", "NETWORK_FILE=/run/systemd/network/10-netplan-nic0.7.network\n");
    put("/etc/netplan/01-net.yaml", "network:\n  version: 2\n  ethernets:\n    nic0: {}\n  vlans:\n    nic0.7:\n      id: 7\n      link: nic0\n"
                                    "      addresses: [203.0.113.9/24]\n");
    probe_owners(state);
    wish.port = "nic0.7";
    plan = planned(state, &wish);
    text = new_text(plan, "/etc/netplan/01-net.yaml");
    assert_string_equal(text, "network:\n  version: 2\n  ethernets:\n    nic0: {}\n  bridges:\n    br0:\n      interfaces: [nic0.7]\n"
                              "      macaddress: \"52:54:00:00:00:08\"\n      parameters: {stp: false, forward-delay: 0}\n"
                              "      addresses: [203.0.113.9/24]\n  vlans:\n    nic0.7:\n      dhcp4: false\n      dhcp6: false\n"
                              "      accept-ra: false\n      link-local: []\n      id: 7\n      link: nic0\n");
    plan_free(plan);
    host_state_free(state);
}

/* The same file with NetworkManager behind it; the card has another name there, and a renderer of its own. */
static void netplan_with_networkmanager(void **unused)
{
    struct host_state *state = new_host(true);
    struct plan *plan;

    (void)unused;
    if (!backend_netplan.create) {
        host_state_free(state);
        skip();
    }
    put("/run/NetworkManager/devices/2", "[device]\nmanaged=true\nconnection-uuid=u-1\n");
    put("/run/NetworkManager/devices/3", "[device]\nmanaged=true\nconnection-uuid=u-2\n");
    put("/run/NetworkManager/system-connections/netplan-lan.nmconnection", "[connection]\nid=netplan-lan\ntype=ethernet\ninterface-name=nic0\n");
    put("/run/NetworkManager/system-connections/other.nmconnection", "[connection]\nid=other\ntype=ethernet\ninterface-name=nic1\n");
    put("/etc/netplan/01-net.yaml", "network:\n  version: 2\n  ethernets:\n    lan:\n      renderer: NetworkManager\n"
                                    "      match: {macaddress: \"52:54:00:00:00:02\"}\n      set-name: nic0\n      dhcp4: true\n");
    probe_owners(state);
    assert_int_equal(host_owners(state, "nic0"), OWNER_NETPLAN);
    assert_int_equal(host_owners(state, "nic1"), OWNER_NM);
    plan = planned(state, &plain);
    check_text(plan, "put nic0 into the new bridge br0 (netplan with NetworkManager)\n"
                     "  1. change /etc/netplan/01-net.yaml\n"
                     "       +   bridges:\n"
                     "       +     br0:\n"
                     "       +       interfaces: [lan]\n"
                     "       +       renderer: NetworkManager\n"
                     "       +       macaddress: \"52:54:00:00:00:02\"\n"
                     "       +       parameters: {stp: false, forward-delay: 0}\n"
                     "       +       dhcp4: true\n"
                     "       +       dhcp4: false\n"
                     "       +       dhcp6: false\n"
                     "       +       accept-ra: false\n"
                     "       +       link-local: []\n"
                     "       -       dhcp4: true\n"
                     "  2. let netplan write NetworkManager's files (netplan generate)\n"
                     "  3. let NetworkManager read them\n"
                     "  4. activate what is written: nic0 joins br0\n"
                     "check: check-up br0\n"
                     "check: check-mac br0 52:54:00:00:00:02\n"
                     "check: check-port nic0 br0\n"
                     "check: check-address br0 192.0.2.10/24\n"
                     "check: check-route br0 default 192.0.2.1\n"
                     "check: check-gateway br0 192.0.2.1\n");
    plan_free(plan);
    host_state_free(state);
}

/* ---- ifupdown2 and the network scripts ---- */

static void ifupdown2(void **unused)
{
    struct host_state *state = new_host(true);
    struct plan *plan;

    (void)unused;
    put("/sbin/ifreload", "");
    put("/etc/network/interfaces", "auto nic0\niface nic0 inet static\n    address 192.0.2.10/24\n    gateway 192.0.2.1\n");
    probe_owners(state);
    assert_int_equal(host_owners(state, "nic0"), OWNER_IFUPDOWN);
    assert_int_equal(host_owners(state, "nic1"), OWNER_NONE);
    plan = planned(state, &plain);
    check_text(plan, "put nic0 into the new bridge br0 (ifupdown2)\n"
                     "  1. change /etc/network/interfaces\n"
                     "       - auto nic0\n"
                     "       - iface nic0 inet static\n"
                     "       + auto br0\n"
                     "       + iface nic0 inet manual\n"
                     "       + \n"
                     "       + iface br0 inet static\n"
                     "       +     bridge-ports nic0\n"
                     "       +     bridge-stp off\n"
                     "       +     bridge-fd 0\n"
                     "       +     hwaddress 52:54:00:00:00:02\n"
                     "  2. let ifupdown2 do what its file says (ifreload -a)\n"
                     "check: check-up br0\n"
                     "check: check-mac br0 52:54:00:00:00:02\n"
                     "check: check-port nic0 br0\n"
                     "check: check-address br0 192.0.2.10/24\n"
                     "check: check-route br0 default 192.0.2.1\n"
                     "check: check-gateway br0 192.0.2.1\n");
    plan_free(plan);
    host_state_free(state);
}

#define SCRIPTS "/etc/sysconfig/network-scripts/"

static void network_scripts(void **unused)
{
    static const char *const addresses[] = {"192.0.2.20/24", "2001:db8::20/64", NULL}, *const gateways[] = {"192.0.2.1", NULL},
                      *const dns[] = {"192.0.2.53", "192.0.2.54", NULL};
    struct host_state *state = new_host(true);
    struct bridge_wish wish = plain;
    struct plan *plan;
    g_autofree char *text = NULL;

    (void)unused;
    put("/run/lock/subsys/network", "");
    put(SCRIPTS "ifcfg-nic0", "# the LAN\nDEVICE=nic0\nTYPE=Ethernet\nHWADDR=52:54:00:00:00:02\nONBOOT=yes\nBOOTPROTO=none\nIPADDR=192.0.2.10\n"
                              "PREFIX=24\nGATEWAY=192.0.2.1\nDNS1=192.0.2.53\nMTU=1400\nZONE=work\nETHTOOL_OPTS=\"-K ${DEVICE} tso off\"\n");
    put(SCRIPTS "route-nic0", "10.0.0.0/8 via 192.0.2.7 dev nic0\n10.1.0.0/16 via 192.0.2.8\n");
    probe_owners(state);
    assert_int_equal(host_owners(state, "nic0"), OWNER_IFCFG);
    plan = planned(state, &plain);
    check_text(plan, "put nic0 into the new bridge br0 (the network scripts)\n"
                     "  1. take nic0 down (ifdown nic0)\n"
                     "  2. change " SCRIPTS "ifcfg-nic0\n"
                     "       - BOOTPROTO=none\n"
                     "       - IPADDR=192.0.2.10\n"
                     "       - PREFIX=24\n"
                     "       - GATEWAY=192.0.2.1\n"
                     "       - DNS1=192.0.2.53\n"
                     "       - ZONE=work\n"
                     "       + BRIDGE=br0\n"
                     "  3. write " SCRIPTS "ifcfg-br0\n"
                     "       + # made by hvsh: bridge-delete br0 takes it away\n"
                     "       + DEVICE=br0\n"
                     "       + TYPE=Bridge\n"
                     "       + NM_CONTROLLED=no\n"
                     "       + STP=off\n"
                     "       + DELAY=0\n"
                     "       + MACADDR=52:54:00:00:00:02\n"
                     "       + ONBOOT=yes\n"
                     "       + BOOTPROTO=none\n"
                     "       + IPADDR=192.0.2.10\n"
                     "       + PREFIX=24\n"
                     "       + GATEWAY=192.0.2.1\n"
                     "       + DNS1=192.0.2.53\n"
                     "       + ZONE=work\n"
                     "  4. write " SCRIPTS "route-br0\n"
                     "       + 10.0.0.0/8 via 192.0.2.7 dev br0\n"
                     "       + 10.1.0.0/16 via 192.0.2.8\n"
                     "  5. remove " SCRIPTS "route-nic0\n"
                     "       - 10.0.0.0/8 via 192.0.2.7 dev nic0\n"
                     "       - 10.1.0.0/16 via 192.0.2.8\n"
                     "  6. bring br0 up (ifup br0)\n"
                     "  7. bring nic0 up (ifup nic0)\n"
                     "check: check-up br0\n"
                     "check: check-mac br0 52:54:00:00:00:02\n"
                     "check: check-port nic0 br0\n"
                     "check: check-address br0 192.0.2.10/24\n"
                     "check: check-route br0 default 192.0.2.1\n"
                     "check: check-gateway br0 192.0.2.1\n");
    plan_free(plan);
    wish.mode = ADDRESS_STATIC;
    wish.addresses = addresses;
    wish.gateways = gateways;
    wish.dns = dns;
    plan = planned(state, &wish);
    text = new_text(plan, SCRIPTS "ifcfg-br0");
    assert_string_equal(text, "# made by hvsh: bridge-delete br0 takes it away\nDEVICE=br0\nTYPE=Bridge\nNM_CONTROLLED=no\nSTP=off\nDELAY=0\n"
                              "MACADDR=52:54:00:00:00:02\nBOOTPROTO=none\nONBOOT=yes\nIPADDR0=192.0.2.20\nPREFIX0=24\nGATEWAY=192.0.2.1\n"
                              "DNS1=192.0.2.53\nDNS2=192.0.2.54\nIPV6INIT=yes\nIPV6_AUTOCONF=yes\nIPV6ADDR_SECONDARIES=\"2001:db8::20/64\"\n");
    plan_free(plan);
    host_state_free(state);
}

/* ---- cloud-init, the session, guests ---- */

static void cloud_init(void **unused)
{
    struct host_state *state = new_host(true);
    struct plan *plan;
    g_autofree char *text = NULL;

    (void)unused;
    put("/run/systemd/netif/links/2", "NETWORK_FILE=/etc/systemd/network/10-cloud-init-nic0.network\n");
    put("/etc/systemd/network/10-cloud-init-nic0.network", "[Match]\nName=nic0\n[Network]\nDHCP=yes\n");
    probe_owners(state);
    plan = planned(state, &plain);
    text = new_text(plan, "/etc/cloud/cloud.cfg.d/99-disable-network-config.cfg");
    assert_non_null(text);
    assert_non_null(strstr(text, "network: {config: disabled}\n"));
    plan_free(plan);
    host_state_free(state);
}

static void session(void **unused)
{
    struct host_state *state = new_host(true);
    const char *const other[] = {"192.0.2.20/24", NULL};
    struct bridge_wish wish = plain;
    struct plan *plan;
    g_autofree char *text = NULL, *text2 = NULL;

    (void)unused;
    state->session_local = g_strdup("192.0.2.10");
    state->session_peer = g_strdup("192.0.2.99");
    plan = planned(state, &plain);
    text = plan_text(plan);
    assert_non_null(strstr(text, "note: 192.0.2.99, where your session comes from, does not answer now, so whether it does afterwards is not looked at\n"));
    assert_null(strstr(text, "check-neighbour"));
    assert_false(plan->loses_session);
    plan_free(plan);
    g_free(text);
    g_hash_table_add(state->answering, g_strdup("192.0.2.99"));
    plan = planned(state, &plain);
    text = plan_text(plan);
    assert_non_null(strstr(text, "note: nic0 carries your own session (from 192.0.2.99)\n"));
    assert_non_null(strstr(text, "check: check-neighbour br0 192.0.2.99\n"));
    plan_free(plan);
    wish.mode = ADDRESS_STATIC;
    wish.addresses = other;
    plan = planned(state, &wish);
    text2 = plan_text(plan);
    assert_non_null(strstr(text2, "the address of your session, 192.0.2.10/24, goes: log in again by the new one, and network-confirm\n"));
    assert_non_null(strstr(text2, "note: no --gateway is given: the default route via 192.0.2.1 goes\n"));
    assert_true(plan->loses_session);
    plan_free(plan);
    host_state_free(state);
}

/* An address of the link alone: the bridge may get the same one, but what was connected to the card's is cut off. */
static void session_by_the_link(void **unused)
{
    struct host_state *state = new_host(true);
    struct netlink_address *address;
    struct plan *plan;
    g_autofree char *text = NULL;

    (void)unused;
    add_address(state, 2, "fe80::2/64", true);
    address = g_ptr_array_index(state->addresses, state->addresses->len - 1);
    address->scope = RT_SCOPE_LINK;
    state->session_local = g_strdup("fe80::2");
    state->session_peer = g_strdup("fe80::99");
    plan = planned(state, &plain);
    text = plan_text(plan);
    assert_non_null(strstr(text, "note: nic0 carries your own session (from fe80::99)\n"));
    assert_non_null(strstr(text, "your session is to an address of nic0 alone, fe80::2/64, and ends: log in again by br0, and network-confirm\n"));
    assert_true(plan->loses_session);
    plan_free(plan);
    host_state_free(state);
}

/* The way back of a bridge with an address of its own, to which the session came; and of one that has the card's. */
static void session_on_the_way_back(void **unused)
{
    const char *const other[] = {"192.0.2.20/24", NULL};
    struct host_state *state = new_host(true);
    struct bridge_wish wish = {.bridge = "br0", .port = "nic0", .mode = ADDRESS_STATIC, .addresses = other};
    struct plan *made = planned(state, &wish), *back;
    struct refusal refusal = {NULL, NULL, false};
    g_autofree char *text = NULL;

    (void)unused;
    add_link(state, 4, "br0", "bridge");
    add_address(state, 4, "192.0.2.20/24", true);
    state->session_local = g_strdup("192.0.2.20");
    state->session_peer = g_strdup("203.0.113.9");
    back = plan_backwards(state, made, &refusal);
    assert_non_null(back);
    text = plan_text(back);
    assert_non_null(strstr(text, "note: br0 carries your own session (from 203.0.113.9)\n"));
    assert_non_null(strstr(text, "note: the address of your session, 192.0.2.20/24, goes"));
    assert_true(back->loses_session);
    plan_free(back);
    add_address(state, 4, "192.0.2.10/24", true);
    g_free(state->session_local);
    state->session_local = g_strdup("192.0.2.10");
    back = plan_backwards(state, made, &refusal);
    assert_false(back->loses_session);
    plan_free(back);
    plan_free(made);
    host_state_free(state);
}

/* A session that comes through a gateway needs one afterwards too: checks alone do not confirm the loss of it. */
static void session_from_afar(void **unused)
{
    const char *const same[] = {"192.0.2.10/24", NULL}, *const gateways[] = {"192.0.2.1", NULL};
    struct host_state *state = new_host(true);
    struct bridge_wish wish = plain;
    struct plan *plan;
    g_autofree char *text = NULL;

    (void)unused;
    state->session_local = g_strdup("192.0.2.10");
    state->session_peer = g_strdup("203.0.113.9");
    plan = planned(state, &plain);
    assert_false(plan->loses_session);
    plan_free(plan);
    wish.mode = ADDRESS_STATIC;
    wish.addresses = same;
    plan = planned(state, &wish);
    assert_true(plan->loses_session);
    text = plan_text(plan);
    assert_non_null(strstr(text, "note: your session comes from 203.0.113.9, which is reached by a gateway, and none is given\n"));
    plan_free(plan);
    wish.gateways = gateways;
    plan = planned(state, &wish);
    assert_false(plan->loses_session);
    plan_free(plan);
    host_state_free(state);
}

/* DNS servers are compared: what answered before must answer, and be asked. A gateway that answers is not a DNS server that does. */
static void resolvers(void **unused)
{
    static const char *const dns[] = {"192.0.2.53", "192.0.2.54", NULL}, *const addresses[] = {"192.0.2.20/24", NULL};
    struct host_state *state = new_host(true);
    struct refusal refusal = {NULL, NULL, false};
    struct bridge_wish wish = plain;
    struct plan *plan, *back;
    g_autofree char *text = NULL, *text2 = NULL, *text3 = NULL;

    (void)unused;
    /* all that answer stand behind a program of this host */
    put("/etc/resolv.conf", "# by systemd-resolved\nnameserver 127.0.0.53\noptions edns0\n");
    put("/run/systemd/resolve/resolv.conf", "search lan\nnameserver 192.0.2.53 # near\nnameserver\tfe80::1%nic0\nnameserver fe80::2%nic1\n"
                                            "nameserver 198.51.100.53\nnameservers 192.0.2.99\n");
    read_resolvers(state, "nic0");
    g_ptr_array_add(state->resolvers, NULL);
    text = g_strjoinv(" ", (char **)state->resolvers->pdata);
    g_ptr_array_set_size(state->resolvers, 3);
    assert_string_equal(text, "192.0.2.53 fe80::1 198.51.100.53");
    g_ptr_array_add(state->resolvers, g_strdup("192.0.2.1"));
    g_hash_table_add(state->resolving, g_strdup("192.0.2.53"));
    g_hash_table_add(state->resolving, g_strdup("fe80::1"));
    plan = planned(state, &plain);
    text2 = plan_text(plan);
    assert_non_null(strstr(text2, "check: check-resolver br0 192.0.2.53 in-use\ncheck: check-resolver br0 fe80::1 in-use\nnote: "));
    /* long after, one of them is gone */
    g_hash_table_remove(state->resolving, "192.0.2.53");
    back = plan_backwards(state, plan, &refusal);
    text3 = plan_text(back);
    assert_non_null(strstr(text3, "check: check-gateway nic0 192.0.2.1\ncheck: check-resolver nic0 fe80::1 in-use\n"));
    assert_null(strstr(text3, "192.0.2.53"));
    for (guint i = 0; i < back->was->len; i++)
        assert_null(strstr(((char **)g_ptr_array_index(back->was, i))[0], "gateway"));
    plan_free(back);
    plan_free(plan);
    g_hash_table_add(state->resolving, g_strdup("192.0.2.53"));
    wish.mode = ADDRESS_STATIC;
    wish.addresses = addresses;
    wish.dns = dns;
    plan = planned(state, &wish);
    g_free(text2);
    text2 = plan_text(plan);
    assert_non_null(strstr(text2, "check: check-resolver br0 192.0.2.53\nnote: "));
    assert_non_null(strstr(text2, "note: the DNS server 192.0.2.54 does not answer this host now, "));
    assert_null(strstr(text2, "fe80::1"));
    plan_free(plan);
    host_state_free(state);
}

static void taps(void **unused)
{
    struct host_state *state = new_host(true);
    struct refusal refusal = {NULL, NULL, false};
    g_autofree char *lost = NULL;
    struct plan *plan;

    (void)unused;
    add_link(state, 5, "br0", "bridge");
    add_link(state, 6, "vnet0", "tun");
    add_link(state, 7, "vnet1", "tun")->master = 5;
    add_link(state, 8, "vnet2", "tun");
    put("/run/libvirt/qemu/web.xml",
        "<domstatus state='running'><monitor path='x'/><domain type='kvm' id='1'><name>web&amp;mail</name><devices>"
        "<interface type='network'><mac address='52:54:00:0:0:1'/><source network='lan' portid='p'/><target dev='vnet0'/>"
        "<actual type='bridge'><source bridge='br0'/></actual></interface>"
        "<interface type='bridge'><source bridge='br0'/><target dev='vnet1'/></interface>"
        "<interface type='direct'><source dev='nic0' mode='vepa'/><target dev='macvtap0'/></interface></devices></domain></domstatus>");
    put("/run/libvirt/qemu/other.xml", "<domstatus><domain><name>other</name><devices><interface type='bridge'><source bridge='br9'/>"
                                       "<target dev='vnet2'/></interface></devices></domain></domstatus>");
    put("/run/libvirt/qemu/torn.xml", "<domstatus><domain><name>torn</name><devices><interface><source bridge='br0'/>");
    lost = lost_taps(state, "br0");
    assert_string_equal(lost, "vnet0 of web&mail");
    assert_null(lost_taps(state, "nic0"));
    plan = plan_reattach(state, NULL, &refusal);
    check_text(plan, "put guests' interfaces back on their bridges (the kernel alone)\n"
                     "  1. put vnet0 of web&mail back on br0\n"
                     "check: check-port vnet0 br0\n");
    plan_free(plan);
    assert_null(plan_reattach(state, "nic0", &refusal));
    assert_string_equal(refusal.sentence, "this host has no bridge 'nic0'");
    refusal_clear(&refusal);
    host_link(state, "vnet0")->master = 5;
    assert_null(plan_reattach(state, NULL, &refusal));
    assert_true(refusal.done);
    refusal_clear(&refusal);
    host_state_free(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(firewall_rules),
        cmocka_unit_test_setup_teardown(firewall_plans, new_root, drop_root),
        cmocka_unit_test_setup_teardown(ports_of_network_manager, new_root, drop_root),
        cmocka_unit_test_setup_teardown(ports_of_ifupdown, new_root, drop_root),
        cmocka_unit_test_setup_teardown(ports_of_netplan, new_root, drop_root),
        cmocka_unit_test_setup_teardown(netplan_with_networkmanager, new_root, drop_root),
        cmocka_unit_test_setup_teardown(ifupdown2, new_root, drop_root),
        cmocka_unit_test_setup_teardown(network_scripts, new_root, drop_root),
        cmocka_unit_test_setup_teardown(cloud_init, new_root, drop_root),
        cmocka_unit_test_setup_teardown(session, new_root, drop_root),
        cmocka_unit_test_setup_teardown(session_by_the_link, new_root, drop_root),
        cmocka_unit_test_setup_teardown(session_on_the_way_back, new_root, drop_root),
        cmocka_unit_test_setup_teardown(session_from_afar, new_root, drop_root),
        cmocka_unit_test_setup_teardown(resolvers, new_root, drop_root),
        cmocka_unit_test_setup_teardown(taps, new_root, drop_root),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
