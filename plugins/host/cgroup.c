/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cgroup.c - checks of the control groups by which guests are limited and accounted, version 1, 2 and both at once */
#include <errno.h>
#include <string.h>
#include "check.h"

/* One mount of /proc/self/mountinfo that holds control groups. */
struct mount {
    char *point;
    bool unified;
    char *options;                 /* super options: version 1's controllers */
};

static void mount_free(void *p)
{
    struct mount *mount = p;

    g_free(mount->point);
    g_free(mount->options);
    g_free(mount);
}

/* "36 35 98:0 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw": NULL with errno when it cannot be read. */
static GPtrArray *cgroup_mounts(struct host *host)
{
    g_autofree char *text = host_read(host, "proc/self/mountinfo");
    GPtrArray *mounts;
    char **lines;

    if (!text)
        return NULL;
    mounts = g_ptr_array_new_with_free_func(mount_free);
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        char *tail = strstr(*line, " - ");
        char **head, **rest;

        if (!tail)
            continue;
        *tail = '\0';
        head = g_strsplit(*line, " ", -1);
        rest = g_strsplit(tail + 3, " ", 3);
        if (g_strv_length(head) > 4 && g_strv_length(rest) == 3 && g_str_has_prefix(rest[0], "cgroup")) {
            struct mount *mount = g_new0(struct mount, 1);
            mount->point = g_strdup(head[4]);
            mount->unified = g_str_equal(rest[0], "cgroup2");
            mount->options = g_strdup(rest[2]);
            g_ptr_array_add(mounts, mount);
        }
        g_strfreev(head);
        g_strfreev(rest);
    }
    g_strfreev(lines);
    return mounts;
}

static void run_controller(struct host *host, const struct check *check, struct result *result)
{
    const char *name = check->arg;
    const char *unified_name = g_str_equal(name, "blkio") ? "io" : name;
    g_autoptr(GPtrArray) mounts = cgroup_mounts(host);
    const struct mount *unified = NULL;

    if (!mounts) {
        unsure(result, "/proc/self/mountinfo: %s", g_strerror(errno));
        return;
    }
    for (unsigned int i = 0; i < mounts->len; i++) {
        const struct mount *mount = mounts->pdata[i];
        if (mount->unified) {
            unified = mount;
        } else if (has_word(mount->options, name, ",")) {
            found(result, PASS, "version 1, %s", mount->point);
            return;
        }
    }
    if (!unified) {
        found(result, WARN, "no controller '%s' is mounted%s", name, mounts->len ? "" : ": there are no control groups");
        return;
    }
    /* version 2 has these without a controller of their own: accounting in cpu.stat, devices by BPF, the freezer in each group */
    if (g_str_equal(name, "cpuacct") || g_str_equal(name, "devices") || g_str_equal(name, "freezer")) {
        found(result, PASS, "version 2 has it in every group");
        return;
    }
    g_autofree char *there = host_read(host, "%s/cgroup.controllers", unified->point + 1);
    g_autofree char *passed = host_read(host, "%s/cgroup.subtree_control", unified->point + 1);
    if (!there)
        unsure(result, "%s/cgroup.controllers: %s", unified->point, g_strerror(errno));
    else if (has_word(there, unified_name, " "))
        found(result, PASS, "version 2, %s%s", unified->point,
              has_word(passed, unified_name, " ") ? ", passed on to groups" : " (passed on when it is asked for)");
    else
        found(result, WARN, "version 2 at %s has no controller '%s'", unified->point, unified_name);
}

#define CONTROLLER(name, profile, why) \
    { "cgroup-" name, "cgroup", profile, 0, "controller " name, why, run_controller, \
      "take cgroup_disable=" name " from the kernel's command line; look for the controller in /proc/cgroups", NULL, name }

const struct check cgroup_checks[] = {
    CONTROLLER("cpu", PROFILE_ALL, "CPU shares and quotas of guests (schedinfo) need it."),
    CONTROLLER("cpuacct", PROFILE_ALL, "CPU time of guests is accounted by it."),
    CONTROLLER("cpuset", PROFILE_ALL, "Pinning guests to CPUs and NUMA nodes needs it."),
    CONTROLLER("memory", PROFILE_ALL, "Memory limits of guests (memtune) need it."),
    CONTROLLER("devices", PROFILE_ALL, "It keeps a guest from devices that are not its own."),
    CONTROLLER("blkio", PROFILE_ALL, "Disk weights and limits of guests (blkiotune) need it."),
    CONTROLLER("freezer", PROFILE_LXC, "Suspending a container needs it."),
    { .id = NULL },
};
