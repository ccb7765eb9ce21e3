/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model.h"
const struct backend backend_netplan = {.owner = OWNER_NETPLAN, .name = "netplan", .title = "netplan", .persistent = true};
