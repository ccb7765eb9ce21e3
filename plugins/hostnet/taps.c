/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * taps.c - the interfaces of running guests, and the bridges that they belong to, as libvirt's own state files tell.
 *
 * A bridge that is made anew (a manager was restarted, a plan was taken back) has none of them: the kernel lets ports go with their bridge,
 * and neither libvirt nor a network manager puts them back.
 */
#include "model.h"

#include <string.h>

struct reading {
    GPtrArray *taps;
    GString *text;             /* of the element that is read */
    char *guest;
    struct guest_tap *tap;     /* inside of <interface> */
    unsigned int depth;
};

static void tap_free(void *data)
{
    struct guest_tap *tap = data;

    g_free(tap->guest);
    g_free(tap->name);
    g_free(tap->bridge);
    g_free(tap);
}

static void begin_element(GMarkupParseContext *context, const char *element, const char **names, const char **values, void *data, GError **error)
{
    struct reading *reading = data;

    (void)context;
    (void)error;
    g_string_truncate(reading->text, 0);
    reading->depth++;
    if (strcmp(element, "interface") == 0 && !reading->tap)
        reading->tap = g_new0(struct guest_tap, 1);
    for (guint i = 0; reading->tap && names[i]; i++) {
        char **slot = strcmp(element, "source") == 0 && strcmp(names[i], "bridge") == 0 ? &reading->tap->bridge
                      : strcmp(element, "target") == 0 && strcmp(names[i], "dev") == 0  ? &reading->tap->name
                                                                                         : NULL;

        if (slot) {
            g_free(*slot);
            *slot = g_strdup(values[i]);
        }
    }
}

static void end_element(GMarkupParseContext *context, const char *element, void *data, GError **error)
{
    struct reading *reading = data;

    (void)context;
    (void)error;
    reading->depth--;
    /* <domstatus><domain><name> */
    if (strcmp(element, "name") == 0 && !reading->guest && reading->depth == 2)
        reading->guest = g_strdup(reading->text->str);
    if (strcmp(element, "interface") != 0 || !reading->tap)
        return;
    if (reading->tap->name && reading->tap->bridge) {
        reading->tap->guest = g_strdup(reading->guest ? reading->guest : "?");
        g_ptr_array_add(reading->taps, g_steal_pointer(&reading->tap));
    } else {
        g_clear_pointer(&reading->tap, tap_free);
    }
}

static void take_text(GMarkupParseContext *context, const char *text, gsize length, void *data, GError **error)
{
    struct reading *reading = data;

    (void)context;
    (void)error;
    g_string_append_len(reading->text, text, (gssize)length);
}

static void read_guest(GPtrArray *taps, const char *xml)
{
    static const GMarkupParser parser = {.start_element = begin_element, .end_element = end_element, .text = take_text};
    struct reading reading = {.taps = taps, .text = g_string_new(NULL)};
    GMarkupParseContext *context = g_markup_parse_context_new(&parser, 0, &reading, NULL);

    /* a file that is half written says what it says */
    g_markup_parse_context_parse(context, xml, -1, NULL);
    g_markup_parse_context_free(context);
    g_string_free(reading.text, TRUE);
    g_free(reading.guest);
    g_clear_pointer(&reading.tap, tap_free);
}

GPtrArray *guest_taps(const char *root)
{
    static const char *const folders[] = {"/run/libvirt/qemu", "/run/libvirt/lxc", "/run/libvirt/ch"};
    GPtrArray *taps = g_ptr_array_new_with_free_func(tap_free);

    for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *folder = g_strconcat(root, folders[i], NULL);
        g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
        const char *entry;

        while (dir && (entry = g_dir_read_name(dir))) {
            g_autofree char *path = g_build_filename(folder, entry, NULL), *xml = NULL;

            if (g_str_has_suffix(entry, ".xml") && g_file_get_contents(path, &xml, NULL, NULL))
                read_guest(taps, xml);
        }
    }
    return taps;
}

/* The guest's interface is there, its bridge too, and it is a port of nothing. */
static bool is_lost(const struct host_state *state, const struct guest_tap *tap)
{
    const struct netlink_link *link = host_link(state, tap->name), *bridge = host_link(state, tap->bridge);

    return link && !link->master && bridge && g_strcmp0(bridge->kind, "bridge") == 0;
}

char *lost_taps(const struct host_state *state, const char *bridge)
{
    g_autoptr(GPtrArray) taps = guest_taps(state->root);
    GString *names = g_string_new(NULL);

    for (guint i = 0; i < taps->len; i++) {
        const struct guest_tap *tap = g_ptr_array_index(taps, i);

        if (strcmp(tap->bridge, bridge) == 0 && is_lost(state, tap))
            g_string_append_printf(names, "%s%s of %s", names->len ? ", " : "", tap->name, tap->guest);
    }
    return g_string_free(names, names->len == 0);
}

struct plan *plan_reattach(const struct host_state *state, const char *bridge, struct refusal *refusal)
{
    const struct netlink_link *link = bridge ? host_link(state, bridge) : NULL;
    g_autoptr(GPtrArray) taps = guest_taps(state->root);
    struct plan *plan;

    if (bridge && (!link || g_strcmp0(link->kind, "bridge") != 0))
        return refuse(refusal, "bridge-list shows the bridges", "this host has no bridge '%s'", bridge);
    plan = plan_new(NULL, NULL);
    plan->what = g_strdup("put guests' interfaces back on their bridges");
    plan->how = g_strdup("the kernel alone");
    plan->persistent = true;
    for (guint i = 0; i < taps->len; i++) {
        const struct guest_tap *tap = g_ptr_array_index(taps, i);
        struct step *step;

        if ((bridge && strcmp(tap->bridge, bridge) != 0) || !is_lost(state, tap))
            continue;
        step = plan_step(plan, "put %s of %s back on %s", tap->name, tap->guest, tap->bridge);
        step_do(step, "link-master", tap->name, tap->bridge, NULL);
        step_undo(step, "link-nomaster", tap->name, NULL);
        plan_check(plan, "check-port", tap->name, tap->bridge, NULL);
    }
    if (plan->steps->len)
        return plan;
    plan_free(plan);
    refuse(refusal, NULL, "every guest's interface is on its bridge");
    refusal->done = true;
    return NULL;
}

void put_taps_back(void)
{
    g_autoptr(GPtrArray) taps = guest_taps("");
    struct host_state *state = host_state_new(NULL);
    struct netlink *netlink = NULL;
    GPtrArray *links;

    if (taps->len && netlink_open(&netlink) == 0 && netlink_links(netlink, &links) == 0) {
        g_ptr_array_unref(state->links);
        state->links = links;
        for (guint i = 0; i < taps->len; i++) {
            const struct guest_tap *tap = g_ptr_array_index(taps, i);

            if (is_lost(state, tap))
                netlink_link_master(netlink, tap->name, tap->bridge);
        }
    }
    netlink_close(netlink);
    host_state_free(state);
}
