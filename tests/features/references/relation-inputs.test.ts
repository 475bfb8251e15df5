/** Relations in the inputs of writes: one commit, under the policies and hooks of every model concerned. */
import { describe, expect, it } from "vitest";
import {
  createGateway,
  type Gateway,
  type ModelRegistration,
  type Policy,
  ref,
  WeftError,
  z,
} from "../../../src/index.ts";
import { memoryMetaStore } from "../../../src/stores/meta/drivers/memory.ts";

interface Options {
  readonly zone?: ModelRegistration;
  readonly monster?: ModelRegistration;
}

function open({ zone = {}, monster = {} }: Options = {}) {
  const meta = memoryMetaStore();
  const gateway = createGateway({ meta, payload: "memory:", blob: "memory:", logLevel: "silent" });
  const zones = gateway.addModel("Zone", z.object({ name: z.string() }), { indexedFields: ["name"], ...zone });
  const guilds = gateway.addModel(
    "Guild",
    z.object({ name: z.string(), homeId: ref("Zone", { onDelete: "restrict" }) }),
  );
  const monsters = gateway.addModel(
    "Monster",
    z.object({
      name: z.string(),
      zoneId: ref("Zone").nullable(),
      guildIds: z.array(ref("Guild", { mustExist: true })).default([]),
    }),
    { indexedFields: ["name"], ...monster },
  );
  return { gateway, meta, zones, guilds, monsters, [Symbol.asyncDispose]: () => gateway.close() };
}

interface Answer {
  readonly data?: Record<string, never>;
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
}

async function ask(gateway: Gateway, query: string): Promise<Answer> {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ query }) };
  const response = await gateway.fetch(new Request("http://127.0.0.1/graphql", init));
  return (await response.json()) as Answer;
}

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => "no error",
    (error) => (error instanceof WeftError ? error.code : String(error)),
  );

const forbid: Policy = () => false;

describe("in GraphQL", () => {
  it("a resource is made together with what it refers to and what refers to it, in one commit", async () => {
    await using world = open();
    const answer = await ask(
      world.gateway,
      `mutation { createZone(data: { name: "north", monsters: { create: [
        { name: "orc" },
        { name: "elf", guilds: { create: [{ name: "bakers", home: { create: { name: "village" } } }] } }
      ] } }) { data { name } monsters { nodes { data { name zone { data { name } } guilds { data { name home { data { name } } } } } } } } }`,
    );
    expect(answer).toEqual({
      data: {
        createZone: {
          data: { name: "north" },
          monsters: {
            nodes: [
              { data: { name: "orc", zone: { data: { name: "north" } }, guilds: [] } },
              {
                data: {
                  name: "elf",
                  zone: { data: { name: "north" } },
                  guilds: [{ data: { name: "bakers", home: { data: { name: "village" } } } }],
                },
              },
            ],
          },
        },
      },
    });
    const log = await world.meta.changes({ after: 0, limit: 10 });
    expect(log.map(({ resourceName }) => resourceName)).toEqual(["zone", "monster", "zone", "guild", "monster"]);
    expect(new Set(log.map(({ commitId }) => commitId)).size).toBe(1);
  });

  it("a required reference may be given by its relation instead, and by nothing it is refused", async () => {
    await using world = open();
    const made = await ask(
      world.gateway,
      'mutation { createGuild(data: { name: "g", home: { create: { name: "z" } } }) { data { home { data { name } } } } }',
    );
    expect(made.data).toEqual({ createGuild: { data: { home: { data: { name: "z" } } } } });
    const refused = await ask(world.gateway, 'mutation { createGuild(data: { name: "g" }) { data { name } } }');
    expect(refused.errors?.[0]?.extensions.code).toBe("VALIDATION_FAILED");
  });

  it("shows no relation that is protected, and no nested objects where they are disabled", async () => {
    await using world = open({
      zone: { protectedCreateRelationships: ["monsters"], disableNestedObjects: true },
      monster: { protectedRelationships: ["zone"] },
    });
    const { printSchema } = await import("graphql");
    const sdl = printSchema(world.gateway.schema());
    const input = (name: string) => sdl.match(new RegExp(`input ${name}[^{]*\\{[^}]*\\}`))?.[0] ?? "";
    expect(input("MonsterInput")).not.toContain("zone:");
    expect(input("MonsterInput")).toContain("guilds: GuildRelationListInput");
    expect(input("MonsterRelationIdsInput")).not.toContain("create");
    const { errors } = await ask(
      world.gateway,
      'mutation { createZone(data: { name: "z", monsters: { connect: [] } }) { data { name } } }',
    );
    expect(errors?.[0]?.extensions).toMatchObject({ code: "VALIDATION_FAILED", issues: [{ path: ["monsters"] }] });
  });
});

describe("of what refers to a resource", () => {
  async function inhabited(options?: Options) {
    const world = open(options);
    const north = (await world.zones.create({ name: "north" })).meta.resourceId;
    const south = (await world.zones.create({ name: "south" })).meta.resourceId;
    const make = async (name: string, zoneId: string | null) =>
      (await world.monsters.asRoot().create({ name, zoneId })).meta.resourceId;
    const [a, b, c] = [await make("a", north), await make("b", north), await make("c", south)];
    const zoneOf = async () => {
      const found = await world.monsters
        .asRoot()
        .search({ sorts: [{ data: { fieldPath: "name", direction: "ASC" } }] });
      return found.map(
        ({ data }) => `${data.name} ${data.zoneId === north ? "north" : data.zoneId === south ? "south" : "-"}`,
      );
    };
    return { ...world, north, south, a, b, c, zoneOf };
  }

  it("set leaves these and no others, whoever they belonged to; disconnect and connect take one and give one", async () => {
    await using world = await inhabited();
    const { zones, north, b, c } = world;
    await zones.update(
      north,
      { name: "north" },
      { relations: { monsters: { set: [{ connect: b }, { connect: c }] } } },
    );
    expect(await world.zoneOf()).toEqual(["a -", "b north", "c north"]);
    await zones.update(north, { name: "north" }, { relations: { monsters: { disconnect: [b], connect: [world.a] } } });
    expect(await world.zoneOf()).toEqual(["a north", "b -", "c north"]);
    await zones.update(north, { name: "north" }, { relations: { monsters: { set: [] } } });
    expect(await world.zoneOf()).toEqual(["a -", "b -", "c -"]);
    expect((await zones.get(north)).meta.totalRevisionCount).toBe(1);
  });

  it("objects are made and changed by the way", async () => {
    await using world = await inhabited();
    const { zones, north, a } = world;
    await zones.update(
      north,
      { name: "n" },
      {
        relations: {
          monsters: {
            add: [{ create: { data: { name: "d" } } }],
            update: [{ resourceId: a, data: { name: "a2" } }],
          },
        },
      },
    );
    expect(await world.zoneOf()).toEqual(["a2 north", "b north", "c south", "d north"]);
  });

  it("a list in which one fails changes nothing, and clears nothing", async () => {
    await using world = await inhabited();
    const { zones, north, a } = world;
    const before = await world.meta.lastSeq();
    const bad = { data: { name: 7 } };
    const set = [{ create: { data: { name: "d" } } }, { create: bad }];
    expect(await codeOf(zones.update(north, { name: "x" }, { relations: { monsters: { set } } }))).toBe(
      "VALIDATION_FAILED",
    );
    expect(
      await codeOf(
        zones.update(north, { name: "x" }, { relations: { monsters: { set: [{ connect: "monster:none" }] } } }),
      ),
    ).toBe("RESOURCE_NOT_FOUND");
    expect(await codeOf(zones.create({ name: "x" }, { relations: { monsters: { create: [bad] } } }))).toBe(
      "VALIDATION_FAILED",
    );
    expect(await world.zoneOf()).toEqual(["a north", "b north", "c south"]);
    expect([await world.meta.lastSeq(), (await zones.get(north)).data.name, a]).toEqual([before, "north", a]);
  });

  it("ids are written under the policies of their own model", async () => {
    await using world = await inhabited({ monster: { policies: { update: [forbid] } } });
    const { zones, north, a, c } = world;
    for (const monsters of [
      { connect: [c] },
      { disconnect: [a] },
      { set: [] },
      { update: [{ resourceId: a, data: { name: "x", zoneId: north } }] },
    ])
      expect(await codeOf(zones.update(north, { name: "x" }, { relations: { monsters } }))).toBe("FORBIDDEN");
    expect(await world.zoneOf()).toEqual(["a north", "b north", "c south"]);
    expect(
      await codeOf(
        zones.update(north, { name: "x" }, { relations: { monsters: { create: [{ data: { name: "d" } }] } } }),
      ),
    ).toBe("no error");
  });

  it("what the actor may not see can be neither connected nor disconnected, and set leaves it alone", async () => {
    await using world = await inhabited({
      monster: { policies: { universal: [() => ({ where: { name: { ne: "b" } } })] } },
    });
    const { zones, north, b, c } = world;
    expect(await codeOf(zones.update(north, { name: "x" }, { relations: { monsters: { connect: [b] } } }))).toBe(
      "RESOURCE_NOT_FOUND",
    );
    expect(await codeOf(zones.update(north, { name: "x" }, { relations: { monsters: { disconnect: [b] } } }))).toBe(
      "RESOURCE_NOT_FOUND",
    );
    await zones.update(north, { name: "x" }, { relations: { monsters: { set: [{ connect: c }] } } });
    expect(await world.zoneOf()).toEqual(["a -", "b north", "c north"]);
  });

  it("cannot be without a reference that they need", async () => {
    await using world = open();
    const { meta } = await world.zones.create(
      { name: "z" },
      { relations: { guilds: { create: [{ data: { name: "g" } }] } } },
    );
    expect(
      await codeOf(world.zones.update(meta.resourceId, { name: "y" }, { relations: { guilds: { set: [] } } })),
    ).toBe("VALIDATION_FAILED");
  });
});

describe("of what a resource refers to", () => {
  it("one is connected, made or changed; ids that say something else are refused", async () => {
    await using world = open();
    const { zones, monsters } = world;
    const { meta: zone } = await zones.create({ name: "north" });
    const { meta, data } = await monsters.create(
      { name: "a", zoneId: null },
      { relations: { zone: { connect: zone.resourceId } } },
    );
    expect(data.zoneId).toBe(zone.resourceId);
    const { resourceId } = meta;
    const update = { resourceId: zone.resourceId, data: { name: "colder" } };
    await monsters.update(resourceId, { name: "a", zoneId: null }, { relations: { zone: { update } } });
    expect((await zones.get(zone.resourceId)).data.name).toBe("colder");
    const made = await monsters.update(
      resourceId,
      { name: "a", zoneId: null },
      { relations: { zone: { create: { data: { name: "new" } } } } },
    );
    expect((await zones.get(made.data.zoneId ?? "")).data.name).toBe("new");
    const other = { name: "a", zoneId: zone.resourceId };
    expect(
      await codeOf(monsters.update(resourceId, other, { relations: { zone: { create: { data: { name: "x" } } } } })),
    ).toBe("VALIDATION_FAILED");
  });

  it("lists keep what they hold, but for what is taken out", async () => {
    await using world = open();
    const { guilds, monsters, zones } = world;
    const { meta: home } = await zones.create({ name: "z" });
    const make = async (name: string) => (await guilds.create({ name, homeId: home.resourceId })).meta.resourceId;
    const [one, two] = [await make("one"), await make("two")];
    const { meta } = await monsters.create({ name: "a", zoneId: null, guildIds: [one] });
    const { data } = await monsters.update(
      meta.resourceId,
      { name: "a", zoneId: null },
      {
        relations: {
          guilds: { disconnect: [one], connect: [two], create: [{ data: { name: "three", homeId: home.resourceId } }] },
        },
      },
    );
    expect([data.guildIds[0], data.guildIds.length]).toEqual([two, 2]);
  });

  it("what the actor may not see, or what is not there, cannot be connected", async () => {
    await using world = open({ zone: { policies: { getOne: [() => ({ where: { name: { ne: "secret" } } })] } } });
    const { meta } = await world.zones.asRoot().create({ name: "secret" });
    for (const connect of [meta.resourceId, "zone:none"])
      expect(
        await codeOf(world.monsters.create({ name: "a", zoneId: null }, { relations: { zone: { connect } } })),
      ).toBe("RESOURCE_NOT_FOUND");
    expect(
      await codeOf(world.monsters.create({ name: "a", zoneId: null }, { relations: { zone: { connect: "guild:x" } } })),
    ).toBe("VALIDATION_FAILED");
    expect(await world.monsters.count()).toBe(0);
  });

  it("nested objects run the policies, validators and hooks of their model", async () => {
    const log: string[] = [];
    await using world = open({
      zone: {
        policies: { create: [({ actor }) => void log.push(`policy ${String(actor)}`)] },
        hooks: { beforeCreate: () => void log.push("before") },
      },
    });
    await world.monsters
      .as("ann")
      .create({ name: "a", zoneId: null }, { relations: { zone: { create: { data: { name: "z" } } } } });
    expect(log).toEqual(["policy ann", "before"]);
    const [change] = await world.meta.changes({ after: 0, limit: 1 });
    expect([change?.actor, change?.resourceName]).toEqual(["ann", "zone"]);
  });

  it("hooks may change which they are, and hear what was set", async () => {
    const log: unknown[] = [];
    await using world = open({
      zone: {
        hooks: {
          beforeSetRelations: (setting) => void setting.relations.pop(),
          afterSetRelations: ({ relationType, relatedTable, relatedField, updatedDbCount }) =>
            void log.push([relationType, relatedTable, relatedField, updatedDbCount]),
        },
      },
      monster: { hooks: { beforeSetRelations: (setting) => void setting.relations.splice(0, 1, other.resourceId) } },
    });
    const { meta: other } = await world.zones.create({ name: "other" });
    const { meta: zone } = await world.zones.create({ name: "z" });
    const { data } = await world.monsters.create(
      { name: "a", zoneId: null },
      { relations: { zone: { connect: zone.resourceId } } },
    );
    expect(data.zoneId).toBe(other.resourceId);
    const create = [{ data: { name: "b" } }, { data: { name: "c" } }];
    await world.zones.update(zone.resourceId, { name: "z" }, { relations: { monsters: { create } } });
    expect((await world.monsters.search()).map((found) => found.data.name).sort()).toEqual(["a", "b"]);
    expect(log).toEqual([["oneToMany", "Monster", "zoneId", 1]]);
  });

  it("names of relations that are protected, unknown or misused are errors, not silence", async () => {
    await using world = open({ monster: { protectedUpdateRelationships: ["zone"], disableNestedObjects: true } });
    const { meta: zone } = await world.zones.create({ name: "z" });
    const connect = { zone: { connect: zone.resourceId } };
    const { meta } = await world.monsters.create({ name: "a", zoneId: null }, { relations: connect });
    const update = (relations: object) =>
      codeOf(world.monsters.update(meta.resourceId, { name: "a", zoneId: null }, { relations: relations as never }));
    expect(await update(connect)).toBe("VALIDATION_FAILED");
    expect(await update({ nothing: { connect: "x" } })).toBe("VALIDATION_FAILED");
    expect(await update({ guilds: { create: [{ data: { name: "g" } }] } })).toBe("VALIDATION_FAILED");
    expect(await update({ guilds: { conect: [] } })).toBe("VALIDATION_FAILED");
    expect(await update({ guilds: { connect: "x" } })).toBe("VALIDATION_FAILED");
    expect(await update({ guilds: { connect: [] } })).toBe("no error");
  });
});
