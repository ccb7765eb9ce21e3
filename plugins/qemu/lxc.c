/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lxc.c - lxc-enter-namespace: a command inside of a container. */
#include "config.h"
#include "qemu.h"

struct enter_args { virDomainPtr domain; bool noseclabel; HVSH_LIST_OF(const char *) cmd; };

static const struct hvsh_field enter_args[] = {
    DOMAIN_ROW(struct enter_args),
    HVSH_FLAG(struct enter_args, noseclabel, "without the container's security label"),
    HVSH_TEXTS(struct enter_args, cmd, HVSH_REST | HVSH_REQUIRED, "program, by its path in the container, and its arguments"),
    HVSH_END
};

#if HAVE_LIBVIRT_LXC
# include <libvirt/libvirt-lxc.h>
# include <stdlib.h>
# include <sys/wait.h>
# include <unistd.h>

struct container { virDomainPtr domain; virSecurityModelPtr model; virSecurityLabelPtr label; int *files; unsigned int count; char **argv; };

/* In a child: its first half enters, its second half, which is in the container's process namespace, becomes the program. */
static void enter(const struct container *container)
{
    int status;
    pid_t child;

    if ((container->label && virDomainLxcEnterSecurityLabel(container->model, container->label, NULL, 0) < 0) ||
        virDomainLxcEnterCGroup(container->domain, 0) < 0 ||
        virDomainLxcEnterNamespace(container->domain, container->count, container->files, NULL, NULL, 0) < 0)
        _exit(255);
    child = fork();
    if (child == 0) {
        execv(container->argv[0], container->argv);
        _exit(255);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
        _exit(255);
    _exit(WEXITSTATUS(status));
}

static int run(hvsh_call *call, const void *p)
{
    const struct enter_args *args = p;
    virConnectPtr connection = hvsh_connection(call);
    struct container container = { .domain = args->domain };
    g_autofree virSecurityModelPtr model = g_new0(virSecurityModel, 1);
    g_autofree virSecurityLabelPtr label = g_new0(virSecurityLabel, 1);
    g_autofree char **argv = g_new0(char *, args->cmd.count + 1);
    int count, status = 0;
    pid_t child;

    if (!connection)
        return -1;
    for (size_t i = 0; i < args->cmd.count; i++)
        argv[i] = (char *)args->cmd.items[i];
    container.argv = argv;
    count = virDomainLxcOpenNamespace(args->domain, &container.files, 0);
    if (count < 0)
        return hvsh_fail_libvirt(call);
    container.count = (unsigned int)count;
    if (!args->noseclabel) {
        if (virNodeGetSecurityModel(connection, model) < 0 || virDomainGetSecurityLabel(args->domain, label) < 0) {
            hvsh_fail_libvirt(call);
            status = -1;
        }
        container.model = model;
        container.label = label;
    }
    child = status < 0 ? -1 : fork();
    if (child == 0)
        enter(&container);
    for (int i = 0; i < count; i++)
        close(container.files[i]);
    free(container.files);
    if (status < 0)
        return -1;
    if (child < 0 || waitpid(child, &status, 0) < 0)
        return hvsh_fail(call, "cannot start a process");
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : hvsh_fail(call, "'%s' failed in the container", args->cmd.items[0]);
}
#else
static int run(hvsh_call *call, const void *p)
{
    (void)p;
    hvsh_fail(call, "this hvsh was built without libvirt-lxc: it cannot enter containers");
    return hvsh_hint(call, "build it where libvirt-lxc is installed (Debian: libvirt-dev, Fedora: libvirt-devel)");
}
#endif

const struct hvsh_command qemu_lxc_enter_namespace = {
    .name = "lxc-enter-namespace",
    .group = "domain",
    .help = "run a command inside of a container",
    .description = "Enter the namespaces of a running container (LXC, on this machine, as root) and run a program there.",
    HVSH_ARGS(enter_args),
    .examples = HVSH_EXAMPLES({ "lxc-enter-namespace box1 /bin/ps ax", "what runs in it", HVSH_MATCH_ONLY }),
    .run = run,
    .flags = HVSH_TERMINAL,
};
