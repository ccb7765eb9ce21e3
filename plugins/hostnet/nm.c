/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model.h"
const struct backend backend_nm = {.owner = OWNER_NM, .name = "nm", .title = "nm", .persistent = true};
