/* SPDX-License-Identifier: GPL-3.0-or-later */
/* domain.h - what the files of the domain plugin share: the list of commands, the domain argument, bulk look-ups, words of states. */
#ifndef DOMAIN_H
#define DOMAIN_H

#include <glib.h>
#include "object.h"
#include "later.h"
#include "offer.h"
#include "xml.h"

/* Every command of the plugin: X(name of the C object). Its name is what the shell calls it. */
#define DOMAIN_COMMANDS(X) \
    X(list) X(dominfo) X(domstate) X(domid) X(domname) X(domuuid) X(domcontrol) X(domtime) X(dommemstat) \
    X(start) X(create) X(shutdown) X(reboot) X(reset) X(destroy) X(suspend) X(resume) X(autostart) \
    X(define) X(undefine) X(dumpxml) X(edit) X(domrename) X(desc) X(console) X(ttyconsole) \
    X(setmem) X(setmaxmem) X(setvcpus) X(vcpucount) X(domstats) \
    X(domblklist) X(domblkinfo) X(domblkstat) X(domblkerror) \
    X(domiflist) X(domifaddr) X(domifstat) X(domif_getlink) \
    X(attach_device) X(detach_device) X(detach_device_alias) X(update_device) \
    X(save) X(restore) X(dump) X(save_image_dumpxml) X(save_image_define) X(save_image_edit) \
    X(managedsave) X(managedsave_remove) X(managedsave_dumpxml) X(managedsave_define) X(managedsave_edit) \
    X(domfsfreeze) X(domfsthaw) X(domfsinfo) X(domfstrim) X(domhostname) X(dompmsuspend) X(dompmwakeup) X(inject_nmi) \
    X(guest_agent_timeout) \
    X(attach_disk) X(detach_disk) X(change_media) X(attach_interface) X(detach_interface) X(domif_setlink) X(update_memory_device) \
    X(domdisplay) X(domdisplay_reload) X(await) X(vncdisplay) X(vcpuinfo) X(cpu_stats) X(setvcpu) X(guestvcpus) X(guestinfo) X(set_lifecycle_action) X(metadata) \
    X(domdirtyrate_calc) X(domlaunchsecinfo) X(domsetlaunchsecstate) X(dom_fd_associate) X(domxml_from_native) X(domxml_to_native)

#define DOMAIN_DECLARE(name) extern const struct hvsh_command domain_command_##name;
DOMAIN_COMMANDS(DOMAIN_DECLARE)
#undef DOMAIN_DECLARE
/* const struct hvsh_command COMMAND(list) = { .name = "list", ... }; */
#define COMMAND(name) domain_command_##name

/* The first argument of nearly all; `offered` are libvirt's list flags of the domains that TAB offers (0: all). */
#define DOMAIN(s, offered) \
    HVSH_DOMAIN(s, domain, "domain name, id or uuid", .flags = HVSH_REQUIRED, .select = (offered))
#define ACTIVE VIR_CONNECT_LIST_DOMAINS_ACTIVE
#define INACTIVE VIR_CONNECT_LIST_DOMAINS_INACTIVE

/* The many commands whose only argument is the domain. */
struct only_domain { virDomainPtr domain; };
extern const struct hvsh_field only_domain[], only_active_domain[];
#define ONLY_ACTIVE .args = only_active_domain, .args_size = sizeof(struct only_domain)

/* Words of virDomainState, and of the reason for it. */
extern const struct hvsh_choice domain_states[];
const char *domain_reason(int state, int reason);

/* Emit a message ("Domain '{name}' started") about the domain. */
int domain_say(hvsh_call *call, const struct hvsh_shape *message, virDomainPtr domain);
/* Canonical uuid, owned by the call; NULL when libvirt does not know. */
const char *domain_uuid(hvsh_call *call, virDomainPtr domain);
/* The parsed document of the domain; flags: VIR_DOMAIN_XML_*. NULL after a failure. */
struct xml *domain_xml(hvsh_call *call, virDomainPtr domain, unsigned int flags);
/* Is it running? 1, 0, or -1 after a failure. */
int domain_is_active(hvsh_call *call, virDomainPtr domain);

/* "1.000 TiB": a size for --human as virsh writes it. */
const char *human_size(hvsh_call *call, uint64_t bytes);

/* Where a disk's data are, as domblklist shows it; NULL: nowhere (an empty drive). */
const char *domain_disk_source(struct xml *xml, xmlNode *disk);
/*
 * For commands that say what is wrong with their other arguments before they look the domain up, or never do (--print-xml): LATE_DOMAIN
 * binds nothing, domain_late() finds the domain; owned by the call, NULL after a failure.
 */
extern const struct hvsh_type late_domain_type;
#define LATE_DOMAIN(s, offered) \
    HVSH_BIND(s, domain, virDomainPtr, late_domain_type, "domain name, id or uuid", .flags = HVSH_REQUIRED, .select = (offered))
virDomainPtr domain_late(hvsh_call *call);

/* The domain that a document is of, by its uuid or else its name: a reference, NULL when there is none. From any thread; xml NULL: none. */
virDomainPtr domain_of_document(virConnectPtr connection, const char *xml);

#endif
