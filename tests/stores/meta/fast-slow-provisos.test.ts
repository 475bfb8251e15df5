/** Commits with provisos of several fast/slow nodes: in memory, where calls take their time by chance, and over real servers. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { postgresMetaStore } from "../../../src/stores/meta/drivers/postgres.ts";
import { redisJournal } from "../../../src/stores/meta/drivers/redis-journal.ts";
import { decodeCommit, encodeCommit } from "../../../src/stores/meta/fast-slow/commit-record.ts";
import { fastSlowMetaStore } from "../../../src/stores/meta/fast-slow/fast-slow.ts";
import { isReplica } from "../../../src/stores/meta/meta-replica.ts";
import type { MetaStore } from "../../../src/stores/meta/meta-store.ts";
import { commitOf, createWrite } from "../../conformance/meta-fixtures.ts";
import { metaProvisoRaces } from "../../conformance/meta-proviso-races.suite.ts";
import { commitIf, metaProvisoCases, none, titled, violated } from "../../conformance/meta-provisos.suite.ts";
import { everything } from "../../conformance/query-fixtures.ts";
import { freshDatabase, skippedWithoutPostgres } from "../../servers/postgres.ts";
import { freshRedisNamespace, skippedWithoutRedis } from "../../servers/redis.ts";
import { gate, isMoved, memoryPair, type Tap } from "./fast-slow-fixture.ts";

interface Nodes extends AsyncDisposable {
  readonly nodes: readonly [MetaStore, ...MetaStore[]];
}

function suite(title: string, open: () => Promise<Nodes>): void {
  describe(title, () => {
    let opened: Nodes;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened[Symbol.asyncDispose]());
    describe("one by one", () => metaProvisoCases(() => opened.nodes[0]));
    describe("races", () => metaProvisoRaces(() => opened.nodes));
  });
}

const dawdling: Tap = async ({ run }) => {
  if (Math.random() < 0.3) await sleep(Math.random() * 2);
  const answer = await run();
  if (Math.random() < 0.3) await sleep(Math.random() * 2);
  return answer;
};

suite("three nodes in memory", async () => {
  const pair = memoryPair();
  const nodes = [await pair.open(dawdling), await pair.open(dawdling), await pair.open(dawdling)] as const;
  return {
    nodes: [...nodes],
    async [Symbol.asyncDispose]() {
      for (const node of nodes) await node.close();
    },
  };
});

const skipped = (await skippedWithoutPostgres()) || (await skippedWithoutRedis());

describe.skipIf(skipped !== "")(`on servers ${skipped}`, () => {
  suite("three nodes, Redis before PostgreSQL", async () => {
    const [database, namespace] = [await freshDatabase(), await freshRedisNamespace()];
    const open = async () => {
      const slow = await postgresMetaStore({ url: database.url });
      if (!isReplica(slow)) throw new Error("PostgreSQL takes over no commits.");
      return fastSlowMetaStore({ fast: await redisJournal({ url: namespace.url }), slow });
    };
    const nodes = [await open(), await open(), await open()] as const;
    return {
      nodes: [...nodes],
      async [Symbol.asyncDispose]() {
        for (const node of nodes) await node.close();
        await namespace[Symbol.asyncDispose]();
        await database[Symbol.asyncDispose]();
      },
    };
  });
});

describe("what has not arrived in the slower store", () => {
  it("is looked at too, without waiting for it", async () => {
    const pair = memoryPair();
    const { opened, open } = gate();
    const node = await pair.open(async ({ name, run }) => {
      if (name === "slow.replay") await opened;
      return run();
    });
    const first = createWrite("todo", "todo:1", { indexedData: { title: "a" } });
    expect((await node.commit(commitOf(first.write))).isCommitted).toBe(true);
    expect(await isMoved(pair)).toBe(false);
    const second = createWrite("todo", "todo:2", { indexedData: { title: "a" } }).write;
    expect(await commitIf(node, [second], none("todo", titled("a")))).toEqual(violated([0, ["todo:1", "todo:2"]]));
    expect(await commitIf(node, [second], none("todo", titled("b")))).toMatchObject({ isCommitted: true });
    expect(await pair.slow.lastSeq()).toBe(0);
    open();
    await node.close();
  });

  it("keeps no provisos in the journal: they held when the commit was acknowledged", () => {
    const { write } = createWrite("todo", "todo:1");
    const commit = { ...commitOf(write), provisos: [none("todo", everything)] };
    expect(decodeCommit(encodeCommit(commit))).not.toHaveProperty("provisos");
  });
});
