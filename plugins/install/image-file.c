/* SPDX-License-Identifier: GPL-3.0-or-later */
/* image-file.c - what the file of an image is, and its checksum. */
#include "image.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- what it is
 * -------------------------------------------------------------------------------------------------------------------------- */

enum { HEAD_SIZE = 36864, SECTOR = 512, QCOW2_DATA_FILE = 1 << 2 };

static uint64_t number_at(const unsigned char *bytes, unsigned int size)
{
    uint64_t number = 0;

    for (unsigned int i = 0; i < size; i++)
        number = number << 8 | bytes[i];
    return number;
}

/* A qcow2 that comes from elsewhere must not name a file of this host: its guest would read it. */
static int probe_qcow2(struct install *install, const unsigned char *head, size_t length)
{
    struct image *image = install->image;
    uint64_t version = number_at(head + 4, 4);

    if (length < 104 || version < 2 || version > 3)
        return hvsh_fail(install->call, "the image %s is damaged, or of a qcow2 that is not known", image->given);
    if (number_at(head + 8, 8) && (image->url || image->copy || install->host.remote)) {
        hvsh_fail(install->call, "the image %s is a layer over another file, and is of no use alone", image->given);
        return hvsh_hint(install->call, "`qemu-img convert -O qcow2 OLD NEW` makes a whole one, where that other file is");
    }
    if (version == 3 && number_at(head + 72, 8) & QCOW2_DATA_FILE)
        return hvsh_fail(install->call, "the image %s has its data in another file: it is not used", image->given);
    if (number_at(head + 32, 4))
        return hvsh_fail(install->call, "the image %s is encrypted, which --image cannot use", image->given);
    image->size = number_at(head + 24, 8);
    image->format = "qcow2";
    return 0;
}

/* What else people download, and what to do with it. */
static int refuse_other(struct install *install, const unsigned char *head, size_t length)
{
    static const struct {
        size_t offset;
        const char *magic;
        size_t size;
        const char *what, *cure;
    } known[] = {
        {0,
         "\xfd"
         "7zXZ",
         5, "is compressed (xz)", "`xz -d` unpacks it"},
        {0, "\x1f\x8b", 2, "is compressed (gzip)", "`gzip -d` unpacks it"},
        {0, "\x28\xb5\x2f\xfd", 4, "is compressed (zstd)", "`zstd -d` unpacks it"},
        {0, "BZh", 3, "is compressed (bzip2)", "`bzip2 -d` unpacks it"},
        {0, "PK\x03\x04", 4, "is an archive (zip)", "`unzip` unpacks it"},
        {257, "ustar", 5, "is an archive (tar)", "`tar -xf` unpacks it"},
        {32769, "CD001", 5, "is a medium for an installation (ISO)", "--cdrom installs from it"},
        {0, "KDMV", 4, "is a vmdk", "`qemu-img convert -O qcow2 OLD NEW` makes a qcow2 of it"},
        {0, "# Disk DescriptorFile", 21, "is a vmdk", "`qemu-img convert -O qcow2 OLD NEW` makes a qcow2 of it"},
        {0, "vhdxfile", 8, "is a vhdx", "`qemu-img convert -O qcow2 OLD NEW` makes a qcow2 of it"},
        {0, "conectix", 8, "is a vhd", "`qemu-img convert -O qcow2 OLD NEW` makes a qcow2 of it"},
        {64, "\x7f\x10\xda\xbe", 4, "is a vdi", "`qemu-img convert -O qcow2 OLD NEW` makes a qcow2 of it"},
        {0, "<!DOCTYPE", 9, "is a web page", "is this the address of the file itself?"},
        {0, "<html", 5, "is a web page", "is this the address of the file itself?"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        if (length >= known[i].offset + known[i].size && memcmp(head + known[i].offset, known[i].magic, known[i].size) == 0) {
            /* a medium that is a disk too (isohybrid) may be meant as one */
            if (install->image->raw && known[i].offset)
                return 0;
            hvsh_fail(install->call, "the image %s %s", install->image->given, known[i].what);
            return hvsh_hint(install->call, "%s", known[i].cure);
        }
    return 0;
}

int image_probe(struct install *install)
{
    struct image *image = install->image;
    hvsh_call *call = install->call;
    g_autofree unsigned char *head = g_malloc0(HEAD_SIZE);
    int fd = open(image->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    ssize_t length = -1;
    int error = errno;

    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
        length = read(fd, head, HEAD_SIZE);
        error = errno;
    } else if (fd >= 0) {
        error = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    }
    if (fd >= 0)
        close(fd);
    if (length < 0)
        return hvsh_fail(call, "the image '%s' cannot be read: %s", image->file, g_strerror(error));
    image->length = (uint64_t)status.st_size;
    if (length >= 4 && memcmp(head, "QFI\xfb", 4) == 0 && !image->raw)
        return probe_qcow2(install, head, (size_t)length);
    if (refuse_other(install, head, (size_t)length) < 0)
        return -1;
    /* a plain disk that starts a machine has this mark, by BIOS or UEFI */
    if (!image->raw && (length < SECTOR || head[510] != 0x55 || head[511] != 0xaa)) {
        hvsh_fail(call, "the image %s is neither a qcow2 nor a disk that starts a machine", image->given);
        return hvsh_hint(call, "format=raw says that it is a plain disk all the same");
    }
    if (!image->length)
        return hvsh_fail(call, "the image %s is empty", image->given);
    image->size = (image->length + SECTOR - 1) / SECTOR * SECTOR;
    image->format = "raw";
    return 0;
}

/* ---- checksums
 * ------------------------------------------------------------------------------------------------------------------------------- */

static const struct {
    size_t digits;
    GChecksumType type;
} kinds[] = {
    {64, G_CHECKSUM_SHA256},
    {128, G_CHECKSUM_SHA512},
    {96, G_CHECKSUM_SHA384},
};

static bool find_kind(const char *text, GChecksumType *type)
{
    size_t length = strspn(text, "0123456789abcdefABCDEF");

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (kinds[i].digits == length && (!text[length] || g_ascii_isspace(text[length]))) {
            *type = kinds[i].type;
            return true;
        }
    return false;
}

bool image_is_sum(const char *text)
{
    GChecksumType type;

    return find_kind(text, &type) && !text[strspn(text, "0123456789abcdefABCDEF")];
}

const char *image_sum(hvsh_call *call, const char *file, const char *like)
{
    g_autofree unsigned char *buffer = g_malloc(1 << 20);
    GChecksumType type = G_CHECKSUM_SHA256;
    g_autoptr(GChecksum) sum = NULL;
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    struct stat status = {.st_size = 0};
    uint64_t done = 0;
    ssize_t size = -1;

    if (like)
        find_kind(like, &type);
    sum = g_checksum_new(type);
    if (fd >= 0 && fstat(fd, &status) == 0)
        while ((size = read(fd, buffer, 1 << 20)) > 0 && !hvsh_cancelled(call)) {
            g_checksum_update(sum, buffer, size);
            done += (uint64_t)size;
            hvsh_progress(call, "verifying the image", done, (uint64_t)status.st_size);
        }
    if (size < 0)
        hvsh_fail(call, "the image '%s' cannot be read: %s", file, g_strerror(errno));
    else if (size > 0)
        hvsh_fail(call, "interrupted while the image was verified");
    if (fd >= 0)
        close(fd);
    return size == 0 ? hvsh_printf(call, "%s", g_checksum_get_string(sum)) : NULL;
}

const char *image_sum_in(hvsh_call *call, const char *list, const char *name)
{
    g_auto(GStrv) lines = g_strsplit(list, "\n", -1);
    g_autofree char *bsd = g_strdup_printf("(%s) = ", name);
    GChecksumType type;

    for (char **line = lines; *line; line++) {
        char *digits = g_strstrip(*line), *found = strstr(digits, bsd), *file;

        if (found && find_kind(found + strlen(bsd), &type))
            return hvsh_printf(call, "%s", found + strlen(bsd));
        if (!find_kind(digits, &type))
            continue;
        file = digits + strcspn(digits, " \t");
        file += strspn(file, " \t*");
        if (g_str_has_prefix(file, "./"))
            file += 2;
        /* a list of one file may leave its name out */
        if (strcmp(file, name) == 0 || (!*file && !lines[1]) || (!*file && !*lines[1]))
            return hvsh_printf(call, "%.*s", (int)strspn(digits, "0123456789abcdefABCDEF"), digits);
    }
    return NULL;
}
