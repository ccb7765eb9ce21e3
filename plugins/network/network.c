/* SPDX-License-Identifier: GPL-3.0-or-later */
/* network.c - the plugin's head, and what its files share. */
#include "network.h"

const char *network_uuid(hvsh_call *call, virNetworkPtr network)
{
    char uuid[VIR_UUID_STRING_BUFLEN];

    return virNetworkGetUUIDString(network, uuid) < 0 ? NULL : hvsh_printf(call, "%s", uuid);
}

int network_say(hvsh_call *call, const struct hvsh_shape *message, virNetworkPtr network)
{
    return object_say_given(call, message, virNetworkGetName(network), network_uuid(call, network), "network");
}

#define NETWORK_ENTRY(name) &COMMAND(name),
static const struct hvsh_command *const commands[] = { NETWORK_COMMANDS(NETWORK_ENTRY) NULL };

HVSH_PLUGIN(
    .name = "network",
    .version = "1",
    .summary = "virtual networks: life cycle, definitions, leases, ports",
    .commands = commands);
