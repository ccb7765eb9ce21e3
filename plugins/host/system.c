/* SPDX-License-Identifier: GPL-3.0-or-later */
/* system.c - checks of the system around libvirt: access control and the clock */
#include <errno.h>
#include <string.h>
#include <sys/timex.h>
#include <sys/xattr.h>
#include "check.h"
#include "systemd.h"

static void run_selinux(struct host *host, const struct check *check, struct result *result)
{
    uint64_t enforcing = 0;

    (void)check;
    if (!host_exists(host, "sys/fs"))
        unsure(result, "/sys/fs: %s", g_strerror(errno));
    else if (!host_exists(host, "sys/fs/selinux/enforce"))
        found(result, PASS, "not in use");
    else if (!host_number(host, &enforcing, "sys/fs/selinux/enforce"))
        unsure(result, "/sys/fs/selinux/enforce: %s", g_strerror(errno));
    else if (enforcing)
        found(result, PASS, "enforcing: each guest is kept apart by a label of its own");
    else
        found(result, NOTE, "permissive: guests are not kept apart by labels");
}

static void run_apparmor(struct host *host, const struct check *check, struct result *result)
{
    g_autofree char *on = host_read(host, "sys/module/apparmor/parameters/enabled");

    (void)check;
    if (!host_exists(host, "sys/module"))
        unsure(result, "/sys/module: %s", g_strerror(errno));
    else if (!on)
        found(result, PASS, "not in use");
    else if (*on != 'Y')
        found(result, PASS, "switched off");
    else if (!host_exists(host, "etc/apparmor.d/libvirt") && !host_exists(host, "etc/apparmor.d/usr.lib.libvirt.virt-aa-helper"))
        found(result, NOTE, "on, without libvirt's profiles");
    else
        found(result, PASS, "on: each guest is kept apart by a profile of its own");
}

/* Services that keep a clock, the better ones first. */
static const char *const keepers[] = { "chrony.service", "chronyd.service", "ntpsec.service", "systemd-timesyncd.service", NULL };

/* The one that runs; NULL: none, or systemd cannot be asked. */
static const char *running_keeper(struct host *host)
{
    g_autofree char *reason = NULL;
    GDBusConnection *bus = systemd_booted(NULL) ? host_bus(host, &reason) : NULL;
    g_autoptr(GPtrArray) units = bus ? systemd_units(bus, keepers, NULL) : NULL;

    for (guint i = 0; units && i < units->len; i++)
        if (systemd_active(units->pdata[i]))
            return keepers[i];
    return NULL;
}

static void run_clock(struct host *host, const struct check *check, struct result *result)
{
    struct timex clock = { .modes = 0 };
    const char *keeper;

    (void)check;
    if (host_exists(host, "run/systemd/timesync/synchronized")) {
        found(result, PASS, "systemd-timesyncd keeps it");
        return;
    }
    if (!host_is_here(host)) {
        unsure(result, "the clock can be asked on the machine itself only");
        return;
    }
    if (adjtimex(&clock) < 0)
        unsure(result, "the kernel's clock: %s", g_strerror(errno));
    else if ((clock.status & STA_UNSYNC) && (keeper = running_keeper(host))) {
        found(result, NOTE, "%s runs, but the kernel's clock is not in step yet", keeper);
        cure(result, "wait a minute; if it stays so, see what %s says (chronyc tracking, timedatectl timesync-status)", keeper);
    } else if (clock.status & STA_UNSYNC)
        found(result, host->profile & PROFILE_MIGRATION ? WARN : NOTE, "the kernel's clock is not kept by anybody");
    else
        found(result, PASS, "the kernel's clock is kept");
}

/* The service that keeps the clock: the one that is installed. */
static void fix_clock(struct host *host, const struct check *check, GPtrArray *steps)
{
    (void)check;
    if (!systemd_booted(*host->root ? host->root : NULL))
        return;
    for (size_t i = 0; keepers[i]; i++)
        if (host_exists(host, "lib/systemd/system/%s", keepers[i]) || host_exists(host, "usr/lib/systemd/system/%s", keepers[i])) {
            step_unit(steps, "enable", keepers[i]);
            step_unit(steps, "start", keepers[i]);
            return;
        }
}

/* What libvirt gives guests' disks to read and write; another label keeps QEMU out. */
static void run_labels(struct host *host, const struct check *check, struct result *result)
{
    g_autofree char *path = host_path(host, "var/lib/libvirt/images");
    uint64_t enforcing = 0;
    char label[256];
    ssize_t length;

    (void)check;
    if (!host_number(host, &enforcing, "sys/fs/selinux/enforce")) {
        if (errno == ENOENT && host_exists(host, "sys/fs"))
            found(result, PASS, "SELinux is not in use");
        else
            unsure(result, "/sys/fs/selinux/enforce: %s", g_strerror(errno));
        return;
    }
    length = getxattr(path, "security.selinux", label, sizeof label - 1);
    if (length < 0) {
        if (errno == ENOENT)
            found(result, NOTE, "/var/lib/libvirt/images is not there (libvirt's package makes it)");
        else if (errno == ENODATA || errno == ENOTSUP)
            found(result, enforcing ? WARN : NOTE, "/var/lib/libvirt/images has no label");
        else
            unsure(result, "/var/lib/libvirt/images: %s", g_strerror(errno));
        return;
    }
    label[length] = '\0';
    if (has_word(label, "virt_image_t", ":") || has_word(label, "svirt_image_t", ":"))
        found(result, PASS, "/var/lib/libvirt/images is %s", label);
    else
        found(result, enforcing ? WARN : NOTE, "/var/lib/libvirt/images is %s, not virt_image_t", label);
}

static void fix_labels(struct host *host, const struct check *check, GPtrArray *steps)
{
    (void)check;
    if (host_exists(host, "usr/sbin/restorecon") || host_exists(host, "sbin/restorecon"))
        step_run(steps, "restorecon", "-R", "/var/lib/libvirt/images", NULL);
}

static void run_uuid(struct host *host, const struct check *check, struct result *result)
{
    g_autofree char *uuid = host_read(host, "sys/class/dmi/id/product_uuid"), *conf = host_read(host, "etc/libvirt/libvirtd.conf");
    g_autofree char *own = value_of(conf, "host_uuid");

    (void)check;
    if (own)
        found(result, PASS, "host_uuid in libvirtd.conf");
    else if (!uuid)
        unsure(result, "/sys/class/dmi/id/product_uuid: %s", g_strerror(errno));
    else if (strspn(uuid, "0-") == strlen(uuid) || strspn(uuid, "fF-") == strlen(uuid) || g_ascii_strncasecmp(uuid, "03000200-0400", 13) == 0)
        found(result, WARN, "the firmware's UUID %s is a placeholder", uuid);
    else
        found(result, PASS, "the firmware's UUID is its own");
}

const struct check system_checks[] = {
    { "sec-selinux", "security", PROFILE_ALL, 0, "SELinux", "It keeps a guest that broke out from the others.", run_selinux,
      "setenforce 1, and SELINUX=enforcing in /etc/selinux/config", NULL, NULL },
    { "sec-labels", "security", PROFILE_MACHINES, 0, "labels of disk images",
      "SELinux lets QEMU use what is labelled for it, and nothing else.", run_labels,
      "restorecon -R /var/lib/libvirt/images (elsewhere: semanage fcontext -a -t virt_image_t 'DIR(/.*)?' first)", fix_labels, NULL },
    { "sec-apparmor", "security", PROFILE_ALL, 0, "AppArmor", "It keeps a guest that broke out from the others.", run_apparmor,
      "see pkg-libvirt: its package brings the profiles", NULL, NULL },
    { "time-sync", "system", PROFILE_ALL, PROFILE_MIGRATION, "clock",
      "Guests take their time from the host; migration and TLS need clocks that agree.", run_clock, "timedatectl set-ntp true, or install chrony", fix_clock, NULL },
    { "host-uuid", "system", PROFILE_MIGRATION, PROFILE_MIGRATION, "host's UUID", "Migration between hosts of the same UUID is refused.", run_uuid,
      "set host_uuid in /etc/libvirt/libvirtd.conf", NULL, NULL },
    { .id = NULL },
};
