/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lease.c - net-dhcp-leases. */
#include "network.h"
#include <time.h>

struct leases_args { virNetworkPtr network; const char *mac; };

/* The addresses that have a lease. */
static int offer_macs(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    virNetworkPtr const *network = hvsh_peer(call, "network");
    virNetworkDHCPLeasePtr *leases = NULL;
    int count = network && *network ? virNetworkGetDHCPLeases(*network, NULL, &leases, 0) : 0;

    (void)field;
    for (int i = 0; i < count; i++) {
        if (leases[i]->mac && g_str_has_prefix(leases[i]->mac, start))
            hvsh_offer(call, leases[i]->mac, leases[i]->hostname ? leases[i]->hostname : leases[i]->ipaddr);
        virNetworkDHCPLeaseFree(leases[i]);
    }
    free(leases);
    return 0;
}

static const struct hvsh_field leases_args[] = {
    NETWORK(struct leases_args, ACTIVE),
    HVSH_TEXT(struct leases_args, mac, "only of this MAC address", .offer = offer_macs),
    HVSH_END
};

struct lease_row {
    int64_t expiry;
    const char *expires, *mac;
    int protocol;
    const char *cidr, *address;
    unsigned int prefix;
    const char *hostname, *client_id, *interface, *iaid;
};

static const struct hvsh_choice protocols[] = { { "ipv4", VIR_IP_ADDR_TYPE_IPV4 }, { "ipv6", VIR_IP_ADDR_TYPE_IPV6 }, { NULL } };

static const struct hvsh_field lease_row[] = {
    HVSH_TEXT(struct lease_row, expires, "when it ends, as text", .label = "Expiry Time", .flags = HVSH_HIDE),
    HVSH_TIME(struct lease_row, expiry, "when it ends"),
    HVSH_TEXT(struct lease_row, mac, "MAC address", .label = "MAC address"),
    HVSH_ENUM(struct lease_row, protocol, "protocol", .label = "Protocol", .choices = protocols),
    HVSH_TEXT(struct lease_row, cidr, "address and prefix", .label = "IP address", .flags = HVSH_HIDE),
    HVSH_TEXT(struct lease_row, address, "IP address"),
    HVSH_UINT(struct lease_row, prefix, "length of the network's prefix"),
    HVSH_TEXT(struct lease_row, hostname, "the name the guest gave", .label = "Hostname"),
    HVSH_TEXT(struct lease_row, client_id, "client id or DUID", .label = "Client ID or DUID"),
    HVSH_TEXT(struct lease_row, interface, "bridge on the host"),
    HVSH_TEXT(struct lease_row, iaid, "IAID of IPv6"),
    HVSH_END
};

static const struct hvsh_shape leases_shape = { .name = "leases", .kind = HVSH_TABLE, HVSH_ROW(lease_row) };

static void free_lease(void *lease)
{
    virNetworkDHCPLeaseFree(lease);
}

static const char *local_time(hvsh_call *call, long long seconds)
{
    time_t when = (time_t)seconds;
    struct tm tm;
    char text[64];

    if (!localtime_r(&when, &tm) || !strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm))
        return NULL;
    return hvsh_printf(call, "%s", text);
}

static int by_mac(const void *a, const void *b, void *unused)
{
    const virNetworkDHCPLease *one = *(virNetworkDHCPLease *const *)a, *two = *(virNetworkDHCPLease *const *)b;

    (void)unused;
    return g_ascii_strcasecmp(one->mac ? one->mac : "", two->mac ? two->mac : "");
}

static int leases_run(hvsh_call *call, const void *p)
{
    const struct leases_args *args = p;
    virNetworkDHCPLeasePtr *leases = NULL;
    int count = virNetworkGetDHCPLeases(args->network, args->mac, &leases, 0);

    if (count < 0)
        return hvsh_fail_virt(call, "Failed to get leases info for %s", virNetworkGetName(args->network));
    hvsh_own_text(call, (char *)leases);
    for (int i = 0; i < count; i++)
        hvsh_defer(call, leases[i], free_lease);
    /* a stable sort, as virsh's is */
    g_qsort_with_data(leases, count, sizeof(virNetworkDHCPLeasePtr), by_mac, NULL);
    hvsh_begin(call, &leases_shape);
    for (int i = 0; i < count; i++) {
        const virNetworkDHCPLease *lease = leases[i];
        struct lease_row row = { lease->expirytime, local_time(call, lease->expirytime), lease->mac, lease->type,
                                 hvsh_printf(call, "%s/%u", lease->ipaddr, lease->prefix), lease->ipaddr, lease->prefix, lease->hostname,
                                 lease->clientid, lease->iface, lease->iaid };

        if (hvsh_emit(call, &leases_shape, &row) < 0)
            return -1;
    }
    return 0;
}

const struct hvsh_command COMMAND(dhcp_leases) = {
    .name = "net-dhcp-leases",
    .group = "network",
    .help = "leases of a network's DHCP service",
    .description = "Which guest has which address, and until when, as the network's own DHCP service knows it.",
    HVSH_ARGS(leases_args),
    .shapes = HVSH_SHAPES(&leases_shape),
    .examples = HVSH_EXAMPLES({ "net-dhcp-leases default", "all addresses", HVSH_ON_LIVE }),
    .run = leases_run,
};
