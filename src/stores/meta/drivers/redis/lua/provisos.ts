/**
 * Lua, in the script that makes commits: whether what was searched for a commit is so still. A name of another version has entries since, and those are looked at here,
 * as far as Redis can: a head that has not the values which a condition asks for does not satisfy it. So commits that search get on beside others that
 * write the same name.
 *
 * ARGV from `at` on, for each search: resource name · its version then · how many ids were found, and these · how many values the condition asks for, and for each
 * the source, path and type of the field and what the members of the value begin with in an index.
 */
export const provisosLua = String.raw`
-- A search that lies further back is done again.
local mostEntries = 1000

-- What was written of a name behind a version, newest first; nil where that is not known.
local function writtenSince(name, version)
  local now = tonumber(redis.call('HGET', prefix .. 'versions', name) or '0')
  if now == version then return {} end
  if now < version or now - version > mostEntries then return nil end
  if tonumber(redis.call('HGET', prefix .. 'reindexed', name) or '0') > version then return nil end
  local entries = redis.call('XREVRANGE', prefix .. 'names:' .. name, '+', '-', 'COUNT', now - version)
  if #entries < now - version then return nil end
  local written = {}
  for i, entry in ipairs(entries) do
    local lines = redis.call('HGET', log, string.match(entry[1], '^%d+'))
    local header, head = string.match(lines, '^([^\n]*)\n[^\n]*\n[^\n]*\n([^\n]*)\n')
    written[i] = { id = cjson.decode(header)[4], head = head ~= '' and cjson.decode(head) }
  end
  return written
end

local function hasValue(head, point)
  local members = {}
  addMembers(members, { point }, head)
  for member in pairs(members) do
    if begins(member, point.bytes) then return true end
  end
  return false
end

local function isStillSo(written, ids, points)
  if not written then return false end
  if #written > 0 and next(ids) == nil and #points == 0 then return false end
  for _, one in ipairs(written) do
    if ids[one.id] then return false end
    if next(ids) == nil and one.head then
      local hasAll = true
      for _, point in ipairs(points) do hasAll = hasAll and hasValue(one.head, point) end
      if hasAll then return false end
    end
  end
  return true
end

local function searchesHold(at)
  local known = {}
  while at <= #ARGV do
    local name, version, found = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
    local ids, points = {}, {}
    for i = at + 3, at + 2 + found do ids[ARGV[i]] = true end
    at = at + 3 + found
    for base = at + 1, at + tonumber(ARGV[at]) * 4, 4 do
      points[#points + 1] = { ARGV[base], ARGV[base + 1], ARGV[base + 2], 'asc', bytes = ARGV[base + 3] }
    end
    at = at + 1 + #points * 4
    local key = version .. ' ' .. name
    if known[key] == nil then known[key] = writtenSince(name, version) or false end
    if not isStillSo(known[key], ids, points) then return false end
  end
  return true
end
`;
