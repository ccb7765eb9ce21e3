/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * offer.h - completers of what a guest has: those of a field whose command has the argument "domain". Set .scope = "domain" beside them.
 */
#ifndef COMMON_OFFER_H
#define COMMON_OFFER_H

#include "hvsh.h"

#define OFFERS(id) int id(hvsh_call *call, const struct hvsh_field *field, const char *start)

OFFERS(offer_disks);          /* targets, with their sources beside them */
OFFERS(offer_drives);         /* the same of CD and floppy drives */
OFFERS(offer_images);         /* the images of the disk in the argument "path", "vda[1]" and so on; without it the disks */
OFFERS(offer_interfaces);     /* network interfaces: device on the host, MAC address */
OFFERS(offer_macs);           /* their MAC addresses; with the argument "type" of those of this type */
OFFERS(offer_aliases);        /* aliases of all devices */
OFFERS(offer_memory);         /* of memory devices */
OFFERS(offer_consoles);       /* of serial devices and consoles */
OFFERS(offer_screens);        /* numbers of its screens */
OFFERS(offer_iothreads);      /* numbers of its I/O threads */
OFFERS(offer_vcpus);          /* numbers of its processors */
OFFERS(offer_vcpu_list);      /* the same, the last of a list as well: 0,2,3 */
OFFERS(offer_scheduler);      /* parameters of its scheduler, "cpu_shares=" */
OFFERS(offer_mounts);         /* file systems that are mounted, as the guest agent knows them */

/* Of the host's: processors that are online, the last of a list as well. */
OFFERS(offer_host_cpu_list);

/* Files, for a path that goes to the hypervisor as it was written. */
OFFERS(offer_files);

#endif
