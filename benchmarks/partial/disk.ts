/** A selection of the large document from the disk: the ranges that the index names, beside the whole file. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeOffsetIndex, readOffsetIndex } from "../../src/codec/offset-index.ts";
import { planRangedRead } from "../../src/codec/ranged-read.ts";
import type { Selection } from "../../src/codec/selection.ts";
import type { ObjectShape } from "../../src/codec/shape.ts";
import { diskPayloadStore } from "../../src/stores/payload/drivers/disk.ts";

const warmRuns = 5_000;

export interface DiskResult {
  readonly indexCharacters: number;
  readonly bytesRead: number;
  /** Nanoseconds; the fastest round. Of the ranged read: reading the index, planning, reading the ranges, checking and decoding them. */
  readonly ranged: number;
  readonly whole: number;
}

export interface DiskOptions {
  readonly bytes: Buffer;
  readonly selection: Selection;
  readonly shape: ObjectShape;
  readonly rounds: number;
  decodeWhole(bytes: Uint8Array): unknown;
}

export async function raceDisk({ bytes, selection, shape, rounds, decodeWhole }: DiskOptions): Promise<DiskResult> {
  const directory = await mkdtemp(join(tmpdir(), "weft-partial-"));
  const store = diskPayloadStore({ directory: join(directory, "payload") });
  const text = makeOffsetIndex(bytes) ?? "";
  await store.put("hero", bytes);
  let bytesRead = 0;

  const ranged = async () => {
    const index = readOffsetIndex(text, bytes.length);
    const plan = index && planRangedRead(index, selection, shape);
    const parts = plan && (await store.getRanges("hero", plan.ranges));
    if (!plan || !parts || !plan.isIntact(parts)) throw new Error("the ranged read failed");
    bytesRead = parts.reduce((sum, part) => sum + part.length, 0);
    return plan.read(parts);
  };
  const whole = async () => {
    const read = await store.get("hero");
    if (!read) throw new Error("the file is missing");
    return decodeWhole(read);
  };

  await nanosecondsOf(ranged, warmRuns);
  const best = { ranged: Number.POSITIVE_INFINITY, whole: Number.POSITIVE_INFINITY };
  for (let round = 0; round < rounds; round++) {
    best.whole = Math.min(best.whole, await nanosecondsOf(whole, 1));
    best.ranged = Math.min(best.ranged, await nanosecondsOf(ranged, 200));
  }
  await store.close();
  await rm(directory, { recursive: true });
  return { indexCharacters: text.length, bytesRead, ...best };
}

async function nanosecondsOf(run: () => Promise<unknown>, count: number): Promise<number> {
  const start = process.hrtime.bigint();
  for (let i = 0; i < count; i++) await run();
  return Number(process.hrtime.bigint() - start) / count;
}
