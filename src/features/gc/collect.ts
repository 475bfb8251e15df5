/**
 * Garbage collection: removes payloads and blobs that nothing in the log names. A crash between the bytes and the commit leaves such, and
 * so does a purge that dies before it has removed its own.
 *
 * What was written within the grace time stays, since its commit may still come. What a payload is named by is found out before the store is
 * listed, and of a blob afterwards: bytes that a commit names later are younger than the grace time, or were put again or noted for their
 * new holder, which renews their time. The removal looks at that time itself.
 */
import { ConfigurationError } from "../../base/errors.ts";
import type { Services } from "../../resource/services.ts";
import { isBlobNamed, namedAmong, walkPayloads } from "./references.ts";

export type GcPart = "payload" | "blob";

export interface GcOptions {
  /** @default both */
  readonly parts?: readonly GcPart[];
  /** Younger bytes stay: longer than any write takes, and than clocks differ. At least a minute. @default 86400000 (a day) */
  readonly graceMs?: number;
  /** Counts, and removes nothing. @default false */
  readonly isDryRun?: boolean;
}

export interface GcProgress {
  readonly phase: "walk" | GcPart | "done";
  /** Of the log, in phase "walk": 0 to 1. 1 afterwards. */
  readonly fraction: number;
  readonly payload: GcCount;
  readonly blob: GcCount;
}

export interface GcCount {
  /** Looked at, so far. */
  readonly seen: number;
  /** Of them named by nothing and older than the grace time: removed, but for a dry run. */
  readonly orphans: number;
  /** The orphans' size together. */
  readonly bytes: number;
}

const defaultGraceMs = 24 * 60 * 60 * 1000;
const minGraceMs = 60_000;
const batchSize = 500;

/** Yields after each batch. May be left at any point and begun again. @throws ConfigurationError, STORE_UNAVAILABLE */
export async function* collectGarbage(
  services: Services,
  { parts = ["payload", "blob"], graceMs = defaultGraceMs, isDryRun = false }: GcOptions = {},
): AsyncGenerator<GcProgress> {
  if (!(graceMs >= minGraceMs)) throw new ConfigurationError("graceMs: at least 60000, a minute.");
  const sweep: Sweep = { services, writtenBefore: new Date(Date.now() - graceMs), isDryRun };
  const none: GcCount = { seen: 0, orphans: 0, bytes: 0 };
  let progress: GcProgress = { phase: "walk", fraction: 0, payload: none, blob: none };
  yield progress;
  if (parts.includes("payload")) {
    const walk = walkPayloads(services);
    let step = await walk.next();
    for (; !step.done; step = await walk.next()) {
      progress = { ...progress, fraction: step.value };
      yield progress;
    }
    for await (const payload of sweepPayloads(sweep, step.value.has)) {
      progress = { ...progress, phase: "payload", fraction: 1, payload };
      yield progress;
    }
  }
  if (parts.includes("blob")) {
    for await (const blob of sweepBlobs(sweep)) {
      progress = { ...progress, phase: "blob", fraction: 1, blob };
      yield progress;
    }
  }
  yield { ...progress, phase: "done", fraction: 1 };
}

interface Sweep {
  readonly services: Services;
  readonly writtenBefore: Date;
  readonly isDryRun: boolean;
}

async function* sweepPayloads(
  { services: { payload }, writtenBefore, isDryRun }: Sweep,
  isNamed: (name: string) => boolean,
): AsyncGenerator<GcCount> {
  const tally = createTally((names) => (isDryRun ? undefined : payload.deleteListed(names)));
  for await (const { name, size, writtenTime } of payload.list()) {
    const isOrphan = writtenTime < writtenBefore && !isNamed(name);
    if (await tally.look(isOrphan ? { name, size } : undefined)) yield tally.count();
  }
  await tally.flush();
  yield tally.count();
}

async function* sweepBlobs({ services, writtenBefore, isDryRun }: Sweep): AsyncGenerator<GcCount> {
  const { blob } = services;
  const tally = createTally((blobIds) => (isDryRun ? undefined : blob.delete(blobIds, { writtenBefore })));
  const unnoted = new Map<string, number>();
  for await (const { blobId, size, writtenTime } of blob.list()) {
    const isNamed = writtenTime >= writtenBefore || (await isBlobNamed(services, blobId));
    if (isNamed === undefined) unnoted.set(blobId, size);
    if (await tally.look(isNamed === false ? { name: blobId, size } : undefined)) yield tally.count();
  }
  const named = unnoted.size > 0 ? await namedAmong(services, new Set(unnoted.keys())) : new Set();
  for (const [name, size] of unnoted) if (!named.has(name)) await tally.add({ name, size });
  await tally.flush();
  yield tally.count();
}

interface Orphan {
  readonly name: string;
  readonly size: number;
}

/** Counts, and removes in batches. */
function createTally(remove: (names: readonly string[]) => Promise<void> | undefined) {
  let count: GcCount = { seen: 0, orphans: 0, bytes: 0 };
  let batch: string[] = [];
  const flush = async () => {
    if (batch.length > 0) await remove(batch);
    batch = [];
  };
  const add = async ({ name, size }: Orphan) => {
    count = { seen: count.seen, orphans: count.orphans + 1, bytes: count.bytes + size };
    batch.push(name);
    if (batch.length >= batchSize) await flush();
  };
  return {
    count: () => count,
    add,
    flush,
    /** @returns whether it is time to tell how far it is */
    async look(orphan: Orphan | undefined): Promise<boolean> {
      count = { ...count, seen: count.seen + 1 };
      if (orphan) await add(orphan);
      return count.seen % batchSize === 0;
    },
  };
}
