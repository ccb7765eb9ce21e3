/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * journal.h - a plan on disk: one folder for each, written and synced before anything is changed.
 *
 *   plan       the plan's words, a line for each        blob.N     texts of files, old and new
 *   state      one word: see below                      progress   how many steps were begun
 *   reason     why it was taken back                    confirm    made by whoever says that all is well
 *   lock       held by the guard that works on it       output     what the last program said
 */
#ifndef HVSH_HOSTNET_JOURNAL_H
#define HVSH_HOSTNET_JOURNAL_H

#include "model.h"

/* Of journals that ended and are the way back of nothing ("undone", "deleted") the newest are kept, to be looked at. */
#define JOURNALS_KEPT 20

/* Where journals live; $HVSH_NET_STATE instead, for tests. */
const char *journal_home(void);

struct journal {
    char *folder;
    char *id;
    struct plan *plan;
    unsigned int timeout;      /* seconds to confirm */
    bool confirm_by_checks;    /* the checks are enough; else someone must confirm */
    char *replaces;            /* id of the journal that this one takes back (delete); NULL: none */
};
void journal_free(struct journal *journal);

/* Throw away older ones of those. journal_create() does it. */
void journal_prune(void);

/* Write a new one; its state is "ready". NULL with the sentence. */
struct journal *journal_create(struct plan *plan, unsigned int timeout, bool confirm_by_checks, const char *replaces, char **error);
struct journal *journal_read(const char *folder, char **error);

/* "ready", "applying", "waiting", "confirmed", "undoing", "undone", "broken" (not everything could be taken back), "deleted". Owned by the
 * caller; never NULL. */
char *journal_state(const char *folder);
int journal_set_state(const char *folder, const char *state);
bool journal_is_open(const char *state);
int journal_note(const char *folder, const char *file, const char *text);
char *journal_noted(const char *folder, const char *file);

/* Take the lock: a descriptor to close, or -1 when someone holds it. */
int journal_lock(const char *folder);
/* The one for all changes: whoever carries one out holds it. A descriptor, or -1. */
int journal_lock_all(void);
/* Does someone hold it? Looking takes nothing away from a guard that is just about to start. */
bool journal_is_locked(const char *folder);

/* All journals, the oldest first: their folders. */
GPtrArray *journal_list(void);
/* The confirmed journal that made this bridge, or NULL. */
struct journal *journal_of_bridge(const char *bridge);

#endif
