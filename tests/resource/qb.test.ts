/** The builder `QB` in the manager's search and count. */
import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { QB } from "../../src/query/qb/builder.ts";
import { openModel } from "./open-model.ts";

const schema = z.object({ name: z.string(), level: z.number().int(), due: z.date(), day: z.iso.date() });

const clock = new Date("2024-02-29T20:30:00Z");

async function openHeroes() {
  const { manager } = openModel("Hero", schema, { indexedFields: ["name", "level", "due", "day"] });
  for (const [level, name] of ["Ann", "Bob", "Cid"].entries()) {
    const due = new Date(Date.UTC(2024, 1, 28 + level, 12));
    await manager.create({ name, level, due, day: due.toISOString().slice(0, 10) });
  }
  return manager;
}

const hero = QB<z.output<typeof schema>>();

describe("a manager", () => {
  it("searches and counts by a builder", async () => {
    const manager = await openHeroes();
    const query = hero("level").gte(1).sort("-level").limit(1);
    const found = await manager.search(query);
    expectTypeOf(found[0]?.data.level).toEqualTypeOf<number | undefined>();
    expect(found.map(({ data }) => data.name)).toEqual(["Cid"]);
    expect(await manager.count(query)).toBe(2);
    expect(await manager.count(hero.isDeleted())).toBe(0);
  });

  it("takes the builder's days for those of the operation's time, for times and days alike", async () => {
    const manager = (await openHeroes()).as("ann", clock);
    for (const field of [hero("due"), hero("day")]) {
      expect((await manager.search(field.today())).map(({ data }) => data.name)).toEqual(["Bob"]);
      expect((await manager.search(field.today("Asia/Taipei"))).map(({ data }) => data.name)).toEqual(["Cid"]);
      expect(await manager.count(field.lastNDays(1))).toBe(2);
    }
  });
});
