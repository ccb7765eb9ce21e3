/* SPDX-License-Identifier: GPL-3.0-or-later */
/* line-words.c - the splitter; and the other way, a word as it must be written. */
#include "line-words.h"

#include <string.h>
#include "line.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool ends_word(char c)
{
    return c == '\0' || is_blank(c) || c == ';' || c == '\n';
}

/* One word into `word`. An open single quote is accepted silently, as in virsh; what is open is kept in lexer->open. */
static enum token read_word(struct lexer *lexer, GString *word)
{
    const char *p = lexer->pos;
    char quote = 0;

    lexer->start = (size_t)(p - lexer->text);
    lexer->quoted = false;
    lexer->open = 0;
    while (*p && (quote || !ends_word(*p))) {
        if (*p == '\'' && quote != '"') {
            quote = quote ? 0 : '\'';
            lexer->quoted = true;
        } else if (*p == '"' && quote != '\'') {
            quote = quote ? 0 : '"';
            lexer->quoted = true;
        } else if (*p == '\\' && quote != '\'') {
            lexer->quoted = true;
            p++;
            if (*p == '\0') {
                lexer->open = '\\';
                lexer->error = "dangling \\";
                lexer->pos = p;
                return TOKEN_ERROR;
            }
            if (*p != '\n')     /* backslash-newline is nothing */
                g_string_append_c(word, *p);
        } else {
            g_string_append_c(word, *p);
        }
        p++;
    }
    lexer->open = quote;
    lexer->pos = p;
    if (quote == '"') {
        lexer->error = "missing \"";
        return TOKEN_ERROR;
    }
    return TOKEN_WORD;
}

enum token next_token(struct lexer *lexer, GString *word)
{
    const char *p = lexer->pos;

    g_string_truncate(word, 0);
    while (is_blank(*p) || (*p == '\\' && p[1] == '\n'))
        p += 1 + (*p == '\\');
    lexer->start = (size_t)(p - lexer->text);
    if (*p == '\0') {
        lexer->pos = p;
        return TOKEN_END;
    }
    if (*p == ';' || *p == '\n') {
        lexer->pos = p + 1;
        return TOKEN_SEPARATOR;
    }
    if (*p == '#') {            /* a word that begins with # is a comment to the end of the line */
        p += strcspn(p, "\n");
        lexer->pos = p + (*p != '\0');
        return TOKEN_SEPARATOR;
    }
    lexer->pos = p;
    return read_word(lexer, word);
}

char *rest_up_to(struct lexer *lexer, const char *ends)
{
    const char *start = lexer->pos, *p = start;
    char quote = 0;
    char *rest;

    for (; *p && (quote || !strchr(ends, *p)); p++) {
        if (*p == '\\' && quote != '\'' && p[1])
            p++;
        else if ((*p == '\'' || *p == '"') && (!quote || quote == *p))
            quote = quote ? 0 : *p;
    }
    rest = g_strndup(start, (size_t)(p - start));
    lexer->pos = p;
    return g_strstrip(rest);
}

bool line_is_open(const char *text)
{
    struct lexer lexer = {.text = text, .pos = text};
    g_autoptr(GString) word = g_string_new(NULL);
    enum token token;

    do {
        token = next_token(&lexer, word);
        if (token == TOKEN_ERROR || (token == TOKEN_WORD && lexer.open))
            return true;
    } while (token != TOKEN_END);
    /* a backslash before the end of the line has been read as the elided newline only when a newline stood there */
    return false;
}

char *line_quote(const char *word)
{
    GString *out;

    if (*word && !strpbrk(word, " \t\n;'\"\\#|>!"))
        return g_strdup(word);
    if (!strchr(word, '\''))
        return g_strconcat("'", word, "'", NULL);
    out = g_string_new("\"");
    for (; *word; word++) {
        if (*word == '"' || *word == '\\')
            g_string_append_c(out, '\\');
        g_string_append_c(out, *word);
    }
    g_string_append_c(out, '"');
    return g_string_free(out, FALSE);
}
