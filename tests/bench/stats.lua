-- SPDX-License-Identifier: GPL-3.0-or-later
-- Statistics of all guests, for the benchmark.
local hv = require "hvsh"

for _, guest in ipairs(hv.domstats()) do
    print(guest.name)
    for key, value in pairs(guest.stats) do
        print(("  %s=%s"):format(key, value))
    end
end
