/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * script-guard.c - what can catch an error hands a stop (Ctrl-C, `quit`) on: pcall, xpcall, load, coroutine.resume and coroutine.close. A stop is known
 * by the count of stops before and after, not by the value: a <close> on the way may have failed and put its own error in its place. What
 * <close> itself catches began after the stop, and is an error like any other.
 */
#include "script-private.h"

#include <signal.h>

/* ---- pcall, xpcall ------------------------------------------------------------------------------------------------------------ */

static int finish_pcall(lua_State *L, int status, lua_KContext stops)
{
    if (status == LUA_OK || status == LUA_YIELD)
        return lua_gettop(L);
    script_check_stop(L, (unsigned int)stops);
    lua_pushboolean(L, false);
    lua_insert(L, -2);
    return 2;
}

/* true, function, arguments: what stands before the function's results is the answer's first value. */
static int guarded_pcall(lua_State *L)
{
    lua_KContext stops = (lua_KContext)script.stops;

    luaL_checkany(L, 1);
    lua_pushboolean(L, true);
    lua_insert(L, 1);
    return finish_pcall(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, stops, finish_pcall), stops);
}

/* The user's handler never sees a stop. */
static int call_handler(lua_State *L)
{
    if (script_is_stop(L, 1))
        return 1;
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

static int finish_xpcall(lua_State *L, int status, lua_KContext stops)
{
    if (status == LUA_OK || status == LUA_YIELD)
        return lua_gettop(L) - 1;       /* the handler stands below */
    return finish_pcall(L, status, stops);
}

static int guarded_xpcall(lua_State *L)
{
    lua_KContext stops = (lua_KContext)script.stops;
    int nargs = lua_gettop(L) - 2, status;

    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, call_handler, 1);
    lua_replace(L, 2);
    /* function, handler, arguments: to handler, true, function, arguments */
    lua_pushboolean(L, true);
    lua_pushvalue(L, 1);
    lua_rotate(L, 3, 2);
    lua_remove(L, 1);
    status = lua_pcallk(L, nargs, LUA_MULTRET, 1, stops, finish_xpcall);
    return finish_xpcall(L, status, stops);
}

/* ---- load, which answers nil, and coroutines, whose resume and close answer false --------------------------------------------------- */

static int guarded_call(lua_State *L)
{
    unsigned int stops = script.stops;

    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    if (!lua_toboolean(L, 1))
        script_check_stop(L, stops);
    return lua_gettop(L);
}

/* ---- what waits: read, which a Ctrl-C ends, and os.execute, while which it is only the program's ------------------------------------ */

static int waiting_call(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    if (lua_gettop(L) == 3 && lua_tointeger(L, 3) == SIGINT && g_strcmp0(lua_tostring(L, 2), "signal") == 0)
        script.pending = true;
    if (script_interrupted())
        script_stop(L);
    return lua_gettop(L);
}

/* The function `name` of the table at the top is called by `guard`. */
static void wrap(lua_State *L, const char *name, lua_CFunction guard)
{
    lua_getfield(L, -1, name);
    lua_pushcclosure(L, guard, 1);
    lua_setfield(L, -2, name);
}

/* os.exit would leave connections open and guests' jobs alone: it leaves the script first. */
static int leave(lua_State *L)
{
    int status = lua_isnoneornil(L, 1) ? 0 : lua_isboolean(L, 1) ? !lua_toboolean(L, 1) : (int)luaL_checkinteger(L, 1);

    exec_quit = true;
    exec_quit_status = status & 255;
    return script_stop(L);
}

void script_open_guard(lua_State *L)
{
    lua_pushcfunction(L, guarded_pcall);
    lua_setglobal(L, "pcall");
    lua_pushcfunction(L, guarded_xpcall);
    lua_setglobal(L, "xpcall");
    lua_pushglobaltable(L);
    wrap(L, "load", guarded_call);
    lua_getfield(L, -1, LUA_COLIBNAME);
    wrap(L, "resume", guarded_call);
    wrap(L, "close", guarded_call);
    lua_getfield(L, -2, LUA_IOLIBNAME);
    wrap(L, "read", waiting_call);
    luaL_getmetatable(L, LUA_FILEHANDLE);
    lua_getfield(L, -1, "__index");
    wrap(L, "read", waiting_call);
    lua_getglobal(L, LUA_OSLIBNAME);
    wrap(L, "execute", waiting_call);
    lua_pushcfunction(L, leave);
    lua_setfield(L, -2, "exit");
    lua_settop(L, 0);
}
