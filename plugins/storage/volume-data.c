/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volume-data.c - the data of a volume over the connection: vol-upload, vol-download. */
#include "storage.h"
#include "stream.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct data_args {
    virStorageVolPtr vol;
    const char *file;
    virStoragePoolPtr pool;
    uint64_t offset, length;
    unsigned int flags;
};

#define DATA_ROWS(file_help, sparse_flag) \
    VOLUME(struct data_args), \
    HVSH_PATH(struct data_args, file, file_help, .flags = HVSH_REQUIRED), \
    VOLUME_POOL(struct data_args), \
    HVSH_UINT64(struct data_args, offset, "where to begin in the volume, in bytes"), \
    HVSH_UINT64(struct data_args, length, "how many bytes; 0: all there are"), \
    HVSH_BIT(struct data_args, flags, "sparse", sparse_flag, "send holes as holes")

static const struct hvsh_field upload_args[] = {
    DATA_ROWS("the file to read", VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM),
    HVSH_END
};

static const struct hvsh_field download_args[] = {
    DATA_ROWS("the file to write", VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM),
    HVSH_END
};

/* ---- upload ---- */

static int upload_run(hvsh_call *call, const void *p)
{
    const struct data_args *args = p;
    const char *file = hvsh_text(call, "file");
    int fd = open(args->file, O_RDONLY | O_CLOEXEC);
    struct stat status;
    int result;

    if (fd < 0 || fstat(fd, &status) < 0) {
        result = hvsh_fail(call, "cannot read %s", file);
        hvsh_hint(call, "%s", g_strerror(errno));
    } else {
        result = stream_send(call, args->vol, &(struct stream_data){ hvsh_text(call, "vol"), fd, args->offset, args->length,
                                                                     args->length ? args->length : (uint64_t)status.st_size, args->flags });
    }
    if (fd >= 0)
        close(fd);
    return result;
}

const struct hvsh_command COMMAND(vol_upload) = {
    .name = "vol-upload",
    .group = "volume",
    .help = "upload file contents to a volume",
    .description = "Write a file of this machine over the data of a volume, which may be on another.",
    .args = upload_args,
    .args_size = sizeof(struct data_args),
    .examples = HVSH_EXAMPLES({ "vol-upload disk.raw disk.img images --sparse", "without the holes", HVSH_MATCH_ONLY }),
    .run = upload_run,
};

/* ---- download ---- */

/* How many bytes there are to come; 0: the driver cannot tell. */
static uint64_t size_to_come(const struct data_args *args)
{
    virStorageVolInfo info;

    if (args->length)
        return args->length;
    if (virStorageVolGetInfoFlags(args->vol, &info, VIR_STORAGE_VOL_GET_PHYSICAL) < 0)
        return 0;
    return info.allocation > args->offset ? info.allocation - args->offset : 0;
}

static int download_run(hvsh_call *call, const void *p)
{
    const struct data_args *args = p;
    const char *file = hvsh_text(call, "file");
    int fd = open(args->file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    bool created = fd >= 0;
    int result;

    if (fd < 0 && errno == EEXIST)
        fd = open(args->file, O_WRONLY | O_TRUNC | O_CLOEXEC);
    if (fd < 0) {
        hvsh_fail(call, "cannot create %s", file);
        return hvsh_hint(call, "%s", g_strerror(errno));
    }
    result = stream_receive(call, args->vol, &(struct stream_data){ hvsh_text(call, "vol"), fd, args->offset, args->length, size_to_come(args), args->flags });
    if (close(fd) < 0 && result == 0)
        result = hvsh_fail(call, "cannot close file %s", file);
    /* no half a file is left that was not there before */
    if (result < 0 && created)
        unlink(args->file);
    return result;
}

const struct hvsh_command COMMAND(vol_download) = {
    .name = "vol-download",
    .group = "volume",
    .help = "download volume contents to a file",
    .description = "Read the data of a volume, which may be on another machine, into a file of this one. What was in the file is gone.",
    .args = download_args,
    .args_size = sizeof(struct data_args),
    .examples = HVSH_EXAMPLES({ "vol-download disk.raw disk.img images --sparse", "with holes where there are zeros", HVSH_MATCH_ONLY }),
    .run = download_run,
};
