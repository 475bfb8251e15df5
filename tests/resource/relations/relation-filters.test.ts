/** Filters that speak of other resources: what they mean, what policies make of them, and what is refused. */
import { describe, expect, it } from "vitest";
import { createGateway, type ModelRegistration, ref, z } from "../../../src/index.ts";
import { ask } from "../../faces/ask.ts";

const memory = { meta: "memory:", payload: "memory:", blob: "memory:", logLevel: "silent" } as const;

interface Policies {
  readonly zone?: ModelRegistration["policies"];
  readonly monster?: ModelRegistration["policies"];
}

async function world({ zone, monster }: Policies = {}) {
  const gateway = createGateway(memory);
  const monsters = gateway.addModel(
    "Monster",
    z.object({
      name: z.string(),
      level: z.number().int().nullable().default(null),
      zoneId: ref("Zone").nullable().default(null),
      guildIds: z.array(ref("Guild")).default([]),
      lair: z
        .object({ cityId: ref("Zone", { reverse: "lairs" }).nullable() })
        .nullable()
        .default(null),
      trips: z.array(z.object({ toId: ref("Zone", { reverse: "visitors" }) })).default([]),
    }),
    { indexedFields: ["name", "level"], ...(monster && { policies: monster }) },
  );
  const zones = gateway.addModel("Zone", z.object({ name: z.string(), secret: z.string().default("s") }), {
    indexedFields: ["name", "secret"],
    ...(zone && { policies: zone }),
  });
  const guilds = gateway.addModel("Guild", z.object({ name: z.string() }), { indexedFields: ["name"] });
  const root = { monsters: monsters.asRoot(), zones: zones.asRoot(), guilds: guilds.asRoot() };
  const idOf = async (made: Promise<{ meta: { resourceId: string } }>) => (await made).meta.resourceId;
  const ash = await idOf(root.zones.create({ name: "ash" }));
  const bog = await idOf(root.zones.create({ name: "bog", secret: "deep" }));
  const gone = await idOf(root.zones.create({ name: "gone" }));
  const red = await idOf(root.guilds.create({ name: "red" }));
  const blue = await idOf(root.guilds.create({ name: "blue" }));
  await root.monsters.create({ name: "imp", level: 1, zoneId: ash, guildIds: [red, blue], trips: [{ toId: bog }] });
  await root.monsters.create({ name: "orc", level: 3, zoneId: bog, guildIds: [red], lair: { cityId: ash } });
  await root.monsters.create({ name: "elf", level: null, zoneId: ash });
  await root.monsters.create({ name: "lost", level: 9, zoneId: gone });
  await root.zones.delete(gone);

  async function find(field: "monsters" | "zones" | "guilds", where: string): Promise<string[]> {
    const { data, errors } = await ask(gateway, `{ ${field}(where: ${where}) { nodes { data { name } } totalCount } }`);
    if (errors)
      throw new Error(`${errors[0]?.extensions?.code}: ${errors[0]?.message} ${JSON.stringify(errors[0]?.extensions)}`);
    const page = (data as Record<string, { nodes: { data: { name: string } }[]; totalCount: number }>)[field];
    expect(page?.totalCount).toBe(page?.nodes.length);
    return (page?.nodes ?? []).map((node) => node.data.name).sort();
  }
  return { gateway, find, monsters, zones };
}

describe("a filter on what is referred to", () => {
  it("finds by a living target, and its negation finds all the rest", async () => {
    const { gateway, find } = await world();
    expect(await find("monsters", '{ zone: { name: { eq: "ash" } } }')).toEqual(["elf", "imp"]);
    expect(await find("monsters", "{ zone: {} }")).toEqual(["elf", "imp", "orc"]);
    expect(await find("monsters", '{ not: { zone: { name: { eq: "ash" } } } }')).toEqual(["lost", "orc"]);
    expect(await find("monsters", '{ zone: { name: { eq: "gone" } } }')).toEqual([]);
    expect(await find("monsters", '{ lair: { city: { name: { eq: "ash" } } } }')).toEqual(["orc"]);
    await gateway.close();
  });

  it("asks of a list for some, every or none of its targets", async () => {
    const { gateway, find } = await world();
    expect(await find("monsters", '{ guilds: { some: { name: { eq: "blue" } } } }')).toEqual(["imp"]);
    expect(await find("monsters", '{ guilds: { none: { name: { eq: "blue" } } } }')).toEqual(["elf", "lost", "orc"]);
    expect(await find("monsters", '{ guilds: { every: { name: { eq: "red" } } } }')).toEqual(["elf", "lost", "orc"]);
    expect(await find("monsters", '{ guilds: { some: {}, every: { name: { eq: "red" } } } }')).toEqual(["orc"]);
    expect(await find("monsters", '{ trips: { to: { some: { name: { eq: "bog" } } } } }')).toEqual(["imp"]);
    await gateway.close();
  });

  it("looks at those that refer to it, under the names that references give them", async () => {
    const { gateway, find } = await world();
    expect(await find("zones", "{ monstersByZoneId: { some: { level: { gt: 2 } } } }")).toEqual(["bog"]);
    expect(await find("zones", "{ monstersByZoneId: { none: { level: { gt: 2 } } } }")).toEqual(["ash"]);
    expect(await find("zones", "{ lairs: { some: {} } }")).toEqual(["ash"]);
    expect(await find("zones", '{ visitors: { some: { name: { eq: "imp" } } } }')).toEqual(["bog"]);
    expect(await find("guilds", '{ monsters: { some: { zone: { name: { eq: "bog" } } } } }')).toEqual(["red"]);
    await gateway.close();
  });

  it("takes every for none of which it is not true: what is unknown is not", async () => {
    const { gateway, find } = await world();
    expect(await find("zones", "{ monstersByZoneId: { every: { level: { lt: 5 } } } }")).toEqual(["bog"]);
    expect(await find("zones", "{ monstersByZoneId: { every: {} } }")).toEqual(["ash", "bog"]);
    await gateway.close();
  });

  it("refuses what says nothing, what is no relation, and more conditions than are allowed", async () => {
    const { gateway, find } = await world();
    await expect(find("monsters", "{ guilds: {} }")).rejects.toThrow("QUERY_INVALID");
    await expect(find("monsters", "{ guilds: { any: {} } }")).rejects.toThrow("VALIDATION_FAILED");
    const many = (depth: number): string =>
      depth === 0 ? "{}" : `{ guilds: { some: { monsters: { some: ${many(depth - 1)} } } } }`;
    await expect(find("monsters", many(3))).resolves.toEqual(["imp", "orc"]);
    const wide = `{ or: [${Array.from({ length: 60 }, () => "{ zone: {} }").join(", ")}] }`;
    await expect(find("monsters", wide)).rejects.toThrow("LIMIT_EXCEEDED");
    await gateway.close();
  });
});

describe("policies and relation filters", () => {
  it("a refusal to list the others refuses the query", async () => {
    const { gateway, find } = await world({ zone: { getMany: [() => false] } });
    await expect(find("monsters", '{ zone: { name: { eq: "ash" } } }')).rejects.toThrow("FORBIDDEN");
    await expect(find("guilds", "{ monsters: { some: { zone: {} } } }")).rejects.toThrow("FORBIDDEN");
    expect(await find("monsters", '{ guilds: { some: { name: { eq: "blue" } } } }')).toEqual(["imp"]);
    await gateway.close();
  });

  it("those out of sight are not there", async () => {
    const { gateway, find } = await world({ zone: { universal: [() => ({ where: { name: { ne: "ash" } } })] } });
    expect(await find("monsters", "{ zone: {} }")).toEqual(["orc"]);
    expect(await find("monsters", '{ zone: { name: { eq: "ash" } } }')).toEqual([]);
    expect(await find("guilds", '{ monsters: { every: { zone: { name: { eq: "bog" } } } } }')).toEqual([]);
    await gateway.close();
  });

  it("hidden fields cannot be asked by: those of the others, and the reference itself", async () => {
    const hidden = await world({ zone: { getMany: [() => ({ fields: { read: { except: ["secret"] } } })] } });
    await expect(hidden.find("monsters", '{ zone: { secret: { eq: "deep" } } }')).rejects.toThrow(/FORBIDDEN.*secret/);
    expect(await hidden.find("monsters", '{ zone: { name: { eq: "bog" } } }')).toEqual(["orc"]);
    await hidden.gateway.close();
    const masked = await world({ monster: { universal: [() => ({ fields: { read: { except: ["zoneId"] } } })] } });
    await expect(masked.find("monsters", "{ zone: {} }")).rejects.toThrow(/FORBIDDEN.*zoneId/);
    await expect(masked.find("zones", "{ monstersByZoneId: { some: {} } }")).rejects.toThrow(/FORBIDDEN.*zoneId/);
    expect(await masked.find("zones", "{ lairs: { some: {} } }")).toEqual(["ash"]);
    await masked.gateway.close();
  });

  it("a policy may rewrite what is asked of its model, and speak of relations itself", async () => {
    const rewriting = await world({
      zone: { getMany: [({ input }) => void Object.assign(input, { where: { name: { eq: "bog" } } })] },
    });
    expect(await rewriting.find("monsters", '{ zone: { name: { eq: "ash" } } }')).toEqual(["orc"]);
    await rewriting.gateway.close();
    const narrowing = await world({
      zone: { getMany: [() => false] },
      monster: { universal: [() => ({ where: { zone: { name: { eq: "ash" } } } })] },
    });
    expect(await narrowing.find("monsters", "{}")).toEqual(["elf", "imp"]);
    const [imp] = await narrowing.monsters.search({});
    expect((await narrowing.monsters.get(imp?.meta.resourceId ?? "")).data.zoneId).not.toBe(null);
    const all = await narrowing.monsters.asRoot().search({});
    const orc = all.find(({ data }) => data.name === "orc");
    await expect(narrowing.monsters.get(orc?.meta.resourceId ?? "")).rejects.toMatchObject({
      code: "RESOURCE_NOT_FOUND",
    });
    await narrowing.gateway.close();
  });

  it("root asks by everything", async () => {
    const { gateway, monsters } = await world({ zone: { universal: [() => false] } });
    const changes = monsters.asRoot().changes({ after: "0", where: { zone: { name: { eq: "bog" } } } });
    for await (const change of changes) {
      expect(change.resource?.data.name).toBe("orc");
      break;
    }
    await expect(
      monsters
        .changes({ where: { zone: {} } })
        [Symbol.asyncIterator]()
        .next(),
    ).rejects.toMatchObject({ code: "FORBIDDEN" });
    await gateway.close();
  });
});
