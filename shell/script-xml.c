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

#include <libxml/chvalid.h>
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

/* ---- texts and names of a script ------------------------------------------------------------------------------------------------- */

/* The text at index: UTF-8, and what XML has no place for is refused. libxml2 takes anything, up to the first NUL. */
static const char *check_text(lua_State *L, int index)
{
    size_t length;
    const char *text = luaL_checklstring(L, index, &length), *end = text + length;

    luaL_argcheck(L, length < INT32_MAX, index, "too long");
    for (const char *p = text; p < end; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char_validated(p, end - p);     /* what is none is beyond all characters */

        if (!xmlIsCharQ(c))
            luaL_argerror(L, index, lua_pushfstring(L, "byte %d is not UTF-8, or a control character that XML does not know", (int)(p - text) + 1));
    }
    return text;
}

/* An attribute's name, as it would be written in the element. */
struct attribute_name {
    const char *full;
    const char *prefix;         /* NULL: without; on Lua's stack */
    const char *local;
};

static void check_name(lua_State *L, int index, struct attribute_name *name)
{
    const char *colon;

    name->full = check_text(L, index);
    if (xmlValidateQName((const xmlChar *)name->full, 0) != 0)
        luaL_argerror(L, index, lua_pushfstring(L, "'%s' is no name of XML", name->full));
    colon = strchr(name->full, ':');
    name->prefix = colon ? lua_pushlstring(L, name->full, (size_t)(colon - name->full)) : NULL;
    name->local = colon ? colon + 1 : name->full;
}

/* ---- looking ------------------------------------------------------------------------------------------------------------------------ */

/* NULL: libxml2 may say more. Its old versions have a number only. */
static const char *problem_of(int code)
{
    switch (code) {
    case XML_XPATH_UNDEF_PREFIX_ERROR:
        return "a prefix in it is not declared";
    case XML_XPATH_UNDEF_VARIABLE_ERROR:
        return "it has a variable, and there are none";
    case XML_XPATH_UNKNOWN_FUNC_ERROR:
        return "it calls a function that XPath does not have";
    case XML_XPATH_INVALID_ARITY:
        return "a function has too few or too many arguments";
    case XML_XPATH_INVALID_OPERAND:
    case XML_XPATH_INVALID_TYPE:
        return "a value in it is of the wrong type";
    case XML_XPATH_EXPR_ERROR:
    case XML_XPATH_INVALID_CHAR_ERROR:
    case XML_XPATH_INVALID_PREDICATE_ERROR:
    case XML_XPATH_NUMBER_ERROR:
    case XML_XPATH_START_LITERAL_ERROR:
    case XML_XPATH_UNCLOSED_ERROR:
    case XML_XPATH_UNFINISHED_LITERAL_ERROR:
    case XML_XPATH_VARIABLE_REF_ERROR:
        return "its syntax is wrong";
    default:
        return NULL;
    }
}

static void keep_problem(void *p, xmlErrorPtr error)
{
    struct lookup *lookup = p;
    const char *problem;

    if (*lookup->problem || !error)
        return;
    problem = problem_of(error->code);
    if (!problem)
        problem = error->message ? error->message : "";
    g_strlcpy(lookup->problem, problem, sizeof(lookup->problem));
    g_strchomp(lookup->problem);
}

/* What old versions print, of a function that there is not and of the prefixes of functions and variables: "xmlXPathCompOpEval: function f ..." */
G_GNUC_PRINTF(2, 3)
static void keep_message(void *p, const char *format, ...)
{
    struct lookup *lookup = p;
    char message[sizeof(lookup->problem)];
    const char *where;
    va_list list;

    if (*lookup->problem)
        return;
    va_start(list, format);
    g_vsnprintf(message, sizeof(message), format, list);
    va_end(list);
    where = strstr(message, ": ");
    g_strlcpy(lookup->problem, where ? where + 2 : message, sizeof(lookup->problem));
    g_strchomp(lookup->problem);
}

/* Evaluate the expression at index 2, with the namespaces of the table at 3; relative to the value at 1. */
static struct lookup *evaluate(lua_State *L)
{
    const char *expression = check_text(L, 2);
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
    xmlSetGenericErrorFunc(lookup, keep_message);
    lookup->object = xmlXPathEvalExpression((const xmlChar *)expression, lookup->context);
    xmlSetGenericErrorFunc(NULL, NULL);
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

/* xmlns:PREFIX, which is no attribute to libxml2: the namespace that the prefix stands for in the element, NULL: none. */
static bool is_declaration(const struct attribute_name *name)
{
    return strcmp(name->prefix ? name->prefix : name->full, "xmlns") == 0;
}

static xmlNsPtr find_declared(xmlNodePtr xml, const struct attribute_name *name)
{
    return xmlSearchNs(xml->doc, xml, (const xmlChar *)(name->prefix ? name->local : NULL));
}

/* The attribute of this name, NULL: there is none; and the namespace that its prefix stands for, NULL: none. */
static xmlAttrPtr find_attribute(xmlNodePtr xml, const struct attribute_name *name, xmlNsPtr *ns)
{
    xmlAttrPtr attr = NULL;

    *ns = name->prefix ? xmlSearchNs(xml->doc, xml, (const xmlChar *)name->prefix) : NULL;
    if (*ns)
        attr = xmlHasNsProp(xml, (const xmlChar *)name->local, (*ns)->href);
    /* a prefix that was declared nowhere is part of the name */
    if (!attr)
        attr = xmlHasNsProp(xml, (const xmlChar *)name->full, NULL);
    /* libxml2 gives a declaration of the DTD, too */
    return attr && attr->type == XML_ATTRIBUTE_NODE ? attr : NULL;
}

static int attribute(lua_State *L)
{
    struct lookup *lookup = lookup_new(L);
    struct attribute_name wanted;
    xmlNodePtr xml;
    xmlAttrPtr attr;
    xmlNsPtr ns;

    check_name(L, 2, &wanted);
    document_of(L, &xml);
    if (xml->type == XML_ELEMENT_NODE && is_declaration(&wanted)) {
        ns = find_declared(xml, &wanted);
        lookup->text = ns ? xmlStrdup(ns->href) : NULL;
    } else if (xml->type == XML_ELEMENT_NODE) {
        attr = find_attribute(xml, &wanted, &ns);
        lookup->text = attr ? xmlNodeGetContent((xmlNodePtr)attr) : NULL;
    }
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

/* Only what changes the meaning of no name in the tree: a prefix that stands for nothing yet. */
static void declare(lua_State *L, xmlNodePtr xml, const struct attribute_name *name, const char *uri)
{
    xmlNsPtr ns = find_declared(xml, name);

    if (ns ? uri && xmlStrEqual(ns->href, (const xmlChar *)uri) : !uri)
        return;
    if (ns || !name->prefix || !*uri || g_str_has_prefix(name->local, "xml") || !xmlNewNs(xml, (const xmlChar *)uri, (const xmlChar *)name->local))
        luaL_error(L, "'%s': of namespaces, only a prefix that is not declared yet can be set", name->full);
}

/* false: out of memory. Raises. */
static bool set_attribute(lua_State *L, struct document *document, xmlNodePtr xml, const struct attribute_name *name, const char *value)
{
    xmlNsPtr ns;
    xmlAttrPtr attr;

    if (xml->type != XML_ELEMENT_NODE)
        luaL_error(L, "only elements have attributes");
    if (is_declaration(name)) {
        declare(L, xml, name, value);
        return true;
    }
    attr = find_attribute(xml, name, &ns);
    if (!value) {
        if (attr)
            take_out(document, (xmlNodePtr)attr);
        return true;
    }
    if (attr)
        return set_value(attr, value);
    if (name->prefix && !ns)
        luaL_error(L, "'%s': the prefix '%s' is not declared there", name->full, name->prefix);
    return xmlSetNsProp(xml, ns, (const xmlChar *)name->local, (const xmlChar *)value);
}

/* false: out of memory. Raises. */
static bool set_text(lua_State *L, struct document *document, xmlNodePtr xml, const char *value)
{
    xmlNodePtr content;

    switch (xml->type) {
    case XML_ATTRIBUTE_NODE:
        return set_value((xmlAttrPtr)xml, value);
    case XML_ELEMENT_NODE:
        content = xmlNewDocText(document->xml, (const xmlChar *)value);
        if (!content)
            return false;
        while (xml->children)
            take_out(document, xml->children);
        xmlAddChild(xml, content);
        return true;
    case XML_COMMENT_NODE:
        if (strstr(value, "--") || g_str_has_suffix(value, "-"))
            luaL_error(L, "a comment has no '--' in it and no '-' at its end");
        break;
    case XML_PI_NODE:
        if (strstr(value, "?>"))
            luaL_error(L, "a processing instruction has no '?>' in it");
        break;
    default:
        break;
    }
    xmlNodeSetContent(xml, NULL);
    xmlNodeAddContent(xml, (const xmlChar *)value);
    return true;
}

/* node:set("text"), node:set("attribute", "text" or nil) */
static int set(lua_State *L)
{
    bool named = lua_gettop(L) > 2;
    const char *value = named && lua_isnil(L, 3) ? NULL : check_text(L, named ? 3 : 2);
    struct attribute_name name;
    struct document *document;
    xmlNodePtr xml;

    if (named)
        check_name(L, 2, &name);
    document = document_of(L, &xml);
    if (!(named ? set_attribute(L, document, xml, &name, value) : set_text(L, document, xml, value)))
        return luaL_error(L, "not enough memory");
    lua_settop(L, 1);
    return 1;
}

/* parent:add("<disk .../>"): parsed and put last; the new element. */
static int add(lua_State *L)
{
    const char *source = check_text(L, 2);
    xmlNodePtr parent, list = NULL, element = NULL;
    bool several = false;
    struct document *document = document_of(L, &parent);

    luaL_argcheck(L, !strstr(source, "<!"), 2, "an element without declarations");
    if (parent->type != XML_ELEMENT_NODE)
        return luaL_error(L, "only elements have others within them");
    if (xmlParseInNodeContext(parent, source, (int)strlen(source), XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING, &list) != XML_ERR_OK
        || !list) {
        xmlFreeNodeList(list);
        return luaL_error(L, "what is to be added is no XML element");
    }
    while (list) {
        xmlNodePtr next = list->next;

        xmlUnlinkNode(list);
        if (list->type == XML_ELEMENT_NODE && !element) {
            element = list;
        } else {
            several = several || list->type == XML_ELEMENT_NODE;
            xmlFreeNode(list);
        }
        list = next;
    }
    if (several)
        xmlFreeNode(g_steal_pointer(&element));
    if (!element)
        return luaL_error(L, several ? "what is to be added is more than one XML element" : "what is to be added is no XML element");
    xmlAddChild(parent, element);
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

/*
 * To the collector, a document is as small as its userdata: it would come too late. So it makes the step that it would have made if Lua had
 * allocated the tree, which takes some 6 KB and, measured, 8 to 35 times the text; unless the script has stopped it.
 */
static void tell_collector(lua_State *L, size_t length)
{
    size_t kilobytes = 6 + length / 64;

    if (!lua_gc(L, LUA_GCISRUNNING))
        return;
#if LUA_VERSION_NUM >= 505
    lua_gc(L, LUA_GCSTEP, kilobytes * 1024);
#else
    lua_gc(L, LUA_GCSTEP, (int)kilobytes);
#endif
}

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
    /* libxml2 ends at a NUL; in UTF-16, the first one is within the first four bytes */
    if (strlen(source) >= 4 && strlen(source) < length)
        return luaL_error(L, "not XML: there is a NUL in it");
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
    /* the text was in it, but the tree is in UTF-8, as is what a script adds */
    xmlFree((xmlChar *)document->xml->encoding);
    document->xml->encoding = NULL;
    document->removed = xmlNewDocFragment(document->xml);
    if (!document->removed)
        return luaL_error(L, "not enough memory");
    tell_collector(L, length);
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
