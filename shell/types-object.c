/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * types-object.c - the types whose values are libvirt's objects: looked up on the call's connection, with virsh's order and wording, and
 * freed by the call. What completion offers for them comes from the connection's cache (call.c asks conn.c by the type's kind).
 */
#include "types.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "util.h"

#define UUID_TEXT_LENGTH (VIR_UUID_STRING_BUFLEN - 1)

static bool is_uuid_long(const char *text)
{
    return strlen(text) == UUID_TEXT_LENGTH;
}

/* May the object be named in this way? */
static bool by(const struct hvsh_field *field, uint64_t way)
{
    return !field->value || field->value & way;
}

/* A member of another argument of the call that this one depends on: the first of .scope's words that was given. */
static const void *scope_value(hvsh_call *call, const struct hvsh_field *field, const char **name)
{
    g_auto(GStrv) names = field->scope ? g_strsplit(field->scope, " ", -1) : NULL;

    for (char **n = names; n && *n; n++) {
        const void *value = hvsh_peer(call, *n);

        if (value && *(void *const *)value) {
            if (name)
                *name = hvsh_text(call, *n);
            return *(void *const *)value;
        }
    }
    return NULL;
}

/* Was an argument of .scope written at all? Then NULL from scope_value() was a failure that has been told. */
static bool scope_written(hvsh_call *call, const struct hvsh_field *field)
{
    g_auto(GStrv) names = field->scope ? g_strsplit(field->scope, " ", -1) : NULL;

    for (char **n = names; n && *n; n++)
        if (hvsh_text(call, *n))
            return true;
    return false;
}

/* ---- domain: id, then UUID, then name; libvirt's own error is not shown, as in virsh ---- */

static int parse_domain(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    virConnectPtr connect = hvsh_connection(call);
    virDomainPtr domain = NULL;
    int64_t id;

    if (!connect)
        return -1;
    if (by(field, HVSH_BY_ID) && parse_int64(text, &id) == 0 && id >= 0 && id <= INT32_MAX)
        domain = virDomainLookupByID(connect, (int)id);
    if (!domain && by(field, HVSH_BY_UUID) && is_uuid_long(text))
        domain = virDomainLookupByUUIDString(connect, text);
    if (!domain && by(field, HVSH_BY_NAME))
        domain = virDomainLookupByName(connect, text);
    if (!domain) {
        virErrorPtr error = virGetLastError();

        /* a connection that broke is another matter than a name that is wrong */
        if (error && error->code != VIR_ERR_NO_DOMAIN && error->code != VIR_ERR_OK && error->code != VIR_ERR_INVALID_ARG)
            return hvsh_fail_virt(call, "failed to get domain '%s'", text);
        hvsh_fail(call, "failed to get domain '%s'", text);
        types_fail_code(call);
        types_hint_nearest(call, field, text, NULL);
        return -1;
    }
    *(virDomainPtr *)value = domain;
    return 0;
}

static void clear_domain(void *value)
{
    if (*(virDomainPtr *)value)
        virDomainFree(*(virDomainPtr *)value);
    *(virDomainPtr *)value = NULL;
}

/* ---- objects found by UUID, then by name, the same way ---- */

#define OBJECT_BY_UUID_AND_NAME(id, ptr, prefix, what) \
    static int parse_##id(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value) \
    { \
        virConnectPtr connect = hvsh_connection(call); \
        ptr object = NULL; \
        if (!connect) \
            return -1; \
        if (by(field, HVSH_BY_UUID) && is_uuid_long(text)) \
            object = prefix##LookupByUUIDString(connect, text); \
        if (!object && by(field, HVSH_BY_NAME)) \
            object = prefix##LookupByName(connect, text); \
        if (!object) { \
            hvsh_fail_virt(call, "failed to get " what " '%s'", text); \
            types_hint_nearest(call, field, text, NULL); \
            return -1; \
        } \
        virResetLastError(); \
        *(ptr *)value = object; \
        return 0; \
    } \
    static void clear_##id(void *value) \
    { \
        if (*(ptr *)value) \
            prefix##Free(*(ptr *)value); \
        *(ptr *)value = NULL; \
    }

OBJECT_BY_UUID_AND_NAME(network, virNetworkPtr, virNetwork, "network")
OBJECT_BY_UUID_AND_NAME(pool, virStoragePoolPtr, virStoragePool, "pool")
OBJECT_BY_UUID_AND_NAME(nwfilter, virNWFilterPtr, virNWFilter, "nwfilter")

/* ---- volume: name in its pool, then key, then path ---- */

static int parse_volume(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    virConnectPtr connect = hvsh_connection(call);
    const char *pool_name = NULL;
    virStoragePoolPtr pool, found_pool;
    virStorageVolPtr volume = NULL;
    bool same;

    if (!connect)
        return -1;
    pool = (virStoragePoolPtr)scope_value(call, field, &pool_name);
    if (!pool && scope_written(call, field))
        return -1;
    if (pool && virStoragePoolIsActive(pool) != 1)
        return hvsh_fail(call, "pool '%s' is not active", pool_name);
    if (pool && by(field, HVSH_BY_NAME))
        volume = virStorageVolLookupByName(pool, text);
    if (!volume && by(field, HVSH_BY_UUID))
        volume = virStorageVolLookupByKey(connect, text);
    if (!volume && by(field, HVSH_BY_UUID))
        volume = virStorageVolLookupByPath(connect, text);
    if (!volume) {
        if (pool || !field->scope)
            return hvsh_fail_virt(call, "failed to get vol '%s'", text);
        return hvsh_fail_virt(call, "failed to get vol '%s', specifying --%s might help", text,
                              strrchr(field->scope, ' ') ? strrchr(field->scope, ' ') + 1 : field->scope);
    }
    virResetLastError();
    if (pool) {
        found_pool = virStoragePoolLookupByVolume(volume);
        same = found_pool && strcmp(virStoragePoolGetName(found_pool), virStoragePoolGetName(pool)) == 0;
        if (found_pool)
            virStoragePoolFree(found_pool);
        virResetLastError();
        if (!same) {
            virStorageVolFree(volume);
            return hvsh_fail(call, "Requested volume '%s' is not in pool '%s'", text, virStoragePoolGetName(pool));
        }
    }
    *(virStorageVolPtr *)value = volume;
    return 0;
}

static void clear_volume(void *value)
{
    if (*(virStorageVolPtr *)value)
        virStorageVolFree(*(virStorageVolPtr *)value);
    *(virStorageVolPtr *)value = NULL;
}

/* ---- host interface: by name, and what looks like a MAC address by that ---- */

static bool is_mac(const char *text)
{
    for (int i = 0; i < 17; i++)
        if (i % 3 == 2 ? text[i] != ':' : !g_ascii_isxdigit(text[i]))
            return false;
    return text[17] == '\0';
}

static int parse_interface(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    virConnectPtr connect = hvsh_connection(call);
    virInterfacePtr object;

    if (!connect)
        return -1;
    object = is_mac(text) && by(field, HVSH_BY_UUID) ? virInterfaceLookupByMACString(connect, text) : virInterfaceLookupByName(connect, text);
    if (!object)
        return hvsh_fail_virt(call, "failed to get interface '%s'", text);
    *(virInterfacePtr *)value = object;
    return 0;
}

static void clear_interface(void *value)
{
    if (*(virInterfacePtr *)value)
        virInterfaceFree(*(virInterfacePtr *)value);
    *(virInterfacePtr *)value = NULL;
}

/* ---- node device: name, or the WWNN,WWPN of a SCSI host ---- */

/* A name of the world of fibre channel: 16 digits, "0x" may stand before them. */
static bool is_wwn(const char *text)
{
    if (g_str_has_prefix(text, "0x"))
        text += 2;
    return strspn(text, "0123456789abcdefABCDEF") == 16 && !text[16];
}

static int parse_nodedev(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    virConnectPtr connect = hvsh_connection(call);
    const char *comma = strchr(text, ',');
    virNodeDevicePtr device;

    (void)field;
    if (!connect)
        return -1;
    if (comma && !strchr(comma + 1, ',')) {
        g_autofree char *wwnn = g_strndup(text, (size_t)(comma - text));

        if (!is_wwn(wwnn) || !is_wwn(comma + 1))
            return hvsh_fail(call, "internal error: Malformed wwn: %s", is_wwn(wwnn) ? comma + 1 : wwnn);
        device = virNodeDeviceLookupSCSIHostByWWN(connect, wwnn, comma + 1, 0);
    } else {
        device = virNodeDeviceLookupByName(connect, text);
    }
    if (!device)
        return hvsh_fail_virt(call, "Could not find matching device '%s'", text);
    *(virNodeDevicePtr *)value = device;
    return 0;
}

static void clear_nodedev(void *value)
{
    if (*(virNodeDevicePtr *)value)
        virNodeDeviceFree(*(virNodeDevicePtr *)value);
    *(virNodeDevicePtr *)value = NULL;
}

/* ---- secret: UUID ---- */

static int parse_secret(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    virConnectPtr connect = hvsh_connection(call);
    virSecretPtr secret;

    (void)field;
    if (!connect)
        return -1;
    secret = virSecretLookupByUUIDString(connect, text);
    if (!secret)
        return hvsh_fail_virt(call, "failed to get secret '%s'", text);
    *(virSecretPtr *)value = secret;
    return 0;
}

static void clear_secret(void *value)
{
    if (*(virSecretPtr *)value)
        virSecretFree(*(virSecretPtr *)value);
    *(virSecretPtr *)value = NULL;
}

/* ---- snapshot, checkpoint: of the domain of .scope ---- */

#define OBJECT_OF_DOMAIN(id, ptr, lookup, release) \
    static int parse_##id(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value) \
    { \
        virDomainPtr domain = (virDomainPtr)scope_value(call, field, NULL); \
        ptr object; \
        if (!domain) \
            return scope_written(call, field) ? -1 : hvsh_fail(call, "<%s> needs a domain", field->name); \
        object = lookup(domain, text, 0); \
        if (!object) \
            return hvsh_fail_libvirt(call); \
        *(ptr *)value = object; \
        return 0; \
    } \
    static void clear_##id(void *value) \
    { \
        if (*(ptr *)value) \
            release(*(ptr *)value); \
        *(ptr *)value = NULL; \
    }

OBJECT_OF_DOMAIN(snapshot, virDomainSnapshotPtr, virDomainSnapshotLookupByName, virDomainSnapshotFree)
OBJECT_OF_DOMAIN(checkpoint, virDomainCheckpointPtr, virDomainCheckpointLookupByName, virDomainCheckpointFree)

/* ---- connection: the name of an open one, or a URI (see call.c, which knows the connections) ---- */

static void clear_connection(void *value)
{
    if (*(virConnectPtr *)value)
        virConnectClose(*(virConnectPtr *)value);
    *(virConnectPtr *)value = NULL;
}

/* In rows an object is its name. */
#define OBJECT(id, word, k, ptr, name_of) \
    static void print_##id(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out) \
    { \
        const char *name = *(const ptr *)value ? name_of(*(const ptr *)value) : NULL; \
        (void)field; \
        (void)style; \
        if (name) \
            hvsh_buffer_add(out, name); \
    } \
    const struct hvsh_type hvsh_type_##id = { \
        .name = word, .kind = HVSH_KIND_##k, .size = sizeof(ptr), .parse = parse_##id, .print = print_##id, .clear = clear_##id}

OBJECT(domain, "domain", DOMAIN, virDomainPtr, virDomainGetName);
OBJECT(network, "network", NETWORK, virNetworkPtr, virNetworkGetName);
OBJECT(pool, "pool", POOL, virStoragePoolPtr, virStoragePoolGetName);
OBJECT(volume, "volume", VOLUME, virStorageVolPtr, virStorageVolGetName);
OBJECT(interface, "interface", INTERFACE, virInterfacePtr, virInterfaceGetName);
OBJECT(nodedev, "device", NODEDEV, virNodeDevicePtr, virNodeDeviceGetName);
OBJECT(nwfilter, "nwfilter", NWFILTER, virNWFilterPtr, virNWFilterGetName);
OBJECT(snapshot, "snapshot", SNAPSHOT, virDomainSnapshotPtr, virDomainSnapshotGetName);
OBJECT(checkpoint, "checkpoint", CHECKPOINT, virDomainCheckpointPtr, virDomainCheckpointGetName);

/* What has no name. */
static void print_secret(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    char uuid[VIR_UUID_STRING_BUFLEN];

    (void)field;
    (void)style;
    if (*(const virSecretPtr *)value && virSecretGetUUIDString(*(const virSecretPtr *)value, uuid) == 0)
        hvsh_buffer_add(out, uuid);
}

static void print_connection(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    char *uri = *(const virConnectPtr *)value ? virConnectGetURI(*(const virConnectPtr *)value) : NULL;

    (void)field;
    (void)style;
    if (uri)
        hvsh_buffer_add(out, uri);
    free(uri);
}

const struct hvsh_type hvsh_type_secret = {
    .name = "secret", .kind = HVSH_KIND_SECRET, .size = sizeof(virSecretPtr), .parse = parse_secret, .print = print_secret, .clear = clear_secret};
const struct hvsh_type hvsh_type_connection = {
    .name = "connection", .kind = HVSH_KIND_CONNECTION, .size = sizeof(virConnectPtr), .parse = types_parse_connection, .print = print_connection,
    .clear = clear_connection};
