import { expect, test } from "vitest";
import { z } from "zod";
import { modelOf } from "./models.ts";

test("gives back what went in: Date, bigint, Set, Map, at any depth", () => {
  const model = modelOf({
    at: z.date(),
    text: z.iso.datetime(),
    seconds: z.iso.datetime({ precision: 0 }),
    micros: z.iso.datetime({ precision: 6 }),
    big: z.bigint().nullable(),
    wide: z.int().max(2 ** 40),
    list: z.array(z.date().nullable()),
    object: z.object({ at: z.date().optional(), note: z.string() }),
    union: z.discriminatedUnion("k", [z.object({ k: z.literal("a"), at: z.date() }), z.object({ k: z.literal("b") })]),
    record: z.record(z.string(), z.object({ at: z.date() })),
    tuple: z.tuple([z.string(), z.date()]),
    set: z.set(z.date()).meta({ graphql: "JSON" }),
    map: z.map(z.string(), z.bigint()).meta({ graphql: "JSON" }),
    loose: z.looseObject({ at: z.date() }).meta({ graphql: "JSON" }),
  });
  const at = new Date("2020-01-01T00:00:00.123Z");
  const data = {
    at,
    text: at.toISOString(),
    seconds: "2020-01-01T00:00:00Z",
    micros: "2020-01-01T00:00:00.120000Z",
    big: null,
    wide: 2 ** 35,
    list: [at, null],
    object: { note: "n" },
    union: { k: "a" as const, at },
    record: { x: { at } },
    tuple: ["a", at] as [string, Date],
    set: new Set([at]),
    map: new Map([["a", 12345678901234567890n]]),
    loose: { at, more: [1] },
  };
  expect(model.revive(JSON.parse(JSON.stringify(model.parse(data))))).toStrictEqual(data);
});

test("revives a recursive type", () => {
  const event: z.ZodType = z.lazy(() => z.object({ at: z.date(), causes: z.array(event) }));
  const model = modelOf({ first: event });
  const data = { first: { at: new Date(1), causes: [{ at: new Date(2), causes: [] }] } };
  expect(model.revive(model.parse(data))).toStrictEqual(data);
});

test("is the document itself where nothing is to revive", () => {
  const model = modelOf({
    a: z.string(),
    b: z.array(z.object({ c: z.iso.datetime() })),
    d: z.record(z.string(), z.unknown()),
  });
  const document = model.parse({ a: "", b: [], d: {} });
  expect(model.revive(document)).toBe(document);
});
