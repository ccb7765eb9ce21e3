/* SPDX-License-Identifier: GPL-3.0-or-later */
/* display.c - where a guest's screen is: domdisplay, vncdisplay; domdisplay-reload. */
#include "domain.h"
#include <stdlib.h>
#include <string.h>
#include <libxml/uri.h>

static const struct hvsh_choice display_types[] = {
    { "vnc", 0, NULL }, { "spice", 0, NULL }, { "rdp", 0, NULL }, { "dbus", 0, NULL }, { NULL }
};

struct display_args { virDomainPtr domain; unsigned int flags; const char *type; bool all; };

static const struct hvsh_field display_args[] = {
    DOMAIN(struct display_args, ACTIVE),
    HVSH_BIT(struct display_args, flags, "include-password", VIR_DOMAIN_XML_SECURE, "the password too, where there is one"),
    HVSH_TEXT(struct display_args, type, "the display of this type", .choices = display_types),
    HVSH_FLAG(struct display_args, all, "all displays"),
    HVSH_EXCLUDES("all", "type"),
    HVSH_END
};

struct display_row { const char *type; const char *uri; };

static const struct hvsh_field display_row[] = {
    HVSH_TEXT(struct display_row, type, "vnc, spice, rdp or dbus"),
    HVSH_TEXT(struct display_row, uri, "where a viewer finds it"),
    HVSH_END
};

/* virsh ends the line of one display with nothing, those of all with a newline each. */
static const struct hvsh_shape one_display = { .name = "displays", .kind = HVSH_LINES, .flags = HVSH_NO_NEWLINE, HVSH_ROW(display_row), .text = "{uri}" };
static const struct hvsh_shape all_displays = { .name = "displays", .kind = HVSH_LINES, HVSH_ROW(display_row), .text = "{uri}" };

static bool is_any(const char *address)
{
    return !address || g_str_equal(address, "0.0.0.0") || g_str_equal(address, "::");
}

/* The host, for a display that listens on all of its addresses: as the connection calls it. */
static const char *host_name(hvsh_call *call, virDomainPtr domain)
{
    char *text = virConnectGetURI(virDomainGetConnect(domain));
    xmlURI *uri = text ? xmlParseURI(text) : NULL;
    const char *name = uri && uri->server && *uri->server ? hvsh_printf(call, "%s", uri->server) : "localhost";

    xmlFreeURI(uri);
    free(text);
    return name;
}

/* The URI of the domain's display of this type; NULL: it has none. */
static const char *display_uri(hvsh_call *call, struct xml *xml, virDomainPtr domain, const char *type)
{
    xmlNode *node = xml_first(xml, NULL, hvsh_printf(call, "/domain/devices/graphics[@type = '%s']", type));
    const char *socket, *host, *password, *port, *tls, *address;
    bool vnc = g_str_equal(type, "vnc");
    GString *uri;

    if (!node)
        return NULL;
    socket = xml_text(xml, node, "@socket | listen/@socket");
    address = xml_text(xml, node, "@address");
    if (!socket && g_str_equal(type, "dbus") && address && g_str_has_prefix(address, "unix:path="))
        socket = address + strlen("unix:path=");
    port = xml_text(xml, node, "@port");
    tls = xml_text(xml, node, "@tlsPort");
    if (port && atoi(port) <= 0)
        port = NULL;
    if (tls && atoi(tls) <= 0)
        tls = NULL;
    if (!socket && !port && !tls)
        return NULL;
    password = xml_text(xml, node, "@passwd");
    uri = g_string_new(type);
    g_string_append(uri, socket ? "+unix://" : "://");
    if (vnc && password)
        g_string_append_printf(uri, ":%s@", password);
    if (socket) {
        g_string_append(uri, socket);
    } else {
        host = xml_text(xml, node, "@listen | listen/@address");
        if (is_any(host))
            host = host_name(call, domain);
        g_string_append_printf(uri, strchr(host, ':') ? "[%s]" : "%s", host);
        if (port)
            g_string_append_printf(uri, ":%d", atoi(port) - (vnc ? 5900 : 0));
    }
    if (tls)
        g_string_append_printf(uri, "?tls-port=%s", tls);
    if (g_str_equal(type, "spice") && password)
        g_string_append_printf(uri, "%cpassword=%s", tls ? '&' : '?', password);
    host = hvsh_printf(call, "%s", uri->str);
    g_string_free(uri, TRUE);
    return host;
}

/* The document of a running domain; NULL after a failure. */
static struct xml *running_xml(hvsh_call *call, virDomainPtr domain, unsigned int flags)
{
    int active = domain_is_active(call, domain);
    char *text;

    if (active == 0)
        hvsh_fail(call, "Domain is not running");
    if (active <= 0)
        return NULL;
    text = virDomainGetXMLDesc(domain, flags);
    if (!text) {
        hvsh_fail_virt(call, "Failed to get domain description xml");
        return NULL;
    }
    return xml_take(call, text, "the XML of the domain");
}

static int display_run(hvsh_call *call, const void *p)
{
    const struct display_args *args = p;
    struct xml *xml = running_xml(call, args->domain, args->flags);
    bool found = false;

    for (const struct hvsh_choice *type = display_types; xml && type->name; type++) {
        struct display_row row = { .type = type->name };

        if (args->type && !g_str_equal(args->type, type->name))
            continue;
        if (!(row.uri = display_uri(call, xml, args->domain, type->name)))
            continue;
        found = true;
        if (hvsh_emit(call, args->all ? &all_displays : &one_display, &row) < 0)
            return -1;
        if (!args->all)
            break;
    }
    if (xml && !found)
        return args->type ? hvsh_fail(call, "No graphical display with type '%s' found", args->type)
                          : hvsh_fail(call, "No graphical display found");
    return xml ? 0 : -1;
}

const struct hvsh_command COMMAND(domdisplay) = {
    .name = "domdisplay",
    .group = "domain",
    .help = "domain display connection URI",
    .description = "Where a viewer finds the guest's screen.",
    HVSH_ARGS(display_args),
    .shapes = HVSH_SHAPES(&one_display, &all_displays),
    .examples = HVSH_EXAMPLES({ "domdisplay web1", "the first of its displays", HVSH_MATCH_ONLY }, { "domdisplay web1 --all", "all", HVSH_MATCH_ONLY }),
    .run = display_run,
};

/* ---- domdisplay-reload ---- */

static const struct hvsh_choice reload_types[] = { { "any", 0, "all that can" }, { "vnc", 1, NULL }, { NULL } };

struct reload_args { virDomainPtr domain; int type; };

static const struct hvsh_field reload_args[] = {
    DOMAIN(struct reload_args, ACTIVE),
    HVSH_ENUM(struct reload_args, type, "only displays of this type", .fallback = "any", .choices = reload_types),
    HVSH_END
};

OBJECT_MESSAGE(reloaded, "Display certificates of domain '{name}' reloaded");

static int reload_run(hvsh_call *call, const void *p)
{
    const struct reload_args *args = p;

    if (later_needs(call, "domdisplay-reload", 10, 2) < 0)
        return -1;
#if LIBVIR_CHECK_VERSION(10, 2, 0)
    if (virDomainGraphicsReload(args->domain, (unsigned int)args->type, 0) < 0)
        return hvsh_fail_virt(call, "Failed to reload the displays of domain '%s'", virDomainGetName(args->domain));
#endif
    return domain_say(call, &reloaded, args->domain);
}

const struct hvsh_command COMMAND(domdisplay_reload) = {
    .name = "domdisplay-reload",
    .group = "domain",
    .help = "let a guest's displays read their TLS certificates again",
    .description = "After the certificates of the host were renewed: viewers that connect from now on see the new ones. Needs libvirt 10.2.",
    HVSH_ARGS(reload_args),
    .shapes = HVSH_SHAPES(&reloaded),
    .examples = HVSH_EXAMPLES({ "domdisplay-reload web1 --type vnc", "its VNC display", HVSH_MATCH_ONLY }),
    .run = reload_run,
    .flags = LATER_COMMAND(10, 2),
};

/* ---- vncdisplay ---- */

static int vnc_run(hvsh_call *call, const void *p)
{
    const struct only_domain *args = p;
    struct xml *xml = running_xml(call, args->domain, 0);
    const char *port = xml ? xml_text(xml, NULL, "/domain/devices/graphics[@type = 'vnc']/@port") : NULL, *listen;

    if (!xml)
        return -1;
    if (!port || atoi(port) < 0)
        return hvsh_fail(call, "Failed to get VNC port. Is this domain using VNC?");
    listen = xml_text(xml, NULL, "/domain/devices/graphics[@type = 'vnc']/@listen");
    if (!listen || g_str_equal(listen, "0.0.0.0"))
        listen = "";
    return object_text(call, &text_shape, hvsh_printf(call, "%s:%d", listen, atoi(port) - 5900));
}

const struct hvsh_command COMMAND(vncdisplay) = {
    .name = "vncdisplay",
    .group = "domain",
    .help = "vnc display",
    .description = "Address and number of the guest's VNC display.",
    ONLY_ACTIVE,
    .shapes = HVSH_SHAPES(&text_shape),
    .examples = HVSH_EXAMPLES({ "vncdisplay web1", "its display", HVSH_MATCH_ONLY }),
    .run = vnc_run,
};
