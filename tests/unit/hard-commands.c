/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hard-commands.c - fourteen commands of virsh with everything that a table has to say about them. */
#include "hard-commands.h"

/* bits that younger headers of libvirt name */
enum { SYNCHRONOUS_STORAGE = 1 << 18, POSTCOPY_RESUME = 1 << 19, ZEROCOPY = 1 << 20, VALIDATE = 1 << 4, KEEP_TPM = 1 << 7, TPM = 1 << 6, VM_STATS = 1 << 10 };

int hard_run(hvsh_call *call, const void *args)
{
    (void)call;
    (void)args;
    return 0;
}

static int offer_disks(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    const virDomainPtr *domain = hvsh_peer(call, field->scope);

    (void)start;
    if (domain != NULL)
        hvsh_offer(call, "vda", "disk");
    return 0;
}

/* ---- list: one set of rows in several layouts ---- */

struct list_args { unsigned int flags; bool uuid, name, id, table, managed_save, title; };
static const struct hvsh_field list_args[] = {
    HVSH_BIT(struct list_args, flags, "inactive", VIR_CONNECT_LIST_DOMAINS_INACTIVE, "only inactive guests"),
    HVSH_BIT(struct list_args, flags, "all", VIR_CONNECT_LIST_DOMAINS_ACTIVE | VIR_CONNECT_LIST_DOMAINS_INACTIVE, "inactive and active guests"),
    HVSH_BIT(struct list_args, flags, "transient", VIR_CONNECT_LIST_DOMAINS_TRANSIENT, "only transient guests"),
    HVSH_BIT(struct list_args, flags, "persistent", VIR_CONNECT_LIST_DOMAINS_PERSISTENT, "only persistent guests"),
    HVSH_BIT(struct list_args, flags, "with-snapshot", VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT, "only guests that have a snapshot"),
    HVSH_BIT(struct list_args, flags, "without-snapshot", VIR_CONNECT_LIST_DOMAINS_NO_SNAPSHOT, "only guests without snapshots"),
    HVSH_BIT(struct list_args, flags, "with-checkpoint", VIR_CONNECT_LIST_DOMAINS_HAS_CHECKPOINT, "only guests that have a checkpoint"),
    HVSH_BIT(struct list_args, flags, "without-checkpoint", VIR_CONNECT_LIST_DOMAINS_NO_CHECKPOINT, "only guests without checkpoints"),
    HVSH_BIT(struct list_args, flags, "state-running", VIR_CONNECT_LIST_DOMAINS_RUNNING, "guests that run"),
    HVSH_BIT(struct list_args, flags, "state-paused", VIR_CONNECT_LIST_DOMAINS_PAUSED, "guests that are paused"),
    HVSH_BIT(struct list_args, flags, "state-shutoff", VIR_CONNECT_LIST_DOMAINS_SHUTOFF, "guests that are shut off"),
    HVSH_BIT(struct list_args, flags, "state-other", VIR_CONNECT_LIST_DOMAINS_OTHER, "guests in other states"),
    HVSH_BIT(struct list_args, flags, "autostart", VIR_CONNECT_LIST_DOMAINS_AUTOSTART, "guests that start with the host"),
    HVSH_BIT(struct list_args, flags, "no-autostart", VIR_CONNECT_LIST_DOMAINS_NO_AUTOSTART, "guests that do not start with the host"),
    HVSH_BIT(struct list_args, flags, "with-managed-save", VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE, "guests with a saved state"),
    HVSH_BIT(struct list_args, flags, "without-managed-save", VIR_CONNECT_LIST_DOMAINS_NO_MANAGEDSAVE, "guests without a saved state"),
    HVSH_FLAG(struct list_args, uuid, "uuids only"),
    HVSH_FLAG(struct list_args, name, "names only"),
    HVSH_FLAG(struct list_args, id, "ids only"),
    HVSH_FLAG(struct list_args, table, "as a table, which is the default"),
    HVSH_FLAG(struct list_args, managed_save, "mark inactive guests that have a saved state"),
    HVSH_FLAG(struct list_args, title, "with the guests' titles"),
    HVSH_EXCLUDES("table", "name uuid id"),
    HVSH_END
};

struct list_row { unsigned int id; const char *name, *uuid, *title, *line; int state; bool saved; };
static const struct hvsh_choice states[] = { { "running", VIR_DOMAIN_RUNNING, NULL }, { "shut off", VIR_DOMAIN_SHUTOFF, NULL }, { NULL, 0, NULL } };
static const struct hvsh_field list_row[] = {
    HVSH_UINT(struct list_row, id, "number while it runs", .label = "Id"),
    HVSH_TEXT(struct list_row, name, "name", .label = "Name"),
    HVSH_ENUM(struct list_row, state, "state", .label = "State", .choices = states),
    HVSH_TEXT(struct list_row, title, "title", .label = "Title", .when = "title"),
    HVSH_TEXT(struct list_row, uuid, "uuid"),
    HVSH_FLAG(struct list_row, saved, "has a saved state"),
    HVSH_TEXT(struct list_row, line, "what --name, --uuid and --id print", .flags = HVSH_HIDE),
    HVSH_END
};
static const struct hvsh_shape list_table = { .name = "domains", .kind = HVSH_TABLE, HVSH_ROW(list_row) };
static const struct hvsh_shape list_lines = { .name = "domains", .kind = HVSH_LINES, HVSH_ROW(list_row), .text = "{line}" };
static const struct hvsh_command list = {
    .name = "list", .group = "monitor", .help = "list guests", HVSH_ARGS(list_args), .shapes = HVSH_SHAPES(&list_table, &list_lines), .run = hard_run,
    .examples = HVSH_EXAMPLES({ "list --all --title", "every guest with its title" }, { "list --name --inactive", "names of those that do not run" }),
};

/* ---- migrate: fifty options, most of them bits or typed parameters ---- */

struct migrate_args {
    virDomainPtr domain;
    const char *desturi, *migrateuri, *graphicsuri, *listen_address, *dname, *xml, *disks_uri, *persistent_xml, *tls_destination;
    HVSH_LIST_OF(const char *) migrate_disks;
    HVSH_LIST_OF(const char *) comp_methods;
    unsigned int flags;
    bool verbose, timeout_suspend, timeout_postcopy;
    uint64_t timeout, comp_xbzrle_cache, postcopy_bandwidth, bandwidth;
    int disks_port, comp_mt_level, comp_mt_threads, comp_mt_dthreads, auto_converge_initial, auto_converge_increment, parallel_connections;
};
#define MIGRATE(name, bits, help) HVSH_BIT(struct migrate_args, flags, name, bits, help)
static const struct hvsh_field migrate_args[] = {
    HVSH_DOMAIN(struct migrate_args, domain, "domain name, id or uuid", .flags = HVSH_REQUIRED, .select = VIR_CONNECT_LIST_DOMAINS_ACTIVE),
    HVSH_TEXT(struct migrate_args, desturi, "connection of the destination, as this machine or (with --p2p) the source sees it", .flags = HVSH_REQUIRED),
    MIGRATE("live", VIR_MIGRATE_LIVE, "while the guest runs"),
    MIGRATE("offline", VIR_MIGRATE_OFFLINE, "only the definition of a guest that is off"),
    MIGRATE("p2p", VIR_MIGRATE_PEER2PEER, "the source host talks to the destination"),
    MIGRATE("direct", 0, "the hypervisors talk to each other"),
    HVSH_ALIAS("tunneled", "tunnelled"),
    MIGRATE("tunnelled", VIR_MIGRATE_TUNNELLED, "through libvirt's own connection"),
    MIGRATE("persistent", VIR_MIGRATE_PERSIST_DEST, "define the guest at the destination"),
    MIGRATE("undefinesource", VIR_MIGRATE_UNDEFINE_SOURCE, "undefine the guest at the source"),
    MIGRATE("suspend", VIR_MIGRATE_PAUSED, "leave the guest paused at the destination"),
    MIGRATE("copy-storage-all", VIR_MIGRATE_NON_SHARED_DISK, "copy the disks in full"),
    MIGRATE("copy-storage-inc", VIR_MIGRATE_NON_SHARED_INC, "copy what differs from a base that both have"),
    MIGRATE("copy-storage-synchronous-writes", SYNCHRONOUS_STORAGE, "the guest's writes wait for the copy"),
    MIGRATE("change-protection", VIR_MIGRATE_CHANGE_PROTECTION, "no changes to the guest meanwhile"),
    MIGRATE("unsafe", VIR_MIGRATE_UNSAFE, "even where data may be lost"),
    HVSH_FLAG(struct migrate_args, verbose, "show the progress"),
    MIGRATE("compressed", VIR_MIGRATE_COMPRESSED, "compress pages that are sent again"),
    MIGRATE("auto-converge", VIR_MIGRATE_AUTO_CONVERGE, "slow the guest down until it fits through"),
    MIGRATE("rdma-pin-all", VIR_MIGRATE_RDMA_PIN_ALL, "pin all memory first"),
    MIGRATE("abort-on-error", VIR_MIGRATE_ABORT_ON_ERROR, "stop at input/output errors"),
    MIGRATE("postcopy", VIR_MIGRATE_POSTCOPY, "allow the switch to post-copy"),
    MIGRATE("postcopy-after-precopy", 0, "switch to post-copy after the first pass"),
    MIGRATE("postcopy-resume", POSTCOPY_RESUME, "resume a post-copy that failed"),
    MIGRATE("zerocopy", ZEROCOPY, "send pages without copying them"),
    HVSH_TEXT(struct migrate_args, migrateuri, "where the memory goes, if not to the destination's name", .param = VIR_MIGRATE_PARAM_URI),
    HVSH_TEXT(struct migrate_args, graphicsuri, "where graphical clients go", .param = VIR_MIGRATE_PARAM_GRAPHICS_URI),
    HVSH_TEXT(struct migrate_args, listen_address, "address the destination listens on", .param = VIR_MIGRATE_PARAM_LISTEN_ADDRESS),
    HVSH_TEXT(struct migrate_args, dname, "name at the destination", .param = VIR_MIGRATE_PARAM_DEST_NAME),
    HVSH_DURATION(struct migrate_args, timeout, "when it takes longer, do what --timeout-* says (suspend)", .unit = "s"),
    HVSH_FLAG(struct migrate_args, timeout_suspend, "suspend the guest then"),
    HVSH_FLAG(struct migrate_args, timeout_postcopy, "switch to post-copy then"),
    HVSH_XML(struct migrate_args, xml, "definition for the destination", .param = VIR_MIGRATE_PARAM_DEST_XML),
    HVSH_TEXTS(struct migrate_args, migrate_disks, HVSH_COMMA, "disks to copy", .scope = "domain", .offer = offer_disks,
               .param = VIR_MIGRATE_PARAM_MIGRATE_DISKS),
    HVSH_INT(struct migrate_args, disks_port, "port for the disks", .min = 0, .max = 65535, .param = VIR_MIGRATE_PARAM_DISKS_PORT),
    HVSH_TEXT(struct migrate_args, disks_uri, "where the disks go", .param = VIR_MIGRATE_PARAM_DISKS_URI),
    HVSH_TEXTS(struct migrate_args, comp_methods, HVSH_COMMA, "ways of compression", .param = VIR_MIGRATE_PARAM_COMPRESSION,
               .choices = (const struct hvsh_choice[]){ { "xbzrle", 0, NULL }, { "mt", 0, NULL }, { NULL, 0, NULL } }),
    HVSH_INT(struct migrate_args, comp_mt_level, "level of threaded compression", .param = VIR_MIGRATE_PARAM_COMPRESSION_MT_LEVEL),
    HVSH_INT(struct migrate_args, comp_mt_threads, "threads that compress", .param = VIR_MIGRATE_PARAM_COMPRESSION_MT_THREADS),
    HVSH_INT(struct migrate_args, comp_mt_dthreads, "threads that unpack", .param = VIR_MIGRATE_PARAM_COMPRESSION_MT_DTHREADS),
    HVSH_UINT64(struct migrate_args, comp_xbzrle_cache, "page cache of xbzrle", .param = VIR_MIGRATE_PARAM_COMPRESSION_XBZRLE_CACHE),
    HVSH_INT(struct migrate_args, auto_converge_initial, "first slow-down", .param = VIR_MIGRATE_PARAM_AUTO_CONVERGE_INITIAL),
    HVSH_INT(struct migrate_args, auto_converge_increment, "further slow-downs", .param = VIR_MIGRATE_PARAM_AUTO_CONVERGE_INCREMENT),
    HVSH_XML(struct migrate_args, persistent_xml, "persistent definition for the destination", .param = VIR_MIGRATE_PARAM_PERSIST_XML),
    MIGRATE("tls", VIR_MIGRATE_TLS, "encrypted"),
    HVSH_BANDWIDTH(struct migrate_args, postcopy_bandwidth, "most MiB/s of post-copy", .param = VIR_MIGRATE_PARAM_BANDWIDTH_POSTCOPY),
    MIGRATE("parallel", VIR_MIGRATE_PARALLEL, "over several connections"),
    HVSH_INT(struct migrate_args, parallel_connections, "how many connections", .param = VIR_MIGRATE_PARAM_PARALLEL_CONNECTIONS),
    HVSH_BANDWIDTH(struct migrate_args, bandwidth, "most MiB/s", .param = VIR_MIGRATE_PARAM_BANDWIDTH),
    HVSH_TEXT(struct migrate_args, tls_destination, "name in the destination's certificate", .param = VIR_MIGRATE_PARAM_TLS_DESTINATION),
    HVSH_EXCLUDES("live", "offline"),
    HVSH_EXCLUDES("timeout-suspend", "timeout-postcopy"),
    HVSH_REQUIRES("postcopy-after-precopy", "postcopy"),
    HVSH_REQUIRES("timeout-postcopy", "postcopy"),
    HVSH_REQUIRES("persistent-xml", "persistent"),
    HVSH_REQUIRES("tls-destination", "tls"),
    HVSH_REQUIRES("copy-storage-synchronous-writes", "copy-storage-all copy-storage-inc",
                  .help = "'--copy-storage-synchronous-writes' requires one of '--copy-storage-all', 'copy-storage-inc'"),
    HVSH_REQUIRES("timeout", "live", .help = "migrate: Unexpected timeout for offline migration"),
    HVSH_REQUIRES("timeout-suspend", "timeout", .help = "migrate: Unexpected --timeout-* option without --timeout"),
    HVSH_REQUIRES("timeout-postcopy", "timeout", .help = "migrate: Unexpected --timeout-* option without --timeout"),
    HVSH_END
};
static const struct hvsh_command migrate = {
    .name = "migrate", .group = "domain", .help = "move a guest to another host", HVSH_ARGS(migrate_args), .run = hard_run,
    .examples = HVSH_EXAMPLES({ "migrate --live --p2p web1 qemu+ssh://host2/system --migrate-disks vda,vdb", "with two disks", HVSH_MATCH_ONLY }),
};

/* ---- blkdeviotune: get and set in one, twenty typed parameters with aliases ---- */

struct blkdeviotune_args {
    virDomainPtr domain;
    const char *device, *group_name;
    unsigned int affect;
    uint64_t total_bytes_sec, read_bytes_sec, write_bytes_sec, total_iops_sec, read_iops_sec, write_iops_sec, total_bytes_sec_max, read_bytes_sec_max,
        write_bytes_sec_max, total_iops_sec_max, read_iops_sec_max, write_iops_sec_max, size_iops_sec, total_bytes_sec_max_length,
        read_bytes_sec_max_length, write_bytes_sec_max_length, total_iops_sec_max_length, read_iops_sec_max_length, write_iops_sec_max_length;
};
#define IO(kind, member, option, key, help, ...) \
    HVSH_ALIAS(#member, option), kind(struct blkdeviotune_args, member, help, .param = key, __VA_ARGS__)
#define IO_BYTES(m, o, help) IO(HVSH_SIZE, m, o, #m, help, .unit = "B")
#define IO_COUNT(m, o, help) IO(HVSH_UINT64, m, o, #m, help, .min = 0)
static const struct hvsh_field blkdeviotune_args[] = {
    HVSH_DOMAIN(struct blkdeviotune_args, domain, "domain name, id or uuid", .flags = HVSH_REQUIRED),
    HVSH_TEXT(struct blkdeviotune_args, device, "disk, by target or source", .flags = HVSH_REQUIRED, .scope = "domain", .offer = offer_disks),
    IO_BYTES(total_bytes_sec, "total-bytes-sec", "bytes each second"),
    IO_BYTES(read_bytes_sec, "read-bytes-sec", "bytes read each second"),
    IO_BYTES(write_bytes_sec, "write-bytes-sec", "bytes written each second"),
    IO_COUNT(total_iops_sec, "total-iops-sec", "requests each second"),
    IO_COUNT(read_iops_sec, "read-iops-sec", "reads each second"),
    IO_COUNT(write_iops_sec, "write-iops-sec", "writes each second"),
    IO_BYTES(total_bytes_sec_max, "total-bytes-sec-max", "bytes each second in a burst"),
    IO_BYTES(read_bytes_sec_max, "read-bytes-sec-max", "bytes read each second in a burst"),
    IO_BYTES(write_bytes_sec_max, "write-bytes-sec-max", "bytes written each second in a burst"),
    IO_COUNT(total_iops_sec_max, "total-iops-sec-max", "requests each second in a burst"),
    IO_COUNT(read_iops_sec_max, "read-iops-sec-max", "reads each second in a burst"),
    IO_COUNT(write_iops_sec_max, "write-iops-sec-max", "writes each second in a burst"),
    IO_COUNT(size_iops_sec, "size-iops-sec", "bytes that count as one request"),
    HVSH_ALIAS("group_name", "group-name"),
    HVSH_TEXT(struct blkdeviotune_args, group_name, "disks of one group share the limits", .param = VIR_DOMAIN_BLOCK_IOTUNE_GROUP_NAME),
    IO_COUNT(total_bytes_sec_max_length, "total-bytes-sec-max-length", "seconds that a burst may last"),
    IO_COUNT(read_bytes_sec_max_length, "read-bytes-sec-max-length", "seconds that a burst of reads may last"),
    IO_COUNT(write_bytes_sec_max_length, "write-bytes-sec-max-length", "seconds that a burst of writes may last"),
    IO_COUNT(total_iops_sec_max_length, "total-iops-sec-max-length", "seconds that a burst of requests may last"),
    IO_COUNT(read_iops_sec_max_length, "read-iops-sec-max-length", "seconds that a burst of read requests may last"),
    IO_COUNT(write_iops_sec_max_length, "write-iops-sec-max-length", "seconds that a burst of write requests may last"),
    HVSH_AFFECT(struct blkdeviotune_args, affect),
    HVSH_END
};
struct blkdeviotune_row { uint64_t total_bytes_sec, read_bytes_sec; const char *group_name; };
static const struct hvsh_field blkdeviotune_row[] = {
    HVSH_UINT64(struct blkdeviotune_row, total_bytes_sec, "bytes each second", .label = "total_bytes_sec:"),
    HVSH_UINT64(struct blkdeviotune_row, read_bytes_sec, "bytes read each second", .label = "read_bytes_sec :"),
    HVSH_TEXT(struct blkdeviotune_row, group_name, "the group", .label = "group_name     :"),
    HVSH_END
};
static const struct hvsh_shape blkdeviotune_limits = { .name = "limits", .kind = HVSH_RECORD, HVSH_ROW(blkdeviotune_row), .width = 17 };
static const struct hvsh_command blkdeviotune = {
    .name = "blkdeviotune", .group = "domain", .help = "show or set the limits of a disk", HVSH_ARGS(blkdeviotune_args),
    .shapes = HVSH_SHAPES(&blkdeviotune_limits), .run = hard_run,
    .examples = HVSH_EXAMPLES({ "blkdeviotune web1 vda --total_bytes_sec 10M --live", "at most 10 MiB/s, now", HVSH_MATCH_ONLY }),
};

/* ---- setvcpus ---- */

struct setvcpus_args { virDomainPtr domain; unsigned int count, flags; };
static const struct hvsh_field setvcpus_args[] = {
    HVSH_DOMAIN(struct setvcpus_args, domain, "domain name, id or uuid", .flags = HVSH_REQUIRED),
    HVSH_UINT(struct setvcpus_args, count, "how many", .flags = HVSH_REQUIRED, .min = 1),
    HVSH_BIT(struct setvcpus_args, flags, "maximum", VIR_DOMAIN_VCPU_MAXIMUM, "the most the next start may have"),
    HVSH_AFFECT(struct setvcpus_args, flags),
    HVSH_BIT(struct setvcpus_args, flags, "guest", VIR_DOMAIN_VCPU_GUEST, "switch them on or off inside the guest"),
    HVSH_BIT(struct setvcpus_args, flags, "hotpluggable", VIR_DOMAIN_VCPU_HOTPLUGGABLE, "added ones can be taken away again"),
    HVSH_EXCLUDES("guest", "config"),
    HVSH_REQUIRES("maximum", "config"),
    HVSH_END
};
static const struct hvsh_command setvcpus = {
    .name = "setvcpus", .group = "domain", .help = "change the number of virtual CPUs", HVSH_ARGS(setvcpus_args), .run = hard_run,
    .examples = HVSH_EXAMPLES({ "setvcpus test 4 --config --maximum", "at the next start" }),
};

/* ---- vol-create-from: an object found with the help of two others ---- */

struct vol_create_from_args { virStoragePoolPtr pool, inputpool; const char *file; virStorageVolPtr vol; unsigned int flags; };
static const struct hvsh_field vol_create_from_args[] = {
    HVSH_POOL(struct vol_create_from_args, pool, "pool of the new volume", .flags = HVSH_REQUIRED, .select = VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE),
    HVSH_XML(struct vol_create_from_args, file, "its definition", .flags = HVSH_REQUIRED),
    HVSH_VOLUME(struct vol_create_from_args, vol, "volume to copy: name, key or path", .flags = HVSH_REQUIRED, .scope = "inputpool pool"),
    HVSH_POOL(struct vol_create_from_args, inputpool, "pool of the volume to copy"),
    HVSH_BIT(struct vol_create_from_args, flags, "prealloc-metadata", VIR_STORAGE_VOL_CREATE_PREALLOC_METADATA, "allocate qcow2's metadata only"),
    HVSH_BIT(struct vol_create_from_args, flags, "reflink", VIR_STORAGE_VOL_CREATE_REFLINK, "share blocks with the original"),
    HVSH_BIT(struct vol_create_from_args, flags, "validate", VALIDATE, "check the definition against the schema"),
    HVSH_END
};
struct vol_row { const char *name, *input; };
static const struct hvsh_field vol_row[] = {
    HVSH_TEXT(struct vol_row, name, "the new volume"),
    HVSH_TEXT(struct vol_row, input, "the volume it was made from"),
    HVSH_END
};
static const struct hvsh_shape vol_created = {
    .name = "created", .kind = HVSH_MESSAGE, HVSH_ROW(vol_row), .text = "Vol {name} created from input vol {input}",
};
static const struct hvsh_command vol_create_from = {
    .name = "vol-create-from", .group = "volume", .help = "make a volume from another", HVSH_ARGS(vol_create_from_args),
    .shapes = HVSH_SHAPES(&vol_created), .run = hard_run,
};

/* ---- snapshot-create-as: options by name only, and the rest of the line ---- */

struct snapshot_create_as_args {
    virDomainPtr domain;
    const char *name, *description, *memspec;
    bool print_xml;
    unsigned int flags;
    HVSH_LIST_OF(const char *) diskspec;
};
#define SNAPSHOT(name, bits, help) HVSH_BIT(struct snapshot_create_as_args, flags, name, bits, help)
static const struct hvsh_field snapshot_create_as_args[] = {
    HVSH_DOMAIN(struct snapshot_create_as_args, domain, "domain name, id or uuid", .flags = HVSH_REQUIRED),
    HVSH_TEXT(struct snapshot_create_as_args, name, "its name"),
    HVSH_TEXT(struct snapshot_create_as_args, description, "what it is for"),
    HVSH_FLAG(struct snapshot_create_as_args, print_xml, "print the document, take no snapshot"),
    SNAPSHOT("no-metadata", VIR_DOMAIN_SNAPSHOT_CREATE_NO_METADATA, "libvirt shall not remember it"),
    SNAPSHOT("halt", VIR_DOMAIN_SNAPSHOT_CREATE_HALT, "switch the guest off afterwards"),
    SNAPSHOT("disk-only", VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY, "the disks without the memory"),
    SNAPSHOT("reuse-external", VIR_DOMAIN_SNAPSHOT_CREATE_REUSE_EXT, "use files that are there"),
    SNAPSHOT("quiesce", VIR_DOMAIN_SNAPSHOT_CREATE_QUIESCE, "let the guest flush its file systems first"),
    SNAPSHOT("atomic", VIR_DOMAIN_SNAPSHOT_CREATE_ATOMIC, "all disks or none"),
    SNAPSHOT("live", VIR_DOMAIN_SNAPSHOT_CREATE_LIVE, "while the guest runs"),
    SNAPSHOT("validate", VALIDATE, "check the document against the schema"),
    HVSH_TEXT(struct snapshot_create_as_args, memspec, "memory: [file=]name[,snapshot=type]", .flags = HVSH_NAMED),
    HVSH_TEXTS(struct snapshot_create_as_args, diskspec, HVSH_REST, "disk: disk[,snapshot=type][,driver=type][,stype=type][,file=name]"),
    HVSH_END
};
struct text_row { const char *text; };
static const struct hvsh_field text_row[] = { HVSH_TEXT(struct text_row, text, "the text"), HVSH_END };
static const struct hvsh_shape xml_text = { .name = "xml", .kind = HVSH_RAW, HVSH_ROW(text_row) };
static const struct hvsh_shape snapshot_made = { .name = "created", .kind = HVSH_MESSAGE, HVSH_ROW(text_row), .text = "Domain snapshot {text} created" };
static const struct hvsh_command snapshot_create_as = {
    .name = "snapshot-create-as", .group = "snapshot", .help = "take a snapshot described by options", HVSH_ARGS(snapshot_create_as_args),
    .shapes = HVSH_SHAPES(&snapshot_made, &xml_text), .run = hard_run,
    .examples = HVSH_EXAMPLES({ "snapshot-create-as test s1 --disk-only --diskspec vda,file=/tmp/a --diskspec vdb", "two disks", HVSH_MATCH_ONLY }),
};

/* ---- attach-disk ---- */

struct attach_disk_args {
    virDomainPtr domain;
    const char *source, *target, *targetbus, *driver, *subdriver, *iothread, *cache, *io, *type, *mode, *sourcetype, *serial, *wwn, *alias, *address,
        *source_protocol, *source_host_name, *source_host_transport, *source_host_socket;
    bool rawio, multifunction, print_xml, persistent;
    unsigned int affect;
};
#define WORDS(...) .choices = (const struct hvsh_choice[]){ __VA_ARGS__, { NULL, 0, NULL } }
#define WORD(word) { word, 0, NULL }
static const struct hvsh_field attach_disk_args[] = {
    HVSH_DOMAIN(struct attach_disk_args, domain, "domain name, id or uuid", .flags = HVSH_REQUIRED),
    HVSH_TEXT(struct attach_disk_args, source, "file, block device or name of a network disk", .flags = HVSH_REQUIRED | HVSH_EMPTY_OK),
    HVSH_TEXT(struct attach_disk_args, target, "device in the guest", .flags = HVSH_REQUIRED),
    HVSH_TEXT(struct attach_disk_args, targetbus, "bus in the guest", WORDS(WORD("virtio"), WORD("scsi"), WORD("sata"), WORD("ide"), WORD("usb"))),
    HVSH_TEXT(struct attach_disk_args, driver, "driver"),
    HVSH_TEXT(struct attach_disk_args, subdriver, "format", WORDS(WORD("raw"), WORD("qcow2"))),
    HVSH_TEXT(struct attach_disk_args, iothread, "thread that serves it", .scope = "domain"),
    HVSH_TEXT(struct attach_disk_args, cache, "how it is cached", WORDS(WORD("none"), WORD("writeback"), WORD("writethrough"))),
    HVSH_TEXT(struct attach_disk_args, io, "how requests are made", WORDS(WORD("threads"), WORD("native"), WORD("io_uring"))),
    HVSH_TEXT(struct attach_disk_args, type, "what the guest sees", WORDS(WORD("disk"), WORD("cdrom"), WORD("floppy"), WORD("lun"))),
    HVSH_ALIAS("shareable", "mode=shareable"),
    HVSH_TEXT(struct attach_disk_args, mode, "how it is opened", WORDS(WORD("readonly"), WORD("shareable"))),
    HVSH_TEXT(struct attach_disk_args, sourcetype, "what the source is", WORDS(WORD("file"), WORD("block"), WORD("network"))),
    HVSH_TEXT(struct attach_disk_args, serial, "serial number"),
    HVSH_TEXT(struct attach_disk_args, wwn, "world wide name"),
    HVSH_TEXT(struct attach_disk_args, alias, "name for the device"),
    HVSH_FLAG(struct attach_disk_args, rawio, "needs the right to raw requests"),
    HVSH_TEXT(struct attach_disk_args, address, "address on its bus"),
    HVSH_FLAG(struct attach_disk_args, multifunction, "several devices at one PCI address"),
    HVSH_FLAG(struct attach_disk_args, print_xml, "print the document, attach nothing"),
    HVSH_TEXT(struct attach_disk_args, source_protocol, "protocol of a network disk"),
    HVSH_TEXT(struct attach_disk_args, source_host_name, "host of a network disk"),
    HVSH_TEXT(struct attach_disk_args, source_host_transport, "transport to the host"),
    HVSH_TEXT(struct attach_disk_args, source_host_socket, "socket of the host"),
    HVSH_FLAG(struct attach_disk_args, persistent, "live and for later starts"),
    HVSH_AFFECT(struct attach_disk_args, affect),
    HVSH_EXCLUDES("persistent", "current"),
    HVSH_END
};
static const struct hvsh_shape attached = { .name = "attached", .kind = HVSH_MESSAGE, .text = "Disk attached successfully" };
static const struct hvsh_command attach_disk = {
    .name = "attach-disk", .group = "domain", .help = "attach a disk", HVSH_ARGS(attach_disk_args), .shapes = HVSH_SHAPES(&attached, &xml_text),
    .run = hard_run,
    .examples = HVSH_EXAMPLES({ "attach-disk test /tmp/d.img vdb --shareable --print-xml", "see the document first" }),
};

/* ---- blockcopy: a unit that depends on a flag, a rule over four options ---- */

struct blockcopy_args {
    virDomainPtr domain;
    const char *path, *dest, *xml, *format;
    uint64_t bandwidth, timeout;
    unsigned int granularity, flags;
    uint64_t buf_size;
    bool blockdev, wait, verbose, pivot, finish, async, bytes, print_xml;
};
static const struct hvsh_field blockcopy_args[] = {
    HVSH_DOMAIN(struct blockcopy_args, domain, "domain name, id or uuid", .flags = HVSH_REQUIRED),
    HVSH_TEXT(struct blockcopy_args, path, "the disk, by target or source", .flags = HVSH_REQUIRED, .scope = "domain", .offer = offer_disks),
    HVSH_TEXT(struct blockcopy_args, dest, "path of the copy"),
    HVSH_BANDWIDTH(struct blockcopy_args, bandwidth, "most MiB/s", .scope = "bytes"),
    HVSH_BIT(struct blockcopy_args, flags, "shallow", VIR_DOMAIN_BLOCK_COPY_SHALLOW, "share the backing chain"),
    HVSH_BIT(struct blockcopy_args, flags, "reuse-external", VIR_DOMAIN_BLOCK_COPY_REUSE_EXT, "the copy's file is there"),
    HVSH_ALIAS("raw", "format=raw"),
    HVSH_FLAG(struct blockcopy_args, blockdev, "the copy is a block device"),
    HVSH_FLAG(struct blockcopy_args, wait, "until both are the same"),
    HVSH_FLAG(struct blockcopy_args, verbose, "show the progress"),
    HVSH_DURATION(struct blockcopy_args, timeout, "give up after that long", .unit = "s", .min = 1),
    HVSH_FLAG(struct blockcopy_args, pivot, "then go on with the copy"),
    HVSH_FLAG(struct blockcopy_args, finish, "then go on with the original"),
    HVSH_FLAG(struct blockcopy_args, async, "do not wait for a cancelled job's end"),
    HVSH_XML(struct blockcopy_args, xml, "description of the copy"),
    HVSH_TEXT(struct blockcopy_args, format, "format of the copy", WORDS(WORD("raw"), WORD("qcow2"))),
    HVSH_UINT(struct blockcopy_args, granularity, "bytes of one step, a power of two"),
    HVSH_UINT64(struct blockcopy_args, buf_size, "most bytes on their way"),
    HVSH_FLAG(struct blockcopy_args, bytes, "the bandwidth is in bytes/s"),
    HVSH_BIT(struct blockcopy_args, flags, "transient-job", VIR_DOMAIN_BLOCK_COPY_TRANSIENT_JOB, "forget the job when the guest ends"),
    HVSH_BIT(struct blockcopy_args, flags, "synchronous-writes", 1 << 3, "the guest's writes wait for the copy"),
    HVSH_FLAG(struct blockcopy_args, print_xml, "print the document, copy nothing"),
    HVSH_EXCLUDES("pivot", "finish"),
    HVSH_ONE_OF("dest", "xml", .help = "need either --dest or --xml"),
    HVSH_EXCLUDES("dest", "xml"),
    HVSH_EXCLUDES("format", "xml"),
    HVSH_EXCLUDES("blockdev", "xml"),
    HVSH_REQUIRES("verbose", "timeout wait pivot finish", .help = "--verbose requires at least one of --timeout, --wait, --pivot, or --finish"),
    HVSH_REQUIRES("async", "timeout wait pivot finish", .help = "--async requires at least one of --timeout, --wait, --pivot, or --finish"),
    HVSH_END
};
static const struct hvsh_command blockcopy = {
    .name = "blockcopy", .group = "domain", .help = "copy a disk of a running guest", HVSH_ARGS(blockcopy_args), .shapes = HVSH_SHAPES(&xml_text),
    .run = hard_run,
};

/* ---- domstats: objects to the end of the line, typed parameters out ---- */

struct domstats_args { unsigned int stats, flags; bool raw; HVSH_LIST_OF(virDomainPtr) domain; };
#define STATS(name, bits, help) HVSH_BIT(struct domstats_args, stats, name, bits, help)
#define WHICH(name, bits, help) HVSH_BIT(struct domstats_args, flags, name, bits, help)
static const struct hvsh_field domstats_args[] = {
    STATS("state", VIR_DOMAIN_STATS_STATE, "state"), STATS("cpu-total", VIR_DOMAIN_STATS_CPU_TOTAL, "processor time"),
    STATS("balloon", VIR_DOMAIN_STATS_BALLOON, "memory balloon"), STATS("vcpu", VIR_DOMAIN_STATS_VCPU, "virtual CPUs"),
    STATS("interface", VIR_DOMAIN_STATS_INTERFACE, "network interfaces"), STATS("block", VIR_DOMAIN_STATS_BLOCK, "disks"),
    STATS("perf", VIR_DOMAIN_STATS_PERF, "performance counters"), STATS("iothread", VIR_DOMAIN_STATS_IOTHREAD, "input/output threads"),
    STATS("memory", VIR_DOMAIN_STATS_MEMORY, "memory bandwidth"), STATS("dirtyrate", 1 << 9, "rate of dirty pages"),
    STATS("vm", VM_STATS, "the hypervisor's own"),
    WHICH("list-active", VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE, "active guests"),
    WHICH("list-inactive", VIR_CONNECT_GET_ALL_DOMAINS_STATS_INACTIVE, "inactive guests"),
    WHICH("list-persistent", VIR_CONNECT_GET_ALL_DOMAINS_STATS_PERSISTENT, "persistent guests"),
    WHICH("list-transient", VIR_CONNECT_GET_ALL_DOMAINS_STATS_TRANSIENT, "transient guests"),
    WHICH("list-running", VIR_CONNECT_GET_ALL_DOMAINS_STATS_RUNNING, "running guests"),
    WHICH("list-paused", VIR_CONNECT_GET_ALL_DOMAINS_STATS_PAUSED, "paused guests"),
    WHICH("list-shutoff", VIR_CONNECT_GET_ALL_DOMAINS_STATS_SHUTOFF, "guests that are off"),
    WHICH("list-other", VIR_CONNECT_GET_ALL_DOMAINS_STATS_OTHER, "guests in other states"),
    HVSH_FLAG(struct domstats_args, raw, "numbers as they come"),
    WHICH("enforce", VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS, "fail where a group is not supported"),
    WHICH("backing", VIR_CONNECT_GET_ALL_DOMAINS_STATS_BACKING, "disks with their backing chains"),
    WHICH("nowait", VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT, "only what is there at once"),
    HVSH_DOMAINS(struct domstats_args, domain, HVSH_REST, "the guests"),
    HVSH_END
};
struct domstats_row { const char *name; struct hvsh_params stats; };
static const struct hvsh_field domstats_row[] = {
    HVSH_TEXT(struct domstats_row, name, "the guest"),
    HVSH_PARAMS(struct domstats_row, stats, "its statistics"),
    HVSH_END
};
static const struct hvsh_shape domstats_stanzas = { .name = "domains", .kind = HVSH_STANZAS, HVSH_ROW(domstats_row), .text = "Domain: '{name}'" };
static const struct hvsh_command domstats = {
    .name = "domstats", .group = "monitor", .help = "statistics of guests", HVSH_ARGS(domstats_args), .shapes = HVSH_SHAPES(&domstats_stanzas),
    .run = hard_run,
    .examples = HVSH_EXAMPLES({ "domstats --state --list-running", "the state of those that run" }, { "domstats test test", "one guest, twice" }),
};

/* ---- desc: get and set by one option; words joined ---- */

struct desc_args { virDomainPtr domain; unsigned int affect; bool title, edit; HVSH_LIST_OF(const char *) new_desc; };
static const struct hvsh_field desc_args[] = {
    HVSH_DOMAIN(struct desc_args, domain, "domain name, id or uuid", .flags = HVSH_REQUIRED),
    HVSH_BIT(struct desc_args, affect, "live", VIR_DOMAIN_AFFECT_LIVE, "of the running guest"),
    HVSH_BIT(struct desc_args, affect, "config", VIR_DOMAIN_AFFECT_CONFIG, "of the next start"),
    HVSH_BIT(struct desc_args, affect, "current", VIR_DOMAIN_AFFECT_CURRENT, "of its current state"),
    HVSH_FLAG(struct desc_args, title, "the title instead"),
    HVSH_FLAG(struct desc_args, edit, "in an editor"),
    HVSH_TEXTS(struct desc_args, new_desc, HVSH_REST | HVSH_EMPTY_OK, "the new text"),
    HVSH_EXCLUDES("current", "live"),
    HVSH_EXCLUDES("current", "config"),
    HVSH_END
};
static const struct hvsh_shape desc_text = { .name = "text", .kind = HVSH_RAW, HVSH_ROW(text_row) };
static const struct hvsh_shape desc_done = { .name = "changed", .kind = HVSH_MESSAGE, HVSH_ROW(text_row), .text = "Domain {text} updated successfully" };
static const struct hvsh_command desc = {
    .name = "desc", .group = "domain", .help = "show or set a guest's description or title", HVSH_ARGS(desc_args),
    .shapes = HVSH_SHAPES(&desc_text, &desc_done), .run = hard_run,
    .examples = HVSH_EXAMPLES({ "desc test --config the build machine", "words need no quotes", HVSH_MATCH_ONLY }),
};

/* ---- event: rows over time ---- */

struct event_args { virDomainPtr domain; const char *event; bool all, loop, list, timestamp; uint64_t timeout; };
static const struct hvsh_field event_args[] = {
    HVSH_DOMAIN(struct event_args, domain, "only of this guest"),
    HVSH_TEXT(struct event_args, event, "which event", WORDS(WORD("lifecycle"), WORD("reboot"), WORD("block-job"))),
    HVSH_FLAG(struct event_args, all, "every event"),
    HVSH_FLAG(struct event_args, loop, "until the time is over, not only the first"),
    HVSH_DURATION(struct event_args, timeout, "how long", .unit = "s", .min = 1),
    HVSH_FLAG(struct event_args, list, "show which events there are"),
    HVSH_FLAG(struct event_args, timestamp, "with the time"),
    HVSH_EXCLUDES("all", "event"),
    HVSH_EXCLUDES("list", "all event"),
    HVSH_ONE_OF("list", "all event", .help = "one of --list, --all, or --event <type> is required"),
    HVSH_END
};
struct event_detail { const char *name, *value; };
static const struct hvsh_field event_detail[] = {
    HVSH_TEXT(struct event_detail, name, "what"), HVSH_TEXT(struct event_detail, value, "its value"), HVSH_END
};
struct event_row { const char *line, *event, *domain; int64_t time; struct hvsh_rows details; };
static const struct hvsh_field event_row[] = {
    HVSH_TEXT(struct event_row, line, "the sentence", .flags = HVSH_HIDE),
    HVSH_TEXT(struct event_row, event, "which event"),
    HVSH_TEXT(struct event_row, domain, "the guest"),
    HVSH_TIME(struct event_row, time, "when"),
    HVSH_ROWS(struct event_row, details, struct event_detail, event_detail, "what libvirt said"),
    HVSH_END
};
static const struct hvsh_shape event_lines = { .name = "events", .kind = HVSH_LINES, .flags = HVSH_STREAM, HVSH_ROW(event_row), .text = "{line}" };
static const struct hvsh_shape event_names = { .name = "names", .kind = HVSH_LINES, HVSH_ROW(text_row), .text = "{text}" };
static const struct hvsh_command event = {
    .name = "event", .group = "events", .help = "wait for events of guests", HVSH_ARGS(event_args), .shapes = HVSH_SHAPES(&event_lines, &event_names),
    .run = hard_run, .examples = HVSH_EXAMPLES({ "event --list", "which there are" }, { "event --all --loop --timeout 5", "for five seconds" }),
};

/* ---- nodedev-list: lines or a tree ---- */

struct nodedev_list_args { bool tree, inactive, all; HVSH_LIST_OF(const char *) cap; };
static const struct hvsh_field nodedev_list_args[] = {
    HVSH_FLAG(struct nodedev_list_args, tree, "as a tree"),
    HVSH_TEXTS(struct nodedev_list_args, cap, HVSH_COMMA, "only devices that can do this", WORDS(WORD("pci"), WORD("net"), WORD("scsi_host"))),
    HVSH_FLAG(struct nodedev_list_args, inactive, "inactive devices"),
    HVSH_FLAG(struct nodedev_list_args, all, "inactive and active devices"),
    HVSH_EXCLUDES("all", "inactive", .help = "Option --all is incompatible with --inactive"),
    HVSH_EXCLUDES("tree", "cap inactive", .help = "Option --tree is incompatible with --cap and --inactive"),
    HVSH_END
};
struct nodedev_row { const char *name, *parent; };
static const struct hvsh_field nodedev_row[] = {
    HVSH_TEXT(struct nodedev_row, name, "the device"), HVSH_TEXT(struct nodedev_row, parent, "what it is part of"), HVSH_END
};
static const struct hvsh_shape nodedev_tree = { .name = "devices", .kind = HVSH_TREE, HVSH_ROW(nodedev_row) };
static const struct hvsh_shape nodedev_lines = { .name = "devices", .kind = HVSH_LINES, HVSH_ROW(nodedev_row), .text = "{name}" };
static const struct hvsh_command nodedev_list = {
    .name = "nodedev-list", .group = "nodedev", .help = "list the host's devices", HVSH_ARGS(nodedev_list_args),
    .shapes = HVSH_SHAPES(&nodedev_lines, &nodedev_tree), .run = hard_run,
    .examples = HVSH_EXAMPLES({ "nodedev-list --cap net,pci", "two kinds" }),
};

/* ---- undefine: dangers, and an option that needs one of two others ---- */

struct undefine_args { virDomainPtr domain; unsigned int flags; HVSH_LIST_OF(const char *) storage; bool remove_all_storage, snapshots_of_volumes, wipe_storage; };
#define UNDEFINE(name, bits, help) HVSH_BIT(struct undefine_args, flags, name, bits, help)
static const struct hvsh_field undefine_args[] = {
    HVSH_DOMAIN(struct undefine_args, domain, "domain name, id or uuid", .flags = HVSH_REQUIRED, .select = VIR_CONNECT_LIST_DOMAINS_PERSISTENT),
    UNDEFINE("managed-save", VIR_DOMAIN_UNDEFINE_MANAGED_SAVE, "its saved state too"),
    HVSH_TEXTS(struct undefine_args, storage, HVSH_COMMA, "these disks too", .scope = "domain", .offer = offer_disks),
    HVSH_FLAG(struct undefine_args, remove_all_storage, "all its disks too"),
    HVSH_ALIAS("delete-snapshots", "delete-storage-volume-snapshots"),
    HVSH_FLAG(struct undefine_args, snapshots_of_volumes, "the volumes' snapshots too", .name = "delete-storage-volume-snapshots"),
    HVSH_FLAG(struct undefine_args, wipe_storage, "overwrite what is removed"),
    UNDEFINE("snapshots-metadata", VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA, "what is known of its snapshots too"),
    UNDEFINE("checkpoints-metadata", VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA, "what is known of its checkpoints too"),
    UNDEFINE("nvram", VIR_DOMAIN_UNDEFINE_NVRAM, "its nvram file too"),
    UNDEFINE("keep-nvram", VIR_DOMAIN_UNDEFINE_KEEP_NVRAM, "but not its nvram file"),
    UNDEFINE("tpm", TPM, "its TPM's state too"),
    UNDEFINE("keep-tpm", KEEP_TPM, "but not its TPM's state"),
    HVSH_REQUIRES("delete-storage-volume-snapshots", "remove-all-storage"),
    HVSH_EXCLUDES("nvram", "keep-nvram"),
    HVSH_EXCLUDES("tpm", "keep-tpm"),
    HVSH_REQUIRES("wipe-storage", "storage remove-all-storage",
                  .help = "'--wipe-storage' requires '--storage <string>' or '--remove-all-storage'"),
    HVSH_END
};
static const struct hvsh_shape undefined = { .name = "undefined", .kind = HVSH_MESSAGE, HVSH_ROW(text_row), .text = "Domain '{text}' has been undefined" };
static const struct hvsh_command undefine = {
    .name = "undefine", .group = "domain", .help = "forget a guest", HVSH_ARGS(undefine_args), .shapes = HVSH_SHAPES(&undefined), .run = hard_run,
    .examples = HVSH_EXAMPLES({ "undefine test --storage vda,vdb --wipe-storage", "with two disks, overwritten", HVSH_MATCH_ONLY }),
};

/* ---- domblkinfo: a record or a table, bytes or for people ---- */

struct domblkinfo_args { virDomainPtr domain; const char *device; bool human, all; };
static const struct hvsh_field domblkinfo_args[] = {
    HVSH_DOMAIN(struct domblkinfo_args, domain, "domain name, id or uuid", .flags = HVSH_REQUIRED),
    HVSH_TEXT(struct domblkinfo_args, device, "one disk", .scope = "domain", .offer = offer_disks),
    HVSH_FLAG(struct domblkinfo_args, human, "sizes for people"),
    HVSH_FLAG(struct domblkinfo_args, all, "every disk"),
    HVSH_EXCLUDES("all", "device"),
    HVSH_ONE_OF("device", "all", .help = "command 'domblkinfo' requires <device> option"),
    HVSH_END
};
struct domblkinfo_row { const char *target; uint64_t capacity, allocation, physical; const char *human_capacity; };
static const struct hvsh_field domblkinfo_row[] = {
    HVSH_TEXT(struct domblkinfo_row, target, "the disk", .label = "Target"),
    HVSH_UINT64(struct domblkinfo_row, capacity, "size that the guest sees", .label = "Capacity", .when = "!human"),
    HVSH_TEXT(struct domblkinfo_row, human_capacity, "the same for people", .label = "Capacity", .when = "human", .flags = HVSH_HIDE),
    HVSH_UINT64(struct domblkinfo_row, allocation, "what it takes", .label = "Allocation", .when = "!human"),
    HVSH_UINT64(struct domblkinfo_row, physical, "size of its container", .label = "Physical", .when = "!human"),
    HVSH_END
};
static const struct hvsh_field domblkinfo_one[] = {
    HVSH_UINT64(struct domblkinfo_row, capacity, "size that the guest sees", .label = "Capacity:", .when = "!human"),
    HVSH_UINT64(struct domblkinfo_row, allocation, "what it takes", .label = "Allocation:", .when = "!human"),
    HVSH_UINT64(struct domblkinfo_row, physical, "size of its container", .label = "Physical:", .when = "!human"),
    HVSH_TEXT(struct domblkinfo_row, human_capacity, "the size for people", .label = "Capacity:", .when = "human", .flags = HVSH_HIDE),
    HVSH_END
};
static const struct hvsh_shape domblkinfo_table = { .name = "disks", .kind = HVSH_TABLE, HVSH_ROW(domblkinfo_row) };
static const struct hvsh_shape domblkinfo_record = { .name = "disk", .kind = HVSH_RECORD, .fields = domblkinfo_one, .size = sizeof(struct domblkinfo_row) };
static const struct hvsh_command domblkinfo = {
    .name = "domblkinfo", .group = "monitor", .help = "sizes of a guest's disks", HVSH_ARGS(domblkinfo_args),
    .shapes = HVSH_SHAPES(&domblkinfo_record, &domblkinfo_table), .run = hard_run,
};

static const struct hvsh_command *const commands[] = {
    &list, &migrate, &blkdeviotune, &setvcpus, &vol_create_from, &snapshot_create_as, &attach_disk, &blockcopy, &domstats, &desc, &event,
    &nodedev_list, &undefine, &domblkinfo, &hard_install, NULL
};
static const struct hvsh_group groups[] = {
    { "domain", "Domain Management", 10 }, { "monitor", "Domain Monitoring", 20 }, { "events", "Domain Events", 30 }, { "volume", "Storage Volume", 140 },
    { "snapshot", "Snapshot", 110 }, { "nodedev", "Node Device", 90 }, { NULL, NULL, 0 }
};

const struct hvsh_plugin hard_plugin = {
    HVSH_PLUGIN_HEAD, .name = "hard", .version = "1", .summary = "the commands that are hardest to describe", .commands = commands, .groups = groups,
};
