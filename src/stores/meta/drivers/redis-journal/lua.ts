/**
 * The scripts of the journal. Whatever can fail in one comes before its first write, and what it did is one transaction in the append-only file. Those
 * with `allow-oom` run where memory is full: they are what makes room again.
 */
import { type Script, script } from "../redis/lua/script.ts";

/** What is acknowledged is on disk: an epoch outlives the server. */
const durableEpoch = "local function named(epoch) return epoch end";

/** A server that starts again may have lost what it had acknowledged: each of its lives has epochs of its own. */
const volatileEpoch = `local function named(epoch)
  return epoch and epoch .. '@' .. string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
end`;

export interface JournalScripts {
  /** ARGV: prefix of the keys · name of the epoch to begin · seq · the epoch that it may replace, "" for none. Answers the state. */
  readonly start: Script;
  /**
   * ARGV: prefix · "1" where this append may have happened already · token · epoch · readAt · width · text · how many keys it rests on only · how many it
   * touches only, then the keys: those first, these last.
   * Answers its first seq; or 0 where it is refused, not having happened; or -1 where it is refused and may have happened.
   */
  readonly append: Script;
  /** ARGV: prefix · seq · limit. Answers the state and the records whose last seq is at least that one; nil where there is no epoch. */
  readonly read: Script;
  /**
   * ARGV: prefix · epoch · seq · how many moved records to remember · how many records and keys to forget at most.
   * How many are pending is told by the number of the record in its id, and the horizon by the oldest that is left.
   */
  readonly moved: Script;
}

export function journalScripts(isVolatile: boolean): JournalScripts {
  const named = isVolatile ? volatileEpoch : durableEpoch;
  return {
    start: script(startLua(named)),
    append: script(appendLua(named)),
    read: script(readLua(named)),
    moved: script(movedLua(named)),
  };
}

const startLua = (named: string) => `#!lua
${named}
local prefix, epoch, seq, instead = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local function state()
  local fields = redis.call('HMGET', prefix .. 'state', 'epoch', 'last', 'moved', 'horizon')
  fields[1] = named(fields[1])
  return fields
end
local found = state()
if found[1] and not (found[1] == instead and found[2] == found[3]) then return found end
redis.call('DEL', prefix .. 'records', prefix .. 'touched')
redis.call('HSET', prefix .. 'state', 'epoch', epoch, 'last', seq, 'moved', seq, 'horizon', seq, 'count', 0)
redis.call('SETNX', prefix .. 'format', '1')
return state()
`;

const appendLua = (named: string) => `#!lua
${named}
local prefix, mayHaveHappened, token = ARGV[1], ARGV[2] == '1', ARGV[3]
local epoch, readAt, width, text = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
local firstTouched, lastRested = 10 + tonumber(ARGV[8]), #ARGV - tonumber(ARGV[9])
local touched = prefix .. 'touched'
if mayHaveHappened then
  local last = redis.call('ZSCORE', touched, token)
  if last then return tonumber(last) - width + 1 end
end
local state = redis.call('HMGET', prefix .. 'state', 'epoch', 'last', 'horizon', 'count')
if named(state[1]) ~= epoch or readAt < tonumber(state[3]) or readAt > tonumber(state[2]) then return mayHaveHappened and -1 or 0 end
for i = 10, lastRested do
  local at = redis.call('ZSCORE', touched, ARGV[i])
  if at and tonumber(at) > readAt then return 0 end
end

local first = tonumber(state[2]) + 1
local last = string.format('%.0f', first + width - 1)
local count = string.format('%.0f', tonumber(state[4]) + 1)
redis.call('XADD', prefix .. 'records', last .. '-' .. count, 'width', ARGV[6], 'text', text)
redis.call('HSET', prefix .. 'state', 'last', last, 'count', count)
local scores = { last, token }
for i = firstTouched, #ARGV do
  scores[#scores + 1] = last
  scores[#scores + 1] = ARGV[i]
  if #scores == 2000 then
    redis.call('ZADD', touched, unpack(scores))
    scores = {}
  end
end
if #scores > 0 then redis.call('ZADD', touched, unpack(scores)) end
return first
`;

const readLua = (named: string) => `#!lua flags=no-writes
${named}
local prefix, from, limit = ARGV[1], ARGV[2], ARGV[3]
local state = redis.call('HMGET', prefix .. 'state', 'epoch', 'last', 'moved', 'horizon')
if not state[1] then return false end
state[1] = named(state[1])
local records = limit == '0' and {} or redis.call('XRANGE', prefix .. 'records', from, '+', 'COUNT', limit)
return { state, records }
`;

const movedLua = (named: string) => `#!lua flags=allow-oom
${named}
local prefix, epoch, seq, remembered, most = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local records, touched = prefix .. 'records', prefix .. 'touched'
local state = redis.call('HMGET', prefix .. 'state', 'epoch', 'moved', 'count')
if named(state[1]) ~= epoch or tonumber(seq) < tonumber(state[2]) then return 0 end
local record = redis.call('XRANGE', records, seq, seq)[1]
if not record then return 0 end
local pending = tonumber(state[3]) - tonumber(string.match(record[1], '%d+$'))
local length = redis.call('XLEN', records)
local surplus = math.min(length - pending - remembered, most)
if surplus > 0 then redis.call('XTRIM', records, 'MAXLEN', '=', length - surplus) end
local oldest = redis.call('XRANGE', records, '-', '+', 'COUNT', 1)[1]
local horizon = string.format('%.0f', tonumber(string.match(oldest[1], '^%d+')) - tonumber(oldest[2][2]))
redis.call('HSET', prefix .. 'state', 'moved', seq, 'horizon', horizon)
local forgotten = math.min(redis.call('ZCOUNT', touched, '-inf', horizon), most)
if forgotten > 0 then redis.call('ZREMRANGEBYRANK', touched, 0, forgotten - 1) end
return 1
`;

/** ARGV: prefix · owner · milliseconds. Answers 1 where the owner has it. No key expires by itself: Redis may throw such keys away where memory is full. */
export const leaseScript = script(`#!lua flags=allow-oom
local key, owner = ARGV[1] .. 'lease', ARGV[2]
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local held = redis.call('HMGET', key, 'owner', 'until')
if held[1] and held[1] ~= owner and tonumber(held[2]) > now then return 0 end
redis.call('HSET', key, 'owner', owner, 'until', string.format('%.0f', now + tonumber(ARGV[3])))
return 1
`);

/** ARGV: prefix · owner. */
export const releaseScript = script(`#!lua flags=allow-oom
if redis.call('HGET', ARGV[1] .. 'lease', 'owner') == ARGV[2] then redis.call('DEL', ARGV[1] .. 'lease') end
`);
