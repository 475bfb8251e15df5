/** What must happen at once on Redis, in Lua. Keys of one topic share a hash tag, so that a cluster keeps them together. */

/** KEYS stream; ARGV group, entry. */
export const settle = `
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
return redis.call('XDEL', KEYS[1], ARGV[2])`;

/** KEYS stream, waiting; ARGV group, entry, milliseconds to wait, failures, text. Where somebody else has settled the entry, nothing. */
export const putBack = `
if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('XDEL', KEYS[1], ARGV[2])
local now = redis.call('TIME')
local due = now[1] * 1000 + math.floor(now[2] / 1000) + ARGV[3]
return redis.call('ZADD', KEYS[2], due, ARGV[4] .. ':' .. ARGV[2] .. ':' .. ARGV[5])`;

/** KEYS stream, waiting: hands out what has waited long enough, 100 at most. */
export const release = `
local now = redis.call('TIME')
local due = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now[1] * 1000 + math.floor(now[2] / 1000), 'LIMIT', 0, 100)
for _, member in ipairs(due) do
  local failures, text = string.match(member, '^(%d+):[^:]*:(.*)$')
  redis.call('XADD', KEYS[1], '*', 'failures', failures, 'text', text)
  redis.call('ZREM', KEYS[2], member)
end
return #due`;

/** KEYS stream; ARGV group, consumer, entries …: says that these still run here. What another has taken over stays with that. */
export const touch = `
local touched = 0
for index = 3, #ARGV do
  local id = ARGV[index]
  if #redis.call('XPENDING', KEYS[1], ARGV[1], id, id, 1, ARGV[2]) > 0 then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, id, 'JUSTID')
    touched = touched + 1
  end
end
return touched`;

/**
 * KEYS stream; ARGV group, consumer, idle milliseconds, count: takes over what its consumer has not touched for so long, because it ended.
 * Answers entry, how often it was handed out before, failures, text, and so on.
 */
export const takeOver = `
local taken = {}
local idle = redis.call('XPENDING', KEYS[1], ARGV[1], 'IDLE', ARGV[3], '-', '+', ARGV[4])
for _, pending in ipairs(idle) do
  local claimed = redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], pending[1])
  if claimed[1] then
    local fields = claimed[1][2]
    for _, value in ipairs({pending[1], tostring(pending[4]), fields[2], fields[4]}) do taken[#taken + 1] = value end
  else
    redis.call('XACK', KEYS[1], ARGV[1], pending[1])
  end
end
return taken`;

/** KEYS stream; ARGV group, idle milliseconds, own name: forgets consumers that hold nothing and have not been heard of for so long. */
export const forget = `
local gone = 0
for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local of = {}
  for index = 1, #consumer, 2 do of[consumer[index]] = consumer[index + 1] end
  if of.pending == 0 and (of.name == ARGV[3] or of.idle > tonumber(ARGV[2])) then
    gone = gone + 1
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], of.name)
  end
end
return gone`;
