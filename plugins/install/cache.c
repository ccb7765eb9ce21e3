/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cache.c - large files from the network: kept, resumed, asked for again only when they have changed, given up when nothing comes. */
#include "config.h"
#include "cache.h"
#include "library.h"
#include "option.h"
#include <glib.h>
#include <glib/gstdio.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

void cache_drop(const char *file)
{
    g_autofree char *tag = g_strconcat(file, ".tag", NULL);

    unlink(file);
    unlink(tag);
}

#if HAVE_CURL
enum { TRIES = 5, HTTP_PARTIAL = 206, HTTP_UNCHANGED = 304, HTTP_NOT_THERE = 404, HTTP_GONE = 410, HTTP_NO_SUCH_RANGE = 416 };

/* One request under way. */
struct transfer {
    hvsh_call *call;
    const struct curl_library *lib;
    CURL *curl;
    const char *what, *url;
    char error[CURL_ERROR_SIZE];
    long status;
    int fd;
    const char *path;
    int64_t begin, at; /* where this request began, and how far the file is */
    bool begun;        /* the answer has */
    int write_error;
    uint64_t lacking; /* bytes that the disk has not */
    GString *tags;    /* header lines by which the server knows the file again */
    bool lost;        /* the connection was, and nothing has come since */
    const char *known; /* by which the rest of the file was asked for; NULL: all of it was */
    enum { RANGES_UNKNOWN, RANGES_GIVEN, RANGES_REFUSED } ranges;
};

static int on_progress(void *p, curl_off_t total, curl_off_t done, curl_off_t up_total, curl_off_t up)
{
    struct transfer *transfer = p;

    (void)up_total;
    (void)up;
    if (done > 0)
        hvsh_progress(transfer->call, transfer->what, (uint64_t)(transfer->begin + done),
                      total > 0 ? (uint64_t)(transfer->begin + total) : 0);
    return hvsh_cancelled(transfer->call);
}

/* The value of a header line among others; to be freed. NULL: none. */
static char *value_in(const char *text, const char *name)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++)
        if (g_ascii_strncasecmp(*line, name, strlen(name)) == 0)
            return g_strdup(g_strstrip(*line + strlen(name)));
    return NULL;
}

/* What an answer says of the file, to ask by the next time; redirections answer too, the last one counts. */
static size_t on_header(char *line, size_t size, size_t count, void *p)
{
    struct transfer *transfer = p;
    size_t length = size * count;

    if (length > 5 && g_ascii_strncasecmp(line, "HTTP/", 5) == 0)
        g_string_truncate(transfer->tags, 0);
    /* a weak tag does not promise the same bytes */
    if ((length > 6 && g_ascii_strncasecmp(line, "ETag: ", 6) == 0 && !strstr(transfer->tags->str, "ETag") && line[6] == '"') ||
        (length > 15 && g_ascii_strncasecmp(line, "Last-Modified: ", 15) == 0))
        g_string_append_len(transfer->tags, line, (gssize)length);
    if (length > 15 && g_ascii_strncasecmp(line, "Accept-Ranges: ", 15) == 0)
        transfer->ranges = g_ascii_strncasecmp(line + 15, "none", 4) == 0 ? RANGES_REFUSED : RANGES_GIVEN;
    return length;
}

/* What the answer is to somebody who has lost the connection, or has a part of the file from earlier: the rest, or all of it again. */
static void tell_begin(struct transfer *transfer)
{
    g_autofree char *etag = value_in(transfer->tags->str, "ETag:"), *modified = value_in(transfer->tags->str, "Last-Modified:");
    const char *lost = transfer->lost ? "the connection was lost, and " : "";
    bool same = g_strcmp0(transfer->known, etag) == 0 || g_strcmp0(transfer->known, modified) == 0;
    const char *had = option_size_words(transfer->call, (uint64_t)transfer->begin);

    if (transfer->status == HTTP_PARTIAL) {
        transfer->ranges = RANGES_GIVEN;
        if (transfer->lost)
            hvsh_note(transfer->call, "%s: the connection was lost, going on from %s", transfer->url, had);
    } else if (transfer->known && same) {
        transfer->ranges = RANGES_REFUSED;
        hvsh_note(transfer->call, "%s: %sthe server cannot go on from %s: once more from the beginning", transfer->url, lost, had);
    } else if (transfer->known) {
        hvsh_note(transfer->call, "%s: %sthe file there has changed: once more from the beginning", transfer->url, lost);
    } else if (transfer->lost) {
        hvsh_note(transfer->call, "%s: the connection was lost: once more from the beginning", transfer->url);
    }
    transfer->lost = false;
}

/* The answer begins: is it the rest of the file or all of it, and is there room? */
static int begin_file(struct transfer *transfer)
{
    g_autofree char *folder = g_path_get_dirname(transfer->path), *tag = g_strconcat(transfer->path, ".tag", NULL);
    curl_off_t length = -1;
    struct statvfs disk;

    transfer->begun = true;
    transfer->lib->curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &transfer->status);
    tell_begin(transfer);
    if (transfer->status != HTTP_PARTIAL) {
        transfer->begin = transfer->at = 0;
        if (ftruncate(transfer->fd, 0) < 0)
            transfer->write_error = errno;
    }
    transfer->lib->curl_easy_getinfo(transfer->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length > 0 && statvfs(folder, &disk) == 0 && (uint64_t)length > (uint64_t)disk.f_bavail * disk.f_frsize) {
        transfer->lacking = (uint64_t)length - (uint64_t)disk.f_bavail * disk.f_frsize;
        transfer->write_error = ENOSPC;
    }
    if (!transfer->write_error && !g_file_set_contents(tag, transfer->tags->str, -1, NULL))
        transfer->write_error = errno;
    return transfer->write_error ? -1 : 0;
}

static size_t on_data(char *data, size_t size, size_t count, void *p)
{
    struct transfer *transfer = p;
    size_t length = size * count;

    if (!transfer->begun && begin_file(transfer) < 0)
        return 0;
    for (size_t done = 0; done < length;) {
        ssize_t put = pwrite(transfer->fd, data + done, length - done, (off_t)transfer->at);

        if (put < 0 && errno != EINTR) {
            transfer->write_error = errno;
            return 0;
        }
        done += put > 0 ? (size_t)put : 0;
        transfer->at += MAX(put, 0);
    }
    return length;
}

static CURLcode perform(struct transfer *transfer, const char *url, unsigned int patience, struct curl_slist *headers, const char *range)
{
    const struct curl_library *lib = transfer->lib;
    CURL *curl = transfer->curl = lib->curl_easy_init();
    CURLcode result;

    if (!curl)
        return CURLE_OUT_OF_MEMORY;
    *transfer->error = '\0';
    transfer->status = 0;
    transfer->begun = false;
    transfer->begin = transfer->at;
    g_string_truncate(transfer->tags, 0);
    lib->curl_easy_setopt(curl, CURLOPT_URL, url);
    lib->curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    lib->curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    lib->curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    lib->curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 10L);
    lib->curl_easy_setopt(curl, CURLOPT_USERAGENT, hvsh_printf(transfer->call, "hvsh/%s", hvsh_version()));
    /* what a server sends must not lead to files of this machine; the option's newer form is not everywhere yet */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    lib->curl_easy_setopt(curl, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS | CURLPROTO_FTP));
    lib->curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS,
                          (long)(g_str_has_prefix(url, "https:") ? CURLPROTO_HTTPS : CURLPROTO_HTTP | CURLPROTO_HTTPS));
#pragma GCC diagnostic pop
    lib->curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)patience);
    lib->curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    lib->curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)patience);
    lib->curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer->error);
    lib->curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    lib->curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    lib->curl_easy_setopt(curl, CURLOPT_XFERINFODATA, transfer);
    lib->curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    lib->curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
    lib->curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
    lib->curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
    lib->curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    if (range)
        lib->curl_easy_setopt(curl, CURLOPT_RANGE, range);
    result = lib->curl_easy_perform(curl);
    lib->curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &transfer->status);
    /* a file that is empty now comes without a byte: what there is of an older one is not it */
    if (result == CURLE_OK && !transfer->begun && transfer->status != HTTP_UNCHANGED && begin_file(transfer) < 0)
        result = CURLE_WRITE_ERROR;
    return result;
}

static void end(struct transfer *transfer, struct curl_slist *headers)
{
    if (transfer->curl)
        transfer->lib->curl_easy_cleanup(transfer->curl);
    transfer->curl = NULL;
    transfer->lib->curl_slist_free_all(headers);
}

/* Why it did not work; "" before anything else has been said. */
static int fail(struct transfer *transfer, CURLcode result, const char *url, unsigned int patience, const char *kept)
{
    hvsh_call *call = transfer->call;

    if (hvsh_cancelled(call))
        return hvsh_fail(call, "the download of %s was interrupted%s", url, kept);
    if (transfer->lacking) {
        hvsh_fail(call, "%s does not fit into the folder of %s: %s more are needed", url, transfer->path,
                  option_size_words(call, transfer->lacking));
        return hvsh_hint(call, "XDG_CACHE_HOME names another folder for what is downloaded");
    }
    if (transfer->write_error)
        return hvsh_fail(call, "%s cannot be written: %s%s", transfer->path, g_strerror(transfer->write_error), kept);
    if (transfer->status == HTTP_NOT_THERE || transfer->status == HTTP_GONE)
        return hvsh_fail(call, "the server has no %s (%ld)", url, transfer->status);
    if (transfer->status >= 400)
        return hvsh_fail(call, "the server does not give %s: its answer is %ld%s", url, transfer->status, kept);
    if (result == CURLE_OPERATION_TIMEDOUT)
        return hvsh_fail(call, "%s: nothing has come for %u seconds%s", url, patience, kept);
    return hvsh_fail(call, "%s cannot be downloaded: %s%s", url,
                     *transfer->error ? transfer->error : transfer->lib->curl_easy_strerror(result), kept);
}

/* ---- the cache
 * ------------------------------------------------------------------------------------------------------------------------------- */

/* Ours alone, if need be once another download of the same file has ended. */
static int open_part(hvsh_call *call, const char *part)
{
    struct stat here, there;
    bool told = false;

    for (;;) {
        int fd = open(part, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

        if (fd < 0)
            return hvsh_fail(call, "%s cannot be written: %s", part, g_strerror(errno));
        if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &here) == 0 && stat(part, &there) == 0 && here.st_ino == there.st_ino &&
            here.st_dev == there.st_dev)
            return fd;
        close(fd);
        if (!told)
            hvsh_note(call, "another download of the same file is under way: waiting for it");
        told = true;
        if (hvsh_wait(call, NULL, 0, 300) < 0)
            return hvsh_fail(call, "interrupted while another download of the same file was under way");
    }
}

/* The value of a header line in FILE.tag; to be freed. NULL: none. */
static char *tag_of(const char *file, const char *name)
{
    g_autofree char *path = g_strconcat(file, ".tag", NULL), *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) ? value_in(text, name) : NULL;
}

static struct curl_slist *add_header(const struct curl_library *lib, struct curl_slist *headers, const char *name, char *value)
{
    g_autofree char *line = value ? g_strconcat(name, value, NULL) : NULL;

    g_free(value);
    return line ? lib->curl_slist_append(headers, line) : headers;
}

/* One request: for the rest of what is there, for what is newer than what is there, or for all. */
static CURLcode request(struct transfer *transfer, const struct cached *cached, const char *part)
{
    struct curl_slist *headers = NULL;
    char *tag = tag_of(part, "ETag:");
    g_autofree char *range = NULL;
    struct stat status;
    CURLcode result;

    tag = tag ? tag : tag_of(part, "Last-Modified:");
    transfer->at = fstat(transfer->fd, &status) == 0 && tag ? (int64_t)status.st_size : 0;
    transfer->known = transfer->at ? hvsh_printf(transfer->call, "%s", tag) : NULL;
    if (transfer->at) {
        range = g_strdup_printf("%" G_GINT64_FORMAT "-", transfer->at);
        headers = add_header(transfer->lib, headers, "If-Range: ", tag);
    } else {
        g_free(tag);
        if (access(cached->file, F_OK) == 0) {
            headers = add_header(transfer->lib, headers, "If-None-Match: ", tag_of(cached->file, "ETag:"));
            headers = add_header(transfer->lib, headers, "If-Modified-Since: ", tag_of(cached->file, "Last-Modified:"));
        }
    }
    result = perform(transfer, cached->url, cached->patience, headers, range);
    end(transfer, headers);
    return result;
}

static bool may_be_tried_again(const struct transfer *transfer, CURLcode result)
{
    return transfer->at > transfer->begin && !transfer->write_error && transfer->status < 400 &&
           (result == CURLE_PARTIAL_FILE || result == CURLE_RECV_ERROR || result == CURLE_GOT_NOTHING ||
            result == CURLE_OPERATION_TIMEDOUT);
}

/* What is left of a part: of use, or not. The words for it. */
static const char *part_left(hvsh_call *call, const struct transfer *transfer, const char *part)
{
    g_autofree char *etag = tag_of(part, "ETag:"), *modified = tag_of(part, "Last-Modified:");

    if (transfer->at > 0 && (etag || modified) && transfer->ranges != RANGES_REFUSED)
        return hvsh_printf(call, "; what has come, %s, is kept in %s, and the same command goes on from there%s",
                           option_size_words(call, (uint64_t)transfer->at), part,
                           transfer->ranges == RANGES_GIVEN ? "" : " if the server can");
    cache_drop(part);
    return "";
}

static int finish(hvsh_call *call, const struct cached *cached, const char *part)
{
    g_autofree char *from = g_strconcat(part, ".tag", NULL), *to = g_strconcat(cached->file, ".tag", NULL);

    /* a new file with an old tag is only fetched again, an old one with a new tag would be kept */
    unlink(to);
    if (rename(part, cached->file) < 0)
        return hvsh_fail(call, "%s cannot be named %s: %s", part, cached->file, g_strerror(errno));
    rename(from, to);
    return 0;
}

static void free_string(void *p)
{
    g_string_free(p, TRUE);
}

int cache_fetch(hvsh_call *call, const struct cached *cached)
{
    g_autofree char *folder = g_path_get_dirname(cached->file);
    const char *part = hvsh_printf(call, "%s.part", cached->file);
    struct transfer transfer = {.call = call, .what = cached->what, .url = cached->url, .path = part};
    CURLcode result = CURLE_OK;
    bool resumed = false;
    int outcome = -1;

    transfer.lib = curl_library(call, cached->url);
    if (!transfer.lib)
        return -1;
    if (g_mkdir_with_parents(folder, 0755) < 0)
        return hvsh_fail(call, "cannot make the folder %s: %s", folder, g_strerror(errno));
    transfer.fd = open_part(call, part);
    if (transfer.fd < 0)
        return -1;
    transfer.tags = hvsh_defer(call, g_string_new(NULL), free_string);
    for (unsigned int i = 0; i < TRIES; i++) {
        result = request(&transfer, cached, part);
        resumed = resumed || transfer.begin > 0;
        if (transfer.status == HTTP_NO_SUCH_RANGE) {
            /* there is more of it than the server has */
            if (ftruncate(transfer.fd, 0) < 0)
                break;
            resumed = false;
            continue;
        }
        if (hvsh_cancelled(call) || !may_be_tried_again(&transfer, result) || i + 1 == TRIES)
            break;
        /* whether it goes on or begins anew is the server's to say */
        transfer.lost = true;
        if (hvsh_wait(call, NULL, 0, (int)i * 300) < 0)
            break;
    }
    if (result == CURLE_OK && transfer.status == HTTP_UNCHANGED) {
        unlink(part);
        outcome = CACHE_UNCHANGED;
    } else if (result == CURLE_OK && !hvsh_cancelled(call)) {
        outcome = finish(call, cached, part) < 0 ? -1 : resumed ? CACHE_RESUMED : CACHE_WHOLE;
    } else if ((result == CURLE_COULDNT_CONNECT || result == CURLE_COULDNT_RESOLVE_HOST) && access(cached->file, R_OK) == 0) {
        hvsh_note(call, "%s cannot be reached: what was downloaded earlier is used", cached->url);
        part_left(call, &transfer, part);
        outcome = CACHE_UNREACHABLE;
    } else {
        fail(&transfer, result, cached->url, cached->patience, part_left(call, &transfer, part));
    }
    close(transfer.fd);
    return outcome;
}

#else

int cache_fetch(hvsh_call *call, const struct cached *cached)
{
    curl_library(call, cached->url);
    return -1;
}

#endif
