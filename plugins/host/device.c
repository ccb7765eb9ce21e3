/* SPDX-License-Identifier: GPL-3.0-or-later */
/* device.c - checks of the devices that guests' networks need */
#include <errno.h>
#include <string.h>
#include "check.h"

/* Is the module loaded or built in? The node alone proves nothing: systemd makes static nodes before the modules load. */
static bool has_module(struct host *host, const char *module)
{
    g_autofree char *release = NULL, *builtin = NULL, *file = g_strdup_printf("/%s.ko", module);

    if (host_exists(host, "sys/module/%s", module))
        return true;
    release = host_read(host, "proc/sys/kernel/osrelease");
    builtin = release ? host_read(host, "lib/modules/%s/modules.builtin", release) : NULL;
    return builtin && strstr(builtin, file);
}

static void run_device(struct host *host, const struct check *check, struct result *result)
{
    const char *const *names = check->arg;        /* device, module */
    bool node = host_exists(host, "dev/%s", names[0]);
    int error = errno;
    bool module = has_module(host, names[1]);

    if (node && module)
        found(result, PASS, "/dev/%s, driver %s", names[0], names[1]);
    else if (node)
        found(result, PASS, "/dev/%s is there, %s loads when it is opened", names[0], names[1]);
    else if (error == EACCES)
        unsure(result, "/dev/%s: %s", names[0], g_strerror(error));
    else
        found(result, g_str_equal(names[1], "tun") ? FAIL : WARN, "/dev/%s is not there", names[0]);
}

static void fix_device(struct host *host, const struct check *check, GPtrArray *steps)
{
    const char *const *names = check->arg;
    g_autofree char *path = g_strdup_printf("/etc/modules-load.d/hvsh-%s.conf", names[1]), *line = g_strconcat(names[1], "\n", NULL);

    (void)host;
    step_run(steps, "modprobe", names[1], NULL);
    step_back(steps, "modprobe", "-r", names[1], NULL);
    step_write(steps, path, line);
}

static const char *const vhost_net[] = { "vhost-net", "vhost_net" }, *const tun[] = { "net/tun", "tun" },
                  *const vhost_vsock[] = { "vhost-vsock", "vhost_vsock" };

const struct check device_checks[] = {
    { "dev-tun", "device", PROFILE_MACHINES, 0, "tap devices", "Each network card of a guest is a tap device of the host.", run_device,
      "modprobe tun", fix_device, tun },
    { "dev-vhost-net", "device", PROFILE_MACHINES, 0, "virtio network in the kernel",
      "Without it each packet of a guest goes through QEMU, at half the speed or less.", run_device, "modprobe vhost_net", fix_device,
      vhost_net },
    { "dev-vhost-vsock", "device", PROFILE_DESKTOP, 0, "sockets between host and guest", "Guests with a vsock device need it.", run_device,
      "modprobe vhost_vsock", fix_device, vhost_vsock },
    { .id = NULL },
};
