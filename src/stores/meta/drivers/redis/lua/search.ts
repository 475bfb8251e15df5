/** Reads a batch of heads that a search may want, from the index that promises the least work. */
import { standing } from "../index-definition.ts";
import { script } from "./script.ts";

/**
 * ARGV: prefix of the keys · resource name · what was chosen before (-1: choose) · in which of its ranges to go on · behind which member ·
 * how many heads the caller needs (negative: none, only their number) · how many to read at most (0: all) · the number of sets of candidates; for each "1" where all
 * that it holds satisfies the condition, the number of its ranges, and for each range index, min, max; then walks in the order wanted, for each index, min, max,
 * "1" where values descend, "1" where ids descend, and behind which member it begins.
 *
 * Answers what was chosen (a set, or behind all sets a walk), the version of the name's heads, how many members the smallest set holds,
 * in which range to go on (0: nothing is left), behind which member, and records of heads; instead of a range -1, and no heads, where only the number is
 * needed and the set is exact.
 *
 * In an index the members of one value stand by ascending ids. To read values descending and ids ascending, or the other way round, takes two calls for
 * each value.
 */
export const searchScript = script(String.raw`
local prefix, name, chosen, rangeAt, start = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local needed, limit = tonumber(ARGV[6]), tonumber(ARGV[7])
local isWhole = limit == 0
if isWhole then limit = 1e15 end
local indexKey = prefix .. 'index:' .. name .. ':'

local sets, at = {}, 9
for i = 1, tonumber(ARGV[8]) do
  local set = { isExact = ARGV[at] == '1', ranges = {} }
  for r = 1, tonumber(ARGV[at + 1]) do
    local base = at + 2 + (r - 1) * 3
    set.ranges[r] = { index = ARGV[base], min = ARGV[base + 1], max = ARGV[base + 2] }
  end
  at = at + 2 + #set.ranges * 3
  sets[i] = set
end
local walks = {}
for base = at, #ARGV, 6 do
  walks[#walks + 1] = {
    index = ARGV[base], min = ARGV[base + 1], max = ARGV[base + 2],
    valuesDescend = ARGV[base + 3] == '1', idsDescend = ARGV[base + 4] == '1', start = ARGV[base + 5]
  }
end

-- These need no building.
local always = { ['[]'] = true, deleted = true, ${standing.map((one) => `['${one}'] = true`).join(", ")} }
local function isReady(index)
  if always[index] == nil then always[index] = redis.call('HGET', prefix .. 'indexes:' .. name, index) == 'ready' end
  return always[index]
end
local function sizeOf(range)
  return redis.call('ZLEXCOUNT', indexKey .. range.index, range.min, range.max)
end

-- A head too many costs less than another step.
local spare = 4
local size = 0
if chosen == -1 then
  for i, set in ipairs(sets) do
    local total = 0
    for _, range in ipairs(set.ranges) do
      total = total and isReady(range.index) and total + sizeOf(range)
    end
    if total and (chosen == -1 or total < size or total == size and set.isExact) then chosen, size = i, total end
  end
  local best, all
  for i, walk in ipairs(walks) do
    if isReady(walk.index) then
      local total = sizeOf(walk)
      if not best or total < all then best, all = i, total end
    end
  end
  if best then
    -- Of the heads on the way this part at most satisfies the condition.
    local expected = math.min(all, needed * all / math.max(size, 1))
    if expected <= size then
      chosen, start = #sets + best, walks[best].start
      if not isWhole then limit = math.min(limit, math.ceil(expected) + spare) end
    end
  end
end
local order = walks[chosen - #sets]

local members = {}
local function append(found)
  for _, member in ipairs(found) do members[#members + 1] = member end
end

local function readForward(range, from, count)
  append(redis.call('ZRANGEBYLEX', indexKey .. range.index, from or range.min, range.max, 'LIMIT', 0, count))
end
local function readBackward(range, from, count)
  append(redis.call('ZREVRANGEBYLEX', indexKey .. range.index, from or range.max, range.min, 'LIMIT', 0, count))
end

local function readGroups(range)
  local key, down = indexKey .. range.index, order.valuesDescend
  local low, high = range.min, range.max
  local function readGroup(group, from)
    local whole = { index = range.index, min = '(' .. group, max = '(' .. group .. '\255' }
    if down then
      readForward(whole, from, limit - #members)
      high = '(' .. group
    else
      readBackward(whole, from, limit - #members)
      low = '[' .. group .. '\255'
    end
  end
  if start ~= '' then readGroup(string.match(start, '^.*%z'), '(' .. start) end
  while #members < limit do
    local next = down and redis.call('ZREVRANGEBYLEX', key, high, low, 'LIMIT', 0, 1)
      or redis.call('ZRANGEBYLEX', key, low, high, 'LIMIT', 0, 1)
    if not next[1] then return end
    readGroup(string.match(next[1], '^.*%z'))
  end
end

local goOn = 0
local isCounted = needed < 0 and sets[chosen].isExact
local from = start ~= '' and '(' .. start or nil
if isCounted then
  goOn = -1
elseif order then
  if order.valuesDescend ~= order.idsDescend then readGroups(order)
  elseif order.valuesDescend then readBackward(order, from, limit)
  else readForward(order, from, limit) end
  if #members == limit then goOn = 1 end
else
  local ranges = sets[chosen].ranges
  for i = rangeAt, #ranges do
    readForward(ranges[i], from, limit - #members)
    from = nil
    if #members == limit then
      goOn = i
      break
    end
  end
end

local version = redis.call('HGET', prefix .. 'versions', name) or '0'
local last = string.gsub(members[#members] or '', '.', function(c) return string.format('%02x', string.byte(c)) end)
local answer = { chosen, version, size, goOn, last }
for first = 1, #members, 1000 do
  local ids = {}
  for i = first, math.min(first + 999, #members) do ids[#ids + 1] = string.match(members[i], '^.*%z(.*)$') end
  for _, record in ipairs(redis.call('HMGET', prefix .. 'heads', unpack(ids))) do
    if record then answer[#answer + 1] = record end
  end
end
return answer
`);
