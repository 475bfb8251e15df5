/** Two to four nodes on one journal and one slower store, whose calls take their time by chance. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { fastSlowNodesSuite } from "../../conformance/fast-slow-nodes.suite.ts";
import { commitAll, createWrite, seed, uniqueName, updateWrite } from "../../conformance/meta-fixtures.ts";
import { away, gate, isMoved, memoryPair, type Tap, until } from "./fast-slow-fixture.ts";

/** Now and then a read of the slower store takes so long that much is appended and moved meanwhile. */
const dawdling: Tap = async ({ name, run }) => {
  if (Math.random() < 0.3) await sleep(Math.random() * 4);
  if (name === "slow.heads" && Math.random() < 0.1) await sleep(Math.random() * 40);
  const answer = await run();
  if (Math.random() < 0.3) await sleep(Math.random() * 4);
  return answer;
};

for (const count of [2, 3, 4]) {
  describe(`${count} nodes in memory`, () => {
    fastSlowNodesSuite(`memory before memory, ${count} nodes`, async () => {
      const pair = memoryPair();
      const nodes = await Promise.all(Array.from({ length: count }, () => pair.open(dawdling)));
      return {
        nodes,
        slow: pair.slow,
        async [Symbol.asyncDispose]() {
          await Promise.all(nodes.map((node) => node.close()));
        },
      };
    });
  });
}

for (const moment of ["before", "after"] as const) {
  it(`a read is the state at one seq, however much is appended and moved ${moment} the slower store looks`, async () => {
    const pair = memoryPair();
    const [asked, go] = [gate(), gate()];
    let isStopped = false;
    let isHeld = false;
    const writer = await pair.open(async ({ name, run }) => {
      if (isStopped && name === "slow.replay") throw away();
      return run();
    });
    const reader = await pair.open(async ({ name, run }) => {
      if (isStopped && name === "slow.replay") throw away();
      if (!isHeld || name !== "slow.heads") return run();
      isHeld = false;
      const answer = moment === "after" ? await run() : undefined;
      asked.open();
      await go.opened;
      return answer ?? run();
    });
    const name = uniqueName("late");
    const [x, y] = await seed(writer, name, [{}, {}]);
    if (x === undefined || y === undefined) throw new Error("Nothing was made.");
    const ids = [x, y].map(({ head }) => head.resourceId);
    await until(() => isMoved(pair));
    await reader.lastSeq();
    isStopped = true;
    // Pending, and known to the reader to be so.
    const alone = updateWrite(x);
    await commitAll(writer, alone.write);
    await reader.lastSeq();
    isHeld = true;
    const reading = reader.heads(ids);
    await asked.opened;
    const together = [updateWrite(alone), updateWrite(y)];
    await commitAll(writer, ...together.map(({ write }) => write));
    isStopped = false;
    await until(() => isMoved(pair));
    for (let n = 0; n < 3; n++) await commitAll(writer, createWrite(name, `${name}:more-${n}`).write);
    go.open();
    expect((await reading).map((head) => head?.etag)).toEqual(together.map(({ head }) => head.etag));
    await Promise.all([writer.close(), reader.close()]);
  });
}
