/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * resolver.c - the DNS servers that this host asks: which ones, and do they answer.
 *
 * They are compared, not judged: a server that answered before a change must answer after it, and must still be asked; one that did not
 * answer before may be switched off, or refuse whoever asks.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "action.h"
#include "probe.h"

/* For an answer to one question; questions and answers get lost, and whoever waits asks again. */
#define ANSWER_MILLISECONDS 500
#define PROBES 2

/* A program of this very host hides the servers behind it: systemd-resolved, dnsmasq below NetworkManager. These files tell them. */
static const char *const files[] = {"/etc/resolv.conf", "/run/systemd/resolve/resolv.conf", "/run/NetworkManager/no-stub-resolv.conf"};

static bool is_loopback(const char *address)
{
    return g_str_has_prefix(address, "127.") || strcmp(address, "::1") == 0;
}

/* The "nameserver" lines of a resolv.conf, those of this host itself left out. */
static void read_servers(GPtrArray *servers, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);

    for (char **line = lines; *line; line++) {
        char *address = *line + strlen("nameserver");

        if (!g_str_has_prefix(*line, "nameserver") || !strchr(" \t", *address))
            continue;
        g_strstrip(address);
        address[strcspn(address, " \t#;")] = '\0';
        if (*address && !is_loopback(address))
            g_ptr_array_add(servers, g_strdup(address));
    }
}

static GPtrArray *servers_in_use(const struct host_state *state)
{
    GPtrArray *servers = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < G_N_ELEMENTS(files) && !servers->len; i++) {
        g_autofree char *text = host_file(state, files[i]);

        read_servers(servers, text);
    }
    return servers;
}

/* Who has the name servers of the root: the smallest question there is. Any answer is one, a refusal too. */
static bool answers(const char *address, const char *link)
{
    static const unsigned char question[] = {'h', 'v', 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(53)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(53)};
    const struct sockaddr *where = (const struct sockaddr *)&four;
    socklen_t length = sizeof(four);
    unsigned char answer[512];
    struct pollfd socket_fd = {.fd = -1, .events = POLLIN};
    bool got = false;

    if (inet_pton(AF_INET6, address, &six.sin6_addr) == 1) {
        if (IN6_IS_ADDR_LINKLOCAL(&six.sin6_addr))
            six.sin6_scope_id = if_nametoindex(link);
        where = (const struct sockaddr *)&six;
        length = sizeof(six);
    } else if (inet_pton(AF_INET, address, &four.sin_addr) != 1) {
        return false;
    }
    socket_fd.fd = socket(where->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket_fd.fd < 0)
        return false;
    /* connected: only what comes from there is seen, and that nobody listens there is an error at once */
    if (connect(socket_fd.fd, where, length) == 0 && send(socket_fd.fd, question, sizeof(question), 0) == (ssize_t)sizeof(question) &&
        poll(&socket_fd, 1, ANSWER_MILLISECONDS) > 0)
        got = recv(socket_fd.fd, answer, sizeof(answer), 0) >= 12 && memcmp(answer, question, 2) == 0 && (answer[2] & 0x80);
    close(socket_fd.fd);
    return got;
}

void read_resolvers(struct host_state *state, const char *link)
{
    g_autoptr(GPtrArray) servers = servers_in_use(state);

    for (guint i = 0; i < servers->len; i++) {
        char *server = g_ptr_array_index(servers, i), *scope = strchr(server, '%');

        /* a neighbour of another card stays what it is */
        if (scope && strcmp(scope + 1, link) != 0)
            continue;
        if (scope)
            *scope = '\0';
        g_ptr_array_add(state->resolvers, g_strdup(server));
    }
}

static void ask(struct host_state *state, const char *server, const char *link)
{
    for (int probe = 0; probe < PROBES && !g_hash_table_contains(state->resolving, server); probe++)
        if (answers(server, link))
            g_hash_table_add(state->resolving, g_strdup(server));
}

void probe_resolvers(struct host_state *state, const char *link, const char *const *more)
{
    read_resolvers(state, link);
    for (guint i = 0; i < state->resolvers->len; i++)
        ask(state, g_ptr_array_index(state->resolvers, i), link);
    for (; more && *more; more++)
        ask(state, *more, link);
}

static bool is_in_use(const char *address)
{
    struct host_state *state = host_state_new(NULL);
    g_autoptr(GPtrArray) servers = servers_in_use(state);
    bool found = false;

    host_state_free(state);
    for (guint i = 0; i < servers->len && !found; i++) {
        char *server = g_ptr_array_index(servers, i);

        server[strcspn(server, "%")] = '\0';
        found = strcmp(server, address) == 0;
    }
    return found;
}

bool resolver_holds(char *const *words, char **error)
{
    if (!words[2]) {
        *error = g_strdup_printf("the journal has an incomplete check '%s'", words[0]);
        return false;
    }
    if (words[3] && strcmp(words[3], "in-use") == 0 && !is_in_use(words[2])) {
        *error = g_strdup_printf("the DNS server %s, which answered before, is not asked any more (%s)", words[2], files[0]);
        return false;
    }
    if (answers(words[2], words[1]))
        return true;
    *error = g_strdup_printf("the DNS server %s, which answered before, does not answer any more", words[2]);
    return false;
}
