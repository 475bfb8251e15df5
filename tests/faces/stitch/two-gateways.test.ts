/** Two gateways that point at each other's URL: each has the other's resources, by the directives of `_sdl`. */
import { parse } from "graphql";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createGateway, type Gateway, ref, z } from "../../../src/index.ts";
import { memory } from "./serve.ts";

async function freePort(): Promise<number> {
  const { createServer } = await import("node:net");
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function ask(url: string, query: string) {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ query }) };
  return (await (await fetch(url, init)).json()) as { data: Record<string, never>; errors?: unknown };
}

let zones: Gateway;
let monsters: Gateway;
let zonesUrl: string;
let monstersUrl: string;
let zoneId: string;
let monsterId: string;

beforeAll(async () => {
  const [a, b] = [await freePort(), await freePort()];
  const remote = (name: string, port: number) => ({
    name,
    url: `http://127.0.0.1:${port}/graphql`,
    poll: false as const,
  });
  zones = createGateway({
    ...memory,
    stitch: [remote("monsters", b)],
    extend: { ZoneResource: {} },
  });
  const zone = zones.addModel(
    "Zone",
    z.object({
      name: z.string(),
      keeperResourceId: ref("MonsterResource", { service: "monsters", key: "resourceId" }).nullable(),
    }),
  );
  monsters = createGateway({ ...memory, stitch: [remote("zones", a)] });
  const monster = monsters.addModel(
    "Monster",
    z.object({ name: z.string(), homeResourceId: ref("ZoneResource", { service: "zones", key: "resourceId" }) }),
    { indexedFields: ["name"] },
  );
  zonesUrl = (await zones.listen({ port: a })).url;
  monstersUrl = (await monsters.listen({ port: b })).url;
  // The first has started without the second.
  expect(await zones.reload()).toEqual([{ service: "monsters", outcome: "changed" }]);
  const made = await zone.create({ name: "Cave", keeperResourceId: null });
  zoneId = made.meta.resourceId;
  monsterId = (await monster.create({ name: "Bat", homeResourceId: zoneId })).meta.resourceId;
  await zone.update(zoneId, { name: "Cave", keeperResourceId: monsterId });
});

afterAll(async () => {
  await Promise.all([zones?.close(), monsters?.close()]);
});

it("shows the other's resources at links, both ways, and by their own fields", async () => {
  expect(
    await ask(
      monstersUrl,
      "{ monsters { nodes { data { name home { meta { resourceId } data { name } revision { status } } } } } }",
    ),
  ).toEqual({
    data: {
      monsters: {
        nodes: [
          {
            data: {
              name: "Bat",
              home: { meta: { resourceId: zoneId }, data: { name: "Cave" }, revision: { status: "STABLE" } },
            },
          },
        ],
      },
    },
  });
  const { data, errors } = await ask(
    zonesUrl,
    `{ zone(resourceId: "${zoneId}") { data { keeper { data { name } meta { createdTime } } } } monster(resourceId: "${monsterId}") { data { name } } }`,
  );
  expect(errors).toBeUndefined();
  expect(data).toEqual({
    zone: { data: { keeper: { data: { name: "Bat" }, meta: { createdTime: expect.stringMatching(/Z$/) } } } },
    monster: { data: { name: "Bat" } },
  });
});

it("goes there and back again: a resource of one's own, found behind the other's", async () => {
  const { data, errors } = await ask(
    zonesUrl,
    `{ monster(resourceId: "${monsterId}") { data { name homeResourceId } revisions(first: 1) { nodes { data { name } } } } }`,
  );
  expect(errors).toBeUndefined();
  expect(data).toEqual({
    monster: { data: { name: "Bat", homeResourceId: zoneId }, revisions: { nodes: [{ data: { name: "Bat" } }] } },
  });
});

it("mutates the other's resources, and keeps its own root fields", async () => {
  const { data, errors } = await ask(
    zonesUrl,
    'mutation { createMonster(data: { name: "Rat", homeResourceId: "zone:none" }, status: DRAFT) { revision { status } data { name } } }',
  );
  expect(errors).toBeUndefined();
  expect(data).toEqual({ createMonster: { revision: { status: "DRAFT" }, data: { name: "Rat" } } });
  expect(await ask(zonesUrl, "{ zoneCount monsterCount }")).toEqual({ data: { zoneCount: 1, monsterCount: 2 } });
});

it("tells its own schema only, with the directives of schema stitching", async () => {
  const { data } = await ask(zonesUrl, "{ _sdl }");
  const sdl = String(data._sdl);
  expect(() => parse(sdl)).not.toThrow();
  expect(sdl).toContain('type ZoneResource implements Node & Resource @key(selectionSet: "{ meta { resourceId } }")');
  expect(sdl).toContain(
    'zonesByIds(resourceIds: [ID!]!): [ZoneResource]! @merge(keyArg: "resourceIds", argsExpr: "resourceIds: [[$key.meta.resourceId]]")',
  );
  expect(sdl).not.toContain("Monster");
});
