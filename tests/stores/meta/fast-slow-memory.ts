/**
 * Run by fast-slow-close.test.ts with --expose-gc: 50,000 commits, by one node while another one follows. What the two keep is measured beside a slower
 * store that keeps nothing but the length of its log.
 */
import { writeSync } from "node:fs";
import { commitAll, createWrite, updateWrite } from "../../conformance/meta-fixtures.ts";
import { isMoved, memoryPair, memoryReplica, type Replica } from "./fast-slow-fixture.ts";

let length = 0;
const forgetful: Replica = {
  ...memoryReplica(),
  heads: async (ids) => ids.map(() => undefined),
  lastSeq: async () => length,
  async replay(commits, after) {
    if (after !== length) return false;
    for (const { writes } of commits) length += writes.length;
    return true;
  },
};
const pair = memoryPair(forgetful);
const [node, follower] = [await pair.open(), await pair.open()];

async function heapMb(): Promise<number> {
  while (!(await isMoved(pair))) await new Promise((resolve) => setTimeout(resolve, 10));
  await Promise.all([node.lastSeq(), follower.lastSeq()]);
  globalThis.gc?.();
  return Math.round(process.memoryUsage().heapUsed / 2 ** 20);
}

async function write(from: number, to: number): Promise<void> {
  for (let n = from; n < to; n += 2) {
    const created = createWrite("x", `x:${n}`, { indexedData: { title: "t".repeat(200) } });
    await commitAll(node, created.write);
    await commitAll(node, updateWrite(created).write);
    if (n % 100 === 0) await follower.heads([`x:${n}`]);
  }
}

await write(0, 10_000);
const early = await heapMb();
await write(10_000, 50_000);
writeSync(1, JSON.stringify([early, await heapMb()]));
await Promise.all([node.close(), follower.close()]);
