/** What lies under a model's indexed paths: AutoCRUD's suite index_extraction goes on here, with CONTRACT §4's differences. */
import { expect, test } from "vitest";
import { z } from "zod";
import type { Json, JsonObject } from "../../src/base/json.ts";
import { modelOf, refusalOf } from "./models.ts";

const fields = {
  name: z.string(),
  nick: z.string().nullish(),
  level: z.int().default(7),
  ratio: z.number().nullable(),
  big: z.bigint().optional(),
  done: z.boolean().optional(),
  role: z.enum(["dev", "ops"]).optional(),
  rank: z.enum({ LOW: 1, HIGH: 3 }).optional(),
  due: z.iso.datetime({ offset: true }).nullish(),
  born: z.date().optional(),
  day: z.iso.date().optional(),
  tags: z.array(z.string()).default([]),
  times: z.array(z.iso.datetime({ offset: true })).optional(),
  address: z
    .object({
      city: z.string().nullish(),
      geo: z.object({ lat: z.number() }).nullish(),
    })
    .nullish(),
  cfg: z.record(z.string(), z.unknown()).optional(),
  any: z.unknown().optional(),
};

const required = { name: "n", ratio: null };

const cases: readonly (readonly [path: string, given: object, indexed: Json | undefined])[] = [
  ["name", {}, "n"],
  ["nick", {}, undefined],
  ["nick", { nick: null }, null],
  ["nick", { nick: undefined }, undefined],
  ["nick", { nick: "" }, ""],
  ["level", {}, 7],
  ["level", { level: 0 }, 0],
  ["ratio", {}, null],
  ["ratio", { ratio: 1.5 }, 1.5],
  ["ratio", { ratio: 2.0 }, 2],
  ["big", { big: 2n ** 70n }, "1180591620717411303424"],
  ["done", { done: false }, false],
  ["role", { role: "dev" }, "dev"],
  ["rank", { rank: 3 }, 3],
  ["due", { due: "2024-01-01T08:00:00+08:00" }, "2024-01-01T00:00:00.000Z"],
  ["due", { due: "2024-01-01T00:00:00.120000Z" }, "2024-01-01T00:00:00.120Z"],
  ["due", { due: null }, null],
  ["born", { born: new Date(0) }, "1970-01-01T00:00:00.000Z"],
  ["day", { day: "2024-02-29" }, "2024-02-29"],
  ["tags", {}, []],
  ["tags", { tags: ["b", "a", "b"] }, ["b", "a", "b"]],
  ["times", { times: ["2024-01-01T00:00:00+01:00"] }, ["2023-12-31T23:00:00.000Z"]],
  ["address", { address: { city: "x" } }, { city: "x" }],
  ["address", { address: null }, null],
  ["address.city", { address: { city: "x" } }, "x"],
  ["address.city", { address: { city: null } }, null],
  ["address.city", { address: {} }, undefined],
  ["address.city", { address: null }, undefined],
  ["address.city", {}, undefined],
  ["address.geo.lat", { address: { geo: { lat: 1.5 } } }, 1.5],
  ["address.geo.lat", { address: { geo: null } }, undefined],
  ["cfg", { cfg: { port: 1, deep: { x: [1] } } }, { port: 1, deep: { x: [1] } }],
  ["cfg.port", { cfg: { port: 1 } }, 1],
  ["cfg.port", { cfg: { port: null } }, null],
  ["cfg.port", { cfg: {} }, undefined],
  ["cfg.deep.x", { cfg: { deep: { x: "y" } } }, "y"],
  ["cfg.deep.x", { cfg: { deep: "no object" } }, undefined],
  ["cfg.list.0", { cfg: { list: ["a"] } }, undefined],
  ["any", { any: [1, { a: 2 }] }, [1, { a: 2 }]],
];

test.each(cases)("%s of %o is %o", (path, given, indexed) => {
  const { indexedData, parse } = modelOf(fields, { indexedFields: [path] });
  const expected: JsonObject = indexed === undefined ? {} : { [path]: indexed };
  expect(indexedData(parse({ ...required, ...given }))).toEqual(expected);
});

test.each(["nope", "address.nope", "tags.0", "tags.-", "name.first", "", ".name", "address..city", "address."])(
  "the path %j leads nowhere and is refused",
  (path) => {
    expect(refusalOf(fields, { indexedFields: [path] })).toContain(JSON.stringify(path));
  },
);

test("a path into a union leads to its discriminator only", () => {
  const member = <Kind extends string>(kind: Kind) => z.object({ kind: z.literal(kind), size: z.number() });
  const shape = z.discriminatedUnion("kind", [member("circle"), member("square")]).optional();
  const { indexedData, indexedFields, parse } = modelOf({ shape }, { indexedFields: ["shape.kind"] });
  expect(indexedData(parse({ shape: { kind: "square", size: 1 } }))).toEqual({ "shape.kind": "square" });
  expect(indexedData(parse({}))).toEqual({});
  expect(indexedFields.get("shape.kind")).toMatchObject({ type: { kind: "enum" }, isNullable: true });
  expect(refusalOf({ shape }, { indexedFields: ["shape.size"] })).toContain('"shape.size"');
});
