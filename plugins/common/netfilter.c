/* SPDX-License-Identifier: GPL-3.0-or-later */
/* netfilter.c - rules, what they do to a bridged packet, and the reading of those of this machine. */
#include "config.h"

#include "netfilter.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Chains that call each other in a circle are refused by the kernel; this is for text that lies. */
#define DEEPEST 32

static void rule_free(void *data)
{
    struct firewall_rule *rule = data;

    g_free(rule->in);
    g_free(rule->out);
    g_free(rule->target);
    g_free(rule);
}

static void chain_free(void *data)
{
    struct firewall_chain *chain = data;

    g_free(chain->table);
    g_free(chain->name);
    g_ptr_array_unref(chain->rules);
    g_free(chain);
}

static guint chain_hash(gconstpointer p)
{
    const struct firewall_chain *chain = p;

    return g_str_hash(chain->table) * 31 + g_str_hash(chain->name);
}

static gboolean chain_equal(gconstpointer a, gconstpointer b)
{
    const struct firewall_chain *one = a, *other = b;

    return strcmp(one->name, other->name) == 0 && strcmp(one->table, other->table) == 0;
}

struct firewall *firewall_new(void)
{
    struct firewall *firewall = g_new0(struct firewall, 1);

    firewall->filter4 = firewall->filter6 = -1;
    firewall->chains = g_ptr_array_new_with_free_func(chain_free);
    firewall->by_name = g_hash_table_new(chain_hash, chain_equal);
    firewall->zones = g_ptr_array_new_with_free_func(g_free);
    return firewall;
}

void firewall_free(struct firewall *firewall)
{
    if (!firewall)
        return;
    g_hash_table_destroy(firewall->by_name);
    g_ptr_array_unref(firewall->chains);
    g_ptr_array_unref(firewall->zones);
    g_free(firewall->unread);
    g_free(firewall->zone);
    g_free(firewall);
}

struct firewall_chain *firewall_add_chain(struct firewall *firewall, const char *table, const char *name)
{
    struct firewall_chain *chain = g_new0(struct firewall_chain, 1);

    chain->table = g_strdup(table);
    chain->name = g_strdup(name);
    chain->rules = g_ptr_array_new_with_free_func(rule_free);
    g_ptr_array_add(firewall->chains, chain);
    g_hash_table_add(firewall->by_name, chain);
    return chain;
}

struct firewall_rule *firewall_add_rule(struct firewall_chain *chain)
{
    struct firewall_rule *rule = g_new0(struct firewall_rule, 1);

    g_ptr_array_add(chain->rules, rule);
    return rule;
}

struct firewall_chain *firewall_chain(const struct firewall *firewall, const char *table, const char *name)
{
    const struct firewall_chain wanted = {.table = (char *)(uintptr_t)table, .name = (char *)(uintptr_t)name};

    return g_hash_table_lookup(firewall->by_name, &wanted);
}

/* ---- What iptables prints ---- */

static enum verdict verdict_of(const char *target)
{
    static const struct {
        const char *name;
        enum verdict verdict;
    } known[] = {
        {"ACCEPT", VERDICT_ACCEPT}, {"DROP", VERDICT_DROP}, {"REJECT", VERDICT_DROP}, {"RETURN", VERDICT_RETURN},
        {"LOG", VERDICT_NONE},      {"MARK", VERDICT_NONE}, {"NFLOG", VERDICT_NONE},  {"CONNMARK", VERDICT_NONE},
        {"TCPMSS", VERDICT_NONE},   {"TRACE", VERDICT_NONE},
    };

    for (guint i = 0; i < G_N_ELEMENTS(known); i++)
        if (strcmp(known[i].name, target) == 0)
            return known[i].verdict;
    return VERDICT_JUMP;
}

static void set_link(char **link, const char *word)
{
    g_free(*link);
    *link = g_strdelimit(g_strdup(word), "+", '*');
}

/* The words behind "-A CHAIN". */
static void read_rule(struct firewall_rule *rule, char **words)
{
    bool not_next = false;

    for (char **word = words; *word; word++) {
        bool has_value = word[1] != NULL;

        if (strcmp(*word, "!") == 0) {
            not_next = true;
            continue;
        }
        if (strcmp(*word, "-i") == 0 && has_value) {
            set_link(&rule->in, *++word);
            rule->not_in = not_next;
        } else if (strcmp(*word, "-o") == 0 && has_value) {
            set_link(&rule->out, *++word);
            rule->not_out = not_next;
        } else if ((strcmp(*word, "-j") == 0 || strcmp(*word, "-g") == 0) && has_value) {
            bool go = (*word)[1] == 'g';

            rule->verdict = verdict_of(*++word);
            if (rule->verdict == VERDICT_JUMP) {
                rule->target = g_strdup(*word);
                if (go)
                    rule->verdict = VERDICT_GOTO;
            }
            /* what follows belongs to the target */
            return;
        } else if (strcmp(*word, "-m") == 0 && has_value && (strcmp(word[1], "comment") == 0 || strcmp(word[1], "physdev") == 0)) {
            word++;
        } else if (strcmp(*word, "--comment") == 0 && has_value) {
            word++;
        } else if (strcmp(*word, "--physdev-is-bridged") == 0) {
            if (not_next)
                rule->selective = true;
            rule->bridged = true;
        } else {
            rule->selective = true;
        }
        not_next = false;
    }
}

void firewall_read_iptables(struct firewall *firewall, const char *table, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++) {
        g_auto(GStrv) words = NULL;
        struct firewall_chain *chain;
        int count;

        if (!g_shell_parse_argv(*line, &count, &words, NULL) || count < 2)
            continue;
        chain = firewall_chain(firewall, table, words[1]);
        if (!chain)
            chain = firewall_add_chain(firewall, table, words[1]);
        if (strcmp(words[0], "-P") == 0 && count >= 3) {
            chain->forwards = strcmp(words[1], "FORWARD") == 0;
            chain->policy = verdict_of(words[2]);
        } else if (strcmp(words[0], "-A") == 0) {
            read_rule(firewall_add_rule(chain), words + 2);
        }
    }
}

/* ---- What becomes of a packet ---- */

static bool is_link(const char *pattern, bool inverted, const char *link)
{
    size_t length;

    if (!pattern)
        return true;
    length = strlen(pattern);
    if (length && pattern[length - 1] == '*')
        return (strncmp(pattern, link, length - 1) == 0) != inverted;
    return (strcmp(pattern, link) == 0) != inverted;
}

/* NONE: the packet comes back from the chain. `by`: the chain whose rule decided, when it was one. */
static enum verdict walk(const struct firewall *firewall, const struct firewall_chain *chain, const char *bridge, unsigned int depth,
                         const struct firewall_chain **by)
{
    for (guint i = 0; i < chain->rules->len && depth < DEEPEST; i++) {
        const struct firewall_rule *rule = g_ptr_array_index(chain->rules, i);
        const struct firewall_chain *next;
        enum verdict verdict = rule->verdict;

        if (rule->selective || !is_link(rule->in, rule->not_in, bridge) || !is_link(rule->out, rule->not_out, bridge))
            continue;
        if (verdict == VERDICT_JUMP || verdict == VERDICT_GOTO) {
            next = firewall_chain(firewall, chain->table, rule->target);
            verdict = next ? walk(firewall, next, bridge, depth + 1, by) : VERDICT_NONE;
            if (verdict == VERDICT_NONE && rule->verdict == VERDICT_GOTO)
                return VERDICT_NONE;
        } else if (verdict == VERDICT_ACCEPT || verdict == VERDICT_DROP) {
            *by = chain;
        }
        if (verdict == VERDICT_RETURN)
            return VERDICT_NONE;
        if (verdict != VERDICT_NONE)
            return verdict;
    }
    return VERDICT_NONE;
}

/* Does this table see packets of a bridge, as the switches are? */
static bool sees_bridged(const struct firewall *firewall, const char *table)
{
    if (g_str_has_prefix(table, "legacy "))
        table += strlen("legacy ");
    if (g_str_has_prefix(table, "bridge "))
        return true;
    if (g_str_has_prefix(table, "ip "))
        return firewall->filter4 > 0;
    if (g_str_has_prefix(table, "ip6 "))
        return firewall->filter6 > 0;
    return g_str_has_prefix(table, "inet ") && (firewall->filter4 > 0 || firewall->filter6 > 0);
}

const struct firewall_chain *firewall_next_drop(const struct firewall *firewall, const char *bridge, guint *from, char **where)
{
    while (*from < firewall->chains->len) {
        const struct firewall_chain *chain = g_ptr_array_index(firewall->chains, (*from)++), *by = NULL;
        enum verdict verdict;

        if (!chain->forwards || !sees_bridged(firewall, chain->table))
            continue;
        verdict = walk(firewall, chain, bridge, 0, &by);
        if (verdict == VERDICT_DROP || (verdict == VERDICT_NONE && chain->policy == VERDICT_DROP)) {
            *where = verdict == VERDICT_DROP ? g_strdup_printf("%s %s (a rule)", chain->table, by->name)
                                             : g_strdup_printf("%s %s (policy)", chain->table, chain->name);
            return chain;
        }
    }
    return NULL;
}

char *firewall_dropped_by(const struct firewall *firewall, const char *bridge)
{
    guint from = 0;
    char *where = NULL;

    return firewall_next_drop(firewall, bridge, &from, &where) ? where : NULL;
}

/* ---- This machine's ---- */

static int read_switch(const char *root, const char *key)
{
    g_autofree char *path = g_strdup_printf("%s/proc/sys/net/bridge/%s", root ? root : "", key), *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) ? atoi(text) : -1;
}

#if !HAVE_MNL
int firewall_read_nftables(struct firewall *firewall)
{
    (void)firewall;
    return -ENOTSUP;
}
#endif

/* A recorded host has what `iptables -S` prints in the file "iptables" at its root. */
static void read_recorded(struct firewall *firewall, const char *root)
{
    g_autofree char *path = g_build_filename(root, "iptables", NULL), *text = NULL;

    if (g_file_get_contents(path, &text, NULL, NULL))
        firewall_read_iptables(firewall, "ip filter", text);
    else
        firewall->unread = g_strdup("none were recorded");
}

static void read_kernel(struct firewall *firewall)
{
    int error = firewall_read_nftables(firewall);

    if (!error)
        error = firewall_read_legacy(firewall);
    if (error)
        firewall->unread = g_strdup(error == -ENOTSUP ? "hvsh was built without libmnl" : g_strerror(-error));
}

struct firewall *firewall_read(const char *root)
{
    struct firewall *firewall = firewall_new();

    if (root && *root)
        read_recorded(firewall, root);
    else
        read_kernel(firewall);
    firewall->filter4 = read_switch(root, "bridge-nf-call-iptables");
    firewall->filter6 = read_switch(root, "bridge-nf-call-ip6tables");
    return firewall;
}
