/* SPDX-License-Identifier: GPL-3.0-or-later */
/* read.c - reading a host's files below its root */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"

/* No file that is read here is longer; a package database comes nearest. */
#define LARGEST (64 << 20)

static char *path_of(const struct host *host, const char *format, va_list list) G_GNUC_PRINTF(2, 0);
static char *path_of(const struct host *host, const char *format, va_list list)
{
    g_autofree char *relative = g_strdup_vprintf(format, list);

    return g_strconcat(host->root, "/", relative, NULL);
}

/* The path that a printf-like reader was called with, in `path`. */
#define PATH_OF(host, format)                     \
    g_autofree char *path = NULL;                 \
    va_list path_list;                            \
    va_start(path_list, format);                  \
    path = path_of((host), (format), path_list);  \
    va_end(path_list)

char *host_path(const struct host *host, const char *format, ...)
{
    PATH_OF(host, format);
    return g_steal_pointer(&path);
}

bool host_exists(const struct host *host, const char *format, ...)
{
    PATH_OF(host, format);
    return access(path, F_OK) == 0;
}

static char *read_whole(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    GString *text;
    char block[65536];
    struct stat st;
    ssize_t n;
    int saved;

    if (fd < 0)
        return NULL;
    /* files of /proc and /sys have no size, or one of a page */
    text = g_string_sized_new(fstat(fd, &st) == 0 && st.st_size > (off_t)sizeof block && st.st_size <= LARGEST ? (size_t)st.st_size + 2 : 0);
    while ((n = read(fd, block, sizeof block)) > 0 || (n < 0 && (errno == EINTR || errno == EPIPE))) {
        if (n > 0)
            g_string_append_len(text, block, n);
        if (text->len > LARGEST) {
            n = -1;
            errno = EFBIG;
            break;
        }
    }
    /* the kernel's log ends with EAGAIN */
    if (n < 0 && errno == EAGAIN)
        n = 0;
    saved = errno;
    close(fd);
    if (n < 0) {
        g_string_free(text, TRUE);
        errno = saved;
        return NULL;
    }
    return g_strchomp(g_string_free(text, FALSE));
}

/* Larger ones are read by one check only. */
#define WORTH_KEEPING (64 << 10)

struct file { char *text; int error; };

void file_free(void *p)
{
    struct file *file = p;

    g_free(file->text);
    g_free(file);
}

static char *read_once(const struct host *host, const char *path)
{
    const struct file *kept = g_hash_table_lookup(host->files, path);
    struct file *file;
    char *text;

    if (kept) {
        errno = kept->error;
        return g_strdup(kept->text);
    }
    text = read_whole(path);
    if (text && strlen(text) > WORTH_KEEPING)
        return text;
    file = g_new0(struct file, 1);
    file->error = text ? 0 : errno;
    file->text = text;
    g_hash_table_replace(host->files, g_strdup(path), file);
    errno = file->error;
    return g_strdup(text);
}

char *host_read(const struct host *host, const char *format, ...)
{
    PATH_OF(host, format);
    return read_once(host, path);
}

bool host_number(const struct host *host, uint64_t *number, const char *format, ...)
{
    PATH_OF(host, format);
    g_autofree char *text = read_once(host, path);

    if (!text)
        return false;
    if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT64, number, NULL)) {
        errno = EINVAL;
        return false;
    }
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strverscmp(*(char *const *)a, *(char *const *)b);
}

char **host_list(const struct host *host, const char *format, ...)
{
    PATH_OF(host, format);
    DIR *folder = opendir(path);
    GPtrArray *names;
    struct dirent *entry;

    if (!folder)
        return NULL;
    names = g_ptr_array_new();
    while ((entry = readdir(folder)))
        if (entry->d_name[0] != '.')
            g_ptr_array_add(names, g_strdup(entry->d_name));
    closedir(folder);
    g_ptr_array_sort(names, by_name);
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}

char *host_link(const struct host *host, const char *format, ...)
{
    PATH_OF(host, format);
    char target[4096];
    ssize_t n = readlink(path, target, sizeof target - 1);

    if (n < 0)
        return NULL;
    target[n] = '\0';
    return g_path_get_basename(target);
}

char *value_of(const char *text, const char *key)
{
    size_t length = strlen(key);

    for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        while (*line == ' ' || *line == '\t')
            line++;
        if (strncmp(line, key, length))
            continue;
        const char *p = line + length;
        while (*p == ' ' || *p == '\t')
            p++;
        if (*p++ != '=')
            continue;
        g_autofree char *value = g_strstrip(g_strndup(p, strcspn(p, "\n")));
        size_t n = strlen(value);
        if (n >= 2 && (*value == '"' || *value == '\'') && value[n - 1] == *value)
            return g_strndup(value + 1, n - 2);
        return g_steal_pointer(&value);
    }
    return NULL;
}

bool has_word(const char *text, const char *word, const char *separators)
{
    size_t length = strlen(word);

    for (const char *p = text; p && *p;) {
        p += strspn(p, separators);
        size_t n = strcspn(p, separators);
        if (n == length && !strncmp(p, word, n))
            return true;
        p += n;
    }
    return false;
}

char *size_text(uint64_t bytes)
{
    static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
    double number = (double)bytes;
    size_t unit = 0;

    for (; number >= 1024 && unit + 1 < G_N_ELEMENTS(units); unit++)
        number /= 1024;
    return g_strdup_printf("%.*f %s", unit && number < 100 ? 1 : 0, number, units[unit]);
}
