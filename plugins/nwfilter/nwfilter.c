/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nwfilter.c - network filters, and what they are bound to: virsh's group "filter". */
#include "object.h"
#include <glib.h>
#include <stdlib.h>
#include <strings.h>

#define NWFILTER(s) HVSH_NWFILTER(s, nwfilter, "network filter name or uuid", .flags = HVSH_REQUIRED)

struct only_filter { virNWFilterPtr nwfilter; };
static const struct hvsh_field only_filter[] = { NWFILTER(struct only_filter), HVSH_END };

static void free_filter(void *filter)
{
    virNWFilterFree(filter);
}

static void free_binding(void *binding)
{
    virNWFilterBindingFree(binding);
}

static const char *filter_uuid(hvsh_call *call, virNWFilterPtr filter)
{
    char uuid[VIR_UUID_STRING_BUFLEN];

    return virNWFilterGetUUIDString(filter, uuid) < 0 ? NULL : hvsh_printf(call, "%s", uuid);
}

/* ---- nwfilter-list ---- */

struct filter_row { const char *uuid, *name; };

static const struct hvsh_field filter_row[] = {
    HVSH_TEXT(struct filter_row, uuid, "uuid", .label = "UUID"),
    HVSH_TEXT(struct filter_row, name, "name", .label = "Name"),
    HVSH_END
};

static const struct hvsh_shape filters_shape = { .name = "filters", .kind = HVSH_TABLE, HVSH_ROW(filter_row) };

static int by_name(const void *a, const void *b)
{
    return strcasecmp(((const struct filter_row *)a)->name, ((const struct filter_row *)b)->name);
}

static int list_run(hvsh_call *call, const void *p)
{
    virConnectPtr connection = hvsh_connection(call);
    virNWFilterPtr *filters = NULL;
    struct filter_row *rows;
    int count;

    (void)p;
    if (!connection)
        return -1;
    count = virConnectListAllNWFilters(connection, &filters, 0);
    if (count < 0)
        return hvsh_fail_virt(call, "Failed to %s network filters", virGetLastErrorCode() == VIR_ERR_NO_SUPPORT ? "count" : "list");
    hvsh_own_text(call, (char *)filters);
    rows = hvsh_defer(call, g_new0(struct filter_row, count + 1), g_free);
    for (int i = 0; i < count; i++) {
        hvsh_defer(call, filters[i], free_filter);
        rows[i] = (struct filter_row){ filter_uuid(call, filters[i]), virNWFilterGetName(filters[i]) };
    }
    qsort(rows, (size_t)count, sizeof(*rows), by_name);
    for (int i = 0; i < count; i++)
        if (hvsh_emit(call, &filters_shape, &rows[i]) < 0)
            return -1;
    return 0;
}

static const struct hvsh_command nwfilter_list = {
    .name = "nwfilter-list",
    .group = "filter",
    .help = "list network filters",
    .shapes = HVSH_SHAPES(&filters_shape),
    .examples = HVSH_EXAMPLES({ "nwfilter-list", "all that are defined", HVSH_ON_LIVE }),
    .run = list_run,
};

/* ---- nwfilter-define, nwfilter-undefine ---- */

struct define_args { const char *file; unsigned int flags; };

static const struct hvsh_field define_args[] = {
    HVSH_XML(struct define_args, file, "file with the XML of the filter", .flags = HVSH_REQUIRED),
    HVSH_BIT(struct define_args, flags, "validate", VIR_NWFILTER_DEFINE_VALIDATE, "check the XML against the schema"),
    HVSH_END
};

OBJECT_MESSAGE(defined, "Network filter {name} defined from {file}");

static virNWFilterPtr define(virConnectPtr connection, const char *xml, unsigned int flags)
{
    return flags ? virNWFilterDefineXMLFlags(connection, xml, flags) : virNWFilterDefineXML(connection, xml);
}

static int define_run(hvsh_call *call, const void *p)
{
    const struct define_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    const char *file = hvsh_text(call, "file");
    virNWFilterPtr filter;

    if (!connection)
        return -1;
    filter = hvsh_defer(call, define(connection, args->file, args->flags), free_filter);
    if (!filter)
        return hvsh_fail_virt(call, "Failed to define network filter from %s", file);
    return object_say(call, &defined, virNWFilterGetName(filter), filter_uuid(call, filter), file);
}

static const struct hvsh_command nwfilter_define = {
    .name = "nwfilter-define",
    .group = "filter",
    .help = "define or update a network filter from an XML file",
    .description = "Make a filter known, or change it: guests that run with it get the new rules at once.",
    HVSH_ARGS(define_args),
    .shapes = HVSH_SHAPES(&defined),
    .examples = HVSH_EXAMPLES({ "nwfilter-define no-smtp.xml", "a filter that guests can have", HVSH_MATCH_ONLY }),
    .run = define_run,
};

OBJECT_MESSAGE(undefined, "Network filter {given} undefined");

static int undefine_run(hvsh_call *call, const void *p)
{
    virNWFilterPtr filter = ((const struct only_filter *)p)->nwfilter;

    if (virNWFilterUndefine(filter) < 0)
        return hvsh_fail_virt(call, "Failed to undefine network filter %s", hvsh_text(call, "nwfilter"));
    return object_say_given(call, &undefined, virNWFilterGetName(filter), filter_uuid(call, filter), "nwfilter");
}

static const struct hvsh_command nwfilter_undefine = {
    .name = "nwfilter-undefine",
    .group = "filter",
    .help = "undefine a network filter",
    .description = "Forget a filter. One that a running guest uses is kept, with an error.",
    HVSH_ARGS(only_filter),
    .shapes = HVSH_SHAPES(&undefined),
    .examples = HVSH_EXAMPLES({ "nwfilter-undefine no-smtp", "forget it", HVSH_MATCH_ONLY }),
    .run = undefine_run,
};

/* ---- nwfilter-dumpxml, nwfilter-edit ---- */

struct dumpxml_args { virNWFilterPtr nwfilter; struct xml_choice xml; };

static const struct hvsh_field dumpxml_args[] = { NWFILTER(struct dumpxml_args), OBJECT_XML_ROWS(struct dumpxml_args), HVSH_END };

static int dumpxml_run(hvsh_call *call, const void *p)
{
    const struct dumpxml_args *args = p;

    return object_xml(call, virNWFilterGetXMLDesc(args->nwfilter, 0), &args->xml);
}

static const struct hvsh_command nwfilter_dumpxml = {
    .name = "nwfilter-dumpxml",
    .group = "filter",
    .help = "network filter information in XML",
    HVSH_ARGS(dumpxml_args),
    .shapes = HVSH_SHAPES(&xml_shape),
    .examples = HVSH_EXAMPLES({ "nwfilter-dumpxml clean-traffic", "its rules", HVSH_ON_LIVE }),
    .run = dumpxml_run,
};

static char *edit_get(hvsh_call *call, void *arg)
{
    char *text = virNWFilterGetXMLDesc(arg, 0);

    if (!text)
        hvsh_fail_libvirt(call);
    return text;
}

static int edit_apply(hvsh_call *call, const char *text, bool validate, void *arg)
{
    virNWFilterPtr filter = virNWFilterDefineXML(hvsh_connection(call), text);

    (void)validate;
    (void)arg;
    if (!filter)
        return hvsh_fail_libvirt(call);
    hvsh_defer(call, filter, free_filter);
    return 0;
}

static int edit_run(hvsh_call *call, const void *p)
{
    virNWFilterPtr filter = ((const struct only_filter *)p)->nwfilter;
    const struct hvsh_edit edit = {
        .what = hvsh_printf(call, "Network filter %s XML configuration", virNWFilterGetName(filter)),
        .get = edit_get,
        .apply = edit_apply,
        .arg = filter,
    };

    return hvsh_edit(call, &edit);
}

static const struct hvsh_command nwfilter_edit = {
    .name = "nwfilter-edit",
    .group = "filter",
    .help = "edit XML configuration for a network filter",
    .description = "Open the filter in $VISUAL, $EDITOR or vi, and define what was saved: guests that run with it get the new rules at once.",
    HVSH_ARGS(only_filter),
    .examples = HVSH_EXAMPLES({ "nwfilter-edit no-smtp", "change its rules", HVSH_MATCH_ONLY }),
    .run = edit_run,
    .flags = HVSH_TERMINAL,
};

/* ---- nwfilter-binding-list ---- */

struct binding_row { const char *port, *filter; };

static const struct hvsh_field binding_row[] = {
    HVSH_TEXT(struct binding_row, port, "the guest's interface on the host", .label = "Port Dev"),
    HVSH_TEXT(struct binding_row, filter, "the filter", .label = "Filter"),
    HVSH_END
};

static const struct hvsh_shape bindings_shape = { .name = "bindings", .kind = HVSH_TABLE, HVSH_ROW(binding_row) };

/* The bindings, the call's; their number or -1. */
static int all_bindings(hvsh_call *call, virConnectPtr connection, virNWFilterBindingPtr **bindings)
{
    int count;

    *bindings = NULL;
    count = virConnectListAllNWFilterBindings(connection, bindings, 0);
    hvsh_own_text(call, (char *)*bindings);
    for (int i = 0; i < count; i++)
        hvsh_defer(call, (*bindings)[i], free_binding);
    return count;
}

static int by_port(const void *a, const void *b)
{
    return strcasecmp(((const struct binding_row *)a)->port, ((const struct binding_row *)b)->port);
}

static int binding_list_run(hvsh_call *call, const void *p)
{
    virConnectPtr connection = hvsh_connection(call);
    virNWFilterBindingPtr *bindings;
    struct binding_row *rows;
    int count;

    (void)p;
    if (!connection)
        return -1;
    count = all_bindings(call, connection, &bindings);
    if (count < 0)
        return hvsh_fail_virt(call, "Failed to list network filter bindings");
    rows = hvsh_defer(call, g_new0(struct binding_row, count + 1), g_free);
    for (int i = 0; i < count; i++)
        rows[i] = (struct binding_row){ virNWFilterBindingGetPortDev(bindings[i]), virNWFilterBindingGetFilterName(bindings[i]) };
    qsort(rows, (size_t)count, sizeof(*rows), by_port);
    for (int i = 0; i < count; i++)
        if (hvsh_emit(call, &bindings_shape, &rows[i]) < 0)
            return -1;
    return 0;
}

static const struct hvsh_command nwfilter_binding_list = {
    .name = "nwfilter-binding-list",
    .group = "filter",
    .help = "list network filter bindings",
    .description = "Which interface of a running guest is under which filter.",
    .shapes = HVSH_SHAPES(&bindings_shape),
    .examples = HVSH_EXAMPLES({ "nwfilter-binding-list", "all interfaces under a filter", HVSH_ON_LIVE }),
    .run = binding_list_run,
};

/* ---- nwfilter-binding-create, -dumpxml, -delete ---- */

static const struct hvsh_field binding_create_args[] = {
    HVSH_XML(struct define_args, file, "file with the XML of the binding", .flags = HVSH_REQUIRED),
    HVSH_BIT(struct define_args, flags, "validate", VIR_NWFILTER_BINDING_CREATE_VALIDATE, "check the XML against the schema"),
    HVSH_END
};

OBJECT_MESSAGE(bound, "Network filter binding on {name} created from {file}");

static int binding_create_run(hvsh_call *call, const void *p)
{
    const struct define_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    const char *file = hvsh_text(call, "file");
    virNWFilterBindingPtr binding;

    if (!connection)
        return -1;
    binding = hvsh_defer(call, virNWFilterBindingCreateXML(connection, args->file, args->flags), free_binding);
    if (!binding)
        return hvsh_fail_virt(call, "Failed to create network filter from %s", file);
    return object_say(call, &bound, virNWFilterBindingGetPortDev(binding), NULL, file);
}

static const struct hvsh_command nwfilter_binding_create = {
    .name = "nwfilter-binding-create",
    .group = "filter",
    .help = "create a network filter binding from an XML file",
    .description = "Put an interface under a filter. libvirt does that for its guests itself; this is for other interfaces.",
    .args = binding_create_args,
    .args_size = sizeof(struct define_args),
    .shapes = HVSH_SHAPES(&bound),
    .examples = HVSH_EXAMPLES({ "nwfilter-binding-create vnet7.xml", "an interface under a filter", HVSH_MATCH_ONLY }),
    .run = binding_create_run,
};

struct binding_args { const char *binding; struct xml_choice xml; };

static int offer_bindings(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    virConnectPtr connection = hvsh_connection(call);
    virNWFilterBindingPtr *bindings;
    int count = connection ? all_bindings(call, connection, &bindings) : 0;

    (void)field;
    for (int i = 0; i < count; i++)
        if (g_str_has_prefix(virNWFilterBindingGetPortDev(bindings[i]), start))
            hvsh_offer(call, virNWFilterBindingGetPortDev(bindings[i]), virNWFilterBindingGetFilterName(bindings[i]));
    return 0;
}

#define BINDING HVSH_TEXT(struct binding_args, binding, "the interface that is under a filter", .flags = HVSH_REQUIRED, .offer = offer_bindings)

static const struct hvsh_field binding_dumpxml_args[] = { BINDING, OBJECT_XML_ROWS(struct binding_args), HVSH_END };
static const struct hvsh_field binding_delete_args[] = { BINDING, HVSH_END };

static virNWFilterBindingPtr find_binding(hvsh_call *call, const char *port)
{
    virConnectPtr connection = hvsh_connection(call);
    virNWFilterBindingPtr binding = connection ? virNWFilterBindingLookupByPortDev(connection, port) : NULL;

    if (connection && !binding)
        hvsh_fail_virt(call, "failed to get nwfilter binding '%s'", port);
    return hvsh_defer(call, binding, free_binding);
}

static int binding_dumpxml_run(hvsh_call *call, const void *p)
{
    const struct binding_args *args = p;
    virNWFilterBindingPtr binding = find_binding(call, args->binding);

    return binding ? object_xml(call, virNWFilterBindingGetXMLDesc(binding, 0), &args->xml) : -1;
}

static const struct hvsh_command nwfilter_binding_dumpxml = {
    .name = "nwfilter-binding-dumpxml",
    .group = "filter",
    .help = "network filter binding information in XML",
    .args = binding_dumpxml_args,
    .args_size = sizeof(struct binding_args),
    .shapes = HVSH_SHAPES(&xml_shape),
    .examples = HVSH_EXAMPLES({ "nwfilter-binding-dumpxml vnet0", "filter and parameters of the interface", HVSH_MATCH_ONLY }),
    .run = binding_dumpxml_run,
};

OBJECT_MESSAGE(unbound, "Network filter binding on {name} deleted");

static int binding_delete_run(hvsh_call *call, const void *p)
{
    const struct binding_args *args = p;
    virNWFilterBindingPtr binding = find_binding(call, args->binding);

    if (!binding)
        return -1;
    if (virNWFilterBindingDelete(binding) < 0)
        return hvsh_fail_virt(call, "Failed to delete network filter binding on %s", args->binding);
    return object_say(call, &unbound, args->binding, NULL, NULL);
}

static const struct hvsh_command nwfilter_binding_delete = {
    .name = "nwfilter-binding-delete",
    .group = "filter",
    .help = "delete a network filter binding",
    .description = "Take the filter off an interface: from then on everything passes.",
    .args = binding_delete_args,
    .args_size = sizeof(struct binding_args),
    .shapes = HVSH_SHAPES(&unbound),
    .examples = HVSH_EXAMPLES({ "nwfilter-binding-delete vnet7", "no filter any more", HVSH_MATCH_ONLY }),
    .run = binding_delete_run,
};

static const struct hvsh_command *const commands[] = {
    &nwfilter_list, &nwfilter_define, &nwfilter_undefine, &nwfilter_dumpxml, &nwfilter_edit, &nwfilter_binding_list,
    &nwfilter_binding_create, &nwfilter_binding_dumpxml, &nwfilter_binding_delete, NULL
};

HVSH_PLUGIN(
    .name = "nwfilter",
    .version = "1",
    .summary = "network filters, and the interfaces under them",
    .commands = commands);
