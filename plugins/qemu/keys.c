/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keys.c - send-key: press keys of the guest's keyboard. */
#include "qemu.h"
#include <errno.h>
#include <stdlib.h>

/* A set of libvirt's, by virsh's name, and the names of its keys (NULL: they have numbers only). */
static const struct codeset {
    const struct hvsh_choice *names;
    int number;
} sets[] = {
    { linux_keys, VIR_KEYCODE_SET_LINUX }, { os_x_keys, VIR_KEYCODE_SET_OSX }, { win32_keys, VIR_KEYCODE_SET_WIN32 },
};

static const struct hvsh_choice codesets[] = {
    { "linux", VIR_KEYCODE_SET_LINUX, "names and numbers of the Linux kernel" },
    { "xt", VIR_KEYCODE_SET_XT, "scan codes of the first PC" },
    { "atset1", VIR_KEYCODE_SET_ATSET1, "scan codes of AT keyboards, set 1" },
    { "atset2", VIR_KEYCODE_SET_ATSET2, "scan codes of AT keyboards, set 2" },
    { "atset3", VIR_KEYCODE_SET_ATSET3, "scan codes of AT keyboards, set 3" },
    { "os_x", VIR_KEYCODE_SET_OSX, "virtual keys of macOS, names and numbers" },
    { "xt_kbd", VIR_KEYCODE_SET_XT_KBD, "scan codes of Linux's XT driver" },
    { "usb", VIR_KEYCODE_SET_USB, "usages of USB keyboards" },
    { "win32", VIR_KEYCODE_SET_WIN32, "virtual keys of Windows, names and numbers" },
    { "qnum", VIR_KEYCODE_SET_QNUM, "numbers of QEMU's extension of VNC" },
    { "rfb", VIR_KEYCODE_SET_RFB, "qnum by its former name" }, { NULL }
};

/* The names of a set's keys; NULL: it has none. */
static const struct hvsh_choice *key_names(const struct hvsh_choice *codeset)
{
    for (size_t i = 0; codeset && i < G_N_ELEMENTS(sets); i++)
        if (sets[i].number == codeset->value)
            return sets[i].names;
    return NULL;
}

struct key_args { virDomainPtr domain; const char *codeset; unsigned int holdtime; HVSH_LIST_OF(const char *) keycode; };

static int offer_key(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    const char *codeset = hvsh_text(call, "codeset");

    (void)field;
    for (const struct hvsh_choice *key = codeset ? key_names(object_choice(codesets, codeset)) : NULL; key && key->name; key++)
        if (g_str_has_prefix(key->name, start))
            hvsh_offer(call, key->name, NULL);
    return 0;
}

static const struct hvsh_field key_args[] = {
    DOMAIN_ROW(struct key_args),
    HVSH_TEXT(struct key_args, codeset, "what the codes mean", .flags = HVSH_NAMED | HVSH_EMPTY_OK, .fallback = "linux", .choices = codesets),
    HVSH_UINT(struct key_args, holdtime, "milliseconds that they are held", .flags = HVSH_NAMED),
    HVSH_TEXTS(struct key_args, keycode, HVSH_REST | HVSH_REQUIRED, "keys by number, or by name as KEY_LEFTCTRL", .scope = "codeset", .offer = offer_key),
    HVSH_END
};

/* A key's number, by one of the set's names or as it is; or -1. */
static int key_code(const char *word, const struct hvsh_choice *names)
{
    const struct hvsh_choice *key = names ? object_choice(names, word) : NULL;
    char *end;
    long code;

    if (key)
        return (int)key->value;
    errno = 0;
    code = strtol(word, &end, 0);
    return errno || end == word || *end || code < 0 || code > 0xffff ? -1 : (int)code;
}

static int key_run(hvsh_call *call, const void *p)
{
    const struct key_args *args = p;
    const struct hvsh_choice *codeset = *args->codeset ? object_choice(codesets, args->codeset) : codesets;
    unsigned int codes[VIR_DOMAIN_SEND_KEY_MAX_KEYS];

    if (!codeset)
        return hvsh_fail(call, "unknown codeset: '%s'", args->codeset);
    for (size_t i = 0; i < args->keycode.count; i++) {
        int code = key_code(args->keycode.items[i], key_names(codeset));

        if (i == G_N_ELEMENTS(codes))
            return hvsh_fail(call, "too many keycodes");
        if (code < 0) {
            hvsh_fail(call, "invalid keycode: '%s'", args->keycode.items[i]);
            return key_names(codeset) ? -1 : hvsh_hint(call, "keys of the code set %s are given by number", codeset->name);
        }
        codes[i] = (unsigned int)code;
    }
    if (virDomainSendKey(args->domain, (unsigned int)codeset->value, args->holdtime, codes, (int)args->keycode.count, 0) < 0)
        return hvsh_fail_libvirt(call);
    return 0;
}

const struct hvsh_command qemu_send_key = {
    .name = "send-key",
    .group = "domain",
    .help = "press keys of the guest's keyboard",
    .description = "Press keys, all at the same time, and let them go. A key is a number of the code set, decimal or as 0x1e, or one of the "
                   "names that the code sets linux (KEY_ENTER), win32 (VK_RETURN) and os_x (Return) have.",
    HVSH_ARGS(key_args),
    .examples = HVSH_EXAMPLES({ "send-key test KEY_LEFTCTRL KEY_LEFTALT KEY_DELETE", "the three famous ones" },
                              { "send-key test --codeset win32 VK_LWIN VK_R", "the Windows key and R, by Windows' names" },
                              { "send-key test --codeset xt --holdtime 1000 0x1c", "hold Enter for a second" }),
    .run = key_run,
};
