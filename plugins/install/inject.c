/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inject.c - adding files to an initrd, as another archive behind it. */
#include "config.h"
#include "inject.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "library.h"

#if HAVE_ARCHIVE

static int add(hvsh_call *call, const struct archive_library *lib, struct archive *archive, const struct injection *injection)
{
    struct archive_entry *entry = lib->archive_entry_new();
    struct stat status = { .st_mode = S_IFREG | 0644 };
    g_autoptr(GError) error = NULL;
    g_autofree char *content = NULL;
    const char *data = injection->text;
    gsize size = data ? strlen(data) : 0;
    int result = 0;

    if (injection->path) {
        if (!g_file_get_contents(injection->path, &content, &size, &error) || stat(injection->path, &status) < 0)
            result = hvsh_fail(call, "the file '%s' cannot be added to the initrd: %s", injection->path, error ? error->message : g_strerror(errno));
        data = content;
    }
    lib->archive_entry_set_pathname(entry, injection->name);
    lib->archive_entry_set_filetype(entry, AE_IFREG);
    lib->archive_entry_set_perm(entry, status.st_mode & 07777);
    lib->archive_entry_set_uid(entry, 0);
    lib->archive_entry_set_gid(entry, 0);
    lib->archive_entry_set_nlink(entry, 1);
    lib->archive_entry_set_size(entry, (gint64)size);
    if (result == 0 && (lib->archive_write_header(archive, entry) != ARCHIVE_OK || (size && lib->archive_write_data(archive, data, size) != (gssize)size)))
        result = hvsh_fail(call, "'%s' cannot be added to the initrd: %s", injection->name, lib->archive_error_string(archive));
    lib->archive_entry_free(entry);
    return result;
}

int inject(hvsh_call *call, int initrd, const GPtrArray *injections)
{
    static const char zeros[4];
    const struct archive_library *lib = archive_library(call, "adding files to an initrd");
    off_t end = lseek(initrd, 0, SEEK_END);
    struct archive *archive;
    int result = 0;

    if (!lib)
        return -1;
    if (end < 0 || (end % 4 && write(initrd, zeros, (size_t)(4 - end % 4)) != 4 - end % 4))
        return hvsh_fail(call, "the initrd cannot be written: %s", g_strerror(errno));
    archive = lib->archive_write_new();
    lib->archive_write_set_format_cpio_newc(archive);
    lib->archive_write_add_filter_gzip(archive);
    lib->archive_write_set_bytes_in_last_block(archive, 1);
    if (lib->archive_write_open_fd(archive, initrd) != ARCHIVE_OK)
        result = hvsh_fail(call, "the initrd cannot be written: %s", lib->archive_error_string(archive));
    for (guint i = 0; i < injections->len && result == 0; i++)
        result = add(call, lib, archive, injections->pdata[i]);
    if (lib->archive_write_close(archive) != ARCHIVE_OK && result == 0)
        result = hvsh_fail(call, "the initrd cannot be written: %s", lib->archive_error_string(archive));
    lib->archive_write_free(archive);
    return result;
}

#else

int inject(hvsh_call *call, int initrd, const GPtrArray *injections)
{
    (void)initrd;
    (void)injections;
    archive_library(call, "adding files to an initrd");
    return -1;
}

#endif
