/* SPDX-License-Identifier: GPL-3.0-or-later */
/* await.c - await: wait until a guest is so far. */
#include "domain.h"
#include <stdlib.h>
#include <string.h>

/* Each: 1 when it holds, 0 when not yet, -1 after a failure. */
static int is_inactive(hvsh_call *call, virDomainPtr domain)
{
    int active = domain_is_active(call, domain);

    return active < 0 ? active : !active;
}

/* The document is not parsed: it may be asked for again and again, and the call would keep them all. */
static int has_agent(hvsh_call *call, virDomainPtr domain)
{
    char *text = virDomainGetXMLDesc(domain, 0);
    int result = text ? strstr(text, "name='org.qemu.guest_agent.0' state='connected'") != NULL : hvsh_fail_libvirt(call);

    free(text);
    return result;
}

/* Whoever knows one first: the lease of a network of libvirt's, the agent, the host's neighbours. */
static int has_address(hvsh_call *call, virDomainPtr domain)
{
    static const unsigned int sources[] = { VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE, VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT,
                                            VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP };
    bool found = false;

    (void)call;
    for (size_t i = 0; i < G_N_ELEMENTS(sources) && !found; i++) {
        virDomainInterfacePtr *nics = NULL;
        int count = virDomainInterfaceAddresses(domain, &nics, sources[i], 0);

        for (int n = 0; n < count; n++) {
            found = found || (nics[n]->naddrs > 0 && g_strcmp0(nics[n]->name, "lo") != 0);
            virDomainInterfaceFree(nics[n]);
        }
        free(nics);
    }
    return found;
}

enum { INACTIVE_NOW, ACTIVE_NOW, AGENT, ADDRESS };

static const struct hvsh_choice conditions[] = {
    { "domain-inactive", INACTIVE_NOW, "it is off" },
    { "domain-active", ACTIVE_NOW, "it runs, or is paused" },
    { "guest-agent-available", AGENT, "the guest agent answers" },
    { "address", ADDRESS, "it has an address: domifaddr then shows it" },
    { NULL }
};

struct await_args { virDomainPtr domain; int condition; uint64_t timeout; };

static const struct hvsh_field await_args[] = {
    DOMAIN(struct await_args, 0),
    HVSH_ENUM(struct await_args, condition, "what is waited for", .flags = HVSH_REQUIRED, .choices = conditions),
    HVSH_DURATION(struct await_args, timeout, "how long at most; it is a failure then", .unit = "s", .flags = HVSH_NAMED),
    HVSH_END
};

static int holds(hvsh_call *call, const struct await_args *args)
{
    int result;

    switch (args->condition) {
    case INACTIVE_NOW:
        return is_inactive(call, args->domain);
    case ACTIVE_NOW:
        result = is_inactive(call, args->domain);
        return result < 0 ? result : !result;
    case AGENT:
        return has_agent(call, args->domain);
    default:
        return has_address(call, args->domain);
    }
}

static int await_run(hvsh_call *call, const void *p)
{
    const struct await_args *args = p;
    gint64 end = g_get_monotonic_time() + (gint64)MIN(args->timeout / 1000, (uint64_t)G_MAXINT64 / 2);
    bool limited = hvsh_given(call, "timeout");
    int result;

    while ((result = holds(call, args)) == 0) {
        /* what can never be is not waited for */
        if (args->condition != INACTIVE_NOW && args->condition != ACTIVE_NOW && is_inactive(call, args->domain) == 1)
            return hvsh_fail(call, "domain '%s' is not running: it cannot come to '%s'", virDomainGetName(args->domain), hvsh_text(call, "condition"));
        if (limited && g_get_monotonic_time() >= end)
            return hvsh_fail(call, "domain '%s' has not come to '%s' in time", virDomainGetName(args->domain), hvsh_text(call, "condition"));
        if (hvsh_wait(call, NULL, 0, 250) < 0)
            return -1;
    }
    return result < 0 ? -1 : 0;
}

const struct hvsh_command COMMAND(await) = {
    .name = "await",
    .group = "domain",
    .help = "wait until a guest is off, on, answers or has an address",
    .description = "Returns when the condition holds, at once when it does already. Fails when the time is over, or when it cannot come to that "
                   "because the guest is off.",
    HVSH_ARGS(await_args),
    .examples = HVSH_EXAMPLES({ "await test domain-active", "it does already" },
                              { "await web1 --condition guest-agent-available --timeout 60", "a minute at most, for its agent", HVSH_MATCH_ONLY },
                              { "await web1 domain-inactive", "until it is off", HVSH_MATCH_ONLY }),
    .run = await_run,
};
