/* SPDX-License-Identifier: GPL-3.0-or-later */
/* folder.c - cd and pwd. */
#include <errno.h>
#include <glib.h>
#include <unistd.h>
#include "core.h"

struct cd_args { const char *dir; };

static const struct hvsh_field cd_args[] = {
    HVSH_PATH(struct cd_args, dir, "directory to switch to (default: home or else root)"),
    HVSH_END
};

static int cd_run(hvsh_call *call, const void *p)
{
    const struct cd_args *args = p;
    const char *dir = args->dir;

    if (dir == NULL)
        dir = g_get_home_dir();
    if (dir == NULL)
        dir = "/";
    if (chdir(dir) < 0)
        return hvsh_fail(call, "cd: %s: %s", g_strerror(errno), dir);
    return 0;
}

static const struct hvsh_example cd_examples[] = {
    { "cd /var/lib/libvirt/images", "file names on later lines are taken from there", HVSH_MATCH_ONLY },
    { NULL }
};

const struct hvsh_command core_cd = {
    .name = "cd", .group = "virsh", .help = "change the current directory",
    .description = "Changes the folder that relative file names start from. Only at the prompt: a batch is to name its files in full.",
    HVSH_ARGS(cd_args), .examples = cd_examples,
    .run = cd_run, .flags = HVSH_NO_CONNECTION | HVSH_PROMPT_ONLY,
};

static int pwd_run(hvsh_call *call, const void *p)
{
    g_autofree char *dir = NULL;

    (void)p;
    dir = getcwd(NULL, 0);    /* malloc'ed, as g_malloc does */
    if (dir == NULL)
        return hvsh_fail(call, "pwd: cannot get current directory: %s", g_strerror(errno));
    return core_emit_text(call, hvsh_printf(call, "%s\n", dir));
}

static const struct hvsh_example pwd_examples[] = {
    { "pwd", "print the folder that relative file names start from", HVSH_ON_TEST },
    { NULL }
};

const struct hvsh_command core_pwd = {
    .name = "pwd", .group = "virsh", .help = "print the current directory",
    .description = "Prints the folder that relative file names start from.",
    .shapes = core_text_shapes, .examples = pwd_examples, .run = pwd_run, .flags = HVSH_NO_CONNECTION,
};
