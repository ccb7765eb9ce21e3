/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * table.h - files that a person writes as a plain Lua table: `return { name = "web1", disk = { "size=20" } }`.
 *
 * Nothing in them is run: strings, numbers, true and false, tables of these, and comments is all there is.
 */
#ifndef INSTALL_TABLE_H
#define INSTALL_TABLE_H

#include <json-c/json.h>
#include "hvsh.h"

/* The table, an object or an array, the call's; NULL after hvsh_fail(), which names the line. */
json_object *table_read(hvsh_call *call, const char *file);
json_object *table_parse(hvsh_call *call, const char *name, const char *text);

#endif
