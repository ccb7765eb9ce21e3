/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * script-connection.c - connections as values: local far <close> = hv.connect("qemu+ssh://host/system"); hv.list{ on = far }. Domains and all else
 * are names and UUIDs in Lua: nothing of libvirt's is kept there.
 */
#include "script-private.h"

#include <string.h>

struct held {
    struct conn *conn;          /* NULL: closed */
};

static struct held *check(lua_State *L)
{
    struct held *held = luaL_checkudata(L, 1, "hvsh.connection");

    if (!held->conn)
        luaL_error(L, "the connection has been closed");
    return held;
}

struct conn *script_connection(lua_State *L, int index)
{
    struct held *held = luaL_testudata(L, index, "hvsh.connection");
    struct conn *conn;

    if (held && !held->conn)
        luaL_error(L, "the connection has been closed");
    if (held)
        return held->conn;
    if (lua_type(L, index) != LUA_TSTRING)
        luaL_error(L, "on: a connection of hv.connect or the name of one, not a %s", luaL_typename(L, index));
    conn = conn_find(script_whole_text(L, index, "on"));
    if (!conn)
        script_fail(L, NULL, "hv.connections() lists them, hv.connect(URI) opens one", "no connection is named '%s'", lua_tostring(L, index));
    return conn;
}

/* ---- a call that is no command's ------------------------------------------------------------------------------------------------- */

static int do_nothing(hvsh_call *call, const void *args)
{
    (void)call;
    (void)args;
    return 0;
}

/* (status, failure): the error object of a call that failed. */
static int push_error(lua_State *L)
{
    script_push_failure(L, "connect", lua_touserdata(L, 2), (int)lua_tointeger(L, 1));
    return 1;
}

void script_with_connection(lua_State *L, struct conn *conn, int (*fn)(hvsh_call *call, const void *args))
{
    static const struct hvsh_field *const no_fields[] = {NULL};
    static const struct shape *const no_shapes[] = {NULL};
    struct hvsh_command def = {.name = "connect", .run = fn ? fn : do_nothing};
    struct command *command = g_new0(struct command, 1);
    struct hvsh_command *kept = g_memdup2(&def, sizeof(def));
    GArray *matches = g_array_new(FALSE, TRUE, sizeof(struct match));
    GArray *given = g_array_new(FALSE, TRUE, sizeof(struct given));
    struct match match = {.command = command, .given = given, .format = -1};
    const struct out_options options = {.quiet = true, .file = stderr};
    struct sink *sink = out_sink_new(&options);
    struct failure failure = {0};
    lua_State *before = script.now;
    int status, pushed = LUA_OK;

    *command = (struct command){.def = kept, .name = "connect", .real = command, .args = no_fields, .aliases = no_fields, .rules = no_fields,
                                .shapes = no_shapes};
    g_array_append_val(matches, match);
    script.now = L;
    status = exec_match(matches, sink, conn, &failure);
    script.now = before;
    sink_free(sink);
    g_array_unref(given);
    /* a call that was given up still reads its tables: those stay */
    if (status != 130) {
        g_free(kept);
        g_free(command);
    }
    if (status) {
        lua_pushcfunction(L, push_error);
        lua_pushinteger(L, status);
        lua_pushlightuserdata(L, &failure);
        pushed = lua_pcall(L, 2, 1, 0);
    }
    failure_clear(&failure);
    if ((status == 130 || exec_interrupted) && !script.masked && !script.stopping)
        script_stop(L);
    if (status || pushed != LUA_OK)
        lua_error(L);
}

/* ---- the userdata ------------------------------------------------------------------------------------------------------------------ */

static int close_connection(lua_State *L)
{
    struct held *held = luaL_checkudata(L, 1, "hvsh.connection");

    /* the current one belongs to the session: `connect` may have made it that */
    if (held->conn && held->conn != conn_current())
        conn_remove(held->conn);
    held->conn = NULL;
    return 0;
}

static int name(lua_State *L)
{
    lua_pushstring(L, conn_name(check(L)->conn));
    return 1;
}

static int uri(lua_State *L)
{
    char *text = conn_real_uri(check(L)->conn);

    if (text)
        script_push_text(L, text);
    else
        lua_pushnil(L);
    return 1;
}

static int to_text(lua_State *L)
{
    const struct held *held = luaL_checkudata(L, 1, "hvsh.connection");

    if (held->conn)
        lua_pushfstring(L, "connection %s", conn_name(held->conn));
    else
        lua_pushliteral(L, "connection (closed)");
    return 1;
}

/* A name that no other connection has. */
static char *free_name(void)
{
    for (unsigned int i = 1;; i++) {
        char *text = g_strdup_printf("lua%u", i);

        if (!conn_find(text))
            return text;
        g_free(text);
    }
}

/* hv.connect(uri, { name = "backup", readonly = true }) */
static int open_connection(lua_State *L)
{
    const char *address = lua_isnoneornil(L, 1) ? NULL : script_check_text(L, 1, "the URI"), *wanted = NULL;
    bool readonly = exec_settings.readonly;
    struct held *held;

    lua_settop(L, 2);
    script_check_keys(L, 2, (const char *const[]){"name", "readonly", NULL});
    if (!lua_isnil(L, 2)) {
        lua_getfield(L, 2, "readonly");
        readonly = readonly || lua_toboolean(L, -1);
        if (lua_getfield(L, 2, "name") != LUA_TNIL)
            wanted = script_push_word(L, lua_gettop(L), "name");
        if (wanted && conn_find(wanted))
            return script_fail(L, "connect", NULL, "there is a connection named '%s' already", wanted);
    }
    held = lua_newuserdatauv(L, sizeof(*held), 0);
    held->conn = NULL;
    luaL_setmetatable(L, "hvsh.connection");
    if (wanted) {
        held->conn = conn_add(wanted, address, readonly);
    } else {
        g_autofree char *made = free_name();

        held->conn = conn_add(made, address, readonly);
    }
    /* when it cannot be opened, the collector forgets the name */
    script_with_connection(L, held->conn, NULL);
    return 1;
}

void script_open_connections(lua_State *L)
{
    static const luaL_Reg methods[] = {{"close", close_connection}, {"name", name}, {"uri", uri}, {"__close", close_connection}, {"__gc", close_connection},
                                       {"__tostring", to_text}, {NULL, NULL}};

    luaL_newmetatable(L, "hvsh.connection");
    luaL_setfuncs(L, methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
    lua_pushcfunction(L, open_connection);
    lua_setfield(L, -2, "connect");
}
