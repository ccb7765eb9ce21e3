/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * chain.c - the files that a qcow2 stands on: the image below it, the one below that, and where a data file lies apart.
 *
 * By the headers alone. What is said to be raw is not looked into: its first bytes are the guest's, who could write anything there.
 */
#include "install.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
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

/* What one image says of those below it. */
struct link {
    const char *name, *below;     /* the file below as it is written there, and where that is; NULL: none */
    const char *format;           /* of the file below; NULL: it is not told */
    const char *data;             /* where the data are, when they are apart */
};

static struct link look(hvsh_call *call, const char *image)
{
    unsigned char header[HEADER] = "", extension[8];
    int fd = open(image, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct link link = { NULL };
    uint64_t at, size;

    if (fd < 0)
        return link;
    if (pread(fd, header, sizeof(header), 0) < HEADER_OF_2 || memcmp(header, "QFI\xfb", 4) != 0 || number_at(header + 4, 4) < 2)
        goto cleanup;
    link.name = text_at(call, fd, number_at(header + 8, 8), number_at(header + 8, 8) ? number_at(header + 16, 4) : 0);
    link.below = file_of(call, image, link.name);
    at = number_at(header + 4, 4) > 2 ? number_at(header + 100, 4) : HEADER_OF_2;
    for (unsigned int i = 0; i < EXTENSIONS_LIMIT && pread(fd, extension, sizeof(extension), (off_t)at) == sizeof(extension) && number_at(extension, 4); i++) {
        size = number_at(extension + 4, 4);
        if (number_at(extension, 4) == BACKING_FORMAT)
            link.format = text_at(call, fd, at + 8, size);
        else if (number_at(extension, 4) == DATA_FILE)
            link.data = file_of(call, image, text_at(call, fd, at + 8, size));
        at += 8 + (size + 7) / 8 * 8;
    }
cleanup:
    close(fd);
    return link;
}

/* A chain from the top down. */
struct chain {
    GPtrArray *files;             /* below the image, nearest first */
    const char *from, *again;     /* an image that names one above it, or itself, as the one below; NULL: none */
    const char *silent;           /* a layer over a layer whose format it does not tell */
    const char *name;             /* that one, as it is written */
};

/* By whatever names. */
static bool is_same(const char *one, const char *other)
{
    struct stat its, own;

    return strcmp(one, other) == 0 || (stat(one, &its) == 0 && stat(other, &own) == 0 && its.st_dev == own.st_dev && its.st_ino == own.st_ino);
}

static void free_list(void *p)
{
    g_ptr_array_unref(p);
}

static struct chain walk(hvsh_call *call, const char *image)
{
    struct chain chain = { .files = hvsh_defer(call, g_ptr_array_new(), free_list) };
    const char *layers[DEPTH_LIMIT] = { image };
    struct link link = { .below = image }, last;

    for (unsigned int i = 0; i < DEPTH_LIMIT && link.below && g_strcmp0(link.format, "raw") != 0 && !chain.again; i++) {
        layers[i] = link.below;
        last = link;
        link = look(call, layers[i]);
        if (i > 0 && !last.format && link.below && !chain.silent) {
            chain.silent = layers[i - 1];
            chain.name = last.name;
        }
        if (link.data)
            g_ptr_array_add(chain.files, (void *)link.data);
        if (link.below)
            g_ptr_array_add(chain.files, (void *)link.below);
        for (unsigned int j = 0; link.below && j <= i && !chain.again; j++)
            if (is_same(link.below, layers[j])) {
                chain.from = layers[i];
                chain.again = link.below;
            }
    }
    return chain;
}

const char *const *chain_below(hvsh_call *call, const char *image)
{
    GPtrArray *files = walk(call, image).files;

    g_ptr_array_add(files, NULL);
    return (const char *const *)files->pdata;
}

const char *shell_word(hvsh_call *call, const char *text)
{
    return strpbrk(text, " \t'\"\\$`*?[]{}()<>|&;#~!") ? hvsh_defer(call, g_shell_quote(text), g_free) : text;
}

int chain_check(hvsh_call *call, const char *image)
{
    struct chain chain = walk(call, image);

    if (chain.again) {
        if (strcmp(chain.from, image) == 0)
            hvsh_fail(call, "the image %s is a layer over itself", image);
        else
            hvsh_fail(call, "the image %s stands on a circle of layers: %s, below it, is a layer over %s again", image, chain.from, chain.again);
        return hvsh_hint(call, "`qemu-img rebase -u -F FORMAT -b FILE LAYER` says what a layer is really over");
    }
    /* libvirt refuses these when the guest starts: what is below could have been written by a guest */
    if (chain.silent) {
        hvsh_fail(call, "the image %s does not tell the format of the image below it, %s, which is a layer itself", chain.silent, chain.name);
        return hvsh_hint(call, "if that is qcow2: qemu-img rebase -u -F qcow2 -b %s %s", shell_word(call, chain.name), shell_word(call, chain.silent));
    }
    return 0;
}
