/** Reads of the log and of histories, each in one step of Redis. */
import { script } from "./script.ts";

/**
 * ARGV: prefix · after · limit · resource id ("" for any) · "1" where only some names are asked for, then these names.
 * Answers triples: seq, record of the entry, and record of the head before where its entry is not among them.
 */
export const changesScript = script(String.raw`
local prefix, after, limit, id, isNamed = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5] == '1'
local log = prefix .. 'log'
local seqs = {}

local function ofNames()
  local known = {}
  for i = 6, #ARGV do
    if not known[ARGV[i]] then
      known[ARGV[i]] = true
      local from = string.format('(%.0f-%s', after, '18446744073709551615')
      for _, entry in ipairs(redis.call('XRANGE', prefix .. 'names:' .. ARGV[i], from, '+', 'COUNT', limit)) do
        seqs[#seqs + 1] = tonumber(string.match(entry[1], '^%d+'))
      end
    end
  end
  table.sort(seqs)
end

local function ofResource()
  local names = {}
  for i = 6, #ARGV do names[ARGV[i]] = true end
  local from = string.format('(%.0f', after)
  for _, seq in ipairs(redis.call('ZRANGEBYSCORE', prefix .. 'history:' .. id, from, '+inf')) do
    if #seqs == limit then return end
    local header = isNamed and cjson.decode(string.match(redis.call('HGET', log, seq), '^[^\n]*'))
    if not isNamed or names[header[3]] then seqs[#seqs + 1] = tonumber(seq) end
  end
end

if limit > 0 then
  if id ~= '' then ofResource()
  elseif isNamed then ofNames()
  else
    for seq = after + 1, math.min(after + limit, redis.call('HLEN', log)) do seqs[#seqs + 1] = seq end
  end
end

local answer, isHere = {}, {}
for i = 1, math.min(#seqs, limit) do
  local seq = string.format('%.0f', seqs[i])
  local record = redis.call('HGET', log, seq)
  local before = string.match(record, '^[^\n]*\n([^\n]*)')
  local head = ''
  if before ~= '0' and not isHere[before] then
    head = string.match(redis.call('HGET', log, before), '^[^\n]*\n[^\n]*\n[^\n]*\n([^\n]*)')
  end
  isHere[seq] = true
  answer[#answer + 1] = seq
  answer[#answer + 1] = record
  answer[#answer + 1] = head
end
return answer
`);

/** ARGV: prefix · limit · min and max of the numbers · "1" from the oldest, then resource ids. Answers for each its records, newest first. */
export const revisionPagesScript = script(`
local prefix, limit, min, max, fromOldest = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5] == '1'
local answer = {}
for i = 6, #ARGV do
  local key, page = prefix .. 'numbers:' .. ARGV[i], {}
  local numbers = fromOldest and redis.call('ZRANGEBYSCORE', key, min, max, 'LIMIT', 0, limit)
    or redis.call('ZREVRANGEBYSCORE', key, max, min, 'LIMIT', 0, limit)
  for n, number in ipairs(numbers) do
    local place = fromOldest and #numbers + 1 - n or n
    page[place] = redis.call('HGET', prefix .. 'revisions', ARGV[i] .. ':' .. number)
  end
  answer[#answer + 1] = page
end
return answer
`);

/** ARGV: prefix · resource id. Answers the records of its revisions, and those of its entries. */
export const resourceRecordsScript = script(`
local prefix, id = ARGV[1], ARGV[2]
local revisions, entries = {}, {}
for i, number in ipairs(redis.call('ZRANGE', prefix .. 'numbers:' .. id, 0, -1)) do
  revisions[i] = redis.call('HGET', prefix .. 'revisions', id .. ':' .. number)
end
for i, seq in ipairs(redis.call('ZRANGE', prefix .. 'history:' .. id, 0, -1)) do
  entries[i] = redis.call('HGET', prefix .. 'log', seq)
end
return { revisions, entries }
`);

/**
 * ARGV: prefix · resource name · fingerprint as JSON · after · limit · how many entries to look at.
 * Answers up to which seq it has looked (-1: to the end), then pairs of seq and record of the head.
 */
export const staleStatesScript = script(String.raw`
local prefix, name, fingerprint, after = ARGV[1], ARGV[2], cjson.decode(ARGV[3]), ARGV[4]
local limit, scanned = tonumber(ARGV[5]), tonumber(ARGV[6])
local from = '(' .. after .. '-18446744073709551615'
local entries = redis.call('XRANGE', prefix .. 'names:' .. name, from, '+', 'COUNT', scanned)
local answer = { #entries < scanned and '-1' or string.match(entries[#entries][1], '^%d+') }
for _, entry in ipairs(entries) do
  if #answer > limit * 2 then break end
  local seq = string.match(entry[1], '^%d+')
  local head = string.match(redis.call('HGET', prefix .. 'log', seq), '^[^\n]*\n[^\n]*\n[^\n]*\n([^\n]*)')
  if head ~= '' and cjson.decode(head)[2] ~= fingerprint then
    answer[#answer + 1] = seq
    answer[#answer + 1] = head
  end
end
return answer
`);
