/* SPDX-License-Identifier: GPL-3.0-or-later */
/* later.c - what needs a newer libvirt than there may be. */
#include "later.h"

static int too_old(hvsh_call *call, const char *what, unsigned int major, unsigned int minor, const char *who, unsigned long version)
{
    return hvsh_fail(call, "%s needs libvirt %u.%u or newer; %s %lu.%lu.%lu", what, major, minor, who, version / 1000000, version / 1000 % 1000,
                     version % 1000);
}

int later_needs(hvsh_call *call, const char *what, unsigned int major, unsigned int minor)
{
    unsigned long needed = major * 1000000UL + minor * 1000UL, library, daemon;
    virConnectPtr connection;

    if (LIBVIR_VERSION_NUMBER < needed)
        return too_old(call, what, major, minor, "this hvsh was built with", LIBVIR_VERSION_NUMBER);
    if (virGetVersion(&library, NULL, NULL) == 0 && library < needed)
        return too_old(call, what, major, minor, "the library in use is", library);
    if (!(connection = hvsh_connection(call)))
        return -1;
    if (virConnectGetLibVersion(connection, &daemon) == 0 && daemon < needed)
        return too_old(call, what, major, minor, "the other side has", daemon);
    return 0;
}

int later_option(hvsh_call *call, const char *option, unsigned int major, unsigned int minor)
{
    return hvsh_given(call, option) ? later_needs(call, hvsh_printf(call, "--%s", option), major, minor) : 0;
}
