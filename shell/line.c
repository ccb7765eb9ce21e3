/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * line.c - match: words to fields. One state machine (struct matcher) is fed word by word, whether the words come from a text, from argv,
 * from Lua or from a half-typed line. Texts are split by line-words.c.
 */
#include "line.h"

#include <string.h>
#include "line-words.h"
#include "types.h"
#include "util.h"

/* ---- the matcher --------------------------------------------------------------------------------------------------- */

enum { NO_FIELD = -1 };

struct matcher {
    const struct line_lookup *lookup;
    struct match match;         /* command NULL until the first word */
    char *name;                 /* the command as it was written */
    bool *filled;               /* per argument: its slot is taken */
    int pending;                /* the argument whose value the next word is */
    bool data_only;             /* behind -- */
    GString *error;
    bool partial;               /* a half-typed line: nothing is reported */
    bool in_alias;              /* the words are an alias's: another one is not looked for */
};

static void given_clear(void *p)
{
    g_free(((struct given *)p)->text);
}

static GArray *given_new(void)
{
    GArray *given = g_array_new(FALSE, TRUE, sizeof(struct given));

    g_array_set_clear_func(given, given_clear);
    return given;
}

static void match_clear(void *p)
{
    struct match *match = p;

    if (match->given)
        g_array_unref(match->given);
    g_free(match->target);
    g_free(match->shell);
}

static void matcher_reset(struct matcher *matcher)
{
    memset(&matcher->match, 0, sizeof(matcher->match));
    matcher->match.format = -1;
    matcher->match.given = given_new();
    g_clear_pointer(&matcher->filled, g_free);
    g_clear_pointer(&matcher->name, g_free);
    matcher->pending = NO_FIELD;
    matcher->data_only = false;
}

static void matcher_init(struct matcher *matcher, const struct line_lookup *lookup, bool partial)
{
    memset(matcher, 0, sizeof(*matcher));
    matcher->lookup = lookup;
    matcher->partial = partial;
    matcher->error = g_string_new(NULL);
    matcher_reset(matcher);
}

static void matcher_clear(struct matcher *matcher)
{
    match_clear(&matcher->match);
    g_free(matcher->filled);
    g_free(matcher->name);
    g_string_free(matcher->error, TRUE);
}

G_GNUC_PRINTF(2, 3)
static int complain(struct matcher *matcher, const char *format, ...)
{
    va_list list;

    if (matcher->error->len)
        g_string_append_c(matcher->error, '\n');
    va_start(list, format);
    g_string_append_vprintf(matcher->error, format, list);
    va_end(list);
    return -1;
}

static const struct command *real_command(const struct matcher *matcher)
{
    return matcher->match.command->real;
}

static const struct hvsh_field *argument(const struct matcher *matcher, int index)
{
    return real_command(matcher)->args[index];
}

static bool is_flag(const struct hvsh_field *field)
{
    return !(field->flags & HVSH_LIST) && (field->type->kind == HVSH_KIND_FLAG || field->type->kind == HVSH_KIND_BIT);
}

static bool is_repeatable(const struct hvsh_field *field)
{
    return field->flags & (HVSH_REST | HVSH_REPEAT);
}

static bool is_help(const struct matcher *matcher)
{
    return strcmp(real_command(matcher)->name, "help") == 0;
}

static bool is_getopt(const struct matcher *matcher)
{
    return real_command(matcher)->def->flags & HVSH_GETOPT;
}

static int find_argument(const struct command *command, const char *name)
{
    for (unsigned int i = 0; command->args[i]; i++)
        if (strcmp(command->args[i]->name, name) == 0)
            return (int)i;
    return NO_FIELD;
}

static int set_command(struct matcher *matcher, const char *name)
{
    const struct line_lookup *lookup = matcher->lookup;
    const struct command *command = lookup->command(lookup->arg, name);

    if (!command || !command->real)
        return complain(matcher, "unknown command: '%s'", name);
    matcher->match.command = command;
    matcher->name = g_strdup(name);
    matcher->filled = g_new0(bool, command->real->nargs + 1);
    return 0;
}

/* Take back what an argument was given. */
static void forget(struct matcher *matcher, int index)
{
    GArray *all = matcher->match.given;

    for (guint i = all->len; i-- > 0;)
        if (g_array_index(all, struct given, i).field == (unsigned int)index)
            g_array_remove_index(all, i);
}

/* Give `text` (NULL: a flag) to an argument; only getopt's way gives one again, and the last counts. */
static void give(struct matcher *matcher, int index, const char *text)
{
    struct given given = {.field = (unsigned int)index, .text = g_strdup(text)};

    if (matcher->filled[index] && !is_repeatable(argument(matcher, index)))
        forget(matcher, index);
    g_array_append_val(matcher->match.given, given);
    if (!is_repeatable(argument(matcher, index)))
        matcher->filled[index] = true;
}

static int feed_first(struct matcher *matcher, const char *word);

static int give_data(struct matcher *matcher, const char *text)
{
    const struct command *command = real_command(matcher);

    for (unsigned int i = 0; i < command->nargs; i++) {
        const struct hvsh_field *field = command->args[i];

        if (is_flag(field) || matcher->filled[i] || field->flags & HVSH_NAMED || (is_getopt(matcher) && !(field->flags & HVSH_REST)))
            continue;
        /* what is expected within another command's words is for that command to say */
        if (field->flags & HVSH_COMMAND && matcher->partial) {
            match_clear(&matcher->match);
            matcher_reset(matcher);
            return feed_first(matcher, text);
        }
        if (field->flags & HVSH_REPEAT && !(field->flags & HVSH_REST))
            matcher->filled[i] = true;
        give(matcher, (int)i, text);
        if (field->flags & HVSH_COMMAND)    /* what follows is another command's */
            matcher->data_only = true;
        return 0;
    }
    if (is_help(matcher))
        return 0;
    return complain(matcher, "unexpected data '%s'", text);
}

/* The words that every command takes unless it has an option of that name itself. True: it was one. */
static bool give_common(struct matcher *matcher, const char *name)
{
    struct match *match = &matcher->match;
    uint32_t flags = real_command(matcher)->def->flags;

    if (strcmp(name, "help") == 0)
        match->help = true;
    else if (strcmp(name, "json") == 0)
        match->format = OUT_JSON;
    else if (strcmp(name, "jsonl") == 0)
        match->format = OUT_JSONL;
    else if (strcmp(name, "csv") == 0)
        match->format = OUT_CSV;
    else if (strcmp(name, "yes") == 0 && flags & (HVSH_DESTRUCTIVE | HVSH_UNDO))
        match->yes = true;
    else if (strcmp(name, "dry-run") == 0 && flags & (HVSH_DESTRUCTIVE | HVSH_UNDO))
        match->dry_run = true;
    else
        return false;
    return true;
}

/* getopt's way: the only option, argument or alias, whose name begins so. NULL: none, or several, which is complained of. */
static const char *find_abbreviation(struct matcher *matcher, const char *name)
{
    const struct command *command = real_command(matcher);
    const struct hvsh_field *const *lists[] = { command->args, command->aliases };
    size_t length = strlen(name);
    const char *found = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        for (const struct hvsh_field *const *field = lists[i]; *field; field++) {
            if (strncmp((*field)->name, name, length) != 0)
                continue;
            if (found) {
                complain(matcher, "ambiguous option: --%s could match --%s, --%s", name, found, (*field)->name);
                return NULL;
            }
            found = (*field)->name;
        }
    return found;
}

/* --name or --name=value; the value of a valued option without = is the next word. */
static int give_option(struct matcher *matcher, const char *name, const char *value)
{
    const struct command *command = real_command(matcher);
    const char *wanted = name;
    g_autofree char *aliased = NULL;
    const struct hvsh_field *field;
    int index;

    for (unsigned int i = 0; command->aliases[i]; i++) {
        if (strcmp(command->aliases[i]->name, name) == 0) {
            char *equals;

            aliased = g_strdup(command->aliases[i]->other);
            equals = strchr(aliased, '=');
            if (equals) {
                if (value)
                    return complain(matcher, "invalid '=' after option --%s", name);
                *equals = '\0';
                value = equals + 1;
            }
            wanted = aliased;
            break;
        }
    }
    index = find_argument(command, wanted);
    if (index == NO_FIELD) {
        if (give_common(matcher, wanted)) {
            if (value)
                return complain(matcher, "invalid '=' after option --%s", wanted);
            return 0;
        }
        wanted = is_getopt(matcher) ? find_abbreviation(matcher, wanted) : NULL;
        if (wanted)
            return give_option(matcher, wanted, value);
        if (matcher->error->len)
            return -1;
        if (is_help(matcher))
            return 0;
        return complain(matcher, "command '%s' doesn't support option --%s", command->name, name);
    }
    field = argument(matcher, index);
    if (matcher->filled[index] && !is_getopt(matcher))
        return complain(matcher, "option --%s already seen", field->name);
    if (is_flag(field)) {
        if (value)
            return complain(matcher, "invalid '=' after option --%s", field->name);
        give(matcher, index, NULL);
    } else if (value) {
        give(matcher, index, value);
    } else if (field->flags & HVSH_OPTIONAL_VALUE && !is_getopt(matcher)) {
        give(matcher, index, field->bare);
    } else {
        matcher->pending = index;
    }
    return 0;
}

/* -n value, -nvalue, -n=value, -v, -vq: commands flagged HVSH_GETOPT. */
static int give_letters(struct matcher *matcher, const char *word)
{
    const struct command *command = real_command(matcher);

    for (const char *letter = word + 1; *letter; letter++) {
        const struct hvsh_field *const *field = command->args;

        while (*field && (*field)->letter != (unsigned char)*letter)
            field++;
        if (!*field)
            return complain(matcher, "command '%s' doesn't support option -%c", command->name, *letter);
        if (!is_flag(*field))
            return give_option(matcher, (*field)->name, letter[1] == '=' ? letter + 2 : letter[1] ? letter + 1 : NULL);
        if (give_option(matcher, (*field)->name, NULL) < 0)
            return -1;
    }
    return 0;
}

static bool looks_like_option(const char *word)
{
    return word[0] == '-' && word[1] == '-' && g_ascii_isalnum(word[2]);
}

/* Feed one word. 0, or -1 with the sentence in matcher->error. */
static int feed(struct matcher *matcher, const char *word)
{
    if (!matcher->match.command)
        return set_command(matcher, word);
    if (matcher->pending != NO_FIELD) {
        int index = matcher->pending;
        const struct hvsh_field *field = argument(matcher, index);

        matcher->pending = NO_FIELD;
        /* "-1" is a number, as getopt's own users have it: no option is a digit */
        if (!(field->flags & HVSH_OPTIONAL_VALUE && word[0] == '-' && word[1] && !g_ascii_isdigit(word[1]))) {
            give(matcher, index, word);
            return 0;
        }
        give(matcher, index, field->bare);
    }
    if (!matcher->data_only && looks_like_option(word)) {
        const char *equals = strchr(word, '=');
        g_autofree char *name = equals ? g_strndup(word + 2, (size_t)(equals - word - 2)) : g_strdup(word + 2);

        return give_option(matcher, name, equals ? equals + 1 : NULL);
    }
    if (!matcher->data_only && strcmp(word, "--") == 0) {
        matcher->data_only = true;
        return 0;
    }
    if (!matcher->data_only && is_getopt(matcher) && word[0] == '-' && g_ascii_isalpha(word[1]))
        return give_letters(matcher, word);
    return give_data(matcher, word);
}

static bool was_given(const struct matcher *matcher, unsigned int index)
{
    for (unsigned int i = 0; i < matcher->match.given->len; i++)
        if (g_array_index(matcher->match.given, struct given, i).field == index)
            return true;
    return false;
}

/* The command is complete: nothing pending, nothing required missing. */
static int finish(struct matcher *matcher)
{
    const struct command *command = real_command(matcher);
    int result = 0;

    if (matcher->pending != NO_FIELD) {
        const struct hvsh_field *field = argument(matcher, matcher->pending);

        if (!(field->flags & HVSH_OPTIONAL_VALUE))
            return complain(matcher, "expected syntax: --%s <%s>", field->name, type_word(field));
        give(matcher, matcher->pending, field->bare);
        matcher->pending = NO_FIELD;
    }
    if (matcher->match.help)
        return 0;
    for (unsigned int i = 0; i < command->nargs; i++) {
        const struct hvsh_field *field = command->args[i];

        if (!(field->flags & HVSH_REQUIRED) || was_given(matcher, i))
            continue;
        if (field->flags & HVSH_SECRET && matcher->lookup->may_ask)
            continue;
        result = complain(matcher, type_is_number(field) ? "command '%s' requires --%s option" : "command '%s' requires <%s> option",
                          command->name, field->name);
    }
    return result;
}

/* ---- whole lines ----------------------------------------------------------------------------------------------------------- */

static GArray *matches_new(void)
{
    GArray *matches = g_array_new(FALSE, TRUE, sizeof(struct match));

    g_array_set_clear_func(matches, match_clear);
    return matches;
}

void line_free(GArray *matches)
{
    if (matches)
        g_array_unref(matches);
}

/* End of one command: check it and move it to the list. */
static int take_match(struct matcher *matcher, GArray *matches)
{
    if (!matcher->match.command && !matcher->match.shell)
        return 0;
    if (matcher->match.command && finish(matcher) < 0)
        return -1;
    g_array_append_val(matches, matcher->match);
    memset(&matcher->match, 0, sizeof(matcher->match));
    matcher_reset(matcher);
    return 0;
}

/* The prompt's operators: words of their own, not quoted. True: it was one and has been read with its target. */
static bool read_operator(struct lexer *lexer, struct matcher *matcher, const char *word, int *result)
{
    struct match *match = &matcher->match;

    *result = 0;
    if (lexer->quoted || !match->command || match->redirect != REDIRECT_NONE)
        return false;
    if (strcmp(word, "|") == 0) {
        match->redirect = REDIRECT_PIPE;
        match->target = rest_up_to(lexer, ";\n");
        if (!*match->target)
            *result = complain(matcher, "expected a command behind |");
        return true;
    }
    if (strcmp(word, ">") == 0 || strcmp(word, ">>") == 0) {
        g_autoptr(GString) target = g_string_new(NULL);

        match->redirect = word[1] ? REDIRECT_APPEND : REDIRECT_FILE;
        if (next_token(lexer, target) != TOKEN_WORD)
            *result = complain(matcher, "expected a file name behind %s", word);
        match->target = g_strdup(target->str);
        return true;
    }
    return false;
}

enum { MAX_ALIAS_WORDS = 64 };

/* The first word: a command, or an alias, whose words are fed instead (an alias may not be of another alias: no loops). */
static int feed_first(struct matcher *matcher, const char *word)
{
    const struct line_lookup *lookup = matcher->lookup;
    const char *line = NULL;
    g_autoptr(GString) part = NULL;
    struct lexer lexer;
    int count = 0, result = 0;

    if (lookup->alias && !matcher->in_alias && !lookup->command(lookup->arg, word))
        line = lookup->alias(lookup->arg, word);
    if (!line)
        return feed(matcher, word);
    part = g_string_new(NULL);
    lexer = (struct lexer){.text = line, .pos = line};
    matcher->in_alias = true;
    while (result == 0 && next_token(&lexer, part) == TOKEN_WORD && count++ < MAX_ALIAS_WORDS)
        result = feed(matcher, part->str);
    matcher->in_alias = false;
    return result;
}

GArray *line_match(const char *text, enum line_syntax syntax, const struct line_lookup *lookup, char **error)
{
    GArray *matches = matches_new();
    g_autoptr(GString) word = g_string_new(NULL);
    struct lexer lexer = {.text = text, .pos = text};
    struct matcher matcher;
    enum token token;
    int result = 0;

    *error = NULL;
    matcher_init(&matcher, lookup, false);
    do {
        token = next_token(&lexer, word);
        if (token == TOKEN_ERROR) {
            result = complain(&matcher, "%s", lexer.error);
        } else if (token != TOKEN_WORD) {
            result = take_match(&matcher, matches);
        } else if (syntax == LINE_PROMPT && !matcher.match.command && !lexer.quoted && word->str[0] == '!') {
            lexer.pos = text + lexer.start + 1;
            /* a line of the shell's own language, in which ; has its meaning too */
            matcher.match.shell = rest_up_to(&lexer, "\n");
        } else if (syntax == LINE_PROMPT && read_operator(&lexer, &matcher, word->str, &result)) {
            continue;
        } else if (matcher.match.redirect != REDIRECT_NONE) {
            result = complain(&matcher, "unexpected data '%s' behind the redirection", word->str);
        } else if (!matcher.match.command) {
            result = feed_first(&matcher, word->str);
        } else {
            result = feed(&matcher, word->str);
        }
    } while (result == 0 && token != TOKEN_END);

    if (result < 0) {
        *error = g_strdup(matcher.error->str);
        g_clear_pointer(&matches, line_free);
    }
    matcher_clear(&matcher);
    return matches;
}

GArray *line_match_argv(const char *const words[], const struct line_lookup *lookup, char **error)
{
    GArray *matches = matches_new();
    struct matcher matcher;
    int result = 0;

    *error = NULL;
    matcher_init(&matcher, lookup, false);
    /* a first word that begins with # is a comment over all the rest, as in virsh */
    for (size_t i = 0; result == 0 && words[i] && !(i == 0 && words[0][0] == '#'); i++)
        result = i == 0 ? feed_first(&matcher, words[i]) : feed(&matcher, words[i]);
    if (result == 0)
        result = take_match(&matcher, matches);
    if (result < 0) {
        *error = g_strdup(matcher.error->str);
        g_clear_pointer(&matches, line_free);
    }
    matcher_clear(&matcher);
    return matches;
}

/* A name from Lua: '_' may stand for '-'. */
static char *option_name(const struct command *command, const char *name)
{
    char *kebab;

    for (unsigned int i = 0; command->aliases[i]; i++)
        if (strcmp(command->aliases[i]->name, name) == 0)
            return g_strdup(name);
    kebab = g_strdup(name);
    if (find_argument(command, name) == NO_FIELD)
        g_strdelimit(kebab, "_", '-');
    return kebab;
}

GArray *line_match_words(const struct command *command, const struct line_word *words, size_t count, char **error)
{
    static const struct line_lookup none = {.command = NULL};
    GArray *matches = matches_new();
    struct matcher matcher;
    int result = 0;

    *error = NULL;
    matcher_init(&matcher, &none, false);
    matcher.match.command = command;
    matcher.filled = g_new0(bool, command->real->nargs + 1);
    for (size_t i = 0; result == 0 && i < count; i++) {
        if (words[i].name) {
            g_autofree char *name = option_name(command->real, words[i].name);
            int index = find_argument(command->real, name);

            if (index != NO_FIELD && !words[i].text && !is_flag(argument(&matcher, index)) &&
                !(argument(&matcher, index)->flags & HVSH_OPTIONAL_VALUE))
                result = complain(&matcher, "option --%s needs a value", name);
            else
                result = give_option(&matcher, name, words[i].text);
        } else {
            result = give_data(&matcher, words[i].text);
        }
    }
    if (result == 0)
        result = take_match(&matcher, matches);
    if (result < 0) {
        *error = g_strdup(matcher.error->str);
        g_clear_pointer(&matches, line_free);
    }
    matcher_clear(&matcher);
    return matches;
}

/* ---- what is expected at point ------------------------------------------------------------------------------------------------ */

/* The next positional that has no value yet. */
static const struct hvsh_field *next_positional(const struct matcher *matcher)
{
    const struct command *command = real_command(matcher);

    for (unsigned int i = 0; i < command->nargs; i++)
        if (!is_flag(command->args[i]) && !matcher->filled[i] && !(command->args[i]->flags & HVSH_NAMED) &&
            (!is_getopt(matcher) || command->args[i]->flags & HVSH_REST))
            return command->args[i];
    return NULL;
}

/* Where in the word the value proper begins: behind the last comma of a comma list. */
static size_t value_begin(const struct hvsh_field *field, const char *word, size_t from)
{
    const char *comma = field && field->flags & HVSH_COMMA ? strrchr(word + from, ',') : NULL;

    return comma ? (size_t)(comma - word) + 1 : from;
}

/* The last word, being typed, in the matcher's state. */
static void expect_word(struct matcher *matcher, const char *word, struct expected *expected)
{
    const char *equals;

    expected->word = g_strdup(word);
    if (!matcher->match.command) {
        expected->kind = EXPECT_COMMAND;
        return;
    }
    expected->command = real_command(matcher);
    expected->given = g_array_ref(matcher->match.given);
    if (matcher->match.redirect != REDIRECT_NONE) {
        expected->kind = EXPECT_FILE;
        return;
    }
    if (matcher->pending != NO_FIELD) {
        expected->kind = EXPECT_VALUE;
        expected->field = argument(matcher, matcher->pending);
        expected->value_start = value_begin(expected->field, word, 0);
        expected->named = true;
        return;
    }
    equals = looks_like_option(word) && !matcher->data_only ? strchr(word, '=') : NULL;
    if (equals) {
        g_autofree char *name = g_strndup(word + 2, (size_t)(equals - word - 2));
        int index = find_argument(expected->command, name);

        if (index == NO_FIELD || is_flag(argument(matcher, index))) {
            expected->kind = EXPECT_NOTHING;
            return;
        }
        expected->kind = EXPECT_VALUE;
        expected->field = argument(matcher, index);
        expected->list_start = (size_t)(equals - word) + 1;
        expected->value_start = value_begin(expected->field, word, expected->list_start);
        expected->named = true;
        return;
    }
    if (!matcher->data_only && word[0] == '-' && (!word[1] || word[1] == '-')) {
        expected->kind = EXPECT_OPTION;
        return;
    }
    expected->field = next_positional(matcher);
    if (expected->field && expected->field->flags & HVSH_COMMAND) {
        expected->kind = EXPECT_COMMAND;
        return;
    }
    expected->kind = expected->field ? EXPECT_VALUE : EXPECT_OPTION;
    expected->value_start = value_begin(expected->field, word, 0);
}

void line_expect(const char *text, enum line_syntax syntax, const struct line_lookup *lookup, struct expected *expected)
{
    g_autoptr(GString) word = g_string_new(NULL);
    struct lexer lexer = {.text = text, .pos = text};
    struct matcher matcher;
    int result = 0;

    memset(expected, 0, sizeof(*expected));
    matcher_init(&matcher, lookup, true);
    for (;;) {
        enum token token = next_token(&lexer, word);

        expected->start = lexer.start;
        if (token == TOKEN_END) {
            g_string_truncate(word, 0);
            break;
        }
        if (token == TOKEN_SEPARATOR) {
            /* a comment, or a finished command: begin anew; inside a comment nothing is expected */
            bool comment = text[lexer.start] == '#' && *lexer.pos == '\0' && lexer.pos[-1] != '\n';

            match_clear(&matcher.match);
            matcher_reset(&matcher);
            g_string_truncate(matcher.error, 0);
            result = 0;
            if (comment) {
                result = -1;
                break;
            }
            continue;
        }
        if (*lexer.pos == '\0')     /* the word at point, finished or not */
            break;
        if (result < 0 || token == TOKEN_ERROR)
            continue;
        if (syntax == LINE_PROMPT && !lexer.quoted && matcher.match.command &&
            (strcmp(word->str, "|") == 0 || strcmp(word->str, ">") == 0 || strcmp(word->str, ">>") == 0)) {
            matcher.match.redirect = word->str[0] == '|' ? REDIRECT_PIPE : REDIRECT_FILE;
        } else if (matcher.match.redirect == REDIRECT_NONE) {
            result = matcher.match.command ? feed(&matcher, word->str) : feed_first(&matcher, word->str);
            /* an option that is wrong does not spoil the rest; an unknown command does */
            if (result < 0 && matcher.match.command) {
                g_string_truncate(matcher.error, 0);
                result = 0;
            }
        }
    }
    expected->quote = lexer.open;
    if (result < 0)
        expected->kind = EXPECT_NOTHING, expected->word = g_strdup(word->str);
    else
        expect_word(&matcher, word->str, expected);
    matcher_clear(&matcher);
}

void line_expect_argv(const char *const words[], const struct line_lookup *lookup, struct expected *expected)
{
    struct matcher matcher;
    size_t last = 0;
    int result = 0;

    memset(expected, 0, sizeof(*expected));
    matcher_init(&matcher, lookup, true);
    while (words[last] && words[last + 1])
        last++;
    for (size_t i = 0; i < last && (result == 0 || matcher.match.command); i++) {
        g_string_truncate(matcher.error, 0);
        result = i == 0 ? feed_first(&matcher, words[i]) : feed(&matcher, words[i]);
    }
    if (result < 0 && !matcher.match.command)
        expected->kind = EXPECT_NOTHING, expected->word = g_strdup(words[last] ? words[last] : "");
    else
        expect_word(&matcher, words[last] ? words[last] : "", expected);
    matcher_clear(&matcher);
}

void expected_clear(struct expected *expected)
{
    if (expected->given)
        g_array_unref(expected->given);
    g_free(expected->word);
    memset(expected, 0, sizeof(*expected));
}

bool line_taken(const struct expected *expected, unsigned int field)
{
    if (is_repeatable(expected->command->args[field]))
        return false;
    for (unsigned int i = 0; expected->given && i < expected->given->len; i++)
        if (g_array_index(expected->given, struct given, i).field == field)
            return true;
    return false;
}
