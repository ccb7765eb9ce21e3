/* SPDX-License-Identifier: GPL-3.0-or-later */
/* metadata.c - what people wrote about a guest: desc, metadata. */
#include "domain.h"
#include <stdlib.h>
#include <string.h>

struct desc_args {
    virDomainPtr domain;
    unsigned int affect;
    bool title, edit;
    HVSH_LIST_OF(const char *) new_desc;
};

static const struct hvsh_field desc_args[] = {
    DOMAIN(struct desc_args, 0),
    HVSH_AFFECT(struct desc_args, affect),
    HVSH_FLAG(struct desc_args, title, "the title instead of the description"),
    HVSH_FLAG(struct desc_args, edit, "open an editor", .flags = HVSH_AT_TERMINAL),
    HVSH_TEXTS(struct desc_args, new_desc, HVSH_REST | HVSH_EMPTY_OK, "the new text; several words are joined by blanks"),
    HVSH_END
};

/* virsh ends none of these with a newline. */
OBJECT_MESSAGE(no_title, "No title for domain: {name}", .flags = HVSH_NO_NEWLINE);
OBJECT_MESSAGE(no_description, "No description for domain: {name}", .flags = HVSH_NO_NEWLINE);
OBJECT_MESSAGE(title_set, "Domain title updated successfully", .flags = HVSH_NO_NEWLINE);
OBJECT_MESSAGE(description_set, "Domain description updated successfully", .flags = HVSH_NO_NEWLINE);

/* The text that is there, owned by the call; "" when there is none, NULL after a failure. */
static const char *desc_now(hvsh_call *call, const struct desc_args *args)
{
    int type = args->title ? VIR_DOMAIN_METADATA_TITLE : VIR_DOMAIN_METADATA_DESCRIPTION;
    char *text = virDomainGetMetadata(args->domain, type, NULL, args->affect == VIR_DOMAIN_AFFECT_CONFIG ? args->affect : 0);

    if (text)
        return hvsh_own_text(call, text);
    if (virGetLastErrorCode() == VIR_ERR_NO_DOMAIN_METADATA)
        return "";
    hvsh_fail_libvirt(call);
    return NULL;
}

static int desc_set(hvsh_call *call, const struct desc_args *args, const char *text)
{
    int type = args->title ? VIR_DOMAIN_METADATA_TITLE : VIR_DOMAIN_METADATA_DESCRIPTION;

    if (virDomainSetMetadata(args->domain, type, text, NULL, NULL, args->affect) < 0)
        return hvsh_fail_virt(call, "Failed to set new domain %s", args->title ? "title" : "description");
    return domain_say(call, args->title ? &title_set : &description_set, args->domain);
}

/* What the editor begins with: the words of the line, or the text that is there. */
struct desc_edit { const struct desc_args *args; const char *words; };

static char *edit_get(hvsh_call *call, void *arg)
{
    const struct desc_edit *edit = arg;
    const char *text = edit->words ? edit->words : desc_now(call, edit->args);

    return text ? strdup(text) : NULL;
}

static int edit_apply(hvsh_call *call, const char *text, bool validate, void *arg)
{
    const struct desc_edit *edit = arg;
    size_t length = strlen(text);

    (void)validate;
    /* many editors end a file with a newline; a title has none */
    if (edit->args->title && length && text[length - 1] == '\n')
        length--;
    return desc_set(call, edit->args, hvsh_printf(call, "%.*s", (int)length, text));
}

static int desc_run(hvsh_call *call, const void *p)
{
    const struct desc_args *args = p;
    g_autofree char *words = NULL;
    const struct hvsh_shape *none = args->title ? &no_title : &no_description;
    const char *text;

    if (hvsh_given(call, "new-desc")) {
        g_autofree const char **list = g_new0(const char *, args->new_desc.count + 1);

        memcpy(list, args->new_desc.items, args->new_desc.count * sizeof(*list));
        words = g_strjoinv(" ", (char **)list);
    }
    if (args->edit) {
        struct desc_edit state = { args, words };
        const struct hvsh_edit edit = {
            .what = args->title ? "Domain title" : "Domain description",
            .suffix = ".txt",
            .get = edit_get,
            .apply = edit_apply,
            .arg = &state,
            .unchanged = args->title ? "Domain title not changed" : "Domain description not changed",
            .changed = "",
        };

        return hvsh_edit(call, &edit);
    }
    if (words)
        return desc_set(call, args, words);
    if (!(text = desc_now(call, args)))
        return -1;
    if (!*text && object_says_none(call, none))
        return domain_say(call, none, args->domain);
    return object_text(call, &bare_shape, text);
}

const struct hvsh_command COMMAND(desc) = {
    .name = "desc",
    .group = "domain",
    .help = "show or set domain's description or title",
    HVSH_ARGS(desc_args),
    .shapes = HVSH_SHAPES(&bare_shape, &no_title, &no_description, &title_set, &description_set),
    .examples = HVSH_EXAMPLES({ "desc test", "show it" }, { "desc test --title The test guest", "set the title" }),
    .run = desc_run,
};

/* ---- metadata ---- */

struct metadata_args { virDomainPtr domain; const char *uri; unsigned int flags; bool edit; const char *key, *set; bool remove; };

static const struct hvsh_field metadata_args[] = {
    DOMAIN(struct metadata_args, 0),
    HVSH_TEXT(struct metadata_args, uri, "URI of the namespace", .flags = HVSH_REQUIRED),
    HVSH_AFFECT(struct metadata_args, flags),
    HVSH_FLAG(struct metadata_args, edit, "open an editor", .flags = HVSH_AT_TERMINAL),
    HVSH_TEXT(struct metadata_args, key, "prefix of the namespace in the domain's XML"),
    HVSH_TEXT(struct metadata_args, set, "the new element"),
    HVSH_FLAG(struct metadata_args, remove, "take it away"),
    HVSH_EXCLUDES("edit", "set"),
    HVSH_EXCLUDES("remove", "set edit"),
    HVSH_END
};

OBJECT_MESSAGE(metadata_set, "Metadata modified");
OBJECT_MESSAGE(metadata_removed, "Metadata removed");

static char *metadata_get(hvsh_call *call, void *arg)
{
    const struct metadata_args *args = arg;
    char *text = virDomainGetMetadata(args->domain, VIR_DOMAIN_METADATA_ELEMENT, args->uri, args->flags);

    /* nothing yet: the editor begins with a line to be filled */
    if (!text && virGetLastErrorCode() == VIR_ERR_NO_DOMAIN_METADATA)
        text = strdup("\n");
    if (!text)
        hvsh_fail_libvirt(call);
    return text;
}

static int metadata_apply(hvsh_call *call, const char *text, bool validate, void *arg)
{
    const struct metadata_args *args = arg;

    (void)validate;
    if (virDomainSetMetadata(args->domain, VIR_DOMAIN_METADATA_ELEMENT, text, args->key, args->uri, args->flags) < 0)
        return hvsh_fail_libvirt(call);
    return domain_say(call, text ? &metadata_set : &metadata_removed, args->domain);
}

static int metadata_run(hvsh_call *call, const void *p)
{
    const struct metadata_args *args = p;
    struct metadata_args copy = *args;
    const struct hvsh_edit edit = {
        .what = "Metadata", .get = metadata_get, .apply = metadata_apply, .arg = &copy, .unchanged = "Metadata not changed", .changed = "",
    };
    char *text;

    if ((args->set || args->edit) && !args->key)
        return hvsh_fail(call, "namespace key is required when modifying metadata");
    if (args->set || args->remove)
        return metadata_apply(call, args->set, true, &copy);
    if (args->edit)
        return hvsh_edit(call, &edit);
    text = virDomainGetMetadata(args->domain, VIR_DOMAIN_METADATA_ELEMENT, args->uri, args->flags);
    if (!text)
        return hvsh_fail_libvirt(call);
    return object_text(call, &text_shape, hvsh_own_text(call, text));
}

const struct hvsh_command COMMAND(metadata) = {
    .name = "metadata",
    .group = "domain",
    .help = "show or set domain's custom XML metadata",
    .description = "An XML element of one's own in the domain's definition, one for each namespace.",
    HVSH_ARGS(metadata_args),
    .shapes = HVSH_SHAPES(&text_shape, &metadata_set, &metadata_removed),
    .examples = HVSH_EXAMPLES({ "metadata test http://example.org/owner --key owner --set \"<team>web</team>\"", "set it" },
                              { "metadata web1 http://example.org/owner", "show it", HVSH_MATCH_ONLY }),
    .run = metadata_run,
};
