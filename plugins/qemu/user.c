/* SPDX-License-Identifier: GPL-3.0-or-later */
/* user.c - users inside of the guest, through its agent: passwords and SSH keys. */
#include "qemu.h"
#include <stdlib.h>
#include <string.h>

#define USER_ROW(s) HVSH_TEXT(s, user, "the user", .flags = HVSH_REQUIRED)

struct password_args { virDomainPtr domain; const char *user, *password; unsigned int flags; };

static const struct hvsh_field password_args[] = {
    DOMAIN_ROW(struct password_args),
    USER_ROW(struct password_args),
    HVSH_TEXT(struct password_args, password, "the new password; better not given: it is asked for", .flags = HVSH_REQUIRED | HVSH_SECRET),
    HVSH_BIT(struct password_args, flags, "encrypted", VIR_DOMAIN_PASSWORD_ENCRYPTED, "it is the hash of one, as in /etc/shadow"),
    HVSH_END
};

struct user_row { const char *name, *user; };

static const struct hvsh_field user_row[] = {
    HVSH_TEXT(struct user_row, name, "the domain"),
    HVSH_TEXT(struct user_row, user, "the user"),
    HVSH_END
};

static const struct hvsh_shape changed = {
    .name = "user", .kind = HVSH_MESSAGE, .flags = HVSH_NO_NEWLINE, HVSH_ROW(user_row), .text = "Password set successfully for {user} in {name}"
};

static int password_run(hvsh_call *call, const void *p)
{
    const struct password_args *args = p;

    /* nobody saw what was typed, and a guest with a mistyped one is hard to get into */
    if (!hvsh_given(call, "password")) {
        const char *again = hvsh_ask(call, "Enter password again: ", true);

        if (!again)
            return -1;
        if (strcmp(args->password, again) != 0)
            return hvsh_fail(call, "the two passwords are not the same: nothing was changed");
    }
    if (virDomainSetUserPassword(args->domain, args->user, args->password, args->flags) < 0)
        return hvsh_fail_libvirt(call);
    return hvsh_emit(call, &changed, &(struct user_row){ virDomainGetName(args->domain), args->user });
}

const struct hvsh_command qemu_set_user_password = {
    .name = "set-user-password",
    .group = "domain",
    .help = "set the password of a user in the guest",
    .description = "The guest agent sets it. A password on the command line is seen in the list of processes; when it is left out it is asked "
                   "for, twice and without echo. It is never kept in the history.",
    HVSH_ARGS(password_args),
    .shapes = HVSH_SHAPES(&changed),
    .examples = HVSH_EXAMPLES({ "set-user-password test root secret", "for tests only: better leave it out" }),
    .run = password_run,
};

/* ---- SSH keys ---- */

struct keys_args { virDomainPtr domain; const char *user, *file; bool reset, remove; };

static const struct hvsh_field get_args[] = { DOMAIN_ROW(struct keys_args), USER_ROW(struct keys_args), HVSH_END };

/* virsh ends no key by a newline: the same for one key, but the second and later ones begin a line of their own. */
struct key_row { const char *key, *line; };
static const struct hvsh_field key_row[] = {
    HVSH_TEXT(struct key_row, key, "the key"),
    HVSH_TEXT(struct key_row, line, "the same, on a line of its own", .flags = HVSH_HIDE),
    HVSH_END
};
static const struct hvsh_shape key_lines = { .name = "keys", .kind = HVSH_LINES, .flags = HVSH_NO_NEWLINE, HVSH_ROW(key_row), .text = "{line}" };

static int get_run(hvsh_call *call, const void *p)
{
    const struct keys_args *args = p;
    char **keys = NULL;
    int count = virDomainAuthorizedSSHKeysGet(args->domain, args->user, &keys, 0);

    if (count < 0)
        return hvsh_fail_libvirt(call);
    hvsh_own_text(call, (char *)keys);
    for (int i = 0; i < count; i++)
        hvsh_own_text(call, keys[i]);
    for (int i = 0; i < count; i++)
        if (hvsh_emit(call, &key_lines, &(struct key_row){ keys[i], hvsh_printf(call, "%s%s", i ? "\n" : "", keys[i]) }) < 0)
            return -1;
    return 0;
}

const struct hvsh_command qemu_get_user_sshkeys = {
    .name = "get-user-sshkeys",
    .group = "domain",
    .help = "list the SSH keys that may log in as a user of the guest",
    .args = get_args,
    .args_size = sizeof(struct keys_args),
    .shapes = HVSH_SHAPES(&key_lines),
    .examples = HVSH_EXAMPLES({ "get-user-sshkeys web1 root", "who may be root", HVSH_MATCH_ONLY }),
    .run = get_run,
};

static const struct hvsh_field set_args[] = {
    DOMAIN_ROW(struct keys_args),
    USER_ROW(struct keys_args),
    HVSH_PATH(struct keys_args, file, "file with public keys, one a line"),
    HVSH_FLAG(struct keys_args, reset, "these keys only: others are removed"),
    HVSH_FLAG(struct keys_args, remove, "remove these keys"),
    HVSH_REQUIRES("remove", "file"),
    HVSH_EXCLUDES("reset", "remove"),
    HVSH_ONE_OF("file", "reset", .help = "Option --file is required"),
    HVSH_END
};

/* The keys of a file into `keys`; empty lines are none. */
static int read_keys(hvsh_call *call, const struct keys_args *args, GPtrArray *keys)
{
    const char *name = hvsh_text(call, "file");
    g_autoptr(GError) error = NULL;
    char *text, *line, *state = NULL;

    if (!g_file_get_contents(args->file, &text, NULL, &error))
        return hvsh_fail(call, "Failed to open file '%s': %s", name, g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT)
                                                                         ? "No such file or directory" : error->message);
    hvsh_defer(call, text, g_free);
    for (line = strtok_r(text, "\r\n", &state); line; line = strtok_r(NULL, "\r\n", &state))
        g_ptr_array_add(keys, line);
    return keys->len ? 0 : hvsh_fail(call, "File %s contains no keys", name);
}

static void free_keys(void *keys)
{
    g_ptr_array_unref(keys);
}

static int set_run(hvsh_call *call, const void *p)
{
    const struct keys_args *args = p;
    GPtrArray *keys = hvsh_defer(call, g_ptr_array_new(), free_keys);
    unsigned int flags = args->remove  ? VIR_DOMAIN_AUTHORIZED_SSH_KEYS_SET_REMOVE
                         : args->reset ? 0 : VIR_DOMAIN_AUTHORIZED_SSH_KEYS_SET_APPEND;

    if (args->file && read_keys(call, args, keys) < 0)
        return -1;
    if (virDomainAuthorizedSSHKeysSet(args->domain, args->user, (const char **)keys->pdata, keys->len, flags) < 0)
        return hvsh_fail_libvirt(call);
    return 0;
}

const struct hvsh_command qemu_set_user_sshkeys = {
    .name = "set-user-sshkeys",
    .group = "domain",
    .help = "let SSH keys log in as a user of the guest, or not any more",
    .args = set_args,
    .args_size = sizeof(struct keys_args),
    .examples = HVSH_EXAMPLES({ "set-user-sshkeys web1 root id_ed25519.pub", "one more key", HVSH_MATCH_ONLY },
                              { "set-user-sshkeys web1 root --reset", "none at all", HVSH_MATCH_ONLY }),
    .run = set_run,
};
