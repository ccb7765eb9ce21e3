/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check.c - the host, the tables of checks, and what one check found */
#include <string.h>
#include "check.h"
#include "dbus.h"

const struct check *const all_checks[] = {
    cpu_checks,     kvm_checks,  device_checks,  iommu_checks,   secure_checks, package_checks, service_checks,
    user_checks,    network_checks, storage_checks, memory_checks, cgroup_checks, lxc_checks,   system_checks, pair_checks,
    NULL,
};

/* ---- those of other plugins ---- */

static void run_foreign(struct host *host, const struct check *check, struct result *result)
{
    const struct hvsh_check *foreign = check->arg;
    struct hvsh_finding finding = { .severity = HVSH_UNSURE };

    foreign->run(host->call, host->root, &finding);
    if (finding.severity > HVSH_FAIL || !finding.evidence)
        unsure(result, "%s", finding.evidence ? finding.evidence : "the check says nothing");
    else
        found(result, (enum severity)finding.severity, "%s", finding.evidence);
    if (finding.cure)
        cure(result, "%s", finding.cure);
}

static void fix_foreign(struct host *host, const struct check *check, GPtrArray *steps)
{
    (void)host;
    step_words(steps, STEP_COMMAND, ((const struct hvsh_check *)check->arg)->fix);
}

static struct check *adopt(const struct hvsh_check *foreign)
{
    struct check *check = g_new0(struct check, 1);

    check->id = foreign->id;
    check->area = foreign->area ? foreign->area : "other";
    check->profiles = foreign->profiles ? foreign->profiles : PROFILE_ALL;
    check->what = foreign->what ? foreign->what : foreign->id;
    check->why = foreign->why ? foreign->why : "";
    check->cure = foreign->cure;
    check->run = run_foreign;
    check->fix = foreign->fix ? fix_foreign : NULL;
    check->arg = foreign;
    return check;
}

GPtrArray *check_list(hvsh_call *call)
{
    GPtrArray *checks = g_ptr_array_new();

    for (const struct check *const *table = all_checks; *table; table++)
        for (const struct check *check = *table; check->id; check++)
            g_ptr_array_add(checks, (void *)check);
    /* an own one keeps its name */
    for (const struct hvsh_check *const *foreign = call ? hvsh_checks(call) : NULL; foreign && *foreign; foreign++)
        if (!check_find(checks, (*foreign)->id))
            g_ptr_array_add(checks, hvsh_defer(call, adopt(*foreign), g_free));
    return checks;
}

const struct check *check_find(const GPtrArray *checks, const char *id)
{
    for (guint i = 0; i < checks->len; i++) {
        const struct check *check = checks->pdata[i];
        if (g_str_equal(check->id, id))
            return check;
    }
    return NULL;
}

/* ---- the host ---- */

struct host *host_open(const char *root, unsigned int profile)
{
    struct host *host = g_new0(struct host, 1);

    host->root = g_strdup(root ? root : "");
    while (*host->root && host->root[strlen(host->root) - 1] == '/')
        host->root[strlen(host->root) - 1] = '\0';
    host->profile = profile;
    host->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, file_free);
    return host;
}

bool host_is_here(const struct host *host)
{
    return !*host->root;
}

void host_forget(struct host *host)
{
    if (host->cpu) {
        g_free(host->cpu->vendor);
        g_free(host->cpu->model);
        g_hash_table_destroy(host->cpu->flags);
        g_clear_pointer(&host->cpu, g_free);
    }
    memset(&host->kvm, 0, sizeof host->kvm);
    g_hash_table_remove_all(host->files);
    g_clear_pointer(&host->packages, packages_free);
    g_clear_pointer(&host->units, g_ptr_array_unref);
    g_clear_pointer(&host->bus, dbus_close);
    g_clear_pointer(&host->bus_reason, g_free);
}

void host_close(struct host *host)
{
    if (!host)
        return;
    host_forget(host);
    g_hash_table_destroy(host->files);
    g_free(host->root);
    g_free(host);
}

GDBusConnection *host_bus(struct host *host, char **reason)
{
    g_autoptr(GError) error = NULL;

    if (!host->bus && !host->bus_reason && !(host->bus = dbus_open(*host->root ? host->root : NULL, &error)))
        host->bus_reason = g_strdup(dbus_reason(error));
    if (!host->bus)
        *reason = g_strdup(host->bus_reason);
    return host->bus;
}

/* ---- what was found ---- */

void result_clear(struct result *result)
{
    g_clear_pointer(&result->evidence, g_free);
    g_clear_pointer(&result->cure, g_free);
}

void found(struct result *result, enum severity severity, const char *format, ...)
{
    va_list list;

    g_free(result->evidence);
    va_start(list, format);
    result->evidence = g_strdup_vprintf(format, list);
    va_end(list);
    result->severity = severity;
    result->unsure = false;
}

void unsure(struct result *result, const char *format, ...)
{
    va_list list;

    g_free(result->evidence);
    va_start(list, format);
    g_autofree char *text = g_strdup_vprintf(format, list);
    va_end(list);
    result->evidence = g_strconcat("cannot tell: ", text, NULL);
    result->severity = NOTE;
    result->unsure = true;
}

void cure(struct result *result, const char *format, ...)
{
    va_list list;

    g_free(result->cure);
    va_start(list, format);
    result->cure = g_strdup_vprintf(format, list);
    va_end(list);
}

void check_run(struct host *host, const struct check *check, struct result *result)
{
    *result = (struct result){ .severity = NOTE };
    if (g_str_equal(check->area, "pair") && !host->pair)
        unsure(result, "no other host is named: host-check --peer URI asks both");
    else
        check->run(host, check, result);
    /* all that is asked for needs it: it is no matter of taste */
    if (result->severity == WARN && !(host->profile & ~check->needs))
        result->severity = FAIL;
    /* where it could not tell, the check's own text does not fit, but what it says of this very case may */
    if (result->severity == PASS)
        g_clear_pointer(&result->cure, g_free);
    else if (!result->unsure && !result->cure && check->cure)
        result->cure = g_strdup(check->cure);
}
