/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xml.c - documents of libvirt over libxml2. */
#include "xml.h"
#include <glib.h>
#include <stdlib.h>
#include <libxml/parser.h>
#include <libxml/xpathInternals.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlXPathObject, xmlXPathFreeObject)

static void free_xml(void *p)
{
    struct xml *xml = p;

    xmlXPathFreeContext(xml->context);
    xmlFreeDoc(xml->document);
    g_free(xml);
}

static void free_xml_text(void *p)
{
    xmlFree(p);
}

/* libxml2 would write to standard error. Its argument became const in 2.12. */
#if LIBXML_VERSION >= 21200
static void silent(void *data, const xmlError *error)
#else
static void silent(void *data, xmlError *error)
#endif
{
    (void)data;
    (void)error;
}

static struct xml *parse(hvsh_call *call, const char *text, const char *what, int blanks)
{
    xmlParserCtxt *parser = xmlNewParserCtxt();
    const xmlError *error;
    struct xml *xml;
    xmlDoc *document;

    if (!parser) {
        hvsh_fail(call, "out of memory");
        return NULL;
    }
    document = xmlCtxtReadDoc(parser, BAD_CAST text, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOWARNING | XML_PARSE_NOERROR | blanks);
    if (!document) {
        error = xmlCtxtGetLastError(parser);
        g_autofree char *why = g_strchomp(g_strdup(error && error->message ? error->message : "no document"));
        hvsh_fail(call, "%s is no well-formed XML: line %d: %s", what, error ? error->line : 0, why);
        xmlFreeParserCtxt(parser);
        return NULL;
    }
    xmlFreeParserCtxt(parser);
    xml = g_new0(struct xml, 1);
    xml->call = call;
    xml->document = document;
    xml->context = xmlXPathNewContext(document);
    hvsh_defer(call, xml, free_xml);
    if (!xml->context) {
        hvsh_fail(call, "out of memory");
        return NULL;
    }
    xml->context->error = silent;
    return xml;
}

struct xml *xml_parse(hvsh_call *call, const char *text, const char *what)
{
    return parse(call, text, what, XML_PARSE_NOBLANKS);
}

static struct xml *take(hvsh_call *call, char *text, const char *what, int blanks)
{
    struct xml *xml;

    if (!text) {
        hvsh_fail_libvirt(call);
        return NULL;
    }
    xml = parse(call, text, what, blanks);
    free(text);
    return xml;
}

struct xml *xml_take(hvsh_call *call, char *text, const char *what)
{
    return take(call, text, what, XML_PARSE_NOBLANKS);
}

struct xml *xml_take_spaced(hvsh_call *call, char *text, const char *what)
{
    return take(call, text, what, 0);
}

static xmlXPathObject *evaluate(struct xml *xml, xmlNode *node, const char *xpath)
{
    xml->context->node = node ? node : (xmlNode *)xml->document;
    return xmlXPathEval(BAD_CAST xpath, xml->context);
}

static void free_array(void *p)
{
    g_free(p);
}

struct xml_nodes xml_find(struct xml *xml, xmlNode *node, const char *xpath)
{
    g_autoptr(xmlXPathObject) found = evaluate(xml, node, xpath);
    struct xml_nodes nodes = { NULL, 0 };

    if (!found || found->type != XPATH_NODESET || xmlXPathNodeSetIsEmpty(found->nodesetval))
        return nodes;
    nodes.count = (size_t)found->nodesetval->nodeNr;
    nodes.items = hvsh_defer(xml->call, g_memdup2(found->nodesetval->nodeTab, nodes.count * sizeof(*nodes.items)), free_array);
    return nodes;
}

xmlNode *xml_first(struct xml *xml, xmlNode *node, const char *xpath)
{
    g_autoptr(xmlXPathObject) found = evaluate(xml, node, xpath);

    if (!found || found->type != XPATH_NODESET || xmlXPathNodeSetIsEmpty(found->nodesetval))
        return NULL;
    return found->nodesetval->nodeTab[0];
}

const char *xml_text(struct xml *xml, xmlNode *node, const char *xpath)
{
    xmlNode *found = xml_first(xml, node, xpath);
    xmlChar *text = found ? xmlNodeGetContent(found) : NULL;

    if (text && !*text) {
        xmlFree(text);
        return NULL;
    }
    return text ? hvsh_defer(xml->call, text, free_xml_text) : NULL;
}

/* Append a node and a newline. */
static int dump(GString *out, xmlDoc *document, xmlNode *node)
{
    xmlBuffer *buffer = xmlBufferCreate();

    if (!buffer || xmlNodeDump(buffer, document, node, 0, 1) < 0) {
        xmlBufferFree(buffer);
        return -1;
    }
    g_string_append_len(out, (const char *)xmlBufferContent(buffer), xmlBufferLength(buffer));
    xmlBufferFree(buffer);
    return 0;
}

char *xml_write(struct xml *xml, xmlNode *node)
{
    GString *out = g_string_new(NULL);

    if (dump(out, xml->document, node) < 0)
        hvsh_fail(xml->call, "out of memory");
    return hvsh_defer(xml->call, g_string_free(out, FALSE), free_array);
}

char *xml_filter(hvsh_call *call, const char *text, const char *xpath, bool wrap)
{
    struct xml *xml = xml_parse(call, text, "the document");
    g_autoptr(xmlXPathObject) found = NULL;
    xmlNode *root = NULL;
    GString *out;
    int count;

    if (!xml)
        return NULL;
    found = evaluate(xml, NULL, xpath);
    if (!found) {
        hvsh_fail(call, "'%s' is no XPath expression", xpath);
        return NULL;
    }
    if (found->type != XPATH_NODESET) {
        hvsh_fail(call, "internal error: Incorrect xpath '%s'", xpath);
        hvsh_hint(call, "--xpath takes an expression that gives nodes, such as //disk/source");
        return NULL;
    }
    out = g_string_new(NULL);
    count = found->nodesetval ? found->nodesetval->nodeNr : 0;
    if (wrap)
        root = xmlNewDocNode(xml->document, NULL, BAD_CAST "nodes", NULL);
    for (int i = 0; i < count; i++) {
        xmlNode *node = found->nodesetval->nodeTab[i];

        if (!wrap) {
            dump(out, xml->document, node);
            g_string_append_c(out, '\n');
            continue;
        }
        if (node->type == XML_DOCUMENT_NODE)
            node = xmlDocGetRootElement(xml->document);
        node = xmlDocCopyNode(node, xml->document, 1);
        if (node && !xmlAddChild(root, node))
            xmlFreeNode(node);
    }
    if (wrap) {
        dump(out, xml->document, root);
        g_string_append_c(out, '\n');
        xmlFreeNode(root);
    }
    return hvsh_defer(call, g_string_free(out, FALSE), free_array);
}
