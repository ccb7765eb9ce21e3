/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sysctl.c - forwarding: reading what is and what will be, and the plan to change it. */
#include "sysctl.h"

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

/* "net.ipv4.ip_forward = 1" and "-net/ipv4/ip_forward=1" name the same switch; '.' and '/' change places in names of links. */
static bool names_key(const char *line, const char *key, int *value)
{
    const char *equals = strchr(line, '=');
    g_autofree char *name = NULL;

    if (!equals || *line == '#' || *line == ';')
        return false;
    name = g_strndup(line, (gsize)(equals - line));
    g_strstrip(name);
    if (*name == '-')
        memmove(name, name + 1, strlen(name));
    if (strchr(name, '.') && (!strchr(name, '/') || strchr(name, '.') < strchr(name, '/')))
        for (char *c = name; *c; c++)
            *c = *c == '.' ? '/' : *c == '/' ? '.' : *c;
    if (strcmp(name, key) != 0)
        return false;
    *value = atoi(equals + 1);
    return true;
}

struct sysctl_setting sysctl_at_boot(const struct host_state *state, const char *key)
{
    g_autoptr(GPtrArray) files = sysctl_files(state);
    struct sysctl_setting setting = {.value = -1};

    for (guint i = 0; i < files->len; i++) {
        const char *file = g_ptr_array_index(files, i);
        g_autofree char *text = host_file(state, file);
        g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);

        for (guint n = 0; lines[n]; n++) {
            int value;

            if (!names_key(g_strstrip(lines[n]), key, &value))
                continue;
            g_free(setting.file);
            setting = (struct sysctl_setting){.value = value, .file = g_strdup(file), .line = n + 1};
        }
    }
    return setting;
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

/* A link that has its default route from a router's advertisement taken by the kernel: forwarding would throw it away at once. */
static bool lives_on_advertisements(const struct host_state *state, const struct netlink_link *link)
{
    for (guint i = 0; i < state->routes->len; i++) {
        const struct netlink_route *route = g_ptr_array_index(state->routes, i);

        if (route->index == link->index && route->family == AF_INET6 && route->protocol == RTPROT_RA && strcmp(route->destination, "default") == 0)
            return true;
    }
    return false;
}

static void note_contrary(const struct host_state *state, struct plan *plan, const char *key, int value)
{
    struct sysctl_setting setting = sysctl_at_boot(state, key);
    g_autofree char *base = setting.file ? g_path_get_basename(setting.file) : NULL;

    if (base && setting.value != value && strcmp(base, strrchr(FORWARDING_FILE, '/') + 1) > 0)
        plan_note(plan, "%s line %u says otherwise and is read later: it wins at the next boot; take that line out", setting.file, setting.line);
    g_free(setting.file);
}

struct plan *plan_forwarding(const struct host_state *state, bool on, bool four, bool six, bool runtime, struct refusal *refusal)
{
    struct plan *plan = plan_new(NULL, NULL);
    g_autoptr(GString) text = g_string_new("# made by hvsh: forwarding on, forwarding off\n");
    g_autofree char *old = host_file(state, FORWARDING_FILE);

    plan->what = g_strdup_printf("turn forwarding %s (%s)", on ? "on" : "off", four && six ? "IPv4 and IPv6" : four ? "IPv4" : "IPv6");
    plan->how = g_strdup("the kernel's switches");
    plan->persistent = !runtime;
    if (six && on) {
        /* before forwarding itself: the order saves the route */
        for (guint i = 0; i < state->links->len; i++) {
            const struct netlink_link *link = g_ptr_array_index(state->links, i);
            g_autofree char *key = g_strdup_printf("net/ipv6/conf/%s/accept_ra", link->name);

            if (!lives_on_advertisements(state, link) || sysctl_now(state, key) == 0)
                continue;
            set_key(state, plan, key, 2);
            g_string_append_printf(text, "net/ipv6/conf/%s/accept_ra = 2\n", link->name);
        }
    }
    if (four) {
        set_key(state, plan, FOUR, on);
        note_contrary(state, plan, FOUR, on);
        g_string_append_printf(text, "net.ipv4.ip_forward = %d\n", on);
    }
    if (six) {
        set_key(state, plan, SIX, on);
        note_contrary(state, plan, SIX, on);
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
    if (!on)
        plan_note(plan, "guests behind libvirt's NAT networks have no way out while forwarding is off");
    if (!plan->steps->len) {
        plan_free(plan);
        refuse(refusal, NULL, "forwarding is %s already", on ? "on" : "off");
        refusal->done = true;
        return NULL;
    }
    return plan;
}
