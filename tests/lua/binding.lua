-- Commands as functions: what goes in, what comes out.
local hv = require "hvsh"

-- shapes
local list = hv.list{ all = true }
assert(#list == 1 and list[1].name == "test" and list[1].id == 1 and list[1].state == "running")
assert(math.type(list[1].id) == "integer")
local info = hv.dominfo("test")
assert(info.max_memory == 8 * 2^30 and math.type(info.max_memory) == "integer", "sizes are bytes")
assert(info.vcpus == 2 and info.persistent == true)
assert(hv.domstate("test").state == "running")
local xml = hv.dumpxml("test")
assert(type(xml) == "string" and xml:find("^<domain") and xml:find("</domain>\n$"))
local done = hv.suspend("test")
assert(done.name == "test", "a message is its fields")
assert(hv.domstate("test").state == "paused")
hv.resume("test")
assert(#hv.list{ inactive = true, on = false } == 0)
assert(hv.json.encode(hv.list{ inactive = true }) == "[]", "an empty list is a list")

-- arguments: positionals by place and in tables, options by key, '_' for '-', numbers, nil and false are not given
assert(hv.domstate{ "test", reason = true }.reason)
assert(hv.domstate("test", { reason = true }).reason)
assert(hv.domstate{ domain = "test" }.state == "running")
assert(hv.domstate("test", nil, { reason = false }).state == "running")
assert(hv.dominfo(1).name == "test", "a number is a word")
assert(hv.dominfo(1.0).name == "test")
-- nil leaves its argument out; what stands behind it does not move up
hv.command{ name = "places", help = "say what is where", args = { { "a", "text", "a" }, { "f", "flag", "f" }, { "b", "text", "b" },
                                                                  { "n", "text", "n", named = true }, { "c", "text", "c" }, { "rest", "text", "r", list = true } },
            run = function(a) return ("%s %s %s %s %s"):format(a.a, a.b, a.c, a.n, table.concat(a.rest, ",")) end }
for _, case in ipairs{ { "x y z nil v,w", "x", "y", "z", "v", "w" }, { "nil y nil nil ", nil, "y" }, { "nil nil z nil v,w", nil, nil, "z", "v", nil, "w" },
                       { "x nil z nil ", "x", nil, "z", nil, nil, nil }, { "nil y z n ", { nil, "y", "z", n = "n" } },
                       { "nil nil z nil ", { [3] = "z" } }, { "nil nil nil nil v", nil, nil, nil, "v" } } do
  local text = hv.places(table.unpack(case, 2, 7))[1].text
  assert(text == case[1], text .. " is not " .. case[1])
end
assert(hv.places(nil, "y", { a = "x" })[1].text == "x nil y nil ", "an option's place is nobody's")
assert(not pcall(hv.places, { [0] = "x" }) and not pcall(hv.places, { [1.5] = "x" }) and not pcall(hv.places, { [1 << 30] = "x" }))
assert(select(2, pcall(hv.setmem, nil, "1GiB")).message == "command 'setmem' requires <domain> option")
assert(not pcall(hv.setmem, "test", { [2] = "1GiB", size = "1GiB" }))
hv.setmem("test", "1GiB", { live = true })
assert(hv.dominfo("test").used_memory == 2^30)
assert(math.type(hv.domid("test")) == "integer" and math.type(hv.vcpucount("test", { current = true }).count) == "integer")
hv.setmem{ "test", size = 2 * 1024 * 1024 }
assert(hv.dominfo("test").used_memory == 2 * 2^30)
assert(hv.run("dominfo", "test").name == "test")
assert(hv.echo("a", "b c"):find("a b c"), "the rest of the line")

-- XML: a text that begins with '<' is the document itself, another one a file
hv.define(xml:gsub("<name>test</name>", "<name>second</name>"):gsub("<uuid>.-</uuid>", ""), nil)
assert(#hv.list{ all = true } == 2)
local path = arg[1] .. "/third.xml"
local file = assert(io.open(path, "w"))
file:write((xml:gsub("<name>test</name>", "<name>third</name>"):gsub("<uuid>.-</uuid>", "")))
file:close()
assert(hv.define(path).name == "third")
hv.undefine("second")
hv.undefine("third")

-- what is wrong is an error value
local function fails(...)
  local ok, err = pcall(...)
  assert(not ok)
  return err
end
local err = fails(hv.dominfo, "nosuch")
assert(type(err) == "table" and err.command == "dominfo" and err.status == 1)
assert(err.message:find("failed to get domain 'nosuch'", 1, true) and err.code == 42)
assert(math.type(err.code) == "integer" and math.type(err.domain) == "integer")
assert(tostring(err):find("^dominfo: failed to get domain 'nosuch'"))
err = fails(hv.start, "test")
assert(err.message:find("already active") and err.code == 55 or err.code ~= nil)
assert(fails(hv.dominfo).message:find("requires <domain> option"))
assert(fails(hv.dominfo, "test", "more").message:find("unexpected data 'more'"))
assert(fails(hv.dominfo, { "test", nosuch = true }).message:find("doesn't support option --nosuch", 1, true))
assert(fails(hv.setmem, "test", { size = true }).message:find("option --size needs a value", 1, true))
assert(fails(hv.dominfo, print):find("must be a text or a number, not a function"))
assert(fails(hv.list, { name = { x = 1 } }):find("name must be a text or a list of texts, not a table with names", 1, true))
assert(fails(hv.dominfo, "te\0st"):find("NUL"))
hv.command{ name = "nul", help = "say a NUL byte", run = function() return "a\0b" end }
hv.command{ name = "nuls", help = "a row with a NUL byte", rows = { { "a", "text", "a" } }, run = function() return { { a = "a\0b" } } end }
for _, case in ipairs{ { hv.connect, "te\0st:///default" }, { function() return hv.connect(nil, { name = "a\0b" }) end }, { hv.list, { on = "test\0x" } }, { hv.note, "a\0b" },
                       { hv.confirm, "a\0b" }, { hv.ask, "a\0b" }, { hv.run, "list\0x" }, { function() return hv["li\0st"] end },
                       { hv.list, { ["all\0x"] = true } }, { hv.list, { name = { "a\0b" } } }, { hv.set, { ["yes\0x"] = true } }, { hv.set, { format = "text\0x" } },
                       { hv.wait, "1\0s" }, { hv.wait, { event = "*\0" } }, { hv.wait, { event = "*", domain = "te\0st", timeout = 0 } }, { hv.on, "*\0", print },
                       { hv.parallel, { ["at_once\0"] = 1 } }, { hv.command, { name = "x\0y", help = "x", run = print } }, { hv.nul }, { hv.nuls } } do
  local err = tostring(fails(table.unpack(case)))
  assert(err:find("must not have a NUL byte", 1, true), err)
end
assert(fails(hv.nuls).message:find("'a' of a row must not have", 1, true))
assert(fails(hv.dominfo, { "test", on = 5 }):find("a connection of hv.connect"))
assert(fails(hv.dominfo, { "test", on = "nosuch" }).message:find("no connection is named 'nosuch'"))
assert(fails(hv.dominfo, { "test", help = true }).message:find("hv.help"))
assert(fails(hv.run, "nosuch").message:find("unknown command"))
assert(fails(function() return hv.dominf end):find("did you mean 'dominfo'"))
assert(fails(hv.define, "<domain>").message:find("[Ff]ailed to define domain"))

-- settings and aliases
assert(hv.set{ yes = true } and hv.set("yes")[1].value == "on")
hv.set{ yes = false, format = "text", fail_fast = true }
assert(hv.set("fail-fast")[1].value == "on")
assert(fails(hv.set, { yes = {} }):find("yes must be a text or a number, not a table"))
hv.alias("ll", "list --all")
hv.unalias("ll")

-- many words
local many = {}
for i = 1, 1000 do many[i] = "w" .. i end
assert(#hv.echo(many) > 4000)
