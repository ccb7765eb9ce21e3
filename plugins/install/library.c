/* SPDX-License-Identifier: GPL-3.0-or-later */
/* library.c - libcurl and libarchive, loaded when they are first needed and kept for the life of the process. */
#include "config.h"
#include "library.h"
#include <dlfcn.h>
#include <stddef.h>
#include <glib.h>

struct function { const char *name; size_t member; };

struct library {
    const char *name, *package;
    const char *const *files;             /* the first that is there */
    const struct function *functions;
    void *members;                        /* a pointer to each function */
    bool loaded;
};

static GMutex lock;

/* The functions, or NULL after hvsh_fail(). */
G_GNUC_UNUSED static const void *load(hvsh_call *call, struct library *library, const char *what)
{
    const char *missing = library->package;
    void *handle = NULL;

    g_mutex_lock(&lock);
    for (size_t i = 0; !library->loaded && library->files[i] && !handle; i++)
        handle = dlopen(library->files[i], RTLD_NOW | RTLD_LOCAL);
    if (handle) {
        const struct function *function;

        for (function = library->functions; function->name; function++) {
            void **member = (void **)((char *)library->members + function->member);

            *member = dlsym(handle, function->name);
            if (!*member)
                break;
        }
        library->loaded = !function->name;
        if (!library->loaded)
            missing = function->name;
    }
    g_mutex_unlock(&lock);
    if (library->loaded)
        return library->members;
    if (handle)
        hvsh_fail(call, "%s needs a newer %s: this one has no %s", what, library->name, missing);
    else
        hvsh_fail(call, "%s needs %s, which is not installed (package %s)", what, library->name, missing);
    return NULL;
}

#if HAVE_CURL
#define CURL_ROW(name) { #name, offsetof(struct curl_library, name) },
const struct curl_library *curl_library(hvsh_call *call, const char *what)
{
    static const char *const files[] = { "libcurl-gnutls.so.4", "libcurl.so.4", NULL };
    static const struct function functions[] = { CURL_FUNCTIONS(CURL_ROW) { NULL, 0 } };
    static struct curl_library members;
    static struct library library = { "libcurl", "libcurl3-gnutls or libcurl", files, functions, &members, false };

    return load(call, &library, what);
}
#else
const struct curl_library *curl_library(hvsh_call *call, const char *what)
{
    hvsh_fail(call, "%s needs libcurl, and this hvsh was built without it", what);
    return NULL;
}
#endif

#if HAVE_ARCHIVE
#define ARCHIVE_ROW(name) { #name, offsetof(struct archive_library, name) },
const struct archive_library *archive_library(hvsh_call *call, const char *what)
{
    static const char *const files[] = { "libarchive.so.13", NULL };
    static const struct function functions[] = { ARCHIVE_FUNCTIONS(ARCHIVE_ROW) { NULL, 0 } };
    static struct archive_library members;
    static struct library library = { "libarchive", "libarchive13 or libarchive", files, functions, &members, false };

    return load(call, &library, what);
}
#else
const struct archive_library *archive_library(hvsh_call *call, const char *what)
{
    hvsh_fail(call, "%s needs libarchive, and this hvsh was built without it", what);
    return NULL;
}
#endif
