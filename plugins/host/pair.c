/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pair.c - what two hosts must have in common before guests move between them. Both libvirts are asked (this host's is the shell's
 * connection, the other is opened for --peer); nothing is changed and no guest is touched.
 */
#include <string.h>
#include <stdlib.h>
#include "check.h"

/* ---- the two hosts ---- */

struct side {
    virConnectPtr conn;
    xmlDoc *capabilities, *domain;     /* what the host can, and what a guest there can have; NULL: it does not say */
    char *name;
};
struct pair {
    struct side here, there;
    GPtrArray *guests;                 /* xmlDoc of each guest here that is active or defined */
};

struct opening { char *uri; virConnectPtr conn; };

static void open_it(void *p)
{
    struct opening *opening = p;

    /* libvirt compares processors for those who may change things only */
    opening->conn = virConnectOpenAuth(opening->uri, virConnectAuthPtrDefault, 0);
    if (!opening->conn)
        opening->conn = virConnectOpenReadOnly(opening->uri);
}

static void opening_clear(void *p)
{
    struct opening *opening = p;

    if (opening->conn)
        virConnectClose(opening->conn);
    g_free(opening->uri);
}

static void opening_unref(void *p)
{
    g_atomic_rc_box_release_full(p, opening_clear);
}

static xmlDoc *parse(char *text)
{
    xmlDoc *document = text ? xml_of(text, "libvirt") : NULL;

    free(text);
    return document;
}

static void side_read(struct side *side)
{
    char *name = virConnectGetHostname(side->conn);

    side->name = g_strdup(name ? name : "?");
    free(name);
    side->capabilities = parse(virConnectGetCapabilities(side->conn));
    side->domain = parse(virConnectGetDomainCapabilities(side->conn, NULL, NULL, NULL, NULL, 0));
}

static void free_document(void *p)
{
    xmlFreeDoc(p);
}

static void pair_free(void *p)
{
    struct pair *pair = p;
    struct side *sides[] = { &pair->here, &pair->there };

    for (size_t i = 0; i < G_N_ELEMENTS(sides); i++) {
        xmlFreeDoc(sides[i]->capabilities);
        xmlFreeDoc(sides[i]->domain);
        g_free(sides[i]->name);
    }
    if (pair->guests)
        g_ptr_array_unref(pair->guests);
    g_free(pair);
}

static GPtrArray *read_guests(virConnectPtr conn)
{
    GPtrArray *guests = g_ptr_array_new_with_free_func(free_document);
    virDomainPtr *domains = NULL;
    int count = virConnectListAllDomains(conn, &domains, 0);

    for (int i = 0; i < count; i++) {
        xmlDoc *document = parse(virDomainGetXMLDesc(domains[i], 0));
        if (document)
            g_ptr_array_add(guests, document);
        virDomainFree(domains[i]);
    }
    free(domains);
    return guests;
}

int pair_open(hvsh_call *call, struct host *host, const char *uri)
{
    struct opening *opening = g_atomic_rc_box_new0(struct opening);
    virConnectPtr conn = hvsh_connection(call);
    struct pair *pair;

    hvsh_defer(call, opening, opening_unref);
    if (!conn)
        return -1;
    opening->uri = g_strdup(uri);
    if (hvsh_work(call, open_it, g_atomic_rc_box_acquire(opening), opening_unref) < 0)
        return -1;
    if (!opening->conn)
        return hvsh_fail_virt(call, "the other host cannot be asked: %s", uri);
    pair = hvsh_defer(call, g_new0(struct pair, 1), pair_free);
    pair->here.conn = conn;
    pair->there.conn = opening->conn;
    side_read(&pair->here);
    side_read(&pair->there);
    pair->guests = read_guests(conn);
    host->pair = pair;
    return 0;
}

/* What libvirt said last, for "cannot tell". */
static const char *last_word(void)
{
    const char *message = virGetLastErrorMessage();

    return message && *message ? message : "libvirt gives no reason";
}

/* ---- who they are ---- */

static void run_peer(struct host *host, const struct check *check, struct result *result)
{
    unsigned long here = 0, there = 0, own = 0, other = 0;
    const char *type_here, *type_there;

    (void)check;
    if (!host->pair) {
        unsure(result, "no other host is named: --peer URI looks at both");
        return;
    }
    type_here = virConnectGetType(host->pair->here.conn);
    type_there = virConnectGetType(host->pair->there.conn);
    virConnectGetVersion(host->pair->here.conn, &here);
    virConnectGetVersion(host->pair->there.conn, &there);
    virConnectGetLibVersion(host->pair->here.conn, &own);
    virConnectGetLibVersion(host->pair->there.conn, &other);
#define VERSION(v) (v) / 1000000, (v) / 1000 % 1000, (v) % 1000
    if (g_strcmp0(type_here, type_there)) {
        found(result, FAIL, "%s here, %s on %s", type_here, type_there, host->pair->there.name);
        cure(result, "guests move between hosts of one kind only");
    } else if (there < here) {
        found(result, WARN, "the hypervisor of %s is older: %lu.%lu.%lu, here %lu.%lu.%lu", host->pair->there.name, VERSION(there), VERSION(here));
    } else if (other < own) {
        found(result, NOTE, "libvirt of %s is older: %lu.%lu.%lu, here %lu.%lu.%lu", host->pair->there.name, VERSION(other), VERSION(own));
    } else {
        found(result, PASS, "%s and %s, hypervisor %lu.%lu.%lu and %lu.%lu.%lu", host->pair->here.name, host->pair->there.name, VERSION(here),
              VERSION(there));
    }
}

static void run_names(struct host *host, const struct check *check, struct result *result)
{
    const struct side *here = &host->pair->here, *there = &host->pair->there;

    (void)check;
    if (g_str_has_prefix(there->name, "localhost"))
        found(result, FAIL, "the other host calls itself '%s': this one cannot reach it by that name", there->name);
    else if (g_str_equal(here->name, there->name))
        found(result, FAIL, "both hosts call themselves '%s'", here->name);
    else
        found(result, PASS, "%s and %s", here->name, there->name);
}

static void run_uuids(struct host *host, const struct check *check, struct result *result)
{
    g_autofree char *here = host->pair->here.capabilities ? node_text(host->pair->here.capabilities, "/capabilities/host/uuid") : NULL;
    g_autofree char *there = host->pair->there.capabilities ? node_text(host->pair->there.capabilities, "/capabilities/host/uuid") : NULL;

    (void)check;
    if (!here || !there)
        unsure(result, "%s tells no UUID of its host", here ? host->pair->there.name : host->pair->here.name);
    else if (g_str_equal(here, there))
        found(result, FAIL, "both hosts have the UUID %s: libvirt takes them for one, and refuses", here);
    else
        found(result, PASS, "they differ");
}

/* ---- what guests need there ---- */

/* The processor that a guest of mode host-model has here, as libvirt compares it; NULL: libvirt does not tell. */
static char *model_here(const struct side *here)
{
    g_autofree char *inner = here->domain ? node_xml(here->domain, "/domainCapabilities/cpu/mode[@name='host-model' and @supported='yes']") : NULL;
    const char *start = inner ? strchr(inner, '>') : NULL, *end = inner ? g_strrstr(inner, "</mode>") : NULL;

    if (!start || !end || end < start)
        return NULL;
    return g_strdup_printf("<cpu mode='custom' match='exact'>%.*s</cpu>", (int)(end - start - 1), start + 1);
}

static void run_cpu(struct host *host, const struct check *check, struct result *result)
{
    const struct side *here = &host->pair->here, *there = &host->pair->there;
    g_autofree char *arch = here->capabilities ? node_text(here->capabilities, "/capabilities/host/cpu/arch") : NULL;
    g_autofree char *other = there->capabilities ? node_text(there->capabilities, "/capabilities/host/cpu/arch") : NULL;
    g_autofree char *cpu = model_here(here);

    (void)check;
    if (arch && other && !g_str_equal(arch, other)) {
        found(result, FAIL, "%s is %s, this host is %s", there->name, other, arch);
        cure(result, "guests move between hosts of one architecture only");
        return;
    }
    if (!cpu) {
        unsure(result, "%s does not tell what a guest of mode host-model has", here->name);
        return;
    }
    switch (virConnectCompareHypervisorCPU(there->conn, NULL, NULL, NULL, NULL, cpu, 0)) {
    case VIR_CPU_COMPARE_IDENTICAL:
        found(result, PASS, "%s gives guests the same processor", there->name);
        break;
    case VIR_CPU_COMPARE_SUPERSET:
        found(result, PASS, "%s can give guests all that they have here", there->name);
        break;
    case VIR_CPU_COMPARE_INCOMPATIBLE:
        found(result, WARN, "%s cannot give guests all that host-model has here: such guests cannot go there", there->name);
        break;
    default:
        unsure(result, "%s", last_word());
    }
}

/* The texts at `xpath` in all guests here, each once. */
static GPtrArray *of_guests(const struct pair *pair, const char *xpath)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < pair->guests->len; i++) {
        g_autoptr(GPtrArray) one = node_texts(pair->guests->pdata[i], xpath);
        for (guint j = 0; j < one->len; j++)
            if (!g_ptr_array_find_with_equal_func(all, one->pdata[j], g_str_equal, NULL))
                g_ptr_array_add(all, g_strdup(one->pdata[j]));
    }
    return all;
}

static void run_machines(struct host *host, const struct check *check, struct result *result)
{
    g_autoptr(GPtrArray) wanted = of_guests(host->pair, "/domain/os/type/@machine");
    g_autoptr(GPtrArray) known = NULL;
    g_autoptr(GString) missing = g_string_new(NULL);

    (void)check;
    if (!host->pair->there.capabilities) {
        unsure(result, "%s tells no capabilities", host->pair->there.name);
        return;
    }
    known = node_texts(host->pair->there.capabilities, "/capabilities/guest/arch//machine");
    for (guint i = 0; i < wanted->len; i++)
        if (!g_ptr_array_find_with_equal_func(known, wanted->pdata[i], g_str_equal, NULL))
            g_string_append_printf(missing, "%s%s", missing->len ? ", " : "", (char *)wanted->pdata[i]);
    if (missing->len)
        found(result, FAIL, "%s does not know: %s", host->pair->there.name, missing->str);
    else
        found(result, PASS, wanted->len ? "%s knows every one of this host's guests" : "no guest here names one to ask %s for",
              host->pair->there.name);
}

static void run_networks(struct host *host, const struct check *check, struct result *result)
{
    g_autoptr(GPtrArray) wanted = of_guests(host->pair, "/domain/devices/interface/source/@network");
    g_autoptr(GString) missing = g_string_new(NULL), sleeping = g_string_new(NULL);

    (void)check;
    for (guint i = 0; i < wanted->len; i++) {
        virNetworkPtr network = virNetworkLookupByName(host->pair->there.conn, wanted->pdata[i]);
        GString *list = !network ? missing : virNetworkIsActive(network) == 0 ? sleeping : NULL;
        if (list)
            g_string_append_printf(list, "%s%s", list->len ? ", " : "", (char *)wanted->pdata[i]);
        if (network)
            virNetworkFree(network);
    }
    if (missing->len)
        found(result, FAIL, "%s does not have: %s", host->pair->there.name, missing->str);
    else if (sleeping->len)
        found(result, FAIL, "not active on %s: %s", host->pair->there.name, sleeping->str);
    else
        found(result, PASS, wanted->len ? "%s has every one of this host's guests" : "no guest here is on one to ask %s for",
              host->pair->there.name);
}

/* The pools here by name, each with the place it has: the same on the other side, or disks must be copied. */
static void run_pools(struct host *host, const struct check *check, struct result *result)
{
    virStoragePoolPtr *pools = NULL;
    int count = virConnectListAllStoragePools(host->pair->here.conn, &pools, VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE);
    g_autoptr(GString) missing = g_string_new(NULL);

    (void)check;
    if (count < 0) {
        unsure(result, "%s", last_word());
        return;
    }
    for (int i = 0; i < count; i++) {
        const char *name = virStoragePoolGetName(pools[i]);
        virStoragePoolPtr other = virStoragePoolLookupByName(host->pair->there.conn, name);
        xmlDoc *one = parse(virStoragePoolGetXMLDesc(pools[i], 0)), *two = other ? parse(virStoragePoolGetXMLDesc(other, 0)) : NULL;
        g_autofree char *place = one ? node_text(one, "/pool/target/path") : NULL, *place_there = two ? node_text(two, "/pool/target/path") : NULL;

        if (!other || virStoragePoolIsActive(other) != 1)
            g_string_append_printf(missing, "%s%s", missing->len ? ", " : "", name);
        else if (g_strcmp0(place, place_there))
            g_string_append_printf(missing, "%s%s (at %s there, %s here)", missing->len ? ", " : "", name, place_there, place);
        xmlFreeDoc(one);
        xmlFreeDoc(two);
        if (other)
            virStoragePoolFree(other);
        virStoragePoolFree(pools[i]);
    }
    free(pools);
    if (missing->len)
        found(result, WARN, "not so on %s: %s", host->pair->there.name, missing->str);
    else
        found(result, PASS, count ? "%s has every active pool of this host, at the same place" : "no pool is active here to ask %s for",
              host->pair->there.name);
}

/* Does the largest guest here fit there? */
static void run_memory(struct host *host, const struct check *check, struct result *result)
{
    unsigned long long available = virNodeGetFreeMemory(host->pair->there.conn);
    g_autofree char *has = NULL, *needs = NULL, *name = NULL;
    uint64_t largest = 0;

    (void)check;
    if (!available) {
        unsure(result, "%s", last_word());
        return;
    }
    for (guint i = 0; i < host->pair->guests->len; i++) {
        g_autofree char *memory = node_text(host->pair->guests->pdata[i], "/domain[@id]/memory");
        uint64_t bytes = memory ? g_ascii_strtoull(memory, NULL, 10) * 1024 : 0;
        if (bytes > largest) {
            largest = bytes;
            g_free(name);
            name = node_text(host->pair->guests->pdata[i], "/domain/name");
        }
    }
    has = size_text(available);
    needs = size_text(largest);
    if (largest > available)
        found(result, WARN, "%s has %s free, the running guest %s may take %s", host->pair->there.name, has, name, needs);
    else
        found(result, PASS, "%s has %s free%s%s%s", host->pair->there.name, has, name ? ", the largest running guest may take " : "",
              name ? needs : "", name ? "" : "; no guest runs here");
}

/* How guests are kept apart: a guest whose label the other side does not know is refused. */
static void run_security(struct host *host, const struct check *check, struct result *result)
{
    static const char models[] = "/capabilities/host/secmodel/model";
    const struct pair *pair = host->pair;
    g_autoptr(GPtrArray) here = pair->here.capabilities ? node_texts(pair->here.capabilities, models) : NULL;
    g_autoptr(GPtrArray) there = pair->there.capabilities ? node_texts(pair->there.capabilities, models) : NULL;

    (void)check;
    if (!here || !there) {
        unsure(result, "%s tells no capabilities", here ? host->pair->there.name : host->pair->here.name);
        return;
    }
    for (guint i = 0; i < here->len; i++)
        if (!g_ptr_array_find_with_equal_func(there, here->pdata[i], g_str_equal, NULL)) {
            found(result, WARN, "guests here have labels of %s, which %s does not use", (char *)here->pdata[i], host->pair->there.name);
            return;
        }
    found(result, PASS, "%s knows the kinds of labels that guests have here", host->pair->there.name);
}

/*
 * No call of libvirt's tells a host's time: what it has is of guests (virDomainGetTime), of when a client of the same machine came
 * (virt-admin, which goes to this machine only), or would have to be made on the other host first (a volume, a snapshot).
 */
static void run_clocks(struct host *host, const struct check *check, struct result *result)
{
    (void)check;
    unsure(result, "libvirt tells no host's time; host-check --check time-sync on %s and on %s tells whether each is kept right",
           host->pair->here.name, host->pair->there.name);
    cure(result, "let chrony keep both by the same time servers (host-check --fix time-sync on each)");
}

const struct check pair_checks[] = {
    { "pair-peer", "pair", PROFILE_MIGRATION, PROFILE_MIGRATION, "both hypervisors", "A guest moves to an equal or newer hypervisor of the same kind.",
      run_peer, "bring the other host up to date first", NULL, NULL },
    { "pair-name", "pair", PROFILE_MIGRATION, PROFILE_MIGRATION, "hosts' names", "The source reaches the destination by the name that it gives.",
      run_names, "give each host a name of its own that the other can resolve (hostnamectl hostname NAME), or migrate with --migrateuri", NULL, NULL },
    { "pair-uuid", "pair", PROFILE_MIGRATION, PROFILE_MIGRATION, "hosts' UUIDs", "Migration between hosts of the same UUID is refused.", run_uuids,
      "set host_uuid in /etc/libvirt/libvirtd.conf (or virtqemud.conf) of one of them", NULL, NULL },
    { "pair-cpu", "pair", PROFILE_MIGRATION, 0, "processors", "A guest keeps the processor that it was started with.", run_cpu,
      "give guests a CPU model that both have (hypervisor-cpu-baseline)", NULL, NULL },
    { "pair-machine", "pair", PROFILE_MIGRATION, PROFILE_MIGRATION, "machine types", "A guest keeps its machine type, which QEMU there must know.",
      run_machines, "bring QEMU of the other host up to date", NULL, NULL },
    { "pair-network", "pair", PROFILE_MIGRATION, PROFILE_MIGRATION, "networks", "A guest looks for its networks by name.", run_networks,
      "define and start them there (net-dumpxml here, net-define there)", NULL, NULL },
    { "pair-pool", "pair", PROFILE_MIGRATION, 0, "storage pools", "A guest finds its disks at the same paths, or they are copied.", run_pools,
      "share the storage, or migrate with --copy-storage-all", NULL, NULL },
    { "pair-memory", "pair", PROFILE_MIGRATION, 0, "memory there", "A guest needs its memory twice while it moves, once on each host.", run_memory,
      "free some memory there first", NULL, NULL },
    { "pair-security", "pair", PROFILE_MIGRATION, 0, "guests' labels", "A guest with a label that is not known there is refused.", run_security,
      "use the same security_driver in /etc/libvirt/qemu.conf of both", NULL, NULL },
    { "pair-clock", "pair", PROFILE_MIGRATION, 0, "clocks", "Guests that follow their host's clock see it jump, and TLS fails where the hosts' differ much.",
      run_clocks, NULL, NULL, NULL },
    { .id = NULL },
};
