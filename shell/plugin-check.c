/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plugin-check.c - the self-check of a plugin's tables: what the compiler cannot see. Run by the tests over every plugin and by plugin-load, never
 * at the start; and over the command of a script. What memory depends on is in plugin-fit.c.
 */
#include <string.h>
#include "call.h"
#include "plugin-check.h"
#include "types.h"

/* Words of small letters and digits, joined by single dashes. */
static bool is_kebab(const char *name)
{
    for (const char *c = name; *c != '\0'; c++)
        if (!(g_ascii_islower(*c) || (g_ascii_isdigit(*c)) || (*c == '-' && c > name && c[-1] != '-' && c[1] != '\0')))
            return false;
    return *name != '\0';
}

static bool is_one_line(const char *text)
{
    return text != NULL && *text != '\0' && strchr(text, '\n') == NULL;
}

/* Names that the shell gives to every command, or to those with the flag. */
static bool is_reserved(const struct command *command, const char *name)
{
    static const char *const always[] = { "json", "jsonl", "csv", "help", NULL };

    return g_strv_contains(always, name) ||
           (strcmp(name, "yes") == 0 && (command->def->flags & HVSH_DESTRUCTIVE) != 0) ||
           (strcmp(name, "dry-run") == 0 && (command->def->flags & (HVSH_DESTRUCTIVE | HVSH_UNDO)) != 0);
}

/* ---- arguments ---- */

static const struct hvsh_field *find_arg(struct check *check, const char *name)
{
    return fit_find(check->command->args, name, strlen(name));
}

/* Every word of the list must name an argument. */
static void check_names(struct check *check, const char *where, const char *words)
{
    g_auto(GStrv) parts = g_strsplit(words, " ", -1);

    for (char **part = parts; *part != NULL; part++)
        if (**part == '\0' || find_arg(check, *part) == NULL)
            fit_problem(check, "%s names '%s', which is no argument", where, *part);
}

static bool is_valued(const struct hvsh_field *field)
{
    return field->type->kind != HVSH_KIND_FLAG && field->type->kind != HVSH_KIND_BIT;
}

/* May the check read a value of it? Objects and documents are looked for, and a type of the plugin's own may do anything. */
static bool is_readable(const struct check *check, const struct hvsh_field *field)
{
    enum hvsh_kind kind = field->type->kind;

    return fit_is_shells(check, field->type) && field->type->parse != NULL && field->type->size <= sizeof(struct hvsh_cpuset) &&
           kind != HVSH_KIND_XML && (kind < HVSH_KIND_DOMAIN || kind > HVSH_KIND_CONNECTION);
}

/* Read by the type itself, as a call will. NULL, or why it is no value (g_free). */
static char *why_no_value(struct check *check, const struct hvsh_field *field, const char *text)
{
    const char *const whole[] = { text, NULL };
    g_auto(GStrv) parts = (field->flags & HVSH_COMMA) != 0 && *text != '\0' ? g_strsplit(text, ",", -1) : g_strdupv((char **)whole);
    hvsh_call *call = call_new(check->command, NULL, NULL);
    char *why = NULL;

    for (char **part = parts; *part != NULL && why == NULL; part++) {
        struct hvsh_cpuset value = { NULL, 0 };

        if (call_parse(call, field, *part, &value) < 0)
            why = g_strdup(call->failure.message != NULL ? call->failure.message->str : "no reason given");
        if (field->type->clear != NULL)
            field->type->clear(&value);
    }
    call_unref(call);
    return why;
}

/* Would the text given in the table (fallback, bare, an alias's value) be a value? */
static void check_value(struct check *check, const struct hvsh_field *field, const char *what, const char *text)
{
    g_autofree char *why = NULL;

    if (field->type->kind == HVSH_KIND_FLAG)
        why = g_strdup("a flag has none");
    else if (field->type->kind == HVSH_KIND_BIT)
        why = strcmp(text, "yes") != 0 ? g_strdup("a bit's is 'yes'") : NULL;
    else if (is_readable(check, field))
        why = why_no_value(check, field, text);
    if (why != NULL)
        fit_problem(check, "argument '%s': %s '%s' is no value of it: %s", field->name, what, text, why);
}

static void check_list(struct check *check, const struct hvsh_field *field)
{
    unsigned int how = field->flags & (HVSH_REST | HVSH_REPEAT | HVSH_COMMA);

    if ((field->flags & HVSH_LIST) == 0 ? how != 0 : how != HVSH_REST && how != HVSH_REPEAT && how != HVSH_COMMA)
        fit_problem(check, "argument '%s': a list, and nothing else, has one of HVSH_REST, HVSH_REPEAT, HVSH_COMMA", field->name);
}

static void check_choices(struct check *check, const struct hvsh_field *field, const char *what)
{
    if (field->type->kind == HVSH_KIND_ENUM && (field->choices == NULL || field->choices->name == NULL))
        fit_problem(check, "%s '%s': an enumeration needs .choices", what, field->name);
    for (const struct hvsh_choice *one = field->choices; one != NULL && one->name != NULL; one++)
        for (const struct hvsh_choice *two = one + 1; two->name != NULL; two++)
            if (strcmp(one->name, two->name) == 0)
                fit_problem(check, "%s '%s': the choice '%s' stands there twice", what, field->name, one->name);
}

/* What arguments and columns have in common. */
static void check_field(struct check *check, const struct hvsh_field *field, const char *what)
{
    /* virsh has one option with a capital letter, and names are its to the letter */
    if (!is_kebab(field->name) && strcmp(field->name, "srcSpec") != 0)
        fit_problem(check, "%s '%s': a name is small letters and digits joined by '-'", what, field->name);
    if (!is_one_line(field->help))
        fit_problem(check, "%s '%s' has no help, or one of several lines", what, field->name);
    else if (!check->lenient && g_str_has_suffix(field->help, ".") && !g_str_has_suffix(field->help, ".."))
        fit_problem(check, "%s '%s': help ends without a full stop", what, field->name);
    if (field->type->kind == HVSH_KIND_SIZE && field->unit != NULL && unit_bytes(field->unit) == 0 && strcmp(field->unit, "auto") != 0)
        fit_problem(check, "%s '%s': '%s' is no unit of size", what, field->name, field->unit);
    if (field->type->kind == HVSH_KIND_DURATION && field->unit != NULL && unit_nanoseconds(field->unit, strlen(field->unit)) == 0)
        fit_problem(check, "%s '%s': '%s' is no unit of time", what, field->name, field->unit);
    if (field->shell != NULL && field->type->kind != HVSH_KIND_ROWS)
        fit_problem(check, "%s '%s': .shell is not for it", what, field->name);
    check_choices(check, field, what);
}

static void check_arg(struct check *check, const struct hvsh_field *field)
{
    check_field(check, field, "argument");
    check_list(check, field);
    if (is_reserved(check->command, field->name))
        fit_problem(check, "argument '%s': the shell gives --%s to the command itself", field->name, field->name);
    if (field->fallback != NULL)
        check_value(check, field, "the fallback", field->fallback);
    if (field->bare != NULL)
        check_value(check, field, "the value when it stands alone", field->bare);
    if ((field->bare != NULL) != ((field->flags & HVSH_OPTIONAL_VALUE) != 0))
        fit_problem(check, "argument '%s': .bare and HVSH_OPTIONAL_VALUE go together", field->name);
    if ((field->flags & HVSH_REQUIRED) != 0 && (!is_valued(field) || field->fallback != NULL))
        fit_problem(check, "argument '%s': only a value without a fallback can be required", field->name);
    if (field->max != 0 && field->min > 0 && (uint64_t)field->min > field->max)
        fit_problem(check, "argument '%s': .min is above .max", field->name);
    if (field->letter != 0 && (check->command->def->flags & HVSH_GETOPT) == 0)
        fit_problem(check, "argument '%s': letters are for commands flagged HVSH_GETOPT", field->name);
    if (field->scope == NULL && (field->type == &hvsh_type_snapshot || field->type == &hvsh_type_checkpoint))
        fit_problem(check, "argument '%s': it needs .scope, the argument that is its domain", field->name);
    if (field->scope != NULL) {
        g_autofree char *where = g_strdup_printf("argument '%s': .scope", field->name);

        check_names(check, where, field->scope);
    }
}

/* virsh's order: required words, optional ones, at last a list that takes the rest. */
static void check_order(struct check *check)
{
    const struct hvsh_field *optional = NULL, *rest = NULL;

    for (const struct hvsh_field *const *at = check->command->args; *at != NULL; at++) {
        if (!is_valued(*at) || ((*at)->flags & HVSH_NAMED) != 0 || (check->command->def->flags & HVSH_GETOPT) != 0)
            continue;
        if (rest != NULL)
            fit_problem(check, "argument '%s' can never be given by position behind '%s', which takes the rest of the line", (*at)->name, rest->name);
        if (((*at)->flags & HVSH_REQUIRED) == 0)
            optional = *at;
        else if (optional != NULL)
            fit_problem(check, "argument '%s' is required and stands behind '%s', which is not", (*at)->name, optional->name);
        if (((*at)->flags & HVSH_REST) != 0)
            rest = *at;
    }
}

static void check_alias(struct check *check, const struct hvsh_field *alias)
{
    const char *equals = alias->other != NULL ? strchr(alias->other, '=') : NULL;
    g_autofree char *name = equals != NULL ? g_strndup(alias->other, (gsize)(equals - alias->other)) : g_strdup(alias->other);
    const struct hvsh_field *field = name != NULL ? find_arg(check, name) : NULL;

    if (*alias->name == '\0' || alias->name[strspn(alias->name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_")] != '\0')
        fit_problem(check, "the alias '%s' is no name of an option", alias->name);
    else if (find_arg(check, alias->name) != NULL || is_reserved(check->command, alias->name))
        fit_problem(check, "the alias '%s' is the name of an option already", alias->name);
    if (name == NULL)
        return;
    if (field == NULL)
        fit_problem(check, "the alias '%s' stands for '%s', which is no argument", alias->name, name);
    else if (equals != NULL && !is_valued(field))
        fit_problem(check, "the alias '%s' gives a value to '%s', which takes none", alias->name, name);
    else if (equals != NULL)
        check_value(check, field, "an alias's value", equals + 1);
}

static void check_rule(struct check *check, const struct hvsh_field *rule)
{
    g_autofree char *where = g_strdup_printf("a rule (%s)", rule->type->name);

    if (rule->other == NULL)
        return;
    if (find_arg(check, rule->name) == NULL)
        fit_problem(check, "%s names '%s', which is no argument", where, rule->name);
    check_names(check, where, rule->other);
}

static void check_args(struct check *check)
{
    const struct command *command = check->command;

    for (const struct hvsh_field *const *one = command->args; *one != NULL; one++) {
        check_arg(check, *one);
        for (const struct hvsh_field *const *two = one + 1; *two != NULL; two++) {
            if (strcmp((*one)->name, (*two)->name) == 0)
                fit_problem(check, "argument '%s' stands there twice", (*one)->name);
            if ((*one)->letter != 0 && (*one)->letter == (*two)->letter)
                fit_problem(check, "arguments '%s' and '%s' share a letter", (*one)->name, (*two)->name);
        }
    }
    check_order(check);
    for (const struct hvsh_field *const *alias = command->aliases; *alias != NULL; alias++) {
        check_alias(check, *alias);
        for (const struct hvsh_field *const *two = alias + 1; *two != NULL; two++)
            if (strcmp((*alias)->name, (*two)->name) == 0)
                fit_problem(check, "the alias '%s' stands there twice", (*alias)->name);
    }
    for (const struct hvsh_field *const *rule = command->rules; *rule != NULL; rule++)
        check_rule(check, *rule);
}

/* ---- shapes ---- */

static void check_columns(struct check *check, const struct hvsh_field *const *fields)
{
    for (const struct hvsh_field *const *one = fields; *one != NULL; one++) {
        const char *when = (*one)->when;

        check_field(check, *one, "column");
        if (when != NULL && find_arg(check, when + (*when == '!')) == NULL)
            fit_problem(check, "column '%s': .when names '%s', which is no argument", (*one)->name, when);
        for (const struct hvsh_field *const *two = one + 1; *two != NULL; two++)
            if (strcmp((*one)->name, (*two)->name) == 0)
                fit_problem(check, "column '%s' stands there twice", (*one)->name);
        if ((*one)->type->kind == HVSH_KIND_ROWS && (*one)->fields != NULL && g_hash_table_add(check->rows_seen, (void *)*one))
            check_columns(check, field_rows(*one));
    }
}

/* Every {name} of a template must be a field. */
static void check_template(struct check *check, const char *what, const char *text, const struct hvsh_field *const *fields)
{
    for (const char *at = strchr(text, '{'); at != NULL; at = strchr(at, '{')) {
        size_t length = strcspn(++at, ":}");

        if (*at == '{') {
            at++;
            continue;
        }
        if (at[length] == '\0')
            fit_problem(check, "%s: a brace of its template is not closed", what);
        else if (fit_find(fields, at, length) == NULL)
            fit_problem(check, "%s: its template names '%.*s', which is not there", what, (int)length, at);
    }
}

static void check_shape(struct check *check, const struct shape *shape)
{
    const struct hvsh_shape *def = shape->def;
    const char *name = def->name != NULL ? def->name : "?";
    bool labels = false;

    if (!is_kebab(name))
        fit_problem(check, "a shape needs a name of small letters and digits joined by '-', not '%s'", name);
    if (def->text != NULL) {
        g_autofree char *what = g_strdup_printf("shape '%s'", name);

        check_template(check, what, def->text, shape->fields);
    }
    for (const struct hvsh_field *const *field = shape->fields; *field != NULL; field++)
        labels = labels || (*field)->label != NULL;
    if ((def->kind == HVSH_TABLE || (def->kind == HVSH_RECORD && def->text == NULL)) && !labels)
        fit_problem(check, "shape '%s': no column has a .label, so nothing would be shown", name);
    check_columns(check, shape->fields);
}

/* Shapes of one name are layouts of the same data: each may leave columns out, but a column that both have is of one kind. */
static void check_layouts(struct check *check, const struct shape *const *shapes)
{
    for (; *shapes != NULL; shapes++)
        for (const struct shape *const *other = shapes + 1; *other != NULL; other++)
            for (const struct hvsh_field *const *at = (*shapes)->fields; *at != NULL; at++) {
                const struct hvsh_field *same = fit_find((*other)->fields, (*at)->name, strlen((*at)->name));

                if (same != NULL && g_strcmp0((*shapes)->def->name, (*other)->def->name) == 0 && same->type->kind != (*at)->type->kind)
                    fit_problem(check, "two shapes are named '%s', but '%s' is a %s in one and a %s in the other", (*shapes)->def->name,
                                (*at)->name, (*at)->type->name, same->type->name);
            }
}

/* ---- commands ---- */

/* As the plugin has it, which may be of another age: only the members that there have always been are there. */
static const struct hvsh_command *plugin_has(const struct hvsh_plugin *plugin, const char *name)
{
    for (const struct hvsh_command *const *raw = plugin->commands; *raw != NULL; raw++)
        if (g_strcmp0((*raw)->name, name) == 0)
            return *raw;
    return NULL;
}

static bool knows_group(const struct hvsh_plugin *plugin, const char *keyword)
{
    const struct hvsh_group *group = tables_array(plugin->groups, plugin->group_size, sizeof(struct hvsh_group));

    for (; group != NULL && group->keyword != NULL; group++)
        if (strcmp(group->keyword, keyword) == 0)
            return true;
    return false;
}

static void check_command_alias(struct check *check, const struct hvsh_command *def)
{
    const struct hvsh_command *real = plugin_has(check->plugin, def->alias_of);

    if (real == NULL)
        real = plugin_command_def(def->alias_of);
    if (real == NULL)
        fit_problem(check, "it is another name of '%s', which is no command", def->alias_of);
    else if (real->alias_of != NULL)
        fit_problem(check, "it is another name of '%s', which is one itself", def->alias_of);
}

/* The command at hand, and those that are loaded. */
static const struct command *lookup_command(void *arg, const char *name)
{
    const struct check *check = arg;

    return strcmp(name, check->command->name) == 0 ? check->command : plugin_command(name);
}

static void check_example(struct check *check, const struct hvsh_example *example)
{
    const struct line_lookup lookup = { .command = lookup_command, .arg = check };
    g_autofree char *error = NULL;
    GArray *matches;

    if (!is_one_line(example->line) || !is_one_line(example->help)) {
        fit_problem(check, "an example needs a line and what it does, each of one line");
        return;
    }
    matches = line_match(example->line, LINE_PROMPT, &lookup, &error);
    if (matches == NULL)
        fit_problem(check, "the example '%s' does not match: %s", example->line, error);
    else
        line_free(matches);
}

static void check_definition(struct check *check, const struct hvsh_command *raw, const struct hvsh_command *def)
{
    struct command command = { .def = def, .name = def->name != NULL ? def->name : "?", .real = &command };

    check->command = &command;
    if (!is_kebab(command.name))
        fit_problem(check, "a command's name is small letters and digits joined by '-'");
    if (plugin_has(check->plugin, command.name) != raw)
        fit_problem(check, "the plugin has two commands of this name");
    if (def->alias_of != NULL) {
        check_command_alias(check, def);
        return;
    }
    if (!is_one_line(def->help))
        fit_problem(check, "it has no help, or one of several lines");
    if (def->group == NULL || (!knows_group(check->plugin, def->group) && !knows_group(&hvsh_core_plugin, def->group)))
        fit_problem(check, "its group '%s' is declared nowhere", def->group != NULL ? def->group : "?");
    if (!fit_walk(check, def))
        return;
    tables_command(&command, def, check->plugin);
    fit_command(check);
    check_args(check);
    for (const struct shape *const *shape = command.shapes; *shape != NULL; shape++)
        check_shape(check, *shape);
    check_layouts(check, command.shapes);
    for (const struct hvsh_example *example = command.def->examples; example != NULL && example->line != NULL; example++)
        check_example(check, example);
    if (command.def->examples != def->examples)
        g_free((void *)command.def->examples);
    tables_command_clear(&command);
}

static void check_command(struct check *check, const struct hvsh_command *raw)
{
    const struct hvsh_command *def = tables_definition(raw, check->plugin);

    check_definition(check, raw, def);
    if (def != raw)
        g_free((void *)def);
}

static void check_host_check(struct check *check, const struct hvsh_check *one)
{
    if (one->id == NULL || !is_kebab(one->id))
        fit_problem(check, "a check's id is small letters and digits joined by '-'");
    else if (one->area == NULL || !is_kebab(one->area) || !is_one_line(one->what) || !is_one_line(one->why))
        fit_problem(check, "check '%s' needs .area, .what and .why, each of one line", one->id);
    else if (one->run == NULL)
        fit_problem(check, "check '%s' has no .run", one->id);
    else if (one->fix != NULL && (one->fix[0] == NULL || plugin_command(one->fix[0]) == NULL))
        fit_problem(check, "check '%s' is put right by '%s', which is no command", one->id, one->fix[0] != NULL ? one->fix[0] : "");
}

char *plugin_check(const struct hvsh_plugin *plugin)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    struct check check = { .plugin = plugin, .out = g_string_new(NULL), .rows_seen = seen };

    if (plugin->name == NULL || !is_kebab(plugin->name))
        fit_problem(&check, "a plugin's name is small letters and digits joined by '-'");
    if (!is_one_line(plugin->version) || !is_one_line(plugin->summary))
        fit_problem(&check, "a plugin has .version and .summary, each of one line");
    for (const struct hvsh_command *const *raw = plugin->commands; *raw != NULL; raw++)
        check_command(&check, *raw);
    check.command = NULL;
    for (const struct hvsh_check *const *one = plugin->checks; one != NULL && *one != NULL; one++)
        check_host_check(&check, *one);
    return g_string_free(check.out, check.out->len == 0);
}

char *plugin_check_command(const struct hvsh_command *def, const char *deed)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    struct command command = { .def = def, .name = def->name, .real = &command };
    struct check check = { .plugin = &hvsh_core_plugin, .command = &command, .out = g_string_new(NULL), .rows_seen = seen, .lenient = true };

    tables_command(&command, def, check.plugin);
    if (!is_kebab(command.name))
        fit_problem(&check, "a command's name is small letters and digits joined by '-'");
    if (!is_one_line(def->help))
        fit_problem(&check, "it has no help, or one of several lines");
    fit_command(&check);
    check_args(&check);
    for (const struct shape *const *shape = command.shapes; *shape != NULL; shape++)
        check_columns(&check, (*shape)->fields);
    if (deed != NULL)
        check_template(&check, "what it destroys", deed, command.args);
    tables_command_clear(&command);
    return check.out->len != 0 ? g_strchomp(g_string_free(check.out, FALSE)) : g_string_free(check.out, TRUE);
}
