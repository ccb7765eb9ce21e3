/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * script-module.c - environments and modules. Every file has globals of its own, which nobody else sees, over the common ones; a name that was never
 * declared is an error. Modules come from folders of scripts that nobody else can write to.
 */
#include "script-private.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "folders.h"
#include "util.h"

static GPtrArray *folders;      /* from --script-dir */

void script_add_folder(const char *folder)
{
    if (!folders)
        folders = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(folders, g_canonicalize_filename(folder, NULL));
}

/* ---- strict globals ----------------------------------------------------------------------------------------------------------- */

static int read_undeclared(lua_State *L)
{
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2);

    if (strcmp(name, "hv") == 0)
        return luaL_error(L, "global 'hv' is not declared: begin with local hv = require \"hvsh\"");
    return luaL_error(L, "global '%s' is not declared", name);
}

static int write_undeclared(lua_State *L)
{
    return luaL_error(L, "global '%s' is not declared: write local before it",
                      lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2));
}

void script_push_environment(lua_State *L)
{
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, LUA_GNAME);
    luaL_getmetatable(L, "hvsh.environment");
    lua_setmetatable(L, -2);
}

/* ---- files -------------------------------------------------------------------------------------------------------------------- */

void script_load_file(lua_State *L, const char *path)
{
    script_push_environment(L);
    if (luaL_loadfilex(L, strcmp(path, "-") == 0 ? NULL : path, "t") != LUA_OK)
        lua_error(L);
    lua_pushvalue(L, -2);
    lua_setupvalue(L, -2, 1);
}

/* Raise "WHAT: why", unless the file is safe to load. */
static void check_safe(lua_State *L, const char *path, const char *what)
{
    char *real = realpath(path, NULL), *problem = real ? load_safety(real) : g_strdup("it cannot be found");

    free(real);
    if (!problem)
        return;
    script_push_text(L, problem);
    luaL_error(L, "%s: %s", what, lua_tostring(L, -1));
}

/* package.searchers' only file searcher: (name) gives a loader and the path, or why there is none. Upvalue: the table package. */
static int search_script(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1), *path;

    lua_getfield(L, lua_upvalueindex(1), "searchpath");
    lua_pushvalue(L, 1);
    if (lua_getfield(L, lua_upvalueindex(1), "path") != LUA_TSTRING)
        return luaL_error(L, "package.path is no string");
    lua_call(L, 2, 2);
    if (lua_isnil(L, -2))
        return 1;
    lua_pop(L, 1);
    path = lua_tostring(L, -1);
    check_safe(L, path, lua_pushfstring(L, "module '%s' is not loaded", name));
    lua_pop(L, 1);
    script_load_file(L, path);
    lua_remove(L, -2);          /* the environment */
    lua_insert(L, -2);
    return 2;
}

const char *script_find(lua_State *L, const char *name)
{
    const char *path;

    if (strchr(name, '/') || !g_str_has_suffix(name, ".lua") || g_file_test(name, G_FILE_TEST_EXISTS))
        return lua_pushstring(L, name);
    lua_getglobal(L, LUA_LOADLIBNAME);
    lua_getfield(L, -1, "searchpath");
    lua_pushlstring(L, name, strlen(name) - strlen(".lua"));
    lua_getfield(L, -3, "path");
    lua_pushliteral(L, "");     /* a dot stays one */
    lua_call(L, 3, 1);
    if (lua_isnil(L, -1))
        return lua_pushstring(L, name);
    path = lua_tostring(L, -1);
    check_safe(L, path, lua_pushfstring(L, "%s is not run", name));
    lua_pop(L, 1);
    return path;
}

static void add_path(GString *path, const char *folder)
{
    g_string_append_printf(path, "%s%s/?.lua;%s/?/init.lua", path->len ? ";" : "", folder, folder);
}

/* The command line's folders, the user's (whose environment root does not trust), the site's, the shipped ones. */
static char *module_path(void)
{
    g_autoptr(GString) path = g_string_new(NULL);
    g_autofree char *user = util_data_path("scripts");

    for (guint i = 0; folders && i < folders->len; i++)
        add_path(path, folders->pdata[i]);
    if (geteuid() != 0 && geteuid() == getuid())
        add_path(path, user);
    add_path(path, SYSCONFDIR "/hvsh/scripts");
    add_path(path, SCRIPTDIR);
    return g_string_free(g_steal_pointer(&path), FALSE);
}

void script_open_modules(lua_State *L)
{
    /* a file's own globals, then the common ones, then it is an error */
    luaL_newmetatable(L, "hvsh.environment");
    lua_pushglobaltable(L);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, write_undeclared);
    lua_setfield(L, -2, "__newindex");
    lua_pop(L, 1);

    lua_getglobal(L, LUA_LOADLIBNAME);
    script_push_text(L, module_path());
    lua_setfield(L, -2, "path");
    lua_pushliteral(L, "");
    lua_setfield(L, -2, "cpath");
    lua_getfield(L, -1, "searchers");
    lua_pushvalue(L, -2);
    lua_pushcclosure(L, search_script, 1);
    lua_rawseti(L, -2, 2);      /* behind package.preload */
    for (lua_Integer i = (lua_Integer)lua_rawlen(L, -1); i > 2; i--) {
        lua_pushnil(L);
        lua_rawseti(L, -2, i);
    }
    lua_pop(L, 2);

    lua_pushglobaltable(L);
    lua_createtable(L, 0, 2);
    lua_pushcfunction(L, read_undeclared);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, write_undeclared);
    lua_setfield(L, -2, "__newindex");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}
