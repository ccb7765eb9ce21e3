/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-dbus.c - plugins/common/dbus.c and systemd.c against a private bus and a systemd of our own on it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>
#include "../../plugins/common/systemd.h"

static const char description[] =
    "<node><interface name='org.freedesktop.systemd1.Manager'>"
    "<method name='ListUnitsByNames'><arg type='as' direction='in'/><arg type='a(ssssssouso)' direction='out'/></method>"
    "<method name='GetUnitFileState'><arg type='s' direction='in'/><arg type='s' direction='out'/></method>"
    "<method name='StartUnit'><arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='o' direction='out'/></method>"
    "<method name='EnableUnitFiles'><arg type='as' direction='in'/><arg type='b' direction='in'/><arg type='b' direction='in'/>"
    "<arg type='b' direction='out'/><arg type='a(sss)' direction='out'/></method>"
    "<method name='Subscribe'/><method name='Reload'/>"
    "<signal name='JobRemoved'><arg type='u'/><arg type='o'/><arg type='s'/><arg type='s'/></signal>"
    "<property name='Version' type='s' access='read'/>"
    "</interface></node>";

static void job_removed(GDBusConnection *bus, const char *unit, const char *result)
{
    g_dbus_connection_emit_signal(bus, NULL, "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", "JobRemoved",
                                  g_variant_new("(uoss)", 1, "/job/1", unit, result), NULL);
}

/* Units by name: "early" tells of the end before it answers, "bad" fails, "denied" is refused. */
static void called(GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *method, GVariant *args,
                   GDBusMethodInvocation *invocation, void *p)
{
    (void)sender, (void)path, (void)interface, (void)p;
    if (g_str_equal(method, "ListUnitsByNames")) {
        g_autofree const char **names = NULL;
        GVariantBuilder units;
        g_variant_get(args, "(^a&s)", &names);
        g_variant_builder_init(&units, G_VARIANT_TYPE("a(ssssssouso)"));
        for (int i = 0; names[i]; i++) {
            bool there = g_str_equal(names[i], "libvirtd.socket");
            if (g_str_equal(names[i], "left-out.service"))
                continue;
            g_variant_builder_add(&units, "(ssssssouso)", names[i], "", there ? "loaded" : "not-found", there ? "active" : "inactive",
                                  there ? "listening" : "dead", "", "/", 0, "", "/");
        }
        g_dbus_method_invocation_return_value(invocation, g_variant_new("(a(ssssssouso))", &units));
    } else if (g_str_equal(method, "GetUnitFileState")) {
        g_dbus_method_invocation_return_value(invocation, g_variant_new("(s)", "enabled-runtime"));
    } else if (g_str_equal(method, "StartUnit")) {
        const char *unit;
        g_variant_get(args, "(&s&s)", &unit, NULL);
        if (g_str_equal(unit, "denied.service")) {
            g_dbus_method_invocation_return_dbus_error(invocation, "org.freedesktop.DBus.Error.AccessDenied", "Some long policy text");
            return;
        }
        if (g_str_equal(unit, "early.service"))
            job_removed(bus, unit, "done");
        g_dbus_method_invocation_return_value(invocation, g_variant_new("(o)", "/job/1"));
        if (!g_str_equal(unit, "early.service"))
            job_removed(bus, unit, g_str_equal(unit, "bad.service") ? "failed" : "done");
    } else if (g_str_equal(method, "EnableUnitFiles")) {
        g_dbus_method_invocation_return_value(invocation, g_variant_new("(ba(sss))", TRUE, NULL));
    } else {
        g_dbus_method_invocation_return_value(invocation, NULL);
    }
}

static GVariant *get_property(GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *property,
                              GError **error, void *p)
{
    (void)bus, (void)sender, (void)path, (void)interface, (void)property, (void)error, (void)p;
    return g_variant_new_string("252");
}

static const GDBusInterfaceVTable table = { called, get_property, NULL, { 0 } };
static GTestDBus *daemon_of_test;
static GMainLoop *loop;
static GThread *thread;

static void *serve(void *ready)
{
    GMainContext *context = g_main_context_new();
    GDBusConnection *bus;
    GDBusNodeInfo *info = g_dbus_node_info_new_for_xml(description, NULL);
    GVariant *answer;

    g_main_context_push_thread_default(context);
    bus = g_dbus_connection_new_for_address_sync(
        g_test_dbus_get_bus_address(daemon_of_test),
        G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL, NULL, NULL);
    g_dbus_connection_register_object(bus, "/org/freedesktop/systemd1", info->interfaces[0], &table, NULL, NULL, NULL);
    answer = g_dbus_connection_call_sync(bus, "org.freedesktop.DBus", "/", "org.freedesktop.DBus", "RequestName",
                                         g_variant_new("(su)", "org.freedesktop.systemd1", 0), NULL, 0, -1, NULL, NULL);
    g_variant_unref(answer);
    loop = g_main_loop_new(context, FALSE);
    g_async_queue_push(ready, loop);
    g_main_loop_run(loop);
    g_dbus_connection_close_sync(bus, NULL, NULL);
    g_object_unref(bus);
    g_dbus_node_info_unref(info);
    g_main_context_pop_thread_default(context);
    g_main_loop_unref(loop);
    g_main_context_unref(context);
    return NULL;
}

static int set_up(void **state)
{
    GAsyncQueue *ready = g_async_queue_new();

    (void)state;
    daemon_of_test = g_test_dbus_new(G_TEST_DBUS_NONE);
    g_test_dbus_up(daemon_of_test);
    g_setenv("DBUS_SYSTEM_BUS_ADDRESS", g_test_dbus_get_bus_address(daemon_of_test), TRUE);
    thread = g_thread_new("systemd", serve, ready);
    g_async_queue_pop(ready);
    g_async_queue_unref(ready);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    g_main_loop_quit(loop);
    g_thread_join(thread);
    g_test_dbus_stop(daemon_of_test);
    g_object_unref(daemon_of_test);
    return 0;
}

static void test_units(void **state)
{
    static const char *const names[] = { "nothing.service", "libvirtd.socket", "left-out.service", NULL };
    GDBusConnection *bus = dbus_open(NULL, NULL);
    GPtrArray *units;

    (void)state;
    assert_non_null(bus);
    units = systemd_units(bus, names, NULL);
    assert_non_null(units);
    assert_int_equal(units->len, 3);
    for (unsigned int i = 0; i < 3; i++)
        assert_string_equal(((struct systemd_unit *)units->pdata[i])->name, names[i]);
    assert_false(systemd_exists(units->pdata[0]));
    assert_true(systemd_exists(units->pdata[1]) && systemd_active(units->pdata[1]) && systemd_enabled(units->pdata[1]));
    assert_false(systemd_exists(units->pdata[2]) || systemd_active(units->pdata[2]) || systemd_enabled(units->pdata[2]));
    g_ptr_array_unref(units);
    dbus_close(bus);
}

static void test_jobs(void **state)
{
    GDBusConnection *bus = dbus_open(NULL, NULL);
    GError *error = NULL;

    (void)state;
    assert_true(systemd_job(bus, "start", "good.service", &error));
    assert_true(systemd_job(bus, "start", "early.service", &error));
    assert_false(systemd_job(bus, "start", "bad.service", &error));
    assert_non_null(strstr(error->message, "start of bad.service ended as 'failed'"));
    g_clear_error(&error);
    assert_false(systemd_job(bus, "start", "denied.service", &error));
    assert_string_equal(dbus_reason(error), "permission denied");
    g_clear_error(&error);
    assert_true(systemd_enable(bus, "libvirtd.socket", true, &error));
    dbus_close(bus);
}

static void test_calls(void **state)
{
    static const struct dbus_object manager = { "org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", 0, NULL };
    static const struct dbus_object nobody = { "org.example.Nobody", "/", "org.example.Nobody", 0, NULL };
    GDBusConnection *bus = dbus_open(NULL, NULL);
    GError *error = NULL;
    GVariant *value;

    (void)state;
    value = dbus_property(bus, &manager, "Version", "s", &error);
    assert_string_equal(g_variant_get_string(value, NULL), "252");
    g_variant_unref(value);
    assert_null(dbus_property(bus, &manager, "Version", "u", &error));
    assert_non_null(strstr(error->message, "has the type s where u was expected"));
    g_clear_error(&error);
    assert_null(dbus_call(bus, &nobody, "Do", NULL, &error, NULL));
    assert_string_equal(dbus_reason(error), "the service does not run");
    g_clear_error(&error);
    assert_true(dbus_has_service(bus, "org.freedesktop.systemd1"));
    assert_false(dbus_has_service(bus, "org.example.Nobody"));
    dbus_close(bus);
    assert_null(dbus_open("/nonexistent", &error));
    assert_string_equal(dbus_reason(error), "no D-Bus daemon listens");
    g_clear_error(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_units), cmocka_unit_test(test_jobs), cmocka_unit_test(test_calls) };
    g_autofree char *program = g_find_program_in_path("dbus-daemon");

    if (!program) {
        print_message("dbus-daemon is not installed (dbus-daemon)\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
