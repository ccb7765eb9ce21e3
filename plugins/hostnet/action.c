/* SPDX-License-Identifier: GPL-3.0-or-later */
/* action.c - the verbs: a table of name, number of words and function. */
#include "action.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <arpa/inet.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netlink.h"

/* How long a manager's own program may take: DHCP clients wait about a minute before they give up. */
#define PROGRAM_SECONDS 90
/* A neighbour that has not answered in this time is asked anew. */
#define ASK_AGAIN_MILLISECONDS 100

extern char **environ;

struct verb {
    const char *name;
    guint words;               /* at least, the verb too */
    int (*run)(const struct action_context *context, struct netlink *netlink, char *const *words);
    int gone;                  /* the error that says, when undoing, that nothing is left to do; -ENODEV always says so */
};

/* ---- Files ---- */

static int sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), result;

    if (fd < 0)
        return -1;
    result = fsync(fd);
    close(fd);
    return result;
}

int write_whole(const char *path, const char *data, size_t size, const char *owner)
{
    unsigned int mode = 0644, uid = 0, gid = 0;
    char real[PATH_MAX];
    /* a link is written through, not replaced */
    const char *target = realpath(path, real) ? real : path;
    g_autofree char *new = g_strdup_printf("%s.hvsh-new", target), *folder = NULL;
    int fd, saved;

    if (owner && sscanf(owner, "%o:%u:%u", &mode, &uid, &gid) != 3) {
        errno = EINVAL;
        return -1;
    }
    fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -1;
    for (size_t done = 0; done < size;) {
        ssize_t wrote = write(fd, data + done, size - done);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            goto fail;
        done += (size_t)wrote;
    }
    if ((owner && (fchmod(fd, mode) < 0 || (geteuid() == 0 && fchown(fd, uid, gid) < 0))) || fsync(fd) < 0 || rename(new, target) < 0)
        goto fail;
    close(fd);
    folder = g_path_get_dirname(target);
    return sync_folder(folder);
fail:
    saved = errno;
    close(fd);
    unlink(new);
    errno = saved;
    return -1;
}

static int do_file(const struct action_context *context, struct netlink *netlink, char *const *words)
{
    g_autofree char *blob = g_strdup_printf("%s/blob.%s", context->journal, words[3]), *data = NULL, *folder = g_path_get_dirname(words[1]);
    gsize size;

    (void)netlink;
    if (!g_file_get_contents(blob, &data, &size, NULL))
        return -ENOENT;
    if (g_mkdir_with_parents(folder, 0755) < 0)
        return -errno;
    return write_whole(words[1], data, size, words[2]) < 0 ? -errno : 0;
}

static int do_remove(const struct action_context *context, struct netlink *netlink, char *const *words)
{
    g_autofree char *folder = g_path_get_dirname(words[1]);

    (void)context;
    (void)netlink;
    if (unlink(words[1]) < 0)
        return -errno;
    /* the folder of a unit's additions was made for the first, and goes with the last */
    if (g_str_has_suffix(folder, ".service.d"))
        (void)!rmdir(folder);
    return sync_folder(folder) < 0 && errno != ENOENT ? -errno : 0;
}

static int do_sysctl(const struct action_context *context, struct netlink *netlink, char *const *words)
{
    g_autofree char *path = g_strdup_printf("/proc/sys/%s", words[1]);
    int fd = open(path, O_WRONLY | O_CLOEXEC), error = 0;

    (void)context;
    (void)netlink;
    if (fd < 0)
        return -errno;
    if (write(fd, words[2], strlen(words[2])) < 0)
        error = -errno;
    close(fd);
    return error;
}

/* ---- Links, addresses, routes ---- */

#define NETLINK_VERB(function, call) \
    static int function(const struct action_context *context, struct netlink *netlink, char *const *words) \
    { \
        (void)context; \
        return call; \
    }
NETLINK_VERB(do_bridge_add, netlink_bridge_add(netlink, words[1], words[2][0] == '1', (unsigned int)strtoul(words[3], NULL, 10)))
NETLINK_VERB(do_link_delete, netlink_link_delete(netlink, words[1]))
NETLINK_VERB(do_link_up, netlink_link_up(netlink, words[1], true))
NETLINK_VERB(do_link_down, netlink_link_up(netlink, words[1], false))
NETLINK_VERB(do_link_mac, netlink_link_mac(netlink, words[1], words[2]))
NETLINK_VERB(do_link_mtu, netlink_link_mtu(netlink, words[1], (uint32_t)strtoul(words[2], NULL, 10)))
NETLINK_VERB(do_link_master, netlink_link_master(netlink, words[1], words[2]))
NETLINK_VERB(do_link_nomaster, netlink_link_master(netlink, words[1], NULL))
NETLINK_VERB(do_address_delete, netlink_address_delete(netlink, words[1], words[2]))

static const char *or_none(const char *word)
{
    return word && strcmp(word, "-") != 0 ? word : NULL;
}

NETLINK_VERB(do_route_delete, netlink_route_delete(netlink, words[1], words[2], or_none(words[3]), (uint32_t)strtoul(words[4], NULL, 10)))

static int do_address_add(const struct action_context *context, struct netlink *netlink, char *const *words)
{
    uint32_t valid = words[3] ? (uint32_t)strtoul(words[3], NULL, 10) : UINT32_MAX;

    (void)context;
    return netlink_address_add(netlink, words[1], words[2], valid, words[3] && words[4] ? (uint32_t)strtoul(words[4], NULL, 10) : valid);
}

static int do_route_add(const struct action_context *context, struct netlink *netlink, char *const *words)
{
    int error = netlink_route_add(netlink, words[1], words[2], or_none(words[3]), or_none(words[5]), (uint32_t)strtoul(words[4], NULL, 10));

    (void)context;
    return error;
}

/* ---- Programs ---- */

static int wait_for(pid_t pid)
{
    int status;

    for (int tenths = 0; tenths < PROGRAM_SECONDS * 50; tenths++) {
        pid_t got = waitpid(pid, &status, WNOHANG);

        if (got == pid)
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        if (got < 0 && errno != EINTR)
            return 127;
        g_usleep(20000);
    }
    kill(pid, SIGTERM);
    g_usleep(500000);
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    return 124;
}

/* The last line that says something. */
static char *last_line(const char *path)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return NULL;
    lines = g_strsplit(text, "\n", -1);
    for (guint i = g_strv_length(lines); i-- > 0;)
        if (*g_strstrip(lines[i]))
            return g_utf8_make_valid(lines[i], -1);
    return NULL;
}

static int run_program(const struct action_context *context, char *const *words, char **error)
{
    g_autofree char *output = g_strdup_printf("%s/output", context->journal), *said = NULL;
    posix_spawn_file_actions_t files;
    posix_spawnattr_t fresh;
    sigset_t signals;
    pid_t pid;
    int status;

    /* what the guard is deaf to, a daemon that stays behind (dhclient) must hear */
    sigfillset(&signals);
    posix_spawnattr_init(&fresh);
    posix_spawnattr_setsigdefault(&fresh, &signals);
    posix_spawnattr_setflags(&fresh, POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    status = posix_spawnp(&pid, words[1], &files, &fresh, words + 1, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&fresh);
    if (status) {
        *error = g_strdup_printf("cannot run %s: %s", words[1], g_strerror(status));
        return -1;
    }
    status = wait_for(pid);
    if (!status)
        return 0;
    said = last_line(output);
    if (status == 124)
        *error = g_strdup_printf("%s %s did not end within %d s", words[1], words[2] ? words[2] : "", PROGRAM_SECONDS);
    else
        *error = g_strdup_printf("%s %s failed (exit status %d)%s%s", words[1], words[2] ? words[2] : "", status, said ? ": " : "", said ? said : "");
    return -1;
}

/* ---- The verbs ---- */

static const struct verb verbs[] = {
    {"bridge-add", 4, do_bridge_add, -EEXIST},
    {"link-delete", 2, do_link_delete, 0},
    {"link-up", 2, do_link_up, 0},
    {"link-down", 2, do_link_down, 0},
    {"link-mac", 3, do_link_mac, 0},
    {"link-mtu", 3, do_link_mtu, 0},
    {"link-master", 3, do_link_master, 0},
    {"link-nomaster", 2, do_link_nomaster, 0},
    {"address-add", 3, do_address_add, 0},
    {"address-delete", 3, do_address_delete, -EADDRNOTAVAIL},
    {"route-add", 6, do_route_add, -EEXIST},
    {"route-delete", 6, do_route_delete, -ESRCH},
    {"sysctl", 3, do_sysctl, -ENOENT},
    {"file", 4, do_file, 0},
    {"remove", 2, do_remove, -ENOENT},
};

int action_run(const struct action_context *context, char *const *words, char **error)
{
    struct netlink *netlink = NULL;
    const struct verb *verb = NULL;
    guint count = g_strv_length((char **)(uintptr_t)words);
    bool on_disk = strcmp(words[0], "file") == 0 || strcmp(words[0], "remove") == 0;
    int result;

    if (count >= 2 && strcmp(words[0], "run") == 0)
        return context->boot ? 0 : run_program(context, words, error);
    if (count >= 2 && strcmp(words[0], "run-always") == 0)
        return run_program(context, words, error);
    if (g_str_has_prefix(words[0], "nm-"))
        return nm_action(context, words, error);
    if (g_str_has_prefix(words[0], "firewalld-"))
        return firewalld_action(context, words, error);
    for (guint i = 0; i < G_N_ELEMENTS(verbs) && !verb; i++)
        if (strcmp(verbs[i].name, words[0]) == 0 && count >= verbs[i].words)
            verb = &verbs[i];
    if (!verb) {
        *error = g_strdup_printf("the journal has an action '%s' that this version does not know", words[0]);
        return -1;
    }
    if (context->boot && !on_disk)
        return 0;
    result = on_disk ? 0 : netlink_open(&netlink);
    if (!result)
        result = verb->run(context, netlink, words);
    netlink_close(netlink);
    if (!result || (context->undoing && (result == -ENODEV || result == verb->gone)))
        return 0;
    *error = g_strdup_printf("%s %s%s%s: %s", words[0], words[1], words[2] && !on_disk ? " " : "", words[2] && !on_disk ? words[2] : "",
                             g_strerror(-result));
    return -1;
}

/* ---- What must hold ---- */

struct view {
    GPtrArray *links, *addresses, *routes, *neighbours;
};

static void view_clear(struct view *view)
{
    g_clear_pointer(&view->links, g_ptr_array_unref);
    g_clear_pointer(&view->addresses, g_ptr_array_unref);
    g_clear_pointer(&view->routes, g_ptr_array_unref);
    g_clear_pointer(&view->neighbours, g_ptr_array_unref);
}

static const struct netlink_link *find_link(const struct view *view, const char *name)
{
    for (guint i = 0; i < view->links->len; i++) {
        const struct netlink_link *link = g_ptr_array_index(view->links, i);

        if (strcmp(link->name, name) == 0)
            return link;
    }
    return NULL;
}

static bool has_address(const struct view *view, int index, const char *cidr)
{
    for (guint i = 0; i < view->addresses->len; i++) {
        const struct netlink_address *address = g_ptr_array_index(view->addresses, i);

        if (address->index == index && !(address->flags & IFA_F_TENTATIVE) &&
            (strcmp(cidr, "any") == 0 ? address->family == AF_INET && address->scope == RT_SCOPE_UNIVERSE : strcmp(address->cidr, cidr) == 0))
            return true;
    }
    return false;
}

static bool has_route(const struct view *view, int index, const char *destination, const char *gateway)
{
    for (guint i = 0; i < view->routes->len; i++) {
        const struct netlink_route *route = g_ptr_array_index(view->routes, i);

        if (route->index == index && strcmp(route->destination, destination) == 0 && (!gateway || g_strcmp0(route->gateway, gateway) == 0))
            return true;
    }
    return false;
}

/* Make the kernel ask for the neighbour's MAC: a datagram to its discard port, which nobody need receive. */
static void ask_neighbour(const char *link, int index, const char *address)
{
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(9)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(9), .sin6_scope_id = (uint32_t)index};
    bool is_six = strchr(address, ':');
    int fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return;
    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, link, (socklen_t)strlen(link) + 1);
    if (is_six && inet_pton(AF_INET6, address, &six.sin6_addr) == 1)
        (void)!sendto(fd, "", 1, MSG_DONTWAIT, (struct sockaddr *)&six, sizeof(six));
    else if (inet_pton(AF_INET, address, &four.sin_addr) == 1)
        (void)!sendto(fd, "", 1, MSG_DONTWAIT, (struct sockaddr *)&four, sizeof(four));
    close(fd);
}

static bool answers(const struct view *view, struct netlink *netlink, const struct netlink_link *link, const char *address)
{
    for (guint i = 0; i < view->neighbours->len; i++) {
        const struct netlink_neighbour *neighbour = g_ptr_array_index(view->neighbours, i);

        if (neighbour->index != link->index || strcmp(neighbour->address, address) != 0)
            continue;
        if (neighbour->mac && (neighbour->state & (NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PERMANENT)))
            return true;
        /* asked before the card was a port, maybe by a packet of the session: the kernel would ask again in a second only */
        if ((neighbour->state & (NUD_INCOMPLETE | NUD_FAILED)) && neighbour->age >= ASK_AGAIN_MILLISECONDS)
            netlink_neighbour_forget(netlink, link->index, address);
    }
    ask_neighbour(link->name, link->index, address);
    return false;
}

static bool judge(const struct view *view, struct netlink *netlink, char *const *words, char **error)
{
    const struct netlink_link *link = find_link(view, words[1]), *other;
    const char *check = words[0] + strlen("check-");

    if (!link) {
        *error = g_strdup_printf("there is no link %s", words[1]);
        return false;
    }
    if (strcmp(check, "up") == 0) {
        if (link->up)
            return true;
        *error = g_strdup_printf("%s is down", link->name);
    } else if (strcmp(check, "mac") == 0 && words[2]) {
        if (link->mac && g_ascii_strcasecmp(link->mac, words[2]) == 0)
            return true;
        *error = g_strdup_printf("%s has the MAC address %s, not %s", link->name, link->mac ? link->mac : "(none)", words[2]);
    } else if (strcmp(check, "port") == 0 && words[2]) {
        other = find_link(view, words[2]);
        if (other && link->master == other->index && (link->port_state == 3 || !link->carrier))
            return true;
        *error = g_strdup_printf(other && link->master == other->index ? "the port %s of %s does not forward yet" : "%s is no port of %s", link->name,
                                 words[2]);
    } else if (strcmp(check, "address") == 0 && words[2]) {
        if (has_address(view, link->index, words[2]))
            return true;
        if (strcmp(words[2], "any") == 0)
            *error = g_strdup_printf("%s has no IPv4 address", link->name);
        else
            *error = g_strdup_printf("%s has not the address %s", link->name, words[2]);
    } else if (strcmp(check, "route") == 0 && words[2] && words[3]) {
        if (has_route(view, link->index, words[2], or_none(words[3])))
            return true;
        *error = g_strdup_printf("there is no %s route via %s by %s", words[2], words[3], link->name);
    } else if ((strcmp(check, "gateway") == 0 || strcmp(check, "neighbour") == 0) && words[2]) {
        if (answers(view, netlink, link, words[2]))
            return true;
        *error = g_strdup_printf("%s %s does not answer by %s", check[0] == 'g' ? "the gateway" : "your own machine", words[2], link->name);
    } else {
        *error = g_strdup_printf("the journal has a check '%s' that this version does not know", words[0]);
    }
    return false;
}

bool action_holds(char *const *words, char **error)
{
    struct view view = {0};
    struct netlink *netlink = NULL;
    bool holds = false;
    int result;

    if (!words[0] || !words[1] || !g_str_has_prefix(words[0], "check-")) {
        *error = g_strdup("the journal has an empty check");
        return false;
    }
    if (strcmp(words[0], "check-passes") == 0 || strcmp(words[0], "check-zone") == 0)
        return firewall_holds(words, error);
    if (strcmp(words[0], "check-resolver") == 0)
        return resolver_holds(words, error);
    result = netlink_open(&netlink);
    if (!result)
        result = netlink_links(netlink, &view.links);
    if (!result)
        result = netlink_addresses(netlink, &view.addresses);
    if (!result)
        result = netlink_routes(netlink, AF_UNSPEC, &view.routes);
    if (!result)
        result = netlink_neighbours(netlink, &view.neighbours);
    if (result)
        *error = g_strdup_printf("cannot ask the kernel: %s", g_strerror(-result));
    else
        holds = judge(&view, netlink, words, error);
    view_clear(&view);
    netlink_close(netlink);
    return holds;
}
