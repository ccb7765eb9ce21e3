/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * script-parallel.c - hv.parallel{ {"shutdown", "web1"}, {hv.shutdown, "web2", { mode = "acpi" }} }: commands at once. Each has its own result or
 * its own error; the call itself fails only by Ctrl-C.
 */
#include "script-private.h"

#include <string.h>

enum { AT_ONCE = 32 };          /* unless .at_once says otherwise */

struct parallel {
    struct operation *operations;
    size_t count, taken;
    int items;                  /* stack index of the specs */
};

/* The command's name of the spec at the top: a name, or a function of hv. */
static const char *spec_name(lua_State *L, size_t number)
{
    const char *name;

    if (!lua_istable(L, -1))
        luaL_error(L, "item %d is no table like {\"shutdown\", \"web1\"}", (int)number);
    lua_rawgeti(L, -1, 1);
    name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : script_command_name(L, -1);
    if (!name)
        luaL_error(L, "item %d begins neither with the name of a command nor with a function of hv", (int)number);
    return name;
}

/* (parallel, specs): take them all. Anchors: one table for each, kept by the registry as long as its operation. */
static int take_specs(lua_State *L)
{
    struct parallel *parallel = lua_touserdata(L, 1);

    for (size_t i = 0; i < parallel->count; i++) {
        const char *name;
        lua_Integer length;
        int last;

        lua_settop(L, 2);
        lua_rawgeti(L, 2, (lua_Integer)i + 1);
        name = spec_name(L, i + 1);
        lua_pop(L, 1);
        /* the rest of the array, tables in it as options: as if they were the call's arguments */
        length = script_length(L, 3);
        luaL_checkstack(L, (int)length + LUA_MINSTACK, "too many arguments");
        for (lua_Integer n = 2; n <= length; n++)
            lua_rawgeti(L, 3, n);
        /* the spec's own keys are options too */
        lua_newtable(L);
        for (lua_pushnil(L); lua_next(L, 3); lua_pop(L, 1)) {
            if (lua_type(L, -2) != LUA_TSTRING)
                continue;
            lua_pushvalue(L, -2);
            lua_pushvalue(L, -2);
            lua_rawset(L, -5);
        }
        last = lua_gettop(L);
        lua_newtable(L);
        operation_take(L, &parallel->operations[i], name, 4, last, last + 1);
        parallel->taken++;
    }
    return 0;
}

/* (parallel): results and errors, by the items' numbers. */
static int push_all(lua_State *L)
{
    const struct parallel *parallel = lua_touserdata(L, 1);

    lua_createtable(L, (int)parallel->count, 0);
    lua_newtable(L);
    for (size_t i = 0; i < parallel->count; i++) {
        bool well = operation_push(L, &parallel->operations[i]);

        lua_rawseti(L, well ? -3 : -2, (lua_Integer)i + 1);
    }
    return 2;
}

/* The keys of the table at index 1 that are texts: how many are to run together. */
static lua_Integer read_options(lua_State *L)
{
    static const char *const names[] = {"at_once", NULL};
    lua_Integer at_once = AT_ONCE;

    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            continue;
        if (strcmp(script_whole_text(L, -2, "the name of an option"), names[0]) != 0)
            script_unknown(L, "hv.parallel has no option", lua_tostring(L, -2), names);
        at_once = lua_tointegerx(L, -1, NULL);
        if (at_once < 1)
            luaL_error(L, "at_once must be a whole number from 1 on, not %s", luaL_tolstring(L, -1, NULL));
    }
    return at_once;
}

static int parallel(lua_State *L)
{
    unsigned int stops = script.stops;
    struct parallel work = {.items = 1};
    lua_Integer at_once;
    int status;
    bool interrupted = false;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    if (script_interrupted())
        script_stop(L);
    at_once = read_options(L);
    work.count = (size_t)script_length(L, 1);
    work.operations = lua_newuserdatauv(L, MAX(work.count, 1) * sizeof(*work.operations), 0);
    lua_pushcfunction(L, take_specs);
    lua_pushlightuserdata(L, &work);
    lua_pushvalue(L, 1);
    status = lua_pcall(L, 2, 0, 0);
    for (size_t i = 0; status == LUA_OK && i < work.count && !interrupted; i += (size_t)at_once) {
        size_t n = MIN((size_t)at_once, work.count - i);

        operations_run(L, work.operations + i, n);
        interrupted = exec_interrupted || exec_quit;
        for (size_t k = i; k < i + n; k++)
            interrupted = interrupted || work.operations[k].status == 130;
    }
    if (status == LUA_OK && !interrupted) {
        lua_pushcfunction(L, push_all);
        lua_pushlightuserdata(L, &work);
        status = lua_pcall(L, 1, 2, 0);
    }
    operations_clear(work.operations, work.taken);
    script_check_stop(L, stops);
    if (interrupted && !script.masked && !script.stopping)
        script_stop(L);
    if (interrupted) {
        script.pending = !script.stopping;
        return script_fail(L, "parallel", NULL, "interrupted");
    }
    return status == LUA_OK ? 2 : lua_error(L);
}

void script_open_parallel(lua_State *L)
{
    lua_pushcfunction(L, parallel);
    lua_setfield(L, -2, "parallel");
}
