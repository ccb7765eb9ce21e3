/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * repl.c - the prompt: reading lines, with guests' events above a half-typed one, and handing them on. readline, which only the files repl*.c
 * know, is used through its call-backs: one poll waits for keys, signals and events together.
 */
#include "repl-private.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "exec.h"
#include "lazy-readline.h"
#include "plugin.h"
#include "script.h"
#include "tty.h"
#include "util.h"

struct repl repl;

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

/* ---- reading ---------------------------------------------------------------------------------------------------------------------- */

static void show_prompt(void);

static bool is_lua(const char *text)
{
    return repl.lua || *text == '=';
}

static void line_done(char *line)
{
    rl_callback_handler_remove();
    if (line) {
        repl.line = line;
    } else if (repl.text->len || repl.lua) {
        fputc('\n', rl_outstream);
        if (!repl.text->len)
            repl.lua = false;       /* one way out at a time */
        else
            out_error(is_lua(repl.text->str) ? "the statement is not finished: it is given up" : "the quote is not closed: the line is given up");
        g_string_truncate(repl.text, 0);
        show_prompt();
    } else {
        repl.ended = true;
    }
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
    rl_reset_screen_size();     /* it may have changed while a command had the signals */
    rl_callback_handler_install(prompt, line_done);
}

/* Guests' events stand above the line that is being typed, but for those that a command has just told of: it was the one to make them happen. */
static void show_events(void)
{
    struct queue *queue = conn_events();
    size_t dropped = queue_dropped(queue);
    struct told_event *event;
    bool any = false;

    while ((event = queue_pop(queue))) {
        if (out_was_seen(event->text, event->when)) {
            g_free(event);
            continue;
        }
        if (!any) {
            hint_erase();
            rl_clear_visible_line();
        }
        any = true;
        fprintf(rl_outstream, "%s%s%s\n", repl.colour ? DIM : "", event->text, repl.colour ? RESET : "");
        g_free(event);
    }
    if (dropped)
        fprintf(rl_outstream, "%zu events dropped\n", dropped);
    if (any || dropped)
        rl_forced_update_display();
}

/* Ctrl-C: the line is given up, never the shell. */
static void abandon_line(void)
{
    rl_free_line_state();       /* shows the line once more, and the hint */
    hint_erase();
    rl_callback_sigcleanup();
    rl_echo_signal_char(SIGINT);
    fputc('\n', rl_outstream);
    rl_callback_handler_remove();
    using_history();            /* Up begins at the newest line again */
    g_string_truncate(repl.text, 0);
    show_prompt();
}

/* The line stands in the window's new width. readline takes the old one from the screen only where the redisplay is its own. */
static void resize(void)
{
    rl_voidfunc_t *redisplay = rl_redisplay_function;

    hint_erase();
    rl_redisplay_function = rl_redisplay;
    rl_resize_terminal();
    rl_redisplay_function = redisplay;
    redisplay();
}

/* Ctrl-Z: who started the shell gets the terminal as it was; when the shell goes on, the line stands there again. */
static void stop(void)
{
    hint_erase();
    rl_deprep_terminal();
    fputc('\n', rl_outstream);
    fflush(rl_outstream);
    signals_catch_stop(false);
    raise(SIGTSTP);
    signals_catch_stop(true);
    rl_prep_terminal(1);
    rl_reset_screen_size();
    rl_forced_update_display();
}

/* One line, or the end. */
static void read_line(void)
{
    show_prompt();
    signals_catch_stop(true);
    while (!repl.line && !repl.ended && !exec_quit) {
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
            exec_quit = true;
            exec_quit_status = signals_quit_status();
            rl_callback_handler_remove();
            break;
        }
        if (came & SIGNALS_INTERRUPT)
            abandon_line();
        if (came & SIGNALS_RESIZE)
            resize();
        if (came & SIGNALS_STOP)
            stop();
        if (fds[2].revents)
            show_events();
        if (fds[0].revents & (POLLIN | POLLHUP | POLLERR)) {
            rl_callback_read_char();
            rl_eof_found = 0;       /* a search for a character that the line has not leaves it set, and an empty line above all that follows */
        }
        script_run_events();
    }
    signals_catch_stop(false);
}

static void run_lua(const char *text, bool print)
{
    exec_last_status = script_run_line(text, print);
    if (exec_last_status == 130)
        fputc('\n', rl_outstream);      /* behind the terminal's ^C */
}

/* A whole line: Lua, the way into and out of Lua, or commands. */
static void run_text(const char *text)
{
    if (strcmp(text, "lua") == 0) {
        repl.lua = true;
        out_note("Lua: the commands are in hv; `exit` or Ctrl-D goes back.");
    } else if (repl.lua && (strcmp(text, "exit") == 0 || strcmp(text, "quit") == 0)) {
        repl.lua = false;
    } else if (is_lua(text)) {
        run_lua(*text == '=' ? text + 1 : text, *text == '=');
    } else if (g_str_has_prefix(text, "lua ")) {
        run_lua(text + strlen("lua "), false);
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
    history_remember(repl.text->str);
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
    complete_install();
    bind_key("\\e[A", rl_get_previous_history, rl_history_search_backward);
    bind_key("\\e[B", rl_get_next_history, rl_history_search_forward);
    bind_key("\\eOA", rl_get_previous_history, rl_history_search_backward);
    bind_key("\\eOB", rl_get_next_history, rl_history_search_forward);
    if (!tty_plain) {
        bind_key("?", rl_insert, question_mark);
        bind_key("\\e[C", rl_forward_char, hint_forward_or_accept);
        bind_key("\\eOC", rl_forward_char, hint_forward_or_accept);
        bind_key("\\C-m", rl_newline, hint_accept_line);
        bind_key("\\C-j", rl_newline, hint_accept_line);
        rl_redisplay_function = hint_redisplay;
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
    history_load();
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
    history_save();
    complete_free();
    hint_erase();
    g_string_free(repl.text, TRUE);
    return exec_quit ? exec_quit_status : 0;
}
