/* SPDX-License-Identifier: GPL-3.0-or-later */
/* util.c - XDG places, files replaced whole, display width, nearest names, the growing text, the log. */
#include "util.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

/* ---- places and files ---- */

/* The folder of `variable`, which the XDG rules ignore unless it is absolute, or `under` the home folder. */
static char *xdg_path(const char *variable, const char *under, const char *leaf)
{
    const char *folder = g_getenv(variable);

    if (folder && g_path_is_absolute(folder))
        return g_build_filename(folder, "hvsh", leaf, NULL);
    return g_build_filename(g_get_home_dir(), under, "hvsh", leaf, NULL);
}

char *util_state_path(const char *leaf)
{
    return xdg_path("XDG_STATE_HOME", ".local/state", leaf);
}

char *util_config_path(const char *leaf)
{
    return xdg_path("XDG_CONFIG_HOME", ".config", leaf);
}

char *util_data_path(const char *leaf)
{
    return xdg_path("XDG_DATA_HOME", ".local/share", leaf);
}

char *util_cache_path(const char *leaf)
{
    return xdg_path("XDG_CACHE_HOME", ".cache", leaf);
}

int util_make_parent(const char *file)
{
    g_autofree char *folder = g_path_get_dirname(file);
    const char *home = g_get_home_dir();

    /* a home that is not there is not made by who only keeps his notes in it, nor a folder wherever the user happens to be */
    if (!g_path_is_absolute(file) || (g_str_has_prefix(file, home) && !g_file_test(home, G_FILE_TEST_IS_DIR))) {
        errno = ENOENT;
        return -1;
    }
    return g_mkdir_with_parents(folder, 0700);
}

static int write_all(int fd, const char *data, size_t length)
{
    while (length) {
        ssize_t n = write(fd, data, length);

        if (n < 0) {
            if (errno == EINTR)
                continue;
            return -1;
        }
        data += n;
        length -= (size_t)n;
    }
    return 0;
}

int util_replace_file(const char *path, const void *data, size_t length, unsigned int mode)
{
    g_autofree char *beside = g_strconcat(path, ".XXXXXX", NULL);
    int fd = g_mkstemp_full(beside, O_RDWR | O_CLOEXEC, 0600);
    int saved;

    if (fd < 0)
        return -1;
    if (fchmod(fd, (mode_t)mode) < 0 || write_all(fd, data, length) < 0 || fsync(fd) < 0)
        goto fail;
    if (close(fd) < 0) {
        fd = -1;
        goto fail;
    }
    fd = -1;
    if (rename(beside, path) < 0)
        goto fail;
    return 0;

fail:
    saved = errno;
    if (fd >= 0)
        close(fd);
    unlink(beside);
    errno = saved;
    return -1;
}

/* ---- text on a terminal ---- */

/*
 * One character of `text` in the locale's encoding: its bytes in *length and its columns. Control and undecodable bytes are one byte long and
 * 4 columns wide (\xNN), and so is the backslash of a literal "\x", which would else look like one of them.
 */
static bool next_character(const char *text, size_t left, mbstate_t *state, size_t *length, size_t *columns)
{
    wchar_t wide = 0;
    size_t n;
    int width;

    if ((unsigned char)*text >= 0x20 && (unsigned char)*text < 0x7f) {
        *length = 1;
        *columns = 1;
        if (*text != '\\' || left < 2 || text[1] != 'x')
            return true;
        *columns = 4;
        return false;
    }
    n = mbrtowc(&wide, text, left, state);
    if (n == (size_t)-1 || n == (size_t)-2) {
        memset(state, 0, sizeof *state);
        n = 1;
    } else if (n > 0 && iswprint((wint_t)wide)) {
        width = wcwidth(wide);
        *length = n;
        *columns = width > 0 ? (size_t)width : 0;
        return true;
    }
    *length = n ? n : 1;
    *columns = 4 * *length;
    return false;
}

void util_each_file(const char *start, void (*each)(const char *path, void *arg), void *arg)
{
    const char *slash = strrchr(start, '/');
    const char *leaf = slash ? slash + 1 : start;
    g_autofree char *prefix = slash ? g_strndup(start, (size_t)(leaf - start)) : g_strdup("");
    g_autofree char *folder = *prefix == '~' ? g_strconcat(g_get_home_dir(), prefix + 1, NULL) : g_strdup(*prefix ? prefix : ".");
    DIR *dir = opendir(folder);
    struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        struct stat status;

        if (!g_str_has_prefix(entry->d_name, leaf) || (entry->d_name[0] == '.' && leaf[0] != '.') || strcmp(entry->d_name, ".") == 0 ||
            strcmp(entry->d_name, "..") == 0)
            continue;
        if (fstatat(dirfd(dir), entry->d_name, &status, 0) == 0) {
            g_autofree char *path = g_strconcat(prefix, entry->d_name, S_ISDIR(status.st_mode) ? "/" : "", NULL);

            each(path, arg);
        }
    }
    if (dir)
        closedir(dir);
}

size_t util_width(const char *text)
{
    size_t left = strlen(text), width = 0, length, columns;
    mbstate_t state = {0};

    for (; left; text += length, left -= length) {
        next_character(text, left, &state, &length, &columns);
        width += columns;
    }
    return width;
}

void util_add_visible(GString *out, const char *text)
{
    size_t left = strlen(text), length, columns;
    mbstate_t state = {0};

    for (; left; text += length, left -= length) {
        if (next_character(text, left, &state, &length, &columns)) {
            g_string_append_len(out, text, (gssize)length);
            continue;
        }
        for (size_t i = 0; i < length; i++)
            g_string_append_printf(out, "\\x%02x", (unsigned char)text[i]);
    }
}

size_t util_cut(GString *text, size_t width)
{
    size_t left = text->len, at = 0, used = 0, length, columns;
    mbstate_t state = {0};

    for (; left; at += length, left -= length) {
        next_character(text->str + at, left, &state, &length, &columns);
        if (used + columns > width)
            break;
        used += columns;
    }
    g_string_truncate(text, at);
    return used;
}

/* ---- nearest names ---- */

/* How many letters must be typed, left out, changed or swapped with their neighbour to make b of a; at most `limit` + 1. */
static size_t distance(const char *a, const char *b, size_t limit)
{
    size_t la = strlen(a), lb = strlen(b), stride = lb + 1, best;
    g_autofree size_t *d = NULL;

    if ((la > lb ? la - lb : lb - la) > limit || la > 256 || lb > 256)
        return limit + 1;
    d = g_new(size_t, (la + 1) * stride);
    for (size_t i = 0; i <= la; i++)
        d[i * stride] = i;
    for (size_t j = 0; j <= lb; j++)
        d[j] = j;
    for (size_t i = 1; i <= la; i++) {
        for (size_t j = 1; j <= lb; j++) {
            best = d[(i - 1) * stride + j - 1] + (a[i - 1] != b[j - 1]);
            best = MIN(best, d[(i - 1) * stride + j] + 1);
            best = MIN(best, d[i * stride + j - 1] + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = MIN(best, d[(i - 2) * stride + j - 2] + 1);
            d[i * stride + j] = best;
        }
    }
    return d[la * stride + lb];
}

/* One error in a short word, two in one of six letters or more; the first of equally near ones. */
const char *hvsh_nearest(const char *word, const char *const words[])
{
    size_t length = strlen(word), best = length < 3 ? 0 : length < 6 ? 1 : 2, d;
    const char *found = NULL;

    for (; *words; words++) {
        if (found && best == 0)
            break;
        d = distance(word, *words, best);
        if (d < best || (!found && d == best)) {
            best = d;
            found = *words;
        }
    }
    return found;
}

/* ---- the growing text ---- */

void hvsh_buffer_add(hvsh_buffer *out, const char *text)
{
    if (text)
        g_string_append(out->text, text);
}

void hvsh_buffer_vprintf(hvsh_buffer *out, const char *format, va_list list)
{
    g_string_append_vprintf(out->text, format, list);
}

void hvsh_buffer_printf(hvsh_buffer *out, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    g_string_append_vprintf(out->text, format, list);
    va_end(list);
}

/* ---- the log ---- */

static GMutex log_lock;
static int log_fd = -1;
static int log_level = LOG_ERRORS;
bool util_trace_on;

int util_log_open(const char *file, int level)
{
    int fd = -1;

    if (file) {
        fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
        if (fd < 0)
            return -1;
    }
    g_mutex_lock(&log_lock);
    if (log_fd >= 0)
        close(log_fd);
    log_fd = fd;
    log_level = level;
    g_mutex_unlock(&log_lock);
    return 0;
}

/* One line of the file: [2024.05.06 07:08:09 hvsh 1234] ERROR text */
static void log_line(int level, const char *text)
{
    static const char *const names[] = {"DEBUG", "DEBUG", "INFO", "NOTICE", "ERROR"};
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *when = now ? g_date_time_format(now, "%Y.%m.%d %H:%M:%S") : NULL;
    g_autofree char *line = g_strdup_printf("[%s hvsh %d] %s %s\n", when ? when : "", (int)getpid(),
                                            names[CLAMP(level, 0, LOG_ERRORS)], text);

    /* A log that can't be written any more must not stop the work. */
    (void)write_all(log_fd, line, strlen(line));
}

void util_log(int level, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list list;

    if (level < log_level || (log_fd < 0 && level >= LOG_ERRORS))
        return;
    va_start(list, format);
    text = g_strdup_vprintf(format, list);
    va_end(list);
    g_strchomp(text);
    g_mutex_lock(&log_lock);
    if (log_fd >= 0)
        log_line(level, text);
    g_mutex_unlock(&log_lock);
    /* Errors are told by whoever reports them. */
    if (level < LOG_ERRORS) {
        fflush(stdout);
        fprintf(stderr, "%s\n", text);
    }
}

void util_log_close(void)
{
    g_mutex_lock(&log_lock);
    if (log_fd >= 0)
        close(log_fd);
    log_fd = -1;
    g_mutex_unlock(&log_lock);
}

void util_trace(const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list list;

    if (!util_trace_on)
        return;
    va_start(list, format);
    text = g_strdup_vprintf(format, list);
    va_end(list);
    fprintf(stderr, "trace: %s\n", g_strchomp(text));
}
