/* SPDX-License-Identifier: GPL-3.0-or-later */
/* script-prompt.c - Lua at the prompt: lines, unfinished lines, TAB. What a line sets stays for the next: the prompt's globals need no declaration. */
#include "script-private.h"

#include <string.h>

static const char environment_key;      /* registry: the prompt's environment */

/* Push the prompt's environment: hv is there, and writing declares. */
static void push_environment(lua_State *L)
{
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &environment_key) != LUA_TNIL)
        return;
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, LUA_GNAME);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_getfield(L, -1, "hvsh");
    lua_setfield(L, -3, "hv");
    lua_pop(L, 1);
    lua_createtable(L, 0, 1);
    lua_pushglobaltable(L);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &environment_key);
}

/* ---- lines -------------------------------------------------------------------------------------------------------------------- */

struct line {
    const char *text;
    bool print;                 /* an expression it must be */
};

/* Push the line as a function: an expression when it can be read as one, else statements. LUA_OK, or the error's status and text. */
static int load_line(lua_State *L, const char *text, bool expression_only)
{
    int status;

    lua_pushfstring(L, "return %s", text);
    status = luaL_loadbufferx(L, lua_tostring(L, -1), lua_rawlen(L, -1), "=line", "t");
    lua_remove(L, -2);
    if (status == LUA_OK || expression_only)
        return status;
    lua_pop(L, 1);
    return luaL_loadbufferx(L, text, strlen(text), "=line", "t");
}

static int run_line(lua_State *L)
{
    const struct line *line = lua_touserdata(L, 1);

    lua_settop(L, 0);
    if (load_line(L, line->text, line->print) != LUA_OK)
        return lua_error(L);
    push_environment(L);
    lua_setupvalue(L, -2, 1);
    lua_call(L, 0, LUA_MULTRET);
    for (int i = 1, top = lua_gettop(L); i <= top; i++)
        if (line->print || top > 1 || !lua_isnil(L, i))
            script_print_value(L, i);
    return 0;
}

int script_run_line(const char *text, bool print)
{
    const struct line line = {.text = text, .print = print};
    lua_State *L = script_state();
    int status = 0;

    if (!L)
        return 1;
    lua_pushcfunction(L, run_line);
    lua_pushlightuserdata(L, (void *)&line);
    if (script_call(L, 1, 0) != LUA_OK)
        status = script_report(L, false);
    fflush(stdout);
    return status;
}

/* Lua's parser says where it stopped: at the end of the text means that more may follow. */
static int check_open(lua_State *L)
{
    const char *text = lua_touserdata(L, 1), *end;
    bool open = false;

    if (load_line(L, text, false) == LUA_ERRSYNTAX) {
        end = lua_tostring(L, -1);
        open = g_str_has_suffix(end, "<eof>");
    }
    lua_pushboolean(L, open);
    return 1;
}

bool script_is_open(const char *text)
{
    lua_State *L = script_state();
    bool open;

    if (!L)
        return false;
    lua_pushcfunction(L, check_open);
    lua_pushlightuserdata(L, (void *)text);
    open = script_call(L, 1, 1) == LUA_OK && lua_toboolean(L, -1);
    lua_pop(L, 1);
    return open;
}

/* ---- completion ------------------------------------------------------------------------------------------------------------------- */

struct completion {
    const char *text;
    size_t start;               /* where the last name begins */
    GPtrArray *names;
};

static bool is_word(char c)
{
    return g_ascii_isalnum(c) || c == '_';
}

static void offer(struct completion *completion, const char *name, const char *behind)
{
    const char *start = completion->text + completion->start;

    if (g_str_has_prefix(name, start))
        g_ptr_array_add(completion->names, g_strconcat(name, behind, NULL));
}

/* The names of the table on top that begin as the last name does; `_` ones when it begins so. */
static void offer_keys(lua_State *L, struct completion *completion)
{
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;

        if (name && *name && (*name != '_' || completion->text[completion->start] == '_') && strspn(name, "0123456789") == 0 &&
            !name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")])
            offer(completion, name, lua_isfunction(L, -1) ? "(" : "");
    }
}

static void offer_commands(struct completion *completion)
{
    for (const char *const *name = plugin_command_names(); *name; name++) {
        const struct hvsh_command *def = plugin_command_def(*name);
        g_autofree char *lua = g_strdelimit(g_strdup(*name), "-", '_');

        if (!(def->flags & HVSH_HIDDEN))
            offer(completion, lua, "(");
    }
}

/* The first name of a path: one of the prompt's globals, or a common one. */
static void push_global(lua_State *L, const char *name, size_t length)
{
    push_environment(L);
    lua_pushlstring(L, name, length);
    if (lua_rawget(L, -2) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_pushglobaltable(L);
        lua_pushlstring(L, name, length);
        lua_rawget(L, -2);
        lua_remove(L, -2);
    }
    lua_remove(L, -2);
}

/* Walk a.b.c without calling anything of the user's: raw look-ups only. Pushes the table, or an object's methods; false: there is none. */
static bool push_path(lua_State *L, const char *path, size_t length)
{
    for (size_t from = 0, to; from <= length; from = to + 1) {
        to = from + strcspn(path + from, ".:");
        to = MIN(to, length);
        if (from == 0) {
            push_global(L, path, to);
        } else {
            lua_pushlstring(L, path + from, to - from);
            lua_rawget(L, -2);
            lua_remove(L, -2);
        }
        if (lua_isuserdata(L, -1) && luaL_getmetafield(L, -1, "__index") != LUA_TNIL)
            lua_remove(L, -2);
        if (!lua_istable(L, -1))
            return false;
    }
    return true;
}

static int complete(lua_State *L)
{
    struct completion *completion = lua_touserdata(L, 1);
    const char *text = completion->text;
    size_t end = strlen(text), begin;

    completion->start = end;
    while (completion->start > 0 && is_word(text[completion->start - 1]))
        completion->start--;
    begin = completion->start;
    while (begin > 0 && (is_word(text[begin - 1]) || text[begin - 1] == '.' || text[begin - 1] == ':'))
        begin--;
    lua_settop(L, 1);
    if (begin == completion->start) {
        push_environment(L);
        offer_keys(L, completion);
        lua_pushglobaltable(L);
        offer_keys(L, completion);
        return 0;
    }
    if (!push_path(L, text + begin, completion->start - 1 - begin))
        return 0;
    offer_keys(L, completion);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_getfield(L, -1, "hvsh");
    if (lua_rawequal(L, -1, -3))
        offer_commands(completion);
    return 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char **script_complete(const char *text)
{
    struct completion completion = {.text = text};
    lua_State *L = script_state();

    if (!L)
        return NULL;
    completion.names = g_ptr_array_new();
    lua_pushcfunction(L, complete);
    lua_pushlightuserdata(L, &completion);
    if (script_call(L, 1, 0) != LUA_OK)
        lua_pop(L, 1);
    g_ptr_array_sort(completion.names, compare);
    /* hv's own functions may have commands' names */
    for (guint i = 1; i < completion.names->len;) {
        if (strcmp(completion.names->pdata[i - 1], completion.names->pdata[i]) == 0)
            g_free(g_ptr_array_remove_index(completion.names, i));
        else
            i++;
    }
    g_ptr_array_add(completion.names, NULL);
    return (char **)g_ptr_array_free(completion.names, FALSE);
}
