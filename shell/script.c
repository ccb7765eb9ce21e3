/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * script.c - the Lua state: how it is made and closed, protected calls, Ctrl-C, how errors are told, scripts as files.
 *
 * Ctrl-C: one count hook, set before any coroutine is made (they inherit it), reads an atomic. It raises a value of its own that the wrapped pcall
 * and its like hand on (script-guard.c). From then on the hook is silent, so that <close> does its work.
 */
#include "script-private.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "exec-run.h"
#include "folders.h"
#include "util.h"

enum { HOOK_EVERY = 1000, STATUS_INTERRUPTED = 130 };

struct script script;

static const char stop_key;     /* its address is the value that is raised */

/* ---- Ctrl-C --------------------------------------------------------------------------------------------------------------- */

bool script_interrupted(void)
{
    return !script.masked && !script.stopping && (script.pending || signals_interrupted());
}

/* Is this within a finalizer? What is raised there goes nowhere. */
static bool in_finalizer(lua_State *L)
{
    lua_Debug info;

    for (int level = 0; lua_getstack(L, level, &info); level++)
        if (lua_getinfo(L, "n", &info) && g_strcmp0(info.name, "__gc") == 0 && g_strcmp0(info.namewhat, "metamethod") == 0)
            return true;
    return false;
}

int script_stop(lua_State *L)
{
    if (signals_take() & SIGNALS_QUIT) {
        exec_quit = true;
        exec_quit_status = signals_quit_status();
    }
    /* a finalizer ends here, and what it came between is stopped as soon as it goes on */
    script.pending = in_finalizer(L);
    script.stopping = !script.pending;
    script.stops += !script.pending;
    lua_pushlightuserdata(L, (void *)&stop_key);
    return lua_error(L);
}

bool script_is_stop(lua_State *L, int index)
{
    return lua_touserdata(L, index) == &stop_key;
}

void script_check_stop(lua_State *L, unsigned int stops)
{
    if (script.stops == stops)
        return;
    lua_pushlightuserdata(L, (void *)&stop_key);
    lua_error(L);
}

/* Did what a script printed find nobody who reads it? */
static bool reader_left(void)
{
    struct pollfd fd = {.fd = STDOUT_FILENO};

    return ferror(stdout) && poll(&fd, 1, 0) == 1 && fd.revents & POLLERR;
}

static void hook(lua_State *L, lua_Debug *unused)
{
    (void)unused;
    if (!script.masked && !script.stopping && reader_left())
        exec_reader_left();
    else if (!script_interrupted())
        return;
    script_stop(L);
}

/* ---- protected calls -------------------------------------------------------------------------------------------------------- */

/* Does the stack have a function written in Lua? Without one a trace says nothing. */
static bool has_lua_frame(lua_State *L)
{
    lua_Debug info;

    for (int level = 1; lua_getstack(L, level, &info); level++)
        if (lua_getinfo(L, "S", &info) && *info.what != 'C')
            return true;
    return false;
}

/* The message handler: keeps where it happened, leaves the value as it is. */
static int keep_trace(lua_State *L)
{
    g_clear_pointer(&script.trace, g_free);
    if (script_is_stop(L, 1) || !has_lua_frame(L))
        return 1;
    luaL_traceback(L, L, NULL, 1);
    script.trace = g_strdup(lua_tostring(L, -1));
    lua_settop(L, 1);
    return 1;
}

int script_call(lua_State *L, int nargs, int nresults)
{
    int base = lua_gettop(L) - nargs, status;

    g_clear_pointer(&script.trace, g_free);
    lua_pushcfunction(L, keep_trace);
    lua_insert(L, base);
    if (script.depth++ == 0)
        signals_end_reads(true);
    status = lua_pcall(L, nargs, nresults, base);
    lua_remove(L, base);
    /* back at the top: the next script may be stopped anew */
    if (--script.depth == 0) {
        signals_end_reads(false);
        if (script_interrupted()) {     /* at the end, before the hook could see it, or in what failed by it */
            run_note_signals();
            lua_settop(L, base - 1);
            lua_pushlightuserdata(L, (void *)&stop_key);
            status = LUA_ERRRUN;
        }
        script.stopping = script.pending = false;
        script.masked = 0;
    }
    return status;
}

static int push_owned(lua_State *L)
{
    lua_pushstring(L, lua_touserdata(L, 1));
    return 1;
}

void script_push_text(lua_State *L, char *text)
{
    int status;

    lua_pushcfunction(L, push_owned);
    lua_pushlightuserdata(L, text);
    status = lua_pcall(L, 1, 1, 0);
    g_free(text);
    if (status != LUA_OK)
        lua_error(L);
}

/* ---- errors for people --------------------------------------------------------------------------------------------------------- */

struct told {
    struct failure failure;
    char *command;
    int status;
};

static char *copy_field(lua_State *L, const char *name)
{
    char *text;

    lua_getfield(L, 1, name);
    text = g_strdup(lua_tostring(L, -1));
    lua_pop(L, 1);
    return text;
}

/* (error, told): what there is to tell. */
static int read_error(lua_State *L)
{
    struct told *told = lua_touserdata(L, 2);

    if (lua_istable(L, 1) && lua_getmetatable(L, 1) && luaL_getmetatable(L, "hvsh.error") == LUA_TTABLE && lua_rawequal(L, -1, -2)) {
        char *message = copy_field(L, "message");

        told->failure.message = g_string_new(message ? message : "failed");
        g_free(message);
        told->failure.hint = copy_field(L, "hint");
        told->command = copy_field(L, "command");
        lua_getfield(L, 1, "code");
        told->failure.code = (int)lua_tointeger(L, -1);
        lua_getfield(L, 1, "domain");
        told->failure.domain = (int)lua_tointeger(L, -1);
        lua_getfield(L, 1, "status");
        told->status = (int)lua_tointeger(L, -1);
        return 0;
    }
    told->failure.message = g_string_new(luaL_tolstring(L, 1, NULL));
    return 0;
}

int script_report(lua_State *L, bool with_trace)
{
    struct told told = {.status = 1};

    if (script_is_stop(L, -1)) {
        lua_pop(L, 1);
        return exec_quit ? exec_quit_status : STATUS_INTERRUPTED;
    }
    lua_pushcfunction(L, read_error);
    lua_insert(L, -2);
    lua_pushlightuserdata(L, &told);
    if (lua_pcall(L, 2, 0, 0) != LUA_OK) {
        lua_pop(L, 1);
        if (!told.failure.message)
            told.failure.message = g_string_new("an error whose text cannot be made");
    }
    exec_report(told.command, &told.failure, exec_settings.format);
    if (with_trace && script.trace && exec_settings.format != OUT_JSON && exec_settings.format != OUT_JSONL)
        fprintf(stderr, "%s\n", script.trace);
    failure_clear(&told.failure);
    g_free(told.command);
    return told.status ? told.status : 1;
}

/* ---- the state ------------------------------------------------------------------------------------------------------------------- */

/* What luaL_openlibs() does, whose function has another name in Lua 5.5. */
static void open_standard_libraries(lua_State *L)
{
    const luaL_Reg libraries[] = {
        {LUA_GNAME, luaopen_base},
        {LUA_LOADLIBNAME, luaopen_package},
        {LUA_COLIBNAME, luaopen_coroutine},
        {LUA_TABLIBNAME, luaopen_table},
        {LUA_IOLIBNAME, luaopen_io},
        {LUA_OSLIBNAME, luaopen_os},
        {LUA_STRLIBNAME, luaopen_string},
        {LUA_MATHLIBNAME, luaopen_math},
        {LUA_UTF8LIBNAME, luaopen_utf8},
        {LUA_DBLIBNAME, luaopen_debug},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(libraries); i++) {
        luaL_requiref(L, libraries[i].name, libraries[i].func, 1);
        lua_pop(L, 1);
    }
}

static int open_all(lua_State *L)
{
    open_standard_libraries(L);
    script_open_guard(L);
    lua_newtable(L);
    script_open_commands(L);
    script_open_undo(L);
    script_open_parallel(L);
    script_open_connections(L);
    script_open_events(L);
    script_open_terminal(L);
    script_open_define(L);
    script_open_xml(L);
    script_open_json(L);
    lua_pushfstring(L, "hvsh %s", hvsh_version());
    lua_setfield(L, -2, "_VERSION");
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, "hvsh");
    script_open_modules(L);
    return 0;
}

lua_State *script_state(void)
{
    lua_State *L = script.main;

    if (L)
        return L;
    L = luaL_newstate();
    if (!L) {
        out_error("no memory for Lua");
        return NULL;
    }
    lua_warning(L, "@off", 0);      /* Lua 5.5 begins with them on, 5.4 with them off */
    lua_sethook(L, hook, LUA_MASKCOUNT, HOOK_EVERY);
    script.main = script.now = L;
    lua_pushcfunction(L, open_all);
    if (script_call(L, 0, 0) != LUA_OK) {
        script_report(L, false);
        script_close();
        return NULL;
    }
    return L;
}

void script_close(void)
{
    if (!script.main)
        return;
    /* finalizers close connections; nothing may stop them */
    script.masked = 1;
    lua_close(script.main);
    g_free(script.trace);
    memset(&script, 0, sizeof(script));
}

/* ---- scripts as files -------------------------------------------------------------------------------------------------------------- */

struct request {
    const char *path;
    char *const *args;
    bool with_hv;               /* hv is a global: init files */
};

/* As lua has it: the global `arg`, and the arguments as `...`. */
static int run_file(lua_State *L)
{
    const struct request *request = lua_touserdata(L, 1);
    const char *path = script_find(L, request->path);
    int count = 0;

    script_load_file(L, path);
    lua_insert(L, -2);                  /* function, environment */
    lua_newtable(L);
    lua_pushstring(L, path);
    lua_rawseti(L, -2, 0);
    for (; request->args && request->args[count]; count++) {
        lua_pushstring(L, request->args[count]);
        lua_rawseti(L, -2, count + 1);
    }
    lua_pushliteral(L, "arg");
    lua_insert(L, -2);
    lua_rawset(L, -3);
    if (request->with_hv) {
        lua_pushliteral(L, "hv");
        luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
        lua_getfield(L, -1, "hvsh");
        lua_remove(L, -2);
        lua_rawset(L, -3);
    }
    lua_pop(L, 1);
    luaL_checkstack(L, count, "too many arguments");
    for (int i = 0; i < count; i++)
        lua_pushstring(L, request->args[i]);
    lua_call(L, count, 0);
    return 0;
}

static int run_request(const struct request *request, bool with_trace)
{
    lua_State *L = script_state();
    int status = 0;

    if (!L)
        return 1;
    lua_pushcfunction(L, run_file);
    lua_pushlightuserdata(L, (void *)request);
    if (script_call(L, 1, 0) != LUA_OK)
        status = script_report(L, with_trace);
    fflush(stdout);
    return status;
}

int script_run_file(const char *path, char *const args[])
{
    const struct request request = {.path = path, .args = args};

    return run_request(&request, true);
}

/* A file that runs without having been named must not be another's. */
static void run_init_file(const char *path)
{
    const struct request request = {.path = path, .with_hv = true};
    g_autofree char *real = NULL, *problem = NULL, *text = NULL;

    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return;
    real = realpath(path, NULL);
    problem = real ? load_safety(real) : g_strdup("it cannot be found");
    if (!problem) {
        run_request(&request, false);
        return;
    }
    text = g_strdup_printf("%s is left out: %s", path, problem);
    out_error(text);
}

void script_run_init(void)
{
    g_autofree char *user = util_config_path("init.lua");

    run_init_file(SYSCONFDIR "/hvsh/init.lua");
    run_init_file(user);
}
