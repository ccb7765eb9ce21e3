/* SPDX-License-Identifier: GPL-3.0-or-later */
/* conn-names.c - names for completion. */
#include "conn-impl.h"
void names_clear(void)
{
}
void conn_names_stale(void)
{
}
int conn_names(struct conn *conn, enum hvsh_kind kind, uint64_t select, const void *peer,
               void (*each)(const char *name, const char *note, void *arg), void *arg)
{
    (void)conn; (void)kind; (void)select; (void)peer; (void)each; (void)arg;
    return -1;
}
