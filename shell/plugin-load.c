/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plugin-load.c - may this file be loaded, and is it a plugin that fits? A plugin runs with all of the user's rights, so nobody else may be able
 * to change the file, nor any folder on the way to it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <link.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "plugin.h"

/* Is the group the owner's alone: the primary group, with no other member? */
static bool private_group(uid_t owner, gid_t group)
{
    char users[4096], groups[16384];
    struct passwd user, *found_user;
    struct group entry, *found_group;

    if (getpwuid_r(owner, &user, users, sizeof(users), &found_user) != 0 || found_user == NULL || user.pw_gid != group ||
        getgrgid_r(group, &entry, groups, sizeof(groups), &found_group) != 0 || found_group == NULL)
        return false;
    for (char **member = entry.gr_mem; *member != NULL; member++)
        if (strcmp(*member, user.pw_name) != 0)
            return false;
    return true;
}

/* One file or folder on the way. A sticky folder (/tmp) is fine: what lies in it belongs to its owner alone. */
static char *unsafe(const char *path)
{
    struct stat st;

    if (lstat(path, &st) < 0)
        return g_strdup_printf("'%s' cannot be examined: %s", path, g_strerror(errno));
    if (st.st_uid != 0 && st.st_uid != geteuid())
        return g_strdup_printf("'%s' belongs to another user (uid %u), who could change it: chown it to %s", path, (unsigned int)st.st_uid,
                               geteuid() == 0 ? "root" : "root or to yourself");
    if (S_ISDIR(st.st_mode) && (st.st_mode & S_ISVTX) != 0)
        return NULL;
    if ((st.st_mode & S_IWOTH) != 0)
        return g_strdup_printf("'%s' is writable by everybody: chmod o-w '%s'", path, path);
    if ((st.st_mode & S_IWGRP) != 0 && !private_group(st.st_uid, st.st_gid))
        return g_strdup_printf("'%s' is writable by its group: chmod g-w '%s'", path, path);
    return NULL;
}

char *load_safety(const char *path)
{
    g_autofree char *part = g_strdup(path);
    char *problem = unsafe("/");

    for (char *slash = part + 1; problem == NULL && slash != NULL;) {
        slash = strchr(slash, '/');
        if (slash != NULL)
            *slash = '\0';
        problem = unsafe(part);
        if (slash != NULL)
            *slash++ = '/';
    }
    return problem;
}

/* Why dlopen() failed, as a sentence that says what to do. */
static char *open_problem(const char *reason)
{
    static const char missing[] = "undefined symbol: ";
    const char *symbol = reason != NULL ? strstr(reason, missing) : NULL;
    g_autofree char *name = NULL;

    if (symbol == NULL)
        return g_strdup_printf("it cannot be loaded: %s", reason != NULL ? reason : "unknown cause");
    symbol += strlen(missing);
    name = g_strndup(symbol, strcspn(symbol, " ,()\t\n"));
    if (g_str_has_prefix(name, "hvsh_"))
        return g_strdup_printf("it needs a newer hvsh (symbol %s): update hvsh, or build the plugin for ABI %d.%d",
                               name, HVSH_ABI, HVSH_ABI_MINOR);
    return g_strdup_printf("a library that it was built with lacks the symbol %s: install the version it was built for, or build it again", name);
}

/* Could the size be that of a struct whose oldest form has `least` bytes? */
static bool size_fits(uint32_t size, size_t least)
{
    return size >= least && size <= 4096 && size % sizeof(void *) == 0;
}

static char *unfit(const struct hvsh_plugin *plugin)
{
    if (plugin->abi != HVSH_ABI)
        return g_strdup_printf("it was built for ABI %u, this hvsh has ABI %d: %s", plugin->abi, HVSH_ABI,
                               plugin->abi > HVSH_ABI ? "update hvsh" : "build it again with this hvsh's header");
    if (!size_fits(plugin->plugin_size, offsetof(struct hvsh_plugin, checks)) ||      /* the first member after version 1.0 */
        !size_fits(plugin->command_size, offsetof(struct hvsh_command, reserved)) ||
        !size_fits(plugin->field_size, offsetof(struct hvsh_field, reserved)) ||
        !size_fits(plugin->shape_size, offsetof(struct hvsh_shape, reserved)) ||
        !size_fits(plugin->type_size, offsetof(struct hvsh_type, reserved)) ||
        !size_fits(plugin->choice_size, sizeof(struct hvsh_choice)) ||
        !size_fits(plugin->example_size, sizeof(struct hvsh_example)) ||
        !size_fits(plugin->group_size, sizeof(struct hvsh_group)))
        return g_strdup("the sizes it records are impossible: define it by HVSH_PLUGIN(...) and build it again");
    if (plugin->name == NULL || plugin->commands == NULL)
        return g_strdup("it has no name or no commands: give HVSH_PLUGIN() .name and .commands");
    return NULL;
}

/* Is the file shorter than its own program headers say? To map what is not there is to die of SIGBUS, within dlopen(). What is no shared object
 * of this machine, or cannot be read, is for dlopen() to tell. */
static bool is_cut_off(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ElfW(Ehdr) header;
    struct stat status;
    bool cut = false;

    if (fd < 0)
        return false;
    if (fstat(fd, &status) == 0 && pread(fd, &header, sizeof(header), 0) == (ssize_t)sizeof(header) &&
        memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_phentsize == sizeof(ElfW(Phdr))) {
        uint64_t size = (uint64_t)status.st_size;

        for (unsigned int i = 0; i < header.e_phnum && !cut; i++) {
            off_t at = (off_t)(header.e_phoff + i * sizeof(ElfW(Phdr)));
            ElfW(Phdr) segment;

            cut = pread(fd, &segment, sizeof(segment), at) != (ssize_t)sizeof(segment) || segment.p_filesz > size ||
                  segment.p_offset > size - segment.p_filesz;
        }
    }
    close(fd);
    return cut;
}

const struct hvsh_plugin *load_open(const char *path, char **error)
{
    const struct hvsh_plugin *plugin;
    void *handle;
    char *problem;

    problem = load_safety(path);
    /* to open a pipe is to wait for who writes into it */
    if (problem == NULL && !g_file_test(path, G_FILE_TEST_IS_REGULAR))
        problem = g_strdup_printf("'%s' is no regular file", path);
    if (problem == NULL && is_cut_off(path))
        problem = g_strdup("it is cut off: the file is shorter than its own headers say; copy or build it again");
    if (problem != NULL) {
        *error = problem;
        return NULL;
    }
    /* never closed: tables, types and call-backs of a plugin stay valid for the life of the process */
    handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        *error = open_problem(dlerror());
        return NULL;
    }
    plugin = dlsym(handle, "hvsh_plugin");
    if (plugin == NULL) {
        *error = g_strdup("it is no plugin of hvsh: it does not export the symbol hvsh_plugin");
        return NULL;
    }
    problem = unfit(plugin);
    if (problem != NULL) {
        *error = problem;
        return NULL;
    }
    return tables_plugin(plugin);
}
