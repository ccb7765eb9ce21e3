-- Undo, parallel, waiting, events, connections, coroutines.
local hv = require "hvsh"

-- undo: backwards on an error, kept by keep(), nothing on the quiet way out
local said = {}
local function work(how)
  said = {}
  local tx <close> = hv.undo()
  tx:add(function() said[#said + 1] = 1 end)
  tx:add(function() said[#said + 1] = 3 end)
  if how == "error" then error("stop") end
  if how == "keep" then tx:keep() error("stop") end
  if how == "by hand" then tx:undo() end
end
assert(not pcall(work, "error") and said[1] == 3 and said[2] == 1 and #said == 2)
assert(not pcall(work, "keep") and #said == 0)
assert(pcall(work) and #said == 0)
assert(pcall(work, "by hand") and #said == 2)
assert(not pcall(function() hv.undo():add(5) end))

-- parallel: each its own result or error
local results, errors = hv.parallel{ { "dominfo", "test" }, { hv.dominfo, "nosuch" }, { "domstate", "test", { reason = true } },
                                     { "domstate", domain = "test" }, { "nosuch-option", on = nil } and { "list", all = true } }
assert(results[1].name == "test" and not results[2] and results[3].reason and results[4].state == "running" and #results[5] == 1)
assert(errors[2].message:find("nosuch") and not errors[1])
results, errors = hv.parallel{ { "list", wrong = true }, { "list" } }
assert(errors[1].message:find("--wrong", 1, true) and #results[2] == 1)
local specs = { at_once = 7 }
for i = 1, 50 do specs[i] = { "domstate", "test" } end
results, errors = hv.parallel(specs)
assert(#results == 50 and next(errors) == nil)
assert(#hv.parallel{} == 0)
assert(#hv.parallel{ { "list", nil, all = true } } == 1)
for _, case in ipairs{ { { { "list" }, timeout = 1 }, "hv.parallel has no option 'timeout'" }, { { [3] = { "list" } }, "item 1 is no table like" },
                       { { at_once = "x" }, "at_once must be a whole number from 1 on, not x" }, { { at_once = 0 }, "from 1 on, not 0" },
                       { { at_once = 1.5 }, "not 1.5" }, { { at_once = false }, "not false" }, { { { "list", [true] = 1 } }, "not 'true'" } } do
  local ok, why = pcall(hv.parallel, case[1])
  assert(not ok and why:find(case[2], 1, true), why)
end
assert(not pcall(hv.parallel, { 5 }) and not pcall(hv.parallel, { { print } }) and not pcall(hv.parallel, { { "nosuch" } }))

-- connections
local path = arg[1] .. "/node.xml"
local file = assert(io.open(path, "w"))
file:write('<node><domain type="test"><name>away</name><memory>1024</memory><os><type>hvm</type></os></domain></node>')
file:close()
do
  local far <close> = hv.connect("test://" .. path, { name = "far" })
  assert(far:name() == "far" and far:uri() == "test://" .. path and tostring(far) == "connection far")
  assert(hv.list({ on = far })[1].name == "away" and hv.domstate("away", { on = "far" }).state == "running")
  assert(hv.list()[1].name == "test")
  local both = hv.parallel{ { "list", on = far }, { "list" } }
  assert(both[1][1].name == "away" and both[2][1].name == "test")
  assert(not pcall(hv.connect, "test:///default", { name = "far" }))
end
assert(not pcall(hv.list, { on = "far" }), "closed with its block")
local gone = hv.connect("test:///default")
gone:close()
local ok, err = pcall(hv.list, { on = gone })
assert(not ok and err:find("has been closed"))
ok, err = pcall(hv.connect, "nosuch:///")
assert(not ok and err.message:find("failed to connect") and err.code ~= 0)

-- waiting
local began = hv.wait(0.05)
assert(began == true)
local n = 0
assert(hv.wait(function() n = n + 1 return n == 3 and "three" end, { every = "10ms", timeout = 5 }) == "three")
local value, why = hv.wait(function() return false end, { timeout = 0.05, every = 0.01 })
assert(value == nil and why == "timeout")
local callable = setmetatable({ left = 2 }, { __call = function(self) self.left = self.left - 1 return self.left < 0 and "called" end })
assert(hv.wait(callable, { timeout = 5, every = 0.01 }) == "called")
-- what is misspelt or misplaced would be waited for without an end
for _, case in ipairs{ { hv.wait, { event = "stopped" }, "(only a function to wait for", { timeout = 0.1 } },
                       { hv.wait, print, "(table expected, got number)", 1 }, { hv.wait, 0, "bad argument #2", { timeout = 1 } },
                       { hv.connect, "test:///default", "(table expected, got string)", "far" },
                       { hv.ask, "what", "(table expected, got boolean)", true }, { hv.wait, { event = "lifecyle" }, "did you mean 'lifecycle'" }, { hv.wait, { evnt = "started" }, "did you mean 'event'" },
                       { hv.wait, { "started" }, "named by texts" }, { hv.on, "frob", "there is no event 'frob'", print },
                       { hv.connect, "test:///default", "did you mean 'readonly'", { read_only = true } } } do
  local ok, why = pcall(case[1], case[2], case[4])
  assert(not ok and why:find(case[3], 1, true), why)
end
assert(not pcall(hv.wait, "soon") and not pcall(hv.wait) and not pcall(hv.wait, -1))

-- events
local seen = {}
do
  local sub <close> = hv.on("lifecycle", function(event) seen[#seen + 1] = event.what end, { domain = "test" })
  hv.suspend("test")
  hv.resume("test")
  assert(hv.wait(function() return #seen >= 2 end, { timeout = 10 }))
  assert(seen[1] == "suspended" and seen[2] == "resumed")
end
do
  local gone = hv.connect("test:///default", { name = "gone" })
  local sub <close> = hv.on("suspended", function() gone:close() end, { on = gone })
  hv.suspend("test", { on = gone })
  local ok, err = pcall(hv.wait, { event = "stopped", on = gone, timeout = 10 })
  assert(not ok and err.message == "the connection 'gone' was lost while waiting for events", err)
  -- (all of it is told before the next handler is there: to libvirt a handler is as good for an event that waits)
  local resumed = false
  local late <close> = hv.on("resumed", function() resumed = true end)
  hv.resume("test")
  assert(hv.wait(function() return resumed end, { timeout = 10 }))
end
-- each has the event, also when the one before it takes itself off or raises; not the one that was taken off in between
do
  local had, once = {}, nil
  once = hv.on("suspended", function() had[#had + 1] = "once" once:off() end)
  local late
  local a <close> = hv.on("suspended", function() had[#had + 1] = "a" late:off() error("a failed", 0) end)
  late = hv.on("suspended", function() had[#had + 1] = "late" end)
  local b <close> = hv.on("suspended", function() had[#had + 1] = "b" end)
  local c <close> = hv.on("suspended", function() had[#had + 1] = "c" end)
  hv.suspend("test")
  local ok, err = pcall(hv.wait, function() return #had >= 4 end, { timeout = 10 })
  assert(not ok and err == "a failed", err)
  assert(table.concat(had, " ") == "once a b c", table.concat(had, " "))
  hv.resume("test")
end
hv.on("suspended", function() hv.resume("test") end)
hv.suspend("test")
local event = assert(hv.wait{ event = "resumed", timeout = 10 })
assert(event.event == "lifecycle" and event.domain == "test" and #event.uuid == 36 and event.text:find("resumed"))
assert(#seen == 2, "switched off")
value, why = hv.wait{ event = "stopped", timeout = "50ms" }
assert(value == nil and why == "timeout")

-- coroutines
local co = coroutine.wrap(function()
  for _, row in ipairs(hv.list{ all = true }) do coroutine.yield(row.name) end
  local ok, name = pcall(function() coroutine.yield("in pcall") return hv.dominfo("test").name end)
  coroutine.yield(ok and name)
  local ok, err = xpcall(function() coroutine.yield("in xpcall") error("x", 0) end, function(e) return e .. "!" end)
  coroutine.yield(err)
  hv.dominfo("nosuch")
end)
assert(co() == "test" and co() == "in pcall" and co() == "test" and co() == "in xpcall" and co() == "x!")
ok, err = pcall(co)
assert(not ok and err.command == "dominfo")
ok, err = coroutine.resume(coroutine.create(function() hv.dominfo("nosuch") end))
assert(not ok and err.command == "dominfo")
assert(select("#", xpcall(function(...) return ... end, print, 1, 2, 3)) == 4)
assert(select("#", pcall(function(...) return ... end, 1, nil, nil)) == 4)
assert(select(2, xpcall(function(a) return a end, print, "a")) == "a")
assert(not pcall(pcall) and not pcall(xpcall, print))

-- questions without a terminal
ok, err = pcall(hv.confirm, "remove everything")
hv.set{ yes = true }
assert(hv.confirm("remove everything") == true)
