/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tune.h - what the files of the tune plugin share: typed parameters of a guest that are shown when nothing is given and set otherwise. */
#ifndef TUNE_H
#define TUNE_H

#include <glib.h>
#include "object.h"
#include "later.h"
#include "offer.h"
#include "params.h"

#define TUNE_COMMANDS(X) \
    X(throttlegroupset) X(throttlegroupdel) X(throttlegroupinfo) X(throttlegrouplist) X(memtune) X(blkiotune) X(numatune) X(perf) X(blkdeviotune) X(domiftune) X(schedinfo) X(vcpupin) X(emulatorpin) X(iothreadpin) \
    X(iothreadinfo) X(iothreadadd) X(iothreadset) X(iothreaddel)

#define TUNE_DECLARE(name) extern const struct hvsh_command tune_command_##name;
TUNE_COMMANDS(TUNE_DECLARE)
#undef TUNE_DECLARE
#define COMMAND(name) tune_command_##name

#define DOMAIN(s) HVSH_DOMAIN(s, domain, "domain name, id or uuid", .flags = HVSH_REQUIRED)

/* First of a command that shows a table or sets what is in it: setting shows nothing, not an empty table. Never emitted. */
extern const struct hvsh_shape nothing_shape;
#define TUNE_SHAPES HVSH_SHAPES(&params_narrow)
/* One parameter as it is shown: "hard_limit     : 1048576", in libvirt's own unit. */
int param_emit(hvsh_call *call, const char *name, const struct _virTypedParameter *param);

/* How libvirt gives and takes one family of parameters; `device` is of those that belong to one. */
struct family {
    int (*get)(virDomainPtr domain, const char *device, virTypedParameterPtr params, int *count, unsigned int flags);
    int (*set)(virDomainPtr domain, const char *device, virTypedParameterPtr params, int count, unsigned int flags);
    const char *cannot_count, *cannot_get, *cannot_set;             /* virsh's sentences; NULL: libvirt's alone */
    const char *(*word)(const struct _virTypedParameter *param);    /* what stands for a number that only libvirt knows, for people and as data; or NULL */
};
/* Set what the call's arguments with .param say (and `more`, `nmore`: what they cannot say), or show all when there is nothing to set. */
int family_run(hvsh_call *call, const struct family *family, virDomainPtr domain, const char *device, unsigned int flags,
               virTypedParameterPtr more, int nmore);
/* The parameters as they are, owned by the call; *count 0: there are none. 0 or -1. */
int family_get(hvsh_call *call, const struct family *family, virDomainPtr domain, const char *device, unsigned int flags,
               virTypedParameterPtr *params, int *count);

#endif
