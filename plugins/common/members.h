/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * members.h - lists of objects with a word or two about each, in a number of round trips that does not depend on their number.
 *
 * libvirt lists objects in one call, and tells in a call for each whether it is active, persistent, started with the host. But its lists
 * take filters: whether an object is active is seen from the list of the active ones. Where the list was made with the filter nothing is
 * asked at all.
 */
#ifndef COMMON_MEMBERS_H
#define COMMON_MEMBERS_H

#include <glib.h>
#include <stdlib.h>
#include <strings.h>
#include "hvsh.h"

/* The words of a FLAG that says whether an object is active. */
extern const struct hvsh_choice active_words[];

/* The objects that the list flag `yes` lets through and `no` does not. Zeroed but for these two, nothing is a member. */
struct members {
    unsigned int yes, no;
    bool everyone;
    GHashTable *names;
};

bool is_member(const struct members *members, const char *name);

/* For MEMBERS: does the filter of the list already tell? */
bool members_known(struct members *members, unsigned int filter);
void members_add(hvsh_call *call, struct members *members, const char *name);

/*
 * MEMBERS(networks, virNetworkPtr, virConnectListAllNetworks, virNetworkGetName, hvsh_own_network, "Failed to list networks") makes
 *  networks_list(call, connection, filter, &objects): the objects, owned by the call, sorted by name; their number or -1;
 *  networks_members(call, connection, filter, count, &members): which of these `count` objects of that list are members; 0 or -1.
 */
#define MEMBERS(id, pointer, list_all, name_of, own, failure) \
    static int id##_by_name(const void *a, const void *b) \
    { \
        return strcasecmp(name_of(*(const pointer *)a), name_of(*(const pointer *)b)); \
    } \
    static int id##_list(hvsh_call *call, virConnectPtr connection, unsigned int filter, pointer **objects) \
    { \
        int count = list_all(connection, objects, filter); \
        if (count < 0) \
            return hvsh_fail_virt(call, "%s", failure); \
        hvsh_own_text(call, (char *)*objects); \
        for (int i = 0; i < count; i++) \
            own(call, (*objects)[i]); \
        qsort(*objects, (size_t)count, sizeof(**objects), id##_by_name); \
        return count; \
    } \
    static int id##_members(hvsh_call *call, virConnectPtr connection, unsigned int filter, int count, struct members *members) \
    { \
        pointer *objects; \
        if (count == 0 || members_known(members, filter)) \
            return 0; \
        count = id##_list(call, connection, (filter & ~members->no) | members->yes, &objects); \
        for (int i = 0; i < count; i++) \
            members_add(call, members, name_of(objects[i])); \
        return count < 0 ? -1 : 0; \
    }

#endif
