/* SPDX-License-Identifier: GPL-3.0-or-later */
/* blockjob.c - the plugin's head. */
#include "blockjob.h"

HVSH_PLUGIN(
    .name = "blockjob",
    .version = "1",
    .summary = "jobs on the disks of running guests: copy, commit, pull, resize",
    .commands = (const struct hvsh_command *const[]){ &command_blockcopy, &command_blockcommit, &command_blockpull, &command_blockjob,
                                                      &command_blockresize, &command_domblkthreshold, NULL });
