/* SPDX-License-Identifier: GPL-3.0-or-later */
/* download.c - files by http, https and ftp: what is asked of libcurl. */
#include "config.h"
#include "download.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <glib.h>
#include "library.h"

bool download_is_url(const char *text)
{
    static const char *const schemes[] = { "http://", "https://", "ftp://" };

    for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++)
        if (g_ascii_strncasecmp(text, schemes[i], strlen(schemes[i])) == 0)
            return true;
    return false;
}

#if HAVE_CURL

/* A server that says nothing for so long is not waited for. */
enum { CONNECT_SECONDS = 30, SILENT_SECONDS = 60 };

struct transfer {
    hvsh_call *call;
    const char *what;             /* for the progress bar; NULL: none */
    uint64_t from;                /* the part of the file that there is already */
    int fd;                       /* -1: into the text */
    GString *text;
    size_t limit;
    int error;                    /* of the writing */
    bool quiet;                   /* a failure is none */
    uint64_t length;              /* as the server says; 0: it does not */
};

static size_t take(char *data, size_t size, size_t count, void *p)
{
    struct transfer *transfer = p;
    size_t left = size * count;

    if (transfer->fd < 0) {
        if (transfer->text->len + left > transfer->limit) {
            transfer->error = EFBIG;
            return 0;
        }
        g_string_append_len(transfer->text, data, (gssize)left);
        return size * count;
    }
    while (left) {
        ssize_t written = write(transfer->fd, data, left);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            transfer->error = errno;
            return 0;
        }
        data += written;
        left -= (size_t)written;
    }
    return size * count;
}

static int progress(void *p, curl_off_t total, curl_off_t done, curl_off_t up_total, curl_off_t up_done)
{
    struct transfer *transfer = p;

    (void)up_total;
    (void)up_done;
    if (transfer->what && total > 0)
        hvsh_progress(transfer->call, transfer->what, transfer->from + (uint64_t)done, transfer->from + (uint64_t)total);
    return hvsh_cancelled(transfer->call);
}

/* 1: done; 0: there is no such file; -1 after hvsh_fail(). */
static int perform(struct transfer *transfer, const char *url, bool head)
{
    const struct curl_library *lib = curl_library(transfer->call, url);
    char reason[CURL_ERROR_SIZE] = "";
    CURLcode code;
    curl_off_t length = 0;
    CURL *curl;
    long status = 0;

    if (!lib)
        return -1;
    curl = lib->curl_easy_init();
    if (!curl)
        return hvsh_fail(transfer->call, "libcurl cannot be used");
    lib->curl_easy_setopt(curl, CURLOPT_URL, url);
    lib->curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    lib->curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
    lib->curl_easy_setopt(curl, CURLOPT_USERAGENT, "hvsh");
    lib->curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    lib->curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    lib->curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 10L);
#if LIBCURL_VERSION_NUM >= 0x075500
    lib->curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https,ftp");
    lib->curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https,ftp");
#else
    lib->curl_easy_setopt(curl, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS | CURLPROTO_FTP));
    lib->curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS | CURLPROTO_FTP));
#endif
    lib->curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    lib->curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    lib->curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)SILENT_SECONDS);
    lib->curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    lib->curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, progress);
    lib->curl_easy_setopt(curl, CURLOPT_XFERINFODATA, transfer);
    lib->curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    lib->curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
    lib->curl_easy_setopt(curl, CURLOPT_NOBODY, (long)head);
    lib->curl_easy_setopt(curl, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)transfer->from);
    code = lib->curl_easy_perform(curl);
    lib->curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    lib->curl_easy_getinfo(curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    transfer->length = code == CURLE_OK && length > 0 ? (uint64_t)length : 0;
    lib->curl_easy_cleanup(curl);
    if (code == CURLE_OK)
        return 1;
    if (code == CURLE_REMOTE_FILE_NOT_FOUND || code == CURLE_FTP_COULDNT_RETR_FILE || (code == CURLE_HTTP_RETURNED_ERROR && (status == 404 || status == 410)))
        return 0;
    if (transfer->quiet)
        return 0;
    if (transfer->error == EFBIG)
        return hvsh_fail(transfer->call, "%s is too large to be what it should be", url);
    if (transfer->error)
        return hvsh_fail(transfer->call, "what comes from %s cannot be written: %s", url, g_strerror(transfer->error));
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return hvsh_fail(transfer->call, "interrupted while %s was fetched", url);
    return hvsh_fail(transfer->call, "%s cannot be fetched: %s", url, *reason ? reason : lib->curl_easy_strerror(code));
}

#else

struct transfer {
    hvsh_call *call;
    const char *what;
    uint64_t from;
    int fd;
    GString *text;
    size_t limit;
    bool quiet;
    uint64_t length;
};

static int perform(struct transfer *transfer, const char *url, bool head)
{
    (void)head;
    curl_library(transfer->call, url);
    return -1;
}

#endif

int download_has(hvsh_call *call, const char *url)
{
    g_autoptr(GString) nothing = g_string_new(NULL);

    return perform(&(struct transfer){ .call = call, .fd = -1, .text = nothing, .limit = 1 << 20 }, url, true);
}

uint64_t download_size(hvsh_call *call, const char *url)
{
    g_autoptr(GString) nothing = g_string_new(NULL);
    struct transfer transfer = { .call = call, .fd = -1, .text = nothing, .quiet = true };

    return perform(&transfer, url, true) > 0 ? transfer.length : 0;
}

int download_text(hvsh_call *call, const char *url, size_t limit, const char **text)
{
    g_autoptr(GString) got = g_string_new(NULL);
    int result = perform(&(struct transfer){ .call = call, .fd = -1, .text = got, .limit = limit }, url, false);

    *text = result == 1 ? hvsh_printf(call, "%s", got->str) : NULL;
    return result < 0 ? -1 : 0;
}

int download_file(hvsh_call *call, const char *url, uint64_t from, int fd, const char *what)
{
    int result = perform(&(struct transfer){ .call = call, .what = what, .from = from, .fd = fd }, url, false);

    return result == 0 ? hvsh_fail(call, "there is no %s", url) : result < 0 ? -1 : 0;
}
