-- shutdown-all.lua - shut every running guest down, all at once, and wait until they are off.
--
--   hvsh [-c URI] shutdown-all.lua [--timeout SECONDS] [--destroy] [--except NAME]...
--
-- After the time (300 seconds) those that still run are named and the status is 1; with --destroy they are destroyed.
local hv = require "hvsh"

local timeout, destroy, except = 300, false, {}
local i = 1
while arg[i] do
  if arg[i] == "--help" then
    require "usage" (arg[0])
  elseif arg[i] == "--destroy" then
    destroy = true
  elseif arg[i] == "--timeout" and tonumber(arg[i + 1]) then
    timeout, i = tonumber(arg[i + 1]), i + 1
  elseif arg[i] == "--except" and arg[i + 1] then
    except[arg[i + 1]], i = true, i + 1
  else
    error(("'%s' is no option of this script, or lacks its value: --help lists them"):format(arg[i]), 0)
  end
  i = i + 1
end

local function running()
  local names = {}
  for _, guest in ipairs(hv.list()) do
    if not except[guest.name] then names[#names + 1] = guest.name end
  end
  return names
end

-- the same command for many guests; what fails for one of them is told and does not hold up the others
local function each(command, names)
  local calls = {}
  for n, name in ipairs(names) do calls[n] = { command, name } end
  local results, errors = hv.parallel(calls)
  for n, name in ipairs(names) do
    if errors[n] then hv.note(("%s: %s"):format(name, errors[n].message)) end
  end
end

local names = running()
print(("%d to shut down"):format(#names))
each("shutdown", names)
hv.wait(function() return #running() == 0 end, { timeout = timeout })

names = running()
if destroy and #names > 0 then
  each("destroy", names)
  names = running()
end
if #names > 0 then error("still running: " .. table.concat(names, ", "), 0) end
print("all are off")
