/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * netlink.h - the kernel's network configuration over rtnetlink: links, addresses, routes and neighbours read, bridges made, ports
 * moved, addresses and routes set. Links are named, not numbered: names are what plans and people use.
 *
 * Every function returns 0, or a negative errno of the kernel's answer; outputs are untouched on failure.
 */
#ifndef HVSH_COMMON_NETLINK_H
#define HVSH_COMMON_NETLINK_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct netlink;

struct netlink_link {
    int index;
    char *name;
    char *kind;                /* "bridge", "veth", "vlan", "bond", "macvtap", "tun" ...; NULL: a card */
    char *mac;                 /* "52:54:00:c6:33:0a"; NULL: this kind of link has none */
    unsigned int type;         /* ARPHRD_ETHER, ARPHRD_LOOPBACK ... */
    unsigned int flags;        /* IFF_UP, IFF_RUNNING, IFF_POINTOPOINT ... */
    int master;                /* index of the bridge or bond it is a port of; 0: none */
    int lower;                 /* index of the link it stands on (VLAN, macvtap); 0: none, or in another namespace */
    uint32_t mtu;
    bool carrier;
    bool up;
    int stp;                   /* bridges: 0 off, 1 kernel, 2 user space; -1: no bridge */
    uint32_t forward_delay;    /* bridges: in hundredths of a second */
    int port_state;            /* bridge ports: 0 disabled, 1 listening, 2 learning, 3 forwarding, 4 blocking; -1: no port */
};

struct netlink_address {
    int index;
    int family;                /* AF_INET or AF_INET6 */
    char *cidr;                /* "198.51.100.10/24" */
    char *peer;                /* point to point: the other end */
    unsigned int scope;        /* RT_SCOPE_UNIVERSE ... */
    unsigned int flags;        /* IFA_F_PERMANENT, IFA_F_MANAGETEMPADDR ... */
    uint32_t valid, preferred; /* seconds left; UINT32_MAX: for ever */
};

struct netlink_route {
    int index;                 /* 0: it has no link (unreachable) */
    int family;
    char *destination;         /* "default", "192.0.2.0/24" */
    char *gateway;             /* NULL: on the link */
    char *source;              /* preferred source address, or NULL */
    uint32_t metric;
    unsigned int protocol;     /* RTPROT_KERNEL, RTPROT_RA, RTPROT_DHCP ... */
    unsigned int scope;
    uint32_t table;
    unsigned int type;         /* RTN_UNICAST ... */
    unsigned int paths;        /* more than 1: one of several gateways of the same route, each in a row of its own */
};

struct netlink_neighbour {
    int index;
    char *address;
    char *mac;
    unsigned int state;        /* NUD_REACHABLE ... */
    unsigned int age;          /* milliseconds in this state */
};

int netlink_open(struct netlink **netlink);
void netlink_close(struct netlink *netlink);

/* Arrays of pointers to the structs above, which free their elements. */
int netlink_links(struct netlink *netlink, GPtrArray **links);
int netlink_addresses(struct netlink *netlink, GPtrArray **addresses);
int netlink_routes(struct netlink *netlink, int family, GPtrArray **routes);
int netlink_neighbours(struct netlink *netlink, GPtrArray **neighbours);

void netlink_link_free(void *link);
void netlink_address_free(void *address);
void netlink_route_free(void *route);

/* The index of a link, or 0 when there is none. */
int netlink_index(const char *name);

int netlink_bridge_add(struct netlink *netlink, const char *name, bool stp, unsigned int forward_delay_seconds);
int netlink_link_delete(struct netlink *netlink, const char *name);
int netlink_link_up(struct netlink *netlink, const char *name, bool up);
int netlink_link_mac(struct netlink *netlink, const char *name, const char *mac);
int netlink_link_mtu(struct netlink *netlink, const char *name, uint32_t mtu);
/* master NULL: a port of nothing. */
int netlink_link_master(struct netlink *netlink, const char *name, const char *master);

/* Lifetimes in seconds; UINT32_MAX: for ever. */
int netlink_address_add(struct netlink *netlink, const char *name, const char *cidr, uint32_t valid, uint32_t preferred);
int netlink_address_delete(struct netlink *netlink, const char *name, const char *cidr);
/* destination "default" or a CIDR; gateway and source may be NULL. */
int netlink_route_add(struct netlink *netlink, const char *name, const char *destination, const char *gateway, const char *source,
                      uint32_t metric);
int netlink_route_delete(struct netlink *netlink, const char *name, const char *destination, const char *gateway, uint32_t metric);
/* What is known of a neighbour, and the question for it that is under way: the next packet asks anew. */
int netlink_neighbour_forget(struct netlink *netlink, int index, const char *address);

/* Split "198.51.100.10/24": family, the address's bytes and the prefix. A missing prefix is the whole address. false: not one. */
bool netlink_parse_cidr(const char *cidr, int *family, unsigned char bytes[16], unsigned int *prefix);

#endif
