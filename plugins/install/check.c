/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check.c - all that can be found wrong before anything is made. */
#include "install.h"
#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int check_name(struct install *install)
{
    virDomainPtr domain;

    if (strpbrk(install->name, "/\n") || !*install->name || strcmp(install->name, ".") == 0 || strcmp(install->name, "..") == 0)
        return hvsh_fail(install->call, "'%s' is no name for a guest", install->name);
    domain = hvsh_own_domain(install->call, virDomainLookupByName(install->connection, install->name));
    virResetLastError();
    if (domain) {
        hvsh_fail(install->call, "Guest name '%s' is already in use.", install->name);
        return hvsh_hint(install->call, "take another --name, or `undefine %s` the old one", install->name);
    }
    domain = hvsh_own_domain(install->call, virDomainLookupByUUIDString(install->connection, model_get(install->call, install->domain, "uuid")));
    virResetLastError();
    return domain ? hvsh_fail(install->call, "the uuid %s is that of guest '%s'", model_get(install->call, install->domain, "uuid"), virDomainGetName(domain)) : 0;
}

/* ---- networks ------------------------------------------------------------------------------------------------------------------------ */

static int check_network(struct install *install, const char *name)
{
    virNetworkPtr network;

    if (install->host.embedded) {
        hvsh_fail(install->call, "there are no networks on this connection: '%s'", name);
        return hvsh_hint(install->call, "--network user connects the guest through this user's own network");
    }
    network = hvsh_own_network(install->call, virNetworkLookupByName(install->connection, name));
    if (!network) {
        hvsh_fail_virt(install->call, "there is no network '%s'", name);
        return hvsh_hint(install->call, "net-list --all shows the networks; --network bridge=NAME takes a bridge of the host, --network user needs neither");
    }
    if (virNetworkIsActive(network) == 0) {
        hvsh_fail(install->call, "network '%s' is not running", name);
        return hvsh_hint(install->call, "net-start %s", name);
    }
    return 0;
}

static int check_bridge(struct install *install, const char *name)
{
    const char *folder = hvsh_printf(install->call, "/sys/class/net/%s/bridge", name);

    if (install->host.remote || !install->host.qemu || strchr(name, '/') || access(folder, F_OK) == 0)
        return 0;
    /* an Open vSwitch has no such folder */
    folder = hvsh_printf(install->call, "/sys/class/net/%s", name);
    if (access(folder, F_OK) == 0)
        return 0;
    hvsh_fail(install->call, "this host has no bridge '%s'", name);
    return hvsh_hint(install->call, "bridge-list shows the bridges, bridge-create makes one");
}

/* The first word of --network is its kind; a name that stands there is a slip that libvirt's own sentence does not explain. */
static int check_kind(struct install *install, const char *kind)
{
    static const char *const kinds[] = { "network", "bridge", "user", "direct", "ethernet", "vhostuser", "hostdev", "udp", "server", "client", "mcast", "internal", "vdpa",
                                         "vds", "null", NULL };

    if (!kind || g_strv_contains(kinds, kind))
        return 0;
    hvsh_fail(install->call, "--network: there is no kind '%s'", kind);
    return hvsh_hint(install->call, "--network network=%s is the network of that name, --network bridge=%s the bridge; --network user needs neither", kind, kind);
}

static int check_cards(struct install *install, bool here)
{
    for (xmlNode **all = model_all(install->call, install->domain, "devices", "interface"); *all; all++) {
        const char *network = model_get(install->call, *all, "source/@network"), *bridge = model_get(install->call, *all, "source/@bridge");
        const char *mac = model_get(install->call, *all, "mac/@address");
        unsigned int part[6];
        int end = 0;

        if (here && check_kind(install, model_get(install->call, *all, "@type")) < 0)
            return -1;
        if (mac && (sscanf(mac, "%2x:%2x:%2x:%2x:%2x:%2x%n", &part[0], &part[1], &part[2], &part[3], &part[4], &part[5], &end) != 6 || mac[end]))
            return hvsh_fail(install->call, "'%s' is no MAC address, such as 52:54:00:12:34:56", mac);
        if (mac && part[0] & 1)
            return hvsh_fail(install->call, "the MAC address %s is a multicast one: its first number must be even", mac);
        if (here && ((network && check_network(install, network) < 0) || (bridge && check_bridge(install, bridge) < 0)))
            return -1;
    }
    return 0;
}

/* ---- disks ------------------------------------------------------------------------------------------------------------------------------ */

uint64_t free_space(struct install *install, const struct disk *disk)
{
    uint64_t free_bytes = UINT64_MAX;

    if (disk->pool) {
        virStoragePoolPtr pool = hvsh_own_pool(install->call, virStoragePoolLookupByName(install->connection, disk->pool));
        virStoragePoolInfo info;

        if (pool && virStoragePoolGetInfo(pool, &info) == 0)
            free_bytes = info.available;
        virResetLastError();
    } else {
        g_autofree char *folder = g_path_get_dirname(disk->path);
        struct statvfs status;

        if (statvfs(folder, &status) == 0)
            free_bytes = (uint64_t)status.f_bavail * status.f_frsize;
    }
    return free_bytes;
}

static bool takes_space(const struct disk *disk)
{
    return disk->fresh && !disk->backing && !disk->image;
}

/* Do two new disks share the room that there is? */
static bool at_one_place(const struct disk *one, const struct disk *other)
{
    g_autofree char *its = NULL, *own = NULL;

    if (one->pool || other->pool)
        return g_strcmp0(one->pool, other->pool) == 0;
    its = g_path_get_dirname(one->path);
    own = g_path_get_dirname(other->path);
    return strcmp(its, own) == 0;
}

static int check_space(struct install *install, struct disk *disk)
{
    uint64_t free_bytes, others = 0;

    if (!takes_space(disk) || install->skip_size)
        return 0;
    for (guint i = 0; install->disks->pdata[i] != disk; i++) {
        const struct disk *other = install->disks->pdata[i];

        if (takes_space(other) && at_one_place(disk, other))
            others += other->size;
    }
    free_bytes = free_space(install, disk);
    if (others + disk->size <= free_bytes)
        return 0;
    hvsh_fail(install->call, "the disk %s of %s does not fit%s: there are %s free%s", disk->path, option_size_words(install->call, disk->size),
              others ? " beside the others" : "", option_size_words(install->call, free_bytes), disk->sparse ? " for the day when the guest has filled it" : "");
    return hvsh_hint(install->call, "a smaller size, another place, or --check disk_size=off");
}

/* A file that is made here, not by a pool. */
static int check_folder(struct install *install, struct disk *disk)
{
    g_autofree char *folder = NULL;

    if (disk->fresh && disk->backing && !disk->image && install->host.qemu && !install->host.remote && access(disk->backing, F_OK) < 0)
        return hvsh_fail(install->call, "the backing image '%s' cannot be used: %s", disk->backing, g_strerror(errno));
    if (!disk->fresh || disk->pool || !install->host.qemu)
        return 0;
    folder = g_path_get_dirname(disk->path);
    if (access(folder, F_OK) < 0 && !g_str_has_prefix(disk->path, g_get_user_data_dir()))
        return hvsh_fail(install->call, "the folder '%s' of the disk does not exist", folder);
    if (access(folder, F_OK) == 0 && access(folder, W_OK | X_OK) < 0)
        return hvsh_fail(install->call, "the disk '%s' cannot be made: %s", disk->path, g_strerror(errno));
    if (disk->backing && access(disk->backing, R_OK) < 0)
        return hvsh_fail(install->call, "the backing image '%s' cannot be read: %s", disk->backing, g_strerror(errno));
    return 0;
}

/* One file for two disks, of which one writes. */
static int check_twice(struct install *install, const struct disk *disk)
{
    for (guint i = 0; disk->path && install->disks->pdata[i] != disk; i++) {
        const struct disk *other = install->disks->pdata[i];

        if (g_strcmp0(other->path, disk->path) != 0 || (model_has(disk->node, "readonly") && model_has(other->node, "readonly")) ||
            (model_has(disk->node, "shareable") && model_has(other->node, "shareable")))
            continue;
        return hvsh_fail(install->call, "the disk %s is given twice", disk->path);
    }
    return 0;
}

/* Another guest's disk, and what it stands on: what is written below a layer breaks it, and what is written above another guest's running disk reads
 * what changes meanwhile. */
static int check_disk(struct install *install, const struct disk *disk, const char *other, virDomainPtr domain)
{
    hvsh_call *call = install->call;
    bool local = install->host.qemu && !install->host.remote;
    const char *const *below = chain_below(call, local ? other : "");
    const char *const *own = chain_below(call, local ? disk->fresh && disk->backing ? disk->backing : disk->path : "");
    bool runs = virDomainIsActive(domain) == 1;

    if (strcmp(other, disk->path) == 0)
        return hvsh_fail(call, "the disk %s is already in use by guest '%s'", disk->path, virDomainGetName(domain));
    if (g_strv_contains(below, disk->path))
        return hvsh_fail(call, "the disk %s of guest '%s' is a layer over %s, which must not change", other, virDomainGetName(domain), disk->path);
    if (runs && (g_strv_contains(own, other) || g_strcmp0(disk->fresh ? disk->backing : NULL, other) == 0))
        return hvsh_fail(call, "the disk %s is a layer over %s, which guest '%s' is writing to", disk->path, other, virDomainGetName(domain));
    return 0;
}

/* Does another guest have one of these disks or addresses? One look at every guest. */
static int check_guest(struct install *install, virDomainPtr domain)
{
    struct xml *xml = xml_take(install->call, virDomainGetXMLDesc(domain, 0), "the XML of a guest");

    /* it may be gone by now */
    if (!xml)
        return virDomainIsActive(domain) < 0 ? 0 : -1;
    for (guint i = 0; !install->skip_in_use && i < install->disks->len; i++) {
        struct disk *disk = install->disks->pdata[i];
        struct xml_nodes others;

        if (!disk->path || model_has(disk->node, "readonly") || model_has(disk->node, "shareable"))
            continue;
        others = xml_find(xml, NULL, "/domain/devices/disk[not(shareable)]/source");
        for (size_t j = 0; j < others.count; j++) {
            const char *file = xml_text(xml, others.items[j], "@file|@dev");

            if (file && check_disk(install, disk, file, domain) < 0)
                return hvsh_hint(install->call, "--check path_in_use=off if that is meant");
        }
    }
    for (xmlNode **card = model_all(install->call, install->domain, "devices", "interface"); !install->skip_mac && *card; card++) {
        const char *mac = model_get(install->call, *card, "mac/@address");
        struct xml_nodes others = xml_find(xml, NULL, "/domain/devices/interface/mac/@address");

        for (size_t j = 0; mac && j < others.count; j++)
            if (g_ascii_strcasecmp(mac, xml_text(xml, others.items[j], ".")) == 0) {
                hvsh_fail(install->call, "the MAC address %s is in use by guest '%s'", mac, virDomainGetName(domain));
                return hvsh_hint(install->call, "--check mac_in_use=off if that is meant");
            }
    }
    return 0;
}

static int check_guests(struct install *install)
{
    virDomainPtr *domains = NULL;
    int count, result = 0;

    if (install->skip_in_use && install->skip_mac)
        return 0;
    count = virConnectListAllDomains(install->connection, &domains, 0);
    if (count < 0)
        return hvsh_fail_virt(install->call, "cannot list the guests");
    for (int i = 0; i < count; i++) {
        if (result == 0)
            result = check_guest(install, domains[i]);
        virDomainFree(domains[i]);
    }
    free(domains);
    return result;
}

/* Models by their names, as --cpu has them. */
static int check_cpu(struct install *install)
{
    const char *model = model_get(install->call, install->domain, "cpu/model"), *nearest = NULL;
    char **names = NULL;
    int count = model && install->host.qemu ? virConnectGetCPUModelNames(install->connection, install->host.arch, &names, 0) : -1;
    bool found = false;

    if (count > 0) {
        nearest = hvsh_nearest(model, (const char *const *)names);
        found = g_strv_contains((const char *const *)names, model);
        nearest = nearest ? hvsh_printf(install->call, "%s", nearest) : NULL;
    }
    for (int i = 0; i < count; i++)
        free(names[i]);
    free(names);
    virResetLastError();
    if (found || count <= 0)
        return 0;
    hvsh_fail(install->call, nearest ? "--cpu: libvirt knows no model '%s'; did you mean '%s'?" : "--cpu: libvirt knows no model '%s'", model, nearest);
    return hvsh_hint(install->call, "`cpu-models %s` shows them", install->host.arch);
}

/* Folders of the host. */
static int check_folders(struct install *install)
{
    for (xmlNode **all = model_all(install->call, install->domain, "devices", "filesystem"); *all; all++) {
        const char *folder = model_get(install->call, *all, "source/@dir");

        if (folder && install->host.qemu && !install->host.remote && access(folder, F_OK) < 0 && errno == ENOENT)
            return hvsh_fail(install->call, "--filesystem: the folder '%s' does not exist", folder);
    }
    return 0;
}

/* What the guest itself starts from each time. */
static int check_boot(struct install *install)
{
    static const char *const files[] = { "kernel", "initrd", "dtb", "loader" };

    for (size_t i = 0; i < G_N_ELEMENTS(files) && install->host.qemu && !install->host.remote && !install->skip_exists; i++) {
        const char *file = model_get(install->call, install->domain, hvsh_printf(install->call, "os/%s", files[i]));

        if (file && *file == '/' && access(file, F_OK) < 0 && errno == ENOENT)
            return hvsh_fail(install->call, "--boot: the %s '%s' does not exist", files[i], file);
    }
    return 0;
}

/* libvirt reads and checks a document when it says what it would start for it, and does nothing else. Its verdict is asked for while there is
 * nothing to be taken back; what it says about this host as it is now is left to the start. */
int libvirt_check(struct install *install)
{
    xmlNode *const documents[] = { install->domain, install->boot };

    for (size_t i = 0; i < G_N_ELEMENTS(documents) && install->host.qemu && !install->args->print_xml; i++) {
        char *command = documents[i] ? virConnectDomainXMLToNative(install->connection, "qemu-argv", model_text(install->call, documents[i]), 0) : NULL;
        int code = command || !documents[i] ? VIR_ERR_OK : virGetLastErrorCode();

        free(command);
        /* what its reader of documents calls internal is the document's fault: "malformed uuid element" */
        if (code == VIR_ERR_XML_ERROR || code == VIR_ERR_XML_DETAIL || code == VIR_ERR_CONFIG_UNSUPPORTED ||
            (code == VIR_ERR_INTERNAL_ERROR && virGetLastErrorDomain() == VIR_FROM_DOMAIN))
            return hvsh_fail_virt(install->call, "libvirt refuses the guest '%s'", install->name);
        virResetLastError();
    }
    return 0;
}

int check_all(struct install *install)
{
    /* a document alone may be for another host, or for later */
    bool here = !install->args->print_xml;

    if (check_name(install) < 0 || check_cards(install, here) < 0 || (here && (check_cpu(install) < 0 || check_folders(install) < 0 || check_boot(install) < 0)))
        return -1;
    for (guint i = 0; here && i < install->disks->len; i++)
        if (check_twice(install, install->disks->pdata[i]) < 0 || check_folder(install, install->disks->pdata[i]) < 0 || check_space(install, install->disks->pdata[i]) < 0)
            return -1;
    if (install->args->transient && install->args->autostart)
        return hvsh_fail(install->call, "--transient and --autostart contradict each other: only a defined guest is started with the host");
    if (install->args->autoconsole && strcmp(install->args->autoconsole, "none") != 0 && strcmp(install->args->autoconsole, "text") != 0 &&
        strcmp(install->args->autoconsole, "graphical") != 0 && strcmp(install->args->autoconsole, "default") != 0)
        return hvsh_fail(install->call, "--autoconsole is text, graphical or none, not '%s'", install->args->autoconsole);
    return check_guests(install);
}
