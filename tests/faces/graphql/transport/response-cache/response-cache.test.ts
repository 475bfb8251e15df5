/** Answers that are kept: what is, for whom, and what throws them away. */
import { createSchema } from "graphql-yoga";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { createGateway, type Gateway } from "../../../../../src/gateway.ts";
import { binary } from "../../../../../src/model/binary.ts";
import { ref } from "../../../../../src/model/reference.ts";
import type { GatewayOptions, ModelRegistration } from "../../../../../src/options.ts";
import { until } from "../fixture.ts";

const open: Gateway[] = [];
afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway.close();
});

const monster = z.object({ name: z.string(), level: z.number().int(), zoneId: ref("Zone").nullable() });
const zone = z.object({ name: z.string() });

function start(options: GatewayOptions = {}, registration: ModelRegistration<z.output<typeof monster>> = {}) {
  const gateway = createGateway({
    ...{ meta: "memory:", payload: "memory:", blob: "memory:", logLevel: "silent" },
    responseCache: { ttlMs: 60_000 },
    ...options,
  });
  open.push(gateway);
  const zones = gateway.addModel("Zone", zone, { indexedFields: ["name"] });
  const monsters = gateway.addModel("Monster", monster, {
    indexedFields: ["name", "level", "zoneId"],
    ...registration,
  });
  return { gateway, zones, monsters };
}

interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly extensions: object }[];
  readonly extensions?: { readonly cache?: { readonly isHit: boolean; readonly ageMs: number } };
}

async function ask(gateway: Gateway, query: string, { variables = {}, headers = {} } = {}): Promise<Answer> {
  const response = await gateway.fetch(
    new Request("http://localhost/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", "x-weft-cache": "1", ...headers },
      body: JSON.stringify({ query, variables }),
    }),
  );
  return (await response.json()) as Answer;
}

const isHit = (answer: Answer) => answer.extensions?.cache?.isHit;

/** Asks until the cache follows the log, which it begins to with the first query. */
async function warm(gateway: Gateway, headers = {}): Promise<void> {
  for (let round = 0; round < 100; round++) {
    if (isHit(await ask(gateway, "{ zoneCount }", { headers }))) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("the cache never answered");
}

const byId = "query ById($id: ID!) { monster(resourceId: $id) { meta { etag } data { name zone { data { name } } } } }";
const list = "{ monsters(orderBy: [{ name: ASC }]) { totalCount nodes { data { name level } } } }";

describe("an answer", () => {
  it("is kept, and tells its age to whoever asks", async () => {
    const { gateway, monsters } = start();
    await warm(gateway);
    await monsters.create({ name: "ork", level: 1, zoneId: null });
    const first = await ask(gateway, list);
    const second = await ask(gateway, list);
    expect([isHit(first), isHit(second)]).toEqual([false, true]);
    expect(second.data).toEqual(first.data);
    expect(second.extensions?.cache?.ageMs).toBeGreaterThanOrEqual(0);
    const byGet = await gateway.fetch(new Request(`http://localhost/graphql?query=${encodeURIComponent(list)}`));
    expect(await byGet.json()).toEqual({ data: first.data });
  });

  it("of one resource is thrown away by its own change and by that of what it refers to, not by others'", async () => {
    const { gateway, monsters, zones } = start();
    await warm(gateway);
    const [home, other] = [await zones.create({ name: "home" }), await zones.create({ name: "other" })];
    const ork = await monsters.create({ name: "ork", level: 1, zoneId: home.meta.resourceId });
    const variables = { id: ork.meta.resourceId };
    const hit = async () => isHit(await ask(gateway, byId, { variables }));
    expect([await hit(), await hit()]).toEqual([false, true]);
    await zones.update(other.meta.resourceId, { name: "other still" });
    await monsters.create({ name: "elf", level: 1, zoneId: null });
    expect(await hit()).toBe(true);
    await zones.update(home.meta.resourceId, { name: "new home" });
    const answer = await ask(gateway, byId, { variables });
    expect([isHit(answer), JSON.stringify(answer.data)]).toEqual([false, expect.stringContaining("new home")]);
    expect(await hit()).toBe(true);
    await monsters.delete(ork.meta.resourceId);
    expect((await ask(gateway, byId, { variables })).data).toEqual({ monster: null });
  });

  it("that there is nothing is thrown away once there is", async () => {
    const { gateway, monsters } = start();
    await warm(gateway);
    const variables = { id: "monster:x" };
    for (let round = 0; round < 2; round++)
      expect((await ask(gateway, byId, { variables })).data).toEqual({ monster: null });
    await monsters.create({ name: "ork", level: 1, zoneId: null }, { resourceId: "monster:x" });
    expect((await ask(gateway, byId, { variables })).data).toMatchObject({ monster: { data: { name: "ork" } } });
  });

  it("of a list, a count or a connection is thrown away by any change of the model", async () => {
    const { gateway, monsters, zones } = start();
    await warm(gateway);
    const home = await zones.create({ name: "home" });
    const queries = [
      list,
      "{ monsterCount }",
      "{ monsterList { data { name } } }",
      `{ zone(resourceId: "${home.meta.resourceId}") { monsters { totalCount } } }`,
      '{ zones(where: { monsters: { some: { name: { eq: "ork" } } } }) { nodes { data { name } } } }',
    ];
    const hits = async () => {
      const answers = [];
      for (const query of queries) answers.push(isHit(await ask(gateway, query)));
      return answers;
    };
    await hits();
    expect(await hits()).toEqual(queries.map(() => true));
    const ork = await monsters.create({ name: "ork", level: 1, zoneId: home.meta.resourceId });
    expect(await hits()).toEqual(queries.map(() => false));
    await monsters.modify(ork.meta.resourceId, { status: "draft" });
    expect(await hits()).toEqual(queries.map(() => false));
  });

  it("differs by variables and by operation", async () => {
    const { gateway, monsters } = start();
    await warm(gateway);
    const [a, b] = [
      await monsters.create({ name: "a", level: 1, zoneId: null }),
      await monsters.create({ name: "b", level: 1, zoneId: null }),
    ];
    for (let round = 0; round < 2; round++) {
      for (const [{ meta }, name] of [
        [a, "a"],
        [b, "b"],
      ] as const) {
        const answer = await ask(gateway, byId, { variables: { id: meta.resourceId } });
        expect(answer.data).toMatchObject({ monster: { data: { name } } });
      }
    }
  });

  it("is not kept beyond its time", async () => {
    const { gateway } = start({ responseCache: { ttlMs: 50 } });
    await warm(gateway);
    await ask(gateway, list);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(isHit(await ask(gateway, list))).toBe(false);
  });

  it("is not kept beyond the bytes there may be", async () => {
    const { gateway, monsters } = start({ responseCache: { ttlMs: 60_000, maxBytes: 3000 } });
    await warm(gateway);
    await monsters.create({ name: "x".repeat(5000), level: 1, zoneId: null });
    await ask(gateway, list);
    expect(isHit(await ask(gateway, list))).toBe(false);
  });

  it("goes over websockets too", async () => {
    const { gateway } = start();
    await warm(gateway);
    await ask(gateway, list);
    const { default: WebSocket } = await import("ws");
    const { url, close } = await gateway.listen({ port: 0 });
    const socket = new WebSocket(url.replace("http", "ws"), "graphql-transport-ws");
    const messages: { type: string; payload?: unknown }[] = [];
    socket.on("message", (data) => messages.push(JSON.parse(String(data))));
    await new Promise((resolve) => socket.once("open", resolve));
    socket.send('{"type":"connection_init"}');
    await until(() => messages.length === 1);
    socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query: list } }));
    await until(() => messages.length === 3);
    expect(messages[1]?.payload).toEqual({ data: { monsters: { totalCount: 0, nodes: [] } } });
    socket.close();
    await close();
  });
});

describe("never kept is", () => {
  it.each([
    ["introspection", "{ __schema { queryType { name } } zoneCount }"],
    ["a field of the application's own", "{ zoneCount clock }"],
    ["a field of the application's own on a type of weft's", "{ monsters { nodes { data { shout } } } }"],
    ["an answer with errors", "{ zoneCount zones(first: 2000) { nodes { id } } }"],
  ])("%s", async (_name, query) => {
    const { gateway, monsters } = start();
    let ticks = 0;
    gateway.builder.queryField("clock", (t) => t.int({ resolve: () => ++ticks }));
    gateway.builder.objectField(monsters.graphql.data, "shout", (t) => t.int({ resolve: () => ++ticks }));
    await warm(gateway);
    await monsters.create({ name: "ork", level: 1, zoneId: null });
    for (let round = 0; round < 2; round++) expect(isHit(await ask(gateway, query))).not.toBe(true);
  });

  it("an answer of a model whose events somebody hears", async () => {
    const heard: string[] = [];
    const { gateway } = start({}, { hooks: { afterGetMany: () => void heard.push("read") } });
    await warm(gateway);
    for (let round = 0; round < 3; round++) await ask(gateway, list);
    expect(heard.length).toBe(3);
  });

  it("a link to bytes, which ends; their size is", async () => {
    const { gateway } = start();
    gateway.addModel("Picture", z.object({ file: binary() }));
    await warm(gateway);
    const queries = [
      "{ pictures { nodes { data { file { url } } } } }",
      "{ pictures { nodes { data { file { size } } } } }",
    ];
    const hits = [];
    for (const query of queries) {
      await ask(gateway, query);
      hits.push(isHit(await ask(gateway, query)));
    }
    expect(hits).toEqual([undefined, true]);
  });

  it("an answer under way while something changes that it holds", async () => {
    let release = () => {};
    const { gateway, monsters } = start();
    await warm(gateway);
    await monsters.create({ name: "ork", level: 1, zoneId: null });
    const { meta } = await import("../../../../../src/stores/meta/drivers/memory.ts").then(
      async ({ memoryMetaStore }) => {
        const store = memoryMetaStore();
        return { meta: store };
      },
    );
    const held = {
      ...meta,
      search: async (query: Parameters<typeof meta.search>[0]) => {
        const heads = await meta.search(query);
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        return heads;
      },
    };
    const slow = start({ meta: held });
    for (let round = 0; round < 20; round++) await ask(slow.gateway, "{ zoneCount }");
    const under = ask(slow.gateway, "{ zoneList { data { name } } }");
    await new Promise((resolve) => setTimeout(resolve, 30));
    await slow.zones.create({ name: "new" });
    release();
    expect((await under).data).toEqual({ zoneList: [] });
    const next = ask(slow.gateway, "{ zoneList { data { name } } }");
    await new Promise((resolve) => setTimeout(resolve, 30));
    release();
    expect((await next).data).toEqual({ zoneList: [{ data: { name: "new" } }] });
  });
});

describe("where the application decides who sees what", () => {
  const policies = {
    getMany: [({ actor }: { actor: unknown }) => ({ where: { name: { eq: String(actor) } } })],
  };

  it("each actor has its own answers, and any change throws them away", async () => {
    const { gateway, monsters, zones } = start(
      { authenticate: ({ request }) => request.headers.get("x-user") },
      { policies },
    );
    await warm(gateway);
    for (const name of ["ann", "bob"]) await monsters.asRoot().create({ name, level: 1, zoneId: null });
    const namesFor = async (user: string) => {
      const answer = await ask(gateway, list, { headers: { "x-user": user } });
      return [isHit(answer), JSON.stringify(answer.data?.monsters)];
    };
    for (const isKept of [false, true])
      for (const user of ["ann", "bob"])
        expect(await namesFor(user)).toEqual([isKept, expect.stringContaining(`[{"data":{"name":"${user}"`)]);
    await zones.asRoot().create({ name: "anywhere" });
    expect((await namesFor("ann"))[0]).toBe(false);
  });

  it("answers of models without policies are everybody's", async () => {
    const { gateway } = start({ authenticate: ({ request }) => request.headers.get("x-user") });
    await warm(gateway);
    await ask(gateway, list, { headers: { "x-user": "ann" } });
    expect(isHit(await ask(gateway, list, { headers: { "x-user": "bob" } }))).toBe(true);
  });

  it("a rule that is written takes effect at once", async () => {
    const { acl } = await import("../../../../../src/index.ts");
    const { gateway, monsters } = start({
      admin: "root",
      permission: acl(),
      authenticate: ({ request }) => request.headers.get("x-user"),
    });
    await warm(gateway, { "x-user": "root" });
    await monsters.asRoot().create({ name: "ork", level: 1, zoneId: null });
    const asAnn = () => ask(gateway, "{ monsterCount }", { headers: { "x-user": "ann" } });
    for (let round = 0; round < 2; round++) expect((await asAnn()).data?.monsterCount ?? 0).toBe(0);
    const rule = '{ subject: "ann", resourceName: "monster", actions: ["read"], effect: allow }';
    const written = await ask(gateway, `mutation { createAccessRule(data: ${rule}) { id } }`, {
      headers: { "x-user": "root" },
    });
    expect(written.errors).toBeUndefined();
    expect((await asAnn()).data).toEqual({ monsterCount: 1 });
  });
});

describe("other services' fields", () => {
  const shop = () => {
    let asked = 0;
    const schema = createSchema({
      typeDefs: "type Query { price(upc: ID!): Price } type Price { amount: Int }",
      resolvers: { Query: { price: () => ({ amount: ++asked }) } },
    });
    return { stitch: [{ name: "shop", schema }] };
  };
  const query = '{ price(upc: "1") { amount } zoneCount }';

  it("are asked for each time, unless their type has a time to live here", async () => {
    const { gateway } = start(shop());
    await warm(gateway);
    const amounts = [];
    for (let round = 0; round < 2; round++) amounts.push((await ask(gateway, query)).data?.price);
    expect(amounts).toEqual([{ amount: 1 }, { amount: 2 }]);
  });

  it("are kept so long, for callers of the same headers", async () => {
    const { gateway } = start({ ...shop(), responseCache: { ttlMs: 60_000, remoteTtlMs: { Price: 200 } } });
    await warm(gateway);
    const amount = async (token: string) =>
      (await ask(gateway, query, { headers: { authorization: token } })).data?.price;
    expect([await amount("a"), await amount("a"), await amount("b")]).toEqual([
      { amount: 1 },
      { amount: 1 },
      { amount: 2 },
    ]);
    await new Promise((resolve) => setTimeout(resolve, 210));
    expect(await amount("a")).toEqual({ amount: 3 });
  });
});

describe("the option", () => {
  it.each([
    [{ ttlMs: 0 }, "ttlMs"],
    [{ ttlMs: 1000, maxBytes: Number.NaN }, "maxBytes"],
    [{ ttlMs: 1000, remoteTtlMs: { Price: -1 } }, "Price"],
  ])("refuses %o by its name", async (responseCache, name) => {
    const { gateway } = start({ responseCache });
    await expect(ask(gateway, "{ zoneCount }")).rejects.toThrow(name);
  });

  it("is not taken together with plugins, and is off where nothing is said", async () => {
    await expect(ask(start({ plugins: [{}] }).gateway, "{ zoneCount }")).rejects.toThrow("plugins");
    const { gateway } = start({ responseCache: undefined as never });
    for (let round = 0; round < 2; round++)
      expect(await ask(gateway, "{ zoneCount }")).toEqual({ data: { zoneCount: 0 } });
  });
});
