/* SPDX-License-Identifier: GPL-3.0-or-later */
/* help-manual.c - the manual page of a plugin from its tables, in roff with the macros of man(7). */
#include <string.h>
#include "help.h"
#include "plugin.h"

/* Text that shows as it is: no request at the start of a line, no escape, ASCII's own hyphens and quotes. */
static void add_plain(GString *out, const char *text)
{
    if (*text == '.')
        g_string_append(out, "\\&");
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '\\': g_string_append(out, "\\e"); break;
        case '-': g_string_append(out, "\\-"); break;
        case '\'': g_string_append(out, "\\(aq"); break;
        case '"': g_string_append(out, "\\(dq"); break;
        case '`': g_string_append(out, "\\(ga"); break;
        case '^': g_string_append(out, "\\(ha"); break;
        case '~': g_string_append(out, "\\(ti"); break;
        case '\n':
            g_string_append_c(out, '\n');
            if (text[1] == '.')
                g_string_append(out, "\\&");
            break;
        default: g_string_append_c(out, *text);
        }
    }
}

static void add_line(GString *out, const char *text)
{
    add_plain(out, text);
    g_string_append_c(out, '\n');
}

static void add_bold(GString *out, const char *text)
{
    g_string_append(out, "\\fB");
    add_plain(out, text);
    g_string_append(out, "\\fR");
}

/* "[--file <string>]" with names bold, what stands for something else italic, brackets plain. */
static void add_usage(GString *out, const char *usage)
{
    const char *end;

    while (*usage != '\0') {
        size_t length = 1;
        g_autofree char *part = NULL;

        if (*usage == '<' && (end = strchr(usage, '>')) != NULL) {
            part = g_strndup(usage + 1, (size_t)(end - usage) - 1);
            g_string_append(out, "\\fI");
            add_plain(out, part);
            g_string_append(out, "\\fR");
            usage = end + 1;
            continue;
        }
        if (*usage == '-')
            length = strcspn(usage, "] ,");
        part = g_strndup(usage, length);
        if (*usage == '-')
            add_bold(out, part);
        else
            add_plain(out, part);
        usage += length;
    }
}

/* The words of a text taken together into one line: help texts may be broken anywhere in the source. */
static void add_paragraph(const char *paragraph, bool as_it_is, void *arg)
{
    GString *out = arg;

    g_string_append(out, as_it_is ? ".PP\n.nf\n" : ".PP\n");
    if (as_it_is) {
        add_line(out, paragraph);
        g_string_append(out, ".fi\n");
    } else {
        g_auto(GStrv) words = g_strsplit_set(paragraph, " \n", -1);
        g_autofree char *line = g_strjoinv(" ", words);

        add_line(out, line);
    }
}

static void add_synopsis(GString *out, const struct command *command)
{
    g_autoptr(GString) piece = g_string_new(NULL);

    g_string_append(out, ".HP\n");
    add_bold(out, command->name);
    for (unsigned int i = 0; i < command->nargs; i++) {
        if ((command->args[i]->flags & HVSH_HIDE) != 0)
            continue;
        g_string_truncate(piece, 0);
        help_piece(command, command->args[i], piece);
        /* one argument a line of the source: lines stay short, and are broken between arguments */
        g_string_append_c(out, '\n');
        for (char *blank = piece->str; (blank = strchr(blank, ' ')) != NULL; blank++)
            *blank = '\t';
        g_auto(GStrv) parts = g_strsplit(piece->str, "\t", -1);
        for (char **part = parts; *part != NULL; part++) {
            if (part != parts)
                g_string_append(out, "\\ ");
            add_usage(out, *part);
        }
    }
    for (const struct help_common *common = help_common_options(command); common->name != NULL; common++) {
        g_autofree char *text = g_strdup_printf("[--%s]", common->name);

        g_string_append_c(out, '\n');
        add_usage(out, text);
    }
    g_string_append_c(out, '\n');
}

static void add_options(GString *out, const struct command *command)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (unsigned int i = 0; i < command->nargs; i++) {
        if ((command->args[i]->flags & HVSH_HIDE) != 0)
            continue;
        g_string_append(out, ".TP\n");
        g_string_truncate(text, 0);
        help_option(command, command->args[i], text);
        add_usage(out, text->str);
        g_string_append_c(out, '\n');
        g_string_truncate(text, 0);
        help_option_text(command->args[i], text);
        add_line(out, text->str);
        for (const struct hvsh_choice *choice = command->args[i]->choices; choice != NULL && choice->name != NULL; choice++) {
            if (choice->help == NULL)
                continue;
            g_string_append(out, ".br\n");
            add_bold(out, choice->name);
            g_string_append(out, ": ");
            add_line(out, choice->help);
        }
    }
    for (const struct help_common *common = help_common_options(command); common->name != NULL; common++) {
        g_string_append(out, ".TP\n\\fB\\-\\-");
        add_plain(out, common->name);
        g_string_append(out, "\\fR\n");
        add_line(out, common->help);
    }
}

static void add_columns(GString *out, const struct hvsh_field *const *fields, unsigned int depth)
{
    for (; *fields != NULL; fields++) {
        g_autoptr(GString) text = NULL;

        if (((*fields)->flags & HVSH_HIDE) != 0)
            continue;
        text = g_string_new(NULL);
        g_string_append(out, ".TP\n");
        add_bold(out, (*fields)->name);
        g_string_append(out, " (");
        add_plain(out, help_column_kind(*fields));
        g_string_append(out, ")\n");
        help_column_text(*fields, text);
        if (text->len > 0)
            add_line(out, text->str);
        else
            g_string_append(out, "\\&\n");
        if ((*fields)->type->kind == HVSH_KIND_ROWS && depth < 4 && field_rows(*fields) != NULL) {
            g_string_append(out, ".RS\n");
            add_columns(out, field_rows(*fields), depth + 1);
            g_string_append(out, ".RE\n");
        }
    }
}

static void add_results(GString *out, const struct command *command)
{
    g_autofree const struct shape **shapes = help_results(command);

    for (const struct shape **shape = shapes; shape != NULL && *shape != NULL; shape++) {
        g_autoptr(GString) text = g_string_new(NULL);

        help_shape_text(*shape, shapes[1] != NULL, text);
        g_string_append(out, ".PP\nResults in JSON and Lua: ");
        add_plain(out, text->str);
        if ((*shape)->def->kind == HVSH_RAW) {
            g_string_append(out, ".\n");
            continue;
        }
        g_string_append(out, " with\n.RS\n");
        add_columns(out, (*shape)->fields, 1);
        g_string_append(out, ".RE\n");
    }
}

static void add_command(GString *out, const struct command *command)
{
    const struct hvsh_command *def = command->def;

    g_string_append(out, ".SS \"");
    add_plain(out, command->name);
    g_string_append(out, "\"\n");
    add_synopsis(out, command);
    help_paragraphs(def->description != NULL ? def->description : def->help, add_paragraph, out);
    add_options(out, command);
    add_results(out, command);
    if (def->exit_status != NULL) {
        g_string_append(out, ".PP\n\\fIExit status.\\fR\n");
        help_paragraphs(def->exit_status, add_paragraph, out);
    }
    for (const struct hvsh_example *example = def->examples; example != NULL && example->line != NULL; example++) {
        if (example == def->examples)
            g_string_append(out, ".PP\nExamples:\n");
        g_string_append(out, ".RS\n.TP\n");
        add_bold(out, example->line);
        g_string_append_c(out, '\n');
        if (example->help != NULL)
            add_line(out, example->help);
        g_string_append(out, ".RE\n");
    }
}

void help_manual(const struct plugin *plugin, GString *out)
{
    const struct hvsh_plugin *def = plugin->def;
    g_autofree char *title = g_ascii_strup(plugin->name, -1);

    g_string_append(out, ".\\\" written by hvsh from its tables\n.TH \"HVSH\\-");
    add_plain(out, title);
    g_string_append(out, "\" 1 \"\" \"hvsh ");
    add_plain(out, hvsh_version());
    g_string_append(out, "\" \"hvsh commands\"\n.nh\n.ad l\n.ds AD l\n.SH NAME\nhvsh\\-");
    add_plain(out, plugin->name);
    g_string_append(out, " \\- ");
    add_line(out, def->summary != NULL ? def->summary : "commands of the hypervisor shell");
    g_string_append(out, ".SH SYNOPSIS\n\\fBhvsh\\fR [\\fIoptions\\fR] \\fIcommand\\fR [\\fIarguments\\fR]\n.SH DESCRIPTION\n");
    if (def->manual != NULL)
        help_paragraphs(def->manual, add_paragraph, out);
    g_string_append(out, ".PP\nThe commands below are typed at the prompt of\n.BR hvsh (1)\nor given as its arguments. "
                         "What every command takes (\\-\\-json, \\-\\-help and the like) is said there.\n.SH COMMANDS\n");
    for (const char *const *names = plugin_command_names(); *names != NULL; names++) {
        const struct hvsh_command *listed = plugin_command_def(*names);
        const struct command *command;

        if (plugin_of(*names) != plugin || listed->alias_of != NULL || (listed->flags & HVSH_HIDDEN) != 0)
            continue;
        command = plugin_command(*names);
        if (command != NULL)
            add_command(out, command);
    }
    g_string_append(out, ".SH \"SEE ALSO\"\n.BR hvsh (1),\n.BR hvsh\\-lua (3),\n.BR hvsh\\-plugin (3)\n");
}
