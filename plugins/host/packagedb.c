/* SPDX-License-Identifier: GPL-3.0-or-later */
/* packagedb.c - the distribution and its database of packages, read without its programs: dpkg's text, rpm's SQLite tables */
#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"

enum family host_family(const struct host *host, char **name)
{
    static const struct { const char *id; enum family family; } known[] = {
        { "debian", FAMILY_DEBIAN }, { "ubuntu", FAMILY_DEBIAN }, { "fedora", FAMILY_FEDORA }, { "rhel", FAMILY_FEDORA },
        { "centos", FAMILY_FEDORA }, { "suse", FAMILY_SUSE }, { "opensuse", FAMILY_SUSE }, { "arch", FAMILY_ARCH },
    };
    g_autofree char *text = host_read(host, "etc/os-release"), *id = NULL, *like = NULL, *words = NULL;

    if (!text)
        text = host_read(host, "usr/lib/os-release");
    id = value_of(text, "ID");
    like = value_of(text, "ID_LIKE");
    words = g_strconcat(id ? id : "", " ", like ? like : "", NULL);
    if (name)
        *name = g_steal_pointer(&id);
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        if (has_word(words, known[i].id, " "))
            return known[i].family;
    return FAMILY_UNKNOWN;
}

/* dpkg: the third word of a package's Status line ("installed", "half-configured", "config-files"). */
static bool read_dpkg(struct host *host, struct packages *packages)
{
    g_autofree char *text = host_read(host, "var/lib/dpkg/status");

    if (!text) {
        packages->problem = g_strdup_printf("/var/lib/dpkg/status: %s", g_strerror(errno));
        return false;
    }
    /* from package to package: their many other lines are not looked at */
    for (const char *at = g_str_has_prefix(text, "Package: ") ? text : strstr(text, "\nPackage: "); at; at = strstr(at, "\nPackage: ")) {
        const char *line = at + (*at == '\n'), *status = line;
        g_autofree char *name = g_strndup(line + strlen("Package: "), strcspn(line, "\n") - strlen("Package: "));

        while (status && *status != '\n' && strncmp(status, "Status: ", strlen("Status: ")))
            status = strchr(status, '\n') ? strchr(status, '\n') + 1 : NULL;
        if (status && *status == 'S') {
            g_autofree char *words = g_strndup(status, strcspn(status, "\n"));
            const char *state = strrchr(words, ' ') + 1, *before = g_hash_table_lookup(packages->states, name);

            if (!before || !g_str_equal(before, "installed"))       /* once for each architecture: one will do */
                g_hash_table_replace(packages->states, g_steal_pointer(&name), (char *)g_intern_string(state));
        }
        at = line;
    }
    return true;
}

/* The few functions of libsqlite3 that reading a column takes. The library is there where rpm is, which stands on it. */
struct sqlite {
    void *library;
    int (*open)(const char *file, void **database, int flags, const char *vfs);
    int (*prepare)(void *database, const char *query, int length, void **statement, const char **rest);
    int (*step)(void *statement);
    const unsigned char *(*text)(void *statement, int column);
    int (*finalize)(void *statement);
    const char *(*message)(void *database);
    int (*close)(void *database);
};
enum { SQLITE_READ_ONLY = 0x01, SQLITE_URI = 0x40, SQLITE_HAS_ROW = 100, SQLITE_IS_DONE = 101 };

static bool load_sqlite(struct sqlite *sqlite)
{
    static const char *const names[] = { "sqlite3_open_v2", "sqlite3_prepare_v2", "sqlite3_step", "sqlite3_column_text",
                                         "sqlite3_finalize", "sqlite3_errmsg", "sqlite3_close" };
    void **functions[] = { (void **)&sqlite->open, (void **)&sqlite->prepare, (void **)&sqlite->step, (void **)&sqlite->text,
                           (void **)&sqlite->finalize, (void **)&sqlite->message, (void **)&sqlite->close };

    if (!(sqlite->library = dlopen("libsqlite3.so.0", RTLD_NOW | RTLD_LOCAL)))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (!(*functions[i] = dlsym(sqlite->library, names[i])))
            return false;
    return true;
}

/*
 * rpm 4.16 and later: the table Name has a row for each package. Nothing is written: as long as no transaction is under way (whose log has
 * something in it) the file is opened as one that cannot change, without the files that SQLite else lays beside it.
 */
static bool read_sqlite(const char *path, struct packages *packages)
{
    g_autofree char *log = g_strconcat(path, "-wal", NULL), *escaped = g_uri_escape_string(path, "/", FALSE), *uri = NULL;
    struct sqlite sqlite = { 0 };
    void *database = NULL, *statement = NULL;
    struct stat st;
    int status = 0;

    if (!load_sqlite(&sqlite)) {
        packages->problem = g_strdup_printf("%s: libsqlite3 is missing", path);
        goto out;
    }
    uri = g_strdup_printf("file:%s?%s", escaped, stat(log, &st) == 0 && st.st_size > 0 ? "mode=ro" : "immutable=1");
    if (sqlite.open(uri, &database, SQLITE_READ_ONLY | SQLITE_URI, NULL) == 0 &&
        sqlite.prepare(database, "SELECT key FROM Name", -1, &statement, NULL) == 0)
        while ((status = sqlite.step(statement)) == SQLITE_HAS_ROW) {
            const char *name = (const char *)sqlite.text(statement, 0);
            if (name)
                g_hash_table_replace(packages->states, g_strdup(name), (char *)g_intern_static_string("installed"));
        }
    if (status != SQLITE_IS_DONE)
        packages->problem = g_strdup_printf("%s: %s", path, database ? sqlite.message(database) : "it cannot be opened");
    sqlite.finalize(statement);
    sqlite.close(database);
out:
    if (sqlite.library)
        dlclose(sqlite.library);
    return !packages->problem;
}

static bool read_rpm(struct host *host, struct packages *packages)
{
    static const char *const folders[] = { "usr/lib/sysimage/rpm", "var/lib/rpm" };
    static const char *const others[] = { "Packages", "Packages.db" };

    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path = host_path(host, "%s/rpmdb.sqlite", folders[i]);
        if (access(path, F_OK) == 0) {
            if (access(path, R_OK) == 0)
                return read_sqlite(path, packages);
            packages->problem = g_strdup_printf("/%s/rpmdb.sqlite: %s", folders[i], g_strerror(errno));
            return false;
        }
    }
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++)
        for (size_t j = 0; j < G_N_ELEMENTS(others); j++)
            if (host_exists(host, "%s/%s", folders[i], others[j])) {
                packages->problem = g_strdup_printf("/%s/%s has a form of rpm's database that is not read here", folders[i], others[j]);
                return false;
            }
    packages->problem = g_strdup("there is no /var/lib/rpm/rpmdb.sqlite");
    return false;
}

const struct packages *host_packages(struct host *host)
{
    struct packages *packages = host->packages;
    g_autofree char *name = NULL;

    if (packages)
        return packages;
    host->packages = packages = g_new0(struct packages, 1);
    packages->states = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    switch (host_family(host, &name)) {
    case FAMILY_DEBIAN:
        packages->manager = "dpkg";
        packages->known = read_dpkg(host, packages);
        break;
    case FAMILY_FEDORA:
    case FAMILY_SUSE:
        packages->manager = "rpm";
        packages->known = read_rpm(host, packages);
        break;
    case FAMILY_ARCH:
        packages->problem = g_strdup("pacman's database is not read here");
        break;
    case FAMILY_UNKNOWN:
        if (name)
            packages->problem = g_strdup_printf("the distribution '%s' is not known to hvsh", name);
        else
            packages->problem = g_strdup("no /etc/os-release tells which distribution this is");
    }
    return packages;
}

void packages_free(struct packages *packages)
{
    if (!packages)
        return;
    g_hash_table_destroy(packages->states);
    g_free(packages->problem);
    g_free(packages);
}

const char *package_state(const struct packages *packages, const char *names, char **which)
{
    g_auto(GStrv) words = g_strsplit(names, "|", -1);
    const char *state = NULL;

    for (char **word = words; *word; word++) {
        const char *one = g_hash_table_lookup(packages->states, *word);
        if (one && (!state || g_str_equal(one, "installed"))) {
            state = one;
            g_free(*which);
            *which = g_strdup(*word);
            if (g_str_equal(one, "installed"))
                break;
        }
    }
    return state;
}
