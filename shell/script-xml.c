/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * script-xml.c - hv.xml(text): a document to look into and to change. Without network and without entities. What is taken out of the tree is kept
 * until the document is freed, so that no node in a script's hands is ever gone; and a document that is freed is closed for its nodes, too: the
 * finalizers of a script run in any order and may have a node of it.
 *
 * Lua may collect whenever it allocates, and what it collects may run such a finalizer. So each function takes its texts first, then the node, and
 * has done with libxml2's nodes before it hands something to Lua.
 */
#include "script-private.h"

#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <string.h>

struct document {
    xmlDocPtr xml;
    xmlNodePtr removed;         /* parent of what was taken out: a fragment, which does not know its children */
    xmlNodePtr kept;            /* what was taken out: a list by _private */
    unsigned int lookups;       /* that have nodes of it */
};

/* The userdata's value keeps the document's alive. */
struct node {
    xmlNodePtr xml;
    struct document *document;
};

/* What libxml2 allocates for a moment, in a userdata that is closed when the function is left. */
struct lookup {
    struct document *document;  /* whose nodes the object has */
    xmlXPathContextPtr context;
    xmlXPathObjectPtr object;
    xmlChar *text;
    xmlBufferPtr buffer;
    char problem[256];
};

static int document_free(lua_State *L)
{
    struct document *document = luaL_checkudata(L, 1, "hvsh.xml");

    if (document->lookups)
        return luaL_error(L, "a document cannot be closed while an expression is evaluated in it");
    for (xmlNodePtr xml = document->kept, next; xml; xml = next) {
        next = xml->_private;
        if (xml->type == XML_ATTRIBUTE_NODE)
            xmlFreeProp((xmlAttrPtr)xml);
        else
            xmlFreeNode(xml);
    }
    xmlFreeNode(document->removed);
    xmlFreeDoc(document->xml);
    memset(document, 0, sizeof(*document));
    return 0;
}

static int lookup_clear(lua_State *L)
{
    struct lookup *lookup = luaL_checkudata(L, 1, "hvsh.xml-lookup");

    xmlXPathFreeObject(lookup->object);
    xmlXPathFreeContext(lookup->context);
    if (lookup->document)
        lookup->document->lookups--;
    xmlFree(lookup->text);
    xmlBufferFree(lookup->buffer);
    memset(lookup, 0, sizeof(*lookup));
    return 0;
}

static struct lookup *lookup_new(lua_State *L)
{
    struct lookup *lookup;

    luaL_checkany(L, 1);        /* it must not become the first argument */
    lookup = lua_newuserdatauv(L, sizeof(*lookup), 0);
    memset(lookup, 0, sizeof(*lookup));
    luaL_setmetatable(L, "hvsh.xml-lookup");
    lua_toclose(L, -1);
    return lookup;
}

/* ---- the value at index 1: a document or one of its nodes ------------------------------------------------------------------------- */

static struct document *document_of(lua_State *L, xmlNodePtr *xml)
{
    struct node *node = luaL_testudata(L, 1, "hvsh.xml-node");
    struct document *document;

    document = node ? node->document : luaL_checkudata(L, 1, "hvsh.xml");
    if (!document->xml)
        luaL_error(L, "attempt to use a closed document");
    *xml = node ? node->xml : xmlDocGetRootElement(document->xml);
    return document;
}

static void push_node(lua_State *L, struct document *document, xmlNodePtr xml)
{
    struct node *node = lua_newuserdatauv(L, sizeof(*node), 1);

    node->xml = xml;
    node->document = document;
    luaL_setmetatable(L, "hvsh.xml-node");
    if (luaL_testudata(L, 1, "hvsh.xml-node"))
        lua_getiuservalue(L, 1, 1);
    else
        lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
}

/* ---- looking ------------------------------------------------------------------------------------------------------------------------ */

static void keep_problem(void *p, xmlErrorPtr error)
{
    struct lookup *lookup = p;

    if (!*lookup->problem && error && error->message) {
        g_strlcpy(lookup->problem, error->message, sizeof(lookup->problem));
        g_strchomp(lookup->problem);
    }
}

/* Evaluate the expression at index 2, with the namespaces of the table at 3; relative to the value at 1. */
static struct lookup *evaluate(lua_State *L)
{
    const char *expression = luaL_checkstring(L, 2);
    xmlNodePtr xml;
    struct lookup *lookup;

    lua_settop(L, 3);
    lookup = lookup_new(L);
    lookup->document = document_of(L, &xml);
    lookup->document->lookups++;
    lookup->context = xmlXPathNewContext(lookup->document->xml);
    if (!lookup->context)
        luaL_error(L, "not enough memory");
    lookup->context->node = xml;
    lookup->context->error = (xmlStructuredErrorFunc)keep_problem;
    lookup->context->userData = lookup;
    if (lua_istable(L, 3))
        for (lua_pushnil(L); lua_next(L, 3); lua_pop(L, 1))
            if (lua_type(L, -2) == LUA_TSTRING && lua_type(L, -1) == LUA_TSTRING)
                xmlXPathRegisterNs(lookup->context, (const xmlChar *)lua_tostring(L, -2), (const xmlChar *)lua_tostring(L, -1));
    lookup->object = xmlXPathEvalExpression((const xmlChar *)expression, lookup->context);
    if (!lookup->object)
        luaL_error(L, "'%s' is no XPath expression: %s", expression, *lookup->problem ? lookup->problem : "it cannot be evaluated");
    return lookup;
}

/* Namespace nodes are copies that go with the result: they are left out, as is the parent of what was removed, which is none to a script. */
static int push_result(lua_State *L, const struct lookup *lookup, bool first)
{
    const xmlNodeSet *nodes = lookup->object->nodesetval;
    lua_Integer n = 0;

    switch (lookup->object->type) {
    case XPATH_BOOLEAN:
        lua_pushboolean(L, lookup->object->boolval);
        return 1;
    case XPATH_NUMBER:
        lua_pushnumber(L, lookup->object->floatval);
        return 1;
    case XPATH_STRING:
        lua_pushstring(L, (const char *)lookup->object->stringval);
        return 1;
    default:
        break;
    }
    if (first)
        lua_pushnil(L);
    else
        lua_newtable(L);
    for (int i = 0; nodes && i < nodes->nodeNr; i++) {
        xmlNodePtr xml = nodes->nodeTab[i];

        if (xml->type == XML_NAMESPACE_DECL || xml == lookup->document->removed)
            continue;
        push_node(L, lookup->document, xml->type == XML_DOCUMENT_NODE ? xmlDocGetRootElement((xmlDocPtr)xml) : xml);
        if (first)
            return 1;
        lua_rawseti(L, -2, ++n);
    }
    if (!first)
        script_mark_array(L);
    return 1;
}

static int xpath(lua_State *L)
{
    return push_result(L, evaluate(L), false);
}

static int first(lua_State *L)
{
    return push_result(L, evaluate(L), true);
}

/* ---- nodes ---------------------------------------------------------------------------------------------------------------------------- */

static int text(lua_State *L)
{
    struct lookup *lookup = lookup_new(L);
    xmlNodePtr xml;

    document_of(L, &xml);
    lookup->text = xmlNodeGetContent(xml);
    lua_pushstring(L, lookup->text ? (const char *)lookup->text : "");
    return 1;
}

static int name(lua_State *L)
{
    xmlNodePtr xml;

    document_of(L, &xml);
    lua_pushstring(L, (const char *)xml->name);
    return 1;
}

static int attribute(lua_State *L)
{
    const char *wanted = luaL_checkstring(L, 2);
    struct lookup *lookup = lookup_new(L);
    xmlNodePtr xml;

    document_of(L, &xml);
    lookup->text = xml->type == XML_ELEMENT_NODE ? xmlGetProp(xml, (const xmlChar *)wanted) : NULL;
    lua_pushstring(L, (const char *)lookup->text);
    return 1;
}

/* The whole document, or the element, as XML. */
static int to_xml(lua_State *L)
{
    struct lookup *lookup = lookup_new(L);
    xmlNodePtr xml;
    struct document *document = document_of(L, &xml);

    lookup->buffer = xmlBufferCreate();
    if (!lookup->buffer || xmlNodeDump(lookup->buffer, document->xml, xml, 0, 0) < 0)
        return luaL_error(L, "not enough memory");
    lua_pushlstring(L, (const char *)xmlBufferContent(lookup->buffer), (size_t)xmlBufferLength(lookup->buffer));
    return 1;
}

/* ---- changes ---------------------------------------------------------------------------------------------------------------------------- */

/* An element taken out of the tree still has the prefixes that were declared above it. */
static void keep_namespaces(xmlNodePtr xml)
{
    xmlNsPtr *list = xml->type == XML_ELEMENT_NODE ? xmlGetNsList(xml->doc, xml) : NULL;

    /* those that it declares itself are refused */
    for (size_t i = 0; list && list[i]; i++)
        xmlNewNs(xml, list[i]->href, list[i]->prefix);
    xmlFree(list);
}

/* It gets neither siblings nor others of its kind: what was taken out at other times has nothing to do with it, and texts would be merged. */
static void take_out(struct document *document, xmlNodePtr xml)
{
    keep_namespaces(xml);
    xmlUnlinkNode(xml);
    xml->parent = document->removed;
    xml->_private = document->kept;
    document->kept = xml;
}

/* libxml2 finds an attribute by its element, which one that was taken out has no more. */
static bool set_value(xmlAttrPtr attr, const char *value)
{
    xmlNodePtr text;

    if (attr->parent->type == XML_ELEMENT_NODE)
        return xmlSetNsProp(attr->parent, attr->ns, attr->name, (const xmlChar *)value);
    text = xmlNewDocText(attr->doc, (const xmlChar *)value);
    if (!text)
        return false;
    xmlNodeSetContent((xmlNodePtr)attr, NULL);
    xmlAddChild((xmlNodePtr)attr, text);
    return true;
}

/* node:set("text"), node:set("attribute", "text" or nil) */
static int set(lua_State *L)
{
    xmlNodePtr xml;
    struct document *document = document_of(L, &xml);
    const char *key = lua_gettop(L) > 2 ? luaL_checkstring(L, 2) : NULL, *value;

    value = key ? luaL_optstring(L, 3, NULL) : luaL_checkstring(L, 2);
    if (key && xml->type != XML_ELEMENT_NODE)
        return luaL_error(L, "only elements have attributes");
    if (key && !value) {
        xmlAttrPtr attr = xmlHasProp(xml, (const xmlChar *)key);

        if (attr && attr->type == XML_ATTRIBUTE_NODE)
            take_out(document, (xmlNodePtr)attr);
    } else if (key) {
        xmlSetProp(xml, (const xmlChar *)key, (const xmlChar *)value);
    } else if (xml->type == XML_ATTRIBUTE_NODE) {
        set_value((xmlAttrPtr)xml, value);
    } else if (xml->type == XML_ELEMENT_NODE) {
        while (xml->children)
            take_out(document, xml->children);
        xmlAddChild(xml, xmlNewDocText(document->xml, (const xmlChar *)value));
    } else {
        xmlNodeSetContent(xml, NULL);
        xmlNodeAddContent(xml, (const xmlChar *)value);
    }
    lua_settop(L, 1);
    return 1;
}

/* parent:add("<disk .../>"): parsed and put last; the new element. */
static int add(lua_State *L)
{
    size_t length;
    const char *source = luaL_checklstring(L, 2, &length);
    xmlNodePtr parent, list = NULL, element = NULL;
    struct document *document = document_of(L, &parent);

    luaL_argcheck(L, length < INT32_MAX, 2, "too long");
    luaL_argcheck(L, !strstr(source, "<!"), 2, "an element without declarations");
    if (parent->type != XML_ELEMENT_NODE)
        return luaL_error(L, "only elements have others within them");
    if (xmlParseInNodeContext(parent, source, (int)length, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING, &list) != XML_ERR_OK || !list) {
        xmlFreeNodeList(list);
        return luaL_error(L, "what is to be added is no XML element");
    }
    while (list) {
        xmlNodePtr next = list->next;

        xmlUnlinkNode(list);
        if (list->type == XML_ELEMENT_NODE && !element)
            element = xmlAddChild(parent, list);
        else
            xmlFreeNode(list);
        list = next;
    }
    if (!element)
        return luaL_error(L, "what is to be added is no XML element");
    push_node(L, document, element);
    return 1;
}

static int take_away(lua_State *L)
{
    xmlNodePtr xml;
    struct document *document = document_of(L, &xml);

    if (xml == xmlDocGetRootElement(document->xml))
        return luaL_error(L, "the root element cannot be removed");
    if (xml->parent != document->removed)
        take_out(document, xml);
    return 0;
}

/* ---- documents ---------------------------------------------------------------------------------------------------------------------------- */

static int parse(lua_State *L)
{
    size_t length;
    const char *source = luaL_checklstring(L, 1, &length);
    struct document *document;
    xmlParserCtxtPtr context;
    const xmlError *error;
    char problem[256] = "";
    int line = 0;

    luaL_argcheck(L, length < INT32_MAX, 1, "too long");
    document = lua_newuserdatauv(L, sizeof(*document), 0);
    memset(document, 0, sizeof(*document));
    luaL_setmetatable(L, "hvsh.xml");
    context = xmlNewParserCtxt();
    if (!context)
        return luaL_error(L, "not enough memory");
    document->xml = xmlCtxtReadMemory(context, source, (int)length, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    error = xmlCtxtGetLastError(context);
    if (!document->xml && error && error->message) {
        g_strlcpy(problem, error->message, sizeof(problem));
        line = error->line;
    }
    xmlFreeParserCtxt(context);
    if (!document->xml)
        return luaL_error(L, "not XML: %s in line %d", *problem ? g_strchomp(problem) : "it cannot be read", line);
    if (!xmlDocGetRootElement(document->xml))
        return luaL_error(L, "not XML: it has no element");
    document->removed = xmlNewDocFragment(document->xml);
    if (!document->removed)
        return luaL_error(L, "not enough memory");
    return 1;
}

void script_open_xml(lua_State *L)
{
    static const luaL_Reg methods[] = {{"xpath", xpath}, {"first", first}, {"text", text}, {"name", name}, {"attr", attribute}, {"xml", to_xml},
                                       {"set", set}, {"add", add}, {NULL, NULL}};
    static const luaL_Reg lookup_methods[] = {{"__gc", lookup_clear}, {"__close", lookup_clear}, {NULL, NULL}};

    luaL_newmetatable(L, "hvsh.xml-lookup");
    luaL_setfuncs(L, lookup_methods, 0);
    luaL_newmetatable(L, "hvsh.xml");
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, document_free);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "__gc");
    lua_setfield(L, -2, "__close");
    lua_pushcfunction(L, to_xml);
    lua_setfield(L, -2, "__tostring");
    luaL_newmetatable(L, "hvsh.xml-node");
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_pushcfunction(L, take_away);
    lua_setfield(L, -2, "remove");
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, text);
    lua_setfield(L, -2, "__tostring");
    lua_pop(L, 3);
    lua_pushcfunction(L, parse);
    lua_setfield(L, -2, "xml");
}
