/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hard-install.c - the installation of a guest, as a table: options by name only that may be shortened, letters, options that repeat, options
 * whose value may be left out, old spellings, a type of the plugin's own.
 */
#include <stdlib.h>
#include <string.h>
#include "hard-commands.h"

/* Minutes, or for ever. */
static int wait_parse(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    char *end;
    long minutes = strtol(text, &end, 10);

    if (strcmp(text, "forever") == 0)
        minutes = -1;
    else if (end == text || *end != '\0')
        return hvsh_fail(call, "--%s takes minutes or 'forever', not '%s'", field->name, text);
    *(int64_t *)value = minutes;
    return 0;
}

static void wait_print(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    (void)field;
    (void)style;
    hvsh_buffer_printf(out, "%lld", (long long)*(const int64_t *)value);
}

static const struct hvsh_type wait_type = {
    .name = "minutes", .kind = HVSH_KIND_INT64, .size = sizeof(int64_t), .parse = wait_parse, .print = wait_print,
};

typedef HVSH_LIST_OF(const char *) texts;
struct install_args {
    const char *connect, *name, *cpu, *uuid, *cdrom, *location, *unattended, *install, *reinstall, *cloud_init, *boot, *idmap, *osinfo, *virt_type, *arch,
        *machine, *autoconsole, *print_xml, *check, *description, *iothreads, *keywrap, *cputune, *numatune, *memtune, *blkiotune, *memorybacking, *features,
        *clock, *pm, *events, *resource, *launchsecurity, *memballoon, *iommu, *vsock, *image;
    bool pxe, import, livecd, hvm, paravirt, container, autostart, transient, destroy_on_exit, noreboot, quiet, debug, explain;
    int64_t wait;
    texts memory, vcpus, metadata, xml, extra_args, initrd_inject, disk, network, graphics, controller, input, serial, parallel, channel, console, hostdev,
        filesystem, sound, audio, watchdog, video, smartcard, redirdev, tpm, rng, panic, shmem, memdev, seclabel, sysinfo, qemu_commandline;
};
#define ONE(member, ...) HVSH_TEXT(struct install_args, member, __VA_ARGS__)
#define MANY(member, ...) HVSH_TEXTS(struct install_args, member, HVSH_REPEAT, __VA_ARGS__)
#define ON(member, ...) HVSH_FLAG(struct install_args, member, __VA_ARGS__)
static const struct hvsh_field install_args[] = {
    ONE(connect, "connection to use"),
    ONE(name, "name of the guest", .letter = 'n'),
    MANY(memory, "memory in MiB, and how it may grow"), HVSH_ALIAS("ram", "memory"),
    MANY(vcpus, "virtual CPUs and their topology"),
    ONE(cpu, "model of the CPU and its features"),
    MANY(metadata, "title, description, uuid"),
    ONE(uuid, "its uuid", .letter = 'u', .flags = HVSH_HIDE),
    ONE(description, "its description", .flags = HVSH_HIDE),
    MANY(xml, "changes of the final document, by path"),
    ONE(cdrom, "medium to install from", .letter = 'c'),
    ONE(location, "tree to install from: address, folder or medium", .letter = 'l'),
    ON(pxe, "boot from the network"),
    ON(import, "the disk has a system already"),
    ON(livecd, "the medium is a live system", .flags = HVSH_HIDE),
    MANY(extra_args, "arguments for the installer's kernel", .letter = 'x'),
    MANY(initrd_inject, "file to add to the installer's initrd"),
    ONE(unattended, "let libosinfo answer the questions", .flags = HVSH_OPTIONAL_VALUE | HVSH_EMPTY_OK, .bare = ""),
    ONE(install, "fine points of the installation"),
    ONE(reinstall, "install an existing guest anew"),
    ONE(cloud_init, "configure a cloud image", .flags = HVSH_OPTIONAL_VALUE | HVSH_EMPTY_OK, .bare = ""),
    ONE(image, "ready-made image of a system"),
    ONE(boot, "what to boot from"),
    ONE(idmap, "user namespace of a container"),
    ONE(osinfo, "the operating system"), HVSH_ALIAS("os-variant", "osinfo"),
    MANY(disk, "a disk: new, existing, volume"), HVSH_ALIAS("nodisks", "disk=none"),
    MANY(network, "a network card", .letter = 'w'), HVSH_ALIAS("nonetworks", "network=none"),
    MANY(graphics, "a display"), HVSH_ALIAS("nographics", "graphics=none"), HVSH_ALIAS("vnc", "graphics=vnc"), HVSH_ALIAS("sdl", "graphics=sdl"),
    MANY(controller, "a controller"), MANY(input, "an input device"), MANY(serial, "a serial port"), MANY(parallel, "a parallel port"),
    MANY(channel, "a channel to the guest"), MANY(console, "a text console"),
    MANY(hostdev, "a device of the host"), HVSH_ALIAS("host-device", "hostdev"),
    MANY(filesystem, "a folder of the host"),
    HVSH_TEXTS(struct install_args, sound, HVSH_REPEAT | HVSH_OPTIONAL_VALUE, "a sound card", .bare = "default"),
    MANY(audio, "where sound goes"), MANY(watchdog, "a watchdog"), MANY(video, "a graphics card"), MANY(smartcard, "a smart card"),
    MANY(redirdev, "a redirected device"), ONE(memballoon, "the memory balloon"), MANY(tpm, "a TPM"), MANY(rng, "a random number source"),
    MANY(panic, "a panic notifier"), MANY(shmem, "shared memory"), MANY(memdev, "a memory module"), ONE(vsock, "a socket to the host"),
    ONE(iommu, "an IOMMU"), ONE(iothreads, "threads for disks"), MANY(seclabel, "a security label"), HVSH_ALIAS("security", "seclabel"),
    ONE(keywrap, "keys of S390"), ONE(cputune, "tuning of the CPUs"), ONE(numatune, "tuning of NUMA"), ONE(memtune, "limits of memory"),
    ONE(blkiotune, "weights of disks"), ONE(memorybacking, "what backs the memory"), ONE(features, "features of the machine"), ONE(clock, "the clock"),
    ONE(pm, "power management"), ONE(events, "what follows events"), ONE(resource, "cgroup"), MANY(sysinfo, "SMBIOS"),
    MANY(qemu_commandline, "arguments for QEMU"), ONE(launchsecurity, "encrypted memory"), HVSH_ALIAS("launchSecurity", "launchsecurity"),
    ON(hvm, "fully virtualised", .letter = 'v'), ON(paravirt, "paravirtualised", .letter = 'p'), ON(container, "a container"),
    ONE(virt_type, "hypervisor"), ONE(arch, "architecture"), ONE(machine, "type of the machine"),
    ON(autostart, "start it with the host"), ON(transient, "do not define it"), ON(destroy_on_exit, "switch it off with the console"),
    HVSH_BIND(struct install_args, wait, int64_t, wait_type, "how long to wait for the end", .flags = HVSH_OPTIONAL_VALUE, .bare = "forever"),
    ONE(autoconsole, "which console to attach"), HVSH_ALIAS("noautoconsole", "autoconsole=none"),
    ON(noreboot, "do not start it afterwards"),
    ONE(print_xml, "print the document, make nothing", .flags = HVSH_OPTIONAL_VALUE, .bare = "all"),
    ONE(check, "leave out checks"),
    ON(explain, "say why each default was chosen"),
    ON(quiet, "errors only", .letter = 'q'), ON(debug, "tell everything", .letter = 'd'),
    HVSH_EXCLUDES("pxe", "location"),
    HVSH_END
};
struct install_row { const char *name; };
static const struct hvsh_field install_row[] = { HVSH_TEXT(struct install_row, name, "the guest"), HVSH_END };
static const struct hvsh_shape installed = { .name = "installed", .kind = HVSH_MESSAGE, HVSH_ROW(install_row), .text = "Guest '{name}' is installed" };

const struct hvsh_command hard_install = {
    .name = "install", .group = "domain", .help = "install a new guest", HVSH_ARGS(install_args), .shapes = HVSH_SHAPES(&installed), .run = hard_run,
    .flags = HVSH_GETOPT | HVSH_UNDO,
    .examples = HVSH_EXAMPLES(
        { "install --name web1 --ram=1024 --vcpus=1 --disk size=20 --network bridge=br0 --graphics none --cdrom /tmp/a.iso", "from a medium", HVSH_MATCH_ONLY },
        { "install -n web1 --os-v debian11 --disk size=1 --disk size=2 --wait --import", "two disks; wait as long as it takes", HVSH_MATCH_ONLY }),
    .exit_status = "0 done, 1 refused, 2 failed, 3 the time was over, 130 interrupted",
};
