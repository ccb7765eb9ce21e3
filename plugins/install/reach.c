/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reach.c - --wait-ip, --wait-ssh: until the guest can be worked with.
 *
 * The address comes from the lease of its network, from the agent inside, or from this host's ARP table; ssh answers when it has sent its
 * banner, which needs no key and logs nobody in.
 */
#include "cloud.h"
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EXIT_TIME_OVER = 3, SSH_PORT = 22 };

struct reached {
    const char *name, *address, *login, *ssh;
};
static const struct hvsh_field reached_row[] = {HVSH_TEXT(struct reached, name, "the guest"),
                                                HVSH_TEXT(struct reached, address, "its address"),
                                                HVSH_TEXT(struct reached, login, "who logs in, where that is known"),
                                                HVSH_TEXT(struct reached, ssh, "the command that logs in"), HVSH_END};
const struct hvsh_shape reach_shape = {
    .name = "reached", .kind = HVSH_LINES, .fields = reached_row, .size = sizeof(struct reached), .text = "{ssh}"};

bool reach_wanted(struct install *install)
{
    return hvsh_given(install->call, "wait-ip") || hvsh_given(install->call, "wait-ssh");
}

/* ---- the address
 * ----------------------------------------------------------------------------------------------------------------------------- */

/* One by which others reach it: neither the guest's own loop nor one that it gave itself. */
static bool is_of_use(const virDomainIPAddress *address)
{
    struct in6_addr six;
    struct in_addr four;

    if (address->type == VIR_IP_ADDR_TYPE_IPV4)
        return inet_pton(AF_INET, address->addr, &four) == 1 && !g_str_has_prefix(address->addr, "127.") &&
               !g_str_has_prefix(address->addr, "169.254.");
    return inet_pton(AF_INET6, address->addr, &six) == 1 && !IN6_IS_ADDR_LOOPBACK(&six) && !IN6_IS_ADDR_LINKLOCAL(&six);
}

/* IPv4 before IPv6; NULL: none yet. */
static const char *address_from(hvsh_call *call, virDomainPtr domain, unsigned int source)
{
    virDomainInterfacePtr *cards = NULL;
    int count = virDomainInterfaceAddresses(domain, &cards, source, 0);
    const char *found = NULL;

    for (unsigned int pass = 0; pass < 2; pass++)
        for (int i = 0; i < count; i++)
            for (unsigned int j = 0; j < cards[i]->naddrs && !found; j++) {
                const virDomainIPAddress *address = &cards[i]->addrs[j];

                if (address->type == (pass ? VIR_IP_ADDR_TYPE_IPV6 : VIR_IP_ADDR_TYPE_IPV4) && is_of_use(address))
                    found = hvsh_printf(call, "%s", address->addr);
            }
    for (int i = 0; i < count; i++)
        virDomainInterfaceFree(cards[i]);
    free(cards);
    virResetLastError();
    return found;
}

/* The neighbours of this host with the address of one of the guest's cards, as the kernel lists them. libvirt 9.0 and others read its messages
 * wrongly and find none ("wrong nlmsg len"). */
static const char *address_of_neighbour(struct install *install)
{
    xmlNode **cards = model_all(install->call, install->domain, "devices", "interface");
    g_autofree char *table = NULL;
    g_auto(GStrv) lines = NULL;

    if (install->host.remote || !g_file_get_contents("/proc/net/arp", &table, NULL, NULL))
        return NULL;
    lines = g_strsplit(table, "\n", -1);
    for (char **line = lines; *line; line++) {
        virDomainIPAddress address = { .type = VIR_IP_ADDR_TYPE_IPV4 };
        char ip[64], mac[64];
        unsigned int flags;

        if (sscanf(*line, "%63s %*x %x %63s", ip, &flags, mac) != 3 || !flags)
            continue;
        address.addr = ip;
        for (xmlNode **card = cards; *card; card++)
            if (g_ascii_strcasecmp(mac, model_get(install->call, *card, "mac/@address") ? model_get(install->call, *card, "mac/@address") : "") == 0 && is_of_use(&address))
                return hvsh_printf(install->call, "%s", ip);
    }
    return NULL;
}

static const char *find_address(struct install *install, virDomainPtr domain)
{
    const char *neighbour;

    static const struct {
        unsigned int source;
        const char *name;
    } sources[] = {
        {VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE, "the lease of its network"},
        {VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT, "the agent inside"},
        {VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP, "this host's ARP table"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(sources); i++) {
        const char *address = address_from(install->call, domain, sources[i].source);

        if (address) {
            explain(install, "address: %s, by %s", address, sources[i].name);
            return address;
        }
    }
    neighbour = address_of_neighbour(install);
    if (neighbour)
        explain(install, "address: %s, by this host's ARP table", neighbour);
    return neighbour;
}

/* ---- ssh
 * ------------------------------------------------------------------------------------------------------------------------------------- */

/* Wait for the socket; 1: ready, 0: not in time, -1: cancelled. */
static int wait_for(hvsh_call *call, int fd, short events, int timeout)
{
    struct pollfd poll = {.fd = fd, .events = events};

    return hvsh_wait(call, &poll, 1, timeout);
}

/* Does a server of ssh answer? 1, 0, -1: cancelled. */
static int ask_ssh(hvsh_call *call, const char *address, int timeout)
{
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(SSH_PORT)};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(SSH_PORT)};
    bool is_four = inet_pton(AF_INET, address, &four.sin_addr) == 1;
    int fd, error = 0, ready = 0;
    socklen_t size = sizeof(error);
    char banner[4] = "";

    if (!is_four && inet_pton(AF_INET6, address, &six.sin6_addr) != 1)
        return 0;
    fd = socket(is_four ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return 0;
    if (connect(fd, is_four ? (struct sockaddr *)&four : (struct sockaddr *)&six, is_four ? sizeof(four) : sizeof(six)) == 0 ||
        errno == EINPROGRESS)
        ready = wait_for(call, fd, POLLOUT, timeout);
    if (ready > 0 && (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 || error))
        ready = 0;
    if (ready > 0)
        ready = wait_for(call, fd, POLLIN, timeout);
    if (ready > 0)
        ready = recv(fd, banner, sizeof(banner), 0) == sizeof(banner) && memcmp(banner, "SSH-", 4) == 0;
    close(fd);
    return ready;
}

/* ---- waiting
 * --------------------------------------------------------------------------------------------------------------------------------- */

/* A moment, and is the guest still there? */
static int pause_a_moment(struct install *install, virDomainPtr domain, int64_t left)
{
    if (hvsh_wait(install->call, NULL, 0, (int)CLAMP(left, 0, 1000)) < 0)
        return hvsh_fail(install->call, "interrupted; guest '%s' runs on", install->name);
    if (virDomainIsActive(domain) != 1)
        return hvsh_fail(install->call, "guest '%s' has stopped before it had an address", install->name);
    return 0;
}

static int64_t end_of(int64_t seconds)
{
    return seconds < 0 ? G_MAXINT64 : g_get_monotonic_time() / 1000 + seconds * 1000;
}

static int too_late(struct install *install, const char *what)
{
    hvsh_fail(install->call, "%s; guest '%s' runs on", what, install->name);
    hvsh_exit(install->call, EXIT_TIME_OVER);
    return -1;
}

static int say(struct install *install, const char *address)
{
    const char *login = cloud_login(install);
    const char *ssh = login ? hvsh_printf(install->call, "ssh %s@%s", login, address) : hvsh_printf(install->call, "ssh %s", address);

    return hvsh_emit(install->call, &reach_shape, &(struct reached){install->name, address, login, ssh});
}

int reach_wait(struct install *install, virDomainPtr domain)
{
    const struct install_args *args = install->args;
    bool ssh = hvsh_given(install->call, "wait-ssh");
    int64_t end =
        end_of(ssh && (!hvsh_given(install->call, "wait-ip") || args->wait_ssh < 0 || args->wait_ssh > args->wait_ip) ? args->wait_ssh
                                                                                                                      : args->wait_ip);
    const char *address = NULL, *told = NULL;
    int answer = 0;

    if (!reach_wanted(install) || !install->host.qemu)
        return 0;
    for (;;) {
        int64_t left = end - g_get_monotonic_time() / 1000;

        /* a lease may change while the system starts: it is asked for again */
        address = find_address(install, domain);
        if (address && g_strcmp0(address, told) != 0 && ssh)
            hvsh_note(install->call, "guest '%s' has the address %s; waiting for ssh", install->name, told = address);
        if (address && ssh)
            answer = ask_ssh(install->call, address, (int)CLAMP(left, 100, 5000));
        if (address && (!ssh || answer > 0))
            return say(install, address);
        if (answer < 0)
            return hvsh_fail(install->call, "interrupted; guest '%s' runs on", install->name);
        left = end - g_get_monotonic_time() / 1000;
        if (left <= 0)
            return too_late(install, address ? hvsh_printf(install->call, "ssh does not answer at %s in time", address)
                                             : "no address has been found in time");
        if (pause_a_moment(install, domain, left) < 0)
            return -1;
    }
}

/* What could never be: said before anything is made. */
int reach_check(struct install *install)
{
    xmlNode **cards = model_all(install->call, install->domain, "devices", "interface");
    bool reachable = false;

    if (!reach_wanted(install))
        return 0;
    for (xmlNode **card = cards; *card; card++)
        reachable = reachable || g_strcmp0(model_get(install->call, *card, "@type"), "user") != 0;
    if (!*cards)
        return hvsh_fail(install->call, "--wait-ip and --wait-ssh wait for ever: the guest has no network card");
    if (!reachable) {
        hvsh_fail(install->call,
                  "--wait-ip and --wait-ssh: a guest in the user's own network (--network user) cannot be reached from outside");
        return hvsh_hint(install->call, "--network network=default or bridge=NAME");
    }
    return 0;
}
