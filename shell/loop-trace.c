/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loop-trace.c - --trace: each call to libvirt and the XML that it was given, a line on stderr (an XML document keeps its own lines).
 *
 * libvirt's client library logs every call of its public interface by itself, arguments and all. Its log goes into a pipe of ours; a thread
 * reads it, keeps what is a public function of the library, and hides what is secret.
 */
#include "loop.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <libvirt/libvirt.h>
#include "util.h"

static struct {
    int fds[2];                 /* libvirt writes, the reader reads */
    struct waker stop;
    struct worker *reader;
    GRegex *record, *password, *secret;
    GString *held;              /* the record that may go on in the next line */
    int64_t last;               /* when the last call was told, microseconds */
} trace = { .fds = { -1, -1 }, .stop = { -1 } };

/* ---- from libvirt's log to our lines ---- */

/* Passwords in calls and documents, and in URIs; the one argument that may hold anything up to the next one. */
static char *without_secrets(const char *name, const char *text)
{
    g_autofree char *first = strstr(name, "Password") ? g_regex_replace(trace.password, text, -1, 0, "\\1***\\2", 0, NULL) : NULL;

    return g_regex_replace(trace.secret, first ? first : text, -1, 0, "\\1***", 0, NULL);
}

/* What only counts references, and what a public function calls inside, is no call that anybody made. */
static bool is_call(const char *name)
{
    return dlsym(RTLD_DEFAULT, name) && !g_str_has_suffix(name, "Ref") && !g_str_has_suffix(name, "Free") &&
           strcmp(name, "virRegisterConnectDriver") != 0;
}

static void tell(void)
{
    g_autoptr(GMatchInfo) match = NULL;
    int64_t now = g_get_monotonic_time();

    if (trace.held->len && g_regex_match(trace.record, trace.held->str, 0, &match)) {
        g_autofree char *name = g_match_info_fetch(match, 1), *rest = g_match_info_fetch(match, 2);
        g_autofree char *shown = without_secrets(name, rest);

        if (is_call(name)) {
            util_trace("%+9.3f ms %s %s", (double)(now - trace.last) / 1000, name, shown ? shown : "");
            trace.last = now;
        }
    }
    g_string_truncate(trace.held, 0);
}

/* A record begins with its date; other lines belong to the one before. */
static bool begins_record(const char *line)
{
    return strlen(line) > 29 && g_ascii_isdigit(line[0]) && line[4] == '-' && line[10] == ' ' && line[13] == ':' && line[23] == '+';
}

static void take_line(const char *line)
{
    if (begins_record(line))
        tell();
    else
        g_string_append_c(trace.held, '\n');
    g_string_append(trace.held, line);
}

/* What has come; the last line of a record is known to be the last when nothing more is there. */
static void take_all(GString *pending)
{
    char bytes[4096], *end;
    ssize_t got;

    while ((got = read(trace.fds[0], bytes, sizeof(bytes))) > 0 || (got < 0 && errno == EINTR)) {
        if (got > 0)
            g_string_append_len(pending, bytes, got);
        while ((end = strchr(pending->str, '\n'))) {
            *end = '\0';
            take_line(pending->str);
            g_string_erase(pending, 0, end - pending->str + 1);
        }
    }
    if (!pending->len)
        tell();
}

static void read_log(void *unused)
{
    g_autoptr(GString) pending = g_string_new(NULL);
    struct pollfd fds[] = { { .fd = trace.fds[0], .events = POLLIN }, { .fd = trace.stop.fd, .events = POLLIN } };

    (void)unused;
    while (!fds[1].revents) {
        poll(fds, G_N_ELEMENTS(fds), -1);
        take_all(pending);
    }
    tell();
}

/* ---- start and stop ---- */

/* Add to what the administrator has set; `without` stands for it when that is nothing. The caller puts the old value back. */
static char *extend(const char *name, const char *without, const char *ours)
{
    char *before = g_strdup(getenv(name));
    g_autofree char *both = g_strdup_printf("%s%s%s", before ? before : without, *(before ? before : without) ? " " : "", ours);

    setenv(name, both, 1);
    return before;
}

static void put_back(const char *name, char *before)
{
    if (before)
        setenv(name, before, 1);
    else
        unsetenv(name);
    g_free(before);
}

int trace_start(void)
{
    g_autofree char *output = NULL;
    char *filters, *outputs;
    int result;

    if (pipe2(trace.fds, O_CLOEXEC | O_NONBLOCK) < 0 || waker_init(&trace.stop) < 0)
        return -1;
    trace.record = g_regex_new("^[^ ]+ [^ ]+: \\d+: debug : (vir[A-Z]\\w*):\\d+ : (.*)$", G_REGEX_DOTALL | G_REGEX_RAW, 0, NULL);
    trace.password = g_regex_new("(\\bpassword=).*(, flags=)", G_REGEX_DOTALL | G_REGEX_RAW, 0, NULL);
    /* passwd='x' in a document, "password":"x" in a command for an agent, user:x@ in a URI */
    trace.secret = g_regex_new("(?|(\\bpass(?:wd|word|phrase)\\\\?[\"']?\\s*[=:]\\s*\\\\?[\"'])[^\"']*?(?=\\\\?[\"'])|(://[^/@:\\s]*:)[^/@\\s]*(?=@))",
                               G_REGEX_CASELESS | G_REGEX_RAW, 0, NULL);
    trace.held = g_string_new(NULL);
    /* the library opens the place by name, and blocks when we are slow: a trace has no holes */
    output = g_strdup_printf("1:file:/proc/self/fd/%d", trace.fds[1]);
    filters = extend("LIBVIRT_LOG_FILTERS", "", "1:libvirt");
    outputs = extend("LIBVIRT_LOG_OUTPUTS", getenv("LIBVIRT_DEBUG") ? "1:stderr" : "", output);
    result = virInitialize();
    put_back("LIBVIRT_LOG_FILTERS", filters);
    put_back("LIBVIRT_LOG_OUTPUTS", outputs);
    trace.last = g_get_monotonic_time();
    trace.reader = result < 0 ? NULL : worker_start("trace", read_log, NULL);
    return trace.reader ? 0 : -1;
}

void trace_stop(void)
{
    if (!trace.reader)
        return;
    waker_wake(&trace.stop);
    worker_join(trace.reader, -1);
    trace.reader = NULL;
    g_string_free(trace.held, TRUE);
    g_regex_unref(trace.record);
    g_regex_unref(trace.password);
    g_regex_unref(trace.secret);
    waker_clear(&trace.stop);
    /* libvirt may write until the very end: the pipe stays */
}
