/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * script-command.c - hv.NAME for every command: one binding over match, which enters where the prompt's line does. Positionals are the
 * arguments and the array parts of tables, options the tables' keys.
 */
#include "script-private.h"

#include <string.h>
#include "util.h"

enum { STATUS_INTERRUPTED = 130 };

/* ---- errors ------------------------------------------------------------------------------------------------------------------- */

static void set_text(lua_State *L, const char *name, const char *text)
{
    if (!text)
        return;
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
}

void script_push_failure(lua_State *L, const char *command, const struct failure *failure, int status)
{
    lua_createtable(L, 0, 6);
    set_text(L, "command", command);
    set_text(L, "message", failure->message ? failure->message->str : "failed");
    set_text(L, "hint", failure->hint);
    lua_pushinteger(L, failure->code);
    lua_setfield(L, -2, "code");
    lua_pushinteger(L, failure->domain);
    lua_setfield(L, -2, "domain");
    lua_pushinteger(L, status);
    lua_setfield(L, -2, "status");
    luaL_setmetatable(L, "hvsh.error");
}

int script_fail(lua_State *L, const char *command, const char *hint, const char *format, ...)
{
    va_list list;
    char *text;

    va_start(list, format);
    text = g_strdup_vprintf(format, list);
    va_end(list);
    script_push_text(L, text);
    lua_createtable(L, 0, 6);
    lua_insert(L, -2);
    lua_setfield(L, -2, "message");
    set_text(L, "command", command);
    set_text(L, "hint", hint);
    for (const char *const *name = (const char *const[]){"code", "domain", NULL}; *name; name++) {
        lua_pushinteger(L, 0);
        lua_setfield(L, -2, *name);
    }
    lua_pushinteger(L, 1);
    lua_setfield(L, -2, "status");
    luaL_setmetatable(L, "hvsh.error");
    return lua_error(L);
}

/* libvirt's sentence comes on a line of its own: one line of text has them all. */
static int error_text(lua_State *L)
{
    lua_settop(L, 1);
    if (lua_getfield(L, 1, "message") != LUA_TSTRING)
        lua_pushliteral(L, "failed");
    luaL_gsub(L, lua_tostring(L, -1), "\n", ": ");
    if (lua_getfield(L, 1, "command") != LUA_TSTRING)
        lua_pop(L, 1);
    else
        lua_pushfstring(L, "%s: %s", lua_tostring(L, -1), lua_tostring(L, -2));
    return 1;
}

/* ---- arguments ------------------------------------------------------------------------------------------------------------------ */

/* Where words are collected; all of it in Lua's memory. */
struct taking {
    lua_State *L;
    struct operation *operation;
    int anchor;                 /* the table that keeps texts alive */
    lua_Integer kept;
    size_t named;               /* so many words have a name, before the others */
    unsigned int place;         /* the argument that the next positional may take */
    bool gap;                   /* nil left one out: those behind it keep their places by their names */
    bool counting;              /* the first pass only counts */
};

/* The text on top of the stack. */
static const char *keep(struct taking *taking)
{
    const char *text = lua_tostring(taking->L, -1);

    lua_rawseti(taking->L, taking->anchor, -++taking->kept);   /* rows have the numbers above 0 */
    return text;
}

static void add_word(struct taking *taking, const char *name, const char *text)
{
    if (!taking->counting)
        taking->operation->words[taking->operation->count] = (struct line_word){.name = name, .text = text};
    taking->operation->count++;
}

static void take_text(struct taking *taking, const char *name, int index)
{
    const char *text = NULL;

    if (!taking->counting) {
        script_push_word(taking->L, index, name ? name : "an argument");
        text = keep(taking);
    }
    add_word(taking, name, text);
}

static const struct hvsh_field *find_field(const struct command *command, const char *name)
{
    g_autofree char *kebab = g_strdelimit(g_strdup(name), "_", '-');

    for (unsigned int i = 0; i < command->real->nargs; i++)
        if (strcmp(command->real->args[i]->name, name) == 0 || strcmp(command->real->args[i]->name, kebab) == 0)
            return command->real->args[i];
    return NULL;
}

/* Is a non-repeatable argument given by its name, or by an alias's? */
static bool is_named(const struct taking *taking, const struct hvsh_field *field)
{
    const struct command *command = taking->operation->command;

    for (size_t i = 0; i < taking->named; i++) {
        const char *name = taking->operation->words[i].name;
        const struct hvsh_field *named = find_field(command, name);

        for (const struct hvsh_field *const *alias = command->real->aliases; !named && *alias; alias++) {
            g_autofree char *real = g_strndup((*alias)->other, strcspn((*alias)->other, "="));

            if (strcmp((*alias)->name, name) == 0)
                named = find_field(command, real);
        }
        if (named == field)
            return !(field->flags & (HVSH_REST | HVSH_REPEAT));
    }
    return false;
}

/* The argument that match gives the next positional to: the first in order that no name and no positional has taken. NULL: there is none. */
static const struct hvsh_field *next_place(struct taking *taking)
{
    const struct command *command = taking->operation->command->real;

    for (; taking->place < command->nargs; taking->place++) {
        const struct hvsh_field *field = command->args[taking->place];
        bool is_flag = !(field->flags & HVSH_LIST) && (field->type->kind == HVSH_KIND_FLAG || field->type->kind == HVSH_KIND_BIT);

        if (is_flag || field->flags & HVSH_NAMED || (command->def->flags & HVSH_GETOPT && !(field->flags & HVSH_REST)))
            continue;
        if (!is_named(taking, field))
            return field;
    }
    return NULL;
}

/* A positional; nil leaves out the argument whose place it has, and what stands behind it does not move up: it may be what gets deleted. */
static void take_positional(struct taking *taking, int index)
{
    const struct hvsh_field *field = taking->counting ? NULL : next_place(taking);
    bool missing = lua_isnil(taking->L, index);

    /* the rest of the line has no places */
    if (field && !(field->flags & HVSH_REST)) {
        taking->gap = taking->gap || missing;
        taking->place++;
    }
    if (!missing)
        take_text(taking, field && taking->gap ? field->name : NULL, index);
}

/* A list that the line writes as one word with commas. */
static void take_joined(struct taking *taking, const char *name, int index)
{
    lua_State *L = taking->L;
    lua_Integer length = script_length(L, index);
    luaL_Buffer buffer;

    if (taking->counting) {
        add_word(taking, name, NULL);
        return;
    }
    luaL_buffinit(L, &buffer);
    for (lua_Integer i = 1; i <= length; i++) {
        if (i > 1)
            luaL_addchar(&buffer, ',');
        lua_rawgeti(L, index, i);
        script_push_word(L, lua_gettop(L), name);
        lua_remove(L, -2);
        luaL_addvalue(&buffer);
    }
    luaL_pushresult(&buffer);
    add_word(taking, name, keep(taking));
}

/* The value of option `name` at index. */
static void take_option(struct taking *taking, const char *name, int index)
{
    lua_State *L = taking->L;
    const struct hvsh_field *field;

    if (lua_isboolean(L, index)) {
        if (lua_toboolean(L, index))
            add_word(taking, name, NULL);
        return;
    }
    if (!lua_istable(L, index)) {
        take_text(taking, name, index);
        return;
    }
    /* what has names is no list, and nothing of it must be left out unseen */
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1))
        if (!lua_isinteger(L, -2))
            luaL_error(L, "%s must be a text or a list of texts, not a table with names: \"name=value,...\" is one text", name);
    field = find_field(taking->operation->command, name);
    if (field && field->flags & HVSH_COMMA) {
        take_joined(taking, name, index);
        return;
    }
    for (lua_Integer i = 1, length = script_length(L, index); i <= length; i++) {
        lua_rawgeti(L, index, i);
        take_text(taking, name, lua_gettop(L));
        lua_pop(L, 1);
    }
}

/* `on` and `progress` are the binding's own; false: the key is an option. */
static bool take_own(struct taking *taking, const char *name, int index)
{
    lua_State *L = taking->L;

    if (strcmp(name, "on") == 0) {
        if (lua_toboolean(L, index))
            taking->operation->conn = script_connection(L, index);
        return true;
    }
    if (strcmp(name, "progress") == 0 && lua_isfunction(L, index)) {
        lua_pushvalue(L, index);
        lua_setfield(L, taking->anchor, "progress");
        return true;
    }
    return false;
}

static void take_options(struct taking *taking, int table)
{
    lua_State *L = taking->L;

    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? script_whole_text(L, -2, "the name of an option") : NULL;

        if (!name)
            continue;
        if (!taking->counting) {
            lua_pushvalue(L, -2);
            keep(taking);
        }
        if (!take_own(taking, name, lua_gettop(L)))
            take_option(taking, name, lua_gettop(L));
    }
}

static int compare_words(const void *a, const void *b, void *unused)
{
    (void)unused;
    return strcmp(((const struct line_word *)a)->name, ((const struct line_word *)b)->name);
}

/* What has a name comes first, so that positionals take what is left, and in the order of the names, so that the same call says the same. */
static void take_all(struct taking *taking, int first, int last)
{
    lua_State *L = taking->L;
    struct operation *operation = taking->operation;

    operation->count = 0;
    for (int i = first; i <= last; i++)
        if (lua_istable(L, i))
            take_options(taking, i);
    if (!taking->counting && operation->count)
        g_qsort_with_data(operation->words, (int)operation->count, sizeof(*operation->words), compare_words, NULL);
    taking->named = operation->count;
    for (int i = first; i <= last; i++) {
        if (!lua_istable(L, i)) {
            take_positional(taking, i);
            continue;
        }
        for (lua_Integer n = 1, length = script_length(L, i); n <= length; n++) {
            lua_rawgeti(L, i, n);
            take_positional(taking, lua_gettop(L));
            lua_pop(L, 1);
        }
    }
}

void operation_take(lua_State *L, struct operation *operation, const char *name, int first, int last, int anchor)
{
    struct taking taking = {.L = L, .operation = operation, .anchor = anchor, .counting = true};

    luaL_checkstack(L, LUA_MINSTACK, "too many arguments");
    memset(operation, 0, sizeof(*operation));
    operation->command = plugin_command(name);
    if (!operation->command)
        script_fail(L, name, NULL, "unknown command: '%s'", name);
    take_all(&taking, first, last);
    operation->words = lua_newuserdatauv(L, MAX(operation->count, 1) * sizeof(*operation->words), 0);
    lua_setfield(L, anchor, "words");
    taking.counting = false;
    take_all(&taking, first, last);
    /* the last thing that may raise: whoever clears the operation gives it back */
    lua_pushvalue(L, anchor);
    operation->sink.ref = luaL_ref(L, LUA_REGISTRYINDEX);
}

/* ---- running ------------------------------------------------------------------------------------------------------------------------ */

/* Match. True: the command can run. */
static bool prepare(lua_State *L, struct operation *operation, GArray **matches)
{
    bool with_progress;

    lua_rawgeti(L, LUA_REGISTRYINDEX, operation->sink.ref);
    lua_pushliteral(L, "progress");
    with_progress = lua_rawget(L, -2) == LUA_TFUNCTION;
    lua_pop(L, 2);
    lua_sink_init(&operation->sink, operation->sink.ref, with_progress);
    *matches = line_match_words(operation->command, operation->words, operation->count, &operation->error);
    operation->status = 1;
    if (!*matches)
        return false;
    if (g_array_index(*matches, struct match, 0).help) {
        operation->error = g_strdup_printf("hv.help(\"%s\") gives its help", operation->command->name);
        g_clear_pointer(matches, line_free);
        return false;
    }
    g_array_index(*matches, struct match, 0).inline_xml = true;
    return true;
}

void operations_run(lua_State *L, struct operation *operations, size_t count)
{
    GArray **matches = g_new0(GArray *, count + 1);
    struct sink **sinks = g_new0(struct sink *, count + 1);
    struct conn **conns = g_new0(struct conn *, count + 1);
    struct operation **running = g_new0(struct operation *, count + 1);
    struct failure *failures = g_new0(struct failure, count + 1);
    int *statuses = g_new0(int, count + 1);
    lua_State *before = script.now;
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        if (!prepare(L, &operations[i], &matches[n]))
            continue;
        sinks[n] = &operations[i].sink.sink;
        conns[n] = operations[i].conn;
        running[n++] = &operations[i];
    }
    script.now = L;
    if (n)
        exec_parallel(matches, sinks, conns, n, statuses, failures);
    script.now = before;
    for (size_t i = 0; i < n; i++) {
        running[i]->status = statuses[i];
        running[i]->failure = failures[i];
        running[i]->ran = true;
    }
    g_free(matches);
    g_free(sinks);
    g_free(conns);
    g_free(running);
    g_free(failures);
    g_free(statuses);
}

bool operation_push(lua_State *L, const struct operation *operation)
{
    const char *name = operation->command->name;

    if (operation->error) {
        const struct failure failure = {.message = &(GString){.str = operation->error}};

        script_push_failure(L, name, &failure, 1);
        return false;
    }
    if (operation->sink.failed) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, operation->sink.ref);
        if (lua_getfield(L, -1, "error") != LUA_TNIL)
            return false;
        lua_pushfstring(L, "not enough memory for the rows of %s", name);
        return false;
    }
    if (operation->status == STATUS_INTERRUPTED && !operation->failure.message) {
        const struct failure failure = {.message = &(GString){.str = (char *)"interrupted"}};

        script_push_failure(L, name, &failure, operation->status);
        return false;
    }
    if (operation->failure.message || operation->failure.hint) {
        script_push_failure(L, name, &operation->failure, operation->status);
        return false;
    }
    lua_sink_push(L, &operation->sink, operation->command->real->shapes[0]);
    return true;
}

void operations_clear(struct operation *operations, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        lua_sink_clear(&operations[i].sink);
        luaL_unref(script.main, LUA_REGISTRYINDEX, operations[i].sink.ref);
        failure_clear(&operations[i].failure);
        g_free(operations[i].error);
    }
}

/* (operation, whether it went well): the result, protected. */
static int hand_over(lua_State *L)
{
    bool *well = lua_touserdata(L, 2);

    *well = operation_push(L, lua_touserdata(L, 1));
    return 1;
}

/* Run the one operation and answer with its result, or raise. A status without a word (a check that found something) comes as a second value. */
static int run_one(lua_State *L, struct operation *operation)
{
    unsigned int stops = script.stops;
    bool well = false;
    int status;

    operations_run(L, operation, 1);
    lua_pushcfunction(L, hand_over);
    lua_pushlightuserdata(L, operation);
    lua_pushlightuserdata(L, &well);
    if (lua_pcall(L, 2, 1, 0) != LUA_OK)
        well = false;
    status = operation->status;
    /* the script ends without catching it: what state is left is told as at the prompt */
    if (status == STATUS_INTERRUPTED && !script.masked && !script.stopping)
        exec_report(operation->command ? operation->command->name : NULL, &operation->failure, exec_settings.format);
    operations_clear(operation, 1);

    script_check_stop(L, stops);
    if (status == STATUS_INTERRUPTED || exec_interrupted || exec_quit) {
        if (!script.masked && !script.stopping)
            script_stop(L);
        script.pending = script.masked && !script.stopping;
    }
    if (!well)
        return lua_error(L);
    if (status == 0)
        return 1;
    lua_pushinteger(L, status);
    return 2;
}

/* ---- the functions -------------------------------------------------------------------------------------------------------------------- */

/* Upvalue: the command's name. */
static int call_command(lua_State *L)
{
    int top = lua_gettop(L);
    struct operation operation;

    if (script_interrupted())
        script_stop(L);
    lua_newtable(L);
    operation_take(L, &operation, lua_tostring(L, lua_upvalueindex(1)), 1, top, top + 1);
    return run_one(L, &operation);
}

const char *script_command_name(lua_State *L, int index)
{
    const char *name = NULL;

    if (lua_tocfunction(L, index) == call_command && lua_getupvalue(L, index, 1)) {
        name = lua_tostring(L, -1);
        lua_pop(L, 1);
    }
    return name;
}

/* hv.run("name", ...): for a name that hv uses for itself. */
static int run_named(lua_State *L)
{
    const char *name = script_check_text(L, 1, "a command's name");

    if (!plugin_command_def(name))
        return script_fail(L, name, NULL, "unknown command: '%s'", name);
    lua_pushvalue(L, 1);
    lua_pushcclosure(L, call_command, 1);
    lua_replace(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}

/* hv.set{ timing = true, format = "json" }; otherwise the command. Upvalue: the command's name. */
static int set_settings(lua_State *L)
{
    if (lua_gettop(L) != 1 || !lua_istable(L, 1) || lua_rawlen(L, 1) || lua_getfield(L, 1, "name") != LUA_TNIL) {
        lua_settop(L, MAX(lua_gettop(L), 1));
        lua_pushvalue(L, lua_upvalueindex(1));
        lua_pushcclosure(L, call_command, 1);
        lua_insert(L, 1);
        if (lua_istable(L, 2))
            lua_settop(L, 2);
        lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
        return lua_gettop(L);
    }
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            return luaL_error(L, "settings are named by texts, not by a %s", luaL_typename(L, -2));
        lua_pushvalue(L, lua_upvalueindex(1));
        lua_pushcclosure(L, call_command, 1);
        luaL_gsub(L, script_whole_text(L, -3, "the name of a setting"), "_", "-");
        if (lua_isboolean(L, -3))
            lua_pushstring(L, lua_toboolean(L, -3) ? "on" : "off");
        else
            script_push_word(L, lua_gettop(L) - 2, lua_tostring(L, -1));
        lua_call(L, 2, 0);
    }
    lua_pushboolean(L, true);
    return 1;
}

/* hv.NAME for the first time: the function is made and kept. A name that is no command's is an error, as a global's is. */
static int find_command(lua_State *L)
{
    const char *name = script_check_text(L, 2, "a command's name");

    lua_settop(L, 2);
    if (!plugin_command_def(name))
        luaL_gsub(L, name, "_", "-");
    if (!plugin_command_def(lua_tostring(L, -1)))
        script_unknown(L, "hvsh has no command", lua_tostring(L, -1), plugin_command_names());
    lua_pushcclosure(L, call_command, 1);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2);
    lua_rawset(L, 1);
    return 1;
}

void script_open_commands(lua_State *L)
{
    luaL_newmetatable(L, "hvsh.array");
    lua_pop(L, 1);
    luaL_newmetatable(L, "hvsh.error");
    lua_pushcfunction(L, error_text);
    lua_setfield(L, -2, "__tostring");
    lua_pop(L, 1);

    lua_pushcfunction(L, run_named);
    lua_setfield(L, -2, "run");
    lua_pushliteral(L, "set");
    lua_pushcclosure(L, set_settings, 1);
    lua_setfield(L, -2, "set");
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, find_command);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
}
