/**
 * The meta store on a Redis server (7 or newer), through ioredis. A write is one Lua script: compare, number, write, index.
 *
 * Order: Redis runs one script at a time, so commits happen one after the other; an entry's seq is the length of the log then. Readers
 * see a commit as soon as it is made, which with `appendfsync always` is an instant before it is acknowledged and on disk. A replay is one script too: 500
 * commits of one write, with a dozen index entries each, hold Redis up for 40 ms, in which it answers nobody; so whoever replays sends no more at once.
 *
 * A search is a walk of one index in Redis, whose heads are then judged here (`redis/searches.ts`); it is one snapshot. Redis keeps everything in memory: a
 * resource with one revision takes about 3.3 KB, each further change 1.8 KB, each index entry (one a field, one an element of a list) 0.17 KB.
 *
 * The layout, of which `format` is the version. All keys begin with `{weft:<namespace>}:`, a hash tag, by which a cluster keeps them together.
 *
 * | Key                         | Type       | Holds                                                                            |
 * | --------------------------- | ---------- | -------------------------------------------------------------------------------- |
 * | `format`                    | string     | `1`                                                                              |
 * | `heads`                     | hash       | resource id → head (`redis/records.ts`)                                          |
 * | `revisions`                 | hash       | revision id → revision                                                           |
 * | `numbers:<resource id>`     | sorted set | its revisions' numbers                                                           |
 * | `log`                       | hash       | seq → entry; the head before it is that of the entry it names                    |
 * | `history:<resource id>`     | sorted set | seqs of its entries, earlier lives included                                      |
 * | `names:<resource name>`     | stream     | seqs of its entries, as `<seq>-0`                                                |
 * | `indexes:<resource name>`   | hash       | definition of an index → `ready`, or the token of its build                      |
 * | `index:<resource name>:<definition>` | sorted set | bytes of the values (`redis/values.ts`), 00, resource id; all scores are 0 |
 * | `versions`                  | hash       | resource name → its entries and its reindexed heads, counted                     |
 * | `reindexed`                 | hash       | resource name → its version when a head was last reindexed                       |
 */
import type { MetaStore } from "../meta-store.ts";
import { readOptions } from "./redis/url.ts";

export interface RedisMetaStoreOptions {
  /**
   * `redis://user:password@host:port/database`, or `rediss://` for TLS. `?namespace=` keeps stores on one server apart (letters, digits, `.`, `_`, `-`).
   * `?durability=always|everysec|none` says what Redis must be set to.
   * @default namespace "weft", durability "always"
   */
  readonly url: string;
  /** How long a call may take, waiting for a lost connection included, in milliseconds. @default 10000 */
  readonly deadlineMs?: number;
}

/**
 * Connects, waiting at most 5 seconds. A connection that is lost later is made anew; calls wait for it until their deadline, then answer STORE_UNAVAILABLE.
 *
 * Refuses a server that would lose what it has acknowledged: see `Durability`, and set `maxmemory-policy noeviction`.
 *
 * Substrings are not indexed: `contains` on texts, `endsWith`, `regex` and the case-blind operators read every head that the rest of the condition leaves.
 *
 * @throws ConfigurationError where the URL is wrong, Redis is not durable as wanted, or a newer release has written there; STORE_UNAVAILABLE with the reason
 *   where the server cannot be used. The password is in neither.
 */
export async function redisMetaStore(options: RedisMetaStoreOptions): Promise<MetaStore> {
  const { deadlineMs = 10_000 } = options;
  const { where, durability, server, prefix } = readOptions(options.url);
  const [{ connect }, { openRedis }, { storeOn }] = await Promise.all([
    import("./redis/connection.ts"),
    import("./redis/open-redis.ts"),
    import("./redis/redis-meta-store.ts"),
  ]);
  return storeOn(await openRedis({ where, durability, connect: () => connect({ server, prefix, deadlineMs }) }));
}
