/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-out.c - sinks against golden texts: virsh's layouts to the byte, JSON that reads back, CSV, copies of rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <json-c/json.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <glib.h>
#include "out-private.h"
#include "out-table.h"

/* ---- types of the test's own: what it shows does not depend on how the shell's types print ---- */

static void print_text(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    (void)field;
    (void)style;
    hvsh_buffer_add(out, *(const char *const *)value);
}

static void print_int(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    (void)field;
    (void)style;
    hvsh_buffer_printf(out, "%d", *(const int *)value);
}

static void print_size(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    uint64_t bytes = *(const uint64_t *)value;

    (void)field;
    if (style == HVSH_HUMAN)
        hvsh_buffer_printf(out, "%.1f GiB", (double)bytes / 1073741824);
    else
        hvsh_buffer_printf(out, "%" G_GUINT64_FORMAT, bytes);
}

static const struct hvsh_type test_flag = {.name = "bool", .kind = HVSH_KIND_FLAG, .size = sizeof(bool)};
static const struct hvsh_type test_text = {.name = "string", .kind = HVSH_KIND_TEXT, .size = sizeof(char *), .print = print_text};
static const struct hvsh_type test_int = {.name = "number", .kind = HVSH_KIND_INT, .size = sizeof(int), .print = print_int};
static const struct hvsh_type test_size = {.name = "size", .kind = HVSH_KIND_SIZE, .size = sizeof(uint64_t), .print = print_size};
static const struct hvsh_type test_real = {.name = "number", .kind = HVSH_KIND_REAL, .size = sizeof(double)};
static const struct hvsh_type test_params = {.name = "params", .kind = HVSH_KIND_PARAMS, .size = sizeof(struct hvsh_params)};
static const struct hvsh_type test_rows = {.name = "rows", .kind = HVSH_KIND_ROWS, .size = sizeof(struct hvsh_rows)};
static const struct hvsh_type test_cpuset = {.name = "cpus", .kind = HVSH_KIND_CPUSET, .size = sizeof(struct hvsh_cpuset)};
#define hvsh_type_flag test_flag
#define hvsh_type_text test_text
#define hvsh_type_int test_int
#define hvsh_type_size test_size
#define hvsh_type_real test_real
#define hvsh_type_params test_params
#define hvsh_type_rows test_rows
#define hvsh_type_cpuset test_cpuset

/* ---- shapes ---- */

/* Pointers to the rows of a table, as the loader makes them; the names as they stand. */
static const struct hvsh_field *const *pointers(const struct hvsh_field *table)
{
    static const struct hvsh_field *pool[256];
    static size_t used;
    size_t start = used;

    for (; table->member; table++)
        pool[used++] = table;
    pool[used++] = NULL;
    assert_true(used < G_N_ELEMENTS(pool));
    return pool + start;
}

struct guest { int id; const char *name; const char *state; const char *title; uint64_t memory; };
static const struct hvsh_field guest_fields[] = {
    HVSH_INT(struct guest, id, "id", .label = "Id"),
    HVSH_TEXT(struct guest, name, "name", .label = "Name"),
    HVSH_TEXT(struct guest, state, "state", .label = "State"),
    HVSH_TEXT(struct guest, title, "title", .label = "Title", .when = "title"),
    HVSH_SIZE(struct guest, memory, "memory"),
    HVSH_END};
static const struct hvsh_shape guests = {.name = "guests", .kind = HVSH_TABLE, .fields = guest_fields, .size = sizeof(struct guest)};
static const struct guest web = {1, "web", "running", "the web", 1 << 20}, db = {INT_MIN, "database", "shut off", "", UINT64_MAX};

struct said { const char *text; int n; };
static const struct hvsh_field said_fields[] = {HVSH_TEXT(struct said, text, "text"), HVSH_INT(struct said, n, "n"), HVSH_END};

/* ---- one sink run ---- */

struct run {
    char *text;
    size_t length;
    FILE *file;
    struct sink *sink;
};

static bool nothing_given(void *arg, const char *name)
{
    return arg && strcmp(arg, name) == 0;
}

static void start(struct run *run, struct out_options options)
{
    run->text = NULL;
    run->file = open_memstream(&run->text, &run->length);
    options.file = run->file;
    run->sink = out_sink_new(&options);
    run->sink->given = nothing_given;
}

static void finish(struct run *run, const struct shape *primary, const char *expected)
{
    assert_int_equal(sink_end(run->sink, primary, false), 0);
    sink_free(run->sink);
    fclose(run->file);
    assert_string_equal(run->text, expected);
    free(run->text);
}

static struct shape shape_of(const struct hvsh_shape *def)
{
    return (struct shape){.def = def, .key = def, .fields = def->fields ? pointers(def->fields) : NULL};
}

/* ---- tables ---- */

static void table(void **state)
{
    struct shape shape = shape_of(&guests);
    struct run run;

    (void)state;
    start(&run, (struct out_options){0});
    sink_row(run.sink, &shape, &web);
    sink_row(run.sink, &shape, &db);
    finish(&run, &shape, " Id   Name       State\n"
                         "---------------------------\n"
                         " 1    web        running\n"
                         " -    database   shut off\n");

    /* Without heading it does not count for the widths. */
    start(&run, (struct out_options){.quiet = true});
    sink_row(run.sink, &shape, &web);
    finish(&run, &shape, " 1   web   running\n");

    start(&run, (struct out_options){0});
    run.sink->given_arg = (void *)"title";
    sink_row(run.sink, &shape, &db);
    finish(&run, &shape, " Id   Name       State      Title\n"
                         "-----------------------------------\n"
                         " -    database   shut off   \n");
}

static void empty_table(void **state)
{
    struct shape shape = shape_of(&guests);
    struct run run;

    (void)state;
    start(&run, (struct out_options){0});
    finish(&run, &shape, " Id   Name   State\n--------------------\n");
    start(&run, (struct out_options){0});
    sink_begin(run.sink, &shape);
    finish(&run, NULL, " Id   Name   State\n--------------------\n");
    start(&run, (struct out_options){.quiet = true});
    finish(&run, &shape, "");
    /* A command that failed shows no heading. */
    start(&run, (struct out_options){0});
    assert_int_equal(sink_end(run.sink, &shape, true), 0);
    fflush(run.file);
    assert_int_equal(run.length, 0);
    finish(&run, NULL, "");
}

static void strange_cells(void **state)
{
    struct shape shape = shape_of(&guests);
    struct guest wide = {2, "\xe6\x97\xa5\xe6\x9c\xac", "a\nb", NULL, 0};
    struct run run;

    (void)state;
    if (!setlocale(LC_CTYPE, "C.UTF-8") && !setlocale(LC_CTYPE, "en_US.UTF-8"))
        skip();
    start(&run, (struct out_options){0});
    sink_row(run.sink, &shape, &wide);
    sink_row(run.sink, &shape, &web);
    finish(&run, &shape, " Id   Name   State\n"
                         "----------------------\n"
                         " 2    \xe6\x97\xa5\xe6\x9c\xac   a\\x0ab\n"
                         " 1    web    running\n");
}

static void narrow(void **state)
{
    struct shape shape = shape_of(&guests);
    struct guest long_name = {3, "a-guest-with-a-very-long-name", "running", NULL, 0};
    struct run run;

    (void)state;
    setlocale(LC_CTYPE, "C");
    start(&run, (struct out_options){.style = HVSH_HUMAN, .columns = 32});
    sink_row(run.sink, &shape, &long_name);
    finish(&run, &shape, " Id   Name               State\n"
                         "--------------------------------\n"
                         " 3    a-guest-with-a-~   running\n");
    start(&run, (struct out_options){.style = HVSH_HUMAN, .columns = 20});
    sink_row(run.sink, &shape, &long_name);
    sink_row(run.sink, &shape, &db);
    finish(&run, &shape, " Id     3\n Name   a-guest-with-a-very-long-name\n State  running\n"
                         "\n Id     -\n Name   database\n State  shut off\n");
}

static void colours(void **state)
{
    struct shape shape = shape_of(&guests);
    struct run run;

    (void)state;
    start(&run, (struct out_options){.style = HVSH_HUMAN, .columns = 80, .colour = true});
    sink_row(run.sink, &shape, &web);
    finish(&run, &shape, " \033[1mId\033[0m   \033[1mName\033[0m   \033[1mState\033[0m\n"
                         "----------------------\n"
                         " 1    web    \033[32mrunning\033[0m\n");
}

static void stream_table(void **state)
{
    struct hvsh_shape def = guests;
    struct shape shape;
    struct run run;

    (void)state;
    def.flags = HVSH_STREAM;
    shape = shape_of(&def);
    start(&run, (struct out_options){0});
    sink_row(run.sink, &shape, &web);
    fflush(run.file);
    assert_non_null(strstr(run.text, "web"));
    finish(&run, &shape, " Id   Name   State\n--------------------\n 1   web   running\n");
}

/* ---- records and lines ---- */

struct info {
    const char *name, *uuid, *owner;
    bool persistent, autostart;
    HVSH_LIST_OF(int) cpus;
    double load;
    struct hvsh_params params;
    struct hvsh_rows guests;
    struct hvsh_cpuset set;
};
static const struct hvsh_choice enable[] = {{"disable", 0, NULL}, {"enable", 1, NULL}, {NULL, 0, NULL}};
static struct hvsh_field info_fields[] = {
    HVSH_TEXT(struct info, name, "name", .label = "Name:"),
    HVSH_TEXT(struct info, uuid, "uuid", .label = "UUID:"),
    HVSH_TEXT(struct info, owner, "owner", .label = "Owner:", .missing = "nobody"),
    HVSH_FLAG(struct info, persistent, "persistent", .label = "Persistent:"),
    HVSH_FLAG(struct info, autostart, "autostart", .label = "Autostart:", .choices = enable),
    HVSH_LISTED(struct info, cpus, int, hvsh_type_int, HVSH_COMMA, "cpus", .label = "CPUs:"),
    HVSH_REAL(struct info, load, "load"),
    HVSH_PARAMS(struct info, params, "params", .label = ""),
    HVSH_ROWS(struct info, guests, struct guest, guest_fields, "guests"),
    HVSH_CPUSET(struct info, set, "set"),
    HVSH_END};
static const struct hvsh_shape info_shape = {.name = "info", .kind = HVSH_RECORD, .fields = info_fields, .size = sizeof(struct info)};

static virTypedParameter params[] = {
    {.field = "state.state", .type = VIR_TYPED_PARAM_INT, .value.i = -1},
    {.field = "big", .type = VIR_TYPED_PARAM_ULLONG, .value.ul = UINT64_MAX},
    {.field = "label", .type = VIR_TYPED_PARAM_STRING, .value.s = (char *)"a \"b\""},
    {.field = "on", .type = VIR_TYPED_PARAM_BOOLEAN, .value.b = 1},
    {.field = "part", .type = VIR_TYPED_PARAM_DOUBLE, .value.d = 0.1}};
static int cpus[] = {0, 2};
static unsigned char map[] = {0x05, 0x80};

static struct info make_info(void)
{
    static const struct guest list[2] = {{1, "web", "running", "the web", 1 << 20}, {INT_MIN, "database", "shut off", "", UINT64_MAX}};

    for (struct hvsh_field *field = info_fields; field->member; field++)
        if (field->type->kind == HVSH_KIND_ROWS && !field->shell)
            field->shell = pointers(guest_fields);
    return (struct info){.name = "web/1", .persistent = true, .cpus = {2, cpus}, .load = NAN, .params = {params, 5},
                         .guests = {list, 2}, .set = {map, 2}};
}

static void record(void **state)
{
    struct shape shape = shape_of(&info_shape);
    struct info info = make_info();
    struct run run;

    (void)state;
    start(&run, (struct out_options){0});
    sink_row(run.sink, &shape, &info);
    finish(&run, &shape, "Name:           web/1\n"
                         "Owner:          nobody\n"
                         "Persistent:     yes\n"
                         "Autostart:      disable\n"
                         "CPUs:           0\n"
                         "                2\n"
                         "state.state    : -1\n"
                         "big            : 18446744073709551615\n"
                         "label          : a \"b\"\n"
                         "on             : yes\n"
                         "part           : 0.100000\n");
}

static void stanzas(void **state)
{
    struct hvsh_shape def = info_shape;
    struct shape shape;
    struct info info = make_info();
    struct run run;

    (void)state;
    def.kind = HVSH_STANZAS;
    def.text = "Domain: '{name}'";
    shape = shape_of(&def);
    info.params.count = 1;
    start(&run, (struct out_options){0});
    sink_row(run.sink, &shape, &info);
    sink_row(run.sink, &shape, &info);
    finish(&run, &shape, "Domain: 'web/1'\n  state.state=-1\n\nDomain: 'web/1'\n  state.state=-1\n");
}

static void lines(void **state)
{
    static const struct hvsh_shape line = {.kind = HVSH_LINES, .fields = said_fields, .text = "{{{text:-6}|{n:4}} {nosuch}", .heading = "Head"};
    static const struct hvsh_shape message = {.kind = HVSH_MESSAGE, .fields = said_fields, .text = "Domain '{text}' started\n"};
    static const struct hvsh_shape raw = {.kind = HVSH_RAW, .fields = said_fields};
    static const struct hvsh_shape pairs = {.kind = HVSH_PAIRS, .fields = said_fields};
    struct shape a = shape_of(&line), b = shape_of(&message), c = shape_of(&raw), d = shape_of(&pairs);
    struct said said = {"abc", INT_MIN}, xml = {"<a/>\n", 7};
    struct run run;

    (void)state;
    start(&run, (struct out_options){0});
    sink_row(run.sink, &a, &said);
    sink_row(run.sink, &b, &said);
    sink_row(run.sink, &c, &said);
    sink_row(run.sink, &c, &xml);
    sink_row(run.sink, &d, &said);
    finish(&run, &a, "Head\n{abc   |   -} {nosuch}\nDomain 'abc' started\n\nabc\n<a/>\nabc             -\n");
    start(&run, (struct out_options){.quiet = true});
    sink_row(run.sink, &b, &said);
    sink_row(run.sink, &a, &said);
    finish(&run, &a, "{abc   |   -} {nosuch}\n");
}

/* On a terminal a title can't move the cursor. */
static void safe_lines(void **state)
{
    static const struct hvsh_shape line = {.kind = HVSH_LINES, .fields = said_fields, .text = "<{text}>"};
    struct shape shape = shape_of(&line);
    struct said said = {"\033[2Ja\tb\xc2\x9b\x7f", 0};
    struct run run;

    (void)state;
    start(&run, (struct out_options){.style = HVSH_HUMAN});
    sink_row(run.sink, &shape, &said);
    finish(&run, &shape, "<\\x1b[2Ja\tb\\xc2\\x9b\\x7f>\n");
    start(&run, (struct out_options){0});
    sink_row(run.sink, &shape, &said);
    finish(&run, &shape, "<\033[2Ja\tb\xc2\x9b\x7f>\n");
}

struct node { const char *name, *parent; };
static const struct hvsh_field node_fields[] = {HVSH_TEXT(struct node, name, "name"), HVSH_TEXT(struct node, parent, "parent"), HVSH_END};

static void tree(void **state)
{
    static const struct hvsh_shape def = {.kind = HVSH_TREE, .fields = node_fields};
    static const struct node nodes[] = {{"a", NULL}, {"b", "a"}, {"c", "a"}, {"d", "b"},  {"e", "b"},  {"f", "e"},
                                        {"g", "c"}, {"r2", NULL}, {"r2x", "r2"}, {"r3", "gone"}, {"x", "y"}, {"y", "x"}};
    struct shape shape = shape_of(&def);
    struct run run;

    (void)state;
    start(&run, (struct out_options){0});
    for (size_t i = 0; i < G_N_ELEMENTS(nodes); i++)
        sink_row(run.sink, &shape, &nodes[i]);
    finish(&run, &shape, "a\n  |\n  +- b\n  |   |\n  |   +- d\n  |   +- e\n  |       |\n  |       +- f\n  |         \n"
                         "  +- c\n      |\n      +- g\n        \n"
                         "r2\n  |\n  +- r2x\n    \n"
                         "r3\n\n"
                         "x\n  |\n  +- y\n      |\n");
}

/* ---- data ---- */

static void json_record(void **state)
{
    struct shape shape = shape_of(&info_shape);
    struct info info = make_info();
    struct run run;

    (void)state;
    info.owner = "q\"\\\x01\xff\xc3\xa4";
    start(&run, (struct out_options){.format = OUT_JSON});
    sink_row(run.sink, &shape, &info);
    finish(&run, &shape,
           "{\"name\":\"web/1\",\"uuid\":null,\"owner\":\"q\\\"\\\\\\u0001\xef\xbf\xbd\xc3\xa4\",\"persistent\":true,\"autostart\":false,"
           "\"cpus\":[0,2],\"load\":null,"
           "\"params\":{\"state.state\":-1,\"big\":18446744073709551615,\"label\":\"a \\\"b\\\"\",\"on\":true,\"part\":0.1},"
           "\"guests\":[{\"id\":1,\"name\":\"web\",\"state\":\"running\",\"title\":\"the web\",\"memory\":1048576},"
           "{\"id\":null,\"name\":\"database\",\"state\":\"shut off\",\"title\":\"\",\"memory\":null}],\"set\":[0,2,15]}\n");
    start(&run, (struct out_options){.format = OUT_JSON});
    finish(&run, &shape, "null\n");
}

static void json_table(void **state)
{
    struct shape shape = shape_of(&guests), record = shape_of(&info_shape);
    struct run run;

    (void)state;
    start(&run, (struct out_options){.format = OUT_JSON});
    sink_row(run.sink, &shape, &web);
    sink_row(run.sink, &shape, &db);
    finish(&run, &shape,
           "[\n{\"id\":1,\"name\":\"web\",\"state\":\"running\",\"title\":\"the web\",\"memory\":1048576},\n"
           "{\"id\":null,\"name\":\"database\",\"state\":\"shut off\",\"title\":\"\",\"memory\":null}\n]\n");
    start(&run, (struct out_options){.format = OUT_JSON});
    finish(&run, &shape, "[]\n");
    start(&run, (struct out_options){.format = OUT_JSON});
    sink_begin(run.sink, &shape);
    finish(&run, &record, "[]\n");

    start(&run, (struct out_options){.format = OUT_JSON});
    run.sink->several = true;
    sink_begin(run.sink, &record);
    sink_row(run.sink, &shape, &db);
    finish(&run, NULL, "{\n\"info\": null,\n\"guests\": [\n"
                       "{\"id\":null,\"name\":\"database\",\"state\":\"shut off\",\"title\":\"\",\"memory\":null}\n]\n}\n");
}

static void json_others(void **state)
{
    static const struct hvsh_shape message = {.kind = HVSH_MESSAGE, .fields = said_fields, .text = "Domain '{text}' started"};
    static const struct hvsh_shape raw = {.kind = HVSH_RAW, .fields = said_fields};
    static const struct hvsh_shape pairs = {.kind = HVSH_PAIRS, .fields = said_fields};
    struct shape a = shape_of(&message), b = shape_of(&raw), c = shape_of(&pairs), t = shape_of(&guests);
    struct said one = {"<a b='1'/>\n", 7}, two = {"two", 8};
    struct run run;

    (void)state;
    start(&run, (struct out_options){.format = OUT_JSON, .quiet = true});
    sink_row(run.sink, &a, &two);
    finish(&run, &a, "{\"text\":\"two\",\"n\":8}\n");
    start(&run, (struct out_options){.format = OUT_JSON});
    sink_row(run.sink, &a, &one);
    sink_row(run.sink, &a, &two);
    finish(&run, &a, "[\n{\"text\":\"<a b='1'/>\\n\",\"n\":7},\n{\"text\":\"two\",\"n\":8}\n]\n");
    start(&run, (struct out_options){.format = OUT_JSON});
    sink_row(run.sink, &a, &two);
    sink_begin(run.sink, &t);
    finish(&run, &a, "[]\n");
    start(&run, (struct out_options){.format = OUT_JSON});
    sink_row(run.sink, &b, &one);
    sink_row(run.sink, &b, &two);
    finish(&run, &b, "\"<a b='1'/>\\ntwo\"\n");
    start(&run, (struct out_options){.format = OUT_JSON});
    sink_row(run.sink, &c, &one);
    sink_row(run.sink, &c, &two);
    finish(&run, &c, "{\"<a b='1'/>\\n\":7,\"two\":8}\n");
}

/* One number alone: virsh's text, a number for programs. */
static void raw_number(void **state)
{
    static const struct hvsh_field fields[] = {HVSH_INT(struct said, n, "n"), HVSH_END};
    static const struct hvsh_shape number = {.name = "number", .kind = HVSH_RAW, .fields = fields};
    static const struct { enum out_format format; const char *seven, *missing; } expected[] = {
        {OUT_TEXT, "7\n", "-\n"}, {OUT_JSON, "7\n", "null\n"}, {OUT_JSONL, "7\n", "null\n"}, {OUT_CSV, "n\n7\n", "n\n\"\"\n"}};
    struct shape shape = shape_of(&number);
    struct said seven = {NULL, 7}, missing = {NULL, INT_MIN};
    struct run run;

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
        start(&run, (struct out_options){.format = expected[i].format});
        sink_row(run.sink, &shape, &seven);
        finish(&run, &shape, expected[i].seven);
        start(&run, (struct out_options){.format = expected[i].format});
        sink_row(run.sink, &shape, &missing);
        finish(&run, &shape, expected[i].missing);
    }
}

static void json_lines(void **state)
{
    static const struct hvsh_shape raw = {.name = "xml", .kind = HVSH_RAW, .fields = said_fields};
    struct shape shape = shape_of(&guests), text = shape_of(&raw);
    struct said said = {"a\nb", 0};
    struct run run;

    (void)state;
    start(&run, (struct out_options){.format = OUT_JSONL});
    sink_row(run.sink, &shape, &web);
    sink_progress(run.sink, "copying", 5, 10);
    sink_progress(run.sink, NULL, 5, 0);
    run.sink->several = true;
    sink_row(run.sink, &text, &said);
    finish(&run, &shape, "{\"id\":1,\"name\":\"web\",\"state\":\"running\",\"title\":\"the web\",\"memory\":1048576}\n"
                         "{\"progress\":{\"what\":\"copying\",\"done\":5,\"total\":10}}\n"
                         "{\"progress\":{\"what\":null,\"done\":5,\"total\":null}}\n"
                         "{\"xml\":\"a\\nb\"}\n");
}

static void csv(void **state)
{
    struct shape shape = shape_of(&guests), record = shape_of(&info_shape);
    struct guest odd = {-1, "a,b", "say \"hi\"", "two\nlines", 5};
    struct info info = make_info();
    struct run run;

    (void)state;
    start(&run, (struct out_options){.format = OUT_CSV});
    sink_row(run.sink, &shape, &odd);
    sink_row(run.sink, &shape, &db);
    finish(&run, &shape, "id,name,state,title,memory\n-1,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",5\n,database,shut off,,\n");
    start(&run, (struct out_options){.format = OUT_CSV});
    finish(&run, &shape, "id,name,state,title,memory\n");
    info.guests.count = 0;
    info.params.count = 2;
    start(&run, (struct out_options){.format = OUT_CSV});
    sink_row(run.sink, &record, &info);
    finish(&run, &record, "name,uuid,owner,persistent,autostart,cpus,load,params,guests,set\n"
                          "web/1,,,true,disable,\"0,2\",,\"{\"\"state.state\"\":-1,\"\"big\"\":18446744073709551615}\",[],\n");
}

/* What comes out is JSON, whatever went in. */
static void json_reads_back(void **state)
{
    struct shape shape = shape_of(&info_shape);
    struct info info = make_info();

    (void)state;
    for (int seed = 0; seed < 300; seed++) {
        g_autoptr(GRand) random = g_rand_new_with_seed((guint32)seed);
        char name[16], owner[16];
        struct json_object *written, *read, *value;

        for (size_t i = 0; i + 1 < sizeof name; i++) {
            name[i] = (char)g_rand_int_range(random, 1, 127);
            owner[i] = (char)g_rand_int_range(random, 1, 256);
        }
        name[15] = owner[15] = 0;
        info.name = name;
        info.owner = owner;
        info.load = ldexp(g_rand_double(random) - 0.5, g_rand_int_range(random, -60, 60));
        written = row_json(shape.fields, &info);
        read = json_tokener_parse(json_object_to_json_string_ext(written, JSON_C_TO_STRING_PLAIN));
        assert_non_null(read);
        assert_true(json_object_object_get_ex(read, "name", &value));
        assert_string_equal(json_object_get_string(value), name);
        assert_true(json_object_object_get_ex(read, "load", &value));
        assert_true(json_object_get_double(value) == info.load);
        assert_true(json_object_object_get_ex(read, "owner", &value));
        assert_true(g_utf8_validate(json_object_get_string(value), -1, NULL));
        json_object_put(written);
        json_object_put(read);
    }
}

static void copies(void **state)
{
    struct shape shape = shape_of(&info_shape);
    struct info info = make_info(), *copy;
    g_autofree char *name = g_strdup("passing");
    struct json_object *before, *after;

    (void)state;
    info.name = name;
    before = row_json(shape.fields, &info);
    copy = row_copy(shape.fields, sizeof info, &info);
    memset(name, 'x', strlen(name));
    assert_ptr_not_equal(copy->params.items, info.params.items);
    assert_ptr_not_equal(copy->params.items[2].value.s, info.params.items[2].value.s);
    assert_ptr_not_equal(((const struct guest *)copy->guests.items)->name, ((const struct guest *)info.guests.items)->name);
    assert_ptr_not_equal(copy->cpus.items, info.cpus.items);
    assert_ptr_not_equal(copy->set.map, info.set.map);
    after = row_json(shape.fields, copy);
    assert_string_equal(json_object_to_json_string(before), json_object_to_json_string(after));
    json_object_put(before);
    json_object_put(after);
    row_free(shape.fields, copy);
    row_free(shape.fields, NULL);
}

static void wants(void **state)
{
    struct shape shape = shape_of(&guests);
    struct out_options text = {.file = stdout}, json = {.format = OUT_JSON, .file = stdout};
    struct sink *a = out_sink_new(&text), *b = out_sink_new(&json);

    (void)state;
    a->given = b->given = nothing_given;
    assert_true(sink_wants(a, &shape, shape.fields[1]));
    assert_false(sink_wants(a, &shape, shape.fields[3]));
    assert_false(sink_wants(a, &shape, shape.fields[4]));
    assert_true(sink_wants(b, &shape, shape.fields[3]));
    assert_true(sink_wants(b, &shape, shape.fields[4]));
    sink_free(a);
    sink_free(b);
}

/* A file that takes no more is told. */
static void full(void **state)
{
    struct shape shape = shape_of(&guests);
    FILE *file = fopen("/dev/full", "we");
    struct sink *sink;

    (void)state;
    if (!file)
        skip();
    sink = out_sink_new(&(struct out_options){.file = file});
    sink_row(sink, &shape, &web);
    assert_int_equal(sink_end(sink, &shape, false), -1);
    sink_free(sink);
    fclose(file);
}

static void progress(void **state)
{
    g_autoptr(GString) line = g_string_new(NULL);

    (void)state;
    progress_line(line, "copying", 3ULL << 30, 12ULL << 30, 60, 3ULL << 30, 80);
    assert_string_equal(line->str, "copying [#####...............]  25% 3.0 GiB of 12.0 GiB 3:00 left");
    g_string_truncate(line, 0);
    progress_line(line, "disks", 2, 4, 0, 0, 30);
    assert_string_equal(line->str, "disks  50% 2 of 4");
    g_string_truncate(line, 0);
    progress_line(line, "reading", 5 << 20, 0, 1, 1, 80);
    assert_string_equal(line->str, "reading: 5.0 MiB");
    g_string_truncate(line, 0);
    progress_line(line, "Restore", 0, 0, 62.9, 0, 80);
    assert_string_equal(line->str, "Restore: 1:02");
    g_string_truncate(line, 0);
    progress_line(line, "copying", 1, 1 << 20, 2, 1, 80);
    assert_non_null(strstr(line->str, " 99h59m left"));
}

/* ---- what has been seen ---- */

static void events_once(void **state)
{
    int64_t now = g_get_monotonic_time();

    (void)state;
    assert_false(out_was_seen("domain 'web1' started", now));
    out_seen("Domain 'web1' started\n");
    out_seen("Domain 'web 2' has been undefined\n");
    assert_true(out_was_seen("domain 'web1' started", now));
    assert_true(out_was_seen("domain 'web 2' undefined", now));
    assert_false(out_was_seen("domain 'web1' started", now + 60 * G_USEC_PER_SEC));
    assert_false(out_was_seen("domain 'web1' stopped: crashed", now));
    out_seen("Domain 'web3' defined from web3.xml");
    assert_true(out_was_seen("domain 'web3' changed", now) && out_was_seen("domain 'web3' defined", now));
    assert_false(out_was_seen("domain 'web3' undefined", now));
    out_seen("Domain 'web4' XML configuration edited.");
    assert_true(out_was_seen("domain 'web4' changed", now));
    assert_false(out_was_seen("domain 'web5' changed", now));
    assert_false(out_was_seen("domain 'web' started", now));
    assert_false(out_was_seen("started domain 'web1'", now));
    for (int i = 0; i < 16; i++)
        out_seen("Network default started\n");
    assert_false(out_was_seen("domain 'web1' started", now));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),       cmocka_unit_test(empty_table), cmocka_unit_test(strange_cells),   cmocka_unit_test(narrow),
        cmocka_unit_test(colours),     cmocka_unit_test(stream_table), cmocka_unit_test(record),         cmocka_unit_test(stanzas),
        cmocka_unit_test(lines),       cmocka_unit_test(tree),        cmocka_unit_test(json_record),     cmocka_unit_test(json_table),
        cmocka_unit_test(json_others), cmocka_unit_test(raw_number),
        cmocka_unit_test(json_lines),  cmocka_unit_test(csv),             cmocka_unit_test(json_reads_back),
        cmocka_unit_test(safe_lines), cmocka_unit_test(events_once),
        cmocka_unit_test(copies),      cmocka_unit_test(wants),       cmocka_unit_test(full),            cmocka_unit_test(progress),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
