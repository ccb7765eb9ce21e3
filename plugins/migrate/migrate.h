/* SPDX-License-Identifier: GPL-3.0-or-later */
/* migrate.h - what the files of the migrate plugin share. */
#ifndef MIGRATE_H
#define MIGRATE_H

#include "hvsh.h"

extern const struct hvsh_command command_migrate, command_migrate_setmaxdowntime, command_migrate_getmaxdowntime, command_migrate_compcache,
    command_migrate_setspeed, command_migrate_getspeed, command_migrate_postcopy, command_domjobinfo, command_domjobabort;

/* The first argument of all; `offered` are libvirt's list flags of the domains that TAB offers (0: all). */
#define DOMAIN_ROW(s, offered) HVSH_DOMAIN(s, domain, "domain name, id or uuid", .flags = HVSH_REQUIRED, .select = (offered))
#define ACTIVE                 VIR_CONNECT_LIST_DOMAINS_ACTIVE

/* Amounts of data as virsh prints them: "78.085 MiB". */
extern const struct hvsh_type data_type;

/* A migration failed with libvirt's last error: say so, where the guest is now, and what to do about it. -1. */
int migrate_failed(hvsh_call *call, virDomainPtr domain, unsigned int flags);

#endif
