/* SPDX-License-Identifier: GPL-3.0-or-later */
/* users.c - checks of who may use guests: polkit's word where libvirt asks polkit, groups elsewhere */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>
#include "check.h"
#include "dbus.h"

/* The one who is to use the guests: who called sudo, or who runs this. */
static const char *person(void)
{
    const char *name = geteuid() == 0 ? g_getenv("SUDO_USER") : NULL;

    return name && *name ? name : g_get_user_name();
}

/* Is the user in the group by the files of the host? -1: there is no such group. */
static int in_group(struct host *host, const char *user, const char *group)
{
    g_autofree char *groups = host_read(host, "etc/group"), *users = host_read(host, "etc/passwd");
    g_auto(GStrv) lines = g_strsplit(groups ? groups : "", "\n", -1), people = g_strsplit(users ? users : "", "\n", -1);

    for (char **line = lines; *line; line++) {
        g_auto(GStrv) words = g_strsplit(*line, ":", 4);
        if (g_strv_length(words) != 4 || !g_str_equal(words[0], group))
            continue;
        if (has_word(words[3], user, ","))
            return 1;
        for (char **one = people; *one; one++) {
            g_auto(GStrv) parts = g_strsplit(*one, ":", 5);
            if (g_strv_length(parts) == 5 && g_str_equal(parts[0], user) && g_str_equal(parts[3], words[2]))
                return 1;
        }
        return 0;
    }
    return -1;
}

/* Does this very process have the group? It was given at the login. */
static bool process_has(const char *name)
{
    struct group *group = getgrnam(name);
    gid_t list[256];
    int n = getgroups(256, list);

    for (int i = 0; group && i < n; i++)
        if (list[i] == group->gr_gid)
            return true;
    return group && getegid() == group->gr_gid;
}

static void run_group(struct host *host, const struct check *check, struct result *result)
{
    const char *group = check->arg, *user = person();
    int member;

    if (g_str_equal(user, "root")) {
        found(result, PASS, "root needs no group");
        return;
    }
    if (!host_exists(host, "etc/group")) {
        unsure(result, "/etc/group: %s", g_strerror(errno));
        return;
    }
    member = in_group(host, user, group);
    if (member < 0) {
        found(result, NOTE, "there is no group %s (its package makes it)", group);
        cure(result, "see pkg-libvirt and pkg-qemu first");
    } else if (!member) {
        found(result, WARN, "%s is not in the group %s", user, group);
        cure(result, "usermod -aG %s %s, then log in again", group, user);
    } else if (host_is_here(host) && geteuid() != 0 && !process_has(group)) {
        found(result, WARN, "%s is in the group %s, but this session is older than that", user, group);
        cure(result, "log out and in again");
    } else {
        found(result, PASS, "%s is in the group %s", user, group);
    }
}

/* ---- polkit ---- */

#define POLICY "usr/share/polkit-1/actions/org.libvirt.unix.policy"
static const struct dbus_object authority = {
    "org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority", "org.freedesktop.PolicyKit1.Authority", 5000, NULL,
};

enum polkit { POLKIT_UNKNOWN, POLKIT_YES, POLKIT_ASKS, POLKIT_NO };

/* What polkit says when libvirt asks about a process of this user, as it does for each connection; nobody is asked anything. UNKNOWN: *reason. */
static enum polkit ask_polkit(GDBusConnection *bus, const char *user, char **reason)
{
    const struct passwd *entry = getpwnam(user);
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) answer = NULL;
    GVariantBuilder process;
    gboolean yes, asks;

    g_variant_builder_init(&process, G_VARIANT_TYPE("a{sv}"));
    g_variant_builder_add(&process, "{sv}", "pid", g_variant_new_uint32((uint32_t)getpid()));
    g_variant_builder_add(&process, "{sv}", "start-time", g_variant_new_uint64(0));        /* polkit looks */
    g_variant_builder_add(&process, "{sv}", "uid", g_variant_new_int32((int32_t)(entry ? entry->pw_uid : getuid())));
    answer = dbus_call(bus, &authority, "CheckAuthorization", "((bba{ss}))", &error, "((sa{sv})sa{ss}us)", "unix-process", &process,
                       "org.libvirt.unix.manage", NULL, 0, "");
    if (!answer) {
        *reason = g_strdup(dbus_reason(error));
        return POLKIT_UNKNOWN;
    }
    g_variant_get(answer, "((bba{ss}))", &yes, &asks, NULL);
    return yes ? POLKIT_YES : asks ? POLKIT_ASKS : POLKIT_NO;
}

/* How libvirt's daemon knows its clients, as it is set: "polkit", "none", ...; NULL: as it was built, polkit where its policy is installed. */
static char *auth_setting(struct host *host, int *error)
{
    const char *daemon = host_exists(host, "usr/sbin/libvirtd") || host_exists(host, "usr/bin/libvirtd") ? "libvirtd" : "virtqemud";
    g_autofree char *conf = host_read(host, "etc/libvirt/%s.conf", daemon);

    *error = conf || errno == ENOENT ? 0 : errno;
    return value_of(conf, "auth_unix_rw");
}

static void run_manage(struct host *host, const struct check *check, struct result *result)
{
    const char *group = check->arg, *user = person();
    g_autofree char *reason = NULL, *auth = NULL, *membership = NULL;
    enum polkit polkit = POLKIT_UNKNOWN;
    GDBusConnection *bus = NULL;
    int error, is_member;

    auth = auth_setting(host, &error);
    if (error && !g_str_equal(user, "root")) {
        unsure(result, "how libvirt knows its clients: /etc/libvirt: %s (root may look)", g_strerror(error));
        return;
    }
    if (g_str_equal(user, "root") || g_strcmp0(auth, "none") == 0) {
        run_group(host, check, result);
        return;
    }
    if (auth && !g_str_equal(auth, "polkit")) {
        unsure(result, "libvirt asks its clients by %s (auth_unix_rw)", auth);
        return;
    }
    if (!host_is_here(host))
        reason = g_strdup("it can be asked on the machine itself only");
    else if ((bus = host_bus(host, &reason)) && !dbus_has_service(bus, authority.name))
        reason = g_strdup("polkit is not installed");
    if (reason && !auth && !host_exists(host, POLICY)) {
        run_group(host, check, result);
        return;
    }
    is_member = in_group(host, user, group);
    membership = is_member < 0 ? g_strdup_printf("there is no group %s", group)
                               : g_strdup_printf("%s is %sin the group %s", user, is_member ? "" : "not ", group);
    if (!reason)
        polkit = ask_polkit(bus, user, &reason);
    switch (polkit) {
    case POLKIT_YES:
        found(result, PASS, "polkit lets %s, without a password", user);
        return;
    case POLKIT_UNKNOWN:
        unsure(result, "polkit decides: %s; %s", reason, membership);
        return;
    default:
        found(result, WARN, "polkit %s %s; %s", polkit == POLKIT_ASKS ? "asks for a password before it lets" : "does not let", user, membership);
        if (polkit == POLKIT_NO)
            cure(result, "look for the rule that forbids it, in /etc/polkit-1/rules.d and /usr/share/polkit-1/rules.d");
        else if (is_member == 0)
            cure(result, "usermod -aG %s %s", group, user);
        else
            cure(result, "install the package of libvirt that brings polkit's rule for the group %s (/usr/share/polkit-1/rules.d)", group);
    }
}

static void fix_group(struct host *host, const struct check *check, GPtrArray *steps)
{
    if (!in_group(host, person(), check->arg))
        step_run(steps, "usermod", "-aG", (const char *)check->arg, person(), NULL);
}

const struct check user_checks[] = {
    { "user-libvirt", "user", PROFILE_ALL, 0, "you may manage the system's guests", "Members of the group libvirt need no password for it.",
      run_manage, NULL, fix_group, "libvirt" },
    { "user-kvm", "user", PROFILE_MACHINES, 0, "you may use KVM yourself", "Guests of your own (session, embedded) open /dev/kvm as you.",
      run_group, NULL, fix_group, "kvm" },
    { .id = NULL },
};
