/** Keeping indexes: registered in one step, from which on every commit maintains them, then built from the heads that were there, in batches. */
import { indexEntriesLua } from "./index-entries.ts";
import { script } from "./script.ts";

/**
 * ARGV: prefix · resource name · token of this build, then the definitions wanted. Others are dropped.
 * Answers those that are to be built, each with the token of its build: one that another process builds keeps its own.
 */
export const registerScript = script(`
local prefix, name, token = ARGV[1], ARGV[2], ARGV[3]
local key = prefix .. 'indexes:' .. name
local wanted, answer = {}, {}
for i = 4, #ARGV do
  wanted[ARGV[i]] = true
  redis.call('HSETNX', key, ARGV[i], token)
  local state = redis.call('HGET', key, ARGV[i])
  if state ~= 'ready' then
    answer[#answer + 1] = ARGV[i]
    answer[#answer + 1] = state
  end
end
for _, definition in ipairs(redis.call('HKEYS', key)) do
  if not wanted[definition] then
    redis.call('HDEL', key, definition)
    redis.call('UNLINK', prefix .. 'index:' .. name .. ':' .. definition)
  end
end
return answer
`);

/**
 * ARGV: prefix · resource name · behind which id · how many heads, then pairs of definition and token.
 * Answers the last id that it has read ("" at the end: then the indexes are ready). One that was dropped meanwhile is left out.
 */
export const buildScript = script(String.raw`
${indexEntriesLua}
local prefix, name, after, count = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local registered, key = prefix .. 'indexes:' .. name, prefix .. 'index:' .. name .. ':'
local building = {}
for i = 5, #ARGV, 2 do
  if redis.call('HGET', registered, ARGV[i]) == ARGV[i + 1] then building[ARGV[i]] = cjson.decode(ARGV[i]) end
end
local ids = redis.call('ZRANGEBYLEX', key .. '[]', after == '' and '-' or '(\0' .. after, '+', 'LIMIT', 0, count)
for _, member in ipairs(ids) do
  local head = cjson.decode(redis.call('HGET', prefix .. 'heads', string.sub(member, 2)))
  for definition, keys in pairs(building) do
    local members = {}
    addMembers(members, keys, head)
    for one in pairs(members) do redis.call('ZADD', key .. definition, 0, one) end
  end
end
if #ids == count then return string.sub(ids[#ids], 2) end
for definition in pairs(building) do redis.call('HSET', registered, definition, 'ready') end
return ''
`);

/**
 * ARGV: prefix, then for each state seq, resource id, the record of its head that must be there, and the new one.
 * Answers for each 1 where it was replaced, else 0.
 */
export const reindexScript = script(String.raw`
${indexEntriesLua}
local prefix = ARGV[1]
local log, heads = prefix .. 'log', prefix .. 'heads'
local answer, plans = {}, {}
for i = 2, #ARGV, 4 do
  local seq, id, old, new = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local record = redis.call('HGET', log, seq)
  local before, head, after
  if record then before, head, after = string.match(record, '^([^\n]*\n[^\n]*\n[^\n]*\n)([^\n]*)(\n.*)$') end
  answer[#answer + 1] = head == old and 1 or 0
  if head == old then
    local plan = { seq = seq, id = id, record = before .. new .. after }
    if redis.call('HGET', heads, id) == old then
      plan.head, plan.old, plan.new = new, entriesOf(prefix, old), entriesOf(prefix, new)
      plan.name = cjson.decode(new)[4]
    end
    plans[#plans + 1] = plan
  end
end
for _, plan in ipairs(plans) do
  redis.call('HSET', log, plan.seq, plan.record)
  if plan.head then
    redis.call('HSET', heads, plan.id, plan.head)
    replaceEntries(plan.old, plan.new)
    redis.call('HSET', prefix .. 'reindexed', plan.name, redis.call('HINCRBY', prefix .. 'versions', plan.name, 1))
  end
end
return answer
`);
