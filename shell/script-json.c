/* SPDX-License-Identifier: GPL-3.0-or-later */
/* script-json.c - hv.json: encode, decode, null. */
#include "script-private.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include "lazy-json.h"

enum { MAX_DEPTH = 200 };
#define BLANKS " \t\r\n"
#define PUNCTUATION "[]{}:,"

/* What json-c allocates lies in a userdata while Lua may raise. */
struct box {
    struct json_object *json;
    struct json_tokener *tokener;
};

static int box_clear(lua_State *L)
{
    struct box *box = luaL_checkudata(L, 1, "hvsh.json");

    json_object_put(box->json);
    if (box->tokener)
        json_tokener_free(box->tokener);
    memset(box, 0, sizeof(*box));
    return 0;
}

/* Closed when the function is left, by an error too. */
static struct box *box_new(lua_State *L)
{
    struct box *box = lua_newuserdatauv(L, sizeof(*box), 0);

    memset(box, 0, sizeof(*box));
    luaL_setmetatable(L, "hvsh.json");
    lua_toclose(L, -1);
    return box;
}

/* The first byte that is no part of UTF-8 text, which may have NULs; NULL: there is none. */
static const char *not_utf8(const char *text, size_t length)
{
    const char *end = text + length;

    while (!g_utf8_validate(text, end - text, &text) && *text == '\0')
        text++;
    return text < end ? text : NULL;
}

/* ---- encode -------------------------------------------------------------------------------------------------------------------- */

static bool is_null(lua_State *L, int index)
{
    return lua_islightuserdata(L, index) && !lua_touserdata(L, index);
}

static bool is_array(lua_State *L, int index)
{
    bool marked;

    if (lua_rawlen(L, index))
        return true;
    if (!lua_getmetatable(L, index))
        return false;
    luaL_getmetatable(L, "hvsh.array");
    marked = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return marked;
}

static struct json_object *number_json(lua_State *L, int index)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    double value;

    if (lua_isinteger(L, index))
        return json_object_new_int64(lua_tointeger(L, index));
    value = lua_tonumber(L, index);
    if (!isfinite(value))
        luaL_error(L, "JSON has no number for %f", value);
    g_ascii_formatd(text, sizeof(text), "%.15g", value);
    if (g_ascii_strtod(text, NULL) != value)
        g_ascii_dtostr(text, sizeof(text), value);
    return json_object_new_double_s(value, text);
}

static void encode_members(lua_State *L, int index, struct json_object *into, int depth);

/*
 * The value at index as a new object. What has members is given to its parent (or box) before they are made, so that it is never lost: `add`
 * does that.
 */
struct place {
    struct json_object *array, *object;   /* one of them, or */
    struct box *box;                      /* the top */
    const char *key;
};

static void add(const struct place *place, struct json_object *json)
{
    if (place->box)
        place->box->json = json;
    else if (place->array)
        json_object_array_add(place->array, json);
    else
        json_object_object_add(place->object, place->key, json);
}

static void encode_value(lua_State *L, int index, const struct place *place, int depth)
{
    struct json_object *json;

    luaL_checkstack(L, 10, "tables within tables");
    switch (lua_type(L, index)) {
    case LUA_TNIL:
        add(place, NULL);
        break;
    case LUA_TBOOLEAN:
        add(place, json_object_new_boolean(lua_toboolean(L, index)));
        break;
    case LUA_TNUMBER:
        add(place, number_json(L, index));
        break;
    case LUA_TSTRING: {
        size_t length;
        const char *text = lua_tolstring(L, index, &length);

        if (not_utf8(text, length))
            luaL_error(L, "a text that is not UTF-8 cannot be written as JSON");
        add(place, json_object_new_string_len(text, (int)length));
        break;
    }
    case LUA_TTABLE:
        if (depth >= MAX_DEPTH)
            luaL_error(L, "tables are more than %d deep: one that contains itself?", MAX_DEPTH);
        json = is_array(L, index) ? json_object_new_array() : json_object_new_object();
        add(place, json);
        encode_members(L, index, json, depth + 1);
        break;
    default:
        if (!is_null(L, index))
            luaL_error(L, "a %s cannot be written as JSON", luaL_typename(L, index));
        add(place, NULL);
        break;
    }
}

/* json-c knows keys by their C strings. */
static void check_key(lua_State *L, int index)
{
    size_t length;
    const char *key = lua_tolstring(L, index, &length);

    if (strlen(key) != length)
        luaL_error(L, "a key with a NUL byte cannot be written as JSON");
    if (not_utf8(key, length))
        luaL_error(L, "a key that is not UTF-8 cannot be written as JSON");
}

/* Push an array of the texts that are keys, sorted: the same table gives the same text. */
static void push_keys(lua_State *L, int index)
{
    lua_Integer n = 0;

    lua_newtable(L);
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            luaL_error(L, "keys of JSON are texts, not a %s", luaL_typename(L, -2));
        check_key(L, lua_gettop(L) - 1);
        lua_pushvalue(L, -2);
        lua_rawseti(L, -4, ++n);
    }
    lua_getglobal(L, LUA_TABLIBNAME);
    lua_getfield(L, -1, "sort");
    lua_remove(L, -2);
    lua_pushvalue(L, -2);
    lua_call(L, 1, 0);
}

static void encode_members(lua_State *L, int index, struct json_object *into, int depth)
{
    lua_Integer length = (lua_Integer)lua_rawlen(L, index);
    int top = lua_gettop(L);

    if (json_object_is_type(into, json_type_array)) {
        const struct place place = {.array = into};

        for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1))
            if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) < 1 || lua_tointeger(L, -2) > length)
                luaL_error(L, "JSON has no table that is an array of %I and has the key '%s' too", (LUAI_UACINT)length,
                           luaL_tolstring(L, -2, NULL));
        for (lua_Integer i = 1; i <= length; i++) {
            lua_rawgeti(L, index, i);
            encode_value(L, top + 1, &place, depth);
            lua_settop(L, top);
        }
        return;
    }
    push_keys(L, index);
    for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, top + 1); i++) {
        struct place place = {.object = into};

        lua_rawgeti(L, top + 1, i);
        place.key = lua_tostring(L, -1);
        lua_pushvalue(L, -1);
        lua_rawget(L, index);
        encode_value(L, top + 3, &place, depth);
        lua_settop(L, top + 1);
    }
    lua_settop(L, top);
}

/* encode(value, { pretty = true }) */
static int encode(lua_State *L)
{
    int flags = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE;
    struct place place = {0};

    luaL_checkany(L, 1);
    lua_settop(L, 2);
    script_check_keys(L, 2, (const char *const[]){"pretty", NULL});
    if (lua_istable(L, 2) && (lua_getfield(L, 2, "pretty"), lua_toboolean(L, -1)))
        flags = JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE;
    lua_settop(L, 2);
    place.box = box_new(L);
    encode_value(L, 1, &place, 0);
    lua_pushstring(L, json_object_to_json_string_ext(place.box->json, flags));
    return 1;
}

/* ---- decode -------------------------------------------------------------------------------------------------------------------- */

static void push_json(lua_State *L, struct json_object *json)
{
    luaL_checkstack(L, 10, "JSON within JSON");
    switch (json_object_get_type(json)) {
    case json_type_null:
        lua_pushlightuserdata(L, NULL);
        break;
    case json_type_boolean:
        lua_pushboolean(L, json_object_get_boolean(json));
        break;
    case json_type_int:
        lua_pushinteger(L, json_object_get_int64(json));
        break;
    case json_type_double:
        lua_pushnumber(L, json_object_get_double(json));
        break;
    case json_type_string:
        lua_pushlstring(L, json_object_get_string(json), (size_t)json_object_get_string_len(json));
        break;
    case json_type_array:
        lua_createtable(L, (int)json_object_array_length(json), 0);
        for (size_t i = 0; i < json_object_array_length(json); i++) {
            push_json(L, json_object_array_get_idx(json, i));
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        }
        script_mark_array(L);
        break;
    case json_type_object: {
        struct json_object_iterator at = json_object_iter_begin(json), end = json_object_iter_end(json);

        lua_createtable(L, 0, json_object_object_length(json));
        for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
            lua_pushstring(L, json_object_iter_peek_name(&at));
            push_json(L, json_object_iter_peek_value(&at));
            lua_rawset(L, -3);
        }
        break;
    }
    }
}

/*
 * json-c, told to be strict or not, takes more than JSON has (NaN, 1., 'texts', line feeds in texts), each version its own, cuts numbers to 64 bits
 * and names at a NUL. So the words of the text are looked at here; how they may follow each other is for json-c to say.
 */

static int not_json(lua_State *L, const char *why, size_t at)
{
    return luaL_error(L, "not JSON: %s at character %I", why, (LUAI_UACINT)at + 1);
}

static size_t digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* A number as JSON writes it: its length; 0: it is none. *whole: it has neither a fraction nor an exponent. */
static size_t number_length(const char *text, bool *whole)
{
    const char *at = text + (*text == '-');
    size_t count = digits(at);

    if (!count || (count > 1 && *at == '0'))
        return 0;
    at += count;
    *whole = *at != '.' && *at != 'e' && *at != 'E';
    if (*at == '.') {
        count = digits(++at);
        at += count;
    }
    if (count && (*at == 'e' || *at == 'E')) {
        at += at[1] == '+' || at[1] == '-' ? 2 : 1;
        count = digits(at);
        at += count;
    }
    return count ? (size_t)(at - text) : 0;
}

/* Check the text in quotes; behind it. */
static size_t check_text(lua_State *L, const char *text, size_t at)
{
    size_t start = at++;
    bool nul = false;

    for (; text[at] != '"'; at++) {
        if ((unsigned char)text[at] < 0x20)
            not_json(L, text[at] ? "a control character in a text" : "a text without an end", at);
        nul = nul || strncmp(text + at, "\\u0000", 6) == 0;
        if (text[at] == '\\' && text[at + 1])
            at++;
    }
    at++;
    if (nul && text[at + strspn(text + at, BLANKS)] == ':')
        luaL_error(L, "a name with a NUL byte at character %I cannot be read", (LUAI_UACINT)start + 1);
    return at;
}

/* Check the word (a number, true, false, null); behind it. *large: it is an integer that only a float holds. */
static size_t check_word(lua_State *L, const char *text, size_t at, bool *large)
{
    static const char *const names[] = {"true", "false", "null"};
    size_t length = strcspn(text + at, BLANKS PUNCTUATION "\"");
    bool whole = false;

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (length == strlen(names[i]) && strncmp(text + at, names[i], length) == 0)
            return at + length;
    if (!length || number_length(text + at, &whole) != length)
        not_json(L, "no value", at);
    if (!isfinite(g_ascii_strtod(text + at, NULL)))
        luaL_error(L, "the number at character %I is too large", (LUAI_UACINT)at + 1);
    errno = 0;
    (void)g_ascii_strtoll(text + at, NULL, 10);
    *large = whole && errno == ERANGE;
    return at + length;
}

/* Give the tokener the next part of the text, which begins at character `start`. */
static void feed(lua_State *L, struct box *box, const char *part, size_t length, size_t start)
{
    enum json_tokener_error error;

    box->json = json_tokener_parse_ex(box->tokener, part, (int)length);
    error = json_tokener_get_error(box->tokener);
    if (error != json_tokener_success && error != json_tokener_continue)
        not_json(L, json_tokener_error_desc(error), start + json_tokener_get_parse_end(box->tokener));
}

static int decode(lua_State *L)
{
    size_t length, at = 0, fed = 0;
    const char *text = luaL_checklstring(L, 1, &length), *bad;
    struct box *box;

    luaL_argcheck(L, length < INT32_MAX, 1, "too long");
    if (!g_utf8_validate(text, (gssize)length, &bad))
        return not_json(L, *bad ? "no UTF-8" : "a NUL byte", (size_t)(bad - text));
    box = box_new(L);
    box->tokener = json_tokener_new_ex(MAX_DEPTH);
    if (!box->tokener)
        return luaL_error(L, "not enough memory");
    json_tokener_set_flags(box->tokener, JSON_TOKENER_STRICT);
    while (at += strspn(text + at, BLANKS PUNCTUATION), at < length) {
        bool large = false;

        at = text[at] == '"' ? check_text(L, text, at) : check_word(L, text, at, &large);
        if (!large)
            continue;
        feed(L, box, text + fed, at - fed, fed);
        feed(L, box, ".0", 2, at);
        fed = at;
    }
    /* the NUL behind the text ends a number */
    feed(L, box, text + fed, length - fed + 1, fed);
    if (json_tokener_get_error(box->tokener) != json_tokener_success)
        return not_json(L, "no end", length);
    push_json(L, box->json);
    return 1;
}

void script_open_json(lua_State *L)
{
    static const luaL_Reg box_methods[] = {{"__gc", box_clear}, {"__close", box_clear}, {NULL, NULL}};
    static const luaL_Reg functions[] = {{"encode", encode}, {"decode", decode}, {NULL, NULL}};

    luaL_newmetatable(L, "hvsh.json");
    luaL_setfuncs(L, box_methods, 0);
    lua_pop(L, 1);
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
    lua_setfield(L, -2, "json");
}
