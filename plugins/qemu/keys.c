/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keys.c - send-key: press keys of the guest's keyboard. */
#include "qemu.h"
#include <errno.h>
#include <linux/input-event-codes.h>
#include <stdlib.h>

static const struct hvsh_choice codesets[] = {
    { "linux", VIR_KEYCODE_SET_LINUX, "names and numbers of the Linux kernel" }, { "xt", VIR_KEYCODE_SET_XT, NULL },
    { "atset1", VIR_KEYCODE_SET_ATSET1, NULL }, { "atset2", VIR_KEYCODE_SET_ATSET2, NULL }, { "atset3", VIR_KEYCODE_SET_ATSET3, NULL },
    { "osx", VIR_KEYCODE_SET_OSX, NULL }, { "xt_kbd", VIR_KEYCODE_SET_XT_KBD, NULL }, { "usb", VIR_KEYCODE_SET_USB, NULL },
    { "win32", VIR_KEYCODE_SET_WIN32, NULL }, { "qnum", VIR_KEYCODE_SET_QNUM, "numbers of RFB's extension" },
    { "rfb", VIR_KEYCODE_SET_RFB, "qnum by its former name" }, { NULL }
};

#define KEY(name) { #name, name, NULL },
static const struct hvsh_choice keys[] = {
#include <key-names.h>
    { NULL }
};
#undef KEY

struct key_args { virDomainPtr domain; const char *codeset; unsigned int holdtime; HVSH_LIST_OF(const char *) keycode; };

static int offer_key(hvsh_call *call, const struct hvsh_field *field, const char *start)
{
    const char *codeset = hvsh_text(call, "codeset");

    (void)field;
    for (const struct hvsh_choice *key = keys; key->name && g_strcmp0(codeset, "linux") == 0; key++)
        if (g_str_has_prefix(key->name, start))
            hvsh_offer(call, key->name, NULL);
    return 0;
}

static const struct hvsh_field key_args[] = {
    DOMAIN_ROW(struct key_args),
    HVSH_TEXT(struct key_args, codeset, "what the codes mean", .flags = HVSH_NAMED, .fallback = "linux", .choices = codesets),
    HVSH_UINT(struct key_args, holdtime, "milliseconds that they are held", .flags = HVSH_NAMED),
    HVSH_TEXTS(struct key_args, keycode, HVSH_REST | HVSH_REQUIRED, "keys by number or name, KEY_LEFTCTRL", .scope = "codeset", .offer = offer_key),
    HVSH_END
};

/* A key's number in the code set, or -1. */
static int key_code(const char *word, int64_t codeset)
{
    const struct hvsh_choice *key = codeset == VIR_KEYCODE_SET_LINUX ? object_choice(keys, word) : NULL;
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
    const struct hvsh_choice *codeset = object_choice(codesets, args->codeset);
    unsigned int codes[VIR_DOMAIN_SEND_KEY_MAX_KEYS];

    if (!codeset)
        return hvsh_fail(call, "unknown codeset: '%s'", args->codeset);
    for (size_t i = 0; i < args->keycode.count; i++) {
        int code = key_code(args->keycode.items[i], codeset->value);

        if (i == G_N_ELEMENTS(codes))
            return hvsh_fail(call, "too many keycodes");
        if (code < 0) {
            hvsh_fail(call, "invalid keycode: '%s'", args->keycode.items[i]);
            return codeset->value == VIR_KEYCODE_SET_LINUX ? -1 : hvsh_hint(call, "keys of the code set %s are given by number", codeset->name);
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
    .description = "Press keys, all at the same time, and let them go. A key is a number of the code set, decimal or as 0x1e, or with the code "
                   "set linux a name of the kernel's.",
    HVSH_ARGS(key_args),
    .examples = HVSH_EXAMPLES({ "send-key test KEY_LEFTCTRL KEY_LEFTALT KEY_DELETE", "the three famous ones" },
                              { "send-key test --codeset xt --holdtime 1000 0x1c", "hold Enter for a second" }),
    .run = key_run,
};
