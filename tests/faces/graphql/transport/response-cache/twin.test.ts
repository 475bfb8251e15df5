/** A gateway that keeps answers beside one on the same stores that keeps none: whatever happens, both say the same. */
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { createGateway, type Gateway } from "../../../../../src/gateway.ts";
import { localBus } from "../../../../../src/messaging/bus/drivers/local.ts";
import { ref } from "../../../../../src/model/reference.ts";
import type { GatewayOptions } from "../../../../../src/options.ts";
import { memoryMetaStore } from "../../../../../src/stores/meta/drivers/memory.ts";
import { memoryPayloadStore } from "../../../../../src/stores/payload/drivers/memory.ts";

const open: Gateway[] = [];
afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway.close();
});

function start(options: GatewayOptions) {
  const gateway = createGateway({ blob: "memory:", logLevel: "silent", ...options });
  open.push(gateway);
  const zones = gateway.addModel("Zone", z.object({ name: z.string() }), { indexedFields: ["name"] });
  const monsters = gateway.addModel(
    "Monster",
    z.object({ name: z.string(), level: z.number().int(), zoneId: ref("Zone").nullable() }),
    { indexedFields: ["name", "level", "zoneId"] },
  );
  return { gateway, zones, monsters };
}

function twins(options: GatewayOptions = {}) {
  const shared = { meta: memoryMetaStore(), payload: memoryPayloadStore(), bus: localBus({ report: () => {} }) };
  return [
    start({ ...shared, ...options, responseCache: { ttlMs: 600_000 } }),
    start({ ...shared, ...options }),
  ] as const;
}

async function ask(gateway: Gateway, query: string, variables: object = {}) {
  const response = await gateway.fetch(
    new Request("http://localhost/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", "x-weft-cache": "1" },
      body: JSON.stringify({ query, variables }),
    }),
  );
  const { extensions, ...answer } = (await response.json()) as {
    data?: unknown;
    extensions?: { cache?: { isHit: boolean } };
  };
  return { answer, isHit: extensions?.cache?.isHit === true };
}

/** Mulberry32: the same numbers for the same seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const seed = Number(process.env.WEFT_SEED ?? Date.now() % 1_000_000);
const names = ["ann", "bob", "cid"];
const queries = [
  "query($m: ID!) { monster(resourceId: $m) { meta { etag isDeleted } revision { status } data { name level zone { data { name } } } } }",
  "query($m: ID!) { monster(resourceId: $m, includeDeleted: true) { revisions { totalCount: nodes { revision { revisionId } } } } }",
  "query($z: ID!) { zone(resourceId: $z) { data { name } monsters(orderBy: [{ name: ASC }]) { totalCount nodes { data { name level } } } referrers { totalCount } } }",
  "query($n: String) { monsters(where: { name: { eq: $n } }, orderBy: [{ level: DESC }]) { totalCount nodes { data { level } } } }",
  "query($n: String) { monsters(where: { zone: { name: { eq: $n } } }) { nodes { meta { resourceId } } } }",
  "query($n: String) { zones(where: { monsters: { some: { name: { eq: $n } } } }) { nodes { data { name } } } }",
  "{ monsterCount zoneCount monsterList(query: { limit: 50 }) { data { name zone { data { name } } } } }",
  "query($m: ID!, $z: ID!) { a: monster(resourceId: $m) { data { name } } b: zone(resourceId: $z) { meta { totalRevisionCount updatedTime } } }",
];

type Node = ReturnType<typeof start>;

function randomWorld({ zones, monsters }: Node, random: (below: number) => number) {
  const zoneIds: string[] = [];
  const monsterIds: string[] = [];
  const one = (ids: readonly string[]) => ids[random(ids.length)] ?? "zone:none";
  const monster = () => ({
    name: names[random(3)] ?? "",
    level: random(5),
    zoneId: random(3) === 0 || zoneIds.length === 0 ? null : one(zoneIds),
  });
  const writes: (() => Promise<unknown>)[] = [
    async () => zoneIds.push((await zones.create({ name: names[random(3)] ?? "" })).meta.resourceId),
    async () => monsterIds.push((await monsters.create(monster())).meta.resourceId),
    () => monsters.update(one(monsterIds), monster()),
    () => monsters.update(one(monsterIds), monster()),
    () => zones.update(one(zoneIds), { name: names[random(3)] ?? "" }),
    () => monsters.modify(one(monsterIds), { status: "draft" }),
    () => monsters.delete(one(monsterIds)),
    () => monsters.restore(one(monsterIds)),
    () => zones.delete(one(zoneIds)),
    () => zones.restore(one(zoneIds)),
    () => monsters.purge(one(monsterIds)),
  ];
  return {
    // What cannot be done is refused, and changes nothing.
    write: () => (writes[random(writes.length)] ?? writes[0])?.().catch(() => undefined),
    variables: () => ({ m: one(monsterIds), z: one(zoneIds), n: names[random(3)] }),
  };
}

describe("kept answers", () => {
  it(`are those of an uncached twin after each of 600 random writes (seed ${seed})`, { timeout: 120_000 }, async () => {
    const [cached, plain] = twins();
    const random = numbers(seed);
    const world = randomWorld(cached, random);
    for (let count = 0; count < 20; count++) await world.write();
    let hits = 0;
    for (let step = 0; step < 600; step++) {
      await world.write();
      for (let count = 0; count < 4; count++) {
        const query = queries[random(queries.length)] ?? "";
        const variables = world.variables();
        for (let round = 0; round < 2; round++) {
          const { answer, isHit } = await ask(cached.gateway, query, variables);
          if (isHit) hits += 1;
          expect(answer, `${query} ${JSON.stringify(variables)}`).toEqual(
            (await ask(plain.gateway, query, variables)).answer,
          );
        }
      }
    }
    expect(hits).toBeGreaterThan(1500);
  });

  it.each([
    ["hears of them by the bus", {}, 1000],
    ["polls", { pollMs: 50 }, 1000],
  ])("show another node's writes soon: this one %s", async (how, options, withinMs) => {
    const [cached, other] = how === "polls" ? apart(options) : twins(options);
    const query = "{ monsters { nodes { data { level } } } }";
    const ork = await other.monsters.create({ name: "ork", level: 0, zoneId: null });
    for (let round = 0; round < 50; round++) await ask(cached.gateway, query);
    let slowest = 0;
    for (let level = 1; level <= 20; level++) {
      await other.monsters.update(ork.meta.resourceId, { name: "ork", level, zoneId: null });
      const startedAt = performance.now();
      const shown = async () => JSON.stringify((await ask(cached.gateway, query)).answer).includes(`"level":${level}}`);
      while (!(await shown())) {
        expect(performance.now() - startedAt).toBeLessThan(withinMs);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      slowest = Math.max(slowest, performance.now() - startedAt);
    }
    expect((await ask(cached.gateway, query)).isHit).toBe(true);
    expect(slowest).toBeLessThan(withinMs);
  });

  it("never show a client less than it has written, however many write and read at once", {
    timeout: 60_000,
  }, async () => {
    const [{ gateway, monsters }] = twins();
    const query =
      "query($id: ID!) { monster(resourceId: $id) { data { level } } monsterList(query: { limit: 50 }) { meta { resourceId } data { level } } }";
    const clients = await Promise.all(
      Array.from({ length: 12 }, (_, index) => monsters.create({ name: `m${index}`, level: 0, zoneId: null })),
    );
    await Promise.all(
      clients.map(async ({ meta: { resourceId } }, index) => {
        for (let level = 1; level <= 40; level++) {
          await monsters.update(resourceId, { name: `m${index}`, level, zoneId: null });
          const { answer } = await ask(gateway, query, { id: resourceId });
          const { data } = answer as {
            data: { monster: { data: object }; monsterList: { meta: { resourceId: string }; data: object }[] };
          };
          expect(data.monster.data).toEqual({ level });
          expect(data.monsterList.find(({ meta }) => meta.resourceId === resourceId)?.data).toEqual({ level });
        }
      }),
    );
  });
});

/** Two nodes on one store, without a common bus. */
function apart(options: GatewayOptions) {
  const shared = { meta: memoryMetaStore(), payload: memoryPayloadStore() };
  return [
    start({ ...shared, ...options, responseCache: { ttlMs: 600_000 } }),
    start({ ...shared, ...options }),
  ] as const;
}
