/* SPDX-License-Identifier: GPL-3.0-or-later */
/* families.c - looking things up in the tables of sub-options, and the families that set nothing in the document themselves. */
#include "families.h"
#include <stdlib.h>
#include <string.h>
#include <glib.h>

static const struct suboption location[] = {
    { "location", NULL, SUB_TEXT, .comma = true },
    { "kernel", NULL, SUB_TEXT, .comma = true },
    { "initrd", NULL, SUB_TEXT, .comma = true },
    { NULL },
};

static const struct suboption osinfo[] = {
    { "name", NULL, SUB_TEXT },
    { "short-id", NULL, SUB_TEXT },
    { "id", NULL, SUB_TEXT },
    { "detect", NULL, SUB_YESNO },
    { "require", NULL, SUB_YESNO },
    { NULL },
};

static const struct suboption check[] = {
    { "path_in_use", NULL, SUB_YESNO },
    { "disk_size", NULL, SUB_YESNO },
    { "path_exists", NULL, SUB_YESNO },
    { "mac_in_use", NULL, SUB_YESNO },
    { "path_search", NULL, SUB_YESNO },
    { "all", NULL, SUB_YESNO },
    { NULL },
};

static const struct suboption install[] = {
    { "bootdev", NULL, SUB_TEXT, .comma = true },
    { "kernel", NULL, SUB_TEXT, .comma = true },
    { "initrd", NULL, SUB_TEXT, .comma = true },
    { "kernel_args", NULL, SUB_TEXT, .comma = true },
    { "kernel_args_overwrite", NULL, SUB_YESNO },
    { "os", NULL, SUB_TEXT },
    { "no_install", NULL, SUB_YESNO },
    { NULL },
};

static const struct suboption cloud_init[] = {
    { "root-password-generate", NULL, SUB_ONOFF },
    { "root-password-file", NULL, SUB_TEXT },
    { "disable", NULL, SUB_ONOFF },
    { "root-ssh-key", NULL, SUB_TEXT, .comma = true, .alias = "ssh-key" },
    { "clouduser-ssh-key", NULL, SUB_TEXT, .comma = true },
    { "user-data", NULL, SUB_TEXT },
    { "meta-data", NULL, SUB_TEXT },
    { "network-config", NULL, SUB_TEXT },
    /* hvsh's own */
    { "user", NULL, SUB_TEXT },
    { "password", NULL, SUB_TEXT },
    { "password-generate", NULL, SUB_ONOFF },
    { "password-file", NULL, SUB_TEXT },
    { "password-hash", NULL, SUB_TEXT },
    { "ssh-password", NULL, SUB_ONOFF },
    { "hostname", NULL, SUB_TEXT },
    { "timezone", NULL, SUB_TEXT },
    { "locale", NULL, SUB_TEXT },
    { "packages", NULL, SUB_TEXT, .comma = true },
    { "package-update", NULL, SUB_ONOFF },
    { "package-upgrade", NULL, SUB_ONOFF },
    { "run", NULL, SUB_TEXT, .comma = true },
    { "keep-seed", NULL, SUB_ONOFF },
    { "seed", NULL, SUB_TEXT },
    { NULL },
};

static const struct suboption image[] = {
    { "image", NULL, SUB_TEXT },
    { "size", NULL, SUB_TEXT },
    { "copy", NULL, SUB_YESNO },
    { "sha256", NULL, SUB_TEXT },
    { "sha512", NULL, SUB_TEXT },
    { "sums", NULL, SUB_TEXT },
    { "format", NULL, SUB_TEXT },
    { "timeout", NULL, SUB_TEXT },
    { "path", NULL, SUB_TEXT },
    { "pool", NULL, SUB_TEXT },
    { "bus", NULL, SUB_TEXT },
    { NULL },
};

static const struct suboption unattended[] = {
    { "profile", NULL, SUB_TEXT },
    { "admin-password-file", NULL, SUB_PATH },
    { "user-login", NULL, SUB_TEXT },
    { "user-password-file", NULL, SUB_PATH },
    { "product-key", NULL, SUB_TEXT },
    { "reg-login", NULL, SUB_TEXT },
    { NULL },
};

static const struct suboption change[] = {
    { "xpath.set", NULL, SUB_TEXT, .comma = true },
    { "xpath.value", NULL, SUB_TEXT, .comma = true },
    { "xpath.create", NULL, SUB_TEXT, .comma = true },
    { "xpath.delete", NULL, SUB_TEXT, .comma = true },
    { NULL },
};

/* What every option that describes an element of the document takes too: changes of that element by path. */
static const struct suboption any[] = {
    { "clearxml", NULL, SUB_YESNO },
    { "xpath[].set", NULL, SUB_TEXT, .comma = true },
    { "xpath[].value", NULL, SUB_TEXT, .comma = true },
    { "xpath[].create", NULL, SUB_TEXT, .comma = true },
    { "xpath[].delete", NULL, SUB_TEXT, .comma = true },
    { NULL },
};

const struct family command_families[] = {
    { "location", "", .first = { "location" }, .rows = { location } },
    { "osinfo", "", .first = { "name" }, .rows = { osinfo } },
    { "check", "", .rows = { check } },
    { "unattended", "", .first = { "profile" }, .rows = { unattended } },
    { "install", "", .first = { "os" }, .rows = { install } },
    { "image", "", .first = { "image" }, .rows = { image } },
    { "cloud-init", "", .rows = { cloud_init } },
    { "xml", "", .first = { "xpath.set" }, .rows = { change } },
    { NULL },
};

const struct family *family_of(const char *option)
{
    const struct family *const all[] = { device_families, char_families, domain_families, command_families };

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        for (const struct family *family = all[i]; family->option; family++)
            if (strcmp(family->option, option) == 0)
                return family;
    return NULL;
}

/* Families that describe no element. */
static bool is_command(const struct family *family)
{
    for (const struct family *one = command_families; one->option; one++)
        if (one == family)
            return true;
    return false;
}

/* Is `key` this name? "[]" in the name is a number, or nothing, in the key. */
static bool is_name(const char *name, const char *key, unsigned int index[FAMILY_INDEXES])
{
    unsigned int n = 0;

    for (; *name; name++) {
        if (name[0] == '[' && name[1] == ']') {
            unsigned long number = 0;

            name++;
            if (g_ascii_isdigit(*key)) {
                char *end;

                number = strtoul(key, &end, 10);
                key = end;
            }
            if (number > 255 || n == FAMILY_INDEXES)
                return false;
            index[n++] = (unsigned int)number;
        } else if (*name != *key++) {
            return false;
        }
    }
    return *key == '\0';
}

static const struct suboption *row_in(const struct suboption *row, const char *key, unsigned int index[FAMILY_INDEXES])
{
    for (; row->name; row++)
        if (is_name(row->name, key, index) || (row->alias && is_name(row->alias, key, index)))
            return row;
    return NULL;
}

const struct suboption *family_row(const struct family *family, const char *key, unsigned int index[FAMILY_INDEXES])
{
    const struct suboption *row = NULL;

    memset(index, 0, FAMILY_INDEXES * sizeof(*index));
    for (unsigned int i = 0; i < FAMILY_ROWS && family->rows[i] && !row; i++)
        row = row_in(family->rows[i], key, index);
    return row || is_command(family) ? row : row_in(any, key, index);
}
