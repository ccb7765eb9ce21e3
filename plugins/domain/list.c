/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * list.c - the list of guests, in one or two round trips for any length: states and ids come with one bulk call of statistics.
 */
#include "domain.h"
#include <stdlib.h>
#include <strings.h>

struct list_args {
    unsigned int filter;
    bool uuid, name, id, table, managed_save, title;
};

static const struct hvsh_field list_args[] = {
    HVSH_BIT(struct list_args, filter, "inactive", VIR_CONNECT_LIST_DOMAINS_INACTIVE, "only inactive domains"),
    HVSH_BIT(struct list_args, filter, "all", VIR_CONNECT_LIST_DOMAINS_ACTIVE | VIR_CONNECT_LIST_DOMAINS_INACTIVE,
             "inactive and active domains"),
    HVSH_BIT(struct list_args, filter, "transient", VIR_CONNECT_LIST_DOMAINS_TRANSIENT, "only transient domains"),
    HVSH_BIT(struct list_args, filter, "persistent", VIR_CONNECT_LIST_DOMAINS_PERSISTENT, "only persistent domains"),
    HVSH_BIT(struct list_args, filter, "with-snapshot", VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT, "only domains with a snapshot"),
    HVSH_BIT(struct list_args, filter, "without-snapshot", VIR_CONNECT_LIST_DOMAINS_NO_SNAPSHOT, "only domains without snapshots"),
    HVSH_BIT(struct list_args, filter, "with-checkpoint", VIR_CONNECT_LIST_DOMAINS_HAS_CHECKPOINT, "only domains with a checkpoint"),
    HVSH_BIT(struct list_args, filter, "without-checkpoint", VIR_CONNECT_LIST_DOMAINS_NO_CHECKPOINT, "only domains without checkpoints"),
    HVSH_BIT(struct list_args, filter, "state-running", VIR_CONNECT_LIST_DOMAINS_RUNNING, "domains in the state running"),
    HVSH_BIT(struct list_args, filter, "state-paused", VIR_CONNECT_LIST_DOMAINS_PAUSED, "domains in the state paused"),
    HVSH_BIT(struct list_args, filter, "state-shutoff", VIR_CONNECT_LIST_DOMAINS_SHUTOFF | VIR_CONNECT_LIST_DOMAINS_INACTIVE,
             "domains in the state shut off"),
    HVSH_BIT(struct list_args, filter, "state-other", VIR_CONNECT_LIST_DOMAINS_OTHER, "domains in other states"),
    HVSH_BIT(struct list_args, filter, "autostart", VIR_CONNECT_LIST_DOMAINS_AUTOSTART, "only domains that start with the host"),
    HVSH_BIT(struct list_args, filter, "no-autostart", VIR_CONNECT_LIST_DOMAINS_NO_AUTOSTART, "only domains that do not start with the host"),
    HVSH_BIT(struct list_args, filter, "with-managed-save", VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE, "only domains with a managed saved state"),
    HVSH_BIT(struct list_args, filter, "without-managed-save", VIR_CONNECT_LIST_DOMAINS_NO_MANAGEDSAVE,
             "only domains without a managed saved state"),
    HVSH_FLAG(struct list_args, uuid, "uuids only"),
    HVSH_FLAG(struct list_args, name, "names only"),
    HVSH_FLAG(struct list_args, id, "ids only"),
    HVSH_FLAG(struct list_args, table, "a table (the default)"),
    HVSH_FLAG(struct list_args, managed_save, "mark inactive domains that have a managed saved state"),
    HVSH_FLAG(struct list_args, title, "titles too"),
    HVSH_EXCLUDES("table", "name"),
    HVSH_EXCLUDES("table", "uuid"),
    HVSH_EXCLUDES("table", "id"),
    HVSH_END
};

struct list_row {
    unsigned int id;
    const char *name;
    int state;
    const char *title;
    const char *uuid;
    const char *line;
};

/* A state of the list alone: shut off, with a managed saved state. */
enum { SAVED = 100 };

static const struct hvsh_choice list_states[] = {
    { "no state", VIR_DOMAIN_NOSTATE }, { "running", VIR_DOMAIN_RUNNING }, { "idle", VIR_DOMAIN_BLOCKED },
    { "paused", VIR_DOMAIN_PAUSED }, { "in shutdown", VIR_DOMAIN_SHUTDOWN }, { "shut off", VIR_DOMAIN_SHUTOFF },
    { "crashed", VIR_DOMAIN_CRASHED }, { "pmsuspended", VIR_DOMAIN_PMSUSPENDED }, { "saved", SAVED }, { NULL }
};

static const struct hvsh_field list_row[] = {
    HVSH_UINT(struct list_row, id, "number while it is active", .label = "Id"),
    HVSH_TEXT(struct list_row, name, "name", .label = "Name"),
    HVSH_ENUM(struct list_row, state, "state", .label = "State", .choices = list_states),
    HVSH_TEXT(struct list_row, title, "title", .label = "Title", .when = "title"),
    HVSH_TEXT(struct list_row, uuid, "uuid"),
    HVSH_TEXT(struct list_row, line, "what was asked for", .flags = HVSH_HIDE),
    HVSH_END
};

static const struct hvsh_shape list_table = { .name = "domains", .kind = HVSH_TABLE, HVSH_ROW(list_row) };
static const struct hvsh_shape list_lines = { .name = "domains", .kind = HVSH_LINES, HVSH_ROW(list_row), .text = "{line}" };

/* One guest of the list; the domain is the call's. */
struct guest {
    hvsh_call *call;
    virDomainPtr domain;
    struct list_row row;
    bool want_title;
    bool ask_state;
};

/* The filters that the statistics call takes itself; they have the values of the list's. */
enum {
    STATS_FILTERS = VIR_CONNECT_LIST_DOMAINS_ACTIVE | VIR_CONNECT_LIST_DOMAINS_INACTIVE | VIR_CONNECT_LIST_DOMAINS_PERSISTENT |
                    VIR_CONNECT_LIST_DOMAINS_TRANSIENT | VIR_CONNECT_LIST_DOMAINS_RUNNING | VIR_CONNECT_LIST_DOMAINS_PAUSED |
                    VIR_CONNECT_LIST_DOMAINS_SHUTOFF | VIR_CONNECT_LIST_DOMAINS_OTHER
};

static void add_guest(hvsh_call *call, GArray *guests, virDomainPtr domain, int state)
{
    struct guest guest = { .call = call, .domain = domain };

    guest.row.id = virDomainGetID(domain);
    guest.row.name = virDomainGetName(domain);
    guest.row.uuid = domain_uuid(call, domain);
    guest.row.state = state;
    guest.ask_state = state < 0;
    g_array_append_val(guests, guest);
}

/* Statistics to guests, whose domains become the call's. */
static void take_stats(hvsh_call *call, GArray *guests, virDomainStatsRecordPtr *stats, int count)
{
    for (int i = 0; i < count; i++) {
        int state = VIR_DOMAIN_NOSTATE;

        virTypedParamsGetInt(stats[i]->params, stats[i]->nparams, "state.state", &state);
        virDomainRef(stats[i]->dom);
        add_guest(call, guests, hvsh_own_domain(call, stats[i]->dom), state);
    }
    virDomainStatsRecordListFree(stats);
}

/* Is the failure one of a driver without bulk statistics? */
static bool not_supported(void)
{
    int code = virGetLastErrorCode();

    return code == VIR_ERR_NO_SUPPORT || code == VIR_ERR_INVALID_ARG || code == VIR_ERR_ARGUMENT_UNSUPPORTED;
}

/* Two round trips: the domains by all of libvirt's filters, then their states; a driver without bulk statistics is asked for each. */
static int collect_filtered(hvsh_call *call, virConnectPtr connection, unsigned int filter, GArray *guests)
{
    virDomainStatsRecordPtr *stats = NULL;
    virDomainPtr *domains = NULL;
    int found = virConnectListAllDomains(connection, &domains, filter);
    int count = -1;

    if (found < 0)
        return hvsh_fail_virt(call, "Failed to list domains");
    for (int i = 0; i < found; i++)
        hvsh_own_domain(call, domains[i]);
    if (found > 0)
        count = virDomainListGetStats(domains, VIR_DOMAIN_STATS_STATE, &stats, 0);
    if (count == found)
        take_stats(call, guests, stats, count);
    else
        for (int i = 0; i < found; i++)
            add_guest(call, guests, domains[i], -1);
    if (count >= 0 && count != found)
        virDomainStatsRecordListFree(stats);
    free(domains);
    return 0;
}

static int collect(hvsh_call *call, virConnectPtr connection, unsigned int filter, GArray *guests)
{
    virDomainStatsRecordPtr *stats = NULL;
    int count;

    if (filter & ~(unsigned int)STATS_FILTERS)
        return collect_filtered(call, connection, filter, guests);
    count = virConnectGetAllDomainStats(connection, VIR_DOMAIN_STATS_STATE, &stats, filter);
    if (count < 0)
        return not_supported() ? collect_filtered(call, connection, filter, guests) : hvsh_fail_virt(call, "Failed to list domains");
    take_stats(call, guests, stats, count);
    return 0;
}

/* Mark those with a managed saved state; one bulk call. */
static int mark_saved(hvsh_call *call, virConnectPtr connection, GArray *guests)
{
    g_autoptr(GHashTable) saved = g_hash_table_new(g_str_hash, g_str_equal);
    virDomainPtr *domains = NULL;
    int count = virConnectListAllDomains(connection, &domains, VIR_CONNECT_LIST_DOMAINS_INACTIVE | VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE);

    if (count < 0)
        return hvsh_fail_virt(call, "Failed to list domains");
    for (int i = 0; i < count; i++)
        g_hash_table_add(saved, (char *)virDomainGetName(hvsh_own_domain(call, domains[i])));
    free(domains);
    for (guint i = 0; i < guests->len; i++) {
        struct list_row *row = &g_array_index(guests, struct guest, i).row;

        if (row->state == VIR_DOMAIN_SHUTOFF && g_hash_table_contains(saved, row->name))
            row->state = SAVED;
    }
    return 0;
}

/* What no bulk call gives, for one guest; runs on workers. */
static void ask_guest(void *p)
{
    struct guest *guest = p;
    int state;

    if (guest->ask_state && (guest->row.state = VIR_DOMAIN_NOSTATE, virDomainGetState(guest->domain, &state, NULL, 0)) == 0)
        guest->row.state = state;
    if (guest->want_title)
        guest->row.title = virDomainGetMetadata(guest->domain, VIR_DOMAIN_METADATA_TITLE, NULL, 0);
}

static int ask_guests(hvsh_call *call, GArray *guests, bool want_title)
{
    g_autoptr(GPtrArray) asked = g_ptr_array_new();

    for (guint i = 0; i < guests->len; i++) {
        struct guest *guest = &g_array_index(guests, struct guest, i);

        guest->want_title = want_title;
        if (guest->want_title || guest->ask_state)
            g_ptr_array_add(asked, guest);
    }
    if (asked->len && hvsh_each(call, ask_guest, asked->pdata, asked->len, 8) < 0)
        return -1;
    for (guint i = 0; want_title && i < guests->len; i++) {
        struct list_row *row = &g_array_index(guests, struct guest, i).row;

        row->title = row->title ? hvsh_own_text(call, (char *)row->title) : "";
    }
    return 0;
}

static int by_id_then_name(const void *a, const void *b)
{
    const struct list_row *one = &((const struct guest *)a)->row, *two = &((const struct guest *)b)->row;

    if (one->id != two->id)
        return one->id < two->id ? -1 : 1;
    return strcasecmp(one->name, two->name);
}

/* The words of --uuid, --id and --name, in virsh's order. */
static const char *list_line(hvsh_call *call, const struct list_args *args, const struct list_row *row)
{
    const char *id = row->id == (unsigned int)-1 ? "-" : hvsh_printf(call, "%u", row->id);

    return hvsh_printf(call, "%s%s%s%s%s", args->uuid ? row->uuid : "", args->uuid && (args->id || args->name) ? " " : "",
                       args->id ? id : "", args->id && args->name ? " " : "", args->name ? row->name : "");
}

static void free_guests(void *p)
{
    g_array_free(p, TRUE);
}

static int list_run(hvsh_call *call, const void *p)
{
    const struct list_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    bool lines = args->uuid || args->name || args->id;
    bool only_ids = args->id && !args->uuid && !args->name;
    GArray *guests = hvsh_defer(call, g_array_new(FALSE, TRUE, sizeof(struct guest)), free_guests);
    unsigned int filter = args->filter;

    if (!connection)
        return -1;
    if (!(filter & (VIR_CONNECT_LIST_DOMAINS_ACTIVE | VIR_CONNECT_LIST_DOMAINS_INACTIVE)))
        filter |= VIR_CONNECT_LIST_DOMAINS_ACTIVE;
    if (collect(call, connection, filter, guests) < 0 || (args->managed_save && mark_saved(call, connection, guests) < 0) ||
        ask_guests(call, guests, args->title) < 0)
        return -1;
    g_array_sort(guests, by_id_then_name);
    hvsh_begin(call, lines ? &list_lines : &list_table);
    for (guint i = 0; i < guests->len; i++) {
        struct list_row *row = &g_array_index(guests, struct guest, i).row;

        if (only_ids && row->id == (unsigned int)-1)
            continue;
        row->line = lines ? list_line(call, args, row) : NULL;
        if (hvsh_emit(call, lines ? &list_lines : &list_table, row) < 0)
            return -1;
    }
    return 0;
}

const struct hvsh_command COMMAND(list) = {
    .name = "list",
    .group = "monitor",
    .help = "list domains",
    .description = "Active domains come first, by their ids, then inactive ones by their names.",
    HVSH_ARGS(list_args),
    .shapes = HVSH_SHAPES(&list_table, &list_lines),
    .examples = HVSH_EXAMPLES({ "list --all", "all domains" }, { "list --all --name", "their names" },
                              { "list --state-paused --title", "those that are paused, with their titles" }),
    .run = list_run,
};
