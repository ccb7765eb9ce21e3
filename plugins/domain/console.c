/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * console.c - the guest's serial console on this terminal: console, ttyconsole.
 *
 * Two threads meet here. libvirt's loop calls stream_ready(), which only notes what is possible, disarms the stream and wakes the command.
 * The command (on main, which owns the terminal) moves bytes both ways until the stream says it would block, then arms it again.
 */
#include "domain.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What the loop thread may touch; it lives until both sides have let go of it. */
struct bridge {
    GMutex lock;
    hvsh_call *call;      /* NULL once the command has ended */
    bool ready;           /* something can be read or written, or is over */
};

static void bridge_clear(void *p)
{
    g_mutex_clear(&((struct bridge *)p)->lock);
}

static void bridge_release(void *p)
{
    g_atomic_rc_box_release_full(p, bridge_clear);
}

static void stream_ready(virStreamPtr stream, int events, void *p)
{
    struct bridge *bridge = p;

    (void)events;
    virStreamEventUpdateCallback(stream, 0);
    g_mutex_lock(&bridge->lock);
    bridge->ready = true;
    if (bridge->call)
        hvsh_wake(bridge->call);
    g_mutex_unlock(&bridge->lock);
}

/* One console in progress; only the command's thread. */
struct console {
    hvsh_call *call;
    virConnectPtr connection;
    virStreamPtr stream;
    struct bridge *bridge;
    GByteArray *to_guest;      /* typed and not yet taken by the stream */
    unsigned char escape;
    bool over;                 /* the guest closed it, or the user escaped */
    bool within_line;          /* where the guest has stopped */
};

static int write_all(int fd, const char *data, size_t size)
{
    while (size) {
        ssize_t n = write(fd, data, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, 100);
            continue;
        }
        if (n <= 0)
            return -1;
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

/* What the guest wrote goes to the terminal, until nothing is there. */
static int from_guest(struct console *console)
{
    char buffer[4096];
    int n;

    while (!console->over && (n = virStreamRecv(console->stream, buffer, sizeof(buffer))) != -2) {
        if (n < 0)
            return hvsh_fail_virt(console->call, "the console has been lost");
        if (n == 0)
            console->over = true;
        else if (write_all(STDOUT_FILENO, buffer, (size_t)n) < 0)
            return hvsh_fail(console->call, "cannot write to the terminal: %s", g_strerror(errno));
        else
            console->within_line = buffer[n - 1] != '\n';
    }
    return 0;
}

static int to_guest(struct console *console)
{
    while (!console->over && console->to_guest->len) {
        int n = virStreamSend(console->stream, (const char *)console->to_guest->data, MIN(console->to_guest->len, 16384U));

        if (n == -2)
            break;
        if (n < 0)
            return hvsh_fail_virt(console->call, "the console has been lost");
        g_byte_array_remove_range(console->to_guest, 0, (guint)n);
    }
    return 0;
}

/* What was typed, up to the escape character. */
static int from_terminal(struct console *console)
{
    unsigned char buffer[1024], *escape;
    ssize_t n = read(STDIN_FILENO, buffer, sizeof(buffer));

    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return 0;
    if (n <= 0) {
        console->over = true;
        return 0;
    }
    escape = memchr(buffer, console->escape, (size_t)n);
    g_byte_array_append(console->to_guest, buffer, escape ? (guint)(escape - buffer) : (guint)n);
    if (to_guest(console) < 0)
        return -1;
    if (escape)
        console->over = true;
    return 0;
}

/* Has the loop thread something to tell? Takes it. */
static bool take_ready(struct bridge *bridge)
{
    bool ready;

    g_mutex_lock(&bridge->lock);
    ready = bridge->ready;
    bridge->ready = false;
    g_mutex_unlock(&bridge->lock);
    return ready;
}

static int converse(struct console *console)
{
    enum {
        TYPED_LIMIT = 1 << 16,         /* a guest that reads nothing is not typed at for ever */
        LIVENESS_MS = 1000,            /* libvirt does not tell a stream that its connection has ended */
    };

    while (!console->over) {
        struct pollfd input = { .fd = STDIN_FILENO, .events = console->to_guest->len < TYPED_LIMIT ? POLLIN : 0 };

        if (hvsh_wait(console->call, &input, 1, LIVENESS_MS) < 0)
            return -1;
        if (virConnectIsAlive(console->connection) == 0)
            return hvsh_fail(console->call, "the console has been lost: the connection to the hypervisor has ended");
        if (input.revents && from_terminal(console) < 0)
            return -1;
        if (take_ready(console->bridge) && (from_guest(console) < 0 || to_guest(console) < 0))
            return -1;
        if (!console->over && virStreamEventUpdateCallback(console->stream, VIR_STREAM_EVENT_READABLE |
                                                           (console->to_guest->len ? VIR_STREAM_EVENT_WRITABLE : 0)) < 0)
            return hvsh_fail_virt(console->call, "the console has been lost");
    }
    return 0;
}

/* From an open stream to the end of the talk; the terminal is raw meanwhile. */
static int run_console(hvsh_call *call, virConnectPtr connection, virStreamPtr stream)
{
    struct console console = { .call = call, .connection = connection, .stream = stream, .escape = hvsh_escape(call) };
    int result = -1;

    console.bridge = g_atomic_rc_box_new0(struct bridge);
    g_mutex_init(&console.bridge->lock);
    console.bridge->call = call;
    console.to_guest = g_byte_array_new();
    if (virStreamEventAddCallback(stream, VIR_STREAM_EVENT_READABLE, stream_ready, g_atomic_rc_box_acquire(console.bridge), bridge_release) < 0) {
        bridge_release(console.bridge);
        hvsh_fail_virt(call, "cannot watch the console");
        goto cleanup;
    }
    if (hvsh_raw_terminal(call) == 0) {
        result = converse(&console);
        hvsh_restore_terminal(call);
        if (console.within_line)
            write_all(STDOUT_FILENO, "\n", 1);
    }
    virStreamEventRemoveCallback(stream);
cleanup:
    g_mutex_lock(&console.bridge->lock);
    console.bridge->call = NULL;
    g_mutex_unlock(&console.bridge->lock);
    bridge_release(console.bridge);
    g_byte_array_unref(console.to_guest);
    return result;
}

/* ---- console ---- */

struct console_args { virDomainPtr domain; const char *devname; bool resume; unsigned int flags; };

static const struct hvsh_field console_args[] = {
    DOMAIN(struct console_args, ACTIVE),
    HVSH_TEXT(struct console_args, devname, "alias of a character device; without it the first console", .scope = "domain",
              .offer = offer_consoles),
    HVSH_BIT(struct console_args, flags, "force", VIR_DOMAIN_CONSOLE_FORCE, "take it from others that are attached"),
    HVSH_BIT(struct console_args, flags, "safe", VIR_DOMAIN_CONSOLE_SAFE, "only if the hypervisor keeps consoles exclusive"),
    HVSH_FLAG(struct console_args, resume, "let a paused guest run once its console is there: nothing it writes is missed"),
    HVSH_END
};

struct console_row { const char *name; const char *escape; };

static const struct hvsh_field console_row[] = {
    HVSH_TEXT(struct console_row, name, "name of the domain"),
    HVSH_TEXT(struct console_row, escape, "what leaves the console"),
    HVSH_END
};

static const struct hvsh_shape connected = {
    .name = "console", .kind = HVSH_MESSAGE, HVSH_ROW(console_row), .text = "Connected to domain '{name}'\nEscape character is {escape}"
};

static const char *escape_text(hvsh_call *call)
{
    unsigned char escape = hvsh_escape(call);
    char key = (char)(escape ^ 0x40);

    return escape < 0x20 ? hvsh_printf(call, "^%c (Ctrl + %c)", key, key) : hvsh_printf(call, "%c", escape);
}

static void finish_stream(void *stream)
{
    if (virStreamFinish(stream) < 0)
        virStreamAbort(stream);
}

static void abort_stream(void *stream)
{
    virStreamAbort(stream);
}

static void free_stream(void *stream)
{
    virStreamFree(stream);
}

/* A host that hangs does not say that it has ended: nobody waits for that, whose prompt is back. */
static void end_stream(hvsh_call *call, virStreamPtr stream, bool finish)
{
    enum { PATIENCE = 2000 };
    bool told = hvsh_work_within(call, finish ? finish_stream : abort_stream, stream, free_stream, PATIENCE) == 0;

    if (!told && !hvsh_cancelled(call))
        hvsh_note(call, "The host does not answer: the console may stay taken until it does.");
}

/* Its questions to the host: on a worker, for this command owns the main thread, and a host or a guest may hang. Shared with the worker, which may
 * come back when nobody waits any more. */
struct opening {
    virDomainPtr domain;
    char *devname;
    unsigned int flags;
    bool resume;
    int state;                  /* -1: it cannot be told */
    virStreamPtr stream;
    bool opened, ready;         /* the console; and the guest resumed, if that was asked for */
    int code;                   /* of the error, if not */
};

static void opening_clear(void *p)
{
    struct opening *opening = p;

    if (opening->stream) {
        virStreamAbort(opening->stream);
        virStreamFree(opening->stream);
    }
    virDomainFree(opening->domain);
    g_free(opening->devname);
}

static void opening_release(void *p)
{
    g_atomic_rc_box_release_full(p, opening_clear);
}

static void ask_state(void *p)
{
    struct opening *opening = p;

    if (virDomainGetState(opening->domain, &opening->state, NULL, 0) < 0)
        opening->state = -1;
}

static void open_console(void *p)
{
    struct opening *opening = p;

    opening->stream = virStreamNew(virDomainGetConnect(opening->domain), VIR_STREAM_NONBLOCK);
    opening->opened = opening->stream && virDomainOpenConsole(opening->domain, opening->devname, opening->stream, opening->flags) == 0;
    opening->ready = opening->opened && (!opening->resume || virDomainResume(opening->domain) == 0);
    opening->code = opening->ready ? 0 : virGetLastErrorCode();
}

static int ask_host(hvsh_call *call, struct opening *opening, void (*ask)(void *opening))
{
    if (hvsh_work(call, ask, g_atomic_rc_box_acquire(opening), opening_release) == 0)
        return 0;
    return hvsh_cancelled(call) ? hvsh_fail(call, "gave up waiting for the host") : -1;
}

static int console_run(hvsh_call *call, const void *p)
{
    const struct console_args *args = p;
    struct console_row row = { virDomainGetName(args->domain), escape_text(call) };
    struct opening *opening = hvsh_defer(call, g_atomic_rc_box_new0(struct opening), opening_release);
    virStreamPtr stream;
    int result;

    opening->domain = args->domain;
    virDomainRef(args->domain);
    opening->devname = g_strdup(args->devname);
    opening->flags = args->flags;
    opening->resume = args->resume;
    if (ask_host(call, opening, ask_state) < 0)
        return -1;
    if (opening->state < 0)
        return hvsh_fail_virt(call, "Unable to get domain status");
    if (opening->state == VIR_DOMAIN_SHUTOFF)
        return hvsh_fail(call, "The domain is not running");
    if (!isatty(STDIN_FILENO))
        return hvsh_fail(call, "Cannot run interactive console without a controlling TTY");
    hvsh_emit(call, &connected, &row);
    fflush(stdout);
    if (ask_host(call, opening, open_console) < 0)
        return -1;
    if (!opening->ready) {
        bool taken = !opening->opened && opening->code == VIR_ERR_OPERATION_FAILED && !(args->flags & VIR_DOMAIN_CONSOLE_FORCE);

        hvsh_fail_libvirt(call);
        return taken ? hvsh_hint(call, "somebody else is attached: `console %s --force` takes it from them", row.name) : -1;
    }
    stream = g_steal_pointer(&opening->stream);
    result = run_console(call, virDomainGetConnect(args->domain), stream);
    end_stream(call, stream, result == 0);
    return result;
}

const struct hvsh_command COMMAND(console) = {
    .name = "console",
    .group = "domain",
    .help = "connect to the guest console",
    .description = "Attach this terminal to the guest's serial console. The escape character (program option -e, ^] by default) leaves it; the "
                   "guest runs on.",
    HVSH_ARGS(console_args),
    .shapes = HVSH_SHAPES(&connected),
    .examples = HVSH_EXAMPLES({ "console web1 --force", "also when somebody else is attached", HVSH_MATCH_ONLY }),
    .run = console_run,
    .flags = HVSH_TERMINAL,
};

/* ---- ttyconsole ---- */

static int ttyconsole_run(hvsh_call *call, const void *p)
{
    virDomainPtr domain = ((const struct only_domain *)p)->domain;
    struct xml *xml = domain_xml(call, domain, 0);
    const char *tty;

    if (!xml)
        return -1;
    tty = xml_text(xml, NULL, "/domain/devices/console/@tty");
    if (!tty)
        return hvsh_fail(call, "domain '%s' has no console on a terminal of the host", virDomainGetName(domain));
    return object_text(call, &text_shape, tty);
}

const struct hvsh_command COMMAND(ttyconsole) = {
    .name = "ttyconsole",
    .group = "domain",
    .help = "tty console",
    .description = "The device on the host to which the guest's console is connected.",
    ONLY_ACTIVE,
    .shapes = HVSH_SHAPES(&text_shape),
    .examples = HVSH_EXAMPLES({ "ttyconsole web1", "/dev/pts/3, for example", HVSH_MATCH_ONLY }),
    .run = ttyconsole_run,
};
