/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volume-data.c - the data of a volume over the connection: vol-upload, vol-download. */
#include "storage.h"
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

/* A transfer under way: what libvirt's call-backs, which run on this thread, are given. */
struct transfer {
    hvsh_call *call;
    const char *what;
    int fd;
    uint64_t done, total;
};

/* Tell how far it is; -1 when it was cancelled. */
static int advance(struct transfer *transfer, uint64_t bytes)
{
    transfer->done += bytes;
    hvsh_progress(transfer->call, transfer->what, transfer->done, transfer->total);
    return hvsh_cancelled(transfer->call) ? -1 : 0;
}

static void abort_stream(void *stream)
{
    virStreamAbort(stream);
}

static void free_stream(void *stream)
{
    virStreamFree(stream);
}

/* A new stream, the call's, that Ctrl-C aborts. */
static virStreamPtr new_stream(hvsh_call *call, virStorageVolPtr volume)
{
    virStreamPtr stream = virStreamNew(virStorageVolGetConnect(volume), 0);

    if (!stream) {
        hvsh_fail_virt(call, "cannot create a new stream");
        return NULL;
    }
    hvsh_defer(call, stream, free_stream);
    hvsh_on_cancel(call, abort_stream, stream);
    return stream;
}

/* ---- upload ---- */

static int read_some(virStreamPtr stream, char *data, size_t count, void *p)
{
    struct transfer *transfer = p;
    ssize_t got = TEMP_FAILURE_RETRY(read(transfer->fd, data, count));

    (void)stream;
    return got < 0 || advance(transfer, (uint64_t)got) < 0 ? -1 : (int)got;
}

/* Is the file's place in data or in a hole, and how far does that go? What cannot tell has no holes. */
static int in_data(virStreamPtr stream, int *data, long long *length, void *p)
{
    int fd = ((struct transfer *)p)->fd;
    off_t here = lseek(fd, 0, SEEK_CUR), end = lseek(fd, 0, SEEK_END), next;

    (void)stream;
    if (here < 0 || end < 0)
        return -1;
    next = lseek(fd, here, SEEK_DATA);
    *data = here < end && (next == here || (next < 0 && errno != ENXIO));
    if (*data && (next < 0 || (next = lseek(fd, here, SEEK_HOLE)) < 0))
        next = end;
    else if (next < 0)
        next = end;
    *length = next - here;
    return lseek(fd, here, SEEK_SET) < 0 ? -1 : 0;
}

static int skip(virStreamPtr stream, long long length, void *p)
{
    struct transfer *transfer = p;

    (void)stream;
    return lseek(transfer->fd, length, SEEK_CUR) < 0 ? -1 : advance(transfer, (uint64_t)length);
}

static int send_all(hvsh_call *call, const struct data_args *args, int fd, uint64_t total)
{
    const char *name = hvsh_text(call, "vol");
    struct transfer transfer = { call, hvsh_printf(call, "uploading to %s", name), fd, 0, total };
    virStreamPtr stream = new_stream(call, args->vol);
    int result;

    if (!stream)
        return -1;
    if (virStorageVolUpload(args->vol, stream, args->offset, args->length, args->flags) < 0)
        return hvsh_fail_virt(call, "cannot upload to volume %s", name);
    result = args->flags ? virStreamSparseSendAll(stream, read_some, in_data, skip, &transfer) : virStreamSendAll(stream, read_some, &transfer);
    if (result < 0 && hvsh_cancelled(call))
        return hvsh_fail(call, "interrupted after %" G_GUINT64_FORMAT " bytes: volume %s has new data and old ones", transfer.done, name);
    if (result < 0)
        return hvsh_fail_virt(call, "cannot send data to volume %s", name);
    return virStreamFinish(stream) < 0 ? hvsh_fail_virt(call, "cannot close volume %s", name) : 0;
}

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
        result = send_all(call, args, fd, args->length ? args->length : (uint64_t)status.st_size);
    }
    hvsh_on_cancel(call, NULL, NULL);
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

static int write_some(virStreamPtr stream, const char *data, size_t count, void *p)
{
    struct transfer *transfer = p;
    ssize_t put = TEMP_FAILURE_RETRY(write(transfer->fd, data, count));

    (void)stream;
    return put < 0 || advance(transfer, (uint64_t)put) < 0 ? -1 : (int)put;
}

/* A hole: of a file, or zeros on what cannot have one. */
static int leave_hole(virStreamPtr stream, long long length, void *p)
{
    static const char zeros[65536];
    struct transfer *transfer = p;
    struct stat status;
    off_t end;

    if (fstat(transfer->fd, &status) < 0)
        return -1;
    if (S_ISREG(status.st_mode)) {
        end = lseek(transfer->fd, length, SEEK_CUR);
        return end < 0 || ftruncate(transfer->fd, end) < 0 ? -1 : advance(transfer, (uint64_t)length);
    }
    while (length > 0) {
        int put = write_some(stream, zeros, (size_t)MIN(length, (long long)sizeof(zeros)), p);

        if (put < 0)
            return -1;
        length -= put;
    }
    return 0;
}

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

static int receive_all(hvsh_call *call, const struct data_args *args, int fd)
{
    const char *name = hvsh_text(call, "vol");
    struct transfer transfer = { call, hvsh_printf(call, "downloading %s", name), fd, 0, size_to_come(args) };
    virStreamPtr stream = new_stream(call, args->vol);
    int result;

    if (!stream)
        return -1;
    if (virStorageVolDownload(args->vol, stream, args->offset, args->length, args->flags) < 0)
        return hvsh_fail_virt(call, "cannot download from volume %s", name);
    result = args->flags ? virStreamSparseRecvAll(stream, write_some, leave_hole, &transfer) : virStreamRecvAll(stream, write_some, &transfer);
    if (result < 0 && hvsh_cancelled(call))
        return hvsh_fail(call, "interrupted after %" G_GUINT64_FORMAT " bytes of volume %s", transfer.done, name);
    if (result < 0)
        return hvsh_fail_virt(call, "cannot receive data from volume %s", name);
    return virStreamFinish(stream) < 0 ? hvsh_fail_virt(call, "cannot close volume %s", name) : 0;
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
    result = receive_all(call, args, fd);
    hvsh_on_cancel(call, NULL, NULL);
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
