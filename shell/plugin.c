/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plugin.c - the registry: where plugins are looked for, which commands and groups there are, the user's aliases. A command is entered by
 * name when its plugin is loaded and its tables are prepared when it is first asked for, so that the start stays quick.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "call.h"
#include "folders.h"
#include "plugin.h"
#include "tty.h"
#include "util.h"

/* Before the id of a host's check in the index; no command's name has a blank. */
#define CHECK "check "

struct entry {
    const struct hvsh_command *def;
    struct plugin *plugin;
    struct command command;
    bool ready;
};

static GRecMutex lock;              /* commands are looked up on command threads too */
static GPtrArray *folders;          /* from --plugin-dir */
static GPtrArray *plugins;          /* struct plugin, NULL-terminated */
static GHashTable *entries;         /* name -> struct entry */
static GPtrArray *retired;          /* struct entry that a later definition replaced; calls may still use them */
static GHashTable *user_aliases;    /* name -> line */
static GPtrArray *names;            /* sorted; NULL after a change */
static GPtrArray *groups;           /* NULL after a change */
static GPtrArray *checks;           /* struct hvsh_check of all plugins */
static GHashTable *where;           /* command -> file, CHECK and id -> file, while plugins are loaded one by one as they are needed */
static char *where_text;            /* the words of it */

static void prepare(void)
{
    if (entries != NULL)
        return;
    entries = g_hash_table_new(g_str_hash, g_str_equal);
    user_aliases = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    plugins = g_ptr_array_new();
    g_ptr_array_add(plugins, NULL);
    checks = g_ptr_array_new();
}

static void forget_lists(void)
{
    g_clear_pointer(&names, g_ptr_array_unref);
    g_clear_pointer(&groups, g_ptr_array_unref);
}

static void G_GNUC_PRINTF(2, 3) add_problem(struct plugin *plugin, const char *format, ...)
{
    va_list list;
    g_autofree char *before = plugin->problem, *sentence = NULL;

    va_start(list, format);
    sentence = g_strdup_vprintf(format, list);
    va_end(list);
    plugin->problem = before == NULL ? g_strdup(sentence) : g_strdup_printf("%s; %s", before, sentence);
}

/* A new one in the list; def NULL: a broken one. */
static struct plugin *add_plugin(const struct hvsh_plugin *def, const char *name, const char *path)
{
    struct plugin *plugin = g_new0(struct plugin, 1);

    plugin->def = def;
    plugin->name = g_strdup(name);
    plugin->path = g_strdup(path);
    g_ptr_array_insert(plugins, (int)plugins->len - 1, plugin);
    return plugin;
}

static struct plugin *find_plugin(const char *name, const char *path)
{
    for (guint i = 0; i + 1 < plugins->len; i++) {
        struct plugin *plugin = plugins->pdata[i];

        if ((name != NULL && strcmp(plugin->name, name) == 0) || (path != NULL && g_strcmp0(plugin->path, path) == 0))
            return plugin;
    }
    return NULL;
}

static void add_entry(struct plugin *plugin, const struct hvsh_command *def)
{
    struct entry *entry = g_new0(struct entry, 1);

    entry->def = def;
    entry->plugin = plugin;
    g_hash_table_insert(entries, (void *)def->name, entry);
    plugin->ncommands++;
    forget_lists();
}

/* Enter the checks of a host, by the same rule. */
static void add_checks(struct plugin *plugin)
{
    for (const struct hvsh_check *const *check = plugin->def->checks; check != NULL && *check != NULL; check++) {
        const char *id = (*check)->id;
        bool taken = false;

        for (guint i = 0; id != NULL && i < checks->len; i++)
            taken = taken || strcmp(((const struct hvsh_check *)checks->pdata[i])->id, id) == 0;
        if (id == NULL || (*check)->run == NULL)
            add_problem(plugin, "a check without .id or .run is left out");
        else if (taken)
            add_problem(plugin, "check '%s' is already provided by another plugin: remove one of the two", id);
        else
            g_ptr_array_add(checks, (void *)*check);
    }
}

/* Enter the commands; the first plugin that has a name keeps it. */
static struct plugin *register_plugin(const struct hvsh_plugin *def, const char *path)
{
    struct plugin *plugin = add_plugin(def, def->name, path);

    for (const struct hvsh_command *const *raw = def->commands; *raw != NULL; raw++) {
        const struct hvsh_command *command = tables_definition(*raw, def);
        const struct entry *other;

        if (command->name == NULL) {
            add_problem(plugin, "a command without a name is left out");
            continue;
        }
        other = g_hash_table_lookup(entries, command->name);
        if (other != NULL)
            add_problem(plugin, "command '%s' is already provided by plugin '%s': remove one of the two", command->name, other->plugin->name);
        else if (command->since > HVSH_ABI_MINOR)
            add_problem(plugin, "command '%s' needs hvsh with ABI %d.%u: update hvsh", command->name, HVSH_ABI, command->since);
        else
            add_entry(plugin, command);
    }
    add_checks(plugin);
    return plugin;
}

void plugin_add_folder(const char *folder)
{
    if (folders == NULL)
        folders = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(folders, g_canonicalize_filename(folder, NULL));
}

static void load_file(const char *folder, const char *file)
{
    g_autofree char *given = g_build_filename(folder, file, NULL), *path = realpath(given, NULL), *error = NULL;
    g_autofree char *name = g_strndup(file, strlen(file) - strlen(".so"));
    const struct hvsh_plugin *def;

    /* as with programs on PATH, one of an earlier folder hides this one */
    if (find_plugin(name, path) != NULL)
        return;
    if (path == NULL) {
        add_problem(add_plugin(NULL, name, given), "'%s' cannot be found: %s", given, g_strerror(errno));
        return;
    }
    def = load_open(path, &error);
    if (def != NULL)
        register_plugin(def, path);
    else
        add_problem(add_plugin(NULL, name, path), "%s", error);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All *.so of a folder by name. One that need not exist is no problem when it does not. */
static void load_folder(const char *folder, bool must_exist)
{
    g_autofree char *path = realpath(folder, NULL), *problem = NULL;
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) dir = NULL;
    const char *file;

    if (path == NULL) {
        if (must_exist)
            add_problem(add_plugin(NULL, folder, NULL), "the folder '%s' cannot be searched: %s", folder, g_strerror(errno));
        return;
    }
    problem = load_safety(path);
    if (problem == NULL)
        dir = g_dir_open(path, 0, &error);
    if (dir == NULL) {
        add_problem(add_plugin(NULL, folder, NULL), "%s", problem != NULL ? problem : error->message);
        return;
    }
    while ((file = g_dir_read_name(dir)) != NULL)
        if (g_str_has_suffix(file, ".so"))
            g_ptr_array_add(files, g_strdup(file));
    g_ptr_array_sort(files, compare_names);
    for (guint i = 0; i < files->len; i++)
        load_file(path, files->pdata[i]);
}

/* Where to look, in order: --plugin-dir; of the user, whose environment root does not trust; the system's. must_exist: how many of them, the
 * first ones, the user named. */
static GPtrArray *search_path(guint *must_exist)
{
    GPtrArray *path = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; folders != NULL && i < folders->len; i++)
        g_ptr_array_add(path, g_strdup(folders->pdata[i]));
    if (geteuid() != 0 && geteuid() == getuid()) {
        const char *list = getenv("HVSH_PLUGIN_PATH");
        g_auto(GStrv) parts = g_strsplit(list != NULL ? list : "", ":", -1);

        for (char **part = parts; *part != NULL; part++)
            if (**part != '\0')
                g_ptr_array_add(path, g_strdup(*part));
        *must_exist = path->len;
        g_ptr_array_add(path, util_data_path("plugins"));
    } else {
        *must_exist = path->len;
    }
    g_ptr_array_add(path, g_strdup(PLUGINDIR));
    g_ptr_array_add(path, NULL);
    return path;
}

static bool any_problem(void)
{
    for (guint i = 0; i + 1 < plugins->len; i++)
        if (((struct plugin *)plugins->pdata[i])->problem != NULL)
            return true;
    return false;
}

/* For the next start. What is wrong is to be said at each start, so then nothing is remembered. */
static void remember(const char *fingerprint)
{
    g_autoptr(GString) lines = g_string_new(NULL);
    GHashTableIter iter;
    void *name, *value;

    if (any_problem())
        return;
    g_hash_table_iter_init(&iter, entries);
    while (g_hash_table_iter_next(&iter, &name, &value)) {
        const struct entry *entry = value;

        if (entry->plugin->path != NULL)
            g_string_append_printf(lines, "%s\t%s\n", (const char *)name, entry->plugin->path);
    }
    for (guint i = 0; i + 1 < plugins->len; i++) {
        const struct plugin *plugin = plugins->pdata[i];

        for (const struct hvsh_check *const *check = plugin->def->checks; check != NULL && *check != NULL; check++)
            g_string_append_printf(lines, CHECK "%s\t%s\n", (*check)->id, plugin->path);
    }
    index_write(fingerprint, lines);
}

static void load_everything(void)
{
    guint must_exist;
    g_autoptr(GPtrArray) path = search_path(&must_exist);

    for (guint i = 0; i + 1 < path->len; i++)
        load_folder(path->pdata[i], i < must_exist);
}

/* Somebody wants to see all there is: load what has not been loaded yet. */
static void need_all(void)
{
    prepare();
    if (where == NULL)
        return;
    g_clear_pointer(&where, g_hash_table_unref);
    g_clear_pointer(&where_text, g_free);
    load_everything();
    forget_lists();
}

bool plugin_loaded_all(void)
{
    return where == NULL;
}

void plugin_load_all(void)
{
    guint must_exist;
    g_autoptr(GPtrArray) path = search_path(&must_exist);
    g_autofree char *fingerprint = index_fingerprint((const char *const *)path->pdata);

    g_rec_mutex_lock(&lock);
    prepare();
    if (find_plugin(hvsh_core_plugin.name, NULL) == NULL)
        register_plugin(&hvsh_core_plugin, NULL);
    where = index_read(fingerprint, &where_text);
    if (where == NULL) {
        load_everything();
        remember(fingerprint);
    }
    g_rec_mutex_unlock(&lock);
}

const struct plugin *plugin_load(const char *path, char **error)
{
    g_autofree char *real = realpath(path, NULL);
    const struct plugin *plugin = NULL, *other;
    const struct hvsh_plugin *def = NULL;
    g_autofree char *problem = NULL;

    if (real == NULL) {
        *error = g_strdup_printf("cannot load plugin '%s': %s", path, g_strerror(errno));
        return NULL;
    }
    g_rec_mutex_lock(&lock);
    need_all();
    other = find_plugin(NULL, real);
    if (other != NULL && other->def != NULL)
        problem = g_strdup("it is loaded already");
    else
        def = load_open(real, &problem);
    if (def != NULL && (other = find_plugin(def->name, NULL)) != NULL && other->def != NULL) {
        problem = g_strdup_printf("a plugin named '%s' is loaded already%s%s: rename one of the two", def->name,
                                  other->path != NULL ? ", from " : "", other->path != NULL ? other->path : "");
        def = NULL;
    }
    if (def != NULL)
        plugin = register_plugin(def, real);
    else
        *error = g_strdup_printf("cannot load plugin '%s': %s", path, problem);
    g_rec_mutex_unlock(&lock);
    return plugin;
}

static struct entry *find_entry(const char *name);

static int refuse(hvsh_call *call, const void *args)
{
    (void)args;
    return hvsh_fail(call, "the tables of %s are wrong: %s", call->command->name, call->command->def->description);
}

/* What stands in for a command whose tables must not be used: it takes any words and tells what is wrong. */
static struct hvsh_command stand_in(const struct hvsh_command *def, char *problem)
{
    struct words { HVSH_LIST_OF(const char *) words; };
    static const struct hvsh_field words[] = { HVSH_TEXTS(struct words, words, HVSH_REST | HVSH_COMMAND, "whatever is given"), HVSH_END };

    return (struct hvsh_command){ .name = def->name, .group = def->group, .help = "cannot be used: its tables are wrong", .description = problem,
                                  HVSH_ARGS(words), .run = refuse, .flags = HVSH_NO_CONNECTION | (def->flags & HVSH_HIDDEN) };
}

/* The tables of a plugin's file are looked at before they are used; the shell's own and a script's have been. */
static void prepare_tables(struct entry *entry)
{
    char *problem = NULL;

    entry->command = (struct command){ .name = entry->def->name, .real = &entry->command, .plugin = entry->plugin };
    if (entry->plugin->path == NULL)
        tables_command(&entry->command, entry->def, entry->plugin->def);
    else
        problem = plugin_prepare(&entry->command, entry->def, entry->plugin->def);
    if (problem != NULL) {
        struct hvsh_command def = stand_in(entry->def, problem);

        tables_command(&entry->command, &def, &hvsh_core_plugin);
    }
}

/* Prepare the tables; an alias gets those of the command it stands for under its own name. */
static bool make_ready(struct entry *entry)
{
    if (entry->def->alias_of != NULL) {
        struct entry *real = find_entry(entry->def->alias_of);

        if (real == NULL || real->def->alias_of != NULL || (!real->ready && !make_ready(real)))
            return false;
        entry->command = real->command;
    } else {
        prepare_tables(entry);
    }
    entry->command.name = entry->def->name;
    entry->ready = true;
    return true;
}

/* The entry of a name, its plugin loaded. What the index does not know may still be there: then everything is loaded. */
static struct entry *find_entry(const char *name)
{
    struct entry *entry;

    prepare();
    entry = g_hash_table_lookup(entries, name);
    if (entry == NULL && where != NULL) {
        const char *path = g_hash_table_lookup(where, name);

        if (path != NULL) {
            g_autofree char *folder = g_path_get_dirname(path), *file = g_path_get_basename(path);

            load_file(folder, file);
            entry = g_hash_table_lookup(entries, name);
        }
    }
    if (entry == NULL && where != NULL) {
        need_all();
        entry = g_hash_table_lookup(entries, name);
    }
    return entry;
}

const struct command *plugin_command(const char *name)
{
    const struct command *command = NULL;
    struct entry *entry;

    g_rec_mutex_lock(&lock);
    entry = find_entry(name);
    if (entry != NULL && (entry->ready || make_ready(entry)))
        command = &entry->command;
    g_rec_mutex_unlock(&lock);
    return command;
}

const struct hvsh_command *plugin_command_def(const char *name)
{
    const struct entry *entry;

    g_rec_mutex_lock(&lock);
    entry = find_entry(name);
    g_rec_mutex_unlock(&lock);
    return entry != NULL ? entry->def : NULL;
}

const struct plugin *plugin_of(const char *command)
{
    const struct entry *entry;

    g_rec_mutex_lock(&lock);
    entry = find_entry(command);
    g_rec_mutex_unlock(&lock);
    return entry != NULL ? entry->plugin : NULL;
}

const struct plugin *const *plugin_all(void)
{
    need_all();
    return (const struct plugin *const *)plugins->pdata;
}

const char *const *plugin_command_names(void)
{
    need_all();
    if (names == NULL) {
        GHashTableIter iter;
        void *name;

        names = g_ptr_array_new();
        g_hash_table_iter_init(&iter, entries);
        while (g_hash_table_iter_next(&iter, &name, NULL))
            g_ptr_array_add(names, name);
        g_ptr_array_sort(names, compare_names);
        g_ptr_array_add(names, NULL);
    }
    return (const char *const *)names->pdata;
}

/* Load the plugins that have checks, all others need not be. */
const struct hvsh_check *const *hvsh_checks(hvsh_call *call)
{
    const struct hvsh_check **list;

    g_rec_mutex_lock(&lock);
    prepare();
    if (where != NULL) {
        g_autoptr(GPtrArray) files = g_ptr_array_new();
        GHashTableIter iter;
        void *name, *path;

        g_hash_table_iter_init(&iter, where);
        while (g_hash_table_iter_next(&iter, &name, &path))
            if (g_str_has_prefix(name, CHECK))
                g_ptr_array_add(files, path);
        g_ptr_array_sort(files, compare_names);
        for (guint i = 0; i < files->len; i++) {
            g_autofree char *folder = g_path_get_dirname(files->pdata[i]), *file = g_path_get_basename(files->pdata[i]);

            load_file(folder, file);
        }
    }
    list = g_new0(const struct hvsh_check *, checks->len + 1);
    for (guint i = 0; i < checks->len; i++)
        list[i] = checks->pdata[i];
    g_rec_mutex_unlock(&lock);
    return hvsh_defer(call, list, g_free);
}

static int compare_groups(const void *a, const void *b)
{
    const struct hvsh_group *one = *(const struct hvsh_group *const *)a, *two = *(const struct hvsh_group *const *)b;

    return one->order != two->order ? (one->order < two->order ? -1 : 1) : strcmp(one->keyword, two->keyword);
}

static bool has_group(const char *keyword)
{
    for (guint i = 0; i < groups->len; i++)
        if (strcmp(((const struct hvsh_group *)groups->pdata[i])->keyword, keyword) == 0)
            return true;
    return false;
}

/* The group of a keyword that no plugin declares: the last ones of all. */
static const struct hvsh_group *undeclared_group(const char *keyword)
{
    static GHashTable *made;
    struct hvsh_group *group;

    if (made == NULL)
        made = g_hash_table_new(g_str_hash, g_str_equal);
    group = g_hash_table_lookup(made, keyword);
    if (group == NULL) {
        group = g_new0(struct hvsh_group, 1);
        group->keyword = group->title = keyword;
        group->order = G_MAXINT;
        g_hash_table_insert(made, (void *)keyword, group);
    }
    return group;
}

const struct hvsh_group *const *plugin_groups(void)
{
    need_all();
    if (groups != NULL)
        return (const struct hvsh_group *const *)groups->pdata;
    groups = g_ptr_array_new();
    for (guint i = 0; i + 1 < plugins->len; i++) {
        const struct hvsh_plugin *def = ((const struct plugin *)plugins->pdata[i])->def;

        for (const struct hvsh_group *group = def != NULL ? def->groups : NULL; group != NULL && group->keyword != NULL; group++)
            if (!has_group(group->keyword))
                g_ptr_array_add(groups, (void *)group);
    }
    for (const char *const *name = plugin_command_names(); *name != NULL; name++) {
        const char *keyword = plugin_command_def(*name)->group;

        if (keyword != NULL && !has_group(keyword))
            g_ptr_array_add(groups, (void *)undeclared_group(keyword));
    }
    g_ptr_array_sort(groups, compare_groups);
    g_ptr_array_add(groups, NULL);
    return (const struct hvsh_group *const *)groups->pdata;
}

int plugin_start(const struct command *command, hvsh_call *call)
{
    struct plugin *plugin = (struct plugin *)command->plugin;

    if (plugin->started)
        return 0;
    if (plugin->def->start != NULL && plugin->def->start(call) < 0)
        return -1;
    plugin->started = true;
    return 0;
}

void plugin_set_alias(const char *name, const char *line)
{
    prepare();
    if (line == NULL)
        g_hash_table_remove(user_aliases, name);
    else
        g_hash_table_replace(user_aliases, g_strdup(name), g_strdup(line));
}

const char *plugin_alias(const char *name)
{
    prepare();
    return g_hash_table_lookup(user_aliases, name);
}

char **plugin_alias_names(void)
{
    GPtrArray *list = g_ptr_array_new();
    GHashTableIter iter;
    void *name;

    prepare();
    g_hash_table_iter_init(&iter, user_aliases);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        g_ptr_array_add(list, g_strdup(name));
    g_ptr_array_sort(list, compare_names);
    g_ptr_array_add(list, NULL);
    return (char **)g_ptr_array_free(list, FALSE);
}

static const struct command *lookup_command(void *arg, const char *name)
{
    (void)arg;
    return plugin_command(name);
}

static const char *lookup_alias(void *arg, const char *name)
{
    (void)arg;
    return plugin_alias(name);
}

const struct line_lookup *plugin_lookup(void)
{
    static const struct line_lookup lookup = { lookup_command, lookup_alias, NULL, false }, asking = { lookup_command, lookup_alias, NULL, true };

    return tty_is_interactive() && !tty_plain ? &asking : &lookup;
}

/* The owner (a script) may define its command anew. */
char *plugin_add_command(const struct hvsh_command *command, const char *owner)
{
    static const struct hvsh_command *const none[] = { NULL };
    struct plugin *plugin;
    struct entry *other;
    char *problem = NULL;

    g_rec_mutex_lock(&lock);
    other = find_entry(command->name);
    plugin = find_plugin(owner, NULL);
    if (other != NULL && other->plugin != plugin) {
        problem = g_strdup_printf("command '%s' is already provided by plugin '%s'", command->name, other->plugin->name);
    } else {
        if (plugin == NULL) {
            struct hvsh_plugin *def = g_new(struct hvsh_plugin, 1);

            *def = (struct hvsh_plugin){ HVSH_PLUGIN_HEAD, .name = g_strdup(owner), .version = "1",
                                         .summary = "commands made at run time", .commands = none };
            plugin = add_plugin(def, owner, NULL);
        }
        if (other != NULL) {
            if (retired == NULL)
                retired = g_ptr_array_new();
            g_ptr_array_add(retired, other);
            g_hash_table_remove(entries, command->name);
            plugin->ncommands--;
        }
        add_entry(plugin, command);
    }
    g_rec_mutex_unlock(&lock);
    return problem;
}
