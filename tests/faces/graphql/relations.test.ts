/** What refers to a resource: connections by field, and `referrers`; under which policies, and in how many store calls. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createGateway, type Gateway, type ModelRegistration, ref, z } from "../../../src/index.ts";
import { memoryMetaStore } from "../../../src/stores/meta/drivers/memory.ts";
import type { MetaStore } from "../../../src/stores/meta/meta-store.ts";
import { ask, codesIn } from "../ask.ts";

const calls: string[] = [];

/** A store that notes each call, and how many things were asked for at once. */
function recorded(store: MetaStore): MetaStore {
  return new Proxy(store, {
    get(target, key, receiver) {
      const member = Reflect.get(target, key, receiver);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        calls.push(`${String(key)}${Array.isArray(args[0]) ? `(${args[0].length})` : ""}`);
        return member.apply(target, args);
      };
    },
  });
}

const memory = { payload: "memory:", blob: "memory:", logLevel: "silent" } as const;

function declare(policies: ModelRegistration["policies"] = {}, meta: MetaStore | string = "memory:") {
  const gateway = createGateway({ ...memory, meta });
  const monsters = gateway.addModel(
    "Monster",
    z.object({
      name: z.string(),
      level: z.number().int(),
      zoneId: ref("Zone", { onDelete: "cascade" }).nullable().default(null),
      guildIds: z.array(ref("Guild")).default([]),
      pinnedId: ref("Zone", { type: "revision" }).nullable().default(null),
      parentId: ref("Monster", { reverse: "children" }).nullable().default(null),
    }),
    { indexedFields: ["name", "level"], policies },
  );
  const shops = gateway.addModel(
    "Shop",
    z.object({ name: z.string(), zoneId: ref("Zone", { onDelete: "restrict" }), ownZoneId: ref("Zone").optional() }),
  );
  const zones = gateway.addModel("Zone", z.object({ name: z.string() }), { indexedFields: ["name"] });
  const guilds = gateway.addModel("Guild", z.object({ name: z.string() }), { indexedFields: ["name"] });
  return { gateway, monsters, shops, zones, guilds };
}

const idOf = ({ meta }: { readonly meta: { readonly resourceId: string } }) => meta.resourceId;

async function seeded(policies?: ModelRegistration["policies"]) {
  const world = declare(policies);
  const { zones, monsters, shops, guilds } = world;
  const [z1, z2] = [idOf(await zones.create({ name: "one" })), idOf(await zones.create({ name: "two" }))];
  const guild = idOf(await guilds.create({ name: "g" }));
  const root = monsters.asRoot();
  const made: string[] = [];
  for (let level = 0; level < 5; level++)
    made.push(
      idOf(
        await root.create({
          name: `m${level}`,
          level,
          zoneId: level < 4 ? z1 : z2,
          guildIds: level % 2 ? [guild] : [],
        }),
      ),
    );
  await root.create({ name: "pinned", level: 9, pinnedId: `${z1}:1` });
  const shop = idOf(await shops.create({ name: "s", zoneId: z1, ownZoneId: z1 }));
  return { ...world, z1, z2, guild, made, shop };
}

describe("the connection of what refers to a resource", () => {
  it("takes the arguments of any connection", async () => {
    const { gateway, z1, made, monsters } = await seeded();
    await monsters.delete(made[0] ?? "");
    const page = (args: string) => `{ zone(resourceId: "${z1}") { monsters${args} {
      nodes { data { name } } edges { cursor } pageInfo { hasNextPage hasPreviousPage endCursor } totalCount } } }`;
    const names = async (args: string) => {
      const { data, errors } = await ask(gateway, page(args));
      expect(errors).toBeUndefined();
      const { nodes, pageInfo, totalCount } = data.zone.monsters;
      return { names: nodes.map((node: { data: { name: string } }) => node.data.name), pageInfo, totalCount };
    };
    expect(await names("(orderBy: [{ level: DESC }])")).toMatchObject({ names: ["m3", "m2", "m1"], totalCount: 3 });
    expect((await names("(orderBy: [{ level: ASC }], includeDeleted: true)")).names).toEqual(["m0", "m1", "m2", "m3"]);
    expect((await names('(where: { level: { gte: 2 }, name: { ne: "m3" } })')).names).toEqual(["m2"]);
    const first = await names("(first: 2, orderBy: [{ level: ASC }])");
    expect(first).toMatchObject({ names: ["m1", "m2"], totalCount: 3, pageInfo: { hasNextPage: true } });
    const next = await names(`(first: 2, orderBy: [{ level: ASC }], after: "${first.pageInfo.endCursor}")`);
    expect(next).toMatchObject({ names: ["m3"], pageInfo: { hasNextPage: false, hasPreviousPage: true } });
    expect((await names("(last: 1, orderBy: [{ level: ASC }])")).names).toEqual(["m3"]);
    expect(codesIn(await ask(gateway, page("(first: 1, last: 1)")))).toEqual(["QUERY_INVALID"]);
    await gateway.close();
  });

  it("is named by the plural, by plural and field, or as the reference says; lists refer too", async () => {
    const { gateway, z1, guild, made } = await seeded();
    const { data, errors } = await ask(
      gateway,
      `{ zone(resourceId: "${z1}") { shopsByZoneId { totalCount } shopsByOwnZoneId { totalCount } }
         guild(resourceId: "${guild}") { monsters { nodes { data { name } } } }
         monster(resourceId: "${made[0]}") { children { totalCount } } }`,
    );
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({
      zone: { shopsByZoneId: { totalCount: 1 }, shopsByOwnZoneId: { totalCount: 1 } },
      guild: { monsters: { nodes: [{ data: { name: "m1" } }, { data: { name: "m3" } }] } },
      monster: { children: { totalCount: 0 } },
    });
    await gateway.close();
  });

  it("runs under the policies by which its model is listed", async () => {
    const query = (id: string) => `{ zone(resourceId: "${id}") { monsters { totalCount nodes { data { name } } } } }`;
    const narrowed = await seeded({ getMany: [() => ({ where: { level: { gt: 1 } } })] });
    expect((await ask(narrowed.gateway, query(narrowed.z1))).data.zone.monsters).toMatchObject({ totalCount: 2 });
    await narrowed.gateway.close();
    const refused = await seeded({ getMany: [() => false] });
    const answer = await ask(refused.gateway, query(refused.z1));
    expect(codesIn(answer)).toEqual(["FORBIDDEN"]);
    expect(answer.data.zone).toEqual({ monsters: null });
    await refused.gateway.close();
    const masked = await seeded({ universal: [() => ({ fields: { read: { except: ["zoneId"] } } })] });
    expect(codesIn(await ask(masked.gateway, query(masked.z1)))).toEqual(["FORBIDDEN"]);
    await masked.gateway.close();
  });

  it("refuses at start a name that is taken, and says how to give another", async () => {
    const gateway = createGateway({ ...memory, meta: "memory:" });
    gateway.addModel("Zone", z.object({ monsters: z.number() }));
    gateway.addModel("Monster", z.object({ zoneId: ref("Zone"), homeId: ref("Zone", { reverse: "meta" }) }));
    gateway.addModel("Shop", z.object({ zoneId: ref("Zone", { reverse: "monsters" }) }));
    gateway.addModel("Inn", z.object({ zoneId: ref("Zone", { reverse: "not a name" }) }));
    expect(() => gateway.schema()).toThrow(
      /meta is a .*Monster\.homeId.*\n.*monsters is a field of Zone.*Shop\.zoneId.*\n.*not a name.*\n.*reverse:/,
    );
    await gateway.close();
  });
});

describe("referrers", () => {
  it("tells who refers to it by which field, reference by reference, deleted ones and revisions left out", async () => {
    const { gateway, zones, monsters, z1, made, shop, guild, guilds } = await seeded();
    await monsters.delete(made[3] ?? "");
    const { edges } = await zones.referrers(z1);
    const inZone = made
      .slice(0, 3)
      .map((resourceId) => ({ resourceName: "monster", resourceId, field: "zoneId", onDelete: "cascade" }));
    expect(edges.map(({ node }) => node)).toEqual([
      ...inZone,
      { resourceName: "shop", resourceId: shop, field: "zoneId", onDelete: "restrict" },
      { resourceName: "shop", resourceId: shop, field: "ownZoneId", onDelete: "dangling" },
    ]);
    expect((await guilds.referrers(guild)).edges.map(({ node }) => node.resourceId)).toEqual([made[1]]);
    await gateway.close();
  });

  it("pages through all of them from either end, and counts them", async () => {
    const { gateway, z1, made, shop } = await seeded();
    const all = [...made.slice(0, 4), shop, shop];
    const read = async (args: string) => {
      const query = `{ zone(resourceId: "${z1}") { referrers(${args}) { totalCount edges { cursor resourceName field onDelete node { __typename meta { resourceId } } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`;
      const { data, errors } = await ask(gateway, query);
      expect(errors).toBeUndefined();
      expect(data.zone.referrers.totalCount).toBe(6);
      return data.zone.referrers;
    };
    const ids = ({ edges }: { edges: { node: { meta: { resourceId: string } } }[] }) =>
      edges.map(({ node }) => node.meta.resourceId);
    for (const size of [1, 2, 3, 4, 6, 9]) {
      const [forwards, backwards]: string[][] = [[], []];
      for (let after = "", more = true; more; ) {
        const page = await read(`first: ${size}${after && `, after: "${after}"`}`);
        forwards?.push(...ids(page));
        expect(page.pageInfo.hasPreviousPage).toBe(after !== "");
        [after, more] = [page.pageInfo.endCursor, page.pageInfo.hasNextPage];
      }
      for (let before = "", more = true; more; ) {
        const page = await read(`last: ${size}${before && `, before: "${before}"`}`);
        backwards?.unshift(...ids(page));
        [before, more] = [page.pageInfo.startCursor, page.pageInfo.hasPreviousPage];
      }
      expect(forwards, `by ${size}`).toEqual(all);
      expect(backwards, `by ${size}`).toEqual(all);
    }
    expect(
      codesIn(await ask(gateway, `{ zone(resourceId: "${z1}") { referrers(after: "x") { totalCount } } }`)),
    ).toEqual(["CURSOR_INVALID"]);
    await gateway.close();
  });

  it("is asked for one model and one field, and lists the known ones where there is no such", async () => {
    const { gateway, zones, z1, shop } = await seeded();
    const fields = async (o: object) => (await zones.referrers(z1, o)).edges.map(({ node }) => node.field);
    expect(await fields({ resource: "shop" })).toEqual(["zoneId", "ownZoneId"]);
    expect(await fields({ resource: "shop", field: "ownZoneId" })).toEqual(["ownZoneId"]);
    expect(await fields({ field: "ownZoneId" })).toEqual(["ownZoneId"]);
    await expect(fields({ resource: "guild" })).rejects.toMatchObject({ code: "QUERY_INVALID" });
    await expect(fields({ resource: "shop", field: "name" })).rejects.toThrow(/zoneId, ownZoneId/);
    await expect(zones.referrers("zone:missing")).rejects.toMatchObject({ code: "RESOURCE_NOT_FOUND" });
    const { data, errors } = await ask(
      gateway,
      `{ shop(resourceId: "${shop}") { meta { resourceId } } __type(name: "ShopResource") { fields { name } } }`,
    );
    expect(errors).toBeUndefined();
    expect(data.__type.fields.map(({ name }: { name: string }) => name)).not.toContain("referrers");
    await gateway.close();
  });

  it("asks of no model for more than that gives at once", async () => {
    const gateway = createGateway({ ...memory, meta: "memory:" });
    const small = gateway.addModel("Small", z.object({ zoneId: ref("Zone") }), { maxLimit: 2 });
    const big = gateway.addModel("Big", z.object({ zoneId: ref("Zone") }));
    const zones = gateway.addModel("Zone", z.object({ name: z.string() }));
    const zoneId = idOf(await zones.create({ name: "z" }));
    const made = [];
    for (let n = 0; n < 5; n++) made.push(idOf(await small.create({ zoneId })));
    for (let n = 0; n < 2; n++) made.push(idOf(await big.create({ zoneId })));
    const found: string[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { edges, pageInfo } = await zones.referrers(zoneId, { first: 4, after });
      found.push(...edges.map(({ node }) => node.resourceId));
      [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
    }
    expect(found).toEqual(made);
    await gateway.close();
  });

  it("leaves out what the actor may not list, unless it is named", async () => {
    const { gateway, zones, z1 } = await seeded({ getMany: [() => false] });
    expect((await zones.referrers(z1)).edges.map(({ node }) => node.resourceName)).toEqual(["shop", "shop"]);
    await expect(zones.referrers(z1, { resource: "monster" })).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect((await zones.asRoot().referrers(z1)).edges).toHaveLength(6);
    await gateway.close();
  });
});

describe("store calls", () => {
  let gateway: Gateway;
  beforeAll(async () => {
    const world = declare({}, recorded(memoryMetaStore()));
    gateway = world.gateway;
    for (let n = 0; n < 60; n++) {
      const zoneId = idOf(await world.zones.create({ name: `z${n}` }));
      const guildIds = [idOf(await world.guilds.create({ name: `g${n}` }))];
      const { meta } = await world.monsters.create({ name: `m${n}`, level: n, zoneId, guildIds });
      await world.monsters.update(meta.resourceId, { name: `M${n}`, level: n, zoneId, guildIds });
    }
    // The first request has the indexes made; that is not what is counted here.
    await ask(gateway, "{ __typename }");
  });
  afterAll(() => gateway.close());
  beforeEach(() => {
    calls.length = 0;
  });

  async function callsOf(query: string): Promise<string[]> {
    calls.length = 0;
    const { errors } = await ask(gateway, query);
    expect(errors).toBeUndefined();
    return [...calls].sort();
  }

  const page = (first: number) => `{ monsters(first: ${first}) { nodes {
    data { name zone { data { name } monsters(first: 10) { totalCount nodes { data { name } } } referrers(first: 3) { totalCount edges { field } } } guilds { data { name } } }
    revisions(first: 5) { nodes { revision { revisionId } } } } } }`;

  it("a page of monsters with zone, guild, the newest revisions and what else is there costs the same for 5 and for 50", async () => {
    const [few, many] = [await callsOf(page(5)), await callsOf(page(50))];
    const withoutSizes = (all: readonly string[]) => all.map((call) => call.replace(/\(\d+\)/, ""));
    expect(withoutSizes(many)).toEqual(withoutSizes(few));
    const times = (count: number, call: string) => Array.from({ length: count }, () => call);
    expect(many).toEqual([
      "heads(150)",
      // The connection of monsters is one of the three references too.
      ...times(3, "referringCounts(50)"),
      ...times(4, "referringPages(50)"),
      "revisionPages(50)",
      "search",
    ]);
  });

  it("counts only where it is selected", async () => {
    expect(await callsOf("{ zones(first: 50) { nodes { monsters(first: 1) { nodes { meta { etag } } } } } }")).toEqual([
      "referringPages(50)",
      "search",
    ]);
  });

  it("a filter through relations is one statement", async () => {
    expect(
      await callsOf(
        '{ monsters(where: { zone: { monsters: { some: { name: { eq: "M7" } } } } }) { nodes { data { name } } } }',
      ),
    ).toEqual(["search"]);
  });
});
