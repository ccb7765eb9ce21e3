-- SPDX-License-Identifier: GPL-3.0-or-later
-- All guests' names, states and titles, for the benchmark.
local hv = require "hvsh"

for _, guest in ipairs(hv.list{ all = true, title = true }) do
    print(guest.id, guest.name, guest.state, guest.title)
end
