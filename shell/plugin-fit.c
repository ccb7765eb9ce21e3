/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plugin-fit.c - the part of the self-check that memory depends on: tables that can be walked, values that lie within their structs and are
 * what others take them for. It runs over a command of a plugin's file when its tables are prepared, once, and within the whole self-check.
 * It also survives a table whose HVSH_END was forgotten, as far as that can be told.
 */
#include "plugin-check.h"

#include <string.h>
#include "call.h"
#include "types.h"

enum { MOST_BYTES = 65536 };            /* of a struct: more is a mistake, not a need */

void fit_problem(struct check *check, const char *format, ...)
{
    va_list list;

    g_string_append_printf(check->out, "%s: ", check->command != NULL ? check->command->name : check->plugin->name);
    va_start(list, format);
    g_string_append_vprintf(check->out, format, list);
    va_end(list);
    g_string_append_c(check->out, '\n');
}

const struct hvsh_field *fit_find(const struct hvsh_field *const *fields, const char *name, size_t length)
{
    for (; *fields != NULL; fields++)
        if (strlen((*fields)->name) == length && strncmp((*fields)->name, name, length) == 0)
            return *fields;
    return NULL;
}

/* ---- is it a table at all? ---- */

/* Do the bytes lie in memory that the object was loaded into? Garbage does not. */
static bool object_holds(const struct object *object, const void *at, size_t size)
{
    uintptr_t start = (uintptr_t)at - object->base;

    for (size_t i = 0; i < object->count; i++) {
        const ElfW(Phdr) *header = &object->headers[i];

        if (header->p_type == PT_LOAD && (header->p_flags & PF_R) != 0 && start >= header->p_vaddr &&
            start - header->p_vaddr < header->p_memsz && size <= header->p_memsz - (start - header->p_vaddr))
            return true;
    }
    return false;
}

struct search { const void *at; struct object found; };

static int look_into(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct search *search = arg;
    struct object object = { info->dlpi_addr, info->dlpi_phdr, info->dlpi_phnum };

    (void)size;
    if (!object_holds(&object, search->at, 1))
        return 0;
    search->found = object;
    return 1;
}

static struct object object_of(const void *at)
{
    struct search search = { .at = at };

    dl_iterate_phdr(look_into, &search);
    return search.found;
}

static void find_shell(struct check *check)
{
    if (check->shell.headers == NULL)
        check->shell = object_of(&hvsh_type_text);
}

bool fit_is_shells(const struct check *check, const struct hvsh_type *type)
{
    return object_holds(&check->shell, type, sizeof(*type));
}

/* A type of the shell, or one that lies where the table does. */
static bool is_type(const struct check *check, const struct object *home, const struct hvsh_type *type)
{
    if ((uintptr_t)type % _Alignof(struct hvsh_type) != 0 ||
        (!fit_is_shells(check, type) && !object_holds(home, type, check->plugin->type_size)))
        return false;
    return type->name != NULL && ((type->kind > HVSH_KIND_NONE && type->kind < HVSH_KIND_XPATH) ||
                                  (type->kind >= HVSH_KIND_ALIAS && type->kind <= HVSH_KIND_ONE_OF));
}

static bool walk_table(struct check *check, const struct hvsh_field *table, const char *what)
{
    struct object home = object_holds(&check->own, table, 1) ? check->own : object_of(table);
    const char *at = (const char *)table;

    for (size_t i = 1; table != NULL; i++, at += check->plugin->field_size) {
        const struct hvsh_field *row = (const struct hvsh_field *)(const void *)at;
        const char *name;

        if (!object_holds(&home, at, check->plugin->field_size) || (row->type != NULL && !is_type(check, &home, row->type))) {
            fit_problem(check, "%s: row %zu has no type that is one: is HVSH_END missing?", what, i);
            return false;
        }
        name = row->name != NULL ? row->name : row->member;
        if (row->type == NULL) {
            if (name == NULL)
                break;
            fit_problem(check, "%s: '%s' has no type", what, name);
            return false;
        }
        if (name == NULL) {
            fit_problem(check, "%s: row %zu has no name", what, i);
            return false;
        }
        if (row->fields != NULL && row->type->kind != HVSH_KIND_ROWS) {
            fit_problem(check, "%s: '%s' has .fields, which are for nested rows alone", what, name);
            return false;
        }
        if (row->type->kind == HVSH_KIND_ROWS && g_hash_table_add(check->rows_seen, (void *)row->fields) &&
            !walk_table(check, row->fields, name))
            return false;
    }
    return true;
}

bool fit_walk(struct check *check, const struct hvsh_command *def)
{
    find_shell(check);
    check->own = object_of(def->args);
    g_hash_table_remove_all(check->rows_seen);
    if (!walk_table(check, def->args, "arguments"))
        return false;
    for (const struct hvsh_shape *const *shape = def->shapes; shape != NULL && *shape != NULL; shape++)
        if (!walk_table(check, (*shape)->fields, (*shape)->name != NULL ? (*shape)->name : "a shape"))
            return false;
    g_hash_table_remove_all(check->rows_seen);
    return true;
}

/* ---- arguments ---- */

/* Of the C member that a kind is bound to; 0: it binds nothing. */
static size_t size_of_kind(enum hvsh_kind kind)
{
    switch (kind) {
    case HVSH_KIND_FLAG:
        return sizeof(bool);
    case HVSH_KIND_BIT:
    case HVSH_KIND_UINT:
        return sizeof(unsigned int);
    case HVSH_KIND_INT:
    case HVSH_KIND_ENUM:
        return sizeof(int);
    case HVSH_KIND_INT64:
    case HVSH_KIND_UINT64:
    case HVSH_KIND_SIZE:
    case HVSH_KIND_BANDWIDTH:
    case HVSH_KIND_DURATION:
    case HVSH_KIND_TIME:
        return sizeof(uint64_t);
    case HVSH_KIND_REAL:
    case HVSH_KIND_PERCENT:
        return sizeof(double);
    case HVSH_KIND_CPUSET:
        return sizeof(struct hvsh_cpuset);
    case HVSH_KIND_PARAMS:
        return sizeof(struct hvsh_params);
    case HVSH_KIND_ROWS:
        return sizeof(struct hvsh_rows);
    case HVSH_KIND_NONE:
    case HVSH_KIND_ALIAS:
    case HVSH_KIND_EXCLUDES:
    case HVSH_KIND_REQUIRES:
    case HVSH_KIND_ONE_OF:
        return 0;
    default:
        return sizeof(void *);
    }
}

static bool is_object(enum hvsh_kind kind)
{
    return kind >= HVSH_KIND_DOMAIN && kind <= HVSH_KIND_CONNECTION;
}

/* What arguments and columns have in common. */
static void fit_member(struct check *check, const struct hvsh_field *field, const char *what, size_t struct_size)
{
    size_t size = field_size(field);

    if (field->type->size == 0 || field->type->size != size_of_kind(field->type->kind))
        fit_problem(check, "%s '%s': its type '%s' has %zu bytes, a value of its kind has %zu", what, field->name, field->type->name,
                      field->type->size, size_of_kind(field->type->kind));
    else if (size > struct_size || field->offset > struct_size - size)
        fit_problem(check, "%s '%s' lies outside its struct (of %zu bytes): is its size that of the struct?", what, field->name, struct_size);
}

/* types-object.c takes what .scope names for an object of this kind; NONE: it may be anything. */
static enum hvsh_kind kind_of_scope(enum hvsh_kind kind)
{
    switch (kind) {
    case HVSH_KIND_VOLUME:
        return HVSH_KIND_POOL;
    case HVSH_KIND_SNAPSHOT:
    case HVSH_KIND_CHECKPOINT:
        return HVSH_KIND_DOMAIN;
    default:
        return HVSH_KIND_NONE;
    }
}

static void fit_scope(struct check *check, const struct hvsh_field *field)
{
    enum hvsh_kind wanted = kind_of_scope(field->type->kind);
    g_auto(GStrv) names = NULL;

    if (field->scope == NULL || wanted == HVSH_KIND_NONE)
        return;
    names = g_strsplit(field->scope, " ", -1);
    for (char **name = names; *name != NULL; name++) {
        const struct hvsh_field *peer = fit_find(check->command->args, *name, strlen(*name));

        if (peer != NULL && (peer->type->kind != wanted || (peer->flags & HVSH_LIST) != 0))
            fit_problem(check, "argument '%s': .scope names '%s', which is no %s", field->name, *name,
                          wanted == HVSH_KIND_POOL ? "pool" : "domain");
    }
}

static void fit_arg(struct check *check, const struct hvsh_field *field)
{
    enum hvsh_kind kind = field->type->kind;
    bool is_switch = kind == HVSH_KIND_FLAG || kind == HVSH_KIND_BIT;

    fit_member(check, field, "argument", check->command->def->args_size);
    if (kind == HVSH_KIND_PARAMS || kind == HVSH_KIND_ROWS)
        fit_problem(check, "argument '%s': its type is for rows only", field->name);
    else if (field->type->parse == NULL && !is_switch)
        fit_problem(check, "argument '%s': its type '%s' has no .parse", field->name, field->type->name);
    if (is_switch && (field->flags & HVSH_LIST) != 0)
        fit_problem(check, "argument '%s': what takes no value is no list", field->name);
    if (field->param != NULL && (is_object(kind) || kind == HVSH_KIND_CPUSET))
        fit_problem(check, "argument '%s': its value is none of a typed parameter (.param)", field->name);
    fit_scope(check, field);
}

/* Two options must not write to the same bytes; bits of one word do. */
static bool overlap(const struct hvsh_field *one, const struct hvsh_field *two)
{
    if (one->type->kind == HVSH_KIND_BIT && two->type->kind == HVSH_KIND_BIT && one->offset == two->offset)
        return false;
    return one->offset < two->offset ? two->offset - one->offset < field_size(one) : one->offset - two->offset < field_size(two);
}

static void fit_args(struct check *check)
{
    const struct command *command = check->command;

    if (command->nargs > CALL_MAX_ARGS)
        fit_problem(check, "it has %u arguments; %d is the most", command->nargs, CALL_MAX_ARGS);
    if (command->def->args_size > MOST_BYTES)
        fit_problem(check, "its .args_size of %zu bytes is that of no struct", command->def->args_size);
    for (const struct hvsh_field *const *one = command->args; *one != NULL; one++) {
        fit_arg(check, *one);
        for (const struct hvsh_field *const *two = one + 1; *two != NULL; two++)
            if (overlap(*one, *two))
                fit_problem(check, "arguments '%s' and '%s' share a member", (*one)->name, (*two)->name);
    }
    for (const struct hvsh_field *const *alias = command->aliases; *alias != NULL; alias++)
        if ((*alias)->other == NULL)
            fit_problem(check, "the alias '%s' does not say what it stands for", (*alias)->name);
    for (const struct hvsh_field *const *rule = command->rules; *rule != NULL; rule++)
        if ((*rule)->other == NULL)
            fit_problem(check, "a rule (%s) lacks one of its two sides", (*rule)->type->name);
}

/* ---- shapes ---- */

static void fit_columns(struct check *check, const struct hvsh_field *const *fields, size_t size)
{
    if (size > MOST_BYTES)
        fit_problem(check, "a row's size of %zu bytes is that of no struct", size);
    for (const struct hvsh_field *const *one = fields; *one != NULL; one++) {
        fit_member(check, *one, "column", size);
        if ((*one)->type->kind != HVSH_KIND_ROWS)
            continue;
        if ((*one)->fields == NULL || (*one)->row_size == 0)
            fit_problem(check, "column '%s': nested rows need .fields and .row_size", (*one)->name);
        else if (g_hash_table_add(check->rows_seen, (void *)*one))
            fit_columns(check, field_rows(*one), (*one)->row_size);
    }
}

static void fit_shape(struct check *check, const struct shape *shape)
{
    const struct hvsh_shape *def = shape->def;
    const char *name = def->name != NULL ? def->name : "?";
    bool needs_text = def->kind == HVSH_LINES || def->kind == HVSH_PAIRS || def->kind == HVSH_MESSAGE || def->kind == HVSH_STANZAS;

    if (def->kind < HVSH_TABLE || def->kind > HVSH_MESSAGE)
        fit_problem(check, "shape '%s' is of no known kind", name);
    if (def->text == NULL && needs_text)
        fit_problem(check, "shape '%s' needs a template (.text)", name);
    if (def->kind == HVSH_TREE && (fit_find(shape->fields, "name", 4) == NULL || fit_find(shape->fields, "parent", 6) == NULL))
        fit_problem(check, "shape '%s': a tree needs the columns 'name' and 'parent'", name);
    if ((def->kind == HVSH_RAW || def->kind == HVSH_PAIRS) && shape->fields[0] == NULL)
        fit_problem(check, "shape '%s': there is no column to be shown", name);
    fit_columns(check, shape->fields, def->size);
}

void fit_command(struct check *check)
{
    find_shell(check);
    if (check->command->def->run == NULL)
        fit_problem(check, "it has no .run");
    fit_args(check);
    for (const struct shape *const *shape = check->command->shapes; *shape != NULL; shape++)
        fit_shape(check, *shape);
    g_hash_table_remove_all(check->rows_seen);
}

char *plugin_prepare(struct command *command, const struct hvsh_command *def, const struct hvsh_plugin *plugin)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    g_autoptr(GString) out = g_string_new(NULL);
    struct check check = { .plugin = plugin, .command = command, .out = out, .rows_seen = seen };
    const char *sentence;

    if (fit_walk(&check, def)) {
        tables_command(command, def, plugin);
        fit_command(&check);
        if (out->len == 0)
            return NULL;
        tables_command_clear(command);
    }
    /* the first one, without the command's name */
    sentence = out->str + strlen(command->name) + strlen(": ");
    return g_strndup(sentence, strcspn(sentence, "\n"));
}
