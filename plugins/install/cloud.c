/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cloud.c - --cloud-init: what the system inside is told at its first start.
 *
 * virt-install's sub-options mean what they mean there; passwords go to the guest as hashes. The documents are JSON, which is YAML too: so
 * no text of anybody's can be taken for something else than a text.
 */
#include "cloud.h"
#include "image.h"
#include <crypt.h>
#include <errno.h>
#include <json-c/json.h>
#include <pwd.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_LIMIT = 16 << 20, PASSWORD_LENGTH = 16 };

static const struct hvsh_field password_row[] = {HVSH_TEXT(struct install_password, user, "who logs in with it"),
                                                 HVSH_TEXT(struct install_password, password, "the password"), HVSH_END};
const struct hvsh_shape cloud_password = {.name = "password",
                                          .kind = HVSH_LINES,
                                          .fields = password_row,
                                          .size = sizeof(struct install_password),
                                          .text = "Password for first {user} login is: {password}"};

/* ---- passwords --------------------------------------------------------------------------------------------------------------------------
 */

static void wipe(void *text)
{
    explicit_bzero(text, strlen(text));
    g_free(text);
}

/* Letters and digits from the system's random numbers; each as likely as the other. */
static const char *make_password(hvsh_call *call)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const unsigned int kinds = sizeof(letters) - 1;
    char *password = hvsh_defer(call, g_malloc0(PASSWORD_LENGTH + 1), wipe);

    for (unsigned int i = 0; i < PASSWORD_LENGTH;) {
        unsigned char byte;

        if (getrandom(&byte, 1, 0) != 1) {
            hvsh_fail(call, "the system has no random numbers for a password: %s", g_strerror(errno));
            return NULL;
        }
        if (byte < 256 / kinds * kinds)
            password[i++] = letters[byte % kinds];
    }
    return password;
}

/* SHA-512: every system's crypt() knows it, and cloud-init takes it for a hash. */
static const char *hash_of(hvsh_call *call, const char *password)
{
    char salt[CRYPT_GENSALT_OUTPUT_SIZE];
    struct crypt_data *data = hvsh_defer(call, g_new0(struct crypt_data, 1), g_free);
    const char *hash = crypt_gensalt_rn("$6$", 0, NULL, 0, salt, sizeof(salt)) ? crypt_rn(password, salt, data, sizeof(*data)) : NULL;
    const char *result = hash && *hash == '$' ? hvsh_printf(call, "%s", hash) : NULL;

    explicit_bzero(data, sizeof(*data));
    if (!result)
        hvsh_fail(call, "the password cannot be hashed: %s", g_strerror(errno));
    return result;
}

static const char *ask_password(hvsh_call *call, const char *user)
{
    const char *first = hvsh_ask(call, hvsh_printf(call, "Password of %s in the guest: ", user), true), *second;

    if (!first)
        return NULL;
    if (!*first) {
        hvsh_fail(call, "an empty password is none; password-generate makes one up");
        return NULL;
    }
    second = hvsh_ask(call, "The same again: ", true);
    if (second && strcmp(first, second) != 0) {
        hvsh_fail(call, "these are two passwords");
        return NULL;
    }
    return second ? first : NULL;
}

/* ---- files
 * -------------------------------------------------------------------------------------------------------------------------------- */

/* "~/" is the user's home here as it is for a shell, which does not see it behind the sub-option's name. */
static const char *place_of(hvsh_call *call, const char *name)
{
    if (g_str_has_prefix(name, "~/"))
        return hvsh_defer(call, g_build_filename(g_get_home_dir(), name + 2, NULL), g_free);
    return hvsh_defer(call, g_canonicalize_filename(name, NULL), g_free);
}

static const char *read_file(hvsh_call *call, const char *what, const char *name)
{
    const char *path = place_of(call, name);
    struct stat status;
    char *text = NULL;
    size_t length = 0;

    if (stat(path, &status) < 0 || access(path, R_OK) < 0) {
        hvsh_fail(call, "--cloud-init: %s: the file '%s' cannot be read: %s", what, name, g_strerror(errno));
        return NULL;
    }
    if (!S_ISREG(status.st_mode) || status.st_size > FILE_LIMIT || !g_file_get_contents(path, &text, &length, NULL)) {
        hvsh_fail(call, "--cloud-init: %s: '%s' is no file of a configuration", what, name);
        return NULL;
    }
    hvsh_defer(call, text, wipe);
    if (!g_utf8_validate(text, (gssize)length, NULL)) {
        hvsh_fail(call, "--cloud-init: %s: '%s' is no text", what, name);
        return NULL;
    }
    return text;
}

/* The keys in a text: a line each. */
static int add_keys(hvsh_call *call, GPtrArray *keys, const char *where, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    guint before = keys->len;

    if (strstr(text, "PRIVATE KEY")) {
        hvsh_fail(call, "--cloud-init: %s is a private key, which stays where it is; the public one ends with .pub", where);
        return -1;
    }
    for (char **line = lines; *line; line++) {
        g_strstrip(*line);
        if (!**line || **line == '#')
            continue;
        if (!strchr(*line, ' '))
            return hvsh_fail(call, "--cloud-init: %s has no public ssh key such as 'ssh-ed25519 AAAA... name'", where);
        g_ptr_array_add(keys, hvsh_printf(call, "%s", *line));
    }
    return keys->len > before ? 0 : hvsh_fail(call, "--cloud-init: %s has no public ssh key", where);
}

/* A key itself, or the file that has it. */
static int take_keys(struct option *option, const char *name, GPtrArray *keys)
{
    const char *value, *text;

    while ((value = option_take_next(option, name))) {
        bool itself = g_str_has_prefix(value, "ssh-") || g_str_has_prefix(value, "ecdsa-") || g_str_has_prefix(value, "sk-");

        text = itself && strchr(value, ' ') ? value : read_file(option->call, name, value);
        if (!text || add_keys(option->call, keys, text == value ? name : value, text) < 0)
            return -1;
    }
    return 0;
}

/* The public keys of who sits here, or of who became root by sudo. */
static int own_keys(struct install *install, GPtrArray *keys)
{
    const char *sudo = getuid() == 0 ? g_getenv("SUDO_USER") : NULL;
    const struct passwd *person = sudo ? getpwnam(sudo) : NULL;
    const char *homes[] = {g_get_home_dir(), person ? person->pw_dir : NULL};

    for (size_t i = 0; i < G_N_ELEMENTS(homes) && homes[i] && !keys->len; i++) {
        g_autofree char *folder = g_build_filename(homes[i], ".ssh", NULL);
        g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
        const char *name;

        while (dir && (name = g_dir_read_name(dir))) {
            g_autofree char *path = g_build_filename(folder, name, NULL), *text = NULL;

            if (g_str_has_suffix(name, ".pub") && g_file_get_contents(path, &text, NULL, NULL) && g_utf8_validate(text, -1, NULL) &&
                add_keys(install->call, keys, path, text) < 0)
                return -1;
        }
        if (keys->len)
            explain(install, "ssh keys: %u public ones in %s", keys->len, folder);
    }
    return 0;
}

/* ---- options
 * -------------------------------------------------------------------------------------------------------------------------------- */

static void free_texts(void *p)
{
    g_ptr_array_unref(p);
}

static GPtrArray *new_texts(hvsh_call *call)
{
    return hvsh_defer(call, g_ptr_array_new(), free_texts);
}

/* One password by the sub-options PREFIXpassword-generate, PREFIXpassword-file; the user's may also be asked for or given as a hash. */
static int take_password(struct install *install, struct option *option, const char *prefix, const char **hash)
{
    hvsh_call *call = install->call;
    struct cloud *cloud = install->cloud;
    const char *file = option_take(option, hvsh_printf(call, "%spassword-file", prefix)), *password = NULL, *ready = NULL, *how = NULL;
    bool make = option_take_bool(option, hvsh_printf(call, "%spassword-generate", prefix), false);

    if (!*prefix) {
        ready = option_take(option, "password-hash");
        how = option_take(option, "password");
    }
    if (!file + !make + !ready + !how < 3)
        return hvsh_fail(call, "--cloud-init: one password in several ways: generate, file, hash or ask");
    if (how && strcmp(how, "ask") != 0) {
        hvsh_fail(call, "--cloud-init: a password does not stand in a command line, where others can read it");
        return hvsh_hint(call, "password=ask asks for it, password-file=FILE reads it, password-generate=on makes one up");
    }
    if (ready && (*ready != '$' || strlen(ready) < 20)) {
        hvsh_fail(call, "--cloud-init: password-hash takes what crypt() makes, such as $6$..., not the password itself");
        return hvsh_hint(call, "password=ask asks for the password, `openssl passwd -6` makes a hash of one");
    }
    *hash = ready;
    if (!file && !make && !how)
        return 0;
    if (make && cloud->expire)
        return hvsh_fail(call, "--cloud-init: one password can be made up, root's or the user's");
    cloud->expire = cloud->expire || make;
    if (file) {
        const char *text = read_file(call, hvsh_printf(call, "%spassword-file", prefix), file);

        if (!text)
            return -1;
        password = hvsh_defer(call, g_strndup(text, strcspn(text, "\r\n")), wipe);
        if (!*password)
            return hvsh_fail(call, "--cloud-init: the first line of '%s' is the password, and it is empty", file);
    }
    if (install->dry) {
        *hash = "(a hash)";
        return 0;
    }
    if (make)
        password = cloud->generated = make_password(call);
    else if (how)
        password = ask_password(call, cloud->user ? cloud->user : "the user");
    *hash = password ? hash_of(call, password) : NULL;
    return *hash ? 0 : -1;
}

static int take_names(struct option *option, const char *name, GPtrArray *list)
{
    const char *value;

    while ((value = option_take_next(option, name))) {
        g_auto(GStrv) words = g_strsplit(value, ",", -1);

        for (char **word = words; *word; word++)
            if (*g_strstrip(*word))
                g_ptr_array_add(list, hvsh_printf(option->call, "%s", *word));
    }
    return 0;
}

static int take_file(struct option *option, const char *name, const char **text)
{
    const char *value = option_take(option, name);

    if (value)
        *text = read_file(option->call, name, value);
    return !value || *text ? 0 : -1;
}

static bool is_hostname(const char *text)
{
    size_t length = strlen(text);

    return length && length <= 253 && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") == length &&
           *text != '-' && *text != '.';
}

static int parse(struct install *install, const char *text)
{
    struct option *option = option_parse(install->call, "cloud-init", text);
    struct cloud *cloud = install->cloud;
    const char *command;

    if (!option)
        return -1;
    cloud->user = option_take(option, "user");
    cloud->hostname = option_take(option, "hostname");
    cloud->timezone = option_take(option, "timezone");
    cloud->locale = option_take(option, "locale");
    cloud->disable = option_take_bool(option, "disable", false);
    install->seed->keep = option_take_bool(option, "keep-seed", false) || option_look(option, "seed");
    if (option_look(option, "seed"))
        install->seed->place = place_of(install->call, option_take(option, "seed"));
    cloud->ssh_password = option_take_bool(option, "ssh-password", false);
    cloud->update = option_take_bool(option, "package-update", false);
    cloud->upgrade = option_take_bool(option, "package-upgrade", false);
    if (cloud->hostname && !is_hostname(cloud->hostname))
        return hvsh_fail(install->call, "--cloud-init: hostname takes letters, digits and hyphens, not '%s'", cloud->hostname);
    if (cloud->user && strpbrk(cloud->user, " :/\n"))
        return hvsh_fail(install->call, "--cloud-init: '%s' is no name for a user", cloud->user);
    while ((command = option_take_next(option, "run")))
        g_ptr_array_add(cloud->commands, (char *)command);
    if (take_names(option, "packages", cloud->packages) < 0 || take_keys(option, "root-ssh-key", cloud->root_keys) < 0 ||
        take_keys(option, "clouduser-ssh-key", cloud->keys) < 0 || take_password(install, option, "root-", &cloud->root_hash) < 0)
        return -1;
    if (take_password(install, option, "", &cloud->hash) < 0 || take_file(option, "user-data", &cloud->user_data) < 0 ||
        take_file(option, "meta-data", &cloud->meta_data) < 0 || take_file(option, "network-config", &cloud->network_config) < 0)
        return -1;
    if (cloud->user_data &&
        (cloud->hash || cloud->root_hash || cloud->root_keys->len || cloud->keys->len || cloud->user || cloud->packages->len ||
         cloud->commands->len || cloud->timezone || cloud->locale || cloud->disable || cloud->update || cloud->upgrade))
        return hvsh_fail(install->call,
                         "--cloud-init: user-data is the whole configuration; what else is asked for has to stand in that file");
    return 0;
}

int cloud_options(struct install *install)
{
    const char *text = install->args->cloud_init;
    hvsh_call *call = install->call;
    struct cloud *cloud;

    if ((!text && !install->image) || (text && strcmp(text, "none") == 0))
        return 0;
    if (install->args->location || install->args->pxe)
        return hvsh_fail(call, "--cloud-init configures a system that a disk has already; an installer takes --unattended or --extra-args");
    install->cloud = cloud = hvsh_defer(call, g_new0(struct cloud, 1), g_free);
    seed_new(install, "--cloud-init", "cloud-init", "seed");
    cloud->keys = new_texts(call);
    cloud->root_keys = new_texts(call);
    cloud->packages = new_texts(call);
    cloud->commands = new_texts(call);
    if (text && parse(install, text) < 0)
        return -1;
    /* a new guest from an image is of no use to who cannot log in */
    if (install->image && !cloud->user_data && !cloud->keys->len && !cloud->root_keys->len && !cloud->hash && !cloud->root_hash) {
        if (own_keys(install, cloud->keys) < 0)
            return -1;
        if (!cloud->keys->len) {
            struct option *made_up = option_parse(call, "cloud-init", "password-generate=yes");

            explain(install, "password: made up, for there is no public key in ~/.ssh");
            if (!made_up || take_password(install, made_up, "", &cloud->hash) < 0)
                return -1;
            cloud->ssh_password = true;
        }
    }
    if (install->host.remote && install->seed->place)
        return hvsh_fail(call, "--cloud-init: the seed has to be at the host of the guest: keep-seed=on leaves it there");
    if (!install->medium)
        install->medium = MEDIUM_IMPORT;
    return 0;
}

/* ---- the documents for the guest
 * -------------------------------------------------------------------------------------------------------------- */

static json_object *strings(const GPtrArray *words)
{
    json_object *list = json_object_new_array();

    for (guint i = 0; i < words->len; i++)
        json_object_array_add(list, json_object_new_string(words->pdata[i]));
    return list;
}

static void add_text(json_object *object, const char *key, const char *value)
{
    if (value)
        json_object_object_add(object, key, json_object_new_string(value));
}

static void free_json(void *object)
{
    json_object_put(object);
}

static const char *written(hvsh_call *call, json_object *object, const char *head)
{
    hvsh_defer(call, object, free_json);
    return hvsh_printf(
        call, "%s%s\n", head,
        json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE));
}

/* A guest's name is nearly free, a host's is not. */
static const char *hostname_of(struct install *install)
{
    char *name;

    if (install->cloud->hostname)
        return install->cloud->hostname;
    name = hvsh_printf(install->call, "%s", install->name);
    for (char *letter = name; *letter; letter++)
        if (!g_ascii_isalnum(*letter) && *letter != '.')
            *letter = '-';
    return is_hostname(name) ? name : "guest";
}

const char *cloud_meta_data(struct install *install)
{
    json_object *data;

    if (install->cloud->meta_data)
        return install->cloud->meta_data;
    data = json_object_new_object();
    add_text(data, "instance-id", model_get(install->call, install->domain, "uuid"));
    add_text(data, "local-hostname", hostname_of(install));
    return written(install->call, data, "");
}

const char *cloud_user_data(struct install *install)
{
    const struct cloud *cloud = install->cloud;
    json_object *data, *part, *list;

    if (cloud->user_data)
        return cloud->user_data;
    data = json_object_new_object();
    if (cloud->meta_data)
        add_text(data, "hostname", cloud->hostname);
    /* "password" is the user's unless root has one */
    if (cloud->user || (cloud->hash && cloud->root_hash)) {
        part = json_object_new_object();
        add_text(part, "name", cloud->user);
        add_text(part, "passwd", cloud->root_hash ? cloud->hash : NULL);
        if (cloud->hash && cloud->root_hash)
            json_object_object_add(part, "lock_passwd", json_object_new_boolean(false));
        json_object_object_add(data, "user", part);
    }
    if (cloud->root_keys->len) {
        part = json_object_new_object();
        add_text(part, "name", "root");
        json_object_object_add(part, "ssh_authorized_keys", strings(cloud->root_keys));
        list = json_object_new_array();
        json_object_array_add(list, json_object_new_string("default"));
        json_object_array_add(list, part);
        json_object_object_add(data, "users", list);
        json_object_object_add(data, "disable_root", json_object_new_boolean(false));
    }
    if (cloud->keys->len)
        json_object_object_add(data, "ssh_authorized_keys", strings(cloud->keys));
    add_text(data, "password", cloud->root_hash ? NULL : cloud->hash);
    if (cloud->hash || cloud->root_hash) {
        part = json_object_new_object();
        if (cloud->root_hash) {
            list = json_object_new_array();
            json_object_array_add(list, json_object_new_string(hvsh_printf(install->call, "root:%s", cloud->root_hash)));
            json_object_object_add(part, "list", list);
        }
        json_object_object_add(part, "expire", json_object_new_boolean(cloud->expire));
        json_object_object_add(data, "chpasswd", part);
    }
    if (cloud->ssh_password)
        json_object_object_add(data, "ssh_pwauth", json_object_new_boolean(true));
    add_text(data, "timezone", cloud->timezone);
    add_text(data, "locale", cloud->locale);
    if (cloud->update || cloud->packages->len)
        json_object_object_add(data, "package_update", json_object_new_boolean(true));
    if (cloud->upgrade)
        json_object_object_add(data, "package_upgrade", json_object_new_boolean(true));
    if (cloud->packages->len)
        json_object_object_add(data, "packages", strings(cloud->packages));
    if (cloud->commands->len || cloud->disable) {
        list = strings(cloud->commands);
        if (cloud->disable)
            json_object_array_add(list, json_object_new_string("echo 'Disabled by hvsh' >/etc/cloud/cloud-init.disabled"));
        json_object_object_add(data, "runcmd", list);
    }
    return written(install->call, data, "#cloud-config\n");
}

int cloud_place(struct install *install)
{
    struct cloud *cloud = install->cloud;

    if (!cloud)
        return 0;
    /* kernels for clouds may know no CD drives, but the disk that they start from: the seed is one of these. Once it has gone nothing is
     * left, where virt-install's way leaves an empty drive. */
    install->seed->is_disk = install->image && install->os.devices & OS_VIRTIO_DISK;
    return 0;
}

int cloud_documents(struct install *install)
{
    struct cloud *cloud = install->cloud;
    const char *mode = model_get(install->call, install->domain, "os/smbios/@mode");
    bool alone = !install->boot;

    if (!cloud)
        return install->seed ? seed_documents(install) : 0;
    if (install->dry)
        explain(install, "user-data:\n%s", cloud_user_data(install));
    install->seed->label = "cidata";
    seed_add(install, "meta-data", NULL, cloud_meta_data(install));
    seed_add(install, "user-data", NULL, cloud_user_data(install));
    if (cloud->network_config)
        seed_add(install, "network-config", NULL, cloud->network_config);
    if (seed_documents(install) < 0)
        return -1;
    if (install->seed->keep)
        return 0;
    /* virt-install's way; an image of this command's own may restart as it likes */
    if (alone && !install->image)
        model_set(install->boot, "on_reboot", "destroy");
    /* what tells cloud-init to look for a medium */
    if ((!mode || strcmp(mode, "sysinfo") == 0) && (install->host.x86 || strcmp(install->host.arch, "aarch64") == 0)) {
        model_set(install->boot, "os/smbios/@mode", "sysinfo");
        model_set(install->boot, "sysinfo/@type", "smbios");
        model_set(install->boot, "sysinfo/system/entry[@name='serial']", "ds=nocloud");
    }
    return 0;
}

/* ---- afterwards
 * -------------------------------------------------------------------------------------------------------------------------------- */

const char *cloud_login(struct install *install)
{
    static const struct {
        const char *distro, *user;
    } users[] = {
        {"debian", "debian"},     {"ubuntu", "ubuntu"},      {"fedora", "fedora"},       {"rhel", "cloud-user"},
        {"centos", "cloud-user"}, {"rocky", "rocky"},        {"almalinux", "almalinux"}, {"opensuse", "opensuse"},
        {"archlinux", "arch"},    {"alpinelinux", "alpine"}, {"freebsd", "freebsd"},
    };
    const struct cloud *cloud = install->cloud;

    if (cloud && cloud->user)
        return cloud->user;
    if (cloud && cloud->root_keys->len && !cloud->keys->len)
        return "root";
    if (install->image && install->image->user)
        return install->image->user;
    for (size_t i = 0; cloud && install->os.distro && i < G_N_ELEMENTS(users); i++)
        if (strcmp(users[i].distro, install->os.distro) == 0)
            return users[i].user;
    return NULL;
}

int cloud_tell(struct install *install)
{
    const struct cloud *cloud = install->cloud;
    const char *login = cloud && cloud->hash ? cloud_login(install) : "root";

    if (!cloud || !cloud->generated)
        return 0;
    return hvsh_emit(install->call, &cloud_password, &(struct install_password){login ? login : "user", cloud->generated});
}
