/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * line.h - match: the whole line becomes, for every command in it, pairs of field and text. Pure: no I/O, no libvirt, fuzzed. Also says
 * what is expected at a point of a half-typed line.
 */
#ifndef LINE_H
#define LINE_H

#include <glib.h>
#include "out.h"

/* A command as the shell keeps it: the plugin's tables normalised. Made by plugin.c on first use. */
struct command {
    const struct hvsh_command *def;              /* normalised copy */
    const char *name;                            /* as found (an alias keeps its own name) */
    const struct command *real;                  /* what an alias stands for; otherwise the command itself */
    const struct hvsh_field *const *args;        /* NULL-terminated: without aliases and rules; names filled */
    const struct hvsh_field *const *aliases;
    const struct hvsh_field *const *rules;
    const struct shape *const *shapes;           /* NULL-terminated */
    const struct plugin *plugin;
    unsigned int nargs;
};

/* How match finds commands and user aliases. */
struct line_lookup {
    const struct command *(*command)(void *arg, const char *name);
    const char *(*alias)(void *arg, const char *name);    /* the line an alias stands for, or NULL; may be NULL */
    void *arg;
    bool may_ask;               /* a required secret may be missing: it will be asked for */
};

/* One word given for one field; index of the field in command->args. */
struct given {
    unsigned int field;
    char *text;                 /* NULL: a flag */
};

enum redirect { REDIRECT_NONE = 0, REDIRECT_PIPE, REDIRECT_FILE, REDIRECT_APPEND };

/* One matched command. */
struct match {
    const struct command *command;
    GArray *given;              /* struct given, in the order of the line */
    int format;                 /* enum out_format given by --json, --jsonl, --csv; -1: none */
    bool help;                  /* --help: show help instead */
    bool yes, dry_run;          /* --yes, --dry-run of destructive commands */
    enum redirect redirect;
    char *target;               /* the file, or the rest of the line behind the pipe */
    char *shell;                /* `!cmd`: the shell command; command is NULL then */
    bool inline_xml;            /* from Lua: a value of an XML argument that begins with '<' is the document itself */
};

enum line_syntax {
    LINE_VIRSH = 0,             /* arguments, batches on standard input: exactly as virsh reads them */
    LINE_PROMPT = 1,            /* prompt and -f: also `| cmd`, `> file`, `!cmd` */
};

/* Split and match a text with separators, quotes and comments. NULL on error, *error is then the sentence (g_free). An empty text gives an
 * array of length 0; *nothing is set when the text was "" (virsh: exit 1). Free with line_free(). Elements: struct match. */
GArray *line_match(const char *text, enum line_syntax syntax, const struct line_lookup *lookup, char **error);
/* The same for literal words (argv). */
GArray *line_match_argv(const char *const words[], const struct line_lookup *lookup, char **error);
/* The same from named values (Lua): words are option names and texts; positionals have a NULL name. One match. */
struct line_word { const char *name; const char *text; };
GArray *line_match_words(const struct command *command, const struct line_word *words, size_t count, char **error);
void line_free(GArray *matches);

/* Is the text an unfinished line (open quote, backslash at the end)? For the prompt's second line. */
bool line_is_open(const char *text);

/* ---- what is expected at point ---- */
enum expected_kind { EXPECT_NOTHING, EXPECT_COMMAND, EXPECT_OPTION, EXPECT_VALUE, EXPECT_FILE };
struct expected {
    enum expected_kind kind;
    const struct command *command;      /* OPTION, VALUE */
    GArray *given;                      /* struct given: what the command has so far (for peers) */
    const struct hvsh_field *field;     /* VALUE: the field whose value stands at point; also for a positional behind OPTION when words may come */
    size_t start;                       /* where the word at point begins in the line */
    char *word;                         /* the word so far, unquoted */
    char quote;                         /* open quote, or 0 */
    size_t list_start;                  /* chars of `word` that belong to "--opt=" */
    size_t value_start;                 /* the same and those of earlier members of a comma list */
    bool named;                         /* VALUE: its option stands before it, nothing else can follow */
};
/* Parse `text` up to its end as a half-typed line; within the words of a command that another one runs (time, watch) what is expected is that
 * command's. Free with expected_clear. */
void line_expect(const char *text, enum line_syntax syntax, const struct line_lookup *lookup, struct expected *expected);
/* The same over words, the last one being completed (`complete -- WORD...`). */
void line_expect_argv(const char *const words[], const struct line_lookup *lookup, struct expected *expected);
void expected_clear(struct expected *expected);
/* Is the option (index in args) already used up by what was given? */
bool line_taken(const struct expected *expected, unsigned int field);

/* Quote a word so that match reads it back, choosing the least quotes. g_free. */
char *line_quote(const char *word);

#endif
