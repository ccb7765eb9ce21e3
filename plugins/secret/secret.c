/* SPDX-License-Identifier: GPL-3.0-or-later */
/* secret.c - secrets, which volumes and servers are opened with: virsh's group "secret". */
#include "events.h"
#include "object.h"
#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#define SECRET(s) HVSH_SECRET_OBJECT(s, secret, "the secret's uuid", .flags = HVSH_REQUIRED)

struct only_secret { virSecretPtr secret; };
static const struct hvsh_field only_secret[] = { SECRET(struct only_secret), HVSH_END };

static const struct hvsh_choice usages[] = {
    { "none", VIR_SECRET_USAGE_TYPE_NONE }, { "volume", VIR_SECRET_USAGE_TYPE_VOLUME }, { "ceph", VIR_SECRET_USAGE_TYPE_CEPH },
    { "iscsi", VIR_SECRET_USAGE_TYPE_ISCSI }, { "tls", VIR_SECRET_USAGE_TYPE_TLS }, { "vtpm", VIR_SECRET_USAGE_TYPE_VTPM }, { NULL }
};

static void free_secret(void *secret)
{
    virSecretFree(secret);
}

static const char *secret_uuid(hvsh_call *call, virSecretPtr secret)
{
    char uuid[VIR_UUID_STRING_BUFLEN];

    return virSecretGetUUIDString(secret, uuid) < 0 ? NULL : hvsh_printf(call, "%s", uuid);
}

/* ---- secret-list ---- */

struct list_args { unsigned int filter; };

static const struct hvsh_field list_args[] = {
    HVSH_BIT(struct list_args, filter, "ephemeral", VIR_CONNECT_LIST_SECRETS_EPHEMERAL, "only those that are never written to a disk"),
    HVSH_BIT(struct list_args, filter, "no-ephemeral", VIR_CONNECT_LIST_SECRETS_NO_EPHEMERAL, "only those that are"),
    HVSH_BIT(struct list_args, filter, "private", VIR_CONNECT_LIST_SECRETS_PRIVATE, "only those whose value is told to nobody"),
    HVSH_BIT(struct list_args, filter, "no-private", VIR_CONNECT_LIST_SECRETS_NO_PRIVATE, "only those whose value can be asked for"),
    HVSH_END
};

struct list_row { const char *uuid, *line; int type; const char *id; };

static const struct hvsh_field list_row[] = {
    HVSH_TEXT(struct list_row, uuid, "uuid", .label = "UUID"),
    HVSH_TEXT(struct list_row, line, "what it is for", .label = "Usage", .flags = HVSH_HIDE),
    HVSH_ENUM(struct list_row, type, "kind of its usage", .choices = usages),
    HVSH_TEXT(struct list_row, id, "what it is for", .name = "usage"),
    HVSH_END
};

static const struct hvsh_shape list_shape = { .name = "secrets", .kind = HVSH_TABLE, HVSH_ROW(list_row) };

static int by_uuid(const void *a, const void *b)
{
    return strcmp(((const struct list_row *)a)->uuid, ((const struct list_row *)b)->uuid);
}

static int list_run(hvsh_call *call, const void *p)
{
    const struct list_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    virSecretPtr *secrets = NULL;
    struct list_row *rows;
    int count;

    if (!connection)
        return -1;
    count = virConnectListAllSecrets(connection, &secrets, args->filter);
    if (count < 0 && virGetLastErrorCode() == VIR_ERR_NO_SUPPORT && args->filter)
        return hvsh_fail_virt(call, "Filtering is not supported by this libvirt");
    if (count < 0)
        return hvsh_fail_virt(call, "Failed to %s secrets", virGetLastErrorCode() == VIR_ERR_NO_SUPPORT ? "count" : "list");
    hvsh_own_text(call, (char *)secrets);
    rows = hvsh_defer(call, g_new0(struct list_row, count + 1), g_free);
    for (int i = 0; i < count; i++) {
        struct list_row *row = &rows[i];

        hvsh_defer(call, secrets[i], free_secret);
        row->uuid = secret_uuid(call, secrets[i]);
        row->type = virSecretGetUsageType(secrets[i]);
        row->id = row->type == VIR_SECRET_USAGE_TYPE_NONE ? NULL : virSecretGetUsageID(secrets[i]);
        row->line = row->id ? hvsh_printf(call, "%s %s", event_word(usages, row->type), row->id) : "Unused";
    }
    qsort(rows, (size_t)count, sizeof(*rows), by_uuid);
    for (int i = 0; i < count; i++)
        if (hvsh_emit(call, &list_shape, &rows[i]) < 0)
            return -1;
    return 0;
}

static const struct hvsh_command secret_list = {
    .name = "secret-list",
    .group = "secret",
    .help = "list secrets",
    .description = "The secrets and what they are for, never their values.",
    HVSH_ARGS(list_args),
    .shapes = HVSH_SHAPES(&list_shape),
    .examples = HVSH_EXAMPLES({ "secret-list --no-private", "those whose value can be asked for", HVSH_ON_LIVE }),
    .run = list_run,
};

/* ---- secret-define, secret-undefine, secret-dumpxml ---- */

struct define_args { const char *file; unsigned int flags; };

static const struct hvsh_field define_args[] = {
    HVSH_XML(struct define_args, file, "file with the XML of the secret", .flags = HVSH_REQUIRED),
    HVSH_BIT(struct define_args, flags, "validate", VIR_SECRET_DEFINE_VALIDATE, "check the XML against the schema"),
    HVSH_END
};

OBJECT_MESSAGE(created, "Secret {uuid} created");
OBJECT_MESSAGE(deleted, "Secret {given} deleted");

static int define_run(hvsh_call *call, const void *p)
{
    const struct define_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    const char *file = hvsh_text(call, "file");
    virSecretPtr secret;

    if (!connection)
        return -1;
    secret = hvsh_defer(call, virSecretDefineXML(connection, args->file, args->flags), free_secret);
    if (!secret)
        return hvsh_fail_virt(call, "Failed to set attributes from %s", file);
    return object_say(call, &created, NULL, secret_uuid(call, secret), file);
}

static const struct hvsh_command secret_define = {
    .name = "secret-define",
    .group = "secret",
    .help = "define or modify a secret from an XML file",
    .description = "Make a secret known, or change what is known of it. Its value is set by secret-set-value.",
    HVSH_ARGS(define_args),
    .shapes = HVSH_SHAPES(&created),
    .examples = HVSH_EXAMPLES({ "secret-define luks.xml", "a secret without a value", HVSH_MATCH_ONLY }),
    .run = define_run,
};

static int undefine_run(hvsh_call *call, const void *p)
{
    virSecretPtr secret = ((const struct only_secret *)p)->secret;

    if (virSecretUndefine(secret) < 0)
        return hvsh_fail_virt(call, "Failed to delete secret %s", hvsh_text(call, "secret"));
    return object_say_given(call, &deleted, NULL, secret_uuid(call, secret), "secret");
}

static const struct hvsh_command secret_undefine = {
    .name = "secret-undefine",
    .group = "secret",
    .help = "undefine a secret",
    .description = "Forget a secret and its value.",
    HVSH_ARGS(only_secret),
    .shapes = HVSH_SHAPES(&deleted),
    .examples = HVSH_EXAMPLES({ "secret-undefine 55555555-0000-0000-0000-000000000001", "forget it", HVSH_MATCH_ONLY }),
    .run = undefine_run,
};

struct dumpxml_args { virSecretPtr secret; struct xml_choice xml; };

static const struct hvsh_field dumpxml_args[] = { SECRET(struct dumpxml_args), OBJECT_XML_ROWS(struct dumpxml_args), HVSH_END };

static int dumpxml_run(hvsh_call *call, const void *p)
{
    const struct dumpxml_args *args = p;

    return object_xml(call, virSecretGetXMLDesc(args->secret, 0), &args->xml);
}

static const struct hvsh_command secret_dumpxml = {
    .name = "secret-dumpxml",
    .group = "secret",
    .help = "secret attributes in XML",
    HVSH_ARGS(dumpxml_args),
    .shapes = HVSH_SHAPES(&xml_shape),
    .examples = HVSH_EXAMPLES({ "secret-dumpxml 55555555-0000-0000-0000-000000000001", "what it is for", HVSH_MATCH_ONLY }),
    .run = dumpxml_run,
};

/* ---- secret-set-value, secret-get-value ---- */

struct set_args { virSecretPtr secret; const char *file; bool plain, interactive; const char *base64; };

static const struct hvsh_field set_args[] = {
    SECRET(struct set_args),
    HVSH_PATH(struct set_args, file, "file with the value", .flags = HVSH_NAMED),
    HVSH_FLAG(struct set_args, plain, "the file has the value as it is, not in base64"),
    HVSH_FLAG(struct set_args, interactive, "ask for the value at the terminal"),
    HVSH_TEXT(struct set_args, base64, "the value in base64; other users of this machine can see it", .flags = HVSH_SECRET),
    HVSH_EXCLUDES("file", "base64"),
    HVSH_EXCLUDES("plain", "base64"),
    HVSH_EXCLUDES("interactive", "base64"),
    HVSH_EXCLUDES("interactive", "plain"),
    HVSH_EXCLUDES("interactive", "file"),
    HVSH_END
};

static void wipe_bytes(void *bytes)
{
    GByteArray *array = bytes;

    explicit_bzero(array->data, array->len);
    g_byte_array_unref(array);
}

/* The bytes of a text in base64, the call's; NULL: it is none. */
static GByteArray *decode(hvsh_call *call, const char *text, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t valid = 0, padding = 0, size;
    guchar *bytes;

    for (size_t i = 0; i < length; i++) {
        if (g_ascii_isspace(text[i]))
            continue;
        if (text[i] == '=')
            padding++;
        else if (text[i] && strchr(digits, text[i]) && !padding)
            valid++;
        else
            return NULL;
    }
    if (!valid || padding > 2 || (valid + padding) % 4)
        return NULL;
    bytes = g_base64_decode(text, &size);
    return hvsh_defer(call, g_byte_array_new_take(bytes, size), wipe_bytes);
}

/* The value to set, the call's; NULL after a failure. */
static GByteArray *new_value(hvsh_call *call, const struct set_args *args)
{
    GByteArray *bytes, *content;
    const char *text = args->base64;
    size_t length = text ? strlen(text) : 0;

    if (args->interactive) {
        if (!(text = hvsh_ask(call, "Enter new value for secret:", true)))
            return NULL;
        bytes = hvsh_defer(call, g_byte_array_new(), wipe_bytes);
        return g_byte_array_append(bytes, (const guint8 *)text, (guint)strlen(text));
    }
    if (args->file) {
        g_autoptr(GError) error = NULL;
        char *data;

        if (!g_file_get_contents(args->file, &data, &length, &error)) {
            hvsh_fail(call, "Failed to open file '%s': %s", hvsh_text(call, "file"), g_strerror(errno));
            return NULL;
        }
        content = hvsh_defer(call, g_byte_array_new_take((guint8 *)data, length), wipe_bytes);
        if (args->plain)
            return content;
        text = (const char *)content->data;
    } else if (!text) {
        hvsh_fail(call, "Input secret value is missing");
        hvsh_hint(call, "--interactive asks for it, --file reads it");
        return NULL;
    } else {
        hvsh_note(call, "Passing secret value as command-line argument is insecure!");
    }
    bytes = decode(call, text, length);
    if (!bytes) {
        hvsh_fail(call, "Failed to set secret value");
        hvsh_fail(call, "the value is no base64%s", args->file ? "; --plain takes the file as it is" : "");
    }
    return bytes;
}

OBJECT_MESSAGE(value_set, "Secret value set");

static int set_run(hvsh_call *call, const void *p)
{
    const struct set_args *args = p;
    GByteArray *value = new_value(call, args);

    if (!value)
        return -1;
    if (virSecretSetValue(args->secret, value->data, value->len, 0) < 0)
        return hvsh_fail_virt(call, "Failed to set secret value");
    return object_say(call, &value_set, NULL, secret_uuid(call, args->secret), NULL);
}

static const struct hvsh_command secret_set_value = {
    .name = "secret-set-value",
    .group = "secret",
    .help = "set a secret value",
    .description = "The value is asked for with --interactive, or read from a file: what stands on a command line is seen by others.",
    HVSH_ARGS(set_args),
    .shapes = HVSH_SHAPES(&value_set),
    .examples = HVSH_EXAMPLES({ "secret-set-value 55555555-0000-0000-0000-000000000001 --interactive", "ask for it", HVSH_MATCH_ONLY },
                              { "secret-set-value 55555555-0000-0000-0000-000000000001 --file key --plain", "the bytes of a file",
                                HVSH_MATCH_ONLY }),
    .run = set_run,
};

struct get_args { virSecretPtr secret; bool plain; };

static const struct hvsh_field get_args[] = {
    SECRET(struct get_args),
    HVSH_FLAG(struct get_args, plain, "as it is, not in base64"),
    HVSH_END
};

static int get_run(hvsh_call *call, const void *p)
{
    const struct get_args *args = p;
    size_t size = 0;
    unsigned char *bytes = virSecretGetValue(args->secret, &size, 0);
    GByteArray *value;
    char *text;

    if (!bytes)
        return hvsh_fail_libvirt(call);
    value = hvsh_defer(call, g_byte_array_sized_new((guint)size + 1), wipe_bytes);
    g_byte_array_append(value, bytes, (guint)size);
    explicit_bzero(bytes, size);
    free(bytes);
    if (args->plain) {
        /* rows are texts */
        if (memchr(value->data, '\0', size))
            return hvsh_fail(call, "the value is no text: it can be had in base64, without --plain");
        g_byte_array_append(value, (const guint8 *)"", 1);
        return object_text(call, &bare_shape, (const char *)value->data);
    }
    text = g_base64_encode(value->data, size);
    hvsh_defer(call, g_byte_array_new_take((guint8 *)text, strlen(text)), wipe_bytes);
    return object_text(call, &bare_shape, text);
}

static const struct hvsh_command secret_get_value = {
    .name = "secret-get-value",
    .group = "secret",
    .help = "output a secret value",
    .description = "A private secret's value is told to nobody.",
    HVSH_ARGS(get_args),
    .shapes = HVSH_SHAPES(&bare_shape),
    .examples = HVSH_EXAMPLES({ "secret-get-value 55555555-0000-0000-0000-000000000001", "in base64", HVSH_MATCH_ONLY }),
    .run = get_run,
};

/* ---- secret-event ---- */

static const struct hvsh_choice kinds[] = {
    { "lifecycle", VIR_SECRET_EVENT_ID_LIFECYCLE, "defined, undefined" },
    { "value-changed", VIR_SECRET_EVENT_ID_VALUE_CHANGED, "it has another value" },
    { NULL }
};

static const struct hvsh_choice changes[] = { { "Defined", VIR_SECRET_EVENT_DEFINED }, { "Undefined", VIR_SECRET_EVENT_UNDEFINED }, { NULL } };

static void lifecycle(virConnectPtr connection, virSecretPtr secret, int change, int detail, void *to)
{
    char uuid[VIR_UUID_STRING_BUFLEN] = "";
    const char *word = event_word(changes, change);
    struct event *event;

    (void)connection;
    (void)detail;
    virSecretGetUUIDString(secret, uuid);
    event = event_new(to, uuid);
    event_detail(event, "change", word);
    event_tell(event, ": %s", word);
}

static void value_changed(virConnectPtr connection, virSecretPtr secret, void *to)
{
    char uuid[VIR_UUID_STRING_BUFLEN] = "";

    (void)connection;
    virSecretGetUUIDString(secret, uuid);
    event_tell(event_new(to, uuid), "%s", "");
}

static int subscribe(virConnectPtr connection, void *secret, int kind, void *to)
{
    virConnectSecretEventGenericCallback callback = kind == VIR_SECRET_EVENT_ID_LIFECYCLE ? VIR_SECRET_EVENT_CALLBACK(lifecycle)
                                                                                          : VIR_SECRET_EVENT_CALLBACK(value_changed);

    return virConnectSecretEventRegisterAny(connection, secret, kind, callback, to, event_done);
}

static const struct event_source source = { "secret ", "", kinds, subscribe, virConnectSecretEventDeregisterAny };

struct event_args { virSecretPtr secret; struct event_choice events; };

static const struct hvsh_field event_args[] = {
    HVSH_SECRET_OBJECT(struct event_args, secret, "only of this secret"),
    EVENT_ROWS(struct event_args, kinds),
    HVSH_END
};

static int event_command_run(hvsh_call *call, const void *p)
{
    const struct event_args *args = p;

    return event_run(call, &source, args->secret, &args->events);
}

static const struct hvsh_command secret_event = {
    .name = "secret-event",
    .group = "secret",
    .help = "wait for events of secrets",
    .description = "Show the first event that comes, or with --loop all of them. The exit status is 1 when none has come.",
    HVSH_ARGS(event_args),
    .shapes = EVENT_SHAPES,
    .examples = HVSH_EXAMPLES({ "secret-event --list", "which events there are" }),
    .run = event_command_run,
};

static const struct hvsh_command *const commands[] = {
    &secret_list, &secret_define, &secret_undefine, &secret_dumpxml, &secret_set_value, &secret_get_value, &secret_event, NULL
};

HVSH_PLUGIN(
    .name = "secret",
    .version = "1",
    .summary = "secrets that volumes and servers are opened with",
    .commands = commands);
