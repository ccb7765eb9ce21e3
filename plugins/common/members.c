/* SPDX-License-Identifier: GPL-3.0-or-later */
/* members.c - who is on a list. */
#include "members.h"

const struct hvsh_choice active_words[] = { { "inactive", false }, { "active", true }, { NULL } };

bool is_member(const struct members *members, const char *name)
{
    return members->everyone || (members->names && g_hash_table_contains(members->names, name));
}

bool members_known(struct members *members, unsigned int filter)
{
    members->everyone = (filter & members->yes) && !(filter & members->no);
    return (filter & (members->yes | members->no)) && !((filter & members->yes) && (filter & members->no));
}

static void free_names(void *names)
{
    g_hash_table_destroy(names);
}

void members_add(hvsh_call *call, struct members *members, const char *name)
{
    if (!members->names)
        members->names = hvsh_defer(call, g_hash_table_new(g_str_hash, g_str_equal), free_names);
    g_hash_table_add(members->names, (char *)name);
}
