/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model.c - the recorded host, plans and their texts. */
#include "model.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *owner_name(enum owner owner)
{
    switch (owner) {
    case OWNER_NONE:
        return "nobody";
    case OWNER_IFUPDOWN:
        return "ifupdown";
    case OWNER_NETWORKD:
        return "systemd-networkd";
    case OWNER_NETPLAN:
        return "netplan";
    case OWNER_NM:
        return "NetworkManager";
    case OWNER_IFCFG:
        return "the network scripts";
    }
    return "several managers";
}

/* ---- The host ---- */

struct host_state *host_state_new(const char *root)
{
    struct host_state *state = g_new0(struct host_state, 1);

    state->root = g_strdup(root ? root : "");
    state->links = g_ptr_array_new_with_free_func(netlink_link_free);
    state->addresses = g_ptr_array_new_with_free_func(netlink_address_free);
    state->routes = g_ptr_array_new_with_free_func(netlink_route_free);
    state->wireless = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    state->owners = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    state->answering = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    state->resolvers = g_ptr_array_new_with_free_func(g_free);
    state->resolving = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return state;
}

void host_state_free(struct host_state *state)
{
    if (!state)
        return;
    g_free(state->root);
    g_ptr_array_unref(state->links);
    g_ptr_array_unref(state->addresses);
    g_ptr_array_unref(state->routes);
    g_hash_table_unref(state->wireless);
    g_hash_table_unref(state->owners);
    g_hash_table_unref(state->answering);
    g_ptr_array_unref(state->resolvers);
    g_hash_table_unref(state->resolving);
    g_clear_pointer(&state->nm_profile, g_variant_unref);
    g_clear_pointer(&state->nm_bridge, g_variant_unref);
    g_free(state->session_peer);
    g_free(state->session_local);
    g_free(state);
}

struct netlink_link *host_link(const struct host_state *state, const char *name)
{
    for (guint i = 0; i < state->links->len; i++) {
        struct netlink_link *link = g_ptr_array_index(state->links, i);

        if (strcmp(link->name, name) == 0)
            return link;
    }
    return NULL;
}

struct netlink_link *host_link_at(const struct host_state *state, int index)
{
    for (guint i = 0; index && i < state->links->len; i++) {
        struct netlink_link *link = g_ptr_array_index(state->links, i);

        if (link->index == index)
            return link;
    }
    return NULL;
}

enum owner host_owners(const struct host_state *state, const char *name)
{
    return (enum owner)GPOINTER_TO_UINT(g_hash_table_lookup(state->owners, name));
}

bool host_has(const struct host_state *state, const char *path)
{
    g_autofree char *full = g_strconcat(state->root, path, NULL);

    return access(full, F_OK) == 0;
}

char *host_file(const struct host_state *state, const char *path)
{
    g_autofree char *full = g_strconcat(state->root, path, NULL);
    char *text = NULL;

    return g_file_get_contents(full, &text, NULL, NULL) ? text : NULL;
}

bool host_address_is_static(const struct netlink_address *address)
{
    return address->scope == RT_SCOPE_UNIVERSE && (address->flags & IFA_F_PERMANENT) && address->valid == UINT32_MAX && !address->peer;
}

bool host_route_is_set(const struct netlink_route *route)
{
    return route->table == RT_TABLE_MAIN && route->type == RTN_UNICAST && route->protocol != RTPROT_KERNEL && route->protocol != RTPROT_RA &&
           route->index;
}

/* ---- Plans ---- */

static void step_free(void *data)
{
    struct step *step = data;

    g_free(step->text);
    g_strfreev(step->action);
    g_strfreev(step->undo);
    g_free(step->change);
    g_free(step);
}

static void words_free(void *words)
{
    g_strfreev(words);
}

static void blob_free(void *blob)
{
    g_bytes_unref(blob);
}

struct plan *plan_new(const char *bridge, const char *port)
{
    struct plan *plan = g_new0(struct plan, 1);

    plan->patience = 10;
    plan->bridge = g_strdup(bridge);
    plan->port = g_strdup(port);
    plan->steps = g_ptr_array_new_with_free_func(step_free);
    plan->checks = g_ptr_array_new_with_free_func(words_free);
    plan->was = g_ptr_array_new_with_free_func(words_free);
    plan->rescue = g_ptr_array_new_with_free_func(words_free);
    plan->blobs = g_ptr_array_new_with_free_func(blob_free);
    plan->notes = g_ptr_array_new_with_free_func(g_free);
    return plan;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    g_free(plan->what);
    g_free(plan->bridge);
    g_free(plan->port);
    g_free(plan->serves);
    g_free(plan->how);
    g_ptr_array_unref(plan->steps);
    g_ptr_array_unref(plan->checks);
    g_ptr_array_unref(plan->was);
    g_ptr_array_unref(plan->rescue);
    g_ptr_array_unref(plan->blobs);
    g_ptr_array_unref(plan->notes);
    g_free(plan);
}

struct step *plan_step(struct plan *plan, const char *format, ...)
{
    struct step *step = g_new0(struct step, 1);
    va_list list;

    va_start(list, format);
    step->text = g_strdup_vprintf(format, list);
    va_end(list);
    g_ptr_array_add(plan->steps, step);
    return step;
}

static char **take_words(va_list list)
{
    GPtrArray *words = g_ptr_array_new();
    const char *word;

    while ((word = va_arg(list, const char *)))
        g_ptr_array_add(words, g_strdup(word));
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_free(words, FALSE);
}

void step_do(struct step *step, ...)
{
    va_list list;

    va_start(list, step);
    step->action = take_words(list);
    va_end(list);
}

void step_undo(struct step *step, ...)
{
    va_list list;

    va_start(list, step);
    step->undo = take_words(list);
    va_end(list);
}

void plan_check(struct plan *plan, ...)
{
    va_list list;

    va_start(list, plan);
    g_ptr_array_add(plan->checks, take_words(list));
    va_end(list);
}

void plan_was(struct plan *plan, ...)
{
    va_list list;

    va_start(list, plan);
    g_ptr_array_add(plan->was, take_words(list));
    va_end(list);
}

void plan_rescue(struct plan *plan, ...)
{
    va_list list;

    va_start(list, plan);
    g_ptr_array_add(plan->rescue, take_words(list));
    va_end(list);
}

void plan_note(struct plan *plan, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    g_ptr_array_add(plan->notes, g_strdup_vprintf(format, list));
    va_end(list);
}

/* The index of a new blob as a word. */
static char *keep_blob(struct plan *plan, const char *text, size_t size)
{
    g_ptr_array_add(plan->blobs, g_bytes_new(text, size));
    return g_strdup_printf("%u", plan->blobs->len - 1);
}

void plan_file(struct plan *plan, const struct host_state *state, const char *path, const char *text, unsigned int mode)
{
    g_autofree char *full = g_strconcat(state->root, path, NULL), *old = NULL, *old_blob = NULL, *new_blob = NULL;
    g_autofree char *old_mode = NULL, *new_mode = NULL;
    struct stat found;
    gsize size = 0;
    struct step *step;
    bool exists = g_file_get_contents(full, &old, &size, NULL) && stat(full, &found) == 0;

    if (!exists && !text)
        return;
    if (exists) {
        old_blob = keep_blob(plan, old, size);
        old_mode = g_strdup_printf("%o:%u:%u", (unsigned int)found.st_mode & 07777, found.st_uid, found.st_gid);
    }
    new_mode = exists ? g_strdup(old_mode) : g_strdup_printf("%o:0:0", mode);
    step = plan_step(plan, "%s %s", !text ? "remove" : exists ? "change" : "write", path);
    step->change = text_difference(exists ? old : "", text ? text : "");
    if (text) {
        new_blob = keep_blob(plan, text, strlen(text));
        step_do(step, "file", path, new_mode, new_blob, NULL);
    } else {
        step_do(step, "remove", path, NULL);
    }
    if (exists)
        step_undo(step, "file", path, old_mode, old_blob, NULL);
    else
        step_undo(step, "remove", path, NULL);
}

void plan_tell_cloud_init(struct plan *plan, const struct host_state *state, const char *path)
{
    g_autofree char *base = g_path_get_basename(path), *text = host_file(state, path);

    /* "50-cloud-init.yaml", "10-cloud-init-eth0.network", "interfaces.d/50-cloud-init"; or by its words in the first comment */
    if (!strstr(base, "cloud-init") && !(text && strstr(text, "cloud-init") && *text == '#'))
        return;
    plan_file(plan, state, "/etc/cloud/cloud.cfg.d/99-disable-network-config.cfg",
              "# made by hvsh: else cloud-init would write its network configuration again\nnetwork: {config: disabled}\n", 0644);
    plan_note(plan, "%s was written by cloud-init, which is told to let it alone", path);
}

char *text_difference(const char *before, const char *after)
{
    g_auto(GStrv) old = g_strsplit(before, "\n", -1), new = g_strsplit(after, "\n", -1);
    guint n = g_strv_length(old), m = g_strv_length(new);
    g_autofree guint16 *common = NULL;
    GString *text = g_string_new(NULL);

    if (n && !*old[n - 1])
        n--;
    if (m && !*new[m - 1])
        m--;
    /* the longest common subsequence; these files have tens of lines, and one of thousands is shown as replaced */
    if ((uint64_t)n * m > 4000000 || n > 60000 || m > 60000) {
        g_string_append_printf(text, "- (%u lines)\n+ (%u lines)\n", n, m);
        return g_string_free(text, FALSE);
    }
    common = g_new0(guint16, (gsize)(n + 1) * (m + 1));
#define COMMON(i, j) common[(gsize)(i) * (m + 1) + (j)]
    for (guint i = n; i-- > 0;)
        for (guint j = m; j-- > 0;)
            COMMON(i, j) = strcmp(old[i], new[j]) == 0 ? (guint16)(COMMON(i + 1, j + 1) + 1) : MAX(COMMON(i + 1, j), COMMON(i, j + 1));
    for (guint i = 0, j = 0; i < n || j < m;) {
        if (i < n && j < m && strcmp(old[i], new[j]) == 0) {
            i++, j++;
        } else if (i < n && (j == m || COMMON(i + 1, j) >= COMMON(i, j + 1))) {
            g_string_append_printf(text, "- %s\n", old[i++]);
        } else {
            g_string_append_printf(text, "+ %s\n", new[j++]);
        }
    }
#undef COMMON
    return g_string_free(text, FALSE);
}

char *plan_text(const struct plan *plan)
{
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "%s (%s%s)\n", plan->what, plan->how, plan->persistent ? "" : ", until the next boot");
    for (guint i = 0, number = 0; i < plan->steps->len; i++) {
        const struct step *step = g_ptr_array_index(plan->steps, i);

        if (!step->action)
            continue;
        g_string_append_printf(text, "%3u. %s\n", ++number, step->text);
        if (step->change) {
            g_auto(GStrv) lines = g_strsplit(step->change, "\n", -1);

            for (char **line = lines; *line && **line; line++)
                g_string_append_printf(text, "       %s\n", *line);
        }
    }
    for (guint i = 0; i < plan->checks->len; i++) {
        g_autofree char *line = g_strjoinv(" ", g_ptr_array_index(plan->checks, i));

        g_string_append_printf(text, "check: %s\n", line);
    }
    for (guint i = 0; i < plan->notes->len; i++)
        g_string_append_printf(text, "note: %s\n", (char *)g_ptr_array_index(plan->notes, i));
    return g_string_free(text, FALSE);
}

void refusal_clear(struct refusal *refusal)
{
    g_clear_pointer(&refusal->sentence, g_free);
    g_clear_pointer(&refusal->hint, g_free);
    refusal->done = false;
}

struct plan *refuse(struct refusal *refusal, const char *hint, const char *format, ...)
{
    va_list list;

    refusal_clear(refusal);
    va_start(list, format);
    refusal->sentence = g_strdup_vprintf(format, list);
    va_end(list);
    refusal->hint = g_strdup(hint);
    return NULL;
}
