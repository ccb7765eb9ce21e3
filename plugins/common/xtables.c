/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * xtables.c - matches and targets of iptables; and its tables as they were before nftables, which nf_tables does not show: the kernel hands
 * them out as one block of entries. IPv4's and IPv6's differ in where the fields stand.
 */
#include "netfilter.h"

#include <errno.h>
#include <netinet/in.h>
#include <linux/netfilter/xt_physdev.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void firewall_rule_match(struct firewall_rule *rule, const char *name, const void *data, size_t length)
{
    struct xt_physdev_info physdev;

    if (strcmp(name, "comment") == 0)
        return;
    if (strcmp(name, "physdev") == 0 && length >= sizeof(physdev)) {
        memcpy(&physdev, data, sizeof(physdev));
        if (physdev.bitmask == XT_PHYSDEV_OP_BRIDGED && !physdev.invert) {
            rule->bridged = true;
            return;
        }
    }
    rule->selective = true;
}

void firewall_rule_target(struct firewall_rule *rule, const char *name)
{
    static const char *const harmless[] = {"LOG", "NFLOG", "MARK", "CONNMARK", "TCPMSS", "TRACE", NULL};

    if (strcmp(name, "REJECT") == 0)
        rule->verdict = VERDICT_DROP;
    else if (!g_strv_contains(harmless, name))
        rule->selective = true;
}

/* ---- tables ---- */

struct family {
    const char *names, *table;
    int domain, level, info, entries;
    /* where things stand in an entry */
    size_t size, masks, masks_size, in, in_mask, out, out_mask, protocol, flags, inverted, target, next;
    unsigned char go;          /* the flag of a goto */
};
#define PLACES(entry, ip)                                                                                                                     \
    .size = sizeof(struct entry), .masks = offsetof(struct entry, ip.smsk), .masks_size = 2 * sizeof(((struct entry *)NULL)->ip.smsk),        \
    .in = offsetof(struct entry, ip.iniface), .in_mask = offsetof(struct entry, ip.iniface_mask), .out = offsetof(struct entry, ip.outiface), \
    .out_mask = offsetof(struct entry, ip.outiface_mask), .protocol = offsetof(struct entry, ip.proto),                                       \
    .flags = offsetof(struct entry, ip.flags), .inverted = offsetof(struct entry, ip.invflags),                                               \
    .target = offsetof(struct entry, target_offset), .next = offsetof(struct entry, next_offset)
static const struct family families[] = {
    {"/proc/net/ip_tables_names", "legacy ip filter", AF_INET, IPPROTO_IP, IPT_SO_GET_INFO, IPT_SO_GET_ENTRIES, PLACES(ipt_entry, ip),
     .go = IPT_F_GOTO},
    {"/proc/net/ip6_tables_names", "legacy ip6 filter", AF_INET6, IPPROTO_IPV6, IP6T_SO_GET_INFO, IP6T_SO_GET_ENTRIES, PLACES(ip6t_entry, ipv6),
     .go = IP6T_F_GOTO},
};
#define FIRST_ENTRY offsetof(struct ipt_get_entries, entrytable)
G_STATIC_ASSERT(sizeof(struct ipt_getinfo) == sizeof(struct ip6t_getinfo));
G_STATIC_ASSERT(FIRST_ENTRY == offsetof(struct ip6t_get_entries, entrytable));

static uint16_t short_at(const char *entry, size_t place)
{
    uint16_t value;

    memcpy(&value, entry + place, sizeof(value));
    return value;
}

/* The target of an entry; its verdict when it is the standard one. */
static const struct xt_entry_target *target_of(const struct family *family, const char *entry, int *verdict)
{
    const char *target = entry + short_at(entry, family->target);

    memcpy(verdict, target + offsetof(struct xt_standard_target, verdict), sizeof(*verdict));
    return (const void *)target;
}

/* A link's name counts as far as its mask goes: to the zero at its end, or not. */
static char *link_of(const char *entry, size_t name, size_t mask)
{
    size_t length = strnlen(entry + mask, IFNAMSIZ);

    if (!length)
        return NULL;
    return memchr(entry + name, '\0', length) ? g_strdup(entry + name) : g_strdup_printf("%.*s*", (int)length, entry + name);
}

static enum verdict verdict_of(int verdict)
{
    return verdict == XT_RETURN ? VERDICT_RETURN : verdict == -NF_ACCEPT - 1 ? VERDICT_ACCEPT : verdict == -NF_DROP - 1 ? VERDICT_DROP : VERDICT_NONE;
}

/* `starts`: the offsets of chains' first entries, and their names. */
static void take_entry(const struct family *family, struct firewall_rule *rule, const char *entry, size_t offset, GHashTable *starts)
{
    int verdict;
    const struct xt_entry_target *target = target_of(family, entry, &verdict);
    unsigned char inverted = (unsigned char)entry[family->inverted], flags = (unsigned char)entry[family->flags];
    size_t match = family->size, end = short_at(entry, family->target);

    rule->in = link_of(entry, family->in, family->in_mask);
    rule->out = link_of(entry, family->out, family->out_mask);
    rule->not_in = inverted & IPT_INV_VIA_IN;
    rule->not_out = inverted & IPT_INV_VIA_OUT;
    rule->selective = short_at(entry, family->protocol) || (flags & ~family->go) || (inverted & ~(IPT_INV_VIA_IN | IPT_INV_VIA_OUT));
    for (size_t i = 0; i < family->masks_size; i++)
        rule->selective |= entry[family->masks + i] != 0;
    while (match + sizeof(struct xt_entry_match) <= end) {
        const struct xt_entry_match *one = (const void *)(entry + match);

        if (one->u.match_size < sizeof(*one) || one->u.match_size > end - match)
            break;
        firewall_rule_match(rule, one->u.user.name, one->data, one->u.match_size - sizeof(*one));
        match += one->u.match_size;
    }
    if (*target->u.user.name) {
        firewall_rule_target(rule, target->u.user.name);
    } else if (verdict < 0) {
        rule->verdict = verdict_of(verdict);
    } else if ((size_t)verdict != offset + short_at(entry, family->next)) {
        /* a jump to what comes next is a rule without a target */
        rule->verdict = flags & family->go ? VERDICT_GOTO : VERDICT_JUMP;
        rule->target = g_strdup(g_hash_table_lookup(starts, GSIZE_TO_POINTER((gsize)verdict)));
    }
}

/* Go through the entries: with `starts` not full yet only to find where chains start. */
static bool each_entry(const struct family *family, struct firewall *firewall, const struct ipt_getinfo *info, const char *entries,
                       GHashTable *starts, bool finding)
{
    static const char *const hooks[] = {NULL, "INPUT", "FORWARD", "OUTPUT", NULL};
    struct firewall_chain *chain = NULL;

    for (size_t offset = 0, next; offset + family->size < info->size; offset += next) {
        const char *entry = entries + offset, *name;
        const struct xt_entry_target *target;
        bool policy = false;
        int verdict;

        next = short_at(entry, family->next);
        if (next < family->size + sizeof(struct xt_standard_target) || next > info->size - offset ||
            short_at(entry, family->target) > next - sizeof(struct xt_standard_target))
            return false;
        target = target_of(family, entry, &verdict);
        if (strcmp(target->u.user.name, XT_ERROR_TARGET) == 0) {
            /* the name of the chain that follows */
            if (finding)
                g_hash_table_insert(starts, GSIZE_TO_POINTER(offset + next), g_strdup(((const struct xt_error_target *)target)->errorname));
            chain = NULL;
            continue;
        }
        for (size_t hook = 0; hook < G_N_ELEMENTS(hooks); hook++) {
            if (!hooks[hook] || !(info->valid_hooks & 1u << hook))
                continue;
            if (finding && info->hook_entry[hook] == offset)
                g_hash_table_insert(starts, GSIZE_TO_POINTER(offset), g_strdup(hooks[hook]));
            policy |= info->underflow[hook] == offset;
        }
        if (finding)
            continue;
        name = g_hash_table_lookup(starts, GSIZE_TO_POINTER(offset));
        if (name) {
            chain = firewall_add_chain(firewall, family->table, name);
            chain->forwards = info->hook_entry[NF_INET_FORWARD] == offset;
        }
        if (chain && policy)
            chain->policy = verdict_of(verdict);
        else if (chain)
            take_entry(family, firewall_add_rule(chain), entry, offset, starts);
    }
    return true;
}

static int read_table(const struct family *family, struct firewall *firewall)
{
    g_autoptr(GHashTable) starts = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    struct ipt_getinfo info = {.name = "filter"};
    struct ipt_get_entries *request = NULL;
    socklen_t length = sizeof(info);
    int fd = socket(family->domain, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW), error = 0;

    if (fd < 0)
        return -errno;
    if (getsockopt(fd, family->level, family->info, &info, &length) < 0) {
        error = -errno;
        goto out;
    }
    request = g_malloc0(FIRST_ENTRY + info.size);
    strcpy(request->name, info.name);
    request->size = info.size;
    length = (socklen_t)(FIRST_ENTRY + info.size);
    if (getsockopt(fd, family->level, family->entries, request, &length) < 0)
        error = -errno;
    else if (!each_entry(family, firewall, &info, (const char *)request + FIRST_ENTRY, starts, true) ||
             !each_entry(family, firewall, &info, (const char *)request + FIRST_ENTRY, starts, false))
        error = -EPROTO;
out:
    g_free(request);
    close(fd);
    return error;
}

int firewall_read_legacy(struct firewall *firewall)
{
    int error = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(families) && !error; i++) {
        g_autofree char *names = NULL;

        /* to ask for a table that is not there would make it */
        if (g_file_get_contents(families[i].names, &names, NULL, NULL) && strstr(names, "filter"))
            error = read_table(&families[i], firewall);
    }
    return error;
}
