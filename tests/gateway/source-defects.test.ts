/** Defects of the two projects that weft grew from, each as a test that weft does not have it. */
import { describe, expect, it } from "vitest";
import {
  acl,
  binary,
  createGateway,
  type Gateway,
  type GatewayOptions,
  owner,
  type Policy,
  rbac,
  ref,
  rootOnly,
  z,
} from "../../src/index.ts";
import { memoryMetaStore } from "../../src/stores/meta/drivers/memory.ts";

function open(options: GatewayOptions = {}) {
  const meta = memoryMetaStore();
  const authenticate: GatewayOptions["authenticate"] = ({ request }) => request.headers.get("x-actor");
  const gateway = createGateway({
    meta,
    payload: "memory:",
    blob: "memory:",
    logLevel: "silent",
    authenticate,
    ...options,
  });
  return { gateway, meta, [Symbol.asyncDispose]: () => gateway.close() };
}

interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: whatever the query asks for
  readonly data?: any;
  readonly errors?: readonly {
    readonly path?: readonly (string | number)[];
    readonly extensions: { readonly code: string };
  }[];
}

async function ask(gateway: Gateway, query: string, actor = "ann"): Promise<Answer> {
  const headers = { "content-type": "application/json", "x-actor": actor };
  const init = { method: "POST", headers, body: JSON.stringify({ query }) };
  return (await (await gateway.fetch(new Request("http://127.0.0.1/graphql", init))).json()) as Answer;
}

const codesOf = ({ errors = [] }: Answer) => errors.map(({ extensions }) => extensions.code);

const onlyBob: Policy = ({ actor }) => actor === "bob";
const zone = z.object({ name: z.string(), secret: z.string().default("s") });
const monster = z.object({ name: z.string(), zoneId: ref("Zone", { onDelete: "cascade" }).nullish() });

describe("of fastapi-cruddy-framework", () => {
  it("a way to related resources skips their universal policies", async () => {
    await using world = open();
    const zones = world.gateway.addModel("Zone", zone);
    const monsters = world.gateway.addModel("Monster", monster, { policies: { universal: [onlyBob] } });
    const { meta } = await zones.asRoot().create({ name: "north" });
    const { meta: orc } = await monsters.asRoot().create({ name: "orc", zoneId: meta.resourceId });
    const { meta: pet } = await zones.asRoot().create({ name: "south" });
    const query = `{ zone(resourceId: "${meta.resourceId}") { monsters { totalCount nodes { data { name } } } referrers { totalCount } } }`;
    const forAnn = await ask(world.gateway, query);
    expect([forAnn.data.zone.monsters, forAnn.data.zone.referrers.totalCount, codesOf(forAnn)]).toEqual([
      null,
      0,
      ["FORBIDDEN"],
    ]);
    expect((await ask(world.gateway, query, "bob")).data.zone.monsters.totalCount).toBe(1);
    const filter = await ask(world.gateway, "{ zones(where: { monsters: { some: {} } }) { totalCount } }");
    expect(codesOf(filter)).toEqual(["FORBIDDEN"]);
    expect(codesOf(await ask(world.gateway, `{ monster(resourceId: "${orc.resourceId}") { id } }`))).toEqual([
      "FORBIDDEN",
    ]);
    expect(pet.resourceId).not.toBe(meta.resourceId);
  });

  it("relation ids are written without the policies of their model", async () => {
    await using world = open();
    const zones = world.gateway.addModel("Zone", zone);
    const monsters = world.gateway.addModel("Monster", monster, { policies: { update: [onlyBob] } });
    const { meta } = await zones.asRoot().create({ name: "north" });
    const { meta: orc } = await monsters.asRoot().create({ name: "orc" });
    const connect = `mutation { updateZone(resourceId: "${meta.resourceId}", data: { name: "n", monsters: { connect: ["${orc.resourceId}"] } }) { id } }`;
    expect(codesOf(await ask(world.gateway, connect))).toEqual(["FORBIDDEN"]);
    expect((await monsters.asRoot().get(orc.resourceId)).data.zoneId).toBeUndefined();
    expect(codesOf(await ask(world.gateway, connect, "bob"))).toEqual([]);
    expect((await monsters.asRoot().get(orc.resourceId)).data.zoneId).toBe(meta.resourceId);
  });

  it("a nested list that fails clears what was there", async () => {
    await using world = open();
    const zones = world.gateway.addModel("Zone", zone);
    const strict = monster.extend({ name: z.string().max(5) });
    const monsters = world.gateway.addModel("Monster", strict);
    const { meta } = await zones
      .asRoot()
      .create({ name: "north" }, { relations: { monsters: { create: [{ data: { name: "orc" } }] } } });
    const before = await world.meta.lastSeq();
    const set = `mutation { updateZone(resourceId: "${meta.resourceId}", data: { name: "n", monsters: { set: [{ create: { name: "far too long" } }] } }) { id } }`;
    expect(codesOf(await ask(world.gateway, set))).toEqual(["VALIDATION_FAILED"]);
    expect([(await monsters.asRoot().search())[0]?.data.zoneId, await world.meta.lastSeq()]).toEqual([
      meta.resourceId,
      before,
    ]);
  });

  it("two operators in one object are ignored", async () => {
    await using world = open();
    const items = world.gateway.addModel("Item", z.object({ n: z.number().int() }), { indexedFields: ["n"] });
    for (const n of [1, 2, 3, 4]) await items.asRoot().create({ n });
    const { data } = await ask(
      world.gateway,
      "{ items(where: { n: { gt: 1, lt: 4 } }, orderBy: [{ n: ASC }]) { nodes { data { n } } } }",
    );
    expect(data.items.nodes.map((node: { data: { n: number } }) => node.data.n)).toEqual([2, 3]);
  });

  it("lists can be sorted by a hidden field", async () => {
    await using world = open();
    const hide: Policy = () => ({ fields: { read: { except: ["secret"] } } });
    world.gateway.addModel("Zone", zone, { indexedFields: ["name", "secret"], policies: { universal: [hide] } });
    world.gateway.addModel("Place", zone, { indexedFields: ["name", "secret"], readModel: ["name"] });
    for (const query of [
      "{ zones(orderBy: [{ secret: ASC }]) { totalCount } }",
      '{ zoneList(query: { sorts: [{ data: { fieldPath: "secret", direction: ASC } }] }) { id } }',
      "{ zoneList(qb: \"QB.all().sort(QB['secret'].desc())\") { id } }",
      '{ placeList(query: { sorts: [{ data: { fieldPath: "secret", direction: ASC } }] }) { id } }',
    ])
      expect(codesOf(await ask(world.gateway, query))).toEqual(["FORBIDDEN"]);
    expect(codesOf(await ask(world.gateway, "{ places(orderBy: [{ secret: ASC }]) { totalCount } }"))).toEqual([
      "VALIDATION_FAILED",
    ]);
  });
});

describe("of AutoCRUD", () => {
  const note = z.object({ text: z.string() });

  it("a rule that denies acts as one that allows", async () => {
    await using world = open({ permission: acl() });
    world.gateway.addModel("Note", note);
    const rules = world.gateway.resource("AccessRule").asRoot() as ReturnType<typeof anyManager>;
    await rules.create({ subject: "*", resourceName: "note", actions: ["*"], effect: "allow" });
    await rules.create({ subject: "ann", resourceName: "note", actions: ["create"], effect: "deny" });
    const create = 'mutation { createNote(data: { text: "x" }) { id } }';
    expect(codesOf(await ask(world.gateway, create, "ann"))).toEqual(["FORBIDDEN"]);
    expect(codesOf(await ask(world.gateway, create, "bob"))).toEqual([]);
  });

  it("roles that are members of each other hang", async () => {
    await using world = open({ permission: rbac() });
    world.gateway.addModel("Note", note);
    const rules = world.gateway.resource("AccessRule").asRoot() as ReturnType<typeof anyManager>;
    const members = world.gateway.resource("RoleMembership").asRoot() as ReturnType<typeof anyManager>;
    for (const [subject, role] of [
      ["ann", "a"],
      ["role:a", "b"],
      ["role:b", "a"],
    ])
      await members.create({ subject, role });
    await rules.create({ subject: "role:b", resourceName: "note", actions: ["create"], effect: "allow" });
    const create = 'mutation { createNote(data: { text: "x" }) { id } }';
    expect([
      codesOf(await ask(world.gateway, create, "ann")),
      codesOf(await ask(world.gateway, create, "bob")),
    ]).toEqual([[], ["FORBIDDEN"]]);
  });

  it("lists under permissions are empty above ten hits", async () => {
    await using world = open({ permission: owner() });
    const notes = world.gateway.addModel("Note", note);
    for (let n = 0; n < 25; n++) await notes.as(n < 15 ? "ann" : "bob").create({ text: `${n}` });
    const { data } = await ask(
      world.gateway,
      "{ notes(first: 50) { totalCount nodes { data { text } } } noteList(query: { limit: 50 }) { id } noteCount }",
    );
    expect([data.notes.totalCount, data.notes.nodes.length, data.noteList.length, data.noteCount]).toEqual([
      15, 15, 15, 15,
    ]);
  });

  it("files are given to anybody", async () => {
    await using world = open({ permission: owner() });
    const docs = world.gateway.addModel("Doc", z.object({ file: binary() }));
    const file = { base64: { data: Buffer.from("mine").toString("base64"), contentType: "text/plain" } };
    const { data } = await docs.as("ann").create({ file });
    const statusFor = async (actor: string) => {
      const request = new Request(`http://127.0.0.1/blobs/${data.file.fileId}`, { headers: { "x-actor": actor } });
      const response = await world.gateway.fetch(request);
      await response.body?.cancel();
      return response.status;
    };
    expect([await statusFor("ann"), await statusFor("bob")]).toEqual([200, 404]);
  });

  it("a cascade forgets who has asked for it", async () => {
    await using world = open();
    const zones = world.gateway.addModel("Zone", zone);
    const monsters = world.gateway.addModel("Monster", monster);
    const { meta } = await zones.as("god").create({ name: "north" });
    await monsters.as("god").create({ name: "orc", zoneId: meta.resourceId });
    expect(
      codesOf(await ask(world.gateway, `mutation { deleteZone(resourceId: "${meta.resourceId}") { id } }`, "ann")),
    ).toEqual([]);
    const log = await world.meta.changes({ after: 2, limit: 10 });
    expect(log.map(({ action, actor, resourceName }) => `${actor} ${action} ${resourceName}`).sort()).toEqual([
      "ann delete monster",
      "ann delete zone",
    ]);
  });

  it("the checker of a model is ignored", async () => {
    await using world = open({ permission: owner() });
    world.gateway.addModel("Note", note);
    world.gateway.addModel("Secret", note, { permission: rootOnly() });
    expect(codesOf(await ask(world.gateway, 'mutation { createNote(data: { text: "x" }) { id } }'))).toEqual([]);
    expect(codesOf(await ask(world.gateway, 'mutation { createSecret(data: { text: "x" }) { id } }'))).toEqual([
      "FORBIDDEN",
    ]);
  });
});

/** Rules are resources of models that weft adds itself. */
declare function anyManager(): { create(data: object): Promise<unknown> };
