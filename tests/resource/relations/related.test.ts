/** Conditions through relations, told of heads in hand: in subscriptions, of states that are no more. */
import { describe, expect, it } from "vitest";
import { createGateway, ref, z } from "../../../src/index.ts";
import type { Condition, QueryField } from "../../../src/query/condition.ts";
import { holds, relatedLoader } from "../../../src/resource/related.ts";
import { memoryMetaStore } from "../../../src/stores/meta/drivers/memory.ts";
import { seed } from "../../conformance/meta-fixtures.ts";
import { and, compare, data, everything, from, not, or, to } from "../../conformance/query-fixtures.ts";

const zoneId: QueryField = data("zoneId", "text");
const guildIds: QueryField = data("guildIds", "list");
const name: QueryField = data("name", "text");

async function heads() {
  const meta = memoryMetaStore();
  const zones = await seed(meta, "zone", [{ indexedData: { name: "ash" } }, { indexedData: { name: "bog" } }]);
  const [ash, bog] = zones.map(({ head }) => head);
  if (!ash || !bog) throw new Error("nothing seeded");
  const [orc] = await seed(meta, "monster", [
    { indexedData: { name: "orc", zoneId: bog.resourceId, guildIds: [ash.resourceId, bog.resourceId] } },
  ]);
  if (!orc) throw new Error("nothing seeded");
  const calls: string[] = [];
  const recorded = new Proxy(meta, {
    get(target, key, receiver) {
      const member = Reflect.get(target, key, receiver);
      return (...args: unknown[]) => {
        calls.push(`${String(key)}${Array.isArray(args[0]) ? `(${args[0].length})` : ""}`);
        return member.apply(target, args);
      };
    },
  });
  const session = { reader: { isRelated: relatedLoader(recorded) } };
  return {
    ash,
    bog,
    orc: orc.head,
    calls,
    ask: (condition: Condition, head: typeof ash) => holds({ session }, condition, head),
  };
}

describe("a condition told of a head in hand", () => {
  it("is told at once where it says nothing of others", async () => {
    const { ash, ask, calls } = await heads();
    expect(ask(compare(name, "eq", "ash"), ash)).toBe(true);
    expect(ask(not(compare(name, "eq", "ash")), ash)).toBe(false);
    expect(calls).toEqual([]);
  });

  it("looks at what this state refers to, whatever the stored one does", async () => {
    const { ash, orc, ask } = await heads();
    const inAsh = to(zoneId, "zone", compare(name, "eq", "ash"));
    expect(await ask(inAsh, orc)).toBe(false);
    expect(await ask(not(inAsh), orc)).toBe(true);
    const moved = { ...orc, indexedData: { ...orc.indexedData, zoneId: ash.resourceId } };
    expect(await ask(inAsh, moved)).toBe(true);
    expect(await ask(to(guildIds, "zone", compare(name, "eq", "ash")), orc)).toBe(true);
    expect(await ask(to(guildIds, "zone", everything), { ...orc, indexedData: {} })).toBe(false);
  });

  it("looks at who refers to it, and through relations of those", async () => {
    const { ash, bog, ask } = await heads();
    const withOrc = from("monster", zoneId, compare(name, "eq", "orc"));
    expect([await ask(withOrc, ash), await ask(withOrc, bog)]).toEqual([false, true]);
    const guildOfBog = from("monster", guildIds, to(zoneId, "zone", compare(name, "eq", "bog")));
    expect(await ask(and(compare(name, "eq", "ash"), guildOfBog), ash)).toBe(true);
    expect(await ask(or(withOrc, compare(name, "eq", "ash")), ash)).toBe(true);
  });

  it("asks for all heads of a moment at once, and anew for those of a later one", async () => {
    const { ash, bog, orc, ask, calls } = await heads();
    const inBog = () => to(zoneId, "zone", compare(name, "eq", "bog"));
    expect(
      await Promise.all(
        [orc, orc, { ...orc, indexedData: { zoneId: ash.resourceId } }].map((head) => ask(inBog(), head)),
      ),
    ).toEqual([true, true, false]);
    expect(calls).toEqual(["search"]);
    const withOrc = from("monster", zoneId, everything);
    await Promise.all([ask(withOrc, ash), ask(withOrc, bog)]);
    expect(calls).toEqual(["search", "referringPages(2)"]);
    await ask(inBog(), orc);
    expect(calls).toEqual(["search", "referringPages(2)", "search"]);
  });
});

describe("a subscription filtered by a relation", () => {
  it("delivers what satisfies it before or after the change, by what the others are when it is delivered", async () => {
    const gateway = createGateway({ meta: "memory:", payload: "memory:", blob: "memory:", logLevel: "silent" });
    const monsters = gateway.addModel("Monster", z.object({ name: z.string(), zoneId: ref("Zone").nullable() }));
    const zones = gateway.addModel("Zone", z.object({ name: z.string() }), { indexedFields: ["name"] });
    const ids = [];
    for (const name of ["ash", "bog"]) ids.push((await zones.create({ name })).meta.resourceId);
    const [ash = "", bog = ""] = ids;
    const changes = monsters.changes({ after: "0", where: { zone: { name: { eq: "ash" } } } })[Symbol.asyncIterator]();
    const imp = (await monsters.create({ name: "imp", zoneId: bog })).meta.resourceId;
    await monsters.update(imp, { name: "imp moves", zoneId: ash });
    await monsters.create({ name: "nowhere", zoneId: null });
    await monsters.update(imp, { name: "imp leaves", zoneId: null });
    await monsters.update(imp, { name: "imp rests", zoneId: null });
    await monsters.create({ name: "last", zoneId: ash });
    const names = [];
    for (let n = 0; n < 3; n++) names.push((await changes.next()).value?.resource?.data.name);
    expect(names).toEqual(["imp moves", "imp leaves", "last"]);
    await changes.return?.();
    await gateway.close();
  });
});
