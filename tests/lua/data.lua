-- JSON, XML, commands written in Lua, long results.
local hv = require "hvsh"

-- JSON
local json = hv.json
local function same(text) assert(json.encode(json.decode(text)) == text, text) end
for _, text in ipairs{ "null", "true", "1", "-5", "1.5", '"a\\nb"', "[]", "{}", '[1,"2",null,[],{}]', '{"a":{"b":[1,2]},"c":null}',
                       "9223372036854775807", "-9223372036854775808", '"a\\u0000b"', "1e+300" } do same(text) end
assert(json.encode{ z = 1, a = 2 } == '{"a":2,"z":1}', "keys are in order")
assert(json.encode(0.1) == "0.1" and json.encode(1e300) == "1e+300")
assert(json.decode("[1, 2.5]")[2] == 2.5 and math.type(json.decode("3")) == "integer")
assert(json.decode("null") == json.null)
assert(json.encode({ a = 1 }, { pretty = true }):find("\n"))
for _, wrong in ipairs{ 5, "x", false } do assert(select(2, pcall(json.encode, 1, wrong)):find("table expected, got " .. type(wrong))) end
local loop = {}
loop.loop = loop
for _, bad in ipairs{ { print }, { [1.5] = 1 }, loop, { "\xff" }, { "\xff\0" }, { "\0\xff" }, { 0/0 }, { [true] = 1 }, { 1, 2, [5] = 5 },
                      { 1, [true] = 2 }, { 1, [1.5] = 2 }, { 1, [0] = 2 }, { ["a\0b"] = 1 }, { ["\xff"] = 1 } } do
  assert(not pcall(json.encode, bad))
end
-- an integer that is none of Lua's is a float
for _, text in ipairs{ "9223372036854775808", "-9223372036854775809", "99999999999999999999999999" } do
  local list = json.decode('[1,{"a":' .. text .. "},2]")
  assert(math.type(list[2].a) == "float" and list[2].a == tonumber(text) and list[3] == 2 and json.decode(text) == tonumber(text))
end
assert(json.decode('{"\\"\\u00e4":"\\\\"}')['"\u{e4}'] == "\\" and json.decode(' [ 1E+2 , -0.5e-1 ] ')[2] == -0.05)
assert(select(2, pcall(json.decode, "[99999999999999999999, 2 3]")):find("at character 26"))
for _, bad in ipairs{ "1e400", "-1e400", '{"a\\u0000b":1}', '{"a\\u0000" : 1}' } do assert(not pcall(json.decode, bad), bad) end
for _, bad in ipairs{ "", " ", "{", "[1,]x", "1 2", "nul", '{"a"}', ("["):rep(1000), "[1,]", '{"a":1,}', "{'a':1}", "/*c*/1", "// c\n1", "NaN", "-NaN",
                      "Infinity", "-Infinity", "inf", "True", "NULL", "01", "-01", "1.", ".5", "+1", "-", "1e", "1e+", "0x10", '"a\nb"', '"a\tb"', '"a\0b"',
                      '"\xff"', '"\xc0\x80"', '"\\x"', '"a', '"a\\', "'a'", "{a:1}", "[,]", "[1 2]", "1\0", "99999999999999999999 1",
                      "[1]99999999999999999999", "1\f" } do
  local ok, err = pcall(json.decode, bad)
  assert(not ok and err:find("not JSON"), bad)
end

-- XML
local doc = hv.xml(hv.dumpxml("test"))
assert(doc:first("/domain/name"):text() == "test" and doc:first("name"):name() == "name")
assert(doc:xpath("count(//memory)") == 1 and doc:xpath("string(//name)") == "test" and doc:xpath("1 = 1") == true)
local nodes = doc:xpath("/domain/*")
assert(#nodes > 5 and nodes[1]:name() == "name" and tostring(nodes[1]) == "test")
assert(doc:first("/domain"):attr("type") == "test" and doc:first("/domain"):attr("nosuch") == nil)
assert(doc:first("/nosuch") == nil and #doc:xpath("/nosuch") == 0)
local name = doc:first("/domain/name/text()")
doc:first("/domain/name"):set("other & more")
assert(name:text() == "test", "what was taken out is still there")
doc:first("/domain"):set("type", "qemu"):set("id", nil)
assert(doc:xml():find('<domain type="qemu"') and doc:xml():find("<name>other &amp; more</name>"))
doc:first("//memory"):remove()
assert(not doc:first("//memory"))
local disk = doc:first("/domain/devices"):add('<disk type="file"><target dev="vda"/></disk>')
assert(disk:first("target"):attr("dev") == "vda" and disk:first("target/@dev"):text() == "vda")
disk:first("target/@dev"):set("vdb")
assert(doc:first("//disk[last()]/target"):attr("dev") == "vdb")
local gone = hv.xml("<a><b>text</b></a>"):first("//b")
collectgarbage()
assert(gone:text() == "text", "a node keeps its document")
for _, bad in ipairs{ "", "text", "<a>", "<a></b>", '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>' } do
  local ok, err = pcall(hv.xml, bad)
  assert(not ok and err:find("not XML"), bad)
end
assert(not hv.xml('<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>'):first("/a"):text():find("root"))
assert(not pcall(doc.xpath, doc, "///") and not pcall(doc.first, 5, "/a"))
for expression, why in pairs{ ["//z:b"] = "prefix", ["$v"] = "variable", ["$z:v"] = "prefix", ["document('x')"] = "function", ["z:f()"] = "prefix",
                              ["//b["] = "syntax", ["'a"] = "syntax", ["count()"] = "arguments", ["count(1)"] = "type", ["1 | 2"] = "type", [""] = "syntax" } do
  local ok, err = pcall(doc.xpath, doc, expression)
  assert(not ok and err:find("'" .. expression .. "' is no XPath expression: ", 1, true) and err:find(why), err)
end
assert(#hv.xml('<a xmlns:q="urn:q"><q:b/></a>'):xpath("//x:b", { x = "urn:q" }) == 1)

-- what was removed has neither parent nor siblings, and keeps its namespaces
local tree = hv.xml('<a xmlns:q="urn:q"><b i="1">text<q:c q:d="2"/></b><e i="3"/></a>')
local b, e, i = tree:first("b"), tree:first("e"), tree:first("b/@i")
local c = b:first("*")
c:remove()
i:remove()
b:remove()
b:remove()
e:first("@i"):remove()
e:remove()
for _, node in ipairs{ b, c, e, i, e } do
  for _, up in ipairs{ "..", "../..", "../*", "../@*", "ancestor::node()", "ancestor::*/*", "preceding::node()", "following::node()",
                       "preceding-sibling::node()", "following-sibling::node()" } do
    assert(#node:xpath(up) == 0 and node:first(up) == nil, up)
  end
  assert(node:first("/"):name() == "a" and #node:xpath("ancestor-or-self::node()") == 1)
end
assert(tree:xml() == '<a xmlns:q="urn:q"/>' and c:xml() == '<q:c xmlns:q="urn:q" q:d="2"/>')
b:set("other"):set("i", "4")
assert(b:xml():find('i="4">other</b>') and i:text() == "1" and i:set("5 & 6"):text() == "5 & 6")
assert(not pcall(tree:first("/").remove, tree:first("/")))

-- the collector knows that documents are large: each takes some forty kilobytes
do
  local closed, most = 0, 0
  local text = "<a>" .. ("<b i='1'>text</b>"):rep(60) .. "</a>"
  for n = 1, 2000 do
    setmetatable({}, { __gc = function() closed = closed + 1 end })
    hv.xml(text)
    most = math.max(most, n - closed)
  end
  assert(most < 100, most)
end

-- names and texts that XML has not are refused, and change nothing
local plain = '<a x="0"><b>t</b><!--c--><?p i?></a>'
tree = hv.xml(plain)
local a, comment, instruction = tree:first("/a"), tree:first("comment()"), tree:first("processing-instruction()")
b = a:first("b")
for _, bad in ipairs{ "bad name", "", "\1", "\xff", "a\0b", "1a", ":a", "a:", "a:b:c", "a=", "<a" } do
  for _, call in ipairs{ { a.set, a, bad, "v" }, { a.set, a, bad, nil, n = 4 }, { a.attr, a, bad } } do
    local ok, err = pcall(table.unpack(call, 1, call.n))
    assert(not ok and (err:find("is no name of XML", 1, true) or err:find("byte %d is not UTF%-8")), err)
  end
end
for _, bad in ipairs{ "\1", "\xff", "a\0b", "\u{fffe}", "\xed\xa0\x80", "\xc3" } do
  for _, call in ipairs{ { a.set, a, "x", bad }, { b.set, b, bad }, { a.set, a:first("@x"), bad }, { a.set, b:first("text()"), bad },
                         { a.set, comment, bad }, { a.add, a, "<c>" .. bad .. "</c>" }, { a.xpath, a, bad } } do
    local ok, err = pcall(table.unpack(call))
    assert(not ok and err:find("byte %d is not UTF%-8"), err)
  end
end
for _, call in ipairs{ { a.set, comment, "a--b" }, { a.set, comment, "a-" }, { a.set, instruction, "a?>" }, { a.set, a, "q:x", "v" },
                       { a.set, a, "xmlns", "urn:q" }, { a.set, a, "xmlns:q", "" }, { a.set, a, "xmlns:xml", "urn:q" }, { hv.xml, "<a/>\0<b/>" } } do
  assert(not pcall(table.unpack(call)))
end
assert(tree:xml() == plain)
local odd = "\u{10000}\t\r\n<&>\"']]>--?>"
assert(a:set("x", odd):attr("x") == odd and b:set(odd):text() == odd and hv.xml(tree:xml()):first("b"):text() == odd)
assert(hv.xml('<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe4</a>'):first("/a"):add("<b>ä</b>"):first(".."):text() == "ää")

-- attributes in namespaces: read, set and removed by the same names
tree = hv.xml('<a xmlns:q="urn:q" xmlns:r="urn:q" q:x="1" x="2"/>')
a = tree:first("/a")
assert(a:attr("q:x") == "1" and a:attr("r:x") == "1" and a:attr("x") == "2")
a:set("r:x", "3"):set("x", "4"):set("q:y", "5"):set("xml:lang", "en")
assert(tree:xml() == '<a xmlns:q="urn:q" xmlns:r="urn:q" q:x="3" x="4" q:y="5" xml:lang="en"/>')
a:set("x", nil):set("xml:lang", nil):set("nosuch:x", nil)
assert(a:attr("q:x") == "3" and a:attr("x") == nil and a:attr("xml:lang") == nil)
a:set("q:x", nil)
assert(a:attr("q:x") == nil and a:attr("q:y") == "5" and a:attr("xmlns:q") == "urn:q" and a:attr("xmlns") == nil)
assert(not pcall(a.set, a, "xmlns:q", "urn:other") and not pcall(a.set, a, "xmlns:q", nil))
a:set("xmlns:q", "urn:q"):set("xmlns:s", "urn:s"):set("s:z", "6"):set("xmlns:t", nil)
assert(tree:first("@s:z", { s = "urn:s" }):text() == "6" and tree:xml():find('xmlns:s="urn:s"'))
assert(a:add("<s:c/>"):xpath("namespace-uri()") == "urn:s")
for text, why in pairs{ ["<b/><c/>"] = "more than one XML element", ["text"] = "no XML element", ["<b>"] = "no XML element" } do
  local before = tree:xml()
  local ok, err = pcall(a.add, a, text)
  assert(not ok and err:find(why, 1, true) and tree:xml() == before, err)
end
tree = hv.xml('<a z:x="1"/>')
assert(tree:attr("z:x") == "1" and tree:first("/a"):set("z:x", "2"):attr("z:x") == "2" and tree:xml() == '<a z:x="2"/>')

-- a closed document, also one that the collector has taken before another's finalizer runs
do
  local kept
  do
    local closing <close> = hv.xml("<a><b/></a>")
    kept = { closing, closing:first("b") }
  end
  for _, value in ipairs(kept) do
    for method, arguments in pairs{ xpath = { "/a" }, first = { "/a" }, text = {}, name = {}, attr = { "x" }, xml = {}, set = { "x", "y" },
                                    add = { "<c/>" } } do
      local ok, err = pcall(value[method], value, table.unpack(arguments))
      assert(not ok and err:find("attempt to use a closed document"), err)
    end
  end
  local ok, err = pcall(kept[2].remove, kept[2])
  assert(not ok and err:find("attempt to use a closed document"), err)
  assert(not pcall(kept[2].text))
  getmetatable(kept[1]).__gc(kept[1])
end
local told = {}
local function node_in_finalizer()
  local node
  local object = setmetatable({}, { __gc = function() told[#told + 1] = select(2, pcall(node.text, node)) end })
  node = hv.xml("<a><b>x</b></a>"):first("b")
  return object
end
node_in_finalizer()
collectgarbage()
assert(told[1]:find("attempt to use a closed document"), told[1])
local until_the_end = node_in_finalizer()

assert(not pcall(hv.json.encode, { 1, 2, a = 3 }))

-- commands written in Lua
hv.command{ name = "greet", help = "say hello", group = "script",
            args = { { "who", "domain", "whom", required = true }, { "times", "integer", "how often", fallback = "1" },
                     { "loud", "flag", "shout" }, { "size", "size", "a size" }, { "rest", "text", "more", list = true } },
            rows = { { "who", "text", "whom", label = "Who" }, { "n", "integer", "number", label = "N" }, { "loud", "flag", "shouted" } },
            run = function(a, emit)
              if a.who == "nobody" then error("there is nobody", 0) end
              if a.who == "nosuch" then hv.dominfo("nosuch") end
              if a.who == "bad" then emit{ who = "x", n = "y" } end
              if a.who == "five" then return nil, 5 end
              for i = 1, a.times do emit{ who = a.who .. #a.rest, n = i, loud = a.loud } end
              return { { who = "last", n = a.size } }
            end }
local rows = hv.greet("test", { times = 2, loud = true, size = "1KiB", rest = { "a", "b" } })
assert(#rows == 3 and rows[1].who == "test2" and rows[2].n == 2 and rows[1].loud == true and rows[3].n == 1024)
local ok, err = pcall(hv.greet, "nobody")
assert(not ok and err.message == "there is nobody" and err.command == "greet")
ok, err = pcall(hv.greet, "nosuch")
assert(not ok and err.message:find("failed to get domain"))
ok, err = pcall(hv.greet, "bad")
assert(not ok and err.message:find("'n' of a row must be a whole number, not y"))
local result, status = hv.greet("five")
assert(#result == 0 and status == 5)
assert(hv.help("greet"):find("say hello"))
local results = hv.parallel{ { "greet", "a" }, { "dominfo", "test" }, { "greet", "nobody" } }
assert(results[1][1].who == "a0" and results[2].name == "test" and not results[3])
hv.command{ name = "say", help = "say something", run = function() return "said" end }
assert(hv.say()[1].text == "said")
hv.command{ name = "say", help = "say something else", run = function() return "else" end }
assert(hv.say()[1].text == "else", "a later definition counts")
for _, bad in ipairs{ {}, { name = "x" }, { name = "X", help = "x", run = print }, { name = "x", help = "x" }, { name = "list", help = "x", run = print },
                      { name = "x", help = "x", run = print, args = { { "a", "nosuch" } } }, { name = "x", help = "x", run = print, args = { 5 } },
                      { name = "x", help = "x", run = print, args = { { "a", "text" }, { "a", "text" } } },
                      { name = "x", help = "x", run = print, rows = { { "a", "text", list = true } } } } do
  assert(not pcall(hv.command, bad))
end
-- what was not given is nil, and what was given is never taken for that
hv.command{ name = "count", help = "say what is known", rows = { { "text", "text", "what" } },
            args = { { "integer", "integer", "i" }, { "number", "number", "n" }, { "size", "size", "s" }, { "duration", "duration", "d" },
                     { "time", "time", "t" }, { "percent", "percent", "p" }, { "text", "text", "x" }, { "flag", "flag", "f" },
                     { "default", "integer", "with a fallback", fallback = "3" }, { "list", "integer", "l", list = true } },
            run = function(a, emit)
              for name, value in pairs(a) do
                if type(value) ~= "table" then emit{ text = name .. "=" .. tostring(value) } end
              end
              emit{ text = "list of " .. #a.list }
            end }
local function known(...)
  local texts = {}
  for _, row in ipairs(hv.count(...)) do texts[#texts + 1] = row.text end
  table.sort(texts)
  return table.concat(texts, " ")
end
assert(known() == "default=3 flag=false list of 0", known())
assert(known{ integer = 0, number = 0, size = 0, duration = 0, time = 0, percent = 0, text = "x", flag = true, default = 0, list = { 0 } }
       == "default=0 duration=0 flag=true integer=0 list of 1 number=0.0 percent=0.0 size=0 text=x time=0")
assert(known{ integer = math.mininteger } == "default=3 flag=false integer=" .. math.mininteger .. " list of 0")

-- what is wrong with it, and where
for _, case in ipairs{ { { args = "x" }, "args must be an array of { name, type, help }, not x" },
                       { { args = { "x", "text" } }, "args[1] must be a table { name, type, help }, not x" },
                       { { args = { { "a", "text" }, { "x" } } }, "args[2] lacks its type: a field is" },
                       { { args = { { name = "x", type = "text" } } }, "args[1] lacks its name: a field is" },
                       { { rows = { { "x", "domian" } } }, "rows[1] 'x': there is no type 'domian': did you mean 'domain'?" },
                       { { args = { { "x", "text", "a text", requird = true } } }, "args[1] 'x' has no member 'requird': did you mean 'required'?" },
                       { { args = { { "x", "integer", "how many", fallback = 3 } } }, "args[1] 'x': fallback must be a text" },
                       { { arg = {} }, "a command has no member 'arg': did you mean 'args'?" },
                       -- the same check as of a plugin's tables
                       { { name = "Bad" }, "a command's name is small letters" },
                       { { args = { { "X", "text" } } }, "bad: argument 'X': a name is small letters" },
                       { { args = { { "x", "text" }, { "x", "text" } } }, "argument 'x' stands there twice" },
                       { { rows = { { "x", "text" }, { "x", "text" } } }, "column 'x' stands there twice" },
                       { { args = { { "on", "text" } } }, "argument 'on': hv gives on to the command itself" },
                       { { args = { { "json", "text" } } }, "argument 'json': the shell gives --json to the command itself" },
                       { { args = { { "a", "text" }, { "b", "text", required = true } } }, "argument 'b' is required and stands behind 'a', which is not" },
                       { { args = { { "a", "text", list = true }, { "b", "text" } } }, "'b' can never be given by position behind 'a'" },
                       { { args = { { "a", "flag", required = true } } }, "argument 'a': only a value without a fallback can be required" },
                       { { args = { { "a", "integer", fallback = "many" } } }, "the fallback 'many' is no value of it" },
                       { { args = { { "a", "size", unit = "ells" } } }, "'ells' is no unit of size" },
                       { { destructive = "kill {who}" }, "its template names 'who', which is not there" } } do
  case[1].name, case[1].help, case[1].run = case[1].name or "bad", "a bad one", print
  local ok, why = pcall(hv.command, case[1])
  assert(not ok and why:find(case[2], 1, true), why)
end

-- what is destructive is asked for before it runs, whatever its function does
local killed = {}
hv.command{ name = "kill", help = "kill some", destructive = "kill {who} {times} times",
            args = { { "who", "text", "whom", required = true }, { "times", "integer", "how often", fallback = "1" } },
            run = function(a) killed[#killed + 1] = a.who; return "killed" end }
hv.command{ name = "kill-all", help = "kill all", destructive = true, run = function() killed[#killed + 1] = "all" end }
ok, err = pcall(hv.kill, "a", { times = 2 })
assert(not ok and err.message == "nobody said yes to: kill a 2 times", err)
ok, err = pcall(hv.kill_all)
assert(not ok and err.message == "nobody said yes to: run kill-all", err)
assert(#killed == 0)
assert(hv.kill("c", { yes = true })[1].text == "killed" and hv.kill_all{ yes = true } and #killed == 2)

-- rows that do not fit are told by their field
for _, case in ipairs{ { "integer", { a = "x" }, "'a' of a row must be a whole number, not x" }, { "size", { a = 1.5 }, "must be a whole number, not 1.5" },
                       { "size", { a = -1 }, "'a' of a row must not be less than nothing, as -1 is" },
                       { "number", { a = true }, "'a' of a row must be a number, not true" }, { "number", "text", "must be a table of its fields, not text" } } do
  hv.command{ name = "wrong", help = "rows that do not fit", rows = { { "a", case[1], "a" } }, run = function() return { case[2] } end }
  local ok, why = pcall(hv.wrong)
  assert(not ok and tostring(why):find(case[3], 1, true), why)
end

-- ten thousand rows
hv.command{ name = "many", help = "many rows", args = { { "count", "integer", "how many", required = true } },
            rows = { { "n", "integer", "number" }, { "name", "text", "name" }, { "half", "number", "half of it" } },
            run = function(a, emit) for i = 1, a.count do emit{ n = i, name = "row" .. i, half = i / 2 } end end }
local many = hv.many(10000)
assert(#many == 10000 and many[10000].name == "row10000" and many[9999].half == 4999.5)
