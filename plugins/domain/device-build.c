/* SPDX-License-Identifier: GPL-3.0-or-later */
/* device-build.c - the documents of devices: made from options, element by element. */
#include "device.h"

static void free_text(void *text)
{
    g_string_free(text, TRUE);
}

struct device_xml device_document(hvsh_call *call)
{
    return (struct device_xml){ .text = hvsh_defer(call, g_string_new(NULL), free_text) };
}

static void indent(struct device_xml *xml)
{
    g_string_append_printf(xml->text, "%*s", (int)(2 * xml->depth), "");
}

static void escaped(struct device_xml *xml, const char *text)
{
    g_autofree char *safe = g_markup_escape_text(text, -1);

    g_string_append(xml->text, safe);
}

/* "<tag a='b'", without its end; how many attributes it has got. */
static unsigned int start(struct device_xml *xml, const char *tag, va_list list)
{
    unsigned int count = 0;

    indent(xml);
    g_string_append_printf(xml->text, "<%s", tag);
    for (const char *name; (name = va_arg(list, const char *));) {
        const char *value = va_arg(list, const char *);

        if (!value)
            continue;
        g_string_append_printf(xml->text, " %s='", name);
        escaped(xml, value);
        g_string_append_c(xml->text, '\'');
        count++;
    }
    return count;
}

void device_open(struct device_xml *xml, const char *tag, ...)
{
    va_list list;

    va_start(list, tag);
    start(xml, tag, list);
    va_end(list);
    g_string_append(xml->text, ">\n");
    xml->depth++;
}

void device_close(struct device_xml *xml, const char *tag)
{
    xml->depth--;
    indent(xml);
    g_string_append_printf(xml->text, "</%s>\n", tag);
}

void device_element(struct device_xml *xml, const char *tag, ...)
{
    gsize before = xml->text->len;
    unsigned int count;
    va_list list;

    va_start(list, tag);
    count = start(xml, tag, list);
    va_end(list);
    if (count)
        g_string_append(xml->text, "/>\n");
    else
        g_string_truncate(xml->text, before);
}

void device_text(struct device_xml *xml, const char *tag, const char *text)
{
    if (!text)
        return;
    indent(xml);
    if (*text) {
        g_string_append_printf(xml->text, "<%s>", tag);
        escaped(xml, text);
        g_string_append_printf(xml->text, "</%s>\n", tag);
    } else {
        g_string_append_printf(xml->text, "<%s/>\n", tag);
    }
}

struct xml *device_source(hvsh_call *call, virDomainPtr domain, unsigned int flags)
{
    return xml_take_spaced(call, virDomainGetXMLDesc(domain, flags), hvsh_printf(call, "the XML of domain '%s'", virDomainGetName(domain)));
}
