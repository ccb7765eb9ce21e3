/* SPDX-License-Identifier: GPL-3.0-or-later */
/* access.c - may QEMU's user go where a guest's disk lies? Read from modes and POSIX ACLs, nothing is tried under another user's name. */
#include "access.h"
#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

void person_clear(struct person *person)
{
    g_clear_pointer(&person->name, g_free);
    g_clear_pointer(&person->groups, g_array_unref);
}

static bool in_groups(const struct person *person, gid_t group)
{
    for (guint i = 0; i < person->groups->len; i++)
        if (g_array_index(person->groups, gid_t, i) == group)
            return true;
    return false;
}

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

enum reach person_reaches(const char *root, const struct person *person, const char *path, GPtrArray *closed, char **where, int *detail)
{
    g_autofree char *below = g_strconcat(root, "/", *path == '/' ? path + 1 : path, NULL);
    g_autofree char *top = *root ? realpath(root, NULL) : g_strdup(""), *real = realpath(below, NULL);
    int gone = errno;
    size_t above = top && real && g_str_has_prefix(real, top) ? strlen(top) : 0;
    enum reach result = REACH_YES;

    *where = g_strdup(path);
    if (!real) {
        *detail = gone;
        return REACH_UNKNOWN;
    }
    for (char *slash = strchr(real + above + 1, '/');; slash = strchr(slash + 1, '/')) {
        struct stat st;

        if (slash)
            *slash = '\0';
        if (result == REACH_YES) {
            g_free(*where);
            *where = g_strdup(real + above);
        }
        if (stat(real, &st) < 0) {
            *detail = result == REACH_YES ? errno : *detail;
            return result == REACH_YES ? REACH_UNKNOWN : result;
        }
        if (S_ISDIR(st.st_mode) && !may_pass(real, &st, person)) {
            if (result == REACH_YES)
                *detail = (int)(st.st_mode & 07777);
            result = REACH_NO;
            if (!closed)
                return result;
            g_ptr_array_add(closed, g_strdup(real + above));
        }
        if (!slash)
            return result;
        *slash = '/';
    }
}
