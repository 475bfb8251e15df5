import { describe, expect, it } from "vitest";
import { createGateway, type Gateway, ref, z } from "../../../src/index.ts";

const memory = { meta: "memory:", payload: "memory:", blob: "memory:", logLevel: "silent" } as const;

function world() {
  const gateway = createGateway(memory);
  const guilds = gateway.addModel("Guild", z.object({ name: z.string() }));
  const monsters = gateway.addModel(
    "Monster",
    z.object({
      name: z.string(),
      guildId: ref("Guild", { onDelete: "setNull" }).nullable().default(null),
      homeId: ref("Zone", { onDelete: "cascade" }).nullable().default(null),
      lairId: ref("Zone", { onDelete: "restrict" }).optional(),
      seenIds: z.array(ref("Zone", { onDelete: "setNull" })).default([]),
      parentId: ref("Monster", { onDelete: "cascade" }).nullable().default(null),
      trips: z.array(z.object({ toId: ref("Zone", { onDelete: "setNull" }).nullable(), km: z.number() })).default([]),
    }),
  );
  const zones = gateway.addModel("Zone", z.object({ name: z.string() }));
  return { gateway, guilds, monsters, zones };
}

describe("deleting what is referred to", () => {
  it("nulls setNull references of all that hold one, in one commit, with the actor", async () => {
    const { gateway, guilds, monsters } = world();
    const guild = (await guilds.create({ name: "g" })).meta.resourceId;
    const made = [];
    for (const name of ["a", "b"]) made.push((await monsters.create({ name, guildId: guild })).meta.resourceId);
    const other = await monsters.create({ name: "c" });
    await guilds.as("ada").delete(guild);
    for (const id of made) {
      const { data, revision } = await monsters.get(id);
      expect(data.guildId).toBe(null);
      expect(revision).toMatchObject({ revisionId: `${id}:2`, createdBy: "ada" });
    }
    expect((await monsters.get(other.meta.resourceId)).meta.etag).toBe(other.meta.etag);
    await gateway.close();
  });

  it("cascades through levels, cycles and itself, and takes elements out of lists", async () => {
    const { gateway, monsters, zones } = world();
    const [zone, spared] = [
      (await zones.create({ name: "z" })).meta.resourceId,
      (await zones.create({ name: "s" })).meta.resourceId,
    ];
    const top = (await monsters.create({ name: "top", homeId: zone })).meta.resourceId;
    const child = (await monsters.create({ name: "child", parentId: top, seenIds: [zone] })).meta.resourceId;
    await monsters.update(top, { name: "top", homeId: zone, parentId: child });
    const visitor = await monsters.create({
      name: "visitor",
      seenIds: [spared, zone, spared],
      trips: [
        { toId: zone, km: 1 },
        { toId: spared, km: 2 },
      ],
    });
    await zones.delete(zone);
    for (const id of [top, child]) await expect(monsters.get(id)).rejects.toMatchObject({ code: "RESOURCE_DELETED" });
    expect((await monsters.get(visitor.meta.resourceId)).data).toMatchObject({
      seenIds: [spared, spared],
      trips: [
        { toId: null, km: 1 },
        { toId: spared, km: 2 },
      ],
    });
    await gateway.close();
  });

  it("is refused where a restrict reference stays, and nothing is deleted; not where what restricts goes too", async () => {
    const { gateway, monsters, zones } = world();
    const zone = (await zones.create({ name: "z" })).meta.resourceId;
    const home = (await monsters.create({ name: "home", homeId: zone })).meta.resourceId;
    const lair = (await monsters.create({ name: "lair", lairId: zone })).meta.resourceId;
    await expect(zones.delete(zone)).rejects.toMatchObject({
      code: "REFERENCE_RESTRICTED",
      details: { resourceIds: [lair] },
    });
    await monsters.get(home);
    await zones.get(zone);
    await monsters.update(lair, { name: "lair", lairId: zone, homeId: zone });
    await zones.delete(zone);
    await expect(monsters.get(lair)).rejects.toMatchObject({ code: "RESOURCE_DELETED" });
    await gateway.close();
  });

  it("applies to a purge, whose referrers are deleted and keep their history", async () => {
    const { gateway, monsters, zones } = world();
    const zone = (await zones.create({ name: "z" })).meta.resourceId;
    const home = (await monsters.create({ name: "home", homeId: zone })).meta.resourceId;
    await zones.purge(zone);
    expect((await monsters.get(home, { includeDeleted: true })).meta.isDeleted).toBe(true);
    await gateway.close();
  });
});

describe("a delete plan", () => {
  it("says what would happen, and nothing happens", async () => {
    const { gateway, monsters, zones } = world();
    const zone = (await zones.create({ name: "z" })).meta.resourceId;
    const home = (await monsters.create({ name: "home", homeId: zone })).meta.resourceId;
    const child = (await monsters.create({ name: "child", parentId: home })).meta.resourceId;
    const visitor = (await monsters.create({ name: "visitor", seenIds: [zone] })).meta.resourceId;
    const lair = (await monsters.create({ name: "lair", lairId: zone })).meta.resourceId;
    const plan = { cascades: [home, child], setNulls: [visitor], restrictedBy: [lair] };
    expect(await zones.deletePlan(zone)).toEqual(plan);
    const query = `query ($id: ID!) { zoneDeletePlan(resourceId: $id) { cascades setNulls restrictedBy } }`;
    expect(await ask(gateway, query, { id: zone })).toEqual({ data: { zoneDeletePlan: plan } });
    expect((await monsters.get(home)).meta.totalRevisionCount).toBe(1);
    await expect(zones.deletePlan("zone:none")).rejects.toMatchObject({ code: "RESOURCE_NOT_FOUND" });
    await gateway.close();
  });
});

describe("restoring what was deleted", () => {
  it("with cascade brings back what the deletion had deleted besides, but nothing that somebody has touched since", async () => {
    const { gateway, monsters, zones } = world();
    const zone = (await zones.create({ name: "z" })).meta.resourceId;
    const made = [];
    for (const name of ["a", "b", "c"]) made.push((await monsters.create({ name, homeId: zone })).meta.resourceId);
    const [first = "", touched = "", gone = ""] = made;
    const earlier = (await monsters.create({ name: "earlier", homeId: zone })).meta.resourceId;
    await monsters.delete(earlier);
    await zones.delete(zone);
    await monsters.restore(touched);
    await monsters.delete(touched);
    await monsters.purge(gone);
    await zones.restore(zone, { cascade: true });
    await monsters.get(first);
    for (const id of [touched, earlier])
      await expect(monsters.get(id)).rejects.toMatchObject({ code: "RESOURCE_DELETED" });
    const { meta } = await zones.get(zone);
    await zones.delete(zone);
    await zones.restore(zone);
    expect((await zones.get(zone)).meta.createdTime).toEqual(meta.createdTime);
    await expect(monsters.get(first)).rejects.toMatchObject({ code: "RESOURCE_DELETED" });
    await gateway.close();
  });
});

describe("references", () => {
  it("that must exist are refused where their target is missing, deleted, or of another model", async () => {
    const gateway = createGateway(memory);
    const zones = gateway.addModel("Zone", z.object({ name: z.string() }));
    const others = gateway.addModel("Other", z.object({ name: z.string() }));
    const monsters = gateway.addModel(
      "Monster",
      z.object({ name: z.string(), zoneId: ref("Zone", { mustExist: true }).optional() }),
    );
    const zone = (await zones.create({ name: "z" })).meta.resourceId;
    const other = (await others.create({ name: "o" })).meta.resourceId;
    for (const zoneId of ["zone:none", other])
      await expect(monsters.create({ name: "a", zoneId })).rejects.toMatchObject({
        code: "VALIDATION_FAILED",
        details: { issues: [{ path: ["zoneId"] }] },
      });
    const { meta } = await monsters.create({ name: "a", zoneId: zone });
    await zones.delete(zone);
    await expect(monsters.create({ name: "b", zoneId: zone })).rejects.toMatchObject({ code: "VALIDATION_FAILED" });
    // What it referred to already may have gone.
    await monsters.update(meta.resourceId, { name: "b", zoneId: zone });
    await gateway.close();
  });

  it.each([
    [{ zoneId: ref("Zone", { onDelete: "setNull" }) }, "add .nullable()"],
    [{ zoneId: ref("Zone", { onDelete: "cascade", type: "revision" }) }, "references to resources"],
  ])("that cannot be kept are refused when the model is added: %#", (shape, reason) => {
    const gateway = createGateway(memory);
    expect(() => gateway.addModel("Monster", z.object(shape))).toThrow(reason);
  });

  it("to no model are refused when the schema is built", () => {
    const gateway = createGateway(memory);
    gateway.addModel("Monster", z.object({ zoneId: ref("Zone") }));
    expect(() => gateway.schema()).toThrow("Monster.zoneId refers to Zone");
  });

  it("resolve to their targets, null where these are missing or deleted, each read once", async () => {
    const { gateway, guilds, monsters, zones } = world();
    const guild = (await guilds.create({ name: "g" })).meta.resourceId;
    const zone = (await zones.create({ name: "z" })).meta.resourceId;
    const gone = (await zones.create({ name: "gone" })).meta.resourceId;
    await monsters.create({
      name: "a",
      guildId: guild,
      seenIds: [zone, "zone:none", zone],
      trips: [{ toId: zone, km: 1 }],
    });
    await monsters.create({ name: "b", homeId: zone, seenIds: [gone] });
    await zones.purge(gone);
    const query = `{ monsters(orderBy: { meta: { createdTime: ASC } }) { nodes { data {
      name guild { meta { resourceId } data { name } } home { data { name } } seens { data { name } } trips { to { data { name } } } parent { meta { etag } } } } } }`;
    const z0 = { data: { name: "z" } };
    expect(await ask(gateway, query)).toEqual({
      data: {
        monsters: {
          nodes: [
            {
              data: {
                name: "a",
                guild: { meta: { resourceId: guild }, data: { name: "g" } },
                home: null,
                seens: [z0, null, z0],
                trips: [{ to: z0 }],
                parent: null,
              },
            },
            { data: { name: "b", guild: null, home: z0, seens: [], trips: [], parent: null } },
          ],
        },
      },
    });
    await gateway.close();
  });
});

async function ask(gateway: Gateway, query: string, variables: object = {}): Promise<unknown> {
  const response = await gateway.fetch(
    new Request("http://localhost/graphql", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables }),
    }),
  );
  return response.json();
}
