-- SPDX-License-Identifier: GPL-3.0-or-later
-- What is known of each of so many guests, for the benchmark.
local hv = require "hvsh"

for number = 0, tonumber(({...})[1]) - 1 do
    local info = hv.dominfo(("guest%04d"):format(number))

    print(info.id, info.name, info.uuid, info.state, info.vcpus, info.max_memory)
end
