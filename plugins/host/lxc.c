/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lxc.c - checks of what containers need */
#include <errno.h>
#include <stdio.h>
#include "check.h"

static void run_kernel(struct host *host, const struct check *check, struct result *result)
{
    g_autofree char *release = host_read(host, "proc/sys/kernel/osrelease");
    unsigned int major = 0, minor = 0, patch = 0;

    (void)check;
    if (!release || sscanf(release, "%u.%u.%u", &major, &minor, &patch) < 2)
        unsure(result, "/proc/sys/kernel/osrelease: %s", release ? release : g_strerror(errno));
    else if (major > 2 || (major == 2 && (minor > 6 || (minor == 6 && patch >= 26))))
        found(result, PASS, "Linux %s", release);
    else
        found(result, FAIL, "Linux %s is older than 2.6.26", release);
}

static void run_namespace(struct host *host, const struct check *check, struct result *result)
{
    const char *name = check->arg;

    if (host_exists(host, "proc/self/ns/%s", name))
        found(result, PASS, "/proc/self/ns/%s", name);
    else if (!host_exists(host, "proc/self"))
        unsure(result, "/proc/self: %s", g_strerror(errno));
    else
        found(result, g_str_equal(name, "user") || g_str_equal(name, "net") ? WARN : FAIL, "the kernel has no %s namespaces", name);
}

static void run_fuse(struct host *host, const struct check *check, struct result *result)
{
    (void)check;
    if (host_exists(host, "sys/fs/fuse/connections"))
        found(result, PASS, "/sys/fs/fuse/connections");
    else
        found(result, FAIL, "/sys/fs/fuse/connections is not there");
}

static void fix_fuse(struct host *host, const struct check *check, GPtrArray *steps)
{
    (void)host, (void)check;
    step_run(steps, "modprobe", "fuse", NULL);
    step_back(steps, "modprobe", "-r", "fuse", NULL);
    step_write(steps, "/etc/modules-load.d/hvsh-fuse.conf", "fuse\n");
}

#define NAMESPACE(name, why) \
    { "lxc-ns-" name, "lxc", PROFILE_LXC, 0, "namespace " name, why, run_namespace, \
      "use a kernel that is built with namespaces (CONFIG_NAMESPACES)", NULL, name }

const struct check lxc_checks[] = {
    { "lxc-kernel", "lxc", PROFILE_LXC, 0, "kernel", "Older kernels lack what containers stand on.", run_kernel, "use a newer kernel", NULL,
      NULL },
    NAMESPACE("ipc", "A container has message queues and shared memory of its own."),
    NAMESPACE("mnt", "A container has a file tree of its own."),
    NAMESPACE("pid", "A container has processes of its own."),
    NAMESPACE("uts", "A container has a host name of its own."),
    NAMESPACE("net", "A container has network devices of its own."),
    NAMESPACE("user", "A container's root is not the host's."),
    { "lxc-fuse", "lxc", PROFILE_LXC, 0, "file systems in user space", "A container's own /proc/meminfo is made with it.", run_fuse,
      "modprobe fuse", fix_fuse, NULL },
    { .id = NULL },
};
