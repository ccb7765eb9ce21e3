/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unattended.c - --unattended: the database's script for the system answers the installer's questions. */
#include "seed.h"
#include <string.h>
#include <unistd.h>

/* The first line of a file: passwords do not stand on command lines. -1 after hvsh_fail(). */
static int first_line(struct install *install, const char *option, const char *path, const char **line)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;

    if (!path)
        return 0;
    if (!g_file_get_contents(path, &text, NULL, &error))
        return hvsh_fail(install->call, "--unattended: %s cannot be read: %s", option, error->message);
    *line = hvsh_printf(install->call, "%.*s", (int)strcspn(text, "\r\n"), text);
    return 0;
}

/* Europe/Berlin, as this host has it. */
static const char *timezone_here(struct install *install)
{
    char place[512];
    ssize_t size = readlink("/etc/localtime", place, sizeof(place) - 1);
    const char *zone;

    if (size <= 0)
        return NULL;
    place[size] = '\0';
    zone = strstr(place, "zoneinfo/");
    return zone ? hvsh_printf(install->call, "%s", zone + strlen("zoneinfo/")) : NULL;
}

/* de_DE, as this session has it; none in the C locale. */
static const char *language_here(struct install *install)
{
    const char *language = g_getenv("LC_ALL");

    if (!language || !*language)
        language = g_getenv("LANG");
    if (!language || strlen(language) < 5 || language[2] != '_')
        return NULL;
    return hvsh_printf(install->call, "%.5s", language);
}

int unattended_options(struct install *install)
{
    static const char awkward[] = "[{|}~[\\]^':; <=>?@!\"#$%`()+/.,*&]";
    const char *given = install->args->unattended;
    struct unattended answers = { .login = NULL };
    struct option *option;
    char *name;

    if (!given)
        return 0;
    option = option_parse(install->call, "unattended", given);
    if (!option)
        return -1;
    answers.profile = option_take(option, "profile");
    answers.login = option_take(option, "user-login");
    answers.product_key = option_take(option, "product-key");
    answers.reg_login = option_take(option, "reg-login");
    if (first_line(install, "admin-password-file", option_take(option, "admin-password-file"), &answers.admin_password) < 0 ||
        first_line(install, "user-password-file", option_take(option, "user-password-file"), &answers.user_password) < 0)
        return -1;
    if (install->medium != MEDIUM_CDROM && (install->medium != MEDIUM_TREE || !install->tree.initrd)) {
        hvsh_fail(install->call, "--unattended hands its script to an installer, in the initrd of --location or beside the medium of --cdrom; there is none here");
        return hvsh_hint(install->call, "--location takes a folder, an address or the ISO itself");
    }
    if (install->medium == MEDIUM_CDROM && install->os_found && !install->os.windows)
        hvsh_note(install->call, "few installers but those of Windows look for answers on another medium; --location hands them to the installer itself");
    if (answers.login && strcmp(answers.login, "root") == 0)
        return hvsh_fail(install->call, "--unattended: 'root' cannot be the user-login; admin-password-file gives root a password");
    if (!answers.login && strcmp(g_get_user_name(), "root") != 0)
        answers.login = g_get_user_name();
    answers.login = answers.login ? hvsh_defer(install->call, g_ascii_strdown(answers.login, -1), g_free) : NULL;
    answers.timezone = timezone_here(install);
    answers.language = language_here(install);
    answers.disk = install->os.windows ? "C" : install->os.devices & OS_VIRTIO_DISK ? "/dev/vda" : "/dev/sda";
    answers.url = install->tree.source && source_kind(install->tree.source) == SOURCE_SERVER ? source_address(install->tree.source) : NULL;
    name = hvsh_printf(install->call, "%s", install->name ? install->name : install->os.short_id ? install->os.short_id : "guest");
    answers.hostname = g_strdelimit(name, awkward, '-');
    install->unattended = true;
    if (install->medium == MEDIUM_CDROM)
        seed_new(install, "--unattended", "the installer", "unattended");
    return osinfo_script(install, &answers);
}
