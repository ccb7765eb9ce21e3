/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * osinfo.c - what libosinfo knows of operating systems, their media and trees.
 *
 * The library and its database (some 800 systems, a third of a second) are loaded when the first question comes, and kept for the life of the
 * process. Without the library a guest is described by --osinfo generic only.
 */
#include "config.h"
#include "seed.h"
#include <math.h>
#include <string.h>

#if HAVE_OSINFO
#include <dlfcn.h>
/* its headers have semicolons that ISO C does not know */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#include <osinfo/osinfo.h>
#pragma GCC diagnostic pop

#define OSINFO_FUNCTIONS(F) \
    F(osinfo_loader_new) F(osinfo_loader_process_default_path) F(osinfo_loader_get_db) F(osinfo_db_get_os_list) F(osinfo_db_identify_media) \
    F(osinfo_db_identify_tree) F(osinfo_list_get_length) F(osinfo_list_get_nth) F(osinfo_entity_get_id) F(osinfo_entity_get_param_value) \
    F(osinfo_product_get_short_id_list) F(osinfo_product_get_short_id) F(osinfo_product_get_name) F(osinfo_os_get_distro) F(osinfo_os_get_family) \
    F(osinfo_os_get_image_list) F(osinfo_image_get_url) F(osinfo_image_get_format) F(osinfo_image_get_architecture) F(osinfo_image_get_cloud_init) \
    F(osinfo_os_get_all_devices) F(osinfo_os_get_minimum_resources) F(osinfo_os_get_recommended_resources) \
    F(osinfo_os_get_network_install_resources) F(osinfo_resources_get_architecture) F(osinfo_resources_get_ram) F(osinfo_resources_get_n_cpus) \
    F(osinfo_resources_get_storage) F(osinfo_media_create_from_location) F(osinfo_media_get_os) F(osinfo_tree_create_from_location) \
    F(osinfo_tree_get_os) F(osinfo_os_get_complete_firmware_list) F(osinfo_firmware_get_architecture) F(osinfo_firmware_get_firmware_type) \
    F(osinfo_firmware_is_supported) F(osinfo_product_get_codename) F(osinfo_media_get_kernel_path) F(osinfo_media_get_initrd_path) F(osinfo_media_supports_installer_script) F(osinfo_media_get_install_script_list) \
    F(osinfo_os_get_install_script_list) F(osinfo_install_script_get_profile) F(osinfo_install_script_get_expected_filename) \
    F(osinfo_install_script_get_injection_methods) F(osinfo_install_script_set_preferred_injection_method) \
    F(osinfo_install_script_set_installation_source) F(osinfo_install_script_generate) F(osinfo_install_script_generate_for_media) \
    F(osinfo_install_script_generate_command_line) F(osinfo_install_script_generate_command_line_for_media) \
    F(osinfo_install_script_get_config_param) F(osinfo_install_config_param_is_optional) F(osinfo_install_config_new) \
    F(osinfo_install_config_set_hardware_arch) F(osinfo_install_config_set_hostname) F(osinfo_install_config_set_target_disk) \
    F(osinfo_install_config_set_user_login) F(osinfo_install_config_set_user_realname) F(osinfo_install_config_set_user_password) \
    F(osinfo_install_config_set_admin_password) F(osinfo_install_config_set_l10n_timezone) F(osinfo_install_config_set_l10n_language) \
    F(osinfo_install_config_set_l10n_keyboard) F(osinfo_install_config_set_installation_url) F(osinfo_install_config_set_reg_login) \
    F(osinfo_install_config_set_reg_product_key) F(osinfo_product_get_related) F(osinfo_os_get_tree_list) \
    F(osinfo_tree_get_architecture) F(osinfo_tree_get_url) F(osinfo_tree_get_os_variants) F(osinfo_os_variant_get_name) F(osinfo_media_get_os_variants) \
    F(osinfo_os_get_device_drivers) F(osinfo_device_driver_get_pre_installable) F(osinfo_device_driver_get_architecture) \
    F(osinfo_device_driver_get_files) F(osinfo_device_driver_get_devices) F(osinfo_device_driver_get_location)

static struct {
    GMutex lock;
    bool tried;
    const char *failure;
    OsinfoDb *db;
    OsinfoOsList *systems;
#define MEMBER(name) __typeof__(&name) name;
    OSINFO_FUNCTIONS(MEMBER)
} lib;

/* The functions of the library; osinfo_list_get_nth() and its like take what the library gives, so no casts of GObject's are needed. */
static bool load_library(void)
{
    void *handle = dlopen("libosinfo-1.0.so.0", RTLD_NOW | RTLD_LOCAL);

    if (!handle)
        return false;
#define LOOK_UP(name) \
    if (!(*(void **)&lib.name = dlsym(handle, #name))) \
        return false;
    OSINFO_FUNCTIONS(LOOK_UP)
    return true;
}

/* libosinfo waits in GLib's loop: not in the default context, which is libvirt's. */
struct context { GMainContext *context; };

static struct context enter(void)
{
    struct context own = { g_main_context_new() };

    g_main_context_push_thread_default(own.context);
    return own;
}

static void leave(struct context *own)
{
    g_main_context_pop_thread_default(own->context);
    g_main_context_unref(own->context);
}

bool osinfo_available(struct install *install)
{
    OsinfoLoader *loader;

    (void)install;
    g_mutex_lock(&lib.lock);
    if (!lib.tried) {
        lib.tried = true;
        if (!load_library()) {
            lib.failure = "the library libosinfo is not installed";
        } else {
            struct context own = enter();

            loader = lib.osinfo_loader_new();
            lib.osinfo_loader_process_default_path(loader, NULL);
            lib.db = g_object_ref(lib.osinfo_loader_get_db(loader));
            g_object_unref(loader);
            lib.systems = lib.osinfo_db_get_os_list(lib.db);
            if (!lib.osinfo_list_get_length((OsinfoList *)lib.systems))
                lib.failure = "the database of systems (osinfo-db) is not installed";
            leave(&own);
        }
    }
    g_mutex_unlock(&lib.lock);
    return !lib.failure;
}

/* ---- facts of one system --------------------------------------------------------------------------------------------------------------- */

/* What is known of a list of devices, which is given back. */
static unsigned int bits_of(OsinfoList *list)
{
    static const struct { const char *id; unsigned int bits; } known[] = {
        { "http://pcisig.com/pci/1af4/1000", OS_VIRTIO_NET }, { "http://pcisig.com/pci/1af4/1041", OS_VIRTIO_NET | OS_VIRTIO_1 },
        { "http://pcisig.com/pci/1af4/1001", OS_VIRTIO_DISK }, { "http://pcisig.com/pci/1af4/1042", OS_VIRTIO_DISK },
        { "http://pcisig.com/pci/1af4/1004", OS_VIRTIO_SCSI }, { "http://pcisig.com/pci/1af4/1048", OS_VIRTIO_SCSI },
        { "http://pcisig.com/pci/1af4/1005", OS_VIRTIO_RNG }, { "http://pcisig.com/pci/1af4/1044", OS_VIRTIO_RNG },
        { "http://pcisig.com/pci/1af4/1002", OS_VIRTIO_BALLOON }, { "http://pcisig.com/pci/1af4/1045", OS_VIRTIO_BALLOON },
        { "http://pcisig.com/pci/1af4/1003", OS_VIRTIO_SERIAL }, { "http://pcisig.com/pci/1af4/1043", OS_VIRTIO_SERIAL },
        { "http://pcisig.com/pci/1af4/1050", OS_VIRTIO_GPU }, { "http://pcisig.com/pci/1af4/1052", OS_VIRTIO_INPUT },
        { "http://pcisig.com/pci/1b36/0004", OS_XHCI }, { "http://qemu.org/chipset/x86/q35", OS_Q35 },
    };
    unsigned int bits = 0;

    for (int i = 0, n = list ? lib.osinfo_list_get_length(list) : 0; i < n; i++) {
        const char *id = lib.osinfo_entity_get_id(lib.osinfo_list_get_nth(list, i));

        for (size_t j = 0; j < G_N_ELEMENTS(known); j++)
            if (strcmp(known[j].id, id) == 0)
                bits |= known[j].bits;
    }
    if (list)
        g_object_unref(list);
    return bits;
}

/* The network card that it knows best, where it knows none of virtio's. */
static const char *card_of(OsinfoOs *system)
{
    static const char *const cards[] = { "e1000", "rtl8139", "ne2k_pci", "pcnet" };
    OsinfoList *list = (OsinfoList *)lib.osinfo_os_get_all_devices(system, NULL);
    size_t best = G_N_ELEMENTS(cards);

    for (int i = 0, n = lib.osinfo_list_get_length(list); i < n; i++) {
        OsinfoEntity *device = lib.osinfo_list_get_nth(list, i);
        const char *name = lib.osinfo_entity_get_param_value(device, OSINFO_DEVICE_PROP_NAME);

        for (size_t j = 0; j < best; j++)
            if (g_strcmp0(name, cards[j]) == 0)
                best = j;
    }
    g_object_unref(list);
    return cards[best < G_N_ELEMENTS(cards) ? best : 0];
}

/* Does it come from another, by whatever way? Many ways lead to the same ancestors: each is looked at once. */
static bool comes_from(OsinfoProduct *product, const char *id, GHashTable *seen)
{
    static const OsinfoProductRelationship ways[] = {
        OSINFO_PRODUCT_RELATIONSHIP_DERIVES_FROM, OSINFO_PRODUCT_RELATIONSHIP_UPGRADES, OSINFO_PRODUCT_RELATIONSHIP_CLONES
    };
    const char *own = lib.osinfo_entity_get_id((OsinfoEntity *)product);
    bool found = strcmp(own, id) == 0;

    for (size_t way = 0; !found && way < G_N_ELEMENTS(ways); way++) {
        OsinfoList *list = (OsinfoList *)lib.osinfo_product_get_related(product, ways[way]);

        for (int i = 0, n = lib.osinfo_list_get_length(list); i < n && !found; i++) {
            OsinfoEntity *other = lib.osinfo_list_get_nth(list, i);

            found = g_hash_table_add(seen, (void *)lib.osinfo_entity_get_id(other)) && comes_from((OsinfoProduct *)other, id, seen);
        }
        g_object_unref(list);
    }
    return found;
}

enum amount { RAM, CPUS, STORAGE };

/* One amount of a list of resources, for the architecture or for all; -1: the list does not say. */
static int64_t amount_in(OsinfoResourcesList *resources, enum amount what, const char *arch)
{
    OsinfoList *list = (OsinfoList *)resources;
    int64_t result = -1;

    for (int pass = 0; pass < 2 && result < 0; pass++)
        for (int i = 0, n = list ? lib.osinfo_list_get_length(list) : 0; i < n && result < 0; i++) {
            OsinfoResources *one = (OsinfoResources *)lib.osinfo_list_get_nth(list, i);

            if (strcmp(lib.osinfo_resources_get_architecture(one), pass ? "all" : arch) == 0)
                result = what == RAM ? lib.osinfo_resources_get_ram(one) : what == CPUS ? lib.osinfo_resources_get_n_cpus(one)
                                                                                        : lib.osinfo_resources_get_storage(one);
        }
    if (list)
        g_object_unref(list);
    return result;
}

/* What is recommended, or twice what is the least. */
static uint64_t wanted(OsinfoOs *system, enum amount what, const char *arch)
{
    int64_t amount = amount_in(lib.osinfo_os_get_recommended_resources(system), what, arch);

    if (amount > 0)
        return (uint64_t)amount;
    amount = amount_in(lib.osinfo_os_get_minimum_resources(system), what, arch);
    return amount > 0 ? (uint64_t)amount * 2 : 0;
}

static bool only_efi(OsinfoOs *system, const char *arch)
{
    OsinfoList *list = (OsinfoList *)lib.osinfo_os_get_complete_firmware_list(system, NULL);
    bool efi = false, bios = true;

    for (int i = 0, n = list ? lib.osinfo_list_get_length(list) : 0; i < n; i++) {
        OsinfoFirmware *one = (OsinfoFirmware *)lib.osinfo_list_get_nth(list, i);
        const char *type = lib.osinfo_firmware_get_firmware_type(one);

        if (strcmp(lib.osinfo_firmware_get_architecture(one), arch) != 0 || !type)
            continue;
        if (strcmp(type, "efi") == 0)
            efi = lib.osinfo_firmware_is_supported(one);
        else if (strcmp(type, "bios") == 0)
            bios = lib.osinfo_firmware_is_supported(one);
    }
    if (list)
        g_object_unref(list);
    return efi && !bios;
}

static const char *url_argument(OsinfoOs *system, const char *distro)
{
    static const char *const suse[] = { "caasp", "sle", "sled", "sles", "opensuse", NULL }, *const red[] = { "centos", "rhel", "fedora", NULL };
    const char *own = lib.osinfo_entity_get_param_value((OsinfoEntity *)system, OSINFO_OS_PROP_KERNEL_URL_ARGUMENT);

    if (own)
        return own;
    return distro && g_strv_contains(suse, distro) ? "install" : distro && g_strv_contains(red, distro) ? "inst.repo" : NULL;
}

static void fill(struct install *install, OsinfoOs *system)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    struct os *os = &install->os;
    hvsh_call *call = install->call;
    const char *arch = install->host.arch, *own;

    /* the database is never freed, nor are its texts */
    os->id = lib.osinfo_entity_get_id((OsinfoEntity *)system);
    os->short_id = lib.osinfo_product_get_short_id((OsinfoProduct *)system);
    os->name = lib.osinfo_product_get_name((OsinfoProduct *)system);
    os->distro = lib.osinfo_os_get_distro(system);
    os->family = lib.osinfo_os_get_family(system);
    os->windows = os->family && g_str_has_prefix(os->family, "win");
    os->devices = bits_of((OsinfoList *)lib.osinfo_os_get_all_devices(system, NULL));
    /* the database has no virtio-serial for many children of RHEL 6, all of which have it */
    if (!(os->devices & OS_VIRTIO_SERIAL) && comes_from((OsinfoProduct *)system, "http://redhat.com/rhel/6.0", seen))
        os->devices |= OS_VIRTIO_SERIAL;
    os->card = card_of(system);
    /* a chipset of today needs virtio of today */
    if (os->devices & OS_VIRTIO_NET && !(os->devices & OS_VIRTIO_1))
        os->devices &= ~(unsigned int)OS_Q35;
    os->ram = wanted(system, RAM, arch);
    os->cpus = (unsigned int)wanted(system, CPUS, arch);
    os->storage = wanted(system, STORAGE, arch);
    own = url_argument(system, os->distro);
    os->url_argument = own ? hvsh_printf(call, "%s", own) : NULL;
    os->network_ram = (uint64_t)MAX(amount_in(lib.osinfo_os_get_network_install_resources(system), RAM, arch), 0);
    os->needs_efi = only_efi(system, arch);
    install->os_found = true;
}

/* ---- scripts for unattended installations ------------------------------------------------------------------------------------------------ */

static bool requires(OsinfoInstallScript *script, const char *what)
{
    OsinfoInstallConfigParam *param = lib.osinfo_install_script_get_config_param(script, what);

    return param && !lib.osinfo_install_config_param_is_optional(param);
}

static OsinfoInstallConfig *configure(const struct install *install, const struct unattended *answers)
{
    OsinfoInstallConfig *config = lib.osinfo_install_config_new("http://libosinfo.org/installer");

    lib.osinfo_install_config_set_hardware_arch(config, install->host.arch);
    lib.osinfo_install_config_set_hostname(config, answers->hostname);
    lib.osinfo_install_config_set_target_disk(config, answers->disk);
    if (answers->login) {
        lib.osinfo_install_config_set_user_login(config, answers->login);
        lib.osinfo_install_config_set_user_realname(config, answers->login);
    }
    lib.osinfo_install_config_set_user_password(config, answers->user_password ? answers->user_password : "");
    lib.osinfo_install_config_set_admin_password(config, answers->admin_password ? answers->admin_password : "");
    if (answers->timezone)
        lib.osinfo_install_config_set_l10n_timezone(config, answers->timezone);
    if (answers->language) {
        lib.osinfo_install_config_set_l10n_language(config, answers->language);
        lib.osinfo_install_config_set_l10n_keyboard(config, answers->language);
    }
    if (answers->url)
        lib.osinfo_install_config_set_installation_url(config, answers->url);
    if (answers->reg_login)
        lib.osinfo_install_config_set_reg_login(config, answers->reg_login);
    if (answers->product_key)
        lib.osinfo_install_config_set_reg_product_key(config, answers->product_key);
    return config;
}

/* The profile that is asked for, or the desktop's, or the first of those whose scripts come the way there is. NULL after hvsh_fail(). */
static const char *choose_profile(struct install *install, OsinfoList *list, const char *profile, unsigned int way)
{
    g_autoptr(GString) known = g_string_new(NULL);
    const char *first = NULL;

    for (int i = 0, n = list ? lib.osinfo_list_get_length(list) : 0; i < n; i++) {
        OsinfoInstallScript *script = (OsinfoInstallScript *)lib.osinfo_list_get_nth(list, i);
        const char *its = lib.osinfo_install_script_get_profile(script);

        if (!(lib.osinfo_install_script_get_injection_methods(script) & way) || !its)
            continue;
        if (profile ? strcmp(its, profile) == 0 : strcmp(its, "desktop") == 0)
            return its;
        /* several scripts may have the same */
        if (!first || !strstr(known->str, its))
            g_string_append_printf(known, "%s%s", known->len ? ", " : "", its);
        first = first ? first : its;
    }
    if (first && !profile)
        return first;
    if (first)
        hvsh_fail(install->call, "--unattended: %s has no profile '%s', but %s", install->os.name, profile, known->str);
    else
        hvsh_fail(install->call, "--unattended: the database has no script for %s that %s can bring", install->os.name ? install->os.name : "this system",
                  way == OSINFO_INSTALL_SCRIPT_INJECTION_METHOD_CDROM ? "another medium" : "an initrd");
    return NULL;
}

/* What the script asks for and is not known. */
static int check_answers(struct install *install, const struct unattended *answers, OsinfoInstallScript *script)
{
    if (requires(script, OSINFO_INSTALL_CONFIG_PROP_ADMIN_PASSWORD) && !answers->admin_password)
        return hvsh_fail(install->call, "--unattended: %s wants a password for %s: admin-password-file=FILE", install->os.name,
                         install->os.windows ? "the administrator" : "root");
    if (requires(script, OSINFO_INSTALL_CONFIG_PROP_USER_PASSWORD) && !answers->user_password)
        return hvsh_fail(install->call, "--unattended: %s wants a password for the user: user-password-file=FILE", install->os.name);
    return 0;
}

static int use_script(struct install *install, const struct unattended *answers, OsinfoOs *system, OsinfoMedia *medium, OsinfoInstallScript *script,
                      unsigned int way)
{
    OsinfoInstallConfig *config;
    GError *error = NULL;
    char *text, *words;
    const char *name;
    int result = 0;

    if (check_answers(install, answers, script) < 0)
        return -1;
    lib.osinfo_install_script_set_preferred_injection_method(script, way);
    lib.osinfo_install_script_set_installation_source(script, medium ? OSINFO_INSTALL_SCRIPT_INSTALLATION_SOURCE_MEDIA : OSINFO_INSTALL_SCRIPT_INSTALLATION_SOURCE_NETWORK);
    config = configure(install, answers);
    text = medium ? lib.osinfo_install_script_generate_for_media(script, medium, config, NULL, &error)
                  : lib.osinfo_install_script_generate(script, system, config, NULL, &error);
    words = medium ? lib.osinfo_install_script_generate_command_line_for_media(script, medium, config) : lib.osinfo_install_script_generate_command_line(script, system, config);
    name = hvsh_printf(install->call, "%s", lib.osinfo_install_script_get_expected_filename(script));
    if (!text)
        result = hvsh_fail(install->call, "--unattended: the script cannot be made: %s", error ? error->message : "the database says nothing");
    else if (way == OSINFO_INSTALL_SCRIPT_INJECTION_METHOD_CDROM)
        seed_add(install, name, NULL, hvsh_printf(install->call, "%s", text));
    else
        media_inject(install, name, NULL, hvsh_printf(install->call, "%s", text));
    if (text && way != OSINFO_INSTALL_SCRIPT_INJECTION_METHOD_CDROM && words && *g_strstrip(words))
        install->extra = hvsh_printf(install->call, "%s%s%s", install->extra ? install->extra : "", install->extra ? " " : "", words);
    g_clear_error(&error);
    g_free(text);
    g_free(words);
    g_object_unref(config);
    return result;
}

/* Drivers that the installer loads, from where the database says that they are: the guest can have the devices that they are for. */
static void add_drivers(struct install *install, OsinfoOs *system)
{
    OsinfoList *list = (OsinfoList *)lib.osinfo_os_get_device_drivers(system);

    for (int i = 0, n = list ? lib.osinfo_list_get_length(list) : 0; i < n; i++) {
        OsinfoDeviceDriver *driver = (OsinfoDeviceDriver *)lib.osinfo_list_get_nth(list, i);
        GList *files;

        if (!lib.osinfo_device_driver_get_pre_installable(driver) || g_strcmp0(lib.osinfo_device_driver_get_architecture(driver), install->host.arch) != 0)
            continue;
        install->os.devices |= bits_of((OsinfoList *)lib.osinfo_device_driver_get_devices(driver));
        files = lib.osinfo_device_driver_get_files(driver);
        for (GList *file = files; file; file = file->next)
            seed_add(install, hvsh_printf(install->call, "%s", (const char *)file->data),
                     hvsh_printf(install->call, "%s/%s", lib.osinfo_device_driver_get_location(driver), (const char *)file->data), NULL);
        g_list_free(files);
    }
    if (list)
        g_object_unref(list);
}

static int use_scripts(struct install *install, const struct unattended *answers, OsinfoOs *system, OsinfoMedia *medium)
{
    const unsigned int way = install->medium == MEDIUM_CDROM ? OSINFO_INSTALL_SCRIPT_INJECTION_METHOD_CDROM : OSINFO_INSTALL_SCRIPT_INJECTION_METHOD_INITRD;
    OsinfoList *list = medium ? (OsinfoList *)lib.osinfo_media_get_install_script_list(medium) : NULL;
    const char *profile = NULL;
    int result = -1;

    if (!list || !lib.osinfo_list_get_length(list)) {
        if (list)
            g_object_unref(list);
        list = (OsinfoList *)lib.osinfo_os_get_install_script_list(system);
    }
    if (medium && !lib.osinfo_media_supports_installer_script(medium))
        hvsh_fail(install->call, "--unattended: this medium of %s is none that installs by a script", install->os.name);
    else
        profile = choose_profile(install, list, answers->profile, way);
    /* Windows has one for each stage of its installation, others one alone */
    for (int i = 0, n = profile ? lib.osinfo_list_get_length(list) : 0; i < n; i++) {
        OsinfoInstallScript *script = (OsinfoInstallScript *)lib.osinfo_list_get_nth(list, i);

        if (g_strcmp0(lib.osinfo_install_script_get_profile(script), profile) != 0 || !(lib.osinfo_install_script_get_injection_methods(script) & way))
            continue;
        result = use_script(install, answers, system, medium, script, way);
        if (result < 0 || way != OSINFO_INSTALL_SCRIPT_INJECTION_METHOD_CDROM)
            break;
    }
    if (result == 0 && way == OSINFO_INSTALL_SCRIPT_INJECTION_METHOD_CDROM)
        add_drivers(install, system);
    if (result == 0)
        explain(install, "unattended: by the profile '%s' of %s", profile, install->os.name);
    if (list)
        g_object_unref(list);
    return result;
}

/* ---- finding ----------------------------------------------------------------------------------------------------------------------------- */

static bool is_called(OsinfoOs *system, const char *name)
{
    GList *names;
    bool found = false;

    if (strcmp(lib.osinfo_entity_get_id((OsinfoEntity *)system), name) == 0)
        return true;
    names = lib.osinfo_product_get_short_id_list((OsinfoProduct *)system);
    for (GList *one = names; one; one = one->next)
        found = found || strcmp(one->data, name) == 0;
    g_list_free(names);
    return found;
}

static OsinfoOs *find(struct install *install, const char *name)
{
    for (int i = 0, n = osinfo_available(install) ? lib.osinfo_list_get_length((OsinfoList *)lib.systems) : 0; i < n; i++) {
        OsinfoOs *system = (OsinfoOs *)lib.osinfo_list_get_nth((OsinfoList *)lib.systems, i);

        if (is_called(system, name))
            return system;
    }
    return NULL;
}

int osinfo_by_name(struct install *install, const char *name)
{
    OsinfoOs *system = find(install, name);

    if (system)
        fill(install, system);
    return system != NULL;
}

/* Is one of the tree's variants ("Fedora Workstation") of this kind? */
static bool is_variant(OsinfoTree *tree, const char *kind)
{
    OsinfoList *list = (OsinfoList *)lib.osinfo_tree_get_os_variants(tree);
    bool found = false;

    for (int i = 0, n = list ? lib.osinfo_list_get_length(list) : 0; i < n && !found; i++)
        found = strstr(lib.osinfo_os_variant_get_name((OsinfoOsVariant *)lib.osinfo_list_get_nth(list, i)), kind) != NULL;
    if (list)
        g_object_unref(list);
    return found;
}

int osinfo_tree_address(struct install *install, const char *name, const char *profile, const char **address)
{
    const char *kind = !profile ? "Everything" : strcmp(profile, "jeos") == 0 ? "Server" : strcmp(profile, "desktop") == 0 ? "Workstation" : profile;
    OsinfoOs *system = find(install, name);
    OsinfoList *list = system ? (OsinfoList *)lib.osinfo_os_get_tree_list(system) : NULL;
    bool suits = false;

    *address = NULL;
    for (int i = 0, n = list ? lib.osinfo_list_get_length(list) : 0; i < n && !suits; i++) {
        OsinfoTree *tree = (OsinfoTree *)lib.osinfo_list_get_nth(list, i);

        if (g_strcmp0(lib.osinfo_tree_get_architecture(tree), install->host.arch) != 0 || !lib.osinfo_tree_get_url(tree))
            continue;
        *address = hvsh_printf(install->call, "%s", lib.osinfo_tree_get_url(tree));
        suits = is_variant(tree, kind);
    }
    if (list)
        g_object_unref(list);
    return system != NULL;
}

/* Has the medium the installer only, which fetches the packages? The names of its variants tell. */
static bool is_network_medium(OsinfoMedia *medium)
{
    OsinfoList *list = (OsinfoList *)lib.osinfo_media_get_os_variants(medium);
    bool found = false;

    for (int i = 0, n = list ? lib.osinfo_list_get_length(list) : 0; i < n && !found; i++)
        found = strstr(lib.osinfo_entity_get_id(lib.osinfo_list_get_nth(list, i)), "netinst") != NULL;
    if (list)
        g_object_unref(list);
    return found;
}

int osinfo_by_medium(struct install *install, const char *file)
{
    struct context own;
    OsinfoMedia *medium;
    int found = 0;

    if (!osinfo_available(install))
        return 0;
    own = enter();
    medium = lib.osinfo_media_create_from_location(file, NULL, NULL);
    if (medium && lib.osinfo_db_identify_media(lib.db, medium)) {
        fill(install, lib.osinfo_media_get_os(medium));
        install->tree.from_network = install->tree.from_network || is_network_medium(medium);
        found = 1;
    }
    if (medium)
        g_object_unref(medium);
    leave(&own);
    return found;
}

bool osinfo_medium_kernel(struct install *install, const char *file, const char **kernel, const char **initrd)
{
    struct context own;
    OsinfoMedia *medium;
    bool found = false;

    if (!osinfo_available(install))
        return false;
    own = enter();
    medium = lib.osinfo_media_create_from_location(file, NULL, NULL);
    if (medium && lib.osinfo_db_identify_media(lib.db, medium) && lib.osinfo_media_get_kernel_path(medium) && lib.osinfo_media_get_initrd_path(medium)) {
        *kernel = hvsh_printf(install->call, "%s", lib.osinfo_media_get_kernel_path(medium));
        *initrd = hvsh_printf(install->call, "%s", lib.osinfo_media_get_initrd_path(medium));
        found = true;
    }
    if (medium)
        g_object_unref(medium);
    leave(&own);
    return found;
}

/* The releases of Debian and Ubuntu are called by names: the first word of them stands in addresses. */
int osinfo_by_codename(struct install *install, const char *distro, const char *address)
{
    if (!osinfo_available(install))
        return 0;
    for (int i = 0, n = lib.osinfo_list_get_length((OsinfoList *)lib.systems); i < n; i++) {
        OsinfoOs *system = (OsinfoOs *)lib.osinfo_list_get_nth((OsinfoList *)lib.systems, i);
        const char *name = lib.osinfo_product_get_codename((OsinfoProduct *)system);
        g_autofree char *word = NULL, *part = NULL;

        if (!name || g_strcmp0(lib.osinfo_os_get_distro(system), distro) != 0)
            continue;
        word = g_ascii_strdown(name, (gssize)strcspn(name, " "));
        part = g_strdup_printf("/%s/", word);
        if (strstr(address, part)) {
            fill(install, system);
            return 1;
        }
    }
    return 0;
}

int osinfo_by_tree(struct install *install, const char *place)
{
    g_autofree char *address = *place == '/' ? g_filename_to_uri(place, NULL, NULL) : g_strdup(place);
    struct context own;
    OsinfoTree *tree;
    int found = 0;

    if (!address || !osinfo_available(install))
        return 0;
    own = enter();
    tree = lib.osinfo_tree_create_from_location(address, NULL, NULL);
    if (tree && lib.osinfo_db_identify_tree(lib.db, tree)) {
        fill(install, lib.osinfo_tree_get_os(tree));
        found = 1;
    }
    if (tree)
        g_object_unref(tree);
    leave(&own);
    return found;
}

void osinfo_each_system(struct install *install, void (*visit)(void *arg, const char *id, const char *name), void *arg)
{
    if (!osinfo_available(install))
        return;
    for (int i = 0, n = lib.osinfo_list_get_length((OsinfoList *)lib.systems); i < n; i++) {
        OsinfoProduct *system = (OsinfoProduct *)lib.osinfo_list_get_nth((OsinfoList *)lib.systems, i);

        visit(arg, lib.osinfo_product_get_short_id(system), lib.osinfo_product_get_name(system));
    }
}

void osinfo_each_image(struct install *install, void (*visit)(void *arg, const char *system, const char *url), void *arg)
{
    if (!osinfo_available(install))
        return;
    for (int i = 0, n = lib.osinfo_list_get_length((OsinfoList *)lib.systems); i < n; i++) {
        OsinfoOs *system = (OsinfoOs *)lib.osinfo_list_get_nth((OsinfoList *)lib.systems, i);
        OsinfoList *list = (OsinfoList *)lib.osinfo_os_get_image_list(system);

        for (int j = 0, count = lib.osinfo_list_get_length(list); j < count; j++) {
            OsinfoImage *image = (OsinfoImage *)lib.osinfo_list_get_nth(list, j);
            const char *format = lib.osinfo_image_get_format(image);

            if (lib.osinfo_image_get_cloud_init(image) && g_strcmp0(lib.osinfo_image_get_architecture(image), install->host.arch) == 0 && format &&
                (strcmp(format, "qcow2") == 0 || strcmp(format, "raw") == 0))
                visit(arg, lib.osinfo_product_get_short_id((OsinfoProduct *)system), lib.osinfo_image_get_url(image));
        }
        g_object_unref(list);
    }
}

/* Names of systems are letters and a number (debian12): the nearest is the one with the same letters and the nearest number below it, or the newest
 * when there is no number. */
const char *osinfo_nearest(struct install *install, const char *name)
{
    size_t letters = strcspn(name, "0123456789");
    double number = name[letters] ? g_ascii_strtod(name + letters, NULL) : HUGE_VAL, best = -1;
    const char *nearest = NULL;

    if (!osinfo_available(install))
        return NULL;
    for (int i = 0, n = lib.osinfo_list_get_length((OsinfoList *)lib.systems); i < n; i++) {
        const char *one = lib.osinfo_product_get_short_id((OsinfoProduct *)lib.osinfo_list_get_nth((OsinfoList *)lib.systems, i));
        char *end;
        double its;

        if (!one || strncmp(one, name, letters) != 0 || !g_ascii_isdigit(one[letters]))
            continue;
        its = g_ascii_strtod(one + letters, &end);
        if (!*end && its <= number && its > best) {
            best = its;
            nearest = one;
        }
    }
    return nearest;
}

int osinfo_script(struct install *install, const struct unattended *answers)
{
    OsinfoMedia *medium = NULL;
    struct context own;
    const char *file;
    int result = -1;

    if (!install->os_found)
        return hvsh_fail(install->call, "--unattended needs the system: --osinfo NAME");
    own = enter();
    file = install->medium == MEDIUM_CDROM                            ? install->cdrom->path
           : source_kind(install->tree.source) == SOURCE_MEDIUM ? source_address(install->tree.source) : NULL;
    if (file && !install->host.remote)
        medium = lib.osinfo_media_create_from_location(file, NULL, NULL);
    if (medium && !lib.osinfo_db_identify_media(lib.db, medium)) {
        g_object_unref(medium);
        medium = NULL;
    }
    for (int i = 0, n = lib.osinfo_list_get_length((OsinfoList *)lib.systems); i < n; i++) {
        OsinfoOs *system = (OsinfoOs *)lib.osinfo_list_get_nth((OsinfoList *)lib.systems, i);

        if (strcmp(lib.osinfo_entity_get_id((OsinfoEntity *)system), install->os.id) == 0) {
            result = use_scripts(install, answers, system, medium);
            break;
        }
    }
    if (medium)
        g_object_unref(medium);
    leave(&own);
    return result;
}

#else

int osinfo_script(struct install *install, const struct unattended *answers)
{
    (void)answers;
    return hvsh_fail(install->call, "--unattended needs libosinfo, and this hvsh was built without it");
}

bool osinfo_available(struct install *install)
{
    (void)install;
    return false;
}

int osinfo_by_name(struct install *install, const char *name)
{
    (void)install;
    (void)name;
    return 0;
}

int osinfo_by_medium(struct install *install, const char *file)
{
    return osinfo_by_name(install, file);
}

int osinfo_by_tree(struct install *install, const char *address)
{
    return osinfo_by_name(install, address);
}

int osinfo_by_codename(struct install *install, const char *distro, const char *address)
{
    (void)distro;
    return osinfo_by_name(install, address);
}

bool osinfo_medium_kernel(struct install *install, const char *file, const char **kernel, const char **initrd)
{
    (void)kernel;
    (void)initrd;
    return osinfo_by_name(install, file);
}

int osinfo_tree_address(struct install *install, const char *name, const char *profile, const char **address)
{
    (void)profile;
    *address = NULL;
    return osinfo_by_name(install, name);
}

void osinfo_each_image(struct install *install, void (*visit)(void *arg, const char *system, const char *url), void *arg)
{
    (void)install;
    (void)visit;
    (void)arg;
}

void osinfo_each_system(struct install *install, void (*visit)(void *arg, const char *id, const char *name), void *arg)
{
    (void)install;
    (void)visit;
    (void)arg;
}

const char *osinfo_nearest(struct install *install, const char *name)
{
    (void)install;
    (void)name;
    return NULL;
}

#endif
