/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nftables.c - the kernel's nf_tables by netlink: chains, and of their rules what netfilter.h needs. The rules of iptables-nft are among
 * them, as "match" and "target" expressions.
 */
#include "netfilter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>
#include <time.h>

#define ANSWER_SIZE 32768
/* NF_BR_FORWARD of <linux/netfilter_bridge.h>, the same number as NF_INET_FORWARD */
#define HOOK_FORWARD NF_INET_FORWARD

struct attributes {
    const struct nlattr *of[32];
};

static int keep(const struct nlattr *attribute, void *data)
{
    struct attributes *attributes = data;
    uint16_t type = mnl_attr_get_type(attribute);

    if (type < G_N_ELEMENTS(attributes->of))
        attributes->of[type] = attribute;
    return MNL_CB_OK;
}

static struct attributes nested(const struct nlattr *attribute)
{
    struct attributes attributes = {{NULL}};

    if (attribute)
        mnl_attr_parse_nested(attribute, keep, &attributes);
    return attributes;
}

static uint32_t number(const struct nlattr *attribute, uint32_t missing)
{
    return attribute && mnl_attr_get_payload_len(attribute) >= 4 ? ntohl(mnl_attr_get_u32(attribute)) : missing;
}

static const char *text(const struct nlattr *attribute)
{
    uint16_t length = attribute ? mnl_attr_get_payload_len(attribute) : 0;

    return length && ((const char *)mnl_attr_get_payload(attribute))[length - 1] == '\0' ? mnl_attr_get_str(attribute) : "";
}

static char *table_name(const struct nlmsghdr *message, const struct nlattr *name)
{
    const struct nfgenmsg *head = mnl_nlmsg_get_payload(message);
    const char *family;

    switch (head->nfgen_family) {
    case NFPROTO_INET:
        family = "inet";
        break;
    case NFPROTO_IPV4:
        family = "ip";
        break;
    case NFPROTO_IPV6:
        family = "ip6";
        break;
    case NFPROTO_BRIDGE:
        family = "bridge";
        break;
    default:
        return NULL;
    }
    return g_strdup_printf("%s %s", family, text(name));
}

static int take_chain(const struct nlmsghdr *message, void *data)
{
    struct firewall *firewall = data;
    struct attributes chain = {{NULL}}, hook;
    g_autofree char *table = NULL;
    struct firewall_chain *made;

    mnl_attr_parse(message, sizeof(struct nfgenmsg), keep, &chain);
    table = table_name(message, chain.of[NFTA_CHAIN_TABLE]);
    if (!table)
        return MNL_CB_OK;
    made = firewall_add_chain(firewall, table, text(chain.of[NFTA_CHAIN_NAME]));
    hook = nested(chain.of[NFTA_CHAIN_HOOK]);
    made->forwards = chain.of[NFTA_CHAIN_HOOK] && number(hook.of[NFTA_HOOK_HOOKNUM], UINT32_MAX) == HOOK_FORWARD;
    made->policy = number(chain.of[NFTA_CHAIN_POLICY], NF_ACCEPT) == NF_DROP ? VERDICT_DROP : VERDICT_ACCEPT;
    return MNL_CB_OK;
}

/* ---- Expressions: what was loaded last is what is compared next ---- */

enum loaded { LOADED_OTHER, LOADED_IN, LOADED_OUT };

static void take_compare(struct firewall_rule *rule, enum loaded loaded, const struct attributes *data)
{
    struct attributes value = nested(data->of[NFTA_CMP_DATA]);
    const struct nlattr *bytes = value.of[NFTA_DATA_VALUE];
    uint32_t operation = number(data->of[NFTA_CMP_OP], UINT32_MAX);
    size_t length = bytes ? mnl_attr_get_payload_len(bytes) : 0;
    const char *name = bytes ? mnl_attr_get_payload(bytes) : NULL;
    char **slot = loaded == LOADED_IN ? &rule->in : &rule->out;

    if (loaded == LOADED_OTHER || !length || length > IFNAMSIZ || (operation != NFT_CMP_EQ && operation != NFT_CMP_NEQ) || *slot) {
        rule->selective = true;
        return;
    }
    /* a name without its end is the beginning of many */
    *slot = memchr(name, '\0', length) ? g_strdup(name) : g_strdup_printf("%.*s*", (int)length, name);
    *(loaded == LOADED_IN ? &rule->not_in : &rule->not_out) = operation == NFT_CMP_NEQ;
}

static void take_verdict(struct firewall_rule *rule, const struct attributes *data)
{
    struct attributes value = nested(data->of[NFTA_IMMEDIATE_DATA]), verdict;

    if (number(data->of[NFTA_IMMEDIATE_DREG], UINT32_MAX) != NFT_REG_VERDICT)
        return;
    verdict = nested(value.of[NFTA_DATA_VERDICT]);
    switch ((int32_t)number(verdict.of[NFTA_VERDICT_CODE], (uint32_t)NFT_CONTINUE)) {
    case NF_ACCEPT:
        rule->verdict = VERDICT_ACCEPT;
        break;
    case NF_DROP:
        rule->verdict = VERDICT_DROP;
        break;
    case NFT_RETURN:
        rule->verdict = VERDICT_RETURN;
        break;
    case NFT_JUMP:
    case NFT_GOTO:
        rule->verdict = (int32_t)number(verdict.of[NFTA_VERDICT_CODE], 0) == NFT_JUMP ? VERDICT_JUMP : VERDICT_GOTO;
        rule->target = g_strdup(text(verdict.of[NFTA_VERDICT_CHAIN]));
        break;
    default:
        break;
    }
}

static void take_expression(struct firewall_rule *rule, const struct nlattr *element, enum loaded *loaded)
{
    static const char *const harmless[] = {"counter", "log", "limit_none", "objref", "notrack", NULL};
    struct attributes expression = nested(element), data = nested(expression.of[NFTA_EXPR_DATA]);
    const char *name = text(expression.of[NFTA_EXPR_NAME]);
    const struct nlattr *info = data.of[NFTA_MATCH_INFO];

    if (strcmp(name, "meta") == 0) {
        uint32_t key = number(data.of[NFTA_META_KEY], UINT32_MAX);

        *loaded = key == NFT_META_IIFNAME ? LOADED_IN : key == NFT_META_OIFNAME ? LOADED_OUT : LOADED_OTHER;
    } else if (strcmp(name, "cmp") == 0) {
        take_compare(rule, *loaded, &data);
    } else if (strcmp(name, "immediate") == 0) {
        take_verdict(rule, &data);
    } else if (strcmp(name, "reject") == 0) {
        rule->verdict = VERDICT_DROP;
    } else if (strcmp(name, "match") == 0) {
        firewall_rule_match(rule, text(data.of[NFTA_MATCH_NAME]), info ? mnl_attr_get_payload(info) : NULL,
                            info ? mnl_attr_get_payload_len(info) : 0);
    } else if (strcmp(name, "target") == 0) {
        firewall_rule_target(rule, text(data.of[NFTA_TARGET_NAME]));
    } else if (!g_strv_contains(harmless, name)) {
        *loaded = LOADED_OTHER;
        rule->selective = true;
    }
}

static int take_rule(const struct nlmsghdr *message, void *data)
{
    struct firewall *firewall = data;
    struct attributes rule = {{NULL}};
    g_autofree char *table = NULL;
    struct firewall_chain *chain;
    struct firewall_rule *made;
    const struct nlattr *element;
    enum loaded loaded = LOADED_OTHER;

    mnl_attr_parse(message, sizeof(struct nfgenmsg), keep, &rule);
    table = table_name(message, rule.of[NFTA_RULE_TABLE]);
    chain = table ? firewall_chain(firewall, table, text(rule.of[NFTA_RULE_CHAIN])) : NULL;
    if (!chain)
        return MNL_CB_OK;
    made = firewall_add_rule(chain);
    if (!rule.of[NFTA_RULE_EXPRESSIONS])
        return MNL_CB_OK;
    mnl_attr_for_each_nested(element, rule.of[NFTA_RULE_EXPRESSIONS])
        take_expression(made, element, &loaded);
    return MNL_CB_OK;
}

static int dump(struct mnl_socket *socket, uint16_t type, mnl_cb_t each, struct firewall *firewall)
{
    _Alignas(struct nlmsghdr) char request[MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(struct nfgenmsg))];
    g_autofree char *answer = g_malloc(ANSWER_SIZE);
    struct nlmsghdr *header = mnl_nlmsg_put_header(request);
    struct nfgenmsg *head;
    int verdict = MNL_CB_OK;

    header->nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type);
    header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    header->nlmsg_seq = (uint32_t)time(NULL) + type;
    head = mnl_nlmsg_put_extra_header(header, sizeof(*head));
    *head = (struct nfgenmsg){.nfgen_family = NFPROTO_UNSPEC, .version = NFNETLINK_V0};
    if (mnl_socket_sendto(socket, header, header->nlmsg_len) < 0)
        return -errno;
    while (verdict > MNL_CB_STOP) {
        ssize_t got = mnl_socket_recvfrom(socket, answer, ANSWER_SIZE);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        verdict = mnl_cb_run(answer, (size_t)got, header->nlmsg_seq, mnl_socket_get_portid(socket), each, firewall);
        if (verdict < 0)
            return -errno;
    }
    return 0;
}

int firewall_read_nftables(struct firewall *firewall)
{
    struct mnl_socket *socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
    int error;

    /* a kernel without nf_tables has no such rules */
    if (!socket)
        return errno == EPROTONOSUPPORT ? 0 : -errno;
    if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
        error = -errno;
    else if ((error = dump(socket, NFT_MSG_GETCHAIN, take_chain, firewall)) == 0)
        error = dump(socket, NFT_MSG_GETRULE, take_rule, firewall);
    mnl_socket_close(socket);
    return error == -EOPNOTSUPP || error == -EINVAL ? 0 : error;
}
