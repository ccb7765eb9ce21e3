/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plugin-tables.c - a plugin's tables as the shell keeps them. A plugin records the sizes of the structs it was built with; each element is
 * copied into a zero-filled one of the larger of both sizes, so that the shell may read every member it knows and the plugin every member
 * that it set. Done once for each command, when it is first used; nothing is ever freed.
 */
#include <dlfcn.h>
#include <string.h>
#include "plugin.h"

/* What was made already, by the plugin's own pointer: tables and shapes are shared by commands, nested tables may contain themselves. */
static GHashTable *made_tables, *made_shapes, *made_types;

static void *made(GHashTable **table, const void *key)
{
    if (*table == NULL)
        *table = g_hash_table_new(NULL, NULL);
    return g_hash_table_lookup(*table, key);
}

/* The element itself when it has all members, or a longer copy. */
static const void *widened(const void *element, size_t have, size_t want)
{
    void *copy;

    if (have >= want)
        return element;
    copy = g_malloc0(want);
    memcpy(copy, element, have);
    return copy;
}

const struct hvsh_command *tables_definition(const struct hvsh_command *def, const struct hvsh_plugin *plugin)
{
    return widened(def, plugin->command_size, sizeof(*def));
}

const void *tables_array(const void *array, size_t have, size_t want)
{
    const char *from = array;
    char *copy;
    size_t count = 0;

    if (array == NULL || have == want)
        return array;
    while (*(const void *const *)(const void *)(from + count * have) != NULL)
        count++;
    copy = g_malloc0((count + 1) * want);
    for (size_t i = 0; i < count; i++)
        memcpy(copy + i * want, from + i * have, MIN(have, want));
    return copy;
}

const struct hvsh_plugin *tables_plugin(const struct hvsh_plugin *plugin)
{
    size_t have = plugin->plugin_size;
    struct hvsh_plugin *copy = g_malloc0(MAX(have, sizeof(*copy)));

    memcpy(copy, plugin, have);
    copy->groups = tables_array(plugin->groups, plugin->group_size, sizeof(struct hvsh_group));
    copy->group_size = sizeof(struct hvsh_group);
    return copy;
}

/* The plugin's own types have its size, those of the shell are whole. */
static const struct hvsh_type *whole_type(const struct hvsh_type *type, const struct hvsh_field *row, const struct hvsh_plugin *plugin)
{
    const void *whole;
    Dl_info here, there;

    if (plugin->type_size >= sizeof(*type) ||
        dladdr(type, &there) == 0 || dladdr(row, &here) == 0 || here.dli_fbase != there.dli_fbase)
        return type;
    whole = made(&made_types, type);
    if (whole == NULL) {
        whole = widened(type, plugin->type_size, sizeof(*type));
        g_hash_table_insert(made_types, (void *)type, (void *)whole);
    }
    return whole;
}

static char *name_of_member(const char *member)
{
    return g_strdelimit(g_strdup(member), "_", '-');
}

static const struct hvsh_field *const *table_fields(const struct hvsh_field *table, const struct hvsh_plugin *plugin)
{
    static const struct hvsh_field *const none[] = { NULL };
    const char *from = (const char *)table;
    size_t have = plugin->field_size, size = MAX(have, sizeof(struct hvsh_field)), count = 0;
    const struct hvsh_field **fields;
    char *block;

    if (table == NULL)
        return none;
    fields = made(&made_tables, table);
    if (fields != NULL)
        return fields;
    while (((const struct hvsh_field *)(const void *)(from + count * have))->type != NULL)
        count++;
    fields = g_new0(const struct hvsh_field *, count + 1);
    g_hash_table_insert(made_tables, (void *)table, fields);
    block = g_malloc0(count * size);
    for (size_t i = 0; i < count; i++) {
        struct hvsh_field *field = (struct hvsh_field *)(void *)(block + i * size);

        memcpy(field, from + i * have, have);
        if (field->name == NULL && field->member != NULL)
            field->name = name_of_member(field->member);
        field->type = whole_type(field->type, (const struct hvsh_field *)(const void *)(from + i * have), plugin);
        field->choices = tables_array(field->choices, plugin->choice_size, sizeof(struct hvsh_choice));
        if (field->fields != NULL)
            field->shell = table_fields(field->fields, plugin);
        fields[i] = field;
    }
    return fields;
}

const struct hvsh_field *const *field_rows(const struct hvsh_field *field)
{
    return field->shell;
}

const struct hvsh_field *const *plugin_normalise(const struct hvsh_field *table, size_t stride)
{
    struct hvsh_plugin sizes = { HVSH_PLUGIN_HEAD };

    sizes.field_size = (uint32_t)stride;
    return table_fields(table, &sizes);
}

static const struct shape *table_shape(const struct hvsh_shape *key, const struct hvsh_plugin *plugin)
{
    struct shape *shape = made(&made_shapes, key);

    if (shape == NULL) {
        shape = g_new0(struct shape, 1);
        shape->key = key;
        shape->def = widened(key, plugin->shape_size, sizeof(*key));
        shape->fields = table_fields(shape->def->fields, plugin);
        g_hash_table_insert(made_shapes, (void *)key, shape);
    }
    return shape;
}

static const struct shape *const *table_shapes(const struct hvsh_shape *const *keys, const struct hvsh_plugin *plugin)
{
    GPtrArray *shapes = g_ptr_array_new();

    for (; keys != NULL && *keys != NULL; keys++)
        g_ptr_array_add(shapes, (void *)table_shape(*keys, plugin));
    g_ptr_array_add(shapes, NULL);
    return (const struct shape *const *)g_ptr_array_free(shapes, FALSE);
}

void tables_command(struct command *command, const struct hvsh_command *def, const struct hvsh_plugin *plugin)
{
    size_t size = MAX(plugin->command_size, sizeof(*def)), nargs = 0, naliases = 0, nrules = 0, count = 0;
    const struct hvsh_field *const *rows = table_fields(def->args, plugin);
    const struct hvsh_field **args, **aliases, **rules;
    struct hvsh_command *copy = g_malloc0(size);

    memcpy(copy, def, size);
    copy->examples = tables_array(def->examples, plugin->example_size, sizeof(struct hvsh_example));
    while (rows[count] != NULL)
        count++;
    args = g_new0(const struct hvsh_field *, count + 1);
    aliases = g_new0(const struct hvsh_field *, count + 1);
    rules = g_new0(const struct hvsh_field *, count + 1);
    for (size_t i = 0; i < count; i++) {
        switch (rows[i]->type->kind) {
        case HVSH_KIND_ALIAS:
            aliases[naliases++] = rows[i];
            break;
        case HVSH_KIND_EXCLUDES:
        case HVSH_KIND_REQUIRES:
        case HVSH_KIND_ONE_OF:
            rules[nrules++] = rows[i];
            break;
        default:
            args[nargs++] = rows[i];
        }
    }
    command->def = copy;
    command->args = args;
    command->aliases = aliases;
    command->rules = rules;
    command->nargs = (unsigned int)nargs;
    command->shapes = table_shapes(def->shapes, plugin);
}

void tables_command_clear(struct command *command)
{
    g_free((void *)command->def);
    g_free((void *)command->args);
    g_free((void *)command->aliases);
    g_free((void *)command->rules);
    g_free((void *)command->shapes);
}
