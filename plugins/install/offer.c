/* SPDX-License-Identifier: GPL-3.0-or-later */
/* offer.c - TAB within an option with sub-options: their names, and what is known of their values. */
#include "families.h"
#include "install.h"
#include "offer.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The word so far: what stays of it, and the beginning of what is looked for. */
struct offer {
    hvsh_call *call;
    const char *word;
    int kept;
    const char *start;
};

static void offer(const struct offer *offer, const char *word, const char *note)
{
    if (word && g_str_has_prefix(word, offer->start))
        hvsh_offer(offer->call, hvsh_printf(offer->call, "%.*s%s", offer->kept, offer->word, word), note);
}

/* ---- what there is ------------------------------------------------------------------------------------------------------------------- */

static void files(const struct offer *one)
{
    const char *slash = strrchr(one->start, '/'), *leaf = slash ? slash + 1 : one->start;
    g_autofree char *before = g_strndup(one->start, (size_t)(leaf - one->start));
    DIR *folder = opendir(*before ? before : ".");
    struct dirent *entry;

    while (folder && (entry = readdir(folder))) {
        struct stat status;

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || (*entry->d_name == '.' && *leaf != '.') ||
            fstatat(dirfd(folder), entry->d_name, &status, 0) < 0)
            continue;
        offer(one, hvsh_printf(one->call, "%s%s%s", before, entry->d_name, S_ISDIR(status.st_mode) ? "/" : ""), NULL);
    }
    if (folder)
        closedir(folder);
}

/* Names of libvirt's objects of one kind. */
#define NAMES(function, type, list, flags, name, free_one) \
    static void function(const struct offer *one) \
    { \
        virConnectPtr connection = hvsh_connection(one->call); \
        type *all = NULL; \
        int count = connection ? list(connection, &all, flags) : -1; \
    \
        for (int i = 0; i < count; i++) { \
            offer(one, name(all[i]), NULL); \
            free_one(all[i]); \
        } \
        free(all); \
        virResetLastError(); \
    }
NAMES(networks, virNetworkPtr, virConnectListAllNetworks, 0, virNetworkGetName, virNetworkFree)
NAMES(pools, virStoragePoolPtr, virConnectListAllStoragePools, 0, virStoragePoolGetName, virStoragePoolFree)
NAMES(guests, virDomainPtr, virConnectListAllDomains, VIR_CONNECT_LIST_DOMAINS_INACTIVE, virDomainGetName, virDomainFree)
NAMES(devices, virNodeDevicePtr, virConnectListAllNodeDevices, VIR_CONNECT_LIST_NODE_DEVICES_CAP_PCI_DEV, virNodeDeviceGetName, virNodeDeviceFree)

/* POOL/VOLUME: the pools, and behind the slash what one has. */
static void volumes(const struct offer *one)
{
    virConnectPtr connection = hvsh_connection(one->call);
    const char *slash = strchr(one->start, '/');
    virStoragePoolPtr pool = NULL, *all = NULL;
    virStorageVolPtr *found = NULL;
    int count;

    if (connection && slash)
        pool = hvsh_own_pool(one->call, virStoragePoolLookupByName(connection, hvsh_printf(one->call, "%.*s", (int)(slash - one->start), one->start)));
    count = pool ? virStoragePoolListAllVolumes(pool, &found, 0) : -1;
    for (int i = 0; i < count; i++) {
        offer(one, hvsh_printf(one->call, "%s/%s", virStoragePoolGetName(pool), virStorageVolGetName(found[i])), NULL);
        virStorageVolFree(found[i]);
    }
    free(found);
    count = connection && !slash ? virConnectListAllStoragePools(connection, &all, VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE) : -1;
    for (int i = 0; i < count; i++) {
        offer(one, hvsh_printf(one->call, "%s/", virStoragePoolGetName(all[i])), NULL);
        virStoragePoolFree(all[i]);
    }
    free(all);
    virResetLastError();
}

static void bridges(const struct offer *one)
{
    g_autoptr(GDir) folder = g_dir_open("/sys/class/net", 0, NULL);
    const char *name;

    while (folder && (name = g_dir_read_name(folder))) {
        g_autofree char *bridge = g_strdup_printf("/sys/class/net/%s/bridge", name);

        if (g_file_test(bridge, G_FILE_TEST_EXISTS))
            offer(one, hvsh_printf(one->call, "%s", name), NULL);
    }
}

static void models(const struct offer *one)
{
    virConnectPtr connection = hvsh_connection(one->call);
    char **names = NULL;
    int count = connection ? virConnectGetCPUModelNames(connection, "x86_64", &names, 0) : -1;

    for (int i = 0; i < count; i++) {
        offer(one, names[i], NULL);
        free(names[i]);
    }
    free(names);
    virResetLastError();
}

static void take_system(void *p, const char *id, const char *name)
{
    offer(p, id, name);
}

static void systems(const struct offer *one)
{
    struct install install = { .call = one->call };

    osinfo_each_system(&install, take_system, (void *)one);
}

/* ---- values --------------------------------------------------------------------------------------------------------------------------- */

/* A sub-option's words, or what lists them; of any option where none is named. Yes and no, and files, are known by the kind of a row. */
static const struct {
    const char *option, *suboption, *words;
    void (*list)(const struct offer *one);
} values[] = {
    { "disk", "path", .list = files }, { "disk", "source.file", .list = files }, { "disk", "backing_store", .list = files },
    { "disk", "pool", .list = pools }, { "disk", "source.pool", .list = pools }, { "disk", "vol", .list = volumes },
    { "disk", "format", "qcow2 raw vdi vmdk vpc" }, { "disk", "backing_format", "qcow2 raw" }, { "disk", "bus", "virtio scsi sata usb ide fdc" },
    { "disk", "target.bus", "virtio scsi sata usb ide fdc" }, { "disk", "device", "disk cdrom floppy lun" },
    { "disk", "cache", "none writeback writethrough directsync unsafe" }, { "disk", "driver.cache", "none writeback writethrough directsync unsafe" },
    { "disk", "driver.io", "native threads io_uring" }, { "disk", "driver.discard", "unmap ignore" },
    { "image", "pool", .list = pools }, { "image", "path", .list = files }, { "image", "format", "raw" },
    { "network", "network", .list = networks }, { "network", "bridge", .list = bridges },
    { "network", "type", "default none user network bridge direct ethernet hostdev" }, { "network", "model", "virtio e1000e e1000 rtl8139" },
    { "network", "model.type", "virtio e1000e e1000 rtl8139" }, { "network", "source.mode", "bridge vepa private passthrough" }, { "network", "link.state", "up down" },
    { "osinfo", "name", .list = systems }, { "osinfo", "short-id", .list = systems }, { "install", "os", .list = systems },
    { "install", "bootdev", "hd cdrom fd network" }, { "location", "location", .list = files },
    { "cpu", "model", "host-passthrough host-model maximum default none", models }, { "cpu", "mode", "host-passthrough host-model maximum custom" },
    { "boot", "firmware", "efi bios" }, { "boot", "loader", .list = files },
    { "graphics", "type", "none spice vnc sdl egl-headless" }, { "graphics", "listen", "none socket 127.0.0.1 0.0.0.0" },
    { "video", "model.type", "virtio qxl vga bochs cirrus none" }, { "sound", "model", "default none ich9 ich6 ac97 hda usb" },
    { "controller", "type", "usb scsi pci sata virtio-serial ide fdc ccid" }, { "input", "type", "tablet keyboard mouse none" },
    { "tpm", "backend.type", "emulator passthrough default none" }, { "tpm", "backend.version", "2.0 1.2" },
    { "rng", "backend.model", "/dev/urandom random builtin egd none" }, { "memballoon", "model", "virtio none" }, { "panic", "model", "default isa hyperv none" },
    { "watchdog", "model", "i6300esb itco diag288 none" }, { "watchdog", "action", "reset shutdown poweroff pause dump inject-nmi none" },
    { "filesystem", "source", .list = files }, { "filesystem", "driver.type", "virtiofs" }, { "hostdev", "name", .list = devices },
    { "clock", "offset", "utc localtime" }, { "unattended", "profile", "desktop jeos" }, { "sysinfo", "type", "host emulate smbios fwcfg" },
    { "serial", "type", "pty file tcp udp unix dev none" }, { "console", "type", "pty none" }, { "channel", "type", "unix spicevmc qemu-vdagent none" },
    { "cloud-init", "user-data", .list = files }, { "cloud-init", "meta-data", .list = files }, { "cloud-init", "network-config", .list = files },
    { "cloud-init", "root-password-file", .list = files }, { "cloud-init", "password-file", .list = files }, { "cloud-init", "root-ssh-key", .list = files },
    { "cloud-init", "clouduser-ssh-key", .list = files }, { "cloud-init", "seed", .list = files }, { "cloud-init", "password", "ask" },
};

static void offer_values(const struct offer *one, const struct family *family, const struct suboption *row)
{
    if (row->kind == SUB_YESNO || row->kind == SUB_ONOFF || row->kind == SUB_BOOL) {
        offer(one, row->kind == SUB_ONOFF ? "on" : "yes", NULL);
        offer(one, row->kind == SUB_ONOFF ? "off" : "no", NULL);
    } else if (row->kind == SUB_PATH) {
        files(one);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        g_auto(GStrv) words = NULL;

        if (strcmp(values[i].option, family->option) != 0 || strcmp(values[i].suboption, row->name) != 0)
            continue;
        words = g_strsplit(values[i].words ? values[i].words : "", " ", -1);
        for (char **word = words; *word; word++)
            if (**word)
                offer(one, *word, NULL);
        if (values[i].list)
            values[i].list(one);
    }
}

/* Addresses are offered to who asks for them: every device has a score of these. */
static void offer_names(const struct offer *one, const struct family *family)
{
    for (unsigned int i = 0; i < FAMILY_ROWS && family->rows[i]; i++)
        for (const struct suboption *row = family->rows[i]; row->name && (*one->start || family->rows[i] != address_rows); row++)
            if (!strstr(row->name, "[]"))
                offer(one, row->bare ? row->name : hvsh_printf(one->call, "%s=", row->name), row->path);
}

int offer_suboptions(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    const struct family *family = family_of(field->name);
    const char *comma = strrchr(start, ','), *begin = comma ? comma + 1 : start, *equal = strchr(begin, '=');
    struct offer one = { call, start, (int)(begin - start), begin };
    unsigned int index[FAMILY_INDEXES], first = 0;
    const struct suboption *row;

    if (!family)
        return 0;
    if (equal) {
        row = family_row(family, hvsh_printf(call, "%.*s", (int)(equal - begin), begin), index);
        one.kept = (int)(equal + 1 - start);
        one.start = equal + 1;
        if (row)
            offer_values(&one, family, row);
        return 0;
    }
    offer_names(&one, family);
    /* first words need no name */
    for (const char *p = start; p < begin; p++)
        first += *p == ',';
    row = first < FAMILY_FIRST && family->first[first] && !memchr(start, '=', (size_t)(begin - start)) ? family_row(family, family->first[first], index) : NULL;
    if (row && (*begin || strcmp(row->name, "path") != 0))
        offer_values(&one, family, row);
    return 0;
}

int offer_guests(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    (void)field;
    guests(&(struct offer){ call, start, 0, start });
    return 0;
}
