/* SPDX-License-Identifier: GPL-3.0-or-later */
/* qemu.h - the commands of the plugin, and JSON as they show it. */
#ifndef QEMU_QEMU_H
#define QEMU_QEMU_H

#include <glib.h>
#include "object.h"
#include "offer.h"

#define QEMU_COMMANDS(X) \
    X(monitor_command) X(monitor_event) X(agent_command) X(attach) X(send_key) X(send_process_signal) X(screenshot) X(set_user_password) \
    X(get_user_sshkeys) X(set_user_sshkeys) X(lxc_enter_namespace)
#define QEMU_DECLARE(name) extern const struct hvsh_command qemu_##name;
QEMU_COMMANDS(QEMU_DECLARE)
#undef QEMU_DECLARE

#define DOMAIN_ROW(s) \
    HVSH_DOMAIN(s, domain, "domain name, id or uuid", .flags = HVSH_REQUIRED, .select = VIR_CONNECT_LIST_DOMAINS_ACTIVE)

/* The words of a command, which were one text. joined(): with what was between them; owned by the call. */
#define WORDS_ROW(s, help) HVSH_TEXTS(s, cmd, HVSH_REST | HVSH_REQUIRED, help, .is_secret = words_are_secret)
/* set_password, guest-set-user-password, an object of the kind "secret": what no history may have. */
bool words_are_secret(const char *text);
const char *joined(hvsh_call *call, size_t count, const char *const *words, const char *between);

/* `text` again with an indented line for each member (pretty), only its member "return" (only_return). NULL: it is no JSON, or has none,
 * after hvsh_fail(). Owned by the call, without a newline at the end. */
const char *json_again(hvsh_call *call, const char *text, bool pretty, bool only_return);

/* A command of QMP made of words: a JSON object as it is; else a name, and behind it the arguments as an object or as "name":value. NULL
 * after hvsh_fail(). Owned by the call. */
const char *json_command(hvsh_call *call, size_t count, const char *const *words);

/* The names of keys of the code sets that have some. */
extern const struct hvsh_choice linux_keys[], win32_keys[], os_x_keys[];

#endif
