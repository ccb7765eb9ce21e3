/* SPDX-License-Identifier: GPL-3.0-or-later */
/* event.h - the kinds of guests' events. */
#ifndef EVENT_EVENT_H
#define EVENT_EVENT_H

#include "events.h"

/* Names and what they tell, the value libvirt's number, in the order of the numbers. */
extern const struct hvsh_choice domain_events[];

/* The call-back that copies an event of this number. */
virConnectDomainEventGenericCallback domain_event_callback(int id);

#endif
