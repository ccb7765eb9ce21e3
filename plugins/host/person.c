/* SPDX-License-Identifier: GPL-3.0-or-later */
/* person.c - who QEMU runs as on the host that is looked at */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "check.h"

/* "name:x:UID:GID:..." of a user, by name or number. */
static bool find_user(const struct host *host, const char *who, struct person *person)
{
    g_autofree char *users = host_read(host, "etc/passwd");
    g_auto(GStrv) lines = g_strsplit(users ? users : "", "\n", -1);
    const char *number = *who == '+' ? who + 1 : who;

    for (char **line = lines; *line; line++) {
        g_auto(GStrv) words = g_strsplit(*line, ":", 5);
        if (g_strv_length(words) == 5 && (g_str_equal(words[0], who) || g_str_equal(words[2], number))) {
            person->name = g_strdup(words[0]);
            person->uid = (uid_t)strtoul(words[2], NULL, 10);
            g_array_append_val(person->groups, (gid_t){ (gid_t)strtoul(words[3], NULL, 10) });
            return true;
        }
    }
    return false;
}

static void find_groups(const struct host *host, struct person *person)
{
    g_autofree char *groups = host_read(host, "etc/group");
    g_auto(GStrv) lines = g_strsplit(groups ? groups : "", "\n", -1);

    for (char **line = lines; *line; line++) {
        g_auto(GStrv) words = g_strsplit(*line, ":", 4);
        if (g_strv_length(words) == 4 && has_word(words[3], person->name, ","))
            g_array_append_val(person->groups, (gid_t){ (gid_t)strtoul(words[2], NULL, 10) });
    }
}

bool person_of_qemu(const struct host *host, struct person *person, char **reason)
{
    static const char *const usual[] = { "libvirt-qemu", "qemu" };
    g_autofree char *conf = host_read(host, "etc/libvirt/qemu.conf"), *user = NULL;
    int error = conf ? 0 : errno;

    *person = (struct person){ .groups = g_array_new(FALSE, FALSE, sizeof(gid_t)) };
    user = value_of(conf, "user");
    if (user) {
        if (!find_user(host, user, person)) {
            *reason = g_strdup_printf("/etc/libvirt/qemu.conf has QEMU run as '%s', whom /etc/passwd does not know", user);
            return false;
        }
    } else if (error && error != ENOENT) {
        *reason = g_strdup_printf("who QEMU runs as: /etc/libvirt/qemu.conf: %s", g_strerror(error));
        return false;
    } else if (!find_user(host, usual[0], person) && !find_user(host, usual[1], person)) {
        *reason = g_strdup("there is no user libvirt-qemu or qemu (libvirt's package makes it)");
        return false;
    }
    find_groups(host, person);
    return true;
}
