/* SPDX-License-Identifier: GPL-3.0-or-later */
/* script-value.c - values between C's tables and Lua: rows to tables with raw numbers, and what a script gives to the words of a command. */
#include "script-private.h"

#include <string.h>
#include "types.h"
#include "util.h"

/* ---- to Lua ------------------------------------------------------------------------------------------------------------------ */

/* A Lua integer where it fits. */
static void push_unsigned(lua_State *L, uint64_t value)
{
    if (value <= INT64_MAX)
        lua_pushinteger(L, (lua_Integer)value);
    else
        lua_pushnumber(L, (lua_Number)value);
}

static void push_param(lua_State *L, const virTypedParameter *param)
{
    switch (param->type) {
    case VIR_TYPED_PARAM_INT:
        lua_pushinteger(L, param->value.i);
        break;
    case VIR_TYPED_PARAM_UINT:
        lua_pushinteger(L, param->value.ui);
        break;
    case VIR_TYPED_PARAM_LLONG:
        lua_pushinteger(L, param->value.l);
        break;
    case VIR_TYPED_PARAM_ULLONG:
        push_unsigned(L, param->value.ul);
        break;
    case VIR_TYPED_PARAM_DOUBLE:
        lua_pushnumber(L, param->value.d);
        break;
    case VIR_TYPED_PARAM_BOOLEAN:
        lua_pushboolean(L, param->value.b != 0);
        break;
    case VIR_TYPED_PARAM_STRING:
        lua_pushstring(L, param->value.s);
        break;
    default:
        lua_pushnil(L);
        break;
    }
}

static void push_params(lua_State *L, const struct hvsh_params *params)
{
    lua_createtable(L, 0, MAX(params->count, 0));
    for (int i = 0; i < params->count; i++) {
        push_param(L, &params->items[i]);
        lua_setfield(L, -2, params->items[i].field);
    }
}

static void push_cpuset(lua_State *L, const struct hvsh_cpuset *set)
{
    lua_Integer n = 0;

    lua_newtable(L);
    for (int cpu = 0; cpu < set->length * 8; cpu++) {
        if (!(set->map[cpu / 8] & 1 << cpu % 8))
            continue;
        lua_pushinteger(L, cpu);
        lua_rawseti(L, -2, ++n);
    }
    script_mark_array(L);
}

static void push_rows(lua_State *L, const struct hvsh_field *field, const struct hvsh_rows *rows, GString *scratch)
{
    const struct hvsh_field *const *fields = field_rows(field);

    lua_createtable(L, (int)rows->count, 0);
    for (size_t i = 0; fields && i < rows->count; i++) {
        script_push_row(L, fields, (const char *)rows->items + i * field->row_size, scratch);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    script_mark_array(L);
}

static void push_element(lua_State *L, const struct hvsh_field *field, const void *value, GString *scratch)
{
    switch (field->type->kind) {
    case HVSH_KIND_FLAG:
        lua_pushboolean(L, *(const bool *)value);
        break;
    case HVSH_KIND_BIT:
        if (field->value)
            lua_pushboolean(L, (*(const unsigned int *)value & field->value) == field->value);
        else
            lua_pushinteger(L, *(const unsigned int *)value);
        break;
    case HVSH_KIND_INT:
        lua_pushinteger(L, *(const int *)value);
        break;
    case HVSH_KIND_UINT:
        lua_pushinteger(L, *(const unsigned int *)value);
        break;
    case HVSH_KIND_INT64:
    case HVSH_KIND_TIME:
        lua_pushinteger(L, *(const int64_t *)value);
        break;
    case HVSH_KIND_UINT64:
    case HVSH_KIND_SIZE:
    case HVSH_KIND_BANDWIDTH:
    case HVSH_KIND_DURATION:
        push_unsigned(L, *(const uint64_t *)value);
        break;
    case HVSH_KIND_REAL:
    case HVSH_KIND_PERCENT:
        lua_pushnumber(L, *(const double *)value);
        break;
    case HVSH_KIND_CPUSET:
        push_cpuset(L, value);
        break;
    case HVSH_KIND_PARAMS:
        push_params(L, value);
        break;
    case HVSH_KIND_ROWS:
        push_rows(L, field, value, scratch);
        break;
    case HVSH_KIND_TEXT:
    case HVSH_KIND_PATH:
    case HVSH_KIND_XML:
    case HVSH_KIND_UUID:
    case HVSH_KIND_MAC:
        lua_pushstring(L, *(const char *const *)value);
        break;
    case HVSH_KIND_ENUM: {
        const struct hvsh_choice *choice = choice_by_value(field, *(const int *)value);

        if (choice)
            lua_pushstring(L, choice->name);
        else
            lua_pushinteger(L, *(const int *)value);
        break;
    }
    default:
        g_string_truncate(scratch, 0);
        value_print(field, value, HVSH_DATA, &(hvsh_buffer){scratch});
        lua_pushlstring(L, scratch->str, scratch->len);
        break;
    }
}

void script_push_value(lua_State *L, const struct hvsh_field *field, const void *value, GString *scratch)
{
    typedef HVSH_LIST_OF(char) any_list;
    const any_list *list = value;
    enum hvsh_kind kind = field->type->kind;

    luaL_checkstack(L, 4, "rows within rows");
    if (field->flags & HVSH_LIST) {
        lua_createtable(L, (int)list->count, 0);
        for (size_t i = 0; i < list->count; i++) {
            push_element(L, field, list->items + i * field->type->size, scratch);
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        }
        script_mark_array(L);
    } else if (kind != HVSH_KIND_PARAMS && kind != HVSH_KIND_ROWS && value_missing(field, value)) {
        lua_pushnil(L);
    } else {
        push_element(L, field, value, scratch);
    }
}

void script_push_name(lua_State *L, const char *name)
{
    char copy[128];

    if (!strchr(name, '-') || strlen(name) >= sizeof(copy)) {
        lua_pushstring(L, name);
        return;
    }
    g_strlcpy(copy, name, sizeof(copy));
    lua_pushstring(L, g_strdelimit(copy, "-", '_'));
}

void script_push_row(lua_State *L, const struct hvsh_field *const *fields, const void *row, GString *scratch)
{
    int count = 0;

    while (fields && fields[count])
        count++;
    lua_createtable(L, 0, count);
    for (int i = 0; i < count; i++) {
        if (fields[i]->flags & HVSH_HIDE)
            continue;
        script_push_name(L, fields[i]->name);
        script_push_value(L, fields[i], field_at(fields[i], row), scratch);
        lua_rawset(L, -3);
    }
}

void script_push_arguments(lua_State *L, hvsh_call *call, const void *args, GString *scratch)
{
    const struct command *command = call->command;

    lua_createtable(L, 0, (int)command->nargs);
    for (unsigned int i = 0; i < command->nargs; i++) {
        const struct hvsh_field *field = command->args[i];
        const void *value = field_at(field, args);

        script_push_name(L, field->name);
        /* flags and lists tell by themselves whether they were given; of a required secret the shell may have asked for it */
        if (field->flags & HVSH_LIST || field->type->kind == HVSH_KIND_FLAG)
            script_push_value(L, field, value, scratch);
        else if (hvsh_given(call, field->name) || field->fallback || field->flags & HVSH_REQUIRED)
            push_element(L, field, value, scratch);
        else
            lua_pushnil(L);
        lua_rawset(L, -3);
    }
}

void script_mark_array(lua_State *L)
{
    luaL_getmetatable(L, "hvsh.array");
    lua_setmetatable(L, -2);
}

/* ---- from Lua ------------------------------------------------------------------------------------------------------------------ */

const char *script_whole_text(lua_State *L, int index, const char *what)
{
    size_t length = 0;
    const char *text = lua_tolstring(L, index, &length);

    if (text && strlen(text) != length)
        luaL_error(L, "%s must not have a NUL byte", what);
    return text;
}

const char *script_check_text(lua_State *L, int index, const char *what)
{
    luaL_checkstring(L, index);
    return script_whole_text(L, index, what);
}

const char *script_push_word(lua_State *L, int index, const char *what)
{
    int whole = 0;
    lua_Integer integer = lua_type(L, index) == LUA_TNUMBER ? lua_tointegerx(L, index, &whole) : 0;

    if (whole) {
        lua_pushfstring(L, "%I", (LUAI_UACINT)integer);
    } else if (lua_type(L, index) == LUA_TNUMBER) {
        char buffer[G_ASCII_DTOSTR_BUF_SIZE];

        lua_pushstring(L, g_ascii_formatd(buffer, sizeof(buffer), "%.15g", lua_tonumber(L, index)));
    } else if (lua_type(L, index) == LUA_TSTRING) {
        lua_pushvalue(L, index);
    } else {
        luaL_error(L, "%s must be a text or a number, not a %s", what, luaL_typename(L, index));
    }
    return script_whole_text(L, -1, what);
}

void script_unknown(lua_State *L, const char *what, const char *name, const char *const names[])
{
    const char *nearest = hvsh_nearest(name, names);

    if (nearest)
        luaL_error(L, "%s '%s': did you mean '%s'?", what, name, nearest);
    luaL_error(L, "%s '%s'", what, name);
}

void script_check_keys(lua_State *L, int index, const char *const names[])
{
    const char *name;

    if (lua_isnoneornil(L, index))
        return;
    luaL_checktype(L, index, LUA_TTABLE);
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            luaL_error(L, "options are named by texts, not by a %s", luaL_typename(L, -2));
        name = script_whole_text(L, -2, "the name of an option");
        if (!g_strv_contains(names, name))
            script_unknown(L, "there is no option", name, names);
    }
}

lua_Integer script_length(lua_State *L, int index)
{
    lua_Integer length = (lua_Integer)lua_rawlen(L, index), greatest = length;

    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        if (lua_type(L, -2) == LUA_TSTRING)
            continue;
        if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) < 1 || lua_tointeger(L, -2) > length + CALL_MAX_ARGS)
            luaL_error(L, "arguments are named by texts or have a place from 1 on, not '%s'", luaL_tolstring(L, -2, NULL));
        greatest = MAX(greatest, lua_tointeger(L, -2));
    }
    return greatest;
}

int script_milliseconds(lua_State *L, int index, const char *what)
{
    uint64_t nanoseconds = 0;
    double seconds = -1;

    if (lua_type(L, index) == LUA_TNUMBER)
        seconds = lua_tonumber(L, index);
    else if (lua_type(L, index) == LUA_TSTRING && parse_duration(script_whole_text(L, index, what), 1000000000, &nanoseconds) == 0)
        seconds = (double)nanoseconds / 1e9;
    if (!(seconds >= 0))
        return luaL_error(L, "%s must be seconds, or a text like \"90s\" or \"5m\"", what);
    return seconds > 2147483 ? INT32_MAX : (int)(seconds * 1000 + 0.5);
}
