/* SPDX-License-Identifier: GPL-3.0-or-later */
/* source.c - the files of an installer: in a folder, on a server (libcurl) or on a medium (libarchive). */
#include "config.h"
#include "source.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <glib.h>
#include "download.h"
#include "library.h"

enum { TEXT_LIMIT = 1 << 20, BUFFER = 1 << 20 };

/* A file of a medium. */
struct entry {
    char *name;
    char *link;                  /* another name of the same content */
};

struct source {
    hvsh_call *call;
    enum source_kind kind;
    const char *address;
    GHashTable *entries;         /* of a medium: small letters to struct entry */
};

static void free_source(void *p)
{
    struct source *source = p;

    if (source->entries)
        g_hash_table_unref(source->entries);
    g_free(source);
}

enum source_kind source_kind(const struct source *source)
{
    return source->kind;
}

const char *source_address(const struct source *source)
{
    return source->address;
}

static const char *full(struct source *source, const char *path)
{
    return hvsh_printf(source->call, "%s%s%s", source->address, g_str_has_suffix(source->address, "/") ? "" : "/", path);
}

static int write_all(struct source *source, int fd, const char *data, size_t size)
{
    while (size) {
        ssize_t n = write(fd, data, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return hvsh_fail(source->call, "what comes from %s cannot be written: %s", source->address, g_strerror(errno));
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

/* ---- media ------------------------------------------------------------------------------------------------------------------- */

#if HAVE_ARCHIVE

static void free_entry(void *p)
{
    struct entry *entry = p;

    g_free(entry->name);
    g_free(entry->link);
    g_free(entry);
}

static const char *plain(const char *name)
{
    return g_str_has_prefix(name, "./") ? name + 2 : name;
}

/* Open the medium; NULL after hvsh_fail(). */
static struct archive *open_medium(struct source *source, const struct archive_library **lib)
{
    struct archive *archive;

    *lib = archive_library(source->call, "a look into the medium");
    if (!*lib)
        return NULL;
    archive = (*lib)->archive_read_new();
    (*lib)->archive_read_support_format_iso9660(archive);
    if ((*lib)->archive_read_open_filename(archive, source->address, 65536) == ARCHIVE_OK)
        return archive;
    hvsh_fail(source->call, "the medium '%s' cannot be read: %s", source->address, (*lib)->archive_error_string(archive));
    (*lib)->archive_read_free(archive);
    return NULL;
}

/* The next file; false: there are no more, or *failed. */
static bool next(struct source *source, const struct archive_library *lib, struct archive *archive, struct archive_entry **entry, bool *failed)
{
    for (;;) {
        int status = lib->archive_read_next_header(archive, entry);

        if (hvsh_cancelled(source->call)) {
            *failed = true;
            return false;
        }
        if (status == ARCHIVE_EOF)
            return false;
        if (status < ARCHIVE_WARN) {
            hvsh_fail(source->call, "'%s' is no medium that can be read: %s", source->address, lib->archive_error_string(archive));
            *failed = true;
            return false;
        }
        if (lib->archive_entry_filetype(*entry) != AE_IFDIR)
            return true;
    }
}

static int list_medium(struct source *source)
{
    const struct archive_library *lib;
    struct archive *archive = open_medium(source, &lib);
    struct archive_entry *file;
    bool failed = false;

    if (!archive)
        return -1;
    source->entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_entry);
    while (next(source, lib, archive, &file, &failed)) {
        const char *name = lib->archive_entry_pathname(file), *link = lib->archive_entry_hardlink(file);
        struct entry *entry;

        if (!name || lib->archive_entry_filetype(file) != AE_IFREG)
            continue;
        entry = g_new0(struct entry, 1);
        entry->name = g_strdup(plain(name));
        entry->link = link ? g_strdup(plain(link)) : NULL;
        g_hash_table_replace(source->entries, g_ascii_strdown(entry->name, -1), entry);
    }
    lib->archive_read_free(archive);
    return failed ? -1 : 0;
}

static const struct entry *entry_at(struct source *source, const char *path)
{
    g_autofree char *key = g_ascii_strdown(path, -1);

    return g_hash_table_lookup(source->entries, key);
}

/* Copy a file of the medium to the descriptor, or to the text. */
static int copy_medium(struct source *source, const char *path, int fd, GString *text, const char *what)
{
    const struct archive_library *lib;
    struct archive *archive = open_medium(source, &lib);
    const struct entry *wanted = entry_at(source, path);
    const char *name = wanted ? wanted->link ? wanted->link : wanted->name : path;
    g_autofree char *buffer = g_malloc(BUFFER);
    struct archive_entry *file;
    bool failed = false, found = false;

    if (!archive)
        return -1;
    while (!found && next(source, lib, archive, &file, &failed))
        found = lib->archive_entry_pathname(file) && strcmp(plain(lib->archive_entry_pathname(file)), name) == 0;
    if (!found && !failed)
        hvsh_fail(source->call, "the medium '%s' has no file '%s'", source->address, path);
    for (uint64_t done = 0, total = found ? (uint64_t)lib->archive_entry_size(file) : 0; found && !failed;) {
        ssize_t n = lib->archive_read_data(archive, buffer, BUFFER);

        if (n == 0)
            break;
        failed = true;
        if (n < 0)
            hvsh_fail(source->call, "'%s' of the medium '%s' cannot be read: %s", path, source->address, lib->archive_error_string(archive));
        else if (text && text->len + (size_t)n > TEXT_LIMIT)
            hvsh_fail(source->call, "'%s' of the medium '%s' is too large to be what it should be", path, source->address);
        else if (text)
            failed = !g_string_append_len(text, buffer, n);
        else
            failed = write_all(source, fd, buffer, (size_t)n) < 0;
        done += n > 0 ? (uint64_t)n : 0;
        if (what)
            hvsh_progress(source->call, what, done, total);
        failed = failed || hvsh_cancelled(source->call);
    }
    lib->archive_read_free(archive);
    return found && !failed ? 0 : -1;
}

#else

static int list_medium(struct source *source)
{
    archive_library(source->call, "a look into the medium");
    return -1;
}

static const struct entry *entry_at(struct source *source, const char *path)
{
    (void)source;
    (void)path;
    return NULL;
}

static int copy_medium(struct source *source, const char *path, int fd, GString *text, const char *what)
{
    (void)path;
    (void)fd;
    (void)text;
    (void)what;
    return list_medium(source);
}

#endif

/* ---- all kinds ------------------------------------------------------------------------------------------------------------------ */

struct source *source_open(hvsh_call *call, enum source_kind kind, const char *address)
{
    struct source *source = hvsh_defer(call, g_new0(struct source, 1), free_source);

    source->call = call;
    source->kind = kind;
    source->address = address;
    return kind == SOURCE_MEDIUM && list_medium(source) < 0 ? NULL : source;
}

int source_has(struct source *source, const char *path)
{
    switch (source->kind) {
    case SOURCE_FOLDER:
        return access(full(source, path), F_OK) == 0;
    case SOURCE_SERVER:
        return download_has(source->call, full(source, path));
    case SOURCE_MEDIUM:
        return entry_at(source, path) != NULL;
    }
    return 0;
}

int source_text(struct source *source, const char *path, const char **text)
{
    g_autoptr(GString) read_text = g_string_new(NULL);
    g_autofree char *content = NULL;

    *text = NULL;
    switch (source->kind) {
    case SOURCE_FOLDER:
        if (g_file_get_contents(full(source, path), &content, NULL, NULL))
            *text = hvsh_defer(source->call, g_steal_pointer(&content), g_free);
        return 0;
    case SOURCE_SERVER:
        return download_text(source->call, full(source, path), TEXT_LIMIT, text);
    case SOURCE_MEDIUM:
        if (!entry_at(source, path))
            return 0;
        if (copy_medium(source, path, -1, read_text, NULL) < 0)
            return -1;
        *text = hvsh_printf(source->call, "%s", read_text->str);
        return 0;
    }
    return 0;
}

static int copy_file(struct source *source, const char *path, int fd, const char *what)
{
    g_autofree char *buffer = g_malloc(BUFFER);
    const char *name = full(source, path);
    int from = open(name, O_RDONLY | O_CLOEXEC), result = 0;
    struct stat status = { .st_size = 0 };
    uint64_t done = 0;
    ssize_t n = -1;

    while (from >= 0 && fstat(from, &status) == 0 && result == 0 && (n = read(from, buffer, BUFFER)) > 0) {
        result = write_all(source, fd, buffer, (size_t)n);
        done += (uint64_t)n;
        hvsh_progress(source->call, what, done, (uint64_t)status.st_size);
        if (hvsh_cancelled(source->call))
            result = -1;
    }
    if (n < 0 && result == 0)
        result = hvsh_fail(source->call, "%s cannot be read: %s", name, g_strerror(errno));
    if (from >= 0)
        close(from);
    return result;
}

int source_copy(struct source *source, const char *path, int fd, const char *what)
{
    switch (source->kind) {
    case SOURCE_FOLDER:
        return copy_file(source, path, fd, what);
    case SOURCE_SERVER:
        return download_file(source->call, full(source, path), 0, fd, what);
    case SOURCE_MEDIUM:
        return copy_medium(source, path, fd, NULL, what);
    }
    return -1;
}

/* ---- unknown media ----------------------------------------------------------------------------------------------------------------- */

static bool is_one_of(const char *name, const char *const *beginnings)
{
    g_autofree char *base = g_path_get_basename(name), *lower = g_ascii_strdown(base, -1);

    for (; *beginnings; beginnings++)
        if (g_str_has_prefix(lower, *beginnings))
            return true;
    return false;
}

/* linux.c32, vmlinuz.sig: called like a kernel, and beside it. */
static bool is_accessory(const char *name)
{
    static const char *const endings[] = { ".c32", ".efi", ".mod", ".cfg", ".txt", ".sig", ".gpg", ".md5", ".sha256", ".hmac", ".png", ".lst" };

    for (size_t i = 0; i < G_N_ELEMENTS(endings); i++)
        if (g_str_has_suffix(name, endings[i]))
            return true;
    return false;
}

static int by_length(const void *a, const void *b)
{
    const char *const *first = a, *const *second = b;
    size_t one = strlen(*first), other = strlen(*second);

    return one < other ? -1 : one > other ? 1 : strcmp(*first, *second);
}

bool source_scan(struct source *source, const char **kernel, const char **initrd)
{
    static const char *const kernels[] = { "vmlinuz", "vmlinux", "linux", "bzimage", "kernel", NULL }, *const initrds[] = { "initrd", "initramfs", NULL };
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    g_autoptr(GPtrArray) others = g_ptr_array_new();
    GHashTableIter iter;
    struct entry *entry;

    if (!source->entries)
        return false;
    g_hash_table_iter_init(&iter, source->entries);
    while (g_hash_table_iter_next(&iter, NULL, (void **)&entry)) {
        if (is_accessory(entry->name))
            continue;
        if (is_one_of(entry->name, kernels))
            g_ptr_array_add(found, entry->name);
        else if (is_one_of(entry->name, initrds))
            g_ptr_array_add(others, entry->name);
    }
    /* the shortest names are the plain ones: vmlinuz before vmlinuz-xen */
    g_ptr_array_sort(found, by_length);
    g_ptr_array_sort(others, by_length);
    for (guint i = 0; i < found->len; i++) {
        g_autofree char *folder = g_path_get_dirname(found->pdata[i]);

        for (guint j = 0; j < others->len; j++) {
            g_autofree char *other = g_path_get_dirname(others->pdata[j]);

            if (strcmp(folder, other) == 0) {
                *kernel = hvsh_printf(source->call, "%s", (char *)found->pdata[i]);
                *initrd = hvsh_printf(source->call, "%s", (char *)others->pdata[j]);
                return true;
            }
        }
    }
    return false;
}
