/* SPDX-License-Identifier: GPL-3.0-or-later */
/* network.h - what the files of the network plugin share: the list of commands, the network argument. */
#ifndef NETWORK_H
#define NETWORK_H

#include <glib.h>
#include "object.h"
#include "xml.h"

/* Every command of the plugin: X(name of the C object). Its name is what the shell calls it, behind "net-". */
#define NETWORK_COMMANDS(X) \
    X(list) X(start) X(destroy) X(autostart) X(define) X(create) X(undefine) X(edit) X(dumpxml) X(info) X(name) X(uuid) \
    X(update) X(dhcp_leases) X(event) X(port_list) X(port_create) X(port_dumpxml) X(port_delete)

#define NETWORK_DECLARE(name) extern const struct hvsh_command network_command_##name;
NETWORK_COMMANDS(NETWORK_DECLARE)
#undef NETWORK_DECLARE
/* const struct hvsh_command COMMAND(list) = { .name = "net-list", ... }; */
#define COMMAND(name) network_command_##name

/* The first argument of nearly all; `offered` are libvirt's list flags of the networks that TAB offers (0: all). */
#define NETWORK(s, offered) \
    HVSH_NETWORK(s, network, "network name or uuid", .flags = HVSH_REQUIRED, .select = (offered))
#define ACTIVE VIR_CONNECT_LIST_NETWORKS_ACTIVE
#define INACTIVE VIR_CONNECT_LIST_NETWORKS_INACTIVE
#define PERSISTENT VIR_CONNECT_LIST_NETWORKS_PERSISTENT

/* The commands whose only argument is the network. */
struct only_network { virNetworkPtr network; };

/* Emit a message ("Network {given} started") about the network, which is called as the user called it. */
int network_say(hvsh_call *call, const struct hvsh_shape *message, virNetworkPtr network);
/* Canonical uuid, owned by the call; NULL when libvirt does not know. */
const char *network_uuid(hvsh_call *call, virNetworkPtr network);

#endif
