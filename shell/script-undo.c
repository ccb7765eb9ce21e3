/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * script-undo.c - steps with a way back: local tx <close> = hv.undo(); tx:add(function() ... end, "removing volume x"); tx:keep(). What was added is
 * run backwards when the block is left by an error or by Ctrl-C; Ctrl-C is off meanwhile.
 */
#include "script-private.h"

enum { STEPS = 1 };             /* the userdata's value: an array of functions and what they do, in turns */

static int check(lua_State *L)
{
    luaL_checkudata(L, 1, "hvsh.undo");
    lua_getiuservalue(L, 1, STEPS);
    return lua_gettop(L);
}

static int add(lua_State *L)
{
    int steps;
    lua_Integer count;

    luaL_checkany(L, 2);
    lua_settop(L, 3);
    steps = check(L);
    if (!lua_isfunction(L, 2) && !(luaL_getmetafield(L, 2, "__call") && (lua_pop(L, 1), true)))
        return luaL_argerror(L, 2, "a function that undoes the step");
    if (!lua_isnil(L, 3))
        luaL_checkstring(L, 3);
    else
        lua_pushboolean(L, false), lua_replace(L, 3);
    count = (lua_Integer)lua_rawlen(L, steps);
    /* what it does first: a step without its function is none */
    lua_pushvalue(L, 3);
    lua_rawseti(L, steps, count + 1);
    lua_pushvalue(L, 2);
    lua_rawseti(L, steps, count + 2);
    lua_settop(L, 1);
    return 1;
}

static int keep(lua_State *L)
{
    luaL_checkudata(L, 1, "hvsh.undo");
    lua_newtable(L);
    lua_setiuservalue(L, 1, STEPS);
    return 0;
}

/* One step: function and text on top are popped. What cannot be undone is said; the others go on. */
static void undo_step(lua_State *L)
{
    const char *what = lua_tostring(L, -2);

    if (what)
        out_note(what);
    lua_pushvalue(L, -1);
    if (lua_pcall(L, 0, 0, 0) != LUA_OK) {
        g_autofree char *said = g_strdup_printf("could not be undone: %s", what ? what : "a step");

        out_note(said);
        script_report(L, false);
    }
    lua_pop(L, 2);
}

static int undo_all(lua_State *L)
{
    lua_Integer count = (lua_Integer)lua_rawlen(L, 1);

    for (; count >= 2; count -= 2) {
        lua_rawgeti(L, 1, count - 1);
        lua_rawgeti(L, 1, count);
        lua_pushnil(L);
        lua_rawseti(L, 1, count);
        lua_pushnil(L);
        lua_rawseti(L, 1, count - 1);
        undo_step(L);
    }
    return 0;
}

static int undo(lua_State *L)
{
    int status;

    check(L);
    lua_pushcfunction(L, undo_all);
    lua_insert(L, -2);
    script.masked++;
    status = lua_pcall(L, 1, 0, 0);
    script.masked--;
    if (status != LUA_OK)
        return lua_error(L);
    return 0;
}

/* (tx, error): nil when the block was left in peace. */
static int close_undo(lua_State *L)
{
    if (lua_isnoneornil(L, 2))
        return 0;
    return undo(L);
}

static int new_undo(lua_State *L)
{
    lua_newuserdatauv(L, 0, STEPS);
    lua_newtable(L);
    lua_setiuservalue(L, -2, STEPS);
    luaL_setmetatable(L, "hvsh.undo");
    return 1;
}

void script_open_undo(lua_State *L)
{
    static const luaL_Reg methods[] = {{"add", add}, {"keep", keep}, {"undo", undo}, {"__close", close_undo}, {NULL, NULL}};

    luaL_newmetatable(L, "hvsh.undo");
    luaL_setfuncs(L, methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
    lua_pushcfunction(L, new_undo);
    lua_setfield(L, -2, "undo");
}
