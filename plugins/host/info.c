/* SPDX-License-Identifier: GPL-3.0-or-later */
/* info.c - the command host-info: what is in this host, and what is left of it for guests */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include "check.h"

struct host_info_args { const char *root; };

static const struct hvsh_field host_info_args[] = {
    HVSH_PATH(struct host_info_args, root, "look at the recorded host in this folder", .flags = HVSH_NAMED | HVSH_HIDE),
    HVSH_END
};

/* ---- the machine ---- */

struct machine_row {
    const char *system, *kernel, *maker, *model, *processor, *virtualization, *kvm;
    unsigned int cpus, sockets, cores, nodes;
    uint64_t memory, memory_free, images_size, images_free;
};

static const struct hvsh_field machine_row[] = {
    HVSH_TEXT(struct machine_row, system, "distribution", .label = "System:"),
    HVSH_TEXT(struct machine_row, kernel, "kernel", .label = "Kernel:"),
    HVSH_TEXT(struct machine_row, maker, "who made the machine", .label = "Maker:"),
    HVSH_TEXT(struct machine_row, model, "its model", .label = "Model:"),
    HVSH_TEXT(struct machine_row, processor, "processor", .label = "Processor:"),
    HVSH_UINT(struct machine_row, sockets, "sockets", .label = "Sockets:"),
    HVSH_UINT(struct machine_row, cores, "cores, in all", .label = "Cores:"),
    HVSH_UINT(struct machine_row, cpus, "logical processors, in all", .label = "CPUs:"),
    HVSH_UINT(struct machine_row, nodes, "NUMA nodes", .label = "NUMA nodes:"),
    HVSH_TEXT(struct machine_row, virtualization, "vmx or svm", .label = "Virtualization:"),
    HVSH_TEXT(struct machine_row, kvm, "what stands behind /dev/kvm", .label = "KVM module:"),
    HVSH_SIZE(struct machine_row, memory, "memory", .label = "Memory:", .unit = "auto"),
    HVSH_SIZE(struct machine_row, memory_free, "memory that further guests can have", .label = "Memory left:", .unit = "auto"),
    HVSH_SIZE(struct machine_row, images_size, "size of the disk that holds /var/lib/libvirt/images", .label = "Images:", .unit = "auto"),
    HVSH_SIZE(struct machine_row, images_free, "what is free of it", .label = "Images left:", .unit = "auto"),
    HVSH_END
};

static const struct hvsh_shape machine_shape = { .name = "host", .kind = HVSH_RECORD, HVSH_ROW(machine_row), .width = 15 };

/* A text of the call's; NULL stays NULL, empty becomes NULL. */
static const char *keep(hvsh_call *call, char *text)
{
    const char *kept = text && *text ? hvsh_printf(call, "%s", text) : NULL;

    g_free(text);
    return kept;
}

/* How many different sockets and cores there are. */
static void count_topology(struct host *host, unsigned int *sockets, unsigned int *cores)
{
    g_auto(GStrv) names = host_list(host, "sys/devices/system/cpu");
    g_autoptr(GHashTable) packages = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) pairs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (char **name = names; name && *name; name++) {
        char *package, *core;
        if (!g_str_has_prefix(*name, "cpu") || !g_ascii_isdigit((*name)[3]))
            continue;
        package = host_read(host, "sys/devices/system/cpu/%s/topology/physical_package_id", *name);
        core = host_read(host, "sys/devices/system/cpu/%s/topology/core_id", *name);
        if (package && core) {
            g_hash_table_add(pairs, g_strdup_printf("%s/%s", package, core));
            g_hash_table_add(packages, g_steal_pointer(&package));
        }
        g_free(package);
        g_free(core);
    }
    *sockets = g_hash_table_size(packages) ? g_hash_table_size(packages) : UINT32_MAX;
    *cores = g_hash_table_size(pairs) ? g_hash_table_size(pairs) : UINT32_MAX;
}

static uint64_t memory_of(const char *meminfo, const char *key)
{
    const char *at = meminfo ? strstr(meminfo, key) : NULL;

    return at ? strtoull(at + strlen(key), NULL, 10) * 1024 : UINT64_MAX;
}

static int emit_machine(hvsh_call *call, struct host *host)
{
    const struct cpu *cpu = host_cpu(host);
    g_autofree char *release = host_read(host, "etc/os-release"), *meminfo = host_read(host, "proc/meminfo");
    static const char *const folders[] = { "var/lib/libvirt/images", "var/lib", "var", "" };
    g_auto(GStrv) nodes = host_list(host, "sys/devices/system/node");
    struct machine_row row = {
        .system = keep(call, value_of(release, "PRETTY_NAME")),
        .kernel = keep(call, host_read(host, "proc/sys/kernel/osrelease")),
        .maker = keep(call, host_read(host, "sys/class/dmi/id/sys_vendor")),
        .model = keep(call, host_read(host, "sys/class/dmi/id/product_name")),
        .processor = cpu->model,
        .cpus = cpu->readable ? cpu->count : UINT32_MAX,
        .virtualization = cpu_virtualization(host),
        .kvm = host_kvm(host)->module,
        .memory = memory_of(meminfo, "MemTotal:"),
        .memory_free = memory_of(meminfo, "MemAvailable:"),
        .images_size = UINT64_MAX,
        .images_free = UINT64_MAX,
    };
    struct statvfs room;

    count_topology(host, &row.sockets, &row.cores);
    for (char **node = nodes; node && *node; node++)
        row.nodes += g_str_has_prefix(*node, "node") && g_ascii_isdigit((*node)[4]);
    if (!row.nodes)
        row.nodes = UINT32_MAX;
    /* before libvirt is installed the folder is not there: it will be made on the same disk as these */
    for (size_t i = 0; i < G_N_ELEMENTS(folders) && row.images_size == UINT64_MAX; i++) {
        g_autofree char *folder = host_path(host, "%s", folders[i]);
        if (statvfs(folder, &room) < 0)
            continue;
        row.images_size = (uint64_t)room.f_blocks * room.f_frsize;
        row.images_free = (uint64_t)room.f_bavail * room.f_frsize;
    }
    return hvsh_emit(call, &machine_shape, &row);
}

/* ---- NUMA nodes ---- */

struct node_row { unsigned int node; const char *cpus; uint64_t memory, memory_free, huge_free; const char *distances; };

static const struct hvsh_field node_row[] = {
    HVSH_UINT(struct node_row, node, "its number", .label = "Node"),
    HVSH_TEXT(struct node_row, cpus, "its logical processors", .label = "CPUs"),
    HVSH_SIZE(struct node_row, memory, "its memory", .label = "Memory", .unit = "auto"),
    HVSH_SIZE(struct node_row, memory_free, "what is free of it", .label = "Free", .unit = "auto"),
    HVSH_SIZE(struct node_row, huge_free, "huge pages that are free", .label = "Huge pages free", .unit = "auto"),
    HVSH_TEXT(struct node_row, distances, "how far each node's memory is, its own 10", .label = "Distances"),
    HVSH_END
};

static const struct hvsh_shape node_shape = { .name = "nodes", .kind = HVSH_TABLE, HVSH_ROW(node_row) };

/* Free huge pages of all sizes, in bytes. */
static uint64_t huge_free(const struct host *host, const char *node)
{
    g_auto(GStrv) sizes = host_list(host, "sys/devices/system/node/%s/hugepages", node);
    uint64_t sum = 0;

    for (char **size = sizes; size && *size; size++) {
        uint64_t pages = 0;
        if (g_str_has_prefix(*size, "hugepages-") && host_number(host, &pages, "sys/devices/system/node/%s/hugepages/%s/free_hugepages", node, *size))
            sum += pages * strtoull(*size + strlen("hugepages-"), NULL, 10) * 1024;
    }
    return sizes ? sum : UINT64_MAX;
}

static int emit_nodes(hvsh_call *call, struct host *host)
{
    g_auto(GStrv) names = host_list(host, "sys/devices/system/node");

    if (hvsh_begin(call, &node_shape) < 0)
        return -1;
    for (char **name = names; name && *name; name++) {
        g_autofree char *meminfo = NULL;
        if (!g_str_has_prefix(*name, "node") || !g_ascii_isdigit((*name)[4]))
            continue;
        meminfo = host_read(host, "sys/devices/system/node/%s/meminfo", *name);
        struct node_row row = {
            .node = (unsigned int)atoi(*name + 4),
            .cpus = keep(call, host_read(host, "sys/devices/system/node/%s/cpulist", *name)),
            .memory = memory_of(meminfo, "MemTotal:"),
            .memory_free = memory_of(meminfo, "MemFree:"),
            .huge_free = huge_free(host, *name),
            .distances = keep(call, host_read(host, "sys/devices/system/node/%s/distance", *name)),
        };
        if (hvsh_emit(call, &node_shape, &row) < 0)
            return -1;
    }
    return 0;
}

/* ---- disks ---- */

struct disk_row { const char *disk; uint64_t size; const char *kind, *model; };

static const struct hvsh_field disk_row[] = {
    HVSH_TEXT(struct disk_row, disk, "its name in /dev", .label = "Disk"),
    HVSH_SIZE(struct disk_row, size, "its size", .label = "Size", .unit = "auto"),
    HVSH_TEXT(struct disk_row, kind, "ssd, hdd, or virtual: the outer host's", .label = "Kind"),
    HVSH_TEXT(struct disk_row, model, "its model", .label = "Model"),
    HVSH_END
};

static const struct hvsh_shape disk_shape = { .name = "disks", .kind = HVSH_TABLE, HVSH_ROW(disk_row) };

static int emit_disks(hvsh_call *call, struct host *host)
{
    g_auto(GStrv) names = host_list(host, "sys/block");

    if (hvsh_begin(call, &disk_shape) < 0)
        return -1;
    for (char **name = names; name && *name; name++) {
        uint64_t sectors = 0, rotational = 0;
        /* what the kernel makes of files and memory is no disk */
        if (g_str_has_prefix(*name, "loop") || g_str_has_prefix(*name, "ram") || g_str_has_prefix(*name, "zram"))
            continue;
        if (!host_number(host, &sectors, "sys/block/%s/size", *name) || !sectors)
            continue;
        struct disk_row row = {
            .disk = *name,
            .size = sectors * 512,
            .kind = g_str_has_prefix(*name, "vd")                                             ? "virtual"
                    : host_number(host, &rotational, "sys/block/%s/queue/rotational", *name) ? rotational ? "hdd" : "ssd"
                                                                                             : NULL,
            .model = keep(call, host_read(host, "sys/block/%s/device/model", *name)),
        };
        if (hvsh_emit(call, &disk_shape, &row) < 0)
            return -1;
    }
    return 0;
}

/* ---- network cards ---- */

struct nic_row { const char *nic, *mac, *state; uint64_t speed; const char *driver, *bridge; };

static const struct hvsh_field nic_row[] = {
    HVSH_TEXT(struct nic_row, nic, "its name", .label = "NIC"),
    HVSH_TEXT(struct nic_row, mac, "its address", .label = "MAC"),
    HVSH_TEXT(struct nic_row, state, "up or down", .label = "State"),
    HVSH_UINT64(struct nic_row, speed, "Mbit/s", .label = "Mbit/s"),
    HVSH_TEXT(struct nic_row, driver, "its driver", .label = "Driver"),
    HVSH_TEXT(struct nic_row, bridge, "the bridge it is a port of", .label = "Bridge"),
    HVSH_END
};

static const struct hvsh_shape nic_shape = { .name = "nics", .kind = HVSH_TABLE, HVSH_ROW(nic_row) };

static int emit_nics(hvsh_call *call, struct host *host)
{
    g_auto(GStrv) names = host_list(host, "sys/class/net");

    if (hvsh_begin(call, &nic_shape) < 0)
        return -1;
    for (char **name = names; name && *name; name++) {
        uint64_t speed = UINT64_MAX;
        if (!host_exists(host, "sys/class/net/%s/device", *name))   /* bridges, taps and the like are no cards */
            continue;
        if (!host_number(host, &speed, "sys/class/net/%s/speed", *name))
            speed = UINT64_MAX;
        struct nic_row row = {
            .nic = *name,
            .mac = keep(call, host_read(host, "sys/class/net/%s/address", *name)),
            .state = keep(call, host_read(host, "sys/class/net/%s/operstate", *name)),
            .speed = speed,
            .driver = keep(call, host_link(host, "sys/class/net/%s/device/driver", *name)),
            .bridge = keep(call, host_link(host, "sys/class/net/%s/master", *name)),
        };
        if (hvsh_emit(call, &nic_shape, &row) < 0)
            return -1;
    }
    return 0;
}

/* ---- PCI devices that guests may be given ---- */

struct pci_row { const char *address, *kind, *name, *driver; int group; unsigned int others; };

static const struct hvsh_field pci_row[] = {
    HVSH_TEXT(struct pci_row, address, "its PCI address", .label = "Address"),
    HVSH_TEXT(struct pci_row, kind, "what it is", .label = "Kind"),
    HVSH_INT(struct pci_row, group, "its IOMMU group; missing: it cannot be given to a guest", .label = "Group"),
    HVSH_UINT(struct pci_row, others, "devices that go to the guest with it", .label = "Others"),
    HVSH_TEXT(struct pci_row, driver, "its driver here", .label = "Driver"),
    HVSH_TEXT(struct pci_row, name, "its maker and name", .label = "Name"),
    HVSH_END
};

static const struct hvsh_shape pci_shape = { .name = "devices", .kind = HVSH_TABLE, HVSH_ROW(pci_row) };

/* Maker and name by the database of PCI numbers, or the numbers. */
static const char *pci_name(hvsh_call *call, const char *ids, const char *vendor, const char *device)
{
    g_autofree char *maker_key = g_strdup_printf("\n%s  ", vendor), *device_key = g_strdup_printf("\n\t%s  ", device);
    const char *maker = ids ? strstr(ids, maker_key) : NULL, *end, *name;

    if (!maker)
        return hvsh_printf(call, "%s:%s", vendor, device);
    maker += strlen(maker_key);
    /* its devices are the indented lines that follow */
    for (end = strchr(maker, '\n'); end && (end[1] == '\t' || end[1] == '#'); end = strchr(end + 1, '\n'))
        ;
    name = strstr(maker, device_key);
    if (!name || (end && name > end))
        return hvsh_printf(call, "%.*s %s", (int)strcspn(maker, "\n"), maker, device);
    name += strlen(device_key);
    return hvsh_printf(call, "%.*s %.*s", (int)strcspn(maker, "\n"), maker, (int)strcspn(name, "\n"), name);
}

static const char *pci_kind(uint64_t class)
{
    switch (class >> 16) {
    case 0x01: return "storage";
    case 0x02: return "network";
    case 0x03: return "display";
    case 0x04: return "sound";
    case 0x0c: return (class >> 8 & 0xff) == 3 ? "usb" : NULL;
    case 0x12: return "accelerator";
    default:   return NULL;
    }
}

static int emit_pci(hvsh_call *call, struct host *host)
{
    g_auto(GStrv) names = host_list(host, "sys/bus/pci/devices");
    g_autofree char *ids = host_read(host, "usr/share/misc/pci.ids");

    if (!ids)
        ids = host_read(host, "usr/share/hwdata/pci.ids");
    if (hvsh_begin(call, &pci_shape) < 0)
        return -1;
    for (char **name = names; name && *name; name++) {
        g_autofree char *class = host_read(host, "sys/bus/pci/devices/%s/class", *name);
        g_autofree char *vendor = host_read(host, "sys/bus/pci/devices/%s/vendor", *name);
        g_autofree char *device = host_read(host, "sys/bus/pci/devices/%s/device", *name);
        g_autofree char *group = host_link(host, "sys/bus/pci/devices/%s/iommu_group", *name);
        const char *kind = class ? pci_kind(strtoull(class, NULL, 16)) : NULL;
        struct pci_row row = { .address = *name, .kind = kind, .group = INT32_MIN, .others = UINT32_MAX };

        if (!kind || !vendor || !device)
            continue;
        row.name = pci_name(call, ids, g_str_has_prefix(vendor, "0x") ? vendor + 2 : vendor, g_str_has_prefix(device, "0x") ? device + 2 : device);
        row.driver = keep(call, host_link(host, "sys/bus/pci/devices/%s/driver", *name));
        if (group) {
            g_auto(GStrv) all = host_list(host, "sys/kernel/iommu_groups/%s/devices", group);
            row.group = atoi(group);
            row.others = all && *all ? g_strv_length(all) - 1 : UINT32_MAX;
        }
        if (hvsh_emit(call, &pci_shape, &row) < 0)
            return -1;
    }
    return 0;
}

static void close_host(void *host)
{
    host_close(host);
}

static int host_info_run(hvsh_call *call, const void *p)
{
    const struct host_info_args *args = p;
    struct host *host;
    struct stat st;

    if (args->root && stat(args->root, &st) < 0)
        return hvsh_fail(call, "no recorded host in %s: %s", args->root, g_strerror(errno));
    if (args->root && !S_ISDIR(st.st_mode))
        return hvsh_fail(call, "no recorded host in %s: it is no folder", args->root);
    host = hvsh_defer(call, host_open(args->root, PROFILE_ALL), close_host);
    if (emit_machine(call, host) < 0 || emit_nodes(call, host) < 0 || emit_disks(call, host) < 0 || emit_nics(call, host) < 0)
        return -1;
    return emit_pci(call, host);
}

const struct hvsh_command host_info_command = {
    .name = "host-info",
    .group = "host",
    .help = "what is in this host, and what is left for guests",
    .description = "Shows this machine: system, processor, topology, memory and disk with what further guests can have of them, NUMA nodes, disks, "
                   "network cards, and the PCI devices that a guest may be given, with their IOMMU groups: a device with a group can be "
                   "given away, together with the others of its group. It works without libvirt.",
    HVSH_ARGS(host_info_args),
    .shapes = HVSH_SHAPES(&machine_shape, &node_shape, &disk_shape, &nic_shape, &pci_shape),
    .examples = HVSH_EXAMPLES({ "host-info", "the whole machine", HVSH_ON_TEST }),
    .run = host_info_run,
    .flags = HVSH_NO_CONNECTION,
};
