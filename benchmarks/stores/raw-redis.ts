/**
 * By hand with `ioredis`: records as JSON in hashes, the log and that of the resource name as streams, a sorted set for each index, all in one bare MULTI and so
 * one round trip. MULTI cannot compare: whoever writes at the same time is written over, which weft's script refuses.
 */
import { Redis } from "ioredis";
import type { Head } from "../../src/model/resource-meta.ts";
import type { Commit, HeadWrite } from "../../src/stores/meta/meta-store.ts";
import type { MetaSide } from "./raw.ts";
import { seeds } from "./writes.ts";

export async function rawRedis(url: string, heads: number): Promise<MetaSide> {
  const redis = new Redis(url);
  const write = async ({ writes, ...commit }: Commit) => {
    const transaction = redis.multi();
    for (const one of writes) queueWrite(transaction, commit, one);
    const answers = await transaction.exec();
    for (const [error] of answers ?? []) if (error !== null) throw error;
  };
  for (let from = 0; from < heads; from += 500) await write(seeds(from, Math.min(from + 500, heads)));
  return {
    async get(resourceId) {
      const record = await redis.hget("raw:heads", resourceId);
      if (record === null) throw new Error(`${resourceId} is not there.`);
      return readHead(record);
    },
    write,
    close: () => redis.quit(),
  };
}

function readHead(record: string): Head {
  const head = JSON.parse(record) as Head;
  return Object.assign(head, { createdTime: new Date(head.createdTime), updatedTime: new Date(head.updatedTime) });
}

type Transaction = ReturnType<Redis["multi"]>;

function queueWrite(transaction: Transaction, commit: Omit<Commit, "writes">, write: HeadWrite): void {
  const { head, previous, revision, action, changedPaths, resourceId, resourceName } = write;
  if (head === null || revision === undefined) throw new Error("not measured");
  const record = JSON.stringify(head);
  const entry = JSON.stringify({ ...commit, action, resourceId, resourceName, changedPaths, head, revision });
  transaction.hset("raw:heads", resourceId, record);
  transaction.hset("raw:revisions", revision.revisionId, JSON.stringify(revision));
  transaction.zadd(`raw:numbers:${resourceId}`, revision.revisionNumber, revision.revisionId);
  transaction.xadd("raw:log", "*", "entry", entry);
  transaction.xadd(`raw:names:${resourceName}`, "*", "id", resourceId);
  transaction.zadd(`raw:history:${resourceId}`, commit.time.getTime(), commit.commitId);
  const kept = new Set<string>();
  const before = previous === null ? [] : entriesOf(previous);
  for (const [index, member] of entriesOf(head)) {
    if (before.some(([old, same]) => old === index && same === member)) kept.add(index);
    else transaction.zadd(`raw:index:${resourceName}:${index}`, 0, member);
  }
  for (const [index, member] of before) {
    if (!kept.has(index)) transaction.zrem(`raw:index:${resourceName}:${index}`, member);
  }
}

/** Members that order as their values do, and then by id: what weft has for the same questions. */
function entriesOf({ resourceId, createdTime, updatedTime, indexedData }: Head): [index: string, member: string][] {
  const { title, level } = indexedData;
  return [
    ["id", resourceId],
    ["createdTime", `${createdTime.toISOString()}\0${resourceId}`],
    ["updatedTime", `${updatedTime.toISOString()}\0${resourceId}`],
    ["title", `${title}\0${resourceId}`],
    ["level", `${String(level).padStart(8, "0")}\0${resourceId}`],
  ];
}
