/**
 * Lua, in front of every script that writes heads: the index entries of a head, made in Redis itself, so that a head is indexed by what is
 * registered there at that moment, whatever process writes it. `../values.ts` says what the bytes are.
 */
import { standing } from "../index-definition.ts";

const functions = String.raw`
local function invert(bytes)
  return (string.gsub(bytes, '.', function(c) return string.char(255 - string.byte(c)) end))
end

local function numberBytes(number)
  if number == 0 then number = 0 end
  local bytes = struct.pack('>d', number)
  local first = string.byte(bytes)
  if first >= 128 then return invert(bytes) end
  return string.char(first + 128) .. string.sub(bytes, 2)
end

local function bigintBytes(text)
  local sign, digits = string.match(text, '^(-?)0*(%d*)$')
  local bytes = struct.pack('>I4', #digits) .. digits
  if sign == '-' and digits ~= '' then return '\1' .. invert(bytes) end
  return '\2' .. bytes
end

local function unit(code)
  return string.char(224 + math.floor(code / 4096), 128 + math.floor(code / 64) % 64, 128 + code % 64)
end

local function surrogates(bytes)
  local a, b, c, d = string.byte(bytes, 1, 4)
  local code = (a % 8) * 262144 + (b % 64) * 4096 + (c % 64) * 64 + d % 64 - 65536
  return unit(55296 + math.floor(code / 1024)) .. unit(56320 + code % 1024)
end

local function timeBytes(text)
  if not string.find(text, '[\128-\255]') then return string.sub(text, 1, -2) end
  text = string.gsub(text, '[\240-\247][\128-\191][\128-\191][\128-\191]', surrogates)
  return (string.gsub(text, '[%z\1-\127\192-\255][\128-\191]*$', '', 1))
end

local function component(value, kind)
  local is = type(value)
  if kind == 'number' then
    if is == 'number' then return '\1' .. numberBytes(value) end
  elseif kind == 'boolean' then
    if is == 'boolean' then return value and '\0011' or '\0010' end
  elseif is == 'string' then
    if kind == 'time' then return '\1' .. timeBytes(value) .. '\0' end
    if kind ~= 'bigint' then return '\1' .. value .. '\0' end
    if string.find(value, '^-?%d+$') then return '\1' .. bigintBytes(value) end
  end
  return '\2'
end

local function element(value)
  local is = type(value)
  if is == 'string' then return '\1s' .. value .. '\0' end
  if is == 'number' then return '\1n' .. numberBytes(value) end
  if is == 'boolean' then return value and '\1b1' or '\1b0' end
  if value == cjson.null then return '\1z' end
end

local places = {
  etag = 1, resourceId = 3, resourceName = 4, currentRevisionId = 5, schemaVersion = 6, totalRevisionCount = 7,
  createdTime = 8, updatedTime = 9, createdBy = 10, updatedBy = 11, isDeleted = 12
}

local function fieldValue(head, source, path)
  if source == 'meta' then return head[places[path] or 0] end
  return head[13][path]
end

local function addMembers(members, keys, head)
  local kind = keys[1][3]
  local tail = '\0' .. head[3]
  if kind == 'list' or kind == 'json' then
    local value = fieldValue(head, keys[1][1], keys[1][2])
    if value == cjson.null then value = nil end
    local elements = kind == 'json' and { value } or (type(value) == 'table' and value or {})
    for _, one in ipairs(elements) do
      local bytes = element(one)
      if bytes then members[bytes .. tail] = true end
    end
    return
  end
  local components = {}
  for i, key in ipairs(keys) do
    local bytes = component(fieldValue(head, key[1], key[2]), key[3])
    components[i] = key[4] == 'desc' and invert(bytes) or bytes
  end
  members[table.concat(components) .. tail] = true
end

local definitionsByName = {}

local function definitionsOf(prefix, name)
  local known = definitionsByName[name]
  if known then return known end
  known = {}
  for definition, keys in pairs(standing) do known[definition] = keys end
  for _, definition in ipairs(redis.call('HKEYS', prefix .. 'indexes:' .. name)) do
    known[definition] = cjson.decode(definition)
  end
  definitionsByName[name] = known
  return known
end

-- By key, a set of members.
local function entriesOf(prefix, record)
  local entries = {}
  if not record or record == '' then return entries end
  local head = cjson.decode(record)
  local key = prefix .. 'index:' .. head[4] .. ':'
  entries[key .. '[]'] = { ['\0' .. head[3]] = true }
  if head[12] == true then entries[key .. 'deleted'] = { ['\0' .. head[3]] = true } end
  for definition, keys in pairs(definitionsOf(prefix, head[4])) do
    local members = {}
    addMembers(members, keys, head)
    entries[key .. definition] = members
  end
  return entries
end

local function replaceEntries(old, new)
  for key, members in pairs(old) do
    local kept = new[key]
    for member in pairs(members) do
      if not (kept and kept[member]) then redis.call('ZREM', key, member) end
    end
  end
  for key, members in pairs(new) do
    local present = old[key]
    for member in pairs(members) do
      if not (present and present[member]) then redis.call('ZADD', key, 0, member) end
    end
  end
end
`;

const standingKeys = standing.map((definition) => {
  const keys = (JSON.parse(definition) as string[][]).map((key) => `{${key.map((part) => `'${part}'`).join(", ")}}`);
  return `  ['${definition}'] = {${keys.join(", ")}},`;
});

export const indexEntriesLua = `local standing = {\n${standingKeys.join("\n")}\n}\n${functions}`;
