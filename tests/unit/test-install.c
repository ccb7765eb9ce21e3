/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-install.c - the parts of install that need no host: the tables of sub-options, paths in documents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <glib.h>
#include "families.h"
#include "model.h"

/* The two services that the model uses. */
static GPtrArray *owned;

struct owned { void *p; void (*free_it)(void *); };

static void free_owned(void *p)
{
    struct owned *one = p;

    one->free_it(one->p);
    g_free(one);
}

void *hvsh_defer(hvsh_call *call, void *p, void (*free_it)(void *))
{
    struct owned *one = g_new(struct owned, 1);

    (void)call;
    one->p = p;
    one->free_it = free_it;
    g_ptr_array_add(owned, one);
    return p;
}

char *hvsh_printf(hvsh_call *call, const char *format, ...)
{
    va_list list;
    char *text;

    va_start(list, format);
    text = g_strdup_vprintf(format, list);
    va_end(list);
    return hvsh_defer(call, text, g_free);
}

static int begin(void **state)
{
    (void)state;
    owned = g_ptr_array_new_with_free_func(free_owned);
    return 0;
}

static int end(void **state)
{
    (void)state;
    g_ptr_array_unref(owned);
    return 0;
}

static void rows_are_found(void **state)
{
    unsigned int index[FAMILY_INDEXES];
    const struct suboption *row;

    (void)state;
    assert_string_equal(family_row(family_of("disk"), "cache", index)->path, "driver/@cache");
    assert_string_equal(family_row(family_of("disk"), "address.bus", index)->path, "address/@bus");
    assert_string_equal(family_row(family_of("network"), "portgroup", index)->name, "source.portgroup");
    row = family_row(family_of("cpu"), "numa.cell2.distances.sibling13.id", index);
    assert_string_equal(row->path, "numa/cell[]/distances/sibling[]/@id");
    assert_int_equal(index[0], 2);
    assert_int_equal(index[1], 13);
    /* without a number it is the first; the older name has it too */
    assert_non_null(family_row(family_of("cpu"), "cell1.memory", index));
    assert_int_equal(index[0], 1);
    assert_non_null(family_row(family_of("disk"), "source.host.name", index));
    assert_int_equal(index[0], 0);
    assert_null(family_row(family_of("disk"), "source.host0", index));
    assert_null(family_row(family_of("disk"), "sise", index));
    assert_null(family_row(family_of("cpu"), "numa.cell99999999999.id", index));
    assert_null(family_of("nothing"));
}

/* Every row of every table: found by its name and alias, its path has as many numbers as its name, and setting it makes one place. */
static void tables_are_sound(void **state)
{
    const struct family *const all[] = { device_families, char_families, domain_families, command_families };
    unsigned int index[FAMILY_INDEXES], count = 0;

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        for (const struct family *family = all[i]; family->option; family++) {
            assert_ptr_equal(family_of(family->option), family);
            for (size_t f = 0; f < FAMILY_FIRST && family->first[f]; f++)
                assert_non_null(family_row(family, family->first[f], index));
            for (size_t r = 0; r < FAMILY_ROWS && family->rows[r]; r++)
                for (const struct suboption *row = family->rows[r]; row->name; row++) {
                    xmlNode *node = model_new(NULL);
                    unsigned int names = 0, paths = 0;

                    g_auto(GStrv) parts = g_strsplit(row->name, "[]", -1), others = g_strsplit(row->alias ? row->alias : row->name, "[]", -1);
                    g_autofree char *key = g_strjoinv("0", parts), *alias = g_strjoinv("0", others);

                    count++;
                    /* a family may have a row of all devices for itself, with an alias */
                    if (!family_row(family, key, index) || g_strcmp0(family_row(family, key, index)->path, row->path) != 0)
                        fail_msg("--%s: %s is found in another row", family->option, row->name);
                    assert_non_null(family_row(family, alias, index));
                    for (const char *p = row->name; (p = strstr(p, "[]")); p += 2)
                        names++;
                    for (const char *p = row->path; p && (p = strstr(p, "[]")); p += 2)
                        paths++;
                    if (!row->path)
                        continue;
                    assert_int_equal(names, paths);
                    model_set_at(node, row->path, index, "x");
                    assert_true(g_str_has_prefix(row->path, "/domain") || node->children || node->properties);
                }
        }
    /* what every device has is counted once */
    assert_true(count > 700);
}

/* The list beside this file: which of its names are not accepted? */
static void known_names_are_accepted(void **state)
{
    g_autofree char *file = g_build_filename(g_getenv("srcdir") ? g_getenv("srcdir") : ".", "tests", "unit", "install-suboptions.txt", NULL), *text = NULL;
    g_autoptr(GString) missing = g_string_new(NULL);
    const struct family *family = NULL;
    unsigned int index[FAMILY_INDEXES], count = 0;
    g_auto(GStrv) lines = NULL;

    (void)state;
    assert_true(g_file_get_contents(file, &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) words = **line == '#' ? NULL : g_strsplit(*line, " ", -1);

        for (char **word = words; word && *word; word++) {
            g_auto(GStrv) parts = g_strsplit(*word, "[]", -1);
            g_autofree char *key = g_strjoinv("3", parts);

            if (g_str_has_suffix(*word, ":")) {
                key[strlen(key) - 1] = '\0';
                family = family_of(key);
                if (!family)
                    g_string_append_printf(missing, " --%s", key);
            } else if (**word) {
                count++;
                if (!family || !family_row(family, key, index))
                    g_string_append_printf(missing, " --%s %s", family ? family->option : "?", *word);
            }
        }
    }
    if (missing->len)
        fail_msg("not accepted:%s", missing->str);
    assert_true(count > 1400);
}

static void documents_are_in_order(void **state)
{
    xmlNode *domain = model_new(NULL);
    const unsigned int third[] = { 2 };

    (void)state;
    model_set(domain, "devices/console/@type", "pty");
    model_set(domain, "memory", "5");
    model_set(model_add(domain, "devices/disk"), "target/@dev", "vda");
    model_set(model_add(domain, "devices/disk"), "target/@dev", "vdb");
    model_set(domain, "name", "a&b");
    model_set_at(domain, "vcpus/vcpu[]/@id", third, "2");
    model_set(domain, "clock/timer[@name='rtc']/@tickpolicy", "catchup");
    model_set(domain, "clock/timer[@name='rtc']/@present", "no");
    model_set(domain, "/domain/@type", "kvm");
    assert_string_equal(model_text(NULL, domain), "<domain type=\"kvm\">\n  <name>a&amp;b</name>\n  <memory>5</memory>\n  <vcpus>\n    <vcpu/>\n    <vcpu/>\n"
                                                  "    <vcpu id=\"2\"/>\n  </vcpus>\n  <clock>\n    <timer name=\"rtc\" tickpolicy=\"catchup\" present=\"no\"/>\n"
                                                  "  </clock>\n  <devices>\n    <disk>\n      <target dev=\"vda\"/>\n    </disk>\n    <disk>\n"
                                                  "      <target dev=\"vdb\"/>\n    </disk>\n    <console type=\"pty\"/>\n  </devices>\n</domain>");
}

static void values_change_and_go(void **state)
{
    xmlNode *domain = model_new(NULL), *copy;

    (void)state;
    model_set(domain, "vcpu", "4");
    model_set(domain, "vcpu/@current", "2");
    model_set(domain, "vcpu", "8");
    assert_string_equal(model_get(NULL, domain, "vcpu"), "8");
    assert_string_equal(model_get(NULL, domain, "vcpu/@current"), "2");
    copy = model_copy(NULL, domain);
    model_set(domain, "vcpu/@current", NULL);
    assert_null(model_get(NULL, domain, "vcpu/@current"));
    assert_string_equal(model_get(NULL, copy, "vcpu/@current"), "2");
    model_set(domain, "vcpu", NULL);
    assert_false(model_has(domain, "vcpu"));
    /* nothing is made to be removed */
    model_set(domain, "devices/disk/@type", NULL);
    assert_false(model_has(domain, "devices"));
    /* text beside elements */
    model_set(domain, "maxMemory/@slots", "3");
    model_set(domain, "rng/backend/source/@path", "/a");
    model_set(domain, "rng/backend", "b");
    assert_true(model_has(domain, "rng/backend/source/@path"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_are_found, begin, end),
        cmocka_unit_test_setup_teardown(tables_are_sound, begin, end),
        cmocka_unit_test_setup_teardown(known_names_are_accepted, begin, end),
        cmocka_unit_test_setup_teardown(documents_are_in_order, begin, end),
        cmocka_unit_test_setup_teardown(values_change_and_go, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
