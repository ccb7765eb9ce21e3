/* SPDX-License-Identifier: GPL-3.0-or-later */
/* install.c - the command and its options, and the plugin's head. */
#include "cloud.h"
#include "image.h"
#include "offer.h"
#include "saved.h"
#include <stdlib.h>
#include <string.h>

/* ---- how long to wait ------------------------------------------------------------------------------------------------------ */

/* Seconds: a bare number is minutes, as everybody who comes from virt-install expects; below zero or "forever" has no end. */
static int wait_parse(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    static const struct { const char *unit; double seconds; } units[] = { { "", 60 }, { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 } };
    char *end;
    double number = g_ascii_strtod(text, &end);

    if (strcmp(text, "forever") == 0) {
        *(int64_t *)value = -1;
        return 0;
    }
    for (size_t i = 0; end != text && i < G_N_ELEMENTS(units); i++)
        if (strcmp(end, units[i].unit) == 0 && number * units[i].seconds < 1e9) {
            *(int64_t *)value = number < 0 ? -1 : (int64_t)(number * units[i].seconds);
            return 0;
        }
    return hvsh_fail(call, "--%s takes a time such as 30m or 90s (a bare number is minutes), or forever, not '%s'", field->name, text);
}

static void wait_print(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    int64_t seconds = *(const int64_t *)value;

    (void)field;
    (void)style;
    hvsh_buffer_printf(out, seconds < 0 ? "forever" : "%llds", (long long)seconds);
}

static const struct hvsh_type wait_type = {
    .name = "time", .kind = HVSH_KIND_INT64, .size = sizeof(int64_t), .parse = wait_parse, .print = wait_print,
};

/* ---- completion ---------------------------------------------------------------------------------------------------------------- */

static int offer_image(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    return strchr(start, ',') ? offer_suboptions(call, field, start) : image_offer(call, field, start);
}

/* ---- options ------------------------------------------------------------------------------------------------------------------- */

#define ONE(member, ...) HVSH_TEXT(struct install_args, member, __VA_ARGS__)
#define MANY(member, ...) HVSH_TEXTS(struct install_args, member, HVSH_REPEAT, __VA_ARGS__)
#define OLD_MANY(member, ...) HVSH_TEXTS(struct install_args, member, HVSH_REPEAT | HVSH_HIDE, __VA_ARGS__)
#define SUBS .offer = offer_suboptions, .is_secret = saved_is_secret
#define ON(member, ...) HVSH_FLAG(struct install_args, member, __VA_ARGS__)

static const struct hvsh_choice consoles[] = {
    { "text", 0, "the serial console" }, { "graphical", 0, "a viewer" }, { "none", 0, "nothing" }, { NULL, 0, NULL }
};

static const struct hvsh_field install_args[] = {
    HVSH_CONNECTION(struct install_args, connect, "connection to use, when it is not the shell's own", .flags = HVSH_OWN_CONNECTION),
    ONE(name, "name of the guest", .letter = 'n'),
    MANY(memory, "memory in MiB or with a unit, and how it may grow", SUBS, .letter = 'r'), HVSH_ALIAS("ram", "memory"),
    MANY(vcpus, "virtual CPUs and their topology", SUBS),
    MANY(cpu, "model of the CPU and its features", SUBS),
    MANY(metadata, "title, description, uuid", SUBS),
    ONE(uuid, "its uuid", .letter = 'u', .flags = HVSH_HIDE),
    ONE(description, "its description", .flags = HVSH_HIDE),
    MANY(xml, "change of the final document: ./path/@name=value", SUBS),
    HVSH_PATH(struct install_args, cdrom, "medium to install from", .letter = 'c'),
    ONE(location, "what to install from: the folder or address of a tree, or a medium", SUBS, .letter = 'l'),
    ON(pxe, "boot from the network"),
    ON(import, "the disk has a system already"),
    ON(livecd, "the medium is a live system", .flags = HVSH_HIDE),
    MANY(extra_args, "arguments for the installer's kernel", .letter = 'x'),
    MANY(initrd_inject, "file to add to the installer's initrd"),
    ONE(unattended, "let a script of the system's database answer the installer's questions", SUBS, .flags = HVSH_OPTIONAL_VALUE | HVSH_EMPTY_OK, .bare = ""),
    ONE(install, "a system by its name, from its makers' server; fine points of the installation", SUBS),
    ONE(reinstall, "install an existing guest anew", .offer = offer_guests),
    ONE(cloud_init, "configure a cloud image", SUBS, .flags = HVSH_OPTIONAL_VALUE, .bare = "root-password-generate=yes,disable=yes"),
    ONE(image, "cloud image to begin with: a name, an address or a file", .offer = offer_image),
    MANY(boot, "what to boot from, and by what firmware", SUBS),
    MANY(idmap, "user namespace of a container", SUBS),
    ONE(osinfo, "the operating system, as `osinfo-query os` has it", SUBS), HVSH_ALIAS("os-variant", "osinfo"),
    MANY(disk, "a disk: new, existing or a volume", SUBS), HVSH_ALIAS("nodisks", "disk=none"),
    MANY(network, "a network card", SUBS, .letter = 'w'), HVSH_ALIAS("nonetworks", "network=none"),
    MANY(graphics, "a display, or none", SUBS), HVSH_ALIAS("nographics", "graphics=none"), HVSH_ALIAS("vnc", "graphics=vnc"),
    MANY(controller, "a controller", SUBS), MANY(input, "an input device", SUBS), MANY(serial, "a serial port", SUBS),
    MANY(parallel, "a parallel port", SUBS), MANY(channel, "a channel to the guest", SUBS), MANY(console, "a text console", SUBS),
    MANY(hostdev, "a device of the host", SUBS), HVSH_ALIAS("host-device", "hostdev"),
    MANY(filesystem, "a folder of the host", SUBS),
    HVSH_TEXTS(struct install_args, sound, HVSH_REPEAT | HVSH_OPTIONAL_VALUE, "a sound card", SUBS, .bare = "default"),
    MANY(audio, "where sound goes", SUBS), MANY(watchdog, "a watchdog", SUBS), MANY(video, "a graphics card", SUBS),
    MANY(smartcard, "a smart card", SUBS), MANY(redirdev, "a redirected device", SUBS), MANY(memballoon, "the memory balloon", SUBS),
    MANY(tpm, "a TPM", SUBS), MANY(rng, "a source of random numbers", SUBS), MANY(panic, "a panic notifier", SUBS),
    MANY(shmem, "shared memory", SUBS), MANY(memdev, "a memory module", SUBS), MANY(vsock, "a socket to the host", SUBS),
    MANY(iommu, "an IOMMU", SUBS), MANY(iothreads, "threads for disks", SUBS), MANY(seclabel, "a security label", SUBS), HVSH_ALIAS("security", "seclabel"),
    MANY(keywrap, "keys of S390", SUBS), MANY(cputune, "tuning of the CPUs", SUBS), MANY(numatune, "tuning of NUMA", SUBS),
    MANY(memtune, "limits of memory", SUBS), MANY(blkiotune, "weights of disks", SUBS), MANY(memorybacking, "what backs the memory", SUBS),
    MANY(features, "features of the machine", SUBS), MANY(clock, "the clock", SUBS), MANY(pm, "power management", SUBS),
    MANY(events, "what follows events", SUBS), MANY(resource, "cgroup", SUBS), MANY(sysinfo, "SMBIOS", SUBS),
    MANY(qemu_commandline, "arguments for QEMU", SUBS), MANY(launchsecurity, "encrypted memory", SUBS), HVSH_ALIAS("launchSecurity", "launchsecurity"),
    ON(hvm, "fully virtualised", .letter = 'v'), ON(paravirt, "paravirtualised", .letter = 'p'), ON(container, "a container"),
    ONE(virt_type, "hypervisor: kvm, qemu, ..."), ONE(arch, "architecture"), ONE(machine, "type of the machine"),
    ON(autostart, "start it with the host"), ON(transient, "do not define it"), ON(destroy_on_exit, "switch it off when the console is left"),
    HVSH_BIND(struct install_args, wait, int64_t, wait_type, "how long to wait for the end: 30m, 90s; alone: as long as it takes",
              .flags = HVSH_OPTIONAL_VALUE, .bare = "forever"),
    HVSH_BIND(struct install_args, wait_ip, int64_t, wait_type, "wait until the guest has an address, and say it: 90s, 5m",
              .flags = HVSH_OPTIONAL_VALUE, .bare = "5m"),
    HVSH_BIND(struct install_args, wait_ssh, int64_t, wait_type, "wait until ssh answers in the guest, and say how to log in",
              .flags = HVSH_OPTIONAL_VALUE, .bare = "5m"),
    ONE(autoconsole, "which console to attach", .choices = consoles), HVSH_ALIAS("noautoconsole", "autoconsole=none"),
    ON(noreboot, "do not start it afterwards"),
    HVSH_PATH(struct install_args, save, "file to write these options to, for --from"),
    HVSH_PATH(struct install_args, from, "file to take options from; those of the line win"),
    ONE(print_xml, "print the document, make nothing: 1, 2 or all", .flags = HVSH_OPTIONAL_VALUE, .bare = "all"),
    MANY(check, "leave out checks: path_in_use=off, disk_size=off, path_search=off, all=off", SUBS),
    /* of early releases */
    OLD_MANY(file, "--disk FILE", .letter = 'f'), OLD_MANY(file_size, "--disk size=GIB", .letter = 's'),
    ON(nonsparse, "--disk sparse=no", .flags = HVSH_HIDE), OLD_MANY(bridge, "--network bridge=NAME", .letter = 'b'),
    OLD_MANY(mac, "--network mac=ADDRESS", .letter = 'm'), ONE(vncport, "--graphics vnc,port=", .flags = HVSH_HIDE),
    ONE(vnclisten, "--graphics vnc,listen=", .flags = HVSH_HIDE), ONE(keymap, "--graphics keymap=", .letter = 'k', .flags = HVSH_HIDE),
    ON(sdl, "--graphics sdl", .flags = HVSH_HIDE), ON(noacpi, "--features acpi=off", .flags = HVSH_HIDE),
    ON(noapic, "--features apic=off", .flags = HVSH_HIDE), ONE(cpuset, "--vcpus cpuset=", .flags = HVSH_HIDE),
    ONE(init, "--boot init=", .flags = HVSH_HIDE), ONE(os_type, "nothing", .flags = HVSH_HIDE), HVSH_ALIAS("soundhw", "sound"),
    ON(accelerate, "nothing", .flags = HVSH_HIDE), ON(check_cpu, "nothing", .flags = HVSH_HIDE), ON(force, "nothing", .flags = HVSH_HIDE),
    ON(prompt, "nothing", .flags = HVSH_HIDE), HVSH_ALIAS("print-step", "print-xml"),
    ON(quiet, "say less", .letter = 'q'), ON(debug, "tell why each default was chosen", .letter = 'd'), HVSH_ALIAS("explain", "debug"),
    HVSH_END
};

/* ---- results --------------------------------------------------------------------------------------------------------------------- */

struct xml_row { const char *text; };
static const struct hvsh_field xml_row[] = { HVSH_TEXT(struct xml_row, text, "the document"), HVSH_END };
static const struct hvsh_shape document = { .name = "xml", .kind = HVSH_RAW, HVSH_ROW(xml_row) };

struct help_row { const char *name, *path; };
static const struct hvsh_field help_row[] = {
    HVSH_TEXT(struct help_row, name, "sub-option"), HVSH_TEXT(struct help_row, path, "where its value goes, below the option's element"), HVSH_END
};
static const struct hvsh_shape help = { .name = "suboptions", .kind = HVSH_LINES, HVSH_ROW(help_row), .text = "  {name}" };

/* ---- running --------------------------------------------------------------------------------------------------------------------- */

/* --disk help, --network=?: the sub-options of every option asked about. 1: it was so. */
static int help_options(hvsh_call *call)
{
    int asked = 0;

    for (const struct hvsh_field *field = install_args; field->name || field->member; field++) {
        g_autofree char *name = g_strdelimit(g_strdup(field->name ? field->name : field->member), "_", '-');
        const struct family *family = field->offer ? family_of(name) : NULL;
        const char *text = family && hvsh_given(call, name) ? hvsh_text(call, name) : NULL;

        if (!text || (strcmp(text, "help") != 0 && strcmp(text, "?") != 0))
            continue;
        asked = 1;
        for (unsigned int i = 0; i < FAMILY_ROWS && family->rows[i]; i++)
            for (const struct suboption *row = family->rows[i]; row->name; row++)
                if (hvsh_emit(call, &help, &(struct help_row){ row->name, row->path }) < 0)
                    return -1;
    }
    return asked;
}

/* --print-xml: one document an installation without a first step has, two the others. */
static int print_documents(struct install *install)
{
    const char *which = install->args->print_xml;
    bool first = install->boot && strcmp(which, "2") != 0;
    bool second = install->boot ? strcmp(which, "1") != 0 : strcmp(which, "2") != 0;

    if (strcmp(which, "1") != 0 && strcmp(which, "2") != 0 && strcmp(which, "all") != 0)
        return hvsh_fail(install->call, "--print-xml takes 1, 2 or all, not '%s'", which);
    if (!first && !second)
        return hvsh_fail(install->call, "this installation has one step only, there is no document 2");
    if (first && hvsh_emit(install->call, &document, &(struct xml_row){ model_text(install->call, install->boot) }) < 0)
        return -1;
    return second ? hvsh_emit(install->call, &document, &(struct xml_row){ model_text(install->call, install->domain) }) : 0;
}

/* Options of virt-install that are not built yet say so, before anything is done. */
static int refuse_unbuilt(struct install *install)
{
    const struct install_args *args = install->args;
    const struct { const char *option; bool given; const char *instead; } unbuilt[] = {
        { "container", args->container, "define writes a container's document" },
        { "paravirt", args->paravirt, "define writes a paravirtualised guest's document" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(unbuilt); i++)
        if (unbuilt[i].given) {
            hvsh_fail(install->call, "--%s is not supported", unbuilt[i].option);
            return hvsh_hint(install->call, "%s", unbuilt[i].instead);
        }
    return 0;
}

static void free_disks(void *p)
{
    g_ptr_array_unref(p);
}

static int install_run(hvsh_call *call, const void *p)
{
    static int (*const again[])(struct install *) = {
        refuse_unbuilt, host_ask, reinstall_load, media_find, os_find, unattended_options, reinstall_documents, reachable_check, libvirt_check, NULL
    };
    static int (*const anew[])(struct install *) = {
        refuse_unbuilt, host_ask, guest_options, device_options, network_options, image_options, disk_options, cloud_options, media_find, os_find,
        disk_default, unattended_options, defaults_fill, cloud_place, seed_drive, disk_places, image_check, check_all, reach_check, change_options, explain_choices, documents_make, cloud_documents, reachable_check, libvirt_check, NULL
    };
    int (*const *ways)(struct install *);
    struct install_args args = *(const struct install_args *)p;
    struct install install = { .call = call, .args = &args, .root_ports = -1 };
    int asked = help_options(call);

    if (asked)
        return asked < 0 ? -1 : 0;
    if (args.from)
        return saved_run(call, install_args, p, args.from);
    if (older_options(&install, &args) < 0)
        return -1;
    if (args.save && saved_check(call, args.save) < 0)
        return -1;
    ways = args.reinstall ? again : anew;
    install.connection = hvsh_connection(call);
    if (!install.connection)
        return -1;
    install.dry = hvsh_dry_run(call) || install.args->print_xml;
    install.domain = model_new(call);
    install.disks = hvsh_defer(call, g_ptr_array_new(), free_disks);
    for (; *ways; ways++)
        if ((*ways)(&install) < 0)
            return -1;
    if (args.save && !hvsh_dry_run(call) && saved_write(call, install_args, p, args.save) < 0)
        return -1;
    return install.args->print_xml ? print_documents(&install) : plan_run(&install);
}

static const struct hvsh_field done_row[] = { HVSH_TEXT(struct install_done, name, "the guest"), HVSH_TEXT(struct install_done, uuid, "its uuid"), HVSH_END };
const struct hvsh_shape install_done = { .name = "installed", .kind = HVSH_MESSAGE, .fields = done_row, .size = sizeof(struct install_done),
                                         .text = "Domain '{name}' has been made" };
const struct hvsh_shape install_started = { .name = "installed", .kind = HVSH_MESSAGE, .fields = done_row, .size = sizeof(struct install_done),
                                            .text = "Domain '{name}' has been started, its installation goes on" };
static const struct hvsh_field deed_row[] = { HVSH_TEXT(struct install_deed, deed, "what would be done"), HVSH_END };
const struct hvsh_shape install_deed = { .name = "plan", .kind = HVSH_LINES, .fields = deed_row, .size = sizeof(struct install_deed), .text = "{deed}" };

static const struct hvsh_command install_command = {
    .name = "install",
    .group = "domain",
    .help = "make a new guest from a medium, a tree, an image or a disk",
    .description =
        "Makes a guest, starts its installation, waits for the end and starts it again. The options are virt-install's, with the same sub-options, "
        "names and defaults; `install --disk help` lists the sub-options of one. Of an option that is given again, and makes no further device, the last "
        "counts.\n\n"
        "Everything is checked before anything is made: names, media, space, networks. What then goes wrong, or Ctrl-C, takes back exactly what "
        "was made. --dry-run says what would be done, --print-xml shows the document.\n\n"
        "--image begins with a system that others have made: by the name of a system for which libosinfo knows an image, by a name of the "
        "administrator's own table, by an address or by a file. It is downloaded once, verified by the checksums that its server has beside it "
        "(or sha256=, sha512=, sums=URL; sums=none does without), and kept; what was interrupted is gone on with. The guest's disk is a layer over it of "
        "the size asked for, or with copy=yes a disk of its own. What cloud-init in it is told, --cloud-init says; without that the "
        "guest has its name for a hostname, and the user of the image logs in with the public keys in ~/.ssh, or a password that is made up and "
        "shown once. On a remote connection the image is sent to the pool of the guest's disk.\n\n"
        "--unattended answers the questions of an installer by a script of libosinfo's: with --location in its initrd, with --cdrom on a medium of its own beside "
        "it, as Windows expects it, together with the drivers that its installer needs.\n\n"
        "--cloud-init takes virt-install's sub-options, and of its own: user, password=ask, password-generate, password-file, password-hash, "
        "ssh-password, hostname, timezone, locale, packages, package-update, package-upgrade, run; keep-seed=on leaves the medium with the guest, "
        "seed=FILE puts it there. clouduser-ssh-key may be given again, and may be the key itself. Passwords go to the guest as hashes.\n\n"
        "--save writes the options of a line to a file, a plain Lua table without its passwords, and goes on (with --print-xml it does nothing else); --from "
        "makes a guest by such a file. In it an option is name = \"web1\" or import = true, one that is given several times a list, and sub-options may "
        "be a table of their own: disk = { size = \"20GiB\", format = \"raw\" }. What stands on the line wins over the file.\n\n"
        "--wait-ip waits until the guest has an address, --wait-ssh until ssh answers there, five minutes if no time is given; then the line that logs in is "
        "printed.\n\n"
        "On a terminal a guest without graphics gets its console attached; the escape character (^] by default) leaves it, and the guest runs on.",
    HVSH_ARGS(install_args),
    .shapes = HVSH_SHAPES(&install_done, &install_started, &cloud_password, &reach_shape, &install_deed, &document, &help),
    .examples = HVSH_EXAMPLES(
        { "install --name web1 --ram=1024 --vcpus=1 --disk path=/var/lib/libvirt/images/web1.img,size=20 --network bridge=br0 --graphics none "
          "--cdrom /var/lib/libvirt/images/debian.iso", "from a medium, on the host's bridge", HVSH_MATCH_ONLY },
        { "install -n web1 --memory 2GiB --disk size=10 --location /srv/tree --extra-args console=ttyS0 --graphics none --wait 30m",
          "from a tree, for half an hour at most", HVSH_MATCH_ONLY },
        { "install --name web1 --install fedora37 --unattended admin-password-file=/root/password",
          "a system by its name, from its makers' server, without a question", HVSH_MATCH_ONLY },
        { "install --name web1 --image debian11,size=20GiB --cloud-init user=anna,packages=nginx --wait-ssh",
          "from a cloud image, and how to log in", HVSH_MATCH_ONLY },
        { "install --from web.lua --name web2", "another guest with the options of a file", HVSH_MATCH_ONLY },
        { "install --name web1 --memory 512 --disk none --import --osinfo generic --print-xml", "what a guest's document would be", HVSH_ON_TEST }),
    .run = install_run,
    .flags = HVSH_GETOPT | HVSH_UNDO | HVSH_OPENS,
    .exit_status = "0 the guest has been made, 1 refused and nothing was done, 2 failed and what was made has been taken back, 3 the time of --wait was "
                   "over and the guest runs on, 130 interrupted",
};

static const struct hvsh_command *const commands[] = { &install_command, NULL };

HVSH_PLUGIN(
    .name = "install",
    .version = "1",
    .summary = "new guests from media, trees, images and disks",
    .manual = "Names of images beside those of libosinfo stand in images.lua, in the user's folder for hvsh (~/.config/hvsh) or else the system's. It is a "
              "plain Lua table, of which nothing is run: return { web = { url = \"https://example.org/web.qcow2\", sums = "
              "\"https://example.org/SHA256SUMS\", osinfo = \"debian12\", user = \"admin\" }, test = \"/srv/images/test.qcow2\" }. An image has url or "
              "file, and may have sums, sha256 or sha512, osinfo, user (who logs in) and format = \"raw\".\n\n"
              "Downloads are kept in ~/.cache/hvsh/images, where they may be deleted at any time: no guest needs them. What guests need is in the "
              "pool of their disks, named after its contents.",
    .commands = commands);
