/**
 * Writes, all or nothing: a script runs alone and everything that can fail in it comes before its first write. What it did is one
 * transaction in the append-only file, so that a crash leaves all of it or none.
 */
import { indexEntriesLua } from "./index-entries.ts";
import { provisosLua } from "./provisos.ts";
import { script } from "./script.ts";

/**
 * One commit, or the commits of a replay one behind the other, in which a resource may come several times: then each of its writes finds what the one before
 * it left.
 *
 * ARGV: prefix of the keys · the seq behind which it must happen ("" for any) · "1" where this commit may have happened already · how its headers begin · how
 * many writes; then for each write resource id, resource name, how the head's record begins that must be there ("" for none), the same with the fingerprint,
 * record of the new head ("" for a purge), number and record of the revision ("" for none), header, paths, record of the logged revision. For a commit with
 * provisos also: "1" where it is not to be made, only looked at · how many resources it wants unchanged, and for each its id and how its head's record begins
 * ("" for none), then what was searched (`provisos.ts`).
 *
 * Answers 0 and pairs of a place and the head that is there instead: places are those of the writes, and behind them of what is to be unchanged; or 1, the
 * first seq, and for each write the head before it where it is not the one expected by its fingerprint, else ""; or 2 and the first seq where it had happened;
 * or 3 and the newest seq where that is another one; or 4 where a search would find something else by now, perhaps; or 5 where it was only looked at and would be made.
 */
export const commitScript = script(String.raw`
${indexEntriesLua}
local width = 10
local prefix, after, mayHaveHappened, mark, count = ARGV[1], ARGV[2], ARGV[3] == '1', ARGV[4], tonumber(ARGV[5])
local heads, log, revisions = prefix .. 'heads', prefix .. 'log', prefix .. 'revisions'
local function arg(i, place) return ARGV[5 + (i - 1) * width + place] end
local function begins(text, beginning) return string.sub(text, 1, #beginning) == beginning end
${provisosLua}

if mayHaveHappened and count > 0 then
  for _, seq in ipairs(redis.call('ZREVRANGE', prefix .. 'history:' .. arg(1, 1), 0, -1)) do
    if begins(redis.call('HGET', log, seq), mark) then return { 2, tonumber(seq) } end
  end
end

local newest = redis.call('HLEN', log)
if after ~= '' and newest ~= tonumber(after) then return { 3, newest } end

-- Of the write before one on the same resource, where there is one.
local earlier, latest = {}, {}
local current, conflicts = {}, { 0 }
for i = 1, count do
  local id, expected = arg(i, 1), arg(i, 3)
  earlier[i] = latest[id]
  latest[id] = i
  local record
  if earlier[i] then record = arg(earlier[i], 5) else record = redis.call('HGET', heads, id) end
  if record == '' then record = false end
  current[i] = record
  if expected == '' and record or expected ~= '' and not (record and begins(record, expected)) then
    conflicts[#conflicts + 1] = i - 1
    conflicts[#conflicts + 1] = record or ''
  end
end

local at = 5 + count * width + 1
if at < #ARGV then
  local isLook, unchanged = ARGV[at] == '1', tonumber(ARGV[at + 1])
  at = at + 2
  for i = 1, unchanged do
    local record, expected = redis.call('HGET', heads, ARGV[at]), ARGV[at + 1]
    if expected == '' and record or expected ~= '' and not (record and begins(record, expected)) then
      conflicts[#conflicts + 1] = count + i - 1
      conflicts[#conflicts + 1] = record or ''
    end
    at = at + 2
  end
  if #conflicts == 1 then
    if not searchesHold(at) then return { 4 } end
    if isLook then return { 5 } end
  end
end
if #conflicts > 1 then return conflicts end

local old, new = {}, {}
for i = 1, count do
  old[i] = earlier[i] and new[earlier[i]] or entriesOf(prefix, current[i])
  new[i] = entriesOf(prefix, arg(i, 5))
end

local function purge(id)
  local numbers = redis.call('ZRANGE', prefix .. 'numbers:' .. id, 0, -1)
  for _, number in ipairs(numbers) do redis.call('HDEL', revisions, id .. ':' .. number) end
  redis.call('DEL', prefix .. 'numbers:' .. id)
  redis.call('HDEL', heads, id)
  for _, seq in ipairs(redis.call('ZRANGE', prefix .. 'history:' .. id, 0, -1)) do
    local kept = string.match(redis.call('HGET', log, seq), '^[^\n]*\n[^\n]*\n')
    redis.call('HSET', log, seq, kept .. '\n\n')
  end
end

local first = newest + 1
local outcome, names = { 1, first }, {}
for i = 1, count do
  local seq = string.format('%.0f', first + i - 1)
  local id, name, record, number = arg(i, 1), arg(i, 2), arg(i, 5), arg(i, 6)
  local history = prefix .. 'history:' .. id
  local previousSeq = current[i] and redis.call('ZREVRANGE', history, 0, 0)[1] or '0'
  local lines = { arg(i, 8), previousSeq, arg(i, 9), record, arg(i, 10) }
  redis.call('HSET', log, seq, table.concat(lines, '\n'))
  redis.call('ZADD', history, seq, seq)
  redis.call('XADD', prefix .. 'names:' .. name, seq .. '-0', '', '')
  replaceEntries(old[i], new[i])
  if record == '' then
    purge(id)
  else
    redis.call('HSET', heads, id, record)
    if number ~= '' then
      redis.call('HSET', revisions, id .. ':' .. number, arg(i, 7))
      redis.call('ZADD', prefix .. 'numbers:' .. id, number, number)
    end
  end
  names[name] = (names[name] or 0) + 1
  local isExpected = not current[i] or begins(current[i], arg(i, 4))
  outcome[i + 2] = isExpected and '' or current[i]
end
for name, entries in pairs(names) do redis.call('HINCRBY', prefix .. 'versions', name, entries) end
return outcome
`);
