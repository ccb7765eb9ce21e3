/* SPDX-License-Identifier: GPL-3.0-or-later */
/* about.c - what the host and its hypervisor are: nodeinfo, version, capabilities and their like */
#include <stdlib.h>
#include <string.h>
#include "node.h"

/* Emit a text that libvirt gave (malloc'ed, NULL: failed with that sentence). */
static int say(hvsh_call *call, const struct hvsh_shape *shape, char *text, const char *failure)
{
    if (!hvsh_own_text(call, text))
        return hvsh_fail_virt(call, "%s", failure);
    return object_text(call, shape, text);
}

static int uri_run(hvsh_call *call, const void *p)
{
    virConnectPtr connection = hvsh_connection(call);

    (void)p;
    return connection ? say(call, &text_shape, virConnectGetURI(connection), "failed to get URI") : -1;
}

const struct hvsh_command uri_command = {
    .name = "uri", .group = "host", .help = "the hypervisor's address",
    .shapes = HVSH_SHAPES(&text_shape),
    .examples = HVSH_EXAMPLES({ "uri", "where the shell is connected to" }),
    .run = uri_run,
};

static int hostname_run(hvsh_call *call, const void *p)
{
    virConnectPtr connection = hvsh_connection(call);

    (void)p;
    return connection ? say(call, &text_shape, virConnectGetHostname(connection), "failed to get hypervisor hostname") : -1;
}

const struct hvsh_command hostname_command = {
    .name = "hostname", .group = "host", .help = "the hypervisor's host name",
    .shapes = HVSH_SHAPES(&text_shape),
    .examples = HVSH_EXAMPLES({ "hostname", "the name of the host" }),
    .run = hostname_run,
};

static int sysinfo_run(hvsh_call *call, const void *p)
{
    virConnectPtr connection = hvsh_connection(call);

    (void)p;
    return connection ? say(call, &bare_shape, virConnectGetSysinfo(connection, 0), "failed to get sysinfo") : -1;
}

const struct hvsh_command sysinfo_command = {
    .name = "sysinfo", .group = "host", .help = "the host's SMBIOS as XML",
    .shapes = HVSH_SHAPES(&bare_shape),
    .examples = HVSH_EXAMPLES({ "sysinfo", "maker, model, serial numbers" }),
    .run = sysinfo_run,
};

/* ---- capabilities ---- */

struct capabilities_args { struct xml_choice xml; };

static const struct hvsh_field capabilities_args[] = {
    OBJECT_XML_ROWS(struct capabilities_args),
    HVSH_END
};

/* The document as virsh shows it: as it is and a newline more. */
static int say_xml(hvsh_call *call, char *text, const struct xml_choice *choice, const char *failure)
{
    if (!text)
        return hvsh_fail_virt(call, "%s", failure);
    if (choice->xpath)
        return object_xml(call, text, choice);
    hvsh_own_text(call, text);
    return object_text(call, &bare_shape, hvsh_printf(call, "%s\n", text));
}

static int capabilities_run(hvsh_call *call, const void *p)
{
    const struct capabilities_args *args = p;
    virConnectPtr connection = hvsh_connection(call);

    if (!connection)
        return -1;
    return say_xml(call, virConnectGetCapabilities(connection), &args->xml, "failed to get capabilities");
}

const struct hvsh_command capabilities_command = {
    .name = "capabilities", .group = "host", .help = "what host and hypervisor can do, as XML",
    HVSH_ARGS(capabilities_args),
    .shapes = HVSH_SHAPES(&bare_shape, &xml_shape),
    .examples = HVSH_EXAMPLES({ "capabilities --xpath /capabilities/host/cpu", "the host's processor" }),
    .run = capabilities_run,
};

struct domcapabilities_args {
    const char *virttype, *emulatorbin, *arch, *machine;
    struct xml_choice xml;
    unsigned int flags;
};

static const struct hvsh_field domcapabilities_args[] = {
    HVSH_TEXT(struct domcapabilities_args, virttype, "virtualization type (/domain/@type)", .offer = offer_domain_types),
    HVSH_TEXT(struct domcapabilities_args, emulatorbin, "path to the emulator (/domain/devices/emulator)", .offer = offer_emulators),
    HVSH_TEXT(struct domcapabilities_args, arch, "architecture (/domain/os/type/@arch)", .offer = offer_archs),
    HVSH_TEXT(struct domcapabilities_args, machine, "machine type (/domain/os/type/@machine)", .offer = offer_machines),
    OBJECT_XML_ROWS(struct domcapabilities_args),
    HVSH_BIT(struct domcapabilities_args, flags, "disable-deprecated-features", 1 << 0,
             "the host's CPU model without features that are deprecated (libvirt 11.0)", .flags = LATER_ARG(11, 0)),
    HVSH_BIT(struct domcapabilities_args, flags, "expand-cpu-features", 1 << 1, "all features that the host's CPU model stands for (libvirt 12.2)",
             .flags = LATER_ARG(12, 2)),
    HVSH_BIT(struct domcapabilities_args, flags, "supported-cpu-features", 1 << 2,
             "features that the host has and does not give unasked, too (libvirt 12.5)", .flags = LATER_ARG(12, 5)),
    HVSH_END
};

static int domcapabilities_run(hvsh_call *call, const void *p)
{
    const struct domcapabilities_args *args = p;
    virConnectPtr connection = hvsh_connection(call);

    if (!connection || later_option(call, "disable-deprecated-features", 11, 0) < 0 || later_option(call, "expand-cpu-features", 12, 2) < 0 ||
        later_option(call, "supported-cpu-features", 12, 5) < 0)
        return -1;
    return say_xml(call, virConnectGetDomainCapabilities(connection, args->emulatorbin, args->arch, args->machine, args->virttype, args->flags),
                   &args->xml, "failed to get emulator capabilities");
}

const struct hvsh_command domcapabilities_command = {
    .name = "domcapabilities", .group = "host", .help = "what guests can have here, as XML",
    HVSH_ARGS(domcapabilities_args),
    .shapes = HVSH_SHAPES(&bare_shape, &xml_shape),
    .examples = HVSH_EXAMPLES({ "domcapabilities --virttype qemu", "what guests without KVM can have", HVSH_ON_LIVE }),
    .run = domcapabilities_run,
};

/* ---- version ---- */

struct version_args { bool daemon; };

static const struct hvsh_field version_args[] = {
    HVSH_FLAG(struct version_args, daemon, "the daemon's version too"),
    HVSH_END
};

struct version_row { const char *compiled, *library, *api_type, *api, *hypervisor, *daemon, *running; };

static const struct hvsh_field version_row[] = {
    HVSH_TEXT(struct version_row, compiled, "libvirt's version that the shell was built with"),
    HVSH_TEXT(struct version_row, library, "libvirt's version in use"),
    HVSH_TEXT(struct version_row, api_type, "the hypervisor's kind"),
    HVSH_TEXT(struct version_row, api, "libvirt's version in use for it"),
    HVSH_TEXT(struct version_row, hypervisor, "the hypervisor's version"),
    HVSH_TEXT(struct version_row, daemon, "the daemon's version"),
    HVSH_TEXT(struct version_row, running, "the hypervisor, as a line", .flags = HVSH_HIDE),
    HVSH_END
};

static const struct hvsh_shape version_shape = {
    .name = "version", .kind = HVSH_RECORD, HVSH_ROW(version_row),
    .text = "Compiled against library: libvirt {compiled}\nUsing library: libvirt {library}\nUsing API: {api-type} {api}\n{running}",
};
static const struct hvsh_shape version_daemon_shape = {
    .name = "version", .kind = HVSH_RECORD, HVSH_ROW(version_row),
    .text = "Compiled against library: libvirt {compiled}\nUsing library: libvirt {library}\nUsing API: {api-type} {api}\n{running}\n"
            "Running against daemon: {daemon}",
};

static const char *dotted(hvsh_call *call, unsigned long version)
{
    return hvsh_printf(call, "%lu.%lu.%lu", version / 1000000, version / 1000 % 1000, version % 1000);
}

static int version_run(hvsh_call *call, const void *p)
{
    const struct version_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    unsigned long library, api, running, daemon;
    struct version_row row = { .compiled = dotted(call, LIBVIR_VERSION_NUMBER) };

    if (!connection)
        return -1;
    if (!(row.api_type = virConnectGetType(connection)))
        return hvsh_fail_virt(call, "failed to get hypervisor type");
    if (virGetVersion(&library, row.api_type, &api) < 0)
        return hvsh_fail_virt(call, "failed to get the library version");
    row.library = dotted(call, library);
    row.api = dotted(call, api);
    if (virConnectGetVersion(connection, &running) < 0)
        return hvsh_fail_virt(call, "failed to get the hypervisor version");
    if (running) {
        row.hypervisor = dotted(call, running);
        row.running = hvsh_printf(call, "Running hypervisor: %s %s", row.api_type, row.hypervisor);
    } else {
        row.running = hvsh_printf(call, "Cannot extract running %s hypervisor version", row.api_type);
    }
    if (args->daemon) {
        if (virConnectGetLibVersion(connection, &daemon) < 0)
            return hvsh_fail_virt(call, "failed to get the daemon version");
        row.daemon = dotted(call, daemon);
    }
    return hvsh_emit(call, args->daemon ? &version_daemon_shape : &version_shape, &row);
}

const struct hvsh_command version_command = {
    .name = "version", .group = "host", .help = "versions of library and hypervisor",
    HVSH_ARGS(version_args),
    .shapes = HVSH_SHAPES(&version_shape, &version_daemon_shape),
    .examples = HVSH_EXAMPLES({ "version", "library and hypervisor" }, { "version --daemon", "the daemon too" }),
    .run = version_run,
};

/* ---- nodeinfo ---- */

struct nodeinfo_row {
    const char *model;
    unsigned int cpus, mhz, sockets, cores, threads, nodes;
    uint64_t memory;
    const char *frequency, *size;
};

static const struct hvsh_field nodeinfo_row[] = {
    HVSH_TEXT(struct nodeinfo_row, model, "architecture", .label = "CPU model:"),
    HVSH_UINT(struct nodeinfo_row, cpus, "logical processors", .label = "CPU(s):"),
    HVSH_TEXT(struct nodeinfo_row, frequency, "clock", .label = "CPU frequency:", .flags = HVSH_HIDE),
    HVSH_UINT(struct nodeinfo_row, mhz, "clock in MHz"),
    HVSH_UINT(struct nodeinfo_row, sockets, "sockets of each NUMA cell", .label = "CPU socket(s):"),
    HVSH_UINT(struct nodeinfo_row, cores, "cores of each socket", .label = "Core(s) per socket:"),
    HVSH_UINT(struct nodeinfo_row, threads, "threads of each core", .label = "Thread(s) per core:"),
    HVSH_UINT(struct nodeinfo_row, nodes, "NUMA cells", .label = "NUMA cell(s):"),
    HVSH_TEXT(struct nodeinfo_row, size, "memory", .label = "Memory size:", .flags = HVSH_HIDE),
    HVSH_SIZE(struct nodeinfo_row, memory, "memory in bytes"),
    HVSH_END
};

static const struct hvsh_shape nodeinfo_shape = { .name = "node", .kind = HVSH_RECORD, HVSH_ROW(nodeinfo_row), .width = 20 };

static int nodeinfo_run(hvsh_call *call, const void *p)
{
    virConnectPtr connection = hvsh_connection(call);
    virNodeInfo info;

    (void)p;
    if (!connection)
        return -1;
    if (virNodeGetInfo(connection, &info) < 0)
        return hvsh_fail_virt(call, "failed to get node information");
    return hvsh_emit(call, &nodeinfo_shape, &(struct nodeinfo_row){
        .model = info.model, .cpus = info.cpus, .mhz = info.mhz, .sockets = info.sockets, .cores = info.cores, .threads = info.threads,
        .nodes = info.nodes, .memory = (uint64_t)info.memory * 1024,
        .frequency = hvsh_printf(call, "%u MHz", info.mhz), .size = hvsh_printf(call, "%lu KiB", info.memory),
    });
}

const struct hvsh_command nodeinfo_command = {
    .name = "nodeinfo", .group = "host", .help = "the host's processors and memory",
    .shapes = HVSH_SHAPES(&nodeinfo_shape),
    .examples = HVSH_EXAMPLES({ "nodeinfo", "processors, topology, memory" }),
    .run = nodeinfo_run,
};

/* ---- maxvcpus ---- */

struct maxvcpus_args { const char *type; };

static const struct hvsh_field maxvcpus_args[] = {
    HVSH_TEXT(struct maxvcpus_args, type, "domain type", .offer = offer_domain_types),
    HVSH_END
};

struct maxvcpus_row { int vcpus; };

static const struct hvsh_field maxvcpus_row[] = {
    HVSH_INT(struct maxvcpus_row, vcpus, "the most a guest can have"),
    HVSH_END
};

static const struct hvsh_shape maxvcpus_shape = { .name = "maxvcpus", .kind = HVSH_RECORD, HVSH_ROW(maxvcpus_row), .text = "{vcpus}" };

static int maxvcpus_run(hvsh_call *call, const void *p)
{
    const struct maxvcpus_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    struct maxvcpus_row row = { 0 };
    unsigned int max;
    char *text;

    if (!connection)
        return -1;
    /* the domain capabilities know better than the driver's constant; not every driver has them */
    text = virConnectGetDomainCapabilities(connection, NULL, NULL, NULL, args->type, 0);
    if (text) {
        struct xml *xml = xml_take(call, text, "the domain capabilities");
        if (!xml)
            return -1;
        if (node_number(xml, NULL, "/domainCapabilities/vcpu[1]/@max", &max))
            row.vcpus = (int)max;
    } else {
        virResetLastError();
    }
    if (!row.vcpus && (row.vcpus = virConnectGetMaxVcpus(connection, args->type)) < 0)
        return hvsh_fail_libvirt(call);
    return hvsh_emit(call, &maxvcpus_shape, &row);
}

const struct hvsh_command maxvcpus_command = {
    .name = "maxvcpus", .group = "host", .help = "the most virtual CPUs a guest can have",
    HVSH_ARGS(maxvcpus_args),
    .shapes = HVSH_SHAPES(&maxvcpus_shape),
    .examples = HVSH_EXAMPLES({ "maxvcpus", "the limit of this hypervisor" }),
    .run = maxvcpus_run,
};

/* ---- cpu-models ---- */

struct cpu_models_args { const char *arch; };

static const struct hvsh_field cpu_models_args[] = {
    HVSH_TEXT(struct cpu_models_args, arch, "architecture", .flags = HVSH_REQUIRED, .offer = offer_archs),
    HVSH_END
};

struct cpu_models_row { const char *name; };

static const struct hvsh_field cpu_models_row[] = {
    HVSH_TEXT(struct cpu_models_row, name, "the model"),
    HVSH_END
};

static const struct hvsh_shape cpu_models_shape = { .name = "models", .kind = HVSH_LINES, HVSH_ROW(cpu_models_row), .text = "{name}" };
static const struct hvsh_shape any_model_shape = { .name = "models", .kind = HVSH_MESSAGE, .text = "all CPU models are accepted" };

static void free_text(void *text)
{
    free(text);
}

static int cpu_models_run(hvsh_call *call, const void *p)
{
    const struct cpu_models_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    char **models = NULL;
    int count, status = 0;

    if (!connection)
        return -1;
    if ((count = virConnectGetCPUModelNames(connection, args->arch, &models, 0)) < 0)
        return hvsh_fail_virt(call, "failed to get CPU model names");
    hvsh_defer(call, models, free_text);
    for (int i = 0; i < count; i++)
        hvsh_own_text(call, models[i]);
    if (!count)
        return hvsh_emit(call, &any_model_shape, NULL);
    for (int i = 0; i < count && !status; i++)
        status = hvsh_emit(call, &cpu_models_shape, &(struct cpu_models_row){ models[i] });
    return status;
}

const struct hvsh_command cpu_models_command = {
    .name = "cpu-models", .group = "host", .help = "the CPU models known for an architecture",
    HVSH_ARGS(cpu_models_args),
    .shapes = HVSH_SHAPES(&cpu_models_shape, &any_model_shape),
    .examples = HVSH_EXAMPLES({ "cpu-models x86_64", "models for <cpu> in a guest's XML" }),
    .run = cpu_models_run,
};

/* ---- nodesevinfo ---- */

struct param_row { const char *name, *value; };

static const struct hvsh_field param_row[] = {
    HVSH_TEXT(struct param_row, name, "the parameter"),
    HVSH_TEXT(struct param_row, value, "its value"),
    HVSH_END
};

static const struct hvsh_shape sev_shape = { .name = "sev", .kind = HVSH_PAIRS, HVSH_ROW(param_row), .text = "{name:-18}: {value}" };

static const char *param_value(hvsh_call *call, const virTypedParameter *param)
{
    switch (param->type) {
    case VIR_TYPED_PARAM_INT:     return hvsh_printf(call, "%d", param->value.i);
    case VIR_TYPED_PARAM_UINT:    return hvsh_printf(call, "%u", param->value.ui);
    case VIR_TYPED_PARAM_LLONG:   return hvsh_printf(call, "%lld", param->value.l);
    case VIR_TYPED_PARAM_ULLONG:  return hvsh_printf(call, "%llu", param->value.ul);
    case VIR_TYPED_PARAM_DOUBLE:  return hvsh_printf(call, "%f", param->value.d);
    case VIR_TYPED_PARAM_BOOLEAN: return param->value.b ? "yes" : "no";
    case VIR_TYPED_PARAM_STRING:  return hvsh_printf(call, "%s", param->value.s);
    default:                      return NULL;
    }
}

static int nodesevinfo_run(hvsh_call *call, const void *p)
{
    virConnectPtr connection = hvsh_connection(call);
    virTypedParameterPtr params = NULL;
    int count = 0, status = 0;

    (void)p;
    if (!connection)
        return -1;
    if (virNodeGetSEVInfo(connection, &params, &count, 0) < 0)
        return hvsh_fail_virt(call, "Unable to get host SEV information");
    for (int i = 0; i < count && !status; i++)
        status = hvsh_emit(call, &sev_shape, &(struct param_row){ params[i].field, param_value(call, &params[i]) });
    virTypedParamsFree(params, count);
    return status;
}

const struct hvsh_command nodesevinfo_command = {
    .name = "nodesevinfo", .group = "host", .help = "AMD SEV of the host: its certificates and limits",
    .shapes = HVSH_SHAPES(&sev_shape),
    .examples = HVSH_EXAMPLES({ "nodesevinfo", "for guests with encrypted memory", HVSH_MATCH_ONLY }),
    .run = nodesevinfo_run,
};
