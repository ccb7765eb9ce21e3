/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plugin-index.c - which plugin has which command, remembered in the user's cache, so that a start loads only the plugin of the command
 * that is run. The memory is good while the folders and their files are what they were (names, sizes, times); it says nothing but where
 * to look: what is loaded is checked as ever, and whatever does not fit makes the shell load everything.
 */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "config.h"
#include "plugin.h"
#include "util.h"

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_file(GString *out, const char *path)
{
    struct stat status;

    if (stat(path, &status) == 0)
        g_string_append_printf(out, "# %s %lld %lld.%09ld %lld\n", path, (long long)status.st_size, (long long)status.st_mtim.tv_sec,
                               status.st_mtim.tv_nsec, (long long)status.st_ino);
    else
        g_string_append_printf(out, "# %s none\n", path);
}

char *index_fingerprint(const char *const folders[])
{
    GString *out = g_string_new("# hvsh " PACKAGE_VERSION);

    /* an older shell of the same version did not look for all that plugins have today */
    g_string_append_printf(out, ", ABI %d.%d\n", HVSH_ABI, HVSH_ABI_MINOR);
    for (const char *const *folder = folders; *folder != NULL; folder++) {
        g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
        DIR *dir = opendir(*folder);
        const struct dirent *entry;

        add_file(out, *folder);
        while (dir != NULL && (entry = readdir(dir)) != NULL)
            if (g_str_has_suffix(entry->d_name, ".so"))
                g_ptr_array_add(files, g_build_filename(*folder, entry->d_name, NULL));
        if (dir != NULL)
            closedir(dir);
        g_ptr_array_sort(files, compare_names);
        for (guint i = 0; i < files->len; i++)
            add_file(out, files->pdata[i]);
    }
    return g_string_free(out, FALSE);
}

/* The file's text when it is ours and nobody else's to write. */
static char *read_own(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    GString *text;
    struct stat status;
    char block[16384];
    ssize_t length;

    if (fd < 0)
        return NULL;
    if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_uid != geteuid() || status.st_mode & (S_IWGRP | S_IWOTH)) {
        close(fd);
        return NULL;
    }
    text = g_string_new(NULL);
    while ((length = read(fd, block, sizeof(block))) > 0)
        g_string_append_len(text, block, length);
    close(fd);
    return g_string_free(text, FALSE);
}

GHashTable *index_read(const char *fingerprint, char **text)
{
    g_autofree char *path = util_cache_path("plugins"), *found = read_own(path);
    GHashTable *index;

    if (found == NULL || !g_str_has_prefix(found, fingerprint))
        return NULL;
    index = g_hash_table_new(g_str_hash, g_str_equal);
    for (char *line = found + strlen(fingerprint), *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        char *tab;

        *end = '\0';
        tab = strchr(line, '\t');
        if (tab != NULL) {
            *tab = '\0';
            g_hash_table_replace(index, line, tab + 1);
        }
    }
    *text = g_steal_pointer(&found);
    return index;
}

void index_write(const char *fingerprint, const GString *lines)
{
    g_autofree char *path = util_cache_path("plugins");
    g_autofree char *text = g_strconcat(fingerprint, lines->str, NULL);

    /* a cache that cannot be written costs a few milliseconds at each start, nothing more */
    if (util_make_parent(path) < 0 || util_replace_file(path, text, strlen(text), 0600) < 0)
        util_log(LOG_NOTE, "the index of plugins cannot be written to %s", path);
}
