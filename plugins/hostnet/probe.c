/* SPDX-License-Identifier: GPL-3.0-or-later */
/* probe.c - reading the host. */
#include "probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <netinet/if_ether.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "action.h"

static void add_owner(struct host_state *state, const char *name, enum owner owner)
{
    unsigned int owners = host_owners(state, name) | owner;

    g_hash_table_insert(state->owners, g_strdup(name), GUINT_TO_POINTER(owners));
}

/* A line "KEY=..." of a state file, without its key. */
static char *line_value(const char *text, const char *key)
{
    const char *at = text;
    size_t length = strlen(key);

    for (; at; at = strchr(at, '\n'), at = at ? at + 1 : NULL)
        if (strncmp(at, key, length) == 0 && at[length] == '=')
            return g_strndup(at + length + 1, strcspn(at + length + 1, "\n"));
    return NULL;
}

static void probe_networkd(struct host_state *state, const struct netlink_link *link)
{
    g_autofree char *path = g_strdup_printf("/run/systemd/netif/links/%d", link->index), *text = host_file(state, path), *file = NULL;

    if (!text)
        return;
    file = line_value(text, "NETWORK_FILE");
    if (!file)
        return;
    add_owner(state, link->name, g_str_has_prefix(file, "/run/systemd/network/10-netplan-") ? OWNER_NETPLAN : OWNER_NETWORKD);
}

/* Has netplan a profile for the card? It is named by the card's entry there, which may have another name than the card. */
static bool netplan_wrote_profile(const struct host_state *state, const char *name)
{
    static const char profiles[] = "/run/NetworkManager/system-connections";
    g_autofree char *folder = g_strconcat(state->root, profiles, NULL), *line = g_strdup_printf("\ninterface-name=%s\n", name);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    bool found = false;
    const char *entry;

    while (dir && !found && (entry = g_dir_read_name(dir))) {
        g_autofree char *path = g_strdup_printf("%s/%s", profiles, entry), *text = NULL;

        if (g_str_has_prefix(entry, "netplan-") && (text = host_file(state, path)))
            found = strstr(text, line) != NULL;
    }
    return found;
}

static void probe_nm(struct host_state *state, const struct netlink_link *link)
{
    g_autofree char *path = g_strdup_printf("/run/NetworkManager/devices/%d", link->index), *text = host_file(state, path);
    g_autofree char *managed = NULL, *profile = NULL;

    if (!text || !host_has(state, "/run/NetworkManager"))
        return;
    managed = line_value(text, "managed");
    profile = line_value(text, "connection-uuid");
    /* a card that NetworkManager watches but has no profile for is free */
    if (!managed || strcmp(managed, "true") != 0 || !profile)
        return;
    add_owner(state, link->name, netplan_wrote_profile(state, link->name) ? OWNER_NETPLAN : OWNER_NM);
}

static void probe_ifupdown(struct host_state *state)
{
    g_autofree char *text = host_file(state, "/run/network/ifstate");
    g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);

    for (char **line = lines; *line; line++) {
        (*line)[strcspn(*line, "=")] = '\0';
        if (**line && strcmp(*line, "lo") != 0 && host_link(state, *line))
            add_owner(state, *line, OWNER_IFUPDOWN);
    }
}

/* ifupdown2 keeps what it has up in a form of its own: what its file names is its own. */
static void probe_ifupdown2(struct host_state *state)
{
    state->ifupdown2 = host_has(state, "/etc/network/interfaces") && (host_has(state, "/sbin/ifreload") || host_has(state, "/usr/sbin/ifreload"));
    for (guint i = 0; state->ifupdown2 && i < state->links->len; i++) {
        const struct netlink_link *link = g_ptr_array_index(state->links, i);

        if (interfaces_mention(state, link->name))
            add_owner(state, link->name, OWNER_IFUPDOWN);
    }
    if (state->ifupdown2)
        state->managers |= OWNER_IFUPDOWN;
}

/* The network scripts of RHEL 7, when it is them that brought the network up. NetworkManager reads the same files, and then owns the card. */
static void probe_ifcfg(struct host_state *state, const struct netlink_link *link)
{
    g_autofree char *path = g_strdup_printf("/etc/sysconfig/network-scripts/ifcfg-%s", link->name);

    if ((state->managers & OWNER_IFCFG) && !host_owners(state, link->name) && host_has(state, path))
        add_owner(state, link->name, OWNER_IFCFG);
}

void probe_owners(struct host_state *state)
{
    if (host_has(state, "/run/lock/subsys/network") || host_has(state, "/var/lock/subsys/network"))
        state->managers |= OWNER_IFCFG;
    if (host_has(state, "/run/network/ifstate") && host_has(state, "/etc/network/interfaces"))
        state->managers |= OWNER_IFUPDOWN;
    if (host_has(state, "/run/systemd/netif/state"))
        state->managers |= OWNER_NETWORKD;
    if (host_has(state, "/run/NetworkManager/devices"))
        state->managers |= OWNER_NM;
    probe_ifupdown(state);
    probe_ifupdown2(state);
    for (guint i = 0; i < state->links->len; i++) {
        const struct netlink_link *link = g_ptr_array_index(state->links, i);

        if (link->flags & 8 /* loopback */)
            continue;
        probe_networkd(state, link);
        probe_nm(state, link);
        probe_ifcfg(state, link);
    }
}

static void probe_wireless(struct host_state *state)
{
    for (guint i = 0; i < state->links->len; i++) {
        const struct netlink_link *link = g_ptr_array_index(state->links, i);
        g_autofree char *phy = g_strdup_printf("/sys/class/net/%s/phy80211", link->name);
        g_autofree char *old = g_strdup_printf("/sys/class/net/%s/wireless", link->name);

        if (host_has(state, phy) || host_has(state, old))
            g_hash_table_add(state->wireless, g_strdup(link->name));
    }
}

/* A variable in the environment of a process that began this one, however far above; NULL: none of them has it, or may be looked at. */
static char *variable_above(const char *name)
{
    size_t length = strlen(name);
    int pid = getppid();

    for (int level = 0; pid > 1 && level < 64; level++) {
        g_autofree char *environment = g_strdup_printf("/proc/%d/environ", pid), *status = g_strdup_printf("/proc/%d/stat", pid);
        g_autofree char *text = NULL, *line = NULL;
        const char *end;
        gsize size;

        if (g_file_get_contents(environment, &text, &size, NULL))
            for (const char *at = text; at < text + size; at += strlen(at) + 1)
                if (strncmp(at, name, length) == 0 && at[length] == '=')
                    return g_strdup(at + length + 1);
        /* "PID (name) S PARENT": the name may hold anything */
        if (!g_file_get_contents(status, &line, NULL, NULL) || !(end = strrchr(line, ')')) || sscanf(end, ") %*c %d", &pid) != 1)
            return NULL;
    }
    return NULL;
}

/* SSH_CONNECTION: "peer port this-end port"; sudo drops it, and then a shell above has it. */
static void probe_session(struct host_state *state)
{
    const char *ssh = getenv("SSH_CONNECTION");
    g_autofree char *above = ssh ? NULL : variable_above("SSH_CONNECTION");
    g_auto(GStrv) words = g_strsplit(ssh ? ssh : above ? above : "", " ", -1);

    if (g_strv_length(words) != 4)
        return;
    /* "fe80::1%eth0": the link's name is not of the address */
    state->session_peer = g_strndup(words[0], strcspn(words[0], "%"));
    state->session_local = g_strndup(words[2], strcspn(words[2], "%"));
}

struct host_state *probe_host(const char *root, char **error)
{
    struct host_state *state = host_state_new(root);
    struct netlink *netlink = NULL;
    int result = netlink_open(&netlink);
    GPtrArray *array;

    if (!result && (result = netlink_links(netlink, &array)) == 0) {
        g_ptr_array_unref(state->links);
        state->links = array;
    }
    if (!result && (result = netlink_addresses(netlink, &array)) == 0) {
        g_ptr_array_unref(state->addresses);
        state->addresses = array;
    }
    if (!result && (result = netlink_routes(netlink, AF_UNSPEC, &array)) == 0) {
        g_ptr_array_unref(state->routes);
        state->routes = array;
    }
    netlink_close(netlink);
    if (result) {
        *error = g_strdup_printf("cannot ask the kernel about the network: %s", g_strerror(-result));
        host_state_free(state);
        return NULL;
    }
    probe_wireless(state);
    probe_owners(state);
    probe_session(state);
    return state;
}

/* A neighbour that answers is added to those; the end is when the asking ends. */
static void probe_neighbour(struct host_state *state, const struct netlink_link *link, char *address, gint64 end)
{
    char *words[] = {(char[]){"check-gateway"}, link->name, address, NULL};

    do {
        g_autofree char *why = NULL;

        if (action_holds(words, &why)) {
            g_hash_table_add(state->answering, g_strdup(address));
            return;
        }
        g_usleep(20000);
    } while (g_get_monotonic_time() < end);
}

void probe_neighbours(struct host_state *state, const char *port)
{
    const struct netlink_link *link = host_link(state, port);
    gint64 end = g_get_monotonic_time() + G_USEC_PER_SEC;

    for (guint i = 0; link && i < state->routes->len; i++) {
        const struct netlink_route *route = g_ptr_array_index(state->routes, i);

        if (route->index == link->index && strcmp(route->destination, "default") == 0 && route->gateway)
            probe_neighbour(state, link, route->gateway, end);
    }
    if (link && state->session_peer && host_is_near(state, link, state->session_peer))
        probe_neighbour(state, link, state->session_peer, end + G_USEC_PER_SEC);
}

char *probe_address_in_use(const struct host_state *state, const char *port, const char *cidr)
{
    const struct netlink_link *link = host_link(state, port);
    struct sockaddr_ll where = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP), .sll_halen = 6};
    struct ether_arp question = {0}, answer;
    unsigned char bytes[16];
    unsigned int prefix, mac[6];
    int family, fd;
    char *found = NULL;
    gint64 end = g_get_monotonic_time() + G_USEC_PER_SEC;

    if (!link || !link->up || !link->mac || !netlink_parse_cidr(cidr, &family, bytes, &prefix) || family != AF_INET ||
        sscanf(link->mac, "%2x:%2x:%2x:%2x:%2x:%2x", &mac[0], &mac[1], &mac[2], &mac[3], &mac[4], &mac[5]) != 6)
        return NULL;
    fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ARP));
    if (fd < 0)
        return NULL;
    where.sll_ifindex = link->index;
    memset(where.sll_addr, 0xff, 6);
    question.arp_hrd = htons(ARPHRD_ETHER);
    question.arp_pro = htons(ETH_P_IP);
    question.arp_hln = 6;
    question.arp_pln = 4;
    question.arp_op = htons(ARPOP_REQUEST);
    for (int i = 0; i < 6; i++)
        question.arp_sha[i] = (unsigned char)mac[i];
    memcpy(question.arp_tpa, bytes, 4); /* the sender's address stays 0: a question that teaches nobody a wrong neighbour */
    for (int asked = 0; !found && g_get_monotonic_time() < end;) {
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

        if (asked++ % 3 == 0)
            (void)!sendto(fd, &question, sizeof(question), 0, (struct sockaddr *)&where, sizeof(where));
        if (poll(&poll_fd, 1, 100) > 0 && recv(fd, &answer, sizeof(answer), 0) == (ssize_t)sizeof(answer) &&
            memcmp(answer.arp_spa, bytes, 4) == 0 && memcmp(answer.arp_sha, question.arp_sha, 6) != 0)
            found = g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", answer.arp_sha[0], answer.arp_sha[1], answer.arp_sha[2], answer.arp_sha[3],
                                    answer.arp_sha[4], answer.arp_sha[5]);
    }
    close(fd);
    return found;
}
