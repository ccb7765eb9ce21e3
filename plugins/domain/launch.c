/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launch.c - what a guest gets at its start: files by descriptors, secrets for encrypted memory: dom-fd-associate, domlaunchsecinfo,
 * domsetlaunchsecstate. */
#include "domain.h"
#include "files.h"
#include "params.h"

/* ---- domlaunchsecinfo ---- */

static int security_run(hvsh_call *call, const void *p)
{
    const struct only_domain *args = p;
    virTypedParameterPtr params = NULL;
    int count = 0;

    if (virDomainGetLaunchSecurityInfo(args->domain, &params, &count, 0) < 0)
        return hvsh_fail_virt(call, "Unable to get launch security parameters");
    return params_show(call, &params_narrow, params, count);
}

const struct hvsh_command COMMAND(domlaunchsecinfo) = {
    .name = "domlaunchsecinfo",
    .group = "domain",
    .help = "Get domain launch security info",
    .description = "What the processor says of a guest whose memory is encrypted: its measurement, to be checked before it gets a secret.",
    ONLY_ACTIVE,
    .shapes = HVSH_SHAPES(&params_narrow),
    .examples = HVSH_EXAMPLES({ "domlaunchsecinfo web1", "its measurement", HVSH_MATCH_ONLY }),
    .run = security_run,
};

/* ---- domsetlaunchsecstate ---- */

struct secret_args { virDomainPtr domain; const char *secrethdr, *secret; uint64_t set_address; };

#define BOTH "Both secret and the secret header are required"
static const struct hvsh_field secret_args[] = {
    DOMAIN(struct secret_args, ACTIVE),
    HVSH_XML(struct secret_args, secrethdr, "file with the header, in base64", .flags = HVSH_NAMED),
    HVSH_XML(struct secret_args, secret, "file with the secret, encrypted, in base64", .flags = HVSH_NAMED),
    HVSH_UINT64(struct secret_args, set_address, "where in the guest's memory it is put"),
    HVSH_REQUIRES("secret", "secrethdr", .help = BOTH),
    HVSH_REQUIRES("secrethdr", "secret", .help = BOTH),
    HVSH_END
};

static int secret_run(hvsh_call *call, const void *p)
{
    const struct secret_args *args = p;
    virTypedParameterPtr params = NULL;
    int count = 0, room = 0, result = -1;

    if (!args->secret)
        return hvsh_fail(call, BOTH);
    if (virTypedParamsAddString(&params, &count, &room, VIR_DOMAIN_LAUNCH_SECURITY_SEV_SECRET_HEADER, args->secrethdr) < 0 ||
        virTypedParamsAddString(&params, &count, &room, VIR_DOMAIN_LAUNCH_SECURITY_SEV_SECRET, args->secret) < 0 ||
        (hvsh_given(call, "set-address") &&
         virTypedParamsAddULLong(&params, &count, &room, VIR_DOMAIN_LAUNCH_SECURITY_SEV_SECRET_SET_ADDRESS, args->set_address) < 0))
        hvsh_fail_libvirt(call);
    else if (virDomainSetLaunchSecurityState(args->domain, params, count, 0) < 0)
        hvsh_fail_virt(call, "Unable to set launch security state");
    else
        result = 0;
    virTypedParamsFree(params, count);
    return result;
}

const struct hvsh_command COMMAND(domsetlaunchsecstate) = {
    .name = "domsetlaunchsecstate",
    .group = "domain",
    .help = "Set domain launch security state",
    .description = "Put a secret into the encrypted memory of a guest that waits for it, paused.",
    HVSH_ARGS(secret_args),
    .examples = HVSH_EXAMPLES({ "domsetlaunchsecstate web1 --secrethdr header.b64 --secret secret.b64", "let it start", HVSH_MATCH_ONLY }),
    .run = secret_run,
};

/* ---- dom-fd-associate ---- */

#if LIBVIR_CHECK_VERSION(9, 0, 0)
struct fd_args { virDomainPtr domain; const char *name, *pass_fds; unsigned int flags; };

static const struct hvsh_field fd_args[] = {
    DOMAIN(struct fd_args, 0),
    HVSH_TEXT(struct fd_args, name, "name of the group, as <source fdgroup=''> has it", .flags = HVSH_REQUIRED),
    HVSH_TEXT(struct fd_args, pass_fds, "open files of this shell: N,M,...", .flags = HVSH_REQUIRED),
    HVSH_BIT(struct fd_args, flags, "seclabel-writable", VIR_DOMAIN_FD_ASSOCIATE_SECLABEL_WRITABLE, "label them so that the guest may write"),
    HVSH_BIT(struct fd_args, flags, "seclabel-restore", VIR_DOMAIN_FD_ASSOCIATE_SECLABEL_RESTORE, "put their labels back afterwards, where that can be"),
    HVSH_END
};

static int fd_run(hvsh_call *call, const void *p)
{
    const struct fd_args *args = p;
    unsigned int count;
    int *fds;

    if (open_files(call, args->pass_fds, &fds, &count) < 0)
        return -1;
    return virDomainFDAssociate(args->domain, args->name, count, fds, args->flags) < 0 ? hvsh_fail_libvirt(call) : 0;
}

const struct hvsh_command COMMAND(dom_fd_associate) = {
    .name = "dom-fd-associate",
    .group = "domain",
    .help = "associate a FD with a domain",
    .description = "Give open files to a domain under a name, for disks that are opened by whoever calls. They are gone when the connection is.",
    HVSH_ARGS(fd_args),
    .examples = HVSH_EXAMPLES({ "dom-fd-associate web1 disk0 3", "for <source fdgroup='disk0'>", HVSH_MATCH_ONLY }),
    .run = fd_run,
};
#else
static int fd_missing(hvsh_call *call, const void *args)
{
    (void)args;
    return hvsh_fail(call, "dom-fd-associate needs libvirt 9.0 or newer");
}

const struct hvsh_command COMMAND(dom_fd_associate) = {
    .name = "dom-fd-associate", .group = "domain", .help = "associate a FD with a domain", .flags = HVSH_NO_CONNECTION, .run = fd_missing
};
#endif
