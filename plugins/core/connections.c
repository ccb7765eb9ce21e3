/* SPDX-License-Identifier: GPL-3.0-or-later */
/* connections.c - connect, disconnect, connections: the hypervisors that this session talks to. */
#include <glib.h>
#include <string.h>
#include "call.h"
#include "core.h"

static void offer_connections(hvsh_call *call, const char *start)
{
    g_autofree struct conn **all = conn_all();

    for (struct conn **conn = all; *conn != NULL; conn++)
        if (g_str_has_prefix(conn_name(*conn), start))
            hvsh_offer(call, conn_name(*conn), conn_uri(*conn));
}

static int offer_names(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    (void)field;
    offer_connections(call, start);
    return 0;
}

static int offer_uris(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    (void)field;
    for (const struct hvsh_choice *usual = conn_usual; usual->name; usual++)
        if (g_str_has_prefix(usual->name, start))
            hvsh_offer(call, usual->name, usual->help);
    return 0;
}

/* ---- connect ---- */

struct connect_args {
    const char *name;
    bool readonly;
    const char *as;
};

static const struct hvsh_field connect_args[] = {
    HVSH_TEXT(struct connect_args, name, "hypervisor connection URI; none: the same again", .flags = HVSH_EMPTY_OK, .offer = offer_uris),
    HVSH_FLAG(struct connect_args, readonly, "read-only connection"),
    HVSH_TEXT(struct connect_args, as, "keep the present connection, and open or go to one of this name", .flags = HVSH_NAMED,
              .offer = offer_names),
    HVSH_END
};

/* What the connection was before, to go back to when the new one cannot be opened. */
struct before {
    struct conn *current;
    bool made;
    bool changed;
    char *uri;
    bool readonly;
};

static void go_back(struct conn *conn, const struct before *before)
{
    if (before->changed)
        conn_change(conn, before->uri != NULL ? before->uri : "", before->readonly);
    if (conn != before->current)
        conn_use(before->current);
    if (before->made)
        conn_remove(conn);
}

static int connect_run(hvsh_call *call, const void *p)
{
    const struct connect_args *args = p;
    const char *uri = args->name != NULL && *args->name != '\0' ? args->name : NULL;
    struct before before = { .current = conn_current() };
    struct conn *conn = args->as != NULL ? conn_find(args->as) : before.current;
    g_autofree char *old_uri = NULL;

    if (conn == NULL) {
        conn = conn_add(args->as, uri, args->readonly);
        before.made = true;
    } else if (args->as == NULL || uri != NULL || args->readonly) {
        before.uri = old_uri = g_strdup(conn_uri(conn));
        before.readonly = conn_readonly(conn);
        before.changed = true;
        conn_change(conn, uri, args->readonly || (uri == NULL && before.readonly));
    }
    conn_use(conn);
    call->conn = conn;
    if (hvsh_connection(call) != NULL)
        return 0;
    go_back(conn, &before);
    return -1;
}

const struct hvsh_command core_connect = {
    .name = "connect", .group = "virsh", .help = "(re)connect to hypervisor",
    .description = "Connects to a hypervisor; the commands behind it go there. Without a URI connects again to the same one, read-only if it was. "
                   "When the new connection cannot be opened, the old one stays in use.\n\n"
                   "With --as the present connection stays open and the new one gets a name: connections lists them, and connect --as NAME goes to "
                   "one that is open.",
    HVSH_ARGS(connect_args),
    .examples = HVSH_EXAMPLES({ "connect test:///default", "libvirt's test driver, for trying things out", HVSH_ON_TEST },
                              { "connect qemu+ssh://root@host2/system --as host2", "a second host beside the first", HVSH_MATCH_ONLY },
                              { "connect --as host2", "go there again", HVSH_MATCH_ONLY }),
    .run = connect_run, .flags = HVSH_OPENS,
};

/* ---- disconnect ---- */

struct disconnect_args { const char *name; };

static const struct hvsh_field disconnect_args[] = {
    HVSH_TEXT(struct disconnect_args, name, "name of the connection", .flags = HVSH_REQUIRED, .offer = offer_names),
    HVSH_END
};

static int disconnect_run(hvsh_call *call, const void *p)
{
    const struct disconnect_args *args = p;
    struct conn *conn = conn_find(args->name);

    if (conn == NULL)
        return hvsh_fail(call, "there is no connection '%s'", args->name);
    if (conn == conn_current()) {
        hvsh_fail(call, "connection '%s' is in use", args->name);
        return hvsh_hint(call, "go to another one first: connect --as NAME");
    }
    conn_remove(conn);
    return 0;
}

const struct hvsh_command core_disconnect = {
    .name = "disconnect", .group = "shell", .help = "close a named connection",
    .description = "Closes a connection that was opened by connect --as and is not the present one.",
    HVSH_ARGS(disconnect_args), .examples = HVSH_EXAMPLES({ "disconnect host2", "close the connection of this name", HVSH_MATCH_ONLY }),
    .run = disconnect_run, .flags = HVSH_NO_CONNECTION,
};

/* ---- connections ---- */

struct connections_row {
    bool current;
    const char *name, *uri;
    bool readonly, open;
};

static const struct hvsh_choice current_words[] = { { "", 0, NULL }, { "*", 1, NULL }, { NULL } };
static const struct hvsh_choice mode_words[] = { { "read-write", 0, NULL }, { "read-only", 1, NULL }, { NULL } };
static const struct hvsh_choice open_words[] = { { "closed", 0, NULL }, { "open", 1, NULL }, { NULL } };

static const struct hvsh_field connections_row[] = {
    HVSH_FLAG(struct connections_row, current, "commands go there", .label = "", .choices = current_words),
    HVSH_TEXT(struct connections_row, name, "its name", .label = "Name"),
    HVSH_TEXT(struct connections_row, uri, "where it goes; missing: libvirt's default", .label = "URI"),
    HVSH_FLAG(struct connections_row, readonly, "opened to look only", .label = "Mode", .choices = mode_words),
    HVSH_FLAG(struct connections_row, open, "open now; others are opened when they are needed", .label = "State", .choices = open_words),
    HVSH_END
};
static const struct hvsh_shape connections_table = { .name = "connections", .kind = HVSH_TABLE, HVSH_ROW(connections_row) };

static int connections_run(hvsh_call *call, const void *p)
{
    g_autofree struct conn **all = conn_all();

    (void)p;
    for (struct conn **conn = all; *conn != NULL; conn++) {
        g_autofree char *uri = conn_real_uri(*conn);
        struct connections_row row = { *conn == conn_current(), conn_name(*conn), uri, conn_readonly(*conn), conn_is_open(*conn) };

        if (hvsh_emit(call, &connections_table, &row) < 0)
            return -1;
    }
    return 0;
}

const struct hvsh_command core_connections = {
    .name = "connections", .group = "shell", .help = "list the connections of this session",
    .description = "Lists the hypervisors that this session knows by name. The one that commands go to is marked.",
    .shapes = HVSH_SHAPES(&connections_table),
    .examples = HVSH_EXAMPLES({ "connections", "which hypervisors am I connected to?", HVSH_ON_TEST }),
    .run = connections_run, .flags = HVSH_NO_CONNECTION,
};
