/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cpu.c - processors compared and combined: cpu-compare, cpu-baseline and their hypervisor- kin */
#include <stdlib.h>
#include <string.h>
#include "node.h"

/*
 * The <cpu> elements of a file: bare ones, those of domains, of host capabilities, and the host-model of domain capabilities (as <cpu>); the
 * file may hold several documents. NULL-terminated, owned by the call; NULL after hvsh_fail().
 */
static const char **cpus_of(hvsh_call *call, const char *text)
{
    const char *file = hvsh_text(call, "file");
    g_autoptr(GRegex) heads = g_regex_new("<\\?xml[^>]*>|<!DOCTYPE[^>]*>", 0, 0, NULL);
    g_autofree char *body = g_regex_replace_literal(heads, text, -1, 0, "", 0, NULL);
    g_autofree char *whole = g_strconcat("<container>", body, "</container>", NULL);
    struct xml *xml = xml_parse(call, whole, hvsh_printf(call, "file '%s'", file));
    struct xml_nodes nodes;
    const char **cpus;

    if (!xml)
        return NULL;
    nodes = xml_find(xml, NULL,
                     "/container/cpu|/container/domain/cpu|/container/capabilities/host/cpu|"
                     "/container/domainCapabilities/cpu/mode[@name='host-model' and @supported='yes']");
    if (!nodes.count) {
        hvsh_fail(call, "File '%s' does not contain any <cpu> element or valid domain XML, host capabilities XML, or domain capabilities XML",
                  file);
        return NULL;
    }
    cpus = hvsh_defer(call, g_new0(const char *, nodes.count + 1), g_free);
    for (size_t i = 0; i < nodes.count; i++) {
        if (xmlStrEqual(nodes.items[i]->name, BAD_CAST "mode")) {
            xmlNodeSetName(nodes.items[i], BAD_CAST "cpu");
            while (nodes.items[i]->properties)
                xmlRemoveProp(nodes.items[i]->properties);
        }
        cpus[i] = xml_write(xml, nodes.items[i]);
        if (!cpus[i])
            return NULL;
    }
    return cpus;
}

/* ---- compare ---- */

struct compare_args {
    const char *file, *virttype, *emulator, *arch, *machine;
    unsigned int flags;
};

#define COMPARE_BITS \
    HVSH_BIT(struct compare_args, flags, "error", VIR_CONNECT_COMPARE_CPU_FAIL_INCOMPATIBLE, "it is an error when the CPUs do not go together"), \
    HVSH_BIT(struct compare_args, flags, "validate", VIR_CONNECT_COMPARE_CPU_VALIDATE_XML, "check the XML against its schema")
#define HYPERVISOR_ROWS(s) \
    HVSH_TEXT(s, virttype, "virtualization type (/domain/@type)", .offer = offer_domain_types), \
    HVSH_TEXT(s, emulator, "path to the emulator (/domain/devices/emulator)", .offer = offer_emulators), \
    HVSH_TEXT(s, arch, "architecture (/domain/os/type/@arch)", .offer = offer_archs), \
    HVSH_TEXT(s, machine, "machine type (/domain/os/type/@machine)", .offer = offer_machines)

static const struct hvsh_field cpu_compare_args[] = {
    HVSH_XML(struct compare_args, file, "file with an XML CPU description", .flags = HVSH_REQUIRED),
    COMPARE_BITS,
    HVSH_END
};

static const struct hvsh_field hypervisor_cpu_compare_args[] = {
    HVSH_XML(struct compare_args, file, "file with an XML CPU description", .flags = HVSH_REQUIRED),
    HYPERVISOR_ROWS(struct compare_args),
    COMPARE_BITS,
    HVSH_END
};

struct compare_row { const char *file, *verdict, *text; };

static const struct hvsh_field compare_row[] = {
    HVSH_TEXT(struct compare_row, file, "the file"),
    HVSH_TEXT(struct compare_row, verdict, "identical, superset (the host can more) or incompatible"),
    HVSH_TEXT(struct compare_row, text, "the sentence", .flags = HVSH_HIDE),
    HVSH_END
};

static const struct hvsh_shape compare_shape = { .name = "compare", .kind = HVSH_MESSAGE, HVSH_ROW(compare_row), .text = "{text}" };

/* `host` names the other side as the sentences need it. */
static int verdict(hvsh_call *call, int answer, bool hypervisor)
{
    const char *file = hvsh_text(call, "file"), *whole = hypervisor ? "the CPU provided by hypervisor on the host" : "host CPU";
    struct compare_row row = { .file = file };

    switch (answer) {
    case VIR_CPU_COMPARE_INCOMPATIBLE:
        row.verdict = "incompatible";
        row.text = hvsh_printf(call, "CPU described in %s is incompatible with %s", file, whole);
        break;
    case VIR_CPU_COMPARE_IDENTICAL:
        row.verdict = "identical";
        row.text = hvsh_printf(call, "CPU described in %s is identical to %s", file, whole);
        break;
    case VIR_CPU_COMPARE_SUPERSET:
        row.verdict = "superset";
        row.text = hypervisor ? hvsh_printf(call, "The CPU provided by hypervisor on the host is a superset of CPU described in %s", file)
                              : hvsh_printf(call, "Host CPU is a superset of CPU described in %s", file);
        break;
    default:
        return hvsh_fail_virt(call, "Failed to compare %s with %s", hypervisor ? "hypervisor CPU" : "host CPU", file);
    }
    if (hvsh_emit(call, &compare_shape, &row) < 0)
        return -1;
    return hvsh_exit(call, answer == VIR_CPU_COMPARE_INCOMPATIBLE);
}

static int cpu_compare_run(hvsh_call *call, const void *p)
{
    const struct compare_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    const char **cpus = connection ? cpus_of(call, args->file) : NULL;

    return cpus ? verdict(call, virConnectCompareCPU(connection, cpus[0], args->flags), false) : -1;
}

static int hypervisor_cpu_compare_run(hvsh_call *call, const void *p)
{
    const struct compare_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    const char **cpus = connection ? cpus_of(call, args->file) : NULL;

    if (!cpus)
        return -1;
    return verdict(call, virConnectCompareHypervisorCPU(connection, args->emulator, args->arch, args->machine, args->virttype, cpus[0],
                                                        args->flags), true);
}

const struct hvsh_command cpu_compare_command = {
    .name = "cpu-compare", .group = "host", .help = "compare the host's CPU with one described in XML",
    .args = cpu_compare_args, .args_size = sizeof(struct compare_args),
    .shapes = HVSH_SHAPES(&compare_shape),
    .examples = HVSH_EXAMPLES({ "cpu-compare cpu.xml", "can a guest with that CPU run here", HVSH_MATCH_ONLY }),
    .run = cpu_compare_run,
    .exit_status = "1 when the CPUs do not go together.",
};

const struct hvsh_command hypervisor_cpu_compare_command = {
    .name = "hypervisor-cpu-compare", .group = "host", .help = "compare the CPU that the hypervisor gives with one described in XML",
    .args = hypervisor_cpu_compare_args, .args_size = sizeof(struct compare_args),
    .shapes = HVSH_SHAPES(&compare_shape),
    .examples = HVSH_EXAMPLES({ "hypervisor-cpu-compare cpu.xml --virttype kvm", "can a guest with that CPU run here", HVSH_MATCH_ONLY }),
    .run = hypervisor_cpu_compare_run,
    .exit_status = "1 when the CPUs do not go together.",
};

/* ---- baseline ---- */

struct baseline_args {
    const char *file, *virttype, *emulator, *arch, *machine, *model;
    unsigned int flags;
};

#define BASELINE_BITS \
    HVSH_BIT(struct baseline_args, flags, "features", VIR_CONNECT_BASELINE_CPU_EXPAND_FEATURES, "show the features that the model brings"), \
    HVSH_BIT(struct baseline_args, flags, "migratable", VIR_CONNECT_BASELINE_CPU_MIGRATABLE, "leave out features that prevent migration")

static const struct hvsh_field cpu_baseline_args[] = {
    HVSH_XML(struct baseline_args, file, "file with XML CPU descriptions", .flags = HVSH_REQUIRED),
    BASELINE_BITS,
    HVSH_END
};

static const struct hvsh_field hypervisor_cpu_baseline_args[] = {
    HVSH_XML(struct baseline_args, file, "file with XML CPU descriptions"),
    HYPERVISOR_ROWS(struct baseline_args),
    BASELINE_BITS,
    HVSH_TEXT(struct baseline_args, model, "a CPU model, in place of a file", .offer = offer_cpu_models),
    HVSH_BIT(struct baseline_args, flags, "ignore-host", 1 << 2, "also what the host itself cannot (libvirt 11.6)", .flags = LATER_ARG(11, 6)),
    HVSH_EXCLUDES("file", "model"),
    HVSH_END
};

static unsigned int count_of(const char *const *list)
{
    unsigned int n = 0;

    while (list[n])
        n++;
    return n;
}

static int baseline(hvsh_call *call, char *xml)
{
    if (!xml)
        return hvsh_fail_libvirt(call);
    return object_text(call, &bare_shape, hvsh_own_text(call, xml));
}

static int cpu_baseline_run(hvsh_call *call, const void *p)
{
    const struct baseline_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    const char **cpus = connection ? cpus_of(call, args->file) : NULL;

    return cpus ? baseline(call, virConnectBaselineCPU(connection, cpus, count_of(cpus), args->flags)) : -1;
}

static int hypervisor_cpu_baseline_run(hvsh_call *call, const void *p)
{
    const struct baseline_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    const char *one[2] = { NULL, NULL }, **cpus = one;

    if (!connection || later_option(call, "ignore-host", 11, 6) < 0)
        return -1;
    if (args->model) {
        g_autofree char *model = g_markup_escape_text(args->model, -1);
        one[0] = hvsh_printf(call, "<cpu><model>%s</model></cpu>", model);
    } else if (!args->file) {
        return hvsh_fail(call, "Either --file or --model must be provided");
    } else if (!(cpus = cpus_of(call, args->file))) {
        return -1;
    }
    return baseline(call, virConnectBaselineHypervisorCPU(connection, args->emulator, args->arch, args->machine, args->virttype, cpus,
                                                          count_of(cpus), args->flags));
}

const struct hvsh_command cpu_baseline_command = {
    .name = "cpu-baseline", .group = "host", .help = "the CPU that several hosts have in common",
    .args = cpu_baseline_args, .args_size = sizeof(struct baseline_args),
    .shapes = HVSH_SHAPES(&bare_shape),
    .examples = HVSH_EXAMPLES({ "cpu-baseline hosts.xml --migratable", "a CPU for guests that move between them", HVSH_MATCH_ONLY }),
    .run = cpu_baseline_run,
};

const struct hvsh_command hypervisor_cpu_baseline_command = {
    .name = "hypervisor-cpu-baseline", .group = "host", .help = "the CPU that several hosts' hypervisors have in common",
    .args = hypervisor_cpu_baseline_args, .args_size = sizeof(struct baseline_args),
    .shapes = HVSH_SHAPES(&bare_shape),
    .examples = HVSH_EXAMPLES({ "hypervisor-cpu-baseline hosts.xml --virttype kvm", "a CPU for guests that move between them", HVSH_MATCH_ONLY }),
    .run = hypervisor_cpu_baseline_run,
};

/* ---- hypervisor-cpu-models ---- */

struct models_args { const char *virttype, *emulator, *arch, *machine; bool all; };

static const struct hvsh_field models_args[] = {
    HYPERVISOR_ROWS(struct models_args),
    HVSH_FLAG(struct models_args, all, "also those that this host's CPU cannot be"),
    HVSH_END
};

struct model_row { const char *name; bool usable; const char *vendor; };

static const struct hvsh_field model_row[] = {
    HVSH_TEXT(struct model_row, name, "name of the model"),
    HVSH_FLAG(struct model_row, usable, "can a guest have it here?"),
    HVSH_TEXT(struct model_row, vendor, "whose CPUs it is like"),
    HVSH_END
};

static const struct hvsh_shape models_shape = { .name = "models", .kind = HVSH_LINES, HVSH_ROW(model_row), .text = "{name}" };

static int models_run(hvsh_call *call, const void *p)
{
    const struct models_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    char *text = connection ? virConnectGetDomainCapabilities(connection, args->emulator, args->arch, args->machine, args->virttype, 0) : NULL;
    struct xml *xml;
    struct xml_nodes models;

    if (!text)
        return connection ? hvsh_fail_virt(call, "failed to get the CPU models of the hypervisor") : -1;
    if (!(xml = xml_take(call, text, "the capabilities of the hypervisor")))
        return -1;
    models = xml_find(xml, NULL, "/domainCapabilities/cpu/mode[@name = 'custom']/model");
    hvsh_begin(call, &models_shape);
    for (size_t i = 0; i < models.count; i++) {
        struct model_row row = { xml_text(xml, models.items[i], "."), g_strcmp0(xml_text(xml, models.items[i], "@usable"), "yes") == 0,
                                 xml_text(xml, models.items[i], "@vendor") };

        if ((row.usable || args->all) && hvsh_emit(call, &models_shape, &row) < 0)
            return -1;
    }
    return 0;
}

const struct hvsh_command hypervisor_cpu_models_command = {
    .name = "hypervisor-cpu-models", .group = "host", .help = "the CPU models that guests can have with this hypervisor",
    .description = "The names for a guest's cpu element that work with this host's CPU; cpu-models has all that libvirt knows of.",
    HVSH_ARGS(models_args),
    .shapes = HVSH_SHAPES(&models_shape),
    .examples = HVSH_EXAMPLES({ "hypervisor-cpu-models --all", "all that the hypervisor knows", HVSH_ON_LIVE }),
    .run = models_run,
};
