/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * script-sink.c - the sink whose rows become Lua tables. Rows come while a command runs, with its C frames below: whatever Lua does here is done in
 * a protected call, and what fails is kept for the end.
 */
#include "script-private.h"

#include <string.h>

/* The rows of one name, as in JSON: all of a call's that has one, else one member of its table. */
struct part {
    const char *name;
    enum hvsh_shape_kind kind;
    lua_Integer rows;
    GString *text;              /* RAW */
};

enum { MESSAGES = 1 };          /* the first part: said only when there is nothing else */

static void part_clear(void *p)
{
    struct part *part = p;

    if (part->text)
        g_string_free(part->text, TRUE);
}

static bool is_array(enum hvsh_shape_kind kind)
{
    return kind == HVSH_TABLE || kind == HVSH_LINES || kind == HVSH_STANZAS || kind == HVSH_TREE;
}

static struct part *part_at(const struct lua_sink *sink, lua_Integer number)
{
    return &g_array_index(sink->parts, struct part, number - 1);
}

/* The number of the part that a shape's rows belong to, from 1. */
static lua_Integer part_of(struct lua_sink *sink, const struct shape *shape)
{
    struct part new = {.name = shape->def->name ? shape->def->name : "rows", .kind = shape->def->kind};

    if (new.kind == HVSH_MESSAGE)
        return MESSAGES;
    for (guint i = MESSAGES; i < sink->parts->len; i++)
        if (!sink->sink.several || strcmp(g_array_index(sink->parts, struct part, i).name, new.name) == 0)
            return (lua_Integer)i + 1;
    if (new.kind == HVSH_RAW && field_is_text(shape->fields[0]))
        new.text = g_string_new(NULL);
    g_array_append_val(sink->parts, new);
    return (lua_Integer)sink->parts->len;
}

/* ---- rows ------------------------------------------------------------------------------------------------------------------------ */

struct arrival {
    struct lua_sink *sink;
    const struct shape *shape;
    const void *row;
    lua_Integer part;
};

/* key, value: see pair_field(). */
static void push_pair(lua_State *L, const struct arrival *arrival)
{
    const struct hvsh_field *const *fields = arrival->shape->fields, *value = pair_field(fields);

    script_push_value(L, fields[0], field_at(fields[0], arrival->row), arrival->sink->scratch);
    if (value) {
        script_push_value(L, value, field_at(value, arrival->row), arrival->sink->scratch);
        if (value->type->kind == HVSH_KIND_PARAMS && ((const struct hvsh_params *)field_at(value, arrival->row))->count == 1) {
            lua_pushnil(L);
            lua_next(L, -2);
            lua_remove(L, -2);
            lua_remove(L, -2);
        }
    } else {
        script_push_row(L, fields + 1, arrival->row, arrival->sink->scratch);
    }
}

static int take_row(lua_State *L)
{
    const struct arrival *arrival = lua_touserdata(L, 1);
    const struct part *part = part_at(arrival->sink, arrival->part);

    lua_rawgeti(L, LUA_REGISTRYINDEX, arrival->sink->ref);
    if (lua_rawgeti(L, -1, arrival->part) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, arrival->part);
    }
    if (part->kind == HVSH_PAIRS && arrival->shape->def->kind == HVSH_PAIRS && arrival->shape->fields[0]) {
        push_pair(L, arrival);
        if (!lua_isnil(L, -2))
            lua_rawset(L, -3);
    } else if (part->kind == HVSH_RAW && arrival->shape->def->kind == HVSH_RAW) {
        script_push_value(L, arrival->shape->fields[0], field_at(arrival->shape->fields[0], arrival->row), arrival->sink->scratch);
        lua_rawseti(L, -2, part->rows + 1);
    } else {
        script_push_row(L, arrival->shape->fields, arrival->row, arrival->sink->scratch);
        lua_rawseti(L, -2, part->rows + 1);
    }
    return 0;
}

static int begin(struct sink *base, const struct shape *shape)
{
    part_of((struct lua_sink *)base, shape);
    return 0;
}

static void add_raw(struct part *part, const struct shape *shape, const void *row)
{
    const char *text = *(const char *const *)field_at(shape->fields[0], row);

    if (text)
        g_string_append(part->text, text);
}

/* -1: no memory; the command is to end. */
static int add_row(struct sink *base, const struct shape *shape, const void *row)
{
    struct lua_sink *sink = (struct lua_sink *)base;
    struct arrival arrival = {.sink = sink, .shape = shape, .row = row, .part = part_of(sink, shape)};
    struct part *part = part_at(sink, arrival.part);
    lua_State *L = script.now;

    if (sink->failed)
        return -1;
    if (part->text && shape->def->kind == HVSH_RAW) {
        add_raw(part, shape, row);
    } else {
        lua_pushcfunction(L, take_row);
        lua_pushlightuserdata(L, &arrival);
        if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
            lua_pop(L, 1);
            sink->failed = true;
            return -1;
        }
    }
    part->rows++;
    return 0;
}

/* ---- progress ---------------------------------------------------------------------------------------------------------------------- */

struct step {
    struct lua_sink *sink;
    const char *what;
    uint64_t done, total;
};

static int call_progress(lua_State *L)
{
    const struct step *step = lua_touserdata(L, 1);

    lua_rawgeti(L, LUA_REGISTRYINDEX, step->sink->ref);
    lua_getfield(L, -1, "progress");
    lua_pushstring(L, step->what);
    lua_pushinteger(L, (lua_Integer)step->done);
    if (step->total)
        lua_pushinteger(L, (lua_Integer)step->total);
    else
        lua_pushnil(L);
    if (lua_pcall(L, 3, 0, 0) != LUA_OK) {
        lua_setfield(L, 2, "error");
        step->sink->failed = true;
    }
    return 0;
}

static void progress(struct sink *base, const char *what, uint64_t done, uint64_t total)
{
    struct lua_sink *sink = (struct lua_sink *)base;
    struct step step = {.sink = sink, .what = what, .done = done, .total = total};
    lua_State *L = script.now;

    if (!sink->progress) {
        out_bar(what, done, total);
        sink->bar = true;
    } else if (!sink->failed) {
        script.masked++;        /* Ctrl-C is for the command */
        lua_pushcfunction(L, call_progress);
        lua_pushlightuserdata(L, &step);
        if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
            lua_pop(L, 1);
            sink->failed = true;
        }
        script.masked--;
    }
}

/* ---- the sink ------------------------------------------------------------------------------------------------------------------------- */

static bool wants(struct sink *sink, const struct shape *shape, const struct hvsh_field *field)
{
    (void)sink;
    (void)shape;
    return !(field->flags & HVSH_HIDE);
}

static int end(struct sink *base, const struct shape *primary, bool failed)
{
    struct lua_sink *sink = (struct lua_sink *)base;

    (void)primary;
    (void)failed;
    if (sink->bar)
        out_bar_clear();
    return 0;
}

void lua_sink_init(struct lua_sink *sink, int ref, bool with_progress)
{
    static const struct sink_class class = {.begin = begin, .row = add_row, .end = end, .progress = progress, .wants = wants};
    const struct part messages = {.name = "messages", .kind = HVSH_MESSAGE};

    memset(sink, 0, sizeof(*sink));
    sink->sink.class = &class;
    sink->ref = ref;
    sink->progress = with_progress;
    sink->scratch = g_string_new(NULL);
    sink->parts = g_array_new(FALSE, TRUE, sizeof(struct part));
    g_array_set_clear_func(sink->parts, part_clear);
    g_array_append_val(sink->parts, messages);
}

void lua_sink_clear(struct lua_sink *sink)
{
    if (!sink->parts)
        return;
    g_array_unref(sink->parts);
    g_string_free(sink->scratch, TRUE);
    sink->parts = NULL;
}

/* The rows' table is at the top and becomes what the part stands for. */
static void push_part(lua_State *L, const struct lua_sink *sink, lua_Integer number)
{
    const struct part *part = part_at(sink, number);

    if (part->text) {
        lua_pushlstring(L, part->text->str, part->text->len);
        return;
    }
    if (lua_rawgeti(L, -1, number) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_newtable(L);
    }
    if (part->kind == HVSH_PAIRS)
        return;
    if (is_array(part->kind) || part->rows > 1) {
        script_mark_array(L);
    } else {
        lua_rawgeti(L, -1, 1);
        lua_remove(L, -2);
    }
}

void lua_sink_push(lua_State *L, const struct lua_sink *sink, const struct shape *primary)
{
    lua_Integer count = (lua_Integer)sink->parts->len;

    lua_rawgeti(L, LUA_REGISTRYINDEX, sink->ref);
    if (sink->sink.several && (count > MESSAGES || !part_at(sink, MESSAGES)->rows)) {
        lua_createtable(L, 0, (int)count);
        lua_insert(L, -2);
        for (lua_Integer i = MESSAGES + 1; i <= count; i++) {
            push_part(L, sink, i);
            script_push_name(L, part_at(sink, i)->name);
            lua_insert(L, -2);
            lua_rawset(L, -4);
        }
    } else if (count > MESSAGES) {
        push_part(L, sink, MESSAGES + 1);
        lua_insert(L, -2);
    } else if (part_at(sink, MESSAGES)->rows) {
        push_part(L, sink, MESSAGES);
        lua_insert(L, -2);
    } else if (primary && is_array(primary->def->kind)) {
        lua_newtable(L);
        script_mark_array(L);
        lua_insert(L, -2);
    } else {
        lua_pushboolean(L, true);
        lua_insert(L, -2);
    }
    lua_pop(L, 1);
}
