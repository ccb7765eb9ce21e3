/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out-value.c - values and rows by their tables: missing, text, JSON, copies, templates. Sinks, the rows' queue and Lua stand on it. */
#include "out-private.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "lazy-json.h"

const char *field_key(const struct hvsh_field *field)
{
    return field->name ? field->name : field->member;
}

const struct hvsh_field *field_find(const struct hvsh_field *const *fields, const char *name, size_t length)
{
    for (; fields && *fields; fields++) {
        const char *key = field_key(*fields);

        if (strncmp(key, name, length) == 0 && !key[length])
            return *fields;
    }
    return NULL;
}

/* ---- kinds ---- */

static bool is_text(enum hvsh_kind kind)
{
    return kind == HVSH_KIND_TEXT || kind == HVSH_KIND_PATH || kind == HVSH_KIND_XML || kind == HVSH_KIND_UUID || kind == HVSH_KIND_MAC ||
           kind == HVSH_KIND_XPATH;
}

/* libvirt's objects are counted: a row that is kept holds a reference. */
static const struct object_kind {
    enum hvsh_kind kind;
    int (*ref)(void *object);
    int (*release)(void *object);
} object_kinds[] = {
#define OBJECT(kind, name) {kind, (int (*)(void *))(void (*)(void))name##Ref, (int (*)(void *))(void (*)(void))name##Free}
    OBJECT(HVSH_KIND_DOMAIN, virDomain),
    OBJECT(HVSH_KIND_NETWORK, virNetwork),
    OBJECT(HVSH_KIND_POOL, virStoragePool),
    OBJECT(HVSH_KIND_VOLUME, virStorageVol),
    OBJECT(HVSH_KIND_INTERFACE, virInterface),
    OBJECT(HVSH_KIND_NODEDEV, virNodeDevice),
    OBJECT(HVSH_KIND_SECRET, virSecret),
    OBJECT(HVSH_KIND_NWFILTER, virNWFilter),
    OBJECT(HVSH_KIND_SNAPSHOT, virDomainSnapshot),
    OBJECT(HVSH_KIND_CHECKPOINT, virDomainCheckpoint),
    {HVSH_KIND_CONNECTION, (int (*)(void *))(void (*)(void))virConnectRef, (int (*)(void *))(void (*)(void))virConnectClose},
#undef OBJECT
};

static const struct object_kind *object_kind(enum hvsh_kind kind)
{
    for (size_t i = 0; i < G_N_ELEMENTS(object_kinds); i++)
        if (object_kinds[i].kind == kind)
            return &object_kinds[i];
    return NULL;
}

static bool element_missing(enum hvsh_kind kind, const void *value)
{
    switch (kind) {
    case HVSH_KIND_FLAG:
        return false;
    case HVSH_KIND_INT:
    case HVSH_KIND_ENUM:
        return *(const int *)value == INT_MIN;
    case HVSH_KIND_BIT:
    case HVSH_KIND_UINT:
        return *(const unsigned int *)value == UINT_MAX;
    case HVSH_KIND_INT64:
    case HVSH_KIND_TIME:
        return *(const int64_t *)value == INT64_MIN;
    case HVSH_KIND_UINT64:
    case HVSH_KIND_SIZE:
    case HVSH_KIND_BANDWIDTH:
    case HVSH_KIND_DURATION:
        return *(const uint64_t *)value == UINT64_MAX;
    case HVSH_KIND_REAL:
    case HVSH_KIND_PERCENT:
        return isnan(*(const double *)value);
    case HVSH_KIND_CPUSET:
        return !((const struct hvsh_cpuset *)value)->map;
    case HVSH_KIND_PARAMS:
        return ((const struct hvsh_params *)value)->count <= 0;
    case HVSH_KIND_ROWS:
        return ((const struct hvsh_rows *)value)->count == 0;
    default:
        return !*(void *const *)value;
    }
}

/* Any list, as its bytes lie. */
typedef HVSH_LIST_OF(char) any_list;

bool value_missing(const struct hvsh_field *field, const void *value)
{
    if (field->flags & HVSH_LIST)
        return ((const any_list *)value)->count == 0;
    return element_missing(field->type->kind, value);
}

/* ---- text ---- */

static const char *flag_word(const struct hvsh_field *field, bool on, enum hvsh_style style)
{
    for (const struct hvsh_choice *choice = field->choices; choice && choice->name; choice++)
        if (choice->value == on)
            return choice->name;
    if (style == HVSH_DATA)
        return on ? "true" : "false";
    return on ? "yes" : "no";
}

void param_print(const virTypedParameter *param, hvsh_buffer *out)
{
    switch (param->type) {
    case VIR_TYPED_PARAM_INT:
        hvsh_buffer_printf(out, "%d", param->value.i);
        break;
    case VIR_TYPED_PARAM_UINT:
        hvsh_buffer_printf(out, "%u", param->value.ui);
        break;
    case VIR_TYPED_PARAM_LLONG:
        hvsh_buffer_printf(out, "%lld", param->value.l);
        break;
    case VIR_TYPED_PARAM_ULLONG:
        hvsh_buffer_printf(out, "%llu", param->value.ul);
        break;
    case VIR_TYPED_PARAM_DOUBLE:
        hvsh_buffer_printf(out, "%f", param->value.d);
        break;
    case VIR_TYPED_PARAM_BOOLEAN:
        hvsh_buffer_add(out, param->value.b ? "yes" : "no");
        break;
    case VIR_TYPED_PARAM_STRING:
        hvsh_buffer_add(out, param->value.s);
        break;
    default:
        break;
    }
}

static void print_element(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    enum hvsh_kind kind = field->type->kind;

    if (element_missing(kind, value))
        return;
    if (kind == HVSH_KIND_FLAG) {
        hvsh_buffer_add(out, flag_word(field, *(const bool *)value, style));
    } else if (field->type->print) {
        field->type->print(field, value, style, out);
    } else if (kind == HVSH_KIND_PARAMS || kind == HVSH_KIND_ROWS) {
        /* What has no text of its own is shown as data. */
        struct json_object *json = value_json(field, value);

        hvsh_buffer_add(out, json_object_to_json_string_ext(json, JSON_STYLE));
        json_object_put(json);
    } else if (is_text(kind)) {
        hvsh_buffer_add(out, *(const char *const *)value);
    }
}

void value_print(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    const any_list *list = value;

    if (!(field->flags & HVSH_LIST)) {
        print_element(field, value, style, out);
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (i)
            g_string_append_c(out->text, ',');
        print_element(field, list->items + i * field->type->size, style, out);
    }
}

void value_text(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    if (value_missing(field, value))
        hvsh_buffer_add(out, field->missing ? field->missing : "-");
    else
        value_print(field, value, style, out);
}

void text_make_safe(GString *text)
{
    for (size_t i = 0; i < text->len; i++) {
        unsigned char c = (unsigned char)text->str[i], next = (unsigned char)text->str[i + 1];
        char escaped[16];
        /* C1's controls are two bytes in UTF-8. */
        size_t length = c == 0xc2 && next >= 0x80 && next < 0xa0 ? 2 : (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f ? 1 : 0;

        if (!length)
            continue;
        if (length == 2)
            g_snprintf(escaped, sizeof escaped, "\\x%02x\\x%02x", c, next);
        else
            g_snprintf(escaped, sizeof escaped, "\\x%02x", c);
        g_string_erase(text, (gssize)i, (gssize)length);
        g_string_insert(text, (gssize)i, escaped);
        i += strlen(escaped) - 1;
    }
}

void text_pad(GString *out, const char *text, long width)
{
    size_t have = util_width(text), want = (size_t)labs(width), blanks = want > have ? want - have : 0;

    if (width < 0)
        g_string_append(out, text);
    g_string_append_printf(out, "%*s", (int)blanks, "");
    if (width >= 0)
        g_string_append(out, text);
}

/* "{name}" or "{name:-30}" at `text`: the field, its width and what follows; NULL when it is none. */
static const struct hvsh_field *template_field(const char *text, const struct hvsh_field *const *fields, long *width, const char **after)
{
    const char *end = strchr(text, '}');
    const struct hvsh_field *field;
    size_t length;
    char *stop;

    if (*text != '{' || !end)
        return NULL;
    length = strcspn(++text, ":}");
    field = field_find(fields, text, length);
    if (!field)
        return NULL;
    *width = 0;
    if (text[length] == ':') {
        *width = strtol(text + length + 1, &stop, 10);
        if (stop != end || labs(*width) > 4096)
            return NULL;
    }
    *after = end + 1;
    return field;
}

void template_expand(const char *text, const struct hvsh_field *const *fields, const void *row, enum hvsh_style style, hvsh_buffer *out)
{
    while (*text) {
        size_t plain = strcspn(text, "{");
        const struct hvsh_field *field;
        const char *after;
        long width;

        g_string_append_len(out->text, text, (gssize)plain);
        text += plain;
        if (!*text)
            break;
        field = template_field(text, fields, &width, &after);
        if (field) {
            g_autoptr(GString) value = g_string_new(NULL);

            value_text(field, field_at(field, row), style, &(hvsh_buffer){value});
            if (style == HVSH_HUMAN)
                text_make_safe(value);
            text_pad(out->text, value->str, width);
            text = after;
        } else {
            g_string_append_c(out->text, '{');
            text += text[1] == '{' ? 2 : 1;
        }
    }
}

bool template_names(const char *text, const struct hvsh_field *const *fields, const struct hvsh_field *wanted)
{
    const char *after;
    long width;

    for (; (text = strchr(text, '{')); text++) {
        if (text[1] == '{')
            text++;
        else if (template_field(text, fields, &width, &after) == wanted)
            return true;
    }
    return false;
}

/* ---- JSON ---- */

static struct json_object *json_text(const char *text)
{
    g_autofree char *valid = NULL;

    if (!text)
        return NULL;
    valid = g_utf8_make_valid(text, -1);
    return json_object_new_string(valid);
}

static struct json_object *json_unsigned(uint64_t value)
{
    char text[32];

    if (value <= INT64_MAX)
        return json_object_new_int64((int64_t)value);
    /* json-c before 0.14 has no unsigned integers; a number that brings its own text is printed as it is. */
    g_snprintf(text, sizeof text, "%" G_GUINT64_FORMAT, value);
    return json_object_new_double_s((double)value, text);
}

/* The shortest text that reads back as the same number. */
static struct json_object *json_real(double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    if (!isfinite(value))
        return NULL;
    g_ascii_formatd(text, sizeof text, "%.15g", value);
    if (g_ascii_strtod(text, NULL) != value)
        g_ascii_dtostr(text, sizeof text, value);
    return json_object_new_double_s(value, text);
}

static struct json_object *param_json(const virTypedParameter *param)
{
    switch (param->type) {
    case VIR_TYPED_PARAM_INT:
        return json_object_new_int64(param->value.i);
    case VIR_TYPED_PARAM_UINT:
        return json_object_new_int64(param->value.ui);
    case VIR_TYPED_PARAM_LLONG:
        return json_object_new_int64(param->value.l);
    case VIR_TYPED_PARAM_ULLONG:
        return json_unsigned(param->value.ul);
    case VIR_TYPED_PARAM_DOUBLE:
        return json_real(param->value.d);
    case VIR_TYPED_PARAM_BOOLEAN:
        return json_object_new_boolean(param->value.b != 0);
    case VIR_TYPED_PARAM_STRING:
        return json_text(param->value.s);
    default:
        return NULL;
    }
}

static struct json_object *params_json(const struct hvsh_params *params)
{
    struct json_object *object = json_object_new_object();

    for (int i = 0; i < params->count; i++)
        json_object_object_add(object, params->items[i].field, param_json(&params->items[i]));
    return object;
}

static struct json_object *cpuset_json(const struct hvsh_cpuset *set)
{
    struct json_object *array = json_object_new_array();

    for (int cpu = 0; cpu < set->length * 8; cpu++)
        if (set->map[cpu / 8] & 1 << cpu % 8)
            json_object_array_add(array, json_object_new_int(cpu));
    return array;
}

static struct json_object *rows_json(const struct hvsh_field *field, const struct hvsh_rows *rows)
{
    struct json_object *array = json_object_new_array();
    const struct hvsh_field *const *fields = field_rows(field);

    for (size_t i = 0; fields && i < rows->count; i++)
        json_object_array_add(array, row_json(fields, (const char *)rows->items + i * field->row_size));
    return array;
}

static struct json_object *element_json(const struct hvsh_field *field, const void *value)
{
    enum hvsh_kind kind = field->type->kind;

    /* Nothing in it is not the same as not known. */
    if (kind == HVSH_KIND_PARAMS)
        return params_json(value);
    if (kind == HVSH_KIND_ROWS)
        return rows_json(field, value);
    if (element_missing(kind, value))
        return NULL;
    switch (kind) {
    case HVSH_KIND_FLAG:
        return json_object_new_boolean(*(const bool *)value);
    case HVSH_KIND_BIT:
        return field->value ? json_object_new_boolean((*(const unsigned int *)value & field->value) == field->value)
                            : json_object_new_int64(*(const unsigned int *)value);
    case HVSH_KIND_INT:
        return json_object_new_int64(*(const int *)value);
    case HVSH_KIND_UINT:
        return json_object_new_int64(*(const unsigned int *)value);
    case HVSH_KIND_INT64:
    case HVSH_KIND_TIME:
        return json_object_new_int64(*(const int64_t *)value);
    case HVSH_KIND_UINT64:
    case HVSH_KIND_SIZE:
    case HVSH_KIND_BANDWIDTH:
    case HVSH_KIND_DURATION:
        return json_unsigned(*(const uint64_t *)value);
    case HVSH_KIND_REAL:
    case HVSH_KIND_PERCENT:
        return json_real(*(const double *)value);
    case HVSH_KIND_ENUM:
        for (const struct hvsh_choice *choice = field->choices; choice && choice->name; choice++)
            if (choice->value == *(const int *)value)
                return json_text(choice->name);
        return json_object_new_int64(*(const int *)value);
    case HVSH_KIND_CPUSET:
        return cpuset_json(value);
    default:
        break;
    }
    if (is_text(kind))
        return json_text(*(const char *const *)value);
    g_autoptr(GString) text = g_string_new(NULL);
    print_element(field, value, HVSH_DATA, &(hvsh_buffer){text});
    return json_text(text->str);
}

struct json_object *value_json(const struct hvsh_field *field, const void *value)
{
    const any_list *list = value;
    struct json_object *array;

    if (!(field->flags & HVSH_LIST))
        return element_json(field, value);
    array = json_object_new_array();
    for (size_t i = 0; i < list->count; i++)
        json_object_array_add(array, element_json(field, list->items + i * field->type->size));
    return array;
}

const struct hvsh_field *pair_field(const struct hvsh_field *const *fields)
{
    const struct hvsh_field *found = NULL;

    for (const struct hvsh_field *const *field = fields[0] ? fields + 1 : fields; *field; field++) {
        if ((*field)->flags & HVSH_HIDE)
            continue;
        if (found)
            return NULL;
        found = *field;
    }
    return found;
}

struct json_object *row_json(const struct hvsh_field *const *fields, const void *row)
{
    struct json_object *object = json_object_new_object();

    for (; fields && *fields; fields++)
        if (!((*fields)->flags & HVSH_HIDE))
            json_object_object_add(object, field_key(*fields), value_json(*fields, field_at(*fields, row)));
    return object;
}

/* ---- copies ---- */

/* A block that is filled in a second pass, once the first has measured it with `block` NULL. */
struct packer {
    char *block;
    size_t used;
};

static void *pack(struct packer *packer, const void *data, size_t size)
{
    size_t at = (packer->used + 15) & ~(size_t)15;

    packer->used = at + size;
    if (!packer->block)
        return NULL;
    return size ? memcpy(packer->block + at, data, size) : packer->block + at;
}

static void *pack_row(struct packer *packer, const struct hvsh_field *const *fields, size_t size, size_t count, const void *rows);

static void pack_params(struct packer *packer, const struct hvsh_params *from, struct hvsh_params *to)
{
    virTypedParameter *items;

    if (!from->items || from->count <= 0)
        return;
    items = pack(packer, from->items, (size_t)from->count * sizeof *from->items);
    for (int i = 0; i < from->count; i++) {
        char *text;

        if (from->items[i].type != VIR_TYPED_PARAM_STRING || !from->items[i].value.s)
            continue;
        text = pack(packer, from->items[i].value.s, strlen(from->items[i].value.s) + 1);
        if (to)
            items[i].value.s = text;
    }
    if (to)
        to->items = items;
}

/* What the value points to; `to` is NULL while measuring. */
static void pack_element(struct packer *packer, const struct hvsh_field *field, const void *from, void *to)
{
    enum hvsh_kind kind = field->type->kind;
    const struct object_kind *object = object_kind(kind);
    void *copy;

    if (kind == HVSH_KIND_PARAMS) {
        pack_params(packer, from, to);
    } else if (kind == HVSH_KIND_ROWS) {
        const struct hvsh_rows *rows = from;

        if (!rows->items || !rows->count || !field_rows(field))
            return;
        copy = pack_row(packer, field_rows(field), field->row_size, rows->count, rows->items);
        if (to)
            ((struct hvsh_rows *)to)->items = copy;
    } else if (kind == HVSH_KIND_CPUSET) {
        const struct hvsh_cpuset *set = from;

        if (!set->map)
            return;
        copy = pack(packer, set->map, (size_t)MAX(set->length, 0));
        if (to)
            ((struct hvsh_cpuset *)to)->map = copy;
    } else if (is_text(kind)) {
        const char *text = *(const char *const *)from;

        if (!text)
            return;
        copy = pack(packer, text, strlen(text) + 1);
        if (to)
            *(const char **)to = copy;
    } else if (object && to && *(void *const *)from) {
        object->ref(*(void *const *)from);
    }
}

static void pack_value(struct packer *packer, const struct hvsh_field *field, const void *from, void *to)
{
    const any_list *list = from;
    size_t size = field->type->size;
    char *items;

    if (!(field->flags & HVSH_LIST)) {
        pack_element(packer, field, from, to);
        return;
    }
    if (!list->items || !list->count)
        return;
    items = pack(packer, list->items, list->count * size);
    for (size_t i = 0; i < list->count; i++)
        pack_element(packer, field, list->items + i * size, to ? items + i * size : NULL);
    if (to)
        ((any_list *)to)->items = items;
}

static void *pack_row(struct packer *packer, const struct hvsh_field *const *fields, size_t size, size_t count, const void *rows)
{
    char *copy = pack(packer, rows, size * count);

    for (size_t i = 0; i < count; i++) {
        const char *from = (const char *)rows + i * size;
        char *to = copy ? copy + i * size : NULL;

        for (const struct hvsh_field *const *field = fields; field && *field; field++)
            pack_value(packer, *field, from + (*field)->offset, to ? to + (*field)->offset : NULL);
    }
    return copy;
}

void *row_copy(const struct hvsh_field *const *fields, size_t size, const void *row)
{
    struct packer packer = {0};

    pack_row(&packer, fields, size, 1, row);
    packer.block = g_malloc(MAX(packer.used, 1));
    packer.used = 0;
    return pack_row(&packer, fields, size, 1, row);
}

static void release_rows(const struct hvsh_field *const *fields, size_t size, size_t count, const void *rows);

static void release_element(const struct hvsh_field *field, const void *value)
{
    const struct object_kind *object = object_kind(field->type->kind);

    if (field->type->kind == HVSH_KIND_ROWS) {
        const struct hvsh_rows *rows = value;

        release_rows(field_rows(field), field->row_size, rows->count, rows->items);
    } else if (object && *(void *const *)value) {
        object->release(*(void *const *)value);
    }
}

static void release_rows(const struct hvsh_field *const *fields, size_t size, size_t count, const void *rows)
{
    for (; rows && fields && *fields; fields++) {
        for (size_t i = 0; i < count; i++) {
            const char *value = (const char *)rows + i * size + (*fields)->offset;
            const any_list *list = (const void *)value;

            if (!((*fields)->flags & HVSH_LIST)) {
                release_element(*fields, value);
                continue;
            }
            for (size_t j = 0; list->items && j < list->count; j++)
                release_element(*fields, list->items + j * (*fields)->type->size);
        }
    }
}

void row_free(const struct hvsh_field *const *fields, void *copy)
{
    release_rows(fields, 0, 1, copy);
    g_free(copy);
}
