/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * library.h - libcurl and libarchive, loaded when they are first needed.
 *
 * Most guests are made without a download or a look into a medium. Only the headers of these libraries are needed to build: a function is
 * named in its list here and is a member of the same name. Include config.h first.
 */
#ifndef INSTALL_LIBRARY_H
#define INSTALL_LIBRARY_H

#include <stdbool.h>
#include "hvsh.h"

#define LIBRARY_MEMBER(name) __typeof__(&name) name;

#if HAVE_CURL
/* its checks of types are macros around the functions themselves */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#define CURL_FUNCTIONS(F) \
    F(curl_global_init) F(curl_easy_init) F(curl_easy_setopt) F(curl_easy_perform) F(curl_easy_getinfo) F(curl_easy_strerror) F(curl_easy_cleanup) \
    F(curl_slist_append) F(curl_slist_free_all)
struct curl_library { CURL_FUNCTIONS(LIBRARY_MEMBER) };
#endif

#if HAVE_ARCHIVE
#include <archive.h>
#include <archive_entry.h>
#define ARCHIVE_FUNCTIONS(F) \
    F(archive_error_string) F(archive_entry_new) F(archive_entry_free) F(archive_entry_clear) F(archive_entry_pathname) F(archive_entry_size) \
    F(archive_entry_filetype) F(archive_entry_hardlink) F(archive_entry_symlink) F(archive_entry_set_pathname) F(archive_entry_set_size) \
    F(archive_entry_set_filetype) F(archive_entry_set_perm) F(archive_entry_set_mtime) F(archive_entry_set_uid) F(archive_entry_set_gid) \
    F(archive_entry_set_nlink) \
    F(archive_read_new) F(archive_read_support_format_iso9660) F(archive_read_support_filter_all) F(archive_read_open_filename) \
    F(archive_read_next_header) F(archive_read_data) F(archive_read_free) \
    F(archive_write_new) F(archive_write_set_format_iso9660) F(archive_write_set_format_cpio_newc) F(archive_write_add_filter_gzip) \
    F(archive_write_set_options) F(archive_write_set_bytes_per_block) F(archive_write_set_bytes_in_last_block) F(archive_write_open_fd) \
    F(archive_write_header) F(archive_write_data) F(archive_write_close) F(archive_write_free)
struct archive_library { ARCHIVE_FUNCTIONS(LIBRARY_MEMBER) };
#endif

struct curl_library;
struct archive_library;

/* The functions; NULL after hvsh_fail() that names the package which is missing. `what` is what cannot be done without: "a tree on the network". */
const struct curl_library *curl_library(hvsh_call *call, const char *what);
const struct archive_library *archive_library(hvsh_call *call, const char *what);

#endif
