/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * chain.c - the files that a qcow2 stands on: the image below it, the one below that, and where a data file lies apart.
 *
 * By the headers alone. What is said to be raw is not looked into: its first bytes are the guest's, who could write anything there.
 */
#include "install.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { HEADER = 104, HEADER_OF_2 = 72, NAME_LIMIT = 1023, DEPTH_LIMIT = 64, EXTENSIONS_LIMIT = 32 };
static const uint64_t BACKING_FORMAT = 0xe2792aca, DATA_FILE = 0x44415441;

static uint64_t number_at(const unsigned char *bytes, unsigned int size)
{
    uint64_t number = 0;

    for (unsigned int i = 0; i < size; i++)
        number = number << 8 | bytes[i];
    return number;
}

/* So many bytes as a text, which the call owns; NULL: they are not there. */
static char *text_at(hvsh_call *call, int fd, uint64_t at, uint64_t size)
{
    char text[NAME_LIMIT + 1];

    if (!size || size > NAME_LIMIT || at > INT64_MAX || pread(fd, text, size, (off_t)at) != (ssize_t)size)
        return NULL;
    text[size] = '\0';
    return hvsh_printf(call, "%s", text);
}

/* As QEMU reads the name of a file in an image; NULL: it is none, but an address. */
static const char *file_of(hvsh_call *call, const char *image, const char *name)
{
    g_autofree char *folder = g_path_get_dirname(image);
    const char *colon;

    if (name && g_str_has_prefix(name, "file:"))
        name += strlen("file:");
    colon = name ? strchr(name, ':') : NULL;
    if (!name || (colon && (size_t)(colon - name) < strcspn(name, "/")))
        return NULL;
    return hvsh_defer(call, g_canonicalize_filename(name, folder), g_free);
}

/* The files that one image names. */
static void look(hvsh_call *call, const char *image, const char **below, const char **data, bool *raw)
{
    unsigned char header[HEADER] = "", extension[8];
    int fd = open(image, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    uint64_t at, size;

    *below = *data = NULL;
    *raw = false;
    if (fd < 0)
        return;
    if (pread(fd, header, sizeof(header), 0) < HEADER_OF_2 || memcmp(header, "QFI\xfb", 4) != 0 || number_at(header + 4, 4) < 2)
        goto cleanup;
    *below = file_of(call, image, text_at(call, fd, number_at(header + 8, 8), number_at(header + 8, 8) ? number_at(header + 16, 4) : 0));
    at = number_at(header + 4, 4) > 2 ? number_at(header + 100, 4) : HEADER_OF_2;
    for (unsigned int i = 0; i < EXTENSIONS_LIMIT && pread(fd, extension, sizeof(extension), (off_t)at) == sizeof(extension) && number_at(extension, 4); i++) {
        size = number_at(extension + 4, 4);
        if (number_at(extension, 4) == BACKING_FORMAT)
            *raw = g_strcmp0(text_at(call, fd, at + 8, size), "raw") == 0;
        else if (number_at(extension, 4) == DATA_FILE)
            *data = file_of(call, image, text_at(call, fd, at + 8, size));
        at += 8 + (size + 7) / 8 * 8;
    }
cleanup:
    close(fd);
}

static void free_list(void *p)
{
    g_ptr_array_unref(p);
}

const char *const *chain_below(hvsh_call *call, const char *image)
{
    GPtrArray *files = hvsh_defer(call, g_ptr_array_new(), free_list);
    const char *below = image, *data;
    bool raw = false;

    for (unsigned int i = 0; below && !raw && i < DEPTH_LIMIT; i++) {
        look(call, below, &below, &data, &raw);
        if (data)
            g_ptr_array_add(files, (void *)data);
        if (below)
            g_ptr_array_add(files, (void *)below);
    }
    g_ptr_array_add(files, NULL);
    return (const char *const *)files->pdata;
}
