/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lazy.c - libraries that are loaded when they are first used. */
#include "config.h"
#include "lazy.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include "lazy-json.h"
#include "lazy-lua.h"
#include "lazy-readline.h"

static _Noreturn void missing(const char *why)
{
    fprintf(stderr, "error: a library that hvsh needs cannot be loaded: %s\n", why);
    exit(127);
}

/* For all to see: modules of Lua's own take its functions from the program. */
static void load(const char *soname, const char *const names[], size_t count, void *addresses[])
{
    void *library = dlopen(soname, RTLD_NOW | RTLD_GLOBAL);

    if (!library)
        missing(dlerror());
    for (size_t i = 0; i < count; i++)
        if (!(addresses[i] = dlsym(library, names[i])))
            missing(dlerror());
}

#define LIBRARY(id, soname, ...)                                                                           \
    const struct lazy_##id *lazy_##id##_table;                                                             \
    const struct lazy_##id *lazy_##id##_load(void)                                                         \
    {                                                                                                      \
        static const char *const names[] = {__VA_ARGS__};                                                  \
        static union { struct lazy_##id functions; void *addresses[G_N_ELEMENTS(names)]; } table;          \
        static gsize loaded;                                                                               \
                                                                                                           \
        G_STATIC_ASSERT(sizeof(table.functions) == sizeof(table.addresses));                               \
        if (g_once_init_enter(&loaded)) {                                                                  \
            load(soname, names, G_N_ELEMENTS(names), table.addresses);                                     \
            g_atomic_pointer_set(&lazy_##id##_table, &table.functions);                                    \
            g_once_init_leave(&loaded, 1);                                                                 \
        }                                                                                                  \
        return &table.functions;                                                                           \
    }

LIBRARY(json, JSON_SONAME, LAZY_JSON_NAMES)
LIBRARY(lua, LUA_SONAME, LAZY_LUA_NAMES)
LIBRARY(readline, READLINE_SONAME, LAZY_READLINE_NAMES)
