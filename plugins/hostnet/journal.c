/* SPDX-License-Identifier: GPL-3.0-or-later */
/* journal.c - plans on disk. */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "action.h"

#define MAGIC "hvsh network plan 1"
/* How the name of a journal begins that is being thrown away, behind a dot. */
#define GONE "gone-"
/* A journal that is "ready" for longer is not begun any more. */
#define UNBEGUN_SECONDS 3600

const char *journal_home(void)
{
    const char *home = getenv("HVSH_NET_STATE");

    return home && *home ? home : "/var/lib/hvsh/net";
}

void journal_free(struct journal *journal)
{
    if (!journal)
        return;
    g_free(journal->folder);
    g_free(journal->id);
    g_free(journal->replaces);
    plan_free(journal->plan);
    g_free(journal);
}

/* ---- Writing ---- */

static void put_text(GString *out, const char *key, const char *text)
{
    g_autofree char *line = g_strdup(text);

    g_string_append_printf(out, "%s %s\n", key, g_strdelimit(line, "\n", ' '));
}

static void put_words(GString *out, const char *key, char *const *words)
{
    g_string_append(out, key);
    for (char *const *word = words; *word; word++) {
        g_autofree char *line = g_strdelimit(g_strdup(*word), "\n", ' ');
        g_autofree char *quoted = g_shell_quote(line);

        g_string_append_printf(out, " %s", quoted);
    }
    g_string_append_c(out, '\n');
}

static void put_list(GString *out, const char *key, const GPtrArray *list)
{
    for (guint i = 0; i < list->len; i++)
        put_words(out, key, g_ptr_array_index(list, i));
}

static char *plan_lines(const struct journal *journal)
{
    const struct plan *plan = journal->plan;
    GString *out = g_string_new(MAGIC "\n");

    put_text(out, "what", plan->what);
    if (plan->bridge)
        put_text(out, "bridge", plan->bridge);
    if (plan->port)
        put_text(out, "port", plan->port);
    if (plan->adopted)
        put_text(out, "adopted", "yes");
    if (plan->serves)
        put_text(out, "serves", plan->serves);
    put_text(out, "how", plan->how);
    put_text(out, "persistent", plan->persistent ? "yes" : "no");
    put_text(out, "confirm", journal->confirm_by_checks ? "checks" : "person");
    g_string_append_printf(out, "outage %u\ntimeout %u\npatience %u\n", plan->outage, journal->timeout, plan->patience);
    if (journal->replaces)
        put_text(out, "replaces", journal->replaces);
    for (guint i = 0; i < plan->steps->len; i++) {
        const struct step *step = g_ptr_array_index(plan->steps, i);

        put_text(out, "step", step->text);
        if (step->action)
            put_words(out, "do", step->action);
        if (step->undo)
            put_words(out, "undo", step->undo);
    }
    put_list(out, "check", plan->checks);
    put_list(out, "was", plan->was);
    put_list(out, "rescue", plan->rescue);
    return g_string_free(out, FALSE);
}

/* A word in place of another one takes no room: what is known of a change that is under way must not depend on the disk's last block. */
static int overwrite(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW), saved;
    size_t length = strlen(text);
    bool done;

    if (fd < 0)
        return -1;
    done = pwrite(fd, text, length, 0) == (ssize_t)length && ftruncate(fd, (off_t)length) == 0 && fsync(fd) == 0;
    saved = errno;
    close(fd);
    errno = saved;
    return done ? 0 : -1;
}

int journal_note(const char *folder, const char *file, const char *text)
{
    g_autofree char *path = g_strdup_printf("%s/%s", folder, file);

    if (write_whole(path, text, strlen(text), "600:0:0") == 0)
        return 0;
    if (errno != ENOSPC && errno != EDQUOT)
        return -1;
    if (overwrite(path, text) == 0)
        return 0;
    errno = ENOSPC;
    return -1;
}

char *journal_noted(const char *folder, const char *file)
{
    g_autofree char *path = g_strdup_printf("%s/%s", folder, file);
    char *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) ? g_strchomp(text) : NULL;
}

int journal_set_state(const char *folder, const char *state)
{
    g_autofree char *line = g_strdup_printf("%s\n", state);

    return journal_note(folder, "state", line);
}

char *journal_state(const char *folder)
{
    char *state = journal_noted(folder, "state");

    return state ? state : g_strdup("unknown");
}

bool journal_is_open(const char *state)
{
    return strcmp(state, "applying") == 0 || strcmp(state, "waiting") == 0 || strcmp(state, "undoing") == 0;
}

static void drop_folder(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *entry;

    while (dir && (entry = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, entry, NULL);

        unlink(path);
    }
    rmdir(folder);
}

/* Nobody needs it any more: it ended, and is the way back of nothing; or it was never begun, by a shell that was killed just then. */
static bool is_settled(const char *folder)
{
    g_autofree char *state = journal_state(folder);
    struct stat made;

    if (strcmp(state, "undone") == 0 || strcmp(state, "deleted") == 0)
        return true;
    return (strcmp(state, "ready") == 0 || strcmp(state, "unknown") == 0) && !journal_is_locked(folder) && stat(folder, &made) == 0 &&
           time(NULL) - made.st_mtime > UNBEGUN_SECONDS;
}

/* Out of the list in one go, and then away: what a kill leaves of it is no half journal, and goes the next time. */
static void throw_away(const char *folder)
{
    g_autofree char *name = g_path_get_basename(folder), *hidden = g_strdup_printf("%s/." GONE "%s", journal_home(), name);

    if (rename(folder, hidden) == 0)
        drop_folder(hidden);
}

void journal_prune(void)
{
    g_autoptr(GPtrArray) list = journal_list();
    g_autoptr(GDir) dir = g_dir_open(journal_home(), 0, NULL);
    const char *entry;
    guint settled = 0;

    while (dir && (entry = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(journal_home(), entry, NULL);

        if (g_str_has_prefix(entry, "." GONE))
            drop_folder(path);
    }
    for (guint i = list->len; i-- > 0;)
        if (is_settled(g_ptr_array_index(list, i)) && settled++ >= JOURNALS_KEPT)
            throw_away(g_ptr_array_index(list, i));
}

struct journal *journal_create(struct plan *plan, unsigned int timeout, bool confirm_by_checks, const char *replaces, char **error)
{
    struct journal *journal = g_new0(struct journal, 1);
    g_autofree char *text = NULL;
    time_t now = time(NULL);
    struct tm when;
    char stamp[32];
    const char *name = plan->bridge ? plan->bridge : "host";

    localtime_r(&now, &when);
    strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &when);
    journal->plan = plan;
    journal->timeout = timeout;
    journal->confirm_by_checks = confirm_by_checks;
    journal->replaces = g_strdup(replaces);
    if (g_mkdir_with_parents(journal_home(), 0700) < 0)
        goto fail;
    journal_prune();
    for (unsigned int n = 0;; n++) {
        g_free(journal->id);
        g_free(journal->folder);
        journal->id = n ? g_strdup_printf("%s-%s-%02u", stamp, name, n) : g_strdup_printf("%s-%s", stamp, name);
        journal->folder = g_strdup_printf("%s/%s", journal_home(), journal->id);
        if (mkdir(journal->folder, 0700) == 0)
            break;
        if (errno != EEXIST || n > 99)
            goto fail;
    }
    for (guint i = 0; i < plan->blobs->len; i++) {
        g_autofree char *path = g_strdup_printf("%s/blob.%u", journal->folder, i);
        gsize size;
        const char *data = g_bytes_get_data(g_ptr_array_index(plan->blobs, i), &size);

        if (write_whole(path, data ? data : "", size, "600:0:0") < 0)
            goto fail;
    }
    text = plan_lines(journal);
    if (journal_note(journal->folder, "plan", text) < 0 || journal_set_state(journal->folder, "ready") < 0)
        goto fail;
    return journal;
fail:
    *error = g_strdup_printf("cannot write the journal %s: %s", journal->folder ? journal->folder : journal_home(), g_strerror(errno));
    /* half a journal is none */
    if (journal->folder)
        drop_folder(journal->folder);
    journal->plan = NULL;
    journal_free(journal);
    return NULL;
}

/* ---- Reading ---- */

/* A line of the journal; false: it is none, or says again what has been said. */
static bool get_line(struct journal *journal, const char *key, const char *rest)
{
    struct plan *plan = journal->plan;
    struct step *step = plan->steps->len ? g_ptr_array_index(plan->steps, plan->steps->len - 1) : NULL;
    const struct { const char *key; char **text; } texts[] = {
        {"what", &plan->what}, {"bridge", &plan->bridge}, {"port", &plan->port}, {"serves", &plan->serves}, {"how", &plan->how},
        {"replaces", &journal->replaces},
    };
    char **words = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        if (strcmp(key, texts[i].key) == 0)
            return !*texts[i].text && (*texts[i].text = g_strdup(rest));
    if (strcmp(key, "adopted") == 0)
        plan->adopted = strcmp(rest, "yes") == 0;
    else if (strcmp(key, "persistent") == 0)
        plan->persistent = strcmp(rest, "yes") == 0;
    else if (strcmp(key, "confirm") == 0)
        journal->confirm_by_checks = strcmp(rest, "checks") == 0;
    else if (strcmp(key, "outage") == 0)
        plan->outage = (unsigned int)strtoul(rest, NULL, 10);
    else if (strcmp(key, "timeout") == 0)
        journal->timeout = (unsigned int)strtoul(rest, NULL, 10);
    else if (strcmp(key, "patience") == 0)
        plan->patience = (unsigned int)strtoul(rest, NULL, 10);
    else if (strcmp(key, "step") == 0)
        plan_step(plan, "%s", rest);
    else if (!g_shell_parse_argv(rest, NULL, &words, NULL))
        return false;
    else if (step && strcmp(key, "do") == 0 && !step->action)
        step->action = words;
    else if (step && strcmp(key, "undo") == 0 && !step->undo)
        step->undo = words;
    else if (strcmp(key, "check") == 0)
        g_ptr_array_add(plan->checks, words);
    else if (strcmp(key, "was") == 0)
        g_ptr_array_add(plan->was, words);
    else if (strcmp(key, "rescue") == 0)
        g_ptr_array_add(plan->rescue, words);
    else
        g_strfreev(words);
    return true;
}

struct journal *journal_read(const char *folder, char **error)
{
    struct journal *journal = g_new0(struct journal, 1);
    g_autofree char *text = journal_noted(folder, "plan");
    g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);

    journal->folder = g_strdup(folder);
    journal->id = g_path_get_basename(folder);
    journal->plan = plan_new(NULL, NULL);
    if (!lines[0] || strcmp(lines[0], MAGIC) != 0)
        goto fail;
    for (char **line = lines + 1; *line; line++) {
        char *space = strchr(*line, ' ');

        if (!space)
            continue;
        *space = '\0';
        if (!get_line(journal, *line, space + 1))
            goto fail;
    }
    if (!journal->plan->what)
        goto fail;
    for (guint i = 0;; i++) {
        g_autofree char *path = g_strdup_printf("%s/blob.%u", folder, i);
        char *data;
        gsize size;

        if (!g_file_get_contents(path, &data, &size, NULL))
            break;
        g_ptr_array_add(journal->plan->blobs, g_bytes_new_take(data, size));
    }
    return journal;
fail:
    if (error)
        *error = g_strdup_printf("the journal %s cannot be read", folder);
    journal_free(journal);
    return NULL;
}

/* Locks of the open file: a child keeps its parent's, and one can look who has it without taking it. */
static int take_lock(const char *path)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0)
        return -1;
    if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

int journal_lock(const char *folder)
{
    g_autofree char *path = g_strdup_printf("%s/lock", folder);

    return take_lock(path);
}

int journal_lock_all(void)
{
    g_autofree char *path = g_strdup_printf("%s/.lock", journal_home());

    return take_lock(path);
}

bool journal_is_locked(const char *folder)
{
    g_autofree char *path = g_strdup_printf("%s/lock", folder);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool locked = fd >= 0 ? fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK : errno != ENOENT;

    if (fd >= 0)
        close(fd);
    return locked;
}

static gint by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

GPtrArray *journal_list(void)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(journal_home(), 0, NULL);
    const char *entry;

    while (dir && (entry = g_dir_read_name(dir)))
        if (entry[0] != '.')
            g_ptr_array_add(list, g_strdup_printf("%s/%s", journal_home(), entry));
    g_ptr_array_sort(list, by_name);
    return list;
}

struct journal *journal_of_bridge(const char *bridge)
{
    g_autoptr(GPtrArray) list = journal_list();

    for (guint i = list->len; i-- > 0;) {
        const char *folder = g_ptr_array_index(list, i);
        g_autofree char *state = journal_state(folder);
        struct journal *journal;

        if (strcmp(state, "confirmed") != 0)
            continue;
        journal = journal_read(folder, NULL);
        if (journal && !journal->replaces && g_strcmp0(journal->plan->bridge, bridge) == 0)
            return journal;
        journal_free(journal);
    }
    return NULL;
}
