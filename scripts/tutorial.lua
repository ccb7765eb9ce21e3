-- tutorial.lua - the whole job of a host of virtual machines, as one script: check the host, bridge its network, install a guest,
-- look after it, and take everything away again. What was begun is undone when a step fails or Ctrl-C is pressed.
--
--   hvsh [-c URI] tutorial.lua [--name NAME] [--nic NIC] [--bridge BRIDGE] [--location TREE | --cdrom ISO | --import IMAGE]
--                              [--disk FILE] [--size GIB] [--memory MIB] [--extra-args WORDS] [--osinfo OS] [--virt-type TYPE] [--keep]
--
-- Without --disk the new disk is where the host keeps its images; one that the script did not make stays when all else is taken away.
-- Without --nic the host's network stays as it is: the guest is on the network "default", or on QEMU's own under the embedded driver.
-- With it the script asks before it touches the network (hvsh --yes answers beforehand). --keep leaves guest and bridge in place.
local hv = require "hvsh"

-- ---- what is asked for ----

local wanted = { name = "tutorial", bridge = "br0", size = "1", memory = "512", osinfo = "detect=on,require=off" }
local known = { name = 1, nic = 1, bridge = 1, location = 1, cdrom = 1, import = 1, disk = 1, size = 1, memory = 1,
                ["extra-args"] = 1, osinfo = 1, ["virt-type"] = 1, keep = 0 }
do
  local i = 1
  while arg[i] do
    local name = arg[i]:match("^%-%-([%w-]+)$")
    if name == "help" then require "usage" (arg[0]) end
    if not name or not known[name] then
      error(("'%s' is no option of this script: --help lists them"):format(arg[i]), 0)
    end
    if known[name] == 0 then
      wanted[name] = true
    else
      i = i + 1
      wanted[name] = arg[i] or error(("--%s needs a value"):format(name), 0)
    end
    i = i + 1
  end
end

local function step(text, ...)
  print(("\n== " .. text):format(...))
end

local tx <close> = hv.undo()

-- ---- 1. is the host fit? ----

step("is this host fit for guests?")
local bad = 0
for _, check in ipairs(hv.host_check()) do
  if check.severity == "fail" then
    bad = bad + 1
    print(("  %s: %s%s"):format(check.id, check.evidence, check.cure and "; cure: " .. check.cure or ""))
  end
end
print(bad == 0 and "  yes" or ("  %d checks failed"):format(bad))

-- ---- 2. its network ----

local embedded = hv.uri():find("embed", 1, true) ~= nil
local network = embedded and "user" or "network=default"
if wanted.nic then
  step("the bridge %s on %s", wanted.bridge, wanted.nic)
  for _, part in ipairs(hv.bridge_create(wanted.bridge, { port = wanted.nic, forwarding = true, dry_run = true })) do
    print("  " .. (part.what or ""))
  end
  hv.confirm(("give %s to the bridge %s"):format(wanted.nic, wanted.bridge))
  local before = {}
  for _, change in ipairs(hv.network_changes()) do before[change.id] = true end
  hv.bridge_create(wanted.bridge, { port = wanted.nic, forwarding = true, confirm = "checks", yes = true })
  -- forwarding, where it was off, is a change of its own
  for _, change in ipairs(hv.network_changes()) do
    if not before[change.id] and change.what:find("forwarding", 1, true) then
      tx:add(function() hv.network_undo(change.id) end, "forward no packets, as before")
    end
  end
  tx:add(function() hv.bridge_delete(wanted.bridge, { confirm = "checks", yes = true }) end, "take the bridge " .. wanted.bridge .. " away")
  network = "bridge=" .. wanted.bridge
end

-- ---- 3. the guest ----

step("install %s", wanted.name)
local function is_there(path)
  local file = io.open(path)
  if file then file:close() end
  return file ~= nil or (not embedded and pcall(hv.vol_key, path))
end

local made = not wanted.import and not (wanted.disk and is_there(wanted.disk))
local how = {
  name = wanted.name, memory = wanted.memory, vcpus = "1", graphics = "none", network = network, osinfo = wanted.osinfo,
  disk = (wanted.disk and "path=" .. wanted.disk .. "," or "") .. "size=" .. wanted.size,
  noautoconsole = true, wait = "30",
}
if wanted.import then
  how.disk, how.import = "path=" .. wanted.import, true
elseif wanted.cdrom then
  how.cdrom = wanted.cdrom
elseif wanted.location then
  how.location = wanted.location
  how.extra_args = wanted["extra-args"] or "console=tty0 console=ttyS0,115200"
else
  error("say what to install from: --location TREE, --cdrom ISO or --import IMAGE", 0)
end
how.virt_type = wanted["virt-type"]
hv.install(how)
tx:add(function()
  if hv.domstate(wanted.name).state ~= "shut off" then hv.destroy(wanted.name) end
  local disks = made and embedded and hv.domblklist(wanted.name, { details = true }) or {}
  hv.undefine(wanted.name, { nvram = not embedded or nil, remove_all_storage = (made and not embedded) or nil })
  for _, disk in ipairs(disks) do                    -- without a daemon there are no volumes, only files
    if disk.device == "disk" then os.remove(disk.source) end
  end
end, "remove the guest " .. wanted.name)

-- ---- 4. look after it ----

local function state() return hv.domstate(wanted.name).state end
local function wait_for(what, seconds)
  if not hv.wait(function() return state() == what end, { timeout = seconds }) then
    error(("%s is '%s' after %d seconds, not '%s'"):format(wanted.name, state(), seconds, what), 0)
  end
end

step("look after %s", wanted.name)
if state() == "shut off" then hv.start(wanted.name) end
wait_for("running", 30)
local info = hv.dominfo(wanted.name)
print(("  %s: %s, %d MiB, %d CPU%s"):format(info.name, info.state, info.used_memory // 2^20, info.vcpus, info.vcpus == 1 and "" or "s"))

hv.setmem(wanted.name, (info.max_memory * 3 // 4) .. "b", { live = true, config = true })
-- the guest gives its memory back when its balloon driver is there, which takes until it is up
hv.wait(function() return hv.dominfo(wanted.name).used_memory <= info.max_memory * 3 // 4 end, { timeout = 60 })
print(("  memory is %d MiB from now on"):format(hv.dominfo(wanted.name).used_memory // 2^20))

-- a guest hears the power button only when it is up: press it until it does
step("shut it down, and start it again")
local off = hv.wait(function()
  if state() == "shut off" then return true end
  hv.shutdown(wanted.name)
  return false
end, { timeout = 180, every = 5 })
if not off then error(wanted.name .. " does not shut down", 0) end
hv.start(wanted.name)
wait_for("running", 30)
print("  it runs again")

-- ---- 5. the end ----

if wanted.keep then
  tx:keep()
  step("done: %s stays%s", wanted.name, wanted.nic and ", and so does the bridge " .. wanted.bridge or "")
else
  step("take it all away again")
  tx:undo()
  step("done")
end
