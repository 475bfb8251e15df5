/** What every meta store does with conditions on other heads, and with those that refer to a resource (src/stores/meta/meta-store.ts). */
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/base/json.ts";
import type { Condition } from "../../src/query/condition.ts";
import type { MetaStore } from "../../src/stores/meta/meta-store.ts";
import { commitAll, createWrite, flagWrite, uniqueName, updateWrite } from "./meta-fixtures.ts";
import { and, by, compare, data, everything, from, isTrue, metaFields, not, or, to } from "./query-fixtures.ts";

const zoneId = data("zoneId", "text");
const guilds = data("guildIds", "list");
const level = data("level", "number");
const name = data("name", "text");
const living = compare(metaFields.isDeleted, "eq", false);

export function metaRelationCases(store: () => MetaStore): void {
  async function seeded() {
    const [zone, monster] = [uniqueName("zone"), uniqueName("monster")];
    const heads = (resourceName: string, all: Readonly<Record<string, JsonObject>>) =>
      Object.entries(all).map(([key, indexedData]) =>
        createWrite(resourceName, `${resourceName}:${key}`, { indexedData }),
      );
    const zones = heads(zone, { a: { name: "ash" }, b: { name: "bog" }, gone: { name: "ash" } });
    const monsters = heads(monster, {
      imp: { zoneId: `${zone}:a`, guildIds: [`${zone}:a`, `${zone}:b`, `${zone}:a`], level: 1 },
      orc: { zoneId: `${zone}:b`, guildIds: [], level: 3 },
      elf: { zoneId: `${zone}:gone`, guildIds: [`${zone}:gone`, null, 7], level: 2 },
      lost: { zoneId: `${zone}:never`, guildIds: null, level: 4 },
      odd: { zoneId: [`${zone}:a`], guildIds: `${zone}:a`, level: 5 },
      none: { zoneId: null },
      free: {},
    });
    await store().index(monster, [[by(zoneId)], [by(guilds)], [by(level)]]);
    await commitAll(store(), ...[...zones, ...monsters].map(({ write }) => write));
    const [, , deleted] = zones;
    if (deleted) await commitAll(store(), flagWrite(deleted, true).write);

    const search = async (resourceName: string, condition: Condition) => {
      const query = { resourceName, condition, sort: [], limit: 100 };
      const found = (await store().search(query)).map(({ resourceId }) => resourceId.slice(resourceName.length + 1));
      expect(await store().count(query)).toBe(found.length);
      return found.sort();
    };
    return { zone, monster, search };
  }

  it("finds who refers to a head that satisfies a condition, whether that is deleted or not unless it says so", async () => {
    const { zone, monster, search } = await seeded();
    const ash = compare(name, "eq", "ash");
    expect(await search(monster, to(zoneId, zone, ash))).toEqual(["elf", "imp"]);
    expect(await search(monster, to(zoneId, zone, and(living, ash)))).toEqual(["imp"]);
    expect(await search(monster, to(zoneId, zone, everything))).toEqual(["elf", "imp", "orc"]);
    expect(await search(monster, to(zoneId, monster, everything))).toEqual([]);
  });

  it("is false, never unknown, where there is no other head: its negation finds all the rest", async () => {
    const { zone, monster, search } = await seeded();
    const inBog = to(zoneId, zone, compare(name, "eq", "bog"));
    const rest = ["elf", "free", "imp", "lost", "none", "odd"];
    expect(await search(monster, not(inBog))).toEqual(rest);
    expect(await search(monster, not(not(inBog)))).toEqual(["orc"]);
    expect(await search(monster, not(to(guilds, zone, everything)))).toEqual(["free", "lost", "none", "odd", "orc"]);
  });

  it("looks at each id of a list, and at nothing in it that is no id", async () => {
    const { zone, monster, search } = await seeded();
    expect(await search(monster, to(guilds, zone, compare(name, "eq", "bog")))).toEqual(["imp"]);
    expect(await search(monster, to(guilds, zone, not(living)))).toEqual(["elf"]);
    expect(await search(zone, from(monster, guilds, everything))).toEqual(["a", "b", "gone"]);
    expect(await search(zone, from(monster, guilds, compare(level, "gt", 1)))).toEqual(["gone"]);
    expect(await search(zone, not(from(monster, guilds, compare(level, "gt", 1))))).toEqual(["a", "b"]);
  });

  it("finds what is referred to by a head that satisfies a condition", async () => {
    const { zone, monster, search } = await seeded();
    expect(await search(zone, from(monster, zoneId, compare(level, "gte", 2)))).toEqual(["b", "gone"]);
    expect(await search(zone, and(living, not(from(monster, zoneId, compare(level, "gte", 2)))))).toEqual(["a"]);
    expect(await search(zone, from(monster, zoneId, or()))).toEqual([]);
  });

  it("looks through several relations in turn, and back", async () => {
    const { zone, monster, search } = await seeded();
    const withImp = from(monster, guilds, compare(level, "eq", 1));
    expect(await search(monster, to(zoneId, zone, withImp))).toEqual(["imp", "orc"]);
    const neighbours = to(zoneId, zone, from(monster, zoneId, to(guilds, zone, compare(name, "eq", "bog"))));
    expect(await search(monster, neighbours)).toEqual(["imp"]);
    expect(await search(monster, or(neighbours, not(to(zoneId, zone, living))))).toEqual(
      ["elf", "free", "imp", "lost", "none", "odd"].sort(),
    );
  });

  it("makes of what is unknown what is false, so that its negation is true", async () => {
    const { monster, search } = await seeded();
    const strong = compare(level, "gt", 2);
    expect(await search(monster, isTrue(strong))).toEqual(["lost", "odd", "orc"]);
    expect(await search(monster, not(strong))).toEqual(["elf", "imp"]);
    expect(await search(monster, not(isTrue(strong)))).toEqual(["elf", "free", "imp", "none"]);
  });

  it("is of one moment, whatever is written meanwhile", async () => {
    const [zone, monster] = [uniqueName("zone"), uniqueName("monster")];
    const places = ["a", "b"].map((key) => `${zone}:${key}`);
    let zones = places.map((id, i) => createWrite(zone, id, { indexedData: { name: i === 0 ? "lit" : "dark" } }));
    let monsters = places.map((id, i) => createWrite(monster, `${monster}:${i}`, { indexedData: { zoneId: id } }));
    await commitAll(store(), ...zones.map(({ write }) => write), ...monsters.map(({ write }) => write));
    let isOver = false;
    const swap = async () => {
      for (let round = 0; !isOver; round++) {
        const [lit, turned] = [round % 2, round % 4 < 2 ? 1 : 0];
        zones = zones.map((one, i) => updateWrite(one, { indexedData: { name: i === lit ? "lit" : "dark" } }));
        monsters = monsters.map((one, i) =>
          updateWrite(one, { indexedData: { zoneId: places[(i + turned) % 2] ?? "" } }),
        );
        await commitAll(store(), ...[...zones, ...monsters].map(({ write }) => write));
        // As others do who have something else to do too.
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const swapping = swap();
    const inLight = to(zoneId, zone, compare(name, "eq", "lit"));
    const ask = { sort: [], limit: 9 };
    for (let round = 0; round < 30; round++) {
      const [found, rest, occupied, counts, pages] = await Promise.all([
        store().search({ ...ask, resourceName: monster, condition: inLight }),
        store().count({ resourceName: monster, condition: not(inLight) }),
        store().count({ resourceName: zone, condition: from(monster, zoneId, everything) }),
        store().referringCounts(places, { resourceName: monster, by: zoneId, condition: everything }),
        store().referringPages(places, { ...ask, resourceName: monster, by: zoneId, condition: everything }),
      ]);
      expect([found.length, rest, occupied, counts]).toEqual([1, 1, 2, [1, 1]]);
      expect(pages.map(({ length }) => length)).toEqual([1, 1]);
    }
    isOver = true;
    await swapping;
  });

  describe("referrers", () => {
    it("pages those of many resources at once, each in the order asked and from either end", async () => {
      const { zone, monster } = await seeded();
      const extra = Array.from({ length: 12 }, (_, i) =>
        createWrite(monster, `${monster}:x${i}`, {
          indexedData: { zoneId: `${zone}:${i % 2 === 0 ? "a" : "b"}`, guildIds: [`${zone}:b`], level: 10 + i },
        }),
      );
      await commitAll(store(), ...extra.map(({ write }) => write));
      const ids = ["b", "never", "a", "b"].map((key) => `${zone}:${key}`);
      const query = { resourceName: monster, condition: living, sort: [by(level, "desc")], limit: 2 };
      const keys = (pages: readonly (readonly { readonly resourceId: string }[])[]) =>
        pages.map((page) => page.map(({ resourceId }) => resourceId.slice(monster.length + 1)));
      expect(keys(await store().referringPages(ids, { ...query, by: zoneId }))).toEqual([
        ["x11", "x9"],
        ["lost"],
        ["x10", "x8"],
        ["x11", "x9"],
      ]);
      expect(keys(await store().referringPages(ids, { ...query, by: zoneId, fromEnd: true, offset: 1 }))).toEqual([
        ["x3", "x1"],
        [],
        ["x2", "x0"],
        ["x3", "x1"],
      ]);
      const [first] = extra;
      const place = { values: [10], resourceId: first?.head.resourceId ?? "" };
      expect(keys(await store().referringPages(ids, { ...query, by: guilds, after: place }))).toEqual([
        ["imp"],
        [],
        ["imp"],
        ["imp"],
      ]);
      const counted = { resourceName: monster, condition: living };
      expect(await store().referringCounts(ids, { ...counted, by: zoneId })).toEqual([7, 1, 7, 7]);
      expect(await store().referringCounts(ids, { ...counted, by: guilds })).toEqual([13, 0, 1, 13]);
    });

    it("answers nothing for nobody, and takes conditions on relations", async () => {
      const { zone, monster } = await seeded();
      const query = { resourceName: monster, condition: everything, sort: [], limit: 5, by: zoneId };
      expect(await store().referringPages([], query)).toEqual([]);
      expect(await store().referringCounts([], query)).toEqual([]);
      expect(await store().referringPages(["a\0b", `${zone}:a`], { ...query, limit: 0 })).toEqual([[], []]);
      const member = to(guilds, zone, everything);
      const ids = [`${zone}:a`, `${zone}:b`];
      expect(await store().referringCounts(ids, { ...query, condition: member })).toEqual([1, 0]);
      expect(
        (await store().referringPages(ids, { ...query, condition: not(member) })).map(({ length }) => length),
      ).toEqual([0, 1]);
    });
  });
}
