/* SPDX-License-Identifier: GPL-3.0-or-later */
/* script-terminal.c - questions, the bar, values shown to a person. */
#include "script-private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "tty.h"
#include "util.h"

/* ---- questions ---------------------------------------------------------------------------------------------------------------- */

/* Ask, or raise: nobody there, Ctrl-C. */
static void push_answer(lua_State *L, const char *question, bool secret)
{
    char *answer;

    errno = 0;
    answer = tty_ask(question, secret);
    if (!answer && errno == EINTR && !script.masked && !script.stopping)
        script_stop(L);
    if (!answer)
        script_fail(L, NULL, "hvsh --yes says yes to every hv.confirm beforehand", "there is no terminal to ask on: %s", question);
    script_push_text(L, answer);
}

static int ask(lua_State *L)
{
    const char *question = script_check_text(L, 1, "a question");
    bool secret = false;

    script_check_keys(L, 2, (const char *const[]){"secret", NULL});
    if (lua_istable(L, 2)) {
        lua_getfield(L, 2, "secret");
        secret = lua_toboolean(L, -1);
    }
    push_answer(L, question, secret);
    return 1;
}

/* hv.confirm("delete volume x"): true, or an error: a script that does not look at the answer must not go on. */
static int confirm(lua_State *L)
{
    const char *deed = script_check_text(L, 1, "a deed"), *answer;

    if (exec_settings.yes) {
        lua_pushboolean(L, true);
        return 1;
    }
    lua_pushfstring(L, "Really %s? [y/N] ", deed);
    push_answer(L, lua_tostring(L, -1), false);
    answer = lua_tostring(L, -1);
    if (g_ascii_strcasecmp(answer, "y") != 0 && g_ascii_strcasecmp(answer, "yes") != 0)
        return script_fail(L, NULL, NULL, "refused: %s", deed);
    lua_pushboolean(L, true);
    return 1;
}

/* hv.progress(what, done, total) draws the bar, hv.progress() takes it away. */
static int progress(lua_State *L)
{
    lua_Integer done, total;

    if (lua_isnoneornil(L, 1)) {
        out_bar_clear();
        return 0;
    }
    done = luaL_checkinteger(L, 2);
    total = luaL_optinteger(L, 3, 0);
    luaL_argcheck(L, done >= 0, 2, "less than nothing");
    luaL_argcheck(L, total >= 0, 3, "less than nothing");
    out_bar(script_check_text(L, 1, "what is done"), (uint64_t)done, (uint64_t)total);
    return 0;
}

static int note(lua_State *L)
{
    out_note(script_check_text(L, 1, "a remark"));
    return 0;
}

/* ---- values as Lua writes them ----------------------------------------------------------------------------------------------------- */

enum { MAX_DEPTH = 16, MAX_LINE = 100 };

static bool is_identifier(const char *text)
{
    static const char *const reserved[] = {"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local",
                                           "nil", "not", "or", "repeat", "return", "then", "true", "until", "while", NULL};

    if (!g_ascii_isalpha(*text) && *text != '_')
        return false;
    for (const char *c = text; *c; c++)
        if (!g_ascii_isalnum(*c) && *c != '_')
            return false;
    return !g_strv_contains(reserved, text);
}

/* Push the text of the value at index, which is no table. */
static void push_scalar(lua_State *L, int index)
{
    if (lua_type(L, index) == LUA_TSTRING) {
        const char *text = lua_tostring(L, index);
        luaL_Buffer buffer;

        luaL_buffinit(L, &buffer);
        luaL_addchar(&buffer, '"');
        for (size_t i = 0, length = lua_rawlen(L, index); i < length; i++) {
            unsigned char c = (unsigned char)text[i];
            char escaped[8];

            if (c == '\n')
                luaL_addstring(&buffer, "\\n");
            else if (c == '"' || c == '\\')
                luaL_addchar(&buffer, '\\'), luaL_addchar(&buffer, (char)c);
            else if (c < 0x20 || c == 0x7f)
                g_snprintf(escaped, sizeof(escaped), "\\x%02x", c), luaL_addstring(&buffer, escaped);
            else
                luaL_addchar(&buffer, (char)c);
        }
        luaL_addchar(&buffer, '"');
        luaL_pushresult(&buffer);
    } else if (lua_islightuserdata(L, index) && !lua_touserdata(L, index)) {
        lua_pushliteral(L, "hv.json.null");
    } else {
        luaL_tolstring(L, index, NULL);
    }
}

static void push_shown(lua_State *L, int index, int depth);

/* Push "[key] = " for the key at index. */
static void push_key(lua_State *L, int index)
{
    if (lua_type(L, index) == LUA_TSTRING && is_identifier(lua_tostring(L, index))) {
        lua_pushfstring(L, "%s = ", lua_tostring(L, index));
    } else {
        push_scalar(L, index);
        lua_pushfstring(L, "[%s] = ", lua_tostring(L, -1));
        lua_remove(L, -2);
    }
}

/* table.sort's order for keys of any kind: by type, numbers by value, the rest by text. */
static int compare_keys(lua_State *L)
{
    if (lua_type(L, 1) != lua_type(L, 2))
        lua_pushboolean(L, lua_type(L, 1) < lua_type(L, 2));
    else if (lua_type(L, 1) == LUA_TNUMBER || lua_type(L, 1) == LUA_TSTRING)
        lua_pushboolean(L, lua_compare(L, 1, 2, LUA_OPLT));
    else
        lua_pushboolean(L, lua_topointer(L, 1) < lua_topointer(L, 2));
    return 1;
}

/* Push an array of the table's keys that are no part of its array, in order. */
static void push_keys(lua_State *L, int table)
{
    lua_Integer length = (lua_Integer)lua_rawlen(L, table), n = 0;

    lua_newtable(L);
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        if (lua_isinteger(L, -2) && lua_tointeger(L, -2) >= 1 && lua_tointeger(L, -2) <= length)
            continue;
        lua_pushvalue(L, -2);
        lua_rawseti(L, -4, ++n);
    }
    lua_getglobal(L, LUA_TABLIBNAME);
    lua_getfield(L, -1, "sort");
    lua_remove(L, -2);
    lua_pushvalue(L, -2);
    lua_pushcfunction(L, compare_keys);
    lua_call(L, 2, 0);
}

/* Push the table at index: on one line when that is short, else a line for each member. */
static void push_table(lua_State *L, int index, int depth)
{
    lua_Integer n = 0, length = (lua_Integer)lua_rawlen(L, index);
    size_t total = 0;
    bool wide = false;
    int parts, keys;
    luaL_Buffer buffer;

    luaL_checkstack(L, 16, "tables within tables");
    lua_newtable(L);
    parts = lua_gettop(L);
    for (lua_Integer i = 1; i <= length; i++) {
        lua_rawgeti(L, index, i);
        wide = wide || lua_istable(L, -1);
        push_shown(L, lua_gettop(L), depth + 1);
        total += lua_rawlen(L, -1) + 2;
        lua_rawseti(L, parts, ++n);
        lua_pop(L, 1);
    }
    push_keys(L, index);
    keys = lua_gettop(L);
    for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, keys); i++) {
        lua_rawgeti(L, keys, i);
        push_key(L, lua_gettop(L));
        lua_pushvalue(L, -2);
        lua_rawget(L, index);
        push_shown(L, lua_gettop(L), depth + 1);
        lua_remove(L, -2);
        lua_concat(L, 2);
        total += lua_rawlen(L, -1) + 2;
        wide = wide || strchr(lua_tostring(L, -1), '\n');
        lua_rawseti(L, parts, ++n);
        lua_pop(L, 1);
    }
    lua_settop(L, parts);
    if (n == 0) {
        lua_pushliteral(L, "{}");
        lua_remove(L, parts);
        return;
    }
    wide = wide || total > MAX_LINE;
    luaL_buffinit(L, &buffer);
    luaL_addstring(&buffer, wide ? "{\n" : "{ ");
    for (lua_Integer i = 1; i <= n; i++) {
        for (int blank = 0; wide && blank <= depth; blank++)
            luaL_addstring(&buffer, "  ");
        lua_rawgeti(L, parts, i);
        luaL_addvalue(&buffer);
        luaL_addstring(&buffer, wide ? ",\n" : i < n ? ", " : " ");
    }
    for (int blank = 0; wide && blank < depth; blank++)
        luaL_addstring(&buffer, "  ");
    luaL_addchar(&buffer, '}');
    luaL_pushresult(&buffer);
    lua_remove(L, parts);
}

static void push_shown(lua_State *L, int index, int depth)
{
    if (lua_istable(L, index) && luaL_getmetafield(L, index, "__tostring") != LUA_TNIL) {
        lua_pop(L, 1);
        push_scalar(L, index);
    } else if (!lua_istable(L, index)) {
        push_scalar(L, index);
    } else if (depth >= MAX_DEPTH) {
        lua_pushliteral(L, "{ ... }");
    } else {
        push_table(L, index, depth);
    }
}

void script_print_value(lua_State *L, int index)
{
    int top = lua_gettop(L);

    if (lua_type(L, index) == LUA_TSTRING)
        lua_pushvalue(L, index);            /* at the top a text is itself */
    else
        push_shown(L, lua_absindex(L, index), 0);
    fwrite(lua_tostring(L, -1), 1, lua_rawlen(L, -1), stdout);
    if (lua_rawlen(L, -1) == 0 || lua_tostring(L, -1)[lua_rawlen(L, -1) - 1] != '\n')
        putchar('\n');
    fflush(stdout);
    lua_settop(L, top);
}

static int print(lua_State *L)
{
    for (int i = 1, top = lua_gettop(L); i <= top; i++)
        script_print_value(L, i);
    return 0;
}

void script_open_terminal(lua_State *L)
{
    static const luaL_Reg functions[] = {{"ask", ask}, {"confirm", confirm}, {"progress", progress}, {"note", note}, {"print", print}, {NULL, NULL}};

    luaL_setfuncs(L, functions, 0);
}
