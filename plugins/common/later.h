/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * later.h - what libvirt has got after the oldest release that hvsh is built with. Such options and commands are always understood; help and
 * completion show them where the library that hvsh was built with has them, and elsewhere a sentence says what they need.
 */
#ifndef COMMON_LATER_H
#define COMMON_LATER_H

#include "hvsh.h"

/* Flags of an argument, and of a command, that came with a release of libvirt. */
#define LATER_ARG(major, minor) (LIBVIR_CHECK_VERSION(major, minor, 0) ? 0 : HVSH_HIDE)
#define LATER_COMMAND(major, minor) (LIBVIR_CHECK_VERSION(major, minor, 0) ? 0 : HVSH_HIDDEN)

/* 0 when `what` ("--capacity") can be had: built with, using and connected to a libvirt of that release; -1 after hvsh_fail(). */
int later_needs(hvsh_call *call, const char *what, unsigned int major, unsigned int minor);

/* The same for an option, when it was given. */
int later_option(hvsh_call *call, const char *option, unsigned int major, unsigned int minor);

#endif
