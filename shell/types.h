/* SPDX-License-Identifier: GPL-3.0-or-later */
/* types.h - resolve: the built-in types. How text becomes a value, an object of libvirt included, and a value text. Also parsers used elsewhere. */
#ifndef TYPES_H
#define TYPES_H

#include "hvsh.h"

/* Numbers with virsh's rules. 0 or -1; *value untouched on failure. */
int parse_int64(const char *text, int64_t *value);
int parse_uint64(const char *text, uint64_t *value);
/* "20G", "512 MiB", "10KB"; scale: the unit of a bare number in bytes; limit: largest result. 0, -1 malformed, -2 unknown suffix, -3 too large. */
int parse_size(const char *text, uint64_t scale, uint64_t limit, uint64_t *value);
/* Bytes of one unit ("KiB", "MiB", "B"); 0: unknown. */
uint64_t unit_bytes(const char *unit);
/* Nanoseconds of a unit of time ("s", "min") of that many letters; 0: unknown. */
uint64_t unit_nanoseconds(const char *unit, size_t length);
/* "90s", "1h30m", "250ms"; scale: nanoseconds of a bare number. 0 or -1. */
int parse_duration(const char *text, uint64_t scale, uint64_t *value);

/* The word virsh's usage shows for the field's value: "string", "number". */
const char *type_word(const struct hvsh_field *field);
/* Does virsh declare it as VSH_OT_INT (wording of errors)? */
bool type_is_number(const struct hvsh_field *field);
/* A C value's size for the field: the list's, or the type's. */
size_t field_size(const struct hvsh_field *field);
/* Free what parse (or a list) put there. */
void field_clear(const struct hvsh_field *field, void *value);
/* The choice of an ENUM by value; NULL when there is none. */
const struct hvsh_choice *choice_by_value(const struct hvsh_field *field, int64_t value);

/* Implemented above (call-services.c): a hint with the existing name that is nearest, for a person at a terminal. */
void types_hint_nearest(hvsh_call *call, const struct hvsh_field *field, const char *text, const void *peer);
/* libvirt's last error gives the failure its code, without its sentence. */
void types_fail_code(hvsh_call *call);
/* Implemented above (call.c), which knows the open connections. */
int types_parse_connection(hvsh_call *call, const struct hvsh_field *field, const char *text, void *value);

#endif
