/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lazy.h - libraries that are loaded when they are first used.
 *
 * Most commands need neither Lua nor readline nor JSON, and a library that is linked costs each of them its mapping and a place in the search for
 * twenty thousand symbols. Who includes "lazy-lua.h" instead of <lua.h> uses Lua as ever: behind each name stands the table of the library's
 * functions and variables, filled by dlopen() at the first use. A name that is missing in lazy-lua.list is missing when the program is linked.
 */
#ifndef LAZY_H
#define LAZY_H

#include <glib.h>

/* Where libraries and names come from, see lazy.c; a library that is not there ends the program with a sentence, as if it were linked. */
#define LAZY_LIBRARY(id)                                                          \
    extern const struct lazy_##id *lazy_##id##_table;                             \
    const struct lazy_##id *lazy_##id##_load(void);                               \
    static inline const struct lazy_##id *lazy_##id(void)                         \
    {                                                                             \
        const struct lazy_##id *table = g_atomic_pointer_get(&lazy_##id##_table); \
                                                                                  \
        return G_LIKELY(table) ? table : lazy_##id##_load();                      \
    }

#endif
