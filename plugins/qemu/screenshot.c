/* SPDX-License-Identifier: GPL-3.0-or-later */
/* screenshot.c - a picture of the guest's screen. */
#include "qemu.h"
#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

struct screenshot_args { virDomainPtr domain; const char *file; unsigned int screen; };

static const struct hvsh_field screenshot_args[] = {
    DOMAIN_ROW(struct screenshot_args),
    HVSH_PATH(struct screenshot_args, file, "where to (named by domain and time unless given)"),
    HVSH_UINT(struct screenshot_args, screen, "which screen, when there are several", .scope = "domain", .offer = offer_screens),
    HVSH_END
};

struct picture_row { const char *name, *file, *type; };

static const struct hvsh_field picture_row[] = {
    HVSH_TEXT(struct picture_row, name, "the domain"),
    HVSH_TEXT(struct picture_row, file, "where the picture is"),
    HVSH_TEXT(struct picture_row, type, "its MIME type"),
    HVSH_END
};

static const struct hvsh_shape picture = {
    .name = "picture", .kind = HVSH_MESSAGE, .flags = HVSH_NO_NEWLINE, HVSH_ROW(picture_row), .text = "Screenshot saved to {file}, with type of {type}"
};

static const char *own_name(hvsh_call *call, virDomainPtr domain, const char *type)
{
    time_t now = time(NULL);
    char when[32] = "";
    struct tm parts;

    if (localtime_r(&now, &parts))
        strftime(when, sizeof(when), "%Y-%m-%d-%H:%M:%S", &parts);
    return hvsh_printf(call, "%s-%s%s", virDomainGetName(domain), when,
                       g_strcmp0(type, "image/x-portable-pixmap") == 0 ? ".ppm" : g_strcmp0(type, "image/png") == 0 ? ".png" : "");
}

static int write_part(virStreamPtr stream, const char *data, size_t length, void *fd)
{
    size_t done = 0;

    (void)stream;
    while (done < length) {
        ssize_t written = write(*(int *)fd, data + done, length - done);

        if (written < 0 && errno != EINTR)
            return -1;
        done += written < 0 ? 0 : (size_t)written;
    }
    return (int)length;
}

static void free_stream(void *stream)
{
    virStreamFree(stream);
}

static void abort_stream(void *stream)
{
    virStreamAbort(stream);
}

/* From the stream into the file. */
static int receive(hvsh_call *call, virDomainPtr domain, virStreamPtr stream, const char *file, int fd)
{
    int result;

    hvsh_on_cancel(call, abort_stream, stream);
    result = virStreamRecvAll(stream, write_part, &fd);
    hvsh_keep_error(call);
    hvsh_on_cancel(call, NULL, NULL);
    if (close(fd) < 0 && result == 0)
        return hvsh_fail(call, "cannot close file %s", file);
    if (result < 0)
        return hvsh_fail_virt(call, "could not receive data from domain '%s'", virDomainGetName(domain));
    if (virStreamFinish(stream) < 0)
        return hvsh_fail_virt(call, "cannot close stream on domain '%s'", virDomainGetName(domain));
    return 0;
}

static int screenshot_run(hvsh_call *call, const void *p)
{
    const struct screenshot_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    virStreamPtr stream = connection ? hvsh_defer(call, virStreamNew(connection, 0), free_stream) : NULL;
    const char *file = hvsh_text(call, "file"), *path = args->file;
    bool created = true;
    char *type;
    int fd;

    if (!stream)
        return connection ? hvsh_fail_libvirt(call) : -1;
    type = virDomainScreenshot(args->domain, stream, args->screen, 0);
    if (!type)
        return hvsh_fail_virt(call, "could not take a screenshot of %s", virDomainGetName(args->domain));
    hvsh_own_text(call, type);
    if (!file)
        file = path = own_name(call, args->domain, type);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0 && errno == EEXIST) {
        created = false;
        fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    }
    if (fd < 0) {
        int why = errno;

        virStreamAbort(stream);
        hvsh_fail(call, "cannot create file %s", file);
        return hvsh_hint(call, "%s", g_strerror(why));
    }
    if (receive(call, args->domain, stream, file, fd) < 0) {
        if (created)
            unlink(path);
        return -1;
    }
    return hvsh_emit(call, &picture, &(struct picture_row){ virDomainGetName(args->domain), file, type });
}

const struct hvsh_command qemu_screenshot = {
    .name = "screenshot",
    .group = "domain",
    .help = "save a picture of the guest's screen",
    HVSH_ARGS(screenshot_args),
    .shapes = HVSH_SHAPES(&picture),
    .examples = HVSH_EXAMPLES({ "screenshot web1 /tmp/web1.ppm", "what it shows now", HVSH_MATCH_ONLY }),
    .run = screenshot_run,
};
