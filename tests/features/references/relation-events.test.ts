/** Events and dry runs of writes that write others: nested objects and ids of relations. */
import { describe, expect, it } from "vitest";
import { ref, z } from "../../../src/index.ts";
import { ask, codesIn } from "../../faces/ask.ts";
import { openGateway, recorder } from "../../resource/events/recorder.ts";

function open(options: Parameters<typeof openGateway>[0] = {}) {
  const opened = openGateway(options);
  const zones = opened.gateway.addModel("Zone", z.object({ name: z.string() }));
  const monsters = opened.gateway.addModel(
    "Monster",
    z.object({ name: z.string(), zoneId: ref("Zone", { onDelete: "setNull" }).nullable().default(null) }),
  );
  return { ...opened, zones, monsters, [Symbol.asyncDispose]: () => opened.gateway.close() };
}

describe("events of relation inputs", () => {
  it("are one set for each resource that is written, decided together; what is connected to fires nothing of its own", async () => {
    const heard = recorder();
    await using world = open({ handlers: [heard] });
    const zone = (await world.zones.create({ name: "old" })).meta.resourceId;
    heard.log.length = 0;
    const connected = await ask(
      world.gateway,
      `mutation { createMonster(data: { name: "m", zone: { connect: "${zone}" } }) { meta { resourceId } } }`,
    );
    expect(codesIn(connected)).toEqual([]);
    expect(heard.log).toEqual(["create.before Monster", "create.onSuccess Monster", "create.after Monster"]);
    heard.log.length = 0;
    const nested = await ask(
      world.gateway,
      `mutation { createZone(data: { name: "new", monsters: { create: [{ name: "a" }, { name: "b" }] } }) { id } }`,
    );
    expect(codesIn(nested)).toEqual([]);
    expect(heard.log.filter((entry) => entry.includes("before")).sort()).toEqual([
      "create.before Monster",
      "create.before Monster",
      "create.before Zone",
    ]);
    expect(heard.log.filter((entry) => entry.includes("onSuccess")).sort()).toEqual([
      "create.onSuccess Monster",
      "create.onSuccess Monster",
      "create.onSuccess Zone",
    ]);
    expect(heard.log.findIndex((entry) => entry.includes("onSuccess"))).toBe(3);
  });

  it("tell all of them where one fails, and nothing is written", async () => {
    const heard = recorder();
    await using world = open({ handlers: [heard] });
    const failed = await ask(
      world.gateway,
      `mutation { createMonster(data: { name: "m", zone: { create: { name: "z" } } }, resourceId: "monster:1") { id } }`,
    );
    expect(codesIn(failed)).toEqual([]);
    heard.log.length = 0;
    const again = await ask(
      world.gateway,
      `mutation { createMonster(data: { name: "m", zone: { create: { name: "y" } } }, resourceId: "monster:1") { id } }`,
    );
    expect(codesIn(again)).toEqual(["RESOURCE_EXISTS"]);
    expect(heard.log.some((entry) => entry.includes("onSuccess"))).toBe(false);
    expect(heard.log.filter((entry) => entry === "create.onFailure Monster")).toHaveLength(1);
    expect([await world.zones.count(), await world.monsters.count()]).toEqual([1, 1]);
  });
});

describe("a dry run of relation inputs", () => {
  it("answers what would be, cascades of hooks included, and stores none of it", async () => {
    const heard = recorder();
    await using world = open({ handlers: [heard] });
    const relations = { zone: { create: { data: { name: "z" } } } };
    const made = await world.monsters.create({ name: "m" }, { dryRun: true, relations });
    expect(made.data.zoneId).toMatch(/^zone:/);
    expect(heard.events.map(({ dryRun }) => dryRun)).toEqual(heard.log.map(() => true));
    expect(heard.log).toContain("create.onSuccess Zone");
    expect([await world.zones.count(), await world.monsters.count()]).toEqual([0, 0]);
  });
});

describe("beforeSetRelations and afterSetRelations", () => {
  it("run around ids that are given for a reverse relation", async () => {
    const log: unknown[] = [];
    await using opened = openGateway();
    const zones = opened.gateway.addModel("Zone", z.object({ name: z.string() }), {
      hooks: {
        beforeSetRelations: (setting) =>
          void log.push(setting.relation, [...setting.relations], setting.relations.pop()),
        afterSetRelations: ({ model, relationType, relatedTable, relatedField, updatedDbCount }) =>
          void log.push({ model, relationType, relatedTable, relatedField, updatedDbCount }),
      },
    });
    const monsters = opened.gateway.addModel(
      "Monster",
      z.object({ zoneId: ref("Zone", { onDelete: "setNull" }).nullable() }),
    );
    const zone = (await zones.create({ name: "z" })).meta.resourceId;
    const ids = [];
    for (let i = 0; i < 2; i++) ids.push((await monsters.create({ zoneId: null })).meta.resourceId);
    const set = ids.map((connect) => ({ connect }));
    const answer = await ask(
      opened.gateway,
      "mutation ($id: ID!, $data: ZoneInput!) { updateZone(resourceId: $id, data: $data) { id } }",
      { id: zone, data: { name: "z", monsters: { set } } },
    );
    expect(codesIn(answer)).toEqual([]);
    expect(log).toEqual([
      ...["monsters", ids, ids[1]],
      { model: "Zone", relationType: "oneToMany", relatedTable: "Monster", relatedField: "zoneId", updatedDbCount: 1 },
    ]);
    expect((await monsters.get(ids[0] ?? "")).data.zoneId).toBe(zone);
    expect((await monsters.get(ids[1] ?? "")).data.zoneId).toBeNull();
  });
});
