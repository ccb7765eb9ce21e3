/* SPDX-License-Identifier: GPL-3.0-or-later */
/* image.c - --image: which image is meant, by the administrator's table, libosinfo's list, an address or a file. */
#include "image.h"
#include "download.h"
#include "table.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "folders.h"

enum { PATIENCE = 30 };

/* ---- the administrator's table
 * ------------------------------------------------------------------------------------------------------------ */

/* images.lua of the user or else of the system: return { web = { url = "https://...", sums = "https://...", osinfo = "debian12" } }.
 * *table stays NULL when there is none. */
static int read_own(hvsh_call *call, json_object **table, const char **place)
{
    g_autofree char *user = g_build_filename(g_get_user_config_dir(), "hvsh", "images.lua", NULL);
    const char *const places[] = {user, SYSCONFDIR "/hvsh/images.lua"};

    for (size_t i = 0; i < G_N_ELEMENTS(places) && !*table; i++)
        if (access(places[i], F_OK) == 0) {
            *table = table_read(call, places[i]);
            *place = hvsh_printf(call, "%s", places[i]);
            if (!*table)
                return -1;
        }
    if (*table && !json_object_is_type(*table, json_type_object))
        return json_object_array_length(*table) ? hvsh_fail(call, "%s: each image has a name: name = { url = \"...\" }", *place)
                                                : (*table = NULL, 0);
    return 0;
}

static const char *text_in(json_object *entry, const char *key)
{
    json_object *value;

    return json_object_object_get_ex(entry, key, &value) && json_object_is_type(value, json_type_string) ? json_object_get_string(value)
                                                                                                         : NULL;
}

/* 1: the table has it, 0, -1. */
static int by_own(struct install *install)
{
    struct image *image = install->image;
    json_object *table = NULL, *entry;
    const char *place = NULL, *address;

    if (read_own(install->call, &table, &place) < 0)
        return -1;
    if (!table || !json_object_object_get_ex(table, image->given, &entry))
        return 0;
    address = json_object_is_type(entry, json_type_string) ? json_object_get_string(entry) : NULL;
    if (json_object_is_type(entry, json_type_object)) {
        address = text_in(entry, "url") ? text_in(entry, "url") : text_in(entry, "file");
        image->sum = image->sum ? image->sum : text_in(entry, "sha512") ? text_in(entry, "sha512") : text_in(entry, "sha256");
        image->sums = image->sums ? image->sums : text_in(entry, "sums");
        image->system = text_in(entry, "osinfo");
        image->user = text_in(entry, "user");
        image->raw = image->raw || g_strcmp0(text_in(entry, "format"), "raw") == 0;
    }
    if (!address)
        return hvsh_fail(install->call, "%s: the image '%s' has neither url nor file", place, image->given);
    if (download_is_url(address))
        image->url = address;
    else
        image->file = hvsh_defer(install->call, g_canonicalize_filename(address, NULL), g_free);
    explain(install, "image: %s is %s, as %s says", image->given, address, place);
    return 1;
}

/* ---- libosinfo's list
 * ------------------------------------------------------------------------------------------------------------------------ */

struct search {
    struct install *install;
    const char *name, *url; /* one of them is known */
};

static void compare(void *p, const char *system, const char *url)
{
    struct search *search = p;

    if (!search->url && strcmp(system, search->name) == 0)
        search->url = hvsh_printf(search->install->call, "%s", url);
    else if (!search->name && strcmp(url, search->url) == 0)
        search->name = hvsh_printf(search->install->call, "%s", system);
}

/* ---- names
 * ------------------------------------------------------------------------------------------------------------------------------------- */

struct names {
    hvsh_call *call;
    const char *start; /* those that begin so are offered */
    GPtrArray *all;    /* or all are collected */
};

static void take_name(void *p, const char *name, const char *note)
{
    struct names *names = p;

    if (names->start && g_str_has_prefix(name, names->start))
        hvsh_offer(names->call, name, note);
    if (names->all)
        g_ptr_array_add(names->all, g_strdup(name));
}

static int all_names(struct install *install, struct names *names)
{
    json_object *table = NULL;
    const char *place;

    if (read_own(install->call, &table, &place) < 0)
        return -1;
    if (table) {
        struct json_object_iterator at = json_object_iter_begin(table), end = json_object_iter_end(table);

        for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
            json_object *entry = json_object_iter_peek_value(&at);

            take_name(names, json_object_iter_peek_name(&at),
                      json_object_is_type(entry, json_type_string) ? json_object_get_string(entry) : text_in(entry, "url"));
        }
    }
    osinfo_each_image(install, take_name, names);
    return 0;
}

int image_offer(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    struct install install = {.call = call, .host.arch = "x86_64"};

    (void)field;
    return strchr(start, ',') || strchr(start, '/') ? 0 : all_names(&install, &(struct names){.call = call, .start = start});
}

static int compare_names(const void *a, const void *b)
{
    return -strverscmp(*(const char *const *)a, *(const char *const *)b);
}

static int no_such(struct install *install)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);
    const char *nearest;

    if (all_names(install, &(struct names){.call = install->call, .all = all}) < 0)
        return -1;
    /* of those that are as near the newest: debian11, not debian10, for debian12 */
    g_ptr_array_sort(all, compare_names);
    g_ptr_array_add(all, NULL);
    nearest = hvsh_nearest(install->image->given, (const char *const *)all->pdata);
    hvsh_fail(install->call, nearest ? "there is no image named '%s'; did you mean '%s'?" : "there is no image named '%s'",
              install->image->given, nearest);
    return hvsh_hint(install->call, "an address or a file will do too; names are libosinfo's and those of %s/hvsh/images.lua%s",
                     g_get_user_config_dir(), osinfo_available(install) ? "" : " (libosinfo is not installed)");
}

/* ---- which one
 * ------------------------------------------------------------------------------------------------------------------------------------ */

static int find(struct install *install)
{
    struct image *image = install->image;
    struct search search = {install, image->given, NULL};
    int own;

    if (download_is_url(image->given)) {
        image->url = image->given;
        return 0;
    }
    if (g_str_has_prefix(image->given, "file://") || strchr(image->given, '/') || access(image->given, F_OK) == 0) {
        const char *file = g_str_has_prefix(image->given, "file://") ? image->given + strlen("file://") : image->given;

        if (strstr(file, "://"))
            return hvsh_fail(install->call, "--image: an address begins with https, http or ftp, not as %s", image->given);
        image->file = g_str_has_prefix(file, "~/") ? hvsh_defer(install->call, g_build_filename(g_get_home_dir(), file + 2, NULL), g_free)
                                                   : hvsh_defer(install->call, g_canonicalize_filename(file, NULL), g_free);
        return 0;
    }
    own = by_own(install);
    if (own)
        return own < 0 ? -1 : 0;
    osinfo_each_image(install, compare, &search);
    if (!search.url)
        return no_such(install);
    image->url = search.url;
    image->system = image->given;
    explain(install, "image: %s is %s, as libosinfo says", image->given, image->url);
    return 0;
}

static const char *name_of(hvsh_call *call, const char *place)
{
    const char *slash = strrchr(place, '/'), *name = slash ? slash + 1 : place;

    return hvsh_printf(call, "%.*s", (int)strcspn(name, "?#"), name);
}

/* Where a download lies: by its name, and by its whole address, for names are short. */
static const char *cache_place(hvsh_call *call, const struct image *image)
{
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, image->url, -1);
    g_autofree char *file = g_strdup_printf("%.8s-%s", sum, image->name);

    return hvsh_defer(call, g_build_filename(g_get_user_cache_dir(), "hvsh", "images", file, NULL), g_free);
}

/* What the disk's own options are made of. */
static const char *disk_words(hvsh_call *call, struct option *option)
{
    static const char *const passed[] = {"size", "path", "pool", "bus"};
    g_autoptr(GString) words = g_string_new("format=qcow2");

    for (size_t i = 0; i < G_N_ELEMENTS(passed); i++) {
        const char *value = option_take(option, passed[i]);
        g_autofree char *quoted = value ? g_strescape(value, NULL) : NULL;

        if (value)
            g_string_append_printf(words, ",%s=\"%s\"", passed[i], quoted);
    }
    return hvsh_printf(call, "%s", words->str);
}

static int parse(struct install *install, struct option *option)
{
    hvsh_call *call = install->call;
    struct image *image = install->image;
    const char *patience = option_take(option, "timeout"), *format = option_take(option, "format"), *sum;

    image->given = option_take(option, "image");
    if (!image->given)
        return hvsh_fail(call, "--image needs a name, an address or a file");
    image->sized = option_look(option, "size");
    image->copy = option_take_bool(option, "copy", false);
    image->sums = option_take(option, "sums");
    image->sum = sum = option_take(option, "sha512");
    if (!sum)
        image->sum = sum = option_take(option, "sha256");
    if (sum && !image_is_sum(sum))
        return hvsh_fail(call, "--image: a SHA-256 has 64 hexadecimal digits, a SHA-512 has 128, not '%s'", sum);
    if (image->sums && strcmp(image->sums, "none") != 0 && !download_is_url(image->sums))
        return hvsh_fail(call, "--image: sums is the address of a list of checksums, or none, not '%s'", image->sums);
    if (sum && image->sums)
        return hvsh_fail(call, "--image: the checksum is given, and a list of them: one is enough");
    if (format && strcmp(format, "raw") != 0 && strcmp(format, "qcow2") != 0)
        return hvsh_fail(call, "--image: format is raw or qcow2, not '%s'", format);
    image->raw = format && strcmp(format, "raw") == 0;
    image->patience = patience ? (unsigned int)g_ascii_strtoull(patience, NULL, 10) : PATIENCE;
    if (!image->patience || image->patience > 86400)
        return hvsh_fail(call, "--image: timeout is the seconds without a byte after which a server is given up, not '%s'", patience);
    return 0;
}

int image_options(struct install *install)
{
    const struct install_args *args = install->args;
    hvsh_call *call = install->call;
    struct option *option;
    struct image *image;

    if (!args->image)
        return 0;
    if (args->cdrom || args->location || args->pxe)
        return hvsh_fail(call, "--image has a system already: --cdrom, --location and --pxe, which install one, contradict it");
    option = option_parse(call, "image", args->image);
    if (!option)
        return -1;
    install->image = image = hvsh_defer(call, g_new0(struct image, 1), g_free);
    if (parse(install, option) < 0 || find(install) < 0)
        return -1;
    image->name = name_of(call, image->url ? image->url : image->file);
    if (!*image->name)
        return hvsh_fail(call, "--image: the address %s names no file", image->url ? image->url : image->given);
    if (image->url)
        image->file = cache_place(call, image);
    else if (image_probe(install) < 0)
        return -1;
    if (disk_add(install, disk_words(call, option)) < 0)
        return -1;
    image->disk = install->disks->pdata[install->disks->len - 1];
    image->disk->image = image;
    if (!image->url && !image->copy && !install->host.remote) {
        image->disk->backing = image->file;
        image->disk->backing_format = image->format;
    }
    install->medium = MEDIUM_IMPORT;
    return 0;
}

/* ---- the system in it
 * -------------------------------------------------------------------------------------------------------------------------- */

/* "debian-12-genericcloud-amd64.qcow2", "Fedora-Cloud-Base-37-1.7.x86_64.qcow2", "noble-server-..." : letters up to the first number. */
static const char *guess(hvsh_call *call, const char *name)
{
    g_autofree char *lower = g_ascii_strdown(name, -1);
    size_t letters = strspn(lower, "abcdefghijklmnopqrstuvwxyz");
    const char *digits = strpbrk(lower, "0123456789"), *end;

    if (!letters || !digits)
        return NULL;
    end = digits + strspn(digits, "0123456789");
    /* rhel-9.1, alpine-3.17 and ubuntu-22.04 count by two numbers */
    if (*end == '.' && g_ascii_isdigit(end[1]) &&
        (g_str_has_prefix(lower, "rhel") || g_str_has_prefix(lower, "ubuntu") || g_str_has_prefix(lower, "alpine")))
        end += 1 + strspn(end + 1, "0123456789");
    return hvsh_printf(call, "%.*s%.*s", (int)letters, lower, (int)(end - digits), digits);
}

int image_system(struct install *install)
{
    struct image *image = install->image;
    struct search search = {install, NULL, image->url};
    const char *name = image->system, *nearest;

    if (!name && image->url) {
        osinfo_each_image(install, compare, &search);
        name = search.name;
    }
    if (!name)
        name = guess(install->call, image->name);
    if (name && osinfo_by_name(install, name))
        return 1;
    nearest = name ? osinfo_nearest(install, name) : NULL;
    if (nearest && osinfo_by_name(install, nearest)) {
        hvsh_note(install->call, "%s is newer than this host's database of systems: the guest is made as for %s", name, nearest);
        return 1;
    }
    if (!osinfo_by_name(install, "linux2022"))
        return 0;
    hvsh_note(install->call, "the system of the image could not be found out: the guest is made for a Linux of today");
    return 1;
}

/* ---- checks
 * ------------------------------------------------------------------------------------------------------------------------------------------
 */

int image_check(struct install *install)
{
    struct image *image = install->image;
    struct disk *disk = image ? image->disk : NULL;
    struct xml *xml;
    const char *type;

    if (!image)
        return 0;
    if (!disk->fresh) {
        hvsh_fail(install->call, "the disk %s exists already; nothing has been done to it", disk->path);
        return hvsh_hint(install->call, "another path, or --import --disk %s to go on with it", disk->path);
    }
    if (image->format && image->sized && disk->size < image->size)
        return hvsh_fail(install->call, "a disk of %s is too small for the image, which is one of %s",
                         option_size_words(install->call, disk->size), option_size_words(install->call, image->size));
    if (image->copy && image->format)
        model_set(disk->node, "driver/@type", install->host.qemu ? image->format : NULL);
    if (!disk->pool)
        return image_room(install);
    xml = xml_take(install->call,
                   virStoragePoolGetXMLDesc(hvsh_own_pool(install->call, virStoragePoolLookupByName(install->connection, disk->pool)), 0),
                   "the XML of a pool");
    type = xml ? xml_text(xml, NULL, "/pool/@type") : NULL;
    if (xml && strcmp(type, "dir") != 0 && strcmp(type, "fs") != 0 && strcmp(type, "netfs") != 0) {
        hvsh_fail(install->call, "pool '%s' (%s) holds no files, and an image is one", disk->pool, type);
        return hvsh_hint(install->call, "--image %s,pool=NAME takes another pool", image->given);
    }
    return xml ? image_room(install) : -1;
}
