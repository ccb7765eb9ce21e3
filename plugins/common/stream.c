/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stream.c - the data of a volume over the connection, by libvirt's streams. */
#include "stream.h"
#include <glib.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* ---- out -------------------------------------------------------------------------------------------------------------------------------
 */

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

static int send_all(hvsh_call *call, virStorageVolPtr volume, const struct stream_data *data)
{
    const char *name = data->name;
    struct transfer transfer = {call, hvsh_printf(call, "uploading to %s", name), data->fd, 0, data->total};
    virStreamPtr stream = new_stream(call, volume);
    int result;

    if (!stream)
        return -1;
    if (virStorageVolUpload(volume, stream, data->offset, data->length, data->flags) < 0)
        return hvsh_fail_virt(call, "cannot upload to volume %s", name);
    result =
        data->flags ? virStreamSparseSendAll(stream, read_some, in_data, skip, &transfer) : virStreamSendAll(stream, read_some, &transfer);
    if (result < 0 && hvsh_cancelled(call))
        return hvsh_fail(call, "interrupted after %" G_GUINT64_FORMAT " bytes: volume %s has new data and old ones", transfer.done, name);
    if (result < 0)
        return hvsh_fail_virt(call, "cannot send data to volume %s", name);
    return virStreamFinish(stream) < 0 ? hvsh_fail_virt(call, "cannot close volume %s", name) : 0;
}

int stream_send(hvsh_call *call, virStorageVolPtr volume, const struct stream_data *data)
{
    int result = send_all(call, volume, data);

    hvsh_on_cancel(call, NULL, NULL);
    return result;
}

/* ---- in --------------------------------------------------------------------------------------------------------------------------------
 */

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

static int receive_all(hvsh_call *call, virStorageVolPtr volume, const struct stream_data *data)
{
    const char *name = data->name;
    struct transfer transfer = {call, hvsh_printf(call, "downloading %s", name), data->fd, 0, data->total};
    virStreamPtr stream = new_stream(call, volume);
    int result;

    if (!stream)
        return -1;
    if (virStorageVolDownload(volume, stream, data->offset, data->length, data->flags) < 0)
        return hvsh_fail_virt(call, "cannot download from volume %s", name);
    result =
        data->flags ? virStreamSparseRecvAll(stream, write_some, leave_hole, &transfer) : virStreamRecvAll(stream, write_some, &transfer);
    if (result < 0 && hvsh_cancelled(call))
        return hvsh_fail(call, "interrupted after %" G_GUINT64_FORMAT " bytes of volume %s", transfer.done, name);
    if (result < 0)
        return hvsh_fail_virt(call, "cannot receive data from volume %s", name);
    return virStreamFinish(stream) < 0 ? hvsh_fail_virt(call, "cannot close volume %s", name) : 0;
}

int stream_receive(hvsh_call *call, virStorageVolPtr volume, const struct stream_data *data)
{
    int result = receive_all(call, volume, data);

    hvsh_on_cancel(call, NULL, NULL);
    return result;
}
