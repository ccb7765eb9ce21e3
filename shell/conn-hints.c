/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conn-hints.c - what to do when a connection cannot be opened: is a daemon there, may we talk to it, who holds the embedded driver.
 *
 * libvirt's messages are translated, so the hints look at the machine (sockets, units, locks) and at error codes; only what ssh says is read.
 */
#include "conn-impl.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { SETTLE_TIMEOUT = 3000 };     /* milliseconds */

/* ---- what is installed ---- */

static bool exists(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);

    return access(path, F_OK) == 0;
}

static bool in_any(const char *const folders[], const char *name)
{
    for (; *folders; folders++)
        if (exists(*folders, name))
            return true;
    return false;
}

static const char *const binaries[] = { "/usr/sbin", "/usr/bin", "/sbin", "/usr/local/sbin", "/usr/libexec", NULL };
static const char *const units[] = { "/usr/lib/systemd/system", "/lib/systemd/system", "/etc/systemd/system", NULL };
static const char *const sockets[] = { "/run/libvirt", "/var/run/libvirt", NULL };

/* The one daemon for all, or the one for QEMU alone. */
static bool libvirtd_installed(void)
{
    return in_any(binaries, "libvirtd") || in_any(units, "libvirtd.service");
}

static bool virtqemud_installed(void)
{
    return in_any(binaries, "virtqemud") || in_any(units, "virtqemud.service");
}

bool conn_daemon_installed(void)
{
    return libvirtd_installed() || virtqemud_installed() || in_any(sockets, "libvirt-sock") || in_any(sockets, "virtqemud-sock");
}

static bool emulator_installed(void)
{
    g_autoptr(GDir) folder = NULL;
    const char *name;

    if (in_any(binaries, "qemu-kvm"))
        return true;
    folder = g_dir_open("/usr/bin", 0, NULL);
    while (folder && (name = g_dir_read_name(folder)))
        if (g_str_has_prefix(name, "qemu-system-"))
            return true;
    return false;
}

/* libvirt's own QEMU driver is a module beside the library, and a package of its own. */
static bool driver_installed(void)
{
    g_autofree char *folder = NULL;
    Dl_info info;

    if (!dladdr((const void *)(uintptr_t)virConnectOpen, &info) || !info.dli_fname)
        return false;
    folder = g_path_get_dirname(info.dli_fname);
    return exists(folder, "libvirt/connection-driver/libvirt_driver_qemu.so");
}

bool conn_qemu_installed(void)
{
    return emulator_installed() && driver_installed();
}

/* ---- the embedded driver ---- */

char *embedded_root(void)
{
    return g_build_filename(g_get_user_data_dir(), "hvsh", "embed", NULL);
}

/* The folder that a URI of the embedded driver names. */
static char *root_of(const char *uri)
{
    const char *start = uri ? strstr(uri, "root=") : NULL;
    g_autofree char *part = NULL;

    if (!start)
        return embedded_root();
    start += strlen("root=");
    part = g_strndup(start, strcspn(start, "&#"));
    return g_uri_unescape_string(part, NULL);
}

/*
 * The driver's own configuration, written once, the user's from then on. No daemon takes the guests' output here, and what root starts is root's:
 * the user that libvirt would choose for QEMU cannot look into a folder that is root's alone.
 */
static void configure(const char *root)
{
    g_autofree char *folder = g_build_filename(root, "etc", NULL), *file = g_build_filename(folder, "qemu.conf", NULL);
    g_autofree char *text = g_strdup_printf("# Settings of hvsh's embedded QEMU driver, as in /etc/libvirt/qemu.conf\n"
                                            "stdio_handler = \"file\"\n%s",
                                            getuid() == 0 ? "user = \"root\"\ngroup = \"root\"\n" : "");

    if (access(file, F_OK) < 0 && g_mkdir_with_parents(folder, 0700) == 0)
        (void)g_file_set_contents(file, text, -1, NULL);     /* failing that, opening says what is wrong with the folder */
}

char *embedded_uri(void)
{
    g_autofree char *root = embedded_root(), *escaped = g_uri_escape_string(root, "/", FALSE);

    return g_strdup_printf("qemu:///embed?root=%s", escaped);
}

/* For nobody else to see: guests' monitors and sockets are in it. What a folder of their own lets others see is the user's to say. */
void embedded_prepare(const char *uri)
{
    g_autofree char *root = root_of(uri), *usual = embedded_root();

    if (root && g_mkdir_with_parents(root, 0700) == 0 && (strcmp(root, usual) != 0 || chmod(root, 0700) == 0))
        configure(root);
}

bool uri_is_embedded(const char *uri)
{
    return uri && (strcmp(uri, "embed") == 0 || g_str_has_prefix(uri, "qemu:///embed"));
}

static void settle(void *opaque)
{
    virConnectPtr virt = opaque;
    virDomainMemoryStatStruct stats[VIR_DOMAIN_MEMORY_STAT_NR];
    virDomainPtr *domains = NULL;
    int n = virConnectListAllDomains(virt, &domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE);

    for (int i = 0; i < n; i++) {
        (void)virDomainMemoryStats(domains[i], stats, G_N_ELEMENTS(stats), 0);     /* has to wait for its turn */
        virDomainFree(domains[i]);
    }
    free(domains);
    virConnectClose(virt);
}

void embedded_settle(virConnectPtr virt)
{
    struct worker *worker;

    virConnectRef(virt);
    worker = worker_start("settle", settle, virt);
    if (!worker)
        virConnectClose(virt);
    else if (!worker_join(worker, SETTLE_TIMEOUT))
        worker_abandon(worker);
}

/* The process that has the driver's lock, or 0. Only to be asked when opening has failed for it: closing the file would free a lock of our own. */
static pid_t holder_of(const char *root)
{
    g_autofree char *path = g_build_filename(root, "run", "qemu", "driver.pid", NULL);
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    pid_t holder = 0;
    char text[32] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return 0;
    if (fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
        holder = lock.l_pid;
    if (holder <= 0 && read(fd, text, sizeof(text) - 1) > 0)     /* it is in another container: its number there */
        holder = (pid_t)strtol(text, NULL, 10);
    close(fd);
    return holder;
}

static char *hint_embedded(const char *uri, const char *message)
{
    g_autofree char *root = root_of(uri), *open_root = NULL, *open_uri = embedded_open_uri();
    pid_t holder;

    if (open_uri) {
        open_root = root_of(open_uri);
        return g_strdup_printf("this shell already runs guests from %s: one folder at a time; start another shell for %s", open_root, root);
    }
    if (!emulator_installed())
        return g_strdup("QEMU is not installed (Debian, Ubuntu: apt install qemu-system-x86; Fedora, RHEL: dnf install qemu-kvm); "
                        "to look around without it: -c test:///default");
    if (!driver_installed())
        return g_strdup("libvirt's QEMU driver is not installed (Debian, Ubuntu: apt install libvirt-daemon-driver-qemu; Fedora, RHEL: dnf "
                        "install libvirt-daemon-driver-qemu); to look around without it: -c test:///default");
    holder = root && strstr(message, "driver.pid") ? holder_of(root) : 0;
    if (holder > 0) {
        g_autofree char *file = g_strdup_printf("/proc/%d/comm", (int)holder);
        g_autofree char *name = NULL;

        if (g_file_get_contents(file, &name, NULL, NULL))
            g_strchomp(name);
        return g_strdup_printf("held by process %d (%s): one process at a time can use %s; leave that one first, or give another folder: "
                               "-c 'qemu:///embed?root=FOLDER'", (int)holder, name ? name : "of another user", root);
    }
    if (root && access(root, W_OK | X_OK) < 0)
        return g_strdup_printf("%s: %s", root, g_strerror(errno));
    return NULL;
}

/* ---- remote ---- */

static const char *const ssh_hints[][2] = {
    { "Host key verification failed", "the host's key is not known yet: accept it once with `ssh %s`" },
    { "Permission denied", "ssh lets you not in: install your key with `ssh-copy-id %s`" },
    { "Could not resolve", "%s has no address: is the name right?" },
    { "Name or service not known", "%s has no address: is the name right?" },
    { "Connection refused", "nothing listens for ssh there: is sshd running on %s?" },
    { "No route to host", "%s cannot be reached from here" },
    { "timed out", "%s does not answer: is it up, and does a firewall let ssh through?" },
    { "command not found", "libvirt is not installed on %s, or netcat (nc) is missing there" },
    { "No such file", "no libvirt daemon runs on %s: systemctl enable --now libvirtd there" },
};

static char *hint_ssh(const char *host, const char *message)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ssh_hints); i++) {
        const char *text = ssh_hints[i][1], *place = strstr(text, "%s");

        if (strstr(message, ssh_hints[i][0]))
            return g_strdup_printf("%.*s%s%s", (int)(place - text), text, host, place + 2);
    }
    return g_strdup_printf("try `ssh %s virsh uri`: it must work without a question", host);
}

/* ---- a local daemon ---- */

/* errno of connecting to a socket; 0: somebody listens. */
static int try_socket(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd, error = 0;

    if (g_strlcpy(address.sun_path, path, sizeof(address.sun_path)) >= sizeof(address.sun_path))
        return ENAMETOOLONG;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return errno;
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 && errno != EAGAIN)
        error = errno;
    close(fd);
    return error;
}

static char *hint_permission(void)
{
    struct passwd *user = getpwuid(getuid());

    return g_strdup_printf("you may not talk to the system's libvirt: add yourself to its group with `sudo usermod -aG libvirt %s` and log in "
                           "again, or use your own guests: -c qemu:///session", user ? user->pw_name : "$USER");
}

static char *hint_install(void)
{
    if (conn_qemu_installed())
        return g_strdup("no libvirt daemon is installed (Debian, Ubuntu: apt install libvirt-daemon-system; Fedora, RHEL: dnf install "
                        "libvirt-daemon-kvm); without one: -c embed runs guests of your own, -c test:///default is for looking around");
    return g_strdup("no libvirt daemon is installed (Debian, Ubuntu: apt install libvirt-daemon-system qemu-system-x86; Fedora, RHEL: dnf "
                    "install libvirt-daemon-kvm); to look around without one: -c test:///default");
}

static char *hint_local(bool readonly)
{
    const char *const names[] = { readonly ? "libvirt-sock-ro" : "libvirt-sock", readonly ? "virtqemud-sock-ro" : "virtqemud-sock" };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename("/run/libvirt", names[i], NULL);
        int error = try_socket(path);

        if (error == 0)
            return NULL;        /* it is there and answers: libvirt's message says it all */
        if (error == EACCES || error == EPERM)
            return hint_permission();
    }
    if (libvirtd_installed())
        return g_strdup("libvirtd is installed and not running: systemctl enable --now libvirtd");
    if (virtqemud_installed())
        return g_strdup("virtqemud is installed and not running: systemctl enable --now virtqemud.socket");
    return hint_install();
}

/* ---- the whole ---- */

const char *uri_effective(const char *uri)
{
    if (!uri || !*uri)
        uri = getenv("VIRSH_DEFAULT_CONNECT_URI");
    if (!uri || !*uri)
        uri = getenv("LIBVIRT_DEFAULT_URI");
    return uri && *uri ? uri : NULL;
}

/* Drivers that libvirt has, or had. */
static const char *const schemes[] = {
    "qemu", "test", "lxc", "xen", "ch", "bhyve", "vz", "openvz", "esx", "vpx", "gsx", "hyperv", "vbox", "vmwareplayer", "vmwarews",
    "vmwarefusion", "network", "interface", "storage", "nodedev", "secret", "nwfilter", "remote", NULL
};

char *conn_hint(const char *uri, bool readonly)
{
    const virError *error = virGetLastError();
    const char *message = error && error->message ? error->message : "";
    const char *colon, *plus, *host;
    g_autofree char *scheme = NULL, *transport = NULL, *server = NULL;

    uri = uri_effective(uri);
    if (conn_preface(error))
        return g_strdup("this connection can do without: leave out -k and -K");
    if (error && (error->code == VIR_ERR_AUTH_FAILED || error->code == VIR_ERR_AUTH_UNAVAILABLE || error->code == VIR_ERR_AUTH_CANCELLED))
        return getuid() == 0 || (uri && strstr(uri, "://") && strstr(uri, "://")[3] != '/') ? NULL : hint_permission();
    if (!uri)
        return hint_local(readonly);
    if (uri_is_embedded(uri))
        return hint_embedded(uri, message);

    colon = strstr(uri, "://");
    if (!colon)
        return strchr(uri, ':') ? NULL : g_strdup("a connection's name looks like qemu:///system, qemu:///session, qemu+ssh://root@host/system or embed");
    scheme = g_strndup(uri, (gsize)(colon - uri));
    plus = strchr(scheme, '+');
    if (plus) {
        transport = g_strdup(plus + 1);
        scheme[plus - scheme] = '\0';
    }
    if (!g_strv_contains(schemes, scheme))
        return g_strdup_printf("'%s' is no hypervisor that libvirt knows; try qemu:///system, qemu:///session, embed or test:///default", scheme);
    host = colon + 3;
    server = g_strndup(host, strcspn(host, "/?#"));
    if (transport && (strcmp(transport, "ssh") == 0 || g_str_has_prefix(transport, "libssh")))
        return hint_ssh(server, message);
    if (strstr(uri, ":///session") && !conn_daemon_installed())
        return hint_install();  /* libvirt starts the user's own by itself */
    if (strcmp(scheme, "test") == 0 || strstr(uri, "/session") || strstr(uri, "socket=") || (transport && strcmp(transport, "ext") == 0))
        return NULL;
    if (*server)
        return g_strdup_printf("is libvirtd listening on %s, with a certificate that this machine trusts? Over ssh there is nothing to set up: "
                               "%s+ssh://%s/system", server, scheme, server);
    return hint_local(readonly);
}
