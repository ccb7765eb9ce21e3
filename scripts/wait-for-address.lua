-- wait-for-address.lua - wait until a guest has an address, and print it.
--
--   hvsh [-c URI] wait-for-address.lua GUEST [SECONDS] [lease|agent|arp]
--
-- Without a source all are asked in turn. The status is 1 when there is none after the time (120 seconds).
local hv = require "hvsh"

if arg[1] == "--help" then require "usage" (arg[0]) end
local guest, seconds, source = arg[1], tonumber(arg[2] or 120), arg[3]
if not guest or not seconds then error("which guest? wait-for-address.lua GUEST [SECONDS] [lease|agent|arp]", 0) end
if hv.domstate(guest).state ~= "running" then error(("%s does not run: start it first"):format(guest), 0) end

local function address()
  for _, from in ipairs(source and { source } or { "lease", "agent", "arp" }) do
    -- a source that this guest does not have is no reason to give up on the others
    local ok, rows = pcall(hv.domifaddr, guest, { source = from })
    for _, row in ipairs(ok and rows or {}) do
      local found = tostring(row.address or ""):match("^[^/]+")
      if found and found ~= "" and found ~= "127.0.0.1" and not found:find("^fe80:") and found ~= "::1" then return found end
    end
  end
end

local found = hv.wait(address, { timeout = seconds, every = 1 })
if not found then error(("%s has no address after %d seconds"):format(guest, seconds), 0) end
print(found)
