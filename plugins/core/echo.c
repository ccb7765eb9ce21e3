/* SPDX-License-Identifier: GPL-3.0-or-later */
/* echo.c - echo: words back, quoted for a shell or for XML. */
#include <glib.h>
#include <string.h>
#include "core.h"
#include "out.h"

struct echo_args {
    bool shell, xml, split, err;
    const char *prefix;
    HVSH_LIST_OF(const char *) string;
};

static const struct hvsh_field echo_args[] = {
    HVSH_FLAG(struct echo_args, shell, "escape for shell use"),
    HVSH_FLAG(struct echo_args, xml, "escape for XML use"),
    HVSH_FLAG(struct echo_args, split, "split each argument on ','; ',,' is an escape sequence"),
    HVSH_FLAG(struct echo_args, err, "output to stderr"),
    HVSH_TEXT(struct echo_args, prefix, "a word before the others, as it is", .flags = HVSH_NAMED),
    HVSH_ALIAS("str", "string"),
    HVSH_ALIAS("hi", "string=hello"),
    HVSH_TEXTS(struct echo_args, string, HVSH_REST | HVSH_EMPTY_OK, "arguments to echo"),
    HVSH_EXCLUDES("shell", "xml"),
    HVSH_EXCLUDES("shell", "split"),
    HVSH_EXCLUDES("xml", "split"),
    HVSH_END
};

/* Quoted only where the word has what means something to a shell. */
static void add_for_shell(GString *out, const char *word)
{
    if (*word != '\0' && strpbrk(word, "\r\t\n !\"#$&'()*;<>?[\\]^`{|}~") == NULL) {
        g_string_append(out, word);
        return;
    }
    g_string_append_c(out, '\'');
    for (; *word != '\0'; word++) {
        if (*word == '\'')
            g_string_append(out, "'\\''");
        else
            g_string_append_c(out, *word);
    }
    g_string_append_c(out, '\'');
}

static void add_for_xml(GString *out, const char *word)
{
    for (; *word != '\0'; word++) {
        switch (*word) {
        case '&': g_string_append(out, "&amp;"); break;
        case '<': g_string_append(out, "&lt;"); break;
        case '>': g_string_append(out, "&gt;"); break;
        case '"': g_string_append(out, "&quot;"); break;
        case '\'': g_string_append(out, "&apos;"); break;
        default: g_string_append_c(out, *word);
        }
    }
}

/* "a,b,,c" is two members, "a" and "b,c": each ends a line. */
static void add_split(GString *out, const char *word)
{
    for (; *word != '\0'; word++) {
        if (*word != ',') {
            g_string_append_c(out, *word);
        } else if (word[1] == ',') {
            g_string_append_c(out, ',');
            word++;
        } else {
            g_string_append_c(out, '\n');
        }
    }
    g_string_append_c(out, '\n');
}

static int echo_run(hvsh_call *call, const void *p)
{
    const struct echo_args *args = p;
    g_autoptr(GString) text = g_string_new(NULL);

    if (args->prefix != NULL)
        g_string_append_printf(text, "%s ", args->prefix);
    for (size_t i = 0; i < args->string.count; i++) {
        const char *word = args->string.items[i];

        if (i > 0)
            g_string_append_c(text, ' ');
        if (args->shell)
            add_for_shell(text, word);
        else if (args->xml)
            add_for_xml(text, word);
        else if (args->split)
            add_split(text, word);
        else
            g_string_append(text, word);
    }
    if (text->len == 0)
        return 0;
    if (args->err) {
        out_error(text->str);
        return 0;
    }
    return core_emit_text(call, text->str);
}

static const struct hvsh_example echo_examples[] = {
    { "echo --shell \"it's\" 'two words'", "words quoted so that a shell reads them back", HVSH_ON_TEST },
    { "echo --xml '<a>'", "a text as it has to stand in an XML document", HVSH_ON_TEST },
    { NULL }
};

const struct hvsh_command core_echo = {
    .name = "echo", .group = "virsh", .help = "echo arguments, quoted if asked",
    .description = "Prints its words, as they are or quoted. In a batch it separates the answers of other commands. As in virsh the end of the "
                   "line is the empty line that follows every command: with -q the text stands alone.",
    HVSH_ARGS(echo_args), .shapes = core_text_shapes, .examples = echo_examples,
    .run = echo_run, .flags = HVSH_NO_CONNECTION,
};
