/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * types.c - the built-in types that need no connection: how text becomes a value, and a value text. The objects of libvirt are in types-object.c.
 */
#include "types.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "util.h"

/* ---- parsers -------------------------------------------------------------------------------------------------------- */

int parse_int64(const char *text, int64_t *value)
{
    char *end;
    long long number;

    errno = 0;
    number = strtoll(text, &end, 10);
    if (errno || end == text || *end)
        return -1;
    *value = number;
    return 0;
}

/* The digits at the start of text; a minus is refused (strtoull would wrap it). */
static int leading_uint64(const char *text, char **end, uint64_t *value)
{
    unsigned long long number;

    while (isspace((unsigned char)*text))
        text++;
    if (*text == '-')
        return -1;
    errno = 0;
    number = strtoull(text, end, 10);
    if (errno || *end == text)
        return -1;
    *value = number;
    return 0;
}

int parse_uint64(const char *text, uint64_t *value)
{
    uint64_t number;
    char *end;

    if (leading_uint64(text, &end, &number) < 0 || *end)
        return -1;
    *value = number;
    return 0;
}

/* "K", "KiB": powers of 1024; "KB": of 1000; "b", "byte", "bytes": one. 0: unknown. Letters of either case. */
uint64_t unit_bytes(const char *unit)
{
    static const char letters[] = "kmgtpe";
    const char *letter;
    uint64_t base, bytes = 1;

    if (g_ascii_strcasecmp(unit, "b") == 0 || g_ascii_strcasecmp(unit, "byte") == 0 || g_ascii_strcasecmp(unit, "bytes") == 0)
        return 1;
    letter = *unit ? strchr(letters, g_ascii_tolower(*unit)) : NULL;
    if (!letter)
        return 0;
    if (!unit[1] || g_ascii_strcasecmp(unit + 1, "iB") == 0)
        base = 1024;
    else if (g_ascii_strcasecmp(unit + 1, "B") == 0)
        base = 1000;
    else
        return 0;
    for (ptrdiff_t i = 0; i <= letter - letters; i++)
        bytes *= base;
    return bytes;
}

int parse_size(const char *text, uint64_t scale, uint64_t limit, uint64_t *value)
{
    uint64_t number, unit = scale;
    char *end;

    if (leading_uint64(text, &end, &number) < 0)
        return -1;
    while (isspace((unsigned char)*end))
        end++;
    if (*end) {
        unit = unit_bytes(end);
        if (!unit)
            return -2;
    }
    if (number && unit > limit / number)
        return -3;
    *value = number * unit;
    return 0;
}

uint64_t unit_nanoseconds(const char *unit, size_t length)
{
    static const struct {
        const char *name;
        uint64_t nanoseconds;
    } units[] = {
        {"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}, {"sec", 1000000000}, {"m", 60000000000}, {"min", 60000000000},
        {"h", 3600000000000}, {"d", 86400000000000},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        if (strlen(units[i].name) == length && strncmp(units[i].name, unit, length) == 0)
            return units[i].nanoseconds;
    return 0;
}

int parse_duration(const char *text, uint64_t scale, uint64_t *value)
{
    uint64_t total = 0;
    const char *p = text;

    if (!*p)
        return -1;
    if (strcmp(text, "forever") == 0) {
        *value = UINT64_MAX - 1;
        return 0;
    }
    while (*p) {
        uint64_t number, unit = scale;
        char *end;
        size_t length;

        if (!isdigit((unsigned char)*p) || leading_uint64(p, &end, &number) < 0)
            return -1;
        for (length = 0; g_ascii_isalpha(end[length]); length++)
            ;
        if (length)
            unit = unit_nanoseconds(end, length);
        else if (p != text || *end)     /* a bare number stands alone */
            return -1;
        if (!unit || (number && unit > (UINT64_MAX - 2) / number) || total > UINT64_MAX - 2 - number * unit)
            return -1;
        total += number * unit;
        p = end + length;
    }
    *value = total;
    return 0;
}

/* ---- what virsh calls it ------------------------------------------------------------------------------------------------ */

bool type_is_number(const struct hvsh_field *field)
{
    if (field->flags & (HVSH_WORD | HVSH_LIST))
        return false;
    switch (field->type->kind) {
    case HVSH_KIND_INT: case HVSH_KIND_UINT: case HVSH_KIND_INT64: case HVSH_KIND_UINT64:
    case HVSH_KIND_SIZE: case HVSH_KIND_BANDWIDTH: case HVSH_KIND_DURATION: case HVSH_KIND_REAL: case HVSH_KIND_PERCENT:
        return true;
    default:
        return false;
    }
}

const char *type_word(const struct hvsh_field *field)
{
    return type_is_number(field) ? "number" : "string";
}

size_t field_size(const struct hvsh_field *field)
{
    return field->flags & HVSH_LIST ? sizeof(HVSH_LIST_OF(void)) : field->type->size;
}

void field_clear(const struct hvsh_field *field, void *value)
{
    if (field->flags & HVSH_LIST) {
        HVSH_LIST_OF(char) *list = value;

        for (size_t i = 0; i < list->count && field->type->clear; i++)
            field->type->clear(list->items + i * field->type->size);
        g_free(list->items);
        list->items = NULL;
        list->count = 0;
    } else if (field->type->clear) {
        field->type->clear(value);
    }
}

const struct hvsh_choice *choice_by_value(const struct hvsh_field *field, int64_t value)
{
    for (const struct hvsh_choice *choice = field->choices; choice && choice->name; choice++)
        if (choice->value == value)
            return choice;
    return NULL;
}

/* ---- numbers ---------------------------------------------------------------------------------------------------------------- */

static int bad_number(hvsh_call *call, const struct hvsh_field *field, const char *text)
{
    return hvsh_fail(call, "Numeric value '%s' for <%s> option is malformed or out of range", text, field->name);
}

static int checked_int(hvsh_call *call, const struct hvsh_field *field, const char *text, int64_t low, int64_t high, int64_t *number)
{
    bool limited = field->min || field->max;

    if (parse_int64(text, number) < 0 || *number < low || *number > high ||
        (limited && *number < field->min) || (field->max && *number > (int64_t)field->max))
        return bad_number(call, field, text);
    return 0;
}

static int parse_int_type(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    int64_t number = 0;

    if (checked_int(call, field, text, INT_MIN, INT_MAX, &number) < 0)
        return -1;
    *(int *)value = (int)number;
    return 0;
}

static int parse_int64_type(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    return checked_int(call, field, text, INT64_MIN, INT64_MAX, value);
}

static int checked_uint(hvsh_call *call, const struct hvsh_field *field, const char *text, uint64_t high, uint64_t *number)
{
    uint64_t limit = field->max && field->max < high ? field->max : high;

    if (parse_uint64(text, number) < 0 || *number > limit || (field->min > 0 && *number < (uint64_t)field->min))
        return bad_number(call, field, text);
    return 0;
}

static int parse_uint_type(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    uint64_t number = 0;

    if (checked_uint(call, field, text, UINT_MAX, &number) < 0)
        return -1;
    *(unsigned int *)value = (unsigned int)number;
    return 0;
}

static int parse_uint64_type(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    uint64_t number = 0;

    if (checked_uint(call, field, text, UINT64_MAX, &number) < 0)
        return -1;
    *(uint64_t *)value = number;
    return 0;
}

static int parse_real_type(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    char *end;
    double number;

    errno = 0;
    number = g_ascii_strtod(text, &end);
    if (errno || end == text || *end || !isfinite(number) || ((field->min || field->max) && number < (double)field->min) ||
        (field->max && number > (double)field->max))
        return bad_number(call, field, text);
    *(double *)value = number;
    return 0;
}

static int parse_percent_type(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    double number = 0;

    if (parse_real_type(call, field, text, &number) < 0)
        return -1;
    if (number < 0 || number > 100)
        return bad_number(call, field, text);
    *(double *)value = number;
    return 0;
}

/* A row's number with its unit, if it has one. */
static void print_unit(const struct hvsh_field *field, enum hvsh_style style, hvsh_buffer *out)
{
    if (style != HVSH_DATA && field->unit)
        hvsh_buffer_printf(out, " %s", field->unit);
}

static void print_int_type(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    hvsh_buffer_printf(out, "%d", *(const int *)value);
    print_unit(field, style, out);
}

static void print_int64_type(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    hvsh_buffer_printf(out, "%lld", (long long)*(const int64_t *)value);
    print_unit(field, style, out);
}

static void print_uint_type(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    hvsh_buffer_printf(out, "%u", *(const unsigned int *)value);
    print_unit(field, style, out);
}

static void print_uint64_type(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    hvsh_buffer_printf(out, "%llu", (unsigned long long)*(const uint64_t *)value);
    print_unit(field, style, out);
}

static void print_real_type(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    hvsh_buffer_printf(out, style == HVSH_DATA ? "%.17g" : "%g", *(const double *)value);
    print_unit(field, style, out);
}

static void print_percent_type(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    (void)field;
    hvsh_buffer_printf(out, style == HVSH_DATA ? "%.17g" : style == HVSH_HUMAN ? "%.0f %%" : "%.2f %%", *(const double *)value);
}

/* ---- sizes, times -------------------------------------------------------------------------------------------------------------- */

/* virsh's two sentences: its own, then libvirt's. */
static int bad_size(hvsh_call *call, const struct hvsh_field *field, const char *text, int why)
{
    int result = field->flags & HVSH_WORD ? hvsh_fail(call, "Malformed size %s", text)
                                          : hvsh_fail(call, "Scaled numeric value '%s' for <%s%s> option is malformed or out of range", text,
                                                      field->type->kind == HVSH_KIND_BANDWIDTH ? "--" : "", field->name);

    if (why == -2)
        result = hvsh_fail(call, "invalid argument: unknown suffix '%s'", text + strspn(text, " \t0123456789"));
    else if (why == -3)
        result = hvsh_fail(call, "numerical overflow: value too large: %s", text);
    if (why == -2)
        hvsh_hint(call, "sizes are whole numbers with b, K, M, G, T, P or E (KiB, MiB are the same; KB, MB are powers of 1000)");
    return result;
}

static int parse_size_type(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    uint64_t scale = field->unit ? unit_bytes(field->unit) : 1;
    uint64_t size = 0;
    int why = parse_size(text, scale ? scale : 1, field->max ? field->max : UINT64_MAX - 1, &size);

    if (why < 0)
        return bad_size(call, field, text, why);
    if (field->min > 0 && size < (uint64_t)field->min)
        return bad_size(call, field, text, -1);
    *(uint64_t *)value = size;
    return 0;
}

/* 8.00 GiB: as virsh's --human and --details do (two decimals), and shorter for a person. */
static void print_scaled(uint64_t bytes, int decimals, hvsh_buffer *out)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = (double)bytes;
    size_t unit = 0;

    while (value >= 1024 && unit + 1 < G_N_ELEMENTS(units)) {
        value /= 1024;
        unit++;
    }
    if (decimals == 1 && (unit == 0 || value == floor(value)))
        hvsh_buffer_printf(out, "%.0f %s", value, units[unit]);
    else
        hvsh_buffer_printf(out, "%.*f %s", decimals, value, units[unit]);
}

/* In rows .unit is the unit of the plain text: "KiB", "auto" (virsh's two decimals), "bytes"; none: the bare number of bytes. */
static void print_size_type(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    uint64_t bytes = *(const uint64_t *)value;
    uint64_t unit = field->unit ? unit_bytes(field->unit) : 0;

    if (style == HVSH_HUMAN)
        print_scaled(bytes, 1, out);
    else if (style == HVSH_DATA || !field->unit)
        hvsh_buffer_printf(out, "%llu", (unsigned long long)bytes);
    else if (!unit)
        print_scaled(bytes, 2, out);
    else
        hvsh_buffer_printf(out, "%llu %s", (unsigned long long)(bytes / unit), field->unit);
}

/* MiB/s; with the flag of .scope bytes/s, and then (or where such a flag is possible) with suffixes too. A bare negative number wraps, as in
 * virsh. */
static int parse_bandwidth_type(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    uint64_t size = 0;
    int64_t negative;
    int why;

    if (*text == '-' && parse_int64(text, &negative) == 0) {
        *(uint64_t *)value = (uint64_t)negative;
        return 0;
    }
    if (!field->scope || parse_uint64(text, &size) == 0)
        return parse_uint64_type(call, field, text, value);
    why = parse_size(text, 1, field->max ? field->max : UINT64_MAX - 1, &size);
    if (why < 0)
        return bad_size(call, field, text, why);
    *(uint64_t *)value = hvsh_given(call, field->scope) ? size : size >> 20;
    return 0;
}

static int parse_duration_type(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    uint64_t scale = field->unit ? unit_nanoseconds(field->unit, strlen(field->unit)) : 1000000000;
    uint64_t duration = 0;

    if (parse_duration(text, scale, &duration) < 0 || (field->min > 0 && duration < (uint64_t)field->min) ||
        (field->max && duration > field->max)) {
        bad_number(call, field, text);
        return hvsh_hint(call, "durations are like 90s, 5m or 1h30m; a bare number is in %s", field->unit ? field->unit : "s");
    }
    *(uint64_t *)value = duration;
    return 0;
}

static void print_duration_type(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    uint64_t duration = *(const uint64_t *)value;
    uint64_t unit = field->unit ? unit_nanoseconds(field->unit, strlen(field->unit)) : 0;
    uint64_t seconds = duration / 1000000000;

    if (style == HVSH_DATA)
        hvsh_buffer_printf(out, "%llu", (unsigned long long)duration);
    else if (style == HVSH_HUMAN && seconds >= 86400)
        hvsh_buffer_printf(out, "%llud %lluh", (unsigned long long)(seconds / 86400), (unsigned long long)(seconds / 3600 % 24));
    else if (style == HVSH_HUMAN && seconds >= 3600)
        hvsh_buffer_printf(out, "%lluh %02llum", (unsigned long long)(seconds / 3600), (unsigned long long)(seconds / 60 % 60));
    else if (style == HVSH_HUMAN && seconds >= 60)
        hvsh_buffer_printf(out, "%llum %02llus", (unsigned long long)(seconds / 60), (unsigned long long)(seconds % 60));
    else if (unit && unit != 1000000000)
        hvsh_buffer_printf(out, "%llu %s", (unsigned long long)(duration / unit), field->unit);
    else
        hvsh_buffer_printf(out, "%.1fs", (double)duration / 1e9);
}

/* Seconds since 1970, or local "YYYY-MM-DD HH:MM:SS". */
static int parse_time_type(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    struct tm tm = {.tm_isdst = -1};
    const char *end;

    if (parse_int64(text, value) == 0)
        return 0;
    end = strptime(text, "%Y-%m-%d %H:%M:%S", &tm);
    if (!end || *end)
        return hvsh_fail(call, "'%s' for <%s> is no time: seconds since 1970, or YYYY-MM-DD HH:MM:SS", text, field->name);
    *(int64_t *)value = mktime(&tm);
    return 0;
}

static void print_time_type(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    time_t seconds = (time_t)*(const int64_t *)value;
    struct tm tm;
    char text[64];

    (void)field;
    if (style == HVSH_DATA || !localtime_r(&seconds, &tm) || !strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %z", &tm))
        hvsh_buffer_printf(out, "%lld", (long long)seconds);
    else
        hvsh_buffer_add(out, text);
}

/* ---- words ------------------------------------------------------------------------------------------------------------------------ */

static void clear_text(void *value)
{
    g_clear_pointer((char **)value, g_free);
}

static int parse_text_type(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    (void)call;
    (void)field;
    *(char **)value = g_strdup(text);
    return 0;
}

static void print_text_type(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    (void)field;
    (void)style;
    hvsh_buffer_add(out, *(const char *const *)value);
}

static void offer_file(const char *path, void *call)
{
    hvsh_offer(call, path, NULL);
}

static int offer_files(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    (void)field;
    util_each_file(start, offer_file, call);
    return 0;
}

static int offer_choices(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    for (const struct hvsh_choice *choice = field->choices; choice && choice->name; choice++)
        if (g_str_has_prefix(choice->name, start))
            hvsh_offer(call, choice->name, choice->help);
    return 0;
}

static int parse_enum_type(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    g_autoptr(GString) words = g_string_new(NULL);

    for (const struct hvsh_choice *choice = field->choices; choice && choice->name; choice++) {
        if (strcmp(choice->name, text) == 0) {
            *(int *)value = (int)choice->value;
            return 0;
        }
        g_string_append_printf(words, "%s%s", words->len ? ", " : "", choice->name);
    }
    return hvsh_fail(call, "'%s' for <%s> is none of: %s", text, field->name, words->str);
}

static void print_enum_type(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    const struct hvsh_choice *choice = choice_by_value(field, *(const int *)value);

    (void)style;
    if (choice)
        hvsh_buffer_add(out, choice->name);
    else
        hvsh_buffer_printf(out, "%d", *(const int *)value);
}

/* Relative paths become absolute on the thread that reads them; "" and "-" stay. */
static int parse_path_type(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    (void)call;
    (void)field;
    *(char **)value = !*text || strcmp(text, "-") == 0 ? g_strdup(text) : g_canonicalize_filename(text, NULL);
    return 0;
}

enum { MAX_XML_BYTES = 10 * 1024 * 1024 };

/* The document in the named file; what begins with '<' is the document itself only for callers that allow it (Lua: see call.c). */
static int parse_xml_type(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    g_autoptr(GString) content = NULL;
    char block[65536];
    size_t length;
    FILE *file;

    (void)field;
    file = fopen(text, "re");
    if (!file)
        return hvsh_fail(call, "Failed to open file '%s': %s", text, g_strerror(errno));
    content = g_string_new(NULL);
    while ((length = fread(block, 1, sizeof(block), file)) > 0 && content->len <= MAX_XML_BYTES)
        g_string_append_len(content, block, (gssize)length);
    if (ferror(file)) {
        int error = errno;

        fclose(file);
        return hvsh_fail(call, "Failed to read file '%s': %s", text, g_strerror(error));
    }
    fclose(file);
    if (content->len > MAX_XML_BYTES)
        return hvsh_fail(call, "Failed to read file '%s': it has more than %d bytes", text, MAX_XML_BYTES);
    if (strlen(content->str) != content->len)
        return hvsh_fail(call, "Failed to read file '%s': it is no text", text);
    *(char **)value = g_string_free(g_steal_pointer(&content), FALSE);
    return 0;
}

static int parse_uuid_type(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    g_autofree char *uuid = g_ascii_strdown(text, -1);

    if (!g_uuid_string_is_valid(uuid))
        return hvsh_fail(call, "'%s' for <%s> is no UUID", text, field->name);
    *(char **)value = g_steal_pointer(&uuid);
    return 0;
}

static int parse_mac_type(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    unsigned int byte[6];
    int length = 0;

    if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &byte[0], &byte[1], &byte[2], &byte[3], &byte[4], &byte[5], &length) != 6 || text[length])
        return hvsh_fail(call, "'%s' for <%s> is no MAC address (like 52:54:00:12:34:56)", text, field->name);
    *(char **)value = g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", byte[0], byte[1], byte[2], byte[3], byte[4], byte[5]);
    return 0;
}

/* ---- cpu sets ------------------------------------------------------------------------------------------------------------------------ */

enum { MAX_CPUS = 65536 };

static const char *behind_blanks(const char *p)
{
    while (isspace((unsigned char)*p))
        p++;
    return p;
}

/* "0-3,^2,7": ranges, single ones, ^ takes one out again. As libvirt reads them: blanks may stand around what is there, a comma at the end; no
 * CPU at all is no list. */
static int parse_cpuset_type(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value)
{
    struct hvsh_cpuset *set = value;
    unsigned char map[MAX_CPUS / 8] = {0};
    const char *p = behind_blanks(text);
    uint64_t highest = 0;
    bool any = false;

    while (*p) {
        bool out = *p == '^';
        uint64_t low, high;
        char *end;

        p += out;
        if (!isdigit((unsigned char)*p) || leading_uint64(p, &end, &low) < 0)
            goto malformed;
        high = low;
        p = behind_blanks(end);
        if (*p == '-' && !out) {
            p = behind_blanks(p + 1);
            if (!isdigit((unsigned char)*p) || leading_uint64(p, &end, &high) < 0)
                goto malformed;
            p = behind_blanks(end);
        }
        if (low > high || high >= MAX_CPUS || (*p && *p != ','))
            goto malformed;
        for (uint64_t cpu = low; cpu <= high; cpu++)
            map[cpu / 8] = (unsigned char)(out ? map[cpu / 8] & ~(1u << cpu % 8) : map[cpu / 8] | 1u << cpu % 8);
        if (high > highest)
            highest = high;
        if (*p == ',')
            p = behind_blanks(p + 1);
    }
    for (uint64_t byte = 0; byte <= highest / 8; byte++)
        any = any || map[byte];
    if (!any)
        goto malformed;
    set->length = (int)(highest / 8 + 1);
    set->map = g_memdup2(map, (size_t)set->length);
    return 0;

malformed:
    hvsh_fail(call, "Invalid cpulist '%s'", text);
    return hvsh_hint(call, "<%s> is a list like 0-3,^2,7", field->name);
}

static void clear_cpuset(void *value)
{
    struct hvsh_cpuset *set = value;

    g_clear_pointer(&set->map, g_free);
    set->length = 0;
}

static void print_cpuset_type(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    const struct hvsh_cpuset *set = value;
    bool first = true;

    (void)field;
    (void)style;
    for (int cpu = 0; cpu < set->length * 8; cpu++) {
        int last = cpu;

        if (!VIR_CPU_USED(set->map, cpu))
            continue;
        while (last + 1 < set->length * 8 && VIR_CPU_USED(set->map, last + 1))
            last++;
        hvsh_buffer_printf(out, last == cpu ? "%s%d" : "%s%d-%d", first ? "" : ",", cpu, last);
        first = false;
        cpu = last;
    }
}

/* ---- rows only --------------------------------------------------------------------------------------------------------------------------- */

static void print_flag_type(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    bool yes = *(const bool *)value;
    const struct hvsh_choice *choice = choice_by_value(field, yes);

    if (style == HVSH_DATA)
        hvsh_buffer_add(out, yes ? "true" : "false");
    else
        hvsh_buffer_add(out, choice ? choice->name : yes ? "yes" : "no");
}

static void print_param(const struct _virTypedParameter *param, hvsh_buffer *out)
{
    switch (param->type) {
    case VIR_TYPED_PARAM_INT: hvsh_buffer_printf(out, "%d", param->value.i); break;
    case VIR_TYPED_PARAM_UINT: hvsh_buffer_printf(out, "%u", param->value.ui); break;
    case VIR_TYPED_PARAM_LLONG: hvsh_buffer_printf(out, "%lld", param->value.l); break;
    case VIR_TYPED_PARAM_ULLONG: hvsh_buffer_printf(out, "%llu", param->value.ul); break;
    case VIR_TYPED_PARAM_DOUBLE: hvsh_buffer_printf(out, "%f", param->value.d); break;
    case VIR_TYPED_PARAM_BOOLEAN: hvsh_buffer_add(out, param->value.b ? "yes" : "no"); break;
    case VIR_TYPED_PARAM_STRING: hvsh_buffer_add(out, param->value.s); break;
    default: break;
    }
}

/* One parameter: its value alone (PAIRS of one key and one value); several: key=value, separated by blanks. */
static void print_params_type(const struct hvsh_field *field, const void *value, enum hvsh_style style, hvsh_buffer *out)
{
    const struct hvsh_params *params = value;

    (void)field;
    (void)style;
    for (int i = 0; i < params->count; i++) {
        if (params->count > 1)
            hvsh_buffer_printf(out, "%s%s=", i ? " " : "", params->items[i].field);
        print_param(&params->items[i], out);
    }
}

/* ---- the table ------------------------------------------------------------------------------------------------------------------------------ */

#define TYPE(id, word, k, ctype, ...) \
    const struct hvsh_type hvsh_type_##id = {.name = word, .kind = HVSH_KIND_##k, .size = sizeof(ctype), __VA_ARGS__}

TYPE(flag, "flag", FLAG, bool, .print = print_flag_type);
TYPE(bit, "flag", BIT, unsigned int, .print = print_uint_type);
TYPE(text, "string", TEXT, char *, .parse = parse_text_type, .print = print_text_type, .offer = offer_choices, .clear = clear_text);
TYPE(int, "number", INT, int, .parse = parse_int_type, .print = print_int_type);
TYPE(uint, "number", UINT, unsigned int, .parse = parse_uint_type, .print = print_uint_type);
TYPE(int64, "number", INT64, int64_t, .parse = parse_int64_type, .print = print_int64_type);
TYPE(uint64, "number", UINT64, uint64_t, .parse = parse_uint64_type, .print = print_uint64_type);
TYPE(real, "number", REAL, double, .parse = parse_real_type, .print = print_real_type);
TYPE(size, "size", SIZE, uint64_t, .parse = parse_size_type, .print = print_size_type);
TYPE(bandwidth, "bandwidth", BANDWIDTH, uint64_t, .parse = parse_bandwidth_type, .print = print_uint64_type);
TYPE(duration, "duration", DURATION, uint64_t, .parse = parse_duration_type, .print = print_duration_type);
TYPE(time, "time", TIME, int64_t, .parse = parse_time_type, .print = print_time_type);
TYPE(percent, "percent", PERCENT, double, .parse = parse_percent_type, .print = print_percent_type);
TYPE(enum, "word", ENUM, int, .parse = parse_enum_type, .print = print_enum_type, .offer = offer_choices);
TYPE(path, "file", PATH, char *, .parse = parse_path_type, .print = print_text_type, .offer = offer_files, .clear = clear_text);
TYPE(xml, "file", XML, char *, .parse = parse_xml_type, .print = print_text_type, .offer = offer_files, .clear = clear_text);
TYPE(uuid, "uuid", UUID, char *, .parse = parse_uuid_type, .print = print_text_type, .clear = clear_text);
TYPE(mac, "mac", MAC, char *, .parse = parse_mac_type, .print = print_text_type, .clear = clear_text);
TYPE(cpuset, "cpus", CPUSET, struct hvsh_cpuset, .parse = parse_cpuset_type, .print = print_cpuset_type, .clear = clear_cpuset);
TYPE(params, "parameters", PARAMS, struct hvsh_params, .print = print_params_type);
TYPE(rows, "rows", ROWS, struct hvsh_rows, .print = NULL);
const struct hvsh_type hvsh_type_alias = {.name = "alias", .kind = HVSH_KIND_ALIAS};
const struct hvsh_type hvsh_type_excludes = {.name = "excludes", .kind = HVSH_KIND_EXCLUDES};
const struct hvsh_type hvsh_type_requires = {.name = "requires", .kind = HVSH_KIND_REQUIRES};
const struct hvsh_type hvsh_type_one_of = {.name = "one-of", .kind = HVSH_KIND_ONE_OF};
