/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-script.c - memory that runs out in Lua: each allocation of a command's call fails in turn, and no frame of the command is skipped, nothing
 * it owns is lost, and the state goes on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include "script-private.h"

/* ---- an allocator that fails once --------------------------------------------------------------------------------------------- */

static size_t countdown;        /* the allocation that fails; 0: none */
static bool failed;

static void *allocate(void *unused, void *block, size_t old, size_t size)
{
    (void)unused;
    if (size == 0) {
        free(block);
        return NULL;
    }
    if ((!block || size > old) && countdown && --countdown == 0) {
        failed = true;
        return NULL;
    }
    return realloc(block, size);
}

/* Lua tries again after a full collection: that must fail too. */
static void *allocate_none(void *unused, void *block, size_t old, size_t size)
{
    void *result = allocate(unused, block, old, size);

    if (!result && size)
        countdown = 1;
    return result;
}

/* ---- a command that owns something ---------------------------------------------------------------------------------------------- */

static int entered, left, deferred, freed;

struct probe_args { const char *text; HVSH_LIST_OF(const char *) more; };
static const struct hvsh_field probe_args[] = {
    HVSH_TEXT(struct probe_args, text, "a text", .flags = HVSH_REQUIRED),
    HVSH_TEXTS(struct probe_args, more, HVSH_REPEAT | HVSH_NAMED, "more texts"),
    HVSH_END
};

struct inner { int64_t n; };
static const struct hvsh_field inner_fields[] = { HVSH_INT64(struct inner, n, "a number"), HVSH_END };

struct probe_row { const char *name; uint64_t size; double part; HVSH_LIST_OF(const char *) names; struct hvsh_rows rows; struct hvsh_cpuset cpus; };
static const struct hvsh_field probe_row[] = {
    HVSH_TEXT(struct probe_row, name, "a name", .label = "Name"),
    HVSH_SIZE(struct probe_row, size, "a size", .label = "Size"),
    HVSH_REAL(struct probe_row, part, "a part", .label = "Part"),
    HVSH_TEXTS(struct probe_row, names, HVSH_COMMA, "names"),
    HVSH_ROWS(struct probe_row, rows, struct inner, inner_fields, "rows"),
    HVSH_CPUSET(struct probe_row, cpus, "processors"),
    HVSH_END
};
static const struct hvsh_shape probe_table = { .name = "probes", .kind = HVSH_TABLE, HVSH_ROW(probe_row) };
static const struct hvsh_shape probe_raw = { .name = "raw", .kind = HVSH_RAW, HVSH_ROW(probe_row) };

static void count_free(void *p)
{
    freed++;
    free(p);
}

static int probe_run(hvsh_call *call, const void *p)
{
    const struct probe_args *args = p;
    static unsigned char map[] = { 0x0d };
    struct inner inners[] = { { 1 }, { 2 } };
    char *owned = strdup(args->text);
    int result = -1;

    entered++;
    deferred++;
    hvsh_defer(call, malloc(10), count_free);
    for (int i = 0; i < 3; i++) {
        struct probe_row row = { .name = hvsh_printf(call, "%s-%d", owned, i), .size = 1024, .part = 0.5, .rows = { inners, 2 },
                                 .cpus = { map, 1 }, .names = { args->more.count, args->more.items } };

        hvsh_progress(call, "probing", (uint64_t)i, 3);
        if (hvsh_emit(call, &probe_table, &row) < 0 || hvsh_emit(call, &probe_raw, &row) < 0)
            goto out;
    }
    result = 0;
    if (strcmp(args->text, "fail") == 0) {
        hvsh_hint(call, "do not");
        result = hvsh_fail(call, "it failed");
    }
out:
    free(owned);
    left++;
    return result;
}

static const struct hvsh_command probe = {
    .name = "probe", .group = "shell", .help = "own something", HVSH_ARGS(probe_args), .shapes = HVSH_SHAPES(&probe_table, &probe_raw),
    .run = probe_run, .flags = HVSH_NO_CONNECTION,
};

/* ---- the test --------------------------------------------------------------------------------------------------------------------- */

/* Call the function on top of the stack with allocation after allocation failing, until it gets through. */
static void torture(lua_State *L, size_t least)
{
    int top = lua_gettop(L) - 1;
    size_t n = 0, failures = 0;

    for (;;) {
        int status;

        entered = left = deferred = freed = 0;
        failed = false;
        countdown = ++n;
        lua_setallocf(L, allocate_none, NULL);
        lua_pushvalue(L, top + 1);
        status = script_call(L, 0, 1);
        lua_setallocf(L, allocate, NULL);
        countdown = 0;
        assert_int_equal(entered, left);
        assert_int_equal(deferred, freed);
        assert_false(script.stopping);
        assert_ptr_equal(script.now, script.main);
        lua_settop(L, top + 1);
        if (!failed) {
            assert_int_equal(status, LUA_OK);
            break;
        }
        failures++;
        assert_true(n < 10000);
    }
    assert_true(failures >= least);
    lua_settop(L, top);
}

static void run_out(const char *text, size_t least)
{
    lua_State *L = script_state();

    assert_non_null(L);
    lua_setallocf(L, allocate, NULL);
    assert_int_equal(luaL_loadstring(L, text), LUA_OK);
    lua_pushvalue(L, -1);
    assert_int_equal(script_call(L, 0, 0), LUA_OK);
    torture(L, least);
    /* nothing that the failures left behind keeps the next call from going well */
    assert_int_equal(luaL_dostring(L, "local hv = require 'hvsh' assert(#hv.probe('x').probes == 3)"), LUA_OK);
}

static void command_without_memory(void **unused)
{
    (void)unused;
    run_out("local hv = require 'hvsh'\n"
            "local r = hv.probe('text', { more = { 'a', 2 }, progress = function() return {} end })\n"
            "assert(#r.probes == 3 and r.probes[1].names[2] == '2' and r.probes[2].rows[2].n == 2 and r.probes[3].cpus[3] == 3)\n"
            "assert(r.raw == 'text-0text-1text-2' and r.probes[1].part == 0.5)", 20);
}

static void failure_without_memory(void **unused)
{
    (void)unused;
    run_out("local hv = require 'hvsh'\n"
            "local ok, e = pcall(hv.probe, 'fail')\n"
            "if type(e) ~= 'table' then error(e) end\n"
            "assert(e.message == 'it failed' and e.hint == 'do not' and e.command == 'probe')", 10);
}

static void parallel_without_memory(void **unused)
{
    (void)unused;
    run_out("local hv = require 'hvsh'\n"
            "local r, e = hv.parallel{ { 'probe', 'a' }, { 'probe', 'fail' }, { 'probe', 'b', more = 'c' } }\n"
            "assert(#r[1].probes == 3 and e[2].message == 'it failed' and r[3].probes[1].names[1] == 'c')", 20);
}

static void data_without_memory(void **unused)
{
    (void)unused;
    run_out("local hv = require 'hvsh'\n"
            "local t = hv.json.decode('{\"a\":[1,2,{\"b\":\"c\"}],\"d\":1.5}')\n"
            "assert(hv.json.encode(t, { pretty = true }) and hv.json.encode(t) == '{\"a\":[1,2,{\"b\":\"c\"}],\"d\":1.5}')\n"
            "local x = hv.xml('<a><b c=\"d\">e</b></a>')\n"
            "assert(x:first('b'):text() == 'e' and #x:xpath('//*') == 2 and x:first('b'):attr('c') == 'd' and #x:xml() > 10)", 20);
}

static void definition_without_memory(void **unused)
{
    (void)unused;
    run_out("local hv = require 'hvsh'\n"
            "hv.command{ name = 'told', help = 'tell', args = { { 'n', 'integer', 'how many', fallback = '2' } },\n"
            "  rows = { { 'n', 'integer', 'number' }, { 'name', 'text', 'name' } },\n"
            "  run = function(a, emit) for i = 1, a.n do if not emit{ n = i, name = 'n' .. i } then return false end end end }\n"
            "local r = hv.told{ n = 3 }\n"
            "assert(#r == 3 and r[3].name == 'n3')", 20);
}

static int set_up(void **unused)
{
    (void)unused;
    signals_start();
    plugin_load_all();
    return plugin_add_command(&probe, "test") == NULL ? 0 : -1;
}

static int tear_down(void **unused)
{
    (void)unused;
    script_close();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command_without_memory), cmocka_unit_test(failure_without_memory), cmocka_unit_test(parallel_without_memory),
        cmocka_unit_test(data_without_memory), cmocka_unit_test(definition_without_memory),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
