/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-hostnet.c - plans for the host's network from recorded hosts: what is refused, what is planned, the way back, the journal. */
#include "hostnet-host.h"

#define REFUSED(sentence, ...) (wish = plain, __VA_ARGS__, check_refused(state, &wish, sentence))

static void refusals(void **unused)
{
    struct host_state *state = new_host(true);
    const char *const wrong_length[] = {"192.0.2.10", NULL}, *const fine[] = {"192.0.2.20/24", NULL}, *const outside[] = {"198.51.100.1", NULL},
                      *const self[] = {"192.0.2.20", NULL}, *const no_address[] = {"carrot/24", NULL}, *const taken[] = {"10.0.0.1/24", NULL},
                      *const twice[] = {"192.0.2.20/24", "192.0.2.20/16", NULL}, *const group[] = {"224.0.0.5", NULL},
                      *const injected[] = {"lan\nnameserver 192.0.2.66", NULL},
                      *const two[] = {"192.0.2.1", "192.0.2.2", NULL};
    static const struct {
        const char *cidr, *why;
    } no_hosts[] = {
        {"192.0.2.0/24", "it is the network itself"},  {"192.0.2.255/24", "it is the broadcast address"}, {"224.0.0.1/24", "a group of hosts"},
        {"127.0.0.9/8", "this host talking to itself"}, {"0.0.0.0/0", "it is no host's address"},          {"2001:db8::/64", "it is the network itself"},
        {"ff02::1/64", "a group of hosts"},             {"::1/128", "this host talking to itself"},
    };
    struct bridge_wish wish;

    (void)unused;
    add_link(state, 4, "wlan0", NULL);
    g_hash_table_add(state->wireless, g_strdup("wlan0"));
    add_link(state, 5, "vnet0", "tun");
    add_link(state, 6, "br7", "bridge");
    add_link(state, 7, "nic7", NULL)->master = 6;
    add_link(state, 8, "nic8", NULL);
    add_link(state, 9, "macvtap0", "macvtap")->lower = 8;
    add_link(state, 10, "ppp0", NULL)->type = ARPHRD_PPP;
    add_address(state, 6, "10.0.0.1/24", true);
    g_hash_table_insert(state->owners, g_strdup("nic1"), GUINT_TO_POINTER(OWNER_NM | OWNER_NETWORKD));
    REFUSED("cannot be the name of a bridge", wish.bridge = "a name that is too long");
    REFUSED("cannot be the name of a bridge", wish.bridge = "../x");
    REFUSED("no network card 'eth9'", wish.port = "eth9");
    REFUSED("this host talking to itself", wish.port = "lo");
    REFUSED("is Wi-Fi", wish.port = "wlan0");
    REFUSED("carries no Ethernet frames", wish.port = "ppp0");
    REFUSED("software end of a guest", wish.port = "vnet0");
    REFUSED("is a port of br7 already", wish.port = "nic7");
    REFUSED("is a bridge itself", wish.port = "br7");
    REFUSED("is in use by macvtap0", wish.port = "nic8");
    REFUSED("more than one manager", wish.port = "nic1");
    REFUSED("there is a link nic1 already, which is no bridge", wish.bridge = "nic1");
    REFUSED("has no network's length", wish.mode = ADDRESS_STATIC, wish.addresses = wrong_length);
    REFUSED("is no address", wish.mode = ADDRESS_STATIC, wish.addresses = no_address);
    REFUSED("in use already, by br7", wish.mode = ADDRESS_STATIC, wish.addresses = taken);
    REFUSED("outside the network of 192.0.2.20/24", wish.mode = ADDRESS_STATIC, wish.addresses = fine, wish.gateways = outside);
    REFUSED("would be this host itself", wish.mode = ADDRESS_STATIC, wish.addresses = fine, wish.gateways = self);
    REFUSED("is a second one", wish.mode = ADDRESS_STATIC, wish.addresses = fine, wish.gateways = two);
    REFUSED("is a group address", wish.mac = "53:54:00:00:00:01");
    REFUSED("is no MAC address that a link can have", wish.mac = "00:00:00:00:00:00");
    for (guint i = 0; i < G_N_ELEMENTS(no_hosts); i++) {
        const char *const addresses[] = {no_hosts[i].cidr, NULL};

        REFUSED(no_hosts[i].why, wish.mode = ADDRESS_STATIC, wish.addresses = addresses);
    }
    REFUSED("192.0.2.20/16 is given twice", wish.mode = ADDRESS_STATIC, wish.addresses = twice);
    REFUSED("'224.0.0.5' is no address of a gateway: it is the address of a group", wish.mode = ADDRESS_STATIC, wish.addresses = fine,
            wish.gateways = group);
    REFUSED("'224.0.0.5' is no address of a DNS server", wish.mode = ADDRESS_STATIC, wish.addresses = fine, wish.dns = group);
    REFUSED("'lan\nnameserver 192.0.2.66' is no domain", wish.mode = ADDRESS_STATIC, wish.addresses = fine, wish.search = injected);
    REFUSED("no network manager runs here", wish.mode = ADDRESS_DHCP);
    host_state_free(state);
}

/* A bridge that is there with its card: all is done, or it says what is not as wished. */
static void present(void **unused)
{
    const char *const addresses[] = {"192.0.2.20/24", NULL}, *const gateways[] = {"192.0.2.1", NULL};
    struct host_state *state = new_host(true);
    struct refusal refusal = {NULL, NULL, false};
    struct bridge_wish wish = plain;

    (void)unused;
    add_link(state, 4, "br0", "bridge");
    host_link(state, "nic0")->master = 4;
    assert_null(plan_bridge_create(state, &plain, &refusal));
    assert_true(refusal.done);
    refusal_clear(&refusal);
    REFUSED("there already with nic0, but its MAC address is 52:54:00:00:00:04", wish.mac = "52:54:00:00:00:05");
    REFUSED("but it does not take part in the spanning tree protocol", wish.stp = true);
    REFUSED("there already with nic0, but it has not the address 192.0.2.20/24", wish.mode = ADDRESS_STATIC, wish.addresses = addresses);
    add_address(state, 4, "192.0.2.20/24", true);
    REFUSED("but no default route via 192.0.2.1 goes by it", wish.mode = ADDRESS_STATIC, wish.addresses = addresses, wish.gateways = gateways);
    add_default(state, 4, "192.0.2.1");
    wish.mac = "52:54:00:00:00:04";
    assert_null(plan_bridge_create(state, &wish, &refusal));
    assert_true(refusal.done);
    refusal_clear(&refusal);
    host_state_free(state);
}

/* A bridge that is there and empty takes the card; all others are someone's. */
static void adopted(void **unused)
{
    struct host_state *state = new_host(true);
    struct netlink_link *bridge = add_link(state, 4, "br0", "bridge");
    struct refusal refusal = {NULL, NULL, false};
    struct bridge_wish wish;
    struct plan *plan, *back;
    g_autofree char *text = NULL;

    (void)unused;
    bridge->up = false;
    bridge->stp = 1;
    bridge->forward_delay = 400;
    plan = planned(state, &plain);
    check_text(plan, "put nic0 into the existing bridge br0 (the kernel alone, until the next boot)\n"
                     "  1. give br0 the MAC address 52:54:00:00:00:02\n"
                     "  2. switch br0 on\n"
                     "  3. make nic0 a port of br0\n"
                     "  4. give br0 the address 192.0.2.10/24\n"
                     "  5. take the route default via 192.0.2.1 off nic0\n"
                     "  6. take 192.0.2.10/24 off nic0\n"
                     "  7. route default via 192.0.2.1 by br0\n"
                     "  8. no IPv6 on nic0 itself (net.ipv6.conf.nic0.disable_ipv6 = 1)\n"
                     "check: check-up br0\n"
                     "check: check-mac br0 52:54:00:00:00:02\n"
                     "check: check-port nic0 br0\n"
                     "check: check-address br0 192.0.2.10/24\n"
                     "check: check-route br0 default 192.0.2.1\n"
                     "check: check-gateway br0 192.0.2.1\n"
                     "note: no network manager configures nic0: THE BRIDGE IS GONE AFTER THE NEXT BOOT\n"
                     "note: with STP every port waits 8 s before it carries frames, and a switch with BPDU guard may shut its port\n");
    assert_int_equal(plan->patience, 18);
    assert_int_equal(plan->outage, 8000 + backend_none.outage);
    /* the bridge stays, whatever happens */
    for (guint i = 0; i < plan->steps->len; i++) {
        const struct step *step = g_ptr_array_index(plan->steps, i);

        assert_true(!step->undo || strcmp(step->undo[0], "link-delete") != 0);
    }
    for (guint i = 0; i < plan->rescue->len; i++)
        assert_string_not_equal(((char **)g_ptr_array_index(plan->rescue, i))[0], "link-delete");
    back = plan_backwards(state, plan, &refusal);
    assert_string_equal(back->what, "take nic0 out of the bridge br0 and give it back its own network");
    assert_true(back->adopted);
    plan_free(back);
    plan_free(plan);

    bridge->stp = 0;
    REFUSED("does not take part in the spanning tree protocol", wish.stp = true, wish.forward_delay = 15);
    put("/run/libvirt/network/guests.xml", "<networkstatus><network><name>guests</name><forward mode='bridge'/><bridge name='br0'/></network></networkstatus>");
    plan_free(planned(state, &plain));
    put("/run/libvirt/network/lab.xml", "<networkstatus><network><name>lab</name><bridge name='br0' stp='on' delay='0'/></network></networkstatus>");
    check_refused(state, &plain, "it belongs to libvirt's network 'lab'");
    put("/run/libvirt/network/lab.xml", "");
    add_link(state, 5, "nic5", NULL)->master = 4;
    check_refused(state, &plain, "the bridge br0 is there already, with nic5 in it");
    host_link(state, "nic5")->master = 0;
    add_link(state, 6, "vnet0", "tun")->master = 4;
    check_refused(state, &plain, "the bridge br0 is there already, with vnet0 in it");
    put("/run/libvirt/qemu/web.xml", "<domstatus><domain><name>web</name><devices><interface type='bridge'><source bridge='br0'/>"
                                     "<target dev='vnet0'/></interface></devices></domain></domstatus>");
    plan_free(planned(state, &plain));
    g_hash_table_insert(state->owners, g_strdup("nic0"), GUINT_TO_POINTER(OWNER_NETWORKD));
    check_refused(state, &plain, "the bridge br0 is there already, and systemd-networkd, which has nic0, does not know it");
    g_hash_table_insert(state->owners, g_strdup("br0"), GUINT_TO_POINTER(OWNER_IFUPDOWN));
    check_refused(state, &plain, "the bridge br0 is there already, configured by ifupdown, and nic0 is not");
    g_hash_table_insert(state->owners, g_strdup("nic0"), GUINT_TO_POINTER(OWNER_IFUPDOWN));
    check_refused(state, &plain, "this command cannot put a card into a bridge of ifupdown");
    add_address(state, 4, "192.0.2.20/24", true);
    check_refused(state, &plain, "is there already, and has the address 192.0.2.20/24");
    host_state_free(state);
}

/* A card without anything joins a bridge that systemd-networkd has: only the card gets a file. */
static void adopted_as_it_is(void **unused)
{
    struct host_state *state = new_host(true);
    struct bridge_wish wish = plain;
    struct plan *plan;

    (void)unused;
    add_link(state, 4, "br0", "bridge");
    g_hash_table_insert(state->owners, g_strdup("br0"), GUINT_TO_POINTER(OWNER_NETWORKD));
    wish.port = "nic1";
    plan = planned(state, &wish);
    check_text(plan, "put nic1 into the existing bridge br0 (systemd-networkd)\n"
                     "  1. write /etc/systemd/network/05-hvsh-nic1.network\n"
                     "       + # made by hvsh: bridge-delete br0 takes it away\n"
                     "       + [Match]\n"
                     "       + Name=nic1\n"
                     "       + \n"
                     "       + [Network]\n"
                     "       + Bridge=br0\n"
                     "       + LinkLocalAddressing=no\n"
                     "       + IPv6AcceptRA=no\n"
                     "  2. let systemd-networkd read its files (networkctl reload)\n"
                     "check: check-up br0\n"
                     "check: check-port nic1 br0\n");
    plan_free(plan);
    host_state_free(state);
}

static void kernel_alone(void **unused)
{
    struct host_state *state = new_host(true);
    struct plan *plan = planned(state, &plain);

    (void)unused;
    check_text(plan, "put nic0 into the new bridge br0 (the kernel alone, until the next boot)\n"
                     "  1. create the bridge br0\n"
                     "  2. give it the MAC address 52:54:00:00:00:02\n"
                     "  3. switch br0 on\n"
                     "  4. make nic0 a port of br0\n"
                     "  5. give br0 the address 192.0.2.10/24\n"
                     "  6. take the route default via 192.0.2.1 off nic0\n"
                     "  7. take 192.0.2.10/24 off nic0\n"
                     "  8. route default via 192.0.2.1 by br0\n"
                     "  9. no IPv6 on nic0 itself (net.ipv6.conf.nic0.disable_ipv6 = 1)\n"
                     "check: check-up br0\n"
                     "check: check-mac br0 52:54:00:00:00:02\n"
                     "check: check-port nic0 br0\n"
                     "check: check-address br0 192.0.2.10/24\n"
                     "check: check-route br0 default 192.0.2.1\n"
                     "check: check-gateway br0 192.0.2.1\n"
                     "note: no network manager configures nic0: THE BRIDGE IS GONE AFTER THE NEXT BOOT\n");
    plan_free(plan);
    host_state_free(state);
}

/* The card's file is for several cards and has a drop-in, a VLAN and a [Link]; it is not touched. */
static void networkd(void **unused)
{
    struct host_state *state = new_host(false);
    struct plan *plan;

    (void)unused;
    put("/run/systemd/netif/state", "");
    put("/run/systemd/netif/links/2", "ADMIN_STATE=configured\nNETWORK_FILE=/etc/systemd/network/10-all.network\n");
    put("/run/systemd/netif/leases/2", "ADDRESS=192.0.2.10\nCLIENTID=ff0000000a00020000ab11\n");
    put("/etc/systemd/network/10-all.network", "[Match]\nName=nic*\n\n[Link]\nMTUBytes=1500\n\n[Network]\n# by DHCP\nDHCP=ipv4\nVLAN=guests\n");
    put("/etc/systemd/network/10-all.network.d/metric.conf", "[DHCPv4]\nRouteMetric=5\n");
    probe_owners(state);
    assert_int_equal(host_owners(state, "nic0"), OWNER_NETWORKD);
    plan = planned(state, &plain);
    check_text(plan, "put nic0 into the new bridge br0 (systemd-networkd)\n"
                     "  1. write /etc/systemd/network/05-hvsh-br0.netdev\n"
                     "       + # made by hvsh: bridge-delete br0 takes it away\n"
                     "       + [NetDev]\n"
                     "       + Name=br0\n"
                     "       + Kind=bridge\n"
                     "       + MACAddress=52:54:00:00:00:02\n"
                     "       + \n"
                     "       + [Bridge]\n"
                     "       + STP=no\n"
                     "       + ForwardDelaySec=0\n"
                     "  2. write /etc/systemd/network/05-hvsh-br0.network\n"
                     "       + # made by hvsh: bridge-delete br0 takes it away\n"
                     "       + [Match]\n"
                     "       + Name=br0\n"
                     "       + \n"
                     "       + [Network]\n"
                     "       + DHCP=ipv4\n"
                     "       + \n"
                     "       + [DHCPv4]\n"
                     "       + RouteMetric=5\n"
                     "       + \n"
                     "       + [DHCPv4]\n"
                     "       + IAID=10\n"
                     "  3. write /etc/systemd/network/05-hvsh-nic0.network\n"
                     "       + # made by hvsh: bridge-delete br0 takes it away\n"
                     "       + [Match]\n"
                     "       + Name=nic0\n"
                     "       + \n"
                     "       + [Link]\n"
                     "       + MTUBytes=1500\n"
                     "       + \n"
                     "       + [Network]\n"
                     "       + Bridge=br0\n"
                     "       + LinkLocalAddressing=no\n"
                     "       + IPv6AcceptRA=no\n"
                     "       + VLAN=guests\n"
                     "  4. let systemd-networkd read its files (networkctl reload)\n"
                     "check: check-up br0\n"
                     "check: check-mac br0 52:54:00:00:00:02\n"
                     "check: check-port nic0 br0\n"
                     "check: check-address br0 any\n"
                     "check: check-route br0 default 192.0.2.1\n"
                     "check: check-gateway br0 192.0.2.1\n");
    plan_free(plan);
    host_state_free(state);
}

/* Comments, a card under another name, lists in both styles, a bridge that is there: all else stays as it is. */
static void netplan(void **unused)
{
    struct host_state *state = new_host(true);
    g_autofree char *text = NULL;
    struct plan *plan;

    (void)unused;
    if (!backend_netplan.create) {
        host_state_free(state);
        skip();
    }
    put("/run/systemd/netif/links/2", "NETWORK_FILE=/run/systemd/network/10-netplan-lan.network\n");
    put("/etc/netplan/90-other.yaml", "network: {ethernets: {nic1: {dhcp4: true}}}\n");
    put("/etc/netplan/50-cloud-init.yaml", "# ours\nnetwork:\n  ethernets:\n    lan:\n      # the LAN\n      match: {macaddress: \"52:54:00:00:00:02\"}\n"
                                         "      addresses:\n      - 192.0.2.10/24\n      # a second one\n      - 192.0.2.11/24\n      set-name: nic0\n"
                                         "      routes:\n        - to: default\n          via: 192.0.2.1\n      mtu: 1500\n      nameservers:\n"
                                         "        addresses: [192.0.2.53,\n          192.0.2.54]\n    other:\n      dhcp4: true\n  bridges:\n    br7:\n"
                                         "      dhcp4: false\n  version: 2\n");
    probe_owners(state);
    assert_int_equal(host_owners(state, "nic0"), OWNER_NETPLAN);
    plan = planned(state, &plain);
    text = blob_text(plan, 1);
    assert_string_equal(text, "# ours\nnetwork:\n  ethernets:\n    lan:\n      dhcp4: false\n      dhcp6: false\n      accept-ra: false\n"
                              "      link-local: []\n      # the LAN\n      match: {macaddress: \"52:54:00:00:00:02\"}\n      set-name: nic0\n"
                              "      mtu: 1500\n    other:\n      dhcp4: true\n  bridges:\n    br0:\n      interfaces: [lan]\n"
                              "      macaddress: \"52:54:00:00:00:02\"\n      parameters: {stp: false, forward-delay: 0}\n      addresses:\n"
                              "      - 192.0.2.10/24\n      # a second one\n      - 192.0.2.11/24\n      routes:\n        - to: default\n"
                              "          via: 192.0.2.1\n      nameservers:\n        addresses: [192.0.2.53,\n          192.0.2.54]\n    br7:\n"
                              "      dhcp4: false\n  version: 2\n");
    assert_non_null(strstr(g_ptr_array_index(plan->notes, 0), "written by cloud-init"));
    plan_free(plan);
    put("/etc/netplan/50-cloud-init.yaml", "network: {ethernets: {nic0: {dhcp4: true}}}\n");
    check_refused(state, &plain, "in braces, or empty");
    put("/etc/netplan/91-third.yaml", "network:\n  ethernets:\n    nic0:\n      dhcp4: true\n");
    check_refused(state, &plain, "say something of nic0");
    host_state_free(state);
}

/* The profile as NetworkManager told it goes to the bridge; the port outbids it. */
static void network_manager(void **unused)
{
    static const char profile[] = "{'connection': {'id': <'lan'>, 'uuid': <'u-1'>, 'autoconnect-priority': <7>, 'zone': <'work'>},"
                                  " '802-3-ethernet': {'mtu': <uint32 1400>}, 'ipv4': {'method': <'auto'>, 'dhcp-client-id': <'mac'>},"
                                  " 'ipv6': {'method': <'auto'>, 'addr-gen-mode': <0>}}";
    struct host_state *state = new_host(false);
    struct plan *plan;
    g_autofree char *text = NULL;

    (void)unused;
    put("/run/NetworkManager/devices/2", "[device]\nmanaged=true\nconnection-uuid=u-1\n");
    put("/run/NetworkManager/devices/3", "[device]\nmanaged=true\n");
    probe_owners(state);
    assert_int_equal(host_owners(state, "nic0"), OWNER_NM);
    assert_int_equal(host_owners(state, "nic1"), OWNER_NONE);
    check_refused(state, &plain, "NetworkManager, which configures nic0, does not run");
    state->nm_runs = true;
    check_refused(state, &plain, "does not show the profile of nic0");
    state->nm_profile = g_variant_parse(G_VARIANT_TYPE("a{sa{sv}}"), profile, NULL, NULL, NULL);
    plan = planned(state, &plain);
    text = plan_text(plan);
    assert_non_null(strstr(text, "+ connection.zone = 'work'\n"));
    assert_non_null(strstr(text, "+ 802-3-ethernet.assigned-mac-address = '52:54:00:00:00:02'\n"));
    assert_non_null(strstr(text, "+ ipv4.dhcp-client-id = 'mac'\n"));
    assert_non_null(strstr(text, "+ connection.autoconnect-priority = 107\n"));
    assert_non_null(strstr(text, "+ 802-3-ethernet.mtu = 1400\n"));
    plan_free(plan);
    host_state_free(state);
}

#define INTERFACES \
    "# the machine in the corner\nauto lo\niface lo inet loopback\n\nallow-hotplug nic0 nic1\n# the LAN\niface nic0 inet static\n" \
    "    address 192.0.2.10/24\n    gateway 192.0.2.1\n    # slow switch\n    up ethtool -K nic0 tso off\niface nic0 inet6 auto\n\n" \
    "iface nic1 inet dhcp\n"

static struct host_state *ifupdown_host(void)
{
    struct host_state *state = new_host(true);

    put("/run/network/ifstate", "lo=lo\nnic0=nic0\n");
    put("/etc/network/interfaces", INTERFACES);
    probe_owners(state);
    return state;
}

static void ifupdown(void **unused)
{
    struct host_state *state = ifupdown_host();
    struct plan *plan = planned(state, &plain);

    (void)unused;
    check_text(plan, "put nic0 into the new bridge br0 (ifupdown)\n"
                     "  1. take nic0 down (ifdown nic0)\n"
                     "  2. change /etc/network/interfaces\n"
                     "       - allow-hotplug nic0 nic1\n"
                     "       + allow-hotplug nic1\n"
                     "       + auto br0\n"
                     "       - iface nic0 inet static\n"
                     "       + iface nic0 inet manual\n"
                     "       + \n"
                     "       + iface br0 inet static\n"
                     "       +     bridge_ports nic0\n"
                     "       +     bridge_stp off\n"
                     "       +     bridge_fd 0\n"
                     "       +     bridge_maxwait 0\n"
                     "       +     bridge_hw 52:54:00:00:00:02\n"
                     "       - iface nic0 inet6 auto\n"
                     "       + iface br0 inet6 auto\n"
                     "  3. bring br0 up (ifup br0)\n"
                     "check: check-up br0\n"
                     "check: check-mac br0 52:54:00:00:00:02\n"
                     "check: check-port nic0 br0\n"
                     "check: check-address br0 192.0.2.10/24\n"
                     "check: check-route br0 default 192.0.2.1\n"
                     "check: check-gateway br0 192.0.2.1\n");
    plan_free(plan);
    host_state_free(state);
}

/* The wish replaces what the stanza says; one of two families each has its gateway. */
static void ifupdown_static(void **unused)
{
    const char *const addresses[] = {"192.0.2.20/24", "2001:db8::20/64", NULL}, *const gateways[] = {"192.0.2.1", "2001:db8::1", NULL},
                      *const dns[] = {"192.0.2.53", "192.0.2.54", NULL};
    struct bridge_wish wish = {
        .bridge = "br0", .port = "nic0", .mode = ADDRESS_STATIC, .addresses = addresses, .gateways = gateways, .dns = dns};
    struct host_state *state = ifupdown_host();
    struct plan *plan = planned(state, &wish);
    g_autofree char *text = NULL;

    (void)unused;
    text = new_text(plan, "/etc/network/interfaces");
    assert_non_null(text);
    assert_non_null(strstr(text, "iface br0 inet static\n    address 192.0.2.20/24\n    gateway 192.0.2.1\n"
                                 "    dns-nameservers 192.0.2.53 192.0.2.54\n    bridge_ports nic0\n"));
    assert_non_null(strstr(text, "iface br0 inet6 static\n    address 2001:db8::20/64\n    gateway 2001:db8::1\n"));
    assert_null(strstr(text, "192.0.2.10"));
    assert_non_null(strstr(text, "iface nic1 inet dhcp\n"));
    plan_free(plan);
    host_state_free(state);
}

/* On disk and back again, and then backwards: every file gets its old bytes. */
static void journals(void **unused)
{
    struct host_state *state = ifupdown_host();
    struct refusal refusal = {NULL, NULL, false};
    g_autofree char *error = NULL, *new_text = NULL, *old_text = NULL;
    g_autofree char *home = g_strconcat(root, "/journals", NULL);
    struct journal *written, *read;
    struct plan *back;
    const struct step *last;

    (void)unused;
    g_setenv("HVSH_NET_STATE", home, TRUE);
    written = journal_create(planned(state, &plain), 60, true, NULL, &error);
    assert_non_null(written);
    read = journal_read(written->folder, &error);
    assert_non_null(read);
    assert_string_equal(read->plan->what, "put nic0 into the new bridge br0");
    assert_int_equal(read->timeout, 60);
    assert_true(read->confirm_by_checks);
    assert_int_equal(read->plan->steps->len, written->plan->steps->len);
    assert_int_equal(read->plan->checks->len, written->plan->checks->len);
    for (guint i = 0; i < read->plan->steps->len; i++) {
        const struct step *a = g_ptr_array_index(read->plan->steps, i), *b = g_ptr_array_index(written->plan->steps, i);

        assert_string_equal(a->text, b->text);
        assert_true(!a->action == !b->action && (!a->action || g_strv_equal((const char *const *)a->action, (const char *const *)b->action)));
        assert_true(!a->undo == !b->undo && (!a->undo || g_strv_equal((const char *const *)a->undo, (const char *const *)b->undo)));
    }
    /* not applied: the file is not as the plan would have left it */
    assert_null(plan_backwards(state, read->plan, &refusal));
    assert_non_null(strstr(refusal.sentence, "/etc/network/interfaces was changed"));
    refusal_clear(&refusal);

    new_text = blob_text(read->plan, 1);
    put("/etc/network/interfaces", new_text);
    back = plan_backwards(state, read->plan, &refusal);
    assert_non_null(back);
    last = g_ptr_array_index(back->steps, back->steps->len - 1);
    assert_string_equal(last->action[0], "run");
    assert_string_equal(last->action[1], "ifup");
    old_text = blob_text(back, 0);
    assert_string_equal(old_text, INTERFACES);
    plan_free(back);

    assert_int_equal(journal_set_state(written->folder, "confirmed"), 0);
    journal_free(read);
    read = journal_of_bridge("br0");
    assert_non_null(read);
    assert_string_equal(read->id, written->id);
    assert_null(journal_of_bridge("br1"));
    journal_free(read);
    journal_free(written);
    host_state_free(state);
}

static void put_journal(guint number, const char *state)
{
    g_autofree char *plan = g_strdup_printf("/journals/2001%02u-br0/plan", number), *file = g_strdup_printf("/journals/2001%02u-br0/state", number);

    put(plan, "hvsh network plan 1\nwhat x\nbridge br0\nhow x\n");
    put(file, state);
}

/* What ended is thrown away some day; a way back, what went wrong, and what is under way never are. */
static void old_journals(void **unused)
{
    static const char *const lasting[] = {"confirmed\n", "broken\n", "waiting\n", "undoing\n", "applying\n", "ready\n"};
    g_autofree char *home = g_strconcat(root, "/journals", NULL), *error = NULL;
    g_autoptr(GPtrArray) list = NULL;
    struct host_state *state = ifupdown_host();
    struct journal *made;
    guint number = 0;

    (void)unused;
    g_setenv("HVSH_NET_STATE", home, TRUE);
    for (guint i = 0; i < G_N_ELEMENTS(lasting); i++)
        put_journal(number++, lasting[i]);
    for (guint i = 0; i < JOURNALS_KEPT + 7; i++)
        put_journal(number++, i % 2 ? "undone\n" : "deleted\n");
    put("/journals/.gone-200001-br0/plan", "half of it\n");
    put("/journals/.lock", "");
    made = journal_create(planned(state, &plain), 60, true, NULL, &error);
    assert_non_null(made);
    list = journal_list();
    assert_int_equal(list->len, G_N_ELEMENTS(lasting) + JOURNALS_KEPT + 1);
    for (guint i = 0; i < list->len; i++) {
        g_autofree char *is = journal_state(g_ptr_array_index(list, i)), *name = g_path_get_basename(g_ptr_array_index(list, i));
        g_autofree char *line = g_strconcat(is, "\n", NULL);

        if (i < G_N_ELEMENTS(lasting))
            assert_string_equal(line, lasting[i]);
        else if (i == G_N_ELEMENTS(lasting))
            assert_string_equal(name, "200113-br0"); /* the newest are kept */
    }
    assert_false(host_has(state, "/journals/.gone-200001-br0"));
    assert_true(host_has(state, "/journals/.lock"));
    journal_free(made);
    made = journal_of_bridge("br0");
    assert_non_null(made);
    assert_string_equal(made->id, "200100-br0");
    journal_free(made);
    host_state_free(state);
}

/* A journal that someone damaged is refused, not obeyed. */
static void damaged_journal(void **unused)
{
    g_autofree char *folder = g_strconcat(root, "/damaged", NULL), *error = NULL;

    (void)unused;
    put("/damaged/plan", "hvsh network plan 1\nwhat x\nbridge br0\nstep x\ndo 'unended\n");
    assert_null(journal_read(folder, &error));
    assert_non_null(strstr(error, "cannot be read"));
    put("/damaged/plan", "something else\n");
    assert_null(journal_read(folder, NULL));
}

static void forwarding(void **unused)
{
    struct host_state *state = new_host(true);
    struct refusal refusal = {NULL, NULL, false};
    struct sysctl_setting setting;
    struct plan *plan;

    (void)unused;
    put("/proc/sys/net/ipv4/ip_forward", "0\n");
    put("/etc/sysctl.d/zz-late.conf", "# ours\nnet.ipv4.ip_forward = 0\n");
    put("/usr/lib/sysctl.d/10-early.conf", "-net/ipv4/ip_forward=1\n");
    plan = plan_forwarding(state, true, true, false, false, &refusal);
    assert_non_null(plan);
    check_text(plan, "turn forwarding on (IPv4) (the kernel's switches)\n"
                     "  1. net.ipv4.ip_forward = 1 (is 0)\n"
                     "  2. write " FORWARDING_FILE "\n"
                     "       + # made by hvsh: forwarding on, forwarding off\n"
                     "       + net.ipv4.ip_forward = 1\n"
                     "note: /etc/sysctl.d/zz-late.conf line 2 says otherwise and is read later: it wins at the next boot; take that line out\n");
    plan_free(plan);
    setting = sysctl_at_boot(state, "net/ipv4/ip_forward");
    assert_int_equal(setting.value, 0);
    assert_string_equal(setting.file, "/etc/sysctl.d/zz-late.conf");
    g_free(setting.file);
    put("/proc/sys/net/ipv4/ip_forward", "1\n");
    assert_null(plan_forwarding(state, true, true, false, true, &refusal));
    assert_true(refusal.done);
    refusal_clear(&refusal);
    /* nothing to do now does not mean that all is well at the next boot */
    put(FORWARDING_FILE, "# made by hvsh: forwarding on, forwarding off\nnet.ipv4.ip_forward = 1\n");
    assert_null(plan_forwarding(state, true, true, false, false, &refusal));
    assert_true(refusal.done);
    assert_non_null(strstr(refusal.hint, "zz-late.conf line 2 says otherwise"));
    refusal_clear(&refusal);
    host_state_free(state);
}

/* One switch has two names, and lines may name many at once. */
static void forwarding_by_other_names(void **unused)
{
    static const struct {
        const char *late;
        int four, six;
    } cases[] = {
        {"net.ipv4.conf.all.forwarding = 0\n", 0, 1},
        {"net.ipv4.conf.*.forwarding = 0\n", 0, 1},
        {"net.ipv6.conf.*.forwarding = 0\n", 1, 1}, /* a line that names it goes before */
        {"net.ipv4.conf.all.forwarding = 0\nnet.ipv4.ip_forward = 1\n", 1, 1},
        {"net.ipv4.conf.eth0.forwarding = 0\n", 1, 1},
        {"net.ipv4.* = 0\n", 1, 1}, /* '*' is within one word */
    };
    struct host_state *state = new_host(true);

    (void)unused;
    put(FORWARDING_FILE, "net.ipv4.ip_forward = 1\nnet.ipv6.conf.all.forwarding = 1\n");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct sysctl_setting four, six;

        put("/etc/sysctl.d/99-zzz.conf", cases[i].late);
        four = sysctl_at_boot(state, "net/ipv4/ip_forward");
        six = sysctl_at_boot(state, "net/ipv6/conf/all/forwarding");
        assert_int_equal(four.value, cases[i].four);
        assert_int_equal(six.value, cases[i].six);
        g_free(four.file);
        g_free(six.file);
    }
    host_state_free(state);
}

/* A host that forwards IPv6 hears routers by accept_ra = 2 only: the card, whether an advertisement has come yet or not, and then the bridge. */
static void forwarding_and_routers(void **unused)
{
    struct host_state *state = new_host(true);
    struct refusal refusal = {NULL, NULL, false};
    g_autofree char *text = NULL;
    struct plan *plan;

    (void)unused;
    put("/proc/sys/net/ipv6/conf/all/forwarding", "0\n");
    put("/proc/sys/net/ipv6/conf/nic0/accept_ra", "1\n");
    put("/proc/sys/net/ipv6/conf/nic1/accept_ra", "1\n");
    plan = plan_forwarding(state, true, false, true, true, &refusal);
    assert_non_null(plan);
    check_text(plan, "turn forwarding on (IPv6) (the kernel's switches, until the next boot)\n"
                     "  1. net.ipv6.conf.nic0.accept_ra = 2 (is 1)\n"
                     "  2. net.ipv6.conf.all.forwarding = 1 (is 0)\n");
    plan_free(plan);
    put("/proc/sys/net/ipv6/conf/nic0/accept_ra", "2\n");
    put("/proc/sys/net/ipv6/conf/nic0/disable_ipv6", "1\n");
    plan = planned(state, &plain);
    text = plan_text(plan);
    assert_non_null(strstr(text, "let br0 hear routers while this host forwards (net.ipv6.conf.br0.accept_ra = 2)"));
    assert_null(strstr(text, "disable_ipv6"));
    plan_free(plan);
    host_state_free(state);
    state = ifupdown_host();
    plan = planned(state, &plain);
    g_free(text);
    text = new_text(plan, "/etc/network/interfaces");
    assert_non_null(strstr(text, "    bridge_hw 52:54:00:00:00:02\n"
                                 "    pre-up [ -e /sys/class/net/$IFACE ] || ip link add $IFACE address 52:54:00:00:00:02 type bridge\n"
                                 "    pre-up echo 2 >/proc/sys/net/ipv6/conf/$IFACE/accept_ra\n"));
    plan_free(plan);
    host_state_free(state);
}

/* Two gateways of one route cannot be handed over one by one. */
static void several_gateways(void **unused)
{
    struct host_state *state = new_host(true);
    struct netlink_route *route = g_ptr_array_index(state->routes, 0);

    (void)unused;
    route->paths = 2;
    check_refused(state, &plain, "the route default of nic0 has 2 gateways, which this command cannot move without a network manager");
    host_state_free(state);
}

static void differences(void **unused)
{
    g_autofree char *some = text_difference("a\nb\nc\n", "a\nx\nc\nd\n"), *none = text_difference("a\n", "a\n"), *all = text_difference("", "a\n");

    (void)unused;
    assert_string_equal(some, "- b\n+ x\n+ d\n");
    assert_string_equal(none, "");
    assert_string_equal(all, "+ a\n");
}

/* Actions and checks as a preview tells them. */
static void words(void **unused)
{
    static const struct {
        const char *words, *text;
    } cases[] = {
        {"bridge-add br0 0 0", "create the bridge br0"},
        {"route-add nic0 default 192.0.2.1 0 -", "route default via 192.0.2.1 by nic0"},
        {"route-delete nic0 10.0.0.0/8 - 0 -", "take the route 10.0.0.0/8 off nic0"},
        {"file /etc/x 644:0:0 3", "restore /etc/x"},
        {"run networkctl reload", "networkctl reload"},
        {"nm-zone br0 -", "put br0 into firewalld's zone (the default)"},
        {"check-address br0 any", "br0 has an IPv4 address"},
        {"check-address br0 192.0.2.1/24", "br0 has the address 192.0.2.1/24"},
        {"check-resolver br0 192.0.2.53 in-use", "the DNS server 192.0.2.53 is asked as before, and answers"},
        {"check-resolver br0 192.0.2.53", "the DNS server 192.0.2.53 answers"},
        {"something else", "something else"},
        {"link-mac br0", "give br0 the MAC address ?"},
    };

    (void)unused;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(GStrv) list = g_strsplit(cases[i].words, " ", -1);
        g_autofree char *text = words_text(list);

        assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(refusals, new_root, drop_root),
        cmocka_unit_test_setup_teardown(present, new_root, drop_root),
        cmocka_unit_test_setup_teardown(adopted, new_root, drop_root),
        cmocka_unit_test_setup_teardown(adopted_as_it_is, new_root, drop_root),
        cmocka_unit_test_setup_teardown(kernel_alone, new_root, drop_root),
        cmocka_unit_test_setup_teardown(networkd, new_root, drop_root),
        cmocka_unit_test_setup_teardown(netplan, new_root, drop_root),
        cmocka_unit_test_setup_teardown(network_manager, new_root, drop_root),
        cmocka_unit_test_setup_teardown(ifupdown, new_root, drop_root),
        cmocka_unit_test_setup_teardown(ifupdown_static, new_root, drop_root),
        cmocka_unit_test_setup_teardown(journals, new_root, drop_root),
        cmocka_unit_test_setup_teardown(old_journals, new_root, drop_root),
        cmocka_unit_test_setup_teardown(damaged_journal, new_root, drop_root),
        cmocka_unit_test_setup_teardown(forwarding, new_root, drop_root),
        cmocka_unit_test_setup_teardown(forwarding_by_other_names, new_root, drop_root),
        cmocka_unit_test_setup_teardown(forwarding_and_routers, new_root, drop_root),
        cmocka_unit_test_setup_teardown(several_gateways, new_root, drop_root),
        cmocka_unit_test(differences),
        cmocka_unit_test(words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
