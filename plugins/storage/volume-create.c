/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volume-create.c - new volumes: vol-create, vol-create-as, vol-create-from, vol-clone. */
#include "storage.h"

#if !LIBVIR_CHECK_VERSION(8, 10, 0)
enum { VIR_STORAGE_VOL_CREATE_VALIDATE = 1 << 2 };
#endif

#define PREALLOCATE(s) \
    HVSH_BIT(s, flags, "prealloc-metadata", VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA, "qcow2: allocate the metadata, not the data")
#define REFLINK(s) HVSH_BIT(s, flags, "reflink", VIR_STORAGE_VOL_CREATE_REFLINK, "share the blocks until one of both is written to")
#define VALIDATE(s) HVSH_BIT(s, flags, "validate", VIR_STORAGE_VOL_CREATE_VALIDATE, "check the XML against the schema")

/* ---- vol-create ---- */

struct create_args { virStoragePoolPtr pool; const char *file; unsigned int flags; };

static const struct hvsh_field create_args[] = {
    POOL(struct create_args, ACTIVE),
    HVSH_XML(struct create_args, file, "file with the XML of the volume", .flags = HVSH_REQUIRED),
    PREALLOCATE(struct create_args),
    VALIDATE(struct create_args),
    HVSH_END
};

OBJECT_MESSAGE(created_from, "Vol {name} created from {file}");

static int create_run(hvsh_call *call, const void *p)
{
    const struct create_args *args = p;
    virStorageVolPtr volume = hvsh_own_volume(call, virStorageVolCreateXML(args->pool, args->file, args->flags));
    const char *file = hvsh_text(call, "file");

    return volume ? volume_say(call, &created_from, volume, file) : hvsh_fail_virt(call, "Failed to create vol from %s", file);
}

const struct hvsh_command COMMAND(vol_create) = {
    .name = "vol-create",
    .group = "volume",
    .help = "create a volume from an XML file",
    HVSH_ARGS(create_args),
    .shapes = HVSH_SHAPES(&created_from),
    .examples = HVSH_EXAMPLES({ "vol-create images disk.xml --prealloc-metadata", "a new volume", HVSH_MATCH_ONLY }),
    .run = create_run,
};

/* ---- vol-create-as ---- */

struct create_as_args {
    virStoragePoolPtr pool;
    const char *name;
    uint64_t capacity, allocation;
    const char *format, *backing_vol, *backing_vol_format;
    unsigned int flags;
    bool print_xml;
};

static const struct hvsh_choice formats[] = {
    { "raw" }, { "qcow2" }, { "qcow" }, { "qed" }, { "vmdk" }, { "vdi" }, { "vpc" }, { "bochs" }, { "luks" }, { "dir" }, { NULL }
};

static const struct hvsh_field create_as_args[] = {
    POOL(struct create_as_args, ACTIVE),
    HVSH_TEXT(struct create_as_args, name, "its name", .flags = HVSH_REQUIRED),
    HVSH_SIZE(struct create_as_args, capacity, "size that a guest sees", .flags = HVSH_REQUIRED | HVSH_WORD),
    HVSH_SIZE(struct create_as_args, allocation, "what it takes from the start", .flags = HVSH_WORD),
    HVSH_TEXT(struct create_as_args, format, "its format", .choices = formats),
    HVSH_TEXT(struct create_as_args, backing_vol, "volume that it shows until it is written to: name, key or path"),
    HVSH_TEXT(struct create_as_args, backing_vol_format, "the format of that volume", .choices = formats),
    PREALLOCATE(struct create_as_args),
    HVSH_FLAG(struct create_as_args, print_xml, "show the document, make nothing"),
    HVSH_END
};

OBJECT_MESSAGE(created, "Vol {name} created");

/* The backing volume: of this pool by name, or of any by key or path. */
static virStorageVolPtr find_backing(hvsh_call *call, virStoragePoolPtr pool, const char *name)
{
    virConnectPtr connection = virStoragePoolGetConnect(pool);
    virStorageVolPtr volume = virStorageVolLookupByName(pool, name);

    if (!volume)
        volume = virStorageVolLookupByKey(connection, name);
    if (!volume)
        volume = virStorageVolLookupByPath(connection, name);
    if (!volume)
        hvsh_fail_virt(call, "failed to get vol '%s'", name);
    return hvsh_own_volume(call, volume);
}

static int add_backing(hvsh_call *call, GString *xml, const struct create_as_args *args)
{
    virStorageVolPtr volume = find_backing(call, args->pool, args->backing_vol);
    char *path = volume ? hvsh_own_text(call, virStorageVolGetPath(volume)) : NULL;

    if (!path)
        return volume ? hvsh_fail_libvirt(call) : -1;
    add_xml(xml, "  <backingStore>\n    <path>%s</path>\n", path);
    if (args->backing_vol_format)
        add_xml(xml, "    <format type='%s'/>\n", args->backing_vol_format);
    g_string_append(xml, "  </backingStore>\n");
    return 0;
}

static int create_as_run(hvsh_call *call, const void *p)
{
    const struct create_as_args *args = p;
    g_autoptr(GString) xml = g_string_new("<volume>\n");
    virStorageVolPtr volume;

    add_xml(xml, "  <name>%s</name>\n  <capacity>%" G_GUINT64_FORMAT "</capacity>\n", args->name, args->capacity);
    if (hvsh_given(call, "allocation"))
        add_xml(xml, "  <allocation>%" G_GUINT64_FORMAT "</allocation>\n", args->allocation);
    if (args->format)
        add_xml(xml, "  <target>\n    <format type='%s'/>\n  </target>\n", args->format);
    if (args->backing_vol && add_backing(call, xml, args) < 0)
        return -1;
    g_string_append(xml, "</volume>\n");
    if (args->print_xml)
        return object_text(call, &xml_shape, xml->str);
    volume = hvsh_own_volume(call, virStorageVolCreateXML(args->pool, xml->str, args->flags));
    return volume ? volume_say(call, &created, volume, NULL) : hvsh_fail_virt(call, "Failed to create vol %s", args->name);
}

const struct hvsh_command COMMAND(vol_create_as) = {
    .name = "vol-create-as",
    .group = "volume",
    .help = "create a volume from a set of options",
    .description = "Make a volume without writing its document. Without --allocation all of it is allocated where the format and the pool "
                   "can do that; --allocation 0 leaves it sparse.",
    HVSH_ARGS(create_as_args),
    .shapes = HVSH_SHAPES(&created, &xml_shape),
    .examples = HVSH_EXAMPLES({ "vol-create-as default-pool disk.qcow2 20G --format qcow2", "a disk for a guest" },
                              { "vol-create-as images web1.qcow2 20G --format qcow2 --backing-vol debian.qcow2 --backing-vol-format qcow2",
                                "an overlay", HVSH_MATCH_ONLY }),
    .run = create_as_run,
};

/* ---- vol-create-from ---- */

struct create_from_args { virStoragePoolPtr pool, inputpool; const char *file; virStorageVolPtr vol; unsigned int flags; };

static const struct hvsh_field create_from_args[] = {
    POOL(struct create_from_args, ACTIVE),
    HVSH_XML(struct create_from_args, file, "file with the XML of the volume", .flags = HVSH_REQUIRED),
    HVSH_VOLUME(struct create_from_args, vol, "the volume to copy: name, key or path", .flags = HVSH_REQUIRED, .scope = "inputpool"),
    HVSH_POOL(struct create_from_args, inputpool, "name or uuid of the pool that is copied from", .select = ACTIVE),
    PREALLOCATE(struct create_from_args),
    REFLINK(struct create_from_args),
    VALIDATE(struct create_from_args),
    HVSH_END
};

OBJECT_MESSAGE(created_from_volume, "Vol {name} created from input vol {file}");

static int create_from_run(hvsh_call *call, const void *p)
{
    const struct create_from_args *args = p;
    virStorageVolPtr volume = hvsh_own_volume(call, virStorageVolCreateXMLFrom(args->pool, args->file, args->vol, args->flags));

    if (!volume)
        return hvsh_fail_virt(call, "Failed to create vol from %s", hvsh_text(call, "file"));
    return volume_say(call, &created_from_volume, volume, virStorageVolGetName(args->vol));
}

const struct hvsh_command COMMAND(vol_create_from) = {
    .name = "vol-create-from",
    .group = "volume",
    .help = "create a volume with the contents of another",
    .description = "The document says what the new volume is to be, its format and size; its data are those of the volume that is copied.",
    HVSH_ARGS(create_from_args),
    .shapes = HVSH_SHAPES(&created_from_volume),
    .examples = HVSH_EXAMPLES({ "vol-create-from images disk.xml old.raw --inputpool archive", "a copy in another pool", HVSH_MATCH_ONLY }),
    .run = create_from_run,
};

/* ---- vol-clone ---- */

struct clone_args { virStorageVolPtr vol; virStoragePoolPtr pool; const char *newname; unsigned int flags; bool print_xml; };

static const struct hvsh_field clone_args[] = {
    VOLUME(struct clone_args),
    HVSH_TEXT(struct clone_args, newname, "name of the copy", .flags = HVSH_REQUIRED),
    VOLUME_POOL(struct clone_args),
    PREALLOCATE(struct clone_args),
    REFLINK(struct clone_args),
    HVSH_FLAG(struct clone_args, print_xml, "show the document, make nothing"),
    HVSH_END
};

OBJECT_MESSAGE(cloned, "Vol {name} cloned from {file}");

/* The document of the volume with another name. */
static const char *renamed(hvsh_call *call, virStorageVolPtr volume, const char *name)
{
    struct xml *xml = xml_take(call, virStorageVolGetXMLDesc(volume, 0),
                               hvsh_printf(call, "the XML of volume '%s'", virStorageVolGetName(volume)));
    xmlNode *node = xml ? xml_first(xml, NULL, "/volume/name") : NULL;

    if (!xml)
        return NULL;
    if (!node) {
        hvsh_fail(call, "the XML of volume '%s' has no name", virStorageVolGetName(volume));
        return NULL;
    }
    xmlNodeSetContent(node, NULL);
    xmlNodeAddContent(node, BAD_CAST name);
    return xml_write(xml, xmlDocGetRootElement(xml->document));
}

static int clone_run(hvsh_call *call, const void *p)
{
    const struct clone_args *args = p;
    virStoragePoolPtr pool = hvsh_own_pool(call, virStoragePoolLookupByVolume(args->vol));
    const char *name = virStorageVolGetName(args->vol), *xml;
    virStorageVolPtr volume;

    if (!pool)
        return hvsh_fail_virt(call, "failed to get parent pool");
    if (!(xml = renamed(call, args->vol, args->newname)))
        return -1;
    if (args->print_xml)
        return object_text(call, &xml_shape, xml);
    volume = hvsh_own_volume(call, virStorageVolCreateXMLFrom(pool, xml, args->vol, args->flags));
    return volume ? volume_say(call, &cloned, volume, name) : hvsh_fail_virt(call, "Failed to clone vol from %s", name);
}

const struct hvsh_command COMMAND(vol_clone) = {
    .name = "vol-clone",
    .group = "volume",
    .help = "clone a volume",
    .description = "Copy a volume within its pool.",
    HVSH_ARGS(clone_args),
    .shapes = HVSH_SHAPES(&cloned, &xml_shape),
    .examples = HVSH_EXAMPLES({ "vol-clone debian.qcow2 web1.qcow2 images", "a copy under another name", HVSH_MATCH_ONLY }),
    .run = clone_run,
};
