/** Indexes of the store on Redis: the bytes of their order, how they are built and dropped, and searches while others write. */
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../../src/base/json.ts";
import type { Head } from "../../../src/model/resource-meta.ts";
import type { SortKey } from "../../../src/query/condition.ts";
import { comparePositions, positionOf } from "../../../src/query/sort.ts";
import { memoryMetaStore } from "../../../src/stores/meta/drivers/memory.ts";
import { byId, definitionOf, memberAt } from "../../../src/stores/meta/drivers/redis/index-definition.ts";
import { redisMetaStore } from "../../../src/stores/meta/drivers/redis.ts";
import type { MetaStore } from "../../../src/stores/meta/meta-store.ts";
import {
  commitAll,
  commitOf,
  createWrite,
  flagWrite,
  type Known,
  purgeWrite,
  seed,
  uniqueName,
  updateWrite,
} from "../../conformance/meta-fixtures.ts";
import { and, by, compare, everything, fields, metaFields } from "../../conformance/query-fixtures.ts";
import { type FreshNamespace, freshRedisNamespace, skippedWithoutRedis } from "../../servers/redis.ts";

const skipped = await skippedWithoutRedis();
const { title, level, big, due, day, isDone, tags, extra } = fields;

describe.skipIf(skipped !== "")(`indexes on Redis ${skipped}`, () => {
  let namespace: FreshNamespace;
  let store: MetaStore;
  let redis: Redis;
  beforeAll(async () => {
    namespace = await freshRedisNamespace();
    store = await redisMetaStore({ url: namespace.url });
    redis = new Redis(namespace.url.split("?")[0] ?? "");
  });
  afterAll(async () => {
    await store?.close();
    redis?.disconnect();
    await namespace?.[Symbol.asyncDispose]();
  });

  const keyOf = (name: string, definition: string) => `{weft:${namespace.namespace}}:index:${name}:${definition}`;
  const membersOf = (name: string, definition: string) => redis.zrangeBuffer(keyOf(name, definition), "0", "-1");
  const definitions = async (name: string) =>
    (await redis.hkeys(`{weft:${namespace.namespace}}:indexes:${name}`)).sort();

  const columns: [SortKey["field"], Json[]][] = [
    [title, ["", "a", "a b", "ab", "b", "Ä", "é", "\uffff", "🦋", "🦋a", "\u0001", 5, null]],
    [level, [-1e300, -1.5, -1, -5e-324, 0, 5e-324, 0.1, 1, 1.5, 255, 256, 2 ** 53, 1e300, "9", null]],
    [big, ["-100", "-99", "-10", "-1", "0", "007", "8", "10", "99", "123456789012345678901234567890", "x", 3]],
    [
      due,
      [
        "2024-01-01T00:00:00.000Z",
        "2024-01-01T00:00:00.123Z",
        "2024-01-01T00:00:00.1234Z",
        "",
        "x",
        "é",
        "a🦋",
        "🦋Z",
        "\uffffZ",
        "\ud7ffé",
      ],
    ],
    [day, ["2024-01-01", "2024-12-31", "0001-01-01", "🦋", "\uffff"]],
    [isDone, [true, false, null, "true"]],
  ];

  for (const direction of ["asc", "desc"] as const) {
    it(`hold the bytes that searches ask for, in the order of the values, ${direction}`, async () => {
      for (const [field, values] of columns) {
        const name = uniqueName("bytes");
        // Behind another field, that it may descend.
        const sort = [by(isDone), by(field, direction)];
        await store.index(name, [sort, [by(field)]]);
        const contents = values.map((value): { indexedData: JsonObject } => ({
          indexedData: { isDone: true, [field.path]: value },
        }));
        const heads = (await seed(store, name, [...contents, ...contents, {}])).map(({ head }) => head);
        for (const keys of [sort, [by(field)]]) {
          const places = heads.map((head) => positionOf(keys, head)).sort((a, b) => comparePositions(keys, a, b));
          expect(await membersOf(name, definitionOf(keys))).toEqual(places.map((place) => memberAt(keys, place)));
        }
      }
    });
  }

  it("keep no entry of what has changed or is purged", async () => {
    const name = uniqueName("change");
    await store.index(name, [[by(title)], [by(tags)], [by(extra)]]);
    const [kept, gone] = (await seed(store, name, [
      { indexedData: { title: "old", tags: ["x", "y", "x"], extra: "e" } },
      { indexedData: { title: "gone", tags: ["z"] } },
    ])) as [Known, Known];
    const updated = updateWrite(kept, { indexedData: { title: "new", tags: ["y", null, 1] } });
    await commitAll(store, updated.write, purgeWrite(gone));
    await commitAll(store, flagWrite(updated, true).write);
    const texts = async (definition: string) => (await membersOf(name, definition)).map(String);
    const tail = `\0${name}:0000`;
    expect(await texts(byId)).toEqual([tail]);
    expect(await texts("deleted")).toEqual([tail]);
    expect(await texts(definitionOf([by(title)]))).toEqual([`\u0001new\0${tail}`]);
    expect(await texts(definitionOf([by(extra)]))).toEqual([]);
    expect(await membersOf(name, definitionOf([by(tags)]))).toHaveLength(3);
    expect(await texts(definitionOf([by(metaFields.updatedBy)]))).toEqual([`\u0001eve\0${tail}`]);
  });

  it("are built from the heads that were there, while others write, and dropped where nobody wants them", async () => {
    const name = uniqueName("build");
    const before = await seed(
      store,
      name,
      Array.from({ length: 1500 }, (_, i) => ({ indexedData: { level: i % 7, title: `t${i}` } })),
    );
    const [first] = before as [Known];
    const other = await redisMetaStore({ url: namespace.url });
    const building = Promise.all([store.index(name, [[by(level)]]), other.index(name, [[by(level)]])]);
    for (let i = 0; i < 50; i++) {
      const known = before[i * 29] ?? first;
      await commitAll(other, updateWrite(known, { indexedData: { level: 100 + i } }).write);
      await commitAll(other, createWrite(name, `${name}:new${i}`, { indexedData: { level: 200 + i } }).write);
    }
    await building;
    await other.close();
    expect(await definitions(name)).toEqual([definitionOf([by(level)])]);
    const all = await store.search({ resourceName: name, condition: everything, sort: [], limit: 9999 });
    const places = all.map((head) => positionOf([by(level)], head));
    places.sort((a, b) => comparePositions([by(level)], a, b));
    const members = await membersOf(name, definitionOf([by(level)]));
    expect(members).toEqual(places.map((place) => memberAt([by(level)], place)));

    await store.index(name, [[by(title)]]);
    expect(await definitions(name)).toEqual([definitionOf([by(title)])]);
    expect(await redis.exists(keyOf(name, definitionOf([by(level)])))).toBe(0);
    const query = { resourceName: name, condition: compare(level, "eq", 110), sort: [by(level)], limit: 9 };
    expect(await store.search(query)).toHaveLength(1);
  });

  it("are not used before they are whole, where they are dropped and wanted again in the middle of a build", async () => {
    const name = uniqueName("again");
    const contents = Array.from({ length: 2000 }, (_, i) => ({ indexedData: { level: i } }));
    await seed(store, name, contents);
    const key = keyOf(name, definitionOf([by(level)]));
    const first = store.index(name, [[by(level)]]);
    for (let size = 0; size < 1600; ) size = await redis.zcard(key);
    const [dropped, second] = [store.index(name, []), store.index(name, [[by(level)]])];
    await first;
    expect(await store.count({ resourceName: name, condition: compare(level, "gte", 1000) })).toBe(1000);
    expect(await store.count({ resourceName: name, condition: compare(level, "lt", 1000) })).toBe(1000);
    await Promise.all([dropped, second]);
    expect(await redis.zcard(key)).toBe(2000);
  });

  it("serve one value of a field in every order, from both ends, behind and before any place", async () => {
    const name = uniqueName("points");
    const oracle = memoryMetaStore();
    const { city } = fields;
    const orders = [[by(city)], [by(level)], [by(tags)], [by(city), by(level)], [by(city), by(due, "desc"), by(level)]];
    await store.index(name, orders);
    const created = Array.from({ length: 400 }, (_, i) => {
      const indexedData = {
        "address.city": `c${i % 3}`,
        level: i % 11 || null,
        due: `t${i % 5}Z`,
        tags: ["x", `y${i % 2}`],
      };
      return createWrite(name, `${name}:${(i * 7919) % 400}`, { indexedData }).write;
    });
    for (const one of [store, oracle]) await commitAll(one, ...created);
    const sorts = [[], [by(level)], [by(level, "desc")], [by(due), by(level, "desc")], [by(due, "desc"), by(level)]];
    const byIdBackwards = by(metaFields.resourceId, "desc");
    const conditions = [compare(city, "eq", "c1"), and(compare(tags, "contains", "y1"), compare(city, "ne", "c2"))];
    for (const condition of conditions) {
      for (const sort of [...sorts, ...sorts.map((keys) => [...keys, byIdBackwards])]) {
        const query = { resourceName: name, condition, sort, limit: 7 };
        const all = await oracle.search({ ...query, limit: 999 });
        const places = [0, 6, 50, all.length - 1].map((i) => positionOf(sort, all[i] ?? (all[0] as Head)));
        const pages = places.flatMap((place) => [{ after: place }, { before: place }, { after: place, offset: 3 }]);
        for (const page of [{}, { offset: 9 }, ...pages]) {
          for (const fromEnd of [false, true]) {
            const asked = { ...query, ...page, fromEnd };
            expect(await store.search(asked)).toEqual(await oracle.search(asked));
          }
        }
      }
    }
  });

  it("answer searches and counts as of one moment while others write", async () => {
    const name = uniqueName("moment");
    await store.index(name, [[by(level)], [by(title)]]);
    // Each commit moves one head up and another one down, so that the sum stays.
    let known = await seed(
      store,
      name,
      Array.from({ length: 3000 }, (_, i) => ({ indexedData: { level: i, title: i % 2 ? "odd" : "even" } })),
    );
    const other = await redisMetaStore({ url: namespace.url });
    let isWriting = true;
    const writing = (async () => {
      for (let i = 0; isWriting; i = (i + 1) % 1500) {
        const [a, b] = [known[i], known[2999 - i]] as [Known, Known];
        const swapped = [
          updateWrite(a, { indexedData: b.head.indexedData }),
          updateWrite(b, { indexedData: a.head.indexedData }),
        ];
        await commitAll(other, ...swapped.map(({ write }) => write));
        const byOldId = new Map(swapped.map((one) => [one.head.resourceId, one]));
        known = known.map((one) => byOldId.get(one.head.resourceId) ?? one);
      }
    })();
    const living = compare(metaFields.isDeleted, "eq", false);
    // No index knows what a text contains: every head is read.
    const odd = compare(title, "contains", "dd");
    const levels = Array.from({ length: 3000 }, (_, i) => i);
    for (let turn = 0; turn < 5; turn++) {
      const sort = turn % 2 ? [by(level)] : [by(level, "desc")];
      const heads = await store.search({ resourceName: name, condition: and(living), sort, limit: 5000 });
      const found = heads.map(({ indexedData }) => indexedData.level);
      expect(turn % 2 ? found : found.reverse()).toEqual(levels);
      expect(await store.count({ resourceName: name, condition: and(living, odd) })).toBe(1500);
      expect(await store.count({ resourceName: name, condition: and(living, compare(title, "eq", "odd")) })).toBe(1500);
      const page = await store.search({
        resourceName: name,
        condition: odd,
        sort: [by(level)],
        limit: 40,
        offset: 1200,
      });
      expect(page.map(({ indexedData }) => indexedData.level)).toEqual(levels.filter((n) => n % 2).slice(1200, 1240));
    }
    isWriting = false;
    await writing;
    await other.close();
  });

  it("let 64 concurrent writers on four connections each make a revision of their own", async () => {
    const name = uniqueName("writers");
    const [first] = (await seed(store, name, [{}])) as [Known];
    const id = first.head.resourceId;
    const stores = await Promise.all(Array.from({ length: 4 }, () => redisMetaStore({ url: namespace.url })));
    const write = async (on: MetaStore): Promise<void> => {
      for (;;) {
        const [head] = await on.heads([id]);
        const [revision] = await on.revisions([head?.currentRevisionId ?? ""]);
        if (head === undefined || revision === undefined) throw new Error("lost");
        if ((await on.commit(commitOf(updateWrite({ head, revision }).write))).isCommitted) return;
      }
    };
    await Promise.all(Array.from({ length: 64 }, (_, i) => write(stores[i % 4] ?? store)));
    const [revisions = []] = await store.revisionPages([id], { limit: 99 });
    expect(revisions.map(({ revisionNumber }) => revisionNumber)).toEqual(Array.from({ length: 65 }, (_, i) => 65 - i));
    await Promise.all(stores.map((one) => one.close()));
  });
});
