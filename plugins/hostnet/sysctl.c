/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sysctl.c - forwarding: reading what is and what will be, and the plan to change it. */
#include "sysctl.h"

#include <fnmatch.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FOUR "net/ipv4/ip_forward"
#define SIX "net/ipv6/conf/all/forwarding"

int sysctl_now(const struct host_state *state, const char *key)
{
    g_autofree char *path = g_strdup_printf("/proc/sys/%s", key), *text = host_file(state, path);

    return text ? atoi(text) : -1;
}

static gint by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Files are read by their names, whatever folder they are in; of two with one name the first folder's counts. */
static GPtrArray *sysctl_files(const struct host_state *state)
{
    static const char *const folders[] = {"/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d"};
    g_autoptr(GHashTable) found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
    GHashTableIter iter;
    gpointer name;

    for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *folder = g_strconcat(state->root, folders[i], NULL);
        g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
        const char *entry;

        while (dir && (entry = g_dir_read_name(dir)))
            if (g_str_has_suffix(entry, ".conf") && !g_hash_table_contains(found, entry))
                g_hash_table_insert(found, g_strdup(entry), g_strdup_printf("%s/%s", folders[i], entry));
    }
    g_hash_table_iter_init(&iter, found);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        g_ptr_array_add(names, name);
    g_ptr_array_sort(names, by_name);
    for (guint i = 0; i < names->len; i++)
        g_ptr_array_add(files, g_strdup(g_hash_table_lookup(found, g_ptr_array_index(names, i))));
    return files;
}

/* "net.ipv4.ip_forward = 1" and "-net/ipv4/ip_forward=1" name the same switch; '.' and '/' change places in names of links. NULL: the line
 * sets nothing. */
static char *key_of(const char *line, int *value)
{
    const char *equals = strchr(line, '=');
    char *name;

    if (!equals || *line == '#' || *line == ';')
        return NULL;
    name = g_strndup(line, (gsize)(equals - line));
    g_strstrip(name);
    if (*name == '-')
        memmove(name, name + 1, strlen(name));
    if (strchr(name, '.') && (!strchr(name, '/') || strchr(name, '.') < strchr(name, '/')))
        for (char *c = name; *c; c++)
            *c = *c == '.' ? '/' : *c == '/' ? '.' : *c;
    *value = atoi(equals + 1);
    return name;
}

/* The kernel's other name of a switch, or NULL. */
static const char *other_name(const char *key)
{
    return strcmp(key, "net/ipv4/ip_forward") == 0 ? "net/ipv4/conf/all/forwarding" : NULL;
}

/* The last word on one name: a line that names it, else one with a pattern ("net.ipv4.conf.*.forwarding"). Behind it the place among all lines. */
static void last_word(const struct host_state *state, const GPtrArray *files, const char *key, struct sysctl_setting *setting, guint *place)
{
    bool named = false;
    guint at = 0;

    for (guint i = 0; i < files->len; i++) {
        const char *file = g_ptr_array_index(files, i);
        g_autofree char *text = host_file(state, file);
        g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);

        for (guint n = 0; lines[n]; n++) {
            int value;
            g_autofree char *name = key_of(g_strstrip(lines[n]), &value);
            bool same = name && strcmp(name, key) == 0;

            at++;
            if (!name || (!same && (named || fnmatch(name, key, FNM_PATHNAME) != 0)))
                continue;
            named = same;
            g_free(setting->file);
            *setting = (struct sysctl_setting){.value = value, .file = g_strdup(file), .line = n + 1};
            *place = at;
        }
    }
}

struct sysctl_setting sysctl_at_boot(const struct host_state *state, const char *key)
{
    g_autoptr(GPtrArray) files = sysctl_files(state);
    struct sysctl_setting setting = {.value = -1}, other = {.value = -1};
    guint place = 0, other_place = 0;

    last_word(state, files, key, &setting, &place);
    if (!other_name(key))
        return setting;
    last_word(state, files, other_name(key), &other, &other_place);
    if (other_place <= place) {
        g_free(other.file);
        return setting;
    }
    g_free(setting.file);
    return other;
}

static void set_key(const struct host_state *state, struct plan *plan, const char *key, int value)
{
    int now = sysctl_now(state, key);
    g_autofree char *text = g_strdup_printf("%d", value), *old = g_strdup_printf("%d", now), *name = g_strdelimit(g_strdup(key), "/", '.');
    struct step *step;

    if (now < 0 || now == value)
        return;
    step = plan_step(plan, "%s = %d (is %d)", name, value, now);
    step_do(step, "sysctl", key, text, NULL);
    step_undo(step, "sysctl", key, old, NULL);
}

/* Is this a link by which the world is reached, and which takes routers' advertisements by the kernel? Forwarding would have it throw them away
 * at once, unless accept_ra is 2. The advertisement need not have come yet. */
static bool lives_on_advertisements(const struct host_state *state, const struct netlink_link *link)
{
    g_autofree char *key = g_strdup_printf("net/ipv6/conf/%s/accept_ra", link->name);

    if (sysctl_now(state, key) < 1)
        return false;
    for (guint i = 0; i < state->routes->len; i++) {
        const struct netlink_route *route = g_ptr_array_index(state->routes, i);

        if (route->index == link->index && strcmp(route->destination, "default") == 0)
            return true;
    }
    return false;
}

bool sysctl_keeps_advertisements(const struct host_state *state, const struct netlink_link *link)
{
    g_autofree char *key = link ? g_strdup_printf("net/ipv6/conf/%s/accept_ra", link->name) : NULL;

    return key && sysctl_now(state, key) == 2;
}

/* What will undo the setting at the next boot; NULL: nothing. */
static char *contrary(const struct host_state *state, const char *key, int value)
{
    struct sysctl_setting setting = sysctl_at_boot(state, key);
    g_autofree char *base = setting.file ? g_path_get_basename(setting.file) : NULL, *file = setting.file;

    if (!base || setting.value == value || strcmp(base, strrchr(FORWARDING_FILE, '/') + 1) <= 0)
        return NULL;
    return g_strdup_printf("%s line %u says otherwise and is read later: it wins at the next boot; take that line out", file, setting.line);
}

struct plan *plan_forwarding(const struct host_state *state, bool on, bool four, bool six, bool runtime, struct refusal *refusal)
{
    struct plan *plan = plan_new(NULL, NULL);
    g_autoptr(GString) text = g_string_new("# made by hvsh: forwarding on, forwarding off\n");
    g_autofree char *old = host_file(state, FORWARDING_FILE);
    g_autofree char *against4 = four ? contrary(state, FOUR, on) : NULL, *against6 = six ? contrary(state, SIX, on) : NULL;

    plan->what = g_strdup_printf("turn forwarding %s (%s)", on ? "on" : "off", four && six ? "IPv4 and IPv6" : four ? "IPv4" : "IPv6");
    plan->how = g_strdup("the kernel's switches");
    plan->persistent = !runtime;
    if (six && on) {
        /* before forwarding itself: the order saves the route */
        for (guint i = 0; i < state->links->len; i++) {
            const struct netlink_link *link = g_ptr_array_index(state->links, i);
            g_autofree char *key = g_strdup_printf("net/ipv6/conf/%s/accept_ra", link->name);

            if (!lives_on_advertisements(state, link))
                continue;
            set_key(state, plan, key, 2);
            g_string_append_printf(text, "net/ipv6/conf/%s/accept_ra = 2\n", link->name);
        }
    }
    if (four) {
        set_key(state, plan, FOUR, on);
        if (against4)
            plan_note(plan, "%s", against4);
        g_string_append_printf(text, "net.ipv4.ip_forward = %d\n", on);
    }
    if (six) {
        set_key(state, plan, SIX, on);
        if (against6)
            plan_note(plan, "%s", against6);
        g_string_append_printf(text, "net.ipv6.conf.all.forwarding = %d\n", on);
    }
    /* what an earlier run said about the other family stays */
    if (old && !(four && six)) {
        g_auto(GStrv) lines = g_strsplit(old, "\n", -1);

        for (char **line = lines; *line; line++)
            if (strstr(*line, four ? "ipv6" : "ipv4"))
                g_string_append_printf(text, "%s\n", *line);
    }
    if (!runtime && g_strcmp0(old, text->str) != 0)
        plan_file(plan, state, FORWARDING_FILE, text->str, 0644);
    if (!on && four)
        plan_note(plan, "guests behind libvirt's NAT networks have no way out while forwarding is off");
    if (!plan->steps->len) {
        plan_free(plan);
        refuse(refusal, runtime ? NULL : against4 ? against4 : against6, "forwarding is %s already", on ? "on" : "off");
        refusal->done = true;
        return NULL;
    }
    return plan;
}
