/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz-host.c - any text as the files from which host-check judges a host: every check ends, and says what it saw.
 *
 * The input is files, a NUL byte between them; the first byte of each says which file the rest is.
 */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include "../../plugins/host/check.h"
#include "fuzz.h"

static const char *const files[] = {
    "proc/cpuinfo", "cpuid", "etc/os-release", "iptables", "var/lib/dpkg/status", "proc/sys/net/ipv4/ip_forward",
    "proc/sys/net/bridge/bridge-nf-call-iptables", "proc/self/mountinfo", "proc/meminfo", "etc/libvirt/qemu/networks/default.xml",
    "proc/sys/kernel/osrelease", "proc/net/route", "proc/cmdline", "etc/passwd", "etc/group", "etc/libvirt/storage/default.xml",
    "usr/share/qemu/firmware/60-ovmf.json", "sys/module/kvm_intel/parameters/nested", "sys/module/kvm_amd/parameters/sev",
    "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "sys/fs/selinux/enforce", "sys/fs/cgroup/cgroup.controllers",
    "sys/fs/cgroup/cgroup.subtree_control", "sys/firmware/acpi/tables/DMAR", "sys/firmware/acpi/tables/IVRS",
    "sys/devices/system/cpu/vulnerabilities/meltdown", "run/libvirt/network/default.xml", "proc/sys/kernel/numa_balancing",
    "proc/pressure/memory", "etc/libvirt/qemu/web.xml", "etc/libvirt/qemu.conf", "sys/devices/system/node/node0/meminfo",
    "proc/modules", "etc/default/libvirt-guests",
};
static char *root;

static void write_file(const char *file, const char *text, size_t size)
{
    g_autofree char *path = g_build_filename(root, file, NULL), *folder = g_path_get_dirname(path);
    int fd;

    REQUIRE(g_mkdir_with_parents(folder, 0700) == 0);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    REQUIRE(fd >= 0 && write(fd, text, size) == (ssize_t)size);
    close(fd);
}

static void remove_files(void)
{
    for (unsigned int i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(root, files[i], NULL);

        unlink(path);
    }
}

static void remove_root(void)
{
    remove_files();
    for (unsigned int i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(root, files[i], NULL);

        while (strlen(path) > strlen(root)) {
            *strrchr(path, '/') = '\0';
            rmdir(path);        /* once it is empty */
        }
    }
    g_free(root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data, *end = text + size;
    struct host *host;

    if (!root) {
        root = g_dir_make_tmp("hvsh-host-XXXXXX", NULL);
        REQUIRE(root);
        atexit(remove_root);
    }
    while (text < end) {
        const char *stop = memchr(text + 1, 0, (size_t)(end - text - 1));

        stop = stop ? stop : end;
        write_file(files[(unsigned char)*text % G_N_ELEMENTS(files)], text + 1, (size_t)(stop - text - 1));
        text = stop + 1;
    }
    host = host_open(root, PROFILE_ALL);
    for (const struct check *const *table = all_checks; *table; table++)
        for (const struct check *check = *table; check->id; check++) {
            struct result result;

            check_run(host, check, &result);
            REQUIRE(result.evidence && *result.evidence);
            result_clear(&result);
        }
    host_close(host);
    remove_files();
    return 0;
}
