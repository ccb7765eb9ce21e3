/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * repl.c - the prompt: reading lines, history, TAB, ?, the dimmed hint, guests' events above a half-typed line. The only file that knows
 * readline, which is used through its call-backs: one poll waits for keys, signals and events together.
 */
#include "repl.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <readline/readline.h>
#include <readline/history.h>
#include "exec.h"
#include "help.h"
#include "plugin.h"
#include "script.h"
#include "tty.h"
#include "types.h"
#include "util.h"

enum { COMPLETION_MS = 50, MAX_SHOWN = 200, DEFAULT_HISTORY = 500, MAX_HISTORY = 500000, COMMAND_COLUMN = 24 };

#define DIM "\033[2m"
#define BOLD "\033[1m"
#define RED "\033[31m"
#define RESET "\033[0m"

static struct {
    GString *text;              /* what was typed: more than one line while a quote is open */
    char *line;                 /* a finished line, from readline's call-back */
    bool ended;                 /* end of file, or `quit` */
    bool lua;                   /* lines are Lua */
    bool colour;
    char *history_file;
    GArray *candidates;         /* of the last TAB, for their notes */
    char *hint;                 /* what stands dimmed behind the cursor */
    bool hint_is_history;
    size_t prompt_width;
} repl;

/* ---- history ------------------------------------------------------------------------------------------------------------ */

char **repl_history(void)
{
    HIST_ENTRY **entries = history_list();
    GPtrArray *lines = g_ptr_array_new();

    for (; entries && *entries; entries++)
        g_ptr_array_add(lines, g_strdup((*entries)->line));
    g_ptr_array_add(lines, NULL);
    return (char **)g_ptr_array_free(lines, FALSE);
}

void repl_history_clear(void)
{
    clear_history();
    if (repl.history_file)
        unlink(repl.history_file);
}

static int history_size(void)
{
    const char *text = g_getenv("VIRSH_HISTSIZE");
    int64_t size;

    if (!text)
        return DEFAULT_HISTORY;
    if (parse_int64(text, &size) < 0 || size < 0 || size > MAX_HISTORY) {
        out_error("VIRSH_HISTSIZE must be a number from 0 to 500000");
        return DEFAULT_HISTORY;
    }
    return (int)size;
}

static void load_history(void)
{
    int size = history_size();

    using_history();
    history_expansion_char = 0;
    stifle_history(size);
    repl.history_file = util_state_path("history");
    if (size && read_history(repl.history_file) != 0 && errno != ENOENT)
        util_log(LOG_WARNING, "cannot read %s: %s", repl.history_file, g_strerror(errno));
}

/* One line is appended when it was typed, so that a shell that is killed keeps its history; the file is nobody else's. */
static void store_line(const char *line)
{
    int fd;

    if (util_make_parent(repl.history_file) < 0)
        return;
    fd = open(repl.history_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    if (fchmod(fd, 0600) < 0 || dprintf(fd, "%s\n", line) < 0)
        util_log(LOG_WARNING, "cannot write %s: %s", repl.history_file, g_strerror(errno));
    close(fd);
}

/* At the end: no longer than it may be. */
static void save_history(void)
{
    if (repl.history_file && history_is_stifled())
        history_truncate_file(repl.history_file, history_max_entries);
}

/* Does the line hold a password or its like? Then it is forgotten. */
static bool has_secret(const char *line)
{
    g_autofree char *error = NULL;
    GArray *matches = line_match(line, LINE_PROMPT, plugin_lookup(), &error);
    bool secret = false;

    for (unsigned int i = 0; matches && i < matches->len; i++) {
        const struct match *match = &g_array_index(matches, struct match, i);

        for (unsigned int n = 0; match->command && n < match->given->len; n++)
            if (match->command->real->args[g_array_index(match->given, struct given, n).field]->flags & HVSH_SECRET)
                secret = true;
    }
    /* a line with an error may hold one as well: look at its words */
    for (const char *const *name = matches ? NULL : plugin_command_names(); name && *name; name++) {
        const struct command *command = g_str_has_prefix(line, *name) ? plugin_command(*name) : NULL;

        for (unsigned int i = 0; command && command->real && i < command->real->nargs; i++)
            if (command->real->args[i]->flags & HVSH_SECRET)
                secret = true;
    }
    line_free(matches);
    return secret;
}

static void remember(const char *line)
{
    HIST_ENTRY *last = history_length ? history_get(history_base + history_length - 1) : NULL;

    if (*line == ' ' || !*line || (last && strcmp(last->line, line) == 0) || has_secret(line))
        return;
    add_history(line);
    if (!strchr(line, '\n') && !(history_is_stifled() && history_max_entries == 0))
        store_line(line);
}

/* ---- the prompt -------------------------------------------------------------------------------------------------------------- */

/* The connection in a word: "system", "embed", "host", "test". */
static char *connection_word(struct conn *conn)
{
    g_autofree char *uri = conn_real_uri(conn);
    const char *host, *path;

    if (conn_is_embedded(conn))
        return g_strdup("embed");
    if (strcmp(conn_name(conn), "default") != 0)
        return g_strdup(conn_name(conn));
    host = uri ? strstr(uri, "://") : NULL;
    if (!host)
        return g_strdup("");
    if (!g_str_has_prefix(uri, "qemu"))
        return g_strndup(uri, (size_t)(host - uri));
    path = strchr(host + 3, '/');
    if (path && path > host + 3)
        return g_strndup(host + 3, (size_t)(path - host - 3));
    return g_strndup(path ? path + 1 : host + 3, path ? strcspn(path + 1, "?") : strlen(host + 3));
}

/* Marks around what takes no room, for readline. */
static void add_style(GString *prompt, const char *style)
{
    if (repl.colour)
        g_string_append_printf(prompt, "\001%s\002", style);
}

static char *make_prompt(void)
{
    struct conn *conn = conn_current();
    GString *prompt = g_string_new(NULL);
    g_autofree char *word = NULL;
    char mark = conn_readonly(conn) ? '>' : '#';

    if (tty_plain) {
        g_string_printf(prompt, "%s %c ", g_get_prgname(), mark);
        return g_string_free(prompt, FALSE);
    }
    if (repl.text->len) {
        g_string_assign(prompt, "  ... ");
        return g_string_free(prompt, FALSE);
    }
    word = connection_word(conn);
    add_style(prompt, BOLD);
    g_string_append(prompt, repl.lua ? "lua" : "hvsh");
    add_style(prompt, RESET);
    if (*word)
        g_string_append_printf(prompt, " %s", word);
    if (exec_last_status) {
        add_style(prompt, RED);
        g_string_append_printf(prompt, " !%d", exec_last_status);
        add_style(prompt, RESET);
    }
    g_string_append_printf(prompt, " %c ", mark);
    return g_string_free(prompt, FALSE);
}

/* ---- TAB ----------------------------------------------------------------------------------------------------------------------- */

/* Words alone go in columns; words with notes one a line, cut to the terminal. */
static void print_candidates(void)
{
    unsigned int count = repl.candidates->len, shown = count > MAX_SHOWN ? MAX_SHOWN : count;
    size_t widest = 0;
    bool notes = false;
    int columns, lines, across = 0;

    tty_size(&columns, &lines);
    for (unsigned int i = 0; i < shown; i++) {
        const struct candidate *candidate = &g_array_index(repl.candidates, struct candidate, i);

        widest = MAX(widest, util_width(candidate->word));
        notes = notes || candidate->note;
    }
    for (unsigned int i = 0; i < shown; i++) {
        const struct candidate *candidate = &g_array_index(repl.candidates, struct candidate, i);
        int pad = (int)(widest - util_width(candidate->word));

        if (notes) {
            int room = columns - (int)widest - 5;

            fprintf(rl_outstream, "  %s%*s  %s%.*s%s\n", candidate->word, pad, "", repl.colour ? DIM : "", room > 0 ? room : 0,
                    candidate->note ? candidate->note : "", repl.colour ? RESET : "");
        } else {
            fprintf(rl_outstream, "%s%*s", candidate->word, pad + 2, "");
            across += (int)widest + 2;
            if (across + (int)widest + 2 > columns || i + 1 == shown) {
                fputc('\n', rl_outstream);
                across = 0;
            }
        }
    }
    if (shown < count)
        fprintf(rl_outstream, "  ... and %u more\n", count - shown);
}

static void display_matches(char **matches, int count, int longest)
{
    (void)matches;
    (void)count;
    (void)longest;
    fputc('\n', rl_outstream);
    print_candidates();
    rl_on_new_line();
}

/* Readline is given whole lines: what was typed before the word, and each candidate quoted as match will read it. */
static char **matches_of(const char *before, const GArray *candidates, bool quote)
{
    char **matches = malloc((candidates->len + 2) * sizeof(*matches));
    size_t common = 0;

    if (!matches)
        return NULL;
    for (unsigned int i = 0; i < candidates->len; i++) {
        const char *word = g_array_index(candidates, struct candidate, i).word;
        g_autofree char *quoted = quote ? line_quote(word) : g_strdup(word);
        g_autofree char *whole = NULL;

        if (quote && *quoted != '\'' && *quoted != '"') {
            g_free(quoted);
            quoted = g_strconcat("'", word, "'", NULL);
        }
        whole = g_strconcat(before, quoted, NULL);
        matches[i + 1] = strdup(whole);
    }
    matches[candidates->len + 1] = NULL;
    for (common = strlen(matches[1]); common; common--) {
        bool same = true;

        for (unsigned int i = 1; same && i < candidates->len; i++)
            same = strncmp(matches[1], matches[i + 1], common) == 0;
        if (same)
            break;
    }
    matches[0] = strndup(matches[1], common);
    if (candidates->len == 1) {
        free(matches[1]);
        matches[1] = NULL;
    }
    return matches;
}

static char **complete_lua(const char *typed)
{
    g_auto(GStrv) words = script_complete(typed);
    char **matches = NULL;

    repl.candidates = g_array_new(FALSE, TRUE, sizeof(struct candidate));
    for (char **word = words; word && *word; word++) {
        struct candidate candidate = {.word = g_strdup(*word)};

        g_array_append_val(repl.candidates, candidate);
    }
    rl_completion_suppress_append = 1;
    if (repl.candidates->len)
        matches = matches_of("", repl.candidates, false);
    return matches;
}

static char **complete(const char *text, int start, int end)
{
    g_autofree char *typed = g_strndup(rl_line_buffer, (size_t)rl_point);
    g_autofree char *before = NULL;
    struct expected expected;
    char **matches = NULL;
    bool quote = false;

    (void)text;
    (void)start;
    (void)end;
    rl_attempted_completion_over = 1;
    rl_completion_suppress_append = 0;
    g_clear_pointer(&repl.candidates, candidates_free);
    if (repl.lua || *typed == '=')
        return complete_lua(typed);
    repl.candidates = exec_complete(typed, LINE_PROMPT, COMPLETION_MS, &expected);
    before = g_strndup(typed, expected.start);
    for (unsigned int i = 0; i < repl.candidates->len; i++) {
        const char *word = g_array_index(repl.candidates, struct candidate, i).word;
        g_autofree char *quoted = line_quote(word);

        quote = quote || strcmp(quoted, word) != 0;
        if (g_str_has_suffix(word, "/"))
            rl_completion_suppress_append = 1;
    }
    if (repl.candidates->len)
        matches = matches_of(before, repl.candidates, quote || expected.quote);
    expected_clear(&expected);
    return matches;
}

/* `?`: what is expected here; within quotes, and where a word has begun that may hold it, a question mark. */
static int question_mark(int count, int key)
{
    g_autofree char *typed = g_strndup(rl_line_buffer, (size_t)rl_point);
    g_autoptr(GString) text = g_string_new(NULL);
    struct expected expected;

    if (repl.lua || *typed == '=')
        return rl_insert(count, key);
    g_clear_pointer(&repl.candidates, candidates_free);
    repl.candidates = exec_complete(typed, LINE_PROMPT, COMPLETION_MS, &expected);
    if (expected.quote || expected.kind == EXPECT_NOTHING || expected.kind == EXPECT_FILE) {
        expected_clear(&expected);
        return rl_insert(count, key);
    }
    help_here(&expected, text);
    fprintf(rl_outstream, "\n%s", text->str);
    if (expected.kind == EXPECT_VALUE && repl.candidates->len)
        print_candidates();
    expected_clear(&expected);
    rl_on_new_line();
    return 0;
}

/* ---- the dimmed hint ----------------------------------------------------------------------------------------------------------- */

/* The rest of the newest line of the history that begins so, else what the command still expects. */
static void find_hint(void)
{
    struct expected expected;
    g_autoptr(GString) text = NULL;

    g_clear_pointer(&repl.hint, g_free);
    repl.hint_is_history = false;
    if (!repl.colour || rl_point != rl_end || rl_end < 2 || repl.lua || *rl_line_buffer == '=' || RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH))
        return;
    for (int i = history_length - 1; i >= 0; i--) {
        HIST_ENTRY *entry = history_get(history_base + i);

        if (entry && g_str_has_prefix(entry->line, rl_line_buffer) && entry->line[rl_end] && !strchr(entry->line, '\n')) {
            repl.hint = g_strdup(entry->line + rl_end);
            repl.hint_is_history = true;
            return;
        }
    }
    text = g_string_new(NULL);
    line_expect(rl_line_buffer, LINE_PROMPT, plugin_lookup(), &expected);
    help_hint(&expected, text);
    /* behind a blank, or behind a word that is complete; in the middle of a word it would be read as its end */
    if (text->len && (expected.word[0] == '\0' || expected.kind == EXPECT_NOTHING))
        repl.hint = g_strdup(text->str);
    expected_clear(&expected);
}

/* As readline draws, and then the hint behind the cursor, which goes back to where it was. */
static void redisplay(void)
{
    int columns, lines, prompt, room;
    size_t width;

    find_hint();
    rl_redisplay();
    if (!repl.hint)
        return;
    tty_size(&columns, &lines);
    prompt = (int)repl.prompt_width;
    room = columns - 1 - prompt - (int)util_width(rl_line_buffer);
    if (room < 4)
        return;
    width = MIN((size_t)room, util_width(repl.hint));
    if (strlen(repl.hint) != util_width(repl.hint) && width < util_width(repl.hint))
        return;                 /* cutting wide characters is not worth the trouble */
    fprintf(rl_outstream, "\033[K" DIM "%.*s" RESET "\033[%zuD", (int)(width < util_width(repl.hint) ? width : strlen(repl.hint)), repl.hint, width);
    fflush(rl_outstream);
}

static void erase_hint(void)
{
    if (!repl.hint)
        return;
    g_clear_pointer(&repl.hint, g_free);
    fputs("\033[K", rl_outstream);
    fflush(rl_outstream);
}

/* Right at the end of the line takes the hint that comes from the history. */
static int forward_or_accept(int count, int key)
{
    if (rl_point == rl_end && repl.hint && repl.hint_is_history) {
        g_autofree char *rest = g_strdup(repl.hint);

        return rl_insert_text(rest), 0;
    }
    return rl_forward_char(count, key);
}

/* Enter: what stands dimmed behind the line is not part of it and must not stay on the screen. */
static int accept_line(int count, int key)
{
    erase_hint();
    return rl_newline(count, key);
}

/* ---- reading ---------------------------------------------------------------------------------------------------------------------- */

static void line_done(char *line)
{
    rl_callback_handler_remove();
    if (line)
        repl.line = line;
    else
        repl.ended = true;
}

static void show_prompt(void)
{
    g_autofree char *prompt = make_prompt();

    repl.prompt_width = 0;
    for (const char *p = prompt; *p; p++) {
        if (*p == '\001')
            p = strchr(p, '\002');
        else
            repl.prompt_width++;
    }
    rl_callback_handler_install(prompt, line_done);
}

/* Guests' events stand above the line that is being typed. */
static void show_events(void)
{
    struct queue *queue = conn_events();
    size_t dropped = queue_dropped(queue);
    char *text;
    bool any = false;

    while ((text = queue_pop(queue))) {
        if (!any)
            rl_clear_visible_line();
        any = true;
        fprintf(rl_outstream, "%s%s%s\n", repl.colour ? DIM : "", text, repl.colour ? RESET : "");
        g_free(text);
    }
    if (dropped)
        fprintf(rl_outstream, "%zu events dropped\n", dropped);
    if (any || dropped)
        rl_forced_update_display();
}

/* Ctrl-C: the line is given up, never the shell. */
static void abandon_line(void)
{
    erase_hint();
    rl_callback_sigcleanup();
    rl_echo_signal_char(SIGINT);
    fputc('\n', rl_outstream);
    rl_callback_handler_remove();
    g_string_truncate(repl.text, 0);
    show_prompt();
}

/* One line, or the end. */
static void read_line(void)
{
    show_prompt();
    while (!repl.line && !repl.ended) {
        struct pollfd fds[3] = {
            {.fd = STDIN_FILENO, .events = POLLIN},
            {.fd = signals_fd(), .events = POLLIN},
            {.fd = queue_fd(conn_events()), .events = POLLIN},
        };
        unsigned int came;

        if (poll(fds, G_N_ELEMENTS(fds), -1) < 0 && errno != EINTR)
            break;
        came = fds[1].revents ? signals_take() : 0;
        if (came & SIGNALS_QUIT) {
            repl.ended = true;
            rl_callback_handler_remove();
            break;
        }
        if (came & SIGNALS_INTERRUPT)
            abandon_line();
        if (came & SIGNALS_RESIZE)
            rl_resize_terminal();
        if (fds[2].revents)
            show_events();
        if (fds[0].revents & (POLLIN | POLLHUP | POLLERR))
            rl_callback_read_char();
        script_run_events();
    }
}

static bool is_lua(const char *text)
{
    return repl.lua || *text == '=';
}

/* A whole line: Lua, the way into and out of Lua, or commands. */
static void run_text(const char *text)
{
    if (strcmp(text, "lua") == 0) {
        repl.lua = true;
        out_note("Lua: the commands are in hv; `exit` goes back.");
    } else if (repl.lua && (strcmp(text, "exit") == 0 || strcmp(text, "quit") == 0)) {
        repl.lua = false;
    } else if (is_lua(text)) {
        exec_last_status = script_run_line(*text == '=' ? text + 1 : text, *text == '=');
    } else if (g_str_has_prefix(text, "lua ")) {
        exec_last_status = script_run_line(text + strlen("lua "), false);
    } else {
        exec_line(text);
    }
}

static void take_line(char *line)
{
    bool unfinished;

    g_string_append(repl.text, line);
    free(line);
    unfinished = !is_lua(repl.text->str) && line_is_open(repl.text->str);
    if (unfinished) {
        g_string_append_c(repl.text, '\n');
        return;
    }
    if (strspn(repl.text->str, " \t") == repl.text->len) {
        g_string_truncate(repl.text, 0);
        exec_last_status = 0;
        return;
    }
    if (is_lua(repl.text->str) && *repl.text->str != '=' && strcmp(repl.text->str, "exit") != 0 && script_is_open(repl.text->str)) {
        g_string_append_c(repl.text, '\n');
        return;
    }
    remember(repl.text->str);
    run_text(repl.text->str);
    g_string_truncate(repl.text, 0);
}

/* Give a key this function where it still has readline's own: what ~/.inputrc says stays. */
static void bind_key(const char *sequence, rl_command_func_t *usual, rl_command_func_t *ours)
{
    rl_command_func_t *now = rl_function_of_keyseq(sequence, NULL, NULL);

    if (now == usual || !now)
        rl_bind_keyseq(sequence, ours);
}

static void start_readline(void)
{
    rl_readline_name = "hvsh";
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_variable_bind("show-all-if-ambiguous", "on");
    rl_variable_bind("enable-bracketed-paste", "on");
    rl_initialize();            /* before any key is bound: it sets up the key maps */
    rl_variable_bind("page-completions", "off");
    rl_completion_query_items = -1;
    rl_attempted_completion_function = complete;
    rl_completion_display_matches_hook = display_matches;
    rl_completer_word_break_characters = "";
    rl_basic_word_break_characters = "";
    rl_completer_quote_characters = NULL;
    rl_sort_completion_matches = 0;
    rl_ignore_completion_duplicates = 0;
    bind_key("\\e[A", rl_get_previous_history, rl_history_search_backward);
    bind_key("\\e[B", rl_get_next_history, rl_history_search_forward);
    bind_key("\\eOA", rl_get_previous_history, rl_history_search_backward);
    bind_key("\\eOB", rl_get_next_history, rl_history_search_forward);
    if (!tty_plain) {
        bind_key("?", rl_insert, question_mark);
        bind_key("\\e[C", rl_forward_char, forward_or_accept);
        bind_key("\\eOC", rl_forward_char, forward_or_accept);
        bind_key("\\C-m", rl_newline, accept_line);
        bind_key("\\C-j", rl_newline, accept_line);
        rl_redisplay_function = redisplay;
    }
}

static void greet(void)
{
    if (exec_settings.quiet)
        return;
    printf("Welcome to %s, the virtualization interactive terminal.\n\nType:  'help' for help with commands\n       'quit' to quit\n\n",
           g_get_prgname());
    fflush(stdout);
}

int repl_run(void)
{
    repl.text = g_string_new(NULL);
    repl.colour = tty_colour(STDOUT_FILENO);
    start_readline();
    load_history();
    greet();
    conn_watch(!tty_plain);
    while (!repl.ended && !exec_quit) {
        read_line();
        if (repl.line)
            take_line(g_steal_pointer(&repl.line));
    }
    if (!exec_quit)
        putchar('\n');
    conn_watch(false);
    save_history();
    g_clear_pointer(&repl.candidates, candidates_free);
    g_clear_pointer(&repl.hint, g_free);
    g_string_free(repl.text, TRUE);
    g_clear_pointer(&repl.history_file, g_free);
    return exec_quit ? exec_quit_status : 0;
}
