/* SPDX-License-Identifier: GPL-3.0-or-later */
/* core.c - the plugin that is linked in: the help groups and the commands of the shell itself. */
#include "config.h"
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
    &core_alias,
    &core_cd,
    &core_complete,
    &core_connect,
    &core_connections,
    &core_disconnect,
    &core_echo,
    &core_exit,
    &core_help,
    &core_history,
    &core_plugin_info,
    &core_plugin_list,
    &core_plugin_load,
    &core_pwd,
    &core_quit,
    &core_self_test,
    &core_set,
    &core_source,
    &core_time,
    &core_unalias,
    &core_watch,
    NULL
};

const struct hvsh_plugin hvsh_core_plugin = {
    HVSH_PLUGIN_HEAD,
    .name = "core",
    .version = PACKAGE_VERSION,
    .summary = "the commands of the shell itself: help, connections, settings, history, batches",
    .manual = "What the shell itself can do: get help, go to another hypervisor and back, set its own behaviour, name lines that are typed often, "
              "run files of commands, repeat and time them.",
    .commands = commands,
    .groups = groups,
};
