/* SPDX-License-Identifier: GPL-3.0-or-later */
/* help.c - help for the screen, from the tables. The layout of the first sections is virsh's, which scripts read. */
#include <string.h>
#include "help.h"
#include "plugin.h"
#include "tty.h"
#include "types.h"
#include "util.h"

enum { INDENT = 4, NAME_COLUMN = 30, OPTION_COLUMN = 28, RESULT_COLUMN = 18, DEFAULT_WIDTH = 80, LARGEST_WIDTH = 110 };

/* ---- text in lines ---- */

static size_t screen_width(void)
{
    int columns = DEFAULT_WIDTH, lines;

    if (tty_stdout())
        tty_size(&columns, &lines);
    return (size_t)CLAMP(columns, 40, LARGEST_WIDTH) - 1;
}

static void add_blanks(GString *out, size_t count)
{
    while (count-- > 0)
        g_string_append_c(out, ' ');
}

/* No line begins with a word that looks like an option: who reads the list of options by its line beginnings must not find one there. */
static bool never_first(const char *word)
{
    return *word == '-' || *word == '<' || *word == '[';
}

/* Columns of the word, and of those behind it that stay with it. */
static size_t width_together(char *const *word)
{
    size_t width = util_width(*word);

    for (word++; *word != NULL && (**word == '\0' || never_first(*word)); word++)
        width += **word != '\0' ? 1 + util_width(*word) : 0;
    return width;
}

/* Append words, broken at `width`; `column` is where the cursor stands, further lines begin at `indent`. */
static void add_wrapped(GString *out, const char *text, size_t column, size_t indent, size_t width)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \n", -1);
    bool first = true;

    for (char **word = words; *word != NULL; word++) {
        if (**word == '\0')
            continue;
        if (!first && column + 1 + width_together(word) > width && !never_first(*word)) {
            g_string_append_c(out, '\n');
            add_blanks(out, indent);
            column = indent;
        } else if (!first) {
            g_string_append_c(out, ' ');
            column++;
        }
        g_string_append(out, *word);
        column += util_width(*word);
        first = false;
    }
    g_string_append_c(out, '\n');
}

/* "    left      right, wrapped" with right at `column`, or on its own line when left is too long. */
static void add_entry(GString *out, const char *left, const char *right, size_t indent, size_t column, size_t width)
{
    size_t at = indent + util_width(left);

    add_blanks(out, indent);
    g_string_append(out, left);
    if (right == NULL || *right == '\0') {
        g_string_append_c(out, '\n');
        return;
    }
    if (at + 2 > column) {
        g_string_append(out, "  ");
        at += 2;
        if (at + util_width(right) > width) {
            g_string_truncate(out, out->len - 2);
            g_string_append_c(out, '\n');
            at = 0;
        }
    }
    if (at < column) {
        add_blanks(out, column - at);
        at = column;
    }
    add_wrapped(out, right, at, column, width);
}

void help_paragraphs(const char *text, void (*each)(const char *paragraph, bool as_it_is, void *arg), void *arg)
{
    g_auto(GStrv) paragraphs = g_strsplit(text, "\n\n", -1);

    for (char **paragraph = paragraphs; *paragraph != NULL; paragraph++) {
        const char *start = *paragraph;

        while (*start == '\n')
            start++;
        if (*start != '\0')
            each(start, *start == ' ', arg);
    }
}

struct paragraph_state { GString *out; size_t width; bool first; };

static void add_paragraph(const char *paragraph, bool as_it_is, void *arg)
{
    struct paragraph_state *state = arg;

    if (!state->first)
        g_string_append_c(state->out, '\n');
    state->first = false;
    if (as_it_is) {
        g_auto(GStrv) lines = g_strsplit(paragraph, "\n", -1);

        for (char **line = lines; *line != NULL; line++)
            if (**line != '\0')
                g_string_append_printf(state->out, "%*s%s\n", INDENT, "", *line);
    } else {
        add_blanks(state->out, INDENT);
        add_wrapped(state->out, paragraph, INDENT, INDENT, state->width);
    }
}

static void add_paragraphs(GString *out, const char *text, size_t width)
{
    struct paragraph_state state = { out, width, true };

    help_paragraphs(text, add_paragraph, &state);
}

static void add_heading(GString *out, const char *title)
{
    g_string_append_printf(out, "%s  %s\n", out->len > 0 ? "\n" : "", title);
}

/* ---- arguments ---- */

static bool is_switch(const struct hvsh_field *field)
{
    return field->type->kind == HVSH_KIND_FLAG || field->type->kind == HVSH_KIND_BIT;
}

static bool is_list(const struct hvsh_field *field)
{
    return (field->flags & HVSH_LIST) != 0;
}

/* Given by name alone? With options as in getopt_long all are, but what takes the rest of the line. */
static bool by_name_only(const struct command *command, const struct hvsh_field *field)
{
    if (is_list(field) && (field->flags & HVSH_REST) != 0)
        return false;
    return (field->flags & HVSH_NAMED) != 0 || (command->def->flags & HVSH_GETOPT) != 0;
}

void help_piece(const struct command *command, const struct hvsh_field *field, GString *out)
{
    bool required = (field->flags & HVSH_REQUIRED) != 0;
    bool named = by_name_only(command, field);

    if (is_switch(field)) {
        g_string_append_printf(out, "[--%s]", field->name);
    } else if (is_list(field) && (field->flags & HVSH_REST) != 0) {
        g_string_append_printf(out, required ? "<%s>..." : "[<%s>]...", field->name);
    } else if (required && !named) {
        g_string_append_printf(out, "<%s>", field->name);
    } else {
        bool optional_value = (field->flags & HVSH_OPTIONAL_VALUE) != 0;

        g_string_append_printf(out, "%s--%s %s<%s>%s%s", required ? "" : "[", field->name, optional_value ? "[" : "", type_word(field),
                               optional_value ? "]" : "", required ? "" : "]");
        if (is_list(field) && (field->flags & HVSH_REPEAT) != 0)
            g_string_append(out, "...");
    }
}

void help_option(const struct command *command, const struct hvsh_field *field, GString *out)
{
    if (field->letter != 0)
        g_string_append_printf(out, "-%c, ", (char)field->letter);
    if (is_switch(field))
        g_string_append_printf(out, "--%s", field->name);
    else if (is_list(field) && (field->flags & HVSH_REST) != 0)
        g_string_append_printf(out, "<%s>", field->name);
    else if ((field->flags & HVSH_OPTIONAL_VALUE) != 0)
        g_string_append_printf(out, "--%s [<%s>]", field->name, type_word(field));
    else if ((field->flags & HVSH_REQUIRED) != 0 && !by_name_only(command, field))
        g_string_append_printf(out, "[--%s] <%s>", field->name, type_word(field));
    else
        g_string_append_printf(out, "--%s <%s>", field->name, type_word(field));
}

static bool has_word(const char *text, const char *word)
{
    size_t length = strlen(word);

    for (const char *found = text; (found = strstr(found, word)) != NULL; found++)
        if ((found == text || !g_ascii_isalnum(found[-1])) && !g_ascii_isalnum(found[length]))
            return true;
    return false;
}

/* Say a thing in parentheses unless the help text says it already. */
static void add_remark(GString *out, const char *help, const char *format, const char *word)
{
    if (help != NULL && has_word(help, word))
        return;
    g_string_append(out, " (");
    g_string_append_printf(out, format, word);
    g_string_append_c(out, ')');
}

void help_option_text(const struct hvsh_field *field, GString *out)
{
    if (field->help != NULL)
        g_string_append(out, field->help);
    if (field->choices != NULL && !is_switch(field)) {
        g_string_append(out, ": ");
        for (const struct hvsh_choice *choice = field->choices; choice->name != NULL; choice++)
            g_string_append_printf(out, "%s%s", choice == field->choices ? "" : ", ", choice->name);
    }
    if (field->unit != NULL && !is_switch(field))
        add_remark(out, field->help, "in %s when it has no unit", field->unit);
    if (field->fallback != NULL && *field->fallback != '\0' && !is_switch(field))
        add_remark(out, field->help, "default: %s", field->fallback);
    if (is_list(field) && (field->flags & HVSH_REPEAT) != 0)
        g_string_append(out, "; may be given several times");
    else if (is_list(field) && (field->flags & HVSH_COMMA) != 0)
        g_string_append(out, "; several separated by commas");
}

const struct help_common *help_common_options(const struct command *command)
{
    static const struct help_common options[] = {
        { "yes", "go on without asking" },
        { "dry-run", "show what would be done, do nothing" },
        { NULL, NULL }
    };
    if ((command->def->flags & HVSH_DESTRUCTIVE) != 0)
        return options;
    return (command->def->flags & HVSH_UNDO) != 0 ? options + 1 : options + 2;
}

void help_synopsis(const struct command *command, GString *out)
{
    const struct command *real = command->real;

    for (unsigned int i = 0; i < real->nargs; i++) {
        if ((real->args[i]->flags & HVSH_HIDE) != 0)
            continue;
        if (out->len > 0)
            g_string_append_c(out, ' ');
        help_piece(real, real->args[i], out);
    }
    for (const struct help_common *common = help_common_options(real); common->name != NULL; common++)
        g_string_append_printf(out, "%s[--%s]", out->len > 0 ? " " : "", common->name);
}

/* The synopsis in lines, broken between arguments only. */
static void add_synopsis(GString *out, const struct command *command, size_t width)
{
    g_autoptr(GString) piece = g_string_new(NULL);
    size_t column = INDENT + strlen(command->name);

    g_string_append_printf(out, "%*s%s", INDENT, "", command->name);
    for (unsigned int i = 0; i < command->nargs; i++) {
        if ((command->args[i]->flags & HVSH_HIDE) != 0)
            continue;
        g_string_truncate(piece, 0);
        help_piece(command, command->args[i], piece);
        if (column + 1 + piece->len > width) {
            g_string_append_printf(out, "\n%*s", 2 * INDENT - 1, "");
            column = 2 * INDENT - 1;
        }
        g_string_append_printf(out, " %s", piece->str);
        column += 1 + piece->len;
    }
    for (const struct help_common *common = help_common_options(command); common->name != NULL; common++)
        g_string_append_printf(out, " [--%s]", common->name);
    g_string_append_c(out, '\n');
}

static bool has_options(const struct command *command)
{
    for (unsigned int i = 0; i < command->nargs; i++)
        if ((command->args[i]->flags & HVSH_HIDE) == 0)
            return true;
    return help_common_options(command)->name != NULL;
}

static void add_options(GString *out, const struct command *command, size_t width)
{
    g_autoptr(GString) left = g_string_new(NULL);
    g_autoptr(GString) right = g_string_new(NULL);
    size_t column = INDENT;

    /* as narrow as the longest option allows, not wider than OPTION_COLUMN */
    for (unsigned int i = 0; i < command->nargs; i++) {
        g_string_truncate(left, 0);
        help_option(command, command->args[i], left);
        if ((command->args[i]->flags & HVSH_HIDE) == 0 && INDENT + left->len + 2 <= OPTION_COLUMN)
            column = MAX(column, INDENT + left->len + 2);
    }
    for (const struct help_common *common = help_common_options(command); common->name != NULL; common++)
        column = MAX(column, INDENT + 2 + strlen(common->name) + 2);

    for (unsigned int i = 0; i < command->nargs; i++) {
        if ((command->args[i]->flags & HVSH_HIDE) != 0)
            continue;
        g_string_truncate(left, 0);
        g_string_truncate(right, 0);
        help_option(command, command->args[i], left);
        help_option_text(command->args[i], right);
        add_entry(out, left->str, right->str, INDENT, column, width);
    }
    for (const struct help_common *common = help_common_options(command); common->name != NULL; common++) {
        g_string_printf(left, "--%s", common->name);
        add_entry(out, left->str, common->help, INDENT, column, width);
    }
}

/* ---- results ---- */

const char *help_column_kind(const struct hvsh_field *field)
{
    if (is_list(field))
        return "list";
    switch (field->type->kind) {
    case HVSH_KIND_FLAG:
        return "true or false";
    case HVSH_KIND_BIT:
    case HVSH_KIND_INT:
    case HVSH_KIND_UINT:
    case HVSH_KIND_INT64:
    case HVSH_KIND_UINT64:
        return "whole number";
    case HVSH_KIND_REAL:
        return "number";
    case HVSH_KIND_SIZE:
        return "bytes";
    case HVSH_KIND_DURATION:
        return "nanoseconds";
    case HVSH_KIND_TIME:
        return "seconds since 1970";
    case HVSH_KIND_PERCENT:
        return "percent";
    case HVSH_KIND_CPUSET:
        return "cpu list";
    case HVSH_KIND_PARAMS:
        return "object";
    case HVSH_KIND_ROWS:
        return "list of objects";
    default:
        return "text";
    }
}

void help_column_text(const struct hvsh_field *field, GString *out)
{
    if (field->help != NULL)
        g_string_append(out, field->help);
    if (field->choices != NULL && field->type->kind == HVSH_KIND_ENUM) {
        g_string_append(out, ": ");
        for (const struct hvsh_choice *choice = field->choices; choice->name != NULL; choice++)
            g_string_append_printf(out, "%s%s", choice == field->choices ? "" : ", ", choice->name);
    }
    if (field->when != NULL && field->when[0] == '!')
        g_string_append_printf(out, " (on screen without --%s)", field->when + 1);
    else if (field->when != NULL)
        g_string_append_printf(out, " (on screen with --%s)", field->when);
}

void help_shape_text(const struct shape *shape, bool several, GString *out)
{
    if (several && shape->def->name != NULL)
        g_string_append_printf(out, "%s: ", shape->def->name);
    switch (shape->def->kind) {
    case HVSH_RECORD:
    case HVSH_MESSAGE:
        g_string_append(out, "one object");
        break;
    case HVSH_PAIRS:
        g_string_append(out, "one object with a member for each row");
        break;
    case HVSH_RAW:
        g_string_append(out, field_is_text(shape->fields[0]) ? "one text" : "one number");
        break;
    default:
        g_string_append(out, "a list of objects");
    }
    if ((shape->def->flags & HVSH_STREAM) != 0)
        g_string_append(out, ", as they come");
}

/* A message says in a sentence what was done; its one or two names are worth no section of their own. */
const struct shape **help_results(const struct command *command)
{
    g_autoptr(GPtrArray) kept = g_ptr_array_new();
    bool worth = false;

    for (const struct shape *const *shape = command->shapes; shape != NULL && *shape != NULL; shape++) {
        bool known = false;

        if ((*shape)->def->kind == HVSH_MESSAGE || (*shape)->fields == NULL)
            continue;
        for (unsigned int i = 0; i < kept->len; i++)
            known = known || g_strcmp0(((const struct shape *)kept->pdata[i])->def->name, (*shape)->def->name) == 0;
        if (known)
            continue;
        g_ptr_array_add(kept, (void *)*shape);
        worth = worth || (*shape)->def->kind != HVSH_RAW || !field_is_text((*shape)->fields[0]);
    }
    if (!worth)
        return NULL;
    g_ptr_array_add(kept, NULL);
    return (const struct shape **)g_ptr_array_free(g_steal_pointer(&kept), FALSE);
}

static void add_columns(GString *out, const struct hvsh_field *const *fields, size_t indent, size_t width)
{
    for (; *fields != NULL; fields++) {
        g_autoptr(GString) text = NULL;

        if (((*fields)->flags & HVSH_HIDE) != 0)
            continue;
        text = g_string_new(NULL);
        help_column_text(*fields, text);
        g_string_append_printf(text, "%s[%s]", text->len > 0 ? " " : "", help_column_kind(*fields));
        add_entry(out, (*fields)->name, text->str, indent, indent + RESULT_COLUMN, width);
        if ((*fields)->type->kind == HVSH_KIND_ROWS && indent < 4 * INDENT && field_rows(*fields) != NULL)
            add_columns(out, field_rows(*fields), indent + INDENT / 2, width);
    }
}

static void add_results(GString *out, const struct shape *const *shapes, size_t width)
{
    bool several = shapes[1] != NULL;

    for (; *shapes != NULL; shapes++) {
        g_autoptr(GString) text = g_string_new(NULL);

        help_shape_text(*shapes, several, text);
        g_string_append_printf(out, "%*s%s\n", INDENT, "", text->str);
        if ((*shapes)->def->kind != HVSH_RAW)
            add_columns(out, (*shapes)->fields, INDENT + INDENT / 2, width);
    }
}

/* ---- a command ---- */

void help_command(const struct command *command, GString *out)
{
    const struct command *real = command->real;
    const struct hvsh_command *def = real->def;
    g_autofree const struct shape **results = help_results(real);
    size_t width = screen_width();

    g_string_append_printf(out, "  NAME\n%*s%s - %s\n", INDENT, "", real->name, def->help);
    add_heading(out, "SYNOPSIS");
    add_synopsis(out, real, width);
    if (def->description != NULL) {
        add_heading(out, "DESCRIPTION");
        add_paragraphs(out, def->description, width);
    }
    if (has_options(real)) {
        add_heading(out, "OPTIONS");
        add_options(out, real, width);
    }
    if (results != NULL) {
        add_heading(out, "RESULTS in JSON and Lua");
        add_results(out, results, width);
    }
    if (def->examples != NULL && def->examples->line != NULL) {
        add_heading(out, "EXAMPLES");
        for (const struct hvsh_example *example = def->examples; example->line != NULL; example++) {
            g_string_append_printf(out, "%*s%s\n", INDENT, "", example->line);
            if (example->help == NULL)
                continue;
            add_blanks(out, 2 * INDENT);
            add_wrapped(out, example->help, 2 * INDENT, 2 * INDENT, width);
        }
    }
    if (def->exit_status != NULL) {
        add_heading(out, "EXIT STATUS");
        add_paragraphs(out, def->exit_status, width);
    }
}

/* ---- lists of commands ---- */

static bool is_listed(const struct hvsh_command *def)
{
    return def != NULL && (def->flags & HVSH_HIDDEN) == 0 && def->alias_of == NULL;
}

static void add_command_line(GString *out, const char *name, const char *help)
{
    g_string_append_printf(out, "%*s%-*s %s\n", INDENT, "", NAME_COLUMN, name, help != NULL ? help : "");
}

/* False: there are no commands of this group. */
static bool add_group(GString *out, const struct hvsh_group *group)
{
    gsize before = out->len, empty;

    g_string_append_printf(out, " %s (help keyword '%s'):\n", group->title, group->keyword);
    empty = out->len;
    for (const char *const *names = plugin_command_names(); *names != NULL; names++) {
        const struct hvsh_command *def = plugin_command_def(*names);

        if (is_listed(def) && g_strcmp0(def->group, group->keyword) == 0)
            add_command_line(out, *names, def->help);
    }
    if (out->len == empty)
        g_string_truncate(out, before);
    return out->len > before;
}

bool help_group(const char *keyword_or_title, GString *out)
{
    for (const struct hvsh_group *const *group = plugin_groups(); *group != NULL; group++) {
        if (strcmp((*group)->keyword, keyword_or_title) != 0 && strcmp((*group)->title, keyword_or_title) != 0)
            continue;
        return add_group(out, *group);
    }
    return false;
}

void help_all(GString *out)
{
    g_string_append(out, "Grouped commands:\n");
    for (const struct hvsh_group *const *group = plugin_groups(); *group != NULL; group++) {
        gsize before = out->len;

        g_string_append_c(out, '\n');
        if (!add_group(out, *group))
            g_string_truncate(out, before);
    }
}

bool help_search(const char *text, GString *out)
{
    g_autofree char *wanted = g_utf8_casefold(text, -1);
    bool found = false;

    for (const char *const *names = plugin_command_names(); *names != NULL; names++) {
        const struct hvsh_command *def = plugin_command_def(*names);
        g_autofree char *all = NULL, *said = NULL;

        if (!is_listed(def))
            continue;
        all = g_strconcat(*names, "\n", def->help, "\n", def->description, NULL);
        said = g_utf8_casefold(all, -1);
        if (strstr(said, wanted) == NULL)
            continue;
        add_command_line(out, *names, def->help);
        found = true;
    }
    return found;
}

/* ---- at the prompt ---- */

static bool was_given(const struct expected *expected, const char *name)
{
    for (unsigned int i = 0; expected->given != NULL && i < expected->given->len; i++) {
        unsigned int field = g_array_index(expected->given, struct given, i).field;

        if (field < expected->command->nargs && strcmp(expected->command->args[field]->name, name) == 0)
            return true;
    }
    return false;
}

/* Has something been given that this argument cannot go with? The second side of a rule may be several names. */
static bool is_excluded(const struct expected *expected, const char *name)
{
    const struct hvsh_field *const *rule = expected->command->rules;

    for (; rule != NULL && *rule != NULL; rule++) {
        g_auto(GStrv) others = NULL;

        if ((*rule)->type->kind != HVSH_KIND_EXCLUDES)
            continue;
        others = g_strsplit((*rule)->other, " ", -1);
        if (g_strv_contains((const char *const *)others, name) && was_given(expected, (*rule)->name))
            return true;
        if (strcmp((*rule)->name, name) != 0)
            continue;
        for (char **other = others; *other != NULL; other++)
            if (was_given(expected, *other))
                return true;
    }
    return false;
}

static bool still_possible(const struct expected *expected, unsigned int i)
{
    const struct hvsh_field *field = expected->command->args[i];

    return (field->flags & HVSH_HIDE) == 0 && !line_taken(expected, i) && !is_excluded(expected, field->name);
}

void help_hint(const struct expected *expected, GString *out)
{
    if (expected->command == NULL || (expected->kind != EXPECT_OPTION && expected->kind != EXPECT_VALUE))
        return;
    /* the value at point comes first, as long as nothing of it is typed */
    if (expected->field != NULL && (expected->word == NULL || *expected->word == '\0'))
        g_string_append_printf(out, "<%s>", expected->field->name);
    for (unsigned int i = 0; i < expected->command->nargs; i++) {
        if (expected->command->args[i] == expected->field || !still_possible(expected, i))
            continue;
        if (out->len > 0)
            g_string_append_c(out, ' ');
        help_piece(expected->command, expected->command->args[i], out);
    }
}

static void add_option_here(GString *out, const struct command *command, const struct hvsh_field *field, size_t width)
{
    g_autoptr(GString) left = g_string_new(NULL);
    g_autoptr(GString) right = g_string_new(NULL);

    help_option(command, field, left);
    help_option_text(field, right);
    add_entry(out, left->str, right->str, 2, OPTION_COLUMN, width);
}

static void add_choices(GString *out, const struct hvsh_field *field, size_t width)
{
    if (field->choices == NULL)
        return;
    for (const struct hvsh_choice *choice = field->choices; choice->name != NULL; choice++)
        if (choice->help != NULL)
            add_entry(out, choice->name, choice->help, INDENT, OPTION_COLUMN, width);
}

void help_here(const struct expected *expected, GString *out)
{
    const char *word = expected->word != NULL ? expected->word : "";
    size_t width = screen_width();

    switch (expected->kind) {
    case EXPECT_NOTHING:
        g_string_append(out, "  nothing more: press Enter\n");
        break;
    case EXPECT_FILE:
        g_string_append(out, "  a file name\n");
        break;
    case EXPECT_COMMAND:
        for (const char *const *names = plugin_command_names(); *names != NULL; names++) {
            const struct hvsh_command *def = plugin_command_def(*names);

            if (is_listed(def) && g_str_has_prefix(*names, word))
                add_entry(out, *names, def->help, 2, OPTION_COLUMN, width);
        }
        if (out->len == 0)
            g_string_append_printf(out, "  no command begins with '%s'; help lists all, help --search WORD finds some\n", word);
        break;
    case EXPECT_VALUE:
    case EXPECT_OPTION:
        if (expected->field != NULL) {
            add_option_here(out, expected->command, expected->field, width);
            add_choices(out, expected->field, width);
            if (expected->kind == EXPECT_VALUE && *word != '-' && *word != '\0')
                break;
        }
        for (unsigned int i = 0; i < expected->command->nargs; i++) {
            const struct hvsh_field *field = expected->command->args[i];
            g_autofree char *option = g_strconcat("--", field->name, NULL);

            if (field != expected->field && still_possible(expected, i) && (*word != '-' || g_str_has_prefix(option, word)))
                add_option_here(out, expected->command, field, width);
        }
        if (out->len == 0)
            g_string_append(out, "  nothing more: press Enter\n");
        break;
    }
}
