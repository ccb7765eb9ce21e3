-- Environments: undeclared globals, modules.
local hv = require "hvsh"
local modules = arg[1] .. "/modules"

local function message(...)
  local ok, text = pcall(...)
  assert(not ok)
  return text
end
assert(message(function() return nosuch end):find("strict.lua:%d+: global 'nosuch' is not declared"))
assert(message(function() nosuch = 1 end):find("global 'nosuch' is not declared: write local"))
assert(message(function() function nosuch() end end):find("not declared"))
assert(message(function() return hv1 end):find("not declared"))
assert(message(load("return nosuch")):find("not declared"), "what load() makes is as strict")
assert(_G == _ENV and print and string)
rawset(_ENV, "wanted", 5)
assert(wanted == 5)

local function write(name, text)
  local file = assert(io.open(modules .. "/" .. name, "w"))
  file:write(text)
  file:close()
end
write("good.lua", 'local hv = require "hvsh"\nreturn { name = ..., count = #hv.list{ all = true }, sees = rawget(_ENV, "wanted") }')
local good = require "good"
assert(good.name == "good" and good.count == 1 and good.sees == nil, "a module has globals of its own")
assert(require "good" == good)
write("bad.lua", "x = 1")
assert(message(require, "bad"):find("bad.lua:1: global 'x' is not declared"))
write("worse.lua", "local = 5")
assert(message(require, "worse"):find("worse.lua:1:"))
write("open.lua", "return 1")
os.execute("chmod o+w " .. modules .. "/open.lua")
assert(message(require, "open"):find("module 'open' is not loaded: .* is writable by everybody: chmod o%-w"))
assert(message(require, "nosuch"):find("module 'nosuch' not found"))
assert(package.cpath == "" and #package.searchers == 2)
