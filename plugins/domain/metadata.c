/* SPDX-License-Identifier: GPL-3.0-or-later */
/* metadata.c - what people wrote about a guest: desc. */
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
    if (!*text)
        return domain_say(call, args->title ? &no_title : &no_description, args->domain);
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
