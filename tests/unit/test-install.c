/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-install.c - the parts of install that need no host: the tables of sub-options, paths in documents, chains of layers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <glib.h>
#include "families.h"
#include "install.h"
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

static char *failure, *hint;

int hvsh_fail(hvsh_call *call, const char *format, ...)
{
    va_list list;

    (void)call;
    va_start(list, format);
    g_free(failure);
    failure = g_strdup_vprintf(format, list);
    va_end(list);
    return -1;
}

int hvsh_hint(hvsh_call *call, const char *format, ...)
{
    va_list list;

    (void)call;
    va_start(list, format);
    g_free(hint);
    hint = g_strdup_vprintf(format, list);
    va_end(list);
    return -1;
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

/* A qcow2 of nothing but a header: over `below`, of that format (NULL: it is not told). */
static void layer(const char *file, const char *below, const char *format)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    unsigned char head[104] = "QFI\xfb\0\0\0\3", extension[8] = "\xe2\x79\x2a\xca";
    size_t length = format ? strlen(format) : 0, at = 104 + (format ? 8 + (length + 7) / 8 * 8 : 0) + 8;

    head[103] = 104;
    head[15] = below ? (unsigned char)at : 0;
    head[19] = below ? (unsigned char)strlen(below) : 0;
    extension[7] = (unsigned char)length;
    g_byte_array_append(bytes, head, sizeof(head));
    if (format) {
        g_byte_array_append(bytes, extension, sizeof(extension));
        g_byte_array_append(bytes, (const guint8 *)format, (guint)length);
    }
    g_byte_array_set_size(bytes, (guint)at);
    memset(bytes->data + sizeof(head) + (format ? 8 + length : 0), 0, at - sizeof(head) - (format ? 8 + length : 0));
    if (below)
        g_byte_array_append(bytes, (const guint8 *)below, (guint)strlen(below));
    assert_true(g_file_set_contents(file, (const char *)bytes->data, (gssize)bytes->len, NULL));
}

/* The sentence has FOLDER/ before the names of files. */
static void chain(const char *file, unsigned int count, const char *wrong, const char *cure)
{
    g_autofree char *folder = g_get_current_dir(), *image = g_build_filename(folder, file, NULL), *before = g_strconcat(folder, "/", NULL);

    assert_int_equal(g_strv_length((char **)chain_below(NULL, image)), count);
    assert_int_equal(chain_check(NULL, image), wrong ? -1 : 0);
    if (wrong) {
        g_auto(GStrv) parts = g_strsplit(failure, before, -1);
        g_autofree char *said = g_strjoinv("", parts);

        assert_string_equal(said, wrong);
        assert_non_null(strstr(hint, cure));
    }
}

static void chains_are_read(void **state)
{
    static const char *const files[] = { "base", "one", "two", "old", "old one", "top", "self", "a", "b", "c", "here", "there" };
    g_autofree char *folder = g_dir_make_tmp("hvsh-chain.XXXXXX", NULL), *own = g_get_current_dir();

    (void)state;
    assert_non_null(folder);
    assert_int_equal(chdir(folder), 0);
    layer("base", NULL, NULL);
    layer("one", "base", "qcow2");
    layer("two", "one", "qcow2");
    chain("base", 0, NULL, NULL);
    chain("two", 2, NULL, NULL);
    chain("nothing", 0, NULL, NULL);
    /* what is said to be raw is not looked into */
    layer("old", "two", "raw");
    chain("old", 1, NULL, NULL);
    /* what is not told may be found out for an image that stands alone, not for a layer */
    layer("old", "base", NULL);
    chain("old", 1, NULL, NULL);
    layer("old one", "two", NULL);
    layer("top", "old one", "qcow2");
    chain("top", 4, "the image old one does not tell the format of the image below it, two, which is a layer itself", "-b two '");
    /* circles: of one, of several, below others, and by another name */
    layer("self", "self", "qcow2");
    chain("self", 1, "the image self is a layer over itself", "qemu-img rebase -u");
    layer("self", "self", "raw");
    chain("self", 1, "the image self is a layer over itself", "qemu-img rebase -u");
    layer("a", "b", "qcow2");
    layer("b", "c", "qcow2");
    layer("c", "b", "qcow2");
    chain("b", 2, "the image b stands on a circle of layers: c, below it, is a layer over b again", "qemu-img rebase -u");
    chain("a", 3, "the image a stands on a circle of layers: c, below it, is a layer over b again", "qemu-img rebase -u");
    assert_int_equal(symlink("here", "there"), 0);
    layer("here", "there", "qcow2");
    chain("here", 1, "the image here is a layer over itself", "qemu-img rebase -u");
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
        unlink(files[i]);
    assert_int_equal(chdir(own), 0);
    assert_int_equal(rmdir(folder), 0);
    g_clear_pointer(&failure, g_free);
    g_clear_pointer(&hint, g_free);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_are_found, begin, end),
        cmocka_unit_test_setup_teardown(tables_are_sound, begin, end),
        cmocka_unit_test_setup_teardown(known_names_are_accepted, begin, end),
        cmocka_unit_test_setup_teardown(documents_are_in_order, begin, end),
        cmocka_unit_test_setup_teardown(values_change_and_go, begin, end),
        cmocka_unit_test_setup_teardown(chains_are_read, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
