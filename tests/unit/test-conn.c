/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections: opened when needed, once for all who wait, given up when they hang, asked and hinted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <glib/gstdio.h>
#include "conn.h"

static char *folder;            /* for this run */

static char *in_folder(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static void test_list(void **state)
{
    struct conn *one, *two, *other;
    struct conn **all;

    (void)state;
    one = conn_add("default", "test:///default", false);
    assert_ptr_equal(conn_current(), one);
    two = conn_add("lab", "test:///default", true);
    assert_ptr_equal(conn_current(), one);
    assert_ptr_equal(conn_find("lab"), two);
    assert_null(conn_find("none"));
    assert_string_equal(conn_name(two), "lab");
    assert_string_equal(conn_uri(two), "test:///default");
    assert_true(conn_readonly(two));
    assert_false(conn_is_open(two) || conn_is_embedded(two));

    other = conn_add("lab", NULL, false);       /* the name is taken over */
    assert_ptr_equal(conn_find("lab"), other);
    assert_null(conn_uri(other));
    all = conn_all();
    assert_ptr_equal(all[0], one);
    assert_ptr_equal(all[1], other);
    assert_null(all[2]);
    g_free(all);

    conn_use(other);
    assert_ptr_equal(conn_current(), other);
    conn_remove(other);                         /* not the current one */
    assert_ptr_equal(conn_find("lab"), other);
    conn_use(one);
    conn_remove(other);
    assert_null(conn_find("lab"));
}

static void test_open(void **state)
{
    struct conn *conn = conn_add("open", "test:///default", false);
    bool reopened = false;
    virConnectPtr virt, again;
    char *uri;

    (void)state;
    virt = conn_get(conn, NULL, &reopened, NULL);
    assert_non_null(virt);
    assert_false(reopened);
    assert_true(conn_is_open(conn));
    again = conn_get(conn, NULL, NULL, NULL);
    assert_ptr_equal(virt, again);
    virConnectClose(again);
    uri = conn_real_uri(conn);
    assert_string_equal(uri, "test:///default");
    g_free(uri);

    conn_forget(conn);
    assert_false(conn_is_open(conn));
    assert_int_equal(virConnectNumOfDomains(virt), 1);      /* our reference still works */
    again = conn_get(conn, NULL, &reopened, NULL);
    assert_non_null(again);
    assert_ptr_not_equal(virt, again);
    assert_false(reopened);
    virConnectClose(virt);
    virConnectClose(again);

    conn_change(conn, NULL, true);
    assert_true(conn_readonly(conn));
    assert_string_equal(conn_uri(conn), "test:///default");
    virt = conn_get(conn, NULL, NULL, NULL);
    assert_null(virDomainCreateXML(virt, "<domain/>", 0));
    assert_int_equal(virGetLastErrorCode(), VIR_ERR_OPERATION_DENIED);
    virConnectClose(virt);
}

static void test_default_uri(void **state)
{
    struct conn *conn = conn_add("environment", NULL, false);
    virConnectPtr virt;
    char *uri;

    (void)state;                                /* main has set VIRSH_DEFAULT_CONNECT_URI */
    virt = conn_get(conn, NULL, NULL, NULL);
    assert_non_null(virt);
    uri = conn_real_uri(conn);
    assert_string_equal(uri, "test:///default");
    g_free(uri);
    virConnectClose(virt);
}

static void test_keepalive(void **state)
{
    struct conn *conn = conn_add("keepalive", "test:///default", false);
    char *hint = NULL;

    (void)state;
    assert_null(conn_preface(NULL));
    conn_settings.keepalive_given = true;
    assert_null(conn_get(conn, NULL, NULL, &hint));
    assert_int_equal(virGetLastErrorCode(), VIR_ERR_NO_SUPPORT);
    assert_string_equal(conn_preface(virGetLastError()), "Cannot setup keepalive on connection as requested, disconnecting");
    assert_non_null(hint);
    g_free(hint);
    conn_settings.keepalive_interval = 0;       /* none asked for */
    virConnectClose(conn_get(conn, NULL, NULL, NULL));
    assert_true(conn_is_open(conn));
    conn_settings.keepalive_interval = 5;
    conn_settings.keepalive_given = false;
}

/* ---- questions ---- */

static char *ask(void *arg, const char *question, bool secret)
{
    GString *asked = arg;

    g_string_append_printf(asked, "%s%s", secret ? "secret " : "", question);
    return strdup(secret ? "letmein" : "root");
}

static char *cancel(void *arg, const char *question, bool secret)
{
    (void)question;
    (void)secret;
    ++*(int *)arg;
    return NULL;
}

static void test_ask(void **state)
{
    static const char xml[] = "<node><auth><user password='letmein'>root</user></auth></node>";
    g_autofree char *file = in_folder("auth.xml"), *uri = g_strdup_printf("test://%s", file), *hint = NULL;
    struct conn *conn = conn_add("auth", uri, false);
    GString *asked = g_string_new(NULL);
    int cancelled = 0;
    struct conn_asker asker = { ask, asked }, canceller = { cancel, &cancelled };
    virConnectPtr virt;

    (void)state;
    assert_true(g_file_set_contents(file, xml, -1, NULL));
    assert_null(conn_get(conn, NULL, NULL, &hint));
    assert_int_equal(virGetLastErrorCode(), VIR_ERR_AUTH_FAILED);
    assert_null(conn_get(conn, &canceller, NULL, NULL));
    assert_int_equal(cancelled, 1);
    virt = conn_get(conn, &asker, NULL, NULL);
    assert_non_null(virt);
    assert_non_null(strstr(asked->str, "root"));            /* libvirt's question for the password names the user */
    assert_non_null(strstr(asked->str, "secret "));
    virConnectClose(virt);
    g_string_free(asked, TRUE);
}

/* ---- many at once ---- */

enum { THREADS = 100 };

static void get_one(void *arg)
{
    virConnectPtr *virt = arg;

    *virt = conn_get(conn_find("shared"), NULL, NULL, NULL);
}

static void test_many(void **state)
{
    struct worker *workers[THREADS];
    virConnectPtr virts[THREADS] = { NULL };

    (void)state;
    conn_add("shared", "test:///default", false);
    for (int i = 0; i < THREADS; i++)
        assert_non_null(workers[i] = worker_start("get", get_one, &virts[i]));
    for (int i = 0; i < THREADS; i++)
        assert_true(worker_join(workers[i], -1));
    for (int i = 0; i < THREADS; i++) {
        assert_ptr_equal(virts[i], virts[0]);   /* one opened, the others waited */
        assert_non_null(virts[i]);
        virConnectClose(virts[i]);
    }
}

/* ---- a host that hangs, and one that comes back ---- */


static int listen_on(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(fd, 8) == 0);
    return fd;
}

static void get_hanging(void *arg)
{
    virConnectPtr virt = conn_get(arg, NULL, NULL, NULL);

    if (virt)
        virConnectClose(virt);
}

static void test_hanging(void **state)
{
    g_autofree char *path = in_folder("silent"), *uri = g_strdup_printf("qemu+unix:///system?socket=%s", path);
    int fd = listen_on(path);
    struct conn *conn = conn_add("hanging", uri, false);
    struct worker *opener = worker_start("get", get_hanging, conn), *waiter, *third;
    virConnectPtr virt;

    (void)state;
    assert_false(worker_join(opener, 100));
    waiter = worker_start("get", get_hanging, conn);
    assert_false(worker_join(waiter, 100));
    assert_false(conn_is_open(conn));

    /* the prompt gives up: nothing here waits for the host */
    conn_forget(conn);
    third = worker_start("get", get_hanging, conn);
    assert_false(worker_join(third, 100));
    conn_change(conn, "test:///default", false);
    virt = conn_get(conn, NULL, NULL, NULL);
    assert_non_null(virt);
    virConnectClose(virt);

    /* the host dies: those who hung come too late and disturb nobody */
    close(fd);
    assert_true(worker_join(opener, 10000) && worker_join(waiter, 10000) && worker_join(third, 10000));
    assert_true(conn_is_open(conn));
}

static void test_hints(void **state)
{
    static const struct { const char *uri, *hint; } cases[] = {
        { "nope:///system", "'nope' is no hypervisor" },
        { "system", "looks like qemu:///system" },
        { "qemu+ssh://nobody@127.0.0.1:1/system", "127.0.0.1:1" },
        { "qemu+tls://127.0.0.1:1/system", "qemu+ssh://127.0.0.1:1/system" },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct conn *conn = conn_add("hint", cases[i].uri, false);
        char *hint = NULL;

        assert_null(conn_get(conn, NULL, NULL, &hint));
        assert_non_null(virGetLastError());
        assert_non_null(hint);
        if (!strstr(hint, cases[i].hint))
            fail_msg("%s: hint is \"%s\"", cases[i].uri, hint);
        g_free(hint);
    }
}

/* ---- names ---- */

static void collect(const char *name, const char *note, void *arg)
{
    g_ptr_array_add(arg, g_strdup_printf("%s%s%s", name, note ? "=" : "", note ? note : ""));
}

static gint compare(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in order, or NULL. */
static char *names_of(struct conn *conn, enum hvsh_kind kind, uint64_t select, const void *peer)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

    if (conn_names(conn, kind, select, peer, collect, names) < 0)
        return NULL;
    g_ptr_array_sort(names, compare);
    g_ptr_array_add(names, NULL);
    return g_strjoinv(" ", (char **)names->pdata);
}

static void check_names(struct conn *conn, enum hvsh_kind kind, uint64_t select, const void *peer, const char *expected)
{
    g_autofree char *names = names_of(conn, kind, select, peer);

    if (g_strcmp0(names, expected) != 0)
        fail_msg("names are \"%s\", not \"%s\"", names, expected);
}

static void test_names(void **state)
{
    static const char xml[] = "<domain type='test'><name>halted</name><memory>1</memory><os><type>hvm</type></os></domain>";
    struct conn *conn = conn_current();
    virConnectPtr virt = conn_get(conn, NULL, NULL, NULL);
    virStoragePoolPtr pool;
    virStorageVolPtr volume;
    virDomainPtr domain;
    g_autofree char *names = NULL;

    (void)state;
    check_names(conn, HVSH_KIND_DOMAIN, 0, NULL, "test=running");
    domain = virDomainCreateXML(virt, xml, 0);
    if (!domain || virDomainSuspend(domain) < 0)
        fail_msg("%s", virGetLastErrorMessage());
    check_names(conn, HVSH_KIND_DOMAIN, 0, NULL, "test=running");         /* kept */
    conn_names_stale();
    check_names(conn, HVSH_KIND_DOMAIN, 0, NULL, "halted=paused test=running");
    check_names(conn, HVSH_KIND_DOMAIN, VIR_CONNECT_LIST_DOMAINS_PAUSED, NULL, "halted=paused");
    check_names(conn, HVSH_KIND_DOMAIN, VIR_CONNECT_LIST_DOMAINS_SHUTOFF, NULL, "");
    check_names(conn, HVSH_KIND_DOMAIN, VIR_CONNECT_LIST_DOMAINS_TRANSIENT, NULL, "halted=paused");
    virDomainDestroy(domain);
    virDomainFree(domain);

    check_names(conn, HVSH_KIND_NETWORK, 0, NULL, "default=active");
    check_names(conn, HVSH_KIND_NETWORK, VIR_CONNECT_LIST_NETWORKS_INACTIVE, NULL, "");
    check_names(conn, HVSH_KIND_POOL, 0, NULL, "default-pool=active");
    check_names(conn, HVSH_KIND_INTERFACE, 0, NULL, "eth1=active");
    check_names(conn, HVSH_KIND_SECRET, 0, NULL, NULL);
    pool = virStoragePoolLookupByName(virt, "default-pool");
    volume = virStorageVolCreateXML(pool, "<volume><name>disk</name><capacity unit='GiB'>20</capacity></volume>", 0);
    assert_non_null(volume);
    check_names(conn, HVSH_KIND_VOLUME, 0, pool, "disk=20 GiB");
    check_names(conn, HVSH_KIND_VOLUME, 0, NULL, "/default-pool/disk=default-pool");
    virStorageVolDelete(volume, 0);
    virStorageVolFree(volume);
    virStoragePoolFree(pool);

    domain = virDomainLookupByName(virt, "test");
    check_names(conn, HVSH_KIND_SNAPSHOT, 0, domain, "");
    virDomainSnapshotFree(virDomainSnapshotCreateXML(domain, "<domainsnapshot><name>before</name></domainsnapshot>", 0));
    conn_names_stale();
    check_names(conn, HVSH_KIND_SNAPSHOT, 0, domain, "before");
    check_names(conn, HVSH_KIND_SNAPSHOT, 0, NULL, NULL);                   /* of which domain? */
    check_names(conn, HVSH_KIND_TEXT, 0, NULL, NULL);
    names = names_of(conn, HVSH_KIND_CONNECTION, 0, NULL);
    assert_non_null(names);
    assert_non_null(strstr(names, "default=test:///default"));
    virDomainFree(domain);
    virConnectClose(virt);
}

/* ---- events ---- */

/* NULL: there is none. */
static char *pop_event(void)
{
    g_autofree struct told_event *event = queue_pop(conn_events());

    return event ? g_strdup(event->text) : NULL;
}

static char *next_event(void)
{
    struct pollfd pollfd = { .fd = queue_fd(conn_events()), .events = POLLIN };

    return poll(&pollfd, 1, 5000) == 1 ? pop_event() : NULL;
}

static void test_events(void **state)
{
    g_autofree struct conn **all = conn_all();
    struct conn *conn = conn_current(), *other;
    virConnectPtr virt;
    virDomainPtr domain;
    char *text = NULL;
    size_t lost = 0, kept;

    (void)state;
    for (struct conn **each = all; *each; each++)
        conn_remove(*each);                     /* but the current one: all test:///default of a process are the same host */
    virt = conn_get(conn, NULL, NULL, NULL);
    conn_watch(true);
    domain = virDomainLookupByName(virt, "test");
    /* registered by a thread: try until the first arrives */
    for (int i = 0; i < 100 && !text; i++) {
        virDomainSuspend(domain);
        virDomainResume(domain);
        g_usleep(20000);
        text = pop_event();
    }
    assert_non_null(text);
    g_free(text);
    g_usleep(50000);
    while ((text = pop_event()))
        g_free(text);

    virDomainDestroy(domain);
    text = next_event();
    assert_string_equal(text, "domain 'test' destroyed");
    g_free(text);
    virDomainCreate(domain);
    text = next_event();
    assert_string_equal(text, "domain 'test' started");
    g_free(text);

    /* "resumed" waits for "started" to follow, but not for ever, and not beyond what comes next */
    virDomainSuspend(domain);
    virDomainResume(domain);
    virDomainSuspend(domain);
    virDomainResume(domain);
    for (int i = 0; i < 4; i++) {
        text = next_event();
        assert_string_equal(text, i % 2 ? "domain 'test' resumed" : "domain 'test' suspended");
        g_free(text);
    }

    /* nobody reads: 200 events, 100 are kept */
    for (int i = 0; i < 100; i++) {
        virDomainSuspend(domain);
        virDomainResume(domain);
    }
    for (int i = 0; i < 500 && lost < 100; i++) {
        lost += queue_dropped(conn_events());
        g_usleep(10000);
    }
    assert_int_equal(lost, 100);
    for (kept = 0; (text = pop_event()); kept++)
        g_free(text);
    assert_int_equal(kept, 100);

    /* of another connection, with its name */
    other = conn_add("other", "test:///default", false);
    conn_use(other);
    virDomainDestroy(domain);
    do {
        g_free(text);
        text = next_event();
        assert_non_null(text);
    } while (!strstr(text, "destroyed"));
    assert_string_equal(text, "default: domain 'test' destroyed");
    g_free(text);
    conn_use(conn);
    conn_watch(false);
    virDomainCreate(domain);
    virDomainFree(domain);
    virConnectClose(virt);
}

static void test_close(void **state)
{
    (void)state;
    conn_close_all();
    assert_false(conn_is_open(conn_current()));
    assert_int_equal(conn_embedded_guests(), 0);
    conn_close_all();
    assert_false(conn_threads_left());
    loop_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),  cmocka_unit_test(test_open),    cmocka_unit_test(test_default_uri), cmocka_unit_test(test_keepalive),
        cmocka_unit_test(test_ask),   cmocka_unit_test(test_many),    cmocka_unit_test(test_hanging),     cmocka_unit_test(test_hints),
        cmocka_unit_test(test_names), cmocka_unit_test(test_events),  cmocka_unit_test(test_close),
    };
    int failed;

    alarm(120);
    setenv("VIRSH_DEFAULT_CONNECT_URI", "test:///default", 1);
    setenv("LIBVIRT_DEFAULT_URI", "nope:///", 1);
    folder = g_dir_make_tmp("hvsh-conn-XXXXXX", NULL);
    if (!folder)
        return 99;
    failed = cmocka_run_group_tests_name("conn", tests, NULL, NULL);
    for (const char *const *name = (const char *const[]){ "auth.xml", "silent", NULL }; *name; name++) {
        g_autofree char *file = in_folder(*name);

        g_unlink(file);
    }
    g_rmdir(folder);
    g_free(folder);
    return failed;
}
