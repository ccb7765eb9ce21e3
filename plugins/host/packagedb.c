/* SPDX-License-Identifier: GPL-3.0-or-later */
/* packagedb.c - the distribution and its database of packages, read without its programs: dpkg's text, rpm's SQLite tables and ndb */
#include <dlfcn.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
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

/* ---- ndb, SUSE's: pages of slots, each of which says where a package's header lies ---- */

/* On disk; numbers are little-endian here, and big-endian in a header, which is as it is in a package. */
struct ndb_start { char magic[4]; uint32_t version, generation, pages, unused[4]; };
struct ndb_slot { char magic[4]; uint32_t package, block, blocks; };
struct ndb_blob { char magic[4]; uint32_t package, generation, length; };
struct rpm_header { uint32_t count, size; };
struct rpm_entry { uint32_t tag, type, offset, count; };
enum { NDB_PAGE = 4096, NDB_BLOCK = 16, NDB_MOST_PAGES = 4096, RPM_MOST_ENTRIES = 65536, RPM_NAME = 1000, RPM_STRING = 6 };

static bool read_at(int fd, uint64_t offset, void *to, size_t size)
{
    return pread(fd, to, size, (off_t)offset) == (ssize_t)size;
}

/* The name in the header of the slot's package; NULL: what is there is none. */
static char *name_in(int fd, const struct ndb_slot *slot)
{
    uint64_t at = (uint64_t)le32toh(slot->block) * NDB_BLOCK;
    g_autofree struct rpm_entry *entries = NULL;
    struct ndb_blob blob;
    struct rpm_header header;
    char name[256];

    if (!read_at(fd, at, &blob, sizeof blob) || memcmp(blob.magic, "BlbS", 4) || blob.package != slot->package ||
        !read_at(fd, at += sizeof blob, &header, sizeof header))
        return NULL;
    header = (struct rpm_header){ be32toh(header.count), be32toh(header.size) };
    at += sizeof header;
    if (header.count > RPM_MOST_ENTRIES)
        return NULL;
    entries = g_new(struct rpm_entry, header.count);
    if (!read_at(fd, at, entries, header.count * sizeof *entries))
        return NULL;
    at += header.count * sizeof *entries;
    for (uint32_t i = 0; i < header.count; i++) {
        uint32_t offset = be32toh(entries[i].offset);
        if (be32toh(entries[i].tag) != RPM_NAME || be32toh(entries[i].type) != RPM_STRING || offset >= header.size)
            continue;
        size_t most = MIN(sizeof name, header.size - offset);
        return read_at(fd, at + offset, name, most) && memchr(name, '\0', most) ? g_strdup(name) : NULL;
    }
    return NULL;
}

static bool read_ndb(const char *path, struct packages *packages)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    g_autofree struct ndb_slot *slots = NULL;
    struct ndb_start start;
    uint32_t pages;
    size_t count = 0;

    if (fd < 0) {
        packages->problem = g_strdup_printf("%s: %s", path, g_strerror(errno));
        return false;
    }
    if (!read_at(fd, 0, &start, sizeof start) || memcmp(start.magic, "RpmP", 4) || start.version || !(pages = le32toh(start.pages)) ||
        pages > NDB_MOST_PAGES) {
        packages->problem = g_strdup_printf("%s is no database of rpm's that is known here", path);
        goto out;
    }
    /* the first page begins with the file's start */
    slots = g_malloc((size_t)pages * NDB_PAGE);
    if (read_at(fd, sizeof start, slots, (size_t)pages * NDB_PAGE - sizeof start))
        count = ((size_t)pages * NDB_PAGE - sizeof start) / sizeof *slots;
    for (size_t i = 0; i < count && !packages->problem; i++) {
        char *name;
        if (!slots[i].package)
            continue;
        if (!memcmp(slots[i].magic, "Slot", 4) && (name = name_in(fd, &slots[i])))
            g_hash_table_replace(packages->states, name, (char *)g_intern_static_string("installed"));
        else
            packages->problem = g_strdup_printf("%s is damaged, or changes just now", path);
    }
    if (!count)
        packages->problem = g_strdup_printf("%s is damaged, or changes just now", path);
out:
    close(fd);
    return !packages->problem;
}

/* The forms that rpm's database can have. Berkeley's, "Packages", was left by all before this program was begun. */
static const struct { const char *name; bool (*read)(const char *path, struct packages *packages); } forms[] = {
    { "rpmdb.sqlite", read_sqlite }, { "Packages.db", read_ndb }, { "Packages", NULL },
};

static bool read_rpm(struct host *host, struct packages *packages)
{
    static const char *const folders[] = { "usr/lib/sysimage/rpm", "var/lib/rpm" };

    for (size_t form = 0; form < G_N_ELEMENTS(forms); form++)
        for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
            g_autofree char *path = host_path(host, "%s/%s", folders[i], forms[form].name);
            if (access(path, F_OK) < 0)
                continue;
            if (!forms[form].read)
                packages->problem = g_strdup_printf("/%s/%s has a form of rpm's database that is not read here", folders[i], forms[form].name);
            else if (access(path, R_OK) < 0)
                packages->problem = g_strdup_printf("/%s/%s: %s", folders[i], forms[form].name, g_strerror(errno));
            return !packages->problem && forms[form].read(path, packages);
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
