/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * script-events.c - waiting and guests' events: hv.wait, hv.on. Events come from libvirt's thread through a queue; functions are called on the main
 * thread only, while the prompt is idle and in hv.wait.
 */
#include "script-private.h"

#include <poll.h>
#include <string.h>

enum { EVERY = 500 };           /* milliseconds between two looks at a predicate, or at a connection */

static const char subscriptions_key;    /* registry: the table of subscriptions, in order */
static bool watching;

/* ---- events to functions ----------------------------------------------------------------------------------------------------------- */

static void set_text(lua_State *L, const char *name, const char *text)
{
    if (!text)
        return;
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

static int push_event(lua_State *L)
{
    const struct conn_event *event = lua_touserdata(L, 1);

    lua_createtable(L, 0, 7);
    set_text(L, "event", event->event);
    set_text(L, "connection", event->connection);
    set_text(L, "domain", event->domain);
    set_text(L, "uuid", event->uuid);
    set_text(L, "what", event->what);
    set_text(L, "device", event->device);
    set_text(L, "text", event->text);
    return 1;
}

/* The next event as a table on the stack; false: there is none. Raises. */
static bool next_event(lua_State *L)
{
    struct conn_event *event = watching ? queue_pop(conn_event_queue()) : NULL;
    int status;

    if (!event)
        return false;
    lua_pushcfunction(L, push_event);
    lua_pushlightuserdata(L, event);
    status = lua_pcall(L, 1, 1, 0);
    conn_event_free(event);
    if (status != LUA_OK)
        lua_error(L);
    return true;
}

/* Does the member of the table at `wish` allow the event's? */
static bool allows(lua_State *L, int wish, const char *member, int event)
{
    bool same;

    lua_getfield(L, wish, member);
    lua_getfield(L, event, member);
    same = lua_isnil(L, -2) || lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

/* An event is meant by its kind ("lifecycle"), by what happened ("started") or by "*". */
static bool wanted(lua_State *L, int wish, int event)
{
    const char *name;
    bool named = false;

    lua_getfield(L, wish, "event");
    name = lua_tostring(L, -1);
    if (name && strcmp(name, "*") != 0) {
        lua_getfield(L, event, "event");
        lua_getfield(L, event, "what");
        named = lua_rawequal(L, -2, -3) || lua_rawequal(L, -1, -3);
        lua_pop(L, 2);
    } else {
        named = true;
    }
    lua_pop(L, 1);
    return named && allows(L, wish, "domain", event) && allows(L, wish, "connection", event);
}

/* Push a copy of the list of subscriptions. */
static void push_subscriptions(lua_State *L)
{
    lua_Integer count;

    lua_rawgetp(L, LUA_REGISTRYINDEX, &subscriptions_key);
    count = (lua_Integer)lua_rawlen(L, -1);
    lua_createtable(L, (int)count, 0);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, -2, i);
        lua_rawseti(L, -2, i);
    }
    lua_remove(L, -2);
}

/*
 * The event on top is given to every subscription that wants it. The functions may subscribe and unsubscribe meanwhile, so a copy of the list is
 * walked, and none is kept from the event by what another one raises: that waits for the end of the list. The first is raised then; those behind
 * it, which nobody can catch, are told.
 */
static void deliver(lua_State *L)
{
    int event = lua_gettop(L), list = event + 1, failure = event + 2;
    unsigned int stops = script.stops;
    bool failed = false;

    push_subscriptions(L);
    lua_pushnil(L);
    for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, list); i++) {
        lua_rawgeti(L, list, i);
        if (lua_getfield(L, -1, "call") != LUA_TNIL && wanted(L, failure + 1, event)) {
            lua_pushvalue(L, event);
            if (script_call(L, 1, 0) != LUA_OK) {
                script_check_stop(L, stops);
                if (failed)
                    script_report(L, false);
                else
                    lua_replace(L, failure);
                failed = true;
            }
        }
        lua_settop(L, failure);
    }
    if (failed)
        lua_error(L);
    lua_settop(L, event);
}

static int run_event(lua_State *L)
{
    if (next_event(L))
        deliver(L);
    lua_pushboolean(L, lua_gettop(L) > 0);
    return 1;
}

void script_run_events(void)
{
    lua_State *L = script.main;
    bool more = L && watching;

    while (more) {
        lua_pushcfunction(L, run_event);
        if (script_call(L, 0, 1) == LUA_OK) {
            more = lua_toboolean(L, -1);
            lua_pop(L, 1);
        } else {
            script_report(L, false);
        }
    }
}

/* ---- subscriptions --------------------------------------------------------------------------------------------------------------------- */

/* Registers on the connection, on its command thread. */
static int watch(hvsh_call *call, const void *args)
{
    (void)args;
    if (!hvsh_connection(call))
        return -1;
    conn_watch_now(call->conn);
    return 0;
}

static void start_watching(lua_State *L, struct conn *conn)
{
    (void)conn_event_queue();
    conn_watch(true);
    watching = true;
    script_with_connection(L, conn, watch);
}

/* A name that no event has would be waited for to the end of days. */
static void check_event(lua_State *L, const char *name)
{
    if (strcmp(name, "*") != 0 && !g_strv_contains(conn_event_names, name))
        script_unknown(L, "there is no event", name, conn_event_names);
}

/* Push the member as a text, or nil (false): there is none. */
static bool push_wished(lua_State *L, int index, const char *name)
{
    if (lua_getfield(L, index, name) == LUA_TNIL)
        return false;
    script_push_word(L, lua_gettop(L), name);
    lua_remove(L, -2);
    return true;
}

/* Take the members event, domain and on of the table at index over to a new table on top; and watch. The connection that is watched. */
static struct conn *push_wish(lua_State *L, int index)
{
    struct conn *conn = conn_current();

    lua_createtable(L, 0, 4);
    if (!lua_istable(L, index))
        goto watch;
    if (push_wished(L, index, "event"))
        check_event(L, lua_tostring(L, -1));
    lua_setfield(L, -2, "event");
    push_wished(L, index, "domain");
    lua_setfield(L, -2, "domain");
    if (lua_getfield(L, index, "on"), lua_toboolean(L, -1)) {
        conn = script_connection(L, lua_gettop(L));
        lua_pushstring(L, conn_name(conn));
        lua_setfield(L, -3, "connection");
    }
    lua_pop(L, 1);
watch:
    start_watching(L, conn);
    return conn;
}

static int off(lua_State *L)
{
    lua_Integer count, to = 0;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &subscriptions_key);
    count = (lua_Integer)lua_rawlen(L, -1);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, i);
        if (!lua_rawequal(L, -1, 1)) {
            lua_rawseti(L, -2, ++to);
            continue;
        }
        /* an event that is on its way to it, too, does not come any more */
        lua_pushnil(L);
        lua_setfield(L, -2, "call");
        lua_pop(L, 1);
    }
    for (; to < count; to++) {
        lua_pushnil(L);
        lua_rawseti(L, -2, to + 1);
    }
    return 0;
}

static bool is_callable(lua_State *L, int index)
{
    if (lua_isfunction(L, index))
        return true;
    if (luaL_getmetafield(L, index, "__call") == LUA_TNIL)
        return false;
    lua_pop(L, 1);
    return true;
}

/* hv.on("started", function(event) ... end, { domain = "web1", on = connection }) */
static int on(lua_State *L)
{
    check_event(L, script_check_text(L, 1, "an event"));
    if (!is_callable(L, 2))
        luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 3);
    script_check_keys(L, 3, (const char *const[]){"domain", "on", NULL});
    push_wish(L, 3);
    lua_pushvalue(L, 1);
    lua_setfield(L, 4, "event");
    lua_pushvalue(L, 2);
    lua_setfield(L, 4, "call");
    luaL_setmetatable(L, "hvsh.subscription");
    lua_rawgetp(L, LUA_REGISTRYINDEX, &subscriptions_key);
    lua_pushvalue(L, 4);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    lua_settop(L, 4);
    return 1;
}

/* ---- waiting ----------------------------------------------------------------------------------------------------------------------------- */

/* Sleep until an event, Ctrl-C or the end (monotonic microseconds; 0: none). Raises at Ctrl-C. */
static void nap(lua_State *L, int64_t end)
{
    struct pollfd fds[2] = {{.fd = signals_fd(), .events = POLLIN}, {.fd = -1, .events = POLLIN}};
    int64_t left = end ? (end - g_get_monotonic_time() + 999) / 1000 : INT32_MAX;

    if (watching)
        fds[1].fd = queue_fd(conn_event_queue());
    fflush(stdout);
    if (left > 0)
        poll(fds, 2, left > INT32_MAX ? INT32_MAX : (int)left);
    if (script_interrupted())
        script_stop(L);
    if (fds[0].revents && signals_take() & (SIGNALS_INTERRUPT | SIGNALS_QUIT)) {
        script.pending = true;          /* it is switched off now: the wait ends all the same, so that a step of undo cannot hang for good */
        script_fail(L, NULL, NULL, "interrupted");
    }
}

static bool over(int64_t end)
{
    return end && g_get_monotonic_time() >= end;
}

/* The event at the top: delivered; true when it is the one that is waited for (the table at `wish`, 0: none is). */
static bool take_event(lua_State *L, int wish)
{
    deliver(L);
    if (wish && wanted(L, wish, lua_gettop(L)))
        return true;
    lua_pop(L, 1);
    return false;
}

static int timed_out(lua_State *L)
{
    lua_pushnil(L);
    lua_pushliteral(L, "timeout");
    return 2;
}

/* Nothing more comes from a connection that is lost; by its name, as the functions that were called may have closed it. */
static void check_open(lua_State *L, const char *name)
{
    struct conn *conn = conn_find(name);

    if (!conn || !conn_is_open(conn))
        script_fail(L, "wait", NULL, "the connection '%s' was lost while waiting for events", name);
}

/* hv.wait{ event = "stopped", domain = "web1", timeout = 60 } */
static int wait_event(lua_State *L, int64_t end)
{
    struct conn *conn = push_wish(L, 1);
    const char *name = lua_pushstring(L, conn_name(conn));
    int wish = lua_gettop(L) - 1;

    for (;;) {
        int64_t next = g_get_monotonic_time() + EVERY * INT64_C(1000);

        while (next_event(L))
            if (take_event(L, wish))
                return 1;
        if (over(end))
            return timed_out(L);
        check_open(L, name);
        nap(L, end && end < next ? end : next);
    }
}

/* hv.wait(function() ... end, { timeout = 60, every = 1 }): what it returned when that was true */
static int wait_predicate(lua_State *L, int64_t end, int every)
{
    int base = lua_gettop(L);

    for (;;) {
        int64_t next;

        lua_pushvalue(L, 1);
        lua_call(L, 0, LUA_MULTRET);
        if (lua_gettop(L) > base && lua_toboolean(L, base + 1))
            return lua_gettop(L) - base;
        lua_settop(L, base);
        if (over(end))
            return timed_out(L);
        next = g_get_monotonic_time() + (int64_t)every * 1000;
        if (end && next > end)
            next = end;
        while (!over(next)) {
            nap(L, next);
            while (next_event(L))
                take_event(L, 0);
        }
    }
}

static int wait_time(lua_State *L, int64_t end)
{
    while (!over(end)) {
        nap(L, end);
        while (next_event(L))
            take_event(L, 0);
    }
    lua_pushboolean(L, true);
    return 1;
}

static int member_milliseconds(lua_State *L, int table, const char *name, int otherwise)
{
    int milliseconds = otherwise;

    if (lua_istable(L, table) && lua_getfield(L, table, name) != LUA_TNIL)
        milliseconds = script_milliseconds(L, lua_gettop(L), name);
    return milliseconds;
}

static int64_t end_of(int milliseconds)
{
    return milliseconds < 0 ? 0 : g_get_monotonic_time() + (int64_t)milliseconds * 1000;
}

static int wait(lua_State *L)
{
    int timeout, every;

    luaL_checkany(L, 1);
    lua_settop(L, 2);
    if (is_callable(L, 1)) {
        script_check_keys(L, 2, (const char *const[]){"timeout", "every", NULL});
        timeout = member_milliseconds(L, 2, "timeout", -1);
        every = MAX(member_milliseconds(L, 2, "every", EVERY), 1);
        lua_settop(L, 2);
        return wait_predicate(L, end_of(timeout), every);
    }
    /* a time-out that is not looked at would be waited for without an end */
    luaL_argcheck(L, lua_isnil(L, 2), 2, "only a function to wait for has options behind it");
    if (!lua_istable(L, 1))
        return wait_time(L, end_of(script_milliseconds(L, 1, "the time to wait")));
    script_check_keys(L, 1, (const char *const[]){"event", "domain", "on", "timeout", NULL});
    timeout = member_milliseconds(L, 1, "timeout", -1);
    lua_settop(L, 2);
    return wait_event(L, end_of(timeout));
}

void script_open_events(lua_State *L)
{
    static const luaL_Reg methods[] = {{"off", off}, {"__close", off}, {NULL, NULL}}, functions[] = {{"on", on}, {"wait", wait}, {NULL, NULL}};

    watching = false;
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &subscriptions_key);
    luaL_newmetatable(L, "hvsh.subscription");
    luaL_setfuncs(L, methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
    luaL_setfuncs(L, functions, 0);
}
