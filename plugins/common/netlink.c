/* SPDX-License-Identifier: GPL-3.0-or-later */
/* netlink.c - rtnetlink through libmnl: one request, one answer; dumps are repeated when the kernel says they were torn. */
#include "netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct netlink {
    struct mnl_socket *socket;
    uint32_t sequence;
};

/* What the kernel fills at most in one message of a dump. */
#define ANSWER_SIZE 32768

/* A request that grows in a buffer of its own. */
struct request {
    _Alignas(struct nlmsghdr) char buffer[2048];
    struct nlmsghdr *header;
};

int netlink_open(struct netlink **netlink)
{
    struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
    struct netlink *made;

    if (!socket)
        return -errno;
    if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
        int error = -errno;

        mnl_socket_close(socket);
        return error;
    }
    made = g_new0(struct netlink, 1);
    made->socket = socket;
    made->sequence = (uint32_t)time(NULL);
    *netlink = made;
    return 0;
}

void netlink_close(struct netlink *netlink)
{
    if (!netlink)
        return;
    mnl_socket_close(netlink->socket);
    g_free(netlink);
}

static void *begin(struct request *request, uint16_t type, uint16_t flags, size_t extra)
{
    request->header = mnl_nlmsg_put_header(request->buffer);
    request->header->nlmsg_type = type;
    request->header->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
    return mnl_nlmsg_put_extra_header(request->header, extra);
}

/* Send and hand every message of the answer to `each`. 0 or -errno. */
static int talk(struct netlink *netlink, struct request *request, mnl_cb_t each, void *data)
{
    g_autofree char *answer = g_malloc(ANSWER_SIZE);
    unsigned int port = mnl_socket_get_portid(netlink->socket);
    int verdict = MNL_CB_OK;

    request->header->nlmsg_seq = ++netlink->sequence;
    if (mnl_socket_sendto(netlink->socket, request->header, request->header->nlmsg_len) < 0)
        return -errno;
    while (verdict > MNL_CB_STOP) {
        ssize_t got = mnl_socket_recvfrom(netlink->socket, answer, ANSWER_SIZE);

        if (got < 0) {
            if (errno == EINTR)
                continue;
            return -errno;
        }
        verdict = mnl_cb_run(answer, (size_t)got, netlink->sequence, port, each, data);
        if (verdict < 0 && errno == ESRCH && got >= (ssize_t)sizeof(struct nlmsghdr)) {
            /* an answer to an earlier request that was given up */
            if (((struct nlmsghdr *)(void *)answer)->nlmsg_seq != netlink->sequence) {
                verdict = MNL_CB_OK;
                continue;
            }
        }
        if (verdict < 0)
            return -errno;
    }
    return 0;
}

static int command(struct netlink *netlink, struct request *request)
{
    request->header->nlmsg_flags |= NLM_F_ACK;
    return talk(netlink, request, NULL, NULL);
}

/* ---- Reading ---- */

struct attributes {
    const struct nlattr *of[128];
};

static int keep_attribute(const struct nlattr *attribute, void *data)
{
    struct attributes *attributes = data;
    uint16_t type = mnl_attr_get_type(attribute);

    if (type < G_N_ELEMENTS(attributes->of))
        attributes->of[type] = attribute;
    return MNL_CB_OK;
}

static uint32_t number(const struct nlattr *attribute)
{
    return attribute && mnl_attr_get_payload_len(attribute) >= 4 ? mnl_attr_get_u32(attribute) : 0;
}

static char *address_text(int family, const struct nlattr *attribute)
{
    char text[INET6_ADDRSTRLEN];
    size_t need = family == AF_INET ? 4 : 16;

    if (!attribute || mnl_attr_get_payload_len(attribute) < need || !inet_ntop(family, mnl_attr_get_payload(attribute), text, sizeof(text)))
        return NULL;
    return g_strdup(text);
}

static char *mac_text(const struct nlattr *attribute)
{
    const unsigned char *b;

    if (!attribute || mnl_attr_get_payload_len(attribute) != 6)
        return NULL;
    b = mnl_attr_get_payload(attribute);
    return g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
}

void netlink_link_free(void *data)
{
    struct netlink_link *link = data;

    if (!link)
        return;
    g_free(link->name);
    g_free(link->kind);
    g_free(link->mac);
    g_free(link);
}

void netlink_address_free(void *data)
{
    struct netlink_address *address = data;

    if (!address)
        return;
    g_free(address->cidr);
    g_free(address->peer);
    g_free(address);
}

void netlink_route_free(void *data)
{
    struct netlink_route *route = data;

    if (!route)
        return;
    g_free(route->destination);
    g_free(route->gateway);
    g_free(route->source);
    g_free(route);
}

static void neighbour_free(void *data)
{
    struct netlink_neighbour *neighbour = data;

    g_free(neighbour->address);
    g_free(neighbour->mac);
    g_free(neighbour);
}

static void read_link_info(struct netlink_link *link, const struct nlattr *info)
{
    struct attributes a = {0}, data = {0};

    mnl_attr_parse_nested(info, keep_attribute, &a);
    if (a.of[IFLA_INFO_KIND])
        link->kind = g_strdup(mnl_attr_get_str(a.of[IFLA_INFO_KIND]));
    if (a.of[IFLA_INFO_DATA] && g_strcmp0(link->kind, "bridge") == 0) {
        mnl_attr_parse_nested(a.of[IFLA_INFO_DATA], keep_attribute, &data);
        link->stp = (int)number(data.of[IFLA_BR_STP_STATE]);
        link->forward_delay = number(data.of[IFLA_BR_FORWARD_DELAY]);
    }
    if (a.of[IFLA_INFO_SLAVE_DATA] && a.of[IFLA_INFO_SLAVE_KIND] &&
        strcmp(mnl_attr_get_str(a.of[IFLA_INFO_SLAVE_KIND]), "bridge") == 0) {
        mnl_attr_parse_nested(a.of[IFLA_INFO_SLAVE_DATA], keep_attribute, &data);
        if (data.of[IFLA_BRPORT_STATE])
            link->port_state = mnl_attr_get_u8(data.of[IFLA_BRPORT_STATE]);
    }
}

static int read_link(const struct nlmsghdr *header, void *data)
{
    const struct ifinfomsg *message = mnl_nlmsg_get_payload(header);
    struct attributes a = {0};
    struct netlink_link *link;

    if (header->nlmsg_type != RTM_NEWLINK)
        return MNL_CB_OK;
    mnl_attr_parse(header, sizeof(*message), keep_attribute, &a);
    if (!a.of[IFLA_IFNAME])
        return MNL_CB_OK;
    link = g_new0(struct netlink_link, 1);
    link->index = message->ifi_index;
    link->name = g_strdup(mnl_attr_get_str(a.of[IFLA_IFNAME]));
    link->type = message->ifi_type;
    link->flags = message->ifi_flags;
    link->up = message->ifi_flags & IFF_UP;
    link->mac = mac_text(a.of[IFLA_ADDRESS]);
    link->master = (int)number(a.of[IFLA_MASTER]);
    link->lower = a.of[IFLA_LINK_NETNSID] ? 0 : (int)number(a.of[IFLA_LINK]);
    link->mtu = number(a.of[IFLA_MTU]);
    link->carrier = a.of[IFLA_CARRIER] && mnl_attr_get_u8(a.of[IFLA_CARRIER]);
    link->stp = link->port_state = -1;
    if (a.of[IFLA_LINKINFO])
        read_link_info(link, a.of[IFLA_LINKINFO]);
    g_ptr_array_add(data, link);
    return MNL_CB_OK;
}

static int read_address(const struct nlmsghdr *header, void *data)
{
    const struct ifaddrmsg *message = mnl_nlmsg_get_payload(header);
    struct attributes a = {0};
    struct netlink_address *address;
    g_autofree char *local = NULL, *other = NULL;

    if (header->nlmsg_type != RTM_NEWADDR || (message->ifa_family != AF_INET && message->ifa_family != AF_INET6))
        return MNL_CB_OK;
    mnl_attr_parse(header, sizeof(*message), keep_attribute, &a);
    other = address_text(message->ifa_family, a.of[IFA_ADDRESS]);
    local = a.of[IFA_LOCAL] ? address_text(message->ifa_family, a.of[IFA_LOCAL]) : g_strdup(other);
    if (!local)
        return MNL_CB_OK;
    address = g_new0(struct netlink_address, 1);
    address->index = (int)message->ifa_index;
    address->family = message->ifa_family;
    address->cidr = g_strdup_printf("%s/%u", local, message->ifa_prefixlen);
    if (g_strcmp0(local, other) != 0)
        address->peer = g_steal_pointer(&other);
    address->scope = message->ifa_scope;
    address->flags = a.of[IFA_FLAGS] ? number(a.of[IFA_FLAGS]) : message->ifa_flags;
    address->valid = address->preferred = UINT32_MAX;
    if (a.of[IFA_CACHEINFO] && mnl_attr_get_payload_len(a.of[IFA_CACHEINFO]) >= sizeof(struct ifa_cacheinfo)) {
        const struct ifa_cacheinfo *life = mnl_attr_get_payload(a.of[IFA_CACHEINFO]);

        address->valid = life->ifa_valid;
        address->preferred = life->ifa_prefered;
    }
    g_ptr_array_add(data, address);
    return MNL_CB_OK;
}

static void add_path(GPtrArray *routes, const struct rtmsg *message, const struct attributes *a, int index, const struct nlattr *gateway,
                     unsigned int paths)
{
    struct netlink_route *route = g_new0(struct netlink_route, 1);
    g_autofree char *destination = address_text(message->rtm_family, a->of[RTA_DST]);

    route->index = index;
    route->family = message->rtm_family;
    route->destination = destination ? g_strdup_printf("%s/%u", destination, message->rtm_dst_len) : g_strdup("default");
    route->gateway = address_text(message->rtm_family, gateway);
    route->source = address_text(message->rtm_family, a->of[RTA_PREFSRC]);
    route->metric = number(a->of[RTA_PRIORITY]);
    route->protocol = message->rtm_protocol;
    route->scope = message->rtm_scope;
    route->table = a->of[RTA_TABLE] ? number(a->of[RTA_TABLE]) : message->rtm_table;
    route->type = message->rtm_type;
    route->paths = paths;
    g_ptr_array_add(routes, route);
}

/* Several gateways of one route: the kernel makes one of IPv6 routes with the same metric, a static and an advertised one too. */
static void add_paths(GPtrArray *routes, const struct rtmsg *message, const struct attributes *a)
{
    const struct nlattr *all = a->of[RTA_MULTIPATH];
    unsigned int paths = 0;

    for (int pass = 0; pass < 2; pass++) {
        const struct rtnexthop *hop = mnl_attr_get_payload(all);
        int left = mnl_attr_get_payload_len(all);

        for (; left >= (int)sizeof(*hop) && RTNH_OK(hop, left); left -= RTNH_ALIGN(hop->rtnh_len), hop = RTNH_NEXT(hop)) {
            struct attributes own = {0};

            if (pass == 0) {
                paths++;
                continue;
            }
            mnl_attr_parse_payload(RTNH_DATA(hop), hop->rtnh_len - sizeof(*hop), keep_attribute, &own);
            add_path(routes, message, a, hop->rtnh_ifindex, own.of[RTA_GATEWAY], paths);
        }
    }
}

static int read_route(const struct nlmsghdr *header, void *data)
{
    const struct rtmsg *message = mnl_nlmsg_get_payload(header);
    struct attributes a = {0};

    if (header->nlmsg_type != RTM_NEWROUTE || (message->rtm_flags & RTM_F_CLONED))
        return MNL_CB_OK;
    mnl_attr_parse(header, sizeof(*message), keep_attribute, &a);
    if (a.of[RTA_MULTIPATH])
        add_paths(data, message, &a);
    else
        add_path(data, message, &a, (int)number(a.of[RTA_OIF]), a.of[RTA_GATEWAY], 1);
    return MNL_CB_OK;
}

static int read_neighbour(const struct nlmsghdr *header, void *data)
{
    const struct ndmsg *message = mnl_nlmsg_get_payload(header);
    struct attributes a = {0};
    struct netlink_neighbour *neighbour;
    char *address;

    if (header->nlmsg_type != RTM_NEWNEIGH || (message->ndm_family != AF_INET && message->ndm_family != AF_INET6))
        return MNL_CB_OK;
    mnl_attr_parse(header, sizeof(*message), keep_attribute, &a);
    address = address_text(message->ndm_family, a.of[NDA_DST]);
    if (!address)
        return MNL_CB_OK;
    neighbour = g_new0(struct netlink_neighbour, 1);
    neighbour->index = message->ndm_ifindex;
    neighbour->address = address;
    neighbour->mac = mac_text(a.of[NDA_LLADDR]);
    neighbour->state = message->ndm_state;
    if (a.of[NDA_CACHEINFO] && mnl_attr_get_payload_len(a.of[NDA_CACHEINFO]) >= sizeof(struct nda_cacheinfo)) {
        const struct nda_cacheinfo *cache = mnl_attr_get_payload(a.of[NDA_CACHEINFO]);

        neighbour->age = (unsigned int)((uint64_t)cache->ndm_updated * 1000 / (uint64_t)sysconf(_SC_CLK_TCK));
    }
    g_ptr_array_add(data, neighbour);
    return MNL_CB_OK;
}

/* A dump by one request; a torn one (EINTR) is begun again. */
static int dump(struct netlink *netlink, uint16_t type, int family, size_t extra, mnl_cb_t each, GDestroyNotify release, GPtrArray **result)
{
    for (int attempt = 0; attempt < 5; attempt++) {
        g_autoptr(GPtrArray) array = g_ptr_array_new_with_free_func(release);
        struct request request;
        unsigned char *message = begin(&request, type, NLM_F_DUMP, extra);
        int error;

        message[0] = (unsigned char)family; /* all these headers begin with the family */
        error = talk(netlink, &request, each, array);
        if (error == 0)
            *result = g_steal_pointer(&array);
        if (error != -EINTR)
            return error;
    }
    return -EINTR;
}

int netlink_links(struct netlink *netlink, GPtrArray **links)
{
    return dump(netlink, RTM_GETLINK, AF_UNSPEC, sizeof(struct ifinfomsg), read_link, netlink_link_free, links);
}

int netlink_addresses(struct netlink *netlink, GPtrArray **addresses)
{
    return dump(netlink, RTM_GETADDR, AF_UNSPEC, sizeof(struct ifaddrmsg), read_address, netlink_address_free, addresses);
}

int netlink_routes(struct netlink *netlink, int family, GPtrArray **routes)
{
    return dump(netlink, RTM_GETROUTE, family, sizeof(struct rtmsg), read_route, netlink_route_free, routes);
}

int netlink_neighbours(struct netlink *netlink, GPtrArray **neighbours)
{
    return dump(netlink, RTM_GETNEIGH, AF_UNSPEC, sizeof(struct ndmsg), read_neighbour, neighbour_free, neighbours);
}

int netlink_index(const char *name)
{
    return (int)if_nametoindex(name);
}

/* ---- Changing ---- */

int netlink_bridge_add(struct netlink *netlink, const char *name, bool stp, unsigned int forward_delay_seconds)
{
    struct request request;
    struct nlattr *info, *data;

    begin(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg));
    mnl_attr_put_strz(request.header, IFLA_IFNAME, name);
    info = mnl_attr_nest_start(request.header, IFLA_LINKINFO);
    mnl_attr_put_strz(request.header, IFLA_INFO_KIND, "bridge");
    data = mnl_attr_nest_start(request.header, IFLA_INFO_DATA);
    mnl_attr_put_u32(request.header, IFLA_BR_FORWARD_DELAY, forward_delay_seconds * 100);
    mnl_attr_put_u32(request.header, IFLA_BR_STP_STATE, stp);
    mnl_attr_nest_end(request.header, data);
    mnl_attr_nest_end(request.header, info);
    return command(netlink, &request);
}

/* The head of a change to a link that is there. -ENODEV when it is not. */
static int change_link(struct request *request, uint16_t type, const char *name, struct ifinfomsg **message)
{
    int index = netlink_index(name);

    if (!index)
        return -ENODEV;
    *message = begin(request, type, 0, sizeof(struct ifinfomsg));
    (*message)->ifi_index = index;
    return 0;
}

int netlink_link_delete(struct netlink *netlink, const char *name)
{
    struct request request;
    struct ifinfomsg *message;
    int error = change_link(&request, RTM_DELLINK, name, &message);

    return error ? error : command(netlink, &request);
}

int netlink_link_up(struct netlink *netlink, const char *name, bool up)
{
    struct request request;
    struct ifinfomsg *message;
    int error = change_link(&request, RTM_NEWLINK, name, &message);

    if (error)
        return error;
    message->ifi_change = IFF_UP;
    message->ifi_flags = up ? IFF_UP : 0;
    return command(netlink, &request);
}

int netlink_link_mac(struct netlink *netlink, const char *name, const char *mac)
{
    struct request request;
    struct ifinfomsg *message;
    unsigned int b[6];
    unsigned char bytes[6];
    int error = change_link(&request, RTM_NEWLINK, name, &message);

    if (error)
        return error;
    if (sscanf(mac, "%2x:%2x:%2x:%2x:%2x:%2x", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5]) != 6)
        return -EINVAL;
    for (int i = 0; i < 6; i++)
        bytes[i] = (unsigned char)b[i];
    mnl_attr_put(request.header, IFLA_ADDRESS, sizeof(bytes), bytes);
    return command(netlink, &request);
}

int netlink_link_mtu(struct netlink *netlink, const char *name, uint32_t mtu)
{
    struct request request;
    struct ifinfomsg *message;
    int error = change_link(&request, RTM_NEWLINK, name, &message);

    if (error)
        return error;
    mnl_attr_put_u32(request.header, IFLA_MTU, mtu);
    return command(netlink, &request);
}

int netlink_link_master(struct netlink *netlink, const char *name, const char *master)
{
    struct request request;
    struct ifinfomsg *message;
    int index = master ? netlink_index(master) : 0;
    int error = change_link(&request, RTM_NEWLINK, name, &message);

    if (error)
        return error;
    if (master && !index)
        return -ENODEV;
    mnl_attr_put_u32(request.header, IFLA_MASTER, (uint32_t)index);
    return command(netlink, &request);
}

bool netlink_parse_cidr(const char *cidr, int *family, unsigned char bytes[16], unsigned int *prefix)
{
    g_autofree char *text = g_strdup(cidr);
    char *slash = strchr(text, '/');
    uint64_t length;

    if (slash)
        *slash++ = '\0';
    memset(bytes, 0, 16);
    *family = strchr(text, ':') ? AF_INET6 : AF_INET;
    if (inet_pton(*family, text, bytes) != 1)
        return false;
    length = *family == AF_INET ? 32 : 128;
    if (slash && !g_ascii_string_to_unsigned(slash, 10, 0, length, &length, NULL))
        return false;
    *prefix = (unsigned int)length;
    return true;
}

static int address_request(struct request *request, uint16_t type, uint16_t flags, const char *name, const char *cidr)
{
    struct ifaddrmsg *message;
    unsigned char bytes[16];
    unsigned int prefix;
    int family, index = netlink_index(name);
    size_t size;

    if (!index)
        return -ENODEV;
    if (!netlink_parse_cidr(cidr, &family, bytes, &prefix))
        return -EINVAL;
    size = family == AF_INET ? 4 : 16;
    message = begin(request, type, flags, sizeof(*message));
    message->ifa_family = (unsigned char)family;
    message->ifa_prefixlen = (unsigned char)prefix;
    message->ifa_index = (unsigned int)index;
    message->ifa_scope = RT_SCOPE_UNIVERSE;
    mnl_attr_put(request->header, IFA_LOCAL, size, bytes);
    mnl_attr_put(request->header, IFA_ADDRESS, size, bytes);
    if (family == AF_INET && type == RTM_NEWADDR && prefix < 31) {
        uint32_t address, mask = prefix ? htonl(~0U << (32 - prefix)) : 0;

        memcpy(&address, bytes, 4);
        mnl_attr_put_u32(request->header, IFA_BROADCAST, address | ~mask);
    }
    return 0;
}

int netlink_address_add(struct netlink *netlink, const char *name, const char *cidr, uint32_t valid, uint32_t preferred)
{
    struct request request;
    int error = address_request(&request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, name, cidr);

    if (error)
        return error;
    if (valid != UINT32_MAX) {
        struct ifa_cacheinfo life = {.ifa_valid = valid, .ifa_prefered = preferred};

        mnl_attr_put(request.header, IFA_CACHEINFO, sizeof(life), &life);
    }
    /* the address was in use here a moment ago: detecting a duplicate would only make it unusable for a second */
    if (strchr(cidr, ':'))
        mnl_attr_put_u32(request.header, IFA_FLAGS, IFA_F_NODAD);
    return command(netlink, &request);
}

int netlink_address_delete(struct netlink *netlink, const char *name, const char *cidr)
{
    struct request request;
    int error = address_request(&request, RTM_DELADDR, 0, name, cidr);

    return error ? error : command(netlink, &request);
}

static int route_request(struct request *request, uint16_t type, uint16_t flags, const char *name, const char *destination,
                         const char *gateway, const char *source, uint32_t metric)
{
    struct rtmsg *message;
    unsigned char to[16], via[16], from[16];
    unsigned int prefix = 0, whole;
    int family = AF_INET, other, index = netlink_index(name);
    bool everywhere = strcmp(destination, "default") == 0;
    size_t size;

    if (!index)
        return -ENODEV;
    if (everywhere)
        family = gateway && strchr(gateway, ':') ? AF_INET6 : AF_INET;
    else if (!netlink_parse_cidr(destination, &family, to, &prefix))
        return -EINVAL;
    if (gateway && (!netlink_parse_cidr(gateway, &other, via, &whole) || other != family))
        return -EINVAL;
    if (source && (!netlink_parse_cidr(source, &other, from, &whole) || other != family))
        return -EINVAL;
    size = family == AF_INET ? 4 : 16;
    message = begin(request, type, flags, sizeof(*message));
    message->rtm_family = (unsigned char)family;
    message->rtm_dst_len = (unsigned char)prefix;
    message->rtm_table = RT_TABLE_MAIN;
    message->rtm_protocol = type == RTM_NEWROUTE ? RTPROT_STATIC : RTPROT_UNSPEC;
    message->rtm_scope = type == RTM_DELROUTE ? RT_SCOPE_NOWHERE : gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
    message->rtm_type = type == RTM_NEWROUTE ? RTN_UNICAST : RTN_UNSPEC;
    if (!everywhere)
        mnl_attr_put(request->header, RTA_DST, size, to);
    mnl_attr_put_u32(request->header, RTA_OIF, (uint32_t)index);
    if (gateway)
        mnl_attr_put(request->header, RTA_GATEWAY, size, via);
    if (source)
        mnl_attr_put(request->header, RTA_PREFSRC, size, from);
    if (metric)
        mnl_attr_put_u32(request->header, RTA_PRIORITY, metric);
    return 0;
}

int netlink_route_add(struct netlink *netlink, const char *name, const char *destination, const char *gateway, const char *source,
                      uint32_t metric)
{
    struct request request;
    int error = route_request(&request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, name, destination, gateway, source, metric);

    if (error || (error = command(netlink, &request)) != -EEXIST || !gateway || !strchr(gateway, ':'))
        return error;
    /* A router's advertisement was quicker, and has the same metric: one more gateway of the same route. -EEXIST still when it is this very one. */
    error = route_request(&request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_APPEND, name, destination, gateway, source, metric);
    return error ? error : command(netlink, &request);
}

int netlink_route_delete(struct netlink *netlink, const char *name, const char *destination, const char *gateway, uint32_t metric)
{
    struct request request;
    int error = route_request(&request, RTM_DELROUTE, 0, name, destination, gateway, NULL, metric);

    return error ? error : command(netlink, &request);
}

int netlink_neighbour_forget(struct netlink *netlink, int index, const char *address)
{
    struct request request;
    struct ndmsg *message;
    unsigned char bytes[16];
    unsigned int prefix;
    int family;

    if (!netlink_parse_cidr(address, &family, bytes, &prefix))
        return -EINVAL;
    message = begin(&request, RTM_DELNEIGH, 0, sizeof(*message));
    message->ndm_family = (unsigned char)family;
    message->ndm_ifindex = index;
    mnl_attr_put(request.header, NDA_DST, family == AF_INET ? 4 : 16, bytes);
    return command(netlink, &request);
}
