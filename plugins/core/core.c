/* SPDX-License-Identifier: GPL-3.0-or-later */
/* core.c - the plugin that is linked in: the help groups and the commands of the shell itself. */
#include "core.h"
#include "plugin.h"

/* virsh's groups in virsh's order, then the shell's own. Another plugin names those it fills too, and brings its own behind them. */
static const struct hvsh_group groups[] = {
    { "domain", "Domain Management", 10 },
    { "monitor", "Domain Monitoring", 20 },
    { "events", "Domain Events", 30 },
    { "host", "Host and Hypervisor", 40 },
    { "checkpoint", "Checkpoint", 50 },
    { "interface", "Interface", 60 },
    { "filter", "Network Filter", 70 },
    { "network", "Networking", 80 },
    { "nodedev", "Node Device", 90 },
    { "secret", "Secret", 100 },
    { "snapshot", "Snapshot", 110 },
    { "backup", "Backup", 120 },
    { "pool", "Storage Pool", 130 },
    { "volume", "Storage Volume", 140 },
    { "virsh", "Virsh itself", 150 },
    { "shell", "The shell", 1000 },
    { NULL, NULL, 0 }
};

static const struct hvsh_command *const commands[] = {
    NULL
};

const struct hvsh_plugin hvsh_core_plugin = {
    HVSH_PLUGIN_HEAD,
    .name = "core",
    .version = "0.1.0",
    .summary = "the commands of the shell itself: help, connections, settings, history, batches",
    .commands = commands,
    .groups = groups,
};
