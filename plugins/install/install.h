/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * install.h - what the files of this plugin share: one guest on its way.
 *
 * The way: options into the document (devices.c, disk.c, guest.c), the medium (media.c, tree.c), the system (osinfo.c), what was left open
 * (defaults.c), checks (check.c) - up to here nothing outside is changed - then steps that can be undone (plan.c) and the waiting (run.c).
 */
#ifndef INSTALL_INSTALL_H
#define INSTALL_INSTALL_H

#include <glib.h>
#include "hvsh.h"
#include "model.h"
#include "option.h"
#include "source.h"
#include "xml.h"

typedef HVSH_LIST_OF(const char *) texts;

struct install_args {
    virConnectPtr connect;
    const char *name, *uuid, *cdrom, *location, *unattended, *install, *reinstall, *cloud_init, *image, *save, *from, *osinfo, *virt_type, *arch, *machine, *autoconsole,
        *print_xml, *description;
    const char *vncport, *vnclisten, *keymap, *cpuset, *init, *os_type;
    bool nonsparse, sdl, noacpi, noapic, accelerate, check_cpu, force, prompt;
    texts file, file_size, bridge, mac;
    bool pxe, import, livecd, hvm, paravirt, container, autostart, transient, destroy_on_exit, noreboot, quiet, debug;
    int64_t wait, wait_ip, wait_ssh;    /* seconds; -1: as long as it takes */
    texts memory, vcpus, metadata, xml, extra_args, initrd_inject, disk, network, graphics, controller, input, serial, parallel, channel, console, hostdev,
        filesystem, sound, audio, watchdog, video, smartcard, redirdev, tpm, rng, panic, shmem, memdev, seclabel, sysinfo, qemu_commandline,
        cpu, check, boot, idmap, iothreads, keywrap, cputune, numatune, memtune, blkiotune, memorybacking, features, clock, pm, events, resource, launchsecurity,
        memballoon, iommu, vsock;
};

/* ---- what the hypervisor offers (host.c) ---- */

struct host {
    const char *driver;                 /* "QEMU", "TEST" */
    const char *type;                   /* of the domain: "kvm", "qemu", "test" */
    const char *arch, *os_type;
    const char *emulator;               /* NULL: libvirt's own choice */
    const char *machine;                /* the first of the list; NULL: there is none */
    bool q35;                           /* there is such a machine */
    bool acpi, apic, pae;               /* features that are on when nobody says otherwise */
    bool x86;
    bool qemu;
    bool session;                       /* guests of a user: no networks and pools of the system's */
    bool embedded;                      /* no drivers of storage and networks at all */
    bool remote;                        /* the files are not on this machine */
    bool no_spice;                      /* this QEMU has none */
    bool efi;                           /* firmware is found by libvirt */
    bool tpm;                           /* an emulated one can be had */
    bool no_virtio_video, no_qxl;       /* this QEMU has none */
    bool bochs;                         /* this QEMU has that video card */
    bool foreign;                       /* of another architecture than the host's own */
    const char *cpu_model;              /* the host's own CPU, by the nearest name; may be NULL */
    const char *qemu_label;             /* whom the system's libvirt runs QEMU as, "+64055:+64055"; may be NULL */
    const char *security;               /* the first of the security models; may be NULL */
    const char *want_machine;           /* what the options say; NULL: nothing */
};

/* ---- the system inside (osinfo.c) ---- */

enum os_device {
    OS_VIRTIO_DISK = 1 << 0, OS_VIRTIO_SCSI = 1 << 1, OS_VIRTIO_NET = 1 << 2, OS_VIRTIO_RNG = 1 << 3, OS_VIRTIO_GPU = 1 << 4,
    OS_VIRTIO_BALLOON = 1 << 5, OS_VIRTIO_SERIAL = 1 << 6, OS_VIRTIO_INPUT = 1 << 7, OS_XHCI = 1 << 8, OS_Q35 = 1 << 9, OS_VIRTIO_1 = 1 << 10,
};

struct os {
    const char *id;                     /* "http://debian.org/debian/11"; NULL: generic */
    const char *short_id;               /* "debian11" */
    const char *name;                   /* "Debian 11" */
    const char *distro, *family;        /* "debian", "linux" */
    unsigned int devices;               /* enum os_device */
    const char *card;                   /* the network card it knows best, apart from virtio's */
    uint64_t ram, network_ram, storage; /* bytes; 0: not known */
    unsigned int cpus;
    bool windows;
    bool needs_efi;
    const char *url_argument;           /* the kernel's argument that names the tree: "inst.repo" */
    const char *why;                    /* how it was found, for --explain */
};

/* ---- a disk (disk.c) ---- */

struct image;

struct disk {
    xmlNode *node;
    const char *path;                   /* NULL: no medium, or a volume */
    const char *pool, *volume;          /* --disk vol=POOL/NAME, or where a new one is made */
    uint64_t size;                      /* bytes; 0: it must exist */
    const char *format, *backing, *backing_format;
    bool sparse;
    bool fresh;                         /* this run makes it */
    bool as_volume;                     /* the guest has it by the names of pool and volume */
    struct image *image;                /* what it begins as; NULL: empty, or as it is */
};

/* ---- what to install from (media.c, tree.c) ---- */

enum medium { MEDIUM_NONE, MEDIUM_IMPORT, MEDIUM_CDROM, MEDIUM_TREE, MEDIUM_DEVICE, MEDIUM_KERNEL };

struct tree {
    struct source *source;              /* NULL: the files below are of this machine, by absolute names */
    const char *kernel, *initrd;
    bool has_info;                      /* it describes itself by a .treeinfo */
    const char *family, *version;       /* what the tree says of itself: "Fedora", "36"; may be NULL */
    const char *argument;               /* what to tell the installer of the tree, or NULL */
    bool from_network;                  /* it fetches its packages */
};

struct cloud;
struct seed;

struct install {
    hvsh_call *call;
    const struct install_args *args;
    virConnectPtr connection;
    const char *name;
    xmlNode *domain;                    /* the final document */
    xmlNode *kept;                      /* --reinstall: the guest's own, which stays; NULL otherwise */
    xmlNode *boot;                      /* that of the installation; NULL: there is none */
    struct host host;
    struct os os;
    bool os_found;
    GPtrArray *disks;                   /* struct disk *, as the command line has them, the medium last */
    struct disk *cdrom;                 /* the medium's */
    enum medium medium;
    const char *device;                 /* of MEDIUM_DEVICE: "network", "cdrom", "hd", "fd" */
    struct tree tree;
    GPtrArray *injections;              /* struct injection *: what is added to the initrd; NULL: nothing */
    const char *system;                 /* the name of the system, as --install has it; NULL: it has none */
    const char *extra;                  /* arguments of the installer's kernel */
    struct seed *seed;                  /* the medium of the first start; NULL: it needs none */
    struct cloud *cloud;                /* --cloud-init; NULL: nothing is told to the system inside */
    struct image *image;                /* --image; NULL: none */
    int root_ports;                     /* PCIe ports for devices that come later; below 0: the usual number */
    bool cpu_of_hypervisor;             /* no default for the CPU */
    bool skip_size, skip_in_use, skip_exists, skip_mac, skip_search;
    int status;                         /* how to exit when the last step fails; 0: as any */
    bool dry;                           /* --dry-run or --print-xml: touch nothing */
    virStoragePoolPtr scratch_pool;     /* scratch.c */
    const char *scratch_place;
    bool scratch_asked;
    const char *scratch_files[2];       /* kernel and initrd, on this machine or as volumes */
    virStorageVolPtr scratch_volumes[2];
    bool unattended;                    /* a script answers the installer's questions */
};

/* Say what older options mean by those of today. */
int older_options(struct install *install, struct install_args *args);

/* One step of the way each: 0, or -1 after hvsh_fail(). */
int host_ask(struct install *install);
int guest_options(struct install *install);
int device_options(struct install *install);
int disk_options(struct install *install);
int network_options(struct install *install);
int media_find(struct install *install);
int os_find(struct install *install);
int defaults_fill(struct install *install);
/* By option, by the system, or by a loader of its own. */
bool starts_by_uefi(struct install *install);
int disk_default(struct install *install);
int disk_places(struct install *install);
int check_all(struct install *install);
int reachable_check(struct install *install);
/* The files that an image of this machine stands on, nearest first; ends with NULL, belongs to the call. They need not be there. */
const char *const *chain_below(hvsh_call *call, const char *image);
/* Can this chain be read, and will libvirt do so? -1 after hvsh_fail(): it is a circle, or a layer does not tell the format of another one. */
int chain_check(hvsh_call *call, const char *image);
/* As it is typed in a shell, for a command that mends something. */
const char *shell_word(hvsh_call *call, const char *text);
int libvirt_check(struct install *install);
/* Bytes that are free where the disk is made; UINT64_MAX: nobody knows. */
uint64_t free_space(struct install *install, const struct disk *disk);
int change_options(struct install *install);
int documents_make(struct install *install);
int plan_run(struct install *install);
/* qemu-img, the interface to QEMU's image formats; its own sentence when it fails. `disk`: it makes this file, and tells how far it is; may be NULL. */
int run_qemu_img(struct install *install, char **argv, const struct disk *disk);
/* virStorageVolCreateXML() of this disk, with the progress of one whose room is taken at once. */
virStorageVolPtr allocate_volume(struct install *install, virStoragePoolPtr pool, const struct disk *disk, const char *xml, unsigned int flags);

/* What --unattended answers; what is NULL is not known. */
struct unattended {
    const char *profile, *login, *user_password, *admin_password, *hostname, *timezone, *language, *disk, *url, *product_key, *reg_login;
};
int unattended_options(struct install *install);
/* Generate the scripts of the system. For --location they go into the initrd, and their arguments to the kernel's; a medium that starts by itself
 * looks for them, and for drivers that the installer needs, on another one. */
int osinfo_script(struct install *install, const struct unattended *answers);

/* --reinstall: in place of the options, and of the documents. */
int reinstall_load(struct install *install);
int reinstall_documents(struct install *install);

/* The parts others need. */
/* Drive, target and bus of a disk that says nothing of them. */
void disk_dress(struct install *install, struct disk *disk);
/* The features by which this host's CPUs mend known holes; ends with NULL, NULL: it has none. */
const char *const *host_mitigations(struct install *install);
/* The type of which this machine is a version ("q35" of "pc-q35-7.2"); NULL: none. */
const char *host_canonical(struct install *install, const char *machine);
/* A disk by the text of --disk; it is the last of the list then. */
int disk_add(struct install *install, const char *text);
struct disk *disk_cdrom(struct install *install, const char *path);
/* An empty CD drive, the last of all. */
struct disk *disk_drive(struct install *install);
/* The folder of new disks that are in no pool, and that of files which are of use until the guest has started; QEMU may read both. */
const char *images_folder(struct install *install);
const char *scratch_folder(struct install *install);
/* The pool to which such files are sent instead, and its folder. NULL: they lie on this machine (or, with host.remote, there is none). */
virStoragePoolPtr scratch_pool(struct install *install, const char **folder);
/* The installer's kernel and initrd: their places in the document; the steps, their words, and the end of it all. */
int scratch_plan(struct install *install);
const char *scratch_words(struct install *install, const char *what, const char *path);
int scratch_kernel(struct install *install, struct disk *disk);
int scratch_initrd(struct install *install, struct disk *disk);
void scratch_remove(struct install *install);
int tree_find(struct install *install, struct source *source, const char *kernel, const char *initrd);
/* Add a file, or a text, to the root of the installer's initrd. */
void media_inject(struct install *install, const char *name, const char *path, const char *text);
/* Only family and version of what a medium says of itself. */
int tree_describe(struct install *install, struct source *source);
/* The pool for new disks of which nothing else is said; NULL: none. */
virStoragePoolPtr default_pool(struct install *install);
/* A new volume with the contents of a file of this machine, sent over the connection; deleted when anything goes wrong. NULL after hvsh_fail(). */
virStorageVolPtr store_send(struct install *install, virStoragePoolPtr pool, const char *name, int fd);
/* Fill `os` of what libosinfo knows. 0: not known (or no libosinfo), 1: found. */
int osinfo_by_name(struct install *install, const char *name);
int osinfo_by_medium(struct install *install, const char *file);
int osinfo_by_tree(struct install *install, const char *address);
/* By the name of a release in an address: .../dists/bookworm/... */
int osinfo_by_codename(struct install *install, const char *distro, const char *address);
/* Where the database says that a medium it knows has its kernel. */
bool osinfo_medium_kernel(struct install *install, const char *file, const char **kernel, const char **initrd);
/* The address of a system's tree, for the guest's architecture and the profile of an unattended installation; NULL: it has none. 0: there is no such
 * system. */
int osinfo_tree_address(struct install *install, const char *name, const char *profile, const char **address);
bool osinfo_available(struct install *install);
/* Every system that the database knows: short name, and name. */
void osinfo_each_system(struct install *install, void (*visit)(void *arg, const char *id, const char *name), void *arg);
/* Every cloud image for the guest's architecture: the short name of its system, and its address. */
void osinfo_each_image(struct install *install, void (*visit)(void *arg, const char *system, const char *url), void *arg);
/* The nearest name to one that is not known; NULL: none. */
const char *osinfo_nearest(struct install *install, const char *name);
/* Attach the console, wait for the end, start again: from a running guest on. */
int run_installation(struct install *install, virDomainPtr domain);

/* --wait-ip and --wait-ssh (reach.c): are they asked for, can they come true, and the waiting. */
bool reach_wanted(struct install *install);
int reach_check(struct install *install);
int reach_wait(struct install *install, virDomainPtr domain);

/* What the command emits. */
struct install_done { const char *name, *uuid; };
struct install_deed { const char *deed; };
struct install_password { const char *user, *password; };
extern const struct hvsh_shape reach_shape, install_done, install_started, install_deed;

/* Write --explain lines of what was chosen; all that the document alone says (explain.c). */
int explain_choices(struct install *install);
void explain(struct install *install, const char *format, ...) HVSH_FORMAT(2, 3);

#endif
