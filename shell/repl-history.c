/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * repl-history.c - the lines typed so far, of earlier sessions too. In the file a line with the time stands before each, by which readline
 * knows where an entry of several lines ends.
 */
#include "repl-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "exec.h"
#include "lazy-readline.h"
#include "plugin.h"
#include "types.h"
#include "util.h"

enum { DEFAULT_SIZE = 500, MAX_SIZE = 500000 };

static char *file;

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
    if (file)
        unlink(file);
}

static int wanted_size(void)
{
    const char *text = g_getenv("VIRSH_HISTSIZE");
    int64_t size;

    if (!text)
        return DEFAULT_SIZE;
    if (parse_int64(text, &size) < 0 || size < 0 || size > MAX_SIZE) {
        out_error("VIRSH_HISTSIZE must be a number from 0 to 500000");
        return DEFAULT_SIZE;
    }
    return (int)size;
}

void history_load(void)
{
    int size = wanted_size();

    using_history();
    history_expansion_char = 0;
    history_comment_char = '#';
    history_write_timestamps = 1;   /* and read them */
    stifle_history(size);
    file = util_state_path("history");
    if (size && read_history(file) != 0 && errno != ENOENT)
        util_log(LOG_WARNING, "cannot read %s: %s", file, g_strerror(errno));
}

/* A line is appended when it was typed, so that a shell that is killed keeps its history; the file is nobody else's. */
static void store(const char *text)
{
    g_autofree char *entry = g_strdup_printf("#%lld\n%s\n", (long long)(g_get_real_time() / G_USEC_PER_SEC), text);
    size_t length = strlen(entry);
    int fd;

    if (history_max_entries == 0 || util_make_parent(file) < 0)
        return;
    fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || fchmod(fd, 0600) < 0 || write(fd, entry, length) != (ssize_t)length)
        util_log(LOG_WARNING, "cannot write %s: %s", file, g_strerror(errno));
    if (fd >= 0)
        close(fd);
}

/* Where the latest `size` entries begin; readline's own truncation forgets the time before the first. */
static const char *latest(const char *text, size_t length, int size)
{
    const char *p = text + length;

    while (size && p > text) {
        for (p--; p > text && p[-1] != '\n'; p--)
            ;
        if (p[0] == '#' && g_ascii_isdigit(p[1]))
            size--;
    }
    return p;
}

/* At the end of a session the file is made no longer than it may be. */
void history_save(void)
{
    g_autofree char *text = NULL;
    const char *from;
    gsize length;

    if (file && history_is_stifled() && history_max_entries > 0 && g_file_get_contents(file, &text, &length, NULL)) {
        from = latest(text, length, history_max_entries);
        if (from > text && util_replace_file(file, from, length - (size_t)(from - text), 0600) < 0)
            util_log(LOG_WARNING, "cannot write %s: %s", file, g_strerror(errno));
    }
    g_clear_pointer(&file, g_free);
}

/* ---- what must not be remembered ---------------------------------------------------------------------------------------------- */

static bool is_secret(const struct hvsh_field *field, const char *text)
{
    return (field->flags & HVSH_SECRET) || (field->is_secret && text && field->is_secret(text));
}

/* Is one of the command's values secret, where they are somewhere in the line? */
static bool takes_secret(const struct command *command, const char *line)
{
    for (unsigned int i = 0; command && command->real && i < command->real->nargs; i++)
        if (is_secret(command->real->args[i], line))
            return true;
    return false;
}

/* A misspelt command holds its secret all the same. */
static const struct command *meant_command(const char *word)
{
    const struct command *command = plugin_command(word);
    const char *nearest = command ? NULL : hvsh_nearest(word, plugin_command_names());

    return nearest ? plugin_command(nearest) : command;
}

/* Is any of its words, within Lua or within another command's too, a command that takes a secret? */
static bool names_secret(const char *text, bool aliases)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \t\n;|\"'\\(){}[]<>=,.:", -1);

    for (char **word = words; *word; word++) {
        const char *alias = aliases && **word ? plugin_alias(*word) : NULL;

        if (alias && names_secret(alias, false))
            return true;
        if (**word && takes_secret(meant_command(g_strdelimit(*word, "_", '-')), text))
            return true;
    }
    return false;
}

/* May the text hold a password or its like? What is not understood for certain is judged by its words. */
static bool may_hold_secret(const char *text)
{
    g_autofree char *error = NULL;
    GArray *matches = line_match(text, LINE_PROMPT, plugin_lookup(), &error);
    bool secret = false, certain = matches != NULL && !repl.lua;

    for (unsigned int i = 0; matches && i < matches->len; i++) {
        const struct match *match = &g_array_index(matches, struct match, i);

        if (!match->command) {
            certain = false;
            continue;
        }
        for (unsigned int n = 0; n < match->given->len; n++) {
            const struct given *given = &g_array_index(match->given, struct given, n);
            const struct hvsh_field *field = match->command->real->args[given->field];

            secret = secret || is_secret(field, given->text);
            certain = certain && !(field->flags & HVSH_COMMAND);
        }
    }
    line_free(matches);
    return secret || (!certain && names_secret(text, true));
}

void history_remember(const char *text)
{
    HIST_ENTRY *last = history_length ? history_get(history_base + history_length - 1) : NULL;

    if (*text == ' ' || !*text || (last && strcmp(last->line, text) == 0) || may_hold_secret(text))
        return;
    add_history(text);
    /* "#123" would be read back as a time */
    if (*text != '#')
        store(text);
}
