/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conn-names.c - names of objects for completion, with notes, from few calls, kept for a while.
 *
 * libvirt lists objects in one call but tells the state of each in a call for each. So an object's note comes from the list it is found on: one
 * list of running domains, one of paused ones, ... The number of calls never depends on the number of objects; domains take a single one.
 */
#include "conn-impl.h"

#include <stdlib.h>
#include <string.h>

enum {
    KEEP = G_USEC_PER_SEC,              /* how long names are good for, ... */
    KEEP_TIMES = 100,                   /* ... or so many times as long as it took to list them: a slow host is not asked at every TAB */
    KEPT_LISTS = 32,
    NOTES_TIME = G_USEC_PER_SEC / 50,   /* volumes: their notes do take a call each, while it goes quickly */
};

/* ---- a list of names ---- */

struct names {
    unsigned int refs;          /* under cache_lock */
    gint64 asked, made;
    unsigned int age;           /* of the cache when it was asked for */
    GStringChunk *texts;
    GArray *items;              /* of struct item */
};

struct item { const char *name, *note, *uuid; };

static struct names *names_new(void)
{
    struct names *names = g_new0(struct names, 1);

    names->refs = 1;
    names->texts = g_string_chunk_new(4096);
    names->items = g_array_new(FALSE, FALSE, sizeof(struct item));
    return names;
}

static void names_free(struct names *names)
{
    g_string_chunk_free(names->texts);
    g_array_free(names->items, TRUE);
    g_free(names);
}

static void add_with_uuid(struct names *names, const char *name, const char *note, const char *uuid)
{
    struct item item = { name ? g_string_chunk_insert(names->texts, name) : NULL, note ? g_string_chunk_insert_const(names->texts, note) : NULL,
                         uuid ? g_string_chunk_insert(names->texts, uuid) : NULL };

    if (name)
        g_array_append_val(names->items, item);
}

static void add(struct names *names, const char *name, const char *note)
{
    add_with_uuid(names, name, note, NULL);
}

/* ---- one list from libvirt ---- */

static int no_uuid(void *object, char *uuid)
{
    (void)object;
    (void)uuid;
    return -1;
}

/* A function that adds the names of one list call; -1 with libvirt's error. */
#define LISTER(function, source_type, object_type, list, name_of, uuid_of, note_of, release) \
    static int function(void *source, unsigned int flags, const char *note, struct names *names) \
    { \
        object_type *objects = NULL; \
        int n = list((source_type)source, &objects, flags); \
\
        for (int i = 0; i < n; i++) { \
            char uuid[VIR_UUID_STRING_BUFLEN]; \
\
            add_with_uuid(names, name_of(objects[i]), note_of, uuid_of(objects[i], uuid) == 0 ? uuid : NULL); \
            release(objects[i]); \
        } \
        free(objects); \
        return n < 0 ? -1 : 0; \
    }

LISTER(list_domains, virConnectPtr, virDomainPtr, virConnectListAllDomains, virDomainGetName, virDomainGetUUIDString, note, virDomainFree)
LISTER(list_networks, virConnectPtr, virNetworkPtr, virConnectListAllNetworks, virNetworkGetName, virNetworkGetUUIDString, note, virNetworkFree)
LISTER(list_pools, virConnectPtr, virStoragePoolPtr, virConnectListAllStoragePools, virStoragePoolGetName, virStoragePoolGetUUIDString, note, virStoragePoolFree)
LISTER(list_interfaces, virConnectPtr, virInterfacePtr, virConnectListAllInterfaces, virInterfaceGetName, no_uuid, note, virInterfaceFree)
LISTER(list_nodedevs, virConnectPtr, virNodeDevicePtr, virConnectListAllNodeDevices, virNodeDeviceGetName, no_uuid, note, virNodeDeviceFree)
LISTER(list_nwfilters, virConnectPtr, virNWFilterPtr, virConnectListAllNWFilters, virNWFilterGetName, no_uuid, note, virNWFilterFree)
LISTER(list_snapshots, virDomainPtr, virDomainSnapshotPtr, virDomainListAllSnapshots, virDomainSnapshotGetName, no_uuid, note, virDomainSnapshotFree)
LISTER(list_checkpoints, virDomainPtr, virDomainCheckpointPtr, virDomainListAllCheckpoints, virDomainCheckpointGetName, no_uuid, note,
       virDomainCheckpointFree)

/* Secrets have no name: the UUID, and what it is for. */
static const char *uuid_of(virSecretPtr secret)
{
    static _Thread_local char text[VIR_UUID_STRING_BUFLEN];

    return virSecretGetUUIDString(secret, text) < 0 ? NULL : text;
}
LISTER(list_secrets, virConnectPtr, virSecretPtr, virConnectListAllSecrets, uuid_of, no_uuid, note ? note : virSecretGetUsageID(objects[i]), virSecretFree)

static const char *capacity_of(virStorageVolPtr volume)
{
    static _Thread_local char text[32];
    static const char units[] = "KMGTPE";
    virStorageVolInfo info;
    double size;
    int unit = -1;

    if (virStorageVolGetInfo(volume, &info) < 0)
        return NULL;
    for (size = (double)info.capacity; size >= 1024 && unit < 5; unit++)
        size /= 1024;
    if (unit < 0)
        g_snprintf(text, sizeof(text), "%.0f B", size);
    else
        g_snprintf(text, sizeof(text), "%.4g %ciB", size, units[unit]);
    return text;
}

static int list_volumes(void *source, unsigned int flags, const char *note, struct names *names)
{
    virStorageVolPtr *volumes = NULL;
    int n = virStoragePoolListAllVolumes(source, &volumes, flags);
    gint64 until = g_get_monotonic_time() + NOTES_TIME;

    for (int i = 0; i < n; i++) {
        add(names, virStorageVolGetName(volumes[i]), note ? note : g_get_monotonic_time() < until ? capacity_of(volumes[i]) : NULL);
        virStorageVolFree(volumes[i]);
    }
    free(volumes);
    return n < 0 ? -1 : 0;
}

/* Without a pool a volume is named by its key, mostly its path; a call for each pool that is active. */
static int list_all_volumes(void *source, unsigned int flags, const char *note, struct names *names)
{
    virStoragePoolPtr *pools = NULL;
    int n = virConnectListAllStoragePools(source, &pools, VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE);

    for (int i = 0; i < n; i++) {
        virStorageVolPtr *volumes = NULL;
        int m = virStoragePoolListAllVolumes(pools[i], &volumes, flags);

        for (int j = 0; j < m; j++) {
            add(names, virStorageVolGetKey(volumes[j]), note ? note : virStoragePoolGetName(pools[i]));
            virStorageVolFree(volumes[j]);
        }
        free(volumes);
        virStoragePoolFree(pools[i]);
    }
    free(pools);
    return n < 0 ? -1 : 0;
}

/* ---- all lists of a kind ---- */

struct state { unsigned int flag; const char *note; };

static const struct lister {
    enum hvsh_kind kind;
    int (*list)(void *source, unsigned int flags, const char *note, struct names *names);
    int (*list_without_peer)(void *source, unsigned int flags, const char *note, struct names *names);
    bool has_peer;
    struct state states[5];     /* each object is in exactly one */
} listers[] = {
    { HVSH_KIND_DOMAIN, list_domains, .states = {
        { VIR_CONNECT_LIST_DOMAINS_RUNNING, "running" }, { VIR_CONNECT_LIST_DOMAINS_PAUSED, "paused" },
        { VIR_CONNECT_LIST_DOMAINS_SHUTOFF, "shut off" }, { VIR_CONNECT_LIST_DOMAINS_OTHER, "other" } } },
    { HVSH_KIND_NETWORK, list_networks, .states = {
        { VIR_CONNECT_LIST_NETWORKS_ACTIVE, "active" }, { VIR_CONNECT_LIST_NETWORKS_INACTIVE, "inactive" } } },
    { HVSH_KIND_POOL, list_pools, .states = {
        { VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE, "active" }, { VIR_CONNECT_LIST_STORAGE_POOLS_INACTIVE, "inactive" } } },
    { HVSH_KIND_INTERFACE, list_interfaces, .states = {
        { VIR_CONNECT_LIST_INTERFACES_ACTIVE, "active" }, { VIR_CONNECT_LIST_INTERFACES_INACTIVE, "inactive" } } },
    { HVSH_KIND_NODEDEV, list_nodedevs },
    { HVSH_KIND_SECRET, list_secrets },
    { HVSH_KIND_NWFILTER, list_nwfilters },
    { HVSH_KIND_VOLUME, list_volumes, list_all_volumes, .has_peer = true },
    { HVSH_KIND_SNAPSHOT, list_snapshots, .has_peer = true },
    { HVSH_KIND_CHECKPOINT, list_checkpoints, .has_peer = true },
};

/* Names and states of domains in one call, where the driver has it; flags must be those that both lists know. */
static int list_domain_stats(virConnectPtr virt, unsigned int flags, struct names *names)
{
    static const char *const states[] = {
        [VIR_DOMAIN_NOSTATE] = "no state", [VIR_DOMAIN_RUNNING] = "running", [VIR_DOMAIN_BLOCKED] = "idle", [VIR_DOMAIN_PAUSED] = "paused",
        [VIR_DOMAIN_SHUTDOWN] = "in shutdown", [VIR_DOMAIN_SHUTOFF] = "shut off", [VIR_DOMAIN_CRASHED] = "crashed",
        [VIR_DOMAIN_PMSUSPENDED] = "pmsuspended",
    };
    virDomainStatsRecordPtr *records = NULL;
    int n = virConnectGetAllDomainStats(virt, VIR_DOMAIN_STATS_STATE, &records, flags | VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT);

    if (n < 0)
        return -1;
    for (int i = 0; i < n; i++) {
        char uuid[VIR_UUID_STRING_BUFLEN];
        int state = -1;

        virTypedParamsGetInt(records[i]->params, records[i]->nparams, "state.state", &state);
        add_with_uuid(names, virDomainGetName(records[i]->dom), state >= 0 && state < (int)G_N_ELEMENTS(states) ? states[state] : NULL,
                      virDomainGetUUIDString(records[i]->dom, uuid) == 0 ? uuid : NULL);
    }
    virDomainStatsRecordListFree(records);
    return 0;
}

static int list_all(virConnectPtr virt, const struct lister *lister, unsigned int select, void *peer, struct names *names)
{
    unsigned int stats_flags = VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE | VIR_CONNECT_GET_ALL_DOMAINS_STATS_INACTIVE |
                               VIR_CONNECT_GET_ALL_DOMAINS_STATS_PERSISTENT | VIR_CONNECT_GET_ALL_DOMAINS_STATS_TRANSIENT |
                               VIR_CONNECT_GET_ALL_DOMAINS_STATS_RUNNING | VIR_CONNECT_GET_ALL_DOMAINS_STATS_PAUSED |
                               VIR_CONNECT_GET_ALL_DOMAINS_STATS_SHUTOFF | VIR_CONNECT_GET_ALL_DOMAINS_STATS_OTHER;
    unsigned int all_states = 0, wanted;

    if (lister->has_peer && !peer)
        return lister->list_without_peer ? lister->list_without_peer(virt, select, NULL, names) : -1;
    if (lister->kind == HVSH_KIND_DOMAIN && !(select & ~stats_flags) && list_domain_stats(virt, select, names) == 0)
        return 0;
    for (const struct state *state = lister->states; state->note; state++)
        all_states |= state->flag;
    if (!all_states)
        return lister->list(lister->has_peer ? peer : virt, select, NULL, names);
    wanted = select & all_states ? select & all_states : all_states;
    for (const struct state *state = lister->states; state->note; state++)
        if ((state->flag & wanted) && lister->list(virt, (select & ~all_states) | state->flag, state->note, names) < 0)
            return -1;
    return 0;
}

/* ---- what is kept ---- */

static pthread_mutex_t cache_lock = PTHREAD_MUTEX_INITIALIZER;
static GHashTable *cache;               /* text of the question: struct names */
static unsigned int cache_age;          /* grows when something has changed */

static void names_unref(struct names *names)        /* with cache_lock held */
{
    if (names && --names->refs == 0)
        names_free(names);
}

static void unref_value(gpointer names)
{
    names_unref(names);
}

void conn_names_stale(void)
{
    pthread_mutex_lock(&cache_lock);
    cache_age++;
    pthread_mutex_unlock(&cache_lock);
}

void names_clear(void)
{
    pthread_mutex_lock(&cache_lock);
    if (cache)
        g_hash_table_destroy(cache);
    cache = NULL;
    pthread_mutex_unlock(&cache_lock);
}

/* The question as a text; peers are known by their UUID. */
static char *key_of(struct conn *conn, virConnectPtr virt, const struct lister *lister, unsigned int select, void *peer)
{
    char uuid[VIR_UUID_STRING_BUFLEN] = "";

    if (peer && lister->kind == HVSH_KIND_VOLUME)
        virStoragePoolGetUUIDString(peer, uuid);
    else if (peer)
        virDomainGetUUIDString(peer, uuid);
    /* virt: another host after the connection was changed */
    return g_strdup_printf("%p %p %d %x %s", (void *)conn, (void *)virt, lister->kind, select, uuid);
}

static bool stale(struct names *names)
{
    return names->age != cache_age || g_get_monotonic_time() - names->made > MAX(KEEP, KEEP_TIMES * (names->made - names->asked));
}

static gboolean value_stale(gpointer key, gpointer names, gpointer unused)
{
    (void)key;
    (void)unused;
    return stale(names);
}

/* A new reference, or NULL; *age is the cache's then. */
static struct names *cache_get(const char *key, unsigned int *age)
{
    struct names *names;

    pthread_mutex_lock(&cache_lock);
    *age = cache_age;
    names = cache ? g_hash_table_lookup(cache, key) : NULL;
    if (names && stale(names))
        names = NULL;
    if (names)
        names->refs++;
    pthread_mutex_unlock(&cache_lock);
    return names;
}

static void cache_put(char *key, struct names *names)
{
    pthread_mutex_lock(&cache_lock);
    if (!cache)
        cache = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, unref_value);
    g_hash_table_foreach_remove(cache, value_stale, NULL);
    if (g_hash_table_size(cache) >= KEPT_LISTS)
        g_hash_table_remove_all(cache);
    names->refs++;
    g_hash_table_replace(cache, key, names);
    pthread_mutex_unlock(&cache_lock);
}

const struct hvsh_choice conn_usual[] = {
    { "qemu:///system", 0, "the host's guests" },
    { "qemu:///session", 0, "your own guests" },
    { "embed", 0, "guests without a daemon" },
    { "qemu+ssh://", 0, "another host, over ssh" },
    { "test:///default", 0, "for trying things out" },
    { NULL }
};

/* Those that are open by their names, and what URIs there are. */
static void offer_connections(void (*each)(const char *name, const char *note, void *arg), void *arg)
{
    g_autofree struct conn **all = conn_all();

    for (struct conn **conn = all; *conn; conn++) {
        g_autofree char *uri = conn_real_uri(*conn);

        each(conn_name(*conn), uri, arg);
    }
    for (const struct hvsh_choice *usual = conn_usual; usual->name; usual++)
        each(usual->name, usual->help, arg);
}

int conn_names(struct conn *conn, enum hvsh_kind kind, uint64_t select, const void *peer,
               void (*each)(const char *name, const char *note, void *arg), void *arg)
{
    const struct lister *lister = NULL;
    struct names *names;
    unsigned int age;
    virConnectPtr virt;
    char *key;

    if (kind == HVSH_KIND_CONNECTION) {
        offer_connections(each, arg);
        return 0;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(listers); i++)
        if (listers[i].kind == kind)
            lister = &listers[i];
    virt = lister ? conn_get(conn, NULL, NULL, NULL) : NULL;
    if (!virt)
        return -1;
    key = key_of(conn, virt, lister, (unsigned int)select, (void *)peer);
    names = cache_get(key, &age);
    if (!names) {
        names = names_new();
        names->asked = g_get_monotonic_time();
        names->age = age;       /* what changed while it was listed makes it stale */
        if (list_all(virt, lister, (unsigned int)select, (void *)peer, names) < 0) {
            names_free(names);
            g_free(key);
            virConnectClose(virt);
            return -1;
        }
        names->made = g_get_monotonic_time();
        cache_put(g_steal_pointer(&key), names);
    }
    g_free(key);
    virConnectClose(virt);

    for (guint i = 0; i < names->items->len; i++) {
        const struct item *item = &g_array_index(names->items, struct item, i);

        if (select & CONN_BY_UUID)
            each(item->uuid ? item->uuid : item->name, item->uuid ? item->name : item->note, arg);
        else
            each(item->name, item->note, arg);
    }
    pthread_mutex_lock(&cache_lock);
    names_unref(names);
    pthread_mutex_unlock(&cache_lock);
    return 0;
}
