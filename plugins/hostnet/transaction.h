/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * transaction.h - carrying a journal out: the guard's part.
 *
 * The guard is a process of its own, so that neither a closed terminal nor a killed shell stops it half-way: it applies the steps, asks
 * whether the checks hold, waits for "confirm", and takes everything back when that does not come. The shell only watches the journal.
 *
 * NetworkManager's own checkpoints are not used, only respected (may_change() refuses beside one of someone else's): one ends with
 * NetworkManager, puts profiles back by content and not by bytes, knows nothing of other managers' files, and at its time would undo on its
 * own what the guard is undoing. What it could add, the guard, its parent, systemd's restart and the unit at boot have already.
 */
#ifndef HVSH_HOSTNET_TRANSACTION_H
#define HVSH_HOSTNET_TRANSACTION_H

#include "journal.h"

/* Apply, check, wait, confirm or take back. The journal's lock is held by the caller. 0: confirmed; 1: taken back; 2: broken. */
int transaction_run(struct journal *journal);
/* It is confirmed. 0; 1 and 2 as above, when that cannot be written down. */
int transaction_keep(struct journal *journal);
/* Take back what was begun. boot: nothing runs yet, only files are put back. 1: taken back; 2: not everything could be. */
int transaction_take_back(struct journal *journal, const char *reason, bool boot);

#endif
