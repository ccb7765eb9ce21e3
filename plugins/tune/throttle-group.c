/* SPDX-License-Identifier: GPL-3.0-or-later */
/* throttle-group.c - limits that several disks of a guest share: domthrottlegroupset, -del, -info, -list. Libvirt 11.2 has them. */
#include "throttle.h"
#include "xml.h"

#define GROUPS "/domain/throttlegroups/throttlegroup"

static struct xml *domain_document(hvsh_call *call, virDomainPtr domain, unsigned int affect)
{
    return xml_take(call, virDomainGetXMLDesc(domain, affect & VIR_DOMAIN_AFFECT_CONFIG ? VIR_DOMAIN_XML_INACTIVE : 0), "the XML of the domain");
}

static int offer_groups(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    const virDomainPtr *domain = hvsh_peer(call, "domain");
    struct xml *xml = domain && *domain ? domain_document(call, *domain, 0) : NULL;
    struct xml_nodes groups = { NULL, 0 };

    (void)field;
    if (xml)
        groups = xml_find(xml, NULL, GROUPS "/group_name");
    for (size_t i = 0; i < groups.count; i++) {
        const char *name = xml_text(xml, groups.items[i], ".");

        if (name && g_str_has_prefix(name, start))
            hvsh_offer(call, name, NULL);
    }
    return xml ? 0 : -1;
}

#define GROUP_ROW HVSH_TEXT(struct throttle_args, group_name, "name of the group", .name = "group", .flags = HVSH_REQUIRED, .scope = "domain", \
                            .offer = offer_groups)

/* ---- domthrottlegroupset ---- */

static const struct hvsh_field set_args[] = {
    DOMAIN(struct throttle_args),
    GROUP_ROW,
    THROTTLE_LIMITS,
    THROTTLE_BURSTS,
    HVSH_AFFECT(struct throttle_args, flags),
    HVSH_END
};

static int set_run(hvsh_call *call, const void *p)
{
    const struct throttle_args *args = p;
    virTypedParameterPtr params;
    int count;

    if (later_needs(call, "domthrottlegroupset", 11, 2) < 0 || hvsh_params(call, &params, &count) < 0)
        return -1;
    if (count == 0)
        return hvsh_fail(call, "no limit for throttle group '%s' is given: --total-iops-sec 500, for example", args->group_name);
#if LIBVIR_CHECK_VERSION(11, 2, 0)
    if (virDomainSetThrottleGroup(args->domain, args->group_name, params, count, args->flags) < 0)
        return hvsh_fail_virt(call, "Unable to change throttle group");
#endif
    return 0;
}

const struct hvsh_command COMMAND(throttlegroupset) = {
    .name = "domthrottlegroupset", .group = "domain", .help = "make or change a group of throttles",
    .description = "Disks that belong to the group (attach-disk --throttle-groups) may together do so much in a second. Needs libvirt 11.2.",
    .args = set_args, .args_size = sizeof(struct throttle_args),
    .examples = HVSH_EXAMPLES({"domthrottlegroupset web1 slow --total-iops-sec 500", "500 operations a second for all of them", HVSH_MATCH_ONLY}),
    .run = set_run,
    .flags = LATER_COMMAND(11, 2),
};

/* ---- domthrottlegroupdel, -info, -list ---- */

static const struct hvsh_field group_args[] = {
    DOMAIN(struct throttle_args),
    GROUP_ROW,
    HVSH_AFFECT(struct throttle_args, flags),
    HVSH_END
};

static int del_run(hvsh_call *call, const void *p)
{
    const struct throttle_args *args = p;

    if (later_needs(call, "domthrottlegroupdel", 11, 2) < 0)
        return -1;
#if LIBVIR_CHECK_VERSION(11, 2, 0)
    if (virDomainDelThrottleGroup(args->domain, args->group_name, args->flags) < 0)
        return hvsh_fail_virt(call, "Unable to delete throttle group");
#else
    (void)args;
#endif
    return 0;
}

const struct hvsh_command COMMAND(throttlegroupdel) = {
    .name = "domthrottlegroupdel", .group = "domain", .help = "remove a group of throttles",
    .description = "The group must be without disks. Needs libvirt 11.2.",
    .args = group_args, .args_size = sizeof(struct throttle_args),
    .examples = HVSH_EXAMPLES({"domthrottlegroupdel web1 slow", "no longer", HVSH_MATCH_ONLY}),
    .run = del_run,
    .flags = LATER_COMMAND(11, 2),
};

static int info_run(hvsh_call *call, const void *p)
{
    const struct throttle_args *args = p;
    struct params_list *list = params_list(call);
    struct xml *xml;
    struct xml_nodes groups, limits = { NULL, 0 };

    if (later_needs(call, "domthrottlegroupinfo", 11, 2) < 0 || !(xml = domain_document(call, args->domain, args->flags)))
        return -1;
    groups = xml_find(xml, NULL, GROUPS);
    for (size_t i = 0; i < groups.count && !limits.count; i++)
        if (g_strcmp0(xml_text(xml, groups.items[i], "group_name"), args->group_name) == 0)
            limits = xml_find(xml, groups.items[i], "*[name() != 'group_name']");
    if (!limits.count)
        return hvsh_fail(call, "domain '%s' has no throttle group '%s'", virDomainGetName(args->domain), args->group_name);
    for (size_t i = 0; i < limits.count; i++)
        virTypedParamsAddFromString(&list->items, &list->count, &list->room, (const char *)limits.items[i]->name, VIR_TYPED_PARAM_ULLONG,
                                    xml_text(xml, limits.items[i], "."));
    for (int i = 0; i < list->count; i++)
        if (param_emit(call, list->items[i].field, &list->items[i]) < 0)
            return -1;
    return 0;
}

const struct hvsh_command COMMAND(throttlegroupinfo) = {
    .name = "domthrottlegroupinfo", .group = "domain", .help = "the limits of a group of throttles",
    .description = "What the disks of the group may do together. Needs libvirt 11.2.",
    .args = group_args, .args_size = sizeof(struct throttle_args), .shapes = TUNE_SHAPES,
    .examples = HVSH_EXAMPLES({"domthrottlegroupinfo web1 slow", "what it may do", HVSH_MATCH_ONLY}),
    .run = info_run,
    .flags = LATER_COMMAND(11, 2),
};

static const struct hvsh_field list_args[] = {
    DOMAIN(struct throttle_args),
    HVSH_AFFECT(struct throttle_args, flags),
    HVSH_END
};

struct group_row { const char *name; };
static const struct hvsh_field group_row[] = {HVSH_TEXT(struct group_row, name, "name of the group", .label = "Name"), HVSH_END};
static const struct hvsh_shape groups_shape = {.name = "groups", .kind = HVSH_TABLE, HVSH_ROW(group_row)};

static int list_run(hvsh_call *call, const void *p)
{
    const struct throttle_args *args = p;
    struct xml *xml;
    struct xml_nodes groups;

    if (later_needs(call, "domthrottlegrouplist", 11, 2) < 0 || !(xml = domain_document(call, args->domain, args->flags)))
        return -1;
    groups = xml_find(xml, NULL, GROUPS "/group_name");
    for (size_t i = 0; i < groups.count; i++)
        if (hvsh_emit(call, &groups_shape, &(struct group_row){xml_text(xml, groups.items[i], ".")}) < 0)
            return -1;
    return 0;
}

const struct hvsh_command COMMAND(throttlegrouplist) = {
    .name = "domthrottlegrouplist", .group = "domain", .help = "list a guest's groups of throttles",
    .description = "Groups of disks with limits that they share. Needs libvirt 11.2.",
    .args = list_args, .args_size = sizeof(struct throttle_args), .shapes = HVSH_SHAPES(&groups_shape),
    .examples = HVSH_EXAMPLES({"domthrottlegrouplist web1", "their names", HVSH_MATCH_ONLY}),
    .run = list_run,
    .flags = LATER_COMMAND(11, 2),
};
