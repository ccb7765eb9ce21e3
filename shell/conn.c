/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conn.c - connections: a name, a URI, and a virConnectPtr that is opened when it is needed and again after it was dropped.
 *
 * A struct conn lives as long as the process: a thread that hangs in a call may come back to it at any time. Events, names and hints are in
 * conn-events.c, conn-names.c and conn-hints.c.
 */
#include "conn-impl.h"

#include <stdlib.h>
#include <string.h>

enum { CLOSE_TIMEOUT = 1000 };  /* milliseconds that closing may take at exit */

struct conn_settings conn_settings = { .keepalive_interval = 5, .keepalive_count = 6 };

struct conn {
    char *name;
    const char *uri;            /* as given, "embed" too; NULL: the default; interned, callers may keep it */
    bool readonly;
    bool removed;
    bool opening;               /* a thread is about to open it for this generation */
    bool was_dropped;           /* the next one that opens has reopened */
    unsigned int generation;    /* grows when it is forgotten: who opens for an older one comes too late */
    struct link *link;
};

pthread_mutex_t conn_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;                              /* a thread has done with opening, or a link is gone; made with conns */
static GPtrArray *conns;                                    /* of struct conn, in order of addition, removed ones too */
static struct conn *current;
static unsigned int links;                                  /* not yet freed */
static unsigned int openers;                                /* threads that are opening, in vain perhaps */
static bool embedded_used;

/* ---- links ---- */

struct link *link_ref(struct link *link)
{
    pthread_mutex_lock(&conn_lock);
    link->refs++;
    pthread_mutex_unlock(&conn_lock);
    return link;
}

void link_unref(void *opaque)
{
    struct link *link = opaque;
    bool last;

    pthread_mutex_lock(&conn_lock);
    last = --link->refs == 0;
    if (last) {
        links--;
        pthread_cond_broadcast(&changed);
    }
    pthread_mutex_unlock(&conn_lock);
    if (last) {
        pthread_mutex_destroy(&link->serial);
        g_free(link->uri);
        g_free(link->held);
        g_free(link);
    }
}

static bool close_watched(struct link *link)
{
    bool is;

    pthread_mutex_lock(&conn_lock);
    is = link->close_watched;
    pthread_mutex_unlock(&conn_lock);
    return is;
}

/* The freecb of the close call-back: after it was called, or within its deregistration. */
static void close_unwatched(void *opaque)
{
    struct link *link = opaque;

    pthread_mutex_lock(&conn_lock);
    link->close_watched = false;
    pthread_mutex_unlock(&conn_lock);
    link_unref(link);
}

static void dropped(virConnectPtr virt, int reason, void *opaque);

static void link_close(void *opaque)
{
    struct link *link = opaque;

    pthread_mutex_lock(&link->serial);
    link->closed = true;
    events_deregister(link);
    pthread_mutex_unlock(&link->serial);
    /* a driver that knows no close call-backs says yes to everything and frees nothing */
    if (close_watched(link) && virConnectUnregisterCloseCallback(link->virt, dropped) == 0 && close_watched(link))
        close_unwatched(link);
    virConnectClose(link->virt);
    link_unref(link);
}

/* Hand a link to a thread of its own that closes it. */
static void link_retire(struct link *link)
{
    /* without a thread to be had it stays open; the process's end closes it */
    if (link)
        worker_run("close", link_close, NULL, link);
}

/* On the loop thread. */
static void dropped(virConnectPtr virt, int reason, void *opaque)
{
    static const char *const reasons[] = {
        [VIR_CONNECT_CLOSE_REASON_ERROR] = "due to an I/O error",
        [VIR_CONNECT_CLOSE_REASON_EOF] = "due to end of file",
        [VIR_CONNECT_CLOSE_REASON_KEEPALIVE] = "due to keepalive timeout",
    };
    struct link *link = opaque;
    bool told;

    (void)virt;
    if (reason == VIR_CONNECT_CLOSE_REASON_CLIENT)
        return;
    pthread_mutex_lock(&conn_lock);
    told = link->conn->link == link && !link->dropped;
    link->dropped = true;
    pthread_mutex_unlock(&conn_lock);
    if (told)
        events_say(link->conn, "disconnected %s", reason >= 0 && reason < (int)G_N_ELEMENTS(reasons) ? reasons[reason] : "");
}

/* ---- opening ---- */

static int answer(virConnectCredentialPtr credentials, unsigned int n, void *opaque)
{
    const struct conn_asker *asker = opaque;

    for (unsigned int i = 0; i < n; i++) {
        virConnectCredentialPtr credential = &credentials[i];
        bool secret = credential->type == VIR_CRED_PASSPHRASE || credential->type == VIR_CRED_NOECHOPROMPT;
        g_autofree char *question = NULL;
        char *text;

        if (credential->type == VIR_CRED_EXTERNAL) {
            /* polkit's own agent asks, if there is one */
            if (g_strcmp0(credential->challenge, "PolicyKit") != 0)
                return -1;
            continue;
        }
        if (!asker || !asker->ask)
            return -1;
        question = g_strdup_printf("%s: ", credential->prompt);
        text = asker->ask(asker->arg, question, secret);
        if (!text)
            return -1;
        if (!*text && credential->defresult) {
            free(text);
            text = strdup(credential->defresult);
            if (!text)
                return -1;
        }
        credential->result = text;
        credential->resultlen = (unsigned int)strlen(text);
    }
    return 0;
}

/* Open and set up. NULL: libvirt's error of this thread; nothing that would reset it may come after. */
static struct link *link_open(struct conn *conn, const char *uri, bool readonly, const struct conn_asker *asker)
{
    static int types[] = {
        VIR_CRED_USERNAME, VIR_CRED_AUTHNAME, VIR_CRED_LANGUAGE, VIR_CRED_CNONCE, VIR_CRED_PASSPHRASE,
        VIR_CRED_ECHOPROMPT, VIR_CRED_NOECHOPROMPT, VIR_CRED_REALM, VIR_CRED_EXTERNAL,
    };
    virConnectAuth auth = { types, G_N_ELEMENTS(types), answer, (void *)asker };
    g_autofree char *expanded = NULL;
    struct link *link;
    virConnectPtr virt;
    char *real;

    if (loop_start() < 0)
        return NULL;
    uri = uri_effective(uri);
    if (uri && strcmp(uri, "embed") == 0)
        uri = expanded = embedded_uri();
    if (uri_is_embedded(uri))
        embedded_prepare(uri);
    else if (uri && strstr(uri, "+ssh://") && !asker)
        expanded = g_strdup_printf("%s%cno_tty=1", uri, strchr(uri, '?') ? '&' : '?');     /* ssh would ask on the terminal by itself */
    virt = virConnectOpenAuth(expanded ? expanded : uri, &auth, readonly ? VIR_CONNECT_RO : 0);
    if (!virt)
        return NULL;

    link = g_new0(struct link, 1);
    link->virt = virt;
    real = expanded ? NULL : virConnectGetURI(virt);
    link->uri = g_strdup(real ? real : uri);
    free(real);
    link->conn = conn;
    link->refs = 2;             /* the caller's and the close call-back's */
    link->close_watched = true;
    pthread_mutex_init(&link->serial, NULL);
    pthread_mutex_lock(&conn_lock);
    links++;
    pthread_mutex_unlock(&conn_lock);

    if (virConnectRegisterCloseCallback(virt, dropped, link, close_unwatched) < 0)
        close_unwatched(link);
    if (conn_settings.keepalive_interval > 0 &&
        virConnectSetKeepAlive(virt, conn_settings.keepalive_interval, (unsigned int)conn_settings.keepalive_count) != 0 &&
        (conn_settings.keepalive_given || conn_settings.keepalive_count_given)) {
        link_retire(link);      /* on another thread: here the error stays */
        return NULL;
    }
    if (uri_is_embedded(link->uri))
        embedded_settle(virt);
    virResetLastError();
    return link;
}

static void watch(void *opaque)
{
    struct link *link = opaque;

    pthread_mutex_lock(&link->serial);
    if (!link->closed)
        events_register(link);
    pthread_mutex_unlock(&link->serial);
    link_unref(link);
}

/* Register for events on a worker; takes a reference over. */
static void watch_soon(struct link *link)
{
    if (worker_run("watch", watch, NULL, link) < 0)
        link_unref(link);
}

void links_watch(void)
{
    g_autoptr(GPtrArray) open = g_ptr_array_new();

    pthread_mutex_lock(&conn_lock);
    for (guint i = 0; conns && i < conns->len; i++) {
        struct conn *conn = g_ptr_array_index(conns, i);

        if (conn->link) {
            conn->link->refs++;
            g_ptr_array_add(open, conn->link);
        }
    }
    pthread_mutex_unlock(&conn_lock);
    for (guint i = 0; i < open->len; i++)
        watch_soon(g_ptr_array_index(open, i));
}

void conn_watch_now(struct conn *conn)
{
    struct link *link;

    pthread_mutex_lock(&conn_lock);
    link = conn->link;
    if (link)
        link->refs++;
    pthread_mutex_unlock(&conn_lock);
    if (link)
        watch(link);
}

virConnectPtr conn_get(struct conn *conn, const struct conn_asker *asker, bool *reopened, char **hint)
{
    virConnectPtr virt = NULL;
    const char *uri;
    struct link *link, *watched = NULL;
    unsigned int generation;
    bool readonly, late;

    pthread_mutex_lock(&conn_lock);
    for (;;) {
        link = conn->link;
        if (link && !link->dropped) {
            virt = link->virt;
            virConnectRef(virt);
            pthread_mutex_unlock(&conn_lock);
            /* no call to the other side, but quicker than the close call-back; -1: the driver does not know */
            if (virConnectIsAlive(virt) != 0) {
                virResetLastError();
                return virt;
            }
            virConnectClose(virt);
            virt = NULL;
            pthread_mutex_lock(&conn_lock);
            if (conn->link == link)
                link->dropped = true;
        } else if (link) {
            conn->link = NULL;
            conn->was_dropped = true;
            link_retire(link);
        } else if (conn->opening) {
            pthread_cond_wait(&changed, &conn_lock);
        } else {
            break;
        }
    }
    conn->opening = true;
    openers++;
    generation = conn->generation;
    uri = conn->uri;
    readonly = conn->readonly;
    pthread_mutex_unlock(&conn_lock);

    link = link_open(conn, uri, readonly, asker);

    pthread_mutex_lock(&conn_lock);
    openers--;
    if (link && uri_is_embedded(link->uri))
        embedded_used = true;
    late = generation != conn->generation;
    if (!late) {
        conn->opening = false;
        pthread_cond_broadcast(&changed);
    }
    if (link) {
        virt = link->virt;
        virConnectRef(virt);
        if (late) {
            /* forgotten meanwhile: the caller has what was asked for, the connection has gone on */
            link_retire(link);
        } else {
            conn->link = link;
            if (reopened && conn->was_dropped)
                *reopened = true;
            conn->was_dropped = false;
            if (events_wanted()) {
                link->refs++;
                watched = link;
            }
        }
    }
    pthread_mutex_unlock(&conn_lock);
    if (watched)
        watch_soon(watched);
    if (!link && hint)
        *hint = conn_hint(uri, readonly);
    return virt;
}

/* With conn_lock held: who uses the link keeps it, who opens comes too late, who waits opens anew. */
static void forget(struct conn *conn)
{
    struct link *link = conn->link;

    conn->link = NULL;
    conn->generation++;
    conn->opening = false;
    conn->was_dropped = false;
    pthread_cond_broadcast(&changed);
    link_retire(link);
}

void conn_forget(struct conn *conn)
{
    pthread_mutex_lock(&conn_lock);
    forget(conn);
    pthread_mutex_unlock(&conn_lock);
}

void conn_change(struct conn *conn, const char *uri, bool readonly)
{
    pthread_mutex_lock(&conn_lock);
    forget(conn);
    if (uri)
        conn->uri = *uri ? g_intern_string(uri) : NULL;
    conn->readonly = readonly;
    pthread_mutex_unlock(&conn_lock);
}

void conn_close_all(void)
{
    struct timespec deadline = deadline_after(CLOSE_TIMEOUT);

    pthread_mutex_lock(&conn_lock);
    for (guint i = 0; conns && i < conns->len; i++)
        forget(g_ptr_array_index(conns, i));
    while (conns && links > 0 && pthread_cond_timedwait(&changed, &conn_lock, &deadline) == 0)
        ;
    pthread_mutex_unlock(&conn_lock);
    names_clear();
}

bool conn_threads_left(void)
{
    bool left;

    pthread_mutex_lock(&conn_lock);
    left = embedded_used || openers > 0 || links > 0;
    pthread_mutex_unlock(&conn_lock);
    return left;
}

const char *conn_preface(const virError *error)
{
    /* the one call of opening that is fatal only because it was asked for */
    if (error && error->code == VIR_ERR_NO_SUPPORT && (conn_settings.keepalive_given || conn_settings.keepalive_count_given))
        return "Cannot setup keepalive on connection as requested, disconnecting";
    return NULL;
}

/* ---- the list of connections ---- */

/* With conn_lock held. */
static struct conn *find(const char *name)
{
    for (guint i = 0; conns && i < conns->len; i++) {
        struct conn *conn = g_ptr_array_index(conns, i);

        if (!conn->removed && strcmp(conn->name, name) == 0)
            return conn;
    }
    return NULL;
}

struct conn *conn_add(const char *name, const char *uri, bool readonly)
{
    struct conn *conn = g_new0(struct conn, 1), *old;

    conn->name = g_strdup(name);
    conn->uri = g_intern_string(uri);
    conn->readonly = readonly;
    pthread_mutex_lock(&conn_lock);
    if (!conns) {
        conns = g_ptr_array_new();
        deadline_cond_init(&changed);
    }
    old = find(name);
    if (old && old != current) {
        old->removed = true;
        forget(old);
    }
    g_ptr_array_add(conns, conn);
    if (!current)
        current = conn;
    pthread_mutex_unlock(&conn_lock);
    return conn;
}

struct conn *conn_find(const char *name)
{
    struct conn *conn;

    pthread_mutex_lock(&conn_lock);
    conn = find(name);
    pthread_mutex_unlock(&conn_lock);
    return conn;
}

struct conn *conn_current(void)
{
    struct conn *conn;

    pthread_mutex_lock(&conn_lock);
    conn = current;
    pthread_mutex_unlock(&conn_lock);
    return conn;
}

void conn_use(struct conn *conn)
{
    pthread_mutex_lock(&conn_lock);
    current = conn;
    pthread_mutex_unlock(&conn_lock);
}

struct conn **conn_all(void)
{
    GPtrArray *all = g_ptr_array_new();

    pthread_mutex_lock(&conn_lock);
    for (guint i = 0; conns && i < conns->len; i++) {
        struct conn *conn = g_ptr_array_index(conns, i);

        if (!conn->removed)
            g_ptr_array_add(all, conn);
    }
    pthread_mutex_unlock(&conn_lock);
    g_ptr_array_add(all, NULL);
    return (struct conn **)g_ptr_array_free(all, FALSE);
}

void conn_remove(struct conn *conn)
{
    pthread_mutex_lock(&conn_lock);
    if (conn != current) {
        conn->removed = true;
        forget(conn);
    }
    pthread_mutex_unlock(&conn_lock);
}

/* ---- asking a connection ---- */

const char *conn_name(struct conn *conn)
{
    return conn->name;
}

const char *conn_uri(struct conn *conn)
{
    const char *uri;

    pthread_mutex_lock(&conn_lock);
    uri = conn->uri;
    pthread_mutex_unlock(&conn_lock);
    return uri;
}

char *conn_real_uri(struct conn *conn)
{
    char *uri;

    pthread_mutex_lock(&conn_lock);
    uri = g_strdup(conn->link ? conn->link->uri : uri_effective(conn->uri));
    pthread_mutex_unlock(&conn_lock);
    return uri;
}

bool conn_readonly(struct conn *conn)
{
    bool readonly;

    pthread_mutex_lock(&conn_lock);
    readonly = conn->readonly;
    pthread_mutex_unlock(&conn_lock);
    return readonly;
}

bool conn_is_open(struct conn *conn)
{
    bool open;

    pthread_mutex_lock(&conn_lock);
    open = conn->link && !conn->link->dropped;
    pthread_mutex_unlock(&conn_lock);
    return open;
}

bool conn_is_embedded(struct conn *conn)
{
    g_autofree char *uri = conn_real_uri(conn);

    return uri_is_embedded(uri);
}

/* One root a process: every embedded connection shows the same guests. With conn_lock held. */
static struct link *embedded_link(void)
{
    for (guint i = 0; conns && i < conns->len; i++) {
        struct conn *conn = g_ptr_array_index(conns, i);

        if (conn->link && uri_is_embedded(conn->link->uri))
            return conn->link;
    }
    return NULL;
}

char *embedded_open_uri(void)
{
    struct link *link;
    char *uri;

    pthread_mutex_lock(&conn_lock);
    link = embedded_link();
    uri = link ? g_strdup(link->uri) : NULL;
    pthread_mutex_unlock(&conn_lock);
    return uri;
}

char *conn_embedded_name(void)
{
    g_autofree char *uri = embedded_open_uri(), *usual = embedded_uri();

    return !uri || strcmp(uri, usual) == 0 ? g_strdup("embed") : g_shell_quote(uri);
}

unsigned int conn_embedded_guests(void)
{
    virConnectPtr virt = NULL;
    struct link *link;
    int guests;

    pthread_mutex_lock(&conn_lock);
    link = embedded_link();
    if (link) {
        virt = link->virt;
        virConnectRef(virt);
    }
    pthread_mutex_unlock(&conn_lock);
    if (!virt)
        return 0;
    guests = virConnectNumOfDomains(virt);
    virConnectClose(virt);
    return guests > 0 ? (unsigned int)guests : 0;
}
