/* SPDX-License-Identifier: GPL-3.0-or-later */
/* access.c - may QEMU's user go where a guest's disk lies? Read from modes and POSIX ACLs, nothing is tried under another user's name. */
#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include "check.h"

/* ---- who ---- */

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

void person_clear(struct person *person)
{
    g_clear_pointer(&person->name, g_free);
    g_clear_pointer(&person->groups, g_array_unref);
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

static bool in_groups(const struct person *person, gid_t group)
{
    for (guint i = 0; i < person->groups->len; i++)
        if (g_array_index(person->groups, gid_t, i) == group)
            return true;
    return false;
}

/* ---- where ---- */

/* As the kernel keeps an ACL in the attribute system.posix_acl_access; all numbers are little-endian. */
struct acl_head { uint32_t version; };
struct acl_entry { uint16_t tag, rights; uint32_t id; };
enum { ACL_VERSION = 2, ACL_OWNER = 0x01, ACL_ONE_USER = 0x02, ACL_GROUP = 0x04, ACL_ONE_GROUP = 0x08, ACL_MASK = 0x10, ACL_OTHERS = 0x20 };
enum { RIGHT_PASS = 1 };

/* An ACL's answer: 1 yes, 0 no, -1: there is none (or none that can be read). */
static int ask_acl(const char *path, const struct stat *st, const struct person *person)
{
    char bytes[4096];
    ssize_t length = getxattr(path, "system.posix_acl_access", bytes, sizeof bytes);
    struct acl_head head;
    unsigned int mask = 07, owner = 0, others = 0, named = 0, groups = 0;
    bool is_named = false, is_group = false;

    if (length < (ssize_t)sizeof head)
        return -1;
    memcpy(&head, bytes, sizeof head);
    if (le32toh(head.version) != ACL_VERSION)
        return -1;
    for (const char *p = bytes + sizeof head; p + sizeof(struct acl_entry) <= bytes + length; p += sizeof(struct acl_entry)) {
        struct acl_entry entry;
        memcpy(&entry, p, sizeof entry);
        unsigned int rights = le16toh(entry.rights), id = le32toh(entry.id), tag = le16toh(entry.tag);
        bool ours = (tag == ACL_GROUP && in_groups(person, st->st_gid)) || (tag == ACL_ONE_GROUP && in_groups(person, id));

        if (tag == ACL_OWNER)
            owner = rights;
        else if (tag == ACL_MASK)
            mask = rights;
        else if (tag == ACL_OTHERS)
            others = rights;
        else if (tag == ACL_ONE_USER && id == person->uid)
            is_named = true, named = rights;
        else if (ours)
            is_group = true, groups |= rights;
    }
    if (st->st_uid == person->uid)
        return (owner & RIGHT_PASS) != 0;
    if (is_named)
        return (named & mask & RIGHT_PASS) != 0;
    if (is_group)
        return (groups & mask & RIGHT_PASS) != 0;
    return (others & RIGHT_PASS) != 0;
}

static bool may_pass(const char *path, const struct stat *st, const struct person *person)
{
    int answer;

    if (person->uid == 0)
        return true;
    if ((answer = ask_acl(path, st, person)) >= 0)
        return answer;
    if (st->st_uid == person->uid)
        return st->st_mode & S_IXUSR;
    if (in_groups(person, st->st_gid))
        return st->st_mode & S_IXGRP;
    return st->st_mode & S_IXOTH;
}

enum reach person_reaches(const struct host *host, const struct person *person, const char *folder, char **where, int *error)
{
    g_autofree char *path = host_path(host, "%s", *folder == '/' ? folder + 1 : folder);
    g_autofree char *root = *host->root ? realpath(host->root, NULL) : g_strdup(""), *real = realpath(path, NULL);
    int gone = errno;
    size_t above = root && real && g_str_has_prefix(real, root) ? strlen(root) : 0;

    *where = g_strdup(folder);
    if (!real) {
        *error = gone;
        return REACH_UNKNOWN;
    }
    for (char *slash = strchr(real + above + 1, '/');; slash = strchr(slash + 1, '/')) {
        struct stat st;

        if (slash)
            *slash = '\0';
        g_free(*where);
        *where = g_strdup(real + above);
        if (stat(real, &st) < 0) {
            *error = errno;
            return REACH_UNKNOWN;
        }
        if (S_ISDIR(st.st_mode) && !may_pass(real, &st, person)) {
            *error = (int)(st.st_mode & 07777);
            return REACH_NO;
        }
        if (!slash)
            return REACH_YES;
        *slash = '/';
    }
}
