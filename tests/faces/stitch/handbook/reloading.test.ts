/** Schemas that change while the gateway runs: taken, refused, seen by public and private gateways, release by release. */
import { afterEach, describe, expect, it } from "vitest";
import { createGateway, type Gateway, type GatewayOptions, z } from "../../../../src/index.ts";
import { ask, serveSchema } from "../serve.ts";
import { service } from "../weave.ts";

const one = (fields: string) =>
  service(
    `type Thing { id: ID! ${fields} _secret: String } type Query { thing: Thing _things(ids: [ID!]!): [Thing]! }`,
    {
      "Query.thing": () => ({ id: "1", name: "first", size: 5, _secret: "s" }),
      "Query._things": (_: never, { ids }: { ids: string[] }) => ids.map((id) => ({ id, name: `thing ${id}` })),
    },
  );

const running: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop();
});

function gatewayWith(stitch: GatewayOptions["stitch"] & {}): Gateway {
  const gateway = createGateway({
    meta: "memory:",
    payload: "memory:",
    blob: "memory:",
    remoteSchemas: "memory:",
    logLevel: "silent",
    stitch,
  });
  gateway.addModel("Zone", z.object({ name: z.string() }));
  running.push(() => gateway.close());
  return gateway;
}

async function served(fields: string) {
  const found = await serveSchema(one(fields));
  running.push(() => found.stop());
  return found;
}

describe("a service that changes", () => {
  it("has what is new served after a reload, without a restart", async () => {
    const things = await served("name: String");
    const gateway = gatewayWith([{ name: "things", url: things.url, poll: false }]);
    expect((await ask(gateway, "{ thing { size } }")).errors?.[0]?.extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
    things.become(one("name: String size: Int"));
    expect(await gateway.reload()).toEqual([{ service: "things", outcome: "changed" }]);
    expect(await ask(gateway, "{ thing { size } }")).toEqual({ data: { thing: { size: 5 } } });
    expect(await gateway.reload()).toEqual([{ service: "things", outcome: "unchanged" }]);
  });

  it("is followed by polling", async () => {
    const things = await served("name: String");
    const gateway = gatewayWith([{ name: "things", url: things.url, poll: { everyMs: 30, jitterMs: 5 } }]);
    await ask(gateway, "{ __typename }");
    things.become(one("name: String size: Int"));
    const deadline = performance.now() + 10_000;
    let answer = await ask(gateway, "{ thing { size } }");
    while (answer.errors && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      answer = await ask(gateway, "{ thing { size } }");
    }
    expect(answer).toEqual({ data: { thing: { size: 5 } } });
  });

  it("may not take away what clients have, unless somebody forces it", async () => {
    const things = await served("name: String size: Int");
    const gateway = gatewayWith([{ name: "things", url: things.url, poll: false }]);
    await ask(gateway, "{ __typename }");
    things.become(one("name: String"));
    expect(await gateway.reload()).toEqual([
      { service: "things", outcome: "refused", reason: expect.stringContaining("Thing.size was removed") },
    ]);
    expect((await ask(gateway, "{ thing { name } }")).data).toEqual({ thing: { name: "first" } });
    expect(await gateway.reload({ force: true })).toEqual([{ service: "things", outcome: "changed" }]);
    expect((await ask(gateway, "{ thing { size } }")).errors).toHaveLength(1);
  });

  it("is another release under another name, side by side with the first", async () => {
    const [old, next] = [await served("name: String"), await served("name: String size: Int")];
    const gateway = gatewayWith([
      { name: "v1", url: old.url },
      { name: "v2", url: next.url, transforms: { prefix: "V2_" } },
    ]);
    expect(await ask(gateway, "{ thing { __typename name } V2_thing { __typename size } }")).toEqual({
      data: { thing: { __typename: "Thing", name: "first" }, V2_thing: { __typename: "V2_Thing", size: 5 } },
    });
  });

  it("is served by the SDL that was released, whatever it tells of itself by now", async () => {
    const things = await served("name: String size: Int");
    const sdl = "type Thing { id: ID! name: String } type Query { thing: Thing }";
    const gateway = gatewayWith([{ name: "things", url: things.url, sdl }]);
    expect(await ask(gateway, "{ thing { name } }")).toEqual({ data: { thing: { name: "first" } } });
    expect((await ask(gateway, "{ thing { size } }")).errors).toHaveLength(1);
    expect(things.asked.some((query) => query.includes("__schema"))).toBe(false);
  });
});

describe("public and private gateways", () => {
  it("have the same services, of which the public one keeps fields and look-ups back", async () => {
    const things = await served("name: String");
    const refs = service("type Ref { thing: Thing } type Thing { id: ID! } type Query { ref: Ref }", {
      "Query.ref": () => ({ thing: { id: "9" } }),
    });
    const merge = { Thing: { key: "id", many: "_things(ids: $keys)" } };
    const isPublic = { transforms: { exclude: ["Query._things", "Thing._secret"] } };
    const [inner, outer] = [{}, isPublic].map((more) =>
      gatewayWith([
        { name: "things", url: things.url, merge, ...more },
        { name: "refs", schema: refs },
      ]),
    ) as [Gateway, Gateway];
    const secret = '{ thing { _secret } _things(ids: ["3"]) { name } }';
    expect((await ask(inner, secret)).data).toEqual({ thing: { _secret: "s" }, _things: [{ name: "thing 3" }] });
    expect((await ask(outer, secret)).errors).toHaveLength(2);
    for (const gateway of [inner, outer])
      expect(await ask(gateway, "{ ref { thing { name } } }")).toEqual({
        data: { ref: { thing: { name: "thing 9" } } },
      });
  });
});
