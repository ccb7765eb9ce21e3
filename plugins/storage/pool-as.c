/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pool-as.c - pools from options instead of a document: pool-define-as, pool-create-as. */
#include "storage.h"

struct as_args {
    const char *name, *type;
    bool print_xml;
    const char *source_host, *source_path, *source_dev, *source_name, *target, *source_format;
    const char *auth_type, *auth_username, *secret_usage, *secret_uuid;
    const char *adapter_name, *adapter_wwnn, *adapter_wwpn, *adapter_parent, *adapter_parent_wwnn, *adapter_parent_wwpn;
    const char *adapter_parent_fabric_wwn, *source_protocol_ver, *source_initiator;
    unsigned int flags;
};

static const struct hvsh_choice auth_types[] = { { "chap", 0, "iSCSI" }, { "ceph", 0, "Ceph" }, { NULL } };

#define WORD(member, ...) HVSH_TEXT(struct as_args, member, __VA_ARGS__)
#define AS_ROWS \
    HVSH_TEXT(struct as_args, name, "name of the pool", .flags = HVSH_REQUIRED), \
    HVSH_TEXT(struct as_args, type, "type of the pool", .flags = HVSH_REQUIRED, .choices = pool_types), \
    HVSH_FLAG(struct as_args, print_xml, "show the document, make nothing"), \
    WORD(source_host, "the server it is on"), \
    WORD(source_path, "its path there"), \
    WORD(source_dev, "the device it is on"), \
    WORD(source_name, "its name on the server or device"), \
    WORD(target, "folder of the host where its volumes appear"), \
    WORD(source_format, "format of the device or file system"), \
    WORD(auth_type, "how the server wants to be told who asks", .choices = auth_types), \
    WORD(auth_username, "who asks"), \
    WORD(secret_usage, "the secret for it, by its usage"), \
    WORD(secret_uuid, "the secret for it, by its uuid"), \
    WORD(adapter_name, "the SCSI host it is on"), \
    WORD(adapter_wwnn, "node name of the fibre channel host"), \
    WORD(adapter_wwpn, "port name of the fibre channel host"), \
    WORD(adapter_parent, "SCSI host that the fibre channel host belongs to"), \
    WORD(adapter_parent_wwnn, "that SCSI host by its node name"), \
    WORD(adapter_parent_wwpn, "... and port name"), \
    WORD(adapter_parent_fabric_wwn, "that SCSI host by its fabric's name"), \
    WORD(source_protocol_ver, "version of NFS"), \
    WORD(source_initiator, "the iSCSI initiator's IQN"), \
    HVSH_EXCLUDES("secret-usage", "secret-uuid")

static const struct hvsh_field define_args[] = { AS_ROWS, HVSH_END };
static const struct hvsh_field create_args[] = { AS_ROWS, POOL_BUILD_ROWS(struct as_args), HVSH_END };

/* An element with one value, when there is one; the format is ours. */
#define add_value(xml, format, value) ((value) ? add_xml(xml, format, value) : (void)0)

static void add_adapter(GString *xml, const struct as_args *args)
{
    if (args->adapter_wwnn && args->adapter_wwpn) {
        g_string_append(xml, "    <adapter type='fc_host'");
        if (args->adapter_parent)
            add_xml(xml, " parent='%s'", args->adapter_parent);
        else if (args->adapter_parent_wwnn && args->adapter_parent_wwpn)
            add_xml(xml, " parent_wwnn='%s' parent_wwpn='%s'", args->adapter_parent_wwnn, args->adapter_parent_wwpn);
        else if (args->adapter_parent_fabric_wwn)
            add_xml(xml, " parent_fabric_wwn='%s'", args->adapter_parent_fabric_wwn);
        add_xml(xml, " wwnn='%s' wwpn='%s'/>\n", args->adapter_wwnn, args->adapter_wwpn);
    } else if (args->adapter_name) {
        add_xml(xml, "    <adapter type='scsi_host' name='%s'/>\n", args->adapter_name);
    }
}

static void add_source(GString *xml, const struct as_args *args)
{
    add_value(xml, "    <host name='%s'/>\n", args->source_host);
    add_value(xml, "    <dir path='%s'/>\n", args->source_path);
    add_value(xml, "    <device path='%s'/>\n", args->source_dev);
    add_adapter(xml, args);
    add_value(xml, "    <initiator>\n      <iqn name='%s'/>\n    </initiator>\n", args->source_initiator);
    if (args->auth_type && args->auth_username && (args->secret_usage || args->secret_uuid)) {
        add_xml(xml, "    <auth type='%s' username='%s'>\n", args->auth_type, args->auth_username);
        add_value(xml, "      <secret usage='%s'/>\n", args->secret_usage);
        add_value(xml, "      <secret uuid='%s'/>\n", args->secret_uuid);
        g_string_append(xml, "    </auth>\n");
    }
    add_value(xml, "    <format type='%s'/>\n", args->source_format);
    add_value(xml, "    <name>%s</name>\n", args->source_name);
    add_value(xml, "    <protocol ver='%s'/>\n", args->source_protocol_ver);
}

/* The document; owned by the call. */
static const char *document(hvsh_call *call, const struct as_args *args)
{
    GString *xml = g_string_new(NULL);
    g_autoptr(GString) source = g_string_new(NULL);

    add_xml(xml, "<pool type='%s'>\n  <name>%s</name>\n", args->type, args->name);
    add_source(source, args);
    if (source->len)
        g_string_append_printf(xml, "  <source>\n%s  </source>\n", source->str);
    add_value(xml, "  <target>\n    <path>%s</path>\n  </target>\n", args->target);
    g_string_append(xml, "</pool>\n");
    return hvsh_defer(call, g_string_free(xml, FALSE), g_free);
}

OBJECT_MESSAGE(defined, "Pool {name} defined");
OBJECT_MESSAGE(created, "Pool {name} created");

static int make(hvsh_call *call, const struct as_args *args, const char *verb, const struct hvsh_shape *done,
                virStoragePoolPtr (*deed)(virConnectPtr connection, const char *xml, unsigned int flags))
{
    virConnectPtr connection = hvsh_connection(call);
    const char *xml = document(call, args);
    virStoragePoolPtr pool;

    if (args->print_xml)
        return object_text(call, &xml_shape, xml);
    if (!connection)
        return -1;
    pool = hvsh_own_pool(call, deed(connection, xml, args->flags));
    if (!pool)
        return hvsh_fail_virt(call, "Failed to %s pool %s", verb, args->name);
    return object_say(call, done, args->name, pool_uuid(call, pool), NULL);
}

static int define_run(hvsh_call *call, const void *p)
{
    return make(call, p, "define", &defined, virStoragePoolDefineXML);
}

const struct hvsh_command COMMAND(pool_define_as) = {
    .name = "pool-define-as",
    .group = "pool",
    .help = "define a pool from a set of options",
    .description = "Make a pool known without writing its document. It is not started.",
    .args = define_args,
    .args_size = sizeof(struct as_args),
    .shapes = HVSH_SHAPES(&defined, &xml_shape),
    .examples = HVSH_EXAMPLES({ "pool-define-as images dir --target /srv/images", "a folder as a pool" },
                              { "pool-define-as nas netfs --source-host nas --source-path /export --target /mnt/nas --print-xml",
                                "what a pool of a server would be" }),
    .run = define_run,
};

static int create_run(hvsh_call *call, const void *p)
{
    return make(call, p, "create", &created, virStoragePoolCreateXML);
}

const struct hvsh_command COMMAND(pool_create_as) = {
    .name = "pool-create-as",
    .group = "pool",
    .help = "create a pool from a set of options",
    .description = "Create and start a transient pool without writing its document: it is forgotten when it is stopped. Its data stay.",
    .args = create_args,
    .args_size = sizeof(struct as_args),
    .shapes = HVSH_SHAPES(&created, &xml_shape),
    .examples = HVSH_EXAMPLES({ "pool-create-as images dir --target /srv/images", "a folder as a pool, for now" }),
    .run = create_run,
};
