/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-host.c - the checks of host-check on recorded hosts, and on this one.
 *
 * A recorded host is a text, tests/unit/hosts/NAME.host:
 *     # a remark                                    (before the first file only)
 *     profile passthrough                           what the host is to be good for: 1 kvm, 2 lxc, ... as in check.h
 *     ? ID SEVERITY part of the evidence            what the check must find
 *     ! ID step                                     the first step of its fix
 *     + folder/                                     an empty folder
 *     @ file offset number                          eight bytes of a file with nothing else in it, both hexadecimal: a register of the processor
 *     = file                                        the lines that follow are its content
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "../../plugins/host/check.h"

static const char *const severities[] = { "pass", "note", "warn", "fail" };

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

/* Lay the host out below `root`; its expectations come back, one a line. */
static GPtrArray *unpack(const char *file, const char *root, unsigned int *profile)
{
    GPtrArray *expected = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    FILE *out = NULL;

    assert_true(g_file_get_contents(file, &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        if (g_str_has_prefix(*line, "= ") || g_str_has_prefix(*line, "+ ")) {
            g_autofree char *path = g_build_filename(root, *line + 2, NULL);
            g_autofree char *folder = **line == '+' ? g_strdup(path) : g_path_get_dirname(path);
            if (out)
                fclose(out);
            out = NULL;
            assert_int_equal(g_mkdir_with_parents(folder, 0755), 0);
            if (**line == '=')
                assert_non_null(out = fopen(path, "we"));
        } else if (g_str_has_prefix(*line, "@ ")) {
            g_auto(GStrv) words = g_strsplit(*line + 2, " ", 3);
            g_autofree char *path = g_build_filename(root, words[0], NULL), *folder = g_path_get_dirname(path);
            uint64_t number = g_ascii_strtoull(words[2], NULL, 16);
            int fd;
            assert_int_equal(g_mkdir_with_parents(folder, 0755), 0);
            assert_true((fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644)) >= 0);
            assert_int_equal(pwrite(fd, &number, sizeof number, (off_t)g_ascii_strtoull(words[1], NULL, 16)), sizeof number);
            close(fd);
        } else if (out) {
            fprintf(out, "%s%s", *line, line[1] ? "\n" : "");
        } else if (g_str_has_prefix(*line, "? ") || g_str_has_prefix(*line, "! ")) {
            g_ptr_array_add(expected, g_strdup(*line));
        } else if (g_str_has_prefix(*line, "profile ")) {
            *profile = (unsigned int)atoi(*line + 8);
        }
    }
    if (out)
        fclose(out);
    return expected;
}

static void test_recorded(void **state)
{
    const char *name = *state;
    g_autofree char *file = g_strdup_printf("%s/tests/unit/hosts/%s.host", TOP_SRCDIR, name);
    char root[] = "/tmp/hvsh-test-host-XXXXXX";
    unsigned int profile = PROFILE_KVM, wrong = 0;
    g_autoptr(GPtrArray) expected = NULL, checks = check_list(NULL);
    struct host *host;

    assert_non_null(mkdtemp(root));
    expected = unpack(file, root, &profile);
    host = host_open(root, profile);
    for (unsigned int i = 0; i < expected->len; i++) {
        const char *line = expected->pdata[i];
        g_auto(GStrv) words = g_strsplit(line + 2, " ", *line == '?' ? 3 : 2);
        const struct check *check = check_find(checks, words[0]);
        struct result result;

        if (!check)
            fail_msg("%s: no check %s", name, words[0]);
        check_run(host, check, &result);
        if (*line == '?') {
            bool right = g_str_equal(severities[result.severity], words[1]) && (!words[2] || strstr(result.evidence, words[2]));
            if (!right)
                print_error("%s: %s: got %s '%s', expected %s '%s'\n", name, words[0], severities[result.severity], result.evidence, words[1],
                            words[2]);
            wrong += !right;
        } else {
            g_autoptr(GPtrArray) steps = g_ptr_array_new_with_free_func(step_free);
            g_autofree char *text = NULL;
            assert_non_null(check->fix);
            check->fix(host, check, steps);
            text = steps->len ? step_text(steps->pdata[0]) : g_strdup("none");
            if (!g_str_has_prefix(text, words[1])) {
                print_error("%s: %s: the fix begins with '%s', expected '%s'\n", name, words[0], text, words[1]);
                wrong++;
            }
        }
        result_clear(&result);
    }
    /* whatever the host lacks, every check must come to an end and say something */
    for (const struct check *const *table = all_checks; *table; table++)
        for (const struct check *check = *table; check->id; check++) {
            struct result result;
            check_run(host, check, &result);
            assert_non_null(result.evidence);
            result_clear(&result);
        }
    host_close(host);
    nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    assert_true(expected->len > 0);
    assert_int_equal(wrong, 0);
}

/* The tables themselves: what a person and a script rely on. */
static void test_tables(void **state)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) checks = check_list(NULL);
    unsigned int count = 0;

    (void)state;
    for (const struct check *const *table = all_checks; *table; table++)
        for (const struct check *check = *table; check->id; check++, count++) {
            assert_true(g_hash_table_add(seen, (void *)check->id));
            assert_int_equal(strspn(check->id, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(check->id));
            assert_true(check->area && *check->area && check->what && *check->what);
            assert_true(check->why && g_str_has_suffix(check->why, "."));
            assert_non_null(check->run);
            assert_true(check->profiles & PROFILE_ALL);
            assert_ptr_equal(check_find(checks, check->id), check);
        }
    assert_true(count > 50);
    assert_null(check_find(checks, "nothing"));
}

/* This machine, whatever it is: each finding has its evidence, each bad one its cure, and KVM's try and its device agree. */
static void test_here(void **state)
{
    struct host *host = host_open(NULL, PROFILE_ALL);

    (void)state;
    assert_true(host_is_here(host));
    for (const struct check *const *table = all_checks; *table; table++)
        for (const struct check *check = *table; check->id; check++) {
            struct result result;
            check_run(host, check, &result);
            assert_true(result.evidence && *result.evidence);
            if (result.severity >= WARN && !result.cure)
                fail_msg("%s: no cure for '%s'", check->id, result.evidence);
            if (g_str_equal(check->id, "kvm-run") && access("/dev/kvm", F_OK) < 0)
                assert_int_equal(result.severity, FAIL);
            result_clear(&result);
        }
    host_close(host);
}

/* An ACL as the kernel keeps it: owner rwx, one user, group, mask, others nothing. */
static int set_acl(const char *path, uint32_t user, uint16_t rights, uint16_t mask)
{
    const struct { uint16_t tag, rights; uint32_t id; } entries[] = {
        { 0x01, 7, UINT32_MAX }, { 0x02, rights, user }, { 0x04, 5, UINT32_MAX }, { 0x10, mask, UINT32_MAX }, { 0x20, 0, UINT32_MAX },
    };
    unsigned char bytes[4 + sizeof entries] = { 2 };

    memcpy(bytes + 4, entries, sizeof entries);
    return setxattr(path, "system.posix_acl_access", bytes, sizeof bytes, 0);
}

/* The way to disks: modes, groups, ACLs, links, by the user of qemu.conf. */
static void test_reach(void **state)
{
    char root[] = "/tmp/hvsh-test-host-XXXXXX", users[200];
    g_autofree char *etc = NULL, *conf = NULL, *passwd = NULL, *folder = NULL, *link = NULL, *where = NULL, *reason = NULL;
    struct host *host;
    struct person person;
    int detail;

    (void)state;
    assert_non_null(mkdtemp(root));
    assert_int_equal(chmod(root, 0755), 0);
    etc = g_build_filename(root, "etc/libvirt", NULL);
    conf = g_build_filename(etc, "qemu.conf", NULL);
    passwd = g_build_filename(root, "etc/passwd", NULL);
    folder = g_build_filename(root, "home/me/disks", NULL);
    link = g_build_filename(root, "disks", NULL);
    assert_int_equal(g_mkdir_with_parents(etc, 0755), 0);
    assert_int_equal(g_mkdir_with_parents(folder, 0755), 0);
    assert_int_equal(symlink("home/me/disks", link), 0);
    g_snprintf(users, sizeof users, "root:x:0:0::/:\nqemu:x:%u:%u::/:\nmate:x:%u:%u::/:\n", 4000000001u, 4000000001u, 4000000002u, (unsigned int)getgid());
    assert_true(g_file_set_contents(passwd, users, -1, NULL));
    host = host_open(root, PROFILE_KVM);

    assert_true(person_of_qemu(host, &person, &reason));
    assert_string_equal(person.name, "qemu");
    assert_int_equal(person_reaches(host->root, &person, "/home/me/disks", NULL, &where, &detail), REACH_YES);
    g_clear_pointer(&where, g_free);
    assert_int_equal(person_reaches(host->root, &person, "/nothing/here", NULL, &where, &detail), REACH_UNKNOWN);
    assert_int_equal(detail, ENOENT);
    g_clear_pointer(&where, g_free);

    folder[strlen(folder) - strlen("/disks")] = '\0';
    assert_int_equal(chmod(folder, 0750), 0);
    assert_int_equal(person_reaches(host->root, &person, "/disks", NULL, &where, &detail), REACH_NO);      /* by the link, too */
    assert_string_equal(where, "/home/me");
    assert_int_equal(detail, 0750);
    g_clear_pointer(&where, g_free);
    if (set_acl(folder, 4000000001u, 1, 7) == 0) {
        assert_int_equal(person_reaches(host->root, &person, "/disks", NULL, &where, &detail), REACH_YES);
        g_clear_pointer(&where, g_free);
        assert_int_equal(set_acl(folder, 4000000001u, 1, 6), 0);                                 /* the mask takes it away */
        assert_int_equal(person_reaches(host->root, &person, "/disks", NULL, &where, &detail), REACH_NO);
        g_clear_pointer(&where, g_free);
        assert_int_equal(set_acl(folder, 4000000003u, 7, 7), 0);                                 /* somebody else */
        assert_int_equal(person_reaches(host->root, &person, "/disks", NULL, &where, &detail), REACH_NO);
        g_clear_pointer(&where, g_free);
    } else {
        print_message("no ACLs here: %s\n", g_strerror(errno));
    }
    person_clear(&person);

    host_forget(host);
    assert_true(g_file_set_contents(conf, "#user = \"root\"\nuser = \"mate\"\n", -1, NULL));
    assert_true(person_of_qemu(host, &person, &reason));
    assert_string_equal(person.name, "mate");
    person_clear(&person);
    host_forget(host);
    assert_true(g_file_set_contents(conf, "user = \"+0\"\n", -1, NULL));
    assert_true(person_of_qemu(host, &person, &reason));
    assert_int_equal(person_reaches(host->root, &person, "/disks", NULL, &where, &detail), REACH_YES);      /* root */
    person_clear(&person);
    host_forget(host);
    assert_true(g_file_set_contents(conf, "user = \"nobody-here\"\n", -1, NULL));
    assert_false(person_of_qemu(host, &person, &reason));
    assert_non_null(strstr(reason, "nobody-here"));
    person_clear(&person);
    host_close(host);
    nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void test_readers(void **state)
{
    g_autofree char *a = value_of("ID=debian\nNAME=\"Debian GNU/Linux\"\n", "NAME"), *b = value_of(" x = 'y' \n", "x");
    g_autofree char *c = value_of("IDLE=1\n", "ID");

    (void)state;
    assert_string_equal(a, "Debian GNU/Linux");
    assert_string_equal(b, "y");
    assert_null(c);
    assert_true(has_word("cpu,cpuacct", "cpuacct", ","));
    assert_false(has_word("cpu,cpuacct", "acct", ","));
    assert_false(has_word(NULL, "x", ","));
}

int main(void)
{
    static const char *const hosts[] = { "intel", "amd-sev", "firmware-off", "nested-guest", "cgroup-v1", "rhel", "passthrough",
                                         "containers", "empty", "broken", "pvm", "tdx", "guests", "no-bus", "msr-intel", "msr-amd", "msr-kernel" };
    struct CMUnitTest tests[4 + G_N_ELEMENTS(hosts)] = {
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_readers),
        cmocka_unit_test(test_here),
        cmocka_unit_test(test_reach),
    };

    umask(022);
    for (size_t i = 0; i < G_N_ELEMENTS(hosts); i++)
        tests[4 + i] = (struct CMUnitTest){ hosts[i], test_recorded, NULL, NULL, (void *)hosts[i] };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
