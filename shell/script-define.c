/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * script-define.c - hv.command{...}: a command written in Lua. Its tables are made like a plugin's, so that it has the same help, TAB, JSON; its
 * arguments come as a Lua table, what it returns are its rows.
 *
 *     hv.command{ name = "guest-note", help = "say what a guest is for",
 *                 args = { { "domain", "domain", "the guest", required = true }, { "text", "text", "what to say" } },
 *                 rows = { { "name", "text", "the guest", label = "Name" }, { "note", "text", "its note", label = "Note" } },
 *                 run = function(a) return { { name = a.domain, note = a.text } } end }
 */
#include "script-private.h"

#include <limits.h>
#include <math.h>
#include <string.h>
#include "util.h"

/* ---- types ---------------------------------------------------------------------------------------------------------------------- */

struct offering {
    hvsh_call *call;
    const char *start;
};

static void offer_name(const char *name, const char *note, void *arg)
{
    const struct offering *offering = arg;

    if (g_str_has_prefix(name, offering->start))
        hvsh_offer(offering->call, name, note);
}

static int offer_kind(hvsh_call *call, enum hvsh_kind kind, const char *start)
{
    struct offering offering = {.call = call, .start = start};

    return call->conn ? conn_names(call->conn, kind, 0, NULL, offer_name, &offering) : 0;
}

#define OFFER(id, kind) \
    static int offer_##id(hvsh_call *call, const struct hvsh_field *field, const char *start) \
    { \
        (void)field; \
        return offer_kind(call, kind, start); \
    }
OFFER(domain, HVSH_KIND_DOMAIN)
OFFER(network, HVSH_KIND_NETWORK)
OFFER(pool, HVSH_KIND_POOL)
OFFER(interface, HVSH_KIND_INTERFACE)
OFFER(nodedev, HVSH_KIND_NODEDEV)
OFFER(secret, HVSH_KIND_SECRET)

/* Objects are names in Lua: a text that is completed as the object is. */
static const struct kind {
    const char *name;
    const struct hvsh_type *type;
    int (*offer)(hvsh_call *call, const struct hvsh_field *field, const char *start);
} kinds[] = {
    {"flag", &hvsh_type_flag, NULL}, {"text", &hvsh_type_text, NULL}, {"integer", &hvsh_type_int64, NULL}, {"number", &hvsh_type_real, NULL},
    {"size", &hvsh_type_size, NULL}, {"duration", &hvsh_type_duration, NULL}, {"time", &hvsh_type_time, NULL},
    {"percent", &hvsh_type_percent, NULL}, {"path", &hvsh_type_path, NULL}, {"xml", &hvsh_type_xml, NULL}, {"uuid", &hvsh_type_uuid, NULL},
    {"mac", &hvsh_type_mac, NULL}, {"domain", &hvsh_type_text, offer_domain}, {"network", &hvsh_type_text, offer_network},
    {"pool", &hvsh_type_text, offer_pool}, {"interface", &hvsh_type_text, offer_interface}, {"nodedev", &hvsh_type_text, offer_nodedev},
    {"secret", &hvsh_type_text, offer_secret},
};

static const struct kind *find_kind(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

/* ---- tables -------------------------------------------------------------------------------------------------------------------------- */

/* The text member of the table at index, copied for ever (commands are never forgotten); NULL: there is none. `where` names the table. */
static const char *text_member(lua_State *L, int index, const char *where, const char *name)
{
    const char *text = NULL;

    if (lua_getfield(L, index, name) != LUA_TNIL) {
        if (lua_type(L, -1) != LUA_TSTRING)
            luaL_error(L, "%s: %s must be a text", where, name);
        text = g_intern_string(script_whole_text(L, -1, name));
    }
    lua_pop(L, 1);
    return text;
}

static const char *text_element(lua_State *L, int index, lua_Integer number)
{
    const char *text = NULL;

    if (lua_rawgeti(L, index, number) == LUA_TSTRING)
        text = g_intern_string(script_whole_text(L, -1, "a field's name, type or help"));
    lua_pop(L, 1);
    return text;
}

static bool flag_member(lua_State *L, int index, const char *name)
{
    bool is;

    lua_getfield(L, index, name);
    is = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return is;
}

/* The table at index may have these members, besides its array part: what is misspelt is refused, not passed over. */
static void check_members(lua_State *L, int index, const char *where, const char *const names[])
{
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1))
        if (lua_type(L, -2) == LUA_TSTRING && !g_strv_contains(names, lua_tostring(L, -2))) {
            const char *name = lua_tostring(L, -2);

            script_unknown(L, lua_pushfstring(L, "%s has no member", where), name, names);
        }
}

static void unknown_kind(lua_State *L, const char *where, const char *name)
{
    const char *names[G_N_ELEMENTS(kinds) + 1] = {NULL};

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        names[i] = kinds[i].name;
    script_unknown(L, lua_pushfstring(L, "%s: there is no type", where), name, names);
}

/* One of args or rows, on top: { name, type, help, ... }; `where` is its place there. */
static void read_field(lua_State *L, const char *where, struct hvsh_field *field)
{
    static const char *const members[] = {"required", "named", "list", "secret", "fallback", "label", "unit", NULL};
    int index = lua_gettop(L);
    const char *name, *type;
    const struct kind *kind;

    if (!lua_istable(L, index))
        luaL_error(L, "%s must be a table { name, type, help }, not %s", where, luaL_tolstring(L, index, NULL));
    name = text_element(L, index, 1);
    type = text_element(L, index, 2);
    if (!name || !type)
        luaL_error(L, "%s lacks its %s: a field is { name, type, help }", where, name ? "type" : "name");
    where = lua_pushfstring(L, "%s '%s'", where, name);
    kind = find_kind(type);
    if (!kind)
        unknown_kind(L, where, type);
    check_members(L, index, where, members);
    *field = (struct hvsh_field){.member = name, .name = name, .type = kind->type, .offer = kind->offer, .help = text_element(L, index, 3)};
    if (!field->help)
        field->help = name;
    field->label = text_member(L, index, where, "label");
    field->unit = text_member(L, index, where, "unit");
    field->fallback = text_member(L, index, where, "fallback");
    if (flag_member(L, index, "required"))
        field->flags |= HVSH_REQUIRED;
    if (flag_member(L, index, "named"))
        field->flags |= HVSH_NAMED;
    if (flag_member(L, index, "list"))
        field->flags |= HVSH_LIST | HVSH_REST;
    if (flag_member(L, index, "secret"))
        field->flags |= HVSH_SECRET;
    lua_settop(L, index);
}

struct table {
    struct hvsh_field *fields;
    size_t count, size;         /* size of the struct that they describe */
};

/*
 * The member `name` of the definition at index 1 as a table of fields, its struct laid out. In Lua's memory as long as something may be wrong with
 * the definition; on the stack.
 */
static struct table read_table(lua_State *L, const char *name)
{
    typedef HVSH_LIST_OF(char) any_list;
    struct table table = {0};
    int list;

    if (lua_getfield(L, 1, name) != LUA_TNIL && !lua_istable(L, -1))
        luaL_error(L, "%s must be an array of { name, type, help }, not %s", name, luaL_tolstring(L, -1, NULL));
    list = lua_gettop(L);
    table.count = lua_istable(L, list) ? lua_rawlen(L, list) : 0;
    if (table.count > CALL_MAX_ARGS)
        luaL_error(L, "%s has more than %d fields", name, CALL_MAX_ARGS);
    table.fields = lua_newuserdatauv(L, (table.count + 1) * sizeof(*table.fields), 0);
    memset(table.fields, 0, (table.count + 1) * sizeof(*table.fields));
    for (size_t i = 0; i < table.count; i++) {
        struct hvsh_field *field = &table.fields[i];
        const char *where;
        size_t align, size;

        where = lua_pushfstring(L, "%s[%I]", name, (lua_Integer)i + 1);
        lua_rawgeti(L, list, (lua_Integer)i + 1);
        read_field(L, where, field);
        lua_pop(L, 2);
        if (strcmp(field->name, "on") == 0 && strcmp(name, "args") == 0)
            luaL_error(L, "argument 'on': hv gives on to the command itself, as its connection");
        if (field->flags & HVSH_LIST && strcmp(name, "rows") == 0)
            luaL_error(L, "field '%s': rows have no lists", field->name);
        size = field->flags & HVSH_LIST ? sizeof(any_list) : field->type->size;
        align = MIN(size, 8);
        table.size = (table.size + align - 1) / align * align;
        field->offset = table.size;
        table.size += size;
    }
    table.size = (table.size + 7) & ~(size_t)7;
    lua_remove(L, list);
    return table;
}

static struct hvsh_field *keep_fields(const struct table *table)
{
    return g_memdup2(table->fields, (table->count + 1) * sizeof(*table->fields));
}

/* ---- running ---------------------------------------------------------------------------------------------------------------------------- */

/* What a result without declared rows is: a line of text. */
struct said { const char *text; };
static const struct hvsh_field said_fields[] = {HVSH_TEXT(struct said, text, "what the command said"), HVSH_END};
static const struct hvsh_shape said_shape = {.name = "text", .kind = HVSH_LINES, .fields = said_fields, .size = sizeof(struct said), .text = "{text}"};

/* A number that the member on top must be; or the error that names the field. */
static lua_Integer whole_member(lua_State *L, const struct hvsh_field *field)
{
    int is_whole;
    lua_Integer value = lua_tointegerx(L, -1, &is_whole);

    if (!is_whole)
        luaL_error(L, "'%s' of a row must be a whole number, not %s", field->name, luaL_tolstring(L, -1, NULL));
    return value;
}

static lua_Number number_member(lua_State *L, const struct hvsh_field *field)
{
    int is_number;
    lua_Number value = lua_tonumberx(L, -1, &is_number);

    if (!is_number)
        luaL_error(L, "'%s' of a row must be a number, not %s", field->name, luaL_tolstring(L, -1, NULL));
    return value;
}

/* Write the member of the row at index into the struct; texts stay Lua's, alive as long as the row. */
static void write_member(lua_State *L, int index, const struct hvsh_field *field, char *row)
{
    void *to = row + field->offset;
    const char *name;
    bool missing;

    script_push_name(L, field->name);
    lua_gettable(L, index);
    missing = lua_isnil(L, -1);
    switch (field->type->kind) {
    case HVSH_KIND_FLAG:
        *(bool *)to = lua_toboolean(L, -1);
        break;
    case HVSH_KIND_INT64:
    case HVSH_KIND_TIME:
        *(int64_t *)to = missing ? INT64_MIN : whole_member(L, field);
        break;
    case HVSH_KIND_SIZE:
    case HVSH_KIND_DURATION:
        *(uint64_t *)to = missing ? UINT64_MAX : (uint64_t)whole_member(L, field);
        if (!missing && *(uint64_t *)to > INT64_MAX)
            luaL_error(L, "'%s' of a row must not be less than nothing, as %s is", field->name, luaL_tolstring(L, -1, NULL));
        break;
    case HVSH_KIND_REAL:
    case HVSH_KIND_PERCENT:
        *(double *)to = missing ? (double)NAN : number_member(L, field);
        break;
    default:
        if (!missing && lua_type(L, -1) != LUA_TSTRING) {
            luaL_tolstring(L, -1, NULL);
            /* a new text: the row keeps it */
            script_push_name(L, field->name);
            lua_pushvalue(L, -2);
            lua_rawset(L, index);
        }
        name = lua_pushfstring(L, "'%s' of a row", field->name);
        *(const char **)to = script_whole_text(L, -2, name);
        break;
    }
}

/* A command that runs. */
struct running {
    hvsh_call *call;
    const struct hvsh_command *def;
    const void *args;
    bool ended;                 /* `emit` is no use any more */
    bool refused;               /* nobody said yes to it */
    int status;
};

/* What is destructive is asked for before the function runs, so that no definition can forget it. hvsh_confirm()'s answer. */
static int agreed(lua_State *L, const struct running *running, GString *scratch)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, "hvsh.deeds");
    if (lua_getfield(L, -1, running->def->name) == LUA_TSTRING)
        template_expand(lua_tostring(L, -1), running->call->command->args, running->args, HVSH_PLAIN, &(hvsh_buffer){scratch});
    else
        g_string_printf(scratch, "run %s", running->def->name);
    lua_pop(L, 2);
    return hvsh_confirm(running->call, "%s", scratch->str);
}

/* Emit the value at index: a row, or a text. -1: the command was cancelled, or wants to end. */
static int emit_value(lua_State *L, const struct running *running, int index)
{
    const struct hvsh_shape *shape = running->def->shapes[0];
    lua_State *before = script.now;
    int result;
    void *row;

    if (shape != &said_shape)
        if (!lua_istable(L, index))
            return luaL_error(L, "a row must be a table of its fields, not %s", luaL_tolstring(L, index, NULL));
    if (shape == &said_shape) {
        struct said said;

        luaL_tolstring(L, index, NULL);
        said.text = script_whole_text(L, -1, "what a command says");
        script.now = L;
        result = hvsh_emit(running->call, &said_shape, &said);
        script.now = before;
        return result;
    }
    row = lua_newuserdatauv(L, MAX(shape->size, 1), 0);
    luaL_checkstack(L, 3 * CALL_MAX_ARGS + LUA_MINSTACK, "too many fields");
    for (const struct hvsh_field *field = shape->fields; field->type; field++)
        write_member(L, index, field, row);
    script.now = L;
    result = hvsh_emit(running->call, shape, row);
    script.now = before;
    return result;
}

/* emit(row): a row as soon as it is there. Upvalue: the running command. */
static int emit(lua_State *L)
{
    const struct running *running = lua_touserdata(L, lua_upvalueindex(1));

    luaL_checkany(L, 1);
    lua_settop(L, 1);
    if (running->ended)
        return luaL_error(L, "the command has ended");
    lua_pushboolean(L, emit_value(L, running, 1) == 0);
    return 1;
}

/* Does the table on top have an array of rows in it, rather than being one? */
static bool is_rows(lua_State *L)
{
    bool rows = lua_rawlen(L, -1) > 0;

    if (!rows) {
        lua_pushnil(L);
        rows = !lua_next(L, -2);
        if (!rows)
            lua_pop(L, 2);
    }
    return rows;
}

/* (running): calls the function and emits what it returned. */
static int run_protected(lua_State *L)
{
    struct running *running = lua_touserdata(L, 1);
    GString *scratch = lua_touserdata(L, 2);
    struct running *kept;
    int status;

    if (running->def->flags & HVSH_DESTRUCTIVE) {
        status = agreed(L, running, scratch);
        running->refused = status < 0;
        if (status <= 0)
            return 0;
    }
    luaL_getsubtable(L, LUA_REGISTRYINDEX, "hvsh.commands");
    lua_getfield(L, -1, running->def->name);
    lua_remove(L, -2);
    script_push_arguments(L, running->call, running->args, scratch);
    /* the function may be kept for longer than the call: then it finds that it has ended */
    kept = lua_newuserdatauv(L, sizeof(*kept), 0);
    *kept = *running;
    lua_pushvalue(L, -1);
    lua_insert(L, 3);
    lua_pushcclosure(L, emit, 1);
    status = lua_pcall(L, 2, 2, 0);
    kept->ended = true;
    if (status != LUA_OK)
        return lua_error(L);
    if (lua_isinteger(L, -1))
        running->status = (int)lua_tointeger(L, -1);
    lua_pop(L, 1);
    if (lua_isnil(L, -1) || lua_isboolean(L, -1)) {
        if (lua_isboolean(L, -1) && !lua_toboolean(L, -1) && !running->status)
            running->status = 1;
        return 0;
    }
    if (!lua_istable(L, -1) || !is_rows(L)) {
        emit_value(L, running, lua_gettop(L));
        return 0;
    }
    for (lua_Integer i = 1, n = (lua_Integer)lua_rawlen(L, -1); i <= n; i++) {
        lua_rawgeti(L, -1, i);
        if (emit_value(L, running, lua_gettop(L)) < 0)
            return 0;
        lua_settop(L, 4);
    }
    return 0;
}

/* (failure, error): what an error of Lua says, for the call. */
static int read_failure(lua_State *L)
{
    hvsh_call *call = lua_touserdata(L, 1);

    if (lua_istable(L, 2) && lua_getmetatable(L, 2) && luaL_getmetatable(L, "hvsh.error") && lua_rawequal(L, -1, -2)) {
        lua_getfield(L, 2, "message");
        hvsh_fail(call, "%s", lua_isstring(L, -1) ? lua_tostring(L, -1) : "failed");
        lua_getfield(L, 2, "hint");
        if (lua_isstring(L, -1))
            hvsh_hint(call, "%s", lua_tostring(L, -1));
        lua_getfield(L, 2, "code");
        call->failure.code = (int)lua_tointeger(L, -1);
        lua_getfield(L, 2, "domain");
        call->failure.domain = (int)lua_tointeger(L, -1);
        lua_getfield(L, 2, "status");
        if (lua_tointeger(L, -1) > 1)
            hvsh_exit(call, (int)lua_tointeger(L, -1));
        return 0;
    }
    hvsh_fail(call, "%s", luaL_tolstring(L, 2, NULL));
    return 0;
}

/* All commands written in Lua run by this; on the main thread, as Lua does. */
static int run(hvsh_call *call, const void *args)
{
    struct running running = {.call = call, .def = call->command->def, .args = args};
    lua_State *L = script.now;
    GString *scratch = g_string_new(NULL);
    int status;

    if (!L || !lua_checkstack(L, LUA_MINSTACK)) {
        g_string_free(scratch, TRUE);
        return hvsh_fail(call, "no memory for Lua");
    }
    lua_pushcfunction(L, run_protected);
    lua_pushlightuserdata(L, &running);
    lua_pushlightuserdata(L, scratch);
    status = script_call(L, 2, 0);
    g_string_free(scratch, TRUE);
    if (running.refused)
        return -1;
    if (status == LUA_OK)
        return running.status ? hvsh_exit(call, running.status) : 0;
    if (script_is_stop(L, -1)) {
        lua_pop(L, 1);
        return hvsh_exit(call, exec_quit ? exec_quit_status : 130);
    }
    lua_pushcfunction(L, read_failure);
    lua_insert(L, -2);
    lua_pushlightuserdata(L, call);
    lua_insert(L, -2);
    if (lua_pcall(L, 2, 0, 0) != LUA_OK) {
        lua_pop(L, 1);
        hvsh_fail(call, "an error whose text cannot be made");
    }
    return -1;
}

/* ---- definition --------------------------------------------------------------------------------------------------------------------------- */

static const struct hvsh_shape *make_shape(const char *name, const struct table *rows, bool record)
{
    struct hvsh_shape *shape;

    if (!rows->count)
        return &said_shape;
    shape = g_new0(struct hvsh_shape, 1);
    shape->name = name;
    shape->kind = record ? HVSH_RECORD : HVSH_TABLE;
    shape->fields = keep_fields(rows);
    shape->size = rows->size;
    return shape;
}

static int define(lua_State *L)
{
    static const char *const members[] = {"name", "help", "description", "group", "args", "rows", "record", "destructive", "run", NULL};
    struct hvsh_command draft = {.flags = HVSH_NO_CONNECTION, .run = run}, *def;
    const struct hvsh_shape *shapes[2] = {NULL};
    const struct plugin *owner;
    struct table args, rows;
    const char *deed;
    bool record;
    char *problem;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    check_members(L, 1, "a command", members);
    draft.name = text_member(L, 1, "a command", "name");
    draft.help = text_member(L, 1, "a command", "help");
    draft.description = text_member(L, 1, "a command", "description");
    draft.group = text_member(L, 1, "a command", "group");
    if (!draft.name || !draft.help)
        return luaL_error(L, "a command has a name and a help: hv.command{ name = ..., help = ..., run = ... }");
    if (!draft.group)
        draft.group = "script";
    if (flag_member(L, 1, "destructive"))
        draft.flags |= HVSH_DESTRUCTIVE;
    record = flag_member(L, 1, "record");
    deed = lua_getfield(L, 1, "destructive") == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    if (lua_getfield(L, 1, "run") != LUA_TFUNCTION)
        return luaL_error(L, "command '%s' has no function run", draft.name);
    args = read_table(L, "args");
    rows = read_table(L, "rows");
    owner = plugin_of(draft.name);
    if (owner && strcmp(owner->name, "lua") != 0)
        return luaL_error(L, "command '%s' is already provided by plugin '%s'", draft.name, owner->name);

    /* the tables are for ever, as the shell knows them by their addresses */
    draft.args = args.count ? keep_fields(&args) : NULL;
    draft.args_size = args.size;
    shapes[0] = make_shape(draft.name, &rows, record);
    draft.shapes = shapes;
    problem = plugin_check_command(&draft, deed);
    if (!problem) {
        /* and so is the rest: calls and completions may still use a definition that a later one takes the place of */
        def = g_memdup2(&draft, sizeof(draft));
        def->shapes = g_memdup2(shapes, sizeof(shapes));
        problem = plugin_add_command(def, "lua");
    }
    if (!problem) {
        luaL_getsubtable(L, LUA_REGISTRYINDEX, "hvsh.commands");
        lua_getfield(L, 1, "run");
        lua_setfield(L, -2, draft.name);
        luaL_getsubtable(L, LUA_REGISTRYINDEX, "hvsh.deeds");
        lua_getfield(L, 1, "destructive");
        lua_setfield(L, -2, draft.name);
        return 0;
    }
    script_push_text(L, problem);
    return luaL_error(L, "%s", lua_tostring(L, -1));
}

void script_open_define(lua_State *L)
{
    lua_pushcfunction(L, define);
    lua_setfield(L, -2, "command");
}
