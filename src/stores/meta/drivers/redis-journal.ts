/**
 * The journal on a Redis server (7 or newer), through ioredis. A call is one Lua script, and those of one moment are sent together.
 *
 * Order: Redis runs one script at a time, so appends happen one after the other. With `appendfsync always` an append is acknowledged when it is on disk,
 * together with all that came in the same moment. The epoch lies beside the records: whoever empties Redis has ended it, and
 * where less than `always` is promised, so has each start of Redis.
 *
 * A call whose connection was lost is sent again. An append has a token, by which Redis finds out whether it has happened; where it cannot tell any more,
 * the answer is STORE_UNAVAILABLE, never a refusal.
 *
 * Memory: records that are pending, and about a thousand that have moved; 0.3 KB and the text each, 0.15 KB for each key. Where it is full, appends answer STORE_UNAVAILABLE and
 * all other calls go on, so that moving records makes room.
 *
 * The layout, of which `format` is the version. All keys begin with `{weft:<namespace>}:journal:`, whose hash tag keeps them together in a cluster.
 *
 * | Key       | Type       | Holds                                                                                                              |
 * | --------- | ---------- | ------------------------------------------------------------------------------------------------------------------ |
 * | `format`  | string     | `1`                                                                                                                |
 * | `state`   | hash       | epoch, last, moved, horizon, and `count`, how many records the epoch has had                                       |
 * | `records` | stream     | `<last seq>-<its number in the epoch>` → width, text (`redis-journal/texts.ts`)                                     |
 * | `touched` | sorted set | keys and tokens (`#…`) → last seq of the newest record that touched them; behind the horizon, but for some leavings |
 * | `lease`   | hash       | owner, and until when, in epoch milliseconds of Redis' clock                                                       |
 */
import type { Journal } from "../journal.ts";
import { readOptions } from "./redis/url.ts";

export interface RedisJournalOptions {
  /**
   * `redis://user:password@host:port/database`, or `rediss://` for TLS. `?namespace=` keeps journals on one server apart (letters, digits, `.`, `_`, `-`);
   * a meta store may lie in the same. `?durability=always|everysec|none` says what Redis must be set to, at least.
   * @default namespace "weft", durability "always"
   */
  readonly url: string;
  /** How long a call may take, waiting for a lost connection included, in milliseconds. @default 10000 */
  readonly deadlineMs?: number;
}

/**
 * Connects, waiting at most 5 seconds. A connection that is lost later is made anew; calls wait for it until their deadline, then answer STORE_UNAVAILABLE.
 *
 * Its `durability` is what Redis was set to when it was opened, which may be more than was asked for.
 *
 * @throws ConfigurationError where the URL is wrong, Redis is not durable as wanted, or a newer release has written there; STORE_UNAVAILABLE with the reason
 *   where the server cannot be used. The password is in neither.
 */
export async function redisJournal(options: RedisJournalOptions): Promise<Journal> {
  const { deadlineMs = 10_000 } = options;
  const { where, durability, server, prefix } = readOptions(options.url);
  const [{ connect }, { openRedis }, { durabilityInForce }, { journalOn }] = await Promise.all([
    import("./redis/connection.ts"),
    import("./redis/open-redis.ts"),
    import("./redis/durability.ts"),
    import("./redis-journal/journal-on.ts"),
  ]);
  const connection = await openRedis({
    where,
    durability,
    format: "1",
    connect: () => connect({ server, prefix: `${prefix}journal:`, deadlineMs, isBatched: true }),
  });
  try {
    return journalOn(connection, await connection.call((redis) => durabilityInForce(redis, durability)));
  } catch (error) {
    await connection.close();
    throw error;
  }
}
