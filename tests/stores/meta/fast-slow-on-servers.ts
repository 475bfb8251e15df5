/** A fast/slow store with its journal on Redis before PostgreSQL, for tests and the processes that they start. */
import { postgresMetaStore } from "../../../src/stores/meta/drivers/postgres.ts";
import { redisJournal } from "../../../src/stores/meta/drivers/redis-journal.ts";
import { type FastSlowMetaStore, fastSlowMetaStore } from "../../../src/stores/meta/fast-slow/fast-slow.ts";
import { isReplica } from "../../../src/stores/meta/meta-replica.ts";

export async function openServers(redisUrl: string, postgresUrl: string): Promise<FastSlowMetaStore> {
  // Not both at once: in a process of a test the code of the one is compiled while the other one's server answers, too late.
  const slow = await postgresMetaStore({ url: postgresUrl });
  const fast = await redisJournal({ url: redisUrl });
  if (!isReplica(slow)) throw new Error("PostgreSQL takes over no commits.");
  return fastSlowMetaStore({ fast, slow });
}
