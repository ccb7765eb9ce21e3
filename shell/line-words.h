/* SPDX-License-Identifier: GPL-3.0-or-later */
/* line-words.h - the splitter: words of a text by virsh's quoting rules. Used by line*.c only. */
#ifndef LINE_WORDS_H
#define LINE_WORDS_H

#include <glib.h>
#include <stdbool.h>

enum token { TOKEN_WORD, TOKEN_SEPARATOR, TOKEN_END, TOKEN_ERROR };

struct lexer {
    const char *text;           /* begin of it all */
    const char *pos;
    const char *error;          /* after TOKEN_ERROR */
    /* the last word */
    size_t start;               /* where it begins in the text */
    bool quoted;                /* it had a quote or an escape: never an operator */
    char open;                  /* the quote that was not closed, or '\\' */
};

/* The next word, separator or the end; `word` is overwritten. */
enum token next_token(struct lexer *lexer, GString *word);
/* The rest as it stands, for `| cmd` and `!line`, which the system's shell reads: up to an unquoted one of these characters. g_free. */
char *rest_up_to(struct lexer *lexer, const char *ends);

#endif
