/** readModel, createModel, updateModel: in the schema as it is printed, and below it. */
import { printType } from "graphql";
import { afterEach, describe, expect, it } from "vitest";
import { createGateway, type Gateway, type ModelRegistration, z } from "../../src/index.ts";
import { ask, codesIn } from "../faces/ask.ts";

const gateways: Gateway[] = [];
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.close();
});

const user = z.object({
  name: z.string(),
  role: z.string().default("guest"),
  password: z.string().default(""),
  address: z.object({ city: z.string(), door: z.string().default("") }).default({ city: "", door: "" }),
  keys: z.array(z.object({ label: z.string(), secret: z.string().default("") })).default([]),
});

function open(registration: ModelRegistration) {
  const gateway = createGateway({
    ...{ meta: "memory:", payload: "memory:", blob: "memory:", bus: "local:", queue: "local:" },
    logLevel: "silent",
  });
  gateways.push(gateway);
  return {
    gateway,
    users: gateway.addModel("User", user, { indexedFields: ["name", "password", "address.door"], ...registration }),
  };
}

/** Types of the schema as they are printed, without descriptions. */
function printed(gateway: Gateway, ...names: string[]): string {
  const schema = gateway.schema();
  return names
    .map((name) => {
      const type = schema.getType(name);
      return type ? printType(type).replaceAll(/\s*"""[^"]*"""/g, "") : `no ${name}`;
    })
    .join("\n");
}

const readable = { readModel: ["name", "role", "address.city", "keys.label"] };

describe("readModel", () => {
  it("is what the schema shows, filters and sorts by", () => {
    const { gateway } = open(readable);
    expect(printed(gateway, "User", "UserAddress", "UserKeys", "UserOrder", "UserInput")).toMatchInlineSnapshot(`
      "type User {
        name: String!
        role: String!
        address: UserAddress!
        keys(
          slice: String
        ): [UserKeys!]!
      }
      type UserAddress {
        city: String!
      }
      type UserKeys {
        label: String!
      }

      input UserOrder @oneOf {
        name: SortDirection
        meta: MetaOrder
      }
      input UserInput {
        name: String!
        role: String = "guest"
        password: String = ""
        address: UserAddressInput
        keys: [UserKeysInput!]
      }"
    `);
    expect(printed(gateway, "UserWhere")).not.toMatch(/password|address/);
  });

  it("is all that leaves, on every path, for everybody but root", async () => {
    const { gateway, users } = open(readable);
    const secretOf = (city: string) => ({
      password: "s3cret",
      address: { city, door: "s3cret" },
      keys: [{ label: "a", secret: "s3cret" }],
    });
    const { meta } = await users.asRoot().create({ name: "ann", ...secretOf("Rome") });
    await users.update(meta.resourceId, { name: "bea", address: { city: "Oslo" } });
    const { data } = await ask(
      gateway,
      `query ($id: ID!) { user(resourceId: $id) {
        meta { indexedData } data { name address { city } keys { label } } partial(paths: ["/"])
        revisions { nodes { data { name address { city } } revision { revisionId } } } diff(from: "${meta.resourceId}:1")
      } userList { data { name } meta { indexedData } } }`,
      { id: meta.resourceId },
    );
    expect(data.user.data).toEqual({ name: "bea", address: { city: "Oslo" }, keys: [{ label: "a" }] });
    expect(JSON.stringify(data)).not.toMatch(/s3cret|password|door/);
    await expect(users.create({ name: "ann", keys: secretOf("").keys })).rejects.toMatchObject({ code: "FORBIDDEN" });
    const manager = await users.as("bob").get(meta.resourceId);
    expect(JSON.stringify(manager)).not.toMatch(/s3cret|password|door/);
    expect((await users.asRoot().get(meta.resourceId)).data).toMatchObject(secretOf("Oslo"));
    for (const query of [
      '{ conditions: [{ condition: { fieldPath: "password", operator: EQ, value: "s3cret" } }] }',
      '{ sorts: [{ data: { fieldPath: "password", direction: ASC } }] }',
    ])
      expect(codesIn(await ask(gateway, `{ userCount(query: ${query}) userList(query: ${query}) { id } }`))).toContain(
        "FORBIDDEN",
      );
  });
});

describe("createModel and updateModel", () => {
  it("are two input types where they differ, and one where not", () => {
    const { gateway } = open({ createModel: ["name", "password", "address.city"], updateModel: ["role", "address"] });
    expect(
      printed(gateway, "UserInput", "UserUpdateInput", "UserAddressInput", "UserAddressUpdateInput"),
    ).toMatchInlineSnapshot(`
      "input UserInput {
        name: String!
        password: String = ""
        address: UserAddressInput
      }
      input UserUpdateInput {
        role: String = "guest"
        address: UserAddressUpdateInput
      }
      input UserAddressInput {
        city: String!
      }
      input UserAddressUpdateInput {
        city: String!
        door: String = ""
      }"
    `);
    const same = open({ createModel: ["name"], updateModel: ["name"] });
    expect(printed(same.gateway, "UserInput", "UserUpdateInput")).toMatchInlineSnapshot(`
      "input UserInput {
        name: String!
      }
      no UserUpdateInput"
    `);
    const update = open({ updateModel: ["role"] });
    expect(printed(update.gateway, "UserInput", "UserUpdateInput")).toMatchInlineSnapshot(`
      "input UserInput {
        name: String!
        role: String = "guest"
        password: String = ""
        address: UserAddressInput
        keys: [UserKeysInput!]
      }
      input UserUpdateInput {
        role: String = "guest"
      }"
    `);
    expect(
      Object.entries(update.gateway.schema().getMutationType()?.getFields() ?? {}).flatMap(([name, { args }]) =>
        args.filter((arg) => arg.name === "data").map(({ type }) => `${name}: ${type}`),
      ),
    ).toEqual([
      "createUser: UserInput!",
      "updateUser: UserUpdateInput!",
      "upsertUser: UserUpdateInput!",
      "modifyUser: UserUpdateInput",
    ]);
  });

  it("hold below the schema too; what may not be given keeps what it holds", async () => {
    const { gateway, users } = open({ createModel: ["name", "password"], updateModel: ["role", "address.city"] });
    const forbidden = { code: "FORBIDDEN" };
    await expect(users.create({ name: "ann", role: "chief" })).rejects.toMatchObject(forbidden);
    const { meta } = await users.create({ name: "ann", password: "1" });
    const id = meta.resourceId;
    await expect(users.update(id, { name: "bea", role: "chief" })).rejects.toMatchObject(forbidden);
    const patched = users.patch(id, [{ op: "replace", path: "/password", value: "2" }]);
    await expect(patched).rejects.toMatchObject(forbidden);
    const { data } = await ask(
      gateway,
      `mutation ($id: ID!) { updateUser(resourceId: $id, data: { role: "chief", address: { city: "Rome" } }) { data { name role password address { city } } } }`,
      { id },
    );
    expect(data.updateUser.data).toEqual({ name: "ann", role: "chief", password: "1", address: { city: "Rome" } });
    expect((await users.asRoot().update(id, { name: "root" })).data.name).toBe("root");
  });
});

describe("what an update over GraphQL leaves out", () => {
  const model = z.object({
    name: z.string(),
    level: z.number().default(1),
    mood: z.enum(["low", "high"]).default("low"),
    isOn: z.boolean().default(false),
    note: z.string().default("-"),
  });
  const held = { name: "a", level: 7, mood: "high", isOn: true, note: "kept" } as const;
  const update = `mutation ($id: ID!) { updateThing(resourceId: $id, data: { name: "b" }) { data { name } } }`;

  function openThing(registration: ModelRegistration) {
    const { gateway } = open({});
    return { gateway, things: gateway.addModel("Thing", model, registration) };
  }

  it("keeps what it holds where the actor may not see or write it, though the schema shows a default", async () => {
    const hidden = { read: { only: ["name"] } };
    const unwritable = { write: { except: ["level", "mood", "isOn", "note"] } };
    for (const fields of [hidden, unwritable]) {
      const { gateway, things } = openThing({ policies: { universal: [() => ({ fields })] } });
      const { meta } = await things.asRoot().create(held);
      const answer = await ask(gateway, update, { id: meta.resourceId });
      expect(answer).toMatchObject({ data: { updateThing: { data: { name: "b" } } } });
      expect((await things.asRoot().get(meta.resourceId)).data).toEqual({ ...held, name: "b" });
    }
  });

  it("is its default where the actor may write it", async () => {
    const { gateway, things } = openThing({});
    const { meta } = await things.create(held);
    await ask(gateway, update, { id: meta.resourceId });
    expect((await things.get(meta.resourceId)).data).toEqual({
      name: "b",
      level: 1,
      mood: "low",
      isOn: false,
      note: "-",
    });
    expect(printed(gateway, "ThingInput")).toMatchInlineSnapshot(`
      "input ThingInput {
        name: String!
        level: Float = 1
        mood: ThingMood = low
        isOn: Boolean = false
        note: String = "-"
      }"
    `);
  });
});

describe("fields that cannot be left out", () => {
  const shared = z.object({ city: z.string(), door: z.string() }).meta({ id: "Place" });
  const tree: z.ZodObject = z.object({ text: z.string(), secret: z.string(), below: z.array(z.lazy(() => tree)) });
  const shape = z.discriminatedUnion("kind", [z.object({ kind: z.literal("dot"), at: z.number() })]);
  const cases: readonly [string, z.ZodObject, ModelRegistration, string][] = [
    ["unknown ones", user, { readModel: ["nme"] }, "readModel: a mask names nme"],
    ["all", z.object({ a: z.string() }), { readModel: [] }, "readModel: the model has no field left"],
    ["required ones", user, { createModel: ["role"] }, "createModel: leaves out name, which has no default"],
    [
      "parts of shared types",
      z.object({ at: shared }),
      { readModel: ["at.city"] },
      "has the type Place, which is used elsewhere",
    ],
    ["parts of types that hold themselves", tree, { readModel: ["text", "below"] }, "which is used elsewhere too"],
    ["parts of unions", z.object({ shape }), { readModel: ["shape.kind"] }, "shape is a union"],
  ];
  for (const [what, schema, registration, message] of cases) {
    it(`are refused at registration: ${what}`, () => {
      const { gateway } = open({});
      expect(() => gateway.addModel("Other", schema, registration)).toThrow(message);
    });
  }

  it("leave nothing claimed", () => {
    const { gateway } = open({});
    expect(() => gateway.addModel("Other", user, { readModel: ["nme"] })).toThrow("cannot be registered");
    expect(() => gateway.addModel("Other", user, {})).not.toThrow();
  });
});
